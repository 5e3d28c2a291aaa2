//! One verb per file: read, decide, record. What follows from a message is written in one transaction with it.

pub mod addresses;
mod ahead;
mod alarm;
pub mod alert;
mod alert_anew;
mod alert_climb;
mod alert_end;
mod alert_named;
mod alert_told;
pub mod answer;
pub mod arrival;
mod aside;
mod automatic;
mod back;
pub mod believed;
mod changed;
pub mod climb;
mod confirm;
mod consequence;
pub mod copy;
mod cover;
mod crisis_text;
pub mod decide;
pub mod deliver;
pub mod digest;
pub mod door;
mod edit;
mod encrypted;
mod escalate;
mod excerpt;
mod explain;
pub mod forget;
mod gathered;
pub mod hold;
pub mod import;
pub mod issue;
pub mod judge;
pub mod knowing;
pub mod leave;
pub mod lexicons;
pub mod locks;
mod looks;
mod meant;
pub mod moderate;
pub mod notice;
pub mod notify;
pub mod outcome;
mod pictures;
mod postmaster;
pub mod preview;
mod private;
pub mod publish;
mod quoted;
mod reading;
pub mod receive;
mod recipients;
pub mod record;
pub mod render;
mod repeated;
pub mod retention;
pub mod roster;
mod sampled;
pub mod samples;
mod smarthost;
mod split;
pub mod stranger;
mod talk;
pub mod tick;
pub mod transport;
mod turns;
mod unaddressed;
pub mod undelivered;
mod verified;
mod which;
mod wish;

use std::collections::HashSet;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicI64;
use std::sync::{Arc, Mutex, RwLock};

use anyhow::Context as _;
use tokio::sync::Notify;

use crate::clock::Clock;
use crate::config::Config;
use crate::mail::Address;
use crate::mail::envelope::AddressScheme;
use crate::model::cover::Kept;
use crate::model::outages::Outages;
use crate::model::token::Key;
use crate::store::Store;
use crate::store::db::sqlite_file;
use crate::store::spool::ClaimedMessage;
use ahead::Desk;
use believed::Looked;
use lexicons::Lexicons;
use render::Renderer;
use transport::Transport;

/// One Lamplight: settings, database, templates, clock. Cheap to clone.
#[derive(Clone)]
pub struct Lamplight {
    /// The settings.
    pub config: Arc<Config>,
    /// How our addresses are written.
    pub scheme: Arc<AddressScheme>,
    /// The database.
    pub store: Store,
    /// The templates.
    pub renderer: Arc<Renderer>,
    /// The clock.
    pub clock: Clock,
    /// What was wrong with templates of the administrator's folder; the built-in ones serve in their place.
    pub template_problems: Arc<Vec<String>>,
    /// What stays in posts although it looks like contact details.
    kept: Arc<Kept>,
    /// What the texts of each group are read by.
    lexicons: Arc<Lexicons>,
    /// Names of groups that were found, so that RCPT need not ask for each.
    known_groups: Arc<RwLock<HashSet<String>>>,
    /// Attempts at messages that the database cut short and that it could not be told of yet.
    cut_short: Arc<Mutex<Vec<ClaimedMessage>>>,
    /// Messages that are read before their turn comes.
    desk: Arc<Desk>,
    /// When nothing was found last that was kept for too long, in microseconds.
    expired_at: Arc<AtomicI64>,
    /// Whose trouble it is that the database failed.
    outages: Arc<Mutex<Outages>>,
    /// How the clock stood when it was looked at last.
    looked: Arc<Mutex<Option<Looked>>>,
    /// Rung when a message was kept that may tell of danger.
    pub urgent_arrived: Arc<Notify>,
    /// Rung when it is not known whether a message was kept.
    pub perhaps_kept: Arc<Notify>,
}

/// Whether opening may make what is missing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Opening {
    /// The state folder, the key and the tables may be made.
    Create,
    /// They must be there.
    Existing,
}

