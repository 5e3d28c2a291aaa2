//! A member writes from whichever account her phone picks. A further address is hers when both have said so; nobody gets one
//! in another's name, and who asks about somebody's address reads what anybody would.

use lamplight::cli::house::House;
use lamplight::cli::show::Out;
use lamplight::cli::{address, member};
use lamplight::mail::Address;
use lamplight::model::group::GroupState;
use lamplight::model::member::MemberState;
use lamplight::model::post::PostState;
use lamplight::store::audit::{self, Wanted};
use lamplight::store::members;
use regex::Regex;
use sqlx::{AnyConnection, AssertSqlSafe, Connection, Row};

use crate::scene::{ADA, CRY, DANA, KIT, MIRA, ROSE, RUTH, TOM, everybody_is_known};
use crate::support::{Captured, Letter, World, on_both};

const WORK: &str = "kit@work.example";
const REQUEST: &str = "rose-request@groups.example";
const DAY: i64 = 86_400;

fn parsed(address: &str) -> Address {
    Address::parse(address).unwrap()
}

/// `lamplight member address …`, for Kit.
async fn administrator(world: &World, other: &str, verb: fn(address::Which) -> address::Verb) -> anyhow::Result<()> {
    let house = House { lamplight: world.lamplight.clone(), out: Out::new(true) };
    let who = member::Who { group: "rose".into(), address: parsed(KIT) };
    verb(address::Which { who, other: parsed(other) }).run(&house).await
}

/// Whose an address is.
async fn whose(world: &World, address: &str) -> Option<String> {
    let group = world.group("rose").await.id;
    let mut db = world.lamplight.store.read().await.unwrap();
    members::by_address(&mut db, group, &parsed(address)).await.unwrap().map(|member| member.name)
}

async fn rows(world: &World, table: &str) -> i64 {
    let mut db = AnyConnection::connect(&world.lamplight.config.database.url).await.unwrap();
    let sql = format!("select count(*) as n from {table}");
    sqlx::query(AssertSqlSafe(sql)).fetch_one(&mut db).await.unwrap().get("n")
}

/// Somebody asks for an address; the question to her first one.
async fn asks(world: &World, who: &str, other: &str) -> Captured {
    let before = world.count(other);
    world.write(&Letter::new(who, REQUEST, "", &format!("Please add address {other}\n\nThanks"))).await;
    assert_eq!(world.last_judged().await, ["asked-to-confirm"], "{}", world.database);
    assert_eq!(
        world.count(other),
        before,
        "{}: a forged mail must not tell its writer that she takes part",
        world.database
    );
    world.latest(who)
}

/// She asks and agrees; both questions.
async fn asks_and_agrees(world: &World, who: &str, other: &str) -> (Captured, Captured) {
    let first = asks(world, who, other).await;
    assert_eq!(answers(world, who, &first, "YES").await, "agreed", "{}", world.database);
    (first, world.latest(other))
}

async fn answers(world: &World, from: &str, question: &Captured, words: &str) -> String {
    world.write(&Letter::answering(from, question, words)).await;
    world.last_judged().await.join(" ")
}

#[test]
fn mail_from_either_address_is_the_same_members() {
    on_both(|world| async {
        let world = world.with_rose().await;
        everybody_is_known(&world).await;
        administrator(&world, WORK, address::Verb::Add).await.unwrap();
        assert!(world.peer.mail().is_empty(), "no mail is sent by the command");

        world.write(&Letter::new(WORK, ROSE, "Bread", "Eleven loaves this time.")).await;
        let post = world.post_with("Eleven loaves").await;
        assert_eq!((post.author_name.as_str(), post.state), ("Kit", PostState::Published), "{}", world.database);
        let copy = world.latest(TOM);
        let raw = String::from_utf8_lossy(&copy.raw).into_owned();
        assert!(copy.header("From").contains("Kit") && !raw.contains("work.example"), "{raw}");
        assert_eq!(world.latest(KIT).text(), copy.text(), "her own copy comes to the first address");

        // The private line, and a message to take back.
        world.write(&Letter::new(WORK, "rose-owner@groups.example", "Tired", "May I call somebody?")).await;
        assert!(world.latest(DANA).header("From").contains("Kit (Rose)"), "{}", world.latest(DANA).header("From"));
        world.write(&Letter::answering(DANA, &world.latest(DANA), "Of course you may.")).await;
        let answer = world.latest(KIT);
        world.write(&Letter::answering(WORK, &answer, "Thank you, at six?")).await;
        assert_eq!(world.last_judged().await, ["passed-on"]);
        assert!(world.latest(RUTH).text().contains("Thank you, at six?"));

        world.change_group("rose", |group| group.moderation = lamplight::model::group::Moderation::All).await;
        world.write(&Letter::new(WORK, ROSE, "Too much", "Perhaps too much of me.")).await;
        let held = world.latest(KIT);
        assert_eq!(answers(&world, WORK, &held, "TAKE BACK").await, "withdrawn", "{}", world.database);

        // Leaving, asked from one and answered from the other.
        world.write(&Letter::new(WORK, "rose-leave@groups.example", "", "")).await;
        assert_eq!(answers(&world, WORK, &world.latest(KIT), "YES").await, "left");
        assert_eq!(world.person("rose", KIT).await.state, MemberState::Left);
        assert_eq!(world.count(WORK), 0, "{}: our mail goes to the first address only", world.database);
        world.assert_one_reader_each();
    });
}

