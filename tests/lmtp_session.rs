//! LMTP as a mail server sees it: over sockets, with a door that keeps what it is given.
#![allow(clippy::unwrap_used, missing_docs)]

mod support;

use std::sync::Arc;
use std::time::Duration;

use lamplight::mail::Address;
use lamplight::server::lmtp::{self, Options};
use support::LmtpClient;
use support::house::{ToyDoor, house, house_with};
use tokio::sync::watch;

#[tokio::test]
async fn rfc2033_lhlo_announces_and_helo_is_refused() {
    let house = house().await;
    let mut lmtp = LmtpClient::connect(house.address).await;
    lmtp.send("EHLO client.example").await.expect("500 this is LMTP: *").await;
    lmtp.send("HELO client.example").await.expect("500 this is LMTP: *").await;
    lmtp.send("MAIL FROM:<>").await.expect("503 5.5.1 *").await;
    let announced = lmtp.lhlo().await;
    assert_eq!(announced, ["PIPELINING", "ENHANCEDSTATUSCODES", "8BITMIME", "SMTPUTF8", "SIZE 26214400"]);
}

#[tokio::test]
async fn rfc2033_one_reply_per_accepted_recipient_in_order_with_duplicates() {
    let house = house().await;
    let mut lmtp = house.client().await;
    lmtp.send("MAIL FROM:<mira@home.example>").await.expect("250 2.1.0 *").await;
    lmtp.send("RCPT TO:<rose@groups.example>").await.expect("250 2.1.5 *").await;
    lmtp.send("RCPT TO:<nobody@groups.example>").await.expect("550 5.1.1 *").await;
    lmtp.send("RCPT TO:<later@groups.example>").await.expect("451 4.3.0 *").await;
    lmtp.send("RCPT TO:<full@groups.example>").await.expect("452 4.3.1 *").await;
    lmtp.send("RCPT TO:<rose@groups.example>").await.expect("250 2.1.5 *").await;
    assert_eq!(lmtp.data(b"Subject: hello\r\n\r\n.one\r\n").await, ["250 2.0.0 kept", "250 2.0.0 kept"]);
    lmtp.send("NOOP").await.expect("250 2.0.0 *").await;
    let kept = house.door.kept.lock().unwrap().clone();
    assert_eq!(kept.len(), 1);
    let recipients: Vec<&str> = kept[0].0.recipients.iter().map(Address::as_str).collect();
    assert_eq!(recipients, ["rose@groups.example", "rose@groups.example"]);
    assert_eq!(kept[0].1, b"Subject: hello\r\n\r\n.one\r\n");
}

#[tokio::test]
async fn rfc2033_data_without_a_recipient_is_503() {
    let house = house().await;
    let mut lmtp = house.client().await;
    lmtp.send("DATA").await.expect("503 5.5.1 *").await;
    lmtp.send("MAIL FROM:<>").await.expect("250 *").await;
    lmtp.send("DATA").await.expect("503 5.5.1 *").await;
    lmtp.send("RCPT TO:<nobody@groups.example>").await.expect("550 *").await;
    lmtp.send("DATA").await.expect("503 5.5.1 *").await;
}

#[tokio::test]
async fn rfc3463_trouble_of_ours_is_temporary_for_every_recipient() {
    let house = house().await;
    let mut lmtp = house.client().await;
    let two = ["rose@groups.example", "lily@groups.example"];
    let again = lmtp.deliver("broken@home.example", &two, b"\r\nhello\r\n").await;
    assert_eq!(again, ["451 4.3.0 try again later", "451 4.3.0 try again later"]);
    let full = lmtp.deliver("full@home.example", &two, b"\r\nhello\r\n").await;
    assert_eq!(full, ["452 4.3.1 try again later", "452 4.3.1 try again later"]);
    assert_eq!(lmtp.deliver("mira@home.example", &two[..1], b"\r\nhello\r\n").await, ["250 2.0.0 kept"]);
    assert_eq!(house.kept().len(), 1);
}

