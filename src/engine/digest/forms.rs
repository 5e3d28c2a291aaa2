//! A digest as a mail, in the form that its readers chose: a page with plain text beside it, plain text alone, each post a
//! message of its own (RFC 2046 §5.1.5), or the plain digest of RFC 1153.

use std::collections::HashMap;

use anyhow::Result;

use super::super::Lamplight;
use super::super::notice::{Conversation, DigestPage, DigestPost};
use crate::clock::Timestamp;
use crate::mail::Mailbox;
use crate::mail::compose::{Enclosed, Outgoing};
use crate::mail::envelope::TokenKind;
use crate::mail::headers::AutoSubmitted;
use crate::mail::{Address, subject};
use crate::model::digest::{Recipe, Unanswered, gather};
use crate::model::group::Group;
use crate::model::ids::{EditionId, PostId, ThreadId};
use crate::model::post::Post;
use crate::store::posts::First;
use crate::store::{Db, editions};

/// What tells one edition from every other one.
pub(in super::super) struct Written {
    /// Its row.
    pub edition: EditionId,
    /// Its Message-ID.
    pub message_id: String,
    /// When it is written.
    pub at: Timestamp,
}

impl Lamplight {
    /// A digest as it would leave, apart from its recipient.
    #[allow(clippy::too_many_arguments, reason = "every one is a fact of the mail")]
    pub(in super::super) async fn digest_mail(
        &self,
        db: &mut Db,
        group: &Group,
        posts: &[Post],
        waiting: &[Unanswered],
        recipe: &Recipe,
        firsts: &HashMap<ThreadId, First>,
        written: &Written,
    ) -> Result<Outgoing> {
        let page = self.digest_page(db, group, posts, waiting, recipe, firsts).await?;
        let rendered =
            self.renderer.digest_as(&group.language, &self.setting(Some(group), ""), &page, recipe.format)?;
        let token = self.store.key().token(TokenKind::Digest, written.edition.0, 1);
        let token = token.ok_or_else(|| anyhow::anyhow!("no token for edition {}", written.edition))?;
        let enclosed = match rendered.after {
            Some(after) => Some(Enclosed { messages: self.messages(db, group, posts, &page, recipe).await?, after }),
            None => None,
        };
        Ok(Outgoing {
            from: Mailbox { name: group.title.clone(), address: self.scheme.group_address(&group.name, "")? },
            reply_to: Some(self.scheme.token_address(&group.name, TokenKind::Digest, &token)?),
            subject: rendered.subject,
            message_id: written.message_id.clone(),
            references: Vec::new(),
            // Parts leave side by side; by their dates a mailbox has them in their order.
            date: written.at.plus_seconds(i64::try_from(recipe.part).unwrap_or(1) - 1),
            zone: group.zone,
            list: Some(self.list_fields(group)?),
            auto_submitted: AutoSubmitted::Generated,
            language: group.language.clone(),
            text: rendered.text,
            html: rendered.html,
            pictures: Vec::new(),
            enclosed,
        })
    }

    /// Each post as a message: under the Message-ID of its single copy, so that a mail program knows it again.
    async fn messages(
        &self,
        db: &mut Db,
        group: &Group,
        posts: &[Post],
        page: &DigestPage,
        recipe: &Recipe,
    ) -> Result<Vec<Outgoing>> {
        let mut named: Vec<PostId> = posts.iter().flat_map(|post| [Some(post.id), post.parent]).flatten().collect();
        named.sort_unstable();
        named.dedup();
        let ids = editions::message_ids_of(db, &named).await?;
        let bundles = gather(posts);
        let shown = page.conversations.iter().zip(&bundles);
        let mut messages: Vec<(bool, Outgoing)> = Vec::with_capacity(posts.len());
        for (conversation, bundle) in shown {
            for (shown, post) in conversation.posts.iter().zip(&bundle.posts) {
                messages.push((shown.folded, self.message(group, conversation, shown, (post, recipe), &ids)?));
            }
        }
        let (last, first): (Vec<_>, Vec<_>) = messages.into_iter().partition(|(folded, _)| *folded);
        Ok(first.into_iter().chain(last).map(|(_, message)| message).collect())
    }

    fn message(
        &self,
        group: &Group,
        conversation: &Conversation,
        shown: &DigestPost,
        (post, recipe): (&Post, &Recipe),
        ids: &HashMap<PostId, String>,
    ) -> Result<Outgoing> {
        let is_first =
            !conversation.continued && conversation.posts.first().is_some_and(|one| std::ptr::eq(one, shown));
        let message_id = match (ids.get(&post.id), recipe.piece) {
            (Some(id), None) => id.clone(),
            _ => self.new_message_id(),
        };
        let words = self.renderer.digest_message(&group.language, &self.setting(Some(group), ""), shown)?;
        Ok(Outgoing {
            from: Mailbox { name: shown.post.author.clone(), address: self.scheme.group_address(&group.name, "")? },
            reply_to: Some(Address::parse(&conversation.reply_to)?),
            subject: heading(&conversation.subject, is_first),
            message_id,
            references: post.parent.and_then(|parent| ids.get(&parent)).cloned().into_iter().collect(),
            date: shown.post.at,
            zone: group.zone,
            list: None,
            auto_submitted: AutoSubmitted::No,
            language: group.language.clone(),
            text: words,
            html: None,
            pictures: Vec::new(),
            enclosed: None,
        })
    }
}

fn heading(conversation: &str, is_first: bool) -> String {
    if is_first || subject::read(conversation).is_reply {
        conversation.to_owned()
    } else {
        format!("Re: {conversation}")
    }
}
