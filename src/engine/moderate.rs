//! A moderator's answer to a notice: verify, read the verb, carry it out. Whatever is unclear decides nothing.

use anyhow::Result;

use super::Lamplight;
use super::notice::{Again, Notice};
use super::notify::{Manner, Reader};
use super::publish::Release;
use super::receive::{Arrival, Outcome};
use crate::clock::Timestamp;
use crate::mail::envelope::{TokenKind, TokenText};
use crate::model::command::{Reading, Verb, WhyNothing, read_decision};
use crate::model::group::Group;
use crate::model::ids::DecisionId;
use crate::model::member::Member;
use crate::model::moderation::{self, Move, NothingDecided, Standing, Ticket};
use crate::model::post::{Post, PostState};
use crate::store::audit::{self, Actor};
use crate::store::decisions::{self, NewDecision, verb_word};
use crate::store::outbox::Lane;
use crate::store::tokens::{self, Purpose, Token};
use crate::store::{Db, groups, members, posts};

const HOUR: i64 = 3_600;

/// A verified answer: who, about which post, with which token.
struct Answer<'a> {
    arrival: &'a Arrival,
    group: Group,
    moderator: Member,
    post: Post,
    token: Token,
    standing: Option<Standing>,
}

impl Lamplight {
    /// Read a moderator's answer to `lamplight+m.TOKEN@`.
    pub(super) async fn moderate(&self, db: &mut Db, arrival: &Arrival, text: &TokenText) -> Result<Outcome> {
        // RFC 3834 §2, and the promise that an out-of-office never decides: it gets no explanation either.
        if arrival.message.automatic.is_some() {
            return Ok(Outcome::plain("ignored", None));
        }
        let Some(token) = tokens::find(db, self.store.key(), TokenKind::Decision, text).await? else {
            self.explain_unknown_token(db, arrival).await?;
            return Ok(Outcome::plain("unknown-token", None));
        };
        let moderator = members::by_id(db, token.member).await?;
        let group = groups::by_id(db, moderator.group).await?;
        if !moderator.is_active_moderator() {
            return Ok(Outcome::plain("not-active", Some(&group)));
        }
        let Some(post) = (match token.post {
            Some(id) => posts::lock(db, id).await?,
            None => None,
        }) else {
            return Ok(Outcome::plain("unknown-token", Some(&group)));
        };
        let standing = decisions::standing_for(db, post.id).await?;
        let answer = Answer { arrival, group, moderator, post, token, standing };
        // Exactly one From mailbox, the registered one.
        if arrival.author().is_none_or(|author| author.key() != answer.moderator.address.key()) {
            self.explain(db, &answer, NothingDecided::AnotherAddress).await?;
            return Ok(answer.outcome("another-address"));
        }
        match read_decision(&arrival.message.text.reply, &answer.moderator.name) {
            Reading::Decision { verb, text } => self.follow(db, &answer, verb, text.as_deref()).await,
            Reading::Nothing(why) => {
                let why = match why {
                    WhyNothing::NoVerb | WhyNothing::NotYet(_) => NothingDecided::NoVerb,
                    WhyNothing::Unclear => NothingDecided::Unclear,
                    WhyNothing::NoteMissing => NothingDecided::NoteMissing,
                };
                self.explain(db, &answer, why).await?;
                Ok(answer.outcome("nothing-decided"))
            }
        }
    }

    async fn follow(&self, db: &mut Db, answer: &Answer<'_>, verb: Verb, note: Option<&str>) -> Result<Outcome> {
        let now = answer.arrival.now;
        let undo_seconds = i64::from(self.config.moderation.undo_seconds);
        let step = moderation::next_move(
            verb,
            answer.moderator.id,
            &answer.post,
            answer.standing.as_ref(),
            answer.ticket(),
            undo_seconds,
            now,
        );
        match step {
            Move::Decide { verb, release_at } => {
                self.decide(db, answer, verb, note, release_at).await?;
                Ok(answer.outcome("decided"))
            }
            Move::Ask => {
                self.ask_again(db, answer).await?;
                Ok(answer.outcome("asked-again"))
            }
            Move::Claim => {
                posts::set_claimed(db, answer.post.id, answer.moderator.id).await?;
                self.record(db, answer, Verb::Mine, None, None).await?;
                self.echo(db, answer, Verb::Mine, None, None).await?;
                Ok(answer.outcome("claimed"))
            }
            Move::Undo(decision) => {
                self.undo(db, answer, decision).await?;
                Ok(answer.outcome("undone"))
            }
            Move::Retract => {
                self.record(db, answer, Verb::Retract, None, None).await?;
                self.retract(db, &answer.group, &answer.post, Some(&answer.moderator), now).await?;
                Ok(answer.outcome("retracted"))
            }
            Move::Fresh => {
                let only = std::slice::from_ref(&answer.moderator);
                self.hold_notice(db, &answer.group, &answer.post, only, Some(Again::Late), now).await?;
                Ok(answer.outcome("fresh-token"))
            }
            Move::Refuse(why) => {
                self.explain(db, answer, why).await?;
                Ok(answer.outcome("nothing-decided"))
            }
        }
    }

