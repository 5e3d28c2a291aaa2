//! Where a post lands: the address decides before any header, headers before the words and the subject, and where it
//! can't be known nobody guesses. No clue ever leads into another group.

use lamplight::model::group::Moderation;
use lamplight::model::member::{Delivery, Role};
use lamplight::model::post::PostState;

use crate::scene::besides_lists;
use crate::support::{Letter, address_in, on_both};

const GROUP: &str = "rose@groups.example";
const DAY: i64 = 86_400;

fn id_field(name: &str, captured: &crate::support::Captured) -> String {
    format!("{name}: {}", captured.header("Message-ID"))
}

#[test]
fn the_address_decides_before_the_header_and_the_header_before_the_subject() {
    on_both(|world| async {
        let world = world.with_rose().await.openly().await;
        world.says("mira", "Sleep", "I lie awake.").await;
        let sleep = world.latest("kit@home.example");
        world.says("tom", "Food", "Nothing tastes.").await;
        let food = world.latest("kit@home.example");
        let (sleeping, eating) = (world.thread_with("I lie awake").await, world.thread_with("Nothing tastes").await);
        assert_ne!(sleeping, eating);

        // References to another conversation lose against the address.
        let by_address = Letter::new("kit@home.example", &sleep.reply_address(), "Re: Food", "Warm milk helps me.")
            .with(&id_field("In-Reply-To", &food))
            .with(&id_field("References", &food));
        world.write(&by_address).await;
        assert_eq!(world.thread_with("Warm milk").await, sleeping);

        // To the group's plain address, References decide, whatever the subject says.
        let by_references =
            Letter::new("ada@home.example", GROUP, "Re: Sleep", "Try ginger.").with(&id_field("References", &food));
        world.write(&by_references).await;
        assert_eq!(world.thread_with("Try ginger").await, eating);

        // In-Reply-To alone is enough, and so is the id that the author's own program gave the first mail.
        let by_reply =
            Letter::new("mira@home.example", GROUP, "other words", "Soup.").with(&id_field("In-Reply-To", &food));
        world.write(&by_reply).await;
        assert_eq!(world.thread_with("Soup.").await, eating);
        let own_id = world.spooled().await[0].message_id.clone().unwrap();
        let to_own =
            Letter::new("tom@home.example", GROUP, "Night", "Radio, softly.").with(&format!("In-Reply-To: <{own_id}>"));
        world.write(&to_own).await;
        assert_eq!(world.thread_with("Radio, softly").await, sleeping);

        // What goes out names only our own ids.
        let references = world.latest("kit@home.example").header("References");
        assert!(references.contains(&sleep.header("Message-ID")) && !references.contains("phone.home.example"));
        assert_eq!(world.published().await, 6);
    });
}

#[test]
fn a_subject_joins_for_two_weeks_and_only_an_answer() {
    on_both(|world| async {
        let world = world.with_rose().await.openly().await;
        world.says("mira", "Hello", "I am Mira.").await;
        world.says("tom", "Hello", "I am Tom.").await;
        let (mira, tom) = (world.thread_with("I am Mira").await, world.thread_with("I am Tom").await);
        assert_ne!(mira, tom, "two strangers' Hello stay two conversations");
        world.says("mira", "Hello", "It is me again.").await;
        let again = world.thread_with("It is me again").await;
        assert!(again != mira && again != tom, "not even one's own joins without a sign of an answer");

        world.says("mira", "Scan day", "It was fine.").await;
        let scan = world.thread_with("It was fine").await;
        // A quote is such a sign, and so is a prefix, in whatever language.
        world
            .says("kit", "Scan day", "So glad!\n\nOn Mon, Nov 23, 2026 at 2:05 PM Rose wrote:\n\n> It was fine indeed")
            .await;
        assert_eq!(world.thread_with("So glad").await, scan);
        world.pass(13 * DAY).await;
        world.says("tom", "AW: Scan day", "Schön.").await;
        assert_eq!(world.thread_with("Schön").await, scan);
        // The window counts from the last post, not from the first.
        world.pass(13 * DAY).await;
        world.says("ada", "Re: scan  DAY", "Late, and glad.").await;
        assert_eq!(world.thread_with("Late, and glad").await, scan);
        world.pass(15 * DAY).await;
        world.says("kit", "Re: Scan day", "Another one is due.").await;
        assert_ne!(world.thread_with("Another one is due").await, scan);
    });
}

