//! Who answers whom, by what people said: a quote repeats words that somebody newly wrote, the line above it names the
//! author, and an answer keeps the subject.
//!
//! Linear in what is compared. Never fails; where the signs are weak or contradict each other, nobody is named, because a
//! wrong conversation is worse than a new one.

use std::collections::{HashMap, HashSet};
use std::hash::{BuildHasher as _, RandomState};

use super::quoting::{Quoted, is_marked};
use super::words::fold;
use crate::clock::Timestamp;
use crate::mail::Incoming;
use crate::mail::parse::Author;
use crate::mail::subject::{self, Subject};

/// How long a conversation can be found again by its subject.
pub const SUBJECT_WINDOW_DAYS: i64 = 14;

/// Clocks are wrong, and zones more often: an answer may seem to be so much older than what it answers.
const SKEW: i64 = 86_400;
/// The parts of one story are sent within an hour.
const SERIES: i64 = 3_600;
/// Words in a row that are known again.
const RUN: usize = 5;
/// Octets of new words, and of quoted ones, that are compared.
const MOST: usize = 64 * 1024;
/// What stands in more messages than this tells none from another.
const COMMON: usize = 16;
/// So many of the latest messages of a subject are looked at.
const LATEST: usize = 100;

/// What one message says, as far as it tells whom it answers.
#[derive(Debug, Clone)]
pub struct Voice {
    /// When it was written.
    pub at: Timestamp,
    /// What its conversation is called: the subject without prefixes, and others under which it is known.
    pub subjects: Vec<String>,
    /// A reply prefix stood before the subject, or it says what it was before.
    pub is_reply: bool,
    /// Which part of how many it is.
    pub part: Option<(u32, u32)>,
    /// The author's name and address, as an attribution may give them; folded.
    pub author: Vec<String>,
    /// What is new in it.
    pub said: String,
    /// What it quotes.
    pub quoted: Quoted,
}

impl Voice {
    /// What a message says; its own clock is not believed here.
    #[must_use]
    pub fn of(message: &Incoming, at: Timestamp) -> Self {
        let author = match &message.author {
            Author::One(mailbox) => vec![fold(mailbox.address.as_str()), fold(&mailbox.name)],
            Author::Nobody | Author::Several(_) => Vec::new(),
        };
        let topic = subject::read(&message.subject);
        Self {
            at,
            is_reply: topic.is_reply || topic.was.is_some(),
            subjects: subjects(topic, None),
            part: subject::numbered(&message.subject),
            author,
            said: message.text.reply.clone(),
            quoted: Quoted::of(&message.text),
        }
    }

    /// What a post says, without its quotes, in a conversation that has a name of its own.
    #[must_use]
    pub fn of_post(author: &str, subject: &str, conversation: &str, text: &str, at: Timestamp) -> Self {
        let topic = subject::read(subject);
        Self {
            at,
            is_reply: topic.is_reply || topic.was.is_some(),
            subjects: subjects(topic, Some(conversation)),
            part: subject::numbered(subject),
            author: vec![fold(author)],
            said: text.to_owned(),
            quoted: Quoted::default(),
        }
    }

    /// By its prefix, or by what it quotes.
    #[must_use]
    pub fn is_answer(&self) -> bool {
        self.is_reply || !self.quoted.is_empty()
    }
}

/// Each name once, none empty.
fn subjects(topic: Subject, conversation: Option<&str>) -> Vec<String> {
    let mut names = vec![topic.base];
    names.extend(topic.was);
    names.extend(conversation.map(str::to_owned));
    let mut known = HashSet::new();
    names.retain(|name| !name.is_empty() && known.insert(name.clone()));
    names
}

/// Of a message only what is compared.
struct Heard {
    voice: Voice,
    nearest: Vec<u64>,
    deeper: Vec<u64>,
}

/// Messages of one group, oldest first.
#[derive(Default)]
pub struct Echoes {
    hasher: RandomState,
    heard: Vec<Heard>,
    by_words: HashMap<u64, Vec<usize>>,
    by_subject: HashMap<String, Vec<usize>>,
    /// By the author, and how many parts there are.
    by_series: HashMap<(String, u32), Vec<usize>>,
}

