//! What mail programs say about a quote and a signature by the structure of their HTML, told in the lines that the rest of
//! the reading knows: a quote's own line, a rule above an old message, a signature's delimiter. Never fails.
//!
//! Only what a program puts there itself is marked. What stands inside a quoting element may be an answer between two
//! quotes, so no element is taken for a quote as a whole but `blockquote`, which the layout marks.

use std::borrow::Cow;
use std::ops::Range;
use std::sync::LazyLock;

use regex::{Captures, Regex};

/// What stands before a line that is no one's words: it is not seen, and whoever writes it herself only leaves out her line.
pub const NOT_SAID: char = '\u{2063}';

/// The line above an old message, where a program says by an element that there is one.
pub const OLD_MESSAGE: &str = "-----Original Message-----";

/// The line above a signature, where a program says by an element that there is one.
pub const SIGNATURE: &str = "--";
/// The line below it.
pub const SIGNATURE_ENDS: &str = "─";

/// Elements that hold the line "On … wrote:": Gmail, Thunderbird, Proton, Zoho.
const ATTRIBUTIONS: &str = "gmail_attr|moz-cite-prefix|protonmail_quote_header|zmail_extra_header";
/// Elements that begin an old message, with its header block and without marks: Outlook in its kinds, Yahoo, Windows Mail.
const OLD: &str = "divRplyFwdMsg|appendonsend|OutlookMessageHeader|mail-editor-reference-message-container|\
                   ms-outlook-mobile-reference-message|yahoo_quoted|replyHeaderWrapper|reply_caption";
/// Elements that hold a signature: Gmail, Outlook, Thunderbird, Yahoo, Proton, Apple.
const SIGNATURES: &str = "gmail_signature|moz-signature|yahoo-signature|ydp[0-9a-f]*signature|protonmail_signature_block-user|\
                          ms-outlook-mobile-signature|AppleMailSignature|Signature";

#[allow(clippy::expect_used, reason = "the expression is a constant, and tests compile it")]
static MARKED: LazyLock<Regex> = LazyLock::new(|| {
    let named = |names: &str| format!(r#"(?:class|id)\s*=\s*["']?(?:[^"'<>]*[\s"'])?(?:x_)*(?:{names})["'\s>]"#);
    let (attributions, old, signatures) = (named(ATTRIBUTIONS), named(OLD), named(SIGNATURES));
    // Word's own way to draw the line above an old message.
    let border = r"style\s*=\s*[^<>]*border-top:\s*solid\s+#(?:E1E1E1|B5C4DF)\b";
    Regex::new(&format!(
        "(?i)<(?:div|span|p|table|td|pre|hr|blockquote)\\b(?:[^<>]*?(?:(?P<attribution>{attributions})|(?P<old>{old}|{border})|\
         (?P<signature>{signatures})))[^<>]*>?"
    ))
    .expect("a constant expression")
});

#[allow(clippy::expect_used, reason = "the expressions are constants, and tests compile them")]
fn expression(source: &str) -> Regex {
    Regex::new(source).expect("a constant expression")
}

static TAG: LazyLock<Regex> = LazyLock::new(|| expression("<[^<>]*>"));
static LINE_ENDS: LazyLock<Regex> = LazyLock::new(|| expression("(?i)<(?:br|/?div|/?p)\\b[^<>]*>"));
static SENTENCE_END: LazyLock<Regex> = LazyLock::new(|| expression(r"\p{Ll}{2}[.!?…]+\s+\p{Lu}"));
static BLOCKQUOTE: LazyLock<Regex> = LazyLock::new(|| expression("(?i)</?blockquote\\b[^<>]*>"));
/// A margin on the left and no line beside it.
static INDENT: LazyLock<Regex> = LazyLock::new(|| {
    expression(r"(?i)<blockquote\b[^<>]*style\s*=\s*[^<>]*margin[^<>]*border(?:-left)?\s*:\s*(?:none|0)")
});
static CITES: LazyLock<Regex> = LazyLock::new(|| expression(r"(?i)\b(?:type|cite|class|id)\s*="));

/// Whether the document says by its elements that it quotes an old message.
#[must_use]
pub fn quotes(html: &str) -> bool {
    let is_old = |found: Captures<'_>| found.name("attribution").is_some() || found.name("old").is_some();
    may_mark(html) && MARKED.captures_iter(html).any(is_old)
}

/// The document with these lines put into it.
#[must_use]
pub fn marked(html: &str) -> Cow<'_, str> {
    let html = without_indents(html);
    if !may_mark(&html) {
        return html;
    }
    // What is put in, and where.
    let mut marks: Vec<(usize, String)> = Vec::new();
    for (number, found) in MARKED.captures_iter(&html).enumerate() {
        let Some(tag) = found.get(0).map(|tag| tag.range()) else { continue };
        // A letter has few of them; in what has many, each goes to the end of the document.
        let close = if number < MOST_ELEMENTS { element_end(&html, &tag) } else { None };
        if found.name("attribution").is_some() {
            let at = attribution_at(&html, tag.end, close.map_or(tag.end, |close| close.start));
            marks.push(at);
        } else if found.name("old").is_some() {
            marks.push((tag.start, format!("<p>{NOT_SAID}{OLD_MESSAGE}</p>")));
        } else {
            marks.push((tag.start, format!("<p>{NOT_SAID}{SIGNATURE}</p>")));
            // Between the cells of a table nothing can be put.
            let is_cell = html[tag.start..].starts_with("<td");
            let end = close.map_or(html.len(), |close| if is_cell { close.start } else { close.end });
            marks.push((end, format!("<p>{NOT_SAID}{SIGNATURE_ENDS}</p>")));
        }
    }
    marks.sort_by_key(|(at, _)| *at);
    let (mut out, mut from) = (String::with_capacity(html.len() + 32 * marks.len()), 0);
    for (at, mark) in marks {
        out.push_str(&html[from..at]);
        out.push_str(&mark);
        from = at;
    }
    out.push_str(&html[from..]);
    Cow::Owned(out)
}

