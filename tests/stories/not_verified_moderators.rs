//! A moderator's word where a mail server is trusted to say who wrote: without a pass it decides nothing, from a domain that
//! can't pass what is risky is asked back about, and with a pass it counts at once.

use lamplight::config::Config;
use lamplight::model::post::PostState;
use lamplight::store::alerts;

use crate::not_verified::{NONE, trusting, verified};
use crate::scene::{CRY, DANA, KIT, MIRA, ROSE, RUTH, TOM, held_post, lists, nobody_has_it, since, state, still_held};
use crate::support::{Captured, Letter, World, on_both, on_both_with};

const OWNER: &str = "rose-owner@groups.example";
const NOT_VERIFIED: &str = "could not verify that your answer came from you";

fn at_once(config: &mut Config) {
    trusting(config);
    config.moderation.undo_seconds = 0;
}

/// What forgers write, and what servers say of it.
fn without_a_pass() -> Vec<&'static str> {
    vec![
        "X-Nothing: at all",
        "Authentication-Results: mx.groups.example; dmarc=fail header.from=work.example",
        "Authentication-Results: mx.groups.example; dmarc=pass header.from=home.example",
        "Authentication-Results: mx.else.example; dmarc=pass header.from=work.example",
        "Authentication-Results: mx.groups.example; dmarc=temperror header.from=work.example",
        "Authentication-Results: mx.groups.example; dkim=pass header.d=work.example",
    ]
}

fn words(mail: &Captured) -> String {
    mail.text().split_whitespace().collect::<Vec<_>>().join(" ")
}

async fn open_alerts(world: &World) -> usize {
    alerts::list(&mut world.lamplight.store.read().await.unwrap(), None, false).await.unwrap().len()
}

#[test]
fn nothing_is_decided_without_a_pass_and_she_hears_why() {
    on_both_with(at_once, |world| async {
        let world = world.with_rose().await;
        let (notice, hers) = held_post(&world).await;
        for verb in
            ["approve", "return: please leave out the ward", "trust", "mine", "edit: Nothing.", "private: Hello."]
        {
            for field in without_a_pass() {
                world.write(&Letter::answering(DANA, &notice, verb).with(field)).await;
                assert_eq!(world.last_judged().await, ["sender-not-verified"], "{verb}: {field}");
                still_held(&world, &format!("{verb}: {field}")).await;
            }
        }
        assert_eq!((world.count(KIT), world.count(RUTH)), (1, 1), "{}: nobody else heard of it", world.database);
        let told = since(&world, DANA, 1);
        assert_eq!(told.len(), 3, "{}: three an hour", world.database);
        assert!(told.iter().all(|mail| mail.subject() == "Nothing was decided"));
        assert!(words(&told[0]).contains(NOT_VERIFIED), "{}", told[0].text());
        // The token is as good as before, and one colleague's trouble is not another's.
        world.write(&verified(Letter::answering(RUTH, &hers, "mine"))).await;
        world.write(&verified(Letter::answering(DANA, &notice, "approve"))).await;
        assert_eq!(state(&world, 0).await, PostState::Published, "{}", world.database);
        // Nor is anything taken back.
        let echo = world.latest(DANA);
        for verb in ["undo", "retract", "note: not true"] {
            world.write(&Letter::answering(DANA, &echo, verb)).await;
            assert_eq!(world.last_judged().await, ["sender-not-verified"], "{verb}");
        }
        assert_eq!(state(&world, 0).await, PostState::Published, "{}", world.database);
    });
}

/// Kit's post that a flag holds, and Dana's notice of it.
async fn flagged(world: &World) -> Captured {
    let words = "The lavender oil is 40 dollars, write to kit.oils@shop.example";
    world.write(&verified(Letter::new(KIT, ROSE, "Oil", words))).await;
    assert!(world.posts().await.pop().unwrap().is_flagged());
    world.latest(DANA)
}

