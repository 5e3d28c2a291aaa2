//! The command line as administrators, mail servers and scripts meet it: the real program, in a folder of its own.
#![allow(clippy::unwrap_used, reason = "a test may fail")]

mod alerts;
mod files;
mod forgetting;
mod lexicon;
mod looking;
mod mail;
mod on_the_way;
mod people;
mod reading;
mod record;
mod refusals;
mod templates;

use std::io::Write as _;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use serde_json::Value;

/// A folder with settings; every command runs in it.
pub struct Place {
    dir: tempfile::TempDir,
}

/// How a command ended.
pub struct Ended {
    /// The exit code.
    pub code: i32,
    /// Standard output.
    pub out: String,
    /// Standard error.
    pub err: String,
}

impl Place {
    /// With settings, and nothing else.
    pub fn bare() -> Self {
        let place = Self { dir: tempfile::tempdir().unwrap() };
        place.settings("[service]\ndomain = \"groups.example\"\nadministrators = [\"admin@home.example\"]\n");
        place
    }

    /// After `init`.
    pub fn ready() -> Self {
        let place = Self::bare();
        place.done("init");
        place
    }

    /// With a group, a moderator, a trusted member who gets single mails, and a new one.
    pub fn with_rose() -> Self {
        let place = Self::ready();
        place.done("group add rose --title Rose --moderation first");
        place.done("moderator add rose dana@clinic.example --name Dana");
        place.done("member add rose kit@home.example --name Kit --trusted --delivery each");
        place.done("member add rose ash@home.example --name Ash");
        place
    }

    /// Write the settings.
    pub fn settings(&self, toml: &str) {
        std::fs::write(self.path("lamplight.toml"), toml).unwrap();
    }

    /// A file of the folder.
    pub fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    /// Run with these arguments and this standard input.
    pub fn feed(&self, args: &[&str], input: &[u8]) -> Ended {
        let mut child = Command::new(env!("CARGO_BIN_EXE_lamplight"))
            .args(args)
            .current_dir(self.dir.path())
            // Settings of whoever runs the tests must not reach them.
            .env_clear()
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        // A command that reads nothing may be gone already.
        let _ = child.stdin.take().unwrap().write_all(input);
        let ended = child.wait_with_output().unwrap();
        Ended {
            code: ended.status.code().unwrap(),
            out: String::from_utf8(ended.stdout).unwrap(),
            err: String::from_utf8(ended.stderr).unwrap(),
        }
    }

    /// Run with the words of a line as arguments.
    pub fn run(&self, line: &str) -> Ended {
        self.feed(&line.split_whitespace().collect::<Vec<_>>(), b"")
    }

    /// Run what must succeed; gives what it said.
    pub fn done(&self, line: &str) -> String {
        let ended = self.run(line);
        assert_eq!(ended.code, 0, "{line}: {}", ended.err);
        ended.out
    }

    /// Run what must succeed with `--json`.
    pub fn json(&self, line: &str) -> Value {
        let out = self.done(&format!("{line} --json"));
        serde_json::from_str(&out).unwrap_or_else(|cause| panic!("{line}: {cause}: {out}"))
    }

    /// Run what must be refused in one line; gives the line.
    pub fn refused(&self, line: &str) -> String {
        let ended = self.run(line);
        assert_eq!((ended.code, ended.out.as_str()), (1, ""), "{line}: {}", ended.err);
        assert_eq!(ended.err.trim_end().lines().count(), 1, "{line}: {}", ended.err);
        assert!(ended.err.starts_with("lamplight: "), "{line}: {}", ended.err);
        ended.err
    }

    /// Hand in a message; gives the exit code and what was said.
    pub fn deliver(&self, envelope: &str, message: &str) -> Ended {
        let mut args = vec!["deliver"];
        args.extend(envelope.split_whitespace());
        self.feed(&args, message.as_bytes())
    }

    /// Hand in a mail to rose that must be taken.
    pub fn post(&self, from: &str, id: &str, subject: &str, text: &str) {
        let message = format!(
            "From: {from}\nTo: rose@groups.example\nSubject: {subject}\nMessage-ID: <{id}>\n\
             Date: Mon, 23 Nov 2026 10:00:00 +0000\n\n{text}\n"
        );
        let ended = self.deliver(&format!("--sender {from} --recipient rose@groups.example"), &message);
        assert_eq!(ended.code, 0, "{}", ended.err);
    }
}

/// The fields that an object must have.
pub fn has(object: &Value, fields: &[&str]) {
    for field in fields {
        assert!(object.get(field).is_some(), "no {field} in {object}");
    }
}
