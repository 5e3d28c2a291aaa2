//! `member`: the people of a group. A change to a person takes digests with it, in one transaction.

mod changes;

use std::fmt::Write as _;
use std::path::PathBuf;

use anyhow::{Result, ensure};
pub use changes::Changes;
use changes::{leave, pause, resume};
use chrono::NaiveDate;
use chrono_tz::Tz;
use clap::{Args, Subcommand};
use serde_json::{Value, json};

use super::export::Export;
use super::forget::Forget;
use super::house::{House, group, lock_group, person};
use super::show::{self, Column, Limit, fields, indented, one_line, word};
use super::values;
use super::{address, import, mute};
use crate::clock::Timestamp;
use crate::engine::roster::NewMember;
use crate::mail::Address;
use crate::model::group::Group;
use crate::model::member::{Delivery, Format, Member, Role};
use crate::model::schedule::Time;
use crate::store::audit::{self, Actor};
use crate::store::notes::{self, NewNote};
use crate::store::{addresses, members, mutes, names};

/// What a roster shows of a person.
pub const COLUMNS: [Column; 5] =
    [("Address", "address"), ("Name", "name"), ("Delivery", "delivery"), ("State", "state"), ("Trusted", "trusted")];

/// The verbs.
#[derive(Debug, Subcommand)]
pub enum Verb {
    /// Add a person, who counts as confirmed and agreed; no mail goes out without --welcome
    Add(Add),
    /// List everybody who is or was a member
    List {
        /// The group
        group: String,
        /// How many.
        #[command(flatten)]
        limit: Limit,
    },
    /// Show one member
    Show(Who),
    /// Keep a note about a member, which moderators see and members never do
    Note {
        /// About whom.
        #[command(flatten)]
        who: Who,
        /// The words
        #[arg(required = true)]
        text: Vec<String>,
    },
    /// Where else a member writes from
    #[command(subcommand)]
    Address(address::Verb),
    /// A name that a mail in this member's name told, and that is none of hers: do not look for it any more
    Unlearn {
        /// Whose.
        #[command(flatten)]
        who: Who,
        /// The name, as `member show` has it
        name: String,
    },
    /// Change a member
    Set(Set),
    /// Send no posts for now
    Pause {
        /// To whom.
        #[command(flatten)]
        who: Who,
        /// The day, like 2027-01-03, on which posts come again by themselves; it begins in the person's zone
        #[arg(long, value_name = "DATE")]
        until: Option<NaiveDate>,
    },
    /// Send posts again, from now on
    Resume(Who),
    /// Send a member no more of a conversation; she may still write to it
    Mute(mute::Which),
    /// Send it again, from the next post on
    Unmute(mute::Which),
    /// Let a member go; the posts stay
    Remove {
        /// Whom.
        #[command(flatten)]
        who: Who,
        /// Without a question
        #[arg(long)]
        yes: bool,
    },
    /// Give a member everything that is kept about her, as JSON
    Export(Export),
    /// Remove everything that tells of a member, and say what can't be called back
    Forget(Forget),
    /// Add many from a CSV file: all of them or none
    Import {
        /// The group
        group: String,
        /// A header row, columns in any order: address, name; if wanted real_name, delivery, timezone, hour, trusted, days, format
        file: PathBuf,
        /// Send each a welcome
        #[arg(long)]
        welcome: bool,
        /// Also those who were forgotten and want to be back
        #[arg(long)]
        again: bool,
    },
}

/// One person of a group.
#[derive(Debug, Args)]
pub struct Who {
    /// The group
    pub group: String,
    /// The person's address
    #[arg(value_parser = values::address)]
    pub address: Address,
}

