//! What a single line of a letter looks like: a quote, a rule, an attribution, a field of a header block. Never fails.

use super::languages::{Label, WORDS};

/// A quoted line; some programs put the initials of whoever wrote before the mark: `KM> `.
#[must_use]
pub fn is_quote(line: &str) -> bool {
    let line = line.trim_start();
    (line.starts_with('>') && !is_face(line)) || initials(line).is_some()
}

/// The initials before a quote mark. "PSA> 40" is a value.
#[must_use]
pub fn initials(line: &str) -> Option<&str> {
    let line = line.trim_start();
    let end = line.chars().take(4).take_while(|c| c.is_uppercase()).map(char::len_utf8).sum::<usize>();
    let behind = line[end..].strip_prefix('>')?.trim_start_matches('>');
    let behind = if behind.is_empty() { behind } else { behind.strip_prefix(' ')? };
    (end > 0 && !behind.trim_start().starts_with(|c: char| c.is_numeric())).then_some(&line[..end])
}

/// The few letters before a quote mark, however they are written: "kit>", "Km> ". Alone they may be anything.
#[must_use]
pub fn letters_before(line: &str) -> Option<&str> {
    let line = line.trim_start();
    let end = line.find('>')?;
    let behind = line[end..].trim_start_matches(['>', ' ']);
    let letters = &line[..end];
    let is_few = (1..=4).contains(&letters.chars().count()) && letters.chars().all(char::is_alphabetic);
    (is_few && !behind.starts_with(char::is_numeric)).then_some(letters)
}

/// ">_<" and ">:(" are drawn by people.
fn is_face(line: &str) -> bool {
    let mut behind = line.chars().skip(1);
    match (behind.next(), behind.next()) {
        (Some('_' | '.' | 'o' | '-'), Some('<' | '>')) => true,
        (Some(':' | ';' | '=' | 'x' | 'X'), Some(mouth)) => "()[]{}/\\|DdPpOoCc<>*-'3".contains(mouth),
        _ => false,
    }
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

/// How sure it is that lines introduce a quote.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Intro {
    /// If a marked quote follows at once.
    WithQuote,
    /// Also among what stands below another one.
    InHistory,
    /// Whatever follows.
    Surely,
}

/// Whether a line in lower case begins as an attribution does.
#[must_use]
pub fn opens(lower: &str) -> bool {
    lower.starts_with(char::is_numeric) || WORDS.opens.iter().any(|opener| lower.starts_with(opener.as_str()))
}

/// Words in an attribution; more of them are a person's sentence.
const MOST_WORDS: usize = 20;
/// Words in one that names no time and no address: "As Kit wrote:".
const FEW_WORDS: usize = 8;

/// Whether lines in lower case, joined, introduce a quote.
///
/// An attribution says who wrote and when, in any language, and ends with a colon. A sentence of a letter can have all of
/// that but an address in brackets: only with one, or with a quote below, it is taken for an attribution.
#[must_use]
pub fn introduces(joined: &str, lines: usize) -> Option<Intro> {
    // Most lines of most letters end here, before anything is looked up.
    let may_close = |c: char| matches!(c, ':' | '：' | '*' | '_' | '-' | ' ' | '\u{a0}') || is_direction(c);
    if joined.len() > 1_600 || !(joined.contains('@') || joined.ends_with(may_close)) {
        return None;
    }
    let joined: String = joined.chars().filter(|c| !is_direction(*c)).collect();
    let joined = joined.trim_matches(['*', '_', '-', ' ', '\u{a0}']);
    if joined.chars().count() > 400 {
        return None;
    }
    let body = joined.trim_end_matches([':', '：', ' ', '\u{a0}', '*']);
    let is_closed = body.len() < joined.len();
    let has_address = has_bracketed_address(joined);
    if !is_closed && !has_address {
        return None;
    }
    let (has_date, has_time, opens) = (is_date(joined), has_clock(joined), opens(joined));
    let ends = WORDS.wrote.iter().any(|word| body.ends_with(word.as_str()));
    let wrote = ends || (has_date && WORDS.wrote.iter().any(|word| contains_word(body, word)));
    // Several lines are taken together only if the first already begins like one.
    let is_whole = lines == 1 || opens || (has_address && has_date);
    if !is_whole {
        return None;
    }
    let points = [has_date, has_time, has_address, wrote, opens].into_iter().filter(|point| *point).count();
    // Without a colon only everything else together is enough.
    if !is_closed {
        return (ends && points == 5).then_some(Intro::Surely);
    }
    let words = joined.split_whitespace().count();
    match (has_address, has_date, points) {
        (true, true, 3..) => Some(Intro::Surely),
        (true, ..) => Some(Intro::WithQuote),
        _ if words > MOST_WORDS => None,
        (_, true, 4..) => Some(Intro::InHistory),
        (_, true, 3..) => Some(Intro::WithQuote),
        _ if wrote && (has_time || words <= FEW_WORDS) => Some(Intro::WithQuote),
        _ => None,
    }
}

/// Marks of the writing's direction, and spaces of no width.
fn is_direction(c: char) -> bool {
    matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
}

