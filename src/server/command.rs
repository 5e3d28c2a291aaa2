//! One line of an SMTP client, read (RFC 5321 §4.1.1). What can't be read says which answer it deserves.
//!
//! Not smtp-proto's `RequestReceiver`: version 0.2.5 ends a command at a bare LF, and bounds a line only when it
//! arrives in pieces, so that the same octets get other answers in other packets.

use crate::mail::{Address, ReversePath};

/// What a client asks for.
#[derive(Debug, PartialEq, Eq)]
pub enum Command {
    /// LHLO (RFC 2033 §4.1).
    Lhlo,
    /// HELO or EHLO, which LMTP doesn't have.
    Hello,
    /// MAIL FROM.
    Mail {
        /// The reverse path.
        reverse_path: ReversePath,
        /// SIZE= (RFC 1870).
        size: Option<u64>,
        /// SMTPUTF8 (RFC 6531).
        utf8: bool,
    },
    /// RCPT TO.
    Rcpt(Recipient),
    /// DATA.
    Data,
    /// RSET.
    Rset,
    /// NOOP.
    Noop,
    /// VRFY.
    Vrfy,
    /// QUIT.
    Quit,
}

/// The path of RCPT TO.
#[derive(Debug, PartialEq, Eq)]
pub enum Recipient {
    /// A whole address.
    Address(Address),
    /// `<postmaster>` without a domain (RFC 5321 §4.5.1).
    Postmaster,
}

/// Why a line is no command, as its answer.
pub type Refusal = &'static str;

const UNKNOWN: Refusal = "500 5.5.2 unknown command";
const NO_TEXT: Refusal = "500 5.5.2 the line holds a bare CR, a bare LF, a NUL or broken UTF-8";
const NO_ARGUMENT: Refusal = "501 5.5.4 no argument is known here";
const BAD_PARAMETER: Refusal = "501 5.5.4 a parameter has a wrong value";
// RFC 5321 §4.1.1.11: 555 is for parameters that were never announced.
const UNKNOWN_PARAMETER: Refusal = "555 5.5.4 a parameter is not known here";
const NO_SENDER: Refusal = "501 5.1.7 write it MAIL FROM:<address>";
const NO_RECIPIENT: Refusal = "501 5.1.3 write it RCPT TO:<address>";

/// Read a line, its CRLF taken off.
///
/// # Errors
/// The reply to send instead.
pub fn read(line: &[u8]) -> Result<Command, Refusal> {
    // A bare CR or LF may be a line end to whoever passed the line on, and a smuggled command behind it: the whole
    // line is refused, and nothing in it is carried out.
    if line.iter().any(|b| matches!(b, b'\r' | b'\n' | 0)) {
        return Err(NO_TEXT);
    }
    let line = std::str::from_utf8(line).map_err(|_| NO_TEXT)?.trim_end_matches([' ', '\t']);
    let (verb, argument) = line.split_once(' ').unwrap_or((line, ""));
    // RFC 5321 §2.4: verbs are written in any case.
    match verb.to_ascii_uppercase().as_str() {
        // RFC 2034 §4: no enhanced code in answer to a greeting.
        "LHLO" if argument.trim().is_empty() => Err("501 write it LHLO name"),
        "LHLO" => Ok(Command::Lhlo),
        "HELO" | "EHLO" => Ok(Command::Hello),
        "MAIL" => read_mail(argument),
        "RCPT" => read_rcpt(argument),
        "DATA" if argument.is_empty() => Ok(Command::Data),
        "RSET" if argument.is_empty() => Ok(Command::Rset),
        "QUIT" if argument.is_empty() => Ok(Command::Quit),
        "DATA" | "RSET" | "QUIT" => Err(NO_ARGUMENT),
        // RFC 5321 §4.1.1.9: NOOP may have a parameter, which is ignored.
        "NOOP" => Ok(Command::Noop),
        "VRFY" => Ok(Command::Vrfy),
        _ => Err(UNKNOWN),
    }
}

fn read_mail(argument: &str) -> Result<Command, Refusal> {
    let (path, parameters) = read_path(argument, "FROM:").ok_or(NO_SENDER)?;
    let mut size = None;
    let mut utf8 = false;
    for parameter in parameters.split_ascii_whitespace() {
        let (name, value) = parameter.split_once('=').unwrap_or((parameter, ""));
        match (name.to_ascii_uppercase().as_str(), value.to_ascii_uppercase().as_str()) {
            ("SIZE", digits) if is_number(digits) => size = Some(digits.parse().unwrap_or(u64::MAX)),
            // RFC 6152 §2: kept as it came either way.
            ("BODY", "7BIT" | "8BITMIME") => {}
            ("SMTPUTF8", "") if !parameter.contains('=') => utf8 = true,
            ("SIZE" | "BODY" | "SMTPUTF8", _) => return Err(BAD_PARAMETER),
            _ => return Err(UNKNOWN_PARAMETER),
        }
    }
    let reverse_path = match path {
        "" => ReversePath::Null,
        path => ReversePath::Address(Address::parse(path).map_err(|_| NO_SENDER)?),
    };
    Ok(Command::Mail { reverse_path, size, utf8 })
}

