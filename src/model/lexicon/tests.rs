//! Sentences and what they raise: the labelled corpus, and tables of our own. `SEEN` was looked at while the lexicon was
//! written. `HELD_OUT` was written before its first run, which caught 23 of 24; `OBLIQUE` was never tuned for.

use super::Category::{Abuse, Concern, Contact, Crisis, Distress, Medical, Mention, Minor, Safeguard, Solicit};
use super::*;

fn raised(text: &str) -> Vec<Category> {
    let mut found: Vec<Category> = Lexicon::of("en").read(text).into_iter().map(|flag| flag.category).collect();
    found.dedup();
    found
}

type Cases = &'static [(&'static [Category], &'static str)];

const SEEN: Cases = &[
    (&[Crisis], "I want to kill myself."),
    (&[Crisis], "I wanna k1ll my self tonite"),
    (&[Crisis], "After the funeral I am going to end it all."),
    (&[Crisis], "I've been hoarding my oxycodone since March."),
    (&[Crisis], "I took an overdose last night and nobody noticed."),
    (&[Crisis], "How many of these tablets would it take to die?"),
    (&[Crisis], "I am standing on the balcony thinking about jumping off the building."),
    (&[Crisis], "There's a gun in the drawer and I’ve loaded the gun."),
    (&[Crisis], "Goodbye everyone, you were kind to me."),
    (&[Crisis], "My wife says she's going to hang herself."),
    (&[Crisis], "I'm feeling suicidal again."),
    (&[Crisis], "I was suicidal years ago and now it's back again."),
    (&[Mention], "I have never been suicidal."),
    (&[Mention], "I tried to kill myself twenty years ago."),
    (&[Mention], "We lost our son to suicide."),
    (&[Mention], "I would never kill myself."),
    (&[Concern], "I want to die."),
    (&[Concern], "Some nights I pray I don't wake up."),
    (&[Concern], "Everyone would be happier if I was gone."),
    (&[Concern], "I have nothing to live for."),
    (&[Concern], "I'm tired of living."),
    (&[Distress], "I feel so lonely on this ward."),
    (&[Distress], "I can't stop crying."),
    (&[Safeguard], "My husband slapped me when I spilled the soup."),
    (&[Safeguard], "I hit Mum yesterday and I hate it."),
    (&[Safeguard], "My son takes my morphine and sells it."),
    (&[Abuse], "You are pathetic."),
    (&[Medical], "Baking soda kills all cancer."),
    (&[Medical], "You should skip your tamoxifen for a month."),
    (&[Solicit], "I set up a gofundme for us."),
    (&[Contact], "Text me on 0612 345 678 please."),
    (&[Minor], "I'm 13 and my dad is sick."),
    (&[], "I could not kill the weeds this year."),
    (&[], "He is coming home tomorrow, I'm so glad."),
    (&[], "I nearly killed myself laughing."),
    (&[], "The nurse hit a vein at the first try."),
    (&[], "I'm not alone any more."),
    (&[Crisis], "I have decided I will hang myself when they're asleep."),
    (&[Crisis], "im gonna end my life i cant do it anymore"),
    (&[Crisis], "I've saved enough tablets to never wake up."),
    (&[Crisis], "I just took thirty paracetamol."),
    (&[Crisis], "Tomorrow I'm driving the car off the cliff road."),
    (&[Crisis], "I keep looking up painless ways to die."),
    (&[Crisis], "My brother is threatening to shoot himself."),
    (&[Crisis], "I've been burning my arms again."),
    (&[Crisis], "This is my last post. You won't hear from me again."),
    (&[Crisis], "I wrote a suicide note and put it in the drawer."),
    (&[Crisis], "I have a rope in the garage and I know how I'll do it."),
    (&[Crisis], "Mum swallowed a whole box of sleeping pills this morning."),
    (&[Crisis], "All I think about is suicide."),
    (&[Crisis], "I'm going to stop my insulin so it is over quickly."),
    (&[Concern], "I wish I had died on the table."),
    (&[Concern], "My family would be better off if I weren't around."),
    (&[Concern], "I can't see any reason to keep living."),
    (&[Concern], "I hope the cancer takes me soon."),
    (&[Concern], "Life isn't worth living like this."),
    (&[Concern], "I don't want to exist."),
    (&[Concern], "Nobody would miss me if I disappeared."),
    (&[Mention], "My father shot himself when I was nine."),
    (&[Mention], "Don't worry, I am not going to hurt myself."),
    (&[Mention], "My friend died by suicide in 2004."),
    (&[Safeguard], "My boyfriend pushes me around when he's drunk."),
    (&[Safeguard], "I shook Dad last night because he wouldn't stop shouting."),
    (&[Safeguard], "She won't let me take my pain pills."),
    (&[Safeguard], "I'm frightened I might smother him."),
    (&[Abuse], "Shut up, nobody likes you here."),
    (&[Abuse], "I hope you die."),
    (&[Medical], "Don't take the chemo, it's poison."),
    (&[Medical], "Ivermectin healed my aunt, the doctors lie."),
    (&[Solicit], "Use my promo code for ten percent off vitamins."),
    (&[Contact], "My number is 917 555 0199, ring me."),
    (&[Contact], "You can find me at 22 Oak Avenue."),
    (&[Minor], "I am 14 years old and nobody tells me anything."),
    (&[Distress], "I'm at breaking point."),
    (&[Distress], "I'm terrified of leaving my children."),
    (&[], "The new drug has really killed my appetite."),
    (&[], "I am dying for a cup of tea."),
    (&[], "Mum died in her sleep and it was gentle."),
    (&[], "They cut out the whole lobe on Friday."),
    (&[], "My doctor told me to stop the tablets before surgery."),
    (&[], "We said goodbye to the ward and rang the bell."),
    (&[], "The dog jumped off the sofa."),
    (&[], "I take the whole lot with yoghurt."),
    (&[], "It hit me in the car park that he is gone."),
    (&[], "Dad wants to die at home with us."),
    (&[], "Hospice gave us a box of morphine for the fridge."),
    (&[], "I can't go on the trip until my bloods are back."),
    (&[], "My daughter is 16 and drives me to clinic."),
    (&[], "We lost her to leukaemia on the 4th."),
    (&[], "I have made my will and chosen the music."),
    (&[], "My ANC was 0.4 on 2026-03-12 and 1.9 a week later."),
    (&[Crisis], "I'm going to take every pill in the house tonight."),
    (&[Crisis], "I want to shoot myself."),
    (&[Crisis], "I've got a gun and I'm thinking of using it."),
    (&[Crisis], "I don't trust myself alone with the pills."),
    (&[Crisis], "I've been thinking of ending things."),
    (&[Crisis], "I'm planning to end my life after Christmas."),
    (&[Crisis], "I have the tablets ready and a note written."),
    (&[Crisis], "There is a bridge near here and I keep driving to it."),
    (&[Crisis], "I took a whole box of tramadol."),
    (&[Crisis], "I think about killing myself every day."),
    (&[Concern], "I'd be better dead."),
    (&[Concern], "I don't want to wake up tomorrow."),
    (&[Concern], "I can't live without him."),
    (&[Crisis], "My daughter told me she's cutting herself."),
    (&[Safeguard], "He put his hands round my throat."),
    (&[Safeguard], "My husband threatens to leave me in the chair all night."),
    (&[Safeguard], "I tied Dad to the bed so I could sleep."),
    (&[Concern], "I've lost the will to live."),
];

