//! Raw bytes to facts. Cannot fail: what can't be read says so in [`Incoming::trouble`]. The only use of mail-parser.

use std::borrow::Cow;
use std::panic::{AssertUnwindSafe, catch_unwind};

use mail_parser::decoders::base64::base64_decode;
use mail_parser::decoders::charsets::map::charset_decoder;
use mail_parser::decoders::quoted_printable::quoted_printable_decode;
use mail_parser::{Encoding, HeaderValue, Message, MessageParser, MessagePart, MimeHeaders, PartType};

use super::address::{Address, Mailbox};
use super::fields::Fields;
use super::ids::{ThreadIndex, message_ids};
use super::kind::{self, Kind};
use super::part::{Content, Part};
use super::reply::{self, NewText};
use super::report::{self, FailedRecipient};
use super::text_file;
use super::versions::{self, Elsewhere};
use super::{auth, body, charsets, coloured, limits, lists, subject};
use crate::clock::Timestamp;

mod files;

pub use files::files;

/// What a message says, as far as it can be read.
#[derive(Debug, Clone)]
pub struct Incoming {
    /// Why the message can't be read in full; such a message is set aside for a person.
    pub trouble: Option<Trouble>,
    /// Who the From field names.
    pub author: Author,
    /// The decoded subject, one line, spaces folded; empty when there is none.
    pub subject: String,
    /// The subject without reply and forward prefixes, list tags and trailing "(fwd)" (RFC 5256 §2.1), lower case.
    pub base_subject: String,
    /// The subject begins with a reply prefix (Re:, AW:, SV: …), or says what it was before: "(was: …)".
    pub is_reply_by_subject: bool,
    /// Message-ID without angle brackets.
    pub message_id: Option<String>,
    /// In-Reply-To, without angle brackets, in order.
    pub in_reply_to: Vec<String>,
    /// References, without angle brackets, oldest first.
    pub references: Vec<String>,
    /// Outlook's Thread-Index.
    pub thread_index: Option<ThreadIndex>,
    /// When its author's clock says it was written; clocks may be wrong.
    pub date: Option<Timestamp>,
    /// What sort of mail this is.
    pub kind: Kind,
    /// Why this counts as automatic mail (RFC 3834), in a few words; `None` for mail that a person wrote.
    pub automatic: Option<&'static str>,
    /// The text, taken apart.
    pub text: NewText,
    /// What its other versions and text files say beside.
    pub elsewhere: Elsewhere,
    /// What is attached; the parts themselves stay in the original.
    pub attachments: Vec<Attachment>,
    /// Whom a delivery report says was not reached.
    pub failed_recipients: Vec<FailedRecipient>,
    /// How many Received fields there are (RFC 5321 §6.3: a loop shows here).
    pub received: usize,
    /// Loop marks of ours (`X-Loop` or List-Id values), so that own copies that come back are known.
    pub loop_marks: Vec<String>,
    /// The Authentication-Results fields that the receiving server may have written, as they came.
    pub authentication: Vec<String>,
}

/// Who the From field names (RFC 5322 §3.6.2).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Author {
    /// Exactly one mailbox in exactly one From field.
    One(Mailbox),
    /// No From field that can be read.
    Nobody,
    /// Several mailboxes, or several From fields: nobody in particular.
    Several(Vec<Address>),
}

/// Why a message can't be read in full.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Trouble {
    /// More than [`MAX_PARTS`] parts.
    #[error("more than {MAX_PARTS} parts")]
    TooManyParts,
    /// Parts nested deeper than [`MAX_DEPTH`].
    #[error("parts nested deeper than {MAX_DEPTH}")]
    TooDeep,
    /// More than [`MAX_HEADER_BYTES`] of header fields.
    #[error("more than 256 KB of header fields")]
    HeaderTooLarge,
    /// More than [`MAX_ADDRESSES`] addresses in the header.
    #[error("more than {MAX_ADDRESSES} addresses in the header")]
    TooManyAddresses,
    /// A white space inside a field name, which some readers take for From.
    #[error("a field name with a space in it")]
    BrokenFieldName,
    /// The reader gave up.
    #[error("the message could not be read")]
    Unreadable,
}

/// The largest message that is taken, in octets: 25 MB.
pub const MAX_MESSAGE: usize = 26_214_400;
/// The most parts that are read.
pub const MAX_PARTS: usize = 1_000;
/// The deepest nesting that is read.
pub const MAX_DEPTH: usize = 20;
/// The most octets of header that are read.
pub const MAX_HEADER_BYTES: usize = 256 * 1024;
/// The most addresses in the header.
pub const MAX_ADDRESSES: usize = 1_000;

