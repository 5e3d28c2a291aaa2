//! Content notes: what an author says beforehand of a message, so that readers can choose when to read it.
//!
//! A note stands in the subject, `[CN: hospice]`, or begins the first line, `Content note: hospice, death`. It is read and
//! never taken away: the words stay as they were written.

use super::words::fold;

/// What begins a note, folded. Whatever stands behind one of these and a colon is the note.
const MARKS: &[&str] = &[
    "content note",
    "content notes",
    "content warning",
    "content warnings",
    "trigger warning",
    "trigger warnings",
    "cn",
    "cw",
    "tw",
    "nota de contenido",
    "aviso de contenido",
    "advertencia de contenido",
];
/// By which a reader asks for every note.
pub const EVERY_NOTE: &str = "all";
/// Nobody needs more.
const MOST_NOTES: usize = 20;
/// A longer line is a sentence and no note.
const LONGEST: usize = 120;

/// A note as it is kept and compared: one spelling, single spaces.
#[must_use]
pub fn spelling(note: &str) -> String {
    let folded = fold(note);
    let words: Vec<&str> =
        folded.split(|c: char| !c.is_alphanumeric() && c != '\'').filter(|word| !word.is_empty()).collect();
    words.join(" ")
}

/// The notes of a message, as their author spelt them; none where there is no note.
#[must_use]
pub fn notes(subject: &str, text: &str) -> Vec<String> {
    let first = text.lines().map(str::trim).find(|line| !line.is_empty()).unwrap_or_default();
    let (mut found, mut spellings) = (Vec::new(), Vec::new());
    for list in in_brackets(subject).into_iter().chain(behind_a_mark(first)) {
        for note in
            list.split([',', ';', '/']).take(4 * MOST_NOTES).map(|note| note.trim().trim_end_matches('.').trim())
        {
            let spelt = spelling(note);
            if !spelt.is_empty() && !spellings.contains(&spelt) && found.len() < MOST_NOTES {
                spellings.push(spelt);
                found.push(note.to_owned());
            }
        }
    }
    found
}

/// Whether a reader asked to have messages with one of these notes folded: her words stand in a note, or she asked for
/// every note.
#[must_use]
pub fn is_folded(notes: &[String], folds: &[String]) -> bool {
    let has = |note: &str, fold: &str| format!(" {note} ").contains(&format!(" {fold} "));
    notes.iter().map(|note| spelling(note)).any(|note| folds.iter().any(|fold| fold == EVERY_NOTE || has(&note, fold)))
}

/// `[CN: hospice]` anywhere in a subject.
fn in_brackets(subject: &str) -> Vec<&str> {
    let inner = subject.split(['[', '(']).skip(1).filter_map(|rest| rest.split([']', ')']).next());
    inner.filter_map(behind_a_mark).collect()
}

/// `CN: hospice, death`.
fn behind_a_mark(line: &str) -> Option<&str> {
    let bare = line.trim_matches(['[', ']', '(', ')', '*', '_', ' ']);
    let (mark, list) = bare.split_once(':')?;
    let is_note = bare.chars().count() <= LONGEST && MARKS.contains(&fold(mark).trim()) && !list.trim().is_empty();
    is_note.then(|| list.trim_matches(['*', '_', ' ']))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn notes_are_read_where_people_write_them() {
        for (subject, text, expected) in [
            ("[CN: hospice] Last week", "Dear all,", &["hospice"][..]),
            ("Re: last week (tw: Death of a parent)", "", &["Death of a parent"]),
            ("", "Content note: hospice, death.\n\nShe went on Sunday.", &["hospice", "death"]),
            ("", "\n**Content warning: scans**\nMine is on Friday.", &["scans"]),
            ("[CN: scans]", "CN: Scans; needles", &["scans", "needles"]),
            ("", "Aviso de contenido: duelo\nAyer", &["duelo"]),
            ("", "[TW: food/vomiting]", &["food", "vomiting"]),
        ] {
            assert_eq!(notes(subject, text), expected, "{subject} | {text}");
        }
    }

    #[test]
    fn other_lines_are_no_notes() {
        for (subject, text) in [
            ("CNN: the news", "x"),
            ("[Rose] Scans", "Note: I am away on Friday."),
            ("", "I like a content warning: it helps."),
            ("", "Dear all,\nContent note: too late"),
            ("", "CN:"),
            ("", &format!("CN: {}", "long ".repeat(40))),
        ] {
            assert_eq!(notes(subject, text), Vec::<String>::new(), "{subject} | {text}");
        }
    }

    #[test]
    fn a_reader_s_words_fold_the_notes_they_stand_in() {
        let note = |text: &str| vec![text.to_owned()];
        for (notes, folds, folded) in [
            ("Death of a parent", "death", true),
            ("Death of a parent", "death of a parent", true),
            ("scan", "scans", false),
            ("hospice", "hospice", true),
            ("Duelo", "all", true),
            ("hospices", "hospice", false),
        ] {
            assert_eq!(is_folded(&note(notes), &note(folds)), folded, "{notes} {folds}");
        }
        assert!(!is_folded(&[], &note("all")) && !is_folded(&note("death"), &[]));
    }
}
