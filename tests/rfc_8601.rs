//! RFC 8601: whom Authentication-Results verify, and who is not verified however they are written.
#![allow(clippy::unwrap_used, missing_docs)]

use lamplight::mail::auth::{Verdict, fields, verdict};
use lamplight::mail::parse;
use lamplight::mail::parse::Author;
use proptest::prelude::*;

const PASS: &str = "Authentication-Results: mx.rose.example; dmarc=pass header.from=home.example";
const RECEIVED: &str = "Received: from a by b; Mon, 23 Nov 2026 20:00:00 +0100";

fn trusted() -> Vec<String> {
    ["mx.rose.example", "\"mx;two\""].map(str::to_owned).to_vec()
}

/// What a message says of its author, read from its octets. Nobody in particular is not verified.
fn judged(raw: &[u8]) -> Verdict {
    let incoming = parse(raw);
    match &incoming.author {
        Author::One(mailbox) => verdict(&incoming.authentication, &trusted(), mailbox.address.domain()),
        _ => Verdict::Absent,
    }
}

/// A mail as it comes from a server that put `above` on top of its own Received field, with `below` from the sender.
fn mail(above: &str, from: &str, below: &str) -> Vec<u8> {
    let field = |text: &str| if text.is_empty() { String::new() } else { format!("{text}\n") };
    let header = format!("{}{RECEIVED}\n{}From: {from}\nSubject: Tea\n", field(above), field(below));
    format!("{header}\nI like it hot.\n").replace('\n', "\r\n").into_bytes()
}

fn of(above: &str) -> Verdict {
    judged(&mail(above, "Mira <mira@home.example>", ""))
}

fn value(value: &str) -> Verdict {
    of(&format!("Authentication-Results: {value}"))
}

#[test]
fn rfc8601_2_2_what_servers_write() {
    for (name, text) in [
        ("OpenDMARC", "mx.rose.example; dmarc=pass (p=quarantine dis=none) header.from=home.example"),
        (
            "rspamd",
            "mx.rose.example;\n\tdkim=pass header.d=home.example header.s=s1 header.b=\"Ab/+c=\";\n\tspf=pass \
             (mx.rose.example: domain of mira@home.example designates 192.0.2.1 as permitted sender) \
             smtp.mailfrom=mira@home.example;\n\tdmarc=pass (policy=none) header.from=home.example",
        ),
        (
            "base64 and addresses without quotes",
            "mx.rose.example; dkim=pass header.i=@home.example header.b=Ab/+c=; spf=pass smtp.mailfrom=<> \
             smtp.remote-ip=2001:db8::1; dmarc=pass header.from=home.example",
        ),
        ("a version", "mx.rose.example 1; dmarc=pass header.from=home.example"),
        ("a method's version", "mx.rose.example; dmarc/1=pass header.from=home.example"),
        ("another id, in quotes as it is trusted", "\"mx;two\"; dmarc=pass header.from=home.example"),
        (
            "comments",
            "(ours) mx.rose.example (a (b \\) c)) 1 (d); dmarc (e) = pass (f) header . from = home.example (g)",
        ),
        ("a reason", "mx.rose.example; dmarc=pass reason=\"fail; dmarc=fail\" header.from=home.example"),
        ("another case of the words", "mx.rose.example; DMARC=Pass Header.From=HOME.example"),
        ("folded", "\n mx.rose.example;\n\tdmarc=pass\n header.from=home.example"),
        ("a domain in quotes", "mx.rose.example; dmarc=pass header.from=\"home.example\""),
        ("others between", "mx.rose.example; arc=none; x-word=neutral policy.a=b; dmarc=pass header.from=home.example"),
    ] {
        assert_eq!(value(text), Verdict::Pass, "{name}");
    }
    let below = mail("", "mira@home.example", PASS);
    assert_eq!(judged(&below), Verdict::Pass, "between the first Received and the second, as a filter writes it");
    let lines = String::from_utf8(mail(PASS, "mira@home.example", "")).unwrap().replace("\r\n", "\n");
    assert_eq!(judged(lines.as_bytes()), Verdict::Pass, "from a pipe, with line feeds");
    let in_a_box = format!("From mira@home.example Mon Nov 23 20:00:00 2026\n{lines}");
    assert_eq!(judged(in_a_box.as_bytes()), Verdict::Pass, "with the line that a pipe puts before it");
}

