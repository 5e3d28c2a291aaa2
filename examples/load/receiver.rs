//! The mail server behind Lamplight: takes every message, and counts for each recipient how many came.

use std::collections::HashMap;
use std::io;
use std::net::{SocketAddr, TcpListener};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use anyhow::{Result, ensure};

use crate::wire::Wire;

/// A mail server on this machine, one thread for each connection. It lives as long as the program.
pub struct Receiver {
    pub address: SocketAddr,
    ledger: Arc<Ledger>,
}

#[derive(Default)]
struct Ledger {
    copies: Mutex<HashMap<Vec<u8>, usize>>,
    total: AtomicUsize,
    octets: AtomicUsize,
}

impl Receiver {
    pub fn start() -> Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let address = listener.local_addr()?;
        let ledger = Arc::new(Ledger::default());
        let shared = Arc::clone(&ledger);
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let ledger = Arc::clone(&shared);
                // A talk that ends in the middle was no delivery: the count will tell.
                std::thread::spawn(move || Wire::new(stream).and_then(|wire| talk(wire, &ledger)));
            }
        });
        Ok(Self { address, ledger })
    }

    /// Wait until so many messages came; gives the moment.
    pub fn wait_for(&self, total: usize, patience: Duration) -> Result<Instant> {
        let began = Instant::now();
        while self.ledger.total.load(Ordering::Relaxed) < total {
            let there = self.ledger.total.load(Ordering::Relaxed);
            ensure!(began.elapsed() < patience, "LOST: {there} of {total} messages came in {patience:?}");
            std::thread::sleep(Duration::from_millis(1));
        }
        Ok(Instant::now())
    }

    /// Octets of a message, on average.
    pub fn average_octets(&self) -> usize {
        self.ledger.octets.load(Ordering::Relaxed) / self.ledger.total.load(Ordering::Relaxed).max(1)
    }

    /// Each of these got exactly `each` messages, and nobody else got any. The count begins anew.
    pub fn settle_up(&self, recipients: &[String], each: usize) -> Result<()> {
        let mut copies = std::mem::take(&mut *self.ledger.copies.lock().unwrap_or_else(PoisonError::into_inner));
        self.ledger.total.store(0, Ordering::Relaxed);
        self.ledger.octets.store(0, Ordering::Relaxed);
        let (mut lost, mut doubled) = (0, 0);
        for recipient in recipients {
            let got = copies.remove(recipient.as_bytes()).unwrap_or(0);
            lost += each.saturating_sub(got);
            doubled += got.saturating_sub(each);
        }
        let astray: usize = copies.values().sum();
        ensure!(
            lost + doubled + astray == 0,
            "LOST OR DOUBLED: of {} messages {lost} did not come, {doubled} came once more, {astray} went to others",
            recipients.len() * each
        );
        Ok(())
    }
}

fn talk(mut wire: Wire, ledger: &Ledger) -> io::Result<()> {
    wire.send(b"220 receiver.example ESMTP\r\n")?;
    let mut out: Vec<u8> = Vec::with_capacity(1024);
    let mut recipient: Option<Vec<u8>> = None;
    loop {
        let line = wire.line()?;
        let reply: &[u8] = match line.get(..4) {
            Some(b"MAIL") => b"250 2.1.0 ok\r\n",
            Some(b"RCPT") if recipient.is_some() => b"452 4.5.3 one recipient, one message\r\n",
            Some(b"RCPT") => {
                let path = line.split(|b| matches!(b, b'<' | b'>')).nth(1);
                recipient = path.map(<[u8]>::to_vec);
                b"250 2.1.5 ok\r\n"
            }
            Some(b"DATA") => {
                out.extend_from_slice(b"354 go on\r\n");
                wire.send(&out)?;
                out.clear();
                let octets = wire.message()?;
                let whose = recipient.take().unwrap_or_default();
                *ledger.copies.lock().unwrap_or_else(PoisonError::into_inner).entry(whose).or_default() += 1;
                ledger.octets.fetch_add(octets, Ordering::Relaxed);
                ledger.total.fetch_add(1, Ordering::Relaxed);
                b"250 2.0.0 taken\r\n"
            }
            Some(b"EHLO") => b"250-receiver.example\r\n250-PIPELINING\r\n250-8BITMIME\r\n250 SMTPUTF8\r\n",
            Some(b"RSET") => {
                recipient = None;
                b"250 2.0.0 ok\r\n"
            }
            Some(b"QUIT") => return wire.send(b"221 2.0.0 bye\r\n"),
            _ => b"250 2.0.0 ok\r\n",
        };
        out.extend_from_slice(reply);
        if !wire.has_more() {
            wire.send(&out)?;
            out.clear();
        }
    }
}
