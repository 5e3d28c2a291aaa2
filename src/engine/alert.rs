//! Somebody may be in danger: one person after the other is asked, for as long as nobody answers.
//!
//! An alert is raised in the transaction that keeps the words, and its first mail is written there; every later step is a
//! transaction of its own that only one server takes. It ends when a person answers MINE or decides, and by nothing else.

use std::ops::Range;

use anyhow::Result;

use super::Lamplight;
use super::alert_told::asked_by;
use super::hold::Asking;
use super::notice::{Again, Contact, Notice, ShownAlert, StrangerMail, ToAdministrators, ToModerators};
use super::notify::{Manner, Reader};
use crate::clock::Timestamp;
use crate::model::group::Group;
use crate::model::ids::{AlertId, EditionId, MemberId};
use crate::model::member::Member;
use crate::model::moderation::TOKEN_DAYS;
use crate::model::post::Post;
use crate::model::rota::{Asked, OnCall, Rung};
use crate::store::alerts::{self, NewAlert};
use crate::store::audit::{self, Actor};
use crate::store::outbox::Lane;
use crate::store::tokens::{self, NewToken, Purpose};
use crate::store::{Db, alert_mails, members, rota};

/// The most messages in one alert: its notice must stay one that a mail server takes.
const MOST_TOGETHER: usize = 200;

/// What an alert is about.
#[derive(Clone, Copy)]
pub(super) enum About<'a> {
    /// A post, which waits for a decision.
    Post(&'a Post),
    /// Messages that are no post.
    Messages(&'a [StrangerMail]),
}

/// One step of an alert, about to be told.
pub(super) struct Climbing<'a> {
    pub id: AlertId,
    pub step: i64,
    /// Whom it asks.
    pub rung: Rung,
    pub group: Option<&'a Group>,
    pub about: About<'a>,
    /// Why its post comes a second time.
    pub again: Option<Again>,
    /// Whom the steps before it asked.
    pub asked: Asked,
    pub on_call: OnCall,
    pub now: Timestamp,
}

impl Lamplight {
    /// Raise an alert about a held post: whoever is on call is told at once, the other moderators as of any held post.
    pub(super) async fn raise_about_post(
        &self,
        db: &mut Db,
        group: &Group,
        post: &Post,
        again: Option<Again>,
        now: Timestamp,
    ) -> Result<AlertId> {
        if let Some(open) = alerts::open_about(db, post.id).await?.first() {
            // It climbs already; whoever looks after the group now has the post as well.
            let moderators = members::active_moderators(db, group.id).await?;
            if moderators.is_empty() {
                self.tell_no_moderator(db, group, true, now).await?;
            }
            self.hold_notice(db, group, post, &moderators, Asking { again, ..Asking::default() }, now).await?;
            return Ok(open.id);
        }
        let on_call = rota::on_call(db, group.id, now).await?;
        let id = self.raise(db, Some(group), About::Post(post), Some(post.author), now).await?;
        let asked = Asked::default();
        let rung = on_call.next(&asked);
        let about = About::Post(post);
        let climbing =
            Climbing { id, step: 0, rung, group: Some(group), about, again: again.clone(), asked, on_call, now };
        let asked = match &climbing.rung {
            Rung::Moderators(asked) => {
                self.take_step(db, &climbing).await?;
                asked.clone()
            }
            // Nobody looks after this group.
            Rung::Administrators | Rung::Everybody => {
                let edition = self.tell_no_moderator(db, group, true, now).await?;
                alerts::insert_step(db, id, 0, "administrators", edition, now).await?;
                Vec::new()
            }
        };
        let others: Vec<Member> = members::active_moderators(db, group.id)
            .await?
            .into_iter()
            .filter(|moderator| !asked.contains(&moderator.id))
            .collect();
        if !others.is_empty() {
            let beside = Asking { again, is_beside: true, ..Asking::default() };
            self.hold_notice(db, group, post, &others, beside, now).await?;
        }
        Ok(id)
    }

