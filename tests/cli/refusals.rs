//! Exit codes and the one clear line: no house yet, broken settings, another key, a newer database, wrong usage.

use crate::Place;

/// One line of every noun that needs a house.
const NEEDS_A_HOUSE: &[&str] = &[
    "group list",
    "moderator list rose",
    "member list rose",
    "held list",
    "post list",
    "thread list rose",
    "digest list rose",
    "outbox list",
    "spool list",
    "trace a@b",
    "tick",
    "serve",
];

const TO_ROSE: &str = "--sender k@h.example --recipient rose@groups.example";

#[test]
fn without_init() {
    let place = Place::bare();
    for line in NEEDS_A_HOUSE {
        assert!(place.refused(line).contains("run `lamplight init`"), "{line}");
    }
    let ended = place.deliver(TO_ROSE, "Subject: x\n\nx\n");
    assert_eq!(ended.code, 75);
    assert!(ended.err.contains("init"), "{}", ended.err);
    assert!(!place.path("var").exists(), "nothing was made");
}

#[test]
fn init_is_safe_to_repeat() {
    let place = Place::bare();
    let first = place.done("init");
    for word in ["lmtp:inet:127.0.0.1:2424", "reject_unverified_recipient", "recipient_delimiter = +", "IN MX", "spf1"]
    {
        assert!(first.contains(word), "{word}: {first}");
    }
    let key = std::fs::read(place.path("var/key")).unwrap();
    place.done("group add rose --title Rose");
    assert_eq!(place.json("init")["key_made"], false);
    assert_eq!(std::fs::read(place.path("var/key")).unwrap(), key);
    assert_eq!(place.json("group list")[0]["name"], "rose");
    use std::os::unix::fs::PermissionsExt as _;
    assert_eq!(std::fs::metadata(place.path("var/key")).unwrap().permissions().mode() & 0o777, 0o600);
}

#[test]
fn a_typo_in_the_settings_is_named() {
    let place = Place::with_rose();
    place.settings("[service]\ndomian = \"groups.example\"\n\n[outbound]\nconnections = \"many\"\n");
    for line in NEEDS_A_HOUSE.iter().chain(&["init", "doctor"]) {
        let ended = place.run(line);
        assert_eq!(ended.code, 1, "{line}");
        let said = format!("{}{}", ended.out, ended.err);
        assert!(said.contains("lamplight.toml:2") && said.contains("service.domain"), "{line}: {said}");
        assert!(said.contains("lamplight.toml:5"), "all faults at once: {said}");
    }
    assert_eq!(place.deliver(TO_ROSE, "Subject: x\n\nx\n").code, 75, "the mail server keeps it");
    assert_eq!(place.run("--config none.toml group list").code, 1);
}

#[test]
fn another_key_is_refused() {
    let place = Place::with_rose();
    std::fs::write(place.path("var/key"), "00".repeat(32)).unwrap();
    for line in NEEDS_A_HOUSE.iter().chain(&["init"]) {
        assert!(place.refused(line).contains("key"), "{line}");
    }
    assert_eq!(place.deliver(TO_ROSE, "Subject: x\n\nx\n").code, 75);
    assert_eq!(place.run("doctor").code, 1);
}

#[test]
fn a_newer_database_is_refused() {
    let place = Place::with_rose();
    let url = format!("sqlite://{}", place.path("var/lamplight.db").display());
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        sqlx::any::install_default_drivers();
        let pool = sqlx::AnyPool::connect(&url).await.unwrap();
        sqlx::query(
            "insert into _sqlx_migrations (version, description, success, checksum, execution_time)
             values (9999, 'later', true, x'00', 0)",
        )
        .execute(&pool)
        .await
        .unwrap();
        pool.close().await;
    });
    for line in NEEDS_A_HOUSE.iter().chain(&["init"]) {
        assert!(place.refused(line).contains("newer"), "{line}");
    }
    assert_eq!(place.deliver(TO_ROSE, "Subject: x\n\nx\n").code, 75);
}

