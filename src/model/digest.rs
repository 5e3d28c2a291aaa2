//! Which posts make which digest: everything past a reader's cursor, gathered into conversations; who gets the same; and where a
//! long one is cut.

use std::collections::{BTreeSet, HashMap};

use chrono::NaiveDate;
use chrono_tz::Tz;

use serde::{Deserialize, Serialize};

use super::content;
use super::group::Group;
use super::ids::{GroupId, MemberId, PostId, ThreadId};
use super::member::{Format, Role};
use super::post::Post;
use super::schedule::{Own, civil_day};
use super::token::content_hash;
use crate::clock::Timestamp;

/// Where somebody stands with digests. Readers of one turn get the same issue, and the next one together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Turn {
    /// The group.
    pub group: GroupId,
    /// The posts up to this release number were in an earlier issue, or came before the reader.
    pub cursor: i64,
    /// When the next issue is due.
    pub due_at: Option<Timestamp>,
    /// Own zone.
    pub zone: Option<Tz>,
    /// Own hour and days.
    pub own: Own,
}

/// Somebody who reads digests.
#[derive(Debug, Clone, Copy)]
pub struct Reader {
    /// The person.
    pub member: MemberId,
    /// Where that person stands.
    pub turn: Turn,
}

impl Turn {
    /// The civil day of an issue that is due at `due`, where its readers live.
    #[must_use]
    pub fn day(&self, group: &Group, due: Timestamp) -> NaiveDate {
        civil_day(due, self.zone.unwrap_or(group.zone))
    }

    /// When the issue after that of `due` comes: later than `now`, and never on the same civil day.
    #[must_use]
    pub fn next(&self, group: &Group, due: Timestamp, now: Timestamp) -> Timestamp {
        let zone = self.zone.unwrap_or(group.zone);
        let next = group.schedule.next_after(now, zone, self.own);
        if self.day(group, next) == self.day(group, due) {
            return group.schedule.next_after(next, zone, self.own);
        }
        next
    }
}

/// What a reader wants of the group, beside when.
#[derive(Debug, Clone)]
pub struct Taste {
    /// The form of her digests.
    pub format: Format,
    /// Content notes whose posts stand at the end.
    pub folds: Vec<String>,
    /// Conversations that stay out.
    pub muted: BTreeSet<ThreadId>,
    /// It is the first digest of somebody new.
    pub welcome: bool,
    /// Of what waits for an answer, the posts that came to her in a digest.
    pub seen: BTreeSet<PostId>,
}

impl Taste {
    /// Of nobody in particular, who has seen these.
    #[must_use]
    pub fn of_nobody(seen: BTreeSet<PostId>) -> Self {
        Self { format: Format::default(), folds: Vec::new(), muted: BTreeSet::new(), welcome: false, seen }
    }
}

/// What one reader gets. Readers with the same one share its editions.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Choice {
    /// The posts, by release.
    pub posts: Vec<PostId>,
    /// Those of them that stand at the end, each behind its note.
    pub folded: Vec<PostId>,
    /// First posts of conversations that nobody has answered yet.
    pub waiting: Vec<PostId>,
    /// A greeting stands on top.
    pub welcome: bool,
    /// The form.
    pub format: Format,
}

/// A first post that nobody answered: named, and its words not repeated.
#[derive(Debug, Clone)]
pub struct Unanswered {
    /// The post.
    pub post: PostId,
    /// Who wrote it.
    pub by: MemberId,
    /// Its conversation.
    pub thread: ThreadId,
    /// Its number in the group.
    pub release_seq: i64,
    /// Its subject.
    pub subject: String,
    /// The name over it.
    pub author: String,
    /// When the group got it.
    pub at: Timestamp,
}

/// At most so many conversations are said to wait for a first answer.
pub const MOST_WAITING: usize = 5;
/// For so many days.
pub const WAITING_DAYS: i64 = 14;
/// Whoever joined within so many days is greeted in the first digest.
const NEW_DAYS: i64 = 30;

/// Whether a digest greets its reader: it is the first one of a member who joined not long ago.
#[must_use]
pub fn is_greeted(role: Role, had_any: bool, joined_at: Timestamp, now: Timestamp) -> bool {
    role == Role::Member && !had_any && joined_at > now.plus_seconds(-NEW_DAYS * 86_400)
}

/// What somebody gets of new posts, each with the content notes on it. A moderator's words on top are for everybody.
#[must_use]
pub fn choose(posts: &[Post], notes: &[Vec<String>], waiting: &[Unanswered], taste: &Taste) -> Choice {
    let hers = || posts.iter().zip(notes).filter(|(post, _)| post.on_top || !taste.muted.contains(&post.thread));
    let folded = hers().filter(|(post, notes)| !post.on_top && content::is_folded(notes, &taste.folds));
    let waits = waiting.iter().filter(|one| taste.seen.contains(&one.post) && !taste.muted.contains(&one.thread));
    Choice {
        posts: hers().map(|(post, _)| post.id).collect(),
        folded: folded.map(|(post, _)| post.id).collect(),
        waiting: waits.take(MOST_WAITING).map(|one| one.post).collect(),
        welcome: taste.welcome,
        format: taste.format,
    }
}

/// A part of a post that is too long for one mail.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Piece {
    /// 1, 2, 3 …
    pub number: usize,
    /// How many there are.
    pub of: usize,
    /// At most so many octets of the text are in each.
    pub octets: usize,
}

