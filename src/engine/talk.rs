//! Private talks between one member and the moderators, names covered both ways. Only these two sides are carried to each
//! other, never one member to another; anybody else who writes there is a stranger.

use anyhow::{Context as _, Result};

use super::alert_named::Looks;
use super::arrival::{Arrival, Outcome, Taken, is_first, said_before, takes_part};
use super::notice::{Notice, PublishedPost, Reaches, ToMember, ToModerators, Unsent};
use super::notify::{Manner, Reader};
use super::quoted::Answered;
use super::{Lamplight, excerpt};
use crate::clock::Timestamp;
use crate::mail::Address;
use crate::mail::envelope::{TokenKind, TokenText};
use crate::mail::parse::Attachment;
use crate::model::command::{Reading, Verb, read_decision};
use crate::model::group::{Group, Subjects};
use crate::model::ids::TalkId;
use crate::model::member::{Member, Role};
use crate::model::privacy::Named;
use crate::model::talk::{QUIET_DAYS, Side, Talk, Writer};
use crate::model::text;
use crate::store::audit::{self, Actor};
use crate::store::outbox::Lane;
use crate::store::{Db, members, names, talks};

const HOUR: i64 = 3_600;
/// So many answers an hour that were not sent are explained to one moderator.
const MOST_EXPLAINED: i64 = 20;
/// Octets of an answer: a mail server must take it.
const LONGEST: usize = 256 * 1024;

/// How a mail of a talk is addressed.
pub(super) struct Letterhead {
    /// Where answers of the reading side go.
    pub address: Address,
    /// What the reading side has of the talk already.
    pub references: Vec<String>,
}

impl Lamplight {
    /// The address and the threads of a notice that belongs to a talk.
    pub(super) async fn talk_of(
        &self,
        db: &mut Db,
        group: Option<&Group>,
        notice: &Notice,
    ) -> Result<Option<Letterhead>> {
        let (Some((id, side)), Some(group)) = (notice.talk(), group) else { return Ok(None) };
        let talk = talks::by_id(db, id).await?.context("a talk that is there is gone")?;
        let token =
            self.store.key().token(TokenKind::Private, id.0, side.generation()).context("a token cannot be made")?;
        let address = self.scheme.token_address(&group.name, TokenKind::Private, &token)?;
        Ok(Some(Letterhead { address, references: talk.had_by(side).to_vec() }))
    }

    /// The talk in which a member's words to the moderators stand: the latest under this subject, unless it has been quiet for
    /// long. Moderators among themselves need none.
    pub(super) async fn talk_with(
        &self,
        db: &mut Db,
        member: &Member,
        (subject, base_subject): (&str, &str),
        now: Timestamp,
    ) -> Result<Talk> {
        let since = now.plus_seconds(-QUIET_DAYS * 86_400);
        match talks::latest(db, member.id, base_subject, since).await? {
            Some(talk) => Ok(talk),
            None => Ok(talks::insert(db, (member.group, member.id), subject, base_subject, now).await?),
        }
    }

    /// Mail to `rose+p.TOKEN@`.
    pub(super) async fn talk(
        &self,
        db: &mut Db,
        arrival: &Arrival,
        group: &Group,
        token: &TokenText,
        recipient: &Address,
        taken: &mut Taken,
    ) -> Result<Outcome> {
        // RFC 3834 §2: an out-of-office is passed on to nobody.
        if arrival.message.automatic.is_some() {
            return Ok(Outcome::ignored(Some(group)));
        }
        let opened = self.talk_opened_by(token);
        let talk = match opened {
            Some((id, _)) => talks::by_id(db, TalkId(id)).await?.filter(|talk| talk.group == group.id),
            None => None,
        };
        let sender = self.taking_part(db, arrival, group).await?;
        // A From: line is easily written. Only moderators have their address, and the member has the other.
        let is_hers = matches!(opened, Some((_, Side::Member)));
        let Some(talk) = talk.filter(|talk| !(is_hers && talk.writer(sender.as_ref()) == Writer::Moderator)) else {
            if let Some(moderator) = sender.filter(Member::is_active_moderator) {
                self.not_sent(db, arrival, group, &moderator, None, Unsent::Unknown).await?;
                return Ok(Outcome::plain("unknown-token", Some(group)));
            }
            return self.to_moderators(db, arrival, group, recipient, taken).await;
        };
        if !is_first(&mut taken.words, group) {
            return Ok(said_before(Some(group)));
        }
        match (talk.writer(sender.as_ref()), sender) {
            (Writer::Member, Some(member)) => {
                self.private_words(db, arrival, group, &member, Some(talk)).await?;
                Ok(Outcome::plain("passed-on", Some(group)))
            }
            (Writer::Moderator, Some(moderator)) => self.answer_privately(db, arrival, group, &moderator, &talk).await,
            _ => {
                let flags = arrival.all_flags(&self.lexicon(group));
                self.stranger(db, arrival, group, recipient, &flags).await?;
                Ok(Outcome::plain("stranger", Some(group)))
            }
        }
    }

