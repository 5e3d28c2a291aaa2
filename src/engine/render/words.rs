//! Text to text: what the templates' filters do. Pure; takes any text, never fails, and treats it as data.

use crate::model::wording::Wording;

/// No line of ours is longer than this.
const OURS: usize = 72;
/// A line that a person wrote stays as it is up to this length.
const THEIRS: usize = 78;
/// A word up to this length is left whole, so that a long web address still works when it is copied.
const LONGEST_WORD: usize = 250;
/// A line that a person's mail program wrapped is at least so wide …
const WRAPPED: usize = 56;
/// … and at most so wide; a longer one was not wrapped at all.
const LONGEST_WRAPPED: usize = 80;
/// What stands before each line of a post in a digest.
const INDENT: &str = "  ";
/// Quotes inside quotes are drawn to this depth.
const DEEPEST_QUOTE: usize = 3;

/// Line ends become LF; control characters go (they could redraw a terminal or hide words); trailing spaces go.
fn clean_lines(text: &str) -> impl Iterator<Item = String> {
    let unified = text.replace("\r\n", "\n").replace(['\r', '\u{2028}', '\u{2029}'], "\n");
    let lines: Vec<String> = unified
        .split('\n')
        .map(|line| line.replace('\t', "    ").chars().filter(|c| !c.is_control()).collect::<String>())
        .map(|line| line.trim_end().to_owned())
        .collect();
    lines.into_iter()
}

