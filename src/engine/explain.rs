//! An answer that decided nothing: one short explanation to the moderator, and never a flood of them.

use anyhow::Result;

use super::Lamplight;
use super::arrival::Arrival;
use super::moderate::Answer;
use super::notice::{Notice, ToModerators};
use super::notify::{Manner, Reader};
use crate::model::command::Verb;
use crate::model::moderation::NothingDecided;
use crate::model::post::PostState;
use crate::store::decisions::verb_word;
use crate::store::outbox::Lane;
use crate::store::{Db, members};

const HOUR: i64 = 3_600;

impl Lamplight {
    /// One short explanation to the registered moderator, at most three an hour for one notice.
    pub(super) async fn explain(
        &self,
        db: &mut Db,
        answer: &Answer<'_>,
        why: NothingDecided,
        verb: Option<Verb>,
    ) -> Result<()> {
        let now = answer.arrival.now;
        let kind = format!("explanation/{}", answer.token.id);
        if !self.may_answer(db, &kind, &answer.moderator.address, 3, HOUR, now).await? {
            return Ok(());
        }
        let words = self.words(&answer.group);
        let decided = match &answer.standing {
            Some(standing) => Some(self.in_words(db, standing, words).await?),
            None => match answer.post.state {
                PostState::Withdrawn => Some(words.say("decided.withdrawn").to_owned()),
                PostState::Retracted => Some(words.say("decided.retracted").to_owned()),
                _ => None,
            },
        };
        let notice = Notice::from(ToModerators::Explanation {
            why,
            verb: verb.map(in_capitals),
            line: first_line(&answer.arrival.message.text.reply),
            post: Some(self.shown(db, &answer.group, &answer.post, now).await?),
            decided,
        });
        // The same token still decides, unless it was used up.
        let reader = [Reader::of(&answer.moderator).with_token(answer.token.id)];
        let manner = Manner::Watched(Lane::Notice);
        self.notify(db, Some(&answer.group), &answer.moderator.name, &reader, &notice, manner, now).await
    }

    /// Nobody but a moderator is answered, and nobody more than ten times an hour.
    pub(super) async fn explain_unknown_token(&self, db: &mut Db, arrival: &Arrival) -> Result<()> {
        let Some(author) = arrival.author() else { return Ok(()) };
        if !members::is_moderator_anywhere(db, author).await?
            || !self.may_answer(db, "unknown-token", author, 10, HOUR, arrival.now).await?
        {
            return Ok(());
        }
        let line = first_line(&arrival.message.text.reply);
        let why = NothingDecided::UnknownToken;
        let notice = Notice::from(ToModerators::Explanation { why, verb: None, line, post: None, decided: None });
        let reader = [Reader { member: None, address: author.clone(), token: None }];
        self.notify(db, None, "", &reader, &notice, Manner::Watched(Lane::Notice), arrival.now).await
    }
}

/// A verb as a notice writes it.
pub(super) fn in_capitals(verb: Verb) -> String {
    verb_word(verb).to_uppercase()
}

/// The first line that is hers, to see what was understood.
pub(super) fn first_line(text: &str) -> String {
    let line = text.lines().map(str::trim).find(|line| !line.is_empty() && !line.starts_with('>')).unwrap_or_default();
    line.chars().take(120).collect()
}
