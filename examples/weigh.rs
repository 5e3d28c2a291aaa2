//! Learn the weights of a language from its sentences, and say first how well they do on the sentences of writers who were
//! left out of the learning.
//!
//! `cargo run --release --example weigh -- en` reads `tests/lexicon/en/learnt/*.tsv` and writes `config/weights.en.tsv`.
//! A logistic regression with a square penalty, by steps along the gradient of one sentence after the other; the order is
//! the same each time, so the same sentences give the same weights.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, ensure};
use lamplight::model::lexicon::features::{Feature, Vocabulary};
use lamplight::model::lexicon::weights::{Limits, Scale, category, is_light, runs};
use lamplight::model::lexicon::{Category, Lexicon};

/// What may be said wrongly of every hundred ordinary sentences: on all scales together, and as a danger to life.
const FALSE_ALARMS: [f64; 2] = [0.062, 0.01];
/// The same of ordinary posts: on all scales together, and as a danger to life.
const OF_POSTS: [f64; 2] = [0.014, 0.004];
const EPOCHS: usize = 60;
/// How little the weights are held back.
const FREEDOM: f64 = 30.0;
/// A sentence that says its danger plainly counts so much.
const PLAINLY: f64 = 8.0;
/// A feature of fewer sentences is not weighed.
const FEWEST: usize = 3;
/// A smaller weight is none.
const SMALLEST: f64 = 0.6;

struct Sentence {
    label: String,
    writer: usize,
    features: Vec<Feature>,
    /// The gravest that a rule says already.
    by_rule: Option<Category>,
    words: usize,
}

impl Sentence {
    /// Whether the rule's word stands; a concern does not in a sentence that weighs nothing.
    fn is_ruled(&self, above: Scale) -> bool {
        match self.by_rule {
            None => false,
            Some(Category::Crisis | Category::Safeguard) => true,
            Some(_) => !is_light(self.words, above),
        }
    }
}

/// All that a language's writers wrote.
struct Written {
    sentences: Vec<Sentence>,
    /// Of whom each ordinary post is, and what is weighed of it.
    posts: Vec<(usize, Vec<Vec<Feature>>)>,
    /// Which writers made their sentences hard, or easy, on purpose: these are learnt from; how often ordinary talk sounds like
    /// danger the others tell.
    on_purpose: Vec<bool>,
}

/// What those who had not learnt from a writer made of her sentences, and of her posts.
struct LeftOut {
    sentences: Vec<(usize, Scale)>,
    posts: Vec<Vec<Scale>>,
}

fn main() -> Result<()> {
    let language = std::env::args().nth(1).unwrap_or_else(|| "en".to_owned());
    let mut vocabulary = Lexicon::vocabulary(&language);
    let written = Written::read(&language, &mut vocabulary)?;
    let left_out = written.leave_out();
    let limits = limits(&written, &left_out);
    report(&written, &left_out, &limits);
    let model = Model::learn(&written.sentences.iter().collect::<Vec<_>>());
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("config/weights.{language}.tsv"));
    let text = model.written(&vocabulary, &limits);
    println!("{}: {} features, {} octets", file.display(), model.rows.len(), text.len());
    std::fs::write(file, text)?;
    Ok(())
}

impl Written {
    fn read(language: &str, vocabulary: &mut Vocabulary) -> Result<Self> {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let table = std::fs::read_to_string(root.join(format!("config/lexicon.{language}.toml")))?;
        let rules = Lexicon::parse(&table).map_err(anyhow::Error::msg)?;
        let folder = root.join("tests/lexicon").join(language).join("learnt");
        let mut files: Vec<_> = std::fs::read_dir(&folder)?.filter_map(|entry| Some(entry.ok()?.path())).collect();
        files.sort();
        let is_on_purpose =
            |file: &PathBuf| ["/hard-", "/more-"].iter().any(|name| file.to_string_lossy().contains(name));
        let on_purpose = files.iter().map(is_on_purpose).collect();
        let mut all = Self { sentences: Vec::new(), posts: Vec::new(), on_purpose };
        for (writer, file) in files.iter().enumerate() {
            for line in std::fs::read_to_string(file)?.lines() {
                let (label, text) = line.split_once('\t').with_context(|| format!("{}: {line}", file.display()))?;
                all.add(label, text, writer, &rules, vocabulary);
            }
        }
        ensure!(!all.sentences.is_empty(), "{} holds no sentence", folder.display());
        Ok(all)
    }

