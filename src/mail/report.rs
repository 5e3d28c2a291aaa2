//! Delivery reports (RFC 3464) and feedback reports (RFC 5965): who was not reached, and whether for good.
//!
//! Never fails: a report that names nobody gives an empty list.

use std::sync::LazyLock;

use regex::Regex;

use super::Address;
use super::fields::Fields;
use super::part::Part;

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
pub fn failed_recipients(fields: &Fields, root: Option<&Part>, readable: &str) -> Vec<FailedRecipient> {
    let status = root
        .and_then(|root| root.find("message/delivery-status").or_else(|| root.find("message/global-delivery-status")));
    let mut found: Vec<FailedRecipient> = Vec::new();
    if let Some(text) = status.and_then(Part::text) {
        groups(text).iter().filter_map(read_group).for_each(|recipient| push(&mut found, recipient));
        // The report has spoken, even if it named nobody who failed.
        if groups(text).iter().any(|group| group.has("action")) {
            return found;
        }
    }
    read_prose(fields, readable).into_iter().for_each(|recipient| push(&mut found, recipient));
    found
}

fn push(found: &mut Vec<FailedRecipient>, recipient: FailedRecipient) {
    if found.len() < MAX_RECIPIENTS && !found.iter().any(|other| other.address.key() == recipient.address.key()) {
        found.push(recipient);
    }
}

/// RFC 3464 §2.1: groups of fields, parted by empty lines; the first is about the message.
fn groups(text: &str) -> Vec<Fields> {
    let text = text.replace("\r\n", "\n");
    let groups = text.split("\n\n").map(|group| Fields::read(group.trim_start_matches('\n').as_bytes()).0);
    groups.filter(|group| !group.is_empty()).take(MAX_RECIPIENTS + 1).collect()
}

fn read_group(group: &Fields) -> Option<FailedRecipient> {
    // RFC 3464 §2.3.1–2: the original recipient is whom we wrote to, the final one where it ended.
    let address =
        ["original-recipient", "final-recipient"].iter().find_map(|name| typed_address(group.first(name)?))?;
    let action = group.first("action").unwrap_or("failed").to_lowercase();
    let delayed = action.starts_with("delayed");
    // RFC 3464 §2.3.3: delivered, relayed and expanded are no failures.
    if !delayed && !action.starts_with("failed") {
        return None;
    }
    let diagnostic = group.first("diagnostic-code").unwrap_or_default();
    let status = group.first("status").and_then(find_status).or_else(|| find_status(diagnostic));
    let permanent = !delayed && is_permanent(status.as_deref(), diagnostic, true);
    Some(FailedRecipient { address, permanent, status, delayed })
}

