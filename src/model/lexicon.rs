//! What a text raises: flags from tables of expressions, one per language, judged sentence by sentence.
//!
//! People mix languages, so every table reads every text: the group's own raises all that it has, the others only what
//! tells of somebody who may need help. Flags order the pile and people are the net: no flag never means that a text is
//! safe. Reading never fails; a table that can't be compiled is refused as a whole, with the name of its rule.

mod anchors;
mod explain;
pub mod features;
mod judging;
mod normal;
mod overlay;
mod pattern;
mod table;
#[cfg(test)]
mod tests;
pub mod weights;

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::sync::{Arc, LazyLock, OnceLock};

pub use explain::Explained;
use features::Vocabulary;
use judging::Finding;
pub use overlay::Overlay;
use table::{Table, Written};
use weights::{Run, Weighed, Weights};

/// A longer text is no letter: so much of its beginning is read, and [`TAIL_OCTETS`].
const HEAD_OCTETS: usize = 256 * 1024;
/// So much of the end of a long text is read.
const TAIL_OCTETS: usize = 64 * 1024;
/// The name of what no rule says: words that weigh enough together.
pub const WEIGHED: &str = "weighed";

/// What a flagged expression is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Category {
    /// Danger to life, said plainly.
    Crisis,
    /// An ambiguous wish to be dead, or two marks of distress.
    Concern,
    /// Suicide spoken of as denied, past or another's death.
    Mention,
    /// Abuse, neglect, a caregiver losing control.
    Safeguard,
    /// Insult or threat.
    Abuse,
    /// Medical advice that may harm.
    Medical,
    /// Selling or asking for money.
    Solicit,
    /// Contact outside the group.
    Contact,
    /// A minor.
    Minor,
    /// Distress; alone it never holds a post.
    Distress,
}

/// One finding: the rule and the words that it matched.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Flag {
    /// What it is about.
    pub category: Category,
    /// The name of the rule in the lexicon.
    pub rule: String,
    /// The words as they stand in the (normalised) text.
    #[serde(rename = "match")]
    pub words: String,
}

/// Whether a category may tell of a danger to life or limb: a person on call must be told at once.
#[must_use]
pub fn is_urgent(category: Category) -> bool {
    matches!(category, Category::Crisis | Category::Safeguard)
}

/// Whether one of these may.
#[must_use]
pub fn any_is_urgent(flags: &[Flag]) -> bool {
    flags.iter().any(|flag| is_urgent(flag.category))
}

/// Whether a category tells of somebody who may need help, rather than of something that the group should not get.
#[must_use]
pub fn may_be_in_danger(category: Category) -> bool {
    use Category::{Concern, Crisis, Distress, Mention, Minor, Safeguard};
    matches!(category, Crisis | Concern | Mention | Safeguard | Minor | Distress)
}

/// The tables that a text is read by, in their order: the group's language first.
pub struct Lexicon {
    layers: Vec<Layer>,
    /// Rules that the group's own file silences.
    silenced: BTreeSet<String>,
    /// Which tables these are, as the record has it.
    edition: String,
}

/// One table, and how much of what it finds counts.
struct Layer {
    source: Source,
    /// The weights of its language; `None` for a table that stands alone.
    weights: Option<&'static LazyLock<Weights>>,
    /// Everything counts, not danger alone.
    whole: bool,
}

