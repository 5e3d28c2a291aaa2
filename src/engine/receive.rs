//! Take a spooled message to its end: read, identify, judge, record. One transaction; the outbox is part of it.
//!
//! A message that can't be read, or that fails three times, is set aside and listed; the next one goes on.

use anyhow::{Context as _, Result};

use super::Lamplight;
use super::notice::{Notice, StrangerMail};
use super::notify::{Manner, Reader};
use crate::clock::Timestamp;
use crate::mail::envelope::{Destination, TokenKind, TokenText};
use crate::mail::parse::Author;
use crate::mail::{self, Address, Incoming, ReversePath};
use crate::model::group::Group;
use crate::model::ids::{GroupId, PostId, SpoolId, ThreadId};
use crate::model::lexicon::Flag;
use crate::model::member::{Member, Role};
use crate::model::policy::{self, Context, Disposition, HoldReason, Judgement, Sender};
use crate::model::post::{Post, PostState};
use crate::model::thread::{self, Clues, Place, SUBJECT_WINDOW_DAYS};
use crate::model::token::claimed_id;
use crate::model::{privacy, text};
use crate::store::judgements::{self, NewJudgement};
use crate::store::outbox::Lane;
use crate::store::spool::{self, Spooled};
use crate::store::tokens::Purpose;
use crate::store::{Db, groups, members, outbox, posts};

/// After so many failures a message is set aside.
const MOST_ATTEMPTS: i64 = 3;

/// One message on its way through the rooms.
pub struct Arrival {
    /// As it was accepted.
    pub spooled: Spooled,
    /// As it was read.
    pub message: Incoming,
    /// The instant at which it is judged.
    pub now: Timestamp,
}

impl Arrival {
    /// The one author, if there is exactly one.
    #[must_use]
    pub fn author(&self) -> Option<&Address> {
        match &self.message.author {
            Author::One(mailbox) => Some(&mailbox.address),
            Author::Nobody | Author::Several(_) => None,
        }
    }

    /// What its text raises.
    #[must_use]
    pub fn flags(&self, language: &str) -> Vec<Flag> {
        text::flags(&self.message, language)
    }
}

/// What became of a message for one recipient.
pub struct Outcome {
    /// In one word.
    pub disposition: &'static str,
    /// The group it was for.
    pub group: Option<GroupId>,
    /// What each rule found.
    pub trail: Vec<(&'static str, &'static str)>,
    /// The post that came of it.
    pub post: Option<PostId>,
}

impl Outcome {
    /// An outcome without a post.
    #[must_use]
    pub fn plain(disposition: &'static str, group: Option<&Group>) -> Self {
        Self { disposition, group: group.map(|group| group.id), trail: Vec::new(), post: None }
    }
}

