//! A member's word about her own mail (pause, weekly, mute …): whether a mail is one, and who has to see it.
//!
//! Danger comes first: whatever tells of it goes the ordinary way, and so does all that people might have to read. A word is
//! no post and is never published.

use std::collections::BTreeSet;

use anyhow::Result;

use super::Lamplight;
use super::answer::{is_concern, is_urgent};
use super::arrival::{Arrival, Outcome, Taken, is_first, said_before};
use super::judge::MOST_NAMED;
use super::notice::{Notice, ToMember};
use super::quoted::Answered;
use crate::mail::envelope::{Service, TokenKind, TokenText};
use crate::mail::parse::subject_and_author;
use crate::mail::subject;
use crate::model::command::{MOST_WISH_OCTETS, SaidWords, Wish, WordPlace, read_wish, says_nothing};
use crate::model::group::{Group, GroupState};
use crate::model::ids::{EditionId, ThreadId};
use crate::model::member::{Member, Role};
use crate::model::policy;
use crate::model::schedule::civil_day;
use crate::model::thread;
use crate::store::{Db, alerts, editions, posts, threads};

/// Through which address a mail came that may be such a word.
#[derive(Clone, Copy)]
pub(super) enum Heard<'a> {
    /// The group's own.
    Group,
    /// That of a conversation.
    Thread(&'a TokenText),
    /// That of a digest.
    Digest(&'a TokenText),
    /// One for services.
    Service(Service),
}

/// What a word may be about.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct About {
    /// The conversation that it answers.
    pub thread: Option<ThreadId>,
    /// The digest.
    pub digest: Option<EditionId>,
    /// It came where posts go, so the group might have been meant.
    pub meant_for_group: bool,
}

/// A mail that is a word about her mail.
struct Word {
    member: Member,
    wish: Wish,
    about: About,
    /// There was an alarm about her lately, or there is one.
    near_danger: bool,
}

impl Heard<'_> {
    fn place(self) -> WordPlace {
        match self {
            Heard::Service(Service::Help | Service::Request) => WordPlace::Desk,
            // A digest holds questions, too, and moderators ask as well.
            Heard::Group | Heard::Thread(_) | Heard::Digest(_) | Heard::Service(_) => WordPlace::Group,
        }
    }

    fn is_desk(self) -> bool {
        self.place() == WordPlace::Desk
    }
}

impl Lamplight {
    /// Hear a mail that is a word about her mail and nothing else; `None` where it is judged as ever.
    pub(super) async fn hear_wish(
        &self,
        db: &mut Db,
        arrival: &Arrival,
        group: &Group,
        heard: Heard<'_>,
        taken: &mut Taken,
    ) -> Result<Option<Outcome>> {
        if taken.commands.contains(&group.id) {
            return Ok(Some(said_before(Some(group))));
        }
        let Some(Word { member, wish, about, near_danger }) = self.wish_in(db, arrival, group, heard).await? else {
            return Ok(None);
        };
        let calls = matches!(wish, Wish::Help { .. });
        let answered = Answered { conversation: about.thread, digest: about.digest, ..Answered::default() };
        let quote = self.new_in_quote(db, arrival, (group, member.id), answered).await?;
        let says_more = quote.may_be_the_authors() || !arrival.message.attachments.is_empty();
        if says_more && !calls {
            return Ok(None);
        }
        let lexicon = self.lexicon(group);
        let is_in_need = is_urgent(arrival, &lexicon, &quote) || is_concern(arrival, &lexicon, &quote);
        let is_for_people = near_danger || matches!(heard, Heard::Service(Service::Owner));
        if is_for_people && !calls && !is_in_need {
            // It acts all the same, and they know.
            self.private_line_once(db, arrival, group, &member, taken).await?;
        }
        let changes = !matches!(wish, Wish::Help { .. } | Wish::Stop | Wish::Settings);
        let goes_on = changes && self.changed_too_often(db, &member, arrival.now).await?;
        let outcome = match wish {
            Wish::Help { may_be_a_person } => {
                let told = may_be_a_person || is_in_need || says_more || near_danger;
                self.hear_help(db, arrival, group, &member, heard, told, taken).await?
            }
            _ if is_in_need => return Ok(None),
            // As anything that comes to `-leave`; a moderator's leaving is no word of hers.
            Wish::Stop if member.role == Role::Moderator || matches!(heard, Heard::Service(Service::Leave)) => {
                return Ok(None);
            }
            Wish::Stop if !is_first(&mut taken.leaves, group) => said_before(Some(group)),
            Wish::Stop => {
                self.ask_to_leave(db, arrival, group, &member).await?;
                Outcome::plain("asked-to-confirm", Some(group))
            }
            _ if goes_on || self.is_not_verified(arrival) => {
                // Somebody may have written it in her name: nothing changes, and people look.
                self.private_line_once(db, arrival, group, &member, taken).await?;
                Outcome::plain("passed-on", Some(group))
            }
            wish => match self.carry_wish(db, arrival, group, &member, &wish, about).await? {
                Some(outcome) => outcome,
                None => return Ok(None),
            },
        };
        taken.commands.push(group.id);
        Ok(Some(outcome))
    }

