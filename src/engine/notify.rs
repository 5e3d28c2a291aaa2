//! Write a notice into the outbox: rendered once, one row per reader, each with a token of its own where one is due.

use anyhow::Result;

use super::notice::{Notice, Setting, ShownPost, ToAdministrators, ToMember};
use super::{Lamplight, excerpt};
use crate::clock::Timestamp;
use crate::mail::compose::{Outgoing, compose};
use crate::mail::headers::AutoSubmitted;
use crate::mail::{Address, Mailbox};
use crate::model::group::Group;
use crate::model::ids::{EditionId, MemberId, TokenId};
use crate::model::member::Member;
use crate::model::moderation::TOKEN_DAYS;
use crate::model::post::Post;
use crate::model::wording::Wording;
use crate::store::editions::{self, NewEdition};
use crate::store::outbox::{self, Lane, NewRow, ReturnPath};
use crate::store::tokens::{self, NewToken, Purpose};
use crate::store::{Db, members, pictures, posts, talks};

/// Who gets a notice.
#[derive(Debug, Clone)]
pub struct Reader {
    /// The row on the roster; `None` for an administrator.
    pub member: Option<MemberId>,
    /// The address.
    pub address: Address,
    /// The token whose address answers go to.
    pub token: Option<TokenId>,
}

impl Reader {
    /// A person on a roster, whose answer goes to the moderators.
    #[must_use]
    pub fn of(member: &Member) -> Self {
        Self { member: Some(member.id), address: member.address.clone(), token: None }
    }

    /// An administrator.
    #[must_use]
    pub fn administrator(address: &Address) -> Self {
        Self { member: None, address: address.clone(), token: None }
    }

    /// The same with a token.
    #[must_use]
    pub fn with_token(mut self, token: TokenId) -> Self {
        self.token = Some(token);
        self
    }
}

/// How a notice travels.
#[derive(Debug, Clone, Copy)]
pub enum Manner<'a> {
    /// An automatic answer to a member: null return path (RFC 3834 §3.3), and the Message-ID it answers (§3.1.5).
    Answer(Option<&'a str>),
    /// Everything else: a bounce is noticed.
    Watched(Lane),
}

/// Subject and words of an author, where others stand in their place and no moderator put them there.
fn as_written(post: &Post, words: &Wording) -> Option<String> {
    let label = |subject: &String| words.fill("posts.written-subject", &[("subject", subject)]) + "\n\n";
    let subject = post.original_subject.as_ref().map(label);
    let is_covered = post.edited_since.is_none() && (subject.is_some() || post.original.is_some());
    is_covered.then(|| subject.unwrap_or_default() + post.written())
}

impl Lamplight {
    /// The words of a group's language.
    #[must_use]
    pub fn words(&self, group: &Group) -> &Wording {
        self.renderer.words(&group.language)
    }

    /// The same; the service's where it is mail of no group.
    #[must_use]
    pub fn words_of(&self, group: Option<&Group>) -> &Wording {
        self.renderer.words(group.map_or(self.config.service.language.as_str(), |group| &group.language))
    }

    /// What a notice of this group says about its setting; `reader` is the reader's name, or empty when several read it.
    #[must_use]
    pub fn setting(&self, group: Option<&Group>, reader: &str) -> Setting {
        let address = |suffix: &str| {
            group
                .and_then(|group| self.scheme.group_address(&group.name, suffix).ok())
                .map(|address| address.as_str().to_owned())
                .unwrap_or_default()
        };
        Setting {
            service: self.config.service.name.clone(),
            group: group.map(|group| group.name.clone()).unwrap_or_default(),
            title: group.map_or_else(|| self.config.service.name.clone(), |group| group.title.clone()),
            group_address: address(""),
            leave_address: address("-leave"),
            help_address: address("-help"),
            owner_address: address("-owner"),
            timezone: group.map_or(self.config.service.timezone, |group| group.zone).name().to_owned(),
            emergency_number: group.and_then(|group| group.emergency_number.clone()),
            lifeline: group.and_then(|group| group.lifeline.clone()),
            name: reader.to_owned(),
            answerable: false,
        }
    }

