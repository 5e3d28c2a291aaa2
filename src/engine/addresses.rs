//! The addresses that a member writes from: further ones by an administrator's word, or by her own mail, which both
//! addresses confirm. Whoever asks learns nothing of whose an address is: the same answer, whether it is free or somebody's.

use anyhow::{Result, bail, ensure};

use super::Lamplight;
use super::arrival::{Arrival, Outcome, Taken, said_before, takes_part};
use super::notice::{Notice, ToMember};
use super::notify::{Manner, Reader};
use super::quoted::Answered;
use super::roster::{has_gone, what_is};
use crate::clock::Timestamp;
use crate::mail::Address;
use crate::model::command::{AddressWish, Confirmation, read_address_wish, read_confirmation, says_yes};
use crate::model::group::{Group, GroupState};
use crate::model::ids::TokenId;
use crate::model::member::{Member, Role};
use crate::store::addresses::{self, Change, Way};
use crate::store::audit::{self, Actor};
use crate::store::tokens::{self, NewToken, Purpose, Token};
use crate::store::{Db, Locked, groups, members};

const DAY: i64 = 86_400;
/// So many days a question waits for its answers.
const DAYS: i64 = 7;
/// So many further addresses one member has at most.
const MOST: usize = 5;
/// So many such questions a group's members ask in a day: nobody floods others in their names.
const MOST_A_DAY: i64 = 20;

impl Lamplight {
    /// Let a member write from another address as well.
    ///
    /// # Errors
    /// One sentence when it is somebody's already, or can't be anybody's.
    pub async fn add_address(
        &self,
        db: &mut Db,
        group: &Locked<Group>,
        member: &Member,
        address: &Address,
        (by, now): (Actor, Timestamp),
    ) -> Result<()> {
        ensure!(member.role == Role::Member, "a moderator writes from one address alone: her word decides");
        ensure!(!has_gone(member), "{} has left; `lamplight member add` takes a person back", member.name);
        if self.scheme.read(address).is_some() {
            bail!("an address of Lamplight itself can't be on a roster: its mail would go in a circle");
        }
        match members::by_address(db, group.id, address).await? {
            Some(other) if other.id == member.id => bail!("{} writes from this address already", member.name),
            Some(other) => bail!("{}", is_somebodys(group, &other, address)),
            None => {}
        }
        let has = addresses::of_member(db, member.id).await?.len();
        ensure!(has < MOST, "{} has {MOST} further addresses already", member.name);
        addresses::add(db, group, member.id, address, now).await?;
        let about = format!("member:{}", member.id);
        audit::write(db, now, by, "address-added", &about, &serde_json::json!({ "group": group.id })).await?;
        Ok(())
    }

    /// Let a member write from one of her further addresses no more.
    ///
    /// # Errors
    /// One sentence when it is none of them.
    pub async fn remove_address(
        &self,
        db: &mut Db,
        group: &Locked<Group>,
        member: &Member,
        address: &Address,
        (by, now): (Actor, Timestamp),
    ) -> Result<()> {
        ensure!(
            member.address.key() != address.key(),
            "this is the address that {}'s mail goes to; further ones alone can be taken away",
            member.name
        );
        ensure!(addresses::remove(db, member.id, address).await?, "{} does not write from this address", member.name);
        let about = format!("member:{}", member.id);
        audit::write(db, now, by, "address-removed", &about, &serde_json::json!({ "group": group.id })).await?;
        Ok(())
    }

    /// Whether a member wrote this: from her first address, or from a further one.
    pub(super) async fn is_by(&self, db: &mut Db, arrival: &Arrival, member: &Member) -> Result<bool> {
        let Some(author) = arrival.author() else { return Ok(false) };
        if author.key() == member.address.key() {
            return Ok(true);
        }
        Ok(members::by_address(db, member.group, author).await?.is_some_and(|found| found.id == member.id))
    }

