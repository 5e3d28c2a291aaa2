//! Replies as moderators and members write them, one table for each meaning.

use proptest::strategy::Strategy as _;

use super::*;

const NAME: &str = "Dana Ruiz";

fn said(text: &str) -> Reading {
    read_decision(&text.replace('|', "\n"), NAME)
}

/// `|` is a line end.
const GENUINE: &[(Verb, &str)] = &[
    (Verb::Approve, "approve"),
    (Verb::Approve, "APPROVE"),
    (Verb::Approve, "Approved"),
    (Verb::Approve, "approving"),
    (Verb::Approve, "Approves."),
    (Verb::Approve, "approve!"),
    (Verb::Approve, "Approve!!!"),
    (Verb::Approve, "**Approve**"),
    (Verb::Approve, "*approve*"),
    (Verb::Approve, "_approve_"),
    (Verb::Approve, "__Approved__"),
    (Verb::Approve, "\"Approve\""),
    (Verb::Approve, "“approve”"),
    (Verb::Approve, "  approve  "),
    (Verb::Approve, "||Approve|"),
    (Verb::Approve, "Approved, thanks!"),
    (Verb::Approve, "approve please"),
    (Verb::Approve, "Please approve"),
    (Verb::Approve, "Hi, approve"),
    (Verb::Approve, "Hi,||Approve"),
    (Verb::Approve, "Hello Lamplight,|approve please.|Thanks, Dana"),
    (Verb::Approve, "Approve||Dana"),
    (Verb::Approve, "Approve||Thanks, Dana"),
    (Verb::Approve, "Approve||Thanks,|Dana Ruiz, LCSW"),
    (Verb::Approve, "Approve - Dana"),
    (Verb::Approve, "Approve — thanks, D."),
    (Verb::Approve, "approve||DR"),
    (Verb::Approve, "Approved 👍"),
    (Verb::Approve, "Approve :)"),
    (Verb::Approve, "I approve"),
    (Verb::Approve, "I approve this message."),
    (Verb::Approve, "Approve this post please"),
    (Verb::Approve, "Approve it, thank you"),
    (Verb::Approve, "Approve||Sent from my iPhone"),
    (Verb::Approve, "approve||--|Dana Ruiz|212 555 0147"),
    (Verb::Approve, "Approve||Best,|Dee"),
    (Verb::Approve, "Approved. Kind regards, Dana"),
    (Verb::Approve, "Approve|> APPROVE, RETURN, MINE"),
    (Verb::Approve, "> Approve or return?|Approve"),
    (Verb::Approve, "Approve||Warmly,|Dana Ruiz|Oncology Social Worker"),
    (Verb::Approve, "Good morning, approved. Have a good day!"),
    (Verb::Approve, "approve: thanks"),
    (Verb::Approve, "ａｐｐｒｏｖｅ"),
    (Verb::Approve, "approve\u{200b}"),
    (Verb::Approve, "Approve approve"),
    (Verb::Approve, "Thanks! Approved."),
    (Verb::Approve, "Approve||Get Outlook for iOS"),
    (Verb::Approve, "Approved.|Thank you so much!||Dana R., LCSW, OSW-C"),
    (Verb::Approve, "Aprobado, gracias"),
    (Verb::Approve, "Aprobar por favor"),
    (Verb::Approve, "Apruebo. Un saludo, Dana"),
    (Verb::Approve, "Genehmigt"),
    (Verb::Approve, "Bitte freigeben, danke"),
    (Verb::Approve, "Freigegeben.|Viele Grüße|Dana"),
    (Verb::Approve, "Approuvé, merci"),
    (Verb::Approve, "Bonjour, j’approuve. Cordialement, Dana"),
    (Verb::Approve, "Aprovado, obrigada"),
    (Verb::Approve, "Approvato. Grazie"),
    (Verb::Approve, "Goedgekeurd, bedankt"),
    (Verb::Approve, "Graag goedkeuren"),
    (Verb::Mine, "mine"),
    (Verb::Mine, "MINE, thanks"),
    (Verb::Mine, "This is mine"),
    (Verb::Mine, "it's mine||Dana"),
    (Verb::Mine, "Mío"),
    (Verb::Mine, "meins"),
    (Verb::Mine, "À moi"),
    (Verb::Undo, "undo"),
    (Verb::Undo, "UNDO!"),
    (Verb::Undo, "Please undo, thanks"),
    (Verb::Undo, "Undo this please"),
    (Verb::Undo, "rückgängig machen"),
    (Verb::Undo, "Deshacer"),
    (Verb::Undo, "Annuler, merci"),
    (Verb::Undo, "ongedaan maken"),
    (Verb::Escalate, "Escalate"),
    (Verb::Escalate, "escalated, thanks"),
    (Verb::Escalate, "Please escalate this"),
    (Verb::Escalate, "Eskalieren bitte"),
    (Verb::Trust, "trust"),
    (Verb::Trust, "Trusted, Dana"),
    (Verb::Trust, "I trust this member"),
    (Verb::Trust, "Confío, gracias"),
    (Verb::Trust, "mi fido"),
    (Verb::Retract, "retract"),
    (Verb::Retract, "**RETRACT**"),
    (Verb::Retract, "Retracted. Thanks, Dana"),
    (Verb::Retract, "Please retract this post"),
    (Verb::Retract, "Zurückziehen, bitte"),
    (Verb::Retract, "retirar por favor"),
    (Verb::Retract, "Ritirare"),
    (Verb::Retract, "intrekken aub"),
];

