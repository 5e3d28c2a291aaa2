//! Decide what becomes of one message.
//!
//! Pure: everything that a rule may know is in [`Context`]. Rules never fail; what they can't tell they leave to a
//! person.

mod reasons;

use std::borrow::Cow;

use serde::Serialize;

pub use reasons::HoldReason;

use super::cover::Taken;
use super::group::{Group, GroupState, Moderation};
use super::lexicon::{Category, Flag, any_is_urgent, is_urgent};
use super::member::{Member, MemberState, Role};
use super::text::{ForGroup, Quote};
use crate::mail::Incoming;
use crate::mail::kind::is_guess;
use crate::mail::parse::Author;

/// A mail that has passed this many servers goes in a circle (RFC 5321 §6.3).
const MOST_RECEIVED: usize = 50;

/// A longer subject is read by a person first: lists show its beginning only.
const LONGEST_SUBJECT: usize = 500;
/// Octets of a text that goes to everybody without a person having looked at it.
pub const LONGEST: usize = 64 * 1024;

/// So many things that a text gives away are told one by one.
const MOST_GIVEN_AWAY: usize = 20;

/// Letters of what a copy would lose that a notice shows.
const MOST_SHOWN: usize = 600;

/// Who wrote, as far as the roster tells.
#[derive(Debug, Clone)]
pub enum Sender {
    /// On the roster.
    Known(Box<Member>),
    /// Not on it, or no longer.
    Stranger,
}

/// All that the rules may know of one message to a group.
#[derive(Debug)]
pub struct Context<'a> {
    /// The group it was written to.
    pub group: &'a Group,
    /// Who wrote.
    pub sender: Sender,
    /// What the text raises.
    pub flags: Vec<Flag>,
    /// What the group would get of it, and what was taken out.
    pub for_group: ForGroup,
    /// What its quotes hold that was not said before.
    pub quote: Quote,
    /// The message carries a mark of ours: it is one of our own copies.
    pub own_loop: bool,
    /// It answers a digest, and nothing tells which of its conversations.
    pub which_conversation: bool,
    /// It reads as if it was meant for one person or for the moderators.
    pub reads_private: bool,
    /// A mail server is trusted to say who wrote, and did not say that it was the sender.
    pub not_verified: bool,
    /// It has pictures, and the group gets pictures.
    pub has_pictures: bool,
}

/// The policy under which a post needs no decision.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Policy {
    /// The author is trusted.
    Trusted,
    /// A post of the author was approved before.
    Known,
    /// Nobody is held for being new here.
    NobodyIsNew,
}

impl Policy {
    /// As the release records it.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Trusted => "trusted",
            Self::Known => "known-author",
            Self::NobodyIsNew => "moderation-none",
        }
    }
}

/// Why a message is kept and nothing else is done with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Why {
    /// One of our own copies came back.
    OwnLoop,
    /// It goes in a circle.
    Loop,
    /// Automatic mail.
    Automatic,
}

/// What becomes of a message, with the evidence for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Disposition {
    /// The group gets it at once.
    Publish(Policy),
    /// It waits for a person.
    Hold(Vec<HoldReason>),
    /// A moderator's own mail: she is asked by token.
    AskAuthor(Vec<HoldReason>),
    /// Nobody of the group wrote it: kept and summed up once a day.
    Stranger,
    /// The group is closed; its author is told.
    GroupClosed,
    /// Kept, nothing done.
    Ignore(Why),
}

/// What was asked, and what was found: a rule and `silent`, `hold` or `settle`.
pub type Trail = Vec<(&'static str, Cow<'static, str>)>;

/// A disposition and how it came about: each rule and what it found.
#[derive(Debug, Clone)]
pub struct Judgement {
    /// What becomes of the message.
    pub disposition: Disposition,
    /// (rule, finding) in the order of the table: `silent`, `hold` or `settle`.
    pub trail: Trail,
}

