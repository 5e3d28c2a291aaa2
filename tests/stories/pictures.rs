//! Pictures and files. A group that gets no pictures gets none; one that does gets them made anew, when a person has looked at
//! them; and nothing of a file that came leaves in either.

use image::ImageFormat;
use lamplight::model::group::Moderation;
use lamplight::model::post::PostState;

use crate::leaks::{holds, only_allowed_fields};
use crate::scene::{CRY, DANA, KIT, MIRA, ROSE, RUTH, TOM, everybody_is_known, send, since};
use crate::support::pictures::{
    RED, docx, drawn, in_format, is_about, jpeg, mail_with, pdf, png_bomb, seen, telling_jpeg, telling_png,
    telling_webp,
};
use crate::support::{Captured, Letter, World, on_both};

const WORDS: &str = "This is the garden.";

/// One of everything that tells.
fn telling(from: &str) -> Vec<u8> {
    let picture = drawn(96, 64);
    mail_with(
        from,
        ROSE,
        WORDS,
        &[
            ("canary-IMG_1.jpg", "image/jpeg", telling_jpeg(&picture, 6)),
            ("canary-report.pdf", "application/pdf", pdf()),
            ("canary-screen.png", "application/octet-stream", telling_png(&picture)),
            ("canary-letter.docx", "application/msword", docx()),
            ("canary-web.webp", "image/webp", telling_webp(&picture)),
        ],
    )
}

/// The pictures in a mail, each with its name.
fn pictures(mail: &Captured) -> Vec<(String, Vec<u8>)> {
    use mail_parser::MimeHeaders as _;
    let message = mail_parser::MessageParser::default().parse(&mail.raw).unwrap();
    let is_picture = |part: &&mail_parser::MessagePart<'_>| {
        part.content_type().is_some_and(|kind| kind.c_type == "image" && kind.c_subtype.as_deref() == Some("jpeg"))
    };
    let found = message.parts.iter().filter(is_picture);
    found.map(|part| (part.attachment_name().unwrap_or_default().to_owned(), part.contents().to_vec())).collect()
}

