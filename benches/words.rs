//! What the pure steps cost, apart from database and network: reading a mail, judging it, writing what people read.
//! `cargo bench` prints; `cargo bench -- reading` runs a part.
#![allow(clippy::unwrap_used, missing_docs, reason = "a bench fails by panicking")]

use std::hint::black_box;
use std::path::Path;

use criterion::{Criterion, criterion_group, criterion_main};
use lamplight::clock::Timestamp;
use lamplight::engine::knowing::Knowing;
use lamplight::engine::notice::{
    Conversation, DigestPage, DigestPost, Notice, PublishedPost, Setting, ShownPost, SinglePage, ToModerators,
};
use lamplight::engine::render::Renderer;
use lamplight::mail::{Address, Incoming, glance, parse};
use lamplight::model::group::{Group, GroupState, Moderation, Subjects};
use lamplight::model::hours::ReadingHours;
use lamplight::model::ids::{GroupId, MemberId};
use lamplight::model::lexicon::Lexicon;
use lamplight::model::member::{Delivery, Member, MemberState, Role};
use lamplight::model::policy::{self, Context, Sender};
use lamplight::model::privacy::{self, Known};
use lamplight::model::schedule::Schedule;
use lamplight::model::text;
use lamplight::model::turn::Lane;

const MESSAGES: [&str; 5] = ["plain", "gmail-reply", "outlook-html-reply", "spanish-gmail", "attachments"];

/// As many people as the largest group that a machine is measured with.
const ROSTER: usize = 10_000;

fn message(name: &str) -> Vec<u8> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/messages/{name}.eml"));
    std::fs::read(path).unwrap()
}

fn group() -> Group {
    Group {
        id: GroupId(1),
        name: "rose".into(),
        title: "Rose".into(),
        language: "en".into(),
        zone: chrono_tz::America::New_York,
        schedule: Schedule::parse("30 17 * * *").unwrap(),
        moderation: Moderation::First,
        hold_everything_since: None,
        reading: ReadingHours::default(),
        subjects: Subjects::Own,
        pictures: false,
        emergency_number: Some("911".into()),
        lifeline: Some("call or text 988".into()),
        state: GroupState::Open,
        release_seq: 0,
    }
}

fn member() -> Member {
    Member {
        id: MemberId(1),
        group: GroupId(1),
        role: Role::Member,
        address: Address::parse("mira@home.example").unwrap(),
        name: "Mira".into(),
        real_name: None,
        delivery: Delivery::Daily,
        zone: None,
        hour: None,
        days: None,
        format: lamplight::model::member::Format::default(),
        folds: Vec::new(),
        paused_until: None,
        state: MemberState::Active,
        trusted_since: None,
        known_since: None,
        joined_at: Timestamp(0),
        cursor: 0,
        next_digest_at: None,
        published: 0,
    }
}

fn reading(c: &mut Criterion) {
    let mut reading = c.benchmark_group("reading");
    for name in MESSAGES {
        let raw = message(name);
        reading.bench_function(name, |b| b.iter(|| parse(black_box(&raw))));
        let look = || Lane::of_words(&privacy::visible(&glance::words(black_box(&raw))), "en");
        reading.bench_function(format!("{name}, a glance before it is kept"), |b| b.iter(look));
    }
    for (name, raw) in typical_replies() {
        reading.bench_function(name, |b| b.iter(|| parse(black_box(&raw))));
    }
    reading.sample_size(10);
    for (name, raw) in hostile_letters() {
        reading.bench_function(name, |b| b.iter(|| parse(black_box(&raw))));
    }
}

const SENTENCE: &str = "The waiting room was full this morning, and the coffee was cold.";

/// Ten kilobytes each: some new words above a long quote.
fn typical_replies() -> Vec<(&'static str, Vec<u8>)> {
    let head = "From: Kit <kit@home.example>\r\nTo: rose@groups.example\r\nSubject: Re: Waiting\r\nMessage-ID: <1@home.example>\r\n";
    let intro = "On Mon, 2 Mar 2026 at 9:12, Mira <mira@home.example> wrote:";
    let new = format!("{SENTENCE}\r\n").repeat(12);
    let quoted = format!("> {SENTENCE}\r\n").repeat(130);
    let old = format!("<div>{SENTENCE}</div>").repeat(110);
    let html = format!(
        "<div dir=\"ltr\">{}</div><div class=\"gmail_quote\"><div class=\"gmail_attr\">{}<br></div><blockquote>{old}</blockquote></div>",
        new.replace("\r\n", "<br>"),
        intro.replace('<', "&lt;")
    );
    vec![
        ("a reply of 10 KB", format!("{head}\r\n{new}\r\n{intro}\r\n{quoted}").into_bytes()),
        (
            "a reply of 10 KB in HTML",
            format!("{head}MIME-Version: 1.0\r\nContent-Type: text/html; charset=utf-8\r\n\r\n{html}\r\n").into_bytes(),
        ),
    ]
}

