//! What the group gets.

use super::posts::published;
use super::{KIT, MIRA, TOM, instant};
use crate::engine::notice::{Conversation, DigestPage, DigestPost, PublishedPost, SinglePage, Waiting};
use crate::model::digest::Piece;

fn digest_post(post: PublishedPost) -> DigestPost {
    DigestPost { post, answered_at: None, folded: false, notes: Vec::new(), piece: None }
}

fn conversation(
    number: usize,
    subject: &str,
    token: &str,
    authors: &[&str],
    posts: Vec<PublishedPost>,
) -> Conversation {
    Conversation {
        number,
        subject: subject.into(),
        reply_to: format!("rose+t.{token}@groups.example"),
        continued: false,
        on_top: false,
        authors: authors.iter().map(|&name| name.into()).collect(),
        posts: posts.into_iter().map(digest_post).collect(),
    }
}

/// An ordinary day.
pub fn digest() -> DigestPage {
    let first = vec![
        PublishedPost { pictures: 1, files: 1, ..published("Mira", "2026-11-23T19:05:00-05:00", MIRA, None) },
        published("Kit", "2026-11-23T20:31:00-05:00", KIT, Some("Mira")),
        published("Tom", "2026-11-24T07:12:00-05:00", TOM, Some("Mira")),
    ];
    let second = vec![published(
        "Ada",
        "2026-11-24T12:00:00-05:00",
        "Thank you all. The parcel came, and the cat has moved into it.\n\nAda",
        Some("Kit"),
    )];
    let mut second = conversation(2, "A parcel", "nbswy3dpeb3w64tmmqqho2lume", &["Ada"], second);
    second.continued = true;
    second.posts[0].answered_at = Some(instant("2026-11-22T09:40:00-05:00"));
    DigestPage {
        day: instant("2026-11-24T12:00:00-05:00"),
        volume: 1,
        number: 12,
        part: 1,
        parts: 1,
        count: 4,
        welcome: false,
        conversations: vec![
            conversation(1, "Hello from a new one", "mfzwizltoq2gk43um5zhk3tfna", &["Mira", "Kit", "Tom"], first),
            second,
        ],
        folded: 0,
        waiting: Vec::new(),
    }
}

/// The first part of the first digest of somebody new, with a greeting.
pub fn digest_of_somebody_new() -> DigestPage {
    DigestPage { welcome: true, parts: 2, ..digest() }
}

/// All else that a digest may have: a note on top, and what stands in the last part alone, a folded message and
/// conversations that wait.
pub fn digest_with_everything() -> DigestPage {
    let mut page = digest();
    let note = published(
        "Dana (moderator)",
        "2026-11-24T12:00:00-05:00",
        "Dear all,\n\non Friday Ruth looks after Rose. You reach her as you reach me.\n\nDana",
        None,
    );
    let mut note = conversation(1, "Friday", "orsxg5a7mfzwizltoq2gk43um4", &["Dana (moderator)"], vec![note]);
    note.on_top = true;
    let mut hospice = published(
        "Ash",
        "2026-11-24T13:20:00-05:00",
        "Content note: hospice\n\nWe visited the house today. It has a garden, and they let the dog in.",
        None,
    );
    hospice.edited = true;
    let mut hospice =
        conversation(4, "The house with the garden", "ifzwqidun5xwwidumfwgwidbnm", &["Ash"], vec![hospice]);
    (hospice.posts[0].folded, hospice.posts[0].notes) = (true, vec!["hospice".into()]);
    page.conversations.iter_mut().for_each(|conversation| conversation.number += 1);
    page.conversations.insert(0, note);
    page.conversations.push(hospice);
    (page.folded, page.count, page.part, page.parts) = (1, 6, 2, 2);
    page.waiting = vec![
        Waiting {
            subject: "Does the tiredness go away?".into(),
            author: "Robin".into(),
            at: instant("2026-11-20T10:00:00-05:00"),
            reply_to: "rose+t.krugkidun5xwwidumfwgwidbnm@groups.example".into(),
        },
        Waiting {
            subject: "Night shifts".into(),
            author: "Lee".into(),
            at: instant("2026-11-21T23:10:00-05:00"),
            reply_to: "rose+t.jzuwo2dun5xwwidumfwgwidbnm@groups.example".into(),
        },
    ];
    page
}

/// A part that holds a piece of one message, which is longer than a mail.
pub fn digest_of_a_piece() -> DigestPage {
    let mut page = digest();
    page.conversations.truncate(1);
    page.conversations[0].posts.truncate(1);
    page.conversations[0].posts[0].piece = Some(Piece { number: 2, of: 3, octets: 60_000 });
    (page.count, page.part, page.parts) = (1, 2, 3);
    page
}

/// A published post.
pub fn single() -> SinglePage {
    SinglePage {
        subject: "Hello from a new one".into(),
        post: PublishedPost { pictures: 1, ..published("Mira", "2026-11-23T19:05:00-05:00", MIRA, None) },
    }
}

/// The same with its picture.
pub fn single_with_picture() -> SinglePage {
    let mut page = single();
    (page.post.shown, page.post.pictures) = (1, 0);
    page
}
