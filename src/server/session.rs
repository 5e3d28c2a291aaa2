//! The LMTP talk without a socket (RFC 2033): octets in, replies out, and an event when somebody else must decide.
//! Every octet has an answer; the same octets have the same answers however packets cut them.

use super::command::{self, Command, Recipient};
use super::door::{AcceptAnswer, RecipientAnswer};
use super::transparency::{DataReader, Read};
use crate::mail::{Address, Envelope, ReversePath};

/// The largest message, in octets (RFC 1870: announced as SIZE).
pub use crate::mail::parse::MAX_MESSAGE;
/// The most recipients of one message.
pub const MAX_RECIPIENTS: usize = 1_000;
/// The longest command line: eight times RFC 5321 §4.5.3.1.4, because SMTPUTF8 and parameters lengthen it.
pub const MAX_LINE: usize = 4_096;
/// A line that goes on beyond this is no command any more, and the client is cut off.
pub const MAX_DISCARDED: usize = 1_048_576;
/// After so many lines that were no command, or none in its place, the client is cut off.
pub const MAX_MISTAKES: usize = 20;

const NOT_NOW: &str = "503 5.5.1 not at this point";

/// What the session needs to go on.
#[derive(Debug, PartialEq, Eq)]
pub enum Event {
    /// More octets: send what is in the outgoing buffer, then [`Session::feed`].
    More,
    /// A word on this recipient: [`Session::answer_recipient`].
    Recipient(Address),
    /// A word on this message: [`Session::answer_message`].
    Message(Envelope, Vec<u8>),
    /// Nothing: send what is in the outgoing buffer, then close.
    Close,
}

#[derive(Debug)]
enum State {
    /// LHLO has not come.
    Fresh,
    /// Between transactions.
    Idle,
    /// MAIL was accepted.
    Addressed(Transaction),
    /// RCPT waits for its answer.
    Asking(Transaction, Address),
    /// Inside DATA.
    Receiving(Transaction, DataReader),
    /// The message waits for its answer; so many replies are due.
    Deciding(usize),
    /// The talk is over.
    Closed,
}

#[derive(Debug)]
struct Transaction {
    envelope: Envelope,
    utf8: bool,
}

/// One connection's talk.
#[derive(Debug)]
pub struct Session {
    name: String,
    state: State,
    input: Vec<u8>,
    /// How much of `input` was read.
    taken: usize,
    /// How much of `input` was searched for the end of the line.
    searched: usize,
    /// Octets of a line that is too long, thrown away so far.
    discarded: Option<usize>,
    mistakes: usize,
}

impl Session {
    /// A talk that has not begun. `name` is the service's domain.
    #[must_use]
    pub fn new(name: &str) -> Self {
        let name = name.to_owned();
        Self { name, state: State::Fresh, input: Vec::new(), taken: 0, searched: 0, discarded: None, mistakes: 0 }
    }

    /// The first line, before the client has said anything.
    pub fn greet(&self, out: &mut Vec<u8>) {
        reply(out, &format!("220 {} LMTP", self.name));
    }

    /// Octets that the client sent.
    pub fn feed(&mut self, bytes: &[u8]) {
        self.input.drain(..self.taken);
        self.searched -= self.taken;
        self.taken = 0;
        self.input.extend_from_slice(bytes);
    }

    /// Whether closing now would break a transaction off.
    #[must_use]
    pub fn is_idle(&self) -> bool {
        matches!(self.state, State::Fresh | State::Idle | State::Closed)
    }

    /// Whether the next octets are those of a message.
    #[must_use]
    pub fn is_receiving(&self) -> bool {
        matches!(self.state, State::Receiving(..))
    }

    /// Break the talk off: the service is ending, or the client took too long.
    pub fn cut_off(&mut self, out: &mut Vec<u8>, why: &str) {
        reply(out, &format!("421 {why}"));
        self.state = State::Closed;
    }

