//! Groups, moderators, members, imports.

use crate::{Place, has};

#[test]
fn a_group_from_first_to_last() {
    let place = Place::ready();
    let empty = place.run("group list");
    assert_eq!((empty.code, empty.out.as_str()), (0, ""));
    assert_eq!(empty.err, "lamplight: no groups\n");
    assert_eq!(place.json("group list"), serde_json::json!([]));

    let added = place.run("group add rose --title Rose --timezone Europe/Paris --language en");
    assert_eq!(added.code, 0);
    assert!(added.err.contains("neutral"), "advice: {}", added.err);
    let shown = place.json("group show rose");
    assert_eq!(shown["digest"], "30 17 * * *");
    assert_eq!((shown["moderation"].as_str(), shown["timezone"].as_str()), (Some("first"), Some("Europe/Paris")));

    let set: Vec<&str> =
        "group set rose --emergency-number 112 --hold-everything yes --moderation all --subjects neutral"
            .split(' ')
            .chain(["--lifeline", "call or text 988", "--digest", "0 8 * * 1-5", "--title", "The Rose"])
            .collect();
    assert_eq!(place.feed(&set, b"").code, 0);
    let shown = place.json("group show rose");
    assert_eq!(shown["emergency_number"], "112");
    assert_eq!(shown["lifeline"], "call or text 988");
    assert_eq!((shown["hold_everything"].as_bool(), shown["subjects"].as_str()), (Some(true), Some("neutral")));
    assert_eq!((shown["digest"].as_str(), shown["title"].as_str()), (Some("0 8 * * 1-5"), Some("The Rose")));
    assert_eq!(place.feed(&["group", "set", "rose", "--lifeline", "", "--emergency-number", "none"], b"").code, 0);
    let shown = place.json("group show rose");
    assert!(shown["lifeline"].is_null() && shown["emergency_number"].is_null());

    assert!(place.refused("group close rose").contains("--yes"));
    place.done("group close rose --yes");
    assert_eq!(place.json("--json group list")[0]["state"], "closed");
    assert!(place.refused("group close rose --yes").contains("already"));
}

#[test]
fn a_group_speaks_a_language_that_has_a_folder() {
    let place = Place::ready();
    let there_are = "`de` is not a language Lamplight has; it has en, es";
    assert!(place.refused("group add rose --title Rose --language de").contains(there_are));
    place.done("group add rose --title Rosa --language ES");
    assert_eq!(place.json("group show rose")["language"], "es");
    assert!(place.refused("group set rose --language de").contains(there_are));

    std::fs::create_dir_all(place.path("own/de/held")).unwrap();
    place.settings(
        "[service]\ndomain = \"groups.example\"\nadministrators = [\"admin@home.example\"]\ntemplates = \"own\"\n",
    );
    place.done("group set rose --language de");
    place.done("group add iris --title Iris --language de");
    assert_eq!(place.json("group show rose")["language"], "de");
    assert!(place.refused("group add fern --title Fern --language tlh").contains("it has de, en, es"));
}

#[test]
fn a_new_schedule_moves_everybodys_next_digest() {
    let place = Place::with_rose();
    let due = |place: &Place| place.json("member show rose ash@home.example")["next_digest_at"].clone();
    let before = due(&place);
    assert_eq!(place.feed(&["group", "set", "rose", "--digest", "17 3 * * *"], b"").code, 0);
    let after = due(&place);
    assert_ne!(before, after);
    assert!(after.as_str().unwrap().contains(":17:00"), "{after}");
}

#[test]
fn how_mail_comes_is_set_shown_and_taken_back() {
    let place = Place::with_rose();
    let set = |words: &str| place.json(&format!("member set rose ash@home.example {words}"));
    let shown = set("--days mon,wed,fri --format text --fold Hair-Loss --fold needles");
    assert_eq!((shown["days"].as_str(), shown["format"].as_str()), (Some("1,3,5"), Some("text")));
    assert_eq!(shown["folds"], serde_json::json!(["hair loss", "needles"]));
    assert_eq!(set("--unfold NEEDLES")["folds"], serde_json::json!(["hair loss"]));
    assert_eq!(set("--unfold all --days none --format html")["folds"], serde_json::json!([]));
    assert!(set("--fold all")["days"].is_null());
    for wrong in ["--days noday", "--format pdf", "--fold ."] {
        assert_eq!(place.run(&format!("member set rose ash@home.example {wrong}")).code, 2, "{wrong}");
    }

    let paused = place.json("member pause rose ash@home.example --until 2999-01-03");
    assert_eq!((paused["state"].as_str(), paused["paused_until"].as_str().is_some()), (Some("paused"), true));
    let words = place.done("member show rose ash@home.example");
    assert!(words.contains("Paused until") && words.contains("2999-01-0") && words.contains("Folded notes"), "{words}");
    assert!(place.refused("member pause rose ash@home.example --until 2020-01-03").contains("no day to come"));
    assert!(place.json("member pause rose ash@home.example")["paused_until"].is_null(), "until somebody says so");
    assert!(place.json("member resume rose ash@home.example")["paused_until"].is_null());
    assert!(place.refused("member mute rose ash@home.example 77").contains("no conversation 77"));
}

