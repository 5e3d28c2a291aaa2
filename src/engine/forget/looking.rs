//! Look for what tells of a person: in the rows of others, in messages as they came, in mails that went out. Nothing is
//! locked and nothing is changed.

use std::collections::BTreeSet;

use anyhow::{Context as _, Result};
use serde_json::Value;

use super::Person;
use crate::engine::Lamplight;
use crate::mail::parse::Author;
use crate::mail::part::{Content, Part};
use crate::mail::{self, Address, subject};
use crate::model::forgotten::{Traces, is_everyday};
use crate::model::group::Group;
use crate::model::ids::PostId;
use crate::model::member::Role;
use crate::model::privacy::{is_somebodys, looked_for_alone};
use crate::store::forget::{self, Her};
use crate::store::personal::PLACES;
use crate::store::{Db, addresses, members, names, posts};

/// Octets of a message in which names are looked for as it came; what is taken apart is looked at whole.
const AS_IT_CAME: usize = 1024 * 1024;

/// What was found.
#[derive(Debug, Default)]
pub(super) struct Found {
    /// Rows of others, by their place in the list and their number.
    pub rows: Vec<(usize, i64)>,
    /// Messages that she wrote.
    pub hers: BTreeSet<i64>,
    /// Messages of others.
    pub raw: BTreeSet<i64>,
    /// Messages of others that nobody has settled.
    pub open: BTreeSet<i64>,
    /// Mails of ours.
    pub editions: BTreeSet<i64>,
    /// How many notes about others name her.
    pub notes: usize,
}

impl Found {
    /// Nothing that can be done anything about.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty() && self.hers.is_empty() && self.raw.is_empty() && self.editions.is_empty()
    }
}

impl Lamplight {
    /// Whom it is about, and what tells of her.
    pub(super) async fn person_to_forget(&self, group: &Group, address: &Address) -> Result<Person> {
        let mut db = self.store.read().await?;
        let member = self.whom_to_forget(&mut db, group, address).await?;
        let again = forget::forgotten_at(&mut db, member).await?.is_some();
        let mut her = Her { member, group: group.id, spools: BTreeSet::new() };
        // Of whoever was forgotten nothing is known but what was typed.
        let mut addresses = Vec::new();
        if !again {
            addresses.push(members::by_id(&mut db, member).await?.address);
            addresses.extend(addresses::of_member(&mut db, member).await?);
        }
        if addresses.iter().all(|known| known.key() != address.key()) {
            addresses.push(address.clone());
        }
        let mut traces = Traces::default();
        addresses.iter().for_each(|address| traces.add_address(address.as_str()));
        if !again {
            self.add_names(&mut db, group, &her, &mut traces).await?;
        }
        her.spools = forget::messages_of(&mut db, &her, &addresses).await?;
        let subjects = add_words(&mut db, &her, again, &mut traces).await?;
        Ok(Person { her, addresses, traces, subjects, again })
    }

    async fn add_names(&self, db: &mut Db, group: &Group, her: &Her, traces: &mut Traces) -> Result<()> {
        let own = members::by_id(db, her.member).await?;
        let mut others = vec![group.title.clone()];
        for role in [Role::Member, Role::Moderator] {
            let people = members::of_group(db, group.id, role).await?;
            let people = people.into_iter().filter(|person| person.id != own.id);
            others.extend(people.flat_map(|person| [Some(person.name), person.real_name]).flatten());
        }
        let mut names = forget::names_of(db, her.member).await?;
        names.push(own.name.clone());
        // "I Will" as a display name would go from all that others say.
        let learnt = names::learnt_of(db, her.member).await?;
        names.extend(learnt.into_iter().filter(|name| is_somebodys(name, &group.language)));
        if let Some(name) = &own.real_name {
            // Others call her "Ms Waller".
            names.extend(looked_for_alone(name, &group.language).iter().map(|family| capitalised(family)));
            names.push(name.clone());
        }
        names.sort();
        names.dedup();
        let mut everyday: Vec<bool> = names.iter().map(|name| is_everyday(name, std::iter::empty(), &others)).collect();
        let mut after = PostId(0);
        loop {
            let said = forget::said_after(db, group.id, after).await?;
            let Some(last) = said.last() else { break };
            after = last.id;
            for post in said.iter().filter(|post| post.author != her.member) {
                for (name, everyday) in names.iter().zip(&mut everyday).filter(|(_, everyday)| !**everyday) {
                    *everyday = is_everyday(name, std::iter::once(post.text.as_str()), &[]);
                }
            }
        }
        for (name, everyday) in names.iter().zip(everyday) {
            traces.add_name(name, everyday);
        }
        Ok(())
    }