    fn add(&mut self, label: &str, text: &str, writer: usize, rules: &Lexicon, vocabulary: &mut Vocabulary) {
        let words = rules.sentences(text);
        let label = label.to_owned();
        if label != "POST" {
            let features = features(vocabulary, &words);
            let alarm =
                |category: &Category| matches!(category, Category::Crisis | Category::Concern | Category::Safeguard);
            let by_rule = rules.read(text).iter().map(|flag| flag.category).filter(alarm).min();
            let length = words.split_whitespace().count();
            self.sentences.push(Sentence { label, writer, features, by_rule, words: length });
            return;
        }
        let runs: Vec<_> = runs(&words).into_iter().map(|run| features(vocabulary, &words[run])).collect();
        // Each sentence of an ordinary post is one that is no danger.
        self.sentences.extend(runs.iter().map(|features| Sentence {
            label: label.clone(),
            writer,
            features: features.clone(),
            by_rule: None,
            words: 0,
        }));
        self.posts.push((writer, runs));
    }

    /// Learn from all writers but one, for each of them.
    fn leave_out(&self) -> LeftOut {
        let mut left_out = LeftOut { sentences: Vec::new(), posts: Vec::new() };
        for writer in 0..self.on_purpose.len() {
            let learnt: Vec<&Sentence> = self.sentences.iter().filter(|one| one.writer != writer).collect();
            let model = Model::learn(&learnt);
            let others = self.sentences.iter().enumerate().filter(|(_, one)| one.writer == writer);
            left_out.sentences.extend(others.map(|(at, one)| (at, model.score(&one.features))));
            let own = self.posts.iter().filter(|(of, _)| *of == writer);
            left_out.posts.extend(own.map(|(_, runs)| runs.iter().map(|run| model.score(run)).collect::<Vec<_>>()));
        }
        left_out
    }
}

fn features(vocabulary: &mut Vocabulary, words: &str) -> Vec<Feature> {
    let tokens = vocabulary.learn(words);
    let mut found = Vec::new();
    vocabulary.each(&tokens, |feature, _, _| found.push(feature));
    found.sort_unstable();
    found.dedup();
    found
}

/// From where on each scale counts, so that no more of what is ordinary is heard than may be.
fn limits(written: &Written, left_out: &LeftOut) -> Limits {
    // What a rule raises an alarm about is one, however little it weighs. (A limit of about 1 is assumed here.)
    let assumed = Limits { one: [1.0; 3], doublings: [0.0; 2] };
    let limit = |scale: usize, share: f64| {
        let of = left_out.sentences.iter().map(|(at, score)| (&written.sentences[*at], score));
        let of = of.filter(|(one, _)| one.label == "ORDINARY" && !written.on_purpose[one.writer]);
        let score = |(one, score): (&Sentence, &Scale)| {
            if scale == 0 && one.is_ruled(assumed.above(*score)) { f32::INFINITY } else { score[scale] }
        };
        let mut ordinary: Vec<f32> = of.map(score).collect();
        ordinary.sort_by(f32::total_cmp);
        ordinary[((ordinary.len() as f64) * (1.0 - share)) as usize]
    };
    let [all, crisis] = FALSE_ALARMS;
    // What is abuse is not worth less than other danger.
    let one = [limit(0, all), limit(1, crisis), limit(2, crisis).max(0.0)];
    let mut limits = Limits { one, doublings: [9.0; 2] };
    for (scale, share) in [(1, OF_POSTS[1]), (0, OF_POSTS[0])] {
        limits.doublings[scale] = 0.0;
        while heard(&left_out.posts, &limits) as f64 > share * left_out.posts.len() as f64
            && limits.doublings[scale] <= 3.0
        {
            limits.doublings[scale] += 0.02;
        }
    }
    limits
}

