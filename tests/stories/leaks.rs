//! What a member's mail carries besides her words stays here: a canary in every place there is, and none of them in any
//! byte that another member gets, single copy or digest, encoded or decoded.

use lamplight::model::member::Delivery;

use crate::scene::{DANA, KIT, MIRA, ROSE, RUTH, TOM, send};
use crate::support::{Captured, Letter, World, on_both};

/// Header fields as mail programs, servers and scanners write them; each with what must not come out.
pub const FIELDS: &[(&str, &str)] = &[
    ("Return-Path: <canary-return@home.example>", "canary-return"),
    ("Delivered-To: canary-delivered@home.example", "canary-delivered"),
    ("Received: from canary-host ([203.0.113.77]) by mx.home.example; Tue, 24 Nov 2026 03:14:15 +0845", "canary-host"),
    ("Received: by 2001:db8::ca:4a27 with SMTP id canary-smtp-id; Tue, 24 Nov 2026 03:14:15 +0845", "canary-smtp-id"),
    ("X-Received: by 10.99.77.55 with SMTP", "10.99.77.55"),
    ("Authentication-Results: mx.home.example; dkim=pass header.d=canary-authres.example", "canary-authres"),
    ("ARC-Seal: i=1; a=rsa-sha256; d=canary-arc.example; s=x; cv=none; b=AAAA", "canary-arc"),
    ("DKIM-Signature: v=1; a=rsa-sha256; d=canary-dkim.example; s=x; h=from; bh=AAAA; b=AAAA", "canary-dkim"),
    ("X-Google-DKIM-Signature: v=1; d=canary-gdkim.example", "canary-gdkim"),
    ("X-Originating-IP: [203.0.113.78]", "203.0.113.78"),
    ("X-Sender-IP: 203.0.113.79", "203.0.113.79"),
    ("Message-ID: <canary-message-id@phone.home.example>", "canary-message-id"),
    ("In-Reply-To: <canary-in-reply-to@outside.example>", "canary-in-reply-to"),
    ("References: <canary-reference@outside.example> <canary-in-reply-to@outside.example>", "canary-reference"),
    ("User-Agent: CanaryMail/4.2 (Linux)", "CanaryMail"),
    ("X-Mailer: CanaryXMailer 11", "CanaryXMailer"),
    ("Date: Tue, 24 Nov 2026 03:14:15 +0845", "0845"),
    ("Sender: <canary-sender@home.example>", "canary-sender"),
    ("Reply-To: <canary-reply-to@home.example>", "canary-reply-to"),
    ("Cc: <canary-cc@home.example>", "canary-cc"),
    ("Bcc: <canary-bcc@home.example>", "canary-bcc"),
    ("Resent-From: <canary-resent@home.example>", "canary-resent"),
    ("Errors-To: <canary-errors@home.example>", "canary-errors"),
    ("Disposition-Notification-To: <canary-mdn@home.example>", "canary-mdn"),
    ("Return-Receipt-To: <canary-receipt@home.example>", "canary-receipt"),
    ("X-Confirm-Reading-To: <canary-reading@home.example>", "canary-reading"),
    ("Autocrypt: addr=canary-autocrypt@home.example; keydata=Y2FuYXJ5LWtleQ==", "canary-autocrypt"),
    ("OpenPGP: id=CANARY0123456789; url=https://canary-pgp.example/key", "canary-pgp"),
    ("Thread-Index: AQHZCANARYINDEX==", "CANARYINDEX"),
    ("Thread-Topic: canary-thread-topic", "canary-thread-topic"),
    ("Organization: Canary Organization GmbH", "Canary Organization"),
    ("X-Face: canary-x-face", "canary-x-face"),
    ("Keywords: canary-keyword", "canary-keyword"),
    ("Comments: canary-comment", "canary-comment"),
    ("X-Entity-Ref-ID: canary-entity", "canary-entity"),
    ("X-MS-Exchange-CrossTenant-id: canary-tenant", "canary-tenant"),
    ("X-Spam-Report: canary-spam-report", "canary-spam-report"),
    ("X-Gm-Message-State: canary-gm-state", "canary-gm-state"),
    ("Content-Description: canary-description", "canary-description"),
    ("Content-Location: https://canary-location.example/", "canary-location"),
];

