//! What a conversation is called: the subject without prefixes, list tags and "(fwd)" (RFC 5256 §2.1).

/// "Re:" as mail programs write it in their languages, in lower case.
const REPLY_PREFIXES: &[&str] = &[
    "re",
    "aw",
    "antw",
    "antwort",
    "sv",
    "vs",
    "odp",
    "res",
    "rif",
    "r",
    "ynt",
    "ref",
    "atb",
    "bls",
    "balas",
    "απ",
    "αντ",
    "σχετ",
    "отв",
    "ответ",
    "на",
    "відп",
    "回复",
    "回覆",
    "答复",
    "答覆",
    "返信",
    "답장",
    "회신",
    "תשובה",
    "השב",
    "رد",
    "válasz",
    "vá",
    "odpověď",
    "odpoveď",
    "trả lời",
    "ตอบ",
    "vast",
];

/// "Fwd:" as mail programs write it in their languages, in lower case.
const FORWARD_PREFIXES: &[&str] = &[
    "fw",
    "fwd",
    "wg",
    "tr",
    "rv",
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
    "fs",
    "转发",
    "轉寄",
    "转寄",
    "転送",
    "전달",
    "továbbítás",
    "hal",
    "chuyển tiếp",
];

/// A subject taken apart.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Subject {
    /// What is left, in lower case, spaces folded.
    pub base: String,
    /// A reply prefix stood before it.
    pub is_reply: bool,
}

/// Take a decoded subject apart.
#[must_use]
pub fn read(subject: &str) -> Subject {
    // RFC 5256 §2.1 (1): tabs and continuations become spaces, several spaces one.
    let folded = subject.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase();
    let mut rest = folded.as_str();
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
            return Subject { base: rest.trim().to_owned(), is_reply };
        }
    }
}

/// `*subj-blob ("re" / "fw" / "fwd") *WSP [subj-blob] ":"`, and whether it was a reply's.
fn strip_leader(text: &str) -> Option<(&str, bool)> {
    let mut rest = text;
    while let Some(after) = strip_blob(rest) {
        rest = after;
    }
    let end = rest.find([':', '：', '[', '(', '^'])?;
    let word = rest[..end].trim_end().trim_end_matches(|c: char| c.is_ascii_digit()).trim_end();
    let reply = REPLY_PREFIXES.contains(&word);
    if !reply && !FORWARD_PREFIXES.contains(&word) {
        return None;
    }
    // "Re[2]:" is the standard's, "Re(2):" and "Re^2:" are other programs' counters.
    let counter = |c: char| c.is_ascii_digit() || "[]()^ ".contains(c);
    let after = rest[end..].trim_start_matches(counter);
    let after = after.strip_prefix([':', '：'])?;
    Some((after.trim_start(), reply))
}

/// `"[" *BLOBCHAR "]" *WSP`
fn strip_blob(text: &str) -> Option<&str> {
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
            ("Re:Re:", "", true),
            ("[rose]", "[rose]", false),
            ("Regarding: us", "regarding: us", false),
            ("", "", false),
            ("  A \t B ", "a b", false),
        ] {
            assert_eq!(read(subject), Subject { base: base.into(), is_reply }, "{subject}");
        }
    }
}