    /// Whatever tells of her now.
    pub(super) async fn look_for(&self, group: &Group, person: &Person) -> Result<Found> {
        let mut db = self.store.read().await?;
        let mut found = Found::default();
        for (at, place) in PLACES.iter().enumerate() {
            let Some((_, is_json)) = forget::scope(place) else { continue };
            let mut after = -1;
            loop {
                let rows = forget::rows(&mut db, place, group.id, after).await?;
                let Some((last, _)) = rows.last() else { break };
                after = *last;
                let tells = |(_, words): &&(i64, String)| left_of(&person.traces, words, is_json).is_some();
                found.rows.extend(rows.iter().filter(tells).map(|(id, _)| (at, *id)));
            }
        }
        self.look_through_mail(&mut db, group, person, &mut found).await?;
        let mut after = 0;
        loop {
            let notes = forget::other_notes(&mut db, &person.her, after).await?;
            let Some((last, _)) = notes.last() else { break };
            after = *last;
            found.notes += notes.iter().filter(|(_, words)| person.traces.are_in(words)).count();
        }
        let own: BTreeSet<i64> = forget::posts_of(&mut db, person.her.member).await?.iter().map(|id| id.0).collect();
        found.rows.retain(|(at, id)| PLACES[*at].table != "posts" || !own.contains(id));
        Ok(found)
    }

    async fn look_through_mail(&self, db: &mut Db, group: &Group, person: &Person, found: &mut Found) -> Result<()> {
        let mut after = 0;
        loop {
            let kept = forget::raw_after(db, group.id, after).await?;
            let Some(last) = kept.last() else { break };
            after = last.id;
            for one in &kept {
                let is_hers = || {
                    let author = mail::parse(&one.message).author;
                    matches!(author, Author::One(author) if person.addresses.iter().any(|address| address.key() == author.address.key()))
                };
                if !person.her.spools.contains(&one.id) && tells_of(&person.traces, &one.message) {
                    let places = if is_hers() {
                        &mut found.hers
                    } else if one.is_open {
                        &mut found.open
                    } else {
                        &mut found.raw
                    };
                    places.insert(one.id);
                }
            }
        }
        let mut after = 0;
        loop {
            let kept = forget::editions_after(db, group.id, after).await?;
            let Some(last) = kept.last() else { break };
            after = last.id;
            let tells = |one: &&forget::Kept| tells_of(&person.traces, &one.message);
            found.editions.extend(kept.iter().filter(tells).map(|one| one.id));
        }
        Ok(())
    }
}

fn capitalised(folded: &str) -> String {
    let mut chars = folded.chars();
    chars.next().map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}

