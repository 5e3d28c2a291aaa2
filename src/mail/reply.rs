//! What is new in a message: the author's words apart from the quote and the signature. When unsure, keep.
//!
//! Every line gets a place, by a few classes of line and a look at the whole message. Never fails; whatever no rule
//! claims stays with the author's words.

use super::marks::{introduces, is_empty_quote, is_original_mark, is_quote, is_rule, label, opens};
use super::words::{BANNERS, DISCLAIMERS, Label, SENT_FROM};

/// A text taken apart. Together the parts hold every line of the readable text.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct NewText {
    /// What the author newly wrote; quoted lines that an answer follows stand in it, marked "> ".
    pub reply: String,
    /// The quoted history with its attribution or header block.
    pub quoted: String,
    /// Of the quoted history what bears no mark and is no attribution or header: who wrote it can't be told.
    pub unmarked: String,
    /// The signature without its delimiter.
    pub signature: String,
}

/// The line that begins the footer of what Lamplight sends. People draw it, too: see [`OWN_FOOTER_SAYS`].
pub const OWN_FOOTER: &str = "~ ~ ~";
/// What stands in a footer of ours: an address of the group, or why moderators and administrators get a notice.
const OWN_FOOTER_SAYS: [&str; 3] = ["-owner@", "-leave@", "you get this e-mail because you look after"];

/// Quoted lines that stand before an answer.
const CONTEXT_LINES: usize = 3;
/// A longer "signature" may be text.
const MAX_SIGNATURE_LINES: usize = 12;
/// A longer "footer" may be text.
const MAX_FOOTER_LINES: usize = 10;
/// Lines that an attribution may be wrapped over.
const MAX_ATTRIBUTION_LINES: usize = 4;
/// Lines among which the fields of a header block are looked for.
const BLOCK_LINES: usize = 12;
/// In a longer text only marked quotes are taken away: it is no letter, and the rules look around too much for it.
const MAX_LINES: usize = 20_000;

/// Where a line belongs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    New,
    Quoted,
    /// Quoted as well, but only because of what stands above it.
    Below,
    Signature,
    Delimiter,
}

impl Place {
    fn is_quoted(self) -> bool {
        matches!(self, Self::Quoted | Self::Below)
    }
}

/// A message's lines, each with its place.
struct Text<'a> {
    lines: Vec<&'a str>,
    places: Vec<Place>,
}

/// The rules, first to last; each claims lines that are still [`Place::New`], or [`Place::Below`] and better known.
const RULES: &[fn(&mut Text<'_>)] = &[
    quotes,
    broken_quotes,
    own_footer,
    attributions,
    history,
    heads,
    list_footer,
    banner,
    signatures,
    sent_from,
    disclaimer,
];

/// Take a readable text apart.
#[must_use]
pub fn split(text: &str) -> NewText {
    let lines: Vec<&str> = text.lines().collect();
    let mut text = Text { places: vec![Place::New; lines.len()], lines };
    let rules = if text.lines.len() > MAX_LINES { &RULES[..1] } else { RULES };
    rules.iter().for_each(|rule| rule(&mut text));
    NewText {
        reply: trim(&text.reply()),
        quoted: trim(&text.joined(Place::is_quoted)),
        unmarked: trim(&text.joined(|place| place == Place::Below)),
        signature: trim(&text.joined(|place| place == Place::Signature)),
    }
}

impl Text<'_> {
    fn is_new(&self, at: usize) -> bool {
        self.places.get(at) == Some(&Place::New)
    }

    /// New, or taken for a quote only because of what stands above it.
    fn is_unmarked(&self, at: usize) -> bool {
        matches!(self.places.get(at), Some(Place::New | Place::Below))
    }

    fn is_blank(&self, at: usize) -> bool {
        self.lines.get(at).is_none_or(|line| line.trim().is_empty())
    }

    fn mark(&mut self, from: usize, to: usize, place: Place) {
        for at in from..to.min(self.lines.len()) {
            if self.is_unmarked(at) {
                self.places[at] = place;
            }
        }
    }

    /// The first line at or behind `at` that is not empty.
    fn next_filled(&self, at: usize) -> Option<usize> {
        (at..self.lines.len()).find(|&n| !self.is_blank(n))
    }

    /// Where the run of new lines that `at` stands in ends.
    fn run_end(&self, at: usize) -> usize {
        (at..self.lines.len()).find(|&n| !self.is_new(n)).unwrap_or(self.lines.len())
    }

    /// Whether no more than `most` lines between are filled.
    fn filled(&self, from: usize, to: usize, most: usize) -> bool {
        (from..to).filter(|&n| !self.is_blank(n)).take(most + 1).count() <= most
    }

    fn joined(&self, belongs: impl Fn(Place) -> bool) -> String {
        let lines = self.lines.iter().zip(&self.places).filter(|(_, place)| belongs(**place));
        lines.flat_map(|(line, _)| [line, "\n"]).collect()
    }

    /// The new lines; where answers stand inside a quote, each with the end of what it answers.
    fn reply(&self) -> String {
        let answers_inside = self.answers_inside();
        let mut out = String::new();
        let mut quote: Vec<&str> = Vec::new();
        for (at, line) in self.lines.iter().enumerate() {
            match self.places[at] {
                Place::New => {
                    if answers_inside && !quote.is_empty() && !self.is_blank(at) {
                        let tail = &quote[quote.len().saturating_sub(CONTEXT_LINES)..];
                        out.extend(tail.iter().flat_map(|line| [line, "\n"]));
                        quote.clear();
                    }
                    out.push_str(line);
                    out.push('\n');
                }
                Place::Quoted if is_quote(line) && !is_empty_quote(line) => quote.push(line),
                _ => {}
            }
        }
        out
    }

    /// Whether new text follows a quote twice, or once with more of the quote behind it.
    fn answers_inside(&self) -> bool {
        let (mut answers, mut after_quote, mut quote_behind) = (0, false, false);
        for (at, line) in self.lines.iter().enumerate() {
            match self.places[at] {
                Place::Quoted if is_quote(line) => {
                    quote_behind |= answers > 0;
                    after_quote = true;
                }
                Place::New if after_quote && !self.is_blank(at) => {
                    answers += 1;
                    after_quote = false;
                }
                _ => {}
            }
        }
        answers > 1 || quote_behind
    }
}

