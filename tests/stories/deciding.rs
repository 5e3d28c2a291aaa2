//! What each word does, from the reply to what the group, the author and the other moderator get of it.

use lamplight::model::post::PostState;

use crate::scene::{
    ADA, DANA, KIT, MIRA, RUTH, TOM, copies, held_post, nobody_has_it, post_of, send, since, state, still_held,
};
use crate::support::{Captured, Letter, World, on_both, on_both_with};

async fn answer(world: &World, from: &str, notice: &Captured, words: &str) {
    world.write(&Letter::answering(from, notice, words)).await;
}

/// The reply was answered with an explanation that says `words`.
fn explained(world: &World, address: &str, words: &str) {
    let mail = world.latest(address);
    assert_eq!(mail.subject(), "Nothing was decided", "{}: {}", world.database, mail.text());
    let text = mail.text().split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(text.contains(words), "{}: no “{words}” in {text}", world.database);
}

#[test]
fn undo_puts_it_back() {
    on_both(|world| async {
        let world = world.with_rose().await;
        let (notice, _) = held_post(&world).await;
        answer(&world, DANA, &notice, "Approve").await;
        let echo = world.latest(DANA);
        assert!(echo.text().contains("UNDO"), "{}", echo.text());
        let (dana, ruth) = (world.count(DANA), world.count(RUTH));
        world.pass(60).await;
        answer(&world, DANA, &echo, "undo").await;
        world.pass(3_600).await;
        still_held(&world, "UNDO in time").await;
        let (to_dana, to_ruth) = (since(&world, DANA, dana), since(&world, RUTH, ruth));
        assert_eq!((to_dana.len(), to_ruth.len()), (1, 1), "{}: fresh notices", world.database);
        assert!(to_ruth[0].text().contains("Dana undid the decision"), "{}", to_ruth[0].text());

        // Neither the used token nor the echo decides again; each brings the post and a fresh token, to her alone.
        for old in [&notice, &echo] {
            let before = world.count(DANA);
            answer(&world, DANA, old, "Approve").await;
            world.pass(121).await;
            still_held(&world, "an old token after UNDO").await;
            let fresh = since(&world, DANA, before);
            assert!(fresh.len() == 1 && fresh[0].text().contains("smells of lavender"), "{}", world.database);
        }
        assert_eq!(world.count(RUTH), ruth + 1, "{}", world.database);
        answer(&world, RUTH, &to_ruth[0], "approve").await;
        world.pass(121).await;
        assert_eq!(copies(&world, TOM), 1, "{}: the fresh token decides", world.database);
    });
}

#[test]
fn undo_by_the_used_token_and_not_by_another() {
    on_both(|world| async {
        let world = world.with_rose().await;
        let (notice, other) = held_post(&world).await;
        answer(&world, DANA, &notice, "Approve").await;
        answer(&world, RUTH, &world.latest(RUTH), "Undo").await;
        explained(&world, RUTH, "nothing here that could be undone");
        answer(&world, RUTH, &other, "Undo").await;
        answer(&world, DANA, &notice, "UNDO").await;
        world.pass(3_600).await;
        still_held(&world, "UNDO by the used token").await;
    });
}

#[test]
fn undo_after_the_window_is_too_late() {
    on_both(|world| async {
        let world = world.with_rose().await;
        let (notice, _) = held_post(&world).await;
        answer(&world, DANA, &notice, "Approve").await;
        world.pass(119).await;
        still_held(&world, "a second before the end of the window").await;
        world.pass(1).await;
        assert_eq!(copies(&world, TOM), 1, "{}", world.database);
        answer(&world, DANA, &notice, "Undo").await;
        explained(&world, DANA, "The time for UNDO was over");
        assert_eq!(state(&world, 0).await, PostState::Published);
    });
}

#[test]
fn return_brings_the_author_her_own_words() {
    on_both(|world| async {
        let world = world.with_rose().await;
        let (notice, _) = held_post(&world).await;
        let before = world.count(KIT);
        answer(&world, DANA, &notice, "RETURN").await;
        explained(&world, DANA, "RETURN needs a few words to the author");
        let words = "Return: Could you leave the name of the ward out?\nWith care, Dana";
        answer(&world, DANA, &notice, words).await;
        assert!(world.latest(RUTH).text().contains("Could you leave the name"), "{}", world.latest(RUTH).text());
        world.pass(119).await;
        assert_eq!(world.count(KIT), before, "{}: the undo window is open", world.database);
        world.pass(1).await;
        let returned = world.latest(KIT);
        assert_eq!(world.count(KIT), before + 1, "{}", world.database);
        assert!(returned.reverse_path.starts_with("lamplight+b."), "nobody's automatic answer: a bounce is noticed");
        assert!(returned.text().contains("Could you leave the name of the ward out?"), "{}", returned.text());
        assert!(returned.text().contains("> The ward smells of lavender today."), "{}", returned.text());
        assert!(!String::from_utf8_lossy(&returned.raw).contains(DANA), "her address stays covered");
        assert_eq!(state(&world, 0).await, PostState::Returned);
        nobody_has_it(&world, "RETURN");
        answer(&world, RUTH, &world.latest(RUTH), "approve").await;
        explained(&world, RUTH, "returned by Dana");
        world.pass(90 * 86_400).await;
        nobody_has_it(&world, "RETURN, ninety days ago");
    });
}

