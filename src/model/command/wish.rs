//! A member's wish about her mail: pause, weekly, mute … It counts where it stands alone.
//!
//! It works by allowing, never by forbidding: every word of her text must be one of the wish, a courtesy or her own name, and
//! a subject of her own must say nothing else; anything unforeseen is no wish, and her words stay hers. Some words may as well
//! answer a question ("at 7", "on Monday", "nothing"): in a conversation they are words to the others. Total: any text has a
//! reading.

mod cry;
mod dates;
mod lines;
mod numbers;
mod pieces;
mod table;
mod times;
mod vague;

use chrono::NaiveDate;

use super::{is_own_name, is_signature, split};
use crate::mail::subject;
use crate::model::member::{Delivery, Format};
use crate::model::schedule::{Time, WeekDays};
pub use dates::Until;
use pieces::{Kind, Piece, piece};

/// A wish with its courtesies is no longer than this; every post is looked at, so what is none must cost little.
pub const MOST_OCTETS: usize = 400;

/// How mail should come; what is `None` stays.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Choice {
    /// Single mails, a digest a day or a week, or nothing.
    pub delivery: Option<Delivery>,
    /// The hour of a digest.
    pub hour: Option<Time>,
    /// Its days.
    pub days: Option<WeekDays>,
    /// Its form.
    pub format: Option<Format>,
}

/// What is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wish {
    /// To leave the group.
    Stop,
    /// Nothing for now.
    Pause(Until),
    /// Mail again.
    Resume,
    /// Mail in another way.
    Receive(Choice),
    /// To hear no more of this conversation.
    Mute,
    /// To hear of it again.
    Unmute,
    /// Posts with this content note, folded away.
    Fold(String),
    /// No longer.
    Unfold(String),
    /// An explanation, or a person.
    Help {
        /// The words may be a cry for help.
        may_be_a_person: bool,
    },
    /// What is set.
    Settings,
}

/// Where somebody's words came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// To people: the group, a conversation, a digest, the moderators. A word that may answer somebody is for them.
    Group,
    /// Where people write to Lamplight: a subject alone is a word as well.
    Desk,
}

/// Somebody's words.
#[derive(Debug, Clone, Copy)]
pub struct Said<'a> {
    /// The subject, as it came.
    pub subject: &'a str,
    /// Behind "Re:" it is that of a mail which she was sent; any other is hers.
    pub answers_ours: bool,
    /// The new words, quotes and signature taken off as far as they were known.
    pub text: &'a str,
    /// What was taken for her signature.
    pub below: &'a str,
    /// What she is called: pseudonym, registered name, the name that her mail program gives.
    pub names: &'a [&'a str],
    /// Where they came.
    pub place: Place,
    /// The day in her zone.
    pub today: NaiveDate,
}

/// All the words together.
#[derive(Debug, Default)]
struct Read {
    wish: Option<Wish>,
    until: Option<Until>,
    /// An hour that nobody can tell.
    some_hour: bool,
    /// A word may be an answer,
    answers: bool,
    /// and no other word says that it is none.
    sure: bool,
    /// Days stand there like an answer in one word.
    bare_days: bool,
    /// Something must follow.
    open: bool,
    /// "I want …"
    introduced: bool,
    /// What the wish is about is named.
    object: bool,
    beside: bool,
}

/// Read what somebody wrote; `None` where it is no wish about her mail, or more than that. A few words that call for help are
/// for people, whatever stands below or beside them.
#[must_use]
pub fn read_wish(said: &Said<'_>) -> Option<Wish> {
    // Quotes were taken off: a list that somebody marks with ">" is hers.
    if said.text.len() > MOST_OCTETS || has_marked_lines(said.text) {
        return None;
    }
    let names = names_of(said);
    let (text, below) = lines::parted(said.text);
    match plain_wish(said, &names, &text) {
        Some(wish) if says_no_more(said, &names, &below) => Some(wish),
        Some(Wish::Help { .. }) => Some(Wish::Help { may_be_a_person: true }),
        Some(_) => None,
        None => cry::calls(said, &names, &text).then_some(Wish::Help { may_be_a_person: true }),
    }
}

