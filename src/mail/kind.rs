//! What sort of mail a message is: a person's words, an automatic answer, a report (RFC 3834, 3464, 5965, 8098).
//!
//! Never fails. A mark counts only where it says what made the message; what merely asks others to keep quiet
//! (`X-Auto-Response-Suppress`, `Precedence: normal`) stands in people's mail too.

use super::answers;
use super::daemons::{BOUNCE_SUBJECTS, BOUNCE_TEXTS, COMPLAINT_SUBJECTS, DAEMONS, MAILERS, ROBOTS};
use super::fields::Fields;
use super::marks::has_clock;
use super::part::Part;
use super::receipts::{RECEIPT_SUBJECTS, RECEIPT_TEXTS};
use super::responders::{FORWARD_PREFIXES, REPLY_PREFIXES};

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
    /// The decoded subject, in lower case.
    pub subject: String,
    /// What From says, as it stands and decoded, in lower case.
    from: String,
    /// The parts, if they could be read.
    pub root: Option<&'a Part>,
    /// The readable text, quotes included.
    pub text: &'a str,
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

/// What filters add to people's mail, and people write themselves: a subject, words, `Precedence`, the fields of lists, and
/// fields of names that nobody knows.
const GUESSES: [&str; 9] = [SUBJECT, ABSENCE, WORDS, PRECEDENCE, LOOP, LIST, FIELD, RECEIPT, BOUNCE];
pub(super) const SUBJECT: &str = "out-of-office subject";
pub(super) const ABSENCE: &str = "out-of-office words";
pub(super) const FIELD: &str = "a field that sounds like a responder's";
const RECEIPT: &str = "a receipt's words";
const BOUNCE: &str = "a bounce's words";
pub(super) const WORDS: &str = "a responder's words";
pub(super) const PRECEDENCE: &str = "Precedence";
const LOOP: &str = "X-Loop";
const LIST: &str = "mail of a list";

/// Whether a reason to take a mail for automatic is no more than a guess.
#[must_use]
pub fn is_guess(why: &str) -> bool {
    GUESSES.contains(&why)
}

