//! What is weighed of a sentence: its words and pairs of words, and the same with each word in the place of its family
//! ("pills", "tablets", "oxys" are one), next to one another or a little apart.
//!
//! Words are numbers here, so that nothing is put together and thrown away for each sentence that is read.

use std::collections::HashMap;
use std::sync::Arc;

use foldhash::fast::RandomState;

/// A word, or the family it belongs to.
pub type Token = u32;
/// One thing that is weighed: a kind and up to three tokens.
pub type Feature = u64;

/// A word that no list knows.
const UNKNOWN: Token = 0;
/// Before the first word of a sentence, and behind the last.
const BEGIN: Token = 1;
const END: Token = 2;
/// Families that stand further apart than this are not weighed together.
const REACH: usize = 5;
/// A token has so many bits in a feature.
const BITS: u32 = 20;
const MOST_TOKENS: usize = 1 << BITS;
/// Between two tokens that stand apart.
const APART: &str = "…";

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Together = 0,
    Apart = 1,
}

/// The words that are known, and their families.
#[derive(Debug, Clone)]
pub struct Vocabulary {
    tokens: HashMap<Arc<str>, Token, RandomState>,
    names: Vec<Arc<str>>,
    /// The family of each token, or the token itself.
    families: Vec<Token>,
}

impl Vocabulary {
    /// The words of these families: name -> words with spaces between. A word of two families belongs to the first by name.
    #[must_use]
    pub fn new<'a>(families: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        let mut vocabulary = Self { tokens: HashMap::default(), names: Vec::new(), families: Vec::new() };
        for name in ["", "^", "$"] {
            vocabulary.token(name);
        }
        for (name, words) in families {
            let family = vocabulary.token(&format!("<{name}>"));
            for word in words.split_whitespace() {
                let word = vocabulary.token(word) as usize;
                if vocabulary.families[word] == word as Token {
                    vocabulary.families[word] = family;
                }
            }
        }
        vocabulary
    }

    /// The number of a word, which is known from now on. Past a million words no new one is.
    pub fn token(&mut self, word: &str) -> Token {
        if let Some(token) = self.tokens.get(word) {
            return *token;
        }
        let Ok(token) = Token::try_from(self.names.len()) else { return UNKNOWN };
        if self.names.len() >= MOST_TOKENS {
            return UNKNOWN;
        }
        let word: Arc<str> = Arc::from(word);
        self.tokens.insert(Arc::clone(&word), token);
        self.names.push(word);
        self.families.push(token);
        token
    }

    /// The numbers of the words of a sentence.
    #[must_use]
    pub fn read(&self, sentence: &str) -> Vec<Token> {
        words(sentence).map(|word| self.tokens.get(word).copied().unwrap_or(UNKNOWN)).collect()
    }

    /// The same, where every word is known afterwards.
    pub fn learn(&mut self, sentence: &str) -> Vec<Token> {
        words(sentence).map(|word| self.token(word)).collect()
    }

    /// A feature as it stands in a file: `<hoard> my <med>`, `i … <height>`.
    #[must_use]
    pub fn name(&self, feature: Feature) -> String {
        let mask = (1 << BITS) - 1;
        let tokens = [feature >> (2 * BITS), feature >> BITS, feature].map(|bits| bits & mask);
        let names = tokens.iter().filter(|token| **token != 0);
        let names: Vec<&str> = names.map(|token| &*self.names[usize::try_from(*token).unwrap_or(0)]).collect();
        let between = if feature >> (3 * BITS) == Kind::Apart as u64 { format!(" {APART} ") } else { " ".to_owned() };
        names.join(&between)
    }

    /// The feature of a name; `None` for what is no name.
    pub fn feature(&mut self, name: &str) -> Option<Feature> {
        let words: Vec<&str> = name.split(' ').collect();
        let (kind, words) = match words.as_slice() {
            [first, between, last] if *between == APART => (Kind::Apart, vec![*first, *last]),
            words => (Kind::Together, words.to_vec()),
        };
        let tokens: Vec<Token> = words.iter().map(|word| self.token(word)).collect();
        ((1..=3).contains(&tokens.len()) && !tokens.contains(&UNKNOWN)).then(|| packed(kind, &tokens))
    }

    /// Everything that is weighed of a sentence, each with the places of its first and last word; some more than once. What has a
    /// word that no list knows is not.
    pub fn each(&self, sentence: &[Token], mut found: impl FnMut(Feature, usize, usize)) {
        let framed = [&[BEGIN], sentence, &[END]].concat();
        let families: Vec<Token> = framed.iter().map(|token| self.families[*token as usize]).collect();
        let last = sentence.len();
        // In the frame each word stands one place further on.
        let place = |at: usize| at.saturating_sub(1).min(last.saturating_sub(1));
        for (at, (word, family)) in framed.iter().zip(&families).enumerate().filter(|(_, (word, _))| **word != UNKNOWN)
        {
            let mut tell =
                |kind: Kind, tokens: &[Token], end: usize| found(packed(kind, tokens), place(at), place(end));
            tell(Kind::Together, &[*word], at);
            if word != family {
                tell(Kind::Together, &[*family], at);
            }
            let known = |at: usize| families.get(at).copied().filter(|token| *token != UNKNOWN);
            if let Some(next) = known(at + 1) {
                tell(Kind::Together, &[*word, framed[at + 1]], at + 1);
                if word != family || framed[at + 1] != next {
                    tell(Kind::Together, &[*family, next], at + 1);
                }
                if let Some(third) = known(at + 2) {
                    tell(Kind::Together, &[*family, next, third], at + 2);
                }
            }
            // The frame itself stands apart from nothing.
            let reach = if at == 0 { 0..0 } else { at + 2..(at + REACH).min(last) + 1 };
            for second in reach {
                if let Some(other) = known(second) {
                    tell(Kind::Apart, &[*family, other], second);
                }
            }
        }
    }
}

/// Whether enough of the words are known to say anything of the sentence: of another language's, few are.
#[must_use]
pub fn are_known(sentence: &[Token]) -> bool {
    let known = sentence.iter().filter(|token| **token != UNKNOWN).count();
    3 * known > sentence.len()
}

pub(super) fn words(sentence: &str) -> impl Iterator<Item = &str> {
    sentence.split([' ', '\n']).filter(|word| !word.is_empty())
}

fn packed(kind: Kind, tokens: &[Token]) -> Feature {
    let zero = [0; 3];
    let all = zero[tokens.len().min(3)..].iter().chain(tokens.iter().take(3));
    all.fold(kind as u64, |feature, token| feature << BITS | u64::from(*token))
}
