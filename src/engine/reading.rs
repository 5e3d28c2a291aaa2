//! The reading list: what the group has without a moderator's word is read by one all the same, within the promised time.
//!
//! A post is unread from its publication until a moderator answers READ or takes it back. Each list is one mail for all of
//! it; its numbers, tokens, mails and the next hour are written in one transaction that holds the group, so that several
//! servers make one list and a kill makes none or a whole one. Nothing leaves the list by time.

use anyhow::{Context as _, Result};

use super::Lamplight;
use super::arrival::{Arrival, Outcome};
use super::climb::once_more;
use super::explain::first_line;
use super::moderate::Answer;
use super::notice::{ListedPost, NothingRead, Notice, ToModerators};
use super::notify::{Manner, Reader};
use super::tick::Tally;
use crate::clock::Timestamp;
use crate::model::climb::{GOES_FURTHER, Promise};
use crate::model::command::{Reading, Verb, Which, read_decision};
use crate::model::group::Group;
use crate::model::ids::{GroupId, PostId, TokenId};
use crate::model::member::{Member, Role};
use crate::model::moderation::{NothingDecided, TOKEN_DAYS};
use crate::model::policy::HoldReason;
use crate::model::post::{Post, PostState};
use crate::store::audit::{self, Actor};
use crate::store::decisions::{self, NewDecision};
use crate::store::outbox::Lane;
use crate::store::tokens::{self, NewToken, Purpose, Token};
use crate::store::unread::{self, Unread};
use crate::store::{Db, groups, members, posts};

const HOUR: i64 = 3_600;
/// So many posts stand on one list, and so many octets of them: it must stay a mail that can be read.
const MOST_LISTED: usize = 50;
const MOST_OCTETS: usize = 256 * 1024;
/// So many lists are made at once; what is left waits for the next ones.
const MOST_AT_ONCE: usize = 20;

impl Lamplight {
    /// The group has a post that no moderator decided about: it goes on the reading list. A moderator's own was read by her.
    pub(super) async fn to_be_read(&self, db: &mut Db, group: &Group, post: &Post, now: Timestamp) -> Result<()> {
        if post.author_role == Role::Moderator {
            return Ok(());
        }
        let promise = self.promise(group);
        Ok(unread::insert(db, group.id, post.id, promise.read_by(now), promise.list_by(now)).await?)
    }

    /// Make every list that is due; gives how many.
    pub(super) async fn make_due_lists(&self, now: Timestamp) -> Result<usize> {
        let due = unread::due(&mut *self.store.read().await?, now).await?;
        let mut tally = Tally::default();
        for group in due {
            tally.count(self.make_list(group, now).await.with_context(|| format!("the reading list of group {group}")));
        }
        tally.end()
    }

    /// `false` when another server made it, or it waits.
    async fn make_list(&self, id: GroupId, now: Timestamp) -> Result<bool> {
        let mut tx = self.store.begin().await?;
        let group = groups::lock(&mut tx, id).await?;
        let all = unread::of_group(&mut tx, id).await?;
        let Some(due) = all.iter().map(|unread| unread.due_at).min().filter(|due| *due <= now) else {
            return Ok(false);
        };
        let promise = self.promise(&group);
        let earliest = groups::listed_at(&mut tx, id).await?.plus_seconds(promise.between_lists());
        let at = if earliest > now { promise.next_hours(earliest) } else { promise.may_go_at(due, now) };
        if at > now {
            unread::put_off(&mut tx, id, now, at).await?;
            tx.commit().await?;
            return Ok(false);
        }
        let moderators = members::active_moderators(&mut tx, id).await?;
        // Also what is due before the next list can come.
        let soon = now.plus_seconds(promise.between_lists());
        let wanted: Vec<Unread> =
            all.iter().filter(|unread| unread.listed_at.is_none() || unread.due_at <= soon).copied().collect();
        let listed = match moderators.is_empty() {
            true => wanted.len(),
            false => self.write_lists(&mut tx, &group, &moderators, &wanted, all.len() - wanted.len(), now).await?,
        };
        for before in wanted.into_iter().take(listed) {
            let mut after = next_time(before, &promise, moderators.len(), now);
            after.listed_at = if moderators.is_empty() { before.listed_at } else { Some(now) };
            unread::update(&mut tx, &after).await?;
        }
        if !moderators.is_empty() {
            groups::set_listed_at(&mut tx, id, now).await?;
        }
        tx.commit().await?;
        Ok(true)
    }

