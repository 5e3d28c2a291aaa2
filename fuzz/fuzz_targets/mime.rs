//! Any bytes are a message. A crash or a hang is a fault.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|raw: &[u8]| {
    let _ = lamplight::mail::parse(raw);
});