/// Through which address a post came.
enum Via<'a> {
    Group,
    Thread(&'a TokenText),
    Digest(&'a TokenText),
}

impl Lamplight {
    /// Take the oldest new message to its end; `false` when there is none.
    ///
    /// # Errors
    /// When the database fails; the message is then still there.
    pub async fn receive_next(&self, now: Timestamp) -> Result<bool> {
        loop {
            let Some(spooled) = spool::oldest_new(&mut *self.store.read().await?).await? else { return Ok(false) };
            let (id, attempts) = (spooled.id, spooled.attempts);
            // On a task of its own, a fault in reading one message ends that task and not the worker.
            let lamplight = self.clone();
            let ended = tokio::spawn(async move { lamplight.take_to_its_end(spooled, now).await }).await;
            let cause = match ended {
                Ok(Ok(true)) => return Ok(true),
                Ok(Ok(false)) => continue, // Another server took it meanwhile.
                Ok(Err(cause)) => format!("{cause:#}"),
                Err(_) => "an unexpected fault while reading it".to_owned(),
            };
            self.set_aside(id, attempts, &cause, now).await?;
            return Ok(true);
        }
    }

    /// What failed goes behind the others, and at last to a person.
    async fn set_aside(&self, id: SpoolId, attempts: i64, cause: &str, now: Timestamp) -> Result<()> {
        tracing::error!(spool.id = %id, %cause, "a message could not be taken to its end");
        let mut tx = self.store.begin().await?;
        if attempts + 1 >= MOST_ATTEMPTS {
            spool::quarantine(&mut tx, id, cause, None, now).await?;
        } else {
            spool::count_attempt(&mut tx, id, cause).await?;
        }
        tx.commit().await?;
        Ok(())
    }

    /// Reading may take long and needs no database, so the transaction begins behind it. `false` when the message was
    /// somebody else's by then.
    async fn take_to_its_end(&self, spooled: Spooled, now: Timestamp) -> Result<bool> {
        let arrival = tokio::task::spawn_blocking(move || read(spooled, now)).await?;
        let id = arrival.spooled.id;
        let message_id = arrival.message.message_id.as_deref();
        let mut tx = self.store.begin().await?;
        if !spool::lock_new(&mut tx, id).await? {
            return Ok(false);
        }
        if let Some(cause) = why_unreadable(&arrival) {
            spool::quarantine(&mut tx, id, &cause, message_id, now).await?;
            tracing::warn!(spool.id = %id, %cause, "a message was set aside");
        } else {
            self.judge_recipients(&mut tx, &arrival).await?;
            spool::done(&mut tx, id, message_id, now).await?;
        }
        tx.commit().await.context("commit")?;
        Ok(true)
    }

    async fn judge_recipients(&self, db: &mut Db, arrival: &Arrival) -> Result<()> {
        let mut seen = Vec::new();
        let mut groups_with_post = Vec::new();
        let mut recipients: Vec<&Address> = arrival.spooled.envelope.recipients.iter().collect();
        // A token says more than the group's own address; a message makes one post in a group.
        recipients.sort_by_key(|recipient| {
            !matches!(self.scheme.read(recipient), Some(Destination::GroupToken(..) | Destination::OwnToken(..)))
        });
        for recipient in recipients {
            let key = recipient.key();
            if seen.contains(&key) {
                continue;
            }
            seen.push(key);
            let outcome = self.judge_recipient(db, arrival, recipient, &groups_with_post).await?;
            if outcome.post.is_some() {
                groups_with_post.extend(outcome.group);
            }
            tracing::info!(spool.id = %arrival.spooled.id, disposition = outcome.disposition, post.id = ?outcome.post.map(|id| id.0), "judged");
            let judgement = NewJudgement {
                spool: arrival.spooled.id,
                recipient: recipient.as_str(),
                group: outcome.group,
                disposition: outcome.disposition,
                trail: &outcome.trail,
                post: outcome.post,
            };
            judgements::insert(db, &judgement, arrival.now).await?;
        }
        Ok(())
    }

    async fn judge_recipient(
        &self,
        db: &mut Db,
        arrival: &Arrival,
        recipient: &Address,
        groups_with_post: &[GroupId],
    ) -> Result<Outcome> {
        let (name, destination) = match self.scheme.read(recipient) {
            None => return Ok(Outcome::plain("unknown", None)),
            Some(Destination::Administrators) => return self.to_administrators(db, arrival, recipient).await,
            Some(Destination::OwnToken(TokenKind::Decision, token)) => return self.moderate(db, arrival, &token).await,
            Some(Destination::OwnToken(TokenKind::Bounce, token)) => return self.bounced(db, arrival, &token).await,
            Some(Destination::OwnToken(_, token)) => return self.confirm(db, arrival, &token).await,
            Some(Destination::Group(ref name)) => (name.clone(), None),
            Some(Destination::Service(ref name, service)) => (name.clone(), Some(Err(service))),
            Some(Destination::GroupToken(ref name, kind, ref token)) => (name.clone(), Some(Ok((kind, token.clone())))),
        };
        let Some(group) = groups::by_name(db, &name).await? else { return Ok(Outcome::plain("unknown", None)) };
        let via = match &destination {
            Some(Err(service)) => return self.serve_address(db, arrival, &group, *service, recipient).await,
            Some(Ok((TokenKind::Thread, token))) => Via::Thread(token),
            Some(Ok((TokenKind::Digest, token))) => Via::Digest(token),
            Some(Ok(_)) => return self.to_moderators(db, arrival, &group, recipient).await,
            None => Via::Group,
        };
        if groups_with_post.contains(&group.id) {
            return Ok(Outcome::plain("same-group", Some(&group)));
        }
        self.judge_post(db, arrival, &group, via, recipient).await
    }

    async fn judge_post(
        &self,
        db: &mut Db,
        arrival: &Arrival,
        group: &Group,
        via: Via<'_>,
        recipient: &Address,
    ) -> Result<Outcome> {
        let clues = self.clues(db, arrival, group, via).await?;
        let place = thread::place(&arrival.message, &clues);
        let context = self.context(db, arrival, group, place).await?;
        let Judgement { disposition, trail } = policy::judge(&arrival.message, &context);
        let mut outcome = Outcome { disposition: "", group: Some(group.id), trail, post: None };
        let author = match context.sender {
            Sender::Known(member) => Some(*member),
            Sender::Stranger => None,
        };
        match (disposition, author) {
            (Disposition::Publish(policy), Some(author)) => {
                let post = self.keep_post(db, arrival, group, &author, place, Vec::new()).await?;
                self.release(db, group, &post, super::publish::Release::Policy(policy), arrival.now).await?;
                outcome.disposition = "published";
                outcome.post = Some(post.id);
            }
            (Disposition::Hold(reasons), Some(author)) => {
                let post = self.keep_post(db, arrival, group, &author, place, reasons).await?;
                self.announce_hold(db, group, &post, None, arrival.now).await?;
                if arrival.message.automatic.is_none() {
                    self.tell_author_held(db, group, &author, &post, arrival.now).await?;
                }
                outcome.disposition = "held";
                outcome.post = Some(post.id);
            }
            (Disposition::AskAuthor(reasons), Some(author)) => {
                let post = self.keep_post(db, arrival, group, &author, place, reasons).await?;
                self.ask_author(db, group, &author, &post, arrival.now).await?;
                // Whoever wrote it in her name: a cry for help doesn't wait for her to say that it was she.
                if post.is_urgent() {
                    self.announce_hold(db, group, &post, None, arrival.now).await?;
                }
                outcome.disposition = "asked-moderator";
                outcome.post = Some(post.id);
            }
            (Disposition::GroupClosed, Some(author)) => {
                let notice = Notice::GroupClosed { subject: arrival.message.subject.clone() };
                self.answer_once_a_day(db, group, &author, &notice, arrival.now).await?;
                outcome.disposition = "group-closed";
            }
            (Disposition::Ignore(_), _) => outcome.disposition = "ignored",
            (_, _) => {
                self.stranger(db, arrival, group, recipient, &context.flags).await?;
                outcome.disposition = "stranger";
            }
        }
        Ok(outcome)
    }

    /// Everything that the rules may ask, in one go.
    async fn context<'g>(&self, db: &mut Db, arrival: &Arrival, group: &'g Group, place: Place) -> Result<Context<'g>> {
        let sender = match arrival.author() {
            Some(address) => members::by_address(db, group.id, address).await?,
            None => None,
        };
        let mut spared = members::names(db, group.id).await?;
        spared.push(group.title.clone());
        let spared: Vec<&str> = spared.iter().map(String::as_str).collect();
        let names = match sender {
            // The signature is left out of the copy, so it gives nothing away.
            Some(_) => {
                privacy::names(&text::published(&arrival.message), &members::known(db, group.id).await?, &spared)
            }
            None => Vec::new(),
        };
        let list_id = format!("{}.{}", group.name, self.scheme.domain);
        let address = format!("{}@{}", group.name, self.scheme.domain);
        Ok(Context {
            group,
            sender: sender.map_or(Sender::Stranger, |member| Sender::Known(Box::new(member))),
            flags: arrival.flags(&group.language),
            names,
            own_loop: arrival.message.loop_marks.iter().any(|mark| mark.contains(&list_id) || mark.contains(&address)),
            which_conversation: place == Place::Unclear,
        })
    }

    async fn clues(&self, db: &mut Db, arrival: &Arrival, group: &Group, via: Via<'_>) -> Result<Clues> {
        let mut clues = Clues::default();
        match via {
            Via::Group => {}
            Via::Thread(token) => {
                if let Some(id) = self.opened_by(TokenKind::Thread, token)
                    && let Some(thread) = posts::thread_by_id(db, ThreadId(id)).await?
                    && thread.group == group.id
                {
                    clues.by_address = Some((thread.id, posts::latest_in(db, thread.id).await?));
                }
            }
            Via::Digest(token) => {
                if let Some(id) = self.opened_by(TokenKind::Digest, token) {
                    clues.by_digest = self.conversations_of(db, group, id).await?;
                }
            }
        }
        for id in thread::references(&arrival.message) {
            clues.by_reference.extend(posts::by_message_id(db, group.id, id).await?);
        }
        if !arrival.message.base_subject.is_empty() && thread::is_answer(&arrival.message) {
            let since = arrival.now.plus_seconds(-SUBJECT_WINDOW_DAYS * 86_400);
            let found = posts::thread_by_subject(db, group.id, &arrival.message.base_subject, since).await?;
            if let Some(id) = found {
                clues.by_subject = Some((id, posts::latest_in(db, id).await?));
            }
        }
        Ok(clues)
    }

    async fn conversations_of(
        &self,
        db: &mut Db,
        group: &Group,
        edition: i64,
    ) -> Result<Vec<(ThreadId, Option<PostId>)>> {
        let mut found: Vec<(ThreadId, Option<PostId>)> = Vec::new();
        for id in outbox::posts_of(db, crate::model::ids::EditionId(edition)).await? {
            if let Some(post) = posts::by_id(db, id).await?
                && post.group == group.id
                && !found.iter().any(|(thread, _)| *thread == post.thread)
            {
                found.push((post.thread, posts::latest_in(db, post.thread).await?));
            }
        }
        Ok(found)
    }

    /// The row that a token without a row of its own (conversation, issue, return path) names.
    pub(super) fn opened_by(&self, kind: TokenKind, token: &TokenText) -> Option<i64> {
        claimed_id(token).filter(|id| self.store.key().opens(token, kind, *id, 1))
    }

    async fn keep_post(
        &self,
        db: &mut Db,
        arrival: &Arrival,
        group: &Group,
        author: &Member,
        place: Place,
        reasons: Vec<HoldReason>,
    ) -> Result<Post> {
        let message = &arrival.message;
        let subject = if message.subject.is_empty() { "(no subject)" } else { message.subject.as_str() };
        let (thread, parent) = match place {
            Place::Answers { thread, parent } => (thread, parent),
            Place::New | Place::Unclear => {
                (posts::insert_thread(db, group.id, subject, &message.base_subject, arrival.now).await?, None)
            }
        };
        let read_by = self.read_by(arrival.now);
        let mut post = Post {
            id: PostId(0),
            group: group.id,
            thread,
            parent,
            author: author.id,
            author_name: author.name.clone(),
            author_role: author.role,
            spool: Some(arrival.spooled.id),
            subject: subject.to_owned(),
            text: message.text.reply.trim_end().to_owned(),
            attachments: message.attachments.clone(),
            reasons,
            state: PostState::Held,
            created_at: arrival.now,
            read_by,
            claimed_by: None,
            published_at: None,
            release_seq: None,
        };
        post.id = posts::insert(db, &post, read_by).await?;
        if let Some(id) = &message.message_id {
            posts::remember_message_id(db, group.id, id, post.id).await?;
        }
        Ok(post)
    }

    async fn tell_author_held(
        &self,
        db: &mut Db,
        group: &Group,
        author: &Member,
        post: &Post,
        now: Timestamp,
    ) -> Result<()> {
        let notice = Notice::Held {
            read_by: post.read_by,
            first: post.reasons.contains(&HoldReason::FirstPost),
            all: post.reasons.contains(&HoldReason::EveryPostIsRead),
            urgent: post.is_urgent(),
            subject: post.subject.clone(),
        };
        let token = self.post_token(db, Purpose::Withdraw, author.id, post, None, now).await?;
        let reader = [Reader::of(author).with_token(token)];
        let local = Group { zone: author.zone.unwrap_or(group.zone), ..group.clone() };
        self.notify(db, Some(&local), &author.name, &reader, &notice, Manner::Answer, now).await
    }

    /// Kept, listed and summed up once a day; at once only when somebody may be in danger.
    pub(super) async fn stranger(
        &self,
        db: &mut Db,
        arrival: &Arrival,
        group: &Group,
        recipient: &Address,
        flags: &[Flag],
    ) -> Result<()> {
        let urgent: Vec<String> =
            flags.iter().filter(|flag| policy::is_urgent(flag.category)).map(|flag| flag.words.clone()).collect();
        if urgent.is_empty() || arrival.message.automatic.is_some() {
            return Ok(());
        }
        let message = stranger_mail(&arrival.message, arrival.spooled.id, arrival.spooled.received_at, recipient);
        let notice = Notice::StrangerUrgent { message, matched: urgent };
        let mut readers: Vec<Reader> = members::active_moderators(db, group.id).await?.iter().map(Reader::of).collect();
        if readers.is_empty() {
            readers = self.administrators().iter().map(Reader::administrator).collect();
        }
        self.notify(db, Some(group), "", &readers, &notice, Manner::Watched(Lane::Urgent), arrival.now).await
    }
}

