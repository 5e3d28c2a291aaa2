//! What the quotes of a mail hold that was not said before: compared with what its author was sent and with what the
//! conversation holds.

use std::collections::BTreeSet;
use std::sync::Arc;

use anyhow::Result;

use super::Lamplight;
use super::arrival::Arrival;
use super::judge::MOST_NAMED;
use super::split::texts_of;
use crate::model::ids::{EditionId, MemberId, ThreadId, TokenId};
use crate::model::lexicon::Lexicon;
use crate::model::quote::Said;
use crate::model::text::{self, Quote};
use crate::model::thread;
use crate::store::{Db, editions, posts};

/// Of the posts of a conversation, and of what somebody was sent, so many of the latest are compared with.
const LATEST: i64 = 40;

/// What a mail answers, where that is known: what it quotes of it was said before.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Answered {
    /// The conversation.
    pub conversation: Option<ThreadId>,
    /// The digest, whoever got it: it holds nothing that the group does not have.
    pub digest: Option<EditionId>,
    /// The token of the notice.
    pub token: Option<TokenId>,
}

impl Lamplight {
    /// Where its quotes hold nothing that people should see, or too much, nothing is compared.
    pub(super) async fn new_in_quote(
        &self,
        db: &mut Db,
        arrival: &Arrival,
        author: MemberId,
        lexicon: &Arc<Lexicon>,
        answered: Answered,
    ) -> Result<Quote> {
        let whole = arrival.quote(lexicon);
        if !whole.is_remarkable() || whole.is_too_much {
            return Ok(whole);
        }
        let mut said = Said::default();
        let named: Vec<&str> = thread::references(&arrival.message).into_iter().take(MOST_NAMED).collect();
        let mut earlier = editions::sent_to(db, author, answered.token, &named, LATEST).await?;
        if let Some(digest) = answered.digest {
            earlier
                .extend(editions::messages(db, &BTreeSet::from([digest])).await?.into_iter().map(|(_, bytes)| bytes));
        }
        for message in earlier {
            texts_of(&message).iter().for_each(|text| said.add(text));
        }
        if let Some(conversation) = answered.conversation {
            posts::texts_in(db, conversation, LATEST).await?.iter().for_each(|text| said.add(text));
        }
        Ok(text::quote(&arrival.message, &said, lexicon))
    }
}
