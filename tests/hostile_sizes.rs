//! Texts that are large and of a shape that no letter has: each is read and judged in about a second without
//! optimisation; the limit leaves room for a busy machine.

use std::time::{Duration, Instant};

use lamplight::mail::parse;
use lamplight::model::privacy::{self, Known};
use lamplight::model::text;

const OCTETS: usize = 1_000_000;

fn filled(with: &str) -> String {
    with.repeat(OCTETS / with.len())
}

#[test]
fn large_texts_are_judged_soon() {
    let known: Vec<Known> = (0..1_000)
        .map(|i| Known { address: format!("p{i}@home.example"), real_name: Some(format!("Ann Family{i}")) })
        .collect();
    let lines = |line: &str| filled(&format!("{line}\r\n"));
    // The tables are compiled once, whatever the text.
    assert!(text::flags(&parse(b"Subject: Hello\r\n\r\nI waited.\r\n"), "en").is_empty());
    for (what, body) in [
        ("one long word", filled("a")),
        ("one long line of @", filled("@")),
        ("lines of >", lines(">")),
        ("one long line of >", filled(">")),
        ("quotes", filled("\"")),
        ("quoted quotes", lines("> > > said")),
        ("a@b", filled("a@b ")),
        ("lines of a@b", lines("a@b")),
        ("letters that grow in lower case", filled("İ")),
        // Three octets that become 33: a megabyte of them is eleven to read.
        ("letters that grow when they are folded", "ﷺ".repeat(OCTETS / 33)),
        ("dots", filled(".")),
        ("lines of dots", lines(".")),
        ("newlines", filled("\r\n")),
        ("spaces", filled(" ")),
        ("dashes", lines("-- ")),
        ("brackets", filled("( [")),
        ("names", filled("ann ")),
        ("matches in one sentence", filled("kill myself ")),
        ("addresses at length", filled("ann at home dot ")),
    ] {
        let raw = format!(
            "From: mira@home.example\r\nTo: kit@group.example\r\nSubject: Hello\r\nMIME-Version: 1.0\r\n\
             Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n{body}\r\n"
        );
        let start = Instant::now();
        let message = parse(raw.as_bytes());
        let read = start.elapsed();
        let flags = text::flags(&message, "en");
        let judged = start.elapsed();
        let named = privacy::Roster::new(&known, &[]).names(&text::published(&message));
        let took = start.elapsed();
        println!("{what}: {took:?} (read in {read:?}, judged in {:?}), {} flags", judged - read, flags.len());
        assert!(named.is_empty(), "{what}");
        assert!(took < Duration::from_secs(4), "{what} took {took:?}");
    }
}
