//! How mail programs write a reply: the new words above or below the notice that they answer, with all that each program
//! adds of its own. Composed from what these programs send, not from what Lamplight reads.

use data_encoding::BASE64;

/// The notice that is answered, as its reader's program has it.
pub const NOTICE: &str = include_str!("../golden/hold.txt");
pub const TOKEN_ADDRESS: &str = "lamplight+m.AAAAAAAAAAAAAAAAAAAAAAAAAAAAAA@groups.example";

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tongue {
    En,
    Es,
    De,
    Fr,
    Pt,
    It,
    Nl,
}

pub struct Reply<'a> {
    pub words: &'a str,
    pub tongue: Tongue,
}

/// A program's name and how it writes.
pub type Program = (&'static str, fn(&Reply<'_>) -> Vec<u8>);

pub const PROGRAMS: &[Program] = &[
    ("Gmail web", gmail_web),
    ("Gmail app", gmail_app),
    ("Outlook desktop", outlook_desktop),
    ("Outlook web", outlook_web),
    ("Outlook mobile", outlook_mobile),
    ("Apple Mail", apple_mail),
    ("iOS Mail", ios_mail),
    ("Yahoo", yahoo),
    ("Thunderbird", thunderbird_top),
    ("Samsung", samsung),
    ("K-9", k9),
    ("Proton", proton),
    ("mutt", mutt_top),
    ("HTML only", html_only),
];

/// Those that put the cursor below the quote.
pub const BELOW: &[Program] =
    &[("Thunderbird below", thunderbird_below), ("mutt below", mutt_below), ("Gmail below", gmail_below)];

/// The notice's subject and text.
fn notice() -> (&'static str, &'static str) {
    let (subject, text) = NOTICE.split_once("\n\n").unwrap();
    (subject.trim_start_matches("Subject: "), text)
}

fn quoted(mark: &str) -> String {
    notice().1.lines().map(|line| format!("{mark}{line}\n")).collect()
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

fn divs(text: &str) -> String {
    let line = |line: &str| {
        if line.is_empty() { "<div><br></div>".to_owned() } else { format!("<div>{}</div>", escape(line)) }
    };
    text.lines().map(line).collect()
}

fn paragraphs(text: &str, class: &str) -> String {
    let line =
        |line: &str| format!("<p class={class}>{}</p>", if line.is_empty() { "&nbsp;".into() } else { escape(line) });
    text.lines().map(line).collect()
}

fn page() -> String {
    notice().1.lines().map(|line| format!("{}<br>\r\n", escape(line))).collect()
}

const FROM: &str = "Rose <rose-owner@groups.example>";

/// The header every reply has, then what the program says of its body, then the body.
fn mail(more: &str, body: &str) -> Vec<u8> {
    let subject = notice().0;
    let text = format!(
        "Return-Path: <dana@work.example>\nReceived: from mail.work.example ([203.0.113.7]) by mx.groups.example; Mon, 23 Nov 2026 14:20:00 -0500\n\
         From: Dana Ruiz <dana@work.example>\nTo: Rose <{TOKEN_ADDRESS}>\nSubject: Re: {subject}\n\
         Date: Mon, 23 Nov 2026 14:20:00 -0500\nMessage-ID: <reply-1@mail.work.example>\n\
         In-Reply-To: <notice-1@groups.example>\nReferences: <notice-1@groups.example>\nMIME-Version: 1.0\n{more}\n\n{body}"
    );
    text.replace("\r\n", "\n").replace('\n', "\r\n").into_bytes()
}

fn quoted_printable(text: &str) -> String {
    let mut out = String::new();
    for line in text.lines() {
        let mut width = 0;
        let bytes = line.as_bytes();
        for (at, byte) in bytes.iter().enumerate() {
            let is_plain = (33..=126).contains(byte) && *byte != b'=' || (*byte == b' ' && at + 1 < bytes.len());
            let piece = if is_plain { char::from(*byte).to_string() } else { format!("={byte:02X}") };
            if width + piece.len() > 74 {
                out.push_str("=\n");
                width = 0;
            }
            width += piece.len();
            out.push_str(&piece);
        }
        out.push('\n');
    }
    out
}

fn base64(text: &str) -> String {
    let coded = BASE64.encode(text.replace('\n', "\r\n").as_bytes());
    coded.as_bytes().chunks(76).map(|line| format!("{}\n", std::str::from_utf8(line).unwrap())).collect()
}

fn plain(text: &str) -> Vec<u8> {
    mail("Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: 8bit", text)
}

#[derive(Clone, Copy)]
enum Coded {
    Printable,
    Base64,
}

fn both(text: &str, html: &str, coded: Coded) -> Vec<u8> {
    let (name, text, html) = match coded {
        Coded::Printable => ("quoted-printable", quoted_printable(text), quoted_printable(html)),
        Coded::Base64 => ("base64", base64(text), base64(html)),
    };
    let body = format!(
        "--cut-here\nContent-Type: text/plain; charset=\"UTF-8\"\nContent-Transfer-Encoding: {name}\n\n{text}\n\
         --cut-here\nContent-Type: text/html; charset=\"UTF-8\"\nContent-Transfer-Encoding: {name}\n\n{html}\n--cut-here--\n"
    );
    mail("Content-Type: multipart/alternative; boundary=\"cut-here\"", &body)
}

fn wrote(tongue: Tongue) -> &'static str {
    match tongue {
        Tongue::En => "On Mon, Nov 23, 2026 at 2:05 PM Rose <rose-owner@groups.example> wrote:",
        Tongue::Es => "El lun, 23 nov 2026 a las 14:05, Rose (<rose-owner@groups.example>) escribió:",
        Tongue::De => "Am Mo., 23. Nov. 2026 um 14:05 Uhr schrieb Rose <rose-owner@groups.example>:",
        Tongue::Fr => "Le lun. 23 nov. 2026 à 14:05, Rose <rose-owner@groups.example> a écrit :",
        Tongue::Pt => "Em seg., 23 de nov. de 2026 às 14:05, Rose <rose-owner@groups.example> escreveu:",
        Tongue::It => "Il giorno lun 23 nov 2026 alle ore 14:05 Rose <rose-owner@groups.example> ha scritto:",
        Tongue::Nl => "Op ma 23 nov 2026 om 14:05 schreef Rose <rose-owner@groups.example>:",
    }
}

