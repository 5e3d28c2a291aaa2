//! Decisions by reply: genuine replies as mail programs write them, and mail that must decide nothing.
//!
//! The pure part: bytes, what is new in them, and what that says. `tests/stories/verbs.rs` plays each class through the
//! front door.
#![allow(clippy::unwrap_used, missing_docs, reason = "a test fails by panicking")]

mod genuine;
mod hostile;
mod programs;
mod unseen;

use genuine::{BARE, Genuine, TEXTS};
use lamplight::mail;
use lamplight::mail::parse::Author;
use lamplight::model::command::{Reading, read_decision};
use lamplight::model::lexicon::Lexicon;
use lamplight::model::privacy;
use lamplight::model::quote::{Said, above};
use lamplight::model::text;
use programs::{BELOW, NOTICE, PROGRAMS, Program, Reply, Tongue};

/// What a mail to Dana's token says: the verb and its text, or why nothing.
fn understood(raw: &[u8]) -> Result<(String, Option<String>), String> {
    let mut message = mail::parse(raw);
    if let Some(why) = message.automatic {
        return Err(format!("automatic: {why}"));
    }
    let is_hers = matches!(&message.author, Author::One(one) if one.address.key() == "dana@work.example");
    if !is_hers {
        return Err("not from her address".to_owned());
    }
    message.text.reply = privacy::visible(&message.text.reply);
    let mut said = Said::default();
    said.add(NOTICE);
    let (own, below) = above(&message.text.reply, NOTICE.split_once("\n\n").unwrap().1);
    match read_decision(own, "Dana Ruiz") {
        Reading::Decision { verb, text } => {
            if !said.unknown(below).is_empty() {
                return Err(format!("words below the notice: {:?}", said.unknown(below)));
            }
            let quote = text::quote(&message, &said, &Lexicon::of("en"));
            if quote.is_too_much || !quote.left_out.is_empty() {
                return Err(format!("words below the quote: {:?}", quote.left_out));
            }
            Ok((format!("{verb:?}").to_lowercase(), text))
        }
        Reading::Read(_) => Ok(("read".to_owned(), None)),
        Reading::RetractNumber(_) => Ok(("retract".to_owned(), None)),
        Reading::Nothing(why) => Err(format!("{why:?} in {:.80?}", message.text.reply)),
    }
}

fn squeezed(text: Option<&str>) -> Option<String> {
    text.map(|text| text.split_whitespace().collect::<Vec<_>>().join(" "))
}

/// The programs, beginning at another one for each case: all of them for all would take minutes.
fn some_programs(at: usize) -> impl Iterator<Item = &'static Program> {
    let count = PROGRAMS.len() + BELOW.len();
    PROGRAMS.iter().chain(BELOW).cycle().skip(at * 8 % count)
}

#[test]
fn genuine_replies_are_understood() {
    let (mut all, mut missed, mut wrong) = (0, Vec::new(), Vec::new());
    let mut look = |(name, write): &Program, (verb, tongue, words, text): &Genuine| {
        all += 1;
        let words = words.replace('|', "\n");
        match understood(&write(&Reply { words: &words, tongue: *tongue })) {
            Ok((read, _)) if read != *verb => wrong.push(format!("{name}: {words:?} as {read}")),
            Ok((_, with)) if squeezed(with.as_deref()) == squeezed(*text) => {}
            Ok((_, with)) => missed.push(format!("{name}: {words:?} with {with:?}")),
            Err(why) => missed.push(format!("{name}: {words:?}: {why}")),
        }
    };
    for (at, case) in BARE.iter().chain(TEXTS).chain(unseen::GENUINE).enumerate() {
        some_programs(at).take(8).for_each(|program| look(program, case));
    }
    let share = 100.0 * (all - missed.len() - wrong.len()) as f64 / all as f64;
    println!("{all} genuine replies, {share:.2} % understood, {} with a wrong verb", wrong.len());
    assert!(all >= 300, "{all}");
    assert_eq!(wrong, Vec::<String>::new(), "no reply is taken for another verb");
    assert!(share >= 99.0, "{share:.2} % of {all}:\n{}", missed.join("\n"));
}

#[test]
fn hostile_replies_decide_nothing() {
    let (mut all, mut acted) = (0, Vec::new());
    for (at, (tongue, words)) in hostile::WORDS.iter().chain(unseen::HOSTILE).enumerate() {
        let words = words.replace('|', "\n");
        for (name, write) in some_programs(at).take(6) {
            all += 1;
            if let Ok(read) = understood(&write(&Reply { words: &words, tongue: *tongue })) {
                acted.push(format!("{name}: {words:?} as {read:?}"));
            }
        }
    }
    let mails = hostile::mails();
    for (name, raw) in &mails {
        all += 1;
        if let Ok(read) = understood(raw) {
            acted.push(format!("{name} as {read:?}"));
        }
    }
    println!(
        "{} kinds of words, {} mails, {all} hostile in all; {} acted",
        hostile::WORDS.len() + unseen::HOSTILE.len(),
        mails.len(),
        acted.len()
    );
    assert!(hostile::WORDS.len() + unseen::HOSTILE.len() + mails.len() >= 100);
    assert_eq!(acted, Vec::<String>::new());
}

/// The table can tell: the plain mail that the hostile ones are made of does decide.
#[test]
fn the_mail_that_hostile_ones_are_made_of_decides() {
    let raw = programs::PROGRAMS[0].1(&Reply { words: "Approve", tongue: Tongue::En });
    assert_eq!(understood(&raw), Ok(("approve".to_owned(), None)));
}
