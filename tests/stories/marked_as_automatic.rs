//! A mark of automatic mail forbids answering, publishing and deciding, never telling people: who cries is heard, whatever
//! a filter or a program wrote into the header. Our own words that come back ring no second time.

use crate::scene::{ADMIN, CRY, DANA, MIRA, ROSE, RUTH, TOM, everybody_is_known, raw, report, send};
use crate::support::{Captured, Letter, on_both};

const OWNER: &str = "rose-owner@groups.example";
const LEAVE: &str = "rose-leave@groups.example";
const POSTMASTER: &str = "postmaster@groups.example";

#[test]
fn a_cry_that_bears_a_mark_is_heard_at_once() {
    on_both(|world| async {
        let world = world.with_rose().await;
        everybody_is_known(&world).await;
        let received = "Received: from a by b; Mon, 23 Nov 2026 20:00:09 +0100\r\n".repeat(51);
        for (what, path, subject, fields, to) in [
            ("a subject", MIRA, "On leave", "X-A: b", ROSE),
            ("another subject", MIRA, "Auto-reply: tonight", "X-A: b", OWNER),
            ("failed recipients", MIRA, "Help", "X-Failed-Recipients: x@y.example", ROSE),
            ("a loop of ours", MIRA, "Help", "X-Loop: rose@groups.example", ROSE),
            ("an answer", MIRA, "Help", "Auto-Submitted: auto-replied", ROSE),
            ("a circle", MIRA, "Help", received.trim_end(), ROSE),
            ("a list, to -owner", MIRA, "Help", "List-Id: <family.lists.example>", OWNER),
            ("bulk, to -owner", MIRA, "Help", "Precedence: bulk", OWNER),
            ("a null path, to -owner", "", "Help", "X-A: b", OWNER),
            ("a loop, to -leave", MIRA, "Help", "X-Loop: mira@home.example", LEAVE),
            ("a stranger's, to -owner", "eve@else.example", "Help", "Precedence: bulk", OWNER),
            ("a stranger's, to the group", "eve@else.example", "Help", "Precedence: junk", ROSE),
            (
                "an unknown answer address",
                MIRA,
                "Help",
                "X-Loop: a",
                "lamplight+b.aabcdefghijklmnopqrstuvwxyz@groups.example",
            ),
            ("bulk, and unreadable", MIRA, "Help", "Precedence: bulk\r\nX Y: z", ROSE),
            ("bulk, to postmaster", MIRA, "Help", "Precedence: bulk", POSTMASTER),
        ] {
            let from = if path.is_empty() { MIRA } else { path };
            let people: &[&str] = if to == POSTMASTER || to.contains('+') { &[ADMIN] } else { &[DANA, RUTH] };
            let before: Vec<usize> = people.iter().map(|who| world.count(who)).collect();
            let answered = world.count(from);
            world.deliver(path, &[to], Letter::new(from, to, subject, CRY).with(fields).bytes()).await;
            world.run().await;
            for (who, before) in people.iter().zip(before) {
                assert_eq!(world.count(who), before + 1, "{}: {what}: {who}", world.database);
                let alarm = world.latest(who);
                assert_eq!(alarm.subject(), "1 message to read now", "{}: {what}", world.database);
                assert!(alarm.text().contains(CRY), "{}: {what}", world.database);
            }
            assert_eq!(world.count(from), answered, "{}: {what}: it was answered", world.database);
        }
        assert_eq!(world.count(TOM), 0, "{}: published", world.database);
    });
}