#[test]
fn rfc8601_2_7_no_policy_is_neither() {
    assert_eq!(value("mx.rose.example; dmarc=none"), Verdict::None);
    assert_eq!(value("mx.rose.example; spf=pass; dmarc=none (p=none) header.from=home.example"), Verdict::None);
    assert_eq!(value("mx.rose.example; dmarc=none header.from=else.example"), Verdict::Fail);
}

#[test]
fn rfc8601_5_whose_fields_count() {
    for (name, text) in [
        ("another server", "mx.else.example; dmarc=pass header.from=home.example"),
        ("ours at the end of a name", "evil-mx.rose.example; dmarc=pass header.from=home.example"),
        ("ours as a sub-domain", "a.mx.rose.example; dmarc=pass header.from=home.example"),
        ("ours at the beginning", "mx.rose.example.evil.example; dmarc=pass header.from=home.example"),
        ("a part of ours", "rose.example; dmarc=pass header.from=home.example"),
        ("a dot behind it", "mx.rose.example.; dmarc=pass header.from=home.example"),
        ("in a comment", "(mx.rose.example) mx.else.example; dmarc=pass header.from=home.example"),
        ("in a comment behind", "mx.else.example (mx.rose.example); dmarc=pass header.from=home.example"),
        ("in quotes", "\"mx.rose.example\"; dmarc=pass header.from=home.example"),
        ("without the quotes it has", "mx; two; dmarc=pass header.from=home.example"),
        ("in another case", "MX.rose.example; dmarc=pass header.from=home.example"),
        ("an encoded word", "=?utf-8?q?mx.rose.example?=; dmarc=pass header.from=home.example"),
        ("letters that look like ours", "mх.rose.example; dmarc=pass header.from=home.example"),
        ("no name", "; dmarc=pass header.from=home.example"),
        ("no name, a method", "dmarc=pass header.from=home.example"),
        ("nothing", ""),
        ("a comment that does not end", "(mx.rose.example; dmarc=pass header.from=home.example"),
        ("version 2", "mx.rose.example 2; dmarc=pass header.from=home.example"),
        ("version 11", "mx.rose.example 11; dmarc=pass header.from=home.example"),
        ("no result", "mx.rose.example; none"),
        ("DKIM alone", "mx.rose.example; dkim=pass header.d=home.example header.i=@home.example"),
        ("SPF alone", "mx.rose.example; spf=pass smtp.mailfrom=mira@home.example"),
        ("a chain's claim", "mx.rose.example; arc=pass (i=1 dmarc=pass fromdomain=home.example)"),
        ("a pass in a comment", "mx.rose.example; spf=pass (dmarc=pass header.from=home.example) smtp.helo=a"),
        ("a pass in a reason", "mx.rose.example; spf=pass reason=\"x; dmarc=pass header.from=home.example\""),
        ("a method that ends so", "mx.rose.example; x-dmarc=pass header.from=home.example"),
        ("a method that begins so", "mx.rose.example; dmarc-x=pass header.from=home.example"),
        ("a domain of ours in a value", "mx.rose.example; dkim=pass header.d=dmarc=pass header.from=home.example"),
    ] {
        assert_eq!(value(text), Verdict::Absent, "{name}");
    }
    for (name, field) in [
        ("another field", "X-Authentication-Results: mx.rose.example; dmarc=pass header.from=home.example"),
        ("a chain's field", "ARC-Authentication-Results: i=1; mx.rose.example; dmarc=pass header.from=home.example"),
        ("a space in its name", "Authentication-Results : mx.rose.example; dmarc=pass header.from=home.example"),
        ("a space within", "Authentication- Results: mx.rose.example; dmarc=pass header.from=home.example"),
        (
            "behind another's folded line",
            "X-A: b\n Authentication-Results: mx.rose.example; dmarc=pass header.from=home.example",
        ),
        ("an encoded name", "=?utf-8?q?Authentication-Results?=: mx.rose.example; dmarc=pass header.from=home.example"),
        (
            "below a line that is no field",
            "X-A: b\nno field\nAuthentication-Results: mx.rose.example; dmarc=pass header.from=home.example",
        ),
    ] {
        assert_eq!(of(field), Verdict::Absent, "{name}");
    }
    let below = format!("X-A: b\n{RECEIVED}\n{PASS}");
    assert_eq!(judged(&mail("", "mira@home.example", &below)), Verdict::Absent, "below the second Received");
    let obsolete = format!("Received : by c\n{PASS}");
    assert_eq!(judged(&mail("", "mira@home.example", &obsolete)), Verdict::Absent, "below the second, oddly written");
    let body = format!("{RECEIVED}\r\nFrom: mira@home.example\r\n\r\n{PASS}\r\n");
    assert_eq!(judged(body.as_bytes()), Verdict::Absent, "in the text");
    assert_eq!(verdict(&[PASS[24..].to_owned()], &[], "home.example"), Verdict::Absent, "nobody is trusted");
}

