//! The automatic text to somebody who may be in danger. It says that a social worker was alerted only when a mail server
//! took the alert, and waits a minute for that; then it goes without saying so.

use anyhow::Result;

use super::Lamplight;
use super::notice::{Notice, ToMember};
use super::notify::Manner;
use super::tick::Tally;
use crate::clock::Timestamp;
use crate::model::group::Group;
use crate::model::ids::AlertId;
use crate::model::member::Member;
use crate::model::post::Post;
use crate::store::alerts::{self, Text};
use crate::store::audit::{self, Actor};
use crate::store::tokens::Purpose;
use crate::store::{Db, groups, members, posts};

const HOUR: i64 = 3_600;
/// So long the text waits for the alert to be taken.
const LONGEST_WAIT: i64 = 60;

impl Lamplight {
    /// What the author of a held post hears of it: the text for a crisis, once an hour, and otherwise "we have your message",
    /// where the moderators hear of it alone as well.
    #[allow(clippy::too_many_arguments, reason = "every one is a fact of the answer")]
    pub(super) async fn answer_held_author(
        &self,
        db: &mut Db,
        group: &Group,
        author: &Member,
        post: &Post,
        alert: Option<AlertId>,
        answers: Option<&str>,
        now: Timestamp,
    ) -> Result<()> {
        if let (Some(alert), true) = (alert, post.is_crisis())
            && self.may_answer(db, "crisis", &author.address, 1, HOUR, now).await?
        {
            return self.text_waits(db, alert, author, answers, &post.subject, post.read_by, now).await;
        }
        // Whoever writes so many in her name would have us write to her as often.
        if self.is_told_alone(db, post, now).await? {
            self.tell_author_held(db, group, author, post, answers, now).await?;
        }
        Ok(())
    }

    /// The text to somebody who wrote of a crisis elsewhere than to the group; at most one an hour.
    #[allow(clippy::too_many_arguments, reason = "every one is a fact of the answer")]
    pub(super) async fn answer_cry(
        &self,
        db: &mut Db,
        group: &Group,
        author: &Member,
        alert: AlertId,
        answers: Option<&str>,
        subject: &str,
        now: Timestamp,
    ) -> Result<()> {
        if self.may_answer(db, "crisis", &author.address, 1, HOUR, now).await? {
            self.text_waits(db, alert, author, answers, subject, self.promise_of(group, true).read_by(now), now)
                .await?;
        }
        Ok(())
    }

    #[allow(clippy::too_many_arguments, reason = "every one is a fact of the text")]
    async fn text_waits(
        &self,
        db: &mut Db,
        alert: AlertId,
        author: &Member,
        answers: Option<&str>,
        subject: &str,
        read_by: Timestamp,
        now: Timestamp,
    ) -> Result<()> {
        let text = Text {
            alert,
            member: author.id,
            answers: answers.map(str::to_owned),
            subject: subject.to_owned(),
            read_by,
            due_at: now.plus_seconds(LONGEST_WAIT),
            said: None,
            said_at: None,
        };
        Ok(alerts::insert_text(db, &text).await?)
    }

    /// Send the texts whose alert was taken, or that have waited for long enough; gives how many.
    ///
    /// # Errors
    /// When one of them failed; the others were sent.
    pub(super) async fn send_crisis_texts(&self, now: Timestamp) -> Result<usize> {
        let due = alerts::due_texts(&mut *self.store.read().await?, now).await?;
        let mut tally = Tally::default();
        for (text, is_taken) in due {
            tally.count(self.send_crisis_text(&text, is_taken, now).await);
        }
        tally.end()
    }

    /// `false` when another server sent it.
    async fn send_crisis_text(&self, text: &Text, is_taken: bool, now: Timestamp) -> Result<bool> {
        let mut tx = self.store.begin().await?;
        let said = if is_taken { "alerted" } else { "plain" };
        if !alerts::set_said(&mut tx, text.alert, said, now).await? {
            return Ok(false);
        }
        let author = members::by_id(&mut tx, text.member).await?;
        let group = groups::by_id(&mut tx, author.group).await?;
        let post = match alerts::by_id(&mut tx, text.alert).await?.and_then(|alert| alert.post) {
            Some(id) => posts::by_id(&mut tx, id).await?,
            None => None,
        };
        let token = match &post {
            Some(post) => Some(self.post_token(&mut tx, Purpose::Withdraw, author.id, post, None, now).await?),
            None => None,
        };
        let notice = Notice::from(ToMember::Crisis {
            alerted: is_taken,
            read_by: text.read_by,
            subject: text.subject.clone(),
            can_take_back: post.is_some(),
        });
        let manner = Manner::Answer(text.answers.as_deref());
        self.notify_author(&mut tx, &group, &author, token, &notice, manner, now).await?;
        let detail = serde_json::json!({ "said": said, "member": author.id });
        audit::write(&mut tx, now, Actor::Lamplight, "crisis-text", &format!("alert:{}", text.alert), &detail).await?;
        tx.commit().await?;
        Ok(true)
    }
}
