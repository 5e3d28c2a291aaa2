//! Taking a post back: every copy that has not left stays, and the moderators are told how many have it already.

use lamplight::clock::Timestamp;
use lamplight::model::member::Delivery;
use lamplight::model::post::PostState;
use lamplight::store::{claims, settled};

use crate::scene::{ADA, DANA, KIT, MIRA, ROSE, RUTH, TOM, copies, held_post, since, state};
use crate::support::{Captured, Letter, World, on_both};

async fn answer(world: &World, from: &str, notice: &Captured, words: &str) {
    world.write(&Letter::answering(from, notice, words)).await;
}

async fn approved(world: &World) -> (Captured, Captured) {
    let (notice, other) = held_post(world).await;
    answer(world, DANA, &notice, "Approve").await;
    (notice, other)
}

/// What both moderators are told: so many stopped, so many sent.
fn told(world: &World, stopped: &str, sent: &str) {
    for address in [DANA, RUTH] {
        let mail = world.latest(address);
        assert_eq!(mail.subject(), "A message was taken back", "{}: {address}", world.database);
        let text = mail.text();
        assert!(text.contains(&format!("Stopped before they were sent: {stopped}")), "{}: {text}", world.database);
        assert!(text.contains(&format!("Already sent: {sent}")), "{}: {text}", world.database);
    }
}

/// No digest, no retry and no reminder brings it, however long one waits.
async fn gone_for_good(world: &World, tom: usize) {
    world.peer.behave();
    for _ in 0..16 {
        world.pass(43_200).await;
    }
    assert_eq!(state(world, 0).await, PostState::Retracted, "{}", world.database);
    assert_eq!((copies(world, TOM), world.count(ADA)), (tom, 0), "{}", world.database);
    let in_digest = |address| {
        world
            .mail_to(address)
            .iter()
            .filter(|mail| {
                mail.reverse_path.contains("+b.")
                    && !mail.headers("List-Post").is_empty()
                    && mail.text().contains("lavender")
            })
            .count()
    };
    assert_eq!(in_digest(MIRA), 0, "{}: Mira's digest", world.database);
}

#[test]
fn before_the_release() {
    on_both(|world| async {
        let world = world.with_rose().await;
        let (_, other) = approved(&world).await;
        answer(&world, RUTH, &other, "Retract").await;
        told(&world, "0 copies", "0 copies");
        gone_for_good(&world, 0).await;
        assert_eq!(copies(&world, KIT), 0, "{}: the author has no copy either", world.database);
    });
}

#[test]
fn after_the_release_by_each_token_there_is() {
    // Her own used token, the colleague's unused one, and the echo that each of them got.
    for which in 0..4 {
        on_both(|world| async move {
            let world = world.with_rose().await;
            let (notice, other) = approved(&world).await;
            let (echo, other_echo) = (world.latest(DANA), world.latest(RUTH));
            world.pass(121).await;
            assert_eq!(copies(&world, TOM), 1, "{}", world.database);
            let (from, mail) = [(DANA, notice), (RUTH, other), (DANA, echo), (RUTH, other_echo)][which].clone();
            answer(&world, from, &mail, "retract").await;
            told(&world, "0 copies", "2 copies");
            gone_for_good(&world, 1).await;
            // A second RETRACT, an UNDO or an APPROVE changes nothing any more.
            for words in ["retract", "undo", "approve"] {
                let before = world.count(DANA) + world.count(RUTH);
                answer(&world, from, &mail, words).await;
                world.pass(121).await;
                assert_eq!(world.latest(from).subject(), "Nothing was decided", "{}: {words}", world.database);
                assert_eq!(world.count(DANA) + world.count(RUTH), before + 1, "{}: {words}", world.database);
            }
            assert_eq!((copies(&world, TOM), state(&world, 0).await), (1, PostState::Retracted));
        });
    }
}

