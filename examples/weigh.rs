//! Learn the weights of a language from its sentences, and say first how well they do on the sentences of writers who were
//! left out of the learning.
//!
//! `cargo run --release --example weigh -- en` reads `tests/lexicon/en/learnt/*.tsv` and writes `config/weights.en.tsv`.
//! A logistic regression with a square penalty, by steps along the gradient of one sentence after the other; the order is
//! the same each time, so the same sentences give the same weights.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fmt::Write as _;
use std::path::Path;

use anyhow::{Context as _, Result, ensure};
use lamplight::model::lexicon::features::{Feature, Vocabulary};
use lamplight::model::lexicon::weights::runs;
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
    /// Whether the rule's word stands; only a crisis does whatever is said around it (`Run::is_light`).
    fn is_ruled(&self, score: &[f64; 3], limits: [f64; 3]) -> bool {
        match self.by_rule {
            None => false,
            Some(Category::Crisis | Category::Safeguard) => true,
            Some(_) => self.words < 10 || score[0] >= limits[0] - 2.0,
        }
    }
}

fn main() -> Result<()> {
    let language = std::env::args().nth(1).unwrap_or_else(|| "en".to_owned());
    let lexicon = Lexicon::of(&language);
    let table = std::fs::read_to_string(format!("config/lexicon.{language}.toml"))?;
    let rules = Lexicon::parse(&table).map_err(anyhow::Error::msg)?;
    let mut vocabulary = Lexicon::vocabulary(&language);
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/lexicon").join(&language).join("learnt");
    let mut files: Vec<_> = std::fs::read_dir(&folder)?.filter_map(|entry| Some(entry.ok()?.path())).collect();
    files.sort();
    let mut sentences = Vec::new();
    let mut posts = Vec::new();
    for (writer, file) in files.iter().enumerate() {
        for line in std::fs::read_to_string(file)?.lines() {
            let (label, text) = line.split_once('\t').with_context(|| format!("{}: {line}", file.display()))?;
            let words = lexicon.sentences(text);
            if label == "POST" {
                let runs =
                    runs(&words).into_iter().map(|run| features(&mut vocabulary, &words[run])).collect::<Vec<_>>();
                // Each sentence of an ordinary post is one that is no danger.
                sentences.extend(runs.iter().map(|features| Sentence {
                    label: "POST".to_owned(),
                    writer,
                    features: features.clone(),
                    by_rule: None,
                    words: 0,
                }));
                posts.push((writer, runs));
            } else {
                let features = features(&mut vocabulary, &words);
                let alarm = |category: &Category| {
                    matches!(category, Category::Crisis | Category::Concern | Category::Safeguard)
                };
                let by_rule = rules.read(text).iter().map(|flag| flag.category).filter(alarm).min();
                let length = words.split_whitespace().count();
                sentences.push(Sentence { label: label.to_owned(), writer, features, by_rule, words: length });
            }
        }
    }
    ensure!(!sentences.is_empty(), "{} holds no sentence", folder.display());
    let mut left_out: Vec<(usize, [f64; 3])> = Vec::new();
    let mut of_posts: Vec<Vec<[f64; 3]>> = Vec::new();
    for writer in 0..files.len() {
        let learnt: Vec<&Sentence> = sentences.iter().filter(|one| one.writer != writer).collect();
        let model = Model::learn(&learnt);
        let others = sentences.iter().enumerate().filter(|(_, one)| one.writer == writer);
        left_out.extend(others.map(|(at, one)| (at, model.score(&one.features))));
        let own = posts.iter().filter(|(of, _)| *of == writer);
        of_posts.extend(own.map(|(_, runs)| runs.iter().map(|run| model.score(run)).collect::<Vec<_>>()));
    }
    // Sentences that were made hard, or easy, on purpose are learnt from; how often ordinary talk sounds like danger the others
    // tell.
    let on_purpose =
        |file: &std::path::PathBuf| ["/hard-", "/more-"].iter().any(|name| file.to_string_lossy().contains(name));
    let is_hard: Vec<bool> = files.iter().map(on_purpose).collect();
    let scores = |label: &str, scale: usize| -> Vec<f64> {
        let of = left_out.iter().map(|(at, score)| (&sentences[*at], score));
        let of = of.filter(|(one, _)| one.label == label && !is_hard[one.writer]);
        // What a rule raises an alarm about is one, however little it weighs. (A limit of about 1 is assumed here.)
        of.map(|(one, score)| if scale == 0 && one.is_ruled(score, [1.0; 3]) { f64::INFINITY } else { score[scale] })
            .collect()
    };
    let limit = |scale: usize, share: f64| {
        let mut ordinary = scores("ORDINARY", scale);
        ordinary.sort_by(f64::total_cmp);
        ordinary[((ordinary.len() as f64) * (1.0 - share)) as usize]
    };
    let mut limits = [limit(0, FALSE_ALARMS[0]), limit(1, FALSE_ALARMS[1]), limit(2, FALSE_ALARMS[1])];
    // What is abuse is not worth less than other danger.
    limits[2] = limits[2].max(0.0);
    let doublings = doublings(&of_posts, limits);
    println!("writers left out of the learning, {} of them; a text of one sentence", files.len());
    let labels: BTreeSet<&str> = sentences.iter().map(|one| one.label.as_str()).collect();
    for (label, hard) in
        labels.iter().filter(|label| **label != "POST").flat_map(|label| [(*label, false), (*label, true)])
    {
        let of =
            left_out.iter().filter(|(at, _)| sentences[*at].label == label && is_hard[sentences[*at].writer] == hard);
        let by_rule: Vec<bool> = of.clone().map(|(at, score)| sentences[*at].is_ruled(score, limits)).collect();
        let of: Vec<[f64; 3]> = of.map(|(_, score)| *score).collect();
        if of.is_empty() {
            continue;
        }
        let either = of.iter().zip(&by_rule).filter(|(score, by_rule)| **by_rule || score[0] >= limits[0]).count();
        let rules = by_rule.iter().filter(|by_rule| **by_rule).count();
        print!(
            "{label:12} {} {:5} sentences, heard {:5.1} %, by rules alone {:5.1} %; ",
            if hard { "hard" } else { "    " },
            of.len(),
            100.0 * either as f64 / of.len() as f64,
            100.0 * rules as f64 / of.len() as f64
        );
        let share = |found: &dyn Fn(&[f64; 3]) -> bool| {
            100.0 * of.iter().filter(|score| found(score)).count() as f64 / of.len() as f64
        };
        let eight = |score: &[f64; 3]| is_heard(score, limits, doublings, 8);
        println!(
            "by weights {:5.1} %, in a text of eight {:5.1} %, as a crisis {:5.1} %, as abuse or neglect {:5.1} %",
            share(&|score| score[0] >= limits[0]),
            share(&eight),
            share(&|score| score[1] >= limits[1]),
            share(&|score| score[0] >= limits[0] && score[1] < limits[1] && score[2] >= limits[2]),
        );
    }
    let alarmed = of_posts.iter().filter(|runs| alarms(runs, limits, doublings)).count();
    println!("ordinary posts {:5}, heard {alarmed}", of_posts.len());
    let model = Model::learn(&sentences.iter().collect::<Vec<_>>());
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("config/weights.{language}.tsv"));
    let written = model.written(&vocabulary, limits, doublings);
    println!("{}: {} features, {} octets", file.display(), model.rows.len(), written.len());
    std::fs::write(file, written)?;
    Ok(())
}