/// A way to find the message that another one answers.
type Way = fn(&Echoes, usize, &dyn Fn(usize) -> usize) -> Option<usize>;

/// Surest first.
const WAYS: &[Way] = &[
    |all, at, _| all.whose_words(at, &all.heard[at].nearest),
    |all, at, _| all.who_is_named(at),
    |all, at, _| all.whose_words(at, &all.heard[at].deeper),
    Echoes::same_subject,
    |all, at, _| all.first_part(at),
];

impl Echoes {
    /// Hear one more message, not older than those before it, and give its place.
    pub fn add(&mut self, mut voice: Voice) -> usize {
        let at = self.heard.len();
        let own: String = voice.said.lines().filter(|line| !is_marked(line)).flat_map(|line| [line, "\n"]).collect();
        for run in self.runs(&own) {
            let places = self.by_words.entry(run).or_default();
            if places.len() <= COMMON && places.last() != Some(&at) {
                places.push(at);
            }
        }
        let (nearest, deeper) = (self.runs(&voice.quoted.nearest), self.runs(&voice.quoted.deeper));
        for subject in &voice.subjects {
            self.by_subject.entry(subject.clone()).or_default().push(at);
        }
        for name in voice.author.iter().filter(|name| !name.is_empty()) {
            if let Some((_, of)) = voice.part {
                self.by_series.entry((name.clone(), of)).or_default().push(at);
            }
        }
        // Kept as runs from here on.
        voice.said.clear();
        self.heard.push(Heard { voice, nearest, deeper });
        at
    }

    /// The messages that one may answer, the likeliest first; `conversation` says where each stands so far.
    pub fn whom<'a>(&'a self, at: usize, conversation: &'a dyn Fn(usize) -> usize) -> impl Iterator<Item = usize> + 'a {
        WAYS.iter().filter_map(move |way| way(self, at, conversation))
    }

    /// The message whose new words the quote holds.
    fn whose_words(&self, at: usize, quoted: &[u64]) -> Option<usize> {
        let voice = &self.heard[at].voice;
        let mut scores: HashMap<usize, Score> = HashMap::new();
        let mut known = 0;
        for run in quoted {
            let Some(places) = self.by_words.get(run).filter(|places| places.len() <= COMMON) else { continue };
            let mut is_known = false;
            for &other in places.iter().filter(|&&other| other != at && self.may_precede(other, at)) {
                let score = scores.entry(other).or_default();
                score.runs += 1;
                score.weight += COMMON / places.len();
                is_known = true;
            }
            known += usize::from(is_known);
        }
        let (&found, score) = scores.iter().max_by_key(|(other, score)| {
            let other = **other;
            let is_named = voice.quoted.names(&self.heard[other].voice.author);
            // A sign beside the words counts half as much as they do.
            let signs = 2 + usize::from(is_named) + usize::from(self.is_same_subject(other, at));
            (score.weight * signs, other < at, if other < at { other } else { usize::MAX - other })
        })?;
        let is_named = voice.quoted.names(&self.heard[found].voice.author);
        let is_enough = if self.is_same_subject(found, at) || is_named {
            score.runs * 8 >= quoted.len() || score.runs >= 2 * RUN
        } else {
            // Most of what is known at all, and a good part of the quote: a digest has a little of everything.
            score.runs >= RUN && score.runs * 3 >= known * 2 && score.runs * 3 >= quoted.len()
        };
        is_enough.then_some(found)
    }

    /// The latest message of the subject by somebody whom the line above the quote names.
    fn who_is_named(&self, at: usize) -> Option<usize> {
        let quoted = &self.heard[at].voice.quoted;
        if quoted.credit.is_empty() {
            return None;
        }
        self.before(at).find(|&other| quoted.names(&self.heard[other].voice.author))
    }

    /// The latest message of the subject, if only one conversation has it.
    fn same_subject(&self, at: usize, conversation: &dyn Fn(usize) -> usize) -> Option<usize> {
        if !self.heard[at].voice.is_answer() {
            return None;
        }
        let mut places = self.before(at).peekable();
        let latest = *places.peek()?;
        let own = conversation(latest);
        // An answer whose original is missing begins no other conversation of that name.
        let is_other = |place: usize| !self.heard[place].voice.is_reply && conversation(place) != own;
        (!places.any(is_other)).then_some(latest)
    }

