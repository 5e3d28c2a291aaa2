//! The shape of each value. Every check gives the value as it is kept, or a sentence that says what would fit.

use std::path::PathBuf;

use chrono_tz::Tz;

use super::keys;

/// Words that never name a mailbox of the machine.
const RESERVED: &[&str] = &["postmaster", "abuse", "mailer-daemon", "double-bounce", "root", "ask"];

pub(super) fn display_name(text: &str) -> Result<String, String> {
    let text = text.trim();
    if text.is_empty() || text.len() > 100 || text.chars().any(char::is_control) {
        return Err("must be one line of 1 to 100 bytes".into());
    }
    Ok(text.to_owned())
}

pub(super) fn domain(text: &str) -> Result<String, String> {
    let lower = text.trim().to_ascii_lowercase();
    if !lower.is_ascii() {
        return Err(format!("`{text}` must be written in ASCII (the form that begins with xn--)"));
    }
    if is_host(&lower) { Ok(lower) } else { Err(format!("`{text}` is not a mail domain like groups.example.org")) }
}

/// A host name of letters, digits and inner hyphens (RFC 1123 §2.1).
fn is_host(text: &str) -> bool {
    let label = |label: &str| {
        (1..=63).contains(&label.len())
            && label.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    text.len() <= 253 && text.split('.').all(label)
}

pub(super) fn mailbox(text: &str) -> Result<String, String> {
    let lower = text.trim().to_ascii_lowercase();
    let shaped = lower.len() <= 30
        && lower.starts_with(|c: char| c.is_ascii_lowercase())
        && lower.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-');
    if shaped && !RESERVED.contains(&lower.as_str()) {
        return Ok(lower);
    }
    Err(format!("`{text}` must be 1 to 30 letters, digits or hyphens, begin with a letter and be no reserved word"))
}

pub(super) fn delimiter(text: &str) -> Result<char, String> {
    match text {
        "+" => Ok('+'),
        "-" => Ok('-'),
        _ => Err(format!("`{text}` must be \"+\" or \"-\"")),
    }
}

pub(super) fn path(text: &str) -> Result<PathBuf, String> {
    if text.is_empty() || text.contains('\0') {
        return Err("must name a folder".into());
    }
    Ok(PathBuf::from(text))
}

pub(super) fn zone(text: &str) -> Result<Tz, String> {
    text.parse().map_err(|_| {
        format!("`{text}` is not a time zone of the IANA list; did you mean `{}`?", keys::nearest_zone(text))
    })
}

/// A name such as `de`, `gsw` or `pt-BR` (RFC 5646 §2.1).
pub(super) fn is_language_tag(text: &str) -> bool {
    let mut parts = text.split('-');
    let is_language = |part: &str| matches!(part.len(), 2 | 3) && part.bytes().all(|b| b.is_ascii_lowercase());
    let is_further = |part: &str| matches!(part.len(), 2..=8) && part.bytes().all(|b| b.is_ascii_alphanumeric());
    parts.next().is_some_and(is_language) && parts.all(is_further)
}

pub(super) fn addresses(list: Vec<String>) -> Result<Vec<String>, String> {
    let wrong: Vec<&str> = list.iter().map(String::as_str).filter(|text| !is_address(text)).collect();
    if wrong.is_empty() {
        return Ok(list);
    }
    Err(format!("not a mail address: `{}`", wrong.join("`, `")))
}

/// A bare `local@domain`; the mail room parses it properly when it is used.
fn is_address(text: &str) -> bool {
    text.len() <= 254
        && !text.chars().any(|c| c.is_whitespace() || c.is_control() || "<>()[],;:\\\"".contains(c))
        && text.rsplit_once('@').is_some_and(|(local, domain)| {
            !local.is_empty() && !local.contains('@') && (is_host(domain) || !domain.is_ascii())
        })
}

/// Names as a mail server writes them into Authentication-Results (RFC 8601 §2.2).
pub(super) fn authserv_ids(list: Vec<String>) -> Result<Vec<String>, String> {
    let wrong: Vec<&str> = list.iter().map(String::as_str).filter(|text| !is_authserv_id(text)).collect();
    if wrong.is_empty() {
        return Ok(list);
    }
    Err(format!("not the name of a mail server as it writes it, like mx.example.org: `{}`", wrong.join("`, `")))
}

/// RFC 2045 §5.1: a token, or text in quotes; no spaces in either.
fn is_authserv_id(text: &str) -> bool {
    let is_token = |c: char| c.is_ascii_graphic() && !"()<>@,;:\\\"/[]?=".contains(c);
    let is_quoted = |c: char| !c.is_control() && !c.is_whitespace() && !"\\\"".contains(c);
    if text.is_empty() || text.len() > 255 {
        return false;
    }
    match text.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')) {
        Some(inner) => !inner.is_empty() && inner.chars().all(is_quoted),
        None => text.chars().all(is_token),
    }
}