/// A new member.
#[derive(Debug, Args)]
pub struct Add {
    /// Whom.
    #[command(flatten)]
    pub who: Who,
    /// The name the group sees
    #[arg(long, value_name = "PSEUDONYM")]
    pub name: String,
    /// The real name, never shown; a post that has it in it is held
    #[arg(long, value_name = "NAME")]
    pub real_name: Option<String>,
    /// How posts come
    #[arg(long, default_value = "daily", value_parser = values::delivery_words())]
    pub delivery: Delivery,
    /// Own zone [default: the group's]
    #[arg(long, value_name = "ZONE", value_parser = values::zone)]
    pub timezone: Option<Tz>,
    /// Own hour of the digest, like 7 or 19:30 [default: the group's]
    #[arg(long, value_parser = values::hour)]
    pub hour: Option<Time>,
    /// Hold no post for being the first
    #[arg(long)]
    pub trusted: bool,
    /// Send a welcome
    #[arg(long)]
    pub welcome: bool,
    /// Although this address was forgotten: its owner wants to be back
    #[arg(long)]
    pub again: bool,
}

/// Changes to a member.
#[derive(Debug, Args)]
pub struct Set {
    /// Whom.
    #[command(flatten)]
    pub who: Who,
    /// What is changed.
    #[command(flatten)]
    pub changes: Changes,
}

impl Verb {
    /// Do it.
    ///
    /// # Errors
    /// One sentence.
    pub async fn run(self, house: &House) -> Result<()> {
        match self {
            Self::Add(add) => add.run(house).await,
            Self::List { group, limit } => list(house, &group, Role::Member, limit).await,
            Self::Show(who) => show_one(house, &who).await,
            Self::Note { who, text } => note(house, &who, text.join(" ").trim()).await,
            Self::Address(verb) => verb.run(house).await,
            Self::Unlearn { who, name } => unlearn(house, &who, &name).await,
            Self::Set(set) => change(house, &set.who, Role::Member, |member, now| set.changes.apply(member, now)).await,
            Self::Pause { who, until } => {
                let zone = group(&mut *house.lamplight.store.read().await?, &who.group).await?.zone;
                let apply = |member: &mut Member, now| pause(member, until, member.zone.unwrap_or(zone), now);
                change(house, &who, Role::Member, apply).await
            }
            Self::Mute(which) => mute::run(house, &which, true).await,
            Self::Unmute(which) => mute::run(house, &which, false).await,
            Self::Resume(who) => change(house, &who, Role::Member, |member, _| resume(member)).await,
            Self::Remove { who, yes } => {
                let there = &mut *house.lamplight.store.read().await?;
                let in_group = group(there, &who.group).await?;
                let member = person(there, &in_group, &who.address, Role::Member).await?;
                show::confirm(yes, &format!("Remove {} from {}?", member.name, in_group.name))?;
                change(house, &who, Role::Member, |member, _| leave(member)).await
            }
            Self::Export(export) => export.run(house).await,
            Self::Forget(forget) => forget.run(house).await,
            Self::Import { group, file, welcome, again } => import::run(house, &group, &file, welcome, again).await,
        }
    }
}

impl Add {
    async fn run(self, house: &House) -> Result<()> {
        let new = NewMember {
            role: Role::Member,
            address: self.who.address,
            name: self.name,
            real_name: self.real_name,
            delivery: self.delivery,
            zone: self.timezone,
            hour: self.hour,
            days: None,
            format: Format::default(),
            trusted: self.trusted,
        };
        add(house, &self.who.group, &new, self.welcome, self.again).await
    }
}

/// Add a person to a group.
///
/// # Errors
/// One sentence.
pub async fn add(house: &House, name: &str, new: &NewMember, welcome: bool, again: bool) -> Result<()> {
    let mut tx = house.lamplight.store.begin().await?;
    let to = lock_group(&mut tx, name).await?;
    if again {
        house.lamplight.let_back(&mut tx, &to, &new.address).await?;
    }
    let id = house.lamplight.add_person(&mut tx, &to, new, welcome, house.now()).await?;
    let member = members::by_id(&mut tx, id).await?;
    let json = as_json(&to, &member, &addresses::of_member(&mut tx, id).await?);
    tx.commit().await?;
    let what = if new.role == Role::Member { "a member" } else { "a moderator" };
    house.out.thing(&json, || format!("{} is {what} of {}", member.name, to.name))
}

