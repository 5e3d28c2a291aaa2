//! Which message of a box answers which: what headers say first, and where they say nothing, what people said.
//!
//! The result is a forest: every parent is in the box, and nobody is an ancestor of himself, whatever the headers claim. A
//! header places its own message only. The cost grows with the size of the box.

use std::cell::Cell;
use std::collections::HashMap;

use super::echo::{Echoes, Voice};
use super::thread;
use crate::clock::Timestamp;
use crate::mail::Incoming;

/// For each message of a box the one that it answers.
#[must_use]
pub fn parents(messages: &[Incoming]) -> Vec<Option<usize>> {
    let mut forest = Forest::of(messages.len());
    let copies = by_headers(messages, &mut forest);
    by_words(messages, &copies, &mut forest);
    forest.parents
}

/// Trees that only grow together.
struct Forest {
    parents: Vec<Option<usize>>,
    /// Towards the root of each message, shortened with each look.
    above: Vec<Cell<usize>>,
}

impl Forest {
    fn of(size: usize) -> Self {
        Self { parents: vec![None; size], above: (0..size).map(Cell::new).collect() }
    }

    /// Where the conversation of a message begins.
    fn root(&self, mut at: usize) -> usize {
        while self.above[at].get() != at {
            self.above[at].set(self.above[self.above[at].get()].get());
            at = self.above[at].get();
        }
        at
    }

    /// Put a message that begins a conversation below another; refused where it would become its own ancestor.
    fn graft(&mut self, child: usize, parent: usize) -> bool {
        let is_free = self.parents[child].is_none() && self.root(parent) != child;
        if is_free {
            self.parents[child] = Some(parent);
            self.above[child].set(parent);
        }
        is_free
    }
}

/// Place whatever names another message of the box; gives for each message whether it only repeats an earlier one.
fn by_headers(messages: &[Incoming], forest: &mut Forest) -> Vec<bool> {
    let (mut by_id, mut by_index) = (HashMap::new(), HashMap::new());
    let mut copies = vec![false; messages.len()];
    for (at, message) in messages.iter().enumerate() {
        if let Some(id) = &message.message_id {
            // The first claim stays.
            copies[at] = *by_id.entry(id.as_str()).or_insert(at) != at;
        }
        if let Some(index) = message.thread_index.as_ref().filter(|_| !copies[at]) {
            by_index.entry(index.clone()).or_insert(at);
        }
    }
    for (at, message) in messages.iter().enumerate().filter(|(at, _)| !copies[*at]) {
        let named = thread::references(message).into_iter().filter_map(|id| by_id.get(id).copied());
        let indexed = message.thread_index.iter().flat_map(|index| index.before());
        let indexed = indexed.filter_map(|index| by_index.get(&index).copied());
        for other in named.chain(indexed) {
            if forest.graft(at, other) {
                break;
            }
        }
    }
    copies
}

/// Place what no header placed, oldest first.
fn by_words(messages: &[Incoming], copies: &[bool], forest: &mut Forest) {
    let mut echoes = Echoes::default();
    let mut order: Vec<(Timestamp, usize)> =
        times(messages).into_iter().enumerate().map(|(at, time)| (time, at)).filter(|(_, at)| !copies[*at]).collect();
    order.sort();
    for (time, at) in &order {
        echoes.add(Voice::of(&messages[*at], *time));
    }
    for (place, (_, at)) in order.iter().enumerate() {
        // Who names messages that are not in the box answers one of these.
        if forest.parents[*at].is_some() || !thread::references(&messages[*at]).is_empty() {
            continue;
        }
        let conversation = |other: usize| forest.root(order[other].1);
        let found: Vec<usize> = echoes.whom(place, &conversation).collect();
        for other in found {
            if forest.graft(*at, order[other].1) {
                break;
            }
        }
    }
}

/// When each message was written; one without a date came with its neighbour.
fn times(messages: &[Incoming]) -> Vec<Timestamp> {
    let first = messages.iter().find_map(|message| message.date).unwrap_or(Timestamp(0));
    let mut last = first;
    messages
        .iter()
        .map(|message| {
            last = message.date.unwrap_or(last);
            last
        })
        .collect()
}
