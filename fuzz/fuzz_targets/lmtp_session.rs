//! Any octets in any packets: the talk never panics, keeps little, and doesn't depend on where packets were cut.
#![no_main]

use lamplight::server::door::{AcceptAnswer, RecipientAnswer};
use lamplight::server::session::{Event, Session};
use libfuzzer_sys::fuzz_target;

/// Every reply, and what was accepted with how many recipients.
fn talk<'a>(packets: impl Iterator<Item = &'a [u8]>) -> (Vec<u8>, Vec<(usize, Vec<u8>)>) {
    let (mut session, mut out, mut kept) = (Session::new("groups.example"), Vec::new(), Vec::new());
    for packet in packets {
        session.feed(packet);
        loop {
            match session.advance(&mut out) {
                Event::More => break,
                Event::Close => return (out, kept),
                Event::Recipient(address) if address.local_part().starts_with('x') => {
                    session.answer_recipient(RecipientAnswer::NotOurs, &mut out);
                }
                Event::Recipient(_) => session.answer_recipient(RecipientAnswer::Ours, &mut out),
                Event::Message(envelope, bytes) => {
                    assert!(!envelope.recipients.is_empty());
                    kept.push((envelope.recipients.len(), bytes));
                    session.answer_message(AcceptAnswer::Kept, &mut out);
                }
            }
        }
    }
    (out, kept)
}

fuzz_target!(|input: &[u8]| {
    // The first octet says how long packets are.
    let Some((&size, wire)) = input.split_first() else { return };
    let whole = talk(std::iter::once(wire));
    let pieces = talk(wire.chunks(usize::from(size) + 1));
    assert_eq!(whole, pieces);
    // RFC 5321 §4.2: every reply is a line of ASCII that begins with a code.
    let replies = std::str::from_utf8(&whole.0).expect("replies are text");
    assert!(
        replies
            .split_terminator("\r\n")
            .all(|line| line.len() > 4 && line.as_bytes()[..3].iter().all(u8::is_ascii_digit))
    );
});
