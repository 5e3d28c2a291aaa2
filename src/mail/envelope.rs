//! The envelope of an SMTP transaction, and the grammar of Lamplight's own addresses.

use std::fmt;

use super::Address;

/// Where a bounce goes: nowhere, or to an address.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum ReversePath {
    /// `<>`: the message is itself automatic (RFC 5321 §4.5.5).
    Null,
    /// The return path.
    Address(Address),
}

impl ReversePath {
    /// As SMTP writes it between the angle brackets: empty for the null path.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match self {
            Self::Null => "",
            Self::Address(address) => address.as_str(),
        }
    }
}

/// Who sent a message and to whom, apart from what its headers say.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Envelope {
    /// The reverse path of MAIL FROM.
    pub reverse_path: ReversePath,
    /// The recipients as they were accepted, in order, duplicates included.
    pub recipients: Vec<Address>,
}

/// How the addresses of one installation are written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AddressScheme {
    /// The domain of every address, in lower case.
    pub domain: String,
    /// The local part of the machine's own addresses.
    pub mailbox: String,
    /// `+`, or `-`.
    pub delimiter: char,
}

/// What a token in an address is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TokenKind {
    /// `m`: a moderator's decision.
    Decision,
    /// `b`: a return path.
    Bounce,
    /// `c`: a confirmation.
    Confirmation,
    /// `t`: one conversation.
    Thread,
    /// `d`: one digest issue.
    Digest,
    /// `p`: a private talk.
    Private,
}

impl TokenKind {
    /// The letter that stands in the address.
    #[must_use]
    pub fn letter(self) -> char {
        match self {
            Self::Decision => 'm',
            Self::Bounce => 'b',
            Self::Confirmation => 'c',
            Self::Thread => 't',
            Self::Digest => 'd',
            Self::Private => 'p',
        }
    }

    fn from_letter(letter: char) -> Option<Self> {
        [Self::Decision, Self::Bounce, Self::Confirmation, Self::Thread, Self::Digest, Self::Private]
            .into_iter()
            .find(|kind| kind.letter() == letter)
    }

    /// Whether the token stands behind a group's name instead of the machine's mailbox.
    #[must_use]
    pub fn belongs_to_group(self) -> bool {
        matches!(self, Self::Thread | Self::Digest | Self::Private)
    }
}

/// What a group's address beside the group itself is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Service {
    /// `-join`
    Join,
    /// `-leave`
    Leave,
    /// `-help`
    Help,
    /// `-request`: plain words.
    Request,
    /// `-owner` and `-moderators`: the private line.
    Owner,
}

/// The text of a token, in lower case, of the right alphabet and length; whether it is known is another question.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct TokenText(String);

impl TokenText {
    /// 128 bits are 26 characters of base32 (RFC 4648 §6); a row id may stand before them.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let ok = (26..=40).contains(&text.len())
            && text.bytes().all(|b| matches!(b, b'a'..=b'z' | b'A'..=b'Z' | b'2'..=b'7'));
        ok.then(|| Self(text.to_ascii_lowercase()))
    }

    /// The token as it stands in an address.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for TokenText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TokenText(…)")
    }
}

/// What an address of ours is for, as far as its spelling tells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Destination {
    /// The group of this name, if there is one.
    Group(String),
    /// A service address of the group of this name, if there is one.
    Service(String, Service),
    /// A token of a group, if there is such a group.
    GroupToken(String, TokenKind, TokenText),
    /// A token of the machine's own mailbox.
    OwnToken(TokenKind, TokenText),
    /// `postmaster@` and `abuse@` (RFC 2142): the administrators.
    Administrators,
}

const SERVICES: &[(&str, Service)] = &[
    ("join", Service::Join),
    ("leave", Service::Leave),
    ("help", Service::Help),
    ("request", Service::Request),
    ("owner", Service::Owner),
    ("moderators", Service::Owner),
];

impl AddressScheme {
    /// Read one of our addresses; `None` when it is not at our domain or is nothing that we could know.
    #[must_use]
    pub fn read(&self, address: &Address) -> Option<Destination> {
        if address.domain() != self.domain {
            return None;
        }
        let local = address.local_part().to_lowercase();
        if local == "postmaster" || local == "abuse" {
            return Some(Destination::Administrators);
        }
        if let Some(destination) = self.read_token(&local) {
            return Some(destination);
        }
        let service = SERVICES.iter().find_map(|(word, service)| {
            let base = local.strip_suffix(word)?;
            let name = base.strip_suffix('-').or_else(|| base.strip_suffix(self.delimiter))?;
            Some(Destination::Service(name.to_owned(), *service))
        });
        match service {
            Some(destination) => Some(destination),
            None => is_group_name_shape(&local).then_some(Destination::Group(local)),
        }
    }

