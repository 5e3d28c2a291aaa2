//! A moderator's answer to a notice: verify, read the verb, carry it out. Whatever is unclear decides nothing.

use anyhow::Result;

use super::Lamplight;
use super::arrival::{Arrival, Outcome};
use super::edit::flags_of;
use super::explain::in_capitals;
use super::hold::{Asking, Told};
use super::notice::{Again, Notice, ToModerators};
use super::notify::{Manner, Reader};
use super::quoted::Answered;
use super::split::texts_of;
use crate::clock::Timestamp;
use crate::mail::Address;
use crate::mail::envelope::{TokenKind, TokenText};
use crate::model::command::{Reading, Verb, WhyNothing, read_decision, without_sign_off};
use crate::model::group::Group;
use crate::model::ids::DecisionId;
use crate::model::member::Member;
use crate::model::moderation::{self, Move, NothingDecided, Standing, Ticket, Words};
use crate::model::policy::{self, HoldReason};
use crate::model::post::{Post, PostState};
use crate::model::quote::{Said, above};
use crate::store::audit::{self, Actor};
use crate::store::decisions::{self, NewDecision, verb_word};
use crate::store::notes::NewNote;
use crate::store::outbox::Lane;
use crate::store::tokens::{self, Purpose, Token};
use crate::store::{Db, drafts, editions, groups, members, notes, posts};

/// Octets that any notice has.
const SHORTEST_NOTICE: usize = 200;

