//! `lexicon test` and `lexicon explain`, and a group's own file.

use crate::Place;

const SENTENCES: &str = "expected\tsentence\nCRISIS\tI'm going to kill myself tonight.\nMENTION\tI would never kill myself.\n\
    CONCERN+DISTRESS\tI feel so alone. I'm at the end of my rope.\nNONE\tThis chemo is killing me.\n";

#[test]
fn sentences_that_agree() {
    let place = Place::bare();
    std::fs::write(place.path("cases.tsv"), SENTENCES).unwrap();
    let said = place.done("lexicon test cases.tsv");
    assert!(said.contains("crisis:") && said.contains("1 of 1 (100 %)"), "{said}");
    assert!(said.contains("false alarms: 0 of 1 (0 %)") && said.contains("4 of 4"), "{said}");
    let json = place.json("lexicon test cases.tsv");
    assert_eq!(json["agree"], 4);
    assert_eq!(json["recall"]["crisis"]["caught"], 1);
    assert_eq!(json["misses"].as_array().unwrap().len(), 0);
}

#[test]
fn sentences_that_do_not_agree() {
    let place = Place::bare();
    let text = format!("{SENTENCES}CRISIS\tWe had soup.\nNONE\tI want to die.\n");
    std::fs::write(place.path("cases.tsv"), text).unwrap();
    let ended = place.run("lexicon test cases.tsv");
    assert_eq!(ended.code, 1);
    assert!(ended.err.contains("2 of 6 sentences raise something else"), "{}", ended.err);
    assert!(ended.out.contains("We had soup.") && ended.out.contains("wish-to-be-dead"), "{}", ended.out);
    assert!(ended.out.contains("1 of 2 (50 %)"), "{}", ended.out);
    let ended = place.run("lexicon test cases.tsv --json");
    assert_eq!(ended.code, 1);
    let json: serde_json::Value = serde_json::from_str(&ended.out).unwrap();
    assert_eq!(json["misses"][0]["line"], 6);
    assert_eq!(json["false_alarms"]["raised"], 1);
}

#[test]
fn columns_may_be_named_and_faults_are() {
    let place = Place::bare();
    std::fs::write(place.path("named.tsv"), "half\texpected\tvoice\tsentence\nopen\tCRISIS\tteen\tvoy a matarme\n")
        .unwrap();
    place.done("lexicon test named.tsv");
    place.done("lexicon test named.tsv --language es");
    std::fs::write(place.path("wrong.tsv"), "CRISIS\tI will hang myself\nCRISES\tx\n").unwrap();
    assert!(place.refused("lexicon test wrong.tsv").contains("line 2: `CRISES` is no category"));
    std::fs::write(place.path("empty.tsv"), "\n").unwrap();
    assert!(place.refused("lexicon test empty.tsv").contains("no sentence"));
    assert!(place.refused("lexicon test missing.tsv").contains("missing.tsv"));
    assert!(place.refused("lexicon test wrong.tsv --language tlh").contains("there are en, es"));
}

fn explain(place: &Place, text: &str, more: &[&str]) -> String {
    let ended = place.feed(&[&["lexicon", "explain", text], more].concat(), b"");
    assert_eq!(ended.code, 0, "{}", ended.err);
    ended.out
}

#[test]
fn why_a_sentence_raises_what_it_does() {
    let place = Place::bare();
    let said = explain(&place, "I would never kill myself.", &[]);
    assert!(said.contains("raises mention only: denied: “") && said.contains("kill-self (en)"), "{said}");
    let said = explain(&place, "I nearly killed myself laughing, I was killing myself laughing.", &[]);
    assert!(said.contains("raises nothing: a guard of the rule: “"), "{said}");
    let said = explain(&place, "Soup", &[]);
    assert!(said.contains("raises nothing; that never means that it is safe"), "{said}");
    let json: serde_json::Value =
        serde_json::from_str(&explain(&place, "I feel so alone. I'm at the end of my rope.", &["--json"])).unwrap();
    assert_eq!(json["flags"][0]["category"], "concern");
    assert_eq!(json["rules"][0]["sentence"], "i feel so alone");
}

const OWN: &str = "version = 3\nsilence = [\"burden\", \"weighed\"]\n[spelling]\nzopi = \"zopiclone\"\n[sets]\nmeds = \"blue bag\"\nferry = \"ferry|night boat\"\n\
    [[rule]]\nname = \"the-ferry\"\ncategory = \"concern\"\nany = [\"{ferry} ... (never|not) come back\"]\n";

#[test]
fn a_group_has_words_of_its_own() {
    let place = Place::with_rose();
    let folder = place.path("var/lexicon");
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join("lexicon.rose.toml"), OWN).unwrap();
    let rose = &["--group", "rose"][..];
    let ferry = "I'll take the night boat and never come back.";
    assert!(explain(&place, ferry, rose).contains("en 2 + rose 3 raises concern"));
    assert!(!explain(&place, ferry, &[]).contains("the-ferry"));
    let burden = explain(&place, "I am a burden.", rose);
    assert!(burden.contains("raises nothing: the group's own file silences this rule"), "{burden}");
    assert!(explain(&place, "I have been hoarding my blue bag.", rose).contains("raises crisis"));
    assert!(place.refused("lexicon explain x --group lily").contains("lily has no file of its own"));
    // It judges the group's mail, and the record says so.
    let mail = "From: kit@home.example\nTo: rose@groups.example\nMessage-ID: <a@home.example>\nSubject: Hello\n\n";
    let told = place.deliver("--sender kit@home.example --recipient rose@groups.example", &format!("{mail}{ferry}\n"));
    assert_eq!(told.code, 0, "{}", told.err);
    place.run("tick");
    let held = place.json("held list rose");
    assert_eq!(held[0]["reasons"][0], "flag:concern", "{held}");
    assert!(place.done("spool show 1").contains("en 2 + rose 3"));
}

#[test]
fn a_file_with_a_fault_is_refused_at_the_start() {
    let place = Place::with_rose();
    let folder = place.path("var/lexicon");
    std::fs::create_dir_all(&folder).unwrap();
    let file = folder.join("lexicon.rose.toml");
    for (from, to, why) in [
        ("{ferry} ...", "{fery} ...", "rule `the-ferry`: `{fery} ... (never|not) come back`: there is no set `fery`"),
        ("(never|not)", "(never|not", "rule `the-ferry`, pattern `{ferry} ... (never|not come back`"),
        ("\"burden\"", "\"burdens\"", "there is no rule `burdens`"),
        ("the-ferry", "kill-self", "rule `kill-self`: there is a rule of this name already"),
        ("version = 3", "version = 3\nlanguage = \"tlh\"", "there is no table of `tlh`"),
        ("silence =", "silenced =", "line 2: unknown field `silenced`"),
    ] {
        std::fs::write(&file, OWN.replace(from, to)).unwrap();
        for line in ["group list", "tick", "lexicon explain x --group rose"] {
            let said = place.refused(line);
            assert!(said.contains("lexicon.rose.toml") && said.contains(why), "{line}: {said}");
        }
    }
}
