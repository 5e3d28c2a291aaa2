use proptest::prelude::*;

use super::*;

fn names(text: &str, known: &[Known], spared: &[&str]) -> Vec<Named> {
    Roster::new(known, spared, "en").names(text)
}

fn person(address: &str, real_name: Option<&str>, learnt: &[&str]) -> Known {
    let learnt = learnt.iter().map(|name| (*name).to_owned()).collect();
    Known { address: address.to_owned(), real_name: real_name.map(str::to_owned), learnt }
}

fn roster() -> Vec<Known> {
    [
        ("Mira@Home.example", Some("Mira Jansen")),
        ("dots.o'nil@x.example", Some("José O’Neil")),
        ("ed@y.example", Some("Ed")),
        ("h@z.example", Some("Hannelore")),
        ("t@z.example", Some("田中 一郎")),
        ("q@z.example", None),
    ]
    .map(|(address, name)| person(address, name, &[]))
    .to_vec()
}

#[test]
fn addresses_in_any_dress() {
    for text in [
        "write to mira@home.example.",
        "MIRA@HOME.EXAMPLE",
        "mira (at) home.example",
        "mira [at] home [dot] example",
        "mira at home dot example",
        "mira at home.example",
        "mira @ home.example",
        "mailto:mira@home.example?x",
        "mi\u{200b}ra@home.example",
        "mira＠home.example",
        "<mira@home.example>,",
        "to=mira@home.example&x",
        "mira%40home.example",
        "mira@\nhome.example",
        "dots.o'nil@x.example",
        "'q@z.example'",
        "q@z.example's",
        "mira at home dot\nexample",
        "mira@home.\nexample",
        "mira arroba home punto example",
        "mira (arroba) home punto example",
        "mira@home.example.\nThen",
    ] {
        assert_eq!(names(text, &roster(), &[]), [Named::Address], "{text}");
    }
    for text in [
        "amira@home.example",
        "mira@home.examples",
        "mira@homes.example",
        "we met at home",
        "mira",
        "@",
        "at dot at",
        "q@z",
    ] {
        assert_eq!(names(text, &roster(), &[]), [], "{text}");
    }
}

#[test]
fn names_in_any_dress() {
    for text in [
        "Mira Jansen wrote",
        "MIRA  JANSEN",
        "mira\njansen's",
        "Míra Jänsen",
        "I am Jose O'Neil.",
        "josé o neil",
        "Dear Hannelore,",
        "田中 一郎さん",
        "mi\u{ad}ra jan\u{200d}sen",
    ] {
        assert_eq!(names(text, &roster(), &[]), [Named::RealName], "{text}");
    }
    for text in [
        "Jansen",
        "Mr. Jansen's",
        "Jansen Mira",
        "Jansen, Mira",
        "the O'Neil family",
        "ONeil",
        "#MiraJansen",
        "jansenmira",
    ] {
        assert_eq!(names(text, &roster(), &[]), [Named::RealName], "{text}");
    }
    for text in ["Mira", "Jansens", "Mira Jansens", "Ed", "ed wrote", "Hannelores", "Neil", "José", ""] {
        assert_eq!(names(text, &roster(), &[]), [], "{text}");
    }
    assert_eq!(names("Hannelore and Mira Jansen", &roster(), &["hannelore", "Mira  Jansen"]), []);
    assert_eq!(names("Mira Jansen, mira@home.example", &roster(), &[]), [Named::Address, Named::RealName]);
}

#[test]
fn everyday_words_are_no_names_alone() {
    let known = [person("g@z.example", Some("Grace"), &[]), person("b@z.example", Some("Tom Brown"), &[])];
    for text in ["Thank you, Grace.", "with Grace and", "Tom Brown wrote", "tom brown", "Brown, Tom"] {
        assert_eq!(names(text, &known, &[]), [Named::RealName], "{text}");
    }
    for text in [
        "Grace was said.",
        "by the grace",
        "We ate.\nGrace was said.",
        "WITH GRACE AND",
        "a brown dog",
        "Mr Brown",
        "- Grace",
    ] {
        assert_eq!(names(text, &known, &[]), [], "{text}");
    }
    let known = [person("a@z.example", Some("Ana García Flores"), &[])];
    let roster = Roster::new(&known, &[], "es");
    for text in ["la señora García", "Ana Garcia", "Ana Flores", "García Flores, Ana"] {
        assert_eq!(roster.names(text), [Named::RealName], "{text}");
    }
    assert_eq!(roster.names("Flores en la mesa, y Ana."), []);
}

#[test]
fn words_that_members_see_anyway_are_spared() {
    let known = [person("m@z.example", Some("Mira Jansen"), &[]), person("k@z.example", Some("Kitty"), &[])];
    for text in ["Jansen", "Kitty"] {
        assert_eq!(names(text, &known, &["Jansen from the lake", "Miss Kitty"]), [], "{text}");
    }
    assert_eq!(names("Mira Jansen", &known, &["Jansen from the lake"]), [Named::RealName]);
}

