//! Any text can be taken apart, and no word of it is lost.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let parted = lamplight::mail::reply::split(text);
    let count = |text: &str| text.chars().filter(|c| c.is_alphanumeric()).count();
    let kept = count(&parted.reply) + count(&parted.quoted) + count(&parted.signature);
    assert!(kept >= count(text), "words were lost");
});
