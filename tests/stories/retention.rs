//! What is kept goes when its time is over, a little at a time; what waits for a person never does.

use lamplight::engine::record::Verdict;
use lamplight::model::post::PostState;
use lamplight::store::audit::{self, Actor};
use lamplight::store::{posts, retention};
use sqlx::{AnyConnection, AssertSqlSafe, Connection, Row};

use crate::scene::{ADA, CRY, DANA, KIT, ROSE, SECRET, TOM, held_post};
use crate::support::{Letter, World, on_both, on_both_with};

const DAY: i64 = 86_400;
const WAITS: &str = "Is it normal that the stairs feel like a mountain now?";

/// How many octets of messages and of mails hold this.
pub async fn octets_with(world: &World, words: &str) -> (usize, usize) {
    let mut db = AnyConnection::connect(&world.lamplight.config.database.url).await.unwrap();
    let mut counts = [0, 0];
    for (count, table) in counts.iter_mut().zip(["raw_messages", "editions"]) {
        let rows = sqlx::query(AssertSqlSafe(format!("select message from {table}"))).fetch_all(&mut db).await.unwrap();
        let holds = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).contains(words);
        *count = rows.iter().filter(|row| holds(row.get::<Option<Vec<u8>>, _>(0).unwrap_or_default())).count();
    }
    (counts[0], counts[1])
}

async fn a_decided_and_a_waiting_post(world: World) -> World {
    let world = world.with_rose().await;
    let (notice, _) = held_post(&world).await;
    world.write(&Letter::answering(DANA, &notice, "APPROVE")).await;
    world.pass(180).await;
    world.write(&Letter::new(ADA, ROSE, "Stairs", WAITS)).await;
    world
}

#[test]
fn octets_go_after_thirty_days_and_what_waits_stays() {
    on_both(|world| async move {
        let world = a_decided_and_a_waiting_post(world).await;
        world.pass(29 * DAY).await;
        let (raw, mails) = octets_with(&world, SECRET).await;
        assert!(raw >= 1 && mails >= 1, "{}: {raw} {mails}", world.database);
        world.pass(3 * DAY).await;
        assert_eq!(octets_with(&world, SECRET).await.0, 0, "{}", world.database);
        // A digest was late, because nobody was there for so long.
        world.pass(29 * DAY).await;
        assert_eq!(octets_with(&world, SECRET).await, (0, 0), "{}", world.database);
        let (raw, mails) = octets_with(&world, "mountain").await;
        assert!(raw == 1 && mails >= 1, "{}: what waits is gone: {raw} {mails}", world.database);
        // Its words are there as long as people need them, and it can still be decided.
        let all = world.posts().await;
        assert!(all[0].text.contains(SECRET) && all[1].state == PostState::Held, "{}", world.database);
        let asked = world.mail_to(DANA).into_iter().rev().find(|mail| mail.text().contains("mountain")).unwrap();
        world.write(&Letter::answering(DANA, &asked, "APPROVE")).await;
        world.pass(180).await;
        assert_eq!(
            world.posts().await[1].state,
            PostState::Published,
            "{}: {}",
            world.database,
            world.latest(DANA).text()
        );
        assert!(world.latest(TOM).text().contains("mountain"), "{}", world.database);
    });
}

#[test]
fn words_go_after_a_year_and_conversations_stay() {
    on_both(|world| async move {
        let world = a_decided_and_a_waiting_post(world).await;
        world.pass(370 * DAY).await;
        let all = world.posts().await;
        assert_eq!(all[0].text, retention::EXPIRED, "{}", world.database);
        assert_eq!((all[0].author_name.as_str(), all[0].subject.as_str()), ("Kit", "Waiting"));
        assert_eq!(
            (all[1].state, all[1].text.as_str()),
            (PostState::Held, WAITS),
            "{}: held never expires",
            world.database
        );
        let mut db = world.lamplight.store.read().await.unwrap();
        let shown = posts::published_in(&mut db, all[0].thread).await.unwrap();
        assert_eq!(shown.len(), 1, "{}", world.database);
        let kept = retention::kept(&mut db).await.unwrap();
        assert_eq!((kept[2].count, kept[2].waiting), (0, 1), "{}: {kept:?}", world.database);
    });
}

