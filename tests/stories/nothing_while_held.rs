//! Held means held: no time, no word but a verb, no address but hers, no automatic mail and no token but the right one
//! brings a held post to anybody. After all of that, one genuine word still does.

use crate::scene::{
    DANA, KIT, MIRA, ROSE, RUTH, TOM, copies, held_post, nobody_has_it, post_of, raw, report, send, since, still_held,
};
use crate::support::{Captured, Letter, World, on_both};

/// One mail that must decide nothing.
struct Attempt {
    what: String,
    reverse_path: String,
    to: String,
    bytes: Vec<u8>,
    /// Explanations that Dana, whose token it is, gets for it.
    explained: usize,
}

impl Attempt {
    fn letter(what: &str, letter: &Letter, explained: usize) -> Self {
        Self {
            what: what.to_owned(),
            reverse_path: letter.from.clone(),
            to: letter.to.clone(),
            bytes: letter.bytes(),
            explained,
        }
    }

    fn bytes(what: &str, reverse_path: &str, to: &str, bytes: Vec<u8>, explained: usize) -> Self {
        Self { what: what.into(), reverse_path: reverse_path.into(), to: to.into(), bytes, explained }
    }
}

/// Each an hour apart, so that the limit of three an hour hides none; then the genuine word in mangled case.
async fn all_fail_then_approve_works(world: World, attempts: fn(&Captured) -> Vec<Attempt>) {
    let (notice, _) = held_post(&world).await;
    for attempt in attempts(&notice) {
        let what = &attempt.what;
        let (dana, others) = (world.count(DANA), world.peer.mail().len() - world.count(DANA));
        send(&world, &attempt.reverse_path, &[&attempt.to], &attempt.bytes).await;
        still_held(&world, what).await;
        let heard = since(&world, DANA, dana);
        assert_eq!(heard.len(), attempt.explained, "{}: what Dana heard after: {what}", world.database);
        for explanation in heard {
            assert_eq!(explanation.subject(), "Nothing was decided", "{}: {what}", world.database);
        }
        let now = world.peer.mail().len() - world.count(DANA);
        assert_eq!(now, others, "{}: somebody else heard of: {what}", world.database);
        world.pass(3_601).await;
        still_held(&world, what).await;
        assert_eq!(world.posts().await.len(), 1, "{}: taken for a post: {what}", world.database);
    }
    genuine_approval(&world, &notice).await;
}

/// The token is case-insensitive; the mail server of a phone may shout it.
async fn genuine_approval(world: &World, notice: &Captured) {
    let letter = Letter::answering(DANA, notice, "Approve");
    let shouted = letter.to.to_uppercase();
    world.write(&letter.to(&shouted)).await;
    still_held(world, "the undo window is open").await;
    world.pass(121).await;
    assert_eq!((copies(world, TOM), copies(world, KIT)), (1, 1), "{}: the genuine word works", world.database);
}

#[test]
fn sixty_days_pass() {
    on_both(|world| async {
        let world = world.with_rose().await;
        held_post(&world).await;
        for day in 1..=60 {
            world.pass(43_200).await;
            still_held(&world, &format!("day {day}, morning")).await;
            world.pass(43_200).await;
        }
        still_held(&world, "sixty days").await;
        let reminders = world.count(DANA);
        assert_eq!(reminders, 1 + 2 + 59, "{}: notices in sixty days", world.database);
        genuine_approval(&world, &world.latest(DANA)).await;
    });
}

#[test]
fn a_reply_without_a_clear_verb() {
    on_both(|world| async { all_fail_then_approve_works(world.with_rose().await, without_a_verb).await });
}

fn without_a_verb(notice: &Captured) -> Vec<Attempt> {
    let words = [
        "thanks",
        "",
        "yes",
        "ok",
        "OK, fine by me",
        "👍",
        "Approve? Not sure.",
        "Approve?",
        "don't approve",
        "Do not approve!",
        "not approved",
        "I can't approve this",
        "approve, but only after Ruth has seen it",
        "Approve if Ruth agrees",
        "Approve\nReturn: too long",
        "approve or return",
        "I would approve",
        "approve later",
        "no",
        "RETURN",
        "I am away today.\n\nAPPROVE",
        "~~Approve~~",
    ];
    let mut attempts: Vec<Attempt> = words
        .iter()
        .map(|words| Attempt::letter(&format!("the words {words:?}"), &Letter::answering(DANA, notice, words), 1))
        .collect();
    let to = notice.reply_address();
    let quoted = "> APPROVE\n> approve";
    attempts.push(Attempt::letter("a verb in the quote only", &Letter::new(DANA, &to, "Re: x", quoted), 1));
    let below = "On Mon, Nov 23, 2026 at 2:05 PM Rose <rose-owner@groups.example> wrote:\n\n> APPROVE";
    attempts.push(Attempt::letter("a verb below the attribution", &Letter::new(DANA, &to, "Re: x", below), 1));
    let subject = Letter::new(DANA, &to, "APPROVE", "");
    attempts.push(Attempt::letter("a verb in the subject only", &subject, 1));
    let signature = Letter::new(DANA, &to, "Re: x", "Thank you.\n\n-- \nApprove");
    attempts.push(Attempt::letter("a verb in the signature only", &signature, 1));
    let forwarded = format!(
        "FYI\n\n---------- Forwarded message ---------\nFrom: Rose <rose-owner@groups.example>\n\
         Date: Mon, Nov 23, 2026 at 2:05 PM\nSubject: {}\nTo: <dana@work.example>\n\n{}",
        notice.subject(),
        notice.text()
    );
    attempts.push(Attempt::letter("a forward", &Letter::new(DANA, &to, "Fwd: 1 message", &forwarded), 1));
    let bare = forwarded.trim_start_matches("FYI\n\n");
    attempts.push(Attempt::letter("a forward without words", &Letter::new(DANA, &to, "Fwd: 1 message", bare), 1));
    attempts
}