#[test]
fn both_addresses_say_yes_and_then_it_is_hers() {
    on_both(|world| async {
        let world = world.with_rose().await;
        let before = world.count(DANA);
        let (first, other) = asks_and_agrees(&world, KIT, WORK).await;
        assert!(first.reply_address().starts_with("lamplight+c.") && other.reply_address().starts_with("lamplight+c."));
        assert_ne!(first.reply_address(), other.reply_address());
        assert!(first.text().contains(WORK) && first.text().contains("YES"), "{}", first.text());
        // Nothing in the other says who asks, or what the group is about.
        let raw = String::from_utf8_lossy(&other.raw).to_lowercase();
        let said = format!("{raw}{}{}", other.text(), other.html()).to_lowercase();
        for word in ["kit@home", "hello kit", "phone.home", "social", "moderator", "cancer", "support group", "danger"]
        {
            assert!(!said.contains(word), "{}: {word}: {said}", world.database);
        }
        assert_eq!((other.subject().as_str(), other.reverse_path.as_str()), ("Is this your address?", ""));

        assert_eq!(answers(&world, KIT, &first, "Yes").await, "agreed-before");
        assert_eq!((whose(&world, WORK).await, world.count(WORK)), (None, 1), "{}: not before both", world.database);
        assert_eq!(answers(&world, WORK, &other, "Yes, thank you").await, "address-added", "{}", world.database);
        assert_eq!(whose(&world, WORK).await.as_deref(), Some("Kit"), "{}", world.database);
        assert_eq!(world.latest(KIT).subject(), "You can write from another address now");
        assert_eq!((world.count(KIT), world.count(WORK), world.count(DANA)), (2, 1, before));
        // Once more, from either: nothing to do, nothing to say, nobody to bother.
        for (from, question) in [(WORK, &other), (KIT, &first)] {
            assert_eq!(answers(&world, from, question, "yes").await, "agreed-before");
        }
        assert_eq!((world.count(KIT), world.count(WORK), world.count(DANA)), (2, 1, before));

        // Taking it away: her first address is enough, and the other alone is not.
        world.pass(DAY + 1).await;
        world.write(&Letter::new(WORK, REQUEST, "Remove address", &format!("remove address {WORK}"))).await;
        let question = world.latest(KIT);
        assert!(question.text().contains("no more messages from"), "{}", question.text());
        assert_eq!(answers(&world, WORK, &question, "YES").await, "passed-on", "{}", world.database);
        assert_eq!(whose(&world, WORK).await.as_deref(), Some("Kit"));
        assert_eq!(answers(&world, KIT, &question, "YES").await, "address-removed");
        assert_eq!(whose(&world, WORK).await, None);
        assert_eq!(world.count(WORK), 1);

        let record = audit::list(&mut world.lamplight.store.read().await.unwrap(), &Wanted::default()).await.unwrap();
        let lines: Vec<String> = record.iter().map(|line| serde_json::to_string(line).unwrap()).collect();
        for action in ["address-added", "address-removed"] {
            assert_eq!(lines.iter().filter(|line| line.contains(action)).count(), 1, "{lines:?}");
        }
        assert!(lines.iter().all(|line| !line.contains('@')), "{lines:?}");
        assert_eq!(rows(&world, "address_changes").await, 0);
    });
}

