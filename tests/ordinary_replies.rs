//! Replies as people write them every day: nothing in their quotes, attributions and signatures is taken for words that
//! nobody said before, so nobody has to look at them. And lines that only look so, and are somebody's words.

use lamplight::mail::{html, parse};
use lamplight::model::lexicon::Lexicon;
use lamplight::model::quote::Said;
use lamplight::model::text;

/// A post in the language of its reader, as she got it.
const POSTS: [(&str, &str); 6] = [
    (
        "en",
        "I have been reading along for three days, and I didn’t dare to write until now.\nYour words about the long nights did me a lot of good.\n\nHow do you get through the week before a scan?\n\nMira",
    ),
    (
        "de",
        "Ich lese seit drei Tagen mit und habe mich bis jetzt nicht getraut zu schreiben.\nEure Worte über die langen Nächte haben mir gutgetan.\n\nWie kommt ihr durch die Woche vor einer Untersuchung?\n\nMira",
    ),
    (
        "fr",
        "Je vous lis depuis trois jours et je n’osais pas écrire.\nVos mots sur les longues nuits m’ont fait du bien.\n\nComment passez-vous la semaine avant un examen ?\n\nMira",
    ),
    (
        "es",
        "Os leo desde hace tres días y no me atrevía a escribir.\nVuestras palabras sobre las noches largas me hicieron mucho bien.\n\n¿Cómo pasáis la semana antes de una prueba?\n\nMira",
    ),
    (
        "it",
        "Vi leggo da tre giorni e non osavo scrivere fino ad ora.\nLe vostre parole sulle lunghe notti mi hanno fatto bene.\n\nCome passate la settimana prima di un esame?\n\nMira",
    ),
    (
        "nl",
        "Ik lees al drie dagen mee en durfde tot nu toe niet te schrijven.\nJullie woorden over de lange nachten hebben me goed gedaan.\n\nHoe komen jullie de week voor een scan door?\n\nMira",
    ),
];
const FOOTER: &str = "~ ~ ~\nMira wrote this to Rose. Reply to answer everyone in the group.\nTo write to the social workers only: rose-owner@groups.example\nTo leave Rose: send an empty e-mail to rose-leave@groups.example";
const ANSWER: [&str; 6] = [
    "I bake, badly.",
    "Ich backe, schlecht.",
    "Je fais du pain.",
    "Hago pan, mal.",
    "Faccio il pane, male.",
    "Ik bak brood, slecht.",
];

/// How people sign, in the order of the languages, and in general.
const SIGNATURES: [&str; 16] = [
    "",
    "-- \nTom Reed\n555 0100",
    "-- \nTom Reed, MSW\nSocial worker, North Springfield General Hospital\n12 Rose Street, Springfield\nTel. +1 555 0100 | tom@work.example\nhttps://work.example",
    "Sent from my iPhone",
    "Von meinem iPhone gesendet",
    "Diese Nachricht wurde von meinem Android-Gerät mit K-9 Mail gesendet.",
    "-- \nSent from my Android device with K-9 Mail. Please excuse my brevity.",
    "Envoyé de mon iPhone",
    "Enviado desde mi dispositivo Samsung Galaxy",
    "Inviato da Yahoo Mail su Android",
    "Verzonden vanaf mijn Galaxy",
    "-- \nDr. med. Tom Reed\nFacharzt für Innere Medizin und Kardiologie\nRosenstr. 5, 10115 Berlin\nTelefon: 030 5550100\nMobil: 0170 5550100",
    "-- \nTom Reed\nResponsable du service social, Hôpital de Springfield\nTél. : 01 55 50 10 00",
    "--\nTom",
    "-- \nTom & Ada Reed\n(they/them)\nwww.reed.example",
    "Get Outlook for iOS<https://aka.ms/o0ukef>",
];

fn copy(post: &str) -> String {
    format!("{post}\n\n{FOOTER}")
}

fn marked(text: &str, with: &str) -> String {
    text.lines().map(|line| format!("{with}{line}").trim_end().to_owned()).collect::<Vec<_>>().join("\n")
}

