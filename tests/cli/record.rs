//! The record of who did what and who looked: listed, walked, and broken.

use sqlx::{AnyConnection, AssertSqlSafe, Connection, Executor};

use crate::{Place, has};

const POST: &str = "Hello, I am new here.";

/// Who looked at what, with which verb.
fn looks(place: &Place) -> Vec<(String, String)> {
    let list = place.json("audit list");
    let looks = list.as_array().unwrap().iter().filter(|line| line["action"] == "looked");
    let text = |value: &serde_json::Value| value.as_str().unwrap().to_owned();
    looks
        .map(|line| {
            assert_eq!(line["actor"], "administrator");
            (text(&line["detail"]["with"]), text(&line["subject"]))
        })
        .collect()
}

#[test]
fn every_look_at_what_is_private_is_one_line() {
    let place = Place::with_rose();
    place.post("ash@home.example", "one@home.example", "Hello", POST);
    place.done("tick");
    let member = place.json("member show rose ash@home.example")["id"].as_i64().unwrap();
    for line in [
        "member list rose",
        "moderator list rose",
        "held list",
        "held list rose",
        "held show 1",
        "post list rose",
        "post show 1",
        "spool list",
        "spool show 1",
        "spool show 1 --raw",
        "thread list rose",
        "thread show 1",
        "outbox list",
        "digest preview rose --member ash@home.example",
        "trace <one@home.example>",
        "trace --post 1",
    ] {
        place.done(line);
    }
    let person = format!("member:{member}");
    let expected = [
        ("member show", person.as_str()),
        ("member list", "group:1"),
        ("moderator list", "group:1"),
        ("held list", "posts"),
        ("held list", "group:1"),
        ("held show", "post:1"),
        ("post list", "group:1"),
        ("post show", "post:1"),
        ("spool list", "spool"),
        ("spool show", "spool:1"),
        ("spool show --raw", "spool:1"),
        ("thread list", "group:1"),
        ("thread show", "thread:1"),
        ("outbox list", "outbox"),
        ("digest preview", person.as_str()),
        ("trace", "spool:1"),
        ("trace", "post:1"),
    ];
    let looked = looks(&place);
    let looked: Vec<(&str, &str)> = looked.iter().map(|(with, at)| (with.as_str(), at.as_str())).collect();
    assert_eq!(looked, expected);
    // What was refused showed nothing.
    place.refused("post show 77");
    place.refused("member show rose nobody@home.example");
    assert_eq!(looks(&place).len(), expected.len());
    assert!(!place.done("audit list").contains('@'), "ids instead of addresses");
}

#[test]
fn the_record_is_listed_by_subject_time_and_number() {
    let place = Place::with_rose();
    let all = place.json("audit list");
    let lines = all.as_array().unwrap();
    assert_eq!(lines.len(), 4, "{all}");
    has(&lines[0], &["id", "at", "actor", "action", "subject", "detail", "hash"]);
    assert_eq!(place.json("audit list --subject member:2").as_array().unwrap().len(), 1);
    assert_eq!(place.json("audit list --limit 1")[0]["id"], 1);
    assert_eq!(place.json("audit list --limit 1 --newest")[0]["id"], 4);
    assert_eq!(place.json("audit list --since 2100-01-01T00:00:00Z"), serde_json::json!([]));
    assert_eq!(place.json("audit list --since 2020-01-01T00:00:00Z").as_array().unwrap().len(), 4);
    assert_eq!(place.run("audit list --since yesterday").code, 2);
    assert_eq!(place.done("audit list").lines().count(), 1 + 4);
}

async fn say(place: &Place, statements: &[&str]) {
    sqlx::any::install_default_drivers();
    let url = format!("sqlite://{}", place.path("var/lamplight.db").display());
    let mut db = AnyConnection::connect(&url).await.unwrap();
    for statement in statements {
        db.execute(AssertSqlSafe((*statement).to_owned())).await.unwrap();
    }
    db.close().await.unwrap();
}

#[test]
fn a_record_that_is_not_whole_ends_with_1_and_its_line() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let place = Place::with_rose();
    let whole = place.json("audit verify");
    assert_eq!((whole["whole"].as_bool(), whole["count"].as_i64()), (Some(true), Some(4)));
    let head = whole["head"].as_str().unwrap().to_owned();
    assert!(place.done("audit verify").contains(&head));
    place.done("group add lily --title Lily");
    place.done(&format!("audit verify --head {}", head.to_uppercase()));
    let head = place.json("audit verify")["head"].as_str().unwrap().to_owned();
    let said = place.refused("audit verify --head 00ff");
    assert!(said.contains("was noted"), "{said}");

    // Whoever can write to the database can mend the head as well; what was noted elsewhere tells.
    runtime.block_on(say(
        &place,
        &[
            "drop trigger audit_no_delete",
            "delete from audit where id = 5",
            "update audit_head set last_id = 4, row_count = 4, hash = (select hash from audit where id = 4)",
        ],
    ));
    place.done("audit verify");
    let said = place.refused(&format!("audit verify --head {head}"));
    assert!(said.contains("was noted"), "{said}");

    runtime
        .block_on(say(&place, &["drop trigger audit_no_update", "update audit set actor = 'member:9' where id = 2"]));
    let said = place.refused("audit verify");
    assert!(said.contains("at line 2") && said.contains("changed"), "{said}");
}
