//! What a smarthost refuses while it is there: one copy, one return path, one recipient, or everything. Nobody else's mail
//! waits for it, and nothing is given up for a reason that may be ours.

use std::time::Duration;

use lamplight::engine::deliver::Pace;
use lamplight::model::member::{Delivery, Role};
use lamplight::store::way;

use crate::running::{post, quick, start, until};
use crate::support::{World, on_both, on_both_with};

const MIRA: &str = "mira@home.example";
const TOM: &str = "tom@home.example";
const KIT: &str = "kit@home.example";
const DANA: &str = "dana@work.example";
const RUTH: &str = "ruth@work.example";
const NORA: &str = "nora@work.example";
const ADMIN: &str = "admin@charity.example";
const HOUR: i64 = 3_600;
const DENIED: &str = "554 5.7.1 <kit@home.example>: Relay access denied";

/// Let the clock go on by so much.
fn go_on(world: &World, seconds: i64) {
    world.lamplight.clock.set(world.now().plus_seconds(seconds));
}

/// How many return paths were named to the smarthost.
fn asked(world: &World) -> usize {
    world.peer.transcript().iter().filter(|line| line.starts_with("MAIL")).count()
}

/// Mira's first post is held, with a word to her and to each moderator; a later one goes to everybody on `each`.
async fn one_held_and_one_published(world: World) -> World {
    post(&world, "mira", "Held", "My first words.").await;
    let world = world.openly().await;
    post(&world, "tom", "Open", "To all of you.").await;
    world
}

async fn has_attempts(world: &World, address: &str, attempts: i64) -> bool {
    world.row_to(address).await.attempts == attempts
}

#[test]
fn copies_that_a_filter_answers_421_keep_no_post_waiting() {
    on_both(|world| async {
        let world = world.with_rose().await;
        world.add("rose", Role::Moderator, NORA, "Nora", Delivery::None, None).await;
        world.peer.answer("RCPT", "421 4.7.0 try again later").to("@work.example");
        post(&world, "mira", "Held", "My first words.").await;
        let running = start(&world, quick());
        until("each moderator's was refused", async || {
            let heard = world.peer.transcript();
            heard.iter().filter(|line| line.starts_with("RCPT") && line.contains("@work.example")).count() >= 3
        })
        .await;
        let world = world.openly().await;
        post(&world, "tom", "Open", "To all of you.").await;
        until("the post is there", async || {
            go_on(&world, 15);
            world.count(KIT) + world.count(TOM) == 2
        })
        .await;
        until("each refusal is its copy's own", async || {
            let rows = [world.row_to(DANA).await, world.row_to(RUTH).await, world.row_to(NORA).await];
            rows.iter().all(|row| row.attempts > 0 && row.cause.as_ref().is_some_and(|it| it.starts_with("RCPT: 421")))
        })
        .await;
        world.peer.behave();
        until("the moderators have theirs", async || {
            go_on(&world, 60);
            [DANA, RUTH, NORA].iter().all(|moderator| world.count(moderator) == 1)
        })
        .await;
        running.stop().await;
        assert_eq!(world.rows_to(ADMIN).await.len(), 0, "{}", world.database);
    });
}

#[test]
fn a_refused_empty_return_path_keeps_no_other_mail_waiting() {
    on_both(|world| async {
        let world = world.with_rose().await;
        world.peer.answer("MAIL", "550 5.7.1 no bounces from here").to("<>");
        let world = one_held_and_one_published(world).await;
        let running = start(&world, quick());
        until("all others have theirs", async || {
            [KIT, TOM, DANA, RUTH, ADMIN].iter().all(|reader| world.count(reader) == 1)
        })
        .await;
        until("it is refused alone", async || has_attempts(&world, MIRA, 1).await).await;
        // Nobody waits for another one either.
        let (before, asked_before) = (world.count(TOM), asked(&world));
        post(&world, "kit", "More", "To all of you.").await;
        running.written.notify_one();
        until("the next post is there", async || world.count(TOM) == before + 1).await;
        assert!(asked(&world) <= asked_before + 2, "{}: the breaker stayed closed", world.database);
        assert_eq!(world.row_to(MIRA).await.state, "waiting", "{}: never given up at once", world.database);
        let told = world.latest(ADMIN).text();
        assert!(told.contains("MAIL: 550 5.7.1 no bounces from here") && told.contains("or not all of"), "{told}");
        world.peer.behave();
        go_on(&world, 60);
        until("Mira has hers", async || world.count(MIRA) == 1).await;
        running.stop().await;
        assert_eq!(world.rows_to(ADMIN).await.len(), 1, "{}: told once", world.database);
    });
}

