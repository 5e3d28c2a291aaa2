//! A notice that a moderator can't be handed reaches somebody: the administrators, at once where somebody may be in danger.

use crate::scene;
use crate::support::{Captured, World, on_both};

const DANA: &str = "dana@work.example";
const RUTH: &str = "ruth@work.example";
const ADMIN: &str = "admin@charity.example";
const DAY: i64 = 86_400;

async fn alarm(world: &World) {
    world.says("ada", "Dark", "I am going to kill myself tonight.").await;
}

/// How many mails of these templates were written to the administrator.
async fn told(world: &World, template: &str) -> usize {
    world.rows_to(ADMIN).await.iter().filter(|row| row.template == template).count()
}

#[test]
fn a_failed_alarm_reaches_the_administrators_at_once_and_once() {
    on_both(|world| async {
        let world = world.with_rose().await;
        world.peer.answer("RCPT", "550 5.1.1 no such user").to("dana@");
        alarm(&world).await;
        assert_eq!((world.count(DANA), world.count(RUTH), world.count(ADMIN)), (0, 1, 1), "{}", world.database);
        let mail = world.latest(ADMIN);
        let text = mail.text();
        assert!(mail.subject().contains("please look now"), "{}", mail.subject());
        assert!(text.contains("Dana") && text.contains("RCPT: 550 5.1.1") && text.contains("in danger"), "{text}");
        assert!(text.contains("1 other reader was"), "{text}");
        assert!(!text.contains("kill"), "an administrator is told of it, not its words: {text}");
        for _ in 0..3 {
            world.run().await;
        }
        assert_eq!(told(&world, "undelivered").await, 1, "{}: once", world.database);
        alarm(&world).await;
        assert_eq!(told(&world, "undelivered").await, 2, "{}: another alarm, another word", world.database);
    });
}

#[test]
fn an_alarm_that_nobody_takes_reaches_the_administrators_before_it_is_given_up() {
    on_both(|world| async {
        let world = world.with_rose().await;
        world.peer.answer("RCPT", "554 5.7.1 you are blocked").to("@work.example");
        alarm(&world).await;
        let text = world.mail_to(ADMIN).iter().map(|mail| mail.text()).find(|text| text.contains("in danger"));
        let text = text.unwrap_or_else(|| panic!("{}: nobody was told", world.database));
        assert!(text.contains("Dana") && text.contains("Ruth") && text.contains("Nobody else was sent it"), "{text}");
        assert_eq!(world.row_to(DANA).await.state, "waiting", "{}", world.database);
        world.peer.behave();
        world.pass(60).await;
        assert_eq!((world.count(DANA), world.count(RUTH)), (1, 1), "{}", world.database);
        assert_eq!(told(&world, "undelivered").await, 1, "{}: once", world.database);
    });
}

#[test]
fn other_notices_are_summed_up_once_a_day() {
    on_both(|world| async {
        let world = world.with_rose().await;
        world.peer.answer("RCPT", "550 5.1.1 no such user").to("dana@");
        for number in 0..3 {
            world.says("mira", &format!("Note {number}"), "My first words.").await;
            world.pass(600).await;
        }
        assert_eq!(told(&world, "undelivered").await, 1, "{}", world.database);
        assert!(!world.latest(ADMIN).text().contains("in danger"), "{}", world.latest(ADMIN).text());
        world.pass(DAY).await;
        assert_eq!(told(&world, "undelivered").await, 2, "{}", world.database);
        let last = world.mail_to(ADMIN).into_iter().rfind(|mail| mail.subject().contains("did not reach")).unwrap();
        assert!(last.subject().starts_with("Lamplight: ") && last.text().contains("2. Dana, rose"), "{}", last.text());
    });
}

