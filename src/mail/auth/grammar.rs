//! The grammar of RFC 8601 §2.2. `None` is a field that breaks it.

use std::borrow::Cow;

/// What stands behind the name of a server.
pub(super) struct Said<'a> {
    /// The version of the grammar, if it is named.
    pub version: Option<&'a str>,
    /// Each method and what came of it.
    pub findings: Vec<Finding<'a>>,
}

/// `method=result` and what it is about.
pub(super) struct Finding<'a> {
    pub method: &'a str,
    pub result: &'a str,
    pub properties: Vec<Property<'a>>,
}

/// `ptype.property=value`.
pub(super) struct Property<'a> {
    pub name: (&'a str, &'a str),
    pub value: Cow<'a, str>,
}

/// The name of the server as it is written, quotes included, and what stands behind it.
pub(super) fn id(field: &str) -> Option<(&str, &str)> {
    let mut reader = Reader { rest: field };
    reader.space()?;
    let before = reader.rest;
    if before.starts_with('"') {
        reader.quoted()?;
    } else {
        reader.run(is_token)?;
    }
    Some((&before[..before.len() - reader.rest.len()], reader.rest))
}

/// The rest of the field, to its end.
pub(super) fn said(rest: &str) -> Option<Said<'_>> {
    let mut reader = Reader { rest };
    let is_apart = reader.space()?;
    let version = if reader.rest.starts_with(';') {
        None
    } else {
        let version = reader.run(|c| c.is_ascii_digit()).filter(|_| is_apart)?;
        reader.space()?;
        Some(version)
    };
    let mut findings = Vec::new();
    while !reader.rest.is_empty() {
        reader.char(';')?;
        reader.space()?;
        let method = reader.keyword()?;
        reader.space()?;
        // no-result: "none" alone.
        if reader.rest.is_empty() && findings.is_empty() && method.eq_ignore_ascii_case("none") {
            return Some(Said { version, findings });
        }
        findings.push(reader.finding(method)?);
    }
    (!findings.is_empty()).then_some(Said { version, findings })
}

struct Reader<'a> {
    rest: &'a str,
}

impl<'a> Reader<'a> {
    fn finding(&mut self, method: &'a str) -> Option<Finding<'a>> {
        if self.char('/').is_some() {
            self.space()?;
            // A method of another version may mean anything by its words.
            if self.run(|c| c.is_ascii_digit())? != "1" {
                return None;
            }
            self.space()?;
        }
        self.char('=')?;
        self.space()?;
        let result = self.keyword()?;
        let mut properties = Vec::new();
        let mut has_reason = false;
        loop {
            let is_apart = self.space()?;
            if self.rest.is_empty() || self.rest.starts_with(';') {
                return Some(Finding { method, result, properties });
            }
            if !is_apart {
                return None;
            }
            let word = self.keyword()?;
            self.space()?;
            if word.eq_ignore_ascii_case("reason") && self.rest.starts_with('=') {
                // It stands once, before everything that the result is about.
                if has_reason || !properties.is_empty() {
                    return None;
                }
                has_reason = true;
                self.char('=')?;
                self.space()?;
                if self.rest.starts_with('"') {
                    self.quoted().map(drop)?
                } else {
                    self.run(is_token).map(drop)?
                }
                continue;
            }
            self.char('.')?;
            self.space()?;
            let property = self.keyword()?;
            self.space()?;
            self.char('=')?;
            self.space()?;
            properties.push(Property { name: (word, property), value: self.value()? });
        }
    }

    /// Servers write addresses, paths and base64 without the quotes that the grammar wants around them; all that divides is
    /// still refused.
    fn value(&mut self) -> Option<Cow<'a, str>> {
        if !self.rest.starts_with('"') {
            return self.run(is_written_bare).map(Cow::Borrowed);
        }
        let quoted = self.quoted()?;
        if !self.rest.starts_with('@') {
            return Some(Cow::Owned(quoted));
        }
        let domain = self.run(is_written_bare)?;
        Some(Cow::Owned(format!("{quoted}{domain}")))
    }

    /// CFWS (RFC 5322 §3.2.2), comments inside comments included; whether there was any.
    fn space(&mut self) -> Option<bool> {
        let before = self.rest.len();
        let mut depth = 0_usize;
        loop {
            let mut chars = self.rest.chars();
            let Some(c) = chars.next() else { break };
            match c {
                '(' => depth += 1,
                ')' if depth > 0 => depth -= 1,
                ' ' | '\t' => {}
                _ if depth == 0 => break,
                '\\' => {
                    chars.next().filter(|c| is_visible(*c))?;
                }
                c if !is_visible(c) => return None,
                _ => {}
            }
            self.rest = chars.as_str();
        }
        (depth == 0).then_some(self.rest.len() < before)
    }

    fn char(&mut self, wanted: char) -> Option<()> {
        self.rest = self.rest.strip_prefix(wanted)?;
        Some(())
    }

    fn run(&mut self, belongs: impl Fn(char) -> bool) -> Option<&'a str> {
        let end = self.rest.find(|c| !belongs(c)).unwrap_or(self.rest.len());
        let (run, rest) = self.rest.split_at(end);
        self.rest = rest;
        (!run.is_empty()).then_some(run)
    }

    /// RFC 5321 §4.1.2: letters, digits and inner hyphens.
    fn keyword(&mut self) -> Option<&'a str> {
        self.run(|c| c.is_ascii_alphanumeric() || c == '-').filter(|word| !word.ends_with('-'))
    }

    /// A quoted string (RFC 5322 §3.2.4), its quotes and backslashes taken off.
    fn quoted(&mut self) -> Option<String> {
        self.char('"')?;
        let mut text = String::new();
        let mut chars = self.rest.chars();
        loop {
            let c = match chars.next()? {
                '"' => break,
                '\\' => chars.next()?,
                c => c,
            };
            if !is_visible(c) {
                return None;
            }
            text.push(c);
        }
        self.rest = chars.as_str();
        Some(text)
    }
}

/// RFC 2045 §5.1.
fn is_token(c: char) -> bool {
    c.is_ascii_graphic() && !"()<>@,;:\\\"/[]?=".contains(c)
}

fn is_written_bare(c: char) -> bool {
    is_visible(c) && !c.is_whitespace() && !"()\";,\\".contains(c)
}

/// Also what could not be read as UTF-8 is not.
fn is_visible(c: char) -> bool {
    c == '\t' || (!c.is_control() && c != char::REPLACEMENT_CHARACTER)
}
