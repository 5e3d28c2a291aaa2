//! What the standards say about reading mail, each test named after its RFC; and that no bytes make the reader fail.

use lamplight::mail::kind::Kind;
use lamplight::mail::parse::{Author, MAX_HEADER_BYTES, Trouble};
use lamplight::mail::{Incoming, parse, reply};
use proptest::prelude::*;

const MESSAGES: &[(&str, &[u8])] = &[
    ("plain", include_bytes!("messages/plain.eml")),
    ("gmail-reply", include_bytes!("messages/gmail-reply.eml")),
    ("outlook-html-reply", include_bytes!("messages/outlook-html-reply.eml")),
    ("iphone-reply", include_bytes!("messages/iphone-reply.eml")),
    ("html-only", include_bytes!("messages/html-only.eml")),
    ("german-base64", include_bytes!("messages/german-base64.eml")),
    ("spanish-gmail", include_bytes!("messages/spanish-gmail.eml")),
    ("inline-answers", include_bytes!("messages/inline-answers.eml")),
    ("out-of-office", include_bytes!("messages/out-of-office.eml")),
    ("dsn-failed", include_bytes!("messages/dsn-failed.eml")),
    ("dsn-delayed", include_bytes!("messages/dsn-delayed.eml")),
    ("feedback", include_bytes!("messages/feedback.eml")),
    ("read-receipt", include_bytes!("messages/read-receipt.eml")),
    ("attachments", include_bytes!("messages/attachments.eml")),
];

fn message(name: &str) -> Incoming {
    let raw = MESSAGES.iter().find(|(n, _)| *n == name).expect("a message of that name").1;
    parse(raw)
}

fn author(raw: &str) -> Author {
    parse(raw.as_bytes()).author
}

#[test]
fn rfc5322_from_names_one_mailbox_or_nobody() {
    let one = |raw: &str| match author(raw) {
        Author::One(mailbox) => Some((mailbox.name, mailbox.address.as_str().to_owned())),
        _ => None,
    };
    let mira = |name: &str| Some((name.to_owned(), "mira@home.example".to_owned()));
    assert_eq!(one("From: Mira Torres <mira@home.example>\r\n\r\n"), mira("Mira Torres"));
    assert_eq!(one("From: mira@home.example\r\n\r\n"), mira(""));
    assert_eq!(one("from:\r\n \"Torres, Mira\"\r\n <mira@home.example>\r\n\r\n"), mira("Torres, Mira"));
    assert_eq!(one("From : mira@home.example\r\n\r\n"), mira(""), "obsolete syntax of §4.5.8");
    assert_eq!(author("To: rose@groups.example\r\n\r\nHello"), Author::Nobody);
    assert_eq!(author("From: not an address\r\n\r\nHello"), Author::Nobody);
    let two = "From: mira@home.example, kit@home.example\r\n\r\n";
    assert!(matches!(author(two), Author::Several(who) if who.len() == 2));
    let twice = "From: mira@home.example\r\nFrom: kit@home.example\r\n\r\n";
    assert!(matches!(author(twice), Author::Several(who) if who.len() == 2));
}

#[test]
fn rfc5322_a_space_inside_a_field_name_is_no_from() {
    let incoming = parse(b"Fr om: dana@work.example\r\nTo: x@y.example\r\n\r\nAPPROVE\r\n");
    assert_eq!(incoming.author, Author::Nobody);
    assert_eq!(incoming.trouble, Some(Trouble::BrokenFieldName));
}

#[test]
fn rfc5322_identifiers_folded_broken_and_several() {
    let raw = "Message-ID:\r\n <a@b.example>\r\nIn-Reply-To: Your message <c@d.example>\r\n <e@f.example>\r\nReferences: <1@x>\r\n\t<2@\r\n x><3@x> <1@x>\r\n\r\n";
    let incoming = parse(raw.as_bytes());
    assert_eq!(incoming.message_id.as_deref(), Some("a@b.example"));
    assert_eq!(incoming.in_reply_to, ["c@d.example", "e@f.example"]);
    assert_eq!(incoming.references, ["1@x", "2@x", "3@x"]);
    assert_eq!(incoming.kind, Kind::Reply);
}