fn plain_wish(said: &Said<'_>, names: &[String], text: &str) -> Option<Wish> {
    let text = read(text, names, said.today, false)?;
    let heading = subject::read(said.subject);
    let is_anothers = heading.is_reply && said.answers_ours && heading.was.is_none();
    let of_subject = if is_anothers && (said.place != Place::Desk || text.wish.is_some()) {
        Read::default()
    } else {
        let own = if heading.is_reply && heading.was.is_none() { heading.base.as_str() } else { said.subject };
        read(own, names, said.today, true)?
    };
    let answers = text.may_answer() || of_subject.may_answer();
    let wish = match (end(text)?, end(of_subject)?) {
        (Some(wish), None) => wish,
        (Some(wish), Some(again)) if wish == again => wish,
        (None, Some(wish)) if said.place == Place::Desk => wish,
        _ => return None,
    };
    (!answers || said.place != Place::Group).then_some(wish)
}

/// Whether a mail says nothing beyond courtesies, its subject included; somebody else's subject is none of hers.
#[must_use]
pub fn says_nothing(said: &Said<'_>) -> bool {
    let names = names_of(said);
    let (text, below) = lines::parted(said.text);
    let heading = subject::read(said.subject);
    let is_anothers = heading.is_reply && said.answers_ours && heading.was.is_none();
    let own = if is_anothers { "" } else { said.subject };
    !has_marked_lines(said.text)
        && is_courtesy(&text, &names, said.today, false)
        && is_courtesy(own, &names, said.today, true)
        && says_no_more(said, &names, &below)
}

/// Whether all that stands where nobody looks are her name, courtesies and a program's line.
fn says_no_more(said: &Said<'_>, names: &[String], below: &str) -> bool {
    let is_nothing = |line: &str| lines::is_of_device(line) || is_courtesy(line, names, said.today, false);
    below.lines().chain(said.below.lines()).all(is_nothing)
}

fn is_courtesy(text: &str, names: &[String], today: NaiveDate, is_subject: bool) -> bool {
    matches!(read(text, names, today, is_subject).and_then(end), Some(None))
}

fn names_of(said: &Said<'_>) -> Vec<String> {
    said.names.iter().flat_map(|name| split(name)).filter(|word| !word.foreign).map(|word| word.text).collect()
}

fn has_marked_lines(text: &str) -> bool {
    text.lines().any(|line| line.trim_start().starts_with('>'))
}

/// What all the words of a text are; `None` where one is unknown, or two say different things.
fn read(text: &str, names: &[String], today: NaiveDate, is_subject: bool) -> Option<Read> {
    if text.len() > MOST_OCTETS {
        return None;
    }
    let words = split(&joined(text));
    let shouts = text.contains('!');
    let (mut read, mut at) = (Read::default(), 0);
    while at < words.len() {
        let rest = &words[at..];
        let found = piece(rest, today, is_subject);
        let is_name = !rest[0].foreign && is_hers(&rest[0].text, names);
        if is_name && (found.is_none() || read.wish.is_some() && !matches!(found, Some((Piece::Until(_), _)))) {
            at += 1;
            continue;
        }
        let (piece, length) = found?;
        read.add(piece)?;
        at += length;
    }
    // "Help" in one word may be asked of a machine; said louder, or with a please, rather not. "Socorro" never is.
    if let Some(Wish::Help { may_be_a_person }) = &mut read.wish {
        let is_of_manuals = matches!(words.as_slice(), [word] if ["help", "ayuda"].contains(&word.text.as_str()));
        *may_be_a_person &= !is_of_manuals || shouts;
    }
    Some(read)
}

impl Read {
    fn may_answer(&self) -> bool {
        self.answers && !self.sure
    }

