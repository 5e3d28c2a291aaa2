//! One story per file, through the front door: LMTP in, captured SMTP out, a clock that the story moves. Each is played
//! on SQLite and on PostgreSQL.
#![allow(clippy::unwrap_used, missing_docs, reason = "a story fails by panicking")]

#[path = "../support/mod.rs"]
mod support;

mod deciding;
mod hidden_text;
mod leaks;
mod moderators_own_mail;
mod no_moderator;
mod nothing_while_held;
mod retracting;
mod scene;
mod whole_life;
