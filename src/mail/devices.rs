//! Telephones and mail programs by their names: a line that says by what it was sent names one of them. Never fails.

use super::phrases::WIDE;

/// Names that nothing else has.
const NAMES: &[&str] = &[
    "iphone",
    "ipad",
    "ipod",
    "ipho",
    "android",
    "samsung",
    "huawei",
    "xiaomi",
    "redmi",
    "oppo",
    "realme",
    "nokia",
    "sony",
    "xperia",
    "blackberry",
    "motorola",
    "moto g",
    "oneplus",
    "htc",
    "lg",
    "fairphone",
    "yahoo",
    "gmail",
    "aol",
    "gmx",
    "web.de",
    "t-online",
    "k-9",
    "fairemail",
    "thunderbird",
    "mailbird",
    "bluemail",
    "blue mail",
    "email.cz",
    "seznam",
    "mail.ru",
    "почты",
    "почта",
    "yandex",
    "яндекс",
    "sfr",
    "laposte",
    "icloud",
    "tuta",
    "zoho",
    "superhuman",
    "airmail",
    "mymail",
    "posteo",
    "mail app",
    "mail-app",
    "apple mail",
    "mail for",
    "mail für",
    "mail per",
    "mail pour",
    "correo para",
    "mail voor",
    "邮件",
    "메일",
    "メール",
    "bb10",
];

/// Names that are words as well: with a capital they are names.
const NAMES_THAT_ARE_WORDS: &[&str] = &[
    "galaxy", "honor", "poco", "vivo", "pixel", "outlook", "windows", "proton", "spark", "centrum", "libero", "orange",
    "edison", "canary",
];

/// What such things are called, which people have as well.
const KINDS: &[&str] = &[
    "phone",
    "telefon",
    "téléphone",
    "teléfono",
    "telefone",
    "telefono",
    "telefoon",
    "puhelime",
    "handy",
    "mobil",
    "móvil",
    "mobiel",
    "tablet",
    "tablette",
    "smartphone",
    "laptop",
    "мобильн",
    "телефон",
    "смартфон",
    "携帯",
    "手机",
    "手機",
    "스마트폰",
];

/// Letters that a language may add to a name: "iPhonesta", "telefonom".
const ENDING: usize = 5;

/// What a line names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Named {
    /// Nothing of the sort.
    Nothing,
    /// A telephone, of any make.
    Kind,
    /// A product.
    Product,
}

/// What these words, as they were written, name.
#[must_use]
pub fn named(words: &str) -> Named {
    let lower = words.to_lowercase();
    let product = NAMES.iter().any(|name| stands_in(&lower, name))
        || words.split_whitespace().any(|word| is_model(word) || is_name_that_is_a_word(word));
    match product {
        true => Named::Product,
        false if KINDS.iter().any(|kind| stands_in(&lower, kind)) => Named::Kind,
        false => Named::Nothing,
    }
}

fn is_name_that_is_a_word(word: &str) -> bool {
    word.starts_with(char::is_uppercase)
        && NAMES_THAT_ARE_WORDS.iter().any(|name| stands_in(&word.to_lowercase(), name))
}

/// A whole word, but for an ending; in the scripts that part no words, anywhere.
fn stands_in(text: &str, name: &str) -> bool {
    text.match_indices(name).any(|(at, _)| {
        let before = text[..at].chars().next_back();
        let ending = text[at + name.len()..].chars().take_while(|c| c.is_alphabetic() && *c < WIDE).count();
        let most = if name.chars().count() < 5 { 0 } else { ENDING };
        name.starts_with(|c| c >= WIDE) || (!before.is_some_and(|c| c.is_alphabetic() && c < WIDE) && ending <= most)
    })
}

/// A name that no dictionary has: a capital behind a small letter, or long and of capitals and digits, as in "TypeApp" and
/// "SM-G930F". "HIV" and "B12" are none.
fn is_model(word: &str) -> bool {
    let has_hump = word.chars().zip(word.chars().skip(1)).any(|(a, b)| a.is_lowercase() && b.is_uppercase());
    let letters = word.chars().filter(|c| c.is_alphanumeric()).count();
    let has_digits = word.chars().filter(char::is_ascii_digit).count() >= 2;
    let is_numbered = has_digits && word.starts_with(char::is_uppercase) && letters >= 5;
    (has_hump || is_numbered) && !word.contains([':', '.', '@'])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn products_and_what_only_sounds_like_one() {
        for (words, expected) in [
            ("iPhonesta", Named::Product),
            ("Az iPhone-omról küldve", Named::Product),
            ("my SM-G930F", Named::Product),
            ("TypeApp", Named::Product),
            ("Orange Mail", Named::Product),
            ("从 Windows 版邮件发送", Named::Product),
            ("iPhoneから送信", Named::Product),
            ("my phone", Named::Kind),
            ("mobilem", Named::Kind),
            ("kein Telefonanruf", Named::Kind),
            ("ya no vivo mucho", Named::Nothing),
            ("an orange", Named::Nothing),
            ("HIV-Diagnose", Named::Nothing),
            ("das MRT und die OP", Named::Nothing),
            ("Ward B12", Named::Nothing),
            ("the honor", Named::Nothing),
            ("gramophone", Named::Nothing),
        ] {
            assert_eq!(named(words), expected, "{words}");
        }
    }
}
