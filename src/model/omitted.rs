//! What the reading took for a quote, an attribution or a signature, and what nobody said before: words that a copy would
//! lose, or would show as somebody else's.
//!
//! The reading goes by how a line looks, and people's lines look so, too: `>_<`, "a letter in which he wrote:", a PS below
//! the signature. So what it takes away must have been said before, or be what programs write: who wrote and when, the
//! fields of a header, a warning, a name and a telephone number. Never fails; when unsure, the words are somebody's.

mod signing;

use std::collections::HashSet;

use signing::{is_in_first_person, is_sent_from, sentences, sentences_of};

use super::quote::Said;
use crate::mail::Incoming;
use crate::mail::languages::{Label, WORDS};
use crate::mail::marks::{
    has_bracketed_address, has_clock, introduces, is_date, is_original_mark, is_rule, is_titled_rule, label,
    letters_before, opens,
};
use crate::mail::reply::{NewText, Torn};

/// So many new words beside one another are somebody's; fewer are what a program changed, or a value.
const FEW: usize = 3;
/// So many words in a row are known again wherever they stand.
const KNOWN: usize = 5;
/// Lines that "On … wrote:" is wrapped over.
const HEAD_LINES: usize = 4;
/// New words in "On … wrote:": with an address or a time of day it may be a long name; with a day alone, and with nothing
/// of that, hardly more than a name.
const LONG_HEAD: usize = 14;
const DATED_HEAD: usize = 7;
const SHORT_HEAD: usize = 4;
/// Words of a name or a list of names in a header's field.
const FIELD: usize = 12;
/// What a mail server's warning speaks of; one speaks of two of these.
const WARNED_OF: [&str; 22] = [
    "mail",
    "click",
    "link",
    "attach",
    "sender",
    "klick",
    "anhäng",
    "anhang",
    "absender",
    "extern",
    "clique",
    "lien",
    "pièce",
    "expéditeur",
    "enlace",
    "adjunto",
    "remitente",
    "anexo",
    "allegat",
    "mittente",
    "bijlage",
    "afzender",
];
/// Lines that no copy has: of the marked quote and its heads, and of what only another version quotes.
#[must_use]
pub fn omitted(message: &Incoming, said: &Said) -> String {
    let text = &message.text;
    // What stands without a mark below an old message is looked at line by line (`Quote::left_out`).
    // And what a copy shows between the answers is not left out of it (`invented`).
    let elsewhere: HashSet<&str> =
        text.unmarked.lines().chain(text.reply.lines().filter(|line| line.starts_with('>'))).map(str::trim).collect();
    let lines: Vec<&str> =
        text.quoted.lines().filter(|line| line.trim().is_empty() || !elsewhere.contains(line.trim())).collect();
    let mut found = new_lines(&lines, said);
    found.extend(new_lines(&message.elsewhere.quoted.lines().collect::<Vec<_>>(), said));
    found.extend(coloured(message, said));
    found.join("\n")
}

/// Answers in a colour of their own, however short: what the quoted message held goes on with the line above, or is long enough
/// to be known.
fn coloured<'a>(message: &'a Incoming, said: &Said) -> Vec<&'a str> {
    let is_said = |torn: &Torn| {
        let is_long = torn.rest.split_whitespace().count() >= KNOWN;
        said.goes_on(&torn.above, &torn.rest) || (is_long && said.unknown(&torn.rest).is_empty())
    };
    let is_programs = |line: &str| {
        let lower = line.to_lowercase();
        introduces(&lower, 1).is_some()
            || has_bracketed_address(line)
            || label(line).is_some()
            || is_original_mark(line)
    };
    let is_kept = |words: &str| message.text.reply.lines().any(|line| !line.starts_with('>') && line.contains(words));
    let all = message.text.coloured.iter().chain(&message.elsewhere.coloured);
    let answers = all.filter(|torn| !is_said(torn) && !is_programs(&torn.rest) && !is_kept(&torn.rest));
    answers.map(|torn| torn.rest.as_str()).collect()
}

