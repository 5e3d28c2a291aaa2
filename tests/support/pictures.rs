//! Pictures and files as telephones and offices make them, each with a canary wherever a file can hold one.

use std::io::Cursor;

use data_encoding::BASE64;
use image::codecs::jpeg::JpegEncoder;
use image::{DynamicImage, ExtendedColorType, ImageFormat, Rgb, RgbImage};

pub const RED: Rgb<u8> = Rgb([220, 20, 20]);
pub const BLUE: Rgb<u8> = Rgb([20, 20, 220]);

/// Wider than high and blue, with a red corner: above on the left.
pub fn drawn(width: u32, height: u32) -> RgbImage {
    RgbImage::from_fn(width, height, |x, y| if x < width / 2 && y < height / 2 { RED } else { BLUE })
}

pub fn jpeg(picture: &RgbImage) -> Vec<u8> {
    let mut octets = Vec::new();
    let mut encoder = JpegEncoder::new_with_quality(&mut octets, 90);
    encoder.encode(picture.as_raw(), picture.width(), picture.height(), ExtendedColorType::Rgb8).unwrap();
    octets
}

pub fn in_format(picture: &RgbImage, format: ImageFormat) -> Vec<u8> {
    let mut octets = Cursor::new(Vec::new());
    DynamicImage::from(picture.clone()).write_to(&mut octets, format).unwrap();
    octets.into_inner()
}

/// A picture that came, decoded.
pub fn seen(octets: &[u8]) -> RgbImage {
    image::load_from_memory(octets).unwrap().to_rgb8()
}

/// Whether a colour is about this one.
pub fn is_about(seen: &Rgb<u8>, meant: Rgb<u8>) -> bool {
    seen.0.iter().zip(meant.0).all(|(seen, meant)| seen.abs_diff(meant) < 40)
}

/// TIFF 6.0 as Exif uses it: how it was held, who took it, where, and a small picture of its own.
pub fn exif(orientation: u16, mark: &str) -> Vec<u8> {
    let owner = format!("canary-{mark}-owner\0").into_bytes();
    let place = format!("canary-{mark}-gps\0").into_bytes();
    let mut small = jpeg(&drawn(32, 32));
    small.splice(2..2, segment(0xfe, format!("canary-{mark}-thumbnail").as_bytes()));
    let entry = |tag: u16, kind: u16, count: usize, value: u32| {
        let count = u32::try_from(count).unwrap();
        [&tag.to_le_bytes()[..], &kind.to_le_bytes(), &count.to_le_bytes(), &value.to_le_bytes()].concat()
    };
    // Two lists of three and two entries stand first, then what they point to.
    let lists = 8 + (2 + 3 * 12 + 4) + (2 + 2 * 12 + 4);
    let at = |offset: usize| u32::try_from(lists + offset).unwrap();
    let (place_at, small_at) = (owner.len(), owner.len() + place.len());
    [
        b"II*\0\x08\0\0\0".to_vec(),
        3_u16.to_le_bytes().to_vec(),
        entry(0x0112, 3, 1, u32::from(orientation)),
        entry(0x013b, 2, owner.len(), at(0)),
        entry(0x010e, 2, place.len(), at(place_at)),
        u32::to_le_bytes(50).to_vec(),
        2_u16.to_le_bytes().to_vec(),
        entry(0x0201, 4, 1, at(small_at)),
        entry(0x0202, 4, 1, u32::try_from(small.len()).unwrap()),
        0_u32.to_le_bytes().to_vec(),
        owner,
        place,
        small,
    ]
    .concat()
}

fn segment(mark: u8, data: &[u8]) -> Vec<u8> {
    let length = u16::try_from(data.len() + 2).unwrap().to_be_bytes();
    [&[0xff, mark], &length[..], data].concat()
}

/// A telephone's JPEG: Exif, XMP, a colour profile, IPTC, a comment, and something behind its end.
pub fn telling_jpeg(picture: &RgbImage, orientation: u16) -> Vec<u8> {
    let mut octets = jpeg(picture);
    let told = [
        segment(0xe1, &[b"Exif\0\0".to_vec(), exif(orientation, "exif")].concat()),
        segment(0xe1, b"http://ns.adobe.com/xap/1.0/\0<x:xmpmeta>canary-jpeg-xmp</x:xmpmeta>"),
        segment(0xe2, b"ICC_PROFILE\0\x01\x01canary-jpeg-icc"),
        segment(0xed, b"Photoshop 3.0\08BIM\x04\x04canary-jpeg-iptc"),
        segment(0xfe, b"canary-jpeg-comment"),
    ];
    octets.splice(2..2, told.concat());
    octets.extend_from_slice(b"PK\x03\x04canary-jpeg-trailer");
    octets
}

pub fn crc32(octets: &[u8]) -> u32 {
    !octets.iter().fold(!0_u32, |crc, octet| {
        (0..8).fold(crc ^ u32::from(*octet), |crc, _| if crc & 1 == 1 { crc >> 1 ^ 0xedb8_8320 } else { crc >> 1 })
    })
}

pub fn png_chunk(kind: &[u8; 4], data: &[u8]) -> Vec<u8> {
    let body = [&kind[..], data].concat();
    [&u32::try_from(data.len()).unwrap().to_be_bytes()[..], &body, &crc32(&body).to_be_bytes()].concat()
}

/// Where what a program adds may stand: behind the first chunk.
const BEHIND_IHDR: usize = 33;

