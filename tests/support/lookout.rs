//! What a story looks up behind the counter, always beside what went over the wire; and a few stage directions.

use lamplight::model::group::Moderation;
use lamplight::model::ids::ThreadId;
use lamplight::model::member::MemberState;
use lamplight::model::post::{Post, PostState};
use lamplight::model::turn::Lane;
use lamplight::store::selection::Selection;
use lamplight::store::{deliveries, judgements, spool};

use super::{Captured, Letter, World};

impl World {
    /// Nobody is held for being new, so that a story needs no moderator.
    pub async fn openly(self) -> Self {
        self.change_group("rose", |group| group.moderation = Moderation::None).await;
        self
    }

    /// Every message that was taken in.
    pub async fn spooled(&self) -> Vec<spool::Listed> {
        spool::list(&mut self.lamplight.store.read().await.unwrap(), &Selection::default()).await.unwrap()
    }

    /// What waits to be read, what may tell of danger first.
    pub async fn waiting(&self) -> Vec<spool::Waiting> {
        self.lamplight.until_read_ahead().await;
        let mut db = self.lamplight.store.read().await.unwrap();
        let mut waiting = Vec::new();
        for lane in [Lane::Urgent, Lane::Ordinary] {
            waiting.extend(spool::waiting(&mut db, lane, 1_000, self.now()).await.unwrap());
        }
        waiting
    }

    /// What became of a message, one word for each recipient.
    pub async fn judged(&self, spool: i64) -> Vec<String> {
        let id = lamplight::model::ids::SpoolId(spool);
        let mut db = self.lamplight.store.read().await.unwrap();
        judgements::of_message(&mut db, id).await.unwrap().into_iter().map(|line| line.disposition).collect()
    }

    /// What became of the message that came last.
    pub async fn last_judged(&self) -> Vec<String> {
        let last = self.spooled().await.pop().unwrap();
        self.judged(last.id).await
    }

    /// The outbox.
    pub async fn outbox(&self) -> Vec<deliveries::Listed> {
        deliveries::list(&mut self.lamplight.store.read().await.unwrap(), &Selection::default()).await.unwrap()
    }

    /// The outbox rows for somebody.
    pub async fn rows_to(&self, address: &str) -> Vec<deliveries::Listed> {
        self.outbox().await.into_iter().filter(|row| row.recipient == address).collect()
    }

    /// The last outbox row for somebody.
    pub async fn row_to(&self, address: &str) -> deliveries::Listed {
        self.rows_to(address).await.pop().unwrap_or_else(|| panic!("{}: no row to {address}", self.database))
    }

    /// The one post with these words.
    pub async fn post_with(&self, words: &str) -> Post {
        let mut found: Vec<Post> =
            self.posts().await.into_iter().filter(|post| post.text.contains(words) || post.subject == words).collect();
        assert_eq!(found.len(), 1, "{}: posts with `{words}`", self.database);
        found.remove(0)
    }

    /// The conversation of the one post with these words.
    pub async fn thread_with(&self, words: &str) -> ThreadId {
        self.post_with(words).await.thread
    }

    /// How many posts the group has.
    pub async fn published(&self) -> usize {
        self.posts().await.iter().filter(|post| post.state == PostState::Published).count()
    }

    /// Somebody writes to the group, under a subject.
    pub async fn says(&self, who: &str, subject: &str, words: &str) {
        self.write(&Letter::new(&format!("{who}@home.example"), "rose@groups.example", subject, words)).await;
    }

    /// An administrator approves the one post with these words.
    pub async fn approve(&self, words: &str) {
        let post = self.post_with(words).await;
        let verb = lamplight::model::command::Verb::Approve;
        self.lamplight.decide_as_administrator(post.id, verb, None, self.now()).await.unwrap();
        self.run().await;
    }

    /// Set the state of a member of rose.
    pub async fn set_state(&self, address: &str, state: MemberState) {
        self.change_person("rose", address, |member| member.state = state).await;
    }

    /// Promise: one envelope recipient and one visible To for every mail that ever left, and they are the same.
    pub fn assert_one_reader_each(&self) {
        for mail in self.peer.mail() {
            assert_eq!(mail.recipients.len(), 1, "{}", mail.subject());
            assert_eq!(mail.headers("To").len(), 1, "{}", mail.subject());
            assert!(mail.header("To").contains(&mail.recipients[0]), "{}", mail.header("To"));
            assert_eq!(mail.header("To").matches('@').count(), 1, "{}", mail.header("To"));
            assert!(mail.headers("Cc").is_empty() && mail.headers("Bcc").is_empty(), "{}", mail.subject());
        }
    }
}

/// The first address of a text that begins like this.
pub fn address_in(mail: &Captured, beginning: &str) -> String {
    let text = mail.text();
    let found = text.split_whitespace().find(|word| word.contains(beginning)).expect("such an address");
    found.trim_matches(['<', '>', '.', '(', ')', ':']).to_owned()
}
