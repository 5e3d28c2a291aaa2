use super::*;
use crate::mail::reply;

const DIGEST: &str = "\
Rose
Tuesday 24 November: 4 messages

1. Hands
   Tom
2. A long week before the scan, and nobody sleeps (continued)
   Kit, Mira
3. Hair
   Kit

====================================
1. Hands

Tom, Monday 23 November, 7:05 pm

  My fingers are numb in the mornings, and I drop every cup.

  Tom

Write back to this conversation:
rose+t.aaaahands@groups.example

====================================
2. A long week before the scan, and nobody sleeps

Kit, Monday 23 November, 8:31 pm

  How do you get through the week before a scan?

* * *

Mira answers Kit, Tuesday 24 November, 7:12 am

  I walk the dog until both of us are too tired to think.

Write back to this conversation:
rose+t.bbbbscan@groups.example

====================================
3. Hair

Kit, Tuesday 24 November, 12:00 noon

  It grows again.

Write back to this conversation:
rose+t.cccchair@groups.example

~ ~ ~
To write to the social workers only: rose-owner@groups.example
To leave Rose: send an empty e-mail to rose-leave@groups.example
Lamplight";

fn item(subject: &str, token: &str, posts: &[&str], authors: &[&str]) -> Item {
    let owned = |words: &[&str]| words.iter().map(|&word| word.to_owned()).collect();
    Item { subject: subject.into(), token: token.into(), posts: owned(posts), authors: owned(authors) }
}

fn issue() -> Issue {
    Issue {
        items: vec![
            item(
                "Hands",
                "aaaahands",
                &["My fingers are numb in the mornings, and I drop every cup.\n\nTom"],
                &["Tom"],
            ),
            item(
                "A long week before the scan, and nobody sleeps",
                "bbbbscan",
                &[
                    "How do you get through the week before a scan?",
                    "I walk the dog until both of us are too tired to think.",
                ],
                &["Kit", "Mira"],
            ),
            item("Hair", "cccchair", &["It grows again."], &["Kit"]),
        ],
        footer: vec!["rose-owner@groups.example".into(), "rose-leave@groups.example".into()],
        title: "Rose".into(),
        reader: "Ada".into(),
    }
}

fn mark(text: &str) -> String {
    text.lines().map(|line| format!("> {line}\n")).collect()
}

/// The digest with words below the first line that holds this, from the line that holds `from` to the one that holds `to`.
fn quoted(answers: &[(&str, &str)], from: &str, to: &str) -> String {
    let mut out = String::new();
    let (mut left, mut begun): (Vec<_>, bool) = (answers.to_vec(), false);
    for line in DIGEST.lines() {
        begun |= line.contains(from);
        if begun {
            out.push_str(&mark(if line.is_empty() { " " } else { line }));
            if let Some(at) = left.iter().position(|(below, _)| line.contains(below)) {
                out.push_str(&format!("\n{}\n\n", left.remove(at).1));
            }
            if line.contains(to) {
                break;
            }
        }
    }
    assert!(left.is_empty(), "{left:?}");
    out
}

fn read(text: &str) -> Vec<(Option<usize>, String)> {
    let parted = reply::split(text);
    let lines = lines(text, &parted).unwrap_or_else(|| panic!("does not fit: {text}"));
    let new = |text: &str| text.lines().filter(|line| !line.starts_with("> ")).collect::<Vec<_>>().join("\n");
    part(&lines, &issue())
        .into_iter()
        .map(|answer| (answer.item, new(&answer.text).trim().replace("\n\n\n", "\n\n")))
        .collect()
}

const WROTE: &str = "On Tue, Nov 24, 2026 at 5:30 PM Rose <rose@groups.example> wrote:\n\n";
const LAST: &str = "Lamplight";