#[test]
fn a_verb_from_another_address() {
    on_both(|world| async { all_fail_then_approve_works(world.with_rose().await, from_another_address).await });
}

fn from_another_address(notice: &Captured) -> Vec<Attempt> {
    let to = notice.reply_address();
    let mut attempts = Vec::new();
    for (what, from) in [
        ("the other moderator", RUTH),
        ("a member", MIRA),
        ("the author", KIT),
        ("a stranger", "eve@evil.example"),
        ("her name at another place", "dana@home.example"),
        ("her address with a tag", "dana+x@work.example"),
        ("the group itself", ROSE),
    ] {
        attempts.push(Attempt::letter(what, &Letter::new(from, &to, "Re: x", "Approve"), 1));
    }
    let mail = |from: &str| raw(&[from, &format!("To: <{to}>"), "Subject: Re: x"], "Approve");
    for (what, from, explained) in [
        ("her address as the display name", "From: \"dana@work.example\" <eve@evil.example>", 1),
        ("her address in a comment", "From: eve@evil.example (dana@work.example)", 1),
        ("a look-alike", "From: <dana@w\u{43e}rk.example>", 1),
        // Mail without exactly one author is set aside for an administrator.
        ("two authors", "From: Dana <dana@work.example>, Eve <eve@evil.example>", 0),
        ("two authors, hers last", "From: Eve <eve@evil.example>, Dana <dana@work.example>", 0),
        ("two From fields", "From: <dana@work.example>\r\nFrom: <eve@evil.example>", 0),
        ("no author", "X-Nothing: here", 0),
        ("an empty From", "From: ", 0),
        ("her address in Sender and Reply-To only", "Sender: <dana@work.example>\r\nReply-To: <dana@work.example>", 0),
    ] {
        attempts.push(Attempt::bytes(what, DANA, &to, mail(from), explained));
    }
    attempts
}

#[test]
fn automatic_mail() {
    on_both(|world| async { all_fail_then_approve_works(world.with_rose().await, automatic).await });
}

fn automatic(notice: &Captured) -> Vec<Attempt> {
    let to = notice.reply_address();
    let mut attempts = Vec::new();
    for field in [
        "Auto-Submitted: auto-replied",
        "Auto-Submitted: auto-generated",
        "Auto-Submitted: auto-notified; owner-email=\"dana@work.example\"",
        "Precedence: bulk",
        "Precedence: junk",
        "Precedence: auto_reply",
        "Precedence: list",
        "X-Autoreply: yes",
        "X-Autorespond: yes",
        "List-Id: <staff.work.example>",
        "List-Unsubscribe: <mailto:leave@work.example>",
        "X-Loop: dana@work.example",
        "X-Failed-Recipients: dana@work.example",
    ] {
        attempts.push(Attempt::letter(field, &Letter::answering(DANA, notice, "Approve").with(field), 0));
    }
    for subject in [
        "Automatic reply: 1 message to read",
        "Out of office",
        "Abwesenheitsnotiz: 1 message to read",
        "Réponse automatique : 1 message",
        "Respuesta automática: 1 message",
        "Risposta automatica: 1 message",
        "Automatisch antwoord: 1 message",
        "Frånvaro: 1 message",
        "Automatyczna odpowiedź: 1 message",
        "Автоответ: 1 message",
        "自動返信: 1 message",
        "自动回复: 1 message",
        "Otomatik yanıt: 1 message",
        "תשובה אוטומטית: 1 message",
    ] {
        let letter = Letter::new(DANA, &to, subject, "Approve");
        attempts.push(Attempt::letter(subject, &letter, 0));
    }
    let approve = Letter::answering(DANA, notice, "Approve");
    attempts.push(Attempt::bytes("a null return path", "", &to, approve.bytes(), 0));
    for (from, subject, kind) in [
        ("mailer-daemon@work.example", "Undelivered Mail Returned to Sender", "delivery-status"),
        (DANA, "Re: 1 message to read", "delivery-status"),
        (DANA, "Read: 1 message to read", "disposition-notification"),
        (DANA, "Re: 1 message to read", "feedback-report"),
    ] {
        let bytes = report(from, &to, subject, kind, "Approve");
        attempts.push(Attempt::bytes(&format!("{kind} from {from}"), from, &to, bytes, 0));
    }
    attempts
}

