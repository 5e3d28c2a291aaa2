//! Digests come at each reader's own hour, hold each post once, and say nothing on an empty day: over the changes of
//! the clock, after days of downtime, and when several servers tick at once.

use lamplight::model::member::{Delivery, Format, MemberState};
use lamplight::model::schedule::{Schedule, Time};

use crate::scene::besides_lists;
use crate::support::{Captured, Letter, World, on_both};

const MIRA: &str = "mira@home.example";
const KIT: &str = "kit@home.example";
const DAY: i64 = 86_400;

/// How often these words came to somebody in a digest.
fn times(world: &World, address: &str, words: &str) -> usize {
    let digests = world.mail_to(address).into_iter().filter(|mail| mail.reply_address().starts_with("rose+d."));
    digests.map(|mail| mail.text().matches(words).count()).sum()
}

async fn at(world: World, start: &str) -> World {
    world.lamplight.clock.set(lamplight::clock::Timestamp::parse(start).unwrap());
    world.with_rose().await.openly().await
}

#[test]
fn a_digest_comes_at_the_hour_of_the_group_or_of_the_reader() {
    on_both(|world| async {
        let world = world.with_rose().await.openly().await;
        world
            .change_person("rose", KIT, |kit| {
                kit.delivery = Delivery::Daily;
                kit.zone = Some(chrono_tz::Europe::Berlin);
                kit.hour = Some(Time { hour: 7, minute: 0 });
            })
            .await;
        world.says("mira", "Monday", "Written on Monday.").await;
        world.go_to("2026-11-23T17:29:59-05:00").await;
        assert_eq!(world.count(MIRA), 0);
        world.go_to("2026-11-23T17:30:00-05:00").await;
        assert_eq!(times(&world, MIRA, "Written on Monday"), 1, "her own posts are in it: she sees that they arrived");
        assert_eq!(times(&world, "dana@work.example", "Written on Monday"), 1);
        assert_eq!((world.count(KIT), world.count("ada@home.example"), world.count("ruth@work.example")), (0, 0, 0));
        world.go_to("2026-11-24T06:59:59+01:00").await;
        assert_eq!(world.count(KIT), 0);
        world.go_to("2026-11-24T07:00:00+01:00").await;
        assert_eq!(times(&world, KIT, "Written on Monday"), 1);
        // Nothing new: nobody hears anything for two days.
        let heard = || [MIRA, KIT, "tom@home.example", "ada@home.example"].map(|reader| world.count(reader));
        let before = heard();
        world.go_to("2026-11-26T23:00:00-05:00").await;
        assert_eq!(heard(), before);
        assert!(besides_lists(&world, "ruth@work.example").is_empty());
        world.assert_one_reader_each();
    });
}

#[test]
fn the_clock_changes_and_every_day_keeps_its_one_digest() {
    on_both(|world| async {
        // On 2026-03-08 New York has no half past two: the next valid instant is three o'clock.
        let world = at(world, "2026-03-07T12:00:00-05:00").await;
        world.change_group("rose", |group| group.schedule = Schedule::parse("30 2 * * *").unwrap()).await;
        world.change_person("rose", MIRA, |_| {}).await;
        world.says("tom", "Gap", "Before the gap.").await;
        world.go_to("2026-03-08T01:59:59-05:00").await;
        assert_eq!(world.count(MIRA), 0);
        world.go_to("2026-03-08T03:00:00-04:00").await;
        assert_eq!(times(&world, MIRA, "Before the gap"), 1);
        world.says("tom", "Gap", "After the gap.").await;
        world.go_to("2026-03-08T23:59:00-04:00").await;
        assert_eq!(world.count(MIRA), 1);
        world.go_to("2026-03-09T02:30:00-04:00").await;
        assert_eq!(times(&world, MIRA, "After the gap"), 1);

        // On 2026-11-01 half past one comes twice: the first counts, the second doesn't.
        world.change_group("rose", |group| group.schedule = Schedule::parse("30 1 * * *").unwrap()).await;
        world.go_to("2026-10-31T12:00:00-04:00").await;
        world.change_person("rose", MIRA, |_| {}).await;
        world.says("tom", "Overlap", "Before the overlap.").await;
        world.go_to("2026-11-01T01:29:59-04:00").await;
        assert_eq!(world.count(MIRA), 2);
        world.go_to("2026-11-01T01:30:00-04:00").await;
        assert_eq!(times(&world, MIRA, "Before the overlap"), 1);
        world.says("tom", "Overlap", "Between the two.").await;
        world.go_to("2026-11-01T01:30:00-05:00").await;
        assert_eq!(world.count(MIRA), 3, "one digest on a day of 25 hours");
        world.go_to("2026-11-02T01:30:00-05:00").await;
        assert_eq!(times(&world, MIRA, "Between the two"), 1);
    });
}

