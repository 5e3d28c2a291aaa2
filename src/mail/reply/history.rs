//! What was quoted: marked lines, attributions, header blocks, and what stands below them.

use super::super::languages::{Label, WORDS};
use super::super::marks::{
    Intro, has_bracketed_address, has_clock, initials, introduces, is_date, is_original_mark, is_quote, is_rule,
    is_titled_rule, label, label_of, letters_before, opens,
};
use super::super::structure::{NOT_SAID, OLD_MESSAGE};
use super::footers::banner_end;
use super::{Place, Text};

/// Lines that an attribution may be wrapped over.
const MAX_ATTRIBUTION_LINES: usize = 4;
/// Colons with spaces behind them of which one may end an attribution: it is short, and the quote behind it may be long.
const MOST_COLONS: usize = 3;
/// Lines among which the fields of a header block are looked for.
const BLOCK_LINES: usize = 12;
/// Lines around one with initials among which their like is looked for.
const NEAR: usize = 12;
/// Lines in a row that begin with the same letters and a mark.
const IN_A_ROW: usize = 3;
/// What some programs mark a quote with.
const OTHER_MARKS: [char; 6] = ['|', '»', ':', '¦', '│', '›'];
/// Words of a line that says who wrote and when.
const MOST_INTRODUCTION_WORDS: usize = 12;

pub(super) fn quotes(text: &mut Text<'_>) {
    let mut at = 0;
    while at < text.lines.len() {
        if let Some(end) = values_end(text, at) {
            at = end;
            continue;
        }
        let is_marked = is_quote(text.lines[at]) && (initials(text.lines[at]).is_none() || is_repeated(text, at));
        if is_marked || text.lines[at].starts_with(NOT_SAID) {
            text.mark(at, at + 1, Place::Quoted);
        }
        at += 1;
    }
}

/// The initials of this line stand before one of the next or the last few, too, and no others beside them: a single one may be
/// a person's, and where they take turns people talk in a play.
fn is_repeated(text: &Text<'_>, at: usize) -> bool {
    let near = at.saturating_sub(NEAR)..text.lines.len().min(at + 1 + NEAR);
    let own = initials(text.lines[at]);
    let depth = |n: usize| text.lines[n].matches('>').count();
    let is_other =
        |n: &usize| initials(text.lines[*n]).is_some_and(|other| Some(other) != own && depth(*n) == depth(at));
    let is_again = near.clone().filter(|n| *n != at).any(|n| initials(text.lines[n]) == own);
    is_again && !near.into_iter().any(|n| is_other(&n))
}

/// Letters before the mark that are no initials by themselves: below an introduction, or before three lines in a row.
pub(super) fn lettered_quotes(text: &mut Text<'_>) {
    let mut at = 0;
    while at < text.lines.len() {
        let Some(letters) = letters_before(text.lines[at]).filter(|_| text.is_new(at)) else {
            at += 1;
            continue;
        };
        let goes_on = |n: &usize| text.is_new(*n) && letters_before(text.lines[*n]) == Some(letters);
        let end = (at..text.lines.len()).find(|n| !goes_on(n)).unwrap_or(text.lines.len());
        let above = (at.saturating_sub(2)..at).rev().find(|&n| !text.is_blank(n));
        let is_introduced = above.is_some_and(|n| {
            let is_told = introduces(&text.lines[n].trim().to_lowercase(), 1).is_some();
            is_told || (end > at + 1 && is_introduction(text.lines[n]))
        });
        if is_introduced || end - at >= IN_A_ROW {
            text.mark(at, end, Place::Quoted);
        }
        at = end;
    }
}

/// Other marks than ">", below an attribution: "| ", "» ", ": ". Two lines of them at least: a person may write one.
pub(super) fn other_marks(text: &mut Text<'_>) {
    for at in 0..text.lines.len() {
        if !text.is_new(at) || text.is_blank(at) || !is_introduction(text.lines[at]) {
            continue;
        }
        let Some(from) = text.next_filled(at + 1) else { return };
        let Some(mark) = other_mark(text.lines[from]).filter(|_| from <= at + 2) else { continue };
        let end = (from..text.lines.len()).find(|&n| other_mark(text.lines[n]) != Some(mark));
        let end = end.unwrap_or(text.lines.len());
        if end - from >= 2 {
            text.mark(at, end, Place::Quoted);
        }
    }
}

