//! A member's wish to write from another address as well, or from one no more; and the yes to the question that follows.
//! Every word must be known, and exactly one address named: "my new address is …" may mean that the old one is gone, and
//! goes to people as anything else does.

use super::confirm::longest;
use super::{Word, is_own_name, is_signature, own_lines, split};
use crate::mail::Address;

/// What is asked for.
#[derive(Clone, PartialEq, Eq)]
pub enum AddressWish {
    /// To write from this one as well.
    Add(Address),
    /// To write from this one no more.
    Remove(Address),
}

/// Stands for the address among the words.
const PLACE: &str = "lamplightaddress";

const ADD: &str = "add|also add|add to|i also write from|i also write to you from|i also use|i also have|i sometimes write from|\
    i sometimes use|i will also write from|i write from|my other address is|my other email is|my other e-mail is|\
    my other email address is|my other e-mail address is|my second address is|my second email is|my second e-mail is|\
    my second email address is|my second e-mail address is|my work address is|my work email is|my work email address is|\
    is my other address|is my other email|is my other email address|is my second address|is my second email|\
    is my second email address|is also mine|is mine too|is also my address|is also my email|\
    anade|anadir|anada|agrega|agregar|agregue|mi otra direccion es|mi otro correo es|mi segunda direccion es|\
    mi segundo correo es|mi otro correo electronico es|tambien escribo desde|tambien escribo de|tambien uso|\
    a veces escribo desde|es mi otra direccion|es mi otro correo|es mi segunda direccion|tambien es mi direccion";
const REMOVE: &str = "remove|take away|take out|delete|i no longer write from|i no longer use|i don't use|i do not use|\
    i don't write from|i do not write from|i stopped using|quita|quitar|quite|elimina|eliminar|elimine|borra|borrar|borre|\
    ya no uso|ya no escribo desde|ya no escribo de";
/// What may stand beside them.
const BESIDE: &str = "address|the address|this address|my address|my other address|my second address|address too|email|e-mail|\
    the email|my email|my e-mail|email address|e-mail address|my email address|my e-mail address|my other email|\
    my other e-mail|my other email address|my second email|my second email address|mail address|as well|too|also|any more|\
    anymore|now|for me|as my second address|as my other address|as a second address|as my second email|\
    and|to my account|to the list|direccion|la direccion|esta direccion|mi direccion|mi otra direccion|mi segunda direccion|\
    correo|el correo|este correo|mi correo|mi otro correo|correo electronico|el correo electronico|\
    direccion de correo|la direccion de correo|tambien|ahora|y";
const POLITE: &str = "please|could you please|can you please|pls|plz|thanks|thank you|thank you very much|many thanks|\
    thanks a lot|hi|hello|hi there|hello there|dear lamplight|dear all|kind regards|best regards|regards|best wishes|best|\
    cheers|sincerely|sorry|por favor|gracias|muchas gracias|hola|buenos dias|buenas tardes|saludos|un saludo|un abrazo";
/// What a subject says of such a mail.
const SUBJECTS: &str = "re|fwd|no subject|second address|other address|another address|new address|address change|\
    change of address|addresses|my addresses|request|question|my mail|mail|otra direccion|segunda direccion|\
    nueva direccion|cambio de direccion|peticion|otro correo";

const YES: &str = "yes|yes please|yes i do|yes i did|yes it was me|yes that was me|yes it is me|yes it's me|it was me|\
    that was me|yes i agree|i agree|agreed|confirm|confirmed|i confirm|yes i confirm|yes confirmed|ok|okay|ok yes|si|\
    si por favor|si fui yo|fui yo|si confirmo|confirmo|de acuerdo|ja|oui|sim";