#[test]
fn a_single_run_gets_past_a_refused_return_path_as_well() {
    on_both(|world| async {
        let world = world.with_rose().await;
        world.peer.answer("MAIL", "550 5.7.1 no bounces from here").to("<>");
        let world = one_held_and_one_published(world).await;
        let ticked = world.lamplight.run_due(&world.transport, world.now()).await.unwrap();
        assert!(!ticked.unreachable, "{}: {ticked:?}", world.database);
        for reader in [KIT, TOM, DANA, RUTH, ADMIN] {
            assert_eq!(world.count(reader), 1, "{}: {reader}", world.database);
        }
        assert!(has_attempts(&world, MIRA, 1).await, "{}", world.database);
    });
}

#[test]
fn an_hour_of_later_at_mail_costs_no_attempt() {
    on_both(|world| async {
        let world = world.with_rose().await;
        world.peer.answer("MAIL", "452 4.3.1 out of space");
        let world = one_held_and_one_published(world).await;
        let running = start(&world, Pace { probe: Duration::from_millis(30), ..quick() });
        for minutes in 0..60 {
            let before = asked(&world);
            until("it is asked again", async || asked(&world) > before).await;
            go_on(&world, 60);
            if minutes == 30 {
                post(&world, "kit", "More", "Still there?").await;
            }
        }
        for reader in [KIT, TOM, DANA, RUTH, MIRA] {
            for row in world.rows_to(reader).await {
                assert!(matches!(row.state.as_str(), "waiting" | "sending") && row.attempts <= 1, "{reader}");
            }
        }
        world.peer.behave();
        until("everything is there", async || world.count(KIT) + world.count(TOM) == 4 && world.count(MIRA) == 1).await;
        running.stop().await;
        for reader in [KIT, TOM, DANA, RUTH, MIRA] {
            for row in world.rows_to(reader).await {
                assert_eq!((row.state.as_str(), row.attempts), ("sent", 1), "{}: {reader}", world.database);
            }
        }
        assert_eq!(world.rows_to(ADMIN).await.len(), 0, "{}: it said later", world.database);
    });
}

#[test]
fn a_cause_stands_only_on_what_was_offered() {
    on_both_with(
        |config| config.outbound.connections = 1,
        |world| async {
            let world = world.with_rose().await.openly().await;
            world.peer.answer("MAIL", "550 5.7.1 not you");
            for number in 0..10 {
                post(&world, "mira", &format!("Note {number}"), "Will it go?").await;
            }
            world.run().await;
            let mut rows = world.rows_to(KIT).await;
            rows.extend(world.rows_to(TOM).await);
            let with_cause = rows.iter().filter(|row| row.cause.is_some()).count();
            assert!((1..=asked(&world)).contains(&with_cause), "{}: {with_cause} causes", world.database);
            assert!(with_cause < rows.len(), "{}: nothing was said of the others", world.database);
        },
    );
}

#[test]
fn relay_denied_for_an_hour_loses_nothing_and_the_administrators_hear_of_it() {
    on_both(|world| async {
        let world = world.with_rose().await.openly().await;
        world.says("mira", "Before", "All is well.").await;
        assert_eq!((world.count(KIT), world.count(TOM)), (1, 1));
        world.peer.answer("RCPT", DENIED);
        world.says("mira", "Meanwhile", "Will it go?").await;
        world.says("ada", "Dark", "I am going to kill myself tonight.").await;
        for minutes in [1, 5, 15, 30, 9] {
            world.pass(minutes * 60).await;
            world.says("tom", "More", "And this?").await;
        }
        for reader in [KIT, TOM, DANA, RUTH, ADMIN] {
            for row in world.rows_to(reader).await {
                let done = row.state == "sent";
                assert!(done || row.state == "waiting", "{}: {reader} {}", world.database, row.state);
            }
        }
        let told = world.rows_to(ADMIN).await.iter().filter(|row| row.template == "refused").count();
        assert_eq!(told, 1, "{}: told once", world.database);
        world.peer.behave();
        world.pass(67 * 60).await;
        for reader in [KIT, TOM] {
            assert_eq!(world.count(reader), 7, "{}: {:?}", world.database, world.subjects(reader));
        }
        assert_eq!((world.count(DANA), world.count(RUTH)), (1, 1), "{}: the alarm", world.database);
        assert!(world.mail_to(ADMIN).iter().any(|mail| mail.text().contains("RCPT: 554 5.7.1")), "{}", world.database);
    });
}

#[test]
fn a_smarthost_that_relays_to_its_own_house_alone_loses_nothing_either() {
    on_both(|world| async {
        let world = world.with_rose().await;
        world.peer.answer("RCPT", DENIED).to("@home.example");
        for number in 0..4 {
            let world = &world;
            post(world, "mira", &format!("Note {number}"), "For the moderators as well.").await;
            world.pass(20 * 60).await;
            assert_eq!(world.count(DANA), number + 1, "{}: moderators have theirs", world.database);
        }
        for row in world.rows_to(MIRA).await {
            assert_eq!(row.state, "waiting", "{}: {:?}", world.database, row.cause);
        }
        world.peer.behave();
        world.pass(67 * 60).await;
        assert!(world.rows_to(MIRA).await.iter().all(|row| row.state == "sent"), "{}", world.database);
    });
}

