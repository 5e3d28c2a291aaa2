//! A whole Lamplight in a folder: the real listener, store and worker, a clock that the play moves, captured mail.
//! Every mail that leaves must be one that the play awaits; any other, and any that is missing, ends it.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context as _, Result, anyhow, bail, ensure};
use tokio::sync::{Notify, watch};
use tokio::task::JoinHandle;

use super::captured::Captured;
use super::cast::{DOMAIN, MODERATORS, PEOPLE, Person};
use super::client::Client;
use crate::clock::{Clock, Timestamp};
use crate::config;
use crate::engine::roster::NewMember;
use crate::engine::transport::Transport;
use crate::engine::{Lamplight, Opening};
use crate::mail::Address;
use crate::model::group::{Group, GroupState, Moderation, Subjects};
use crate::model::hours::ReadingHours;
use crate::model::ids::GroupId;
use crate::model::member::Role;
use crate::model::schedule::Schedule;
use crate::server::lmtp::{self, Options};
use crate::server::serve::FrontDoor;
use crate::store::groups;

const DAY: i64 = 86_400;

/// The house, and the mail that has left it.
pub struct Stage {
    /// The house.
    pub lamplight: Lamplight,
    transport: Arc<Transport>,
    listener: SocketAddr,
    sent: PathBuf,
    captured: Vec<Captured>,
    /// How many of the captured mails the play has looked at.
    seen: usize,
    /// Messages that the listener has taken.
    pub accepted: usize,
    ending: watch::Sender<bool>,
    listening: JoinHandle<()>,
}

/// An instant of the Monday that is played, in New York.
fn monday(clock: &str) -> Result<Timestamp> {
    Timestamp::parse(&format!("2026-11-23T{clock}:00-05:00")).map_err(|sentence| anyhow!(sentence))
}

impl Stage {
    /// Write the settings into `dir`, open everything as they say, and start the listener.
    ///
    /// # Errors
    /// When the folder can't be written or nothing can be listened on.
    pub async fn open(dir: &Path) -> Result<Self> {
        let file = dir.join("lamplight.toml");
        let sent = dir.join("sent");
        std::fs::write(&file, settings(dir)).with_context(|| format!("can't write {}", file.display()))?;
        // No variables: what the play shows must not depend on who starts it.
        let config = config::load(Some(&file), [])?.config;
        let clock = Clock::fixed(monday("08:00")?);
        let lamplight = Lamplight::open(config, clock, Opening::Create).await?;
        let transport = lamplight.transport()?;
        let listener = lmtp::bind("127.0.0.1:0").await?;
        let address = listener.local_addr().context("the listener has no port")?;
        let (ending, ended) = watch::channel(false);
        let door = Arc::new(FrontDoor::new(lamplight.clone(), Arc::new(Notify::new())));
        let listening = tokio::spawn(lmtp::serve(listener, door, Options::new(DOMAIN), ended));
        let stage = Self {
            lamplight,
            transport,
            listener: address,
            sent,
            captured: Vec::new(),
            seen: 0,
            accepted: 0,
            ending,
            listening,
        };
        stage.fill_roster().await?;
        Ok(stage)
    }

    async fn fill_roster(&self) -> Result<()> {
        let now = self.lamplight.clock.now();
        let mut tx = self.lamplight.store.begin().await?;
        // The daily summary of strangers' mail keeps the hour at which the group began: noon.
        let id = groups::insert(&mut tx, &rose()?, monday("12:00")?.plus_seconds(-400 * DAY)).await?;
        let group = groups::lock(&mut tx, id).await?;
        for person in MODERATORS.iter().chain(PEOPLE) {
            let new = newcomer(person)?;
            let joined = now.plus_seconds(-person.days * DAY);
            self.lamplight.add_person(&mut tx, &group, &new, false, joined).await?;
        }
        // Digests are due from today on, not from the days on which people joined.
        self.lamplight.reschedule(&mut tx, &group, now).await?;
        tx.commit().await?;
        Ok(())
    }

    /// Move the clock, and do what is due then.
    ///
    /// # Errors
    /// When a mail left that nobody has looked at, or something fails.
    pub async fn go_to(&mut self, clock: &str) -> Result<()> {
        if let Some(unseen) = self.captured.get(self.seen) {
            bail!("{} got “{}”, which nobody expected", unseen.reader(), unseen.subject);
        }
        self.lamplight.clock.set(monday(clock)?);
        self.work().await
    }

