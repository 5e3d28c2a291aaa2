//! From the pipe to the outbox: what came in, what was decided, what goes out, and how it is found again.

use serde_json::{Value, json};

use crate::{Place, has};

const MESSAGE: &str = "From: kit@home.example\nSubject: Hello\nMessage-ID: <k1@home.example>\n\nHello to all of you.\n";

#[test]
fn recipients_as_mail_servers_write_them() {
    let place = Place::with_rose();
    place.done("group add lily --title Lily");
    let two = ["rose@groups.example", "lily@groups.example"];
    for (number, envelope) in [
        "--sender k@h.example --recipient rose@groups.example lily@groups.example",
        "--recipient=rose@groups.example --recipient=lily@groups.example --sender=k@h.example",
        "--recipient <rose@groups.example> --recipient lily@groups.example --sender <k@h.example>",
        "--sender k@h.example --recipient rose@groups.example --recipient lily@groups.example -q",
    ]
    .iter()
    .enumerate()
    {
        let ended = place.deliver(envelope, &format!("X-Number: {number}\n{MESSAGE}"));
        assert_eq!((ended.code, ended.err.as_str()), (0, ""), "{envelope}");
        let spool = place.json("spool list");
        assert_eq!(spool[number]["recipients"], json!(two), "{envelope}");
        assert_eq!(spool[number]["sender"], "k@h.example", "{envelope}");
    }
}

#[test]
fn the_null_path_as_mail_servers_write_it() {
    let place = Place::with_rose();
    for (number, sender) in ["", "<>", "MAILER-DAEMON"].iter().enumerate() {
        let message = format!("X-Number: {number}\n{MESSAGE}");
        let args = ["deliver", "--sender", sender, "--recipient", "rose-owner@groups.example"];
        assert_eq!(place.feed(&args, message.as_bytes()).code, 0, "{sender}");
        assert_eq!(place.json("spool list")[number]["sender"], "", "{sender}");
    }
}

#[test]
fn every_address_of_the_house_is_taken_and_no_other() {
    let place = Place::with_rose();
    let token = "abcdefghijklmnopqrstuvwxyz";
    let ours = [
        "rose-join",
        "ROSE-leave",
        "rose+help",
        "rose-request",
        "rose-owner",
        "rose-moderators",
        "postmaster",
        "abuse",
        &format!("rose+t.{token}"),
        &format!("lamplight+m.{token}"),
        &format!("lamplight+b.{token}"),
    ]
    .map(|local| format!("{local}@groups.example"));
    for address in ours.iter().map(String::as_str).chain(["postmaster"]) {
        let ended = place.deliver(&format!("--sender k@h.example --recipient {address}"), MESSAGE);
        assert_eq!(ended.code, 0, "{address}: {}", ended.err);
    }
    let kept = place.json("spool list").as_array().unwrap().len();
    for address in [
        "lily@groups.example",
        "rose@elsewhere.example",
        "lamplight@groups.example",
        "lily-join@groups.example",
        "rose",
    ] {
        let envelope = format!("--sender k@h.example --recipient rose@groups.example {address}");
        let ended = place.deliver(&envelope, MESSAGE);
        assert_eq!(ended.code, 1, "{address}");
        assert!(ended.err.contains(address) && ended.err.lines().count() == 1, "{}", ended.err);
    }
    assert_eq!(place.json("spool list").as_array().unwrap().len(), kept, "nothing is kept for the others either");
}

#[test]
fn what_is_not_taken() {
    let place = Place::with_rose();
    let envelope = "--sender k@h.example --recipient rose@groups.example";
    assert_eq!(place.deliver(envelope, "").code, 75, "nothing came");
    let large = place.deliver(envelope, &"0123456789abcde\n".repeat(25 * 65_536 + 1));
    assert_eq!(large.code, 1);
    assert!(large.err.contains("26214400") && large.err.lines().count() == 1, "{}", large.err);
    assert_eq!(place.deliver("--sender nobody --recipient rose@groups.example", MESSAGE).code, 1);
    assert_eq!(place.deliver("--recipient rose@groups.example", MESSAGE).code, 2);
    assert_eq!(place.deliver("--sender k@h.example", MESSAGE).code, 2);
    assert_eq!(place.json("spool list"), json!([]));
    assert_eq!(place.deliver(envelope, &"0123456789abcde\n".repeat(25 * 65_536)).code, 0, "25 MB are taken");
}

