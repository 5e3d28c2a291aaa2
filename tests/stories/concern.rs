//! A wish not to live, said less plainly: people read it before anything else, and are told so calmly. It is no alarm, and
//! its author gets no text for a crisis.

use lamplight::model::member::{Delivery, Role};
use lamplight::model::post::PostState;
use lamplight::store::alerts;

use crate::scene::{ADMIN, DANA, KIT, MIRA, ROSE, RUTH, everybody_is_known};
use crate::support::{Letter, World, on_both, on_both_with};

const WISHES: [(&str, &str); 3] = [
    ("Nights", "Most evenings I wish I would just not wake up."),
    ("After the scan", "They would all be better off without me."),
    ("Sunday", "I am so alone with this. I am such a burden to everyone, and I haven't slept in weeks."),
];

fn squeezed(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

async fn alerted(world: &World) -> usize {
    alerts::list(&mut world.lamplight.store.read().await.unwrap(), None, true).await.unwrap().len()
}

#[test]
fn it_is_held_whoever_wrote_it_and_its_notice_says_so_calmly() {
    on_both(|world| async {
        let world = world.with_rose().await;
        everybody_is_known(&world).await;
        for (at, (subject, words)) in WISHES.into_iter().enumerate() {
            world.write(&Letter::new(MIRA, ROSE, subject, words)).await;
            assert_eq!(world.posts().await[at].state, PostState::Held, "{}: {words}", world.database);
            for moderator in [DANA, RUTH] {
                let notice = world.latest(moderator);
                assert_eq!(notice.subject(), "1 message to read first", "{}: {words}", world.database);
                let text = squeezed(&notice.text());
                assert!(text.contains("Please read this message before others"), "{text}");
                assert!(text.contains("may wish not to live"), "{text}");
                assert!(!text.contains("in danger"), "{}: it is no alarm: {text}", world.database);
                assert!(squeezed(&notice.html()).contains("Please read this message before others"));
            }
            let answer = world.latest(MIRA);
            assert_eq!(answer.subject(), "We have your message", "{}: {words}", world.database);
        }
        // It climbs by no minutes.
        let heard = (world.count(DANA), world.count(RUTH));
        for _ in 0..8 {
            world.pass(900).await;
        }
        assert_eq!((world.count(DANA), world.count(RUTH), world.count(ADMIN)), (heard.0, heard.1, 0));
        assert_eq!(alerted(&world).await, 0, "{}", world.database);
        // What is late still says why it is to be read first.
        world.pass(10 * 3_600).await;
        let reminder = world.latest(DANA);
        assert!(squeezed(&reminder.text()).contains("Please read this message before others"), "{}", reminder.text());
        assert!(reminder.text().contains("This is a reminder"), "{}", reminder.text());
    });
}

#[test]
fn its_notice_leaves_before_all_that_waited_longer() {
    // One after the other, so that what arrives first has left first.
    on_both_with(
        |config| config.outbound.connections = 1,
        |world| async {
            let world = world.with_rose().await;
            world.peer.answer("CONNECT", "421 4.3.2 away");
            world.write(&Letter::new(KIT, ROSE, "Soup", "I had soup.")).await;
            world.write(&Letter::new(MIRA, ROSE, WISHES[0].0, WISHES[0].1)).await;
            world.pass(600).await;
            assert_eq!(world.peer.mail().len(), 0, "{}", world.database);
            world.peer.behave();
            world.pass(600).await;
            let order: Vec<String> = world.peer.mail().iter().map(|mail| mail.subject()).collect();
            assert_eq!(order[..2], ["1 message to read first"; 2], "{}: {order:?}", world.database);
        },
    );
}

#[test]
fn of_one_that_no_moderator_got_the_administrators_hear_at_once() {
    on_both(|world| async {
        let world = world.with_rose().await;
        world.peer.answer("RCPT", "550 5.1.1 no such user").to("@work.example");
        world.write(&Letter::new(MIRA, ROSE, WISHES[1].0, WISHES[1].1)).await;
        world.pass(1).await;
        let told = world.latest(ADMIN);
        assert!(told.subject().ends_with("please look now"), "{}: {}", world.database, told.subject());
        assert!(!told.text().contains("better off"), "{}: it has the words", world.database);
    });
}

#[test]
fn where_nobody_looks_after_the_group_the_administrators_hear_before_all_else() {
    on_both(|world| async move {
        world.add_group("rose", "Rose", lamplight::model::group::Moderation::First).await;
        world.add("rose", Role::Member, MIRA, "Mira", Delivery::Daily, None).await;
        world.write(&Letter::new(MIRA, ROSE, WISHES[0].0, WISHES[0].1)).await;
        assert_eq!(world.latest(ADMIN).subject(), "Rose: 1 message waits, please look now", "{}", world.database);
    });
}

#[test]
fn on_the_private_line_it_is_read_before_others_as_well() {
    on_both_with(
        |config| config.outbound.connections = 1,
        |world| async {
            let world = world.with_rose().await;
            world.peer.answer("CONNECT", "421 4.3.2 away");
            world.write(&Letter::new(KIT, ROSE, "Soup", "I had soup.")).await;
            world.write(&Letter::new(MIRA, "rose-owner@groups.example", WISHES[2].0, WISHES[2].1)).await;
            world.peer.behave();
            world.pass(600).await;
            for mail in &world.peer.mail()[..2] {
                assert_eq!(mail.subject(), "1 message to read first", "{}", world.database);
                let text = squeezed(&mail.text());
                assert!(text.contains("may wish not to live") && text.contains("such a burden"), "{text}");
                assert!(!text.contains("in danger") && !text.contains("one of you after the other"), "{text}");
            }
            let answered = world.mail_to(MIRA).len();
            assert_eq!((alerted(&world).await, answered), (0, 0), "{}", world.database);
        },
    );
}

#[test]
fn who_leaves_with_such_words_is_heard() {
    on_both(|world| async {
        let world = world.with_rose().await;
        for letter in [
            Letter::new(MIRA, "rose-leave@groups.example", "Goodbye", WISHES[1].1),
            Letter::new(MIRA, "rose-leave@groups.example", "Goodbye", "Thank you for all of it."),
        ] {
            world.write(&letter).await;
            assert_eq!(world.latest(MIRA).subject(), "Do you want to leave Rose?", "{}", world.database);
            assert_eq!(world.count(DANA), 1, "{}", world.database);
        }
        assert_eq!(world.latest(RUTH).subject(), "1 message to read first", "{}", world.database);
        // The answer to the question, with more below the word.
        let asked = world.latest(MIRA);
        world.write(&Letter::answering(MIRA, &asked, "Yes. I wish I would just not wake up.")).await;
        assert_eq!(world.count(RUTH), 2, "{}", world.database);
        assert_eq!(world.latest(RUTH).subject(), "1 message to read first", "{}", world.database);
    });
}
