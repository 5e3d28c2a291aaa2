//! Who plays: made-up people at reserved domains (RFC 2606), and what of theirs must stay with them.

use crate::model::member::{Delivery, Role};

/// The domain of the group.
pub const DOMAIN: &str = "groups.example";
/// The group's address.
pub const ROSE: &str = "rose@groups.example";

/// Somebody on the roster.
pub struct Person {
    /// The pseudonym, or a moderator's name.
    pub name: &'static str,
    /// The registered real name.
    pub real_name: Option<&'static str>,
    /// Member or moderator.
    pub role: Role,
    /// How posts come.
    pub delivery: Delivery,
    /// Posts of theirs were approved before.
    pub known: bool,
    /// Days since they joined.
    pub days: i64,
}

impl Person {
    /// Where mail to them goes.
    #[must_use]
    pub fn address(&self) -> String {
        let place = if self.role == Role::Moderator { "clinic.example" } else { "home.example" };
        format!("{}@{place}", self.name.to_lowercase())
    }
}

const fn member(name: &'static str, real: &'static str, delivery: Delivery, known: bool, days: i64) -> Person {
    Person { name, real_name: Some(real), role: Role::Member, delivery, known, days }
}

const fn moderator(name: &'static str, delivery: Delivery) -> Person {
    Person { name, real_name: None, role: Role::Moderator, delivery, known: false, days: 400 }
}

/// The members.
pub const PEOPLE: &[Person] = &[
    member("Mira", "Miranda Torres", Delivery::Daily, false, 3),
    member("Ana", "Ana Ribeiro", Delivery::Daily, true, 190),
    member("June", "June Okafor", Delivery::Daily, true, 61),
    member("Tom", "Tom Berger", Delivery::Each, true, 240),
    member("Kit", "Christopher Waller", Delivery::Each, true, 82),
    member("Lena", "Lena Schäfer", Delivery::Each, true, 120),
];

/// The social workers.
pub const MODERATORS: &[Person] = &[moderator("Dana", Delivery::Daily), moderator("Ruth", Delivery::None)];

/// What stands in the mails that people send, and in no copy for the group.
pub const SECRETS: &[&str] = &[
    "Torres",
    "Ribeiro",
    "Okafor",
    "Berger",
    "Waller",
    "Schäfer",
    "Hartwell",
    "013-4477",
    "203.0.113.9",
    "DESKTOP-7Q2",
    "iPhone",
    "Outlook",
    "Thunderbird",
    "IMG_4711",
    "/9j/",
    "want to end my life",
    "mushroom",
];