#[test]
fn mine_claims_and_uses_nothing_up() {
    on_both(|world| async {
        let world = world.with_rose().await;
        let (notice, other) = held_post(&world).await;
        answer(&world, DANA, &notice, "Mine").await;
        assert!(world.latest(RUTH).subject().contains("Dana answered MINE"), "{}", world.latest(RUTH).subject());
        world.pass(121).await;
        still_held(&world, "MINE").await;
        // The first reminder is hers, the second reaches both and says who looks after it: the claim binds nobody.
        let ruth = world.count(RUTH);
        world.pass(12 * 3_600).await;
        assert!(world.latest(DANA).text().contains("This is a reminder"), "{}", world.latest(DANA).text());
        assert_eq!(world.count(RUTH), ruth, "{}", world.database);
        world.pass(12 * 3_600).await;
        assert!(world.latest(RUTH).text().contains("Dana looks after it"), "{}", world.latest(RUTH).text());
        answer(&world, RUTH, &other, "mine").await;
        answer(&world, DANA, &notice, "approve").await;
        world.pass(121).await;
        assert_eq!(copies(&world, TOM), 1, "{}", world.database);
    });
}

#[test]
fn the_first_decision_wins_and_the_second_is_told() {
    on_both(|world| async {
        let world = world.with_rose().await;
        let (notice, other) = held_post(&world).await;
        answer(&world, DANA, &notice, "Approved.").await;
        answer(&world, RUTH, &other, "Return: not yet, please.").await;
        explained(&world, RUTH, "approved by Dana");
        let before = world.count(RUTH);
        answer(&world, DANA, &notice, "Approved.").await;
        explained(&world, DANA, "approved by Dana");
        assert_eq!(world.count(RUTH), before, "{}: a repeat is told to nobody else", world.database);
        world.pass(121).await;
        answer(&world, RUTH, &other, "approve").await;
        explained(&world, RUTH, "approved by Dana");
        world.pass(86_400).await;
        assert_eq!((copies(&world, TOM), copies(&world, KIT)), (1, 1), "{}", world.database);
        assert_eq!(world.count(KIT), 2, "{}: the note that it arrived, and the copy", world.database);
    });
}

#[test]
fn a_late_reply_gets_the_post_and_a_fresh_token() {
    on_both(|world| async {
        let world = world.with_rose().await;
        let (notice, _) = held_post(&world).await;
        world.pass(31 * 86_400).await;
        let (dana, ruth) = (world.count(DANA), world.count(RUTH));
        answer(&world, DANA, &notice, "Approve").await;
        let fresh = since(&world, DANA, dana).pop().unwrap();
        assert_eq!(world.count(RUTH), ruth, "{}", world.database);
        assert!(fresh.text().contains("smells of lavender"), "{}", fresh.text());
        assert!(fresh.text().contains("address had run out"), "{}", fresh.text());
        answer(&world, DANA, &fresh, "Approve").await;
        world.pass(121).await;
        assert_eq!(copies(&world, TOM), 1, "{}", world.database);
    });
}

#[test]
fn a_suspended_moderator_decides_nothing() {
    on_both(|world| async {
        let world = world.with_rose().await;
        let (notice, other) = held_post(&world).await;
        let suspended = lamplight::model::member::MemberState::Suspended;
        world.change_person("rose", DANA, |dana| dana.state = suspended).await;
        let before = world.count(DANA);
        for words in ["Approve", "Return: no", "mine", "retract", "thanks"] {
            answer(&world, DANA, &notice, words).await;
            world.pass(121).await;
            still_held(&world, words).await;
        }
        assert_eq!(world.count(DANA), before, "{}: nor does she hear anything", world.database);
        answer(&world, RUTH, &other, "Approve").await;
        answer(&world, DANA, &notice, "Undo").await;
        answer(&world, DANA, &notice, "Retract").await;
        world.pass(121).await;
        assert_eq!((copies(&world, TOM), world.count(DANA)), (1, before), "{}", world.database);
    });
}

