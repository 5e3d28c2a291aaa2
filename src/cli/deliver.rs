//! `deliver`: one message on standard input, for a mail server's pipe.
//!
//! 0 only when the message is on disk for good. On any doubt 75, so that the mail server keeps it and tries again; 1
//! only for what would fail every time: no such address, too large. Then nothing is kept for anybody.

use std::io::{self, Read};

use anyhow::{Context as _, Result, anyhow, ensure};
use clap::Args;

use super::show::note;
use super::values;
use super::{Global, House};
use crate::clock::Clock;
use crate::engine::door::MAX_MESSAGE;
use crate::mail::{Address, Envelope, ReversePath};
use crate::store::spool::New;

/// sysexits.h: EX_TEMPFAIL.
const TRY_AGAIN: u8 = 75;

/// The envelope.
#[derive(Debug, Args)]
pub struct Deliver {
    /// The return path; "", "<>" and MAILER-DAEMON are the null path
    #[arg(long, value_name = "ADDRESS", allow_hyphen_values = true)]
    pub sender: String,
    /// The recipients
    #[arg(long, value_name = "ADDRESS", required = true, num_args = 1..)]
    pub recipient: Vec<String>,
}

/// Why a message is not taken, now or ever.
enum Refusal {
    Never(String),
    Later(anyhow::Error),
}

impl<E: Into<anyhow::Error>> From<E> for Refusal {
    fn from(cause: E) -> Self {
        Self::Later(cause.into())
    }
}

impl Deliver {
    /// Take the message; gives the exit code.
    pub async fn run(self, global: &Global) -> u8 {
        match self.take(global).await {
            Ok(()) => 0,
            Err(Refusal::Never(why)) => {
                note(&why);
                1
            }
            Err(Refusal::Later(cause)) => {
                note(&format!("{cause:#}"));
                TRY_AGAIN
            }
        }
    }

    async fn take(self, global: &Global) -> Result<(), Refusal> {
        // All of it is read whatever comes of it: a mail server should see our answer, not a broken pipe.
        let message = read(io::stdin().lock(), MAX_MESSAGE as u64);
        let house = House::open(global, Clock::System).await?;
        let envelope = self.envelope(&house).await?;
        let message = message?.ok_or_else(|| {
            Refusal::Never(format!("the message is larger than {MAX_MESSAGE} octets; nothing was kept"))
        })?;
        if house.lamplight.disk_is_low() {
            return Err(anyhow!("there is too little room on the disk; try again later").into());
        }
        let lane = house.lamplight.lane(&envelope, &message);
        let new = New { envelope: &envelope, message: &message, peer: "pipe", lane, received_at: house.now() };
        house.lamplight.keep(&[new]).await?;
        house.lamplight.store.close().await;
        Ok(())
    }

    /// The envelope, if every recipient is ours: mail servers take one answer for all of them.
    async fn envelope(&self, house: &House) -> Result<Envelope, Refusal> {
        let reverse_path = sender(&self.sender).map_err(Refusal::Never)?;
        let mut recipients = Vec::with_capacity(self.recipient.len());
        for text in &self.recipient {
            let unknown = || Refusal::Never(format!("there is no address {text} here; nothing was kept"));
            let recipient = recipient(text, &house.lamplight.scheme.domain).ok_or_else(unknown)?;
            if !house.lamplight.knows(&recipient).await? {
                return Err(unknown());
            }
            recipients.push(recipient);
        }
        Ok(Envelope { reverse_path, recipients })
    }
}

fn sender(text: &str) -> Result<ReversePath, String> {
    let bare = text.trim();
    let bare = bare.strip_prefix('<').and_then(|rest| rest.strip_suffix('>')).unwrap_or(bare).trim();
    // Postfix writes the null path of a pipe as MAILER-DAEMON unless it is told otherwise.
    if bare.is_empty() || bare.eq_ignore_ascii_case("MAILER-DAEMON") {
        return Ok(ReversePath::Null);
    }
    values::address(bare).map(ReversePath::Address)
}

fn recipient(text: &str, domain: &str) -> Option<Address> {
    let bare = text.trim();
    let bare = bare.strip_prefix('<').and_then(|rest| rest.strip_suffix('>')).unwrap_or(bare);
    // RFC 5321 §4.5.1: postmaster may come without a domain.
    if bare.eq_ignore_ascii_case("postmaster") {
        return Address::parse(&format!("{bare}@{domain}")).ok();
    }
    Address::parse(bare).ok()
}

/// The whole message; `None` when it is larger than `most`. The rest of a large one is read and left.
fn read(mut from: impl Read, most: u64) -> Result<Option<Vec<u8>>> {
    let mut message = Vec::new();
    let cut_off = "the message was not read to its end";
    (&mut from).take(most + 1).read_to_end(&mut message).context(cut_off)?;
    ensure!(!message.is_empty(), "no message came on standard input");
    if message.len() as u64 > most {
        io::copy(&mut from, &mut io::sink()).context(cut_off)?;
        return Ok(None);
    }
    Ok(Some(message))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_of_the_null_path() {
        for text in ["", "<>", "MAILER-DAEMON", "mailer-daemon", " < > "] {
            assert_eq!(sender(text), Ok(ReversePath::Null), "{text}");
        }
        let mira = ReversePath::Address(Address::parse("mira@home.example").unwrap());
        assert_eq!(sender("mira@home.example"), Ok(mira.clone()));
        assert_eq!(sender("<mira@home.example>"), Ok(mira));
        assert!(sender("mira").is_err());
    }

    #[test]
    fn a_message_is_whole_or_none() {
        assert_eq!(read(&b"1234"[..], 4).unwrap().unwrap(), b"1234");
        assert!(read(&b"12345"[..], 4).unwrap().is_none());
        assert!(read(&b""[..], 4).is_err());
        struct Broken;
        impl Read for Broken {
            fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
                Err(io::ErrorKind::UnexpectedEof.into())
            }
        }
        assert!(read(Broken, 4).is_err());
        assert!(read((&b"12345"[..]).chain(Broken), 4).is_err());
    }

    #[test]
    fn a_bare_postmaster_is_ours() {
        assert_eq!(recipient("postmaster", "groups.example").unwrap().as_str(), "postmaster@groups.example");
        assert!(recipient("rose", "groups.example").is_none());
    }
}
