//! E-mail addresses in any dress, with the name that stands before "<…>".

use std::ops::Range;

use super::Identifying::{EmailAddress, RosterAddress};
use super::look::Look;
use super::places::Found;
use crate::model::privacy::everyday::is_everyday_anywhere;
use crate::model::privacy::folded::Folded;
use crate::model::privacy::{may_hold_one, undisguised};

/// RFC 5321 §4.5.3.1: octets of a local part, and of a domain.
const LONGEST: (usize, usize) = (64, 255);

/// Where people have their addresses: "kit at gmail.com" is one, "we met at cancer.org" is none.
const PROVIDERS: [&str; 36] = [
    "gmail",
    "googlemail",
    "yahoo",
    "ymail",
    "hotmail",
    "outlook",
    "live",
    "msn",
    "icloud",
    "me",
    "mac",
    "aol",
    "gmx",
    "web",
    "t-online",
    "freenet",
    "posteo",
    "mailbox",
    "proton",
    "protonmail",
    "pm",
    "zoho",
    "fastmail",
    "yandex",
    "comcast",
    "verizon",
    "sbcglobal",
    "att",
    "btinternet",
    "sky",
    "orange",
    "free",
    "laposte",
    "wanadoo",
    "sfr",
    "telefonica",
];

/// Those of them that are no words, and so are known without an end.
const HOUSES: [&str; 12] = [
    "gmail",
    "googlemail",
    "yahoo",
    "ymail",
    "hotmail",
    "icloud",
    "aol",
    "gmx",
    "posteo",
    "protonmail",
    "fastmail",
    "btinternet",
];

/// What else stands before "at gmail.com".
const NO_LOCALS: [&str; 20] = [
    "account",
    "address",
    "addresses",
    "mail",
    "email",
    "mails",
    "emails",
    "it",
    "me",
    "us",
    "them",
    "look",
    "looked",
    "in",
    "up",
    "is",
    "one",
    "all",
    "found",
    "inbox",
];

/// Ends of domains that are no words behind a dot that lost its space.
const TOP_LEVELS: [&str; 26] = [
    "com", "org", "net", "edu", "gov", "info", "biz", "io", "me", "uk", "de", "at", "ch", "es", "fr", "it", "nl", "be",
    "ie", "ca", "au", "nz", "mx", "ar", "eu", "us",
];

/// Words that begin a line before a name: "From Kit Summer <…>".
const BEFORE_NAMES: [&str; 22] = [
    "from", "to", "cc", "bcc", "an", "von", "de", "a", "para", "mail", "e-mail", "email", "write", "ask", "contact",
    "and", "or", "is", "it", "by", "sender", "und",
];

/// Words of a name before "<…>".
const LONGEST_NAME: usize = 4;

pub(super) fn find(look: &Look<'_>, found: &mut Vec<Found>) {
    let text = &look.folded.text;
    if !may_hold_one(text) {
        return;
    }
    let known = look.roster.addresses_in(&look.folded);
    found.extend(known.into_iter().map(|place| Found::new(dressed(look.text, place), RosterAddress)));
    let view = undisguised(&look.folded);
    let view = view.as_ref().unwrap_or(&look.folded);
    let mut behind = 0;
    for (at, _) in view.text.match_indices('@') {
        let Some(place) = around(&view.text, behind, at) else { continue };
        if is_address(view, &place, at) && !look.kept.has_address(&view.text[place.clone()]) {
            found.push(Found::new(dressed(look.text, view.range(place.clone())), EmailAddress));
        }
        behind = at + 1;
    }
}

