//! Automatic answers (RFC 3834): known by their header, by their subject, or by nothing but their words.
//!
//! Words alone are a guess, however many they are: a person may write them. So a guess keeps the mail from nobody who may
//! be in danger, and has a member's mail looked at by people instead of ignored.

use super::kind::{ABSENCE, FIELD, Facts, Finding, Kind, PRECEDENCE, SUBJECT, WORDS};
use super::phrases::Means;
use super::responders::{
    ABSENCES, AUTO_FIELDS, AUTO_NAMES, AUTO_SUBJECTS, AUTO_TAILS, AUTO_VALUES, IS_AWAY, LABEL_ENDS, LEISURE,
    QUOTE_BEGINS,
};
use super::said::Said;

/// What answers by themselves write is short, in letters.
const LONGEST: usize = 1_200;
/// So few that a mark which people's mail has too is believed.
const SHORT: usize = 300;
/// Letters in a line that was broken where the words did not fit.
const WRAPPED: usize = 50;

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
    if has_value {
        return Some((Kind::AutoReply, "a responder's field"));
    }
    // A filter that looked for a responder, and found none, says so in such a field as well.
    facts.fields.iter().any(is_marked).then_some((Kind::AutoReply, FIELD))
}

/// What responders write before or instead of a subject.
pub(super) fn auto_subject(facts: &Facts<'_>) -> Finding {
    let subject = facts.subject.trim_start_matches(['【', '(', '<', '*', ' ']);
    // The words alone or as a label; "Out of office politics" is a person's subject.
    let rest = AUTO_SUBJECTS.iter().find_map(|words| {
        let rest = subject.strip_prefix(words)?.trim_start();
        (rest.is_empty() || rest.starts_with(LABEL_ENDS) || has_tail(rest)).then_some(rest)
    })?;
    // Responders write the words alone, or before the subject that they answer; "Out of office - and how it feels" may be
    // a person's.
    let goes_on = rest.starts_with(['-', '–', '—', '(', '[', '!', '.', ',', '/']);
    if goes_on && !facts.answers && !facts.fields.has("precedence") {
        let said = Said::of(&own_words(facts.text));
        let says_so = said.kinds() >= 2 && said.is_plain();
        return (says_so || rest.starts_with('[')).then_some((Kind::AutoReply, SUBJECT));
    }
    // Alone above a text in which somebody speaks, they are somebody's.
    if rest.is_empty() && !facts.answers && !Said::of(&own_words(facts.text)).is_plain() {
        return None;
    }
    // "Out of office: forever", above what no responder says.
    if is_labelled(rest) && !facts.answers && !facts.fields.has("precedence") {
        let said = Said::of(&own_words(facts.text));
        let says_so = said.sentences == 0 || said.kinds() >= 1;
        return (says_so && said.is_plain()).then_some((Kind::AutoReply, ABSENCE));
    }
    Some((Kind::AutoReply, ABSENCE))
}

/// The label of a subject that bears no mark of an answer or of a list.
fn is_labelled(rest: &str) -> bool {
    let behind = rest.trim_start_matches([':', '：', ' ']);
    behind.len() < rest.len() && !names_another(behind)
}

/// A reply's prefix, or a list's tag.
fn names_another(behind: &str) -> bool {
    ["[", "re:", "aw:"].iter().any(|prefix| behind.starts_with(prefix))
}

/// A whole word that may follow: "until", and not "doesn't" for the Polish "do".
fn has_tail(rest: &str) -> bool {
    AUTO_TAILS.iter().any(|tail| {
        let behind = rest.strip_prefix(tail);
        behind.is_some_and(|behind| {
            tail.ends_with([':', '’', '\'']) || !behind.starts_with(|c: char| c.is_alphanumeric())
        })
    })
}

/// Subjects that people have as well, with something beside that people don't.
pub(super) fn absence(facts: &Facts<'_>) -> Finding {
    let said = || Said::of(&own_words(facts.text));
    let is_answer = facts.begins_as_reply();
    let found = is_away(&facts.subject, is_answer, said)
        || is_before_re(&facts.subject, is_answer, said)
        || is_behind(&facts.subject, said);
    (found || is_label(facts, &facts.subject, said)).then_some((Kind::AutoReply, SUBJECT))
}

/// "AUTO: Ada Stone is out of the office", as Notes writes it.
fn is_away(subject: &str, is_answer: bool, said: impl Fn() -> Said) -> bool {
    !is_answer
        && IS_AWAY.iter().any(|words| subject.contains(words))
        && (subject.starts_with("auto:") || said().kinds() > 0)
}