fn wrapped(text: &str, width: usize) -> String {
    let mut out = String::new();
    for line in text.lines() {
        let mut length = 0;
        for word in line.split(' ') {
            if length > 0 && length + word.chars().count() >= width {
                out.push('\n');
                length = 0;
            } else if length > 0 {
                out.push(' ');
            }
            out.push_str(word);
            length += word.chars().count() + 1;
        }
        out.push('\n');
    }
    out.trim_end().to_owned()
}

/// The reply of one program: how it introduces, marks and wraps.
fn written(program: usize, language: usize, answer: &str, signature: &str, old: &str) -> String {
    let (en, from) = (language, "Mira <rose@groups.example>");
    let wrote = [
        format!("On Mon, 2 Mar 2026 at 9:12 AM {from} wrote:"),
        format!("Am Mo., 2. März 2026 um 09:12 Uhr schrieb {from}:"),
        format!("Le lun. 2 mars 2026 à 09:12, {from} a écrit :"),
        format!("El lun, 2 mar 2026 a las 9:12, {from} escribió:"),
        format!("Il giorno lun 2 mar 2026 alle ore 09:12 {from} ha scritto:"),
        format!("Op ma 2 mrt 2026 om 09:12 schreef {from}:"),
    ][en]
        .clone();
    let short = [
        "On 02/03/2026 09:12, Mira via Rose wrote:",
        "Am 02.03.26 um 09:12 schrieb Mira via Rose:",
        "Le 02/03/2026 à 09:12, Mira via Rose a écrit :",
        "El 2/3/26 a las 9:12, Mira via Rose escribió:",
        "Il 02/03/2026 09:12, Mira via Rose ha scritto:",
        "Op 02-03-2026 om 09:12 schreef Mira via Rose:",
    ][en];
    let block = [
        ("From", "Sent", "To", "Subject"),
        ("Von", "Gesendet", "An", "Betreff"),
        ("De", "Envoyé", "À", "Objet"),
        ("De", "Enviado", "Para", "Asunto"),
        ("Da", "Inviato", "A", "Oggetto"),
        ("Van", "Verzonden", "Aan", "Onderwerp"),
    ][en];
    let block = format!(
        "{}: {from}\n{}: 2 Mar 2026 09:12\n{}: Tom Reed <tom@home.example>\n{}: Re: Hello from a new one",
        block.0, block.1, block.2, block.3
    );
    let text = copy(old);
    let line = |n: usize| old.lines().nth(n).unwrap_or_default();
    match program {
        0 => format!("{answer}\n\n{signature}\n\n{wrote}\n\n{}", marked(&text, "> ")),
        1 => format!("{answer}\n\n{signature}\n\n{}\n{}", wrapped(&wrote, 60), marked(&text, "> ")),
        2 => format!("{answer}\n\n{signature}\n\n> {short}\n>\n{}", marked(&text, "> ")),
        3 => format!("{answer}\n\n{signature}\n\n{block}\n\n{text}"),
        4 => format!("{answer}\n\n{signature}\n\n________________________________\n{block}\n\n{text}"),
        5 => format!("{short}\n{}\n\n{answer}\n\n{signature}", marked(&wrapped(old, 50), ">")),
        6 => format!("{short}\n{}\n\n{answer}\n\n{signature}", marked(line(3), "> ")),
        7 => format!(
            "{answer}\n\n{signature}\n\n-----Original Message-----\n{}",
            marked(&format!("{block}\n\n{text}"), "> ")
        ),
        8 => format!(
            "{answer}\n\n{signature}\n\n{wrote}\n{}",
            marked(&old.replace('’', "&#39;").replace(", ", ",&nbsp; "), "> ")
        ),
        9 => format!(
            "{short}\n{}\n\n{answer}\n\n{}\n\n{answer}\n\n{signature}",
            marked(line(0), "> "),
            marked(line(3), "> ")
        ),
        10 => format!(
            "{answer}\n\n{signature}\n\n{wrote}\n{}",
            marked(&format!("[image: mira.jpg]\n*{}*\n> {}", line(0), line(1)), "> ")
        ),
        _ => format!(
            "{answer}\n\n{signature}\n\n{wrote}\n{}",
            marked(
                &format!(
                    "CAUTION: This email originated from outside of the organization. Do not click links or open attachments unless you recognize the sender.\n\n{}",
                    text.split("\n\n").next().unwrap_or_default()
                ),
                "> "
            )
        ),
    }
}

