//! A group nobody looks after: its posts wait, and the administrators are told, again and again, until somebody does.

use lamplight::model::group::Moderation;
use lamplight::model::member::{Delivery, MemberState, Role};
use lamplight::model::post::PostState;

use crate::scene::{
    ADMIN, CRY, DANA, KIT, MIRA, ROSE, RUTH, TOM, besides_lists, copies, held_post, nobody_has_it, since, still_held,
};
use crate::support::{Letter, World, on_both};

const NORA: &str = "nora@work.example";

/// Group rose with members and no moderator.
async fn unwatched(world: World) -> World {
    world.add_group("rose", "Rose", Moderation::First).await;
    world.add("rose", Role::Member, KIT, "Kit", Delivery::Each, None).await;
    world.add("rose", Role::Member, TOM, "Tom", Delivery::Each, None).await;
    world
}

async fn lavender(world: &World) {
    world.write(&Letter::new(KIT, ROSE, "Waiting", "The ward smells of lavender today.")).await;
}

#[test]
fn the_administrators_hear_of_it_until_somebody_comes() {
    on_both(|world| async {
        let world = unwatched(world).await;
        lavender(&world).await;
        let told = world.latest(ADMIN);
        assert_eq!(told.subject(), "Rose: 1 message waits", "{}", world.database);
        assert!(!told.text().contains("lavender"), "an administrator is told of it, not its words: {}", told.text());
        assert_eq!(world.latest(KIT).subject(), "We have your message", "{}", world.database);
        for round in 1..=9_usize {
            world.pass(43_200).await;
            assert_eq!(world.count(ADMIN), 1 + round.div_ceil(2), "{}: late, then once a day", world.database);
            still_held(&world, "no moderator").await;
        }
        assert_eq!(world.latest(ADMIN).subject(), "Lamplight: 1 message waits for a moderator", "{}", world.database);
        world.add("rose", Role::Moderator, "moderator.new@work.example", "Nora", Delivery::None, None).await;
        world.pass(43_200).await;
        let notice = world.latest("moderator.new@work.example");
        assert!(
            notice.text().contains("This is a reminder") && notice.text().contains("lavender"),
            "{}",
            notice.text()
        );
        world.write(&Letter::answering("moderator.new@work.example", &notice, "Approve")).await;
        world.pass(121).await;
        assert_eq!(copies(&world, TOM), 1, "{}", world.database);
    });
}

#[test]
fn the_last_moderator_is_suspended() {
    on_both(|world| async {
        let world = world.with_rose().await;
        let (dana_s, _) = held_post(&world).await;
        world.change_person("rose", RUTH, |ruth| ruth.state = MemberState::Suspended).await;
        world.run().await;
        assert_eq!(world.count(ADMIN), 0, "{}: Dana is still there", world.database);
        world.change_person("rose", DANA, |dana| dana.state = MemberState::Suspended).await;
        world.run().await;
        assert_eq!(world.subjects(ADMIN), ["Rose: 1 message waits"], "{}", world.database);
        let (dana, ruth) = (world.count(DANA), world.count(RUTH));
        world.pass(43_200).await;
        assert_eq!((world.count(DANA), world.count(RUTH)), (dana, ruth), "{}: they hear nothing more", world.database);
        assert_eq!(world.count(ADMIN), 2, "{}", world.database);
        world.write(&Letter::answering(DANA, &dana_s, "Approve")).await;
        world.pass(121).await;
        still_held(&world, "nobody is a moderator").await;
        // Back again: the next reminder is hers.
        world.change_person("rose", DANA, |dana| dana.state = MemberState::Active).await;
        world.pass(43_200).await;
        assert_eq!((world.count(ADMIN), world.count(DANA)), (2, dana + 1), "{}", world.database);
        world.write(&Letter::answering(DANA, &world.latest(DANA), "Approve")).await;
        world.pass(121).await;
        assert_eq!(copies(&world, TOM), 1, "{}", world.database);
    });
}

#[test]
fn a_cry_for_help_where_nobody_reads_is_told_as_one() {
    on_both(|world| async {
        let world = unwatched(world).await;
        world.write(&Letter::new(KIT, ROSE, "Tonight", "I am going to kill myself tonight.")).await;
        assert_eq!(world.latest(ADMIN).subject(), "Rose: 1 message waits, please look now", "{}", world.database);
        assert!(world.latest(ADMIN).text().contains("Someone may be in danger"));
    });
}