/// Everything that a digest was written of besides its posts and their conversations' subjects.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Recipe {
    /// The civil day, `2026-11-24`.
    pub day: String,
    /// The group's year.
    pub volume: i64,
    /// Which digest of that year.
    pub number: i64,
    /// The form.
    pub format: Format,
    /// A greeting stands on top.
    pub welcome: bool,
    /// Posts that stand at the end.
    pub folded: Vec<PostId>,
    /// First posts that wait for an answer.
    pub waiting: Vec<PostId>,
    /// Which mail of the issue, from 1 on.
    pub part: usize,
    /// How many there are.
    pub parts: usize,
    /// Its only post, if it is longer than a mail: which piece of it.
    pub piece: Option<Piece>,
}

/// The posts of one mail of an issue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cut {
    /// The posts, in the order in which they stand.
    pub posts: Vec<PostId>,
    /// One post alone, and only a piece of it.
    pub piece: Option<Piece>,
}

/// Cut an issue between posts, given in the order in which they stand, each with the octets of its text and what it takes up in
/// a mail; no mail takes up more than `most`. A post that would take up more by itself is cut between its lines.
#[must_use]
pub fn cut(posts: &[(PostId, usize, usize)], most: usize) -> Vec<Cut> {
    let mut cuts: Vec<Cut> = Vec::new();
    let mut taken = 0;
    for (post, octets, weight) in posts.iter().copied() {
        if weight > most {
            // A piece ends at a line or a word, so it is up to a tenth shorter than it may be.
            let of = (weight * 6).div_ceil(most * 5);
            let octets = (octets * 11).div_ceil(of * 10).max(1);
            cuts.extend((1..=of).map(|number| Cut { posts: vec![post], piece: Some(Piece { number, of, octets }) }));
            taken = most;
            continue;
        }
        match cuts.last_mut() {
            Some(cut) if taken + weight <= most => cut.posts.push(post),
            _ => {
                cuts.push(Cut { posts: vec![post], piece: None });
                taken = 0;
            }
        }
        taken += weight;
    }
    cuts
}

/// One piece of a long text: whole lines where they fit, whole words where they don't, and nothing left out.
#[must_use]
pub fn piece_of(text: &str, piece: Piece) -> &str {
    let mut from = 0;
    for _ in 1..piece.number {
        from = end_of_piece(text, from, piece.octets);
    }
    let until = if piece.number == piece.of { text.len() } else { end_of_piece(text, from, piece.octets) };
    &text[from..until]
}

fn end_of_piece(text: &str, from: usize, octets: usize) -> usize {
    let rest = &text[from..];
    if rest.len() <= octets {
        return text.len();
    }
    let end = (1..=octets).rev().find(|at| rest.is_char_boundary(*at)).unwrap_or(rest.len());
    let last = |c: char| rest[..end].rfind(c).map(|at| at + 1).filter(|at| at * 11 > octets * 10);
    from + last('\n').or_else(|| last(' ')).unwrap_or(end)
}

/// The new posts of one conversation, oldest first.
#[derive(Debug)]
pub struct Bundle<'a> {
    /// The conversation.
    pub thread: ThreadId,
    /// Its new posts.
    pub posts: Vec<&'a Post>,
}

/// Gather posts into conversations: those with a moderator's words on top first, then the one with the oldest new post.
#[must_use]
pub fn gather(posts: &[Post]) -> Vec<Bundle<'_>> {
    let mut in_order: Vec<&Post> = posts.iter().collect();
    in_order.sort_by_key(|post| post.release_seq);
    let on_top: BTreeSet<ThreadId> = posts.iter().filter(|post| post.on_top).map(|post| post.thread).collect();
    in_order.sort_by_key(|post| !on_top.contains(&post.thread));
    let mut place_of: HashMap<ThreadId, usize> = HashMap::new();
    let mut bundles: Vec<Bundle<'_>> = Vec::new();
    for post in in_order {
        let place = *place_of.entry(post.thread).or_insert_with(|| {
            bundles.push(Bundle { thread: post.thread, posts: Vec::new() });
            bundles.len() - 1
        });
        bundles[place].posts.push(post);
    }
    bundles
}

/// The order in which posts stand in a digest: conversation by conversation, those that are folded last.
#[must_use]
pub fn reading_order(posts: &[Post], folded: &[PostId]) -> Vec<PostId> {
    let all: Vec<PostId> = gather(posts).iter().flat_map(|bundle| bundle.posts.iter().map(|post| post.id)).collect();
    let (last, first): (Vec<PostId>, Vec<PostId>) = all.into_iter().partition(|post| folded.contains(post));
    [first, last].concat()
}

/// An edition's key: group, posts, the posts that give the conversations their headings (another one does once the first is
/// taken back), language, all that is in its recipe, and the words as they may leave now. Who gets it is not part of it.
#[must_use]
pub fn edition_key(
    group: &str,
    posts: &[PostId],
    headings: &[PostId],
    language: &str,
    recipe: &str,
    words: &[String],
) -> String {
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let list = |ids: &[PostId]| ids.iter().map(ToString::to_string).collect::<Vec<_>>().join(",");
    format!("digest/{}", content_hash(&[group, &list(posts), &list(headings), language, recipe, &content_hash(&words)]))
}

#[cfg(test)]
pub(crate) mod tests;
