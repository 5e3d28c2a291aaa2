//! Forget a person: nothing of hers is left in the database, conversations keep their shape, and whoever asks is told
//! honestly what could not be called back. One transaction takes her out; rounds behind it look whether anything that tells
//! of her came meanwhile. What is just being sent comes to its end first; the scheduler removes its words then.

mod clearing;
mod looking;

use std::collections::BTreeSet;
use std::time::Duration;

use anyhow::{Result, bail, ensure};

use super::Lamplight;
use super::notice::{Notice, ToModerators};
use super::notify::{Manner, Reader};
use crate::clock::{Clock, Timestamp};
use crate::mail::{Address, subject};
use crate::model::forgotten::{REMOVED, SUPPRESSED, Traces};
use crate::model::group::Group;
use crate::model::ids::{GroupId, MemberId, PostId};
use crate::model::member::Role;
use crate::model::post::{Post, PostState};
use crate::store::audit::{self, Actor};
use crate::store::erased::Erased;
use crate::store::forget::{self, Her, OutThere};
use crate::store::outbox::Lane;
use crate::store::{Db, alerts, decisions, groups, members, personal, posts, suppressions};
use looking::Found;

/// How often it is looked for what came meanwhile.
const ROUNDS: usize = 4;
/// How long what is just being sent is waited for: a lease and a little more.
const IN_FLIGHT: usize = 40;

/// What becomes of moderators' notes about her.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Notes {
    /// They are professional records, and stay under her number.
    Keep,
    /// They go.
    Forget,
}

/// What was removed, and what could not be.
#[derive(Debug, Default, Clone, serde::Serialize)]
pub struct Receipt {
    /// Her number on the roster, which is all that is left.
    pub member: i64,
    /// She had been forgotten before; this run finished it.
    pub again: bool,
    /// Posts of hers whose words are gone.
    pub posts: usize,
    /// Of these, how many waited for a decision and were withdrawn.
    pub withdrawn: usize,
    /// Posts of others out of which quotes of her or her name were taken.
    pub others: usize,
    /// Messages as they came in whose bytes are gone: hers, and others' that told of her.
    pub messages: u64,
    /// Mails of Lamplight's whose words are gone: copies, digests, notices.
    pub mails: u64,
    /// Mails to her that were stopped.
    pub stopped: u64,
    /// Notes about her that were removed.
    pub notes_removed: u64,
    /// Notes about her that stay.
    pub notes_kept: i64,
    /// Notes about other members that name her; they stay as moderators wrote them.
    pub notes_of_others: usize,
    /// Messages of others that nobody could read yet and that tell of her; they wait for an administrator.
    pub unread: Vec<i64>,
    /// Mails on their way, whose words go as soon as they have left.
    pub on_their_way: i64,
    /// How many other groups know one of her addresses.
    pub other_groups: i64,
    /// What can't be called back.
    pub out_there: OutThere,
    /// How far the files of the database were cleaned.
    pub files: Erased,
}

impl Receipt {
    /// Nothing is left to be done by running it again.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        self.on_their_way == 0 && self.files.whole && self.unread.is_empty()
    }
}

/// Whom it is about, and what tells of her.
struct Person {
    her: Her,
    addresses: Vec<Address>,
    traces: Traces,
    /// The subjects under which she was the first to write, without prefixes.
    subjects: BTreeSet<String>,
    again: bool,
}

impl Lamplight {
    /// The hash by which an address is known after its owner was forgotten.
    #[must_use]
    pub fn suppressed_hash(&self, address: &Address) -> String {
        self.store.key().keyed_hash(SUPPRESSED, &address.key())
    }

    /// Whose address this is or was: also somebody's who was forgotten.
    ///
    /// # Errors
    /// One sentence when nobody has it, or a moderator.
    pub async fn whom_to_forget(&self, db: &mut Db, group: &Group, address: &Address) -> Result<MemberId> {
        match members::by_address(db, group.id, address).await? {
            Some(member) if member.role == Role::Moderator => {
                bail!("this address is a moderator's in {}: only members can be forgotten", group.name)
            }
            Some(member) => Ok(member.id),
            None => match suppressions::of(db, group.id, &self.suppressed_hash(address)).await? {
                Some(member) => Ok(member),
                None => bail!("nobody in {} has this address", group.name),
            },
        }
    }