    /// `BASE delimiter LETTER . TOKEN`, and only where the token is well formed.
    fn read_token(&self, local: &str) -> Option<Destination> {
        let (front, token) = local.rsplit_once('.')?;
        let token = TokenText::parse(token)?;
        let letter = front.chars().last()?;
        let base = front.strip_suffix(letter)?.strip_suffix(self.delimiter)?;
        let kind = TokenKind::from_letter(letter)?;
        match (kind.belongs_to_group(), base == self.mailbox) {
            (false, true) => Some(Destination::OwnToken(kind, token)),
            (true, _) if is_group_name_shape(base) => Some(Destination::GroupToken(base.to_owned(), kind, token)),
            _ => None,
        }
    }

    /// The address of a token: `group+t.TOKEN@domain`, or `lamplight+m.TOKEN@domain` when `group` is not needed.
    ///
    /// # Errors
    /// Never for a scheme that the settings accepted.
    pub fn token_address(
        &self,
        group: &str,
        kind: TokenKind,
        token: &TokenText,
    ) -> Result<Address, super::address::NotAnAddress> {
        let base = if kind.belongs_to_group() { group } else { &self.mailbox };
        Address::parse(&format!("{base}{}{}.{}@{}", self.delimiter, kind.letter(), token.as_str(), self.domain))
    }

    /// The address of a group, or with a suffix such as `-leave` one of its service addresses.
    ///
    /// # Errors
    /// Never for a scheme and a group name that were accepted.
    pub fn group_address(&self, group: &str, suffix: &str) -> Result<Address, super::address::NotAnAddress> {
        Address::parse(&format!("{group}{suffix}@{}", self.domain))
    }
}

/// `[a-z][a-z0-9-]{0,29}`
#[must_use]
pub fn is_group_name_shape(name: &str) -> bool {
    let mut bytes = name.bytes();
    name.len() <= 30
        && bytes.next().is_some_and(|b| b.is_ascii_lowercase())
        && bytes.all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scheme(delimiter: char) -> AddressScheme {
        AddressScheme { domain: "groups.example".into(), mailbox: "lamplight".into(), delimiter }
    }

    fn read(delimiter: char, local: &str) -> Option<Destination> {
        scheme(delimiter).read(&Address::parse(&format!("{local}@groups.example")).unwrap())
    }

    const TOKEN: &str = "abcdefghijklmnopqrstuvwxyz234567";

    #[test]
    fn every_row_of_the_address_table() {
        let group = |name: &str| Some(Destination::Group(name.into()));
        let service = |name: &str, service| Some(Destination::Service(name.into(), service));
        assert_eq!(read('+', "rose"), group("rose"));
        assert_eq!(read('+', "ROSE"), group("rose"));
        assert_eq!(read('+', "rose-join"), service("rose", Service::Join));
        assert_eq!(read('+', "rose+join"), service("rose", Service::Join));
        assert_eq!(read('+', "Rose-Leave"), service("rose", Service::Leave));
        assert_eq!(read('+', "rose-request"), service("rose", Service::Request));
        assert_eq!(read('+', "rose-owner"), service("rose", Service::Owner));
        assert_eq!(read('+', "rose-moderators"), service("rose", Service::Owner));
        assert_eq!(read('+', "new-rose"), group("new-rose"));
        assert_eq!(read('+', "postmaster"), Some(Destination::Administrators));
        assert_eq!(read('+', "Abuse"), Some(Destination::Administrators));
        assert_eq!(read('+', "no_body"), None);
        assert_eq!(read('+', "1rose"), None);
    }

    #[test]
    fn tokens_are_split_only_where_they_are_well_formed() {
        let token = TokenText::parse(TOKEN).unwrap();
        for delimiter in ['+', '-'] {
            let local = format!("lamplight{delimiter}m.{}", TOKEN.to_uppercase());
            assert_eq!(read(delimiter, &local), Some(Destination::OwnToken(TokenKind::Decision, token.clone())));
            let local = format!("rose{delimiter}t.{TOKEN}");
            assert_eq!(
                read(delimiter, &local),
                Some(Destination::GroupToken("rose".into(), TokenKind::Thread, token.clone()))
            );
        }
        assert_eq!(read('-', "new-t"), Some(Destination::Group("new-t".into())));
        assert_eq!(read('+', "rose+t.short"), None);
        assert_eq!(read('+', &format!("rose+m.{TOKEN}")), None, "decisions are the machine's own");
        assert_eq!(read('+', &format!("lamplight+x.{TOKEN}")), None);
        assert_eq!(read('+', &format!("lamplight+m.{TOKEN}{TOKEN}")), None, "too long");
        assert_eq!(read('+', "lamplight+m.abcdefghijklmnopqrstuvwxy1"), None, "1 is not in the alphabet");
    }

    #[test]
    fn another_domain_is_not_ours() {
        assert_eq!(scheme('+').read(&Address::parse("rose@elsewhere.example").unwrap()), None);
    }
}
