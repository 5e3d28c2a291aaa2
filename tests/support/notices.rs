//! A day of the group Rose: Mira, Kit and Tom write, Dana looks after them. One of every notice, with the forms that read
//! differently.

use lamplight::clock::Timestamp;
use lamplight::engine::knowing::{EarlierFlag, Knowing, ShownNote};
use lamplight::engine::notice::*;
use lamplight::mail::parse::Attachment;
use lamplight::model::changes::changes;
use lamplight::model::ids::{PostId, TalkId};
use lamplight::model::policy::HoldReason;

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
        written: None,
        signature: None,
        attachments: vec![
            Attachment { name: Some("garden.jpg".into()), media_type: "image/jpeg".into(), size: 1_480_000 },
            Attachment { name: None, media_type: "application/pdf".into(), size: 34_200 },
        ],
        pictures: 0,
        reasons: vec!["This is the first message of a member.".into()],
        urgent: false,
        concern: false,
    }
}

fn post_with_picture() -> ShownPost {
    ShownPost { pictures: 1, reasons: vec![HoldReason::HasPictures.sentence()], ..held_post() }
}

fn covered_post() -> ShownPost {
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

fn urgent_post() -> ShownPost {
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

fn post_of_concern() -> ShownPost {
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

const MIRA: &str = "Good evening everyone,\n\nI am Mira. I have been reading along for three days, and I did not dare to write until now. Your words about the long nights did me a lot of good.\n\nHow do you get through the week before a scan?\n\nMira";
const EDITED: &str = "Good evening everyone,\n\nI am Mira. I have been reading along for some days, and I did not dare to write until now. Your words about the long nights did me good.\n\nHow do you get through the week before a scan?\n\nMira";
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

/// Who gets a notice: Mira, Dana, or the administrators, who have no name.
pub fn reader_of(notice: &Notice) -> &'static str {
    match notice {
        Notice::Member(ToMember::AddressOther) => "",
        Notice::Member(_) => "Mira",
        Notice::Administrators(_) | Notice::Moderators(ToModerators::Escalated { administrators: true, .. }) => "",
        Notice::Moderators(_) => "Dana",
    }
}

/// Every notice under the name of its golden file.
pub fn every_notice() -> Vec<(&'static str, Notice)> {
    let mut all = to_members();
    all.extend(holds_and_echoes());
    all.extend(explanations());
    all.extend(reading());
    all.extend(other_mail());
    all.extend(private_talk());
    all
}

fn ended(who: &str, by_reader: bool) -> Notice {
    let raised_at = instant("2026-11-23T20:30:00-05:00");
    Notice::from(ToModerators::AlertEnded { id: 3, who: who.into(), by_reader, raised_at })
}

fn to_members() -> Vec<(&'static str, Notice)> {
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
    Notice::from(ToMember::WhichConversation {
        again,
        choices,
        text: "That is so good to hear.\n\nMira".into(),
        read_by,
    })
}

/// An alert: who was asked before, one every quarter of an hour, and who is asked next.
fn shown_alert(before: &[&str], next: &[&str]) -> ShownAlert {
    let first = instant("2026-11-23T20:30:00-05:00");
    let told = (0_i64..)
        .zip(before)
        .map(|(step, who)| ToldBefore { who: vec![(*who).to_owned()], at: first.plus_seconds(900 * step) });
    let told: Vec<ToldBefore> = told.collect();
    let at = first.plus_seconds(900 * (before.len() as i64 + 1));
    ShownAlert { id: 3, told, next: NextStep { who: next.iter().map(|who| (*who).to_owned()).collect(), at } }
}

fn unanswered(author: Option<&str>, post_id: Option<i64>, spool_ids: &[i64]) -> Notice {
    let contact = |name: &str, address: &str| Contact { name: name.into(), address: address.into() };
    Notice::from(ToAdministrators::AlertUnanswered {
        alert: shown_alert(&["Dana", "Ruth"], &[]),
        moderators: vec![contact("Dana", "dana@work.example"), contact("Ruth", "ruth@work.example")],
        author: author.map(Into::into),
        post_id,
        spool_ids: spool_ids.to_vec(),
    })
}

fn crisis(alerted: bool, can_take_back: bool) -> Notice {
    let subject = if can_take_back { "I am so tired".to_owned() } else { String::new() };
    Notice::from(ToMember::Crisis { alerted, read_by: read_by(), subject, can_take_back })
}

fn holds_and_echoes() -> Vec<(&'static str, Notice)> {
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

fn knowing() -> Knowing {
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

fn escalated(post: ShownPost, waits: bool, administrators: bool) -> Notice {
    Notice::from(ToModerators::Escalated { post, moderator: "Ruth".into(), knowing: knowing(), waits, administrators })
}

fn private_note(waits: bool) -> Notice {
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

fn which_post(some: bool) -> Notice {
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

fn explanations() -> Vec<(&'static str, Notice)> {
    use NothingDecided::*;
    let explain = |why, line: &str, post: bool, decided: Option<&str>| {
        Notice::from(ToModerators::Explanation {
            why,
            verb: matches!(why, NoteMissing | NamesSomeone).then(|| line.split([':', ' ']).next().unwrap().to_owned()),
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

fn reading() -> Vec<(&'static str, Notice)> {
    let listed = |number, author: &str, subject: &str, text: &str, late| ListedPost {
        number,
        at: instant("2026-11-23T21:12:00-05:00"),
        late,
        read_by: if late { instant("2026-11-23T13:00:00-05:00") } else { read_by() },
        post: ShownPost {
            id: 20 + i64::try_from(number).unwrap(),
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

fn private_line(reply_reaches: Reaches, written_to: &str, urgent: bool, text: &str) -> Notice {
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

fn private_line_of_concern() -> Notice {
    let mut notice = private_line(Reaches::Author, "-owner", false, "Most evenings I wish I would just not wake up.");
    if let Notice::Moderators(ToModerators::PrivateLine { concern, .. }) = &mut notice {
        *concern = true;
    }
    notice
}

fn private_line_not_verified() -> Notice {
    let mut notice = private_line(Reaches::Author, "-owner", false, "Who else is in the group?");
    if let Notice::Moderators(ToModerators::PrivateLine { not_verified, .. }) = &mut notice {
        *not_verified = true;
    }
    notice
}

fn private_line_while_open() -> Notice {
    let mut notice = private_line(Reaches::Author, "-owner", false, "Yes please. Come quickly. 4 Mill Lane.");
    if let Notice::Moderators(ToModerators::PrivateLine { alert_open, .. }) = &mut notice {
        *alert_open = true;
    }
    notice
}

/// Both ways of a private talk, and what keeps an answer from leaving.
fn private_talk() -> Vec<(&'static str, Notice)> {
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

fn lost(members: &[&str]) -> Notice {
    let letter = |member: &&str| LostLetter {
        member: (*member).into(),
        subject: "Re: A question".into(),
        written_at: instant("2026-11-24T09:12:00-05:00"),
    };
    Notice::from(ToModerators::PrivateUndelivered { letters: members.iter().map(letter).collect() })
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
    Notice::from(ToAdministrators::Undelivered { urgent, notices })
}

fn published(author: &str, at: &str, text: &str, answers: Option<&str>) -> PublishedPost {
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

/// Everything that a digest may have: a note on top, a greeting, a folded message, conversations that wait, a further part.
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
    (page.welcome, page.folded, page.count, page.parts) = (true, 1, 6, 2);
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
