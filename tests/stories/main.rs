//! One story per file, through the front door: LMTP in, captured SMTP out, a clock that the story moves. Each is played
//! on SQLite and on PostgreSQL.
#![allow(clippy::unwrap_used, missing_docs, reason = "a story fails by panicking")]

#[path = "../support/mod.rs"]
mod support;

mod alerts;
mod alerts_go_on;
mod bad_input;
mod below_the_quote;
mod claimed_ahead;
mod concern;
mod conversations;
mod cry_in_a_digest_reply;
mod deciding;
mod digest_questions;
mod digest_replies;
mod digests;
mod digests_by_chance;
mod digests_in_sets;
mod enemies;
mod floods;
mod forged_flood;
mod forgetting;
mod hidden_text;
mod keeping;
mod leaks;
mod leaving;
mod marked_as_automatic;
mod meant_privately;
mod moderators_own_mail;
mod no_moderator;
mod nothing_while_held;
mod one_mail;
mod private_bounces;
mod private_talk;
mod races;
mod reading;
mod real_messages;
mod record;
mod refused;
mod repeated;
mod replaced;
mod retention;
mod retracting;
mod retrying;
mod running;
mod scene;
mod sending;
mod set_aside;
mod strangers;
mod tables;
mod two_versions;
mod unaddressed;
mod undelivered;
mod unsaid;
mod urgent_first;
mod verbs;
mod very_long;
mod way_out;
mod whole_life;
mod whose_alert_ends;