#[test]
fn notes_about_a_member_are_kept_and_shown() {
    let place = Place::with_rose();
    assert_eq!(place.json("member show rose ash@home.example")["notes"], serde_json::json!([]));
    assert!(place.done("member note rose ash@home.example called on Monday").contains("is kept"));
    place.done("member note rose ash@home.example next scan on the 4th");
    let notes = place.json("member show rose ash@home.example")["notes"].clone();
    let texts: Vec<&str> = notes.as_array().unwrap().iter().map(|note| note["text"].as_str().unwrap()).collect();
    assert_eq!(texts, ["next scan on the 4th", "called on Monday"]);
    assert!(notes[0]["by"].is_null() && notes[0]["at"].is_string(), "{notes}");
    let shown = place.done("member show rose ash@home.example");
    assert!(shown.contains("Note by an administrator") && shown.contains("called on Monday"), "{shown}");
    assert!(place.refused("member note rose nobody@home.example words").contains("nobody"));
    assert_eq!(place.run("member note rose ash@home.example").code, 2);
}

#[test]
fn a_member_from_first_to_last() {
    let place = Place::with_rose();
    let list = place.json("member list rose");
    assert_eq!(list.as_array().unwrap().len(), 2);
    has(&list[0], &["address", "name", "delivery", "state", "trusted"]);
    assert_eq!((list[1]["name"].as_str(), list[1]["trusted"].as_bool()), (Some("Kit"), Some(true)));
    assert_eq!(place.json("member list rose --limit 1").as_array().unwrap().len(), 1);
    assert_eq!(place.done("member list rose").lines().count(), 1 + 2, "the headings and a line each");
    assert!(place.run("outbox list").err.contains("no mail"), "nobody was written to");

    let ash = "rose ASH@home.example";
    place.done(&format!(
        "member set {ash} --name Alder --delivery weekly --hour 7:30 --timezone Asia/Tokyo --trusted yes"
    ));
    let shown = place.json(&format!("member show {ash}"));
    assert_eq!((shown["name"].as_str(), shown["delivery"].as_str()), (Some("Alder"), Some("weekly")));
    assert_eq!((shown["hour"].as_str(), shown["timezone"].as_str()), (Some("07:30"), Some("Asia/Tokyo")));
    assert_eq!(shown["trusted"], true);
    place.done(&format!("member set {ash} --hour none --timezone none --trusted no"));
    let shown = place.json(&format!("member show {ash}"));
    assert!(shown["hour"].is_null() && shown["timezone"].is_null() && shown["trusted"] == false);

    place.done(&format!("member pause {ash}"));
    let shown = place.json(&format!("member show {ash}"));
    assert!(shown["state"] == "paused" && shown["next_digest_at"].is_null());
    place.done(&format!("member resume {ash}"));
    assert!(place.refused(&format!("member remove {ash}")).contains("--yes"));
    place.done(&format!("member remove {ash} --yes"));
    let shown = place.json(&format!("member show {ash}"));
    assert!(shown["state"] == "left" && shown["next_digest_at"].is_null());
    assert!(place.refused(&format!("member resume {ash}")).contains("member add"));
    place.done("member add rose ash@home.example --name Ash --welcome");
    assert_eq!(place.json("outbox list")[0]["template"], "welcome");
}

#[test]
fn the_last_moderator_is_missed() {
    let place = Place::with_rose();
    let dana = "rose dana@clinic.example";
    let suspended = place.run(&format!("moderator suspend {dana}"));
    assert_eq!(suspended.code, 0);
    assert!(suspended.err.contains("warning: rose has no active moderator"), "{}", suspended.err);
    assert_eq!(place.json("moderator list rose")[0]["state"], "suspended");
    assert_eq!(place.run(&format!("moderator resume {dana}")).err, "");
    place.done("moderator add rose robin@clinic.example --name Robin --delivery each");
    assert_eq!(place.run(&format!("moderator remove {dana} --yes")).err, "");
    assert!(place.refused(&format!("moderator resume {dana}")).contains("moderator add"));
    assert!(place.refused("moderator suspend rose kit@home.example").contains("lamplight member"));
    assert!(place.refused("member pause rose robin@clinic.example").contains("lamplight moderator"));
}

