//! `group`: add, list, show, set, close. A change is written whole, with its audit row, or not at all.

use anyhow::{Result, bail, ensure};
use chrono_tz::Tz;
use clap::{Args, Subcommand};
use serde_json::{Value, json};

use super::house::{House, group, lock_group};
use super::show::{self, Limit, fields, note};
use super::values::{self, Change};
use crate::model::group::{Group, GroupState, Moderation, Subjects, check_name};
use crate::model::hours::ReadingHours;
use crate::model::ids::GroupId;
use crate::model::schedule::Schedule;
use crate::store::audit::{self, Actor};
use crate::store::{Db, groups, members, posts};

/// What `group add` has when nothing else is said: every day at half past five in the afternoon.
const USUAL_SCHEDULE: &str = "30 17 * * *";

/// The verbs.
#[derive(Debug, Subcommand)]
pub enum Verb {
    /// Add a group; its name is the first part of its address
    Add(Add),
    /// List the groups
    List(Limit),
    /// Show one group
    Show {
        /// The group
        name: String,
    },
    /// Change a group
    Set(Set),
    /// Close a group: no more posts; its moderators are still reached
    Close {
        /// The group
        name: String,
        /// Without a question
        #[arg(long)]
        yes: bool,
    },
}

/// A new group.
#[derive(Debug, Args)]
pub struct Add {
    /// 1 to 30 of a-z, 0-9 and -, beginning with a letter
    pub name: String,
    /// What stands in headers and mails: keep it neutral
    #[arg(long, value_parser = values::line)]
    pub title: String,
    /// The zone of its days and times, like America/New_York [default: the settings']
    #[arg(long, value_name = "ZONE", value_parser = values::zone)]
    pub timezone: Option<Tz>,
    /// When digests go: minute, hour, day of month, month, day of week
    #[arg(long, value_name = "SCHEDULE", default_value = USUAL_SCHEDULE, value_parser = values::schedule)]
    pub digest: Schedule,
    /// Which posts are read before the group sees them
    #[arg(long, default_value = "first", value_parser = values::moderation_words())]
    pub moderation: Moderation,
    /// The language of what Lamplight writes: one that has a folder of templates [default: the settings']
    #[arg(long)]
    pub language: Option<String>,
}

/// Changes to a group.
#[derive(Debug, Args)]
pub struct Set {
    /// The group
    pub name: String,
    /// What is changed.
    #[command(flatten)]
    pub changes: Changes,
}

/// At least one of them.
#[derive(Debug, Args)]
#[group(required = true, multiple = true)]
pub struct Changes {
    /// What stands in headers and mails: keep it neutral
    #[arg(long, value_parser = values::line)]
    pub title: Option<String>,
    /// The zone of its days and times
    #[arg(long, value_name = "ZONE", value_parser = values::zone)]
    pub timezone: Option<Tz>,
    /// When digests go
    #[arg(long, value_name = "SCHEDULE", value_parser = values::schedule)]
    pub digest: Option<Schedule>,
    /// Which posts are read before the group sees them
    #[arg(long, value_parser = values::moderation_words())]
    pub moderation: Option<Moderation>,
    /// The language of what Lamplight writes: one that has a folder of templates
    #[arg(long)]
    pub language: Option<String>,
    /// Whether single mails carry the author's subject or the group's title
    #[arg(long, value_parser = values::subjects_words())]
    pub subjects: Option<Subjects>,
    /// Whether pictures go to the group, made anew, each post with one being read first
    #[arg(long, value_name = "yes|no", value_parser = values::yes_no)]
    pub pictures: Option<bool>,
    /// Whom to call in danger, like 911; "" or none takes it away
    #[arg(long, value_name = "NUMBER", value_parser = values::line_or_none)]
    pub emergency_number: Option<Change<String>>,
    /// To whom one can talk, like "call or text 988"; "" or none takes it away
    #[arg(long, value_name = "WORDS", value_parser = values::line_or_none)]
    pub lifeline: Option<Change<String>>,
    /// When its moderators read, like "Mon-Fri 9:00-17:00; Sat 10:00-12:00"; always is at all hours
    #[arg(long, value_name = "HOURS", value_parser = values::reading_hours)]
    pub reading_hours: Option<String>,
    /// Days on which nobody reads, like 2026-12-25,2026-12-31..2027-01-01; "" or none takes them away
    #[arg(long, value_name = "DAYS", value_parser = values::holidays)]
    pub holidays: Option<String>,
    /// Whether nothing at all is published without a decision
    #[arg(long, value_name = "yes|no", value_parser = values::yes_no)]
    pub hold_everything: Option<bool>,
}

