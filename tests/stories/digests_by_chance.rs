//! Whatever may happen to a group, hour by hour: posts, late approvals, retractions, joins, pauses, changes of zone, hour and
//! delivery, weeks in which nothing runs, servers that die between two steps, servers that tick at once. A book of the story's
//! own says what must come to whom at which hour: at most one digest a civil day, every post once, none lost, nothing else.
//!
//! Around days on which clocks change unless `LAMPLIGHT_YEARS=4` asks for whole years; `LAMPLIGHT_SEED` gives other
//! chances, `LAMPLIGHT_ONLY=sqlite` (or `postgres`) leaves the other database out.

mod doings;
mod readers;
mod wall;

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::pin::pin;
use std::task::Poll;
use std::time::Instant;

use lamplight::clock::Timestamp;
use lamplight::engine::{Lamplight, Opening};
use lamplight::model::group::Moderation;
use lamplight::model::member::{Delivery, Role};

use crate::support::{Captured, World, on_both, postgres};
use readers::{Book, Owed};
use wall::ZONES;

const ROSE: &str = "rose@groups.example";
const KNOWN: &str = "tom@home.example";
const NEW: &str = "kit@home.example";
/// A digest of fewer posts is one mail.
const FEW: usize = 20;
const HOUR: i64 = 3_600;
/// First days, and how many: clocks change in New York, St. John's, Troll, Casablanca and on Lord Howe; at midnight in São
/// Paulo; Samoa leaves a day out; Egypt changes its mind twice within a summer. Between them nothing runs for months.
const WINDOWS: [(&str, i64); 7] = [
    ("2011-02-18T00:00:00Z", 4),
    ("2011-03-12T00:00:00Z", 3),
    ("2011-03-26T00:00:00Z", 10),
    ("2011-10-14T00:00:00Z", 4),
    ("2011-11-05T00:00:00Z", 3),
    ("2011-12-28T00:00:00Z", 5),
    ("2014-06-25T00:00:00Z", 4),
];
const YEARS_BEGIN: &str = "2010-12-01T00:00:00Z";

/// SplitMix64.
struct Chance(u64);

impl Chance {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((z ^ (z >> 31)) % limit as u64).unwrap()
    }

    fn one_in(&mut self, count: usize) -> bool {
        self.below(count) == 0
    }

    fn pick<T: Copy>(&mut self, all: &[T]) -> T {
        all[self.below(all.len())]
    }
}

/// What came to somebody in an hour.
#[derive(Default)]
struct Came {
    /// The posts of all its mails.
    digest: Vec<String>,
    /// In how many mails it came.
    parts: usize,
    /// The posts of each single mail.
    copies: Vec<Vec<String>>,
}

impl Came {
    fn take(&mut self, mail: &Captured) {
        let text = mail.text();
        let words = text.split(|c: char| c.is_whitespace() || c == '.').filter(|word| word.starts_with("marker-"));
        let marks: Vec<String> = words.map(str::to_owned).collect();
        if mail.reply_address().starts_with("rose+d.") {
            self.digest.extend(marks);
            self.parts += 1;
        } else {
            self.copies.push(marks);
        }
    }
}

fn setting(name: &str) -> Option<u64> {
    std::env::var_os(name)?.to_str()?.parse().ok()
}

#[test]
fn every_post_once_and_one_digest_a_day() {
    on_both(|world| async {
        if std::env::var_os("LAMPLIGHT_ONLY").is_some_and(|only| only != world.database) {
            return;
        }
        let seed = setting("LAMPLIGHT_SEED").unwrap_or(20_261_123);
        let began = Instant::now();
        let mut years = Years::new(world, seed).await;
        match setting("LAMPLIGHT_YEARS").and_then(|years| i64::try_from(years).ok()) {
            Some(count) => years.hours(YEARS_BEGIN, count * 8_766, 150).await,
            None => {
                for (start, days) in WINDOWS {
                    years.hours(start, days * 24, 40).await;
                }
            }
        }
        years.end(seed, began).await;
    });
}

