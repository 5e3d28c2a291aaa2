//! Locks in the state folder, for an embedded database alone: who serves it, and who else sends and reads beside that. The
//! system lets them go when a process ends, however it ends.

use std::fs::File;

use anyhow::{Context as _, Result, bail};
use rustix::fs::{FlockOperation, flock};

use super::Lamplight;

impl Lamplight {
    /// For one `serve` at a time; `None` on PostgreSQL, where any number may.
    ///
    /// # Errors
    /// When another one runs, or the folder can't be written.
    pub fn serve_alone(&self) -> Result<Option<File>> {
        let Some((file, path)) = self.lock_file("serve.lock")? else { return Ok(None) };
        if flock(&file, FlockOperation::NonBlockingLockExclusive).is_err() {
            bail!("another `lamplight serve` runs on this database (it holds {path})");
        }
        Ok(Some(file))
    }

    /// For a run that claims mail and ends by itself. What it has claimed is its own as long as it holds this.
    ///
    /// # Errors
    /// When the folder can't be written.
    pub fn run_beside(&self) -> Result<Option<File>> {
        let Some((file, path)) = self.lock_file("run.lock")? else { return Ok(None) };
        flock(&file, FlockOperation::LockShared).with_context(|| format!("can't lock {path}"))?;
        Ok(Some(file))
    }

    /// Nobody claims mail but whoever asks, who serves alone: until this is dropped nobody else begins to.
    ///
    /// # Errors
    /// When the folder can't be written.
    pub fn is_alone(&self) -> Result<Option<File>> {
        let Some((file, _)) = self.lock_file("run.lock")? else { return Ok(None) };
        Ok(flock(&file, FlockOperation::NonBlockingLockExclusive).is_ok().then_some(file))
    }

    fn lock_file(&self, name: &str) -> Result<Option<(File, String)>> {
        if !self.store.is_sqlite() {
            return Ok(None);
        }
        let path = self.config.service.state_dir.join(name);
        let file = File::create(&path).with_context(|| format!("can't write {}", path.display()))?;
        Ok(Some((file, path.display().to_string())))
    }
}
