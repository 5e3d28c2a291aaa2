//! Which words of a message are judged, and which would be published.

use std::collections::HashSet;

use super::cover::{Covered, Kept, Taken, cover, cover_where};
use super::lexicon::{Flag, Lexicon, WEIGHED, may_be_in_danger};
use super::omitted;
use super::privacy::Roster;
use super::quote::{MOST_QUOTED, Said};
use super::words::fold;
use crate::mail::Incoming;
use crate::mail::reply::{NewText, Torn};

/// With fewer new words than this, the quoted ones are judged too.
const LITTLE: usize = 3;

/// All that would be published: the subject and the new text, with the quoted lines between its answers.
#[must_use]
pub fn new_words(message: &Incoming) -> String {
    format!("{}\n{}", message.subject, message.text.reply)
}

/// What the group would get: subject and new text without what would give somebody away.
#[derive(Debug, Clone, Default)]
pub struct ForGroup {
    /// The subject.
    pub subject: Covered,
    /// The new text.
    pub text: Covered,
}

impl ForGroup {
    /// All that was taken out.
    pub fn taken(&self) -> impl Iterator<Item = &Taken> {
        self.subject.taken.iter().chain(&self.text.taken)
    }
}

/// Whose words a text has.
#[derive(Debug, Clone, Copy)]
pub enum Words<'a> {
    /// A member's.
    Member,
    /// A moderator's under her own name: the ways to reach her are hers to give, who is on the roster is not.
    Moderator,
    /// A moderator's in the place of a member's, whose subject and text these were: what hers gave away stays out, what the
    /// moderator adds stays.
    Edited(&'a str, &'a str),
}

/// Take out of the words of a post what would give somebody away.
#[must_use]
pub fn for_group(subject: &str, text: &str, words: Words<'_>, roster: &Roster, kept: &Kept) -> ForGroup {
    let hers: Vec<Taken> = match words {
        Words::Edited(subject, text) => {
            [subject, text].into_iter().flat_map(|words| cover(words, roster, kept).taken).collect()
        }
        Words::Member | Words::Moderator => Vec::new(),
    };
    let wanted = |taken: &Taken| match words {
        Words::Member => true,
        Words::Moderator => taken.what.is_on_roster(),
        Words::Edited(..) => taken.what.is_on_roster() || hers.iter().any(|one| is_of(&one.words, &taken.words)),
    };
    let covered = |words: &str| cover_where(words, roster, kept, &wanted);
    ForGroup { subject: covered(subject), text: covered(text) }
}

/// Whether one is the other, or a part of it, however they are spaced and marked: a moderator leaves out the "+1", the name
/// before an address, the town behind a street, or takes a number out of a block of details.
fn is_of(one: &str, other: &str) -> bool {
    let bare = |text: &str| fold(text).chars().filter(|c| c.is_alphanumeric()).collect::<String>();
    let (one, other) = (bare(one), bare(other));
    if one.is_empty() || other.is_empty() {
        return one == other;
    }
    one.contains(&other) || other.contains(&one)
}

/// The quoted lines that would be published between the answers, without their marks; an empty line where an answer
/// stands.
fn quoted_lines(message: &Incoming) -> String {
    let bare =
        |line: &str| if line.starts_with('>') { line.trim_start_matches(['>', ' ']).to_owned() } else { String::new() };
    message.text.reply.lines().map(bare).collect::<Vec<_>>().join("\n")
}

/// What stands in the quotes of a message and was not said before: whoever can type a `>`, or "On Sunday I wrote:", can
/// say anything behind it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Quote {
    /// Danger in any of it, and anything in what would be published of it.
    pub flags: Vec<Flag>,
    /// All the lines.
    pub words: String,
    /// Lines that bear no mark and are nothing that a program writes: they may be the author's, and no copy has them.
    pub left_out: String,
    /// Words of marked lines and of what was taken for "On … wrote:": no copy has them either.
    pub omitted: String,
    /// Sentences below a signature's line, which no copy has.
    pub signed: String,
    /// Words between the answers, which a copy would show as somebody's.
    pub invented: String,
    /// There is more than is compared; all of it counts as not said before.
    pub is_too_much: bool,
}

/// Compare the quotes of a message with what was said before.
#[must_use]
pub fn quote(message: &Incoming, said: &Said, lexicon: &Lexicon) -> Quote {
    let between = quoted_lines(message);
    let is_too_much = message.text.quoted.len() + between.trim().len() > MOST_QUOTED;
    let nothing = Said::default();
    let said = if is_too_much { &nothing } else { said };
    let unknown = |text: &str| said.unknown(text).join("\n");
    let (quoted, between) = (unknown(&message.text.quoted), unknown(&between));
    let mut flags = lexicon.read(&quoted);
    // What is weighed are the author's own sentences: the header of a quoted mail is none.
    flags.retain(|flag| may_be_in_danger(flag.category) && flag.rule != WEIGHED);
    let elsewhere = &message.elsewhere;
    let beside = unknown(&format!("{}\n{}", elsewhere.quoted, elsewhere.attached));
    let of_beside = lexicon.read(&beside).into_iter().filter(|flag| may_be_in_danger(flag.category));
    for flag in lexicon.read(&between).into_iter().chain(of_beside) {
        if !flags.contains(&flag) {
            flags.push(flag);
        }
    }
    Quote {
        flags,
        words: format!("{between}\n{quoted}\n{beside}").trim().to_owned(),
        left_out: left_out(&message.text, said),
        omitted: if is_too_much { String::new() } else { omitted::omitted(message, said) },
        signed: if is_too_much { String::new() } else { omitted::signed(&message.text, said) },
        invented: if is_too_much { String::new() } else { omitted::invented(&message.text, said) },
        is_too_much,
    }
}

