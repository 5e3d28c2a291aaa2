//! A clock that jumps, held against the time since the machine's start: digests and removals wait, the administrators hear of it
//! once, everything else goes on. A machine that slept did not jump.

use std::time::Duration;

use lamplight::clock::{Reading, Timestamp};
use lamplight::engine::{Lamplight, Opening};
use lamplight::model::doubt::Doubt;

use crate::retention::octets_with;
use crate::scene::{ADMIN, CRY, DANA, KIT, MIRA, RUTH, SECRET, everybody_is_known, held_post};
use crate::support::{Letter, World, on_both};

const MINUTE: i64 = 60;
const DAY: i64 = 86_400;

/// A machine whose clock the story sets.
struct Machine {
    name: &'static str,
    started: i64,
}

impl Machine {
    /// It was started a thousand seconds before now.
    fn new(world: &World, name: &'static str) -> Self {
        Self { name, started: world.now().0 - 1_000_000_000 }
    }

    /// The clock is set by so much, and nothing else happens.
    fn jumps(&mut self, world: &World, seconds: i64) {
        world.lamplight.clock.set(world.now().plus_seconds(seconds));
        self.started += seconds * 1_000_000;
    }

    fn reading(&self, world: &World) -> Reading {
        let since_start = Duration::from_micros(u64::try_from(world.now().0 - self.started).unwrap());
        Reading { shown: world.now(), since_start, machine: Some(self.name.to_owned()) }
    }

    /// What `serve` does twice a second.
    async fn ticks(&self, world: &World, server: &Lamplight) {
        server.look_at_clock(&self.reading(world)).await.unwrap();
        server.run_due(&world.transport, world.now()).await.unwrap();
    }
}

async fn another(world: &World) -> Lamplight {
    let config = lamplight::config::Config::clone(&world.lamplight.config);
    Lamplight::open(config, world.lamplight.clock.clone(), Opening::Existing).await.unwrap()
}

async fn why(world: &World) -> Option<Doubt> {
    world.lamplight.doubted_clock().await.unwrap().map(|doubted| doubted.why)
}

/// At two in the afternoon, three and a half hours before digests; everything was looked at.
async fn afternoon(world: World) -> (World, Machine) {
    let world = world.with_rose().await.openly().await;
    everybody_is_known(&world).await;
    world.says("tom", "Before", "Said before the jump.").await;
    let machine = Machine::new(&world, "first");
    machine.ticks(&world, &world.lamplight).await;
    (world, machine)
}

fn digests(world: &World, words: &str) -> usize {
    world.mail_to(MIRA).iter().filter(|mail| mail.text().contains(words)).count()
}

#[test]
fn no_pause_ends_while_the_clock_is_a_year_ahead() {
    on_both(|world| async {
        let (world, mut machine) = afternoon(world).await;
        let until = world.now().plus_seconds(30 * DAY);
        world
            .change_person("rose", MIRA, |mira| {
                mira.state = lamplight::model::member::MemberState::Paused;
                mira.paused_until = Some(until);
            })
            .await;
        machine.jumps(&world, 365 * DAY);
        machine.ticks(&world, &world.lamplight).await;
        machine.jumps(&world, -365 * DAY);
        machine.ticks(&world, &world.lamplight).await;
        let mira = world.person("rose", MIRA).await;
        assert_eq!(mira.paused_until, Some(until), "{}", world.database);
        assert_eq!(world.subjects(MIRA).iter().filter(|subject| subject.contains("back")).count(), 0);
        // With the clock as it should be it ends, once.
        world.lamplight.clock.set(until.plus_seconds(MINUTE));
        machine.ticks(&world, &world.lamplight).await;
        let mira = world.person("rose", MIRA).await;
        assert_eq!((mira.paused_until, mira.state), (None, lamplight::model::member::MemberState::Active));
    });
}