#[test]
fn a_flagged_post_needs_a_second_word_by_a_fresh_token() {
    on_both(|world| async {
        let world = world.with_rose().await;
        // Known authors' posts are held for a flag, too.
        let (notice, _) = held_post(&world).await;
        answer(&world, DANA, &notice, "Approve").await;
        world.pass(121).await;
        assert_eq!((copies(&world, TOM), world.count(TOM)), (1, 1));
        let (notice, _) = post_of(&world, KIT, "Tonight", "I am going to kill myself tonight.").await;
        assert_eq!(notice.subject(), "1 message to read now", "{}", world.database);
        let mut asked = Vec::new();
        for words in ["Approve", "APPROVE", "approved, thanks"] {
            answer(&world, DANA, &notice, words).await;
            world.pass(121).await;
            asked.push(world.latest(DANA));
            assert_eq!(asked.last().unwrap().subject(), "Please answer once more", "{}", world.database);
            assert_eq!((state(&world, 1).await, world.count(TOM)), (PostState::Held, 1), "{}", world.database);
        }
        // The fresh token is hers alone, and wants the word again.
        answer(&world, RUTH, &asked[0], "Approve").await;
        answer(&world, DANA, &asked[0], "yes").await;
        answer(&world, DANA, &asked[0], "").await;
        world.pass(121).await;
        assert_eq!((state(&world, 1).await, world.count(TOM)), (PostState::Held, 1), "{}", world.database);
        answer(&world, DANA, &asked[0], "Approve").await;
        world.pass(121).await;
        assert_eq!((state(&world, 1).await, world.count(TOM)), (PostState::Published, 2), "{}", world.database);
        for old in [&asked[1], &notice] {
            answer(&world, DANA, old, "Approve").await;
            world.pass(121).await;
        }
        assert_eq!(world.count(TOM), 2, "{}", world.database);
    });
}

#[test]
fn a_flagged_post_is_returned_with_one_word() {
    on_both(|world| async {
        let world = world.with_rose().await;
        let (notice, _) = post_of(&world, KIT, "Tonight", "I am going to kill myself tonight.").await;
        answer(&world, DANA, &notice, "Return: I am calling you in five minutes.").await;
        world.pass(121).await;
        assert_eq!(state(&world, 0).await, PostState::Returned, "{}", world.database);
        assert!(world.latest(KIT).text().contains("I am calling you"));
    });
}

#[test]
fn without_an_undo_window_the_release_is_at_once() {
    on_both_with(
        |config| config.moderation.undo_seconds = 0,
        |world| async {
            let world = world.with_rose().await;
            let (notice, other) = held_post(&world).await;
            answer(&world, DANA, &notice, "Approve").await;
            assert_eq!((copies(&world, TOM), copies(&world, KIT)), (1, 1), "{}", world.database);
            answer(&world, DANA, &notice, "Undo").await;
            explained(&world, DANA, "The time for UNDO was over");
            answer(&world, RUTH, &other, "Approve").await;
            explained(&world, RUTH, "approved by Dana");
            assert_eq!((copies(&world, TOM), copies(&world, ADA)), (1, 0), "{}", world.database);
        },
    );
}

#[test]
fn two_moderators_at_the_same_moment() {
    on_both(|world| async {
        let world = world.with_rose().await;
        // Twenty posts, two answers to each waiting in the spool, and four loops that read it.
        let mut answers = Vec::new();
        for at in 0..20 {
            let body = format!("Hello, number {at}.");
            let (dana, ruth) = post_of(&world, MIRA, &format!("Number {at}"), &body).await;
            answers.push(Letter::answering(DANA, &dana, "Approve"));
            let verb = if at % 2 == 0 { "Approve" } else { "Return: not today" };
            answers.push(Letter::answering(RUTH, &ruth, verb));
        }
        for letter in &answers {
            world.deliver(&letter.from, &[&letter.to], letter.bytes()).await;
        }
        let now = world.now();
        let [a, b, c, d] = std::array::from_fn(|_| world.lamplight.receive_all(now));
        let (a, b, c, d) = tokio::join!(a, b, c, d);
        assert!(a.is_ok() && b.is_ok() && c.is_ok() && d.is_ok(), "{}", world.database);
        let spool = world.spooled().await;
        assert!(spool.len() == 60 && spool.iter().all(|row| row.state == "done"), "{}: {spool:?}", world.database);
        world.run().await;
        let told = |address: &str| {
            let subjects = world.subjects(address);
            subjects.iter().filter(|subject| *subject == "Nothing was decided").count()
        };
        assert_eq!(told(DANA) + told(RUTH), 20, "{}: of two, one is told who came first", world.database);
        world.pass(121).await;
        for post in world.posts().await {
            let copies = world.mail_to(TOM).iter().filter(|mail| mail.subject() == post.subject).count();
            let returned = world.mail_to(MIRA).iter().filter(|mail| mail.text().contains(&post.text)).count();
            let ended = (post.state, copies, returned);
            assert!(
                [(PostState::Published, 1, 0), (PostState::Returned, 0, 1)].contains(&ended),
                "{}: {ended:?}",
                world.database
            );
        }
    });
}

