//! Delivery reports that are prose: whom they name, and whether for good. Never fails.
//!
//! The surest names come first: what a field says, then an address where a report puts its recipients, then the first
//! address in its sentences, then whom the original was for. Only the first of these that finds somebody counts.

use std::sync::LazyLock;

use regex::Regex;

use super::Address;
use super::daemons::{
    DELAY_SUBJECTS, DELAY_TEXTS, NO_RECIPIENT_WORDS, NO_RECIPIENTS, ORIGINAL_BEGINS, ORIGINAL_FIELDS, RECIPIENT_WORDS,
    SENT_BLOCK, TEMPORARY_TEXTS,
};
use super::fields::Fields;
use super::report::{FailedRecipient, REPLY_CODE, expression, find_status, is_permanent, push, read_groups};

/// Lines below a recipient in which the reason stands.
const REASON_LINES: usize = 12;
/// Letters of a line that are looked at.
const LONGEST_LINE: usize = 2_000;
/// Lines of a report that are looked at.
const MOST_LINES: usize = 400;

static LINE_ADDRESS: LazyLock<Regex> =
    LazyLock::new(|| expression(r#"<?([^\s<>()\[\]:;,"'|=]+@[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+)+)>?"#));

/// Whom a report in prose names; `subject` is decoded.
pub(super) fn read_prose(fields: &Fields, subject: &str, readable: &str) -> Vec<FailedRecipient> {
    let all: Vec<&str> = readable.lines().take(2 * MOST_LINES).map(shortened).collect();
    let begin = all.iter().position(|line| begins_original(line)).unwrap_or(all.len());
    let (lines, original) = (all[..begin.min(MOST_LINES)].to_vec(), &all[begin.saturating_sub(1)..]);
    let report = Report { delayed: is_delay(subject, &lines), lines };
    // RFC 3464's groups, where a gateway made them plain text.
    let mut found = Vec::new();
    let groups = report.lines.iter().position(|line| begins_groups(line));
    if let Some(at) = groups {
        read_groups(&report.lines[at..].join("\n")).into_iter().for_each(|recipient| push(&mut found, recipient));
    }
    let steps: [&dyn Fn() -> Vec<FailedRecipient>; 4] =
        [&|| report.named_by_field(fields), &|| report.named_in_place(), &|| report.named_in_sentence(), &|| {
            report.named_by_original(original)
        }];
    for step in steps {
        if !found.is_empty() {
            break;
        }
        found = step();
    }
    found
}

/// The beginning of a line: nobody writes longer ones, and each address in them is looked at.
fn shortened(line: &str) -> &str {
    line.char_indices().nth(LONGEST_LINE).map_or(line, |(at, _)| &line[..at])
}

/// A line that begins what the report brings back.
fn begins_original(line: &str) -> bool {
    let lower = line.to_lowercase();
    ORIGINAL_BEGINS.iter().any(|words| lower.trim_start().starts_with(words))
        || ORIGINAL_FIELDS.iter().any(|name| lower.starts_with(name))
}

fn begins_groups(line: &str) -> bool {
    let lower = line.trim_start().to_lowercase();
    ["reporting-mta:", "final-recipient:", "original-recipient:", "action:"].iter().any(|name| lower.starts_with(name))
}

/// A delay is announced as such: "Warning: message … delayed 24 hours".
fn is_delay(subject: &str, lines: &[&str]) -> bool {
    let subject = subject.to_lowercase();
    let text =
        lines.iter().flat_map(|line| line.split_whitespace()).take(120).collect::<Vec<_>>().join(" ").to_lowercase();
    DELAY_SUBJECTS.iter().any(|words| subject.contains(words)) || DELAY_TEXTS.iter().any(|words| text.contains(words))
}

/// The report's own lines, without what it brings back.
struct Report<'a> {
    lines: Vec<&'a str>,
    delayed: bool,
}

impl Report<'_> {
    fn recipient(&self, text: &str, reason: &str) -> Option<FailedRecipient> {
        let address = Address::parse(text.trim_end_matches('.')).ok()?;
        let status = find_status(reason).filter(|status| !status.starts_with('2'));
        // "Timed out" says something only where no code does.
        let lower = reason.to_lowercase();
        let otherwise = !TEMPORARY_TEXTS.iter().any(|words| lower.contains(words));
        let permanent = !self.delayed && is_permanent(status.as_deref(), reason, otherwise);
        Some(FailedRecipient { address, permanent, status, delayed: self.delayed })
    }

    /// Exim and Gmail say in a field of its own whom they mean.
    fn named_by_field(&self, fields: &Fields) -> Vec<FailedRecipient> {
        let mut found = Vec::new();
        for text in fields.all("x-failed-recipients").flat_map(|value| value.split(',')).map(str::trim) {
            let at = self.lines.iter().position(|line| line.contains(text));
            let reason = at.map_or_else(|| self.lines.join(" "), |at| self.reason(at));
            self.recipient(text, &reason).into_iter().for_each(|recipient| push(&mut found, recipient));
        }
        found
    }

    /// What qmail, Exim and their kin write: an address at a line's beginning or behind a word, and the reason below.
    fn named_in_place(&self) -> Vec<FailedRecipient> {
        let mut found = Vec::new();
        let senders = self.senders();
        for (at, line) in self.lines.iter().enumerate() {
            let Some(address) = LINE_ADDRESS.captures(line) else { continue };
            let start = address.get(0).map_or(0, |found| found.start());
            if names_recipient(&line[..start]) && !senders.contains(&&address[1]) && !self.describes_original(at) {
                self.recipient(&address[1], &self.reason(at)).into_iter().for_each(|one| push(&mut found, one));
            }
        }
        found
    }

    /// Who is named in MAIL; a reply to that may name them again.
    fn senders(&self) -> Vec<&str> {
        let named = self.lines.iter().filter_map(|line| {
            let address = LINE_ADDRESS.captures(line)?;
            let before = line[..address.get(0)?.start()].to_lowercase();
            before.trim_end().ends_with("mail from:").then(|| address.get(1).map(|found| found.as_str()))?
        });
        named.collect()
    }

    /// "Your message to kit@home.example could not be delivered".
    fn named_in_sentence(&self) -> Vec<FailedRecipient> {
        for (at, line) in self.lines.iter().enumerate() {
            for address in LINE_ADDRESS.captures_iter(line) {
                let before = line[..address.get(0).map_or(0, |found| found.start())].to_lowercase();
                let local = address[1].split('@').next().unwrap_or_default().to_lowercase();
                let is_another = NO_RECIPIENTS.contains(&local.as_str())
                    || NO_RECIPIENT_WORDS.iter().any(|words| before.trim_end().ends_with(words));
                if !is_another && !self.describes_original(at) {
                    return self.recipient(&address[1], &self.reason(at)).into_iter().collect();
                }
            }
        }
        Vec::new()
    }

    /// The report says nothing; whom the original was for, if it was for one only.
    fn named_by_original(&self, original: &[&str]) -> Vec<FailedRecipient> {
        let to = original.iter().filter_map(|line| {
            let (name, value) = line.trim_start_matches(['>', ' ']).split_once(':')?;
            name.eq_ignore_ascii_case("to").then_some(value)
        });
        let mut named = to.flat_map(|value| LINE_ADDRESS.captures_iter(value));
        match (named.next(), named.next()) {
            (Some(address), None) => self.recipient(&address[1], &self.reason(0)).into_iter().collect(),
            _ => Vec::new(),
        }
    }

    /// The line tells of the original: its sender, or the fields by which it is described.
    fn describes_original(&self, at: usize) -> bool {
        let lower = |at: usize| self.lines.get(at).map(|line| line.trim().to_lowercase()).unwrap_or_default();
        let above = (0..at).rev().map(lower).find(|line| !line.is_empty()).unwrap_or_default();
        if NO_RECIPIENT_WORDS.iter().any(|words| above.ends_with(words)) {
            return true;
        }
        let own = lower(at);
        let is_field = SENT_BLOCK.iter().any(|name| own.starts_with(name));
        // "To: …" stands beside "Subject: …" and "Sent: …" there.
        let around = (at.saturating_sub(2)..at).chain(at + 1..at + 4).map(lower);
        is_field && around.into_iter().filter(|line| SENT_BLOCK.iter().any(|name| line.starts_with(name))).count() > 0
    }

    fn reason(&self, at: usize) -> String {
        let from = at.min(self.lines.len());
        let first = self.lines[from..].iter().take(1);
        // The next recipient's reason is another.
        let named = |line: &str| {
            let found = LINE_ADDRESS.captures(line.trim_start())?;
            (found.get(0)?.start() == 0).then(|| found[1].to_lowercase())
        };
        let own = LINE_ADDRESS.captures(self.lines.get(from).copied().unwrap_or_default());
        let own = own.map(|found| found[1].to_lowercase());
        let more = self.lines[from..]
            .iter()
            .skip(1)
            .take(REASON_LINES)
            .take_while(|line| named(line).is_none_or(|other| Some(other) == own));
        first.chain(more).copied().collect::<Vec<_>>().join(" ")
    }
}

