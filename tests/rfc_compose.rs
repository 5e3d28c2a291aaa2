//! What Lamplight writes, read back by another reader.
#![allow(clippy::unwrap_used, missing_docs)]

use lamplight::clock::Timestamp;
use lamplight::mail::compose::{Outgoing, address_copy, compose};
use lamplight::mail::headers::{AutoSubmitted, ListFields};
use lamplight::mail::{Address, Mailbox};
use mail_parser::{Message, MessageParser, MimeHeaders};
use proptest::prelude::*;

fn address(text: &str) -> Address {
    Address::parse(text).unwrap()
}

fn post() -> Outgoing {
    Outgoing {
        from: Mailbox { name: "Mira".into(), address: address("rose@groups.example") },
        reply_to: Some(address("rose+t.abcdefghijklmnopqrstuvwxyz@groups.example")),
        subject: "A better week".into(),
        message_id: "p7.abc@groups.example".into(),
        references: vec!["p1.abc@groups.example".into(), "p5.abc@groups.example".into()],
        date: Timestamp::parse("2026-11-23T17:30:00-05:00").unwrap(),
        zone: chrono_tz::America::New_York,
        list: Some(ListFields {
            id: "rose.groups.example".into(),
            title: "Rose".into(),
            post: address("rose@groups.example"),
            unsubscribe: address("rose-leave@groups.example"),
            help: address("rose-help@groups.example"),
            owner: address("rose-owner@groups.example"),
        }),
        auto_submitted: AutoSubmitted::No,
        language: "en".into(),
        text: "Hello,\n\nit was a better week.\n".into(),
        html: Some("<p>Hello,</p>\n<p>it was a better week.</p>\n".into()),
        pictures: Vec::new(),
        enclosed: None,
    }
}

fn text_of(outgoing: &Outgoing) -> String {
    String::from_utf8(compose(outgoing)).unwrap()
}

fn head(text: &str) -> Vec<String> {
    let head = text.split("\r\n\r\n").next().unwrap().replace("\r\n ", " ").replace("\r\n\t", " ");
    head.split("\r\n").map(str::to_owned).collect()
}

fn field(text: &str, name: &str) -> Option<String> {
    head(text).iter().find_map(|line| line.strip_prefix(&format!("{name}: ")).map(str::to_owned))
}

fn parsed(bytes: &[u8]) -> Message<'_> {
    MessageParser::default().parse(bytes).unwrap()
}

const ALLOWED: &[&str] = &[
    "From",
    "Reply-To",
    "Subject",
    "Message-ID",
    "In-Reply-To",
    "References",
    "Date",
    "Auto-Submitted",
    "List-Id",
    "List-Post",
    "List-Unsubscribe",
    "List-Help",
    "List-Owner",
    "Precedence",
    "X-Auto-Response-Suppress",
    "X-Loop",
    "Content-Language",
    "MIME-Version",
    "Content-Type",
    "Content-Transfer-Encoding",
];

fn check_shape(bytes: &[u8]) {
    let text = std::str::from_utf8(bytes).expect("UTF-8");
    assert!(bytes.is_ascii(), "needs no 8BITMIME");
    assert!(text.ends_with("\r\n"));
    assert!(!text.replace("\r\n", "").contains(|c: char| c.is_control() && c != '\t'), "{text}");
    assert!(text.split("\r\n").all(|line| line.len() <= 998));
    let names: Vec<String> = head(text).iter().map(|line| line.split(':').next().unwrap().to_owned()).collect();
    for name in &names {
        assert!(ALLOWED.contains(&name.as_str()), "{name}");
        assert_eq!(names.iter().filter(|other| *other == name).count(), 1, "{name}");
    }
}

