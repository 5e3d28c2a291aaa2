//! What stands around an author's words: footers of programs and lists, warnings, signatures, disclaimers.

use super::super::languages::{APP_LINKS, DEVICES, WORDS};
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
/// What stands in a footer of ours: an address of the group, or why moderators and administrators get a notice.
const OWN_FOOTER_SAYS: [&str; 3] = ["-owner@", "-leave@", "you get this e-mail because you look after"];
/// A longer "signature" may be text.
const MAX_SIGNATURE_LINES: usize = 12;
/// A longer "footer" may be text.
const MAX_FOOTER_LINES: usize = 10;
/// A longer notice of confidentiality may be text.
const MAX_DISCLAIMER_LINES: usize = 12;

/// Our footer to the end of its last paragraph; the same line in a person's letter takes no words away.
pub(super) fn own_footer(text: &mut Text<'_>) {
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
        if leads && ["mailing list", "unsubscribe", "listinfo", "http"].iter().any(|word| below.contains(word)) {
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
    let begins = WORDS.banner_begins.iter().any(|word| start.starts_with(word.as_str()));
    // A long one tells what not to do; a short one only where the message came from.
    let advises = BANNER_ADVICE.iter().any(|word| words.contains(word));
    (begins
        && words.len() < 600
        && (advises || words.chars().count() < 90)
        && WORDS.banners.iter().any(|banner| words.contains(banner.as_str())))
    .then_some(end)
}

/// RFC 3676 §4.3: "-- " begins the signature; a long one may be text.
pub(super) fn signatures(text: &mut Text<'_>) {
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
pub(super) fn sent_from(text: &mut Text<'_>) {
    for at in 0..text.lines.len() {
        // Nothing follows it in its paragraph.
        let is_last = text.is_blank(at + 1) || !text.is_unmarked(at + 1);
        if text.is_unmarked(at) && is_last && is_programs_line(text.lines[at]) {
            text.mark(at, at + 1, Place::Signature);
        } else if text.is_unmarked(at)
            && text.lines.get(at + 1).is_some_and(|line| is_advertisement(line))
            && is_programs_line(text.lines[at])
        {
            text.mark(at, at + 2, Place::Signature);
        }
    }
}

/// Below a telephone's line: whose network it was.
fn is_advertisement(line: &str) -> bool {
    line.trim().to_lowercase().starts_with("powered by ")
}

/// The line by which a telephone or a mail program tells what it is. It names a device or a program: "Sent from my hospital
/// bed" is a person's.
fn is_programs_line(line: &str) -> bool {
    let line = line.trim().trim_start_matches(['-', '*', '_', '(', '[', ' ']);
    if line.is_empty() || line.len() > 400 {
        return false;
    }
    // The link behind the program's name says nothing, but for where it leads.
    let (words, link) = line.split_once('<').unwrap_or((line, ""));
    let lower = words.trim_end_matches([' ', '.', ']', ')', '*', '_', '。']).to_lowercase();
    // A sentence goes on behind a comma.
    let is_sentence = lower.contains([',', '?', '!', ';', '。']) || lower.split_whitespace().count() > 13;
    if is_sentence || lower.chars().count() > 90 {
        return false;
    }
    let begins = WORDS.sent_begins.iter().any(|words| lower.starts_with(words.as_str()));
    let ends = WORDS.sent_ends.iter().any(|words| lower.ends_with(words.as_str()));
    if !begins && !ends && link.is_empty() {
        return false;
    }
    let is_app = APP_LINKS.iter().any(|host| link.contains(host));
    let leads_on = link.starts_with("http");
    let names = is_app || leads_on || has_model(words) || DEVICES.iter().any(|device| lower.contains(device));
    names && (begins || ends || is_app)
}

/// A name that no dictionary has: capitals inside, or capitals and digits, as in "TypeApp" and "SM-G930F".
fn has_model(words: &str) -> bool {
    words.split_whitespace().any(|word| {
        let inner = word.chars().skip(1).filter(|c| c.is_uppercase()).count();
        let (first, digits) = (word.starts_with(char::is_uppercase), word.contains(|c: char| c.is_ascii_digit()));
        (inner >= 1 || (digits && first)) && !word.contains([':', '.', '@'])
    })
}

/// A notice of confidentiality: its paragraph.
pub(super) fn disclaimer(text: &mut Text<'_>) {
    for at in 0..text.lines.len() {
        let line = text.lines[at].trim().trim_start_matches(['*', '_', ' ']);
        let begins = at == 0 || text.is_blank(at - 1) || !text.is_unmarked(at - 1);
        if !begins || !text.is_unmarked(at) || line.len() < 10 {
            continue;
        }
        let lower = line.chars().take(80).flat_map(char::to_lowercase).collect::<String>();
        if WORDS.disclaimers.iter().any(|words| lower.starts_with(words.as_str())) {
            let limit = at + MAX_DISCLAIMER_LINES;
            let end = (at..limit).find(|&n| text.is_blank(n)).unwrap_or(limit);
            let words = text.lines[at..end.min(text.lines.len())].join(" ").to_lowercase();
            // A person may ask that what she says be confidential; a lawyer says more, and at length.
            let legal = WORDS.confidential.iter().filter(|word| words.contains(word.as_str())).count();
            if legal >= 2 || (legal == 1 && words.chars().count() >= 200) {
                text.mark(at, end, Place::Signature);
            }
        }
    }
}