#[test]
fn digests_wait_while_the_clock_is_a_day_ahead_and_single_mail_goes_on() {
    on_both(|world| async {
        let (world, mut machine) = afternoon(world).await;
        let (other, second) = (another(&world).await, Machine::new(&world, "second"));
        second.ticks(&world, &other).await;
        machine.jumps(&world, DAY);
        for _ in 0..4 {
            machine.ticks(&world, &world.lamplight).await;
            world.lamplight.clock.set(world.now().plus_seconds(1));
        }
        assert_eq!(why(&world).await, Some(Doubt::Jumped(DAY)));
        // A server whose own clock did not jump waits as well, and says nothing a second time.
        second.ticks(&world, &other).await;
        assert_eq!((digests(&world, "before the jump"), world.count(ADMIN)), (0, 1), "{}", world.database);
        let notice = world.latest(ADMIN);
        assert!(notice.text().contains("went forward by 24 hours at once"), "{}", notice.text());
        assert!(notice.text().contains("lamplight digest resume"), "{}", notice.text());
        let singles = world.count(KIT);
        world.says("tom", "After", "Said after the jump.").await;
        assert_eq!(world.count(KIT), singles + 1);
        // Another process of the same machine does not count the jump again.
        machine.ticks(&world, &another(&world).await).await;
        assert_eq!(why(&world).await, Some(Doubt::Jumped(DAY)));

        machine.jumps(&world, -DAY + 5);
        machine.ticks(&world, &world.lamplight).await;
        assert_eq!((why(&world).await, world.count(ADMIN)), (None, 1));
        world.lamplight.clock.set(Timestamp::parse("2026-11-23T17:30:00-05:00").unwrap());
        machine.ticks(&world, &world.lamplight).await;
        assert_eq!((digests(&world, "before the jump"), digests(&world, "after the jump")), (1, 1));
        assert_eq!(world.count(MIRA), 1, "one digest, and no other for the day that was no day");
        assert_eq!(world.count(ADMIN), 1, "told once: {:?}", world.subjects(ADMIN));
    });
}

#[test]
fn an_administrator_says_that_the_clock_is_right() {
    on_both(|world| async {
        let (world, mut machine) = afternoon(world).await;
        machine.jumps(&world, 4 * 3_600);
        machine.ticks(&world, &world.lamplight).await;
        assert_eq!((why(&world).await, world.count(MIRA)), (Some(Doubt::Jumped(4 * 3_600)), 0));
        assert!(world.lamplight.believe_clock(world.now()).await.unwrap().is_some());
        assert!(world.lamplight.believe_clock(world.now()).await.unwrap().is_none());
        machine.ticks(&world, &world.lamplight).await;
        assert_eq!((why(&world).await, digests(&world, "before the jump")), (None, 1));
        // Doubted anew, they are told anew.
        machine.jumps(&world, -2 * 3_600);
        machine.ticks(&world, &world.lamplight).await;
        assert_eq!((why(&world).await, world.count(ADMIN)), (Some(Doubt::Jumped(-2 * 3_600)), 2));
        assert!(world.latest(ADMIN).text().contains("went back by 2 hours"));
    });
}

#[test]
fn sleep_downtime_and_small_corrections_are_no_jumps() {
    on_both(|world| async {
        let (world, mut machine) = afternoon(world).await;
        // The machine sleeps over the hour; then nothing runs for three days; then another machine takes over.
        for (what, seconds) in [("sleep", 5 * 3_600), ("downtime", 3 * DAY), ("a correction", 0)] {
            world.lamplight.clock.set(world.now().plus_seconds(seconds));
            machine.jumps(&world, if seconds == 0 { -9 * MINUTE } else { 0 });
            let server = if what == "downtime" { another(&world).await } else { world.lamplight.clone() };
            machine.ticks(&world, &server).await;
            assert_eq!(why(&world).await, None, "{}: {what}", world.database);
        }
        let other = Machine { name: "other", started: world.now().0 - 5_000_000 };
        other.ticks(&world, &another(&world).await).await;
        assert_eq!((why(&world).await, world.count(MIRA), world.count(ADMIN)), (None, 1, 0));
        // It jumped while its server was down: the same start of the machine, another distance.
        machine.jumps(&world, 20 * MINUTE);
        machine.ticks(&world, &another(&world).await).await;
        assert_eq!(why(&world).await, Some(Doubt::Jumped(20 * MINUTE)));
    });
}

