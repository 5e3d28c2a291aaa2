//! The way out with several connections: what is shared, what is stopped, what is never said twice, and what goes on
//! while a mail server stalls.

use std::sync::Arc;
use std::time::{Duration, Instant};

use lamplight::engine::deliver::Pace;
use lamplight::engine::roster::NewMember;
use lamplight::engine::transport::Transport;
use lamplight::mail::Address;
use lamplight::model::ids::OutboxId;
use lamplight::model::member::{Delivery, Role};
use lamplight::store::claims;
use lamplight::store::groups;
use lamplight::store::settled::{self, End, Settled};

use crate::running::{post, quick, start, until};
use crate::support::{on_both, on_both_with};

const TOM: &str = "tom@home.example";
const KIT: &str = "kit@home.example";
const DANA: &str = "dana@work.example";
const RUTH: &str = "ruth@work.example";
const ADMIN: &str = "admin@charity.example";
const DAY: i64 = 86_400;

#[test]
fn hundreds_of_copies_over_several_connections_reach_each_reader_once() {
    on_both_with(
        |config| config.outbound.connections = 5,
        |world| async {
            let world = world.with_rose().await.openly().await;
            let mut tx = world.lamplight.store.begin().await.unwrap();
            let group = groups::lock(&mut tx, world.group("rose").await.id).await.unwrap();
            for number in 0..300 {
                let new = NewMember {
                    role: Role::Member,
                    address: Address::parse(&format!("reader{number}@home.example")).unwrap(),
                    name: format!("Reader {number}"),
                    real_name: None,
                    delivery: Delivery::Each,
                    zone: None,
                    hour: None,
                    days: None,
                    format: Default::default(),
                    trusted: false,
                };
                world.lamplight.add_person(&mut tx, &group, &new, false, world.now()).await.unwrap();
            }
            tx.commit().await.unwrap();
            // One of them later, one of them never: nobody else's matter.
            world.peer.answer("RCPT", "450 4.2.0 busy").to("reader7@");
            world.peer.answer("BODY", "550 5.6.0 no").to("reader8@");
            world.says("mira", "Many", "To all of you.").await;
            for number in 0..300 {
                let address = format!("reader{number}@home.example");
                let row = world.row_to(&address).await;
                let (state, count) = match number {
                    7 => ("waiting", 0),
                    8 => ("failed", 0),
                    _ => ("sent", 1),
                };
                assert_eq!((row.state.as_str(), row.attempts), (state, 1), "{}: {address}", world.database);
                assert_eq!(world.count(&address), count, "{}: {address}", world.database);
            }
            assert!(world.peer.connections() <= 6, "{}: {} connections", world.database, world.peer.connections());
            world.peer.behave();
            world.pass(60).await;
            assert_eq!((world.count("reader7@home.example"), world.count("reader8@home.example")), (1, 0));
            world.assert_one_reader_each();
        },
    );
}

#[test]
fn an_old_fence_settles_nothing() {
    on_both(|world| async {
        let world = world.with_rose().await.openly().await;
        post(&world, "mira", "Fence", "Who has it?").await;
        let claim = async || {
            let mut tx = world.lamplight.store.begin().await.unwrap();
            let rows = claims::claim(&mut tx, 10, 10, world.now()).await.unwrap().rows;
            tx.commit().await.unwrap();
            rows
        };
        let settle = async |row: &claims::Claimed, end: End| {
            let mut tx = world.lamplight.store.begin().await.unwrap();
            let settled = [Settled { id: row.id, fence: row.fence, end }];
            let lost = settled::settle(&mut tx, &settled, world.now()).await.unwrap();
            tx.commit().await.unwrap();
            lost.len()
        };
        let first = claim().await;
        assert_eq!((first.len(), claim().await.len()), (2, 0), "{}: a lease is respected", world.database);
        world.lamplight.clock.set(world.now().plus_seconds(claims::LEASE_SECONDS));
        let second = claim().await;
        assert_eq!(second.len(), 2, "{}", world.database);
        for end in [End::Sent, End::Failed("no".into()), End::Later("later".into(), world.now())] {
            assert_eq!(settle(&first[0], end).await, 1, "{}", world.database);
        }
        let rows: Vec<(OutboxId, i64)> = first.iter().map(|row| (row.id, row.fence)).collect();
        let mut tx = world.lamplight.store.begin().await.unwrap();
        assert!(claims::renew(&mut tx, &rows, world.now()).await.unwrap().is_empty(), "{}", world.database);
        tx.commit().await.unwrap();
        let states = async || world.row_to(KIT).await.state;
        assert_eq!(states().await, "sending", "{}", world.database);
        assert_eq!(settle(&second[0], End::Sent).await + settle(&second[1], End::Sent).await, 0);
        assert_eq!(states().await, "sent", "{}", world.database);
    });
}