/// Octets in which an element's end is looked for.
const MOST_INSIDE: usize = 20_000;
/// Elements of which the end is looked for.
const MOST_ELEMENTS: usize = 100;

/// The tag that closes the element which this one opens.
fn element_end(html: &str, tag: &Range<usize>) -> Option<Range<usize>> {
    let name = html[tag.start + 1..].split(|c: char| !c.is_ascii_alphanumeric()).next()?;
    let inside = &html.as_bytes()[tag.end..html.len().min(tag.end + MOST_INSIDE)];
    let mut depth = 1_usize;
    for (at, _) in inside.iter().enumerate().filter(|(_, byte)| **byte == b'<') {
        let (closes, rest) =
            inside[at + 1..].strip_prefix(b"/").map_or((false, &inside[at + 1..]), |rest| (true, rest));
        let is_named = rest.get(..name.len()).is_some_and(|found| found.eq_ignore_ascii_case(name.as_bytes()))
            && !rest.get(name.len()).is_some_and(u8::is_ascii_alphanumeric);
        match (is_named, closes) {
            (false, _) => {}
            (true, false) => depth += 1,
            (true, true) => depth -= 1,
        }
        if depth == 0 {
            let begin = tag.end + at;
            let end = html[begin..].find('>').map_or(html.len(), |end| begin + end + 1);
            return Some(begin..end);
        }
    }
    None
}

/// Where the attribution begins in its element, and the mark: in its last line, if that ends as one does, because people type
/// in front of it, into the same line, too.
fn attribution_at(html: &str, from: usize, end: usize) -> (usize, String) {
    let inside = &html[from..end];
    let mut line_end = inside.len();
    let begins: Vec<usize> = LINE_ENDS.find_iter(inside).map(|found| found.end()).collect();
    let mut last = 0;
    for begin in begins.into_iter().rev() {
        if words(&inside[begin..line_end]).contains(char::is_alphanumeric) {
            last = begin;
            break;
        }
        line_end = begin;
    }
    let line = &inside[last..];
    if !words(line).trim_end().ends_with([':', '：']) {
        return (from, NOT_SAID.to_string());
    }
    match typed_before(line) {
        Some(typed) => (from + last + typed, format!("<br>{NOT_SAID}")),
        None => (from + last, NOT_SAID.to_string()),
    }
}

fn words(html: &str) -> String {
    TAG.replace_all(html, " ").replace("&nbsp;", " ")
}

/// "I am here. On Monday Kit wrote:": a sentence without a number ends, and another begins.
fn typed_before(line: &str) -> Option<usize> {
    let end = SENTENCE_END.find_iter(line).last()?;
    let before = words(&line[..end.start()]);
    let is_sentence = before.split_whitespace().count() >= 2 && !before.contains(char::is_numeric);
    let next = line[..end.end()].char_indices().next_back()?.0;
    is_sentence.then_some(next)
}

/// `blockquote` is also how programs set a paragraph in; by its style it is no quote then.
fn without_indents(html: &str) -> Cow<'_, str> {
    if !INDENT.is_match(html) {
        return Cow::Borrowed(html);
    }
    let mut open = Vec::new();
    BLOCKQUOTE.replace_all(html, |found: &Captures<'_>| {
        let tag = &found[0];
        let is_indent = match tag.starts_with("</") {
            true => open.pop().unwrap_or(false),
            false => {
                open.push(INDENT.is_match(tag) && !CITES.is_match(tag));
                open.last() == Some(&true)
            }
        };
        match (is_indent, tag.starts_with("</")) {
            (false, _) => tag.to_owned(),
            (true, false) => "<div>".to_owned(),
            (true, true) => "</div>".to_owned(),
        }
    })
}

/// A cheap look: most documents have none of these.
fn may_mark(html: &str) -> bool {
    let words = [
        "gmail_",
        "moz-",
        "RplyFwd",
        "appendonsend",
        "utlook",
        "order-top",
        "ignature",
        "_quote",
        "reply",
        "mail-editor",
    ];
    words.iter().any(|word| html.contains(word))
}