/// What a rule finds: the sort, and the reason in a few words.
pub(super) type Finding = Option<(Kind, &'static str)>;

/// Letters of a time, as a receipt writes it.
const LONGEST_TIME: usize = 100;

/// The rules, first to last; the first that finds something decides.
const RULES: &[fn(&Facts<'_>) -> Finding] = &[
    feedback,
    receipt,
    delivery_report,
    old_bounce,
    answers::auto_submitted,
    answers::auto_header,
    answers::auto_precedence,
    old_receipt,
    answers::auto_subject,
    answers::absent_answer,
    answers::absence,
    answers::precedence,
    answers::auto_text,
];

/// Say what sort of mail this is.
#[must_use]
pub fn classify(facts: &Facts<'_>) -> Sort {
    let mut found = RULES.iter().filter_map(|rule| rule(facts));
    if let Some((kind, why)) = found.next() {
        // The sort is what the first says; that it is automatic, whoever knows it.
        let sure = if is_guess(why) { found.map(|(_, why)| why).find(|why| !is_guess(why)) } else { None };
        return Sort { kind, automatic: Some(sure.unwrap_or(why)) };
    }
    let kind = if facts.answers { Kind::Reply } else { Kind::Post };
    Sort { kind, automatic: mass_mail(facts).or_else(|| answers::may_be_absent(facts)) }
}

fn has_part(facts: &Facts<'_>, media_type: &str) -> bool {
    facts.root.is_some_and(|root| root.find(media_type).is_some())
}

fn report_type(facts: &Facts<'_>, wanted: &str) -> bool {
    facts.fields.begins("content-type", "multipart/report")
        && facts.fields.parameter("content-type", "report-type").is_some_and(|found| found.eq_ignore_ascii_case(wanted))
}

/// Feedback reports (RFC 5965 §2), and those of Hotmail, which have no part for machines.
fn feedback(facts: &Facts<'_>) -> Finding {
    let is_report = report_type(facts, "feedback-report");
    let has_report = has_part(facts, "message/feedback-report") && !facts.passes_on() && !facts.begins_as_reply();
    let older =
        COMPLAINT_SUBJECTS.iter().any(|words| facts.subject.starts_with(words)) && has_part(facts, "message/rfc822");
    (is_report || has_report || older || facts.is_notification("Complaint"))
        .then_some((Kind::Feedback, "feedback report"))
}

fn receipt(facts: &Facts<'_>) -> Finding {
    // RFC 8098 §3
    let has_report = has_part(facts, "message/disposition-notification") && !facts.passes_on();
    (report_type(facts, "disposition-notification") || has_report)
        .then_some((Kind::Receipt, "disposition notification"))
}

/// A receipt without a part for machines: its subject and its words together.
fn old_receipt(facts: &Facts<'_>) -> Finding {
    if !RECEIPT_SUBJECTS.iter().any(|words| facts.subject.starts_with(words)) {
        return None;
    }
    let text = facts.beginning(1_000);
    RECEIPT_TEXTS.iter().any(|words| says(&text, words)).then_some((Kind::Receipt, RECEIPT))
}

/// Whether these words stand in a text; where "…" stands in them, a time.
fn says(text: &str, words: &str) -> bool {
    let Some((front, back)) = words.split_once('…') else { return text.contains(words) };
    text.match_indices(front).any(|(at, _)| {
        let behind: String = text[at + front.len()..].chars().take(LONGEST_TIME).collect();
        behind.match_indices(back.trim()).last().is_some_and(|(end, _)| has_clock(&behind[..end]))
    })
}

/// RFC 3464 §2, RFC 6533 §4. A person may pass the parts of a report on.
fn delivery_report(facts: &Facts<'_>) -> Finding {
    let has_report = has_part(facts, "message/delivery-status") || has_part(facts, "message/global-delivery-status");
    let by_program = facts.is_by_daemon() || facts.is_automatic() || facts.subject_of_bounce();
    (report_type(facts, "delivery-status") || (has_report && by_program)).then_some((Kind::Bounce, "delivery report"))
}

/// Bounces from before RFC 3464: by whom they are, and what they say.
fn old_bounce(facts: &Facts<'_>) -> Finding {
    let (why, words) = ((Kind::Bounce, "bounce"), (Kind::Bounce, BOUNCE));
    if facts.fields.has("x-failed-recipients") || facts.is_notification("Bounce") {
        return Some(why);
    }
    let null_path = facts.has_null_path();
    let (by_daemon, by_robot) = (facts.is_by_daemon(), facts.is_by_robot());
    let says_so = facts.subject_of_bounce();
    // A person may run a mail server, and write from its address.
    let words_say_so = || {
        let text = facts.beginning(3_000);
        // What a daemon wrote and nobody can read holds no person's words.
        text.is_empty() || BOUNCE_TEXTS.iter().any(|words| text.contains(words))
    };
    match (by_daemon, null_path, by_robot) {
        (true, true, _) => Some(why),
        (true, false, _) => (says_so || words_say_so()).then_some(if facts.is_by_mailer() { why } else { words }),
        (false, true, _) => (says_so || words_say_so()).then_some(why),
        (false, false, true) => (says_so && words_say_so() && facts.text.contains('@')).then_some(words),
        (false, false, false) => None,
    }
}

impl<'a> Facts<'a> {
    /// What every rule asks is made once.
    #[must_use]
    pub fn new(fields: &'a Fields, subject: &str, root: Option<&'a Part>, text: &'a str, answers: bool) -> Self {
        let from = fields.first("from").unwrap_or_default();
        let from = format!("{} {}", from, super::parse::decode_words(from)).to_lowercase();
        Self { fields, subject: subject.to_lowercase(), from, root, text, answers }
    }

    /// The first letters of the text in lower case, spaces folded.
    fn beginning(&self, letters: usize) -> String {
        let text = self.text.chars().take(letters).collect::<String>().to_lowercase();
        text.split_whitespace().collect::<Vec<_>>().join(" ")
    }

    /// The subject begins as that of an answer, or of mail that is passed on.
    pub(super) fn begins_as_reply(&self) -> bool {
        self.passes_on() || REPLY_PREFIXES.iter().any(|prefix| self.subject.starts_with(prefix))
    }

    /// A person passes something on.
    pub(super) fn passes_on(&self) -> bool {
        FORWARD_PREFIXES.iter().any(|prefix| self.subject.starts_with(prefix))
    }

    fn subject_of_bounce(&self) -> bool {
        !self.begins_as_reply() && BOUNCE_SUBJECTS.iter().any(|words| self.subject.contains(words))
    }

    /// The local part of an address in From is one of these, its whole name, or what stands there instead of both; "*" is
    /// whatever follows.
    fn is_by(&self, names: &[&str]) -> bool {
        let is_one = |found: &str| {
            names.iter().any(|name| match name.strip_suffix('*') {
                Some(front) => found.starts_with(front),
                None => found == *name,
            })
        };
        let bare = |text: &str| text.trim_matches(|c: char| !c.is_alphanumeric()).to_owned();
        let parts = self.from.split(['<', '>', '(', ')', ',', ';', '"']).map(str::trim);
        let local = |word: &str| word.split_once('@').is_some_and(|(local, _)| is_one(&bare(local)));
        parts.clone().flat_map(str::split_whitespace).any(local) || parts.map(bare).any(|name| is_one(&name))
    }

    fn is_by_daemon(&self) -> bool {
        self.is_by(DAEMONS) || self.is_by_mailer()
    }

    /// By an address that no person has.
    fn is_by_mailer(&self) -> bool {
        self.is_by(MAILERS) || self.fields.first("from").is_some_and(|from| from.trim() == "<>")
    }

    fn is_by_robot(&self) -> bool {
        self.is_by(ROBOTS)
    }

    /// RFC 5321 §4.5.5: a report's reverse path is null, and final delivery writes it down.
    fn has_null_path(&self) -> bool {
        self.fields.first("return-path").is_some_and(|path| path.replace(' ', "") == "<>")
    }

    fn is_automatic(&self) -> bool {
        self.has_null_path() || answers::auto_submitted(self).is_some()
    }

    /// What Amazon's service sends instead of a report: JSON, perhaps inside JSON.
    fn is_notification(&self, kind: &str) -> bool {
        let begin: String = self.text.chars().take(2_000).filter(|c| *c != '\\' && !c.is_whitespace()).collect();
        begin.starts_with('{') && begin.contains(&format!("\"notificationType\":\"{kind}\""))
    }

    /// RFC 2919, RFC 2369, and what lists did before.
    pub(super) fn is_from_a_list(&self) -> bool {
        self.fields
            .iter()
            .any(|(name, _)| name.starts_with("list-") || name == "mailing-list" || name == "x-mailing-list")
    }
}

/// Mail to many, of another list, or our own that came round: a person's all the same.
fn mass_mail(facts: &Facts<'_>) -> Option<&'static str> {
    if facts.fields.has("x-loop") {
        return Some(LOOP);
    }
    if facts.is_from_a_list() || facts.fields.begins("precedence", "list") {
        return Some(LIST);
    }
    ["bulk", "junk"].iter().any(|word| facts.fields.begins("precedence", word)).then_some(PRECEDENCE)
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
            "Precedence: bulk\r\nSubject: Re: rose",
            "Subject: Out of Office: Re: rose",
            "Subject: Out of office until Monday",
            "Subject: Automatische Antwort: Hallo",
            "Subject: =?utf-8?q?R=C3=A9ponse_automatique?= : Bonjour",
            "Subject: =?utf-8?b?6Ieq5YuV6L+U5L+h?=",
        ] {
            assert_eq!(sort(header), (Kind::AutoReply, true), "{header}");
        }
        for header in
            ["List-Id: <other.lists.example>", "Precedence: list", "Precedence: bulk", "X-Loop: rose@groups.example"]
        {
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
