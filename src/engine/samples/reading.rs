//! Lists of what was not read yet.

use super::{KIT, MIRA, held_post, instant, read_by};
use crate::engine::notice::{LateGroup, ListedPost, NothingRead, Notice, ShownPost, ToAdministrators, ToModerators};

pub(super) fn reading() -> Vec<(&'static str, Notice)> {
    let listed = |number, author: &str, subject: &str, text: &str, late| ListedPost {
        number,
        at: instant("2026-11-23T21:12:00-05:00"),
        late,
        read_by: if late { instant("2026-11-23T13:00:00-05:00") } else { read_by() },
        post: ShownPost {
            id: 20 + i64::try_from(number).unwrap_or_default(),
            author: author.into(),
            subject: subject.into(),
            text: text.into(),
            attachments: Vec::new(),
            pictures: 0,
            reasons: Vec::new(),
            earlier_posts: 4,
            ..held_post()
        },
    };
    let mut sad = listed(2, "Tom", "", "I can't stop crying since Sunday.", false);
    sad.post.reasons = vec!["distress: matched “can't stop crying”".into()];
    let fresh = vec![listed(1, "Kit", "Bread", KIT, false), sad.clone()];
    let late = vec![
        ListedPost { number: 1, late: true, ..sad },
        listed(2, "Kit", "Bread", KIT, false),
        listed(3, "Mira", "Re: Bread", MIRA, true),
    ];
    let mut first = listed(1, "Mira", "Hello from a new one", MIRA, false);
    first.post = ShownPost { reasons: Vec::new(), ..held_post() };
    let list = |posts: Vec<ListedPost>, others| {
        Notice::from(ToModerators::ReadingList {
            late: posts.iter().filter(|post| post.late).count(),
            read_by: read_by(),
            others,
            posts,
        })
    };
    let nothing = |why, line: &str| Notice::from(ToModerators::NothingRead { why, line: line.into(), last: 3 });
    let group = |name: &str, title: &str, moderators, held, unread, days| LateGroup {
        name: name.into(),
        title: title.into(),
        moderators,
        held,
        unread,
        since: instant("2026-11-21T13:00:00-05:00"),
        days,
    };
    vec![
        ("reading-list", list(fresh, 0)),
        ("reading-list-late", list(late, 1)),
        ("reading-list-one", list(vec![first], 0)),
        ("nothing-read", nothing(NothingRead::Unclear, "read, I think")),
        ("nothing-read-number", nothing(NothingRead::NoSuchNumber, "READ 4")),
        ("nothing-read-word", nothing(NothingRead::AnotherWord, "APPROVE")),
        ("nothing-read-late", nothing(NothingRead::RunOut, "READ")),
        ("nothing-read-address", nothing(NothingRead::AnotherAddress, "READ")),
        ("nothing-read-not-verified", nothing(NothingRead::SenderNotVerified, "READ")),
        ("late", Notice::from(ToAdministrators::Late { count: 4, groups: vec![group("rose", "Rose", 2, 3, 1, 2)] })),
        (
            "late-groups",
            Notice::from(ToAdministrators::Late {
                count: 2,
                groups: vec![group("lily", "Lily", 0, 1, 0, 0), group("rose", "Rose", 1, 0, 1, 1)],
            }),
        ),
    ]
}
