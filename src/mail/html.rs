//! HTML turned into lines of text: quotes marked "> ", no links, no pictures, nothing fetched. Never fails: what is too
//! deep or too large to lay out is read tag by tag.

use std::panic::catch_unwind;
use std::sync::LazyLock;

use html2text::render::{TaggedLine, TextDecorator};
use html2text::{Element, Error, Handle};
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
    let layout = html2text::config::with_decorator(Bare).raw_mode(true).unicode_strikeout(false).allow_width_overflow();
    let document = layout.parse_html(html.as_bytes())?;
    take_out_hidden(&document.document);
    let tree = layout.dom_to_render_tree(&document)?;
    layout.render_to_string(tree, WIDTH)
}

/// What the author's own program doesn't show her, she didn't write to anybody.
fn take_out_hidden(root: &Handle) {
    let mut open = vec![root.clone()];
    while let Some(node) = open.pop() {
        node.children.borrow_mut().retain(|child| !is_hidden(child));
        open.extend(node.children.borrow().iter().cloned());
    }
}

/// Hidden by the element's own word. A size of nothing hides only what doesn't choose a size again: newsletters close
/// gaps that way.
fn is_hidden(node: &Handle) -> bool {
    let Some(style) = attribute(node, "style") else { return attribute(node, "hidden").is_some() };
    let declared = |name: &str, hides: fn(&str) -> bool| {
        let declarations = style.split(';').filter_map(|declaration| declaration.split_once(':'));
        declarations
            .filter(|(declared, _)| declared.trim().eq_ignore_ascii_case(name))
            .any(|(_, value)| hides(value.to_ascii_lowercase().trim_end_matches("!important").trim()))
    };
    attribute(node, "hidden").is_some()
        || declared("display", |value| value == "none")
        || declared("visibility", |value| matches!(value, "hidden" | "collapse"))
        || declared("opacity", is_zero)
        || (declared("font-size", is_zero) && !has_size_inside(node))
}

fn is_zero(value: &str) -> bool {
    let number = value.trim_end_matches(|c: char| c.is_ascii_alphabetic() || c == '%');
    number.trim().parse::<f32>().is_ok_and(|number| number == 0.0)
}

fn has_size_inside(node: &Handle) -> bool {
    let mut open: Vec<Handle> = node.children.borrow().clone();
    while let Some(inner) = open.pop() {
        let style = attribute(&inner, "style").unwrap_or_default().to_ascii_lowercase();
        if style.contains("font") || attribute(&inner, "size").is_some() {
            return true;
        }
        open.extend(inner.children.borrow().iter().cloned());
    }
    false
}

fn attribute(node: &Handle, name: &str) -> Option<String> {
    let Element { attrs, .. } = &node.data else { return None };
    attrs.borrow().iter().find(|attribute| &*attribute.name.local == name).map(|attribute| attribute.value.to_string())
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
    fn what_is_hidden_is_not_read() {
        for (html, text) in [
            ("<p>a</p><div style='display:none'>x<b>y</b></div><p>b</p>", "a b"),
            ("a<span style='color:red; DISPLAY : None !important'>x</span>b", "ab"),
            ("a<span style='visibility:hidden'>x</span><i hidden>y</i><i style='opacity:0.0'>z</i>b", "ab"),
            ("a<span style='font-size:0px'>x</span>b", "ab"),
            ("<div style='font-size:0'><p style='font-size:16px'>seen</p></div>", "seen"),
            ("<div style='font-size:0'><font size=3>seen</font></div>", "seen"),
            ("<p style='display:block;opacity:.5;font-size:0.9em'>seen</p>", "seen"),
            ("<div style='display:none'>all of it</div>", ""),
        ] {
            assert_eq!(to_text(html).split_whitespace().collect::<Vec<_>>().join(" "), text, "{html}");
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
