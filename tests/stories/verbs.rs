//! EDIT, TRUST, ESCALATE, PRIVATE and NOTE: what each does, from the reply to what the group, the author and the others get.

use lamplight::model::post::PostState;
use lamplight::store::notes;

use crate::scene::{
    ADMIN, CRY, DANA, KIT, MIRA, ROSE, RUTH, TOM, copies, everybody_is_known, held_post, post_of, state, still_held,
};
use crate::support::{Captured, Letter, World, on_both, on_both_with};

async fn answer(world: &World, from: &str, notice: &Captured, words: &str) {
    world.write(&Letter::answering(from, notice, words)).await;
}

fn squeezed(mail: &Captured) -> String {
    mail.text().split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The latest mail to somebody has this subject and says these words.
fn told(world: &World, address: &str, subject: &str, words: &[&str]) -> Captured {
    let mail = world.latest(address);
    let text = squeezed(&mail);
    assert_eq!(mail.subject(), subject, "{}: {text}", world.database);
    for said in words {
        assert!(text.contains(said), "{}: no “{said}” in {text}", world.database);
    }
    mail
}

/// How many mails hold these words, to whomever but the moderators.
fn beyond_moderators(world: &World, words: &str) -> usize {
    let mail = world.peer.mail();
    let is_told = |mail: &&Captured| {
        !mail.recipients[0].ends_with("@work.example")
            && (mail.text().contains(words) || String::from_utf8_lossy(&mail.raw).contains(words))
    };
    mail.iter().filter(is_told).count()
}

#[test]
fn edit_publishes_the_new_words_and_keeps_the_old() {
    on_both(|world| async {
        let world = world.with_rose().await;
        let (notice, _) = post_of(&world, MIRA, "Hello", "I am Mira.\nDr. Hall on ward 7 was kind to me.").await;
        answer(&world, DANA, &notice, "EDIT: I am Mira.\nMy doctor was kind to me.\n\nThanks,\nDana").await;
        told(
            &world,
            RUTH,
            "Dana answered EDIT",
            &["Dana changed Mira’s message and approved it.", "taken out: “Dr. Hall on ward 7”; put in: “My doctor”"],
        );
        world.pass(119).await;
        still_held(&world, "EDIT, while the window is open").await;
        assert_eq!(beyond_moderators(&world, "My doctor"), 0, "{}", world.database);
        world.pass(1).await;
        let copy = world.latest(TOM);
        assert!(squeezed(&copy).contains("My doctor was kind to me."), "{}", copy.text());
        assert!(squeezed(&copy).contains("The moderators edited this message."), "{}", copy.text());
        assert!(!copy.text().contains("Dana") && !copy.text().contains("Thanks"), "{}", copy.text());
        // The digest of the day goes to the author, too: her post as the group sees it.
        world.go_to("2026-11-23T17:30:00-05:00").await;
        let digest = world.latest(MIRA);
        assert!(
            squeezed(&digest).contains("My doctor was kind to me. (Edited by the moderators.)"),
            "{}",
            digest.text()
        );
        assert_eq!(beyond_moderators(&world, "Dr. Hall"), 0, "{}: the old words are for moderators", world.database);
        let post = &world.posts().await[0];
        assert_eq!(post.original.as_deref(), Some("I am Mira.\nDr. Hall on ward 7 was kind to me."));
        assert_eq!(post.text, "I am Mira.\nMy doctor was kind to me.");
        // A token that was bound to the old words still takes it back.
        answer(&world, DANA, &notice, "Retract").await;
        assert_eq!(state(&world, 0).await, PostState::Retracted);
    });
}

/// A server may hand the author's mail over again, by another way.
#[test]
fn another_copy_of_an_edited_post_is_no_other_post() {
    on_both(|world| async {
        let world = world.with_rose().await;
        let letter = Letter::new(KIT, ROSE, "Hello", "Dr. Hall was kind to me.").bytes();
        world.deliver(KIT, &[ROSE], &letter).await;
        world.run().await;
        answer(&world, DANA, &world.latest(DANA), "EDIT: My doctor was kind to me.").await;
        world.pass(121).await;
        let again = [b"Received: by mx2.home.example\r\n".as_slice(), &letter].concat();
        world.deliver(KIT, &[ROSE], &again).await;
        world.run().await;
        assert_eq!(world.posts().await.len(), 1, "{}", world.database);
    });
}

#[test]
fn edit_is_undone_as_any_approval() {
    on_both(|world| async {
        let world = world.with_rose().await;
        let (notice, other) = held_post(&world).await;
        answer(&world, DANA, &notice, "Edit\nThe ward smells of spring.").await;
        answer(&world, RUTH, &other, "approve").await;
        told(&world, RUTH, "Nothing was decided", &["It was edited and approved by Dana."]);
        answer(&world, DANA, &notice, "undo").await;
        world.pass(3_600).await;
        still_held(&world, "UNDO of an edit").await;
        assert_eq!(world.posts().await[0].original, None);
        assert_eq!(beyond_moderators(&world, "of spring"), 0, "{}", world.database);
        answer(&world, RUTH, &world.latest(RUTH), "approve").await;
        world.pass(121).await;
        assert_eq!(copies(&world, TOM), 1, "{}: her own words go out after all", world.database);
        assert!(!world.latest(TOM).text().contains("edited"), "{}", world.database);
    });
}

#[test]
fn an_edit_that_names_somebody_decides_nothing() {
    on_both(|world| async {
        let world = world.with_rose().await;
        let (notice, _) = held_post(&world).await;
        for words in ["EDIT: Write to tom@home.example.", "EDIT: Christopher Waller smells lavender."] {
            answer(&world, DANA, &notice, words).await;
            told(&world, DANA, "Nothing was decided", &["a real name of somebody in the group"]);
            world.pass(3_600).await;
            still_held(&world, words).await;
        }
        answer(&world, DANA, &notice, "EDIT: I smell lavender.").await;
        world.pass(121).await;
        assert_eq!(copies(&world, TOM), 1, "{}: the same token still decides", world.database);
    });
}

#[test]
fn an_edit_that_a_flag_would_hold_is_asked_about_once_more() {
    on_both(|world| async {
        let world = world.with_rose().await;
        let (notice, _) = held_post(&world).await;
        answer(&world, DANA, &notice, &format!("EDIT: Kit said: {CRY}")).await;
        let asked =
            told(&world, DANA, "Please answer once more", &["possible crisis", "write EDIT at the very top, alone"]);
        world.pass(121).await;
        still_held(&world, "EDIT with words of danger").await;
        // APPROVE would let other words out than she was asked about.
        answer(&world, DANA, &asked, "Approve").await;
        let original = told(
            &world,
            DANA,
            "Please answer once more",
            &["You answered APPROVE", "The group would get the words of Kit"],
        );
        world.pass(121).await;
        still_held(&world, "APPROVE to a question about EDIT").await;
        answer(&world, DANA, &asked, "EDIT").await;
        world.pass(121).await;
        assert!(world.latest(TOM).text().contains("I am going to kill myself"), "{}", world.latest(TOM).text());
        answer(&world, DANA, &original, "Approve").await;
        world.pass(121).await;
        assert_eq!(world.count(TOM), 1, "{}: one release", world.database);
    });
}

#[test]
fn the_edit_of_a_flagged_post_needs_a_second_word() {
    on_both(|world| async {
        let world = world.with_rose().await;
        let (notice, _) = post_of(&world, KIT, "Tonight", CRY).await;
        answer(&world, DANA, &notice, "EDIT: I feel very low tonight.").await;
        let asked = told(&world, DANA, "Please answer once more", &["You answered EDIT", "possible crisis"]);
        world.pass(121).await;
        assert_eq!((state(&world, 0).await, world.count(TOM)), (PostState::Held, 0), "{}", world.database);
        // Other words than those asked about are asked about again.
        answer(&world, DANA, &asked, "EDIT: I feel low.").await;
        world.pass(121).await;
        assert_eq!((state(&world, 0).await, world.count(TOM)), (PostState::Held, 0), "{}", world.database);
        answer(&world, DANA, &world.latest(DANA), "edit, thanks").await;
        world.pass(121).await;
        assert!(world.latest(TOM).text().contains("I feel low."), "{}", world.latest(TOM).text());
    });
}

#[test]
fn trust_asks_once_and_then_holds_no_first_post() {
    on_both(|world| async {
        let world = world.with_rose().await;
        let (notice, other) = held_post(&world).await;
        answer(&world, DANA, &notice, "Trust").await;
        let asked = told(&world, DANA, "Please answer once more", &["You answered TRUST", "Kit’s further messages"]);
        world.pass(121).await;
        still_held(&world, "TRUST, once").await;
        answer(&world, RUTH, &asked, "Trust").await;
        answer(&world, RUTH, &other, "Trust").await;
        world.pass(121).await;
        still_held(&world, "TRUST, with another's question").await;
        answer(&world, DANA, &asked, "TRUST, thank you").await;
        assert!(
            world.person("rose", KIT).await.trusted_since.is_none(),
            "{}: not before the window ends",
            world.database
        );
        world.pass(121).await;
        assert_eq!(copies(&world, TOM), 1, "{}", world.database);
        assert!(world.person("rose", KIT).await.trusted_since.is_some(), "{}", world.database);
        world.write(&Letter::new(KIT, ROSE, "Another", "The garden is quiet.")).await;
        assert_eq!(state(&world, 1).await, PostState::Published, "{}", world.database);
    });
}

#[test]
fn trust_that_is_undone_trusts_nobody() {
    on_both(|world| async {
        let world = world.with_rose().await;
        let (notice, _) = held_post(&world).await;
        answer(&world, DANA, &notice, "Trust").await;
        let asked = world.latest(DANA);
        answer(&world, DANA, &asked, "Trust").await;
        answer(&world, DANA, &world.latest(DANA), "Undo").await;
        world.pass(3_600).await;
        still_held(&world, "TRUST and UNDO").await;
        assert!(world.person("rose", KIT).await.trusted_since.is_none(), "{}", world.database);
    });
}

#[test]
fn escalate_asks_everybody_else_at_once() {
    on_both(|world| async {
        let world = world.with_rose().await;
        let (notice, _) = held_post(&world).await;
        let before = [DANA, RUTH, ADMIN, KIT, TOM].map(|address| world.count(address));
        answer(&world, DANA, &notice, "Please escalate this, thanks").await;
        let after = [DANA, RUTH, ADMIN, KIT, TOM].map(|address| world.count(address));
        let heard: Vec<usize> = after.iter().zip(before).map(|(after, before)| after - before).collect();
        assert_eq!(heard, [1, 1, 1, 0, 0], "{}", world.database);
        told(&world, DANA, "You answered ESCALATE", &["We wrote just now to: Ruth, the administrators."]);
        let to_ruth = told(&world, RUTH, "Dana asks for your help now", &["lavender", "MINE"]);
        let to_admin = told(&world, ADMIN, "Dana asks for your help now", &["lamplight held show 1"]);
        assert!(!to_admin.text().contains("lavender"), "{}: no words of members", world.database);
        still_held(&world, "ESCALATE").await;
        answer(&world, RUTH, &to_ruth, "approve").await;
        world.pass(121).await;
        assert_eq!(copies(&world, TOM), 1, "{}: the notice of an escalation decides", world.database);
        // Also of what the group has, and by a used token.
        answer(&world, RUTH, &to_ruth, "escalate").await;
        let to_dana = told(&world, DANA, "Ruth asks for your help now", &["It was decided before"]);
        answer(&world, DANA, &to_dana, "retract").await;
        assert_eq!(state(&world, 0).await, PostState::Retracted, "{}", world.database);
    });
}

#[test]
fn escalate_says_when_nobody_else_is_there() {
    on_both_with(
        |config| config.service.administrators.clear(),
        |world| async {
            let world = world.with_rose().await;
            let suspended = lamplight::model::member::MemberState::Suspended;
            world.change_person("rose", RUTH, |ruth| ruth.state = suspended).await;
            world.write(&Letter::new(KIT, ROSE, "Waiting", "The ward smells of lavender today.")).await;
            let notice = world.latest(DANA);
            answer(&world, DANA, &notice, "Escalate").await;
            told(&world, DANA, "You answered ESCALATE", &["nobody else looks after Rose", "Please call somebody"]);
        },
    );
}

#[test]
fn private_reaches_the_author_alone_with_both_addresses_covered() {
    on_both(|world| async {
        let world = world.with_rose().await;
        let (notice, other) = held_post(&world).await;
        let before = world.count(KIT);
        answer(&world, DANA, &notice, "Private").await;
        told(&world, DANA, "Nothing was decided", &["PRIVATE needs your words to the author"]);
        answer(&world, DANA, &notice, "PRIVATE: Call me: dana@work.example").await;
        told(&world, DANA, "Nothing was decided", &["We do not pass addresses on"]);
        assert_eq!(world.count(KIT), before, "{}", world.database);
        answer(&world, DANA, &notice, "PRIVATE: Dear Kit, would a call help?\nWith care, Dana").await;
        let note = told(
            &world,
            KIT,
            "A message for you alone",
            &[
                "Dana read your message and wrote you this",
                "Dear Kit, would a call help?",
                "> The ward smells of lavender today.",
            ],
        );
        assert_eq!(world.count(KIT), before + 1, "{}", world.database);
        assert_eq!(beyond_moderators(&world, "would a call help"), 1, "{}", world.database);
        let raw = String::from_utf8_lossy(&note.raw).into_owned();
        assert!(!raw.contains("work.example") && raw.contains("rose-owner@groups.example"), "{raw}");
        told(
            &world,
            RUTH,
            "Dana answered PRIVATE",
            &["Dana wrote to Kit alone. Nothing is decided yet.", "would a call help"],
        );
        still_held(&world, "PRIVATE").await;
        // What the author writes back reaches all moderators, and the post waits on.
        let back = Letter::answering(KIT, &note, "Yes please, tonight.").to("rose-owner@groups.example");
        world.write(&back).await;
        for moderator in [DANA, RUTH] {
            assert!(world.latest(moderator).text().contains("Yes please, tonight."), "{}", world.database);
        }
        still_held(&world, "the author's answer").await;
        answer(&world, RUTH, &other, "approve").await;
        world.pass(121).await;
        assert_eq!(copies(&world, TOM), 1, "{}", world.database);
    });
}

#[test]
fn notes_are_for_moderators_and_stay() {
    on_both(|world| async {
        let world = world.with_rose().await;
        let (notice, other) = held_post(&world).await;
        answer(&world, DANA, &notice, "NOTE: her sister is with her, next scan on the 4th").await;
        told(&world, RUTH, "Dana answered NOTE", &["Only moderators see it", "her sister is with her"]);
        answer(&world, RUTH, &other, "Note\nPrefers a call in the morning.").await;
        still_held(&world, "NOTE").await;
        answer(&world, DANA, &notice, "approve").await;
        world.pass(121).await;
        world.write(&Letter::new(KIT, ROSE, "Pain", "You should stop taking your tamoxifen and drink this tea.")).await;
        world.write(&Letter::new(KIT, ROSE, "Tonight", CRY)).await;
        let hold = told(
            &world,
            DANA,
            "1 message to read now",
            &[
                "Notes about Kit, for moderators only:",
                "Dana, Monday 23 November:",
                "> her sister is with her, next scan on the 4th",
                "> Prefers a call in the morning.",
                "Posts so far: 1",
            ],
        );
        let text = squeezed(&hold);
        if state(&world, 1).await == PostState::Held {
            assert!(text.contains("Earlier flags: medical advice (Monday 23 November)"), "{text}");
        }
        world.pass(86_400).await;
        for words in ["sister is with her", "a call in the morning"] {
            assert_eq!(beyond_moderators(&world, words), 0, "{}: {words}", world.database);
        }
        let kit = world.person("rose", KIT).await.id;
        for statement in ["update notes set words = 'x'", "delete from notes"] {
            let tried = tokio::spawn({
                let url = world.lamplight.config.database.url.clone();
                async move {
                    use sqlx::{Connection, Executor};
                    sqlx::any::install_default_drivers();
                    let mut db = sqlx::AnyConnection::connect(&url).await.unwrap();
                    db.execute(statement).await.is_err()
                }
            });
            assert!(tried.await.unwrap(), "{}: {statement}", world.database);
        }
        let kept = notes::latest(&mut world.lamplight.store.read().await.unwrap(), kit, 9).await.unwrap();
        assert_eq!(kept.len(), 2, "{}", world.database);
    });
}

#[test]
fn earlier_flags_are_told() {
    on_both(|world| async {
        let world = world.with_rose().await;
        everybody_is_known(&world).await;
        world.write(&Letter::new(KIT, ROSE, "Tonight", CRY)).await;
        assert!(!world.latest(DANA).text().contains("Earlier flags"), "{}", world.latest(DANA).text());
        world.pass(3 * 86_400).await;
        world.write(&Letter::new(TOM, ROSE, "Tonight", CRY)).await;
        assert!(!world.latest(DANA).text().contains("Earlier flags"), "{}: Kit's are Kit's", world.database);
        world.write(&Letter::new(KIT, ROSE, "Again", CRY)).await;
        told(&world, DANA, "1 message to read now", &["Earlier flags: possible crisis (Monday 23 November)"]);
    });
}

/// Yahoo and others quote without marks; the notice has marked lines inside.
#[test]
fn a_notice_that_is_quoted_without_marks_is_cut_where_it_begins() {
    on_both(|world| async {
        let world = world.with_rose().await;
        let (notice, _) = held_post(&world).await;
        let quoted = format!(
            "    On Monday, November 23, 2026 at 02:05:00 PM EST, Rose <rose-owner@groups.example> wrote:  \n \n {}",
            notice.text()
        );
        let reply = |words: &str, below: &str| {
            let body = format!(" {words}\n\n{quoted}\n{below}");
            Letter::new(DANA, &notice.reply_address(), "Re: 1 message to read", &body)
        };
        world.write(&reply("RETURN:", "")).await;
        told(&world, DANA, "Nothing was decided", &["RETURN needs a few words"]);
        world.write(&reply("Approve", "But only when Ruth has seen it")).await;
        told(&world, DANA, "Nothing was decided", &["could mean more than one thing"]);
        world.pass(121).await;
        still_held(&world, "a condition below an unmarked quote").await;
        world.write(&reply("Approve", "")).await;
        world.pass(121).await;
        assert_eq!(copies(&world, TOM), 1, "{}", world.database);
    });
}

/// None of the verbs acts for anybody or anything but the moderator's own clear answer.
#[test]
fn no_verb_acts_for_another() {
    on_both(|world| async {
        let world = world.with_rose().await;
        let (notice, other) = held_post(&world).await;
        let to = notice.reply_address();
        let texts = [
            "EDIT: Words of an enemy.",
            "TRUST",
            "ESCALATE",
            "PRIVATE: Words of an enemy.",
            "NOTE: Words of an enemy.",
        ];
        let quoted = |words: &str| words.lines().map(|line| format!("> {line}\n")).collect::<String>();
        for words in texts {
            let attempts = [
                ("another address", Letter::new("mal@enemy.example", &to, "Re: x", words)),
                ("another moderator's token", Letter::new(DANA, &other.reply_address(), "Re: x", words)),
                ("a member", Letter::new(KIT, &to, "Re: x", words)),
                ("automatic", Letter::new(DANA, &to, "Re: x", words).with("Auto-Submitted: auto-replied")),
                ("a list", Letter::new(DANA, &to, "Re: x", words).with("List-Id: <staff.work.example>")),
                ("bulk", Letter::new(DANA, &to, "Re: x", words).with("Precedence: bulk")),
                ("out of office", Letter::new(DANA, &to, "Automatic reply: 1 message to read", words)),
                ("the quote", Letter::new(DANA, &to, "Re: x", &format!("thanks\n{}", quoted(words)))),
                ("the signature", Letter::new(DANA, &to, "Re: x", &format!("thanks\n-- \n{words}"))),
                ("the subject", Letter::new(DANA, &to, words, "thanks")),
                ("a question", Letter::new(DANA, &to, "Re: x", &format!("Should I {words}"))),
                ("two verbs", Letter::new(DANA, &to, "Re: x", &format!("{words}\nApprove"))),
                ("two authors", Letter::new(DANA, &to, "Re: x", words).with(&format!("From: Mal <{KIT}>"))),
                (
                    "the token in the text",
                    Letter::new(
                        DANA,
                        "lamplight+m.aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa@groups.example",
                        "Re: x",
                        &format!("{words}\n{to}"),
                    ),
                ),
            ];
            for (what, letter) in attempts {
                let (kit, tom, admin) = (world.count(KIT), world.count(TOM), world.count(ADMIN));
                world.write(&letter).await;
                world.pass(3_601).await;
                let what = format!("{words} by {what}");
                still_held(&world, &what).await;
                assert_eq!((world.count(KIT), world.count(TOM)), (kit, tom), "{}: {what}", world.database);
                assert!(
                    world.count(ADMIN) <= admin + 1 && !world.subjects(ADMIN).iter().any(|s| s.contains("help")),
                    "{}: {what}",
                    world.database
                );
                assert_eq!(world.posts().await[0].original, None, "{}: {what}", world.database);
            }
        }
        let kit = world.person("rose", KIT).await;
        assert!(kit.trusted_since.is_none(), "{}", world.database);
        let kept = notes::latest(&mut world.lamplight.store.read().await.unwrap(), kit.id, 9).await.unwrap();
        assert!(kept.is_empty(), "{}: {kept:?}", world.database);
        assert_eq!(beyond_moderators(&world, "Words of an enemy"), 0, "{}", world.database);
    });
}

#[test]
fn late_and_suspended_words_let_nothing_out() {
    on_both(|world| async {
        let world = world.with_rose().await;
        let (notice, other) = held_post(&world).await;
        world.pass(31 * 86_400).await;
        for words in ["EDIT: Other words.", "TRUST", "PRIVATE: Dear Kit"] {
            let kit = world.count(KIT);
            answer(&world, DANA, &notice, words).await;
            let late = squeezed(&world.latest(DANA));
            assert!(late.contains("after its address had run out"), "{}: {late}", world.database);
            world.pass(3_601).await;
            still_held(&world, words).await;
            assert_eq!(world.count(KIT), kit, "{}: {words}", world.database);
        }
        let suspended = lamplight::model::member::MemberState::Suspended;
        world.change_person("rose", RUTH, |ruth| ruth.state = suspended).await;
        let before = [DANA, KIT, ADMIN].map(|address| world.count(address));
        for words in ["EDIT: Other words.", "TRUST", "PRIVATE: Dear Kit", "NOTE: a note", "ESCALATE"] {
            answer(&world, RUTH, &other, words).await;
        }
        assert_eq!([DANA, KIT, ADMIN].map(|address| world.count(address)), before, "{}", world.database);
        still_held(&world, "a suspended moderator").await;
    });
}

/// The rows of the record say who did what.
#[test]
fn everything_is_on_the_record() {
    on_both(|world| async {
        let world = world.with_rose().await;
        let (notice, _) = held_post(&world).await;
        for words in ["NOTE: a note", "PRIVATE: Dear Kit", "ESCALATE", "EDIT: Other words."] {
            answer(&world, DANA, &notice, words).await;
        }
        let post = world.posts().await[0].id;
        let mut db = world.lamplight.store.read().await.unwrap();
        let history = lamplight::store::decisions::history(&mut db, post).await.unwrap();
        let said: Vec<(String, Option<String>)> = history.into_iter().map(|line| (line.verb, line.note)).collect();
        let expected =
            [("note", None), ("private", Some("Dear Kit")), ("escalate", None), ("edit", Some("Other words."))];
        let expected: Vec<_> = expected.map(|(verb, note)| (verb.to_owned(), note.map(str::to_owned))).into();
        assert_eq!(said, expected, "{}", world.database);
    });
}