#[test]
fn rfc5322_the_whole_message() {
    let expected = "From: \"Mira\" <rose@groups.example>\r\n\
        Reply-To: <rose+t.abcdefghijklmnopqrstuvwxyz@groups.example>\r\n\
        Subject: A better week\r\n\
        Message-ID: <p7.abc@groups.example>\r\n\
        In-Reply-To: <p5.abc@groups.example>\r\n\
        References: <p1.abc@groups.example> <p5.abc@groups.example>\r\n\
        Date: Mon, 23 Nov 2026 17:30:00 -0500\r\n\
        List-Id: \"Rose\" <rose.groups.example>\r\n\
        List-Post: <mailto:rose@groups.example>\r\n\
        List-Unsubscribe: <mailto:rose-leave@groups.example>\r\n\
        List-Help: <mailto:rose-help@groups.example>\r\n\
        List-Owner: <mailto:rose-owner@groups.example>\r\n\
        Precedence: list\r\n\
        X-Auto-Response-Suppress: All\r\n\
        X-Loop: rose@groups.example\r\n\
        Content-Language: en\r\n\
        MIME-Version: 1.0\r\n";
    let text = text_of(&post());
    assert!(text.starts_with(expected), "{text}");
    check_shape(text.as_bytes());
    let body = parsed(text.as_bytes());
    assert_eq!(body.body_text(0).unwrap(), "Hello,\r\n\r\nit was a better week.\r\n");
    assert_eq!(body.body_html(0).unwrap(), "<p>Hello,</p>\r\n<p>it was a better week.</p>\r\n");
}

#[test]
fn rfc5322_the_same_input_gives_the_same_octets() {
    assert_eq!(compose(&post()), compose(&post()));
    let other = Outgoing { message_id: "p8.abc@groups.example".into(), ..post() };
    assert_ne!(field(&text_of(&post()), "Content-Type"), field(&text_of(&other), "Content-Type"));
}

#[test]
fn rfc5322_one_to_field_stands_first() {
    let composed = compose(&post());
    let copy = address_copy(&composed, &address("kit@home.example"), None);
    assert_eq!(copy, [b"To: <kit@home.example>\r\n", composed.as_slice()].concat());
}

#[test]
fn rfc5322_lines_end_in_crlf_and_stay_under_998() {
    let long = "x".repeat(5_000);
    let text = format!("{long}\r{long}\r\nFrom here\n.\n..\n\0\u{1b}[2J tail   \n\n\n");
    let outgoing = Outgoing {
        subject: long.clone(),
        from: Mailbox { name: long.clone(), ..post().from },
        message_id: long.clone(),
        references: (0..60).map(|n| format!("{n}.{}@groups.example", "y".repeat(300))).collect(),
        language: long.clone(),
        html: Some(format!("<p>{text}</p>")),
        text,
        ..post()
    };
    let bytes = compose(&outgoing);
    check_shape(&bytes);
    let message = parsed(&bytes);
    assert_eq!(message.subject(), Some(long.as_str()));
    assert_eq!(message.body_text(0).unwrap(), format!("{long}\r\n{long}\r\nFrom here\r\n.\r\n..\r\n[2J tail   \r\n"));
}

#[test]
fn rfc5322_references_are_at_most_twenty() {
    let outgoing = Outgoing { references: (0..60).map(|n| format!("{n}@groups.example")).collect(), ..post() };
    let text = text_of(&outgoing);
    let references = field(&text, "References").unwrap();
    assert_eq!(references.split(' ').count(), 20);
    assert!(references.starts_with("<0@groups.example> <41@groups.example>"));
    assert_eq!(field(&text, "In-Reply-To").unwrap(), "<59@groups.example>");
    let first = text_of(&Outgoing { references: Vec::new(), ..post() });
    assert_eq!((field(&first, "References"), field(&first, "In-Reply-To")), (None, None));
}

#[test]
fn rfc5322_the_date_is_in_the_groups_zone() {
    let at = |zone| field(&text_of(&Outgoing { zone, ..post() }), "Date").unwrap();
    assert_eq!(at(chrono_tz::Asia::Kolkata), "Tue, 24 Nov 2026 04:00:00 +0530");
    assert_eq!(at(chrono_tz::UTC), "Mon, 23 Nov 2026 22:30:00 +0000");
}

