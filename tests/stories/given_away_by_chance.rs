//! Whatever people write, in whichever dress: no address and no registered name of one member is in any byte that another one
//! gets. Rosters and mails are made by chance, the same on every run; `LAMPLIGHT_ROUNDS` plays more of them.

use lamplight::model::command::Verb;
use lamplight::model::member::{Delivery, Role};
use lamplight::model::post::PostState;
use unicode_normalization::UnicodeNormalization;

use crate::leaks::readings;
use crate::scene::{DANA, ROSE};
use crate::support::{Captured, Letter, World, on_both};

const PEOPLE: usize = 8;
const POSTS: usize = 30;

/// SplitMix64: the same mails on every run.
struct Chance(u64);

impl Chance {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((z ^ (z >> 31)) % limit as u64).unwrap()
    }

    fn one_of<'a>(&mut self, all: &[&'a str]) -> &'a str {
        all[self.below(all.len())]
    }
}

struct Person {
    pseudonym: String,
    address: String,
    given: String,
    family: String,
}

impl Person {
    fn name(&self) -> String {
        format!("{} {}", self.given, self.family)
    }
}

/// A name that no language has: three syllables.
fn syllables(chance: &mut Chance) -> String {
    let all = ["vek", "ro", "zim", "tal", "quo", "mex", "lun", "dri", "pox", "gha", "wyl", "sko", "jur", "fen"];
    let word: String = (0..3).map(|_| chance.one_of(&all)).collect();
    word[..1].to_uppercase() + &word[1..]
}

fn people(chance: &mut Chance) -> Vec<Person> {
    (0..PEOPLE)
        .map(|at| {
            let (given, family) = (syllables(chance), syllables(chance));
            let local = match chance.below(3) {
                0 => format!("{}.{}", given.to_lowercase(), family.to_lowercase()),
                1 => format!("{}{at}", given.to_lowercase()),
                _ => format!("x-{}_{at}", family.to_lowercase()),
            };
            let domain = chance.one_of(&["home.example", "mail.isp.example", "xn--hme-0na.example"]);
            Person { pseudonym: format!("Leaf{at}"), address: format!("{local}@{domain}"), given, family }
        })
        .collect()
}

/// One of the many ways in which a person's address or name stands in a text.
fn dressed(chance: &mut Chance, person: &Person) -> String {
    let (name, address) = (person.name(), &person.address);
    let (local, domain) = address.split_once('@').unwrap();
    let hidden = |text: &str| text.chars().flat_map(|c| [c, '\u{200b}']).collect::<String>();
    let wide = |text: &str| {
        text.chars()
            .map(|c| if c.is_ascii_alphabetic() { char::from_u32(c as u32 + 0xfee0).unwrap() } else { c })
            .collect::<String>()
    };
    match chance.below(18) {
        0 => address.clone(),
        1 => address.to_uppercase(),
        2 => format!("<{address}>"),
        3 => format!("{local} (at) {domain}"),
        4 => format!("{local} [at] {}", domain.replace('.', " [dot] ")),
        5 => format!("{local} at {}", domain.replace('.', " dot ")),
        6 => format!("mailto:{address}?subject=x"),
        7 => format!("https://forms.example/r?to={}", address.replace('@', "%40")),
        8 => hidden(address),
        9 => wide(address),
        10 => name,
        11 => name.to_uppercase(),
        12 => format!("{}, {}", person.family, person.given),
        13 => name.replace(' ', "\n"),
        14 => hidden(&name),
        15 => wide(&name),
        16 => format!("{}'s", person.family),
        _ => format!("Mrs {}", person.family.to_lowercase()),
    }
}

fn words(chance: &mut Chance, people: &[Person]) -> String {
    let before = ["I met", "Please ask", "As I said to", "It was", "Thank you,", "Between us:", "Dear"];
    let behind =
        ["about the 40 mg dose.", "on Friday at 10:30.", "and slept at last.", "- what a day!", "before my scan.", ""];
    let sentence = |chance: &mut Chance| {
        let person = &people[chance.below(people.len())];
        let dressed = dressed(chance, person);
        format!("{} {dressed} {}", chance.one_of(&before), chance.one_of(&behind))
    };
    let count = 1 + chance.below(3);
    let mut all: Vec<String> = (0..count).map(|_| sentence(chance)).collect();
    all.insert(chance.below(all.len() + 1), "The ward smells of lavender today.".to_owned());
    all.join(["\n\n", " ", "\n"][chance.below(3)])
}

