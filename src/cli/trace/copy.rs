//! What became of one copy or one notice, in one plain sentence. Pure.

use crate::cli::show::count;
use crate::clock::Timestamp;
use crate::model::member::Member;
use crate::model::wanted::{Content, Due, Fate, fate};
use crate::store::deliveries::Listed;

/// Whom it is about, and when.
#[derive(Clone, Copy)]
pub struct Asked<'a> {
    /// The name, or the address where nobody has it.
    pub who: &'a str,
    /// As the roster has them now.
    pub reader: Option<&'a Member>,
    /// She muted the conversation that it is about.
    pub muted: bool,
    /// The present instant.
    pub now: Timestamp,
}

/// What became of one row of the outbox.
#[must_use]
pub fn sentence(asked: Asked<'_>, copy: &Listed) -> String {
    let (who, Words { it, place, itself }) = (asked.who, Words::of(copy));
    let cause = copy.cause.as_deref().unwrap_or("no reason is known");
    let settled = copy.settled_at.as_deref().unwrap_or("an unknown time");
    let sentence = match (copy.state.as_str(), &copy.bounced_at) {
        ("sent", bounced) => {
            let back = bounced.as_ref().map(|at| format!("; at {at} it came back: {cause}")).unwrap_or_default();
            match copy.kind.as_str() {
                "notice" => format!("{it} was taken over by the smarthost for {who} at {settled}{back}"),
                _ => format!("the smarthost took it over for {who} at {settled}{place}{back}"),
            }
        }
        ("sending", _) => on_its_way(asked, copy),
        ("waiting", _) => format!("{it} waits for {who}{place}, {}", waits_for(asked, copy)),
        ("failed", _) => {
            let attempts = count(copy.attempts, "attempt");
            format!("{who} did not get {it}: {itself} failed for good at {settled} after {attempts}: {cause}")
        }
        _ => format!("{who} did not get {it}: {itself} was dropped at {settled}: {cause}"),
    };
    as_sentence(&sentence)
}

/// With a capital, except where a name begins it, and one full stop: what mail servers say has one or not.
fn as_sentence(words: &str) -> String {
    let words = words.trim_end_matches('.');
    match ["the ", "it "].iter().find(|first| words.starts_with(**first)) {
        Some(_) => format!("{}{}.", words[..1].to_uppercase(), &words[1..]),
        None => format!("{words}."),
    }
}

/// A copy in words.
struct Words {
    /// What is got: the post, or the notice.
    it: String,
    /// What the post stands in.
    place: String,
    /// What was sent, after it was named.
    itself: String,
}

impl Words {
    fn of(copy: &Listed) -> Self {
        let mail = match (copy.kind.as_str(), &copy.digest_day) {
            ("post", _) => "a mail of its own".to_owned(),
            ("digest", Some(day)) => format!("the digest of {day}"),
            ("digest", None) => "a digest".to_owned(),
            _ => {
                return Self { it: notice(&copy.template), place: String::new(), itself: "it".to_owned() };
            }
        };
        Self { it: "it".to_owned(), place: format!(", in {mail}"), itself: mail }
    }
}

fn notice(template: &str) -> String {
    let words = match template {
        "hold" => "the request to decide on it",
        "ask-again" => "the question whether it is really to be published",
        "confirm-own" => "the question whether it is her own",
        "echo" => "the word on what was decided",
        "retracted" => "the word that it was taken back",
        "held" => "the word that it is held",
        "returned" => "the mail that returned it",
        "published" => "the word that it was published",
        "which-conversation" => "the question which conversation of a digest is meant",
        "withdrawn" => "the word that it was withdrawn",
        "changed" => "the word that its conversation is muted, or no longer",
        "explanation" => "the word on why an answer decided nothing",
        other => return format!("the notice ({other})"),
    };
    words.to_owned()
}

fn on_its_way(asked: Asked<'_>, copy: &Listed) -> String {
    let (who, Words { it, place, .. }) = (asked.who, Words::of(copy));
    let since = copy.last_attempt_at.as_deref().unwrap_or("an unknown time");
    if copy.lease_until.is_some_and(|until| until <= asked.now) {
        return format!(
            "{it} waits for {who}{place}, after an attempt at {since} that did not come to its end; the next tick tries \
             again, and it may come twice"
        );
    }
    format!("{it} is on its way to {who} since {since}{place}")
}

/// Why a row still waits.
fn waits_for(asked: Asked<'_>, copy: &Listed) -> String {
    if let Some(reader) = asked.reader
        && let Fate::Drop(why) = fate(&due(copy, reader))
    {
        return format!("and will be dropped when its turn comes: {} {why}", asked.who);
    }
    if copy.held_back {
        return "until the group holds everything no more".to_owned();
    }
    let is_due = Timestamp::parse(&copy.due_at).is_ok_and(|due| due <= asked.now);
    let next = format!("due {} {}", if is_due { "since" } else { "at" }, copy.due_at);
    match (copy.attempts, &copy.last_attempt_at, &copy.cause) {
        (_, None, _) => format!("{next} and not tried yet"),
        (0, Some(last), Some(cause)) => {
            format!("until the smarthost takes mail again; at {last} it took none, which counts as no attempt: {cause}")
        }
        (0, Some(last), None) => format!("{next}, and was last tried at {last}"),
        (many, Some(last), cause) => {
            let cause = cause.as_deref().unwrap_or("it did not come to its end");
            format!("after {}, the last at {last}; the next is {next}: {cause}", count(many, "attempt"))
        }
    }
}

