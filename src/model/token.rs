//! Tokens: derived from the key file, never stored, so that a stolen database opens nothing.
//!
//! A token is the row's id followed by the first 128 bits of HMAC-SHA-256(key, kind ‖ id ‖ generation), both in
//! base32. The id finds the row; the code is compared in constant time.

use data_encoding::BASE32_NOPAD;
use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use crate::mail::envelope::{TokenKind, TokenText};

const CODE_BYTES: usize = 16;
const CODE_CHARS: usize = 26;
const DIGITS: &[u8; 32] = b"abcdefghijklmnopqrstuvwxyz234567";

/// The installation's secret: 32 octets from the key file.
#[derive(Clone)]
pub struct Key([u8; 32]);

impl Key {
    /// A key of these octets.
    #[must_use]
    pub fn new(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// What the database keeps to know the key again: 16 hexadecimal digits of a keyed hash.
    #[must_use]
    pub fn fingerprint(&self) -> String {
        data_encoding::HEXLOWER.encode(&self.code("fingerprint", 0, 0)[..8])
    }

    /// The token of a row.
    #[must_use]
    pub fn token(&self, kind: TokenKind, id: i64, generation: i64) -> Option<TokenText> {
        let code = BASE32_NOPAD.encode(&self.code(kind_name(kind), id, generation));
        TokenText::parse(&format!("{}{code}", write_id(id)))
    }

    /// Whether `token` is the token of this row.
    #[must_use]
    pub fn opens(&self, token: &TokenText, kind: TokenKind, id: i64, generation: i64) -> bool {
        self.token(kind, id, generation)
            .is_some_and(|own| own.as_str().as_bytes().ct_eq(token.as_str().as_bytes()).into())
    }

    /// A hash of some words that nobody can try words against who has the database alone, in hexadecimal digits.
    #[must_use]
    pub fn keyed_hash(&self, kind: &str, words: &str) -> String {
        let mut hash = String::new();
        if let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(&self.0) {
            mac.update(&(kind.len() as u64).to_be_bytes());
            mac.update(kind.as_bytes());
            mac.update(words.as_bytes());
            hash = data_encoding::HEXLOWER.encode(&mac.finalize().into_bytes());
        }
        hash
    }

    fn code(&self, kind: &str, id: i64, generation: i64) -> [u8; CODE_BYTES] {
        // The parts can't run into each other: the numbers have a fixed width.
        let mut input = kind.as_bytes().to_vec();
        input.extend(id.to_be_bytes());
        input.extend(generation.to_be_bytes());
        let mut code = [0; CODE_BYTES];
        if let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(&self.0) {
            mac.update(&input);
            code.copy_from_slice(&mac.finalize().into_bytes()[..CODE_BYTES]);
        }
        code
    }
}

fn kind_name(kind: TokenKind) -> &'static str {
    match kind {
        TokenKind::Decision => "m",
        TokenKind::Bounce => "b",
        TokenKind::Confirmation => "c",
        TokenKind::Thread => "t",
        TokenKind::Digest => "d",
        TokenKind::Private => "p",
    }
}

/// The row that a token claims to be of; `None` when it can be none of ours.
#[must_use]
pub fn claimed_id(token: &TokenText) -> Option<i64> {
    let digits = token.as_str().as_bytes();
    let digits = digits.get(..digits.len().checked_sub(CODE_CHARS)?)?;
    if digits.is_empty() || digits.len() > 12 {
        return None;
    }
    digits.iter().try_fold(0_i64, |id, digit| {
        let value = DIGITS.iter().position(|d| d == digit)?;
        id.checked_mul(32)?.checked_add(i64::try_from(value).ok()?)
    })
}

/// A positive id in base 32, most significant digit first, no leading zero.
fn write_id(id: i64) -> String {
    let mut digits = Vec::new();
    let mut rest = id.max(0);
    loop {
        digits.push(char::from(DIGITS[usize::try_from(rest % 32).unwrap_or(0)]));
        rest /= 32;
        if rest == 0 {
            return digits.iter().rev().collect();
        }
    }
}

/// The fingerprint of some content, in hexadecimal: what a decision is bound to.
#[must_use]
pub fn content_hash(parts: &[&str]) -> String {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part.as_bytes());
    }
    data_encoding::HEXLOWER.encode(&hash.finalize())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_leads_back_to_its_row_and_to_no_other() {
        let key = Key::new([7; 32]);
        for id in [0, 1, 31, 32, 33, 1_000_000, i64::from(u32::MAX)] {
            let token = key.token(TokenKind::Decision, id, 3).unwrap();
            assert_eq!(claimed_id(&token), Some(id));
            assert!(key.opens(&token, TokenKind::Decision, id, 3));
            assert!(!key.opens(&token, TokenKind::Decision, id, 4), "another generation");
            assert!(!key.opens(&token, TokenKind::Thread, id, 3), "another kind");
            assert!(!Key::new([8; 32]).opens(&token, TokenKind::Decision, id, 3), "another key");
        }
    }

    #[test]
    fn a_bare_code_is_of_no_row() {
        assert_eq!(claimed_id(&TokenText::parse("abcdefghijklmnopqrstuvwxyz").unwrap()), None);
    }
}