#[test]
fn bytes_are_kept_as_they_came() {
    let place = Place::with_rose();
    place.deliver("--sender k@h.example --recipient rose@groups.example", MESSAGE);
    assert_eq!(place.done("spool show 1 --raw"), MESSAGE);
}

#[test]
fn a_post_is_held_claimed_approved_and_taken_back() {
    let place = Place::with_rose();
    place.post("ash@home.example", "a1@home.example", "A walk", "Today I walked as far as the river.");
    assert_eq!(place.json("tick")["received"], 1);
    let held = place.json("held list");
    has(&held[0], &["id", "group", "name", "subject", "reasons", "since", "state", "release_at"]);
    assert_eq!(held[0]["reasons"], json!(["first-post"]));
    assert_eq!((held[0]["group"].as_str(), held[0]["name"].as_str()), (Some("rose"), Some("Ash")));
    assert_eq!(place.json("held list rose"), held);
    assert!(place.done("held list").contains("A walk"));
    let shown = place.json("held show 1");
    assert_eq!(
        (shown["text"].as_str(), shown["state"].as_str()),
        (Some("Today I walked as far as the river."), Some("held"))
    );
    assert!(place.done("held show 1").contains("first message"));

    assert!(place.refused("held claim 1 --moderator kit@home.example").contains("member"));
    place.done("held claim 1 --moderator dana@clinic.example");
    assert_eq!(place.json("held list")[0]["claimed_by"], "Dana");
    place.done("held approve 1");
    assert!(place.refused("held approve 1").contains("approved"));
    assert!(place.refused("held return 1 --note no").contains("approved"));
    assert_eq!(place.json("held list"), json!([]));
    let history = place.json("post show 1")["history"].clone();
    assert_eq!((history[0]["verb"].as_str(), history[1]["verb"].as_str()), (Some("mine"), Some("approve")));

    let threads = place.json("thread list rose");
    has(&threads[0], &["id", "subject", "posts"]);
    has(&threads[0]["posts"][0], &["id", "name", "parent", "text", "published_at"]);
    assert_eq!(place.json("thread show 1"), threads[0]);
    assert!(place.done("thread show 1").contains("the river"));
    place.done("post retract 1");
    assert_eq!(place.json("post list --state retracted")[0]["id"], 1);
    assert_eq!(place.json("post list rose --state published"), json!([]));
    assert!(place.refused("post retract 1").contains("already"));
    assert!(place.refused("post show 7").contains("no post 7"));
}

#[test]
fn a_post_is_returned_with_a_note() {
    let place = Place::with_rose();
    place.post("ash@home.example", "a1@home.example", "A walk", "Today I walked as far as the river.");
    place.done("tick");
    assert_eq!(place.feed(&["held", "return", "1", "--note", " "], b"").code, 1);
    assert_eq!(place.feed(&["held", "return", "1", "--note", "Please leave the name out."], b"").code, 0);
    assert_eq!(place.json("post list")[0]["state"], "returned");
    assert!(place.json("outbox list").as_array().unwrap().iter().any(|row| row["template"] == "returned"));
}