/// Lines without a mark that nobody said before. The end of a broken line was said where it goes on with the marked one; as
/// somebody's "no" it was not, though others said "no" as well.
fn left_out(text: &NewText, said: &Said) -> String {
    let unknown: HashSet<&str> = said.unknown(&text.unmarked).into_iter().collect();
    let (goes_on, answers): (Vec<&Torn>, Vec<&Torn>) =
        text.torn.iter().partition(|torn| said.goes_on(&torn.above, &torn.rest));
    let (goes_on, answers) = (lines_of(&goes_on), lines_of(&answers));
    let is_left_out = |line: &&str| answers.contains(line) || (unknown.contains(line) && !goes_on.contains(line));
    text.unmarked.lines().filter(is_left_out).collect::<Vec<_>>().join("\n")
}

fn lines_of<'a>(torn: &[&'a Torn]) -> HashSet<&'a str> {
    torn.iter().flat_map(|torn| torn.rest.lines()).collect()
}

impl Quote {
    /// Whether there is anything in it that people should see.
    #[must_use]
    pub fn is_remarkable(&self) -> bool {
        self.is_too_much || !self.flags.is_empty() || self.holds_words()
    }

    /// Whether there are words in it that only a person can place.
    #[must_use]
    pub fn holds_words(&self) -> bool {
        self.may_be_the_authors() || !self.signed.is_empty()
    }

    /// Whether lines in it, the signature apart, may be their author's: a moderator's condition, an answer.
    #[must_use]
    pub fn may_be_the_authors(&self) -> bool {
        let words = [&self.left_out, &self.omitted, &self.invented];
        self.is_too_much || words.iter().any(|words| !words.trim().is_empty())
    }
}

/// The names of the files, each a sentence of its own: `goodbye-everyone.jpg` may be all that somebody says.
fn names_of_files(message: &Incoming) -> String {
    let names = message.attachments.iter().filter_map(|file| file.name.as_deref());
    names.map(|name| name.replace(['-', '_', '.', '+'], " ")).collect::<Vec<_>>().join("\n\n")
}

/// What the text raises, apart from its quoted lines.
///
/// Danger is looked for in everything the author wrote, the signature, other versions, text files and the names of files included, and in the quote where next to nothing
/// is new. What the group should not get is looked for in what it would get: a telephone number in a signature, which
/// nobody gets, holds nothing.
#[must_use]
pub fn flags(message: &Incoming, lexicon: &Lexicon) -> Vec<Flag> {
    let text = &message.text;
    let new = text.reply.lines().filter(|line| !line.starts_with('>')).collect::<Vec<_>>().join("\n");
    let little = new.split_whitespace().count() < LITTLE;
    let rest = if little { text.quoted.as_str() } else { "" };
    let mut flags = lexicon.read_parts(&[&message.subject, &new, &text.signature, rest]);
    let is_all_copied = text.signature.is_empty() && rest.is_empty();
    if !is_all_copied && flags.iter().any(|flag| !may_be_in_danger(flag.category)) {
        let in_copy = lexicon.read_parts(&[&message.subject, &new]);
        flags.retain(|flag| may_be_in_danger(flag.category) || in_copy.contains(flag));
    }
    let names = names_of_files(message);
    if !message.elsewhere.text.is_empty() || !names.is_empty() {
        let beside = lexicon.read_parts(&[&message.elsewhere.text, &names]);
        flags.extend(beside.into_iter().filter(|flag| may_be_in_danger(flag.category)));
    }
    flags
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mail::parse;
    use crate::model::lexicon::Category;

    fn raised(file: &str) -> Vec<Category> {
        let mail = format!(
            "From: m@home.example\r\nSubject: Hello\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nA picture of the garden, and soup.\r\n--b\r\n{file}\r\n--b--\r\n"
        );
        flags(&parse(mail.as_bytes()), &Lexicon::of("en")).into_iter().map(|flag| flag.category).collect()
    }

    #[test]
    fn files_are_read_for_danger() {
        let named = |name: &str| {
            raised(&format!(
                "Content-Type: image/jpeg\r\nContent-Disposition: attachment; filename=\"{name}\"\r\n\r\nx"
            ))
        };
        assert_eq!(named("I-want-to_kill.myself.jpg"), [Category::Crisis]);
        assert_eq!(named("garden.jpg"), []);
        assert_eq!(named("my number is 212-555-0147.jpg"), [], "of files danger alone counts");
        let text = "Content-Type: text/plain\r\nContent-Disposition: attachment; filename=note.txt\r\n\r\nI am going to kill myself.";
        assert_eq!(raised(text), [Category::Crisis]);
    }
}
