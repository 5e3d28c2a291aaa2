//! The words by which mail programs mark a quote, a header block or a footer: a file for each language in `languages/`,
//! all of them read as one, because a mail program writes in its owner's language and not in that of the letter.

use std::collections::HashMap;
use std::sync::LazyLock;

use serde::Deserialize;

use super::phrases::WIDE;

/// What a field of a header block is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Label {
    /// Who wrote.
    From,
    /// When.
    Sent,
    /// To whom.
    To,
    /// About what.
    Subject,
}

/// What one language's file holds, and all of them together.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Words {
    /// How a line begins that introduces a quote: "On Monday … wrote:".
    pub opens: Vec<String>,
    /// The word for "wrote" in such a line.
    pub wrote: Vec<String>,
    /// The labels of a header block.
    from: Vec<String>,
    sent: Vec<String>,
    to: Vec<String>,
    subject: Vec<String>,
    /// What each label is for.
    #[serde(skip)]
    pub labels: HashMap<String, Label>,
    /// What stands between dashes above an old message.
    pub original: Vec<String>,
    /// Lines that stand above an old message without dashes.
    pub forwarded: Vec<String>,
    /// How the line of a telephone or a mail program begins: "Sent from".
    pub sent_begins: Vec<String>,
    /// How it ends, in languages that say it so.
    pub sent_ends: Vec<String>,
    /// How a mail server's warning about a message from outside begins.
    pub banner_begins: Vec<String>,
    /// What such a warning says.
    pub banners: Vec<String>,
    /// By what somebody speaks of herself, which neither a warning nor a notice of confidentiality does.
    pub mine: Vec<String>,
    /// How a notice of confidentiality begins.
    pub disclaimers: Vec<String>,
    /// Words without which it is none.
    pub confidential: Vec<String>,
    /// "yes", "no" and the like.
    pub yes_or_no: Vec<String>,
    /// How our own footer says why moderators and administrators get a notice.
    pub own_footer: Vec<String>,
}

impl Words {
    /// Whether somebody speaks of herself in this text in lower case.
    #[must_use]
    pub fn speaks_of_oneself(&self, text: &str) -> bool {
        self.mine.iter().any(|word| {
            text.match_indices(word.as_str()).any(|(at, _)| {
                let is_edge = |c: Option<char>| !c.is_some_and(|c| c.is_alphanumeric() && c < WIDE);
                is_edge(text[..at].chars().next_back()) && is_edge(text[at + word.len()..].chars().next())
            })
        })
    }

    fn and(mut self, other: Self) -> Self {
        let labels = [
            (Label::From, &other.from),
            (Label::Sent, &other.sent),
            (Label::To, &other.to),
            (Label::Subject, &other.subject),
        ];
        for (label, names) in labels {
            for name in names {
                self.labels.entry(name.clone()).or_insert(label);
            }
        }
        self.opens.extend(other.opens);
        self.wrote.extend(other.wrote);
        self.original.extend(other.original);
        self.forwarded.extend(other.forwarded);
        self.sent_begins.extend(other.sent_begins);
        self.sent_ends.extend(other.sent_ends);
        self.banner_begins.extend(other.banner_begins);
        self.banners.extend(other.banners);
        self.mine.extend(other.mine);
        self.disclaimers.extend(other.disclaimers);
        self.confidential.extend(other.confidential);
        self.yes_or_no.extend(other.yes_or_no);
        self.own_footer.extend(other.own_footer);
        self
    }
}

const FILES: [&str; 38] = [
    include_str!("languages/ar.toml"),
    include_str!("languages/bg.toml"),
    include_str!("languages/ca.toml"),
    include_str!("languages/cs.toml"),
    include_str!("languages/da.toml"),
    include_str!("languages/de.toml"),
    include_str!("languages/el.toml"),
    include_str!("languages/en.toml"),
    include_str!("languages/es.toml"),
    include_str!("languages/et.toml"),
    include_str!("languages/fa.toml"),
    include_str!("languages/fi.toml"),
    include_str!("languages/fr.toml"),
    include_str!("languages/he.toml"),
    include_str!("languages/hi.toml"),
    include_str!("languages/hr.toml"),
    include_str!("languages/hu.toml"),
    include_str!("languages/id.toml"),
    include_str!("languages/is.toml"),
    include_str!("languages/it.toml"),
    include_str!("languages/ja.toml"),
    include_str!("languages/ko.toml"),
    include_str!("languages/lt.toml"),
    include_str!("languages/lv.toml"),
    include_str!("languages/nb.toml"),
    include_str!("languages/nl.toml"),
    include_str!("languages/pl.toml"),
    include_str!("languages/pt.toml"),
    include_str!("languages/ro.toml"),
    include_str!("languages/ru.toml"),
    include_str!("languages/sk.toml"),
    include_str!("languages/sl.toml"),
    include_str!("languages/sv.toml"),
    include_str!("languages/th.toml"),
    include_str!("languages/tr.toml"),
    include_str!("languages/uk.toml"),
    include_str!("languages/vi.toml"),
    include_str!("languages/zh.toml"),
];

/// Where the links behind a mail program's own line lead.
pub const APP_LINKS: &[&str] =
    &["aka.ms/", "onelink.me", "apps.apple.com", "play.google.com", "itunes.apple.com", "yho.com", "go.microsoft.com"];

/// Each language's words, read once.
pub static LANGUAGES: LazyLock<Vec<Words>> =
    LazyLock::new(|| FILES.iter().map(|file| read(file).unwrap_or_default()).collect());

/// The words of all.
pub static WORDS: LazyLock<Words> = LazyLock::new(|| LANGUAGES.iter().cloned().fold(Words::default(), Words::and));

fn read(file: &str) -> Result<Words, toml::de::Error> {
    toml::from_str(file)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_file_can_be_read_and_is_in_lower_case() {
        for file in FILES {
            let language = read(file);
            assert!(language.is_ok_and(|language| !language.wrote.is_empty() && !language.from.is_empty()), "{file}");
            let words = file.lines().filter(|line| !line.starts_with('#')).collect::<String>();
            assert_eq!(words, words.to_lowercase());
        }
    }
}