#[test]
fn a_message_is_traced_in_and_out() {
    let place = Place::with_rose();
    place.post("kit@home.example", "k1@home.example", "A walk", "Today I walked as far as the river.");
    place.post("ash@home.example", "a1@home.example", "Mine", "I stayed at home and read all day.");
    place.done("tick");
    let trace = place.json("trace <k1@home.example>");
    assert_eq!(trace["received"][0]["judgements"][0]["disposition"], "published");
    let copies = &trace["received"][0]["posts"][0]["copies"];
    assert_eq!(
        (copies[0]["recipient"].as_str(), copies[0]["state"].as_str()),
        (Some("kit@home.example"), Some("sent"))
    );
    let ours = copies[0]["message_id"].as_str().unwrap();
    let trace = place.json(&format!("trace {ours}"));
    assert_eq!((trace["sent"][0]["recipient"].as_str(), &trace["posts"]), (Some("kit@home.example"), &json!([1])));
    let told = place.done("trace a1@home.example");
    assert!(told.contains("new-author: hold") && told.contains("dana@clinic.example"), "{told}");
    assert!(place.refused("trace <none@home.example>").contains("Message-ID"));
    let shown = place.json("spool show 1");
    assert_eq!((shown["state"].as_str(), shown["judgements"][0]["post"].as_i64()), (Some("done"), Some(1)));
}

#[test]
fn did_she_get_it() {
    let place = Place::with_rose();
    place.done("member add rose mira@home.example --name Mira --delivery none");
    place.post("kit@home.example", "k1@home.example", "A walk", "Today I walked as far as the river.");
    place.done("tick");
    let said = |line: &str| place.done(line).trim_end().to_owned();
    let kit = said("trace --post 1 --member KIT@home.example");
    assert!(kit.starts_with("Post 1 in rose: The smarthost took it over for Kit at 20"), "{kit}");
    assert!(kit.ends_with(", in a mail of its own."), "{kit}");
    assert_eq!(said("trace k1@home.example --member kit@home.example"), kit);
    let ours = place.json("outbox list")[0]["message_id"].as_str().unwrap().to_owned();
    assert_eq!(said(&format!("trace <{ours}> --member kit@home.example")), kit);
    let ash = said("trace --post 1 --member ash@home.example");
    assert!(
        ash.starts_with("Post 1 in rose: Ash has not got it yet: it goes with the digest that is due at "),
        "{ash}"
    );
    assert!(said("trace --post 1 --member mira@home.example").contains("reads nothing by mail"));
    assert!(said("trace --post 1 --member nobody@home.example").contains("nobody in the group has this address"));
    place.done("member add rose late@home.example --name Late --delivery each");
    assert!(said("trace --post 1 --member late@home.example").contains("before Late joined"));
    place.done("tick --at 2030-01-01T00:00:00Z");
    let ash = place.json("trace --post 1 --member ash@home.example");
    assert!(ash["answer"].as_str().unwrap().contains(", in the digest of "), "{ash}");
    let copies = ash["copies"].as_array().unwrap();
    assert_eq!((copies.len(), copies[0]["recipient"].as_str()), (1, Some("ash@home.example")));
    has(&copies[0], &["written_at", "first_attempt_at", "last_attempt_at", "settled_at", "bounced_at", "digest_day"]);
    assert!(said("trace --post 1").contains("written 20") && said("trace --post 1").contains("last tried 20"));
    assert!(place.refused("trace --post 9").contains("no post 9"));
    assert_eq!(place.run("trace").code, 2);
    assert_eq!(place.run("trace a@b --post 1").code, 2);
    assert_eq!(place.run("trace --post 1 --member nobody").code, 2);
}

/// A smarthost with an answer of its own to MAIL and to RCPT, as the settings of this place name it.
fn smarthost(place: &Place, mail: &'static str, rcpt: fn(&str) -> &'static str) {
    use std::io::{BufRead as _, Write as _};
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let settings = std::fs::read_to_string(place.path("lamplight.toml")).unwrap();
    place.settings(&format!("{settings}[outbound]\nsmarthost = \"smtp://{}\"\n", listener.local_addr().unwrap()));
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            std::thread::spawn(move || {
                let mut stream = stream.unwrap();
                let mut is_message = false;
                let _ = stream.write_all(b"220 here\r\n");
                for line in std::io::BufReader::new(stream.try_clone().unwrap()).lines() {
                    let line = line.unwrap_or_default();
                    let said = match line.get(..4) {
                        _ if line == "." => "250 taken",
                        _ if is_message => continue,
                        Some("EHLO") => "250 here",
                        Some("MAIL") => mail,
                        Some("RCPT") => rcpt(&line),
                        Some("DATA") => "354 go on",
                        Some("RSET") => "250 ok",
                        _ => "221 bye",
                    };
                    is_message = said.starts_with("354");
                    let _ = stream.write_all(format!("{said}\r\n").as_bytes());
                }
            });
        }
    });
}