#[test]
fn a_sender_that_stood_still_sends_nothing_that_it_lost() {
    on_both(|world| async {
        let world = world.with_rose().await.openly().await;
        post(&world, "mira", "Frozen", "Once and no more.").await;
        world.peer.answer("DATA", "wait-400 354 go on");
        let pace = Pace { lease: Duration::from_millis(200), renew: Duration::from_secs(60), ..Pace::default() };
        let delivered = world.lamplight.deliver_due_at(pace, &world.transport, world.now()).await.unwrap();
        assert_eq!(delivered.sent, 0, "{}", world.database);
        assert_eq!((world.count(KIT), world.row_to(KIT).await.state.as_str()), (0, "sending"));
        world.peer.behave();
        world.pass(claims::LEASE_SECONDS - 1).await;
        assert_eq!(world.count(KIT), 0, "{}: another server respects the lease", world.database);
        world.pass(1).await;
        assert_eq!((world.count(KIT), world.count(TOM)), (1, 1), "{}", world.database);
        // With its lease renewed in time a slow server gets its copy.
        post(&world, "mira", "Slow", "Once and no more.").await;
        world.peer.answer("DATA", "wait-400 354 go on");
        let pace = Pace { renew: Duration::from_millis(50), ..pace };
        world.lamplight.deliver_due_at(pace, &world.transport, world.now()).await.unwrap();
        assert_eq!((world.count(KIT), world.count(TOM)), (2, 2), "{}", world.database);
    });
}