/// `<kit@home.example>`, also in round or square brackets, or alone between spaces.
#[must_use]
pub fn has_bracketed_address(text: &str) -> bool {
    // "Kit Moss<kit@home.example>:" has no space between.
    text.split(|c: char| c.is_whitespace() || c == '<').any(|word| {
        let word = word.trim_matches([',', ';', ':', '"', '\'', '.', '：']);
        let inner = word.trim_matches(['<', '>', '(', ')', '[', ']', '（', '）']);
        let inner = inner.strip_prefix("mailto:").unwrap_or(inner);
        inner.split_once('@').is_some_and(|(name, domain)| !name.is_empty() && domain.contains('.'))
    })
}

/// A year in four digits, or a date of three numbers.
#[must_use]
pub fn is_date(text: &str) -> bool {
    let digits: Vec<char> = text.chars().map(|c| if c.is_numeric() { '0' } else { c }).collect();
    let numbers = digits.split(|c| *c != '0').map(<[char]>::len);
    let has_year = numbers.clone().any(|length| length == 4);
    let is_short = |w: &[char]| w[0] == '0' && matches!(w[1], '.' | '/' | '-') && w[2] == '0';
    has_year || digits.windows(3).filter(|w| is_short(w)).count() >= 2 || {
        // 02.03.26, with two digits each
        let text: String = digits.iter().collect();
        ["00.00.00", "00/00/00", "00-00-00", "0/0/00", "0.0.00"].iter().any(|form| text.contains(form))
    }
}

/// Whether a line says that somebody wrote something.
#[must_use]
pub fn tells_of_writing(line: &str) -> bool {
    let lower = line.to_lowercase();
    WORDS.wrote.iter().any(|word| contains_word(&lower, word))
}

fn contains_word(text: &str, word: &str) -> bool {
    text.match_indices(word).any(|(at, _)| {
        let before = text[..at].chars().next_back();
        let after = text[at + word.len()..].chars().next();
        let is_edge = |c: Option<char>| c.is_none_or(|c| !c.is_alphabetic());
        !word.is_ascii() || (is_edge(before) && is_edge(after))
    })
}

/// `10:11` or `10.11`, in any digits.
#[must_use]
pub fn has_clock(text: &str) -> bool {
    let chars: Vec<char> = text.chars().collect();
    chars
        .windows(4)
        .any(|w| w[0].is_numeric() && matches!(w[1], ':' | '.' | 'h' | '：') && w[2].is_numeric() && w[3].is_numeric())
}

/// "-----Original Message-----" and "Begin forwarded message:".
#[must_use]
pub fn is_original_mark(line: &str) -> bool {
    let line = line.trim();
    if line.len() > 200 || !(is_dashed(line) || line.starts_with('*') || line.ends_with([':', '：', '*'])) {
        return false;
    }
    let lower = line.trim_matches('*').to_lowercase();
    if WORDS.forwarded.iter().any(|words| lower.starts_with(words.as_str())) {
        return true;
    }
    let inner = lower.trim_matches(|c: char| "-_—–─=* \u{a0}:".contains(c));
    is_dashed(&lower) && WORDS.original.iter().any(|words| inner.starts_with(words.as_str()))
}

/// Words between dashes: "----- Mail original -----". One of a kind on each side is emphasis: "_Thank you_".
#[must_use]
pub fn is_titled_rule(line: &str) -> bool {
    const DASHES: [char; 6] = ['-', '_', '—', '–', '─', '='];
    let line = line.trim();
    let inner = line.trim_start_matches(DASHES);
    let (before, after) = (line.len() - inner.len(), inner.len() - inner.trim_end_matches(DASHES).len());
    before > 1 && after > 1 && line.len() <= 200 && line.contains(char::is_alphabetic)
}

fn is_dashed(line: &str) -> bool {
    line.starts_with(['-', '_', '—', '–', '─', '='])
}

/// What the field of a header block is for, if the line is one.
#[must_use]
pub fn label(line: &str) -> Option<Label> {
    let word = label_of(line)?;
    WORDS.labels.get(word.to_lowercase().as_str()).copied()
}

/// What stands before the first colon of a line, where that may be the name of a field: a few short words.
#[must_use]
pub fn label_of(line: &str) -> Option<&str> {
    let line = line.trim().trim_start_matches(['*', '_', '|', ' ']);
    let (word, _) = line.split_once([':', '：'])?;
    let word = word.trim_matches(['*', '_', ' ', '\u{a0}']);
    (!word.is_empty() && word.len() <= 60 && word.split_whitespace().count() <= 3).then_some(word)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn emphasis_is_no_rule() {
        for (line, is_one) in [
            ("----- Mail original -----", true),
            ("-- 原始邮件 --", true),
            ("—— Weitergeleitet ——", true),
            ("_Thank you, dear Kit_", false),
            ("-Thank you-", false),
            ("- bread and milk -", false),
            ("-----", false),
            ("-- Mira", false),
            ("__", false),
            ("", false),
        ] {
            assert_eq!(is_titled_rule(line), is_one, "{line}");
        }
    }

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
            assert_eq!(introduces(&line.to_lowercase(), 1), Some(Intro::Surely), "{line}");
        }
        assert_eq!(introduces("as kit wrote:", 1), Some(Intro::WithQuote));
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
