//! Nothing of a roster is left in a text that was covered, and nothing is found in it again.
#![no_main]

use lamplight::model::cover::{Kept, cover};
use lamplight::model::privacy::{Known, Roster};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: (&str, &str, &str)| {
    let (address, name, text) = input;
    let person = |address: &str, name: &str| Known {
        address: address.to_owned(),
        real_name: Some(name.to_owned()),
        learnt: vec![name.to_owned()],
    };
    let known = [person(address, name), person("mira@home.example", "Mira Jansen")];
    let roster = Roster::new(&known, &["Kit", "Rose"], "en");
    let covered = cover(text, &roster, &Kept::default());
    assert!(roster.names(&covered.text).is_empty());
    let again = cover(&covered.text, &roster, &Kept::default());
    assert_eq!(again.text, covered.text);
    assert!(again.taken.is_empty());
});
