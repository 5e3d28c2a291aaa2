//! What mail programs put around a reply, in their languages: the reply is what was newly written, all of it and nothing else.
//! `replies/*.tsv`: language, program, what it writes (`\n` for a line's end), and whether it always marks what it quotes. The programs' own words; the letters are ours.

#[path = "replies/coloured.rs"]
mod coloured;
#[path = "support/cpu.rs"]
mod cpu;
#[path = "replies/torn.rs"]
mod torn;

use std::time::Duration;

use cpu::thread_cpu;
use lamplight::mail::parse;
use lamplight::mail::reply::split;
use proptest::prelude::*;

const REPLY: &str = "Thank you, that helps me more than I can say.\n\nSee you on Thursday,\nTom";
const OLD: [&str; 3] = ["The ward smells of lavender today.", "", "I wait for the result, and nobody calls."];

struct Case {
    name: String,
    words: String,
    /// This program always marks what it quotes.
    marks: bool,
}

fn cases(table: &str) -> Vec<Case> {
    let case = |line: &str| {
        let columns: Vec<&str> = line.split('\t').collect();
        let (name, words) = (columns[..2].join(" "), columns[2].replace("\\n", "\n"));
        Case { name, words, marks: columns.len() > 3 }
    };
    table.lines().map(case).collect()
}

fn marked() -> String {
    OLD.map(|line| format!("> {line}")).join("\n")
}

/// How many of these texts are read wrongly, each told.
fn wrong(what: &str, texts: impl Iterator<Item = (String, String)>) -> usize {
    let mut wrong = 0;
    for (name, text) in texts {
        let found = split(&text).reply;
        if found != REPLY {
            println!("{what}, {name}:\n{text}\n--- is read as\n{found}\n");
            wrong += 1;
        }
    }
    wrong
}

#[test]
fn attributions_above_a_marked_quote() {
    let cases = cases(include_str!("replies/attributions.tsv"));
    let texts = cases.iter().map(|case| (case.name.clone(), format!("{REPLY}\n\n{}\n\n{}\n", case.words, marked())));
    assert_eq!(wrong("marked", texts), 0);
}

#[test]
fn attributions_above_an_unmarked_quote() {
    let cases = cases(include_str!("replies/attributions.tsv"));
    let texts = cases.iter().filter(|case| !case.marks).map(|case| {
        let words = case.words.replace("\n> ", "\n");
        let words = words.trim_start_matches("> ");
        (case.name.clone(), format!("{REPLY}\n\n{words}\n\n{}\n", OLD.join("\n")))
    });
    assert_eq!(wrong("unmarked", texts), 0);
}

#[test]
fn header_blocks() {
    let cases = cases(include_str!("replies/blocks.tsv"));
    let texts =
        cases.iter().map(|case| (case.name.clone(), format!("{REPLY}\n\n{}\n\n{}\n", case.words, OLD.join("\n"))));
    assert_eq!(wrong("block", texts), 0);
}

/// The mark of an old message and nothing that says whose it was.
#[test]
fn marks_alone() {
    let cases = cases(include_str!("replies/marks.tsv"));
    let texts =
        cases.iter().map(|case| (case.name.clone(), format!("{REPLY}\n\n{}\n\n{}\n", case.words, OLD.join("\n"))));
    assert_eq!(wrong("mark", texts), 0);
}

#[test]
fn sent_from() {
    let cases = cases(include_str!("replies/footers.tsv"));
    let texts = cases.iter().flat_map(|case| {
        let attribution = "On Mon, 2 Mar 2026 at 09:12, Kit Moss <kit@home.example> wrote:";
        [
            (case.name.clone(), format!("{REPLY}\n\n{}\n", case.words)),
            (
                format!("{} above a quote", case.name),
                format!("{REPLY}\n\n{}\n\n{attribution}\n{}\n", case.words, marked()),
            ),
            (format!("{} with a delimiter", case.name), format!("{REPLY}\n\n-- \n{}\n", case.words)),
        ]
    });
    assert_eq!(wrong("footer", texts), 0);
}

#[test]
fn letters_that_only_look_like_it() {
    for letter in include_str!("replies/traps.txt").split("===\n") {
        assert_eq!(split(letter).reply, letter.trim_end(), "{letter}");
    }
}

/// Sentences that begin, end or sound as a program's line does: a letter loses none of them.
#[test]
fn sentences_stay() {
    let texts = include_str!("replies/stays.txt").split("===\n");
    assert_eq!(otherwise(texts.map(|letter| (letter, letter))), 0);
}

/// What programs write beside such sentences, and what is left.
#[test]
fn what_programs_write_goes() {
    let cases = include_str!("replies/goes.txt").split("===\n").filter_map(|case| case.split_once("---\n"));
    assert_eq!(otherwise(cases), 0);
}