#[test]
fn genuine_decisions() {
    for (verb, text) in GENUINE {
        assert_eq!(said(text), Reading::Decision { verb: *verb, text: None }, "{text}");
    }
}

#[test]
fn returns_carry_their_note() {
    for (text, note) in [
        ("RETURN: please leave out the doctor's name", "please leave out the doctor's name"),
        ("return - please leave out the name", "please leave out the name"),
        ("Return — could you leave out the phone number?", "could you leave out the phone number?"),
        ("**Return:** too many names", "too many names"),
        ("Return||Please leave out the name.|Thanks, Dana", "Please leave out the name.\nThanks, Dana"),
        ("Hi,|Returned: sorry, no phone numbers", "sorry, no phone numbers"),
        ("Please return this: the ward is named", "the ward is named"),
        (
            "Return:|No names please, and approve of others' choices.",
            "No names please, and approve of others' choices.",
        ),
        ("Devuelto: sin nombres, por favor", "sin nombres, por favor"),
        ("Zurückgeben: ohne Namen bitte", "ohne Namen bitte"),
        ("Renvoyer : sans les noms", "sans les noms"),
    ] {
        assert_eq!(said(text), Reading::Decision { verb: Verb::Return, text: Some(note.to_owned()) }, "{text}");
    }
    for text in ["return", "Return, thanks", "RETURN:", "Return||Dana", "return -", "Return: thank you"] {
        assert_eq!(said(text), Reading::Nothing(WhyNothing::TextMissing(Verb::Return)), "{text}");
    }
}

