//! Texts that are large and of a shape that no letter has: each is read and judged in about a second without
//! optimisation; the limit leaves room for a busy machine.

#[path = "support/cpu.rs"]
mod cpu;

use std::time::Duration;

use cpu::thread_cpu;
use lamplight::mail::{glance, parse};
use lamplight::model::answers::{Issue, Item, Line, part};
use lamplight::model::cover::{Kept, cover};
use lamplight::model::lexicon::Lexicon;
use lamplight::model::privacy::{self, Known};
use lamplight::model::quote::Said;
use lamplight::model::text;
use lamplight::model::turn::Lane;

const OCTETS: usize = 1_000_000;

fn filled(with: &str) -> String {
    with.repeat(OCTETS / with.len())
}

#[test]
fn large_texts_are_judged_soon() {
    let known: Vec<Known> = (0..1_000)
        .map(|i| Known {
            address: format!("p{i}@home.example"),
            real_name: Some(format!("Ann Family{i}")),
            learnt: Vec::new(),
        })
        .collect();
    let lines = |line: &str| filled(&format!("{line}\r\n"));
    // The tables are compiled once, whatever the text.
    assert!(text::flags(&parse(b"Subject: Hello\r\n\r\nI waited.\r\n"), &Lexicon::of("en")).is_empty());
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
        let start = thread_cpu();
        let message = parse(raw.as_bytes());
        let read = thread_cpu() - start;
        let flags = text::flags(&message, &Lexicon::of("en"));
        let judged = thread_cpu() - start;
        let roster = privacy::Roster::new(&known, &[], "en");
        let named = roster.names(&text::new_words(&message));
        let took = thread_cpu() - start;
        println!("{what}: {took:?} (read in {read:?}, judged in {:?}), {} flags", judged - read, flags.len());
        glanced_at(what, raw.as_bytes());
        assert!(named.is_empty(), "{what}");
        assert!(took < Duration::from_secs(4), "{what} took {took:?}");
        let start = thread_cpu();
        let covered = cover(&text::new_words(&message), &roster, &Kept::default());
        let took = thread_cpu() - start;
        println!("{what}: {took:?} to cover, {} taken", covered.taken.len());
        assert!(took < Duration::from_secs(8), "{what} took {took:?} to cover");
    }
}

/// Everybody's 250 waits for the look at what came with it: it takes a time that its bounds set, whatever the size.
fn glanced_at(what: &str, raw: &[u8]) {
    let start = thread_cpu();
    let lane = Lane::of_words(&privacy::visible(&glance::words(raw)), "en");
    let took = thread_cpu() - start;
    let own = thread_cpu();
    let _ = Lane::of_words(&privacy::visible(&glance::own_words(raw)), "en");
    let own = thread_cpu() - own;
    println!("{what}: {took:?} for a glance, {own:?} for one at her own words, {lane:?}");
    assert!(own < Duration::from_secs(1), "{what} took {own:?}");
    assert!(took < Duration::from_secs(1), "{what} took {took:?}");
}

#[test]
fn a_glance_is_short() {
    assert_eq!(Lane::of_words("", "en"), Lane::Ordinary, "the tables are compiled once");
    let header = "From: mira@home.example\r\nSubject: Hello\r\nMIME-Version: 1.0\r\n";
    let multipart = |level: usize| format!("Content-Type: multipart/mixed; boundary=b{level}x\r\n\r\n--b{level}x\r\n");
    let deep: String = (0..5_000).map(multipart).collect();
    let beside: String =
        (0..5_000).map(|n| format!("--b\r\nContent-Type: multipart/mixed; boundary=never{n}\r\n\r\n")).collect();
    for (what, rest) in [
        ("parts in parts", deep),
        ("parts whose boundary never comes", format!("Content-Type: multipart/mixed; boundary=b\r\n\r\n{beside}")),
        ("messages in messages", "Content-Type: message/rfc822\r\n\r\n".repeat(10_000)),
        (
            "messages in messages, encoded",
            "Content-Type: message/rfc822\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n".repeat(10_000),
        ),
        ("many parts", format!("Content-Type: multipart/mixed; boundary=b\r\n\r\n{}", "--b\r\n\r\nx\r\n".repeat(900))),
        ("unclosed tags", format!("Content-Type: text/html\r\n\r\n{}", filled("<div>"))),
        ("brackets without an end", format!("Content-Type: text/html\r\n\r\n{}", filled("<"))),
        ("encoded words", format!("Subject: {}\r\n\r\n", filled("=?utf-8?q?=6b?= "))),
        ("folded lines", format!("Subject: {}\r\n\r\n", filled("\r\n x"))),
        ("a header without an end", filled("X: y\r\n")),
        ("nothing but CR", filled("\r")),
        ("escapes", format!("Content-Transfer-Encoding: quoted-printable\r\n\r\n{}", filled("=6b="))),
    ] {
        glanced_at(what, format!("{header}{rest}").as_bytes());
    }
}

