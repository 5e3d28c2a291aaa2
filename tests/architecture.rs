//! Who leans on whom. Reads the source and fails where a room uses one it must not, or a crate is used outside its door.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::path::{Path, PathBuf};

use regex::Regex;

/// Each room and the rooms it may use.
const ROOMS: &[(&str, &[&str])] = &[
    ("clock", &[]),
    ("config", &[]),
    ("mail", &["clock"]),
    ("model", &["mail", "clock"]),
    ("store", &["model", "mail", "clock"]),
    ("engine", &["store", "model", "mail", "clock", "config"]),
    ("server", &["engine", "store", "model", "mail", "clock", "config"]),
    ("cli", &["server", "engine", "store", "model", "mail", "clock", "config"]),
];

/// Each crate and where it comes in: a file (its folder of the same name included) or a whole folder.
const DOORS: &[(&str, &[&str])] = &[
    ("mail_parser", &["mail/parse"]),
    ("mail_builder", &["mail/compose"]),
    ("idna", &["mail/auth"]),
    ("image", &["mail/picture"]),
    ("lettre", &["engine/transport", "engine/smarthost", "engine/encrypted"]),
    ("sqlx", &["store"]),
    ("tera", &["engine/render"]),
    ("cron", &["model/schedule"]),
    ("clap", &["cli", "main"]),
];

/// What is wrong in the file `path` (relative to `src`).
fn faults(path: &str, source: &str) -> Vec<String> {
    let code: String = source.lines().map(|line| line.split("//").next().unwrap_or("")).collect::<Vec<_>>().join("\n");
    let stem = path.trim_end_matches(".rs").trim_end_matches("/mod");
    let room = stem.split('/').next().unwrap_or_default();
    let mut faults = Vec::new();
    if let Some((_, allowed)) = ROOMS.iter().find(|(name, _)| *name == room) {
        for used in rooms_used(&code, stem.split('/').count()) {
            let known = ROOMS.iter().any(|(name, _)| *name == used);
            if known && used != room && !allowed.contains(&used.as_str()) {
                faults.push(format!("{path}: {room} must not use {used}"));
            }
        }
    }
    for (door_crate, doors) in DOORS {
        let used =
            Regex::new(&format!(r"\b{door_crate}(_\w+)?\s*::|\buse\s+(::)?{door_crate}\b")).unwrap().is_match(&code);
        let inside = doors.iter().any(|door| stem == *door || stem.starts_with(&format!("{door}/")));
        if used && !inside {
            faults.push(format!("{path}: {door_crate} is used in {} only", doors.join(", ")));
        }
    }
    faults
}

/// The first words behind `crate::`, and behind as many `super::` as lead to the crate's root.
fn rooms_used(code: &str, depth: usize) -> Vec<String> {
    let mut used = Vec::new();
    let root = Regex::new(r"\b(?:crate|lamplight)\s*::\s*(\w+|\{)|\b((?:super\s*::\s*)+)(\w+|\{)").unwrap();
    for found in root.captures_iter(code) {
        let supers = found.get(2).map_or(depth, |supers| supers.as_str().matches("super").count());
        if supers < depth {
            continue;
        }
        let first = found.get(1).or(found.get(3)).unwrap();
        if first.as_str() == "{" {
            used.extend(heads(&code[first.end()..]));
        } else {
            used.push(first.as_str().to_owned());
        }
    }
    used
}

/// The first word of each branch of `a::b, c::{d, e}, f}`.
fn heads(group: &str) -> Vec<String> {
    let (mut level, mut words) = (0, vec![String::new()]);
    for c in group.chars() {
        match c {
            '{' => level += 1,
            '}' if level == 0 => break,
            '}' => level -= 1,
            ',' if level == 0 => words.push(String::new()),
            c if level == 0 => words.last_mut().unwrap().push(c),
            _ => {}
        }
    }
    words.iter().map(|word| word.trim().split([':', ' ']).next().unwrap_or_default().to_owned()).collect()
}

fn files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
}

#[test]
fn every_room_keeps_its_direction() {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut found = Vec::new();
    files(&src, &mut found);
    assert!(found.len() > 20, "only {} files", found.len());
    let faults: Vec<String> = found
        .iter()
        .flat_map(|path| {
            let name = path.strip_prefix(&src).unwrap().to_string_lossy().replace('\\', "/");
            faults(&name, &std::fs::read_to_string(path).unwrap())
        })
        .collect();
    assert!(faults.is_empty(), "\n{}", faults.join("\n"));
}

#[test]
fn the_check_itself_can_fail() {
    for (path, source) in [
        ("mail/parse.rs", "use crate::model::post::Post;"),
        ("mail/mod.rs", "use super::store;"),
        ("model/post.rs", "fn f() -> crate::store::Row {}"),
        ("model/post.rs", "use crate::{clock::Timestamp, mail::{Address, body}, engine};"),
        ("model/post.rs", "use super::super::engine::render;"),
        ("store/db.rs", "use crate::config::Config;"),
        ("engine/receive.rs", "use crate::server;"),
        ("server/mod.rs", "use crate::\n    cli::held;"),
        ("clock.rs", "use crate::mail::Address;"),
        ("config/check.rs", "use crate::mail::Address;"),
        ("mail/body.rs", "use mail_parser::MessageParser;"),
        ("mail/headers.rs", "let b = mail_builder::MessageBuilder::new();"),
        ("mail/part.rs", "let p = image::load_from_memory(b)?;"),
        ("engine/deliver.rs", "use lettre::Address;"),
        ("engine/receive.rs", "sqlx::query(\"\")"),
        ("engine/notice.rs", "use tera::Tera;"),
        ("model/digest.rs", "cron::Schedule::from_str"),
        ("server/mod.rs", "#[derive(clap::Parser)]"),
        ("server/mod.rs", "clap_mangen::Man::new"),
    ] {
        assert_eq!(faults(path, source).len(), 1, "{path}: {source}");
    }
    for (path, source) in [
        ("model/post.rs", "use crate::mail::Address; // not crate::store\nuse super::ids::PostId;"),
        ("cli/held.rs", "use crate::{server, engine::moderate, config::Config};\nuse clap::Args;"),
        ("main.rs", "use lamplight::cli;\nclap::Parser::parse()"),
        ("mail/parse/mime.rs", "use mail_parser::MimeHeaders;"),
        ("store/posts.rs", "use super::db::Db;\nuse sqlx::Row;"),
        ("model/schedule/tests.rs", "use chrono::TimeZone;"),
    ] {
        assert_eq!(faults(path, source), Vec::<String>::new(), "{path}: {source}");
    }
}