fn other_mark(line: &str) -> Option<char> {
    let mut chars = line.trim_start().chars();
    chars.next().filter(|c| OTHER_MARKS.contains(c) && chars.next().is_none_or(|c| c == ' '))
}

/// Who wrote and when, perhaps without a colon behind it.
fn is_introduction(line: &str) -> bool {
    let lower = line.trim().to_lowercase();
    let words = lower.split_whitespace().count();
    let closed = if lower.ends_with([':', '：']) { lower } else { format!("{lower}:") };
    let is_dated = is_date(&closed) && has_clock(&closed) && words <= MOST_INTRODUCTION_WORDS;
    is_dated || (is_date(&closed) && introduces(&closed, 1).is_some())
}

/// Where a list of values ends that begins at this line, if it is one.
fn values_end(text: &Text<'_>, at: usize) -> Option<usize> {
    if !is_more_than(text.lines[at]) || (at > 0 && is_quote(text.lines[at - 1])) {
        return None;
    }
    let end = at + text.lines[at..].iter().take_while(|line| is_more_than(line)).count();
    let is_introduced = at > 0 && introduces(&text.lines[at - 1].trim().to_lowercase(), 1).is_some();
    let goes_on = text.lines.get(end).is_some_and(|line| is_quote(line));
    (!is_introduced && !goes_on).then_some(end)
}

/// "> 900 in October": a value of the author's own, unless it stands among quoted lines. "> 3. Hands" is a heading.
fn is_more_than(line: &str) -> bool {
    let Some(rest) = line.trim_start().strip_prefix('>').map(str::trim_start) else { return false };
    let behind = rest.trim_start_matches(|c: char| c.is_ascii_digit());
    behind.len() < rest.len() && !behind.starts_with([')', ':']) && !behind.starts_with(". ")
}

/// "On … wrote:" goes with the quote below it; with no marked quote anywhere below, all below it is the quote.
pub(super) fn attributions(text: &mut Text<'_>) {
    let last_quote = text.lines.iter().rposition(|line| is_quote(line));
    for at in 0..text.lines.len() {
        let Some((end, intro)) = attribution(text, at).filter(|_| text.is_new(at)) else { continue };
        if intro == Intro::WithQuote && ends_a_sentence(text, at) {
            continue;
        }
        let is_sure = intro == Intro::Surely;
        let below = text.next_filled(end);
        if below.is_some_and(|n| !text.is_new(n)) || (below.is_none() && is_sure) {
            text.mark(at, end, Place::Quoted);
        } else if is_sure {
            let marked_later = last_quote.is_some_and(|last| last >= end);
            text.mark(at, end, Place::Quoted);
            if !marked_later {
                text.mark(end, text.lines.len(), Place::Below);
            }
        }
    }
}

/// The line goes on with what stands above it, and names no time: "… since the night / in which he wrote:".
fn ends_a_sentence(text: &Text<'_>, at: usize) -> bool {
    let goes_on = at > 0 && text.is_new(at - 1) && !text.is_blank(at - 1);
    goes_on && text.lines[at].trim().starts_with(char::is_lowercase) && !is_date(text.lines[at])
}