/// Initials before the mark; by turns what the rule was written with, and what was held back.
#[test]
fn initials_before_the_mark() {
    let cases = include_str!("replies/initials.txt").split("===\n").filter_map(|case| case.split_once("---\n"));
    let half = |half| cases.clone().enumerate().filter(move |(at, _)| at % 2 == half).map(|(_, case)| case);
    let held = half(1).filter(|(letter, wanted)| split(letter).reply != wanted.trim_end()).count();
    println!("{held} of those held back");
    assert_eq!((otherwise(half(0)), held), (0, 0));
}

/// Whoever answers nothing quotes nothing, unless she says whom.
#[test]
fn lists_of_the_authors_own() {
    let read = |head: &str, letter: &str| {
        let raw = format!("From: Tom <tom@home.example>\n{head}\nContent-Type: text/plain; charset=utf-8\n\n{letter}");
        parse(raw.as_bytes()).text.reply
    };
    for case in include_str!("replies/lists.txt").split("===\n") {
        let (letter, wanted) = case.split_once("---\n").unwrap();
        assert_eq!(read("Subject: A list", letter), wanted.trim_end(), "{letter}");
        for head in ["Subject: Re: A list", "Subject: A list\nIn-Reply-To: <1@groups.example>"] {
            assert_eq!(read(head, letter), split(letter).reply, "{head}: {letter}");
        }
    }
}

/// How many of these letters are read as something else, each told.
fn otherwise<'a>(letters: impl Iterator<Item = (&'a str, &'a str)>) -> usize {
    let wrong = letters.filter(|(letter, wanted)| {
        let found = split(letter).reply;
        let is_wrong = found != wanted.trim_end();
        if is_wrong {
            println!("{letter}--- is read as\n{found}\n");
        }
        is_wrong
    });
    wrong.count()
}

/// A whole letter in HTML alone, as a phone sends it.
fn letter(html: &str) -> String {
    format!(
        "From: Tom <tom@home.example>\r\nSubject: Re: Waiting\r\nMIME-Version: 1.0\r\n\
         Content-Type: text/html; charset=utf-8\r\n\r\n{html}\r\n"
    )
}

#[test]
fn html_is_read_by_its_structure() {
    let old = OLD.join("<br>");
    for case in include_str!("replies/html.txt").split("===\n") {
        let (program, html) = case.split_once('\n').unwrap();
        let html = html.replace("REPLY", &REPLY.replace('\n', "<br>")).replace("OLD", &old);
        let found = parse(letter(&html).as_bytes()).text;
        assert_eq!(found.reply, REPLY, "{program}");
        assert!(found.quoted.contains("lavender"), "{program}: what is left out is there to look at");
    }
}

#[test]
fn answers_between_quotes_in_html_are_kept() {
    let quote = |words: &str| format!("<blockquote class=\"gmail_quote\"><div>{words}</div></blockquote>");
    let html = format!(
        "<div class=\"gmail_quote\"><div class=\"gmail_attr\">Ar Llun, ysgrifennodd Kit:<br></div>{}<div>Yes, on Thursday.</div>\
         {}<div>I am afraid of that, too.</div></div>",
        quote("Will you come?"),
        quote("I wait for the result.")
    );
    let found = parse(letter(&html).as_bytes()).text.reply;
    assert_eq!(found, "> Will you come?\nYes, on Thursday.\n\n> I wait for the result.\nI am afraid of that, too.");
}

/// Words beside what a program puts into an element, and in one that is no quote.
#[test]
fn words_around_a_programs_element_are_kept() {
    for (html, reply) in [
        (
            "<div>Hi, thanks.</div><div class=\"gmail_signature\">Mira Stone</div><div>PS. I drink again.</div>",
            "Hi, thanks.\n\nPS. I drink again.",
        ),
        (
            "<div>Hallo.</div><div id=\"Signature\"><div>Mira<div>555</div></div></div><div>Ich trinke wieder.</div>",
            "Hallo.\n\nIch trinke wieder.",
        ),
        (
            "<p>Hola.</p><table class='x_Signature'><tr><td>Ada<table><tr><td>555</td></tr></table></td></tr></table>\
             <p>No duermo.</p>",
            "Hola.\n\nNo duermo.",
        ),
        ("<p>Yes.</p><div class=\"moz-signature\">-- <br>Tom Reed</div>", "Yes."),
        ("<p>Yes.</p><div class=\"moz-signature\">-- <br>Tom Reed", "Yes."),
        ("<div id=\"Signature\">I have no other words.</div>", "I have no other words."),
        (
            "<div>Hi,<blockquote style=\"margin:0 0 0 40px;border:none;padding:0px\"><div>I drink again.</div>\
             </blockquote><div>Thanks.</div></div>",
            "Hi,\nI drink again.\nThanks.",
        ),
        (
            "<p>Ja.</p><blockquote style='margin: 0px 0px 0px 40px; border: none; padding: 0px;'><p>Ich trinke.</p>\
             <blockquote type=cite><p>alt</p></blockquote></blockquote>",
            "Ja.\n\nIch trinke.",
        ),
        ("<p>Yes.</p><blockquote type=\"cite\" style=\"margin:0;border:none\"><p>old</p></blockquote>", "Yes."),
        ("<p>Yes.</p><blockquote style=\"margin:0 0 0 .8ex;border-left:1px #ccc solid\">old</blockquote>", "Yes."),
        (
            "<div class=\"moz-cite-prefix\">I drink again and told nobody.<br><br>Ar 3/2/26 09:12, Kit:<br></div>\
             <blockquote type=cite>old</blockquote>",
            "I drink again and told nobody.",
        ),
        (
            "<div class=gmail_quote><div dir=ltr class=\"gmail_attr\">Ich trinke wieder.<div>Am Mo., 2. März 2026 um \
             09:12 Uhr schrieb Kit &lt;k@h.example&gt;:<br></div></div><blockquote class=gmail_quote>old</blockquote></div>",
            "Ich trinke wieder.",
        ),
        (
            "<div class=gmail_quote><div class=\"gmail_attr\">I typed in front of it. On Mon, Mar 2, 2026 at 9:12 AM Kit \
             wrote:<br></div><blockquote class=gmail_quote>old</blockquote></div>",
            "I typed in front of it.",
        ),
        (
            "<p>Yes.</p><div class=\"moz-cite-prefix\">Ar 02/03/2026 09:12, ysgrifennodd Kit:<br></div>\
             <blockquote type=cite>old</blockquote>",
            "Yes.",
        ),
    ] {
        assert_eq!(parse(letter(html).as_bytes()).text.reply, reply, "{html}");
    }
}

