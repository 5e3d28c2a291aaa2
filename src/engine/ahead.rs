//! Read messages ahead of their turn, in the order in which they were kept, beside whoever judges: each is read once, and words
//! of danger come forward. What would be read too late for that is looked at before it is kept. A wrong yes takes a message
//! out of its turn, a wrong no leaves it there; what is done about it is decided when it is judged.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use anyhow::Result;
use tokio::sync::Notify;

use super::Lamplight;
use super::arrival::{Arrival, read};
use crate::mail::envelope::{Destination, TokenKind};
use crate::mail::{Envelope, glance};
use crate::model::ids::SpoolId;
use crate::model::privacy::visible;
use crate::model::turn::Lane;
use crate::store::spool::{self, Spooled};

/// Once a message has waited so long to be read, the next ones are looked at before they are kept. A cry is heard within a
/// second.
const LONG: Duration = Duration::from_millis(250);
/// So many octets of messages lie here.
const MOST_OCTETS: usize = 4 * 1024 * 1024;
/// A message that nobody came for was judged by another server.
const LONGEST_KEPT: Duration = Duration::from_secs(60);
/// A longer message is looked at before it is kept, and read at its turn: reading it would keep the others.
pub(super) const LETTER_OCTETS: usize = 64 * 1024;
/// How soon a database that failed is told again which messages go ahead.
const AGAIN: Duration = Duration::from_millis(500);
/// How many rows of what waits are asked for at once.
const PAGE: i64 = 500;

/// The messages that this process kept and that nobody has judged yet, as far as there is room.
#[derive(Default)]
pub(super) struct Desk {
    state: Mutex<State>,
    /// Rung when a message was read, and when none is left to read.
    read: Notify,
}

#[derive(Default)]
struct State {
    unread: BTreeMap<SpoolId, (Instant, Spooled)>,
    in_hand: Option<SpoolId>,
    read: BTreeMap<SpoolId, (Instant, Arrival)>,
    octets: usize,
    /// Somebody reads, and brings forward what tells of danger.
    is_at_work: bool,
}

/// Messages that were asked for, as far as they lay on the desk.
#[derive(Default)]
pub(super) struct Taken {
    pub read: Vec<Arrival>,
    pub unread: Vec<Spooled>,
}

impl Desk {
    /// Whether what comes now would not be read soon.
    pub(super) fn is_behind(&self, now: Instant) -> bool {
        let state = self.state();
        let first = state.unread.first_key_value().map(|(_, (since, _))| *since);
        state.octets > MOST_OCTETS || first.is_some_and(|since| now.duration_since(since) >= LONG)
    }

    /// Lay these messages down; `true` when somebody must begin to read.
    #[must_use]
    fn add(&self, messages: Vec<Spooled>, now: Instant) -> bool {
        let mut state = self.state();
        state.forget_old(now);
        for message in messages {
            state.octets += message.message.len();
            state.unread.insert(message.id, (now, message));
        }
        let begins = !state.is_at_work && !state.unread.is_empty();
        state.is_at_work |= begins;
        begins
    }

    /// The next message to be read; `None` ends the work.
    fn next(&self) -> Option<(Instant, Spooled)> {
        let mut state = self.state();
        let next = state.unread.pop_first().map(|(_, next)| next);
        state.in_hand = next.as_ref().map(|(_, message)| message.id);
        state.is_at_work = next.is_some();
        if next.is_none() {
            self.read.notify_waiters();
        }
        next
    }

    /// The message in hand, of so many octets, was read; with `None` it could not be.
    fn put(&self, since: Instant, octets: usize, arrival: Option<Arrival>) {
        let mut state = self.state();
        state.in_hand = None;
        match arrival {
            Some(arrival) => drop(state.read.insert(arrival.spooled.id, (since, arrival))),
            None => state.octets -= octets,
        }
        self.read.notify_waiters();
    }

    /// Take these messages away; waits for one that is just being read.
    pub(super) async fn take(&self, ids: &[SpoolId]) -> Taken {
        loop {
            let read = self.read.notified();
            {
                let mut state = self.state();
                if state.in_hand.is_none_or(|id| !ids.contains(&id)) {
                    return state.take(ids);
                }
            }
            read.await;
        }
    }

