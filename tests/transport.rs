//! The way out, against a mail server that fails on request.
#![allow(clippy::unwrap_used, missing_docs)]

mod support;

use std::sync::Arc;
use std::time::{Duration, Instant};

use lamplight::engine::copy::{Copy, Message};
use lamplight::engine::leave::{Lease, Ledger};
use lamplight::engine::outcome::{DeliveryError, Stage};
use lamplight::engine::transport::{Connection, Transport};
use lamplight::mail::{Address, ReversePath};
use support::SmtpPeer;

fn address(text: &str) -> Address {
    Address::parse(text).unwrap()
}

fn bounces() -> ReversePath {
    ReversePath::Address(address("lamplight+b.x@groups.example"))
}

fn copy(to: &str) -> Vec<u8> {
    format!("To: <{to}>\r\nFrom: <rose@groups.example>\r\nSubject: hello\r\n\r\n.first\r\n..\r\n\r\n").into_bytes()
}

fn transport(url: &str) -> Transport {
    Transport::from_url(url, None, "groups.example").unwrap().with_patience(Duration::from_millis(500))
}

async fn connection(peer: &SmtpPeer) -> Connection {
    transport(&peer.url()).connect().await.unwrap()
}

fn prepared(reverse_path: ReversePath, to: &str, copy: &[u8]) -> Copy {
    let end = copy.windows(2).position(|two| two == b"\r\n").unwrap() + 2;
    Copy {
        reverse_path,
        to: address(to),
        fields: String::from_utf8(copy[..end].to_vec()).unwrap(),
        message: Arc::new(Message::prepare(copy[end..].to_vec()).unwrap()),
        lease: Lease::until(Instant::now() + Duration::from_secs(30)),
    }
}

async fn send(connection: &mut Connection, to: &str) -> Result<String, DeliveryError> {
    connection.send(&prepared(bounces(), to, &copy(to)), &Ledger::default()).await.map(|accepted| accepted.text)
}

#[tokio::test]
async fn a_copy_arrives_octet_by_octet() {
    for features in [&["PIPELINING", "8BITMIME"][..], &[]] {
        let peer = SmtpPeer::start_with(features).await;
        let mut connection = connection(&peer).await;
        for _ in 0..3 {
            assert_eq!(send(&mut connection, "kit@home.example").await, Ok("2.0.0 taken".into()));
        }
        assert!(connection.is_usable());
        connection.quit().await;
        let mail = peer.mail_to("kit@home.example");
        assert_eq!(mail.len(), 3);
        for captured in mail {
            assert_eq!(captured.raw, copy("kit@home.example"));
            assert_eq!(captured.reverse_path, "lamplight+b.x@groups.example");
            assert_eq!(captured.recipients, ["kit@home.example"]);
            assert_eq!(captured.parameters, "");
        }
        assert_eq!(peer.transcript().last().map(String::as_str), Some("QUIT"));
        assert_eq!(peer.connections(), 1);
    }
}

#[tokio::test]
async fn rfc5321_only_a_5xx_to_rcpt_or_data_is_final() {
    let table = [
        ("MAIL", "550 5.7.1 not you", Stage::Mail, Some(550), false),
        ("MAIL", "451 4.3.0 later", Stage::Mail, Some(451), false),
        ("RCPT", "550 5.1.1 <kit@home.example> is unknown", Stage::Rcpt, Some(550), true),
        ("RCPT", "450 4.2.0 greylisted", Stage::Rcpt, Some(450), false),
        ("RCPT", "421 4.3.2 going down", Stage::Rcpt, Some(421), false),
        ("DATA", "554 5.7.1 no", Stage::Data, Some(554), true),
        ("DATA", "250 2.0.0 what", Stage::Data, None, false),
        ("BODY", "552 5.2.2 full", Stage::Data, Some(552), true),
        ("BODY", "452 4.3.1 full", Stage::Data, Some(452), false),
        ("MAIL", "drop", Stage::Mail, None, false),
        ("RCPT", "drop", Stage::Rcpt, None, false),
        ("DATA", "reset", Stage::Data, None, false),
        ("BODY", "drop", Stage::Data, None, false),
        ("BODY", "stall", Stage::Data, None, false),
        ("RCPT", "nonsense", Stage::Rcpt, None, false),
    ];
    for features in [&["PIPELINING"][..], &[]] {
        for (at, answer, stage, code, permanent) in table {
            let peer = SmtpPeer::start_with(features).await;
            peer.answer(at, answer).to("kit@home.example").times(1);
            if matches!(at, "MAIL" | "DATA") {
                peer.behave();
                peer.answer(at, answer).times(1);
            }
            let mut connection = connection(&peer).await;
            let error = send(&mut connection, "kit@home.example").await.unwrap_err();
            let case = format!("{at} {answer} {features:?}");
            assert_eq!((error.stage, error.code, error.is_permanent()), (stage, code, permanent), "{case}");
            assert!(!error.to_string().contains("kit"), "{case}: {error}");
            assert!(peer.mail().is_empty(), "{case}");
            let lost = code.is_none() || code == Some(421);
            assert_eq!(connection.is_usable(), !lost, "{case}");
            if !lost {
                // The next recipient doesn't suffer for the one before.
                assert!(send(&mut connection, "ash@home.example").await.is_ok(), "{case}");
                assert_eq!(peer.mail_to("ash@home.example").len(), 1);
                assert_eq!(peer.mail_to("kit@home.example").len(), 0);
            }
        }
    }
}