fn wrote_apple(tongue: Tongue) -> &'static str {
    match tongue {
        Tongue::En => "On Nov 23, 2026, at 2:05 PM, Rose <rose-owner@groups.example> wrote:",
        Tongue::Es => "El 23 nov 2026, a las 14:05, Rose <rose-owner@groups.example> escribió:",
        Tongue::De => "Am 23.11.2026 um 14:05 schrieb Rose <rose-owner@groups.example>:",
        Tongue::Fr => "Le 23 nov. 2026 à 14:05, Rose <rose-owner@groups.example> a écrit :",
        Tongue::Pt => "Em 23 de nov. de 2026, à(s) 14:05, Rose <rose-owner@groups.example> escreveu:",
        Tongue::It => "Il giorno 23 nov 2026, alle ore 14:05, Rose <rose-owner@groups.example> ha scritto:",
        Tongue::Nl => "Op 23 nov 2026 om 14:05 heeft Rose <rose-owner@groups.example> het volgende geschreven:",
    }
}

/// From, Sent, To, Subject as Outlook labels them.
fn labels(tongue: Tongue) -> [&'static str; 4] {
    match tongue {
        Tongue::En => ["From", "Sent", "To", "Subject"],
        Tongue::Es => ["De", "Enviado", "Para", "Asunto"],
        Tongue::De => ["Von", "Gesendet", "An", "Betreff"],
        Tongue::Fr => ["De", "Envoyé", "À", "Objet"],
        Tongue::Pt => ["De", "Enviado", "Para", "Assunto"],
        Tongue::It => ["Da", "Inviato", "A", "Oggetto"],
        Tongue::Nl => ["Van", "Verzonden", "Aan", "Onderwerp"],
    }
}

fn block(tongue: Tongue) -> String {
    let [from, sent, to, subject] = labels(tongue);
    format!(
        "{from}: {FROM}\n{sent}: Monday, November 23, 2026 2:05 PM\n{to}: Dana Ruiz <dana@work.example>\n{subject}: {}\n",
        notice().0
    )
}