    async fn until_read(&self) {
        loop {
            let read = self.read.notified();
            if !self.state().is_at_work {
                return;
            }
            read.await;
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn take(&mut self, ids: &[SpoolId]) -> Taken {
        let mut taken = Taken::default();
        for id in ids {
            if let Some((_, arrival)) = self.read.remove(id) {
                self.octets -= arrival.spooled.message.len();
                taken.read.push(arrival);
            } else if let Some((_, message)) = self.unread.remove(id) {
                self.octets -= message.message.len();
                taken.unread.push(message);
            }
        }
        taken
    }

    fn forget_old(&mut self, now: Instant) {
        while let Some(first) = self.read.first_entry()
            && now.duration_since(first.get().0) > LONGEST_KEPT
        {
            self.octets -= first.remove().1.spooled.message.len();
        }
    }
}

impl Lamplight {
    /// Read these messages, which were just kept, before their turn comes.
    pub(super) fn read_ahead(&self, messages: Vec<Spooled>) {
        if self.desk.add(messages, Instant::now()) {
            tokio::spawn(self.clone().empty_the_desk());
        }
    }

    /// Wait until what was kept so far has been read, and what tells of danger was brought forward.
    pub async fn until_read_ahead(&self) {
        self.desk.until_read().await;
    }

    async fn empty_the_desk(self) {
        loop {
            let lamplight = self.clone();
            // A fault in a message ends no more than its own reading; whoever judges it meets the same.
            let Ok(urgent) = tokio::task::spawn_blocking(move || lamplight.read_until_urgent()).await else { return };
            let Some(urgent) = urgent else { return };
            self.bring_forward(urgent).await;
        }
    }

    /// Read what lies on the desk, until a message may tell of danger; `None` when nothing is left.
    fn read_until_urgent(&self) -> Option<SpoolId> {
        let lexicon = self.lexicon_of_service();
        while let Some((since, message)) = self.desk.next() {
            let (id, octets) = (message.id, message.message.len());
            let arrival = catch_unwind(AssertUnwindSafe(|| read(message, &lexicon))).ok();
            let is_urgent = arrival.as_ref().is_some_and(|arrival| self.is_urgent(arrival));
            self.desk.put(since, octets, arrival);
            if is_urgent {
                return Some(id);
            }
        }
        None
    }

    /// Whether a message that was read goes ahead of others.
    pub(super) fn is_urgent(&self, arrival: &Arrival) -> bool {
        let Spooled { envelope, message, .. } = &arrival.spooled;
        let is_unread = arrival.message.trouble.is_some();
        if is_unread || self.only_decides(envelope) {
            self.lane(envelope, message) == Lane::Urgent
        } else {
            arrival.is_urgent()
        }
    }

    /// A message is judged ahead of the others; tried until the database takes it.
    async fn bring_forward(&self, id: SpoolId) {
        let try_once = || async {
            let _hurry = self.store.hurry();
            let mut tx = self.store.begin().await?;
            spool::bring_forward(&mut tx, id).await?;
            tx.commit().await
        };
        while let Err(cause) = try_once().await {
            tracing::error!(%cause, "a message that may tell of danger could not be brought forward yet");
            tokio::time::sleep(AGAIN).await;
        }
        self.urgent_arrived.notify_one();
    }

    /// Look at everything that waits for its turn: an earlier process may have kept it and not read it.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn look_at_what_waits(&self) -> Result<()> {
        let mut last = SpoolId(0);
        loop {
            let page = spool::in_their_turn(&mut *self.store.read().await?, last, PAGE).await?;
            let Some(&next) = page.last() else { return Ok(()) };
            last = next;
            for id in page {
                let message = spool::by_id(&mut *self.store.read().await?, id).await?;
                let lamplight = self.clone();
                let look = move || message.map(|one| lamplight.lane(&one.envelope, &one.message));
                if tokio::task::spawn_blocking(look).await? == Some(Lane::Urgent) {
                    self.bring_forward(id).await;
                }
            }
        }
    }

    /// The lane that a message waits in when it is only looked at. Takes a bounded time, which for a letter is far less than a
    /// commit takes; a fault in looking keeps no message from being kept.
    #[must_use]
    pub fn lane(&self, envelope: &Envelope, message: &[u8]) -> Lane {
        let look = || {
            // A moderator's answer quotes what she was asked about: decisions are taken in their order, whatever they quote.
            let words = if self.only_decides(envelope) { glance::own_words(message) } else { glance::words(message) };
            Lane::of_words(&visible(&words), &self.config.service.language)
        };
        catch_unwind(AssertUnwindSafe(look)).unwrap_or(Lane::Ordinary)
    }

    fn only_decides(&self, envelope: &Envelope) -> bool {
        envelope.recipients.iter().all(|recipient| {
            let destination = self.scheme.read(recipient);
            matches!(destination, Some(Destination::OwnToken(TokenKind::Decision | TokenKind::Confirmation, _)))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::Timestamp;
    use crate::mail::ReversePath;
    use crate::model::lexicon::Lexicon;

    fn message(id: i64, octets: usize) -> Spooled {
        let envelope = Envelope { reverse_path: ReversePath::Null, recipients: Vec::new() };
        Spooled { id: SpoolId(id), envelope, message: vec![b'x'; octets], received_at: Timestamp(0) }
    }

    /// Read the next one, as [`Lamplight::read_until_urgent`] does.
    fn read_next(desk: &Desk) {
        let (since, next) = desk.next().unwrap();
        let octets = next.message.len();
        desk.put(since, octets, Some(read(next, &Lexicon::of("en"))));
    }

    fn ids(taken: &Taken) -> (Vec<i64>, Vec<i64>) {
        let read = taken.read.iter().map(|arrival| arrival.spooled.id.0).collect();
        (read, taken.unread.iter().map(|message| message.id.0).collect())
    }

    #[tokio::test]
    async fn each_message_is_taken_once_read_or_not() {
        let (desk, now) = (Desk::default(), Instant::now());
        assert!(desk.add(vec![message(2, 10), message(1, 10)], now), "somebody must begin");
        assert!(!desk.add(vec![message(3, 10)], now), "one reads already");
        read_next(&desk);
        let taken = desk.take(&[SpoolId(1), SpoolId(3), SpoolId(9)]).await;
        assert_eq!(ids(&taken), (vec![1], vec![3]), "the oldest was read, the ninth never lay here");
        assert_eq!(ids(&desk.take(&[SpoolId(1), SpoolId(3)]).await), (vec![], vec![]));
        read_next(&desk);
        assert!(desk.next().is_none());
        assert_eq!(ids(&desk.take(&[SpoolId(2)]).await), (vec![2], vec![]));
        assert_eq!(desk.state().octets, 0);
        assert!(desk.add(vec![message(4, 10)], now), "the work had ended");
    }

    #[tokio::test]
    async fn one_that_is_being_read_is_waited_for() {
        let (desk, now) = (Desk::default(), Instant::now());
        assert!(desk.add(vec![message(1, 10), message(2, 10)], now));
        let (since, first) = desk.next().unwrap();
        assert_eq!(ids(&desk.take(&[SpoolId(2)]).await), (vec![], vec![2]), "another one is not");
        let reads = async {
            tokio::task::yield_now().await;
            desk.put(since, 10, Some(read(first, &Lexicon::of("en"))));
        };
        let ids_taken = [SpoolId(1)];
        let (taken, ()) = tokio::join!(desk.take(&ids_taken), reads);
        assert_eq!(ids(&taken), (vec![1], vec![]));
    }

    #[tokio::test]
    async fn one_that_could_not_be_read_is_gone_from_here() {
        let (desk, now) = (Desk::default(), Instant::now());
        assert!(desk.add(vec![message(1, 10)], now));
        let (since, _) = desk.next().unwrap();
        desk.put(since, 10, None);
        assert_eq!(ids(&desk.take(&[SpoolId(1)]).await), (vec![], vec![]));
        assert_eq!(desk.state().octets, 0);
    }

    #[test]
    fn when_it_is_behind() {
        let (desk, now) = (Desk::default(), Instant::now());
        let late = now + LONG;
        assert!(!desk.is_behind(late), "nothing lies here");
        assert!(desk.add(vec![message(1, 10), message(2, MOST_OCTETS - 10)], now));
        assert!(!desk.is_behind(late - Duration::from_millis(1)));
        assert!(desk.is_behind(late), "the first has waited for long");
        read_next(&desk);
        read_next(&desk);
        assert!(!desk.is_behind(late), "all were read");
        assert!(!desk.add(vec![message(3, 1)], late) && desk.is_behind(late), "there is no more room");
        // Another server judged them.
        assert!(!desk.add(Vec::new(), now + LONGEST_KEPT + Duration::from_millis(1)));
        let state = desk.state();
        assert_eq!((state.octets, state.read.len()), (1, 0));
    }
}
