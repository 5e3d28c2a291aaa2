//! A day of the group Rose: Mira, Kit and Tom write, Dana looks after them. One of every notice, with the forms that read
//! differently.

use lamplight::clock::Timestamp;
use lamplight::engine::notice::*;
use lamplight::mail::parse::Attachment;
use lamplight::model::ids::{PostId, TalkId};

pub fn instant(text: &str) -> Timestamp {
    Timestamp::parse(text).unwrap()
}

fn read_by() -> Timestamp {
    instant("2026-11-24T09:00:00-05:00")
}

pub fn setting(name: &str) -> Setting {
    Setting {
        service: "Lamplight".into(),
        group: "rose".into(),
        title: "Rose".into(),
        group_address: "rose@groups.example".into(),
        leave_address: "rose-leave@groups.example".into(),
        owner_address: "rose-owner@groups.example".into(),
        timezone: "America/New_York".into(),
        answerable: true,
        emergency_number: Some("911".into()),
        lifeline: Some("call or text 988".into()),
        name: name.into(),
    }
}

pub fn held_post() -> ShownPost {
    ShownPost {
        id: 12,
        author: "Mira".into(),
        days_a_member: 3,
        earlier_posts: 0,
        subject: "Hello from a new one".into(),
        text: MIRA.into(),
        attachments: vec![
            Attachment { name: Some("garden.jpg".into()), media_type: "image/jpeg".into(), size: 1_480_000 },
            Attachment { name: None, media_type: "application/pdf".into(), size: 34_200 },
        ],
        reasons: vec!["This is the first message of a member.".into()],
        urgent: false,
    }
}

fn urgent_post() -> ShownPost {
    ShownPost {
        author: "Tom".into(),
        days_a_member: 0,
        earlier_posts: 14,
        subject: String::new(),
        text: "I have saved up my pills and I do not think I will be here next week.".into(),
        attachments: Vec::new(),
        reasons: vec!["Possible crisis: matched “saved up my pills”, “will be here next week”.".into()],
        urgent: true,
        ..held_post()
    }
}

const MIRA: &str = "Good evening everyone,\n\nI am Mira. I have been reading along for three days, and I did not dare to write until now. Your words about the long nights did me a lot of good.\n\nHow do you get through the week before a scan?\n\nMira";
const KIT: &str = "> How do you get through the week before a scan?\n\nI bake. Badly, but the house smells of bread, and my hands have something to do.\nLast time it was eleven loaves.\n\nThe neighbours know by now what it means when I stand at the door with bread.";
const TOM: &str = "Welcome, Mira. I walk the dog until both of us are too tired to think.\n\nTom";

fn strangers() -> Vec<StrangerMail> {
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
        },
    ]
}

/// Who gets a notice: Mira, Dana, or the administrators, who have no name.
pub fn reader_of(notice: &Notice) -> &'static str {
    use Notice::*;
    match notice {
        Held { .. }
        | WhichConversation { .. }
        | Published { .. }
        | Returned { .. }
        | Withdrawn { .. }
        | PassedOn
        | WholeGroup { .. }
        | WentPrivate { .. }
        | PrivateAnswer { .. }
        | GroupClosed { .. } => "Mira",
        LeaveAsk | LeaveDone | Welcome { .. } => "Mira",
        NoModerator { .. } | Refused { .. } | Undelivered { .. } | Postmaster { .. } | PostmasterMore { .. } => "",
        _ => "Dana",
    }
}

/// Every notice under the name of its golden file.
pub fn every_notice() -> Vec<(&'static str, Notice)> {
    let mut all = to_members();
    all.extend(holds_and_echoes());
    all.extend(explanations());
    all.extend(other_mail());
    all.extend(private_talk());
    all
}

