//! What the files hold that came with a message. Cannot fail: of a message that can't be read there are none.

use std::borrow::Cow;

use mail_parser::{Message, MessageParser, PartType};

use super::{
    MAX_HEADER_BYTES, convert, decode_transfer, guarded, transfer_encoding, with_line_feeds, without_mbox_line,
};
use crate::mail::body::{self, Attached};
use crate::mail::fields::Fields;
use crate::mail::{limits, uuencoded};

/// The octets of each file, in the order of [`super::Incoming::attachments`].
#[must_use]
pub fn files(raw: &[u8]) -> Vec<Vec<u8>> {
    let raw = &*with_line_feeds(raw);
    let raw = without_mbox_line(raw);
    let (fields, body_at) = Fields::read(&raw[..raw.len().min(MAX_HEADER_BYTES + 2)]);
    if limits::check_header(&fields, body_at).or_else(|| limits::check_parts(raw)).is_some() {
        return Vec::new();
    }
    guarded(|| {
        let message = MessageParser::default().parse(raw)?;
        let mut root = convert(&message, raw, 0, 0, false)?;
        body::read_gateways_texts(&mut root);
        let attached = body::attached(&root).into_iter();
        Some(attached.flat_map(|attached| octets(&message, raw, &attached)).collect())
    })
    .unwrap_or_default()
}

fn octets(message: &Message<'_>, raw: &[u8], attached: &Attached<'_>) -> Vec<Vec<u8>> {
    match attached {
        Attached::InText(text) => uuencoded::octets(text),
        Attached::Part(part) => vec![octets_of_part(message, raw, part.number).into_owned()],
    }
}

/// As they were before they were encoded for their way; a text keeps its charset.
fn octets_of_part<'m>(message: &'m Message<'_>, raw: &'m [u8], number: usize) -> Cow<'m, [u8]> {
    let Some(part) = message.parts.get(number) else { return Cow::Borrowed(&[]) };
    if let PartType::Binary(octets) | PartType::InlineBinary(octets) = &part.body {
        return Cow::Borrowed(octets);
    }
    let octets = &raw[(part.offset_body as usize).min(raw.len())..(part.offset_end as usize).min(raw.len())];
    decode_transfer(&transfer_encoding(part), octets).map_or(Cow::Borrowed(octets), Cow::Owned)
}
