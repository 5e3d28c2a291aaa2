//! A moderator's answer: no text panics, and none decides once it begins with a negation.
#![no_main]

use lamplight::model::command::{Reading, read_confirmation, read_decision};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let _ = (read_decision(text, "Dana"), read_confirmation(text));
    let negated = read_decision(&format!("Please do not {}", text.trim_start()), "Dana");
    assert!(matches!(negated, Reading::Nothing(_)), "{negated:?}");
});
