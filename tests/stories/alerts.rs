//! Somebody may be in danger: whoever is on call hears it at once, then the next one, then the administrators, for as long
//! as nobody answers; and what its author is told is true.

use lamplight::model::ids::MemberId;
use lamplight::model::member::{Delivery, Role};
use lamplight::model::post::PostState;
use lamplight::store::alerts::{self, Alert};
use lamplight::store::{audit, rota};

use crate::scene::{ADMIN, DANA, MIRA, ROSE, RUTH};
use crate::support::{Captured, Letter, World, on_both, on_both_with};

pub const CRY: &str = "I am going to kill myself tonight.";
pub const EVE: &str = "eve@work.example";
pub const OWNER: &str = "rose-owner@groups.example";
pub const MINUTE: i64 = 60;

pub async fn on_call(world: &World, order: &[&str]) {
    let mut ids: Vec<MemberId> = Vec::new();
    for address in order {
        ids.push(world.person("rose", address).await.id);
    }
    let group = world.group("rose").await.id;
    let mut tx = world.lamplight.store.begin().await.unwrap();
    rota::set(&mut tx, group, &ids).await.unwrap();
    tx.commit().await.unwrap();
}

pub async fn away(world: &World, address: &str, hours: i64) {
    let id = world.person("rose", address).await.id;
    let mut tx = world.lamplight.store.begin().await.unwrap();
    rota::set_away(&mut tx, id, world.now().plus_seconds(3_600 * hours)).await.unwrap();
    tx.commit().await.unwrap();
}

pub async fn all(world: &World) -> Vec<Alert> {
    alerts::list(&mut world.lamplight.store.read().await.unwrap(), None, true).await.unwrap()
}

/// The templates of the mails that somebody got, in order.
async fn got(world: &World, address: &str) -> Vec<String> {
    world.rows_to(address).await.into_iter().filter(|row| row.state == "sent").map(|row| row.template).collect()
}

/// Dana is on call, then Ruth; Eve is a moderator as well.
pub async fn with_rota(world: World) -> World {
    let world = world.with_rose().await;
    world.add("rose", Role::Moderator, EVE, "Eve", Delivery::None, None).await;
    on_call(&world, &[DANA, RUTH]).await;
    world
}