    /// Her wish, if the mail is plain enough to be one; a call for help may come with anything.
    async fn wish_in(&self, db: &mut Db, arrival: &Arrival, group: &Group, heard: Heard<'_>) -> Result<Option<Word>> {
        let message = &arrival.message;
        let is_plain = message.automatic.is_none()
            && !message.elsewhere.differs
            && !policy::circles(message)
            && !self.bears_our_mark(arrival, group);
        // Most mail is none: that costs no look at the roster.
        if !is_plain || group.state != GroupState::Open || message.text.reply.len() > MOST_WISH_OCTETS {
            return Ok(None);
        }
        let Some(member) = self.taking_part(db, arrival, group).await? else { return Ok(None) };
        let read = |place, answers_ours| with_said(arrival, group, &member, place, answers_ours, read_wish);
        if read(heard.place(), true).is_none() {
            return Ok(None);
        }
        let near_danger = alerts::is_about_member_since(db, member.id, arrival.now.plus_seconds(-NEAR)).await?;
        // Whoever is asked how she is may answer "nothing", wherever her mail program sends it.
        let place = if near_danger { WordPlace::Group } else { heard.place() };
        let about = self.what_about(db, arrival, group, heard).await?;
        let wish = read(place, self.answers_ours(db, arrival, group, &member, about).await?);
        Ok(wish.map(|wish| Word { member, wish, about, near_danger }))
    }

    /// Whether the subject behind "Re:" is that of something which she was sent; any other words there are hers.
    async fn answers_ours(
        &self,
        db: &mut Db,
        arrival: &Arrival,
        group: &Group,
        member: &Member,
        about: About,
    ) -> Result<bool> {
        let heading = subject::read(&arrival.message.subject);
        if !heading.is_reply {
            return Ok(false);
        }
        if heading.base.is_empty() || threads::has_subject(db, group.id, &heading.base).await? {
            return Ok(true);
        }
        let named: Vec<&str> = thread::references(&arrival.message).into_iter().take(MOST_NAMED).collect();
        let mut sent = editions::sent_to(db, member.id, None, &named, LATEST_SENT).await?;
        sent.extend(editions::got_by(db, group.id, &named).await?);
        let digest: BTreeSet<EditionId> = about.digest.into_iter().collect();
        sent.extend(editions::messages(db, &digest).await?.into_iter().map(|(_, bytes)| bytes));
        let is_its = |message: &Vec<u8>| subject::read(&subject_and_author(message).0).base == heading.base;
        Ok(sent.iter().any(is_its))
    }

    async fn what_about(&self, db: &mut Db, arrival: &Arrival, group: &Group, heard: Heard<'_>) -> Result<About> {
        let mut about = About { meant_for_group: !matches!(heard, Heard::Service(_)), ..About::default() };
        match heard {
            Heard::Thread(token) => {
                if let Some(id) = self.opened_by(TokenKind::Thread, token)
                    && let Some(thread) = threads::by_id(db, ThreadId(id)).await?
                    && thread.group == group.id
                {
                    about.thread = Some(thread.id);
                }
            }
            Heard::Digest(token) => {
                let named = self.opened_by(TokenKind::Digest, token).map(EditionId);
                if let Some(id) = named
                    && editions::digest_of(db, group.id, id).await?.is_some()
                {
                    about.digest = Some(id);
                    let held = self.conversations_of(db, group, id).await?;
                    about.thread = Some(&held).filter(|held| held.len() == 1).map(|held| held[0].0);
                }
            }
            Heard::Group | Heard::Service(_) => {
                let named = thread::references(&arrival.message);
                about.thread = threads::by_message_ids(db, group.id, &named).await?.first().map(|(_, thread)| *thread);
                if about.thread.is_none()
                    && let Some(post) = editions::post_told_of(db, group.id, "changed", &named).await?
                {
                    // An answer to our own word that it is muted.
                    about.thread = posts::by_id(db, post).await?.map(|post| post.thread);
                }
            }
        }
        Ok(about)
    }

