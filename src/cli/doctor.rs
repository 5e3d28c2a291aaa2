//! `doctor`: what is not as it should be, each in one sentence. 1 only when something is broken; a warning is no fault.
//!
//! It goes as far as it can: settings that can't be read or a database that is not there are findings themselves.

mod reading;

use std::io::ErrorKind;
use std::os::unix::fs::PermissionsExt as _;
use std::time::Duration;

use anyhow::Result;
use serde::Serialize;
use serde_json::json;

use super::Global;
use super::show::{Out, count, one_line};
use crate::clock::{Clock, Timestamp};
use crate::config::{self, Config};
use crate::engine::{Lamplight, Opening, key_file};
use crate::model::doubt::Doubt;
use crate::model::group::GroupState;
use crate::model::post::PostState;
use crate::store::audit::{self, Actor};
use crate::store::clocks::Doubted;
use crate::store::deliveries::{self, Left};
use crate::store::{alerts, groups, members, posts, rota, spool, undelivered, way};

/// Older ones can damage a database in WAL mode.
const OLDEST_SQLITE: [u32; 3] = [3, 51, 3];

/// How bad a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Weight {
    /// As it should be.
    Fine,
    /// Somebody should look at it.
    Warning,
    /// Mail does not flow.
    Broken,
}

impl Weight {
    /// As it is printed.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Fine => "ok",
            Self::Warning => "warning",
            Self::Broken => "broken",
        }
    }
}

/// One sentence about one thing.
#[derive(Debug, Clone, Serialize)]
pub struct Finding {
    /// What was looked at.
    pub check: &'static str,
    /// How bad it is.
    pub weight: Weight,
    /// What was found.
    pub text: String,
}

fn fine(check: &'static str, text: impl Into<String>) -> Finding {
    Finding { check, weight: Weight::Fine, text: text.into() }
}

fn warning(check: &'static str, text: impl Into<String>) -> Finding {
    Finding { check, weight: Weight::Warning, text: text.into() }
}

fn broken(check: &'static str, text: impl Into<String>) -> Finding {
    Finding { check, weight: Weight::Broken, text: text.into() }
}

/// Look at everything; gives the exit code.
///
/// # Errors
/// When standard output can't be written.
pub async fn run(global: &Global) -> Result<u8> {
    let findings = look(global).await;
    let is_broken = findings.iter().any(|finding| finding.weight == Weight::Broken);
    let lines: Vec<_> = findings
        .iter()
        .map(|finding| json!({ "check": finding.check, "status": finding.weight.word(), "text": finding.text }))
        .collect();
    Out::new(global.json).thing(&json!({ "ok": !is_broken, "findings": lines }), || {
        findings.iter().map(|finding| format!("{:<8} {}\n", finding.weight.word(), one_line(&finding.text))).collect()
    })?;
    Ok(u8::from(is_broken))
}

async fn look(global: &Global) -> Vec<Finding> {
    let loaded = match config::load(global.config.as_deref(), config::environment()) {
        Ok(loaded) => loaded,
        Err(faults) => return faults.0.into_iter().map(|fault| broken("settings", fault)).collect(),
    };
    let source = loaded.source.as_ref().map(|path| path.display().to_string());
    let mut findings = vec![match source {
        Some(file) => fine("settings", format!("the settings are from {file}")),
        None => warning("settings", "there is no settings file: the built-in defaults serve, with an example's domain"),
    }];
    let key = key(&loaded.config);
    // Nothing can be opened without it, which would only be said once more.
    let can_open = key.weight != Weight::Broken;
    findings.push(key);
    findings.extend(of_settings(&loaded.config));
    findings.push(listener(&loaded.config.inbound.lmtp.listen).await);
    if !can_open {
        return findings;
    }
    match Lamplight::open(loaded.config, Clock::System, Opening::Existing).await {
        Err(cause) => findings.push(broken("database", format!("{cause:#}"))),
        Ok(lamplight) => {
            if let Err(cause) = inside(&lamplight, &mut findings).await {
                findings.push(broken("database", format!("{cause:#}")));
            }
            lamplight.store.close().await;
        }
    }
    findings
}

