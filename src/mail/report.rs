//! Delivery reports (RFC 3464) and feedback reports (RFC 5965): who was not reached, and whether for good.
//!
//! Never fails: a report that names nobody gives an empty list.

use std::sync::LazyLock;

use regex::Regex;

use super::Address;
use super::fields::Fields;
use super::part::{Content, Part};
use super::prose;

/// One recipient that a report names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FailedRecipient {
    /// Who was not reached.
    pub address: Address,
    /// RFC 3463: 5.x.x is permanent, 4.x.x may yet succeed.
    pub permanent: bool,
    /// The enhanced status code, such as `5.1.1`.
    pub status: Option<String>,
    /// The report only says that the message is late (RFC 3464 §2.3.3 `delayed`); more will follow.
    pub delayed: bool,
}

/// The most recipients that are taken from one report.
const MAX_RECIPIENTS: usize = 1_000;

/// Whom a delivery report says was not reached; a recipient that was reached is left out.
#[must_use]
pub fn failed_recipients(fields: &Fields, subject: &str, root: Option<&Part>, readable: &str) -> Vec<FailedRecipient> {
    let mut found: Vec<FailedRecipient> = Vec::new();
    let mut is_told = false;
    for text in root.map(machine_parts).unwrap_or_default() {
        let groups = groups(text);
        let read: Vec<Vec<FailedRecipient>> = groups.iter().map(read_group).collect();
        // A failure whose recipient is no address, such as a program, is told in the prose.
        is_told |=
            groups.iter().zip(&read).any(|(group, read)| has_action(group) && (!read.is_empty() || !is_failure(group)));
        read.into_iter().flatten().for_each(|recipient| push(&mut found, recipient));
    }
    // The report has spoken, even if it named nobody who failed.
    if is_told {
        return found;
    }
    prose::read_prose(fields, subject, readable).into_iter().for_each(|recipient| push(&mut found, recipient));
    found
}

/// The parts for machines; a report on several messages has several.
fn machine_parts(root: &Part) -> Vec<&str> {
    match &root.content {
        Content::Parts(parts) => parts.iter().flat_map(machine_parts).collect(),
        Content::Text(text) if MACHINE_TYPES.contains(&root.media_type.as_str()) => vec![text],
        _ => Vec::new(),
    }
}

/// RFC 3464 §2, RFC 6533 §4
const MACHINE_TYPES: [&str; 2] = ["message/delivery-status", "message/global-delivery-status"];

/// Add a recipient that is not there yet.
pub(super) fn push(found: &mut Vec<FailedRecipient>, recipient: FailedRecipient) {
    if found.len() < MAX_RECIPIENTS && !found.iter().any(|other| other.address.key() == recipient.address.key()) {
        found.push(recipient);
    }
}

/// Whom the groups of a text name that was not reached.
pub(super) fn read_groups(text: &str) -> Vec<FailedRecipient> {
    groups(text).iter().flat_map(read_group).collect()
}

fn has_action(group: &Fields) -> bool {
    group.has("action")
}

/// RFC 3464 §2.3.3: delivered, relayed and expanded are no failures; "expired" and the like are some programs' own.
fn is_failure(group: &Fields) -> bool {
    let action = group.first("action").unwrap_or("failed").to_lowercase();
    !REACHED.iter().any(|word| action.starts_with(word))
}

/// What is said of a recipient that was reached, or could be.
const REACHED: [&str; 5] = ["delivered", "relayed", "expanded", "deliverable", "transferred"];