#[test]
fn rfc2047_names_and_subjects_come_back_as_they_were() {
    for name in ["Mira", "Mïra K.", "山田 花子", "\"Q\" <x@y>, Z", "=?utf-8?q?trick?=", "O'Neil; (k)", "👩\u{200d}👧"]
    {
        let outgoing = Outgoing {
            from: Mailbox { name: name.into(), ..post().from },
            subject: format!("{name} writes"),
            ..post()
        };
        let bytes = compose(&outgoing);
        check_shape(&bytes);
        let message = parsed(&bytes);
        let from = message.from().unwrap().first().unwrap();
        assert_eq!(message.from().unwrap().iter().count(), 1, "{name}");
        assert_eq!(from.address(), Some("rose@groups.example"), "{name}");
        // What looks like an encoded word is shown as it was typed, but for one space.
        let shown = name.replace("=?", "= ?");
        assert_eq!(from.name(), Some(shown.as_str()));
        assert_eq!(message.subject(), Some(format!("{shown} writes").as_str()));
    }
}

#[test]
fn rfc2919_and_rfc2369_list_fields_only_for_the_list() {
    let list = ListFields { title: "Röse, \"the\" group".into(), ..post().list.unwrap() };
    let text = text_of(&Outgoing { list: Some(list), ..post() });
    let id = field(&text, "List-Id").unwrap();
    assert!(id.starts_with("=?utf-8?") && id.ends_with(" <rose.groups.example>"), "{id}");
    let notice = text_of(&Outgoing { list: None, auto_submitted: AutoSubmitted::Replied, ..post() });
    for name in ["List-Id", "List-Post", "List-Unsubscribe", "Precedence", "X-Loop", "X-Auto-Response-Suppress"] {
        assert_eq!(field(&notice, name), None, "{name}");
    }
}

#[test]
fn rfc3834_auto_submitted_is_never_on_a_members_post() {
    let value = |auto_submitted| field(&text_of(&Outgoing { auto_submitted, ..post() }), "Auto-Submitted");
    assert_eq!(value(AutoSubmitted::No), None);
    assert_eq!(value(AutoSubmitted::Generated).as_deref(), Some("auto-generated"));
    assert_eq!(value(AutoSubmitted::Replied).as_deref(), Some("auto-replied"));
}

#[test]
fn rfc2046_a_boundary_stands_nowhere_in_the_text() {
    let boundary = field(&text_of(&post()), "Content-Type").unwrap();
    let boundary = boundary.split('"').nth(1).unwrap().to_owned();
    let outgoing = Outgoing { text: format!("--{boundary}\n\n--{boundary}--\n"), ..post() };
    let bytes = compose(&outgoing);
    assert_eq!(parsed(&bytes).parts.len(), 3);
    assert_eq!(parsed(&bytes).body_text(0).unwrap(), format!("--{boundary}\r\n\r\n--{boundary}--\r\n"));
}

#[test]
fn rfc2045_plain_text_alone_is_one_part() {
    let bytes = compose(&Outgoing { html: None, text: "grüße\n".into(), ..post() });
    check_shape(&bytes);
    let message = parsed(&bytes);
    assert_eq!((message.parts.len(), message.body_text(0).unwrap().as_ref()), (1, "grüße\r\n"));
    assert_eq!(message.content_type().unwrap().attribute("charset"), Some("utf-8"));
}