/// Where a table comes from; it is compiled when a text is first read by it.
enum Source {
    BuiltIn(&'static LazyLock<Table>),
    /// A built-in one and the additions of a group's own file.
    Widened {
        written: Box<Written>,
        base: &'static LazyLock<Table>,
        compiled: OnceLock<Option<Box<Table>>>,
    },
}

impl Source {
    fn table(&self) -> &Table {
        match self {
            Self::BuiltIn(table) => table,
            Self::Widened { written, base, compiled } => {
                // Its own rules were compiled when the file was read. Should the whole fail after all, danger is still
                // looked for by the language's table.
                compiled.get_or_init(|| Table::compile(written).ok().map(Box::new)).as_deref().unwrap_or(base)
            }
        }
    }
}

/// A table that is built in.
struct BuiltIn {
    language: &'static str,
    text: &'static str,
    table: LazyLock<Table>,
    weights: LazyLock<Weights>,
}

const ENGLISH: &str = include_str!("../../config/lexicon.en.toml");
const ENGLISH_WEIGHTS: &str = include_str!("../../config/weights.en.tsv");
const SPANISH: &str = include_str!("../../config/lexicon.es.toml");
const SPANISH_WEIGHTS: &str = include_str!("../../config/weights.es.tsv");

/// The first stands in for a language that has none.
static BUILT_IN: [BuiltIn; 2] = [
    BuiltIn {
        language: "en",
        text: ENGLISH,
        table: LazyLock::new(|| built_in(ENGLISH)),
        weights: LazyLock::new(|| built_in_weights(0, ENGLISH_WEIGHTS)),
    },
    BuiltIn {
        language: "es",
        text: SPANISH,
        table: LazyLock::new(|| built_in(SPANISH)),
        weights: LazyLock::new(|| built_in_weights(1, SPANISH_WEIGHTS)),
    },
];

/// The lexicons of [`BUILT_IN`], each with its own language first.
static LEXICONS: LazyLock<Vec<Arc<Lexicon>>> =
    LazyLock::new(|| BUILT_IN.iter().map(|first| Arc::new(Lexicon::layered(first.language, None))).collect());

#[allow(clippy::expect_used, reason = "the built-in tables are constants that a test compiles")]
fn built_in(text: &str) -> Table {
    Written::parse(text).and_then(|written| Table::compile(&written)).expect("the built-in lexicon compiles")
}

#[allow(clippy::expect_used, reason = "the built-in tables are constants that a test reads")]
fn built_in_weights(table: usize, weights: &str) -> Weights {
    Weights::parse(weights, BUILT_IN[table].table.vocabulary.clone()).expect("the built-in weights can be read")
}

impl Lexicon {
    /// Compile a table that stands alone.
    ///
    /// # Errors
    /// A sentence with the place in the file, or the rule and the pattern that can't be read.
    pub fn parse(text: &str) -> Result<Self, String> {
        let written = Written::parse(text)?;
        let table = Table::compile(&written)?;
        table.check(&written)?;
        let edition = table.edition();
        let base = &BUILT_IN[0].table;
        let source =
            Source::Widened { written: Box::new(written), base, compiled: OnceLock::from(Some(Box::new(table))) };
        Ok(Self { layers: vec![Layer { source, weights: None, whole: true }], silenced: BTreeSet::new(), edition })
    }

    /// The lexicon of `language`; that of English where there is none.
    #[must_use]
    pub fn of(language: &str) -> Arc<Self> {
        let at = BUILT_IN.iter().position(|table| table.language == language).unwrap_or(0);
        Arc::clone(&LEXICONS[at])
    }

    /// A text as it is judged: a sentence on each line, of folded words.
    #[must_use]
    pub fn sentences(&self, text: &str) -> String {
        self.layers[0].source.table().sentences(&folded(&[text]))
    }

    /// The words of the families of a language, English where there is none.
    #[must_use]
    pub fn vocabulary(language: &str) -> Vocabulary {
        let built_in = BUILT_IN.iter().find(|table| table.language == language).unwrap_or(&BUILT_IN[0]);
        built_in.table.vocabulary.clone()
    }

    /// Make at once what every text needs; what few do, their expressions, is made when a text first needs it.
    pub fn prepare(&self) {
        for layer in &self.layers {
            layer.source.table();
            if let Some(weights) = layer.weights {
                LazyLock::force(weights);
            }
        }
    }

    /// The languages that have a table.
    pub fn languages() -> impl Iterator<Item = &'static str> {
        BUILT_IN.iter().map(|table| table.language)
    }

    /// The lexicon of `language` with a group's own file over it.
    #[must_use]
    pub fn with(language: &str, overlay: &Overlay) -> Self {
        Self::layered(language, Some(overlay))
    }

    fn layered(language: &str, overlay: Option<&Overlay>) -> Self {
        let first = BUILT_IN.iter().position(|table| table.language == language).unwrap_or(0);
        let others = (0..BUILT_IN.len()).filter(|at| *at != first);
        let layers = std::iter::once(first).chain(others).map(|at| {
            let BuiltIn { language, table, weights, .. } = &BUILT_IN[at];
            let own = overlay.filter(|overlay| overlay.language() == *language);
            Layer {
                source: match own {
                    Some(overlay) => {
                        Source::Widened { written: Box::new(overlay.over()), base: table, compiled: OnceLock::new() }
                    }
                    None => Source::BuiltIn(table),
                },
                weights: Some(weights),
                // What a group adds for itself counts, in whichever language it says it.
                whole: at == first || own.is_some(),
            }
        });
        let layers: Vec<Layer> = layers.collect();
        let mut edition = BUILT_IN[first].edition();
        if let Some(overlay) = overlay {
            edition = format!("{edition} + {}", overlay.edition());
        }
        Self { layers, silenced: overlay.map(|overlay| overlay.silenced().clone()).unwrap_or_default(), edition }
    }

