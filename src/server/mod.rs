//! Listeners and workers.

pub mod command;
pub mod door;
pub mod lmtp;
pub mod serve;
pub mod session;
pub mod transparency;
