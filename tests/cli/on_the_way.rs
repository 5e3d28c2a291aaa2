//! Mail on its way on a bad day: what `tick`, the listings and `trace` say of it, and to whom.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{TcpListener, TcpStream};
use std::process::Command;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::json;

use crate::{Place, has};

/// A smarthost that refuses Kit and Dana for good and Tom for now; everybody else's mail is taken.
fn smarthost(place: &Place) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    send_through(place, &format!("smtp://{}", listener.local_addr().unwrap()));
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            std::thread::spawn(move || talk(stream));
        }
    });
}

fn send_through(place: &Place, smarthost: &str) {
    let settings = std::fs::read_to_string(place.path("lamplight.toml")).unwrap();
    let settings = settings.split("[outbound]").next().unwrap();
    place.settings(&format!("{settings}[outbound]\nsmarthost = \"{smarthost}\"\n"));
}

fn talk(mut stream: TcpStream) {
    let _ = stream.write_all(b"220 here\r\n");
    let mut is_message = false;
    for line in BufReader::new(stream.try_clone().unwrap()).lines().map_while(Result::ok) {
        let said = match line.get(..4).unwrap_or(&line) {
            "." => "250 2.0.0 taken",
            _ if is_message => continue,
            "RCPT" if line.contains("kit@") || line.contains("dana@") => "550 5.1.1 gone",
            "RCPT" if line.contains("tom@") => "450 4.2.0 busy",
            "DATA" => "354 go on",
            "QUIT" => "221 bye",
            _ => "250 fine",
        };
        is_message = said.starts_with("354");
        let _ = stream.write_all(format!("{said}\r\n").as_bytes());
    }
}

/// A post that Kit and Tom get as a single mail, and one that is held.
fn bad_day() -> Place {
    let place = Place::with_rose();
    place.done("member add rose tom@home.example --name Tom --delivery each");
    place.post("kit@home.example", "k1@home.example", "A walk", "Today I walked as far as the river.");
    place.post("ash@home.example", "a1@home.example", "Mine", "I stayed at home and read all day.");
    place
}

fn said(place: &Place, line: &str) -> String {
    place.done(line).trim_end().to_owned()
}

#[test]
fn tick_says_what_failed_and_what_is_to_be_tried_again() {
    let place = bad_day();
    smarthost(&place);
    let ended = place.run("tick -q");
    assert_eq!(ended.code, 1, "{}", ended.out);
    assert_eq!(ended.err, "lamplight: 2 mails failed for good (outbox list --state failed)\n");
    // The second is the administrators', about the moderator who did not get her notice.
    assert!(ended.out.contains("2 sent, 2 failed, 1 waiting (1 to be tried again, the first at 20"), "{}", ended.out);
    // What is only postponed is no trouble, and what failed before is told once.
    let again = place.run("tick -q");
    assert_eq!((again.code, again.err.as_str()), (0, ""));
    assert!(again.out.contains("0 failed, 1 waiting (1 to be tried again"), "{}", again.out);
    let report = place.json("tick");
    assert_eq!((&report["failed"], &report["postponed"], &report["waiting"]), (&json!(0), &json!(1), &json!(1)));
    assert!(report["next_at"].as_str().unwrap().starts_with("20"), "{report}");
    place.done("outbox retry --all");
    let report: serde_json::Value = serde_json::from_str(&place.run("--json tick -q").out).unwrap();
    assert_eq!((&report["failed"], &report["unreachable"]), (&json!(2), &json!(false)));
}

#[test]
fn did_she_get_it_on_a_bad_day() {
    let place = bad_day();
    let (kit, tom) = ("trace --post 1 --member kit@home.example", "trace --post 1 --member tom@home.example");
    let dana = "trace --post 2 --member dana@clinic.example";
    send_through(&place, "smtp://127.0.0.1:1");
    place.run("tick -q");
    let told = said(&place, kit);
    assert!(
        told.contains("waits for Kit, in a mail of its own, until the smarthost takes mail again; at 20"),
        "{told}"
    );
    assert!(told.contains("counts as no attempt: connecting: ") && !told.contains("0 attempts"), "{told}");
    let told = said(&place, dana);
    assert!(told.contains("it is held and waits for a decision. The request to decide on it waits for Dana"), "{told}");

    smarthost(&place);
    place.run("tick -q");
    let told = said(&place, kit);
    assert!(told.contains("Kit did not get it: a mail of its own failed for good at 20"), "{told}");
    assert!(told.ends_with(" after 1 attempt: RCPT: 550 5.1.1 gone."), "{told}");
    let told = said(&place, tom);
    assert!(told.contains("waits for Tom, in a mail of its own, after 1 attempt, the last at 20"), "{told}");
    assert!(told.contains("; the next is due at 20") && told.ends_with(": RCPT: 450 4.2.0 busy."), "{told}");
    let told = said(&place, dana);
    assert!(told.contains("Dana did not get the request to decide on it: it failed for good at 20"), "{told}");
    assert_eq!(place.json(dana)["notices"][0]["state"], "failed");
    let told = said(&place, "trace --post 2 --member ash@home.example");
    assert!(told.contains("The word that it is held was taken over by the smarthost for Ash at 20"), "{told}");

    place.done("outbox retry --all");
    for line in [kit, tom, dana] {
        let told = said(&place, line);
        assert!(told.contains("due since 20") && !told.contains("RCPT"), "an old cause: {told}");
    }
    place.done("member pause rose tom@home.example");
    assert!(said(&place, tom).contains("will be dropped when its turn comes: Tom no longer takes part"));
    place.done("group set rose --hold-everything yes");
    assert!(
        said(&place, kit)
            .ends_with("It waits for Kit, in a mail of its own, until the group holds everything no more.")
    );
    let row = &place.json("outbox list --recipient kit@home.example")[0];
    assert_eq!((&row["held_back"], &row["cause"]), (&json!(true), &json!("its group holds everything")));
}

