//! Try a folder's templates on a sample of every mail, in every language, before anybody gets a mail made of them.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use anyhow::Context as _;
use serde::Serialize;
use tera::{Context, Tera};

use super::folder::{self, Fault};
use super::{Renderer, STYLE, built_in, context, tags};
use crate::engine::samples;
use crate::model::wording::FALLBACK;

/// What above every footer stands alone in its line; replies are cut there.
const MARK: &str = "~ ~ ~";
/// What a mail is made of; a single mail has its author's subject.
const PARTS: [&str; 3] = ["subject.txt", "body.txt", "body.html"];

/// What a folder's files are, and what is wrong with them.
#[derive(Debug, Clone, Default)]
pub struct Report {
    /// Every file, by name.
    pub files: BTreeMap<String, Standing>,
    /// Every fault, by file.
    pub faults: Vec<Fault>,
}

/// What a file is there for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Standing {
    /// It serves in place of the built-in one of the same name.
    Overrides,
    /// It says in another language what the built-in one says.
    Translates,
    /// Another file of the folder takes it in.
    TakenIn,
    /// Nothing looks at it.
    Unused,
}

/// Check a folder.
///
/// # Errors
/// When it can't be read.
pub fn check(overrides: &Path) -> anyhow::Result<Report> {
    // As they are written: places are those of the files.
    let (renderer, mut faults) = Renderer::read(Some(overrides), false)?;
    let sources = folder::read(overrides, &mut Vec::new())?;
    let built_in = built_in::names();
    let files: BTreeMap<String, Standing> =
        sources.iter().map(|(name, _)| (name.clone(), standing(name, &sources, &built_in))).collect();
    for (name, _) in files.iter().filter(|(_, standing)| **standing == Standing::Unused) {
        let nearest = nearest(name, &built_in).map(|near| format!("; is it meant for {near}?")).unwrap_or_default();
        faults.push(Fault::of_file(name, &format!("no built-in file has this name, and no file takes it in{nearest}")));
    }
    let served = renderer.served.as_ref().context("no folder was read")?;
    faults.extend(incomplete(served, &files, &built_in));
    faults.extend(tried(served, &sources, &files)?);
    faults.sort();
    faults.dedup();
    Ok(Report { files, faults })
}

fn standing(name: &str, sources: &[(String, String)], built_in: &BTreeSet<String>) -> Standing {
    if name == STYLE || built_in.contains(name) {
        return Standing::Overrides;
    }
    let in_english = name.split_once('/').map(|(_, rest)| format!("{FALLBACK}/{rest}"));
    if in_english.is_some_and(|known| built_in.contains(&known)) {
        return Standing::Translates;
    }
    let quoted = [format!("\"{name}\""), format!("'{name}'")];
    let is_taken_in =
        sources.iter().any(|(other, source)| other != name && quoted.iter().any(|it| source.contains(it)));
    if is_taken_in { Standing::TakenIn } else { Standing::Unused }
}

/// The built-in name that has most in common with it at both ends.
#[must_use]
pub fn nearest<'a>(name: &str, built_in: &'a BTreeSet<String>) -> Option<&'a str> {
    let alike = |known: &str| {
        let ahead = name.chars().zip(known.chars()).take_while(|(one, other)| one == other).count();
        let behind = name.chars().rev().zip(known.chars().rev()).take_while(|(one, other)| one == other).count();
        (ahead + behind).min(name.len())
    };
    let best = built_in.iter().max_by_key(|known| (alike(known), std::cmp::Reverse(known.len())))?;
    (alike(best) * 4 >= name.len() * 3).then_some(best)
}

/// A mail is written in a language when all of its parts are there; one of them alone is never used.
fn incomplete(served: &Tera, files: &BTreeMap<String, Standing>, built_in: &BTreeSet<String>) -> Vec<Fault> {
    let mut faults = Vec::new();
    for name in files.iter().filter(|(_, standing)| **standing == Standing::Translates).map(|(name, _)| name) {
        let [language, mail, file] = name.split('/').collect::<Vec<_>>()[..] else { continue };
        if !PARTS.contains(&file) {
            continue;
        }
        let needed = PARTS.iter().filter(|part| built_in.contains(&format!("{FALLBACK}/{mail}/{part}")));
        let missing = needed.map(|part| format!("{language}/{mail}/{part}")).find(|it| !served.contains_template(it));
        if let Some(missing) = missing {
            faults.push(Fault::of_file(name, &format!("is not used as long as {missing} is missing")));
        }
    }
    faults
}