fn hostile() -> impl Strategy<Value = String> {
    let piece = prop::sample::select(vec![
        "\r\n",
        "\n",
        "\r",
        "\0",
        "Bcc: <evil@x.example>",
        "\r\n\r\n",
        "\u{2028}",
        "\u{202e}",
        "\u{85}",
        "=?utf-8?Q?=0D=0A?=",
        "<",
        ">",
        "\"",
        "\\",
        ",",
        ":",
        ";",
        "@",
        "(",
        "ä",
        "漢字",
        "👩\u{200d}👧",
        " ",
        "\t",
        "=",
        "--=_",
        ".",
        "a word",
        "\u{b}",
    ]);
    prop_oneof![
        3 => prop::collection::vec(piece, 0..30).prop_map(|pieces| pieces.concat()),
        1 => any::<String>(),
        1 => prop::collection::vec(any::<char>(), 0..300).prop_map(|all| all.into_iter().collect()),
    ]
}

fn words(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// RFC 2046 §5.1.3: the words first, then the pictures, each under a name of ours and with no other field.
#[test]
fn rfc2046_pictures_come_behind_the_words() {
    let pictures = vec![b"\xff\xd8 one".to_vec(), vec![0; 5_000]];
    let outgoing = Outgoing { pictures: pictures.clone(), ..post() };
    let bytes = compose(&outgoing);
    check_shape(&bytes);
    assert_eq!(bytes, compose(&outgoing), "the same gives the same");
    let message = parsed(&bytes);
    let kinds: Vec<String> = message
        .parts
        .iter()
        .map(|part| {
            part.content_type().map(|kind| format!("{}/{}", kind.c_type, kind.c_subtype.as_deref().unwrap_or("")))
        })
        .map(Option::unwrap_or_default)
        .collect();
    assert_eq!(
        kinds,
        ["multipart/mixed", "multipart/alternative", "text/plain", "text/html", "image/jpeg", "image/jpeg"]
    );
    for (at, octets) in pictures.iter().enumerate() {
        let part = &message.parts[4 + at];
        assert_eq!(part.contents(), octets);
        assert_eq!(part.attachment_name(), Some(format!("picture-{}.jpg", at + 1).as_str()));
        assert_eq!(part.content_disposition().unwrap().c_type, "inline");
        let fields: Vec<&str> = part.headers.iter().map(|field| field.name.as_str()).collect();
        assert_eq!(fields, ["Content-Type", "Content-Disposition", "Content-Transfer-Encoding"]);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn rfc5322_no_value_reaches_beyond_its_field(
        subject in hostile(), name in hostile(), title in hostile(), text in hostile(), html in hostile(),
        message_id in hostile(), references in prop::collection::vec(hostile(), 0..30), language in hostile(),
    ) {
        let list = ListFields { title, id: message_id.clone(), ..post().list.unwrap() };
        let from = Mailbox { name, ..post().from };
        let outgoing = Outgoing {
            subject, from, text, html: Some(html), message_id, references, language, list: Some(list), ..post()
        };
        let bytes = compose(&outgoing);
        check_shape(&bytes);
        prop_assert_eq!(&bytes, &compose(&outgoing));
        let message = parsed(&bytes);
        prop_assert_eq!(message.parts.len(), 3);
        prop_assert_eq!(message.from().unwrap().iter().count(), 1);
        prop_assert_eq!(message.from().unwrap().first().unwrap().address(), Some("rose@groups.example"));
        prop_assert!(message.message_id().is_some());
        let subject = message.subject().unwrap_or_default().to_owned();
        let marked = subject.chars().any(|c| c.is_control() || ('\u{202a}'..='\u{202e}').contains(&c));
        prop_assert!(!marked);
        prop_assert_eq!(words(&subject), words(&lamplight::mail::headers::one_line(&outgoing.subject)));
        let lines = outgoing.text.replace("\r\n", "\n").replace('\r', "\n");
        let kept: String = lines.chars().filter(|c| matches!(c, '\n' | '\t') || !c.is_control()).collect();
        let body = message.body_text(0).unwrap().replace("\r\n", "\n");
        prop_assert_eq!(body.trim_end_matches('\n'), kept.trim_end_matches('\n'));
    }
}
