//! Posts as moderators see them, and as the group has them.

use super::{held_post, instant};
use crate::engine::knowing::{EarlierFlag, Knowing, ShownNote};
use crate::engine::notice::{PublishedPost, ShownPost};
use crate::model::policy::HoldReason;

pub(super) fn post_with_picture() -> ShownPost {
    ShownPost { pictures: 1, reasons: vec![HoldReason::HasPictures.sentence()], ..held_post() }
}

pub(super) fn covered_post() -> ShownPost {
    ShownPost {
        subject: "Call me".into(),
        text: "It was a bad night. Call me any time: [phone number]. I am at [street address].\n\nKit".into(),
        written: Some("It was a bad night. Call me any time: 212 555 0147. I am at 12 Elm Street.\n\nKit".into()),
        signature: Some("Kit Jansen\nGarden centre, +1 212 555 0199".into()),
        attachments: Vec::new(),
        pictures: 0,
        reasons: vec![
            "a telephone number is in it, and the group gets it without: “212 555 0147”".into(),
            "a street address is in it, and the group gets it without: “12 Elm Street”".into(),
        ],
        ..held_post()
    }
}

pub(super) fn urgent_post() -> ShownPost {
    ShownPost {
        author: "Tom".into(),
        days_a_member: 0,
        earlier_posts: 14,
        subject: String::new(),
        text: "I have saved up my pills and I do not think I will be here next week.".into(),
        attachments: Vec::new(),
        pictures: 0,
        reasons: vec!["Possible crisis: matched “saved up my pills”, “will be here next week”.".into()],
        urgent: true,
        ..held_post()
    }
}

pub(super) fn post_of_concern() -> ShownPost {
    ShownPost {
        author: "Tom".into(),
        days_a_member: 40,
        earlier_posts: 14,
        subject: "Nights".into(),
        text: "Most evenings I wish I would just not wake up.".into(),
        attachments: Vec::new(),
        pictures: 0,
        reasons: vec!["Possible wish not to live: matched “wish I would just not wake up”.".into()],
        concern: true,
        ..held_post()
    }
}

pub(super) fn knowing() -> Knowing {
    let flag = |what: &str, at: &str| EarlierFlag { what: what.into(), at: instant(at) };
    let note = |by: &str, at: &str, text: &str| ShownNote { by: by.into(), at: instant(at), text: text.into() };
    Knowing {
        flags: vec![
            flag("possible wish not to live", "2026-11-12T09:00:00-05:00"),
            flag("medical advice", "2026-10-02T09:00:00-04:00"),
        ],
        notes: vec![
            note("Ruth", "2026-11-13T10:00:00-05:00", "Called her. Her sister is with her.\nNext scan on the 4th."),
            note("An administrator", "2026-09-01T10:00:00-04:00", "Prefers a call in the morning."),
        ],
    }
}

pub(super) fn published(author: &str, at: &str, text: &str, answers: Option<&str>) -> PublishedPost {
    PublishedPost {
        author: author.into(),
        at: instant(at),
        text: text.into(),
        answers: answers.map(Into::into),
        shown: 0,
        pictures: 0,
        files: 0,
        edited: author == "Tom",
    }
}
