//! "Did she get it?" in plain sentences: what the outbox, the roster and the post say about one person. Pure.

use super::copy::{Asked, sentence};
use crate::model::member::{Delivery, Member, MemberState, Role};
use crate::model::moderation::Standing;
use crate::model::post::{Post, PostState};
use crate::store::deliveries::Listed;

/// What is known of a post apart from its copies.
#[derive(Clone, Copy)]
pub struct Known<'a> {
    /// The post.
    pub post: &'a Post,
    /// The decision on it that stands.
    pub standing: Option<&'a Standing>,
}

/// What one person got of a post, and of the notices about it; `copies` and `notices` are that person's.
#[must_use]
pub fn answer(asked: Asked<'_>, known: Known<'_>, copies: &[&Listed], notices: &[&Listed]) -> String {
    let mut said = vec![match farthest(copies) {
        Some(copy) => sentence(asked, copy),
        None => without_copy(asked, known),
    }];
    if known.post.state == PostState::Retracted && copies.iter().any(|copy| copy.state == "sent") {
        said.push("The post was taken back afterwards.".to_owned());
    }
    // Reminders and fresh requests are one kind; each kind where it was written first.
    for (at, first) in notices.iter().enumerate() {
        if notices[..at].iter().all(|earlier| earlier.template != first.template) {
            let kind: Vec<&Listed> =
                notices[at..].iter().filter(|notice| notice.template == first.template).copied().collect();
            said.extend(farthest(&kind).map(|notice| sentence(asked, notice)));
        }
    }
    let decides = asked.reader.is_some_and(|reader| reader.role == Role::Moderator);
    if notices.is_empty() && decides && known.post.state == PostState::Held && known.standing.is_none() {
        said.push(without_request(asked, known.post));
    }
    said.join(" ")
}

/// Of several the one that came farthest tells, of these the last.
fn farthest<'a>(copies: &[&'a Listed]) -> Option<&'a Listed> {
    let rank = |copy: &Listed| match (copy.state.as_str(), &copy.bounced_at) {
        ("sent", None) => 0,
        ("sending", _) => 1,
        ("waiting", _) => 2,
        ("sent", Some(_)) => 3,
        ("failed", _) => 4,
        _ => 5,
    };
    copies.iter().min_by_key(|copy| (rank(copy), -copy.id)).copied()
}

/// A moderator who was not asked about a post that is held.
fn without_request(asked: Asked<'_>, post: &Post) -> String {
    let who = asked.who;
    match asked.reader {
        Some(reader) if reader.state != MemberState::Active => {
            format!("{who} was not asked to decide: {}.", standing_of(who, reader))
        }
        Some(reader) if reader.joined_at > post.created_at => {
            format!("{who} was not asked to decide: it came before {who} joined; the next reminder asks {who}, too.")
        }
        _ => format!("{who} was not asked to decide."),
    }
}

fn standing_of(who: &str, reader: &Member) -> String {
    let what = match reader.state {
        MemberState::Active => "takes part",
        MemberState::Invited => "has not confirmed yet",
        MemberState::Paused => "has paused",
        MemberState::Left => "has left",
        MemberState::Suspended => "is suspended",
        MemberState::Removed => "was removed",
    };
    format!("{who} {what}")
}

fn without_copy(asked: Asked<'_>, known: Known<'_>) -> String {
    let (who, post) = (asked.who, known.post);
    let nobody = |why: &str| format!("{who} did not get it, nor did anybody: {why}.");
    let published = match (post.state, post.published_at) {
        (PostState::Held, _) => return format!("{who} has not got it, nor has anybody: {}.", held(known)),
        (PostState::Returned, _) => return nobody("it was returned to its author"),
        (PostState::Withdrawn, _) => return nobody("its author took it back"),
        (PostState::Retracted, None) => return nobody("it was taken back before it was published"),
        (_, at) => at.unwrap_or(post.created_at),
    };
    let not = |why: String| format!("{who} did not get it: {why}.");
    let Some(reader) = asked.reader else { return not("nobody in the group has this address".to_owned()) };
    if reader.joined_at > published {
        return not(format!("it was published at {}, before {who} joined", published.rfc3339()));
    }
    match (reader.state, reader.delivery) {
        (MemberState::Active, _) if asked.muted => not(format!("{who} muted its conversation")),
        (MemberState::Active, Delivery::None) => not(format!("{who} reads nothing by mail (delivery none)")),
        (MemberState::Active, _) => with_digest_to_come(asked, reader, known),
        _ => not(standing_of(who, reader)),
    }
}