/// RFC 3464 §2.1: groups of fields, parted by empty lines; the first is about the message. Where the empty line is missing,
/// a recipient's field that comes a second time begins a group.
fn groups(text: &str) -> Vec<Fields> {
    let mut groups = vec![String::new()];
    let mut named = Vec::new();
    for line in text.lines() {
        let name =
            RECIPIENT_FIELDS.iter().find(|name| line.get(..name.len()).is_some_and(|l| l.eq_ignore_ascii_case(name)));
        if line.trim().is_empty() || name.is_some_and(|name| named.contains(name)) {
            groups.push(String::new());
            named.clear();
        }
        named.extend(name);
        if let Some(group) = groups.last_mut().filter(|_| !line.trim().is_empty()) {
            group.push_str(line);
            group.push('\n');
        }
    }
    let groups = groups.iter().map(|group| Fields::read(group.as_bytes()).0);
    groups.filter(|group| !group.is_empty()).take(MAX_RECIPIENTS + 1).collect()
}

const RECIPIENT_FIELDS: [&str; 2] = ["original-recipient:", "final-recipient:"];

/// RFC 3464 §2.3.1–2: whom we wrote to, and the mailbox to which that was forwarded, if it is another; neither was reached.
fn read_group(group: &Fields) -> Vec<FailedRecipient> {
    if !is_failure(group) {
        return Vec::new();
    }
    let action = group.first("action").unwrap_or("failed").to_lowercase();
    let delayed = action.starts_with("delayed");
    let diagnostic = group.first("diagnostic-code").unwrap_or_default();
    let status = read_status(group.first("status").and_then(find_status), find_status(diagnostic));
    let permanent = !delayed && is_permanent(status.as_deref(), diagnostic, !action.starts_with("expired"));
    let addresses =
        ["original-recipient", "final-recipient"].iter().filter_map(|name| typed_address(group.first(name)?));
    addresses.map(|address| FailedRecipient { address, permanent, status: status.clone(), delayed }).collect()
}

/// The group's own status, unless it says no more than its class (RFC 3463 §3.1) and the diagnostic says more.
fn read_status(own: Option<String>, diagnostic: Option<String>) -> Option<String> {
    match (own, diagnostic) {
        (Some(own), Some(more)) if own.ends_with(".0.0") && own[..1] == more[..1] => Some(more),
        (own, more) => own.or(more),
    }
}

/// `rfc822; address`, the address perhaps in angle brackets, or in the encoding of RFC 6533 §3.
fn typed_address(value: &str) -> Option<Address> {
    let (kind, text) = value.split_once(';').unwrap_or(("rfc822", value));
    let text = text.trim().trim_matches(['<', '>']);
    // Quotes around the local part belong to it; those around the whole don't.
    let text = text.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).unwrap_or(text);
    let text = if kind.trim().eq_ignore_ascii_case("utf-8") { decode_utf8_address(text) } else { text.to_owned() };
    Address::parse(&text).ok()
}

/// `\x{E9}` stands for a character in utf-8-addr-xtext and utf-8-addr-unitext.
fn decode_utf8_address(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("\\x{") {
        out.push_str(before);
        let Some((hex, tail)) = after.split_once('}') else { break };
        out.extend(u32::from_str_radix(hex, 16).ok().and_then(char::from_u32));
        rest = tail;
    }
    out + rest
}

#[allow(clippy::expect_used, reason = "the expressions are constants, and tests compile them")]
pub(super) fn expression(text: &str) -> Regex {
    Regex::new(text).expect("a constant expression")
}

static STATUS: LazyLock<Regex> =
    LazyLock::new(|| expression(r"(?:^|[^\d.])([245]\.\d{1,3}\.\d{1,3})(?:[^\d.]|\.\D|\.?$)"));
pub(super) static REPLY_CODE: LazyLock<Regex> =
    LazyLock::new(|| expression(r"(?:^|[\s:(\[#<])([45])[0-5]\d(?:[\s:)\],#>-]|$)"));

/// The first enhanced status code (RFC 3463) in a text.
pub(super) fn find_status(text: &str) -> Option<String> {
    STATUS.captures(text).map(|found| found[1].to_owned())
}

