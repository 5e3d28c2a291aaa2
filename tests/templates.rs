//! Every notice, the digest and the single mail: what people read, that nothing is left unfilled, that nothing a person
//! writes acts, and that a folder of own templates can do no harm.

#![allow(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

#[path = "support/golden.rs"]
mod golden;
#[path = "templates/languages.rs"]
mod languages;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use lamplight::clock::Timestamp;
use lamplight::config::LANGUAGES;
use lamplight::engine::knowing::{Knowing, ShownNote};
use lamplight::engine::notice::{Notice, PublishedPost, Setting, SinglePage, ToModerators};
use lamplight::engine::render::{Rendered, Renderer};
use lamplight::engine::samples::{
    digest, digest_of_a_piece, digest_of_somebody_new, digest_with_everything, every_notice, held_post, setting,
    setting_of, single, single_with_picture,
};
use lamplight::model::changes::changes;
use lamplight::model::member::Format;

fn renderer() -> Renderer {
    let (renderer, problems) = Renderer::new(None).unwrap();
    assert!(problems.is_empty(), "{problems:?}");
    renderer
}

/// Everything that can be rendered in a language, by name.
fn everything_in(language: &str) -> Vec<(&'static str, Rendered)> {
    let renderer = renderer();
    let mut all: Vec<(&'static str, Rendered)> = every_notice()
        .into_iter()
        .map(|(name, notice)| {
            let setting = in_language(language, setting_of(&notice));
            (name, renderer.notice(language, &setting, &notice).unwrap())
        })
        .collect();
    let pages = [
        ("digest", digest()),
        ("digest-piece", digest_of_a_piece()),
        ("digest-new", digest_of_somebody_new()),
        ("digest-everything", digest_with_everything()),
    ];
    for (name, page) in pages {
        all.push((name, renderer.digest(language, &setting_in(language, ""), &page).unwrap()));
    }
    all.push(("single", renderer.single(language, &setting_in(language, ""), &single()).unwrap()));
    all.push(("single-picture", renderer.single(language, &setting_in(language, ""), &single_with_picture()).unwrap()));
    all
}

/// The setting of a group that speaks the language.
fn setting_in(language: &str, reader: &str) -> Setting {
    in_language(language, setting(reader))
}

fn in_language(language: &str, setting: Setting) -> Setting {
    let lifeline = if language == "es" { "llame o envíe un mensaje al 988" } else { "call or text 988" };
    Setting { lifeline: setting.lifeline.map(|_| lifeline.into()), ..setting }
}

fn templates() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("templates")
}

/// The same in every language, with the name of its golden files: those of English stand beside the folders of the others.
fn everything() -> Vec<(String, &'static str, Rendered)> {
    let named = |language: &'static str| {
        everything_in(language).into_iter().map(move |(name, rendered)| {
            let file = if language == "en" { name.to_owned() } else { format!("{language}/{name}") };
            (file, language, rendered)
        })
    };
    LANGUAGES.iter().flat_map(|language| named(language)).collect()
}

#[test]
fn everything_reads_as_people_have_approved_it() {
    for (name, _, rendered) in everything() {
        assert_golden!(format!("Subject: {}\n\n{}", rendered.subject, rendered.text), format!("{name}.txt"));
        assert_golden!(rendered.html, format!("{name}.html"));
    }
}

#[test]
fn digests_of_every_form_read_as_people_have_approved_them() {
    let (renderer, page) = (renderer(), digest_with_everything());
    for (language, folder) in [("en", ""), ("es", "es/")] {
        let digest = |format| renderer.digest_as(language, &setting_in(language, ""), &page, format).unwrap();
        let plain = digest(Format::Rfc1153);
        assert_golden!(plain.text, format!("{folder}digest-rfc1153.txt"));
        assert_eq!((plain.html, plain.after), (None, None));
        let messages = digest(Format::Mime);
        let post =
            renderer.digest_message(language, &setting_in(language, ""), &page.conversations[3].posts[0]).unwrap();
        let all = format!("{}=====\n{post}=====\n{}", messages.text, messages.after.unwrap());
        assert_golden!(all, format!("{folder}digest-mime.txt"));
        let greeted =
            renderer.digest_as(language, &setting_in(language, ""), &digest_of_somebody_new(), Format::Mime).unwrap();
        assert_golden!(greeted.text, format!("{folder}digest-mime-new.txt"));
        assert_eq!(digest(Format::Text).text, digest(Format::Html).text);
    }
}

