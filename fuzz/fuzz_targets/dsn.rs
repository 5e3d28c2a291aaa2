//! Any bytes can stand in the machine's part of a delivery report, in its prose, and in what a responder writes.
#![no_main]

use lamplight::mail::kind::Kind;
use lamplight::mail::parse;
use libfuzzer_sys::fuzz_target;

const REPORT: &[u8] = b"From: MAILER-DAEMON@x.example\r\nSubject: Undelivered\r\nMIME-Version: 1.0\r\n\
    Content-Type: multipart/report; report-type=delivery-status; boundary=b\r\n\r\n\
    --b\r\n\r\nfailed\r\n--b\r\nContent-Type: message/delivery-status\r\n\r\n";
const PROSE: &[u8] = b"From: MAILER-DAEMON@x.example\r\nSubject: Undelivered mail\r\n\r\n";
const ANSWER: &[u8] = b"From: Tom <tom@home.example>\r\nSubject: Re: Hello\r\nIn-Reply-To: <a@b>\r\n\r\n";

fuzz_target!(|bytes: &[u8]| {
    for (head, tail) in [(REPORT, &b"\r\n--b--\r\n"[..]), (PROSE, b"")] {
        let incoming = parse(&[head, bytes, tail].concat());
        assert!(!matches!(incoming.kind, Kind::Post | Kind::Reply), "whatever it says, a daemon's is no person's");
        for recipient in incoming.failed_recipients {
            assert!(!(recipient.permanent && recipient.delayed), "late for good");
        }
    }
    let _ = parse(&[ANSWER, bytes].concat());
});