/// Something attached, described and left where it is.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Attachment {
    /// The file's name as the message gives it (RFC 2231 decoded); for moderators only.
    pub name: Option<String>,
    /// `image/jpeg` and the like, in lower case.
    pub media_type: String,
    /// Octets after decoding.
    pub size: usize,
}

impl Attachment {
    /// Whether it is a picture.
    #[must_use]
    pub fn is_picture(&self) -> bool {
        self.media_type.starts_with("image/")
    }
}

/// Read a message.
#[must_use]
pub fn parse(raw: &[u8]) -> Incoming {
    parse_with_text(raw).0
}

/// The same, and the readable text as it was taken apart; `None` where it can't be read in full.
#[must_use]
pub fn parse_with_text(raw: &[u8]) -> (Incoming, Option<String>) {
    let authentication = auth::fields(without_mbox_line(&raw[..raw.len().min(MAX_HEADER_BYTES + 2)]));
    let raw = &*with_line_feeds(raw);
    let raw = without_mbox_line(raw);
    let (fields, body_at) = Fields::read(&raw[..raw.len().min(MAX_HEADER_BYTES + 2)]);
    let mut trouble = fields
        .has_broken_name()
        .then_some(Trouble::BrokenFieldName)
        .or_else(|| limits::check_header(&fields, body_at))
        .or_else(|| limits::check_parts(raw));
    let root = match trouble {
        None | Some(Trouble::BrokenFieldName | Trouble::TooManyAddresses) => match read_parts(raw, &fields, body_at) {
            Ok(root) => Some(root),
            Err(found) => {
                trouble = trouble.or(Some(found));
                None
            }
        },
        Some(_) => None,
    };
    let root = root.map(|mut root| {
        body::read_gateways_texts(&mut root);
        root
    });
    let readable = match &root {
        // Where elements tell what is quoted, no marks of hers need be guessed at.
        Some(root) if answers(&fields) || body::has_quotes(root) => body::readable(root),
        Some(root) => lists::with_own_lists(body::readable(root)),
        // Set aside, but not unread: whoever looks for words of danger finds what stands there in the clear.
        None => body::tidy(&String::from_utf8_lossy(&raw[body_at..raw.len().min(body_at + MAX_HEADER_BYTES)])),
    };
    let (readable, coloured) = coloured::taken(&readable);
    let mut incoming = assemble(&fields, root.as_ref(), &readable, trouble);
    incoming.text = reply::split_coloured(&readable, coloured);
    incoming.authentication = authentication;
    (incoming, root.map(|_| readable.into_owned()))
}

/// The parts of a message as a tree, within the same limits: for whoever needs a part that is not read out.
///
/// # Errors
/// Why the message can't be read in full.
pub fn parts(raw: &[u8]) -> Result<Part, Trouble> {
    let (fields, body_at) = Fields::read(&raw[..raw.len().min(MAX_HEADER_BYTES + 2)]);
    match limits::check_header(&fields, body_at).or_else(|| limits::check_parts(raw)) {
        Some(trouble) => Err(trouble),
        None => read_parts(raw, &fields, body_at),
    }
}

/// The subject and the author's name of a message, decoded.
#[must_use]
pub fn subject_and_author(raw: &[u8]) -> (String, String) {
    let (fields, _) = Fields::read(&raw[..raw.len().min(MAX_HEADER_BYTES + 2)]);
    let names = fields.all("from").flat_map(read_mailboxes).map(|mailbox| mailbox.name);
    (decode_words(fields.first("subject").unwrap_or_default()), names.collect::<Vec<_>>().join("\n"))
}

fn assemble(fields: &Fields, root: Option<&Part>, readable: &str, trouble: Option<Trouble>) -> Incoming {
    let subject = decode_words(fields.first("subject").unwrap_or_default());
    let subject = subject.split_whitespace().collect::<Vec<_>>().join(" ");
    let topic = subject::read(&subject);
    let ids = |name| -> Vec<String> { message_ids(&undisguised(&fields.all(name).collect::<Vec<_>>().join(" "))) };
    let (in_reply_to, references) = (ids("in-reply-to"), ids("references"));
    let author = read_author(fields);
    let verdict = kind::classify(&kind::Facts::new(fields, &subject, root, readable, answers(fields)));
    let failed_recipients = match verdict.kind {
        Kind::Bounce => report::failed_recipients(fields, &subject, root, readable),
        _ => Vec::new(),
    };
    let loop_marks = fields.all("x-loop").map(str::to_owned).chain(fields.all("list-id").map(list_id)).collect();
    Incoming {
        trouble,
        author,
        subject,
        base_subject: topic.base,
        is_reply_by_subject: topic.is_reply || topic.was.is_some(),
        message_id: fields.first("message-id").and_then(|value| message_ids(value).into_iter().next()),
        in_reply_to,
        references,
        thread_index: fields.first("thread-index").and_then(ThreadIndex::parse),
        date: fields.first("date").and_then(read_date),
        kind: verdict.kind,
        automatic: verdict.automatic,
        text: NewText::default(),
        elsewhere: root.map(|root| versions::elsewhere(root, readable)).unwrap_or_default(),
        attachments: root.map(body::attachments).unwrap_or_default(),
        failed_recipients,
        received: fields.all("received").count(),
        loop_marks,
        authentication: Vec::new(),
    }
}

