//! One connection's half: it takes a copy, sends it, says how that went, and waits for the next. It is kept open over
//! many copies, closed after some idle seconds, and opened again where it broke.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use futures_util::FutureExt as _;
use tokio::sync::mpsc;

use crate::engine::copy::Copy;
use crate::engine::leave::Ledger;
use crate::engine::outcome::{DeliveryError, Stage};
use crate::engine::transport::{Connection, Transport};
use crate::model::ids::OutboxId;

/// How one copy went.
pub struct Report {
    /// Which connection.
    pub slot: usize,
    /// Whose copy.
    pub row: OutboxId,
    /// What came of it.
    pub answer: Result<(), DeliveryError>,
}

/// A copy to be sent.
pub struct Order {
    /// Whose.
    pub row: OutboxId,
    /// The copy.
    pub copy: Copy,
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
    /// Copies it reported on and whose end is not committed yet.
    pub ledger: Arc<Ledger>,
    /// Where its reports go.
    pub reports: mpsc::UnboundedSender<Report>,
}

impl Sender {
    /// Send what comes until nobody gives any more.
    pub async fn run(self, mut orders: mpsc::Receiver<Order>) {
        let mut way: Option<Connection> = None;
        loop {
            let order = match tokio::time::timeout(self.idle, orders.recv()).await {
                Ok(order) => order,
                Err(_) => {
                    self.close(&mut way).await;
                    orders.recv().await
                }
            };
            let Some(Order { row, copy }) = order else { break };
            let carried = AssertUnwindSafe(self.carry(&mut way, &copy)).catch_unwind().await;
            // Whether it left is not known, as when a connection breaks.
            let answer = carried.unwrap_or_else(|_| {
                way = None;
                Err(DeliveryError::new(Stage::Data, None, "an unexpected fault while it was handed over"))
            });
            way = way.filter(Connection::is_usable);
            self.is_open.store(way.is_some(), Ordering::Relaxed);
            drop(copy);
            self.ledger.owe();
            if self.reports.send(Report { slot: self.slot, row, answer }).is_err() {
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
            match open.send(copy, &self.ledger).await {
                // The server closed an idle connection; the copy was not even begun.
                Err(trouble) if trouble.stage == Stage::Mail && !open.is_usable() => {}
                answer => return answer.map(drop),
            }
        }
        let open = way.insert(self.transport.connect().await?);
        self.is_open.store(true, Ordering::Relaxed);
        open.send(copy, &self.ledger).await.map(drop)
    }
}