/// Its words as they are said, however the lines break.
fn flat(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

async fn with_pictures(world: World) -> World {
    let world = world.with_rose().await;
    everybody_is_known(&world).await;
    world.change_group("rose", |group| group.pictures = true).await;
    world
}

/// No byte of any mail to Tom or Mira has a canary, and no field is there that has no place.
fn no_canary(world: &World) {
    for reader in [TOM, MIRA] {
        for mail in world.mail_to(reader) {
            assert!(!holds(&mail, "canary"), "{}: {reader} got {}", world.database, mail.subject());
            for (name, octets) in pictures(&mail) {
                let found = String::from_utf8_lossy(&octets).to_lowercase();
                for left in ["canary", "exif", "xmp", "icc_profile", "8bim"] {
                    assert!(!found.contains(left), "{}: {left} in {name}", world.database);
                }
            }
            only_allowed_fields(&mail);
        }
    }
}

#[test]
fn a_group_gets_pictures_made_anew_when_a_person_has_looked() {
    on_both(|world| async {
        let world = with_pictures(world).await;
        send(&world, KIT, &[ROSE], &telling(KIT)).await;
        let post = &world.posts().await[0];
        assert_eq!(post.state, PostState::Held, "{}", world.database);
        let words: Vec<String> = post.reasons.iter().map(lamplight::model::policy::HoldReason::word).collect();
        assert_eq!(words, ["has-pictures"], "{}", world.database);
        assert_eq!(world.count(TOM), 0, "{}: nobody has it yet", world.database);
        // The moderator sees what the group would get, and what came.
        let notice = world.latest(DANA);
        let text = notice.text();
        for told in ["no computer can tell", "3 pictures are attached", "canary-report.pdf", "post files 1 --to"] {
            assert!(flat(&text).contains(told), "{}: {told}: {text}", world.database);
        }
        let offered = pictures(&notice);
        assert_eq!(offered.len(), 3, "{}", world.database);
        world.write(&Letter::answering(DANA, &notice, "APPROVE")).await;
        world.pass(121).await;
        world.go_to("2026-11-23T17:31:00-05:00").await;
        let copy = world.latest(TOM);
        assert!(copy.text().starts_with(WORDS), "{}: {}", world.database, copy.text());
        assert!(copy.text().contains("(3 pictures are attached.)"), "{}: {}", world.database, copy.text());
        assert!(copy.text().contains("(2 files were left out.)"), "{}: {}", world.database, copy.text());
        assert_eq!(pictures(&copy), offered, "{}: she saw what the group gets", world.database);
        let names: Vec<String> = offered.iter().map(|(name, _)| name.clone()).collect();
        assert_eq!(names, ["picture-1.jpg", "picture-2.jpg", "picture-3.jpg"], "{}", world.database);
        let upright = seen(&offered[0].1);
        assert_eq!(upright.dimensions(), (64, 96), "{}", world.database);
        assert!(is_about(upright.get_pixel(53, 10), RED), "{}", world.database);
        // A digest shows none, and says how many there were.
        let digest = world.latest(MIRA);
        assert!(digest.text().contains(WORDS), "{}: {}", world.database, digest.text());
        assert!(digest.text().contains("pictures") && digest.text().contains("left out"), "{}", digest.text());
        assert_eq!(pictures(&digest), [], "{}", world.database);
        no_canary(&world);
    });
}

#[test]
fn a_group_without_pictures_gets_none() {
    on_both(|world| async {
        let world = world.with_rose().await;
        everybody_is_known(&world).await;
        send(&world, KIT, &[ROSE], &telling(KIT)).await;
        world.go_to("2026-11-23T17:31:00-05:00").await;
        let copy = world.latest(TOM);
        assert!(copy.text().starts_with(WORDS), "{}: nothing holds it", world.database);
        assert!(copy.text().contains("(2 pictures and 3 files were left out.)"), "{}: {}", world.database, copy.text());
        assert_eq!(pictures(&copy), [], "{}", world.database);
        assert!(world.latest(MIRA).text().contains(WORDS), "{}", world.database);
        no_canary(&world);
    });
}

#[test]
fn an_edit_is_all_that_the_group_gets() {
    on_both(|world| async {
        let world = with_pictures(world).await;
        send(&world, KIT, &[ROSE], &telling(KIT)).await;
        let notice = world.latest(DANA);
        assert!(flat(&notice.text()).contains("No picture goes with it."), "{}", notice.text());
        world.write(&Letter::answering(DANA, &notice, "EDIT: This is our garden.")).await;
        world.pass(121).await;
        let copy = world.latest(TOM);
        assert!(copy.text().starts_with("This is our garden."), "{}: {}", world.database, copy.text());
        assert_eq!(pictures(&copy), [], "{}", world.database);
        assert!(copy.text().contains("(2 pictures and 3 files were left out.)"), "{}: {}", world.database, copy.text());
    });
}

#[test]
fn pictures_come_again_with_what_is_asked_again_and_not_when_the_group_ceased_to_get_them() {
    on_both(|world| async {
        let world = with_pictures(world).await;
        send(&world, KIT, &[ROSE], &telling(KIT)).await;
        world.write(&Letter::answering(DANA, &world.latest(DANA), "APPROVE")).await;
        let before = world.count(DANA);
        world.write(&Letter::answering(DANA, &world.latest(DANA), "UNDO")).await;
        let again = since(&world, DANA, before);
        let asks = |mail: &&Captured| pictures(mail).len() == 3;
        assert_eq!(again.iter().filter(asks).count(), 1, "{}: {:?}", world.database, world.subjects(DANA));
        let notice = again.iter().find(asks).unwrap();
        world.write(&Letter::answering(DANA, notice, "APPROVE")).await;
        world.change_group("rose", |group| group.pictures = false).await;
        world.pass(121).await;
        let copy = world.latest(TOM);
        assert!(copy.text().starts_with(WORDS), "{}", world.database);
        assert_eq!(pictures(&copy), [], "{}: nobody allows them any more", world.database);
    });
}

#[test]
fn a_moderator_s_own_pictures_are_shown_to_her() {
    on_both(|world| async {
        let world = with_pictures(world).await;
        send(&world, DANA, &[ROSE], &telling(DANA)).await;
        let asked = world.latest(DANA);
        assert_eq!(pictures(&asked).len(), 3, "{}: {}", world.database, asked.text());
        assert!(asked.text().contains("3 pictures go to the group"), "{}: {}", world.database, asked.text());
        world.write(&Letter::answering(DANA, &asked, "APPROVE")).await;
        world.pass(121).await;
        assert_eq!(pictures(&world.latest(TOM)), pictures(&asked), "{}", world.database);
        no_canary(&world);
    });
}

#[test]
fn whoever_wrote_them_pictures_are_looked_at() {
    on_both(|world| async {
        let world = with_pictures(world).await;
        let now = world.now();
        world.change_person("rose", KIT, |kit| kit.trusted_since = Some(now)).await;
        world.change_group("rose", |group| group.moderation = Moderation::None).await;
        let hostile: Vec<(&str, &str, Vec<u8>)> = vec![
            ("a.jpg", "image/jpeg", b"<html><script>alert(1)</script></html>".to_vec()),
            ("b.png", "image/png", png_bomb(30_000)),
            ("c.heic", "image/heic", b"\0\0\0\x18ftypheic\0\0\0\0mif1heic".to_vec()),
        ];
        for (at, file) in hostile.into_iter().enumerate() {
            send(&world, KIT, &[ROSE], &mail_with(KIT, ROSE, &format!("{WORDS} {at}"), &[file])).await;
            assert_eq!(world.posts().await[at].state, PostState::Held, "{}: {at}", world.database);
            assert_eq!(pictures(&world.latest(DANA)), [], "{}: {at} can't be made ready", world.database);
        }
        world.write(&Letter::answering(DANA, &world.latest(DANA), "APPROVE")).await;
        world.pass(121).await;
        let copy = world.latest(TOM);
        assert!(copy.text().contains("(1 picture was left out.)"), "{}: {}", world.database, copy.text());
        // A picture that says to be something else is one.
        let disguised = [("x.bin", "application/octet-stream", jpeg(&drawn(64, 64)))];
        send(&world, KIT, &[ROSE], &mail_with(KIT, ROSE, "Another one.", &disguised)).await;
        assert_eq!(world.posts().await[3].state, PostState::Held, "{}", world.database);
        // Without any, nothing holds it.
        let document = [("x.pdf", "application/pdf", pdf())];
        send(&world, KIT, &[ROSE], &mail_with(KIT, ROSE, "A paper.", &document)).await;
        assert_eq!(world.posts().await[4].state, PostState::Published, "{}", world.database);
    });
}

#[test]
fn a_great_many_and_a_great_one() {
    on_both(|world| async {
        let world = with_pictures(world).await;
        let small = in_format(&drawn(40, 40), ImageFormat::Png);
        let many: Vec<_> = (0..990).map(|_| ("x.png", "image/png", small.clone())).collect();
        send(&world, KIT, &[ROSE], &mail_with(KIT, ROSE, WORDS, &many)).await;
        assert_eq!(pictures(&world.latest(DANA)).len(), 4, "{}", world.database);
        world.write(&Letter::answering(DANA, &world.latest(DANA), "APPROVE")).await;
        world.pass(121).await;
        let copy = world.latest(TOM);
        assert_eq!(pictures(&copy).len(), 4, "{}", world.database);
        assert!(copy.text().contains("(986 pictures were left out.)"), "{}: {}", world.database, copy.text());
        let great = [jpeg(&drawn(64, 64)), vec![b'x'; 17 * 1024 * 1024]].concat();
        send(&world, KIT, &[ROSE], &mail_with(KIT, ROSE, WORDS, &[("x.jpg", "image/jpeg", great)])).await;
        assert_eq!(world.posts().await[1].state, PostState::Held, "{}", world.database);
        assert_eq!(pictures(&world.latest(DANA)), [], "{}", world.database);
    });
}

/// Words of danger wait for no picture: it stays behind, and people have the words.
#[test]
fn a_cry_with_a_picture_is_heard_at_once() {
    on_both(|world| async {
        let world = with_pictures(world).await;
        let files = [("x.jpg", "image/jpeg", jpeg(&drawn(64, 64)))];
        send(&world, KIT, &[ROSE], &mail_with(KIT, ROSE, CRY, &files)).await;
        for moderator in [DANA, RUTH] {
            assert!(
                world.mail_to(moderator).iter().any(|mail| mail.text().contains(CRY) && pictures(mail).is_empty()),
                "{}: {moderator}",
                world.database
            );
        }
        assert_eq!(world.posts().await[0].attachments.len(), 1, "{}", world.database);
    });
}
