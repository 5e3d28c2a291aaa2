//! Charsets by names that the reader of MIME doesn't know. Never fails: what is none of these is `None`.

use std::borrow::Cow;
use std::sync::LazyLock;

use regex::{Captures, Regex};

use super::parse::{decode_charset, decode_transfer};

/// Names that programs write, and what the same charset is called elsewhere.
const ALIASES: &[(&str, &str)] = &[
    ("cp932", "shift_jis"),
    ("ms932", "shift_jis"),
    ("windows-932", "shift_jis"),
    ("x-sjis", "shift_jis"),
    ("sjis", "shift_jis"),
    ("cp949", "euc-kr"),
    ("ms949", "euc-kr"),
    ("uhc", "euc-kr"),
    ("windows-949", "euc-kr"),
    ("x-windows-949", "euc-kr"),
    ("cp51949", "euc-kr"),
    ("ms936", "gbk"),
    ("windows-936", "gbk"),
    ("x-gbk", "gbk"),
    ("cp950", "big5"),
    ("ms950", "big5"),
    ("windows-950", "big5"),
    ("x-x-big5", "big5"),
    ("cp874", "windows-874"),
    ("x-mac-roman", "macintosh"),
    ("cp1200", "utf-16le"),
];

/// The upper half of the IBM PC's first character set.
const IBM_437: &str = "\
    ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜ¢£¥₧ƒ\
    áíóúñÑªº¿⌐¬½¼¡«»░▒▓│┤╡╢╖╕╣║╗╝╜╛┐\
    └┴┬├─┼╞╟╚╔╩╦╠═╬╧╨╤╥╙╘╒╓╫╪┘┌█▄▌▐▀\
    αßΓπΣσµτΦΘΩδ∞φε∩≡±≥≤⌠⌡÷≈°∙·√ⁿ²■\u{a0}\
";

/// The text in a charset of one of these names.
#[must_use]
pub fn decode(charset: &str, octets: &[u8]) -> Option<String> {
    let charset = charset.trim().to_ascii_lowercase();
    match charset.as_str() {
        "hz-gb-2312" | "hz" => Some(hz(octets)),
        "ibm437" | "cp437" | "437" | "cspc8codepage437" => Some(octets.iter().copied().map(ibm_437).collect()),
        _ => {
            let (_, known) = ALIASES.iter().find(|(alias, _)| *alias == charset)?;
            decode_charset(known, octets)
        }
    }
}

/// The text in a charset that nobody knows: UTF-8 if it can be, and Windows-1252 else.
#[must_use]
pub fn guess(octets: Vec<u8>) -> String {
    match String::from_utf8(octets) {
        Ok(text) => text,
        Err(error) => decode_charset("windows-1252", error.as_bytes())
            .unwrap_or_else(|| String::from_utf8_lossy(error.as_bytes()).into_owned()),
    }
}

#[allow(clippy::expect_used, reason = "the expression is a constant, and tests compile it")]
static ENCODED_WORD: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"=\?([^?*\s]+)(?:\*[^?\s]*)?\?([bBqQ])\?([^?\s]*)\?=").expect("a constant expression")
});

/// A header's value with those encoded words (RFC 2047) in UTF-8 whose charset the reader of MIME doesn't know.
#[must_use]
pub fn respelled(value: &str) -> Cow<'_, str> {
    if !value.contains("=?") {
        return Cow::Borrowed(value);
    }
    ENCODED_WORD.replace_all(value, |word: &Captures<'_>| {
        let (charset, data) = (&word[1], &word[3]);
        // The reader has no table for UTF-8.
        let is_unicode = charset.eq_ignore_ascii_case("utf-8");
        if is_unicode || decode_charset(charset, b"x").is_some() {
            return word[0].to_owned();
        }
        let octets = match &word[2] {
            "b" | "B" => decode_transfer("base64", data.as_bytes()),
            _ => decode_transfer("quoted-printable", data.replace('_', "=20").as_bytes()),
        };
        let Some(octets) = octets else { return word[0].to_owned() };
        let text = decode(charset, &octets).unwrap_or_else(|| guess(octets));
        let quoted: String = text.bytes().map(|octet| format!("={octet:02X}")).collect();
        format!("=?utf-8?Q?{quoted}?=")
    })
}

