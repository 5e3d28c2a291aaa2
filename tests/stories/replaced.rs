//! An alarm that waits while its moderators are replaced reaches whoever looks after the group now, once.

use lamplight::model::member::{Delivery, MemberState, Role};
use lamplight::store::alerts;

use crate::scene::{ADMIN, DANA, MIRA, ROSE, RUTH, TOM};
use crate::support::{Letter, World, on_both_with};

const CRY: &str = "I am going to kill myself tonight.";
const EVE: &str = "eve@work.example";
const OWNER: &str = "rose-owner@groups.example";

/// How alerts climb is another story.
fn patient(config: &mut lamplight::config::Config) {
    config.moderation.alert_minutes = 10_000;
}

/// A cry to the private line, one to the group, one of a stranger and a question, while the smarthost is away. What somebody asks
/// while her cry waits is read as soon as the cry, by whoever reads that.
async fn cries_wait(world: &World) {
    world.peer.answer("CONNECT", "421 4.3.2 away");
    world.write(&Letter::new(MIRA, OWNER, "Privately", CRY)).await;
    world.write(&Letter::new(TOM, ROSE, "To all", CRY)).await;
    world.write(&Letter::new("else@far.example", ROSE, "From afar", CRY)).await;
    world.write(&Letter::new(MIRA, OWNER, "A question", "May I bring my sister?")).await;
}

async fn suspend(world: &World, moderators: &[&str]) {
    for moderator in moderators {
        world.change_person("rose", moderator, |one| one.state = MemberState::Suspended).await;
    }
}

async fn comes_back(world: &World) {
    world.peer.behave();
    for seconds in [600, 3_600, 7_200] {
        world.pass(seconds).await;
    }
}

/// The templates of the mails that somebody got.
async fn got(world: &World, address: &str) -> Vec<String> {
    let rows = world.rows_to(address).await;
    let mut sent: Vec<String> = rows.into_iter().filter(|row| row.state == "sent").map(|row| row.template).collect();
    sent.sort();
    sent
}

#[test]
fn whoever_comes_after_them_hears_it_once() {
    on_both_with(patient, |world| async {
        let world = world.with_rose().await;
        cries_wait(&world).await;
        world.add("rose", Role::Moderator, EVE, "Eve", Delivery::None, None).await;
        suspend(&world, &[DANA, RUTH]).await;
        comes_back(&world).await;
        assert_eq!(
            got(&world, EVE).await,
            ["hold", "private-line", "private-line", "stranger-urgent"],
            "{}",
            world.database
        );
        assert_eq!((world.count(DANA), world.count(RUTH), world.count(ADMIN)), (0, 0, 0), "{}", world.database);
        let open = alerts::list(&mut world.lamplight.store.read().await.unwrap(), None, false).await.unwrap();
        assert_eq!(open.len(), 3, "{}: what is told anew is no second alert", world.database);
        let notice = world.mail_to(EVE).into_iter().find(|mail| mail.reply_address().contains("+m.")).unwrap();
        world.write(&Letter::answering(EVE, &notice, "Return: I call you now.")).await;
        world.pass(121).await;
        assert!(world.latest(TOM).text().contains("I call you now."), "{}: her own token decides", world.database);
        let dropped = world.rows_to(DANA).await;
        assert!(dropped.iter().all(|row| row.state == "dropped"), "{}: {dropped:?}", world.database);
    });
}

#[test]
fn where_nobody_comes_after_them_the_administrators_hear_it() {
    on_both_with(patient, |world| async {
        let world = world.with_rose().await;
        cries_wait(&world).await;
        suspend(&world, &[DANA, RUTH]).await;
        comes_back(&world).await;
        // The first word on the post is that the last moderator has gone.
        let expected = ["no-moderator", "no-moderator", "private-line", "private-line", "stranger-urgent"];
        assert_eq!(got(&world, ADMIN).await, expected, "{}", world.database);
        let waits = world.mail_to(ADMIN).into_iter().find(|mail| mail.subject().ends_with("waits, please look now"));
        assert!(!waits.unwrap().text().contains("kill"), "{}: an administrator is told of it only", world.database);
    });
}

#[test]
fn one_who_stays_has_her_own_copy_and_nobody_gets_another() {
    on_both_with(patient, |world| async {
        let world = world.with_rose().await;
        cries_wait(&world).await;
        world.add("rose", Role::Moderator, EVE, "Eve", Delivery::None, None).await;
        suspend(&world, &[DANA]).await;
        comes_back(&world).await;
        assert_eq!(got(&world, RUTH).await, ["hold", "private-line", "private-line", "stranger-urgent"]);
        assert_eq!((world.count(DANA), world.count(EVE)), (0, 0), "{}", world.database);
        // Her address refuses the next one after her colleague has gone: the administrators know that nobody has it.
        suspend(&world, &[EVE]).await;
        world.peer.answer("RCPT", "550 5.1.1 no such user").to("ruth@");
        world.write(&Letter::new(MIRA, OWNER, "Again", CRY)).await;
        assert_eq!(got(&world, ADMIN).await, ["alert-unanswered", "undelivered"], "{}", world.database);
    });
}

#[test]
fn one_who_is_back_gets_it_after_all() {
    on_both_with(patient, |world| async {
        let world = world.with_rose().await;
        cries_wait(&world).await;
        world.add("rose", Role::Moderator, EVE, "Eve", Delivery::None, None).await;
        suspend(&world, &[DANA, RUTH]).await;
        world.peer.behave();
        world.peer.answer("RCPT", "451 4.3.0 later").to("eve@");
        world.pass(600).await;
        assert_eq!(world.count(EVE), 0, "{}", world.database);
        suspend(&world, &[EVE]).await;
        world.change_person("rose", DANA, |dana| dana.state = MemberState::Active).await;
        comes_back(&world).await;
        assert_eq!(
            got(&world, DANA).await,
            ["hold", "private-line", "private-line", "stranger-urgent"],
            "{}",
            world.database
        );
        assert_eq!(world.count(EVE), 0, "{}", world.database);
    });
}
