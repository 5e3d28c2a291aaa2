//! What stands around an author's words: footers of programs and lists, warnings, signatures, disclaimers.

use super::super::languages::{LANGUAGES, WORDS, Words};
use super::super::phrases::WIDE;
use super::super::structure::{NOT_SAID, SIGNATURE, SIGNATURE_ENDS};
use super::{OWN_FOOTER, Place, Text};

/// What a mail server's longer warning speaks of, in the languages of its words.
const BANNER_ADVICE: [&str; 22] = [
    "click",
    "link",
    "attachment",
    "sender",
    "klick",
    "anhäng",
    "anhang",
    "absender",
    "clique",
    "lien",
    "pièce",
    "expéditeur",
    "enlace",
    "adjunto",
    "remitente",
    "anexo",
    "remetente",
    "allegat",
    "mittente",
    "bijlage",
    "afzender",
    "вложени",
];
/// What each warning speaks of, and hardly anybody who writes of herself.
const BANNER_NOUNS: [&str; 27] = [
    "mail",
    "message",
    "sender",
    "organi",
    "nachricht",
    "absender",
    "expéditeur",
    "courriel",
    "remitente",
    "mensaje",
    "correo",
    "remetente",
    "mensagem",
    "mittente",
    "messaggio",
    "bericht",
    "afzender",
    "avsändare",
    "avsender",
    "afsender",
    "отправител",
    "письмо",
    "e-post",
    "メール",
    "邮件",
    "郵件",
    "메일",
];
/// What stands in a footer of ours, where it does not say why moderators and administrators get a notice.
const OWN_ADDRESSES: [&str; 2] = ["-owner@", "-leave@"];
/// A longer "signature" may be text.
const MAX_SIGNATURE_LINES: usize = 12;
/// A longer "footer" may be text.
const MAX_FOOTER_LINES: usize = 10;
/// Lines below dashes that are no delimiter (RFC 3676 has a space behind them).
const FEW_SIGNATURE_LINES: usize = 4;
/// Words in a sentence; a line of a signature has fewer.
const SENTENCE: usize = 5;

/// Our footer to the end of its last paragraph; the same line in a person's letter takes no words away.
pub(super) fn own_footer(text: &mut Text<'_>) {
    for at in 0..text.lines.len() {
        if !text.is_new(at) || text.lines[at].trim() != OWN_FOOTER {
            continue;
        }
        let below = at + 1..text.lines.len().min(at + 1 + MAX_FOOTER_LINES);
        let says = || OWN_ADDRESSES.into_iter().chain(WORDS.own_footer.iter().map(String::as_str));
        let is_ours = |n: &usize| {
            let line = text.lines[*n].to_lowercase();
            says().any(|words| line.contains(words))
        };
        if let Some(last) = below.rev().find(is_ours) {
            let end = (last..text.lines.len()).find(|&n| text.is_blank(n)).unwrap_or(text.lines.len());
            text.mark(at, end, Place::Quoted);
        }
    }
}

/// What a mailing list puts below a long line: a paragraph with a link or an address, and a word that says what it is.
pub(super) fn list_footer(text: &mut Text<'_>) {
    for at in 0..text.lines.len() {
        let line = text.lines[at].trim();
        if !text.is_new(at) || line.len() < 10 || !line.chars().all(|c| c == '_') {
            continue;
        }
        let limit = (at + 2 + MAX_FOOTER_LINES).min(text.lines.len() + 1);
        let Some(end) = (at + 1..limit).find(|&n| !text.is_new(n) || text.is_blank(n)) else { continue };
        let below = text.lines[at + 1..end].join(" ").to_lowercase();
        let leads = below.contains("http") || below.contains('@');
        if leads && ["mailing list", "unsubscribe", "listinfo"].iter().any(|word| below.contains(word)) {
            text.mark(at, end, Place::Quoted);
        }
    }
}

/// A mail server's warning in the first paragraph.
pub(super) fn banner(text: &mut Text<'_>) {
    let Some(start) = text.next_filled(0) else { return };
    if let Some(end) = banner_end(text, start) {
        text.mark(start, end, Place::Quoted);
    }
}

/// Where the paragraph that begins at `start` ends, if it is such a warning.
pub(super) fn banner_end(text: &Text<'_>, start: usize) -> Option<usize> {
    let end = (start..text.lines.len()).find(|&n| text.is_blank(n)).unwrap_or(text.lines.len());
    let words = text.lines[start..end].join(" ").to_lowercase();
    let start = words.trim_start_matches(['*', '[', ' ', '!', '⚠', '\u{fe0f}', '#', '-', '=']);
    let begins = |language: &&Words| language.banner_begins.iter().any(|word| start.starts_with(word.as_str()));
    let mut languages = LANGUAGES.iter().filter(begins).peekable();
    // Nobody speaks in it: "Achtung, lang. Ich schreibe von außerhalb" is a person's.
    let is_nobodys = languages.peek().is_some() && languages.all(|language| !language.speaks_of_oneself(&words));
    // "[EXTERNAL]" alone.
    let is_label = words.split_whitespace().count() <= 2;
    // A long one tells what not to do; a short one only where the message came from.
    let advises = BANNER_ADVICE.iter().any(|word| words.contains(word));
    (is_nobodys
        && words.len() < 600
        && (BANNER_NOUNS.iter().any(|noun| words.contains(noun)) || is_label)
        && (advises || words.chars().count() < 90)
        && WORDS.banners.iter().any(|banner| words.contains(banner.as_str())))
    .then_some(end)
}