#[test]
fn a_token_that_is_not_this_one() {
    on_both(|world| async {
        let world = world.with_rose().await;
        let (notice, _) = held_post(&world).await;
        let token = notice.reply_address();
        let code = token.trim_start_matches("lamplight+m.").split('@').next().unwrap().to_owned();
        let last = if code.ends_with('a') { 'b' } else { 'a' };
        let off_by_one = format!("lamplight+m.{}{last}@groups.example", &code[..code.len() - 1]);
        let another_row = format!("lamplight+m.z{}@groups.example", &code[1..]);
        for (what, to) in [
            ("a token off by one letter", off_by_one.as_str()),
            ("a token of a row that is not there", another_row.as_str()),
            ("the token as a confirmation", &token.replace("+m.", "+c.")),
            ("the token as a return path", &token.replace("+m.", "+b.")),
            ("a token of nothing", "lamplight+m.aabcdefghijklmnopqrstuvwxyz@groups.example"),
        ] {
            for from in [DANA, MIRA] {
                let before = world.count(MIRA);
                send(&world, from, &[to], &Letter::new(from, &token, "Re: x", "Approve").bytes()).await;
                still_held(&world, what).await;
                assert_eq!(world.count(MIRA), before, "{}: a member hears nothing of {what}", world.database);
            }
        }
        genuine_approval(&world, &notice).await;
    });
}

#[test]
fn the_token_in_the_header_only() {
    on_both(|world| async {
        let world = world.with_rose().await;
        let (notice, _) = held_post(&world).await;
        let letter = Letter::answering(DANA, &notice, "Approve");
        // The line To: carries the token, the envelope goes elsewhere.
        for to in ["rose-owner@groups.example", "rose-help@groups.example", "rose-request@groups.example", ROSE] {
            send(&world, DANA, &[to], &letter.bytes()).await;
            world.pass(121).await;
            still_held(&world, &format!("the envelope to {to}")).await;
        }
        genuine_approval(&world, &notice).await;
    });
}

#[test]
fn the_token_of_another_post() {
    on_both(|world| async {
        let world = world.with_rose().await;
        let (notice, _) = held_post(&world).await;
        let (other, _) = post_of(&world, MIRA, "Hello", "A plain hello.").await;
        let mut letter = Letter::answering(DANA, &notice, "Approve");
        letter.to = other.reply_address();
        world.write(&letter).await;
        world.pass(121).await;
        still_held(&world, "Mira's post was approved").await;
        let posts = world.posts().await;
        assert_eq!(posts[1].state, lamplight::model::post::PostState::Published, "{}", world.database);
        genuine_approval(&world, &notice).await;
    });
}

#[test]
fn an_expired_token() {
    on_both(|world| async {
        let world = world.with_rose().await;
        let (notice, _) = held_post(&world).await;
        world.pass(31 * 86_400).await;
        let before = world.count(DANA);
        world.write(&Letter::answering(DANA, &notice, "Approve")).await;
        world.pass(121).await;
        still_held(&world, "31 days").await;
        let fresh = since(&world, DANA, before);
        assert_eq!(fresh.len(), 1, "{}: the post comes again, to her alone", world.database);
        assert_ne!(fresh[0].reply_address(), notice.reply_address());
        genuine_approval(&world, &fresh[0]).await;
    });
}

#[test]
fn at_most_three_explanations_an_hour() {
    on_both(|world| async {
        let world = world.with_rose().await;
        let (notice, other) = held_post(&world).await;
        let before = world.count(DANA);
        for (at, words) in ["thanks", "ok", "yes", "hm", "approve?", "not yet"].iter().enumerate() {
            world.write(&Letter::answering(DANA, &notice, words)).await;
            // Another's noise on her token counts as well.
            world.write(&Letter::new(MIRA, &notice.reply_address(), "Re: x", words)).await;
            world.pass(60 * i64::try_from(at).unwrap()).await;
        }
        assert_eq!(world.count(DANA) - before, 3, "{}", world.database);
        world.write(&Letter::answering(RUTH, &other, "thanks")).await;
        assert_eq!(world.subjects(RUTH).last().unwrap(), "Nothing was decided", "{}: another notice", world.database);
        world.pass(3_601).await;
        world.write(&Letter::answering(DANA, &notice, "thanks")).await;
        assert_eq!(world.count(DANA) - before, 4, "{}: the next hour", world.database);
        nobody_has_it(&world, "thirteen answers");
        genuine_approval(&world, &notice).await;
    });
}
