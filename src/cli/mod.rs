//! The command line: one noun per file. A verb does what it says and ends with 0, or changes nothing and says why in
//! one line: 1 refused or failed, 2 wrong usage, 75 try again (`deliver`).

pub mod address;
pub mod alert;
pub mod audit;
pub mod deliver;
pub mod demo;
pub mod digest;
pub mod doctor;
pub mod export;
pub mod forget;
pub mod group;
pub mod held;
pub mod house;
pub mod import;
pub mod init;
pub mod inspect;
pub mod lexicon;
pub mod manual;
pub mod member;
pub mod moderator;
mod mute;
pub mod opened;
pub mod outbox;
pub mod post;
pub mod retention;
pub mod rota;
pub mod serve;
pub mod show;
pub mod spool;
pub mod template;
pub mod thread;
pub mod tick;
pub mod trace;
pub mod values;

use std::path::PathBuf;

use anyhow::Result;
use clap::{ArgAction, Args, Parser, Subcommand};

use crate::clock::Clock;
use house::House;

/// Support groups by e-mail, looked after by professionals.
#[derive(Debug, Parser)]
#[command(name = "lamplight", version, max_term_width = 100, disable_help_subcommand = true)]
pub struct Cli {
    /// What stands beside every verb.
    #[command(flatten)]
    pub global: Global,
    /// What is to be done.
    #[command(subcommand)]
    pub noun: Noun,
}

/// What stands beside every verb.
#[derive(Debug, Clone, Args)]
pub struct Global {
    /// The settings [default: $LAMPLIGHT_CONFIG, ./lamplight.toml, /etc/lamplight/lamplight.toml, built-in]
    #[arg(long, global = true, value_name = "FILE", display_order = 900)]
    pub config: Option<PathBuf>,
    /// Say more on standard error; twice for still more
    #[arg(short, long, global = true, action = ArgAction::Count, conflicts_with = "quiet", display_order = 901)]
    pub verbose: u8,
    /// Log errors only
    #[arg(short, long, global = true, display_order = 902)]
    pub quiet: bool,
    /// Answer in JSON
    #[arg(long, global = true, display_order = 903)]
    pub json: bool,
}

/// What is to be done.
#[derive(Debug, Subcommand)]
#[allow(clippy::large_enum_variant, reason = "there is one of it in a process")]
pub enum Noun {
    /// Make the state folder, the key and the database, and say what the mail server and DNS need
    Init,
    /// Take mail in, keep time and send, until told to end
    Serve,
    /// Play a day in the life of a group, on a throw-away database
    Demo {
        /// Where its files go [default: a new folder]
        #[arg(long)]
        dir: Option<PathBuf>,
    },
    /// Take one message on standard input, for a mail server's pipe
    Deliver(deliver::Deliver),
    /// Say what Lamplight reads in a message, without keeping it
    Inspect(inspect::Inspect),
    /// What is looked for in texts: try it, ask why
    #[command(subcommand)]
    Lexicon(lexicon::Verb),
    /// Do once whatever is due, deliver, and end; 1 when mail failed for good or the smarthost took none
    Tick(tick::Tick),
    /// Groups
    #[command(subcommand)]
    Group(group::Verb),
    /// The professionals who look after a group
    #[command(subcommand)]
    Moderator(moderator::Verb),
    /// The members of a group
    #[command(subcommand)]
    Member(member::Verb),
    /// Posts that wait for a decision
    #[command(subcommand)]
    Held(held::Verb),
    /// People who may be in danger, who was asked, and who answered
    #[command(subcommand)]
    Alert(alert::Verb),
    /// Who is on call, and who is away
    #[command(subcommand)]
    Rota(rota::Verb),
    /// Posts, whatever became of them
    #[command(subcommand)]
    Post(post::Verb),
    /// Conversations as the group has them
    #[command(subcommand)]
    Thread(thread::Verb),
    /// Digests
    #[command(subcommand)]
    Digest(digest::Verb),
    /// The words and the looks of every mail
    #[command(subcommand)]
    Template(template::Verb),
    /// Mail on its way out
    #[command(subcommand)]
    Outbox(outbox::Verb),
    /// Messages as they came in
    #[command(subcommand)]
    Spool(spool::Verb),
    /// Where a message went, to whom, and why
    Trace(trace::Trace),
    /// Who did what, and who looked
    #[command(subcommand)]
    Audit(audit::Verb),
    /// What is kept for how long, and what goes next
    Retention,
    /// Say what is not as it should be
    Doctor,
    /// Completions for a shell
    Completions(manual::Completions),
    /// The manual page
    Man(manual::Man),
}

impl Cli {
    /// Do it; gives the exit code.
    ///
    /// # Errors
    /// What is to be said in one line; the exit code is then 1.
    pub async fn run(self) -> Result<u8> {
        let Self { global, noun } = self;
        match noun {
            Noun::Init => init::run(&global).await?,
            Noun::Serve => serve::run(&global).await?,
            Noun::Demo { dir } => demo::run(dir).await?,
            Noun::Deliver(deliver) => return Ok(deliver.run(&global).await),
            Noun::Inspect(inspect) => inspect.run(&global)?,
            Noun::Lexicon(verb) => verb.run(&global)?,
            Noun::Template(verb) => verb.run(&global)?,
            Noun::Tick(tick) => tick.run(&global).await?,
            Noun::Doctor => return doctor::run(&global).await,
            Noun::Completions(completions) => completions.run()?,
            Noun::Man(man) => man.run()?,
            Noun::Digest(digest) => digest.run(&global).await?,
            other => {
                let house = House::open(&global, Clock::System).await?;
                with(&house, other).await?;
                house.lamplight.store.close().await;
            }
        }
        Ok(0)
    }
}

/// The verbs that need an open house and nothing else.
async fn with(house: &House, noun: Noun) -> Result<()> {
    match noun {
        Noun::Group(verb) => verb.run(house).await,
        Noun::Moderator(verb) => verb.run(house).await,
        Noun::Member(verb) => verb.run(house).await,
        Noun::Held(verb) => verb.run(house).await,
        Noun::Alert(verb) => verb.run(house).await,
        Noun::Rota(verb) => verb.run(house).await,
        Noun::Post(verb) => verb.run(house).await,
        Noun::Thread(verb) => verb.run(house).await,
        Noun::Outbox(verb) => verb.run(house).await,
        Noun::Spool(verb) => verb.run(house).await,
        Noun::Trace(trace) => trace.run(house).await,
        Noun::Audit(verb) => verb.run(house).await,
        Noun::Retention => retention::run(house).await,
        _ => Ok(()),
    }
}