#[test]
fn what_can_not_be_on_a_roster() {
    let place = Place::with_rose();
    assert!(place.refused("member add rose kit@home.example --name Other").contains("already"));
    assert!(place.refused("member add rose new@home.example --name KIT").contains("the name KIT"));
    assert!(place.refused("member add rose rose@groups.example --name Loop").contains("circle"));
    assert!(place.refused("member add rose new@home.example --name a@b").contains("address"));
    assert!(place.refused("member add lily new@home.example --name New").contains("no group lily"));
    assert_eq!(place.json("member list rose").as_array().unwrap().len(), 2);
}

#[test]
fn an_import_is_all_or_nothing() {
    let place = Place::with_rose();
    let bad = "\u{feff}name,address,delivery,trusted,hour\nNew,new@home.example,each,yes,7\nKit,k2@home.example,,,\n\
               Other,ash@home.example,,,\nTwice,new@home.example,,,\nBad,nowhere,often,maybe,25\nShort,s@home.example\n";
    std::fs::write(place.path("bad.csv"), bad).unwrap();
    let ended = place.run("member import rose bad.csv");
    assert_eq!(ended.code, 1);
    for line in [3, 4, 5, 6, 7] {
        assert!(ended.err.contains(&format!("bad.csv:{line}: ")), "line {line}: {}", ended.err);
    }
    assert!(!ended.err.contains("bad.csv:2:"), "{}", ended.err);
    for word in ["nowhere", "often", "maybe", "25"] {
        assert!(ended.err.contains(word), "{word}: {}", ended.err);
    }
    assert!(ended.err.lines().last().unwrap().contains("nobody was imported: 5 rows"), "{}", ended.err);
    assert_eq!(place.json("member list rose").as_array().unwrap().len(), 2);

    place.done("member remove rose ash@home.example --yes");
    let good = "trusted,address,real_name,name,timezone\nyes,new@home.example,Jo Doe,New,Asia/Tokyo\n,ASH@home.example,,Ash,\n";
    std::fs::write(place.path("good.csv"), good).unwrap();
    assert_eq!(place.json("member import rose good.csv")["imported"], 2);
    let list = place.json("member list rose");
    assert_eq!(list.as_array().unwrap().len(), 3, "who had left is taken back: {list}");
    let new = place.json("member show rose new@home.example");
    assert_eq!((new["real_name"].as_str(), new["timezone"].as_str()), (Some("Jo Doe"), Some("Asia/Tokyo")));
    assert!(new["trusted"] == true && new["delivery"] == "daily" && !new["next_digest_at"].is_null());

    std::fs::write(place.path("odd.csv"), "address,name,pronoun\n").unwrap();
    assert!(place.refused("member import rose odd.csv").contains("pronoun"));
    assert!(place.refused("member import rose none.csv").contains("none.csv"));
}

#[test]
fn ten_thousand_are_imported_in_two_seconds() {
    let place = Place::with_rose();
    let mut csv = "address,name,delivery,hour,trusted\n".to_owned();
    for number in 0..10_000 {
        csv.push_str(&format!("m{number}@home.example,Member {number},daily,{},yes\n", number % 24));
    }
    std::fs::write(place.path("many.csv"), csv).unwrap();
    let began = std::time::Instant::now();
    place.done("member import rose many.csv");
    let took = began.elapsed();
    assert_eq!(place.done("member list rose").lines().count(), 1 + 10_002, "listings are complete");
    // The promise is 2 s; a program without optimisation on a busy machine gets some more.
    let most = if cfg!(debug_assertions) { 6 } else { 2 };
    assert!(took.as_secs() < most, "{took:?}");
}

