//! What a moderator's edit took out of a text and what it put in, word by word, as a person reads it. Pure and total: of
//! texts that differ too much to compare, the whole is said to be another.

use serde::Serialize;

/// Pairs of words that are compared at most.
const MOST_PAIRS: usize = 4_000_000;
/// So many words of the text stand before and after each change.
const AROUND: usize = 4;
/// Changes with so few words between them are one.
const BETWEEN: usize = 2;

/// One change, with the words around it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Change {
    /// The words before it; a beginning that is left out is an ellipsis.
    pub before: String,
    /// What the author had there.
    pub taken_out: String,
    /// What the moderator put there.
    pub put_in: String,
    /// The words after it.
    pub after: String,
}

/// The changes from one text to another, in order; none where they have the same words.
#[must_use]
pub fn changes(original: &str, edited: &str) -> Vec<Change> {
    let old: Vec<&str> = original.split_whitespace().collect();
    let new: Vec<&str> = edited.split_whitespace().collect();
    let start = old.iter().zip(&new).take_while(|(old, new)| old == new).count();
    let end = old[start..].iter().rev().zip(new[start..].iter().rev()).take_while(|(old, new)| old == new).count();
    let (middle_old, middle_new) = (&old[start..old.len() - end], &new[start..new.len() - end]);
    let spans = joined(differing(middle_old, middle_new));
    let shown = |span: &Span| {
        let (from, to) = (start + span.old.0, start + span.old.1);
        Change {
            before: before(&old[..from]),
            taken_out: line(&old[from..to]),
            put_in: line(&new[start + span.new.0..start + span.new.1]),
            after: after(&old[to..]),
        }
    };
    spans.iter().map(shown).collect()
}

/// Places in both texts that don't agree: from, and up to.
#[derive(Debug, Clone, Copy)]
struct Span {
    old: (usize, usize),
    new: (usize, usize),
}

/// The longest common row of words is kept; what lies between is another.
fn differing(old: &[&str], new: &[&str]) -> Vec<Span> {
    if old.is_empty() && new.is_empty() {
        return Vec::new();
    }
    if old.len().saturating_mul(new.len()) > MOST_PAIRS {
        return vec![Span { old: (0, old.len()), new: (0, new.len()) }];
    }
    // How many words the rests have in common, from the end.
    let width = new.len() + 1;
    let mut common = vec![0u32; (old.len() + 1) * width];
    for at in (0..old.len()).rev() {
        for beside in (0..new.len()).rev() {
            common[at * width + beside] = if old[at] == new[beside] {
                common[(at + 1) * width + beside + 1] + 1
            } else {
                common[(at + 1) * width + beside].max(common[at * width + beside + 1])
            };
        }
    }
    let (mut at, mut beside, mut spans, mut open) = (0, 0, Vec::new(), (0, 0));
    while at < old.len() && beside < new.len() {
        if old[at] == new[beside] {
            if open != (at, beside) {
                spans.push(Span { old: (open.0, at), new: (open.1, beside) });
            }
            (at, beside) = (at + 1, beside + 1);
            open = (at, beside);
        } else if common[(at + 1) * width + beside] >= common[at * width + beside + 1] {
            at += 1;
        } else {
            beside += 1;
        }
    }
    if open != (old.len(), new.len()) {
        spans.push(Span { old: (open.0, old.len()), new: (open.1, new.len()) });
    }
    spans
}

/// Changes that lie close together read better as one.
fn joined(spans: Vec<Span>) -> Vec<Span> {
    let mut joined: Vec<Span> = Vec::new();
    for span in spans {
        match joined.last_mut() {
            Some(last) if span.old.0 - last.old.1 <= BETWEEN => (last.old.1, last.new.1) = (span.old.1, span.new.1),
            _ => joined.push(span),
        }
    }
    joined
}

fn before(words: &[&str]) -> String {
    let from = words.len().saturating_sub(AROUND);
    let mark = if from > 0 { "… " } else { "" };
    format!("{mark}{}", line(&words[from..]))
}

fn after(words: &[&str]) -> String {
    let mark = if words.len() > AROUND { " …" } else { "" };
    format!("{}{mark}", line(&words[..words.len().min(AROUND)]))
}

/// In one line, without what could redraw a terminal.
fn line(words: &[&str]) -> String {
    words.join(" ").replace(char::is_control, "")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn changes_are_told_with_the_words_around_them() {
        let told = |old: &str, new: &str| -> Vec<String> {
            changes(old, new)
                .iter()
                .map(|one| format!("{}[{}|{}]{}", one.before, one.taken_out, one.put_in, one.after))
                .collect()
        };
        for (old, new, expected) in [
            ("a b c", "a  b\nc", vec![]),
            ("", "", vec![]),
            ("", "new words", vec!["[|new words]"]),
            ("old words", "", vec!["[old words|]"]),
            ("I saw Dr. Hall today", "I saw my doctor today", vec!["I saw[Dr. Hall|my doctor]today"]),
            (
                "one two three four five six seven eight nine ten",
                "one two three four five SIX seven eight nine ten",
                vec!["… two three four five[six|SIX]seven eight nine ten"],
            ),
            (
                "a b c d e f g h i j k l m n o p",
                "a X c d e f g h i j k l m n o",
                vec!["a[b|X]c d e f …", "… l m n o[p|]"],
            ),
            ("a b c d", "a X c Y", vec!["a[b c d|X c Y]"]),
        ] {
            assert_eq!(told(old, new), expected, "{old} → {new}");
        }
    }

    #[test]
    fn texts_that_are_too_long_to_compare_are_another_as_a_whole() {
        let (old, new) = ("a ".repeat(3_000), "b ".repeat(3_000));
        assert_eq!(changes(&old, &new).len(), 1);
    }

    proptest::proptest! {
        #[test]
        fn the_changes_make_the_one_text_of_the_other(old in "[abc ]{0,30}", new in "[abc ]{0,30}") {
            let count = |text: &str| text.split_whitespace().count();
            let found = changes(&old, &new);
            let out: usize = found.iter().map(|one| count(&one.taken_out)).sum();
            let put: usize = found.iter().map(|one| count(&one.put_in)).sum();
            proptest::prop_assert_eq!(count(&old) + put, count(&new) + out);
            let is_same = old.split_whitespace().eq(new.split_whitespace());
            proptest::prop_assert_eq!(found.is_empty(), is_same);
        }
    }
}