#[test]
fn a_failed_word_about_a_failed_word_is_the_last() {
    on_both(|world| async {
        let world = world.with_rose().await;
        world.peer.answer("RCPT", "550 5.1.1 no such user").to("dana@");
        world.peer.answer("RCPT", "550 5.1.1 no such user").to("admin@");
        alarm(&world).await;
        world.pass(DAY).await;
        let failed = world.rows_to(ADMIN).await.iter().filter(|row| row.template == "undelivered").count();
        let alarms = world.rows_to(DANA).await.iter().filter(|row| row.template == "hold").count();
        assert!(failed <= alarms && failed > 0, "{}: {failed} words about {alarms} notices", world.database);
    });
}

/// The paths to which these moderators' latest mails come back.
fn paths(world: &World, moderators: &[&str]) -> Vec<String> {
    moderators.iter().map(|moderator| world.latest(moderator).reverse_path).collect()
}

/// Mails come back on these paths, with this report.
async fn come_back(world: &World, paths: &[String], report: impl Fn(Vec<u8>) -> Vec<u8>) {
    for path in paths {
        let subject = "Undelivered Mail Returned to Sender";
        let bytes =
            scene::report("MAILER-DAEMON@groups.example", path, subject, "delivery-status", "It was not taken.");
        world.deliver("", &[path], report(bytes)).await;
    }
    world.run().await;
}

fn with(report: &[u8], words: &str, others: &str) -> Vec<u8> {
    String::from_utf8_lossy(report).replace(words, others).into_bytes()
}

#[test]
fn an_alarm_that_comes_back_reaches_the_administrators_at_once_and_once() {
    on_both(|world| async {
        let world = world.with_rose().await;
        alarm(&world).await;
        let paths = paths(&world, &[DANA, RUTH]);
        come_back(&world, &paths, |report| {
            with(&with(&report, "Action: failed", "Action: delayed"), "Status: 5.1.1", "Status: 4.4.1")
        })
        .await;
        assert_eq!(told(&world, "undelivered").await, 0, "{}: it is only late", world.database);
        come_back(&world, &paths, |report| report).await;
        // The alert climbs at once as well; that is another mail.
        let is_of_it = |mail: &Captured| mail.text().contains("bounced:");
        let mail = world.mail_to(ADMIN).into_iter().find(is_of_it).unwrap();
        let text = mail.text();
        assert!(mail.subject().contains("please look now"), "{}: {}", world.database, mail.subject());
        assert!(text.contains("Dana") && text.contains("Ruth") && text.contains("bounced: 5.1.1"), "{text}");
        assert!(text.contains("Nobody else was sent it"), "{text}");
        for _ in 0..3 {
            come_back(&world, &paths, |report| with(&report, "It was", "Again: it was")).await;
            world.pass(DAY).await;
        }
        assert_eq!(told(&world, "undelivered").await, 1, "{}: once", world.database);
    });
}

#[test]
fn an_alarm_that_a_server_gave_up_after_days_of_trying_came_back_as_well() {
    on_both(|world| async {
        let world = world.with_rose().await;
        alarm(&world).await;
        come_back(&world, &paths(&world, &[RUTH]), |report| with(&report, "5.1.1", "4.4.1")).await;
        assert_eq!(told(&world, "undelivered").await, 1, "{}", world.database);
        assert!(world.latest(ADMIN).text().contains("1 other reader was"), "{}", world.latest(ADMIN).text());
    });
}

#[test]
fn an_address_whose_mail_came_back_is_named_until_it_takes_another() {
    on_both(|world| async {
        let world = world.with_rose().await;
        world.says("mira", "Hello", "My first words.").await;
        come_back(&world, &paths(&world, &[DANA]), |report| report).await;
        let refusing = async || {
            let mut db = world.lamplight.store.read().await.unwrap();
            let found = lamplight::store::undelivered::refusing(&mut db).await.unwrap();
            found.into_iter().map(|refusing| (refusing.address, refusing.cause)).collect::<Vec<_>>()
        };
        assert_eq!(refusing().await, [(DANA.to_owned(), "bounced: 5.1.1".to_owned())], "{}", world.database);
        assert_eq!(told(&world, "undelivered").await, 1, "{}: the daily word", world.database);
        world.pass(60).await;
        world.says("kit", "Hello", "My first words as well.").await;
        assert_eq!(refusing().await, [], "{}", world.database);
    });
}