/// RFC 3676 §4.3: "-- " begins the signature; a long one may be text, and so is prose below an empty line.
pub(super) fn signatures(text: &mut Text<'_>) {
    // With nothing above it, it is no signature but the whole message.
    let (mut end, mut is_below) = (0, false);
    for at in 0..text.lines.len() {
        end = if at < end { end } else { text.run_end(at) };
        let is_new = text.is_new(at);
        let stop = match text.lines[at] {
            _ if !(is_new && is_below) => None,
            "-- " => Some(prose_begins(text, at + 1, end)),
            // People draw a line with these, too.
            line if matches!(line.trim_end(), "--" | "__") => is_card(text, at + 1, end).then_some(end),
            _ => None,
        };
        if let Some(stop) = stop.filter(|stop| text.filled(at + 1, *stop, MAX_SIGNATURE_LINES)) {
            text.mark(at, at + 1, Place::Delimiter);
            text.mark(at + 1, stop, Place::Signature);
        }
        is_below |= is_new && !text.is_blank(at);
    }
}

/// What a program says by an element to be a signature.
pub(super) fn told_signatures(text: &mut Text<'_>) {
    let is = |line: &str, wanted: &str| line.strip_prefix(NOT_SAID).is_some_and(|rest| rest.trim() == wanted);
    let (mut begin, mut is_below, mut said) = (None, false, false);
    for at in 0..text.lines.len() {
        let (line, ends) = (text.lines[at], is(text.lines[at], SIGNATURE_ENDS));
        if is(line, SIGNATURE) {
            (begin, is_below) = (Some(at + 1), said);
        } else if let Some(from) = begin.filter(|_| ends) {
            if is_below && text.filled(from, at, MAX_SIGNATURE_LINES) {
                let typed = (from..at).find(|&n| !text.is_blank(n)).filter(|&n| text.lines[n].trim() == "--");
                typed.into_iter().for_each(|n| text.mark(n, n + 1, Place::Delimiter));
                text.mark(from, at, Place::Signature);
            }
            begin = None;
        } else if !text.is_blank(at) && begin.is_none() {
            said = true;
            continue;
        } else {
            continue;
        }
        text.mark(at, at + 1, Place::Delimiter);
    }
}

/// Where, below an empty line, somebody goes on writing.
fn prose_begins(text: &Text<'_>, from: usize, run_end: usize) -> usize {
    let end = run_end.min(from + 3 * MAX_SIGNATURE_LINES);
    let begins = |&at: &usize| at > from && text.is_blank(at - 1) && !text.is_blank(at);
    let is_prose = |&at: &usize| {
        let paragraph = (at..end).take_while(|&n| !text.is_blank(n)).map(|n| text.lines[n]);
        paragraph.clone().any(reads_as_prose)
    };
    let first = (from..end).find(|&n| !text.is_blank(n)).unwrap_or(end);
    let prose = (first + 1..end).filter(begins).find(is_prose);
    // The empty line above it stays with it.
    prose.map_or(run_end, |at| (from..at).rev().find(|&n| !text.is_blank(n)).map_or(at, |n| n + 1))
}

/// A few lines without a sentence.
fn is_card(text: &Text<'_>, from: usize, end: usize) -> bool {
    text.filled(from, end, FEW_SIGNATURE_LINES) && !(from..end).any(|n| reads_as_prose(text.lines[n]))
}

/// A line that says something: several words that no name begins with, or a postscript.
fn reads_as_prose(line: &str) -> bool {
    let lower = line.trim().to_lowercase();
    if ["ps", "p.s", "p. s", "pps", "nb"].iter().any(|begin| {
        lower.strip_prefix(begin).is_some_and(|rest| !rest.starts_with(char::is_alphanumeric) && !rest.is_empty())
    }) {
        return true;
    }
    if lower.contains("://") || lower.contains('@') {
        return false;
    }
    // A sign that stands for a word, and a word in a script without capitals.
    let wide = line.chars().filter(|c| *c >= WIDE && c.is_alphabetic()).count();
    let small = line.split_whitespace().filter(|word| {
        let first = word.chars().find(|c| c.is_alphanumeric());
        first.is_some_and(|c| c.is_alphabetic() && !c.is_uppercase() && c < WIDE)
    });
    wide >= 2 * SENTENCE || (line.split_whitespace().count() >= SENTENCE && small.count() * 2 >= SENTENCE)
}