    /// Forget somebody.
    ///
    /// # Errors
    /// One sentence when it can't be done now; then nothing was changed.
    pub async fn forget(&self, group: &Group, address: &Address, notes: Option<Notes>) -> Result<Receipt> {
        let mut person = self.person_to_forget(group, address).await?;
        let mut receipt = Receipt { member: person.her.member.0, again: person.again, ..Receipt::default() };
        for round in 0..ROUNDS {
            let found = self.look_for(group, &person).await?;
            if round > 0 && found.is_empty() && !self.has_words(&person.her).await? {
                break;
            }
            self.take_out(&mut person, &found, notes, round == 0, &mut receipt).await?;
        }
        self.wait_for_what_leaves(group.id, &mut receipt).await?;
        receipt.files = self.store.erase_traces(&personal::tables()).await?;
        tracing::info!(member.id = %person.her.member, group = %group.name, posts = receipt.posts, "forgotten");
        Ok(receipt)
    }

    /// Some post of hers came after she was taken out: it was judged at that moment.
    async fn has_words(&self, her: &Her) -> Result<bool> {
        let mut db = self.store.read().await?;
        let all = forget::posts_of(&mut db, her.member).await?;
        Ok(forget::gone_among(&mut db, &all).await?.len() < all.len())
    }

    async fn take_out(
        &self,
        person: &mut Person,
        found: &Found,
        notes: Option<Notes>,
        first: bool,
        receipt: &mut Receipt,
    ) -> Result<()> {
        let now = self.clock.now();
        let mut tx = self.store.begin().await?;
        let db = &mut *tx;
        let group = groups::lock(db, person.her.group).await?;
        forget::lock(db, person.her.member).await?;
        person.her.spools.extend(&found.hers);
        person.her.spools.extend(forget::messages_of(db, &person.her, &person.addresses).await?);
        if first {
            self.may_be_forgotten(db, &person.her, notes).await?;
        }
        let own: BTreeSet<PostId> = forget::posts_of(db, person.her.member).await?.into_iter().collect();
        let fresh = own.len() - forget::gone_among(db, &own.iter().copied().collect::<Vec<_>>()).await?.len();
        let withdrawn = self.withdraw_hers(db, &own, now).await?;
        receipt.stopped += forget::stop_her_mail(db, person.her.member, now).await?;
        let changed = self.clear_others(db, person, found).await?;
        self.mark_mails(db, person, &own, &changed, found, receipt).await?;

        let mut raw: BTreeSet<i64> = person.her.spools.union(&found.raw).copied().collect();
        raw.extend(forget::messages_of_posts(db, &changed).await?);
        receipt.messages += forget::clear_raw(db, &raw, now).await?;
        forget::clear_drafts(db, &person.her).await?;
        forget::clear_hers(db, &person.her).await?;
        forget::clear_ids(db, &person.her).await?;
        forget::close(db, &person.her, now).await?;
        receipt.other_groups = self.suppress(db, person, &group, now).await?;
        forget::clear_row(db, &person.her, now).await?;
        if notes == Some(Notes::Forget) {
            receipt.notes_removed += forget::clear_notes(db, &person.her).await?;
        }
        receipt.notes_kept = forget::count_notes(db, person.her.member).await?;
        receipt.mails += self.clear_marked(db, i64::MAX, now).await?;
        if withdrawn > 0 {
            self.tell_gone(db, &group, withdrawn, now).await?;
        }
        receipt.posts += fresh;
        receipt.withdrawn += withdrawn;
        receipt.others += changed.len();
        receipt.notes_of_others = found.notes;
        receipt.unread = found.open.iter().copied().collect();
        if first {
            let detail = serde_json::json!({ "posts": own.len(), "withdrawn": withdrawn, "others": changed.len() });
            let subject = format!("member:{}", person.her.member);
            audit::write(db, now, Actor::Administrator, "forgot", &subject, &detail).await?;
        }
        tx.commit().await?;
        Ok(())
    }