/// No empty lines at the ends, no more than one in between.
fn trim(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut blank = 0;
    for line in text.lines() {
        blank = if line.trim().is_empty() { blank + 1 } else { 0 };
        if blank < 2 {
            out.push_str(line.trim_end());
            out.push('\n');
        }
    }
    out.trim_matches(['\n', '\r']).trim_end().to_owned()
}

fn quotes(text: &mut Text<'_>) {
    for at in 0..text.lines.len() {
        if is_quote(text.lines[at]) {
            text.mark(at, at + 1, Place::Quoted);
        }
    }
}

/// A quoted line that was broken on its way has its end on a line of its own, without a mark.
fn broken_quotes(text: &mut Text<'_>) {
    for at in 1..text.lines.len().saturating_sub(1) {
        let (above, line) = (text.lines[at - 1].trim_end(), text.lines[at].trim());
        let is_between = is_quote(above) && is_quote(text.lines[at + 1]);
        let runs_on = above.chars().count() >= 60 && above.ends_with(|c: char| c.is_alphanumeric() || c == ',');
        if text.is_new(at) && is_between && runs_on && line.starts_with(char::is_lowercase) {
            text.mark(at, at + 1, Place::Quoted);
        }
    }
}

/// Our footer to the end of its last paragraph; the same line in a person's letter takes no words away.
fn own_footer(text: &mut Text<'_>) {
    for at in 0..text.lines.len() {
        if !text.is_new(at) || text.lines[at].trim() != OWN_FOOTER {
            continue;
        }
        let below = at + 1..text.lines.len().min(at + 1 + MAX_FOOTER_LINES);
        let is_ours = |n: &usize| OWN_FOOTER_SAYS.iter().any(|words| text.lines[*n].to_lowercase().contains(words));
        if let Some(last) = below.rev().find(is_ours) {
            let end = (last..text.lines.len()).find(|&n| text.is_blank(n)).unwrap_or(text.lines.len());
            text.mark(at, end, Place::Quoted);
        }
    }
}