#[test]
fn rfc5322_texts_without_a_header_and_odd_line_ends_are_read() {
    assert_eq!(parse(b"just words\nand more").text.reply, "just words\nand more");
    assert_eq!(parse(b"").text.reply, "");
    assert_eq!(parse(b"\r\n\r\nwords").text.reply, "words");
    assert_eq!(parse(b"From: a@b.example\rSubject: x\r\rwords").subject, "x");
    assert_eq!(parse(b"From: a@b.example\nSubject: x\n\nwo\0rds\n").text.reply, "words");
    assert_eq!(parse(b"From a@b.example Mon Mar  2 09:12:44 2026\nSubject: x\n\nwords\n").subject, "x");
}

#[test]
fn rfc5322_limits_are_kept_before_reading() {
    let large = format!("From: a@b.example\r\nX-Fill: {}\r\n\r\nwords", "x".repeat(MAX_HEADER_BYTES));
    assert_eq!(parse(large.as_bytes()).trouble, Some(Trouble::HeaderTooLarge));
    let many = format!("From: a@b.example\r\nTo: {}a@b.example\r\n\r\nwords", "a@b.example,".repeat(1_000));
    let incoming = parse(many.as_bytes());
    assert_eq!(incoming.trouble, Some(Trouble::TooManyAddresses));
    assert_eq!(incoming.text.reply, "words");
    let deep: String =
        (0..30).map(|n| format!("Content-Type: multipart/mixed; boundary=b{n}x\r\n\r\n--b{n}x\r\n")).collect();
    let incoming = parse(format!("From: a@b.example\r\n{deep}\r\nI want to die").as_bytes());
    assert_eq!(incoming.trouble, Some(Trouble::TooDeep));
    assert!(incoming.text.reply.contains("I want to die"), "set aside, and still searched for danger");
}

#[test]
fn rfc2045_transfer_encodings_and_charsets() {
    let text = |head: &str, body: &[u8]| {
        let raw = [format!("From: a@b.example\r\nMIME-Version: 1.0\r\n{head}\r\n\r\n").as_bytes(), body].concat();
        parse(&raw).text.reply
    };
    let plain = "Content-Type: text/plain; charset=";
    assert_eq!(text(&format!("{plain}utf-8\r\nContent-Transfer-Encoding: base64"), b"R3LDvMOfZQ==\r\n"), "Grüße");
    assert_eq!(
        text(&format!("{plain}iso-8859-1\r\nContent-Transfer-Encoding: quoted-printable"), b"Gr=FC=DFe=\r\n n"),
        "Grüße n"
    );
    assert_eq!(text(&format!("{plain}iso-2022-jp"), b"\x1b$B$3$s$K$A$O\x1b(B\r\n"), "こんにちは");
    assert_eq!(text(&format!("{plain}no-such-set"), "Grüße".as_bytes()), "Grüße");
    assert_eq!(text(&format!("{plain}us-ascii"), b"Gr\xfc\xdfe"), "Grüße", "8-bit text without a true label");
    assert_eq!(text("X: y", "Grüße".as_bytes()), "Grüße");
    assert_eq!(text("Content-Type: garbage", b"words"), "words");
}

