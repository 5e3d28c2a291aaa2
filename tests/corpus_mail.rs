//! Mail that other projects publish as test data, read from beside the project; skipped loudly where it is missing.

#[path = "support/cpu.rs"]
mod cpu;
#[path = "../examples/evaluate/measure.rs"]
mod measure;
#[path = "../examples/evaluate/threads.rs"]
mod threads;

use std::collections::HashSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use cpu::thread_cpu;
use lamplight::mail::kind::Kind;
use lamplight::mail::{mbox, parse, reply};
use lamplight::model::lexicon::Lexicon;
use lamplight::model::quote::Said;
use lamplight::model::{text, thread};
use measure::{files, fold};

/// The corpus, or `None` after saying so.
#[allow(clippy::disallowed_methods, reason = "a switch of the tests, not a setting of the program")]
fn corpus() -> Option<PathBuf> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/corpus");
    if path.is_dir() {
        return Some(path);
    }
    // Past the test runner, which keeps what a passing test prints to itself.
    let _ = std::io::Write::write_all(
        &mut std::io::stderr(),
        b"\nSKIPPED: no corpus at ../shared/corpus, nothing was measured\n",
    );
    let required = std::env::var("LAMPLIGHT_TEST_REQUIRE").unwrap_or_default();
    assert!(!required.contains("corpus"), "the corpus is required and missing");
    None
}

/// The promise is that of the program as it is handed out; without optimization, and with both of a core's threads busy, reading takes
/// several times as long.
const LONGEST: Duration = Duration::from_secs(if cfg!(debug_assertions) { 6 } else { 2 });

#[test]
fn every_file_is_read_in_two_seconds() {
    let Some(corpus) = corpus() else { return };
    let (mut count, mut slowest) = (0, (Duration::ZERO, PathBuf::new()));
    for path in files(&corpus) {
        let raw = fs::read(&path).unwrap();
        // Of this thread alone: other tests, and other programs, keep the machine busy.
        let start = thread_cpu();
        let incoming = parse(&raw);
        let took = thread_cpu() - start;
        assert!(took < LONGEST, "{} took {took:?}", path.display());
        if let Some(trouble) = incoming.trouble {
            println!("{}: {trouble}", path.display());
        }
        count += 1;
        if took > slowest.0 {
            slowest = (took, path);
        }
    }
    println!("read {count} files, the slowest in {:?}: {}", slowest.0, slowest.1.display());
    assert!(count > 1_000);
}

#[test]
fn new_words_are_kept_and_old_ones_are_not() {
    let Some(corpus) = corpus() else { return };
    let (mut whole, mut whole_ok, mut claims, mut claims_ok, mut lost) = (0, 0, 0, 0, 0);
    for path in files(&corpus.join("reply")).into_iter().filter(|p| p.extension().is_some_and(|e| e == "txt")) {
        if path.to_string_lossy().ends_with(".expected.txt") {
            continue;
        }
        let Ok(text) = fs::read_to_string(&path) else { continue };
        let found = fold(&reply::split(&text).reply);
        if let Ok(expected) = fs::read_to_string(path.with_extension("expected.txt")) {
            whole += 1;
            let expected = fold(&expected);
            if found == expected {
                whole_ok += 1;
            } else {
                lost += usize::from(!found.contains(&expected));
                println!("{}\n  wanted {expected:?}\n  found  {found:?}", path.display());
            }
        }
        if let Ok(json) = fs::read_to_string(path.with_extension("assert.json")) {
            let json: serde_json::Value = serde_json::from_str(&json).unwrap();
            let list = |name: &str| -> Vec<String> {
                json[name].as_array().into_iter().flatten().filter_map(|s| s.as_str().map(fold)).collect()
            };
            for must in list("must") {
                claims += 1;
                let ok = found.contains(&must);
                claims_ok += usize::from(ok);
                if !ok {
                    lost += 1;
                    println!("{} lost {must:?}\n  found {found:?}", path.display());
                }
            }
            for must_not in list("must_not") {
                claims += 1;
                let ok = !found.contains(&must_not);
                claims_ok += usize::from(ok);
                if !ok {
                    println!("{} kept {must_not:?}", path.display());
                }
            }
        }
    }
    println!("whole texts {whole_ok}/{whole}, claims {claims_ok}/{claims}, lost words in {lost}");
    assert!(whole_ok >= 54 && claims_ok >= 42 && lost <= 2, "worse than it was");
}

