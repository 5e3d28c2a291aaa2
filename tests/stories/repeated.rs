//! One mail that comes as several messages is one post; another mail under its Message-ID is another one.

use crate::scene::{KIT, MIRA, ROSE, RUTH, TOM, state};
use crate::support::{Captured, Letter, World, on_both};
use lamplight::model::post::PostState;

/// Kit's post, and the copy that the group has of it.
async fn soup(world: &World) -> Captured {
    world.says("kit", "Soup", "The soup was good.").await;
    world.latest(TOM)
}

fn on_another_way(bytes: &[u8], at: usize) -> Vec<u8> {
    let received = format!("Received: from a by b{at}; Mon, 23 Nov 2026 20:00:09 +0100\r\n");
    [received.as_bytes(), bytes].concat()
}

#[test]
fn recipients_handed_over_one_by_one_make_one_post() {
    on_both(|world| async {
        let world = world.with_rose().await.openly().await;
        let copy = soup(&world).await;
        let letter = Letter::answering(MIRA, &copy, "I liked it as well.");
        let (bytes, conversation) = (letter.bytes(), world.thread_with("The soup").await);
        for to in [ROSE, &letter.to] {
            world.deliver(MIRA, &[to], &bytes).await;
        }
        world.run().await;
        // And again by another way, when the others were taken to their end; twice at once.
        for at in 0..2 {
            world.deliver(MIRA, &[ROSE], on_another_way(&bytes, at)).await;
        }
        world.run().await;
        assert_eq!((world.posts().await.len(), world.count(TOM)), (2, 2), "{}", world.database);
        assert_eq!(world.thread_with("I liked it").await, conversation, "{}", world.database);
        assert_eq!(world.last_judged().await, ["same-group"], "{}", world.database);
    });
}

#[test]
fn the_address_of_a_conversation_wins_whichever_comes_first() {
    on_both(|world| async {
        let world = world.with_rose().await.openly().await;
        let copy = soup(&world).await;
        let conversation = world.thread_with("The soup").await;
        // No header says what these answer.
        for (at, turned) in [false, true].into_iter().enumerate() {
            let words = format!("I liked it as well, {at}.");
            let bytes = Letter::new(MIRA, ROSE, "My dinner", &words).bytes();
            let mut both = [ROSE.to_owned(), copy.reply_address()];
            if turned {
                both.reverse();
            }
            for to in &both {
                world.deliver(MIRA, &[to], &bytes).await;
                world.run().await;
            }
            assert_eq!(world.thread_with(&words).await, conversation, "{}: {both:?}", world.database);
            // Whoever answers the copy of it that went out comes to the same place.
            let answer = Letter::new(TOM, &world.latest(TOM).reply_address(), "Other", &format!("Me too, {at}."));
            world.write(&answer).await;
            assert_eq!(world.thread_with(&format!("Me too, {at}.")).await, conversation, "{}", world.database);
        }
        assert_eq!(world.posts().await.len(), 5, "{}", world.database);
    });
}

#[test]
fn what_its_author_took_back_is_not_published_by_a_second_copy() {
    on_both(|world| async {
        let world = world.with_rose().await;
        let bytes = Letter::new(KIT, ROSE, "Waiting", "My first words.").bytes();
        world.deliver(KIT, &[ROSE], &bytes).await;
        world.run().await;
        world.write(&Letter::answering(KIT, &world.latest(KIT), "TAKE BACK")).await;
        let ruth = world.count(RUTH);
        world.deliver(KIT, &[ROSE], on_another_way(&bytes, 1)).await;
        world.run().await;
        assert_eq!((world.posts().await.len(), world.count(RUTH)), (1, ruth), "{}", world.database);
        assert_eq!(state(&world, 0).await, PostState::Withdrawn, "{}", world.database);
    });
}

#[test]
fn other_words_another_author_or_danger_make_it_another() {
    on_both(|world| async {
        let world = world.with_rose().await.openly().await;
        let letter = |from: &str, words: &str| {
            format!(
                "From: <{from}>\r\nTo: <{ROSE}>\r\nSubject: Tea\r\nMessage-ID: <once@home.example>\r\n\r\n{words}\r\n"
            )
        };
        let quoted = "Peppermint.\r\n\r\n> I am going to kill myself tonight.";
        for (at, (from, words)) in
            [(MIRA, "Peppermint."), (MIRA, "Ginger."), (TOM, "Peppermint."), (MIRA, quoted)].into_iter().enumerate()
        {
            world.deliver(from, &[ROSE], letter(from, words)).await;
            world.run().await;
            assert_eq!(world.posts().await.len(), at + 1, "{}: {from}: {words}", world.database);
        }
        assert!(world.latest(RUTH).subject().contains("to read now"), "{}", world.latest(RUTH).subject());
    });
}