/// What a person would have to look at.
fn noticed(body: &str, said: &Said) -> String {
    let raw = format!(
        "From: Tom <tom@home.example>\nTo: rose@groups.example\nSubject: Re: Hello from a new one\nMIME-Version: 1.0\n\
         Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: 8bit\n\n{body}\n"
    );
    let quote = text::quote(&parse(raw.as_bytes()), said, &Lexicon::of("en"));
    format!("{}{}{}{}", quote.left_out, quote.omitted, quote.signed, quote.invented)
}

/// Whether these words stay her own, and so go to the group.
fn stays_new(body: &str, words: &str) -> bool {
    let raw = format!("From: Tom <tom@home.example>\nContent-Type: text/plain; charset=utf-8\n\n{body}\n");
    let reply = parse(raw.as_bytes()).text.reply;
    reply.lines().filter(|line| !line.starts_with('>')).any(|line| line.contains(words))
}

fn said_of(text: &str) -> Said {
    let mut said = Said::default();
    said.add("Re: Hello from a new one\nMira via Rose\nKit Moss");
    said.add(text);
    said
}

#[test]
fn ordinary_replies_wait_for_nobody() {
    let mut held = [0, 0];
    let mut count = [0, 0];
    for program in 0..12 {
        for (language, (name, post)) in POSTS.iter().enumerate() {
            let signature = SIGNATURES[(program * 5 + language * 3) % SIGNATURES.len()];
            let body = written(program, language, ANSWER[language], signature, post);
            let found = noticed(&body, &said_of(&copy(post)));
            let half = (program + language) % 2;
            count[half] += 1;
            if !found.is_empty() {
                held[half] += 1;
                println!("program {program}, {name}: {found}\n---\n{body}\n===");
            }
        }
    }
    println!("{held:?} of {count:?} would wait");
    assert_eq!(held, [0, 0]);
}