#[test]
fn doctor_names_a_smarthost_that_refuses_our_mail() {
    let place = Place::with_rose();
    let settings = std::fs::read_to_string(place.path("lamplight.toml")).unwrap();
    smarthost(&place, "550 5.7.1 we do not know you", |_| "250 ok");
    assert!(!place.run("doctor").out.contains("refuses our mail"));
    place.post("ash@home.example", "a1@home.example", "A walk", "Today I walked as far as the river.");
    assert_eq!(place.run("tick -q").code, 1);
    let told = place.run("doctor");
    assert_eq!(told.code, 1);
    assert!(told.out.contains("the smarthost refuses our mail"), "{}", told.out);
    assert!(told.out.contains("MAIL: 550 5.7.1 we do not know you"), "{}", told.out);
    let listed = place.run("outbox list");
    assert!(listed.err.contains("nothing leaves since") && listed.err.contains("MAIL: 550 5.7.1"), "{}", listed.err);
    let waiting = place.json("outbox list --state waiting");
    assert!(waiting.as_array().unwrap().iter().any(|row| row["template"] == "refused"), "{waiting}");
    place.settings(&settings);
    place.done("tick --at 2030-01-01T00:00:00Z");
    assert!(!place.run("doctor").out.contains("refuses our mail"));
    assert!(!place.run("outbox list").err.contains("nothing leaves"));
}

#[test]
fn doctor_names_a_smarthost_that_is_away() {
    let place = Place::with_rose();
    let settings = std::fs::read_to_string(place.path("lamplight.toml")).unwrap();
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    place.settings(&format!("{settings}[outbound]\nsmarthost = \"smtp://127.0.0.1:{port}\"\n"));
    place.post("ash@home.example", "a1@home.example", "A walk", "Today I walked as far as the river.");
    assert_eq!(place.run("tick -q").code, 1);
    let told = place.run("doctor");
    assert!(told.out.contains("the smarthost takes no mail for 0 minutes"), "{}", told.out);
    assert!(told.out.contains("connecting: "), "{}", told.out);
    assert_eq!(told.code, 0, "an outage ends by itself: {}", told.out);
}

#[test]
fn doctor_names_a_smarthost_that_relays_for_nobody() {
    let place = Place::with_rose();
    smarthost(&place, "250 ok", |_| "554 5.7.1 Relay access denied");
    place.post("ash@home.example", "a1@home.example", "A walk", "Today I walked as far as the river.");
    place.run("tick -q");
    let told = place.run("doctor");
    assert_eq!(told.code, 1, "{}", told.out);
    assert!(told.out.contains("for a reason that may be ours"), "{}", told.out);
    assert!(told.out.contains("RCPT: 554 5.7.1 Relay access denied; it has taken nothing since"), "{}", told.out);
    assert_eq!(place.json("outbox list --state failed"), json!([]));
}

#[test]
fn doctor_names_a_moderator_whose_address_is_refused() {
    let place = Place::with_rose();
    smarthost(&place, "250 ok", |line| if line.contains("dana@") { "550 5.1.1 no such user" } else { "250 ok" });
    place.post("ash@home.example", "a1@home.example", "A walk", "Today I walked as far as the river.");
    assert_eq!(place.run("tick -q").code, 1, "a mail failed for good");
    let told = place.run("doctor");
    assert!(
        told.out.contains("the last mail to Dana, moderator of rose, was refused for good (dana@clinic.example)"),
        "{}",
        told.out
    );
    assert_eq!(told.code, 0, "{}", told.out);
}