fn block_page(tongue: Tongue) -> String {
    let [from, sent, to, subject] = labels(tongue);
    format!(
        "<b>{from}:</b> Rose &lt;rose-owner@groups.example&gt;<br>\n<b>{sent}:</b> Monday, November 23, 2026 2:05 PM<br>\n\
         <b>{to}:</b> Dana Ruiz &lt;dana@work.example&gt;<br>\n<b>{subject}:</b> {}<br>\n",
        escape(notice().0)
    )
}

fn from_iphone(tongue: Tongue) -> &'static str {
    match tongue {
        Tongue::En => "Sent from my iPhone",
        Tongue::Es => "Enviado desde mi iPhone",
        Tongue::De => "Von meinem iPhone gesendet",
        Tongue::Fr => "Envoyé de mon iPhone",
        Tongue::Pt => "Enviado do meu iPhone",
        Tongue::It => "Inviato da iPhone",
        Tongue::Nl => "Verstuurd vanaf mijn iPhone",
    }
}

fn gmail_page(reply: &Reply<'_>) -> String {
    format!(
        "<div dir=\"ltr\">{}</div><br><div class=\"gmail_quote gmail_quote_container\"><div dir=\"ltr\" class=\"gmail_attr\">{}<br></div>\
         <blockquote class=\"gmail_quote\" style=\"margin:0px 0px 0px 0.8ex;border-left:1px solid rgb(204,204,204);padding-left:1ex\">{}</blockquote></div>",
        divs(reply.words),
        escape(wrote(reply.tongue)),
        page()
    )
}

fn gmail_web(reply: &Reply<'_>) -> Vec<u8> {
    let text = format!("{}\n\n{}\n\n{}", reply.words, wrote(reply.tongue), quoted("> "));
    both(&text, &gmail_page(reply), Coded::Printable)
}

fn gmail_app(reply: &Reply<'_>) -> Vec<u8> {
    let attribution = wrote(reply.tongue);
    // The app wraps the line before the address.
    let wrapped = attribution.replacen(" <", "\n<", 1);
    let text = format!("{}\n\n{wrapped}\n\n{}", reply.words, quoted("> "));
    let html = format!(
        "<div dir=\"auto\">{}</div><br><div class=\"gmail_quote\"><div dir=\"ltr\" class=\"gmail_attr\">{}<br></div><blockquote class=\"gmail_quote\">{}</blockquote></div>",
        divs(reply.words),
        escape(attribution),
        page()
    );
    both(&text, &html, Coded::Base64)
}

fn outlook_desktop(reply: &Reply<'_>) -> Vec<u8> {
    let spaced = |text: &str| text.lines().map(|line| format!("{line}\n\n")).collect::<String>();
    let text = format!("{}\n\n{}\n{}", spaced(reply.words).trim_end(), block(reply.tongue), spaced(notice().1));
    let html = format!(
        "<html xmlns:o=\"urn:schemas-microsoft-com:office:office\"><head><style><!-- p.MsoNormal {{margin:0in;}} --></style></head>\
         <body lang=\"EN-US\"><div class=\"WordSection1\">{}<p class=\"MsoNormal\"><o:p>&nbsp;</o:p></p>\
         <div style=\"border:none;border-top:solid #E1E1E1 1.0pt;padding:3.0pt 0in 0in 0in\"><p class=\"MsoNormal\">{}</p></div>\
         <p class=\"MsoNormal\"><o:p>&nbsp;</o:p></p><div>{}</div></div></body></html>",
        paragraphs(reply.words, "\"MsoNormal\""),
        block_page(reply.tongue),
        page()
    );
    both(&text, &html, Coded::Base64)
}

fn outlook_web(reply: &Reply<'_>) -> Vec<u8> {
    let line = "________________________________";
    let text = format!("{}\n{line}\n{}\n{}", reply.words, block(reply.tongue), notice().1);
    let html = format!(
        "<html><head></head><body dir=\"ltr\"><div class=\"elementToProof\" style=\"font-family: Aptos\">{}</div>\
         <div id=\"appendonsend\"></div><hr style=\"display:inline-block;width:98%\" tabindex=\"-1\">\
         <div id=\"divRplyFwdMsg\" dir=\"ltr\"><font face=\"Calibri, sans-serif\">{}</font><div>&nbsp;</div></div><div>{}</div></body></html>",
        divs(reply.words),
        block_page(reply.tongue),
        page()
    );
    both(&text, &html, Coded::Printable)
}

