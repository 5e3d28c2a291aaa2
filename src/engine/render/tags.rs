//! The start tags of a page or of a template of one. What tera puts between double braces and the like is passed over, also
//! inside a tag; so are comments and what stands in `<style>`, `<script>` and `<title>`.

/// A piece of a page; all of them, one after the other, are the page.
pub enum Piece<'a> {
    /// A start tag.
    Start(Start<'a>),
    /// Anything else.
    Other(&'a str),
}

/// A start tag.
pub struct Start<'a> {
    source: &'a str,
    /// Its name.
    pub name: &'a str,
    /// The value of its attribute `class`, or nothing.
    pub class: &'a str,
    style: Option<&'a str>,
}

/// The pieces of a page.
#[must_use]
pub fn pieces(page: &str) -> Vec<Piece<'_>> {
    let mut all = Vec::new();
    let (mut begin, mut at) = (0, 0);
    while let Some(found) = page[at..].find(['<', '{']) {
        at += found;
        let rest = &page[at..];
        if let Some(length) = template_tag(rest).or_else(|| passed_over(rest)) {
            at += length;
        } else if let Some(start) = start_tag(rest) {
            all.push(Piece::Other(&page[begin..at]));
            at += start.source.len();
            begin = at;
            all.push(Piece::Start(start));
        } else {
            at += 1;
        }
    }
    all.push(Piece::Other(&page[begin..]));
    all
}

impl Start<'_> {
    /// Write it with these declarations before those of its own attribute `style`.
    pub fn write_with(&self, style: &str, out: &mut String) {
        if style.is_empty() {
            return out.push_str(self.source);
        }
        let Some(own) = self.style else {
            let body = self.source.trim_end_matches('>');
            let body = body.strip_suffix('/').unwrap_or(body);
            out.push_str(body.trim_end());
            out.push_str(&format!(" style=\"{style}\""));
            return out.push_str(if self.source.ends_with("/>") { "/>" } else { ">" });
        };
        let at = own.as_ptr().addr() - self.source.as_ptr().addr();
        out.push_str(&self.source[..at]);
        out.push_str(style);
        out.push(';');
        out.push_str(&self.source[at..]);
    }
}

/// Whether a tag of tera's stands in it.
#[must_use]
pub fn has_template_tag(text: &str) -> bool {
    text.contains("{{") || text.contains("{%") || text.contains("{#")
}

/// The text in pieces, each a tag of tera's or none.
#[must_use]
pub fn split_template_tags(text: &str) -> Vec<(&str, bool)> {
    let mut all = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        if let Some(length) = template_tag(rest) {
            all.push((&rest[..length], true));
            rest = &rest[length..];
        } else {
            let braces = rest.match_indices('{').map(|(at, _)| at).filter(|at| *at > 0);
            let end = braces.into_iter().find(|&at| template_tag(&rest[at..]).is_some()).unwrap_or(rest.len());
            all.push((&rest[..end], false));
            rest = &rest[end..];
        }
    }
    all
}

/// Line and column, from 1, where a template's own tags name this word first.
#[must_use]
pub fn place_of(template: &str, word: &str) -> Option<(usize, usize)> {
    let is_part = |c: char| c.is_alphanumeric() || c == '_' || c == '.';
    let mut begin = 0;
    for (text, is_tag) in split_template_tags(template) {
        let mut from = 0;
        while let Some(at) = text[from..].find(word).map(|at| from + at).filter(|_| is_tag) {
            from = at + word.len();
            if text[..at].ends_with(is_part) || text[from..].starts_with(|c: char| c.is_alphanumeric() || c == '_') {
                continue;
            }
            let before = &template[..begin + at];
            let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
            return Some((before.matches('\n').count() + 1, column));
        }
        begin += text.len();
    }
    None
}

/// How long the tag of tera's is that begins here. One that does not end takes all.
fn template_tag(text: &str) -> Option<usize> {
    let close = ["{{", "{%", "{#"].iter().zip(["}}", "%}", "#}"]).find(|(open, _)| text.starts_with(**open))?.1;
    let mut quote = None;
    let mut at = 2;
    while let Some(c) = text[at..].chars().next() {
        match quote {
            Some(open) => quote = (c != open).then_some(open),
            None if text[at..].starts_with(close) => return Some(at + 2),
            None if close != "#}" && ['"', '\'', '`'].contains(&c) => quote = Some(c),
            None => {}
        }
        at += c.len_utf8();
    }
    Some(text.len())
}

/// How long the comment or the element is that begins here and in which no tag is a tag.
fn passed_over(text: &str) -> Option<usize> {
    let end = |close: &str| text.find(close).map_or(text.len(), |at| at + close.len());
    if text.starts_with("<!--") {
        return Some(end("-->"));
    }
    let names = [("<style", "</style"), ("<script", "</script"), ("<title", "</title")];
    names.iter().find(|(open, _)| text.starts_with(open)).map(|(_, close)| end(close))
}

fn start_tag(text: &str) -> Option<Start<'_>> {
    let name_end = text[1..].find(|c: char| !c.is_ascii_alphanumeric()).map(|at| at + 1)?;
    let name = text[1..name_end].starts_with(|c: char| c.is_ascii_alphabetic()).then(|| &text[1..name_end])?;
    let (mut class, mut style) = ("", None);
    let mut at = name_end;
    loop {
        let rest = &text[at..];
        if let Some(length) = template_tag(rest) {
            at += length;
        } else if rest.starts_with('>') {
            return Some(Start { source: &text[..=at], name, class, style });
        } else if rest.starts_with(|c: char| c.is_whitespace() || c == '/' || c == '=') {
            at += rest.chars().next().map_or(1, char::len_utf8);
        } else {
            let (attribute, value, length) = attribute(rest)?;
            match attribute {
                _ if attribute.eq_ignore_ascii_case("class") => class = value,
                _ if attribute.eq_ignore_ascii_case("style") => style = Some(value),
                _ => {}
            }
            at += length;
        }
    }
}

/// The name and the value of the attribute that begins here, and how long both are; `None` where the text ends before it does.
fn attribute(text: &str) -> Option<(&str, &str, usize)> {
    let name_end = text.find(|c: char| c.is_whitespace() || "=/>{".contains(c))?.max(1);
    let Some(value) = text.get(name_end..)?.strip_prefix('=') else { return Some((&text[..name_end], "", name_end)) };
    let quote = value.chars().next().filter(|c| ['"', '\''].contains(c));
    let mut at = usize::from(quote.is_some());
    loop {
        let rest = value.get(at..)?;
        let c = rest.chars().next()?;
        if let Some(length) = template_tag(rest) {
            at += length;
        } else if quote.map_or(c.is_whitespace() || c == '>', |quote| c == quote) {
            let begin = usize::from(quote.is_some());
            return Some((&text[..name_end], &value[begin..at], name_end + 1 + at + begin));
        } else {
            at += c.len_utf8();
        }
    }
}
