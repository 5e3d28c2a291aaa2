//! Settings: one TOML file, `LAMPLIGHT_…` variables over it, every error at once.
//!
//! Loading either gives a whole, checked [`Config`] or every fault with its file and line; nothing is guessed and
//! nothing is half applied. `Debug` shows no secret and no address. Relative paths are relative to the working folder.

mod check;
mod keys;
mod source;
#[cfg(test)]
mod tests;

use std::fmt;
use std::path::{Path, PathBuf};

use chrono_tz::Tz;

/// The languages that are built in, each a folder in `templates/` with everything that Lamplight says.
pub const LANGUAGES: &[&str] = &["en", "es"];

/// All settings, checked.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Config {
    /// `[service]`
    pub service: Service,
    /// `[database]`
    pub database: Database,
    /// `[inbound]`
    pub inbound: Inbound,
    /// `[outbound]`
    pub outbound: Outbound,
    /// `[moderation]`
    pub moderation: Moderation,
    /// `[privacy]`
    pub privacy: Privacy,
    /// `[retention]`
    pub retention: Retention,
}

/// `[service]`: who Lamplight is.
#[derive(Clone, PartialEq, Eq)]
pub struct Service {
    /// Shown to members.
    pub name: String,
    /// The domain of every address, in lower case.
    pub domain: String,
    /// The local part of the machine's own addresses, in lower case.
    pub mailbox: String,
    /// `+` or `-`.
    pub recipient_delimiter: char,
    /// Where the key file and captured mail live.
    pub state_dir: PathBuf,
    /// The zone of a group that names none.
    pub timezone: Tz,
    /// The language of a group that names none; one of [`Service::languages`].
    pub language: String,
    /// The last step of every alert; addresses whose shape was checked.
    pub administrators: Vec<String>,
    /// A folder whose templates go over the built-in ones.
    pub templates: Option<PathBuf>,
}

/// `[database]`: where everything is kept.
#[derive(Clone, PartialEq, Eq)]
pub struct Database {
    /// `sqlite://path` or `postgres://user:secret@host/name`. Holds a secret.
    pub url: String,
}

/// `[inbound]`: how mail comes in.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Inbound {
    /// Whose Authentication-Results count, as these mail servers write their names; empty: no sender can be verified.
    pub trusted_authserv_ids: Vec<String>,
    /// Check DKIM and DMARC here. Always `false` in this version.
    pub verify: bool,
    /// `[inbound.lmtp]`
    pub lmtp: Lmtp,
}

/// `[inbound.lmtp]`: the listener for a mail server's deliveries.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lmtp {
    /// `host:port` or `unix:path`, as it was written; its shape was checked.
    pub listen: String,
}

/// `[outbound]`: how mail goes out.
#[derive(Clone, PartialEq, Eq)]
pub struct Outbound {
    /// Who carries our mail: `maildir:path`, `smtp://…` or `smtps://…`; its shape was checked.
    pub smarthost: String,
    /// The password that goes with the smarthost's user. A secret.
    pub password: Option<String>,
    /// How many connections are open to the smarthost at once, 1 to 64.
    pub connections: u16,
}

/// `[privacy]`: what may stand in posts.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Privacy {
    /// Telephone numbers, e-mail addresses and links that stay, beside the well-known ones; their shape was checked.
    pub keep: Vec<String>,
}

/// `[moderation]`: how long people have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Moderation {
    /// Between an APPROVE and its release, 0 to 86,400.
    pub undo_seconds: u32,
    /// Until an unacknowledged alert climbs to the next person, 1 to 1,440.
    pub alert_minutes: u32,
    /// Within how many of a group's reading hours posts are read, 1 to 336.
    pub read_by_hours: u32,
}

/// `[retention]`: what is kept for how long; `None`: for ever. What waits for a person is kept in any case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Retention {
    /// Messages as they came, after everything of them was decided, and mails sent, after all copies were settled.
    pub raw_days: Option<u32>,
    /// The words of posts.
    pub bodies_months: Option<u32>,
    /// Lines of the record of who did what.
    pub audit_months: Option<u32>,
}

impl Default for Retention {
    fn default() -> Self {
        Self { raw_days: Some(30), bodies_months: Some(12), audit_months: Some(24) }
    }
}

impl Default for Service {
    fn default() -> Self {
        Self {
            name: "Lamplight".into(),
            domain: "groups.example.org".into(),
            mailbox: "lamplight".into(),
            recipient_delimiter: '+',
            state_dir: "var".into(),
            timezone: chrono_tz::America::New_York,
            language: "en".into(),
            administrators: Vec::new(),
            templates: None,
        }
    }
}

impl Default for Database {
    fn default() -> Self {
        Self { url: "sqlite://var/lamplight.db".into() }
    }
}

impl Default for Lmtp {
    fn default() -> Self {
        Self { listen: "127.0.0.1:2424".into() }
    }
}

impl Default for Outbound {
    fn default() -> Self {
        Self { smarthost: "maildir:var/sent".into(), password: None, connections: 4 }
    }
}

impl Default for Moderation {
    fn default() -> Self {
        Self { undo_seconds: 120, alert_minutes: 15, read_by_hours: 12 }
    }
}

