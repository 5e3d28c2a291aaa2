//! Posts as people's mail programs write them: several hundred to two thousand octets, plain and with HTML, of many
//! authors, a quarter of them answers. Nothing in them is a reason to hold a post.

use std::fmt::Write as _;

use data_encoding::BASE64;

const SENTENCES: [&str; 16] = [
    "The waiting room was full this morning, and the coffee was cold.",
    "My sister came along, and we walked home through the park.",
    "I slept better this week than I have since the summer.",
    "Does anybody else find that the second day is the slow one?",
    "The nurse who looked after us last spring was there again, which made everything easier.",
    "We have planted the beans at last, and the cat has dug up half of them.",
    "Thank you all for the kind words on Monday; I read them twice.",
    "It rained, so we stayed in and listened to old records.",
    "I bring a book with me every time and never read a line of it.",
    "There is a bench by the river where I sit when I want to be quiet.",
    "My neighbour leaves soup at the door, and I leave the empty pot.",
    "Some days the stairs are long; today they were short.",
    "The children painted the fence in three colours, and it looks splendid.",
    "I would like to hear how the others spend the hours in between.",
    "Knitting keeps my hands busy, though the scarf is already far too long.",
    "It helps to know that this group is here in the evening.",
];

const SUBJECTS: [&str; 6] =
    ["A quiet week", "The garden again", "Before the next appointment", "Small good things", "Evenings", "About sleep"];

/// Somebody who writes.
pub fn author(number: usize) -> String {
    format!("member{number}@home.example")
}

/// The letters `numbers`, by turns of `authors` people, with who sent each; ready for the wire, the last dot included.
pub fn letters(numbers: std::ops::Range<usize>, authors: usize, group: &str) -> Vec<(String, Vec<u8>)> {
    numbers.map(|number| (author(number % authors), letter(number, authors, group))).collect()
}

fn letter(number: usize, authors: usize, group: &str) -> Vec<u8> {
    let from = author(number % authors);
    let subject = format!("{} {}", SUBJECTS[number % SUBJECTS.len()], number / 40);
    let mut text = String::with_capacity(4096);
    // Fields as they stand on mail that went over two servers.
    let _ = write!(
        text,
        "Received: from mail.home.example (mail.home.example [192.0.2.7])\r\n\tby mx.example.org (Postfix) with ESMTPS id {number:08X}\r\n\
         \tfor <{group}>; Mon, 23 Nov 2026 12:00:00 +0000 (UTC)\r\n\
         DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed; d=home.example; s=s1;\r\n\th=from:to:subject:date:message-id; bh=47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=;\r\n\
         \tb={}\r\n\
         Date: Mon, 23 Nov 2026 12:00:{:02} +0000\r\nFrom: {from}\r\nTo: {group}\r\nMessage-ID: <letter.{number}@home.example>\r\n\
         User-Agent: Mozilla Thunderbird\r\nMIME-Version: 1.0\r\n",
        BASE64.encode(&[number as u8; 96]),
        number % 60,
    );
    let words = body(number);
    if number % 4 == 3 {
        let answered = number - 1;
        let _ = write!(
            text,
            "Subject: Re: {subject}\r\nIn-Reply-To: <letter.{answered}@home.example>\r\nReferences: <letter.{answered}@home.example>\r\n"
        );
    } else {
        let _ = write!(text, "Subject: {subject}\r\n");
    }
    match number % 5 {
        0 => with_html(&mut text, number, &words),
        1 => quoted_printable(&mut text, &words),
        _ => {
            text.push_str("Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 7bit\r\n\r\n");
            text.push_str(&words.replace('\n', "\r\n"));
        }
    }
    text.push_str("\r\n.\r\n");
    text.into_bytes()
}

/// One short letter with these words, ready for the wire.
pub fn letter_with(from: &str, group: &str, words: &str) -> Vec<u8> {
    format!(
        "Date: Mon, 23 Nov 2026 12:00:00 +0000\r\nFrom: {from}\r\nTo: {group}\r\nSubject: Tonight\r\n\
         Message-ID: <tonight@home.example>\r\n\r\n{words}\r\n.\r\n"
    )
    .into_bytes()
}

/// Three to fourteen sentences in lines; an answer also has some lines of what it answers.
fn body(number: usize) -> String {
    let mut words = String::new();
    let sentences = 3 + number * 7 % 12;
    for at in 0..sentences {
        words.push_str(SENTENCES[(number + at * 5) % SENTENCES.len()]);
        words.push(if at % 2 == 1 { '\n' } else { ' ' });
    }
    let _ = write!(words, "\nThis was note {number}.\n");
    if number % 4 == 3 {
        words.push_str("\nOn Mon, 23 Nov 2026, somebody wrote:\n");
        for at in 0..3 {
            let _ = writeln!(words, "> {}", SENTENCES[(number - 1 + at * 5) % SENTENCES.len()]);
        }
    }
    words
}

fn with_html(text: &mut String, number: usize, words: &str) {
    let boundary = format!("=_part_{number}");
    let _ = write!(
        text,
        "Content-Type: multipart/alternative; boundary=\"{boundary}\"\r\n\r\n--{boundary}\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n{}\r\n\
         --{boundary}\r\nContent-Type: text/html; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n\
         <html><head><meta charset=3D\"utf-8\"></head><body style=3D\"font-size:=\r\n 14px\">",
        words.replace('\n', "\r\n")
    );
    for line in words.lines().filter(|line| !line.is_empty()) {
        let _ = write!(text, "<div>{}</div>=\r\n", line.replace('>', "&gt;"));
    }
    let _ = write!(text, "</body></html>\r\n--{boundary}--\r\n");
}

/// RFC 2045 §6.7, for words without `=`: with soft line ends and letters beyond ASCII.
fn quoted_printable(text: &mut String, words: &str) {
    text.push_str("Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n");
    for line in words.lines() {
        let mut rest = line;
        while rest.len() > 70 {
            let (front, back) = rest.split_at(70);
            text.push_str(front);
            text.push_str("=\r\n");
            rest = back;
        }
        text.push_str(rest);
        text.push_str("\r\n");
    }
    text.push_str("Gr=C3=BC=C3=9Fe\r\n");
}