/// "On … wrote:" goes with the quote below it; with no marked quote anywhere below, all below it is the quote.
fn attributions(text: &mut Text<'_>) {
    for at in 0..text.lines.len() {
        let Some((end, is_sure)) = attribution(text, at).filter(|_| text.is_new(at)) else { continue };
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
fn attribution(text: &Text<'_>, at: usize) -> Option<(usize, bool)> {
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
        let Some(is_sure) = introduces(&joined, end - at) else { continue };
        // "Thanks" above "On Monday Kit wrote:" is no part of it.
        let begins_later = |n: usize| {
            let rest = text.lines[n..end].join(" ").trim().to_lowercase();
            opens(&rest) && introduces(&rest, end - n).is_some()
        };
        return (!(at + 1..end).any(begins_later)).then_some((end, is_sure));
    }
    None
}

/// An old message without quote marks: all from its header on, and the rule above it.
fn history(text: &mut Text<'_>) {
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
            let from = above.filter(|&n| is_rule(text.lines[n])).unwrap_or(at);
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
fn heads(text: &mut Text<'_>) {
    for at in 0..text.lines.len() {
        if text.places[at] != Place::Below || text.is_blank(at) {
            continue;
        }
        let begins = at == 0 || text.is_blank(at - 1);
        let end = match attribution(text, at) {
            Some((end, true)) => end,
            _ if is_original_mark(text.lines[at]) => at + 1,
            _ if is_header_block(text, at) => block_end(text, at),
            _ if begins => banner_end(text, at).unwrap_or(at),
            _ => at,
        };
        text.mark(at, end, Place::Quoted);
    }
}

/// Outlook's From, Sent, To, Subject: three of them, or two with an address.
fn is_header_block(text: &Text<'_>, at: usize) -> bool {
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
    let belongs = |n: usize| label(text.lines[n]).is_some() || (!text.is_blank(n - 1) && text.lines[n].contains('@'));
    (at + 1..text.lines.len()).find(|&n| !text.is_blank(n) && !belongs(n)).unwrap_or(text.lines.len())
}

/// What a mailing list puts below a long line.
fn list_footer(text: &mut Text<'_>) {
    let mut end = 0;
    for at in 0..text.lines.len() {
        end = if at < end { end } else { text.run_end(at) };
        let line = text.lines[at].trim();
        if !text.is_new(at) || line.len() < 10 || !line.chars().all(|c| c == '_') {
            continue;
        }
        if text.filled(at + 1, end, MAX_FOOTER_LINES) {
            let below = text.lines[at + 1..end].join(" ").to_lowercase();
            if ["mailing list", "unsubscribe", "listinfo", "http"].iter().any(|word| below.contains(word)) {
                text.mark(at, end, Place::Quoted);
            }
        }
    }
}

/// A mail server's warning in the first paragraph.
fn banner(text: &mut Text<'_>) {
    let Some(start) = text.next_filled(0) else { return };
    if let Some(end) = banner_end(text, start) {
        text.mark(start, end, Place::Quoted);
    }
}

/// Where the paragraph that begins at `start` ends, if it is such a warning.
fn banner_end(text: &Text<'_>, start: usize) -> Option<usize> {
    let end = (start..text.lines.len()).find(|&n| text.is_blank(n)).unwrap_or(text.lines.len());
    let words = text.lines[start..end].join(" ").to_lowercase();
    let warns = ["caution", "warning", "external", "[external", "attention", "achtung", "you don't often"];
    let begins = warns.iter().any(|word| words.trim_start_matches(['*', '[', ' ', '!']).starts_with(word));
    (begins && words.len() < 600 && BANNERS.iter().any(|banner| words.contains(banner))).then_some(end)
}

/// RFC 3676 §4.3: "-- " begins the signature; a long one may be text.
fn signatures(text: &mut Text<'_>) {
    // With nothing above it, it is no signature but the whole message.
    let (mut end, mut is_below) = (0, false);
    for at in 0..text.lines.len() {
        end = if at < end { end } else { text.run_end(at) };
        let is_new = text.is_new(at);
        let is_delimiter = is_new && matches!(text.lines[at].trim_end(), "--" | "__");
        if is_delimiter && is_below && text.filled(at + 1, end, MAX_SIGNATURE_LINES) {
            text.mark(at, at + 1, Place::Delimiter);
            text.mark(at + 1, end, Place::Signature);
        }
        is_below |= is_new && !text.is_blank(at);
    }
}

/// "Sent from my iPhone" at the end of what was written.
fn sent_from(text: &mut Text<'_>) {
    for at in 0..text.lines.len() {
        let line = text.lines[at].trim().trim_start_matches(['-', '*', '_', '(', '[', ' ']);
        if !text.is_unmarked(at) || line.chars().count() > 90 {
            continue;
        }
        // The link behind the program's name says nothing.
        let lower = line.split('<').next().unwrap_or_default().to_lowercase();
        // A sentence goes on behind a comma; a footer does not, and nothing follows it in its paragraph.
        let is_sentence = lower.contains([',', '?', '!', ';']) || lower.split_whitespace().count() > 9;
        let is_last = text.is_blank(at + 1) || !text.is_unmarked(at + 1);
        if !is_sentence && is_last && SENT_FROM.iter().any(|words| lower.starts_with(words)) {
            text.mark(at, at + 1, Place::Signature);
        }
    }
}

/// A notice of confidentiality: its paragraph.
fn disclaimer(text: &mut Text<'_>) {
    for at in 0..text.lines.len() {
        let lower = text.lines[at].trim().trim_start_matches(['*', '_', ' ']).to_lowercase();
        if text.is_unmarked(at) && DISCLAIMERS.iter().any(|words| lower.starts_with(words)) {
            let end = (at..at + BLOCK_LINES).find(|&n| text.is_blank(n)).unwrap_or(at + BLOCK_LINES);
            let words = text.lines[at..end].join(" ").to_lowercase();
            if ["confidential", "vertraulich", "confidentiel", "intended", "confidencial", "riservat"]
                .iter()
                .any(|w| words.contains(w))
            {
                text.mark(at, end, Place::Signature);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_taken_apart() {
        for (text, reply) in [
            ("Just words.\n\nBest wishes,\nTom", "Just words.\n\nBest wishes,\nTom"),
            ("Yes\n\nOn 2 Mar 2026 at 9:12, Kit <k@h.example> wrote:\n> old", "Yes"),
            ("Yes\n\nOn 2 Mar 2026 at 9:12, Kit <k@h.example>\nwrote:\n> old", "Yes"),
            ("Yes\n\nOn 2 Mar 2026 at 9:12, Kit <k@h.example\n> wrote:\n> old", "Yes"),
            ("Yes\n\n-----Original Message-----\nFrom: Kit\nold", "Yes"),
            ("Yes\n\nVon: Kit\nGesendet: Montag\nAn: Mira\nBetreff: x\n\nold", "Yes"),
            ("Yes\n\n________________________________\nFrom: Kit <k@h.example>\nSent: Monday\nTo: Mira\nold", "Yes"),
            ("Yes\n\nBegin forwarded message:\n\nold", "Yes"),
            ("Yes\n-- \nMira\n555 0100", "Yes"),
            ("Yes\n\nSent from my iPhone", "Yes"),
            ("Yes\n\nVon meinem iPhone gesendet", "Yes"),
            ("Sent from my heart, and meant.\nMore.", "Sent from my heart, and meant.\nMore."),
            ("Yes\n~ ~ ~\nTo leave Rose: send an empty e-mail to\nrose-leave@g.example\nLamplight", "Yes"),
            ("Yes\n~ ~ ~\nYou get this e-mail because you look after Rose.\nLamplight", "Yes"),
            ("Yes\n~ ~ ~\n(1 file was left out.)\n\nTo leave: rose-leave@g.example\n\nNo", "Yes\n\nNo"),
            ("A poem\n~ ~ ~\nIts second part\n~ ~ ~\nIts third", "A poem\n~ ~ ~\nIts second part\n~ ~ ~\nIts third"),
            ("Yes\n____________________\nrose mailing list\nhttp://lists.example", "Yes"),
            ("> old question\n\nAnswer at the end", "Answer at the end"),
            ("> one\nAnswer\n> two\nAgain", "> one\nAnswer\n> two\nAgain"),
            ("> 1\n> 2\n> 3\n> 4\nAnswer\n> 5", "> 2\n> 3\n> 4\nAnswer"),
            ("-- \nAll of it stands below", "--\nAll of it stands below"),
            ("My doctor wrote:\n\nNothing can be done.", "My doctor wrote:\n\nNothing can be done."),
            ("On Monday at 9:12 I start:\nI am afraid.", "On Monday at 9:12 I start:\nI am afraid."),
            ("From: 9 o'clock\nTo: noon\nI waited.", "From: 9 o'clock\nTo: noon\nI waited."),
            ("CAUTION: This email originated from outside.\n\nYes", "Yes"),
            ("", ""),
        ] {
            assert_eq!(split(text).reply, reply, "{text}");
        }
    }

    #[test]
    fn the_quote_and_the_signature_are_kept_apart() {
        let parted = split("Yes\n-- \nMira\n\nOn 2 Mar 2026 at 9:12, Kit <k@h.example> wrote:\n> old");
        assert_eq!(parted.signature, "Mira");
        assert_eq!(parted.quoted, "On 2 Mar 2026 at 9:12, Kit <k@h.example> wrote:\n> old");
    }

    #[test]
    fn what_is_below_without_a_mark_is_kept_apart_from_its_heads() {
        let from = "From: Kit <k@h.example>\nSent: Monday\nTo: Mira <m@h.example>;\n Tom <t@h.example>\nSubject: x";
        let deep =
            format!("Yes\n\n{from}\n\none\n\n> marked\n\n{from}\n\ntwo\n\nOn 2 Mar 2026 at 9:12, Kit wrote:\nthree");
        for (text, unmarked) in [
            ("Yes\n\nOn 2 Mar 2026 at 9:12, Kit <k@h.example> wrote:\n> old", ""),
            ("Yes\n\nOn 2 Mar 2026 at 9:12, Kit <k@h.example> wrote:\n\nold", "old"),
            ("Yes\n\n-----Original Message-----\nFrom: Kit\nSent: Monday\nSubject: x\nold", "old"),
            (&deep, "one\n\ntwo\n\nthree"),
            ("Yes\n~ ~ ~\nTo leave: rose-leave@g.example", ""),
        ] {
            let parted = split(text);
            assert_eq!((parted.reply.as_str(), parted.unmarked.as_str()), ("Yes", unmarked), "{text}");
        }
    }
}
