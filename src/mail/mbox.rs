//! A mailbox file (RFC 4155) taken apart into messages. Never fails for a file that is one; nothing in it is lost.

/// The file does not begin as a mailbox does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("no mailbox file: it does not begin with a line such as `From kit@home.example Mon Nov 23 14:05:00 2026`")]
pub struct NoMbox;

/// The messages of a mailbox file, in order, `>From ` unescaped. An empty file is a mailbox without messages.
///
/// # Errors
/// When it does not begin with a `From ` line.
pub fn messages(raw: &[u8]) -> Result<Vec<Vec<u8>>, NoMbox> {
    let raw = raw.strip_prefix("\u{feff}".as_bytes()).unwrap_or(raw);
    let mut found: Vec<Vec<u8>> = Vec::new();
    let mut is_blank_above = true;
    let mut lines = raw.split_inclusive(|&b| b == b'\n').peekable();
    while let Some(line) = lines.next() {
        let is_first = found.is_empty();
        let begins = match line.strip_prefix(b"From ") {
            Some(rest) if is_first => !rest.trim_ascii_start().starts_with(b":"),
            // Programs that forget the empty line, or write the time in their own way, still put a header below theirs.
            Some(rest) => {
                let signs = [is_blank_above, ends_with_a_time(rest), lines.peek().is_some_and(|next| is_field(next))];
                signs.iter().filter(|sign| **sign).count() >= 2 && (signs[1] || names_an_address(rest))
            }
            None => false,
        };
        is_blank_above = line.trim_ascii().is_empty();
        if begins {
            // RFC 4155 §2: the empty line above belongs to the file, not to the message.
            found.last_mut().into_iter().for_each(cut_empty_line);
            found.push(Vec::new());
            continue;
        }
        match found.last_mut() {
            Some(message) => message.extend_from_slice(unescaped(line)),
            None if is_blank_above => {}
            None => return Err(NoMbox),
        }
    }
    found.last_mut().into_iter().for_each(cut_empty_line);
    Ok(found)
}

/// `From ADDRESS Thu Jan  1 00:00:00 1970`, perhaps with a zone: a clock and a year, as no sentence has them.
fn ends_with_a_time(rest: &[u8]) -> bool {
    let words: Vec<&[u8]> = rest.split(u8::is_ascii_whitespace).filter(|word| !word.is_empty()).collect();
    let is_clock = |word: &&[u8]| {
        let colons = word.iter().filter(|&&b| b == b':').count();
        (1..=2).contains(&colons) && word.iter().all(|b| b.is_ascii_digit() || *b == b':')
    };
    let is_year = |word: &&[u8]| word.len() == 4 && word.iter().all(u8::is_ascii_digit);
    words.len() >= 5 && words.iter().any(is_clock) && words.iter().rev().take(3).any(is_year)
}

/// `From kit@home.example 2026-11-23T14:05:00Z`
fn names_an_address(rest: &[u8]) -> bool {
    let words: Vec<&[u8]> = rest.split(u8::is_ascii_whitespace).filter(|word| !word.is_empty()).collect();
    words.len() <= 3 && words.first().is_some_and(|word| word.contains(&b'@'))
}

fn is_field(line: &[u8]) -> bool {
    line.iter()
        .position(|&b| b == b':')
        .is_some_and(|colon| colon > 0 && line[..colon].iter().all(u8::is_ascii_graphic))
}

/// One `>` was put before every line that begins with `From `, or with such a line that was escaped already.
fn unescaped(line: &[u8]) -> &[u8] {
    let marks = line.iter().take_while(|&&b| b == b'>').count();
    if marks > 0 && line[marks..].starts_with(b"From ") { &line[1..] } else { line }
}

fn cut_empty_line(message: &mut Vec<u8>) {
    for end in [&b"\n\r\n"[..], b"\n\n"] {
        if message.ends_with(end) {
            message.truncate(message.len() - end.len() + 1);
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(raw: &str) -> Vec<String> {
        messages(raw.as_bytes()).unwrap().into_iter().map(|raw| String::from_utf8(raw).unwrap()).collect()
    }

    const LINE: &str = "From kit@home.example Mon Nov 23 14:05:00 2026\n";

    #[test]
    fn rfc4155_messages_begin_with_a_from_line() {
        assert_eq!(texts(&format!("{LINE}A: 1\n\none\n\n{LINE}A: 2\n\ntwo\n")), ["A: 1\n\none\n", "A: 2\n\ntwo\n"]);
        let crlf = format!("{LINE}A: 1\n\none\n\n{LINE}A: 2\n\ntwo\n").replace('\n', "\r\n");
        assert_eq!(texts(&crlf), ["A: 1\r\n\r\none\r\n", "A: 2\r\n\r\ntwo\r\n"]);
        assert_eq!(texts(&format!("{LINE}A: 1\n\none\n{LINE}A: 2\n\ntwo")).len(), 2, "no empty line between");
        let iso = "From kit@home.example 2026-11-23T14:05:00Z\n";
        assert_eq!(texts(&format!("{iso}A: 1\n\none\n\n{iso}A: 2\n\ntwo\n")).len(), 2);
        assert_eq!(texts("From MAILER-DAEMON Mon Nov 23 14:05:00 +0000 2026\nA: 1\n\n").len(), 1);
        assert_eq!(texts(""), Vec::<String>::new());
        assert_eq!(texts("\n\n"), Vec::<String>::new());
    }

    #[test]
    fn a_sentence_begins_no_message() {
        let letter =
            format!("{LINE}A: 1\n\nWell.\n\nFrom here to there in 2026 it takes long.\nFrom 9:00 on it rains.\n");
        assert_eq!(texts(&letter).len(), 1);
        let inside = format!("{LINE}A: 1\n\nIt said\n{LINE}and so on\n");
        let quoted = format!("{LINE}A: 1\n\nIt said\n\nFrom kit@home.example this: be here\nPS: Soon.\n");
        assert_eq!(texts(&quoted).len(), 1);
        assert_eq!(texts(&inside).len(), 1, "neither an empty line above nor a field below");
    }

    #[test]
    fn escaped_lines_are_unescaped_once() {
        let letter = format!("{LINE}A: 1\n\n>From here\n>>From there\n> From you\n>Fromage\n");
        assert_eq!(texts(&letter), ["A: 1\n\nFrom here\n>From there\n> From you\n>Fromage\n"]);
    }

    #[test]
    fn anything_else_is_no_mailbox() {
        for raw in ["Subject: x\n\nHello\n", "{}", "From: kit@home.example\n\nHello", "From : kit@home.example\n\nHi"] {
            assert_eq!(messages(raw.as_bytes()), Err(NoMbox), "{raw}");
        }
    }
}
