//! Automatic answers (RFC 3834): known by their header, by their subject, or by nothing but their words.
//!
//! Words alone are a guess, however many they are: a person may write them. So a guess keeps the mail from nobody who may
//! be in danger, and has a member's mail looked at by people instead of ignored.

use super::kind::{Facts, Finding, Kind, PRECEDENCE, SUBJECT, WORDS};
use super::phrases::{LANGUAGES, Phrases};
use super::responders::{
    ABSENCES, AUTO_FIELDS, AUTO_NAMES, AUTO_SUBJECTS, AUTO_TAILS, AUTO_VALUES, IS_AWAY, LABEL_ENDS, QUOTE_BEGINS,
};

/// What answers by themselves write is short, in letters.
const LONGEST: usize = 1_200;
/// So few that a mark which people's mail has too is believed.
const SHORT: usize = 300;
/// Letters in a line that was broken where the words did not fit.
const WRAPPED: usize = 50;
/// Letters in a sentence; what is shorter greets, or is a name.
const SENTENCE: usize = 12;

/// RFC 3834 §5: a keyword, then perhaps parameters or a comment; everything but "no" is automatic.
pub(super) fn auto_submitted(facts: &Facts<'_>) -> Finding {
    let value = facts.fields.first("auto-submitted")?.to_lowercase();
    let keyword = value.split([';', '(', ' ', '\t']).next().unwrap_or_default();
    (!keyword.is_empty() && keyword != "no").then_some((Kind::AutoReply, "Auto-Submitted"))
}

/// Fields from before RFC 3834.
pub(super) fn auto_header(facts: &Facts<'_>) -> Finding {
    let says_yes = |value: &str| !value.eq_ignore_ascii_case("no") && !value.eq_ignore_ascii_case("false");
    let named = AUTO_FIELDS.iter().find(|name| facts.fields.first(name).is_some_and(says_yes));
    if let Some(name) = named {
        return Some((Kind::AutoReply, name));
    }
    let has_value = AUTO_VALUES.iter().any(|(name, word)| {
        facts.fields.all(name).any(|value| value.to_lowercase().split([' ', ';', ',']).any(|found| found == *word))
    });
    // X-Auto-Response-Suppress asks others to keep quiet, in people's mail too.
    let is_marked = |(name, value): (&str, &str)| {
        name.starts_with("x-")
            && !name.contains("suppress")
            && AUTO_NAMES.iter().any(|part| name.contains(part))
            && says_yes(value)
    };
    (has_value || facts.fields.iter().any(is_marked)).then_some((Kind::AutoReply, "a responder's field"))
}

/// What responders write before or instead of a subject.
pub(super) fn auto_subject(facts: &Facts<'_>) -> Finding {
    let subject = facts.subject.to_lowercase();
    // The words alone or as a label; "Out of office politics" is a person's subject.
    let rest = AUTO_SUBJECTS.iter().find_map(|words| {
        let rest = subject.strip_prefix(words)?.trim_start();
        let is_label =
            rest.is_empty() || rest.starts_with(LABEL_ENDS) || AUTO_TAILS.iter().any(|tail| rest.starts_with(tail));
        is_label.then_some(rest)
    })?;
    // Responders write the words alone, or before the subject that they answer; "Out of office - and how it feels" may be
    // a person's.
    let goes_on = rest.starts_with(['-', '–', '—', '(', '[', '!', '.', ',', '/']);
    if goes_on && !facts.answers && !facts.fields.has("precedence") {
        let said = Said::of(&own_words(facts.text));
        let says_so = said.kinds() >= 2 && said.asks == 0;
        return (says_so || rest.starts_with('[')).then_some((Kind::AutoReply, SUBJECT));
    }
    Some((Kind::AutoReply, "out-of-office words"))
}

/// Subjects that people have as well, with something beside that people don't.
pub(super) fn absence(facts: &Facts<'_>) -> Finding {
    let subject = facts.subject.to_lowercase();
    let found = (Kind::AutoReply, SUBJECT);
    let said = Said::of(&own_words(facts.text));
    let away = IS_AWAY.iter().any(|words| subject.contains(words));
    if away && (said.kinds() > 0 || subject.starts_with("auto:")) && !facts.begins_as_reply() {
        return Some(found);
    }
    // GroupWise writes it behind the subject.
    if AUTO_SUBJECTS.iter().any(|words| subject.ends_with(&format!("({words})"))) && said.asks == 0 {
        return Some(found);
    }
    let rest = ABSENCES.iter().find_map(|words| {
        let rest = subject.strip_prefix(words)?;
        let rest = Some(rest).filter(|rest| !rest.starts_with(char::is_alphanumeric)).map(str::trim_start)?;
        let goes_on = ["re:", "aw:"].iter().chain(AUTO_TAILS).any(|tail| rest.starts_with(tail));
        (rest.is_empty() || rest.starts_with(LABEL_ENDS) || goes_on).then_some(rest)
    })?;
    // Before the subject that they answer: a reply's prefix, or a list's tag.
    let behind = rest.trim_start_matches([':', '：', '-', '–', ' ']);
    let answers = behind.starts_with('[') || behind.starts_with("re:") || behind.starts_with("aw:");
    let is_label = rest.starts_with([':', '：']) && facts.answers;
    let says_so = said.kinds() >= 2 && said.asks == 0 && said.covers();
    (answers || is_label || says_so || facts.fields.has("precedence")).then_some(found)
}