/// One that there is.
fn language(house: &House, text: &str) -> Result<String> {
    house.lamplight.config.service.language_called(text).map_err(anyhow::Error::msg)
}

impl Verb {
    /// Do it.
    ///
    /// # Errors
    /// One sentence.
    pub async fn run(self, house: &House) -> Result<()> {
        match self {
            Self::Add(add) => add.run(house).await,
            Self::List(limit) => list(house, limit).await,
            Self::Show { name } => show(house, &name).await,
            Self::Set(set) => set.run(house).await,
            Self::Close { name, yes } => close(house, &name, yes).await,
        }
    }
}

impl Add {
    async fn run(self, house: &House) -> Result<()> {
        let config = &house.lamplight.config;
        check_name(&self.name, &house.lamplight.scheme.mailbox).map_err(anyhow::Error::msg)?;
        let language = match &self.language {
            Some(text) => language(house, text)?,
            None => config.service.language.clone(),
        };
        let mut new = Group {
            id: GroupId(0),
            name: self.name,
            title: self.title,
            language,
            zone: self.timezone.unwrap_or(config.service.timezone),
            schedule: self.digest,
            moderation: self.moderation,
            hold_everything_since: None,
            reading: ReadingHours::default(),
            subjects: Subjects::Own,
            pictures: false,
            emergency_number: None,
            lifeline: None,
            state: GroupState::Open,
            release_seq: 0,
        };
        let mut tx = house.lamplight.store.begin().await?;
        new.id = match groups::insert(&mut tx, &new, house.now()).await {
            Err(cause) if cause.is_unique_violation() => bail!("there is a group {} already", new.name),
            other => other?,
        };
        record(&mut tx, house, "group-added", new.id, &json!({ "moderation": new.moderation })).await?;
        let json = describe(&mut tx, house, &new).await?;
        tx.commit().await?;
        house
            .out
            .thing(&json, || format!("{} takes mail at {}@{}", new.title, new.name, house.lamplight.scheme.domain))?;
        note(
            "name and title stand in every header, where others may see them: keep them neutral, without an illness; \
             the title can be changed with `group set`",
        );
        note(&format!("next: lamplight moderator add {} ADDRESS --name NAME", new.name));
        Ok(())
    }
}

impl Set {
    async fn run(self, house: &House) -> Result<()> {
        let now = house.now();
        let mut tx = house.lamplight.store.begin().await?;
        let mut after = lock_group(&mut tx, &self.name).await?;
        let before = after.clone();
        let changes = self.changes;
        if let Some(title) = changes.title {
            after.title = title;
        }
        if let Some(text) = &changes.language {
            after.language = language(house, text)?;
        }
        if let Some(number) = changes.emergency_number {
            after.emergency_number = number.value();
        }
        if let Some(lifeline) = changes.lifeline {
            after.lifeline = lifeline.value();
        }
        if let Some(hold) = changes.hold_everything {
            // Since when stays true when it is said twice.
            after.hold_everything_since = if hold { before.hold_everything_since.or(Some(now)) } else { None };
        }
        after.zone = changes.timezone.unwrap_or(before.zone);
        after.schedule = changes.digest.unwrap_or_else(|| before.schedule.clone());
        after.moderation = changes.moderation.unwrap_or(before.moderation);
        if let Some(hours) = changes.reading_hours {
            after.reading = after.reading.clone().with_hours(&hours).map_err(anyhow::Error::msg)?;
        }
        if let Some(holidays) = changes.holidays {
            after.reading = after.reading.clone().with_holidays(&holidays).map_err(anyhow::Error::msg)?;
        }
        after.subjects = changes.subjects.unwrap_or(before.subjects);
        after.pictures = changes.pictures.unwrap_or(before.pictures);
        groups::update(&mut tx, &after).await?;
        if after.zone != before.zone || after.schedule != before.schedule {
            house.lamplight.reschedule(&mut tx, &after, now).await?;
        }
        let detail = json!({
            "moderation": after.moderation,
            "hold_everything": after.hold_everything_since.is_some(),
            "pictures": after.pictures,
        });
        record(&mut tx, house, "group-changed", after.id, &detail).await?;
        let json = describe(&mut tx, house, &after).await?;
        tx.commit().await?;
        house.out.thing(&json, || words(&json))
    }
}

