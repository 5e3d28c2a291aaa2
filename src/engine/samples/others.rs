//! Mail that is no post, and what administrators get.

use super::alerts::{ended, shown_alert, unanswered, undelivered};
use super::{held_post, instant};
use crate::engine::notice::{Far, Notice, Reaches, StrangerMail, ToAdministrators, ToModerators};
use crate::model::ids::PostId;

pub(super) fn strangers() -> Vec<StrangerMail> {
    vec![
        StrangerMail {
            spool_id: 71,
            from: "June Hall <june@home.example>".into(),
            subject: "Can I join?".into(),
            beginning: "Hello, a nurse told me about you. Is there room for one more?".into(),
            written_to: "rose-join".into(),
            asks_for_something: true,
            received_at: instant("2026-11-23T16:12:00-05:00"),
            matched: Vec::new(),
            takes_part: false,
            not_verified: false,
        },
        StrangerMail {
            spool_id: 74,
            from: "sales@shop.example".into(),
            subject: "Great offers".into(),
            beginning: "Only this week: everything must go.".into(),
            written_to: "rose".into(),
            asks_for_something: false,
            received_at: instant("2026-11-23T20:40:00-05:00"),
            matched: Vec::new(),
            takes_part: false,
            not_verified: false,
        },
    ]
}

pub(super) fn other_mail() -> Vec<(&'static str, Notice)> {
    let private = |urgent, text: &str| private_line(Reaches::Author, "-owner", urgent, text);
    let urgent = StrangerMail {
        subject: "please".into(),
        beginning: "I do not want to live like this any more.".into(),
        written_to: "rose-help".into(),
        matched: vec!["do not want to live".into()],
        ..strangers().remove(0)
    };
    let another = StrangerMail {
        spool_id: 75,
        subject: String::new(),
        from: "noor@home.example".into(),
        beginning: "I have the pills here and I will take them all tonight.".into(),
        matched: vec!["take them all".into(), "tonight".into()],
        ..urgent.clone()
    };
    let unread = StrangerMail {
        spool_id: 77,
        subject: String::new(),
        beginning: String::new(),
        written_to: "rose".into(),
        matched: Vec::new(),
        from: "tom@home.example".into(),
        ..urgent.clone()
    };
    let words_alone = StrangerMail { spool_id: 76, matched: another.matched.clone(), ..unread.clone() };
    vec![
        (
            "confirm-own",
            Notice::from(ToModerators::ConfirmOwn {
                text: "Dear all, I am away on Friday. Ruth is here for you.".into(),
                subject: "Friday".into(),
                post: PostId(15),
                pictures: 0,
                on_top: false,
            }),
        ),
        (
            "confirm-own-pictures",
            Notice::from(ToModerators::ConfirmOwn {
                text: "This is the room where we meet.".into(),
                subject: "The room".into(),
                post: PostId(15),
                pictures: 2,
                on_top: true,
            }),
        ),
        ("private-line", private(false, "Could somebody tell me how to get fewer mails?")),
        ("private-line-urgent", private(true, "I can't go on tonight.")),
        ("private-line-among-us", private_line(Reaches::Moderators, "-owner", false, "Who is here on Friday?")),
        ("private-line-nobody", private_line(Reaches::Nobody, "-owner", false, "Is anybody there?")),
        ("private-line-concern", private_line_of_concern()),
        ("private-line-while-open", private_line_while_open()),
        ("private-line-not-verified", private_line_not_verified()),
        ("private-line-goes-on", private_line(Reaches::Author, "", false, "Thank you. I will.")),
        ("strangers", Notice::from(ToModerators::Strangers { messages: strangers() })),
        ("stranger-urgent", Notice::from(ToModerators::StrangerUrgent { messages: vec![urgent.clone()], alert: None })),
        (
            "stranger-urgent-alert",
            Notice::from(ToModerators::StrangerUrgent {
                messages: vec![urgent.clone()],
                alert: Some(shown_alert(&["Ruth"], &["the administrators"])),
            }),
        ),
        (
            "stranger-urgent-not-verified",
            Notice::from(ToModerators::StrangerUrgent {
                messages: vec![StrangerMail {
                    from: "Kit".into(),
                    takes_part: true,
                    not_verified: true,
                    ..urgent.clone()
                }],
                alert: Some(shown_alert(&["Ruth"], &["the administrators"])),
            }),
        ),
        (
            "stranger-urgent-member",
            Notice::from(ToModerators::StrangerUrgent {
                messages: vec![StrangerMail { from: "Kit".into(), takes_part: true, ..urgent.clone() }],
                alert: Some(shown_alert(&["Ruth"], &["the administrators"])),
            }),
        ),
        ("alert-unanswered", unanswered(Some("Mira"), Some(7), &[])),
        ("alert-unanswered-private", unanswered(None, None, &[12])),
        ("alert-ended", ended("Ruth", false)),
        ("alert-ended-own", ended("Dana", true)),
        (
            "alert-open",
            Notice::from(ToModerators::AlertOpen {
                messages: vec![StrangerMail { from: "Kit".into(), takes_part: true, ..urgent.clone() }],
            }),
        ),
        (
            "stranger-urgent-many",
            Notice::from(ToModerators::StrangerUrgent { messages: vec![urgent.clone(), another], alert: None }),
        ),
        ("set-aside", Notice::from(ToModerators::SetAside { messages: vec![unread.clone()], urgent: false })),
        ("set-aside-urgent", Notice::from(ToModerators::SetAside { messages: vec![urgent.clone()], urgent: true })),
        ("set-aside-words", Notice::from(ToModerators::SetAside { messages: vec![words_alone], urgent: true })),
        ("set-aside-many", Notice::from(ToModerators::SetAside { messages: vec![unread, urgent], urgent: true })),
        ("no-moderator", Notice::from(ToAdministrators::NoModerator { waiting: 2, urgent: false })),
        (
            "clock-jumped",
            Notice::from(ToAdministrators::ClockJumped {
                shown: instant("2026-11-24T17:12:00-05:00").rfc3339(),
                forward: true,
                far: Some(Far::of(3 * 3_600)),
            }),
        ),
        (
            "clock-jumped-back",
            Notice::from(ToAdministrators::ClockJumped {
                shown: instant("2026-11-20T09:12:00-05:00").rfc3339(),
                forward: false,
                far: Some(Far::of(-4 * 86_400)),
            }),
        ),
        (
            "clock-behind",
            Notice::from(ToAdministrators::ClockJumped {
                shown: instant("2020-01-01T00:00:00-05:00").rfc3339(),
                forward: false,
                far: None,
            }),
        ),
        (
            "refused",
            Notice::from(ToAdministrators::Refused {
                since: instant("2026-11-24T09:12:00-05:00"),
                cause: "MAIL: 550 5.7.1 sender rejected: not allowed to use this server".into(),
            }),
        ),
        ("undelivered", undelivered(false)),
        ("undelivered-urgent", undelivered(true)),
        ("no-moderator-urgent", Notice::from(ToAdministrators::NoModerator { waiting: 1, urgent: true })),
        (
            "postmaster",
            Notice::from(ToAdministrators::Postmaster {
                from: "postmaster@mail.example".into(),
                written_to: "abuse@groups.example".into(),
                subject: "A complaint".into(),
                text: "One of our users says that she gets your mail and never asked for it.".into(),
                spool_id: 80,
            }),
        ),
        ("postmaster-more", Notice::from(ToAdministrators::PostmasterMore { messages: strangers() })),
    ]
}