impl Judgement {
    /// The same, and held for one more reason.
    #[must_use]
    pub fn and_held(mut self, reason: HoldReason) -> Self {
        self.disposition = match self.disposition {
            Disposition::Publish(_) => Disposition::Hold(vec![reason]),
            Disposition::Hold(reasons) => Disposition::Hold([reasons, vec![reason]].concat()),
            Disposition::AskAuthor(reasons) => Disposition::AskAuthor([reasons, vec![reason]].concat()),
            other => other,
        };
        self
    }
}

enum Finding {
    Silent,
    Hold(Vec<HoldReason>),
    Settle(Disposition),
}

type Rule = fn(&Incoming, &Context<'_>) -> Finding;

/// Read from top to bottom. The first rule that settles the matter ends it; hold reasons collect.
const RULES: &[(&str, Rule)] = &[
    ("own-loop", own_loop),   // RFC 5321 §6.3
    ("automatic", automatic), // RFC 3834 §2: never answer, never post
    ("stranger", stranger),
    ("urgent", urgent), // before any rule that may let a member's text through or send it away
    ("group-closed", group_closed),
    ("moderator", moderator_unverified),
    ("sender", member_not_verified),
    ("hold-everything", hold_everything),
    ("new-author", new_author),
    ("flagged", flagged),
    ("gives-away", gives_away),
    ("which-conversation", which_conversation),
    ("reads-private", reads_private),
    ("nothing-new", nothing_new),
    ("words-in-the-quote", words_in_the_quote),
    ("very-long", very_long),
    ("versions-differ", versions_differ),
    ("has-pictures", has_pictures),
];

/// Judge one message to a group.
#[must_use]
pub fn judge(message: &Incoming, context: &Context<'_>) -> Judgement {
    let mut reasons = Vec::new();
    let mut trail: Trail = Vec::with_capacity(RULES.len());
    for (name, rule) in RULES {
        match rule(message, context) {
            Finding::Silent => trail.push((*name, "silent".into())),
            Finding::Hold(found) => {
                trail.push((*name, "hold".into()));
                reasons.extend(found);
            }
            // A text that may tell of a danger to life is never sent away by a later rule.
            Finding::Settle(_) if reasons.iter().any(HoldReason::is_urgent) => {
                trail.push((*name, "hold".into()));
                if *name == "group-closed" {
                    reasons.push(HoldReason::GroupClosed);
                }
            }
            Finding::Settle(disposition) => {
                trail.push((*name, "settle".into()));
                return Judgement { disposition, trail };
            }
        }
    }
    let disposition = match (&context.sender, reasons.is_empty()) {
        (Sender::Known(member), _) if member.role == Role::Moderator => Disposition::AskAuthor(reasons),
        (Sender::Known(member), true) => Disposition::Publish(release_policy(context.group, member)),
        _ => Disposition::Hold(reasons),
    };
    Judgement { disposition, trail }
}

fn release_policy(group: &Group, member: &Member) -> Policy {
    match group.moderation {
        Moderation::None => Policy::NobodyIsNew,
        _ if member.trusted_since.is_some() => Policy::Trusted,
        _ => Policy::Known,
    }
}

/// Whether a mail has passed so many servers that it goes in a circle.
#[must_use]
pub fn circles(message: &Incoming) -> bool {
    message.received > MOST_RECEIVED
}

fn may_be_in_danger(context: &Context<'_>) -> bool {
    any_is_urgent(&context.flags)
}

fn own_loop(message: &Incoming, context: &Context<'_>) -> Finding {
    // Our own words raise no flag when they come back, so these are somebody's.
    if may_be_in_danger(context) {
        return Finding::Silent;
    }
    if context.own_loop {
        return Finding::Settle(Disposition::Ignore(Why::OwnLoop));
    }
    if circles(message) {
        return Finding::Settle(Disposition::Ignore(Why::Loop));
    }
    Finding::Silent
}

fn automatic(message: &Incoming, context: &Context<'_>) -> Finding {
    // It is not answered either way; but nobody who may be in danger is put aside for a mark.
    if message.automatic.is_none() || may_be_in_danger(context) {
        return Finding::Silent;
    }
    let is_open = context.group.state == GroupState::Open;
    // A moderator's own would have to be asked for, which would be an answer.
    let is_member = matches!(&context.sender, Sender::Known(member) if member.role == Role::Member);
    if is_open
        && is_member
        && message.automatic.is_some_and(is_guess)
        && takes_part(message, context)
        && says_something(message)
    {
        return Finding::Hold(vec![HoldReason::LooksAutomatic]);
    }
    Finding::Settle(Disposition::Ignore(Why::Automatic))
}

/// "Phone me" is enough.
fn says_something(message: &Incoming) -> bool {
    let mut new = message.text.reply.lines().filter(|line| !line.starts_with('>'));
    new.any(|line| line.contains(char::is_alphanumeric))
}

fn takes_part(message: &Incoming, context: &Context<'_>) -> bool {
    matches!(&context.sender, Sender::Known(member)
        if matches!(member.state, MemberState::Active | MemberState::Paused) && matches!(message.author, Author::One(_)))
}

fn stranger(message: &Incoming, context: &Context<'_>) -> Finding {
    if takes_part(message, context) { Finding::Silent } else { Finding::Settle(Disposition::Stranger) }
}

fn urgent(_: &Incoming, context: &Context<'_>) -> Finding {
    hold_flags(context, is_urgent)
}

fn group_closed(_: &Incoming, context: &Context<'_>) -> Finding {
    match context.group.state {
        GroupState::Open => Finding::Silent,
        GroupState::Closed => Finding::Settle(Disposition::GroupClosed),
    }
}

fn moderator_unverified(_: &Incoming, context: &Context<'_>) -> Finding {
    match &context.sender {
        Sender::Known(member) if member.role == Role::Moderator => Finding::Hold(vec![HoldReason::SenderUnverified]),
        _ => Finding::Silent,
    }
}

fn member_not_verified(_: &Incoming, context: &Context<'_>) -> Finding {
    match &context.sender {
        Sender::Known(member) if member.role == Role::Member && context.not_verified => {
            Finding::Hold(vec![HoldReason::SenderNotVerified])
        }
        _ => Finding::Silent,
    }
}

fn hold_everything(_: &Incoming, context: &Context<'_>) -> Finding {
    match context.group.hold_everything_since {
        Some(_) => Finding::Hold(vec![HoldReason::HoldEverything]),
        None => Finding::Silent,
    }
}

/// A newcomer's post waits until a moderator has approved one.
fn new_author(_: &Incoming, context: &Context<'_>) -> Finding {
    let Sender::Known(member) = &context.sender else { return Finding::Silent };
    newness(context.group, member).map_or(Finding::Silent, |reason| Finding::Hold(vec![reason]))
}

/// Why whatever this member writes is read first.
#[must_use]
pub fn newness(group: &Group, member: &Member) -> Option<HoldReason> {
    if member.role == Role::Moderator {
        return None;
    }
    match group.moderation {
        Moderation::All => Some(HoldReason::EveryPostIsRead),
        Moderation::First if member.trusted_since.is_none() && member.known_since.is_none() => {
            Some(HoldReason::FirstPost)
        }
        Moderation::First | Moderation::None => None,
    }
}

/// What holds a post whose words were judged before and whose last reason to wait is gone: the group and its author may
/// stand otherwise by now.
///
/// # Errors
/// Why it goes on waiting.
pub fn release_now(group: &Group, author: &Member) -> Result<Policy, HoldReason> {
    if group.state == GroupState::Closed {
        return Err(HoldReason::GroupClosed);
    }
    if author.role == Role::Moderator {
        return Err(HoldReason::SenderUnverified);
    }
    if group.hold_everything_since.is_some() {
        return Err(HoldReason::HoldEverything);
    }
    newness(group, author).map_or_else(|| Ok(release_policy(group, author)), Err)
}

/// Distress alone never holds a post.
fn flagged(_: &Incoming, context: &Context<'_>) -> Finding {
    hold_flags(context, |category| !is_urgent(category) && category != Category::Distress)
}

/// What of these flags would hold a post.
#[must_use]
pub fn holding(flags: Vec<Flag>) -> Vec<HoldReason> {
    let holds = flags.into_iter().filter(|flag| flag.category != Category::Distress);
    holds.map(|flag| HoldReason::Flagged { flag }).collect()
}

fn hold_flags(context: &Context<'_>, counts: impl Fn(Category) -> bool) -> Finding {
    let found: Vec<_> = context
        .flags
        .iter()
        .filter(|flag| counts(flag.category))
        .map(|flag| HoldReason::Flagged { flag: flag.clone() })
        .collect();
    if found.is_empty() { Finding::Silent } else { Finding::Hold(found) }
}

/// No words of an author are taken out without a person having seen it.
fn gives_away(_: &Incoming, context: &Context<'_>) -> Finding {
    let reasons = given_away(context.for_group.taken());
    if reasons.is_empty() { Finding::Silent } else { Finding::Hold(reasons) }
}

/// What of all that was taken out holds a post, each once.
#[must_use]
pub fn given_away<'t>(taken: impl IntoIterator<Item = &'t Taken>) -> Vec<HoldReason> {
    let mut reasons = Vec::new();
    for Taken { what, words } in taken.into_iter().filter(|taken| taken.holds()) {
        let reason = HoldReason::GivesAway { what: *what, words: shown(words).unwrap_or_default() };
        if !reasons.contains(&reason) && reasons.len() < MOST_GIVEN_AWAY {
            reasons.push(reason);
        }
    }
    reasons
}

