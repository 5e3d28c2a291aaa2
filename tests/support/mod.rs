//! What the stories share: a client that speaks LMTP to the house, and a mail server that takes what leaves it.
//! Both are written against the RFCs, not with the house's own code.
#![allow(dead_code, unused_imports, clippy::unwrap_used, missing_docs, reason = "each story uses a part of it")]

pub mod house;
pub mod lmtp;
pub mod lookout;
pub mod pictures;
pub mod postgres;
pub mod smtp_peer;
pub mod world;

pub use lmtp::LmtpClient;
pub use lookout::address_in;
pub use smtp_peer::{Captured, SmtpPeer};
pub use world::{Letter, World, on_both, on_both_with};

/// Whether `text` is of the form of `pattern`, in which `*` stands for anything.
pub fn matches(pattern: &str, text: &str) -> bool {
    match pattern.split_once('*') {
        None => pattern == text,
        Some((front, rest)) => {
            let Some(tail) = text.strip_prefix(front) else { return false };
            (0..=tail.len()).any(|at| tail.is_char_boundary(at) && matches(rest, &tail[at..]))
        }
    }
}
