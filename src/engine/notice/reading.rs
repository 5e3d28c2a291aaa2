//! What reading lists show, and what is said of posts that nobody has read.

use serde::Serialize;

use super::ShownPost;
use crate::clock::Timestamp;

/// A post on a reading list.
#[derive(Debug, Clone, Serialize)]
pub struct ListedPost {
    /// 1, 2, 3 …
    pub number: usize,
    /// When the group got it.
    pub at: Timestamp,
    /// It should have been read by now.
    pub late: bool,
    /// By when it is read.
    pub read_by: Timestamp,
    /// The post; its reasons are what a computer found in it, and none of them is no sign of safety.
    pub post: ShownPost,
}

/// What of a group is later than was promised.
#[derive(Debug, Clone, Serialize)]
pub struct LateGroup {
    /// Its name.
    pub name: String,
    /// Its title.
    pub title: String,
    /// Active moderators.
    pub moderators: usize,
    /// Posts that wait for a decision.
    pub held: i64,
    /// Posts that the group has and no moderator has read.
    pub unread: i64,
    /// By when the oldest should have been read.
    pub since: Timestamp,
    /// Whole days since then.
    pub days: i64,
}

/// Why an answer to a reading list marked nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum NothingRead {
    /// It isn't READ alone, or could mean less.
    Unclear,
    /// Another verb: a list takes READ only.
    AnotherWord,
    /// A number that is not on the list.
    NoSuchNumber,
    /// Its 30 days are over.
    RunOut,
    /// It came from another address than the one that the list was sent to.
    AnotherAddress,
    /// No trusted mail server says that it came from her.
    SenderNotVerified,
}