fn features(vocabulary: &mut Vocabulary, words: &str) -> Vec<Feature> {
    let tokens = vocabulary.learn(words);
    let mut found = Vec::new();
    vocabulary.each(&tokens, |feature, _, _| found.push(feature));
    found.sort_unstable();
    found.dedup();
    found
}

fn is_heard(score: &[f64; 3], limits: [f64; 3], doublings: [f64; 2], sentences: usize) -> bool {
    let more = (sentences as f64).log2();
    (0..2).any(|scale| score[scale] >= limits[scale] + doublings[scale] * more)
}

fn alarms(runs: &[[f64; 3]], limits: [f64; 3], doublings: [f64; 2]) -> bool {
    runs.iter().any(|score| is_heard(score, limits, doublings, runs.len()))
}

/// How much more for each doubling of the sentences: so that few ordinary posts are heard at all, and fewer as a danger to life.
fn doublings(posts: &[Vec<[f64; 3]>], limits: [f64; 3]) -> [f64; 2] {
    let mut doublings = [9.0; 2];
    for (scale, share) in [(1, OF_POSTS[1]), (0, OF_POSTS[0])] {
        let mut doubling = 0.0;
        loop {
            doublings[scale] = doubling;
            let heard = posts.iter().filter(|runs| alarms(runs, limits, doublings)).count();
            if heard as f64 <= share * posts.len() as f64 || doubling > 3.0 {
                break;
            }
            doubling += 0.02;
        }
    }
    doublings
}

