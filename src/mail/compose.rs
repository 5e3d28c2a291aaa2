//! Outgoing mail written anew: an allow-list of header fields, never an edited original. The only use of mail-builder.

use mail_builder::MessageBuilder;
use mail_builder::headers::HeaderType;
use mail_builder::headers::address::Address as Named;
use mail_builder::headers::content_type::ContentType;
use mail_builder::headers::message_id::MessageId;
use mail_builder::headers::raw::Raw;
use mail_builder::headers::text::Text;
use mail_builder::headers::url::URL;
use mail_builder::mime::{BodyPart, MimePart};
use sha2::{Digest, Sha256};

use super::headers::{self, AutoSubmitted, ListFields, mailto, one_line};
use super::{Address, Mailbox};
use crate::clock::Timestamp;

/// One message as it is to leave, apart from its recipient.
#[derive(Debug, Clone)]
pub struct Outgoing {
    /// From.
    pub from: Mailbox,
    /// Reply-To, where answers go elsewhere than to From.
    pub reply_to: Option<Address>,
    /// Subject, decoded, any characters; line breaks become spaces.
    pub subject: String,
    /// Message-ID without angle brackets.
    pub message_id: String,
    /// References without angle brackets, oldest first; the last is also In-Reply-To.
    pub references: Vec<String>,
    /// Date.
    pub date: Timestamp,
    /// The zone that Date is written in.
    pub zone: chrono_tz::Tz,
    /// List-*, Precedence: list and the loop mark; `None` for a notice to one person.
    pub list: Option<ListFields>,
    /// Auto-Submitted.
    pub auto_submitted: AutoSubmitted,
    /// Content-Language.
    pub language: String,
    /// The plain text, lines ended by LF.
    pub text: String,
    /// The same as HTML.
    pub html: Option<String>,
    /// Pictures that go with it, each a JPEG of ours.
    pub pictures: Vec<Vec<u8>>,
    /// Messages that it holds, where it is a digest of messages.
    pub enclosed: Option<Enclosed>,
}

/// The messages of a digest (RFC 2046 §5.1.5).
#[derive(Debug, Clone)]
pub struct Enclosed {
    /// Each apart from its recipient, without pictures.
    pub messages: Vec<Outgoing>,
    /// The plain text below them.
    pub after: String,
}

/// Write the message apart from its To field: header fields, an empty line, the body; CRLF, no line over 998 octets.
/// The same input gives the same bytes, boundaries included.
///
/// The body is 7bit, quoted-printable or base64, so that no next hop needs 8BITMIME and nobody on the way breaks a
/// line: a paragraph stays the one line it was, and the reader's program wraps it (RFC 2045 §6.7).
#[must_use]
pub fn compose(outgoing: &Outgoing) -> Vec<u8> {
    let fields = fields(outgoing);
    let text = part("text/plain", &outgoing.text);
    let html = outgoing.html.as_deref().unwrap_or_default();
    let inner = boundary(&outgoing.message_id, &outgoing.text, html);
    // Another one, so that neither ends the other's part (RFC 2046 §5.1.2).
    let outer = boundary(&inner, &outgoing.text, html);
    let words = match &outgoing.html {
        None => text,
        // RFC 2046 §5.1.4: the richest last.
        Some(html) => several("multipart/alternative", inner, vec![text, part("text/html", html)]),
    };
    let body = if let Some(enclosed) = &outgoing.enclosed {
        digest(words, enclosed, &outer)
    } else if outgoing.pictures.is_empty() {
        words
    } else {
        let pictures =
            outgoing.pictures.iter().enumerate().map(|(at, octets)| picture(at + 1, octets, &outgoing.language));
        several("multipart/mixed", outer, std::iter::once(words).chain(pictures).collect())
    };
    let mut bytes = Vec::new();
    MessageBuilder { headers: fields, body: Some(body), ..MessageBuilder::new() }.serialize(&mut bytes);
    if !bytes.ends_with(b"\r\n") {
        bytes.extend_from_slice(b"\r\n");
    }
    bytes
}

/// One recipient's copy: her fields before the bytes of [`compose`].
#[must_use]
pub fn address_copy(composed: &[u8], to: &Address, reply_to: Option<&Address>) -> Vec<u8> {
    [address_fields(to, reply_to).as_bytes(), composed].concat()
}

/// The fields of one recipient's copy: To, and a Reply-To where each copy has its own.
#[must_use]
pub fn address_fields(to: &Address, reply_to: Option<&Address>) -> String {
    // An address is at most 254 octets and holds no control, so each is one whole line.
    let mut fields = format!("To: <{}>\r\n", to.as_str());
    if let Some(reply_to) = reply_to {
        fields.push_str(&format!("Reply-To: <{}>\r\n", reply_to.as_str()));
    }
    fields
}

type Field = (std::borrow::Cow<'static, str>, HeaderType<'static>);

