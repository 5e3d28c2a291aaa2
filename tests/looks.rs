//! What every mail looks like: the style sheet is in the tags, its colours can be read by day and by night, and Chromium finds
//! each page whole on a phone and in a wide window, without a fault that axe-core knows.
//!
//! `LAMPLIGHT_PICTURES=write` takes the pictures under `docs/pictures` anew; another value is a folder that gets one of every
//! page, to look at. Without Chromium or npm this says SKIPPED; with
//! `LAMPLIGHT_TEST_REQUIRE=chromium` it fails.

#![allow(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

#[path = "support/browser.rs"]
mod browser;
#[path = "looks/colours.rs"]
mod colours;

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use browser::Browser;
use lamplight::engine::notice::Notice;
use lamplight::engine::render::Renderer;
use lamplight::engine::render::sheet::Sheet;
use lamplight::engine::samples::{
    digest, digest_of_a_piece, digest_of_somebody_new, digest_with_everything, every_notice, setting, setting_of,
    single, single_with_picture,
};
use serde_json::Value;

const AXE: &str = "axe-core@4.14.1";
/// A mail is shown inside the page of a mail program, which has the landmarks.
const NOT_FOR_MAILS: &[&str] = &["region", "landmark-one-main"];
/// The mails whose pictures are kept.
const PICTURES: &[&str] = &["digest-everything", "single", "held", "hold", "welcome", "crisis"];

const KINDS: [(&str, u32, bool); 3] = [("phone", 360, false), ("dark", 360, true), ("wide", 768, false)];

/// Every mail as a page, by name.
fn pages(renderer: &Renderer) -> Vec<(String, String)> {
    let mut all = notices_in("en", renderer);
    all.push(("digest".into(), renderer.digest("en", &setting(""), &digest()).unwrap().html));
    all.push((
        "digest-everything".into(),
        renderer.digest("en", &setting(""), &digest_with_everything()).unwrap().html,
    ));
    all.push(("digest-piece".into(), renderer.digest("en", &setting(""), &digest_of_a_piece()).unwrap().html));
    all.push(("digest-new".into(), renderer.digest("en", &setting(""), &digest_of_somebody_new()).unwrap().html));
    for (name, page) in [("single", single()), ("single-picture", single_with_picture())] {
        all.push((name.into(), renderer.single("en", &setting(""), &page).unwrap().html));
    }
    all
}

fn notices_in(language: &str, renderer: &Renderer) -> Vec<(String, String)> {
    let page = |notice: &Notice| renderer.notice(language, &setting_of(notice), notice).unwrap().html;
    every_notice().iter().map(|(name, notice)| ((*name).to_owned(), page(notice))).collect()
}

/// Mails that people make hard to show.
fn hard_pages(renderer: &Renderer) -> Vec<(String, String)> {
    let long_word = "Donaudampfschifffahrtsgesellschaft".repeat(20);
    let address = format!("https://example.org/{}", "a/b-c?d=e&".repeat(60));
    let arabic = "مرحبا بالجميع، هذا أول نص لي هنا.\n\nأنتظر موعدي يوم الخميس (scan) ولا أنام جيدا.";
    let quotes = "> > > one\n> > two\n> three\n\nfour";
    let mut all = Vec::new();
    for (name, subject, text) in [
        ("long word", long_word.as_str(), long_word.as_str()),
        ("long address", "Look", address.as_str()),
        ("long subject", &"How do you all get through the week before a scan? ".repeat(20), "See above."),
        ("right to left", "مرحبا بالجميع", arabic),
        ("quotes", "Quotes", quotes),
    ] {
        let mut page = digest_with_everything();
        for talk in &mut page.conversations {
            subject.clone_into(&mut talk.subject);
            talk.authors[0] = format!("{name}{}", "x".repeat(60));
            for post in &mut talk.posts {
                text.clone_into(&mut post.post.text);
            }
        }
        all.push((format!("digest, {name}"), renderer.digest("en", &setting(""), &page).unwrap().html));
        let mut page = single();
        text.clone_into(&mut page.post.text);
        all.push((format!("single, {name}"), renderer.single("en", &setting(""), &page).unwrap().html));
    }
    all
}

fn sheet_source() -> String {
    std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("templates/style.css")).unwrap()
}

#[test]
fn a_styled_template_gives_the_page_that_is_styled_as_a_whole() {
    let sheet = Sheet::parse(&sheet_source()).unwrap();
    let (styled, _) = Renderer::read(None, true).unwrap();
    let (plain, _) = Renderer::read(None, false).unwrap();
    let both = pages(&styled).into_iter().chain(hard_pages(&styled));
    for ((name, page), (_, bare)) in both.zip(pages(&plain).into_iter().chain(hard_pages(&plain))) {
        assert_eq!(bare.matches(" style=").count(), 1, "{name}: Outlook's cell alone");
        assert_eq!(page, sheet.inline(&bare), "{name}");
    }
}

#[test]
fn every_text_can_be_read_on_every_ground() {
    assert_eq!(colours::faults(&sheet_source()), Vec::<String>::new());
}

