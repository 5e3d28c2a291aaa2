//! The table of keys: what each is called, what it takes, where it goes. A value that does not fit is refused with a
//! sentence that says what would.

use super::Config;
use super::check;
use super::source::Setting;

/// Puts one checked value in its place, or says what is wrong with it.
type Put = fn(&mut Config, &Setting) -> Result<(), String>;

/// Every key, in the order of `config/lamplight.toml`.
pub(super) const KEYS: &[(&str, Put)] = &[
    ("service.name", |c, s| check::display_name(s.text()?).map(|v| c.service.name = v)),
    ("service.domain", |c, s| check::domain(s.text()?).map(|v| c.service.domain = v)),
    ("service.mailbox", |c, s| check::mailbox(s.text()?).map(|v| c.service.mailbox = v)),
    ("service.recipient_delimiter", |c, s| check::delimiter(s.text()?).map(|v| c.service.recipient_delimiter = v)),
    ("service.state_dir", |c, s| check::path(s.text()?).map(|v| c.service.state_dir = v)),
    ("service.timezone", |c, s| check::zone(s.text()?).map(|v| c.service.timezone = v)),
    ("service.language", |c, s| c.service.language_called(s.text()?).map(|v| c.service.language = v)),
    ("service.administrators", |c, s| check::addresses(s.list()?).map(|v| c.service.administrators = v)),
    ("service.templates", |c, s| check::path(s.text()?).map(|v| c.service.templates = Some(v))),
    ("database.url", |c, s| check::database(s.secret()?).map(|v| c.database.url = v)),
    ("inbound.trusted_authserv_ids", |c, s| check::authserv_ids(s.list()?).map(|v| c.inbound.trusted_authserv_ids = v)),
    ("inbound.verify", |_, s| {
        if s.flag()? { Err("this version does not check DKIM and DMARC yet; leave it false".into()) } else { Ok(()) }
    }),
    ("inbound.lmtp.listen", |c, s| {
        check::listen(s.text()?).map(|()| c.inbound.lmtp.listen = s.text().unwrap_or_default().to_owned())
    }),
    ("outbound.smarthost", |c, s| {
        check::smarthost(s.text()?).map(|()| c.outbound.smarthost = s.text().unwrap_or_default().to_owned())
    }),
    ("outbound.password", |c, s| check::password(s.secret()?).map(|v| c.outbound.password = Some(v))),
    ("outbound.connections", |c, s| {
        s.whole(1, 64).map(|v| c.outbound.connections = u16::try_from(v).unwrap_or(u16::MAX))
    }),
    ("moderation.undo_seconds", |c, s| s.whole(0, 86_400).map(|v| c.moderation.undo_seconds = v)),
    ("moderation.alert_minutes", |c, s| s.whole(1, 1_440).map(|v| c.moderation.alert_minutes = v)),
    ("privacy.keep", |c, s| check::kept(s.list()?).map(|v| c.privacy.keep = v)),
    ("moderation.read_by_hours", |c, s| s.whole(1, 336).map(|v| c.moderation.read_by_hours = v)),
    ("retention.raw_days", |c, s| s.whole_or_never(1, 3_650).map(|v| c.retention.raw_days = v)),
    ("retention.bodies_months", |c, s| s.whole_or_never(1, 240).map(|v| c.retention.bodies_months = v)),
    ("retention.audit_months", |c, s| s.whole_or_never(1, 240).map(|v| c.retention.audit_months = v)),
];

/// The tables that keys stand in.
pub(super) const SECTIONS: &[&str] =
    &["service", "database", "inbound", "inbound.lmtp", "outbound", "moderation", "privacy", "retention"];

/// Tables that a later version will read.
pub(super) const NOT_YET: &[&str] = &["inbound.smtp", "inbound.maildir", "inbound.imap"];

/// The sentence for one of [`NOT_YET`].
pub(super) fn not_yet(section: &str) -> String {
    format!("{section}: this version does not have it yet; use inbound.lmtp or the pipe")
}

/// Put one setting in its place.
pub(super) fn apply(config: &mut Config, setting: &Setting) -> Result<(), String> {
    match KEYS.iter().find(|(key, _)| *key == setting.key) {
        Some((_, put)) => put(config, setting),
        None => Err("unknown key".into()),
    }
}

/// The known key or section that looks most like `wrong`. The last word counts most: a good key under the wrong
/// section is nearer than another key under the right one. A shortened word (`admins`, `delimiter`) is near its long form.
pub(super) fn nearest<'a>(wrong: &str, known: impl Iterator<Item = &'a str>) -> &'a str {
    let leaf = |path: &str| path.rsplit('.').next().unwrap_or_default().to_lowercase();
    let cost = |key: &str| {
        let (one, other) = (leaf(wrong), leaf(key));
        let shared = one.chars().zip(other.chars()).take_while(|(a, b)| a == b).count();
        let apart = if other.contains(&one) { 1 } else { distance(&one, &other) };
        (2 * apart + distance(wrong, key)).saturating_sub(4 * shared)
    };
    known.min_by_key(|key| (cost(key), distance(wrong, key))).unwrap_or_default()
}

/// How many letters must be added, taken away or changed (Levenshtein); case is no difference.
fn distance(one: &str, other: &str) -> usize {
    let other: Vec<char> = other.to_lowercase().chars().collect();
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (i, a) in one.to_lowercase().chars().enumerate() {
        let mut corner = row[0];
        row[0] = i + 1;
        for (j, b) in other.iter().enumerate() {
            let changed = corner + usize::from(a != *b);
            corner = row[j + 1];
            row[j + 1] = changed.min(row[j] + 1).min(corner + 1);
        }
    }
    row[other.len()]
}

/// The IANA zone that looks most like `wrong`.
pub(super) fn nearest_zone(wrong: &str) -> &'static str {
    chrono_tz::TZ_VARIANTS.iter().map(|zone| zone.name()).min_by_key(|name| distance(wrong, name)).unwrap_or("UTC")
}
