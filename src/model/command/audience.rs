//! Whom a member says her post is for: the whole group, or the moderators alone. One clear word, and nothing that could say
//! more; "yes" and "no" are answers to either.

use super::confirm::longest;
use super::{own_lines, split};

/// Whom a post is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Audience {
    /// The whole group.
    Group,
    /// The moderators alone.
    Moderators,
}

const GROUP: &str = "group|the group|this group|whole group|the whole group|for the group|for the whole group|to the group|\
    to the whole group|i meant the group|i meant the whole group|i mean the group|i mean the whole group|it is for the group|\
    it's for the group|it is for the whole group|it's for the whole group|send it to the group|everyone|everybody|\
    for everyone|for everybody|to everyone|grupo|el grupo|al grupo|para el grupo|todo el grupo|para todo el grupo|gruppe|\
    die gruppe|an die gruppe|fur die gruppe|die ganze gruppe|groupe|le groupe|au groupe|pour le groupe|tout le groupe|gruppo|\
    il gruppo|al gruppo|o grupo|ao grupo|groep|de groep|aan de groep";
const PRIVATE: &str = "private|privately|in private|keep it private|it is private|it's private|this is private|moderators|\
    the moderators|for the moderators|only the moderators|moderators only|the moderators only|to the moderators|\
    only for the moderators|for the moderators only|social workers|the social workers|only the social workers|not the group|\
    privado|privada|en privado|en privada|moderadoras|las moderadoras|solo las moderadoras|privat|nur privat|\
    nur die moderatorinnen|prive|privee|en prive|privato|in privato|particular|em particular|prive alstublieft";
const BESIDE: &str = "please|pls|thanks|thank you|thank you very much|many thanks|hi|hello|dear lamplight|kind regards|\
    best regards|regards|best wishes|best|love|sorry|por favor|gracias|hola|bitte|danke|vielen dank|hallo|merci|\
    s'il vous plait|svp|bonjour|per favore|grazie|obrigado|obrigada|bedankt|aub";

/// Read a member's answer to "did you mean the whole group?"; words of her own name are her signature.
#[must_use]
pub fn read_audience(text: &str, reader: &str) -> Option<Audience> {
    let words = split(&own_lines(text, "").join("\n"));
    let own_name: Vec<String> = split(reader).into_iter().map(|word| word.text).collect();
    let (mut found, mut at) = (None, 0);
    while at < words.len() {
        let rest = &words[at..];
        let choices = [
            (longest(rest, GROUP), Some(Audience::Group)),
            (longest(rest, PRIVATE), Some(Audience::Moderators)),
            (longest(rest, BESIDE), None),
            (usize::from(!rest[0].foreign && own_name.contains(&rest[0].text)), None),
        ];
        let (length, said) = choices.into_iter().max_by_key(|(length, said)| (*length, said.is_some()))?;
        if length == 0 || (said.is_some() && found.is_some() && said != found) {
            return None;
        }
        (found, at) = (said.or(found), at + length);
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_clear_word_or_none() {
        use Audience::{Group, Moderators};
        for (text, expected) in [
            ("GROUP", Some(Group)),
            ("Group.", Some(Group)),
            ("**Group**", Some(Group)),
            ("the whole group, please", Some(Group)),
            ("I meant the whole group. Thanks!\n\nKit", Some(Group)),
            ("Everyone", Some(Group)),
            ("Group\n> PRIVATE: only the social workers", Some(Group)),
            ("Al grupo, por favor", Some(Group)),
            ("An die Gruppe bitte", Some(Group)),
            ("PRIVATE", Some(Moderators)),
            ("private please", Some(Moderators)),
            ("Private!\n-- \nKit, +1 555", Some(Moderators)),
            ("Only the moderators", Some(Moderators)),
            ("not the group", Some(Moderators)),
            ("En privado, gracias", Some(Moderators)),
            ("", None),
            ("yes", None),
            ("no", None),
            ("ok", None),
            ("Kit", None),
            ("group or private?", None),
            ("group, private", None),
            ("not private", None),
            ("private? no, group", None),
            ("don't send it to the group", None),
            ("group?", None),
            ("GROUP, but leave out my son's name", None),
            ("is the group angry with me", None),
            ("I do not know", None),
            ("not for the group", None),
        ] {
            assert_eq!(read_audience(text, "Kit"), expected, "{text}");
        }
    }

    proptest::proptest! {
        #[test]
        fn any_text_has_a_reading(text in "\\PC{0,60}|[a-z ,.?>\n]{0,60}") {
            let _ = read_audience(&text, &text);
        }
    }
}