    /// Write a notice for these readers, who all read the same words.
    ///
    /// # Errors
    /// When a template or the database fails.
    #[allow(clippy::too_many_arguments, reason = "every one is a fact of the mail")]
    pub async fn notify(
        &self,
        db: &mut Db,
        group: Option<&Group>,
        name: &str,
        readers: &[Reader],
        notice: &Notice,
        manner: Manner<'_>,
        now: Timestamp,
    ) -> Result<()> {
        self.notify_edition(db, group, name, readers, notice, manner, now).await.map(drop)
    }

    /// A notice for the author of a mail, in her own zone; answers go to the token's address.
    ///
    /// # Errors
    /// When a template or the database fails.
    #[allow(clippy::too_many_arguments, reason = "every one is a fact of the mail")]
    pub async fn notify_author(
        &self,
        db: &mut Db,
        group: &Group,
        author: &Member,
        token: Option<TokenId>,
        notice: &Notice,
        manner: Manner<'_>,
        now: Timestamp,
    ) -> Result<()> {
        let reader = Reader { token, ..Reader::of(author) };
        self.notify(db, Some(&author.local(group)), &author.name, &[reader], notice, manner, now).await
    }

    /// The same as [`Self::notify`]; gives the edition that was written, `None` where there is nobody to read it.
    ///
    /// # Errors
    /// When a template or the database fails.
    #[allow(clippy::too_many_arguments, reason = "every one is a fact of the mail")]
    pub async fn notify_edition(
        &self,
        db: &mut Db,
        group: Option<&Group>,
        name: &str,
        readers: &[Reader],
        notice: &Notice,
        manner: Manner<'_>,
        now: Timestamp,
    ) -> Result<Option<EditionId>> {
        if readers.is_empty() {
            return Ok(None);
        }
        let language = group.map_or(self.config.service.language.as_str(), |group| group.language.as_str());
        let mut setting = self.setting(group, name);
        setting.answerable = readers.iter().all(|reader| reader.token.is_some());
        let rendered = self.renderer.notice(language, &setting, notice)?;
        let shows_an_address = self.shows_an_address(notice, &rendered);
        // Whoever answers a notice that has no token of its own reaches people, never the group.
        let from = match group {
            Some(group) => self.scheme.group_address(&group.name, "-owner")?,
            None => self.scheme.group_address("postmaster", "")?,
        };
        let (message_id, about) = (self.new_message_id(), notice.about());
        let (auto_submitted, return_path, lane, answers) = match manner {
            Manner::Answer(answers) => (AutoSubmitted::Replied, ReturnPath::Null, Lane::Notice, answers),
            Manner::Watched(lane) => (AutoSubmitted::Generated, ReturnPath::Verp, lane, None),
        };
        let talk = self.talk_of(db, group, notice).await?;
        // Her own words are no automatic mail, and a member's rules must not sort them out.
        let auto_submitted = if matches!(notice, Notice::Member(ToMember::PrivateAnswer { .. })) {
            AutoSubmitted::No
        } else {
            auto_submitted
        };
        let title = group.map_or(&self.config.service.name, |group| &group.title);
        let pictures = match notice.shows_pictures_of() {
            Some(post) => pictures::of_post(db, post).await?,
            None => Vec::new(),
        };
        let message = compose(&Outgoing {
            from: Mailbox {
                name: notice.by().map_or_else(|| title.clone(), |by| format!("{by} ({title})")),
                address: from,
            },
            reply_to: talk.as_ref().map(|talk| talk.address.clone()),
            subject: rendered.subject,
            message_id: message_id.clone(),
            references: talk.map_or_else(|| answers.into_iter().map(str::to_owned).collect(), |talk| talk.references),
            date: now,
            zone: group.map_or(self.config.service.timezone, |group| group.zone),
            list: None,
            auto_submitted,
            language: language.to_owned(),
            text: rendered.text,
            html: Some(rendered.html),
            pictures: pictures.into_iter().map(|picture| picture.octets).collect(),
            enclosed: None,
        });
        let edition = NewEdition {
            kind: "notice",
            folder: notice.folder(),
            group: group.map(|group| group.id),
            release: None,
            key: None,
            message_id: &message_id,
            message: &message,
            posts: about.as_slice(),
        };
        let edition = editions::insert(db, &edition, now).await?;
        editions::name(db, edition, &notice.names()).await?;
        if shows_an_address {
            self.record_shown(db, edition, (notice, group), readers, now).await?;
        }
        if let Some((talk, side)) = notice.talk() {
            talks::has_got(db, talk, side, &message_id, now).await?;
        }
        for reader in readers {
            let row = NewRow {
                edition,
                member: reader.member,
                recipient: &reader.address,
                return_path,
                reply_token: reader.token,
                lane,
            };
            outbox::insert(db, &row, now);
        }
        Ok(Some(edition))
    }