#[test]
fn rfc8601_what_bears_our_name_and_is_not_wholly_understood() {
    for (name, text) in [
        ("a fail", "mx.rose.example; dmarc=fail (p=none) header.from=home.example"),
        ("a temporary error", "mx.rose.example; dmarc=temperror header.from=home.example"),
        ("a word that nobody knows", "mx.rose.example; dmarc=passed header.from=home.example"),
        ("a guess", "mx.rose.example; dmarc=bestguesspass header.from=home.example"),
        ("another domain", "mx.rose.example; dmarc=pass header.from=else.example"),
        ("a domain below", "mx.rose.example; dmarc=pass header.from=a.home.example"),
        ("a domain above", "mx.rose.example; dmarc=pass header.from=example"),
        ("a domain with more behind", "mx.rose.example; dmarc=pass header.from=home.example.else.example"),
        ("an address", "mx.rose.example; dmarc=pass header.from=mira@home.example"),
        ("no domain", "mx.rose.example; dmarc=pass"),
        ("the envelope's domain", "mx.rose.example; dmarc=pass smtp.from=home.example"),
        ("the domain in a comment", "mx.rose.example; dmarc=pass (header.from=home.example)"),
        ("two domains", "mx.rose.example; dmarc=pass header.from=else.example header.from=home.example"),
        ("two results", "mx.rose.example; dmarc=fail header.from=home.example; dmarc=pass header.from=home.example"),
        ("twice a pass", "mx.rose.example; dmarc=pass header.from=home.example; dmarc=pass header.from=home.example"),
        ("words behind", "mx.rose.example; dmarc=pass header.from=home.example and all is well"),
        ("a semicolon behind", "mx.rose.example; dmarc=pass header.from=home.example;"),
        ("a comma", "mx.rose.example; dmarc=pass header.from=home.example, else.example"),
        ("a comment that does not end", "mx.rose.example; dmarc=pass header.from=home.example (and"),
        ("a comment that never began", "mx.rose.example; dmarc=pass header.from=home.example)"),
        ("a quote that does not end", "mx.rose.example; dmarc=pass header.from=\"home.example"),
        ("a reason behind", "mx.rose.example; dmarc=pass header.from=home.example reason=x"),
        ("two reasons", "mx.rose.example; dmarc=pass reason=x reason=y header.from=home.example"),
        ("nothing behind a quote", "mx.rose.example; dmarc=pass reason=\"x\"header.from=home.example"),
        ("nothing between", "mx.rose.example; dmarc=pass\"\"header.from=home.example"),
        ("a method of version 2", "mx.rose.example; dmarc/2=pass header.from=home.example"),
        ("a version without a number", "mx.rose.example v1; dmarc=pass header.from=home.example"),
        ("no semicolon", "mx.rose.example dmarc=pass header.from=home.example"),
        ("a name and a path", "mx.rose.example/x; dmarc=pass header.from=home.example"),
        ("two names", "mx.rose.example, mx.else.example; dmarc=pass header.from=home.example"),
        ("the name alone", "mx.rose.example"),
        ("an empty result", "mx.rose.example; dmarc= header.from=home.example"),
        ("none among others", "mx.rose.example; none; dmarc=pass header.from=home.example"),
        ("another part that is broken", "mx.rose.example; dkim=; dmarc=pass header.from=home.example"),
        ("a control", "mx.rose.example; dmarc=pass header.from=home.example (\u{7})"),
    ] {
        assert_eq!(value(text), Verdict::Fail, "{name}");
    }
    for (name, other, expected) in [
        ("a second one that fails", "mx.rose.example; dmarc=fail header.from=home.example", Verdict::Fail),
        ("a second one without a policy", "mx.rose.example; dmarc=none", Verdict::Fail),
        ("a second one of another domain", "mx.rose.example; dmarc=pass header.from=else.example", Verdict::Fail),
        ("a second one that is broken", "mx.rose.example; dmarc", Verdict::Fail),
        ("a second one that says the same", "mx.rose.example; dmarc=pass header.from=home.example", Verdict::Pass),
        ("one about something else", "mx.rose.example; dkim=fail header.d=home.example", Verdict::Pass),
        ("somebody else's", "mx.else.example; dmarc=fail header.from=home.example", Verdict::Pass),
        ("somebody else's, broken", "(", Verdict::Pass),
    ] {
        for (above, below) in [(PASS, other), (other, PASS)] {
            let field =
                |text: &str| if text == PASS { PASS.to_owned() } else { format!("Authentication-Results: {text}") };
            let raw = mail(&field(above), "mira@home.example", &field(below));
            assert_eq!(judged(&raw), expected, "{name}");
        }
    }
}