#[test]
fn a_member_writes_from_several_addresses() {
    let place = Place::with_rose();
    let said = place.done("member address add rose kit@home.example kit@work.example");
    assert!(said.contains("Kit of rose writes from kit@work.example, too"), "{said}");
    for line in ["member show rose kit@home.example", "member show rose KIT@work.example"] {
        let shown = place.json(line);
        assert_eq!((&shown["name"], &shown["address"]), (&"Kit".into(), &"kit@home.example".into()), "{line}");
        assert_eq!(shown["other_addresses"], serde_json::json!(["kit@work.example"]), "{line}");
    }
    assert!(place.done("member show rose kit@home.example").contains("Writes also from"));
    let all = place.json("member export rose kit@home.example");
    assert_eq!(all["member"]["other_addresses"], serde_json::json!(["kit@work.example"]));
    assert_eq!(all["addresses"], serde_json::json!(["kit@home.example", "kit@work.example"]));
    let list = place.json("member list rose");
    assert_eq!(list[0]["other_addresses"], serde_json::json!([]));
    assert_eq!(list[1]["other_addresses"], serde_json::json!(["kit@work.example"]));
    place.done("member set rose kit@work.example --hour 8");
    assert!(place.run("outbox list").err.contains("no mail"), "nobody was written to");

    for (line, why) in [
        ("member add rose kit@work.example --name Kim", "somebody in rose writes from this address as well"),
        ("moderator add rose kit@work.example --name Kim", "somebody in rose writes from this address as well"),
        ("member address add rose ash@home.example kit@work.example", "somebody in rose writes from this address"),
        ("member address add rose ash@home.example kit@home.example", "is a member of rose already"),
        ("member address add rose kit@home.example kit@work.example", "writes from this address already"),
        ("member address add rose kit@home.example rose-owner@groups.example", "Lamplight itself"),
        ("member address add rose dana@clinic.example dana@home.example", "moderator"),
        ("member address add rose nobody@home.example x@home.example", "nobody in rose"),
        ("member address remove rose kit@home.example ash@home.example", "does not write from this address"),
        ("member address remove rose kit@home.example kit@home.example", "mail goes to"),
    ] {
        let refused = place.refused(line);
        assert!(refused.contains(why), "{line}: {refused}");
    }
    std::fs::write(place.path("more.csv"), "address,name\nnew@home.example,New\nkit@work.example,Kim\n").unwrap();
    let ended = place.run("member import rose more.csv");
    assert!(ended.code == 1 && ended.err.contains("more.csv:3: somebody in rose writes from"), "{}", ended.err);
    assert_eq!(place.json("member list rose").as_array().unwrap().len(), 2, "nobody was imported");

    // Whoever comes to look after a group writes from one address alone.
    place.done("member remove rose kit@home.example --yes");
    place.done("moderator add rose kit@home.example --name Kit");
    place.done("member add rose kit@work.example --name Kim");
    place.done("member address add rose kit@work.example kim@home.example");
    place.done("member address remove rose kim@home.example kim@home.example");
    assert_eq!(place.json("member show rose kit@work.example")["other_addresses"], serde_json::json!([]));
}

/// A name that somebody wrote into a From in Kit's name holds others' posts until an administrator takes it away.
#[test]
fn a_name_that_is_none_of_hers_is_unlearned() {
    let place = Place::with_rose();
    place.done("member set rose kit@home.example --trusted yes");
    let forged = "From: \"Kit Oxaliplatinum\" <kit@home.example>\nTo: rose@groups.example\nSubject: Tea\nMessage-ID: <f1@x>\n\nGood tea.\n";
    assert_eq!(place.deliver("--sender kit@home.example --recipient rose@groups.example", forged).code, 0);
    place.run("tick -q");
    assert_eq!(place.json("member show rose kit@home.example")["learnt_names"][0], "Kit Oxaliplatinum");
    let all = place.json("member export rose kit@home.example");
    assert_eq!(all["names_in_her_mails"], serde_json::json!(["Kit Oxaliplatinum"]));
    place.post("kit@home.example", "k9@home.example", "Dose", "Oxaliplatinum made me tired.");
    place.run("tick -q");
    let held = place.json("held list");
    assert!(held.to_string().contains("names-someone"), "{held}");
    assert_eq!(place.run("member unlearn rose kit@home.example Somebody").code, 1);
    let said = place.feed(&["member", "unlearn", "rose", "kit@home.example", "kit  OXALIPLATINUM"], b"");
    assert!(said.out.contains("not looked for any more"), "{} {}", said.out, said.err);
    assert_eq!(place.json("member show rose kit@home.example")["learnt_names"], serde_json::json!([]));
    // It is not learnt once more, and holds nothing.
    let again = forged.replace("f1@x", "f2@x").replace("Good tea", "More tea");
    assert_eq!(place.deliver("--sender kit@home.example --recipient rose@groups.example", &again).code, 0);
    place.run("tick -q");
    place.post("kit@home.example", "k10@home.example", "Dose", "Oxaliplatinum again, and I slept.");
    place.run("tick -q");
    assert_eq!(place.json("held list").as_array().unwrap().len(), held.as_array().unwrap().len());
}
