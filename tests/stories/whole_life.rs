//! A group's first day: a member writes, the post is held, a social worker approves, the group reads it in single
//! mails or in a digest, and answers into the same conversation.

use crate::support::{Letter, World, on_both};

#[test]
fn a_member_writes_a_social_worker_approves_and_the_group_reads_and_answers() {
    on_both(|world| async { the_whole_life(world.with_rose().await).await });
}

async fn the_whole_life(world: World) {
    let first = Letter::new(
        "mira@home.example",
        "rose@groups.example",
        "First scan",
        "Hello all, my first scan is on Thursday.\nHow did you get through the waiting?",
    );
    world.write(&first).await;

    // Held: the author is told, both moderators are asked, nobody else hears anything.
    let held = world.latest("mira@home.example");
    assert_eq!(held.subject(), "We have your message");
    assert_eq!(held.reverse_path, "", "an automatic answer has the null return path");
    let notice = world.latest("dana@work.example");
    assert!(notice.text().contains("my first scan is on Thursday"), "{}", notice.text());
    assert!(notice.text().contains("APPROVE"));
    assert!(notice.reply_address().starts_with("lamplight+m."), "{}", notice.reply_address());
    assert_eq!(world.count("ruth@work.example"), 1);
    assert_eq!(world.count("kit@home.example") + world.count("tom@home.example") + world.count("ada@home.example"), 0);

    // Approved: at first it can be undone, then the group has it.
    world.write(&Letter::answering("dana@work.example", &notice, "Approved, thanks!")).await;
    assert_eq!(world.count("kit@home.example"), 0, "the undo window is open");
    assert!(world.latest("ruth@work.example").text().contains("Dana"), "the co-moderator is told who decided");
    world.pass(121).await;
    let copy = world.latest("kit@home.example");
    assert_eq!(copy.subject(), "First scan");
    assert!(copy.text().starts_with("Hello all, my first scan is on Thursday."), "{}", copy.text());
    assert!(copy.header("From").contains("Mira") && copy.header("From").contains("rose@groups.example"));
    assert_eq!(copy.recipients, ["kit@home.example"]);
    assert_eq!(world.count("mira@home.example"), 1, "Mira reads digests: no copy of her own");

    // Kit answers into the conversation; held as a first post, approved by Ruth.
    world.write(&Letter::answering("kit@home.example", &copy, "I counted the tiles on the ceiling.")).await;
    let notice = world.latest("ruth@work.example");
    assert!(notice.text().contains("I counted the tiles"), "{}", notice.text());
    world.write(&Letter::answering("ruth@work.example", &notice, "approve")).await;
    world.pass(121).await;
    assert!(world.latest("tom@home.example").text().starts_with("I counted the tiles on the ceiling."));
    assert_eq!(world.latest("tom@home.example").subject(), "Re: First scan");
    let references = world.latest("tom@home.example").header("References");
    assert_eq!(references, copy.header("Message-ID"), "the thread stands in our own ids");

    // The digest at half past five: both posts, one conversation; then nothing new, no digest.
    world.go_to("2026-11-23T17:31:00-05:00").await;
    let digest = world.latest("mira@home.example");
    assert_eq!(world.count("mira@home.example"), 2);
    assert!(digest.text().contains("my first scan is on Thursday") && digest.text().contains("I counted the tiles"));
    assert!(digest.html().contains("I counted the tiles"));
    assert_eq!(world.posts().await.iter().map(|post| post.thread).collect::<std::collections::HashSet<_>>().len(), 1);
    world.go_to("2026-11-24T17:31:00-05:00").await;
    assert_eq!(world.count("mira@home.example"), 2, "an empty day sends nothing");

    // Mira answers the conversation from the digest: known now, so it goes out at once.
    let text = digest.text();
    let reply_to = text.split_whitespace().find(|word| word.contains("rose+t.")).unwrap().trim_matches(['<', '>', '.']);
    world.write(&Letter::new("mira@home.example", reply_to, "Re: Rose", "Thank you, Kit.")).await;
    assert!(
        world.latest("kit@home.example").text().starts_with("Thank you, Kit."),
        "{}",
        world.latest("kit@home.example").text()
    );
    assert_eq!(world.posts().await.iter().map(|post| post.thread).collect::<std::collections::HashSet<_>>().len(), 1);
}