fn ibm_437(octet: u8) -> char {
    match octet.checked_sub(128) {
        Some(at) => IBM_437.chars().nth(usize::from(at)).unwrap_or(char::REPLACEMENT_CHARACTER),
        None => char::from(octet),
    }
}

/// RFC 1843: between "~{" and "~}" two octets are a character, each without its highest bit.
fn hz(octets: &[u8]) -> String {
    let (mut plain, mut is_chinese, mut at) = (Vec::with_capacity(octets.len()), false, 0);
    while let Some(&octet) = octets.get(at) {
        match (octet, octets.get(at + 1)) {
            (b'~', Some(b'{')) => (is_chinese, at) = (true, at + 2),
            (b'~', Some(b'}')) => (is_chinese, at) = (false, at + 2),
            (b'~', Some(b'~')) => {
                plain.push(b'~');
                at += 2;
            }
            (b'\r' | b'\n', _) => {
                // A line begins in ASCII.
                is_chinese = false;
                plain.push(octet);
                at += 1;
            }
            (_, Some(&next)) if is_chinese => {
                plain.extend([octet | 128, next | 128]);
                at += 2;
            }
            _ => {
                plain.push(octet);
                at += 1;
            }
        }
    }
    decode_charset("gbk", &plain).unwrap_or_else(|| String::from_utf8_lossy(&plain).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_programs_write() {
        for (charset, octets, text) in [
            ("cp932", &b"\x8e\x80\x82\xc9\x82\xbd\x82\xa2\x87\x40"[..], "死にたい①"),
            ("Windows-932", b"\x89\xbd", "何"),
            ("cp949", b"\xc1\xd7\xb0\xed \xbd\xcd\xbe\xee\xbf\xe4", "죽고 싶어요"),
            ("UHC", b"\x8c\x63", "똠"),
            ("cp950", b"\xa7\xda", "我"),
            ("windows-936", b"\xce\xd2", "我"),
            ("hz-gb-2312", b"~{NROkK@~} a~~b", "我想死 a~b"),
            ("HZ-GB-2312", b"~{NR\nok", "我\nok"),
            ("ibm437", b"d\x82j\x85 vu \xe1", "déjà vu ß"),
            ("cp437", b"\x84\x94\x81", "äöü"),
        ] {
            assert_eq!(decode(charset, octets).as_deref(), Some(text), "{charset}");
        }
        for (value, text) in [
            (
                "=?x-unknown?Q?Caf=E9_zu?= =?foo*fr?B?w6k=?= x",
                "=?utf-8?Q?=43=61=66=C3=A9=20=7A=75?= =?utf-8?Q?=C3=A9?= x",
            ),
            ("=?cp932?B?ib0=?=", "=?utf-8?Q?=E4=BD=95?="),
            ("=?utf-8?Q?Caf=C3=A9?= =?iso-8859-1?Q?Caf=E9?=", "=?utf-8?Q?Caf=C3=A9?= =?iso-8859-1?Q?Caf=E9?="),
            ("=?x?Z?y?= =? =?=", "=?x?Z?y?= =? =?="),
        ] {
            assert_eq!(respelled(value), text, "{value}");
        }
        for known in ["utf-8", "iso-8859-1", "x-unknown", ""] {
            assert_eq!(decode(known, b"x"), None, "{known}");
        }
    }

    #[test]
    fn the_table_has_a_sign_for_each_octet() {
        assert_eq!(IBM_437.chars().count(), 128);
        for (_, known) in ALIASES {
            assert!(decode_charset(known, b"x").is_some(), "{known}");
        }
    }
}