const HELD_OUT: Cases = &[
    (&[Crisis], "When the kids are at school I'm going to shoot myself."),
    (&[Crisis], "I've stockpiled her leftover fentanyl patches."),
    (&[Crisis], "He says he'll jump off the bridge if it's back."),
    (&[Crisis], "I swallowed sixty tablets and I'm getting sleepy."),
    (&[Crisis], "Is there a quick way to end it?"),
    (&[Crisis], "I cut my thighs last night."),
    (&[Crisis], "You'll find me in the garage, don't save me."),
    (&[Crisis], "Dad tried to drown himself on Sunday."),
    (&[Crisis], "I'm drawn to the train tracks, I could just step in front of a train."),
    (&[Crisis], "I will be joining my husband tonight."),
    (&[Concern], "I wish I were dead."),
    (&[Concern], "What is the use of carrying on?"),
    (&[Concern], "I no longer want to be alive."),
    (&[Concern], "They would all be relieved without me."),
    (&[Concern], "I just want to fall asleep and never wake up."),
    (&[Mention], "My cousin hanged himself last year."),
    (&[Mention], "I don't have suicidal thoughts."),
    (&[Safeguard], "My carer leaves me without food all day."),
    (&[Safeguard], "I slapped my wife when she soiled the bed again."),
    (&[Abuse], "You're such a drama queen."),
    (&[Medical], "Halve your morphine, it makes people stupid."),
    (&[Contact], "Email me at lou@mail.example"),
    (&[Solicit], "Please donate to my fundraiser."),
    (&[Minor], "I'm in seventh grade and mum has lymphoma."),
    (&[], "The steroids make me want to punch walls."),
    (&[], "I swallowed the barium and nearly threw up."),
    (&[], "She is dead set against the trial."),
    (&[], "I cut my hair short before it fell out."),
    (&[], "He joined her for lunch at the hospice."),
    (&[], "I lost my job and my hair in one week."),
    (&[], "We will bury him on Friday."),
    (&[], "My tumour markers doubled in a month."),
    (&[], "I am finished with radiotherapy."),
    (&[], "The waiting kills me every time."),
    (&[], "I took my pills with breakfast."),
    (&[], "They overdosed the pump and had to reset it."),
];

