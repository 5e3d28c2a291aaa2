//! Leaving takes one reply, and only the member's own. Whatever is not understood reaches people; nothing arrives after.

use lamplight::model::member::MemberState;
use lamplight::model::post::PostState;

use crate::support::{Letter, World, on_both};

const LEAVE: &str = "rose-leave@groups.example";
const DANA: &str = "dana@work.example";
const RUTH: &str = "ruth@work.example";
const TOM: &str = "tom@home.example";
const KIT: &str = "kit@home.example";
const DAY: i64 = 86_400;

async fn asks_to_leave(world: &World, who: &str) -> crate::support::Captured {
    world.write(&Letter::new(who, LEAVE, "", "")).await;
    let question = world.latest(who);
    assert_eq!(question.subject(), "Do you want to leave Rose?", "{}", world.database);
    assert!(question.reply_address().starts_with("lamplight+c."), "{}", question.reply_address());
    question
}

#[test]
fn one_reply_is_enough_in_whatever_words() {
    on_both(|world| async {
        let world = world.with_rose().await.openly().await;
        for (who, words) in
            [(TOM, "YES"), (KIT, ""), ("mira@home.example", "leave please"), ("ada@home.example", "Yes, thanks")]
        {
            let question = asks_to_leave(&world, who).await;
            assert_eq!(world.person("rose", who).await.state, MemberState::Active, "asked is not left");
            world.write(&Letter::answering(who, &question, words)).await;
            assert_eq!(world.person("rose", who).await.state, MemberState::Left, "{}: {words:?}", world.database);
            assert_ne!(world.latest(who).subject(), question.subject(), "{who} is told that it is done");
            assert_eq!(world.count(who), 2);
        }
        world.write(&Letter::new(DANA, "rose@groups.example", "Hello", "Anybody there?")).await;
        world.write(&Letter::answering(DANA, &world.latest(DANA), "approve")).await;
        world.pass(3 * DAY).await;
        for who in [TOM, KIT, "mira@home.example", "ada@home.example"] {
            assert_eq!(world.count(who), 2, "nothing arrives any more");
        }
        // The same reply once more: nothing to leave, nothing to say.
        world.write(&Letter::answering(TOM, &world.mail_to(TOM)[0], "YES")).await;
        assert_eq!((world.last_judged().await, world.count(TOM)), (vec!["left-before".to_owned()], 2));
    });
}

#[test]
fn what_waits_in_the_outbox_is_not_sent_any_more() {
    on_both(|world| async {
        let world = world.with_rose().await.openly().await;
        let question = asks_to_leave(&world, TOM).await;
        world.peer.answer("BODY", "451 4.2.0 later").to("tom@");
        world.says("kit", "One", "Tom's copy waits.").await;
        world.write(&Letter::new(TOM, "rose-leave@groups.example", "?", "Is this the right address?")).await;
        world.write(&Letter::answering(TOM, &question, "yes")).await;
        world.peer.behave();
        world.pass(DAY).await;
        let subjects = world.subjects(TOM);
        assert_eq!(subjects.len(), 2, "the question and the word that it is done: {subjects:?}");
        let states: Vec<String> = world.rows_to(TOM).await.into_iter().map(|row| row.state).collect();
        assert_eq!(states, ["sent", "dropped", "sent"], "{}", world.database);

        // An administrator takes somebody off the roster, perhaps because he died: not even a notice goes out.
        world.change_group("rose", |group| group.moderation = lamplight::model::group::Moderation::All).await;
        world.peer.answer("BODY", "451 4.2.0 later").to("kit@");
        world.says("kit", "Two", "Held.").await;
        let before = world.count(KIT);
        world.set_state(KIT, MemberState::Left).await;
        world.peer.behave();
        world.pass(DAY).await;
        assert_eq!(world.count(KIT), before, "{:?}", world.subjects(KIT));
        assert_eq!(world.row_to(KIT).await.state, "dropped");
    });
}