/// The group, and what happens to it.
struct Years {
    world: World,
    /// Another server on the same database.
    other: Lamplight,
    book: Book,
    chance: Chance,
    /// Nothing runs before this second.
    down_until: i64,
    written: usize,
    deaths: usize,
    digests: usize,
    /// Deliveries that were cut short: each may repeat what was under way.
    cut_short: usize,
    had: HashSet<(String, String)>,
}

impl Years {
    async fn new(world: World, seed: u64) -> Self {
        world.lamplight.clock.set(Timestamp::parse(YEARS_BEGIN).unwrap());
        world.add_group("rose", "Rose", Moderation::First).await;
        world.add("rose", Role::Moderator, "dana@work.example", "Dana", Delivery::None, None).await;
        world.add("rose", Role::Member, KNOWN, "Tom", Delivery::None, None).await;
        world.add("rose", Role::Member, NEW, "Kit", Delivery::None, None).await;
        world.change_person("rose", KNOWN, |tom| tom.known_since = Some(tom.joined_at)).await;
        let (other, book, chance) = (another(&world).await, Book::new(), Chance(seed));
        let had = HashSet::new();
        let (down_until, written, deaths, digests, cut_short) = (0, 0, 0, 0, 0);
        let mut years = Self { world, other, book, chance, down_until, written, deaths, digests, cut_short, had };
        for _ in 0..2 * ZONES.len() {
            years.join().await;
        }
        years
    }

    fn now(&self) -> i64 {
        self.world.now().0.div_euclid(1_000_000)
    }

    fn go_to(&self, second: i64) {
        self.world.lamplight.clock.set(Timestamp(second * 1_000_000));
    }

    /// So many hours from this one; one hour of `quiet` something goes down.
    async fn hours(&mut self, start: &str, hours: i64, quiet: usize) {
        let first = Timestamp::parse(start).unwrap().0 / 1_000_000;
        for hour in 0..hours {
            // On the stroke of the hour, or somewhere in it.
            let seconds = if self.chance.one_in(2) { 0 } else { self.chance.below(3_500) };
            self.go_to(first + hour * HOUR + i64::try_from(seconds).unwrap());
            if self.now() < self.down_until {
                self.somebody_does_something().await;
                continue;
            }
            self.run().await;
            self.somebody_does_something().await;
            if self.chance.one_in(quiet) {
                let days = self.chance.pick(&[0, 0, 1, 2, 3, if quiet > 100 { 25 } else { 4 }]);
                let hours = i64::try_from(days * 24 + self.chance.below(30)).unwrap();
                self.down_until = self.now() + hours * HOUR;
            }
            self.book.walls.forget_before(self.now() / 60);
            if hour % 2_000 == 1_999 {
                let (at, digests) = (self.world.now().rfc3339(), self.digests);
                postgres::say_aloud(&format!("{}: {at}, {digests} digests", self.world.database));
            }
        }
    }

    /// Everything that is due comes, and nothing else.
    async fn run(&mut self) {
        self.world.lamplight.receive_all(self.world.now()).await.unwrap();
        self.book.read_spool();
        if self.chance.one_in(20) {
            let (one, two) = (self.world.lamplight.tick(self.world.now()), self.other.tick(self.world.now()));
            let (one, two) = tokio::join!(one, two);
            one.and(two).unwrap();
        }
        if self.chance.one_in(12) {
            self.die().await;
        }
        let leaving = self.book.leaving(self.now());
        self.world.run().await;
        self.compare(leaving).await;
    }

    /// A server ends in the middle of something; another one begins.
    async fn die(&mut self) {
        self.deaths += 1;
        let (now, steps) = (self.world.now(), self.chance.below(60));
        if self.chance.one_in(4) {
            self.other.tick(now).await.unwrap();
            self.cut_short += 1;
            let transport = self.other.transport().unwrap();
            abandon(self.other.deliver_due(&transport, now), steps).await;
            // Its claims end.
            self.go_to(self.now() + 60);
        } else {
            abandon(self.other.tick(now), steps).await;
        }
        self.other = another(&self.world).await;
    }

