//! Which of several numbered conversations an answer names: one and no other word that could say more.

use super::{Word, own_lines, split};
use crate::model::words::fold;

/// One of those that a question lists.
#[derive(Debug, Clone, Default)]
pub struct Offered {
    /// Its subject.
    pub subject: String,
    /// Who wrote in it.
    pub authors: Vec<String>,
}

/// The numbers in words, and how they are counted; the place in the table is the number.
const NUMBERS: [&str; 9] = [
    "1 1st one first eins erste ersten erster uno primero primera primer premier premiere primo prima primeiro \
     primeira eerste",
    "2 2nd two second zwei zweite zweiten zweiter dos segundo segunda deux deuxieme due secondo seconda dois duas twee tweede",
    "3 3rd three third drei dritte dritten dritter tres tercero tercera tercer trois troisieme tre terzo terza terceiro \
     terceira drie derde",
    "4 4th four fourth vier vierte vierten vierter cuatro cuarto cuarta quatre quatrieme quattro quarto quarta quatro vierde",
    "5 5th five fifth funf funfte funften funfter cinco quinto quinta cinq cinquieme cinque vijf vijfde",
    "6 6th six sixth sechs sechste sechsten seis sexto sexta sixieme sei sesto sesta zes zesde",
    "7 7th seven seventh sieben siebte siebten siete septimo septima sept septieme sette settimo settima sete setimo setima \
     zeven zevende",
    "8 8th eight eighth acht achte achten ocho octavo octava huit huitieme otto ottavo ottava oito oitavo oitava achtste",
    "9 9th nine ninth neun neunte neunten nueve noveno novena neuf neuvieme nove nono nona negen negende",
];
/// What may stand beside the number.
const BESIDE: &str = "the a number no nr nummer numero num nombre # conversation topic thread message item please pls thanks \
    thank you very much hi hello dear it its it's is was i meant mean for to one it'd be that that's under sorry yes ok okay best regards \
    kind love bitte danke die das der ich meine meinte gemeint ist zu fur den hallo liebe grusse por favor gracias es la el era \
    para de hola s'il vous plait merci le c'est pour bonjour per favore grazie il era o obrigado obrigada alstublieft bedankt \
    het ik bedoel ( ) [ ]";

/// The place of the one that a text names; `None` where it names none, several, or says more.
#[must_use]
pub fn read_choice(text: &str, offered: &[Offered], reader: &str) -> Option<usize> {
    let words = split(&own_lines(text).join("\n"));
    let own_name: Vec<String> = split(reader).into_iter().map(|word| word.text).collect();
    let mut named = (0..offered.len()).filter(|at| names(&words, *at, &offered[*at], &own_name));
    named.next().filter(|_| named.next().is_none())
}

/// Whether every word is explained by this one, and one of them, or all of its subject, names it.
fn names(words: &[Word], at: usize, offered: &Offered, own_name: &[String]) -> bool {
    let bare = |text: &str| -> Vec<String> { split(&fold(text)).into_iter().map(|word| word.text).collect() };
    let subject = bare(&offered.subject);
    let authors: Vec<String> = offered.authors.iter().flat_map(|author| bare(author)).collect();
    let has_article = words.iter().any(|word| word.text == "the");
    let (mut is_numbered, mut counted) = (false, false);
    for word in words {
        // "The second one"; and "the one" is any.
        let is_number = is_number(&word.text, at) && (word.text != "one" || !has_article);
        let is_filler = BESIDE.split_whitespace().any(|known| known == word.text) && (word.text != "one" || counted);
        let is_known = subject.contains(&word.text) || authors.contains(&word.text) || own_name.contains(&word.text);
        if !is_number && !is_filler && !is_known {
            return false;
        }
        counted |= (0..NUMBERS.len()).any(|number| is_number_of(&word.text, number));
        is_numbered |= is_number;
    }
    let is_named = !subject.is_empty() && subject.iter().all(|word| words.iter().any(|other| other.text == *word));
    is_numbered || is_named
}

fn is_number(word: &str, at: usize) -> bool {
    is_number_of(word, at) || word.parse() == Ok(at + 1)
}

fn is_number_of(word: &str, at: usize) -> bool {
    NUMBERS.get(at).is_some_and(|words| words.split_whitespace().any(|known| known == word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_is_named_or_none() {
        let offered = |subject: &str, author: &str| Offered { subject: subject.into(), authors: vec![author.into()] };
        let three = [offered("Hands", "Tom"), offered("Day 3 of it", "Kit"), offered("A word about hair", "Kit")];
        for (text, expected) in [
            ("2", Some(1)),
            ("2.", Some(1)),
            ("#2", Some(1)),
            ("(2)", Some(1)),
            ("3", Some(2)),
            ("Number 2, please. Thank you!\n\nMira", Some(1)),
            ("2\n\nOn Monday Rose wrote:\n> 1. Hands", None),
            ("2\n> 1. Hands\n> 3", Some(1)),
            ("the second one", Some(1)),
            ("The first", Some(0)),
            ("Die zweite, bitte", Some(1)),
            ("la tercera por favor", Some(2)),
            ("2. Day 3 of it", Some(1)),
            ("2: Day 3 of it (Kit)", Some(1)),
            ("Hands", Some(0)),
            ("I meant “a word about hair”", Some(2)),
            ("1 and 2", None),
            ("1, 2", None),
            ("2?", None),
            ("not 2", None),
            ("4", None),
            ("0", None),
            ("", None),
            ("Kit", None),
            ("the one", None),
            ("yes please", None),
            ("2, and tell him that I knit", None),
            ("22", None),
        ] {
            assert_eq!(read_choice(text, &three, "Mira"), expected, "{text}");
        }
    }

    proptest::proptest! {
        #[test]
        fn any_text_has_a_reading(text in "\\PC{0,60}|[0-9 a-z.\n>]{0,40}") {
            let offered = [Offered::default(), Offered { subject: text.clone(), authors: vec![text.clone()] }];
            proptest::prop_assert!(read_choice(&text, &offered, &text).is_none_or(|at| at < 2));
        }
    }
}
