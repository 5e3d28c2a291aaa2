//! What members hear of their own words about their mail.

use super::instant;
use crate::engine::notice::{Gets, Missed, MutedTopic, Notice, ToMember};
use crate::model::member::{Delivery, Format, Role};

pub(super) fn wishes() -> Vec<(&'static str, Notice)> {
    vec![
        ("changed", changed("delivery", |_| {})),
        (
            "changed-days",
            changed("delivery", |gets| {
                (gets.days, gets.format) = (vec![1, 3, 5], Format::Text);
                gets.next = Some(instant("2026-11-25T22:30:00Z"));
            }),
        ),
        ("changed-none", changed("delivery", |gets| (gets.delivery, gets.next) = (Delivery::None, None))),
        ("changed-while-paused", changed("delivery", |gets| (gets.paused, gets.next) = (true, None))),
        ("paused", changed("paused", |gets| (gets.paused, gets.next) = (true, None))),
        (
            "paused-until",
            changed("paused", |gets| {
                let back = Some(instant("2027-01-03T05:00:00Z"));
                (gets.paused, gets.paused_until, gets.next) = (true, back, Some(instant("2027-01-03T22:30:00Z")));
            }),
        ),
        (
            "resumed",
            changed("resumed", |gets| {
                (gets.delivery, gets.next) = (Delivery::Weekly, Some(instant("2026-11-30T22:30:00Z")));
            }),
        ),
        ("muted", changed("muted", |_| {})),
        ("unmuted", changed("unmuted", |_| {})),
        ("folded", changed("folded", |_| {})),
        ("folded-each", changed("folded", |gets| (gets.delivery, gets.next) = (Delivery::Each, None))),
        ("unfolded", changed("unfolded", |_| {})),
        ("settings", changed("settings", |gets| gets.folds = vec!["hair loss".into(), "needles".into()])),
        ("which-day", changed("which-day", |_| {})),
        ("how-to-mute", changed("how-to-mute", |_| {})),
        ("too-many-folds", changed("too-many-folds", |_| {})),
        ("moderator-pauses", changed("moderator", |gets| gets.role = Role::Moderator)),
        (
            "back",
            Notice::from(ToMember::Back { gets: gets(), missed: Some(Missed { messages: 12, conversations: 3 }) }),
        ),
        ("back-to-nothing", Notice::from(ToMember::Back { gets: gets(), missed: None })),
        ("help", Notice::from(ToMember::Help { told: false })),
        ("help-told", Notice::from(ToMember::Help { told: true })),
    ]
}

/// How somebody gets mail who has the digest of the group.
fn gets() -> Gets {
    Gets {
        delivery: Delivery::Daily,
        days: Vec::new(),
        format: Format::Html,
        paused: false,
        paused_until: None,
        next: Some(instant("2026-11-24T22:30:00Z")),
        folds: Vec::new(),
        folds_all: false,
        role: Role::Member,
    }
}

fn changed(what: &'static str, change: fn(&mut Gets)) -> Notice {
    let mut gets = gets();
    change(&mut gets);
    let is = |these: &[&str]| these.contains(&what);
    Notice::from(ToMember::Changed {
        about: None,
        what,
        gets,
        topic: is(&["muted", "unmuted"]).then(|| "My first scan".to_owned()),
        note: is(&["folded", "unfolded"]).then(|| "hair loss".to_owned()),
        missed: is(&["resumed"]).then_some(Missed { messages: 1, conversations: 1 }),
        muted: if is(&["settings"]) {
            vec![MutedTopic { first: None, subject: "My first scan".into(), since: instant("2026-11-20T14:00:00Z") }]
        } else {
            Vec::new()
        },
        muted_more: if is(&["settings"]) { 2 } else { 0 },
        meant_for_group: is(&["delivery", "muted"]),
    })
}