    /// A mail to `-request` that asks for a change of addresses and nothing else. `None` where it does not, or where people
    /// have to look: then it is read by them, as any other.
    pub(super) async fn wish_for_address(
        &self,
        db: &mut Db,
        arrival: &Arrival,
        group: &Group,
        taken: &mut Taken,
    ) -> Result<Option<Outcome>> {
        let message = &arrival.message;
        let is_plain = message.automatic.is_none() && message.attachments.is_empty() && !message.elsewhere.differs;
        if !is_plain || group.state != GroupState::Open {
            return Ok(None);
        }
        let Some(member) = self.taking_part(db, arrival, group).await?.filter(|member| member.role == Role::Member)
        else {
            return Ok(None);
        };
        let Some(wish) = read_address_wish(&message.subject, &message.text.reply, &member.name) else {
            return Ok(None);
        };
        let quote = self.new_in_quote(db, arrival, (group, member.id), Answered::default()).await?;
        if quote.may_be_the_authors() {
            return Ok(None);
        }
        let further = addresses::of_member(db, member.id).await?;
        let has = |address: &Address| further.iter().any(|one| one.key() == address.key());
        let (way, address) = match wish {
            AddressWish::Remove(address) if has(&address) => (Way::Remove, address),
            AddressWish::Add(address) if address.key() == member.address.key() || has(&address) => {
                self.hear_if_in_need(db, arrival, group, &member, taken).await?;
                let notice = ToMember::AddressDone {
                    address: address.as_str().to_owned(),
                    first: member.address.as_str().to_owned(),
                    removed: false,
                };
                self.answer_once_a_day(db, arrival, group, &member, &Notice::from(notice)).await?;
                return Ok(Some(Outcome::plain("has-the-address", Some(group))));
            }
            AddressWish::Add(address) if further.len() < MOST && self.scheme.read(&address).is_none() => {
                (Way::Add, address)
            }
            _ => return Ok(None),
        };
        // Its other recipients are the same words once more.
        if taken.wishes.contains(&group.id) {
            return Ok(Some(said_before(Some(group))));
        }
        if !self.may_ask_about_addresses(db, group, &member, arrival.now).await? {
            return Ok(None);
        }
        self.hear_if_in_need(db, arrival, group, &member, taken).await?;
        self.ask_about_address(db, arrival, group, &member, (way, address)).await?;
        taken.wishes.push(group.id);
        Ok(Some(Outcome::plain("asked-to-confirm", Some(group))))
    }

    /// One question a day to each member, and so many in each group.
    async fn may_ask_about_addresses(
        &self,
        db: &mut Db,
        group: &Group,
        member: &Member,
        now: Timestamp,
    ) -> Result<bool> {
        let ours = self.scheme.group_address(&group.name, "")?;
        Ok(self.may_answer(db, "address", &member.address, 1, DAY, now).await?
            && self.may_answer(db, "addresses", &ours, MOST_A_DAY, DAY, now).await?)
    }

    async fn ask_about_address(
        &self,
        db: &mut Db,
        arrival: &Arrival,
        group: &Group,
        member: &Member,
        (way, address): (Way, Address),
    ) -> Result<()> {
        let now = arrival.now;
        let token = self.address_token(db, member, now).await?;
        let shown = address.as_str().to_owned();
        let expires_at = now.plus_seconds(DAYS * DAY);
        let change = Change { member: member.id, group: group.id, way, address, token, other_token: None, expires_at };
        addresses::insert_change(db, &change, now).await?;
        let notice = Notice::from(ToMember::AddressAsk { address: shown, remove: way == Way::Remove });
        let reader = [Reader::of(member).with_token(token)];
        self.notify(db, Some(group), &member.name, &reader, &notice, arrival.manner(), now).await
    }

    /// Her first address has agreed, so that it was she who asked: a From line is easily written, and a question to an address
    /// of whoever wrote it would tell him that she takes part. Somebody else's address is not asked, which she can't see.
    async fn ask_the_other(
        &self,
        db: &mut Db,
        group: &Group,
        member: &Member,
        change: Change,
        now: Timestamp,
    ) -> Result<()> {
        if members::by_address(db, group.id, &change.address).await?.is_some()
            || !self.may_answer(db, "address", &change.address, 1, DAY, now).await?
        {
            return Ok(());
        }
        let token = self.address_token(db, member, now).await?;
        addresses::set_other_token(db, &change, token, now.plus_seconds(DAYS * DAY)).await?;
        // Neither her name nor the identifier of her mail: whoever reads there may be nobody she knows.
        let reader = [Reader { member: Some(member.id), address: change.address, token: Some(token) }];
        let notice = Notice::from(ToMember::AddressOther);
        self.notify(db, Some(group), "", &reader, &notice, Manner::Answer(None), now).await
    }

    async fn address_token(&self, db: &mut Db, member: &Member, now: Timestamp) -> Result<TokenId> {
        let new = NewToken {
            purpose: Purpose::Address,
            member: member.id,
            post: None,
            content_hash: None,
            asked: None,
            expires_at: now.plus_seconds(DAYS * DAY),
        };
        Ok(tokens::insert(db, &new, now).await?)
    }

