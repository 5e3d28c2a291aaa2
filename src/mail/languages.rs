//! The words by which mail programs mark a quote, a header block or a footer: a file for each language in `languages/`,
//! all of them read as one, because a mail program writes in its owner's language and not in that of the letter.

use std::collections::HashMap;
use std::sync::LazyLock;

use serde::Deserialize;

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

/// One language's file.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Language {
    /// How a line begins that introduces a quote: "On Monday … wrote:".
    opens: Vec<String>,
    /// The word for "wrote" in such a line.
    wrote: Vec<String>,
    /// The labels of a header block.
    from: Vec<String>,
    sent: Vec<String>,
    to: Vec<String>,
    subject: Vec<String>,
    /// What stands between dashes above an old message.
    original: Vec<String>,
    /// Lines that stand above an old message without dashes.
    forwarded: Vec<String>,
    /// How the line of a telephone or a mail program begins: "Sent from".
    sent_begins: Vec<String>,
    /// How it ends, in languages that say it so.
    sent_ends: Vec<String>,
    /// How a mail server's warning about a message from outside begins, and what one says.
    banner_begins: Vec<String>,
    banners: Vec<String>,
    /// How a notice of confidentiality begins, and a word without which it is none.
    disclaimers: Vec<String>,
    confidential: Vec<String>,
}

/// The words of all languages.
#[derive(Debug, Default)]
pub struct Words {
    /// As in a language's file.
    pub opens: Vec<String>,
    /// As in a language's file.
    pub wrote: Vec<String>,
    /// What the label of a header block is for.
    pub labels: HashMap<String, Label>,
    /// As in a language's file.
    pub original: Vec<String>,
    /// As in a language's file.
    pub forwarded: Vec<String>,
    /// As in a language's file.
    pub sent_begins: Vec<String>,
    /// As in a language's file.
    pub sent_ends: Vec<String>,
    /// As in a language's file.
    pub banner_begins: Vec<String>,
    /// As in a language's file.
    pub banners: Vec<String>,
    /// As in a language's file.
    pub disclaimers: Vec<String>,
    /// As in a language's file.
    pub confidential: Vec<String>,
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

/// Telephones, mail programs and the like: a line that says by what it was sent names one of them.
pub const DEVICES: &[&str] = &[
    "iphone",
    "ipad",
    "ipod",
    "ipho",
    "android",
    "galaxy",
    "samsung",
    "huawei",
    "honor",
    "xiaomi",
    "redmi",
    "poco",
    "oppo",
    "vivo",
    "realme",
    "nokia",
    "sony",
    "xperia",
    "pixel",
    "blackberry",
    "motorola",
    "moto g",
    "oneplus",
    "htc",
    "lg ",
    "fairphone",
    "phone",
    "telefon",
    "téléphone",
    "teléfono",
    "telefone",
    "telefono",
    "telefoon",
    "handy",
    "mobil",
    "móvil",
    "mobiel",
    "tablet",
    "tablette",
    "smartphone",
    "laptop",
    "мобильн",
    "телефон",
    "смартфон",
    "携帯",
    "手机",
    "手機",
    "스마트폰",
    "outlook",
    "windows",
    "yahoo",
    "gmail",
    "aol",
    "gmx",
    "web.de",
    "t-online",
    "proton",
    "k-9",
    "fairemail",
    "thunderbird",
    "mailbird",
    "spark",
    "bluemail",
    "blue mail",
    "email.cz",
    "seznam",
    "centrum",
    "mail.ru",
    "почты",
    "почта",
    "yandex",
    "яндекс",
    "libero",
    "orange",
    "sfr",
    "laposte",
    "icloud",
    "tuta",
    "zoho",
    "superhuman",
    "airmail",
    "edison",
    "canary",
    "mymail",
    "posteo",
    "mail app",
    "mail-app",
    "apple mail",
    "mail for",
    "mail für",
    "mail per",
    "mail pour",
    "correo para",
    "mail voor",
    "邮件",
    "메일",
    "メール",
    "bb10",
];

/// Where the links behind a mail program's own line lead.
pub const APP_LINKS: &[&str] =
    &["aka.ms/", "onelink.me", "apps.apple.com", "play.google.com", "itunes.apple.com", "yho.com", "go.microsoft.com"];

/// Read once.
pub static WORDS: LazyLock<Words> = LazyLock::new(|| {
    let mut words = Words::default();
    for file in FILES {
        let language = read(file).unwrap_or_default();
        let labels = [
            (Label::From, language.from),
            (Label::Sent, language.sent),
            (Label::To, language.to),
            (Label::Subject, language.subject),
        ];
        for (label, names) in labels {
            for name in names {
                words.labels.entry(name).or_insert(label);
            }
        }
        words.opens.extend(language.opens);
        words.wrote.extend(language.wrote);
        words.original.extend(language.original);
        words.forwarded.extend(language.forwarded);
        words.sent_begins.extend(language.sent_begins);
        words.sent_ends.extend(language.sent_ends);
        words.banner_begins.extend(language.banner_begins);
        words.banners.extend(language.banners);
        words.disclaimers.extend(language.disclaimers);
        words.confidential.extend(language.confidential);
    }
    words
});

fn read(file: &str) -> Result<Language, toml::de::Error> {
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
