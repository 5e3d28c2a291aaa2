//! Quotes that a mail program broke: the end of a marked line that grew too long stands in a line of its own, unmarked. And
//! answers that stand just so. Old words may leak and answers may be kept back for a person; no answer may be lost.

use lamplight::mail::parse;
use lamplight::mail::reply::split;
use lamplight::model::quote::Said;
use lamplight::model::text;

const REPLY: &str = "Thank you, that helps me more than I can say.\n\nTom";
const ANSWER: &str = "I did that, too.";

/// A post of two paragraphs; what was written for the rule, and by turns what was held back.
const POSTS: [(&str, [&str; 2]); 10] = [
    (
        "en",
        [
            "I have been reading along for three days and did not dare to write until now, because all of you know so much more about this illness than I do, and because I am ashamed of how little I sleep.",
            "How do you get through the week before a scan, when everybody around you talks of Christmas and you can think of nothing else?",
        ],
    ),
    (
        "de",
        [
            "Ich lese seit drei Tagen mit und habe mich bis jetzt nicht getraut zu schreiben, weil ihr alle so viel mehr über diese Krankheit wisst als ich und weil ich mich für meine schlaflosen Nächte schäme.",
            "Wie kommt ihr durch die Woche vor einer Untersuchung, wenn alle um euch herum von Weihnachten reden und ihr an nichts anderes denken könnt?",
        ],
    ),
    (
        "fr",
        [
            "Je vous lis depuis trois jours et je n'osais pas écrire, parce que vous en savez tous tellement plus que moi sur cette maladie et parce que j'ai honte de dormir si peu la nuit.",
            "Comment passez-vous la semaine avant un examen, quand tout le monde autour de vous parle de Noël et que vous ne pensez à rien d'autre ?",
        ],
    ),
    (
        "es",
        [
            "Os leo desde hace tres días y no me atrevía a escribir, porque todos sabéis mucho más que yo de esta enfermedad y porque me da vergüenza lo poco que duermo por las noches.",
            "¿Cómo pasáis la semana antes de una prueba, cuando todos a vuestro alrededor hablan de la Navidad y no podéis pensar en otra cosa?",
        ],
    ),
    (
        "it",
        [
            "Vi leggo da tre giorni e non osavo scrivere, perché tutti voi sapete molto più di me di questa malattia e perché mi vergogno di quanto poco dormo la notte.",
            "Come passate la settimana prima di un esame, quando tutti intorno a voi parlano del Natale e voi non riuscite a pensare ad altro?",
        ],
    ),
    (
        "nl",
        [
            "Ik lees al drie dagen mee en durfde tot nu toe niet te schrijven, omdat jullie allemaal zoveel meer over deze ziekte weten dan ik en omdat ik me schaam dat ik zo weinig slaap.",
            "Hoe komen jullie de week voor een scan door, als iedereen om je heen over Kerstmis praat en je aan niets anders kunt denken?",
        ],
    ),
    (
        "pl",
        [
            "Czytam was od trzech dni i do tej pory nie miałam odwagi napisać, bo wszyscy wiecie o tej chorobie o wiele więcej niż ja i wstydzę się, że tak mało sypiam.",
            "Jak przechodzicie przez tydzień przed badaniem, kiedy wszyscy dookoła mówią o świętach, a wy nie możecie myśleć o niczym innym?",
        ],
    ),
    (
        "ru",
        [
            "Я читаю вас уже три дня и до сих пор не решалась написать, потому что вы все знаете об этой болезни гораздо больше меня и мне стыдно, что я так мало сплю.",
            "Как вы переживаете неделю перед обследованием, когда все вокруг говорят о празднике, а вы не можете думать ни о чём другом?",
        ],
    ),
    (
        "sv",
        [
            "Jag har läst här i tre dagar och vågade inte skriva förrän nu, för ni vet alla så mycket mer om den här sjukdomen än jag och jag skäms för att jag sover så lite.",
            "Hur tar ni er igenom veckan före en undersökning, när alla runt omkring er pratar om julen och ni inte kan tänka på något annat?",
        ],
    ),
    (
        "pt",
        [
            "Leio-vos há três dias e não tinha coragem de escrever, porque todos sabem muito mais do que eu desta doença e porque tenho vergonha de dormir tão pouco à noite.",
            "Como passam a semana antes de um exame, quando todos à vossa volta falam do Natal e não conseguem pensar em mais nada?",
        ],
    ),
];

fn filled(text: &str, width: usize) -> Vec<String> {
    let (mut lines, mut line) = (Vec::new(), String::new());
    for word in text.split(' ') {
        if !line.is_empty() && line.chars().count() + 1 + word.chars().count() > width {
            lines.push(std::mem::take(&mut line));
        }
        line.push_str(if line.is_empty() { "" } else { " " });
        line.push_str(word);
    }
    lines.push(line);
    lines
}