fn held(known: Known<'_>) -> String {
    match known.standing {
        Some(standing) => {
            let what = if standing.verb.releases() { "approved" } else { "returned" };
            format!("it is held, and was {what} with effect from {}", standing.release_at.rfc3339())
        }
        None => "it is held and waits for a decision".to_owned(),
    }
}

fn with_digest_to_come(asked: Asked<'_>, reader: &Member, known: Known<'_>) -> String {
    let (who, post) = (asked.who, known.post);
    if post.state == PostState::Retracted {
        return format!("{who} did not get it: it was taken back before.");
    }
    if !reader.delivery.is_digest() {
        return format!("{who} did not get it: {who} did not get single mails yet when it was published.");
    }
    if post.release_seq.is_none_or(|seq| seq <= reader.cursor) {
        return format!(
            "{who} did not get it: it was published before {who}'s digests began, or began again after a pause."
        );
    }
    let digest = match reader.next_digest_at {
        Some(at) if at <= asked.now => format!("the digest that is due since {}", at.rfc3339()),
        Some(at) => format!("the digest that is due at {}", at.rfc3339()),
        None => "the next digest".to_owned(),
    };
    format!("{who} has not got it yet: it goes with {digest}.")
}

#[cfg(test)]
mod tests {
    use super::super::scene::{T, copy, kit, notice, post};
    use super::*;
    use crate::model::ids::DecisionId;

    fn asked<'a>(who: &'a str, reader: Option<&'a Member>) -> Asked<'a> {
        Asked { who, reader, muted: false, now: T.plus_seconds(60) }
    }

    #[test]
    fn whoever_muted_it_did_not_want_it() {
        let (reader, post) = (kit(MemberState::Active, Delivery::Each, -60, 0), post(PostState::Published, true));
        let asked = Asked { muted: true, ..asked("Kit", Some(&reader)) };
        let said = answer(asked, Known { post: &post, standing: None }, &[], &[]);
        assert_eq!(said, "Kit did not get it: Kit muted its conversation.");
    }