#[test]
fn rfc5322_3_6_2_one_author() {
    for from in ["mira@home.example, kit@home.example", "mira@home.example\nFrom: kit@home.example", "nobody", ""] {
        assert_eq!(judged(&mail(PASS, from, "")), Verdict::Absent, "{from}");
    }
}

#[test]
fn rfc5890_both_forms_of_a_name() {
    for (field, from) in [
        ("bücher.example", "mira@bücher.example"),
        ("xn--bcher-kva.example", "mira@bücher.example"),
        ("bücher.example", "mira@xn--bcher-kva.example"),
        ("XN--BCHER-KVA.EXAMPLE", "mira@Bücher.example"),
    ] {
        let above = format!("Authentication-Results: mx.rose.example; dmarc=pass header.from={field}");
        assert_eq!(judged(&mail(&above, from, "")), Verdict::Pass, "{field} {from}");
    }
    for (field, from) in [("bucher.example", "mira@bücher.example"), ("xn--bcher-kva.example", "mira@bucher.example")]
    {
        let above = format!("Authentication-Results: mx.rose.example; dmarc=pass header.from={field}");
        assert_eq!(judged(&mail(&above, from, "")), Verdict::Fail, "{field} {from}");
    }
}

/// A header that another reader may take apart otherwise verifies nobody.
#[test]
fn line_ends_and_octets_that_hide_a_field() {
    let whole = String::from_utf8(mail(PASS, "mira@home.example", "X-A: b")).unwrap();
    assert_eq!(judged(whole.as_bytes()), Verdict::Pass);
    for (name, from, to) in [
        ("a bare CR before it", "Authentication-", "X-B: c\rAuthentication-"),
        ("a bare LF before it", "Authentication-", "X-B: c\nAuthentication-"),
        ("a bare CR in it", "dmarc=pass ", "dmarc=pass\r "),
        ("a bare LF in it", "dmarc=pass ", "dmarc=pass\n "),
        ("a bare CR anywhere", "X-A: b", "X-A: b\rc"),
        ("a bare LF anywhere", "X-A: b", "X-A: b\nX-B: c"),
        ("two CR", "X-A: b\r\n", "X-A: b\r\r\n"),
        ("a NUL in it", "dmarc=pass", "dmarc=pass\0"),
        ("a NUL in its name", "Authentication-", "Authentication\0-"),
        ("a NUL anywhere", "X-A: b", "X-A: b\0"),
        ("an empty line that is none", "X-A: b\r\n", "X-A: b\n\n"),
    ] {
        let raw = whole.replacen(from, to, 1);
        assert_ne!(raw, whole, "{name}");
        assert_eq!(judged(raw.as_bytes()), Verdict::Absent, "{name}");
    }
    let cut = whole.split("\r\n\r\n").next().unwrap();
    assert!(fields(cut.as_bytes()).is_empty(), "the last line is cut off");
    let latin = [
        b"Authentication-Results: mx.rose.example; spf=pass (caf\xe9); dmarc=pass header.from=home.example\r\n"
            .as_slice(),
        &mail("", "mira@home.example", ""),
    ]
    .concat();
    assert_eq!(judged(&latin), Verdict::Fail, "octets that are no UTF-8");
}

