//! What sort of mail a message is: a person's words, an automatic answer, a report (RFC 3834, 3464, 5965, 8098).
//!
//! Never fails. A mark counts only where it says what made the message; what merely asks others to keep quiet
//! (`X-Auto-Response-Suppress`, `Precedence: normal`) stands in people's mail too.

use super::fields::Fields;
use super::parse::Author;
use super::part::Part;
use super::responders::{AUTO_FIELDS, AUTO_SUBJECTS, AUTO_TAILS, BOUNCE_SUBJECTS, DAEMONS};

/// The sort of a message, as `inspect` prints it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// A person's mail that answers nothing.
    Post,
    /// A person's mail that answers another.
    Reply,
    /// A delivery status report (RFC 3464) or its older forms.
    Bounce,
    /// An automatic answer (RFC 3834).
    AutoReply,
    /// A feedback report (RFC 5965).
    Feedback,
    /// A read receipt (RFC 8098).
    Receipt,
}

/// What a message shows of its sort.
pub struct Facts<'a> {
    /// The header.
    pub fields: &'a Fields,
    /// Who it says wrote it.
    pub author: &'a Author,
    /// The decoded subject.
    pub subject: &'a str,
    /// The parts, if they could be read.
    pub root: Option<&'a Part>,
    /// It answers another message, by its subject or its fields.
    pub answers: bool,
}

/// What the facts come to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sort {
    /// The sort.
    pub kind: Kind,
    /// Why it counts as automatic.
    pub automatic: Option<&'static str>,
}

/// What filters add to people's mail, and people write themselves: a subject, `Precedence`, the fields of lists.
const GUESSES: [&str; 4] = [SUBJECT, PRECEDENCE, LOOP, LIST];
const SUBJECT: &str = "out-of-office subject";
const PRECEDENCE: &str = "Precedence";
const LOOP: &str = "X-Loop";
const LIST: &str = "mail of a list";

/// Whether a reason to take a mail for automatic is no more than a guess.
#[must_use]
pub fn is_guess(why: &str) -> bool {
    GUESSES.contains(&why)
}

