//! One message, one recipient after the other: what each address does with it, and that several of one group do nothing
//! twice.

use anyhow::Result;

use super::Lamplight;
use super::arrival::{Arrival, Outcome, Taken, is_first, said_before};
use super::judge::Via;
use super::wish::Heard;
use crate::mail::Address;
use crate::mail::envelope::{Destination, Service, TokenKind, TokenText};
use crate::model::talk::Side;
use crate::model::token::claimed_id;
use crate::store::judgements::{self, NewJudgement};
use crate::store::{Db, groups};

/// One answer has one address; a message to more of our own than this is no answer.
const MOST_OWN_TOKENS: usize = 10;

/// What one address of a group is for.
enum Use {
    /// Posts.
    Group,
    /// One of its services.
    Service(Service),
    /// An answer to a mail of the group.
    Token(TokenKind, TokenText),
}

/// In which order the recipients of one message are served. What a message does may change who its author is, so her words
/// to people come first, and her leaving, by its token, last. A post's token says more than the group's own address.
fn place(destination: &Destination) -> u8 {
    match destination {
        Destination::Administrators => 0,
        // An answer in a talk reaches its other side; beside that, `-owner` says nothing new.
        Destination::GroupToken(_, TokenKind::Private, _) => 1,
        Destination::Service(_, Service::Join | Service::Help | Service::Request | Service::Owner) => 2,
        Destination::GroupToken(..) => 3,
        Destination::Group(_) => 4,
        Destination::Service(_, Service::Leave) => 5,
        Destination::OwnToken(..) => 6,
    }
}

impl Lamplight {
    pub(super) async fn judge_recipients(&self, db: &mut Db, arrival: &Arrival) -> Result<Vec<&'static str>> {
        let mut dispositions = Vec::new();
        let mut seen = Vec::new();
        let mut taken = Taken::default();
        let mut recipients: Vec<&Address> = arrival.spooled.envelope.recipients.iter().collect();
        recipients.sort_by_key(|recipient| self.scheme.read(recipient).as_ref().map(place));
        for recipient in recipients {
            let key = recipient.key();
            if seen.contains(&key) {
                continue;
            }
            seen.push(key);
            let mut outcome = self.judge_recipient(db, arrival, recipient, &mut taken).await?;
            if outcome.is_ignored() {
                outcome = self.hear_before_ignoring(db, arrival, recipient, &mut taken, outcome).await?;
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
            judgements::insert(db, &judgement, arrival.now);
            dispositions.push(outcome.disposition);
        }
        Ok(dispositions)
    }

    async fn judge_recipient(
        &self,
        db: &mut Db,
        arrival: &Arrival,
        recipient: &Address,
        taken: &mut Taken,
    ) -> Result<Outcome> {
        let destination = self.scheme.read(recipient);
        if matches!(destination, Some(Destination::OwnToken(..))) {
            taken.tokens += 1;
            if taken.tokens > MOST_OWN_TOKENS {
                return Ok(Outcome::plain("too-many-tokens", None));
            }
        }
        let (name, used) = match destination {
            None => return Ok(Outcome::plain("unknown", None)),
            Some(Destination::Administrators) => return self.to_administrators(db, arrival, recipient, taken).await,
            Some(Destination::OwnToken(TokenKind::Decision, token)) => {
                return self.moderate(db, arrival, &token, recipient).await;
            }
            Some(Destination::OwnToken(TokenKind::Bounce, token)) => return self.bounced(db, arrival, &token).await,
            Some(Destination::OwnToken(_, token)) => return self.confirm(db, arrival, &token, recipient, taken).await,
            Some(Destination::Group(name)) => (name, Use::Group),
            Some(Destination::Service(name, service)) => (name, Use::Service(service)),
            Some(Destination::GroupToken(name, kind, token)) => (name, Use::Token(kind, token)),
        };
        let Some(group) = groups::by_name(db, &name).await? else { return Ok(Outcome::plain("unknown", None)) };
        let via = match &used {
            Use::Group => Via::Group,
            Use::Token(TokenKind::Thread, token) => Via::Thread(token),
            Use::Token(TokenKind::Digest, token) => Via::Digest(token),
            Use::Token(_, token) => return self.talk(db, arrival, &group, token, recipient, taken).await,
            Use::Service(service) => return self.serve_address(db, arrival, &group, *service, recipient, taken).await,
        };
        let heard = match &via {
            Via::Group => Heard::Group,
            Via::Thread(token) => Heard::Thread(token),
            Via::Digest(token) => Heard::Digest(token),
        };
        if let Some(outcome) = self.hear_wish(db, arrival, &group, heard, taken).await? {
            return Ok(outcome);
        }
        if !is_first(&mut taken.posts, &group) {
            return Ok(said_before(Some(&group)));
        }
        self.judge_post(db, arrival, &group, via, recipient).await
    }

    /// The row that a token without a row of its own (conversation, issue, return path) names.
    pub(super) fn opened_by(&self, kind: TokenKind, token: &TokenText) -> Option<i64> {
        claimed_id(token).filter(|id| self.store.key().opens(token, kind, *id, 1))
    }

    /// The row of the talk that a token is the address of, and the side that was given it.
    pub(super) fn talk_opened_by(&self, token: &TokenText) -> Option<(i64, Side)> {
        let id = claimed_id(token)?;
        let opens = |side: &Side| self.store.key().opens(token, TokenKind::Private, id, side.generation());
        Side::BOTH.into_iter().find(opens).map(|side| (id, side))
    }
}