#[test]
fn an_answer_belongs_to_what_stands_above_it() {
    let all = quoted(&[], "Rose", LAST);
    let known = |item: usize, text: &str| (Some(item), text.to_owned());
    let asked = |text: &str| (None, text.to_owned());
    for (name, text, expected) in [
        ("on top of everything", format!("So true.\n\n{WROTE}{all}"), vec![asked("So true.")]),
        ("below everything", format!("{WROTE}{all}\nSo true."), vec![asked("So true.")]),
        (
            "below everything, the footer cut away",
            format!("{WROTE}{}\nSo true.", quoted(&[], "Rose", "It grows")),
            vec![asked("So true.")],
        ),
        (
            "under the second",
            format!("{WROTE}{}", quoted(&[("too tired", "So true.")], "Rose", LAST)),
            vec![known(1, "So true.")],
        ),
        (
            "inside the second",
            format!("{WROTE}{}", quoted(&[("week before a scan?", "I knit.")], "Rose", LAST)),
            vec![known(1, "I knit.")],
        ),
        (
            "under its answer address",
            format!("{WROTE}{}", quoted(&[("rose+t.bbbb", "So true.")], "Rose", LAST)),
            vec![known(1, "So true.")],
        ),
        (
            "under the heading",
            format!("{WROTE}{}", quoted(&[("====", "Mine too.")], "1. Hands", LAST)),
            vec![asked("Mine too.")],
        ),
        (
            "under the list of contents",
            format!("{WROTE}{}", quoted(&[("   Kit, Mira", "So true.")], "Rose", LAST)),
            vec![known(1, "So true.")],
        ),
        (
            "under the end of the list",
            format!("{WROTE}{}", quoted(&[("3. Hair", "So true.")], "Rose", LAST)),
            vec![asked("So true.")],
        ),
        (
            "under the first and the third",
            format!("{WROTE}{}", quoted(&[("every cup", "Gloves help."), ("It grows", "Curly?")], "Rose", LAST)),
            vec![known(0, "Gloves help."), known(2, "Curly?")],
        ),
        (
            "under each, the footer cut away",
            format!("{WROTE}{}", quoted(&[("every cup", "Gloves help."), ("It grows", "Curly?")], "Rose", "It grows")),
            vec![known(0, "Gloves help."), known(2, "Curly?")],
        ),
        (
            "below one that was left",
            format!("{WROTE}{}\nCurly?", quoted(&[], "12:00 noon", "It grows")),
            vec![known(2, "Curly?")],
        ),
        (
            "above one that was left",
            format!("Cats, too.\n\n{WROTE}{}", quoted(&[], "I walk", "I walk")),
            vec![known(1, "Cats, too.")],
        ),
        ("above a heading that was left", format!("Curly?\n\n{WROTE}> 3. Hair\n"), vec![asked("Curly?")]),
        ("below a heading that was left", format!("{WROTE}> 3. Hair\n\nCurly?"), vec![known(2, "Curly?")]),
        (
            "twice under one",
            format!("{WROTE}{}", quoted(&[("before a scan?", "I knit."), ("too tired", "Cats, too.")], "Rose", LAST)),
            vec![known(1, "I knit.\n\nCats, too.")],
        ),
        (
            "a greeting and an end",
            format!(
                "Dear all,\n\nthank you!\n\n{WROTE}{}\nLove, Ada",
                quoted(&[("every cup", "Gloves."), ("It grows", "Curly?")], "Rose", LAST)
            ),
            vec![known(0, "Dear all,\n\nthank you!\n\nGloves."), known(2, "Curly?\n\nLove, Ada")],
        ),
        (
            "news on top",
            format!("I move to my mother on Friday.\n\n{WROTE}{}", quoted(&[("every cup", "Gloves.")], "Rose", LAST)),
            vec![known(0, "Gloves."), asked("I move to my mother on Friday.")],
        ),
        (
            "thanks to the author of another one",
            format!("Thank you, Kit!\n\n{WROTE}{}", quoted(&[("every cup", "Gloves.")], "Rose", LAST)),
            vec![known(0, "Gloves."), asked("Thank you, Kit!")],
        ),
        ("nothing new", format!("{WROTE}{all}"), vec![]),
        ("no quote", "So true.".to_owned(), vec![asked("So true.")]),
    ] {
        assert_eq!(read(&text), expected, "{name}:\n{text}");
    }
}

