//! A reader, a post and its copies, for the tables beside this file.

use crate::clock::Timestamp;
use crate::mail::Address;
use crate::model::ids::{GroupId, MemberId, PostId, ThreadId};
use crate::model::member::{Delivery, Member, MemberState, Role};
use crate::model::post::{Post, PostState};
use crate::store::deliveries::Listed;

pub const T: Timestamp = Timestamp(1_795_009_600_000_000);

/// Joined so many seconds after the post came, and has had the posts up to `cursor`; the post is the fifth.
pub fn kit(state: MemberState, delivery: Delivery, joined: i64, cursor: i64) -> Member {
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
        days: None,
        format: crate::model::member::Format::default(),
        folds: Vec::new(),
        paused_until: None,
        state,
        trusted_since: None,
        known_since: None,
        joined_at: T.plus_seconds(joined),
        cursor,
        next_digest_at: delivery.is_digest().then(|| T.plus_seconds(3_600)),
        published: 0,
    }
}

pub fn post(state: PostState, published: bool) -> Post {
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
        original: None,
        original_subject: None,
        signature: None,
        edited_since: None,
        on_top: false,
        release_seq: published.then_some(5),
    }
}

/// Written at T, due and tried a minute later, at its end after another one; the kind `bounced` came back.
pub fn copy(state: &str, kind: &str, attempts: i64, cause: Option<&str>) -> Listed {
    let at = |minutes: i64| T.plus_seconds(minutes * 60).rfc3339();
    let ended = !matches!(state, "waiting" | "sending");
    Listed {
        id: 1,
        recipient: "kit@home.example".into(),
        state: state.into(),
        attempts,
        due_at: at(1),
        kind: if kind == "bounced" { "post" } else { kind }.into(),
        template: String::new(),
        cause: cause.map(str::to_owned),
        settled_at: ended.then(|| at(2)),
        bounced_at: (kind == "bounced").then(|| at(9)),
        message_id: String::new(),
        written_at: at(0),
        first_attempt_at: None,
        last_attempt_at: (attempts > 0).then(|| at(1)),
        digest_day: (kind == "digest").then(|| "2026-11-18".into()),
        held_back: false,
        lease_until: (state == "sending").then(|| T.plus_seconds(90)),
        member: None,
    }
}

pub fn notice(id: i64, template: &str, state: &str, attempts: i64, cause: Option<&str>) -> Listed {
    Listed { id, template: template.into(), ..copy(state, "notice", attempts, cause) }
}