/// Nobody could be asked but the administrators: whoever comes is asked at once, and has her time.
#[test]
fn whoever_comes_hears_at_once_of_what_nobody_was_asked_about() {
    on_both(|world| async {
        let world = unwatched(world).await;
        world.write(&Letter::new(KIT, ROSE, "Tonight", CRY)).await;
        world.write(&Letter::new(TOM, "rose-owner@groups.example", "Alone", CRY)).await;
        world.write(&Letter::new("june@else.example", ROSE, "Please", CRY)).await;
        world.write(&Letter::new(TOM, ROSE, "Tea", "Peppermint helps me.")).await;
        world.pass(100).await;
        let administrators = world.count(ADMIN);
        world.add("rose", Role::Moderator, NORA, "Nora", Delivery::None, None).await;
        world.run().await;
        let got = world.mail_to(NORA);
        assert_eq!(got.len(), 3, "{}: {:?}", world.database, world.subjects(NORA));
        for mail in &got {
            assert_eq!(mail.subject(), "1 message to read now", "{}", world.database);
            assert!(mail.text().contains("kill myself tonight"), "{}: {}", world.database, mail.text());
            assert!(mail.text().contains("with the word MINE"), "{}: {}", world.database, mail.text());
            assert!(mail.text().contains("Without an answer"), "{}: {}", world.database, mail.text());
        }
        assert_eq!(world.count(ADMIN), administrators, "{}: they are asked by the clock", world.database);
        // She has a quarter of an hour from now, not from when they were raised.
        world.pass(14 * 60).await;
        assert_eq!((world.count(NORA), world.count(ADMIN)), (3, administrators), "{}", world.database);
        for mail in &got {
            world.write(&Letter::answering(NORA, mail, "Mine")).await;
        }
        let told = world.count(ADMIN);
        world.pass(2 * 3_600).await;
        assert_eq!(world.count(ADMIN), told, "{}: nothing climbs any more", world.database);
        // Who comes second was not missed: the first has it in hand.
        world.write(&Letter::new(KIT, ROSE, "Tonight", CRY)).await;
        world.add("rose", Role::Moderator, "second@work.example", "Zoe", Delivery::None, None).await;
        world.run().await;
        assert_eq!(world.count("second@work.example"), 0, "{}", world.database);
    });
}

#[test]
fn a_moderator_who_is_back_hears_at_once_as_well() {
    on_both(|world| async {
        let world = world.with_rose().await;
        for who in [DANA, RUTH] {
            world.change_person("rose", who, |person| person.state = MemberState::Suspended).await;
        }
        world.write(&Letter::new(KIT, ROSE, "Tonight", CRY)).await;
        assert_eq!((world.count(DANA), world.count(RUTH)), (0, 0), "{}", world.database);
        world.change_person("rose", DANA, |dana| dana.state = MemberState::Active).await;
        world.run().await;
        assert_eq!(world.subjects(DANA), ["1 message to read now"], "{}", world.database);
        world.pass(15 * 60).await;
        assert!(world.latest(ADMIN).subject().contains("an alert without an answer"), "{}", world.database);
        world.write(&Letter::answering(DANA, &world.latest(DANA), "Mine")).await;
        let told = world.count(ADMIN);
        world.pass(2 * 3_600).await;
        assert_eq!(world.count(ADMIN), told, "{}", world.database);
    });
}

#[test]
fn reminders_come_with_fresh_tokens_as_long_as_it_takes() {
    on_both(|world| async {
        let world = world.with_rose().await;
        let (first, _) = held_post(&world).await;
        let mut addresses = vec![first.reply_address()];
        world.pass(43_199).await;
        assert_eq!(world.count(DANA), 1, "{}: not yet", world.database);
        world.pass(1).await;
        for day in 1..=35 {
            world.pass(43_200).await;
            addresses.push(world.latest(DANA).reply_address());
            assert_eq!((world.count(DANA), world.count(RUTH)), (day + 2, day + 2), "{}", world.database);
            world.pass(43_200).await;
        }
        let all = addresses.len();
        addresses.sort();
        addresses.dedup();
        assert_eq!(addresses.len(), all, "{}: each notice has a token of its own", world.database);
        still_held(&world, "35 days").await;
        world.write(&Letter::answering(RUTH, &world.mail_to(RUTH)[20], "Approve")).await;
        world.pass(121).await;
        assert_eq!(copies(&world, TOM), 1, "{}: a reminder of the last thirty days decides", world.database);
        let heard = world.count(DANA);
        world.pass(43_200).await;
        let more = since(&world, DANA, heard);
        assert!(more.iter().all(|mail| !mail.subject().contains("to read")), "{}: no more reminders", world.database);
    });
}