#[test]
fn one_answer_sent_twice_is_one_decision() {
    on_both(|world| async {
        let world = world.with_rose().await;
        let (notice, _) = held_post(&world).await;
        let approve = Letter::answering(DANA, &notice, "Approve");
        // The same bytes again, the same words with another id, and both tokens' worth of recipients in one envelope.
        let bytes = approve.bytes();
        for message in [&bytes, &bytes, &approve.bytes(), &approve.bytes()] {
            world.deliver(DANA, &[&approve.to, &approve.to.to_uppercase()], message).await;
        }
        let now = world.now();
        let (a, b) = tokio::join!(world.lamplight.receive_all(now), world.lamplight.receive_all(now));
        assert!(a.is_ok() && b.is_ok());
        world.run().await;
        world.pass(121).await;
        send(&world, DANA, &[&approve.to], &bytes).await;
        world.pass(121).await;
        assert_eq!((copies(&world, TOM), copies(&world, KIT)), (1, 1), "{}", world.database);
        let echoes = world.subjects(RUTH).iter().filter(|subject| subject.contains("APPROVE")).count();
        assert_eq!(echoes, 1, "{}", world.database);
    });
}

/// A mail that was answered 250 and waits to be read while the clock goes on: a restart, a long line.
async fn accepted(world: &World, letter: &Letter) {
    world.deliver(&letter.from, &[&letter.to], letter.bytes()).await;
}

#[test]
fn undo_that_came_in_time_counts_when_it_is_read_late() {
    on_both(|world| async {
        let world = world.with_rose().await;
        let (notice, _) = held_post(&world).await;
        answer(&world, DANA, &notice, "Approve").await;
        let echo = world.latest(DANA);
        world.pass(30).await;
        accepted(&world, &Letter::answering(DANA, &echo, "UNDO")).await;
        world.pass(120).await;
        still_held(&world, "UNDO in time, read late").await;
        assert!(world.latest(RUTH).text().contains("Dana undid the decision"), "{}", world.latest(RUTH).text());
        world.pass(3_600).await;
        still_held(&world, "an hour later").await;
    });
}

#[test]
fn no_decision_overtakes_an_answer_that_waits_to_be_read() {
    on_both(|world| async {
        let world = world.with_rose().await;
        let (notice, _) = held_post(&world).await;
        let held_by_kit = world.latest(KIT);
        answer(&world, DANA, &notice, "Approve").await;
        let echo = world.latest(DANA);
        // Each of them came a second before the end of the window.
        world.pass(119).await;
        for (what, letter) in [
            ("UNDO", Letter::answering(DANA, &echo, "UNDO")),
            ("TAKE BACK", Letter::answering(KIT, &held_by_kit, "TAKE BACK")),
        ] {
            accepted(&world, &letter).await;
            world.lamplight.clock.set(world.now().plus_seconds(60));
            for _ in 0..3 {
                // Whatever is due by the clock; nobody reads mail.
                world.lamplight.tick(world.now()).await.unwrap();
            }
            still_held(&world, what).await;
            world.run().await;
            nobody_has_it(&world, what);
            if what == "UNDO" {
                still_held(&world, what).await;
                let fresh = world.latest(RUTH);
                answer(&world, RUTH, &fresh, "Approve").await;
                world.pass(119).await;
            }
        }
        assert_eq!(state(&world, 0).await, PostState::Withdrawn, "{}", world.database);
    });
}

#[test]
fn an_answer_about_another_post_or_after_the_window_keeps_no_decision_back() {
    on_both(|world| async {
        let world = world.with_rose().await;
        let (other, _) = post_of(&world, ADA, "Another", "Something else.").await;
        let (notice, _) = held_post(&world).await;
        answer(&world, DANA, &notice, "Approve").await;
        let echo = world.latest(DANA);
        accepted(&world, &Letter::answering(DANA, &other, "MINE")).await;
        world.lamplight.clock.set(world.now().plus_seconds(121));
        accepted(&world, &Letter::answering(DANA, &echo, "UNDO")).await;
        assert_eq!(world.lamplight.tick(world.now()).await.unwrap().decided, 1, "{}", world.database);
        world.run().await;
        assert_eq!(copies(&world, TOM), 1, "{}", world.database);
        // Its echo and this one leave together, over two connections.
        let told = world.mail_to(DANA).into_iter().filter(|mail| mail.subject() == "Nothing was decided");
        let told: Vec<String> = told.map(|mail| mail.text().split_whitespace().collect::<Vec<_>>().join(" ")).collect();
        assert!(told.len() == 1 && told[0].contains("The time for UNDO was over"), "{}: {told:?}", world.database);
    });
}
