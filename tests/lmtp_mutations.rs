//! Mutated talks against an auditor that reads the standard and nothing else: it walks over the octets that were sent
//! and the replies that came, and says which messages with which octets must have been accepted.
#![allow(clippy::unwrap_used, missing_docs, reason = "a test fails by panicking")]

use lamplight::mail::Address;
use lamplight::server::door::{AcceptAnswer, RecipientAnswer};
use lamplight::server::session::{Event, Session};
use proptest::prelude::*;
use proptest::sample::Index;

/// An accepted message: for whom, and its octets.
type Message = (Vec<String>, Vec<u8>);

fn judge(address: &Address) -> RecipientAnswer {
    match address.local_part() {
        "nobody" => RecipientAnswer::NotOurs,
        "later" => RecipientAnswer::TryAgain,
        "full" => RecipientAnswer::DiskLow,
        _ => RecipientAnswer::Ours,
    }
}

/// The octets through a session, in packets that end at `cuts`: all replies, and what was handed out.
fn talk(wire: &[u8], cuts: &[usize]) -> (Vec<u8>, Vec<Message>) {
    let (mut session, mut out, mut kept) = (Session::new("groups.example"), Vec::new(), Vec::new());
    session.greet(&mut out);
    let mut from = 0;
    for &cut in cuts.iter().chain([&wire.len()]) {
        session.feed(&wire[from..cut]);
        from = cut;
        loop {
            match session.advance(&mut out) {
                Event::More => break,
                Event::Close => return (out, kept),
                Event::Recipient(address) => session.answer_recipient(judge(&address), &mut out),
                Event::Message(envelope, bytes) => {
                    let recipients = envelope.recipients.iter().map(|address| address.as_str().to_owned()).collect();
                    kept.push((recipients, bytes));
                    session.answer_message(AcceptAnswer::Kept, &mut out);
                }
            }
        }
    }
    (out, kept)
}

/// Where a client stands in the talk.
#[derive(Clone, PartialEq)]
enum Place {
    Fresh,
    Idle,
    Addressed { utf8: bool, recipients: Vec<String> },
}

/// Reads the talk as the standard has it. Of addresses it knows only what is plain; where a path is odd it takes the
/// session's word for whether it is one, but never for where a line or a message ends, or what may stand where.
struct Auditor<'a> {
    wire: &'a [u8],
    at: usize,
    replies: std::vec::IntoIter<String>,
    place: Place,
    mistakes: usize,
}

fn audit(wire: &[u8], out: &[u8]) -> Vec<Message> {
    let text = std::str::from_utf8(out).expect("replies are text");
    assert!(text.ends_with("\r\n") && text.matches('\n').count() == text.matches("\r\n").count(), "{text:?}");
    // RFC 5321 §4.2.1: a dash behind the code says that the reply goes on.
    let lines: Vec<&str> = text.split_terminator("\r\n").collect();
    assert!(lines.iter().all(|line| line.len() > 4 && line.as_bytes()[..3].iter().all(u8::is_ascii_digit)), "{text}");
    let last = lines.iter().filter(|line| line.as_bytes()[3] != b'-');
    let mut replies = last.map(|line| (*line).to_owned()).collect::<Vec<_>>().into_iter();
    assert_eq!(replies.next().as_deref(), Some("220 groups.example LMTP"));
    let auditor = Auditor { wire, at: 0, replies, place: Place::Fresh, mistakes: 0 };
    auditor.run()
}