    /// `en 2`, or `en 2 + rose 1` where the group `rose` has a file of its own: which table judged, for the record.
    #[must_use]
    pub fn edition(&self) -> &str {
        &self.edition
    }

    /// What `text` raises, the gravest first; every rule once for a category, with the first words it matched. Takes a
    /// time linear in the text, of which it reads the beginning and the end.
    #[must_use]
    pub fn read(&self, text: &str) -> Vec<Flag> {
        self.read_parts(&[text])
    }

    /// The same of a text in parts, such as its subject and its body: no sentence goes on from one to the next, and they are
    /// weighed apart.
    #[must_use]
    pub fn read_parts(&self, parts: &[&str]) -> Vec<Flag> {
        let folded = folded(parts);
        if folded.is_empty() {
            return Vec::new();
        }
        let (mut flags, mut weighed) = (Vec::<Flag>::new(), Vec::<Flag>::new());
        for layer in &self.layers {
            let table = layer.source.table();
            let weights = layer.weights.filter(|_| !self.silenced.contains(WEIGHED));
            let Looked { sentences, runs, findings } = Looked::at(&folded, table, weights, &self.silenced);
            for finding in findings {
                let Some(flag) = finding.flag(table).filter(|flag| layer.whole || may_be_in_danger(flag.category))
                else {
                    continue;
                };
                // Rules overlap: what repeats the words of another tells a moderator nothing.
                let repeats = |known: &Flag| {
                    known.rule == flag.rule || known.words.contains(&flag.words) || flag.words.contains(&known.words)
                };
                if !flags.iter().any(|known| known.category == flag.category && repeats(known)) {
                    flags.push(flag);
                }
            }
            weighed.extend(weights.into_iter().flat_map(|weights| weights.heavy(&sentences, &runs)).map(Flag::from));
        }
        add_concern(&mut flags);
        // Where a rule says it already, its name says more.
        weighed.retain(|weighed| {
            let says_more = |flag: &Flag| {
                flag.category == weighed.category || (is_urgent(flag.category) && weighed.category == Category::Concern)
            };
            !flags.iter().any(says_more)
        });
        flags.extend(weighed);
        flags.sort_by_key(|flag| flag.category);
        flags
    }
}

/// What one table makes of a folded text.
struct Looked {
    /// One on each line; an empty line between parts.
    sentences: String,
    /// What they weigh; nothing where they are not weighed.
    runs: Vec<Run>,
    findings: Vec<Finding>,
}

impl Looked {
    fn at(
        folded: &[String],
        table: &Table,
        weights: Option<&'static LazyLock<Weights>>,
        silenced: &BTreeSet<String>,
    ) -> Self {
        let sentences = table.sentences(folded);
        let runs = weights.map(|weights| weights.scales(&sentences)).unwrap_or_default();
        let findings = table.find(&sentences, &runs, silenced);
        Self { sentences, runs, findings }
    }
}

impl From<Weighed> for Flag {
    fn from(weighed: Weighed) -> Self {
        Self { category: weighed.category, rule: WEIGHED.to_owned(), words: weighed.words }
    }
}

impl BuiltIn {
    /// Without compiling the table.
    fn edition(&self) -> String {
        let version = self.text.lines().find_map(|line| line.strip_prefix("version = ")).unwrap_or_default();
        format!("{} {}", self.language, version.trim())
    }
}

/// The parts of a text in the spelling of the tables, without those that say nothing.
fn folded(parts: &[&str]) -> Vec<String> {
    parts.iter().filter(|part| !part.trim().is_empty()).map(|part| normal::folded(&both_ends(part))).collect()
}

/// The beginning and the end of a text that is too long to be a letter.
fn both_ends(text: &str) -> Cow<'_, str> {
    if text.len() <= HEAD_OCTETS + TAIL_OCTETS {
        return Cow::Borrowed(text);
    }
    let (head, tail) = (text.floor_char_boundary(HEAD_OCTETS), text.ceil_char_boundary(text.len() - TAIL_OCTETS));
    Cow::Owned(format!("{}\n\n{}", &text[..head], &text[tail..]))
}

/// Two different marks of distress in one text are a concern.
fn add_concern(flags: &mut Vec<Flag>) {
    let marks: Vec<&Flag> = flags.iter().filter(|flag| flag.category == Category::Distress).collect();
    if let [first, second, ..] = marks[..] {
        let words = format!("{} … {}", first.words, second.words);
        flags.push(Flag { category: Category::Concern, rule: "two-marks-of-distress".into(), words });
    }
}
