//! One spelling for words that look alike, so that tables need one entry each. Total: any text has a folded form.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// Characters that are there and not seen: zero-width, joiners, bidi marks, soft hyphen, variation selectors.
#[must_use]
pub(crate) fn is_invisible(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}')
}

/// NFKC, straight quotes, nothing invisible. Case, accents and line ends stay.
#[must_use]
pub(crate) fn plain(text: &str) -> String {
    text.chars().filter(|c| !is_invisible(*c)).nfkc().map(straight).collect()
}

/// [`plain`], in lower case and without accents.
#[must_use]
pub(crate) fn fold(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    let mut rest = text;
    while !rest.is_empty() {
        // Most of most texts: no letter of these changes what another becomes.
        let ascii = rest.bytes().take_while(u8::is_ascii).count();
        folded.extend(rest[..ascii].bytes().map(|b| straight(char::from(b.to_ascii_lowercase()))));
        rest = &rest[ascii..];
        let other = rest.find(|c: char| c.is_ascii()).unwrap_or(rest.len());
        fold_slowly(&rest[..other], &mut folded);
        rest = &rest[other..];
    }
    folded
}

fn fold_slowly(text: &str, folded: &mut String) {
    for c in text.chars().filter(|c| !is_invisible(*c)).nfkd().filter(|c| !is_combining_mark(*c)).map(straight) {
        match c {
            'ß' | 'ẞ' => folded.push_str("ss"),
            'ø' | 'Ø' => folded.push('o'),
            'ł' | 'Ł' => folded.push('l'),
            'æ' | 'Æ' => folded.push_str("ae"),
            'œ' | 'Œ' => folded.push_str("oe"),
            c => folded.extend(c.to_lowercase()),
        }
    }
}

/// Typographic quotes and apostrophes as the keyboard has them.
fn straight(c: char) -> char {
    match c {
        '\u{2018}' | '\u{2019}' | '\u{201a}' | '\u{201b}' | '\u{2032}' | '\u{b4}' | '`' => '\'',
        '\u{201c}'..='\u{201f}' | '\u{2033}' | '«' | '»' => '"',
        '\u{a0}' => ' ',
        c => c,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    proptest::proptest! {
        #[test]
        fn the_quick_way_is_the_slow_way(text in "[a-zA-Z`' \u{301}\u{e9}\u{1e9b}\u{323}\u{ac00}\u{200b}\u{130}\u{3a3}]{0,40}|\\PC{0,40}") {
            let mut slowly = String::new();
            fold_slowly(&text, &mut slowly);
            proptest::prop_assert_eq!(fold(&text), slowly);
        }
    }

    #[test]
    fn one_spelling() {
        assert_eq!(fold("Ｚürück\u{200b}ziehen – “Straße” d’Ønø"), "zuruckziehen – \"strasse\" d'ono");
        assert_eq!(plain("Don’t\u{200d} ﬁx"), "Don't fix");
    }
}
