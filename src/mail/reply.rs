//! What is new in a message: the author's words apart from the quote and the signature. When unsure, keep.
//!
//! Every line gets a place, by a few classes of line and a look at the whole message. Never fails; whatever no rule
//! claims stays with the author's words.

mod closings;
mod footers;
mod history;
mod torn;

use super::coloured;
use super::marks::{Intro, introduces, is_empty_quote, is_quote, label, opens};
use super::structure::NOT_SAID;
pub use closings::is_programs_line;
pub use torn::Torn;

/// A text taken apart. Together the parts hold every line of the readable text.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct NewText {
    /// What the author newly wrote; quoted lines that an answer follows stand in it, marked "> ".
    pub reply: String,
    /// The quoted history with its attribution or header block.
    pub quoted: String,
    /// Of the quoted history what bears no mark and is no attribution or header: who wrote it can't be told.
    pub unmarked: String,
    /// Which of that goes on with a marked line, as far as can be told without knowing what was said.
    pub torn: Vec<Torn>,
    /// Words of a colour of their own inside a quote, each with what stands above it.
    pub coloured: Vec<Torn>,
    /// The signature without its delimiter.
    pub signature: String,
}

/// The line that begins the footer of what Lamplight sends. People draw it, too.
pub const OWN_FOOTER: &str = "~ ~ ~";
/// Quoted lines that stand before an answer.
const CONTEXT_LINES: usize = 3;
/// Lines that "On … wrote:" is wrapped over inside a quote, and fields of a header there.
const MAX_HEAD_LINES: usize = 4;
const MAX_FIELDS: usize = 12;
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
    /// Where the ends of broken lines stand.
    torn: Vec<(usize, usize)>,
}

