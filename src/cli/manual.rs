//! `completions` and `man`: what a shell and a manual need to know, made from the arguments themselves.

use std::path::PathBuf;

use anyhow::{Context as _, Result};
use clap::{Args, CommandFactory as _};
use clap_complete::Shell;

use super::{Cli, show};

/// The arguments of `completions`.
#[derive(Debug, Args)]
pub struct Completions {
    /// The shell
    pub shell: Shell,
}

impl Completions {
    /// Print them.
    ///
    /// # Errors
    /// When standard output can't be written.
    pub fn run(self) -> Result<()> {
        let mut script = Vec::new();
        clap_complete::generate(self.shell, &mut Cli::command(), "lamplight", &mut script);
        show::bytes(&script)
    }
}

/// The arguments of `man`.
#[derive(Debug, Args)]
pub struct Man {
    /// Write a page for every verb into this folder instead of the main page to standard output
    #[arg(long, value_name = "DIR")]
    pub dir: Option<PathBuf>,
}

impl Man {
    /// Print or write.
    ///
    /// # Errors
    /// When it can't be written.
    pub fn run(self) -> Result<()> {
        if let Some(dir) = self.dir {
            std::fs::create_dir_all(&dir).with_context(|| format!("can't make the folder {}", dir.display()))?;
            return clap_mangen::generate_to(Cli::command(), &dir)
                .with_context(|| format!("can't write into {}", dir.display()));
        }
        let mut page = Vec::new();
        clap_mangen::Man::new(Cli::command()).render(&mut page)?;
        show::bytes(&page)
    }
}