/// As a reader's eye takes it: small letters without accents, and nothing that nobody sees.
fn plain(text: &str) -> String {
    let seen = text.nfkd().filter(|c| !('\u{300}'..='\u{36f}').contains(c) && *c != '\u{200b}');
    seen.flat_map(char::to_lowercase).collect::<String>().split_whitespace().collect::<Vec<_>>().join(" ")
}

/// What of a person is in a mail to somebody else.
fn found(mail: &Captured, person: &Person) -> Option<String> {
    let (local, domain) = person.address.split_once('@').unwrap();
    let forms = [
        person.address.clone(),
        format!("{local}%40{domain}"),
        format!("{local} (at) {domain}"),
        format!("{local} at {}", domain.replace('.', " dot ")),
        format!("{local} [at]"),
        person.family.clone(),
    ];
    let readings: Vec<String> = readings(mail).iter().map(|reading| plain(reading)).collect();
    forms.into_iter().find(|form| readings.iter().any(|reading| reading.contains(&plain(form))))
}

async fn a_round(world: &World, seed: u64) {
    let mut chance = Chance(seed);
    let people = people(&mut chance);
    for (at, person) in people.iter().enumerate() {
        let delivery = if at % 2 == 0 { Delivery::Each } else { Delivery::Daily };
        // Of two, only their own mail programs tell the names.
        let registered = (at >= 2).then(|| person.name());
        world.add("rose", Role::Member, &person.address, &person.pseudonym, delivery, registered.as_deref()).await;
        let now = world.now();
        world.change_person("rose", &person.address, |member| member.trusted_since = Some(now)).await;
        let from = format!("\"{}\" <{}>", person.name(), person.address);
        let hello = format!(
            "From: {from}\r\nTo: <{ROSE}>\r\nSubject: Hello\r\nMessage-ID: <{seed}{at}@x>\r\n\r\nGood morning, all.\r\n"
        );
        world.deliver(&person.address, &[ROSE], hello).await;
    }
    world.run().await;
    for _ in 0..POSTS {
        let author = &people[chance.below(people.len())];
        let subject =
            if chance.below(3) == 0 { words(&mut chance, &people).replace('\n', " ") } else { "Nights".to_owned() };
        let subject = format!("=?utf-8?b?{}?=", data_encoding::BASE64.encode(subject.as_bytes()));
        let to = if chance.below(5) == 0 { "rose-owner@groups.example" } else { ROSE };
        world.write(&Letter::new(&author.address, to, &subject, &words(&mut chance, &people))).await;
        let held: Vec<_> = world.posts().await.into_iter().filter(|post| post.state == PostState::Held).collect();
        for post in held {
            match chance.below(4) {
                0 => {
                    let edit = format!("EDIT:\n{}", words(&mut chance, &people));
                    world.write(&Letter::new(DANA, &world.latest(DANA).reply_address(), "Re: 1 message", &edit)).await;
                }
                1 => {
                    let note = format!("RETURN: {}", words(&mut chance, &people).replace('\n', " "));
                    world.write(&Letter::new(DANA, &world.latest(DANA).reply_address(), "Re: 1 message", &note)).await;
                }
                _ => {
                    let verb = Verb::Approve;
                    // It may be decided already.
                    let _ = world.lamplight.decide_as_administrator(post.id, verb, None, world.now()).await;
                }
            }
        }
        world.pass(130).await;
    }
    world.go_to("2026-11-23T17:31:00-05:00").await;
    let mut read = 0;
    for reader in &people {
        for mail in world.mail_to(&reader.address) {
            read += 1;
            for other in people.iter().filter(|other| other.address != reader.address) {
                // What an author is sent back of her own words stands in her own mail already.
                if is_her_own(&mail) {
                    continue;
                }
                let found = found(&mail, other);
                assert!(
                    found.is_none(),
                    "{}, seed {seed}: {found:?} of {} reached {}:\n{}",
                    world.database,
                    other.name(),
                    reader.pseudonym,
                    mail.text()
                );
            }
        }
    }
    assert!(read > PEOPLE * 10, "{}: only {read} mails were read", world.database);
}

/// A notice to its author about her own words.
fn is_her_own(mail: &Captured) -> bool {
    mail.headers("List-Post").is_empty() && mail.headers("List-Id").is_empty()
}

#[test]
fn no_name_and_no_address_reaches_another_member() {
    let rounds = std::env::var_os("LAMPLIGHT_ROUNDS").and_then(|text| text.to_str()?.parse().ok()).unwrap_or(1);
    for round in 0..rounds {
        on_both(|world| async move { a_round(&world.with_rose().await, 20_261_126 + round).await });
    }
}
