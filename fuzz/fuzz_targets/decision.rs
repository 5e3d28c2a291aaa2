//! A moderator's answer: no text panics, none decides once it begins with a negation, none decides by its quotes alone, and
//! a text goes with the verbs that take one.
#![no_main]

use lamplight::model::changes::changes;
use lamplight::model::command::{Reading, read_confirmation, read_decision, without_sign_off};
use lamplight::model::quote::above;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let _ = read_confirmation(text);
    if let Reading::Decision { verb, text: with } = read_decision(text, "Dana") {
        assert_eq!(with.is_some(), verb.takes_text());
        if let Some(with) = with {
            let edited = without_sign_off(&with, "Dana", text);
            let _ = changes(text, &edited);
        }
    }
    let (own, rest) = above(text, "Hello Dana,\n\nOne message waits for you. Please read it.");
    assert_eq!(own.len() + rest.len(), text.len());
    let negated = read_decision(&format!("Please do not {}", text.trim_start()), "Dana");
    assert!(matches!(negated, Reading::Nothing(_)), "{negated:?}");
    let quoted: String = text.lines().map(|line| format!("> {line}\n")).collect();
    assert!(matches!(read_decision(&quoted, "Dana"), Reading::Nothing(_)), "{quoted:?}");
});
