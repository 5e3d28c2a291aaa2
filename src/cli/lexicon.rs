//! What the lexicon makes of sentences: try it on labelled ones, or ask why one raises what it raises. Needs no database,
//! and settings only to find a group's own file.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context as _, Result, anyhow, bail};
use clap::{Args, Subcommand};
use serde_json::{Value, json};

use super::show::{self, Out};
use super::{Global, house, inspect};
use crate::engine::lexicons::{self, Lexicons};
use crate::model::lexicon::{Category, Explained, Flag, Lexicon};

/// What can be asked.
#[derive(Debug, Subcommand)]
pub enum Verb {
    /// Try it on labelled sentences; 1 when one raises something else than it should
    Test {
        /// Lines `expected<TAB>sentence`, expected being CRISIS, CONCERN+DISTRESS, NONE …; or named columns; - for standard input
        file: PathBuf,
        /// Which lexicon.
        #[command(flatten)]
        which: Which,
    },
    /// Say which rules match in a text, and what silences them
    Explain {
        /// The text
        text: String,
        /// Which lexicon.
        #[command(flatten)]
        which: Which,
    },
}

/// Which lexicon is asked.
#[derive(Debug, Args)]
pub struct Which {
    /// The language of the group [default: that of the group's own file, or English]
    #[arg(long)]
    pub language: Option<String>,
    /// With the group's own file, from the folder `lexicon` of the state folder
    #[arg(long, value_name = "NAME")]
    pub group: Option<String>,
}

impl Which {
    fn lexicon(&self, global: &Global) -> Result<Arc<Lexicon>> {
        let known = |language: &str| Lexicon::languages().any(|known| known == language);
        if let Some(language) = self.language.as_deref().filter(|language| !known(language)) {
            let have: Vec<&str> = Lexicon::languages().collect();
            bail!("there is no lexicon of `{language}`; there are {}", have.join(", "));
        }
        let language = self.language.as_deref();
        let Some(group) = &self.group else { return Ok(Lexicon::of(language.unwrap_or("en"))) };
        let state_dir = house::settings(global)?.service.state_dir;
        let own = Lexicons::open(&state_dir)?;
        let Some(of_file) = own.language_of(group) else {
            bail!("{group} has no file of its own in {}", lexicons::folder(&state_dir).display());
        };
        Ok(own.of(group, language.unwrap_or(of_file)))
    }
}

impl Verb {
    /// Do it.
    ///
    /// # Errors
    /// When the file or the lexicon can't be read, or a sentence raises something else than it should.
    pub fn run(self, global: &Global) -> Result<()> {
        match self {
            Self::Test { file, which } => test(&file, &*which.lexicon(global)?, Out::new(global.json)),
            Self::Explain { text, which } => explain(&text, &*which.lexicon(global)?, Out::new(global.json)),
        }
    }
}

/// A labelled sentence.
struct Case {
    line: usize,
    expected: BTreeSet<Category>,
    sentence: String,
}

/// What the sentences of a file raised.
#[derive(Default)]
struct Score {
    cases: usize,
    /// Of each category: how often it was wanted and how often raised there.
    recall: BTreeMap<Category, (usize, usize)>,
    /// Sentences that should raise nothing, and those of them that raised something.
    quiet: (usize, usize),
    misses: Vec<Value>,
}

fn test(file: &Path, lexicon: &Lexicon, out: Out) -> Result<()> {
    let text = String::from_utf8_lossy(&inspect::read(file)?).into_owned();
    let cases = cases(&text).with_context(|| format!("can't read {}", file.display()))?;
    let mut score = Score::default();
    for case in &cases {
        score.add(case, lexicon.read(&case.sentence));
    }
    if out.is_json() {
        show::print(&show::json_text(&score.json(lexicon)))?;
    } else {
        if !score.misses.is_empty() {
            const COLUMNS: &[show::Column] = &[
                ("line", "line"),
                ("expected", "expected"),
                ("found", "found"),
                ("rules", "rules"),
                ("sentence", "sentence"),
            ];
            out.listing("misses", COLUMNS, score.misses.clone())?;
        }
        show::print(score.summary(lexicon).trim_end())?;
    }
    match score.misses.len() {
        0 => Ok(()),
        misses => bail!("{misses} of {} raise something else than they should", show::count(score.cases, "sentence")),
    }
}

/// The sentences of a file: named columns under a heading, or the expected categories and the sentence.
fn cases(text: &str) -> Result<Vec<Case>> {
    let (mut expected, mut sentence) = (0, 1);
    let mut cases = Vec::new();
    for (at, line) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty() && !line.starts_with('#')) {
        let columns: Vec<&str> = line.split('\t').map(str::trim).collect();
        let named = |name: &str| columns.iter().position(|column| column.eq_ignore_ascii_case(name));
        if let (true, Some(first), Some(second)) = (cases.is_empty(), named("expected"), named("sentence")) {
            (expected, sentence) = (first, second);
            continue;
        }
        let (Some(labels), Some(words)) = (columns.get(expected), columns.get(sentence)) else {
            bail!("line {}: it is `expected<TAB>sentence`", at + 1);
        };
        let expected = categories(labels).ok_or_else(|| anyhow!("line {}: `{labels}` is no category", at + 1))?;
        cases.push(Case { line: at + 1, expected, sentence: (*words).to_owned() });
    }
    if cases.is_empty() {
        bail!("there is no sentence in it");
    }
    Ok(cases)
}