#[test]
fn digests_are_looked_at_made_once_and_made_again() {
    let place = Place::with_rose();
    place.post("kit@home.example", "k1@home.example", "A walk", "Today I walked as far as the river.");
    place.done("tick");
    for (format, mark) in [("text", "the river"), ("html", "<html"), ("mime", "Subject: ")] {
        let shown = place.done(&format!("digest preview rose --format {format}"));
        assert!(shown.contains(mark), "{format}: {shown}");
    }
    assert!(
        place.done("digest preview rose --member ash@home.example --format mime").starts_with("To: <ash@home.example>")
    );
    assert_eq!(place.json("digest preview rose")["count"], 1);
    assert_eq!(place.json("digest list rose"), json!([]), "a preview keeps nothing");

    let at = "--at 2026-11-24T12:00:00Z";
    assert_eq!(place.json(&format!("digest send rose {at}"))["sent"], 2);
    assert!(place.done(&format!("digest send rose {at}")).contains("already sent today"));
    place.post("kit@home.example", "k2@home.example", "Again", "And today as far as the mill.");
    place.done("tick --at 2026-11-24T12:10:00Z");
    assert!(place.done(&format!("digest send rose {at}")).contains("already sent today"));
    assert_eq!(place.json(&format!("digest send rose {at} --again"))["sent"], 2);
    let list = place.json("digest list rose");
    assert_eq!(list.as_array().unwrap().len(), 4);
    assert_eq!((list[0]["day"].as_str(), list[0]["posts"].as_i64()), (Some("2026-11-24"), Some(1)));
    let nothing = place.run("digest preview rose --member ash@home.example");
    assert_eq!((nothing.code, nothing.out.as_str()), (0, ""));
    assert!(nothing.err.contains("nothing new"), "{}", nothing.err);
}

#[test]
fn a_smarthost_that_is_away_costs_nothing() {
    let place = Place::with_rose();
    place.post("ash@home.example", "a1@home.example", "A walk", "Today I walked as far as the river.");
    let settings = std::fs::read_to_string(place.path("lamplight.toml")).unwrap();
    // Port 1 is nobody's.
    place.settings(&format!("{settings}[outbound]\nsmarthost = \"smtp://127.0.0.1:1\"\n"));
    let ended = place.run("tick -q");
    assert_eq!(ended.code, 1);
    assert_eq!(ended.err, "lamplight: the smarthost was not reached; 2 waiting\n");
    let rows = place.json("outbox list --state waiting");
    has(&rows[0], &["id", "recipient", "state", "attempts", "due_at"]);
    assert_eq!(rows[0]["attempts"], 0);
    assert_eq!(place.json("outbox retry 1")["retried"], 1);
    assert_eq!(place.json("outbox retry --all")["retried"], 2);
    assert!(place.refused("outbox drop 2").contains("--yes"));
    place.done("outbox drop 2 --yes");
    assert!(place.refused("outbox retry 2").contains("neither"));
    place.settings(&settings);
    assert_eq!(place.json("tick")["sent"], 1);
    assert_eq!(std::fs::read_dir(place.path("var/sent/new")).unwrap().count(), 1);
}

#[test]
fn a_message_that_was_set_aside_is_read_again() {
    let place = Place::with_rose();
    place.deliver("--sender k@h.example --recipient rose@groups.example", "Subject: from nobody\n\nHello\n");
    place.done("tick");
    let aside = place.json("spool list --state quarantined");
    has(&aside[0], &["id", "state", "cause", "received_at"]);
    assert_eq!(place.json("spool retry 1")["retried"], 1);
    assert!(place.refused("spool retry 1").contains("not set aside"));
    assert_eq!(place.json("spool list --state new").as_array().unwrap().len(), 1);
    assert_eq!(place.json("tick")["received"], 1);
    assert_eq!(place.json("spool retry --all")["retried"], 1);
}