/// How many of these posts are heard.
fn heard(posts: &[Vec<Scale>], limits: &Limits) -> usize {
    let is_heard = |runs: &&Vec<Scale>| runs.iter().any(|score| in_text(limits, score, runs.len()).is_some());
    posts.iter().filter(is_heard).count()
}

fn in_text(limits: &Limits, score: &Scale, sentences: usize) -> Option<Category> {
    category(limits.among(sentences, limits.above(*score)))
}

fn report(written: &Written, left_out: &LeftOut, limits: &Limits) {
    println!("writers left out of the learning, {} of them; a text of one sentence", written.on_purpose.len());
    let labels: BTreeSet<&str> = written.sentences.iter().map(|one| one.label.as_str()).collect();
    for label in labels.into_iter().filter(|label| *label != "POST") {
        for on_purpose in [false, true] {
            let of = left_out.sentences.iter().map(|(at, score)| (&written.sentences[*at], score));
            let of: Vec<_> = of
                .filter(|(one, _)| one.label == label && written.on_purpose[one.writer] == on_purpose)
                .map(|(one, score)| (one.is_ruled(limits.above(*score)), score))
                .collect();
            if of.is_empty() {
                continue;
            }
            let share = |is_one: &dyn Fn(bool, &Scale) -> bool| {
                100.0 * of.iter().filter(|(by_rule, score)| is_one(*by_rule, score)).count() as f64 / of.len() as f64
            };
            let alone = |score: &Scale| in_text(limits, score, 1);
            println!(
                "{label:12} {} {:5} sentences, heard {:5.1} %, by rules alone {:5.1} %; by weights {:5.1} %, in a text of eight \
                 {:5.1} %, as a crisis {:5.1} %, as abuse or neglect {:5.1} %",
                if on_purpose { "hard or easy" } else { "            " },
                of.len(),
                share(&|by_rule, score| by_rule || alone(score).is_some()),
                share(&|by_rule, _| by_rule),
                share(&|_, score| alone(score).is_some()),
                share(&|_, score| in_text(limits, score, 8).is_some()),
                share(&|_, score| alone(score) == Some(Category::Crisis)),
                share(&|_, score| alone(score) == Some(Category::Safeguard)),
            );
        }
    }
    println!("ordinary posts {:5}, heard {}", left_out.posts.len(), heard(&left_out.posts, limits));
}

struct Model {
    rows: HashMap<Feature, [f64; 3]>,
}

impl Model {
    fn learn(sentences: &[&Sentence]) -> Self {
        let mut counts: BTreeMap<Feature, usize> = BTreeMap::new();
        for feature in sentences.iter().flat_map(|one| &one.features) {
            *counts.entry(*feature).or_default() += 1;
        }
        let known: Vec<Feature> =
            counts.iter().filter(|(_, count)| **count >= FEWEST).map(|(feature, _)| *feature).collect();
        let place: HashMap<Feature, usize> = known.iter().enumerate().map(|(at, feature)| (*feature, at)).collect();
        let places: Vec<Vec<usize>> = sentences
            .iter()
            .map(|one| one.features.iter().filter_map(|feature| place.get(feature).copied()).collect())
            .collect();
        let mut rows: HashMap<Feature, [f64; 3]> = known.iter().map(|feature| (*feature, [0.0; 3])).collect();
        for scale in 0..3 {
            let weights = regression(sentences, &places, known.len(), scale);
            for (feature, weight) in known.iter().zip(weights) {
                if let Some(row) = rows.get_mut(feature) {
                    row[scale] = weight;
                }
            }
        }
        rows.retain(|_, row| row.iter().any(|weight| weight.abs() >= SMALLEST));
        Self { rows }
    }