#[test]
fn not_by_anybody_else_nor_by_the_token_of_another_post() {
    on_both(|world| async {
        let world = world.with_rose().await;
        let (notice, _) = approved(&world).await;
        world.pass(121).await;
        world.write(&Letter::new(MIRA, ROSE, "Hello", "A plain hello.")).await;
        let another = world.latest(DANA);
        for (from, to) in [
            (RUTH, notice.reply_address()),
            (MIRA, notice.reply_address()),
            (KIT, notice.reply_address()),
            (DANA, another.reply_address()),
        ] {
            world.write(&Letter::new(from, &to, "Re: x", "Retract")).await;
            assert_eq!(state(&world, 0).await, PostState::Published, "{}: {from} to {to}", world.database);
            assert_eq!(state(&world, 1).await, PostState::Held, "{}: {from} to {to}", world.database);
        }
    });
}

#[test]
fn copies_that_wait_are_stopped() {
    on_both(|world| async {
        let world = world.with_rose().await;
        let (notice, _) = approved(&world).await;
        world.peer.answer("RCPT", "451 4.3.0 not now").to(TOM);
        world.pass(121).await;
        assert_eq!((copies(&world, KIT), copies(&world, TOM)), (1, 0), "{}", world.database);
        answer(&world, DANA, &notice, "Retract").await;
        told(&world, "1 copy", "1 copy");
        gone_for_good(&world, 0).await;
        assert_eq!(copies(&world, KIT), 1, "{}: and not once more", world.database);
    });
}

/// A server took the copies and died before it could hand them over: what it held goes to nobody after all.
#[test]
fn copies_that_a_dead_server_held_are_stopped() {
    on_both(|world| async {
        let world = world.with_rose().await;
        let (notice, _) = approved(&world).await;
        world.lamplight.clock.set(world.now().plus_seconds(121));
        let now = world.now();
        world.lamplight.tick(now).await.unwrap();
        let claimed = claim_as_another_server(&world, now).await;
        assert_eq!(claimed, 2, "{}: Kit's copy and Tom's", world.database);
        answer(&world, DANA, &notice, "Retract").await;
        gone_for_good(&world, 0).await;
        assert_eq!(copies(&world, KIT), 0, "{}", world.database);
    });
}

/// The retraction comes while the copy is on the wire; the receiving server then says "later".
#[test]
fn a_copy_that_was_under_way_and_came_back_is_stopped() {
    on_both(|world| async {
        let world = world.with_rose().await;
        let (notice, _) = approved(&world).await;
        world.lamplight.clock.set(world.now().plus_seconds(121));
        let now = world.now();
        world.lamplight.tick(now).await.unwrap();
        let rows = {
            let mut tx = world.lamplight.store.begin().await.unwrap();
            let rows = claims::claim(&mut tx, 100, 100, now).await.unwrap().rows;
            tx.commit().await.unwrap();
            rows
        };
        answer(&world, DANA, &notice, "Retract").await;
        let mut tx = world.lamplight.store.begin().await.unwrap();
        for row in &rows {
            let end = settled::End::Later("451".into(), now.plus_seconds(60));
            let settled = [settled::Settled { id: row.id, fence: row.fence, end }];
            assert!(settled::settle(&mut tx, &settled, now).await.unwrap().is_empty());
        }
        tx.commit().await.unwrap();
        gone_for_good(&world, 0).await;
        assert_eq!(copies(&world, KIT), 0, "{}", world.database);
    });
}

async fn claim_as_another_server(world: &World, now: Timestamp) -> usize {
    let mut tx = world.lamplight.store.begin().await.unwrap();
    let claimed = claims::claim(&mut tx, 100, 100, now).await.unwrap().rows.len();
    tx.commit().await.unwrap();
    claimed
}

#[test]
fn a_digest_that_waits_leaves_it_out() {
    on_both(|world| async {
        let world = world.with_rose().await;
        world.change_person("rose", ADA, |ada| ada.delivery = Delivery::Daily).await;
        let (notice, _) = approved(&world).await;
        world.pass(121).await;
        // Mira's digest will hold two posts and waits; Ada's has left.
        world.write(&Letter::new(TOM, ROSE, "Tea", "Peppermint helps me.")).await;
        answer(&world, DANA, &world.latest(DANA), "Approve").await;
        world.pass(121).await;
        world.peer.answer("RCPT", "451 4.3.0 not now").to(MIRA);
        world.go_to("2026-11-23T17:31:00-05:00").await;
        assert!(world.latest(ADA).text().contains("lavender"), "{}", world.database);
        let before = world.count(MIRA);
        answer(&world, DANA, &notice, "Retract").await;
        // Kit, Tom and Ada have it, and Dana's own digest; Mira's is written anew.
        told(&world, "1 copy", "4 copies");
        world.peer.behave();
        world.pass(3_600).await;
        let digests = since(&world, MIRA, before);
        assert_eq!(digests.len(), 1, "{}", world.database);
        assert!(digests[0].text().contains("Peppermint") && !digests[0].text().contains("lavender"));
        assert!(!String::from_utf8_lossy(&digests[0].raw).contains("lavender"), "{}", world.database);
        world.pass(2 * 86_400).await;
        assert_eq!(world.count(MIRA), before + 1, "{}: and it is no second digest", world.database);
    });
}