/// What a rule finds: the sort, and the reason in a few words.
type Finding = Option<(Kind, &'static str)>;

/// The rules, first to last; the first that finds something decides.
const RULES: &[fn(&Facts<'_>) -> Finding] =
    &[feedback, receipt, delivery_report, old_bounce, auto_submitted, auto_header, auto_subject, precedence];

/// Say what sort of mail this is.
#[must_use]
pub fn classify(facts: &Facts<'_>) -> Sort {
    if let Some((kind, why)) = RULES.iter().find_map(|rule| rule(facts)) {
        return Sort { kind, automatic: Some(why) };
    }
    let kind = if facts.answers { Kind::Reply } else { Kind::Post };
    Sort { kind, automatic: another_list(facts) }
}

fn has_part(facts: &Facts<'_>, media_type: &str) -> bool {
    facts.root.is_some_and(|root| root.find(media_type).is_some())
}

fn report_type(facts: &Facts<'_>, wanted: &str) -> bool {
    facts.fields.begins("content-type", "multipart/report")
        && facts.fields.parameter("content-type", "report-type").is_some_and(|found| found.eq_ignore_ascii_case(wanted))
}

fn feedback(facts: &Facts<'_>) -> Finding {
    // RFC 5965 §2
    (report_type(facts, "feedback-report") || has_part(facts, "message/feedback-report"))
        .then_some((Kind::Feedback, "feedback report"))
}

fn receipt(facts: &Facts<'_>) -> Finding {
    // RFC 8098 §3
    (report_type(facts, "disposition-notification") || has_part(facts, "message/disposition-notification"))
        .then_some((Kind::Receipt, "disposition notification"))
}

fn delivery_report(facts: &Facts<'_>) -> Finding {
    // RFC 3464 §2, RFC 6533 §4
    (report_type(facts, "delivery-status")
        || has_part(facts, "message/delivery-status")
        || has_part(facts, "message/global-delivery-status"))
    .then_some((Kind::Bounce, "delivery report"))
}

/// Bounces from before RFC 3464, by two marks together.
fn old_bounce(facts: &Facts<'_>) -> Finding {
    let why = (Kind::Bounce, "bounce");
    if facts.fields.has("x-failed-recipients") {
        return Some(why);
    }
    let subject = facts.subject.to_lowercase();
    let says_so = BOUNCE_SUBJECTS.iter().any(|words| subject.contains(words)) && !facts.subject_is_reply(&subject);
    let from = facts.fields.first("from").unwrap_or_default().to_lowercase();
    let by_daemon = DAEMONS.iter().any(|name| from.contains(name));
    // RFC 5321 §4.5.5: a report's reverse path is null, and final delivery writes it down.
    let null_path = facts.fields.first("return-path").is_some_and(|path| path.replace(' ', "") == "<>");
    let count = usize::from(says_so) + usize::from(by_daemon) + usize::from(null_path);
    (count >= 2).then_some(why)
}

impl Facts<'_> {
    /// A person answers an automatic message.
    fn subject_is_reply(&self, lower: &str) -> bool {
        ["re:", "aw:", "sv:", "fwd:", "fw:", "wg:", "tr:"].iter().any(|prefix| lower.starts_with(prefix))
    }
}

fn auto_submitted(facts: &Facts<'_>) -> Finding {
    // RFC 3834 §5: a keyword, then perhaps parameters or a comment; everything but "no" is automatic.
    let value = facts.fields.first("auto-submitted")?.to_lowercase();
    let keyword = value.split([';', '(', ' ', '\t']).next().unwrap_or_default();
    (!keyword.is_empty() && keyword != "no").then_some((Kind::AutoReply, "Auto-Submitted"))
}

fn auto_header(facts: &Facts<'_>) -> Finding {
    AUTO_FIELDS
        .iter()
        .find(|name| facts.fields.first(name).is_some_and(|value| !value.eq_ignore_ascii_case("no")))
        .map(|name| (Kind::AutoReply, *name))
}

fn auto_subject(facts: &Facts<'_>) -> Finding {
    let subject = facts.subject.to_lowercase();
    let matches = |words: &&&str| {
        // The words alone or as a label; "Out of office politics" is a person's subject.
        subject.strip_prefix(**words).is_some_and(|rest| {
            let rest = rest.trim_start();
            rest.is_empty()
                || rest.starts_with([':', '：', '-', '–', '—', '(', '[', '!', '.', ',', '/'])
                || AUTO_TAILS.iter().any(|tail| rest.starts_with(tail))
        })
    };
    let found = AUTO_SUBJECTS.iter().find(matches)?;
    // Responders write the words alone, or before the subject that they answer; "On leave - and how I spend it" may be a
    // person's.
    let goes_on = subject[found.len()..].trim_start().starts_with(['-', '–', '—', '(', '[', '!', '.', ',', '/']);
    let is_guess = goes_on && !facts.answers && !facts.fields.has("precedence");
    Some((Kind::AutoReply, if is_guess { SUBJECT } else { "out-of-office words" }))
}

fn precedence(facts: &Facts<'_>) -> Finding {
    let value = facts.fields.first("precedence")?.to_lowercase();
    match value.as_str() {
        "bulk" | "junk" => Some((Kind::AutoReply, PRECEDENCE)),
        "auto_reply" | "auto-reply" => Some((Kind::AutoReply, "Precedence: auto_reply")),
        _ => None,
    }
}

/// Mail of another list, or our own that came round.
fn another_list(facts: &Facts<'_>) -> Option<&'static str> {
    if facts.fields.has("x-loop") {
        return Some(LOOP);
    }
    // RFC 2919, RFC 2369
    let list = facts.fields.iter().any(|(name, _)| name.starts_with("list-") || name == "mailing-list");
    (list || facts.fields.begins("precedence", "list")).then_some(LIST)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mail::parse;

    fn sort(header: &str) -> (Kind, bool) {
        let incoming = parse(format!("From: Mira <mira@home.example>\r\n{header}\r\n\r\nHello\r\n").as_bytes());
        (incoming.kind, incoming.automatic.is_some())
    }

    #[test]
    fn marks_that_count() {
        for header in [
            "Auto-Submitted: auto-replied",
            "Auto-Submitted: Auto-Generated (rejected)",
            "Auto-Submitted: auto-replied; owner-email=\"a@b\"",
            "X-Autoreply: yes",
            "X-Autorespond: x",
            "Precedence: auto_reply",
            "Precedence: bulk",
            "Subject: Out of Office: Re: rose",
            "Subject: Out of office until Monday",
            "Subject: Automatische Antwort: Hallo",
            "Subject: =?utf-8?q?R=C3=A9ponse_automatique?= : Bonjour",
            "Subject: =?utf-8?b?6Ieq5YuV6L+U5L+h?=",
        ] {
            assert_eq!(sort(header), (Kind::AutoReply, true), "{header}");
        }
        for header in ["List-Id: <other.lists.example>", "Precedence: list", "X-Loop: rose@groups.example"] {
            assert_eq!(sort(header), (Kind::Post, true), "{header}");
        }
    }

    #[test]
    fn marks_that_do_not() {
        for header in [
            "Subject: x",
            "Auto-Submitted: no",
            "X-Auto-Response-Suppress: All",
            "Precedence: normal",
            "Precedence: first-class",
            "Subject: Out of office politics",
            "Subject: Vacations and chemo",
        ] {
            assert_eq!(sort(header), (Kind::Post, false), "{header}");
        }
        assert_eq!(sort("Subject: Re: Automatic reply: x"), (Kind::Reply, false));
        assert_eq!(sort("In-Reply-To: <a@b>"), (Kind::Reply, false));
    }

    #[test]
    fn a_bounce_without_a_report_needs_two_marks() {
        let kind = |raw: &str| parse(raw.as_bytes()).kind;
        assert_eq!(kind("From: MAILER-DAEMON@x.example\nSubject: failure notice\n\nx"), Kind::Bounce);
        assert_eq!(kind("Return-Path: <>\nFrom: x@x.example\nSubject: Undelivered mail\n\nx"), Kind::Bounce);
        assert_eq!(kind("From: mira@home.example\nSubject: Undelivered parcels\n\nx"), Kind::Post);
        assert_eq!(kind("From: postmaster@x.example\nSubject: Hello\n\nx"), Kind::Post);
    }
}
