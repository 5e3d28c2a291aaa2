//! A post that reads as if it was meant for one person waits, and its author says whom it is for.

use lamplight::model::member::MemberState;
use lamplight::model::policy::HoldReason;
use lamplight::model::post::PostState;

use crate::scene::{CRY, DANA, KIT, MIRA, ROSE, RUTH, TOM, everybody_is_known, state};
use crate::support::{Captured, Letter, World, on_both};

const WORDS: &str = "Please don't share this with the group. We have sold the house.";

/// Kit, who is known here, writes what reads private; the question that he gets.
async fn question(world: &World) -> Captured {
    everybody_is_known(world).await;
    world.write(&Letter::new(KIT, ROSE, "Home", WORDS)).await;
    let question = world.latest(KIT);
    assert_eq!(question.subject(), "Did you mean the whole group?", "{}", world.database);
    question
}

fn has_words(mail: &Captured) -> bool {
    mail.text().contains("We have sold the house.")
}

#[test]
fn it_waits_for_its_author_and_for_a_person() {
    on_both(|world| async {
        let world = world.with_rose().await;
        let question = question(&world).await;
        assert_eq!(state(&world, 0).await, PostState::Held, "{}", world.database);
        assert!(has_words(&question) && question.text().contains("PRIVATE: only the social workers"));
        assert!(question.reply_address().starts_with("lamplight+c."), "{}", question.reply_address());
        assert_eq!((world.count(KIT), world.count(TOM), world.count(DANA), world.count(RUTH)), (1, 0, 1, 1));
        let notice = world.latest(RUTH);
        let reason = "it reads as if it was not meant for the whole group";
        assert!(notice.text().split_whitespace().collect::<Vec<_>>().join(" ").contains(reason), "{}", notice.text());
        // Who never answers is read by a person, as ever.
        world.pass(30 * 86_400).await;
        assert_eq!(state(&world, 0).await, PostState::Held, "{}: never by time", world.database);
        world.write(&Letter::answering(DANA, &world.latest(DANA), "approve")).await;
        world.pass(121).await;
        assert_eq!(state(&world, 0).await, PostState::Published, "{}", world.database);
    });
}

#[test]
fn group_publishes_it_as_if_it_had_not_waited() {
    on_both(|world| async {
        let world = world.with_rose().await;
        let question = question(&world).await;
        let (dana, ruth) = (world.count(DANA), world.latest(RUTH));
        world.write(&Letter::answering(KIT, &question, "Group, please")).await;
        assert_eq!(state(&world, 0).await, PostState::Published, "{}", world.database);
        assert!(has_words(&world.latest(TOM)), "{}", world.database);
        assert!(world.posts().await[0].reasons.is_empty());
        assert_eq!(
            (world.count(DANA), world.latest(DANA).subject().as_str()),
            (dana + 1, "1 message was meant for the group")
        );
        // Once; and the moderators' old notice decides nothing, their new one can take it back.
        world.write(&Letter::answering(KIT, &question, "group")).await;
        assert_eq!((world.count(TOM), world.last_judged().await), (1, vec!["said-before".to_owned()]));
        world.write(&Letter::answering(KIT, &question, "private")).await;
        assert_eq!(
            (state(&world, 0).await, world.latest(KIT).subject().as_str()),
            (PostState::Published, "We have your answer")
        );
        let told = world.count(RUTH);
        world.write(&Letter::answering(RUTH, &ruth, "return: not here")).await;
        assert_eq!((state(&world, 0).await, world.count(RUTH)), (PostState::Published, told + 1));
        let news = world.mail_to(DANA).into_iter().find(|mail| mail.subject() == "1 message was meant for the group");
        world.write(&Letter::answering(DANA, &news.unwrap(), "retract")).await;
        assert_eq!(state(&world, 0).await, PostState::Retracted, "{}", world.database);
    });
}

#[test]
fn what_has_other_reasons_waits_on() {
    on_both(|world| async {
        let world = world.with_rose().await;
        world.write(&Letter::new(KIT, ROSE, "Home", WORDS)).await;
        let question = world.latest(KIT);
        let said = question.text().split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(said.contains("gets your message. A social worker reads it first."), "{said}");
        world.write(&Letter::answering(KIT, &question, "group")).await;
        let post = world.posts().await.remove(0);
        assert_eq!((post.state, post.reasons), (PostState::Held, vec![HoldReason::FirstPost]), "{}", world.database);
        assert_eq!(world.latest(KIT).subject(), "We have your message");
        assert_eq!((world.count(TOM), world.count(DANA)), (0, 1));
        world.write(&Letter::answering(DANA, &world.latest(DANA), "approve")).await;
        world.pass(121).await;
        assert_eq!(state(&world, 0).await, PostState::Published, "{}", world.database);
    });
}

