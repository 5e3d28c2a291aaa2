//! How an alert climbs: step by step while nobody answers, and at once when somebody comes to a group in which only the
//! administrators could be asked. Each step is a transaction that compares and sets it, so one server takes it.

use anyhow::Result;

use super::Lamplight;
use super::alert::{About, Climbing};
use super::alert_told::asked_by;
use super::notice::StrangerMail;
use super::tick::Tally;
use crate::clock::Timestamp;
use crate::model::group::Group;
use crate::model::post::{Post, PostState};
use crate::model::rota::{Asked, OnCall, Rung};
use crate::store::alerts::{self, Alert};
use crate::store::audit::{self, Actor};
use crate::store::{Db, decisions, groups, posts, rota, way};

const HOUR: i64 = 3_600;

/// Why a step is taken.
#[derive(Clone, Copy)]
enum Why {
    /// It was its time, or all copies of the last one came back.
    NobodyAnswered,
    /// The first moderator is there: she is asked as if it were raised now, and has her time.
    SomebodyCame,
}

impl Lamplight {
    /// Take the next step of every alert for which it is time, or which somebody has come for; gives how many.
    ///
    /// # Errors
    /// When one of them failed; the others were taken.
    pub(super) async fn climb_alerts(&self, now: Timestamp) -> Result<usize> {
        let mut look = self.store.read().await?;
        let due = alerts::due(&mut look, now).await?;
        let unasked = alerts::unasked(&mut look).await?;
        let (mut in_time, mut in_vain) = (Vec::new(), Vec::new());
        for alert in due {
            let waits = was_asked_in_vain(&mut look, &alert, now).await?;
            if waits { &mut in_vain } else { &mut in_time }.push(alert);
        }
        drop(look);
        if !in_vain.is_empty() {
            // No mail reaches anybody, so nobody was asked. Whoever is asked has her time when mail flows again.
            let mut tx = self.store.begin().await?;
            let until = now.plus_seconds(i64::from(self.config.moderation.alert_minutes) * 60);
            for alert in &in_vain {
                alerts::put_off(&mut tx, alert, until).await?;
            }
            tx.commit().await?;
        }
        let mut tally = Tally::default();
        for alert in unasked {
            tally.count(self.climb(&alert, Why::SomebodyCame, now).await);
        }
        for alert in in_time {
            tally.count(self.climb(&alert, Why::NobodyAnswered, now).await);
        }
        tally.end()
    }

    /// `false` when it had ended, or another server took the step.
    async fn climb(&self, alert: &Alert, why: Why, now: Timestamp) -> Result<bool> {
        let mut tx = self.store.begin().await?;
        let (group, post) = match (alert.post, alert.group) {
            (Some(id), _) => match posts::lock(&mut tx, id).await? {
                Some((group, post)) => (Some(Group::clone(&group)), Some(post)),
                None => return Ok(false),
            },
            (None, Some(id)) => (Some(groups::by_id(&mut tx, id).await?), None),
            (None, None) => (None, None),
        };
        let on_call = match &group {
            Some(group) => rota::on_call(&mut tx, group.id, now).await?,
            None => OnCall::default(),
        };
        let step = alert.step + 1;
        let asked = asked_by(&mut tx, alert.id).await?;
        let rung = match why {
            Why::NobodyAnswered => on_call.next(&asked),
            Why::SomebodyCame => on_call.next(&Asked::default()),
        };
        // All its copies were refused, and there is nobody above: the clock alone repeats it.
        if alert.climb_at > now && rung == Rung::Everybody {
            return Ok(false);
        }
        if let Some(post) = &post
            && self.is_answered(&mut tx, post).await?
        {
            alerts::end(&mut tx, alert.id, post.claimed_by, "answered", now).await?;
            tx.commit().await?;
            return Ok(true);
        }
        let wait = asked.clone().and(&rung).wait(&rung, self.config.moderation.alert_minutes);
        if !alerts::climb(&mut tx, alert, now.plus_seconds(wait)).await? {
            return Ok(false);
        }
        let messages: Vec<StrangerMail>;
        let about = match &post {
            Some(post) => About::Post(post),
            None => {
                messages = serde_json::from_str(&alert.shown)?;
                About::Messages(&messages)
            }
        };
        let word = rung.word();
        let climbing =
            Climbing { id: alert.id, step, rung, group: group.as_ref(), about, again: None, asked, on_call, now };
        self.take_step(&mut tx, &climbing).await?;
        let detail = serde_json::json!({ "step": step, "rung": word });
        audit::write(&mut tx, now, Actor::Lamplight, "alert-climbed", &format!("alert:{}", alert.id), &detail).await?;
        tx.commit().await?;
        Ok(true)
    }

    /// Whoever took a post in hand has answered. That its author took it back is no answer.
    async fn is_answered(&self, db: &mut Db, post: &Post) -> Result<bool> {
        Ok(post.claimed_by.is_some()
            || matches!(post.state, PostState::Published | PostState::Returned | PostState::Retracted)
            || decisions::standing_for(db, post.id).await?.is_some())
    }
}

/// No copy of the last step has left, and nothing does: the smarthost is away, or for an hour at most it refuses others as
/// well. Where a copy was handed over somebody was asked, and her time is over whatever else is refused. A copy that is
/// refused alone makes nobody wait: the next step shows what is meant.
async fn was_asked_in_vain(db: &mut Db, alert: &Alert, now: Timestamp) -> Result<bool> {
    let Some(since) = alerts::waits_to_leave(db, alert).await? else { return Ok(false) };
    Ok(way::closed(db).await?.is_some()
        || (now.seconds_since(since) < HOUR && way::refuses_others(db, alert.id).await?))
}
