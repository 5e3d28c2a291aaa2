//! Whoever tries out who is a member learns nothing: the listener says the same to everybody, and takes as long; and no mail
//! goes to anybody but the people on the roster, at the addresses that stand there.

use std::sync::Arc;
use std::time::{Duration, Instant};

use lamplight::mail::{Address, Envelope};
use lamplight::model::group::Moderation;
use lamplight::model::member::{Delivery, MemberState, Role};
use lamplight::server::door::{AcceptAnswer, Door, RecipientAnswer};
use lamplight::server::lmtp::{self, Options};
use lamplight::server::serve::FrontDoor;
use tokio::sync::{Notify, watch};

use crate::not_verified::{trusting, verified};
use crate::scene::{ADA, ADMIN, DANA, KIT, MIRA, ROSE, RUTH, TOM, held_post};
use crate::support::{Letter, LmtpClient, World, on_both, on_both_with};

/// As long as Mira's address, and nobody's.
const NORA: &str = "nora@home.example";
/// Somebody of another group.
const LEO: &str = "leo@home.example";
const PROBER: &str = "prober@else.example";
const DAY: i64 = 86_400;
const UNKNOWN: &str = "abcdefghijklmnopqrstuvwxyz";

/// A group in which everybody stands somewhere else, and Leo in another one.
async fn peopled(world: World) -> World {
    let world = world.with_rose().await;
    world.set_state(ADA, MemberState::Left).await;
    world.add_group("lily", "Lily", Moderation::None).await;
    world.add("lily", Role::Moderator, "leah@work.example", "Leah", Delivery::None, None).await;
    world.add("lily", Role::Member, LEO, "Leo", Delivery::Each, None).await;
    world
}

/// Every kind of address: the group's, its services', and tokens that are known, used and nobody's.
async fn addresses(world: &World) -> Vec<String> {
    let mut all: Vec<String> = [
        "rose",
        "rose-join",
        "rose-leave",
        "rose-help",
        "rose-request",
        "rose-owner",
        "rose-moderators",
        "rose+join",
        "rose+leave",
        "lily",
        "postmaster",
        "abuse",
        "nobody",
        "nobody-owner",
        "rose+x",
        "ROSE",
    ]
    .map(|local| format!("{local}@groups.example"))
    .to_vec();
    for kind in ["rose+t.", "rose+d.", "rose+p.", "lamplight+m.", "lamplight+b.", "lamplight+c.", "nobody+t."] {
        all.push(format!("{kind}{UNKNOWN}@groups.example"));
    }
    let (notice, _) = held_post(world).await;
    let question = world.latest(KIT);
    all.extend([notice.reply_address(), notice.reverse_path.clone(), question.reply_address()]);
    world.write(&verified(Letter::answering(DANA, &notice, "approve"))).await;
    world.pass(121).await;
    world.write(&Letter::new(KIT, "rose-owner@groups.example", "A question", "Where do we meet?")).await;
    world.write(&Letter::new(KIT, "rose-leave@groups.example", "", "")).await;
    all.push(world.latest(TOM).reply_address());
    world.set_state(TOM, MemberState::Paused).await;
    all.extend([world.latest(DANA).reply_address(), world.latest(KIT).reply_address()]);
    all
}

/// Everything that the server says in one session, byte for byte.
async fn heard(world: &World, from: &str, author: &str, to: &str) -> Vec<String> {
    let mut client = LmtpClient::connect_unheard(world.lmtp).await;
    let mut heard = client.reply().await;
    for line in ["LHLO mx.example", &format!("MAIL FROM:<{from}> SIZE=400"), &format!("RCPT TO:<{to}>"), "DATA"] {
        client.send(line).await;
        heard.extend(client.reply().await);
    }
    if heard.last().unwrap().starts_with("354") {
        let mail = format!("From: <{author}>\r\nSubject: Hi\r\n\r\nHow are you all?\r\n.\r\n");
        client.send_bytes(mail.as_bytes()).await;
        heard.extend(client.reply().await);
    }
    client.send("QUIT").await;
    heard.extend(client.reply().await);
    heard
}

#[test]
fn the_listener_says_the_same_to_everybody() {
    on_both(|world| async {
        let world = peopled(world).await;
        for to in addresses(&world).await {
            let stranger = heard(&world, PROBER, PROBER, &to).await;
            let is_there = !to.starts_with("nobody") && to != "rose+x@groups.example";
            assert_eq!(stranger.iter().any(|line| line == "250 2.0.0 kept"), is_there, "{to}: {stranger:?}");
            for from in [MIRA, KIT, TOM, ADA, DANA, RUTH, LEO, ADMIN, NORA, ""] {
                assert_eq!(heard(&world, from, from, &to).await, stranger, "{}: {from} to {to}", world.database);
            }
            assert_eq!(heard(&world, PROBER, MIRA, &to).await, stranger, "{}: her name alone, to {to}", world.database);
        }
        // And so it is after everything was read.
        world.run().await;
        let again = heard(&world, PROBER, PROBER, ROSE).await;
        assert_eq!(heard(&world, MIRA, MIRA, ROSE).await, again, "{}", world.database);
    });
}

/// The house's own door, which may take longer for Mira: what the measurement must see.
struct SlowForMira {
    door: FrontDoor,
    longer: Duration,
}

impl Door for SlowForMira {
    async fn recipient(&self, address: &Address) -> RecipientAnswer {
        self.door.recipient(address).await
    }

    async fn accept(&self, envelope: Envelope, bytes: Vec<u8>, peer: String) -> AcceptAnswer {
        if envelope.reverse_path.as_str() == MIRA && !self.longer.is_zero() {
            tokio::time::sleep(self.longer).await;
        }
        self.door.accept(envelope, bytes, peer).await
    }
}