/// Render every sample in every language.
fn tried(
    served: &Tera,
    sources: &[(String, String)],
    files: &BTreeMap<String, Standing>,
) -> anyhow::Result<Vec<Fault>> {
    let languages: BTreeSet<&str> =
        served.get_template_names().filter_map(|name| Some(name.split_once('/')?.0)).collect();
    let samples = every_sample()?;
    let mut faults = of_another_mail(served, sources, &samples);
    let misplaced: BTreeSet<_> = faults.iter().map(|fault| (fault.file.clone(), fault.place)).collect();
    for sample in &samples {
        for (language, file) in
            languages.iter().flat_map(|language| sample.files.iter().map(move |file| (language, file)))
        {
            let name = format!("{language}/{}/{file}", sample.mail);
            if !served.contains_template(&name) {
                continue;
            }
            let mut facts = sample.facts.clone();
            facts.insert("lang", language);
            let said = served.render(&name, &facts);
            let fault = fault_of(&name, said.as_deref(), files);
            faults.extend(fault.filter(|fault| !misplaced.contains(&(fault.file.clone(), fault.place))));
        }
    }
    Ok(faults)
}

/// A variable that there is, but that no form of this mail has; also where no sample comes by.
fn of_another_mail(served: &Tera, sources: &[(String, String)], samples: &[Sample]) -> Vec<Fault> {
    let mut faults = Vec::new();
    for (name, source) in sources {
        let [_, mail, file] = name.split('/').collect::<Vec<_>>()[..] else { continue };
        let Ok(used) = served.get_template_variables(name) else { continue };
        let of_mail = samples.iter().filter(|sample| sample.mail == mail && sample.files.contains(&file));
        let facts: Vec<&Context> = of_mail.map(|sample| &sample.facts).collect();
        if facts.is_empty() {
            continue;
        }
        // A file that is taken in may use what this one makes.
        let is_made = |name: &str| {
            let made = [format!("for {name} in "), format!(", {name} in "), format!("set {name} ")];
            made.iter().any(|made| source.contains(made))
        };
        let is_known =
            |name: &str| name == "lang" || is_made(name) || facts.iter().any(|facts| facts.contains_key(name));
        for variable in used.iter().filter(|used| !is_known(used)) {
            let fault = Fault::of_file(name, &format!("this mail has no variable `{variable}`"));
            faults.extend(tags::place_of(source, variable).map(|place| Fault { place: Some(place), ..fault }));
        }
    }
    faults
}

/// What is wrong with what a template made of a sample.
fn fault_of(name: &str, said: Result<&str, &tera::Error>, files: &BTreeMap<String, Standing>) -> Option<Fault> {
    let what = match said {
        Err(error) => {
            let fault = Fault::of(error, name);
            let is_theirs = files.contains_key(&fault.file) || !files.contains_key(name);
            return Some(if is_theirs { fault } else { Fault::of_file(name, &format!("fails in {fault}")) });
        }
        Ok(_) if !files.contains_key(name) => return None,
        Ok(said) if name.ends_with("/subject.txt") => {
            let lines = said.trim().lines().count();
            (lines != 1).then(|| format!("a subject is one line, and this makes {lines}"))
        }
        Ok(said) if name.ends_with("/body.txt") => {
            let marks = said.lines().filter(|line| line.trim_end() == MARK).count();
            (marks != 1).then(|| {
                format!("the line `{MARK}` stands once above the footer, for replies are cut there; here are {marks}")
            })
        }
        Ok(_) => None,
    };
    what.map(|what| Fault::of_file(name, &what))
}

/// A mail that is made up, what its templates know, and which files are rendered with it; others are taken in by them.
struct Sample {
    mail: &'static str,
    files: &'static [&'static str],
    facts: Context,
}

fn every_sample() -> anyhow::Result<Vec<Sample>> {
    let mut all = Vec::new();
    for (_, notice) in samples::every_notice() {
        let facts = context(&samples::setting_of(&notice), &notice)?;
        all.push(Sample { mail: notice.folder(), files: &PARTS, facts });
    }
    let setting = samples::setting("");
    let pages = [
        samples::digest(),
        samples::digest_of_a_piece(),
        samples::digest_of_somebody_new(),
        samples::digest_with_everything(),
    ];
    for page in pages {
        all.push(Sample { mail: "digest", files: &PARTS, facts: context(&setting, &page)? });
        all.push(Sample {
            mail: "digest",
            files: &["before.txt", "after.txt", "rfc1153.txt"],
            facts: context(&setting, &page)?,
        });
        for post in page.conversations.iter().flat_map(|conversation| &conversation.posts) {
            let mut facts = context(&setting, &())?;
            facts.insert("post", post);
            all.push(Sample { mail: "digest", files: &["message.txt"], facts });
        }
    }
    for page in [samples::single(), samples::single_with_picture()] {
        all.push(Sample { mail: "single", files: &PARTS, facts: context(&setting, &page)? });
    }
    Ok(all)
}
