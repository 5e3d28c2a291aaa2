//! What a conversation is called: the subject without prefixes, list tags and "(fwd)" (RFC 5256 §2.1).

use unicode_normalization::UnicodeNormalization as _;

/// "Re:" as mail programs write it in their languages, in lower case.
const REPLY_PREFIXES: &[&str] = &[
    "re",
    "aw",
    "antw",
    "antwort",
    "sv",
    "svar",
    "vs",
    "odp",
    "odg",
    "res",
    "rif",
    "r",
    "ynt",
    "yan",
    "yanıt",
    "cevap",
    "ref",
    "atb",
    "ats",
    "bls",
    "balas",
    "rasp",
    "răsp",
    "απ",
    "απάντηση",
    "αντ",
    "σχετ",
    "отв",
    "ответ",
    "отг",
    "отговор",
    "на",
    "відп",
    "вд",
    "вщ",
    "回复",
    "回覆",
    "回應",
    "回信",
    "答复",
    "答覆",
    "返信",
    "답장",
    "회신",
    "תשובה",
    "תגובה",
    "השב",
    "رد",
    "پاسخ",
    "válasz",
    "vá",
    "odpověď",
    "odpoveď",
    "trả lời",
    "tl",
    "ตอบ",
    "ตอบกลับ",
    "vast",
    "erantzun",
    "resp",
];

/// "Fwd:" as mail programs write it in their languages, in lower case.
const FORWARD_PREFIXES: &[&str] = &[
    "fw",
    "fwd",
    "wg",
    "tr",
    "rv",
    "reenv",
    "enc",
    "i",
    "vb",
    "vl",
    "pd",
    "doorst",
    "i̇lt",
    "ilt",
    "πρθ",
    "прд",
    "пересл",
    "прп",
    "fs",
    "转发",
    "轉寄",
    "轉發",
    "转寄",
    "転送",
    "전달",
    "továbbítás",
    "tov",
    "hal",
    "chuyển tiếp",
    "proslj",
    "posr",
    "trs",
    "העברה",
    "הועבר",
    "إعادة توجيه",
    "تحويل",
    "videres",
];

/// A subject taken apart.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Subject {
    /// What is left, in lower case, spaces folded.
    pub base: String,
    /// A reply prefix stood before it.
    pub is_reply: bool,
    /// What it was called before: "New words (was: Old words)".
    pub was: Option<String>,
}

/// The words with which people say what a conversation was called before.
const WAS: &[&str] = &["(was: ", "(war: ", "[was: ", "(antes: ", "(avant: ", "(era: ", "(était: ", "(было: "];

/// Beyond so many characters a subject is not told from another.
const MAX_CHARACTERS: usize = 500;

/// Take a decoded subject apart.
#[must_use]
pub fn read(subject: &str) -> Subject {
    // Full-width letters and marks that nobody sees make no other subject.
    let plain: String = subject.nfkc().filter(|c| !is_unseen(*c)).take(MAX_CHARACTERS).collect();
    // RFC 5256 §2.1 (1): tabs and continuations become spaces, several spaces one.
    let folded = plain.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase();
    let (base, is_reply) = strip(&folded);
    let was = WAS.iter().find_map(|word| {
        let (now, was) = base.rsplit_once(word)?;
        let was = was.strip_suffix([')', ']'])?;
        (!now.trim().is_empty()).then(|| (now.trim_end().to_owned(), strip(was).0.to_owned()))
    });
    match was {
        Some((now, was)) => Subject { base: now, is_reply, was: Some(was).filter(|was| !was.is_empty()) },
        None => Subject { base: base.to_owned(), is_reply, was: None },
    }
}

/// Which part of how many a letter is, from 0 or 1 on: "[rose 2/3] My story", "My story (2/3)".
#[must_use]
pub fn numbered(subject: &str) -> Option<(u32, u32)> {
    let closed = |text: &str| {
        let (number, of) = text.rsplit([' ', '[', '(']).next()?.split_once('/')?;
        let (number, of): (u32, u32) = (number.parse().ok()?, of.parse().ok()?);
        (number <= of && (2..1_000).contains(&of)).then_some((number, of))
    };
    let mut rest = subject.trim();
    while let Some((blob, after)) = rest.strip_prefix('[').and_then(|inner| inner.split_once(']')) {
        if let Some(part) = closed(blob) {
            return Some(part);
        }
        rest = after.trim_start();
    }
    closed(rest.strip_suffix([')', ']'])?)
}

/// Marks of direction and without width; those that Persian and Indic words are written with stay.
fn is_unseen(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
}

/// What is left of a folded subject, and whether a reply's prefix was taken off.
fn strip(folded: &str) -> (&str, bool) {
    let mut rest = folded;
    let mut is_reply = false;
    loop {
        let before = rest;
        // (2) a trailing "(fwd)".
        while let Some(shorter) = rest.strip_suffix("(fwd)") {
            rest = shorter.trim_end();
        }
        // (3)–(5) leaders and blobs, for as long as there are any.
        loop {
            rest = rest.trim_start();
            if let Some((after, reply)) = strip_leader(rest) {
                is_reply |= reply;
                rest = after;
            } else if let Some(after) = strip_blob(rest).filter(|after| !after.is_empty()) {
                rest = after;
            } else {
                break;
            }
        }
        // (6) "[fwd: …]" around all of it.
        if let Some(inner) = rest.strip_prefix("[fwd:").and_then(|inner| inner.strip_suffix(']')) {
            rest = inner.trim();
        }
        if rest == before {
            return (rest.trim(), is_reply);
        }
    }
}