    /// One piece more; `None` where it says something else than the words before it.
    fn add(&mut self, piece: Piece) -> Option<()> {
        self.open = piece == Piece::And;
        let wish = match piece {
            Piece::Kind(kind, answers) => {
                self.answers |= answers;
                self.sure |= !answers;
                match kind {
                    Kind::Stop => Wish::Stop,
                    Kind::Pause => Wish::Pause(Until::Open),
                    Kind::Resume => Wish::Resume,
                    Kind::Receive(choice) => Wish::Receive(choice),
                    Kind::Mute => Wish::Mute,
                    Kind::Unmute => Wish::Unmute,
                    Kind::Help { may_be_a_person } => Wish::Help { may_be_a_person },
                    Kind::Settings => Wish::Settings,
                }
            }
            Piece::Days(days, named) => {
                self.answers = true;
                self.bare_days |= !named;
                Wish::Receive(Choice { days: Some(days), ..Choice::default() })
            }
            Piece::Note { fold, note, sure } => {
                self.answers |= !sure;
                self.sure |= sure;
                if fold { Wish::Fold(note) } else { Wish::Unfold(note) }
            }
            Piece::Until(until) => {
                return (self.until.replace(until).is_none_or(|earlier| earlier == until)).then_some(());
            }
            Piece::SomeHour => {
                self.some_hour = true;
                return Some(());
            }
            Piece::Object => {
                self.object = true;
                return Some(());
            }
            Piece::Beside => {
                self.beside = true;
                return Some(());
            }
            Piece::Introduction => {
                self.introduced = true;
                return Some(());
            }
            Piece::Polite | Piece::Closing | Piece::Subject | Piece::And => return Some(()),
        };
        self.wish = Some(match (self.wish.take(), wish) {
            (None, wish) => wish,
            (Some(earlier), wish) if earlier == wish => wish,
            (Some(Wish::Receive(earlier)), Wish::Receive(more)) => Wish::Receive(both(earlier, more)?),
            (Some(Wish::Stop), Wish::Receive(NOTHING)) | (Some(Wish::Receive(NOTHING)), Wish::Stop) => Wish::Stop,
            _ => return None,
        });
        Some(())
    }
}

const NOTHING: Choice = Choice { delivery: Some(Delivery::None), hour: None, days: None, format: None };

/// Two choices that say the same, or speak of different things.
fn both(one: Choice, other: Choice) -> Option<Choice> {
    fn either<T: PartialEq>(one: Option<T>, other: Option<T>) -> Option<Option<T>> {
        match (one, other) {
            (Some(one), Some(other)) => (one == other).then_some(Some(one)),
            (one, other) => Some(one.or(other)),
        }
    }
    Some(Choice {
        delivery: either(one.delivery, other.delivery)?,
        hour: either(one.hour, other.hour)?,
        days: either(one.days, other.days)?,
        format: either(one.format, other.format)?,
    })
}

/// What the words ask for: `Some(None)` where they are courtesies, `None` where they don't fit together.
fn end(read: Read) -> Option<Option<Wish>> {
    let Some(wish) = read.wish else {
        let says_more = read.until.is_some() || read.introduced || read.beside || read.open || read.some_hour;
        return (!says_more).then_some(None);
    };
    if read.open || read.bare_days && !read.sure {
        return None;
    }
    if read.some_hour {
        // Nothing changes, and she is told when her mail comes.
        let is_of_digest = matches!(&wish, Wish::Receive(choice) if choice.delivery.is_some_and(Delivery::is_digest));
        return (is_of_digest && read.until.is_none()).then_some(Some(Wish::Settings));
    }
    let wish = match (wish, read.until) {
        (Wish::Pause(_), Some(until)) => Wish::Pause(until),
        (Wish::Receive(NOTHING), Some(until)) => Wish::Pause(until),
        (wish, None) => wish,
        (_, Some(_)) => return None,
    };
    let fits = match &wish {
        Wish::Receive(choice) => {
            choice.delivery != Some(Delivery::None) || choice.hour.is_none() && choice.days.is_none()
        }
        // "I want to stop", "stop again": somebody may speak of something else.
        Wish::Stop | Wish::Help { .. } => !read.introduced && !read.beside,
        _ => !read.introduced || read.object,
    };
    fits.then_some(Some(wish))
}

/// A word of her name, an initial, or how she is called for short.
fn is_hers(word: &str, names: &[String]) -> bool {
    let for_short = |name: &String| word.chars().count() >= 3 && name.starts_with(word);
    is_own_name(word, names) || names.iter().any(for_short)
}

/// Marks between numbers that would part them, and behind one: "19:30", "3/1", "1°".
fn joined(text: &str) -> String {
    let chars: Vec<char> = text.chars().collect();
    let is_digit = |at: Option<usize>| at.and_then(|at| chars.get(at)).is_some_and(char::is_ascii_digit);
    let is_point = |at: Option<usize>| at.and_then(|at| chars.get(at)) == Some(&'.');
    let mark = |(at, c): (usize, &char)| match c {
        ':' if is_digit(at.checked_sub(1)) && is_digit(Some(at + 1)) => '.',
        '/' if is_digit(at.checked_sub(1)) && is_digit(Some(at + 1)) => '_',
        // The sign of a degree is written for "º": "1.°".
        '°' if is_digit(at.checked_sub(1)) => 'º',
        '°' if is_point(at.checked_sub(1)) && is_digit(at.checked_sub(2)) => 'º',
        c => *c,
    };
    chars.iter().enumerate().map(mark).collect()
}