/// Parts of the message: what a part is, and what must not come out of it.
pub const PARTS: &[(&str, &str)] = &[
    (
        "Content-Type: image/jpeg; name=\"canary-IMG_2026.jpg\"\r\nContent-ID: <canary-cid@phone>\r\n\
         Content-Disposition: attachment; filename=\"canary-IMG_2026.jpg\"\r\n\r\nExif GPSLatitude 48.858222-canary-gps",
        "canary-gps",
    ),
    ("Content-Type: text/vcard; name=canary.vcf\r\n\r\nBEGIN:VCARD\r\nFN:Canary-Vcard\r\nEND:VCARD", "Canary-Vcard"),
    ("Content-Type: text/x-vcard\r\n\r\nBEGIN:VCARD\r\nTEL:+1-555-0100-canary\r\nEND:VCARD", "555-0100-canary"),
    ("Content-Type: text/calendar; method=REQUEST\r\n\r\nORGANIZER:mailto:canary-ics@home.example", "canary-ics"),
    (
        "Content-Type: text/plain; name=canary-notes.txt\r\nContent-Disposition: attachment\r\n\r\ncanary-attached-text",
        "canary-attached-text",
    ),
    (
        "Content-Type: text/html\r\nContent-Disposition: attachment; filename=a.html\r\n\r\n<p>canary-attached-html</p>",
        "canary-attached-html",
    ),
    (
        "Content-Type: message/rfc822\r\n\r\nFrom: <x@y.example>\r\nSubject: canary-inner\r\n\r\ncanary-inner-body",
        "canary-inner",
    ),
    ("Content-Type: application/pgp-keys; name=key.asc\r\n\r\ncanary-pgp-key", "canary-pgp-key"),
    ("Content-Type: application/pkcs7-signature; name=smime.p7s\r\n\r\ncanary-p7s", "canary-p7s"),
    ("Content-Type: application/ms-tnef; name=winmail.dat\r\n\r\ncanary-tnef", "canary-tnef"),
    (
        "Content-Type: application/octet-stream\r\nContent-Disposition: attachment; filename*=utf-8''canary%2Dstar\r\n\r\nx",
        "canary-star",
    ),
    ("Content-Type: text/rtf\r\n\r\n{\\rtf1 canary-rtf}", "canary-rtf"),
];

/// What stands around and below the new words.
const AROUND: &[&str] = &[
    "canary-preamble",
    "canary-epilogue",
    "canary-boundary",
    "canary-signature",
    "+1 555 0199",
    "canary-phone",
    "canary-quoted",
    "canary-attribution",
    "Canary Display",
    "canary-IMG",
    "canary-cid",
    "kit@home.example",
];

/// The only header fields of what a member gets.
const ALLOWED: &[&str] = &[
    "to",
    "from",
    "reply-to",
    "subject",
    "message-id",
    "in-reply-to",
    "references",
    "date",
    "list-id",
    "list-post",
    "list-unsubscribe",
    "list-help",
    "list-owner",
    "precedence",
    "x-auto-response-suppress",
    "x-loop",
    "content-language",
    "mime-version",
    "content-type",
    "content-transfer-encoding",
    "auto-submitted",
];

fn the_message() -> Vec<u8> {
    let fields: String = FIELDS.iter().map(|(field, _)| format!("{field}\r\n")).collect();
    let parts: String = PARTS.iter().map(|(part, _)| format!("--canary-boundary\r\n{part}\r\n")).collect();
    format!(
        "{fields}From: \"Canary Display\" <{KIT}>\r\nTo: <{ROSE}>, <canary-to@home.example>\r\nSubject: Waiting\r\n\
         MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=canary-boundary\r\n\r\n\
         canary-preamble\r\n--canary-boundary\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n\
         The ward smells of lavender today.\r\n\r\nIt helps.\r\n\r\n\
         On Mon, 23 Nov 2026 at 10:02, Ann <canary-attribution@outside.example> wrote:\r\n\
         > canary-quoted@outside.example\r\n> and Mira\r\n\r\n-- \r\nKit canary-signature\r\n+1 555 0199\r\n\
         {parts}--canary-boundary--\r\ncanary-epilogue\r\n\r\nSent from my canary-phone\r\n"
    )
    .into_bytes()
}

/// Everything that stands in a mail in any form: its bytes, its unwrapped bytes, and every part decoded.
pub fn readings(mail: &Captured) -> Vec<String> {
    let raw = String::from_utf8_lossy(&mail.raw).into_owned();
    let message = mail_parser::MessageParser::default().parse(&mail.raw).unwrap();
    let mut found = vec![
        raw.replace("=\r\n", ""),
        raw.replace("\r\n ", " "),
        raw,
        mail.subject(),
        mail.reverse_path.clone(),
        mail.parameters.clone(),
    ];
    found.extend(message.parts.iter().map(|part| String::from_utf8_lossy(part.contents()).into_owned()));
    found
}

pub fn holds(mail: &Captured, canary: &str) -> bool {
    let canary = canary.to_lowercase();
    readings(mail).iter().any(|reading| reading.to_lowercase().contains(&canary))
}

