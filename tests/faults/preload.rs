//! The C library that brings the faults about, compiled when a test first asks for it.

use std::path::PathBuf;
use std::process::Command;
use std::sync::OnceLock;

use crate::postgres::say_aloud;

static LIBRARY: OnceLock<Option<PathBuf>> = OnceLock::new();

/// Where the library lies; `None`, said aloud, where it can't be made. `LAMPLIGHT_TEST_REQUIRE=cc` makes that fail.
pub fn library() -> Option<PathBuf> {
    LIBRARY.get_or_init(compile).clone()
}

fn compile() -> Option<PathBuf> {
    let made = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("fault-{}.so", std::process::id()));
    let source = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/faults/fault.c");
    let ended = cfg!(target_os = "linux")
        .then(|| Command::new("cc").args(["-shared", "-fPIC", "-O1", "-Wall", "-o"]).arg(&made).arg(source).output());
    match ended {
        Some(Ok(ended)) if ended.status.success() => Some(made),
        Some(Ok(ended)) => panic!("cc: {}", String::from_utf8_lossy(&ended.stderr)),
        _ => {
            let required = std::env::var_os("LAMPLIGHT_TEST_REQUIRE").unwrap_or_default();
            let required = required.to_string_lossy().split(',').any(|what| what == "cc");
            assert!(!required, "LAMPLIGHT_TEST_REQUIRE asks for cc, and it was not found");
            say_aloud("\nSKIPPED: faults at named points, because there is no C compiler `cc` here");
            None
        }
    }
}
