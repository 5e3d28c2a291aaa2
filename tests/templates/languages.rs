//! A second language says all that English says, and nothing in English; what it prints for people to answer with is
//! understood.

use std::collections::{BTreeSet, HashSet};

use lamplight::clock::Timestamp;
use lamplight::config::LANGUAGES;
use lamplight::mail::languages::WORDS;
use lamplight::mail::parse;
use lamplight::model::command::{
    Audience, Confirmation, Reading, SaidWords, WhyNothing, WordPlace, read_audience, read_confirmation, read_decision,
    read_wish, says_yes,
};
use lamplight::model::lexicon::{Category, Flag, Lexicon};
use lamplight::model::wording::{FILE, Templates, Wording};
use regex::Regex;

use super::{everything_in, renderer, setting_in, templates};
use lamplight::engine::samples::{every_notice, reader_of, single, single_with_picture};

/// The files of a language below its folder.
fn files(language: &str) -> BTreeSet<String> {
    let of_language = |name: String| name.strip_prefix(&format!("{language}/")).map(str::to_owned);
    Templates::iter().filter_map(|name| of_language(name.into_owned())).collect()
}

fn source(language: &str, file: &str) -> String {
    std::fs::read_to_string(templates().join(language).join(file)).unwrap()
}

fn others() -> impl Iterator<Item = &'static str> {
    LANGUAGES.iter().copied().filter(|language| *language != "en")
}

#[test]
fn every_folder_of_templates_is_a_language_that_the_settings_know() {
    let folders: BTreeSet<String> =
        Templates::iter().filter_map(|name| Some(name.split_once('/')?.0.to_owned())).collect();
    assert_eq!(folders, LANGUAGES.iter().map(|language| (*language).to_owned()).collect());
}

#[test]
fn every_language_has_every_file_and_uses_the_same_values() {
    for language in others() {
        assert_eq!(files(language), files("en"), "{language}");
        for file in files("en").iter().filter(|file| !["layout.html", FILE].contains(&file.as_str())) {
            assert_eq!(values(&source(language, file)), values(&source("en", file)), "{language}/{file}");
        }
        let keys = |language| keys(&source(language, FILE));
        let missing: Vec<_> = keys("en").difference(&keys(language)).cloned().collect();
        // Each hour may have its own.
        let left_out = ["before-noon", "after-noon"];
        assert!(missing.iter().all(|key| left_out.contains(&key.as_str())), "{language}: {missing:?}");
    }
}

/// The names between the marks of a template, apart from its own words.
fn values(source: &str) -> BTreeSet<String> {
    let code = Regex::new(r"(?s)\{[{%](.*?)[%}]\}").unwrap();
    let text = Regex::new("\"[^\"]*\"").unwrap();
    let name = Regex::new(r"[a-z_]+(?:\.[a-z_]+)*").unwrap();
    let own: HashSet<&str> = "if elif else endif word and or not for in endfor set".split(' ').collect();
    let mut found = BTreeSet::new();
    for piece in code.captures_iter(source) {
        let piece = text.replace_all(&piece[1], " ");
        found.extend(name.find_iter(&piece).map(|name| name.as_str().to_owned()));
    }
    found.retain(|name| !own.contains(name.as_str()));
    found
}

fn keys(source: &str) -> BTreeSet<String> {
    let key = Regex::new("(?m)^\"?([a-z:-]+)\"? =").unwrap();
    key.captures_iter(source).map(|key| key[1].to_owned()).collect()
}

/// A text's words, as they are compared.
fn words(text: &str) -> Vec<String> {
    let bare = |word: &str| word.to_lowercase();
    text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).map(bare).collect()
}

/// Everything of a mail that people wrote or that the settings say.
fn given(value: &serde_json::Value, into: &mut String) {
    match value {
        serde_json::Value::String(text) => *into = format!("{into}\n{text}"),
        serde_json::Value::Array(list) => list.iter().for_each(|value| given(value, into)),
        serde_json::Value::Object(map) => map.values().for_each(|value| given(value, into)),
        _ => {}
    }
}

const ENGLISH: &str = "the you your we us our this that it is was were are not nobody somebody who what when which and \
    or if for from with without by of to at in on message messages group moderator moderators worker workers \
    please reply answer write word words hello subject read picture pictures file files day days monday tuesday \
    november december time noon midnight bytes";

#[test]
fn nothing_is_said_in_english_in_another_language() {
    let english: HashSet<&str> = ENGLISH.split_whitespace().collect();
    for language in others() {
        for (name, in_english, in_other, data) in pairs(language) {
            let theirs: HashSet<String> = words(&data).into_iter().collect();
            let runs = |text: &str| words(text).windows(3).map(|run| run.join(" ")).collect::<HashSet<_>>();
            let (english_runs, data_runs) = (runs(&in_english), runs(&data));
            let own: String =
                in_other.lines().filter(|line| !line.contains("lamplight ")).collect::<Vec<_>>().join("\n");
            for word in words(&own) {
                assert!(
                    !english.contains(word.as_str()) || theirs.contains(&word),
                    "{language}/{name} says {word:?}:\n{own}"
                );
            }
            for run in runs(&own) {
                let own_words = run.split(' ').filter(|word| word.parse::<u64>().is_err() && !theirs.contains(*word));
                let is_english = own_words.count() > 1;
                assert!(
                    !english_runs.contains(&run) || data_runs.contains(&run) || !is_english,
                    "{language}/{name} says {run:?}, as English does:\n{own}"
                );
            }
        }
    }
}

