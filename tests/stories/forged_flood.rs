//! Somebody writes hundreds of mails in one member's name: each is held, the first thirty of an hour are told one by one,
//! and then one notice says that more wait. Danger is told one by one, always.

use lamplight::model::member::{Delivery, Role};
use lamplight::model::post::PostState;
use lamplight::store::posts;

use crate::scene::{ADMIN, CRY, DANA, KIT, MIRA, ROSE, RUTH, TOM};
use crate::support::{Captured, Letter, LmtpClient, World, on_both};

/// So many of an hour have a notice each, as docs/moderators.md says.
const ONE_BY_ONE: usize = 30;
const HOUR: i64 = 3_600;

/// So many mails in somebody's name, in one talk.
async fn forged(world: &World, author: &str, numbers: std::ops::Range<usize>, words: &str) {
    let mut client = LmtpClient::connect(world.lmtp).await;
    client.lhlo().await;
    for number in numbers {
        let letter = Letter::new(author, ROSE, &format!("Subject {number}"), &format!("{words} (no. {number})"));
        assert_eq!(client.deliver("eve@else.example", &[ROSE], &letter.bytes()).await, ["250 2.0.0 kept"]);
    }
    world.run().await;
}

fn of_more(world: &World, who: &str) -> Vec<Captured> {
    world.mail_to(who).into_iter().filter(|mail| mail.subject() == "More messages wait").collect()
}

/// Notices about one post each.
fn alone(world: &World, who: &str) -> usize {
    world.mail_to(who).iter().filter(|mail| mail.subject().starts_with("1 message ")).count()
}

async fn waiting(world: &World) -> usize {
    let mut db = world.lamplight.store.read().await.unwrap();
    posts::list(&mut db, None, Some(PostState::Held)).await.unwrap().len()
}

#[test]
fn the_first_of_an_hour_one_by_one_and_then_one_word_about_the_rest() {
    on_both(|world| async {
        let world = world.with_rose().await;
        forged(&world, MIRA, 0..ONE_BY_ONE, "Buy this.").await;
        assert_eq!((alone(&world, DANA), alone(&world, RUTH)), (ONE_BY_ONE, ONE_BY_ONE), "{}", world.database);
        assert_eq!(of_more(&world, DANA).len(), 0, "{}: nothing is gathered yet", world.database);
        forged(&world, MIRA, ONE_BY_ONE..80, "Buy this.").await;
        for moderator in [DANA, RUTH] {
            assert_eq!(alone(&world, moderator), ONE_BY_ONE, "{}", world.database);
            let more = of_more(&world, moderator);
            assert_eq!(more.len(), 1, "{}: one word", world.database);
            let text = more[0].text().split_whitespace().collect::<Vec<_>>().join(" ");
            assert!(text.contains("31 messages in the name of Mira"), "{text}");
            assert!(text.contains("lamplight held list rose"), "{text}");
            assert!(!text.contains(MIRA), "{text}");
        }
        assert_eq!(waiting(&world).await, 80, "{}: every one waits", world.database);
        assert_eq!(world.count(MIRA), ONE_BY_ONE, "{}: nor does she hear of each", world.database);
        assert_eq!((world.count(KIT), world.count(TOM)), (0, 0), "{}", world.database);
        // Somebody else's is told as ever.
        world.write(&Letter::new(KIT, ROSE, "Soup", "I had soup.")).await;
        assert_eq!(alone(&world, DANA), ONE_BY_ONE + 1, "{}", world.database);
        // An hour later the count begins anew.
        world.pass(HOUR + 1).await;
        forged(&world, MIRA, 80..125, "Buy this.").await;
        assert_eq!(alone(&world, DANA), 2 * ONE_BY_ONE + 1, "{}", world.database);
        assert_eq!(of_more(&world, DANA).len(), 2, "{}", world.database);
        assert_eq!(waiting(&world).await, 126, "{}", world.database);
    });
}

#[test]
fn danger_and_a_wish_not_to_live_are_never_gathered() {
    on_both(|world| async {
        let world = world.with_rose().await;
        forged(&world, MIRA, 0..40, "Buy this.").await;
        let before = alone(&world, DANA);
        forged(&world, MIRA, 40..45, CRY).await;
        assert_eq!(alone(&world, DANA), before + 5, "{}", world.database);
        forged(&world, MIRA, 45..50, "They would all be better off without me.").await;
        assert_eq!(alone(&world, DANA), before + 10, "{}", world.database);
        // Nor does danger use up the room of others: the limit counts what could be gathered.
        forged(&world, TOM, 0..35, "They would all be better off without me.").await;
        world.write(&Letter::new(TOM, ROSE, "Soup", "I had soup.")).await;
        assert_eq!(alone(&world, DANA), before + 10 + 36, "{}", world.database);
    });
}

#[test]
fn the_reminders_of_a_flood_are_gathered_as_well_and_nothing_ends() {
    on_both(|world| async {
        let world = world.with_rose().await;
        forged(&world, MIRA, 0..70, "Buy this.").await;
        let before = alone(&world, RUTH);
        world.pass(12 * HOUR).await;
        assert_eq!(alone(&world, RUTH), before + ONE_BY_ONE, "{}: reminders", world.database);
        assert_eq!(of_more(&world, RUTH).len(), 2, "{}: and one word about the others", world.database);
        let text = of_more(&world, RUTH)[1].text().split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(text.contains("70 messages"), "{text}");
        world.pass(12 * HOUR).await;
        assert!(world.latest(ADMIN).text().contains("70"), "{}: {}", world.database, world.latest(ADMIN).text());
        assert_eq!(waiting(&world).await, 70, "{}", world.database);
        // A notice of the flood decides about its post as ever.
        let one = world.mail_to(RUTH).into_iter().rfind(|mail| mail.subject().starts_with("1 message ")).unwrap();
        world.write(&Letter::answering(RUTH, &one, "Return: You did not write this, did you?")).await;
        world.pass(121).await;
        assert_eq!(waiting(&world).await, 69, "{}", world.database);
    });
}

#[test]
fn a_flood_in_a_moderators_name_is_gathered_for_her() {
    on_both(|world| async {
        let world = world.with_rose().await;
        world.add("rose", Role::Moderator, "eva@work.example", "Eva", Delivery::None, None).await;
        forged(&world, "eva@work.example", 0..50, "Buy this.").await;
        assert_eq!(world.count("eva@work.example"), ONE_BY_ONE + 1, "{}", world.database);
        assert_eq!(of_more(&world, "eva@work.example").len(), 1, "{}", world.database);
        assert_eq!((world.count(DANA), waiting(&world).await), (0, 50), "{}", world.database);
    });
}
