//! Mail to postmaster@ and abuse@ reaches the administrators, whoever wrote it (RFC 2142, RFC 5321 §4.5.1). What a program
//! wrote is kept and ignored, apart from reports of abuse; what only may be automatic is a person's until somebody has read it.

use anyhow::Result;

use super::alarm::Alarm;
use super::arrival::{Arrival, NOBODY_TO_READ_IT, Outcome, Taken, said_before};
use super::notice::{Notice, ToAdministrators};
use super::stranger::{stranger_mail, urgent_words};
use super::{Lamplight, excerpt};
use crate::mail::Address;
use crate::mail::kind::{Kind, is_guess};
use crate::model::policy;
use crate::store::Db;

impl Lamplight {
    /// postmaster@ and abuse@: past moderation, to the administrators.
    pub(super) async fn to_administrators(
        &self,
        db: &mut Db,
        arrival: &Arrival,
        recipient: &Address,
        taken: &mut Taken,
    ) -> Result<Outcome> {
        let message = &arrival.message;
        if message.automatic.is_some() && message.kind != Kind::Feedback && !self.may_be_for_administrators(arrival) {
            return Ok(Outcome::ignored(None));
        }
        if std::mem::replace(&mut taken.by_administrators, true) {
            return Ok(said_before(None));
        }
        if self.administrators().is_empty() {
            return Ok(Outcome::plain(NOBODY_TO_READ_IT, None));
        }
        let text = &message.text;
        let notice = Notice::from(ToAdministrators::Postmaster {
            from: arrival.author().map(|address| address.as_str().to_owned()).unwrap_or_default(),
            written_to: recipient.local_part().to_owned(),
            subject: excerpt::line(&message.subject),
            // The template says how to read the whole.
            text: excerpt::excerpt(format!("{}\n{}", text.reply, text.quoted).trim(), None, self.words_of(None)),
            spool_id: arrival.spooled.id.0,
        });
        let matched = urgent_words(&arrival.all_flags(&self.lexicon_of_service()));
        let message = stranger_mail(message, &arrival.spooled, recipient, matched);
        self.tell(db, Alarm::Postmaster, None, message, Some(notice), arrival.now).await?;
        Ok(Outcome::plain("to-administrators", None))
    }

    /// A guess is read by people, who are all that it reaches. An administrator's own responder would answer them for ever, our
    /// own mail goes in a circle, and words of danger have a way of their own.
    fn may_be_for_administrators(&self, arrival: &Arrival) -> bool {
        let message = &arrival.message;
        let is_responder = message.kind == Kind::AutoReply
            && arrival.author().is_some_and(|author| self.administrators().iter().any(|one| one.key() == author.key()));
        message.automatic.is_some_and(is_guess)
            && !is_responder
            && !self.bears_a_mark_of_the_house(arrival)
            && !policy::circles(message)
            && urgent_words(&arrival.all_flags(&self.lexicon_of_service())).is_empty()
    }

    /// Whether it says to be a copy of ours, of whatever group.
    fn bears_a_mark_of_the_house(&self, arrival: &Arrival) -> bool {
        let domain = self.scheme.domain.to_lowercase();
        let words = arrival.message.loop_marks.iter().flat_map(|mark| mark.split([' ', '\t', ',', ';', '<', '>']));
        words
            .into_iter()
            .any(|word| word.to_lowercase().strip_suffix(&domain).is_some_and(|rest| rest.ends_with(['@', '.'])))
    }
}
