//! Every mail that Lamplight writes, once in each form that reads differently, on a day of the group Rose: Mira, Kit and Tom
//! write, Dana looks after them. Templates are tried on these before anybody gets a mail made of them.

mod alerts;
mod members;
mod moderators;
mod others;
mod pages;
mod posts;
mod reading;
mod talks;
mod wishes;

use super::notice::{Notice, Setting, ShownPost, ToAdministrators, ToMember, ToModerators};
use crate::clock::Timestamp;
use crate::mail::parse::Attachment;
pub use pages::{
    digest, digest_of_a_piece, digest_of_somebody_new, digest_with_everything, single, single_with_picture,
};

/// A time; a test shows that each can be read.
fn instant(text: &str) -> Timestamp {
    Timestamp::parse(text).unwrap_or(Timestamp(0))
}

fn read_by() -> Timestamp {
    instant("2026-11-24T09:00:00-05:00")
}

/// What a mail to this reader knows of the group.
pub fn setting(name: &str) -> Setting {
    Setting {
        service: "Lamplight".into(),
        group: "rose".into(),
        title: "Rose".into(),
        group_address: "rose@groups.example".into(),
        leave_address: "rose-leave@groups.example".into(),
        help_address: "rose-help@groups.example".into(),
        owner_address: "rose-owner@groups.example".into(),
        timezone: "America/New_York".into(),
        answerable: true,
        emergency_number: Some("911".into()),
        lifeline: Some("call or text 988".into()),
        name: name.into(),
    }
}

/// What this mail knows: one to the administrators about the whole service belongs to no group.
pub fn setting_of(notice: &Notice) -> Setting {
    let setting = setting(reader_of(notice));
    match notice {
        Notice::Administrators(ToAdministrators::NoModerator { .. } | ToAdministrators::AlertUnanswered { .. }) => {
            setting
        }
        Notice::Administrators(_) => Setting {
            title: setting.service.clone(),
            group: String::new(),
            group_address: String::new(),
            leave_address: String::new(),
            help_address: String::new(),
            owner_address: String::new(),
            emergency_number: None,
            lifeline: None,
            ..setting
        },
        Notice::Member(_) | Notice::Moderators(_) => setting,
    }
}

/// A newcomer's first message, which waits.
pub fn held_post() -> ShownPost {
    ShownPost {
        id: 12,
        author: "Mira".into(),
        days_a_member: 3,
        earlier_posts: 0,
        subject: "Hello from a new one".into(),
        text: MIRA.into(),
        written: None,
        signature: None,
        attachments: vec![
            Attachment { name: Some("garden.jpg".into()), media_type: "image/jpeg".into(), size: 1_480_000 },
            Attachment { name: None, media_type: "application/pdf".into(), size: 34_200 },
        ],
        pictures: 0,
        reasons: vec!["This is the first message of a member.".into()],
        urgent: false,
        concern: false,
    }
}

const MIRA: &str = "Good evening everyone,\n\nI am Mira. I have been reading along for three days, and I did not dare to write until now. Your words about the long nights did me a lot of good.\n\nHow do you get through the week before a scan?\n\nMira";
const EDITED: &str = "Good evening everyone,\n\nI am Mira. I have been reading along for some days, and I did not dare to write until now. Your words about the long nights did me good.\n\nHow do you get through the week before a scan?\n\nMira";
const KIT: &str = "> How do you get through the week before a scan?\n\nI bake. Badly, but the house smells of bread, and my hands have something to do.\nLast time it was eleven loaves.\n\nThe neighbours know by now what it means when I stand at the door with bread.";
const TOM: &str = "Welcome, Mira. I walk the dog until both of us are too tired to think.\n\nTom";

/// Who gets a notice: Mira, Dana, or the administrators, who have no name.
pub fn reader_of(notice: &Notice) -> &'static str {
    match notice {
        Notice::Member(ToMember::AddressOther) => "",
        Notice::Member(_) => "Mira",
        Notice::Administrators(_) | Notice::Moderators(ToModerators::Escalated { administrators: true, .. }) => "",
        Notice::Moderators(_) => "Dana",
    }
}

/// Every notice under the name of its golden file.
pub fn every_notice() -> Vec<(&'static str, Notice)> {
    let mut all = members::to_members();
    all.extend(wishes::wishes());
    all.extend(moderators::holds_and_echoes());
    all.extend(moderators::explanations());
    all.extend(reading::reading());
    all.extend(others::other_mail());
    all.extend(talks::private_talk());
    all
}
