//! The same octets have the same answers, wherever packets are cut.
#![allow(clippy::unwrap_used, missing_docs)]

mod support;

use lamplight::mail::Envelope;
use lamplight::server::session::{Event, Session};
use proptest::prelude::*;
use support::LmtpClient;
use support::house::{accept, house, judge};

/// The same octets through a session, cut after each of `cuts`.
fn talk(wire: &[u8], cuts: &[usize]) -> (Vec<u8>, Vec<(Envelope, Vec<u8>)>) {
    let (mut session, mut out, mut kept) = (Session::new("groups.example"), Vec::new(), Vec::new());
    session.greet(&mut out);
    let mut cuts = cuts.to_vec();
    cuts.push(wire.len());
    let mut from = 0;
    for cut in cuts {
        session.feed(&wire[from..cut]);
        from = cut;
        loop {
            match session.advance(&mut out) {
                Event::More => break,
                Event::Close => return (out, kept),
                Event::Recipient(address) => session.answer_recipient(judge(&address), &mut out),
                Event::Message(envelope, bytes) => {
                    let answer = accept(&envelope);
                    kept.push((envelope, bytes));
                    session.answer_message(answer, &mut out);
                }
            }
        }
    }
    (out, kept)
}

const SMALL: &[u8] = b"LHLO c\r\nMAIL FROM:<mira@home.example>\r\nRCPT TO:<rose@groups.example>\r\n\
RCPT TO:<nobody@groups.example>\r\nDATA\r\nSubject: x\r\n\r\n..a\r\n.\n.\r\r\nb\n.\n\r\n.\r\nNOOP\nx\r\nRSET\r\n\
MAIL FROM:<>\r\nRCPT TO:<rose@groups.example>\r\nDATA\r\n.\r\nQUIT\r\n";

#[test]
fn rfc5321_every_packet_split_gives_the_same_talk() {
    let whole = talk(SMALL, &[]);
    assert_eq!(whole.1.len(), 2);
    assert!(whole.0.ends_with(b"221 2.0.0 bye\r\n"));
    for first in 0..SMALL.len() {
        for second in first..SMALL.len() {
            assert_eq!(talk(SMALL, &[first, second]), whole, "cut at {first} and {second}");
        }
    }
    let each: Vec<usize> = (0..SMALL.len()).collect();
    assert_eq!(talk(SMALL, &each), whole);
}

#[tokio::test]
async fn rfc2920_every_packet_split_gives_the_same_replies_over_tcp() {
    let house = house().await;
    let expected = String::from_utf8(talk(SMALL, &[]).0).unwrap();
    for cut in (0..SMALL.len()).step_by(3) {
        let mut lmtp = LmtpClient::connect_unheard(house.address).await;
        lmtp.send_bytes(&SMALL[..cut]).await;
        tokio::task::yield_now().await;
        lmtp.send_bytes(&SMALL[cut..]).await;
        let mut heard = String::new();
        while let Some(line) = lmtp.line().await {
            heard.push_str(&line);
            heard.push_str("\r\n");
        }
        assert_eq!(heard, expected, "cut at {cut}");
    }
}

fn fragment() -> impl Strategy<Value = Vec<u8>> {
    let known = prop::sample::select(vec![
        &b"LHLO c\r\n"[..],
        b"MAIL FROM:<>\r\n",
        b"RCPT TO:<rose@groups.example>\r\n",
        b"DATA\r\n",
        b".\r\n",
        b"\r\n",
        b"\r\n.\r\n",
        b"\n.\n",
        b"\r.\r\n",
        b"NOOP\n",
        b"RSET\r\n",
        b"\r",
        b"\n",
        b".",
        b"\0",
        b"text",
        b"\xc3",
        b"QUIT\r\n",
    ]);
    prop_oneof![
        8 => known.prop_map(<[u8]>::to_vec),
        1 => (4_080_usize..4_110).prop_map(|length| b"N".repeat(length)),
        1 => prop::collection::vec(any::<u8>(), 0..20),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn rfc5321_random_octets_in_random_packets(
        fragments in prop::collection::vec(fragment(), 0..40),
        cuts in prop::collection::vec(any::<prop::sample::Index>(), 0..30),
    ) {
        let wire = fragments.concat();
        let mut cuts: Vec<usize> = cuts.iter().map(|cut| cut.index(wire.len() + 1)).collect();
        cuts.sort_unstable();
        prop_assert_eq!(talk(&wire, &cuts), talk(&wire, &[]));
    }
}

#[test]
fn rfc5321_an_endless_line_ends_at_the_same_octet_in_every_packet_size() {
    for (length, over) in [(1_048_574, false), (1_048_575, true)] {
        let wire = [b"x".repeat(length), b"\r\nNOOP\r\n".to_vec()].concat();
        for step in [1_000, 4_096, 65_536, length, length + 1, usize::MAX] {
            let cuts: Vec<usize> = (0..wire.len()).step_by(step).collect();
            let out = String::from_utf8(talk(&wire, &cuts).0).unwrap();
            assert_eq!(out.contains("421 4.7.0"), over, "{length} in {step}");
            assert_eq!(out.contains("500 5.5.2"), !over, "{length} in {step}");
        }
    }
}