/// A stranger's or a member's mail whose quotes are looked for in a long conversation.
#[test]
fn quotes_are_compared_soon() {
    let line = "the soup of my grandmother was good and we ate it all on a quiet day in the garden.\n";
    let long = "a b c d e f g h ".repeat(4_000);
    let nested = format!("> {line}{line}\n").repeat(1_000);
    for (what, post, body) in [
        (
            "invented lines between answers",
            line.repeat(700),
            (0..OCTETS / 11).map(|n| format!("> zq{n:x}\r\nb\r\n")).collect(),
        ),
        ("a few of them", line.repeat(700), (0..20_000).map(|n| format!("> zq{n:x}\r\nb\r\n")).collect::<String>()),
        (
            "words that are everywhere",
            long.clone(),
            format!("Yes\r\n\r\nOn 2 Mar 2026 at 9:12, Kit wrote:\r\n\r\n{long}"),
        ),
        ("quotes of quotes", nested.clone(), format!("Yes\r\n\r\n{}", nested.replace('\n', "\r\n"))),
        (
            "heads",
            line.repeat(700),
            format!("Yes\r\n\r\n{}", "On 2 Mar 2026 at 9:12, Kit wrote:\r\nold\r\n".repeat(9_000)),
        ),
        (
            "blocks",
            line.repeat(700),
            format!("Yes\r\n\r\n{}", "From: Kit\r\nSent: Monday\r\nSubject: x\r\n".repeat(6_000)),
        ),
        (
            "warnings",
            line.repeat(700),
            format!("Yes\r\n\r\nFrom: Kit\r\nSent: Monday\r\nTo: x\r\n\r\n{}", "caution\r\n".repeat(19_000)),
        ),
    ] {
        let raw = format!("From: mira@home.example\r\nTo: kit@group.example\r\nSubject: Re: Soup\r\n\r\n{body}\r\n");
        let start = thread_cpu();
        let message = parse(raw.as_bytes());
        let read = thread_cpu() - start;
        let mut said = Said::default();
        (0..40).for_each(|_| said.add(&post));
        let found = text::quote(&message, &said, &Lexicon::of("en"));
        let took = thread_cpu() - start;
        println!("{what}: {took:?} (read in {read:?}), {} octets not said before", found.words.len());
        assert!(took < Duration::from_secs(4), "{what} took {took:?}");
    }
}