#[test]
fn it_climbs_until_somebody_answers_mine() {
    on_both(|world| async {
        let world = with_rota(world).await;
        world.write(&Letter::new(MIRA, ROSE, "Dark", CRY)).await;
        let first = world.latest(DANA);
        assert!(
            first.text().contains("reply with the word MINE") && first.text().contains("Without an answer we ask Ruth")
        );
        // The others have the post as any held one.
        assert!(!world.latest(RUTH).text().contains("Without an answer"), "{}", world.database);
        assert_eq!((world.count(RUTH), world.count(EVE), world.count(ADMIN)), (1, 1, 0), "{}", world.database);
        world.pass(14 * MINUTE).await;
        assert_eq!(world.count(RUTH), 1, "{}: not yet", world.database);
        world.pass(MINUTE).await;
        let second = world.latest(RUTH);
        assert!(second.text().contains("Asked before you") && second.text().contains("- Dana, "), "{}", second.text());
        assert!(second.text().contains("Without an answer we ask the administrators"), "{}", second.text());
        world.pass(15 * MINUTE).await;
        let third = world.latest(ADMIN);
        assert!(
            third.text().contains("Dana <dana@work.example>") && third.text().contains("held show"),
            "{}",
            third.text()
        );
        assert!(!third.text().contains("kill"), "{}: an administrator does not get the words", world.database);
        // Everybody, again and again.
        world.pass(15 * MINUTE).await;
        assert_eq!((world.count(DANA), world.count(RUTH), world.count(EVE), world.count(ADMIN)), (2, 3, 2, 2));
        world.pass(15 * MINUTE).await;
        assert_eq!((world.count(DANA), world.count(EVE), world.count(ADMIN)), (3, 3, 3), "{}", world.database);
        // An answer that is none changes nothing.
        world.write(&Letter::answering(DANA, &world.latest(DANA), "Oh no.")).await;
        world
            .write(
                &Letter::answering(RUTH, &world.latest(RUTH), "I am out of the office.")
                    .with("Auto-Submitted: auto-replied"),
            )
            .await;
        assert!(all(&world).await[0].ended_at.is_none(), "{}", world.database);
        world.write(&Letter::answering(RUTH, &second, "mine")).await;
        let ended = &all(&world).await[0];
        assert_eq!(
            (ended.ended_how.as_deref(), ended.ended_by),
            (Some("mine"), Some(world.person("rose", RUTH).await.id))
        );
        assert_eq!(world.latest(ADMIN).subject(), "Ruth looks after it", "{}", world.database);
        let counts = (world.count(DANA), world.count(RUTH), world.count(EVE), world.count(ADMIN));
        world.pass(5 * 3_600).await;
        assert_eq!(
            counts,
            (world.count(DANA), world.count(RUTH), world.count(EVE), world.count(ADMIN)),
            "{}",
            world.database
        );
        let mut db = world.lamplight.store.read().await.unwrap();
        let subject = format!("alert:{}", ended.id);
        let wanted = audit::Wanted { subject: Some(&subject), ..audit::Wanted::default() };
        let record = audit::list(&mut db, &wanted).await.unwrap();
        let actions: Vec<&str> = record.iter().map(|line| line.action.as_str()).collect();
        let expected = [
            "alert-raised",
            "crisis-text",
            "alert-climbed",
            "alert-climbed",
            "alert-climbed",
            "alert-climbed",
            "alert-ended",
        ];
        assert_eq!(actions, expected, "{}", world.database);
        world.assert_one_reader_each();
    });
}

#[test]
fn over_a_weekend_with_one_away_it_goes_on_for_as_long_as_it_takes() {
    on_both(|world| async {
        let world = with_rota(world).await;
        away(&world, DANA, 72).await;
        world.write(&Letter::new(MIRA, ROSE, "Dark", CRY)).await;
        assert!(
            world.latest(RUTH).text().contains("reply with the word MINE"),
            "{}: she is asked first",
            world.database
        );
        assert_eq!(world.count(DANA), 1, "{}: whoever is away still has the post", world.database);
        assert!(!world.latest(DANA).text().contains("Without an answer"), "{}", world.database);
        let mut hours = 0;
        while hours < 60 {
            world.pass(3_600).await;
            hours += 1;
        }
        let alert = &all(&world).await[0];
        assert!(alert.ended_at.is_none() && alert.step > 55, "{}: step {}", world.database, alert.step);
        assert!(world.count(ADMIN) >= 55, "{}: {}", world.database, world.count(ADMIN));
        assert_eq!(world.posts().await[0].state, PostState::Held, "{}", world.database);
        // Her decision ends it as well.
        world.write(&Letter::answering(RUTH, &world.latest(RUTH), "Return: I have telephoned you.")).await;
        assert_eq!(all(&world).await[0].ended_how.as_deref(), Some("return"), "{}", world.database);
    });
}