/// Said sideways, and never tuned for: what a list of phrases does not reach. Shown, so that nobody trusts it too far.
const OBLIQUE: Cases = &[
    (&[Crisis], "I can hear the trains from here and tonight I mean to lie on the tracks."),
    (&[Crisis], "I have chosen how I'm going to die."),
    (&[Crisis], "I drank half a bottle of morphine syrup."),
    (&[Crisis], "My mother keeps saying she will drown herself."),
    (&[Crisis], "I scratched my wrists open again."),
    (&[Crisis], "If I had a gun I would use it on myself."),
    (&[Crisis], "No one can stop me now, it will be over by morning."),
    (&[Crisis], "I've put my affairs in order and the pills are counted."),
    (&[Concern], "I envy the dead."),
    (&[Concern], "I don't want to see another morning."),
    (&[Concern], "What is there left to live for?"),
    (&[Concern], "I wish the surgeon had let me go."),
    (&[Safeguard], "My aide pinches me when nobody is looking."),
    (&[Safeguard], "I lost it and hit my dad."),
    (&[], "I'm going to beat the bus to clinic."),
    (&[], "My tube feed ran all night."),
    (&[], "He got a gun-metal grey wheelchair."),
    (&[], "I keep going to the edge of the garden for air."),
    (&[], "They put a line in my neck."),
    (&[], "No one can stop me eating toast."),
    (&[], "My mum will drive me over the bridge at six."),
    (&[], "I have had enough soup."),
];

/// What people with cancer and their families say every day.
const ORDINARY: &[&str] = &[
    "I'm going to do it tomorrow, the port goes in at nine.",
    "I have a plan for my birthday week between cycles.",
    "I took all my pills and still felt sick.",
    "I will take everything the doctors offer.",
    "I want it all to stop hurting.",
    "The doctors said there is no point in another scan.",
    "My husband shook my hand when we got the all clear.",
    "He pushed me in the wheelchair around the park.",
    "My wife kicked the bucket of water over.",
    "I pushed Mum to see the specialist.",
    "I have enough tablets until Friday.",
    "I'm taking part in a walk across the bridge for charity.",
    "We walked to the lake with the dog after radiation.",
    "She jumped into the lake, the cold cured her mood.",
    "I know how to do the injections now.",
    "He fought to the end and I was with him.",
    "You're a star, thank you.",
    "I'm ready to end this round and go home.",
    "Saving up for a wig, they cost a fortune.",
    "I have counted out my pills for the week.",
    "I'm 16 months out from transplant.",
    "My kids are 8 and 12.",
    "Mum is in grade 3 toxicity territory.",
    "My doctor increased my dose of morphine.",
    "Please do not stop your treatment without asking your doctor.",
    "Has anyone tried ivermectin, my aunt swears by it?",
    "My scan is at 1400 Main Street clinic.",
    "Find me in the waiting room.",
    "My nurse says call the clinic any time on 212-555-0101.",
    "Killing time in the waiting room.",
    "I was told to end my treatment early.",
    "I hit my head on the scanner.",
    "My arms burn after the infusion.",
    "I burned my arm on the oven.",
    "I drank the whole bottle of contrast.",
    "I'll join them at the support walk.",
    "We hope the new drug takes hold.",
    "The tumour took her life in three weeks.",
    "Cancer has taken my life over.",
    "I'm afraid of going home from hospital.",
    "My husband hurts all over.",
    "My son kicks me in bed by accident.",
    "She hit me with the news in the car.",
    "It wants me to die but I will not let it.",
    "I think about suicide prevention work as a career.",
    "It would be easier if I was taller.",
    "My boss cut my hours.",
    "I can't take it with food.",
    "Thank you all, I don't feel alone any more.",
    "I can't believe how tired I am. Steroids keep me awake.",
];