#[test]
fn everybody_without_a_copy_stands_in_the_trace() {
    let place = bad_day();
    place.done("member add rose mira@home.example --name Mira --delivery none");
    place.done("tick");
    let told = place.done("trace --post 1");
    for line in [
        "sent kit@home.example (single): written 20",
        "  No copy\n    Ash has not got it yet: it goes with the digest that is due at 20",
        "    Mira did not get it: Mira reads nothing by mail (delivery none).",
        "    Dana has not got it yet: it goes with the digest",
    ] {
        assert!(told.contains(line), "{line}: {told}");
    }
    let others = place.json("trace --post 1")["others"].clone();
    assert_eq!(others.as_array().unwrap().len(), 3);
    has(&others[0], &["recipient", "answer"]);
    assert!(!place.done("trace --post 2").contains("No copy"), "nobody has a post that is held");
}

#[test]
fn an_author_is_told_what_became_of_a_post() {
    let place = Place::with_rose();
    place.done("member add rose mira@home.example --name Mira --delivery none");
    for (number, who) in ["ash", "ash", "mira"].iter().enumerate() {
        let text = format!("I stayed at home and read the book of day {number}.");
        place.post(&format!("{who}@home.example"), &format!("a{number}@home.example"), "Mine", &text);
    }
    place.done("tick");
    for id in ["1", "2"] {
        place.feed(&["held", "return", id, "--note", "Please leave the name out."], b"");
    }
    place.done("held approve 3");
    place.done("tick");
    for id in [1, 2] {
        let line = format!("trace --post {id} --member ash@home.example");
        let told = said(&place, &line);
        assert!(told.contains("Ash did not get it, nor did anybody: it was returned to its author."), "{told}");
        assert!(told.contains(" The mail that returned it was taken over by the smarthost for Ash at 20"), "{told}");
        let notices = place.json(&line)["notices"].clone();
        assert_eq!(
            notices.as_array().unwrap().len(),
            2,
            "held and returned, and those of the other post not: {notices}"
        );
    }
    let told = said(&place, "trace --post 3 --member mira@home.example");
    assert!(told.contains(" The word that it was published was taken over by the smarthost for Mira at 20"), "{told}");
    let told = place.json("trace --post 3");
    assert!(told["copies"].as_array().unwrap().iter().all(|copy| copy["kind"] == "post"), "{told}");
}

#[test]
fn listings_have_headings_a_newest_end_and_recipients() {
    let place = bad_day();
    place.done("tick");
    place.done("digest send rose");
    for (listing, headings) in [
        ("group list", "NAME\tTITLE"),
        ("moderator list rose", "ADDRESS\tNAME"),
        ("member list rose", "ADDRESS\tNAME"),
        ("held list", "ID\tGROUP\tNAME"),
        ("post list", "ID\tGROUP\tNAME"),
        ("thread list rose", "ID\tSUBJECT"),
        ("digest list rose", "DAY\tNAME"),
        ("outbox list", "ID\tRECIPIENT\tSTATE"),
        ("spool list", "ID\tSTATE\tSENDER"),
    ] {
        let told = place.done(listing);
        assert!(told.starts_with(headings), "{listing}: {told}");
        let all = place.json(listing);
        assert_eq!(told.lines().count(), 1 + all.as_array().unwrap().len(), "{listing}: {told}");
        assert_eq!(place.json(&format!("{listing} --limit 1")), json!([all[0]]), "{listing}");
        assert_eq!(place.json(&format!("--json {listing} --limit 0")), json!([]), "{listing}");
    }
    for listing in ["held list", "post list", "thread list rose", "digest list rose", "outbox list", "spool list"] {
        let mut all = place.json(listing).as_array().unwrap().clone();
        all.reverse();
        assert_eq!(place.json(&format!("{listing} --newest")), json!(all), "{listing}");
        assert_eq!(place.json(&format!("{listing} --limit 1 --newest")), json!([all[0]]), "{listing}");
    }
    let hers = place.json("outbox list --recipient ASH@home.example --state sent");
    assert!(hers.as_array().unwrap().iter().all(|row| row["recipient"] == "ash@home.example"), "{hers}");
    assert_eq!(hers.as_array().unwrap().len(), 1, "the word that her post is held; her digest waits: {hers}");
    assert_eq!(place.json("outbox list --recipient nobody@home.example"), json!([]));
    place.deliver("--sender k@h.example --recipient rose-owner@groups.example", "Subject: x\n\nx\n");
    assert_eq!(place.json("spool list --recipient rose@groups.example").as_array().unwrap().len(), 2);
    let line = place.json("spool list --recipient ROSE-OWNER@groups.example --newest");
    assert_eq!((line.as_array().unwrap().len(), &line[0]["id"]), (1, &json!(3)));
    assert_eq!(place.json("spool list --recipient owner@groups.example"), json!([]), "whole addresses only");
}