#[test]
fn the_author_is_told_of_an_alert_only_when_it_was_taken() {
    on_both(|world| async {
        let world = with_rota(world).await;
        world.change_group("rose", |group| (group.emergency_number, group.lifeline) = (None, None)).await;
        world.write(&Letter::new(MIRA, ROSE, "Dark", CRY)).await;
        let text = world.latest(MIRA);
        assert_eq!(text.subject(), "About your message", "{}", world.database);
        assert!(text.text().contains("We have alerted a social worker"), "{}", text.text());
        assert!(!text.text().contains("911"), "{}: no number was set", world.database);
        // Within the hour the second cry is an alert of its own, and its author has "we have your message".
        world.change_group("rose", |group| group.emergency_number = Some("911".into())).await;
        world.write(&Letter::new(MIRA, ROSE, "Darker", "I took all the pills. I am going to kill myself.")).await;
        assert_eq!(all(&world).await.len(), 2, "{}", world.database);
        assert_eq!(world.latest(MIRA).subject(), "We have your message", "{}", world.database);
        assert!(world.latest(MIRA).text().contains("Call 911."), "{}", world.database);
        world.pass(3_601).await;
        // The smarthost does not take the alert: after a minute the text goes without saying that anybody was alerted.
        world.peer.answer("RCPT", "451 4.3.0 later").to("@work.example");
        world.write(&Letter::new(MIRA, ROSE, "Again", "I want to kill myself tonight, I have the pills.")).await;
        world.pass(30).await;
        assert_eq!(world.latest(MIRA).subject(), "We have your message", "{}: it waits", world.database);
        world.pass(31).await;
        let plain = world.latest(MIRA);
        assert_eq!(plain.subject(), "About your message", "{}", world.database);
        assert!(!plain.text().contains("alerted") && plain.text().contains("call 911"), "{}", plain.text());
    });
}

#[test]
fn while_the_smarthost_is_down_nothing_climbs_and_the_alert_leaves_first() {
    // One after the other, so that what arrives first has left first.
    on_both_with(
        |config| config.outbound.connections = 1,
        |world| async {
            let world = with_rota(world).await.openly().await;
            world.peer.answer("CONNECT", "421 4.3.2 away");
            world.write(&Letter::new("kit@home.example", ROSE, "Soup", "I had soup.")).await;
            world.write(&Letter::new(MIRA, ROSE, "Dark", CRY)).await;
            world.pass(2 * 3_600).await;
            assert_eq!(all(&world).await[0].step, 0, "{}: nobody was asked in vain", world.database);
            world.peer.behave();
            world.pass(10 * MINUTE).await;
            let order: Vec<String> = world.peer.mail().iter().map(|mail| mail.recipients[0].clone()).collect();
            assert_eq!(order.first().map(String::as_str), Some(DANA), "{}: {order:?}", world.database);
            let text = world.latest(MIRA);
            assert!(text.subject() == "About your message" && !text.text().contains("alerted"), "{}", text.text());
            world.pass(16 * MINUTE).await;
            assert!(world.latest(RUTH).text().contains("Asked before you"), "{}: then it climbs", world.database);
        },
    );
}

#[test]
fn one_that_comes_back_climbs_at_once() {
    on_both(|world| async {
        let world = with_rota(world).await;
        world.peer.answer("RCPT", "550 5.1.1 no such user").to("dana@");
        world.write(&Letter::new(MIRA, ROSE, "Dark", CRY)).await;
        world.pass(1).await;
        assert!(world.latest(RUTH).text().contains("Asked before you"), "{}", world.latest(RUTH).text());
        assert_eq!(all(&world).await[0].step, 1, "{}", world.database);
        world.pass(10 * MINUTE).await;
        assert_eq!(all(&world).await[0].step, 1, "{}: then by the clock again", world.database);
    });
}

