//! Answers that people write into a quote in a colour of their own: they go to the group, or wait and are shown. And colours
//! that programs write, which hold nothing.

use lamplight::mail::{html, parse};
use lamplight::model::quote::Said;
use lamplight::model::text;

const POST: &str =
    "How do you sleep since the operation?\nDo you take the tablets that they gave you on the ward?\nKit";

/// What is plainly new, and what a person would be shown; of the page alone, or of the page with a plain version beside it.
fn read(html: &str, has_plain: bool) -> (String, String) {
    let mut said = Said::default();
    // Others wrote such words, too.
    ["No.", "Yes, I do.", "Badly", POST, "Kit (Rose)"].iter().for_each(|text| said.add(text));
    let page = format!("Content-Type: text/html; charset=utf-8\n\n{html}\n");
    let plain = html::to_text(html).replace(['\u{2062}', '\u{2064}'], "");
    let both = format!(
        "Content-Type: multipart/alternative; boundary=b\n\n--b\nContent-Type: text/plain; charset=utf-8\n\n{plain}\n--b\n{page}--b--\n"
    );
    let body = if has_plain { both } else { page };
    let raw = format!("From: Tom <tom@home.example>\nSubject: Re: Sleep\nMIME-Version: 1.0\n{body}");
    let message = parse(raw.as_bytes());
    let quote = text::quote(&message, &said, &lamplight::model::lexicon::Lexicon::of("en"));
    let new: Vec<&str> = message.text.reply.lines().filter(|line| !line.starts_with('>')).collect();
    (new.join("\n"), format!("{}\n{}\n{}", quote.left_out, quote.omitted, quote.invented).trim().to_owned())
}

/// In a quote of each kind: the answers behind a question, below it, and in paragraphs.
fn quotes(open: &str, close: &str, answer: &str) -> Vec<String> {
    let lines: Vec<&str> = POST.lines().collect();
    let inside = [
        format!("<div>{} {open}{answer}{close}</div><div>{}</div>", lines[0], lines[1]),
        format!("<div>{}</div><div>{open}{answer}{close}</div><div>{}</div>", lines[0], lines[1]),
        format!("<p>{}</p><p>{}</p><p>{open}{answer}{close}</p><p>Kit</p>", lines[0], lines[1]),
        format!("{}<br>{open}{answer}{close}<br>{}<br>Kit", lines[0], lines[1]),
    ];
    let of = |inside: String| {
        [
            format!(
                "<div>See below.</div><div class=\"gmail_quote\"><div class=\"gmail_attr\">On Mon, Mar 2, 2026 at 9:12 AM Kit (Rose) \
                 &lt;<a href=\"mailto:rose@groups.example\">rose@groups.example</a>&gt; wrote:<br></div><blockquote \
                 class=\"gmail_quote\" style=\"margin:0px 0px 0px 0.8ex;border-left:1px solid rgb(204,204,204)\">{inside}</blockquote></div>"
            ),
            format!(
                "<p>See below.</p><blockquote type=\"cite\"><div>On 2 Mar 2026, at 09:12, Kit (Rose) &lt;rose@groups.example&gt; \
                 wrote:</div><br>{inside}</blockquote>"
            ),
            format!(
                "<p>See below.</p><div id=\"divRplyFwdMsg\"><b>From:</b> Kit (Rose) &lt;rose@groups.example&gt;<br><b>Sent:</b> Monday, \
                 March 2, 2026 9:12 AM<br><b>To:</b> Tom &lt;tom@home.example&gt;<br><b>Subject:</b> Re: Sleep</div><div>{inside}</div>"
            ),
            format!(
                "<p>See below.</p><p>Am 02.03.2026 um 09:12 schrieb Kit (Rose) &lt;rose@groups.example&gt;:</p><blockquote \
                 style='border-left:solid blue 1.5pt'>{inside}</blockquote>"
            ),
        ]
    };
    inside.into_iter().flat_map(of).collect()
}

/// How people's programs write a colour.
const COLOURS: [(&str, &str); 8] = [
    ("<span style=\"color:red\">", "</span>"),
    ("<font color=\"#ff0000\">", "</font>"),
    ("<span style=\"font-size:11.0pt;color:#0070C0\">", "</span>"),
    ("<b><span style='color: rgb(0, 128, 0);'>", "</span></b>"),
    ("<font color=blue>", "</font>"),
    ("<span lang=\"DE\" style=\"font-family:Calibri; color:#7030A0; mso-fareast-language:EN-US\">", "</span>"),
    ("<strong style=\"color:#C00\">", "</strong>"),
    ("<div style=\"color: rgb(200, 38, 19);\">", "</div>"),
];

const ANSWERS: [&str; 7] = ["No.", "Badly", "Yes, I do.", "schlecht", "Non, jamais.", "dos veces al día", "elke avond"];

#[test]
fn answers_of_a_colour_are_not_lost() {
    let mut lost = [0, 0];
    for (at, (open, close)) in COLOURS.into_iter().enumerate() {
        for answer in ANSWERS {
            let pages = quotes(open, close, answer);
            for (html, has_plain) in pages.iter().flat_map(|html| [(html, false), (html, true)]) {
                let (new, shown) = read(html, has_plain);
                if !(new.contains(answer) || shown.contains(answer)) {
                    lost[at % 2] += 1;
                    if at % 2 == 0 && lost[0] < 4 {
                        println!("{answer:?} is lost of {html}\n{new:?} {shown:?}");
                    }
                }
            }
        }
    }
    assert_eq!(lost, [0, 0], "of {} each", COLOURS.len() / 2 * ANSWERS.len() * 32);
}

#[test]
fn colours_of_programs_hold_nothing() {
    let (first, rest) = POST.split_once('\n').unwrap();
    for (open, close) in [
        ("<span style=\"color:black\">", "</span>"),
        ("<span style=\"color:#1F497D\">", "</span>"),
        ("<font color=\"#222222\">", "</font>"),
        ("<span style=\"background-color:red;color:windowtext\">", "</span>"),
        // Whoever wrote it so was quoted with it.
        ("<span style=\"color:red\">", "</span>"),
        ("<div style=\"color:rgb(0,0,255)\">", "</div>"),
    ] {
        let rest = rest.replace('\n', "<br>");
        for inside in [
            format!("<div>{first}</div><div>{open}{rest}{close}</div>"),
            format!("<div>{open}{first}<br>{rest}{close}</div>"),
            format!("<div>{first}<br>{}</div>", rest.replace("tablets", &format!("{open}tablets{close}"))),
            format!("<div>{first}<br>{rest} <a href='http://x.example'><span style='color:blue'>Kit</span></a></div>"),
        ] {
            let html = format!(
                "<p>See below.</p><blockquote type=\"cite\"><div>{open}On 2 Mar 2026, at 09:12, Kit (Rose) \
                 &lt;rose@groups.example&gt; wrote:{close}</div><br>{inside}</blockquote>"
            );
            for has_plain in [false, true] {
                assert_eq!(read(&html, has_plain), ("See below.".into(), String::new()), "{html}");
            }
        }
    }
}