#[test]
fn texts_beside_the_one_that_is_read_are_bounded() {
    let alternative = |plain: &str, page: &str, boundary: &str| {
        format!(
            "Content-Type: multipart/alternative; boundary={boundary}\r\n\r\n--{boundary}\r\nContent-Type: text/plain\r\n\r\n\
             {plain}\r\n--{boundary}\r\n{page}\r\n--{boundary}--\r\n"
        )
    };
    let page = |html: &str| format!("Content-Type: text/html\r\n\r\n{html}");
    let nested =
        (0..18).fold(page(&"<p>kill myself".repeat(2_000)), |inner, n| alternative(" ", &inner, &format!("cut{n}")));
    for (what, body) in [
        ("a large page", alternative("Hello", &page(&filled("<p>I sit in the garden and ")), "cut")),
        ("a page of tags", alternative("Hello", &page(&filled("<b>")), "cut")),
        ("a page of one word", alternative("Hello", &page(&filled("a")), "cut")),
        ("both large", alternative(&filled("the soup was good\r\n"), &page(&filled("the soup was bad<br>")), "cut")),
        ("nested", nested),
        ("many pages", (0..900).fold(page("<p>a b c d"), |all, _| format!("{all}\r\n--cut\r\n{}", page("<p>e f g h")))),
    ] {
        let head = if what == "many pages" {
            "Content-Type: multipart/alternative; boundary=cut\r\n\r\n--cut\r\n"
        } else {
            ""
        };
        let raw = format!("From: mira@home.example\r\nSubject: Hello\r\nMIME-Version: 1.0\r\n{head}{body}\r\n");
        let start = thread_cpu();
        let message = parse(raw.as_bytes());
        let flags = text::flags(&message, &Lexicon::of("en"));
        let took = thread_cpu() - start;
        println!("{what}: {took:?}, {} flags, {:?}", flags.len(), message.trouble);
        assert!(took < Duration::from_secs(4), "{what} took {took:?}");
    }
}

/// Shapes whose cost grew with the square of their size.
#[test]
fn what_is_repeated_is_read_once() {
    let page = |html: &str| format!("--cut\r\nContent-Type: text/html\r\n\r\n{html}\r\n");
    let attribution = "On 2 Mar 2026 at 9:12, K <k@h.example> wrote:\r\n";
    let message = "--cut\r\nContent-Type: message/rfc822\r\n\r\nSubject: x\r\n\r\nkill myself\r\n";
    for (what, media_type, body) in [
        ("attributions and one quote", "text/plain", format!("x\r\n{}> x\r\n", attribution.repeat(19_900))),
        ("colons", "text/plain", format!("2 at {}:\r\n", "a:  ".repeat(340)).repeat(730)),
        ("colons behind a date", "text/plain", format!("on 2000 1:11 {}:\r\n", "a:  ".repeat(390)).repeat(640)),
        (
            "many pages at the limits",
            "multipart/mixed; boundary=cut",
            page(&format!("end {}{}", "<blockquote>".repeat(140), "<p>w</p>".repeat(2_900))).repeat(41),
        ),
        ("many messages inside", "multipart/mixed; boundary=cut", message.repeat(450)),
        ("quoted heads between answers", "text/plain", "> On 2 Mar 2026 at 9:12\r\n> From: x\r\na\r\n".repeat(6_600)),
    ] {
        let raw = format!(
            "From: mira@home.example\r\nSubject: Hello\r\nMIME-Version: 1.0\r\nContent-Type: {media_type}\r\n\r\n{body}\r\n"
        );
        let start = thread_cpu();
        let message = parse(raw.as_bytes());
        let read = thread_cpu() - start;
        let quote = text::quote(&message, &Said::default(), &Lexicon::of("en"));
        let took = thread_cpu() - start;
        println!("{what}: {took:?} (read in {read:?}), {} flags, {:?}", quote.flags.len(), message.trouble);
        assert!(took < Duration::from_secs(4), "{what} took {took:?}");
    }
}

/// A reply to a digest with as many answers as lines.
#[test]
fn answers_in_a_digest_are_parted_soon() {
    let words = "the soup of my grandmother was good";
    let issue = Issue { items: vec![Item { posts: vec![words.to_owned()], ..Item::default() }], ..Issue::default() };
    for items in [1, 2] {
        let issue = Issue { items: vec![issue.items[0].clone(); items], ..issue.clone() };
        let quoted = format!("> {words}");
        let answer = "a".repeat(100);
        let lines: Vec<Line<'_>> =
            (0..20_000).flat_map(|_| [Line::Quoted(quoted.as_str()), Line::New(answer.as_str())]).collect();
        let start = thread_cpu();
        let answers = part(&lines, &issue);
        let took = thread_cpu() - start;
        println!("{items} items: {took:?}");
        assert_eq!(answers.len(), 1);
        assert!(answers[0].text.len() > 20_000 * 100, "every word is kept");
        assert!(took < Duration::from_secs(4), "{items} items took {took:?}");
    }
}