pub(super) fn password(text: String) -> Result<String, String> {
    if text.is_empty() || text.chars().any(char::is_control) {
        return Err("must be one line that is not empty".into());
    }
    Ok(text)
}

// The sentence never repeats the URL: it may hold a password.
pub(super) fn database(text: String) -> Result<String, String> {
    let place = ["sqlite://", "sqlite:"].iter().find_map(|scheme| text.strip_prefix(scheme));
    let host = ["postgres://", "postgresql://"].iter().find_map(|scheme| text.strip_prefix(scheme));
    let fits = match (place, host) {
        (Some(place), _) => !place.split('?').next().unwrap_or_default().is_empty(),
        (_, Some(host)) => !host.is_empty() && !host.starts_with('/'),
        _ => false,
    };
    if fits && !text.chars().any(|c| c.is_control() || c == ' ') {
        return Ok(text);
    }
    Err("must look like sqlite://var/lamplight.db or postgres://user:secret@host/lamplight".into())
}

pub(super) fn listen(text: &str) -> Result<(), String> {
    if text.strip_prefix("unix:").is_some_and(|path| !path.is_empty() && !path.contains('\0')) {
        return Ok(());
    }
    match host_and_port(text, None) {
        Some(_) if !text.starts_with("unix:") => Ok(()),
        _ => Err(format!("`{text}` must look like 127.0.0.1:2424 or unix:/path")),
    }
}

pub(super) fn smarthost(text: &str) -> Result<(), String> {
    let shape = "must look like smtp://host:25, smtps://user@host:465 or maildir:var/sent";
    if text.strip_prefix("maildir:").is_some_and(|path| !path.is_empty() && !path.contains('\0')) {
        return Ok(());
    }
    let (implicit_tls, rest) = match (text.strip_prefix("smtp://"), text.strip_prefix("smtps://")) {
        (Some(rest), _) => (false, rest),
        (_, Some(rest)) => (true, rest),
        _ => return Err(shape.into()),
    };
    // The last @ divides, so that the user may be a mail address.
    let (user, place) = match rest.rsplit_once('@') {
        Some((user, place)) => (Some(user), place),
        None => (None, rest),
    };
    if user.is_some_and(|user| user.contains(':')) {
        return Err("the password does not belong here; put it in outbound.password".into());
    }
    // `?tls=never` and `?tls=required` are the way out's to judge.
    let place = place.split('?').next().unwrap_or(place);
    let place = place.strip_suffix('/').unwrap_or(place);
    host_and_port(place, Some(if implicit_tls { 465 } else { 25 })).ok_or(shape)?;
    if user.is_some_and(|user| user.is_empty() || user.chars().any(|c| c.is_control() || c.is_whitespace())) {
        return Err(shape.into());
    }
    Ok(())
}

/// `host`, `host:port`, `[IPv6]` or `[IPv6]:port`; without a port only where there is a usual one.
fn host_and_port(text: &str, usual: Option<u16>) -> Option<(String, u16)> {
    let (host, port) = match text.strip_prefix('[') {
        Some(rest) => {
            let (host, port) = rest.split_once(']')?;
            host.parse::<std::net::Ipv6Addr>().ok()?;
            (host, if port.is_empty() { None } else { Some(port.strip_prefix(':')?) })
        }
        None => {
            let (host, port) = text.split_once(':').map_or((text, None), |(host, port)| (host, Some(port)));
            if !is_host(&host.to_ascii_lowercase()) {
                return None;
            }
            (host, port)
        }
    };
    let port = match port {
        Some(digits) if digits.chars().all(|c| c.is_ascii_digit()) => digits.parse().ok()?,
        Some(_) => return None,
        None => usual?,
    };
    Some((host.to_owned(), port))
}

/// Numbers, addresses and links that posts may have.
pub(super) fn kept(entries: Vec<String>) -> Result<Vec<String>, String> {
    let wrong: Vec<&str> = entries.iter().map(String::as_str).filter(|entry| !may_be_kept(entry)).collect();
    if wrong.is_empty() {
        return Ok(entries);
    }
    Err(format!("neither a telephone number nor an address nor a link: `{}`", wrong.join("`, `")))
}

/// What `model/cover/kept.rs` takes, so that the line is named.
fn may_be_kept(entry: &str) -> bool {
    let digits = entry.chars().filter(char::is_ascii_digit).count();
    let is_number = digits >= 3 && entry.chars().all(|c| c.is_ascii_digit() || " +-()./".contains(c));
    let is_link = entry.split_once("://").is_some_and(|(_, rest)| is_host(rest.split('/').next().unwrap_or_default()));
    is_number || is_address(entry) || is_link
}
