//! What `serve` says at its most talkative names no person: no address, no pseudonym, no word of any mail, whatever goes wrong.
#![allow(clippy::unwrap_used, missing_docs, reason = "a test fails by panicking")]

mod support;

use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::time::Duration;

use support::{LmtpClient, SmtpPeer};

/// What may stand nowhere in the log: of people, and of their words.
const CANARIES: [&str; 14] = [
    "mira@home",
    "tom@home",
    "dana@work",
    "stranger@else",
    "Mirabel",
    "Tomasz",
    "Danielle",
    "Oosterhuis",
    "lavender",
    "Canary subject",
    "canary-message-id",
    "555-0147",
    "203.0.113.77",
    "tonight",
];

fn lamplight(folder: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_lamplight"));
    command.args(arguments).current_dir(folder).env_remove("LAMPLIGHT_CONFIG").output().unwrap()
}

#[test]
fn the_log_names_nobody() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    runtime.block_on(story());
}

async fn story() {
    let folder = tempfile::tempdir().unwrap();
    let peer = SmtpPeer::start().await;
    // A server that repeats whom it does not know.
    peer.answer("RCPT", "550 5.1.1 <tom@home.example> Tomasz Oosterhuis is unknown here")
        .to("*tom@home.example*")
        .times(9);
    peer.answer("RCPT", "451 4.7.1 <dana@work.example> greylisted, Danielle").to("*dana@work.example*").times(1);
    let settings = format!(
        "[service]\ndomain = \"groups.example\"\nadministrators = [\"mira@home.example\"]\n[inbound.lmtp]\nlisten = \"127.0.0.1:0\"\n\
         [outbound]\nsmarthost = \"{}\"\n",
        peer.url()
    );
    std::fs::write(folder.path().join("lamplight.toml"), settings).unwrap();
    for arguments in [
        &["init"][..],
        &["group", "add", "rose", "--title", "Rose", "--moderation", "none"],
        &["moderator", "add", "rose", "dana@work.example", "--name", "Danielle"],
        &["member", "add", "rose", "mira@home.example", "--name", "Mirabel", "--delivery", "each"],
        &[
            "member",
            "add",
            "rose",
            "tom@home.example",
            "--name",
            "Tomasz",
            "--real-name",
            "Tom Oosterhuis",
            "--delivery",
            "each",
        ],
    ] {
        let ended = lamplight(folder.path(), arguments);
        assert!(ended.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&ended.stderr));
    }
    let mut serve = Command::new(env!("CARGO_BIN_EXE_lamplight"))
        .args(["serve"])
        .current_dir(folder.path())
        .env("LAMPLIGHT_LOG", "trace")
        .stderr(Stdio::piped())
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(serve.stderr.take().unwrap());
    let mut log = String::new();
    let address = loop {
        let before = log.len();
        assert!(lines.read_line(&mut log).unwrap() > 0, "serve ended before it listened:\n{log}");
        if let Some(at) = log[before..].trim().strip_prefix("lamplight: listening on ") {
            break at.parse().unwrap();
        }
    };
    let rest = std::thread::spawn(move || {
        let mut rest = String::new();
        lines.read_to_string(&mut rest).unwrap();
        rest
    });
    let mut client = LmtpClient::connect(address).await;
    client.lhlo().await;
    let mail = |from: &str, more: &str, words: &str| {
        format!(
            "Received: from x ([203.0.113.77]) by y; Thu, 26 Nov 2026 10:00:00 +0000\r\nFrom: Mirabel Oosterhuis <{from}>\r\n\
             Subject: Canary subject\r\nMessage-ID: <canary-message-id-{}@x>\r\n{more}\r\n{words}\r\n",
            words.len()
        )
    };
    for (from, to, mail) in [
        ("mira@home.example", "rose@groups.example", mail("mira@home.example", "", "The ward smells of lavender.")),
        (
            "mira@home.example",
            "rose@groups.example",
            mail("mira@home.example", "", "Call me: (212) 555-0147, lavender."),
        ),
        (
            "mira@home.example",
            "rose@groups.example",
            mail("mira@home.example", "", "I am going to kill myself tonight. lavender"),
        ),
        ("stranger@else.example", "rose@groups.example", mail("stranger@else.example", "", "Who is Tomasz? lavender")),
        (
            "stranger@else.example",
            "rose-owner@groups.example",
            mail("stranger@else.example", "", "I am going to kill myself tonight."),
        ),
        ("mira@home.example", "rose-leave@groups.example", mail("mira@home.example", "", "lavender")),
        (
            "mira@home.example",
            "rose@groups.example",
            mail("a@b, c@d", "From: <mira@home.example>\r\n", "lavender, two authors"),
        ),
        ("", "lamplight+b.aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa@groups.example", mail("mira@home.example", "", "lavender")),
        (
            "mira@home.example",
            "rose@groups.example",
            mail("mira@home.example", "Content-Type: multipart/mixed; boundary=\"\r\n", "lavender"),
        ),
    ] {
        for reply in client.deliver(from, &[to], mail.as_bytes()).await {
            assert!(!CANARIES.iter().any(|canary| reply.contains(canary)), "{reply}");
        }
    }
    // Replies to what is wrong repeat nothing, either.
    client.send("MAIL FROM:<mira@home.example>").await.expect("250 *").await;
    client.send("RCPT TO:<mira@home.example>").await;
    let refused = client.reply().await.join("\n");
    assert!(refused.starts_with("550 5.1.1") && !refused.contains("mira@home"), "{refused}");
    peer.wait_for("mira@home.example", 2, Duration::from_secs(30)).await;
    peer.wait_for("dana@work.example", 2, Duration::from_secs(30)).await;
    assert!(Command::new("kill").args(["-TERM", &serve.id().to_string()]).status().unwrap().success());
    serve.wait().unwrap();
    log += &rest.join().unwrap();
    // The test can fail: at this loudness it says a good deal.
    assert!(log.contains("published") && log.contains("held") && log.lines().count() > 10, "{log}");
    for canary in CANARIES {
        let line = log.lines().find(|line| line.contains(canary));
        assert!(line.is_none(), "{canary} stands in the log: {}", line.unwrap_or_default());
    }
}