#[test]
fn an_open_alert_keeps_everything() {
    on_both(|world| async move {
        let world = a_decided_and_a_waiting_post(world).await;
        world.write(&Letter::new(KIT, "rose-owner@groups.example", "Tonight", CRY)).await;
        world.pass(40 * DAY).await;
        assert!(octets_with(&world, "kill myself").await.0 >= 1, "{}", world.database);
        assert!(octets_with(&world, SECRET).await.0 >= 1, "{}: of the same group", world.database);
    });
}

#[test]
fn never_keeps_all() {
    on_both_with(
        |config| {
            config.retention.raw_days = None;
            config.retention.bodies_months = None;
            config.retention.audit_months = None;
        },
        |world| async move {
            let world = a_decided_and_a_waiting_post(world).await;
            world.pass(1_000 * DAY).await;
            assert!(octets_with(&world, SECRET).await.0 >= 1, "{}", world.database);
            assert!(world.posts().await[0].text.contains(SECRET), "{}", world.database);
        },
    );
}

#[test]
fn the_record_begins_later_and_is_still_whole() {
    on_both(|world| async move {
        let world = a_decided_and_a_waiting_post(world).await;
        world.pass(400 * DAY).await;
        let mut tx = world.lamplight.store.begin().await.unwrap();
        let nothing = serde_json::json!({});
        audit::write(&mut tx, world.now(), Actor::Lamplight, "tried", "audit", &nothing).await.unwrap();
        tx.commit().await.unwrap();
        world.pass(400 * DAY).await;
        // Two servers at once.
        let other = world.lamplight.clone();
        let (one, two) = tokio::join!(world.lamplight.tick(world.now()), other.tick(world.now()));
        one.and(two).unwrap();
        let verdict = world.lamplight.verify_record(None).await.unwrap();
        let Verdict::Whole { floor, since: Some(since), .. } = verdict else {
            panic!("{}: {verdict:?}", world.database)
        };
        assert!(floor > 0 && since.starts_with("2027-12"), "{}: {floor} {since}", world.database);
        let mut db = AnyConnection::connect(&world.lamplight.config.database.url).await.unwrap();
        let refused = sqlx::query("delete from audit where id = (select min(id) from audit)").execute(&mut db).await;
        assert!(refused.unwrap_err().to_string().contains("append-only"), "{}", world.database);
        // Whoever moves the beginning by hand, and takes lines with it, breaks the chain.
        sqlx::query("update audit_head set floor_id = floor_id + 1").execute(&mut db).await.unwrap();
        sqlx::query("delete from audit where id = (select min(id) from audit)").execute(&mut db).await.unwrap();
        let verdict = world.lamplight.verify_record(None).await.unwrap();
        assert!(matches!(verdict, Verdict::Broken { .. }), "{}: {verdict:?}", world.database);
    });
}

/// What no copy had stands beside a post, and private words of danger with their alert: both go with the words of posts.
#[test]
fn what_was_kept_beside_goes_too() {
    on_both(|world| async move {
        let world = world.with_rose().await;
        world.write(&Letter::new(KIT, ROSE, "Call +1 212 555 0133", "The ward smells of lavender today.")).await;
        world.write(&Letter::answering(DANA, &world.latest(DANA), "RETURN: Not with your number, please.")).await;
        world.pass(180).await;
        world.write(&Letter::new(TOM, "rose-owner@groups.example", "Help", CRY)).await;
        let everything = async || {
            let mut db = AnyConnection::connect(&world.lamplight.config.database.url).await.unwrap();
            let sql = "select coalesce(subject, '') || coalesce(original_subject, '') as words from posts
                       union all select shown from alerts";
            let rows = sqlx::query(sql).fetch_all(&mut db).await.unwrap();
            rows.iter().map(|row| row.get::<String, _>(0)).collect::<Vec<_>>().join("\n")
        };
        world.pass(370 * DAY).await;
        let waits = everything().await;
        assert!(
            waits.contains("kill myself") && waits.contains("0133"),
            "{}: an alert is open: {waits}",
            world.database
        );
        let ids = sqlx::query("select id from alerts where ended_at is null");
        let mut db = AnyConnection::connect(&world.lamplight.config.database.url).await.unwrap();
        assert_eq!(ids.fetch_all(&mut db).await.unwrap().len(), 1, "{}", world.database);
        drop(db);
        world.write(&Letter::answering(DANA, &world.latest(DANA), "MINE")).await;
        world.pass(370 * DAY).await;
        let left = everything().await;
        assert!(!left.contains("kill myself") && !left.contains("0133"), "{}: {left}", world.database);
    });
}
