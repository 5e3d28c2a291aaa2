//! Names of accounts elsewhere: "@kit_summer", "my instagram is kit.summer", "kitten#4821". "@Kit" is somebody here, and
//! "@home" a place.

use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;

use super::Identifying::Account;
use super::look::{Look, overlap};
use super::places::Found;
use crate::model::privacy::everyday::is_everyday_anywhere;

const SERVICES: &str = "instagram|insta|ig|facebook|fb|messenger|twitter|tik ?tok|snapchat|snap|discord|whats ?app|telegram|skype|mastodon|bluesky|linkedin|youtube|\
reddit|kik|wechat|viber|pinterest|signal|threads|twitch|xbox|psn|playstation|steam|venmo|paypal|cash ?app|zelle|facetime|imessage|line";
const NOUNS: &str = "name|handle|account|user ?name|user|id|profile|page|konto|profil|cuenta|nombre|nom|usuario|perfil|compte|pseudo|nick(?:name)?|tag";
/// What a handle is made of.
const HANDLE: &str = r"[\pL\pN_][\pL\pN_.#-]{1,40}";

/// Octets around a handle in which a service is named.
const NEAR: usize = 45;

struct Patterns {
    at: Regex,
    service: Regex,
    /// A service, what leads to the name, and the name with two words behind it.
    named: Regex,
    /// "u/kitsummer", "kitten#4821".
    alone: Regex,
    handle: Regex,
}

#[allow(clippy::unwrap_used, reason = "the patterns are constants that a test compiles")]
static PATTERNS: LazyLock<Patterns> = LazyLock::new(|| {
    let leads = r"(?<lead>\s*[:=]|\s+(?:is|as|als|ist|es|est|como|under|unter|soy|am|comme|sous|i am|i'm|bin ich|je suis|me llamo|called))";
    Patterns {
        at: Regex::new(r"@(?<h>[\pL\pN_](?:[\pL\pN_.-]{0,40}[\pL\pN_])?)").unwrap(),
        service: Regex::new(&format!(r"(?-u:\b)(?:{SERVICES})(?-u:\b)")).unwrap(),
        named: Regex::new(&format!(
            r"(?-u:\b)(?:{SERVICES})(?:\s+(?<noun>{NOUNS}))?(?:{leads})?\s*(?<h>{HANDLE})(?<more>(?:[ ][\pL'-]+){{0,2}})"
        ))
        .unwrap(),
        alone: Regex::new(r"(?-u:\b)u/[a-z0-9_-]{3,30}|[\pL_][\pL\pN_.]{1,31}#\d{4}(?-u:\b)").unwrap(),
        handle: Regex::new(HANDLE).unwrap(),
    }
});

pub(super) fn find(look: &Look<'_>, links: &[Range<usize>], found: &mut Vec<Found>) {
    let text = look.folded.text.as_str();
    let services: Vec<Range<usize>> = PATTERNS.service.find_iter(text).map(|service| service.range()).collect();
    let mut places = Vec::new();
    if look.signs.at {
        at_signs(look, &services, &mut places);
    }
    if look.signs.joint {
        let alone = PATTERNS.alone.find_iter(text).filter(|alone| !text[..alone.start()].ends_with(['/', '.', '&']));
        places.extend(alone.map(|alone| alone.range()));
    }
    if !services.is_empty() {
        behind_services(look, &services, &mut places);
    }
    let places = places.into_iter().map(|place| look.folded.range(place));
    let new = places.filter(|place| !links.iter().any(|link| overlap(link, place)));
    found.extend(new.map(|place| Found::new(place, Account)));
}

fn at_signs(look: &Look<'_>, services: &[Range<usize>], places: &mut Vec<Range<usize>>) {
    let text = look.folded.text.as_str();
    for captured in PATTERNS.at.captures_iter(text) {
        let (Some(whole), Some(handle)) = (captured.get(0), captured.name("h")) else { continue };
        let is_inside = text[..whole.start()].ends_with(|c: char| c.is_alphanumeric() || "._+-@".contains(c));
        let is_near = is_near(text, services, &whole.range());
        let word = handle.as_str();
        let is_time = word.starts_with(|c: char| c.is_ascii_digit());
        let is_common = || look.roster.is_seen(word) || is_everyday_anywhere(word);
        if !is_inside && !is_time && (is_near || !is_common()) {
            places.push(whole.range());
        }
    }
}

/// Whether a service is named in the same sentence, close by.
fn is_near(text: &str, services: &[Range<usize>], place: &Range<usize>) -> bool {
    let first = services.partition_point(|service| service.end + NEAR < place.start);
    let mut near = services[first..].iter().take_while(|service| service.start < place.end + NEAR);
    near.any(|service| {
        let between =
            if service.end <= place.start { service.end..place.start } else { place.end..service.start.max(place.end) };
        !text[between].contains(['!', '?', '\n', ';'])
    })
}