/// Caught and wanted flags, texts with a flag too many, and the sentences that were missed or wrong.
fn score<'a>(cases: impl Iterator<Item = (Vec<Category>, &'a str)>) -> (usize, usize, usize, Vec<String>) {
    let (mut caught, mut wanted, mut false_alarms, mut notes) = (0, 0, 0, Vec::new());
    for (expected, text) in cases {
        let found = raised(text);
        wanted += expected.len();
        caught += expected.iter().filter(|category| found.contains(category)).count();
        false_alarms += usize::from(expected.is_empty() && !found.is_empty());
        if found != expected {
            notes.push(format!("{expected:?} {found:?} {text}"));
        }
    }
    (caught, wanted, false_alarms, notes)
}

fn own(cases: Cases) -> impl Iterator<Item = (Vec<Category>, &'static str)> {
    cases.iter().map(|(expected, text)| (expected.to_vec(), *text))
}

#[test]
fn the_sentences_that_were_seen() {
    let (caught, wanted, false_alarms, notes) = score(own(SEEN));
    eprintln!("lexicon, seen: {caught} of {wanted} caught, {false_alarms} false alarms\n{}", notes.join("\n"));
    assert_eq!((caught, false_alarms), (wanted, 0));
}

#[test]
fn the_sentences_that_were_held_out() {
    let (caught, wanted, false_alarms, notes) = score(own(HELD_OUT));
    eprintln!("lexicon, held out: {caught} of {wanted} caught, {false_alarms} false alarms\n{}", notes.join("\n"));
    assert!(caught * 100 >= wanted * 70, "{caught} of {wanted}");
    assert!(false_alarms <= 2, "{false_alarms}");
}

#[test]
fn what_is_said_sideways() {
    let (caught, wanted, false_alarms, notes) = score(own(OBLIQUE));
    eprintln!("lexicon, oblique: {caught} of {wanted} caught, {false_alarms} false alarms\n{}", notes.join("\n"));
    assert!(caught >= 10 && false_alarms <= 2, "{caught}, {false_alarms}");
}

#[test]
fn ordinary_talk_breaks_no_rule() {
    let rules = Lexicon::parse(ENGLISH).unwrap();
    let alarmed: Vec<&&str> = ORDINARY.iter().filter(|text| !rules.read(text).is_empty()).collect();
    assert!(alarmed.is_empty(), "{alarmed:#?}");
}

#[test]
fn the_labelled_corpus() {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/lexicon/cases.tsv");
    let Ok(text) = std::fs::read_to_string(&path) else {
        #[allow(clippy::disallowed_methods, reason = "a test's own switch, not a setting")]
        let required = std::env::var("LAMPLIGHT_TEST_REQUIRE").unwrap_or_default();
        assert!(!required.contains("corpus"), "the corpus is required and missing: {}", path.display());
        // Past the test runner, which keeps what a passing test prints to itself.
        let _ = std::io::Write::write_all(
            &mut std::io::stderr(),
            format!("\nSKIPPED: the labelled corpus is missing: {}\n", path.display()).as_bytes(),
        );
        return;
    };
    let category = |name: &str| serde_json::from_value(serde_json::Value::String(name.to_lowercase())).ok();
    let mut cases = text.lines().skip(1).filter_map(|line| line.split_once('\t')).map(|(labels, sentence)| {
        let mut expected: Vec<Category> = labels.split('+').filter_map(category).collect();
        expected.sort();
        (expected, sentence)
    });
    let (caught, wanted, false_alarms, notes) = score(&mut cases);
    eprintln!("lexicon, corpus: {caught} of {wanted} caught, {false_alarms} false alarms\n{}", notes.join("\n"));
    assert!(caught * 100 >= wanted * 95, "{caught} of {wanted}");
    // The weights cost a false alarm in every fourteen sentences that were made to sound like danger.
    assert!(false_alarms <= 3, "{false_alarms}");
    let urgent = |line: &str| any_is_urgent(&Lexicon::of("en").read(line));
    for line in text.lines().filter_map(|line| line.strip_prefix("NONE\t")) {
        assert!(!urgent(line), "{line}");
    }
}

