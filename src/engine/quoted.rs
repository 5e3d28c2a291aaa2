//! What the quotes of a mail hold that was not said before: compared with what its author was sent and with what the
//! conversation holds.

use std::collections::BTreeSet;

use anyhow::Result;

use super::Lamplight;
use super::arrival::Arrival;
use super::judge::MOST_NAMED;
use super::split::texts_of;
use crate::clock::Timestamp;
use crate::mail;
use crate::model::group::Group;
use crate::model::ids::{EditionId, MemberId, ThreadId, TokenId};
use crate::model::quote::Said;
use crate::model::text::{self, Quote};
use crate::model::thread;
use crate::store::{Db, editions, posts};

/// Of the posts of a conversation, and of what somebody was sent, so many of the latest are compared with.
const LATEST: i64 = 40;
/// So many of her latest mails that became posts tell how somebody signs.
const SIGNED: i64 = 4;

/// What a mail answers, where that is known: what it quotes of it was said before.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Answered {
    /// The conversation.
    pub conversation: Option<ThreadId>,
    /// The digest, whoever got it: it holds nothing that the group does not have.
    pub digest: Option<EditionId>,
    /// The token of the notice.
    pub token: Option<TokenId>,
    /// A person reads all of it anyway: the far places are looked at only where danger may be told of.
    pub waits_anyway: bool,
}

/// Where something that was said before may stand, the nearest and cheapest first.
const PLACES: [Where; 4] = [Where::Named, Where::Conversation, Where::Sent, Where::Elsewhere];

#[derive(Clone, Copy)]
enum Where {
    /// The mails that the header names, the digest, the notice.
    Named,
    /// The conversation.
    Conversation,
    /// What its author was sent last.
    Sent,
    /// The latest posts of the group; and what stood below her own words in mails that became posts: a signature that
    /// people let pass once is known.
    Elsewhere,
}

impl Lamplight {
    /// Compared with one place after the other, until nothing is left that people should see.
    pub(super) async fn new_in_quote(
        &self,
        db: &mut Db,
        arrival: &Arrival,
        (group, author): (&Group, MemberId),
        answered: Answered,
    ) -> Result<Quote> {
        let lexicon = self.lexicon(group);
        let mut quote = arrival.quote(&lexicon);
        let mut said = Said::default();
        for place in PLACES {
            if !quote.is_remarkable() || quote.is_too_much {
                break;
            }
            let is_far = matches!(place, Where::Sent | Where::Elsewhere);
            if is_far && answered.waits_anyway && quote.flags.is_empty() {
                break;
            }
            if self.add_said(db, arrival, (group, author), answered, place, &mut said).await? {
                quote = text::quote(&arrival.message, &said, &lexicon);
            }
        }
        Ok(quote)
    }

    /// Whether anything stands there.
    async fn add_said(
        &self,
        db: &mut Db,
        arrival: &Arrival,
        (group, author): (&Group, MemberId),
        answered: Answered,
        place: Where,
        said: &mut Said,
    ) -> Result<bool> {
        let texts: Vec<String> = match (place, answered.conversation) {
            (Where::Named, _) => {
                let named: Vec<&str> = thread::references(&arrival.message).into_iter().take(MOST_NAMED).collect();
                let mut sent = editions::sent_to(db, author, answered.token, &named, 0).await?;
                sent.extend(editions::got_by(db, group.id, &named).await?);
                let digest: BTreeSet<EditionId> = answered.digest.into_iter().collect();
                sent.extend(editions::messages(db, &digest).await?.into_iter().map(|(_, bytes)| bytes));
                sent.iter().flat_map(|message| texts_of(message)).collect()
            }
            (Where::Conversation, Some(conversation)) => posts::texts_in(db, conversation, LATEST).await?,
            (Where::Conversation, None) => Vec::new(),
            (Where::Sent, _) => {
                let sent = editions::sent_to(db, author, answered.token, &[], LATEST).await?;
                sent.iter().flat_map(|message| texts_of(message)).collect()
            }
            (Where::Elsewhere, _) => {
                let earlier = posts::said_since(db, group.id, Timestamp(0), LATEST).await?;
                let mut texts: Vec<String> = earlier.into_iter().map(|post| post.text).collect();
                let own = posts::mails_of(db, author, SIGNED).await?;
                texts.extend(own.iter().map(|message| mail::parse(message).text.signature));
                texts
            }
        };
        texts.iter().for_each(|text| said.add(text));
        Ok(!texts.is_empty())
    }
}