/// Twenty megabytes of one thing, where the cost must not grow faster than the size.
fn hostile_letters() -> Vec<(&'static str, Vec<u8>)> {
    let octets = 20 << 20;
    let of = |kind: &str, piece: &str| format!("{kind}\r\n{}", piece.repeat(octets / piece.len())).into_bytes();
    let (text, html) = ("From: a@home.example\r\n", "From: a@home.example\r\nContent-Type: text/html\r\n");
    vec![
        ("20 MB of quoted lines", of(text, "> quoted\r\n")),
        ("20 MB of one line", of(text, "word ")),
        ("20 MB of unclosed tags", of(html, "<div>")),
        ("20 MB of blank lines", of(text, "\r\n")),
        ("100,000 blank lines", format!("{text}\r\n{}", "\r\n".repeat(100_000)).into_bytes()),
    ]
}

fn judging(c: &mut Criterion) {
    let incoming: Incoming = parse(&message("gmail-reply"));
    let group = group();
    let known: Vec<Known> = (0..ROSTER)
        .map(|number| Known {
            address: format!("member{number}@home.example"),
            real_name: (number % 10 == 0).then(|| format!("Person Surname{number}")),
            learnt: Vec::new(),
        })
        .collect();
    let mut judging = c.benchmark_group("judging");
    judging.bench_function("flags of a text", |b| b.iter(|| text::flags(black_box(&incoming), &Lexicon::of("en"))));
    for people in [100, ROSTER] {
        let published = text::new_words(&incoming);
        judging.bench_function(format!("names of {people} people"), |b| {
            let roster = privacy::Roster::new(&known[..people], &["Mira", "Rose"], "en");
            b.iter(|| roster.names(black_box(&published)));
        });
    }
    judging.bench_function(format!("a roster of {ROSTER} people laid out"), |b| {
        b.iter(|| privacy::Roster::new(black_box(&known), &["Mira", "Rose"], "en"));
    });
    judging.bench_function("the rules", |b| {
        b.iter(|| {
            let context = Context {
                group: &group,
                sender: Sender::Known(Box::new(member())),
                flags: Vec::new(),
                for_group: text::ForGroup::default(),
                quote: text::Quote::default(),
                own_loop: false,
                which_conversation: false,
                reads_private: false,
                not_verified: false,
                has_pictures: false,
            };
            policy::judge(black_box(&incoming), &context)
        });
    });
}

fn setting() -> Setting {
    Setting {
        service: "Lamplight".into(),
        group: "rose".into(),
        title: "Rose".into(),
        group_address: "rose@groups.example".into(),
        leave_address: "rose-leave@groups.example".into(),
        help_address: "rose-help@groups.example".into(),
        owner_address: "rose-owner@groups.example".into(),
        timezone: "America/New_York".into(),
        emergency_number: Some("911".into()),
        lifeline: Some("call or text 988".into()),
        answerable: true,
        name: "Dana".into(),
    }
}

fn post(text: &str) -> PublishedPost {
    PublishedPost {
        author: "Mira".into(),
        at: Timestamp(1_795_000_000_000_000),
        text: text.into(),
        answers: None,
        shown: 0,
        pictures: 0,
        files: 0,
        edited: false,
    }
}

fn rendering(c: &mut Criterion) {
    let (renderer, _) = Renderer::new(None).unwrap();
    let setting = setting();
    let words = "The waiting room was full this morning, and the coffee was cold.\n\nThank you all.\n".repeat(8);
    let shown = ShownPost {
        id: 7,
        author: "Mira".into(),
        days_a_member: 3,
        earlier_posts: 0,
        subject: "A quiet week".into(),
        text: words.clone(),
        written: None,
        signature: None,
        attachments: Vec::new(),
        pictures: 0,
        reasons: vec!["this is the author's first message here".into()],
        urgent: false,
        concern: false,
    };
    let notice = Notice::from(ToModerators::Hold {
        post: shown,
        read_by: Timestamp(1_795_000_000_000_000),
        again: None,
        claimed_by: None,
        alert: None,
        knowing: Knowing::default(),
    });
    let single = SinglePage { subject: "A quiet week".into(), post: post(&words) };
    let digest_post = |post| DigestPost { post, answered_at: None, folded: false, notes: Vec::new(), piece: None };
    let conversation = |number: usize| Conversation {
        number,
        subject: format!("A quiet week {number}"),
        reply_to: format!("rose+t.{number:026}@groups.example"),
        continued: number.is_multiple_of(2),
        on_top: false,
        authors: vec!["Mira".into(), "Kit".into()],
        posts: (0..4).map(|_| digest_post(post(&words))).collect(),
    };
    let digest = DigestPage {
        day: Timestamp(1_795_000_000_000_000),
        volume: 1,
        number: 12,
        part: 1,
        parts: 1,
        count: 100,
        welcome: false,
        conversations: (1..=25).map(conversation).collect(),
        folded: 0,
        waiting: Vec::new(),
    };
    let mut rendering = c.benchmark_group("rendering");
    rendering.bench_function("hold notice", |b| b.iter(|| renderer.notice("en", &setting, &notice).unwrap()));
    rendering.bench_function("single mail", |b| b.iter(|| renderer.single("en", &setting, &single).unwrap()));
    rendering.bench_function("digest of 100 posts", |b| b.iter(|| renderer.digest("en", &setting, &digest).unwrap()));
}

criterion_group!(benches, reading, judging, rendering);
criterion_main!(benches);