    /// An answer to one of the two questions: it counts from the address that was asked, and from no other.
    pub(super) async fn answer_about_address(
        &self,
        db: &mut Db,
        arrival: &Arrival,
        (group, member): (&Group, &Member),
        token: &Token,
        recipient: &Address,
        taken: &mut Taken,
    ) -> Result<Outcome> {
        let (now, words) = (arrival.now, &arrival.message.text.reply);
        let change = addresses::change_of_token(db, token.id, now).await?;
        let is_other = change.as_ref().is_some_and(|change| change.other_token == Some(token.id));
        let asked = match &change {
            Some(change) if is_other => &change.address,
            _ => &member.address,
        };
        let is_yes = says_yes(words, &member.name);
        if change.is_none() && token.used_at.is_some() && is_yes && self.is_by(db, arrival, member).await? {
            return Ok(Outcome::plain("agreed-before", Some(group)));
        }
        if arrival.author().is_none_or(|author| author.key() != asked.key()) {
            return self.to_moderators(db, arrival, group, recipient, taken).await;
        }
        if !is_other {
            self.hear_if_in_need(db, arrival, group, member, taken).await?;
        }
        let is_open = change.is_some() && takes_part(member) && group.state == GroupState::Open;
        if is_open && is_yes && arrival.now < token.expires_at {
            return self.agree_about_address(db, arrival, group, member, token).await;
        }
        if let Some(change) = change.filter(|_| read_confirmation(words) == Confirmation::No) {
            // A yes that is read at once comes before it or finds nothing.
            groups::lock(db, group.id).await?;
            addresses::end_change(db, &change).await?;
        }
        // Whoever did not ask may have a question, and people should know that somebody used her name.
        if is_other || !takes_part(member) {
            return self.to_moderators(db, arrival, group, recipient, taken).await;
        }
        self.pass_on(db, arrival, group, member, taken).await
    }

    /// A yes from the first address, behind which the other one is asked; or the last yes that is needed, and it is done.
    async fn agree_about_address(
        &self,
        db: &mut Db,
        arrival: &Arrival,
        group: &Group,
        member: &Member,
        token: &Token,
    ) -> Result<Outcome> {
        let now = arrival.now;
        // Two answers may be read at once: the second waits here, and sees the first.
        let group = groups::lock(db, group.id).await?;
        let member = members::lock(db, member.id).await?;
        if group.state != GroupState::Open || !takes_part(&member) || !tokens::use_up(db, token.id, now).await? {
            return Ok(Outcome::plain("agreed-before", Some(&group)));
        }
        let Some(change) = addresses::change_of_token(db, token.id, now).await? else {
            return Ok(Outcome::plain("agreed-before", Some(&group)));
        };
        if change.way == Way::Add && token.id == change.token {
            self.ask_the_other(db, &group, &member, change, now).await?;
            return Ok(Outcome::plain("agreed", Some(&group)));
        }
        addresses::end_change(db, &change).await?;
        let by = (Actor::Member(member.id.0), now);
        let done = match change.way {
            Way::Add => self.add_address(db, &group, &member, &change.address, by).await,
            Way::Remove => self.remove_address(db, &group, &member, &change.address, by).await,
        };
        if let Err(cause) = done {
            // It became somebody's meanwhile, or is gone. Nothing was written, and nobody is told whose it is.
            if cause.downcast_ref::<crate::store::Error>().is_some() {
                return Err(cause);
            }
            return Ok(Outcome::plain("address-taken", Some(&group)));
        }
        let notice = Notice::from(ToMember::AddressDone {
            address: change.address.as_str().to_owned(),
            first: member.address.as_str().to_owned(),
            removed: change.way == Way::Remove,
        });
        // The answer may have come from the other address; what we say goes to the first alone, and names no mail of it.
        let manner = Manner::Answer(None);
        self.notify(db, Some(&group), &member.name, &[Reader::of(&member)], &notice, manner, now).await?;
        let disposition = if change.way == Way::Add { "address-added" } else { "address-removed" };
        Ok(Outcome::plain(disposition, Some(&group)))
    }

    /// What was asked too long ago is forgotten, the address with it.
    pub(super) async fn forget_old_changes(&self, now: Timestamp) -> Result<()> {
        if !addresses::any_expired(&mut *self.store.read().await?, now).await? {
            return Ok(());
        }
        let mut tx = self.store.begin().await?;
        addresses::delete_expired(&mut tx, now).await?;
        Ok(tx.commit().await?)
    }
}

/// Why an address can't be a new person's, nor anybody's further one.
pub(super) fn is_somebodys(group: &Group, other: &Member, address: &Address) -> String {
    if other.address.key() == address.key() {
        return format!("this address is {} of {} already", what_is(other), group.name);
    }
    writes_from_it(group)
}

/// The same where it is not somebody's first one.
pub(super) fn writes_from_it(group: &Group) -> String {
    format!("somebody in {} writes from this address as well (member address remove)", group.name)
}