#[test]
fn a_machine_that_begins_in_the_past_waits_until_it_is_set_right() {
    on_both(|world| async {
        let (world, _) = afternoon(world).await;
        let afternoon = world.now();
        world.lamplight.clock.set(Timestamp::parse("2020-01-01T00:00:00Z").unwrap());
        let mut machine = Machine { name: "reborn", started: world.now().0 - 9_000_000 };
        let server = another(&world).await;
        machine.ticks(&world, &server).await;
        machine.ticks(&world, &server).await;
        assert_eq!((why(&world).await, world.count(ADMIN)), (Some(Doubt::Behind), 1));
        assert!(world.latest(ADMIN).text().contains("an earlier time than it did before"));
        machine.jumps(&world, afternoon.seconds_since(world.now()) + 2 * 3_600);
        machine.ticks(&world, &server).await;
        assert_eq!((why(&world).await, world.count(MIRA)), (None, 0));
        world.lamplight.clock.set(afternoon.plus_seconds(4 * 3_600));
        machine.ticks(&world, &server).await;
        assert_eq!((why(&world).await, world.count(MIRA)), (None, 1));
    });
}

#[test]
fn nothing_is_removed_for_being_old_while_the_clock_is_years_ahead() {
    on_both(|world| async {
        let world = world.with_rose().await;
        // A moderator decided about it: nobody has to read it any more.
        let (notice, _) = held_post(&world).await;
        world.write(&Letter::answering(DANA, &notice, "APPROVE")).await;
        world.pass(180).await;
        let mut machine = Machine::new(&world, "first");
        machine.ticks(&world, &world.lamplight).await;
        machine.jumps(&world, 3 * 365 * DAY);
        for _ in 0..3 {
            world.lamplight.clock.set(world.now().plus_seconds(3_600));
            machine.ticks(&world, &world.lamplight).await;
        }
        let (raw, mails) = octets_with(&world, SECRET).await;
        assert!(raw >= 1 && mails >= 1, "{}: {raw} {mails}", world.database);
    });
}

#[test]
fn alerts_decisions_and_mail_go_on_when_the_clock_went_back_a_month() {
    on_both(|world| async {
        let world = world.with_rose().await;
        let (notice, _) = held_post(&world).await;
        let mut machine = Machine::new(&world, "first");
        machine.ticks(&world, &world.lamplight).await;
        world.write(&Letter::answering(DANA, &notice, "APPROVE")).await;
        world.peer.answer("RCPT", "451 4.2.0 later").to("dana@");
        world.write(&Letter::new(MIRA, "rose@groups.example", "Tonight", CRY)).await;
        world.peer.behave();
        let told = (world.count(DANA), world.count(RUTH));
        machine.jumps(&world, -30 * DAY);
        machine.ticks(&world, &world.lamplight).await;
        assert_eq!(why(&world).await, Some(Doubt::Jumped(-30 * DAY)));
        for _ in 0..4 {
            world.lamplight.clock.set(world.now().plus_seconds(MINUTE));
            machine.ticks(&world, &world.lamplight).await;
        }
        let database = world.database;
        assert!(world.mail_to(KIT).iter().any(|mail| mail.text().contains("lavender")), "{database}: the undo window");
        assert!(world.count(DANA) > told.0, "{database}: what was to be tried again");
        let rows = world.lamplight.clone();
        let before = climbs(&rows).await;
        for _ in 0..16 {
            world.lamplight.clock.set(world.now().plus_seconds(MINUTE));
            machine.ticks(&world, &world.lamplight).await;
        }
        assert!(climbs(&rows).await > before, "{database}: the alert climbs within a quarter of an hour");
    });
}

/// How many steps the alert took.
async fn climbs(lamplight: &Lamplight) -> i64 {
    let mut db = lamplight.store.read().await.unwrap();
    lamplight::store::alerts::list(&mut db, None, false).await.unwrap().iter().map(|alert| alert.step).sum()
}