/// Whether it says that it answers another message.
fn answers(fields: &Fields) -> bool {
    let ids = |name| !message_ids(&undisguised(&fields.all(name).collect::<Vec<_>>().join(" "))).is_empty();
    let subject = || decode_words(fields.first("subject").unwrap_or_default());
    ids("in-reply-to") || ids("references") || subject::read(&subject()).is_reply
}

/// A bare CR is read as a line end, as a bare LF is.
pub(super) fn with_line_feeds(raw: &[u8]) -> Cow<'_, [u8]> {
    let is_bare = |at: usize| raw[at] == b'\r' && raw.get(at + 1) != Some(&b'\n');
    if !(0..raw.len()).any(is_bare) {
        return Cow::Borrowed(raw);
    }
    (0..raw.len()).map(|at| if is_bare(at) { b'\n' } else { raw[at] }).collect()
}

/// A delivery program may have left the line that begins a message in a mailbox file (RFC 4155).
pub(super) fn without_mbox_line(raw: &[u8]) -> &[u8] {
    // "From :" is a field in obsolete syntax.
    let is_mbox = raw.strip_prefix(b"From ").is_some_and(|rest| !rest.trim_ascii_start().starts_with(b":"));
    match (is_mbox, raw.iter().position(|&b| b == b'\n')) {
        (true, Some(end)) => &raw[end + 1..],
        _ => raw,
    }
}

/// RFC 2919 §3: the identifier stands in the last angle brackets.
fn list_id(value: &str) -> String {
    let inner = value.rsplit_once('<').map_or(value, |(_, id)| id);
    inner.split('>').next().unwrap_or_default().trim().to_owned()
}

/// Run the reader over text that strangers wrote: its debug builds can panic on mutated input.
fn guarded<T>(read: impl FnOnce() -> Option<T>) -> Option<T> {
    catch_unwind(AssertUnwindSafe(read)).ok().flatten()
}

/// Decode encoded words (RFC 2047).
#[must_use]
pub fn decode_words(value: &str) -> String {
    let raw = format!("Subject: {}\r\n\r\n", charsets::respelled(value));
    let decoded =
        guarded(|| MessageParser::default().parse_headers(raw.as_bytes()).and_then(|m| m.subject().map(str::to_owned)));
    decoded.unwrap_or_default()
}

/// RFC 2047 §5 forbids encoded words among ids; some servers write them all the same, and without them nothing is decoded.
fn undisguised(value: &str) -> Cow<'_, str> {
    if value.contains("=?") { Cow::Owned(decode_words(value)) } else { Cow::Borrowed(value) }
}

/// The instant that a Date field names (RFC 5322 §3.3).
fn read_date(value: &str) -> Option<Timestamp> {
    let raw = format!("Date: {value}\r\n\r\n");
    let read = || {
        let message = MessageParser::default().parse_headers(raw.as_bytes())?;
        message.date().filter(|date| date.is_valid()).map(mail_parser::DateTime::to_timestamp)
    };
    guarded(read).map(|seconds| Timestamp(0).plus_seconds(seconds))
}

/// The author, if From names exactly one; each From field is read by itself, so that none hides another.
fn read_author(fields: &Fields) -> Author {
    let values: Vec<&str> = fields.all("from").collect();
    let mut mailboxes: Vec<Mailbox> = values.iter().flat_map(|value| read_mailboxes(value)).collect();
    match (values.len(), mailboxes.len()) {
        (_, 0) => Author::Nobody,
        (1, 1) => mailboxes.pop().map_or(Author::Nobody, Author::One),
        // RFC 5322 §3.6: From stands exactly once.
        _ => Author::Several(mailboxes.into_iter().map(|mailbox| mailbox.address).collect()),
    }
}