#[test]
fn many_deliver_side_by_side() {
    let place = Place::with_rose();
    std::thread::scope(|scope| {
        for number in 0..8 {
            let place = &place;
            scope.spawn(move || {
                place.post("kit@home.example", &format!("k{number}@home.example"), "Hello", "Hello to all of you.");
            });
        }
    });
    assert_eq!(place.json("spool list").as_array().unwrap().len(), 8);
}

#[test]
fn verbs_work_beside_a_server() {
    let place = Place::with_rose();
    let settings = std::fs::read_to_string(place.path("lamplight.toml")).unwrap();
    place.settings(&format!("{settings}[inbound.lmtp]\nlisten = \"unix:lmtp\"\n"));
    let mut server = std::process::Command::new(env!("CARGO_BIN_EXE_lamplight"))
        .args(["serve", "-q"])
        .current_dir(place.path(""))
        .stderr(std::process::Stdio::null())
        .spawn()
        .unwrap();
    place.post("ash@home.example", "a1@home.example", "A walk", "Today I walked as far as the river.");
    let until = std::time::Instant::now() + std::time::Duration::from_secs(20);
    // Taken up by the server, not by us.
    while place.json("outbox list --state sent").as_array().unwrap().len() < 2 && std::time::Instant::now() < until {
        std::thread::sleep(std::time::Duration::from_millis(100));
    }
    assert_eq!(place.json("held list")[0]["name"], "Ash");
    assert!(place.done("doctor").contains("somebody listens on unix:lmtp"));
    place.done("held approve 1");
    place.done("member add rose new@home.example --name New");
    assert!(server.try_wait().unwrap().is_none(), "the server goes on");
    server.kill().unwrap();
    server.wait().unwrap();
}

#[test]
fn inspect_needs_no_house() {
    let place = Place::bare();
    std::fs::remove_file(place.path("lamplight.toml")).unwrap();
    let report: Value = serde_json::from_str(&place.feed(&["inspect", "-", "--json"], MESSAGE.as_bytes()).out).unwrap();
    has(&report, &["kind", "author", "subject", "base_subject", "in_reply_to", "references", "reply_text"]);
    has(&report, &["quoted_text", "signature", "attachments", "failed_recipients", "flags"]);
    assert_eq!((report["kind"].as_str(), report["author"].as_str()), (Some("post"), Some("kit@home.example")));
    std::fs::write(place.path("one.eml"), MESSAGE).unwrap();
    assert!(place.done("inspect one.eml").contains("Hello to all"));
    let flags: Value = serde_json::from_str(&place.feed(&["inspect", "--text"], b"Good morning").out).unwrap();
    assert_eq!(flags, json!({ "flags": [] }));
    assert!(place.refused("inspect none.eml").contains("none.eml"));
    assert_eq!(place.run("inspect").code, 2);

    let line = "From kit@home.example Mon Nov 23 14:05:00 2026\n";
    let mbox =
        format!("{line}{MESSAGE}\n\n{line}Message-ID: <b@x.example>\nReferences: <k1@home.example>\n\n>From me, too\n");
    let threads: Value =
        serde_json::from_str(&place.feed(&["inspect", "--threads", "-"], mbox.as_bytes()).out).unwrap();
    assert_eq!(threads, json!({ "parents": { "<k1@home.example>": null, "<b@x.example>": "<k1@home.example>" } }));
    std::fs::write(place.path("empty.mbox"), "").unwrap();
    assert_eq!(place.json("inspect --threads empty.mbox"), json!({ "parents": {} }));
    let refused = place.refused("inspect --threads one.eml");
    assert!(refused.contains("one.eml") && refused.contains("no mailbox file"), "{refused}");
    assert_eq!(place.run("inspect --threads").code, 2);
    assert_eq!(place.run("inspect --threads --text one.eml").code, 2);
    assert!(!place.path("var").exists());
}
