//! The places of a text that are taken out, and the text without them. Total.

use std::borrow::Cow;
use std::ops::Range;

use super::{Covered, Identifying, Taken};
use crate::model::wording::Wording;

/// A place to be taken out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Found {
    pub(super) place: Range<usize>,
    /// `None` is cut away without a word: what a link tells of who followed it.
    pub(super) what: Option<Identifying>,
    /// The key of what stands there instead; empty for nothing.
    pub(super) put: &'static str,
}

impl Found {
    pub(super) fn new(place: Range<usize>, what: Identifying) -> Self {
        Self { place, what: Some(what), put: what.placeholder() }
    }
}

/// A text and what was taken out of it so far.
pub(super) struct Places<'a> {
    original: &'a str,
    /// In order, and none over another.
    taken: Vec<Found>,
    /// What is left.
    left: Cow<'a, str>,
    words: &'a Wording,
}

impl<'a> Places<'a> {
    /// `words` has what stands where something was.
    pub(super) fn of(original: &'a str, words: &'a Wording) -> Self {
        Self { original, taken: Vec::new(), left: Cow::Borrowed(original), words }
    }

    pub(super) fn text(&self) -> &str {
        &self.left
    }

    /// Take more out; places are those of [`Self::text`].
    pub(super) fn take(&mut self, found: Vec<Found>, whole_lines: bool) {
        let mut found: Vec<Found> = found.into_iter().filter(|found| !found.place.is_empty()).collect();
        found.sort_by_key(|found| found.place.start);
        if whole_lines {
            found.iter_mut().for_each(|found| found.place = lines(&self.left, &found.place));
        }
        let mut before = Before::new(&self.taken, self.words);
        for found in &mut found {
            found.place = before.start(found.place.start)..found.place.end;
        }
        let mut before = Before::new(&self.taken, self.words);
        found.sort_by_key(|found| found.place.end);
        for found in &mut found {
            found.place.end = before.end(found.place.end);
        }
        let mut all = std::mem::take(&mut self.taken);
        all.append(&mut found);
        all.sort_by_key(|found| (found.place.start, std::cmp::Reverse(found.place.end)));
        for found in all {
            match self.taken.last_mut() {
                Some(last) if is_one(last, &found) => join(last, found),
                _ => self.taken.push(found),
            }
        }
        self.left = Cow::Owned(self.written());
    }

    fn written(&self) -> String {
        let mut left = String::with_capacity(self.original.len());
        let mut at = 0;
        for taken in &self.taken {
            left.push_str(&self.original[at..taken.place.start]);
            left.push_str(put(taken, self.words));
            at = taken.place.end;
        }
        left.push_str(&self.original[at..]);
        left
    }

    pub(super) fn covered(self) -> Covered {
        let words = |place: &Range<usize>| self.original[place.clone()].to_owned();
        let taken = self.taken.iter().filter_map(|found| Some(Taken { what: found.what?, words: words(&found.place) }));
        Covered { taken: taken.collect(), text: self.left.into_owned() }
    }
}

/// What stands in the place of something.
fn put<'a>(found: &Found, words: &'a Wording) -> &'a str {
    if found.put.is_empty() { "" } else { words.say(found.put) }
}

/// Two places that overlap are one, and so are two of a kind without anything in between.
fn is_one(first: &Found, second: &Found) -> bool {
    second.place.start < first.place.end || (second.place.start == first.place.end && first.put == second.put)
}

/// The longer one says what it is.
fn join(into: &mut Found, other: Found) {
    let place = into.place.start..into.place.end.max(other.place.end);
    let (long, short) =
        if other.place.len() > into.place.len() { (other, into.clone()) } else { (into.clone(), other) };
    *into = long;
    into.place = place;
    if short.what == Some(Identifying::RosterAddress) && into.what == Some(Identifying::EmailAddress) {
        into.what = short.what;
    }
}

/// The lines in which a place stands.
fn lines(text: &str, place: &Range<usize>) -> Range<usize> {
    let start = text[..place.start].rfind('\n').map_or(0, |at| at + 1);
    let end = text[place.end..].find('\n').map_or(text.len(), |at| place.end + at);
    start..end
}

/// Where a place of the text that is left stood before. Asked in rising order.
struct Before<'a> {
    taken: std::iter::Peekable<std::slice::Iter<'a, Found>>,
    /// Where what follows the last place taken begins, in what is left and in the original.
    left: usize,
    original: usize,
    words: &'a Wording,
}

impl<'a> Before<'a> {
    fn new(taken: &'a [Found], words: &'a Wording) -> Self {
        Self { taken: taken.iter().peekable(), left: 0, original: 0, words }
    }

    /// What begins inside a placeholder begins with it.
    fn start(&mut self, at: usize) -> usize {
        self.place(at, |inside| inside.start, |at, begins| at < begins)
    }

    /// What ends inside a placeholder ends with it.
    fn end(&mut self, at: usize) -> usize {
        self.place(at, |inside| inside.end, |at, begins| at <= begins)
    }

    fn place(&mut self, at: usize, edge: fn(&Range<usize>) -> usize, is_before: fn(usize, usize) -> bool) -> usize {
        while let Some(next) = self.taken.peek() {
            let begins = self.left + next.place.start - self.original;
            if is_before(at, begins) {
                break;
            }
            let ends = begins + put(next, self.words).len();
            if is_before(at, ends) {
                return edge(&next.place);
            }
            (self.left, self.original) = (ends, next.place.end);
            self.taken.next();
        }
        self.original + at - self.left
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(place: Range<usize>, what: Identifying) -> Found {
        Found::new(place, what)
    }

    #[test]
    fn places_are_those_of_the_text_that_is_left() {
        let mut places = Places::of("call 123 or 456 now", Wording::english());
        places.take(vec![found(12..15, Identifying::PhoneNumber), found(5..8, Identifying::PhoneNumber)], false);
        assert_eq!(places.text(), "call [phone number] or [phone number] now");
        let at = places.text().find("or").unwrap();
        places.take(vec![found(at..at + 5, Identifying::RealName)], false);
        assert_eq!(places.text(), "call [phone number] [name] now");
        let at = places.text().find("now").unwrap();
        places.take(vec![found(at..at + 3, Identifying::Account), found(0..4, Identifying::Link)], false);
        let covered = places.covered();
        assert_eq!(covered.text, "[link] [phone number] [name] [account name]");
        let words: Vec<&str> = covered.taken.iter().map(|taken| taken.words.as_str()).collect();
        assert_eq!(words, ["call", "123", "or 456", "now"]);
    }

    #[test]
    fn the_longer_says_what_it_is() {
        let mut places = Places::of("a b@c.d e", Wording::english());
        places.take(vec![found(2..7, Identifying::EmailAddress), found(2..7, Identifying::RosterAddress)], false);
        assert_eq!(places.covered().taken[0].what, Identifying::RosterAddress);
        let mut places = Places::of("a b@c.d e\nx", Wording::english());
        places.take(vec![found(2..7, Identifying::EmailAddress), found(0..9, Identifying::Link)], false);
        assert_eq!(places.covered().text, "[link]\nx");
        let mut places = Places::of("a b\nc d\ne", Wording::english());
        places.take(vec![found(4..5, Identifying::RealName)], true);
        assert_eq!(places.covered().text, "a b\n[name]\ne");
    }
}