fn which_conversation(_: &Incoming, context: &Context<'_>) -> Finding {
    if context.which_conversation { Finding::Hold(vec![HoldReason::WhichConversation]) } else { Finding::Silent }
}

fn reads_private(_: &Incoming, context: &Context<'_>) -> Finding {
    match &context.sender {
        Sender::Known(member) if member.role == Role::Member && context.reads_private => {
            Finding::Hold(vec![HoldReason::ReadsPrivate])
        }
        _ => Finding::Silent,
    }
}

fn nothing_new(message: &Incoming, _: &Context<'_>) -> Finding {
    let has_words = message.text.reply.lines().any(|line| !line.trim().is_empty() && !line.starts_with('>'));
    if has_words { Finding::Silent } else { Finding::Hold(vec![HoldReason::NothingNew]) }
}

fn words_in_the_quote(_: &Incoming, context: &Context<'_>) -> Finding {
    if context.quote.is_too_much {
        return Finding::Hold(vec![HoldReason::TooMuchQuoted]);
    }
    let quote = &context.quote;
    let lost = format!("{}\n{}\n{}", quote.left_out, quote.omitted, quote.signed);
    let lost = shown(&lost).map(|words| HoldReason::LeftOut { words });
    let invented = shown(&quote.invented).map(|words| HoldReason::QuotesUnknown { words });
    let reasons: Vec<HoldReason> = lost.into_iter().chain(invented).collect();
    if reasons.is_empty() { Finding::Silent } else { Finding::Hold(reasons) }
}

/// As much of some words as a notice shows; none where there are none.
fn shown(words: &str) -> Option<String> {
    let words: String = words.split_whitespace().collect::<Vec<_>>().join(" ");
    let shown: String = words.chars().take(MOST_SHOWN).collect();
    let shown = if shown.len() < words.len() { format!("{shown}…") } else { shown };
    (!shown.is_empty()).then_some(shown)
}

fn very_long(message: &Incoming, _: &Context<'_>) -> Finding {
    if message.text.reply.len() > LONGEST || message.subject.len() > LONGEST_SUBJECT {
        Finding::Hold(vec![HoldReason::VeryLong])
    } else {
        Finding::Silent
    }
}

/// Whoever wrote it, trusted or not.
fn has_pictures(_: &Incoming, context: &Context<'_>) -> Finding {
    if context.has_pictures { Finding::Hold(vec![HoldReason::HasPictures]) } else { Finding::Silent }
}

fn versions_differ(message: &Incoming, _: &Context<'_>) -> Finding {
    if message.elsewhere.differs { Finding::Hold(vec![HoldReason::VersionsDiffer]) } else { Finding::Silent }
}
