//! "Did she get it?" in one plain sentence: what the outbox, the roster and the post say about one person. Pure.

use crate::clock::Timestamp;
use crate::model::member::{Delivery, Member, MemberState};
use crate::model::post::{Post, PostState};
use crate::store::deliveries::Listed;

/// One sentence about a person and a post; `copies` are that person's, of this post.
#[must_use]
pub fn answer(who: &str, reader: Option<&Member>, post: &Post, copies: &[&Listed]) -> String {
    // Of several copies the one that came farthest tells.
    let farthest = ["sent", "sending", "waiting", "failed", "dropped"];
    let best = copies.iter().min_by_key(|copy| farthest.iter().position(|state| *state == copy.state));
    match best {
        Some(copy) => of_copy(who, copy),
        None => without_copy(who, reader, post),
    }
}

fn what(copy: &Listed) -> String {
    match (copy.kind.as_str(), &copy.digest_day) {
        ("digest", Some(day)) => format!("the digest of {day}"),
        ("digest", None) => "a digest".to_owned(),
        _ => "a mail of its own".to_owned(),
    }
}

/// What became of one copy, whatever it is of.
#[must_use]
pub fn of_copy(who: &str, copy: &Listed) -> String {
    let (what, cause) = (what(copy), copy.cause.as_deref().unwrap_or("no reason is known"));
    let settled = copy.settled_at.as_deref().unwrap_or("an unknown time");
    let attempts = match copy.attempts {
        1 => "1 attempt".to_owned(),
        many => format!("{many} attempts"),
    };
    match (copy.state.as_str(), &copy.bounced_at) {
        ("sent", None) => format!("The smarthost took it over for {who} at {settled}, in {what}."),
        ("sent", Some(at)) => {
            format!("The smarthost took it over for {who} at {settled}, in {what}; at {at} it came back: {cause}.")
        }
        ("sending", _) => {
            let since = copy.last_attempt_at.as_deref().unwrap_or(settled);
            format!("It is on its way to {who} since {since}, in {what}.")
        }
        ("waiting", _) if copy.last_attempt_at.is_none() || copy.cause.is_none() => {
            format!("It waits for {who}, in {what}, due at {} and not tried yet.", copy.due_at)
        }
        ("waiting", _) => {
            format!("It waits for {who}, in {what}, after {attempts}; the next is due at {}: {cause}.", copy.due_at)
        }
        ("failed", _) => format!("{who} did not get it: {what} was refused for good at {settled}: {cause}."),
        _ => format!("{who} did not get it: {what} was dropped at {settled}: {cause}."),
    }
}

fn without_copy(who: &str, reader: Option<&Member>, post: &Post) -> String {
    let nobody = |why: &str| format!("{who} did not get it, nor did anybody: {why}.");
    let published = match (post.state, post.published_at) {
        (PostState::Held, _) => return nobody("it is held and waits for a decision"),
        (PostState::Returned, _) => return nobody("it was returned to its author"),
        (PostState::Withdrawn, _) => return nobody("its author took it back"),
        (PostState::Retracted, None) => return nobody("it was taken back before it was published"),
        (_, at) => at.unwrap_or(post.created_at),
    };
    let not = |why: String| format!("{who} did not get it: {why}.");
    let Some(reader) = reader else { return not("nobody in the group has this address".to_owned()) };
    if reader.joined_at > published {
        return not(format!("it was published at {}, before {who} joined", published.rfc3339()));
    }
    match (reader.state, reader.delivery) {
        (MemberState::Active, Delivery::None) => not(format!("{who} reads nothing by mail (delivery none)")),
        (MemberState::Active, delivery) => with_digest_to_come(who, reader, post, delivery),
        (MemberState::Invited, _) => not(format!("{who} has not confirmed yet")),
        (MemberState::Paused, _) => not(format!("{who} has paused")),
        (MemberState::Left, _) => not(format!("{who} has left")),
        (MemberState::Suspended, _) => not(format!("{who} is suspended")),
        (MemberState::Removed, _) => not(format!("{who} was removed")),
    }
}