/// Read what a member wrote; words of her own name are her signature. The subject may say it as well, but nothing else.
#[must_use]
pub fn read_address_wish(subject: &str, text: &str, reader: &str) -> Option<AddressWish> {
    let text = own_lines(text, "").join("\n");
    let own_name: Vec<String> = split(reader).into_iter().map(|word| word.text).collect();
    let (mut adds, mut removes, mut found) = (false, false, None::<Address>);
    for (part, is_subject) in [(subject, true), (text.as_str(), false)] {
        let (part, addresses) = with_places(part)?;
        for address in addresses {
            if found.as_ref().is_some_and(|earlier| earlier.key() != address.key()) {
                return None;
            }
            found = Some(address);
        }
        let words = split(&part);
        let mut at = 0;
        while at < words.len() {
            let rest = &words[at..];
            let choices = [
                (longest(rest, ADD), Some(true)),
                (longest(rest, REMOVE), Some(false)),
                (longest(rest, BESIDE).max(longest(rest, POLITE)), None),
                (if is_subject { longest(rest, SUBJECTS) } else { 0 }, None),
                (usize::from(!rest[0].foreign && (rest[0].text == PLACE || own_name.contains(&rest[0].text))), None),
            ];
            let (length, way) = choices.into_iter().rev().max_by_key(|(length, way)| (*length, way.is_some()))?;
            if length == 0 {
                if (adds || removes) && is_signature(rest) {
                    break;
                }
                return None;
            }
            adds |= way == Some(true);
            removes |= way == Some(false);
            at += length;
        }
    }
    match (adds, removes, found) {
        (true, false, Some(address)) => Some(AddressWish::Add(address)),
        (false, true, Some(address)) => Some(AddressWish::Remove(address)),
        _ => None,
    }
}

/// Whether an answer is a clear yes: an empty one is none.
#[must_use]
pub fn says_yes(text: &str, reader: &str) -> bool {
    let words = split(&own_lines(text, "").join("\n"));
    let own_name: Vec<String> = split(reader).into_iter().map(|word| word.text).collect();
    let (mut at, mut said) = (0, false);
    while at < words.len() {
        let rest: &[Word] = &words[at..];
        let (yes, polite) = (longest(rest, YES), longest(rest, POLITE));
        let length = match yes.max(polite) {
            0 if is_own_name(&rest[0].text, &own_name) && !rest[0].foreign => 1,
            0 => return said && is_signature(rest),
            length => length,
        };
        said |= yes > 0 && yes >= polite;
        at += length;
    }
    said
}

