//! `serve`: take mail in, keep time and send until told to end.

use anyhow::Result;

use super::{Global, house};
use crate::clock::Clock;

/// Serve until SIGTERM or SIGINT.
///
/// # Errors
/// One sentence when it can't start.
pub async fn run(global: &Global) -> Result<()> {
    crate::server::serve::run(house::settings(global)?, Clock::System).await
}