#[test]
fn one_mail_asks_once_whatever_it_names() {
    on_both(|world| async {
        let world = world.with_rose().await;
        let letter = Letter::new(KIT, REQUEST, "", &format!("add address {WORK}"));
        world.deliver(KIT, &[REQUEST, "rose+request@groups.example"], letter.bytes()).await;
        world.run().await;
        assert_eq!(world.last_judged().await, ["asked-to-confirm", "same-group"], "{}", world.database);
        assert_eq!((world.count(KIT), world.count(DANA)), (1, 0), "{}", world.database);
    });
}

#[test]
fn nobody_gets_an_address_in_a_members_name() {
    on_both(|world| async {
        let world = world.with_rose().await;
        let his = "eve@else.example";
        // A From line is easily written: Kit is asked, and whoever asked in her name hears nothing at all.
        let first = asks(&world, KIT, his).await;
        for (from, what) in [(his, "a forwarded question"), (TOM, "another member"), ("eve@home.example", "like it")] {
            let said = answers(&world, from, &first, "YES").await;
            assert!(said != "agreed" && said != "agreed-before", "{}: {what}: {said}", world.database);
        }
        let automatic = Letter::answering(KIT, &first, "YES").with("Auto-Submitted: auto-replied");
        world.write(&automatic).await;
        world.deliver("", &[automatic.to.as_str()], Letter::answering(KIT, &first, "YES").bytes()).await;
        world.run().await;
        for words in ["", "who asked this?", "stop", "leave", "Yes?"] {
            assert_eq!(answers(&world, KIT, &first, words).await, "passed-on", "{}: {words:?}", world.database);
        }
        assert_eq!(whose(&world, his).await, None, "{}", world.database);
        // She says no: then not even her later yes counts.
        assert_eq!(answers(&world, KIT, &first, "NO").await, "passed-on");
        assert_eq!(answers(&world, KIT, &first, "YES").await, "passed-on");
        assert_eq!((whose(&world, his).await, rows(&world, "member_addresses").await), (None, 0));
        assert!(world.latest(DANA).text().contains("YES"), "people read what no rule took");
        assert_eq!(world.count(his), 0, "{}: he is told nothing", world.database);
    });
}

#[test]
fn one_address_can_not_answer_for_both() {
    on_both(|world| async {
        let world = world.with_rose().await;
        let (first, other) = asks_and_agrees(&world, KIT, WORK).await;
        for (from, question, what) in [
            (KIT, &other, "both from the first address"),
            (TOM, &other, "another member"),
            (DANA, &other, "a moderator"),
            ("june@else.example", &other, "a forwarded question"),
            (WORK, &first, "the first question from the other address"),
        ] {
            let said = answers(&world, from, question, "YES").await;
            assert!(!said.starts_with("a"), "{}: {what}: {said}", world.database);
            assert_eq!(whose(&world, WORK).await, None, "{}: {what}", world.database);
        }
        let absent = Letter::answering(WORK, &other, "YES").with("Auto-Submitted: auto-replied");
        world.write(&absent).await;
        for words in ["", "who asked this?", "unsubscribe", "stop"] {
            assert_eq!(answers(&world, WORK, &other, words).await, "stranger", "{}: {words:?}", world.database);
        }
        assert_eq!(answers(&world, WORK, &other, "No").await, "stranger");
        assert_eq!(answers(&world, WORK, &other, "YES").await, "stranger", "{}: refused is refused", world.database);
        assert_eq!((whose(&world, WORK).await, world.count(WORK)), (None, 1));
    });
}

#[test]
fn a_question_ends_after_a_week_and_with_its_member_and_group() {
    on_both(|world| async {
        let world = world.with_rose().await;
        let first = asks(&world, KIT, WORK).await;
        assert_eq!(rows(&world, "address_changes").await, 1);
        world.pass(7 * DAY).await;
        assert_eq!(rows(&world, "address_changes").await, 0, "{}: the address is forgotten", world.database);
        assert_eq!(answers(&world, KIT, &first, "YES").await, "passed-on");
        assert_eq!(whose(&world, WORK).await, None);

        let (_, other) = asks_and_agrees(&world, KIT, WORK).await;
        world.set_state(KIT, MemberState::Left).await;
        let said = answers(&world, WORK, &other, "YES").await;
        assert_eq!((said.as_str(), whose(&world, WORK).await), ("stranger", None), "{}: she left", world.database);

        let (_, other) = asks_and_agrees(&world, MIRA, "mira@work.example").await;
        world.change_group("rose", |group| group.state = GroupState::Closed).await;
        assert_eq!(answers(&world, "mira@work.example", &other, "YES").await, "stranger");
        assert_eq!(whose(&world, "mira@work.example").await, None);
        let before = world.count(TOM);
        world.write(&Letter::new(TOM, REQUEST, "", "add address tom@work.example")).await;
        assert_eq!((world.last_judged().await.join(" ").as_str(), world.count(TOM)), ("passed-on", before));
    });
}