pub fn telling_png(picture: &RgbImage) -> Vec<u8> {
    let mut octets = in_format(picture, ImageFormat::Png);
    let told = [
        png_chunk(b"tEXt", b"Author\0canary-png-text"),
        png_chunk(b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0canary-png-itxt"),
        png_chunk(b"eXIf", &exif(1, "png-exif")),
        png_chunk(b"caNy", b"canary-png-private"),
    ];
    octets.splice(BEHIND_IHDR..BEHIND_IHDR, told.concat());
    octets.extend_from_slice(b"canary-png-trailer");
    octets
}

/// The `acTL` chunk makes a PNG move.
pub fn moving_png(picture: &RgbImage) -> Vec<u8> {
    let mut octets = in_format(picture, ImageFormat::Png);
    octets.splice(BEHIND_IHDR..BEHIND_IHDR, png_chunk(b"acTL", &[0, 0, 0, 2, 0, 0, 0, 0]));
    octets
}

/// A PNG of so many pixels that says nothing else: a few octets for gigabytes of nothing.
pub fn png_bomb(side: u32) -> Vec<u8> {
    let header = [&side.to_be_bytes()[..], &side.to_be_bytes(), &[8, 6, 0, 0, 0]].concat();
    // A zlib stream of stored blocks of zeros is enough: it is never read.
    let data = [&[0x78, 0x01, 0x01, 0x00, 0x10, 0xff, 0xef][..], &[0; 4096], &[0, 0, 0, 1]].concat();
    let chunks = [png_chunk(b"IHDR", &header), png_chunk(b"IDAT", &data), png_chunk(b"IEND", b"")].concat();
    [b"\x89PNG\r\n\x1a\n".to_vec(), chunks].concat()
}

fn webp_chunk(kind: &[u8; 4], data: &[u8]) -> Vec<u8> {
    let filled = if data.len() % 2 == 1 { &[0][..] } else { &[] };
    [&kind[..], &u32::try_from(data.len()).unwrap().to_le_bytes(), data, filled].concat()
}

pub fn telling_webp(picture: &RgbImage) -> Vec<u8> {
    let plain = in_format(picture, ImageFormat::WebP);
    let less_one = |side: u32| (side - 1).to_le_bytes()[..3].to_vec();
    // There is Exif and XMP.
    let told = [vec![0x0c, 0, 0, 0], less_one(picture.width()), less_one(picture.height())].concat();
    let chunks = [
        b"WEBP".to_vec(),
        webp_chunk(b"VP8X", &told),
        plain[12..].to_vec(),
        webp_chunk(b"EXIF", &exif(1, "webp-exif")),
        webp_chunk(b"XMP ", b"<x:xmpmeta>canary-webp-xmp</x:xmpmeta>"),
    ]
    .concat();
    [b"RIFF", &u32::try_from(chunks.len()).unwrap().to_le_bytes()[..], &chunks].concat()
}

pub fn pdf() -> Vec<u8> {
    b"%PDF-1.4\n1 0 obj\n<< /Author (canary-pdf-author) /Producer (canary-pdf-producer) >>\nendobj\n%%EOF\n".to_vec()
}

/// A ZIP of one stored file, as word processors write them.
pub fn docx() -> Vec<u8> {
    let (name, told) = (b"docProps/core.xml", b"<dc:creator>canary-docx-creator</dc:creator>");
    let length = u32::try_from(told.len()).unwrap().to_le_bytes();
    let sizes = [&crc32(told).to_le_bytes()[..], &length, &length, &[17, 0, 0, 0]].concat();
    let local = [b"PK\x03\x04\x14\0\0\0\0\0\0\0\0\0", &sizes[..], name, told].concat();
    let central = [b"PK\x01\x02\x14\0\x14\0\0\0\0\0\0\0\0\0", &sizes[..], &[0; 14], name].concat();
    let place = [u32::try_from(central.len()).unwrap(), u32::try_from(local.len()).unwrap()].map(u32::to_le_bytes);
    let end = [b"PK\x05\x06\0\0\0\0\x01\0\x01\0", &place.concat()[..], b"\0\0"].concat();
    [local, central, end].concat()
}

/// A mail with these files: name, type, octets.
pub fn mail_with(from: &str, to: &str, words: &str, files: &[(&str, &str, Vec<u8>)]) -> Vec<u8> {
    use std::sync::atomic::{AtomicU64, Ordering};
    static NUMBER: AtomicU64 = AtomicU64::new(1);
    let number = NUMBER.fetch_add(1, Ordering::SeqCst);
    let mut mail = format!(
        "From: <{from}>\r\nTo: <{to}>\r\nSubject: Waiting\r\nMessage-ID: <pictures-{number}@phone.home.example>\r\n\
         MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=cut-here\r\n\r\n\
         --cut-here\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n{words}\r\n"
    );
    for (name, media_type, octets) in files {
        mail.push_str(&format!(
            "--cut-here\r\nContent-Type: {media_type}; name=\"{name}\"\r\nContent-ID: <canary-cid@phone>\r\n\
             Content-Disposition: attachment; filename=\"{name}\"\r\nContent-Transfer-Encoding: base64\r\n\r\n"
        ));
        for line in BASE64.encode(octets).as_bytes().chunks(76) {
            mail.push_str(std::str::from_utf8(line).unwrap());
            mail.push_str("\r\n");
        }
    }
    mail.push_str("--cut-here--\r\n");
    mail.into_bytes()
}
