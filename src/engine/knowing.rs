//! What moderators are shown of a post's author: earlier flags and notes. No member is ever shown any of it.

use anyhow::Result;
use serde::Serialize;

use super::{Lamplight, excerpt};
use crate::clock::Timestamp;
use crate::model::group::Group;
use crate::model::post::Post;
use crate::store::notes::Note;
use crate::store::{Db, notes};

/// So many of the latest flagged posts are looked at, and so many of their flags are told.
const FLAGGED_POSTS: i64 = 20;
const FLAGS: usize = 6;
/// So many of the latest notes are told.
const NOTES: i64 = 3;

/// What is known of an author.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Knowing {
    /// Flags of earlier posts, latest first.
    pub flags: Vec<EarlierFlag>,
    /// The latest notes, latest first.
    pub notes: Vec<ShownNote>,
}

/// A flag that held an earlier post.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct EarlierFlag {
    /// What it may have meant, as a plain sentence without an end.
    pub what: String,
    /// When the post came.
    pub at: Timestamp,
}

/// A note about the author.
#[derive(Debug, Clone, Serialize)]
pub struct ShownNote {
    /// Who wrote it.
    pub by: String,
    /// When.
    pub at: Timestamp,
    /// The words.
    pub text: String,
}

impl Lamplight {
    pub(super) async fn knowing(&self, db: &mut Db, group: &Group, post: &Post) -> Result<Knowing> {
        let words = self.words(group);
        let mut flags: Vec<EarlierFlag> = Vec::new();
        let (flagged, notes) = notes::known_of(db, post, [FLAGGED_POSTS, NOTES]).await?;
        for (reason, at) in flagged {
            let Some(what) = reason.flagged_as(words) else { continue };
            let flag = EarlierFlag { what: what.to_owned(), at };
            if flags.len() < FLAGS && !flags.contains(&flag) {
                flags.push(flag);
            }
        }
        let shown = |note: Note| ShownNote {
            by: note.by.unwrap_or_else(|| words.say("names.note-by-administrator").to_owned()),
            at: note.at,
            text: excerpt::excerpt(&note.words, None, words),
        };
        let notes = notes.into_iter().map(shown).collect();
        Ok(Knowing { flags, notes })
    }
}