#[test]
fn weekly_is_monday_and_none_and_paused_are_silent() {
    on_both(|world| async {
        let world = world.with_rose().await.openly().await;
        world.change_person("rose", KIT, |kit| kit.delivery = Delivery::Weekly).await;
        world.says("tom", "One", "Said on Monday.").await;
        world.go_to("2026-11-23T17:31:00-05:00").await;
        assert_eq!(times(&world, KIT, "Said on Monday"), 1, "this Monday's hour was still to come");
        world.says("tom", "Two", "Said on Monday night.").await;
        world.set_state(MIRA, MemberState::Paused).await;
        for day in 24..=29 {
            world.go_to(&format!("2026-11-{day}T18:00:00-05:00")).await;
            world.says("tom", "Two", &format!("Said on day {day}.")).await;
        }
        let mails = (world.count(KIT), world.count(MIRA));
        assert_eq!(mails, (1, 1));
        world.go_to("2026-11-30T17:31:00-05:00").await;
        assert_eq!((world.count(KIT), times(&world, KIT, "Said on day")), (2, 6));
        assert_eq!(times(&world, KIT, "Said on Monday night"), 1);

        // Resumed: no flood of what came meanwhile, only what comes from now on.
        world.set_state(MIRA, MemberState::Active).await;
        world.says("tom", "Three", "Said after the pause.").await;
        world.go_to("2026-12-01T17:31:00-05:00").await;
        assert_eq!((world.count(MIRA), times(&world, MIRA, "Said on day")), (2, 0));
        assert_eq!(times(&world, MIRA, "Said after the pause"), 1);
        let ruth = besides_lists(&world, "ruth@work.example").len();
        assert_eq!((world.count("ada@home.example"), ruth), (0, 0));
    });
}

#[test]
fn from_each_to_daily_nothing_comes_twice() {
    on_both(|world| async {
        let world = world.with_rose().await.openly().await;
        world.says("mira", "One", "Kit has this one.").await;
        assert_eq!(world.count(KIT), 1);
        world.change_person("rose", KIT, |kit| kit.delivery = Delivery::Daily).await;
        world.says("mira", "Two", "Kit waits for this one.").await;
        world.go_to("2026-11-23T17:31:00-05:00").await;
        assert_eq!(world.count(KIT), 2);
        assert_eq!((times(&world, KIT, "Kit has"), times(&world, KIT, "Kit waits")), (0, 1));
        // And back: the digest's posts don't come again as single mails.
        world.change_person("rose", KIT, |kit| kit.delivery = Delivery::Each).await;
        world.says("mira", "Three", "At once again.").await;
        world.go_to("2026-11-25T17:31:00-05:00").await;
        assert_eq!(world.count(KIT), 3);
    });
}

#[test]
fn from_digests_to_each_what_waits_comes_at_once() {
    on_both(|world| async {
        let world = world.with_rose().await.openly().await;
        world.says("tom", "One", "Mira has this one.").await;
        world.go_to("2026-11-23T17:31:00-05:00").await;
        world.says("tom", "Two", "Mira waits for this one.").await;
        world.says("tom", "Three", "This one was taken back.").await;
        world.says("kit", "Four", "She waits for this as well.").await;
        let back = world.post_with("This one was taken back").await;
        world.lamplight.retract_as_administrator(back.id, world.now()).await.unwrap();
        world.says("kit", "Muted", "She asked to hear no more of this.").await;
        let (muted, mira) = (world.thread_with("She asked to hear no more").await, world.person("rose", MIRA).await.id);
        let mut tx = world.lamplight.store.begin().await.unwrap();
        lamplight::store::mutes::insert(&mut tx, mira, muted, world.now()).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(world.count(MIRA), 1);
        world.change_person("rose", MIRA, |mira| mira.delivery = Delivery::Each).await;
        world.says("tom", "Five", "The first after it.").await;
        let came: Vec<String> = world.mail_to(MIRA).iter().skip(1).map(Captured::text).collect();
        assert_eq!(came.len(), 3, "{came:?}");
        for words in ["Mira waits for", "She waits for this", "The first after it"] {
            assert_eq!(came.iter().filter(|text| text.contains(words)).count(), 1, "{words}: {came:?}");
        }
        // What she gave up by a pause stays given up.
        world.change_person("rose", MIRA, |mira| mira.delivery = Delivery::Daily).await;
        world.says("tom", "Six", "Given up.").await;
        world.set_state(MIRA, MemberState::Paused).await;
        world
            .change_person("rose", MIRA, |mira| (mira.state, mira.delivery) = (MemberState::Active, Delivery::Each))
            .await;
        world.go_to("2026-11-25T17:31:00-05:00").await;
        assert_eq!(world.count(MIRA), 4);
    });
}

