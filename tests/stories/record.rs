//! The record of who did what: it can be added to and nothing else, and whoever goes around that is found.

use lamplight::engine::record::Verdict;
use lamplight::store::audit::{self, Actor};
use sqlx::{AnyConnection, AssertSqlSafe, Connection, Executor};

use crate::scene::{DANA, held_post, sql};
use crate::support::{Letter, World, on_both};

async fn write(world: &World, subject: &str) {
    let mut tx = world.lamplight.store.begin().await.unwrap();
    let detail = serde_json::json!({ "more": "a \"word\"" });
    audit::write(&mut tx, world.now(), Actor::Administrator, "tried", subject, &detail).await.unwrap();
    tx.commit().await.unwrap();
}

async fn verdict(world: &World, noted: Option<&str>) -> Verdict {
    world.lamplight.verify_record(noted).await.unwrap()
}

async fn head(world: &World) -> audit::Head {
    match verdict(world, None).await {
        Verdict::Whole { head, .. } => head,
        broken => panic!("{}: {broken:?}", world.database),
    }
}

async fn broken_at(world: &World) -> (i64, &'static str) {
    match verdict(world, None).await {
        Verdict::Broken { line, why } => (line, why),
        whole => panic!("{}: {whole:?}", world.database),
    }
}

/// What the database says to one statement.
async fn refused(world: &World, statement: &str) -> String {
    let mut db = AnyConnection::connect(&world.lamplight.config.database.url).await.unwrap();
    let said = db.execute(AssertSqlSafe(statement.to_owned())).await;
    said.err().map(|cause| cause.to_string()).unwrap_or_default()
}

/// As somebody who may do everything with the database.
async fn without_triggers(world: &World) {
    let drop = |name: &str| match world.database {
        "sqlite" => format!("drop trigger {name}"),
        _ => format!("drop trigger {name} on audit"),
    };
    let mut names = vec!["audit_no_update", "audit_no_delete"];
    names.push(if world.database == "sqlite" { "audit_no_replace" } else { "audit_no_truncate" });
    sql(world, &names.into_iter().map(drop).collect::<Vec<_>>()).await;
}

#[test]
fn nothing_but_adding_is_allowed() {
    on_both(|world| async move {
        let world = world.with_rose().await;
        let before = head(&world).await;
        assert_eq!(before.count, 6, "{}: a line for each person", world.database);
        let mut statements = vec![
            "update audit set actor = 'nobody' where id = 1",
            "update audit set hash = 'x', previous = 'y' where id = 1",
            "update audit set hash = null where id = 1",
            "delete from audit where id = 6",
        ];
        statements.push(match world.database {
            "sqlite" => {
                "insert or replace into audit (id, at, actor, action, subject, detail) values (1, 1, 'a', 'b', 'c', '{}')"
            }
            _ => "truncate audit",
        });
        for statement in statements {
            let said = refused(&world, statement).await;
            assert!(said.contains("append-only"), "{}: {statement}: {said}", world.database);
        }
        assert_eq!(head(&world).await, before);
    });
}

#[test]
fn what_is_rolled_back_leaves_no_line_and_no_gap() {
    on_both(|world| async move {
        let world = world.with_rose().await;
        let before = head(&world).await;
        let mut tx = world.lamplight.store.begin().await.unwrap();
        audit::write(&mut tx, world.now(), Actor::Administrator, "tried", "post:1", &serde_json::json!({}))
            .await
            .unwrap();
        drop(tx);
        assert_eq!(head(&world).await, before);
        let mut reading = world.lamplight.store.read().await.unwrap();
        let alone = audit::write(&mut reading, world.now(), Actor::Lamplight, "x", "y", &serde_json::json!({})).await;
        assert!(alone.is_err(), "a line that no commit would write");
        drop(reading);
        write(&world, "post:1").await;
        assert_eq!(head(&world).await.last_id, before.last_id + 1);
    });
}

#[test]
fn a_decision_by_mail_stands_in_the_record() {
    on_both(|world| async move {
        let world = world.with_rose().await;
        let (notice, _) = held_post(&world).await;
        let before = head(&world).await;
        world.write(&Letter::answering(DANA, &notice, "approve")).await;
        let after = head(&world).await;
        assert_eq!(after.count, before.count + 1, "{}", world.database);
        let wanted = audit::Wanted { subject: Some("post:1"), ..audit::Wanted::default() };
        let lines = audit::list(&mut world.lamplight.store.read().await.unwrap(), &wanted).await.unwrap();
        assert_eq!(lines.len(), 1);
        assert_eq!((lines[0].action.as_str(), lines[0].hash.as_deref()), ("approve", Some(after.hash.as_str())));
    });
}

/// Several write at once, on PostgreSQL through connections of their own: the chain is exact.
#[test]
fn the_chain_is_exact_under_many_writers() {
    on_both(|world| async move {
        let world = world.with_rose().await;
        let before = head(&world).await.count;
        let mut writers = tokio::task::JoinSet::new();
        for writer in 0..8 {
            let lamplight = world.lamplight.clone();
            writers.spawn(async move {
                for number in 0..10 {
                    let mut tx = lamplight.store.begin().await.unwrap();
                    for part in 0..3 {
                        let subject = format!("post:{writer}{number}{part}");
                        let now = lamplight.clock.now();
                        audit::write(&mut tx, now, Actor::Lamplight, "tried", &subject, &serde_json::json!({}))
                            .await
                            .unwrap();
                    }
                    tx.commit().await.unwrap();
                }
            });
        }
        while let Some(done) = writers.join_next().await {
            done.unwrap();
        }
        assert_eq!(head(&world).await.count, before + 240, "{}", world.database);
    });
}