    /// One transaction: token, decision, audit row, and when it takes effect.
    async fn decide(
        &self,
        db: &mut Db,
        answer: &Answer<'_>,
        verb: Verb,
        note: Option<&str>,
        release_at: Timestamp,
    ) -> Result<()> {
        let now = answer.arrival.now;
        // Promise I5: of two that race, the second finds the token used and the transaction ends here.
        anyhow::ensure!(tokens::use_up(db, answer.token.id, now).await?, "the token was used meanwhile");
        let decision = self.record(db, answer, verb, note, Some(release_at)).await?;
        if release_at <= now {
            self.carry_out(db, decision, answer.post.id, now).await?;
            return self.echo(db, answer, verb, note, None).await;
        }
        self.echo(db, answer, verb, note, Some(release_at)).await
    }

    async fn record(
        &self,
        db: &mut Db,
        answer: &Answer<'_>,
        verb: Verb,
        note: Option<&str>,
        release_at: Option<Timestamp>,
    ) -> Result<DecisionId> {
        let new = NewDecision {
            post: answer.post.id,
            by: Some(answer.moderator.id),
            verb: &verb_word(verb),
            note,
            token: Some(answer.token.id),
            release_at,
        };
        let id = decisions::insert(db, &new, answer.arrival.now).await?;
        let detail = serde_json::json!({ "decision": id, "spool": answer.arrival.spooled.id });
        let subject = format!("post:{}", answer.post.id);
        audit::write(db, answer.arrival.now, Actor::Member(answer.moderator.id.0), &verb_word(verb), &subject, &detail)
            .await?;
        Ok(id)
    }

    async fn undo(&self, db: &mut Db, answer: &Answer<'_>, decision: DecisionId) -> Result<()> {
        let now = answer.arrival.now;
        anyhow::ensure!(decisions::undo(db, decision, now).await?, "the decision took effect meanwhile");
        self.record(db, answer, Verb::Undo, None, None).await?;
        let moderators = members::active_moderators(db, answer.group.id).await?;
        let again = Again::Undone { moderator: answer.moderator.name.clone() };
        self.hold_notice(db, &answer.group, &answer.post, &moderators, Some(again), now).await
    }

    /// What a flag held is released only after a second word, by a token that was not in the first notice.
    async fn ask_again(&self, db: &mut Db, answer: &Answer<'_>) -> Result<()> {
        let now = answer.arrival.now;
        let verb = verb_word(Verb::Approve);
        let token = self.post_token(db, Purpose::Decide, answer.moderator.id, &answer.post, Some(&verb), now).await?;
        let notice = Notice::AskAgain { post: self.shown(db, &answer.post, now).await?, verb: "APPROVE".to_owned() };
        let reader = [Reader::of(&answer.moderator).with_token(token)];
        let manner = Manner::Watched(Lane::Notice);
        self.notify(db, Some(&answer.group), &answer.moderator.name, &reader, &notice, manner, now).await
    }

    /// Tell every moderator what was decided, each with a token for UNDO and RETRACT.
    async fn echo(
        &self,
        db: &mut Db,
        answer: &Answer<'_>,
        verb: Verb,
        note: Option<&str>,
        undo_until: Option<Timestamp>,
    ) -> Result<()> {
        let by = Some(&answer.moderator);
        self.echo_decision(db, &answer.group, &answer.post, verb, by, note, undo_until, answer.arrival.now).await
    }

