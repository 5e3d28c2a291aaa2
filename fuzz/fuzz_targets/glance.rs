//! Any bytes are looked at before they are kept. A crash, a hang or words without end are a fault.
#![no_main]

use lamplight::mail::glance;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|raw: &[u8]| {
    assert!(glance::words(raw).len() < glance::MOST_OCTETS);
    let _ = glance::own_words(raw);
});
