//! An alert goes on whatever happens beside it: other mail that is refused, a decision that is undone, a rota that changes.

use lamplight::model::member::MemberState;
use lamplight::model::post::PostState;

use crate::alerts::{CRY, EVE, MINUTE, all, away, on_call, with_rota};
use crate::scene::{ADMIN, DANA, MIRA, ROSE, RUTH};
use crate::support::{Letter, World, on_both};

/// How many mails Dana, Ruth, Eve and the administrator have.
fn counts(world: &World) -> [usize; 4] {
    [DANA, RUTH, EVE, ADMIN].map(|address| world.count(address))
}

#[test]
fn a_copy_in_doubt_keeps_no_step_waiting() {
    on_both(|world| async {
        let world = with_rota(world).await;
        // The alert is taken; the text to its author is refused for a reason that may be ours.
        world.peer.answer("RCPT", "550 5.7.1 message rejected by policy").to(MIRA);
        world.write(&Letter::new(MIRA, ROSE, "Dark", CRY)).await;
        world.pass(15 * MINUTE).await;
        assert!(world.latest(RUTH).text().contains("Asked before you"), "{}", world.database);
        world.pass(15 * MINUTE).await;
        assert_eq!(all(&world).await[0].step, 2, "{}: the administrators are asked", world.database);
    });
}

#[test]
fn where_the_first_of_them_is_in_doubt_the_next_is_asked() {
    on_both(|world| async {
        let world = with_rota(world).await;
        world.peer.answer("RCPT", "550 5.7.1 message rejected by policy").to("dana@");
        // Nothing else leaves in this time that could show that mail flows.
        world.write(&Letter::new("june@else.example", ROSE, "Please", "I am going to kill myself now.")).await;
        world.pass(15 * MINUTE).await;
        let [dana, ruth, ..] = counts(&world);
        assert_eq!((dana, ruth), (0, 1), "{}", world.database);
    });
}

#[test]
fn who_was_asked_before_the_way_closed_has_no_second_quarter_of_an_hour() {
    on_both(|world| async {
        let world = with_rota(world).await.openly().await;
        world.write(&Letter::new(MIRA, ROSE, "Dark", CRY)).await;
        world.pass(10 * MINUTE).await;
        world.peer.answer("CONNECT", "421 4.3.2 away");
        world.write(&Letter::new("kit@home.example", ROSE, "Soup", "I had soup.")).await;
        world.pass(5 * MINUTE).await;
        assert_eq!(all(&world).await[0].step, 1, "{}: Ruth's copy waits to leave first", world.database);
        world.pass(60 * MINUTE).await;
        assert_eq!(all(&world).await[0].step, 1, "{}: and nobody else is asked in vain", world.database);
    });
}

#[test]
fn where_all_mail_is_in_doubt_it_waits_for_an_hour_and_then_climbs() {
    on_both(|world| async {
        let world = with_rota(world).await;
        world.peer.answer("RCPT", "554 5.7.1 relay access denied");
        world.write(&Letter::new(MIRA, ROSE, "Dark", CRY)).await;
        for _ in 0..3 {
            world.pass(16 * MINUTE).await;
        }
        assert_eq!(all(&world).await[0].step, 0, "{}: nobody was asked in vain", world.database);
        world.pass(16 * MINUTE).await;
        assert_eq!(all(&world).await[0].step, 1, "{}: Ruth's copy may be one that leaves", world.database);
    });
}

/// One alert is open; Dana is asked at once, then Ruth, then the administrators, and MINE ends it.
async fn begins_again(world: &World, before: [usize; 4]) {
    let database = &world.database;
    assert_eq!(world.posts().await[0].state, PostState::Held, "{database}");
    let open = || async { all(world).await.into_iter().filter(|alert| alert.ended_at.is_none()).count() };
    assert_eq!(open().await, 1, "{database}");
    let asked = world.latest(DANA);
    assert!(asked.text().contains("Without an answer we ask Ruth"), "{database}: {}", asked.text());
    let now = counts(world);
    assert_eq!((now[0], now[3]), (before[0] + 1, before[3]), "{database}");
    world.pass(15 * MINUTE).await;
    assert!(world.latest(RUTH).text().contains("Asked before you"), "{database}: {}", world.latest(RUTH).text());
    world.pass(15 * MINUTE).await;
    assert_eq!(world.count(ADMIN), before[3] + 1, "{database}");
    world.write(&Letter::answering(DANA, &asked, "MINE")).await;
    assert_eq!(open().await, 0, "{database}");
}

