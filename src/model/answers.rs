//! Which item of a digest each answer in a reply means.
//!
//! Every new word of the reply stands in exactly one answer, in its order. An answer stands below what it answers; where
//! nothing tells which item that is, the answer has none, and its author is asked. Pure and total.

mod courtesy;
mod lines;
mod signs;
#[cfg(test)]
mod tests;

use std::collections::{BTreeSet, HashMap};

use courtesy::{closes, opens};
pub use lines::{Line, holds_ours, lines, with_unmarked, without_said};
use signs::{Sign, Signs};

/// One item of a digest: the new posts of a conversation.
#[derive(Debug, Clone, Default)]
pub struct Item {
    /// Its heading.
    pub subject: String,
    /// The token of its own answer address.
    pub token: String,
    /// The words of its posts, oldest first.
    pub posts: Vec<String>,
    /// Who wrote them.
    pub authors: Vec<String>,
}

/// What a digest held.
#[derive(Debug, Clone, Default)]
pub struct Issue {
    /// Its items, as they are numbered.
    pub items: Vec<Item>,
    /// What stands in its footer and nowhere else: addresses.
    pub footer: Vec<String>,
    /// The group, as a greeting may name it.
    pub title: String,
    /// Who answers, as she may sign.
    pub reader: String,
}

/// Words that belong together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// Which item they answer, by its place; `None` when nothing tells.
    pub item: Option<usize>,
    /// Which of the item's posts stands above them.
    pub post: Option<usize>,
    /// The author's words; quoted words of the item that stand between them are marked "> ".
    pub text: String,
}

/// So many lines of what is answered stand above an answer.
const CONTEXT_LINES: usize = 3;

/// Of what a reply quotes, the items, and whether their words are among it.
struct Quoted {
    items: BTreeSet<usize>,
    has_words: bool,
}

impl Quoted {
    fn of(signs: impl Iterator<Item = Sign>) -> Self {
        let mut quoted = Self { items: BTreeSet::new(), has_words: false };
        for sign in signs {
            quoted.items.extend(sign.item());
            quoted.has_words |= matches!(sign, Sign::Words { .. });
        }
        quoted
    }

    /// The one item of which anything is quoted, where its words are.
    fn only_item(&self) -> Option<usize> {
        self.items.first().copied().filter(|_| self.items.len() == 1 && self.has_words)
    }
}

/// New lines with no quote between them.
struct Block<'a> {
    /// The new lines.
    lines: Vec<&'a str>,
    /// Signs of the quote between the block before and this one.
    section: Vec<(Sign, &'a str)>,
    /// The sign right above and the one right below.
    above: Option<Sign>,
    below: Option<Sign>,
}

/// Part a reply into its answers; the one whose item is not known, if any, stands last.
#[must_use]
pub fn part(lines: &[Line<'_>], issue: &Issue) -> Vec<Answer> {
    let signs = Signs::of(issue);
    let marked: Vec<(Line<'_>, Option<Sign>)> = lines
        .iter()
        .map(|line| match line {
            Line::Quoted(text) => (*line, signs.read(text)),
            Line::New(_) => (*line, None),
        })
        .collect();
    let quoted = Quoted::of(marked.iter().filter_map(|(_, sign)| *sign));
    let blocks = blocks(&marked);
    let mut items: Vec<Option<usize>> = Vec::with_capacity(blocks.len());
    let mut inside = false;
    for block in &blocks {
        let item = item_of(block, &quoted, inside);
        inside |= item.is_some();
        items.push(item);
    }
    with_courtesies(&blocks, &mut items, issue);
    if issue.items.len() == 1 {
        items.fill(Some(0));
    }
    gather(&blocks, &items)
}

fn blocks<'a>(marked: &[(Line<'a>, Option<Sign>)]) -> Vec<Block<'a>> {
    let mut blocks: Vec<Block<'a>> = Vec::new();
    let (mut section, mut above, mut is_open) = (Vec::new(), None, false);
    for (line, sign) in marked {
        match *line {
            Line::New(text) if is_open => {
                if let Some(block) = blocks.last_mut() {
                    block.lines.push(text);
                }
            }
            Line::New(text) if !text.trim().is_empty() => {
                blocks.push(Block { lines: vec![text], section: std::mem::take(&mut section), above, below: None });
                is_open = true;
            }
            Line::New(_) => {}
            Line::Quoted(text) => {
                is_open &= text.trim_matches(['>', ' ', '\t', '\u{a0}']).is_empty();
                if let Some(sign) = *sign {
                    section.push((sign, text));
                    above = Some(sign);
                    blocks.iter_mut().rev().take_while(|block| block.below.is_none()).for_each(|block| {
                        block.below = Some(sign);
                    });
                }
            }
        }
    }
    blocks
}