    /// As [`Self::echo`], also for an administrator's decision (`by` is then `None`).
    #[allow(clippy::too_many_arguments, reason = "every one is a fact of the echo")]
    pub(super) async fn echo_decision(
        &self,
        db: &mut Db,
        group: &Group,
        post: &Post,
        verb: Verb,
        by: Option<&Member>,
        note: Option<&str>,
        undo_until: Option<Timestamp>,
        now: Timestamp,
    ) -> Result<()> {
        let shown = self.shown(db, post, now).await?;
        let moderators = members::active_moderators(db, group.id).await?;
        let (own, others): (Vec<Member>, Vec<Member>) =
            moderators.into_iter().partition(|moderator| by.is_some_and(|by| by.id == moderator.id));
        for (readers, by_reader) in [(own, true), (others, false)] {
            let readers = self.readers_with_tokens(db, Purpose::Echo, &readers, post, now).await?;
            let notice = Notice::Echo {
                post: shown.clone(),
                verb: verb_word(verb).to_uppercase(),
                moderator: by.map_or_else(|| "an administrator".to_owned(), |by| by.name.clone()),
                by_reader,
                undo_until,
                note: note.map(str::to_owned),
            };
            self.notify(db, Some(group), "", &readers, &notice, Manner::Watched(Lane::Notice), now).await?;
        }
        Ok(())
    }

    /// One short explanation to the registered moderator, at most three an hour for one notice.
    async fn explain(&self, db: &mut Db, answer: &Answer<'_>, why: NothingDecided) -> Result<()> {
        let now = answer.arrival.now;
        let kind = format!("explanation/{}", answer.token.id);
        if !self.may_answer(db, &kind, &answer.moderator.address, 3, HOUR, now).await? {
            return Ok(());
        }
        let decided = match &answer.standing {
            Some(standing) => Some(self.in_words(db, standing).await?),
            None => match answer.post.state {
                PostState::Withdrawn => Some("taken back by its author".to_owned()),
                PostState::Retracted => Some("taken back".to_owned()),
                _ => None,
            },
        };
        let notice = Notice::Explanation {
            why,
            line: answer.first_line(),
            post: Some(self.shown(db, &answer.post, now).await?),
            decided,
        };
        // The same token still decides, unless it was used up.
        let reader = [Reader::of(&answer.moderator).with_token(answer.token.id)];
        let manner = Manner::Watched(Lane::Notice);
        self.notify(db, Some(&answer.group), &answer.moderator.name, &reader, &notice, manner, now).await
    }

    async fn in_words(&self, db: &mut Db, standing: &Standing) -> Result<String> {
        let who = match standing.by {
            Some(id) => members::by_id(db, id).await?.name,
            None => "an administrator".to_owned(),
        };
        let what = if standing.verb == Verb::Approve { "approved" } else { "returned" };
        Ok(format!("{what} by {who}"))
    }

    /// Nobody but a moderator is answered, and nobody more than ten times an hour.
    async fn explain_unknown_token(&self, db: &mut Db, arrival: &Arrival) -> Result<()> {
        let Some(author) = arrival.author() else { return Ok(()) };
        if !members::is_moderator_anywhere(db, author).await?
            || !self.may_answer(db, "unknown-token", author, 10, HOUR, arrival.now).await?
        {
            return Ok(());
        }
        let line = first_line(&arrival.message.text.reply);
        let notice = Notice::Explanation { why: NothingDecided::UnknownToken, line, post: None, decided: None };
        let reader = [Reader { member: None, address: author.clone(), token: None }];
        self.notify(db, None, "", &reader, &notice, Manner::Watched(Lane::Notice), arrival.now).await
    }

    /// Mail that came in a moderator's name: only she can say whether she wrote it.
    pub(super) async fn ask_author(
        &self,
        db: &mut Db,
        group: &Group,
        author: &Member,
        post: &Post,
        now: Timestamp,
    ) -> Result<()> {
        let token = self.post_token(db, Purpose::Decide, author.id, post, None, now).await?;
        let notice = Notice::ConfirmOwn { text: post.text.clone(), subject: post.subject.clone() };
        let reader = [Reader::of(author).with_token(token)];
        self.notify(db, Some(group), &author.name, &reader, &notice, Manner::Watched(Lane::Notice), now).await
    }

    /// Tell the moderators of a held post; the administrators where there is none.
    pub(super) async fn announce_hold(
        &self,
        db: &mut Db,
        group: &Group,
        post: &Post,
        again: Option<Again>,
        now: Timestamp,
    ) -> Result<()> {
        let moderators = members::active_moderators(db, group.id).await?;
        if moderators.is_empty() {
            return self.tell_no_moderator(db, group, post.is_urgent(), now).await;
        }
        self.hold_notice(db, group, post, &moderators, again, now).await
    }

    async fn hold_notice(
        &self,
        db: &mut Db,
        group: &Group,
        post: &Post,
        moderators: &[Member],
        again: Option<Again>,
        now: Timestamp,
    ) -> Result<()> {
        let claimed_by = match post.claimed_by {
            Some(id) => Some(members::by_id(db, id).await?.name),
            None => None,
        };
        let notice = Notice::Hold { post: self.shown(db, post, now).await?, read_by: post.read_by, again, claimed_by };
        let readers = self.readers_with_tokens(db, Purpose::Decide, moderators, post, now).await?;
        let lane = if post.is_urgent() { Lane::Urgent } else { Lane::Notice };
        self.notify(db, Some(group), "", &readers, &notice, Manner::Watched(lane), now).await
    }