#[test]
fn a_late_approval_is_in_the_next_digest_and_downtime_makes_one() {
    on_both(|world| async {
        let world = world.with_rose().await;
        world.says("tom", "Late", "Held for days.").await;
        world.change_person("rose", "ada@home.example", |ada| ada.known_since = Some(ada.joined_at)).await;
        world.says("ada", "Prompt", "Published at once.").await;
        world.go_to("2026-11-23T17:31:00-05:00").await;
        assert_eq!((times(&world, MIRA, "Held for"), times(&world, MIRA, "Published at once")), (0, 1));
        world.go_to("2026-11-25T12:00:00-05:00").await;
        world.approve("Held for days").await;
        world.go_to("2026-11-25T17:31:00-05:00").await;
        assert_eq!((times(&world, MIRA, "Held for"), times(&world, MIRA, "Published at once")), (1, 1));

        // Nothing runs for four days; what was accepted meanwhile is one digest, under the day it was due.
        for day in 26..=29 {
            world.lamplight.clock.set(world.now().plus_seconds(DAY));
            let letter = Letter::new("ada@home.example", "rose@groups.example", "Away", &format!("Note {day}."));
            world.deliver("ada@home.example", &["rose@groups.example"], letter.bytes()).await;
        }
        world.run().await;
        let digest = world.latest(MIRA);
        assert_eq!(world.count(MIRA), 3, "one combined digest: {:?}", world.subjects(MIRA));
        assert_eq!(digest.text().matches("Note 2").count(), 4);
        assert!(digest.text().contains("\nThursday 26 November, volume"), "{}", digest.text());
        world.go_to("2026-11-30T17:31:00-05:00").await;
        assert_eq!(world.count(MIRA), 3, "and nothing of it again");
    });
}

#[test]
fn a_digest_by_hand_takes_the_place_of_the_scheduled_one() {
    on_both(|world| async {
        let world = world.with_rose().await.openly().await;
        let send = async |again| {
            let group = world.group("rose").await;
            let sent = world.lamplight.send_digests(&group, again, world.now()).await.unwrap();
            world.run().await;
            (sent.sent, sent.nothing_new, sent.had_it)
        };
        assert_eq!(send(false).await, (0, 2, 0), "Dana and Mira read digests, and there is no news");
        world.says("tom", "One", "First news.").await;
        assert_eq!(send(false).await, (2, 0, 0));
        assert_eq!((world.count(MIRA), times(&world, MIRA, "First news")), (1, 1));
        world.says("tom", "Two", "Second news.").await;
        assert_eq!(send(false).await, (0, 0, 2), "it says that they had it");
        world.go_to("2026-11-23T17:31:00-05:00").await;
        assert_eq!(world.count(MIRA), 1, "the scheduled one is not made as well");
        assert_eq!(send(true).await, (2, 0, 0));
        assert_eq!((world.count(MIRA), times(&world, MIRA, "First news")), (2, 1));
        assert_eq!(send(true).await, (0, 2, 0), "nothing new since");
        world.says("tom", "Three", "Third news.").await;
        world.go_to("2026-11-24T17:31:00-05:00").await;
        assert_eq!(world.count(MIRA), 3, "the next day's comes as ever");
        for words in ["First news", "Second news", "Third news"] {
            assert_eq!(times(&world, MIRA, words), 1, "{words}");
        }
    });
}

