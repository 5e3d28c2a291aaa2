//! Both ways of a private talk, and what keeps an answer from leaving.

use super::others::private_line;
use super::posts::published;
use super::{held_post, instant, read_by};
use crate::engine::notice::{LostLetter, Notice, PublishedPost, Reaches, ToMember, ToModerators, Unsent};
use crate::model::ids::TalkId;

/// Both ways of a private talk, and what keeps an answer from leaving.
pub(super) fn private_talk() -> Vec<(&'static str, Notice)> {
    let talk = TalkId(3);
    let answer = |subject: &str, files| {
        Notice::from(ToMember::PrivateAnswer {
            talk,
            moderator: "Dana, moderator".into(),
            subject: subject.into(),
            post: PublishedPost {
                files,
                ..published(
                    "Dana, moderator",
                    "2026-11-24T09:30:00-05:00",
                    "Dear Kit,\n\nof course. Write “weekly” to us, and it is done.\n\nDana",
                    None,
                )
            },
        })
    };
    let copy = |by_reader| {
        Notice::from(ToModerators::PrivateCopy {
            talk,
            moderator: "Dana".into(),
            by_reader,
            author: "Kit".into(),
            subject: "A question".into(),
            text: "Dear Kit,\n\nof course.\n\nDana".into(),
            attachments: if by_reader { held_post().attachments } else { Vec::new() },
        })
    };
    let unsent = |why, text: &str| {
        Notice::from(ToModerators::PrivateUnsent { talk: Some(talk), why, author: "Kit".into(), text: text.into() })
    };
    let whole = |read_first| {
        Notice::from(ToMember::WholeGroup {
            subject: "A question".into(),
            text: "Dear Dana,\n\nplease do not share this with the group.".into(),
            read_by: read_by(),
            read_first,
        })
    };
    let Notice::Moderators(ToModerators::PrivateLine {
        talk: none,
        author,
        reply_reaches,
        subject,
        text,
        attachments,
        ..
    }) = private_line(Reaches::Author, "", false, "Please do not share this.")
    else {
        unreachable!()
    };
    let was_held = Notice::from(ToModerators::PrivateLine {
        talk: none,
        author,
        reply_reaches,
        written_to: String::new(),
        subject,
        text,
        attachments,
        urgent: false,
        concern: false,
        alert_open: false,
        was_held: true,
        not_verified: false,
    });
    vec![
        ("whole-group", whole(false)),
        ("whole-group-held", whole(true)),
        ("went-private", Notice::from(ToMember::WentPrivate { talk, subject: "A question".into() })),
        ("meant-for-group", Notice::from(ToModerators::MeantForGroup { post: held_post() })),
        ("private-line-was-held", was_held),
        ("private-answer", answer("A question", 0)),
        ("private-answer-neutral", answer("", 2)),
        ("private-copy", copy(false)),
        ("private-copy-own", copy(true)),
        ("private-unsent-verb", unsent(Unsent::Verb, "Approve")),
        ("private-unsent-address", unsent(Unsent::Address, "Write to tom@home.example.")),
        ("private-unsent-name", unsent(Unsent::RealName, "Ask Tom Waller.")),
        ("private-unsent-nothing", unsent(Unsent::NothingNew, "")),
        ("private-unsent-left", unsent(Unsent::WordsLeft, "See below.")),
        ("private-unsent-long", unsent(Unsent::TooLong, "Once upon a time.")),
        ("private-unsent-not-verified", unsent(Unsent::SenderNotVerified, "How are you?")),
        ("private-unsent-gone", unsent(Unsent::Gone, "How are you?")),
        ("private-undelivered", lost(&["Kit"])),
        ("private-undelivered-several", lost(&["Kit", "Tom"])),
        (
            "private-unsent-unknown",
            Notice::from(ToModerators::PrivateUnsent {
                talk: None,
                why: Unsent::Unknown,
                author: String::new(),
                text: "How are you?".into(),
            }),
        ),
    ]
}

pub(super) fn lost(members: &[&str]) -> Notice {
    let letter = |member: &&str| LostLetter {
        member: (*member).into(),
        subject: "Re: A question".into(),
        written_at: instant("2026-11-24T09:12:00-05:00"),
    };
    Notice::from(ToModerators::PrivateUndelivered { letters: members.iter().map(letter).collect() })
}