#[test]
fn rfc2046_a_charset_that_is_not_true_loses_no_letter() {
    for (charset, octets) in [
        ("utf-8", &b"Das Caf\xe9 war zu."[..]),
        ("us-ascii", b"Das Caf\xc3\xa9 war zu."),
        ("us-ascii", b"Das Caf\xe9 war zu."),
        ("x-unknown", b"Das Caf\xe9 war zu."),
        ("iso-8859-1", b"Das Caf\xe9 war zu."),
    ] {
        let head = format!("From: kit@home.example\r\nContent-Type: text/plain; charset={charset}\r\n\r\n");
        let found = parse(&[head.as_bytes(), octets].concat()).text.reply;
        assert_eq!(found, "Das Café war zu.", "{charset}");
    }
    let cut = parse(b"From: kit@home.example\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nSch\xc3\xb6n, Caf\xc3")
        .text
        .reply;
    assert_eq!(cut, "Schön, Caf\u{fffd}");
}

#[test]
fn rfc2046_alternatives_nested_parts_and_attachments() {
    assert_eq!(message("gmail-reply").text.reply, "It did for me, after the third week.");
    let incoming = message("attachments");
    assert_eq!(incoming.text.reply, "My garden today");
    let found: Vec<_> =
        incoming.attachments.iter().map(|a| (a.media_type.as_str(), a.name.as_deref().unwrap_or("-"))).collect();
    assert_eq!(
        found,
        [
            ("image/jpeg", "Mein Gärtchen.jpg"),
            ("text/calendar", "invite.ics"),
            ("text/vcard", "mira.vcf"),
            ("text/plain", "notes.txt"),
            ("message/rfc822", "-"),
            ("application/ms-tnef", "winmail.dat"),
        ]
    );
}

#[test]
fn rfc2046_html_alone_becomes_text_without_links() {
    let reply = message("html-only").text.reply;
    assert!(reply.contains("Has anyone tried ginger tea?") && reply.contains("* morning"), "{reply}");
    assert!(!reply.contains("track.example"), "{reply}");
}

#[test]
fn rfc2047_encoded_words_in_subject_and_name() {
    let incoming = message("german-base64");
    assert_eq!(incoming.subject, "AW: Müdigkeit");
    assert!(matches!(incoming.author, Author::One(mailbox) if mailbox.name == "Mira Müller"));
    let raw = "Subject: =?utf-8?q?Gr=C3=BC?=\r\n =?utf-8?q?=C3=9Fe?= an alle\r\n\r\n";
    assert_eq!(parse(raw.as_bytes()).subject, "Grüße an alle", "§6.2: white space between encoded words goes");
    assert_eq!(parse(b"Subject: =?broken?= x\r\n\r\n").subject, "=?broken?= x");
}

#[test]
fn rfc2231_file_names_in_pieces() {
    assert_eq!(message("attachments").attachments[0].name.as_deref(), Some("Mein Gärtchen.jpg"));
}

#[test]
fn rfc3464_failed_late_and_delivered_are_told_apart() {
    let incoming = message("dsn-failed");
    assert_eq!(incoming.kind, Kind::Bounce);
    assert!(incoming.automatic.is_some());
    let found: Vec<_> = incoming
        .failed_recipients
        .iter()
        .map(|f| (f.address.as_str(), f.permanent, f.status.as_deref().unwrap_or_default()))
        .collect();
    assert_eq!(found, [("kit@home.example", true, "5.1.1"), ("tom@home.example", false, "4.2.2")]);
    let late = message("dsn-delayed");
    assert_eq!(late.kind, Kind::Bounce);
    assert!(late.failed_recipients.iter().all(|f| f.delayed && !f.permanent));
}

#[test]
fn rfc3676_flowed_text_is_joined_and_the_signature_parted() {
    let incoming = message("plain");
    assert_eq!(
        incoming.text.reply,
        "Hello everyone, I started on Thursday and the days since have been longer than I thought. Does the tiredness get better?\n\nBest wishes,\nMira"
    );
    assert_eq!(incoming.text.signature, "Mira Torres\n+1 555 0100");
    let delsp = "From: a@b.example\r\nContent-Type: text/plain; format=flowed; delsp=yes\r\n\r\nto \r\ngether\r\n";
    assert_eq!(parse(delsp.as_bytes()).text.reply, "together");
}

