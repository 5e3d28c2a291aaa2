//! The mail server before Lamplight: hands posts over by LMTP on several connections at once.

use std::io;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, anyhow, ensure};

use crate::wire::Wire;

/// How the handing over went: every post was answered 250.
pub struct Handed {
    pub posts: usize,
    pub took: Duration,
    /// From the end of DATA to its answer, sorted.
    pub answers: Vec<Duration>,
}

impl Handed {
    pub fn rate(&self) -> f64 {
        self.posts as f64 / self.took.as_secs_f64()
    }

    /// Milliseconds within which this share of the answers came.
    pub fn within(&self, share: f64) -> f64 {
        let at = (self.answers.len().saturating_sub(1)) as f64 * share;
        self.answers.get(at.round() as usize).map_or(0.0, |time| time.as_secs_f64() * 1e3)
    }
}

/// Hand `letters` (who sent it, and its text) to `group`, each connection its share.
pub fn hand_over(
    address: SocketAddr,
    group: &str,
    letters: &[(String, Vec<u8>)],
    connections: usize,
) -> Result<Handed> {
    let share = letters.len().div_ceil(connections).max(1);
    let began = Instant::now();
    let mut answers = std::thread::scope(|scope| -> Result<Vec<Duration>> {
        let lanes: Vec<_> =
            letters.chunks(share).map(|letters| scope.spawn(move || lane(address, group, letters))).collect();
        let mut answers = Vec::with_capacity(letters.len());
        for lane in lanes {
            answers.extend(lane.join().map_err(|_| anyhow!("a sender panicked"))?.context("handing a post over")?);
        }
        Ok(answers)
    })?;
    let took = began.elapsed();
    ensure!(answers.len() == letters.len(), "{} of {} posts were answered", answers.len(), letters.len());
    answers.sort_unstable();
    Ok(Handed { posts: letters.len(), took, answers })
}

fn lane(address: SocketAddr, group: &str, letters: &[(String, Vec<u8>)]) -> io::Result<Vec<Duration>> {
    let mut wire = Wire::connect(address)?;
    wire.expect(b'2')?;
    wire.send(b"LHLO load.example\r\n")?;
    wire.expect(b'2')?;
    let mut answers = Vec::with_capacity(letters.len());
    for (from, letter) in letters {
        // RFC 2920: MAIL, RCPT and DATA go in one packet.
        wire.send(format!("MAIL FROM:<{from}>\r\nRCPT TO:<{group}>\r\nDATA\r\n").as_bytes())?;
        wire.expect(b'2')?;
        wire.expect(b'2')?;
        wire.expect(b'3')?;
        let asked = Instant::now();
        wire.send(letter)?;
        wire.expect(b'2')?;
        answers.push(asked.elapsed());
    }
    wire.send(b"QUIT\r\n")?;
    wire.expect(b'2')?;
    Ok(answers)
}

/// Whether somebody greets there and answers LHLO.
pub fn answers(address: SocketAddr) -> bool {
    Wire::connect(address).is_ok_and(|mut wire| {
        wire.expect(b'2').and_then(|()| wire.send(b"LHLO load.example\r\n")).and_then(|()| wire.expect(b'2')).is_ok()
    })
}
