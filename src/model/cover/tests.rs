//! What stays, what goes, and that nothing is found in what is left.

use proptest::prelude::*;

use super::*;
use crate::model::privacy::Known;

#[path = "../../../tests/support/cpu.rs"]
mod cpu;

use cpu::thread_cpu;

fn person(address: &str, real_name: Option<&str>) -> Known {
    Known { address: address.into(), real_name: real_name.map(str::to_owned), learnt: Vec::new() }
}

fn roster() -> Roster {
    let known = [
        person("mira@home.example", Some("Mira Jansen")),
        person("kit@home.example", Some("Grace")),
        person("dots.o'nil@x.example", Some("José O’Neil")),
        person("t@z.example", Some("田中 一郎")),
    ];
    Roster::new(&known, &["Mira", "Tom", "Kit", "Rose"], "en")
}

fn left(text: &str) -> String {
    cover(text, &roster(), &Kept::default()).text
}

#[test]
fn what_was_taken_is_known() {
    let covered = cover("I am Mira Jansen <mira@home.example>, 555-234-5678.", &roster(), &Kept::default());
    assert_eq!(covered.text, "I am [e-mail address], [phone number].");
    let taken: Vec<(Identifying, &str)> =
        covered.taken.iter().map(|taken| (taken.what, taken.words.as_str())).collect();
    let expected =
        [(Identifying::RosterAddress, "Mira Jansen <mira@home.example>"), (Identifying::PhoneNumber, "555-234-5678")];
    assert_eq!(taken, expected);
}

#[test]
fn only_the_names_of_files_do_not_hold() {
    use Identifying::{
        Account, EmailAddress, FileName, Link, PhoneNumber, RealName, RosterAddress, Signature, StreetAddress,
    };
    let all = [RosterAddress, RealName, EmailAddress, PhoneNumber, StreetAddress, Account, Link, FileName, Signature];
    for what in all {
        assert_eq!(Taken { what, words: "scan.pdf".into() }.holds(), what != FileName, "{what:?}");
        for words in [Wording::english(), Wording::of("es")] {
            let placeholder = words.say(what.placeholder());
            assert_eq!(placeholder_at(placeholder), Some(placeholder.len()), "{what:?}");
        }
    }
    assert_eq!(placeholder_at("[name] wrote"), Some(6));
    assert_eq!(placeholder_at("[names]"), None);
}

#[test]
fn what_may_be_said_in_the_dress_of_a_file_holds() {
    let is_held = |text: &str| {
        let covered = cover(text, &roster(), &Kept::default());
        assert!(!covered.taken.is_empty(), "{text}");
        covered.taken.iter().any(Taken::holds)
    };
    for text in [
        "I [photo 3: do NOT take the double dose, it nearly killed me] am well.",
        "[picture 2 he must not have morphine]",
        "[Attachment: I stopped taking my pills]",
        "[Anhang: nimm es nicht]",
        "[cid: do not take it]",
        "Take <no more than two, whatever they say in the file.pdf> of them.",
        "No more chemo.Doc says stop.",
        "Do not take 5-FU.Doc agrees.",
    ] {
        assert!(is_held(text), "{text}");
    }
    for text in [
        "[image: Mira J.jpg] and [image: IMG_0815.JPG]",
        "[Inline image 1] [image: image.png] [image: Facebook]",
        "[cid:image001.png@01DA1234.5678ABCD]",
        "<scan of my arm.pdf> is what scan.pdf or SCAN.PDF was",
        "[Attachment: scan of May 4.pdf]",
        r"C:\Users\x\scan.pdf",
    ] {
        assert!(!is_held(text), "{text}");
    }
}

#[test]
fn what_was_broken_or_mistyped_goes() {
    for (text, expected) in [
        ("Call (212)\n555-0147 now", "Call [phone number] now"),
        ("Call (212)\n> 555-0147 now", "Call [phone number] now"),
        (
            "I am kit@gmail,com or kit@gmail com, kit@Hotmail.",
            "I am [e-mail address],com or [e-mail address] com, [e-mail address].",
        ),
        ("Write to kit@x.xn--p1ai.", "Write to [e-mail address]."),
        ("Pages 212\n555 of (2)\n500 and (12)\n10 mg", "Pages 212\n555 of (2)\n500 and (12)\n10 mg"),
        ("Dinner @ yahoo, me@home", "Dinner @ yahoo, me@home"),
    ] {
        assert_eq!(left(text), expected);
    }
}

