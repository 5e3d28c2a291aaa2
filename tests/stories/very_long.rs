//! A text of a megabyte and more: a person decides about it, every notice of it stays small enough for any mail server, and the
//! whole of it is kept.

use lamplight::model::post::PostState;

use crate::scene::{ADMIN, DANA, KIT, RUTH, TOM};
use crate::support::{Captured, Letter, on_both};

const MOST: usize = 1_000_000;

fn cut(mail: &Captured, database: &str) {
    let text = mail.text().replace("\n> ", " ");
    assert!(mail.raw.len() < MOST, "{database}: {} octets to {:?}", mail.raw.len(), mail.recipients);
    assert!(text.contains("cut here: the whole message has 1."), "{database}: {}", &text[text.len() - 2_000..]);
}

#[test]
fn an_alert_is_small_whatever_came() {
    on_both(|world| async {
        let world = world.with_rose().await.openly().await;
        let words = format!("I want to kill myself tonight.\n\n{}", "\"word\" <é>\n\n".repeat(90_000));
        world.says("kit", "Tonight", &words).await;
        let post = world.post_with("Tonight").await;
        assert_eq!(post.state, PostState::Held);
        assert!(post.text.len() > 1_000_000, "it is kept whole");
        for moderator in [DANA, RUTH] {
            let mail = world.latest(moderator);
            assert!(mail.text().contains("I want to kill myself tonight."), "{}", world.database);
            assert!(mail.text().contains(&format!("lamplight post show {}", post.id)), "{}", world.database);
            cut(&mail, world.database);
        }
        // Returned, its author gets the beginning back; and so do the private line and the postmaster's mail.
        let notice = world.latest(DANA);
        world.write(&Letter::answering(DANA, &notice, "RETURN: please write to me")).await;
        world.pass(3_600).await;
        let returned = world.latest(KIT);
        assert!(returned.text().contains("please write to me"), "{}", world.database);
        cut(&returned, world.database);
        for (to, reader) in [("rose-owner@groups.example", DANA), ("postmaster@groups.example", ADMIN)] {
            let before = world.count(reader);
            world.write(&Letter::new(KIT, to, "Help", &words)).await;
            assert_eq!(world.count(reader), before + 1, "{}: {to}", world.database);
            cut(&world.latest(reader), world.database);
            assert!(world.latest(reader).text().contains("lamplight spool show"), "{}: {to}", world.database);
        }
    });
}

#[test]
fn a_person_decides_about_a_very_long_post() {
    on_both(|world| async {
        let world = world.with_rose().await.openly().await;
        world.says("kit", "Long", &"A long day. ".repeat(5_000)).await;
        assert_eq!(world.post_with("Long").await.state, PostState::Published, "60 KB are a letter");
        let before = world.count(TOM);
        world.says("kit", "Longer", &format!("{}The end.", "A long day. ".repeat(6_000))).await;
        let post = world.post_with("Longer").await;
        assert_eq!(post.state, PostState::Held, "{}", world.database);
        assert_eq!(post.reasons.iter().map(|reason| reason.word()).collect::<Vec<_>>(), ["very-long"]);
        assert!(world.latest(DANA).text().contains("it is very long"), "{}", world.database);
        world
            .lamplight
            .decide_as_administrator(post.id, lamplight::model::command::Verb::Approve, None, world.now())
            .await
            .unwrap();
        world.run().await;
        assert_eq!(world.count(TOM), before + 1);
        assert!(world.latest(TOM).text().contains("The end."), "the group gets it whole");
    });
}