fn with_digest_to_come(who: &str, reader: &Member, post: &Post, delivery: Delivery) -> String {
    let is_to_come = post.release_seq.is_some_and(|seq| seq > reader.cursor) && post.state == PostState::Published;
    match (delivery.is_digest() && is_to_come, reader.next_digest_at.map(Timestamp::rfc3339)) {
        (true, Some(at)) => format!("{who} has not got it yet: it goes with the digest that is due at {at}."),
        (true, None) => format!("{who} has not got it yet: it goes with the next digest."),
        (false, _) if post.state == PostState::Retracted => {
            format!("{who} did not get it: it was taken back before.")
        }
        (false, _) => format!("{who} did not get it: no mail of this kind was wanted when it was published."),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mail::Address;
    use crate::model::ids::{GroupId, MemberId, PostId, ThreadId};
    use crate::model::member::Role;

    const T: Timestamp = Timestamp(1_795_009_600_000_000);

    fn kit(state: MemberState, delivery: Delivery, joined: i64, cursor: i64) -> Member {
        Member {
            id: MemberId(1),
            group: GroupId(1),
            role: Role::Member,
            address: Address::parse("kit@home.example").unwrap(),
            name: "Kit".into(),
            real_name: None,
            delivery,
            zone: None,
            hour: None,
            state,
            trusted_since: None,
            known_since: None,
            joined_at: T.plus_seconds(joined),
            cursor,
            next_digest_at: delivery.is_digest().then(|| T.plus_seconds(3_600)),
            published: 0,
        }
    }

    fn post(state: PostState, published: bool) -> Post {
        Post {
            id: PostId(7),
            group: GroupId(1),
            thread: ThreadId(1),
            parent: None,
            author: MemberId(2),
            author_name: "Ash".into(),
            author_role: Role::Member,
            spool: None,
            subject: String::new(),
            text: String::new(),
            attachments: Vec::new(),
            reasons: Vec::new(),
            state,
            created_at: T,
            read_by: T,
            claimed_by: None,
            published_at: published.then_some(T),
            release_seq: published.then_some(5),
        }
    }

    fn copy(state: &str, kind: &str, attempts: i64, cause: Option<&str>) -> Listed {
        let at = |minutes: i64| T.plus_seconds(minutes * 60).rfc3339();
        let ended = !matches!(state, "waiting" | "sending");
        Listed {
            id: 1,
            recipient: "kit@home.example".into(),
            state: state.into(),
            attempts,
            due_at: at(1),
            kind: kind.into(),
            template: String::new(),
            cause: cause.map(str::to_owned),
            settled_at: ended.then(|| at(2)),
            bounced_at: (kind == "bounced").then(|| at(9)),
            message_id: String::new(),
            written_at: at(0),
            first_attempt_at: None,
            last_attempt_at: (attempts > 0).then(|| at(1)),
            digest_day: (kind == "digest").then(|| "2026-11-18".into()),
            member: None,
        }
    }

    #[test]
    fn what_became_of_a_copy() {
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
                copy("waiting", "post", 0, None),
                "It waits for Kit, in a mail of its own, due at 2026-11-18T13:47:40Z and not tried yet.",
            ),
            (
                copy("waiting", "digest", 2, Some("RCPT: 450 busy")),
                "It waits for Kit, in the digest of 2026-11-18, after 2 attempts; the next is due at 2026-11-18T13:47:40Z: RCPT: 450 busy.",
            ),
            (
                copy("failed", "post", 1, Some("RCPT: 550 gone")),
                "Kit did not get it: a mail of its own was refused for good at 2026-11-18T13:48:40Z: RCPT: 550 gone.",
            ),
            (
                copy("dropped", "post", 0, Some("no longer takes part")),
                "Kit did not get it: a mail of its own was dropped at 2026-11-18T13:48:40Z: no longer takes part.",
            ),
        ];
        let reader = kit(MemberState::Active, Delivery::Each, -60, 0);
        for (copy, sentence) in &table {
            assert_eq!(answer("Kit", Some(&reader), &post(PostState::Published, true), &[copy]), *sentence);
        }
        let copies = [&table[7].0, &table[1].0, &table[4].0];
        assert_eq!(answer("Kit", Some(&reader), &post(PostState::Published, true), &copies), table[1].1);
    }

    #[test]
    fn why_there_is_no_copy() {
        use Delivery::{Daily, Each};
        use MemberState::{Active, Invited, Left, Paused};
        use PostState::{Held, Published, Retracted, Returned, Withdrawn};
        let table = [
            (
                Some(kit(Active, Each, -60, 0)),
                Held,
                false,
                "Kit did not get it, nor did anybody: it is held and waits for a decision.",
            ),
            (
                Some(kit(Active, Each, -60, 0)),
                Returned,
                false,
                "Kit did not get it, nor did anybody: it was returned to its author.",
            ),
            (
                Some(kit(Active, Each, -60, 0)),
                Withdrawn,
                false,
                "Kit did not get it, nor did anybody: its author took it back.",
            ),
            (
                Some(kit(Active, Each, -60, 0)),
                Retracted,
                false,
                "Kit did not get it, nor did anybody: it was taken back before it was published.",
            ),
            (Some(kit(Active, Daily, -60, 0)), Retracted, true, "Kit did not get it: it was taken back before."),
            (
                Some(kit(Active, Daily, -60, 4)),
                Published,
                true,
                "Kit has not got it yet: it goes with the digest that is due at 2026-11-18T14:46:40Z.",
            ),
            (
                Some(kit(Active, Daily, -60, 5)),
                Published,
                true,
                "Kit did not get it: no mail of this kind was wanted when it was published.",
            ),
            (
                Some(kit(Active, Delivery::None, -60, 0)),
                Published,
                true,
                "Kit did not get it: Kit reads nothing by mail (delivery none).",
            ),
            (
                Some(kit(Active, Each, 60, 9)),
                Published,
                true,
                "Kit did not get it: it was published at 2026-11-18T13:46:40Z, before Kit joined.",
            ),
            (Some(kit(Paused, Each, -60, 0)), Published, true, "Kit did not get it: Kit has paused."),
            (Some(kit(Left, Each, -60, 0)), Published, true, "Kit did not get it: Kit has left."),
            (Some(kit(Invited, Each, -60, 0)), Published, true, "Kit did not get it: Kit has not confirmed yet."),
            (None, Published, true, "Kit did not get it: nobody in the group has this address."),
        ];
        for (reader, state, published, sentence) in table {
            assert_eq!(answer("Kit", reader.as_ref(), &post(state, published), &[]), sentence);
        }
    }
}
