//! What an enemy or a bad day does to digests: subjects that fill a mail, names that somebody registered meanwhile, subjects
//! that were taken back, a clock that was a year ahead.

use std::time::Duration;

use lamplight::clock::Reading;
use lamplight::model::member::{Delivery, Role};
use lamplight::model::post::PostState;

use crate::scene::{DANA, KIT, MIRA, ROSE, TOM, everybody_is_known, sql};
use crate::support::{Letter, World, on_both};

const DAY: i64 = 86_400;
const MONDAY: &str = "2026-11-23T17:31:00-05:00";

/// What `serve` does twice a second, on a machine that was started at `started` by its own clock.
async fn ticks(world: &World, started: i64) {
    let since_start = Duration::from_micros(u64::try_from(world.now().0 - started).unwrap());
    let reading = Reading { shown: world.now(), since_start, machine: Some("one".into()) };
    world.lamplight.look_at_clock(&reading).await.unwrap();
    world.lamplight.run_due(&world.transport, world.now()).await.unwrap();
}

#[test]
fn a_subject_of_a_whole_mail_waits_and_fills_no_digest() {
    on_both(|world| async {
        let world = world.with_rose().await.openly().await;
        everybody_is_known(&world).await;
        let subject = "it is so long ".repeat(3_500);
        world.write(&Letter::new(TOM, ROSE, &subject, "Only the subject was long.")).await;
        assert_eq!(world.post_with("Only the subject").await.state, PostState::Held, "a person reads it first");
        world.approve("Only the subject").await;
        world.pass(200).await;
        world.go_to(MONDAY).await;
        let digest = world.latest(MIRA);
        assert!(
            digest.text().contains("Only the subject was long.") && digest.raw.len() < 40_000,
            "{}",
            digest.raw.len()
        );
    });
}

#[test]
fn a_name_that_somebody_registered_meanwhile_is_covered_for_the_next_reader() {
    on_both(|world| async {
        let world = world.with_rose().await.openly().await;
        everybody_is_known(&world).await;
        world.add("rose", Role::Member, "west@home.example", "Wren", Delivery::Daily, None).await;
        world.add("rose", Role::Member, "late@home.example", "Lark", Delivery::Weekly, None).await;
        world
            .change_person("rose", "west@home.example", |west| west.zone = Some(chrono_tz::America::Los_Angeles))
            .await;
        world
            .change_person("rose", "late@home.example", |late| late.zone = Some(chrono_tz::America::Los_Angeles))
            .await;
        // Nobody is greeted: all of them would share an edition.
        sql(&world, &["update members set joined_at = joined_at - 6000000000000".to_owned()]).await;
        world.says("tom", "Lunch", "I had lunch with Jonathan Birchwood today.").await;
        world.go_to(MONDAY).await;
        assert!(world.latest(MIRA).text().contains("Birchwood"), "nobody has this name yet");
        world
            .add("rose", Role::Member, "robin@home.example", "Robin", Delivery::None, Some("Jonathan Birchwood"))
            .await;
        world.change_person("rose", "late@home.example", |late| late.delivery = Delivery::Each).await;
        world.go_to("2026-11-23T17:31:00-08:00").await;
        for address in ["west@home.example", "late@home.example"] {
            let mail = world.latest(address);
            assert!(mail.text().contains("I had lunch with"), "{address}");
            assert!(
                !mail.text().contains("Birchwood") && !mail.html().contains("Birchwood"),
                "{address}: {}",
                mail.text()
            );
        }
    });
}

#[test]
fn mute_and_settings_name_no_subject_that_was_taken_back() {
    on_both(|world| async {
        let world = world.with_rose().await.openly().await;
        everybody_is_known(&world).await;
        world.write(&Letter::new(TOM, ROSE, "My divorce from Paul", "He drinks.")).await;
        let copy = world.latest(KIT);
        world.write(&Letter::new(KIT, &copy.reply_address(), "Thinking of you", "All the best to you.")).await;
        let post = world.post_with("He drinks.").await;
        world.lamplight.retract_as_administrator(post.id, world.now()).await.unwrap();
        world.write(&Letter::new(KIT, &copy.reply_address(), "Mute", "Mute")).await;
        let before = world.count(KIT);
        world.write(&Letter::new(KIT, "rose-request@groups.example", "", "Mute")).await;
        world.write(&Letter::new(KIT, "rose-request@groups.example", "", "Settings")).await;
        assert!(world.count(KIT) > before);
        let told: String =
            world.mail_to(KIT).iter().filter(|mail| mail.subject().contains("ail")).map(|mail| mail.text()).collect();
        for mail in world.mail_to(KIT).iter().skip(before - 1) {
            assert!(!mail.text().contains("divorce"), "{}: {}", world.database, mail.text());
        }
        assert!(!told.contains("divorce"));
    });
}

#[test]
fn what_was_set_while_the_clock_was_a_year_ahead_puts_no_digest_off() {
    on_both(|world| async {
        let world = world.with_rose().await.openly().await;
        everybody_is_known(&world).await;
        let mut started = world.now().0 - 1_000_000_000;
        ticks(&world, started).await;
        let real = world.now();
        world.lamplight.clock.set(real.plus_seconds(400 * DAY));
        started += 400 * DAY * 1_000_000;
        ticks(&world, started).await;
        world.write(&Letter::new(MIRA, "rose-request@groups.example", "", "daily at 7 pm")).await;
        world.write(&Letter::new(TOM, "rose-leave@groups.example", "", "")).await;
        for number in 0..24 {
            let who = format!("stranger{number}@far.example");
            let cry = format!("I am going to kill myself tonight. I am number{number}x.");
            let letter = Letter::new(&who, "rose-owner@groups.example", "Tonight", &cry);
            world.deliver(&who, &["rose-owner@groups.example"], letter.bytes()).await;
        }
        ticks(&world, started).await;
        world.lamplight.clock.set(real.plus_seconds(120));
        started -= 400 * DAY * 1_000_000;
        ticks(&world, started).await;
        let next = world.person("rose", MIRA).await.next_digest_at.unwrap();
        assert!(next < real.plus_seconds(2 * DAY), "{}: {}", world.database, next.rfc3339());
        world.lamplight.clock.set(real.plus_seconds(600));
        ticks(&world, started).await;
        let heard =
            |number: usize| world.mail_to(DANA).iter().any(|mail| mail.text().contains(&format!("number{number}x")));
        let unheard: Vec<usize> = (0..24).filter(|number| !heard(*number)).collect();
        assert!(unheard.is_empty(), "{}: {unheard:?}", world.database);
        // And whoever asked to leave then can ask now.
        let before = world.count(TOM);
        world.write(&Letter::new(TOM, "rose-leave@groups.example", "", "")).await;
        ticks(&world, started).await;
        assert_eq!(world.count(TOM), before + 1, "{}", world.database);
    });
}
