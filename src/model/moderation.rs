//! From held to published, or back: what a moderator's word does to a post as it stands. Pure.

use super::command::Verb;
use super::ids::{DecisionId, MemberId};
use super::policy::HoldReason;
use super::post::{Post, PostState};
use crate::clock::Timestamp;

/// How long an answer to a notice is taken, in days.
pub const TOKEN_DAYS: i64 = 30;

/// Why a moderator's answer decided nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum NothingDecided {
    /// No verb was found, or it stood among other words.
    NoVerb,
    /// Two verbs, a question, a negation or a condition.
    Unclear,
    /// RETURN, EDIT, PRIVATE or NOTE without words behind it.
    NoteMissing,
    /// The token was used: somebody decided already.
    AlreadyDecided,
    /// The undo window has passed.
    TooLateToUndo,
    /// There is nothing to undo or to retract.
    NothingToUndo,
    /// Lamplight knows no such token.
    UnknownToken,
    /// The mail came from another address than the one the notice was sent to.
    AnotherAddress,
    /// The post came in another moderator's name: only she can say that she wrote it.
    OnlyHers,
    /// It was an alert about no post: MINE is the only word for it.
    OnlyMine,
    /// Her words hold an address or a registered real name, and would go out.
    NamesSomeone,
    /// No trusted mail server says that it came from her.
    SenderNotVerified,
}

/// A decision to approve (EDIT and TRUST do, too) or return that has not been undone.
#[derive(Debug, Clone)]
pub struct Standing {
    /// The row.
    pub id: DecisionId,
    /// Who decided; `None` for an administrator.
    pub by: Option<MemberId>,
    /// Approve, edit, trust or return.
    pub verb: Verb,
    /// The note of RETURN, the words of EDIT.
    pub note: Option<String>,
    /// When it takes effect.
    pub release_at: Timestamp,
    /// Whether it has.
    pub carried_out: bool,
}

/// The token that an answer came with.
#[derive(Debug, Clone, Copy)]
pub struct Ticket {
    /// It was made for an echo: it can undo and retract only.
    pub is_echo: bool,
    /// A decision used it up.
    pub used: bool,
    /// Its 30 days are over, or the post's content is another now.
    pub stale: bool,
    /// The verb that was answered once already and asked back.
    pub asked: Option<Verb>,
    /// Its 30 days are over.
    pub expired: bool,
    /// What is found in the words behind the verb.
    pub words: Words,
    /// A trusted mail server says that the answer is hers.
    pub verified: bool,
    /// When the answer was accepted: however late it is read, UNDO in time is in time.
    pub received_at: Timestamp,
}

/// What is found in the words behind a verb, where they would go out.
#[derive(Debug, Clone, Copy, Default)]
pub struct Words {
    /// An address or a registered real name.
    pub name_someone: bool,
    /// A flag that would hold a post.
    pub are_flagged: bool,
    /// They are those that were asked back about.
    pub were_asked: bool,
}

/// What follows from a word.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Move {
    /// Approve, edit, trust or return, in effect at `release_at`.
    Decide {
        /// Which.
        verb: Verb,
        /// When it takes effect; until then it can be undone.
        release_at: Timestamp,
    },
    /// Ask once more about this verb, with a fresh token.
    Ask(Verb),
    /// Ask everybody else who looks after the group.
    Escalate,
    /// Write to the author.
    Write,
    /// Keep words about the author.
    Keep,
    /// The moderator takes the post upon herself.
    Claim,
    /// The decision of this row is undone.
    Undo(DecisionId),
    /// The post is taken back.
    Retract,
    /// Nothing: the post and a fresh token go out again.
    Fresh,
    /// Nothing, and why.
    Refuse(NothingDecided),
}

/// What `verb` from `moderator` does to `post`, given the decision that stands and the token it came with.
#[must_use]
pub fn next_move(
    verb: Verb,
    moderator: MemberId,
    post: &Post,
    standing: Option<&Standing>,
    ticket: Ticket,
    undo_seconds: i64,
    now: Timestamp,
) -> Move {
    match verb {
        Verb::Escalate => Move::Escalate,
        Verb::Note => Move::Keep,
        Verb::Private => write(post, standing, ticket),
        Verb::Approve | Verb::Edit | Verb::Trust | Verb::Return | Verb::Mine => {
            decide(verb, moderator, post, standing, ticket, undo_seconds, now)
        }
        Verb::Undo => undo(moderator, standing, ticket.received_at),
        Verb::Retract => retract(post, standing),
    }
}

fn decide(
    verb: Verb,
    moderator: MemberId,
    post: &Post,
    standing: Option<&Standing>,
    ticket: Ticket,
    undo_seconds: i64,
    now: Timestamp,
) -> Move {
    if post.state != PostState::Held || standing.is_some() {
        return Move::Refuse(NothingDecided::AlreadyDecided);
    }
    if ticket.is_echo || ticket.used || ticket.stale {
        return Move::Fresh;
    }
    match verb {
        Verb::Mine => Move::Claim,
        verb if verb.releases() && post.author != moderator && post.reasons.contains(&HoldReason::SenderUnverified) => {
            Move::Refuse(NothingDecided::OnlyHers)
        }
        Verb::Edit | Verb::Return if ticket.words.name_someone => Move::Refuse(NothingDecided::NamesSomeone),
        // Her own words need no second one.
        verb if post.author != moderator && needs_a_second_word(verb, post, ticket) => Move::Ask(verb),
        _ => Move::Decide { verb, release_at: now.plus_seconds(undo_seconds) },
    }
}

/// Where the sender is not verified, what is risky wants the same word again: the release of what a flag held, trust, and
/// words that a flag would hold. Whoever was asked about other words than those that would now go out is asked again.
fn needs_a_second_word(verb: Verb, post: &Post, ticket: Ticket) -> bool {
    match verb {
        // Whose words she means is unclear, whoever she is.
        Verb::Approve if ticket.asked == Some(Verb::Edit) => true,
        _ if ticket.verified => false,
        Verb::Approve => post.is_flagged() && ticket.asked.is_none(),
        Verb::Trust => ticket.asked != Some(Verb::Trust),
        Verb::Edit => (post.is_flagged() || ticket.words.are_flagged) && !ticket.words.were_asked,
        _ => false,
    }
}

/// PRIVATE decides nothing, so it is taken whatever became of the post.
fn write(post: &Post, standing: Option<&Standing>, ticket: Ticket) -> Move {
    let waits = post.state == PostState::Held && standing.is_none();
    match ticket.expired {
        true if waits => Move::Fresh,
        true => Move::Refuse(NothingDecided::AlreadyDecided),
        false if ticket.words.name_someone => Move::Refuse(NothingDecided::NamesSomeone),
        false => Move::Write,
    }
}

fn undo(moderator: MemberId, standing: Option<&Standing>, received_at: Timestamp) -> Move {
    match standing {
        Some(decision) if decision.by != Some(moderator) => Move::Refuse(NothingDecided::NothingToUndo),
        Some(decision) if decision.carried_out || received_at >= decision.release_at => {
            Move::Refuse(NothingDecided::TooLateToUndo)
        }
        Some(decision) => Move::Undo(decision.id),
        None => Move::Refuse(NothingDecided::NothingToUndo),
    }
}

fn retract(post: &Post, standing: Option<&Standing>) -> Move {
    let approved = standing.is_some_and(|decision| decision.verb.releases());
    match post.state {
        PostState::Published => Move::Retract,
        PostState::Held if approved => Move::Retract,
        _ => Move::Refuse(NothingDecided::NothingToUndo),
    }
}
