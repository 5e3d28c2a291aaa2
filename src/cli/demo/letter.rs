//! A person's mail: a file of the demo, with what it answers filled in. Never fails; a place without a value stays empty.

use super::captured::Captured;

/// The octets of a mail that answers nothing.
#[must_use]
pub fn fresh(template: &str) -> Vec<u8> {
    wire(template)
}

/// The octets of a mail that answers `captured`, as the person's program fills them in.
#[must_use]
pub fn answer(template: &str, captured: &Captured) -> Vec<u8> {
    let text = captured.text.trim_end();
    let quote: Vec<String> = text.lines().map(|line| format!("> {line}").trim_end().to_owned()).collect();
    let filled = template
        .replace("{reply_to}", &captured.reply_to)
        .replace("{message_id}", &captured.message_id)
        .replace("{subject}", &captured.subject)
        // What people wrote comes last: nothing in it is a place to fill.
        .replace("{quote}", &quote.join("\n"))
        .replace("{text}", text);
    wire(&filled)
}

fn wire(text: &str) -> Vec<u8> {
    text.replace("\r\n", "\n").replace('\n', "\r\n").into_bytes()
}