/// `CONCERN+DISTRESS`; NONE for nothing.
fn categories(labels: &str) -> Option<BTreeSet<Category>> {
    let names = labels.split('+').map(|name| name.trim().to_lowercase()).filter(|name| name != "none");
    names.map(|name| serde_json::from_value(Value::String(name)).ok()).collect()
}

impl Score {
    fn add(&mut self, case: &Case, flags: Vec<Flag>) {
        let found: BTreeSet<Category> = flags.iter().map(|flag| flag.category).collect();
        self.cases += 1;
        for category in &case.expected {
            let (wanted, caught) = self.recall.entry(*category).or_default();
            *wanted += 1;
            *caught += usize::from(found.contains(category));
        }
        if case.expected.is_empty() {
            self.quiet.0 += 1;
            self.quiet.1 += usize::from(!found.is_empty());
        }
        if found != case.expected {
            let rules: Vec<String> = flags.iter().map(|flag| format!("{}: {}", flag.rule, flag.words)).collect();
            self.misses.push(json!({
                "line": case.line,
                "expected": case.expected,
                "found": found,
                "rules": rules,
                "flags": flags,
                "sentence": case.sentence,
            }));
        }
    }

    fn json(&self, lexicon: &Lexicon) -> Value {
        let recall: BTreeMap<String, Value> = self
            .recall
            .iter()
            .map(|(category, (wanted, caught))| (show::word(category), json!({ "wanted": wanted, "caught": caught })))
            .collect();
        json!({
            "edition": lexicon.edition(),
            "sentences": self.cases,
            "agree": self.cases - self.misses.len(),
            "recall": recall,
            "false_alarms": { "quiet": self.quiet.0, "raised": self.quiet.1 },
            "misses": self.misses,
        })
    }

    fn summary(&self, lexicon: &Lexicon) -> String {
        let percent = |part: usize, of: usize| (100 * part).checked_div(of).unwrap_or_default();
        let mut rows = vec![("Lexicon".to_owned(), lexicon.edition().to_owned())];
        for (category, (wanted, caught)) in &self.recall {
            rows.push((show::word(category), format!("{caught} of {wanted} ({} %)", percent(*caught, *wanted))));
        }
        let (quiet, raised) = self.quiet;
        rows.push(("false alarms".to_owned(), format!("{raised} of {quiet} ({} %)", percent(raised, quiet))));
        rows.push(("agree".to_owned(), format!("{} of {}", self.cases - self.misses.len(), self.cases)));
        let rows: Vec<(&str, String)> = rows.iter().map(|(name, value)| (name.as_str(), value.clone())).collect();
        show::fields(&rows)
    }
}

fn explain(text: &str, lexicon: &Lexicon, out: Out) -> Result<()> {
    let (flags, rules) = (lexicon.read(text), lexicon.explain(text));
    let json = json!({ "edition": lexicon.edition(), "flags": flags, "rules": rules });
    out.thing(&json, || explanation(&flags, &rules, lexicon.edition()))
}

fn explanation(flags: &[Flag], rules: &[Explained], edition: &str) -> String {
    let mut text = String::new();
    // Writing to a String cannot fail.
    let raised: Vec<String> = flags.iter().map(|flag| show::word(&flag.category)).collect();
    let raised: BTreeSet<&str> = raised.iter().map(String::as_str).collect();
    let raised: Vec<&str> = raised.into_iter().collect();
    let raises =
        if raised.is_empty() { "nothing; that never means that it is safe".to_owned() } else { raised.join(", ") };
    let _ = writeln!(text, "{edition} raises {raises}");
    for rule in rules {
        let _ = writeln!(text, "\n{} {} ({})", show::word(&rule.category), rule.rule, rule.language);
        let _ = writeln!(text, "    matched “{}”", show::one_line(&rule.words));
        let _ = writeln!(text, "    in “{}”", show::one_line(&rule.sentence));
        match (&rule.raised, &rule.why) {
            (Some(category), None) => drop(writeln!(text, "    raises {}", show::word(category))),
            (Some(category), Some(why)) => drop(writeln!(text, "    raises {} only: {why}", show::word(category))),
            (None, why) => drop(writeln!(text, "    raises nothing: {}", why.as_deref().unwrap_or_default())),
        }
    }
    // Two of distress make one more flag, which no rule has.
    for flag in flags.iter().filter(|flag| !rules.iter().any(|rule| rule.rule == flag.rule)) {
        let _ = writeln!(text, "\n{} {}\n    matched “{}”", show::word(&flag.category), flag.rule, flag.words);
    }
    text
}