/// More letters, written after the rules and read by nobody meanwhile: other programs, other signatures.
#[test]
fn fresh_letters_wait_for_nobody() {
    let signatures = [
        "-- \nAda",
        "-- \nTom Reed (he/him)\nCounsellor | Springfield Cancer Trust | Registered Charity No. 1234567\nOffice hours: Mon-Thu 9-12",
        "-- \nHerzliche Grüße\nAda Reed\nDipl.-Sozialpädagogin (FH)\nMarktplatz 3 · 04109 Leipzig · Fon 0341 5550100",
        "-- \nTom Reed – Psychologue clinicien\n12, rue des Roses – 69003 Lyon\nPort. : 06 00 00 01 00",
        "Enviado desde Outlook para Android<https://aka.ms/AAb9ysg>",
        "Inviato dal mio telefono Android con K-9 Mail.",
        "Met vriendelijke groet,\n\n-- \nTom Reed\nMaatschappelijk werker bij Zorggroep Noord",
    ];
    let wrote = [
        "On Monday, March 2nd, 2026 at 9:12 AM, Mira via Rose <rose@groups.example> wrote:",
        "Mira via Rose <rose@groups.example> schrieb am Mo., 2. März 2026, 09:12:",
        "Le lundi 2 mars 2026 à 09:12:33 UTC+1, Mira via Rose <rose@groups.example> a écrit :",
        "El 2 de marzo de 2026 9:12:33 CET, Mira via Rose <rose@groups.example> escribió:",
        "In data lunedì 2 marzo 2026 09:12:33 CET, Mira via Rose ha scritto:",
        "Mira via Rose schreef op 2-3-2026 om 9:12:",
    ];
    let (mut held, mut count) = (0, 0);
    for (language, (name, post)) in POSTS.iter().enumerate() {
        let (answer, wrote, copy) = (ANSWER[language], wrote[language], copy(post));
        let lines: Vec<&str> = post.lines().collect();
        for (at, body) in [
            format!("{answer}\n\nSIGNED\n\n-------- Original Message --------\n{wrote}\n\n{}", marked(&copy, "> ")),
            format!("{answer}\n\nSIGNED\n\n{wrote}\n\n{}", marked(&wrapped(&copy, 40), "> ")),
            format!(
                "{wrote}\n{}\n\n{answer}\n\n{}\n\n{answer}\n\nSIGNED",
                marked(lines[0], "> "),
                marked(&lines[1..].join("\n"), "> ")
            ),
            format!("* Mira via Rose [2026-03-02 09:12]:\n{}\n\n{answer}\n\nSIGNED", marked(lines[3], "> ")),
            format!("{answer}\n\nSIGNED\n\n{wrote}\n{}\n> [...]\n{}", marked(lines[1], "> "), marked(lines[3], "> ")),
            format!("{answer}\n\nSIGNED\n\n{wrote}\n{}", marked(&lines[0].to_uppercase().replace("’", "'"), "> ")),
            format!("{answer}\n\nSIGNED\n\n{wrote}\n>> {}\n> {}\n> -- \n> Tom Reed\n> 555 0100", lines[0], lines[1]),
        ]
        .into_iter()
        .enumerate()
        {
            let body = body.replace("SIGNED", signatures[(at + 2 * language) % signatures.len()]);
            let found = noticed(&body, &said_of(&copy));
            count += 1;
            if !found.is_empty() {
                held += 1;
                println!("manner {at}, {name}: {found}\n---\n{body}\n===");
            }
        }
    }
    println!("{held} of {count} would wait");
    assert!(held * 20 <= count, "{held} of {count}");
}

/// The tables of what programs write, around a copy of a post and around a digest.
#[test]
fn what_programs_write_is_nobodys_words() {
    let digest = include_str!("golden/digest.txt");
    let digest = digest.split_once("\n\n").unwrap().1;
    let single = copy(POSTS[0].1);
    let (mut held, mut count) = (0, 0);
    let mut look = |what: &str, body: &str, said: &Said| {
        count += 1;
        let found = noticed(body, said);
        if !found.is_empty() {
            held += 1;
            println!("{what}: {found}");
        }
    };
    for old in [single.as_str(), digest] {
        let said = said_of(old);
        for line in include_str!("replies/attributions.tsv").lines() {
            let columns: Vec<&str> = line.split('\t').collect();
            let head = columns[2].replace("\\n", "\n");
            look(line, &format!("Yes, I know.\n\n{head}\n\n{}", marked(old, "> ")), &said);
            look(line, &format!("Yes, I know.\n\n{}", marked(&format!("{head}\n\n{old}"), "> ")), &said);
        }
        for line in include_str!("replies/blocks.tsv").lines() {
            // The subject is the one that she got, in whatever language.
            let head = line.split('\t').nth(2).unwrap().replace("\\n", "\n");
            let subject = head.rsplit([':', '：']).next().unwrap();
            let mut said = said_of(old);
            said.add(subject);
            said.add(head.lines().last().unwrap().split_once([':', '：']).unwrap().1);
            look(line, &format!("Yes, I know.\n\n{head}\n\n{old}"), &said);
            look(line, &format!("Yes, I know.\n\n{}", marked(&format!("{head}\n\n{old}"), "> ")), &said);
        }
        for line in include_str!("replies/footers.tsv").lines() {
            let foot = line.split('\t').nth(2).unwrap().replace("\\n", "\n");
            look(
                line,
                &format!("Yes, I know.\n\n{foot}\n\nOn 2 Mar 2026 at 9:12, Mira wrote:\n{}", marked(old, "> ")),
                &said,
            );
        }
        let page: String = old.lines().map(|line| format!("<p>{line}</p>")).collect();
        for case in include_str!("replies/html.txt").split("===\n") {
            let (name, case) = case.split_once('\n').unwrap();
            let body = html::to_text(
                &case.replace("REPLY", "Yes, I know.").replace("OLD", &page).replace("Waiting", "Hello from a new one"),
            );
            look(name, &body, &said);
        }
    }
    println!("{held} of {count} would wait");
    assert!(held * 50 <= count, "{held} of {count}");
}

