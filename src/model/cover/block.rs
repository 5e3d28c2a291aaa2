//! A block of contact details at the very end of a text: name, firm, title, street and number in short lines. A sentence of
//! the author's is never part of one.

use std::ops::Range;

use super::Identifying::{Account, EmailAddress, Link, PhoneNumber, RosterAddress, Signature, StreetAddress};
use super::look::Look;
use super::places::Found;
use crate::model::privacy::folded::words;
use crate::model::words::fold;

/// Lines of a block, words of a line, characters of a line.
const LINES: usize = 8;
const WORDS: usize = 6;
const LONGEST: usize = 70;

/// Small words in names, titles and firms.
const SMALL: [&str; 26] = [
    "of", "for", "and", "the", "at", "in", "de", "del", "la", "las", "los", "y", "e", "en", "von", "van", "der", "den",
    "fur", "und", "im", "du", "des", "et", "le", "&",
];
/// Words before a detail.
const LABELS: [&str; 40] = [
    "tel",
    "telephone",
    "phone",
    "p",
    "t",
    "m",
    "c",
    "f",
    "e",
    "w",
    "mobile",
    "cell",
    "fax",
    "office",
    "direct",
    "home",
    "work",
    "email",
    "mail",
    "web",
    "website",
    "www",
    "telefon",
    "mobil",
    "handy",
    "buro",
    "telefono",
    "movil",
    "correo",
    "fijo",
    "portable",
    "bureau",
    "fixe",
    "courriel",
    "instagram",
    "facebook",
    "linkedin",
    "twitter",
    "skype",
    "address",
];
/// First words of a line that says goodbye.
#[rustfmt::skip]
const GOODBYES: [&str; 47] = [
    "love", "best", "kind", "kindest", "warm", "warmest", "regards", "sincerely", "thanks", "thank", "many", "take", "yours", "hugs", "with", "all", "blessings",
    "peace", "cheers", "god", "see", "until", "good", "saludos", "abrazos", "abrazo", "un", "besos", "atentamente", "gracias", "con", "mit", "viele", "liebe", "lieben",
    "herzliche", "beste", "bis", "gruss", "grusse", "danke", "cordialement", "bien", "amities", "bises", "bisous", "merci",
];

/// What somebody is at work; the other words of such a line may be small.
#[rustfmt::skip]
const TITLES: [&str; 36] = [
    "director", "directora", "manager", "engineer", "teacher", "consultant", "assistant", "coordinator", "accountant", "attorney", "president", "owner", "founder",
    "analyst", "designer", "supervisor", "secretary", "agent", "broker", "realtor", "editor", "professor", "gerente", "ingeniero", "ingeniera", "abogado", "abogada",
    "profesor", "profesora", "geschaftsfuhrer", "geschaftsfuhrerin", "leiter", "leiterin", "directeur", "directrice", "ingenieur",
];

#[derive(Debug, PartialEq, Eq)]
enum Line {
    Blank,
    /// A number, an address or the like, and nothing else.
    Detail,
    /// Words with capitals: a name, a title, a firm.
    Name,
    /// Anything else.
    Words,
}

