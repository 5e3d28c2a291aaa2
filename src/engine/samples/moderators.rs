//! What moderators get of a post, and what they are answered.

use super::alerts::shown_alert;
use super::posts::{covered_post, knowing, post_of_concern, post_with_picture, urgent_post};
use super::{EDITED, MIRA, held_post, instant, read_by};
use crate::engine::knowing::Knowing;
use crate::engine::notice::{Again, Notice, ShownPost, ToModerators, WaitingPost};
use crate::model::changes::changes;

pub(super) fn holds_and_echoes() -> Vec<(&'static str, Notice)> {
    let hold = |post, again, claimed_by: Option<&str>| {
        Notice::from(ToModerators::Hold {
            post,
            read_by: read_by(),
            again,
            claimed_by: claimed_by.map(Into::into),
            alert: None,
            knowing: Knowing::default(),
        })
    };
    let alerting = |post, before: &[&str], next: &[&str]| {
        Notice::from(ToModerators::Hold {
            post,
            read_by: read_by(),
            again: None,
            claimed_by: None,
            alert: Some(shown_alert(before, next)),
            knowing: Knowing::default(),
        })
    };
    let echo = |verb: &str, by_reader, undo: bool, note: Option<&str>| {
        Notice::from(ToModerators::Echo {
            post: held_post(),
            verb: verb.into(),
            moderator: if by_reader { "Dana" } else { "Ruth" }.into(),
            by_reader,
            undo_until: undo.then(|| instant("2026-11-23T18:32:00-05:00")),
            note: note.map(Into::into),
            changes: Vec::new(),
            asked: Vec::new(),
            waits: ["MINE", "NOTE", "PRIVATE", "ESCALATE"].contains(&verb),
        })
    };
    let known = Notice::from(ToModerators::Hold {
        post: ShownPost { earlier_posts: 2, days_a_member: 90, ..held_post() },
        read_by: read_by(),
        again: None,
        alert: None,
        claimed_by: None,
        knowing: knowing(),
    });
    let edited = ShownPost { text: EDITED.into(), ..held_post() };
    let echo_edit = Notice::from(ToModerators::Echo {
        post: edited.clone(),
        verb: "EDIT".into(),
        moderator: "Ruth".into(),
        by_reader: false,
        undo_until: Some(instant("2026-11-23T18:32:00-05:00")),
        note: None,
        changes: changes(MIRA, EDITED),
        asked: Vec::new(),
        waits: false,
    });
    let echo_escalate = |asked: &[&str]| {
        Notice::from(ToModerators::Echo {
            post: held_post(),
            verb: "ESCALATE".into(),
            moderator: "Dana".into(),
            by_reader: true,
            undo_until: None,
            note: None,
            changes: Vec::new(),
            asked: asked.iter().map(|name| (*name).into()).collect(),
            waits: true,
        })
    };
    let ask = |post, verb: &str, changes| Notice::from(ToModerators::AskAgain { post, verb: verb.into(), changes });
    let since = instant("2026-11-23T17:55:00-05:00");
    vec![
        ("hold", hold(held_post(), None, None)),
        ("hold-urgent", hold(urgent_post(), None, None)),
        ("hold-pictures", hold(post_with_picture(), None, None)),
        ("gone", Notice::from(ToModerators::Gone { count: 2 })),
        ("held-more", Notice::from(ToModerators::HeldMore { author: "Mira".into(), waiting: 31, most: 30 })),
        ("hold-covered", hold(covered_post(), None, None)),
        ("hold-covered-urgent", hold(ShownPost { urgent: true, ..covered_post() }, None, None)),
        ("hold-concern", hold(post_of_concern(), None, None)),
        ("hold-concern-reminder", hold(post_of_concern(), Some(Again::Reminder { since }), None)),
        ("hold-alert", alerting(urgent_post(), &[], &["Ruth"])),
        ("hold-alert-later", alerting(urgent_post(), &["Ruth", "the administrators"], &[])),
        ("hold-reminder", hold(held_post(), Some(Again::Reminder { since }), Some("Ruth"))),
        ("hold-undone", hold(held_post(), Some(Again::Undone { moderator: "Ruth".into() }), None)),
        ("hold-late", hold(held_post(), Some(Again::Late), Some("Dana"))),
        ("hold-known", known),
        ("hold-unaddressed", hold(held_post(), Some(Again::Unaddressed { verb: "APPROVE".into() }), None)),
        ("ask-again", ask(urgent_post(), "APPROVE", Vec::new())),
        (
            "ask-again-edit",
            ask(
                ShownPost { reasons: vec!["medical advice: matched “eleven loaves”".into()], ..edited },
                "EDIT",
                changes(MIRA, EDITED),
            ),
        ),
        ("ask-again-trust", ask(ShownPost { reasons: Vec::new(), ..held_post() }, "TRUST", Vec::new())),
        ("echo", echo("APPROVE", true, true, None)),
        ("echo-other", echo("APPROVE", false, false, None)),
        ("echo-return", echo("RETURN", true, true, Some("Could you leave out the name?"))),
        ("echo-mine", echo("MINE", false, false, None)),
        ("echo-undo", echo("UNDO", true, false, None)),
        ("echo-edit", echo_edit),
        ("echo-trust", echo("TRUST", true, true, None)),
        ("echo-private", echo("PRIVATE", false, false, Some("Dear Mira, shall I call you?"))),
        ("echo-note", echo("NOTE", true, false, Some("called on Monday"))),
        ("echo-escalate", echo_escalate(&["Ruth", "the administrators"])),
        ("echo-escalate-nobody", echo_escalate(&[])),
        ("escalated", escalated(urgent_post(), true, false)),
        ("escalated-decided", escalated(held_post(), false, false)),
        ("escalated-administrators", escalated(urgent_post(), true, true)),
        ("which-post", which_post(true)),
        ("which-post-none", which_post(false)),
        (
            "retracted",
            Notice::from(ToModerators::Retracted { post: held_post(), moderator: "Dana".into(), stopped: 6, sent: 1 }),
        ),
    ]
}