/// One line for a header field or a list: every run of white space and control characters is one space.
#[must_use]
pub fn one_line(text: &str) -> String {
    let spaced: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    spaced.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// HTML's five special characters as entities.
fn escape(text: &str, html: &mut String) {
    for c in text.chars() {
        match c {
            '&' => html.push_str("&amp;"),
            '<' => html.push_str("&lt;"),
            '>' => html.push_str("&gt;"),
            '"' => html.push_str("&quot;"),
            '\'' => html.push_str("&#39;"),
            _ => html.push(c),
        }
    }
}

/// The tags that stand before a paragraph and before a quote.
#[derive(Debug, Clone)]
pub struct Openings {
    /// A `<p>`.
    pub paragraph: String,
    /// A `<blockquote>`.
    pub quote: String,
}

impl Default for Openings {
    fn default() -> Self {
        Self { paragraph: "<p dir=\"auto\">".into(), quote: "<blockquote>".into() }
    }
}

/// Plain text as HTML paragraphs; lines that begin with `>` become a quiet blockquote. Nothing in it becomes a tag or
/// a link.
#[must_use]
pub fn paragraphs(text: &str) -> String {
    paragraphs_with(text, &Openings::default())
}

/// [`paragraphs`] with other tags before them.
#[must_use]
pub fn paragraphs_with(text: &str, openings: &Openings) -> String {
    let lines: Vec<String> = clean_lines(text).collect();
    let mut html = String::with_capacity(text.len() + 64);
    blocks(&lines.iter().map(String::as_str).collect::<Vec<_>>(), 0, openings, &mut html);
    html.trim_end().to_owned()
}

fn blocks(lines: &[&str], depth: usize, openings: &Openings, html: &mut String) {
    let quoted = |line: &&str| depth < DEEPEST_QUOTE && line.starts_with('>');
    let mut rest = lines;
    while let Some(first) = rest.first() {
        let length = if first.is_empty() {
            1
        } else if quoted(first) {
            rest.iter().take_while(|line| quoted(line)).count()
        } else {
            rest.iter().take_while(|line| !line.is_empty() && !quoted(line)).count()
        };
        let (block, after) = rest.split_at(length);
        rest = after;
        if quoted(first) {
            let inner: Vec<&str> = block.iter().map(|line| unquoted(line)).collect();
            html.push_str(&openings.quote);
            html.push('\n');
            blocks(&inner, depth + 1, openings, html);
            html.push_str("</blockquote>\n");
        } else if !first.is_empty() {
            html.push_str(&openings.paragraph);
            for (number, line) in block.iter().enumerate() {
                if number > 0 {
                    html.push_str(if goes_on(block[number - 1], line) { "\n" } else { "<br>\n" });
                }
                escape(line, html);
            }
            html.push_str("</p>\n");
        }
    }
}

/// Whether the break behind `line` was made by a program that wraps at 72 columns or more, and not by its author: the
/// next word had no room. On a narrow screen such breaks would tear every sentence.
fn goes_on(line: &str, next: &str) -> bool {
    let word = next.split(' ').next().unwrap_or_default();
    let is_item = word.is_empty()
        || word.chars().all(|c| c.is_ascii_digit() || c.is_ascii_punctuation() || matches!(c, '•' | '–' | '—'));
    let wide = line.chars().count();
    !is_item && (WRAPPED..=LONGEST_WRAPPED).contains(&wide) && wide + 1 + word.chars().count() > OURS
}

fn unquoted(line: &str) -> &str {
    let inner = line.strip_prefix('>').unwrap_or(line);
    inner.strip_prefix(' ').unwrap_or(inner)
}

/// A person's text as it was written, but no line wider than a screen; a broken quote stays a quote. A line that could
/// be taken for the one above our footer is marked.
#[must_use]
pub fn flow(text: &str) -> String {
    own_lines(&flow_to(text, THEIRS), "")
}

/// As [`flow`], every line two columns in: what stands at the first column of a digest is ours.
#[must_use]
pub fn indent(text: &str) -> String {
    own_lines(&flow_to(text, THEIRS - INDENT.len()), INDENT)
}

/// As [`flow`], and no line can be taken for one that ends a message of a plain digest (RFC 1153: thirty hyphens).
#[must_use]
pub fn enclose(text: &str) -> String {
    let lines = flow(text);
    let lines =
        lines.split('\n').map(|line| if line.starts_with("--------") { format!(" {line}") } else { line.to_owned() });
    lines.collect::<Vec<_>>().join("\n")
}

/// The lines behind `lead`, and behind a bar where they look like the beginning of our footer.
fn own_lines(flowed: &str, lead: &str) -> String {
    let mark = |line: &str| if is_footer_line(line) { "| " } else { "" };
    let lines = flowed.split('\n').map(|line| format!("{lead}{}{line}", mark(line)).trim_end().to_owned());
    lines.collect::<Vec<_>>().join("\n")
}

/// Nothing but two tildes or more, whatever looks like one, and gaps of any kind.
fn is_footer_line(line: &str) -> bool {
    let tildes = |c: &char| matches!(c, '~' | '˜' | '∼' | '∽' | '〜' | '～' | '⁓');
    let is_gap =
        |c: char| c.is_whitespace() || matches!(c, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{feff}');
    line.chars().filter(tildes).take(2).count() == 2 && line.chars().all(|c| tildes(&c) || is_gap(c))
}

/// A person's text, each line behind `> `.
#[must_use]
pub fn quote(text: &str) -> String {
    let flowed = flow_to(text.trim_matches(['\r', '\n']), THEIRS - 2);
    let lines = flowed.split('\n').map(|line| format!("> {line}").trim_end().to_owned());
    lines.collect::<Vec<_>>().join("\n")
}

fn flow_to(text: &str, widest: usize) -> String {
    let mut out: Vec<String> = Vec::new();
    for line in clean_lines(text) {
        if line.chars().count() <= widest {
            out.push(line);
        } else {
            let words = line.trim_start_matches(['>', ' ']);
            let marks = &line[..line.len() - words.len()];
            // A line of nothing but marks would leave no room for words.
            let marks = if marks.chars().count() > OURS / 2 { "" } else { marks };
            fill(words, marks, marks, widest.min(OURS), &mut out);
        }
    }
    out.join("\n")
}

/// Our own text: each line is a paragraph and is broken at 72 columns; an item of a list, numbered or not, goes on under
/// its first word, so that no part of a long subject stands at the first column.
#[must_use]
pub fn wrap(text: &str) -> String {
    let mut out: Vec<String> = Vec::new();
    for line in text.split('\n') {
        let line = line.trim_end();
        let words = line.trim_start();
        let lead = &line[..line.len() - words.len()];
        let number = words.len() - words.trim_start_matches(|c: char| c.is_ascii_digit()).len();
        let hang = match number {
            0 if words.starts_with("- ") => format!("{lead}  "),
            1.. if words[number..].starts_with(". ") => format!("{lead}{}", " ".repeat(number + 2)),
            _ => lead.to_owned(),
        };
        if line.chars().count() <= OURS {
            out.push(line.to_owned());
        } else {
            fill(words, lead, &hang, OURS, &mut out);
        }
    }
    out.join("\n")
}

/// Break `words` into lines of at most `width`, `first` before the first and `next` before each other one.
fn fill(words: &str, first: &str, next: &str, width: usize, out: &mut Vec<String>) {
    let mut line = first.to_owned();
    let mut length = first.chars().count();
    let mut empty = true;
    for word in words.split_whitespace().flat_map(pieces) {
        let wide = word.chars().count();
        if !empty && length + 1 + wide > width {
            out.push(std::mem::replace(&mut line, next.to_owned()));
            length = next.chars().count();
            empty = true;
        }
        if !empty {
            line.push(' ');
            length += 1;
        }
        line.push_str(word);
        length += wide;
        empty = false;
    }
    out.push(line);
}

/// A word, or what it is cut into when no line could hold it.
fn pieces(word: &str) -> Vec<&str> {
    if word.chars().count() <= LONGEST_WORD {
        return vec![word];
    }
    let mut cuts: Vec<usize> = word.char_indices().step_by(OURS - 8).map(|(at, _)| at).collect();
    cuts.push(word.len());
    cuts.windows(2).map(|pair| &word[pair[0]..pair[1]]).collect()
}

/// A number with the right word: "1 message", "3 messages".
#[must_use]
pub fn plural(count: i64, one: &str, many: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { many })
}

/// Octets as people say them: "812 bytes", "34 KB", "1.2 MB".
#[must_use]
pub fn filesize(octets: i64, words: &Wording) -> String {
    let (key, count) = match octets {
        1 => ("sizes.byte", octets.to_string()),
        ..1_000 => ("sizes.bytes", octets.to_string()),
        1_000..1_000_000 => ("sizes.kilobytes", ((octets + 500) / 1_000).to_string()),
        _ => {
            let (whole, tenth) = (octets / 1_000_000, octets % 1_000_000 / 100_000);
            ("sizes.megabytes", format!("{whole}{}{tenth}", words.say("sizes.point")))
        }
    };
    words.fill(key, &[("count", &count)])
}

/// A `mailto:` link (RFC 6068) that writes back under the same subject. Everything but letters, digits and a few marks is
/// percent-encoded: some mail programs read a bare `+` as a space.
#[must_use]
pub fn mailto(address: &str, answers: Option<&str>) -> String {
    let mut link = String::from("mailto:");
    percent(&one_line(address), "@", &mut link);
    if let Some(subject) = answers {
        let subject = one_line(subject);
        let again = subject.get(..3).is_some_and(|start| start.eq_ignore_ascii_case("re:"));
        link.push_str("?subject=");
        percent(&if again { subject } else { format!("Re: {subject}") }, "", &mut link);
    }
    link
}

fn percent(text: &str, kept: &str, link: &mut String) {
    for byte in text.bytes() {
        let c = char::from(byte);
        if c.is_ascii_alphanumeric() || "-._~".contains(c) || kept.contains(c) {
            link.push(c);
        } else {
            link.push_str(&format!("%{byte:02X}"));
        }
    }
}

/// A whole plain text made tidy: no trailing spaces, never two empty lines together, exactly one line end at the end.
#[must_use]
pub fn tidy_text(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut gap = false;
    for line in text.lines().map(str::trim_end) {
        if line.is_empty() {
            gap = !out.is_empty();
            continue;
        }
        if std::mem::take(&mut gap) {
            out.push('\n');
        }
        out.push_str(line);
        out.push('\n');
    }
    out
}

/// HTML without the empty lines that template tags leave behind.
#[must_use]
pub fn tidy_html(html: &str) -> String {
    let mut out = String::with_capacity(html.len());
    for line in html.lines().map(str::trim_end).filter(|line| !line.is_empty()) {
        out.push_str(line);
        out.push('\n');
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_breaks_that_a_program_made_are_closed() {
        let wrapped = "my first scan is on Thursday, and I keep waking up at four in the morning.";
        assert_eq!(paragraphs(&format!("{wrapped}\nHow")), format!("<p dir=\"auto\">{wrapped}\nHow</p>"));
        for (line, next) in [("Warm wishes", "Mira"), (wrapped, "- tea"), (wrapped, "2. rest"), (&"a ".repeat(60), "b")]
        {
            assert!(paragraphs(&format!("{line}\n{next}")).contains("<br>"), "{line} {next}");
        }
    }

    #[test]
    fn text_becomes_paragraphs_and_never_tags() {
        assert_eq!(
            paragraphs("Hi <b>\n& you\n\nBye"),
            "<p dir=\"auto\">Hi &lt;b&gt;<br>\n&amp; you</p>\n<p dir=\"auto\">Bye</p>"
        );
        assert_eq!(paragraphs("> old\n>> older\nnew").matches("<blockquote>").count(), 2);
        assert_eq!(paragraphs(&">".repeat(200_000)).matches("<blockquote>").count(), DEEPEST_QUOTE);
    }

    #[test]
    fn long_lines_are_flowed_and_short_ones_kept() {
        let poem = "A line\n   and one that is set in";
        assert_eq!(flow(poem), poem);
        let flowed = flow(&format!("> {}", "word ".repeat(60)));
        assert!(flowed.lines().all(|line| line.starts_with("> word") && line.len() <= OURS), "{flowed}");
        assert!(flow(&"é".repeat(200_000)).lines().all(|line| line.chars().count() <= OURS));
        assert!(quote(&"x ".repeat(400)).lines().all(|line| line.chars().count() <= 78));
        let link = format!("see https://example.org/{}", "a".repeat(120));
        assert!(flow(&link).contains(&link[4..]), "a long web address stays whole");
    }

    #[test]
    fn no_text_of_a_person_looks_like_ours() {
        for line in ["~ ~ ~", "~~~", " ~\u{a0}~ ~", "∼ ∼ ∼", "~\u{200b} ~ ~ ~"] {
            assert!(flow(line).starts_with("| "), "{line:?}");
            assert!(indent(line).starts_with("  | "), "{line:?}");
        }
        for line in ["~", "~ Mira ~", "", "* * *", "===="] {
            assert_eq!(flow(line), line);
        }
        let long = format!("* * *\n====\u{2028}* * *\n\n{}", "word ".repeat(60));
        assert!(
            indent(&long)
                .split(['\n', '\u{2028}'])
                .all(|line| line.is_empty() || (line.starts_with("  ") && line.len() <= 78))
        );
    }

    #[test]
    fn our_words_are_wrapped_under_their_first_word() {
        let item = wrap(&format!("- {}", "kind ".repeat(30)));
        assert!(item.lines().skip(1).all(|line| line.starts_with("  kind") && line.len() <= OURS), "{item}");
        let heading = wrap(&format!("12. {}", "kind ".repeat(30)));
        assert!(heading.lines().skip(1).all(|line| line.starts_with("    kind") && line.len() <= OURS), "{heading}");
    }

    #[test]
    fn small_words() {
        assert_eq!([plural(1, "post", "posts"), plural(0, "post", "posts")], ["1 post", "0 posts"]);
        assert_eq!(
            [812, 34_400, 1_250_000].map(|octets| filesize(octets, Wording::english())),
            ["812 bytes", "34 KB", "1.2 MB"]
        );
        assert_eq!(one_line(" a\r\nBcc: x\t"), "a Bcc: x");
        assert_eq!(
            mailto("rose+t.x@g.example", Some("RE: tea & talk")),
            "mailto:rose%2Bt.x@g.example?subject=RE%3A%20tea%20%26%20talk"
        );
        assert_eq!(tidy_text("\n a \n\n\n\nb\n\n"), " a\n\nb\n");
    }
}