#[tokio::test]
async fn rfc5321_order_and_syntax() {
    let house = house().await;
    let mut lmtp = house.client().await;
    lmtp.send("RCPT TO:<rose@groups.example>").await.expect("503 5.5.1 *").await;
    lmtp.send("mail from:<mira@home.example> body=8bitmime size=100").await.expect("250 2.1.0 *").await;
    lmtp.send("MAIL FROM:<mira@home.example>").await.expect("503 5.5.1 *").await;
    lmtp.send("RCPT TO:rose").await.expect("501 5.1.3 *").await;
    lmtp.send("RCPT TO:<Postmaster>").await.expect("250 2.1.5 *").await;
    lmtp.send("RSET").await.expect("250 2.0.0 *").await;
    lmtp.send("DATA").await.expect("503 5.5.1 *").await;
    lmtp.send("MAIL FROM:<> SIZE=26214401").await.expect("552 5.3.4 *").await;
    lmtp.send("MAIL FROM:<> SIZE=26214400").await.expect("250 *").await;
    lmtp.send("RSET").await.expect("250 *").await;
    lmtp.send("MAIL FROM:<> RET=FULL").await.expect("555 5.5.4 *").await;
    lmtp.send("MAIL FROM:<> SMTPUTF8=").await.expect("501 5.5.4 *").await;
    lmtp.send("RSET now").await.expect("501 5.5.4 *").await;
    lmtp.send("QUIT now").await.expect("501 5.5.4 *").await;
    lmtp.send("VRFY rose").await.expect("252 *").await;
    lmtp.send("XYZZY").await.expect("500 5.5.2 *").await;
    lmtp.send("QUIT").await.expect("221 2.0.0 *").await;
    lmtp.expect_end().await;
}