    /// One list, or several where one would be too long; gives how many of the wanted stand on them.
    async fn write_lists(
        &self,
        db: &mut Db,
        group: &Group,
        moderators: &[Member],
        wanted: &[Unread],
        others: usize,
        now: Timestamp,
    ) -> Result<usize> {
        let mut listed = 0;
        for _ in 0..MOST_AT_ONCE {
            if listed < wanted.len() {
                listed += self.write_list(db, group, moderators, &wanted[listed..], others, now).await?;
            }
        }
        Ok(listed)
    }

    /// One mail to each moderator, all with the same numbers; gives how many posts stand on it.
    async fn write_list(
        &self,
        db: &mut Db,
        group: &Group,
        moderators: &[Member],
        wanted: &[Unread],
        others: usize,
        now: Timestamp,
    ) -> Result<usize> {
        let (mut shown, mut listed, mut octets) = (Vec::new(), Vec::new(), 0);
        for unread in wanted.iter().take(MOST_LISTED) {
            let post = posts::by_id(db, unread.post).await?.context("an unread post is gone")?;
            let number = shown.len() + 1;
            let post = self.listed_post(db, group, &post, number, unread, now).await?;
            octets += post.post.text.len();
            if octets > MOST_OCTETS && number > 1 {
                break;
            }
            shown.push(post);
            listed.push(*unread);
        }
        let ids: Vec<PostId> = listed.iter().map(|unread| unread.post).collect();
        let mut readers = Vec::with_capacity(moderators.len());
        for moderator in moderators {
            let new = NewToken {
                purpose: Purpose::List,
                member: moderator.id,
                post: None,
                content_hash: None,
                asked: None,
                expires_at: now.plus_seconds(TOKEN_DAYS * 86_400),
            };
            let token = tokens::insert(db, &new, now).await?;
            unread::number(db, token, &ids).await?;
            readers.push(Reader::of(moderator).with_token(token));
        }
        let notice = Notice::from(ToModerators::ReadingList {
            late: shown.iter().filter(|post| post.late).count(),
            read_by: listed.iter().map(|unread| unread.read_by).min().unwrap_or(now),
            others,
            posts: shown,
        });
        self.notify(db, Some(group), "", &readers, &notice, Manner::Watched(Lane::Notice), now).await?;
        tracing::info!(group = %group.name, posts = listed.len(), "reading list");
        Ok(listed.len())
    }

    async fn listed_post(
        &self,
        db: &mut Db,
        group: &Group,
        post: &Post,
        number: usize,
        unread: &Unread,
        now: Timestamp,
    ) -> Result<ListedPost> {
        let flags = self.lexicon(group).read_parts(&[&post.subject, &post.text]);
        let mut shown = self.shown(db, group, post, now).await?;
        shown.reasons =
            flags.into_iter().map(|flag| HoldReason::Flagged { flag }.sentence_in(self.words(group))).collect();
        Ok(ListedPost {
            number,
            at: post.published_at.unwrap_or(post.created_at),
            late: unread.read_by <= now,
            read_by: unread.read_by,
            post: shown,
        })
    }

    /// READ by the mail about one post.
    pub(super) async fn read_one(&self, db: &mut Db, answer: &Answer<'_>, which: &Which) -> Result<Outcome> {
        if answer.post.state != PostState::Published || *which != Which::All {
            self.explain(db, answer, NothingDecided::Unclear, None).await?;
            return Ok(answer.outcome("nothing-decided"));
        }
        let count = self.mark_read(db, answer.arrival, &answer.moderator, answer.token.id, &[answer.post.id]).await?;
        Ok(answer.outcome(if count > 0 { "read" } else { "read-before" }))
    }