#[test]
fn texts_go_with_their_verbs() {
    for (verb, text, with) in [
        (Verb::Edit, "EDIT: a better text", "a better text"),
        (Verb::Edit, "edit|A better text.|And more of it.", "A better text.\nAnd more of it."),
        (Verb::Edit, "Edit:|> the old text|The new text", "The new text"),
        (Verb::Private, "PRIVATE: dear Mira", "dear Mira"),
        (Verb::Private, "Hi,|private - dear Mira,|shall I call?", "dear Mira,\nshall I call?"),
        (Verb::Note, "Note: called her", "called her"),
        (Verb::Note, "note - approve later", "approve later"),
        (Verb::Note, "Notiz: angerufen", "angerufen"),
        (
            Verb::Private,
            "PRIVATE: the two pages that you|sent with your letter.|If it gets dark again, call 988 at once.",
            "the two pages that you\nsent with your letter.\nIf it gets dark again, call 988 at once.",
        ),
        (
            Verb::Return,
            "RETURN: please look at the page|Sent with the last letter.|It says so.||Dana|Sent from my iPhone",
            "please look at the page\nSent with the last letter.\nIt says so.\n\nDana",
        ),
        (Verb::Edit, "EDIT|A better text.||Gesendet von Mail für Windows", "A better text."),
        (Verb::Note, "NOTE: called|Get Outlook for iOS|https://aka.ms/o0ukef", "called"),
    ] {
        assert_eq!(said(text), Reading::Decision { verb, text: Some(with.to_owned()) }, "{text}");
    }
    for (verb, text) in [
        (Verb::Edit, "edit"),
        (Verb::Edit, "EDIT: thanks, Dana"),
        (Verb::Private, "private"),
        (Verb::Private, "Private: Dana"),
        (Verb::Note, "noted, thanks"),
        (Verb::Note, "NOTE -"),
    ] {
        assert_eq!(said(text), Reading::Nothing(WhyNothing::TextMissing(verb)), "{text}");
    }
    for text in [
        "edit|A better text.|Approve",
        "EDIT: a better text|RETURN",
        "private: dear Mira|escalate",
        "edit the last line",
        "private matter",
        "note? hm",
        "edit|Wait, that was wrong",
    ] {
        assert_eq!(said(text), Reading::Nothing(WhyNothing::Unclear), "{text}");
    }
}

#[test]
fn an_edit_goes_out_without_the_moderators_sign_off() {
    for (edited, original, kept) in [
        ("I bake.||Thanks,|Dana", "I bake a lot.", "I bake."),
        ("I bake.|Dana Ruiz, LCSW", "I bake a lot.", "I bake."),
        ("I bake.|Thank you all|Mira", "I bake a lot.", "I bake.|Thank you all|Mira"),
        ("I bake.|Thank you", "I bake a lot.", "I bake.|Thank you"),
        ("I bake.|Thanks, Dana", "I bake a lot.|Thanks, Dana", "I bake.|Thanks, Dana"),
        ("I bake with Dana", "I bake", "I bake with Dana"),
        ("", "", ""),
    ] {
        let lines = |text: &str| text.replace('|', "\n");
        assert_eq!(without_sign_off(&lines(edited), NAME, &lines(original)), lines(kept), "{edited}");
    }
}

const UNCLEAR: &[&str] = &[
    "Sent from my iPhone|approve",
    "Approve|Sent via Ruth: not before Friday",
    "Approve||Sent from my iPhone|Not before Friday",
    "Approve|sent with regret",
    "approve?",
    "Approve ?",
    "Should I approve",
    "Should we approve this?",
    "don't approve",
    "Don’t approve",
    "do not approve",
    "not approved",
    "Not approved yet",
    "never approve",
    "disapprove of it, return",
    "approve if she removes the name",
    "Approve unless the name is real",
    "approve after lunch",
    "Approve tomorrow",
    "approve or return",
    "approve/return",
    "Approve, return",
    "Approve|Return: names",
    "approve then undo",
    "undo, then approve",
    "yes, approve",
    "ok approve",
    "Ok, approved",
    "approve|But wait, remove the first name",
    "Approve|But wait, remove the name first",
    "Approve||Wait",
    "Approve||Not Yet",
    "Approve||Just Kidding",
    "Approve||Thanks, But No",
    "Approve||Thanks, Not",
    "approve the other one",
    "I can't approve",
    "can't approve this",
    "I would approve",
    "I might approve this",
    "I'd approve",
    "Will approve later",
    "going to approve",
    "please don't approve",
    "approve...",
    "approve…",
    "~~approve~~",
    "[ ] approve",
    "# approve",
    "approve 👎",
    "approve 2",
    "approve all",
    "Approve everything from her",
    "approved by whom",
    "She approved of it",
    "No. Approve",
    "no approve",
    "Approve no",
    "Approve: after the edit",
    "Approve - but remove the name",
    "Approve with changes",
    "approve only the first part",
    "half approve",
    "I approve of her courage",
    "Approve mine",
    "is this mine",
    "not mine",
    "Mine?",
    "mine or yours",
    "undo?",
    "don't undo",
    "undo the last two",
    "retract?",
    "do not retract",
    "Retract unless it's out",
    "return or not",
    "return?",
    "RETURN please leave out the name",
    "Return, the name must go",
    "don't return: it is fine",
    "Return|Wait, I was wrong.",
    "Return|No wait, publish it",
    "Return|APPROVE",
    "Return: names|Approve",
    "nicht genehmigen",
    "noch nicht freigeben",
    "no aprobar",
    "ne pas approuver",
    "não aprovar",
    "non approvare",
    "niet goedkeuren",
    "Approve; no",
    "If approved tell me",
    "Has Tom approved",
    "Approved? yes",
    "please approve when you can",
    "Approve|Delete the last line",
    "approve|> ok|then again maybe return",
    "Approve, Later",
    "Approve||Regards,|Maybe Not",
    "<approve>",
    "(approve)",
    "\"approve\" is what I'd say",
    "The word is approve",
    "why approve",
    "Approve||Thanks,|Reject",
    "note it and approve",
    "trust and approve",
];

