//! Copies are claimed while others leave and are written down, and given back when they wait for too long: each leaves once
//! all the same.

use std::time::Duration;

use lamplight::engine::deliver::Pace;
use lamplight::model::member::{Delivery, Role};

use crate::running::{post, quick, start, until};
use crate::support::on_both;

const READERS: usize = 120;
const POSTS: usize = 3;

fn reader(number: usize) -> String {
    format!("reader{number}@home.example")
}

#[test]
fn what_is_given_back_and_claimed_again_leaves_once() {
    on_both(|world| async {
        let world = world.with_rose().await.openly().await;
        for number in 0..READERS {
            world.add("rose", Role::Member, &reader(number), &format!("Reader {number}"), Delivery::Each, None).await;
        }
        // So little patience that most of what is claimed is given back while a claim is under way.
        let pace = Pace { look: Duration::from_millis(3), ahead: Duration::from_millis(3), ..quick() };
        world.peer.answer("DATA", "wait-1 354 go on");
        let running = start(&world, pace);
        for number in 0..POSTS {
            post(&world, "mira", &format!("Note {number}"), "Still here.").await;
            running.written.notify_one();
        }
        let all = (READERS + 2) * POSTS;
        until("everybody has every post", async || world.peer.mail().len() >= all).await;
        until("all is written down", async || {
            let rows = world.outbox().await;
            rows.len() == all && rows.iter().all(|row| row.state == "sent")
        })
        .await;
        running.stop().await;
        assert_eq!(world.peer.mail().len(), all, "{}: nobody has one twice", world.database);
        for row in world.outbox().await {
            assert_eq!(row.attempts, 1, "{}: what was given back is no attempt", world.database);
        }
        for number in 0..READERS {
            assert_eq!(world.count(&reader(number)), POSTS, "{}", world.database);
        }
    });
}

#[test]
fn what_could_not_be_renewed_is_still_ours_when_its_answer_comes() {
    on_both(|world| async {
        let world = world.with_rose().await.openly().await;
        for number in 0..10 {
            world.add("rose", Role::Member, &reader(number), &format!("Reader {number}"), Delivery::Each, None).await;
        }
        let running = start(&world, Pace { look: Duration::from_millis(5), ..quick() });
        let readers = 12;
        for round in 1..=8 {
            world.peer.answer("BODY", "keep-wait-60 250 2.0.0 taken").times(readers);
            post(&world, "mira", &format!("Note {round}"), "Still here.").await;
            running.written.notify_one();
            until("copies are under way", async || world.outbox().await.iter().any(|row| row.state == "sending")).await;
            // The database says that all leases ran out, while connections wait for their answers.
            for _ in 0..12 {
                world.lamplight.clock.set(world.now().plus_seconds(31));
                running.written.notify_one();
                tokio::time::sleep(Duration::from_millis(15)).await;
            }
            until("all is written down", async || world.outbox().await.iter().all(|row| row.state == "sent")).await;
            assert_eq!(world.peer.mail().len(), readers * round, "{}: nobody has one twice", world.database);
        }
        running.stop().await;
    });
}