/// What differs between any two mails, and the address that was asked for.
fn alike(mail: &Captured, asked: &str) -> String {
    // Quoted-printable may break a line inside the address.
    let raw = String::from_utf8_lossy(&mail.raw).replace("=\r\n", "").replace(asked, "ASKED");
    let own = Regex::new(r"(?m)\+c\.[a-z2-7]+@|<[^<>@\s]+@[^<>\s]+>|^Date:.*$|=_[0-9a-f]{32}").unwrap();
    own.replace_all(&raw, "…").into_owned()
}

#[test]
fn asking_for_somebodys_address_tells_nothing() {
    on_both(|world| async {
        let world = world.with_rose().await;
        let mut seen: Vec<(String, String)> = Vec::new();
        // Each as long as the others: a member's, nobody's, a moderator's, one that left, another member's further one.
        world.set_state(ADA, MemberState::Left).await;
        administrator(&world, "kat@home.example", address::Verb::Add).await.unwrap();
        for asked in
            ["tom@home.example", "tim@home.example", "ada@home.example", "kat@home.example", "ivy@home.example"]
        {
            let before = world.count(asked);
            let question = asks(&world, MIRA, asked).await;
            let after = answers(&world, MIRA, &question, "YES").await;
            let is_free = ["tim@home.example", "ivy@home.example"].contains(&asked);
            assert_eq!(world.count(asked) - before, usize::from(is_free), "{}: {asked}", world.database);
            seen.push((alike(&question, asked), after));
            world.pass(DAY + 1).await;
        }
        for (at, one) in seen.iter().enumerate() {
            assert_eq!(one, &seen[1], "{}: {at}", world.database);
        }
        assert_eq!(world.count(MIRA), seen.len(), "{}: and nothing else came", world.database);
        // Nobody can have somebody's address taken away either, and that reads the same as with nobody's.
        let mut said = Vec::new();
        for asked in ["tom@home.example", "tim@home.example"] {
            let before = world.count(MIRA);
            world.write(&Letter::new(MIRA, REQUEST, "", &format!("remove address {asked}"))).await;
            said.push((world.last_judged().await, world.count(MIRA) - before));
        }
        assert_eq!(said[0], said[1], "{}", world.database);
        assert_eq!(whose(&world, TOM).await.as_deref(), Some("Tom"));
    });
}

/// The same words three times, read by two at once.
async fn at_once(world: &World, letter: &Letter) {
    for _ in 0..3 {
        world.deliver(&letter.from, &[letter.to.as_str()], letter.bytes()).await;
    }
    let now = world.now();
    let (one, two) = (world.lamplight.clone(), world.lamplight.clone());
    let (one, two) = tokio::join!(
        tokio::spawn(async move { one.receive_all(now).await.unwrap() }),
        tokio::spawn(async move { two.receive_all(now).await.unwrap() })
    );
    assert_eq!(one.unwrap() + two.unwrap(), 3);
    world.run().await;
}

#[test]
fn two_answers_at_once_make_one_change() {
    on_both(|world| async {
        let world = world.with_rose().await;
        let first = asks(&world, KIT, WORK).await;
        at_once(&world, &Letter::answering(KIT, &first, "YES")).await;
        assert_eq!(world.count(WORK), 1, "{}: asked once", world.database);
        at_once(&world, &Letter::answering(WORK, &world.latest(WORK), "YES")).await;
        assert_eq!(whose(&world, WORK).await.as_deref(), Some("Kit"), "{}", world.database);
        assert_eq!((world.count(KIT), world.count(WORK)), (2, 1), "{}: told once", world.database);
        assert_eq!(rows(&world, "member_addresses").await, 1);
    });
}

#[test]
fn an_address_that_became_somebodys_meanwhile_stays_so() {
    on_both(|world| async {
        let world = world.with_rose().await;
        let (_, other) = asks_and_agrees(&world, KIT, WORK).await;
        let (role, delivery) = (lamplight::model::member::Role::Member, lamplight::model::member::Delivery::None);
        world.add("rose", role, WORK, "Kim", delivery, None).await;
        let before = world.count(KIT);
        assert_eq!(answers(&world, WORK, &other, "YES").await, "address-taken", "{}", world.database);
        assert_eq!(whose(&world, WORK).await.as_deref(), Some("Kim"));
        assert_eq!(world.count(KIT), before, "she is not told whose it is");
    });
}

