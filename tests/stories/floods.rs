//! A flood drowns nobody, and nobody in it is unheard: what comes beyond the first twenty of an hour is told together, a few
//! minutes later, whatever happens to the program meanwhile.

use lamplight::engine::{Lamplight, Opening};

use crate::scene::{ADMIN, DANA, KIT, MIRA, ROSE, RUTH};
use crate::support::{Letter, LmtpClient, World, on_both, on_both_with};

const CRY: &str = "I am going to kill myself tonight.";
const AT_ONCE: usize = 20;
const MINUTE: i64 = 60;

/// Hand many letters over in one talk, then take them to their end.
async fn flood(world: &World, letters: impl Iterator<Item = (String, Vec<u8>)>) {
    let mut client = LmtpClient::connect(world.lmtp).await;
    client.lhlo().await;
    for (to, letter) in letters {
        assert_eq!(client.deliver("someone@else.example", &[to.as_str()], &letter).await, ["250 2.0.0 kept"]);
    }
    world.run().await;
}

fn stranger(number: usize, to: &str, words: &str) -> (String, Vec<u8>) {
    (to.to_owned(), Letter::new(&format!("someone{number}@else.example"), to, "Tonight", words).bytes())
}

/// Every number from 0 is told to this reader, in this many mails.
fn heard(world: &World, reader: &str, count: usize, mails: usize) {
    let all: String = world.mail_to(reader).iter().map(|mail| mail.text().replace("\n> ", " ")).collect();
    for number in 0..count {
        assert!(all.contains(&format!("(no. {number})")), "{}: no. {number} is unheard", world.database);
    }
    assert_eq!(world.count(reader), mails, "{}", world.database);
}

#[test]
fn a_real_one_among_invented_strangers_is_heard_in_minutes() {
    on_both_with(
        |config| config.moderation.alert_minutes = 10_000,
        |world| async {
            let world = world.with_rose().await;
            flood(&world, (0..30).map(|number| stranger(number, ROSE, &format!("{CRY} (no. {number})")))).await;
            world.pass(MINUTE).await;
            assert_eq!(world.count(DANA), AT_ONCE, "{}: the rest waits", world.database);
            let real = "I took all the pills. I am going to kill myself. (no. 30)";
            world.write(&Letter::new("june@home.example", "rose-help@groups.example", "Please", real)).await;
            world.pass(2 * MINUTE).await;
            for moderator in [DANA, RUTH] {
                heard(&world, moderator, 31, AT_ONCE + 1);
                let together = world.latest(moderator);
                assert_eq!(together.subject(), "11 messages to read now", "{}", world.database);
                assert!(together.text().contains("june@home.example"), "{}", together.text());
            }
            assert_eq!(world.rows_to(DANA).await.len(), AT_ONCE + 1);
            // Told once; and who comes later in the same hour is told later.
            world.pass(10 * MINUTE).await;
            assert_eq!(world.count(DANA), AT_ONCE + 1);
            world.write(&Letter::new("june@home.example", ROSE, "Please", "I will kill myself now. (no. 31)")).await;
            world.pass(3 * MINUTE).await;
            heard(&world, DANA, 32, AT_ONCE + 2);
            // An hour later the first is told at once again.
            world.pass(61 * MINUTE).await;
            world.write(&Letter::new("june@home.example", ROSE, "Please", "I will kill myself now. (no. 32)")).await;
            heard(&world, DANA, 33, AT_ONCE + 3);
            assert_eq!(world.count("june@home.example"), 0, "a stranger gets no answer");
        },
    );
}

#[test]
fn what_waits_to_be_told_outlasts_the_program() {
    on_both(|world| async {
        let world = world.with_rose().await;
        flood(&world, (0..25).map(|number| stranger(number, ROSE, &format!("{CRY} (no. {number})")))).await;
        let again = Lamplight::open(
            (*world.lamplight.config).clone(),
            lamplight::clock::Clock::fixed(world.now().plus_seconds(3 * MINUTE)),
            Opening::Existing,
        );
        let again = again.await.unwrap();
        again.run_due(&world.transport, again.clock.now()).await.unwrap();
        heard(&world, DANA, 25, AT_ONCE + 1);
        assert_eq!(again.tick(again.clock.now()).await.unwrap().summaries, 0);
    });
}

#[test]
fn hundreds_are_a_few_mails_of_which_none_is_too_large() {
    on_both(|world| async {
        let world = world.with_rose().await;
        flood(&world, (0..450).map(|number| stranger(number, ROSE, &format!("{CRY} (no. {number})")))).await;
        world.pass(3 * MINUTE).await;
        heard(&world, RUTH, 450, AT_ONCE + 3);
        assert!(world.mail_to(RUTH).iter().all(|mail| mail.raw.len() < 500_000));
    });
}

#[test]
fn messages_that_are_set_aside_in_masses() {
    on_both(|world| async {
        let world = world.with_rose().await;
        let broken = |number| {
            let text = format!("From: <{MIRA}>\r\nFrom: <{KIT}>\r\nSubject: x\r\n\r\n{CRY} (no. {number})\r\n");
            (ROSE.to_owned(), text.into_bytes())
        };
        flood(&world, (0..60).map(broken)).await;
        assert_eq!(world.count(DANA), AT_ONCE, "{}", world.database);
        world.pass(3 * MINUTE).await;
        heard(&world, DANA, 60, AT_ONCE + 1);
        assert_eq!(world.latest(DANA).subject(), "40 messages to read now", "{}", world.database);
    });
}

#[test]
fn the_administrators_are_not_drowned_either() {
    on_both(|world| async {
        let world = world.with_rose().await;
        let nowhere = format!("lamplight+c.{}@groups.example", "abcdefgh".repeat(4));
        flood(&world, (0..60).map(|number| stranger(number, &nowhere, &format!("{CRY} (no. {number})")))).await;
        assert_eq!(world.count(ADMIN), AT_ONCE, "{}", world.database);
        world.pass(3 * MINUTE).await;
        heard(&world, ADMIN, 60, AT_ONCE + 1);

        let before = world.count(ADMIN);
        flood(
            &world,
            (60..120).map(|number| {
                let to = if number % 2 == 0 { "postmaster" } else { "abuse" };
                stranger(number, &format!("{to}@groups.example"), &format!("You send me junk. (no. {number})"))
            }),
        )
        .await;
        assert_eq!(world.count(ADMIN), before + AT_ONCE, "{}", world.database);
        world.pass(3 * MINUTE).await;
        heard(&world, ADMIN, 120, before + AT_ONCE + 1);
        assert_eq!(world.latest(ADMIN).subject(), "40 messages to the administrators", "{}", world.database);
    });
}

#[test]
fn a_member_is_bound_by_no_flood() {
    on_both(|world| async {
        let world = world.with_rose().await;
        let (notice, _) = crate::scene::held_post(&world).await;
        flood(&world, (0..40).map(|number| stranger(number, ROSE, CRY))).await;
        let before = world.count(RUTH);
        world
            .write(&Letter::answering(MIRA, &notice, "This was passed on to me. I want to kill myself tonight."))
            .await;
        world.write(&Letter::new(MIRA, "rose-owner@groups.example", "Tonight", CRY)).await;
        world.write(&Letter::new(MIRA, ROSE, "Tonight", CRY)).await;
        assert_eq!(world.count(RUTH), before + 3, "{}: at once", world.database);
    });
}