async fn list(house: &House, limit: Limit) -> Result<()> {
    let mut db = house.lamplight.store.read().await?;
    let mut rows = Vec::new();
    for group in limit.of(groups::all(&mut db).await?) {
        rows.push(describe(&mut db, house, &group).await?);
    }
    let columns = [
        ("Name", "name"),
        ("Title", "title"),
        ("State", "state"),
        ("Moderation", "moderation"),
        ("Members", "members"),
        ("Moderators", "moderators"),
        ("Held", "held"),
    ];
    house.out.listing("groups", &columns, rows)
}

async fn show(house: &House, name: &str) -> Result<()> {
    let mut db = house.lamplight.store.read().await?;
    let found = group(&mut db, name).await?;
    let json = describe(&mut db, house, &found).await?;
    house.out.thing(&json, || words(&json))
}

async fn close(house: &House, name: &str, yes: bool) -> Result<()> {
    let lamplight = &house.lamplight;
    let found = group(&mut *lamplight.store.read().await?, name).await?;
    ensure!(found.state == GroupState::Open, "{name} is closed already");
    show::confirm(yes, &format!("Close {name}? It takes no more posts."))?;
    let mut tx = lamplight.store.begin().await?;
    let mut closed = lock_group(&mut tx, name).await?;
    closed.state = GroupState::Closed;
    groups::update(&mut tx, &closed).await?;
    record(&mut tx, house, "group-closed", closed.id, &json!({})).await?;
    let json = describe(&mut tx, house, &closed).await?;
    tx.commit().await?;
    house.out.thing(&json, || format!("{name} is closed"))
}

async fn record(db: &mut Db, house: &House, action: &str, id: GroupId, detail: &Value) -> Result<()> {
    audit::write(db, house.now(), Actor::Administrator, action, &format!("group:{id}"), detail).await?;
    Ok(())
}

/// A group as JSON.
async fn describe(db: &mut Db, house: &House, group: &Group) -> Result<Value> {
    let (readers, moderators) = members::counts(db, group.id).await?;
    Ok(json!({
        "id": group.id,
        "name": group.name,
        "title": group.title,
        "address": format!("{}@{}", group.name, house.lamplight.scheme.domain),
        "state": group.state,
        "moderation": group.moderation,
        "hold_everything": group.hold_everything_since.is_some(),
        "digest": group.schedule.as_str(),
        "timezone": group.zone.name(),
        "language": group.language,
        "reading_hours": group.reading.hours(),
        "holidays": group.reading.holidays(),
        "subjects": group.subjects,
        "pictures": group.pictures,
        "emergency_number": group.emergency_number,
        "lifeline": group.lifeline,
        "members": readers,
        "moderators": moderators,
        "held": posts::held_in(db, group.id).await?,
    }))
}

fn words(json: &Value) -> String {
    let text = |field: &str| match &json[field] {
        Value::String(text) => text.clone(),
        Value::Bool(yes) => if *yes { "yes" } else { "no" }.to_owned(),
        Value::Null => String::new(),
        other => other.to_string(),
    };
    fields(&[
        ("Name", text("name")),
        ("Title", text("title")),
        ("Address", text("address")),
        ("State", text("state")),
        ("Moderation", text("moderation")),
        ("Hold everything", text("hold_everything")),
        ("Digest", text("digest")),
        ("Time zone", text("timezone")),
        ("Reading hours", text("reading_hours")),
        ("Holidays", text("holidays")),
        ("Language", text("language")),
        ("Subjects", text("subjects")),
        ("Pictures", text("pictures")),
        ("Emergency number", text("emergency_number")),
        ("Lifeline", text("lifeline")),
        ("Members", text("members")),
        ("Moderators", text("moderators")),
        ("Held posts", text("held")),
    ])
}