#[tokio::test]
async fn rfc2920_a_354_to_nobody_is_ended_with_nothing() {
    let peer = SmtpPeer::start().await;
    peer.answer("RCPT", "550 5.1.1 unknown").times(1);
    peer.answer("DATA", "354 go on").times(1);
    let mut connection = connection(&peer).await;
    assert!(send(&mut connection, "kit@home.example").await.unwrap_err().is_permanent());
    assert!(send(&mut connection, "ash@home.example").await.is_ok());
    assert_eq!(peer.mail().len(), 1);
}

#[tokio::test]
async fn what_fails_before_mail_is_never_final() {
    let peer = SmtpPeer::start().await;
    for (at, answer, code) in [
        ("CONNECT", "554 5.7.1 go away", Some(554)),
        ("CONNECT", "stall", None),
        ("EHLO", "550 5.7.1 go away", Some(550)),
        ("EHLO", "drop", None),
    ] {
        peer.behave();
        peer.answer(at, answer);
        let error = transport(&peer.url()).connect().await.unwrap_err();
        assert_eq!((error.stage, error.code, error.permanent), (Stage::Connect, code, false), "{at} {answer}");
    }
    let nobody = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let error = transport(&format!("smtp://{nobody}")).connect().await.unwrap_err();
    assert_eq!((error.stage, error.permanent), (Stage::Connect, false));
}

#[tokio::test]
async fn rfc4954_a_refused_password_is_our_fault() {
    let peer = SmtpPeer::start_with(&["AUTH PLAIN LOGIN"]).await;
    peer.answer("AUTH", "535 5.7.8 wrong").times(1);
    let url = format!("smtp://our%40user@{}", peer.address());
    let transport = Transport::from_url(&url, Some("secret".into()), "groups.example").unwrap();
    let error = transport.connect().await.unwrap_err();
    assert_eq!((error.stage, error.code, error.permanent), (Stage::Auth, Some(535), false));
    assert!(transport.connect().await.is_ok());
    // RFC 4616: NUL, user, NUL, password.
    assert!(peer.transcript().contains(&"AUTH PLAIN AG91ckB1c2VyAHNlY3JldA==".to_owned()));
}

#[tokio::test]
async fn rfc3207_encryption_that_is_required_and_missing_stops_all() {
    let peer = SmtpPeer::start().await;
    let error = transport(&format!("{}?tls=required", peer.url())).connect().await.unwrap_err();
    assert_eq!((error.stage, error.permanent), (Stage::Tls, false));
    peer.answer("CONNECT", "220 this is no handshake");
    let error = transport(&format!("smtps://{}", peer.address())).connect().await.unwrap_err();
    assert_eq!((error.stage, error.permanent), (Stage::Tls, false));
    assert!(peer.transcript().iter().all(|line| !line.starts_with("MAIL") && !line.starts_with("AUTH")));
}

#[tokio::test]
async fn rfc6531_an_address_beyond_ascii_needs_smtputf8() {
    let peer = SmtpPeer::start_with(&["PIPELINING", "8BITMIME"]).await;
    let mut plain = connection(&peer).await;
    let error = send(&mut plain, "kït@home.example").await.unwrap_err();
    assert_eq!((error.stage, error.code, error.is_permanent()), (Stage::Rcpt, Some(553), true));
    assert!(error.text.starts_with("5.6.7 "));
    assert!(plain.is_usable());
    let peer = SmtpPeer::start().await;
    send(&mut connection(&peer).await, "kït@home.example").await.unwrap();
    let mail = peer.mail_to("kït@home.example");
    assert_eq!(mail[0].parameters, "SMTPUTF8 BODY=8BITMIME");
}

#[tokio::test]
async fn a_copy_for_somebody_else_never_leaves() {
    let peer = SmtpPeer::start().await;
    let mut connection = connection(&peer).await;
    let error = connection
        .send(&prepared(bounces(), "ash@home.example", &copy("kit@home.example")), &Ledger::default())
        .await
        .unwrap_err();
    assert_eq!((error.stage, error.permanent), (Stage::Rcpt, false));
    assert!(peer.transcript().iter().all(|line| line.starts_with("EHLO")));
}

