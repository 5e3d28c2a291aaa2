//! Which of several numbered conversations an answer names: one and no other word that could say more.

use std::collections::HashSet;
use std::sync::LazyLock;

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
/// What may stand beside the number, in the languages of the other tables; none of it could turn the number round.
const BESIDE: [&str; 8] = [
    "# ( ) [ ] \u{b0} nr num n",
    "the a number topic subject thread conversation discussion message item please pls thanks thank you very much many hi hello dear \
     it its it's is was i i'd mean meant for in to one it it'd be that that's under about sorry yes ok okay best regards kind love",
    "numero n.o conversacion tema mensaje la el a de en es era eso para por favor gracias muchas hola si perdon queria quise \
     quiero decir me refiero referia un una saludo saludos abrazo",
    "nummer gesprach unterhaltung thema nachricht beitrag der die das den dem im in zu zum zur fur es ist war ich meine meinte \
     gemeint bitte danke schon vielen dank hallo liebe lieben viele grusse gruss ja entschuldigung",
    "numero nombre conversation discussion sujet message le la les c'est c'etait pour de dans a je voulais veux dire pensais parle \
     parlais s'il vous te plait svp merci beaucoup bien bonjour cordialement bises oui pardon",
    "numero conversa mensagem assunto topico a o e era na no para por favor obrigado obrigada muito ola sim desculpe queria quero \
     dizer abraco abracos cumprimentos",
    "numero conversazione messaggio argomento discussione la il lo e era nella per favore piacere grazie mille ciao si scusi scusate \
     intendevo intendo volevo dire un saluto saluti",
    "nummer gesprek bericht onderwerp de het in bij voor ik bedoel bedoelde is was alstublieft alsjeblieft graag bedankt dank je u \
     wel hallo hoi ja sorry groet groeten groetjes",
];

static FILLERS: LazyLock<HashSet<&str>> =
    LazyLock::new(|| BESIDE.iter().flat_map(|words| words.split_whitespace()).collect());

/// The place of the one that a text names; `None` where it names none, several, or says more.
#[must_use]
pub fn read_choice(text: &str, offered: &[Offered], reader: &str) -> Option<usize> {
    let words = split(&own_lines(text, "").join("\n"));
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
    for (n, word) in words.iter().enumerate() {
        // "The second one"; and "the one" is any.
        let is_number = is_number(&word.text, at) && (word.text != "one" || !has_article);
        // "No. 2", and neither "2, no" nor "no, 2".
        let is_abbreviated =
            word.text != "no" || words.get(n + 1).is_some_and(|next| next.text.parse() == Ok(at + 1) && !next.apart);
        let is_filler = FILLERS.contains(word.text.as_str()) && (word.text != "one" || counted) && is_abbreviated;
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

    /// In the languages of the tables; by turns what the words were written with, and what was held back.
    #[test]
    fn the_second_in_seven_languages() {
        let of = |subject: &str| Offered { subject: subject.into(), authors: vec!["Kit".into()] };
        let three = [of("Hands"), of("Sleep"), of("Hair")];
        let mut missed = [0, 0];
        for (at, text) in SECOND.lines().filter(|line| !line.is_empty()).enumerate() {
            let found = read_choice(&text.replace("\\n", "\n"), &three, "Mira");
            assert!(found.is_none_or(|at| at == 1), "{text}: {found:?}");
            if found.is_none() {
                missed[at % 2] += 1;
                println!("{}", if at % 2 == 0 { text } else { "held back" });
            }
        }
        println!("{missed:?} not read");
        assert_eq!(missed, [0, 0]);
        for text in NONE.lines().filter(|line| !line.is_empty()) {
            assert_eq!(read_choice(text, &three, "Mira"), None, "{text}");
        }
    }

    const SECOND: &str = "
2
la 2
La 2, por favor.
el número 2
número 2
Nº 2
n.º 2, gracias
la segunda
Es la segunda, gracias.
la conversación 2
Quería decir la 2
Hola, la número 2. Un saludo, Mira
Nummer 2
Nr. 2
Die Nummer 2, bitte.
das zweite
Es war die zweite, danke.
Gespräch 2
Ich meinte Nummer 2.\\n\\nLiebe Grüße\\nMira
zum zweiten
zu Nummer 2
Unterhaltung Nr. 2
numéro 2
le 2
le numéro 2, s'il vous plaît
la deuxième, merci
c'est la 2
Je voulais dire la 2.
n° 2
conversation 2, merci beaucoup
La conversation numéro 2\\nCordialement\\nMira
a 2
número dois
a segunda, por favor
É a segunda, obrigada.
a conversa 2
o número 2, obrigado
Queria dizer a 2
il numero 2
la 2, grazie
la seconda, per favore
È la seconda.
la conversazione 2
Intendevo la 2
n. 2
nummer 2
nummer 2 alstublieft
de tweede, dank je
Ik bedoel nummer 2
gesprek 2
de 2
nr 2, bedankt!\\n\\nGroetjes, Mira
het tweede
Number 2 please
No. 2
the 2nd one, thanks
I meant the second conversation.
It's 2
";

    const NONE: &str = "
la 2 no
nicht die 2
die 2 nicht
pas la 2
não a 2
non la 2
niet nummer 2
la 1 y la 2
1 und 2
la 2 o la 3
2 oder 3
ni la 2
la 2?
2 kg
la 4
";

    proptest::proptest! {
        #[test]
        fn any_text_has_a_reading(text in "\\PC{0,60}|[0-9 a-z.\n>]{0,40}") {
            let offered = [Offered::default(), Offered { subject: text.clone(), authors: vec![text.clone()] }];
            proptest::prop_assert!(read_choice(&text, &offered, &text).is_none_or(|at| at < 2));
        }
    }
}
