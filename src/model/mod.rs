//! What a group is and how it decides. Pure: no async, no SQL, no clock of its own.

pub mod answers;
pub mod command;
pub mod digest;
pub mod echo;
pub mod forest;
pub mod group;
pub mod ids;
pub mod lexicon;
pub mod meant;
pub mod member;
pub mod moderation;
pub mod outages;
pub mod policy;
pub mod post;
pub mod privacy;
pub mod quote;
pub mod quoting;
pub mod retry;
pub mod schedule;
pub mod talk;
pub mod text;
pub mod thread;
pub mod token;
pub mod turn;
pub mod wanted;
mod words;
