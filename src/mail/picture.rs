//! Pictures made anew: decoded to their colours, scaled down, written as a JPEG that has nothing else in it. The only use of
//! the crate `image`.
//!
//! Never fails and never panics: a file that is no picture, or more than is decoded, gives none. What comes behind the end of
//! a picture is not looked at, and stays behind.

use std::io::Cursor;
use std::panic::{AssertUnwindSafe, catch_unwind};

use image::codecs::jpeg::{JpegDecoder, JpegEncoder};
use image::codecs::png::PngDecoder;
use image::codecs::webp::WebPDecoder;
use image::{DynamicImage, ExtendedColorType, ImageDecoder, Limits, RgbImage};

/// A picture as the group may get it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Picture {
    /// Which of the files that came with the message it was made of; the first is 0.
    pub file: usize,
    /// A JPEG.
    pub octets: Vec<u8>,
}

/// So many pictures go with one message.
pub const MOST: usize = 4;
/// So many of its files are tried.
pub const MOST_TRIED: usize = 8;
/// So many octets of pictures go with one message.
pub const MOST_OCTETS: usize = 4 * 1024 * 1024;

/// A longer file is not decoded.
const MOST_READ: usize = 10 * 1024 * 1024;
/// A picture of more pixels is not decoded.
const MOST_PIXELS: u64 = 50_000_000;
/// So many octets its colours take at most.
const MOST_DECODED: u64 = 256 * 1024 * 1024;
/// What is smaller on one side is an ornament or a counter.
const LEAST_SIDE: u32 = 32;
/// Neither side is longer afterwards.
const MOST_SIDE: u32 = 1280;
/// Of a JPEG, out of 100.
const QUALITY: u8 = 80;

/// What a file is by its first octets, whatever its name and its part say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// JPEG.
    Jpeg,
    /// PNG.
    Png,
    /// WebP.
    Webp,
}

/// What sort of picture a file is; `None` for any other.
#[must_use]
pub fn format(file: &[u8]) -> Option<Format> {
    if file.starts_with(b"\xff\xd8\xff") {
        return Some(Format::Jpeg);
    }
    if file.starts_with(b"\x89PNG\r\n\x1a\n") {
        return Some(Format::Png);
    }
    let is_webp = file.starts_with(b"RIFF") && file.get(8..12) == Some(b"WEBP");
    is_webp.then_some(Format::Webp)
}

/// The picture of a file as a JPEG of its own; `None` where it is none, is cut off, moves, or is more than is decoded.
#[must_use]
pub fn anew(file: &[u8]) -> Option<Vec<u8>> {
    if file.len() > MOST_READ {
        return None;
    }
    let format = format(file)?;
    // Strangers wrote it, and decoders have faults.
    catch_unwind(AssertUnwindSafe(|| decoded(file, format).and_then(|picture| encoded(&picture)))).ok().flatten()
}

fn decoded(file: &[u8], format: Format) -> Option<RgbImage> {
    let source = Cursor::new(file);
    match format {
        // The decoder fills up with grey what is missing.
        Format::Jpeg if !has_end(file) => None,
        Format::Jpeg => scaled(JpegDecoder::new(source).ok()?),
        Format::Png => {
            let decoder = PngDecoder::with_limits(source, limits()).ok()?;
            if decoder.is_apng().ok()? { None } else { scaled(decoder) }
        }
        Format::Webp => {
            let decoder = WebPDecoder::new(source).ok()?;
            if decoder.has_animation() { None } else { scaled(decoder) }
        }
    }
}

fn limits() -> Limits {
    let mut limits = Limits::default();
    limits.max_alloc = Some(MOST_DECODED);
    limits
}

/// Upright, no larger than it may be, on white where one could look through it.
fn scaled(mut decoder: impl ImageDecoder) -> Option<RgbImage> {
    let (width, height) = decoder.dimensions();
    let is_too_large = u64::from(width) * u64::from(height) > MOST_PIXELS || decoder.total_bytes() > MOST_DECODED;
    if is_too_large || width.min(height) < LEAST_SIDE {
        return None;
    }
    decoder.set_limits(limits()).ok()?;
    let orientation = decoder.orientation().ok()?;
    let mut picture = DynamicImage::from_decoder(decoder).ok()?;
    if width.max(height) > MOST_SIDE {
        picture = picture.thumbnail(MOST_SIDE, MOST_SIDE);
    }
    picture.apply_orientation(orientation);
    Some(on_white(&picture))
}

fn on_white(picture: &DynamicImage) -> RgbImage {
    if !picture.color().has_alpha() {
        return picture.to_rgb8();
    }
    let seen = picture.to_rgba8();
    RgbImage::from_fn(seen.width(), seen.height(), |x, y| {
        let [red, green, blue, alpha] = seen.get_pixel(x, y).0;
        let over = |colour: u8| {
            let alpha = u32::from(alpha);
            u8::try_from((u32::from(colour) * alpha + 255 * (255 - alpha)) / 255).unwrap_or(u8::MAX)
        };
        image::Rgb([over(red), over(green), over(blue)])
    })
}

fn encoded(picture: &RgbImage) -> Option<Vec<u8>> {
    let mut octets = Vec::new();
    let mut encoder = JpegEncoder::new_with_quality(&mut octets, QUALITY);
    encoder.encode(picture.as_raw(), picture.width(), picture.height(), ExtendedColorType::Rgb8).ok()?;
    Some(octets)
}

/// Whether a JPEG has come to its own end: the end of a small picture inside it is none (ITU-T T.81, B.1.1).
fn has_end(file: &[u8]) -> bool {
    let mut at = 2;
    loop {
        // Marks stand behind 0xFF, and between them the lines of the picture, in which 0xFF is followed by 0 or by the
        // number of a restart.
        let Some(mark) = file.get(at..).and_then(|rest| rest.iter().position(|octet| *octet == 0xff)) else {
            return false;
        };
        at += mark + 1;
        match file.get(at) {
            None => return false,
            Some(0xd9) => return true,
            Some(0x00 | 0x01 | 0xd0..=0xd8) => at += 1,
            Some(0xff) => {}
            Some(_) => {
                let Some(&[high, low]) = file.get(at + 1..at + 3) else { return false };
                at += 1 + usize::from(u16::from_be_bytes([high, low])).max(2);
            }
        }
    }
}
