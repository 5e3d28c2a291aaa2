//! What the sender wrote and what it was told: the outside ledger that everything is held against.

use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock, Mutex};

use regex::Regex;

use crate::chance::Chance;

/// A mark is unlike any word; it stands in the return path, the subject, the Message-ID and the text.
static MARK: LazyLock<Regex> = LazyLock::new(|| Regex::new("qz[bcdfghjklm]{14}").unwrap());

pub const MODERATORS: [&str; 2] = ["dana@work.example", "ruth@work.example"];
/// Authors of the group `first`; those of even number may be approved, the others never are. So many that none of them has
/// thirty posts an hour, from which on not each has a notice of its own.
pub const NEWCOMERS: usize = 240;

/// The marks in a message, with repetitions.
pub fn marks_in(raw: &[u8]) -> impl Iterator<Item = String> {
    let text = String::from_utf8_lossy(raw).into_owned();
    MARK.find_iter(&text).map(|found| found.as_str().to_owned()).collect::<Vec<_>>().into_iter()
}

pub fn fresh_mark(chance: &mut Chance) -> String {
    let letters: Vec<char> = "bcdfghjklm".chars().collect();
    std::iter::once("qz".to_owned()).chain((0..14).map(|_| chance.pick(&letters).to_string())).collect()
}

/// What a letter is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kind {
    /// To the group without moderation.
    Open,
    /// To the group that reads first posts.
    First,
    /// A moderator's APPROVE for the post of this mark.
    Decision(String),
}

/// A mail as a mail server hands it in; the same octets however often it is tried.
#[derive(Debug, Clone)]
pub struct Letter {
    pub mark: String,
    pub kind: Kind,
    pub author: String,
    pub recipient: String,
    pub bytes: Vec<u8>,
}

impl Letter {
    fn new(mark: String, kind: Kind, author: String, recipient: String, fields: &str, text: &str) -> Arc<Self> {
        let fields = format!("Subject: Note {mark}\r\n{fields}");
        Self::with(mark, kind, author, recipient, &fields, text)
    }

    fn with(mark: String, kind: Kind, author: String, recipient: String, fields: &str, text: &str) -> Arc<Self> {
        let bytes = format!(
            "From: <{author}>\r\nTo: <{recipient}>\r\nMessage-ID: <{mark}@phone.example>\r\n\
             Date: Mon, 23 Nov 2026 12:00:00 +0000\r\n{fields}\r\n{text}\r\n"
        )
        .into_bytes();
        Arc::new(Self { mark, kind, author, recipient, bytes })
    }

    /// A post; `octets` is how long its text is, about.
    pub fn post(chance: &mut Chance, octets: usize) -> Arc<Self> {
        Self::post_to(chance, octets, "open")
    }

    /// A post to the group that reads first posts, or to this one without moderation.
    pub fn post_to(chance: &mut Chance, octets: usize, open: &str) -> Arc<Self> {
        let mark = fresh_mark(chance);
        let words = "The waiting room was full, the coffee was cold, and still somebody smiled.\r\n";
        let text = format!("It was a quiet day, {mark}.\r\n{}", words.repeat(octets / words.len()));
        let (kind, author, group) = if chance.one_in(3) {
            (Kind::First, format!("n{}@home.example", chance.below(NEWCOMERS)), "first")
        } else {
            (Kind::Open, format!("a{}@home.example", chance.below(4)), open)
        };
        Self::new(mark, kind, author, format!("{group}@groups.example"), "", &text)
    }

    /// A post of this author to the group without moderation.
    pub fn open_post(chance: &mut Chance, author: &str) -> Arc<Self> {
        let mark = fresh_mark(chance);
        let text = format!("It was a quiet day, {mark}.");
        Self::new(mark, Kind::Open, author.to_owned(), "open@groups.example".to_owned(), "", &text)
    }

    /// A post to a group with digests. Its subject has no mark, for a later digest may name the post by it.
    pub fn for_digest(chance: &mut Chance, author: &str, group: &str) -> Arc<Self> {
        let mark = fresh_mark(chance);
        let text = format!("It was a quiet day, {mark}.");
        let fields = "Subject: Note\r\n";
        Self::with(mark, Kind::Open, author.to_owned(), format!("{group}@groups.example"), fields, &text)
    }

    /// A moderator's answer to the notice of the post `of`.
    pub fn approval(chance: &mut Chance, of: &str, reply_to: &str, notice_id: &str) -> Arc<Self> {
        let fields = format!("In-Reply-To: {notice_id}\r\n");
        let kind = Kind::Decision(of.to_owned());
        Self::new(fresh_mark(chance), kind, MODERATORS[0].to_owned(), reply_to.to_owned(), &fields, "APPROVE")
    }

    /// The group it is written to.
    pub fn group(&self) -> &str {
        self.recipient.split('@').next().unwrap()
    }

    pub fn return_path(&self) -> String {
        format!("{}@sender.example", self.mark)
    }

    /// Whether its author may be approved.
    pub fn may_be_approved(&self) -> bool {
        let number = self.author.strip_prefix('n').and_then(|rest| rest.split('@').next());
        number.and_then(|digits| digits.parse::<usize>().ok()).is_some_and(|number| number % 2 == 0)
    }
}

/// What the sender was told of a letter, the strongest over all its tries.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Told {
    /// The connection ended before the message was on its way.
    NotSent,
    /// 4xx.
    Later,
    /// The message was on its way, and no answer came.
    Unknown,
    /// 250.
    Kept,
}

/// By mark, a letter and what was told of it.
pub type Entries = BTreeMap<String, (Arc<Letter>, Told)>;

/// Every letter that was ever tried.
#[derive(Clone, Default)]
pub struct Ledger {
    entries: Arc<Mutex<Entries>>,
    /// The sender's port of a talk, and what was answered 250 in it, in order.
    talks: Arc<Mutex<BTreeMap<u16, Vec<String>>>>,
    order: Arc<Mutex<Vec<String>>>,
}

impl Ledger {
    pub fn note(&self, letter: &Arc<Letter>, told: Told) {
        let mut entries = self.entries.lock().unwrap();
        let entry = entries.entry(letter.mark.clone()).or_insert_with(|| (Arc::clone(letter), told));
        entry.1 = entry.1.max(told);
    }

    /// A letter was answered 250 in the talk from this port.
    pub fn note_reply(&self, port: u16, letter: &Letter) {
        self.talks.lock().unwrap().entry(port).or_default().push(letter.mark.clone());
        self.order.lock().unwrap().push(letter.mark.clone());
    }

    /// What was answered 250, in that order.
    pub fn in_order(&self) -> Vec<String> {
        self.order.lock().unwrap().clone()
    }

    /// By port, what was answered 250, in order.
    pub fn talks(&self) -> BTreeMap<u16, Vec<String>> {
        self.talks.lock().unwrap().clone()
    }

    pub fn entries(&self) -> Entries {
        self.entries.lock().unwrap().clone()
    }

    pub fn count(&self, told: Told) -> usize {
        self.entries.lock().unwrap().values().filter(|(_, heard)| *heard == told).count()
    }
}