fn to_members() -> Vec<(&'static str, Notice)> {
    let subject = || "Hello from a new one".to_owned();
    let note = "Dear Mira, thank you for these warm words. Could you leave out the name of the doctor? Then I am glad to send it on.\n\nDana".to_owned();
    vec![
        ("held", Notice::Held { read_by: read_by(), first: true, all: false, urgent: false, subject: subject() }),
        (
            "held-all",
            Notice::Held { read_by: read_by(), first: true, all: true, urgent: false, subject: String::new() },
        ),
        ("held-some", Notice::Held { read_by: read_by(), first: false, all: false, urgent: false, subject: subject() }),
        ("held-urgent", Notice::Held { read_by: read_by(), first: true, all: false, urgent: true, subject: subject() }),
        ("published", Notice::Published { about: PostId(7), subject: subject() }),
        (
            "returned",
            Notice::Returned {
                about: PostId(7),
                moderator: "Dana".into(),
                note,
                subject: subject(),
                text: MIRA.into(),
            },
        ),
        ("withdrawn", Notice::Withdrawn { about: PostId(7), subject: subject() }),
        ("which-conversation", which_conversation(false, None)),
        ("which-conversation-again", which_conversation(true, None)),
        ("which-conversation-held", which_conversation(false, Some(read_by()))),
        ("passed-on", Notice::PassedOn),
        ("group-closed", Notice::GroupClosed { subject: subject() }),
        ("leave-ask", Notice::LeaveAsk),
        ("leave-done", Notice::LeaveDone),
        ("welcome", Notice::Welcome { delivery: "daily".into() }),
        ("welcome-each", Notice::Welcome { delivery: "each".into() }),
    ]
}

fn which_conversation(again: bool, read_by: Option<Timestamp>) -> Notice {
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
    Notice::WhichConversation { again, choices, text: "That is so good to hear.\n\nMira".into(), read_by }
}

fn holds_and_echoes() -> Vec<(&'static str, Notice)> {
    let hold = |post, again, claimed_by: Option<&str>| Notice::Hold {
        post,
        read_by: read_by(),
        again,
        claimed_by: claimed_by.map(Into::into),
    };
    let echo = |verb: &str, by_reader, undo: bool, note: Option<&str>| Notice::Echo {
        post: held_post(),
        verb: verb.into(),
        moderator: if by_reader { "Dana" } else { "Ruth" }.into(),
        by_reader,
        undo_until: undo.then(|| instant("2026-11-23T18:32:00-05:00")),
        note: note.map(Into::into),
    };
    let since = instant("2026-11-23T17:55:00-05:00");
    vec![
        ("hold", hold(held_post(), None, None)),
        ("hold-urgent", hold(urgent_post(), None, None)),
        ("hold-reminder", hold(held_post(), Some(Again::Reminder { since }), Some("Ruth"))),
        ("hold-undone", hold(held_post(), Some(Again::Undone { moderator: "Ruth".into() }), None)),
        ("hold-late", hold(held_post(), Some(Again::Late), Some("Dana"))),
        ("ask-again", Notice::AskAgain { post: urgent_post(), verb: "APPROVE".into() }),
        ("echo", echo("APPROVE", true, true, None)),
        ("echo-other", echo("APPROVE", false, false, None)),
        ("echo-return", echo("RETURN", true, true, Some("Could you leave out the name?"))),
        ("echo-mine", echo("MINE", false, false, None)),
        ("echo-undo", echo("UNDO", true, false, None)),
        ("retracted", Notice::Retracted { post: held_post(), moderator: "Dana".into(), stopped: 6, sent: 1 }),
    ]
}

fn explanations() -> Vec<(&'static str, Notice)> {
    use NothingDecided::*;
    let explain = |why, line: &str, post: bool, decided: Option<&str>| Notice::Explanation {
        why,
        line: line.into(),
        post: post.then(held_post),
        decided: decided.map(Into::into),
    };
    vec![
        ("explanation", explain(NoVerb, "Thanks, will look at it later", true, None)),
        ("explanation-unclear", explain(Unclear, "approve? or better return", true, None)),
        ("explanation-note", explain(NoteMissing, "RETURN", true, None)),
        ("explanation-decided", explain(AlreadyDecided, "RETURN: too long", true, Some("Ruth answered APPROVE."))),
        ("explanation-too-late", explain(TooLateToUndo, "UNDO", true, Some("You answered APPROVE."))),
        ("explanation-nothing", explain(NothingToUndo, "UNDO", false, None)),
        ("explanation-only-hers", explain(OnlyHers, "APPROVE", false, None)),
        ("explanation-unknown", explain(UnknownToken, "APPROVE", false, None)),
        ("explanation-address", explain(AnotherAddress, "APPROVE", false, None)),
    ]
}

