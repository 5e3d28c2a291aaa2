//! Whom an alert has asked, and what its mails say of that.

use anyhow::Result;

use super::Lamplight;
use super::alert::Climbing;
use super::notice::{NextStep, ShownAlert, ToldBefore};
use crate::model::ids::AlertId;
use crate::model::rota::{Asked, Rung};
use crate::store::{Db, alerts, members};

impl Lamplight {
    /// What the mail of a step says of the steps before and behind it.
    pub(super) async fn shown_alert(&self, db: &mut Db, climbing: &Climbing<'_>) -> Result<ShownAlert> {
        let mut told: Vec<ToldBefore> = Vec::new();
        for step in alerts::steps(db, climbing.id).await? {
            let Some(edition) = step.edition else { continue };
            let mut names = Vec::new();
            for copy in alerts::told_by(db, edition).await? {
                let name = match copy.member {
                    Some(id) => members::by_id(db, id).await?.name,
                    None => self.words_of(climbing.group).say("names.administrators").to_owned(),
                };
                if !names.contains(&name) {
                    names.push(name);
                }
            }
            told.push(ToldBefore { who: names, at: step.at });
        }
        // Of many rounds the first and the last say enough.
        if told.len() > 6 {
            told.drain(3..told.len() - 3);
        }
        let asked = climbing.asked.clone().and(&climbing.rung);
        let next = match climbing.on_call.next(&asked) {
            Rung::Moderators(ids) => self.people(db, &ids).await?.into_iter().map(|person| person.name).collect(),
            Rung::Administrators => vec![self.words_of(climbing.group).say("names.administrators").to_owned()],
            Rung::Everybody => Vec::new(),
        };
        let wait = asked.wait(&climbing.rung, self.config.moderation.alert_minutes);
        Ok(ShownAlert { id: climbing.id.0, told, next: NextStep { who: next, at: climbing.now.plus_seconds(wait) } })
    }
}

/// Whom the steps of an alert asked so far.
pub(super) async fn asked_by(db: &mut Db, id: AlertId) -> Result<Asked> {
    let mut asked = Asked::default();
    for step in alerts::steps(db, id).await? {
        if step.rung == "administrators" {
            asked.administrators += 1;
        } else if let Some(edition) = step.edition {
            asked.moderators.extend(alerts::told_by(db, edition).await?.iter().filter_map(|copy| copy.member));
        }
    }
    Ok(asked)
}