    /// Nobody is forgotten while people may still have to help her, or have not heard her yet.
    async fn may_be_forgotten(&self, db: &mut Db, her: &Her, notes: Option<Notes>) -> Result<()> {
        let mut is_open = alerts::is_open_about_member(db, her.member).await?;
        for post in forget::posts_of(db, her.member).await? {
            is_open |= !alerts::open_about(db, post).await?.is_empty();
        }
        ensure!(
            !is_open,
            "an alert about this person waits for an answer: somebody may be in danger. Answer it first (lamplight alert list); nothing was changed"
        );
        let (unread, untold) = forget::unheard(db, &her.spools).await?;
        ensure!(
            unread == 0,
            "mail from this person has just come and is not read yet: try again in a minute; nothing was changed"
        );
        ensure!(
            untold == 0,
            "people have not been told yet of mail from this person, which they are within minutes, or once a day where a stranger wrote: try again then; nothing was changed"
        );
        let kept = forget::count_notes(db, her.member).await?;
        ensure!(
            kept == 0 || notes.is_some(),
            "moderators kept notes about this person, {kept} in all, and these are their professional records: say --notes keep or --notes forget; nothing was changed"
        );
        Ok(())
    }

    /// What waited for a decision waits no longer, and what was decided and has not taken effect is undone.
    async fn withdraw_hers(&self, db: &mut Db, own: &BTreeSet<PostId>, now: Timestamp) -> Result<usize> {
        let mut withdrawn = 0;
        for &id in own {
            let Some(post) = posts::by_id(db, id).await? else { continue };
            if post.state != PostState::Held {
                continue;
            }
            if let Some(standing) = decisions::standing_for(db, id).await? {
                decisions::undo(db, standing.id, now).await?;
            }
            posts::set_state(db, id, PostState::Withdrawn).await?;
            withdrawn += 1;
        }
        Ok(withdrawn)
    }

    /// What others wrote, without her; gives the posts that say something else now.
    async fn clear_others(&self, db: &mut Db, person: &Person, found: &Found) -> Result<BTreeSet<PostId>> {
        let mut before: Vec<Post> = Vec::new();
        let mut changed: BTreeSet<PostId> = BTreeSet::new();
        let mut texts: Vec<(usize, i64, String)> = Vec::new();
        for &(place, id) in &found.rows {
            let Some(words) = forget::words(db, &personal::PLACES[place], id).await? else { continue };
            let (_, is_json) = forget::scope(&personal::PLACES[place]).unwrap_or_default();
            let Some(left) = looking::left_of(&person.traces, &words, is_json) else { continue };
            texts.push((place, id, left));
            if personal::PLACES[place].table == "posts" {
                changed.insert(PostId(id));
            }
        }
        let of_hers: Vec<PostId> = forget::beside_her(db, &person.her)
            .await?
            .into_iter()
            .filter(|(_, words)| words != REMOVED && person.subjects.contains(&subject::read(words).base))
            .map(|(id, _)| id)
            .collect();
        changed.extend(&of_hers);
        for &id in &changed {
            before.extend(posts::by_id(db, id).await?);
        }
        for (place, id, left) in &texts {
            forget::set_words(db, &personal::PLACES[*place], *id, left).await?;
        }
        for id in of_hers {
            forget::set_subject(db, id, REMOVED).await?;
        }
        // Whoever was asked about it may answer about what it says now.
        for old in before {
            if let Some(new) = posts::by_id(db, old.id).await? {
                forget::bind_tokens(db, old.id, &old.content_hash(), &new.content_hash()).await?;
            }
        }
        Ok(changed)
    }