/// Read a spooled message.
fn read(spooled: Spooled, now: Timestamp) -> Arrival {
    let mut message = mail::parse(&spooled.message);
    // RFC 3834 §2: what comes without a return path is automatic.
    if spooled.envelope.reverse_path == ReversePath::Null && message.automatic.is_none() {
        message.automatic = Some("null return path");
    }
    // What people judge and what is published is one text; no mark in it that they can't see.
    for text in [&mut message.text.reply, &mut message.text.quoted] {
        *text = privacy::visible(text);
    }
    for line in [&mut message.subject, &mut message.base_subject] {
        *line = privacy::visible(line).replace('\n', " ");
    }
    Arrival { spooled, message, now }
}

/// Automatic mail needs no author; a person's must have exactly one.
fn why_unreadable(arrival: &Arrival) -> Option<String> {
    if let Some(trouble) = arrival.message.trouble {
        return Some(trouble.to_string());
    }
    if arrival.spooled.envelope.recipients.len() >= mail::parse::MAX_ADDRESSES {
        return Some(format!("{} recipients or more", mail::parse::MAX_ADDRESSES));
    }
    if arrival.message.automatic.is_some() {
        return None;
    }
    match &arrival.message.author {
        Author::One(_) => None,
        Author::Nobody => Some("no author: the From field is missing or can't be read".to_owned()),
        Author::Several(_) => Some("more than one author".to_owned()),
    }
}

/// A stranger's message as moderators see it.
pub(super) fn stranger_mail(
    message: &Incoming,
    spool: SpoolId,
    received_at: Timestamp,
    recipient: &Address,
) -> StrangerMail {
    let beginning: String =
        message.text.reply.split_whitespace().collect::<Vec<_>>().join(" ").chars().take(300).collect();
    StrangerMail {
        spool_id: spool.0,
        from: match &message.author {
            Author::One(mailbox) => mailbox.address.as_str().to_owned(),
            Author::Nobody | Author::Several(_) => String::new(),
        },
        subject: message.subject.clone(),
        beginning,
        written_to: recipient.local_part().to_owned(),
        asks_for_something: ["-join", "-help", "-request", "-owner", "-moderators"]
            .iter()
            .any(|ending| recipient.local_part().to_lowercase().replace('+', "-").ends_with(ending)),
        received_at,
    }
}

/// Whether this person takes part: members while they have not left, moderators while they may decide.
pub(super) fn takes_part(member: &Member) -> bool {
    use crate::model::member::MemberState::{Active, Paused};
    match member.role {
        Role::Member => matches!(member.state, Active | Paused),
        Role::Moderator => member.state == Active,
    }
}
