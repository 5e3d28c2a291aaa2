//! The colours of a style sheet, and whether they can be told apart (WCAG 2.2, 1.4.3). Every colour of text is held against
//! every ground: a page puts them together as it likes.

use std::collections::BTreeMap;

const ENOUGH: f64 = 4.5;

/// A selector's text and ground.
#[derive(Debug, Default, Clone)]
struct Colours {
    text: Option<[u8; 3]>,
    ground: Option<[u8; 3]>,
}

/// What is wrong with a sheet.
pub fn faults(sheet: &str) -> Vec<String> {
    let comments = regex::Regex::new(r"(?s)/\*.*?\*/").unwrap();
    let sheet = comments.replace_all(sheet, "");
    let (day, night) = sheet.split_once("@media (prefers-color-scheme: dark)").unwrap();
    let (day, night) = (rules(day), rules(night));
    let mut faults = Vec::new();
    for (selector, colours) in &day {
        let dark = night.get(selector).cloned().unwrap_or_default();
        if colours.ground.is_some() && dark.ground.is_none() {
            faults.push(format!("{selector} has no ground by night"));
        }
        if colours.text.is_some() && dark.text.is_none() {
            faults.push(format!("{selector} has no colour by night"));
        }
    }
    for (when, rules) in [("day", &day), ("night", &night)] {
        for (one, text) in rules.iter().filter_map(|(name, colours)| Some((name, colours.text?))) {
            for (other, ground) in rules.iter().filter_map(|(name, colours)| Some((name, colours.ground?))) {
                let contrast = contrast(text, ground);
                if contrast < ENOUGH {
                    faults.push(format!("by {when} {one} on {other}: {contrast:.2}"));
                }
            }
        }
    }
    faults
}

fn rules(css: &str) -> BTreeMap<String, Colours> {
    let rule = regex::Regex::new(r"([^{}]+)\{([^{}]*)\}").unwrap();
    let mut found: BTreeMap<String, Colours> = BTreeMap::new();
    for block in rule.captures_iter(css) {
        for selector in block[1].split(',').map(|selector| selector.trim().to_owned()) {
            let colours = found.entry(selector).or_default();
            for declaration in block[2].split(';') {
                match declaration.split_once(':').map(|(name, value)| (name.trim(), value.trim())) {
                    Some(("color", value)) => colours.text = Some(colour(value)),
                    Some(("background" | "background-color", value)) => colours.ground = Some(colour(value)),
                    _ => {}
                }
            }
        }
    }
    found
}

/// `#rrggbb`; another way to write one would not be looked at.
fn colour(value: &str) -> [u8; 3] {
    let digits = value.strip_prefix('#').filter(|digits| digits.len() == 6);
    let digits = digits.unwrap_or_else(|| panic!("{value} is not #rrggbb"));
    [0, 2, 4].map(|at| u8::from_str_radix(&digits[at..at + 2], 16).unwrap())
}

fn contrast(one: [u8; 3], other: [u8; 3]) -> f64 {
    let (one, other) = (luminance(one), luminance(other));
    (one.max(other) + 0.05) / (one.min(other) + 0.05)
}

fn luminance(colour: [u8; 3]) -> f64 {
    let [r, g, b] = colour.map(|part| {
        let part = f64::from(part) / 255.0;
        if part <= 0.040_45 { part / 12.92 } else { ((part + 0.055) / 1.055).powf(2.4) }
    });
    0.2126 * r + 0.7152 * g + 0.0722 * b
}