#[test]
fn an_undone_decision_asks_anew() {
    on_both(|world| async {
        let world = with_rota(world).await;
        world.write(&Letter::new(MIRA, ROSE, "Dark", CRY)).await;
        // She had said MINE before: that was the first alert's answer.
        world.write(&Letter::answering(DANA, &world.latest(DANA), "MINE")).await;
        world.write(&Letter::answering(DANA, &world.latest(DANA), "Return: I have telephoned you.")).await;
        assert_eq!(all(&world).await[0].ended_how.as_deref(), Some("mine"), "{}", world.database);
        let (before, texts) = (counts(&world), world.count(MIRA));
        world.write(&Letter::answering(DANA, &world.latest(DANA), "UNDO")).await;
        assert!(world.latest(DANA).text().contains("Dana undid the decision"), "{}", world.latest(DANA).text());
        begins_again(&world, before).await;
        assert_eq!(world.count(MIRA), texts, "{}: its author hears nothing of it", world.database);
    });
}

#[test]
fn the_brake_on_an_approval_asks_anew() {
    on_both(|world| async {
        let world = with_rota(world).await;
        world.write(&Letter::new(MIRA, ROSE, "Dark", CRY)).await;
        world.write(&Letter::answering(DANA, &world.latest(DANA), "approve")).await;
        world.write(&Letter::answering(DANA, &world.latest(DANA), "approve")).await;
        assert_eq!(all(&world).await[0].ended_how.as_deref(), Some("approve"), "{}", world.database);
        let (before, now) = (counts(&world), world.now().plus_seconds(10));
        world.pass(10).await;
        world.change_group("rose", |group| group.hold_everything_since = Some(now)).await;
        world.pass(150).await;
        begins_again(&world, before).await;
    });
}

#[test]
fn who_said_mine_and_goes_leaves_it_to_the_others() {
    for gone in [MemberState::Removed, MemberState::Suspended] {
        on_both(|world| async {
            let world = with_rota(world).await;
            world.write(&Letter::new(MIRA, ROSE, "Dark", CRY)).await;
            world.write(&Letter::answering(DANA, &world.latest(DANA), "MINE")).await;
            let [dana, ..] = counts(&world);
            world.change_person("rose", DANA, |dana| dana.state = gone).await;
            world.run().await;
            let text = world.latest(RUTH).text();
            assert!(text.contains("Without an answer we ask the administrators"), "{}: {text}", world.database);
            world.pass(15 * MINUTE).await;
            assert_eq!((world.count(DANA), world.count(ADMIN)), (dana, 1), "{}", world.database);
        });
    }
}

/// How many mails Dana, Ruth, Eve and the administrator get within one step.
async fn next_step(world: &World) -> [usize; 4] {
    let before = counts(world);
    world.pass(15 * MINUTE).await;
    let after = counts(world);
    [0, 1, 2, 3].map(|place| after[place] - before[place])
}

#[test]
fn who_goes_off_the_rota_in_a_climb_takes_nobody_elses_turn() {
    for is_removed in [false, true] {
        on_both(|world| async {
            let world = with_rota(world).await;
            world.write(&Letter::new(MIRA, ROSE, "Dark", CRY)).await;
            world.pass(5 * MINUTE).await;
            if is_removed {
                world.change_person("rose", DANA, |dana| dana.state = MemberState::Removed).await;
            } else {
                away(&world, DANA, 24).await;
            }
            world.pass(10 * MINUTE).await;
            let text = world.latest(RUTH).text();
            assert!(text.contains("Without an answer we ask the administrators"), "{}: {text}", world.database);
            assert_eq!(world.count(ADMIN), 0, "{}: Ruth comes first", world.database);
            assert_eq!(next_step(&world).await, [0, 0, 0, 1], "{}", world.database);
        });
    }
}

#[test]
fn who_comes_back_in_a_climb_is_asked_and_nobody_twice() {
    on_both(|world| async {
        let world = with_rota(world).await;
        away(&world, DANA, 1).await;
        world.pass(50 * MINUTE).await;
        world.write(&Letter::new(MIRA, ROSE, "Dark", CRY)).await;
        assert!(world.latest(RUTH).text().contains("Without an answer we ask the admin"), "{}", world.database);
        // Dana is back after ten minutes.
        assert_eq!(next_step(&world).await, [1, 0, 0, 0], "{}", world.database);
        assert!(world.latest(DANA).text().contains("- Ruth, "), "{}", world.latest(DANA).text());
        assert_eq!(next_step(&world).await, [0, 0, 0, 1], "{}", world.database);
        assert_eq!(next_step(&world).await, [1, 1, 1, 1], "{}: then everybody", world.database);
    });
}

#[test]
fn who_is_put_in_front_in_a_climb_is_asked_next() {
    on_both(|world| async {
        let world = with_rota(world).await;
        world.write(&Letter::new(MIRA, ROSE, "Dark", CRY)).await;
        on_call(&world, &[EVE, DANA, RUTH]).await;
        assert_eq!(next_step(&world).await, [0, 0, 1, 0], "{}", world.database);
        assert!(world.latest(EVE).text().contains("Without an answer we ask Ruth"), "{}", world.database);
        assert_eq!(next_step(&world).await, [0, 1, 0, 0], "{}", world.database);
        assert_eq!(next_step(&world).await, [0, 0, 0, 1], "{}", world.database);
    });
}