impl Auditor<'_> {
    fn run(mut self) -> Vec<Message> {
        let mut messages = Vec::new();
        // RFC 5321 §2.3.8: a line ends with CRLF and with nothing else.
        while let Some(length) = self.wire[self.at..].windows(2).position(|two| two == b"\r\n") {
            let line = &self.wire[self.at..self.at + length];
            self.at += length + 2;
            let reply = self.replies.next().unwrap_or_else(|| panic!("no reply to {:?}", line.escape_ascii()));
            let code = reply[..3].to_owned();
            let allowed = self.allowed(line, length + 2);
            assert!(allowed.contains(&code.as_str()), "{reply} to {}, not {allowed:?}", line.escape_ascii());
            self.step(line, &code);
            // A line that was no command, or none in its place, is a mistake; the twentieth is the last.
            self.mistakes += usize::from(["500", "501", "503", "555"].contains(&code.as_str()));
            if self.mistakes == 20 {
                assert_eq!(self.replies.next().expect("a last word")[..3], *"421");
                break;
            }
            if code == "221" {
                break;
            }
            if code == "354" {
                let Some(message) = self.message() else { break };
                messages.push(message);
            }
        }
        assert_eq!(self.replies.next(), None, "a reply too many");
        messages
    }

    /// The replies that a line may get here.
    fn allowed(&self, line: &[u8], octets: usize) -> Vec<&'static str> {
        let Ok(text) = std::str::from_utf8(line) else { return vec!["500"] };
        if octets > 4_096 || text.contains(['\r', '\n', '\0']) {
            return vec!["500"];
        }
        let text = text.trim_end_matches([' ', '\t']);
        let (verb, argument) = text.split_once(' ').unwrap_or((text, ""));
        let idle = self.place == Place::Idle;
        match (verb.to_ascii_uppercase().as_str(), argument) {
            ("LHLO", argument) => vec![if argument.trim().is_empty() { "501" } else { "250" }],
            ("MAIL", argument) => self.allowed_of_path(argument, "FROM:", idle),
            ("RCPT", argument) => self.allowed_of_path(argument, "TO:", matches!(self.place, Place::Addressed { .. })),
            ("RSET", "") | ("NOOP", _) => vec!["250"],
            ("DATA", "") => match &self.place {
                Place::Addressed { recipients, .. } if !recipients.is_empty() => vec!["354"],
                _ => vec!["503"],
            },
            ("QUIT", "") => vec!["221"],
            ("VRFY", _) => vec!["252"],
            ("DATA" | "RSET" | "QUIT", _) => vec!["501"],
            _ => vec!["500"],
        }
    }

    fn allowed_of_path(&self, argument: &str, word: &str, in_place: bool) -> Vec<&'static str> {
        let to = word == "TO:";
        match plain_path(argument, word) {
            // RFC 5321 §4.5.1: postmaster needs no domain; §4.5.5: a reverse path may be empty. Nothing else is whole.
            Some(path) if !(path.contains('@') || path == if to { "postmaster" } else { "" }) => {
                // Whether the path or the place is named as the fault is left open.
                if in_place { vec!["501"] } else { vec!["501", "503"] }
            }
            Some(_) if !in_place => vec!["503"],
            Some(path) if to && path.starts_with("nobody@") => vec!["550"],
            Some(path) if to && path.starts_with("later@") => vec!["451"],
            Some(path) if to && path.starts_with("full@") => vec!["452"],
            Some(_) => vec!["250"],
            None if !in_place => vec!["501", "503", "555"],
            // Where no path begins there can be none.
            None if path_of(argument, word).is_none() => vec!["501"],
            None => vec!["250", "451", "452", "501", "550", "552", "553", "555"],
        }
    }

    fn step(&mut self, line: &[u8], code: &str) {
        let text = String::from_utf8_lossy(line);
        let (verb, argument) = text.split_once(' ').unwrap_or((&text, ""));
        match (verb.trim_end().to_ascii_uppercase().as_str(), code) {
            ("LHLO", "250") => self.place = Place::Idle,
            ("RSET", "250") if self.place != Place::Fresh => self.place = Place::Idle,
            ("MAIL", "250") => {
                let utf8 = argument.to_ascii_uppercase().contains("SMTPUTF8");
                let path = path_of(argument, "FROM:").expect("a path was accepted");
                assert!(utf8 || path.is_ascii(), "RFC 6531: {path}");
                self.place = Place::Addressed { utf8, recipients: Vec::new() };
            }
            ("RCPT", "250") => {
                let path = path_of(argument, "TO:").expect("a path was accepted").to_owned();
                let Place::Addressed { utf8, recipients } = &mut self.place else { panic!("RCPT before MAIL") };
                assert!(*utf8 || path.is_ascii(), "RFC 6531: {path}");
                assert!(recipients.len() < 1_000);
                recipients.push(path);
            }
            _ => {}
        }
    }

    /// RFC 5321 §4.1.1.4 and §4.5.2: behind the CRLF of DATA, until CRLF . CRLF; one dot taken from each line that begins
    /// with one. RFC 2033 §4.2: a reply for each recipient.
    fn message(&mut self) -> Option<Message> {
        let from = self.at;
        let end = from - 2 + self.wire[from - 2..].windows(5).position(|five| five == b"\r\n.\r\n")?;
        self.at = end + 5;
        let mut bytes = Vec::new();
        let mut rest = &self.wire[from - 2..end + 2];
        while let Some(length) = rest[2..].windows(2).position(|two| two == b"\r\n") {
            let line = &rest[2..2 + length + 2];
            bytes.extend_from_slice(line.strip_prefix(b".").unwrap_or(line));
            rest = &rest[2 + length..];
        }
        let Place::Addressed { recipients, .. } = std::mem::replace(&mut self.place, Place::Idle) else {
            panic!("DATA before MAIL")
        };
        for _ in &recipients {
            assert_eq!(self.replies.next().as_deref(), Some("250 2.0.0 kept"));
        }
        Some((recipients, bytes))
    }
}