#[test]
fn hold_everything_and_a_closed_group_hold_it_too() {
    on_both(|world| async {
        let world = world.with_rose().await;
        let question = question(&world).await;
        let now = world.now();
        world.change_group("rose", |group| group.hold_everything_since = Some(now)).await;
        world.write(&Letter::answering(KIT, &question, "group")).await;
        let post = world.posts().await.remove(0);
        assert_eq!(
            (post.state, post.reasons),
            (PostState::Held, vec![HoldReason::HoldEverything]),
            "{}",
            world.database
        );
        assert_eq!(world.count(TOM), 0);
    });
}

#[test]
fn private_makes_it_a_talk_with_the_moderators() {
    on_both(|world| async {
        let world = world.with_rose().await;
        let question = question(&world).await;
        let ruth = world.latest(RUTH);
        world.write(&Letter::answering(KIT, &question, "PRIVATE")).await;
        assert_eq!(state(&world, 0).await, PostState::Withdrawn, "{}", world.database);
        assert_eq!(world.latest(KIT).subject(), "Only the social workers have your message");
        let words = world.latest(DANA);
        assert!(has_words(&words) && words.text().contains("for you alone"), "{}", words.text());
        assert!(words.reply_address().starts_with("rose+p.") && !words.text().contains(KIT));
        assert!(world.latest(KIT).reply_address().starts_with("rose+p."), "{}: she may add to it", world.database);
        // The old notice decides nothing any more.
        world.write(&Letter::answering(RUTH, &ruth, "approve")).await;
        world.pass(200).await;
        assert_eq!((state(&world, 0).await, world.count(TOM), world.count(MIRA)), (PostState::Withdrawn, 0, 0));
        world.write(&Letter::answering(DANA, &words, "I am so sorry. Shall I call you?")).await;
        assert!(world.latest(KIT).text().starts_with("I am so sorry."), "{}", world.latest(KIT).text());
        world.write(&Letter::answering(KIT, &world.latest(KIT), "Yes, please.")).await;
        assert!(world.latest(RUTH).text().contains("> Yes, please."));
        let before = world.count(DANA);
        world.write(&Letter::answering(KIT, &question, "private")).await;
        assert_eq!((world.last_judged().await, world.count(DANA)), (vec!["said-before".to_owned()], before));
        world.go_to("2026-11-24T17:31:00-05:00").await;
        assert!(![TOM, MIRA].iter().any(|other| world.mail_to(other).iter().any(has_words)), "{}", world.database);
    });
}

#[test]
fn take_back_and_what_is_not_understood() {
    on_both(|world| async {
        let world = world.with_rose().await;
        let question = question(&world).await;
        for unclear in ["yes", "no", "Which one do you mean?", "GROUP, but leave out my husband", ""] {
            let dana = world.count(DANA);
            world.write(&Letter::answering(KIT, &question, unclear)).await;
            assert_eq!(state(&world, 0).await, PostState::Held, "{}: {unclear}", world.database);
            assert_eq!(world.count(DANA), dana + 1, "{}: a person reads “{unclear}”", world.database);
        }
        let away = Letter::answering(KIT, &question, "group").with("Auto-Submitted: auto-replied");
        world.write(&away).await;
        world.write(&Letter::answering(TOM, &question, "group")).await;
        assert_eq!((state(&world, 0).await, world.count(TOM)), (PostState::Held, 0), "{}: not hers", world.database);
        world.write(&Letter::answering(KIT, &question, "take back")).await;
        assert_eq!(state(&world, 0).await, PostState::Withdrawn, "{}", world.database);
        world.write(&Letter::answering(KIT, &question, "group")).await;
        assert_eq!((state(&world, 0).await, world.count(TOM)), (PostState::Withdrawn, 0), "{}", world.database);
    });
}