/// RFC 1870 §3: one to twenty digits.
fn is_number(digits: &str) -> bool {
    (1..=20).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit())
}

fn read_rcpt(argument: &str) -> Result<Command, Refusal> {
    let (path, parameters) = read_path(argument, "TO:").ok_or(NO_RECIPIENT)?;
    if !parameters.trim().is_empty() {
        return Err(UNKNOWN_PARAMETER);
    }
    if path.eq_ignore_ascii_case("postmaster") {
        return Ok(Command::Rcpt(Recipient::Postmaster));
    }
    let address = Address::parse(path).map_err(|_| NO_RECIPIENT)?;
    Ok(Command::Rcpt(Recipient::Address(address)))
}

/// `FROM:<path> parameters`; the path without brackets and source route.
fn read_path<'a>(argument: &'a str, word: &str) -> Option<(&'a str, &'a str)> {
    let argument = argument.trim_start();
    let front = argument.get(..word.len())?;
    if !front.eq_ignore_ascii_case(word) {
        return None;
    }
    let rest = argument[word.len()..].trim_start_matches(' ').strip_prefix('<')?;
    let end = closing_bracket(rest)?;
    let (path, parameters) = (&rest[..end], &rest[end + 1..]);
    if !parameters.is_empty() && !parameters.starts_with(' ') {
        return None;
    }
    // RFC 5321 §4.1.1.3 and appendix C: a source route is accepted and ignored.
    let path = match path.strip_prefix('@') {
        Some(route) => route.split_once(':')?.1,
        None => path,
    };
    // Address::parse trims, which a path between brackets must not rely on.
    (path.trim() == path).then_some((path, parameters))
}

/// Where the `>` stands that is not inside a quoted string.
fn closing_bracket(text: &str) -> Option<usize> {
    let (mut quoted, mut escaped) = (false, false);
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if quoted => escaped = true,
            b'"' => quoted = !quoted,
            b'>' if !quoted => return Some(at),
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sender(line: &str) -> Result<String, Refusal> {
        read(line.as_bytes()).map(|command| match command {
            Command::Mail { reverse_path, .. } => reverse_path.as_str().to_owned(),
            other => panic!("{other:?}"),
        })
    }

    #[test]
    fn paths_as_they_are_written() {
        assert_eq!(sender("MAIL FROM:<>"), Ok(String::new()));
        assert_eq!(sender("mail from: <mira@home.example> size=12 BODY=8bitmime"), Ok("mira@home.example".into()));
        assert_eq!(sender("MAIL FROM:<@a.example,@b.example:mira@home.example>"), Ok("mira@home.example".into()));
        assert_eq!(sender("MAIL FROM:<\"a>b\"@home.example>"), Ok("\"a>b\"@home.example".into()));
        assert_eq!(sender("MAIL FROM:<mïra@home.example> SMTPUTF8"), Ok("mïra@home.example".into()));
    }

    #[test]
    fn lines_that_are_refused() {
        for (line, code) in [
            ("MAIL mira@home.example", "501 5.1.7"),
            ("MAIL FROM:mira@home.example", "501 5.1.7"),
            ("MAIL FROM:<mira@home.example", "501 5.1.7"),
            ("MAIL FROM:< mira@home.example>", "501 5.1.7"),
            ("MAIL FROM:<mira@home.example>SIZE=1", "501 5.1.7"),
            ("MAIL FROM:<> SIZE=x", "501 5.5.4"),
            ("MAIL FROM:<> SIZE", "501 5.5.4"),
            ("MAIL FROM:<> BODY=BINARYMIME", "501 5.5.4"),
            ("MAIL FROM:<> SMTPUTF8=1", "501 5.5.4"),
            ("MAIL FROM:<> RET=HDRS", "555 5.5.4"),
            ("RCPT TO:<>", "501 5.1.3"),
            ("RCPT TO:<rose@x> NOTIFY=NEVER", "555 5.5.4"),
            ("RCPT TO:<rose@x>\nRCPT TO:<lily@x>", "500 5.5.2"),
            ("NOOP\r", "500 5.5.2"),
            ("DATA now", "501 5.5.4"),
            ("LHLO", "501 write"),
            ("", "500 5.5.2"),
            ("BDAT 10", "500 5.5.2"),
        ] {
            assert!(read(line.as_bytes()).expect_err(line).starts_with(code), "{line}");
        }
        assert_eq!(read(b"NOOP \xff"), Err(NO_TEXT));
    }

    #[test]
    fn the_bare_postmaster() {
        assert_eq!(read(b"RCPT TO:<PostMaster>"), Ok(Command::Rcpt(Recipient::Postmaster)));
    }
}
