//! What administrators do to rows of the outbox and see of them: a retry beside rows that are in hand believes what comes
//! back late, no count of attempts goes below nothing, and both databases narrow a listing the same way.

use lamplight::model::ids::{OutboxId, PostId};
use lamplight::store::claims::{self, Claimed};
use lamplight::store::selection::Selection;
use lamplight::store::settled::{self, End, Settled};
use lamplight::store::{deliveries, outbox, spool};

use crate::support::{Letter, World, on_both};

const KIT: &str = "kit@home.example";
const TOM: &str = "tom@home.example";

/// Two copies that somebody claimed and was too long about, so that they wait again, and that were retried then.
async fn lapsed_and_retried(world: &World) -> Vec<Claimed> {
    let letter = Letter::new("mira@home.example", "rose@groups.example", "A walk", "To the river.");
    world.deliver(&letter.from, &[&letter.to], letter.bytes()).await;
    world.lamplight.receive_all(world.now()).await.unwrap();
    let claimed = claim(world, 10).await;
    assert_eq!(claimed.len(), 2, "{}", world.database);
    world.lamplight.clock.set(world.now().plus_seconds(claims::LEASE_SECONDS));
    assert_eq!(claim(world, 0).await.len(), 0, "{}", world.database);
    assert_eq!(
        (retry(world, None).await, world.row_to(KIT).await.state.as_str()),
        (2, "waiting"),
        "{}",
        world.database
    );
    claimed
}

async fn claim(world: &World, most: usize) -> Vec<Claimed> {
    let mut tx = world.lamplight.store.begin().await.unwrap();
    let rows = claims::claim(&mut tx, most, most, world.now()).await.unwrap().rows;
    tx.commit().await.unwrap();
    rows
}

async fn retry(world: &World, id: Option<OutboxId>) -> u64 {
    let mut tx = world.lamplight.store.begin().await.unwrap();
    let count = outbox::retry(&mut tx, id, world.now()).await.unwrap();
    tx.commit().await.unwrap();
    count
}

async fn settle(world: &World, row: &Claimed, end: End) {
    let mut tx = world.lamplight.store.begin().await.unwrap();
    let settled = [Settled { id: row.id, fence: row.fence, end }];
    assert!(settled::settle(&mut tx, &settled, world.now()).await.unwrap().is_empty(), "{}", world.database);
    tx.commit().await.unwrap();
}

#[test]
fn an_attempt_that_is_given_back_after_a_retry_takes_none_away() {
    on_both(|world| async {
        let world = world.with_rose().await.openly().await;
        for row in lapsed_and_retried(&world).await {
            settle(&world, &row, End::GivenBack(Some("connecting: refused".into()), 0)).await;
        }
        for address in [KIT, TOM] {
            let row = world.row_to(address).await;
            assert_eq!((row.state.as_str(), row.attempts), ("waiting", 0), "{}: {address}", world.database);
        }
        world.run().await;
        for address in [KIT, TOM] {
            let row = world.row_to(address).await;
            assert_eq!((row.state.as_str(), row.attempts), ("sent", 1), "{}: {address}", world.database);
            assert_eq!(world.count(address), 1, "{}: {address}", world.database);
        }
    });
}

#[test]
fn a_copy_that_left_before_a_retry_is_not_sent_again() {
    on_both(|world| async {
        let world = world.with_rose().await.openly().await;
        for row in lapsed_and_retried(&world).await {
            settle(&world, &row, End::Sent).await;
        }
        world.run().await;
        for address in [KIT, TOM] {
            assert_eq!(world.row_to(address).await.state, "sent", "{}: {address}", world.database);
            assert_eq!(world.count(address), 0, "{}: {address}", world.database);
        }
    });
}

#[test]
fn what_is_being_sent_or_was_sent_is_not_retried() {
    on_both(|world| async {
        let world = world.with_rose().await.openly().await;
        let letter = Letter::new("mira@home.example", "rose@groups.example", "A walk", "To the river.");
        world.deliver(&letter.from, &[&letter.to], letter.bytes()).await;
        world.lamplight.receive_all(world.now()).await.unwrap();
        let claimed = claim(&world, 10).await;
        assert_eq!(retry(&world, None).await, 0, "{}", world.database);
        settle(&world, &claimed[0], End::Sent).await;
        settle(&world, &claimed[1], End::Failed("RCPT: 550 gone".into())).await;
        assert_eq!(retry(&world, Some(claimed[0].id)).await, 0, "{}", world.database);
        assert_eq!(retry(&world, Some(claimed[1].id)).await, 1, "{}", world.database);
        let row = world.row_to(claimed[1].recipient.as_str()).await;
        assert_eq!((row.state.as_str(), row.attempts, row.cause), ("waiting", 0, None), "{}", world.database);
    });
}

#[test]
fn a_count_below_nothing_keeps_nobody_elses_mail_back() {
    on_both(|world| async {
        let world = world.with_rose().await.openly().await;
        let letter = Letter::new("mira@home.example", "rose@groups.example", "A walk", "To the river.");
        world.deliver(&letter.from, &[&letter.to], letter.bytes()).await;
        world.lamplight.receive_all(world.now()).await.unwrap();
        // As a version left it in which a retry could meet an attempt that was given back.
        let pool = sqlx::AnyPool::connect(&world.lamplight.config.database.url).await.unwrap();
        sqlx::query("update outbox set attempts = -1 where recipient = $1").bind(KIT).execute(&pool).await.unwrap();
        pool.close().await;
        world.run().await;
        for address in [KIT, TOM] {
            let row = world.row_to(address).await;
            assert_eq!(row.state, "sent", "{}: {address}", world.database);
            assert!(row.attempts >= 0, "{}: {address}", world.database);
        }
    });
}

#[test]
fn listings_are_narrowed_the_same_way_on_both() {
    on_both(|world| async {
        let world = world.with_rose().await.openly().await;
        world.peer.answer("RCPT", "450 4.2.0 busy").to("kit@");
        world.says("mira", "A walk", "To the river.").await;
        let mut db = world.lamplight.store.read().await.unwrap();
        let to_kit = Selection { recipient: Some("KIT@home.example"), ..Selection::default() };
        let rows = deliveries::list(&mut db, &to_kit).await.unwrap();
        assert_eq!((rows.len(), rows[0].recipient.as_str()), (1, KIT), "{}", world.database);
        let last = Selection { newest: true, limit: Some(1), ..Selection::default() };
        let rows = deliveries::list(&mut db, &last).await.unwrap();
        let all = deliveries::list(&mut db, &Selection::default()).await.unwrap();
        assert_eq!((rows.len(), rows[0].id), (1, all.last().unwrap().id), "{}", world.database);
        let left = deliveries::counts(&mut db).await.unwrap();
        assert_eq!((left.waiting, left.postponed, left.failed), (1, 1, 0), "{}", world.database);
        assert_eq!(
            left.next_at.map(|at| at.rfc3339()),
            Some(deliveries::list(&mut db, &to_kit).await.unwrap()[0].due_at.clone())
        );
        for (recipient, count) in [("Rose@groups.example", 1), ("ose@groups.example", 0)] {
            let to = Selection { recipient: Some(recipient), state: Some("done"), ..Selection::default() };
            assert_eq!(spool::list(&mut db, &to).await.unwrap().len(), count, "{}: {recipient}", world.database);
        }
        assert!(deliveries::notices_of_post(&mut db, PostId(1)).await.unwrap().is_empty(), "{}", world.database);
    });
}
