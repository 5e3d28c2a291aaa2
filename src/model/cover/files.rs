//! Names of files, and what mail programs write where a picture was.

use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;

use super::Identifying::FileName;
use super::PICTURE;
use super::look::{Look, overlap};
use super::places::Found;
use crate::model::words::fold;

const PICTURES: &str = "jpe?g|png|gif|heic|heif|webp|bmp|tiff?";
const OTHERS: &str = "pdf|docx?|xlsx?|pptx?|odt|ods|rtf|txt|csv|zip|7z|rar|mov|mp4|m4v|avi|m4a|mp3|wav|vcf|ics|eml|svg|dcm|html?|xps|wps";

struct Patterns {
    /// "[image: Mira Jansen.jpg]", "[Inline image 1]", "[cid:…]", "<IMG_0815.JPG>".
    picture: Regex,
    /// "[Attachment: scan.pdf]", "<scan of May.pdf>".
    attached: Regex,
    /// "C:\Users\mira\scan.pdf", "/home/mira/scan.pdf".
    path: Regex,
    name: Regex,
}

#[allow(clippy::unwrap_used, reason = "the patterns are constants that a test compiles")]
static PATTERNS: LazyLock<Patterns> = LazyLock::new(|| {
    let inside = "[^\\]\\n\u{fdd0}]{0,200}";
    let bracket = "[^<>\\n@/\u{fdd0}]{1,120}";
    let image = "(?:inline |embedded |eingebettetes )?(?:image|bild|imagen|photo|foto|picture|grafik)";
    Patterns {
        picture: Regex::new(&format!(r"\[(?:cid:|{image}\s*(?::|\d)){inside}\]|<{bracket}\.(?:{PICTURES})>")).unwrap(),
        attached: Regex::new(&format!(
            r"\[(?:attachment|attached|file|anhang|datei|adjunto|archivo|piece jointe|fichier)s?\s*:{inside}\]|<{bracket}\.(?:{OTHERS})>"
        ))
        .unwrap(),
        path: Regex::new(
            r#"(?-u:\b)[a-z]:\\[^\s"<>|]*(?: [^\s"<>|\\]+\\[^\s"<>|]*)*|\\\\[a-z0-9-]+\\[^\s"<>|]+|file://[^\s"<>]+|(?:~|/(?:home|users|documents|media|mnt|tmp|var))/[^\s"<>,;)]+"#,
        )
        .unwrap(),
        name: Regex::new(&format!(
            r"[\pL\pN][\pL\pN_+()-]*(?:\.[\pL\pN_+()-]+)*\.(?:{PICTURES}|{OTHERS})(?-u:\b)"
        ))
        .unwrap(),
    }
});

pub(super) fn find(look: &Look<'_>, links: &[Range<usize>], found: &mut Vec<Found>) {
    let text = look.folded.text.as_str();
    if look.signs.bracket {
        let pictures = PATTERNS.picture.find_iter(text).map(|picture| look.folded.range(picture.range()));
        found.extend(pictures.map(|place| Found { place, what: Some(FileName), put: PICTURE }));
        let attached = PATTERNS.attached.find_iter(text).map(|file| look.folded.range(file.range()));
        found.extend(attached.map(|place| Found::new(place, FileName)));
    }
    if !look.signs.joint {
        return;
    }
    for path in PATTERNS.path.find_iter(text) {
        let begins = !text[..path.start()].ends_with(|c: char| c.is_alphanumeric() || "./:".contains(c));
        let length = path.as_str().trim_end_matches(['.', ',', ';', ':', '!', '?', '\'']).len();
        add(look, links, found, begins, path.start()..path.start() + length);
    }
    for name in PATTERNS.name.find_iter(text) {
        let begins = !text[..name.start()].ends_with(['/', '@', '\\']);
        let ends = !text[name.end()..].starts_with(['/', '@', '_', '-']);
        add(look, links, found, begins && ends, name.range());
    }
}

fn add(look: &Look<'_>, links: &[Range<usize>], found: &mut Vec<Found>, is_whole: bool, folded: Range<usize>) {
    let place = look.folded.range(folded);
    if is_whole && !links.iter().any(|link| overlap(link, &place)) {
        found.push(Found::new(place, FileName));
    }
}

/// Words that programs write before the name of a file or picture.
#[rustfmt::skip]
const LABELS: [&str; 25] = [
    "inline", "embedded", "eingebettetes", "image", "bild", "imagen", "photo", "foto", "picture", "grafik", "attachment", "attachments", "attached", "file", "files",
    "anhang", "datei", "adjunto", "adjuntos", "archivo", "archivos", "piece", "jointe", "fichier", "fichiers",
];
/// Words in the name of a file, and in what a program says of a picture without one; more may be somebody's sentence.
const MOST_WORDS: usize = 4;
const MOST_SAID: usize = 1;

/// Whether what was taken for a file may be words of the author's: in brackets, more of them than a file's name has; or a
/// sentence began behind a dot that lost its space, "no chemo.Doc says so".
pub(super) fn may_be_words(taken: &str) -> bool {
    if !taken.starts_with(['[', '<']) {
        let end = taken.rsplit('.').next().unwrap_or_default();
        return end.starts_with(char::is_uppercase) && end.chars().skip(1).all(char::is_lowercase);
    }
    let folded = fold(taken);
    let inside = folded.trim_matches(['[', ']', '<', '>']).trim();
    if inside.starts_with("cid:") && !inside.contains(char::is_whitespace) {
        return false;
    }
    let is_named = PATTERNS.name.find_iter(inside).last().is_some_and(|name| name.end() == inside.len());
    let is_said = |word: &&str| !LABELS.contains(word) && word.chars().any(char::is_alphabetic);
    let said = inside.split(|c: char| c.is_whitespace() || c == ':').filter(is_said).count();
    said > if is_named { MOST_WORDS } else { MOST_SAID }
}