/// What comes back, by which way, and who is said to have written it.
fn ours_again(notice: &Captured) -> Vec<(&'static str, String, String, Vec<u8>)> {
    let verp = notice.reverse_path.clone();
    let text = notice.text();
    let quoted: String = text.lines().map(|line| format!("> {line}\n")).collect();
    let away = |body: &str, to: &str| {
        let subject = format!("Automatic reply: {}", notice.subject());
        Letter::new(DANA, to, &subject, body).with("Auto-Submitted: auto-replied").bytes()
    };
    let failed = |body: &str| {
        let from = "From: MAILER-DAEMON@work.example";
        raw(&[from, &format!("To: <{verp}>"), "Subject: failure notice"], &format!("Sorry.\n\n{body}"))
    };
    let whole = String::from_utf8_lossy(&notice.raw).replace("\r\n", "\n");
    vec![
        ("a quote", DANA.into(), OWNER.into(), away(&format!("Away.\n\n{quoted}"), OWNER)),
        ("no marks", DANA.into(), OWNER.into(), away(&format!("I am away.\n\n{text}"), OWNER)),
        ("to the group", DANA.into(), ROSE.into(), away(&format!("I am away.\n\n{text}"), ROSE)),
        ("to the return path", String::new(), verp.clone(), away(&format!("I am away.\n\n{text}"), &verp)),
        ("to postmaster", DANA.into(), POSTMASTER.into(), away(&format!("I am away.\n\n{text}"), POSTMASTER)),
        ("in one line", DANA.into(), OWNER.into(), away(&text.replace('\n', " "), OWNER)),
        ("the whole copy in a bounce", String::new(), verp.clone(), failed(&whole)),
        ("a report", String::new(), verp.clone(), report("x@work.example", &verp, "Late", "delivery-status", &text)),
        ("a receipt", DANA.into(), OWNER.into(), report(DANA, OWNER, "Read", "disposition-notification", &text)),
        ("our own mail", DANA.into(), OWNER.into(), notice.raw.clone()),
    ]
}

#[test]
fn our_own_words_ring_no_second_time() {
    on_both(|world| async {
        let world = world.with_rose().await;
        everybody_is_known(&world).await;
        for (to, words) in [(ROSE, CRY), (OWNER, "I am going to kill myself before the sun comes up.")] {
            world.write(&Letter::new(MIRA, to, "Tonight", words)).await;
            let notice = world.latest(DANA);
            assert!(notice.text().contains(words), "{}", notice.text());
            // That a notice did not reach her is told to the administrators, which is another matter.
            let rung = || world.peer.mail().iter().filter(|mail| mail.recipients != [ADMIN]).count();
            let before = rung();
            for (what, path, to, bytes) in ours_again(&notice) {
                send(&world, &path, &[&to], &bytes).await;
                assert_eq!(rung(), before, "{}: {what} to {to}", world.database);
            }
        }
    });
}

#[test]
fn what_somebody_adds_to_our_words_is_heard() {
    on_both(|world| async {
        let world = world.with_rose().await;
        everybody_is_known(&world).await;
        world.write(&Letter::new(MIRA, ROSE, "Tonight", CRY)).await;
        let notice = world.latest(DANA);
        let body = format!("I am going to kill myself with all my pills.\n\n{}", notice.text());
        let letter = Letter::new(DANA, OWNER, "Automatic reply: x", &body).with("Auto-Submitted: auto-replied");
        let before = world.count(RUTH);
        world.write(&letter).await;
        assert_eq!(world.count(RUTH), before + 1, "{}", world.database);
        assert!(world.latest(RUTH).text().contains("with all my pills"), "{}", world.latest(RUTH).text());
    });
}

#[test]
fn two_programs_that_answer_each_other_are_heard_together() {
    on_both(|world| async {
        let world = world.with_rose().await;
        for number in 0..40 {
            let body = format!("Ticket {number}: I am going to kill myself tonight, ticket {number}.");
            let letter = Letter::new(DANA, OWNER, "Automatic reply: x", &body).with("Auto-Submitted: auto-replied");
            world.write(&letter).await;
        }
        assert_eq!(world.count(RUTH), 20, "{}", world.database);
        world.pass(181).await;
        assert_eq!(world.count(RUTH), 21, "{}", world.database);
        assert!(world.latest(RUTH).text().contains("Ticket 39"), "{}", world.database);
    });
}