/// Which item a block stands below. `inside`: an answer above it stands inside the quote, so this one does, too.
fn item_of(block: &Block<'_>, quoted: &Quoted, inside: bool) -> Option<usize> {
    let above = block.above.and_then(|above| item_above(block, above, quoted, inside));
    above.or(quoted.only_item())
}

fn item_above(block: &Block<'_>, above: Sign, quoted: &Quoted, inside: bool) -> Option<usize> {
    match (above, block.below) {
        (Sign::End, _) => None,
        (Sign::Words { item, .. }, Some(_)) => Some(item),
        // All of it is quoted above: then the last item is not meant more than another one.
        (Sign::Words { item, .. }, None) => {
            let alone = block.section.iter().all(|(sign, _)| match sign {
                Sign::Words { item: other, .. } => *other == item,
                Sign::Heading { .. } | Sign::End => true,
            });
            (inside || alone).then_some(item)
        }
        // Between two entries of the list of contents, and not below the last one.
        (Sign::Heading { item }, Some(Sign::Heading { item: next })) => (item < next).then_some(item),
        (Sign::Heading { item }, Some(Sign::Words { item: next, .. })) => (item == next).then_some(item),
        (Sign::Heading { item }, None | Some(Sign::End)) => {
            let only = block.section.iter().all(|(sign, _)| sign.item() == Some(item));
            let elsewhere = quoted.items.iter().any(|other| *other != item);
            (only && (inside || !elsewhere)).then_some(item)
        }
    }
}

/// "Dear all," above the answers begins the first of them, and "Love, Kit" below them ends the last. Anything that says
/// more is asked about: it may be meant for all of them, or for one.
fn with_courtesies(blocks: &[Block<'_>], items: &mut [Option<usize>], issue: &Issue) {
    let words = |block: &Block<'_>| block.lines.join("\n");
    let mut known = items.iter().copied().flatten();
    let Some(first) = known.next() else { return };
    let last = known.next_back().unwrap_or(first);
    if let (Some(block), Some(item @ None)) = (blocks.first(), items.first_mut()) {
        let mut names = issue.items.get(first).map(|item| item.authors.clone()).unwrap_or_default();
        names.push(issue.title.clone());
        *item = opens(&words(block), &names).then_some(first);
    }
    if let (Some(block), Some(item @ None)) = (blocks.last(), items.last_mut()) {
        *item = closes(&words(block), std::slice::from_ref(&issue.reader)).then_some(last);
    }
}

fn gather(blocks: &[Block<'_>], items: &[Option<usize>]) -> Vec<Answer> {
    let mut answers: Vec<(Answer, Vec<String>)> = Vec::new();
    let mut places: HashMap<Option<usize>, usize> = HashMap::new();
    for (block, item) in blocks.iter().zip(items) {
        let post = match block.above {
            Some(Sign::Words { item: of, post, .. }) if Some(of) == *item => post,
            _ => None,
        };
        let at = *places.entry(*item).or_insert(answers.len());
        if at == answers.len() {
            answers.push((Answer { item: *item, post: None, text: String::new() }, Vec::new()));
        }
        let (answer, texts) = &mut answers[at];
        answer.post = answer.post.or(post);
        texts.extend([context(block, *item), trimmed(&block.lines)].into_iter().filter(|text| !text.is_empty()));
    }
    let mut answers: Vec<Answer> =
        answers.into_iter().map(|(answer, texts)| Answer { text: texts.join("\n\n"), ..answer }).collect();
    answers.sort_by_key(|answer| answer.item.is_none());
    answers
}

/// The last words of the item that stand right above the block.
fn context(block: &Block<'_>, item: Option<usize>) -> String {
    let above = block.section.iter().rev();
    let words =
        above.take_while(|(sign, _)| matches!(sign, Sign::Words { item: of, whole: true, .. } if Some(*of) == item));
    let mut lines: Vec<String> = words
        .take(CONTEXT_LINES)
        .map(|(_, text)| format!("> {}", text.trim_start_matches(['>', ' ', '\t', '\u{a0}']).trim_end()))
        .collect();
    lines.reverse();
    lines.join("\n")
}

/// No empty lines at the ends, no more than one in between.
fn trimmed(lines: &[&str]) -> String {
    let mut out: Vec<&str> = Vec::with_capacity(lines.len());
    for line in lines.iter().map(|line| line.trim_end()) {
        if !line.is_empty() || out.last().is_some_and(|last| !last.is_empty()) {
            out.push(line);
        }
    }
    out.join("\n").trim_end().to_owned()
}
