//! What stays although it looks like contact details.

mod services;

use std::collections::HashSet;

use crate::mail::Address;
use crate::model::words::fold;

/// What stays although it looks like contact details: numbers of services, addresses, links.
#[derive(Debug, Clone, Default)]
pub struct Kept {
    numbers: HashSet<String>,
    addresses: HashSet<String>,
    links: Vec<String>,
    /// Where our own addresses are.
    domain: String,
}

impl Kept {
    /// Lay out the allow-list of the settings.
    ///
    /// # Errors
    /// One sentence for each entry that is none of the three.
    pub fn new(entries: &[String]) -> Result<Self, Vec<String>> {
        let mut kept = Self::default();
        let mut wrong = Vec::new();
        for entry in entries {
            let plain = fold(entry.trim());
            if plain.contains('@') && Address::parse(&plain).is_ok() {
                kept.addresses.insert(plain);
            } else if is_link(&plain) {
                kept.links.push(link(&plain).to_owned());
            } else if is_number(&plain) {
                kept.numbers.extend(forms(&digits(&plain), plain.starts_with('+')));
            } else {
                wrong.push(format!("\"{entry}\" is no telephone number, no address and no link."));
            }
        }
        if wrong.is_empty() { Ok(kept) } else { Err(wrong) }
    }

    /// The same and the addresses of groups at this domain. Those with a token are for one person.
    #[must_use]
    pub fn with_groups_at(self, domain: &str) -> Self {
        Self { domain: fold(domain), ..self }
    }

    pub(super) fn has_address(&self, folded: &str) -> bool {
        // No group's name has a dot, and every token is behind one.
        let is_groups = |(local, domain): (&str, &str)| domain == self.domain && !local.contains(['.', '+']);
        self.addresses.contains(folded) || folded.rsplit_once('@').is_some_and(is_groups)
    }

    /// Whether a link, with or without its scheme, is one that is kept or stands below it.
    pub(super) fn has_link(&self, folded: &str) -> bool {
        self.links.iter().any(|kept| {
            let below = link(folded).strip_prefix(kept.as_str());
            below.is_some_and(|below| below.is_empty() || below.starts_with(['/', '?', '#']))
        })
    }

    /// Whether these digits are the number of a service.
    pub(super) fn has_number(&self, digits: &str, is_international: bool) -> bool {
        let mut forms = forms(digits, is_international).into_iter();
        forms.any(|form| self.numbers.contains(&form) || services::NUMBERS.contains(&form.as_str()))
    }
}

fn is_link(plain: &str) -> bool {
    let host = link(plain).split('/').next().unwrap_or_default();
    host.contains('.') && host.contains(char::is_alphabetic) && !plain.contains([' ', '@'])
}

/// Without the scheme, "www." and the last slash.
fn link(folded: &str) -> &str {
    let rest = folded.split_once("://").map_or(folded, |(_, rest)| rest);
    rest.strip_prefix("www.").unwrap_or(rest).trim_end_matches('/')
}

fn is_number(plain: &str) -> bool {
    digits(plain).len() >= 3 && plain.chars().all(|c| c.is_ascii_digit() || " +-()./".contains(c))
}

fn digits(plain: &str) -> String {
    plain.chars().filter(char::is_ascii_digit).collect()
}

/// The ways to write one number: with and without the prefix of its country.
fn forms(digits: &str, is_international: bool) -> Vec<String> {
    let mut forms = vec![digits.to_owned()];
    let international = if is_international { Some(digits) } else { digits.strip_prefix("00") };
    if let Some(all) = international {
        for rest in (1..=3).filter_map(|country| all.get(country..)).filter(|rest| rest.len() >= 6) {
            forms.extend([rest.to_owned(), format!("0{rest}")]);
        }
    }
    if let (Some(rest), 11) = (digits.strip_prefix('1'), digits.len()) {
        forms.push(rest.to_owned());
    }
    forms
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_allow_list() {
        let entries = ["+1 (555) 234-5678", "Rose@groups.example", "https://www.work.example/help/", "0171 234567"];
        let kept = Kept::new(&entries.map(str::to_owned)).unwrap();
        assert!(kept.has_number("5552345678", false) && kept.has_number("15552345678", true));
        assert!(kept.has_number("0171234567", false) && kept.has_number("49171234567", true));
        assert!(!kept.has_number("5552345679", false));
        assert!(kept.has_address("rose@groups.example") && !kept.has_address("rosa@groups.example"));
        let kept = kept.with_groups_at("Groups.example");
        assert!(kept.has_address("rose-owner@groups.example") && !kept.has_address("rose@groups.example.org"));
        assert!(!kept.has_address("rose+p.abc@groups.example") && !kept.has_address("lamplight-m.abc@groups.example"));
        assert!(kept.has_link("http://work.example/help") && kept.has_link("www.work.example/help/now?x=1"));
        assert!(!kept.has_link("work.example/helpers") && !kept.has_link("work.example"));
        let wrong = Kept::new(&["the nurse".to_owned(), "12".to_owned(), "988".to_owned()]).unwrap_err();
        assert_eq!(wrong.len(), 2);
        assert_eq!(wrong[0], "\"the nurse\" is no telephone number, no address and no link.");
    }

    #[test]
    fn services() {
        let kept = Kept::default();
        for (digits, is_international) in [
            ("18002738255", false),
            ("8002738255", true),
            ("116123", false),
            ("08001110111", false),
            ("498001110111", true),
        ] {
            assert!(kept.has_number(digits, is_international), "{digits}");
        }
        assert!(!kept.has_number("18002738256", false));
    }
}
