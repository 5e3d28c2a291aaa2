//! Compare a text with a file that people have read. `LAMPLIGHT_GOLDEN=write` writes the file instead; without it a
//! difference fails the test and is printed line by line.

use std::path::Path;

/// Compare `actual` with `tests/golden/NAME`.
#[track_caller]
pub fn compare(name: &str, actual: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden").join(name);
    #[allow(clippy::disallowed_methods, reason = "a switch of the tests, no setting")]
    let write = std::env::var("LAMPLIGHT_GOLDEN").is_ok_and(|value| value == "write");
    if write {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, actual).unwrap();
        return;
    }
    let expected = std::fs::read_to_string(&path).unwrap_or_default();
    if expected != actual {
        panic!(
            "tests/golden/{name} differs (LAMPLIGHT_GOLDEN=write takes it over):\n{}",
            difference(&expected, actual)
        );
    }
}

/// The lines between the first and the last that differ: `-` is the file's, `+` is the new one.
fn difference(expected: &str, actual: &str) -> String {
    let (old, new): (Vec<&str>, Vec<&str>) = (expected.lines().collect(), actual.lines().collect());
    let same = old.iter().zip(&new).take_while(|(a, b)| a == b).count();
    let tail = old[same..].iter().rev().zip(new[same..].iter().rev()).take_while(|(a, b)| a == b).count();
    let lines = |mark: char, all: &[&str]| {
        all[same..all.len() - tail].iter().map(|line| format!("{mark} {line}\n")).collect::<String>()
    };
    format!("line {}:\n{}{}", same + 1, lines('-', &old), lines('+', &new))
}

/// `assert_golden!(text, "held.txt")`: `text` is what `tests/golden/held.txt` says. The test file has `mod golden` at its
/// top, by `#[path = "support/golden.rs"]`.
#[macro_export]
macro_rules! assert_golden {
    ($actual:expr, $name:expr) => {
        $crate::golden::compare(&$name.to_string(), &$actual)
    };
}
