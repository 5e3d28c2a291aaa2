//! A picture made anew has its colours and nothing else; whatever is no picture, or too much of one, gives none.

#![allow(clippy::unwrap_used, missing_docs, reason = "a test fails by panicking")]

#[path = "support/pictures.rs"]
#[allow(dead_code, reason = "stories use the rest")]
mod support;

use std::time::{Duration, Instant};

use image::{ImageFormat, Rgb, Rgba, RgbaImage};
use lamplight::mail::parse::{files, parse};
use lamplight::mail::picture::anew;
use proptest::prelude::*;

use support::{
    BLUE, RED, crc32, docx, drawn, exif, in_format, is_about, jpeg, mail_with, moving_png, pdf, png_bomb, png_chunk,
    seen, telling_jpeg, telling_png, telling_webp,
};

/// Marks of a JPEG and of nothing else: how it is coded, its tables, its lines.
fn segments(octets: &[u8]) -> Vec<u8> {
    let (mut found, mut at) = (Vec::new(), 2);
    while octets[at] == 0xff {
        found.push(octets[at + 1]);
        if octets[at + 1] == 0xda {
            break;
        }
        at += 2 + usize::from(u16::from_be_bytes([octets[at + 2], octets[at + 3]]));
    }
    found
}

fn holds(octets: &[u8], canary: &str) -> bool {
    octets.windows(canary.len()).any(|window| window.eq_ignore_ascii_case(canary.as_bytes()))
}

#[test]
fn nothing_of_the_file_is_left() {
    let picture = drawn(96, 64);
    for (what, file) in
        [("jpeg", telling_jpeg(&picture, 1)), ("png", telling_png(&picture)), ("webp", telling_webp(&picture))]
    {
        assert!(holds(&file, "canary"), "{what}");
        let made = anew(&file).unwrap_or_else(|| panic!("{what} gives no picture"));
        assert!(!holds(&made, "canary") && !holds(&made, "exif") && !holds(&made, "xmp"), "{what}");
        let marks = segments(&made);
        let is_needed = |mark: &u8| matches!(mark, 0xe0 | 0xdb | 0xc0 | 0xc4 | 0xda);
        assert!(marks.iter().all(is_needed), "{what}: {marks:x?}");
        assert_eq!(&made[2..11], b"\xff\xe0\0\x10JFIF\0", "{what}");
        assert!(made.ends_with(b"\xff\xd9"), "{what}");
        assert_eq!(made, anew(&file).unwrap(), "{what}: the same gives the same");
        let seen = seen(&made);
        assert_eq!(seen.dimensions(), (96, 64), "{what}");
        assert!(is_about(seen.get_pixel(10, 10), RED) && is_about(seen.get_pixel(80, 50), BLUE), "{what}");
    }
}

#[test]
fn it_stands_as_it_was_held() {
    for (orientation, size, corner) in
        [(1, (96, 64), (10, 10)), (3, (96, 64), (85, 53)), (6, (64, 96), (53, 10)), (8, (64, 96), (10, 85))]
    {
        let seen = seen(&anew(&telling_jpeg(&drawn(96, 64), orientation)).unwrap());
        assert_eq!(seen.dimensions(), size, "{orientation}");
        assert!(is_about(seen.get_pixel(corner.0, corner.1), RED), "{orientation}");
        let across = (size.0 - 1 - corner.0, size.1 - 1 - corner.1);
        assert!(is_about(seen.get_pixel(across.0, across.1), BLUE), "{orientation}");
    }
    let mut png = in_format(&drawn(96, 64), ImageFormat::Png);
    png.splice(33..33, png_chunk(b"eXIf", &exif(6, "x")));
    assert_eq!(seen(&anew(&png).unwrap()).dimensions(), (64, 96));
}

#[test]
fn it_is_small_and_stands_on_white() {
    let seen_large = seen(&anew(&jpeg(&drawn(3000, 1500))).unwrap());
    assert_eq!(seen_large.dimensions(), (1280, 640));
    assert!(is_about(seen_large.get_pixel(300, 100), RED));
    // What can't be seen can't be read behind it.
    let clear = RgbaImage::from_fn(64, 64, |x, _| if x < 32 { Rgba([200, 0, 0, 0]) } else { Rgba([0, 0, 200, 255]) });
    let mut octets = std::io::Cursor::new(Vec::new());
    clear.write_to(&mut octets, ImageFormat::Png).unwrap();
    let seen = seen(&anew(octets.get_ref()).unwrap());
    assert!(is_about(seen.get_pixel(5, 30), Rgb([255, 255, 255])), "{:?}", seen.get_pixel(5, 30));
    assert!(is_about(seen.get_pixel(58, 30), Rgb([0, 0, 200])));
}