    async fn compare(&mut self, mut leaving: BTreeMap<String, Owed>) {
        let mut came: BTreeMap<String, Came> = BTreeMap::new();
        for mail in self.world.peer.take_mail() {
            let to = mail.recipients[0].clone();
            if !self.book.readers.contains_key(&to) {
                continue;
            }
            if !self.had.insert((to.clone(), mail.header("Message-ID"))) {
                assert!(self.cut_short > 0, "{}: a mail came again to {to}", self.world.database);
                continue;
            }
            came.entry(to).or_default().take(&mail);
        }
        for (address, came) in came {
            let owed = leaving.remove(&address).unwrap_or_default();
            let is_one = came.parts == usize::from(!owed.digest.is_empty())
                || came.parts > 1 && owed.digest.len() > FEW * (came.parts - 1);
            let (marks, copies) =
                (came.digest.iter().cloned().collect::<BTreeSet<_>>(), BTreeSet::from_iter(came.copies));
            let once = marks.len() == came.digest.len() && marks == owed.digest;
            if !is_one || !once || copies != owed.copies.iter().map(|mark| vec![mark.clone()]).collect() {
                let (at, state) = (self.world.now().rfc3339(), self.state_of(&address));
                let what = format!("{} mails with {:?} and {copies:?}", came.parts, came.digest);
                panic!("{} at {at}: {address}, {state}, had {what} for {owed:?}", self.world.database);
            }
            self.digests += came.parts.min(1);
        }
        if let Some((address, owed)) = leaving.pop_first() {
            let (at, rows) = (self.world.now().rfc3339(), self.world.rows_to(&address).await);
            let last = &rows[rows.len().saturating_sub(3)..];
            panic!("{} at {at}: {owed:?} never came to {address}; {last:?}", self.world.database);
        }
    }

    fn state_of(&self, address: &str) -> String {
        let reader = &self.book.readers[address];
        let due = reader.due.map(|due| Timestamp(due * 60_000_000).rfc3339());
        format!("{:?} in {:?} at {:?}, next {due:?}", reader.delivery, reader.zone, reader.hour)
    }

    async fn end(mut self, seed: u64, began: Instant) {
        self.down_until = 0;
        for _ in 0..9 {
            self.go_to(self.now() + 24 * HOUR);
            self.run().await;
        }
        for (address, reader) in &self.book.readers {
            assert!(reader.waiting.is_empty(), "{}: {address} waits for {:?}", self.world.database, reader.waiting);
        }
        let (posts, digests, deaths) = (self.book.published.len(), self.digests, self.deaths);
        assert!(posts > 100 && digests > 300 && deaths > 40, "a dull run: {posts} posts, {digests} digests, {deaths}");
        postgres::say_aloud(&format!(
            "digests by chance on {}: LAMPLIGHT_SEED={seed}, until {}, {posts} posts, {digests} digests, {deaths} deaths, {} s",
            self.world.database,
            self.world.now().rfc3339(),
            began.elapsed().as_secs()
        ));
    }
}

async fn another(world: &World) -> Lamplight {
    let config = lamplight::config::Config::clone(&world.lamplight.config);
    Lamplight::open(config, world.lamplight.clock.clone(), Opening::Existing).await.unwrap()
}

/// Begin something, and end in the middle of it, after so many steps.
async fn abandon<T>(work: impl Future<Output = T>, steps: usize) {
    let mut work = pin!(work);
    let mut left = steps;
    std::future::poll_fn(|context| {
        if left == 0 {
            return Poll::Ready(());
        }
        left -= 1;
        work.as_mut().poll(context).map(drop)
    })
    .await;
}
