//! `demo`: a day in the life of a group.

use std::path::PathBuf;

/// Play it.
///
/// # Errors
/// One sentence.
pub async fn run(_dir: Option<PathBuf>) -> anyhow::Result<()> {
    anyhow::bail!("the demo is not in this version yet")
}