fn behind_services(look: &Look<'_>, services: &[Range<usize>], places: &mut Vec<Range<usize>>) {
    let text = look.folded.text.as_str();
    let mut at = 0;
    while let Some(captured) = PATTERNS.named.captures_at(text, at) {
        let (Some(whole), Some(handle), Some(more)) = (captured.get(0), captured.name("h"), captured.name("more"))
        else {
            break;
        };
        at = handle.start().max(whole.start() + 1);
        let lead = captured.name("lead").map(|lead| lead.as_str().trim());
        let names_it = captured.name("noun").is_some() || lead.is_some_and(|lead| matches!(lead, ":" | "="));
        places.extend(named(look, handle.range(), more.range(), lead, names_it));
    }
    for service in services {
        let (start, end) = around(text, service);
        // "Add me on snapchat, kitty_22."
        let behind = text[service.end..end].split(['!', '?', '\n', ';']).next().unwrap_or_default();
        handles(text, service.end, behind, false, places);
        // "My handle is kit_s on insta": what is before may be anything, so only a plain one counts.
        let before = text[start..service.start].rsplit(['!', '?', '\n', ';']).next().unwrap_or_default();
        handles(text, service.start - before.len(), before, true, places);
    }
}

/// The place of a service with some octets on both sides.
fn around(text: &str, service: &Range<usize>) -> (usize, usize) {
    let start = service.start.saturating_sub(NEAR);
    let start = (start..=service.start).find(|at| text.is_char_boundary(*at)).unwrap_or(service.start);
    let end = text.len().min(service.end + NEAR);
    let end = (service.end..=end).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(service.end);
    (start, end)
}

fn handles(text: &str, at: usize, part: &str, only_plain: bool, places: &mut Vec<Range<usize>>) {
    for handle in PATTERNS.handle.find_iter(part) {
        let place = at + handle.start()..at + trimmed(handle.as_str(), handle.start());
        let word = &text[place.clone()];
        let is_whole = !text[place.end..].starts_with(char::is_alphanumeric)
            && !text[..place.start].ends_with(|c: char| c.is_alphanumeric() || "/@._-".contains(c));
        if is_whole && is_handle(word) && (!only_plain || word.trim_matches('_').contains('_')) {
            places.push(place);
        }
    }
}

/// Where a handle without the dots behind it ends.
fn trimmed(handle: &str, start: usize) -> usize {
    start + handle.trim_end_matches(['.', '-', '#']).len()
}

/// Whether what stands behind a service is a name: "Kit Summer", "kit.summer", and "kitsummer" where it is said to be one.
fn named(
    look: &Look<'_>,
    handle: Range<usize>,
    more: Range<usize>,
    lead: Option<&str>,
    names_it: bool,
) -> Option<Range<usize>> {
    let text = look.folded.text.as_str();
    let handle = handle.start..trimmed(&text[handle.clone()], handle.start);
    let word = &text[handle.clone()];
    if is_handle(word) {
        return Some(handle);
    }
    if !names_it && lead.is_none() {
        return None;
    }
    let is_name = look.folded.is_capital(handle.start) && handle.end == more.start;
    let words = text[more.clone()].split_inclusive(' ').scan(more.start, |at, word| {
        *at += word.len();
        Some(*at - word.len()..*at)
    });
    let capital = words.skip(1).take_while(|word| look.folded.is_capital(word.start)).last();
    if let (true, Some(last)) = (is_name, capital) {
        return Some(handle.start..last.end - usize::from(text[last].ends_with(' ')));
    }
    let is_mine = lead == Some("is") && is_mine(text, handle.start);
    let is_word = is_everyday_anywhere(word) || LEADS.contains(&word);
    ((names_it || is_mine) && !is_word && word.chars().count() >= 4 && !look.folded.is_capital(handle.start))
        .then_some(handle)
}

/// Whether "my" stands shortly before.
fn is_mine(text: &str, at: usize) -> bool {
    let start = (at.saturating_sub(NEAR)..=at).find(|start| text.is_char_boundary(*start)).unwrap_or(at);
    text[start..at].contains("my ")
}

/// Words that lead to a name themselves.
const LEADS: [&str; 14] =
    ["is", "as", "als", "ist", "est", "como", "under", "unter", "comme", "sous", "name", "konto", "profil", "compte"];

/// Whether a word looks like a handle wherever it stands: with "_", a dot or digits inside.
fn is_handle(word: &str) -> bool {
    let letters = word.chars().filter(|c| c.is_alphabetic()).count();
    let digits = word.chars().filter(char::is_ascii_digit).count();
    let is_device = ["iphone", "ipad", "galaxy", "covid", "windows"].iter().any(|device| word.starts_with(device));
    let begins = word.starts_with(|c: char| c.is_alphabetic() || c == '_');
    let inner = word.trim_matches(['.', '_', '-', '#']);
    let has_mark =
        inner.contains('_') || (inner.contains('#') && digits > 0) || (inner.contains('.') && is_dotted(inner));
    begins && letters >= 3 && !is_device && (has_mark || (digits >= 2 && word.len() >= 6 && !word.contains('-')))
}

/// "kit.summer", and not "all.Then" or "gmail.com".
fn is_dotted(word: &str) -> bool {
    let last = word.rsplit('.').next().unwrap_or_default();
    word.split('.').all(|part| part.len() >= 2)
        && !matches!(last, "com" | "org" | "net" | "de" | "es" | "fr" | "uk" | "gov" | "edu")
}