    /// A post as moderators see it; of a very long one the beginning.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn shown(&self, db: &mut Db, group: &Group, post: &Post, now: Timestamp) -> Result<ShownPost> {
        let author = members::by_id(db, post.author).await?;
        let words = self.words(group);
        let rest = excerpt::post_show(post.id.0, words);
        Ok(ShownPost {
            id: post.id.0,
            author: post.shown_author(words),
            days_a_member: now.seconds_since(author.joined_at) / 86_400,
            earlier_posts: author.published - i64::from(post.release_seq.is_some()),
            subject: excerpt::line(&post.subject),
            text: excerpt::excerpt(&post.text, Some(&rest), words),
            written: as_written(post, words).map(|written| excerpt::excerpt(&written, Some(&rest), words)),
            signature: post.signature.as_deref().map(|below| excerpt::excerpt(below, None, words)),
            attachments: excerpt::files(&post.attachments),
            pictures: self.count_pictures_with(db, post).await?,
            reasons: post.reasons.iter().map(|why| why.sentence_in(words)).collect(),
            urgent: post.is_urgent(),
            concern: post.is_concern(),
        })
    }

    /// One token for one moderator about one post.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn post_token(
        &self,
        db: &mut Db,
        purpose: Purpose,
        member: MemberId,
        post: &Post,
        asked: Option<&str>,
        now: Timestamp,
    ) -> Result<TokenId> {
        let content_hash = post.content_hash();
        let new = NewToken {
            purpose,
            member,
            post: Some(post.id),
            content_hash: Some(&content_hash),
            asked,
            expires_at: now.plus_seconds(TOKEN_DAYS * 86_400),
        };
        Ok(tokens::insert(db, &new, now).await?)
    }

    /// Each of these moderators with a fresh token about a post.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn readers_with_tokens(
        &self,
        db: &mut Db,
        purpose: Purpose,
        moderators: &[Member],
        post: &Post,
        now: Timestamp,
    ) -> Result<Vec<Reader>> {
        let mut readers = Vec::with_capacity(moderators.len());
        for moderator in moderators {
            let token = self.post_token(db, purpose, moderator.id, post, None, now).await?;
            readers.push(Reader::of(moderator).with_token(token));
        }
        Ok(readers)
    }

    /// Who reads what comes to a group: its moderators, or the administrators where there is none.
    pub(super) async fn moderators_or_administrators(&self, db: &mut Db, group: &Group) -> Result<Vec<Reader>> {
        let moderators: Vec<Reader> = members::active_moderators(db, group.id).await?.iter().map(Reader::of).collect();
        if moderators.is_empty() {
            return Ok(self.administrators().iter().map(Reader::administrator).collect());
        }
        Ok(moderators)
    }

    /// Tell the administrators that posts wait where nobody reads them.
    ///
    /// # Errors
    /// When a template or the database fails.
    pub async fn tell_no_moderator(
        &self,
        db: &mut Db,
        group: &Group,
        urgent: bool,
        now: Timestamp,
    ) -> Result<Option<EditionId>> {
        let administrators: Vec<Reader> = self.administrators().iter().map(Reader::administrator).collect();
        if administrators.is_empty() {
            tracing::error!(group = %group.name, "a post waits, the group has no active moderator and there is no administrator to tell");
            return Ok(None);
        }
        let notice =
            Notice::from(ToAdministrators::NoModerator { waiting: posts::held_in(db, group.id).await?, urgent });
        let lane = if urgent { Lane::Urgent } else { Lane::Notice };
        self.notify_edition(db, Some(group), "", &administrators, &notice, Manner::Watched(lane), now).await
    }
}