#[test]
fn quoted_words_say_which_conversation_and_which_post() {
    on_both(|world| async {
        let world = world.with_rose().await.openly().await;
        world.says("mira", "Hello", "I came because of my brother, who has been ill since spring.").await;
        world.says("tom", "Hello", "I have two cats and no idea what to say here.").await;
        world.says("ada", "Re: Hello", "Welcome!\n\nTom wrote:\n> I have two cats and no idea what to say").await;
        let (mira, tom) = (world.post_with("because of my brother").await, world.post_with("I have two cats").await);
        let welcome = world.post_with("Welcome!").await;
        assert_eq!((welcome.thread, welcome.parent), (tom.thread, Some(tom.id)));
        // Above the old message without marks, as Outlook leaves it, and under another subject.
        let outlook = "How is he now?\n\nFrom: Rose <rose@groups.example>\nSent: Monday, November 23, 2026 2:05 PM\nTo: \
                       Kit\nSubject: Hello\n\nI came because of my brother, who has\nbeen ill since spring.";
        world.says("kit", "Your brother", outlook).await;
        let asked = world.post_with("How is he now").await;
        assert_eq!((asked.thread, asked.parent), (mira.thread, Some(mira.id)));
        // The post that is quoted, not the latest one of the conversation.
        world.says("dana", "Re: Hello", "Which colour?\n\n> I have two cats and no idea").await;
        world.says("mira", "Re: Hello", "Thank you.\n\nKit wrote:\n> How is he now?").await;
        let thanks = world.post_with("Thank you.").await;
        assert_eq!((thanks.thread, thanks.parent), (mira.thread, Some(asked.id)));
        // Nothing says whose Hello this is for: a conversation of its own is better than the wrong one.
        world.says("kit", "Re: Hello", "Good to see you.").await;
        let unclear = world.thread_with("Good to see you").await;
        assert!(unclear != mira.thread && unclear != tom.thread, "{}", world.database);
        // Whatever another group said is unknown here.
        world.add_group("lily", "Lily", Moderation::None).await;
        world.add("lily", Role::Member, "kit@home.example", "Kay", Delivery::Each, None).await;
        let letter = "Mine too.\n\n> I came because of my brother, who has been ill since spring.";
        world.write(&Letter::new("kit@home.example", "lily@groups.example", "Re: Hello", letter)).await;
        let elsewhere = world.post_with("Mine too.").await;
        assert!(elsewhere.thread != mira.thread && elsewhere.parent.is_none(), "{}", world.database);
    });
}

#[test]
fn nothing_leads_from_one_group_into_another() {
    on_both(|world| async {
        let world = world.with_rose().await.openly().await;
        world.add_group("lily", "Lily", Moderation::None).await;
        world.add("lily", Role::Member, "kit@home.example", "Kay", Delivery::Each, None).await;
        world.add("lily", Role::Member, "zoe@home.example", "Zoe", Delivery::Each, None).await;
        world.write(&Letter::new("zoe@home.example", "lily@groups.example", "Wigs", "Where do you buy them?")).await;
        let wigs = world.latest("kit@home.example");
        let lily = world.thread_with("Where do you buy").await;

        // Lily's token behind Rose's name.
        let token = wigs.reply_address().replace("lily+", "rose+");
        world.write(&Letter::new("kit@home.example", &token, "Re: Wigs", "A shop by the station.")).await;
        assert_ne!(world.thread_with("A shop by the station").await, lily);
        // Lily's ids in the header of a mail to Rose, and Lily's subject.
        let letter = Letter::new("kit@home.example", GROUP, "Re: Wigs", "Scarves are warmer.")
            .with(&id_field("References", &wigs))
            .with(&id_field("In-Reply-To", &wigs));
        world.write(&letter).await;
        let scarves = world.post_with("Scarves are warmer").await;
        assert_ne!(scarves.thread, lily);
        assert_eq!(scarves.author_name, "Kit", "under the name that this group knows");
        // Zoe is nobody in Rose, even with one of Rose's tokens in hand.
        let rose_copy = world.latest("tom@home.example");
        world.write(&Letter::new("zoe@home.example", &rose_copy.reply_address(), "Re: Wigs", "I listen in.")).await;
        assert_eq!(world.last_judged().await, ["stranger"]);
        assert_eq!(world.count("zoe@home.example"), 1, "Lily's own post and nothing of Rose's");
        let said: Vec<String> = world.mail_to("zoe@home.example").iter().map(|mail| mail.text()).collect();
        assert!(said.iter().all(|text| !text.contains("Scarves") && !text.contains("station")), "{said:?}");
    });
}