/// The sentences of the signature, which no copy has either.
#[must_use]
pub fn signed(text: &NewText, said: &Said) -> String {
    sentences(&text.signature, said).join("\n")
}

/// Lines between the answers that a copy would show as somebody's words.
#[must_use]
pub fn invented(text: &NewText, said: &Said) -> String {
    let is_marked = |line: &&str| line.starts_with('>');
    let lines: Vec<&str> = text.reply.lines().map(|line| if is_marked(&line) { line } else { "" }).collect();
    new_lines(&lines, said).join("\n")
}

/// Lines of a quote with words that are new, apart from what programs write.
fn new_lines<'a>(lines: &[&'a str], said: &Said) -> Vec<&'a str> {
    let bare: Vec<&str> = lines.iter().map(|line| without_marks(line)).collect();
    let mut found = Vec::new();
    let mut at = 0;
    while at < bare.len() {
        if let Some(end) = program_end(&bare, at, said) {
            at = end;
        } else if matches!(bare[at], "--" | "-- ") {
            // Of a quoted signature, as of her own.
            let end = (at + 1..bare.len()).find(|&n| program_end(&bare, n, said).is_some()).unwrap_or(bare.len());
            found.extend(sentences_of(&bare[at + 1..end], said));
            at = end;
        } else {
            let ends = |n: &usize| matches!(bare[*n], "--" | "-- ") || program_end(&bare, *n, said).is_some();
            let end = (at + 1..bare.len()).find(ends).unwrap_or(bare.len());
            found.extend(somebodys(&lines[at..end], &bare[at..end], said));
            at = end;
        }
    }
    found
}

/// Lines with new words that, beside one another, are more than a few.
fn somebodys<'a>(lines: &[&'a str], bare: &[&str], said: &Said) -> Vec<&'a str> {
    let new = said.new_words(bare);
    let mut found = Vec::new();
    let (mut beside, mut count) = (Vec::new(), 0);
    for ((line, bare), new) in lines.iter().zip(bare).zip(new) {
        if new > 0 {
            beside.push(*line);
            // No program puts that into a line.
            count += if new >= 2 && is_in_first_person(bare) { FEW } else { new };
        } else if !bare.is_empty() {
            if count >= FEW {
                found.append(&mut beside);
            }
            beside.clear();
            count = 0;
        }
    }
    if count >= FEW {
        found.append(&mut beside);
    }
    found
}

/// Where what a program wrote at this line ends.
fn program_end(bare: &[&str], at: usize, said: &Said) -> Option<usize> {
    let line = bare[at];
    if line.is_empty() {
        return None;
    }
    head_end(bare, at, said).or_else(|| block_end(bare, at, said)).or_else(|| warning_end(bare, at)).or_else(|| {
        let is_short = said.new_words(&[line])[0] <= SHORT_HEAD;
        let is_title = is_rule(line) || (is_short && (is_original_mark(line) || is_titled_rule(line)));
        let is_time = is_short && is_date(line) && has_clock(line);
        (is_title || is_time || is_placeholder(line) || is_sent_from(line)).then_some(at + 1)
    })
}

/// Where "On … wrote:" ends, if no more than names and a time stand in it.
fn head_end(bare: &[&str], at: usize, said: &Said) -> Option<usize> {
    let mut joined = String::new();
    let mut lines = Vec::new();
    for (n, line) in bare.iter().enumerate().skip(at).take(HEAD_LINES + 1) {
        if line.is_empty() && lines.len() == 1 {
            continue;
        }
        if line.is_empty() || lines.len() == HEAD_LINES || line.len() > 400 {
            return None;
        }
        joined = format!("{joined} {line}").trim().to_lowercase();
        lines.push(*line);
        let new = || said.new_words(&lines).into_iter().sum::<usize>();
        let is_alone = lines.len() == 1 && (has_bracketed_address(&joined) || joined.ends_with([':', '：']));
        if is_alone || introduces(&joined, lines.len()).is_some() {
            let is_head = !begins_below(&lines) && new() <= most_in_head(&joined);
            return is_head.then_some(n + 1);
        }
    }
    None
}