    /// Whatever went out or is to go out and carries any of it.
    async fn mark_mails(
        &self,
        db: &mut Db,
        person: &Person,
        own: &BTreeSet<PostId>,
        changed: &BTreeSet<PostId>,
        found: &Found,
        receipt: &mut Receipt,
    ) -> Result<()> {
        let mut about_her = forget::editions_of(db, own).await?;
        about_her.extend(forget::editions_to(db, person.her.member).await?);
        let mut all: BTreeSet<i64> = about_her.union(&found.editions).copied().collect();
        all.extend(forget::editions_of(db, changed).await?);
        all.extend(forget::digests_under_her_subjects(db, &person.her).await?);
        let out_there = forget::out_there(db, &person.her, &all).await?;
        if receipt.out_there == OutThere::default() {
            receipt.out_there = out_there;
        }
        let mut later = BTreeSet::new();
        for waiting in forget::waiting_among(db, &all).await? {
            if self.may_go_first(db, &waiting, &about_her).await? {
                later.insert(waiting.id);
            }
        }
        all.retain(|id| !later.contains(id));
        forget::mark(db, &all, "at-once").await?;
        Ok(forget::mark(db, &later, "when-sent").await?)
    }

    /// Words to others that nobody could say anew, and whatever may tell of a danger to somebody else, leave before they go.
    async fn may_go_first(&self, db: &mut Db, waiting: &forget::Waiting, about_her: &BTreeSet<i64>) -> Result<bool> {
        // What somebody's mail is set to, with conversations of hers in it, is an answer that he waits for.
        let tells_of_her = about_her.contains(&waiting.id) && waiting.folder != "changed";
        if waiting.kind != "notice" || tells_of_her || waiting.folder == "held-more" {
            return Ok(false);
        }
        if waiting.urgent || !waiting.for_moderators {
            return Ok(true);
        }
        let Some(post) = forget::post_of(db, crate::model::ids::EditionId(waiting.id)).await? else { return Ok(true) };
        let Some(post) = posts::by_id(db, post).await? else { return Ok(true) };
        let is_asked = post.state == PostState::Held && decisions::standing_for(db, post.id).await?.is_none();
        Ok(!is_asked || post.is_urgent())
    }

    /// Gives how many other groups know one of her addresses.
    async fn suppress(&self, db: &mut Db, person: &Person, group: &Group, now: Timestamp) -> Result<i64> {
        let (mut answered, mut elsewhere) = (Vec::new(), 0);
        let administrators = self.administrators();
        for address in &person.addresses {
            // Whoever looks after the service goes on to be told.
            if administrators.iter().all(|other| other.key() != address.key()) {
                forget::clear_copies_to(db, &person.her, address, now).await?;
            }
            suppressions::insert(db, group.id, &self.suppressed_hash(address), person.her.member, now).await?;
            match forget::other_groups(db, &person.her, address).await? {
                0 => answered.push(self.answers_about(address)),
                others => elsewhere = elsewhere.max(others),
            }
        }
        forget::clear_answers(db, &answered).await?;
        Ok(elsewhere)
    }

    /// Moderators who were asked about something that is gone hear that, and nothing of whose it was.
    async fn tell_gone(&self, db: &mut Db, group: &Group, count: usize, now: Timestamp) -> Result<()> {
        let readers: Vec<Reader> = members::active_moderators(db, group.id).await?.iter().map(Reader::of).collect();
        let notice = Notice::from(ToModerators::Gone { count });
        self.notify(db, Some(group), "", &readers, &notice, Manner::Watched(Lane::Notice), now).await
    }

    /// What is just being sent comes to its end, and its words go then.
    async fn wait_for_what_leaves(&self, group: GroupId, receipt: &mut Receipt) -> Result<()> {
        for at in 0.. {
            let left = forget::count_marked(&mut *self.store.read().await?, group).await?;
            receipt.on_their_way = left;
            // A clock that stands still ends no lease.
            if left == 0 || at == IN_FLIGHT || !matches!(self.clock, Clock::System) {
                return Ok(());
            }
            tokio::time::sleep(Duration::from_secs(1)).await;
            receipt.mails += u64::try_from(self.clear_due(self.clock.now()).await?).unwrap_or_default();
        }
        Ok(())
    }
}
