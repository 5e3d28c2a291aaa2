//! Rows and model: everything that is kept, and the only room that speaks SQL.
//!
//! One SQL text serves SQLite and PostgreSQL; `db.rs` knows the few differences. A function takes a connection, so
//! that its caller decides what belongs into one transaction.

pub mod addresses;
pub mod alarms;
pub mod alert_mails;
pub mod alerts;
pub mod audit;
pub mod claims;
pub mod clocks;
mod connection;
pub mod db;
pub mod decisions;
pub mod deliveries;
pub mod digests;
pub mod drafts;
pub mod editions;
pub mod erased;
pub mod export;
pub mod forget;
pub mod groups;
pub mod heirs;
pub mod judgements;
mod locks;
pub mod members;
pub mod mutes;
pub mod names;
pub mod notes;
pub mod outbox;
pub mod personal;
pub mod pictures;
pub mod posts;
pub mod reminders;
pub mod retention;
pub mod retraction;
pub mod rota;
pub mod rows;
mod seen;
pub mod selection;
pub mod sent;
mod sets;
pub mod settled;
pub mod spool;
pub mod suppressions;
pub mod talks;
pub mod threads;
pub mod tokens;
mod trouble;
pub mod unanswered;
pub mod undelivered;
pub mod unread;
pub mod way;

pub use db::{Db, Error, Kept, Reading, Result, Store, Tx};
pub use locks::Locked;