    /// An administrator's decision at the command line: at once, and every moderator is told.
    ///
    /// # Errors
    /// One sentence when the post is not to be decided any more.
    pub async fn decide_as_administrator(
        &self,
        post: crate::model::ids::PostId,
        verb: Verb,
        note: Option<&str>,
        now: Timestamp,
    ) -> Result<()> {
        let mut tx = self.store.begin().await?;
        let Some(post) = posts::lock(&mut tx, post).await? else { anyhow::bail!("there is no post {post}") };
        let group = groups::by_id(&mut tx, post.group).await?;
        if let Some(standing) = decisions::standing_for(&mut tx, post.id).await? {
            let how = self.in_words(&mut tx, &standing).await?;
            anyhow::bail!("post {} was {how}", post.id);
        }
        anyhow::ensure!(post.state == PostState::Held, "post {} is not held", post.id);
        let verb_text = verb_word(verb);
        let new = NewDecision { post: post.id, by: None, verb: &verb_text, note, token: None, release_at: Some(now) };
        let decision = decisions::insert(&mut tx, &new, now).await?;
        let detail = serde_json::json!({ "decision": decision });
        audit::write(&mut tx, now, Actor::Administrator, &verb_text, &format!("post:{}", post.id), &detail).await?;
        self.carry_out(&mut tx, decision, post.id, now).await?;
        self.echo_decision(&mut tx, &group, &post, verb, None, note, None, now).await?;
        tx.commit().await?;
        Ok(())
    }

    /// A decision whose undo window has ended takes effect; `false` when it was undone or carried out meanwhile.
    pub(super) async fn carry_out(
        &self,
        db: &mut Db,
        decision: DecisionId,
        post: crate::model::ids::PostId,
        now: Timestamp,
    ) -> Result<bool> {
        let Some(post) = posts::lock(db, post).await? else { return Ok(false) };
        let group = groups::by_id(db, post.group).await?;
        if let Some(since) = group.hold_everything_since
            && decisions::undo_if_before(db, decision, since, now).await?
        {
            // Somebody pulled the brake after the decision: it goes back to the moderators.
            self.announce_hold(db, &group, &post, Some(Again::HoldEverything), now).await?;
            return Ok(true);
        }
        let Some(standing) = decisions::take(db, decision, now).await? else { return Ok(false) };
        match standing.verb {
            Verb::Approve => self.release(db, &group, &post, Release::Decision(decision), now).await?,
            Verb::Return => self.give_back(db, &group, &post, &standing, now).await?,
            Verb::Mine | Verb::Undo | Verb::Retract => {}
        }
        Ok(true)
    }

    async fn give_back(
        &self,
        db: &mut Db,
        group: &Group,
        post: &Post,
        standing: &Standing,
        now: Timestamp,
    ) -> Result<()> {
        posts::set_state(db, post.id, PostState::Returned).await?;
        let author = members::by_id(db, post.author).await?;
        let moderator = match standing.by {
            Some(id) => members::by_id(db, id).await?.name,
            None => group.title.clone(),
        };
        let notice = Notice::Returned {
            moderator,
            note: standing.note.clone().unwrap_or_default(),
            subject: post.subject.clone(),
            text: post.text.clone(),
        };
        self.notify(db, Some(group), &author.name, &[Reader::of(&author)], &notice, Manner::Answer, now).await
    }
}

impl Answer<'_> {
    fn ticket(&self) -> Ticket {
        let changed = self.token.content_hash.as_deref() != Some(self.post.content_hash().as_str());
        Ticket {
            is_echo: self.token.purpose != Purpose::Decide,
            used: self.token.used_at.is_some(),
            stale: changed || self.arrival.now >= self.token.expires_at,
            asked: self.token.asked.as_deref() == Some("approve"),
        }
    }

    fn first_line(&self) -> String {
        first_line(&self.arrival.message.text.reply)
    }

    fn outcome(&self, disposition: &'static str) -> Outcome {
        // The post is not this message's: a decision makes none.
        Outcome::plain(disposition, Some(&self.group))
    }
}

fn first_line(text: &str) -> String {
    let line = text.lines().map(str::trim).find(|line| !line.is_empty() && !line.starts_with('>')).unwrap_or_default();
    line.chars().take(120).collect()
}