#[test]
fn houses_that_everybody_speaks_of_are_nobody() {
    let known = [person("m@z.example", Some("Mira Anderson"), &[])];
    assert_eq!(names("I was at MD Anderson for 3 weeks", &known, &[]), []);
    assert_eq!(names("I was at Anderson's for 3 weeks", &known, &[]), [Named::RealName]);
}

#[test]
fn learnt_names_count_when_they_are_somebodys() {
    let known = [person("m@z.example", None, &["Mira Jansen", "Cancer Survivor", "Mom's Phone", "Kit Works", "Kit"])];
    for text in ["Jansen", "Mira Jansen"] {
        assert_eq!(names(text, &known, &["Kit Works"]), [Named::RealName], "{text}");
    }
    for text in ["a cancer survivor", "on my mom's phone", "Survivor", "Kit works", "Kit"] {
        assert_eq!(names(text, &known, &["Kit Works"]), [], "{text}");
    }
}

#[test]
fn marks_that_nobody_sees_go() {
    for (text, seen) in [
        ("pla\u{200b}in\u{feff} te\u{2060}xt\u{ad}", "plain text"),
        ("\u{202e}abc\u{202c} \u{2066}d\u{2069}\u{200f}", "abc d"),
        ("a\u{200d}b\u{200c}c", "abc"),
        ("x\u{e0041}\u{e0100}\u{fe01}\u{3164}y\0\u{7}", "xy"),
        ("one\u{2028}two\r\n\tthree", "one\ntwo\r\n\tthree"),
        ("👩\u{200d}👧 ❤\u{fe0f}\u{200d}🔥 ☀\u{fe0f}", "👩\u{200d}👧 ❤\u{fe0f}\u{200d}🔥 ☀\u{fe0f}"),
        ("👩\u{200d}x \u{200d}👧 a\u{fe0f} ☀\u{fe0f}\u{fe0f}", "👩x 👧 a ☀\u{fe0f}"),
        ("Zürich – “Größe”, 田中, é", "Zürich – “Größe”, 田中, é"),
    ] {
        assert_eq!(visible(text), seen, "{text:?}");
    }
}

#[test]
fn a_large_roster_is_quick() {
    let known: Vec<Known> =
        (0..1_000).map(|i| person(&format!("p{i}@home.example"), Some(&format!("Ann Family{i}")), &[])).collect();
    let text = "Ann and I went to the clinic at noon. ".repeat(130);
    let start = std::time::Instant::now();
    for _ in 0..10 {
        assert_eq!(names(&text, &known, &[]), []);
    }
    eprintln!("privacy: {:?} for 1,000 people and {} bytes", start.elapsed() / 10, text.len());
    assert!(start.elapsed().as_secs() < 5);
}

#[test]
fn hostile_texts_end_soon() {
    let known: Vec<Known> = (0..1_000)
        .map(|i| {
            let real_name = if i % 2 == 0 { format!("Ann Ann Family{i}") } else { format!("田田{i}") };
            person(&format!("{}{i}@{}b", "a-".repeat(25), "b-".repeat(100)), Some(&real_name), &[])
        })
        .collect();
    let megabyte = |text: &str| text.repeat(1_000_000 / text.len());
    for (what, text) in [
        ("one @ with many marks", format!("{}@{}", "a-".repeat(4_000), "b-".repeat(4_000))),
        ("a megabyte of marks", format!("{}@{}", "a-".repeat(250_000), "b-".repeat(250_000))),
        ("many @ with many marks", megabyte(&format!("{}@{} ", "a-".repeat(32), "b-".repeat(127)))),
        ("only @", megabyte("@")),
        ("short addresses", megabyte("a@b ")),
        ("a name's beginnings", megabyte("ann ")),
        ("a name's first character", megabyte("田")),
    ] {
        let start = std::time::Instant::now();
        assert_eq!(names(&text, &known, &[]), [], "{what}");
        let took = start.elapsed();
        eprintln!("privacy: {took:?} for {what}");
        // Two seconds, and as much again for a busy machine.
        assert!(took.as_secs() < 4, "{what} took {took:?}");
    }
}

proptest! {
    #[test]
    fn never_panics_and_always_finds(before in "\\PC{0,40}", after in "\\PC{0,40}") {
        let text = format!("{before} , mira jansen , {after}");
        prop_assert!(names(&text, &roster(), &[]).contains(&Named::RealName));
        let text = format!("{before} , mira@home.example , {after}");
        prop_assert!(names(&text, &roster(), &[]).contains(&Named::Address));
    }
}