/// `rfc822; address`, the address perhaps in angle brackets, or in the encoding of RFC 6533 §3.
fn typed_address(value: &str) -> Option<Address> {
    let (kind, text) = value.split_once(';').unwrap_or(("rfc822", value));
    let text = text.trim().trim_matches(['<', '>', '"']);
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
fn expression(text: &str) -> Regex {
    Regex::new(text).expect("a constant expression")
}

static STATUS: LazyLock<Regex> =
    LazyLock::new(|| expression(r"(?:^|[^\d.])([245]\.\d{1,3}\.\d{1,3})(?:[^\d.]|\.\D|\.?$)"));
static REPLY_CODE: LazyLock<Regex> = LazyLock::new(|| expression(r"(?:^|[\s:(\[#<])([45])[0-5]\d(?:[\s:)\],#>-]|$)"));
static LINE_ADDRESS: LazyLock<Regex> =
    LazyLock::new(|| expression(r#"<?([^\s<>()\[\]:;,"']+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+)>?"#));

/// The first enhanced status code (RFC 3463) in a text.
fn find_status(text: &str) -> Option<String> {
    STATUS.captures(text).map(|found| found[1].to_owned())
}

/// RFC 3463 §3.1: class 4 may yet succeed, class 5 will not; without a class the reply code of RFC 5321 §4.2.1 tells.
fn is_permanent(status: Option<&str>, diagnostic: &str, otherwise: bool) -> bool {
    match (status, REPLY_CODE.captures(diagnostic)) {
        (Some(status), _) => status.starts_with('5'),
        (None, Some(code)) => &code[1] == "5",
        (None, None) => otherwise,
    }
}

/// Where the original begins in a bounce that is prose.
const ORIGINAL_BEGINS: &[&str] = &[
    "--- below this line is a copy",
    "------ this is a copy",
    "--- original message",
    "----- original message",
    "---- original message",
    "--- unsent message",
    "----- message header",
    "--- returned message",
    "----- unsent",
    "return-path:",
    "received:",
    "message-id:",
    "original message follows",
    "original message headers",
];

/// What qmail, exim and their kin write: an address at a line's beginning or alone on it, and the reason below.
fn read_prose(fields: &Fields, readable: &str) -> Vec<FailedRecipient> {
    let lines: Vec<&str> = readable
        .lines()
        .take_while(|line| {
            let lower = line.trim_start().to_lowercase();
            !ORIGINAL_BEGINS.iter().any(|words| lower.starts_with(words))
        })
        .take(400)
        .collect();
    // A delay is announced as such: "Warning: message … delayed 24 hours".
    let subject = fields.first("subject").unwrap_or_default().to_lowercase();
    let delayed = subject.contains("delay") || subject.starts_with("warning");
    let mut found: Vec<FailedRecipient> = Vec::new();
    let mut name = |text: &str, reason: &str| {
        if let Ok(address) = Address::parse(text) {
            let status = find_status(reason);
            let permanent = !delayed && is_permanent(status.as_deref(), reason, true);
            push(&mut found, FailedRecipient { address, permanent, status, delayed });
        }
    };
    // Exim says in a field of its own whom it means.
    for text in fields.all("x-failed-recipients").flat_map(|value| value.split(',')) {
        name(text.trim(), &reason_below(&lines, lines.iter().position(|line| line.contains(text.trim())).unwrap_or(0)));
    }
    for (at, line) in lines.iter().enumerate() {
        let Some(address) = LINE_ADDRESS.captures(line) else { continue };
        let before =
            line[..address.get(0).map_or(0, |m| m.start())].trim_matches(['*', ' ', '\t', '-', '>', '"', '\'']);
        if names_recipient(before) {
            name(&address[1], &reason_below(&lines, at));
        }
    }
    found
}

/// What may stand before the address of a recipient: nothing, a word for it, or the reply to RCPT.
fn names_recipient(before: &str) -> bool {
    let lower = before.to_lowercase();
    let is_word = ["to:", "recipient:", "user:", "unknown user:", "address:", "mailbox:", "failed:"]
        .iter()
        .any(|w| lower.ends_with(w));
    let is_reply = lower.len() <= 14
        && REPLY_CODE.is_match(&lower)
        && lower.chars().all(|c| c.is_ascii_digit() || ".- ".contains(c));
    lower.is_empty() || is_reply || (is_word && lower.len() <= 40)
}

fn reason_below(lines: &[&str], at: usize) -> String {
    lines[at.min(lines.len())..].iter().take(6).copied().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn group(text: &str) -> Option<(String, bool, Option<String>, bool)> {
        let found = read_group(&Fields::read(text.as_bytes()).0)?;
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

    #[test]
    fn prose_of_qmail_and_exim() {
        let qmail = "Hi. This is the qmail-send program at mx.example.\n\n<kit@home.example>:\nSorry, no mailbox here by that name. (#5.1.1)\n\n--- Below this line is a copy of the message.\n\n<dana@work.example>:\n";
        let found = read_prose(&Fields::default(), qmail);
        assert_eq!(found.len(), 1);
        assert_eq!((found[0].address.as_str(), found[0].permanent), ("kit@home.example", true));
        let fields = Fields::read(b"X-Failed-Recipients: tom@home.example\n\n").0;
        let exim = "A message could not be delivered:\n\n  tom@home.example\n    SMTP error: 452 4.2.2 Mailbox full\n";
        let found = read_prose(&fields, exim);
        assert_eq!((found[0].permanent, found[0].status.as_deref()), (false, Some("4.2.2")));
    }
}
