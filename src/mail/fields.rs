//! The header of a message or of a report's group, split into fields without judging them. Never fails: lines that are
//! no field are passed over.

/// Header fields in the order in which they stand, unfolded, names in lower case, values still encoded (RFC 2047).
#[derive(Debug, Clone, Default)]
pub struct Fields {
    list: Vec<(String, String)>,
    broken_name: bool,
}

/// Fields that decide who wrote a message and how it is read; a space inside such a name is an attack or a wreck.
const GUARDED: &[&str] = &[
    "from",
    "sender",
    "reply-to",
    "to",
    "cc",
    "subject",
    "message-id",
    "in-reply-to",
    "references",
    "content-type",
    "content-transfer-encoding",
    "content-disposition",
    "auto-submitted",
    "return-path",
];

impl Fields {
    /// Read the header at the front of `raw`, and say where the body begins.
    #[must_use]
    pub fn read(raw: &[u8]) -> (Self, usize) {
        let mut fields = Self::default();
        let mut offset = 0;
        let mut open = false;
        while offset < raw.len() {
            let end = raw[offset..].iter().position(|&b| b == b'\n').map_or(raw.len(), |at| offset + at + 1);
            let line = trim_line_end(&raw[offset..end]);
            if line.is_empty() {
                return (fields, end);
            }
            if matches!(line[0], b' ' | b'\t') {
                // RFC 5322 §2.2.3: a line that begins with white space continues the field.
                if let (true, Some((_, value))) = (open, fields.list.last_mut()) {
                    value.push_str(&to_text(line));
                }
            } else {
                open = fields.add_line(line);
                if !open && fields.list.is_empty() {
                    // No field yet and none here: there is no header, and every line is text.
                    return (fields, offset);
                }
            }
            offset = end;
        }
        (fields, raw.len())
    }

    fn add_line(&mut self, line: &[u8]) -> bool {
        let Some(colon) = line.iter().position(|&b| b == b':') else { return false };
        // RFC 5322 §4.5: white space before the colon is obsolete, and still read.
        let name = line[..colon].trim_ascii_end();
        if name.is_empty() {
            return false;
        }
        if name.iter().any(|&b| b.is_ascii_whitespace()) {
            let squeezed: Vec<u8> = name.iter().copied().filter(|b| !b.is_ascii_whitespace()).collect();
            let squeezed = String::from_utf8_lossy(&squeezed).to_lowercase();
            self.broken_name |= GUARDED.contains(&squeezed.as_str());
            return false;
        }
        // RFC 5322 §2.2: printable US-ASCII apart from the colon.
        if !name.iter().all(u8::is_ascii_graphic) {
            return false;
        }
        let name = String::from_utf8_lossy(name).to_ascii_lowercase();
        self.list.push((name, to_text(&line[colon + 1..])));
        true
    }

    /// A white space stands inside the name of a field that matters.
    #[must_use]
    pub fn has_broken_name(&self) -> bool {
        self.broken_name
    }

    /// Every value of a field, in order, trimmed; `name` in lower case.
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.list.iter().filter(move |(n, _)| n == name).map(|(_, value)| value.trim())
    }

    /// The first value of a field.
    #[must_use]
    pub fn first<'a>(&'a self, name: &'a str) -> Option<&'a str> {
        self.all(name).next()
    }

    /// Whether a field is there at all.
    #[must_use]
    pub fn has(&self, name: &str) -> bool {
        self.first(name).is_some()
    }

    /// Whether a field's first value begins with `word`, in any case.
    #[must_use]
    pub fn begins(&self, name: &str, word: &str) -> bool {
        self.first(name).is_some_and(|value| value.to_lowercase().starts_with(word))
    }

    /// Every field, name and value.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.list.iter().map(|(name, value)| (name.as_str(), value.trim()))
    }

    /// No field at all.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// A parameter of a field's first value, such as `boundary` of Content-Type, quotes taken off.
    #[must_use]
    pub fn parameter(&self, name: &str, parameter: &str) -> Option<String> {
        let value = self.first(name)?;
        value.split(';').skip(1).find_map(|piece| {
            let (key, text) = piece.split_once('=')?;
            key.trim().eq_ignore_ascii_case(parameter).then(|| text.trim().trim_matches('"').to_owned())
        })
    }
}

fn trim_line_end(line: &[u8]) -> &[u8] {
    let line = line.strip_suffix(b"\n").unwrap_or(line);
    line.strip_suffix(b"\r").unwrap_or(line)
}

/// RFC 6532: header fields are UTF-8; older programs wrote Latin-1, which maps byte by byte.
fn to_text(bytes: &[u8]) -> String {
    let text = match std::str::from_utf8(bytes) {
        Ok(text) => text.to_owned(),
        Err(_) => bytes.iter().map(|&b| char::from(b)).collect(),
    };
    text.replace('\0', "")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_unfolded_and_kept_in_order() {
        let (fields, body) = Fields::read(b"A: 1\r\n 2\r\nB : x\r\nnonsense\r\na: 3\r\n\r\ntext");
        assert_eq!(fields.all("a").collect::<Vec<_>>(), ["1 2", "3"]);
        assert_eq!(fields.first("b"), Some("x"));
        assert_eq!(body, 35);
    }

    #[test]
    fn a_text_without_a_header_is_all_body() {
        assert_eq!(Fields::read(b"Hello there\nFrom: x\n\n").1, 0);
        assert_eq!(Fields::read(b"\r\nHello").1, 2);
    }

    #[test]
    fn a_space_inside_a_guarded_name_is_seen() {
        assert!(Fields::read(b"To: x\nFr om: y\n\n").0.has_broken_name());
        assert!(!Fields::read(b"To: x\nMy words: y\n\n").0.has_broken_name());
        assert!(!Fields::read(b"To: x\nFrom : y\n\n").0.has_broken_name());
    }
}
