//! What an enemy tried once: each message is followed by an ordinary one that must go through.

use lamplight::model::post::PostState;

use crate::scene::{ADA, DANA, KIT, MIRA, ROSE, RUTH, TOM};
use crate::support::{Letter, World, on_both};

const CRY: &str = "I am going to kill myself tonight.";
const ADMINISTRATOR: &str = "admin@charity.example";

async fn goes_on(world: &World) {
    let before = world.count(DANA);
    world.write(&Letter::new(TOM, ROSE, "An ordinary day", "The garden is quiet.")).await;
    assert_eq!(world.count(DANA), before + 1, "{}: the next message goes on", world.database);
}

#[test]
fn an_address_that_grows_in_lower_case_stops_nothing() {
    on_both(|world| async {
        let world = world.with_rose().await;
        let mut client = crate::support::LmtpClient::connect(world.lmtp).await;
        client.lhlo().await;
        let path = format!("a@{}.example", "Ⱥ".repeat(31));
        client.send(&format!("MAIL FROM:<{path}> SMTPUTF8")).await;
        let answer = client.reply().await.join(" ");
        if answer.starts_with("250") {
            client.send(&format!("RCPT TO:<{ROSE}>")).await.expect("250 *").await;
            client.data(b"Subject: x\r\n\r\nhi\r\n").await;
        }
        goes_on(&world).await;
    });
}

#[test]
fn one_mail_is_one_word_to_a_group_s_moderators() {
    on_both(|world| async {
        let world = world.with_rose().await;
        let addresses: Vec<String> = (0..200)
            .map(|number| format!("rose+p.a{}{}@groups.example", "b".repeat(24), char::from(b'a' + number % 20)))
            .chain(
                (0..20).map(|number| format!("rose+t.a{}{}@groups.example", "c".repeat(24), char::from(b'a' + number))),
            )
            .collect();
        let recipients: Vec<&str> = addresses.iter().map(String::as_str).collect();
        let cry = Letter::new("someone@else.example", ROSE, "Tonight", CRY);
        world.deliver("someone@else.example", &recipients, cry.bytes()).await;
        world.run().await;
        assert!(world.count(DANA) <= 2, "{}: {} alarms for one mail", world.database, world.count(DANA));
        assert!(world.count(DANA) >= 1, "{}: none is lost", world.database);
        let member = Letter::new(MIRA, ROSE, "Help", "Could one of you call me?");
        let before = world.count(RUTH);
        world.deliver(MIRA, &recipients[..100], member.bytes()).await;
        world.run().await;
        assert_eq!(world.count(RUTH), before + 1, "{}", world.database);
        goes_on(&world).await;
    });
}

#[test]
fn strangers_in_masses_do_not_drown_an_alarm() {
    on_both(|world| async {
        let world = world.with_rose().await;
        for number in 0..30 {
            let from = format!("someone{number}@else.example");
            world.write(&Letter::new(&from, ROSE, "Tonight", CRY)).await;
        }
        assert_eq!(world.count(DANA), 20, "{}: the rest waits for the summary", world.database);
        // What is set aside stands in no summary, so it is told whatever strangers do.
        let broken = format!("From: <{MIRA}>\r\nFrom: <{KIT}>\r\nSubject: Tonight\r\n\r\n{CRY}\r\n");
        world.deliver(MIRA, &[ROSE], broken).await;
        world.run().await;
        assert_eq!(world.count(DANA), 21, "{}: a member's alarm is not drowned", world.database);
        world.pass(86_400).await;
        assert!(world.latest(DANA).subject().contains("30 messages"), "{}", world.latest(DANA).subject());
    });
}

#[test]
fn a_cry_that_is_set_aside_is_told_all_the_same() {
    on_both(|world| async {
        let world = world.with_rose().await;
        let mail = format!("From: <{MIRA}>\r\nFrom: <{KIT}>\r\nSubject: Tonight\r\n\r\n{CRY}\r\n");
        world.deliver(MIRA, &[ROSE], mail).await;
        world.run().await;
        assert_eq!((world.count(DANA), world.count(RUTH)), (1, 1), "{}", world.database);
        assert!(world.latest(DANA).text().contains("kill myself"), "{}", world.latest(DANA).text());
        assert_eq!(world.posts().await.len(), 0);
        goes_on(&world).await;
    });
}