fn raw(value: impl Into<std::borrow::Cow<'static, str>>) -> HeaderType<'static> {
    Raw::new(value).into()
}

/// The whole allow-list: no other field ever leaves, whatever the original had.
fn fields(outgoing: &Outgoing) -> Vec<Field> {
    let mut fields: Vec<Field> = Vec::new();
    let mut put = |name: &'static str, value: HeaderType<'static>| fields.push((name.into(), value));
    put("From", named(&outgoing.from.name, outgoing.from.address.as_str()));
    if let Some(reply_to) = &outgoing.reply_to {
        put("Reply-To", named("", reply_to.as_str()));
    }
    put("Subject", Text::new(one_line(&outgoing.subject)).into());
    // An id that is none would be replaced by a random one with this machine's name in it.
    let id = headers::message_id(&outgoing.message_id).unwrap_or_else(|| fingerprint(&outgoing.message_id));
    put("Message-ID", MessageId::new(id).into());
    let references = headers::references(&outgoing.references);
    if let Some(parent) = references.last() {
        put("In-Reply-To", MessageId::new(parent.clone()).into());
        put("References", MessageId::new_list(references.into_iter()).into());
    }
    // RFC 5322 §3.3, in the group's zone: the author's would tell where she is.
    let date = outgoing.date.utc().with_timezone(&outgoing.zone).format("%a, %d %b %Y %H:%M:%S %z").to_string();
    put("Date", raw(date));
    if let Some(value) = outgoing.auto_submitted.value() {
        put("Auto-Submitted", raw(value));
    }
    if let Some(list) = &outgoing.list {
        for (name, value) in list_fields(list) {
            put(name, value);
        }
    }
    let language: String =
        outgoing.language.chars().filter(|c| c.is_ascii_alphanumeric() || *c == '-').take(35).collect();
    if !language.is_empty() {
        put("Content-Language", raw(language));
    }
    put("MIME-Version", raw("1.0"));
    fields
}

fn list_fields(list: &ListFields) -> Vec<(&'static str, HeaderType<'static>)> {
    let link = |address: &Address| -> HeaderType<'static> { URL::new(mailto(address)).into() };
    let id: String = list.id.chars().filter(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '.' | '_')).collect();
    vec![
        // RFC 2919 §2: a phrase, then the id between angle brackets.
        ("List-Id", named(&list.title, &id)),
        // RFC 2369 §3
        ("List-Post", link(&list.post)),
        ("List-Unsubscribe", link(&list.unsubscribe)),
        ("List-Help", link(&list.help)),
        ("List-Owner", link(&list.owner)),
        // RFC 3834 §2: what automatic responders look for, those that know no List-Id included.
        ("Precedence", raw("list")),
        ("X-Auto-Response-Suppress", raw("All")),
        ("X-Loop", Text::new(list.post.as_str().to_owned()).into()),
    ]
}

/// `"name" <address>`, the name quoted or encoded as it needs (RFC 5322 §3.4, RFC 2047 §5).
fn named(name: &str, address: &str) -> HeaderType<'static> {
    let name = one_line(name);
    Named::new_address((!name.is_empty()).then_some(name), address.to_owned()).into()
}

fn part(kind: &'static str, text: &str) -> MimePart<'static> {
    MimePart::new(ContentType::new(kind).attribute("charset", "utf-8"), BodyPart::Text(canonical(text).into()))
}

fn several(kind: &'static str, boundary: String, parts: Vec<MimePart<'static>>) -> MimePart<'static> {
    MimePart::new(ContentType::new(kind).attribute("boundary", boundary), BodyPart::Multipart(parts))
}

/// What stands before the messages, the messages, and what stands below them.
fn digest(before: MimePart<'static>, enclosed: &Enclosed, seed: &str) -> MimePart<'static> {
    let messages: Vec<Vec<u8>> = enclosed.messages.iter().map(compose).collect();
    let all = messages.iter().map(|octets| String::from_utf8_lossy(octets)).collect::<Vec<_>>().concat();
    let (outer, inner) =
        (boundary(seed, &all, &enclosed.after), boundary(&format!("{seed}/digest"), &all, &enclosed.after));
    let message = |octets: Vec<u8>| {
        // RFC 2046 §5.2.1: 7bit it is already, and it must not be encoded once more.
        MimePart::new(ContentType::new("message/rfc822"), BodyPart::Binary(octets.into()))
            .header("Content-Transfer-Encoding", raw("7bit"))
    };
    let messages = several("multipart/digest", inner, messages.into_iter().map(message).collect());
    several("multipart/mixed", outer, vec![before, messages, part("text/plain", &enclosed.after)])
}

/// What a picture is called in a language; English where it stands not here.
const PICTURES: [(&str, &str); 1] = [("es", "imagen")];

/// A picture is called by its place and by nothing else. Base64 has no boundary in it.
fn picture(number: usize, octets: &[u8], language: &str) -> MimePart<'static> {
    let called = PICTURES.iter().find(|(known, _)| *known == language).map_or("picture", |(_, word)| word);
    let name = format!("{called}-{number}.jpg");
    let kind = ContentType::new("image/jpeg").attribute("name", name.clone());
    let disposition = ContentType::new("inline").attribute("filename", name);
    MimePart::new(kind, BodyPart::Binary(octets.to_vec().into())).header("Content-Disposition", disposition)
}

/// Line ends are CRLF (RFC 2045 §6.8 wants it before encoding, too); other controls than tabs have no place in mail.
fn canonical(text: &str) -> String {
    let lines = text.replace("\r\n", "\n").replace('\r', "\n");
    let mut canonical = String::with_capacity(lines.len() + lines.len() / 32 + 2);
    for line in lines.trim_end_matches('\n').split('\n') {
        // The C1 controls of Unicode begin with 0xC2.
        if line.bytes().any(|b| (b < b' ' && b != b'\t') || b == 0x7f || b == 0xc2) {
            canonical.extend(line.chars().filter(|c| *c == '\t' || !c.is_control()));
        } else {
            canonical.push_str(line);
        }
        canonical.push_str("\r\n");
    }
    canonical
}

/// A boundary that depends on the message alone, and that stands nowhere in it (RFC 2046 §5.1.1).
fn boundary(message_id: &str, text: &str, html: &str) -> String {
    let mut boundary = format!("=_{}", fingerprint(message_id));
    while text.contains(&boundary) || html.contains(&boundary) {
        boundary = format!("=_{}", fingerprint(&boundary));
    }
    boundary
}

fn fingerprint(text: &str) -> String {
    Sha256::digest(text.as_bytes()).iter().take(16).map(|byte| format!("{byte:02x}")).collect()
}