/// What stands between the brackets behind `word`, up to the first `>`; `None` where that is nothing a path could be.
fn path_of<'a>(argument: &'a str, word: &str) -> Option<&'a str> {
    let argument = argument.trim_start();
    let front = argument.get(..word.len()).filter(|front| front.eq_ignore_ascii_case(word))?;
    let inside = argument[front.len()..].trim_start_matches(' ').strip_prefix('<')?;
    inside.rfind('>').map(|_| inside.split('>').next().unwrap_or_default())
}

/// A path of which nobody can doubt what it means, with nothing behind it.
fn plain_path<'a>(argument: &'a str, word: &str) -> Option<&'a str> {
    let path = argument.strip_prefix(word)?.strip_prefix('<')?.strip_suffix('>')?;
    let word = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_lowercase());
    let plain = match path.split_once('@') {
        Some((local, domain)) => word(local) && domain.split('.').all(word) && local.len() <= 64 && path.len() <= 254,
        None => path.is_empty() || word(path),
    };
    plain.then_some(path)
}

/// What the session made of it is what the standard says, wherever packets are cut.
fn check(wire: &[u8], cuts: &[usize]) {
    let (out, kept) = talk(wire, &[]);
    let must: Vec<Message> = audit(wire, &out);
    assert_eq!(kept.len(), must.len(), "messages of {}", wire.escape_ascii());
    for ((got_for, got), (must_for, must)) in kept.iter().zip(&must) {
        assert_eq!(got.escape_ascii().to_string(), must.escape_ascii().to_string());
        assert_eq!(got_for.len(), must_for.len());
        for (got, must) in got_for.iter().zip(must_for) {
            // An odd path may have a source route or quotes; a plain one is itself.
            if plain_path(&format!("<{must}>"), "").is_some() {
                let whole = if must.contains('@') { must.clone() } else { format!("{must}@groups.example") };
                assert_eq!(*got, whole);
            }
        }
    }
    assert_eq!(talk(wire, cuts), (out, kept), "cut at {cuts:?}: {}", wire.escape_ascii());
}

const SMALL: &[u8] = b"LHLO c\r\nMAIL FROM:<mira@home.example>\r\nRCPT TO:<rose@groups.example>\r\n\
RCPT TO:<nobody@groups.example>\r\nRCPT TO:<postmaster>\r\nDATA\r\nSubject: x\r\n\r\n..a\r\n.\n.\r\r\nb\n.\n\r\n.\r\n\
MAIL FROM:<> SIZE=10 BODY=8BITMIME SMTPUTF8\r\nRCPT TO:<rose@groups.example>\r\nDATA\r\n.\r\nNOOP\r\nRSET\r\nQUIT\r\n";

