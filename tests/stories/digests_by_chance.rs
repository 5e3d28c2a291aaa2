//! Forty days of whatever may happen: posts, late approvals, joins, pauses, days on which nothing runs. The ledger is kept
//! by the story: what was published while somebody read digests comes to them once, and at most once a civil day.

use std::collections::{BTreeMap, BTreeSet};

use lamplight::model::member::{Delivery, MemberState, Role};
use lamplight::store::digests;

use crate::support::{Letter, World, on_both};

const DAYS: usize = 40;
/// Who may pause and resume, with zones that cut the days apart at other hours.
const ZONES: [chrono_tz::Tz; 4] =
    [chrono_tz::America::New_York, chrono_tz::Europe::Berlin, chrono_tz::Asia::Kolkata, chrono_tz::Pacific::Auckland];

/// SplitMix64: the same days on every run.
struct Chance(u64);

impl Chance {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % limit
    }

    fn one_in(&mut self, count: u64) -> bool {
        self.below(count) == 0
    }
}

/// What a reader is owed and has had.
#[derive(Default)]
struct Reader {
    active: bool,
    owed: BTreeSet<String>,
    had: BTreeSet<String>,
    mails: usize,
}

struct Ledger {
    readers: BTreeMap<String, Reader>,
    waiting: Vec<String>,
    written: usize,
    /// How many of the captured mails were entered.
    seen: usize,
}

#[test]
fn forty_days_and_every_post_once() {
    on_both(|world| async { forty_days(world.with_rose().await, 20_261_123).await });
}

async fn forty_days(world: World, seed: u64) {
    let mut chance = Chance(seed);
    let mut ledger = Ledger { readers: BTreeMap::new(), waiting: Vec::new(), written: 0, seen: 0 };
    world.change_person("rose", "tom@home.example", |tom| tom.known_since = Some(tom.joined_at)).await;
    for _ in 0..3 {
        join(&world, &mut ledger).await;
    }
    for _ in 0..DAYS {
        let nothing_runs = chance.one_in(6);
        for _ in 0..2 {
            let hours = i64::try_from(chance.below(5)).unwrap() + 10;
            world.lamplight.clock.set(world.now().plus_seconds(hours * 3_600));
            // What a person does is done after the clock's own work, or instead of it while nothing runs.
            if !nothing_runs {
                run(&world, &mut ledger).await;
            }
            something_happens(&world, &mut ledger, &mut chance, nothing_runs).await;
        }
    }
    run(&world, &mut ledger).await;
    world.lamplight.clock.set(world.now().plus_seconds(2 * 86_400));
    run(&world, &mut ledger).await;
    let mut total = 0;
    for (address, reader) in &ledger.readers {
        assert!(!reader.active || reader.owed.is_empty(), "{}: {address} never got {:?}", world.database, reader.owed);
        total += reader.had.len();
    }
    assert!(total > 100 && ledger.written > 30, "a dull run shows nothing: {total} of {}", ledger.written);
    one_issue_a_day(&world, &ledger).await;
    world.assert_one_reader_each();
}

async fn something_happens(world: &World, ledger: &mut Ledger, chance: &mut Chance, nothing_runs: bool) {
    if !chance.one_in(4) {
        ledger.written += 1;
        let marker = format!("marker-{:03}-end", ledger.written);
        // Tom is known and goes out at once; Kit is not, and waits for somebody to read him.
        let held = chance.one_in(3);
        let author = if held { "kit@home.example" } else { "tom@home.example" };
        let letter = Letter::new(author, "rose@groups.example", "A day", &format!("It is {marker} today."));
        world.deliver(author, &["rose@groups.example"], letter.bytes()).await;
        if held {
            ledger.waiting.push(marker);
        } else {
            // While nothing runs nobody can pause or join, so the next run owes it to the same readers.
            ledger.owe(&marker);
        }
        if !nothing_runs {
            run(world, ledger).await;
        }
    }
    if !nothing_runs && !ledger.waiting.is_empty() && chance.one_in(3) {
        let marker = ledger.waiting.remove(0);
        ledger.owe(&marker);
        approve(world, &marker).await;
        run(world, ledger).await;
    }
    if !nothing_runs && chance.one_in(8) && ledger.readers.len() < 8 {
        join(world, ledger).await;
    }
    if !nothing_runs && chance.one_in(4) {
        let at = usize::try_from(chance.below(ledger.readers.len() as u64)).unwrap();
        let (address, reader) = ledger.readers.iter_mut().nth(at).unwrap();
        reader.active = !reader.active;
        // Whoever pauses gives up what was not sent yet; whoever comes back begins anew.
        reader.owed.clear();
        let state = if reader.active { MemberState::Active } else { MemberState::Paused };
        world.set_state(address, state).await;
    }
}

impl Ledger {
    fn owe(&mut self, marker: &str) {
        for reader in self.readers.values_mut().filter(|reader| reader.active) {
            reader.owed.insert(marker.to_owned());
        }
    }
}

async fn join(world: &World, ledger: &mut Ledger) {
    let number = ledger.readers.len();
    let (address, name) = (format!("reader{number}@home.example"), format!("Reader {number}"));
    world.add("rose", Role::Member, &address, &name, Delivery::Daily, None).await;
    world.change_person("rose", &address, |reader| reader.zone = Some(ZONES[number % ZONES.len()])).await;
    ledger.readers.insert(address, Reader { active: true, ..Reader::default() });
}

async fn approve(world: &World, marker: &str) {
    let post = world.post_with(marker).await;
    let verb = lamplight::model::command::Verb::Approve;
    world.lamplight.decide_as_administrator(post.id, verb, None, world.now()).await.unwrap();
    // Approved once, he would be known; here he stays the one whose posts come late.
    world.change_person("rose", "kit@home.example", |kit| kit.known_since = None).await;
}

/// Run what is due, and enter what came.
async fn run(world: &World, ledger: &mut Ledger) {
    world.run().await;
    let fresh = world.peer.mail_after(ledger.seen);
    ledger.seen += fresh.len();
    let mut served = BTreeSet::new();
    for digest in &fresh {
        let address = &digest.recipients[0];
        let Some(reader) = ledger.readers.get_mut(address) else { continue };
        assert!(served.insert(address), "{}: two digests at once to {address}", world.database);
        let text = digest.text();
        let markers: BTreeSet<&str> = text.split_whitespace().filter(|word| word.starts_with("marker-")).collect();
        assert!(!markers.is_empty(), "an empty digest");
        for marker in markers {
            assert!(reader.owed.remove(marker), "{}: {marker} was not {address}'s to get", world.database);
            assert!(reader.had.insert(marker.to_owned()), "{}: {marker} twice to {address}", world.database);
        }
        reader.mails += 1;
    }
}

async fn one_issue_a_day(world: &World, ledger: &Ledger) {
    let group = world.group("rose").await;
    let issues = digests::list(&mut world.lamplight.store.read().await.unwrap(), group.id).await.unwrap();
    let mut days = BTreeSet::new();
    for issue in issues.iter().filter(|issue| issue.name.starts_with("Reader")) {
        assert!(days.insert((issue.name.clone(), issue.day.clone())), "{} twice on {}", issue.name, issue.day);
    }
    let mails: usize = ledger.readers.values().map(|reader| reader.mails).sum();
    assert_eq!(days.len(), mails, "{}: as many mails as issues", world.database);
}