#[test]
fn another_colour_is_noticed() {
    let source = sheet_source();
    let texts: Vec<_> = source.match_indices(" color: #").map(|(at, _)| at + " color: ".len()).collect();
    assert!(texts.len() > 12);
    for at in texts {
        let changed = format!("{}#808080{}", &source[..at], &source[at + 7..]);
        assert!(!colours::faults(&changed).is_empty(), "{}", &source[at - 40..at + 8]);
    }
    for ground in source.match_indices("background: #").map(|(at, _)| at + "background: ".len()) {
        let changed = format!("{}#807870{}", &source[..ground], &source[ground + 7..]);
        assert!(!colours::faults(&changed).is_empty(), "{}", &source[ground - 40..ground + 8]);
    }
    assert!(!colours::faults(&source.replace(".letter { background: #2c2620;", ".letter {")).is_empty());
}

fn say_aloud(words: &str) {
    let _ = std::io::stderr().write_all(format!("\n{words}\n").as_bytes());
}

#[allow(clippy::disallowed_methods, reason = "a switch of the tests, no setting")]
fn switch(name: &str) -> String {
    std::env::var(name).unwrap_or_default()
}

static AXE_SCRIPT: OnceLock<Option<String>> = OnceLock::new();

/// The script of axe-core, fetched once by npm; `None` where that can't be.
fn fetch_axe() -> Option<String> {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR"));
    let archive = folder.join(format!("{}.tgz", AXE.replace('@', "-")));
    if !archive.exists() {
        let packed = Command::new("npm").args(["pack", "--silent", AXE]).current_dir(&folder).output().ok()?;
        packed.status.success().then_some(())?;
    }
    let unpacked = Command::new("tar").arg("-xOzf").arg(&archive).arg("package/axe.min.js").output().ok()?;
    unpacked.status.success().then(|| String::from_utf8(unpacked.stdout).ok()).flatten()
}

fn tools() -> Option<(Browser, String)> {
    let missing = match (browser::program(), AXE_SCRIPT.get_or_init(fetch_axe).clone()) {
        (Some(program), Some(axe)) => return Some((Browser::start(&program), axe)),
        (None, _) => "chromium was not found (Debian: apt-get install chromium)",
        (_, None) => "npm did not bring axe-core (Debian: apt-get install npm)",
    };
    let is_required = switch("LAMPLIGHT_TEST_REQUIRE").split(',').any(|word| word == "chromium");
    assert!(!is_required, "LAMPLIGHT_TEST_REQUIRE asks for chromium, and {missing}");
    say_aloud(&format!("SKIPPED: what mails look like in a browser, because {missing}"));
    None
}

/// What axe finds, a line each.
fn axe_faults(browser: &mut Browser, rules: &str) -> Vec<String> {
    let found = browser.value(&format!(
        "axe.run(document, {{ resultTypes: ['violations', 'incomplete'], {rules} }}).then(result => \
         [...result.violations, ...result.incomplete].flatMap(rule => rule.nodes.map(node => \
         rule.id + ': ' + rule.help + ': ' + node.failureSummary + ': ' + node.html.slice(0, 120))))"
    ));
    found.as_array().unwrap().iter().map(|line| line.as_str().unwrap().to_owned()).collect()
}

/// What sticks out at the right; text that is smaller than 17 pixels; buttons too low for a thumb.
const OF_OUR_OWN: &str = "(() => {
    const faults = [], root = document.documentElement;
    if (root.scrollWidth > innerWidth) faults.push('it is ' + root.scrollWidth + ' wide');
    for (const element of document.body.querySelectorAll('*')) {
        const words = [...element.childNodes].some(node => node.nodeType === 3 && node.data.trim());
        const size = parseFloat(getComputedStyle(element).fontSize);
        if (words && size < 17) faults.push(size + 'px: ' + element.outerHTML.slice(0, 80));
        if (element.getBoundingClientRect().right > innerWidth) faults.push('sticks out: ' + element.outerHTML.slice(0, 80));
    }
    for (const answer of document.querySelectorAll('.answer')) {
        const height = answer.getBoundingClientRect().height;
        if (height < 44) faults.push('a button is ' + height + ' high');
    }
    return faults;
})()";

/// How every element is drawn, to compare two pages.
const DRAWN: &str = "[...document.body.querySelectorAll('*'), document.body].map(element => {
    const style = getComputedStyle(element);
    return [...style].map(name => name + ':' + style.getPropertyValue(name)).join(';');
})";

fn strings(value: &Value) -> Vec<String> {
    value.as_array().unwrap().iter().map(|line| line.as_str().unwrap().to_owned()).collect()
}

