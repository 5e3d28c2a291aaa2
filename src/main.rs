//! Arguments in, exit code out: 0 done, 1 refused or failed, 2 wrong usage, 75 try again.

use std::io::IsTerminal as _;
use std::process::ExitCode;

use clap::Parser as _;
use lamplight::cli::{Cli, Global};
use lamplight::config;
use tracing_subscriber::EnvFilter;

fn main() -> ExitCode {
    // Key, database and captured mail hold people's addresses and words: for their owner only, whoever runs a verb.
    rustix::process::umask(rustix::fs::Mode::from_raw_mode(0o077));
    // Wrong usage ends here, with 2.
    let cli = Cli::parse();
    log_to_stderr(&cli.global);
    // Beside these, one thread executes SQL and another reads mail; or another program is the database.
    let workers = std::thread::available_parallelism().map_or(1, |cores| cores.get().div_ceil(2));
    let runtime = match tokio::runtime::Builder::new_multi_thread().worker_threads(workers).enable_all().build() {
        Ok(runtime) => runtime,
        Err(cause) => return failed(&anyhow::Error::new(cause).context("can't start")),
    };
    match runtime.block_on(cli.run()) {
        Ok(code) => ExitCode::from(code),
        Err(cause) => failed(&cause),
    }
}

fn failed(cause: &anyhow::Error) -> ExitCode {
    eprintln!("lamplight: {cause:#}");
    ExitCode::from(1)
}

/// `LAMPLIGHT_LOG` goes over `-v` and `-q`: `info`, or `lamplight::engine=debug,warn`.
fn log_to_stderr(global: &Global) {
    let asked = config::environment().into_iter().find(|(name, value)| name == "LAMPLIGHT_LOG" && !value.is_empty());
    let level = match (global.quiet, global.verbose) {
        (true, _) => "error",
        (false, 0) => "warn",
        (false, 1) => "warn,lamplight=info",
        (false, _) => "info,lamplight=debug",
    };
    let filter = match asked.map(|(_, value)| EnvFilter::try_new(value)) {
        Some(Ok(filter)) => filter,
        Some(Err(_)) => {
            eprintln!("lamplight: LAMPLIGHT_LOG can't be read and is passed over; write it like info");
            EnvFilter::new(level)
        }
        None => EnvFilter::new(level),
    };
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal())
        .init();
}