/// What somebody quotes of a conversation that everybody has is nothing new, and neither is how she signs; what waits for a
/// person in real mail.
#[test]
fn quotes_and_signatures_hold_little_that_is_new() {
    let Some(corpus) = corpus() else { return };
    let (mut replies, mut held) = (0, 0);
    for path in files(&corpus.join("threading")).iter().filter(|path| path.ends_with("full.mbox")) {
        let messages = mbox::messages(&fs::read(path).unwrap()).unwrap();
        let mut said = Said::default();
        let all: HashSet<String> = messages.iter().filter_map(|raw| parse(raw).message_id).collect();
        for raw in &messages {
            let (message, readable) = parse::parse_with_text(raw);
            let (subject, author) = parse::subject_and_author(raw);
            let has_parent = thread::references(&message).first().is_some_and(|id| all.contains(*id));
            if has_parent && !message.text.quoted.is_empty() {
                replies += 1;
                let quote = text::quote(&message, &said, &Lexicon::of("en"));
                let new = format!("{}\n{}\n{}", quote.omitted, quote.signed, quote.invented);
                if !new.trim().is_empty() {
                    held += 1;
                    println!("{}: {}", message.message_id.unwrap_or_default(), new.trim());
                }
            }
            said.add(&format!("{subject}\n{author}"));
            said.add(&readable.unwrap_or_default());
        }
    }
    println!("{held} of {replies} replies would wait");
    assert!(replies > 50 && held * 15 <= replies, "{held} of {replies}");
}

#[test]
fn bounces_are_known_and_so_are_their_recipients() {
    let Some(corpus) = corpus() else { return };
    let folder = corpus.join("delivery/sisimai");
    let expected: serde_json::Value =
        serde_json::from_str(&fs::read_to_string(folder.join("expected.json")).unwrap()).unwrap();
    let (mut kinds, mut kinds_ok, mut named, mut named_ok, mut hard, mut hard_ok) = (0, 0, 0, 0, 0, 0);
    for (name, facts) in expected.as_object().unwrap() {
        let Ok(raw) = fs::read(folder.join(name)) else { continue };
        let incoming = parse(&raw);
        let kind = match incoming.kind {
            Kind::Bounce => "bounce",
            Kind::AutoReply => "autoreply",
            Kind::Feedback => "feedback",
            _ => "other",
        };
        kinds += 1;
        if facts["kind"] == kind {
            kinds_ok += 1;
        } else {
            println!("{name}: {kind}, not {}", facts["kind"]);
        }
        let recipients: Vec<String> = facts["recipients"]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(|r| r.as_str().map(str::to_lowercase))
            .collect();
        if facts["kind"] == "bounce" && !recipients.is_empty() {
            named += 1;
            let hit = incoming.failed_recipients.iter().any(|f| recipients.contains(&f.address.key()));
            named_ok += usize::from(hit);
            if !hit {
                let found: Vec<_> = incoming.failed_recipients.iter().map(|f| f.address.as_str()).collect();
                println!("{name}: {recipients:?} not in {found:?}");
            }
            if let (true, Some(test)) = (hit, facts["tests"].get(0)) {
                let status = test["status"].as_str().unwrap_or_default();
                if let (Some(first), Some(ours)) = (status.chars().next(), incoming.failed_recipients.first()) {
                    hard += 1;
                    let ok = ours.permanent == (first == '5');
                    hard_ok += usize::from(ok);
                    if !ok {
                        println!("{name}: status {status}, ours {:?} permanent {}", ours.status, ours.permanent);
                    }
                }
            }
        }
    }
    println!("kinds {kinds_ok}/{kinds}, recipients named {named_ok}/{named}, permanence {hard_ok}/{hard}");
    // examples/evaluate/delivery.rs tells the rest, and where the corpus' own hints are not what the reports say.
    assert!(kinds_ok >= 619 && named_ok >= 559 && hard_ok * 1_000 >= hard * 966, "worse than it was");
}

#[test]
fn what_only_looks_like_a_bounce_is_none() {
    let Some(corpus) = corpus() else { return };
    for path in files(&corpus.join("delivery/sisimai-not-bounce")) {
        let incoming = parse(&fs::read(&path).unwrap());
        println!("{}: {:?} {:?}", path.display(), incoming.kind, incoming.automatic);
        assert_ne!(incoming.kind, Kind::Bounce, "{}", path.display());
    }
}

#[test]
fn conversations_are_found_with_headers_and_mostly_without() {
    let Some(corpus) = corpus() else { return };
    let outcome = threads::measure(&corpus).unwrap();
    outcome.misses.iter().for_each(|miss| println!("{miss}"));
    let figure = |what: &str| outcome.figures.iter().find(|figure| figure.what == what).unwrap();
    let with = figure("with headers: right, parent or none");
    assert!(with.of >= 240 && with.found == with.of, "{} of {}", with.found, with.of);
    let found = figure("without: parents found");
    assert!(found.found * 100 >= found.of * 85, "{} of {}", found.found, found.of);
    let named = figure("without: named parents that are right");
    let wrong = named.of - named.found;
    assert!(wrong * 10 <= named.of, "{wrong} wrong, {} right", named.found);
}