/// The mailboxes of an address field's value (RFC 5322 §3.4); what is no address is left out.
#[must_use]
pub fn read_mailboxes(value: &str) -> Vec<Mailbox> {
    let raw = format!("From: {}\r\n\r\n", charsets::respelled(value));
    let read = guarded(|| {
        let message = MessageParser::default().parse_headers(raw.as_bytes())?;
        // RFC 6854 allows a group there, but a group is nobody in particular.
        if matches!(message.from()?, mail_parser::Address::Group(_)) {
            return None;
        }
        let mailboxes = message.from()?.iter().filter_map(|addr| {
            let address = Address::parse(addr.address.as_deref()?).ok()?;
            let name = addr.name.as_deref().unwrap_or_default();
            let name = name.split(|c: char| c.is_whitespace() || c.is_control()).filter(|w| !w.is_empty());
            Some(Mailbox { name: name.collect::<Vec<_>>().join(" "), address })
        });
        Some(mailboxes.collect())
    });
    read.unwrap_or_default()
}

/// Undo base64 or quoted-printable (RFC 2045 §6); `None` for any other encoding.
#[must_use]
pub fn decode_transfer(encoding: &str, bytes: &[u8]) -> Option<Vec<u8>> {
    match encoding.trim() {
        "quoted-printable" => guarded(|| quoted_printable_decode(bytes)),
        "base64" => {
            // RFC 2045 §6.8: characters outside the alphabet are passed over; a cut tail is left off.
            let is_digit = |b: &&u8| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/');
            let mut digits: Vec<u8> = bytes.iter().filter(is_digit).copied().collect();
            if digits.len() % 4 == 1 {
                digits.pop();
            }
            while !digits.len().is_multiple_of(4) {
                digits.push(b'=');
            }
            guarded(|| base64_decode(&digits))
        }
        _ => None,
    }
}

/// The text that these octets are in a charset of a name that MIME registers.
#[must_use]
pub fn decode_charset(charset: &str, octets: &[u8]) -> Option<String> {
    guarded(|| charset_decoder(charset.as_bytes()).map(|decode| decode(octets)))
}

/// The visible words of HTML, one pass, for documents that are too large or too deep to lay out.
#[must_use]
pub fn strip_html(html: &str) -> Option<String> {
    guarded(|| Some(mail_parser::decoders::html::html_to_text(html)))
}

fn read_parts(raw: &[u8], fields: &Fields, body_at: usize) -> Result<Part, Trouble> {
    read_parts_of(raw, fields, body_at, false)
}

fn transfer_encoding(part: &MessagePart<'_>) -> String {
    let header = part.headers.iter().find(|h| h.name.as_str().eq_ignore_ascii_case("content-transfer-encoding"));
    match header.map(|header| &header.value) {
        Some(HeaderValue::Text(text)) => text.to_lowercase(),
        _ => String::new(),
    }
}

/// The parts of a message inside another, in which none is looked into.
fn read_inside(octets: &[u8], part: &MessagePart<'_>) -> Option<Box<Part>> {
    let decoded = decode_transfer(&transfer_encoding(part), octets);
    let octets = decoded.as_deref().unwrap_or(octets);
    let (fields, body_at) = Fields::read(&octets[..octets.len().min(MAX_HEADER_BYTES + 2)]);
    read_parts_of(octets, &fields, body_at, true).ok().map(Box::new)
}

fn read_parts_of(raw: &[u8], fields: &Fields, body_at: usize, is_inside: bool) -> Result<Part, Trouble> {
    let headed;
    let raw = if fields.is_empty() {
        headed = [b"MIME-Version: 1.0\r\n\r\n", &raw[body_at..]].concat();
        &headed[..]
    } else {
        raw
    };
    guarded(|| {
        let message = MessageParser::default().parse(raw)?;
        if message.parts.len() > MAX_PARTS + 1 {
            return Some(Err(Trouble::TooManyParts));
        }
        convert(&message, raw, 0, 0, is_inside).map(Ok)
    })
    .unwrap_or(Err(Trouble::Unreadable))
}