    /// Go on as far as possible; replies are put behind those in `out`.
    pub fn advance(&mut self, out: &mut Vec<u8>) -> Event {
        loop {
            match std::mem::replace(&mut self.state, State::Closed) {
                State::Closed => return Event::Close,
                State::Asking(transaction, address) => {
                    self.state = State::Asking(transaction, address.clone());
                    return Event::Recipient(address);
                }
                State::Deciding(replies) => {
                    // The message was handed out; it stays the caller's until it is answered.
                    self.state = State::Deciding(replies);
                    return Event::More;
                }
                State::Receiving(transaction, reader) => {
                    if let Some(event) = self.receive(transaction, reader, out) {
                        return event;
                    }
                }
                state => {
                    self.state = state;
                    let Some(line) = self.next_line(out) else {
                        let over = matches!(self.state, State::Closed);
                        return if over { Event::Close } else { Event::More };
                    };
                    self.obey(&line, out);
                }
            }
        }
    }

    /// Answer [`Event::Recipient`].
    pub fn answer_recipient(&mut self, answer: RecipientAnswer, out: &mut Vec<u8>) {
        if let State::Asking(mut transaction, address) = std::mem::replace(&mut self.state, State::Closed) {
            if answer == RecipientAnswer::Ours {
                transaction.envelope.recipients.push(address);
            }
            reply(out, answer.reply());
            self.state = State::Addressed(transaction);
        }
    }

    /// Answer [`Event::Message`].
    pub fn answer_message(&mut self, answer: AcceptAnswer, out: &mut Vec<u8>) {
        if let State::Deciding(replies) = self.state {
            reply_to_each(out, replies, answer.reply());
            self.state = State::Idle;
        }
    }

    /// The next whole line without its CRLF. Only CRLF ends a line: whoever takes a bare LF for one can be made to see
    /// commands that the server before it passed on as text.
    fn next_line(&mut self, out: &mut Vec<u8>) -> Option<Vec<u8>> {
        loop {
            let from = self.searched.max(self.taken);
            let end = self.input[from..].windows(2).position(|pair| pair == b"\r\n").map(|at| from + at);
            let stop = end.map_or(self.input.len(), |end| end + 2);
            let length = stop - self.taken;
            let over = self.discarded.map_or(length > MAX_LINE, |_| true);
            if over && self.discarded.unwrap_or(0) + length > MAX_DISCARDED {
                self.cut_off(out, "4.7.0 the line does not end");
                return None;
            }
            let Some(end) = end else {
                self.searched = self.input.len().saturating_sub(1).max(self.taken);
                if over {
                    // A CR at the very end may be half of the line's end.
                    let half = usize::from(self.input.last() == Some(&b'\r'));
                    self.discarded = Some(self.discarded.unwrap_or(0) + length - half);
                    self.taken = self.input.len() - half;
                    self.searched = self.taken;
                }
                return None;
            };
            let line = self.taken..end;
            (self.taken, self.searched) = (stop, stop);
            self.discarded = None;
            if !over {
                return Some(self.input[line].to_vec());
            }
            // RFC 5321 §4.5.3.1.9
            self.complain(out, "500 5.5.2 the line is too long");
            if matches!(self.state, State::Closed) {
                return None;
            }
        }
    }

    fn receive(&mut self, transaction: Transaction, mut reader: DataReader, out: &mut Vec<u8>) -> Option<Event> {
        let Some(used) = reader.read(&self.input[self.taken..]) else {
            self.input.clear();
            (self.taken, self.searched) = (0, 0);
            self.state = State::Receiving(transaction, reader);
            return Some(Event::More);
        };
        self.taken += used;
        self.searched = self.taken;
        let replies = transaction.envelope.recipients.len();
        match reader.finish() {
            Read::Whole(bytes) => {
                self.state = State::Deciding(replies);
                Some(Event::Message(transaction.envelope, bytes))
            }
            Read::TooLarge => {
                reply_to_each(out, replies, &too_large());
                self.state = State::Idle;
                None
            }
        }
    }