/// What may stand before the address of a recipient: nothing, a word for it, or the reply to RCPT.
fn names_recipient(before: &str) -> bool {
    let before = before.trim_matches(['*', ' ', '\t', '-', '>', '"', '\'', '<', '・', '•']);
    let lower = before.to_lowercase();
    let is_word = RECIPIENT_WORDS.iter().any(|words| lower.ends_with(words));
    let is_reply = lower.len() <= 14
        && REPLY_CODE.is_match(&lower)
        && lower.chars().all(|c| c.is_ascii_digit() || ".- ".contains(c));
    lower.is_empty() || is_reply || (is_word && lower.chars().count() <= 90)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(header: &str, subject: &str, text: &str) -> Vec<String> {
        let fields = Fields::read(format!("{header}\n\n").as_bytes()).0;
        let found = read_prose(&fields, subject, text);
        let how = |one: &FailedRecipient| match (one.delayed, one.permanent) {
            (true, _) => "delayed",
            (_, true) => "failed",
            _ => "later",
        };
        let status = |one: &FailedRecipient| one.status.clone().unwrap_or_default();
        found.iter().map(|one| format!("{} {} {}", one.address.as_str(), how(one), status(one))).collect()
    }

    #[test]
    fn prose_of_qmail_and_exim() {
        let qmail = "Hi. This is the qmail-send program at mx.example.\n\n<kit@home.example>:\nSorry, no mailbox here by that name. (#5.1.1)\n\n--- Below this line is a copy of the message.\n\n<dana@work.example>:\n";
        assert_eq!(read("", "", qmail), ["kit@home.example failed 5.1.1"]);
        let exim = "A message could not be delivered:\n\n  tom@home.example\n    SMTP error: 452 4.2.2 Mailbox full\n    of ada@home.example\n";
        assert_eq!(read("X-Failed-Recipients: tom@home.example", "", exim), ["tom@home.example later 4.2.2"]);
    }

    #[test]
    fn each_reason_is_its_own() {
        let text = "<kit@home.example>:\n452 4.2.2 full\n\n<tom@home.example>:\n550 5.1.1 unknown\n";
        assert_eq!(read("", "", text), ["kit@home.example later 4.2.2", "tom@home.example failed 5.1.1"]);
    }

    #[test]
    fn the_original_is_not_who_failed() {
        let exchange = "Your message\n\n  To:      ada@home.example\n  Subject: Hello\n  Sent:    Monday\n\ndid not reach the following recipient(s):\n\nkit@home.example on Monday\n";
        assert_eq!(read("", "", exchange), ["kit@home.example failed "]);
        let exim = "A message sent by\n\n  <rose@groups.example>\n\ncould not be delivered:\n\n  kit@home.example\n    all hosts have been failing for a long time\n";
        assert_eq!(read("", "", exim), ["kit@home.example later "]);
    }

    #[test]
    fn the_less_sure_only_where_nothing_surer_is() {
        assert_eq!(
            read(
                "",
                "",
                "Ask support@mx.example about this.\nUnable to bring your words to kit@home.example, sorry.\n"
            ),
            ["kit@home.example failed "]
        );
        let bare =
            "550 unknown\n\n   ----- Unsent message follows -----\nFrom: rose@groups.example\nTo: kit@home.example\n";
        assert_eq!(read("", "", bare), ["kit@home.example failed "]);
        let two = "550 unknown\n\n   ----- Unsent message follows -----\nTo: kit@home.example, tom@home.example\n";
        assert!(read("", "", two).is_empty());
        let groups = "It failed.\n\nReporting-MTA: dns; mx.example\n\nFinal-Recipient: rfc822; kit@home.example\nAction: failed\nStatus: 5.1.1\n";
        assert_eq!(read("", "", groups), ["kit@home.example failed 5.1.1"]);
    }

    #[test]
    fn a_line_without_an_end_ends() {
        assert_eq!(read("", "", &"a@b.example c@d.example ".repeat(200_000)).len(), 1);
    }

    #[test]
    fn delays_by_subject_and_by_words() {
        let text = "The address to which the message has not yet been delivered is:\n\n  kit@home.example\n    450 4.2.0 Greylisted\n";
        assert_eq!(read("", "Warning: message 1abc delayed 24 hours", text), ["kit@home.example delayed 4.2.0"]);
        assert_eq!(read("", "", text), ["kit@home.example delayed 4.2.0"]);
        assert_eq!(read("", "", "<kit@home.example>\n450 4.2.0 Greylisted\n"), ["kit@home.example later 4.2.0"]);
    }
}