struct Model {
    rows: HashMap<Feature, [f64; 3]>,
    bias: [f64; 3],
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
        let mut bias = [0.0; 3];
        for scale in 0..3 {
            let (weights, of_bias) = regression(sentences, &places, known.len(), scale);
            for (feature, weight) in known.iter().zip(weights) {
                if let Some(row) = rows.get_mut(feature) {
                    row[scale] = weight;
                }
            }
            bias[scale] = of_bias;
        }
        rows.retain(|_, row| row.iter().any(|weight| weight.abs() >= SMALLEST));
        Self { rows, bias }
    }

    fn score(&self, features: &[Feature]) -> [f64; 3] {
        let known: Vec<&[f64; 3]> = features.iter().filter_map(|feature| self.rows.get(feature)).collect();
        let length = (known.len().max(1) as f64).sqrt();
        std::array::from_fn(|scale| self.bias[scale] + known.iter().map(|row| row[scale]).sum::<f64>() / length)
    }

    fn written(&self, vocabulary: &Vocabulary, limits: [f64; 3], doublings: [f64; 2]) -> String {
        let mut rows: Vec<(String, &[f64; 3])> =
            self.rows.iter().map(|(feature, row)| (vocabulary.name(*feature), row)).collect();
        rows.sort_by(|one, other| one.0.cmp(&other.0));
        let mut text = String::from(
            "# How much words weigh: somebody may be in danger; danger to life, said plainly; abuse, neglect or a loss of control.\n\
             # <name> is a family of lexicon.*.toml, ^ and $ are the ends of what is weighed, … is up to four words.\n\
             # Written by `cargo run --release --example weigh`; change the sentences it learns from, not this.\n",
        );
        let [danger, crisis, safeguard] = self.bias;
        let _ = writeln!(text, "bias\t{danger:.2}\t{crisis:.2}\t{safeguard:.2}");
        let [danger, crisis, safeguard] = limits;
        let _ = writeln!(
            text,
            "limits\t{danger:.2}\t{crisis:.2}\t{safeguard:.2}\t{:.2}\t{:.2}",
            doublings[0], doublings[1]
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

fn regression(sentences: &[&Sentence], places: &[Vec<usize>], size: usize, scale: usize) -> (Vec<f64>, f64) {
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
    let (mut weights, bias, mut shrink) = (vec![0.0; size], 0.0, 1.0_f64);
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
            let score = bias + shrink * places.iter().map(|place| weights[*place]).sum::<f64>() / length;
            let wanted = f64::from(u8::from(is_told(&sentences[at].label, scale)));
            let fault = importance[at] * (1.0 / (1.0 + (-score).exp()) - wanted);
            shrink *= 1.0 - rate * penalty / all;
            let change = rate * fault / (length * shrink);
            places.iter().for_each(|place| weights[*place] -= change);
        }
    }
    weights.iter_mut().for_each(|weight| *weight *= shrink);
    (weights, bias)
}