#[test]
fn a_guard_stays_in_its_sentence_and_category() {
    assert_eq!(raised("The surgeon will cut my wrist tendon free. I want to kill myself."), [Crisis]);
    assert_eq!(raised("I have cancer and I want to kill myself."), [Crisis]);
    assert_eq!(raised("I'm not suicidal. I will hang myself."), [Crisis, Mention]);
    assert_eq!(raised("I want\nto kill\nmyself"), [Crisis]);
    assert_eq!(raised("I want to k\u{200b}ill mysе\u{ad}lf".replace('е', "e").as_str()), [Crisis]);
}

#[test]
fn two_marks_of_distress_are_a_concern() {
    assert_eq!(raised("I feel like a burden. I haven't slept for days."), [Concern, Distress]);
    assert_eq!(raised("I feel like a burden."), [Distress]);
}

#[test]
fn tables_with_faults_are_refused() {
    let good = include_str!("../../../config/lexicon.en.toml");
    for (from, to, why) in [
        ("{self}", "{nobody}", "no set"),
        ("any = [", "anny = [", "unknown field"),
        ("figures = [\"", "figures = [\"(", "rule `"),
    ] {
        let said = Lexicon::parse(&good.replacen(from, to, 1)).err().unwrap();
        assert!(said.contains(why), "{said}");
    }
    assert_eq!(Lexicon::of("tlh").edition(), "en 2");
}

#[test]
fn a_text_of_a_kilobyte_is_quick() {
    let text = "We drove to the clinic early and waited two hours for the scan, then had soup. ".repeat(13);
    let lexicon = Lexicon::of("en");
    assert!(lexicon.read(&text).is_empty());
    let start = std::time::Instant::now();
    for _ in 0..50 {
        assert!(lexicon.read(&text).is_empty());
    }
    let each = start.elapsed() / 50;
    eprintln!("lexicon: {each:?} for {} bytes", text.len());
    assert!(cfg!(debug_assertions) || each.as_micros() < 1_000, "{each:?}");
}

#[test]
fn hostile_texts_end_soon() {
    let lexicon = Lexicon::of("en");
    let dull = "We waited for the scan and had soup. ".repeat(1_000);
    let (long, short) = (|words: &str| words.repeat(100_000 / words.len()), |words: &str| words.repeat(50));
    for (what, text, expected) in [
        ("one sentence", long("kill myself "), &[Crisis][..]),
        ("many sentences", long("I will kill myself. "), &[Crisis]),
        ("all denied", long("I would never kill myself and "), &[Mention]),
        ("all past", format!("Twenty years ago {}", long("I tried to kill myself and ")), &[Mention]),
        ("denied, then said", format!("{}kill myself", short("I would never kill myself and ")), &[Crisis]),
        ("one word", "a".repeat(2_000_000), &[]),
        ("one word with a rule", format!("We will plant trees{}", long("a")), &[]),
        ("addresses", long("lou@mail.example "), &[Contact]),
        ("one long address", format!("lou{}", long("@mail.example")), &[]),
        ("numbers", long("0612 345 678 "), &[Contact]),
        ("25 MB", "We had soup ".repeat(25_000_000 / 12), &[]),
        ("a long letter's end", format!("{}I want to kill myself.", dull.repeat(700)), &[Crisis]),
    ] {
        let start = std::time::Instant::now();
        let found = lexicon.read(&text);
        let took = start.elapsed();
        eprintln!("lexicon: {took:?} for {what}");
        assert_eq!(found.iter().map(|flag| flag.category).collect::<Vec<_>>(), expected, "{what}: {found:?}");
        // Two seconds, and as much again for a busy machine.
        assert!(took.as_secs() < 4, "{what} took {took:?}");
    }
}