#[test]
fn what_counts_readers_goes_in_silence() {
    let page = "https://www.cancer.org/x.html";
    for (query, stays) in [
        ("", ""),
        ("?id=3", "?id=3"),
        ("?utm_source=mail", ""),
        ("?utm_source=mail&id=3", "?id=3"),
        ("?id=3&utm_source=mail&utm_medium=x", "?id=3"),
        ("?a=1&fbclid=xyz&b=2#top", "?a=1&b=2#top"),
        ("?gclid=1&a=1&mc_eid=2&b=2&mc_cid=3", "?a=1&b=2"),
        ("?gclid=1#top", "#top"),
    ] {
        let covered = cover(&format!("See {page}{query}, there."), &roster(), &Kept::default());
        assert_eq!(covered.text, format!("See {page}{stays}, there."), "{query}");
        assert_eq!(covered.taken, [], "{query}");
    }
}

#[test]
fn links_of_organisations_stay() {
    for link in [
        "https://www.cancer.org/types/breast.html",
        "www.nhs.uk/conditions",
        "https://www.youtube.com/watch?v=abc123",
        "https://en.wikipedia.org/wiki/Cancer",
        "https://example.wordpress.org/a",
        "https://www.facebook.com/",
        "www.cancer.org/guide.pdf",
        "https://www.cancercare.org/diagnosis/breast?page=2",
    ] {
        assert_eq!(left(&format!("See {link}.")), format!("See {link}."));
    }
    for link in [
        "https://work.example/jansen",
        "https://work.example/mirajansen.html",
        "https://work.example/?m=kit@gmail.com",
        "https://work.example/?to=mira%40home.example",
        "https://me:me@work.example/",
        "https://work.example/welcome?token=abc",
        "https://example.wordpress.com/2025",
        "https://work.example/users/kit",
    ] {
        assert_eq!(left(&format!("See {link}.")), "See [link].", "{link}");
    }
}

#[test]
fn an_allow_list_stays() {
    let kept = Kept::new(&["555-234-5678".into(), "rose@groups.example".into(), "facebook.com/rose".into()]).unwrap();
    let text = "Write to rose@groups.example, call (555) 234-5678 or see https://www.facebook.com/rose/events.";
    assert_eq!(cover(text, &roster(), &kept).text, text);
    assert_eq!(left(text), "Write to [e-mail address], call [phone number] or see [link].");
    // The roster is never on it.
    let kept = Kept::new(&["mira@home.example".into(), "work.example".into()]).unwrap();
    assert_eq!(cover("mira@home.example", &roster(), &kept).text, "[e-mail address]");
    assert_eq!(cover("https://work.example/jansen", &roster(), &kept).text, "[link]");
}

#[test]
fn what_is_left_reads_naturally() {
    for (text, reads) in [
        ("Mira Jansen's cake, Jansen’s cake.", "[name]'s cake, [name]’s cake."),
        ("(mira@home.example)", "([e-mail address])"),
        ("Call 555-234-5678/555-234-5679!", "Call [phone number]/[phone number]!"),
        ("kit@gmail.com<mailto:kit@gmail.com>", "[e-mail address]"),
        ("Mira Jansen Mira Jansen", "[name] [name]"),
        ("田中 一郎さん", "[name]さん"),
        ("mi\u{200b}ra jan\u{301}sen\u{ad}, hello", "[name], hello"),
        ("[name] and [phone number]", "[name] and [phone number]"),
        ("I am [name], call [phone number] 12", "I am [name], call [phone number] 12"),
    ] {
        assert_eq!(left(text), reads);
    }
}

#[test]
fn hostile_texts_end_soon() {
    let known: Vec<Known> = (0..1_000)
        .map(|i| person(&format!("{}{i}@{}b", "a-".repeat(25), "b-".repeat(100)), Some(&format!("Ann Ann Family{i}"))))
        .collect();
    let (roster, kept) = (Roster::new(&known, &[], "en"), Kept::default());
    let mut slow = Vec::new();
    for piece in [
        "@",
        "a@b.com ",
        "a-",
        "ann ",
        "5 ",
        "5-",
        "555-234-5678 ",
        "555 ",
        "one two ",
        "five ",
        "12 oak ",
        "12 oak street ",
        "1 a ",
        "[image: ",
        "<a ",
        "a.",
        "a/",
        "a.com/",
        "http://a.com?utm_x=1&",
        "www.",
        "?utm_a=1&",
        "facebook is ",
        "facebook ",
        "@a_b ",
        "@a",
        "(",
        " ",
        "\n",
        "a\n",
        "A\n",
        "Ab Cd\n",
        "mailto:",
        "é",
        "ﷺ",
        "田",
        "c:\\a ",
        "a\\",
        "a.jpg ",
        "calle a ",
        "+",
        "+1",
        "1/",
        "call 5",
        "family1 ",
        "at dot ",
        " @ ",
        "[name]",
        "a [name] at ",
        "\"",
        "Ab <a@b.com> ",
        "Ab Ab ",
        "hauptstrasse 5 ",
        "x1#0000",
        "u/abc ",
    ] {
        // Three octets that become 33.
        let text = piece.repeat(if piece == "ﷺ" { 3_000 } else { 100_000 / piece.len() });
        let start = thread_cpu();
        let covered = cover(&text, &roster, &kept);
        let took = thread_cpu() - start;
        eprintln!("cover: {took:?} for 100 KB of {piece:?}, {} taken", covered.taken.len());
        slow.extend((took.as_secs() >= 2).then_some(piece));
    }
    assert!(slow.is_empty(), "{slow:?}");
}

