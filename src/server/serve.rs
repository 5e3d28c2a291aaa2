//! `serve`: the listener, a worker for each lane of the spool, the clock and the way out, side by side until they are told to end.
//!
//! Trouble with the database or the smarthost is logged and tried again; nothing that was accepted depends on it.

use std::fs::File;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Result;
use tokio::sync::{Notify, watch};
use tokio::task::JoinSet;

use super::door::{AcceptAnswer, Door, RecipientAnswer};
use super::lmtp::{self, Listener, Options};
use crate::clock::{Clock, Reading};
use crate::config::Config;
use crate::engine::deliver::Pace;
use crate::engine::door::Keeper;
use crate::engine::transport::Transport;
use crate::engine::{Lamplight, Opening};
use crate::mail::{Address, Envelope};
use crate::model::lexicon::Lexicon;
use crate::model::turn::Lane;
use crate::store::{outbox, spool};

/// How soon what another process wrote is taken up.
const LOOK_AGAIN: Duration = Duration::from_millis(500);
/// How often what waits is looked at without a cause: another server may have kept it and be gone.
const LOOK_BACK: Duration = Duration::from_secs(30);
/// After fewer messages than this, the worker lets more gather: together they cost less, and no reader notices.
const WORTHWHILE: usize = 24;
const GATHER: Duration = Duration::from_millis(20);

/// The listener's door into the house.
pub struct FrontDoor {
    lamplight: Lamplight,
    keeper: Keeper,
    arrived: Arc<Notify>,
}

impl FrontDoor {
    /// The door of this house; `arrived` is rung when something was kept.
    #[must_use]
    pub fn new(lamplight: Lamplight, arrived: Arc<Notify>) -> Self {
        Self { keeper: Keeper::start(lamplight.clone()), lamplight, arrived }
    }
}

impl Door for FrontDoor {
    async fn recipient(&self, recipient: &Address) -> RecipientAnswer {
        if self.lamplight.disk_is_low() {
            return RecipientAnswer::DiskLow;
        }
        match self.lamplight.knows(recipient).await {
            Ok(true) => RecipientAnswer::Ours,
            Ok(false) => RecipientAnswer::NotOurs,
            Err(cause) => {
                tracing::error!(cause = %format!("{cause:#}"), "a recipient could not be looked up");
                RecipientAnswer::TryAgain
            }
        }
    }

    async fn accept(&self, envelope: Envelope, bytes: Vec<u8>, peer: String) -> AcceptAnswer {
        if self.lamplight.disk_is_low() {
            return AcceptAnswer::DiskLow;
        }
        let now = self.lamplight.clock.now();
        match self.keeper.keep(envelope, bytes, peer, now).await {
            Ok(()) => {
                self.arrived.notify_one();
                AcceptAnswer::Kept
            }
            Err(cause) => {
                tracing::error!(cause = %format!("{cause:#}"), "a message could not be kept");
                AcceptAnswer::TryAgain
            }
        }
    }
}

/// A Lamplight at work.
pub struct Serving {
    address: Option<SocketAddr>,
    ending: watch::Sender<bool>,
    tasks: JoinSet<()>,
    /// On SQLite one `serve` at a time: held until it ends.
    _lock: Option<File>,
}

impl Serving {
    /// Bind the listener and start everything.
    ///
    /// # Errors
    /// One sentence: the port is in use, another `serve` runs, a setting is wrong.
    pub async fn start(lamplight: Lamplight) -> Result<Self> {
        let lock = lamplight.serve_alone()?;
        let transport = lamplight.transport()?;
        let listener = lmtp::bind(&lamplight.config.inbound.lmtp.listen).await?;
        // Else the first letter would wait for it.
        let lexicon = Lexicon::of(&lamplight.config.service.language);
        tokio::task::spawn_blocking(move || lexicon.prepare());
        let templates = lamplight.clone();
        tokio::task::spawn_blocking(move || templates.log_template_faults());
        if lock.is_some()
            && let Some(_alone) = lamplight.is_alone()?
        {
            // Whoever held the locks before is gone; what it was sending may be tried again at once.
            let mut tx = lamplight.store.begin().await?;
            outbox::end_leases(&mut tx).await?;
            spool::end_leases(&mut tx).await?;
            tx.commit().await?;
        }
        Ok(Self::spawn(lamplight, transport, listener, lock))
    }

    fn spawn(lamplight: Lamplight, transport: Arc<Transport>, listener: Listener, lock: Option<File>) -> Self {
        let address = listener.local_addr();
        let (ending, ended) = watch::channel(false);
        let arrived = Arc::new(Notify::new());
        let written = Arc::new(Notify::new());
        let mut tasks = JoinSet::new();
        let door = Arc::new(FrontDoor::new(lamplight.clone(), Arc::clone(&arrived)));
        tasks.spawn(lmtp::serve(listener, door, Options::new(&lamplight.scheme.domain), ended.clone()));
        // A worker of its own: whatever the other one is busy with, words of danger are read at once.
        let urgent_arrived = Arc::clone(&lamplight.urgent_arrived);
        for (lane, arrived) in [(Lane::Urgent, urgent_arrived), (Lane::Ordinary, arrived)] {
            tasks.spawn(receive(lamplight.clone(), lane, arrived, Arc::clone(&written), ended.clone()));
        }
        tasks.spawn(look_back(lamplight.clone(), ended.clone()));
        tasks.spawn(fold_log(lamplight.clone(), ended.clone()));
        tasks.spawn(keep_time(lamplight.clone(), Arc::clone(&written), ended.clone()));
        tasks.spawn(async move {
            lamplight.keep_delivering(Pace::default(), &transport, &written, ended).await;
        });
        Self { address, ending, tasks, _lock: lock }
    }