/// A verified answer: who, about which post, with which token.
pub(super) struct Answer<'a> {
    pub arrival: &'a Arrival,
    pub group: Group,
    pub moderator: Member,
    pub post: Post,
    pub token: Token,
    pub standing: Option<Standing>,
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
        if token.purpose == Purpose::Alert {
            return self.answer_alert(db, arrival, &group, &moderator, &token, is_hers).await;
        }
        if token.purpose == Purpose::List {
            return self.answer_list(db, arrival, &group, &moderator, &token, is_hers).await;
        }
        let Some((_, post)) = posts::lock_of_token(db, &token).await? else {
            return Ok(Outcome::plain("unknown-token", Some(&group)));
        };
        let standing = decisions::standing_for(db, post.id).await?;
        let answer = Answer { arrival, group, moderator, post, token, standing };
        // Exactly one From mailbox, the registered one.
        if !is_hers {
            self.explain(db, &answer, NothingDecided::AnotherAddress, None).await?;
            return Ok(answer.outcome("another-address"));
        }
        if !self.may_be_hers(arrival) {
            self.explain(db, &answer, NothingDecided::SenderNotVerified, None).await?;
            return Ok(answer.outcome("sender-not-verified"));
        }
        let (own, below) = self.above_the_notice(db, &answer).await?;
        let reading = read_decision(own, &answer.moderator.name);
        match self.with_draft(db, &answer, reading).await? {
            // UNDO, RETRACT, MINE and ESCALATE let nothing out, and waiting could.
            Reading::Decision { verb, .. }
                if (verb.releases() || verb.takes_text()) && self.has_more_below(db, &answer, below).await? =>
            {
                self.explain(db, &answer, NothingDecided::Unclear, None).await?;
                Ok(answer.outcome("nothing-decided"))
            }
            Reading::Decision { verb, text } => self.follow(db, &answer, verb, text.as_deref()).await,
            Reading::Read(which) => self.read_one(db, &answer, &which).await,
            Reading::RetractNumber(_) => {
                self.explain(db, &answer, NothingDecided::Unclear, None).await?;
                Ok(answer.outcome("nothing-decided"))
            }
            Reading::Nothing(why) => {
                let (why, verb) = match why {
                    WhyNothing::NoVerb | WhyNothing::NotYet(_) => (NothingDecided::NoVerb, None),
                    WhyNothing::Unclear => (NothingDecided::Unclear, None),
                    WhyNothing::TextMissing(verb) => (NothingDecided::NoteMissing, Some(verb)),
                };
                self.explain(db, &answer, why, verb).await?;
                Ok(answer.outcome("nothing-decided"))
            }
        }
    }

    /// EDIT alone, to the question about words that she sent before: those words. Her name below an edit goes to nobody.
    async fn with_draft(&self, db: &mut Db, answer: &Answer<'_>, reading: Reading) -> Result<Reading> {
        let text = match reading {
            Reading::Nothing(WhyNothing::TextMissing(Verb::Edit)) => drafts::of_token(db, answer.token.id).await?,
            Reading::Decision { verb: Verb::Edit, text: Some(words) } => {
                Some(without_sign_off(&words, &answer.moderator.name, answer.post.written()))
                    .filter(|text| !text.is_empty())
            }
            other => return Ok(other),
        };
        Ok(match text {
            Some(words) => Reading::Decision { verb: Verb::Edit, text: Some(words) },
            None => Reading::Nothing(WhyNothing::TextMissing(Verb::Edit)),
        })
    }

    /// What is found in the words behind a verb, where they would go out.
    async fn words_behind(&self, db: &mut Db, answer: &Answer<'_>, verb: Verb, text: Option<&str>) -> Result<Words> {
        let Some(text) = text else { return Ok(Words::default()) };
        match verb {
            Verb::Edit => {
                let all = format!("{}\n{text}", answer.post.subject);
                let flags = flags_of(&answer.post, text, &self.lexicon(&answer.group));
                Ok(Words {
                    name_someone: !self.named_in(db, &answer.group, &all, None).await?.is_empty(),
                    are_flagged: !policy::holding(flags).is_empty(),
                    were_asked: drafts::of_token(db, answer.token.id).await?.as_deref() == Some(text),
                })
            }
            // The author may be called by her own name.
            Verb::Return | Verb::Private => {
                let named = self.named_in(db, &answer.group, text, Some(answer.post.author)).await?;
                Ok(Words { name_someone: !named.is_empty(), ..Words::default() })
            }
            _ => Ok(Words::default()),
        }
    }

    /// The new words, cut where the notice begins that is quoted without marks below them.
    async fn above_the_notice<'a>(&self, db: &mut Db, answer: &Answer<'a>) -> Result<(&'a str, &'a str)> {
        let reply = answer.arrival.message.text.reply.as_str();
        // Nearly every answer is shorter than any notice.
        if reply.len() < SHORTEST_NOTICE {
            return Ok((reply, ""));
        }
        let sent = editions::sent_by(db, answer.moderator.id, answer.token.id).await?;
        let texts = sent.iter().flat_map(|message| texts_of(message));
        let cuts = texts.map(|text| above(reply, &text));
        Ok(cuts.min_by_key(|(own, _)| own.len()).unwrap_or((reply, "")))
    }

    /// Whether words stand in a quote or below one that no notice of hers holds: they may be a condition.
    async fn has_more_below(&self, db: &mut Db, answer: &Answer<'_>, below: &str) -> Result<bool> {
        if !below.is_empty() {
            let mut said = Said::default();
            for message in editions::sent_by(db, answer.moderator.id, answer.token.id).await? {
                texts_of(&message).iter().for_each(|text| said.add(text));
            }
            if !said.unknown(below).is_empty() {
                return Ok(true);
            }
        }
        let by = (&answer.group, answer.moderator.id);
        let answered = Answered { token: Some(answer.token.id), ..Answered::default() };
        let quote = self.new_in_quote(db, answer.arrival, by, answered).await?;
        Ok(quote.may_be_the_authors())
    }

    async fn follow(&self, db: &mut Db, answer: &Answer<'_>, verb: Verb, note: Option<&str>) -> Result<Outcome> {
        let now = answer.arrival.now;
        // Its author took it back, and may be in danger all the same: whoever says MINE looks after her.
        if verb == Verb::Mine && answer.post.state != PostState::Held && self.ends_alert(db, answer, verb).await? {
            return Ok(answer.outcome("claimed"));
        }
        let undo_seconds = i64::from(self.config.moderation.undo_seconds);
        let words = self.words_behind(db, answer, verb, note).await?;
        let step = moderation::next_move(
            verb,
            answer.moderator.id,
            &answer.post,
            answer.standing.as_ref(),
            answer.ticket(words, self.is_verified(answer.arrival)),
            undo_seconds,
            now,
        );
        match step {
            Move::Decide { verb, release_at } => {
                self.decide(db, answer, verb, note, release_at).await?;
                Ok(answer.outcome("decided"))
            }
            Move::Ask(verb) => {
                self.ask_again(db, answer, verb, note).await?;
                Ok(answer.outcome("asked-again"))
            }
            Move::Claim => {
                self.take_upon(db, &answer.group, &answer.post, &answer.moderator, now).await?;
                self.record(db, answer, Verb::Mine, None, None).await?;
                self.echo(db, answer, Told { waits: true, ..Told::of(Verb::Mine) }).await?;
                Ok(answer.outcome("claimed"))
            }
            Move::Escalate => {
                self.record(db, answer, Verb::Escalate, None, None).await?;
                let waits = answer.waits();
                let (group, post, by) = (&answer.group, &answer.post, &answer.moderator);
                let asked = self.escalate(db, group, post, by, waits, now).await?;
                self.echo(db, answer, Told { asked, waits, ..Told::of(Verb::Escalate) }).await?;
                Ok(answer.outcome("escalated"))
            }
            Move::Write => {
                self.record(db, answer, Verb::Private, note, None).await?;
                let (group, post, by) = (&answer.group, &answer.post, &answer.moderator);
                self.write_privately(db, group, post, by, note.unwrap_or_default(), now).await?;
                self.echo(db, answer, Told { note, waits: answer.waits(), ..Told::of(Verb::Private) }).await?;
                Ok(answer.outcome("wrote-privately"))
            }
            Move::Keep => {
                self.record(db, answer, Verb::Note, None, None).await?;
                self.keep_note(db, answer, note.unwrap_or_default()).await?;
                self.echo(db, answer, Told { note, waits: answer.waits(), ..Told::of(Verb::Note) }).await?;
                Ok(answer.outcome("noted"))
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
                self.hold_notice(db, &answer.group, &answer.post, only, Asking::again(Again::Late), now).await?;
                Ok(answer.outcome("fresh-token"))
            }
            Move::Refuse(why) => {
                self.explain(db, answer, why, Some(verb)).await?;
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
        }
        let undo_until = Some(release_at).filter(|at| *at > now);
        self.echo(db, answer, Told { note, undo_until, ..Told::of(verb) }).await
    }

    async fn keep_note(&self, db: &mut Db, answer: &Answer<'_>, words: &str) -> Result<()> {
        let note = NewNote {
            group: answer.group.id,
            member: answer.post.author,
            post: Some(answer.post.id),
            by: Some(answer.moderator.id),
            words,
        };
        Ok(notes::insert(db, &note, answer.arrival.now).await?)
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
        if matches!(verb, Verb::Mine | Verb::Approve | Verb::Return | Verb::Edit | Verb::Trust) {
            self.ends_alert(db, answer, verb).await?;
        }
        let detail = serde_json::json!({ "decision": id, "spool": answer.arrival.spooled.id });
        let subject = format!("post:{}", answer.post.id);
        audit::write(db, answer.arrival.now, Actor::Member(answer.moderator.id.0), &verb_word(verb), &subject, &detail)
            .await?;
        Ok(id)
    }

    /// Whoever takes a post in hand ends its alert; `false` where none was open.
    async fn ends_alert(&self, db: &mut Db, answer: &Answer<'_>, verb: Verb) -> Result<bool> {
        let (post, by, now) = (&answer.post, Some(&answer.moderator), answer.arrival.now);
        self.end_alerts_about(db, &answer.group, post, by, &verb_word(verb), now).await
    }

    async fn undo(&self, db: &mut Db, answer: &Answer<'_>, decision: DecisionId) -> Result<()> {
        let now = answer.arrival.now;
        anyhow::ensure!(decisions::undo(db, decision, now).await?, "the decision took effect meanwhile");
        self.record(db, answer, Verb::Undo, None, None).await?;
        let again = Again::Undone { moderator: answer.moderator.name.clone() };
        self.announce_hold(db, &answer.group, &answer.post, Some(again), now).await.map(drop)
    }

    /// What is risky needs a second word, by a token that was not in the first notice. What an EDIT would put in the post's
    /// place is kept with that token.
    async fn ask_again(&self, db: &mut Db, answer: &Answer<'_>, verb: Verb, words: Option<&str>) -> Result<()> {
        let now = answer.arrival.now;
        let asked = Some(verb_word(verb));
        let token =
            self.post_token(db, Purpose::Decide, answer.moderator.id, &answer.post, asked.as_deref(), now).await?;
        let (mut post, changes) = match (verb, words) {
            (Verb::Edit, Some(words)) => {
                drafts::insert(db, token, words).await?;
                self.shown_edited(db, &answer.group, &answer.post, words, now).await?
            }
            _ => (self.shown(db, &answer.group, &answer.post, now).await?, Vec::new()),
        };
        // What makes us ask again are the flags; that it was a first message does not.
        let mut flags: Vec<HoldReason> = answer.post.reasons.iter().filter(|why| why.is_flag()).cloned().collect();
        if let (Verb::Edit, Some(words)) = (verb, words) {
            let put_in = policy::holding(flags_of(&answer.post, words, &self.lexicon(&answer.group)));
            flags.extend(put_in.into_iter().filter(|flag| !answer.post.reasons.contains(flag)));
        }
        post.reasons = flags.iter().map(|why| why.sentence_in(self.words(&answer.group))).collect();
        let notice = Notice::from(ToModerators::AskAgain { post, verb: in_capitals(verb), changes });
        let reader = [Reader::of(&answer.moderator).with_token(token)];
        let manner = Manner::Watched(Lane::Notice);
        self.notify(db, Some(&answer.group), &answer.moderator.name, &reader, &notice, manner, now).await
    }

    /// Tell every moderator what she answered.
    async fn echo(&self, db: &mut Db, answer: &Answer<'_>, told: Told<'_>) -> Result<()> {
        let told = Told { by: Some(&answer.moderator), ..told };
        self.echo_decision(db, &answer.group, &answer.post, &told, answer.arrival.now).await
    }
}

impl Answer<'_> {
    /// Held, and nobody has decided.
    fn waits(&self) -> bool {
        self.post.state == PostState::Held && self.standing.is_none()
    }

    fn ticket(&self, words: Words, verified: bool) -> Ticket {
        let changed = self.token.content_hash.as_deref() != Some(self.post.content_hash().as_str());
        let received_at = self.arrival.spooled.received_at;
        let expired = received_at >= self.token.expires_at;
        let asked = self.token.asked.as_deref();
        Ticket {
            is_echo: self.token.purpose != Purpose::Decide,
            used: self.token.used_at.is_some(),
            stale: changed || expired,
            expired,
            words,
            verified,
            asked: [Verb::Approve, Verb::Edit, Verb::Trust]
                .into_iter()
                .find(|verb| asked == Some(verb_word(*verb).as_str())),
            received_at,
        }
    }

    pub(super) fn outcome(&self, disposition: &'static str) -> Outcome {
        // The post is not this message's: a decision makes none.
        Outcome::plain(disposition, Some(&self.group))
    }
}