/// A text with its addresses taken out, and these; `None` where something with an @ is none.
fn with_places(text: &str) -> Option<(String, Vec<Address>)> {
    let (mut out, mut found) = (String::new(), Vec::new());
    for piece in
        super::super::words::plain(text).split_inclusive(|c: char| c.is_whitespace() || "<>()[]\",".contains(c))
    {
        let body = piece.trim_end_matches(|c: char| c.is_whitespace() || "<>()[]\",".contains(c));
        if body.contains('@') {
            let bare = body.trim_matches(|c| ".;:!*'".contains(c));
            let bare = bare.strip_prefix("mailto:").unwrap_or(bare);
            found.push(Address::parse(bare).ok()?);
            out.push_str(&format!(" {PLACE} "));
        } else {
            out.push_str(body);
        }
        out.extend(piece[body.len()..].chars().map(|c| if "<>()[]\"".contains(c) { ' ' } else { c }));
    }
    Some((out, found))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(subject: &str, text: &str) -> String {
        match read_address_wish(subject, text, "Kit") {
            Some(AddressWish::Add(address)) => format!("+{}", address.as_str()),
            Some(AddressWish::Remove(address)) => format!("-{}", address.as_str()),
            None => String::new(),
        }
    }

    #[test]
    fn wishes_in_plain_words() {
        for (subject, text, expected) in [
            ("", "add address kit@work.example", "+kit@work.example"),
            ("add address kit@work.example", "", "+kit@work.example"),
            ("Add address", "kit@work.example", "+kit@work.example"),
            ("Second address", "Please add kit@work.example. Thanks!\n\nKit", "+kit@work.example"),
            ("Re: Address", "Hello,\n\nmy other address is kit@work.example\n\nKind regards\nKit", "+kit@work.example"),
            ("", "I also write from Kit@Work.example.", "+Kit@work.example"),
            ("", "I also write from kit@work.example <mailto:kit@work.example>", "+kit@work.example"),
            ("", "I also write from kit@work.example<mailto:kit@work.example>", "+kit@work.example"),
            ("", "kit@work.example is my second address, thank you", "+kit@work.example"),
            ("", "Please add my other email address: kit@work.example", "+kit@work.example"),
            ("", "ADD *kit@work.example* please\n-- \nKit\n+1 555 0100", "+kit@work.example"),
            ("", "add kit@work.example\n\nSent from my iPhone", "+kit@work.example"),
            ("Otra dirección", "Hola, mi otra dirección es kit@work.example. Gracias", "+kit@work.example"),
            ("", "Añade la dirección kit@work.example, por favor", "+kit@work.example"),
            ("", "También escribo desde kit@work.example", "+kit@work.example"),
            ("", "remove address kit@work.example", "-kit@work.example"),
            ("", "Please remove my other address kit@work.example", "-kit@work.example"),
            ("", "I no longer use kit@work.example. Thanks, Kit", "-kit@work.example"),
            ("", "Quita la dirección kit@work.example, por favor", "-kit@work.example"),
            ("", "Ya no uso kit@work.example", "-kit@work.example"),
        ] {
            assert_eq!(read(subject, text), expected, "{subject} | {text}");
        }
    }

    #[test]
    fn anything_else_is_for_people() {
        for (subject, text) in [
            ("", ""),
            ("", "kit@work.example"),
            ("", "add address"),
            ("", "my new address is kit@work.example"),
            ("", "my address is kit@work.example"),
            ("", "don't add kit@work.example"),
            ("", "Please do not add kit@work.example"),
            ("", "add kit@work.example?"),
            ("", "add kit@work.example and tom@home.example"),
            ("", "add kit@work.example, remove kit@home.example"),
            ("", "add kit@work.example. I can't go on."),
            ("I can't go on", "add address kit@work.example"),
            ("My scan is tomorrow", "add address kit@work.example"),
            ("", "remove me"),
            ("", "please remove me, I am kit@work.example"),
            ("", "Should I add kit@work.example"),
            ("", "Tom asked me to add kit@work.example"),
            ("", "never add kit@work.example"),
            ("", "add kit@work..example"),
            ("", "my sister writes from kit@work.example"),
            ("", "> add address kit@work.example"),
            ("", "I do not use kit@work.example but my son does"),
            ("", "No añadas kit@work.example"),
        ] {
            assert_eq!(read(subject, text), "", "{subject} | {text}");
        }
    }

    #[test]
    fn only_a_clear_yes_is_one() {
        for text in [
            "YES",
            "yes",
            "Yes.",
            "Yes please",
            "Yes, thanks",
            "YES\n\nKit",
            "Yes!\n\nThank you,\nChristopher",
            "ok",
            "Sí",
            "Sí, por favor",
            "I confirm",
            "Yes, it was me",
            "**YES**",
            "yes\n> no",
        ] {
            assert!(says_yes(text, "Kit"), "{text}");
        }
        for text in [
            "",
            "no",
            "NO",
            "stop",
            "leave",
            "unsubscribe",
            "remove me",
            "quit",
            "thanks",
            "Kit",
            "yes?",
            "yes and no",
            "yes, but not yet",
            "yes, No",
            "Yes, Never",
            "Yes, Not",
            "who is this?",
            "not yes",
            "> yes",
            "yes if I must",
            "yes\nI can't go on",
            "I did not ask for this",
            "join",
        ] {
            assert!(!says_yes(text, "Kit"), "{text}");
        }
    }

    proptest::proptest! {
        #[test]
        fn any_text_has_a_reading(text in "\\PC{0,60}|[a-z@. ,<>\n]{0,60}") {
            let _ = read_address_wish(&text, &text, &text);
            let _ = says_yes(&text, &text);
        }
    }
}