#[test]
fn nobody_and_nothing_else_can_leave_for_somebody() {
    on_both(|world| async {
        let world = world.with_rose().await.openly().await;
        let question = asks_to_leave(&world, TOM).await;
        // Asked once a day, so that nobody floods him in his own name.
        world.write(&Letter::new(TOM, LEAVE, "Leave", "leave")).await;
        assert_eq!(world.count(TOM), 1);

        let answer = Letter::answering(TOM, &question, "I am away until Monday.");
        let mut absent = answer.clone().with("Auto-Submitted: auto-replied");
        absent.subject = format!("Automatic reply: {}", question.subject());
        world.write(&absent).await;
        let mut by_subject = answer.clone();
        by_subject.subject = format!("Automatic reply: {}", question.subject());
        world.write(&by_subject).await;
        world.deliver("", &[answer.to.as_str()], Letter::answering(TOM, &question, "yes").bytes()).await;
        world.run().await;
        world.write(&Letter::answering("ada@home.example", &question, "yes")).await;
        assert_eq!(world.last_judged().await, ["passed-on"]);
        world.write(&Letter::answering("nobody@else.example", &question, "yes")).await;
        assert_eq!(world.person("rose", TOM).await.state, MemberState::Active);
        assert_eq!(world.person("rose", "ada@home.example").await.state, MemberState::Active);
        assert_eq!(
            (world.count("nobody@else.example"), world.count("ada@home.example")),
            (0, 0),
            "nobody was answered"
        );

        // A question or a change of mind reaches people, and he is told that it does.
        world.write(&Letter::answering(TOM, &question, "What happens to my posts if I leave?")).await;
        assert!(world.latest(DANA).text().contains("What happens to my posts"), "{}", world.database);
        assert_eq!((world.count(RUTH), world.count(TOM)), (2, 2), "Ada's answer was read by people, too");
        world.write(&Letter::answering(TOM, &question, "No, I want to stay")).await;
        assert_eq!(world.person("rose", TOM).await.state, MemberState::Active);

        // The next day he may ask again, and the first question still takes his yes.
        world.pass(DAY + 60).await;
        let again = asks_to_leave(&world, TOM).await;
        assert_ne!(again.reply_address(), question.reply_address());
        world.write(&Letter::answering(TOM, &question, "yes")).await;
        assert_eq!(world.person("rose", TOM).await.state, MemberState::Left);
    });
}

#[test]
fn take_back_withdraws_what_the_group_has_not_seen() {
    on_both(|world| async {
        let world = world.with_rose().await;
        // While it is held.
        world.says("tom", "One", "Too much of me.").await;
        let held = world.latest(TOM);
        world.write(&Letter::answering("ada@home.example", &held, "take back")).await;
        assert_eq!(world.post_with("Too much").await.state, PostState::Held, "nobody else can");
        world.write(&Letter::answering(TOM, &held, "TAKE BACK")).await;
        assert_eq!(world.post_with("Too much").await.state, PostState::Withdrawn);
        assert_eq!(world.count(TOM), 2, "he is told");

        // In the undo window, after a moderator's word.
        world.says("tom", "Two", "Once more too much.").await;
        let held = world.latest(TOM);
        world.write(&Letter::answering(DANA, &world.latest(DANA), "approve")).await;
        world.write(&Letter::answering(TOM, &held, "Take back please")).await;
        assert_eq!(world.post_with("Once more").await.state, PostState::Withdrawn);
        world.pass(DAY).await;
        assert_eq!(world.count(KIT), 0, "the approval no longer takes effect");

        // Too late: people read the wish, and the author hears that they do.
        world.says("tom", "Three", "This is for all.").await;
        let held = world.latest(TOM);
        world.write(&Letter::answering(DANA, &world.latest(DANA), "approve")).await;
        world.pass(121).await;
        assert_eq!(world.count(KIT), 1);
        let before = (world.count(TOM), world.count(RUTH));
        world.write(&Letter::answering(TOM, &held, "take it back")).await;
        assert_eq!(world.post_with("This is for all").await.state, PostState::Published);
        assert!(world.latest(RUTH).text().contains("take it back"));
        assert_eq!((world.count(TOM), world.count(RUTH)), (before.0 + 1, before.1 + 1));
    });
}

#[test]
fn the_private_line_reaches_every_moderator_and_nobody_else() {
    on_both(|world| async {
        let world = world.with_rose().await.openly().await;
        for (number, to) in ["owner", "moderators", "help", "request", "join"].iter().enumerate() {
            world
                .write(&Letter::new(TOM, &format!("rose-{to}@groups.example"), "A word", &format!("Line {to}.")))
                .await;
            for moderator in [DANA, RUTH] {
                assert_eq!(world.count(moderator), number + 1, "{}: {to} at once", world.database);
                assert!(world.latest(moderator).text().contains(&format!("Line {to}.")));
                assert!(world.latest(moderator).text().contains("Tom"));
            }
        }
        assert_eq!(world.count(TOM), 1, "the words that he can write, for his mail to -help");
        assert_eq!(world.peer.mail().len(), 11, "the group and its members hear nothing of it");
        assert!(world.posts().await.is_empty());
        for to in ["postmaster", "abuse"] {
            let before = world.count("admin@charity.example");
            for from in [TOM, "somebody@else.example"] {
                world.write(&Letter::new(from, &format!("{to}@groups.example"), "Trouble", "Your mail loops.")).await;
            }
            assert_eq!(world.count("admin@charity.example"), before + 2, "{to}");
        }
        assert_eq!(world.count(DANA), 5);
        world.assert_one_reader_each();
    });
}
