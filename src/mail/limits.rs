//! What is counted before a message is read: parts, depth, header octets, addresses. One pass over the lines.

use super::fields::Fields;
use super::parse::{MAX_ADDRESSES, MAX_DEPTH, MAX_HEADER_BYTES, MAX_PARTS, Trouble, decode_transfer};

/// The most octets that may be searched in vain for boundaries that were announced and never come.
const MAX_VAIN_SEARCH: usize = 1 << 30;

const ADDRESS_FIELDS: &[&str] =
    &["from", "sender", "reply-to", "to", "cc", "bcc", "resent-from", "resent-to", "resent-cc", "resent-bcc"];

/// Trouble with the header alone.
#[must_use]
pub fn check_header(fields: &Fields, octets: usize) -> Option<Trouble> {
    if octets > MAX_HEADER_BYTES {
        return Some(Trouble::HeaderTooLarge);
    }
    let addresses: usize = ADDRESS_FIELDS.iter().flat_map(|name| fields.all(name)).map(count_addresses).sum();
    (addresses > MAX_ADDRESSES).then_some(Trouble::TooManyAddresses)
}

fn count_addresses(value: &str) -> usize {
    let mut quoted = false;
    let mut count = usize::from(!value.is_empty());
    for c in value.chars() {
        match c {
            '"' => quoted = !quoted,
            ',' | ';' if !quoted => count += 1,
            _ => {}
        }
    }
    count
}

/// Trouble with the parts, found without decoding more than a message that travels encoded inside another.
#[must_use]
pub fn check_parts(raw: &[u8]) -> Option<Trouble> {
    let mut count = Count::default();
    count.walk(raw, 0).err().or_else(|| (count.vain > MAX_VAIN_SEARCH).then_some(Trouble::Unreadable))
}

#[derive(Default)]
struct Count {
    parts: usize,
    vain: usize,
}

/// An enclosing multipart: its delimiter, and whether that was met.
struct Open {
    delimiter: Vec<u8>,
    met: bool,
}

impl Count {
    fn walk(&mut self, raw: &[u8], outer: usize) -> Result<(), Trouble> {
        let mut open: Vec<Open> = Vec::new();
        let mut messages = 0;
        let mut offset = self.enter(raw, 0, &mut open, &mut messages, outer)?;
        while offset < raw.len() {
            let end = line_end(raw, offset);
            let line = raw[offset..end].trim_ascii_end();
            offset = end;
            if !line.starts_with(b"--") {
                continue;
            }
            let Some(at) = open.iter().rposition(|o| line.starts_with(&o.delimiter)) else { continue };
            self.close(&open[at + 1..], raw.len());
            open.truncate(at + 1);
            open[at].met = true;
            messages = messages.min(open.len());
            if line[open[at].delimiter.len()..].starts_with(b"--") {
                continue;
            }
            self.parts += 1;
            if self.parts > MAX_PARTS {
                return Err(Trouble::TooManyParts);
            }
            offset = self.enter(raw, offset, &mut open, &mut messages, outer)?;
        }
        self.close(&open, raw.len());
        Ok(())
    }

    fn close(&mut self, left: &[Open], octets: usize) {
        self.vain += left.iter().filter(|o| !o.met).count() * octets;
    }

    /// Read the header of a part, and of the messages that begin right behind it.
    fn enter(
        &mut self,
        raw: &[u8],
        mut offset: usize,
        open: &mut Vec<Open>,
        messages: &mut usize,
        outer: usize,
    ) -> Result<usize, Trouble> {
        loop {
            let (fields, length) = Fields::read(&raw[offset..raw.len().min(offset + MAX_HEADER_BYTES)]);
            offset += length;
            let media_type = fields.first("content-type").unwrap_or_default().to_ascii_lowercase();
            if let (true, Some(boundary)) =
                (media_type.starts_with("multipart/"), fields.parameter("content-type", "boundary"))
            {
                open.push(Open { delimiter: format!("--{boundary}").into_bytes(), met: false });
            }
            if outer + open.len() + *messages > MAX_DEPTH {
                return Err(Trouble::TooDeep);
            }
            if !media_type.starts_with("message/rfc822") && !media_type.starts_with("message/global") {
                return Ok(offset);
            }
            *messages += 1;
            // RFC 2046 §5.2.1 forbids an encoding here; who uses one anyway is unpacked and counted too.
            let encoding = fields.first("content-transfer-encoding").unwrap_or_default().to_ascii_lowercase();
            if let Some(inner) = decode_transfer(&encoding, body_of_part(&raw[offset..], open)) {
                return self.walk(&inner, outer + open.len() + *messages).map(|()| offset);
            }
            if offset >= raw.len() {
                return Ok(offset);
            }
            self.parts += 1;
        }
    }
}

fn body_of_part<'a>(raw: &'a [u8], open: &[Open]) -> &'a [u8] {
    let mut offset = 0;
    while offset < raw.len() {
        let end = line_end(raw, offset);
        if raw[offset..end].starts_with(b"--") && open.iter().any(|o| raw[offset..end].starts_with(&o.delimiter)) {
            break;
        }
        offset = end;
    }
    &raw[..offset]
}

fn line_end(raw: &[u8], offset: usize) -> usize {
    raw[offset..].iter().position(|&b| b == b'\n').map_or(raw.len(), |at| offset + at + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn nested(depth: usize) -> Vec<u8> {
        let mut raw = String::new();
        for level in 0..depth {
            raw += &format!("Content-Type: multipart/mixed; boundary=\"b{level}x\"\r\n\r\n--b{level}x\r\n");
        }
        (raw + "\r\ntext\r\n").into_bytes()
    }

    #[test]
    fn depth_is_bounded() {
        assert_eq!(check_parts(&nested(MAX_DEPTH)), None);
        assert_eq!(check_parts(&nested(MAX_DEPTH + 1)), Some(Trouble::TooDeep));
        let messages = "Content-Type: message/rfc822\r\n\r\n".repeat(30);
        assert_eq!(check_parts(messages.as_bytes()), Some(Trouble::TooDeep));
    }

    #[test]
    fn parts_are_bounded() {
        let parts =
            |n: usize| format!("Content-Type: multipart/mixed; boundary=b\r\n\r\n{}", "--b\r\n\r\nx\r\n".repeat(n));
        assert_eq!(check_parts(parts(MAX_PARTS).as_bytes()), None);
        assert_eq!(check_parts(parts(MAX_PARTS + 1).as_bytes()), Some(Trouble::TooManyParts));
    }

    #[test]
    fn addresses_are_bounded() {
        let to = |n: usize| Fields::read(format!("To: {}\r\n\r\n", vec!["a@b.example"; n].join(",")).as_bytes()).0;
        assert_eq!(check_header(&to(MAX_ADDRESSES), 0), None);
        assert_eq!(check_header(&to(MAX_ADDRESSES + 1), 0), Some(Trouble::TooManyAddresses));
    }
}