#[test]
fn rfc3834_automatic_mail_is_known_and_members_mail_is_not() {
    let incoming = message("out-of-office");
    assert_eq!(incoming.kind, Kind::AutoReply);
    assert!(incoming.automatic.is_some());
    for name in ["plain", "gmail-reply", "outlook-html-reply", "iphone-reply", "german-base64", "spanish-gmail"] {
        assert_eq!(message(name).automatic, None, "{name}");
    }
}

#[test]
fn rfc3464_a_report_that_a_person_passes_on_is_a_persons() {
    let parts = "MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nIs Kit well?\r\n\
        --b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.example\r\n\r\n\
        Final-Recipient: rfc822; kit@home.example\r\nAction: failed\r\nStatus: 5.1.1\r\n--b--\r\n";
    let kind = |head: &str| parse(format!("{head}\r\n{parts}").as_bytes()).kind;
    assert_eq!(kind("From: Tom <tom@home.example>\r\nSubject: Fwd: Undelivered Mail"), Kind::Post);
    assert_eq!(kind("From: Tom <tom@home.example>\r\nSubject: Worried"), Kind::Post);
    assert_eq!(kind("From: MAILER-DAEMON@mx.example\r\nSubject: Worried"), Kind::Bounce);
    assert_eq!(kind("Return-Path: <>\r\nFrom: mx@mx.example\r\nSubject: x"), Kind::Bounce);
    assert_eq!(kind("Auto-Submitted: auto-replied\r\nFrom: mx@mx.example\r\nSubject: x"), Kind::Bounce);
}

#[test]
fn rfc3834_every_keyword_but_no_and_the_fields_before_it() {
    let found = |field: &str| {
        let incoming = parse(format!("From: Tom <tom@home.example>\r\n{field}\r\n\r\nI am away.\r\n").as_bytes());
        (incoming.kind, incoming.automatic.is_some())
    };
    for field in [
        "Auto-Submitted: auto-replied",
        "Auto-Submitted: auto-generated (vacation)",
        "auto-submitted: AUTO-NOTIFIED; owner-email=\"a@b.example\"",
        "X-Autoreply: yes",
        "X-Auto-Reply-From: tom@home.example",
        "X-Autorespond: Hello",
        "X-Autoresponder: 1.0",
        "X-Postfixadmin-Vacation: yes",
        "Precedence: auto_reply",
        "X-Precedence: auto_reply",
        "Delivered-To: autoresponder",
    ] {
        assert_eq!(found(field), (Kind::AutoReply, true), "{field}");
    }
    for field in [
        "Auto-Submitted: no",
        "X-Autoreply: no",
        "X-Auto-Response-Suppress: DR, OOF, AutoReply",
        "Precedence: first-class",
        "X-Mailer: Vacations of a lifetime 2.0",
    ] {
        assert_eq!(found(field), (Kind::Post, false), "{field}");
    }
}

#[test]
fn rfc5256_base_subject() {
    for (subject, base) in
        [("Re: [rose] Fwd: Hello (fwd)", "hello"), ("AW: WG: Hello", "hello"), ("[Fwd: Hello]", "hello")]
    {
        assert_eq!(parse(format!("Subject: {subject}\r\n\r\n").as_bytes()).base_subject, base);
    }
}

#[test]
fn rfc5965_feedback_report() {
    let incoming = message("feedback");
    assert_eq!(incoming.kind, Kind::Feedback);
    assert!(incoming.automatic.is_some() && incoming.failed_recipients.is_empty());
    let part = "Content-Type: message/feedback-report\r\n\r\nFeedback-Type: abuse\r\nVersion: 1\r\n";
    let kind = |subject: &str| parse(format!("From: x@isp.example\r\nSubject: {subject}\r\n{part}").as_bytes()).kind;
    assert_eq!(kind("Abuse report"), Kind::Feedback);
    assert_eq!(kind("Fwd: Abuse report"), Kind::Post);
}