fn other_mail() -> Vec<(&'static str, Notice)> {
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
            Notice::ConfirmOwn {
                text: "Dear all, I am away on Friday. Ruth is here for you.".into(),
                subject: "Friday".into(),
            },
        ),
        ("private-line", private(false, "Could somebody tell me how to get fewer mails?")),
        ("private-line-urgent", private(true, "I can't go on tonight.")),
        ("private-line-among-us", private_line(Reaches::Moderators, "-owner", false, "Who is here on Friday?")),
        ("private-line-nobody", private_line(Reaches::Nobody, "-owner", false, "Is anybody there?")),
        ("private-line-goes-on", private_line(Reaches::Author, "", false, "Thank you. I will.")),
        ("strangers", Notice::Strangers { messages: strangers() }),
        ("stranger-urgent", Notice::StrangerUrgent { messages: vec![urgent.clone()] }),
        ("stranger-urgent-many", Notice::StrangerUrgent { messages: vec![urgent.clone(), another] }),
        ("set-aside", Notice::SetAside { messages: vec![unread.clone()], urgent: false }),
        ("set-aside-urgent", Notice::SetAside { messages: vec![urgent.clone()], urgent: true }),
        ("set-aside-words", Notice::SetAside { messages: vec![words_alone], urgent: true }),
        ("set-aside-many", Notice::SetAside { messages: vec![unread, urgent], urgent: true }),
        ("no-moderator", Notice::NoModerator { waiting: 2, urgent: false }),
        (
            "refused",
            Notice::Refused {
                since: instant("2026-11-24T09:12:00-05:00"),
                cause: "MAIL: 550 5.7.1 sender rejected: not allowed to use this server".into(),
            },
        ),
        ("undelivered", undelivered(false)),
        ("undelivered-urgent", undelivered(true)),
        ("no-moderator-urgent", Notice::NoModerator { waiting: 1, urgent: true }),
        (
            "postmaster",
            Notice::Postmaster {
                from: "postmaster@mail.example".into(),
                written_to: "abuse@groups.example".into(),
                subject: "A complaint".into(),
                text: "One of our users says that she gets your mail and never asked for it.".into(),
                spool_id: 80,
            },
        ),
        ("postmaster-more", Notice::PostmasterMore { messages: strangers() }),
    ]
}

fn private_line(reply_reaches: Reaches, written_to: &str, urgent: bool, text: &str) -> Notice {
    Notice::PrivateLine {
        talk: None,
        author: if reply_reaches == Reaches::Moderators { "Ruth (moderator)" } else { "Kit" }.into(),
        reply_reaches,
        written_to: written_to.into(),
        subject: "A question".into(),
        text: text.into(),
        attachments: if written_to.is_empty() { held_post().attachments } else { Vec::new() },
        urgent,
        was_held: false,
    }
}

