//! HTML turned into lines of text: quotes marked "> ", no links, no pictures, nothing fetched. Never fails: what is too
//! deep or too large to lay out is read tag by tag.

use std::collections::HashMap;
use std::panic::catch_unwind;
use std::sync::LazyLock;

use html2text::render::{TaggedLine, TextDecorator};
use html2text::{Element, Error, Handle};
use regex::Regex;

use super::parse::strip_html;
use super::{coloured, structure};

/// Deeper documents are not laid out.
const MAX_DEPTH: usize = 150;
/// Larger documents are not laid out.
const MAX_OCTETS: usize = 1024 * 1024;
/// Documents with more tags are not laid out.
const MAX_TAGS: usize = 6_000;
/// Documents with more formats (bold, links, fonts) are not laid out.
const MAX_FORMATS: usize = 1_000;
/// Wide enough that no paragraph is broken.
const WIDTH: usize = 2_000;
/// HTML §13.1.2: elements that hold nothing; and two that browsers close by themselves.
const VOID: &[&str] = &[
    "area", "base", "br", "col", "embed", "hr", "img", "input", "li", "link", "meta", "p", "param", "source", "track",
    "wbr",
];
/// HTML §13.2.4.3: elements that are opened again when what surrounds them ends.
const FORMATS: &[&str] =
    &["a", "b", "big", "code", "em", "font", "i", "nobr", "s", "small", "strike", "strong", "tt", "u"];
/// What stands for `<hr>`.
pub const RULE: &str = "────────";

#[allow(clippy::expect_used, reason = "the expression is a constant, and tests compile it")]
static HR: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"(?i)<hr\b[^<>]*>").expect("a constant expression"));

/// What may still be laid out of one message: many documents at the limits are too many.
pub struct Budget {
    octets: usize,
    tags: usize,
}

impl Default for Budget {
    fn default() -> Self {
        Self { octets: MAX_OCTETS, tags: MAX_TAGS }
    }
}

impl Budget {
    /// Whether a document may be laid out; it is then counted.
    fn allows(&mut self, html: &str) -> bool {
        let tags = html.split('<').skip(1).take(MAX_TAGS + 1).count();
        let is_within = html.len() <= self.octets && tags <= self.tags;
        if is_within {
            self.octets -= html.len();
            self.tags -= tags;
        }
        is_within
    }
}

/// Lay the document out as text.
#[must_use]
pub fn to_text(html: &str) -> String {
    to_text_within(html, &mut Budget::default())
}

/// The same for one of several documents.
#[must_use]
pub fn to_text_within(html: &str, budget: &mut Budget) -> String {
    if !budget.allows(html) || !is_modest(html) {
        return strip(html);
    }
    // The renderer has no word for <hr> and would join what stands on both its sides.
    let html = HR.replace_all(html, format!("<p>{RULE}</p>"));
    let html = structure::marked(&html);
    let html = &*coloured::marked(&html);
    let laid_out = catch_unwind(|| lay_out(html));
    match laid_out {
        Ok(Ok(Some(text))) => text.lines().map(tidy_line).collect::<Vec<_>>().join("\n"),
        _ => strip(html),
    }
}

/// Take the tags away.
#[must_use]
pub fn strip(html: &str) -> String {
    // Words must not be lost: if even this fails, the text stays with its tags.
    strip_html(html).unwrap_or_else(|| html.to_owned())
}