#[tokio::test]
async fn a_copy_whose_claim_ran_out_never_leaves() {
    let peer = SmtpPeer::start().await;
    let mut connection = connection(&peer).await;
    let mut late = prepared(bounces(), "kit@home.example", &copy("kit@home.example"));
    late.lease = Lease::until(Instant::now());
    assert_eq!(connection.send(&late, &Ledger::default()).await.unwrap_err().stage, Stage::Lease);
    assert!(peer.transcript().iter().all(|line| line.starts_with("EHLO")));
    assert!(connection.is_usable());
    // The process stood still while the server answered: what was begun is left, and nothing more is said.
    peer.answer("DATA", "wait-300 354 go on");
    late.lease = Lease::until(Instant::now() + Duration::from_millis(150));
    assert_eq!(connection.send(&late, &Ledger::default()).await.unwrap_err().stage, Stage::Lease);
    assert!(!connection.is_usable() && peer.mail().is_empty());
}

#[tokio::test]
async fn a_maildir_holds_what_would_be_sent() {
    let folder = tempfile::tempdir().unwrap();
    let transport = transport(&format!("maildir:{}", folder.path().join("sent").display()));
    let mut connection = transport.connect().await.unwrap();
    for name in ["kit", "ash", "kit"] {
        send(&mut connection, &format!("{name}@home.example")).await.unwrap();
    }
    connection
        .send(&prepared(ReversePath::Null, "kit@home.example", &copy("kit@home.example")), &Ledger::default())
        .await
        .unwrap();
    let mut files: Vec<_> =
        std::fs::read_dir(folder.path().join("sent/new")).unwrap().map(|f| f.unwrap().path()).collect();
    files.sort();
    let texts: Vec<String> = files.iter().map(|file| std::fs::read_to_string(file).unwrap()).collect();
    let expected = |path: &str, to: &str| {
        let copy = String::from_utf8(copy(to)).unwrap();
        format!("Return-Path: <{path}>\r\nDelivered-To: {to}\r\n{copy}")
    };
    let path = "lamplight+b.x@groups.example";
    assert_eq!(texts[0], expected(path, "kit@home.example"));
    assert_eq!(texts[1], expected(path, "ash@home.example"));
    assert_eq!(texts[3], expected("", "kit@home.example"));
    assert_eq!(texts.len(), 4);
    assert_eq!(std::fs::read_dir(folder.path().join("sent/tmp")).unwrap().count(), 0);
}

#[tokio::test]
async fn a_maildir_that_cannot_be_made_is_trouble_of_ours() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("file");
    std::fs::write(&file, "").unwrap();
    let error = transport(&format!("maildir:{}", file.display())).connect().await.unwrap_err();
    assert_eq!((error.stage, error.permanent), (Stage::Connect, false));
}

#[test]
fn settings_that_are_refused() {
    let read = |url: &str| Transport::from_url(url, None, "groups.example");
    for url in [
        "maildir:",
        "smtp:host",
        "lmtp://host",
        "smtp://",
        "smtp://host:x",
        "smtp://host:99999",
        "smtp://host?tls=maybe",
        "smtps://host?tls=never",
        "smtps://user@host",
        "smtp://user:word@mail.example?tls=never",
    ] {
        let error = read(url).map(|_| ()).unwrap_err().to_string();
        assert!(!error.contains("word@") && !error.is_empty(), "{url}");
    }
    for url in
        ["maildir:var/sent", "smtp://localhost", "smtp://[::1]:2525", "smtp://mail.example?tls=never", "smtps://u:p@h"]
    {
        assert!(read(url).is_ok(), "{url}");
    }
}

#[tokio::test]
async fn rfc5321_a_reply_of_3yz_says_that_nothing_was_done() {
    for (stage, expected) in [("BODY", Stage::Data), ("RCPT", Stage::Rcpt), ("MAIL", Stage::Mail)] {
        for features in [&["PIPELINING"][..], &[]] {
            let peer = SmtpPeer::start_with(features).await;
            peer.answer(stage, "354 go on");
            let transport = Transport::from_url(&peer.url(), None, "groups.example").unwrap();
            let mut connection = transport.connect().await.unwrap();
            let message = prepared(bounces(), "kit@home.example", &copy("kit@home.example"));
            let error = connection.send(&message, &Ledger::default()).await.unwrap_err();
            assert_eq!((error.stage, error.code, error.permanent), (expected, None, false), "{stage} {features:?}");
            assert!(!connection.is_usable(), "{stage} {features:?}: nobody knows what the next reply is about");
        }
    }
}

#[tokio::test]
async fn rfc6531_an_address_that_the_next_server_can_not_take_is_no_word_of_that_server() {
    let peer = SmtpPeer::start_with(&["PIPELINING"]).await;
    let transport = Transport::from_url(&peer.url(), None, "groups.example").unwrap();
    let mut connection = transport.connect().await.unwrap();
    let message = prepared(bounces(), "käthe@home.example", &copy("käthe@home.example"));
    let error = connection.send(&message, &Ledger::default()).await.unwrap_err();
    assert_eq!((error.code, error.permanent, error.heard), (Some(553), true, false));
}
