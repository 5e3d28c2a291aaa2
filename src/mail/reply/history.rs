//! What was quoted: marked lines, attributions, header blocks, and what stands below them.

use super::super::languages::Label;
use super::super::marks::{
    Intro, has_bracketed_address, has_clock, introduces, is_date, is_original_mark, is_quote, is_rule, is_titled_rule,
    label, label_of, opens,
};
use super::super::structure::NOT_SAID;
use super::footers::banner_end;
use super::{Place, Text};

/// Lines that an attribution may be wrapped over.
const MAX_ATTRIBUTION_LINES: usize = 4;
/// Lines among which the fields of a header block are looked for.
const BLOCK_LINES: usize = 12;

pub(super) fn quotes(text: &mut Text<'_>) {
    for at in 0..text.lines.len() {
        if is_quote(text.lines[at]) || text.lines[at].starts_with(NOT_SAID) {
            text.mark(at, at + 1, Place::Quoted);
        }
    }
}

/// A quoted line that was broken on its way has its end on a line of its own, without a mark.
pub(super) fn broken_quotes(text: &mut Text<'_>) {
    for at in 1..text.lines.len().saturating_sub(1) {
        let (above, line) = (text.lines[at - 1].trim_end(), text.lines[at].trim());
        let is_between = is_quote(above) && is_quote(text.lines[at + 1]);
        let runs_on = above.chars().count() >= 60 && above.ends_with(|c: char| c.is_alphanumeric() || c == ',');
        if text.is_new(at) && is_between && runs_on && line.starts_with(char::is_lowercase) {
            text.mark(at, at + 1, Place::Quoted);
        }
    }
}

/// "On … wrote:" goes with the quote below it; with no marked quote anywhere below, all below it is the quote.
pub(super) fn attributions(text: &mut Text<'_>) {
    for at in 0..text.lines.len() {
        let Some((end, intro)) = attribution(text, at).filter(|_| text.is_new(at)) else { continue };
        let is_sure = intro == Intro::Surely;
        let below = text.next_filled(end);
        if below.is_some_and(|n| !text.is_new(n)) || (below.is_none() && is_sure) {
            text.mark(at, end, Place::Quoted);
        } else if is_sure {
            let marked_later = (end..text.lines.len()).any(|n| is_quote(text.lines[n]));
            text.mark(at, end, Place::Quoted);
            if !marked_later {
                text.mark(end, text.lines.len(), Place::Below);
            }
        }
    }
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
        if !goes_on || text.is_blank(end - 1) {
            return None;
        }
        joined = format!("{joined} {}", text.lines[end - 1].trim()).trim().to_lowercase();
        let Some(intro) = introduces(&joined, end - at) else { continue };
        // "Thanks" above "On Monday Kit wrote:" is no part of it.
        let begins_later = |n: usize| {
            let rest = text.lines[n..end].join(" ").trim().to_lowercase();
            // Not "a écrit :" alone, whatever begins so.
            let words = rest.split_whitespace().filter(|word| word.contains(char::is_alphanumeric)).count();
            words > 2 && opens(&rest) && introduces(&rest, end - n).is_some()
        };
        return (!(at + 1..end).any(begins_later)).then_some((end, intro));
    }
    None
}

/// An old message without quote marks: all from its header on, and the rule above it.
pub(super) fn below(text: &mut Text<'_>) {
    for at in 0..text.lines.len() {
        if !text.is_new(at) || text.is_blank(at) {
            continue;
        }
        if is_original_mark(text.lines[at]) {
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
    let (mut others, mut has_address) = (0, false);
    for line in text.lines[at..].iter().take(BLOCK_LINES).filter(|line| !line.trim().is_empty()) {
        match label(line) {
            Some(found) if !seen.contains(&found) || found == Label::To => {
                seen.push(found);
                others = 0;
                has_address |= line.contains('@');
            }
            // A long list of recipients runs on below its label.
            _ if others < 2 => others += 1,
            _ => break,
        }
    }
    let has = |wanted| seen.contains(&wanted);
    let kinds = [Label::From, Label::Sent, Label::To, Label::Subject].into_iter().filter(|l| has(*l)).count();
    has(Label::From) && (has(Label::Sent) || has(Label::Subject)) && (kinds >= 3 || has_address)
}

/// Where the fields that begin at `at` end.
fn block_end(text: &Text<'_>, at: usize) -> usize {
    // A long list of recipients runs on below its label.
    let is_foreign = !is_known_block(text, at);
    let is_field = |line: &str| label(line).is_some() || (is_foreign && label_of(line).is_some());
    let belongs = |n: usize| is_field(text.lines[n]) || (!text.is_blank(n - 1) && text.lines[n].contains('@'));
    (at + 1..text.lines.len()).find(|&n| !text.is_blank(n) && !belongs(n)).unwrap_or(text.lines.len())
}
