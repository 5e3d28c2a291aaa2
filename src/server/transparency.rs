//! The text of a message as SMTP carries it: dots taken out, the end found. Total: every octet has one meaning.
//!
//! Written by hand because the end of DATA is where messages are smuggled: smtp-proto 0.2.5 also ends a message at
//! `CRLF . CR CR LF`, which another server keeps as text.

/// Where in a line the reader stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    /// Behind a CRLF, or at the very beginning.
    LineStart,
    /// Somewhere in a line.
    Text,
    /// Behind a CR in a line.
    Cr,
    /// Behind a dot that began a line.
    Dot,
    /// Behind a dot that began a line, and a CR.
    DotCr,
}

/// Takes octets off the wire until `CRLF . CRLF` (RFC 5321 §4.5.2), at most `limit` of which are kept.
#[derive(Debug)]
pub struct DataReader {
    place: Place,
    kept: Vec<u8>,
    limit: usize,
    too_large: bool,
}

/// What came of a message's octets.
#[derive(Debug, PartialEq, Eq)]
pub enum Read {
    /// The message, as it was before its lines got dots.
    Whole(Vec<u8>),
    /// It went beyond the limit and was not kept.
    TooLarge,
}

impl DataReader {
    /// A reader at the first octet behind `DATA CRLF`.
    #[must_use]
    pub fn new(limit: usize) -> Self {
        // RFC 5321 §4.1.1.4: the CRLF of the DATA command itself stands before the first line.
        Self { place: Place::LineStart, kept: Vec::new(), limit, too_large: false }
    }

    /// Read on; `Some(n)` when the message ended behind the first `n` octets of `bytes`.
    ///
    /// A bare CR, a bare LF and NUL are text: only the five octets in one row end a message, wherever packets are cut.
    pub fn read(&mut self, bytes: &[u8]) -> Option<usize> {
        let mut at = 0;
        while let Some(&byte) = bytes.get(at) {
            if self.place == Place::Text {
                let rest = &bytes[at..];
                let run = rest.iter().position(|&b| b == b'\r').unwrap_or(rest.len());
                if run > 0 {
                    self.keep(&rest[..run]);
                    at += run;
                    continue;
                }
            }
            at += 1;
            if self.step(byte) {
                return Some(at);
            }
        }
        None
    }

    /// One octet; true when it is the last of the message.
    fn step(&mut self, byte: u8) -> bool {
        self.place = match (self.place, byte) {
            (Place::DotCr, b'\n') => return true,
            // RFC 5321 §4.5.2: a dot that begins a line with more on it is not part of the message.
            (Place::LineStart, b'.') => Place::Dot,
            (Place::Dot, b'\r') => Place::DotCr,
            (place, byte) => {
                if place == Place::DotCr {
                    // It was no end after all: the CR that was withheld is text.
                    self.keep(b"\r");
                }
                self.keep(&[byte]);
                match (place, byte) {
                    (_, b'\r') => Place::Cr,
                    (Place::Cr, b'\n') => Place::LineStart,
                    _ => Place::Text,
                }
            }
        };
        false
    }

    fn keep(&mut self, bytes: &[u8]) {
        if self.too_large {
            return;
        }
        if self.kept.len() + bytes.len() > self.limit {
            self.too_large = true;
            self.kept = Vec::new();
        } else {
            self.kept.extend_from_slice(bytes);
        }
    }

    /// The message, once [`DataReader::read`] has found its end.
    #[must_use]
    pub fn finish(self) -> Read {
        if self.too_large { Read::TooLarge } else { Read::Whole(self.kept) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(bytes: &[u8]) -> Option<(usize, Read)> {
        let mut reader = DataReader::new(1_000);
        reader.read(bytes).map(|end| (end, reader.finish()))
    }

    #[test]
    fn dots_are_taken_out() {
        for (wire, text) in [
            (&b".\r\n"[..], &b""[..]),
            (b"\r\n.\r\n", b"\r\n"),
            (b"a\r\n.\r\n", b"a\r\n"),
            (b"..\r\n.\r\n", b".\r\n"),
            (b"a\r\n..b\r\n.c\r\n.\r\n", b"a\r\n.b\r\nc\r\n"),
            (b"a\0\rb\nc\r\n.\r\n", b"a\0\rb\nc\r\n"),
        ] {
            assert_eq!(read(wire), Some((wire.len(), Read::Whole(text.to_vec()))), "{wire:?}");
        }
    }

    #[test]
    fn nothing_else_ends_a_message() {
        for wire in [
            &b"\n.\n"[..],
            b"\r.\r",
            b"\r\n.\n",
            b"\n.\r\n",
            b"\r.\r\n",
            b"\r\n.\r",
            b"\r\n.\r\r\n",
            b"\r\r\n.\r\0\n",
            b"\r\n\0.\r\n",
            b"\r\n.\0\r\n",
            b"a.\r\n",
            b"\n\r.\r\n",
            b"\r\n..\r\n",
            b".\r\r\n",
            b".\r.\r\n",
        ] {
            assert_eq!(read(wire), None, "{wire:?}");
        }
    }

    #[test]
    fn a_message_beyond_the_limit_is_read_to_its_end_and_not_kept() {
        let mut reader = DataReader::new(4);
        assert_eq!(reader.read(b"12345\r\n"), None);
        assert_eq!(reader.kept.capacity(), 0);
        assert_eq!(reader.read(b".\r\nQUIT\r\n"), Some(3));
        assert_eq!(reader.finish(), Read::TooLarge);
    }
}