const NO_VERB: &[&str] = &[
    "",
    "   ",
    "thanks",
    "Thanks, Dana",
    "yes",
    "Yes!",
    "ok",
    "OK, thanks",
    "okay",
    "sure",
    "👍",
    "looks good",
    "Fine with me",
    "no",
    "No thanks",
    "go ahead",
    "Publish it",
    "done",
    "> approve",
    "> Approve|> Return",
    "--|Approve",
    "I am out of the office until Monday.",
    "disapprove",
    "approval",
    "unapproved",
    "aprove",
    "approvee",
    "Dana",
    "Got it",
    "Will look",
    "?",
    "...",
    "On holiday",
    "rejected",
    "preapproved",
    "approve\u{202e}ton",
    "re-turn",
    "return-to-sender",
    "examine",
    "determined",
    "Hi Lamplight",
    "it",
    "This one",
];

#[test]
fn nothing_else_decides() {
    assert!(GENUINE.len() >= 80 && UNCLEAR.len() + NO_VERB.len() >= 120, "{} {}", GENUINE.len(), UNCLEAR.len());
    for text in UNCLEAR {
        assert_eq!(said(text), Reading::Nothing(WhyNothing::Unclear), "{text}");
    }
    for text in NO_VERB {
        assert_eq!(said(text), Reading::Nothing(WhyNothing::NoVerb), "{text}");
    }
}

#[test]
fn a_word_more_decides_nothing() {
    // Whatever a genuine reply says, one unknown word beside the verb stops it.
    for (_, text) in GENUINE.iter().filter(|(_, text)| !text.contains(['|', '>'])) {
        for changed in [format!("not {text}"), format!("{text} not"), format!("{text}?"), format!("{text} if possible")]
        {
            assert!(!matches!(said(&changed), Reading::Decision { .. }), "{changed}");
        }
    }
}