#[test]
fn no_reminder_while_a_decision_stands() {
    on_both(|world| async {
        let world = world.with_rose().await;
        let (notice, _) = held_post(&world).await;
        world.pass(43_199).await;
        world.write(&Letter::answering(DANA, &notice, "Approve")).await;
        let before = world.count(DANA);
        world.pass(60).await;
        assert_eq!(world.count(DANA), before, "{}", world.database);
    });
}

#[test]
fn hold_everything_binds_at_once() {
    on_both(|world| async {
        let world = world.with_rose().await;
        let now = world.now();
        world.change_person("rose", KIT, |kit| kit.trusted_since = Some(now)).await;
        world.write(&Letter::new(KIT, ROSE, "Tea", "Peppermint helps me.")).await;
        assert!(world.latest(TOM).text().contains("Peppermint"), "{}: trusted", world.database);
        world.change_group("rose", |rose| rose.hold_everything_since = Some(now)).await;
        let tom = world.count(TOM);
        lavender(&world).await;
        world.pass(86_400).await;
        assert_eq!(world.count(TOM), tom, "{}", world.database);
        nobody_has_it(&world, "hold-everything");
        let notice = besides_lists(&world, RUTH).pop().unwrap();
        assert!(notice.text().contains("hold everything"), "{}", notice.text());
        // Off again: the next goes out, the one that waited still waits for a person.
        world.change_group("rose", |rose| rose.hold_everything_since = None).await;
        world.write(&Letter::new(KIT, ROSE, "Ginger", "Ginger, too.")).await;
        assert_eq!(world.count(TOM), tom + 1, "{}", world.database);
        world.pass(86_400).await;
        nobody_has_it(&world, "hold-everything is off");
        assert_eq!(world.posts().await[1].state, PostState::Held, "{}", world.database);
    });
}

/// The brake stops what is under way: an approval in its undo window, and copies that wait.
#[test]
fn hold_everything_stops_what_is_under_way() {
    on_both(|world| async {
        let world = world.with_rose().await;
        let (notice, _) = held_post(&world).await;
        world.write(&Letter::answering(DANA, &notice, "Approve")).await;
        world.pass(60).await;
        let now = world.now();
        world.change_group("rose", |rose| rose.hold_everything_since = Some(now)).await;
        world.pass(3_600).await;
        still_held(&world, "the brake in the undo window").await;
        assert_eq!(world.latest(RUTH).subject().split(" by").next(), Some("1 message to read"), "{}", world.database);
        world.write(&Letter::answering(DANA, &notice, "Approve")).await;
        world.pass(121).await;
        still_held(&world, "the used token after the brake").await;
        world.write(&Letter::answering(RUTH, &world.latest(RUTH), "Approve")).await;
        world.pass(121).await;
        assert_eq!(copies(&world, TOM), 1, "{}: a decision made under the brake counts", world.database);
    });
}

/// A digest that falls due under the brake waits for its end, with all that was published before.
#[test]
fn hold_everything_keeps_digests_back() {
    on_both(|world| async {
        let world = world.with_rose().await;
        let now = world.now();
        world.change_person("rose", KIT, |kit| kit.trusted_since = Some(now)).await;
        world.write(&Letter::new(KIT, ROSE, "Tea", "Peppermint helps me.")).await;
        world.change_group("rose", |rose| rose.hold_everything_since = Some(now)).await;
        let mira = world.count(MIRA);
        world.pass(86_400).await;
        assert_eq!(world.count(MIRA), mira, "{}: the hour has passed", world.database);
        world.change_group("rose", |rose| rose.hold_everything_since = None).await;
        world.pass(1).await;
        assert_eq!(world.count(MIRA), mira + 1, "{}", world.database);
        assert!(world.latest(MIRA).text().contains("Peppermint"), "{}", world.database);
        world.pass(1).await;
        assert_eq!(world.count(MIRA), mira + 1, "{}: once", world.database);
    });
}

#[test]
fn mail_to_the_private_line_reaches_the_administrators_too() {
    on_both(|world| async {
        let world = unwatched(world).await;
        world.write(&Letter::new(KIT, "rose-owner@groups.example", "A question", "May I bring my sister?")).await;
        assert!(world.latest(ADMIN).text().contains("May I bring my sister?"), "{}", world.database);
        assert_eq!((world.count(TOM), world.count(MIRA)), (0, 0));
    });
}
