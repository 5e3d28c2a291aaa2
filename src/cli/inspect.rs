//! What Lamplight reads in one message, without keeping it; needs no settings and no database. A message that can't be
//! read says so in `trouble`; only a file that can't be opened fails.

use std::fmt::Write as _;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use clap::Args;
use serde_json::{Map, Value, json};

use super::{Global, show};

use crate::mail::kind::Kind;
use crate::mail::parse::Author;
use crate::mail::{Incoming, mbox, parse};
use crate::model::forest;
use crate::model::lexicon::{Flag, Lexicon};

/// The language of the lexicon: no settings are read here.
const LANGUAGE: &str = "en";

/// The arguments.
#[derive(Debug, Args)]
pub struct Inspect {
    /// A message; - for standard input
    #[arg(required_unless_present = "text", default_value_if("text", "true", "-"))]
    pub file: Option<PathBuf>,
    /// Take it for bare text, and give its flags as JSON
    #[arg(long)]
    pub text: bool,
    /// Take it for a mailbox file (mbox), and give for each Message-ID the one that it answers as JSON
    #[arg(long, conflicts_with = "text")]
    pub threads: bool,
}

impl Inspect {
    /// Do it.
    ///
    /// # Errors
    /// When the file can't be read.
    pub fn run(self, global: &Global) -> Result<()> {
        let file = self.file.as_deref().unwrap_or(Path::new("-"));
        let raw = read(file)?;
        if self.threads {
            let messages = mbox::messages(&raw).with_context(|| format!("can't read {}", file.display()))?;
            return show::print(&show::json_text(&threads(&messages)));
        }
        if self.text {
            let flags = Lexicon::of(LANGUAGE).read(&String::from_utf8_lossy(&raw));
            return show::print(&show::json_text(&json!({ "flags": flags })));
        }
        let flags = crate::model::text::flags(&parse(&raw), &Lexicon::of(LANGUAGE));
        if global.json {
            show::print(&show::json_text(&report(&raw, flags)))
        } else {
            show::print(text(&raw, &flags).trim_end())
        }
    }
}

pub(super) fn read(file: &Path) -> Result<Vec<u8>> {
    if file == Path::new("-") {
        let mut raw = Vec::new();
        std::io::stdin().lock().read_to_end(&mut raw).context("can't read standard input")?;
        return Ok(raw);
    }
    std::fs::read(file).with_context(|| format!("can't read {}", file.display()))
}

/// The JSON that `inspect` prints for a message; the flags were raised elsewhere, by [`crate::model::text::flags`].
#[must_use]
pub fn report(raw: &[u8], flags: Vec<Flag>) -> Value {
    let incoming = parse(raw);
    let failed: Vec<Value> = incoming
        .failed_recipients
        .iter()
        .map(|failed| {
            json!({
                "address": failed.address.as_str(),
                "permanent": failed.permanent,
                "status": failed.status,
                "delayed": failed.delayed,
            })
        })
        .collect();
    json!({
        "kind": incoming.kind,
        "automatic": incoming.automatic,
        "trouble": incoming.trouble.map(|trouble| trouble.to_string()),
        "author": author(&incoming),
        "subject": incoming.subject,
        "base_subject": incoming.base_subject,
        "message_id": incoming.message_id,
        "in_reply_to": incoming.in_reply_to.first(),
        "references": incoming.references,
        "reply_text": incoming.text.reply,
        "quoted_text": incoming.text.quoted,
        "signature": incoming.text.signature,
        "attachments": incoming.attachments,
        "failed_recipients": failed,
        "flags": flags,
    })
}

/// The JSON that `inspect --threads` prints for the messages of a mailbox file: ids as the mails have them, in angle
/// brackets. A message without one is named by its number in the file, and what repeats an id is left to the first.
#[must_use]
pub fn threads(messages: &[Vec<u8>]) -> Value {
    let read: Vec<Incoming> = messages.iter().map(|raw| parse(raw)).collect();
    let name = |at: usize| match &read[at].message_id {
        Some(id) => format!("<{id}>"),
        None => format!("#{}", at + 1),
    };
    let mut parents = Map::new();
    for (at, parent) in forest::parents(&read).into_iter().enumerate() {
        parents.entry(name(at)).or_insert_with(|| parent.map(name).into());
    }
    json!({ "parents": parents })
}

