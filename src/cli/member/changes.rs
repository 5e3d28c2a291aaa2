//! What `member set`, `pause`, `resume` and `remove` change in a row.

use anyhow::{Result, anyhow, bail, ensure};
use chrono::NaiveDate;
use chrono_tz::Tz;
use clap::Args;

use super::super::values::{self, Change};
use crate::clock::Timestamp;
use crate::model::folds;
use crate::model::member::{Delivery, Format, Member, MemberState};
use crate::model::schedule::{Time, WeekDays, start_of};

/// At least one of them.
#[derive(Debug, Args)]
#[group(required = true, multiple = true)]
pub struct Changes {
    /// The name the group sees, from the next post on
    #[arg(long, value_name = "PSEUDONYM")]
    pub name: Option<String>,
    /// The real name, never shown; "" or none takes it away
    #[arg(long, value_name = "NAME", value_parser = values::line_or_none)]
    pub real_name: Option<Change<String>>,
    /// How posts come
    #[arg(long, value_parser = values::delivery_words())]
    pub delivery: Option<Delivery>,
    /// Own zone; none for the group's
    #[arg(long, value_name = "ZONE", value_parser = values::zone_or_none)]
    pub timezone: Option<Change<Tz>>,
    /// Own hour of the digest; none for the group's
    #[arg(long, value_parser = values::hour_or_none)]
    pub hour: Option<Change<Time>>,
    /// Own days of the digest, like mon,wed,fri; none for the group's
    #[arg(long, value_name = "DAYS", value_parser = values::days_or_none)]
    pub days: Option<Change<WeekDays>>,
    /// In which form digests come; single mails follow html and text
    #[arg(long, value_parser = values::format_words())]
    pub format: Option<Format>,
    /// A content note whose posts stand at the end of a digest, folded; all for every note. Several may be given
    #[arg(long, value_name = "NOTE", value_parser = folds::note)]
    pub fold: Vec<String>,
    /// A content note that is folded no more; all for every note
    #[arg(long, value_name = "NOTE", value_parser = folds::note)]
    pub unfold: Vec<String>,
    /// Whether no post is held for being the first
    #[arg(long, value_name = "yes|no", value_parser = values::yes_no)]
    pub trusted: Option<bool>,
}

impl Changes {
    /// Make them.
    ///
    /// # Errors
    /// One sentence.
    pub fn apply(&self, member: &mut Member, now: Timestamp) -> Result<()> {
        if let Some(name) = &self.name {
            name.trim().clone_into(&mut member.name);
        }
        if let Some(real_name) = &self.real_name {
            member.real_name = real_name.clone().value();
        }
        member.delivery = self.delivery.unwrap_or(member.delivery);
        if let Some(zone) = self.timezone {
            member.zone = zone.value();
        }
        if let Some(hour) = self.hour {
            member.hour = hour.value();
        }
        if let Some(days) = self.days {
            member.days = days.value();
        }
        member.format = self.format.unwrap_or(member.format);
        for note in &self.unfold {
            folds::take_out(&mut member.folds, note);
        }
        for note in &self.fold {
            let is_put_in = folds::put_in(&mut member.folds, note).is_some();
            ensure!(is_put_in, "a reader folds {} content notes at most", folds::MOST);
        }
        match self.trusted {
            Some(true) => member.trusted_since = member.trusted_since.or(Some(now)),
            Some(false) => member.trusted_since = None,
            None => {}
        }
        Ok(())
    }
}

/// Send nothing for now, or until a day begins in her zone.
///
/// # Errors
/// One sentence when she takes no part, or the day is past.
pub fn pause(member: &mut Member, until: Option<NaiveDate>, zone: Tz, now: Timestamp) -> Result<()> {
    let until = until.map(|day| start_of(day, zone).filter(|at| *at > now).ok_or(day)).transpose();
    let until = until.map_err(|day| anyhow!("{day} is no day to come in {zone}"))?;
    match member.state {
        MemberState::Active | MemberState::Paused => {
            member.state = MemberState::Paused;
            member.paused_until = until;
        }
        _ => bail!("{} takes no part; there is nothing to pause", member.name),
    }
    Ok(())
}

/// Send posts again.
///
/// # Errors
/// One sentence when she takes no part.
pub fn resume(member: &mut Member) -> Result<()> {
    match member.state {
        MemberState::Active | MemberState::Paused => member.state = MemberState::Active,
        MemberState::Left => bail!("{} has left; `lamplight member add` takes a person back", member.name),
        _ => bail!("{} has not confirmed yet", member.name),
    }
    Ok(())
}

/// Let her go.
///
/// # Errors
/// One sentence when she has left.
pub fn leave(member: &mut Member) -> Result<()> {
    ensure!(member.state != MemberState::Left, "{} has left already", member.name);
    member.state = MemberState::Left;
    Ok(())
}
