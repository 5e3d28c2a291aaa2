//! The style sheet of the pages. Many mail programs throw away what stands in a page's head, so whatever can stand in a tag is
//! written into the tags of every template once, when it is read, and never again for a mail. The rest (dark colours, wide
//! windows, what depends on the tag around) stays in the head, and is made stronger than what stands in the tags.
//!
//! A rule goes into the tags when each of its selectors is a tag, a class or both. A template is no whole page and its own
//! tags stand between those of HTML, so no HTML parser can read it without moving them; only start tags are looked at here,
//! and nothing else of a template is touched.

use std::cell::RefCell;
use std::collections::HashMap;
use std::fmt::Write as _;
use std::ops::Range;

use super::tags::{self, Piece};

/// A sheet, taken apart.
#[derive(Debug, Clone, Default)]
pub struct Sheet {
    /// The weakest first, and of two as strong ones the earlier.
    inline: Vec<Rule>,
    /// What stands in the head, and those rules of it that depend on the window.
    head: String,
    at_rules: String,
    /// What was worked out for a tag and its classes: the same few stand in every template.
    known: RefCell<HashMap<(String, String), String>>,
}

#[derive(Debug, Clone)]
struct Rule {
    element: Option<String>,
    class: Option<String>,
    declarations: Vec<Declaration>,
}

type Declaration = (String, String);

impl Sheet {
    /// Read a sheet.
    ///
    /// # Errors
    /// One sentence with line and column.
    pub fn parse(source: &str) -> Result<Self, String> {
        let css = without_comments(source);
        let mut sheet = Self::default();
        let mut at = 0;
        while let Some(block) = next_block(&css, at)? {
            at = block.end;
            if block.prelude.starts_with('@') {
                sheet.keep_whole(&css, &block)?;
                continue;
            }
            let declarations = declarations(&css, block.body.clone())?;
            for selector in block.prelude.split(',').map(str::trim) {
                match simple(selector) {
                    Some((element, class)) => {
                        sheet.inline.push(Rule { element, class, declarations: declarations.clone() });
                    }
                    None => keep(selector, &declarations, &mut sheet.head),
                }
            }
        }
        sheet.inline.sort_by_key(|rule| (rule.class.is_some(), rule.element.is_some()));
        Ok(sheet)
    }

    /// What stands in the head of a page: in two, for a mail program that does not understand one of them leaves out that one.
    #[must_use]
    pub fn head(&self) -> String {
        format!("<style>\n{}</style>\n<style>\n{}</style>\n", self.head, self.at_rules)
    }

    /// `@media … { rules }`: stays in the head as a whole.
    fn keep_whole(&mut self, css: &str, block: &Block) -> Result<(), String> {
        let _ = writeln!(self.at_rules, "{} {{", block.prelude);
        let mut at = block.body.start;
        while let Some(inner) = next_block(&css[..block.body.end], at)? {
            at = inner.end;
            let declarations = declarations(css, inner.body.clone())?;
            keep(&inner.prelude, &declarations, &mut self.at_rules);
        }
        self.at_rules.push_str("}\n");
        Ok(())
    }

    /// A template, or a page, with the sheet's rules in its tags.
    #[must_use]
    pub fn inline(&self, source: &str) -> String {
        let mut out = String::with_capacity(source.len() * 5 / 4);
        for piece in tags::pieces(source) {
            match piece {
                Piece::Other(text) => out.push_str(text),
                Piece::Start(tag) => {
                    let mut known = self.known.borrow_mut();
                    let key = (tag.name.to_owned(), tag.class.to_owned());
                    let style = known.entry(key).or_insert_with(|| self.style(tag.name, tag.class));
                    tag.write_with(style, &mut out);
                }
            }
        }
        out
    }

    /// What a tag gets: of each property the strongest value.
    fn style(&self, element: &str, class: &str) -> String {
        if tags::has_template_tag(class) {
            return self.chosen_style(element, class);
        }
        let classes: Vec<&str> = class.split_whitespace().collect();
        let mut chosen: Vec<&Declaration> = Vec::new();
        for declaration in
            self.inline.iter().filter(|rule| rule.fits(element, &classes)).flat_map(|rule| &rule.declarations)
        {
            chosen.retain(|(known, _)| *known != declaration.0);
            chosen.push(declaration);
        }
        written(chosen)
    }