#[test]
fn every_folder_of_templates_is_shown_by_a_golden_file() {
    let folders: BTreeSet<_> = every_notice().iter().map(|(_, notice)| notice.folder()).collect();
    for entry in std::fs::read_dir(templates().join("en")).unwrap().map(Result::unwrap) {
        let name = entry.file_name().into_string().unwrap();
        let shared = ["parts", "digest", "single"].contains(&name.as_str());
        assert!(!entry.path().is_dir() || shared || folders.contains(name.as_str()), "{name} is rendered by no test");
    }
}

#[test]
fn nothing_is_left_unfilled_and_nothing_comes_from_elsewhere() {
    for (name, _, Rendered { subject, text, html }) in everything() {
        let html = html.replace("aria-hidden=\"true\"", "");
        for (part, words) in [("subject", &subject), ("text", &text), ("html", &html)] {
            for trace in ["{{", "{%", "{#", "None", "null", "undefined", "true", "false"] {
                assert!(!words.contains(trace), "{name} {part} has {trace}\n{words}");
            }
        }
        for outside in ["http:", "https:", "src=", "url(", "@import", "<script", "<img"] {
            assert!(!html.contains(outside), "{name} has {outside}");
        }
        let seen = html.split("<!--").map(|part| part.split("-->").last().unwrap()).collect::<String>();
        assert!(
            !seen.contains("<table") && html.contains("<table role=\"presentation\""),
            "{name}: a table is for Outlook"
        );
        assert!(!subject.is_empty() && !subject.contains('\n'), "{name}: {subject:?}");
        for revealing in ["cancer", "cáncer", "crisis", "suicid", "support group", "flag", "apoyo", "alarma"] {
            assert!(!subject.to_lowercase().contains(revealing), "{name}: {subject}");
        }
    }
}

#[test]
fn plain_text_is_tidy_and_ends_in_a_footer_that_replies_are_cut_at() {
    for (name, _, Rendered { text, .. }) in everything() {
        assert!(text.ends_with('\n') && !text.ends_with("\n\n"), "{name} ends in one line end");
        assert!(!text.contains("\n\n\n"), "{name} has two empty lines together\n{text}");
        assert!(text.lines().all(|line| line == line.trim_end()), "{name} has trailing spaces");
        assert!(text.lines().all(|line| line.chars().count() <= 78), "{name} has a long line\n{text}");
        assert_eq!(text.lines().filter(|line| *line == "~ ~ ~").count(), 1, "{name}\n{text}");
    }
}

#[test]
fn pages_have_a_language_one_first_heading_and_little_weight() {
    for (name, language, Rendered { text, html, .. }) in everything() {
        assert!(html.starts_with(&format!("<!doctype html>\n<html lang=\"{language}\" dir=\"ltr\">")), "{name}");
        let sheet = format!("<div class=\"sheet\" lang=\"{language}\" dir=\"ltr\"");
        assert_eq!(html.matches(&sheet).count(), 1, "{name}: where the tags around are thrown away");
        assert!(html.contains("name=\"viewport\"") && html.contains("content=\"light dark\""), "{name}");
        // A single mail has nothing above the words of its author.
        assert_eq!(html.matches("<h1").count(), usize::from(!name.contains("single")), "{name}");
        let levels: Vec<u32> = html.split("<h").skip(1).filter_map(|rest| rest.chars().next()?.to_digit(10)).collect();
        assert!(levels.windows(2).all(|pair| pair[1] <= pair[0] + 1), "{name}: {levels:?}");
        assert!(html.len() < 20_000 + 2 * text.len(), "{name} weighs {}", html.len());
    }
}

#[test]
fn numbers_for_an_emergency_are_printed_only_when_the_group_has_them() {
    let held = &every_notice()[0].1;
    let mut setting = setting("Mira");
    assert!(
        renderer()
            .notice("en", &setting, held)
            .unwrap()
            .text
            .contains("\nCall 911.\nTo talk to someone now: call or text 988.\n")
    );
    (setting.emergency_number, setting.lifeline) = (None, None);
    let Rendered { text, html, .. } = renderer().notice("en", &setting, held).unwrap();
    assert!(!text.contains("danger") && !html.contains("danger"), "{text}");
}

