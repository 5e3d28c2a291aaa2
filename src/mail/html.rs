//! HTML turned into lines of text: quotes marked "> ", no links, no pictures, nothing fetched. Never fails: what is too
//! deep or too large to lay out is read tag by tag.

use std::panic::catch_unwind;
use std::sync::LazyLock;

use html2text::Error;
use html2text::render::{TaggedLine, TextDecorator};
use regex::Regex;

use super::parse::strip_html;

/// Deeper documents are not laid out.
const MAX_DEPTH: usize = 150;
/// Larger documents are not laid out.
const MAX_OCTETS: usize = 1024 * 1024;
/// Documents with more tags are not laid out.
const MAX_TAGS: usize = 40_000;
/// Wide enough that no paragraph is broken.
const WIDTH: usize = 2_000;
/// What stands for `<hr>`.
pub const RULE: &str = "────────";

#[allow(clippy::expect_used, reason = "the expression is a constant, and tests compile it")]
static HR: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"(?i)<hr\b[^<>]*>").expect("a constant expression"));

/// Lay the document out as text.
#[must_use]
pub fn to_text(html: &str) -> String {
    if !is_modest(html) {
        return strip(html);
    }
    // The renderer has no word for <hr> and would join what stands on both its sides.
    let html = &*HR.replace_all(html, format!("<p>{RULE}</p>"));
    let laid_out = catch_unwind(|| lay_out(html));
    match laid_out {
        Ok(Ok(text)) => text.lines().map(tidy_line).collect::<Vec<_>>().join("\n"),
        _ => strip(html),
    }
}

/// Take the tags away.
#[must_use]
pub fn strip(html: &str) -> String {
    // Words must not be lost: if even this fails, the text stays with its tags.
    strip_html(html).unwrap_or_else(|| html.to_owned())
}

fn lay_out(html: &str) -> Result<String, Error> {
    html2text::config::with_decorator(Bare)
        .raw_mode(true)
        .unicode_strikeout(false)
        .allow_width_overflow()
        .string_from_read(html.as_bytes(), WIDTH)
}

fn tidy_line(line: &str) -> String {
    let line = line.trim_end();
    let bare = line.trim_start_matches(['>', ' ']);
    if bare.len() > RULE.len() && bare.chars().all(|c| c == '─') {
        return line.replace(bare, RULE);
    }
    line.replace('\u{a0}', " ").trim_end().to_owned()
}

/// A cheap count of tags and of their depth; closing tags that HTML lets authors leave out count as open, which only
/// sends a few odd documents the plain way.
fn is_modest(html: &str) -> bool {
    let (mut depth, mut deepest, mut tags) = (0_usize, 0_usize, 0_usize);
    for piece in html.split('<').skip(1) {
        tags += 1;
        if let Some(name) = piece.strip_prefix('/') {
            depth = depth.saturating_sub(usize::from(!is_void(name)));
        } else if piece.starts_with(|c: char| c.is_ascii_alphabetic()) && !is_void(piece) {
            depth += 1;
            deepest = deepest.max(depth);
        }
    }
    html.len() <= MAX_OCTETS && tags <= MAX_TAGS && deepest <= MAX_DEPTH
}

/// Elements that hold nothing, or that browsers close by themselves.
fn is_void(piece: &str) -> bool {
    const VOID: &[&str] = &["br", "img", "hr", "meta", "link", "input", "col", "p", "li", "o:p", "wbr", "area", "base"];
    let end = piece.find(|c: char| !c.is_ascii_alphanumeric() && c != ':').unwrap_or(piece.len());
    let name = piece[..end].to_ascii_lowercase();
    VOID.contains(&name.as_str()) || piece.split('>').next().is_some_and(|tag| tag.ends_with('/'))
}

/// Words and quote marks, nothing else.
#[derive(Clone)]
struct Bare;

impl TextDecorator for Bare {
    type Annotation = ();

    fn decorate_link_start(&mut self, _url: &str) -> (String, ()) {
        (String::new(), ())
    }
    fn decorate_link_end(&mut self) -> String {
        String::new()
    }
    fn decorate_em_start(&self) -> (String, ()) {
        (String::new(), ())
    }
    fn decorate_em_end(&self) -> String {
        String::new()
    }
    fn decorate_strong_start(&self) -> (String, ()) {
        (String::new(), ())
    }
    fn decorate_strong_end(&self) -> String {
        String::new()
    }
    fn decorate_strikeout_start(&self) -> (String, ()) {
        (String::new(), ())
    }
    fn decorate_strikeout_end(&self) -> String {
        String::new()
    }
    fn decorate_code_start(&self) -> (String, ()) {
        (String::new(), ())
    }
    fn decorate_code_end(&self) -> String {
        String::new()
    }
    fn decorate_preformat_first(&self) {}
    fn decorate_preformat_cont(&self) {}
    fn decorate_image(&mut self, _src: &str, title: &str) -> (String, ()) {
        // Emoji are often pictures whose title is the character; a longer title describes a picture.
        (if title.chars().count() <= 4 { title.to_owned() } else { String::new() }, ())
    }
    fn header_prefix(&self, _level: usize) -> String {
        String::new()
    }
    fn quote_prefix(&self) -> String {
        "> ".to_owned()
    }
    fn unordered_item_prefix(&self) -> String {
        "* ".to_owned()
    }
    fn ordered_item_prefix(&self, i: i64) -> String {
        format!("{i}. ")
    }
    fn decorate_superscript_start(&self) -> (String, ()) {
        (String::new(), ())
    }
    fn decorate_superscript_end(&self) -> String {
        String::new()
    }
    fn make_subblock_decorator(&self) -> Self {
        Self
    }
    fn finalise(&mut self, _urls: Vec<String>) -> Vec<TaggedLine<()>> {
        Vec::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_quotes_and_rules() {
        for (html, text) in [
            ("<p>One</p><p>Two<br>three</p>", "One\n\nTwo\nthree"),
            ("<div>Hi</div><blockquote>old<blockquote>older</blockquote></blockquote>", "Hi\n\n> old\n> \n> > older"),
            ("<a href='https://x.example'>link</a> &amp; <b>bold</b>", "link & bold"),
            ("<style>p{}</style><script>x()</script><img src='http://track.example/x.gif'>seen", "seen"),
            ("<table><tr><td>a</td><td>b</td></tr></table>", "a\nb"),
            ("a<hr>b", "a\n────────\nb"),
        ] {
            let lines =
                |t: &str| t.lines().map(|l| l.trim_end().to_owned()).filter(|l| !l.is_empty()).collect::<Vec<_>>();
            assert_eq!(lines(&to_text(html)), lines(text), "{html}");
        }
    }

    #[test]
    fn deep_and_large_documents_are_survived() {
        let deep = format!("{}deep{}", "<div>".repeat(100_000), "</div>".repeat(100_000));
        assert!(to_text(&deep).contains("deep"));
        let open = format!("{}deep", "<blockquote><table><tr><td>".repeat(50_000));
        assert!(to_text(&open).contains("deep"));
        let table = format!("<table>{}</table>", format!("<tr>{}</tr>", "<td>cell</td>".repeat(100)).repeat(1_000));
        assert!(to_text(&table).contains("cell"));
    }
}
