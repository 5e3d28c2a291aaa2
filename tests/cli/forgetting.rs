//! What is kept about a member is given to her, and taken away.

use std::os::unix::fs::PermissionsExt as _;

use crate::Place;

const WORDS: &str = "My grandmother planted seventeen crooked apple trees.";

/// A member who wrote something that was published.
fn with_a_post() -> Place {
    let place = Place::with_rose();
    place.done("member add rose zeph@home.example --name Zephyrine --real-name Quackenbush --trusted --delivery each");
    place.post("zeph@home.example", "a@phone-of-zeph.example", "Trees", WORDS);
    place.done("tick");
    place
}

#[test]
fn what_is_kept_is_given_to_her() {
    let place = with_a_post();
    place.done("member note rose zeph@home.example sleeps badly");
    let all = place.json("member export rose zeph@home.example");
    assert_eq!(all["member"]["real_name"], "Quackenbush");
    assert_eq!(all["addresses"], serde_json::json!(["zeph@home.example"]));
    assert_eq!(all["posts"][0]["text"], WORDS);
    assert_eq!(all["notes"][0]["text"], "sleeps badly");
    assert!(all["messages_as_they_came"][0]["message"].as_str().unwrap().contains("Message-ID: <a@phone-of-zeph"));
    assert!(all["mails_to_her"].as_array().is_some_and(|mails| mails.iter().any(|mail| mail["subject"] == "Trees")));

    let said = place.done("member export rose zeph@home.example --without-notes --to out.json");
    assert!(said.contains("out.json"), "{said}");
    let file = place.path("out.json");
    assert_eq!(std::fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    let text = std::fs::read_to_string(&file).unwrap();
    assert!(text.contains("seventeen") && !text.contains("sleeps badly"), "{text}");
    assert!(place.refused("member export rose zeph@home.example --to out.json").contains("is there already"));
    assert_eq!(std::fs::read_to_string(&file).unwrap(), text);
    let looks = place.json("audit list");
    let with = |look: &serde_json::Value| look["detail"]["with"] == "member export";
    assert_eq!(looks.as_array().unwrap().iter().filter(|look| with(look)).count(), 2, "{looks}");
}

#[test]
fn she_is_taken_out_and_not_put_in_again_by_mistake() {
    let place = with_a_post();
    assert!(place.refused("member forget rose zeph@home.example").contains("--yes"));
    assert!(place.refused("member forget rose nobody@home.example --yes").contains("nobody in rose"));
    assert!(place.refused("member forget rose dana@clinic.example --yes").contains("only members"));
    let receipt = place.done("member forget rose zeph@home.example --yes");
    for words in ["1 post", "mailboxes of 1 reader:", "backups", "smarthost", "maildir", "Nothing is left to be done"] {
        assert!(receipt.contains(words), "{words}: {receipt}");
    }
    assert!(!receipt.contains("zeph"), "{receipt}");
    for file in ["lamplight.db", "lamplight.db-wal", "lamplight.db-shm"] {
        let bytes = std::fs::read(place.path("var").join(file)).unwrap_or_default();
        let text = String::from_utf8_lossy(&bytes).to_lowercase();
        for word in ["zeph", "quackenbush", "crooked apple"] {
            assert!(!text.contains(word), "{word} in {file}");
        }
    }
    let again = place.json("member forget rose zeph@home.example --yes");
    assert_eq!((again["again"].as_bool(), again["whole"].as_bool()), (Some(true), Some(true)));
    assert!(again["cannot_be_called_back"].as_array().is_some_and(|lines| lines.len() > 4));

    let add = "member add rose zeph@home.example --name Zoe";
    assert!(place.refused(add).contains("asked this group to forget it"));
    std::fs::write(place.path("in.csv"), "address,name\nzeph@home.example,Zoe\n").unwrap();
    let import = place.run("member import rose in.csv");
    assert!(import.code == 1 && import.err.contains("in.csv:2: whoever has this address asked"), "{}", import.err);
    place.done(&format!("{add} --again"));
    place.done("member remove rose zeph@home.example --yes");
    place.done(add);
    assert!(place.done("audit verify").contains("whole"));
    let thread = place.done("thread show 1");
    assert!(thread.contains("A former member") && thread.contains("(removed)"), "{thread}");
    for line in [
        "post show 1",
        "trace --post 1",
        "member list rose",
        "spool list",
        "spool show 1",
        "outbox list",
        "digest list rose",
    ] {
        place.done(line);
    }
}

/// What a run says aloud holds numbers, and no names and no words.
#[test]
fn the_log_names_nobody() {
    let place = with_a_post();
    place.post("zeph@home.example", "b@phone-of-zeph.example", "Kettles", WORDS);
    let mut said = String::new();
    for line in ["-v tick", "-vv member forget rose zeph@home.example --yes", "-vv tick", "-v doctor"] {
        let ended = place.run(line);
        said.push_str(&ended.out);
        said.push_str(&ended.err);
    }
    assert!(said.contains("forgotten"), "{said}");
    for word in ["zeph", "quackenbush", "crooked", "kettles"] {
        assert!(!said.to_lowercase().contains(word), "{word}: {said}");
    }
}

#[test]
fn what_is_kept_how_long() {
    let place = with_a_post();
    let kept = place.json("retention");
    let days: Vec<i64> = kept.as_array().unwrap().iter().filter_map(|kind| kind["kept_days"].as_i64()).collect();
    assert_eq!(days, [30, 30, 365, 730]);
    assert!(kept[0]["count"].as_i64().unwrap() >= 1 && kept[2]["count"] == 1, "{kept}");
    assert_eq!(kept[4]["what"], "the log");
    let shown = place.done("retention");
    assert!(shown.contains("12 months") && !shown.contains("zeph"), "{shown}");
    place.post("ash@home.example", "c@phone.example", "Stairs", "They feel like a mountain.");
    place.done("tick");
    place.done("held return 2 --note later");
    place.done("tick --at 2031-01-01T00:00:00Z");
    // Nobody has read the first one; the other one is decided.
    assert!(place.done("post show 1").contains(WORDS));
    assert!(place.done("held show 2").contains("(no longer kept)"));
    assert!(place.done("spool show 2").contains("no longer kept as it came"));
    assert!(place.refused("spool show 2 --raw").contains("no longer kept as it came"));
    for line in ["trace --post 2", "outbox list", "post list", "digest list rose"] {
        place.done(line);
    }
    let text = place.done("audit verify");
    assert!(text.contains("whole"), "{text}");
    let settings = "[service]\ndomain = \"groups.example\"\nadministrators = [\"admin@home.example\"]\n[retention]\n";
    place.settings(&format!("{settings}raw_days = \"never\"\n"));
    assert_eq!(place.json("retention")[0]["kept_for"], "ever");
    place.settings(&format!("{settings}raw_days = 0\n"));
    assert!(place.run("retention").err.contains("or \"never\""));
}
