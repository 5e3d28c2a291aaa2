//! How handing a copy over went: taken, or why not, where in the talk, and whether trying again can help. Words of others are
//! kept without addresses.

use std::fmt;

/// The copy was taken over by the next hop.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Accepted {
    /// What it said, without addresses.
    pub text: String,
}

/// Where in the talk a delivery failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Stage {
    /// No connection, no greeting, or no answer to EHLO; for a Maildir, no folder.
    Connect,
    /// No encryption where it is required.
    Tls,
    /// Our name and password.
    Auth,
    /// Our return path.
    Mail,
    /// The recipient.
    Rcpt,
    /// The copy itself.
    Data,
    /// Our claim on the row, which ran out before the copy was handed over.
    Lease,
}

/// Why a copy did not leave.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeliveryError {
    /// Final for this recipient, by its word.
    pub permanent: bool,
    /// Where it failed.
    pub stage: Stage,
    /// The reply code, when there was a reply.
    pub code: Option<u16>,
    /// What the next hop said, or what happened; at most 200 characters, without addresses.
    pub text: String,
    /// The next hop said so itself.
    pub heard: bool,
}

impl DeliveryError {
    /// A failure at `stage`; whether it is final follows from stage and code.
    #[must_use]
    pub fn new(stage: Stage, code: Option<u16>, text: &str) -> Self {
        // RFC 5321 §4.2.1: 5yz is permanent; at AUTH or MAIL it is our fault, not the recipient's.
        let permanent =
            matches!(stage, Stage::Rcpt | Stage::Data) && code.is_some_and(|code| (500..600).contains(&code));
        Self { permanent, stage, code, text: without_addresses(text), heard: code.is_some() }
    }

    /// Said by us in the next hop's place: nothing was asked.
    #[must_use]
    pub fn by_us(self) -> Self {
        Self { heard: false, ..self }
    }

    /// As a listing shows it.
    #[must_use]
    pub fn cause(&self) -> String {
        let stage = match self.stage {
            Stage::Connect => "connecting",
            Stage::Tls => "TLS",
            Stage::Auth => "login",
            Stage::Mail => "MAIL",
            Stage::Rcpt => "RCPT",
            Stage::Data => "DATA",
            Stage::Lease => "lease",
        };
        match self.code {
            Some(code) => format!("{stage}: {code} {}", self.text),
            None => format!("{stage}: {}", self.text),
        }
    }

    /// Whether the recipient can't be reached by trying again, if the next hop means the recipient.
    #[must_use]
    pub fn is_permanent(&self) -> bool {
        self.permanent
    }
}

impl fmt::Display for DeliveryError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.code {
            Some(code) => write!(f, "{:?}: {code} {}", self.stage, self.text),
            None => write!(f, "{:?}: {}", self.stage, self.text),
        }
    }
}

impl std::error::Error for DeliveryError {}

/// A reply's words fit for a log: one line, 200 characters, every word with an `@` left out.
#[must_use]
pub fn without_addresses(text: &str) -> String {
    let words = text.split(|c: char| c.is_whitespace() || c.is_control()).filter(|word| !word.is_empty());
    // U+FF20 and U+FE6B are read as @ by some.
    let masked = words.map(|word| if word.contains(['@', '\u{ff20}', '\u{fe6b}']) { "<…>" } else { word });
    masked.collect::<Vec<_>>().join(" ").chars().take(200).collect()
}

/// A refusal as the log has it: where, and which codes (RFC 3463). A server's words about a recipient may be her name; an
/// administrator reads them with `outbox list`.
#[must_use]
pub fn for_log(cause: &str) -> String {
    let is_code = |word: &&str| word.len() == 3 && word.bytes().all(|b| b.is_ascii_digit());
    let words: Vec<&str> = cause.split(' ').collect();
    match words.iter().take(2).position(is_code) {
        Some(at) => {
            let is_enhanced =
                |word: &&&str| word.contains('.') && word.bytes().all(|b| b.is_ascii_digit() || b == b'.');
            let enhanced = words.get(at + 1).filter(is_enhanced);
            words[..=at].iter().chain(enhanced).copied().collect::<Vec<_>>().join(" ")
        }
        None => cause.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn replies_lose_their_addresses() {
        assert_eq!(without_addresses("5.1.1 <kit@home.example>:\r\n unknown kit@x"), "5.1.1 <…> unknown <…>");
        assert_eq!(without_addresses(&"ä".repeat(300)).chars().count(), 200);
    }

    #[test]
    fn the_log_has_codes() {
        for (cause, logged) in [
            ("Rcpt: 550 5.1.1 <…> Tomas is unknown", "Rcpt: 550 5.1.1"),
            ("Rcpt: 550 Tomas is unknown", "Rcpt: 550"),
            ("Data: 554", "Data: 554"),
            ("Connect: connection refused", "Connect: connection refused"),
            ("", ""),
        ] {
            assert_eq!(for_log(cause), logged);
        }
    }
}