/// `Precedence` (RFC 3834 §3.1.8); people's mail that passed a list has it too, which the rules for lists tell.
pub(super) fn precedence(facts: &Facts<'_>) -> Finding {
    let value = facts.fields.first("precedence")?.to_lowercase();
    let is_short = || own_words(facts.text).chars().count() < SHORT;
    match value.as_str() {
        "bulk" | "junk" if facts.answers && !facts.is_from_a_list() && is_short() => {
            Some((Kind::AutoReply, PRECEDENCE))
        }
        "auto_reply" | "auto-reply" | "autoreply" => Some((Kind::AutoReply, "Precedence: auto_reply")),
        _ => None,
    }
}

/// Nothing but words: so many different things that responders say, in a text that says little else.
pub(super) fn auto_text(facts: &Facts<'_>) -> Finding {
    let own = own_words(facts.text);
    if facts.passes_on() || own.chars().count() > LONGEST {
        return None;
    }
    let said = Said::of(&own);
    if said.asks > 0 || !said.covers() {
        return None;
    }
    let is_challenge = said.waits && said.prove;
    let asked_for_quiet = usize::from(facts.fields.has("x-auto-response-suppress"));
    let is_answer = said.kinds() + asked_for_quiet >= 3 || (said.program && said.kinds() >= 2);
    (is_challenge || is_answer).then_some((Kind::AutoReply, WORDS))
}

/// The text above what it quotes, in lower case; what stands in quotation marks is somebody else's.
fn own_words(text: &str) -> String {
    let mut own = String::new();
    let mut before = 0;
    for line in text.lines() {
        let line = line.trim();
        let lower = line.to_lowercase();
        if QUOTE_BEGINS.iter().any(|words| lower.starts_with(words)) {
            break;
        }
        if !line.starts_with('>') {
            // A long line goes on in the next.
            let goes_on = before > WRAPPED && !line.is_empty();
            own.push(if goes_on { ' ' } else { '\n' });
            own.push_str(&lower.replace('’', "'"));
            before = line.chars().count();
        }
        if own.len() > 4 * LONGEST {
            break;
        }
    }
    let mut inside = false;
    own.retain(|c| {
        match c {
            '"' => inside = !inside,
            '“' | '„' | '«' | '”' | '»' => inside = matches!(c, '“' | '„' | '«') && !inside,
            '\n' if inside => {}
            _ => return !inside,
        }
        c == '\n'
    });
    own
}

/// What a text says of what responders say.
#[derive(Default)]
struct Said {
    program: bool,
    thanks: bool,
    away: bool,
    unread: bool,
    instead: bool,
    no_answer: bool,
    waits: bool,
    prove: bool,
    /// Sentences, those that say any of this, and questions.
    sentences: usize,
    matching: usize,
    asks: usize,
}

impl Said {
    /// In the language in which it says most.
    fn of(own: &str) -> Self {
        let all = LANGUAGES.iter().map(|phrases| Self::in_language(own, phrases));
        all.max_by_key(|said| (said.kinds() + usize::from(said.waits && said.prove) * 8, said.matching))
            .unwrap_or_default()
    }

    fn in_language(own: &str, phrases: &Phrases) -> Self {
        let mut said = Self::default();
        for sentence in sentences(own) {
            said.asks += usize::from(sentence.ends_with(['?', '？']));
            let hit = |words: &[&str], flag: &mut bool| {
                let found = words.iter().any(|words| says(sentence, words));
                *flag |= found;
                found
            };
            let found = [
                hit(phrases.program, &mut said.program),
                hit(phrases.thanks, &mut said.thanks),
                hit(phrases.away, &mut said.away),
                hit(phrases.unread, &mut said.unread),
                hit(phrases.instead, &mut said.instead),
                hit(phrases.no_answer, &mut said.no_answer),
                hit(phrases.waits, &mut said.waits),
                hit(phrases.prove, &mut said.prove),
            ];
            let long = sentence.chars().count() >= SENTENCE || !sentence.is_ascii();
            let any = found.contains(&true);
            said.sentences += usize::from(long || any);
            said.matching += usize::from(any);
        }
        said
    }

    /// How many different things.
    fn kinds(&self) -> usize {
        [self.program, self.thanks, self.away, self.unread, self.instead, self.no_answer]
            .iter()
            .filter(|&&is| is)
            .count()
    }

    /// Whether it says little else.
    fn covers(&self) -> bool {
        self.matching * 2 >= self.sentences
    }
}

/// The sentences of a text; a line that goes on in the next is none.
fn sentences(own: &str) -> impl Iterator<Item = &str> {
    own.split_inclusive(['.', '!', '?', '。', '？', '！', '\n'])
        .map(|sentence| sentence.trim())
        .filter(|sentence| sentence.chars().any(char::is_alphanumeric))
}

/// Whether a phrase stands in a text between other words.
fn says(text: &str, phrase: &str) -> bool {
    let (phrase, goes_on) = phrase.strip_suffix('*').map_or((phrase, false), |phrase| (phrase, true));
    // Between words in these scripts stands nothing.
    let spaced = phrase.chars().next().is_some_and(|c| c < '\u{2e80}');
    text.match_indices(phrase).any(|(at, found)| {
        let before = text[..at].chars().next_back();
        let behind = text[at + found.len()..].chars().next();
        let ends = |c: Option<char>| !c.is_some_and(char::is_alphanumeric);
        !spaced || (ends(before) && (goes_on || ends(behind)))
    })
}
