//! What a post will take up in a mail, told before the mail is written.

use super::super::render::words;
use crate::model::member::Format;
use crate::model::post::Post;

/// The fields, the page, the footer, the list of what waits and one conversation that goes on from another part: what a mail
/// takes up without any post.
pub(super) fn of_frame(format: Format) -> usize {
    if format == Format::Html { 12_000 } else { 4_500 }
}

/// What a conversation adds: its heading, its lines in the list of contents, how it is answered; as text, and on a page with
/// all that the style sheet writes into tags.
const CONVERSATION: usize = 300;
const CONVERSATION_ON_PAGE: usize = 1_000;
/// The same of a post: who wrote it and when, and what stands below it.
const POST: usize = 160;
const POST_ON_PAGE: usize = 650;
/// What stands over a post in the plain digest of RFC 1153, and what a message of its own has in fields.
const FIELDS: usize = 120;
const MESSAGE: usize = 700;
/// What the style sheet writes into the tags of a paragraph and of a quote.
const STYLED_PARAGRAPH: usize = 40;
const STYLED_QUOTE: usize = 120;

/// Octets on the wire.
pub(super) fn of_post(post: &Post, begins_conversation: bool, format: Format) -> usize {
    let names = 3 * post.author_name.len();
    // A longer subject is cut.
    let (subject, begins) = (post.subject.len().min(500), usize::from(begins_conversation));
    let text = encoded(&post.text) + POST + names;
    let plain = text + begins * (CONVERSATION + 3 * subject);
    match format {
        Format::Html => {
            let page = of_page(&words::paragraphs(&post.text)) + POST_ON_PAGE + names;
            plain + page + begins * (CONVERSATION_ON_PAGE + 8 * subject)
        }
        Format::Text => plain,
        Format::Rfc1153 => text + FIELDS + 2 * subject + begins * (CONVERSATION / 3 + subject),
        Format::Mime => plain + MESSAGE + 2 * subject,
    }
}

fn of_page(page: &str) -> usize {
    let often = |tag: &str| page.matches(tag).count();
    encoded(page) + often("<p ") * STYLED_PARAGRAPH + often("<blockquote") * STYLED_QUOTE
}

/// Quoted-printable and base64 take up so much, whichever is chosen: RFC 2045 §6.7, §6.8.
fn encoded(text: &str) -> usize {
    let others = text.bytes().filter(|byte| !byte.is_ascii() || *byte == b'=').count();
    let lines = text.len() / 70 * 3 + text.lines().count() * 3;
    text.len() + lines + (2 * others).min(text.len() / 2)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::Timestamp;
    use crate::engine::notice::{Conversation, DigestPage, DigestPost, PublishedPost};
    use crate::engine::render::Renderer;
    use crate::engine::samples;
    use crate::mail::compose::{Outgoing, compose};
    use crate::mail::headers::AutoSubmitted;
    use crate::mail::{Address, Mailbox};
    use crate::model::digest::tests::post;
    use crate::model::ids::ThreadId;

    /// A digest of so many conversations with so many posts each, as it is estimated and as it is.
    fn weighed(renderer: &Renderer, conversations: i64, each: i64, text: &str, format: Format) -> (usize, usize) {
        let (mut estimated, mut shown) = (of_frame(format), Vec::new());
        for number in 1..=conversations {
            let mut posts = Vec::new();
            for at in 0..each {
                let mut one = post(number * 1_000 + at, number);
                one.thread = ThreadId(number);
                (one.subject, one.text) = (format!("The week before a scan, {number}"), text.to_owned());
                estimated += of_post(&one, at == 0, format);
                let published = PublishedPost {
                    author: one.author_name.clone(),
                    at: Timestamp(1_795_000_000_000_000),
                    text: one.text.clone(),
                    answers: Some("Mira".into()),
                    shown: 0,
                    pictures: 1,
                    files: 1,
                    edited: true,
                };
                let answered_at = Some(Timestamp(1_794_000_000_000_000));
                posts.push(DigestPost { post: published, answered_at, folded: false, notes: Vec::new(), piece: None });
            }
            shown.push(Conversation {
                number: usize::try_from(number).unwrap(),
                subject: format!("The week before a scan, {number}"),
                reply_to: "rose+t.mfzwizltoq2gk43um5zhk3tfna@groups.example".into(),
                continued: true,
                on_top: false,
                authors: vec!["Mira".into(), "Kit".into(), "Tom".into()],
                posts,
            });
        }
        let page = DigestPage { conversations: shown, ..samples::digest_with_everything() };
        let words = renderer.digest_as("es", &samples::setting(""), &page, format).unwrap();
        let message = compose(&Outgoing {
            from: Mailbox { name: "Rose".into(), address: Address::parse("rose@groups.example").unwrap() },
            reply_to: None,
            subject: words.subject,
            message_id: "a@groups.example".into(),
            references: Vec::new(),
            date: Timestamp(1_795_000_000_000_000),
            zone: chrono_tz::America::New_York,
            list: None,
            auto_submitted: AutoSubmitted::Generated,
            language: "es".into(),
            text: words.text,
            html: words.html,
            pictures: Vec::new(),
            enclosed: None,
        });
        (estimated, message.len())
    }

    #[test]
    fn what_is_estimated_is_enough_and_not_far_too_much() {
        let (renderer, _) = Renderer::new(None).unwrap();
        let plain =
            "I bake. Badly, but the house smells of bread.\n\nThe neighbours know by now what it means. ".repeat(6);
        let accented = "Mañana me hacen la prueba, y no sé qué llevar. ¿Qué hicieron ustedes?\n\n".repeat(12);
        let quoted = format!("> {}\n\nI do, too.", "How do you get through the week before a scan?\n> ".repeat(4));
        for format in [Format::Html, Format::Text, Format::Rfc1153] {
            for (conversations, each) in [(1, 1), (30, 1), (1, 40), (12, 4)] {
                for text in ["Yes.", plain.as_str(), accented.as_str(), quoted.as_str()] {
                    let (estimated, real) = weighed(&renderer, conversations, each, text, format);
                    let what = format!("{format:?} {conversations}x{each} {:.20}: {estimated} for {real}", text);
                    println!("{what}");
                    assert!(estimated >= real, "{what}");
                    assert!(estimated <= real * 4 / 3 + of_frame(format), "{what}");
                }
            }
        }
    }
}
