//! Whether a post reads as if it was meant for one person or for the moderators. Its author is asked, so it may be wrong;
//! but who answers a friend by name is not, and so only plain signs count.

mod signs;

use std::sync::LazyLock;

use regex::{Regex, RegexBuilder, RegexSet, RegexSetBuilder};

use super::words::fold;

/// Octets of a text that are looked at: whoever wants privacy says so early.
const LOOKED_AT: usize = 16 * 1024;
/// A line of fewer letters was ended by its author and not by a program.
const SHORT_LINE: usize = 45;

/// Where a post stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Begins {
    /// It begins a conversation.
    Conversation,
    /// It answers one. A moderator's name on top is then no sign: she wrote there.
    Nothing,
}

/// Signs that hold whoever moderates, and those that name the moderators.
struct Signs {
    plain: RegexSet,
    weak: RegexSet,
    greeting: Regex,
    to_all: Regex,
}

/// Where the names of a group's moderators stand in the folded text.
const SOMEBODY: &str = "zzmoderator";

#[allow(clippy::unwrap_used, reason = "the patterns are constants that a test compiles")]
static SIGNS: LazyLock<Signs> = LazyLock::new(|| {
    let you = format!("(?:{SOMEBODY}|{})", signs::CALLED);
    let first = signs::FIRST.replace("<you>", &you);
    // Texts are nearly all ASCII, and Unicode's word boundaries are slow.
    let filled = |sign: &str| sign.replace("<first>", &first).replace("<you>", &you).replace(r"\b", r"(?-u:\b)");
    let set = |all: &[&str]| {
        let all = all.iter().map(|sign| filled(sign));
        RegexSetBuilder::new(all).multi_line(true).size_limit(64 << 20).build().unwrap()
    };
    let greeting =
        format!("^(?:{} ){{0,2}}{title}{you}(?:{} {title}{you})*$", signs::GREETINGS, signs::AND, title = signs::TITLE);
    Signs {
        plain: set(signs::SIGNS),
        weak: set(signs::WEAK),
        greeting: Regex::new(&filled(&greeting)).unwrap(),
        to_all: RegexBuilder::new(&filled(signs::TO_ALL)).multi_line(true).build().unwrap(),
    }
});

/// Whether the new words of a post, or the subject that its author gave it, read so. `moderators` are the names of those who
/// look after the group.
#[must_use]
pub fn reads_private(subject: &str, text: &str, begins: Begins, moderators: &[String]) -> bool {
    let (subject, text) = (beginning(subject), beginning(text));
    let names = moderators.iter().map(|name| plain(name)).filter(|name| !name.is_empty());
    let names: Vec<String> = names.map(|name| format!(" {name} ")).collect();
    let mut sentences: Vec<String> = sentences(text).iter().map(|one| named(&plain(one), &names)).collect();
    let signs = &*SIGNS;
    if begins == Begins::Conversation {
        sentences.push(named(&plain(subject), &names));
    }
    // A sentence on each line: to look through all of them once costs less than to begin with each.
    let sentences = sentences.join("\n");
    if signs.plain.is_match(&sentences) {
        return true;
    }
    let is_to_them = || greets(text, &names) || signs.weak.is_match(&sentences);
    begins == Begins::Conversation && is_to_them() && !signs.to_all.is_match(&sentences)
}

/// Whether the first line greets the moderators and nobody else.
fn greets(text: &str, names: &[String]) -> bool {
    let Some(line) = text.lines().map(str::trim).find(|line| !line.is_empty() && !line.starts_with('>')) else {
        return false;
    };
    // "Dear Dana, …", "Hi Dana! …", "Hi Ruth - quick question"; "Dear Ruth, Dana," is to two.
    let ends = line.match_indices([',', '!', ':', '.', ';', '-', '–', '—']).map(|(at, _)| at);
    ends.chain([line.len()]).take(4).any(|end| {
        let greeting = named(&plain(&line[..end]), names);
        SIGNS.greeting.is_match(&greeting) && (end < line.len() || greeting.contains(' ') || !names.is_empty())
    })
}