#[test]
fn one_recipient_refused_so_among_neighbours_is_given_up() {
    on_both(|world| async {
        let world = world.with_rose().await.openly().await;
        world.peer.answer("RCPT", "554 5.7.1 you may not write to her").to("kit@");
        world.says("mira", "One", "To all but one.").await;
        assert_eq!((world.count(KIT), world.count(TOM)), (0, 1));
        assert_eq!(world.row_to(KIT).await.state, "waiting", "{}: not believed at once", world.database);
        world.pass(30).await;
        world.says("mira", "Two", "To all but one.").await;
        assert_eq!(world.count(TOM), 2);
        world.pass(60).await;
        let states: Vec<String> = world.rows_to(KIT).await.into_iter().map(|row| row.state).collect();
        assert_eq!(states, ["failed", "waiting"], "{}: Tom had his since", world.database);
        world.pass(HOUR).await;
        world.says("mira", "Three", "To all but one.").await;
        world.pass(2 * HOUR).await;
        assert_eq!(world.rows_to(KIT).await[1].state, "failed", "{}", world.database);
        // Tried again by an administrator it begins anew.
        world.peer.behave();
        let mut tx = world.lamplight.store.begin().await.unwrap();
        lamplight::store::outbox::retry(&mut tx, None, world.now()).await.unwrap();
        tx.commit().await.unwrap();
        world.run().await;
        assert_eq!(world.count(KIT), 3, "{}", world.database);
    });
}

#[test]
fn two_recipients_refused_so_may_mean_us() {
    on_both(|world| async {
        let world = world.with_rose().await.openly().await;
        world.add("rose", Role::Member, "eve@home.example", "Eve", Delivery::Each, None).await;
        world.peer.answer("RCPT", DENIED).to("kit@");
        world.peer.answer("RCPT", DENIED).to("eve@");
        for _ in 0..6 {
            world.says("mira", "Note", "To all of you.").await;
            world.pass(20 * 60).await;
        }
        assert_eq!(world.count(TOM), 6, "{}", world.database);
        for reader in [KIT, "eve@home.example"] {
            assert!(
                world.rows_to(reader).await.iter().all(|row| row.state == "waiting"),
                "{}: {reader}",
                world.database
            );
        }
        world.peer.behave();
        world.pass(67 * 60).await;
        assert_eq!((world.count(KIT), world.count("eve@home.example")), (6, 6), "{}", world.database);
    });
}

#[test]
fn a_server_that_is_gone_does_not_say_for_ever_that_nothing_leaves() {
    on_both(|world| async {
        let world = world.with_rose().await.openly().await;
        let closed = async || way::closed(&mut world.lamplight.store.read().await.unwrap()).await.unwrap();
        let running = start(&world, quick());
        post(&world, "mira", "One", "To both of you.").await;
        until("mail flows, and that is written down", async || {
            world.row_to(KIT).await.state == "sent" && world.row_to(TOM).await.state == "sent"
        })
        .await;
        let mut tx = world.lamplight.store.begin().await.unwrap();
        way::set_closed(&mut tx, "connecting: no route", world.now()).await.unwrap();
        tx.commit().await.unwrap();
        assert!(closed().await.is_some_and(|closed| closed.cause == "connecting: no route"), "{}", world.database);
        go_on(&world, 61);
        assert!(closed().await.is_some(), "{}: nothing left since", world.database);
        post(&world, "mira", "Two", "To both of you.").await;
        running.written.notify_one();
        until("another server goes on", async || closed().await.is_none()).await;
        running.stop().await;
    });
}

#[test]
fn one_connection_too_many_rests_and_the_others_go_on() {
    on_both_with(
        |config| config.outbound.connections = 2,
        |world| async {
            let world = world.with_rose().await.openly().await;
            post(&world, "mira", "One", "To both of you.").await;
            // The first connection stays busy, the second one is not let in.
            world.peer.answer("BODY", "keep-wait-600 250 2.0.0 taken").times(1);
            world.peer.answer("CONNECT", "220 here").times(1);
            world.peer.answer("CONNECT", "421 4.7.0 too many connections");
            let running = start(&world, Pace { probe: Duration::from_secs(60), ..quick() });
            until("both have it", async || world.count(KIT) + world.count(TOM) == 2).await;
            running.stop().await;
            for reader in [KIT, TOM] {
                assert_eq!(world.row_to(reader).await.attempts, 1, "{}", world.database);
            }
        },
    );
}
