//! Links to somebody's own page, or that tell who followed them. Links to pages of organisations stay, without what counts
//! who came from where.

mod hosts;

use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;

use super::Identifying::{EmailAddress, Link, PhoneNumber, RealName, RosterAddress};
use super::look::{Look, overlap};
use super::places::Found;

#[allow(clippy::unwrap_used, reason = "the pattern is a constant that a test compiles")]
static LINK: LazyLock<Regex> = LazyLock::new(|| {
    let ends = hosts::ENDS.join("|");
    let rest = "[^\\s<>\"\u{fdd0}]";
    let pattern = format!(
        r"(?:(?:https?|ftp)://|(?-u:\b)www\.){rest}+|(?-u:\b)(?:[a-z0-9][a-z0-9-]{{0,62}}\.){{1,5}}(?:{ends})(?-u:\b)(?:[/?#:]{rest}*)?"
    );
    Regex::new(&pattern).unwrap()
});

/// The parts of a link, as places of the folded text.
struct Parts<'a> {
    before_host: &'a str,
    host: &'a str,
    path: &'a str,
    /// Behind "?".
    query: &'a str,
    query_at: usize,
}

/// Where links stand, those that stay as well.
pub(super) fn find(look: &Look<'_>, found: &mut Vec<Found>) -> Vec<Range<usize>> {
    let text = look.folded.text.as_str();
    if !look.signs.joint {
        return Vec::new();
    }
    let telling: Vec<Range<usize>> = found
        .iter()
        .filter(|found| matches!(found.what, Some(EmailAddress | RosterAddress | RealName | PhoneNumber)))
        .map(|found| found.place.clone())
        .collect();
    let mut links = Vec::new();
    for link in LINK.find_iter(text) {
        let link = link.start()..link.start() + trimmed(link.as_str());
        // The domain of an address is none.
        if text[..link.start].ends_with('@') {
            continue;
        }
        let place = look.folded.range(link.clone());
        let parts = Parts::of(text, link.clone());
        let names = || telling.iter().any(|telling| overlap(telling, &place));
        let is_kept = || look.kept.has_link(&text[link.clone()]);
        if parts.has_user() || names() || (parts.is_personal() && !is_kept()) {
            found.push(Found::new(place.clone(), Link));
        } else {
            let cut = parts.tracking().into_iter().map(|cut| look.folded.range(cut));
            found.extend(cut.map(|place| Found { place, what: None, put: "" }));
        }
        links.push(place);
    }
    links
}

/// The length of a link without the marks of the sentence behind it.
fn trimmed(link: &str) -> usize {
    let mut link = link;
    loop {
        let next = link.trim_end_matches(['.', ',', ';', ':', '!', '?', '\'', '»', ']', '}', '*', '_', '|', '…']);
        let next = if next.contains('(') { next } else { next.strip_suffix(')').unwrap_or(next) };
        if next.len() == link.len() {
            return link.len();
        }
        link = next;
    }
}

impl<'a> Parts<'a> {
    fn of(text: &'a str, place: Range<usize>) -> Self {
        let link = &text[place.clone()];
        let rest = link.split_once("://").map_or(link, |(_, rest)| rest);
        let authority = &rest[..rest.find(['/', '?', '#']).unwrap_or(rest.len())];
        let (before_host, host) = authority.rsplit_once('@').unwrap_or(("", authority));
        let behind = &rest[authority.len()..];
        let whole = behind.split('#').next().unwrap_or_default();
        let (path, query) = whole.split_once('?').unwrap_or((whole, ""));
        let query_at = place.end - behind.len() + path.len() + 1;
        let host = host.split(':').next().unwrap_or_default();
        let host = ["www.", "m.", "mobile."].iter().find_map(|sub| host.strip_prefix(sub)).unwrap_or(host);
        Self { before_host, host, path, query, query_at }
    }

    /// "kit:secret@host".
    fn has_user(&self) -> bool {
        !self.before_host.is_empty()
    }

    fn is_personal(&self) -> bool {
        hosts::is_personal(self.host, self.path)
            || hosts::OWN_PATHS.iter().any(|own| {
                let behind = self.path.split_once(own).map(|(_, behind)| behind);
                behind.is_some_and(|behind| behind.starts_with(|c: char| c.is_alphanumeric()))
            })
            || pairs(self.query).any(|(key, value)| !value.is_empty() && hosts::OWN_KEYS.contains(&key))
    }

    /// What counts who came from where, as places to be cut.
    fn tracking(&self) -> Vec<Range<usize>> {
        let is_tracking = |piece: &&str| {
            let key = piece.split('=').next().unwrap_or_default().trim_start_matches("amp;");
            key.starts_with("utm_") || hosts::TRACKING.contains(&key)
        };
        let pieces: Vec<&str> = self.query.split('&').collect();
        let Some(last) = pieces.iter().rposition(|piece| !is_tracking(piece)) else {
            let all = self.query_at - 1..self.query_at + self.query.len();
            return Vec::from_iter([all]);
        };
        let (mut cut, mut at) = (Vec::new(), self.query_at);
        for (index, piece) in pieces.iter().enumerate() {
            let end = at + piece.len() + 1;
            // With the sign behind it, or, behind the last that stays, the one before it.
            match is_tracking(piece) {
                true if index < last => cut.push(at..end),
                true => cut.push(at - 1..end - 1),
                false => {}
            }
            at = end;
        }
        cut
    }
}

fn pairs(query: &str) -> impl Iterator<Item = (&str, &str)> {
    query.split('&').map(|piece| piece.split_once('=').unwrap_or((piece, "")))
}