#[test]
fn whoever_goes_around_the_triggers_is_found() {
    on_both(|world| async move {
        let world = world.with_rose().await;
        for number in 0..6 {
            write(&world, &format!("post:{number}")).await;
        }
        let noted = head(&world).await;
        without_triggers(&world).await;
        let copy = "id, at, actor, action, subject, detail, previous, hash";
        sql(&world, &[format!("create table kept as select {copy} from audit")]).await;
        let mend = [
            "delete from audit".to_owned(),
            format!("insert into audit ({copy}) select {copy} from kept"),
            format!("update audit_head set last_id = 12, row_count = 12, hash = '{}'", noted.hash),
        ];
        let cases: &[(&str, &[&str], i64, &str)] = &[
            ("a changed word", &["update audit set action = 'kind' where id = 8"], 8, "changed"),
            ("a changed time", &["update audit set at = at + 1 where id = 1"], 1, "changed"),
            ("a changed detail", &["update audit set detail = '{}' where id = 12"], 12, "changed"),
            ("a line that is gone", &["delete from audit where id = 9"], 10, "does not follow"),
            ("the first line gone", &["delete from audit where id = 1"], 2, "does not follow"),
            (
                "a line without a hash",
                &["insert into audit (id, at, actor, action, subject, detail) values (13, 1, 'a', 'b', 'c', '{}')"],
                13,
                "no hash",
            ),
            (
                "a line twice",
                &["insert into audit (id, at, actor, action, subject, detail, previous, hash)
                     select 13, at, actor, action, subject, detail, previous, hash from audit where id = 12"],
                13,
                "changed",
            ),
            (
                "two that changed places",
                &[
                    "update audit set id = 99 where id = 8",
                    "update audit set id = 8 where id = 9",
                    "update audit set id = 9 where id = 99",
                ],
                8,
                "changed",
            ),
            ("the end gone", &["delete from audit where id > 10"], 10, "are gone"),
            ("all gone", &["delete from audit"], 0, "are gone"),
            ("no head", &["delete from audit_head"], 0, "head"),
        ];
        for (what, statements, line, why) in cases {
            sql(&world, &statements.iter().map(|one| (*one).to_owned()).collect::<Vec<_>>()).await;
            let (at, said) = broken_at(&world).await;
            assert!(at == *line && said.contains(why), "{}: {what}: {at}: {said}", world.database);
            let a_head =
                "insert into audit_head (id, last_id, row_count, hash) values (1, 0, 0, '') on conflict do nothing";
            sql(&world, &[a_head.to_owned()]).await;
            sql(&world, &mend).await;
            assert_eq!(head(&world).await, noted, "{}: mended after {what}", world.database);
        }
        // With the head mended, too, only what was noted elsewhere tells.
        let cut = [
            "delete from audit where id > 10".to_owned(),
            "update audit_head set last_id = 10, row_count = 10, hash = (select hash from audit where id = 10)"
                .to_owned(),
        ];
        sql(&world, &cut).await;
        assert_eq!(head(&world).await.count, 10);
        assert!(matches!(verdict(&world, Some(&noted.hash)).await, Verdict::Broken { line: 10, .. }));
    });
}

/// A database of an earlier version has lines without hashes: the first start chains them, and no later one does.
#[test]
fn what_an_earlier_version_wrote_is_chained_once() {
    on_both(|world| async move {
        let world = world.with_rose().await;
        let whole = head(&world).await;
        without_triggers(&world).await;
        sql(&world, &["update audit set hash = null, previous = null".into(), "delete from audit_head".into()]).await;
        let again = || async {
            let key = world.lamplight.store.key().clone();
            lamplight::store::Store::open(&world.lamplight.config.database.url, key, false, world.now()).await.unwrap()
        };
        again().await.close().await;
        assert_eq!(head(&world).await, whole, "{}: the same lines have the same hashes", world.database);
        sql(&world, &["update audit set hash = null where id = 3".into()]).await;
        again().await.close().await;
        assert_eq!(broken_at(&world).await.0, 3, "{}", world.database);
    });
}

#[test]
fn a_head_that_was_taken_away_hides_no_change() {
    on_both(|world| async move {
        let world = world.with_rose().await;
        without_triggers(&world).await;
        let change = ["update audit set action = 'kind' where id = 4".into(), "delete from audit_head".into()];
        sql(&world, &change).await;
        let key = world.lamplight.store.key().clone();
        let url = &world.lamplight.config.database.url;
        lamplight::store::Store::open(url, key, false, world.now()).await.unwrap().close().await;
        let (line, why) = broken_at(&world).await;
        assert!(line == 4 && why.contains("changed"), "{}: {line}: {why}", world.database);
    });
}
