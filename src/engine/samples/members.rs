//! Notices to members.

use super::{MIRA, instant, read_by};
use crate::clock::Timestamp;
use crate::engine::notice::{Choice, Notice, ToMember};
use crate::model::ids::PostId;

pub(super) fn to_members() -> Vec<(&'static str, Notice)> {
    let subject = || "Hello from a new one".to_owned();
    let note = "Dear Mira, thank you for these warm words. Could you leave out the name of the doctor? Then I am glad to send it on.\n\nDana".to_owned();
    vec![
        (
            "held",
            Notice::from(ToMember::Held {
                read_by: read_by(),
                first: true,
                all: false,
                urgent: false,
                taken_out: false,
                subject: subject(),
            }),
        ),
        (
            "held-all",
            Notice::from(ToMember::Held {
                read_by: read_by(),
                first: true,
                all: true,
                urgent: false,
                taken_out: false,
                subject: String::new(),
            }),
        ),
        (
            "held-some",
            Notice::from(ToMember::Held {
                read_by: read_by(),
                first: false,
                all: false,
                urgent: false,
                taken_out: false,
                subject: subject(),
            }),
        ),
        (
            "held-covered",
            Notice::from(ToMember::Held {
                read_by: read_by(),
                first: false,
                all: false,
                urgent: false,
                taken_out: true,
                subject: subject(),
            }),
        ),
        (
            "held-urgent",
            Notice::from(ToMember::Held {
                read_by: read_by(),
                first: true,
                all: false,
                urgent: true,
                taken_out: false,
                subject: subject(),
            }),
        ),
        ("published", Notice::from(ToMember::Published { about: PostId(7), subject: subject() })),
        (
            "returned",
            Notice::from(ToMember::Returned {
                about: PostId(7),
                moderator: "Dana".into(),
                note,
                subject: subject(),
                text: MIRA.into(),
            }),
        ),
        ("private-note", private_note(true)),
        ("private-note-decided", private_note(false)),
        ("withdrawn", Notice::from(ToMember::Withdrawn { about: PostId(7), subject: subject() })),
        ("which-conversation", which_conversation(false, None)),
        ("which-conversation-again", which_conversation(true, None)),
        ("which-conversation-held", which_conversation(false, Some(read_by()))),
        ("passed-on", Notice::from(ToMember::PassedOn)),
        ("crisis", crisis(true, true)),
        ("crisis-plain", crisis(false, false)),
        ("group-closed", Notice::from(ToMember::GroupClosed { subject: subject() })),
        ("leave-ask", Notice::from(ToMember::LeaveAsk)),
        ("leave-done", Notice::from(ToMember::LeaveDone)),
        ("address-ask", Notice::from(ToMember::AddressAsk { address: "mira@work.example".into(), remove: false })),
        (
            "address-ask-remove",
            Notice::from(ToMember::AddressAsk { address: "mira@work.example".into(), remove: true }),
        ),
        ("address-other", Notice::from(ToMember::AddressOther)),
        (
            "address-done",
            Notice::from(ToMember::AddressDone {
                address: "mira@work.example".into(),
                first: "mira@home.example".into(),
                removed: false,
            }),
        ),
        (
            "address-done-removed",
            Notice::from(ToMember::AddressDone {
                address: "mira@work.example".into(),
                first: "mira@home.example".into(),
                removed: true,
            }),
        ),
        ("welcome", Notice::from(ToMember::Welcome { delivery: "daily".into() })),
        ("welcome-each", Notice::from(ToMember::Welcome { delivery: "each".into() })),
    ]
}

pub(super) fn which_conversation(again: bool, read_by: Option<Timestamp>) -> Notice {
    let choice = |number, subject: &str, authors: &[&str], at: &str| Choice {
        number,
        subject: subject.into(),
        authors: authors.iter().map(|&name| name.into()).collect(),
        at: instant(at),
    };
    let choices = vec![
        choice(1, "How do you sleep?", &["Kit", "Tom"], "2026-11-24T07:12:00-05:00"),
        choice(2, "Friday", &["Dana (moderator)"], "2026-11-24T12:00:00-05:00"),
        choice(3, "Bread", &["Kit"], "2026-11-23T20:31:00-05:00"),
    ];
    Notice::from(ToMember::WhichConversation {
        again,
        choices,
        text: "That is so good to hear.\n\nMira".into(),
        read_by,
    })
}

pub(super) fn crisis(alerted: bool, can_take_back: bool) -> Notice {
    let subject = if can_take_back { "I am so tired".to_owned() } else { String::new() };
    Notice::from(ToMember::Crisis { alerted, read_by: read_by(), subject, can_take_back })
}

pub(super) fn private_note(waits: bool) -> Notice {
    Notice::from(ToMember::PrivateNote {
        talk: None,
        about: PostId(7),
        moderator: "Dana".into(),
        note: "Dear Mira, thank you for writing. Would you like to talk before the scan?\n\nDana".into(),
        subject: "Hello from a new one".into(),
        text: MIRA.into(),
        waits,
    })
}
