//! Words in octets that could not be read as a message. No structure is trusted: one pass over the lines, whatever looks
//! encoded is decoded, and everything else stands as it is. Total; for looking for words in, not for showing as a mail.

use super::parse::decode_transfer;

/// Octets of words that are gathered; what stands behind them is another's attachment most likely.
const MOST_WORDS: usize = 1 << 20;
/// A line of so many characters of base64 and nothing else is base64.
const SHORTEST_BASE64: usize = 16;

/// What a person could read in these octets.
#[must_use]
pub fn words(raw: &[u8]) -> String {
    let mut found = Vec::new();
    let mut encoded: Vec<u8> = Vec::new();
    let lines = raw.split(|byte| *byte == b'\n').flat_map(|line| line.trim_ascii().split(|byte| *byte == b'\r'));
    for line in lines {
        if is_base64(line, !encoded.is_empty()) {
            encoded.extend_from_slice(line);
            continue;
        }
        keep_decoded(&std::mem::take(&mut encoded), &mut found);
        // RFC 2045 §6.7: a line that ends in "=" goes on in the next.
        match line.strip_suffix(b"=") {
            Some(line) => unquote(line, &mut found),
            None => {
                unquote(line, &mut found);
                found.push(b'\n');
            }
        }
        if found.len() > MOST_WORDS {
            break;
        }
    }
    keep_decoded(&encoded, &mut found);
    // No database and no notice takes a NUL.
    let is_read = |c: &char| c.is_whitespace() || !c.is_control();
    without_tags(&String::from_utf8_lossy(&found)).chars().filter(is_read).collect()
}

fn is_base64(line: &[u8], goes_on: bool) -> bool {
    let is_long = line.len() >= SHORTEST_BASE64 || (goes_on && !line.is_empty());
    is_long
        && line.len().is_multiple_of(4)
        && line.iter().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/' | b'='))
}

/// Keep what was encoded, if it is text.
fn keep_decoded(encoded: &[u8], found: &mut Vec<u8>) {
    if encoded.is_empty() {
        return;
    }
    let decoded = decode_transfer("base64", encoded).unwrap_or_default();
    let odd = decoded.iter().filter(|b| b.is_ascii_control() && !b.is_ascii_whitespace()).count();
    if odd * 20 <= decoded.len() {
        found.extend(decoded);
    } else {
        found.extend_from_slice(encoded);
    }
    found.push(b'\n');
}

/// "=C3=A9" is é; an equals sign before anything else is one.
fn unquote(line: &[u8], found: &mut Vec<u8>) {
    let digit = |at: usize| line.get(at).and_then(|b| char::from(*b).to_digit(16)).and_then(|d| u8::try_from(d).ok());
    let mut at = 0;
    while at < line.len() {
        match (line[at], digit(at + 1), digit(at + 2)) {
            (b'=', Some(high), Some(low)) => {
                found.push(high << 4 | low);
                at += 3;
            }
            (byte, ..) => {
                found.push(byte);
                at += 1;
            }
        }
    }
}

/// A tag of a page is no word, and parts none: "k<b>i</b>ll" reads as one. A "<" that nothing ends is a word's own.
fn without_tags(text: &str) -> String {
    let mut words = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('<') {
        words.push_str(&rest[..at]);
        let is_tag = rest[at + 1..].starts_with(|c: char| c.is_ascii_alphabetic() || matches!(c, '/' | '!'));
        // No tag is as long as a text, so nothing is searched twice in vain.
        let end = rest[at..].char_indices().take(1_000).find(|(_, c)| *c == '>').map(|(end, _)| at + end + 1);
        match end.filter(|_| is_tag) {
            Some(end) => rest = &rest[end..],
            None => {
                words.push('<');
                rest = &rest[at + 1..];
            }
        }
    }
    words.push_str(rest);
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whatever_way_it_was_written() {
        let rows: &[(&str, &[u8], &str)] = &[
            ("plain", b"Subject: x\r\n\r\nI want to die\r\n", "I want to die"),
            ("in base64", b"--b\r\nContent-Transfer-Encoding: base64\r\n\r\nSSB3YW50\r\n", "SSB3YW50"),
            (
                "in base64 of some length",
                b"x\n\nSSB3YW50IHRvIGRpZSBhbmQgbm9ib2R5\nIGtub3dz\n--b--",
                "I want to die and nobody knows",
            ),
            ("quoted-printable, cut", b"I want t=\r\no d=69e, caf=C3=A9 = =zz", "I want to die, caf\u{e9} = =zz"),
            ("a page", b"<p class=x>I <b>want</b> to d<i>ie</i></p> 1 < 2 <3", "I want to die 1 < 2 <3"),
            ("not UTF-8", b"caf\xe9 clo\0sed", "caf\u{fffd} closed"),
            ("nothing", b"", ""),
        ];
        for (name, raw, expected) in rows {
            assert!(words(raw).contains(expected), "{name}: {}", words(raw));
        }
    }

    #[test]
    fn a_picture_is_no_words_and_no_work() {
        let picture = data_encoding::BASE64.encode(&(0..40_000_u32).map(|n| (n * 7 % 256) as u8).collect::<Vec<_>>());
        assert!(words(picture.as_bytes()).len() <= picture.len() + 2);
        assert!(words(&b"<".repeat(100_000)).starts_with("<<<"));
        assert!(words(&b"a b\n".repeat(1 << 20)).len() < MOST_WORDS + 10);
    }

    proptest::proptest! {
        #[test]
        fn any_octets(raw in proptest::collection::vec(proptest::num::u8::ANY, 0..300)) {
            let _ = words(&raw);
        }
    }
}