#[test]
fn a_cry_to_a_wrong_answer_address_reaches_people() {
    on_both(|world| async {
        let world = world.with_rose().await;
        world.write(&Letter::new(MIRA, ROSE, "First scan", "My scan is on Thursday.")).await;
        let held = world.latest(MIRA);
        let before = world.count(DANA);
        let second_mailbox = Letter::answering("mira.phone@other.example", &held, CRY);
        world.write(&second_mailbox).await;
        assert_eq!(world.count(DANA), before + 1, "{}", world.database);
        let nowhere = second_mailbox.to(&format!("lamplight+c.{}@groups.example", "abcdefgh".repeat(4)));
        world.write(&nowhere).await;
        assert_eq!(world.count(ADMINISTRATOR), 1, "{}", world.database);
        assert_eq!(world.count("mira.phone@other.example"), 0, "{}: and a stranger gets no answer", world.database);
    });
}

#[test]
fn what_stands_behind_an_invented_quote_is_judged() {
    on_both(|world| async {
        let world = world.with_rose().await;
        for address in [KIT, TOM, MIRA] {
            let mut tx = world.lamplight.store.begin().await.unwrap();
            let person = world.person("rose", address).await;
            lamplight::store::members::set_known(&mut tx, person.id, world.now()).await.unwrap();
            tx.commit().await.unwrap();
        }
        world.write(&Letter::new(KIT, ROSE, "Soup", "The soup was good.\nI read the pill leaflet twice.")).await;
        let copy = world.latest(TOM);
        // Quoting what Kit wrote is what people do.
        let honest = "> The soup was good.\n\nI am glad.\n\n> I read the pill leaflet twice.\n\nSo did I.";
        let mut letter = Letter::answering(TOM, &copy, "");
        letter.body = honest.to_owned();
        world.write(&letter).await;
        assert_eq!(world.posts().await[1].state, PostState::Published, "{}", world.database);
        let invented =
            format!("> {CRY}\n\nI had soup.\n\n> Text me at 212-555-0142 or mal@evil.example\n\nGood night.");
        letter.body = invented;
        world.write(&letter).await;
        assert_eq!(world.posts().await[2].state, PostState::Held, "{}", world.database);
        assert_eq!(world.latest(DANA).subject(), "1 message to read now", "{}", world.database);
    });
}

#[test]
fn a_group_in_the_from_field_is_nobody() {
    on_both(|world| async {
        let world = world.with_rose().await;
        let mail = format!("From: Team:{DANA};\r\nSubject: Thursday\r\n\r\nThe office is closed.\r\n");
        world.deliver("someone@else.example", &[ROSE], mail).await;
        world.run().await;
        assert_eq!((world.count(DANA), world.count(ADA), world.posts().await.len()), (0, 0, 0), "{}", world.database);
        goes_on(&world).await;
    });
}

#[test]
fn a_message_that_ends_the_program_is_set_aside_in_the_end() {
    on_both(|world| async {
        let world = world.with_rose().await;
        let letter = Letter::new(MIRA, ROSE, "First scan", "My scan is on Thursday.");
        world.deliver(MIRA, &[ROSE], letter.bytes()).await;
        // Three times a process claims it and is gone before the end.
        for _ in 0..3 {
            let waiting = world.waiting().await;
            let mut tx = world.lamplight.store.begin().await.unwrap();
            assert!(!waiting[0].is_leased, "{}", world.database);
            let claimed = lamplight::store::spool::claim(&mut tx, &[waiting[0].id], world.now()).await.unwrap();
            assert_eq!(claimed.len(), 1, "{}", world.database);
            tx.commit().await.unwrap();
            world.lamplight.clock.set(world.now().plus_seconds(61));
        }
        world.run().await;
        let listed = world.spooled().await;
        assert_eq!(listed[0].state, "quarantined", "{}", world.database);
        assert!(listed[0].cause.as_deref().unwrap_or_default().contains("never ended"), "{}", world.database);
        goes_on(&world).await;
    });
}
