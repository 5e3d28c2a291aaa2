//! Digests are made for many readers at once. However many servers tick, and wherever one of them dies, everybody gets
//! exactly one; whoever changed or left meanwhile is left out of the set.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use lamplight::clock::Timestamp;
use lamplight::engine::roster::NewMember;
use lamplight::engine::{Lamplight, Opening};
use lamplight::mail::Address;
use lamplight::model::group::Moderation;
use lamplight::model::member::{Delivery, MemberState, Role};
use lamplight::model::schedule::Time;
use lamplight::store::{digests, groups};
use sqlx::Connection as _;

use crate::support::{Letter, World, on_both};

/// More than one transaction takes at once.
const READERS: usize = 640;
const EVENING: &str = "2026-11-23T17:30:00-05:00";

fn address(number: usize) -> String {
    format!("reader{number}@home.example")
}

/// Readers of every kind that is due on Monday evening in New York.
async fn with_readers(world: World) -> World {
    let kinds = [
        (Delivery::Daily, None, None),
        (Delivery::Weekly, None, None),
        (Delivery::Daily, Some(chrono_tz::Europe::Berlin), Some(Time { hour: 23, minute: 0 })),
        (Delivery::Daily, None, None),
        (Delivery::Daily, None, Some(Time { hour: 16, minute: 30 })),
    ];
    let people: Vec<NewMember> = (0..READERS)
        .map(|number| {
            let (delivery, zone, hour) = kinds[number % kinds.len()];
            NewMember {
                role: Role::Member,
                address: Address::parse(&address(number)).unwrap(),
                name: format!("Reader {number}"),
                real_name: None,
                delivery,
                zone,
                hour,
                days: None,
                format: Default::default(),
                trusted: false,
            }
        })
        .collect();
    let id = world.group("rose").await.id;
    let mut tx = world.lamplight.store.begin().await.unwrap();
    let group = groups::lock(&mut tx, id).await.unwrap();
    let refused = world.lamplight.add_people(&mut tx, &group, &people, false, world.now()).await.unwrap();
    assert_eq!(refused, []);
    tx.commit().await.unwrap();
    world
}

/// Another server on the same database, with connections of its own.
async fn another(world: &World) -> Lamplight {
    let config = (*world.lamplight.config).clone();
    Lamplight::open(config, world.lamplight.clock.clone(), Opening::Existing).await.unwrap()
}

/// Deliver, and say how often these words came to each reader and how many mails each one has.
async fn delivered(world: &World, words: &str) -> BTreeMap<String, (usize, usize)> {
    world.run().await;
    let mut had: BTreeMap<String, (usize, usize)> = (0..READERS).map(|number| (address(number), (0, 0))).collect();
    for mail in world.peer.mail() {
        if let Some((times, mails)) = had.get_mut(&mail.recipients[0]) {
            *times += mail.text().matches(words).count();
            *mails += 1;
        }
    }
    had
}

/// One issue of one day for everybody, by the outside ledger and by the listing.
async fn everybody_has_one(world: &World, words: &str) {
    let had = delivered(world, words).await;
    let wrong: Vec<_> = had.iter().filter(|(_, had)| **had != (1, 1)).collect();
    assert!(wrong.is_empty(), "{}: {} of {READERS}, like {:?}", world.database, wrong.len(), wrong.first());
    let group = world.group("rose").await;
    let issues = digests::list(&mut world.lamplight.store.read().await.unwrap(), group.id).await.unwrap();
    let names: BTreeSet<&str> = issues.iter().map(|issue| issue.name.as_str()).collect();
    assert_eq!((names.len(), issues.len()), (READERS + 2, READERS + 2), "the readers, Mira and Dana");
}