#[test]
fn while_the_smarthost_is_away_one_copy_knocks_and_no_attempt_counts() {
    on_both(|world| async {
        let world = world.with_rose().await.openly().await;
        world.peer.answer("CONNECT", "421 4.3.2 not now");
        let running = start(&world, quick());
        for number in 0..20 {
            post(&world, "mira", &format!("Note {number}"), "Still here.").await;
            running.written.notify_one();
        }
        let (before, began) = (world.peer.connections(), Instant::now());
        for _ in 0..50 {
            running.written.notify_one();
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        let most = 2 + began.elapsed().as_millis() as usize / 100;
        let knocks = world.peer.connections() - before;
        assert!(knocks <= most, "{}: {knocks} knocks, {most} at most", world.database);
        for row in world.rows_to(KIT).await {
            assert!(matches!(row.state.as_str(), "waiting" | "sending") && row.attempts <= 1);
        }
        world.peer.behave();
        until("everything goes on", async || world.count(KIT) + world.count(TOM) == 40).await;
        running.stop().await;
        for row in world.rows_to(KIT).await {
            assert_eq!((row.state.as_str(), row.attempts), ("sent", 1), "{}", world.database);
        }
        assert_eq!(world.count(ADMIN), 0, "an outage is nobody's fault");
    });
}

#[test]
fn days_of_outage_do_not_count_after_a_first_refusal_either() {
    on_both(|world| async {
        let world = world.with_rose().await.openly().await;
        world.peer.answer("RCPT", "451 4.3.0 later").to("kit@").times(2);
        world.says("mira", "Patience", "It will come.").await;
        assert_eq!((world.count(KIT), world.count(TOM)), (0, 1));
        let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let url = format!("smtp://127.0.0.1:{port}");
        let nowhere = Arc::new(Transport::from_url(&url, None, "groups.example").unwrap());
        for _ in 0..6 {
            world.lamplight.clock.set(world.now().plus_seconds(DAY));
            assert!(world.lamplight.run_due(&nowhere, world.now()).await.unwrap().unreachable);
        }
        world.run().await;
        assert_eq!(world.row_to(KIT).await.attempts, 2, "{}", world.database);
        world.pass(5 * 60).await;
        assert!(world.subjects(KIT).contains(&"Patience".to_owned()), "{}", world.database);
    });
}

#[test]
fn administrators_hear_once_that_all_our_mail_is_refused() {
    on_both(|world| async {
        let world = world.with_rose().await.openly().await;
        world.peer.answer("MAIL", "550 5.7.1 <rose@groups.example> is not allowed here");
        for _ in 0..3 {
            world.says("mira", "Stuck", "Will it go?").await;
            world.pass(3_600).await;
        }
        world.pass(DAY).await;
        assert_eq!(world.rows_to(ADMIN).await.len(), 1, "{}: one, however long it lasts", world.database);
        assert!(world.peer.mail().is_empty());
        world.peer.behave();
        world.pass(60).await;
        let text = world.latest(ADMIN).text();
        assert!(text.contains("MAIL: 550 5.7.1") && text.contains("2:00 pm") && !text.contains('@'), "{text}");
        assert!(world.subjects(KIT).iter().filter(|subject| *subject == "Stuck").count() == 3, "{}", world.database);
        world.peer.answer("MAIL", "550 5.7.1 not allowed here");
        world.says("mira", "Again", "Will it go?").await;
        assert_eq!(world.rows_to(ADMIN).await.len(), 2, "{}: another day, another notice", world.database);
        world.peer.behave();
        world.pass(60).await;
        world.peer.answer("MAIL", "550 5.7.1 not allowed here");
        world.says("mira", "And again", "Will it go?").await;
        assert_eq!(world.rows_to(ADMIN).await.len(), 2, "{}: no second one that day", world.database);
    });
}

#[test]
fn an_urgent_copy_goes_out_while_every_other_connection_stalls() {
    on_both_with(
        |config| config.outbound.connections = 2,
        |world| async {
            let world = world.with_rose().await.openly().await;
            world.peer.answer("RCPT", "stall").to("kit@");
            world.peer.answer("RCPT", "stall").to("tom@");
            post(&world, "mira", "Quiet", "A quiet day.").await;
            let pace = Pace { end: Duration::ZERO, ..quick() };
            let running = start(&world, pace);
            until("both stall", async || {
                world.peer.transcript().iter().filter(|line| line.starts_with("RCPT")).count() == 2
            })
            .await;
            post(&world, "ada", "Dark", "I am going to kill myself tonight.").await;
            running.written.notify_one();
            for moderator in [DANA, RUTH] {
                world.peer.wait_for(moderator, 1, Duration::from_secs(5)).await;
            }
            assert_eq!(world.count(KIT) + world.count(TOM), 0, "{}", world.database);
            running.stop().await;
        },
    );
}

#[test]
fn nothing_is_begun_beside_an_urgent_copy_for_a_while_and_then_all_goes_on() {
    on_both(|world| async {
        let world = world.with_rose().await.openly().await;
        world.peer.answer("BODY", "stall").to("@work.example");
        post(&world, "kit", "Light", "The sun came out.").await;
        post(&world, "mira", "Dark", "I am going to kill myself tonight.").await;
        let began = Instant::now();
        let pace = Pace { alone: Duration::from_millis(800), end: Duration::ZERO, ..quick() };
        let running = start(&world, pace);
        let copies = world.peer.wait_for(TOM, 1, Duration::from_secs(8)).await;
        assert!(began.elapsed() >= Duration::from_millis(700), "{}: too soon", world.database);
        assert_eq!(copies.len(), 1);
        let heard = world.peer.transcript();
        let first = |who: &str| heard.iter().position(|line| line.starts_with("RCPT") && line.contains(who)).unwrap();
        assert!(first("dana@") < first("tom@") && first("ruth@") < first("tom@"), "{}", world.database);
        running.stop().await;
    });
}

#[test]
fn an_end_gives_back_what_was_not_begun() {
    on_both_with(
        |config| config.outbound.connections = 1,
        |world| async {
            let world = world.with_rose().await.openly().await;
            world.peer.answer("DATA", "wait-300 354 go on");
            post(&world, "mira", "One", "To both of you.").await;
            let running = start(&world, quick());
            until("one is under way", async || world.peer.transcript().iter().any(|line| line == "DATA")).await;
            running.stop().await;
            let rows = [world.row_to(KIT).await, world.row_to(TOM).await];
            let mut states: Vec<(&str, i64)> = rows.iter().map(|row| (row.state.as_str(), row.attempts)).collect();
            states.sort_unstable();
            assert_eq!(states, [("sent", 1), ("waiting", 0)], "{}", world.database);
            assert_eq!(world.count(KIT) + world.count(TOM), 1, "what was under way came to its end");
        },
    );
}

#[test]
fn a_late_answer_is_booked_on_the_copy_that_it_was_given_for() {
    on_both_with(
        |config| config.outbound.connections = 2,
        |world| async {
            let world = world.with_rose().await.openly().await;
            world.peer.answer("BODY", "keep-wait-900 250 2.0.0 ok").to("tom@").times(1);
            let running = start(&world, quick());
            post(&world, "mira", "Late", "Who has it?").await;
            running.written.notify_one();
            until("Kit has it, Tom's is under way", async || world.count(KIT) == 1).await;
            // The database was away for longer than the lease: what is under way looks as if nobody had it.
            world.lamplight.clock.set(world.now().plus_seconds(claims::LEASE_SECONDS + 1));
            tokio::time::sleep(Duration::from_millis(300)).await;
            world.peer.answer("RCPT", "550 5.1.1 nobody here").to("kit@");
            post(&world, "mira", "Later", "And this one?").await;
            running.written.notify_one();
            until("everything is settled", async || {
                let mut rows = world.rows_to(KIT).await;
                rows.extend(world.rows_to(TOM).await);
                rows.len() == 4 && rows.iter().all(|row| matches!(row.state.as_str(), "sent" | "failed"))
            })
            .await;
            running.stop().await;
            assert_eq!(world.row_to(KIT).await.state, "failed", "{}: it was refused", world.database);
            assert_eq!(world.count(KIT), 1, "{}", world.database);
            assert_eq!(world.subjects(TOM), ["Late", "Later"], "{}: each once", world.database);
        },
    );
}

#[test]
fn a_connection_hands_nothing_over_before_its_last_copy_is_written_down() {
    on_both_with(
        |config| config.outbound.connections = 1,
        |world| async {
            let world = world.with_rose().await.openly().await;
            world.peer.answer("BODY", "keep-wait-300 250 2.0.0 ok").times(1);
            post(&world, "mira", "Two", "To both of you.").await;
            let running = start(&world, quick());
            let begun = || world.peer.transcript().iter().filter(|line| *line == "DATA").count();
            until("the first is under way", async || begun() == 1).await;
            // Nobody can write meanwhile: SQLite's one writer is taken, PostgreSQL's table is locked.
            let mut writer = world.lamplight.store.begin().await.unwrap();
            if !world.lamplight.store.is_sqlite() {
                sqlx::query("lock table outbox in exclusive mode").execute(&mut *writer).await.unwrap();
            }
            until("the second is begun", async || begun() == 2).await;
            tokio::time::sleep(Duration::from_millis(200)).await;
            assert_eq!(world.count(KIT) + world.count(TOM), 1, "{}: and not handed over", world.database);
            drop(writer);
            until("both have it", async || (world.count(KIT), world.count(TOM)) == (1, 1)).await;
            running.stop().await;
            for who in [KIT, TOM] {
                assert_eq!(world.row_to(who).await.state, "sent", "{}", world.database);
            }
        },
    );
}