#[test]
fn programs_and_people_of_other_languages() {
    let all = |answers: &[(&str, &str)]| quoted(answers, "Rose", LAST);
    let spanish = "El mar, 24 nov 2026 a las 17:30, Rose (<rose@groups.example>) escribió:\n\n";
    let french = "> Le 24 nov. 2026 à 17:30, Rose <rose@groups.example> a écrit :\n> \n";
    let german = "Am 24.11.26 um 17:30 schrieb Rose:\n";
    let italian = "Il giorno mar 24 nov 2026 alle ore 17:30 Rose <rose@groups.example> ha scritto:\n\n";
    let outlook = "Gesendet: Dienstag, 24. November 2026 um 17:30 Uhr\nVon: \"Rose\" <rose@groups.example>\n\
                   An: ada@home.example\nBetreff: Rose: Tuesday 24 November\n\n";
    for (text, expected) in [
        (
            format!("{spanish}{}\nUn abrazo,\nAda", all(&[("every cup", "Los guantes.")])),
            (Some(0), "Los guantes.\n\nUn abrazo,\nAda"),
        ),
        (format!("{french}{}", all(&[("too tired", "Nous avons un chat.")])), (Some(1), "Nous avons un chat.")),
        (format!("Merci à tous, je pense à vous.\n\n{french}{}", all(&[])), (None, "Merci à tous, je pense à vous.")),
        (
            format!("Liebe alle,\n\n{german}{}", all(&[("It grows", "Wie schön!")])),
            (Some(2), "Liebe alle,\n\nWie schön!"),
        ),
        (
            format!("Ciao a tutti,\n\n{italian}{}", all(&[("It grows", "Che bello!")])),
            (Some(2), "Ciao a tutti,\n\nChe bello!"),
        ),
        (format!("Alles Gute für den Scan!\n\n{outlook}{DIGEST}"), (None, "Alles Gute für den Scan!")),
    ] {
        assert_eq!(read(&text), [(expected.0, expected.1.to_owned())], "{text}");
    }
}

#[test]
fn what_is_answered_stands_above_the_answer_and_nothing_of_ours() {
    let text = format!("{WROTE}{}", quoted(&[("rose+t.bbbb", "Cats, too."), ("It grows", "Curly?")], "Rose", LAST));
    let answers = part(&lines(&text, &reply::split(&text)).unwrap(), &issue());
    assert_eq!(answers[0].text, "Cats, too.", "our own lines are nobody's words");
    assert_eq!(answers[1].text, "> It grows again.\n\nCurly?");
    assert_eq!((answers[1].item, answers[1].post), (Some(2), Some(0)));
}

#[test]
fn two_items_of_one_heading_are_told_apart_by_their_numbers() {
    let mut issue = issue();
    issue.items[2].subject = "Hands".into();
    let read = |text: &str| part(&lines(text, &reply::split(text)).unwrap(), &issue)[0].item;
    assert_eq!(read("> 3. Hands\n\nMine, too."), Some(2));
    assert_eq!(read("> 1. Hands\n\nMine, too."), Some(0));
    assert_eq!(read("> Hands\n\nMine, too."), None);
}