pub(super) fn find(look: &Look<'_>, found: &mut Vec<Found>) {
    let mut details: Vec<Range<usize>> = found
        .iter()
        .filter(|found| {
            matches!(found.what, Some(Account | EmailAddress | Link | PhoneNumber | RosterAddress | StreetAddress))
        })
        .map(|found| found.place.clone())
        .collect();
    if details.is_empty() {
        return;
    }
    details.sort_by_key(|detail| detail.start);
    let end = look.text.trim_end().len();
    let (mut at, mut has_detail) = (end, false);
    // Lines from below, with what they are.
    let mut lines: Vec<(Range<usize>, Line)> = Vec::new();
    while lines.len() < LINES {
        let start = look.text[..at].rfind('\n').map_or(0, |at| at + 1);
        let kind = kind(look, start..at, &details);
        let is_named = lines.last().is_some_and(|(_, line)| *line == Line::Name);
        if kind == Line::Words
            || (kind == Line::Blank && (is_named || lines.iter().any(|(_, line)| *line == Line::Blank)))
        {
            break;
        }
        has_detail |= kind == Line::Detail;
        lines.push((start..at, kind));
        if start == 0 {
            break;
        }
        at = start - 1;
    }
    // Whoever says goodbye, and by which name members know her, stays.
    while lines.last().is_some_and(|(place, line)| *line != Line::Name || is_said(look, place.clone())) {
        lines.pop();
    }
    if let (true, true, Some((first, _))) = (has_detail, lines.len() > 1, lines.last()) {
        let start = first.start + look.text[first.clone()].len() - look.text[first.clone()].trim_start().len();
        found.push(Found::new(start..end, Signature));
    }
}

/// "Love", "Kit".
fn is_said(look: &Look<'_>, line: Range<usize>) -> bool {
    let folded = fold(look.text[line].trim());
    let all: Vec<&str> = words(&folded).map(|(_, word)| word).collect();
    all.len() < 2 || GOODBYES.contains(&all[0]) || look.roster.is_seen(&all.join(" "))
}

fn kind(look: &Look<'_>, place: Range<usize>, details: &[Range<usize>]) -> Line {
    let line = &look.text[place.clone()];
    if line.trim().is_empty() {
        return Line::Blank;
    }
    if line.trim().chars().count() > LONGEST + 50 {
        return Line::Words;
    }
    // Details are in order, so those of this line stand side by side.
    let first = details.partition_point(|detail| detail.end <= place.start);
    let inside: Vec<&Range<usize>> = details[first..].iter().take_while(|detail| detail.start < place.end).collect();
    if !inside.is_empty() {
        return if is_detail(look, place, &inside) { Line::Detail } else { Line::Words };
    }
    if is_name(line.trim()) { Line::Name } else { Line::Words }
}

/// Whether a line has nothing but details and words such as "phone" before them.
fn is_detail(look: &Look<'_>, place: Range<usize>, inside: &[&Range<usize>]) -> bool {
    let (mut rest, mut at) = (String::new(), place.start);
    for detail in inside {
        rest.push_str(&look.text[at..detail.start.clamp(at, place.end)]);
        rest.push(' ');
        at = detail.end.clamp(at, place.end);
    }
    rest.push_str(&look.text[at..place.end]);
    let is_label = |word: &str| LABELS.contains(&word) || word.chars().all(|c| c.is_ascii_digit());
    words(&fold(&rest)).all(|(_, word)| is_label(word))
}

fn is_name(line: &str) -> bool {
    let firms = ["Inc.", "Ltd.", "Co.", "Corp.", "S.A.", "S.L.", "Jr.", "Sr.", "Ph.D.", "M.D.", "e.V."];
    let is_sentence =
        line.ends_with(['.', '!', '?', ',', ':', ';', '…']) && !firms.iter().any(|firm| line.ends_with(firm));
    let all: Vec<&str> =
        line.split(|c: char| c.is_whitespace() || c == ',' || c == '|').filter(|word| !word.is_empty()).collect();
    let is_large = |word: &&str| word.starts_with(char::is_uppercase) || SMALL.contains(&word.to_lowercase().as_str());
    let is_plain =
        !line.contains(|c: char| c.is_ascii_digit() || c == '[' || c == '>') && line.chars().count() <= LONGEST;
    let begins = all.first().is_some_and(|first| first.starts_with(char::is_uppercase));
    let speaks = all.iter().any(|word| matches!(*word, "I" | "I'm" | "I’m" | "My" | "Ich" | "Yo" | "Je"));
    let is_title = all.iter().any(|word| TITLES.contains(&fold(word).as_str())) && all.len() < WORDS;
    begins && !is_sentence && is_plain && !speaks && all.len() <= WORDS && (is_title || all.iter().all(is_large))
}