#[test]
fn servers_that_tick_at_once_make_one_digest() {
    on_both(|world| async {
        let world = world.with_rose().await.openly().await;
        for number in 0..20 {
            let (address, name) = (format!("reader{number}@home.example"), format!("Reader {number}"));
            world.add("rose", lamplight::model::member::Role::Member, &address, &name, Delivery::Daily, None).await;
        }
        world.says("tom", "One", "Once and once only.").await;
        for evening in ["2026-11-23T17:30:00-05:00", "2026-11-24T17:30:00-05:00"] {
            world.lamplight.clock.set(lamplight::clock::Timestamp::parse(evening).unwrap());
            let now = world.now();
            let tick = || world.lamplight.tick(now);
            // Who comes second finds the cursor moved, and that is no trouble.
            let (first, second, third, fourth) = tokio::join!(tick(), tick(), tick(), tick());
            for ticked in [first, second, third, fourth] {
                ticked.unwrap();
            }
            world.run().await;
            world.says("tom", "Two", "Said in between.").await;
        }
        for number in 0..20 {
            let address = format!("reader{number}@home.example");
            assert_eq!(world.count(&address), 2, "{}", world.database);
            assert_eq!(times(&world, &address, "Once and once only"), 1);
            assert_eq!(times(&world, &address, "Said in between"), 1);
        }
    });
}

#[test]
fn a_digest_is_rendered_once_for_all_who_get_the_same() {
    on_both(|world| async {
        let world = world.with_rose().await.openly().await;
        for number in 0..30 {
            let (address, name) = (format!("reader{number}@home.example"), format!("Reader {number}"));
            world.add("rose", lamplight::model::member::Role::Member, &address, &name, Delivery::Daily, None).await;
            world
                .change_person("rose", &address, |reader| {
                    // Three hours, all past when it is looked; two forms; two zones that share the day.
                    reader.hour = Some(Time { hour: 15 + u8::try_from(number % 3).unwrap(), minute: 0 });
                    reader.format = if number % 2 == 0 { Format::Html } else { Format::Text };
                    reader.zone = (number % 5 == 0).then_some(chrono_tz::America::Toronto);
                })
                .await;
        }
        for number in 0..12 {
            world.says("tom", &format!("Note {}", number % 4), &format!("Said as number {number}.")).await;
        }
        world.lamplight.clock.set(lamplight::clock::Timestamp::parse("2026-11-23T18:00:00-05:00").unwrap());
        let (before, mails) = (world.lamplight.renderer.digests_rendered(), world.peer.mail().len());
        let tick = || world.lamplight.tick(world.now());
        let (one, two, three) = tokio::join!(tick(), tick(), tick());
        one.and(two).and(three).unwrap();
        world.run().await;
        let digests: Vec<Captured> = world.peer.mail_after(mails);
        let digests: Vec<&Captured> =
            digests.iter().filter(|mail| mail.reply_address().starts_with("rose+d.")).collect();
        let editions: std::collections::BTreeSet<String> =
            digests.iter().map(|digest| digest.header("Message-ID")).collect();
        assert!(digests.len() >= 32 && editions.len() >= 2, "{}: {}", digests.len(), editions.len());
        let rendered = world.lamplight.renderer.digests_rendered() - before;
        assert_eq!(rendered, editions.len(), "{}: renderings for {} mails", world.database, digests.len());
        assert!(editions.len() <= 4, "{}: {} editions of what is the same", world.database, editions.len());
    });
}

#[test]
fn a_post_taken_back_leaves_the_digests_that_wait() {
    on_both(|world| async {
        let world = world.with_rose().await.openly().await;
        world.says("tom", "Good", "This may stay.").await;
        world.says("tom", "Bad", "This must go.").await;
        world.peer.answer("BODY", "451 4.2.0 later").to("mira@");
        world.go_to("2026-11-23T17:30:00-05:00").await;
        assert_eq!((world.count(MIRA), world.count("dana@work.example")), (0, 1));
        let bad = world.post_with("This must go").await;
        let (stopped, sent) = world.lamplight.retract_as_administrator(bad.id, world.now()).await.unwrap();
        assert_eq!((stopped, sent), (1, 3), "Mira's is changed; Dana's digest, Kit's and Tom's copies are out");
        world.peer.behave();
        world.pass(61).await;
        assert_eq!((times(&world, MIRA, "This may stay"), times(&world, MIRA, "This must go")), (1, 0));
        assert!(!String::from_utf8_lossy(&world.latest(MIRA).raw).contains("Bad"));

        // Where it was the only post, no digest is left.
        world.says("tom", "Alone", "All alone.").await;
        world.peer.answer("BODY", "451 4.2.0 later").to("mira@");
        world.go_to("2026-11-24T17:30:00-05:00").await;
        let alone = world.post_with("All alone").await;
        world.lamplight.retract_as_administrator(alone.id, world.now()).await.unwrap();
        world.peer.behave();
        world.pass(DAY).await;
        assert_eq!(world.count(MIRA), 1);
        assert_eq!(world.row_to(MIRA).await.state, "dropped");
    });
}
