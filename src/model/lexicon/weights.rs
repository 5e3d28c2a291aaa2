//! What no rule says: the words of a sentence weighed together. The weights are learnt from sentences that people wrote for
//! it (`tests/lexicon`, `examples/weigh.rs`); each is a number beside words in a file that a person can read.

use std::collections::HashMap;
use std::ops::Range;

use foldhash::fast::RandomState;

use super::Category;
use super::features::{self, Feature, Vocabulary};

/// How much words weigh on three scales: somebody may be in danger; it is danger to life, said plainly; it is abuse, neglect or
/// a loss of control.
pub type Scale = [f32; 3];

/// So many words are weighed at a time: shorter sentences together with the next.
const TOGETHER: usize = 10;
/// Of a longer sentence, so many words at a time.
const LONGEST: usize = 45;

/// A sentence this far below the limit of danger only sounds like it, whatever words stand in it; if it has so many.
const LIGHT: f32 = -2.0;
/// … and this far, it does even with words that nearly always are a danger to life.
const LIGHTEST: f32 = -3.0;
const MANY: usize = 10;
/// Fewer words weigh nothing.
const FEWEST: usize = 7;

/// From where on each scale counts.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Limits {
    /// For a text of one sentence.
    pub one: Scale,
    /// More for each doubling of the number of sentences, on the first two scales: who writes much says more that only sounds
    /// like danger.
    pub doublings: [f32; 2],
}

impl Limits {
    /// How much a sentence weighs from them, in a text of one.
    #[must_use]
    pub fn above(&self, score: Scale) -> Scale {
        std::array::from_fn(|at| score[at] - self.one[at])
    }

    /// The same in a text of so many.
    #[must_use]
    pub fn among(&self, sentences: usize, above: Scale) -> Scale {
        let doubled = (sentences.max(1) as f32).log2();
        let [danger, crisis] = self.doublings.map(|doubling| doubling * doubled);
        [above[0] - danger, above[1] - crisis, above[2] - danger]
    }
}

/// What so much above the limits is; `None` for what is not above them.
#[must_use]
pub fn category(above: Scale) -> Option<Category> {
    match above {
        [_, crisis, _] if crisis >= 0.0 => Some(Category::Crisis),
        [danger, ..] if danger < 0.0 => None,
        [_, _, safeguard] if safeguard >= 0.0 => Some(Category::Safeguard),
        _ => Some(Category::Concern),
    }
}

/// Whether so many words that weigh so much from the limits only sound like danger.
#[must_use]
pub fn is_light(words: usize, above: Scale) -> bool {
    words >= MANY && above[0] < LIGHT
}

/// A table of weights.
pub struct Weights {
    vocabulary: Vocabulary,
    rows: HashMap<Feature, Scale, RandomState>,
    limits: Limits,
}

/// A feature that has weights, and the places of its first and last word.
type Known<'a> = (Feature, usize, usize, &'a Scale);

/// Words that were weighed together.
#[derive(Debug, Clone, PartialEq)]
pub struct Run {
    /// Where they stand.
    pub range: Range<usize>,
    /// How much on each scale, from its limit for a text of one sentence.
    pub above: Scale,
    /// How many.
    pub words: usize,
}

impl Run {
    /// Whether it only sounds like danger.
    #[must_use]
    pub fn is_light(&self) -> bool {
        is_light(self.words, self.above)
    }

    /// The same for words that nearly always are a danger to life.
    #[must_use]
    pub fn is_lightest(&self) -> bool {
        self.words >= MANY && self.above[0] < LIGHTEST
    }
}

/// What was weighed heavily enough.
#[derive(Debug, Clone, PartialEq)]
pub struct Weighed {
    /// What it is about.
    pub category: Category,
    /// The words that weighed most.
    pub words: String,
    /// How much on each scale, from its limit.
    pub above: Scale,
}

impl Weights {
    /// Read a table: a line with the limits, then a feature and its weights on each line, all with tabs between.
    ///
    /// # Errors
    /// The number of the line that can't be read.
    pub fn parse(text: &str, mut vocabulary: Vocabulary) -> Result<Self, String> {
        let mut lines = text.lines().enumerate().filter(|(_, line)| !line.starts_with('#') && !line.is_empty());
        // With room for all from the beginning: to grow leaves holes behind that the program keeps.
        let mut rows = HashMap::with_capacity_and_hasher(text.lines().count(), RandomState::default());
        let first = lines.next().and_then(|(_, line)| numbers(line.strip_prefix("limits\t")?));
        let Some([danger, crisis, safeguard, doublings @ ..]) = first.as_deref() else {
            return Err("the first line is `limits` and five numbers".to_owned());
        };
        let doublings = doublings.try_into().map_err(|_| "`limits` has five numbers")?;
        let limits = Limits { one: [*danger, *crisis, *safeguard], doublings };
        for (at, line) in lines {
            let (name, numbers_of) = line.split_once('\t').unwrap_or((line, ""));
            let weights = numbers(numbers_of).as_deref().and_then(scale);
            let (Some(weights), Some(feature)) = (weights, vocabulary.feature(name)) else {
                return Err(format!("line {}: it can't be read", at + 1));
            };
            rows.insert(feature, weights);
        }
        Ok(Self { vocabulary, rows, limits })
    }