/// Quoted by a program that breaks lines after it has marked them.
fn torn(paragraphs: &[&str], wrapped: Option<usize>, width: usize) -> String {
    let lines = paragraphs.iter().enumerate().flat_map(|(at, paragraph)| {
        let gap = (at > 0).then(String::new);
        gap.into_iter().chain(wrapped.map_or_else(|| vec![(*paragraph).to_owned()], |width| filled(paragraph, width)))
    });
    lines.flat_map(|line| filled(format!("> {line}").trim_end(), width)).collect::<Vec<_>>().join("\n")
}

/// How the original was wrapped, and to how many columns the program keeps.
const MANNERS: [(Option<usize>, usize); 8] = [
    (Some(72), 72),
    (Some(76), 76),
    (Some(78), 78),
    (Some(80), 80),
    (Some(76), 72),
    (None, 76),
    (None, 78),
    (Some(74), 74),
];

/// Whether every old word went, above an answer and around one.
fn is_clean(paragraphs: &[&str; 2], wrapped: Option<usize>, width: usize) -> (bool, bool) {
    let wrote = "On 2 Mar 2026 at 9:12, Kit <kit@home.example> wrote:";
    let above = format!("{REPLY}\n\n{wrote}\n{}\n", torn(paragraphs, wrapped, width));
    let between = format!(
        "{wrote}\n{}\n\n{ANSWER}\n\n{}\n",
        torn(&paragraphs[..1], wrapped, width),
        torn(&paragraphs[1..], wrapped, width)
    );
    let own = |letter: &str| {
        let reply = split(letter).reply;
        reply.lines().filter(|line| !line.starts_with('>') && !line.is_empty()).collect::<Vec<_>>().join("\n")
    };
    let kept = own(&between);
    assert!(kept.contains(ANSWER), "{between}");
    (split(&above).reply == REPLY, kept == ANSWER)
}

#[test]
fn the_ends_of_broken_lines_are_no_answers() {
    // Both by turns of what the rule was written with, and of what was held back.
    let (mut clean, mut of) = ([0, 0], [0, 0]);
    for (post, (language, paragraphs)) in POSTS.iter().enumerate() {
        for (manner, (wrapped, width)) in MANNERS.into_iter().enumerate() {
            let half = (post + manner) % 2;
            let (above, around) = is_clean(paragraphs, wrapped, width);
            of[half] += 2;
            clean[half] += usize::from(above) + usize::from(around);
            if half == 0 && !(above && around) {
                println!(
                    "{language}, {wrapped:?} to {width}: {above} {around}\n{}\n",
                    torn(paragraphs, wrapped, width)
                );
            }
        }
    }
    println!("{clean:?} of {of:?} without old words");
    assert!(clean.iter().all(|clean| *clean >= 50), "{clean:?} of {of:?}");
}

/// What a copy would lack, as a moderator is shown it.
fn left_out(letter: &str, said: &[&str]) -> String {
    let mut known = Said::default();
    said.iter().for_each(|text| known.add(text));
    let raw = format!("From: Tom <tom@home.example>\nContent-Type: text/plain; charset=utf-8\n\n{letter}");
    text::quote(&parse(raw.as_bytes()), &known, &lamplight::model::lexicon::Lexicon::of("en")).left_out
}

#[test]
fn the_ends_of_what_was_said_hold_nothing() {
    for (_, paragraphs) in POSTS {
        for (wrapped, width) in MANNERS {
            let letter = format!("{REPLY}\n\nKit <kit@home.example> wrote:\n{}\n", torn(&paragraphs, wrapped, width));
            assert_eq!(left_out(&letter, &paragraphs), "", "{letter}");
        }
    }
}

#[test]
fn answers_that_look_like_the_end_of_a_line_are_not_lost() {
    let (mut kept, mut waits, mut of) = ([0, 0], [0, 0], [0, 0]);
    for (at, case) in include_str!("answers_between.txt").split("===\n").enumerate() {
        let letter: String = case.lines().map(|line| format!("{}\n", line.trim_start_matches('+'))).collect();
        let reply = split(&letter).reply;
        // Others gave such answers as well.
        let mut said: Vec<&str> = case.lines().filter_map(|line| line.strip_prefix('+')).collect();
        let questions: Vec<&str> = case.lines().filter(|line| line.starts_with('>')).collect();
        let questions = questions.join("\n");
        said.push(&questions);
        let left_out = left_out(&letter, &said);
        for answer in case.lines().filter_map(|line| line.strip_prefix('+')) {
            let is_kept = reply.lines().any(|line| line == answer);
            let is_shown = left_out.lines().any(|line| line == answer);
            assert!(is_kept || is_shown, "{answer:?} is lost of\n{letter}");
            of[at % 2] += 1;
            kept[at % 2] += usize::from(is_kept);
            waits[at % 2] += usize::from(!is_kept);
            if at % 2 == 0 && !is_kept {
                println!("{answer:?} would wait in\n{letter}");
            }
        }
    }
    println!("{kept:?} of {of:?} kept, {waits:?} wait");
    assert!(kept.iter().all(|kept| *kept >= 8), "{kept:?} of {of:?}");
}
