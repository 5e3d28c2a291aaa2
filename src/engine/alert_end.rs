//! How an alert ends: a person answers MINE, decides about the post, or says so at the command line.

use anyhow::Result;

use super::Lamplight;
use super::arrival::{Arrival, Outcome};
use super::explain::first_line;
use super::notice::{Notice, StrangerMail, ToModerators};
use super::notify::{Manner, Reader};
use crate::clock::Timestamp;
use crate::model::command::{Reading, Verb, read_decision};
use crate::model::group::Group;
use crate::model::ids::AlertId;
use crate::model::member::Member;
use crate::model::moderation::NothingDecided;
use crate::model::post::Post;
use crate::store::alerts::{self, Alert};
use crate::store::audit::{self, Actor};
use crate::store::outbox::Lane;
use crate::store::tokens::Token;
use crate::store::{Db, members};

const HOUR: i64 = 3_600;

impl Lamplight {
    /// MINE ends an alert that is about no post; anything else leaves it climbing, and is explained.
    pub(super) async fn answer_alert(
        &self,
        db: &mut Db,
        arrival: &Arrival,
        group: &Group,
        moderator: &Member,
        token: &Token,
        is_hers: bool,
    ) -> Result<Outcome> {
        let now = arrival.now;
        let reading = read_decision(&arrival.message.text.reply, &moderator.name);
        let why = match is_hers {
            false => Some(NothingDecided::AnotherAddress),
            true if !self.may_be_hers(arrival) => Some(NothingDecided::SenderNotVerified),
            true => None,
        };
        let is_mine = why.is_none() && matches!(reading, Reading::Decision { verb: Verb::Mine, .. });
        if is_mine && let Some((alert, shown)) = alerts::of_token(db, token.id).await? {
            if self.end_alert(db, &alert, Some(group), Some(moderator), "mine", now).await? {
                self.ask_about_the_rest(db, group, alert.id, shown, now).await?;
            }
            return Ok(Outcome::plain("claimed", Some(group)));
        }
        let kind = format!("explanation/{}", token.id);
        if self.may_answer(db, &kind, &moderator.address, 3, HOUR, now).await? {
            let why = why.unwrap_or(NothingDecided::OnlyMine);
            let line = first_line(&arrival.message.text.reply);
            let notice = Notice::from(ToModerators::Explanation { why, line, post: None, decided: None, verb: None });
            let reader = [Reader::of(moderator).with_token(token.id)];
            let manner = Manner::Watched(Lane::Notice);
            self.notify(db, Some(group), &moderator.name, &reader, &notice, manner, now).await?;
        }
        let disposition = match why {
            Some(NothingDecided::AnotherAddress) => "another-address",
            Some(_) => "sender-not-verified",
            None => "nothing-decided",
        };
        Ok(Outcome::plain(disposition, Some(group)))
    }

    /// Nobody takes what her mail did not show her: it is an alert of its own, from the first step.
    async fn ask_about_the_rest(
        &self,
        db: &mut Db,
        group: &Group,
        ended: AlertId,
        (from, to): (i64, i64),
        now: Timestamp,
    ) -> Result<()> {
        // Nothing joins what has ended: this is all of it.
        let Some(alert) = alerts::by_id(db, ended).await?.filter(|alert| alert.post.is_none()) else { return Ok(()) };
        let all: Vec<StrangerMail> = serde_json::from_str(&alert.shown)?;
        let is_shown = |at: usize| i64::try_from(at).is_ok_and(|at| from <= at && at < to);
        let (taken, rest): (Vec<_>, Vec<_>) = all.into_iter().enumerate().partition(|(at, _)| is_shown(*at));
        let messages = |parted: Vec<(usize, StrangerMail)>| parted.into_iter().map(|(_, one)| one).collect::<Vec<_>>();
        let rest = messages(rest);
        if rest.is_empty() {
            return Ok(());
        }
        alerts::set_shown(db, ended, &serde_json::to_string(&messages(taken))?).await?;
        self.raise_about_messages(db, Some(group), &rest, None, None, now).await.map(drop)
    }

    /// Somebody took a post in hand: its alert ends, and administrators who heard of it hear that as well. `false` where none
    /// was open.
    ///
    /// # Errors
    /// When a template or the database fails.
    pub async fn end_alerts_about(
        &self,
        db: &mut Db,
        group: &Group,
        post: &Post,
        by: Option<&Member>,
        how: &str,
        now: Timestamp,
    ) -> Result<bool> {
        let mut has_ended = false;
        for alert in alerts::open_about(db, post.id).await? {
            has_ended |= self.end_alert(db, &alert, Some(group), by, how, now).await?;
        }
        Ok(has_ended)
    }

    /// An alert ends; `false` when it had before. Of one about a post the moderators hear by the echo, of any other here.
    ///
    /// # Errors
    /// When a template or the database fails.
    pub async fn end_alert(
        &self,
        db: &mut Db,
        alert: &Alert,
        group: Option<&Group>,
        by: Option<&Member>,
        how: &str,
        now: Timestamp,
    ) -> Result<bool> {
        if !alerts::end(db, alert.id, by.map(|by| by.id), how, now).await? {
            return Ok(false);
        }
        let actor = by.map_or(Actor::Administrator, |by| Actor::Member(by.id.0));
        let detail = serde_json::json!({ "how": how });
        audit::write(db, now, actor, "alert-ended", &format!("alert:{}", alert.id), &detail).await?;
        let told_administrators = alerts::steps(db, alert.id).await?.iter().any(|step| step.rung == "administrators");
        let (mut hers, mut others) = (Vec::new(), Vec::new());
        if told_administrators {
            others = self.administrators_as_readers();
        }
        if let (None, Some(group)) = (alert.post, group) {
            for moderator in members::active_moderators(db, group.id).await? {
                let is_hers = by.is_some_and(|by| by.id == moderator.id);
                if is_hers { &mut hers } else { &mut others }.push(Reader::of(&moderator));
            }
        }
        for (readers, by_reader) in [(hers, true), (others, false)] {
            let notice = Notice::from(ToModerators::AlertEnded {
                id: alert.id.0,
                who: by
                    .map_or_else(|| self.words_of(group).say("names.administrator").to_owned(), |by| by.name.clone()),
                by_reader,
                raised_at: alert.raised_at,
            });
            self.notify(db, group, "", &readers, &notice, Manner::Watched(Lane::Notice), now).await?;
        }
        Ok(true)
    }
}