/// Somebody's words, however they look.
#[test]
fn words_that_nobody_said_before_are_noticed() {
    let said = said_of(&copy(POSTS[0].1));
    for (body, words) in [
        ("Hi,\n\n>_< i relapsed again and told nobody\n>:( i hate my body so much\n\nbut thanks", "i relapsed again"),
        ("Hi all, my year.\n\n> I lost my job in March\n> I have been drinking since\n\nThat is all.", "lost my job"),
        (
            "Hi all.\n\nPSA> 40 and it is in the bones now, they give me a year\nCRP> 200\n\nThat is all.",
            "in the bones",
        ),
        (
            "Hallo,\n\nich habe wieder angefangen zu trinken und sitze allein hier, seit er mir das schrieb:\n\n> Du bist nichts wert.\n\nWas nun?",
            "zu trinken",
        ),
        (
            "Hello,\n\nOn the 3rd of May 2025 my husband left me with the kids and the house\nand the debts, and I have been drinking every night since then, and\nyesterday at last he sent me one single mail in which he wrote:\n> You will manage.\n\nWill I?",
            "left me with the kids",
        ),
        (
            "On Mon, 2 Mar 2026 at 9:12, Rose <rose@groups.example> wrote:\n> I have been reading along for three days, and I didn’t dare to write until now\ni stopped taking them and started drinking again\n> Your words about the long nights did me a lot of good.\nno",
            "started drinking",
        ),
        (
            "Hello everybody, the wound has healed.\n--\nThe doctor gives me two months. I have told nobody.",
            "two months",
        ),
        (
            "Hello everybody.\n\nLove, Mira\n-- \nMira Stone\n\nPS: I started drinking again on Friday and told nobody.",
            "drinking again",
        ),
        ("Hello,\n\nI have been sober for a year.\n\n__\nI lied. I have been drinking since May.", "since May"),
        (
            "Achtung, lang. Ich schreibe von außerhalb, aus der Klinik, und trinke wieder.\n\nDanke fürs Lesen",
            "trinke wieder",
        ),
        (
            "Hello.\n____________________\nWhat I wrote when I could not stop crying is here: https://mira.example/night\nI started drinking again, too.",
            "drinking again",
        ),
        ("Ciao,\n\nInviato da mio marito un messaggio sul telefono che dice che mi lascia.\n\nMira", "mi lascia"),
        (
            "Kit wrote to me in private:\n\n> I have told nobody, but I was in prison in 1999.\n\nHe should tell you.\n\n> Please keep this between us.\n\nSorry, Kit.",
            "in prison",
        ),
        ("Yes.\n\n> 3 years I was in prison, please tell nobody\n\nShe told me that.", "in prison"),
        (
            "Yes.\n\nOn 2 Mar 2026 at 9:12, Mira wrote:\n> How do you get through the week before a scan?\n> I cannot get through any of this.\n> Mira",
            "any of this",
        ),
        ("Hello, all is well.\n--\nmy husband hits me", "hits me"),
        ("Hallo, alles gut.\n--\nMein Mann schlägt mich", "schlägt mich"),
        ("Hello.\n\n>_< i relapsed\n\nSorry.", "i relapsed"),
        ("Hello.\n\nI drink, he wrote:\n> stop\n\nSorry.", "I drink"),
        ("Hello.\n\nAt 9:12 I took forty pills and then at last he wrote:\n> stop\n\nSorry.", "forty pills"),
    ] {
        let found = noticed(body, &said);
        assert!(found.contains(words) || stays_new(body, words), "{body}\n=== {found:?}");
    }
}