    /// Where a template chooses the class, its tags choose the rules in the same way.
    fn chosen_style(&self, element: &str, class: &str) -> String {
        let mut style = self.style(element, "");
        for (text, is_template_tag) in tags::split_template_tags(class) {
            if is_template_tag {
                style.push_str(if text.starts_with("{%") { text } else { "" });
            }
            for word in text.split_whitespace().filter(|_| !is_template_tag) {
                let rules = self.inline.iter().filter(|rule| rule.class.is_some() && rule.fits(element, &[word]));
                style.push(';');
                style.push_str(&written(rules.flat_map(|rule| &rule.declarations).collect()));
            }
        }
        style
    }
}

/// Write a rule so that it is stronger than what stands in the tags.
fn keep(selector: &str, declarations: &[Declaration], head: &mut String) {
    let _ = write!(head, "{selector} {{ ");
    for (property, value) in declarations {
        let _ = write!(head, "{property}: {value} !important; ");
    }
    head.push_str("}\n");
}

impl Rule {
    fn fits(&self, element: &str, classes: &[&str]) -> bool {
        self.element.as_ref().is_none_or(|known| known.eq_ignore_ascii_case(element))
            && self.class.as_ref().is_none_or(|known| classes.contains(&known.as_str()))
    }
}

fn written(declarations: Vec<&Declaration>) -> String {
    declarations.iter().map(|(property, value)| format!("{property}:{value}")).collect::<Vec<_>>().join(";")
}

/// A tag, a class or both; anything else is no simple selector.
fn simple(selector: &str) -> Option<(Option<String>, Option<String>)> {
    let is_name = |name: &str| {
        name.starts_with(|c: char| c.is_ascii_alphabetic())
            && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
    };
    let (element, class) = match selector.split_once('.') {
        None => (Some(selector), None),
        Some(("", class)) => (None, Some(class)),
        Some((element, class)) => (Some(element), Some(class)),
    };
    let named = element.is_none_or(is_name) && class.is_none_or(is_name);
    named.then(|| (element.map(str::to_owned), class.map(str::to_owned)))
}

/// A selector or an at-rule, and where its braces and what they hold stand.
struct Block {
    prelude: String,
    body: Range<usize>,
    end: usize,
}

fn next_block(css: &str, from: usize) -> Result<Option<Block>, String> {
    let Some(open) = css[from..].find('{').map(|at| from + at) else {
        return match css[from..].find(|c: char| !c.is_whitespace()) {
            Some(at) => Err(fault(css, from + at, "this is no rule")),
            None => Ok(None),
        };
    };
    let prelude = css[from..open].trim().to_owned();
    if prelude.is_empty() || prelude.contains(['}', ';', '"', '<']) {
        return Err(fault(css, open - css[from..open].trim_start().len(), "this is no rule"));
    }
    let mut depth = 0;
    for (at, c) in css[open..].char_indices() {
        match c {
            '{' => depth += 1,
            '}' => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return Ok(Some(Block { prelude, body: open + 1..open + at, end: open + at + 1 }));
        }
    }
    Err(fault(css, open, "this brace is not closed"))
}

fn declarations(css: &str, body: Range<usize>) -> Result<Vec<Declaration>, String> {
    let mut found = Vec::new();
    let mut at = body.start;
    for part in css[body].split(';') {
        let start = at + part.len() - part.trim_start().len();
        at += part.len() + 1;
        if part.trim().is_empty() {
            continue;
        }
        let Some((property, value)) = part.trim().split_once(':') else {
            return Err(fault(css, start, "a colon is missing"));
        };
        if value.contains(['"', '<', '{', '}']) {
            return Err(fault(css, start, "quotes are to be single ones, and a value has no braces"));
        }
        found.push((property.trim().to_lowercase(), value.trim().replace(", ", ",")));
    }
    Ok(found)
}