/// What a letter may be made of: what programs write, and what people do.
fn piece() -> impl Strategy<Value = String> {
    let tables = [
        include_str!("replies/attributions.tsv"),
        include_str!("replies/blocks.tsv"),
        include_str!("replies/footers.tsv"),
    ];
    let of_programs: Vec<String> = tables.iter().flat_map(|table| cases(table)).map(|case| case.words).collect();
    let of_people: Vec<String> = include_str!("replies/traps.txt").split("===\n").map(str::to_owned).collect();
    prop_oneof![
        proptest::sample::select(of_programs),
        proptest::sample::select(of_people),
        Just(marked()),
        Just(String::new()),
        "[a-zäöüА-я ,.?!>:@<-]{0,60}",
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(200) })]

    #[test]
    fn every_line_of_the_reply_stands_in_the_letter_in_order(pieces in proptest::collection::vec(piece(), 0..12)) {
        let letter = pieces.join("\n");
        let parted = split(&letter);
        let mut lines = letter.lines().map(str::trim_end);
        for line in parted.reply.lines().filter(|line| !line.is_empty()) {
            prop_assert!(lines.any(|other| other == line), "{line:?} of {letter:?} stands elsewhere");
        }
        prop_assert_eq!(&split(&letter), &parted, "read twice it is another");
        let words = |text: &str| text.split(|c: char| !c.is_alphanumeric()).map(str::len).sum::<usize>();
        let all = words(&parted.reply) + words(&parted.quoted) + words(&parted.signature);
        prop_assert!(all >= words(&letter), "words of {letter:?} stand nowhere");
    }
}

#[test]
fn the_cost_grows_as_the_letter_does() {
    for piece in [
        "> a quoted line\n",
        "\n",
        "a line of a letter that says: something\n",
        "__________________\n",
        "-- \n",
        "Sent from my iPhone\n\n",
        "From: Kit <kit@home.example>\nSent: Monday, 2 March 2026 9:12\n",
        "On 2 Mar 2026 at 9:12, Kit <kit@home.example> wrote:\n",
        ">>> Kit <kit@home.example> 2 Mar 2026 9:12 >>>\n",
        "> 37\nx\n",
        "Field: value\n",
    ] {
        let cost = |times: usize| {
            let letter = piece.repeat(times);
            let least = (0..3).map(|_| {
                let start = thread_cpu();
                let _ = split(&letter);
                thread_cpu() - start
            });
            least.min().unwrap_or_default()
        };
        let (few, many) = (cost(1_000), cost(8_000));
        let limit = 20 * few + Duration::from_millis(20);
        assert!(many < limit, "{piece:?}: {few:?} for a thousand, {many:?} for eight");
    }
}

#[test]
fn where_only_the_html_says_what_is_quoted_it_is_read() {
    let html = format!("<div>{REPLY}</div><div id=\"divRplyFwdMsg\"><b>Oddi wrth:</b> Kit</div><div>{}</div>", OLD[0]);
    let both = format!(
        "From: tom@home.example\r\nContent-Type: multipart/alternative; boundary=b\r\n\r\n--b\r\n\r\n{REPLY}\r\n\r\n\
         Oddi wrth: Kit\r\n\r\n{}\r\n--b\r\nContent-Type: text/html\r\n\r\n{}\r\n--b--\r\n",
        OLD[0],
        html.replace('\n', "<br>")
    );
    assert_eq!(parse(both.as_bytes()).text.reply, REPLY);
}