#[test]
fn confirmations() {
    use Confirmation::{No, TakeBack, Unclear, Yes};
    for (text, meaning) in [
        ("", Yes),
        ("  | ", Yes),
        ("leave", Yes),
        ("LEAVE", Yes),
        ("yes", Yes),
        ("Yes please", Yes),
        ("stop", Yes),
        ("please stop thank you", Yes),
        ("Please stop, thanks|Mira", Yes),
        ("unsubscribe", Yes),
        ("I want to leave", Yes),
        ("leave the group please", Yes),
        ("please remove me", Yes),
        ("stop sending me emails", Yes),
        ("Ja, bitte", Yes),
        ("Yes, please. Thank you so much.|Lena", Yes),
        ("Leave, please. Thank you all for your help", Unclear),
        ("Leave. Thank you for your support", Yes),
        ("Yes. Thank you for everything", Unclear),
        ("Oui merci", Yes),
        ("> reply to leave", Yes),
        ("Sent from my iPhone", Yes),
        ("ok", Yes),
        ("Yes, stop.", Yes),
        ("I agree", Yes),
        ("**Leave**", Yes),
        ("TAKE BACK", TakeBack),
        ("take it back please", TakeBack),
        ("Please take back my message. Thanks, Mira", TakeBack),
        ("Take back!", TakeBack),
        ("no", No),
        ("No thanks", No),
        ("stay", No),
        ("No, I want to stay", No),
        ("please keep me", No),
        ("don't stop", Unclear),
        ("stop?", Unclear),
        ("why", Unclear),
        ("leave me alone", Unclear),
        ("I want to leave this world", Unclear),
        ("goodbye", Unclear),
        ("help", Unclear),
        ("yes and no", Unclear),
        ("I never asked for this", Unclear),
        ("stop the pain", Unclear),
        ("me", Unclear),
        ("thanks", Unclear),
        ("the group", Unclear),
        ("Mira", Unclear),
        ("yes take it back", Unclear),
        ("how do I leave", Unclear),
        ("maybe later", Unclear),
        ("Thanks, Mira", Unclear),
        ("do not take it back", Unclear),
    ] {
        assert_eq!(read_confirmation(&text.replace('|', "\n")), meaning, "{text}");
    }
}

/// Pieces that texts are thrown together from: verbs in any form, courtesies, what turns a meaning round, marks and quotes.
fn pieces() -> impl proptest::strategy::Strategy<Value = String> {
    let words = WORDS.iter().flat_map(|(_, runs)| runs.split('|')).map(str::to_owned);
    let others = [
        "\n",
        "\n",
        "\n> ",
        "\n>> ",
        ": ",
        " - ",
        ", ",
        ". ",
        "?",
        "not",
        "if",
        "don't",
        "her name",
        "\n-- \n",
        "Dana",
        "\nSent from my iPhone\n",
        "**",
        "> approve",
        "\n\n",
        "A better text.",
        "\u{200b}",
        "…",
        "👍",
        "noch nicht",
    ];
    let all: Vec<String> = words.chain(others.map(str::to_owned)).collect();
    let piece = proptest::sample::select(all);
    proptest::collection::vec((piece, proptest::bool::ANY), 0..9).prop_map(|pieces| {
        pieces.into_iter().map(|(piece, space)| if space { format!("{piece} ") } else { piece }).collect()
    })
}

proptest::proptest! {
    #![proptest_config(proptest::test_runner::Config { cases: 2_000, ..Default::default() })]

    /// No text decides unless the verb's own word stands in a line that is not quoted, above any signature.
    #[test]
    fn a_decision_has_its_word_in_a_line_of_hers(text in proptest::prop_oneof![pieces(), "\\PC{0,80}"]) {
        let hers = text.lines().take_while(|line| line.trim_end() != "--").filter(|line| !line.trim_start().starts_with('>'));
        let lines: Vec<Vec<Word>> = hers.map(split).collect();
        match read_decision(&text, NAME) {
            Reading::Decision { verb, text: with } => {
                let says_it = |line: &Vec<Word>| (0..line.len())
                    .any(|at| matches!(known(&line[at..]), Some((Meaning::Verb(known), _)) if known == verb));
                // A run may go over the line's end.
                let all: Vec<Word> = lines.concat();
                proptest::prop_assert!(lines.iter().any(says_it) || says_it(&all), "{text:?} as {verb:?}");
                proptest::prop_assert_eq!(with.is_some(), verb.takes_text());
                proptest::prop_assert!(with.is_none_or(|with| !with.trim().is_empty()));
            }
            Reading::Nothing(WhyNothing::TextMissing(verb)) => proptest::prop_assert!(verb.takes_text()),
            // Their own tables have these.
            Reading::Read(_) | Reading::RetractNumber(_) | Reading::Nothing(_) => {}
        }
        let _ = without_sign_off(&text, NAME, &text);
    }
}