#[test]
fn wrong_usage_is_2() {
    let place = Place::with_rose();
    for line in [
        "",
        "nonsense",
        "group",
        "group nonsense",
        "group add rose",
        "group set rose",
        "member set rose ash@home.example",
        "group set rose --moderation some",
        "group set rose --hold-everything perhaps",
        "member add rose nowhere --name New",
        "member add rose n@home.example --name New --delivery often",
        "tick --at yesterday",
        "held show one",
        "held return 1",
        "outbox retry",
        "spool retry 1 --all",
        "member list rose --limit some",
        "-v -q group list",
        "completions",
        "audit",
    ] {
        let ended = place.run(line);
        assert_eq!(ended.code, 2, "{line}: {}", ended.err);
        assert!(!ended.err.is_empty() && ended.out.is_empty(), "{line}");
    }
}

#[test]
fn help_completions_and_manual() {
    let place = Place::bare();
    assert!(place.done("--help").contains("deliver"));
    assert!(place.done("--version").contains(env!("CARGO_PKG_VERSION")));
    assert!(place.done("completions bash").contains("lamplight"));
    assert!(place.done("completions zsh").contains("lamplight"));
    assert!(place.done("man").contains(".TH lamplight"));
    place.done("man --dir pages");
    assert!(place.path("pages/lamplight-member-import.1").exists());
}

#[test]
fn doctor_says_what_is_not_as_it_should_be() {
    let place = Place::with_rose();
    let report = place.json("doctor");
    assert_eq!(report["ok"], true);
    let told = place.done("doctor");
    for word in ["no sender can be verified", "captured", "SQLite", "serve", "emergency", "lamplight.toml", "free"] {
        assert!(told.contains(word), "{word}: {told}");
    }
    assert!(!told.contains("administrators is empty") && !told.contains("no active moderator"), "{told}");
    place.post("ash@home.example", "a1@home.example", "A walk", "Today I walked as far as the river.");
    place.done("tick");
    place.run("moderator suspend rose dana@clinic.example");
    place.settings("[service]\ndomain = \"groups.example\"\n");
    let told = place.done("doctor");
    for word in ["administrators is empty", "rose has no active moderator", "1 held post waiting"] {
        assert!(told.contains(word), "{word}: {told}");
    }
    std::fs::remove_file(place.path("var/key")).unwrap();
    let ended = place.run("doctor");
    assert_eq!(ended.code, 1);
    assert!(ended.out.contains("broken"), "{}", ended.out);
}

#[test]
fn init_and_doctor_say_plainly_that_no_sender_can_be_verified() {
    let place = Place::with_rose();
    for command in ["init", "doctor"] {
        let ended = place.run(command);
        let told = format!("{}{}", ended.out, ended.err);
        for words in [
            "anyone can write in a member's name",
            "moderation mode alone decides",
            "group set NAME --moderation all",
            "inbound.trusted_authserv_ids",
            "docs/running.md",
        ] {
            assert!(told.contains(words), "{command}: {words}: {told}");
        }
        assert_eq!(ended.code, 0, "{command}: a warning is no fault");
    }
    place.settings(
        "[service]\ndomain = \"groups.example\"\nadministrators = [\"admin@home.example\"]\n\
         [inbound]\ntrusted_authserv_ids = [\"mx.groups.example\"]\n",
    );
    for command in ["init", "doctor"] {
        let ended = place.run(command);
        let told = format!("{}{}", ended.out, ended.err);
        assert!(!told.contains("anyone can write"), "{command}: {told}");
    }
    assert!(place.done("doctor").contains("a pass in Authentication-Results of mx.groups.example"));
    // And so it is: what bears no pass waits, whoever is trusted in the group.
    place.post("kit@home.example", "k1@home.example", "Tea", "I like it hot.");
    place.done("tick");
    assert_eq!(place.json("held list")[0]["reasons"][0], "sender-not-verified");
}

#[test]
fn a_listing_may_be_read_in_part() {
    let place = Place::with_rose();
    // A reader that goes away is no failure.
    let shell = format!("{} member list rose --json | head -n 1", env!("CARGO_BIN_EXE_lamplight"));
    let ended = std::process::Command::new("bash")
        .args(["-o", "pipefail", "-c", &shell])
        .current_dir(place.path(""))
        .output()
        .unwrap();
    assert!(ended.status.success(), "{}", String::from_utf8_lossy(&ended.stderr));
}
