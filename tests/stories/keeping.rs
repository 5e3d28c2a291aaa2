//! The commit before a 250: nobody waits for it without end, and a sender that tries again is known again, also when it
//! tries for some of its recipients only.

use std::time::Duration;

use lamplight::engine::door::Keeper;
use lamplight::model::turn::Lane;
use lamplight::store::spool::{self, New};

use sqlx::{Connection, Row};

use crate::scene::{ADA, KIT, MIRA, ROSE, RUTH, envelope, sql};
use crate::support::{Letter, on_both};

#[test]
fn a_commit_that_hangs_is_waited_for_so_long() {
    on_both(|world| async {
        let world = world.with_rose().await;
        let keeper = Keeper::with_limit(world.lamplight.clone(), Duration::from_millis(300));
        let message = Letter::new(MIRA, ROSE, "Once", "Said once.").bytes();
        // Somebody else's transaction holds the same message, or the one writer, and does not end.
        let held = envelope(&[ROSE]);
        let mut hanging = world.lamplight.store.begin().await.unwrap();
        let new =
            New { envelope: &held, message: &message, peer: "test", lane: Lane::Ordinary, received_at: world.now() };
        spool::insert(&mut hanging, &[new]).await.unwrap();
        let began = std::time::Instant::now();
        let keep = || keeper.keep(envelope(&[ROSE]), message.clone(), "test".into(), world.now());
        let waited = tokio::time::timeout(Duration::from_secs(20), async { tokio::join!(keep(), keep(), keep()) });
        let (first, second, third) = waited.await.expect("they wait without end");
        assert!(first.is_err() && second.is_err() && third.is_err(), "{}: 451", world.database);
        assert!(began.elapsed() < Duration::from_secs(10), "{}: {:?}", world.database, began.elapsed());
        drop(hanging);
        // The sender tries again, as senders do.
        let mut kept = keep().await;
        for _ in 0..20 {
            if kept.is_ok() {
                break;
            }
            kept = keep().await;
        }
        kept.unwrap();
        keep().await.unwrap();
        assert_eq!(world.spooled().await.len(), 1, "{}: one message", world.database);
    });
}

#[test]
fn a_retry_for_some_recipients_is_the_same_message() {
    on_both(|world| async {
        let world = world.with_rose().await.openly().await;
        world.add_group("lily", "Lily", lamplight::model::group::Moderation::None).await;
        let message = Letter::new(MIRA, ROSE, "Once", "Said once.").bytes();
        let deliver = async |recipients: &[&str]| {
            world.deliver(MIRA, recipients, &message).await;
            world.run().await;
        };
        deliver(&[ROSE, "rose-owner@groups.example", "lily@groups.example"]).await;
        // The 250s for the last two were lost on the way: the sender tries for these alone, and in another order.
        deliver(&["rose-owner@groups.example"]).await;
        deliver(&["lily@groups.example", "Rose-Owner@groups.example"]).await;
        assert_eq!((world.spooled().await.len(), world.count(RUTH), world.count(KIT)), (1, 1, 1), "{}", world.database);
        // A recipient that was not among them is new; for the others nothing is done twice.
        deliver(&[ROSE, "rose-help@groups.example"]).await;
        let rows = world.spooled().await;
        assert_eq!((rows.len(), rows[1].recipients.as_slice()), (2, &["rose-help@groups.example".to_owned()][..]));
        assert_eq!((world.count(RUTH), world.count(KIT)), (2, 1), "{}", world.database);
        // Other bytes, or another sender, are another message.
        world.deliver(ADA, &[ROSE], &message).await;
        world.deliver(MIRA, &[ROSE], Letter::new(MIRA, ROSE, "Once", "Said once.").bytes()).await;
        assert_eq!(world.spooled().await.len(), 4, "{}", world.database);
    });
}

/// On PostgreSQL, whose sequences count what is rolled back as well.
#[test]
fn an_outage_is_tried_once_and_a_refusal_is_no_other_s() {
    on_both(|world| async {
        if world.database == "sqlite" {
            return;
        }
        let world = world.with_rose().await;
        let keeper = Keeper::with_limit(world.lamplight.clone(), Duration::from_secs(20));
        let refuse = |code: &str| {
            format!(
                "create or replace function refused() returns trigger language plpgsql as $$ begin
                 perform nextval('tries'); raise exception 'refused' using errcode = '{code}'; end $$"
            )
        };
        sql(&world, &["create sequence tries".into(), refuse("57P01")]).await;
        let when = "when (new.peer like 'bad%') execute function refused()";
        sql(&world, &[format!("create trigger refused before insert on spool for each row {when}")]).await;
        let mut db = sqlx::AnyConnection::connect(&world.lamplight.config.database.url).await.unwrap();
        let mut tries = async || {
            let row = sqlx::query("select nextval('tries') as n").fetch_one(&mut db).await.unwrap();
            row.get::<i64, _>("n")
        };
        let keep = async |peers: &[&str]| {
            let all = peers.iter().enumerate().map(|(number, peer)| {
                let message = Letter::new(MIRA, ROSE, "Many", &format!("Number {number}.")).bytes();
                keeper.keep(envelope(&[ROSE]), message, (*peer).to_owned(), world.now())
            });
            let kept = futures_util::future::join_all(all).await;
            kept.into_iter().map(|one| one.is_ok()).collect::<Vec<_>>()
        };
        // Away: the first goes alone, the others share a commit behind it; each commit is tried once.
        // It is known that nothing waits, so that none is looked at before it goes to the commit.
        world.run().await;
        let before = tries().await;
        assert_eq!(keep(&["bad"; 20]).await, [false; 20]);
        let after = tries().await;
        // A busy machine may part them into a few more commits; one by one they would be twenty.
        assert!(after - before <= 6, "tried {} times", after - before - 1);
        // Refused for its own sake: alone it is tried once, with others twice, and they are kept.
        sql(&world, &[refuse("23514")]).await;
        assert_eq!(keep(&["bad"]).await, [false]);
        let alone = tries().await;
        assert_eq!(alone - after, 2);
        assert_eq!(keep(&["good", "good", "bad", "good"]).await, [true, true, false, true]);
        assert_eq!(tries().await - alone, 3);
    });
}
