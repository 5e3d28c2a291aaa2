//! What several stories need: a post that waits, the eyes of an outsider, and mail that no `Letter` can be.

use lamplight::mail::{Address, Envelope, ReversePath};
use lamplight::model::post::PostState;
use sqlx::{AnyConnection, AssertSqlSafe, Connection, Executor};

use crate::support::{Captured, Letter, World};

/// A word that stands in the held post and nowhere else.
pub const SECRET: &str = "lavender";
pub const ROSE: &str = "rose@groups.example";
pub const MIRA: &str = "mira@home.example";
pub const KIT: &str = "kit@home.example";
pub const TOM: &str = "tom@home.example";
pub const ADA: &str = "ada@home.example";
pub const DANA: &str = "dana@work.example";
pub const RUTH: &str = "ruth@work.example";
pub const ADMIN: &str = "admin@charity.example";
/// Words that no post may hold unheard.
pub const CRY: &str = "I am going to kill myself tonight.";

/// Kit's first post, held; the notice to Dana and the one to Ruth.
pub async fn held_post(world: &World) -> (Captured, Captured) {
    post_of(world, KIT, "Waiting", "The ward smells of lavender today.").await
}

/// Somebody's post and the two notices of it.
pub async fn post_of(world: &World, author: &str, subject: &str, body: &str) -> (Captured, Captured) {
    world.write(&Letter::new(author, ROSE, subject, body)).await;
    (world.latest(DANA), world.latest(RUTH))
}

/// Whoever is not a moderator and not the author has nothing of the post.
pub fn nobody_has_it(world: &World, what: &str) {
    for mail in world.peer.mail() {
        let to = &mail.recipients[0];
        let entitled = [DANA, RUTH, KIT].contains(&to.as_str()) || to.starts_with("moderator");
        let told = String::from_utf8_lossy(&mail.raw).contains(SECRET) || mail.text().contains(SECRET);
        assert!(entitled || !told, "{}: {to} has the post after: {what}", world.database);
        let is_copy = !mail.headers("List-Post").is_empty();
        assert!(!(is_copy && told), "{}: a copy went to {to} after: {what}", world.database);
    }
}

/// The first post waits and nobody has it.
pub async fn still_held(world: &World, what: &str) {
    let post = &world.posts().await[0];
    assert_eq!(post.state, PostState::Held, "{}: {what}", world.database);
    nobody_has_it(world, what);
}

pub async fn state(world: &World, at: usize) -> PostState {
    world.posts().await[at].state
}

/// The mails to somebody that came since she had `before`.
pub fn since(world: &World, address: &str, before: usize) -> Vec<Captured> {
    world.mail_to(address).split_off(before)
}

/// The reading lists that somebody was sent.
pub fn lists(world: &World, address: &str) -> Vec<Captured> {
    world.mail_to(address).into_iter().filter(is_list).collect()
}

/// The mails to somebody that are no reading lists.
pub fn besides_lists(world: &World, address: &str) -> Vec<Captured> {
    world.mail_to(address).into_iter().filter(|mail| !is_list(mail)).collect()
}

fn is_list(mail: &Captured) -> bool {
    mail.subject().starts_with("Rose: ") && mail.subject().contains(" to read")
}

/// The group's copies of the held post that somebody got.
pub fn copies(world: &World, address: &str) -> usize {
    let is_copy = |mail: &&Captured| !mail.headers("List-Post").is_empty() && mail.text().contains(SECRET);
    world.mail_to(address).iter().filter(is_copy).count()
}

/// A mail of which every header line is the story's own; the body is plain text unless the lines say otherwise.
pub fn raw(header: &[&str], body: &str) -> Vec<u8> {
    format!("{}\r\n\r\n{}\r\n", header.join("\r\n"), body.replace('\n', "\r\n")).into_bytes()
}

/// Hand it over and take it to its end.
pub async fn send(world: &World, reverse_path: &str, recipients: &[&str], message: &[u8]) {
    world.deliver(reverse_path, recipients, message).await;
    world.run().await;
}

/// The reports that servers and programs write, around these words.
pub fn report(from: &str, to: &str, subject: &str, report_type: &str, words: &str) -> Vec<u8> {
    let status = match report_type {
        "disposition-notification" => {
            "Content-Type: message/disposition-notification\n\nFinal-Recipient: rfc822;dana@work.example\n\
             Original-Message-ID: <x@groups.example>\nDisposition: manual-action/MDN-sent-manually; displayed\n"
        }
        "feedback-report" => {
            "Content-Type: message/feedback-report\n\nFeedback-Type: abuse\nUser-Agent: Loop/1\nVersion: 1\n"
        }
        _ => {
            "Content-Type: message/delivery-status\n\nReporting-MTA: dns; mx.work.example\n\n\
             Final-Recipient: rfc822;dana@work.example\nAction: failed\nStatus: 5.1.1\n"
        }
    };
    let header = [
        format!("From: <{from}>"),
        format!("To: <{to}>"),
        format!("Subject: {subject}"),
        "Date: Mon, 23 Nov 2026 20:00:00 +0100".to_owned(),
        "MIME-Version: 1.0".to_owned(),
        format!("Content-Type: multipart/report; report-type={report_type}; boundary=cut"),
    ];
    let header: Vec<&str> = header.iter().map(String::as_str).collect();
    raw(&header, &format!("--cut\nContent-Type: text/plain\n\n{words}\n\n--cut\n{status}\n--cut--"))
}

/// Say something to the database beside Lamplight.
pub async fn sql(world: &World, statements: &[String]) {
    sqlx::any::install_default_drivers();
    let mut db = AnyConnection::connect(&world.lamplight.config.database.url).await.unwrap();
    for statement in statements {
        db.execute(AssertSqlSafe(statement.as_str())).await.unwrap();
    }
    db.close().await.unwrap();
}

/// Kit, Tom and Mira have been here for long.
pub async fn everybody_is_known(world: &World) {
    for address in [KIT, TOM, MIRA] {
        let mut tx = world.lamplight.store.begin().await.unwrap();
        let person = world.person("rose", address).await;
        lamplight::store::members::set_known(&mut tx, person.id, world.now()).await.unwrap();
        tx.commit().await.unwrap();
    }
}

/// The envelope of a mail from Mira.
pub fn envelope(recipients: &[&str]) -> Envelope {
    Envelope {
        reverse_path: ReversePath::Address(Address::parse(MIRA).unwrap()),
        recipients: recipients.iter().map(|recipient| Address::parse(recipient).unwrap()).collect(),
    }
}
