//! Forgetting one takes nothing from the others: what they had said first is theirs, also where she quoted it.

use lamplight::engine::forget::Notes;
use lamplight::mail::Address;

use crate::scene::{KIT, MIRA, ROSE, TOM, everybody_is_known};
use crate::support::{Letter, World, on_both};

const QUESTION: &str = "How do you manage to sleep on your side after the port surgery?";
const DOG: &str = "My dog keeps me warm at night though.";
const HERS: &str = "I use two striped pillows from the market and a rolled towel.";
const SUBJECT: &str = "Sleeping on the side after such a long operation";

async fn forget_kit(world: &World) {
    let group = world.group("rose").await;
    world.lamplight.forget(&group, &Address::parse(KIT).unwrap(), Some(Notes::Forget)).await.unwrap();
}

/// Kit answers between Tom's lines, and copies one without a mark; Mira quotes Kit.
#[test]
fn what_she_quoted_stays_its_authors() {
    on_both(|world| async move {
        let world = world.with_rose().await;
        everybody_is_known(&world).await;
        world.write(&Letter::new(TOM, ROSE, SUBJECT, &format!("{QUESTION}\n{DOG}"))).await;
        let mut answer = Letter::answering(KIT, &world.latest(KIT), "");
        answer.body = format!("Tom wrote:\n> {QUESTION}\n\n{HERS}\n\nYou said: {DOG} Mine snores.\n");
        world.write(&answer).await;
        let mut quote = Letter::answering(MIRA, &world.latest(TOM), "");
        quote.body = format!("> {HERS}\n\nThat I will try, and a heating pad.\n");
        world.write(&quote).await;
        forget_kit(&world).await;
        let posts = world.posts().await;
        assert_eq!(posts[0].text.trim_end(), format!("{QUESTION}\n{DOG}"), "{}", world.database);
        assert_eq!(posts[0].subject, SUBJECT, "{}", world.database);
        assert_eq!(
            (posts[1].text.as_str(), posts[1].subject.as_str()),
            ("(removed)", "(removed)"),
            "{}",
            world.database
        );
        assert!(posts[2].text.contains("That I will try"), "{}: {}", world.database, posts[2].text);
        assert!(!posts[2].text.contains("striped pillows"), "{}: {}", world.database, posts[2].text);
    });
}

/// What others wrote of her by her family's name, and her address in a dress: in the words that only moderators have.
#[test]
fn a_family_name_and_a_dressed_address_go() {
    on_both(|world| async move {
        let world = world.with_rose().await;
        let body = "Ms Waller told me, and the wall is dry. Write to kit (at) home dot example, please.";
        world.write(&Letter::new(TOM, ROSE, "Tea", body)).await;
        forget_kit(&world).await;
        let post = &world.posts().await[0];
        let original = "Ms [former member] told me, and the wall is dry. Write to [removed], please.";
        assert_eq!(post.original.as_deref().map(str::trim_end), Some(original), "{}", world.database);
        let reasons = format!("{:?}", post.reasons);
        assert!(!reasons.contains("Waller") && !reasons.contains("home dot"), "{}: {reasons}", world.database);
    });
}

/// A display name of everyday words, hers or of somebody who wrote in her name, is no name to be taken out.
#[test]
fn a_display_name_of_everyday_words_takes_nothing() {
    on_both(|world| async move {
        let world = world.with_rose().await;
        everybody_is_known(&world).await;
        let words = "I will sleep now. They told me that I Will Not need the second operation.";
        world.write(&Letter::new(TOM, ROSE, "Tea", words)).await;
        for name in ["I Will", "Will Not"] {
            let mail =
                format!("From: \"{name}\" <{KIT}>\r\nTo: <{ROSE}>\r\nSubject: {name}\r\n\r\nGood night, {name}.\r\n");
            world.deliver("evil@elsewhere.example", &[ROSE], mail).await;
            world.run().await;
        }
        forget_kit(&world).await;
        assert_eq!(world.posts().await[0].text.trim_end(), words, "{}", world.database);
    });
}

/// Somebody writes in Kit's name, or from her address, what Tom had said: so nobody's words go with hers.
#[test]
fn words_copied_in_her_name_stay_their_authors() {
    on_both(|world| async move {
        let world = world.with_rose().await;
        everybody_is_known(&world).await;
        world.write(&Letter::new(TOM, ROSE, SUBJECT, &format!("{QUESTION}\n{DOG}"))).await;
        world.write(&Letter::new(KIT, ROSE, "Mine", &format!("{DOG}\n{QUESTION}"))).await;
        let owner = "rose-owner@groups.example";
        world.write(&Letter::new(KIT, owner, "Mine", &format!("{QUESTION}\n{DOG}"))).await;
        forget_kit(&world).await;
        let post = &world.posts().await[0];
        assert_eq!(post.text.trim_end(), format!("{QUESTION}\n{DOG}"), "{}", world.database);
    });
}
