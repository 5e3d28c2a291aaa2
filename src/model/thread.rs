//! Where a post belongs: the conversation it continues, or a new one.
//!
//! An address with a token decides before any header does; then References and In-Reply-To; then, only for a mail that
//! is a reply by its prefix or its quote, the words it quotes, whom it names, and the base subject ([`super::echo`]). Two
//! strangers' "Hello" stay two conversations.

use std::collections::HashSet;

use super::echo::{Echoes, Voice};
use super::ids::{PostId, ThreadId};
use crate::clock::Timestamp;
use crate::mail::Incoming;

pub use super::echo::SUBJECT_WINDOW_DAYS;

/// What is known about where a message may belong; all of it inside one group.
#[derive(Debug, Clone, Default)]
pub struct Clues {
    /// The conversation that a `+t.` address names, and its latest post.
    pub by_address: Option<(ThreadId, Option<PostId>)>,
    /// Posts that the header names, nearest first.
    pub by_reference: Vec<(PostId, ThreadId)>,
    /// The post that it answers by its words or its subject.
    pub by_words: Option<(PostId, ThreadId)>,
    /// The conversations of the digest that a `+d.` address names, each with its latest post.
    pub by_digest: Vec<(ThreadId, Option<PostId>)>,
}

/// Where a post belongs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// It continues a conversation.
    Answers {
        /// The conversation.
        thread: ThreadId,
        /// The post it answers.
        parent: Option<PostId>,
    },
    /// It begins one.
    New,
    /// It answers a digest of several conversations; which one is not to be guessed.
    Unclear,
}

/// The identifiers that may name an earlier post, nearest first.
///
/// References gives the line of ancestors (RFC 5322 §3.6.4), the last the nearest (RFC 5256 §3); what In-Reply-To names
/// beside is nearer still, from a program that handed the line on without its end.
#[must_use]
pub fn references(message: &Incoming) -> Vec<&str> {
    let line: HashSet<&str> = message.references.iter().map(String::as_str).collect();
    let beside = message.in_reply_to.iter().map(String::as_str).filter(|id| !line.contains(id));
    beside.chain(message.references.iter().rev().map(String::as_str)).collect()
}

/// Whether a message is an answer by its prefix or by what it quotes.
#[must_use]
pub fn is_answer(message: &Incoming) -> bool {
    message.is_reply_by_subject || !message.text.quoted.trim().is_empty()
}

/// A post that the group has, as far as an answer to it shows whose words it was.
#[derive(Debug, Clone)]
pub struct Earlier {
    /// The post.
    pub id: PostId,
    /// Its conversation.
    pub thread: ThreadId,
    /// The base subject of its conversation.
    pub base_subject: String,
    /// Under which name the group knows its author.
    pub author_name: String,
    /// Its own subject.
    pub subject: String,
    /// When the group got it.
    pub at: Timestamp,
    /// How it begins.
    pub text: String,
}

/// The post that a message answers by its words or its subject; posts oldest first, within the window.
#[must_use]
pub fn by_words(message: &Incoming, posts: &[Earlier], now: Timestamp) -> Option<(PostId, ThreadId)> {
    let mut echoes = Echoes::default();
    for post in posts {
        echoes.add(Voice::of_post(&post.author_name, &post.subject, &post.base_subject, &post.text, post.at));
    }
    let at = echoes.add(Voice::of(message, now));
    // A conversation is known by its first post here.
    let conversation = |place: usize| {
        let thread = posts.get(place).map(|post| post.thread);
        posts.iter().position(|post| Some(post.thread) == thread).unwrap_or(place)
    };
    let found = echoes.whom(at, &conversation).next()?;
    posts.get(found).map(|post| (post.id, post.thread))
}

/// Find the place of a message.
#[must_use]
pub fn place(clues: &Clues) -> Place {
    if let Some((thread, latest)) = clues.by_address {
        let named = clues.by_reference.iter().find(|(_, of)| *of == thread).map(|(post, _)| *post);
        return Place::Answers { thread, parent: named.or(latest) };
    }
    if let Some((post, thread)) = clues.by_reference.first() {
        return Place::Answers { thread: *thread, parent: Some(*post) };
    }
    match clues.by_digest.as_slice() {
        [] => {}
        [(thread, latest)] => return Place::Answers { thread: *thread, parent: *latest },
        _ => return Place::Unclear,
    }
    match clues.by_words {
        Some((post, thread)) => Place::Answers { thread, parent: Some(post) },
        None => Place::New,
    }
}
