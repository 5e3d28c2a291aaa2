//! Any octets are a file that came with a mail. A crash or a hang is a fault, and so is a picture that isn't whole.
#![no_main]

use lamplight::mail::picture;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|file: &[u8]| {
    if let Some(made) = picture::anew(file) {
        assert!(made.starts_with(b"\xff\xd8") && made.ends_with(b"\xff\xd9"));
    }
});