/// Pieces of texts in every dress, with spaces, marks and line ends anywhere.
fn pieces() -> impl Strategy<Value = String> {
    let piece = prop::sample::select(vec![
        "mira",
        "Mira",
        "Jansen",
        "JANSEN",
        "jan\u{200b}sen",
        "Ｊansen",
        "Jánsen",
        "Grace",
        "grace",
        "José",
        "O’Neil",
        "oneil",
        "田中",
        "一郎",
        "mira@home.example",
        "MIRA",
        "home.example",
        "home",
        "example",
        "(at)",
        "[at]",
        " at ",
        " dot ",
        "(dot)",
        "@",
        "%40",
        ".",
        "arroba",
        "punto",
        "555",
        "234",
        "5678",
        "+1",
        "0171",
        "06",
        "12",
        "call",
        "my number is",
        "five",
        "two",
        "street",
        "Oak",
        "Hauptstraße",
        "calle",
        "IL",
        "62704",
        "SW1A",
        "1AA",
        "instagram",
        "is",
        "kit_summer",
        "u/kit",
        "#1234",
        "https://",
        "www.",
        "facebook.com/",
        "bit.ly/",
        "?utm_source=x",
        "&a=b",
        "#",
        ".jpg",
        ".pdf",
        "[image:",
        "]",
        "<",
        ">",
        "C:\\",
        "\"",
        "'s",
        "[name]",
        "[link]",
        "[phone number]",
        "[",
        "Dr",
        "Tel:",
        "Kit",
        "Kit Summer",
        "Manager",
        " ",
        " ",
        " ",
        "\n",
        ",",
        ", ",
        ". ",
        "-",
        "/",
        "(",
        ")",
        "\u{301}",
        "\u{200b}",
        "\u{ad}",
        "ß",
        "ﬁ",
        "x",
        "and",
        "de",
        "la",
        "\u{fdd0}",
        "\u{fffc}",
    ]);
    prop::collection::vec(piece, 0..14).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn nothing_of_the_roster_is_left(text in prop_oneof![9 => pieces(), 1 => "\\PC{0,80}"]) {
        let (roster, kept) = (roster(), Kept::default());
        let covered = cover(&text, &roster, &kept);
        prop_assert_eq!(roster.names(&covered.text), [], "{:?} became {:?}", text, covered.text);
        let again = cover(&covered.text, &roster, &kept);
        prop_assert_eq!(&again.text, &covered.text);
        prop_assert_eq!(again.taken, []);
        if covered.taken.is_empty() && !text.contains("utm_") {
            prop_assert_eq!(covered.text, text);
        } else {
            prop_assert!(covered.taken.iter().all(|taken| text.contains(&taken.words)));
        }
    }

    #[test]
    fn nothing_of_any_roster_is_left(
        people in prop::collection::vec(("[a-zé'. -]{1,8}@[a-c]{1,2}\\.[a-c.-]{2,4}", "[A-Ca-cÉßＡ田'’. -]{1,12}|[\\PC]{1,10}"), 1..5),
        before in pieces(), after in pieces(), which in 0..5_usize,
    ) {
        let known: Vec<Known> = people.iter().map(|(address, name)| person(address, Some(name))).collect();
        let roster = Roster::new(&known, &["b", "Rose"], "en");
        let (address, name) = &people[which % people.len()];
        let text = format!("{before} {name} {after} {address} {before}{name}");
        let covered = cover(&text, &roster, &Kept::default());
        prop_assert_eq!(roster.names(&covered.text), [], "{:?} became {:?}", text, covered.text);
        let again = cover(&covered.text, &roster, &Kept::default());
        prop_assert_eq!(again.text, covered.text);
    }
}