/// As with single copies: a server took the digests and died, the post was taken back meanwhile.
#[test]
fn a_digest_that_a_dead_server_held_leaves_it_out() {
    on_both(|world| async {
        let world = world.with_rose().await;
        let (notice, _) = approved(&world).await;
        world.pass(121).await;
        world.write(&Letter::new(TOM, ROSE, "Tea", "Peppermint helps me.")).await;
        answer(&world, DANA, &world.latest(DANA), "Approve").await;
        world.pass(121).await;
        world.lamplight.clock.set(Timestamp::parse("2026-11-23T17:31:00-05:00").unwrap());
        let now = world.now();
        world.lamplight.tick(now).await.unwrap();
        assert_eq!(claim_as_another_server(&world, now).await, 2, "{}: Dana's and Mira's", world.database);
        answer(&world, DANA, &notice, "Retract").await;
        world.pass(3_600).await;
        let digest = world.latest(MIRA);
        assert!(digest.text().contains("Peppermint") && !digest.text().contains("lavender"), "{}", digest.text());
        gone_for_good(&world, 1).await;
    });
}

/// Two posts of one digest are taken back, one after the other.
#[test]
fn a_digest_loses_one_post_after_the_other() {
    on_both(|world| async {
        let world = world.with_rose().await;
        let (notice, _) = approved(&world).await;
        let mut notices = vec![notice];
        for (from, words) in [(TOM, "Peppermint helps me."), (ADA, "Ginger, too.")] {
            world.write(&Letter::new(from, ROSE, words, words)).await;
            notices.push(world.latest(DANA));
            answer(&world, DANA, &world.latest(DANA), "Approve").await;
        }
        world.pass(121).await;
        world.peer.answer("RCPT", "451 4.3.0 not now").to(MIRA);
        world.go_to("2026-11-23T17:31:00-05:00").await;
        answer(&world, DANA, &notices[0], "Retract").await;
        answer(&world, DANA, &notices[1], "Retract").await;
        world.peer.behave();
        world.pass(3_600).await;
        let text = world.latest(MIRA).text();
        assert!(text.contains("Ginger") && !text.contains("lavender") && !text.contains("Peppermint"), "{text}");
    });
}

#[test]
fn a_digest_of_nothing_else_is_not_sent() {
    on_both(|world| async {
        let world = world.with_rose().await;
        let (notice, _) = approved(&world).await;
        world.pass(121).await;
        world.peer.answer("RCPT", "451 4.3.0 not now").to(MIRA);
        world.go_to("2026-11-23T17:31:00-05:00").await;
        answer(&world, DANA, &notice, "Retract").await;
        told(&world, "1 copy", "3 copies");
        let before = world.count(MIRA);
        gone_for_good(&world, 1).await;
        assert_eq!(world.count(MIRA), before, "{}", world.database);
    });
}

/// Retracted before the digest hour: the digest that is made later knows nothing of it.
#[test]
fn a_digest_that_is_not_made_yet_leaves_it_out() {
    on_both(|world| async {
        let world = world.with_rose().await;
        let (notice, _) = approved(&world).await;
        world.pass(121).await;
        answer(&world, DANA, &notice, "Retract").await;
        let (dana, mira) = (world.count(DANA), world.count(MIRA));
        gone_for_good(&world, 1).await;
        assert_eq!((world.count(DANA), world.count(MIRA)), (dana, mira), "{}: empty days", world.database);
    });
}