fn beginning(text: &str) -> &str {
    let end = (0..=LOOKED_AT.min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
    &text[..end]
}

/// What its author wrote, cut where she ended a sentence or a short line.
fn sentences(text: &str) -> Vec<String> {
    let mut found = vec![String::new()];
    for line in text.lines().filter(|line| !line.trim_start().starts_with('>')) {
        for piece in line.split_inclusive(['.', '!', '?', '¿', '¡', ';']) {
            if let Some(last) = found.last_mut() {
                last.push_str(piece);
            }
            if piece.ends_with(['.', '!', '?', '¿', '¡', ';']) {
                found.push(String::new());
            }
        }
        if line.chars().count() < SHORT_LINE {
            found.push(String::new());
        } else if let Some(last) = found.last_mut() {
            last.push(' ');
        }
    }
    found.retain(|sentence| !sentence.trim().is_empty());
    found
}

/// Folded, without marks and apostrophes, single spaces.
fn plain(text: &str) -> String {
    let folded = fold(text);
    let mut plain = String::with_capacity(folded.len());
    for c in folded.chars().filter(|c| !matches!(c, '\'' | '’' | '‘' | '´' | '`')) {
        if c.is_alphanumeric() {
            plain.push(c);
        } else if !plain.is_empty() && !plain.ends_with(' ') {
            plain.push(' ');
        }
    }
    plain.truncate(plain.trim_end().len());
    plain
}

/// The moderators' names, each between two spaces, replaced by one word for all of them.
fn named(sentence: &str, names: &[String]) -> String {
    let mut padded = format!(" {sentence} ");
    for name in names {
        if padded.contains(name) {
            padded = padded.replace(name, &format!(" {SOMEBODY} "));
        }
    }
    padded.trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Case {
        is_private: bool,
        begins: Begins,
        text: String,
    }

    fn cases(text: &str) -> Vec<Case> {
        let lines = text.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
        lines
            .map(|line| {
                let mut fields = line.split('\t');
                let is_private = fields.next() == Some("private");
                let begins = if fields.next() == Some("new") { Begins::Conversation } else { Begins::Nothing };
                Case { is_private, begins, text: fields.next().unwrap().replace('|', "\n") }
            })
            .collect()
    }

    fn is_found(case: &Case) -> bool {
        reads_private("A subject", &case.text, case.begins, &["Dana".into(), "Ruth".into()])
    }

    /// Nobody is asked about an ordinary post. Of the others a few are missed, and these are all.
    #[test]
    fn every_case_reads_as_it_was_meant() {
        let files = [include_str!("../../tests/meant/cases.txt"), include_str!("../../tests/meant/later.txt")];
        for (text, ordinary, private, most_missed) in [(files[0], 75, 66, 4), (files[1], 24, 22, 4)] {
            let all = cases(text);
            let (private_ones, ordinary_ones): (Vec<&Case>, Vec<&Case>) = all.iter().partition(|case| case.is_private);
            assert_eq!((ordinary_ones.len(), private_ones.len()), (ordinary, private));
            let asked: Vec<&str> =
                ordinary_ones.iter().filter(|case| is_found(case)).map(|case| case.text.as_str()).collect();
            assert_eq!(asked, Vec::<&str>::new(), "ordinary, and its author would be asked");
            let missed: Vec<&str> =
                private_ones.iter().filter(|case| !is_found(case)).map(|case| case.text.as_str()).collect();
            assert!(missed.len() <= most_missed, "{missed:#?}");
        }
    }

    #[test]
    fn quotes_other_moderators_and_wrapped_lines() {
        let asks = |text: &str| reads_private("", text, Begins::Conversation, &["Dana".into()]);
        assert!(!asks("> Please don't share this with the group.\nI would not either, everyone."), "not her words");
        assert!(asks(
            "I have thought about it for a long time and now I write. Please do not share\nthis with the group."
        ));
        assert!(!asks("Dear Kit,\nhow are you?") && !asks("Dear Danas,\nhow are you?"), "she is no moderator");
        assert!(!asks("") && !asks("\n\n") && !asks(",,,!"));
        assert!(reads_private("For Dana only", "How are you?", Begins::Conversation, &["Dana".into()]));
        assert!(
            !reads_private("For Dana only", "How are you?", Begins::Nothing, &["Dana".into()]),
            "others wrote that"
        );
        assert!(reads_private("", "Dear Anna Maria, one thing.", Begins::Conversation, &["Anna-Maria".into()]));
    }

    #[test]
    fn a_megabyte_is_read_in_no_time() {
        for text in
            ["can i talk ".repeat(100_000), "могу ли я ".repeat(60_000), "a".repeat(1 << 20), "dana, ".repeat(200_000)]
        {
            let began = std::time::Instant::now();
            let _ = reads_private(&text, &text, Begins::Conversation, &["Dana".into()]);
            assert!(began.elapsed().as_millis() < 1_500, "{:?}", began.elapsed());
        }
    }

    proptest::proptest! {
        #[test]
        fn any_text_has_a_reading(text in "\\PC{0,80}|[a-z ,.?!>\n]{0,80}") {
            let _ = reads_private(&text, &text, Begins::Conversation, &["Dana".into(), text.clone()]);
        }
    }
}
