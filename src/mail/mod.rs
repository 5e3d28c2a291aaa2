//! Bytes and facts: what mail is, apart from what Lamplight does with it.
//!
//! No model, no input or output, no clock; nothing here panics on any input.

pub mod address;
mod answers;
pub mod auth;
pub mod body;
mod charsets;
mod coloured;
pub mod compose;
mod daemons;
pub mod devices;
pub mod envelope;
pub mod fields;
pub mod glance;
pub mod headers;
pub mod html;
pub mod ids;
pub mod kind;
pub mod known;
pub mod languages;
pub mod limits;
mod lists;
pub mod marks;
pub mod mbox;
pub mod parse;
pub mod part;
mod phrases;
pub mod picture;
mod prose;
mod receipts;
pub mod reply;
pub mod report;
mod responders;
mod said;
pub mod salvage;
pub mod structure;
pub mod subject;
mod text_file;
pub mod uuencoded;
pub mod versions;

pub use address::{Address, Mailbox};
pub use envelope::{Envelope, ReversePath};
pub use parse::{Incoming, parse};