    /// A moderator's answer: to the member under her name, and to the other moderators, so that they know of it.
    async fn answer_privately(
        &self,
        db: &mut Db,
        arrival: &Arrival,
        group: &Group,
        moderator: &Member,
        talk: &Talk,
    ) -> Result<Outcome> {
        let member = members::by_id(db, talk.member).await?;
        if !self.may_be_hers(arrival) {
            self.not_sent(db, arrival, group, moderator, Some((talk, &member)), Unsent::SenderNotVerified).await?;
            return Ok(Outcome::plain("not-passed-on", Some(group)));
        }
        let word = read_decision(arrival.post_text(), &moderator.name);
        if matches!(word, Reading::Decision { verb: Verb::Mine, .. }) {
            match self.looks_after(db, arrival, group, moderator, talk, "mine").await? {
                Looks::After => return Ok(Outcome::plain("claimed", Some(group))),
                Looks::Elsewhere => return Ok(Outcome::plain("nothing-decided", Some(group))),
                Looks::NoneOpen => {}
            }
        }
        if let Some(why) = self.why_unsent(db, arrival, group, moderator, &member).await? {
            self.not_sent(db, arrival, group, moderator, Some((talk, &member)), why).await?;
            return Ok(Outcome::plain("not-passed-on", Some(group)));
        }
        let (text, now) = (arrival.post_text(), arrival.now);
        let (pictures, files) = counted(&arrival.message.attachments);
        let name = self.words(group).fill("names.writes", &[("name", &moderator.name)]);
        let subject = excerpt::line(&talk.subject);
        let post = PublishedPost {
            author: name.clone(),
            at: now,
            text: text.to_owned(),
            answers: None,
            shown: 0,
            pictures,
            files,
            edited: false,
        };
        let notice = Notice::from(ToMember::PrivateAnswer {
            talk: talk.id,
            moderator: name,
            subject: if group.subjects == Subjects::Own { subject.clone() } else { String::new() },
            post,
        });
        let manner = Manner::Watched(Lane::Notice);
        self.notify(db, Some(group), &member.name, &[Reader::of(&member)], &notice, manner, now).await?;
        let detail = serde_json::json!({ "talk": talk.id, "spool": arrival.spooled.id });
        let about = format!("member:{}", member.id);
        audit::write(db, now, Actor::Member(moderator.id.0), "answered-privately", &about, &detail).await?;
        self.looks_after(db, arrival, group, moderator, talk, "answered").await?;
        self.tell_what_was_answered(db, arrival, group, moderator, (talk, &member), &subject).await?;
        Ok(Outcome::plain("passed-on", Some(group)))
    }

