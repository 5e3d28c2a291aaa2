//! What a single line of a letter looks like: a quote, a rule, an attribution, a field of a header block. Never fails.

use super::words::{FORWARDED, LABELS, Label, OPENERS, ORIGINAL, WROTE};

/// A quoted line.
#[must_use]
pub fn is_quote(line: &str) -> bool {
    line.trim_start().starts_with('>')
}

/// A quote mark and nothing behind it.
#[must_use]
pub fn is_empty_quote(line: &str) -> bool {
    line.trim_matches(['>', ' ', '\t', '\u{a0}']).is_empty()
}

/// A line of nothing but dashes, underscores and the like.
#[must_use]
pub fn is_rule(line: &str) -> bool {
    let line = line.trim();
    line.chars().count() >= 3 && line.chars().all(|c| "-_=*─—–".contains(c))
}

/// Whether a line in lower case begins as an attribution does.
#[must_use]
pub fn opens(lower: &str) -> bool {
    OPENERS.iter().any(|opener| lower.starts_with(opener)) || lower.starts_with(|c: char| c.is_ascii_digit())
}

/// Whether lines in lower case introduce a quote: `Some(true)` beyond doubt, `Some(false)` if a quote follows.
#[must_use]
pub fn introduces(joined: &str, lines: usize) -> Option<bool> {
    let joined = joined.trim_matches(['*', '_', '-', ' ', '\u{a0}']);
    if joined.chars().count() > 400 {
        return None;
    }
    let body = joined.trim_end_matches([':', '：', ' ', '\u{a0}', '*']);
    let is_closed = body.len() < joined.len();
    let has_address = joined.contains('@');
    // Most lines of most letters end here, before any table is read.
    if !is_closed && !has_address {
        return None;
    }
    let has_date = joined.chars().filter(char::is_ascii_digit).count() >= 4;
    let (has_time, opens) = (has_clock(joined), opens(joined));
    // "2026-03-05 10:11 GMT+01:00 Kit <kit@home.example>:"
    if is_closed && has_date && has_time && has_address && body.ends_with('>') && (lines == 1 || opens) {
        return Some(true);
    }
    let ends = WROTE.iter().any(|word| body.ends_with(word));
    let wrote = ends || (has_date && WROTE.iter().any(|word| contains_word(body, word)));
    // Without a colon only everything else together is enough.
    if !wrote || !(is_closed || (ends && opens && has_date && has_time && has_address)) {
        return None;
    }
    // Several lines are taken together only if the first already begins like one.
    let is_whole = lines == 1 || opens || (has_address && has_date);
    is_whole.then_some(has_date && (has_address || has_time) && (opens || has_address))
}

fn contains_word(text: &str, word: &str) -> bool {
    text.match_indices(word).any(|(at, _)| {
        let before = text[..at].chars().next_back();
        let after = text[at + word.len()..].chars().next();
        let is_edge = |c: Option<char>| c.is_none_or(|c| !c.is_alphabetic());
        !word.is_ascii() || (is_edge(before) && is_edge(after))
    })
}

/// `10:11` or `10.11`
fn has_clock(text: &str) -> bool {
    let bytes = text.as_bytes();
    bytes.windows(4).any(|w| {
        w[0].is_ascii_digit() && matches!(w[1], b':' | b'.' | b'h') && w[2].is_ascii_digit() && w[3].is_ascii_digit()
    })
}

/// "-----Original Message-----" and "Begin forwarded message:".
#[must_use]
pub fn is_original_mark(line: &str) -> bool {
    let lower = line.trim().trim_matches('*').to_lowercase();
    if FORWARDED.iter().any(|words| lower.starts_with(words)) {
        return true;
    }
    let inner = lower.trim_matches(|c: char| "-_—–─=* \u{a0}:".contains(c));
    let dashed = lower.starts_with(['-', '_', '—', '–', '─', '=']);
    dashed && ORIGINAL.iter().any(|words| inner.starts_with(words))
}

/// What the field of a header block is for, if the line is one.
#[must_use]
pub fn label(line: &str) -> Option<Label> {
    let line = line.trim().trim_start_matches(['*', '_', '|', ' ']);
    let (word, _) = line.split_once([':', '：'])?;
    let word = word.trim_matches(['*', '_', ' ', '\u{a0}']).to_lowercase();
    LABELS.iter().find(|(_, words)| words.contains(&word.as_str())).map(|(label, _)| *label)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn attributions_in_many_languages() {
        for line in [
            "On Mon, Mar 2, 2026 at 9:12 AM Kit <kit@home.example> wrote:",
            "On Mar 2, 2026, at 9:12 AM, Kit <kit@home.example> wrote:",
            "Am 02.03.2026 um 09:12 schrieb Kit <kit@home.example>:",
            "Am Mo., 2. März 2026 um 09:12 Uhr schrieb Kit <kit@home.example>:",
            "Le lun. 2 mars 2026 à 09:12, Kit <kit@home.example> a écrit :",
            "El lun, 2 mar 2026 a las 9:12, Kit (<kit@home.example>) escribió:",
            "Em seg., 2 de mar. de 2026 às 09:12, Kit <kit@home.example> escreveu:",
            "Il giorno lun 2 mar 2026 alle ore 09:12 Kit <kit@home.example> ha scritto:",
            "Op ma 2 mrt 2026 om 09:12 schreef Kit <kit@home.example>:",
            "Den mån 2 mars 2026 kl 09:12 skrev Kit <kit@home.example>:",
            "man. 2. mar. 2026 kl. 09.12 skrev Kit <kit@home.example>:",
            "ma 2. maalisk. 2026 klo 9.12 Kit (kit@home.example) kirjoitti:",
            "pon., 2 mar 2026 o 09:12 Kit <kit@home.example> napisał(a):",
            "po 2. 3. 2026 v 9:12 odesílatel Kit <kit@home.example> napsal:",
            "пн, 2 мар. 2026 г. в 09:12, Kit <kit@home.example>:",
            "2 марта 2026, 09:12 от Kit <kit@home.example> написал:",
            "Kit <kit@home.example>, 2 Mar 2026 Pzt, 09:12 tarihinde şunu yazdı:",
            "Kit <kit@home.example> ezt írta (időpont: 2026. márc. 2., H, 9:12):",
            "2026年3月2日(月) 9:12 Kit <kit@home.example>:",
            "Kit <kit@home.example> 于2026年3月2日周一 09:12写道：",
            "2026년 3월 2일 (월) 오전 9:12, Kit <kit@home.example>님이 작성:",
        ] {
            assert_eq!(introduces(&line.to_lowercase(), 1), Some(true), "{line}");
        }
        assert_eq!(introduces("as kit wrote:", 1), Some(false));
        for line in
            ["my doctor wrote", "i have three questions:", "on monday at 9:12 i start:", "what she writes is true."]
        {
            assert_eq!(introduces(line, 1), None, "{line}");
        }
    }

    #[test]
    fn header_fields_and_marks() {
        for (line, expected) in [
            ("From: Kit", Some(Label::From)),
            ("*Von:* Kit", Some(Label::From)),
            ("De : Kit", Some(Label::From)),
            ("Gesendet: Montag", Some(Label::Sent)),
            ("件名: x", Some(Label::Subject)),
            ("Note: x", None),
            ("Hello", None),
        ] {
            assert_eq!(label(line), expected, "{line}");
        }
        assert!(is_original_mark("-----Ursprüngliche Nachricht-----"));
        assert!(is_original_mark("---------- Forwarded message ---------"));
        assert!(is_original_mark("Begin forwarded message:"));
        assert!(!is_original_mark("the original message was lost"));
    }
}