/// What can be said from the settings alone.
#[must_use]
pub fn of_settings(config: &Config) -> Vec<Finding> {
    let mut findings = Vec::new();
    findings.push(match config.service.administrators.len() {
        0 => warning(
            "administrators",
            "service.administrators is empty: nobody is told when a group has no moderator, and mail to postmaster@ and abuse@ reaches nobody",
        ),
        number => {
            let text = format!("mail to postmaster@ and abuse@ reaches {}", count(number as u64, "administrator"));
            fine("administrators", text)
        }
    });
    findings.push(match config.outbound.smarthost.strip_prefix("maildir:") {
        Some(folder) => {
            warning("outbound", format!("mail is captured in {folder} and not sent (outbound.smarthost is a maildir)"))
        }
        None => fine("outbound", format!("mail leaves through {}", config.outbound.smarthost)),
    });
    findings.push(match config.inbound.trusted_authserv_ids.as_slice() {
        [] => warning(
            "senders",
            "no sender can be verified (inbound.trusted_authserv_ids is empty): anyone can write in a member's name, and each group's moderation mode alone decides what becomes of it. Where that matters, hold every post (group set NAME --moderation all), or let the mail server check DMARC and name it there (docs/running.md, \"Who wrote it\")",
        ),
        names => {
            let text = format!(
                "posts and decisions need a pass in Authentication-Results of {}; it must take out fields that come in under its name",
                names.join(", ")
            );
            fine("senders", text)
        }
    });
    findings
}

fn key(config: &Config) -> Finding {
    let path = key_file(&config.service.state_dir);
    match std::fs::File::open(&path).and_then(|file| file.metadata()) {
        Err(cause) if cause.kind() == ErrorKind::NotFound => {
            broken("key", format!("there is no key at {}; run `lamplight init`", path.display()))
        }
        Err(cause) => broken("key", format!("the key at {} can't be read: {cause}", path.display())),
        Ok(found) if found.permissions().mode() & 0o077 != 0 => {
            warning("key", format!("others can read the key: chmod 600 {}", path.display()))
        }
        Ok(_) => fine("key", format!("the key at {} is its owner's alone", path.display())),
    }
}

async fn listener(listen: &str) -> Finding {
    let reached = async {
        match listen.strip_prefix("unix:") {
            Some(path) => tokio::net::UnixStream::connect(path).await.map(drop),
            None => tokio::net::TcpStream::connect(listen).await.map(drop),
        }
    };
    match tokio::time::timeout(Duration::from_secs(2), reached).await {
        Ok(Ok(())) => fine("listener", format!("somebody listens on {listen}")),
        _ => warning("listener", format!("nobody listens on {listen}: `lamplight serve` is not running")),
    }
}

/// What only the database can tell.
async fn inside(lamplight: &Lamplight, findings: &mut Vec<Finding>) -> Result<()> {
    let version = lamplight.store.version().await?;
    let text = format!("the database answers ({}, {version})", lamplight.config.database.redacted());
    findings.push(if is_too_old(&version) {
        broken("database", format!("{version} can damage a database; 3.51.3 or later is needed"))
    } else {
        fine("database", text)
    });
    if let Some(free) = lamplight.store.free_disk() {
        let text = format!("{} MB free on the disk of the database", free / 1_000_000);
        let low = lamplight.disk_is_low();
        findings.push(if low { broken("disk", format!("{text}: no mail is taken in")) } else { fine("disk", text) });
    }
    let faults = lamplight.template_faults()?;
    let of_fault = |fault| warning("templates", format!("{fault}; where it fails, the built-in template serves"));
    findings.extend(faults.into_iter().map(of_fault));
    if let Some(doubted) = lamplight.doubted_clock().await? {
        findings.push(of_clock(&doubted));
    }
    of_groups(lamplight, findings).await?;
    of_mail(lamplight, findings).await?;
    reading::of_reading(lamplight, findings).await?;
    of_way_out(lamplight, findings).await
}