#[test]
fn rfc6532_header_fields_in_utf8() {
    let incoming = parse("From: Zoë <zoë@höme.example>\r\nSubject: Grüße\r\n\r\nx".as_bytes());
    assert_eq!(incoming.subject, "Grüße");
    assert!(matches!(incoming.author, Author::One(m) if m.address.as_str() == "zoë@höme.example" && m.name == "Zoë"));
    assert_eq!(parse(b"Subject: Gr\xfc\xdfe\r\n\r\n").subject, "Grüße", "raw Latin-1 of older programs");
}

#[test]
fn rfc8098_read_receipt() {
    let incoming = message("read-receipt");
    assert_eq!(incoming.kind, Kind::Receipt);
    assert!(incoming.automatic.is_some());
    let part = "Content-Type: message/disposition-notification\r\n\r\nDisposition: automatic-action; displayed\r\n";
    let kind =
        |subject: &str| parse(format!("From: Tom <tom@home.example>\r\nSubject: {subject}\r\n{part}").as_bytes()).kind;
    assert_eq!(kind("Read: Thursday"), Kind::Receipt);
    assert_eq!(kind("Fwd: Read: Thursday"), Kind::Post);
}

#[test]
fn replies_of_several_programs() {
    for (name, reply) in [
        ("gmail-reply", "It did for me, after the third week."),
        ("outlook-html-reply", "Short walks helped me, Mira. Don’t wait until you feel like it.\n\nTom"),
        ("iphone-reply", "Thinking of you this morning 🌹"),
        (
            "german-base64",
            "Liebe Gruppe,\n\nheute war die Müdigkeit größer als sonst. Wie macht ihr das?\n\nViele Grüße\nMira",
        ),
        ("spanish-gmail", "Gracias a todas. Mañana empiezo con la segunda sesión."),
        (
            "inline-answers",
            "> Hello Mira,\n> how did you sleep?\n\nBetter than on Monday.\n\n> And did you eat?\n\nA little soup.",
        ),
    ] {
        let words = |text: &str| text.lines().filter(|l| !l.trim().is_empty()).map(str::to_owned).collect::<Vec<_>>();
        assert_eq!(words(&message(name).text.reply), words(reply), "{name}");
    }
}

fn words(text: &str) -> Vec<&str> {
    text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).collect()
}

/// Lines that rules look for, and lines that they do not.
fn line() -> impl Strategy<Value = String> {
    prop_oneof![
        "[a-zA-Zäöü ,.?!]{0,80}",
        "> [a-z ]{0,40}",
        Just("-- ".to_owned()),
        Just("On Mon, 2 Mar 2026 at 9:12, Mira <mira@home.example> wrote:".to_owned()),
        Just("-----Original Message-----".to_owned()),
        Just("From: Kit <kit@home.example>".to_owned()),
        Just("Sent: Monday".to_owned()),
        Just("Subject: x".to_owned()),
        Just("Sent from my iPhone".to_owned()),
        Just("____________________".to_owned()),
        Just("~ ~ ~".to_owned()),
        Just(String::new()),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(300) })]

    #[test]
    fn no_bytes_make_the_reader_fail(raw in proptest::collection::vec(any::<u8>(), 0..2_000)) {
        let _ = parse(&raw);
    }

    #[test]
    fn no_mutation_makes_the_reader_fail(
        which in 0..MESSAGES.len(),
        edits in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>(), 0..4_u8), 1..30),
    ) {
        let mut raw = MESSAGES[which].1.to_vec();
        for (at, byte, how) in edits {
            if raw.is_empty() {
                break;
            }
            let at = at.index(raw.len());
            match how {
                0 => raw[at] = byte,
                1 => raw.insert(at, byte),
                2 => drop(raw.remove(at)),
                _ => raw.truncate(at.max(raw.len() / 2)),
            }
        }
        let _ = parse(&raw);
    }

    #[test]
    fn every_word_has_a_place(lines in proptest::collection::vec(line(), 0..30)) {
        let text = lines.join("\n");
        let parted = reply::split(&text);
        let all = format!("{}\n{}\n{}", parted.reply, parted.quoted, parted.signature);
        let kept = words(&all);
        for word in words(&text) {
            prop_assert!(kept.contains(&word), "{word} of {text:?} is lost");
        }
    }
}