/// The laid-out text; nothing for a document that is too deep.
fn lay_out(html: &str) -> Result<Option<String>, Error> {
    let layout = html2text::config::with_decorator(Bare).raw_mode(true).unicode_strikeout(false).allow_width_overflow();
    let document = layout.parse_html(html.as_bytes())?;
    if is_deep(&document.document) {
        return Ok(None);
    }
    take_out_hidden(&document.document);
    let tree = layout.dom_to_render_tree(&document)?;
    layout.render_to_string(tree, WIDTH).map(Some)
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

/// A cheap count before anything is parsed: the parser looks back over all that is open at every tag, and opens again in
/// every paragraph the formats that nobody closed. Closing tags that HTML lets authors leave out count as open, which
/// only sends a few odd documents the plain way; what gets past it, [`is_deep`] finds.
fn is_modest(html: &str) -> bool {
    let (mut depth, mut formats) = (0_usize, 0_usize);
    let mut open: HashMap<String, usize> = HashMap::new();
    for tag in html.split('<').skip(1) {
        let (closes, tag) = tag.strip_prefix('/').map_or((false, tag), |tag| (true, tag));
        let end = tag.find(|c: char| c.is_ascii_whitespace() || matches!(c, '/' | '>')).unwrap_or(tag.len());
        let name = tag[..end].to_ascii_lowercase();
        if !name.starts_with(|c: char| c.is_ascii_alphabetic()) || VOID.contains(&name.as_str()) {
            continue;
        }
        formats += usize::from(!closes && FORMATS.contains(&name.as_str()));
        let of_name = open.entry(name).or_default();
        if !closes {
            *of_name += 1;
            depth += 1;
        } else if *of_name > 0 {
            *of_name -= 1;
            depth -= 1;
        }
        if depth > MAX_DEPTH || formats > MAX_FORMATS {
            return false;
        }
    }
    true
}

/// Whether the parsed document nests too far. What a tag opens and what another closes only the parser knows: `<div/>`
/// opens, `</x>` may close nothing, and in a comment neither does anything.
fn is_deep(root: &Handle) -> bool {
    let mut open = vec![(root.clone(), 0)];
    while let Some((node, depth)) = open.pop() {
        if depth > MAX_DEPTH {
            return true;
        }
        open.extend(node.children.borrow().iter().map(|child| (child.clone(), depth + 1)));
    }
    false
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
    fn hostile_documents_end_soon() {
        let cells = |n: usize| "<td>word</td>".repeat(n);
        for (what, html) in [
            ("slashes that close nothing", "<div/>".repeat(39_000)),
            ("slashes that close nothing, at the limit", "<div/>".repeat(MAX_TAGS)),
            ("ends of what never began", "<div></x>".repeat(19_000)),
            ("ends of what never began, at the limit", "<div></x>".repeat(MAX_TAGS / 2)),
            ("lists in lists", "<ul/><li/>".repeat(18_000)),
            ("lists in lists, at the limit", "<ul/><li/>".repeat(MAX_TAGS / 2)),
            ("ends in attributes", "<div title='</div>'>".repeat(MAX_TAGS / 2)),
            ("ends of lists in attributes", "<ul title='</ul>'><li>".repeat(MAX_TAGS / 3)),
            ("ends in comments", "<div><!--</div>-->".repeat(MAX_TAGS / 3)),
            ("ends out of scope", "<div><table></div></table>".repeat(MAX_TAGS / 4)),
            ("formats that come back", "<p><b><i></p>".repeat(MAX_TAGS / 4)),
            ("too many formats", (0..MAX_TAGS / 3).map(|n| format!("<p><b id={n}></p>")).collect()),
            ("different formats that come back", (0..MAX_FORMATS).map(|n| format!("<p><b id={n}></p>")).collect()),
            ("tables in tables", "<table><tr><td>".repeat(MAX_TAGS / 3)),
            ("many tables", "<table><tr><td>word</td></tr></table>".repeat(MAX_TAGS / 6)),
            ("many items", format!("<ul>{}</ul>", "<li>word</li>".repeat(MAX_TAGS / 2 - 1))),
            ("many open items", format!("<ol>{}</ol>", "<li>word".repeat(MAX_TAGS - 2))),
            ("many cells", format!("<table><tr>{}</tr></table>", cells(MAX_TAGS / 2 - 2))),
            ("many rows", format!("<table>{}</table>", format!("<tr>{}</tr>", cells(1)).repeat(MAX_TAGS / 4 - 1))),
            (
                "a wide cell",
                format!("<table><tr><td colspan=99999999 rowspan=99999999>{}</table>", "<tr><td>b".repeat(1_000)),
            ),
            (
                "moderately deep, and wide",
                format!("{}{}", "<div>".repeat(140), "<p>word</p>".repeat(MAX_TAGS / 2 - 80)),
            ),
            ("moderately deep tables", format!("{}{}", "<table><tr><td>".repeat(35), cells(MAX_TAGS / 2 - 80))),
            (
                "moderately deep quotes",
                format!("{}{}", "<blockquote>".repeat(140), "<p>word</p>".repeat(MAX_TAGS / 2 - 80)),
            ),
            ("one long word", "a".repeat(MAX_OCTETS - 9)),
            ("many short words", "a ".repeat(MAX_OCTETS / 2 - 9)),
            ("much that opens nothing", "< ".repeat(MAX_OCTETS / 2 - 9)),
        ] {
            let start = std::time::Instant::now();
            let text = to_text(&format!("end {html}"));
            let took = start.elapsed();
            eprintln!("{what}: {took:?}");
            assert!(text.contains("end"), "{what}");
            // Two seconds, and as much again for a busy machine.
            assert!(took.as_secs() < 4, "{what} took {took:?}");
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
