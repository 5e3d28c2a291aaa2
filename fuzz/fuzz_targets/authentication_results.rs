//! Nobody is verified by a field that does not bear the server's name and the author's domain.
#![no_main]

use lamplight::mail::auth::{Verdict, fields, verdict};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|raw: &[u8]| {
    let trusted = ["mx.rose.example".to_owned()];
    let found = fields(raw);
    assert!(found.len() <= 20 && found.iter().all(|field| !field.contains(['\r', '\n', '\0'])));
    for field in [&found[..], &[String::from_utf8_lossy(raw).into_owned()]] {
        let text = field.concat();
        if verdict(field, &trusted, "home.example") == Verdict::Pass {
            let lower = text.to_lowercase();
            assert!(text.contains("mx.rose.example") && lower.contains("dmarc") && lower.contains("pass"));
        }
        assert_eq!(verdict(field, &[], "home.example"), Verdict::Absent);
    }
});