/// Both ways of a private talk, and what keeps an answer from leaving.
fn private_talk() -> Vec<(&'static str, Notice)> {
    let talk = TalkId(3);
    let answer = |subject: &str, files| Notice::PrivateAnswer {
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
    };
    let copy = |by_reader| Notice::PrivateCopy {
        talk,
        moderator: "Dana".into(),
        by_reader,
        author: "Kit".into(),
        subject: "A question".into(),
        text: "Dear Kit,\n\nof course.\n\nDana".into(),
        attachments: if by_reader { held_post().attachments } else { Vec::new() },
    };
    let unsent =
        |why, text: &str| Notice::PrivateUnsent { talk: Some(talk), why, author: "Kit".into(), text: text.into() };
    let whole = |read_first| Notice::WholeGroup {
        subject: "A question".into(),
        text: "Dear Dana,\n\nplease do not share this with the group.".into(),
        read_by: read_by(),
        read_first,
    };
    let Notice::PrivateLine { talk: none, author, reply_reaches, subject, text, attachments, .. } =
        private_line(Reaches::Author, "", false, "Please do not share this.")
    else {
        unreachable!()
    };
    let was_held = Notice::PrivateLine {
        talk: none,
        author,
        reply_reaches,
        written_to: String::new(),
        subject,
        text,
        attachments,
        urgent: false,
        was_held: true,
    };
    vec![
        ("whole-group", whole(false)),
        ("whole-group-held", whole(true)),
        ("went-private", Notice::WentPrivate { talk, subject: "A question".into() }),
        ("meant-for-group", Notice::MeantForGroup { post: held_post() }),
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
        ("private-unsent-gone", unsent(Unsent::Gone, "How are you?")),
        (
            "private-unsent-unknown",
            Notice::PrivateUnsent {
                talk: None,
                why: Unsent::Unknown,
                author: String::new(),
                text: "How are you?".into(),
            },
        ),
    ]
}

fn undelivered(urgent: bool) -> Notice {
    let notice = |moderator: &str, address: &str, cause: &str, others| UndeliveredNotice {
        group: "rose".into(),
        moderator: moderator.into(),
        address: address.into(),
        cause: cause.into(),
        written_at: instant("2026-11-24T09:12:00-05:00"),
        others,
    };
    let dana = notice("Dana", "dana@work.example", "RCPT: 550 5.1.1 no such user here", 1);
    let ruth = notice("Ruth", "ruth@work.example", "RCPT: 552 5.2.2 the mailbox is full", 0);
    let notices = if urgent { vec![ruth] } else { vec![dana, ruth] };
    Notice::Undelivered { urgent, notices }
}

fn published(author: &str, at: &str, text: &str, answers: Option<&str>) -> PublishedPost {
    PublishedPost {
        author: author.into(),
        at: instant(at),
        text: text.into(),
        answers: answers.map(Into::into),
        pictures: 0,
        files: 0,
    }
}

pub fn digest() -> DigestPage {
    let first = vec![
        PublishedPost { pictures: 1, files: 1, ..published("Mira", "2026-11-23T19:05:00-05:00", MIRA, None) },
        published("Kit", "2026-11-23T20:31:00-05:00", KIT, Some("Mira")),
        published("Tom", "2026-11-24T07:12:00-05:00", TOM, Some("Mira")),
    ];
    let second = vec![published(
        "Dana (moderator)",
        "2026-11-24T12:00:00-05:00",
        "Dear all,\n\non Friday Ruth looks after Rose. You reach her as you reach me.\n\nDana",
        None,
    )];
    let conversation = |number, subject: &str, token: &str, continued, authors: &[&str], posts| Conversation {
        number,
        subject: subject.into(),
        reply_to: format!("rose+t.{token}@groups.example"),
        continued,
        authors: authors.iter().map(|&name| name.into()).collect(),
        posts,
    };
    DigestPage {
        day: instant("2026-11-24T17:30:00-05:00"),
        count: 4,
        conversations: vec![
            conversation(
                1,
                "Hello from a new one",
                "mfzwizltoq2gk43um5zhk3tfna",
                false,
                &["Mira", "Kit", "Tom"],
                first,
            ),
            conversation(2, "Friday", "nbswy3dpeb3w64tmmqqho2lume", true, &["Dana (moderator)"], second),
        ],
    }
}

pub fn single() -> SinglePage {
    SinglePage {
        subject: "Hello from a new one".into(),
        post: PublishedPost { pictures: 1, ..published("Mira", "2026-11-23T19:05:00-05:00", MIRA, None) },
    }
}