#[test]
fn a_persons_words_under_a_guess_wait_for_a_moderator() {
    on_both(|world| async {
        let world = world.with_rose().await;
        everybody_is_known(&world).await;
        for (subject, field) in [
            ("On leave - and how I spend it", "X-A: b"),
            ("Hello", "List-Unsubscribe: <mailto:x@y.example>"),
            ("Hello", "Precedence: bulk"),
            ("Hello", "X-Loop: mira@home.example"),
            ("Hello", "X-Loop: primrose@groups.example"),
            ("Hello", "X-Vacation-Checked: 1"),
            ("Hello", "X-Autoresponder-Filter: checked"),
            ("Out of office", "X-A: b"),
            ("Out of office: forever", "X-A: b"),
            ("Urlaubsabwesenheit: mein Mann ist weg", "X-A: b"),
            ("Absence", "In-Reply-To: <x@groups.example>"),
        ] {
            let told = world.count(RUTH);
            world.write(&Letter::new(MIRA, ROSE, subject, "I sit in the garden.").with(field)).await;
            assert_eq!(world.last_judged().await, ["held"], "{}: {subject}, {field}", world.database);
            assert_eq!(world.count(RUTH), told + 1, "{}: {subject}, {field}", world.database);
            assert!(world.latest(DANA).text().contains("may be a person's"), "{}", world.latest(DANA).text());
        }
        assert_eq!((world.count(MIRA), world.count(TOM)), (0, 0), "{}: answered or published", world.database);
        world.write(&Letter::answering(DANA, &world.latest(DANA), "APPROVE")).await;
        world.pass(121).await;
        assert!(world.latest(TOM).text().contains("I sit in the garden."), "{}", world.database);
    });
}

#[test]
fn a_few_words_under_a_guess_wait_too() {
    on_both(|world| async {
        let world = world.with_rose().await;
        everybody_is_known(&world).await;
        for (words, outcome) in [("Phone me.", "held"), ("Hilfe", "held"), ("助けて", "held"), ("...", "ignored")] {
            world.write(&Letter::new(MIRA, ROSE, "Please", words).with("Precedence: bulk")).await;
            assert_eq!(world.last_judged().await, [outcome], "{}: {words}", world.database);
        }
    });
}

#[test]
fn what_may_be_a_persons_reaches_the_moderators_unanswered() {
    on_both(|world| async {
        let world = world.with_rose().await;
        everybody_is_known(&world).await;
        let words = "Please phone me tonight, my husband shouts and I sit in the garden.";
        for (number, (from, to, subject, field)) in [
            (MIRA, OWNER, "Please", "Precedence: bulk"),
            (MIRA, OWNER, "On leave", "X-A: b"),
            (MIRA, OWNER, "Out of office", "X-A: b"),
            (MIRA, LEAVE, "Please", "List-Unsubscribe: <mailto:x@y.example>"),
            (TOM, OWNER, "Please", "X-Loop: primrose@groups.example"),
            (DANA, OWNER, "Please", "Precedence: bulk"),
        ]
        .into_iter()
        .enumerate()
        {
            let (told, answered) = (world.count(RUTH), world.count(from));
            let words = format!("{words} {number}");
            world.write(&Letter::new(from, to, subject, &words).with(field)).await;
            assert_eq!(world.last_judged().await, ["passed-on"], "{}: {subject}, {field}", world.database);
            assert_eq!(world.count(RUTH), told + 1, "{}: {subject}, {field}", world.database);
            assert!(world.latest(RUTH).text().contains(&words), "{}", world.latest(RUTH).text());
            let is_told = usize::from(from == DANA);
            assert_eq!(world.count(from), answered + is_told, "{}: {subject}, {field}: answered", world.database);
        }
        for (from, subject, field, outcome) in [
            ("eve@else.example", "Urlaubsabwesenheit", "X-A: b", "stranger"),
            ("eve@else.example", "Hello", "List-Unsubscribe: <mailto:x@y.example>", "stranger"),
            (MIRA, "Please", "Auto-Submitted: auto-replied", "ignored"),
            (MIRA, "Please", "X-Loop: rose@groups.example", "ignored"),
            (DANA, "Out of office", "X-A: b", "ignored"),
        ] {
            let told = world.count(RUTH);
            world.write(&Letter::new(from, OWNER, subject, "I am not there.").with(field)).await;
            assert_eq!(world.last_judged().await, [outcome], "{}: {subject}, {field}", world.database);
            assert_eq!(world.count(RUTH), told, "{}: {subject}, {field}", world.database);
        }
    });
}

