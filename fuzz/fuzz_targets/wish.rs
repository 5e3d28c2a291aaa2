//! A member's words about her mail: no text panics, none counts behind a negation or with a question, or by its quotes alone;
//! what counts in a conversation counts anywhere.
#![no_main]

use lamplight::clock::Timestamp;
use lamplight::model::command::{SaidWords, Wish, WordPlace, read_wish, says_nothing};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|parts: (&str, &str, &str)| {
    let (subject, text, name) = parts;
    let today = Timestamp(1_795_651_200_000_000).utc().date_naive();
    let said = SaidWords { subject, answers_ours: false, text, below: "", names: &[name], place: WordPlace::Group, today };
    let wish = read_wish(&said);
    assert!(wish.is_none() || read_wish(&SaidWords { place: WordPlace::Apart, ..said }).is_some());
    assert!(wish.is_none() || !says_nothing(&said));
    for place in [WordPlace::Group, WordPlace::Apart, WordPlace::Desk] {
        let said = SaidWords { subject: "", names: &[], place, ..said };
        let negated = format!("Please do not {}", text.trim_start());
        assert_eq!(read_wish(&SaidWords { text: &negated, ..said }), None);
        let asked = format!("{} ?", text.lines().next().unwrap_or_default());
        // "Help?" calls for it.
        let read = read_wish(&SaidWords { text: &asked, ..said });
        assert!(matches!(read, None | Some(Wish::Help { .. })));
        let quoted: String = text.lines().map(|line| format!("> {line}\n")).collect();
        assert_eq!(read_wish(&SaidWords { text: &quoted, ..said }), None);
    }
});