#[test]
fn an_answer_to_a_digest_lands_where_it_can_be_known() {
    on_both(|world| async {
        let world = world.with_rose().await.openly().await;
        world.says("tom", "Hands", "My fingers are numb.").await;
        world.go_to("2026-11-23T17:31:00-05:00").await;
        let digest = world.latest("mira@home.example");
        assert!(digest.reply_address().starts_with("rose+d."), "{}", digest.reply_address());
        world.write(&Letter::answering("mira@home.example", &digest, "Mine too, in the mornings.")).await;
        assert_eq!(world.thread_with("Mine too").await, world.thread_with("fingers are numb").await);

        world.says("tom", "Feet", "And my toes.").await;
        world.says("kit", "Hair", "It grows again.").await;
        world.go_to("2026-11-24T17:31:00-05:00").await;
        let digest = world.latest("mira@home.example");
        assert_eq!(address_in(&digest, "rose+t.").split('@').nth(1), Some("groups.example"));
        world.write(&Letter::answering("mira@home.example", &digest, "That is good to hear.")).await;
        let held = world.post_with("That is good to hear").await;
        assert_eq!(held.state, PostState::Held, "nobody guesses");
        assert_eq!(held.reasons.iter().map(|reason| reason.word()).collect::<Vec<_>>(), ["which-conversation"]);
        assert_eq!(world.latest("mira@home.example").subject(), "Which conversation is your message for?");
        assert_eq!(besides_lists(&world, "ruth@work.example").len(), 0, "she is asked before anybody else");

        // Each conversation's own address in the same digest says which.
        let third = digest.text().split_whitespace().filter(|word| word.contains("rose+t.")).nth(2).unwrap().to_owned();
        world.write(&Letter::new("mira@home.example", &third, "Re: Rose", "Curly at first?")).await;
        assert_eq!(world.thread_with("Curly at first").await, world.thread_with("It grows again").await);
    });
}

#[test]
fn what_waits_gives_no_conversation_its_heading() {
    on_both(|world| async {
        let world = world.with_rose().await;
        let now = world.now();
        world.change_person("rose", "tom@home.example", |tom| tom.trusted_since = Some(now)).await;
        world.says("kit", "The lavender result", "I wait for it.").await;
        let waiting = world.post_with("I wait for it").await;
        assert_eq!(waiting.state, PostState::Held);
        let id = world.spooled().await[0].message_id.clone().unwrap();

        // Neither its identifier, known from a copy that Kit sent besides, nor its subject leads to it.
        let letter = Letter::new("tom@home.example", GROUP, "Courage", "By its identifier.")
            .with(&format!("In-Reply-To: <{id}>"))
            .with(&format!("References: <{id}>"));
        world.write(&letter).await;
        world.says("tom", "Re: The lavender result", "By its subject.").await;
        for words in ["By its identifier", "By its subject"] {
            let post = world.post_with(words).await;
            assert!(post.thread != waiting.thread && post.parent.is_none(), "{}: {words}", world.database);
        }
        world.go_to("2026-11-23T17:31:00-05:00").await;
        let digest = world.latest("mira@home.example").text();
        assert!(digest.contains("1. Courage") && !digest.contains("answers Kit"), "{digest}");
        assert!(!digest.contains(". The lavender result"), "only Tom's own words may say it: {digest}");

        // Once it is published, an answer finds it.
        world.approve("I wait for it").await;
        world.says("tom", "Re: The lavender result", "All the best.").await;
        assert_eq!(world.thread_with("All the best").await, waiting.thread);
        let letter = Letter::new("tom@home.example", GROUP, "Courage", "Found by its identifier.")
            .with(&format!("In-Reply-To: <{id}>"));
        world.write(&letter).await;
        assert_eq!(world.thread_with("Found by its identifier").await, waiting.thread);
    });
}

#[test]
fn the_heading_is_the_subject_of_the_first_post_that_the_group_still_has() {
    on_both(|world| async {
        let world = world.with_rose().await.openly().await;
        world.says("kit", "The lavender result", "It came today.").await;
        let first = world.latest("tom@home.example");
        world.go_to("2026-11-23T17:31:00-05:00").await;
        assert!(world.latest("mira@home.example").text().contains("1. The lavender result"));
        let mut answer = Letter::answering("tom@home.example", &first, "Let us talk.");
        answer.subject = "Tea".into();
        world.write(&answer).await;
        world.says("tom", "Weather", "It rains.").await;

        // The digest is made and can't leave while the first post is taken back.
        world.peer.answer("BODY", "451 4.7.1 later");
        world.go_to("2026-11-24T17:31:00-05:00").await;
        let before = world.count("mira@home.example");
        let post = world.post_with("It came today").await;
        world.lamplight.retract_as_administrator(post.id, world.now()).await.unwrap();
        world.peer.behave();
        world.pass(DAY / 4).await;
        let digests = world.mail_to("mira@home.example").split_off(before);
        let digest = digests.first().expect("a digest").text();
        assert!(digest.contains("1. Tea") && digest.contains("Let us talk."), "{}: {digest}", world.database);
        for gone in ["lavender", "answers Kit", "continued"] {
            assert!(!digest.contains(gone), "{}: {gone}: {digest}", world.database);
        }
    });
}
