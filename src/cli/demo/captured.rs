//! A mail as it left the house, read as its reader would, and what no copy may ever hold. A fault is a sentence.

use std::path::PathBuf;

use anyhow::{Context as _, Result, ensure};

use super::cast::{DOMAIN, MODERATORS, PEOPLE, SECRETS};
use crate::mail::fields::Fields;
use crate::mail::ids::message_ids;
use crate::mail::parse::{decode_words, parts, read_mailboxes};

/// One captured mail.
#[derive(Debug, Clone)]
pub struct Captured {
    /// Its file in the Maildir.
    pub file: PathBuf,
    /// Whom it went to.
    pub recipient: String,
    /// The decoded subject.
    pub subject: String,
    /// The name in From.
    pub author: String,
    /// Where an answer goes: Reply-To, else From.
    pub reply_to: String,
    /// Message-ID without brackets.
    pub message_id: String,
    /// The plain text.
    pub text: String,
    /// The HTML.
    pub html: String,
    /// It goes to the group: a post or a digest.
    pub to_group: bool,
    /// The whole header, names in lower case.
    header: String,
    /// Every address in To, Cc and Bcc.
    addressed: Vec<String>,
}

impl Captured {
    /// Read a file of the Maildir.
    ///
    /// # Errors
    /// When it is no mail with a text and an HTML part.
    pub fn read(file: PathBuf) -> Result<Self> {
        let raw = std::fs::read(&file).with_context(|| format!("can't read {}", file.display()))?;
        Self::parse(file, &raw)
    }

    fn parse(file: PathBuf, raw: &[u8]) -> Result<Self> {
        let (fields, _) = Fields::read(raw);
        let first = |name| fields.first(name).unwrap_or_default().trim().to_owned();
        let from = read_mailboxes(&first("from")).into_iter().next().context("a captured mail has no author")?;
        let reply_to = read_mailboxes(&first("reply-to")).into_iter().next();
        let tree = parts(raw).context("a captured mail can't be read")?;
        let part = |kind: &str| {
            let text = tree.find(kind).and_then(|part| part.text()).with_context(|| format!("a mail without {kind}"));
            text.map(|text| text.replace("\r\n", "\n"))
        };
        let addressed = ["to", "cc", "bcc"].iter().flat_map(|name| fields.all(name)).flat_map(read_mailboxes);
        Ok(Self {
            file,
            recipient: first("delivered-to"),
            subject: decode_words(&first("subject")),
            author: decode_words(&from.name),
            reply_to: reply_to.unwrap_or(from).address.as_str().to_owned(),
            message_id: message_ids(&first("message-id")).pop().unwrap_or_default(),
            text: part("text/plain")?,
            html: part("text/html")?,
            to_group: fields.has("list-id"),
            header: fields.iter().map(|(name, value)| format!("{name}:{value}\n")).collect(),
            addressed: addressed.map(|mailbox| mailbox.address.as_str().to_owned()).collect(),
        })
    }

    /// The person's name in small letters: the front of the address.
    #[must_use]
    pub fn reader(&self) -> &str {
        self.recipient.split('@').next().unwrap_or_default()
    }

    /// Whether these words stand in the text and in the HTML, wherever their lines end.
    #[must_use]
    pub fn says(&self, words: &str) -> bool {
        let flat = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
        let html = self.html.replace("<br>", " ").replace("&#39;", "'").replace("&quot;", "\"");
        flat(&self.text).contains(words) && flat(&html).contains(words)
    }

    /// Whether these letters stand anywhere in it: header, text or HTML.
    #[must_use]
    pub fn holds(&self, letters: &str) -> bool {
        [&self.header, &self.subject, &self.author, &self.text, &self.html].iter().any(|part| part.contains(letters))
    }

    /// What is true of every mail that leaves: one reader, and nobody's secret in a copy for the group.
    ///
    /// # Errors
    /// What it holds that it must not.
    pub fn check(&self) -> Result<()> {
        let (reader, subject) = (self.reader(), &self.subject);
        ensure!(self.addressed == [self.recipient.clone()], "a mail to {reader} names other recipients: {subject}");
        if MODERATORS.iter().any(|moderator| moderator.name.to_lowercase() == reader) {
            ensure!(!self.to_group || !self.holds_secret(), "{reader}'s copy for the group holds a secret: {subject}");
            return Ok(());
        }
        for other in PEOPLE.iter().filter(|other| other.address() != self.recipient) {
            ensure!(!self.holds(&other.address()), "{reader} was shown the address of {}: {subject}", other.name);
        }
        ensure!(!self.to_group || !self.holds_secret(), "{reader} was shown what nobody may see: {subject}");
        ensure!(!self.html.contains("http"), "a mail to {reader} loads something from elsewhere: {subject}");
        ensure!(self.reply_to.ends_with(DOMAIN), "an answer of {reader} would go to {}", self.reply_to);
        Ok(())
    }

    fn holds_secret(&self) -> bool {
        SECRETS.iter().any(|secret| self.holds(secret))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mail(to: &str, body: &str) -> Result<()> {
        let raw = format!(
            "Delivered-To: tom@home.example\r\nTo: {to}\r\nFrom: Mira <rose@groups.example>\r\nSubject: Hello\r\n\
             List-Id: <rose.groups.example>\r\nContent-Type: multipart/alternative; boundary=b\r\n\r\n--b\r\n\
             Content-Type: text/plain\r\n\r\n{body}\r\n--b\r\nContent-Type: text/html\r\n\r\n<p>Hi</p>\r\n--b--\r\n"
        );
        Captured::parse(PathBuf::new(), raw.as_bytes())?.check()
    }

    #[test]
    fn a_leak_is_found() {
        let own = "<tom@home.example>";
        mail(own, "Good morning").unwrap();
        for (to, body) in [
            ("<tom@home.example>, <kit@home.example>", "Good morning"),
            ("<kit@home.example>", "Good morning"),
            (own, "Write to kit@home.example"),
            (own, "Phone: (555) 013-4477"),
            (own, "Miranda Torres"),
            (own, "Sent from my iPhone"),
        ] {
            assert!(mail(to, body).is_err(), "{to} {body}");
        }
    }
}
