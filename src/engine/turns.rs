//! Whose turn it is, asked of the spool: the messages that are read next, claimed. Fails only with the database, and then
//! whatever was claimed is given back when it is there again.

use anyhow::Result;

use super::Lamplight;
use crate::clock::Timestamp;
use crate::mail::envelope::{Destination, TokenKind};
use crate::model::ids::SpoolId;
use crate::model::token::claimed_id;
use crate::model::turn::{self, Lane, whose_turn};
use crate::store::spool::{self, ClaimedMessage, Waiting};
use crate::store::{Db, tokens};

/// How many waiting messages are looked at; and, where others hold all of these, how many more.
const LOOK_AT: [i64; 2] = [96, 2_000];

impl Lamplight {
    /// Claim the messages of a lane whose turn it is.
    pub(super) async fn claim_messages(&self, lane: Lane, now: Timestamp) -> Result<Vec<ClaimedMessage>> {
        // A run at another time goes by the same leases, and rests, as a server beside it.
        let now = self.clock.for_leases(now);
        for most in LOOK_AT {
            let mut tx = self.store.begin().await?;
            let waiting = spool::waiting(&mut tx, lane, most, now).await?;
            let turns = self.with_groups(&mut tx, lane, &waiting).await?;
            let ids: Vec<SpoolId> = whose_turn(&turns, now).into_iter().map(|at| waiting[at].id).collect();
            if !ids.is_empty() {
                let claimed = spool::claim(&mut tx, &ids, now).await?;
                let committed = tx.commit().await;
                if committed.is_err() {
                    // Whether it was written is not known.
                    self.cut_short(&claimed);
                }
                return Ok(committed.map(|()| claimed)?);
            }
            if waiting.len() < usize::try_from(most).unwrap_or(usize::MAX) {
                break;
            }
        }
        Ok(Vec::new())
    }

    /// What each message belongs to: the group it is for, or the one whose post it decides about.
    async fn with_groups(&self, db: &mut Db, lane: Lane, waiting: &[Waiting]) -> Result<Vec<turn::Waiting>> {
        let read: Vec<Vec<_>> = waiting
            .iter()
            .map(|row| row.recipients.iter().filter_map(|recipient| self.scheme.read(recipient)).collect())
            .collect();
        let own_token = |destination: &Destination| match destination {
            Destination::OwnToken(TokenKind::Bounce, _) => None,
            Destination::OwnToken(_, token) => claimed_id(token),
            _ => None,
        };
        let ids: Vec<i64> = read.iter().flatten().filter_map(own_token).collect();
        let of_token = if ids.is_empty() { Vec::new() } else { tokens::groups_of(db, &ids).await? };
        let group = |destination: &Destination| match destination {
            Destination::Group(name) | Destination::Service(name, _) | Destination::GroupToken(name, ..) => {
                Some(name.clone())
            }
            Destination::Administrators => None,
            token @ Destination::OwnToken(..) => {
                own_token(token).and_then(|id| of_token.iter().find(|(of, _)| *of == id)).map(|(_, name)| name.clone())
            }
        };
        let turn = |(row, destinations): (&Waiting, Vec<Destination>)| turn::Waiting {
            lane,
            groups: destinations.iter().filter_map(group).collect(),
            size: row.size,
            attempts: row.attempts,
            is_leased: row.is_leased,
            retry_at: row.retry_at,
        };
        Ok(waiting.iter().zip(read).map(turn).collect())
    }
}
