//! What is new in a reply: whole expectations, and strings that must or must not be there. A `.txt` is a decoded body, an `.eml`
//! a whole message.

use std::fs;
use std::path::Path;

use anyhow::Result;
use lamplight::mail::parse;
use lamplight::mail::reply::split;

use super::measure::{Figure, Outcome, files, fold};

/// See the top of this file. What an expectation has and the reading lacks counts as lost; what is more, as leaked.
pub fn measure(corpus: &Path) -> Result<Outcome> {
    let mut outcome = Outcome::default();
    let [mut whole, mut exact, mut lost, mut leaked] = [0; 4];
    let [mut must, mut kept, mut must_not, mut left_out] = [0; 4];
    for path in files(&corpus.join("reply")) {
        let name = path.display().to_string();
        let is_text = name.ends_with(".txt") && !name.ends_with(".expected.txt");
        let found = match fs::read(&path) {
            Ok(raw) if name.ends_with(".eml") => fold(&parse(&raw).text.reply),
            Ok(raw) if is_text => fold(&split(&String::from_utf8_lossy(&raw)).reply),
            _ => continue,
        };
        if let Ok(expected) = fs::read_to_string(path.with_extension("expected.txt")) {
            let expected = fold(&expected);
            whole += 1;
            exact += usize::from(found == expected);
            lost += usize::from(!holds(&found, &expected));
            leaked += usize::from(!holds(&expected, &found));
            if found != expected {
                outcome.misses.push(format!("{name}\n  wanted {expected:?}\n  found  {found:?}"));
            }
        }
        let Ok(json) = fs::read(path.with_extension("assert.json")) else { continue };
        let claims: serde_json::Value = serde_json::from_slice(&json)?;
        let list = |name: &str| -> Vec<String> {
            claims[name].as_array().into_iter().flatten().filter_map(|text| text.as_str().map(fold)).collect()
        };
        for text in list("must") {
            must += 1;
            kept += usize::from(found.contains(&text));
            if !found.contains(&text) {
                outcome.misses.push(format!("{name}\n  lost {text:?}\n  found {found:?}"));
            }
        }
        for text in list("must_not") {
            must_not += 1;
            left_out += usize::from(!found.contains(&text));
            if found.contains(&text) {
                outcome.misses.push(format!("{name}\n  leaked {text:?}\n  found {found:?}"));
            }
        }
    }
    let figure = |what, found, of| Figure { what, found, of };
    outcome.figures = vec![
        figure("whole texts exactly right", exact, whole),
        figure("… text lost", lost, whole),
        figure("… old text leaked", leaked, whole),
        figure("claims: must be there, and is", kept, must),
        figure("claims: must not be there, and is not", left_out, must_not),
    ];
    Ok(outcome)
}

/// Whether every word of one stands in the other, in order.
fn holds(text: &str, part: &str) -> bool {
    let mut words = text.split(' ');
    part.split(' ').all(|word| words.any(|other| other == word))
}