#[test]
fn a_first_word_in_any_script_is_read() {
    assert_eq!(raised("ж@mail.example"), [Contact]);
    assert_eq!(raised("жж 212-555-0199"), [Contact]);
}

#[test]
fn slips_of_the_finger_are_understood() {
    for text in ["I want to kill mysefl", "I am thinking of siucide", "I will killll myself", "im suicidaal tonight"] {
        assert_eq!(raised(text), [Crisis], "{text}");
    }
    assert_eq!(raised("Pleeeease send soup"), []);
}

#[test]
fn several_words_of_one_sentence() {
    assert_eq!(raised("Dad asked me to bring him his pistol so he can finish this."), [Crisis]);
    let rules = Lexicon::parse(ENGLISH).unwrap();
    assert_eq!(rules.read("Dad asked me to bring him his pistol. So he can finish this crossword."), []);
}

#[test]
fn every_table_hears_danger_and_only_that() {
    let spanish = |text: &str| Lexicon::of("es").read(text).into_iter().map(|flag| flag.category).collect::<Vec<_>>();
    assert_eq!(spanish("I want to kill myself."), [Crisis]);
    assert_eq!(raised("Voy a matarme esta noche."), [Crisis]);
    assert!(!raised("No me voy a matar.").contains(&Crisis));
    assert_eq!(spanish("Vendo pelucas."), [Solicit]);
    assert_eq!(raised("Vendo pelucas."), []);
}

#[test]
fn the_built_in_tables_compile_and_are_folded() {
    for text in [ENGLISH, SPANISH] {
        Lexicon::parse(text).unwrap();
        let rules = text.lines().filter(|line| !line.starts_with('#'));
        for line in rules {
            assert_eq!(crate::model::words::fold(line), line, "no text that is read looks like this");
        }
    }
}

#[test]
fn a_present_danger_is_not_past() {
    for text in ["I'm at school and I want to kill myself.", "Quiero acabar de una vez, voy a matarme."] {
        assert_eq!(raised(text), [Crisis], "{text}");
    }
    assert_eq!(raised("Suicidarme, jamás lo haría."), [Mention]);
}

/// The gate keeps nothing from a rule: whatever a rule's expression finds in a sentence, the gate lets it look.
#[test]
fn the_gate_keeps_nothing_from_a_rule() {
    for BuiltIn { language, table, .. } in &BUILT_IN {
        let folder =
            std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/lexicon").join(language).join("learnt");
        let mut looked = 0;
        for file in std::fs::read_dir(folder).unwrap() {
            let text = std::fs::read_to_string(file.unwrap().path()).unwrap();
            // Every tenth: each rule reads each of them.
            for line in text.lines().step_by(10) {
                for sentence in table.sentences(&folded(&[line.split_once('\t').unwrap().1])).split('\n') {
                    let open = table.gate.open_for(sentence);
                    for (at, rule) in table.rules.iter().enumerate() {
                        let with = rule.with.iter().all(|with| with.find(sentence).is_some());
                        if let Some(words) = rule.any.find(sentence).filter(|_| with) {
                            looked += 1;
                            assert!(open.contains(&at), "{}: {words} in {sentence}", rule.name);
                        }
                    }
                }
            }
        }
        assert!(looked > 100, "{language}: {looked}");
    }
}

/// What only sounds like a concern in one sentence keeps the rule from no later one.
#[test]
fn a_light_sentence_settles_nothing() {
    let table = &BUILT_IN[0].table;
    let sentences = table.sentences(&folded(&["i wish i was dead. i wish i was dead."]));
    let (first, second) = sentences.split_once('\n').unwrap();
    let run =
        |range: std::ops::Range<usize>, danger: f32| weights::Run { range, above: [danger, -9.0, -9.0], words: 12 };
    let runs = [run(0..first.len() + 1, -5.0), run(first.len() + 1..sentences.len(), 1.0)];
    let found = table.find(&sentences, &runs, &BTreeSet::new());
    let of_rule = found.iter().filter(|finding| table.rules[finding.rule].name == "wish-to-be-dead");
    let raised: Vec<_> = of_rule.map(|finding| finding.category(table)).collect();
    assert_eq!(first.trim(), second.trim());
    assert_eq!(raised, [Some(Mention), Some(Concern)]);
}
