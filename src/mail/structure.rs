//! What mail programs say about a quote and a signature by the structure of their HTML, told in the lines that the rest of
//! the reading knows: a quote's own line, a rule above an old message, a signature's delimiter. Never fails.
//!
//! Only what a program puts there itself is marked. What stands inside a quoting element may be an answer between two
//! quotes, so no element is taken for a quote as a whole but `blockquote`, which the layout marks.

use std::borrow::Cow;
use std::sync::LazyLock;

use regex::{Captures, Regex};

/// What stands before a line that is no one's words: it is not seen, and whoever writes it herself only leaves out her line.
pub const NOT_SAID: char = '\u{2063}';

/// The line above an old message, where a program says by an element that there is one.
pub const OLD_MESSAGE: &str = "-----Original Message-----";

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

/// Whether the document says by its elements that it quotes an old message.
#[must_use]
pub fn quotes(html: &str) -> bool {
    let is_old = |found: Captures<'_>| found.name("attribution").is_some() || found.name("old").is_some();
    may_mark(html) && MARKED.captures_iter(html).any(is_old)
}

/// The document with these lines put into it.
#[must_use]
pub fn marked(html: &str) -> Cow<'_, str> {
    if !may_mark(html) {
        return Cow::Borrowed(html);
    }
    MARKED.replace_all(html, |found: &Captures<'_>| {
        let tag = &found[0];
        if found.name("attribution").is_some() {
            format!("{tag}{NOT_SAID}")
        } else if found.name("old").is_some() {
            format!("<p>{NOT_SAID}{OLD_MESSAGE}</p>{tag}")
        } else {
            format!("<p>-- </p>{tag}")
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