    /// Somebody who says "Help" may be asking people. Only where machines are asked it may be the word alone.
    #[allow(clippy::too_many_arguments, reason = "every one is a fact of the mail")]
    async fn hear_help(
        &self,
        db: &mut Db,
        arrival: &Arrival,
        group: &Group,
        member: &Member,
        heard: Heard<'_>,
        may_be_a_person: bool,
        taken: &mut Taken,
    ) -> Result<Outcome> {
        let told = self.send_words(db, arrival, group, member, may_be_a_person || !heard.is_desk()).await?;
        if told {
            self.private_line_once(db, arrival, group, member, taken).await?;
        }
        Ok(Outcome::plain(if told { "passed-on" } else { "explained" }, Some(group)))
    }

    /// What one can write, once a day; `told`: the moderators get her words. Gives whether they have to: whoever asks again on
    /// the same day was not helped by the answer.
    async fn send_words(
        &self,
        db: &mut Db,
        arrival: &Arrival,
        group: &Group,
        member: &Member,
        told: bool,
    ) -> Result<bool> {
        let asks_again = !self.may_answer(db, "help", &member.address, 1, DAY, arrival.now).await?;
        if asks_again && (told || !self.may_answer(db, "help-told", &member.address, 1, DAY, arrival.now).await?) {
            return Ok(true);
        }
        let told = told || asks_again;
        let notice = Notice::from(ToMember::Help { told });
        self.notify_author(db, group, member, None, &notice, arrival.manner(), arrival.now).await?;
        Ok(told)
    }

    /// A mail to `-help` that is no single word gets the words as well, beside what people do with it. Gives whether that is
    /// all that it needs.
    pub(super) async fn explain_words(&self, db: &mut Db, arrival: &Arrival, group: &Group) -> Result<bool> {
        let message = &arrival.message;
        if message.automatic.is_some() || policy::circles(message) || self.bears_our_mark(arrival, group) {
            return Ok(false);
        }
        let Some(member) = self.taking_part(db, arrival, group).await? else { return Ok(false) };
        let quote = self.new_in_quote(db, arrival, (group, member.id), Answered::default()).await?;
        let lexicon = self.lexicon(group);
        let answers_ours = self.answers_ours(db, arrival, group, &member, About::default()).await?;
        let is_empty = message.attachments.is_empty()
            && !message.elsewhere.differs
            && !quote.may_be_the_authors()
            && message.text.signature.trim().is_empty()
            && !is_urgent(arrival, &lexicon, &quote)
            && !is_concern(arrival, &lexicon, &quote)
            && with_said(arrival, group, &member, WordPlace::Desk, answers_ours, says_nothing);
        Ok(!self.send_words(db, arrival, group, &member, !is_empty).await?)
    }
}

const DAY: i64 = 86_400;
/// So long after an alarm about her every word of hers is for people, too.
const NEAR: i64 = 7 * DAY;
/// So many of the latest mails that she was sent may be answered with no sign but their subject.
const LATEST_SENT: i64 = 40;

/// Her words, as a reader of the tables takes them.
fn with_said<T>(
    arrival: &Arrival,
    group: &Group,
    member: &Member,
    place: WordPlace,
    answers_ours: bool,
    read: impl Fn(&SaidWords<'_>) -> T,
) -> T {
    let names: Vec<&str> = [Some(member.name.as_str()), member.real_name.as_deref(), arrival.author_name()]
        .into_iter()
        .flatten()
        .collect();
    read(&SaidWords {
        subject: &arrival.message.subject,
        answers_ours,
        text: &arrival.message.text.reply,
        below: &arrival.message.text.signature,
        names: &names,
        place,
        today: civil_day(arrival.now, member.zone.unwrap_or(group.zone)),
    })
}