/// Change one person of a group in one transaction.
///
/// # Errors
/// One sentence: nobody there, or what `apply` says.
pub async fn change(
    house: &House,
    who: &Who,
    role: Role,
    apply: impl FnOnce(&mut Member, Timestamp) -> Result<()>,
) -> Result<()> {
    let now = house.now();
    let mut tx = house.lamplight.store.begin().await?;
    let of = lock_group(&mut tx, &who.group).await?;
    let found = person(&mut tx, &of, &who.address, role).await?;
    let mut after = members::lock(&mut tx, found.id).await?;
    let before = after.clone();
    apply(&mut after, now)?;
    house.lamplight.change_person(&mut tx, &of, &before, after, now).await?;
    let changed = members::by_id(&mut tx, before.id).await?;
    let json = as_json(&of, &changed, &addresses::of_member(&mut tx, changed.id).await?);
    tx.commit().await?;
    house.out.thing(&json, || {
        let (state, delivery) = (word(&changed.state), word(&changed.delivery));
        format!("{} of {}: {state}, delivery {delivery}", changed.name, of.name)
    })
}

/// List everybody of one role.
///
/// # Errors
/// One sentence.
pub async fn list(house: &House, name: &str, role: Role, limit: Limit) -> Result<()> {
    let mut db = house.lamplight.store.read().await?;
    let of = group(&mut db, name).await?;
    let people = limit.of(members::of_group(&mut db, of.id, role).await?);
    house.looked(&format!("{} list", word(&role)), &format!("group:{}", of.id)).await;
    let further = addresses::of_group(&mut db, of.id).await?;
    let none = Vec::new();
    let rows = people.iter().map(|member| as_json(&of, member, further.get(&member.id).unwrap_or(&none))).collect();
    let what = if role == Role::Member { "members" } else { "moderators" };
    house.out.listing(what, &COLUMNS, rows)
}

async fn show_one(house: &House, who: &Who) -> Result<()> {
    let mut db = house.lamplight.store.read().await?;
    let of = group(&mut db, &who.group).await?;
    let member = person(&mut db, &of, &who.address, Role::Member).await?;
    house.looked("member show", &format!("member:{}", member.id)).await;
    let further = addresses::of_member(&mut db, member.id).await?;
    let mut json = as_json(&of, &member, &further);
    let muted = mutes::list(&mut db, member.id).await?;
    json["mutes"] = mute::as_json(&muted);
    let kept = notes::latest(&mut db, member.id, i64::MAX).await?;
    let learnt = names::learnt_of(&mut db, member.id).await?;
    json["learnt_names"] = learnt.clone().into();
    json["notes"] = kept
        .iter()
        .map(|note| json!({ "by": note.by, "at": note.at.rfc3339(), "text": note.words }))
        .collect::<Vec<_>>()
        .into();
    house.out.thing(&json, || {
        let mut out = words(&of, &member, &further, json["published"].as_i64().unwrap_or(0));
        out.push_str(&fields(&[("Names in her mails", learnt.join(", ")), ("Muted", mute::words(&muted))]));
        for note in &kept {
            let by = note.by.as_deref().unwrap_or("an administrator");
            // Writing to a String can't fail.
            let _ = write!(out, "\nNote by {}, {}\n{}", one_line(by), note.at.rfc3339(), indented(&note.words));
        }
        out
    })
}