    fn score(&self, features: &[Feature]) -> Scale {
        let known: Vec<&[f64; 3]> = features.iter().filter_map(|feature| self.rows.get(feature)).collect();
        let length = (known.len().max(1) as f64).sqrt();
        std::array::from_fn(|scale| (known.iter().map(|row| row[scale]).sum::<f64>() / length) as f32)
    }

    fn written(&self, vocabulary: &Vocabulary, limits: &Limits) -> String {
        let mut rows: Vec<(String, &[f64; 3])> =
            self.rows.iter().map(|(feature, row)| (vocabulary.name(*feature), row)).collect();
        rows.sort_by(|one, other| one.0.cmp(&other.0));
        let mut text = String::from(
            "# How much words weigh: somebody may be in danger; danger to life, said plainly; abuse, neglect or a loss of control.\n\
             # <name> is a family of lexicon.*.toml, ^ and $ are the ends of what is weighed, … is up to four words.\n\
             # Written by `cargo run --release --example weigh`; change the sentences it learns from, not this.\n",
        );
        let Limits { one: [danger, crisis, safeguard], doublings: [danger_doubled, crisis_doubled] } = limits;
        let _ = writeln!(
            text,
            "limits\t{danger:.2}\t{crisis:.2}\t{safeguard:.2}\t{danger_doubled:.2}\t{crisis_doubled:.2}"
        );
        for (name, [danger, crisis, safeguard]) in rows {
            let _ = writeln!(text, "{name}\t{danger:.2}\t{crisis:.2}\t{safeguard:.2}");
        }
        text
    }
}

fn is_told(label: &str, scale: usize) -> bool {
    match scale {
        0 => matches!(label, "PLAIN" | "UNDERSTATED" | "CONCERN" | "SAFEGUARD"),
        1 => label == "PLAIN",
        _ => label == "SAFEGUARD",
    }
}

fn regression(sentences: &[&Sentence], places: &[Vec<usize>], size: usize, scale: usize) -> Vec<f64> {
    let told = sentences.iter().filter(|one| is_told(&one.label, scale)).count().max(1) as f64;
    let all = sentences.len() as f64;
    let importance: Vec<f64> = sentences
        .iter()
        .map(|one| {
            let of_class = if is_told(&one.label, scale) { told } else { all - told };
            all / (2.0 * of_class) * if one.label == "PLAIN" { PLAINLY } else { 1.0 }
        })
        .collect();
    let penalty = 1.0 / FREEDOM;
    // Nothing is added for being a sentence: of words that nobody knows, nothing is known.
    let (mut weights, mut shrink) = (vec![0.0; size], 1.0_f64);
    let mut order: Vec<usize> = (0..sentences.len()).collect();
    let mut chance = 1_u64;
    let steps = (EPOCHS * sentences.len()) as f64;
    let mut step = 0.0;
    for _ in 0..EPOCHS {
        for at in (1..order.len()).rev() {
            chance = chance.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            order.swap(at, (chance >> 33) as usize % (at + 1));
        }
        for &at in &order {
            let rate = 1.0 * (1.0 - step / steps);
            step += 1.0;
            let places = &places[at];
            let length = (places.len().max(1) as f64).sqrt();
            let score = shrink * places.iter().map(|place| weights[*place]).sum::<f64>() / length;
            let wanted = f64::from(u8::from(is_told(&sentences[at].label, scale)));
            let fault = importance[at] * (1.0 / (1.0 + (-score).exp()) - wanted);
            shrink *= 1.0 - rate * penalty / all;
            let change = rate * fault / (length * shrink);
            places.iter().for_each(|place| weights[*place] -= change);
        }
    }
    weights.iter_mut().for_each(|weight| *weight *= shrink);
    weights
}