#[test]
fn a_moderator_who_was_quicker_stands() {
    on_both(|world| async {
        let world = world.with_rose().await;
        let question = question(&world).await;
        world.write(&Letter::answering(DANA, &world.latest(DANA), "return: Is this for all of us, Kit?")).await;
        world.write(&Letter::answering(KIT, &question, "group")).await;
        assert_eq!(
            (state(&world, 0).await, world.last_judged().await),
            (PostState::Held, vec!["decided-before".to_owned()])
        );
        world.pass(121).await;
        assert_eq!((state(&world, 0).await, world.count(TOM)), (PostState::Returned, 0), "{}", world.database);
    });
}

#[test]
fn private_stops_an_approval_that_can_still_be_undone_and_no_later_one() {
    on_both(|world| async {
        let world = world.with_rose().await;
        let question = question(&world).await;
        world.write(&Letter::answering(DANA, &world.latest(DANA), "approve")).await;
        world.write(&Letter::answering(KIT, &question, "private")).await;
        world.pass(200).await;
        assert_eq!((state(&world, 0).await, world.count(TOM)), (PostState::Withdrawn, 0), "{}", world.database);
        world.write(&Letter::new(TOM, ROSE, "Home", WORDS)).await;
        let question = world.latest(TOM);
        world.write(&Letter::answering(DANA, &world.latest(DANA), "approve")).await;
        world.pass(200).await;
        let before = world.count(DANA);
        world.write(&Letter::answering(TOM, &question, "private")).await;
        assert_eq!(state(&world, 1).await, PostState::Published, "{}", world.database);
        assert_eq!(world.count(DANA), before + 1, "{}: a person hears that it was not meant so", world.database);
    });
}

#[test]
fn a_late_group_publishes_nothing_by_itself() {
    on_both(|world| async {
        let world = world.with_rose().await;
        let question = question(&world).await;
        world.pass(31 * 86_400).await;
        let before = world.count(DANA);
        world.write(&Letter::answering(KIT, &question, "group")).await;
        assert_eq!((state(&world, 0).await, world.count(TOM)), (PostState::Held, 0), "{}", world.database);
        assert_eq!(world.count(DANA), before + 1, "{}: a person reads it", world.database);
    });
}

#[test]
fn danger_is_held_as_danger_and_nobody_is_asked_for_a_word() {
    on_both(|world| async {
        let world = world.with_rose().await;
        everybody_is_known(&world).await;
        world.write(&Letter::new(KIT, ROSE, "Home", &format!("Please don't share this with the group. {CRY}"))).await;
        assert_eq!(world.latest(DANA).subject(), "1 message to read now", "{}", world.database);
        assert_eq!(world.latest(KIT).subject(), "About your message", "{}", world.database);
        // A cry in the answer is heard, too.
        let before = world.count(DANA);
        world.write(&Letter::new(TOM, ROSE, "Home", WORDS)).await;
        world.write(&Letter::answering(TOM, &world.latest(TOM), CRY)).await;
        assert!(world.count(DANA) >= before + 2 && world.latest(DANA).text().contains("kill myself"));
    });
}

#[test]
fn a_letter_to_a_moderator_is_asked_about_and_a_friendly_answer_is_not() {
    on_both(|world| async {
        let world = world.with_rose().await;
        everybody_is_known(&world).await;
        world.write(&Letter::new(KIT, ROSE, "My scan", "Dear Dana,\n\ncan you call me this week?")).await;
        assert_eq!(state(&world, 0).await, PostState::Held, "{}", world.database);
        world.write(&Letter::new(MIRA, ROSE, "Bread", "Dear Kit,\n\nI bake, too.")).await;
        assert_eq!(state(&world, 1).await, PostState::Published, "{}: Kit is no moderator", world.database);
        world
            .write(&Letter::answering(TOM, &world.latest(TOM), "Hi Dana, and thank you, Mira. I bake on Fridays."))
            .await;
        assert_eq!(state(&world, 2).await, PostState::Published, "{}", world.database);
        world.change_person("rose", DANA, |dana| dana.state = MemberState::Removed).await;
        world.write(&Letter::new(KIT, ROSE, "Tea", "Dear Dana,\n\ncan you call me this week?")).await;
        assert_eq!(state(&world, 3).await, PostState::Published, "{}: she looks after nobody now", world.database);
        // A moderator's own post is hers to confirm, whatever it says.
        world.write(&Letter::new(RUTH, ROSE, "Friday", "This is just between us: there will be cake.")).await;
        assert!(!world.posts().await[4].reasons.contains(&HoldReason::ReadsPrivate));
    });
}