#[test]
fn what_people_write_is_data() {
    let long = "x".repeat(200_000);
    let hostile = format!(
        "<script>alert(1)</script>\n{{{{ 7*7 }}}} {{% include \"en/layout.html\" %}}\n</style><b>\u{1b}[2J\n{long}"
    );
    let mut post = held_post();
    (post.author, post.subject, post.text) = ("<i>Kit</i>".into(), "\"><script>\r\nBcc: x".into(), hostile.clone());
    post.attachments[0].name = Some("<img src=x>.jpg".into());
    post.reasons = vec!["the words “<script>” stood out".into()];
    let renderer = renderer();
    let mut all = vec![renderer.single(
        "en",
        &setting(""),
        &SinglePage {
            subject: post.subject.clone(),
            post: PublishedPost {
                text: hostile.clone(),
                author: post.author.clone(),
                at: Timestamp::parse("2026-11-24T14:00:00Z").unwrap(),
                answers: None,
                shown: 0,
                pictures: 0,
                files: 0,
                edited: true,
            },
        },
    )];
    let mut page = digest();
    page.conversations[0].posts[0].post.text.clone_from(&hostile);
    page.conversations[0].subject.clone_from(&post.subject);
    page.conversations[0].authors[0].clone_from(&post.author);
    all.push(renderer.digest("en", &setting(""), &page));
    let echo = Notice::from(ToModerators::Echo {
        post: post.clone(),
        verb: "APPROVE".into(),
        moderator: "<u>".into(),
        by_reader: false,
        undo_until: None,
        note: Some(hostile.clone()),
        changes: changes(&format!("{hostile} one"), &format!("{hostile} two {hostile}")),
        asked: vec!["<u>".into()],
        waits: true,
    });
    let knowing = Knowing {
        flags: Vec::new(),
        notes: vec![ShownNote { by: "<u>".into(), at: Timestamp(0), text: hostile.clone() }],
    };
    let hold = Notice::from(ToModerators::Hold {
        post,
        read_by: Timestamp(0),
        again: None,
        claimed_by: None,
        knowing,
        alert: None,
    });
    all.extend([hold, echo].iter().map(|notice| renderer.notice("en", &setting("Dana"), notice)));
    for rendered in all {
        let Rendered { subject, text, html } = rendered.unwrap();
        for tag in ["<script", "<b>", "<i>", "<img", "<u>", "</style><"] {
            assert!(!html.contains(tag), "{tag} came through");
        }
        assert!(html.contains("&lt;script&gt;") && html.contains("{{ 7*7 }}") && !html.contains('\u{1b}'));
        assert!(text.contains("{{ 7*7 }}") && !text.contains('\u{1b}') && !subject.contains(['\r', '\n']));
        assert!(text.lines().all(|line| line.chars().count() <= 78));
        assert_eq!(html.matches("</style>").count(), 3, "ours, and Outlook's");
    }
}

#[test]
fn no_post_of_a_digest_can_pretend_to_be_another() {
    let forged = "Bye.\n\n* * *\n\nDana (moderator), Monday 23 November, 7:05 pm\n\nWrite to me alone.\n\n\
                  ====================================\n3. Forged\n\n~ ~ ~\nTo leave Rose: send money to kit@home.example";
    let mut page = digest();
    let honest = renderer().digest("en", &setting(""), &page).unwrap().text;
    page.conversations[0].posts[0].post.text = forged.into();
    page.conversations[0].subject = format!("{} ~ ~ ~ * * * Dana (moderator), Monday", "word ".repeat(12));
    let text = renderer().digest("en", &setting(""), &page).unwrap().text;
    let ours = |text: &str| text.lines().filter(|line| !line.is_empty() && !line.starts_with(' ')).count();
    assert_eq!(ours(&text), ours(&honest), "{text}");
    for line in ["* * *", "~ ~ ~", "===================================="] {
        let often = |text: &str| text.lines().filter(|own| *own == line).count();
        assert_eq!(often(&text), often(&honest), "{line}\n{text}");
    }
    assert!(text.contains("\n  Write to me alone.\n") && text.contains("\n  | ~ ~ ~\n"), "{text}");

    let mut page = single();
    page.post.text = forged.into();
    let text = renderer().single("en", &setting(""), &page).unwrap().text;
    assert_eq!(text.lines().filter(|line| *line == "~ ~ ~").count(), 1, "{text}");
    assert!(text.contains("\n| ~ ~ ~\n") && text.contains("\n* * *\n"), "a drawn line stays: {text}");
}

