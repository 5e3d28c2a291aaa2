//! Quoted lines that a mail program broke: it marked a line and then found it too long, so that the end of it stands below,
//! without a mark. An answer may stand just so; what is taken away here nobody may lose, and [`Torn`] says what it belongs to.

use super::super::languages::WORDS;
use super::super::marks::is_quote;
use super::{Place, Text};

/// The end of a broken line.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Torn {
    /// The marked line above it.
    pub above: String,
    /// What stands without a mark: it goes on with that line, or somebody answers it.
    pub rest: String,
}

/// Columns that programs break lines at are no fewer, and no more.
const NARROW: usize = 60;
const WIDE: usize = 100;
/// Letters of a line that has no room for another word, as far as one line alone can tell.
const FULL_LINE: usize = 76;
/// Words of a broken line's end; more are one only where the paragraph ends with them.
const TAIL_WORDS: usize = 3;
/// So many broken lines prove that this letter's were.
const PROOF: usize = 2;
/// Lines that one paragraph without line ends is broken into.
const MOST_LINES: usize = 8;

/// Lines that may be the end of the marked one above them.
struct Tear {
    from: usize,
    to: usize,
    /// A marked line follows at once.
    is_between: bool,
    /// It goes on in small letters, as in mid-sentence.
    goes_on: bool,
}

pub(super) fn broken_quotes(text: &mut Text<'_>) {
    let Some(width) = width(text) else { return };
    let mut tears = Vec::new();
    let mut at = 1;
    while at < text.lines.len() {
        let found = tear(text, at, width);
        at = found.as_ref().map_or(at + 1, |tear| tear.to);
        tears.extend(found);
    }
    let proofs = tears.iter().filter(|tear| tear.is_between && tear.goes_on).count();
    let is_proven = proofs >= PROOF && width >= NARROW;
    tears.retain(|tear| is_proven || stands_alone(text, tear));
    for tear in tears {
        text.mark(tear.from, tear.to, Place::Below);
        text.torn.push((tear.from, tear.to));
    }
}

/// The longest marked line that could have been broken; none where lines were not.
fn width(text: &Text<'_>) -> Option<usize> {
    let marked = text.lines.iter().filter(|line| is_marked(line));
    let longest =
        marked.filter(|line| line.trim_start_matches(['>', ' ']).contains(' ')).map(|line| length(line)).max()?;
    (longest <= WIDE).then_some(longest)
}

fn tear(text: &Text<'_>, from: usize, width: usize) -> Option<Tear> {
    let above = text.lines[from - 1].trim_end();
    if !(text.is_new(from) && !text.is_blank(from) && is_marked(above) && runs_on(above)) {
        return None;
    }
    let to = (from..text.lines.len()).find(|&n| !text.is_new(n) || text.is_blank(n)).unwrap_or(text.lines.len());
    // Each of them was as full as could be, but the last, and none has more than the program allows.
    let is_full = |n: &usize| length(text.lines[*n - 1]) + 1 + first_word(text.lines[*n]) > width;
    let room = length(above) + first_word(text.lines[from]);
    let fits = (from..to).all(|n| is_full(&n) && length(text.lines[n]) <= room);
    (fits && to - from <= MOST_LINES && !is_yes_or_no(text.lines[from])).then(|| Tear {
        from,
        to,
        is_between: text.lines.get(to).is_some_and(|line| is_quote(line)),
        goes_on: text.lines[from].trim_start().starts_with(char::is_lowercase),
    })
}

/// Whether it is the end of a broken line, though no other line of the letter was broken.
fn stands_alone(text: &Text<'_>, tear: &Tear) -> bool {
    let (above, line) = (text.lines[tear.from - 1], text.lines[tear.from].trim());
    let is_full = length(above) + 1 + first_word(line) >= FULL_LINE;
    let is_short = line.split_whitespace().count() <= TAIL_WORDS && !line.ends_with(['.', '!', '?', '…']);
    let begins_anew = || !text.lines[tear.to].trim_start_matches(['>', ' ']).starts_with(char::is_lowercase);
    tear.is_between && tear.goes_on && is_full && tear.to == tear.from + 1 && (is_short || begins_anew())
}

fn is_marked(line: &str) -> bool {
    line.trim_start().starts_with('>') && is_quote(line)
}

/// The sentence has not ended.
fn runs_on(line: &str) -> bool {
    line.ends_with(|c: char| c.is_alphanumeric() || matches!(c, ',' | '-' | '–' | '(' | '"' | '“' | '”' | ')'))
}

/// "yes", alone or above a comma, begins no end of a line.
fn is_yes_or_no(line: &str) -> bool {
    let lower = line.trim().to_lowercase();
    let first = lower.split_whitespace().next().unwrap_or_default();
    let word = first.trim_end_matches([',', '.', '!', ';', ':', '…']);
    (word.len() < first.len() || word == lower) && WORDS.yes_or_no.iter().any(|known| known == word)
}

fn first_word(line: &str) -> usize {
    line.split_whitespace().next().map_or(0, length)
}

fn length(line: &str) -> usize {
    line.trim_end().chars().count()
}
