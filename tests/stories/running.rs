//! Delivering as `serve` does, beside a story that goes on.

use std::sync::Arc;
use std::time::{Duration, Instant};

use lamplight::engine::deliver::Pace;
use tokio::sync::{Notify, watch};

use crate::support::{Letter, World};

/// Delivering as `serve` does, until it is dropped.
pub struct Running {
    pub written: Arc<Notify>,
    ending: watch::Sender<bool>,
    task: tokio::task::JoinHandle<()>,
}

pub fn quick() -> Pace {
    Pace { look: Duration::from_millis(20), probe: Duration::from_millis(100), ..Pace::default() }
}

pub fn start(world: &World, pace: Pace) -> Running {
    let (ending, ended) = watch::channel(false);
    let written = Arc::new(Notify::new());
    let (lamplight, transport, bell) = (world.lamplight.clone(), Arc::clone(&world.transport), Arc::clone(&written));
    let task = tokio::spawn(async move { lamplight.keep_delivering(pace, &transport, &bell, ended).await });
    Running { written, ending, task }
}

impl Running {
    pub async fn stop(self) {
        self.ending.send(true).unwrap();
        self.task.await.unwrap();
    }
}

/// A post that is taken in and judged, and not sent.
pub async fn post(world: &World, who: &str, subject: &str, words: &str) {
    let letter = Letter::new(&format!("{who}@home.example"), "rose@groups.example", subject, words);
    world.deliver(&letter.from, &[&letter.to], letter.bytes()).await;
    world.lamplight.receive_all(world.now()).await.unwrap();
}

pub async fn until(what: &str, mut is_so: impl AsyncFnMut() -> bool) {
    let began = Instant::now();
    while !is_so().await {
        assert!(began.elapsed() < Duration::from_secs(10), "{what}");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}