/// The debug build is many times slower than what runs; what matters here is that time grows with size, not its square.
#[test]
fn large_and_hostile_messages_are_read_in_time() {
    let head = "From: a@b.example\r\nSubject: x\r\n";
    let multipart = "Content-Type: multipart/mixed; boundary=b\r\n\r\n";
    let vain = "--b\r\nContent-Type: multipart/mixed; boundary=never\r\n\r\nx\r\n";
    let hostile = [
        ("delimiters", format!("{head}\r\n{}", "--\r\n".repeat(19_999))),
        ("long delimiters", format!("{head}\r\n{}", "-- \r\n".repeat(500_000))),
        ("labels", format!("{head}\r\n{}", "Sent: x\r\nTo: y\r\n".repeat(9_000))),
        ("attributions", format!("{head}\r\n{}", "On 2 Mar 2026, 9:12, a@b.example wrote:\r\nx\r\n".repeat(9_000))),
        ("dashes", format!("{head}\r\n{}", "_____________________\r\n".repeat(19_000))),
        ("disclaimers", format!("{head}\r\n{}", "Disclaimer: confidential\r\n".repeat(19_000))),
        ("one line", format!("{head}\r\n{}", "wrote @ 12:34 ".repeat(300_000))),
        ("parts without an end", format!("{head}{multipart}{}", "--b\r\nX: y\r\n".repeat(200_000))),
        ("parts in vain", format!("{head}{multipart}{}{}", vain.repeat(900), "fill\r\n".repeat(300_000))),
        ("brackets", format!("{head}References: {}\r\n\r\nx", "<a@b>".repeat(40_000))),
        ("html", format!("{head}Content-Type: text/html\r\n\r\n{}", "<div><b>&amp;".repeat(100_000))),
        ("html tables", format!("{head}Content-Type: text/html\r\n\r\n{}", "<table><tr><td>x".repeat(49))),
        ("html table", format!("{head}Content-Type: text/html\r\n\r\n<table>{}", "<tr><td>x<td>y".repeat(4_000))),
        (
            "html rows",
            format!("{head}Content-Type: text/html\r\n\r\n<table>{}", "<tr><td>x</td><td>y</td></tr>".repeat(3_000)),
        ),
        ("html words", format!("{head}Content-Type: text/html\r\n\r\n{}", "<p>some words <b>x</b></p>".repeat(4_900))),
        ("html long", format!("{head}Content-Type: text/html\r\n\r\n<p>{}", "many words in a row ".repeat(25_000))),
        ("html quotes", format!("{head}Content-Type: text/html\r\n\r\n{}", "<blockquote>some words".repeat(140))),
        (
            "html boxes",
            format!("{head}Content-Type: text/html\r\n\r\n{}{}", "<table><tr><td>".repeat(45), "words ".repeat(9_000)),
        ),
    ];
    for (name, raw) in hostile {
        let start = std::time::Instant::now();
        let incoming = parse(raw.as_bytes());
        let took = start.elapsed();
        println!("{name}: {took:?} {:?}", incoming.trouble);
        assert!(took.as_secs() < 10, "{name} took {took:?}");
    }
}

