//! Two that change the same rows at once: the second waits, and begins from what the first has written. On SQLite it
//! waits for the one writer.

use std::time::Duration;

use clap::Parser;
use lamplight::cli::group::Verb;
use lamplight::cli::house::House;
use lamplight::cli::show::Out;
use lamplight::mail::{Address, Envelope, ReversePath};
use lamplight::model::member::MemberState;
use lamplight::model::post::PostState;
use lamplight::model::turn::Lane;
use lamplight::store::spool::{self, New};
use lamplight::store::{groups, members, posts};
use sqlx::{AnyConnection, Connection, Row};
use tokio::task::JoinHandle;

use crate::scene::{KIT, MIRA, ROSE, held_post, state};
use crate::support::{Letter, World, on_both};

#[derive(Parser)]
struct Line {
    #[command(subcommand)]
    verb: Verb,
}

/// `lamplight group …`, on its way.
fn group(world: &World, arguments: &[&str]) -> JoinHandle<()> {
    let line = Line::parse_from([&["group"], arguments].concat());
    let house = House { lamplight: world.lamplight.clone(), out: Out::new(true) };
    tokio::spawn(async move { line.verb.run(&house).await.unwrap() })
}

/// Until the second waits for the first, or did not wait and is over.
async fn meet<T>(world: &World, second: &JoinHandle<T>) {
    let mut db = AnyConnection::connect(&world.lamplight.config.database.url).await.unwrap();
    while !second.is_finished() {
        let waits = match world.database {
            "sqlite" => world.lamplight.store.is_awaited(),
            _ => {
                let sql = "select count(*) as n from pg_stat_activity
                           where datname = current_database() and wait_event_type = 'Lock'";
                sqlx::query(sql).fetch_one(&mut db).await.unwrap().get::<i64, _>("n") > 0
            }
        };
        if waits {
            return;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

#[test]
fn who_leaves_or_reads_on_meanwhile_is_not_written_back() {
    on_both(|world| async {
        let world = world.with_rose().await;
        let (mira, kit) = (world.person("rose", MIRA).await, world.person("rose", KIT).await);
        let mut first = world.lamplight.store.begin().await.unwrap();
        assert!(members::set_left(&mut first, mira.id, world.now()).await.unwrap());
        let dana = world.person("rose", "dana@work.example").await;
        let due_at = world.now().plus_seconds(7);
        lamplight::store::digests::advance(&mut first, &[dana.id], 41, due_at).await.unwrap();
        let second = group(&world, &["set", "rose", "--digest", "0 9 * * *", "--timezone", "Europe/Berlin"]);
        meet(&world, &second).await;
        first.commit().await.unwrap();
        second.await.unwrap();
        let mira = world.person("rose", MIRA).await;
        assert_eq!((mira.state, mira.next_digest_at), (MemberState::Left, None), "{}", world.database);
        let dana = world.person("rose", "dana@work.example").await;
        assert_eq!(dana.cursor, 41, "{}: what she got is not sent again", world.database);
        assert_ne!(dana.next_digest_at, Some(due_at), "{}: the new hour counts", world.database);
        assert_eq!(world.person("rose", KIT).await.next_digest_at, kit.next_digest_at);
    });
}

#[test]
fn a_brake_stays_pulled_whatever_else_is_set() {
    on_both(|world| async {
        let world = world.with_rose().await;
        let id = world.group("rose").await.id;
        let mut first = world.lamplight.store.begin().await.unwrap();
        let mut rose = groups::lock(&mut first, id).await.unwrap();
        rose.hold_everything_since = Some(world.now());
        groups::update(&mut first, &rose).await.unwrap();
        let second = group(&world, &["set", "rose", "--title", "The rose garden"]);
        meet(&world, &second).await;
        first.commit().await.unwrap();
        second.await.unwrap();
        let rose = world.group("rose").await;
        assert_eq!(rose.title, "The rose garden", "{}", world.database);
        assert!(rose.hold_everything_since.is_some(), "{}: the brake was lifted", world.database);
    });
}

#[test]
fn a_change_of_a_person_begins_from_what_she_is_by_then() {
    on_both(|world| async {
        let world = world.with_rose().await;
        let mira = world.person("rose", MIRA).await;
        let mut first = world.lamplight.store.begin().await.unwrap();
        members::set_left(&mut first, mira.id, world.now()).await.unwrap();
        let lamplight = world.lamplight.clone();
        let second = tokio::spawn(async move {
            let who = lamplight::cli::member::Who { group: "rose".into(), address: Address::parse(MIRA).unwrap() };
            let house = House { lamplight, out: Out::new(true) };
            lamplight::cli::member::Verb::Pause { who, until: None }.run(&house).await
        });
        meet(&world, &second).await;
        first.commit().await.unwrap();
        let refused = second.await.unwrap().unwrap_err().to_string();
        assert!(refused.contains("takes no part"), "{}: {refused}", world.database);
        assert_eq!(world.person("rose", MIRA).await.state, MemberState::Left, "{}", world.database);
    });
}

#[test]
fn publishing_and_deciding_wait_for_each_other_in_one_order() {
    on_both(|world| async {
        let world = world.with_rose().await;
        let (notice, _) = held_post(&world).await;
        world.write(&Letter::answering("dana@work.example", &notice, "APPROVE")).await;
        let (post, rose) = (world.posts().await[0].id, world.group("rose").await);
        // The worker publishes in the group, while the undo window of a decision ends; then it meets that decision's post.
        let mut first = world.lamplight.store.begin().await.unwrap();
        groups::next_release_seq(&mut first, &rose).await.unwrap();
        let (lamplight, later) = (world.lamplight.clone(), world.now().plus_seconds(3_600));
        let second = tokio::spawn(async move { lamplight.tick(later).await });
        meet(&world, &second).await;
        assert!(posts::lock(&mut first, post).await.unwrap().is_some(), "{}", world.database);
        first.commit().await.unwrap();
        assert_eq!(second.await.unwrap().unwrap().decided, 1, "{}", world.database);
        assert_eq!(state(&world, 0).await, PostState::Published, "{}", world.database);
    });
}

#[test]
fn a_message_that_comes_to_two_servers_at_once_is_kept_once_for_each_recipient() {
    on_both(|world| async {
        let world = world.with_rose().await;
        let message = Letter::new(MIRA, ROSE, "Once", "Said once.").bytes();
        let now = world.now();
        let envelope = |recipients: &[&str]| Envelope {
            reverse_path: ReversePath::Address(Address::parse(MIRA).unwrap()),
            recipients: recipients.iter().map(|recipient| Address::parse(recipient).unwrap()).collect(),
        };
        let both = envelope(&[ROSE, "rose-owner@groups.example"]);
        let turned = envelope(&["rose-owner@groups.example", "rose-help@groups.example", ROSE]);
        let mut first = world.lamplight.store.begin().await.unwrap();
        let new = New { envelope: &both, message: &message, peer: "unix", lane: Lane::Ordinary, received_at: now };
        spool::insert(&mut first, &[new]).await.unwrap();
        let (lamplight, bytes) = (world.lamplight.clone(), message.clone());
        let second = tokio::spawn(async move {
            lamplight
                .keep(&[New {
                    envelope: &turned,
                    message: &bytes,
                    peer: "unix",
                    lane: Lane::Ordinary,
                    received_at: now,
                }])
                .await
        });
        meet(&world, &second).await;
        first.commit().await.unwrap();
        second.await.unwrap().unwrap();
        let kept: Vec<Vec<String>> = world.spooled().await.into_iter().map(|row| row.recipients).collect();
        let expected = [vec![ROSE, "rose-owner@groups.example"], vec!["rose-help@groups.example"]];
        assert_eq!(kept, expected, "{}", world.database);
    });
}

#[test]
fn a_brake_that_comes_while_a_post_is_judged_binds_it() {
    on_both(|world| async {
        let world = world.with_rose().await.openly().await;
        let letter = Letter::new(MIRA, ROSE, "Tea", "Peppermint helps me.");
        world.deliver(MIRA, &[ROSE], letter.bytes()).await;
        let now = world.now();
        let mut first = world.lamplight.store.begin().await.unwrap();
        let mut rose = groups::lock(&mut first, world.group("rose").await.id).await.unwrap();
        rose.hold_everything_since = Some(now);
        groups::update(&mut first, &rose).await.unwrap();
        let lamplight = world.lamplight.clone();
        let second = tokio::spawn(async move { lamplight.receive_all(now).await });
        meet(&world, &second).await;
        first.commit().await.unwrap();
        second.await.unwrap().unwrap();
        world.pass(2).await;
        assert_eq!(state(&world, 0).await, PostState::Held, "{}", world.database);
        assert_eq!(world.count(KIT), 0, "{}", world.database);
    });
}
