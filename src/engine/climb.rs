//! Held never ends by time: moderators are reminded, then all of them and the administrators, for as long as it takes.
//!
//! A reminder and its next hour are written in one transaction, so that several servers and a kill make one. The
//! administrators get one mail a day about everything that is late, however much that is.

use anyhow::{Context as _, Result};

use super::Lamplight;
use super::hold::Asking;
use super::notice::{Again, LateGroup, Notice, ToAdministrators};
use super::notify::{Manner, Reader};
use super::tick::Tally;
use crate::clock::Timestamp;
use crate::model::climb::{GOES_FURTHER, Promise};
use crate::model::group::Group;
use crate::model::member::Member;
use crate::model::policy::HoldReason;
use crate::model::post::{Post, PostState};
use crate::store::outbox::Lane;
use crate::store::reminders::{self, Due, Late};
use crate::store::{Db, decisions, groups, members, posts, unread};

const DAY: i64 = 86_400;

impl Lamplight {
    /// What a group promises: how soon what comes is read.
    #[must_use]
    pub fn promise(&self, group: &Group) -> Promise {
        Promise::new(&group.reading, group.zone, self.config.moderation.read_by_hours)
    }

    /// The promise for a post: danger doesn't wait for reading hours.
    pub(super) fn promise_of(&self, group: &Group, is_urgent: bool) -> Promise {
        if is_urgent { self.promise(group).at_all_hours() } else { self.promise(group) }
    }

    /// Remind of every held post whose time is over; gives of how many.
    pub(super) async fn remind(&self, now: Timestamp) -> Result<usize> {
        let due = reminders::to_remind_of(&mut *self.store.read().await?, now).await?;
        let mut tally = Tally::default();
        for due in due {
            let id = due.id;
            tally.count(self.remind_of(due, now).await.with_context(|| format!("the reminder of post {id}")));
        }
        tally.end()
    }

    /// `false` when another server did it, or it waits for reading hours.
    async fn remind_of(&self, due: Due, now: Timestamp) -> Result<bool> {
        let mut tx = self.store.begin().await?;
        let Some((group, post)) = posts::lock(&mut tx, due.id).await? else { return Ok(false) };
        let promise = self.promise_of(&group, post.is_urgent());
        let at = promise.may_go_at(due.at, now);
        if at > now {
            reminders::set_reminded(&mut tx, due, due.reminded, at).await?;
            tx.commit().await?;
            return Ok(false);
        }
        let moderators = members::active_moderators(&mut tx, group.id).await?;
        let (reminded, next) = once_more(due.reminded, &promise, moderators.len(), due.at, now);
        if post.state != PostState::Held
            || decisions::standing_for(&mut tx, post.id).await?.is_some()
            || !reminders::set_reminded(&mut tx, due, reminded, next).await?
        {
            return Ok(false);
        }
        let again = Again::Reminder { since: post.created_at };
        let author = members::by_id(&mut tx, post.author).await?;
        // Hers alone to release, and nothing for her colleagues, unless somebody may be in danger.
        let hers = post.reasons.contains(&HoldReason::SenderUnverified) && author.is_active_moderator();
        let readers = if hers && !post.is_urgent() {
            std::slice::from_ref(&author)
        } else {
            reminded_of(&post, reminded, &moderators)
        };
        if moderators.is_empty() && post.is_urgent() {
            self.tell_no_moderator(&mut tx, &group, true, now).await?;
        } else if readers.is_empty() {
            // The administrators' daily word tells of it.
        } else if !self.is_reminded_of_alone(&mut tx, &post, &author, now).await? {
            let readers: Vec<Reader> = readers.iter().map(Reader::of).collect();
            self.tell_of_more(&mut tx, &group, &author, &readers, now).await?;
        } else if hers && !post.is_urgent() {
            self.ask_author(&mut tx, &group, &author, &post, now).await?;
        } else {
            self.hold_notice(&mut tx, &group, &post, readers, Asking::again(again), now).await?;
        }
        tx.commit().await?;
        Ok(true)
    }

    /// A moderator takes a post upon herself. If people were reminded of it, she has one more reading period before it
    /// climbs past her; what may tell of a danger climbs all the same.
    pub async fn take_upon(&self, db: &mut Db, group: &Group, post: &Post, by: &Member, now: Timestamp) -> Result<()> {
        posts::set_claimed(db, post.id, Some(by.id)).await?;
        if post.claimed_by != Some(by.id) && !post.is_urgent() {
            reminders::put_off_reminder(db, post.id, self.promise(group).read_by(now)).await?;
        }
        Ok(())
    }

    /// Tell the administrators, once a day, of all that is later than was promised; gives whether they were told.
    pub(super) async fn tell_late(&self, now: Timestamp) -> Result<bool> {
        if !reminders::goes_further(&mut *self.store.read().await?, now.plus_seconds(-DAY)).await? {
            return Ok(false);
        }
        let mut tx = self.store.begin().await?;
        let db = &mut tx;
        if !reminders::set_late_told(db, now.plus_seconds(-DAY), now).await? {
            return Ok(false);
        }
        let (held, published) = (reminders::late_held(db, now).await?, unread::late_posts(db, now).await?);
        let mut late = Vec::new();
        for group in groups::all(db).await? {
            let of = |found: &[Late]| found.iter().find(|late| late.group == group.id).copied();
            let (held, published) = (of(&held), of(&published));
            let Some(since) = held.into_iter().chain(published).map(|late| late.since).min() else { continue };
            late.push(LateGroup {
                moderators: members::active_moderators(db, group.id).await?.len(),
                name: group.name,
                title: group.title,
                held: held.map_or(0, |late| late.count),
                unread: published.map_or(0, |late| late.count),
                since,
                days: now.seconds_since(since) / 86_400,
            });
        }
        let administrators: Vec<Reader> = self.administrators().iter().map(Reader::administrator).collect();
        if administrators.is_empty() {
            tracing::error!(
                groups = late.len(),
                "posts are unread for longer than was promised, and there is no administrator to tell"
            );
        }
        let notice = Notice::from(ToAdministrators::Late {
            count: late.iter().map(|group| group.held + group.unread).sum(),
            groups: late,
        });
        self.notify(db, None, "", &administrators, &notice, Manner::Watched(Lane::Notice), now).await?;
        tx.commit().await?;
        Ok(true)
    }
}

/// How often people were reminded, this time included, and when the next time is. Where nobody looks after the group it goes
/// further at once, and is looked at in each period, so that whoever comes hears of it soon.
pub(super) fn once_more(
    reminded: i64,
    promise: &Promise,
    moderators: usize,
    due: Timestamp,
    now: Timestamp,
) -> (i64, Timestamp) {
    match moderators {
        0 => (GOES_FURTHER.max(reminded), promise.next_reminder(0, due, now)),
        _ => (reminded + 1, promise.next_reminder(reminded + 1, due, now)),
    }
}

/// Who is reminded: whoever looks after it, the first time; then everybody.
fn reminded_of<'a>(post: &Post, reminded: i64, moderators: &'a [Member]) -> &'a [Member] {
    let claimer = moderators.iter().position(|moderator| post.claimed_by == Some(moderator.id));
    match claimer {
        Some(at) if reminded < GOES_FURTHER && !post.is_urgent() => &moderators[at..=at],
        _ => moderators,
    }
}