#[test]
fn rfc5321_every_single_change_of_a_talk_is_read_as_the_standard_says() {
    let each: Vec<usize> = (1..SMALL.len()).collect();
    check(SMALL, &each);
    assert_eq!(talk(SMALL, &[]).1.len(), 2);
    for at in 0..SMALL.len() {
        check(&SMALL[..at], &[at / 2]);
        for bit in 0..8 {
            let mut flipped = SMALL.to_vec();
            flipped[at] ^= 1 << bit;
            check(&flipped, &[at]);
        }
        let without = [&SMALL[..at], &SMALL[at + 1..]].concat();
        check(&without, &[at]);
        let doubled = [&SMALL[..=at], &SMALL[at..]].concat();
        check(&doubled, &[at, at + 1]);
        for odd in ["\r", "\n", "\r\n", ".", "\0", " ", "\r\n.\r\n", "\n.\n", "\u{fc}", "\r\n.\n", ">", "<", " x"] {
            let longer = [&SMALL[..at], odd.as_bytes(), &SMALL[at..]].concat();
            check(&longer, &[at, at + 1]);
        }
        if at + 1 < SMALL.len() {
            let mut swapped = SMALL.to_vec();
            swapped.swap(at, at + 1);
            check(&swapped, &[at, at + 1]);
        }
    }
}

#[test]
fn rfc5321_the_longest_line_is_a_command_and_a_longer_one_is_not() {
    for (octets, code) in [(4_095, "250"), (4_096, "250"), (4_097, "500")] {
        let wire = format!("NOOP {}\r\nVRFY x\r\n", "x".repeat(octets - 7));
        check(wire.as_bytes(), &[octets - 1, octets]);
        let (out, _) = talk(wire.as_bytes(), &[]);
        let second = String::from_utf8(out).unwrap().lines().nth(1).unwrap().to_owned();
        assert!(second.starts_with(code), "{octets}: {second}");
    }
}

/// One change of the octets on their way.
#[derive(Debug, Clone)]
enum Change {
    Flip(Index, u8),
    Delete(Index, usize),
    Double(Index, usize),
    Swap(Index, Index),
    Move(Index, usize, Index),
    Insert(Index, &'static [u8]),
    Cut(Index),
}

impl Change {
    fn of(&self, wire: &mut Vec<u8>) {
        if wire.is_empty() {
            return;
        }
        let piece = |at: &Index, length: usize, wire: &[u8]| {
            let from = at.index(wire.len());
            from..(from + length).min(wire.len())
        };
        match self {
            Self::Flip(at, mask) => {
                let at = at.index(wire.len());
                wire[at] ^= mask;
            }
            Self::Delete(at, length) => drop(wire.drain(piece(at, *length, wire))),
            Self::Double(at, length) => {
                let range = piece(at, *length, wire);
                let again = wire[range.clone()].to_vec();
                wire.splice(range.end..range.end, again);
            }
            Self::Swap(one, other) => {
                let (one, other) = (one.index(wire.len()), other.index(wire.len()));
                wire.swap(one, other);
            }
            Self::Move(at, length, to) => {
                let taken: Vec<u8> = wire.drain(piece(at, *length, wire)).collect();
                let to = to.index(wire.len() + 1);
                wire.splice(to..to, taken);
            }
            Self::Insert(at, odd) => {
                let at = at.index(wire.len() + 1);
                wire.splice(at..at, odd.iter().copied());
            }
            Self::Cut(at) => wire.truncate(at.index(wire.len())),
        }
    }
}

fn change() -> impl Strategy<Value = Change> {
    let odd = prop::sample::select(vec![
        &b"\r\n.\r\n"[..],
        b"\n.\n",
        b"\r.\r",
        b"\r\n.\n",
        b"\r",
        b"\n",
        b"\r\n",
        b".",
        b"\0",
        b"\xff",
        b"DATA\r\n",
        b"RSET\r\n",
        b"XYZZY\r\n",
        b"QUIT\r\n",
        b"EHLO c\r\n",
        b"MAIL FROM:<>\r\n",
        b"RCPT TO:<lily@groups.example>\r\n",
    ]);
    prop_oneof![
        2 => (any::<Index>(), 1..=255_u8).prop_map(|(at, mask)| Change::Flip(at, mask)),
        2 => (any::<Index>(), 1..40_usize).prop_map(|(at, length)| Change::Delete(at, length)),
        2 => (any::<Index>(), 1..80_usize).prop_map(|(at, length)| Change::Double(at, length)),
        2 => (any::<Index>(), any::<Index>()).prop_map(|(one, other)| Change::Swap(one, other)),
        2 => (any::<Index>(), 1..80_usize, any::<Index>()).prop_map(|(at, length, to)| Change::Move(at, length, to)),
        4 => (any::<Index>(), odd).prop_map(|(at, odd)| Change::Insert(at, odd)),
        1 => any::<Index>().prop_map(Change::Cut),
    ]
}

/// The text of a message before dots are added: lines of odd octets, each ended by CRLF.
fn text() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        prop::sample::select(vec![&b"."[..], b"..", b"\r", b"\n", b"\0", b"\xc3", b"words", b"MAIL FROM:<>", b"QUIT"])
            .prop_map(<[u8]>::to_vec),
        prop::collection::vec(any::<u8>(), 0..12),
    ];
    let line = prop::collection::vec(piece, 0..4).prop_map(|pieces| {
        let mut line = pieces.concat();
        // Within a line CR and LF stand apart from each other.
        while let Some(at) = line.windows(2).position(|two| two == b"\r\n") {
            line.remove(at);
        }
        while line.last() == Some(&b'\r') {
            line.pop();
        }
        [line, b"\r\n".to_vec()].concat()
    });
    prop::collection::vec(line, 0..12).prop_map(|lines| lines.concat())
}