#[test]
fn two_servers_tick_at_once_and_everybody_has_one() {
    on_both(|world| async {
        let world = with_readers(world.with_rose().await.openly().await).await;
        world.says("tom", "One", "Once and once only.").await;
        world.lamplight.clock.set(Timestamp::parse(EVENING).unwrap());
        let (one, other) = (world.lamplight.clone(), another(&world).await);
        let now = world.now();
        let tick = async |server: Lamplight| {
            tokio::spawn(async move { server.tick(now).await.unwrap().digests }).await.unwrap()
        };
        let counts = tokio::join!(tick(one.clone()), tick(other.clone()), tick(one), tick(other));
        assert!(counts.0 + counts.1 + counts.2 + counts.3 >= READERS, "{counts:?}");
        everybody_has_one(&world, "Once and once only").await;
    });
}

#[test]
fn a_server_that_dies_between_two_sets_leaves_the_rest_due() {
    on_both(|world| async {
        let world = with_readers(world.with_rose().await.openly().await).await;
        world.says("tom", "One", "Through every crash.").await;
        world.lamplight.clock.set(Timestamp::parse(EVENING).unwrap());
        // Dropped wherever it stands, a tick leaves what a dead server leaves: whole transactions, or nothing.
        let mut deaths = 0;
        for limit in 0..60 {
            let tick = world.lamplight.tick(world.now());
            deaths += usize::from(tokio::time::timeout(Duration::from_millis(limit), tick).await.is_err());
        }
        assert!(deaths > 2, "{}: a dull run shows nothing: {deaths}", world.database);
        everybody_has_one(&world, "Through every crash").await;
    });
}

#[test]
fn whoever_changed_or_left_meanwhile_is_not_in_the_set() {
    on_both(|world| async {
        let world = with_readers(world.with_rose().await.openly().await).await;
        world.says("tom", "One", "For those who stayed.").await;
        world.lamplight.clock.set(Timestamp::parse(EVENING).unwrap());
        let due = digests::due(&mut world.lamplight.store.read().await.unwrap(), world.now()).await.unwrap();
        assert_eq!(due.len(), READERS + 2);
        let mira = world.person("rose", "mira@home.example").await.id;
        let turn = due.iter().find(|reader| reader.member == mira).unwrap().turn;
        let set: Vec<_> = due.iter().filter(|reader| reader.turn == turn).map(|reader| reader.member).collect();
        assert!(set.len() > READERS / 5);

        // After the set was read and before it is locked …
        let (left, single, later) = (address(0), address(3), address(5));
        world.set_state(&left, MemberState::Left).await;
        world.change_person("rose", &single, |reader| reader.delivery = Delivery::Each).await;
        world.change_person("rose", &later, |reader| reader.hour = Some(Time { hour: 20, minute: 0 })).await;
        let mut tx = world.lamplight.store.begin().await.unwrap();
        let locked = digests::lock(&mut tx, &set, &turn, "2026-11-23", world.now()).await.unwrap();
        drop(tx);
        for changed in [&left, &single, &later] {
            let changed = world.person("rose", changed).await.id;
            assert!(set.contains(&changed) && locked.iter().all(|one| one.member != changed));
        }
        assert_eq!(locked.len(), set.len() - 3, "{}", world.database);

        let had = delivered(&world, "For those who stayed").await;
        // Whoever wants each post from now on has what waited as single mails.
        assert_eq!((had[&left].1, had[&single].1, had[&later].1, had[&address(10)].1), (0, 1, 0, 1));
        world.go_to("2026-11-23T20:00:00-05:00").await;
        let had = delivered(&world, "For those who stayed").await;
        assert_eq!((had[&left].1, had[&single].1, had[&later].1), (0, 1, 1), "{}", world.database);
        assert_eq!(had.values().filter(|had| **had == (1, 1)).count(), READERS - 1);
    });
}