fn outlook_mobile(reply: &Reply<'_>) -> Vec<u8> {
    let text = format!(
        "{}\n\nGet Outlook for iOS<https://aka.ms/o0ukef>\n________________________________\n{}\n{}",
        reply.words,
        block(reply.tongue),
        notice().1
    );
    let html = format!(
        "<html><body><div dir=\"ltr\">{}</div><div id=\"ms-outlook-mobile-body-separator-line\"><br></div>\
         <div id=\"ms-outlook-mobile-signature\">Get <a href=\"https://aka.ms/o0ukef\">Outlook for iOS</a></div>\
         <hr style=\"display:inline-block;width:98%\"><div id=\"divRplyFwdMsg\" dir=\"ltr\">{}</div>{}</body></html>",
        divs(reply.words),
        block_page(reply.tongue),
        page()
    );
    both(&text, &html, Coded::Base64)
}

fn apple_mail(reply: &Reply<'_>) -> Vec<u8> {
    let text = format!("{}\n\n> {}\n> \n{}", reply.words, wrote_apple(reply.tongue), quoted("> "));
    let html = format!(
        "<html><body style=\"overflow-wrap: break-word\">{}<div><br><blockquote type=\"cite\"><div>{}</div><br class=\"Apple-interchange-newline\"><div>{}</div></blockquote></div><br></body></html>",
        divs(reply.words),
        escape(wrote_apple(reply.tongue)),
        page()
    );
    both(&text, &html, Coded::Printable)
}

fn ios_mail(reply: &Reply<'_>) -> Vec<u8> {
    let phone = from_iphone(reply.tongue);
    let text = format!("{}\n\n{phone}\n\n> {}\n> \n> \u{feff}{}", reply.words, wrote_apple(reply.tongue), quoted("> "));
    let html = format!(
        "<html><body dir=\"auto\">{}<br><div dir=\"ltr\">{phone}</div><div dir=\"ltr\"><br><blockquote type=\"cite\">{}<br><br></blockquote></div>\
         <blockquote type=\"cite\"><div dir=\"ltr\">\u{feff}{}</div></blockquote></body></html>",
        divs(reply.words),
        escape(wrote_apple(reply.tongue)),
        page()
    );
    both(&text, &html, Coded::Printable)
}

fn yahoo(reply: &Reply<'_>) -> Vec<u8> {
    let line = "On Monday, November 23, 2026 at 02:05:00 PM EST, Rose <rose-owner@groups.example> wrote:";
    let text = format!(" {}\n\n    {line}  \n \n {}", reply.words.replace('\n', "\n "), notice().1);
    let html = format!(
        "<html><body><div class=\"ydp1yahoo-style-wrap\"><div dir=\"ltr\">{}</div></div><div id=\"yahoo_quoted_1\" class=\"yahoo_quoted\">\
         <div style=\"font-size:13px\"><div>{}</div><div><br></div><div>{}</div></div></div></body></html>",
        divs(reply.words),
        escape(line),
        page()
    );
    both(&text, &html, Coded::Printable)
}

fn thunderbird(words: &str, below: bool) -> Vec<u8> {
    let quote = format!("On 11/23/26 2:05 PM, Rose wrote:\n{}", quoted("> "));
    let body = if below { format!("{quote}\n\n{words}\n\n") } else { format!("{words}\n\n{quote}\n") };
    mail(
        "Content-Type: text/plain; charset=UTF-8; format=flowed\nContent-Transfer-Encoding: 8bit\nUser-Agent: Mozilla Thunderbird",
        &body,
    )
}

fn thunderbird_top(reply: &Reply<'_>) -> Vec<u8> {
    thunderbird(reply.words, false)
}

fn thunderbird_below(reply: &Reply<'_>) -> Vec<u8> {
    thunderbird(reply.words, true)
}

