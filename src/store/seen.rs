//! What was read and need not be read again: within a transaction, the roster rows that the next message asks for as
//! well; across transactions, for half a second, the names that the privacy rule looks for.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use crate::model::group::Group;
use crate::model::ids::{GroupId, MemberId};
use crate::model::member::Member;
use crate::model::privacy::Roster;

/// What one transaction has read of groups and rosters.
#[derive(Debug, Default)]
pub struct Seen {
    pub(super) groups: HashMap<String, Group>,
    pub(super) moderators: HashMap<GroupId, Vec<Member>>,
    pub(super) people: HashMap<(GroupId, String), Option<Member>>,
    /// Of whom there is no flag and no note.
    pub(super) blank: HashSet<MemberId>,
    /// Whose flagged posts this transaction keeps back.
    pub(super) newly_flagged: HashSet<MemberId>,
    /// How many posts of somebody came within the hour, wait, and may be told together; with those of this transaction.
    pub(super) waiting: HashMap<MemberId, i64>,
    pub(super) names_changed: bool,
}

impl Seen {
    /// Something of a group or a roster was written: what was read of them may be false now.
    pub(super) fn forget(&mut self) {
        let newly_flagged = std::mem::take(&mut self.newly_flagged);
        *self = Self { names_changed: self.names_changed, newly_flagged, ..Self::default() };
    }

    /// There is something to tell of somebody now.
    pub(super) fn is_flagged(&mut self, author: MemberId) {
        self.blank.remove(&author);
        self.newly_flagged.insert(author);
    }
}

/// How long names are good: what another process wrote is taken up within a second.
const FRESH: Duration = Duration::from_millis(500);

/// The names of each group, as they were read lately.
#[derive(Default)]
pub struct Names(Mutex<HashMap<GroupId, (Instant, Arc<Roster>)>>);

impl Names {
    pub(super) fn of(&self, group: GroupId) -> Option<Arc<Roster>> {
        let names = self.0.lock().ok()?;
        names.get(&group).filter(|(read, _)| read.elapsed() < FRESH).map(|(_, names)| Arc::clone(names))
    }

    pub(super) fn keep(&self, group: GroupId, names: &Arc<Roster>) {
        if let Ok(mut all) = self.0.lock() {
            all.insert(group, (Instant::now(), Arc::clone(names)));
        }
    }

    pub(super) fn forget(&self) {
        if let Ok(mut all) = self.0.lock() {
            all.clear();
        }
    }
}