    /// Where the listener listens; `None` for a socket file.
    #[must_use]
    pub fn address(&self) -> Option<SocketAddr> {
        self.address
    }

    /// End cleanly: talks get their goodbye, what is being written is finished.
    pub async fn stop(mut self) {
        let _ = self.ending.send(true);
        while self.tasks.join_next().await.is_some() {}
    }
}

/// Serve until SIGTERM or SIGINT.
///
/// # Errors
/// As [`Serving::start`].
pub async fn run(config: Config, clock: Clock) -> Result<()> {
    use tokio::signal::unix::{SignalKind, signal};
    let lamplight = Lamplight::open(config, clock, Opening::Existing).await?;
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    let listen = lamplight.config.inbound.lmtp.listen.clone();
    let store = lamplight.store.clone();
    let serving = Serving::start(lamplight).await?;
    let place = serving.address().map_or(listen, |address| address.to_string());
    eprintln!("lamplight: listening on {place}");
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
    tracing::info!("ending");
    serving.stop().await;
    store.close().await;
    Ok(())
}

/// Wait until there may be work; `false` when it is time to end.
async fn until_work(bell: &Notify, wait: Duration, ending: &mut watch::Receiver<bool>) -> bool {
    tokio::select! {
        () = bell.notified() => {}
        () = tokio::time::sleep(wait) => {}
        _ = ending.changed() => {}
    }
    !*ending.borrow()
}

async fn receive(
    lamplight: Lamplight,
    lane: Lane,
    arrived: Arc<Notify>,
    written: Arc<Notify>,
    mut ending: watch::Receiver<bool>,
) {
    loop {
        if *ending.borrow() {
            return;
        }
        match lamplight.receive(lane, lamplight.clock.now()).await {
            Ok(taken @ 1..) => {
                written.notify_one();
                if lane == Lane::Ordinary && taken < WORTHWHILE {
                    tokio::time::sleep(GATHER).await;
                }
            }
            Ok(0) => {
                if !until_work(&arrived, LOOK_AGAIN, &mut ending).await {
                    return;
                }
            }
            Err(cause) => {
                tracing::error!(cause = %format!("{cause:#}"), "the spool could not be read");
                if !until_work(&Notify::new(), 2 * LOOK_AGAIN, &mut ending).await {
                    return;
                }
            }
        }
    }
}

/// What nobody read ahead of its turn, because another process kept it or nobody knew that it was kept, is looked at for danger.
async fn look_back(lamplight: Lamplight, mut ending: watch::Receiver<bool>) {
    loop {
        let looking = lamplight.look_at_what_waits();
        let looked = tokio::select! {
            looked = looking => looked,
            _ = ending.changed() => return,
        };
        if let Err(cause) = &looked {
            tracing::error!(cause = %format!("{cause:#}"), "what waits could not be looked at");
        }
        let wait = if looked.is_ok() { LOOK_BACK } else { 2 * LOOK_AGAIN };
        if !until_work(&lamplight.perhaps_kept, wait, &mut ending).await {
            return;
        }
    }
}

async fn fold_log(lamplight: Lamplight, mut ending: watch::Receiver<bool>) {
    let nobody = Notify::new();
    while lamplight.store.is_sqlite() && until_work(&nobody, LOOK_AGAIN, &mut ending).await {
        if let Err(cause) = lamplight.store.fold_log().await {
            tracing::warn!(%cause, "the database's log could not be folded into it");
        }
    }
}

async fn keep_time(lamplight: Lamplight, written: Arc<Notify>, mut ending: watch::Receiver<bool>) {
    let nobody = Notify::new();
    while until_work(&nobody, LOOK_AGAIN, &mut ending).await {
        let now = match &lamplight.clock {
            Clock::System => {
                let reading = Reading::take();
                if let Err(cause) = lamplight.look_at_clock(&reading).await {
                    tracing::error!(cause = %format!("{cause:#}"), "the clock could not be looked at");
                    continue;
                }
                reading.shown
            }
            other => other.now(),
        };
        // Alerts climb by this loop: a fault in one thing that is due must not end it.
        let server = lamplight.clone();
        match tokio::spawn(async move { server.tick(now).await }).await {
            Ok(Ok(ticked)) if ticked.is_quiet() => {}
            Ok(Ok(_)) => written.notify_one(),
            Ok(Err(cause)) => tracing::error!(cause = %format!("{cause:#}"), "what was due could not be done"),
            Err(_) => tracing::error!("what was due could not be done: the program has a fault"),
        }
    }
}
