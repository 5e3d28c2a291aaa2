//! Words that open or close a letter and say nothing that one conversation should get and another not. It works by
//! allowing: one word that is not known here, and the text says more.

use super::super::words::fold;

/// A longer courtesy is a text.
const MOST_WORDS: usize = 16;

/// Greetings, and "my answers stand below".
const OPENINGS: &str = "hi hello hey dear hiya morning evening afternoon good day greetings all everyone everybody \
    folks friends group there you to the of my answer answers reply replies comment comments below inline in see between lines \
    thank thanks for your this today's todays yesterday's mail mails email message messages digest so much very many and a lot \
    hallo liebe lieber ihr lieben alle zusammen guten tag morgen abend meine antworten antwort unten siehe stehen danke \
    vielen dank euch fur eure nachrichten und moin servus \
    hola buenos buenas dias tardes noches queridos queridas queridas todos todas a mis respuestas abajo gracias por los \
    bonjour bonsoir salut chers cheres tous toutes a mes reponses ci dessous merci pour vos \
    ciao buongiorno buonasera cari care tutti tutte grazie ola bom dia boa tarde noite queridos obrigado obrigada \
    hoi beste allemaal goedemorgen goedenavond bedankt dank hej kara alla tack";

/// Ends of a letter.
const CLOSINGS: &str = "love best warm warmest kind regards wishes hugs hug a big yours sincerely take care bye goodbye good \
    night see you soon until tomorrow next time with cheers thank thanks thankyou all everyone everybody and to the you x xx xxx \
    xo your friend so much many \
    liebe viele herzliche grusse gruss grusse euch allen alles gute bis bald morgen mit danke eure euer deine dein lg vg mfg \
    un abrazo abrazos saludos besos carino con gracias hasta pronto cuidense \
    amities cordialement bises bisous a bientot merci amicalement bien vous \
    un abbraccio cari saluti a presto abracos beijos ate logo groetjes groeten liefs veel hartelijke kram halsningar";

/// Whether a text is nothing but the opening of a letter; `names` are those that may stand in it.
pub(super) fn opens(text: &str, names: &[String]) -> bool {
    is_made_of(text, OPENINGS, names)
}

/// Whether a text is nothing but the end of a letter.
pub(super) fn closes(text: &str, names: &[String]) -> bool {
    is_made_of(text, CLOSINGS, names)
}

fn is_made_of(text: &str, table: &str, names: &[String]) -> bool {
    let folded = fold(text);
    if folded.contains('?') {
        return false;
    }
    let split = |text: &str| -> Vec<String> {
        let pieces = text.split(|c: char| !(c.is_alphanumeric() || c == '\''));
        pieces.map(|word| word.trim_matches('\'')).filter(|word| !word.is_empty()).map(str::to_owned).collect()
    };
    let names: Vec<String> = names.iter().flat_map(|name| split(&fold(name))).collect();
    let words = split(&folded);
    words.len() <= MOST_WORDS
        && words.iter().all(|word| table.split_whitespace().any(|known| known == word) || names.contains(word))
}
