//! What people do to the group: to Lamplight, and into the book.

use std::collections::BTreeSet;

use lamplight::model::command::Verb;
use lamplight::model::member::{Delivery, Member, MemberState, Role};
use lamplight::model::post::PostState;
use lamplight::model::schedule::{Schedule, Time};
use lamplight::store::groups;

use super::readers::Reader;
use super::wall::ZONES;
use super::{KNOWN, NEW, ROSE, Years, abandon};
use crate::support::Letter;

const MOST_READERS: usize = 24;

impl Years {
    pub async fn somebody_does_something(&mut self) {
        if self.chance.one_in(5) {
            self.somebody_writes().await;
        }
        if self.chance.one_in(10) && !self.book.held.is_empty() {
            let at = self.chance.below(self.book.held.len());
            let mark = self.book.held.remove(at);
            self.approve(&mark).await;
            self.book.publish(mark);
        }
        if self.chance.one_in(80)
            && let Some(mark) = self.book.published.pop()
        {
            let post = self.world.post_with(&mark).await;
            self.world.lamplight.retract_as_administrator(post.id, self.world.now()).await.unwrap();
            self.book.retract(&mark);
        }
        if self.chance.one_in(60) && self.book.readers.len() < MOST_READERS {
            self.join().await;
        }
        if self.chance.one_in(12) {
            self.somebody_changes().await;
        }
        if self.chance.one_in(400) {
            self.the_group_changes().await;
        }
    }

    async fn somebody_writes(&mut self) {
        self.written += 1;
        let mark = format!("marker-{:05}-end", self.written);
        let is_held = self.chance.one_in(3);
        let author = if is_held { NEW } else { KNOWN };
        let letter = Letter::new(author, ROSE, "How the day went", &format!("It rained, and {mark} was said."));
        self.world.deliver(author, &[ROSE], letter.bytes()).await;
        self.book.spooled.push((mark, is_held));
    }

    async fn approve(&mut self, mark: &str) {
        let (post, now) = (self.world.post_with(mark).await, self.world.now());
        if self.chance.one_in(3) {
            self.deaths += 1;
            let steps = self.chance.below(40);
            abandon(self.other.decide_as_administrator(post.id, Verb::Approve, None, now), steps).await;
        }
        if self.world.post_with(mark).await.state == PostState::Held {
            self.world.lamplight.decide_as_administrator(post.id, Verb::Approve, None, now).await.unwrap();
        }
        // Approved once, he would be known; here he stays the one whose posts come late.
        self.world.change_person("rose", NEW, |kit| kit.known_since = None).await;
    }

    pub async fn join(&mut self) {
        let number = self.book.readers.len();
        let (address, name) = (format!("reader{number}@home.example"), format!("Reader {number}"));
        let reader = Reader {
            active: true,
            delivery: Delivery::Daily,
            zone: Some(ZONES[number % ZONES.len()]),
            hour: self.some_hour(),
            waiting: BTreeSet::new(),
            copies: BTreeSet::new(),
            due: None,
            days: BTreeSet::new(),
            had: BTreeSet::new(),
        };
        self.world.add("rose", Role::Member, &address, &name, Delivery::Daily, None).await;
        self.world.change_person("rose", &address, |member| put(&reader, member)).await;
        let now = self.now();
        self.book.join(&address, reader, now);
    }

    /// Often an hour that a change of the clock leaves out or repeats.
    fn some_hour(&mut self) -> Option<(u8, u8)> {
        let nasty = [(0, 0), (0, 1), (0, 30), (1, 30), (2, 0), (2, 15), (2, 30), (3, 0), (23, 1), (23, 30), (23, 59)];
        match self.chance.below(4) {
            0 => None,
            1 => Some((u8::try_from(self.chance.below(24)).unwrap(), u8::try_from(self.chance.below(60)).unwrap())),
            _ => Some(self.chance.pick(&nasty)),
        }
    }

    async fn somebody_changes(&mut self) {
        let at = self.chance.below(self.book.readers.len());
        let (address, before) =
            self.book.readers.iter().nth(at).map(|(key, value)| (key.clone(), value.clone())).unwrap();
        if !before.copies.is_empty() {
            // A copy is looked at once more when it leaves: whoever paused meanwhile has it no more.
            return;
        }
        let mut after = before.clone();
        match self.chance.below(5) {
            0 => after.zone = self.chance.pick(&ZONES.map(Some)),
            1 => after.hour = self.some_hour(),
            2 => after.active = !before.active,
            3 if !before.active => after.active = true,
            _ => {
                use Delivery::{Daily, Each, None, Weekly};
                after.delivery = self.chance.pick(&[Daily, Daily, Daily, Weekly, Each, None]);
            }
        }
        self.world.change_person("rose", &address, |member| put(&after, member)).await;
        let now = self.now();
        self.book.change(
            &address,
            |reader| {
                (reader.zone, reader.hour) = (after.zone, after.hour);
                (reader.active, reader.delivery) = (after.active, after.delivery);
            },
            now,
        );
    }

    async fn the_group_changes(&mut self) {
        let (hour, minute) = self.some_hour().unwrap_or((17, 30));
        let group = self.world.group("rose").await;
        let mut tx = self.world.lamplight.store.begin().await.unwrap();
        let mut group = groups::lock(&mut tx, group.id).await.unwrap();
        group.schedule = Schedule::parse(&format!("{minute} {hour} * * *")).unwrap();
        groups::update(&mut tx, &group).await.unwrap();
        self.world.lamplight.reschedule(&mut tx, &group, self.world.now()).await.unwrap();
        tx.commit().await.unwrap();
        let now = self.now();
        self.book.change_hour((hour, minute), now);
    }
}

fn put(reader: &Reader, member: &mut Member) {
    member.zone = reader.zone;
    member.hour = reader.hour.map(|(hour, minute)| Time { hour, minute });
    member.delivery = reader.delivery;
    member.state = if reader.active { MemberState::Active } else { MemberState::Paused };
}