    /// Hand a mail over as a mail server would, and take it to its end.
    ///
    /// # Errors
    /// When it is not taken.
    pub async fn write(&mut self, from: &str, to: &str, message: &[u8]) -> Result<()> {
        let mut client = Client::connect(self.listener).await?;
        client.deliver(from, to, message).await.with_context(|| format!("a mail from {from} was not taken"))?;
        client.quit().await?;
        self.accepted += 1;
        self.work().await
    }

    async fn work(&mut self) -> Result<()> {
        self.lamplight.run_due(&self.transport, self.lamplight.clock.now()).await?;
        let Ok(folder) = std::fs::read_dir(self.sent.join("new")) else { return Ok(()) };
        let mut files = folder.map(|entry| Ok(entry?.path())).collect::<Result<Vec<PathBuf>>>()?;
        // The names sort as the mails were written.
        files.sort();
        for file in files {
            if self.captured.iter().all(|known| known.file != file) {
                let mail = Captured::read(file)?;
                mail.check()?;
                self.captured.push(mail);
            }
        }
        Ok(())
    }

    /// The mails that left since the last look; they must be exactly these: who gets which subject, in any order.
    ///
    /// # Errors
    /// When one is missing, or somebody got what they should not.
    pub fn arrived(&mut self, awaited: &[(&str, &str)]) -> Result<Vec<Captured>> {
        let new = self.captured[self.seen..].to_vec();
        self.seen = self.captured.len();
        let mut rest: Vec<&Captured> = new.iter().collect();
        for (reader, subject) in awaited {
            let found = rest.iter().position(|mail| mail.reader() == *reader && mail.subject.starts_with(subject));
            let Some(at) = found else {
                let instead: Vec<&str> =
                    rest.iter().filter(|mail| mail.reader() == *reader).map(|mail| mail.subject.as_str()).collect();
                bail!("{reader} should have got “{subject}” and got {instead:?}");
            };
            rest.remove(at);
        }
        if let Some(extra) = rest.first() {
            bail!("{} got “{}” and should not have", extra.reader(), extra.subject);
        }
        Ok(new)
    }

    /// End the listener and close the database.
    ///
    /// # Errors
    /// When a mail left that nobody has looked at, or the listener ended badly.
    pub async fn close(self) -> Result<Vec<Captured>> {
        ensure!(self.seen == self.captured.len(), "a mail left at the end that nobody expected");
        let _ = self.ending.send(true);
        self.listening.await.context("the listener ended badly")?;
        self.lamplight.store.close().await;
        Ok(self.captured)
    }
}

/// Absolute paths, so that the file works from any folder.
fn settings(dir: &Path) -> String {
    let quoted = |text: String| toml::Value::String(text).to_string();
    let inside = |front: &str, name: &str| quoted(format!("{front}{}", dir.join(name).display()));
    format!(
        "# The settings of this demo: a throw-away database, and mail that goes into files.\n\n\
         [service]\ndomain = {}\nstate_dir = {}\ntimezone = \"America/New_York\"\n\
         administrators = [\"office@charity.example\"]\n\n\
         [database]\nurl = {}\n\n[outbound]\nsmarthost = {}\n",
        quoted(DOMAIN.to_owned()),
        quoted(dir.display().to_string()),
        inside("sqlite://", "lamplight.db"),
        inside("maildir:", "sent"),
    )
}

fn rose() -> Result<Group> {
    Ok(Group {
        id: GroupId(0),
        name: "rose".into(),
        title: "Rose".into(),
        language: "en".into(),
        zone: chrono_tz::America::New_York,
        schedule: Schedule::parse("30 17 * * *").map_err(|cause| anyhow!("{cause}"))?,
        moderation: Moderation::First,
        hold_everything_since: None,
        reading: ReadingHours::default(),
        subjects: Subjects::Own,
        pictures: false,
        emergency_number: Some("911".into()),
        lifeline: Some("call or text 988".into()),
        state: GroupState::Open,
        release_seq: 0,
    })
}

fn newcomer(person: &Person) -> Result<NewMember> {
    Ok(NewMember {
        role: person.role,
        address: Address::parse(&person.address())?,
        name: person.name.into(),
        real_name: person.real_name.map(str::to_owned),
        delivery: person.delivery,
        zone: None,
        hour: None,
        days: None,
        format: Default::default(),
        trusted: person.role == Role::Member && person.known,
    })
}
