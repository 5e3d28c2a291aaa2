//! Which posts make which digest: everything past a reader's cursor, gathered into conversations; and who gets the same.

use std::collections::HashMap;

use chrono::NaiveDate;
use chrono_tz::Tz;

use super::group::Group;
use super::ids::{GroupId, MemberId, PostId, ThreadId};
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

/// The new posts of one conversation, oldest first.
#[derive(Debug)]
pub struct Bundle<'a> {
    /// The conversation.
    pub thread: ThreadId,
    /// Its new posts.
    pub posts: Vec<&'a Post>,
}

/// Gather posts into conversations; the conversation with the oldest new post stands first.
#[must_use]
pub fn gather(posts: &[Post]) -> Vec<Bundle<'_>> {
    let mut in_order: Vec<&Post> = posts.iter().collect();
    in_order.sort_by_key(|post| post.release_seq);
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

/// An edition's key: group, posts, the posts that give the conversations their headings (another one does once the first is
/// taken back), language, format, part, and the day in its heading. Who gets it is not part of it.
#[must_use]
pub fn edition_key(group: &str, posts: &[PostId], headings: &[PostId], language: &str, day: &str) -> String {
    let list = |ids: &[PostId]| ids.iter().map(ToString::to_string).collect::<Vec<_>>().join(",");
    format!("digest/{}", content_hash(&[group, &list(posts), &list(headings), language, "html+text", "1", day]))
}