/// Every mail in English and in another language, and what people said in it.
fn pairs(language: &str) -> Vec<(String, String, String, String)> {
    let renderer = renderer();
    let all = |rendered: super::Rendered| {
        let page = Regex::new("(?s)<style>.*?</style>|<[^>]*>").unwrap().replace_all(&rendered.html, " ").into_owned();
        format!("{}\n{}\n{}", rendered.subject, rendered.text, page)
    };
    let mut pairs = Vec::new();
    for (name, notice) in every_notice() {
        let setting = setting_in(language, reader_of(&notice));
        let mut data = String::new();
        given(&serde_json::to_value(&notice).unwrap(), &mut data);
        given(&serde_json::to_value(&setting).unwrap(), &mut data);
        let [english, other] =
            ["en", language].map(|language| all(renderer.notice(language, &setting, &notice).unwrap()));
        pairs.push((name.to_owned(), english, other, data));
    }
    for (name, page) in [("single", single()), ("single-picture", single_with_picture())] {
        let setting = setting_in(language, "");
        let mut data = String::new();
        given(&serde_json::to_value(&page).unwrap(), &mut data);
        given(&serde_json::to_value(&setting).unwrap(), &mut data);
        let [english, other] =
            ["en", language].map(|language| all(renderer.single(language, &setting, &page).unwrap()));
        pairs.push((name.to_owned(), english, other, data));
    }
    pairs
}

/// Which notice lists words for whom, by what reads their answers.
fn is_understood(folder: &str, word: &str, key: Option<&str>) -> bool {
    let said = |verb: &str| key.is_none_or(|key| key == verb);
    match folder {
        "whole-group" => read_audience(word, "").is_some() || read_confirmation(word) == Confirmation::TakeBack,
        _ => match read_decision(&format!("{word}: palabras y más"), "Dana") {
            Reading::Decision { verb, text: Some(_) } => said(&format!("{verb:?}").to_lowercase()),
            _ => match read_decision(word, "Dana") {
                Reading::Decision { verb, .. } => said(&format!("{verb:?}").to_lowercase()),
                Reading::Read(_) => said("read"),
                _ => false,
            },
        },
    }
}

/// A member's word about her mail, alone or with what stands behind it in a notice.
fn is_wish(word: &str) -> bool {
    let behind = [
        "",
        " 3 January",
        " 3 de enero",
        " 7 pm",
        " Friday",
        " viernes",
        " two weeks",
        " dos semanas",
        ": hair loss",
        " 1153",
        " a date",
        " una fecha",
    ];
    let today = Timestamp::parse("2026-11-26T12:00:00Z").unwrap().utc().date_naive();
    behind.iter().any(|behind| {
        let text = format!("{word}{behind}");
        let said = SaidWords {
            subject: "",
            answers_ours: true,
            text: &text,
            below: "",
            names: &[],
            place: WordPlace::Group,
            today,
        };
        read_wish(&said).is_some()
    })
}

#[test]
fn every_word_of_a_list_of_words_is_read_as_what_it_says() {
    let line = Regex::new(r"(?m)^- (\p{Lu}{2,}(?: \p{Lu}{2,})*)\b").unwrap();
    let item = Regex::new(r"<li><strong>(\p{Lu}{2,}(?: \p{Lu}{2,})*):?</strong>").unwrap();
    for language in LANGUAGES {
        let mut seen = BTreeSet::new();
        for (name, rendered) in everything_in(language) {
            let all = line.captures_iter(&rendered.text).chain(item.captures_iter(&rendered.html));
            for word in all.map(|found| found[1].trim().to_owned()) {
                let folder = if name.starts_with("whole-group") { "whole-group" } else { "" };
                let is_hers = name.starts_with("help") && is_wish(&word);
                assert!(is_hers || is_understood(folder, &word, None), "{language}/{name}: {word}");
                seen.insert(word);
            }
        }
        assert!(seen.len() >= 11, "{language}: {seen:?}");
    }
}

#[test]
fn every_verb_of_a_languages_words_is_that_verb() {
    for language in LANGUAGES {
        let verbs = "approve return mine undo retract edit trust escalate private note read";
        for verb in verbs.split(' ') {
            let key = format!("verbs.{verb}");
            let word = Wording::of(language).say(&key);
            assert!(is_understood("", word, Some(verb)), "{language}: {word} is not {verb}");
        }
    }
}

