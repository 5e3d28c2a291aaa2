//! An alert goes on whatever happens beside it: other mail that is refused, a decision that is undone, a rota that changes.

use crate::alerts::{CRY, EVE, MINUTE, all, with_rota};
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