/// An attribution at this line: where it ends, and whether it is one even without a marked quote below.
fn attribution(text: &Text<'_>, at: usize) -> Option<(usize, Intro)> {
    if !text.is_unmarked(at) {
        return None;
    }
    let mut joined = String::new();
    for end in at + 1..=at + MAX_ATTRIBUTION_LINES {
        // A break before the bracket that closes an address looks like a quote mark.
        let is_open = joined.matches('<').count() > joined.matches('>').count();
        let goes_on =
            text.is_unmarked(end - 1) || (is_open && end <= text.lines.len() && is_quote(text.lines[end - 1]));
        // An address that was put on a line of its own may have got an empty one above it.
        let is_gap = end > at + 1
            && text.is_blank(end - 1)
            && opens(&joined)
            && text.lines.get(end).is_some_and(|line| line.starts_with('<'));
        if is_gap {
            continue;
        }
        if !goes_on || text.is_blank(end - 1) {
            return None;
        }
        joined = format!("{joined} {}", text.lines[end - 1].trim()).trim().to_lowercase();
        let Some(intro) = introduces(introduction(&joined), end - at) else { continue };
        // "Thanks" above "On Monday Kit wrote:" is no part of it.
        let first = text.lines[at].trim().to_lowercase();
        let begins_here = opens(&first) && (has_bracketed_address(&first) || is_date(&first));
        let begins_later = |n: usize| {
            let rest = text.lines[n..end].join(" ").trim().to_lowercase();
            // Not "a écrit :" alone, whatever begins so.
            let words = rest.split_whitespace().filter(|word| word.contains(char::is_alphanumeric)).count();
            words > 2 && opens(&rest) && introduces(&rest, end - n).is_some()
        };
        return (begins_here || !(at + 1..end).any(begins_later)).then_some((end, intro));
    }
    None
}

/// Yahoo's telephones put the quote behind the colon, with spaces between.
fn introduction(joined: &str) -> &str {
    if !joined.contains(":  ") {
        return joined;
    }
    let cut = joined
        .match_indices(":  ")
        .take(MOST_COLONS)
        .map(|(at, _)| &joined[..=at])
        .find(|front| introduces(front, 1) == Some(Intro::Surely));
    cut.unwrap_or(joined)
}

/// An old message without quote marks: all from its header on, and the rule above it.
pub(super) fn below(text: &mut Text<'_>) {
    for at in 0..text.lines.len() {
        if !(text.is_new(at) || is_told(text.lines[at])) || text.is_blank(at) {
            continue;
        }
        let is_marked_old = || is_original_mark(text.lines[at]) && (has_head(text, at) || is_below_words(text, at));
        let is_old = is_told(text.lines[at]) || is_marked_old();
        if is_old {
            let is_marked_below = text.next_filled(at + 1).is_some_and(|n| is_quote(text.lines[n]));
            text.mark(at, at + 1, Place::Quoted);
            if !is_marked_below {
                text.mark(at + 1, text.lines.len(), Place::Below);
            }
        } else if is_header_block(text, at) {
            let above = (0..at).rev().find(|&n| !text.is_blank(n));
            let is_edge = |n: &usize| is_rule(text.lines[*n]) || is_titled_rule(text.lines[*n]);
            let from = above.filter(is_edge).unwrap_or(at);
            // With no words above it, what stands below may be all that the author sent: keep it.
            let is_below = (0..from).any(|n| text.is_new(n) && !text.is_blank(n));
            let end = block_end(text, at);
            text.mark(from, end, Place::Quoted);
            if !is_below {
                return;
            }
            text.mark(end, text.lines.len(), Place::Below);
        }
    }
}

/// A program said so by an element; or as GroupWise does: `>>> Kit <kit@home.example> 02/03/2026 09:12 >>>`.
fn is_told(line: &str) -> bool {
    let is_group_wise = line.starts_with(">>>") && line.trim_end().ends_with(">>>") && is_date(line) && has_clock(line);
    is_group_wise || line.strip_prefix(NOT_SAID).is_some_and(|line| line.trim() == OLD_MESSAGE)
}

/// A program's mark and nothing else, below words of the author: some programs name nobody there. With nothing above it, what
/// follows may be all that somebody sent.
fn is_below_words(text: &Text<'_>, at: usize) -> bool {
    let inner = text.lines[at].trim().trim_matches(|c: char| "-_—–─=* \u{a0}:".contains(c)).to_lowercase();
    let is_bare = is_titled_rule(text.lines[at]) && WORDS.original.contains(&inner);
    is_bare && (0..at).any(|n| text.is_new(n) && text.lines[n].contains(char::is_alphanumeric))
}