/// The octets of a talk that sends these messages, each to so many recipients.
fn transcript(messages: &[(Vec<u8>, usize)]) -> Vec<u8> {
    let mut wire = b"LHLO client.example\r\n".to_vec();
    for (text, recipients) in messages {
        wire.extend_from_slice(b"MAIL FROM:<mira@home.example>\r\n");
        wire.extend_from_slice(&b"RCPT TO:<rose@groups.example>\r\n".repeat(*recipients));
        wire.extend_from_slice(b"RCPT TO:<nobody@groups.example>\r\nDATA\r\n");
        // RFC 5321 §4.5.2: the sender puts a dot before a dot that begins a line.
        let mut begins = true;
        for (at, &byte) in text.iter().enumerate() {
            if begins && byte == b'.' {
                wire.push(b'.');
            }
            wire.push(byte);
            begins = byte == b'\n' && at > 0 && text[at - 1] == b'\r';
        }
        wire.extend_from_slice(b".\r\n");
    }
    wire.extend_from_slice(b"QUIT\r\n");
    wire
}

fn sorted(cuts: &[Index], length: usize) -> Vec<usize> {
    let mut cuts: Vec<usize> = cuts.iter().map(|cut| cut.index(length + 1)).collect();
    cuts.sort_unstable();
    cuts
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 1_500, ..ProptestConfig::default() })]

    #[test]
    fn rfc5321_what_is_sent_is_what_is_kept(
        messages in prop::collection::vec((text(), 1..4_usize), 1..4),
        cuts in prop::collection::vec(any::<Index>(), 0..20),
    ) {
        let wire = transcript(&messages);
        let (_, kept) = talk(&wire, &sorted(&cuts, wire.len()));
        let kept: Vec<(Vec<u8>, usize)> = kept.into_iter().map(|(to, bytes)| (bytes, to.len())).collect();
        prop_assert_eq!(kept, messages);
    }

    #[test]
    fn rfc5321_mutated_talks_are_read_as_the_standard_says(
        messages in prop::collection::vec((text(), 1..4_usize), 1..4),
        changes in prop::collection::vec(change(), 0..8),
        cuts in prop::collection::vec(any::<Index>(), 0..20),
    ) {
        let mut wire = transcript(&messages);
        changes.iter().for_each(|change| change.of(&mut wire));
        check(&wire, &sorted(&cuts, wire.len()));
    }
}