/// The same for a person to read.
#[must_use]
pub fn text(raw: &[u8], flags: &[Flag]) -> String {
    let incoming = parse(raw);
    let mut out = String::new();
    let kind = match incoming.kind {
        Kind::Post => "post",
        Kind::Reply => "reply",
        Kind::Bounce => "bounce",
        Kind::AutoReply => "automatic reply",
        Kind::Feedback => "feedback report",
        Kind::Receipt => "read receipt",
    };
    let mut row = |name: &str, value: &str| {
        if !value.is_empty() {
            // Writing to a String cannot fail.
            let _ = writeln!(out, "{name:<13}{value}");
        }
    };
    row("Kind", kind);
    row("Automatic", incoming.automatic.unwrap_or_default());
    row("Trouble", &incoming.trouble.map(|trouble| trouble.to_string()).unwrap_or_default());
    row("Author", author(&incoming).unwrap_or("nobody in particular"));
    row("Subject", &incoming.subject);
    row("In reply to", &incoming.in_reply_to.join(" "));
    for attachment in &incoming.attachments {
        let name = attachment.name.as_deref().unwrap_or("without a name");
        row("Attached", &format!("{name} ({}, {} octets)", attachment.media_type, attachment.size));
    }
    for failed in &incoming.failed_recipients {
        let status = failed.status.as_deref().unwrap_or("no status");
        let word = if failed.permanent { "for good" } else { "for now" };
        row("Not reached", &format!("{} {word} ({status})", failed.address.as_str()));
    }
    for flag in flags {
        row("Flag", &format!("{:?}: {}", flag.category, flag.words).to_lowercase());
    }
    for (title, words) in
        [("New", &incoming.text.reply), ("Quoted", &incoming.text.quoted), ("Signature", &incoming.text.signature)]
    {
        if !words.is_empty() {
            let _ = write!(out, "\n{title}\n");
            words.lines().for_each(|line| {
                let _ = writeln!(out, "    {line}");
            });
        }
    }
    out
}

fn author(incoming: &Incoming) -> Option<&str> {
    match &incoming.author {
        Author::One(mailbox) => Some(mailbox.address.as_str()),
        Author::Nobody | Author::Several(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::lexicon::Category;

    const RAW: &[u8] =
        b"From: Mira <mira@home.example>\r\nSubject: Re: Hello\r\nIn-Reply-To: <a@b.example>\r\n\r\nYes\r\n> old\r\n";

    #[test]
    fn every_field_has_its_name() {
        let flag = Flag { category: Category::Distress, rule: "tired".into(), words: "so tired".into() };
        let value = report(RAW, vec![flag]);
        assert_eq!(value["kind"], "reply");
        assert_eq!(value["author"], "mira@home.example");
        assert_eq!(value["subject"], "Re: Hello");
        assert_eq!(value["base_subject"], "hello");
        assert_eq!(value["in_reply_to"], "a@b.example");
        assert_eq!(value["reply_text"], "Yes");
        assert_eq!(value["quoted_text"], "> old");
        assert_eq!(value["signature"], "");
        for list in ["references", "attachments", "failed_recipients"] {
            assert_eq!(value[list], json!([]), "{list}");
        }
        assert_eq!(value["flags"][0]["category"], "distress");
        assert_eq!(value["flags"][0]["match"], "so tired");
        assert_eq!(report(b"nothing", Vec::new())["author"], Value::Null);
    }

    #[test]
    fn people_read_the_same() {
        let text = text(RAW, &[]);
        assert!(text.contains("Author       mira@home.example") && text.contains("\nNew\n    Yes\n"), "{text}");
    }
}