    /// An answer to a reading list: READ, RETRACT with one number, or nothing.
    pub(super) async fn answer_list(
        &self,
        db: &mut Db,
        arrival: &Arrival,
        group: &Group,
        moderator: &Member,
        token: &Token,
        is_hers: bool,
    ) -> Result<Outcome> {
        let group = groups::lock(db, group.id).await?;
        let listed = unread::numbered(db, token.id).await?;
        let reading = read_decision(&arrival.message.text.reply, &moderator.name);
        let why = match chosen(&reading, &listed) {
            _ if !is_hers => NothingRead::AnotherAddress,
            _ if !self.may_be_hers(arrival) => NothingRead::SenderNotVerified,
            _ if arrival.spooled.received_at >= token.expires_at => NothingRead::RunOut,
            Ok(Chosen::Read(posts)) => {
                let count = self.mark_read(db, arrival, moderator, token.id, &posts).await?;
                return Ok(Outcome::plain(if count > 0 { "read" } else { "read-before" }, Some(&group)));
            }
            Ok(Chosen::Retract(post)) => return self.retract_listed(db, arrival, moderator, token.id, post).await,
            Err(why) => why,
        };
        // At most three an hour for one list.
        if self.may_answer(db, &format!("explanation/{}", token.id), &moderator.address, 3, HOUR, arrival.now).await? {
            let line = first_line(&arrival.message.text.reply);
            let notice = Notice::from(ToModerators::NothingRead { why, line, last: listed.len() });
            let reader = [Reader::of(moderator).with_token(token.id)];
            let manner = Manner::Watched(Lane::Notice);
            self.notify(db, Some(&group), &moderator.name, &reader, &notice, manner, arrival.now).await?;
        }
        Ok(Outcome::plain("nothing-read", Some(&group)))
    }

    async fn retract_listed(
        &self,
        db: &mut Db,
        arrival: &Arrival,
        by: &Member,
        token: TokenId,
        post: PostId,
    ) -> Result<Outcome> {
        let (group, post) = posts::lock(db, post).await?.context("a listed post is gone")?;
        if post.state != PostState::Published {
            return Ok(Outcome::plain("retracted-before", Some(&group)));
        }
        self.record_on_list(db, arrival, by, token, post.id, "retract").await?;
        self.retract(db, &group, &post, Some(by), arrival.now).await?;
        Ok(Outcome::plain("retracted", Some(&group)))
    }

    /// Each is written down as read once, by whoever was first. Gives how many were unread.
    async fn mark_read(
        &self,
        db: &mut Db,
        arrival: &Arrival,
        by: &Member,
        token: TokenId,
        read: &[PostId],
    ) -> Result<usize> {
        let mut count = 0;
        for post in read {
            if unread::remove(db, *post).await? {
                self.record_on_list(db, arrival, by, token, *post, "read").await?;
                count += 1;
            }
        }
        Ok(count)
    }

    async fn record_on_list(
        &self,
        db: &mut Db,
        arrival: &Arrival,
        by: &Member,
        token: TokenId,
        post: PostId,
        verb: &str,
    ) -> Result<()> {
        let new = NewDecision { post, by: Some(by.id), verb, note: None, token: Some(token), release_at: None };
        let decision = decisions::insert(db, &new, arrival.now).await?;
        let detail = serde_json::json!({ "decision": decision, "spool": arrival.spooled.id });
        Ok(audit::write(db, arrival.now, Actor::Member(by.id.0), verb, &format!("post:{post}"), &detail).await?)
    }
}

/// What an answer does to the posts of a list.
enum Chosen {
    Read(Vec<PostId>),
    Retract(PostId),
}

/// The posts that an answer names, all of them or none.
fn chosen(reading: &Reading, listed: &[PostId]) -> Result<Chosen, NothingRead> {
    let post = |number: &u32| listed.get(usize::try_from(*number).ok()?.checked_sub(1)?).copied();
    match reading {
        Reading::Read(Which::All) => Ok(Chosen::Read(listed.to_vec())),
        Reading::Read(Which::Numbers(numbers)) => {
            numbers.iter().map(post).collect::<Option<_>>().map(Chosen::Read).ok_or(NothingRead::NoSuchNumber)
        }
        Reading::RetractNumber(number) => post(number).map(Chosen::Retract).ok_or(NothingRead::NoSuchNumber),
        Reading::Decision { verb: Verb::Retract, .. } if listed.len() == 1 => Ok(Chosen::Retract(listed[0])),
        Reading::Decision { .. } => Err(NothingRead::AnotherWord),
        Reading::Nothing(_) => Err(NothingRead::Unclear),
    }
}

/// When a list is due again because of a post that stands on one now.
fn next_time(unread: Unread, promise: &Promise, moderators: usize, now: Timestamp) -> Unread {
    if unread.read_by > now {
        return Unread { due_at: unread.read_by, ..unread };
    }
    // Not before its own time, as long as that decides who hears of it next.
    if unread.due_at > now && unread.reminded < GOES_FURTHER {
        return unread;
    }
    let due = if unread.due_at > now { now } else { unread.due_at };
    let (reminded, due_at) = once_more(unread.reminded, promise, moderators, due, now);
    Unread { reminded, due_at, ..unread }
}
