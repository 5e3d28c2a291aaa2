use super::*;

fn kit() -> Traces {
    let mut traces = Traces::default();
    traces.add_address("Kit@Home.example");
    traces.add_name("Zephyrine", false);
    traces.add_name("Christopher Waller", false);
    traces.add_name("Hope", true);
    traces.add_said(
        "The ward smells of lavender today, and I slept well.\nThank you all.\n\
         Meine Schwester fährt mich morgen früh in die Klinik nach Freiburg.\n今日は病院の庭で桜を見ました。",
    );
    traces
}

#[test]
fn what_goes() {
    for (text, left) in [
        // Marked quotes, however they were wrapped.
        ("> The ward smells of lavender\n> today, and I slept well.\nGood to hear.", "> (removed)\nGood to hear."),
        ("Yes!\n>> Thank you all.\n", "Yes!\n> (removed)\n"),
        ("> The ward smells of lavender today, and\n>\n> I slept well.\n\nOh.", "> (removed)\n\nOh."),
        // Under a line that names her, also what nobody knows of.
        ("On Mon, Zephyrine wrote:\n> Something that was edited away.\n\nYes.", "> (removed)\n\nYes."),
        ("On Mon, Nov 23, 2026 Zephyrine\n<rose@groups.example> wrote:\n> Hm.\n> Oh.\nYes.", "> (removed)\nYes."),
        ("Am Montag schrieb Hope:\n\n> Unbekanntes\n\nJa.", "> (removed)\n\nJa."),
        ("> kit@home.example wrote:\n>> Lost words\n> Mine stay.", "> (removed)\n> Mine stay."),
        // Without marks.
        ("You said the ward smells of lavender today. True.", "You said (removed). True."),
        ("Meine Schwester fährt mich morgen früh in die Klinik!", "(removed)"),
        ("「今日は病院の庭で桜を見ました」いいね", "「(removed)」いいね"),
        // Names and addresses.
        ("Dear zephyrine, and ZEPHYRINE's cat", "Dear [former member], and [former member]'s cat"),
        ("Is christopher  waller there?", "Is [former member] there?"),
        ("Write to KIT@home.example.", "Write to [removed]."),
        ("Write to kit (at) home dot example, please.", "Write to [removed], please."),
        ("to=kit%40home.example", "to=[removed]"),
        ("Hi Hope,\nI have hope.", "Hi [former member],\nI have hope."),
        ("Zephy\u{200b}rine!", "[former member]!"),
    ] {
        assert_eq!(kit().taken_out_of(text).as_deref(), Some(left), "{text}");
    }
}

#[test]
fn what_stays() {
    for text in [
        "",
        "> Somebody else's words about the river\nYes.",
        "I slept well. Thank you all.",
        "On Mon, Tom wrote:\n> I hope you slept well\n\nYes.",
        "There is hope for all of us.",
        "Have hope!",
        "I have Hope.",
        "Zephyrines and Wallers",
        "Christopher said so: nothing.",
        "ankit@home.example, kit@home.example.org, kit@home.exampl",
    ] {
        assert_eq!(kit().taken_out_of(text), None, "{text}");
    }
    assert_eq!(Traces::default().taken_out_of("> anything\nat all:\n> more"), None);
}

#[test]
fn whoever_said_it_first() {
    let tom = "My dog keeps me warm at night though.\nThank you all.";
    let mut traces = Traces::default();
    traces.add_said("The ward smells of lavender today, and I slept well.");
    traces.add_said_by_others(tom);
    traces.add_said_by_others("> The ward smells of lavender today, and I slept well.\nGood.");
    traces.add_said(&format!("> {tom}\nThe infusion pump sang all night like a drunken kettle.\nThank you all."));
    assert_eq!(traces.taken_out_of(tom), None);
    assert_eq!(traces.taken_out_of(&format!("> {tom}")), None);
    let left = traces.taken_out_of("> The ward smells of lavender today, and I slept well.\nGood.");
    assert_eq!(left.as_deref(), Some("> (removed)\nGood."));
    let left = traces.taken_out_of("You said the infusion pump sang all night like a drunken kettle.");
    assert_eq!(left.as_deref(), Some("You said (removed)."));
}

/// Whoever fills a mail with her name keeps nobody from being forgotten.
#[test]
fn hostile_texts_end_soon() {
    for (piece, left) in [
        ("kit@home.example ", "[removed] "),
        ("Zephyrine ", "[former member] "),
        ("Zephyrine, Hope, ", "[former member], Hope, "),
        ("kit (at) home.example ", "[removed] "),
        ("> Zephyrine:\n", "> [former member]:\n"),
    ] {
        let count = 1_000_000 / piece.len();
        let began = std::time::Instant::now();
        let taken = kit().taken_out_of(&piece.repeat(count));
        assert_eq!(taken, Some(left.repeat(count)), "{piece}");
        assert!(began.elapsed() < std::time::Duration::from_secs(10), "{piece}: {:?}", began.elapsed());
    }
}

#[test]
fn everyday_words() {
    let written = ["I lost all hope.", "We met Kit at the river."];
    let others = ["Tom".to_owned(), "Ada Rose".to_owned()];
    for (name, is_one) in [("Hope", true), ("Kit", false), ("Rose", true), ("Zephyrine", false), ("River", true)] {
        assert_eq!(is_everyday(name, written.iter().copied(), &others), is_one, "{name}");
    }
}