/// "Only if she agrees" above "On Monday Kit wrote:" is no part of it.
fn begins_below(lines: &[&str]) -> bool {
    (1..lines.len()).any(|from| {
        let rest = lines[from..].join(" ").to_lowercase();
        let begins = opens(&rest) && !rest.starts_with(char::is_numeric) && rest.split_whitespace().count() > 2;
        begins && introduces(&rest, lines.len() - from).is_some()
    })
}

/// How many new words "On … wrote:" may have, in lower case. "On Sunday at 23:10 I wrote:" begins a diary.
fn most_in_head(joined: &str) -> usize {
    let (has_time, has_day) = (has_clock(joined), is_date(joined));
    match (has_bracketed_address(joined), is_in_first_person(joined)) {
        (true, _) => LONG_HEAD,
        (false, true) if has_time && has_day => DATED_HEAD,
        (false, true) => 0,
        (false, false) if has_time => LONG_HEAD,
        (false, false) if has_day => DATED_HEAD,
        (false, false) => SHORT_HEAD,
    }
}

/// Where the fields of a header block end: two or more.
fn block_end(bare: &[&str], at: usize, said: &Said) -> Option<usize> {
    label(bare[at])?;
    let mut fields = 0;
    let mut end = at;
    for line in &bare[at..] {
        let Some(field) = label(line) else {
            // A long list of recipients goes on below its label.
            if fields > 0 && line.contains(['@', ';']) && said.new_words(&[line])[0] <= FIELD {
                end += 1;
                continue;
            }
            break;
        };
        let value = line.split_once([':', '：']).map_or("", |(_, value)| value);
        let most = if field == Label::Subject { FEW - 1 } else { FIELD };
        if said.new_words(&[value])[0] > most {
            break;
        }
        fields += 1;
        end += 1;
    }
    (fields >= 2).then_some(end)
}

/// Where a mail server's warning ends: it begins like one and speaks of what such warnings speak of.
fn warning_end(bare: &[&str], at: usize) -> Option<usize> {
    let start = bare[at].to_lowercase();
    let start = start.trim_start_matches(['*', '[', ' ', '!', '⚠', '\u{fe0f}', '#', '-', '=']);
    if !WORDS.banner_begins.iter().any(|word| start.starts_with(word.as_str())) {
        return None;
    }
    let end = (at..bare.len()).take(10).find(|&n| bare[n].is_empty()).unwrap_or((at + 10).min(bare.len()));
    let words = bare[at..end].join(" ").to_lowercase();
    let spoken_of = WARNED_OF.iter().filter(|word| words.contains(*word)).count();
    let is_warning = words.len() < 600 && WORDS.banners.iter().any(|banner| words.contains(banner.as_str()));
    (spoken_of >= 2 && is_warning).then_some(end)
}

/// What a program puts in the place of a picture or a file: "[image: cat.jpg]".
fn is_placeholder(line: &str) -> bool {
    let inner = line.strip_prefix(['[', '<']).and_then(|line| line.strip_suffix([']', '>']));
    let is_file = |word: &str| word.rsplit_once('.').is_some_and(|(_, end)| (2..=5).contains(&end.len()));
    inner.is_some_and(|inner| {
        let names = inner.starts_with("image") || inner.starts_with("cid:") || inner.split_whitespace().any(is_file);
        names && inner.split_whitespace().count() <= 4
    })
}

/// A line without its quote marks, spaces and emphasis.
fn without_marks(line: &str) -> &str {
    let mut rest = line.trim();
    loop {
        let before = letters_before(rest).map_or(0, str::len);
        match rest[before..].strip_prefix('>') {
            Some(behind) => rest = behind.trim_start(),
            None => return rest,
        }
    }
}