#[test]
fn nobody_is_flooded_with_questions() {
    on_both(|world| async {
        let world = world.with_rose().await;
        let (role, delivery) = (lamplight::model::member::Role::Member, lamplight::model::member::Delivery::None);
        for number in 0..25 {
            world.add("rose", role, &format!("m{number}@home.example"), &format!("M{number}"), delivery, None).await;
        }
        let victim = "june@else.example";
        let mut questions = 0;
        for number in 0..25 {
            let who = format!("m{number}@home.example");
            let letter = Letter::new(&who, REQUEST, "", &format!("add address {victim}"));
            world.write(&letter).await;
            world.write(&letter).await;
            // What is beyond the limits is read by people and not lost.
            assert_eq!(world.last_judged().await, ["passed-on"], "{}", world.database);
            for question in world.mail_to(&who) {
                questions += 1;
                answers(&world, &who, &question, "YES").await;
            }
        }
        assert_eq!(questions, 20, "{}: so many in a group", world.database);
        assert_eq!(world.count(victim), 1, "{}: one question a day", world.database);
        world.pass(DAY + 1).await;
        asks_and_agrees(&world, KIT, victim).await;
        assert_eq!(world.count(victim), 2);
    });
}

#[test]
fn an_address_is_one_persons_and_the_groups_posts_never_name_it() {
    on_both(|world| async {
        let world = world.with_rose().await;
        everybody_is_known(&world).await;
        administrator(&world, WORK, address::Verb::Add).await.unwrap();
        for (other, why) in [
            (WORK, "already"),
            (KIT, "already"),
            (TOM, "is a member of rose already"),
            (DANA, "is a moderator of rose already"),
            (ROSE, "Lamplight itself"),
        ] {
            let refused = administrator(&world, other, address::Verb::Add).await.unwrap_err().to_string();
            assert!(refused.contains(why), "{}: {other}: {refused}", world.database);
        }
        assert!(administrator(&world, KIT, address::Verb::Remove).await.is_err());
        assert!(administrator(&world, TOM, address::Verb::Remove).await.is_err());
        // A post that names it waits, as with her first address.
        world.write(&Letter::new(TOM, ROSE, "Kit", &format!("You can write to Kit at {WORK} as well."))).await;
        let post = world.post_with("You can write to Kit").await;
        let reasons: Vec<String> = post.reasons.iter().map(|reason| reason.word()).collect();
        assert_eq!(post.state, PostState::Held, "{}", world.database);
        assert!(reasons.iter().any(|reason| reason == "names-an-address"), "{}: {reasons:?}", world.database);
        administrator(&world, WORK, address::Verb::Remove).await.unwrap();
        assert_eq!(whose(&world, WORK).await, None);
    });
}

#[test]
fn other_words_go_to_people_as_before_and_a_cry_is_heard_first() {
    on_both(|world| async {
        let world = world.with_rose().await;
        for words in ["My new address is kit@work.example", "Please help me with my address kit@work.example"] {
            let before = world.count(DANA);
            world.write(&Letter::new(KIT, REQUEST, "Address", words)).await;
            assert_eq!(world.last_judged().await, ["passed-on"]);
            assert_eq!(world.count(DANA), before + 1, "{}: {words}", world.database);
        }
        assert_eq!((world.count(KIT), world.count(WORK)), (0, 0));
        // Strangers and moderators get no question.
        world.write(&Letter::new("june@else.example", REQUEST, "", "add address june@work.example")).await;
        assert_eq!((world.count("june@else.example"), world.count("june@work.example")), (0, 0));
        world.write(&Letter::new(DANA, REQUEST, "", "add address dana@home.example")).await;
        assert_eq!(world.count("dana@home.example"), 0);

        let cry = format!("add address {WORK}\n-- \n{CRY}");
        world.write(&Letter::new(KIT, REQUEST, "", &cry)).await;
        let told = world.mail_to(DANA).into_iter().any(|mail| mail.text().contains("kill myself"));
        assert!(told, "{}: people hear at once", world.database);
        let asked = "Do you also write from another address?";
        let question = world.mail_to(KIT).into_iter().find(|mail| mail.subject() == asked).unwrap();
        let before = world.count(RUTH);
        answers(&world, KIT, &question, CRY).await;
        assert!(world.count(RUTH) > before, "{}: an answer is read as well", world.database);
    });
}
