//! `init`: make what is missing, say what the mail server and DNS need. Safe to repeat: what is there stays.

use std::fmt::Write as _;

use anyhow::Result;
use serde_json::json;

use super::doctor::{self, Weight};
use super::show::{Out, note};
use super::{Global, house};
use crate::clock::Clock;
use crate::config::Config;
use crate::engine::door::MAX_MESSAGE;
use crate::engine::{Lamplight, Opening, key_file};

/// Make everything.
///
/// # Errors
/// One sentence; what was made before it stays.
pub async fn run(global: &Global) -> Result<()> {
    let config = house::settings(global)?;
    let key = key_file(&config.service.state_dir);
    let was_there = key.exists();
    let lamplight = Lamplight::open(config, Clock::System, Opening::Create).await?;
    let config = lamplight.config.as_ref();
    let (postfix, dns) = (postfix(config), dns(config));
    let version = lamplight.store.version().await?;
    let json = json!({
        "key": key.display().to_string(),
        "key_made": !was_there,
        "database": config.database.redacted(),
        "version": version,
        "listen": config.inbound.lmtp.listen,
        "domain": config.service.domain,
        "postfix": postfix,
        "dns": dns,
    });
    Out::new(global.json).thing(&json, || {
        let kept = if was_there { "is there" } else { "was made; keep a copy where nobody else can read it" };
        format!(
            "The key {} {kept}.\nThe database {} is up to date ({version}).\n\n{postfix}\n{dns}\n\
             Next: lamplight group add NAME --title TITLE, then lamplight moderator add NAME ADDRESS --name NAME, \
             then lamplight serve.",
            key.display(),
            config.database.redacted()
        )
    })?;
    for finding in doctor::of_settings(config) {
        if finding.weight != Weight::Fine {
            note(&format!("{}: {}", finding.weight.word(), finding.text));
        }
    }
    lamplight.store.close().await;
    Ok(())
}

/// The lines for Postfix, as they stand in its files.
fn postfix(config: &Config) -> String {
    let domain = &config.service.domain;
    let next_hop = match config.inbound.lmtp.listen.strip_prefix("unix:") {
        // Postfix looks for a socket below its queue folder, which is its clients' root on Debian.
        Some(path) => format!("lmtp:unix:{}", path.strip_prefix("/var/spool/postfix/").unwrap_or(path)),
        None => format!("lmtp:inet:{}", config.inbound.lmtp.listen),
    };
    let mut out = String::new();
    // Writing to a String can't fail.
    let _ = write!(
        out,
        "Postfix, in /etc/postfix/main.cf ({domain} must not stand in mydestination):\n\n\
         \x20   relay_domains = {domain}\n\
         \x20   transport_maps = hash:/etc/postfix/transport\n\
         \x20   recipient_delimiter = {}\n\
         \x20   smtpd_recipient_restrictions = permit_mynetworks, reject_unauth_destination, reject_unverified_recipient\n\
         \x20   unverified_recipient_reject_code = 550\n\
         \x20   message_size_limit = {MAX_MESSAGE}\n\n\
         in /etc/postfix/transport, then `postmap /etc/postfix/transport` and `postfix reload`:\n\n\
         \x20   {domain}    {next_hop}\n\n\
         To send through the same Postfix: [outbound] smarthost = \"smtp://127.0.0.1:25\".\n",
        config.service.recipient_delimiter
    );
    out
}

/// The lines for DNS.
fn dns(config: &Config) -> String {
    let domain = &config.service.domain;
    format!(
        "DNS (put your mail server's own name for mail.example.org):\n\n\
         \x20   {domain}.    IN MX   10 mail.example.org.\n\
         \x20   {domain}.    IN TXT  \"v=spf1 mx -all\"\n\n\
         Sign what leaves with DKIM for {domain} on the mail server; then publish a DMARC record.\n"
    )
}