#[test]
fn own_templates_serve_and_faulty_ones_are_named_and_left_out() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, source: &str| {
        let path = folder.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, source).unwrap();
    };
    write("en/held/subject.txt", "Your words arrived\n");
    write("en/held/body.txt", "Dear {{ name }},\n{% if first %}\nnever closed\n");
    write("en/withdrawn/body.txt", "Dear {{ name }},\nit is {{ gone }}.\n");
    write("en/passed-on/body.txt", "{% include \"en/zz-own/bye.txt\" %}\n");
    write("en/zz-own/bye.txt", "Bye, {{ name }}.\n");
    write("en/published/body.txt", "This waits until {{ read_by | localtime(tz=timezone) }}\n");
    write("de/held/subject.txt", "Wir haben Ihre Nachricht\n");
    write("de/held/body.txt", "Bis {{ read_by | localtime(tz=timezone, format=\"%d.%m., %H:%M\") }} Uhr\n");
    write("de/held/body.html", "{% extends \"en/layout.html\" %}{% block body %}<p>{{ name }}</p>{% endblock %}\n");

    let (renderer, problems) = Renderer::new(Some(folder.path())).unwrap();
    assert_eq!(problems.len(), 2, "{problems:#?}");
    assert!(problems[0].starts_with("en/held/body.txt is left out: line 4, column 1: "), "{problems:#?}");
    assert_eq!(problems[1], "en/withdrawn/body.txt is left out: line 2, column 10: there is no variable `gone`");

    let notices = every_notice();
    let mira = setting("Mira");
    let show = |language: &str, name: &str| {
        let (_, notice) = notices.iter().find(|(known, _)| *known == name).unwrap();
        renderer.notice(language, &mira, notice).unwrap()
    };
    let held = show("en", "held");
    assert_eq!(held.subject, "Your words arrived");
    assert!(held.text.contains("reached us safely"), "the built-in one serves: {}", held.text);
    assert!(show("en", "withdrawn").text.contains("You asked us"));
    assert_eq!(show("en", "passed-on").text, "Bye, Mira.\n");
    assert!(show("en", "published").text.contains("is now with the group"), "a fault that shows on the data only");
    assert_eq!(show("de", "held").text, "Bis 24.11., 09:00 Uhr\n");
    assert!(show("de", "held").html.contains("<html lang=\"de\" dir=\"ltr\">"));
    assert_eq!(
        show("de", "leave-ask").subject,
        "Do you want to leave Rose?",
        "what a language lacks is said in English"
    );
}

#[test]
fn own_templates_may_use_every_value_that_a_mail_has() {
    let folder = tempfile::tempdir().unwrap();
    let keys =
        |value: serde_json::Value| value.as_object().map(|map| map.keys().cloned().collect()).unwrap_or_default();
    let facts = every_notice().into_iter().map(|(_, notice)| (notice.folder(), serde_json::to_value(notice).unwrap()));
    let pages =
        [("digest", serde_json::to_value(digest()).unwrap()), ("single", serde_json::to_value(single()).unwrap())];
    for (name, value) in facts.chain(pages) {
        let mut names: Vec<String> = keys(serde_json::to_value(setting("")).unwrap());
        names.extend(keys(value));
        let source: String = names.iter().map(|key| format!("{{% if {key} %}}{key} {{% endif %}}\n")).collect();
        std::fs::create_dir_all(folder.path().join("en").join(name)).unwrap();
        std::fs::write(folder.path().join("en").join(name).join("body.txt"), source).unwrap();
    }
    let (renderer, problems) = Renderer::new(Some(folder.path())).unwrap();
    assert!(problems.is_empty(), "{problems:#?}");
    for (name, notice) in every_notice() {
        let text = renderer.notice("en", &setting("Dana"), &notice).unwrap().text;
        assert!(text.contains("emergency_number"), "{name}: {text}");
    }
}

#[test]
fn a_folder_that_is_not_there_is_an_error() {
    assert!(Renderer::new(Some(Path::new("/nowhere/at/all"))).is_err());
}