fn due(copy: &Listed, reader: &Member) -> Due {
    let content = match copy.kind.as_str() {
        "post" => Content::Post,
        "digest" => Content::Digest,
        _ => Content::Notice,
    };
    // Copies of a post that is taken back are dropped in the same moment.
    Due {
        content,
        retracted: false,
        farewell: copy.template == "leave-done",
        // Hers is dropped, whoever else gets it then.
        urgent: false,
        reader: Some((reader.role, reader.state)),
    }
}

#[cfg(test)]
mod tests {
    use super::super::scene::{T, copy, kit};
    use super::*;
    use crate::model::member::{Delivery, MemberState};

    const TRIED: &str = "2026-11-18T13:47:40Z";

    #[test]
    fn what_became_of_a_copy() {
        let tried = |copy: Listed| Listed { last_attempt_at: Some(TRIED.into()), ..copy };
        let table = [
            (
                copy("sent", "post", 1, None),
                "The smarthost took it over for Kit at 2026-11-18T13:48:40Z, in a mail of its own.",
            ),
            (
                copy("sent", "digest", 1, None),
                "The smarthost took it over for Kit at 2026-11-18T13:48:40Z, in the digest of 2026-11-18.",
            ),
            (
                copy("sent", "bounced", 1, Some("5.1.1 gone")),
                "The smarthost took it over for Kit at 2026-11-18T13:48:40Z, in a mail of its own; at 2026-11-18T13:55:40Z it came back: 5.1.1 gone.",
            ),
            (
                copy("sending", "post", 1, None),
                "It is on its way to Kit since 2026-11-18T13:47:40Z, in a mail of its own.",
            ),
            (
                Listed { lease_until: Some(T), ..copy("sending", "post", 1, None) },
                "It waits for Kit, in a mail of its own, after an attempt at 2026-11-18T13:47:40Z that did not come to its end; the next tick tries again, and it may come twice.",
            ),
            (
                copy("waiting", "post", 0, None),
                "It waits for Kit, in a mail of its own, due since 2026-11-18T13:47:40Z and not tried yet.",
            ),
            (
                Listed { due_at: "2026-11-18T18:00:00Z".into(), ..copy("waiting", "post", 0, None) },
                "It waits for Kit, in a mail of its own, due at 2026-11-18T18:00:00Z and not tried yet.",
            ),
            (
                tried(copy("waiting", "post", 0, Some("connecting: Connection refused"))),
                "It waits for Kit, in a mail of its own, until the smarthost takes mail again; at 2026-11-18T13:47:40Z it took none, which counts as no attempt: connecting: Connection refused.",
            ),
            (
                tried(copy("waiting", "post", 0, None)),
                "It waits for Kit, in a mail of its own, due since 2026-11-18T13:47:40Z, and was last tried at 2026-11-18T13:47:40Z.",
            ),
            (
                copy("waiting", "digest", 2, Some("RCPT: 450 busy.")),
                "It waits for Kit, in the digest of 2026-11-18, after 2 attempts, the last at 2026-11-18T13:47:40Z; the next is due since 2026-11-18T13:47:40Z: RCPT: 450 busy.",
            ),
            (
                copy("waiting", "post", 1, None),
                "It waits for Kit, in a mail of its own, after 1 attempt, the last at 2026-11-18T13:47:40Z; the next is due since 2026-11-18T13:47:40Z: it did not come to its end.",
            ),
            (
                Listed { held_back: true, ..copy("waiting", "post", 0, None) },
                "It waits for Kit, in a mail of its own, until the group holds everything no more.",
            ),
            (
                copy("failed", "post", 1, Some("RCPT: 550 gone")),
                "Kit did not get it: a mail of its own failed for good at 2026-11-18T13:48:40Z after 1 attempt: RCPT: 550 gone.",
            ),
            (
                copy("failed", "post", 122, Some("RCPT: 450 busy")),
                "Kit did not get it: a mail of its own failed for good at 2026-11-18T13:48:40Z after 122 attempts: RCPT: 450 busy.",
            ),
            (
                copy("dropped", "post", 0, Some("no longer takes part")),
                "Kit did not get it: a mail of its own was dropped at 2026-11-18T13:48:40Z: no longer takes part.",
            ),
        ];
        let reader = kit(MemberState::Active, Delivery::Each, -60, 0);
        let asked = Asked { who: "Kit", reader: Some(&reader), muted: false, now: T.plus_seconds(75) };
        for (copy, expected) in &table {
            assert_eq!(sentence(asked, copy), *expected);
        }
    }

    #[test]
    fn what_nobody_wants_any_more_is_said_to_go_to_nobody() {
        for state in [MemberState::Paused, MemberState::Left] {
            let reader = kit(state, Delivery::Each, -60, 0);
            let asked = Asked { who: "Kit", reader: Some(&reader), muted: false, now: T };
            assert_eq!(
                sentence(asked, &copy("waiting", "post", 0, None)),
                "It waits for Kit, in a mail of its own, and will be dropped when its turn comes: Kit no longer takes part."
            );
        }
    }
}
