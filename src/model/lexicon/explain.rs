//! Why a text raises what it does: every rule that matched, and what silenced it.

use std::collections::BTreeSet;

use super::judging::{Outcome, Why};
use super::weights::{Run, Weights};
use super::{Category, Lexicon, Looked, WEIGHED, folded, may_be_in_danger};

/// What weighs so little below the limit is shown, too.
const NEARLY: f32 = -1.0;
/// So many weights are shown.
const MOST_WEIGHTS: usize = 6;

/// A rule that matched in a sentence.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Explained {
    /// The rule's name in its table.
    pub rule: String,
    /// The language of the table.
    pub language: String,
    /// What the rule raises when nothing speaks against it.
    pub category: Category,
    /// What it raised, if anything.
    pub raised: Option<Category>,
    /// The words that it matched.
    pub words: String,
    /// The sentence as the tables see it.
    pub sentence: String,
    /// Why it raised less, or nothing.
    pub why: Option<String>,
}

impl Lexicon {
    /// Every rule that matches in `text`, in its order.
    #[must_use]
    pub fn explain(&self, text: &str) -> Vec<Explained> {
        let folded = folded(&[text]);
        let mut all = Vec::new();
        for layer in &self.layers {
            let table = layer.source.table();
            // The silenced rules of a group's own file are shown with the others.
            let looked = Looked::at(&folded, table, layer.weights, &BTreeSet::new());
            let Looked { sentences, runs, findings } = looked;
            for finding in findings {
                let rule = &table.rules[finding.rule];
                let raised = finding.category(table);
                let (raised, why) = if self.silenced.contains(&rule.name) {
                    (None, Some("the group's own file silences this rule".to_owned()))
                } else if raised.is_some_and(|category| !layer.whole && !may_be_in_danger(category)) {
                    (None, Some("of another language's table only danger counts".to_owned()))
                } else {
                    (raised, said(&finding.outcome))
                };
                all.push(Explained {
                    rule: rule.name.clone(),
                    language: table.language.clone(),
                    category: rule.category,
                    raised,
                    sentence: sentences[finding.sentence].trim().to_owned(),
                    words: finding.words,
                    why,
                });
            }
            all.extend(
                layer.weights.iter().flat_map(|weights| self.weighed(weights, &sentences, &runs, &table.language)),
            );
        }
        all
    }

    /// What weighs most in each run of words that weighs enough, or nearly.
    fn weighed(&self, weights: &Weights, sentences: &str, runs: &[Run], language: &str) -> Vec<Explained> {
        let heavy = weights.heavy(sentences, runs);
        let near = runs.iter().filter(|run| run.above[0] > NEARLY);
        near.map(|run| {
            let words = &sentences[run.range.clone()];
            let most: Vec<String> = weights
                .explain(words)
                .iter()
                .take(MOST_WEIGHTS)
                .map(|(name, [danger, ..])| format!("“{name}” {danger:+.1}"))
                .collect();
            let raised = heavy.iter().find(|weighed| words.contains(&weighed.words) && !weighed.words.is_empty());
            let raised = raised.filter(|_| !self.silenced.contains(WEIGHED));
            Explained {
                rule: WEIGHED.to_owned(),
                language: language.to_owned(),
                category: raised.map_or(Category::Concern, |weighed| weighed.category),
                raised: raised.map(|weighed| weighed.category),
                words: raised.map_or_else(|| words.trim().to_owned(), |weighed| weighed.words.clone()),
                sentence: words.trim().replace('\n', " "),
                why: Some(format!("{:+.1} from the limit: {}", run.above[0], most.join(", "))),
            }
        })
        .collect()
    }
}

fn said(outcome: &Outcome) -> Option<String> {
    let why = match outcome {
        Outcome::Raised => return None,
        Outcome::Mention(why) | Outcome::Silent(why) => why,
    };
    Some(match why {
        Why::Guard(words) => format!("a guard of the rule: “{words}”"),
        Why::Told(words) => format!("told of, not said: “{words}”"),
        Why::Past(words) => format!("of long ago: “{words}”"),
        Why::Denied(words) => format!("denied: “{words}”"),
        Why::BesideCrisis => "a crisis is spoken of in the same sentence".to_owned(),
        Why::Light => "all that is said around it weighs the other way".to_owned(),
    })
}