fn convert(message: &Message<'_>, raw: &[u8], id: usize, depth: usize, is_inside: bool) -> Option<Part> {
    let part = message.parts.get(id)?;
    let of_type = media_type(part);
    let octets = &raw[(part.offset_body as usize).min(raw.len())..(part.offset_end as usize).min(raw.len())];
    let content = match &part.body {
        PartType::Multipart(ids) if depth <= MAX_DEPTH => Content::Parts(
            // A part's number is greater than its parent's; anything else would run in a circle.
            ids.iter()
                .filter(|&&n| n as usize > id)
                .filter_map(|&n| convert(message, raw, n as usize, depth + 1, is_inside))
                .collect(),
        ),
        PartType::Multipart(_) => Content::Octets,
        PartType::Text(text) | PartType::Html(text) => Content::Text(repair_text(part, text, octets)),
        PartType::Binary(bytes) | PartType::InlineBinary(bytes) => match part.content_type() {
            // RFC 3464, 5965, 8098: the machine's part of a report is lines of text.
            Some(kind) if kind.c_type.eq_ignore_ascii_case("message") => {
                Content::Text(String::from_utf8_lossy(bytes).into_owned())
            }
            // RFC 2045 §5.2: a Content-Type that breaks the syntax is as good as none.
            Some(kind) if kind.c_subtype.is_none() => Content::Text(repair_text(part, "\u{fffd}", octets)),
            _ => text_file::read(&of_type, part.attachment_name(), bytes).map_or(Content::Octets, Content::Text),
        },
        PartType::Message(_) if is_inside => Content::Message(None),
        PartType::Message(_) => Content::Message(read_inside(octets, part)),
    };
    let size = match &part.body {
        PartType::Message(_) | PartType::Multipart(_) => octets.len(),
        _ => part.len(),
    };
    let parameter = |name: &str| part.content_type().and_then(|kind| kind.attribute(name)).unwrap_or_default();
    let is_text_file = matches!(content, Content::Text(_)) && text_file::is_one(&of_type, part.attachment_name());
    let is_marked = part.content_disposition().is_some_and(|d| d.c_type.eq_ignore_ascii_case("attachment"));
    Some(Part {
        number: id,
        media_type: if is_text_file { "text/plain".to_owned() } else { of_type },
        is_attachment: is_marked || is_text_file,
        name: part.attachment_name().map(str::to_owned),
        flowed: parameter("format").eq_ignore_ascii_case("flowed"),
        delsp: parameter("delsp").eq_ignore_ascii_case("yes"),
        size,
        content,
    })
}

fn media_type(part: &MessagePart<'_>) -> String {
    let fallback = match &part.body {
        // RFC 2045 §5.2: without a readable Content-Type it is plain text.
        PartType::Text(_) => "text/plain",
        PartType::Html(_) => "text/html",
        PartType::Message(_) => "message/rfc822",
        PartType::Multipart(_) => "multipart/mixed",
        PartType::Binary(_) | PartType::InlineBinary(_) => "text/plain",
    };
    match part.content_type().map(|kind| (&kind.c_type, kind.c_subtype.as_ref())) {
        Some((kind, Some(subtype))) if !kind.is_empty() => format!("{kind}/{subtype}").to_lowercase(),
        _ => fallback.to_owned(),
    }
}

/// Text that came without a charset, or with a wrong one, is UTF-8 if it can be and Windows-1252 else.
fn repair_text(part: &MessagePart<'_>, text: &str, octets: &[u8]) -> String {
    let encoding = transfer_encoding(part);
    let undecoded = part.is_encoding_problem && part.encoding == Encoding::None && encoding == "base64";
    let charset = part.content_type().and_then(|kind| kind.attribute("charset")).unwrap_or_default();
    if let Some(text) =
        charsets::decode(charset, &decode_transfer(&encoding, octets).unwrap_or_else(|| octets.to_vec()))
    {
        return text;
    }
    let is_no_ascii = charset.to_ascii_lowercase().ends_with("ascii") && !text.is_ascii();
    if !undecoded && !is_no_ascii && !text.contains(char::REPLACEMENT_CHARACTER) {
        return text.to_owned();
    }
    let bytes = decode_transfer(&encoding, octets).unwrap_or_else(|| octets.to_vec());
    let declared = charset_decoder(charset.as_bytes()).filter(|_| undecoded);
    match (declared, String::from_utf8(bytes)) {
        (Some(decode), Ok(text)) => decode(text.as_bytes()),
        (Some(decode), Err(e)) => decode(e.as_bytes()),
        (None, Ok(text)) => text,
        (None, Err(e)) => {
            // Where some of it is UTF-8, the rest was cut or broken on its way.
            let is_other = |c: char| !c.is_ascii() && c != char::REPLACEMENT_CHARACTER;
            let is_unicode = charset.to_ascii_lowercase().starts_with("utf") && text.contains(is_other);
            match charset_decoder(b"windows-1252").filter(|_| !is_unicode) {
                Some(decode) => decode(e.as_bytes()),
                None => text.to_owned(),
            }
        }
    }
}
