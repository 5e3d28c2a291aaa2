//! docs/templates.md says what each template knows: neither more nor less than the samples of every mail have.

#![allow(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

use std::collections::{BTreeMap, BTreeSet};

use lamplight::engine::render::built_in;
use lamplight::engine::samples;
use serde_json::Value;

type Names = BTreeSet<String>;

/// What every sample has, by its folder.
fn facts() -> Vec<(&'static str, Value)> {
    let mut all: Vec<(&str, Value)> = samples::every_notice()
        .into_iter()
        .map(|(_, notice)| (notice.folder(), serde_json::to_value(notice).unwrap()))
        .collect();
    let pages = [
        samples::digest(),
        samples::digest_of_a_piece(),
        samples::digest_of_somebody_new(),
        samples::digest_with_everything(),
    ];
    for page in pages {
        all.push(("digest", serde_json::to_value(page).unwrap()));
    }
    for page in [samples::single(), samples::single_with_picture()] {
        all.push(("single", serde_json::to_value(page).unwrap()));
    }
    all
}

fn keys(value: &Value) -> Names {
    value.as_object().map(|fields| fields.keys().cloned().collect()).unwrap_or_default()
}

/// The names of the values of each folder.
fn values() -> BTreeMap<String, Names> {
    let mut found: BTreeMap<String, Names> = BTreeMap::new();
    for (folder, value) in facts() {
        found.entry(folder.to_owned()).or_default().extend(keys(&value));
    }
    found
}

/// The fields of each value that has some, by its name and the folder it is in.
fn fields(folder: &str, value: &Value, found: &mut BTreeMap<(String, String), Names>) {
    let Some(object) = value.as_object() else { return };
    for (name, value) in object {
        let items = value.as_array().map_or_else(|| vec![value], |items| items.iter().collect());
        for item in items.into_iter().filter(|item| item.is_object()) {
            found.entry((name.clone(), folder.to_owned())).or_default().extend(keys(item));
            fields(folder, item, found);
        }
    }
}

fn all_fields() -> BTreeMap<(String, String), Names> {
    let mut found = BTreeMap::new();
    for (folder, value) in facts() {
        fields(folder, &value, &mut found);
    }
    found
}

/// The words between backticks.
fn quoted(cell: &str) -> Names {
    cell.split('`').skip(1).step_by(2).map(str::to_owned).collect()
}

/// The rows of the table below a heading, cell by cell.
fn table(heading: &str) -> Vec<Vec<String>> {
    let page = std::fs::read_to_string("docs/templates.md").unwrap();
    let section =
        page.split("\n## ").find(|section| section.starts_with(heading)).unwrap_or_else(|| panic!("no {heading}"));
    let rows = section.lines().filter(|line| line.starts_with("| `"));
    rows.map(|row| row.trim_matches('|').split(" | ").map(|cell| cell.trim().to_owned()).collect()).collect()
}

#[test]
fn what_every_mail_knows() {
    let mut documented: Names = table("What every mail knows").iter().flat_map(|row| quoted(&row[0])).collect();
    assert!(documented.remove("lang"), "it is no fact of a mail");
    assert_eq!(documented, keys(&serde_json::to_value(samples::setting("Mira")).unwrap()));
}

#[test]
fn what_each_mail_knows_besides() {
    let mut documented: BTreeMap<String, Names> = BTreeMap::new();
    for row in table("What each mail knows besides") {
        for folder in quoted(&row[0]) {
            assert!(documented.insert(folder.clone(), quoted(&row[2])).is_none(), "{folder} twice");
        }
    }
    assert_eq!(documented, values());
    let folders: Names = built_in::names().iter().filter_map(|name| Some(name.split('/').nth(1)?.to_owned())).collect();
    let mails: Names = folders.into_iter().filter(|name| !name.contains('.') && name != "parts").collect();
    assert_eq!(documented.into_keys().collect::<Names>(), mails, "each folder of templates is a mail");
}

#[test]
fn what_is_inside_a_value() {
    let mut actual: BTreeMap<String, Vec<(Names, Names)>> = BTreeMap::new();
    for ((value, folder), names) in all_fields() {
        let kinds = actual.entry(value).or_default();
        // A value that may lack a field in one mail is still the same as in another.
        match kinds.iter_mut().find(|(_, known)| known.is_subset(&names) || names.is_subset(known)) {
            Some((folders, known)) => {
                folders.insert(folder);
                known.extend(names);
            }
            None => kinds.push((Names::from([folder]), names)),
        }
    }
    let mut documented: BTreeMap<String, Vec<(Names, Names)>> = BTreeMap::new();
    for row in table("What is inside a value") {
        for value in quoted(&row[0]) {
            documented.entry(value).or_default().push((quoted(&row[1]), quoted(&row[2])));
        }
    }
    for kinds in actual.values_mut().chain(documented.values_mut()) {
        kinds.sort();
    }
    assert_eq!(documented, actual);
}

#[test]
fn every_filter_is_told() {
    let source = std::fs::read_to_string("src/engine/render.rs").unwrap();
    let registered: Names =
        source.split("register_filter(\"").skip(1).map(|rest| rest.split('"').next().unwrap().to_owned()).collect();
    let first = |row: &Vec<String>| row[0].trim_matches('`').split('(').next().unwrap().to_owned();
    let documented: Names = table("Filters").iter().map(first).collect();
    assert_eq!(documented, registered);
}

/// The words that a template may compare `why` with are those that the program says.
#[test]
fn every_why_is_told() {
    let page = std::fs::read_to_string("docs/templates.md").unwrap().replace('\n', " ");
    for (folder, value) in facts() {
        if let Some(why) = value["why"].as_str() {
            let line = page.split(" - ").find(|line| {
                line.starts_with("in ") && line.contains(&format!("`{folder}`:"))
                    || line.starts_with(&format!("in an `{folder}`:"))
            });
            assert!(line.is_some_and(|line| quoted(line).contains(why)), "{folder}: {why}");
        }
    }
}
