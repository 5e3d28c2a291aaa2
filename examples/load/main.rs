//! Load the real program from outside and print one table: what was measured, what must be, what is aimed at.
//!
//! `cargo build --release && cargo run --release --example load` starts `lamplight serve` in a temporary folder, on
//! SQLite and, where it is installed, on a PostgreSQL of its own; plays the mail servers on both sides; and checks that
//! nothing was lost or came twice (else it ends with 1). `--quick` plays everything smaller. The machine's own limits
//! are measured in the same run, because only ratios can be compared between machines.

mod digests;
mod letters;
mod lmtp;
mod machine;
mod postgres;
mod program;
mod receiver;
mod scenes;
mod table;
mod wire;

use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;

use anyhow::Result;
use clap::{Parser, ValueEnum};

use machine::Machine;
use postgres::Postgres;
use scenes::Stage;
use table::{Row, number};

/// Load Lamplight and measure it.
#[derive(Parser)]
struct Options {
    /// On which database
    #[arg(long, value_enum, default_value_t = Database::Both)]
    database: Database,
    /// Smaller numbers: nothing is judged but that nothing is lost
    #[arg(long)]
    quick: bool,
    /// The smallest numbers with which everything still happens, also for a debug build
    #[arg(long, conflicts_with = "quick")]
    tiny: bool,
    /// Only this kind of load; may be repeated
    #[arg(long, value_enum)]
    only: Vec<Scene>,
    /// The folder in which to work, on the disk that is to be measured [default: the system's for temporary files]
    #[arg(long, value_name = "FOLDER")]
    within: Option<PathBuf>,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Database {
    Sqlite,
    Postgres,
    Both,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Scene {
    Accept,
    Fanout,
    Digest,
    Due,
    Growth,
    Pending,
    Cry,
}

/// How large everything is.
struct Sizes {
    runs: usize,
    posts: usize,
    readers: usize,
    digest_posts: usize,
    digest_readers: usize,
    due_readers: usize,
    early: usize,
    stored: usize,
    batch: usize,
    few_pending: usize,
    many_pending: usize,
    bare: usize,
    commit_seconds: f64,
}

const FULL: Sizes = Sizes {
    runs: 3,
    posts: 2_000,
    readers: 10_000,
    digest_posts: 100,
    digest_readers: 1_000,
    due_readers: 100_000,
    early: 1_000,
    stored: 50_000,
    batch: 1_000,
    few_pending: 100,
    many_pending: 1_000,
    bare: 10_000,
    commit_seconds: 2.0,
};

const QUICK: Sizes = Sizes {
    runs: 1,
    posts: 500,
    readers: 1_000,
    digest_posts: 30,
    digest_readers: 200,
    due_readers: 5_000,
    early: 200,
    stored: 1_500,
    batch: 300,
    few_pending: 30,
    many_pending: 150,
    bare: 2_000,
    commit_seconds: 0.3,
};

const TINY: Sizes = Sizes {
    runs: 1,
    posts: 20,
    readers: 20,
    digest_posts: 5,
    digest_readers: 10,
    due_readers: 30,
    early: 5,
    stored: 40,
    batch: 10,
    few_pending: 3,
    many_pending: 20,
    bare: 200,
    commit_seconds: 0.1,
};

fn main() -> Result<()> {
    let options = Options::parse();
    let sizes = match (options.tiny, options.quick) {
        (true, _) => &TINY,
        (_, true) => &QUICK,
        _ => &FULL,
    };
    let binary = program::binary()?;
    let within = options.within.clone().unwrap_or_else(std::env::temp_dir);
    let folder = tempfile::Builder::new().prefix("lamplight-load-").tempdir_in(within)?;
    // PostgreSQL runs as somebody else and must get to its own folder.
    std::fs::set_permissions(folder.path(), std::fs::Permissions::from_mode(0o711))?;
    eprintln!("the machine alone");
    let machine = Machine::measure(folder.path(), sizes.commit_seconds, sizes.bare, 10)?;
    let mut rows = Vec::new();
    if options.database != Database::Postgres {
        rows.extend(play(&options, &Stage::new(&binary, folder.path(), None, &machine, sizes))?);
    }
    let mut postgres_commits = None;
    if options.database != Database::Sqlite {
        match Postgres::start(folder.path())? {
            Some(server) => {
                let rate = machine::postgres_commits(&server.database("machine")?, sizes.commit_seconds)?;
                postgres_commits = Some(rate);
                rows.extend(play(&options, &Stage::new(&binary, folder.path(), Some(&server), &machine, sizes))?);
            }
            None => eprintln!("SKIPPED: PostgreSQL, because initdb and pg_ctl were not found"),
        }
    }
    println!("{}", table::render(&rows, !options.quick && !options.tiny));
    println!("{}", limits(&machine, postgres_commits));
    Ok(())
}

/// One kind of load.
type Play = fn(&Stage) -> Result<Vec<Row>>;

fn play(options: &Options, stage: &Stage) -> Result<Vec<Row>> {
    let scenes: [(Scene, Play); 7] = [
        (Scene::Accept, scenes::accept),
        (Scene::Fanout, scenes::fan_out),
        (Scene::Digest, digests::digest),
        (Scene::Due, digests::due),
        (Scene::Growth, scenes::growth),
        (Scene::Pending, scenes::pending),
        (Scene::Cry, scenes::cry),
    ];
    let mut rows = Vec::new();
    for (scene, play) in scenes {
        if options.only.is_empty() || options.only.contains(&scene) {
            let name = scene.to_possible_value().map_or_else(String::new, |value| value.get_name().to_owned());
            eprintln!("{name} on {}", stage.database());
            rows.extend(play(stage)?);
        }
    }
    Ok(rows)
}

/// The machine's own limits, as lines below the table.
fn limits(machine: &Machine, postgres_commits: Option<f64>) -> String {
    let postgres =
        postgres_commits.map_or_else(String::new, |rate| format!("; PostgreSQL over one connection {}", number(rate)));
    let smtp_source =
        machine.smtp_source_sends.map_or_else(String::new, |rate| format!("; Postfix's smtp-source {}", number(rate)));
    format!(
        "The machine in the same run, with {} cores: {} pages a second written with fdatasync; {} one-row commits a second \
         by SQLite{postgres}; to the same receiver over ten connections Lamplight's SMTP client alone {} messages a \
         second, {} CPU s per 1,000 with the receiver's; a sender of threads and nothing else {}, {}; one that waits for \
         the reply to each command {}, {}{smtp_source}.",
        std::thread::available_parallelism().map_or(0, std::num::NonZero::get),
        number(machine.page_writes),
        number(machine.commits),
        number(machine.client_sends),
        number(machine.client_cpu),
        number(machine.bare_sends),
        number(machine.bare_cpu),
        number(machine.lockstep_sends),
        number(machine.lockstep_cpu),
    )
}