impl fmt::Debug for Service {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Service")
            .field("name", &self.name)
            .field("domain", &self.domain)
            .field("mailbox", &self.mailbox)
            .field("recipient_delimiter", &self.recipient_delimiter)
            .field("state_dir", &self.state_dir)
            .field("timezone", &self.timezone)
            .field("language", &self.language)
            .field("administrators", &format_args!("({})", self.administrators.len()))
            .field("templates", &self.templates)
            .finish()
    }
}

impl fmt::Debug for Database {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Database").field("url", &self.redacted()).finish()
    }
}

impl Database {
    /// The URL with everything between `//` and the last `@`, and any query, left out: for logs and `doctor`.
    #[must_use]
    pub fn redacted(&self) -> String {
        let bare = self.url.split('?').next().unwrap_or_default();
        match (bare.split_once("://"), bare.rsplit_once('@')) {
            (Some((scheme, _)), Some((_, place))) => format!("{scheme}://…@{place}"),
            _ => bare.to_owned(),
        }
    }
}

impl fmt::Debug for Outbound {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Outbound")
            .field("smarthost", &self.smarthost)
            .field("password", &self.password.as_ref().map(|_| format_args!("…")))
            .field("connections", &self.connections)
            .finish()
    }
}

/// Settings and where they came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Loaded {
    /// The settings.
    pub config: Config,
    /// The file that was read; `None` when the built-in defaults were used.
    pub source: Option<PathBuf>,
}

/// Everything that is wrong with the settings, one sentence each.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfigErrors(pub Vec<String>);

impl fmt::Display for ConfigErrors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.join("\n"))
    }
}

impl std::error::Error for ConfigErrors {}

/// The process's environment for [`load`]; a value that is not Unicode is kept with replacement characters, so that
/// it is refused by name instead of stopping the program.
#[must_use]
pub fn environment() -> Vec<(String, String)> {
    std::env::vars_os()
        .map(|(name, value)| (name.to_string_lossy().into_owned(), value.to_string_lossy().into_owned()))
        .collect()
}

impl Service {
    /// The languages that Lamplight can write: those that are built in, and each that has a folder of its own among the
    /// service's templates, spelt as the folder is.
    #[must_use]
    pub fn languages(&self) -> Vec<String> {
        let mut languages: Vec<String> = LANGUAGES.iter().map(|language| (*language).to_owned()).collect();
        let folders = self.templates.as_ref().and_then(|folder| std::fs::read_dir(folder).ok());
        for entry in folders.into_iter().flatten().flatten().filter(|entry| entry.path().is_dir()) {
            let name = entry.file_name().to_string_lossy().into_owned();
            if check::is_language_tag(&name) && !languages.contains(&name) {
                languages.push(name);
            }
        }
        languages.sort();
        languages
    }

    /// The one of [`Service::languages`] that is meant.
    ///
    /// # Errors
    /// A sentence that says which there are.
    pub fn language_called(&self, text: &str) -> Result<String, String> {
        let known = self.languages();
        let meant = known.iter().find(|known| known.eq_ignore_ascii_case(text.trim()));
        meant.cloned().ok_or_else(|| format!("`{text}` is not a language Lamplight has; it has {}", known.join(", ")))
    }
}

/// Find the settings (`explicit`, `$LAMPLIGHT_CONFIG`, `./lamplight.toml`, `/etc/lamplight/lamplight.toml`, the
/// defaults), put the variables over them and check everything.
///
/// # Errors
/// Every fault of file and variables at once.
pub fn load(explicit: Option<&Path>, env: impl IntoIterator<Item = (String, String)>) -> Result<Loaded, ConfigErrors> {
    load_from(explicit, env, &[Path::new("lamplight.toml"), Path::new("/etc/lamplight/lamplight.toml")])
}

/// [`load`] with the usual places given, for tests.
fn load_from(
    explicit: Option<&Path>,
    env: impl IntoIterator<Item = (String, String)>,
    places: &[&Path],
) -> Result<Loaded, ConfigErrors> {
    let env: Vec<(String, String)> = env.into_iter().collect();
    let named = env.iter().find(|(name, value)| name == "LAMPLIGHT_CONFIG" && !value.is_empty());
    let source = explicit
        .map(Path::to_path_buf)
        .or_else(|| named.map(|(_, value)| PathBuf::from(value)))
        .or_else(|| places.iter().find(|place| place.exists()).map(|place| place.to_path_buf()));
    let mut errors = Vec::new();
    let mut settings = Vec::new();
    if let Some(path) = &source {
        match std::fs::read_to_string(path) {
            Ok(text) => settings = source::from_file(&text, &path.display().to_string(), &mut errors),
            Err(cause) => errors.push(format!("{}: can't be read: {cause}", path.display())),
        }
    }
    for setting in source::from_variables(&env, &mut errors) {
        settings.retain(|earlier: &source::Setting| earlier.key != setting.key);
        settings.push(setting);
    }
    // Which languages there are depends on the folder.
    settings.sort_by_key(|setting| setting.key != "service.templates");
    let mut config = Config::default();
    for setting in &settings {
        if let Err(sentence) = keys::apply(&mut config, setting) {
            errors.push(format!("{}: {}: {sentence}", setting.origin, setting.key));
        }
    }
    if errors.is_empty() { Ok(Loaded { config, source }) } else { Err(ConfigErrors(errors)) }
}