/// What she wrote, known by who said it first: what others had said before her is theirs, also where she quotes it. Gives the
/// subjects under which she was the first to write, without prefixes.
async fn add_words(db: &mut Db, her: &Her, again: bool, traces: &mut Traces) -> Result<BTreeSet<String>> {
    let (mut hers, mut others) = (BTreeSet::new(), BTreeSet::from([String::new()]));
    let mut messages = her.spools.iter().copied().peekable();
    let mut after = PostId(0);
    loop {
        let posts = forget::said_after(db, her.group, after).await?;
        let Some(last) = posts.last() else { break };
        after = last.id;
        for post in posts {
            let is_hers = post.author == her.member;
            let came_before = |id: &i64| *id < post.came || (is_hers && *id == post.came);
            while let Some(id) = messages.next_if(came_before) {
                add_message(db, id, traces).await?;
            }
            let subject = subject::read(&post.subject).base;
            match (is_hers, again) {
                (false, _) => {
                    traces.add_said_by_others(&post.subject);
                    traces.add_said_by_others(&post.text);
                    others.insert(subject);
                }
                (true, false) => {
                    let post = posts::by_id(db, post.id).await?.context("a post that is there is gone")?;
                    for words in [&post.subject, post.written_subject(), &post.text, post.written()] {
                        traces.add_said(words);
                    }
                    if !others.contains(&subject) {
                        hers.insert(subject);
                    }
                }
                // It says nothing any more.
                (true, true) => {}
            }
        }
    }
    for id in messages {
        add_message(db, id, traces).await?;
    }
    Ok(hers)
}

/// The words of a message of hers. One after the other: together they may be larger than the memory.
async fn add_message(db: &mut Db, id: i64, traces: &mut Traces) -> Result<()> {
    for (_, message) in forget::messages(db, &BTreeSet::from([id])).await? {
        let read = mail::parse(&message);
        traces.add_said(&read.text.reply);
        traces.add_said(&read.text.signature);
    }
    Ok(())
}

/// What is left of a text, or of the texts in JSON; `None` where nothing tells of her.
pub(super) fn left_of(traces: &Traces, words: &str, is_json: bool) -> Option<String> {
    if !is_json {
        return traces.taken_out_of(words);
    }
    let Ok(mut value) = serde_json::from_str::<Value>(words) else { return None };
    take_out_of(traces, &mut value).then(|| value.to_string())
}

fn take_out_of(traces: &Traces, value: &mut Value) -> bool {
    // A word of ours: the name of a reason, of a rule.
    let is_ours = |text: &str| text.bytes().all(|b| b.is_ascii_lowercase() || b == b'-');
    match value {
        Value::String(text) if is_ours(text) => false,
        Value::String(text) => match traces.taken_out_of(text) {
            Some(left) => {
                *text = left;
                true
            }
            None => false,
        },
        // Each of them, also behind the first.
        Value::Array(all) => all.iter_mut().filter_map(|one| take_out_of(traces, one).then_some(())).count() > 0,
        Value::Object(all) => all.values_mut().filter_map(|one| take_out_of(traces, one).then_some(())).count() > 0,
        _ => false,
    }
}

/// Whether a mail tells of her, in whichever form.
fn tells_of(traces: &Traces, message: &[u8]) -> bool {
    let (subject, author) = mail::parse::subject_and_author(message);
    if traces.are_in(&subject) || traces.are_in(&author) {
        return true;
    }
    let beginning = String::from_utf8_lossy(&message[..message.len().min(AS_IT_CAME)]);
    if traces.name_in(&beginning) {
        return true;
    }
    match mail::parse::parts(message) {
        Ok(part) => part_tells_of(traces, &part),
        Err(_) => traces.are_in(&beginning),
    }
}

fn part_tells_of(traces: &Traces, part: &Part) -> bool {
    if part.name.as_ref().is_some_and(|name| traces.are_in(name)) {
        return true;
    }
    match &part.content {
        Content::Text(text) if part.media_type == "text/html" => {
            traces.are_in(&mail::html::to_text(text)) || traces.name_in(text)
        }
        Content::Text(text) => traces.are_in(text),
        Content::Octets => false,
        Content::Parts(parts) => parts.iter().any(|part| part_tells_of(traces, part)),
        Content::Message(inner) => inner.as_ref().is_some_and(|inner| part_tells_of(traces, inner)),
    }
}