#[test]
fn no_more_than_so_much_is_looked_at() {
    let other = "Authentication-Results: mx.else.example; none";
    let many = |count: usize| format!("{}\n{PASS}", vec![other; count].join("\n"));
    assert_eq!(of(&many(19)), Verdict::Pass);
    assert_eq!(of(&many(20)), Verdict::Absent);
    for octets in [9_000, 200_000, 300_000] {
        for long in [format!("{PASS} ({})", "a".repeat(octets)), format!("{PASS}{}", " ()".repeat(octets / 3))] {
            assert_eq!(of(&long), Verdict::Absent, "{octets}");
            assert_eq!(
                judged(&mail(PASS, "mira@home.example", &format!("X-A: {long}"))),
                if octets < 250_000 { Verdict::Pass } else { Verdict::Absent }
            );
        }
    }
    assert_eq!(
        of(&format!("{PASS} {}{}", "(".repeat(3_000), ")".repeat(3_000))),
        Verdict::Pass,
        "comments in comments"
    );
}

/// Three fields that verify nobody, each with a word that it lacks to do so.
const SHORT_OF_A_PASS: &[(&str, &str)] = &[
    ("mx.rose.example; dmarc=pass header.from=else.example", "home.example"),
    ("mx.else.example; dmarc=pass header.from=home.example", "mx.rose.example"),
    ("mx.rose.example; dmarc=fail header.from=home.example", "pass"),
];
const PIECES: &[&str] = &[
    "mx.rose.example",
    "mx.else.example",
    ";",
    " ",
    "dmarc",
    "=",
    "pass",
    "fail",
    " header.from=",
    "home.example",
    "(",
    ")",
    "\"",
    "\\",
    "\r\n ",
    "\t",
    "=?utf-8?q?",
    "?=",
    "1",
    " reason=",
    "/",
    ".",
    "none",
    ",",
    "@",
    "\r",
    "\n",
    "\0",
    "-",
];

proptest! {
    /// Whatever is put into it or taken out of it, but for that word.
    #[test]
    fn nothing_makes_a_pass_of_them(
        which in 0..SHORT_OF_A_PASS.len(),
        changes in prop::collection::vec((any::<prop::sample::Index>(), 0..PIECES.len(), 0..3_usize), 1..5),
    ) {
        let (text, lacks) = SHORT_OF_A_PASS[which];
        let mut text = text.to_owned();
        for (at, piece, taken) in changes {
            let at = at.index(text.len() + 1);
            let end = (at + taken).min(text.len());
            text.replace_range(at..end, if PIECES[piece] == lacks { "" } else { PIECES[piece] });
        }
        if !text.contains(lacks) {
            prop_assert_ne!(value(&text), Verdict::Pass, "{}", text);
        }
    }

    #[test]
    fn any_octets(raw in prop::collection::vec(any::<u8>(), 0..400), text in "\\PC{0,200}") {
        let _ = fields(&raw);
        let _ = verdict(&[text.clone(), format!("mx.rose.example; {text}")], &trusted(), &text);
    }
}
