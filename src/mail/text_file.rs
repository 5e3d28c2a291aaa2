//! A file whose type its program did not know (RFC 2046 §4.5.1) and that is named like a text: searched for danger as one.

/// Whether it is such a file.
pub fn is_one(media_type: &str, name: Option<&str>) -> bool {
    let is_text = |name: &str| [".txt", ".text", ".md", ".log"].iter().any(|end| name.to_lowercase().ends_with(end));
    media_type == "application/octet-stream" && name.is_some_and(is_text)
}

/// Its text; `None` for another file, and for octets that are no text whatever their name.
pub fn read(media_type: &str, name: Option<&str>, octets: &[u8]) -> Option<String> {
    if !is_one(media_type, name) {
        return None;
    }
    if let Some(wide) = octets.strip_prefix(&[0xff, 0xfe]) {
        // As Windows' Notepad writes it.
        let units = wide.chunks_exact(2).map(|pair| u16::from_le_bytes([pair[0], pair[1]]));
        return Some(char::decode_utf16(units).map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER)).collect());
    }
    (!octets.contains(&0)).then(|| String::from_utf8_lossy(octets).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn by_its_name_and_its_octets() {
        let read = |name: &str, octets: &[u8]| read("application/octet-stream", Some(name), octets);
        assert_eq!(read("Note.TXT", b"good night").as_deref(), Some("good night"));
        assert_eq!(read("note.txt", b"\xff\xfeh\0i\0").as_deref(), Some("hi"));
        assert_eq!(read("note.txt", b"\x89PNG\0").as_deref(), None, "no text");
        assert_eq!(read("note.pdf", b"%PDF").as_deref(), None);
        assert!(!is_one("image/png", Some("note.txt")) && !is_one("application/octet-stream", None));
    }
}