    async fn tell_what_was_answered(
        &self,
        db: &mut Db,
        arrival: &Arrival,
        group: &Group,
        moderator: &Member,
        (talk, member): (&Talk, &Member),
        subject: &str,
    ) -> Result<()> {
        let (own, others): (Vec<Member>, Vec<Member>) =
            members::active_moderators(db, group.id).await?.into_iter().partition(|one| one.id == moderator.id);
        let lost_files = !arrival.message.attachments.is_empty();
        for (readers, by_reader) in [(others, false), (if lost_files { own } else { Vec::new() }, true)] {
            let readers: Vec<Reader> = readers.iter().map(Reader::of).collect();
            let notice = Notice::from(ToModerators::PrivateCopy {
                talk: talk.id,
                moderator: moderator.name.clone(),
                by_reader,
                author: member.shown_name(self.words(group)),
                subject: subject.to_owned(),
                text: arrival.post_text().to_owned(),
                attachments: excerpt::files(&arrival.message.attachments),
            });
            self.notify(db, Some(group), "", &readers, &notice, Manner::Watched(Lane::Notice), arrival.now).await?;
        }
        Ok(())
    }

    /// What keeps a moderator's answer from the member; in doubt she is asked.
    async fn why_unsent(
        &self,
        db: &mut Db,
        arrival: &Arrival,
        group: &Group,
        moderator: &Member,
        member: &Member,
    ) -> Result<Option<Unsent>> {
        let (message, text) = (&arrival.message, arrival.post_text());
        if !takes_part(member) {
            return Ok(Some(Unsent::Gone));
        }
        // "Approve" went to the wrong address: it was meant for us.
        if read_decision(text, &moderator.name).is_a_word() {
            return Ok(Some(Unsent::Verb));
        }
        if !text.lines().any(|line| !line.trim().is_empty() && !line.starts_with('>')) {
            return Ok(Some(Unsent::NothingNew));
        }
        let quote = self.new_in_quote(db, arrival, (group, moderator.id), Answered::default()).await?;
        if message.elsewhere.differs || quote.may_be_the_authors() {
            return Ok(Some(Unsent::WordsLeft));
        }
        if text.len() > LONGEST {
            return Ok(Some(Unsent::TooLong));
        }
        let names = names::of_others(db, group, member.id).await?.names(&text::new_words(message));
        Ok(names.first().map(|named| match named {
            Named::Address => Unsent::Address,
            Named::RealName => Unsent::RealName,
        }))
    }

    /// Her words stay where they are, and she hears why.
    async fn not_sent(
        &self,
        db: &mut Db,
        arrival: &Arrival,
        group: &Group,
        moderator: &Member,
        talk: Option<(&Talk, &Member)>,
        why: Unsent,
    ) -> Result<()> {
        if !self.may_answer(db, "private-unsent", &moderator.address, MOST_EXPLAINED, HOUR, arrival.now).await? {
            return Ok(());
        }
        let words = self.words(group);
        let notice = Notice::from(ToModerators::PrivateUnsent {
            talk: talk.map(|(talk, _)| talk.id),
            why,
            author: talk.map(|(_, member)| member.shown_name(words)).unwrap_or_default(),
            text: excerpt::excerpt(arrival.post_text(), Some(&excerpt::spool_show(arrival.spooled.id.0, words)), words),
        });
        let reader = [Reader::of(moderator)];
        self.notify(db, Some(group), &moderator.name, &reader, &notice, Manner::Watched(Lane::Notice), arrival.now)
            .await
    }

    /// Whom a reply to a person's private words reaches.
    pub(super) async fn who_answers(&self, db: &mut Db, group: &Group, author: &Member) -> Result<Reaches> {
        if author.role == Role::Moderator {
            return Ok(Reaches::Moderators);
        }
        let nobody = members::active_moderators(db, group.id).await?.is_empty();
        Ok(if nobody { Reaches::Nobody } else { Reaches::Author })
    }

    /// A member has her own mail, so that her program puts our answer beside it.
    pub(super) async fn remember_her_mail(&self, db: &mut Db, arrival: &Arrival, talk: TalkId) -> Result<()> {
        if let Some(id) = &arrival.message.message_id {
            talks::has_got(db, talk, Side::Member, id, arrival.now).await?;
        }
        Ok(())
    }
}

fn counted(attachments: &[Attachment]) -> (usize, usize) {
    let pictures = attachments.iter().filter(|file| file.is_picture()).count();
    (pictures, attachments.len() - pictures)
}
