//! What a quoted line tells: words of an item, its heading, the digest's end, or nothing.

use std::collections::HashMap;

use super::super::words::fold;
use super::Issue;

/// So many words in a row are known again anywhere in a line; a line of fewer is known as a whole.
const RUN: usize = 4;
/// So many words of a long heading are known for its beginning.
const BEGINNING: usize = 3;
/// "(continued)" behind a heading, in whatever language.
const BEHIND: usize = 2;

/// What a quoted line tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sign {
    /// Words of an item, of which of its posts, and whether the line holds nothing else.
    Words { item: usize, post: Option<usize>, whole: bool },
    /// An item's heading, or its line in the list of contents.
    Heading { item: usize },
    /// The footer.
    End,
}

impl Sign {
    pub(super) fn item(self) -> Option<usize> {
        match self {
            Self::Words { item, .. } | Self::Heading { item } => Some(item),
            Self::End => None,
        }
    }
}

/// Where words stand.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    Post(usize, usize),
    Item(usize),
    Several,
}

impl Place {
    fn and(self, other: Self) -> Self {
        match (self, other) {
            (one, other) if one == other => one,
            (Self::Several, _) | (_, Self::Several) => Self::Several,
            (Self::Post(one, _) | Self::Item(one), Self::Post(other, _) | Self::Item(other)) if one == other => {
                Self::Item(one)
            }
            _ => Self::Several,
        }
    }
}

/// What an issue's lines are known by.
pub(super) struct Signs<'a> {
    issue: &'a Issue,
    headings: Vec<Vec<String>>,
    runs: HashMap<String, Place>,
    lines: HashMap<String, Place>,
}

impl<'a> Signs<'a> {
    pub(super) fn of(issue: &'a Issue) -> Self {
        let mut runs: HashMap<String, Place> = HashMap::new();
        let mut lines: HashMap<String, Place> = HashMap::new();
        let note = |known: &mut HashMap<String, Place>, key: String, place: Place| {
            known.entry(key).and_modify(|found| *found = found.and(place)).or_insert(place);
        };
        for (item, of) in issue.items.iter().enumerate() {
            for (post, text) in of.posts.iter().enumerate() {
                let place = Place::Post(item, post);
                let mut all = Vec::new();
                for line in text.lines() {
                    let words = words(line);
                    if (1..RUN).contains(&words.len()) {
                        note(&mut lines, words.join(" "), place);
                    }
                    all.extend(words);
                }
                all.windows(RUN).for_each(|run| note(&mut runs, run.join(" "), place));
            }
        }
        let headings = issue.items.iter().map(|item| words(&item.subject)).collect();
        Self { issue, headings, runs, lines }
    }

    pub(super) fn read(&self, line: &str) -> Option<Sign> {
        let lower = line.to_lowercase();
        if let Some(item) = self.issue.items.iter().position(|item| has(&lower, &item.token)) {
            return Some(Sign::Words { item, post: None, whole: false });
        }
        let words = words(line);
        let place = self.place_of(&words);
        match (self.heading(&words), place) {
            (Some(item), None | Some(Place::Item(_) | Place::Post(..))) => match place {
                Some(Place::Post(other, _) | Place::Item(other)) if other != item => None,
                _ => Some(Sign::Heading { item }),
            },
            (None, Some(Place::Post(item, post))) => {
                Some(Sign::Words { item, post: Some(post), whole: self.is_said(&words) })
            }
            (None, Some(Place::Item(item))) => Some(Sign::Words { item, post: None, whole: self.is_said(&words) }),
            _ => self.issue.footer.iter().any(|mark| has(&lower, mark)).then_some(Sign::End),
        }
    }

    /// The one place where words of this line stand and none of another item.
    fn place_of(&self, words: &[String]) -> Option<Place> {
        if words.len() < RUN {
            return self.lines.get(&words.join(" ")).copied();
        }
        let found = words.windows(RUN).filter_map(|run| self.runs.get(&run.join(" ")).copied());
        let (sure, unsure): (Vec<Place>, Vec<Place>) = found.partition(|place| *place != Place::Several);
        sure.into_iter().reduce(Place::and).or(unsure.first().copied())
    }

    /// Whether every one of these words was said in a post.
    fn is_said(&self, words: &[String]) -> bool {
        let mut said = vec![words.len() < RUN; words.len()];
        for (at, run) in words.windows(RUN).enumerate() {
            if self.runs.contains_key(&run.join(" ")) {
                said[at..at + RUN].fill(true);
            }
        }
        said.into_iter().all(|said| said)
    }

    /// Its number and its subject, or its subject where it is no other item's.
    fn heading(&self, words: &[String]) -> Option<usize> {
        let number = words.first().and_then(|word| word.parse::<usize>().ok());
        let numbered = number
            .and_then(|number| number.checked_sub(1))
            .filter(|at| self.headings.get(*at).is_some_and(|heading| is_heading(&words[1..], heading, true)));
        let mut bare = (0..self.headings.len()).filter(|at| is_heading(words, &self.headings[*at], false));
        numbered.or_else(|| bare.next().filter(|_| bare.next().is_none()))
    }
}

fn is_heading(words: &[String], heading: &[String], is_numbered: bool) -> bool {
    if heading.is_empty() || words.is_empty() {
        return false;
    }
    let goes_on = if is_numbered || heading.len() > 1 { BEHIND } else { 0 };
    let is_whole = words.starts_with(heading) && words.len() <= heading.len() + goes_on;
    is_whole || (words.len() >= BEGINNING && heading.starts_with(words))
}

fn has(lower: &str, mark: &str) -> bool {
    !mark.is_empty() && lower.contains(&mark.to_lowercase())
}

/// Words in one spelling; of scripts without spaces between them, the characters.
fn words(line: &str) -> Vec<String> {
    let folded = fold(line);
    let mut words = Vec::new();
    for piece in folded.split(|c: char| !c.is_alphanumeric()).filter(|piece| !piece.is_empty()) {
        if piece.contains(|c: char| c >= '\u{e00}') {
            words.extend(piece.chars().map(String::from));
        } else {
            words.push(piece.to_owned());
        }
    }
    words
}
