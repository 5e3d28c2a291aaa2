//! What a member's answer to a confirmation says. A clear word acts, a blank answer to "reply to leave" is one, and
//! everything else is asked again or shown to a person: in a support group "Help" or "goodbye" may be no command.

use super::{Word, own_lines, split};

/// What an answer to a confirmation says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Confirmation {
    /// Do it. An empty answer says so too: the notice asked for one reply.
    Yes,
    /// Take the message back.
    TakeBack,
    /// Don't.
    No,
    /// Other words than these, or a question.
    Unclear,
}

const YES: &str = "leave|yes|yes please|stop|unsubscribe|confirm|confirmed|i confirm|remove me|take me off|sign off|quit|\
    i want to leave|i would like to leave|i'd like to leave|i am leaving|i'm leaving|opt out|agree|i agree|agreed|join|\
    salir|si|baja|cancelar|confirmo|austreten|abmelden|ja|bestatigen|quitter|oui|arreter|desinscrire|je confirme|sair|\
    sim|parar|uscire|confermo|esci|stoppen|afmelden|bevestig|verlaten|ok|okay|the group|this group|the list|now|mail|\
    mails|emails|the emails|the mails|sending|sending me|email|me";
const BARE: &[&str] = &[
    "the group",
    "this group",
    "the list",
    "now",
    "mail",
    "mails",
    "emails",
    "the emails",
    "the mails",
    "sending",
    "sending me",
    "email",
    "me",
];
const TAKE_BACK: &str = "take back|take it back|take this back|take my message back|take back my message|take my post back|\
    i want to take it back|i'd like to take it back|withdraw|withdraw it|zurucknehmen|nimm zuruck|retirar|retirarlo|quiero retirarlo|retirar mi mensaje|retirar el mensaje|reprendre|\
    retirer|ritirare|intrekken|terugnemen";
const NO: &str = "no|stay|keep me|i want to stay|i'd like to stay|i'm staying|i stay|don't leave|do not leave|nein|bleiben|\
    non|rester|nao|ficar|restare|nee|blijven|quedarme";
const POLITE: &str = "please|pls|plz|thanks|thank you|thank you very much|many thanks|thanks a lot|\
    thank you so much|thanks so much|thank you all|thanks all|thank you for your help|thanks for your help|\
    thank you for your support|thanks for your support|thx|hi|hello|dear lamplight|hi there|kind regards|\
    best regards|regards|best wishes|best|cheers|sincerely|sorry|por favor|gracias|hola|bitte|danke|hallo|vielen dank|merci|\
    s'il vous plait|svp|bonjour|obrigado|obrigada|per favore|grazie|ciao|bedankt|dank u|aub|it|this|that";

/// Read a member's answer to a request for confirmation.
#[must_use]
pub fn read_confirmation(text: &str) -> Confirmation {
    let words = split(&own_lines(text, "").join("\n"));
    if words.is_empty() {
        return Confirmation::Yes;
    }
    let mut found = None;
    let (mut at, mut closed) = (0, false);
    while at < words.len() {
        let rest = &words[at..];
        let choices = [
            (longest(rest, TAKE_BACK), Some(Confirmation::TakeBack)),
            (longest(rest, NO), Some(Confirmation::No)),
            (longest(rest, YES), Some(Confirmation::Yes)),
            (longest(rest, POLITE), None),
        ];
        let Some((length, said)) = choices.into_iter().rev().max_by_key(|(length, _)| *length).filter(|c| c.0 > 0)
        else {
            return if closed && super::is_signature(rest) {
                found.unwrap_or(Confirmation::Unclear)
            } else {
                Confirmation::Unclear
            };
        };
        let run: Vec<&str> = rest[..length].iter().map(|word| word.text.as_str()).collect();
        let bare = BARE.contains(&run.join(" ").as_str());
        match (said, found) {
            (Some(said), Some(earlier)) if said != earlier => return Confirmation::Unclear,
            (Some(Confirmation::Yes), None) if bare => return Confirmation::Unclear,
            (Some(said), _) => found = Some(said),
            (None, _) => {}
        }
        (at, closed) = (at + length, said.is_none());
    }
    found.unwrap_or(Confirmation::Unclear)
}

/// How many of the first words make the longest run of `runs`; 0 when none does.
pub(super) fn longest(words: &[Word], runs: &str) -> usize {
    runs.split('|')
        .map(|run| run.trim().split(' ').collect::<Vec<_>>())
        .filter(|run| {
            run.len() <= words.len() && run.iter().zip(words).all(|(text, word)| !word.foreign && *text == word.text)
        })
        .map(|run| run.len())
        .max()
        .unwrap_or(0)
}
