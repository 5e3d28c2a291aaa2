//! A moderator's private words that don't reach the member: the moderators hear of it, under the member's pseudonym, because
//! each of them believes that she was answered.

use crate::scene::{self, ADMIN, DANA, KIT, ROSE, RUTH, TOM};
use crate::support::{Captured, Letter, World, on_both};

const OWNER: &str = "rose-owner@groups.example";
const DAY: i64 = 86_400;

async fn question(world: &World) -> Captured {
    world.write(&Letter::new(KIT, OWNER, "A question", "May I bring my sister?")).await;
    world.latest(DANA)
}

async fn comes_back(world: &World, path: &str, words: &str) {
    let subject = "Undelivered Mail Returned to Sender";
    let bytes = scene::report("MAILER-DAEMON@groups.example", path, subject, "delivery-status", words);
    let bytes = String::from_utf8_lossy(&bytes).replace(DANA, KIT);
    scene::send(world, "", &[path], bytes.as_bytes()).await;
}

fn words(mail: &Captured) -> String {
    mail.text().split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Both moderators were told once more, under a pseudonym, and nobody else.
fn told(world: &World, before: (usize, usize), by: &str) {
    assert_eq!((world.count(DANA), world.count(RUTH)), (before.0 + 1, before.1 + 1), "{}: {by}", world.database);
    for moderator in [DANA, RUTH] {
        let mail = world.latest(moderator);
        assert_eq!(mail.subject(), "An answer did not reach its reader", "{}: {by}", world.database);
        assert!(words(&mail).contains("To Kit, written Monday 23 November"), "{}: {}", world.database, mail.text());
        let raw = String::from_utf8_lossy(&mail.raw).into_owned() + &mail.text() + &mail.html();
        assert!(!raw.contains(KIT) && !raw.contains("Waller"), "{}: her address is in it", world.database);
    }
    assert_eq!((world.count(ADMIN), world.count(TOM)), (0, 0), "{}", world.database);
}

#[test]
fn an_answer_in_a_talk_that_comes_back() {
    on_both(|world| async {
        let world = world.with_rose().await;
        let dana = question(&world).await;
        world.write(&Letter::answering(DANA, &dana, "Of course. How old is she?")).await;
        let path = world.latest(KIT).reverse_path;
        let before = (world.count(DANA), world.count(RUTH));
        comes_back(&world, &path, "<kit@home.example>: no such user").await;
        told(&world, before, "Dana");
        // Once, however often it comes back.
        comes_back(&world, &path, "Again: <kit@home.example>: no such user").await;
        world.pass(DAY).await;
        assert_eq!((world.count(DANA), world.count(RUTH)), (before.0 + 1, before.1 + 1), "{}", world.database);
    });
}

#[test]
fn an_answer_that_the_smarthost_refuses() {
    on_both(|world| async {
        let world = world.with_rose().await;
        let dana = question(&world).await;
        world.peer.answer("RCPT", "550 5.1.1 <kit@home.example> no such user").to("kit@");
        let before = (world.count(DANA), world.count(RUTH) + 1);
        world.write(&Letter::answering(DANA, &dana, "Of course. How old is she?")).await;
        world.pass(1).await;
        told(&world, before, "Dana");
    });
}

#[test]
fn a_private_note_and_a_returned_message_that_come_back() {
    on_both(|world| async {
        let world = world.with_rose().await;
        world.write(&Letter::new(KIT, ROSE, "Hello", "My scan is on Thursday.")).await;
        let notice = world.latest(RUTH);
        world.write(&Letter::answering(RUTH, &notice, "Private: Would you like to talk on Wednesday?")).await;
        let before = (world.count(DANA), world.count(RUTH));
        comes_back(&world, &world.latest(KIT).reverse_path, "The mailbox is gone.").await;
        told(&world, before, "Ruth");
        world.write(&Letter::answering(RUTH, &notice, "Return: Could you leave out the day?")).await;
        world.pass(121).await;
        let before = (world.count(DANA), world.count(RUTH));
        comes_back(&world, &world.latest(KIT).reverse_path, "The mailbox is gone, too.").await;
        told(&world, before, "Ruth");
    });
}

#[test]
fn a_copy_of_the_group_that_comes_back_is_no_answer() {
    on_both(|world| async {
        let world = world.with_rose().await.openly().await;
        world.write(&Letter::new(TOM, ROSE, "Soup", "I had soup.")).await;
        let before = (world.count(DANA), world.count(RUTH));
        comes_back(&world, &world.latest(KIT).reverse_path, "The mailbox is gone.").await;
        world.pass(1).await;
        assert_eq!((world.count(DANA), world.count(RUTH)), before, "{}", world.database);
    });
}