/// Tom reads single mails, Mira digests; both must have the words and nothing else.
fn no_canary_reached(world: &World, words: &str) {
    let all = FIELDS.iter().chain(PARTS).map(|(_, canary)| *canary).chain(AROUND.iter().copied());
    let all: Vec<&str> = all.chain(["canary", "phone.home.example", "03:14"]).collect();
    for reader in [TOM, MIRA] {
        let mail = world.mail_to(reader);
        assert!(mail.iter().any(|mail| mail.text().contains(words)), "{}: {reader} has no copy", world.database);
        for copy in &mail {
            for canary in &all {
                assert!(!holds(copy, canary), "{}: {canary} reached {reader}:\n{}", world.database, readings(copy)[0]);
            }
            only_allowed_fields(copy);
            only_his_own_address(copy, reader);
        }
    }
}

pub fn only_allowed_fields(copy: &Captured) {
    let raw = String::from_utf8_lossy(&copy.raw).into_owned();
    let head = raw.split("\r\n\r\n").next().unwrap();
    for line in head.split("\r\n").filter(|line| !line.starts_with([' ', '\t'])) {
        let name = line.split(':').next().unwrap().to_lowercase();
        assert!(ALLOWED.contains(&name.as_str()), "the field {name}");
    }
}

fn only_his_own_address(copy: &Captured, reader: &str) {
    assert_eq!(copy.recipients, [reader]);
    for address in [KIT, MIRA, TOM, DANA, RUTH].iter().filter(|address| **address != reader) {
        assert!(!holds(copy, address), "{address} reached {reader}");
    }
}

#[test]
fn no_canary_leaves_by_a_moderator_s_decision() {
    on_both(|world| async {
        let world = world.with_rose().await;
        send(&world, "canary-envelope@home.example", &[ROSE], &the_message()).await;
        world.write(&Letter::answering(DANA, &world.latest(DANA), "Approve\n\n-- \nDana canary-signature")).await;
        world.pass(121).await;
        world.go_to("2026-11-23T17:31:00-05:00").await;
        no_canary_reached(&world, "The ward smells of lavender today.");
    });
}

#[test]
fn no_canary_leaves_at_once() {
    on_both(|world| async {
        let world = world.with_rose().await;
        let now = world.now();
        world.change_person("rose", KIT, |kit| kit.trusted_since = Some(now)).await;
        send(&world, "canary-envelope@home.example", &[ROSE], &the_message()).await;
        assert!(world.latest(TOM).text().contains("lavender"), "{}: nothing holds it", world.database);
        world.go_to("2026-11-23T17:31:00-05:00").await;
        no_canary_reached(&world, "The ward smells of lavender today.");
    });
}

/// A second round: an answer that quotes the copy, by a program that writes its own canaries.
#[test]
fn no_canary_leaves_with_an_answer() {
    on_both(|world| async {
        let world = world.with_rose().await;
        let now = world.now();
        for address in [KIT, TOM] {
            world.change_person("rose", address, |person| person.trusted_since = Some(now)).await;
        }
        world.change_person("rose", MIRA, |mira| mira.delivery = Delivery::Each).await;
        world.write(&Letter::new(TOM, ROSE, "Tea", "Does peppermint help?")).await;
        let copy = world.latest(KIT);
        let mut answer = Letter::answering(KIT, &copy, "Yes, it does.\n\nSent from my canary-phone");
        for (field, _) in
            FIELDS.iter().filter(|(field, _)| !field.starts_with("Message-ID") && !field.starts_with("Date"))
        {
            answer = answer.with(field);
        }
        world.write(&answer).await;
        let all = FIELDS.iter().map(|(_, canary)| *canary).filter(|canary| *canary != "0845");
        for reader in [TOM, MIRA] {
            let got = world.latest(reader);
            assert!(got.text().starts_with("Yes, it does."), "{}: {}", world.database, got.text());
            for canary in all.clone().chain(["canary", "<letter-", "PhoneMail", KIT, DANA]) {
                assert!(!holds(&got, canary), "{}: {canary} reached {reader}", world.database);
            }
            only_allowed_fields(&got);
        }
    });
}

/// What a moderator's note to an author carries besides the note.
#[test]
fn no_canary_leaves_with_a_note() {
    on_both(|world| async {
        let world = world.with_rose().await;
        world.write(&Letter::new(KIT, ROSE, "Waiting", "The ward smells of lavender today.")).await;
        let words = "Return: Please leave the ward out.\n\n-- \nDana canary-signature, +1 555 0199";
        let mut letter = Letter::answering(DANA, &world.latest(DANA), words);
        letter.fields.push_str("X-Mailer: CanaryXMailer\r\nReply-To: <canary-reply-to@work.example>\r\n");
        world.write(&letter).await;
        world.pass(121).await;
        let note = world.latest(KIT);
        assert!(note.text().contains("Please leave the ward out."), "{}: {}", world.database, note.text());
        for canary in ["canary", "555 0199", DANA, "work.example", "PhoneMail"] {
            assert!(!holds(&note, canary), "{}: {canary} reached the author", world.database);
        }
    });
}