#[test]
fn with_a_pass_what_is_risky_needs_no_second_word() {
    on_both_with(at_once, |world| async {
        let world = world.with_rose().await;
        let notice = flagged(&world).await;
        world.write(&verified(Letter::answering(DANA, &notice, "approve"))).await;
        assert_eq!((world.last_judged().await, state(&world, 0).await), (vec!["decided".into()], PostState::Published));

        world.write(&verified(Letter::new(MIRA, ROSE, "Hello", "I am new."))).await;
        world.write(&verified(Letter::answering(DANA, &world.latest(DANA), "trust"))).await;
        assert_eq!((world.last_judged().await, state(&world, 1).await), (vec!["decided".into()], PostState::Published));
        assert!(world.person("rose", MIRA).await.trusted_since.is_some());

        world.write(&verified(Letter::new(TOM, ROSE, "Hello", "I am Tom."))).await;
        let risky = "EDIT: I am Tom. Buy my oil for 40 dollars, it is cheap.";
        world.write(&verified(Letter::answering(DANA, &world.latest(DANA), risky))).await;
        assert_eq!((world.last_judged().await, state(&world, 2).await), (vec!["decided".into()], PostState::Published));
    });
}

#[test]
fn from_a_domain_that_can_t_pass_what_is_risky_is_asked_back_about() {
    on_both_with(at_once, |world| async {
        let world = world.with_rose().await;
        let notice = flagged(&world).await;
        world.write(&Letter::answering(DANA, &notice, "approve").with(NONE)).await;
        assert_eq!(world.last_judged().await, ["asked-again"], "{}", world.database);
        nobody_has_it(&world, "asked back");
        let question = world.latest(DANA);
        world.write(&Letter::answering(DANA, &question, "approve")).await;
        assert_eq!(world.last_judged().await, ["sender-not-verified"], "{}: nor is the second word", world.database);
        world.write(&Letter::answering(DANA, &question, "approve").with(NONE)).await;
        assert_eq!(state(&world, 0).await, PostState::Published, "{}", world.database);
        // What is not risky counts at once.
        world.write(&verified(Letter::new(MIRA, ROSE, "Hello", "I am new."))).await;
        world.write(&Letter::answering(DANA, &world.latest(DANA), "approve").with(NONE)).await;
        assert_eq!(state(&world, 1).await, PostState::Published, "{}", world.database);
    });
}

#[test]
fn where_nobody_is_trusted_her_token_decides_whatever_the_fields_say() {
    on_both(|world| async {
        let world = world.with_rose().await;
        let pass = "Authentication-Results: mx.groups.example; dmarc=pass header.from=work.example";
        let notice = flagged(&world).await;
        world.write(&Letter::answering(DANA, &notice, "approve").with(pass)).await;
        assert_eq!(world.last_judged().await, ["asked-again"], "{}: a pass of nobody's is none", world.database);
        world.write(&Letter::answering(DANA, &world.latest(DANA), "approve").with(without_a_pass()[1])).await;
        assert_eq!(world.last_judged().await, ["decided"], "{}", world.database);
    });
}