/// RFC 3463 §3.1: class 4 may yet succeed, class 5 will not; without a class the reply code of RFC 5321 §4.2.1 tells.
pub(super) fn is_permanent(status: Option<&str>, diagnostic: &str, otherwise: bool) -> bool {
    match (status, REPLY_CODE.captures(diagnostic)) {
        (Some(status), _) => status.starts_with('5'),
        (None, Some(code)) => &code[1] == "5",
        (None, None) => otherwise,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn group(text: &str) -> Option<(String, bool, Option<String>, bool)> {
        let found = read_group(&Fields::read(text.as_bytes()).0).into_iter().next()?;
        Some((found.address.as_str().to_owned(), found.permanent, found.status, found.delayed))
    }

    #[test]
    fn actions_and_status() {
        let to = "Final-Recipient: rfc822; kit@home.example\n";
        let row = |permanent, status: &str, delayed| {
            Some(("kit@home.example".into(), permanent, Some(status.into()), delayed))
        };
        assert_eq!(group(&format!("{to}Action: failed\nStatus: 5.1.1\n")), row(true, "5.1.1", false));
        assert_eq!(group(&format!("{to}Action: failed\nStatus: 4.4.7 (expired)\n")), row(false, "4.4.7", false));
        assert_eq!(group(&format!("{to}Action: delayed\nStatus: 4.4.1\n")), row(false, "4.4.1", true));
        assert_eq!(group(&format!("{to}Action: delivered\nStatus: 2.0.0\n")), None);
        assert_eq!(
            group(&format!("{to}Action: failed\nDiagnostic-Code: smtp; 550 5.7.1 no\n")),
            row(true, "5.7.1", false)
        );
        assert_eq!(
            group(&format!("{to}Action: failed\nDiagnostic-Code: smtp; 452 full\n")),
            Some(("kit@home.example".into(), false, None, false))
        );
        assert_eq!(
            group("Final-Recipient: utf-8; k\\x{EF}t@home.example\nAction: failed\n").map(|g| g.0),
            Some("kït@home.example".into())
        );
        assert_eq!(group("Reporting-MTA: dns; mx.example\n"), None);
    }

    fn named(text: &str) -> Vec<String> {
        read_groups(text).iter().map(|found| found.address.as_str().to_owned()).collect()
    }

    #[test]
    fn whom_we_wrote_to_comes_first() {
        let text = "Final-Recipient: rfc822; box@mx.home.example\nOriginal-Recipient: rfc822;kit@home.example\nAction: failed\n";
        assert_eq!(named(text), ["kit@home.example", "box@mx.home.example"]);
    }

    #[test]
    fn groups_without_an_empty_line_between_them() {
        let text = "Final-Recipient: rfc822; kit@home.example\nAction: failed\nFinal-Recipient: rfc822; tom@home.example\nAction: delivered\nFinal-Recipient: rfc822; ada@home.example\nAction: failed\n";
        assert_eq!(named(text), ["kit@home.example", "ada@home.example"]);
    }

    #[test]
    fn the_status_that_says_more() {
        let text = |status, diagnostic| {
            format!(
                "Final-Recipient: rfc822; kit@home.example\nAction: failed\nStatus: {status}\nDiagnostic-Code: smtp; {diagnostic}\n"
            )
        };
        let status =
            |status, diagnostic| group(&text(status, diagnostic)).and_then(|found| found.2).unwrap_or_default();
        assert_eq!(status("5.0.0", "550 5.1.1 unknown"), "5.1.1");
        assert_eq!(status("5.0.0", "450 4.1.1 unknown"), "5.0.0", "of another class");
        assert_eq!(status("5.1.2", "550 5.1.1 unknown"), "5.1.2");
        let expired = "Final-Recipient: rfc822; kit@home.example\nAction: expired\n";
        assert_eq!(group(expired), Some(("kit@home.example".into(), false, None, false)));
        let quoted = "Final-Recipient: rfc822; \"a..b\"@home.example\nAction: failed\n";
        assert_eq!(named(quoted), ["\"a..b\"@home.example"]);
    }
}