    /// How much a run of words weighs.
    #[must_use]
    pub fn weigh(&self, words: &str) -> Scale {
        let tokens = self.vocabulary.read(words);
        if !features::are_known(&tokens) {
            return [0.0; 3];
        }
        let mut known: Vec<(Feature, &Scale)> = Vec::with_capacity(8 * tokens.len());
        self.vocabulary.each(&tokens, |feature, _, _| {
            known.extend(self.rows.get(&feature).map(|weights| (feature, weights)));
        });
        known.sort_unstable_by_key(|(feature, _)| *feature);
        known.dedup_by_key(|(feature, _)| *feature);
        let length = (known.len().max(1) as f32).sqrt();
        std::array::from_fn(|at| known.iter().map(|(_, weights)| weights[at]).sum::<f32>() / length)
    }

    /// The features of a run of words that have weights, each once.
    fn known(&self, words: &str) -> Vec<Known<'_>> {
        let tokens = self.vocabulary.read(words);
        let mut known: Vec<Known<'_>> = Vec::with_capacity(8 * tokens.len());
        self.vocabulary.each(&tokens, |feature, first, last| {
            if let Some(weights) = self.rows.get(&feature) {
                known.push((feature, first, last, weights));
            }
        });
        known.sort_unstable_by_key(|(feature, first, ..)| (*feature, *first));
        known.dedup_by_key(|(feature, ..)| *feature);
        known
    }

    /// The sentences of a text, one on each line, as they are weighed.
    #[must_use]
    pub fn scales(&self, sentences: &str) -> Vec<Run> {
        let run = |range: Range<usize>| {
            let run = &sentences[range.clone()];
            Run { above: self.limits.above(self.weigh(run)), range, words: features::words(run).count() }
        };
        runs(sentences).into_iter().map(run).collect()
    }

    /// What weighs heavily enough; the heaviest of each category.
    #[must_use]
    pub fn heavy(&self, sentences: &str, runs: &[Run]) -> Vec<Weighed> {
        let mut found: Vec<Weighed> = Vec::new();
        // Of a few words the rules say what there is to say.
        for Run { range, above, .. } in runs.iter().filter(|run| run.words >= FEWEST) {
            let above = self.limits.among(runs.len(), *above);
            let Some(category) = category(above) else { continue };
            let weighed = || Weighed { category, words: self.heaviest(&sentences[range.clone()]), above };
            match found.iter_mut().find(|known| known.category == category) {
                Some(known) if known.above[0] >= above[0] => {}
                Some(known) => *known = weighed(),
                None => found.push(weighed()),
            }
        }
        found
    }

    /// The words that have most to do with it, with what stands between them.
    fn heaviest(&self, run: &str) -> String {
        let words: Vec<&str> = features::words(run).collect();
        let mut weights = vec![0.0; words.len()];
        for (_, first, last, [danger, ..]) in self.known(run) {
            let share = danger / (last - first + 1) as f32;
            weights[first..=last].iter_mut().for_each(|weight| *weight += share);
        }
        let (mut best, mut best_sum) = (0..0, 0.0);
        let (mut from, mut sum) = (0, 0.0);
        for (at, weight) in weights.iter().enumerate() {
            sum += weight;
            if sum > best_sum {
                (best, best_sum) = (from..at + 1, sum);
            }
            if sum < 0.0 {
                (from, sum) = (at + 1, 0.0);
            }
        }
        words.get(best).unwrap_or_default().join(" ")
    }

    /// What weighs most in a run of words, by its amount: the name of each feature and its weights.
    #[must_use]
    pub fn explain(&self, run: &str) -> Vec<(String, Scale)> {
        let known = self.known(run).into_iter();
        let mut rows: Vec<_> = known.map(|(feature, .., weights)| (self.vocabulary.name(feature), *weights)).collect();
        rows.sort_by(|(_, one), (_, other)| other[0].abs().total_cmp(&one[0].abs()));
        rows
    }
}

/// The lines of a text as they are weighed: short ones together, a long one in pieces; no run goes on past an empty line.
#[must_use]
pub fn runs(sentences: &str) -> Vec<Range<usize>> {
    let mut all = Vec::new();
    let mut from = 0;
    for part in sentences.split_inclusive("\n\n") {
        all.extend(runs_of_part(part).into_iter().map(|run| run.start + from..run.end + from));
        from += part.len();
    }
    all
}

fn runs_of_part(sentences: &str) -> Vec<Range<usize>> {
    let mut runs: Vec<Range<usize>> = Vec::new();
    let (mut start, mut words, mut at) = (0, 0, 0);
    for piece in sentences.split_inclusive([' ', '\n']) {
        at += piece.len();
        words += usize::from(!matches!(piece, " " | "\n"));
        let ends = (piece.ends_with('\n') && words >= TOGETHER) || words >= LONGEST;
        if ends {
            runs.push(start..at);
            (start, words) = (at, 0);
        }
    }
    if words > 0 {
        // A few words at the end belong to what stands before them.
        match runs.last_mut() {
            Some(last) if words < TOGETHER / 2 => last.end = sentences.len(),
            _ => runs.push(start..sentences.len()),
        }
    }
    runs
}

fn numbers(text: &str) -> Option<Vec<f32>> {
    text.split('\t').map(|number| number.trim().parse().ok()).collect()
}

fn scale(numbers: &[f32]) -> Option<Scale> {
    numbers.try_into().ok()
}