/// Below a program's mark stands who wrote the old message, or the same line goes on with it; a person may write such a line
/// above words of her own.
fn has_head(text: &Text<'_>, at: usize) -> bool {
    let line = text.lines[at];
    let filled = (at + 1..text.lines.len()).filter(|&n| !text.is_blank(n)).take(3);
    let next = filled.clone().next();
    has_bracketed_address(line)
        || next.is_some_and(|n| has_bracketed_address(text.lines[n]))
        || filled
            .clone()
            .any(|n| text.places[n].is_quoted() || is_header_block(text, n) || attribution(text, n).is_some())
}

/// What tells of a message inside unmarked history, and what a mail server put above it: nobody's own words.
pub(super) fn heads(text: &mut Text<'_>) {
    for at in 0..text.lines.len() {
        if text.places[at] != Place::Below || text.is_blank(at) {
            continue;
        }
        let begins = at == 0 || text.is_blank(at - 1);
        let end = match attribution(text, at) {
            Some((end, Intro::InHistory | Intro::Surely)) => end,
            _ if is_original_mark(text.lines[at]) => at + 1,
            _ if is_header_block(text, at) => block_end(text, at),
            _ if begins => banner_end(text, at).unwrap_or(at),
            _ => at,
        };
        text.mark(at, end, Place::Quoted);
    }
}

/// Outlook's From, Sent, To, Subject: three of them, or two with an address. In a language that we have no words of, three
/// fields, one with an address and one with the time.
fn is_header_block(text: &Text<'_>, at: usize) -> bool {
    is_known_block(text, at) || is_foreign_block(text, at)
}

fn is_foreign_block(text: &Text<'_>, at: usize) -> bool {
    let begins = at == 0 || text.is_blank(at - 1) || is_rule(text.lines[at - 1]) || is_titled_rule(text.lines[at - 1]);
    if !begins || label_of(text.lines[at]).is_none() {
        return false;
    }
    let fields = text.lines[at..].iter().take(BLOCK_LINES).take_while(|line| label_of(line).is_some());
    let (mut count, mut has_address, mut has_time) = (0, false, false);
    for line in fields {
        count += 1;
        has_address |= has_bracketed_address(line);
        has_time |= is_date(line) && has_clock(line);
    }
    count >= 3 && has_address && has_time
}

fn is_known_block(text: &Text<'_>, at: usize) -> bool {
    if !matches!(label(text.lines[at]), Some(Label::From | Label::Sent | Label::Subject)) {
        return false;
    }
    let mut seen: Vec<Label> = Vec::new();
    let (mut others, mut has_address, mut has_time) = (0, false, false);
    let filled = text.lines[at..].iter().take(BLOCK_LINES).filter(|line| !line.trim().is_empty());
    for line in filled.take_while(|line| !is_rule(line)) {
        match label(line) {
            Some(found) if !seen.contains(&found) || found == Label::To => {
                seen.push(found);
                others = 0;
                has_address |= line.contains('@');
                has_time |= is_date(line) || has_clock(line);
            }
            // A long list of recipients runs on below its label.
            _ if others < 2 && line.contains(['@', ';', ',']) => others += 1,
            _ => break,
        }
    }
    let has = |wanted| seen.contains(&wanted);
    let kinds = [Label::From, Label::Sent, Label::To, Label::Subject].into_iter().filter(|l| has(*l)).count();
    // People write "From: me, To: you, Subject: love"; programs write an address or a time.
    let is_a_programs = has_address || (has(Label::Sent) && has_time);
    has(Label::From) && (has(Label::Sent) || has(Label::Subject)) && is_a_programs && (kinds >= 3 || has_address)
}

/// Where the fields that begin at `at` end.
fn block_end(text: &Text<'_>, at: usize) -> usize {
    // A long list of recipients runs on below its label.
    let is_foreign = !is_known_block(text, at);
    let is_field = |line: &str| label(line).is_some() || (is_foreign && label_of(line).is_some());
    let belongs = |n: usize| is_field(text.lines[n]) || (!text.is_blank(n - 1) && text.lines[n].contains('@'));
    (at + 1..text.lines.len()).find(|&n| !text.is_blank(n) && !belongs(n)).unwrap_or(text.lines.len())
}