#[test]
fn what_can_be_retried_and_what_became_of_the_rest() {
    let place = bad_day();
    place.done("tick");
    assert!(place.refused("outbox retry 1").contains("1 neither waits nor failed: it was sent at 20"));
    assert!(place.refused("outbox drop 1 --yes").contains("it was sent at 20"));
    assert!(place.refused("outbox retry 99").contains("there is no row 99 in the outbox"));
    assert!(place.done("outbox retry --all").contains("nothing waits and nothing failed"));
    assert!(place.refused("spool retry 1").contains("message 1 is not set aside: it is done"));
    assert!(place.refused("spool retry 99").contains("there is no message 99"));
    assert!(place.done("spool retry --all").contains("no message is set aside"));
    for (line, words) in [
        ("outbox retry --help", "Every row that waits or failed"),
        ("spool retry --help", "Every message that was set aside"),
        ("outbox list --help", "one row for each recipient"),
        ("spool show --help", "for each recipient what became of it"),
    ] {
        assert!(place.done(line).contains(words), "{line}");
    }
    assert!(!place.done("spool retry --help").contains("failed"));
}

#[test]
fn doctor_names_a_missing_key_once() {
    let place = Place::bare();
    let ended = place.run("doctor");
    let broken: Vec<&str> = ended.out.lines().filter(|line| line.starts_with("broken")).collect();
    assert_eq!(
        (ended.code, broken.as_slice()),
        (1, &["broken   there is no key at var/key; run `lamplight init`"][..])
    );
}

/// A smarthost that takes its time for each message; gives for whom messages came to their end.
fn slow_smarthost(place: &Place) -> Arc<Mutex<Vec<String>>> {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    send_through(place, &format!("smtp://{}", listener.local_addr().unwrap()));
    let taken = Arc::new(Mutex::new(Vec::new()));
    let ledger = Arc::clone(&taken);
    std::thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let ledger = Arc::clone(&ledger);
            std::thread::spawn(move || {
                let _ = stream.write_all(b"220 here\r\n");
                let (mut is_message, mut recipient) = (false, String::new());
                for line in BufReader::new(stream.try_clone().unwrap()).lines().map_while(Result::ok) {
                    if line == "." {
                        ledger.lock().unwrap().push(recipient.clone());
                        std::thread::sleep(Duration::from_millis(1_500));
                    } else if is_message {
                        continue;
                    } else if line.starts_with("RCPT") {
                        recipient = line.clone();
                    }
                    is_message = line == "DATA";
                    let said = if is_message { "354 go on" } else { "250 fine" };
                    let _ = stream.write_all(format!("{said}\r\n").as_bytes());
                }
            });
        }
    });
    taken
}

#[test]
fn what_a_run_is_sending_is_taken_by_no_run_at_another_time_and_by_no_new_serve() {
    let place = bad_day();
    let taken = slow_smarthost(&place);
    let tomorrow = lamplight::clock::Clock::System.now().plus_seconds(86_400).rfc3339();
    std::thread::scope(|scope| {
        let run = scope.spawn(|| place.run("tick -q"));
        while taken.lock().unwrap().is_empty() {
            std::thread::sleep(Duration::from_millis(20));
        }
        let mut serve = Command::new(env!("CARGO_BIN_EXE_lamplight"))
            .args(["-q", "serve"])
            .current_dir(place.path("."))
            .env_clear()
            .env("LAMPLIGHT_INBOUND__LMTP__LISTEN", "127.0.0.1:0")
            .spawn()
            .unwrap();
        assert_eq!(place.run(&format!("tick -q --at {tomorrow}")).code, 0);
        assert_eq!(run.join().unwrap().code, 0);
        serve.kill().unwrap();
        serve.wait().unwrap();
    });
    // What tomorrow brings as well, a reminder and digests, is others' mail.
    let taken = taken.lock().unwrap();
    for reader in ["kit@home.example", "tom@home.example"] {
        assert_eq!(taken.iter().filter(|recipient| recipient.contains(reader)).count(), 1, "{taken:?}");
    }
}