/// `*subj-blob ("re" / "fw" / "fwd") *WSP [subj-blob] ":"`, and whether it was a reply's.
fn strip_leader(text: &str) -> Option<(&str, bool)> {
    let mut rest = text;
    while let Some(after) = strip_blob(rest) {
        rest = after;
    }
    let end = rest.find([':', '[', '(', '^'])?;
    let word = rest[..end].trim_end().trim_end_matches(|c: char| c.is_ascii_digit() || c == '.').trim_end();
    let reply = REPLY_PREFIXES.contains(&word);
    if !reply && !FORWARD_PREFIXES.contains(&word) {
        return None;
    }
    // "Re[2]:" is the standard's, "Re(2):" and "Re^2:" are other programs' counters.
    let counter = |c: char| c.is_ascii_digit() || "[]()^ ".contains(c);
    let after = rest[end..].trim_start_matches(counter);
    let after = after.strip_prefix(':')?;
    Some((after.trim_start(), reply))
}

/// `"[" *BLOBCHAR "]" *WSP`, and the brackets of Chinese and Japanese lists.
fn strip_blob(text: &str) -> Option<&str> {
    if let Some(inner) = text.strip_prefix('【') {
        return inner.split_once('】').map(|(_, rest)| rest.trim_start());
    }
    let inner = text.strip_prefix('[')?;
    let end = inner.find(['[', ']'])?;
    // "[fwd: …]" is no blob but a wrapper.
    if inner.starts_with("fwd:") {
        return None;
    }
    inner[end..].strip_prefix(']').map(str::trim_start)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prefixes_of_many_programs() {
        for (subject, base, is_reply) in [
            ("Hello", "hello", false),
            ("Re: Hello", "hello", true),
            ("RE: AW: Re[4]: Hello", "hello", true),
            ("Re (2): Hello", "hello", true),
            ("Re^2: Hello", "hello", true),
            ("[rose] Re: Hello", "hello", true),
            ("Re: [rose] Hello (fwd) (FWD)", "hello", true),
            ("[Fwd: Re: Hello]", "hello", true),
            ("Fwd: Hello", "hello", false),
            ("SV: Hej", "hej", true),
            ("RV: Hola", "hola", false),
            ("TR : Bonjour", "bonjour", false),
            ("Odp: Czesc", "czesc", true),
            ("回复：你好", "你好", true),
            ("答复: 回复：你好", "你好", true),
            ("转发：你好", "你好", false),
            ("【rose】返信：こんにちは", "こんにちは", true),
            ("Ｒｅ： Hello", "hello", true),
            ("\u{200f}השב: שלום", "שלום", true),
            ("Απ: Καλημέρα", "καλημέρα", true),
            ("Отв: Привет", "привет", true),
            ("YNT: İLT: Merhaba", "merhaba", true),
            ("Antw.: Hallo", "hallo", true),
            ("RES: ENC: Oi", "oi", true),
            ("VS: [rose] Odg: Re\u{a0}: Moi", "moi", true),
            ("Odpove\u{30c}d\u{30c}: Ahoj", "ahoj", true),
            ("Re: [rose] [Fwd: AW: Hello]", "hello", true),
            ("[rose:0123] Re[2]: Re(3): Hello", "hello", true),
            ("Re:Re:", "", true),
            ("[rose]", "[rose]", false),
            ("Regarding: us", "regarding: us", false),
            ("", "", false),
            ("  A \t B ", "a b", false),
        ] {
            assert_eq!(read(subject), Subject { base: base.into(), is_reply, was: None }, "{subject}");
        }
    }

    #[test]
    fn what_it_was_called_before() {
        for (subject, base, was) in [
            ("Re: Sleep (was: Re: Food)", "sleep", Some("food")),
            ("Schlaf (war: AW: Essen)", "schlaf", Some("essen")),
            ("[rose] Sleep [was: Food]", "sleep", Some("food")),
            ("(was: Food)", "(was: food)", None),
            ("How it was (was it?)", "how it was (was it?)", None),
            ("Sleep (was: Re:)", "sleep", None),
        ] {
            let read = read(subject);
            assert_eq!((read.base.as_str(), read.was.as_deref()), (base, was), "{subject}");
        }
    }

    #[test]
    fn letters_in_parts() {
        for (subject, part) in [
            ("[rose 2/3] My story", Some((2, 3))),
            ("[rose] [0/12] My story", Some((0, 12))),
            ("My story (2/3)", Some((2, 3))),
            ("[rose] My story", None),
            ("Re: [rose 2/3] My story", None),
            ("My birthday (24/12)", None),
            ("Half (1/2", None),
            ("[1/1] Only", None),
        ] {
            assert_eq!(numbered(subject), part, "{subject}");
        }
    }
}