/// What a text between capital letters asks for, beside the lists: "responda con la palabra RETIRAR".
#[test]
fn every_word_in_capitals_is_one_that_can_be_answered_with() {
    let code = Regex::new(r"(?s)\{[{%#].*?[%}#]\}").unwrap();
    let capitals = Regex::new(r"\b\p{Lu}{2,}(?: \p{Lu}{2,})*\b").unwrap();
    let other = "NUMBER|ADDRESS|NAME|FOLDER|LATE|NÚMERO|DIRECCIÓN|NOMBRE|CARPETA|CON RETRASO";
    let other: Vec<&str> = other.split('|').collect();
    let to_members = |word: &str| {
        says_yes(word, "") || read_confirmation(word) != Confirmation::Unclear || read_audience(word, "").is_some()
    };
    for language in LANGUAGES {
        for file in files(language).iter().filter(|file| file.ends_with(".txt")) {
            let source = source(language, file);
            let text = code.replace_all(&source, " ");
            for word in capitals.find_iter(&text).map(|word| word.as_str()).filter(|word| !other.contains(word)) {
                let is_answer = is_understood("", word, None) || to_members(word) || is_wish(word);
                assert!(is_answer, "{language}/{file}: {word}");
            }
        }
    }
    assert_eq!(read_audience("GRUPO", ""), Some(Audience::Group));
    assert_eq!(read_audience("PRIVADO", ""), Some(Audience::Moderators));
    assert_eq!(read_confirmation("RETIRAR"), Confirmation::TakeBack);
    assert_eq!(read_confirmation("SÍ"), Confirmation::Yes);
    assert!(says_yes("SÍ", ""));
    assert_eq!(read_decision("palabras", ""), Reading::Nothing(WhyNothing::NoVerb));
}

#[test]
fn our_own_footer_is_cut_out_of_a_reply_in_every_language() {
    for language in LANGUAGES {
        let mut cut = 0;
        for (name, rendered) in everything_in(language) {
            let footer = &rendered.text[rendered.text.find("~ ~ ~").unwrap()..];
            let mail = format!(
                "From: m@home.example\r\nSubject: x\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nIt rained here.\n\n{footer}"
            );
            let reply = parse(mail.replace('\n', "\r\n").replace("\r\r", "\r").as_bytes()).text.reply;
            // What has no address of the group and no reason in it is a member's to quote.
            let says = footer.contains("-owner@") || footer.contains("-leave@") || has_reason(footer);
            assert_eq!(reply.trim() == "It rained here.", says, "{language}/{name}: {reply}");
            cut += usize::from(says);
        }
        assert!(cut > 60, "{language}: {cut}");
    }
}

/// Our words come back in quotes. Where one is not known as ours, it must not ring.
#[test]
fn our_own_words_tell_of_no_danger() {
    let dangers = |lexicon: &Lexicon, text: &str| -> BTreeSet<String> {
        let flags = lexicon.read(text).into_iter();
        let is_danger =
            |flag: &Flag| matches!(flag.category, Category::Crisis | Category::Concern | Category::Safeguard);
        flags.filter(is_danger).map(|flag| flag.words).collect()
    };
    for language in LANGUAGES {
        let lexicon = Lexicon::of(language);
        let english: Vec<_> = everything_in("en");
        for (name, rendered) in everything_in(language) {
            // What people say in the samples is in both, and in English only that rings.
            let (_, other) = english.iter().find(|(other, _)| *other == name).unwrap();
            let ours: BTreeSet<_> =
                dangers(&lexicon, &rendered.text).difference(&dangers(&lexicon, &other.text)).cloned().collect();
            assert!(ours.is_empty(), "{language}/{name}: {ours:?}\n{}", rendered.text);
        }
    }
}

fn has_reason(footer: &str) -> bool {
    let line = footer.to_lowercase().replace('\n', " ");
    WORDS.own_footer.iter().any(|words| line.contains(words.as_str()))
}

#[test]
fn the_footers_of_moderators_and_administrators_say_why_in_words_that_are_known_again() {
    for language in LANGUAGES {
        for file in ["parts/moderator-foot.txt", "parts/admin-foot.txt"] {
            assert!(has_reason(&source(language, file)), "{language}/{file}");
        }
    }
}

/// The samples above bring their reasons with them as text.
#[test]
fn no_word_of_a_languages_file_is_that_of_english() {
    let same_in_both = ["sizes.", "times."];
    for language in others() {
        for key in keys_with_tables("en").iter().filter(|key| !same_in_both.iter().any(|same| key.starts_with(same))) {
            assert_ne!(Wording::of(language).say(key), Wording::english().say(key), "{language}: {key}");
        }
        for at in 0..7 {
            let key = format!("times.weekdays.{at}");
            assert_ne!(Wording::of(language).say(&key), Wording::english().say(&key), "{language}");
        }
    }
}

/// The keys of the texts of a file, each with its table; lists are left out.
fn keys_with_tables(language: &str) -> Vec<String> {
    let (mut table, mut found) = (String::new(), Vec::new());
    for line in source(language, FILE).lines() {
        if let Some(name) = line.strip_prefix('[').and_then(|line| line.strip_suffix(']')) {
            table = name.to_owned();
        } else if let Some((key, value)) = line.split_once(" = ")
            && value.starts_with('"')
        {
            found.push(format!("{table}.{}", key.trim_matches('"')));
        }
    }
    found
}
