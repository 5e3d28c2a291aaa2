//! A day in the life of a group, played on a throw-away database with real messages, a real LMTP conversation and
//! captured mail. What the play sees is checked as it goes; anything that went otherwise ends it with one sentence.

mod captured;
mod cast;
mod client;
mod letter;
mod script;
mod stage;
mod voice;

use std::io::ErrorKind;
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, ensure};

use captured::Captured;
use stage::Stage;
use voice::Voice;

/// Play the day in `dir`, or in a fresh folder for temporary files; it is kept, so that people can open the mails.
///
/// # Errors
/// When the folder is not empty or can't be written, or when something went otherwise than it must.
pub async fn run(dir: Option<PathBuf>) -> Result<()> {
    let dir = prepare(dir)?;
    let voice = Voice::new();
    voice.heading("A day with Lamplight");
    voice.plain("Dana and Ruth, two social workers, look after the group Rose. Everybody is made");
    voice.plain("up, Lamplight is not. It is Monday 23 November; no mail leaves this machine.");
    voice.plain("");
    let mut stage = Stage::open(&dir).await?;
    let played = script::play(&mut stage, &voice).await;
    let played = played.with_context(|| format!("the demo stopped; its files are in {}", dir.display()))?;
    let accepted = stage.accepted;
    let captured = stage.close().await?;
    let shown = keep(&dir, &captured, &played)?;
    ensure!(captured.len() > accepted, "less mail left than came in");
    voice.plain("");
    voice.plain(&format!(
        "{accepted} mails came in, {} went out, each to one reader. Every step was checked.",
        captured.len()
    ));
    voice.heading(&format!("Files to open, in {}", dir.display()));
    for (name, what) in shown {
        voice.plain(&format!("  {name:<47}{what}"));
    }
    voice.heading("To look around");
    let settings = dir.join("lamplight.toml");
    for command in ["held list", "thread list rose"] {
        voice.plain(&format!("  lamplight --config {} {command}", settings.display()));
    }
    Ok(())
}

/// An empty folder of our own, with an absolute path.
fn prepare(dir: Option<PathBuf>) -> Result<PathBuf> {
    let fresh = dir.is_none();
    let dir =
        dir.unwrap_or_else(|| std::env::temp_dir().join(format!("lamplight-demo-{:06x}", rand::random::<u32>() >> 8)));
    let dir = std::path::absolute(&dir).with_context(|| format!("can't use {}", dir.display()))?;
    // The path becomes part of the database's URL.
    let plain = |text: &str| !text.contains(|c: char| c.is_whitespace() || c.is_control() || "?#%".contains(c));
    ensure!(dir.to_str().is_some_and(plain), "can't use {}: name a folder without spaces", dir.display());
    match std::fs::read_dir(&dir) {
        Ok(mut entries) => {
            ensure!(entries.next().is_none(), "{} is not empty; name a new folder, or leave --dir out", dir.display());
        }
        // A fresh one is made by us and nobody else: where it appears meanwhile this fails.
        Err(cause) if cause.kind() == ErrorKind::NotFound => make(&dir, !fresh)?,
        Err(cause) => return Err(cause).with_context(|| format!("can't use {}", dir.display())),
    }
    Ok(dir)
}

fn make(dir: &Path, with_parents: bool) -> Result<()> {
    let made = std::fs::DirBuilder::new().mode(0o700).recursive(with_parents).create(dir);
    made.with_context(|| format!("can't make the folder {}", dir.display()))
}

/// Copy the captured mails under names that say what they are; gives those worth opening first.
fn keep(dir: &Path, captured: &[Captured], played: &script::Played) -> Result<Vec<(String, &'static str)>> {
    let folder = dir.join("mail");
    make(&folder, true)?;
    let mut names = Vec::with_capacity(captured.len());
    for (at, mail) in captured.iter().enumerate() {
        let name = format!("{:02}-to-{}-{}.eml", at + 1, mail.reader(), slug(&mail.subject));
        std::fs::copy(&mail.file, folder.join(&name)).with_context(|| format!("can't write mail/{name}"))?;
        names.push(name);
    }
    std::fs::write(dir.join("digest.html"), &played.digest.html).context("can't write digest.html")?;
    std::fs::write(dir.join("notice.html"), &played.notice.html).context("can't write notice.html")?;
    let mut shown = vec![
        ("digest.html".to_owned(), "the digest, in a browser"),
        ("notice.html".to_owned(), "what Dana decides by"),
    ];
    for (reader, subject, what) in [
        ("mira", "We have your message", "what a newcomer hears"),
        ("tom", "Waiting for", "what the group gets"),
        ("ana", "A note about your message", "a kind return"),
        ("dana", "1 message to read now", "the alarm"),
    ] {
        let at = captured.iter().position(|mail| mail.reader() == reader && mail.subject.starts_with(subject));
        let at = at.with_context(|| format!("there is no “{subject}” to show"))?;
        shown.push((format!("mail/{}", names[at]), what));
    }
    Ok(shown)
}

/// A subject as a piece of a file's name: letters and digits of ASCII, at most 24.
fn slug(subject: &str) -> String {
    let letters = subject.chars().map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '-' });
    let words: String = letters.collect();
    let mut slug = String::new();
    for word in words.split('-').filter(|word| !word.is_empty()) {
        if slug.len() + word.len() > 24 {
            break;
        }
        if !slug.is_empty() {
            slug.push('-');
        }
        slug.push_str(word);
    }
    slug
}