    /// The first of the parts that the same author sent within the hour.
    fn first_part(&self, at: usize) -> Option<usize> {
        let voice = &self.heard[at].voice;
        let (number, of) = voice.part?;
        let mut first: Option<(u32, usize)> = None;
        for name in &voice.author {
            let Some(parts) = self.by_series.get(&(name.clone(), of)) else { continue };
            let earlier = &parts[..parts.partition_point(|&other| other < at)];
            for &other in earlier.iter().rev().take(LATEST) {
                let that = &self.heard[other].voice;
                let Some((one, _)) = that.part.filter(|part| part.0 <= 1 && part.0 < number) else { continue };
                let is_near = voice.at.seconds_since(that.at) <= SERIES;
                if is_near && first.is_none_or(|(least, _)| one < least) {
                    first = Some((one, other));
                }
            }
        }
        first.map(|(_, other)| other)
    }

    /// The messages of the same subject within the window, the latest first; where clocks are wrong, those of the next day.
    fn before(&self, at: usize) -> impl Iterator<Item = usize> + '_ {
        let voice = &self.heard[at].voice;
        let places = voice.subjects.iter().filter_map(|subject| self.by_subject.get(subject));
        let within = move |other: &usize| {
            let since = voice.at.seconds_since(self.heard[*other].voice.at);
            (-SKEW..=SUBJECT_WINDOW_DAYS * 86_400).contains(&since)
        };
        let split = move |places: &'_ Vec<usize>| places.partition_point(|&other| other < at);
        let earlier = places.clone().flat_map(move |all| all[..split(all)].iter().rev().take(LATEST).copied());
        let later = places
            .flat_map(move |all| all[split(all)..].iter().take(LATEST).copied())
            .filter(move |&other| other != at && !self.heard[other].voice.is_answer());
        earlier.chain(later).filter(within)
    }

    fn may_precede(&self, other: usize, at: usize) -> bool {
        self.heard[other].voice.at.seconds_since(self.heard[at].voice.at) <= SKEW
    }

    fn is_same_subject(&self, other: usize, at: usize) -> bool {
        let (one, other) = (&self.heard[at].voice, &self.heard[other].voice);
        one.subjects.iter().any(|subject| other.subjects.contains(subject))
    }

    /// Words in a row, wherever lines end, and whole short lines.
    fn runs(&self, text: &str) -> Vec<u64> {
        let end = (0..=MOST.min(text.len())).rev().find(|end| text.is_char_boundary(*end)).unwrap_or(0);
        let mut words: Vec<u64> = Vec::new();
        let mut runs: Vec<u64> = Vec::new();
        for line in fold(&text[..end]).lines() {
            let start = words.len();
            each_word(line, |word| words.push(self.hasher.hash_one(word)));
            let of_line = &words[start..];
            if (1..RUN).contains(&of_line.len()) {
                runs.push(self.hasher.hash_one(of_line));
            }
        }
        runs.extend(words.windows(RUN).map(|run| self.hasher.hash_one(run)));
        runs.sort_unstable();
        runs.dedup();
        runs
    }
}

#[derive(Default)]
struct Score {
    runs: usize,
    weight: usize,
}

/// Words between what is no letter; scripts without spaces are read sign by sign.
fn each_word(line: &str, mut take: impl FnMut(&str)) {
    for piece in line.split(|c: char| !c.is_alphanumeric()).filter(|piece| !piece.is_empty()) {
        let mut start = 0;
        for (at, c) in piece.char_indices() {
            if is_without_spaces(c) {
                if start < at {
                    take(&piece[start..at]);
                }
                start = at + c.len_utf8();
                take(&piece[at..start]);
            }
        }
        if start < piece.len() {
            take(&piece[start..]);
        }
    }
}

/// Thai, Lao, Burmese, Khmer; Chinese and Japanese.
fn is_without_spaces(c: char) -> bool {
    matches!(c, '\u{e00}'..='\u{eff}' | '\u{1000}'..='\u{109f}' | '\u{1780}'..='\u{17ff}' | '\u{3040}'..='\u{30ff}'
        | '\u{3400}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{3ffff}')
}
