//! Listeners and workers.

pub mod command;
pub mod door;
pub mod serve;
pub mod lmtp;
pub mod session;
pub mod transparency;