#[test]
fn what_is_no_picture_gives_none() {
    let picture = drawn(96, 64);
    let (whole_jpeg, whole_png) = (jpeg(&picture), in_format(&picture, ImageFormat::Png));
    let whole_webp = in_format(&picture, ImageFormat::WebP);
    let cut = |octets: &[u8]| octets[..octets.len() * 2 / 3].to_vec();
    // The end of the small picture inside is not its own.
    let mut cut_behind_exif = telling_jpeg(&picture, 1);
    cut_behind_exif.truncate(cut_behind_exif.windows(2).rposition(|two| two == b"\xff\xda").unwrap() + 40);
    let mut spoiled = whole_png.clone();
    let middle = spoiled.len() / 2;
    spoiled[middle] ^= 0x55;
    let html = b"<html><script>alert(1)</script></html>".to_vec();
    let table: Vec<(&str, Vec<u8>)> = vec![
        ("nothing", Vec::new()),
        ("a web page", html.clone()),
        ("a web page before a picture", [html, whole_jpeg.clone()].concat()),
        ("a drawing", b"<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"64\" height=\"64\"/>".to_vec()),
        ("a GIF", b"GIF89a@\0@\0\x80\0\0\0\0\0\xff\xff\xff,\0\0\0\0@\0@\0\0\x02\0;".to_vec()),
        ("a TIFF", exif(1, "x")),
        ("a HEIC", b"\0\0\0\x18ftypheic\0\0\0\0mif1heic".to_vec()),
        ("a PDF", pdf()),
        ("a document", docx()),
        ("a JPEG that is cut off", cut(&whole_jpeg)),
        ("a JPEG that is cut off behind its small picture", cut_behind_exif),
        ("a JPEG without a picture", b"\xff\xd8\xff\xe0\0\x04ab\xff\xd9".to_vec()),
        ("a PNG that is cut off", cut(&whole_png)),
        ("a PNG that was spoiled", spoiled),
        ("a PNG that moves", moving_png(&picture)),
        ("a WebP that is cut off", cut(&whole_webp)),
        ("a counter", jpeg(&drawn(1, 1))),
        ("an ornament", jpeg(&drawn(400, 31))),
        ("30,000 by 30,000", png_bomb(30_000)),
        ("7,072 by 7,072", png_bomb(7_072)),
        ("more than 10 MB", [whole_jpeg.clone(), vec![0; 25 * 1024 * 1024]].concat()),
    ];
    for (what, file) in table {
        let began = Instant::now();
        assert_eq!(anew(&file), None, "{what}");
        assert!(began.elapsed() < Duration::from_secs(2), "{what}: {:?}", began.elapsed());
    }
    for whole in [whole_jpeg, whole_png, whole_webp] {
        assert!(anew(&whole).is_some(), "the same whole gives one");
    }
}

#[test]
fn the_files_of_a_mail_are_what_was_attached_in_that_order() {
    assert_eq!(crc32(b"123456789"), 0xcbf4_3926);
    let sent: Vec<(&str, &str, Vec<u8>)> = vec![
        ("a.jpg", "image/jpeg", jpeg(&drawn(40, 40))),
        ("b.pdf", "application/pdf", pdf()),
        ("c.txt", "text/plain; charset=iso-8859-1", b"gr\xfc\xdfe\r\n".to_vec()),
        ("d.docx", "application/octet-stream", docx()),
    ];
    let mail = mail_with(
        "kit@home.example",
        "rose@groups.example",
        "Hello.\r\n\r\nbegin 644 e.txt\r\n#0V%T\r\n`\r\nend\r\n",
        &sent,
    );
    let (described, found) = (parse(&mail).attachments, files(&mail));
    let names: Vec<&str> = described.iter().filter_map(|one| one.name.as_deref()).collect();
    assert_eq!(names, ["e.txt", "a.jpg", "b.pdf", "c.txt", "d.docx"]);
    assert_eq!(found.len(), described.len());
    assert_eq!(found[0], b"Cat");
    for ((name, _, octets), found) in sent.iter().zip(&found[1..]) {
        assert_eq!(found, octets, "{name}");
    }
    for mail in [&b""[..], b"\r\n", b"From: x\r\n\r\nhello"] {
        assert_eq!(files(mail), Vec::<Vec<u8>>::new());
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    /// Whatever a few octets are changed to, it gives a picture or none.
    #[test]
    fn a_picture_that_was_tampered_with(which in 0_usize..3, changes in prop::collection::vec((any::<u16>(), any::<u8>()), 1..8)) {
        let picture = drawn(48, 40);
        let mut file = [telling_jpeg(&picture, 6), telling_png(&picture), telling_webp(&picture)][which].clone();
        for (at, octet) in changes {
            let at = usize::from(at) % file.len();
            file[at] = octet;
        }
        if let Some(made) = anew(&file) {
            prop_assert!(!holds(&made, "canary"));
            prop_assert!(seen(&made).width() <= 1280);
        }
    }
}
