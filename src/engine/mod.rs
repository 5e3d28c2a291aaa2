//! One verb per file: read, decide, record.

pub mod deliver;
mod encrypted;
pub mod notice;
pub mod render;
pub mod smarthost;
pub mod transport;