/// What may be an address around a sign.
fn around(text: &str, behind: usize, at: usize) -> Option<Range<usize>> {
    let is_local = |c: char| c.is_alphanumeric() || "._+-'=!#$&*?^{|}~/%".contains(c);
    let before = text[behind..at].char_indices().rev();
    let local = before.take_while(|(index, c)| is_local(*c) && at - behind - index <= LONGEST.0).last();
    let mut start = behind + local?.0;
    let rest = &text[start..at];
    start += rest.len() - rest.trim_start_matches(|c: char| !c.is_alphanumeric()).len();
    // "to=kit@…", "?x&kit@…": of a link, or of a form.
    start += text[start..at].rfind(['=', '?', '&', '/']).map_or(0, |sign| sign + 1);
    let is_domain = |c: char| c.is_alphanumeric() || c == '.' || c == '-';
    let length = text[at + 1..].char_indices().take_while(|(index, c)| is_domain(*c) && *index <= LONGEST.1);
    let length = length.last().map(|(index, c)| index + c.len_utf8())?;
    let domain = text[at + 1..at + 1 + length].trim_end_matches(['.', '-']);
    (start < at && !domain.is_empty()).then(|| start..at + 1 + domain.len())
}

fn is_address(view: &Folded<'_>, place: &Range<usize>, at: usize) -> bool {
    let (local, domain) = (&view.text[place.start..at], &view.text[at + 1..place.end]);
    let sign = view.before(at..at + 1);
    let Some((labels, top)) = domain.rsplit_once('.') else {
        // "kit@gmail", "kit@gmail,com".
        return HOUSES.contains(&domain) && !sign.contains(char::is_whitespace);
    };
    let is_top = top.starts_with("xn--") || top.chars().all(char::is_alphabetic);
    if labels.split('.').any(str::is_empty) || top.chars().count() < 2 || !is_top {
        return false;
    }
    let is_plain =
        !sign.contains(char::is_whitespace) || sign.contains(['(', '[', '{', '<', '%']) || sign.contains("rob");
    if is_plain || sign.contains("ROB") {
        return true;
    }
    let is_provider = labels.split('.').any(|label| PROVIDERS.contains(&label));
    let last = local.rsplit('.').next().unwrap_or(local);
    if is_provider {
        return !NO_LOCALS.contains(&local);
    }
    TOP_LEVELS.contains(&top) && !is_everyday_anywhere(local) && !is_everyday_anywhere(last)
}

/// An address with the name before it, the brackets around it, "mailto:" and what follows that.
fn dressed(text: &str, place: Range<usize>) -> Range<usize> {
    let (mut start, mut end) = (place.start, place.end);
    let before = &text.as_bytes()[..start];
    if before.len() >= 7 && before[before.len() - 7..].eq_ignore_ascii_case(b"mailto:") {
        start -= 7;
        let more = text[end..].starts_with('?');
        let rest = text[end..].find(|c: char| c.is_whitespace() || "<>\"')".contains(c));
        end = if more { rest.map_or(text.len(), |at| end + at) } else { end };
    }
    if text[..start].ends_with('<') && text[end..].starts_with('>') {
        start = named(text, start - 1);
        end += 1;
    }
    start..end
}

/// Where the name before "<" begins.
fn named(text: &str, bracket: usize) -> usize {
    let near = (bracket.saturating_sub(LONGEST.1)..=bracket).find(|at| text.is_char_boundary(*at)).unwrap_or(bracket);
    let line = text[near..bracket].rfind('\n').map_or(near, |at| near + at + 1);
    let before = text[line..bracket].trim_end_matches(' ');
    if let Some(quoted) = before.strip_suffix('"')
        && let Some(at) = quoted.rfind('"')
        && quoted.len() - at <= LONGEST.0
    {
        return line + at;
    }
    let (mut start, mut rest) = (bracket, before);
    for _ in 0..LONGEST_NAME {
        let at = rest
            .rfind(|c: char| c.is_whitespace() || ":;,(".contains(c))
            .map_or(0, |at| at + rest[at..].chars().next().map_or(1, char::len_utf8));
        let word = &rest[at..];
        if !word.starts_with(char::is_uppercase) || BEFORE_NAMES.contains(&word.to_lowercase().as_str()) {
            break;
        }
        start = line + at;
        rest = rest[..at].trim_end_matches(' ');
        if rest.ends_with([':', ';', ',', '(', '.']) {
            break;
        }
    }
    start
}
