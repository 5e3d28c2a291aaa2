//! A moderator's own mail to the group: anybody can write her name into a From line, so she is asked by a token.

use lamplight::model::group::Moderation;
use lamplight::model::member::Delivery;
use lamplight::model::post::PostState;

use crate::scene::{DANA, KIT, MIRA, ROSE, RUTH, TOM, held_post, report, send, since, state};
use crate::support::{Letter, World, on_both};

const WORDS: &str = "The office is closed on Thursday.";

/// How many members have the group's copy of her words.
fn copies(world: &World) -> usize {
    let is_copy = |address: &&str| {
        world
            .mail_to(address)
            .iter()
            .any(|mail| !mail.headers("List-Post").is_empty() && mail.text().contains("Thursday"))
    };
    [KIT, TOM].iter().filter(|address| is_copy(address)).count()
}

#[test]
fn it_is_asked_for_and_appears_under_her_name() {
    on_both(|world| async {
        let world = world.with_rose().await;
        world.write(&Letter::new(DANA, ROSE, "Thursday", WORDS)).await;
        world.pass(3_600).await;
        assert_eq!((copies(&world), world.count(RUTH)), (0, 0), "{}: she alone is asked", world.database);
        let question = world.latest(DANA);
        assert_eq!(question.subject(), "Did you write this to Rose?", "{}", world.database);
        assert!(question.text().contains(WORDS), "{}", question.text());
        assert!(question.reply_address().starts_with("lamplight+m."), "{}", question.reply_address());

        for words in ["yes", "it was me", ""] {
            world.write(&Letter::answering(DANA, &question, words)).await;
            world.pass(121).await;
            assert_eq!(copies(&world), 0, "{}: {words}", world.database);
        }
        world.write(&Letter::answering(DANA, &question, "Approve")).await;
        assert_eq!(copies(&world), 0, "{}: the undo window is open", world.database);
        world.pass(121).await;
        assert_eq!(copies(&world), 2, "{}", world.database);
        let copy = world.latest(TOM);
        assert!(copy.header("From").contains("Dana (moderator)"), "{}", copy.header("From"));
        assert!(copy.header("From").contains(ROSE) && !String::from_utf8_lossy(&copy.raw).contains(DANA));
        world.go_to("2026-11-23T17:31:00-05:00").await;
        let digest = world.latest(MIRA);
        assert!(digest.text().contains("Dana (moderator)") && digest.html().contains("Dana (moderator)"));
    });
}

#[test]
fn whatever_the_group_s_moderation_is() {
    on_both(|world| async {
        let world = world.with_rose().await;
        for moderation in [Moderation::None, Moderation::First, Moderation::All] {
            world.change_group("rose", |rose| rose.moderation = moderation).await;
            let reads_all = Delivery::Each;
            world.change_person("rose", RUTH, |ruth| ruth.delivery = reads_all).await;
            world.write(&Letter::new(RUTH, ROSE, "Thursday", WORDS)).await;
            world.pass(300).await;
            assert_eq!(copies(&world), 0, "{}: {moderation:?}", world.database);
        }
    });
}

#[test]
fn a_forged_one_is_not_published() {
    on_both(|world| async {
        let world = world.with_rose().await;
        // Approving earlier posts makes no moderator's name believed.
        let (notice, _) = held_post(&world).await;
        world.write(&Letter::answering(DANA, &notice, "Approve")).await;
        world.pass(121).await;
        let forged = Letter::new(DANA, ROSE, "Thursday", WORDS).with("X-Originating-IP: [198.51.100.66]");
        world.deliver("eve@evil.example", &[ROSE], forged.bytes()).await;
        world.run().await;
        let question = world.latest(DANA);
        assert_eq!(question.subject(), "Did you write this to Rose?", "{}", world.database);
        // The forger guesses: her name, the words, every address but the token.
        for to in [ROSE, "rose-owner@groups.example", "lamplight+m.aabcdefghijklmnopqrstuvwxyz@groups.example"] {
            send(&world, "eve@evil.example", &[to], &Letter::new(DANA, to, "Re: Did you", "Approve").bytes()).await;
        }
        world.pass(121).await;
        for _ in 0..20 {
            world.pass(43_200).await;
        }
        assert_eq!(copies(&world), 0, "{}", world.database);
        assert_eq!(state(&world, 1).await, PostState::Held, "{}: nor does it vanish", world.database);
        // She says that it wasn't hers; that is the end of it.
        world.write(&Letter::answering(DANA, &question, "Return: this was not me")).await;
        world.pass(121).await;
        assert_eq!((copies(&world), state(&world, 1).await), (0, PostState::Returned), "{}", world.database);
    });
}