/// Gmail writes the words of its user before the subject, its "Re:" included.
fn is_before_re(subject: &str, is_answer: bool, said: impl Fn() -> Said) -> bool {
    !is_answer && subject.contains(" re: ") && Said::of(subject).says(Means::Away) && said().is_plain()
}

/// GroupWise writes it behind the subject.
fn is_behind(subject: &str, said: impl Fn() -> Said) -> bool {
    subject.ends_with(')')
        && AUTO_SUBJECTS.iter().any(|words| subject.ends_with(&format!("({words})")))
        && said().is_plain()
}

/// Before the subject that is answered, or alone above words that say so.
fn is_label(facts: &Facts<'_>, subject: &str, said: impl Fn() -> Said) -> bool {
    let Some(rest) = behind_label(subject, ABSENCES).or_else(|| behind_label(subject, LEISURE)) else { return false };
    let names_another = names_another(rest.trim_start_matches([':', '：', '-', '–', ' ']));
    let is_label = rest.starts_with([':', '：']) && facts.answers;
    if names_another || is_label || facts.fields.has("precedence") {
        return true;
    }
    let said = said();
    said.kinds() >= 2 && said.is_formal() && said.is_plain() && said.is_all()
}

/// What stands behind words that are the subject, or its label.
fn behind_label<'a>(subject: &'a str, table: &[&str]) -> Option<&'a str> {
    table.iter().find_map(|words| {
        let rest = subject.strip_prefix(words)?;
        let rest = Some(rest).filter(|rest| !rest.starts_with(char::is_alphanumeric)).map(str::trim_start)?;
        let goes_on = rest.starts_with("aw:") || has_tail(rest);
        (rest.is_empty() || rest.starts_with(LABEL_ENDS) || goes_on).then_some(rest)
    })
}

/// An answer that begins with such words instead of "Re:", and in which nobody speaks.
pub(super) fn absent_answer(facts: &Facts<'_>) -> Finding {
    if !facts.answers || behind_label(&facts.subject, ABSENCES).is_none() {
        return None;
    }
    let said = Said::of(&own_words(facts.text));
    let says_so = said.sentences == 0 || said.kinds() >= 1;
    (says_so && said.is_plain()).then_some((Kind::AutoReply, ABSENCE))
}

/// A person's mail under such words decides nothing before people have looked at it, and is not answered.
pub(super) fn may_be_absent(facts: &Facts<'_>) -> Option<&'static str> {
    [ABSENCES, AUTO_SUBJECTS].iter().any(|table| behind_label(&facts.subject, table).is_some()).then_some(SUBJECT)
}

/// What only responders put there.
pub(super) fn auto_precedence(facts: &Facts<'_>) -> Finding {
    let value = facts.fields.first("precedence")?.to_lowercase();
    let is_responders = matches!(value.as_str(), "auto_reply" | "auto-reply" | "autoreply");
    is_responders.then_some((Kind::AutoReply, "Precedence: auto_reply"))
}

/// `Precedence` (RFC 3834 §3.1.8); people's mail that passed a list has it too, which the rules for lists tell.
pub(super) fn precedence(facts: &Facts<'_>) -> Finding {
    let value = facts.fields.first("precedence")?.to_lowercase();
    let is_short = || own_words(facts.text).chars().count() < SHORT;
    let is_bulk = matches!(value.as_str(), "bulk" | "junk");
    (is_bulk && facts.begins_as_reply() && !facts.is_from_a_list() && is_short())
        .then_some((Kind::AutoReply, PRECEDENCE))
}

/// Nothing but words: so many different things that responders say, in a text that says little else.
pub(super) fn auto_text(facts: &Facts<'_>) -> Finding {
    let own = own_words(facts.text);
    if facts.passes_on() || own.chars().count() > LONGEST {
        return None;
    }
    let said = Said::of(&own);
    if !said.is_plain() || !said.covers() {
        return None;
    }

    let asked_for_quiet = usize::from(facts.fields.has("x-auto-response-suppress"));
    let is_program = said.says(Means::Program) && said.kinds() >= 2;
    let is_formal = said.kinds() + asked_for_quiet >= 3 && said.is_formal();
    let is_deputed = facts.answers && said.says(Means::Away) && said.says(Means::Urgent) && said.matching >= 2;
    let is_answer = is_program || ((is_formal || is_deputed || said.kinds() >= 4) && said.is_all());
    (said.challenges() || is_answer).then_some((Kind::AutoReply, WORDS))
}

/// The text above what it quotes, in lower case; what stands in quotation marks is somebody else's.
fn own_words(text: &str) -> String {
    let mut own = String::new();
    let mut before = 0;
    for line in text.lines() {
        let line = line.trim();
        let lower = line.chars().take(LONGEST + 1).collect::<String>().to_lowercase();
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
