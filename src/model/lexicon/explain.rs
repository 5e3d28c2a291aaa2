//! Why a text raises what it does: every rule that matched, and what silenced it.

use super::judging::{Outcome, Why};
use super::{Category, Lexicon, both_ends, may_be_in_danger, normal};

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
        let folded = normal::folded(&both_ends(text));
        let mut all = Vec::new();
        for layer in &self.layers {
            let table = layer.source.table();
            let sentences = table.sentences(&folded);
            // The silenced rules of a group's own file are shown with the others.
            for finding in table.find(&sentences, &Default::default()) {
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
        }
        all
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
    })
}
