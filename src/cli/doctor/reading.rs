//! Whether posts are read in time, and whether they can be.

use anyhow::Result;

use super::super::show::count;
use super::{Finding, age, fine, warning};
use crate::clock::Timestamp;
use crate::engine::Lamplight;
use crate::model::group::{Group, GroupState};
use crate::store::{groups, unread};

/// A promise that lies further ahead than this is none, in days.
const FAR: i64 = 14;

/// What no moderator has read, and groups where nobody could.
pub(super) async fn of_reading(lamplight: &Lamplight, findings: &mut Vec<Finding>) -> Result<()> {
    let mut db = lamplight.store.read().await?;
    let now = lamplight.clock.now();
    let all = groups::all(&mut db).await?;
    findings.extend(all.iter().filter_map(|group| of_hours(lamplight, group, now)));
    let unread = unread::all(&mut db).await?;
    let waiting = format!("{} to be read by a moderator", count(unread.len() as u64, "published post"));
    let late = unread.values().filter(|read_by| **read_by <= now);
    findings.push(match (unread.len(), late.clone().min()) {
        (0, _) => fine("reading", "every published post was read"),
        (_, None) => fine("reading", waiting),
        (_, Some(oldest)) => {
            let (late, oldest) = (late.count(), age(*oldest, now));
            warning("reading", format!("{waiting}, {late} of them late, by {oldest} at most (post list --unread)"))
        }
    });
    Ok(())
}

/// Hours that hardly ever come.
fn of_hours(lamplight: &Lamplight, group: &Group, now: Timestamp) -> Option<Finding> {
    if group.state != GroupState::Open {
        return None;
    }
    let next = group.reading.next_on(now, group.zone);
    let is_far = |at: Timestamp| at > now.plus_seconds(FAR * 86_400);
    let text = if next.is_none_or(is_far) {
        format!("nobody reads in {} within the next {FAR} days: look at its reading hours and holidays", group.name)
    } else if is_far(lamplight.promise(group).read_by(now)) {
        format!(
            "what comes to {} now is promised to be read in more than {FAR} days: it has few reading hours, or \
             moderation.read_by_hours is high",
            group.name
        )
    } else {
        return None;
    };
    Some(warning("reading", text))
}
