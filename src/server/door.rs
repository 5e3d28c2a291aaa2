//! What a listener asks of the house, and the public words of each answer: short, and the same for everybody.

use std::future::Future;

use crate::mail::{Address, Envelope};

/// Whoever takes mail in. It answers before the client is answered, so `Kept` must be true when it is said.
pub trait Door: Send + Sync + 'static {
    /// Whether mail to this address is taken. Must not depend on who is a member of what.
    fn recipient(&self, address: &Address) -> impl Future<Output = RecipientAnswer> + Send;

    /// Take a message in, for good. `peer` is where it came from, for the record: an address of a socket, or `unix`.
    fn accept(&self, envelope: Envelope, bytes: Vec<u8>, peer: String) -> impl Future<Output = AcceptAnswer> + Send;
}

/// What the house says of a recipient.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RecipientAnswer {
    /// Mail to it is taken.
    Ours,
    /// There is no such address.
    NotOurs,
    /// It can't be known now.
    TryAgain,
    /// There is too little room to take any mail.
    DiskLow,
}

impl RecipientAnswer {
    /// The reply line.
    #[must_use]
    pub fn reply(self) -> &'static str {
        match self {
            Self::Ours => "250 2.1.5 ok",
            Self::NotOurs => "550 5.1.1 no such address",
            Self::TryAgain => "451 4.3.0 try again later",
            Self::DiskLow => "452 4.3.1 try again later",
        }
    }
}

/// What became of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AcceptAnswer {
    /// It is on disk for good.
    Kept,
    /// It is not; the sender keeps it.
    TryAgain,
    /// It is not, for want of room.
    DiskLow,
}

impl AcceptAnswer {
    /// The reply line, the same for every recipient: it tells nothing of who is a member.
    #[must_use]
    pub fn reply(self) -> &'static str {
        match self {
            Self::Kept => "250 2.0.0 kept",
            Self::TryAgain => "451 4.3.0 try again later",
            Self::DiskLow => "452 4.3.1 try again later",
        }
    }
}
