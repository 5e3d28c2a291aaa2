//! Pictures for groups that get them: made anew beside reading, before any transaction begins, and looked at by a person
//! before any leaves.
//!
//! What can't be made ready, in time or at all, stays with the moderators; the post is held all the same.

use std::time::{Duration, Instant};

use anyhow::Result;
use tokio::sync::Semaphore;
use tokio::time::timeout;

use super::Lamplight;
use super::arrival::Arrival;
use crate::mail::Incoming;
use crate::mail::envelope::Destination;
use crate::mail::parse::files;
use crate::mail::picture::{self, Picture};
use crate::model::group::Group;
use crate::model::post::Post;
use crate::store::{Db, groups, members, pictures};

/// Pictures that are not ready by then stay behind.
const LONGEST: Duration = Duration::from_secs(10);

/// One message at a time: the colours of a large picture take a quarter of a gigabyte. Whoever can't be interrupted keeps its
/// permit until it is done.
static AT_ONCE: Semaphore = Semaphore::const_new(1);

impl Lamplight {
    /// Make the pictures of these messages ready, where a group would get them. A message that may tell of danger waits for
    /// no picture, so it is not among them.
    pub(super) async fn make_pictures_ready(&self, arrivals: &mut [Arrival]) -> Result<()> {
        for arrival in arrivals.iter_mut().filter(|arrival| !arrival.message.attachments.is_empty()) {
            if self.goes_where_pictures_go(arrival).await? {
                arrival.pictures = ready_in_time(arrival.spooled.message.clone()).await;
            }
        }
        Ok(())
    }

    /// Whether somebody on the roster of a group that gets pictures wrote to it: nobody else makes us decode anything.
    async fn goes_where_pictures_go(&self, arrival: &Arrival) -> Result<bool> {
        let Some(author) = arrival.author() else { return Ok(false) };
        let mut db = self.store.read().await?;
        for recipient in &arrival.spooled.envelope.recipients {
            if let Some(Destination::Group(name) | Destination::GroupToken(name, ..)) = self.scheme.read(recipient)
                && let Some(group) = groups::by_name(&mut db, &name).await?
                && group.pictures
                && members::by_address(&mut db, group.id, author).await?.is_some()
            {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// The pictures that the group would get with a post. A moderator's EDIT is all that the group gets.
    pub(super) async fn pictures_with(&self, db: &mut Db, group: &Group, post: &Post) -> Result<Vec<Picture>> {
        if !may_have(group, post) {
            return Ok(Vec::new());
        }
        Ok(pictures::of_post(db, post.id).await?)
    }

    /// How many they are.
    pub(super) async fn count_pictures_with(&self, db: &mut Db, post: &Post) -> Result<u32> {
        if post.attachments.is_empty() || !may_have(&groups::by_id(db, post.group).await?, post) {
            return Ok(0);
        }
        Ok(pictures::count(db, post.id).await?)
    }
}

fn may_have(group: &Group, post: &Post) -> bool {
    group.pictures && !post.attachments.is_empty() && post.edited_since.is_none()
}

/// Whether a person has to look at pictures before the group gets the message: also where none of them could be made ready.
pub(super) fn has_pictures(group: &Group, arrival: &Arrival, message: &Incoming) -> bool {
    let says_so = message.attachments.iter().any(|attachment| attachment.is_picture());
    group.pictures && (says_so || !of_part(group, arrival, message).is_empty())
}

/// The pictures of a message, or of the one of its answers that has what came with it.
pub(super) fn of_part<'a>(group: &Group, arrival: &'a Arrival, message: &Incoming) -> &'a [Picture] {
    if group.pictures && !message.attachments.is_empty() { &arrival.pictures } else { &[] }
}

async fn ready_in_time(message: Vec<u8>) -> Vec<Picture> {
    let until = Instant::now() + LONGEST;
    let made = async {
        let permit = AT_ONCE.acquire().await.ok()?;
        let making = tokio::task::spawn_blocking(move || {
            let _permit = permit;
            ready(&message, until)
        });
        making.await.ok()
    };
    timeout(LONGEST, made).await.ok().flatten().unwrap_or_else(|| {
        tracing::warn!("pictures took too long to be made ready; they stay behind");
        Vec::new()
    })
}

/// The first of a message's pictures, as many as go with one.
fn ready(message: &[u8], until: Instant) -> Vec<Picture> {
    let (mut ready, mut all) = (Vec::new(), 0);
    let files = files(message);
    let candidates = files.iter().enumerate().filter(|(_, file)| picture::format(file).is_some());
    for (at, file) in candidates.take(picture::MOST_TRIED) {
        if ready.len() == picture::MOST || Instant::now() >= until {
            break;
        }
        let Some(octets) = picture::anew(file) else { continue };
        if all + octets.len() <= picture::MOST_OCTETS {
            all += octets.len();
            ready.push(Picture { file: at, octets });
        }
    }
    ready
}