    fn obey(&mut self, line: &[u8], out: &mut Vec<u8>) {
        match command::read(line) {
            Err(refusal) => self.complain(out, refusal),
            // RFC 2033 §4.1: HELO and EHLO are not for LMTP. RFC 2034 §4: nor is an enhanced code for them.
            Ok(Command::Hello) => self.complain(out, "500 this is LMTP: say LHLO"),
            Ok(Command::Lhlo) => {
                self.state = State::Idle;
                let name = &self.name;
                let capabilities = "250-PIPELINING\r\n250-ENHANCEDSTATUSCODES\r\n250-8BITMIME\r\n250-SMTPUTF8";
                reply(out, &format!("250-{name}\r\n{capabilities}\r\n250 SIZE {MAX_MESSAGE}"));
            }
            Ok(Command::Mail { reverse_path, size, utf8 }) => self.mail(reverse_path, size, utf8, out),
            Ok(Command::Rcpt(recipient)) => self.rcpt(recipient, out),
            Ok(Command::Data) => self.data(out),
            Ok(Command::Rset) => {
                // RFC 5321 §4.1.1.5: at any point, and only the transaction is forgotten.
                if !matches!(self.state, State::Fresh) {
                    self.state = State::Idle;
                }
                reply(out, "250 2.0.0 ok");
            }
            Ok(Command::Noop) => reply(out, "250 2.0.0 ok"),
            // RFC 5321 §3.5.3: 252 tells nothing of who is known.
            Ok(Command::Vrfy) => reply(out, "252 2.1.5 not told"),
            Ok(Command::Quit) => {
                reply(out, "221 2.0.0 bye");
                self.state = State::Closed;
            }
        }
    }

    fn mail(&mut self, reverse_path: ReversePath, size: Option<u64>, utf8: bool, out: &mut Vec<u8>) {
        if !matches!(self.state, State::Idle) {
            return self.complain(out, NOT_NOW);
        }
        // RFC 1870 §6.1: told before the message is sent.
        if size.is_some_and(|size| size > MAX_MESSAGE as u64) {
            return reply(out, &too_large());
        }
        // RFC 6531 §3.4
        if !utf8 && !reverse_path.as_str().is_ascii() {
            return reply(out, "553 5.6.7 such an address needs SMTPUTF8");
        }
        let envelope = Envelope { reverse_path, recipients: Vec::new() };
        self.state = State::Addressed(Transaction { envelope, utf8 });
        reply(out, "250 2.1.0 ok");
    }

    fn rcpt(&mut self, recipient: Recipient, out: &mut Vec<u8>) {
        let State::Addressed(transaction) = &self.state else {
            return self.complain(out, NOT_NOW);
        };
        let address = match recipient {
            Recipient::Address(address) => address,
            // RFC 5321 §4.5.1: whatever the domain, postmaster is reached.
            Recipient::Postmaster => match Address::parse(&format!("postmaster@{}", self.name)) {
                Ok(address) => address,
                Err(_) => return reply(out, RecipientAnswer::NotOurs.reply()),
            },
        };
        if !transaction.utf8 && !address.as_str().is_ascii() {
            return reply(out, "553 5.6.7 such an address needs SMTPUTF8");
        }
        // RFC 5321 §4.5.3.1.10
        if transaction.envelope.recipients.len() >= MAX_RECIPIENTS {
            return reply(out, "452 4.5.3 too many recipients");
        }
        if let State::Addressed(transaction) = std::mem::replace(&mut self.state, State::Closed) {
            self.state = State::Asking(transaction, address);
        }
    }

    fn data(&mut self, out: &mut Vec<u8>) {
        match std::mem::replace(&mut self.state, State::Closed) {
            State::Addressed(transaction) if !transaction.envelope.recipients.is_empty() => {
                reply(out, "354 end with a line of one dot");
                self.state = State::Receiving(transaction, DataReader::new(MAX_MESSAGE));
            }
            // RFC 2033 §4.2: with no recipient there would be no reply to the message.
            state => {
                self.state = state;
                self.complain(out, "503 5.5.1 no recipient was accepted");
            }
        }
    }

    /// Refuse a line that should not have come; too many of them end the talk.
    fn complain(&mut self, out: &mut Vec<u8>, refusal: &str) {
        self.mistakes += 1;
        reply(out, refusal);
        if self.mistakes >= MAX_MISTAKES {
            self.cut_off(out, "4.7.0 too many errors");
        }
    }
}

fn too_large() -> String {
    format!("552 5.3.4 the message is larger than {MAX_MESSAGE} octets")
}

fn reply(out: &mut Vec<u8>, line: &str) {
    out.extend_from_slice(line.as_bytes());
    out.extend_from_slice(b"\r\n");
}

/// RFC 2033 §4.2: one reply for each accepted RCPT, in order.
fn reply_to_each(out: &mut Vec<u8>, times: usize, line: &str) {
    for _ in 0..times {
        reply(out, line);
    }
}