#[test]
fn every_mail_is_whole_on_a_phone_and_wide_by_day_and_by_night() {
    let Some((mut browser, axe)) = tools() else { return };
    let (styled, _) = Renderer::read(None, true).unwrap();
    let mut all = pages(&styled);
    all.extend(hard_pages(&styled));
    let mut spanish = notices_in("es", &styled);
    spanish.push(("digest".into(), styled.digest("es", &setting(""), &digest_with_everything()).unwrap().html));
    let mut faults = Vec::new();
    for (width, is_dark) in [(360, false), (360, true), (768, false)] {
        browser.window(width, is_dark);
        // Another language has the same colours and other words, which need their place where it is narrow.
        let others: &[(String, String)] = if (width, is_dark) == (360, false) { &spanish } else { &[] };
        for (name, page) in all.iter().chain(others) {
            browser.show(page);
            if browser.value("typeof axe") != "object" {
                browser.value(&format!("{axe}; 1"));
            }
            let mut found = strings(&browser.value(OF_OUR_OWN));
            // By night and in a wide window nothing but colours and places differs.
            let mut off = NOT_FOR_MAILS.to_vec();
            if name.starts_with("single") {
                // Nothing stands above the words of their author.
                off.extend(["page-has-heading-one", "bypass"]);
            }
            let off: Vec<String> = off.iter().map(|rule| format!("'{rule}': {{ enabled: false }}")).collect();
            found.extend(match (width, is_dark) {
                (360, false) => axe_faults(&mut browser, &format!("rules: {{ {} }}", off.join(", "))),
                (_, true) => axe_faults(&mut browser, "runOnly: ['color-contrast']"),
                _ => Vec::new(),
            });
            let language = if page.contains("<html lang=\"es\"") { "es" } else { "en" };
            faults.extend(found.iter().map(|fault| format!("{language} {name}, {width}, dark: {is_dark}: {fault}")));
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn a_fault_is_found() {
    let Some((mut browser, axe)) = tools() else { return };
    browser.window(360, false);
    browser.show(
        "<!doctype html><html><title>x</title><body style='background:#fff'><h1 style='color:#999'>a</h1><h4>b</h4>\
         <p style='font-size:12px'>c</p><a class=answer href='#'>d</a><div style='width:900px'>e</div>",
    );
    browser.value(&format!("{axe}; 1"));
    let mut found = strings(&browser.value(OF_OUR_OWN));
    found.extend(axe_faults(&mut browser, "rules: {}"));
    let (styled, _) = Renderer::read(None, true).unwrap();
    let page = styled.digest("en", &setting(""), &digest()).unwrap().html;
    browser.show(&page.replace("color:#5f564d", "color:#a09890"));
    assert!(axe_faults(&mut browser, "runOnly: ['color-contrast']").len() > 3, "quiet words too pale");
    for fault in ["wide", "12px", "a button is", "color-contrast", "heading-order", "html-has-lang"] {
        assert!(found.iter().any(|line| line.contains(fault)), "{fault}: {found:#?}");
    }
}

/// The browser knows best what a style sheet means: the same page with the whole sheet in its head, and nothing in its tags,
/// is drawn alike.
#[test]
fn what_stands_in_the_tags_is_what_the_sheet_says() {
    let Some((mut browser, _)) = tools() else { return };
    let (styled, _) = Renderer::read(None, true).unwrap();
    let (plain, _) = Renderer::read(None, false).unwrap();
    let head = Sheet::parse(&sheet_source()).unwrap().head();
    for (width, is_dark) in [(360, false), (768, true)] {
        browser.window(width, is_dark);
        for ((name, page), (_, bare)) in pages(&styled).into_iter().zip(pages(&plain)) {
            let bare = bare.replace(head.trim_end(), &format!("<style>{}</style>", sheet_source()));
            browser.show(&page);
            let inlined = browser.value(DRAWN);
            browser.show(&bare);
            let by_sheet = browser.value(DRAWN);
            let differ = strings(&inlined).into_iter().zip(strings(&by_sheet)).find(|(one, other)| one != other);
            assert_eq!(differ, None, "{name}, {width}, dark: {is_dark}");
        }
    }
}

/// Take pictures of these pages: on a phone by day and by night, and in a wide window.
fn take_pictures(pages: &[(String, String)], folder: &Path, format: &str) {
    let (mut browser, _) = tools().unwrap();
    std::fs::create_dir_all(folder).unwrap();
    for (kind, width, is_dark) in KINDS {
        browser.window(width, is_dark);
        for (name, page) in pages {
            browser.show(page);
            std::fs::write(folder.join(format!("{name}-{kind}.{format}")), browser.picture(format)).unwrap();
        }
    }
}

#[test]
fn pictures_are_kept() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/pictures");
    let wanted = switch("LAMPLIGHT_PICTURES");
    if !wanted.is_empty() {
        let (styled, _) = Renderer::read(None, true).unwrap();
        let mut all = pages(&styled);
        if wanted == "write" {
            all.retain(|(name, _)| PICTURES.contains(&name.as_str()));
            take_pictures(&all, &folder, "webp");
        } else {
            all.extend(hard_pages(&styled));
            take_pictures(&all, Path::new(&wanted), "png");
        }
    }
    let mut weight = 0;
    for name in PICTURES {
        for (kind, _, _) in KINDS {
            let file = folder.join(format!("{name}-{kind}.webp"));
            weight += std::fs::metadata(&file).unwrap_or_else(|_| panic!("{} is missing", file.display())).len();
        }
    }
    assert!(weight < 1_500_000, "the pictures weigh {weight}");
}