pub(super) fn escalated(post: ShownPost, waits: bool, administrators: bool) -> Notice {
    Notice::from(ToModerators::Escalated { post, moderator: "Ruth".into(), knowing: knowing(), waits, administrators })
}

pub(super) fn which_post(some: bool) -> Notice {
    let post = |author: &str, subject: &str, at: &str| WaitingPost {
        group: "Rose".into(),
        author: author.into(),
        subject: subject.into(),
        since: instant(at),
    };
    let waiting = vec![
        post("Mira", "Hello from a new one", "2026-11-23T12:05:00-05:00"),
        post("Tom", "", "2026-11-23T13:00:00-05:00"),
    ];
    Notice::from(ToModerators::WhichPost {
        verb: "APPROVE".into(),
        line: "Approve, thanks".into(),
        waiting: if some { waiting } else { Vec::new() },
        more: if some { 3 } else { 0 },
    })
}

pub(super) fn explanations() -> Vec<(&'static str, Notice)> {
    use crate::engine::notice::NothingDecided::*;
    let explain = |why, line: &str, post: bool, decided: Option<&str>| {
        Notice::from(ToModerators::Explanation {
            why,
            verb: matches!(why, NoteMissing | NamesSomeone)
                .then(|| line.split([':', ' ']).next().unwrap_or_default().to_owned()),
            line: line.into(),
            post: post.then(held_post),
            decided: decided.map(Into::into),
        })
    };
    vec![
        ("explanation", explain(NoVerb, "Thanks, will look at it later", true, None)),
        ("explanation-unclear", explain(Unclear, "approve? or better return", true, None)),
        ("explanation-note", explain(NoteMissing, "RETURN", true, None)),
        ("explanation-edit", explain(NoteMissing, "EDIT", true, None)),
        ("explanation-private", explain(NoteMissing, "PRIVATE", false, None)),
        ("explanation-noted", explain(NoteMissing, "NOTE", false, None)),
        ("explanation-names", explain(NamesSomeone, "EDIT: Dr. Hall says", true, None)),
        ("explanation-address-in-note", explain(NamesSomeone, "RETURN: write to dana@work.example", false, None)),
        ("explanation-decided", explain(AlreadyDecided, "RETURN: too long", true, Some("Ruth answered APPROVE."))),
        ("explanation-too-late", explain(TooLateToUndo, "UNDO", true, Some("You answered APPROVE."))),
        ("explanation-nothing", explain(NothingToUndo, "UNDO", false, None)),
        ("explanation-only-mine", explain(OnlyMine, "APPROVE", false, None)),
        ("explanation-only-hers", explain(OnlyHers, "APPROVE", false, None)),
        ("explanation-unknown", explain(UnknownToken, "APPROVE", false, None)),
        ("explanation-address", explain(AnotherAddress, "APPROVE", false, None)),
        ("explanation-not-verified", explain(SenderNotVerified, "APPROVE", true, None)),
    ]
}