async fn unlearn(house: &House, who: &Who, name: &str) -> Result<()> {
    let now = house.now();
    let mut tx = house.lamplight.store.begin().await?;
    let of = lock_group(&mut tx, &who.group).await?;
    let member = person(&mut tx, &of, &who.address, Role::Member).await?;
    ensure!(
        names::unlearn(&mut tx, member.id, name).await?,
        "no mail of {} told such a name (member show)",
        member.name
    );
    let subject = format!("member:{}", member.id);
    audit::write(&mut tx, now, Actor::Administrator, "unlearned", &subject, &json!({})).await?;
    tx.commit().await?;
    let json = json!({ "group": of.name, "name": member.name });
    house.out.thing(&json, || format!("that name is not looked for any more in {}", of.name))
}

async fn note(house: &House, who: &Who, words: &str) -> Result<()> {
    ensure!(!words.is_empty(), "a note needs words");
    let now = house.now();
    let mut tx = house.lamplight.store.begin().await?;
    let of = lock_group(&mut tx, &who.group).await?;
    let member = person(&mut tx, &of, &who.address, Role::Member).await?;
    let new = NewNote { group: of.id, member: member.id, post: None, by: None, words };
    notes::insert(&mut tx, &new, now).await?;
    let subject = format!("member:{}", member.id);
    audit::write(&mut tx, now, Actor::Administrator, "note", &subject, &json!({})).await?;
    tx.commit().await?;
    let json = json!({ "group": of.name, "name": member.name, "at": now.rfc3339() });
    house.out.thing(&json, || format!("the note about {} is kept", member.name))
}

/// A member as listings show her.
pub fn as_json(group: &Group, member: &Member, further: &[Address]) -> Value {
    json!({
        "id": member.id,
        "group": group.name,
        "published": member.published,
        "role": member.role,
        "address": member.address.as_str(),
        "other_addresses": further.iter().map(Address::as_str).collect::<Vec<_>>(),
        "name": member.name,
        "real_name": member.real_name,
        "delivery": member.delivery,
        "timezone": member.zone.map(chrono_tz::Tz::name),
        "hour": member.hour.map(|hour| hour.to_string()),
        "days": member.days.map(|days| days.to_string()),
        "format": member.format,
        "folds": member.folds,
        "paused_until": member.paused_until.map(Timestamp::rfc3339),
        "state": member.state,
        "trusted": member.trusted_since.is_some(),
        "known": member.known_since.is_some(),
        "joined_at": member.joined_at.rfc3339(),
        "next_digest_at": member.next_digest_at.map(Timestamp::rfc3339),
    })
}

fn words(group: &Group, member: &Member, further: &[Address], published: i64) -> String {
    let yes = |since: Option<Timestamp>| match since {
        Some(at) => format!("since {}", at.rfc3339()),
        None => "no".to_owned(),
    };
    let own = |value: Option<String>, of_group: String| value.unwrap_or_else(|| format!("{of_group} (the group's)"));
    fields(&[
        ("Group", group.name.clone()),
        ("Address", member.address.as_str().to_owned()),
        ("Writes also from", further.iter().map(Address::as_str).collect::<Vec<_>>().join(", ")),
        ("Name", member.name.clone()),
        ("Real name", member.real_name.clone().unwrap_or_default()),
        ("State", word(&member.state)),
        ("Delivery", word(&member.delivery)),
        ("Time zone", own(member.zone.map(|zone| zone.name().to_owned()), group.zone.name().to_owned())),
        ("Hour", own(member.hour.map(|hour| hour.to_string()), group.schedule.time().to_string())),
        ("Days", own(member.days.map(|days| days.to_string()), "all".to_owned())),
        ("Format", word(&member.format)),
        ("Folded notes", member.folds.join(", ")),
        ("Paused until", member.paused_until.map(Timestamp::rfc3339).unwrap_or_default()),
        ("Next digest", member.next_digest_at.map(Timestamp::rfc3339).unwrap_or_default()),
        ("Trusted", yes(member.trusted_since)),
        ("First post approved", yes(member.known_since)),
        ("Posts published", published.to_string()),
        ("On the roster since", member.joined_at.rfc3339()),
    ])
}
