//! One connection's half: it takes a copy, sends it, says how that went, and waits for the next. It is kept open over
//! many copies, closed after some idle seconds, and opened again where it broke.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tokio::sync::mpsc;

use crate::engine::copy::Copy;
use crate::engine::transport::{Connection, DeliveryError, Stage, Transport};

/// How one copy went.
pub struct Report {
    /// Which connection.
    pub slot: usize,
    /// What came of it.
    pub answer: Result<(), DeliveryError>,
}

/// A connection's own.
pub struct Sender {
    /// Its number.
    pub slot: usize,
    /// The way out.
    pub transport: Arc<Transport>,
    /// How long it is kept open without work.
    pub idle: Duration,
    /// Whether it is open.
    pub is_open: Arc<AtomicBool>,
    /// Where its reports go.
    pub reports: mpsc::UnboundedSender<Report>,
}

impl Sender {
    /// Send what comes until nobody gives any more.
    pub async fn run(self, mut orders: mpsc::Receiver<Copy>) {
        let mut way: Option<Connection> = None;
        loop {
            let copy = match tokio::time::timeout(self.idle, orders.recv()).await {
                Ok(copy) => copy,
                Err(_) => {
                    self.close(&mut way).await;
                    orders.recv().await
                }
            };
            let Some(copy) = copy else { break };
            let answer = self.carry(&mut way, &copy).await;
            way = way.filter(Connection::is_usable);
            self.is_open.store(way.is_some(), Ordering::Relaxed);
            drop(copy);
            if self.reports.send(Report { slot: self.slot, answer }).is_err() {
                break;
            }
        }
        self.close(&mut way).await;
    }

    async fn close(&self, way: &mut Option<Connection>) {
        self.is_open.store(false, Ordering::Relaxed);
        if let Some(open) = way.take() {
            open.quit().await;
        }
    }

    async fn carry(&self, way: &mut Option<Connection>, copy: &Copy) -> Result<(), DeliveryError> {
        if let Some(open) = way.as_mut() {
            match open.send(copy).await {
                // The server closed an idle connection; the copy was not even begun.
                Err(trouble) if trouble.stage == Stage::Mail && !open.is_usable() => {}
                answer => return answer.map(drop),
            }
        }
        let open = way.insert(self.transport.connect().await?);
        self.is_open.store(true, Ordering::Relaxed);
        open.send(copy).await.map(drop)
    }
}
