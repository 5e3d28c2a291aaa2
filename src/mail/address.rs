//! An address, parsed once at the edge.
//!
//! [`Address`] and [`Mailbox`] have neither Display nor a telling Debug, so that no log line and no error text can
//! carry one by accident; whoever needs the text asks for it by name.

use std::fmt;

/// `local-part@domain` (RFC 5321 §4.1.2), at most 254 octets; the domain is kept in lower case.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Address {
    text: String,
    at: usize,
}

/// Why a text is no address. Carries no part of the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a mail address")]
pub struct NotAnAddress;

impl Address {
    /// Read an address as SMTP writes it, without angle brackets.
    ///
    /// # Errors
    /// [`NotAnAddress`] when it has no local part or no domain, is too long, or holds a space or control outside quotes.
    pub fn parse(text: &str) -> Result<Self, NotAnAddress> {
        let text = text.trim();
        // RFC 5321 §4.5.3.1.3: a path has at most 256 octets, its angle brackets included.
        if text.len() > 254 {
            return Err(NotAnAddress);
        }
        let at = text.rfind('@').ok_or(NotAnAddress)?;
        // Lower case may be longer (Ⱥ is two octets, ⱥ three), so it is what is measured: what was accepted once is
        // accepted again when it is read back.
        let (local, domain) = (&text[..at], text[at + 1..].to_lowercase());
        if local.len() + 1 + domain.len() > 254 {
            return Err(NotAnAddress);
        }
        // RFC 5321 §4.5.3.1.1 says 64 octets; SRS and VERP paths of the real world go beyond.
        if !is_local_part(local) || !is_domain(&domain) {
            return Err(NotAnAddress);
        }
        Ok(Self { text: format!("{local}@{domain}"), at })
    }

    /// The whole address, for an envelope, a header or the database.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// What stands before the `@`, as it was written.
    #[must_use]
    pub fn local_part(&self) -> &str {
        &self.text[..self.at]
    }

    /// What stands behind the `@`, in lower case.
    #[must_use]
    pub fn domain(&self) -> &str {
        &self.text[self.at + 1..]
    }

    /// The form by which two spellings of one address are the same: all in lower case.
    #[must_use]
    pub fn key(&self) -> String {
        self.text.to_lowercase()
    }
}

/// A dot-string or a quoted string; UTF-8 as RFC 6531 allows.
fn is_local_part(local: &str) -> bool {
    if let Some(inner) = local.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')) {
        let mut escaped = false;
        for c in inner.chars() {
            match c {
                _ if c.is_control() => return false,
                _ if escaped => escaped = false,
                '\\' => escaped = true,
                '"' => return false,
                _ => {}
            }
        }
        return !escaped && local.len() >= 2;
    }
    !local.is_empty() && !local.chars().any(|c| c.is_control() || c.is_whitespace() || "()<>[]:;@\\,\"".contains(c))
}

/// A host name or an address literal; UTF-8 as RFC 6531 allows.
fn is_domain(domain: &str) -> bool {
    if let Some(literal) = domain.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
        return !literal.is_empty() && literal.chars().all(|c| c.is_ascii_alphanumeric() || ".:-".contains(c));
    }
    domain.split('.').all(|label| {
        !label.is_empty()
            && label.len() <= 63
            && label.chars().all(|c| {
                c.is_alphanumeric() || c == '-' || c == '_' || (!c.is_ascii() && !c.is_whitespace() && !c.is_control())
            })
    })
}

impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Address(…)")
    }
}

/// An address with the name that is shown beside it (RFC 5322 §3.4).
#[derive(Clone, PartialEq, Eq)]
pub struct Mailbox {
    /// The display name, decoded; empty when there is none.
    pub name: String,
    /// The address.
    pub address: Address,
}

impl fmt::Debug for Mailbox {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Mailbox(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_that_are() {
        for text in ["mira@home.example", "\"m ira\"@home.example", "mïra@höme.example", "a+b=c@x", "m@[192.0.2.1]"] {
            assert_eq!(Address::parse(text).map(|a| a.as_str().to_owned()), Ok(text.to_owned()), "{text}");
        }
    }

    #[test]
    fn addresses_that_are_not() {
        for text in
            ["", "mira", "@home.example", "mira@", "mi ra@x.example", "mira@x..y", "a@b\r\nRCPT TO:<c@d>", "<a@b>"]
        {
            assert_eq!(Address::parse(text), Err(NotAnAddress), "{text}");
        }
    }

    #[test]
    fn what_is_accepted_is_accepted_again() {
        for text in
            [format!("a@{}.example", "Ⱥ".repeat(31)), format!("a@{}", "İ.".repeat(40)), "a@ẞ.EXAMPLE".to_owned()]
        {
            if let Ok(address) = Address::parse(&text) {
                assert_eq!(Address::parse(address.as_str()), Ok(address.clone()), "{text}");
            }
        }
        proptest::proptest!(|(text in "\\PC{1,40}@\\PC{1,120}")| {
            if let Ok(address) = Address::parse(&text) {
                proptest::prop_assert_eq!(Address::parse(address.as_str()), Ok(address.clone()));
            }
        });
    }

    #[test]
    fn debug_says_nothing() {
        let address = Address::parse("mira@home.example").unwrap();
        assert!(!format!("{address:?}").contains("mira"));
    }
}
