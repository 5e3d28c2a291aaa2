//! Which posts make which digest: everything past a member's cursor, gathered into conversations.

use std::collections::HashMap;

use super::ids::{PostId, ThreadId};
use super::post::Post;
use super::token::content_hash;

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