/// Put on record that an address was shown.
async fn looked(lamplight: &Lamplight) -> Result<()> {
    let mut tx = lamplight.store.begin().await?;
    let detail = json!({ "with": "doctor" });
    audit::write(&mut tx, lamplight.clock.now(), Actor::Administrator, "looked", "outbox", &detail).await?;
    Ok(tx.commit().await?)
}

fn of_clock(doubted: &Doubted) -> Finding {
    let what = match doubted.why {
        Doubt::Jumped(far) if far > 0 => format!("the clock went forward by {} minutes", far / 60),
        Doubt::Jumped(far) => format!("the clock went back by {} minutes", -far / 60),
        Doubt::Behind => "the clock shows an earlier time than was seen before".to_owned(),
    };
    let since = doubted.at.rfc3339();
    broken(
        "clock",
        format!(
            "no digest leaves and nothing old is removed since {since}: {what}. Set it right, and they go on; if it is right now: `lamplight digest resume`"
        ),
    )
}

fn is_too_old(version: &str) -> bool {
    let Some(number) = version.strip_prefix("SQLite ") else { return false };
    let parts: Vec<u32> = number.split('.').map(|part| part.parse().unwrap_or(0)).collect();
    parts.as_slice() < OLDEST_SQLITE.as_slice()
}

async fn of_groups(lamplight: &Lamplight, findings: &mut Vec<Finding>) -> Result<()> {
    let mut db = lamplight.store.read().await?;
    let all = groups::all(&mut db).await?;
    if all.is_empty() {
        findings.push(warning("groups", "there is no group yet"));
    }
    for group in all.iter().filter(|group| group.state == GroupState::Open) {
        if members::active_moderators(&mut db, group.id).await?.is_empty() {
            let text = format!("{} has no active moderator: nobody reads its held posts", group.name);
            findings.push(warning("moderators", text));
        }
        let on_call = rota::on_call(&mut db, group.id, lamplight.clock.now()).await?;
        if !on_call.active.is_empty() {
            let asked = on_call.rota.iter().filter(|id| on_call.active.contains(id)).count();
            if asked == 0 {
                let text = format!(
                    "{0} has nobody on call: in a crisis all its moderators are asked at once (rota set {0} ADDRESS …)",
                    group.name
                );
                findings.push(warning("rota", text));
            } else if asked == 1 {
                let text = format!("{} has one person on call: nobody is asked in her place", group.name);
                findings.push(warning("rota", text));
            }
            if on_call.rota.iter().any(|id| !on_call.active.contains(id)) {
                let text = format!("on call for {} stands a moderator who does not decide any more", group.name);
                findings.push(warning("rota", text));
            }
        }
        if group.emergency_number.is_none() {
            let text = format!("{0} has no emergency number (group set {0} --emergency-number 911)", group.name);
            findings.push(warning("emergency", text));
        }
    }
    Ok(())
}