#[test]
fn she_alone_is_asked_again() {
    on_both(|world| async {
        let world = world.with_rose().await;
        world.write(&Letter::new(DANA, ROSE, "Thursday", WORDS)).await;
        for _ in 0..70 {
            world.pass(12 * 3_600).await;
        }
        assert_eq!((copies(&world), world.count(RUTH)), (0, 0), "{}", world.database);
        // At the promised hour and twelve hours later, then once a day, of 35.
        assert_eq!(world.count(DANA), 1 + 2 + 34, "{}", world.database);
        world.write(&Letter::answering(DANA, &world.latest(DANA), "Approve")).await;
        world.pass(121).await;
        assert_eq!(copies(&world), 2, "{}", world.database);
    });
}

/// When she is gone, it is for her colleagues; they are told that nothing shows whether it was she.
#[test]
fn her_colleagues_get_what_she_left() {
    on_both(|world| async {
        let world = world.with_rose().await;
        world.write(&Letter::new(DANA, ROSE, "Thursday", WORDS)).await;
        let suspended = lamplight::model::member::MemberState::Suspended;
        world.change_person("rose", DANA, |dana| dana.state = suspended).await;
        world.pass(12 * 3_600).await;
        let text = world.latest(RUTH).text().split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(text.contains("came in a moderator's name, and that can't be verified"), "{text}");
    });
}

#[test]
fn her_out_of_office_to_the_group_is_ignored() {
    on_both(|world| async {
        let world = world.with_rose().await;
        let before = world.peer.mail().len();
        let away = "I am away until Thursday.";
        for letter in [
            Letter::new(DANA, ROSE, "Out of office", away),
            Letter::new(DANA, ROSE, "Abwesenheitsnotiz: Rose: Monday", away),
            Letter::new(DANA, ROSE, "Re: Rose", away).with("Auto-Submitted: auto-replied"),
            Letter::new(DANA, ROSE, "Re: Rose", away).with("Precedence: bulk"),
            Letter::new(DANA, ROSE, "Re: Rose", away).with("X-Autoreply: yes"),
        ] {
            world.write(&letter).await;
            world.write(&letter.to("rose-owner@groups.example")).await;
        }
        send(&world, "", &[ROSE], &Letter::new(DANA, ROSE, "Re: Rose", away).bytes()).await;
        for kind in ["disposition-notification", "delivery-status", "feedback-report"] {
            send(&world, DANA, &[ROSE], &report(DANA, ROSE, "Read: Rose", kind, away)).await;
        }
        world.pass(300).await;
        assert!(world.posts().await.is_empty(), "{}", world.database);
        let heard: Vec<String> = world.peer.mail()[before..].iter().map(|mail| mail.subject()).collect();
        assert!(heard.is_empty(), "{}: nobody hears of it: {heard:?}", world.database);
    });
}

#[test]
fn a_suspended_moderator_writes_as_a_stranger() {
    on_both(|world| async {
        let world = world.with_rose().await;
        let suspended = lamplight::model::member::MemberState::Suspended;
        world.change_person("rose", DANA, |dana| dana.state = suspended).await;
        let before = world.count(DANA);
        world.write(&Letter::new(DANA, ROSE, "Thursday", WORDS)).await;
        world.pass(300).await;
        assert!(world.posts().await.is_empty(), "{}", world.database);
        assert_eq!(since(&world, DANA, before).len(), 0, "{}", world.database);
    });
}

/// Whether it is she or somebody in her name: her colleague hears of it at once.
#[test]
fn a_cry_for_help_in_her_name_reaches_her_colleague() {
    on_both(|world| async {
        let world = world.with_rose().await;
        world.write(&Letter::new(DANA, ROSE, "Tonight", "I am going to kill myself tonight.")).await;
        assert_eq!(world.latest(RUTH).subject(), "1 message to read now", "{}", world.database);
        assert!(world.subjects(DANA).contains(&"Did you write this to Rose?".to_owned()), "{}", world.database);
        world.pass(12 * 3_600).await;
        let reminders = world.subjects(RUTH).iter().filter(|subject| subject.contains("to read now")).count();
        assert_eq!(reminders, 2, "{}: and is reminded until somebody acts", world.database);
        // She can look after it, and can't release what may not be Dana's.
        for _ in 0..2 {
            world.write(&Letter::answering(RUTH, &world.latest(RUTH), "Approve")).await;
            assert!(world.latest(RUTH).text().contains("came in a moderator’s name"), "{}", world.latest(RUTH).text());
        }
        world.pass(3_600).await;
        assert_eq!((world.count(KIT), world.count(TOM)), (0, 0), "{}", world.database);
    });
}
