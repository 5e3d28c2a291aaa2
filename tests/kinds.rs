//! What sort of mail letters of many programs and people are: `kinds/` holds them, one file for each sort.
//!
//! Taking a person's words for a program's is the worst that can happen, so none of theirs may be. A responder that is not
//! known costs a look, so nine of ten are enough.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

#[path = "../examples/evaluate/letters.rs"]
mod letters;

use std::path::Path;

use lamplight::mail::kind::{Kind, is_guess};
use lamplight::mail::{Incoming, parse};
use letters::read_report;

fn letters(file: &str) -> Vec<(String, Incoming)> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/kinds").join(file);
    let letters = letters::letters(&path).unwrap();
    letters.into_iter().map(|(name, raw)| (name, parse(raw.as_bytes()))).collect()
}

#[test]
fn what_members_write_is_never_automatic() {
    let letters = letters("members.txt");
    assert!(letters.len() >= 90, "{}", letters.len());
    for (name, incoming) in letters {
        assert!(matches!(incoming.kind, Kind::Post | Kind::Reply), "{name}: {:?}", incoming.kind);
        // Under "Absence" a member's words wait until people have looked at them.
        assert!(incoming.automatic.is_none_or(is_guess), "{name}");
        assert!(incoming.failed_recipients.is_empty(), "{name}");
    }
}

#[test]
fn nine_of_ten_automatic_answers_are_known() {
    for file in ["automatic.txt", "automatic-held.txt"] {
        let letters = letters(file);
        let missed: Vec<&str> = letters
            .iter()
            .filter(|(_, incoming)| incoming.kind != Kind::AutoReply)
            .map(|(name, _)| name.as_str())
            .collect();
        assert!(missed.len() * 10 <= letters.len(), "{file}: {missed:?} of {}", letters.len());
    }
}

/// A guess has a member's mail looked at by people; certainty would have it ignored.
#[test]
fn words_alone_are_no_more_than_a_guess() {
    let text = "From: Ada <ada@work.example>\nSubject: Re: [rose] Scarves\nIn-Reply-To: <a@groups.example>\n\n\
        Thank you for your email. I am currently out of the office with limited access to email.\n\
        In urgent cases please contact office@work.example.\n";
    let why = |raw: &str| parse(raw.as_bytes()).automatic.unwrap();
    assert!(is_guess(why(text)));
    assert!(!is_guess(why(&format!("Auto-Submitted: auto-replied\n{text}"))));
    let subject = "From: ada@work.example\nSubject: Automatic reply: [rose] Scarves\n";
    assert!(is_guess(why(&format!("{subject}\nAway.\n"))));
    for sure in ["Auto-Submitted: auto-generated", "X-Autoreply: yes", "Precedence: auto_reply"] {
        assert!(!is_guess(why(&format!("{subject}{sure}\n\nAway.\n"))), "{sure}");
    }
    for filter in ["X-Vacation-Checked: 1", "X-Autoresponder-Filter: checked", "X-Our-Out-Of-Office: none"] {
        assert!(is_guess(why(&format!("From: mira@home.example\n{filter}\n\nI am tired again.\n"))), "{filter}");
    }
    let bounce = "Subject: failure notice\n\nI could not be delivered.\n";
    assert!(is_guess(why(&format!("From: Mail Delivery System <mira@home.example>\n{bounce}"))));
    assert!(is_guess(why(&format!("From: postmaster@home.example\n{bounce}"))));
    assert!(!is_guess(why(&format!("From: MAILER-DAEMON@home.example\n{bounce}"))));
    assert!(!is_guess(why(&format!("From: postmaster@home.example\nReturn-Path: <>\n{bounce}"))));
}

#[test]
fn reports_and_receipts_say_whom_and_how() {
    let letters = letters("reports.txt");
    assert!(letters.len() >= 16, "{}", letters.len());
    for (name, incoming) in letters {
        assert_eq!(read_report(&incoming), name, "{:?}", incoming.subject);
        assert!(incoming.automatic.is_some(), "{name}");
    }
}
