//! A moderator's word that goes to an address of the group: never a post, never a decision, and she is asked.

use lamplight::model::post::PostState;

use crate::scene::{
    CRY, DANA, KIT, MIRA, ROSE, RUTH, TOM, besides_lists, copies, everybody_is_known, held_post, post_of, state,
    still_held,
};
use crate::support::{Captured, Letter, World, on_both};

async fn nobody_heard(world: &World, before: &[usize; 4]) {
    let now = [KIT, TOM, MIRA, RUTH].map(|address| besides_lists(world, address).len());
    assert_eq!(&now, before, "{}", world.database);
}

fn counts(world: &World) -> [usize; 4] {
    [KIT, TOM, MIRA, RUTH].map(|address| besides_lists(world, address).len())
}

/// Kit's post is out; the addresses of its conversation and of a digest that holds it.
async fn published(world: &World) -> (Captured, String) {
    everybody_is_known(world).await;
    world.write(&Letter::new(KIT, ROSE, "Bread", "I bake.")).await;
    world.go_to("2026-11-23T17:30:00-05:00").await;
    let digest = world.latest(DANA);
    assert!(digest.reply_address().starts_with("rose+d."), "{}", digest.reply_address());
    (world.latest(TOM), digest.reply_address())
}

#[test]
fn with_one_post_waiting_its_notice_comes_again() {
    on_both(|world| async {
        let world = world.with_rose().await;
        let (copy, digest) = published(&world).await;
        world.change_group("rose", |group| group.moderation = lamplight::model::group::Moderation::All).await;
        held_post(&world).await;
        let posts = world.posts().await.len();
        for (to, words) in [
            (ROSE.to_owned(), "Approve"),
            (copy.reply_address(), "APPROVE, thanks\n\nDana"),
            (digest, "approved."),
            (ROSE.to_owned(), "Return: the name of the ward is in it"),
            (ROSE.to_owned(), "Read"),
            (ROSE.to_owned(), "Private"),
        ] {
            let (before, dana) = (counts(&world), besides_lists(&world, DANA).len());
            world.write(&Letter::new(DANA, &to, "Re: Bread", words)).await;
            world.pass(3_601).await;
            assert_eq!(world.posts().await.len(), posts, "{}: {words} to {to} is no post", world.database);
            assert_eq!(state(&world, posts - 1).await, PostState::Held, "{}: {words}", world.database);
            let got = besides_lists(&world, DANA);
            assert_eq!(got.len(), dana + 1, "{}: {words} to {to}", world.database);
            let text = got.last().unwrap().text().split_whitespace().collect::<Vec<_>>().join(" ");
            assert!(text.contains("to an address of the group. Nothing was decided"), "{}: {text}", world.database);
            nobody_heard(&world, &before).await;
        }
        let fresh = besides_lists(&world, DANA).pop().unwrap();
        world.write(&Letter::answering(DANA, &fresh, "Approve")).await;
        world.pass(121).await;
        assert_eq!(copies(&world, TOM), 1, "{}: the fresh notice decides", world.database);
    });
}

#[test]
fn a_cry_behind_a_word_is_heard() {
    on_both(|world| async {
        let world = world.with_rose().await;
        let before = world.count(RUTH);
        world.write(&Letter::new(DANA, ROSE, "Note", &format!("NOTE: {CRY}"))).await;
        assert_eq!(world.count(RUTH), before + 1, "{}", world.database);
        assert_eq!(world.latest(RUTH).subject(), "1 message to read now", "{}", world.database);
    });
}

#[test]
fn with_several_waiting_they_are_listed() {
    on_both(|world| async {
        let world = world.with_rose().await;
        held_post(&world).await;
        let (notice, _) = post_of(&world, MIRA, "Hello", "I am new here.").await;
        let before = counts(&world);
        world.write(&Letter::new(DANA, ROSE, "approve", "Approve please")).await;
        let list = world.latest(DANA);
        assert_eq!(list.subject(), "Which message did you mean?", "{}", world.database);
        for words in ["1. Rose: Kit, “Waiting”", "2. Rose: Mira, “Hello”"] {
            assert!(list.text().contains(words), "{}: {}", world.database, list.text());
        }
        assert!(!list.text().contains("lavender"), "{}", list.text());
        nobody_heard(&world, &before).await;
        still_held(&world, "a list").await;
        world.write(&Letter::answering(DANA, &notice, "Approve")).await;
        world.pass(121).await;
        assert_eq!((state(&world, 0).await, state(&world, 1).await), (PostState::Held, PostState::Published));
    });
}

#[test]
fn with_none_waiting_she_is_told_so() {
    on_both(|world| async {
        let world = world.with_rose().await;
        let (copy, _) = published(&world).await;
        let before = counts(&world);
        world.write(&Letter::new(DANA, &copy.reply_address(), "Re: Bread", "Retract")).await;
        let list = world.latest(DANA);
        assert_eq!(list.subject(), "Which message did you mean?", "{}", world.database);
        assert!(list.text().contains("No message waits"), "{}", list.text());
        assert_eq!(
            (world.posts().await.len(), state(&world, 0).await),
            (1, PostState::Published),
            "{}",
            world.database
        );
        nobody_heard(&world, &before).await;
    });
}

#[test]
fn members_words_and_her_other_words_are_posts() {
    on_both(|world| async {
        let world = world.with_rose().await;
        everybody_is_known(&world).await;
        world.write(&Letter::new(KIT, ROSE, "A word", "Approve")).await;
        world.write(&Letter::new(TOM, ROSE, "Away", "Note: I am away on Friday.")).await;
        world.write(&Letter::new(DANA, ROSE, "Friday", "I approve of your courage, all of you.")).await;
        let states: Vec<PostState> = world.posts().await.iter().map(|post| post.state).collect();
        assert_eq!(states, [PostState::Published, PostState::Published, PostState::Held], "{}", world.database);
        assert_eq!(world.latest(DANA).subject(), "Did you write this to Rose?", "{}", world.database);
    });
}