fn samsung(reply: &Reply<'_>) -> Vec<u8> {
    let text = format!(
        "{}\n\n\nSent from my Galaxy\n\n\n-------- Original message --------\nFrom: {FROM} \nDate: 11/23/26  2:05 PM  (GMT-05:00) \n\
         To: dana@work.example \nSubject: {} \n\n{}",
        reply.words,
        notice().0,
        notice().1
    );
    let html = format!(
        "<html><body dir=\"auto\"><div dir=\"auto\">{}</div><div dir=\"auto\"><br></div><div id=\"composer_signature\" dir=\"auto\">Sent from my Galaxy</div>\
         <div dir=\"auto\"><br></div><div><br></div><div align=\"left\" dir=\"auto\" style=\"font-size:100%;color:#000000\"><div>-------- Original message --------</div>\
         <div>From: Rose &lt;rose-owner@groups.example&gt; </div><div>Date: 11/23/26  2:05 PM  (GMT-05:00) </div><div>To: dana@work.example </div>\
         <div>Subject: {} </div><div><br></div></div>{}</body></html>",
        divs(reply.words),
        escape(notice().0),
        page()
    );
    both(&text, &html, Coded::Base64)
}

fn k9(reply: &Reply<'_>) -> Vec<u8> {
    plain(&format!(
        "{}\n-- \nSent from my Android device with K-9 Mail. Please excuse my brevity.\n\nOn 23 November 2026 14:05:00 GMT-05:00, {FROM} wrote:\n{}",
        reply.words,
        quoted(">")
    ))
}

fn proton(reply: &Reply<'_>) -> Vec<u8> {
    let line = "On Monday, November 23rd, 2026 at 2:05 PM, Rose <rose-owner@groups.example> wrote:";
    let text = format!("{}\n\nSent with Proton Mail secure email.\n\n{line}\n\n{}", reply.words, quoted("> "));
    let html = format!(
        "<div style=\"font-family: Arial\">{}</div><div><br></div><div class=\"protonmail_signature_block\"><div class=\"protonmail_signature_block-proton\">\
         Sent with <a href=\"https://proton.me/mail/home\">Proton Mail</a> secure email.</div></div><div class=\"protonmail_quote\">{}<br><blockquote class=\"protonmail_quote\" type=\"cite\">{}</blockquote></div>",
        divs(reply.words),
        escape(line),
        page()
    );
    both(&text, &html, Coded::Base64)
}

fn mutt(words: &str, below: bool) -> Vec<u8> {
    let quote = format!("On Mon, Nov 23, 2026 at 02:05:00PM -0500, Rose wrote:\n{}", quoted("> "));
    let body = if below {
        format!("{quote}\n{words}\n\n-- \nDana Ruiz\n")
    } else {
        format!("{words}\n\n{quote}\n-- \nDana Ruiz\n")
    };
    mail("Content-Type: text/plain; charset=us-ascii\nContent-Disposition: inline\nUser-Agent: Mutt/2.2", &body)
}

fn mutt_top(reply: &Reply<'_>) -> Vec<u8> {
    // It says the character set that the words need.
    let bytes = mutt(reply.words, false);
    if reply.words.is_ascii() {
        bytes
    } else {
        String::from_utf8(bytes).unwrap().replace("us-ascii", "utf-8").into_bytes()
    }
}

fn mutt_below(reply: &Reply<'_>) -> Vec<u8> {
    let bytes = mutt(reply.words, true);
    if reply.words.is_ascii() {
        bytes
    } else {
        String::from_utf8(bytes).unwrap().replace("us-ascii", "utf-8").into_bytes()
    }
}

fn gmail_below(reply: &Reply<'_>) -> Vec<u8> {
    let text = format!("{}\n\n{}\n\n{}\n", wrote(reply.tongue), quoted("> "), reply.words);
    let html = format!(
        "<div dir=\"ltr\"><div class=\"gmail_quote\"><div dir=\"ltr\" class=\"gmail_attr\">{}<br></div><blockquote class=\"gmail_quote\">{}</blockquote></div><div><br></div>{}</div>",
        escape(wrote(reply.tongue)),
        page(),
        divs(reply.words)
    );
    both(&text, &html, Coded::Printable)
}

fn html_only(reply: &Reply<'_>) -> Vec<u8> {
    let html = format!(
        "<html><body><p>{}</p><p>{}</p><blockquote style=\"border-left: 2px solid #999\">{}</blockquote></body></html>",
        escape(reply.words).replace('\n', "<br>\n"),
        escape(wrote(reply.tongue)),
        page()
    );
    mail(
        "Content-Type: text/html; charset=utf-8\nContent-Transfer-Encoding: quoted-printable",
        &quoted_printable(&html),
    )
}