/// RFC 2045 §5.2 knows no name for "I don't know": UTF-8 where it can be, Windows-1252 where not.
#[test]
fn charsets_that_nobody_knows() {
    let texts: [(&str, &[u8]); 6] = [
        ("Ich möchte nicht mehr – „gar nicht“.", "Ich möchte nicht mehr – „gar nicht“.".as_bytes()),
        ("Я больше не могу.", "Я больше не могу.".as_bytes()),
        ("もう無理です。", "もう無理です。".as_bytes()),
        ("لا أستطيع أكثر.", "لا أستطيع أكثر.".as_bytes()),
        ("Je n’en peux plus, à Noël déjà.", b"Je n\x92en peux plus, \xe0 No\xebl d\xe9j\xe0."),
        ("No puedo más, señor.", b"No puedo m\xe1s, se\xf1or."),
    ];
    let names =
        ["x-unknown", "unknown-8bit", "foo", "_iso-2022-zz", "default", "8bit", "utf-8mb4", "\"\"", "unicode-2"];
    for (text, octets) in texts {
        for name in names {
            let quoted: String = octets.iter().map(|octet| format!("={octet:02X}")).collect();
            let based = base64(octets);
            let subject = format!("From: a@b.example\r\nSubject: =?{}?B?{based}?=\r\n\r\nx", name.trim_matches('"'));
            if name != "\"\"" {
                assert_eq!(parse(subject.as_bytes()).subject, text, "{name} in a subject");
            }
            for (encoding, body) in
                [("8bit", octets), ("quoted-printable", quoted.as_bytes()), ("base64", based.as_bytes())]
            {
                for kind in ["plain", "html"] {
                    let head = format!(
                        "From: a@b.example\r\nMIME-Version: 1.0\r\nContent-Type: text/{kind}; charset={name}\r\n\
                         Content-Transfer-Encoding: {encoding}\r\n\r\n"
                    );
                    let raw = [head.as_bytes(), body, b"\r\n"].concat();
                    assert_eq!(parse(&raw).text.reply, text, "{name}, {encoding}, {kind}");
                }
            }
        }
    }
}

fn base64(octets: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let four = |three: &[u8]| {
        let all = three.iter().fold(0_usize, |all, octet| all << 8 | usize::from(*octet)) << (8 * (3 - three.len()));
        let digit = |at: usize| char::from(if at > three.len() { b'=' } else { DIGITS[all >> (18 - 6 * at) & 63] });
        (0..4).map(digit).collect::<String>()
    };
    octets.chunks(3).map(four).collect()
}

/// What a telephone's gateway attaches is the message where it has no other text; a file of hers stays a file.
#[test]
fn rfc2183_the_text_file_of_a_gateway_is_the_message() {
    let mms = |body: &str, name: &str, kind: &str| {
        let raw = format!(
            "From: kit@home.example\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\
             Content-Type: text/plain; charset=utf-8\r\n\r\n{body}\r\n--b\r\nContent-Type: {kind}; charset=utf-8; name={name}\r\n\
             Content-Disposition: attachment; filename={name}\r\nContent-Transfer-Encoding: base64\r\n\r\n{}\r\n--b--\r\n",
            base64("Ich möchte nicht mehr.".as_bytes())
        );
        let found = parse(raw.as_bytes());
        (found.text.reply, found.attachments.len())
    };
    for name in ["text_0.txt", "text_1.txt", "Text0.txt", "text.txt", "0.txt", "mms.txt", "message-1.txt", "PART_2.TXT"]
    {
        assert_eq!(mms("", name, "text/plain"), ("Ich möchte nicht mehr.".into(), 0), "{name}");
        assert_eq!(mms(" \r\n\r\n", name, "text/plain"), ("Ich möchte nicht mehr.".into(), 0), "{name}");
        assert_eq!(mms("Hello.", name, "text/plain"), ("Hello.".into(), 1), "{name}");
    }
    for name in ["diary.txt", "testament.txt", "letter-to-kit.txt", "text_0.html", "befund_2.txt"] {
        assert_eq!(mms("", name, "text/plain"), (String::new(), 1), "{name}");
    }
    assert_eq!(mms("", "text_0.txt", "text/csv"), (String::new(), 1));
}
