//! Show a page in whatever opens pages here. The file holds people's words, so it is for its owner only, and each one takes the
//! place of the one before.

use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context as _, Result};

use super::show::{self, note};
use crate::config;

const NAME: &str = "lamplight-preview.html";

/// Write the page into the runtime folder of whoever asks, or else into the state folder, and open it. Where nothing opens
/// pages, its path is what helps.
///
/// # Errors
/// When it can't be written.
pub fn open(page: &str, state_dir: &Path) -> Result<()> {
    let path = write(page, state_dir)?;
    let opener = if cfg!(target_os = "macos") { "open" } else { "xdg-open" };
    let ended =
        Command::new(opener).arg(&path).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).status();
    if !ended.is_ok_and(|status| status.success()) {
        note("nothing here opens pages; copy the file, or open it yourself");
    }
    note("the file stays until the next one, or until you delete it");
    show::print(&path.display().to_string())
}

fn write(page: &str, state_dir: &Path) -> Result<PathBuf> {
    let runtime = config::environment().into_iter().find(|(name, _)| name == "XDG_RUNTIME_DIR");
    let folder = runtime.map(|(_, folder)| PathBuf::from(folder)).filter(|folder| folder.is_dir());
    let path = std::path::absolute(folder.as_deref().unwrap_or(state_dir))?.join(NAME);
    // A new file beside it, moved over: nobody else's file or link is written into.
    let fresh = path.with_extension(format!("{}.new", std::process::id()));
    let mut file = std::fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(&fresh)
        .with_context(|| format!("can't write {}", fresh.display()))?;
    file.write_all(page.as_bytes())?;
    drop(file);
    std::fs::rename(&fresh, &path).with_context(|| format!("can't write {}", path.display()))?;
    Ok(path)
}