pub(super) fn private_line(reply_reaches: Reaches, written_to: &str, urgent: bool, text: &str) -> Notice {
    Notice::from(ToModerators::PrivateLine {
        talk: None,
        author: if reply_reaches == Reaches::Moderators { "Ruth (moderator)" } else { "Kit" }.into(),
        reply_reaches,
        written_to: written_to.into(),
        subject: "A question".into(),
        text: text.into(),
        attachments: if written_to.is_empty() { held_post().attachments } else { Vec::new() },
        urgent,
        concern: false,
        alert_open: false,
        was_held: false,
        not_verified: false,
    })
}

pub(super) fn private_line_of_concern() -> Notice {
    let mut notice = private_line(Reaches::Author, "-owner", false, "Most evenings I wish I would just not wake up.");
    if let Notice::Moderators(ToModerators::PrivateLine { concern, .. }) = &mut notice {
        *concern = true;
    }
    notice
}

pub(super) fn private_line_not_verified() -> Notice {
    let mut notice = private_line(Reaches::Author, "-owner", false, "Who else is in the group?");
    if let Notice::Moderators(ToModerators::PrivateLine { not_verified, .. }) = &mut notice {
        *not_verified = true;
    }
    notice
}

pub(super) fn private_line_while_open() -> Notice {
    let mut notice = private_line(Reaches::Author, "-owner", false, "Yes please. Come quickly. 4 Mill Lane.");
    if let Notice::Moderators(ToModerators::PrivateLine { alert_open, .. }) = &mut notice {
        *alert_open = true;
    }
    notice
}