#[test]
fn the_private_line_and_strangers_are_alerts_as_well() {
    on_both(|world| async {
        let world = with_rota(world).await;
        world.write(&Letter::new(MIRA, OWNER, "Privately", CRY)).await;
        assert_eq!(world.latest(MIRA).subject(), "About your message", "{}", world.database);
        assert_eq!(got(&world, EVE).await, ["private-line"], "{}: it is for all of them", world.database);
        world.pass(15 * MINUTE).await;
        let climbed = world.latest(RUTH);
        assert!(climbed.text().contains("- Dana, "), "{}", climbed.text());
        assert!(!climbed.text().contains(MIRA), "{}: under her pseudonym", world.database);
        world.write(&Letter::answering(RUTH, &climbed, "approve")).await;
        assert!(world.latest(RUTH).text().contains("It asks only for the word"), "{}", world.latest(RUTH).text());
        world.write(&Letter::answering(EVE, &climbed, "mine")).await;
        assert!(all(&world).await[0].ended_at.is_none(), "{}: it was not sent to her", world.database);
        world.write(&Letter::answering(RUTH, &climbed, "Mine, thanks")).await;
        assert_eq!(all(&world).await[0].ended_how.as_deref(), Some("mine"), "{}", world.database);
        assert_eq!(world.latest(DANA).subject(), "Ruth looks after it", "{}", world.database);
        let hers = world.latest(RUTH);
        assert_eq!(hers.subject(), "You look after it", "{}", world.database);
        assert!(hers.text().contains("You look after") && !hers.text().contains("Ruth looks"), "{}", hers.text());
        // Two strangers within one step are one alert, and its climb tells of both.
        world.write(&Letter::new("june@else.example", ROSE, "Please", "I am going to kill myself now. (one)")).await;
        world.write(&Letter::new("july@else.example", ROSE, "Please", "I am going to kill myself now. (two)")).await;
        // The second is about what Eve's mail held; it is a moderator's, and no stranger joins it.
        assert_eq!(all(&world).await.len(), 3, "{}", world.database);
        assert!(world.latest(DANA).text().contains("(two)"), "{}", world.database);
        world.pass(15 * MINUTE).await;
        let tells_of_both = |mail: &Captured| mail.text().contains("(one)") && mail.text().contains("(two)");
        assert!(world.mail_to(RUTH).iter().any(tells_of_both), "{}", world.database);
        assert_eq!(world.count("june@else.example"), 0, "{}", world.database);
    });
}

#[test]
fn that_its_author_takes_it_back_is_no_answer() {
    on_both(|world| async {
        let world = with_rota(world).await;
        world.write(&Letter::new(MIRA, ROSE, "Dark", CRY)).await;
        world.write(&Letter::answering(MIRA, &world.latest(MIRA), "Take back")).await;
        assert_eq!(world.posts().await[0].state, PostState::Withdrawn, "{}", world.database);
        world.pass(15 * MINUTE).await;
        let climbed = world.latest(RUTH);
        assert!(climbed.text().contains("Asked before you"), "{}", climbed.text());
        world.write(&Letter::answering(RUTH, &climbed, "MINE")).await;
        assert_eq!(all(&world).await[0].ended_how.as_deref(), Some("mine"), "{}", world.database);
    });
}

#[test]
fn without_a_rota_all_are_asked_at_once_and_then_the_administrators() {
    on_both(|world| async {
        let world = world.with_rose().await;
        world.write(&Letter::new(MIRA, ROSE, "Dark", CRY)).await;
        for moderator in [DANA, RUTH] {
            let text = world.latest(moderator).text();
            assert!(text.contains("Without an answer we ask the administrators"), "{}: {text}", world.database);
        }
        world.pass(15 * MINUTE).await;
        assert_eq!(got(&world, ADMIN).await, ["alert-unanswered"], "{}", world.database);
        assert_eq!((world.count(DANA), world.count(RUTH)), (1, 1), "{}", world.database);
    });
}

#[test]
fn a_climb_outlasts_the_program_and_two_servers_take_each_step_once() {
    on_both(|world| async {
        let world = with_rota(world).await;
        world.write(&Letter::new(MIRA, ROSE, "Dark", CRY)).await;
        let later = world.now().plus_seconds(15 * MINUTE);
        let other = lamplight::engine::Lamplight::open(
            (*world.lamplight.config).clone(),
            lamplight::clock::Clock::fixed(later),
            lamplight::engine::Opening::Existing,
        );
        let other = other.await.unwrap();
        let (one, two) = tokio::join!(world.lamplight.tick(later), other.tick(later));
        assert_eq!(one.unwrap().climbed + two.unwrap().climbed, 1, "{}", world.database);
        world.pass(15 * MINUTE).await;
        assert_eq!(all(&world).await[0].step, 1, "{}", world.database);
        assert_eq!(world.count(RUTH), 2, "{}", world.database);
    });
}
