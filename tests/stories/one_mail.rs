//! One mail to several addresses of a group: whichever they are, it makes one post, says one word to the moderators and asks
//! one question; none of these uses up another.

use crate::scene::{DANA, RUTH, TOM};
use crate::support::{Letter, LmtpClient, World, on_both};

const CRY: &str = "I am going to kill myself tonight.";
/// Each address of a group, and whether it takes posts (p), words to the moderators (w) or the wish to leave (l).
const ADDRESSES: [(&str, char); 9] = [
    ("rose", 'p'),
    ("rose+t.abcdefghijklmnopqrstuvwxyz234567", 'p'),
    ("rose+d.abcdefghijklmnopqrstuvwxyz234567", 'p'),
    ("rose-leave", 'l'),
    ("rose-join", 'w'),
    ("rose-help", 'w'),
    ("rose-request", 'w'),
    ("rose-owner", 'w'),
    ("rose+p.abcdefghijklmnopqrstuvwxyz234567", 'w'),
];

/// The addresses of a number's bits, the other way round for every second one.
fn addresses(number: usize) -> Vec<(String, char)> {
    let bits = ADDRESSES.iter().enumerate().filter(|(at, _)| number >> at & 1 == 1);
    let mut some: Vec<_> = bits.map(|(_, (local, kind))| (format!("{local}@groups.example"), *kind)).collect();
    if number.count_ones().is_multiple_of(2) {
        some.reverse();
    }
    some
}

async fn hand_over(world: &World, client: &mut LmtpClient, from: &str, number: usize, words: &str) {
    let to = addresses(number);
    let recipients: Vec<&str> = to.iter().map(|(address, _)| address.as_str()).collect();
    let letter = Letter::new(from, recipients[0], "Several", &format!("{words} This is mail {number}."));
    let replies = client.deliver(from, &recipients, &letter.bytes()).await;
    assert!(replies.iter().all(|reply| reply.starts_with("250")), "{}: {replies:?}", world.database);
}

#[test]
fn every_combination_of_a_group_s_addresses() {
    on_both(|world| async {
        let world = world.with_rose().await.openly().await;
        let mut client = LmtpClient::connect(world.lmtp).await;
        client.lhlo().await;
        let all = 1..1_usize << ADDRESSES.len();
        for number in all.clone() {
            hand_over(&world, &mut client, TOM, number, "Quiet words.").await;
        }
        world.run().await;
        let (rows, posts) = (world.spooled().await, world.posts().await);
        let heard: Vec<String> = world.mail_to(RUTH).iter().map(|mail| mail.text().replace('\n', " ")).collect();
        for number in all {
            let kinds: Vec<char> = addresses(number).iter().map(|(_, kind)| *kind).collect();
            let one = |kind| usize::from(kinds.contains(&kind));
            let mark = format!("This is mail {number}.");
            let has = |texts: &[String]| texts.iter().filter(|text| text.contains(&mark)).count();
            let texts: Vec<String> = posts.iter().map(|post| post.text.clone()).collect();
            let judged = world.judged(rows[number - 1].id).await;
            let asked = judged.iter().filter(|word| *word == "asked-to-confirm").count();
            let (name, done) = (format!("{}: {:?}: {judged:?}", world.database, addresses(number)), kinds.len());
            assert_eq!(
                (has(&texts), has(&heard), asked),
                (one('p'), one('w'), one('l')),
                "post, word, question: {name}"
            );
            assert_eq!(judged.len(), done, "{name}");
        }
    });
}

#[test]
fn a_cry_is_heard_at_whichever_of_them() {
    on_both(|world| async {
        let world = world.with_rose().await.openly().await;
        for (from, who) in [(TOM, "a member"), ("someone@else.example", "a stranger")] {
            for number in (0..ADDRESSES.len()).map(|bit| 1 << bit).chain([0b1_0000_1000, 0b1001_0001, 0b1_1111_1111]) {
                let before = world.count(RUTH);
                let mut client = LmtpClient::connect(world.lmtp).await;
                client.lhlo().await;
                hand_over(&world, &mut client, from, number, CRY).await;
                world.run().await;
                let heard = world.count(RUTH) - before;
                let has_post = addresses(number).iter().any(|(_, kind)| *kind == 'p');
                let has_more = addresses(number).iter().any(|(_, kind)| *kind != 'p');
                // A member's post is a notice of its own, with a decision to make.
                let most = if who == "a member" { usize::from(has_post) + usize::from(has_more) } else { 1 };
                assert_eq!(heard, most, "{}: {who} to {:?}", world.database, addresses(number));
                assert!(world.latest(RUTH).subject().contains("to read now"), "{}", world.latest(RUTH).subject());
            }
        }
    });
}

#[test]
fn who_leaves_and_says_why_is_heard() {
    on_both(|world| async {
        let world = world.with_rose().await.openly().await;
        let both = ["rose-leave@groups.example", "rose-owner@groups.example"];
        let why = Letter::new(TOM, both[0], "Goodbye", "I leave, because someone in the group writes to me at night.");
        world.deliver(TOM, &both, why.bytes()).await;
        world.run().await;
        for moderator in [DANA, RUTH] {
            let text = world.latest(moderator).text();
            assert!(text.contains("writes to me at night"), "{}: {text}", world.database);
            assert!(text.contains("rose-leave, -owner"), "{}: {text}", world.database);
        }
        let question = world.latest(TOM);
        assert_eq!(question.subject(), "Do you want to leave Rose?");
        // His yes, and a copy of it to the moderators: he wrote it as a member, so they hear it at once.
        let mut yes = Letter::answering(TOM, &question, "Yes, thanks");
        yes.subject = "Please call me".into();
        world.deliver(TOM, &[&yes.to, both[1]], yes.bytes()).await;
        world.run().await;
        assert_eq!(world.person("rose", TOM).await.state, lamplight::model::member::MemberState::Left);
        assert_eq!(world.count(RUTH), 2, "{}", world.database);
        assert!(world.latest(RUTH).text().contains("Please call me"), "{}", world.latest(RUTH).text());
    });
}

#[test]
fn the_administrators_hear_one_mail_once() {
    on_both(|world| async {
        let world = world.with_rose().await;
        let both = ["postmaster@groups.example", "abuse@groups.example"];
        let mail = Letter::new("someone@else.example", both[0], "A loop", "Your mail loops.");
        world.deliver("someone@else.example", &both, mail.bytes()).await;
        world.run().await;
        assert_eq!(world.count("admin@charity.example"), 1, "{}", world.database);
    });
}
