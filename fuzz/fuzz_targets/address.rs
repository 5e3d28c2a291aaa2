//! What is taken for an address can be written into an SMTP command.
#![no_main]

use lamplight::mail::Address;
use lamplight::mail::envelope::AddressScheme;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let Ok(address) = Address::parse(text) else { return };
    assert!(!address.as_str().contains(['\r', '\n', '\0']));
    assert_eq!(Address::parse(address.as_str()).as_ref(), Ok(&address));
    let scheme = AddressScheme { domain: "groups.example".into(), mailbox: "lamplight".into(), delimiter: '+' };
    let _ = scheme.read(&address);
});
