//! What a member's word does: at once, on the record, and confirmed by one short mail that says what she gets now.

use anyhow::Result;

use super::Lamplight;
use super::arrival::{Arrival, Outcome, takes_part};
use super::notice::{Gets, Missed, MutedTopic, Notice, ToMember};
use super::roster::next_digest;
use super::wish::About;
use crate::clock::Timestamp;
use crate::model::command::{Choice, Until, Wish};
use crate::model::content::{EVERY_NOTE, spelling};
use crate::model::folds;
use crate::model::group::{Group, GroupState};
use crate::model::ids::{PostId, ThreadId};
use crate::model::member::{Delivery, Member, MemberState, Role};
use crate::model::schedule::start_of;
use crate::store::audit::{self, Actor};
use crate::store::{Db, Locked, groups, judgements, members, mutes, threads};

const HOUR: i64 = 3_600;
/// So many changes an hour, each confirmed by a mail: nothing changes without one.
const MOST_AN_HOUR: i64 = 12;
/// So many muted conversations stand in one mail.
const MOST_MUTED: i64 = 50;
/// So many answers an hour to a word that could not be carried out, or asks what is set.
const ANSWERS_AN_HOUR: i64 = 3;

/// What became of a word, by the name that its mail has for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Done {
    /// It says how she gets mail now.
    Changed(&'static str),
    /// It was so before.
    Same(&'static str),
    /// She is told what to write.
    Asked(&'static str),
}

/// What a mail about it shows besides.
#[derive(Default)]
struct Shown {
    topic: Option<String>,
    first: Option<PostId>,
    note: Option<String>,
    missed: Option<Missed>,
}

impl Lamplight {
    /// Carry a word out; `None` where she takes part no more.
    pub(super) async fn carry_wish(
        &self,
        db: &mut Db,
        arrival: &Arrival,
        group: &Group,
        member: &Member,
        wish: &Wish,
        about: About,
    ) -> Result<Option<Outcome>> {
        let now = arrival.now;
        let group = groups::lock(db, group.id).await?;
        let mut after = members::lock(db, member.id).await?;
        if group.state != GroupState::Open || !takes_part(&after) {
            return Ok(None);
        }
        let before = after.clone();
        let mut shown = Shown::default();
        let done = match wish {
            Wish::Pause(_) | Wish::Resume if member.role == Role::Moderator => Done::Asked("moderator"),
            Wish::Pause(until) => pause(&mut after, *until, &group),
            Wish::Resume => {
                if rests(&before) {
                    shown.missed = self.missed(db, &before).await?;
                }
                resume(&mut after)
            }
            Wish::Receive(choice) => receive(&mut after, *choice),
            Wish::Fold(note) | Wish::Unfold(note) => {
                shown.note = Some(note.clone()).filter(|note| note != EVERY_NOTE);
                fold(&mut after, note, matches!(wish, Wish::Fold(_)))
            }
            Wish::Mute | Wish::Unmute => match about.thread {
                Some(thread) => {
                    shown.topic =
                        self.headings(db, &group, &[thread]).await?.remove(&thread).map(|first| first.subject);
                    shown.first = threads::first_post(db, thread).await?;
                    self.set_mute(db, &before, thread, *wish == Wish::Mute, now).await?
                }
                None => Done::Asked("how-to-mute"),
            },
            Wish::Settings => Done::Asked("settings"),
            Wish::Stop | Wish::Help { .. } => return Ok(None),
        };
        let gets = gets(&group, &after, now);
        let is_of_roster = !matches!(wish, Wish::Mute | Wish::Unmute);
        if matches!(done, Done::Changed(_)) && is_of_roster {
            let by = (Actor::Member(before.id.0), now);
            self.change_person_by(db, &group, &before, after, by).await?;
        }
        self.confirm_change(db, arrival, &group, &before, done, gets, shown, about).await?;
        let disposition = match done {
            Done::Changed(_) => "changed",
            Done::Same(_) => "changed-before",
            Done::Asked(_) => "explained",
        };
        Ok(Some(Outcome::plain(disposition, Some(&group))))
    }

    /// Whether her words changed so much within the hour that the next one is looked at by people.
    pub(super) async fn changed_too_often(&self, db: &mut Db, member: &Member, now: Timestamp) -> Result<bool> {
        let about = self.answers_about(&member.address);
        Ok(judgements::answers_since(db, "changed", &about, now.plus_seconds(-HOUR), now).await? >= MOST_AN_HOUR)
    }

    #[allow(clippy::too_many_arguments, reason = "every one is a fact of the mail")]
    async fn confirm_change(
        &self,
        db: &mut Db,
        arrival: &Arrival,
        group: &Group,
        member: &Member,
        done: Done,
        gets: Gets,
        shown: Shown,
        about: About,
    ) -> Result<()> {
        let (what, kind, most) = match done {
            Done::Changed(what) => (what, "changed".to_owned(), MOST_AN_HOUR),
            Done::Same(what) => (what, format!("same-{what}"), 1),
            Done::Asked(what) => (what, format!("asked-{what}"), ANSWERS_AN_HOUR),
        };
        if !self.may_answer(db, &kind, &member.address, most, HOUR, arrival.now).await? {
            return Ok(());
        }
        let (muted, muted_more) =
            if what == "settings" { self.muted(db, group, member).await? } else { (Vec::new(), 0) };
        let notice = Notice::from(ToMember::Changed {
            about: shown.first,
            what,
            gets,
            topic: shown.topic,
            note: shown.note,
            missed: shown.missed,
            muted,
            muted_more,
            meant_for_group: about.meant_for_group && what != "settings",
        });
        self.notify_author(db, group, member, None, &notice, arrival.manner(), arrival.now).await
    }

    /// The latest conversations that she muted, and how many more there are.
    async fn muted(&self, db: &mut Db, group: &Group, member: &Member) -> Result<(Vec<MutedTopic>, i64)> {
        let muted = mutes::latest(db, member.id, MOST_MUTED).await?;
        let more = mutes::count(db, member.id).await?.saturating_sub(MOST_MUTED).max(0);
        let threads: Vec<ThreadId> = muted.iter().map(|muted| muted.thread).collect();
        let headings = self.headings(db, group, &threads).await?;
        // Where the group has no post of it any more, it has no name either.
        let unnamed = self.words(group).say("posts.no-subject");
        let topic = |muted: &mutes::Muted| {
            let first = headings.get(&muted.thread);
            let subject = first.map_or(unnamed, |first| &first.subject).to_owned();
            MutedTopic { first: first.map(|first| first.id), subject, since: muted.since }
        };
        Ok((muted.iter().map(topic).collect(), more))
    }

    /// Mute a conversation, or no longer, on the record.
    ///
    /// # Errors
    /// When the database fails.
    async fn set_mute(
        &self,
        db: &mut Db,
        member: &Member,
        thread: ThreadId,
        mute: bool,
        now: Timestamp,
    ) -> Result<Done> {
        let what = if mute { "muted" } else { "unmuted" };
        let by = (Actor::Member(member.id.0), now);
        let is_new = self.mute(db, member, thread, mute, by).await?;
        Ok(if is_new { Done::Changed(what) } else { Done::Same(what) })
    }

    /// The same for anybody; `false` when it was so before.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn mute(
        &self,
        db: &mut Db,
        member: &Member,
        thread: ThreadId,
        mute: bool,
        (by, now): (Actor, Timestamp),
    ) -> Result<bool> {
        let is_new = if mute {
            mutes::insert(db, member.id, thread, now).await?
        } else {
            mutes::remove(db, member.id, thread).await?
        };
        if is_new {
            let (action, subject) = (if mute { "muted" } else { "unmuted" }, format!("member:{}", member.id));
            audit::write(db, now, by, action, &subject, &serde_json::json!({ "thread": thread })).await?;
        }
        Ok(is_new)
    }

    /// What came for somebody whose mail rests: posts of others, in conversations that she has not muted.
    pub(super) async fn missed(&self, db: &mut Db, member: &Member) -> Result<Option<Missed>> {
        let (messages, conversations) = mutes::missed(db, member).await?;
        Ok((messages > 0).then_some(Missed { messages, conversations }))
    }
}

/// How somebody gets mail, as a mail to her says it.
pub(super) fn gets(group: &Group, member: &Member, now: Timestamp) -> Gets {
    let paused = member.state == MemberState::Paused;
    // What comes when she is back.
    let active = Member { state: MemberState::Active, ..member.clone() };
    let from = member.paused_until.filter(|_| paused).unwrap_or(now);
    Gets {
        delivery: member.delivery,
        days: member.days.filter(|days| days.count() < 7).map(|days| days.numbers()).unwrap_or_default(),
        format: member.format,
        paused,
        paused_until: member.paused_until.filter(|_| paused),
        next: next_digest(group, if paused && member.paused_until.is_none() { member } else { &active }, from),
        folds: member.folds.iter().filter(|note| *note != EVERY_NOTE).cloned().collect(),
        folds_all: member.folds.iter().any(|note| note == EVERY_NOTE),
        role: member.role,
    }
}

fn pause(member: &mut Locked<Member>, until: Until, group: &Group) -> Done {
    let zone = member.zone.unwrap_or(group.zone);
    let until = match until {
        Until::Open => None,
        Until::Day(day) => match start_of(day, zone) {
            Some(at) => Some(at),
            None => return Done::Asked("which-day"),
        },
        Until::Unclear => return Done::Asked("which-day"),
    };
    let is_same = member.state == MemberState::Paused && member.paused_until == until;
    member.state = MemberState::Paused;
    member.paused_until = until;
    if is_same { Done::Same("paused") } else { Done::Changed("paused") }
}

/// Whether no mail comes, for now or at all.
fn rests(member: &Member) -> bool {
    member.state == MemberState::Paused || member.delivery == Delivery::None
}

fn resume(member: &mut Locked<Member>) -> Done {
    if !rests(member) {
        return Done::Same("resumed");
    }
    if member.state == MemberState::Paused {
        member.state = MemberState::Active;
    }
    if member.delivery == Delivery::None {
        member.delivery = Delivery::Daily;
    }
    Done::Changed("resumed")
}

fn receive(member: &mut Locked<Member>, choice: Choice) -> Done {
    let was = (member.delivery, member.hour, member.days, member.format);
    match (choice.delivery, choice.days) {
        (Some(delivery), days) => {
            member.delivery = match (delivery, days) {
                (Delivery::Weekly, Some(days)) if days.count() > 1 => Delivery::Daily,
                (delivery, _) => delivery,
            };
            // "Daily" is every day of the group's again, unless she names others.
            if days.is_some() || delivery.is_digest() {
                member.days = days;
            }
        }
        (None, Some(days)) => {
            member.delivery = match (member.delivery, days.count()) {
                (_, 1) => Delivery::Weekly,
                _ => Delivery::Daily,
            };
            member.days = Some(days);
        }
        (None, None) => {}
    }
    member.hour = choice.hour.or(member.hour);
    member.format = choice.format.unwrap_or(member.format);
    if was == (member.delivery, member.hour, member.days, member.format) {
        return Done::Same("delivery");
    }
    Done::Changed("delivery")
}

fn fold(member: &mut Locked<Member>, note: &str, more: bool) -> Done {
    let note = spelling(note);
    if !more {
        let is_changed = folds::take_out(&mut member.folds, &note);
        return if is_changed { Done::Changed("unfolded") } else { Done::Same("unfolded") };
    }
    match folds::put_in(&mut member.folds, &note) {
        Some(true) => Done::Changed("folded"),
        Some(false) => Done::Same("folded"),
        None => Done::Asked("too-many-folds"),
    }
}
