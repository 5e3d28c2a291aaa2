//! What is said about a held post: to its author, to the moderators, and to those who decide nothing.

use anyhow::Result;

use super::notice::{Again, Notice, ShownAlert, ToMember, ToModerators};
use super::notify::{Manner, Reader};
use super::{Lamplight, excerpt};
use crate::clock::Timestamp;
use crate::model::command::Verb;
use crate::model::group::Group;
use crate::model::ids::{AlertId, EditionId};
use crate::model::member::Member;
use crate::model::policy::HoldReason;
use crate::model::post::Post;
use crate::store::decisions::verb_word;
use crate::store::outbox::Lane;
use crate::store::tokens::Purpose;
use crate::store::{Db, members};

/// What the moderators are told of an answer.
#[derive(Debug)]
pub(super) struct Told<'a> {
    /// What was answered.
    pub verb: Verb,
    /// Who; `None` for an administrator.
    pub by: Option<&'a Member>,
    /// The words behind it.
    pub note: Option<&'a str>,
    /// It takes effect then.
    pub undo_until: Option<Timestamp>,
    /// Whom ESCALATE asked.
    pub asked: Vec<String>,
    /// The post waits for a decision after it.
    pub waits: bool,
}

impl Told<'_> {
    /// A verb alone, from an administrator, in effect at once.
    pub(super) fn of(verb: Verb) -> Self {
        Self { verb, by: None, note: None, undo_until: None, asked: Vec::new(), waits: false }
    }
}

/// How moderators are asked about a held post, where the post itself doesn't say.
#[derive(Debug, Default)]
pub(super) struct Asking {
    /// Why it comes a second time.
    pub again: Option<Again>,
    /// It is a step of this alert.
    pub alert: Option<ShownAlert>,
    /// An alert asks somebody else first: their copies leave behind hers.
    pub is_beside: bool,
}

impl Asking {
    /// A second time.
    pub(super) fn again(why: Again) -> Self {
        Self { again: Some(why), ..Self::default() }
    }
}

impl Lamplight {
    pub(super) async fn tell_author_held(
        &self,
        db: &mut Db,
        group: &Group,
        author: &Member,
        post: &Post,
        answers: Option<&str>,
        now: Timestamp,
    ) -> Result<()> {
        let notice = Notice::from(ToMember::Held {
            read_by: post.read_by,
            first: post.reasons.contains(&HoldReason::FirstPost),
            all: post.reasons.contains(&HoldReason::EveryPostIsRead),
            urgent: post.is_urgent(),
            taken_out: post.reasons.iter().any(HoldReason::gives_away),
            subject: post.written_subject().to_owned(),
        });
        let token = self.post_token(db, Purpose::Withdraw, author.id, post, None, now).await?;
        self.notify_author(db, group, author, Some(token), &notice, Manner::Answer(answers), now).await
    }

    /// Tell every moderator what was decided, each with a token of her own.
    pub(super) async fn echo_decision(
        &self,
        db: &mut Db,
        group: &Group,
        post: &Post,
        told: &Told<'_>,
        now: Timestamp,
    ) -> Result<()> {
        let Told { verb, by, .. } = *told;
        let (shown, changes) = match (verb, told.note) {
            (Verb::Edit, Some(words)) => self.shown_edited(db, group, post, words, now).await?,
            _ => (self.shown(db, group, post, now).await?, Vec::new()),
        };
        let note = told.note.filter(|_| verb != Verb::Edit);
        let moderators = members::active_moderators(db, group.id).await?;
        let (own, others): (Vec<Member>, Vec<Member>) =
            moderators.into_iter().partition(|moderator| by.is_some_and(|by| by.id == moderator.id));
        for (readers, by_reader) in [(own, true), (others, false)] {
            // What decides nothing can be answered with a decision.
            let purpose = if told.waits { Purpose::Decide } else { Purpose::Echo };
            // The others have the notice of an escalation itself.
            if verb == Verb::Escalate && !by_reader {
                continue;
            }
            let readers = self.readers_with_tokens(db, purpose, &readers, post, now).await?;
            let notice = Notice::from(ToModerators::Echo {
                post: shown.clone(),
                verb: verb_word(verb).to_uppercase(),
                moderator: by
                    .map_or_else(|| self.words(group).say("names.administrator").to_owned(), |by| by.name.clone()),
                by_reader,
                undo_until: told.undo_until,
                note: note.map(str::to_owned),
                changes: changes.clone(),
                asked: told.asked.clone(),
                waits: told.waits,
            });
            self.notify(db, Some(group), "", &readers, &notice, Manner::Watched(Lane::Notice), now).await?;
        }
        Ok(())
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
        let words = self.words(group);
        let text = excerpt::excerpt(&post.text, Some(&excerpt::post_show(post.id.0, words)), words);
        let pictures = self.count_pictures_with(db, post).await?;
        let subject = excerpt::line(&post.subject);
        let notice =
            Notice::from(ToModerators::ConfirmOwn { text, subject, post: post.id, pictures, on_top: post.on_top });
        let reader = [Reader::of(author).with_token(token)];
        self.notify(db, Some(group), &author.name, &reader, &notice, Manner::Watched(Lane::Notice), now).await
    }

    /// Tell the moderators of a held post; the administrators where there is none. Of one that may tell of a danger to life
    /// it raises an alert; of too many in one name it tells together.
    pub(super) async fn announce_hold(
        &self,
        db: &mut Db,
        group: &Group,
        post: &Post,
        again: Option<Again>,
        now: Timestamp,
    ) -> Result<Option<AlertId>> {
        if post.is_urgent() {
            let alert = match again {
                Some(_) => self.ask_anew(db, group, post, again, now).await?,
                None => self.raise_about_post(db, group, post, None, now).await?,
            };
            return Ok(Some(alert));
        }
        if again.is_none() && !self.is_told_alone(db, post, now).await? {
            let author = members::by_id(db, post.author).await?;
            let readers = self.moderators_or_administrators(db, group).await?;
            return self.tell_of_more(db, group, &author, &readers, now).await.map(|()| None);
        }
        let moderators = members::active_moderators(db, group.id).await?;
        if moderators.is_empty() {
            self.tell_no_moderator(db, group, post.goes_first(), now).await?;
        } else {
            self.hold_notice(db, group, post, &moderators, Asking { again, ..Asking::default() }, now).await?;
        }
        Ok(None)
    }

    /// The held post, with a token for each of these moderators; gives the edition, `None` where there is nobody.
    pub(super) async fn hold_notice(
        &self,
        db: &mut Db,
        group: &Group,
        post: &Post,
        moderators: &[Member],
        asking: Asking,
        now: Timestamp,
    ) -> Result<Option<EditionId>> {
        let Asking { again, alert, is_beside } = asking;
        let lane = if post.goes_first() && !is_beside { Lane::Urgent } else { Lane::Notice };
        let claimed_by = match post.claimed_by {
            Some(id) => Some(members::by_id(db, id).await?.name),
            None => None,
        };
        let (shown, knowing) = (self.shown(db, group, post, now).await?, self.knowing(db, group, post).await?);
        let notice =
            Notice::from(ToModerators::Hold { post: shown, read_by: post.read_by, again, claimed_by, knowing, alert });
        let readers = self.readers_with_tokens(db, Purpose::Decide, moderators, post, now).await?;
        self.notify_edition(db, Some(group), "", &readers, &notice, Manner::Watched(lane), now).await
    }
}