async fn of_mail(lamplight: &Lamplight, findings: &mut Vec<Finding>) -> Result<()> {
    let mut db = lamplight.store.read().await?;
    let now = lamplight.clock.now();
    let open = alerts::list(&mut db, None, false).await?;
    if let Some(oldest) = open.iter().map(|alert| alert.raised_at).min() {
        let text = format!(
            "{} without an answer, the oldest for {} (alert list)",
            count(open.len() as u64, "alert"),
            age(oldest, now)
        );
        findings.push(warning("alerts", text));
    }
    let held = posts::list(&mut db, None, Some(PostState::Held)).await?;
    findings.push(match held.iter().map(|post| post.created_at).min() {
        None => fine("held", "no post waits for a decision"),
        Some(oldest) => {
            let text =
                format!("{} waiting, the oldest for {}", count(held.len() as u64, "held post"), age(oldest, now));
            let late = held.iter().any(|post| post.read_by < now);
            if late { warning("held", format!("{text}: later than was promised")) } else { fine("held", text) }
        }
    });
    let (fresh, aside) = spool::counts(&mut db).await?;
    findings.push(match aside {
        0 => fine("spool", format!("no message is set aside, {fresh} waiting to be read")),
        _ => warning(
            "spool",
            format!(
                "{} set aside (spool list --state quarantined), {fresh} waiting to be read",
                count(aside, "message")
            ),
        ),
    });
    let Left { waiting, failed, .. } = deliveries::counts(&mut db).await?;
    findings.push(match failed {
        0 => fine("outbox", format!("no mail failed, {waiting} waiting")),
        _ => warning(
            "outbox",
            format!("{} failed for good (outbox list --state failed), {waiting} waiting", count(failed, "mail")),
        ),
    });
    Ok(())
}

/// What the smarthost does not take, and whose address takes nothing.
async fn of_way_out(lamplight: &Lamplight, findings: &mut Vec<Finding>) -> Result<()> {
    let mut db = lamplight.store.read().await?;
    let now = lamplight.clock.now();
    let closed = way::closed(&mut db).await?;
    if let Some(closed) = &closed {
        let (since, asked) = (age(closed.since, now), age(closed.asked_at, now));
        let refuses = ["MAIL: 5", "login: 5"].iter().any(|word| closed.cause.starts_with(word));
        let what = if refuses { "refuses our mail" } else { "takes no mail" };
        let text = format!("the smarthost {what} for {since}; when last asked, {asked} ago: {}", closed.cause);
        findings.push(if refuses { broken("smarthost", text) } else { warning("smarthost", text) });
    }
    if let Some(refused) = way::refused_at_mail(&mut db).await?.filter(|_| closed.is_none()) {
        let rows = count(refused.rows.unsigned_abs(), "mail");
        let text = format!("the smarthost refuses the return path of {rows} and takes others: {}", refused.cause);
        findings.push(warning("smarthost", text));
    }
    if let Some((refused, has_taken)) = way::in_doubt(&mut db).await? {
        let (rows, since) = (count(refused.rows.unsigned_abs(), "mail"), age(refused.since, now));
        let text = format!(
            "the smarthost refuses {rows} for a reason that may be ours, not the recipient's, for {since}: {}",
            refused.cause
        );
        let nothing = "; it has taken nothing since (does it relay for this machine?)";
        findings.push(if has_taken { warning("smarthost", text) } else { broken("smarthost", text + nothing) });
    }
    let refusing = undelivered::refusing(&mut db).await?;
    if !refusing.is_empty()
        && let Err(cause) = looked(lamplight).await
    {
        findings.push(warning("record", format!("this look could not be put on record: {cause:#}")));
    }
    findings.extend(refusing.into_iter().map(|refusing| {
        let whose = match &refusing.moderator {
            Some((group, name)) => format!("{name}, moderator of {group},"),
            None => "an administrator".to_owned(),
        };
        let text = format!("the last mail to {whose} was refused for good ({}): {}", refusing.address, refusing.cause);
        warning("moderators", text)
    }));
    Ok(())
}

fn age(since: Timestamp, now: Timestamp) -> String {
    match now.seconds_since(since) / 60 {
        minutes @ ..120 => count(minutes, "minute"),
        minutes @ 120..2_880 => format!("{} hours", minutes / 60),
        minutes => format!("{} days", minutes / 1_440),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_that_are_too_old() {
        for (version, old) in
            [("SQLite 3.51.2", true), ("SQLite 3.51.3", false), ("SQLite 3.9.0", true), ("SQLite 4.0", false)]
        {
            assert_eq!(is_too_old(version), old, "{version}");
        }
        assert!(!is_too_old("PostgreSQL 15.4"));
    }
}