#[test]
fn an_alert_goes_on_climbing() {
    on_both_with(trusting, |world| async {
        let world = world.with_rose().await;
        // About a post, about a member's words to the moderators, about a stranger's.
        world.write(&verified(Letter::new(KIT, ROSE, "Tonight", CRY))).await;
        let of_post = world.latest(DANA);
        world.write(&verified(Letter::new(MIRA, OWNER, "Tonight", CRY))).await;
        let of_talk = world.latest(DANA);
        world.write(&Letter::new("somebody@else.example", ROSE, "Tonight", CRY)).await;
        let of_stranger = world.latest(DANA);
        assert_eq!(open_alerts(&world).await, 3, "{}", world.database);
        for alert in [&of_post, &of_talk, &of_stranger] {
            for field in without_a_pass() {
                world.write(&Letter::answering(DANA, alert, "mine").with(field)).await;
            }
            assert_eq!(open_alerts(&world).await, 3, "{}: {}", world.database, alert.text());
            let told = world.latest(DANA);
            assert!(words(&told).contains("could not verify that"), "{}: {}", world.database, told.text());
        }
        let ruth = world.count(RUTH);
        world.pass(901).await;
        assert!(world.count(RUTH) + world.count(DANA) + world.count(crate::scene::ADMIN) > ruth, "{}", world.database);
        for (left, alert) in [(2, &of_post), (1, &of_talk), (0, &of_stranger)] {
            let letter = Letter::answering(DANA, alert, "mine");
            // MINE is not risky: who can't pass may say it.
            let letter = if left == 1 { letter.with(NONE) } else { verified(letter) };
            world.write(&letter).await;
            assert_eq!(open_alerts(&world).await, left, "{}: {}", world.database, alert.text());
        }
    });
}

#[test]
fn a_reading_list_is_not_read_and_no_answer_is_sent() {
    on_both_with(trusting, |world| async {
        let world = world.with_rose().await.openly().await;
        world.write(&verified(Letter::new(KIT, ROSE, "Tea", "I like it hot."))).await;
        world.pass(6 * 3_600).await;
        let list = lists(&world, DANA).pop().unwrap();
        for said in ["read", "retract 1"] {
            world.write(&Letter::answering(DANA, &list, said)).await;
            assert_eq!(world.last_judged().await, ["nothing-read"], "{}: {said}", world.database);
            assert!(words(&world.latest(DANA)).contains(NOT_VERIFIED), "{}", world.latest(DANA).text());
        }
        assert_eq!(state(&world, 0).await, PostState::Published, "{}", world.database);
        world.write(&verified(Letter::answering(DANA, &list, "read"))).await;
        assert_eq!(world.last_judged().await, ["read"], "{}", world.database);

        world.write(&verified(Letter::new(KIT, OWNER, "A question", "Where do we meet?"))).await;
        let line = world.latest(DANA);
        let kit = world.count(KIT);
        world.write(&Letter::answering(DANA, &line, "Come to my house instead.")).await;
        assert_eq!((world.last_judged().await, world.count(KIT)), (vec!["not-passed-on".into()], kit));
        let told = world.latest(DANA);
        assert_eq!(told.subject(), "Your answer was not sent", "{}", world.database);
        assert!(words(&told).contains("could not verify") && told.text().contains("Come to my house instead."));
        for (letter, sent) in [
            (Letter::answering(DANA, &line, "At the hall.").with(NONE), 1),
            (verified(Letter::answering(RUTH, &line, "At the hall, at nine.")), 2),
        ] {
            world.write(&letter).await;
            assert_eq!(world.count(KIT), kit + sent, "{}", world.database);
        }
    });
}

#[test]
fn her_own_mail_is_asked_for_as_ever_and_the_answer_must_be_hers() {
    on_both_with(at_once, |world| async {
        let world = world.with_rose().await;
        for (number, letter) in [
            Letter::new(DANA, ROSE, "Thursday", "The office is closed on Thursday."),
            verified(Letter::new(DANA, ROSE, "Friday", "The office is open on Friday.")),
        ]
        .into_iter()
        .enumerate()
        {
            world.write(&letter).await;
            assert_eq!(world.last_judged().await, ["asked-moderator"], "{}", world.database);
            let question = world.latest(DANA);
            assert_eq!(question.subject(), "Did you write this to Rose?", "{}", world.database);
            world.write(&Letter::answering(DANA, &question, "approve")).await;
            assert_eq!(state(&world, number).await, PostState::Held, "{}", world.database);
            world.write(&verified(Letter::answering(DANA, &question, "approve"))).await;
            assert_eq!(state(&world, number).await, PostState::Published, "{}", world.database);
        }
    });
}