#[test]
fn what_a_program_wrote_stays_ignored() {
    on_both(|world| async {
        let world = world.with_rose().await;
        everybody_is_known(&world).await;
        let words = "I am away until Monday and will read my mail then.";
        for (from, path, subject, field) in [
            (MIRA, MIRA, "Hello", "Auto-Submitted: auto-replied"),
            (MIRA, MIRA, "On leave", "Auto-Submitted: auto-replied"),
            (MIRA, "", "On leave", "X-A: b"),
            (DANA, DANA, "Hello", "Precedence: bulk"),
            (MIRA, MIRA, "Hello", "Precedence: auto_reply"),
            (MIRA, MIRA, "Hello", "X-Autoreply: yes"),
            (MIRA, MIRA, "Out of office", "Precedence: auto_reply"),
            (MIRA, MIRA, "Hello", "X-Loop: rose@groups.example"),
            (MIRA, MIRA, "Hello", "X-Loop: <Rose@Groups.Example>"),
            ("eve@else.example", "eve@else.example", "Hello", "List-Id: <else.example>"),
        ] {
            world.deliver(path, &[ROSE], Letter::new(from, ROSE, subject, words).with(field).bytes()).await;
            world.run().await;
            assert_eq!(world.last_judged().await, ["ignored"], "{}: {subject}, {field}", world.database);
        }
        assert_eq!(world.peer.mail().len(), 0, "{}", world.database);
    });
}

/// postmaster@ and abuse@ are read by people, who are all that such a mail reaches.
#[test]
fn what_may_be_a_persons_reaches_the_administrators_unanswered() {
    on_both(|world| async {
        let world = world.with_rose().await;
        for (number, (from, to, subject, field)) in [
            ("eve@else.example", POSTMASTER, "On leave", "X-A: b"),
            ("eve@else.example", POSTMASTER, "Automatic answers from your group", "X-A: b"),
            ("eve@else.example", "abuse@groups.example", "Out of office", "X-A: b"),
            (MIRA, POSTMASTER, "Please take me off", "Precedence: bulk"),
            ("eve@else.example", POSTMASTER, "Spam", "List-Unsubscribe: <mailto:x@y.example>"),
        ]
        .into_iter()
        .enumerate()
        {
            let (told, answered) = (world.count(ADMIN), world.count(from));
            let words =
                format!("I am out of the office until Monday, but your server writes to me every hour. {number}");
            world.write(&Letter::new(from, to, subject, &words).with(field)).await;
            assert_eq!(world.last_judged().await, ["to-administrators"], "{}: {subject}, {field}", world.database);
            assert_eq!(world.count(ADMIN), told + 1, "{}: {subject}, {field}", world.database);
            let text = world.latest(ADMIN).text().split_whitespace().collect::<Vec<_>>().join(" ");
            assert!(text.contains(&format!("hour. {number}")), "{}: {text}", world.database);
            assert_eq!(world.count(from), answered, "{}: {subject}, {field}: answered", world.database);
        }
        // What says plainly that a program wrote it, and an administrator's own responder, which would answer for ever.
        let told = world.count(ADMIN);
        for (from, path, subject, field) in [
            ("eve@else.example", "eve@else.example", "On leave", "Auto-Submitted: auto-replied"),
            ("eve@else.example", "", "On leave", "X-A: b"),
            ("eve@else.example", "eve@else.example", "Hello", "X-Loop: postmaster@groups.example"),
            (ADMIN, ADMIN, "Out of office", "X-A: b"),
            ("Admin@Charity.example", ADMIN, "Automatic reply: Mail to the postmaster", "X-A: b"),
        ] {
            let letter = Letter::new(from, POSTMASTER, subject, "I am away until Monday.").with(field);
            send(&world, path, &[POSTMASTER], &letter.bytes()).await;
            assert_eq!(world.last_judged().await, ["ignored"], "{}: {subject}, {field}", world.database);
        }
        assert_eq!(world.count(ADMIN), told, "{}", world.database);
    });
}
