//! Digests of messages (RFC 2046 §5.1.5) and plain digests (RFC 1153): what programs that take them apart rely on.

#![allow(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

use lamplight::clock::Timestamp;
use lamplight::engine::render::Renderer;
use lamplight::engine::samples::{digest_with_everything, setting};
use lamplight::mail::compose::{Enclosed, Outgoing, compose};
use lamplight::mail::headers::AutoSubmitted;
use lamplight::mail::{Address, Mailbox};
use lamplight::model::member::Format;
use mail_parser::{MessageParser, MimeHeaders, PartType};
use proptest::prelude::*;

fn outgoing(subject: &str, text: &str) -> Outgoing {
    Outgoing {
        from: Mailbox { name: "Kit".into(), address: Address::parse("rose@groups.example").unwrap() },
        reply_to: Some(Address::parse("rose+t.abc@groups.example").unwrap()),
        subject: subject.into(),
        message_id: format!("{}@groups.example", subject.len()),
        references: Vec::new(),
        date: Timestamp::parse("2026-11-24T17:30:00-05:00").unwrap(),
        zone: chrono_tz::America::New_York,
        list: None,
        auto_submitted: AutoSubmitted::No,
        language: "en".into(),
        text: text.into(),
        html: None,
        pictures: Vec::new(),
        enclosed: None,
    }
}

fn digest(texts: &[&str]) -> Vec<u8> {
    let messages = texts.iter().enumerate().map(|(at, text)| outgoing(&"x".repeat(at + 1), text)).collect();
    let enclosed = Enclosed { messages, after: "~ ~ ~".into() };
    compose(&Outgoing { enclosed: Some(enclosed), ..outgoing("Rose: volume 1, number 12", "Contents") })
}

#[test]
fn rfc_2046_5_1_5_a_digest_holds_messages_and_nothing_of_them_is_encoded_twice() {
    let bytes = digest(&["Tea helps.", "Größe, “sí” and 日本"]);
    let message = MessageParser::default().parse(&bytes).unwrap();
    let root = message.root_part();
    assert_eq!(root.content_type().unwrap().subtype(), Some("mixed"));
    let inner: Vec<_> = message
        .parts
        .iter()
        .filter_map(|part| if let PartType::Message(inside) = &part.body { Some((part, inside)) } else { None })
        .collect();
    assert_eq!(inner.len(), 2);
    for (part, inside) in &inner {
        // RFC 2046 §5.2.1: no encoding other than 7bit, 8bit or binary for message/rfc822.
        assert_eq!(part.content_transfer_encoding(), Some("7bit"));
        assert_eq!(inside.from().unwrap().first().unwrap().name(), Some("Kit"));
        assert_eq!(inside.reply_to().unwrap().first().unwrap().address(), Some("rose+t.abc@groups.example"));
        assert!(inside.to().is_none() && inside.header("List-Id").is_none());
    }
    assert_eq!(inner[1].1.body_text(0).unwrap().trim_end(), "Größe, “sí” and 日本");
    assert!(bytes.is_ascii(), "no next hop needs 8BITMIME");
    assert!(bytes.split(|byte| *byte == b'\n').all(|line| line.len() <= 998));
    assert_eq!(bytes, digest(&["Tea helps.", "Größe, “sí” and 日本"]), "the same each time");
}

#[test]
fn rfc_2046_5_1_1_no_text_ends_the_part_it_stands_in() {
    let once = String::from_utf8(digest(&["Tea"])).unwrap();
    let boundaries: Vec<&str> = once.split("boundary=\"").skip(1).map(|rest| rest.split('"').next().unwrap()).collect();
    assert_eq!(boundaries.len(), 2, "{once}");
    let forged = boundaries.iter().map(|boundary| format!("--{boundary}--")).collect::<Vec<_>>().join("\n");
    let bytes = digest(&[&forged, "After it."]);
    let message = MessageParser::default().parse(&bytes).unwrap();
    let messages = message.parts.iter().filter(|part| matches!(part.body, PartType::Message(_))).count();
    assert_eq!(messages, 2, "{}", String::from_utf8_lossy(&bytes));
}

/// The messages of a plain digest, taken apart as RFC 1153 says; panics where its frame is not as it says.
fn burst(text: &str) -> Vec<String> {
    let (preamble, rest) = text.split_once(&format!("\n\n{}\n\n", "-".repeat(70))).expect("70 hyphens");
    assert!(preamble.lines().next().unwrap().ends_with("Volume 1 : Issue 12"), "{preamble}");
    let mut messages: Vec<String> = rest.split(&format!("\n\n{}\n\n", "-".repeat(30))).map(str::to_owned).collect();
    let trailer = messages.pop().unwrap();
    let end: Vec<&str> = trailer.trim_end().lines().rev().take(2).collect();
    assert_eq!((end[1], end[0].len()), ("End of Rose Digest", end[1].len()), "{trailer}");
    assert!(end[0].chars().all(|c| c == '*'));
    messages
}

fn plain(texts: &[String]) -> String {
    let (renderer, problems) = Renderer::new(None).unwrap();
    assert!(problems.is_empty());
    let mut page = digest_with_everything();
    page.conversations.truncate(2);
    let posts: Vec<_> = page.conversations.iter_mut().flat_map(|conversation| &mut conversation.posts).collect();
    for (post, text) in posts.into_iter().zip(texts) {
        post.post.text.clone_from(text);
    }
    page.folded = 0;
    renderer.digest_as("en", &setting(""), &page, Format::Rfc1153).unwrap().text
}

#[test]
fn rfc_1153_a_plain_digest_is_taken_apart_as_it_was_put_together() {
    let messages = burst(&plain(&[]));
    assert_eq!(messages.len(), 4, "{messages:?}");
    for message in &messages {
        let (head, body) = message.split_once("\n\n").unwrap();
        for (line, field) in head.lines().zip(["Date: ", "From: \"", "Subject: ", "Reply-To: rose+t."]) {
            assert!(line.starts_with(field), "{head}");
        }
        let date = head.lines().next().unwrap().trim_start_matches("Date: ");
        assert!(chrono::DateTime::parse_from_rfc2822(date).is_ok(), "{date}");
        assert!(!body.trim().is_empty());
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn rfc_1153_whatever_people_write_the_messages_stay_apart(texts in prop::collection::vec("([-]{28,72}|[a-z ]{0,40}|\n|From: x|End of Rose Digest|[*]{18}){0,12}", 4)) {
        prop_assert_eq!(burst(&plain(&texts)).len(), 4);
    }
}
