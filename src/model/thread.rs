//! Where a post belongs: the conversation it continues, or a new one.
//!
//! An address with a token decides before any header does; then References and In-Reply-To; then, only for a mail that
//! is a reply by its prefix or its quote, the base subject. Two strangers' "Hello" stay two conversations.

use std::collections::HashSet;

use super::ids::{PostId, ThreadId};
use crate::mail::Incoming;

pub use super::echo::SUBJECT_WINDOW_DAYS;

/// What is known about where a message may belong; all of it inside one group.
#[derive(Debug, Clone, Default)]
pub struct Clues {
    /// The conversation that a `+t.` address names, and its latest post.
    pub by_address: Option<(ThreadId, Option<PostId>)>,
    /// Posts that the header names, nearest first.
    pub by_reference: Vec<(PostId, ThreadId)>,
    /// The latest conversation of the same base subject within the window, and its latest post.
    pub by_subject: Option<(ThreadId, Option<PostId>)>,
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

/// Find the place of a message.
#[must_use]
pub fn place(message: &Incoming, clues: &Clues) -> Place {
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
    match clues.by_subject {
        Some((thread, latest)) if is_answer(message) => Place::Answers { thread, parent: latest },
        _ => Place::New,
    }
}
