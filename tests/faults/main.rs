//! Faults from outside on the real program: ended, frozen, failing, cut off. A sender and a mail server of the test's own
//! keep the ledger; docs/reliability.md tells what is promised, what was run, and what nobody can know.
#![allow(clippy::unwrap_used, missing_docs, reason = "a test fails by panicking")]

mod away;
mod chance;
mod check;
mod digests;
mod errors;
mod given_up;
mod house;
mod kills;
mod ledger;
#[path = "../support/postgres.rs"]
mod postgres;
mod power;
mod preload;
mod receiver;
mod sender;
mod silent;
mod smarthost;
mod two;
