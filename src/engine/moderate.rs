//! A moderator's answer to a notice: verify, read the verb, carry it out. Whatever is unclear decides nothing.

use anyhow::Result;

use super::Lamplight;
use super::arrival::{Arrival, Outcome};
use super::notice::{Again, Notice};
use super::notify::{Manner, Reader};
use super::quoted::Answered;
use crate::clock::Timestamp;
use crate::mail::Address;
use crate::mail::envelope::{TokenKind, TokenText};
use crate::model::command::{Reading, Verb, WhyNothing, read_decision};
use crate::model::group::Group;
use crate::model::ids::DecisionId;
use crate::model::member::Member;
use crate::model::moderation::{self, Move, NothingDecided, Standing, Ticket};
use crate::model::policy::HoldReason;
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
    pub(super) async fn moderate(
        &self,
        db: &mut Db,
        arrival: &Arrival,
        text: &TokenText,
        recipient: &Address,
    ) -> Result<Outcome> {
        // RFC 3834 §2, and the promise that an out-of-office never decides: it gets no explanation either.
        if arrival.message.automatic.is_some() {
            return Ok(Outcome::ignored(None));
        }
        let Some(token) = tokens::find(db, self.store.key(), TokenKind::Decision, text).await? else {
            self.alarm_if_urgent(db, arrival, None, recipient).await?;
            self.explain_unknown_token(db, arrival).await?;
            return Ok(Outcome::plain("unknown-token", None));
        };
        let moderator = members::by_id(db, token.member).await?;
        let group = groups::by_id(db, moderator.group).await?;
        let is_hers = arrival.author().is_some_and(|author| author.key() == moderator.address.key());
        // A notice may have been passed on to somebody in need.
        if !is_hers || !moderator.is_active_moderator() {
            self.alarm_if_urgent(db, arrival, Some(&group), recipient).await?;
        }
        if !moderator.is_active_moderator() {
            return Ok(Outcome::plain("not-active", Some(&group)));
        }
        let Some((_, post)) = (match token.post {
            Some(id) => posts::lock(db, id).await?,
            None => None,
        }) else {
            return Ok(Outcome::plain("unknown-token", Some(&group)));
        };
        let standing = decisions::standing_for(db, post.id).await?;
        let answer = Answer { arrival, group, moderator, post, token, standing };
        // Exactly one From mailbox, the registered one.
        if !is_hers {
            self.explain(db, &answer, NothingDecided::AnotherAddress).await?;
            return Ok(answer.outcome("another-address"));
        }
        match read_decision(&arrival.message.text.reply, &answer.moderator.name) {
            // UNDO, RETRACT and MINE let nothing out, and waiting could.
            Reading::Decision { verb: Verb::Approve | Verb::Return, .. }
                if self.has_more_below(db, &answer).await? =>
            {
                self.explain(db, &answer, NothingDecided::Unclear).await?;
                Ok(answer.outcome("nothing-decided"))
            }
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

    /// Whether words stand below an unmarked quote that no notice of hers holds: they may be a condition.
    async fn has_more_below(&self, db: &mut Db, answer: &Answer<'_>) -> Result<bool> {
        let (by, lexicon) = (answer.moderator.id, self.lexicon(&answer.group));
        let answered = Answered { token: Some(answer.token.id), ..Answered::default() };
        let quote = self.new_in_quote(db, answer.arrival, by, &lexicon, answered).await?;
        Ok(quote.is_too_much || !quote.left_out.is_empty())
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
        let mut post = self.shown(db, &answer.post, now).await?;
        // What makes us ask again are the flags; that it was a first message does not.
        post.reasons = answer.post.reasons.iter().filter(|why| why.is_flag()).map(HoldReason::sentence).collect();
        let notice = Notice::AskAgain { post, verb: "APPROVE".to_owned() };
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

    /// One short explanation to the registered moderator, at most three an hour for one notice.
    async fn explain(&self, db: &mut Db, answer: &Answer<'_>, why: NothingDecided) -> Result<()> {
        let now = answer.arrival.now;
        let kind = format!("explanation/{}", answer.token.id);
        if !self.may_answer(db, &kind, &answer.moderator.address, 3, HOUR, now).await? {
            return Ok(());
        }
        let decided = match &answer.standing {
            Some(standing) => Some(format!("It was {}.", self.in_words(db, standing).await?)),
            None => match answer.post.state {
                PostState::Withdrawn => Some("Its author took it back.".to_owned()),
                PostState::Retracted => Some("It was taken back.".to_owned()),
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
}

impl Answer<'_> {
    fn ticket(&self) -> Ticket {
        let changed = self.token.content_hash.as_deref() != Some(self.post.content_hash().as_str());
        let received_at = self.arrival.spooled.received_at;
        Ticket {
            is_echo: self.token.purpose != Purpose::Decide,
            used: self.token.used_at.is_some(),
            stale: changed || received_at >= self.token.expires_at,
            asked: self.token.asked.as_deref() == Some("approve"),
            received_at,
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