    /// Raise an alert about messages that are no post; `first` is what the first step says, where that is more than the
    /// usual notice.
    pub(super) async fn raise_about_messages(
        &self,
        db: &mut Db,
        group: Option<&Group>,
        messages: &[StrangerMail],
        member: Option<MemberId>,
        first: Option<&Notice>,
        now: Timestamp,
    ) -> Result<AlertId> {
        let on_call = match group {
            Some(group) => rota::on_call(db, group.id, now).await?,
            None => OnCall::default(),
        };
        let about = About::Messages(messages);
        // Answers go to the talk, where MINE is understood as well: these need no token.
        let is_talk = first.is_some_and(|first| first.talk().is_some());
        let earlier = if member.is_none() { self.joined(db, group, messages, now).await? } else { None };
        let id = match earlier {
            Some((id, _)) => id,
            None => self.raise(db, group, about, member, now).await?,
        };
        let (rung, asked) = (on_call.next(&Asked::default()), asked_by(db, id).await?);
        let climbing = Climbing { id, step: 0, rung, group, about, again: None, asked, on_call, now };
        let usual;
        let first = match (first, earlier) {
            (None, None) => {
                self.take_step(db, &climbing).await?;
                return Ok(id);
            }
            (Some(first), _) => first,
            (None, Some(_)) => {
                let alert = Some(self.shown_alert(db, &climbing).await?);
                usual = Notice::from(ToModerators::StrangerUrgent { messages: messages.to_vec(), alert });
                &usual
            }
        };
        let (rung, readers) = match &climbing.rung {
            Rung::Moderators(asked) if is_talk => {
                ("moderators", self.people(db, asked).await?.iter().map(Reader::of).collect())
            }
            Rung::Moderators(asked) => {
                let before = earlier.map_or(0, |(_, before)| before);
                ("moderators", self.readers_for_alert(db, &climbing, asked, before).await?)
            }
            Rung::Administrators | Rung::Everybody => ("administrators", self.administrators_as_readers()),
        };
        let edition = self.send(db, &climbing, first, &readers).await?;
        if earlier.is_none() {
            alerts::insert_step(db, id, 0, rung, edition, now).await?;
        }
        if let Some((talk, _)) = first.talk() {
            alert_mails::set_talk(db, id, talk).await?;
        }
        if let (Some(group), Some(_), Rung::Moderators(asked)) = (group, member, &climbing.rung) {
            // A member's words to the moderators are for all of them.
            let others: Vec<MemberId> =
                climbing.on_call.active.iter().filter(|id| !asked.contains(id)).copied().collect();
            let readers: Vec<Reader> = self.people(db, &others).await?.iter().map(Reader::of).collect();
            let manner = Manner::Watched(Lane::Notice);
            let copy = self.notify_edition(db, Some(group), "", &readers, first, manner, now).await?;
            if let Some(copy) = copy {
                alert_mails::insert_copy(db, id, copy).await?;
            }
        }
        Ok(id)
    }

    /// Mail from outside within one step is one alert: a flood makes one ladder, and its climb tells of all of it. What
    /// somebody of the group wrote stands alone. Gives how many messages were in it before.
    async fn joined(
        &self,
        db: &mut Db,
        group: Option<&Group>,
        messages: &[StrangerMail],
        now: Timestamp,
    ) -> Result<Option<(AlertId, usize)>> {
        let since = now.plus_seconds(-60 * i64::from(self.config.moderation.alert_minutes));
        let Some(alert) = alerts::fresh_about_strangers(db, group.map(|group| group.id), since).await? else {
            return Ok(None);
        };
        let mut all: Vec<StrangerMail> = serde_json::from_str(&alert.shown)?;
        let before = all.len();
        let is_alone = self.any_takes_part(db, group, messages).await? || self.any_takes_part(db, group, &all).await?;
        if is_alone || before + messages.len() > MOST_TOGETHER {
            return Ok(None);
        }
        all.extend_from_slice(messages);
        alerts::set_shown(db, alert.id, &serde_json::to_string(&all)?).await?;
        Ok(Some((alert.id, before)))
    }

    async fn raise(
        &self,
        db: &mut Db,
        group: Option<&Group>,
        about: About<'_>,
        member: Option<MemberId>,
        now: Timestamp,
    ) -> Result<AlertId> {
        let shown = match about {
            About::Post(_) => String::new(),
            About::Messages(messages) => serde_json::to_string(messages)?,
        };
        let new = NewAlert {
            group: group.map(|group| group.id),
            post: match about {
                About::Post(post) => Some(post.id),
                About::Messages(_) => None,
            },
            member,
            shown: &shown,
            climb_at: now.plus_seconds(i64::from(self.config.moderation.alert_minutes) * 60),
        };
        let id = alerts::insert(db, &new, now).await?;
        let detail = serde_json::json!({ "post": new.post, "member": member });
        audit::write(db, now, Actor::Lamplight, "alert-raised", &format!("alert:{id}"), &detail).await?;
        Ok(id)
    }