#[tokio::test]
async fn rfc5321_brackets_and_quotes_in_a_local_part() {
    let house = house().await;
    let mut lmtp = house.client().await;
    for (path, code) in [
        (r#""a>b"@home.example"#, "250 2.1.0 *"),
        (r#""a\">b"@home.example"#, "250 2.1.0 *"),
        (r#""a\\"@home.example"#, "250 2.1.0 *"),
        // Outside of quotes a backslash protects nothing.
        (r#"@a\"b:mira@home.example"#, "501 5.1.7 *"),
    ] {
        lmtp.send(&format!("MAIL FROM:<{path}>")).await.expect(code).await;
        lmtp.send("RSET").await.expect("250 *").await;
    }
}

#[tokio::test]
async fn rfc5321_too_many_mistakes_end_the_talk() {
    let house = house().await;
    let mut lmtp = house.client().await;
    for _ in 0..20 {
        lmtp.send("XYZZY").await.expect("500 5.5.2 *").await;
    }
    lmtp.expect("421 4.7.0 *").await;
    lmtp.expect_end().await;
}

#[tokio::test]
async fn rfc6531_addresses_beyond_ascii_need_smtputf8() {
    let house = house().await;
    let mut lmtp = house.client().await;
    lmtp.send("MAIL FROM:<mïra@home.example>").await.expect("553 5.6.7 *").await;
    lmtp.send("MAIL FROM:<mira@home.example>").await.expect("250 *").await;
    lmtp.send("RCPT TO:<röse@groups.example>").await.expect("553 5.6.7 *").await;
    lmtp.send("RSET").await.expect("250 *").await;
    lmtp.send("MAIL FROM:<mïra@home.example> SMTPUTF8").await.expect("250 *").await;
    lmtp.send("RCPT TO:<röse@groups.example>").await.expect("250 *").await;
    assert_eq!(lmtp.data("Subject: grüße\r\n\r\nä\r\n".as_bytes()).await, ["250 2.0.0 kept"]);
}

#[tokio::test]
async fn rfc5321_the_1001st_recipient_is_452() {
    let house = house().await;
    let mut lmtp = house.client().await;
    let mut wire = String::from("MAIL FROM:<>\r\n");
    (0..1_001).for_each(|n| wire.push_str(&format!("RCPT TO:<rose{n}@groups.example>\r\n")));
    lmtp.send_bytes(wire.as_bytes()).await.expect("250 2.1.0 *").await;
    for _ in 0..1_000 {
        lmtp.expect("250 2.1.5 *").await;
    }
    lmtp.expect("452 4.5.3 *").await;
    let replies = lmtp.data(b"\r\nhello\r\n").await;
    assert_eq!(replies.len(), 1_000);
    assert!(replies.iter().all(|reply| reply == "250 2.0.0 kept"));
    lmtp.send("NOOP").await.expect("250 *").await;
}

#[tokio::test]
async fn rfc1870_a_message_beyond_the_size_is_552_for_each() {
    let house = house().await;
    let mut lmtp = house.client().await;
    let line = [b"x".repeat(998), b"\r\n".to_vec()].concat();
    let mut large = line.repeat(26_214);
    large.extend_from_slice(&[b"y".repeat(398), b"\r\n".to_vec()].concat());
    assert_eq!(large.len(), 26_214_400);
    assert_eq!(lmtp.deliver("", &["rose@groups.example"], &large).await, ["250 2.0.0 kept"]);
    large.insert(0, b'x');
    let replies = lmtp.deliver("", &["rose@groups.example", "rose@groups.example"], &large).await;
    assert!(replies.iter().all(|reply| reply.starts_with("552 5.3.4 ")), "{replies:?}");
    lmtp.send("NOOP").await.expect("250 *").await;
    assert_eq!(house.kept().len(), 1);
}

#[tokio::test]
async fn rfc5321_a_long_line_gets_one_answer_and_an_endless_one_ends() {
    let house = house().await;
    let mut lmtp = house.client().await;
    let long = format!("NOOP {}\r\nNOOP\r\n", "x".repeat(100_000));
    lmtp.send_bytes(long.as_bytes()).await.expect("500 5.5.2 *").await;
    lmtp.expect("250 2.0.0 *").await;
    lmtp.send_bytes(&b"x".repeat(1_048_577)).await.expect("421 4.7.0 *").await;
    lmtp.expect_end().await;
}

#[tokio::test]
async fn rfc5321_a_bare_line_feed_ends_no_command() {
    let house = house().await;
    let mut lmtp = house.client().await;
    lmtp.send_bytes(b"NOOP\nMAIL FROM:<>\nRCPT TO:<rose@groups.example>\r\nNOOP\r\n").await;
    lmtp.expect("500 5.5.2 *").await;
    lmtp.expect("250 2.0.0 *").await;
    lmtp.send("RCPT TO:<rose@groups.example>").await.expect("503 5.5.1 *").await;
}

/// What the standard says, in the plainest words: read behind a CRLF, the end is the first CRLF . CRLF.
fn standard(wire: &[u8]) -> (Vec<u8>, usize) {
    let wire = [b"\r\n", wire].concat();
    let end = wire.windows(5).position(|five| five == b"\r\n.\r\n").expect("an end");
    let mut text = Vec::new();
    let mut at = 2;
    while at < end + 2 {
        let stuffed = wire[at] == b'.' && wire[..at].ends_with(b"\r\n");
        if !stuffed {
            text.push(wire[at]);
        }
        at += 1;
    }
    (text, end + 3)
}

/// Every row of CR, LF, dot and NUL up to this length.
fn candidates(longest: u32) -> Vec<Vec<u8>> {
    let row = |length: u32, n: u32| (0..length).map(|place| b"\r\n.\0"[(n >> (2 * place)) as usize & 3]).collect();
    (1..=longest).flat_map(|length| (0..4_u32.pow(length)).map(move |n| row(length, n))).collect()
}

#[tokio::test]
async fn rfc5321_nothing_but_crlf_dot_crlf_ends_a_message() {
    let house = house().await;
    let mut lmtp = house.client().await;
    let mut expected = Vec::new();
    for front in [&b""[..], b"text"] {
        for candidate in candidates(5) {
            let smuggled = b"MAIL FROM:<smuggled@evil.example>\r\n.\r\n";
            let wire = [front, &candidate, smuggled].concat();
            let (text, end) = standard(&wire);
            lmtp.envelope("mira@home.example", &["rose@groups.example"]).await;
            lmtp.send("DATA").await.expect("354 *").await;
            // What really stands behind an end is not sent: it would be a command, and rightly so.
            lmtp.send_bytes(&wire[..end]).await.expect("250 2.0.0 kept").await;
            expected.push(text);
        }
    }
    assert_eq!(expected.len(), 2 * 1_364);
    assert!(house.kept() == expected);
    let kept = house.door.kept.lock().unwrap();
    assert!(kept.iter().all(|(envelope, _)| envelope.reverse_path.as_str() == "mira@home.example"));
}

#[tokio::test]
async fn rfc5321_a_connection_that_breaks_in_data_leaves_nothing() {
    let house = house().await;
    for end in ["", "\r\n", "\r\n.", "\r\n.\r"] {
        let mut lmtp = house.client().await;
        lmtp.envelope("mira@home.example", &["rose@groups.example"]).await;
        lmtp.send("DATA").await.expect("354 *").await;
        lmtp.send_bytes(format!("Subject: x\r\n\r\nhalf{end}").as_bytes()).await;
    }
    let mut lmtp = house.client().await;
    assert_eq!(lmtp.deliver("", &["rose@groups.example"], b"\r\nwhole\r\n").await, ["250 2.0.0 kept"]);
    tokio::time::sleep(Duration::from_millis(50)).await;
    assert_eq!(house.kept(), [b"\r\nwhole\r\n"]);
}

#[tokio::test]
async fn rfc5321_a_silent_client_is_let_go() {
    let house = house_with(|options| options.patience = Duration::from_millis(100)).await;
    let mut lmtp = house.client().await;
    lmtp.send_bytes(b"NOO").await.expect("421 4.4.2 *").await;
    lmtp.expect_end().await;
}

#[tokio::test]
async fn rfc5321_patience_begins_anew_with_each_piece_of_a_message_and_not_of_a_command() {
    let house = house_with(|options| options.patience = Duration::from_millis(2_000)).await;
    let mut slow = house.client().await;
    slow.envelope("mira@home.example", &["rose@groups.example"]).await;
    slow.send("DATA").await.expect("354 *").await;
    let mut slower = house.client().await;
    for _ in 0..3 {
        slow.send_bytes(b"a line\r\n").await;
        slower.send_bytes(b"N").await;
        tokio::time::sleep(Duration::from_millis(700)).await;
    }
    // Two seconds behind its first octet and not behind its last.
    let cut_off = tokio::time::timeout(Duration::from_millis(1_000), slower.expect("421 4.4.2 *"));
    slow.send_bytes(b"a line\r\n").await;
    cut_off.await.unwrap();
    tokio::time::sleep(Duration::from_millis(700)).await;
    slow.send_bytes(b".\r\n").await.expect("250 2.0.0 kept").await;
}

#[tokio::test]
async fn rfc5321_more_connections_than_seats_are_421() {
    let house = house_with(|options| options.connections = 1).await;
    let first = house.client().await;
    let mut second = LmtpClient::connect_unheard(house.address).await;
    // RFC 2034 §4: no enhanced code in a greeting.
    second.expect("421 too many *").await;
    second.expect_end().await;
    drop(first);
    tokio::time::sleep(Duration::from_millis(100)).await;
    house.client().await.send("NOOP").await.expect("250 *").await;
}

#[tokio::test]
async fn rfc5321_the_end_of_service_waits_for_a_message_on_its_way() {
    let house = house().await;
    let mut idle = house.client().await;
    let mut busy = house.client().await;
    busy.envelope("mira@home.example", &["rose@groups.example"]).await;
    busy.send("DATA").await.expect("354 *").await;
    house.end.send(true).unwrap();
    idle.expect("421 4.3.2 *").await;
    busy.send_bytes(b"\r\nlast words\r\n.\r\n").await.expect("250 2.0.0 kept").await;
    busy.expect("421 4.3.2 *").await;
    tokio::time::timeout(Duration::from_secs(5), house.served).await.unwrap().unwrap();
    assert_eq!(house.door.kept.lock().unwrap().len(), 1);
}

#[tokio::test]
async fn a_socket_file_serves_and_a_stale_one_is_replaced() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("lmtp");
    // A socket that nobody answers: its listener is gone, its file is not.
    drop(std::os::unix::net::UnixListener::bind(&path).unwrap());
    let listen = format!("unix:{}", path.display());
    let listener = lmtp::bind(&listen).await.unwrap();
    assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o660);
    let error = format!("{:#}", lmtp::bind(&listen).await.unwrap_err());
    assert!(error.contains("another server answers there"), "{error}");
    let (end, ending) = watch::channel(false);
    let door = Arc::new(ToyDoor::default());
    let served = tokio::spawn(lmtp::serve(listener, door.clone(), Options::new("groups.example"), ending));
    let mut lmtp = LmtpClient::connect_unix(&path).await;
    lmtp.lhlo().await;
    assert_eq!(lmtp.deliver("", &["rose@groups.example"], b"\r\nhello\r\n").await, ["250 2.0.0 kept"]);
    end.send(true).unwrap();
    served.await.unwrap();
    assert!(!path.exists());
    std::fs::write(&path, "precious").unwrap();
    let error = format!("{:#}", lmtp::bind(&listen).await.unwrap_err());
    assert!(error.contains("no socket"), "{error}");
    assert_eq!(std::fs::read_to_string(&path).unwrap(), "precious");
}

#[tokio::test]
async fn a_port_in_use_is_one_clear_error() {
    let first = lmtp::bind("127.0.0.1:0").await.unwrap();
    let taken = first.local_addr().unwrap().to_string();
    let error = format!("{:#}", lmtp::bind(&taken).await.unwrap_err());
    assert!(error.starts_with(&format!("cannot listen on {taken}: ")), "{error}");
}