    #[test]
    fn why_there_is_no_copy() {
        use Delivery::{Daily, Each, None as Nothing};
        use MemberState::{Active, Invited, Left, Paused, Removed, Suspended};
        use PostState::{Held, Published, Retracted, Returned, Withdrawn};
        let someone = || Some(kit(Active, Each, -60, 0));
        let table = [
            (someone(), Held, false, "Kit has not got it, nor has anybody: it is held and waits for a decision."),
            (someone(), Returned, false, "Kit did not get it, nor did anybody: it was returned to its author."),
            (someone(), Withdrawn, false, "Kit did not get it, nor did anybody: its author took it back."),
            (
                someone(),
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
                "Kit did not get it: it was published before Kit's digests began, or began again after a pause.",
            ),
            (
                Some(kit(Active, Each, -60, 4)),
                Published,
                true,
                "Kit did not get it: Kit did not get single mails yet when it was published.",
            ),
            (
                Some(kit(Active, Nothing, -60, 0)),
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
            (Some(kit(Suspended, Each, -60, 0)), Published, true, "Kit did not get it: Kit is suspended."),
            (Some(kit(Removed, Each, -60, 0)), Published, true, "Kit did not get it: Kit was removed."),
            (None, Published, true, "Kit did not get it: nobody in the group has this address."),
        ];
        for (reader, state, published, sentence) in table {
            let known = Known { post: &post(state, published), standing: None };
            assert_eq!(answer(asked("Kit", reader.as_ref()), known, &[], &[]), sentence);
        }
        let late = Member { next_digest_at: Some(T), ..kit(Active, Daily, -60, 4) };
        let known = Known { post: &post(Published, true), standing: None };
        assert_eq!(
            answer(asked("Kit", Some(&late)), known, &[], &[]),
            "Kit has not got it yet: it goes with the digest that is due since 2026-11-18T13:46:40Z."
        );
    }

    #[test]
    fn what_a_moderator_was_asked_and_told() {
        let dana = |state, joined| Member { role: Role::Moderator, ..kit(state, Delivery::Daily, joined, 0) };
        let here = dana(MemberState::Active, -60);
        let held = post(PostState::Held, false);
        let nobody = "Dana has not got it, nor has anybody: it is held and waits for a decision.";
        let told = |reader: &Member, notices: &[Listed]| {
            let notices: Vec<&Listed> = notices.iter().collect();
            answer(asked("Dana", Some(reader)), Known { post: &held, standing: None }, &[], &notices)
        };
        let sent = notice(1, "hold", "sent", 1, None);
        let failed = notice(1, "hold", "failed", 1, Some("RCPT: 550 gone"));
        let reminder = notice(2, "hold", "waiting", 0, None);
        let echo = notice(3, "echo", "sent", 1, None);
        let table = [
            (
                here.clone(),
                vec![failed.clone()],
                " Dana did not get the request to decide on it: it failed for good at 2026-11-18T13:48:40Z after 1 attempt: RCPT: 550 gone.",
            ),
            (
                here.clone(),
                vec![failed.clone(), reminder.clone()],
                " The request to decide on it waits for Dana, due since 2026-11-18T13:47:40Z and not tried yet.",
            ),
            (
                here.clone(),
                vec![sent.clone(), reminder, echo],
                " The request to decide on it was taken over by the smarthost for Dana at 2026-11-18T13:48:40Z. The word on what was decided was taken over by the smarthost for Dana at 2026-11-18T13:48:40Z.",
            ),
            (here.clone(), vec![], " Dana was not asked to decide."),
            (
                dana(MemberState::Active, 60),
                vec![],
                " Dana was not asked to decide: it came before Dana joined; the next reminder asks Dana, too.",
            ),
            (dana(MemberState::Suspended, -60), vec![], " Dana was not asked to decide: Dana is suspended."),
        ];
        for (reader, notices, rest) in table {
            assert_eq!(told(&reader, &notices), format!("{nobody}{rest}"));
        }
        let standing = Standing {
            id: DecisionId(1),
            by: None,
            verb: crate::model::command::Verb::Approve,
            note: None,
            release_at: T.plus_seconds(120),
            carried_out: false,
        };
        assert_eq!(
            answer(asked("Dana", Some(&here)), Known { post: &held, standing: Some(&standing) }, &[], &[&sent]),
            "Dana has not got it, nor has anybody: it is held, and was approved with effect from 2026-11-18T13:48:40Z. \
             The request to decide on it was taken over by the smarthost for Dana at 2026-11-18T13:48:40Z."
        );
    }

    #[test]
    fn the_copy_that_came_farthest_tells() {
        let reader = kit(MemberState::Active, Delivery::Each, -60, 0);
        let copies = [
            copy("dropped", "post", 0, Some("no longer takes part")),
            copy("sent", "digest", 1, None),
            copy("waiting", "post", 0, None),
        ];
        let copies: Vec<&Listed> = copies.iter().collect();
        let told = |state| {
            let known = Known { post: &post(state, true), standing: None };
            answer(asked("Kit", Some(&reader)), known, &copies, &[])
        };
        let sentence = "The smarthost took it over for Kit at 2026-11-18T13:48:40Z, in the digest of 2026-11-18.";
        assert_eq!(told(PostState::Published), sentence);
        assert_eq!(told(PostState::Retracted), format!("{sentence} The post was taken back afterwards."));
    }
}