/// The rules, first to last; each claims lines that are still [`Place::New`], or [`Place::Below`] and better known.
const RULES: &[fn(&mut Text<'_>)] = &[
    footers::told_signatures,
    history::quotes,
    history::lettered_quotes,
    torn::broken_quotes,
    footers::own_footer,
    history::other_marks,
    history::attributions,
    history::below,
    history::heads,
    footers::list_footer,
    footers::banner,
    closings::closings,
    footers::signatures,
    // Those above a signature.
    closings::closings,
];

/// Take a readable text apart.
#[must_use]
pub fn split(text: &str) -> NewText {
    let (text, coloured) = coloured::taken(text);
    split_coloured(&text, coloured)
}

/// The same, of a text without marks of colours.
#[must_use]
pub fn split_coloured(text: &str, coloured: Vec<(usize, Torn)>) -> NewText {
    let lines: Vec<&str> = text.lines().collect();
    let mut text = Text { places: vec![Place::New; lines.len()], lines, torn: Vec::new() };
    let rules = if text.lines.len() > MAX_LINES { &RULES[..3] } else { RULES };
    rules.iter().for_each(|rule| rule(&mut text));
    NewText {
        reply: trim(&text.reply()),
        quoted: trim(&text.joined(Place::is_quoted)),
        unmarked: trim(&text.joined(|place| place == Place::Below)),
        torn: text.torn(),
        coloured: coloured.into_iter().filter(|(at, _)| !text.is_new(*at)).map(|(_, torn)| torn).collect(),
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

    fn torn(&self) -> Vec<Torn> {
        let torn = |&(from, to): &(usize, usize)| Torn {
            above: self.lines[from - 1].to_owned(),
            rest: trim(&self.lines[from..to].join("\n")),
        };
        self.torn.iter().map(torn).collect()
    }

    /// The new lines; where answers stand inside a quote, each with the end of what it answers.
    fn reply(&self) -> String {
        let answers_inside = self.answers_inside();
        let mut out = String::new();
        let mut quote: Vec<&str> = Vec::new();
        let heads = if answers_inside { self.quoted_heads() } else { vec![false; self.lines.len()] };
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
                Place::Quoted if is_quote(line) && !is_empty_quote(line) && !heads[at] => quote.push(line),
                _ => {}
            }
        }
        out
    }

    /// Which quoted lines are "On … wrote:", over however many lines, or fields of a header: they name people, and are nothing
    /// that was said.
    fn quoted_heads(&self) -> Vec<bool> {
        let mut heads = vec![false; self.lines.len()];
        for at in 0..self.lines.len() {
            if heads[at] || self.places[at] != Place::Quoted || !is_quote(self.lines[at]) {
                continue;
            }
            if self.lines[at].contains(NOT_SAID) {
                heads[at] = true;
                continue;
            }
            let quoted = (at..self.lines.len()).take_while(|&n| is_quote(self.lines[n]));
            let fields = quoted.clone().take(MAX_FIELDS).take_while(|&n| label(without_marks(self.lines[n])).is_some());
            let (mut from, mut end) = (at, at + fields.count());
            if end < at + 2 {
                let told = |from: usize, to: usize| {
                    let lines: Vec<&str> = self.lines[from..to].iter().map(|line| without_marks(line)).collect();
                    let joined = lines.join(" ").trim().to_lowercase();
                    introduces(&joined, to - from).is_some_and(|intro| intro > Intro::WithQuote).then_some(joined)
                };
                end = quoted.take(MAX_HEAD_LINES).map(|n| n + 1).find(|&to| told(at, to).is_some()).unwrap_or(at);
                // What was said above it is no part of it.
                let begins = |n: &usize| told(*n, end).is_some_and(|joined| opens(&joined));
                from = (at + 1..end).rev().find(begins).unwrap_or(at);
            }
            heads[from..end].fill(true);
        }
        heads
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

/// A quoted line without its marks.
fn without_marks(line: &str) -> &str {
    line.trim_start_matches(['>', ' '])
}

/// No empty lines at the ends, no more than one in between.
fn trim(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut blank = 0;
    for line in text.lines() {
        blank = if line.trim().is_empty() { blank + 1 } else { 0 };
        if blank < 2 {
            out.push_str(line.trim_end().trim_start_matches(NOT_SAID));
            out.push('\n');
        }
    }
    out.trim_matches(['\n', '\r']).trim_end().to_owned()
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
            ("Yes\n\n-----Original Message-----\nFrom: Kit <k@h.example>\nSent: Monday\nold", "Yes"),
            ("-----Original Message-----\nOurs, on the fridge.", "-----Original Message-----\nOurs, on the fridge."),
            ("Yes\n\nVon: Kit\nGesendet: Montag, 2. März 2026 09:12\nAn: Mira\nBetreff: x\n\nold", "Yes"),
            ("Yes\n\n________________________________\nFrom: Kit <k@h.example>\nSent: Monday\nTo: Mira\nold", "Yes"),
            ("Yes\n\nBegin forwarded message:\n\nFrom: Kit <k@h.example>\nSubject: x\n\nold", "Yes"),
            ("Yes\n-- \nMira\n555 0100", "Yes"),
            ("Yes\n\nSent from my iPhone", "Yes"),
            ("Yes\n\nVon meinem iPhone gesendet", "Yes"),
            ("Sent from my heart, and meant.\nMore.", "Sent from my heart, and meant.\nMore."),
            ("Yes\n~ ~ ~\nTo leave Rose: send an empty e-mail to\nrose-leave@g.example\nLamplight", "Yes"),
            ("Yes\n~ ~ ~\nYou get this e-mail because you look after Rose.\nLamplight", "Yes"),
            ("Sí\n~ ~ ~\nRecibe este correo porque está a cargo de Rosa.\nLamplight", "Sí"),
            ("Yes\n~ ~ ~\n(1 file was left out.)\n\nTo leave: rose-leave@g.example\n\nNo", "Yes\n\nNo"),
            ("A poem\n~ ~ ~\nIts second part\n~ ~ ~\nIts third", "A poem\n~ ~ ~\nIts second part\n~ ~ ~\nIts third"),
            ("Yes\n____________________\nrose mailing list\nhttp://lists.example", "Yes"),
            ("> old question\n\nAnswer at the end", "Answer at the end"),
            ("> one\nAnswer\n> two\nAgain", "> one\nAnswer\n> two\nAgain"),
            ("> a\n> b\n> c\n> d\nAnswer\n> e", "> b\n> c\n> d\nAnswer"),
            (
                "> a\n> On Mon, 2 Mar 2026 at 9:12 AM Kit Montgomery Moss of Springfield\n> wrote:\nYes\n> b\nNo",
                "> a\nYes\n> b\nNo",
            ),
            ("> From: Kit <k@h.example>\n> To: Ada <a@h.example>\n> old\nYes\n> b\nNo", "> old\nYes\n> b\nNo"),
            ("My values:\n> 900 in May\n> 37 now\nNormal!", "My values:\n> 900 in May\n> 37 now\nNormal!"),
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
            ("Yes\n\n-----Original Message-----\nFrom: Kit\nSent: 2 Mar 2026 9:12\nSubject: x\nold", "old"),
            (&deep, "one\n\ntwo\n\nthree"),
            ("Yes\n~ ~ ~\nTo leave: rose-leave@g.example", ""),
        ] {
            let parted = split(text);
            assert_eq!((parted.reply.as_str(), parted.unmarked.as_str()), ("Yes", unmarked), "{text}");
        }
    }
}