/// Spaces in place of comments, so that every place stays where it is.
fn without_comments(source: &str) -> String {
    let mut out = String::with_capacity(source.len());
    let mut rest = source;
    while let Some(start) = rest.find("/*") {
        let end = rest[start..].find("*/").map_or(rest.len(), |at| start + at + 2);
        out.push_str(&rest[..start]);
        out.extend(rest[start..end].chars().map(|c| if c == '\n' { c } else { ' ' }));
        rest = &rest[end..];
    }
    out + rest
}

fn fault(css: &str, at: usize, what: &str) -> String {
    let before = &css[..at];
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
    format!("line {line}, column {column}: {what}")
}

#[cfg(test)]
mod tests {
    use super::*;

    const CSS: &str = "/* a\ncomment */ p, li { margin: 0 0 1em; color: #111 }\n.now { color: #222; }\np.now { color: #333; }\n\
                       .foot p { margin: 0 }\n@media (min-width: 9px) {\n.now { color: #444; }\n}\n";

    fn inline(source: &str) -> String {
        Sheet::parse(CSS).unwrap().inline(source)
    }

    #[test]
    fn rules_go_into_the_tags_the_strongest_last() {
        assert_eq!(inline("<p>a</p>"), "<p style=\"margin:0 0 1em;color:#111\">a</p>");
        assert_eq!(inline("<p class=\"now x\">"), "<p class=\"now x\" style=\"margin:0 0 1em;color:#333\">");
        assert_eq!(inline("<LI class=now >"), "<LI class=now style=\"margin:0 0 1em;color:#222\">");
        assert_eq!(inline("<p style=\"color:red\"/>"), "<p style=\"margin:0 0 1em;color:#111;color:red\"/>");
        assert_eq!(inline("<pre><b>1 < 2 <"), "<pre><b>1 < 2 <");
    }

    #[test]
    fn tags_of_a_template_stay_as_they_are() {
        for same in [
            "{% if a > 1 and b == \"<p>\" %}{{ x | f(y=\"}}<p>\") }}{# <p> #}",
            "<!--[if mso]><p><![endif]--><title><p></title><style>p {}</style>",
            "<a href=\"{{ x | mailto(answers=\"a > b\") }}\">",
            "{{ never closed <p>",
            "<p never closed",
        ] {
            assert_eq!(inline(same), same);
        }
        assert_eq!(
            inline("<p id=\"{{ f(a=\"'>\") }}\" {% if x %}hidden{% endif %}>{% for a in b %}<p>"),
            "<p id=\"{{ f(a=\"'>\") }}\" {% if x %}hidden{% endif %} style=\"margin:0 0 1em;color:#111\">\
             {% for a in b %}<p style=\"margin:0 0 1em;color:#111\">"
        );
        assert_eq!(
            inline("<b class=\"{% if a %}now{% else %}other{% endif %}{{ c }}\">"),
            "<b class=\"{% if a %}now{% else %}other{% endif %}{{ c }}\" style=\"{% if a %};color:#222{% else %};{% endif %}\">"
        );
    }

    #[test]
    fn what_no_tag_can_hold_stays_in_the_head_and_is_stronger() {
        assert_eq!(
            Sheet::parse(CSS).unwrap().head(),
            "<style>\n.foot p { margin: 0 !important; }\n</style>\n<style>\n@media (min-width: 9px) {\n.now { color: #444 !important; }\n}\n</style>\n"
        );
    }

    #[test]
    fn faults_are_named_with_their_place() {
        for (css, place) in [
            ("p { color: red }\n/* é */ li { margin: 0", "line 2, column 12: this brace"),
            ("p { color: red; }\n li { margin 0; }", "line 2, column 7: a colon"),
            ("p {}\n  }", "line 2, column 3: this is no rule"),
            ("p { font: \"x\" }", "line 1, column 5: quotes"),
            ("@media x {\n p { color }\n}", "line 2, column 6: a colon"),
        ] {
            let said = Sheet::parse(css).unwrap_err();
            assert!(said.starts_with(place), "{css}: {said}");
        }
    }
}
