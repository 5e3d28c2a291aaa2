//! Carry a decision out: when its undo window has ended, or at once for an administrator.

use std::collections::HashMap;

use anyhow::Result;

use super::hold::Told;
use super::notice::{Again, Notice, ToMember};
use super::notify::{Manner, Reader};
use super::publish::Release;
use super::{Lamplight, excerpt};
use crate::clock::Timestamp;
use crate::mail::envelope::{Destination, TokenKind};
use crate::model::command::Verb;
use crate::model::group::Group;
use crate::model::ids::{DecisionId, MemberId, PostId};
use crate::model::member::Role;
use crate::model::moderation::Standing;
use crate::model::post::{Post, PostState};
use crate::model::token::claimed_id;
use crate::model::wording::Wording;
use crate::store::audit::{self, Actor};
use crate::store::decisions::{self, Due, NewDecision, verb_word};
use crate::store::outbox::Lane;
use crate::store::{Db, members, posts, spool, tokens};

impl Lamplight {
    /// An administrator's decision at the command line: at once, and every moderator is told.
    ///
    /// # Errors
    /// One sentence when the post is not to be decided any more.
    pub async fn decide_as_administrator(
        &self,
        post: PostId,
        verb: Verb,
        note: Option<&str>,
        now: Timestamp,
    ) -> Result<()> {
        let mut tx = self.store.begin().await?;
        let Some((group, post)) = posts::lock(&mut tx, post).await? else { anyhow::bail!("there is no post {post}") };
        if let Some(standing) = decisions::standing_for(&mut tx, post.id).await? {
            let how = self.in_words(&mut tx, &standing, Wording::english()).await?;
            anyhow::bail!("post {} is decided. {how}", post.id);
        }
        anyhow::ensure!(post.state == PostState::Held, "post {} is not held", post.id);
        let verb_text = verb_word(verb);
        let new = NewDecision { post: post.id, by: None, verb: &verb_text, note, token: None, release_at: Some(now) };
        let decision = decisions::insert(&mut tx, &new, now).await?;
        let detail = serde_json::json!({ "decision": decision });
        audit::write(&mut tx, now, Actor::Administrator, &verb_text, &format!("post:{}", post.id), &detail).await?;
        self.end_alerts_about(&mut tx, &group, &post, None, &verb_text, now).await?;
        self.carry_out(&mut tx, decision, post.id, now).await?;
        let told = Told { note, ..Told::of(verb) };
        self.echo_decision(&mut tx, &group, &post, &told, now).await?;
        tx.commit().await?;
        Ok(())
    }

    /// Without the decisions that mail about their posts may turn round: it came before the window ended, and waits to be
    /// read. What it says counts from when it was accepted, so nothing waits for what came later.
    pub(super) async fn not_answered_yet(&self, db: &mut Db, mut due: Vec<Due>) -> Result<Vec<Due>> {
        let Some(last) = due.iter().map(|due| due.release_at).max() else { return Ok(due) };
        let mut came: Vec<(i64, Timestamp)> = Vec::new();
        for (recipients, received_at) in spool::unread_before(db, last).await? {
            let tokens = recipients.iter().filter_map(|recipient| match self.scheme.read(recipient) {
                Some(Destination::OwnToken(TokenKind::Decision | TokenKind::Confirmation, token)) => claimed_id(&token),
                _ => None,
            });
            came.extend(tokens.map(|token| (token, received_at)));
        }
        if came.is_empty() {
            return Ok(due);
        }
        let ids: Vec<i64> = came.iter().map(|(token, _)| *token).collect();
        let posts: HashMap<i64, PostId> = tokens::posts_of(db, &ids).await?.into_iter().collect();
        due.retain(|due| !came.iter().any(|(token, at)| *at < due.release_at && posts.get(token) == Some(&due.post)));
        Ok(due)
    }

    /// A decision whose undo window has ended takes effect; `false` when it was undone or carried out meanwhile.
    pub(super) async fn carry_out(
        &self,
        db: &mut Db,
        decision: DecisionId,
        post: PostId,
        now: Timestamp,
    ) -> Result<bool> {
        let Some((group, post)) = posts::lock(db, post).await? else { return Ok(false) };
        if let Some(since) = group.hold_everything_since
            && decisions::undo_if_before(db, decision, since, now).await?
        {
            // Somebody pulled the brake after the decision: it goes back to the moderators.
            self.announce_hold(db, &group, &post, Some(Again::HoldEverything), now).await?;
            return Ok(true);
        }
        let Some(standing) = decisions::take(db, decision, now).await? else { return Ok(false) };
        match standing.verb {
            Verb::Approve => {
                self.release(db, &group, &post, Release::Decision(decision), now).await?;
                // An administrator's word lets it go; a moderator reads it all the same.
                if standing.by.is_none() {
                    self.to_be_read(db, &group, &post, now).await?;
                }
            }
            Verb::Edit => {
                let words = standing.note.as_deref().unwrap_or(&post.text);
                let post = self.put_in_place(db, &group, &post, words, now).await?;
                self.release(db, &group, &post, Release::Decision(decision), now).await?;
            }
            Verb::Trust => {
                self.release(db, &group, &post, Release::Decision(decision), now).await?;
                self.trust(db, &post, standing.by, now).await?;
            }
            Verb::Return => self.give_back(db, &group, &post, &standing, now).await?,
            // These are carried out when they are said.
            Verb::Mine | Verb::Undo | Verb::Retract | Verb::Escalate | Verb::Private | Verb::Note => {}
        }
        Ok(true)
    }

    /// Hold no other post of this author for being new.
    async fn trust(&self, db: &mut Db, post: &Post, by: Option<MemberId>, now: Timestamp) -> Result<()> {
        if post.author_role != Role::Member {
            return Ok(());
        }
        members::set_trusted(db, post.author, now).await?;
        let actor = by.map_or(Actor::Administrator, |by| Actor::Member(by.0));
        let subject = format!("member:{}", post.author);
        Ok(audit::write(db, now, actor, "trusted", &subject, &serde_json::json!({ "post": post.id })).await?)
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
        let notice = Notice::from(ToMember::Returned {
            about: post.id,
            moderator,
            note: standing.note.clone().unwrap_or_default(),
            subject: excerpt::line(post.written_subject()),
            text: excerpt::excerpt(post.written(), None, self.words(group)),
        });
        self.notify(db, Some(group), &author.name, &[Reader::of(&author)], &notice, Manner::Watched(Lane::Notice), now)
            .await
    }

    pub(super) async fn in_words(&self, db: &mut Db, standing: &Standing, words: &Wording) -> Result<String> {
        let who = match standing.by {
            Some(id) => members::by_id(db, id).await?.name,
            None => words.say("names.administrator").to_owned(),
        };
        let what = match standing.verb {
            Verb::Edit => "decided.edited",
            verb if verb.releases() => "decided.approved",
            _ => "decided.returned",
        };
        Ok(words.fill(what, &[("who", &who)]))
    }
}
