//! Lamplight: support groups by e-mail, looked after by professionals.
//!
//! The rooms, and who may lean on whom: `mail ← model ← store ← engine ← server, cli`; `clock` and `config` are
//! leaves. `tests/architecture.rs` reads the `use` lines and fails on any other direction.

pub mod cli;
pub mod clock;
pub mod config;
pub mod engine;
pub mod mail;
pub mod model;
pub mod server;
pub mod store;
