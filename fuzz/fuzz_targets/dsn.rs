//! Any bytes can stand in the machine's part of a delivery report.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|status: &[u8]| {
    let head = b"From: MAILER-DAEMON@x.example\r\nSubject: Undelivered\r\nMIME-Version: 1.0\r\n\
        Content-Type: multipart/report; report-type=delivery-status; boundary=b\r\n\r\n\
        --b\r\n\r\nfailed\r\n--b\r\nContent-Type: message/delivery-status\r\n\r\n";
    let incoming = lamplight::mail::parse(&[head, status, b"\r\n--b--\r\n"].concat());
    for recipient in incoming.failed_recipients {
        assert!(!(recipient.permanent && recipient.delayed), "late for good");
    }
});