#[test]
fn readers_of_one_place_share_an_edition_and_others_get_their_own() {
    on_both(|world| async {
        let world = with_readers(world.with_rose().await.openly().await).await;
        world.says("tom", "One", "For those of the morning.").await;
        world.add("rose", Role::Member, "late@home.example", "Late", Delivery::Daily, None).await;
        world.says("tom", "Two", "For all of them.").await;
        world.go_to(EVENING).await;
        let id = |to: &str| world.latest(to).header("Message-ID");
        let ids: BTreeSet<String> = (0..READERS).map(|number| id(&address(number))).collect();
        assert_eq!(ids.len(), 1, "{}: one day, one list of posts", world.database);
        assert!(!ids.contains(&id("late@home.example")));
        let late = world.latest("late@home.example").text();
        assert_eq!((late.contains("of the morning"), late.contains("For all of them")), (false, true));
    });
}

#[test]
fn a_group_in_trouble_keeps_no_other_group_waiting() {
    on_both(|world| async {
        // Made first, so that its readers stand before the others.
        world.add_group("oak", "Oak", Moderation::None).await;
        world.add("oak", Role::Member, "lee@home.example", "Lee", Delivery::Daily, None).await;
        let world = world.with_rose().await.openly().await;
        world.says("tom", "One", "For Mira all the same.").await;
        let mut db = sqlx::AnyConnection::connect(&world.lamplight.config.database.url).await.unwrap();
        sqlx::query("update groups set schedule = 'never' where name = 'oak'").execute(&mut db).await.unwrap();
        world.lamplight.clock.set(Timestamp::parse(EVENING).unwrap());
        let said = world.lamplight.tick(world.now()).await.unwrap_err();
        assert!(format!("{said:#}").contains("a digest of group 1"), "{said:#}");
        world.lamplight.deliver_due(&world.transport, world.now()).await.unwrap();
        assert_eq!((world.count("mira@home.example"), world.count("lee@home.example")), (1, 0), "{}", world.database);
    });
}

#[test]
fn a_reminder_in_trouble_keeps_no_other_one_waiting() {
    on_both(|world| async {
        world.add_group("oak", "Oak", Moderation::All).await;
        world.add("oak", Role::Member, "lee@home.example", "Lee", Delivery::None, None).await;
        let world = world.with_rose().await;
        world.write(&Letter::new("lee@home.example", "oak@groups.example", "Held", "In oak, and first.")).await;
        world.says("tom", "Held", "In rose.").await;
        let reminded = world.count("ruth@work.example");
        let mut db = sqlx::AnyConnection::connect(&world.lamplight.config.database.url).await.unwrap();
        sqlx::query("update groups set schedule = 'never' where name = 'oak'").execute(&mut db).await.unwrap();
        world.lamplight.clock.set(world.now().plus_seconds(13 * 3_600));
        let said = world.lamplight.tick(world.now()).await.unwrap_err();
        assert!(format!("{said:#}").contains("the reminder of post 1"), "{said:#}");
        world.lamplight.deliver_due(&world.transport, world.now()).await.unwrap();
        assert_eq!(world.count("ruth@work.example"), reminded + 1, "{}: rose's reminder", world.database);
    });
}

#[test]
fn readers_who_all_want_something_else_have_one_each() {
    on_both(|world| async {
        let world = with_readers(world.with_rose().await.openly().await).await;
        for number in 0..30 {
            world.says("tom", &format!("Number {number}"), &format!("Only-{number}-here.")).await;
        }
        for number in 0..30 {
            let thread = world.thread_with(&format!("Only-{number}-here.")).await;
            let reader = world.person("rose", &address(number)).await.id;
            let mut tx = world.lamplight.store.begin().await.unwrap();
            lamplight::store::mutes::insert(&mut tx, reader, thread, world.now()).await.unwrap();
            tx.commit().await.unwrap();
        }
        world.lamplight.clock.set(Timestamp::parse(EVENING).unwrap());
        let had = delivered(&world, "Only-").await;
        for number in 0..30 {
            // One of thirty is muted; each stands in the mail once.
            assert_eq!(had[&address(number)], (29, 1), "{}: {number}", world.database);
        }
        assert_eq!(had[&address(100)], (30, 1));
    });
}
