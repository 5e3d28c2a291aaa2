//! `post files`: save what came with a post. Nothing is written over, and no name is of the mail's making.

use std::fs::{DirBuilder, OpenOptions};
use std::io::Write as _;
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, ensure};
use serde_json::json;

use crate::cli::house::House;
use crate::cli::show::one_line;
use crate::mail::parse::{self, Attachment};
use crate::mail::picture::{self, Format};
use crate::model::ids::PostId;
use crate::store::{posts, spool};

/// Endings that open nothing but a document: what is said to be anything else is called `.bin`.
const ENDINGS: &[(&str, &str)] = &[
    ("application/msword", "doc"),
    ("application/pdf", "pdf"),
    ("application/vnd.oasis.opendocument.spreadsheet", "ods"),
    ("application/vnd.oasis.opendocument.text", "odt"),
    ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "xlsx"),
    ("application/vnd.openxmlformats-officedocument.wordprocessingml.document", "docx"),
    ("audio/mp4", "m4a"),
    ("audio/mpeg", "mp3"),
    ("image/gif", "gif"),
    ("image/heic", "heic"),
    ("image/tiff", "tiff"),
    ("message/rfc822", "eml"),
    ("text/calendar", "ics"),
    ("text/plain", "txt"),
    ("text/vcard", "vcf"),
    ("video/mp4", "mp4"),
];

/// Save them into a folder, which is made where there is none.
///
/// # Errors
/// One sentence; nothing is written when one of the files is there already.
pub async fn save(house: &House, id: PostId, to: &Path) -> Result<()> {
    let (of, files) = {
        let mut db = house.lamplight.store.read().await?;
        let post = posts::by_id(&mut db, id).await?.with_context(|| format!("there is no post {id}"))?;
        ensure!(!post.attachments.is_empty(), "nothing came with post {id}");
        let original = match post.spool {
            Some(spool) => spool::by_id(&mut db, spool).await?,
            None => None,
        };
        let original = original.with_context(|| format!("the original of post {id} is no longer here"))?;
        (post.attachments, parse::files(&original.message))
    };
    house.looked("post files", &format!("post:{id}")).await;
    let named: Vec<(PathBuf, &Attachment, &Vec<u8>)> = of
        .iter()
        .zip(&files)
        .enumerate()
        .map(|(at, (described, octets))| {
            let name = format!("post-{id}-file-{}.{}", at + 1, ending(&described.media_type, octets));
            (to.join(name), described, octets)
        })
        .collect();
    if !to.is_dir() {
        DirBuilder::new().mode(0o700).create(to).with_context(|| format!("can't make the folder {}", to.display()))?;
    }
    for (path, ..) in &named {
        ensure!(path.symlink_metadata().is_err(), "{} is there already; nothing was written", path.display());
    }
    for (path, _, octets) in &named {
        write(path, octets).with_context(|| format!("can't write {}", path.display()))?;
    }
    let saved: Vec<_> = named
        .iter()
        .map(|(path, described, octets)| {
            json!({ "path": path, "name": described.name, "media_type": described.media_type, "size": octets.len() })
        })
        .collect();
    house.out.thing(&json!({ "id": id, "files": saved }), || {
        let line = |(path, described, octets): &(PathBuf, &Attachment, &Vec<u8>)| {
            let name = one_line(described.name.as_deref().unwrap_or("without a name"));
            format!("{}: {name} ({}, {} octets)", path.display(), one_line(&described.media_type), octets.len())
        };
        named.iter().map(line).collect::<Vec<_>>().join("\n")
    })
}

/// For the eyes of whoever runs the command.
fn write(path: &Path, octets: &[u8]) -> std::io::Result<()> {
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
    file.write_all(octets)
}

fn ending(media_type: &str, octets: &[u8]) -> &'static str {
    match picture::format(octets) {
        Some(Format::Jpeg) => "jpg",
        Some(Format::Png) => "png",
        Some(Format::Webp) => "webp",
        None => ENDINGS.iter().find(|(known, _)| *known == media_type).map_or("bin", |(_, ending)| ending),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_called_by_what_it_is_or_says_to_be_and_never_by_its_name() {
        for (media_type, octets, right) in [
            ("text/html", &b"\xff\xd8\xff\xe0"[..], "jpg"),
            ("image/jpeg", b"<html>", "bin"),
            ("application/pdf", b"%PDF", "pdf"),
            ("text/html", b"<html>", "bin"),
            ("image/svg+xml", b"<svg", "bin"),
            ("application/x-msdownload", b"MZ", "bin"),
        ] {
            assert_eq!(ending(media_type, octets), right, "{media_type}");
        }
    }
}