    /// Tell the people of this step, and write down that they were.
    pub(super) async fn take_step(&self, db: &mut Db, climbing: &Climbing<'_>) -> Result<()> {
        let shown = self.shown_alert(db, climbing).await?;
        let moderators = match &climbing.rung {
            Rung::Moderators(asked) => asked.clone(),
            Rung::Administrators => Vec::new(),
            Rung::Everybody => climbing.on_call.active.clone(),
        };
        if let (Some(group), false) = (climbing.group, moderators.is_empty()) {
            let edition = match climbing.about {
                About::Post(post) => {
                    let people = self.people(db, &moderators).await?;
                    let asking =
                        Asking { alert: Some(shown.clone()), again: climbing.again.clone(), ..Asking::default() };
                    self.hold_notice(db, group, post, &people, asking, climbing.now).await?
                }
                About::Messages(messages) => {
                    let readers = self.readers_for_alert(db, climbing, &moderators, 0).await?;
                    let notice = Notice::from(ToModerators::StrangerUrgent {
                        messages: messages.to_vec(),
                        alert: Some(shown.clone()),
                    });
                    self.send(db, climbing, &notice, &readers).await?
                }
            };
            alerts::insert_step(db, climbing.id, climbing.step, "moderators", edition, climbing.now).await?;
        }
        if matches!(climbing.rung, Rung::Administrators | Rung::Everybody) {
            let edition = self.tell_administrators(db, climbing, shown).await?;
            alerts::insert_step(db, climbing.id, climbing.step, "administrators", edition, climbing.now).await?;
        }
        Ok(())
    }

    async fn tell_administrators(
        &self,
        db: &mut Db,
        climbing: &Climbing<'_>,
        shown: ShownAlert,
    ) -> Result<Option<EditionId>> {
        let readers = self.administrators_as_readers();
        if readers.is_empty() {
            tracing::error!(alert.id = %climbing.id, "nobody has answered, and there is no administrator to tell");
            return Ok(None);
        }
        let moderators = self.people(db, &climbing.on_call.active).await?;
        let contact = |person: Member| Contact { name: person.name, address: person.address.as_str().to_owned() };
        let notice = match (climbing.about, climbing.group) {
            // They read what comes to a group that nobody looks after.
            (About::Messages(messages), _) if climbing.on_call.active.is_empty() => {
                Notice::from(ToModerators::StrangerUrgent { messages: messages.to_vec(), alert: Some(shown) })
            }
            (about, _) => Notice::from(ToAdministrators::AlertUnanswered {
                alert: shown,
                moderators: moderators.into_iter().map(contact).collect(),
                author: match about {
                    About::Post(post) => Some(post.shown_author(self.words_of(climbing.group))),
                    About::Messages(_) => None,
                },
                post_id: match about {
                    About::Post(post) => Some(post.id.0),
                    About::Messages(_) => None,
                },
                spool_ids: match about {
                    About::Post(_) => Vec::new(),
                    About::Messages(messages) => messages.iter().map(|message| message.spool_id).collect(),
                },
            }),
        };
        self.send(db, climbing, &notice, &readers).await
    }

    async fn send(
        &self,
        db: &mut Db,
        climbing: &Climbing<'_>,
        notice: &Notice,
        readers: &[Reader],
    ) -> Result<Option<EditionId>> {
        if readers.is_empty() {
            tracing::error!(alert.id = %climbing.id, "there is nobody to tell: no moderator and no administrator");
        }
        let manner = Manner::Watched(Lane::Urgent);
        self.notify_edition(db, climbing.group, "", readers, notice, manner, climbing.now).await
    }

    pub(super) async fn people(&self, db: &mut Db, ids: &[MemberId]) -> Result<Vec<Member>> {
        let mut people = Vec::with_capacity(ids.len());
        for id in ids {
            people.push(members::by_id(db, *id).await?);
        }
        Ok(people)
    }

    /// These moderators, each with a token that MINE answers; `before` messages of the alert are not in their mail.
    async fn readers_for_alert(
        &self,
        db: &mut Db,
        climbing: &Climbing<'_>,
        moderators: &[MemberId],
        before: usize,
    ) -> Result<Vec<Reader>> {
        let count = match climbing.about {
            About::Post(_) => 0,
            About::Messages(messages) => messages.len(),
        };
        let shown = before..before + count;
        let mut readers = Vec::with_capacity(moderators.len());
        for person in self.people(db, moderators).await? {
            readers.push(self.reader_for_alert(db, climbing.id, shown.clone(), &person, climbing.now).await?);
        }
        Ok(readers)
    }

    /// A moderator with a token that MINE answers, in a mail that shows these messages of the alert.
    pub(super) async fn reader_for_alert(
        &self,
        db: &mut Db,
        id: AlertId,
        shown: Range<usize>,
        person: &Member,
        now: Timestamp,
    ) -> Result<Reader> {
        let new = NewToken {
            purpose: Purpose::Alert,
            member: person.id,
            post: None,
            content_hash: None,
            asked: None,
            expires_at: now.plus_seconds(TOKEN_DAYS * 86_400),
        };
        let token = tokens::insert(db, &new, now).await?;
        let shown = (i64::try_from(shown.start)?, i64::try_from(shown.end)?);
        alerts::insert_token(db, token, id, shown).await?;
        Ok(Reader::of(person).with_token(token))
    }

    pub(super) fn administrators_as_readers(&self) -> Vec<Reader> {
        self.administrators().iter().map(Reader::administrator).collect()
    }
}