#[test]
fn words_below_a_quote_without_marks_are_the_authors_where_nobody_said_them() {
    let from = "From: Rose <rose@groups.example>\nSent: Tuesday\nTo: Ada <ada@home.example>\nSubject: Rose\n\n";
    let own = [("every cup", "Gloves help.\n\nAnd tea."), ("It grows", "Curly?")];
    let text = format!("See below\n\n{from}{}", quoted(&own, "Rose", LAST).replace("> ", ""));
    let parted = reply::split(&text);
    let laid = || lines(&text, &parted).unwrap();
    let answers = part(&with_unmarked(laid(), "Gloves help.\nAnd tea.\nCurly?").unwrap(), &issue());
    let found: Vec<_> = answers.iter().map(|answer| (answer.item, answer.text.as_str())).collect();
    let gloves =
        "See below\n\n> My fingers are numb in the mornings, and I drop every cup.\n\nGloves help.\n\nAnd tea.";
    assert_eq!(found, [(Some(0), gloves), (Some(2), "> It grows again.\n\nCurly?")]);
    assert_eq!(with_unmarked(laid(), "Gloves help.\nWords from elsewhere"), None, "rather than lose one");
}

#[test]
fn where_one_conversation_is_all_it_is_meant() {
    let mut issue = issue();
    issue.items.truncate(1);
    let text = format!("I knew.\n\n{WROTE}> Rose\n\nSo true.\n\n> 1. Hands\n> Write back to this\n\nGloves.");
    let answers = part(&lines(&text, &reply::split(&text)).unwrap(), &issue);
    assert_eq!(answers, [Answer { item: Some(0), post: None, text: "I knew.\n\nSo true.\n\nGloves.".into() }]);
}

#[test]
fn what_does_not_fit_is_not_laid_out() {
    let parted = reply::split("Yes\n\nOn 2 Mar 2026 at 9:12, Kit <k@h.example> wrote:\n> old\n-- \nMira");
    assert_eq!(lines("Another text", &parted), None);
    assert_eq!(lines("", &parted), None);
}

proptest::proptest! {
    #[test]
    fn no_word_is_lost_and_none_stands_twice(
        places in proptest::collection::vec(0..4_usize, 0..50),
        from in 0..20_usize,
        bottom in proptest::bool::ANY,
    ) {
        let mut text = if places.first() == Some(&0) { format!("w0 on top\n\n{WROTE}") } else { WROTE.to_owned() };
        for (at, line) in DIGEST.lines().enumerate().skip(from) {
            text.push_str(&format!("> {line}\n"));
            match places.get(at) {
                Some(1) => text.push_str(&format!("w{at} is new\n\nand w{at}b\n")),
                Some(2) => text.push_str(&format!("\nw{at} stands alone\n\n")),
                _ => {}
            }
        }
        if bottom {
            text.push_str("\nw99 at the end\n");
        }
        let parted = reply::split(&text);
        let laid = lines(&text, &parted);
        proptest::prop_assert!(laid.is_some(), "{}", text);
        let laid = laid.unwrap_or_default();
        let words = |text: &str| -> Vec<String> { text.split_whitespace().map(str::to_owned).collect() };
        let new: Vec<String> = laid.iter().flat_map(|line| match line {
            Line::New(text) => words(text),
            Line::Quoted(_) => Vec::new(),
        }).collect();
        let own = |text: &str| text.lines().filter(|line| !line.starts_with('>')).collect::<Vec<_>>().join("\n");
        proptest::prop_assert_eq!(&new, &words(&own(&parted.reply)));
        let answers = part(&laid, &issue());
        let items: BTreeSet<_> = answers.iter().map(|answer| answer.item).collect();
        proptest::prop_assert_eq!(items.len(), answers.len());
        let mut all = Vec::new();
        for answer in &answers {
            let of = words(&own(&answer.text));
            let mut rest = new.iter();
            proptest::prop_assert!(of.iter().all(|word| rest.any(|other| other == word)), "in order: {:?}", of);
            all.extend(of);
        }
        let mut expected = new.clone();
        expected.sort();
        all.sort();
        proptest::prop_assert_eq!(all, expected);
    }

    #[test]
    fn any_text_is_taken(text in "(>? ?[a-zA-Z0-9=:@.* -]{0,30}\n){0,30}") {
        let parted = reply::split(&text);
        if let Some(laid) = lines(&text, &parted) {
            proptest::prop_assert!(part(&laid, &issue()).len() <= 4);
        }
    }
}