impl Lamplight {
    /// Open everything.
    ///
    /// # Errors
    /// One clear sentence: no key, another key, a newer database, a database that does not answer.
    pub async fn open(config: Config, clock: Clock, opening: Opening) -> anyhow::Result<Self> {
        let key = read_key(&config.service.state_dir, opening)?;
        if let (Some(file), Opening::Create) = (sqlite_file(&config.database.url), opening)
            && let Some(folder) = file.parent().filter(|folder| !folder.as_os_str().is_empty())
        {
            std::fs::create_dir_all(folder).with_context(|| format!("can't make the folder {}", folder.display()))?;
        }
        // The settings were checked when they were read.
        let kept = Kept::new(&config.privacy.keep).map_err(|faults| anyhow::anyhow!(faults.join(" ")))?;
        let kept = kept.with_groups_at(&config.service.domain);
        let lexicons = Lexicons::open(&config.service.state_dir)?;
        let store = Store::open(&config.database.url, key, opening == Opening::Create, clock.now()).await?;
        let (renderer, template_problems) = Renderer::new(config.service.templates.as_deref())?;
        for problem in &template_problems {
            tracing::warn!("{problem}; the built-in template serves");
        }
        let scheme = AddressScheme {
            domain: config.service.domain.to_lowercase(),
            mailbox: config.service.mailbox.to_lowercase(),
            delimiter: config.service.recipient_delimiter,
        };
        Ok(Self {
            config: Arc::new(config),
            scheme: Arc::new(scheme),
            store,
            renderer: Arc::new(renderer),
            clock,
            template_problems: Arc::new(template_problems),
            kept: Arc::new(kept),
            lexicons: Arc::new(lexicons),
            known_groups: Arc::default(),
            cut_short: Arc::default(),
            desk: Arc::default(),
            expired_at: Arc::new(AtomicI64::new(i64::MIN)),
            outages: Arc::default(),
            looked: Arc::default(),
            urgent_arrived: Arc::default(),
            perhaps_kept: Arc::default(),
        })
    }

    /// The administrators' addresses.
    #[must_use]
    pub fn administrators(&self) -> Vec<Address> {
        self.config.service.administrators.iter().filter_map(|text| Address::parse(text).ok()).collect()
    }

    /// A Message-ID that was never used. It begins with the time, so that a database finds its place behind the last one.
    #[must_use]
    pub fn new_message_id(&self) -> String {
        let mut id = format!("{:013x}", self.clock.now().0);
        for byte in rand::random::<[u8; 10]>() {
            let _ = write!(id, "{byte:02x}");
        }
        format!("{id}@{}", self.scheme.domain)
    }

    /// The way out, as the settings name it.
    ///
    /// # Errors
    /// A sentence that says what is wrong with the setting.
    pub fn transport(&self) -> anyhow::Result<Arc<Transport>> {
        let outbound = &self.config.outbound;
        Transport::from_url(&outbound.smarthost, outbound.password.clone(), &self.scheme.domain).map(Arc::new)
    }
}

/// Whether the database is what failed.
fn is_outage(cause: &anyhow::Error) -> bool {
    cause.chain().any(|cause| cause.downcast_ref::<crate::store::Error>().is_some_and(crate::store::Error::is_outage))
}

/// Where the key file lies.
#[must_use]
pub fn key_file(state_dir: &Path) -> PathBuf {
    state_dir.join("key")
}

/// Read the key, or make one: 32 octets as hexadecimal digits, readable by their owner only.
fn read_key(state_dir: &Path, opening: Opening) -> anyhow::Result<Key> {
    let path = key_file(state_dir);
    match std::fs::read_to_string(&path) {
        Ok(text) => parse_key(&text).with_context(|| format!("{} holds no key", path.display())),
        Err(cause) if cause.kind() == std::io::ErrorKind::NotFound && opening == Opening::Create => make_key(&path),
        Err(cause) if cause.kind() == std::io::ErrorKind::NotFound => {
            anyhow::bail!("there is no key at {}; run `lamplight init`", path.display())
        }
        Err(cause) => Err(cause).with_context(|| format!("can't read the key at {}", path.display())),
    }
}

fn parse_key(text: &str) -> anyhow::Result<Key> {
    let bytes = data_encoding::HEXLOWER_PERMISSIVE.decode(text.trim().as_bytes())?;
    let bytes: [u8; 32] = bytes.try_into().map_err(|_| anyhow::anyhow!("a key has 64 hexadecimal digits"))?;
    Ok(Key::new(bytes))
}

fn make_key(path: &Path) -> anyhow::Result<Key> {
    use std::io::Write as _;
    use std::os::unix::fs::OpenOptionsExt as _;
    let folder = path.parent().unwrap_or(Path::new("."));
    std::fs::create_dir_all(folder).with_context(|| format!("can't make the folder {}", folder.display()))?;
    let bytes = rand::random::<[u8; 32]>();
    // Written beside and linked into place: two that start at once end with one key.
    let fresh = folder.join(format!(".key.{}", std::process::id()));
    let mut file = std::fs::OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(&fresh)
        .with_context(|| format!("can't write the key in {}", folder.display()))?;
    writeln!(file, "{}", data_encoding::HEXLOWER.encode(&bytes))?;
    file.sync_all()?;
    let linked = std::fs::hard_link(&fresh, path);
    std::fs::remove_file(&fresh)?;
    match linked {
        Ok(()) => Ok(Key::new(bytes)),
        Err(cause) if cause.kind() == std::io::ErrorKind::AlreadyExists => {
            parse_key(&std::fs::read_to_string(path)?).with_context(|| format!("{} holds no key", path.display()))
        }
        Err(cause) => Err(cause).with_context(|| format!("can't write the key at {}", path.display())),
    }
}