const PAIRS: usize = 300;
/// How far the medians of member and stranger may lie apart. What is done for one of them alone shows in every round; what else this
/// machine does, in some.
const MOST_APART: f64 = 1.15;
const ROUNDS: usize = 4;

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort();
    times[times.len() / 2]
}

/// How long a whole transaction takes for Mira and for Nora, each first in every other pair.
async fn medians(world: &World, longer: Duration) -> (Duration, Duration) {
    let listener = lmtp::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (_ending, ended) = watch::channel(false);
    let door = FrontDoor::new(world.lamplight.clone(), Arc::new(Notify::new()));
    let door = Arc::new(SlowForMira { door, longer });
    tokio::spawn(lmtp::serve(listener, door, Options::new("groups.example"), ended));
    let mut client = LmtpClient::connect(address).await;
    client.lhlo().await;
    let mut times = [Vec::new(), Vec::new()];
    for pair in 0..PAIRS {
        for turn in 0..2 {
            let who = (pair + turn) % 2;
            let letter =
                Letter::new([MIRA, NORA][who], ROSE, "Tea", &format!("I like it hot, number {:04}.", 1_000 + pair));
            let bytes = letter.bytes();
            let began = Instant::now();
            let replies = client.deliver(&letter.from, &[ROSE], &bytes).await;
            times[who].push(began.elapsed());
            assert_eq!(replies, ["250 2.0.0 kept"]);
            world.lamplight.until_read_ahead().await;
        }
    }
    let [member, stranger] = times;
    (median(member), median(stranger))
}

/// Whether somebody who measures for long can tell them apart.
async fn can_be_told_apart(world: &World, longer: Duration) -> bool {
    for _ in 0..ROUNDS {
        let (member, stranger) = medians(world, longer).await;
        let ratio = member.max(stranger).as_secs_f64() / member.min(stranger).as_secs_f64();
        println!("{}: {member:?} for a member, {stranger:?} for a stranger: {ratio:.3}", world.database);
        if ratio < MOST_APART {
            return false;
        }
    }
    true
}

#[test]
fn the_listener_takes_as_long_for_everybody() {
    on_both(|world| async {
        let world = world.with_rose().await;
        assert!(!can_be_told_apart(&world, Duration::ZERO).await, "{}: member and stranger", world.database);
        assert!(can_be_told_apart(&world, Duration::from_millis(1)).await, "{}: a delay is not seen", world.database);
    });
}

/// Who was sent anything by these letters, within two days of them.
async fn told_by(world: &World, letters: &[Letter]) -> Vec<(String, String)> {
    let before = world.peer.mail().len();
    for letter in letters {
        world.write(letter).await;
    }
    world.pass(DAY).await;
    world.pass(DAY).await;
    let told = world.peer.mail_after(before);
    told.iter().map(|mail| (mail.recipients[0].clone(), mail.subject())).collect()
}

const WORDS: &[(&str, &str)] = &[
    ("Hello", "How are you all?"),
    ("subscribe", "subscribe"),
    ("yes", "yes"),
    ("help", "who"),
    ("approve", "approve"),
    ("", ""),
];

async fn answers_go_to_nobody_else(world: World) {
    let world = peopled(world).await;
    let all = addresses(&world).await;
    world.pass(2 * DAY).await;
    let staff = [DANA, RUTH, ADMIN, "leah@work.example"];
    for from in [PROBER, NORA, ADA] {
        let mut letters = Vec::new();
        for (number, to) in all.iter().filter(|to| !to.starts_with("nobody") && !to.contains("+x@")).enumerate() {
            let (subject, words) = WORDS[number % WORDS.len()];
            letters.push(Letter::new(from, to, subject, words));
        }
        let told = told_by(&world, &letters).await;
        let others: Vec<_> = told.iter().filter(|(to, _)| !staff.contains(&to.as_str())).collect();
        assert!(others.is_empty(), "{}: {from}: {others:?}", world.database);
        assert!(told.iter().any(|(to, _)| to == DANA), "{}: moderators hear of it", world.database);
    }
    // In somebody's name: whatever is said goes to the address on the roster, never to where the mail came from.
    for name in [MIRA, KIT, LEO, DANA] {
        let mut letters = Vec::new();
        for (number, to) in all.iter().filter(|to| !to.starts_with("nobody") && !to.contains("+x@")).enumerate() {
            let (subject, words) = WORDS[number % WORDS.len()];
            let letter = Letter::new(name, to, subject, words);
            let fields = [("Reply-To", PROBER), ("Sender", PROBER), ("Return-Path", PROBER), ("Errors-To", PROBER)];
            let fields = fields.iter().chain(&[("Disposition-Notification-To", PROBER), ("Cc", PROBER)]);
            letters.push(fields.fold(letter, |letter, (field, at)| letter.with(&format!("{field}: <{at}>"))));
        }
        let before = world.peer.mail().len();
        for letter in &letters {
            world.deliver(PROBER, &[&letter.to], letter.bytes()).await;
            world.run().await;
        }
        world.pass(2 * DAY).await;
        let told = world.peer.mail_after(before);
        let roster = [DANA, RUTH, ADMIN, "leah@work.example", MIRA, KIT, LEO, TOM];
        for mail in &told {
            assert!(roster.contains(&mail.recipients[0].as_str()), "{}: {}", world.database, mail.recipients[0]);
            assert!(!mail.header("To").contains("prober"), "{}", mail.header("To"));
        }
    }
    world.assert_one_reader_each();
}

#[test]
fn no_answer_goes_to_whoever_tries() {
    on_both(answers_go_to_nobody_else);
}

#[test]
fn no_answer_goes_to_whoever_tries_where_a_server_is_trusted() {
    on_both_with(trusting, answers_go_to_nobody_else);
}
