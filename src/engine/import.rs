//! Put many people on a roster at once. Nobody is written while anybody of them can't be.

use std::collections::{HashMap, HashSet};

use anyhow::Result;

use super::Lamplight;
use super::addresses::writes_from_it;
use super::roster::{FORGOTTEN, NewMember, has_gone, on_roster, what_is};
use crate::clock::Timestamp;
use crate::mail::Address;
use crate::model::group::Group;
use crate::model::ids::MemberId;
use crate::model::member::{Member, name_key};
use crate::store::audit::{self, Actor};
use crate::store::{Db, Locked, addresses, members, suppressions};

/// How many people one statement takes.
const AT_ONCE: usize = 1_000;

impl Lamplight {
    /// Add people, or take back those who had left, by the rules of [`Lamplight::add_person`]. Gives the places of those
    /// who can't be added, each with one sentence; when there are any, nobody was.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn add_people(
        &self,
        db: &mut Db,
        group: &Locked<Group>,
        people: &[NewMember],
        welcome: bool,
        now: Timestamp,
    ) -> Result<Vec<(usize, String)>> {
        let there = members::lock_all(db, group).await?;
        let by_address: HashMap<String, &Member> =
            there.iter().map(|member| (member.address.key(), &**member)).collect();
        let mut names: HashSet<String> =
            there.iter().filter(|member| !has_gone(member)).map(|member| name_key(&member.name)).collect();
        let further: HashSet<String> =
            addresses::of_group(db, group.id).await?.values().flatten().map(Address::key).collect();
        let mut addresses = HashSet::new();
        let mut refused = Vec::new();
        let (mut fresh, mut back) = (Vec::with_capacity(people.len()), Vec::new());
        let hashes: Vec<String> = people.iter().map(|new| self.suppressed_hash(&new.address)).collect();
        let suppressed = suppressions::among(db, group.id, &hashes).await?;
        for (place, new) in people.iter().enumerate() {
            let earlier = by_address.get(&new.address.key()).copied();
            // Every rule is asked, so that a row says all that is wrong with it.
            let mut faults: Vec<String> = self.check_person(new).err().into_iter().collect();
            if let Some(earlier) = earlier.filter(|earlier| !has_gone(earlier)) {
                faults.push(format!("this address is {} of {} already", what_is(earlier), group.name));
            }
            if further.contains(&new.address.key()) {
                faults.push(writes_from_it(group));
            }
            if suppressed.contains(&hashes[place]) {
                faults.push(format!("{FORGOTTEN}; to import it all the same, say --again"));
            }
            if !addresses.insert(new.address.key()) {
                faults.push("this address stands there twice".to_owned());
            }
            if !names.insert(name_key(&new.name)) {
                faults.push(format!("somebody in {} has the name {} already", group.name, new.name.trim()));
            }
            if !faults.is_empty() {
                refused.push((place, faults.join("; ")));
                continue;
            }
            let member = on_roster(group, new, earlier, now);
            if earlier.is_some() { back.push(member) } else { fresh.push(member) }
        }
        if !refused.is_empty() {
            return Ok(refused);
        }
        for some in fresh.chunks(AT_ONCE) {
            members::insert_all(db, some).await?;
        }
        let mut earlier: HashMap<MemberId, Locked<Member>> =
            there.into_iter().map(|member| (member.id, member)).collect();
        for member in &back {
            let Some(row) = earlier.get_mut(&member.id) else { continue };
            row.clone_from(member);
            members::update(db, row, now).await?;
        }
        let detail = serde_json::json!({ "added": fresh.len(), "back": back.len() });
        audit::write(db, now, Actor::Administrator, "imported", &format!("group:{}", group.id), &detail).await?;
        if welcome {
            for member in fresh.iter().chain(&back) {
                if let Some(member) = members::by_address(db, group.id, &member.address).await? {
                    self.welcome(db, group, &member, now).await?;
                }
            }
        }
        Ok(refused)
    }
}
