//! One verb per file: read, decide, record.

pub mod deliver;
pub mod notice;
pub mod render;
