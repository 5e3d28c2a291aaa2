//! The demo as a visitor starts it: it plays to its end in time, leaves the files that it names, and refuses a folder
//! that holds something already.

#![allow(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

use std::path::Path;
use std::time::{Duration, Instant};

use lamplight::cli::demo;
use lamplight::config;

fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> =
        std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_day_is_played_to_its_end() {
    let folder = tempfile::tempdir().unwrap();
    // Two at the same time.
    let (one, two) = (folder.path().join("monday"), folder.path().join("another/monday"));
    let began = Instant::now();
    let (first, second) = tokio::join!(demo::run(Some(one.clone())), demo::run(Some(two)));
    first.unwrap();
    second.unwrap();
    assert!(began.elapsed() < Duration::from_secs(15), "{:?}", began.elapsed());

    let mails = names(&one.join("mail"));
    assert_eq!(mails.len(), names(&one.join("sent/new")).len());
    for wanted in ["to-mira-we-have-your-message", "to-dana-1-message-to-read-now", "to-lena-you-have-left-rose"] {
        assert!(mails.iter().any(|name| name.contains(wanted)), "{wanted}: {mails:?}");
    }
    for page in ["digest.html", "notice.html"] {
        let html = std::fs::read_to_string(one.join(page)).unwrap();
        assert!(html.starts_with("<!doctype html>") && html.contains("waking up at four"), "{page}\n{html}");
    }
    let loaded = config::load(Some(&one.join("lamplight.toml")), []).unwrap();
    assert_eq!(loaded.config.service.state_dir, one);
    assert!(one.join("lamplight.db").exists());
}

#[tokio::test]
async fn a_folder_that_is_in_use_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("diary.txt"), "mine").unwrap();
    let refusal = format!("{:#}", demo::run(Some(folder.path().to_path_buf())).await.unwrap_err());
    assert!(refusal.contains("is not empty") && !refusal.contains('\n'), "{refusal}");
    let file = demo::run(Some(folder.path().join("diary.txt"))).await.unwrap_err();
    assert!(format!("{file:#}").contains("can't use"), "{file:#}");
    let spaced = demo::run(Some(folder.path().join("a day"))).await.unwrap_err();
    assert!(format!("{spaced:#}").contains("without spaces"), "{spaced:#}");
    assert_eq!(names(folder.path()), ["diary.txt"]);
}
