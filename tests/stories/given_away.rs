//! What an author's own words give away reaches no member, by any way out; moderators have all of it.

use lamplight::model::group::Moderation;
use lamplight::model::member::{Delivery, Role};
use lamplight::model::post::PostState;

use crate::leaks::{holds, only_allowed_fields};
use crate::scene::{ADA, DANA, KIT, MIRA, ROSE, RUTH, TOM, everybody_is_known, since};
use crate::support::{Captured, Letter, World, on_both};

/// What may stand in a text: a name for it, the words, what must not come out, and what the group reads in its place.
pub const WORDS: &[(&str, &str, &str, &str)] = &[
    (
        "an e-mail address",
        "Write to kit.canary@elsewhere.example any time.",
        "kit.canary",
        "Write to [e-mail address] any time.",
    ),
    (
        "one in disguise",
        "Write to kitty (at) canarymail dot example now.",
        "canarymail",
        "Write to [e-mail address] now.",
    ),
    (
        "the address on the roster",
        "I have kit@home.example since June.",
        "kit@home",
        "I have [e-mail address] since June.",
    ),
    (
        "somebody else's, dressed up",
        "Tell t\u{200b}om at home dot example too.",
        "at home dot",
        "Tell [e-mail address] too.",
    ),
    ("a registered name", "My name is Christopher Waller.", "Waller", "My name is [name]."),
    ("a family name alone", "They call me the Waller girl there.", "Waller", "They call me the [name] girl there."),
    ("somebody else's name", "Ask Miranda Torres about it.", "Torres", "Ask [name] about it."),
    ("an international number", "Ring me: +44 7700 900123.", "7700", "Ring me: [phone number]."),
    ("a number at home", "My cell is (212) 555-0147.", "555-0147", "My cell is [phone number]."),
    (
        "a number in words",
        "Call two one two five five five zero one four seven.",
        "five five five",
        "Call [phone number].",
    ),
    ("a street", "I live at 1204 Canary Lane, upstairs.", "1204 Canary", "I live at [street address], upstairs."),
    ("a town", "We moved to Canaryville, IL 60609 in May.", "60609", "in May."),
    ("an account", "I am @canary_bird on Instagram.", "canary_bird", "I am [account name] on Instagram."),
    ("a page of one's own", "See https://www.facebook.com/canary.bird please.", "canary.bird", "See [link] please."),
    ("a link that hides its end", "Here: https://bit.ly/3CaNaRy is the list.", "3CaNaRy", "Here: [link] is the list."),
    ("a share link", "Photos: https://drive.google.com/file/d/1canaryfile/view for you.", "1canaryfile", "[link]"),
    (
        "a link with an address in it",
        "Stop: https://shop.example/out?u=kit.canary@elsewhere.example here.",
        "kit.canary",
        "[link]",
    ),
    (
        "who opened a link",
        "Read https://cancer.example/sleep?utm_source=canarysource tonight.",
        "canarysource",
        "https://cancer.example/sleep",
    ),
    ("a file", "The scan is IMG_canary_2026.jpg below.", "canary_2026", "The scan is [file name] below."),
];

/// Kit's post with all of it.
fn the_text() -> String {
    let words: Vec<&str> = WORDS.iter().map(|(_, words, ..)| *words).collect();
    format!("The ward smells of lavender today.\n\n{}\n\nIt helps.\n\nKit", words.join("\n\n"))
}

const SIGNATURE: &str = "\n\n-- \nKit Canary-Signed\n+1 212 555 0199 canary-office";
const OF_SIGNATURE: [&str; 3] = ["Canary-Signed", "555 0199", "canary-office"];

fn none_out(world: &World, mail: &Captured, way: &str) {
    for (what, _, canary, _) in WORDS {
        assert!(!holds(mail, canary), "{}: {what} left by {way}:\n{}", world.database, mail.text());
    }
    for canary in OF_SIGNATURE {
        assert!(!holds(mail, canary), "{}: {canary} left by {way}:\n{}", world.database, mail.text());
    }
}

/// Rose with people who are known, so that nothing is held for being new.
async fn rose(world: World) -> World {
    let world = world.with_rose().await;
    everybody_is_known(&world).await;
    world
}

/// Dana's word; where a flag holds the post as well, once more.
async fn approve(world: &World) {
    world.write(&Letter::answering(DANA, &world.latest(DANA), "Approve")).await;
    if world.latest(DANA).text().contains("one more time") {
        world.write(&Letter::answering(DANA, &world.latest(DANA), "Approve")).await;
    }
}

#[test]
fn no_canary_of_the_words_leaves_and_moderators_have_all() {
    on_both(|world| async {
        let world = rose(world).await;
        let letter = Letter::new(KIT, ROSE, "Call +1 212 555 0133", &(the_text() + SIGNATURE));
        world.write(&letter).await;
        assert_eq!(world.posts().await[0].state, PostState::Held, "{}", world.database);
        for moderator in [DANA, RUTH] {
            let notice = world.latest(moderator);
            for (what, words, canary, _) in WORDS {
                let found = holds(&notice, canary) || holds(&notice, &words.replace('\u{200b}', ""));
                assert!(found, "{}: {moderator} lacks {what}:\n{}", world.database, notice.text());
            }
            for canary in OF_SIGNATURE.into_iter().chain(["+1 212 555 0133"]) {
                assert!(holds(&notice, canary), "{}: {moderator} lacks {canary}:\n{}", world.database, notice.text());
            }
        }
        assert_eq!((world.count(TOM), world.count(MIRA)), (0, 0), "{}", world.database);
        approve(&world).await;
        world.pass(121).await;
        world.go_to("2026-11-23T17:31:00-05:00").await;
        for (reader, way) in [(TOM, "a single mail"), (MIRA, "a digest")] {
            let copy = world.latest(reader);
            none_out(&world, &copy, way);
            only_allowed_fields(&copy);
            assert!(!holds(&copy, "555 0133"), "{}: the subject left by {way}", world.database);
            let text = copy.text().split_whitespace().collect::<Vec<_>>().join(" ");
            assert!(text.contains("lavender") && text.contains("It helps."), "{}: {text}", world.database);
            for (what, .., instead) in WORDS {
                assert!(text.contains(instead), "{}: {what} reads otherwise by {way}:\n{text}", world.database);
            }
        }
    });
}

/// A moderator who leaves in an EDIT what was taken out; what she adds herself stays.
#[test]
fn no_canary_leaves_with_an_edit() {
    on_both(|world| async {
        let world = rose(world).await;
        let body = "The ward smells of lavender today. My cell is (212) 555-0147, and I am @canary_bird on Instagram.";
        world.write(&Letter::new(KIT, ROSE, "Waiting", body)).await;
        let edit = "EDIT:\nThe ward smells of lavender today. My cell is (212) 555-0147, and I am @canary_bird on Instagram. \
                    The clinic's office is (212) 555-0100.";
        world.write(&Letter::new(DANA, &world.latest(DANA).reply_address(), "Re: 1 message", edit)).await;
        let echo = world.latest(RUTH);
        assert!(echo.text().contains("[phone number]"), "{}: {}", world.database, echo.text());
        world.write(&Letter::new(DANA, &world.latest(DANA).reply_address(), "Re: 1 message", "EDIT")).await;
        world.pass(121).await;
        let copy = world.latest(TOM);
        assert!(copy.text().contains("(212) 555-0100"), "{}: {}", world.database, copy.text());
        for canary in ["555-0147", "canary_bird"] {
            assert!(!holds(&copy, canary), "{}: {canary}: {}", world.database, copy.text());
        }
    });
}

/// A part of what was taken out, or more than it, is what was taken out.
#[test]
fn no_part_of_a_canary_leaves_with_an_edit() {
    on_both(|world| async {
        let world = rose(world).await;
        let body = "The ward smells of lavender today.\n\nMy cell: +1 (212) 555-0147, or Kitty Bird <kitty@canary.example>.\n\
                    I live at 1204 Canary Lane, Springfield, IL 60609.\n\n\
                    Kitty Bird\nBird Consulting\n12 Oak Street\n212 555 0188";
        world.write(&Letter::new(KIT, ROSE, "Waiting", body)).await;
        let edit = "EDIT:\nThe ward smells of lavender today. My cell: 212-555-0147, or kitty@canary.example, or \
                    1204 Canary Lane. At work 212.555.0188, 12 Oak Street. The clinic's office is (212) 555-0100.\n\nLove, Kit";
        world.write(&Letter::new(DANA, &world.latest(DANA).reply_address(), "Re: 1 message", edit)).await;
        world.write(&Letter::new(DANA, &world.latest(DANA).reply_address(), "Re: 1 message", "EDIT")).await;
        world.pass(121).await;
        let copy = world.latest(TOM);
        assert!(copy.text().contains("(212) 555-0100"), "{}: {}", world.database, copy.text());
        for canary in ["555-0147", "kitty@", "1204 Canary", "555.0188", "12 Oak"] {
            assert!(!holds(&copy, canary), "{}: {canary}: {}", world.database, copy.text());
        }
    });
}

/// A name that only the member's mail program tells is learnt, also for what others write.
#[test]
fn a_display_name_is_learnt() {
    on_both(|world| async {
        let world = rose(world).await;
        let letter = |from: &str, words: &str| {
            format!(
                "From: {from}\r\nTo: <{ROSE}>\r\nSubject: Tea\r\nMessage-ID: <{}@x.example>\r\n\r\n{words}\r\n",
                words.len()
            )
        };
        world.deliver(KIT, &[ROSE], letter("\"Katharina Brandvold\" <kit@home.example>", "Peppermint helps.")).await;
        world.run().await;
        assert!(!holds(&world.latest(TOM), "Brandvold"), "{}", world.database);
        world
            .deliver(TOM, &[ROSE], letter("<tom@home.example>", "I met Ms Brandvold at the market, she is kind."))
            .await;
        world.run().await;
        let held = world.posts().await.pop().unwrap();
        assert_eq!(held.state, PostState::Held, "{}", world.database);
        assert!(world.latest(DANA).text().contains("Brandvold"), "{}", world.latest(DANA).text());
        approve(&world).await;
        world.pass(121).await;
        let copy = world.latest(KIT);
        assert!(copy.text().contains("I met Ms [name] at the market"), "{}: {}", world.database, copy.text());
    });
}

/// A mail in Kit's name, from nobody knows whom, has a display name that would take words out of what others say.
#[test]
fn no_forged_name_takes_words_from_everybody() {
    on_both(|world| async {
        let world = rose(world).await;
        let words = "I do not take ondansetron or paclitaxel. Never take letrozole before the hospice nurse comes.";
        world.write(&Letter::new(TOM, ROSE, "Pills", words)).await;
        for name in ["Kit Ondansetron-Paclitaxel", "Letrozole Hospice", "Do Brandvold Not"] {
            let mail = format!("From: \"{name}\" <{KIT}>\r\nTo: <{ROSE}>\r\nSubject: {name}\r\n\r\nHello, {name}.\r\n");
            world.deliver("evil@elsewhere.example", &[ROSE], mail).await;
            world.run().await;
        }
        world.go_to("2026-11-23T17:31:00-05:00").await;
        let digest = world.latest(MIRA).text().split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(digest.contains(words), "{}: {digest}", world.database);
    });
}

/// Somebody comes to the roster between the decision and the copy, and between the copy and the digest.
#[test]
fn whoever_comes_later_is_covered_too() {
    on_both(|world| async {
        let world = rose(world).await;
        world
            .write(&Letter::new(
                KIT,
                ROSE,
                "Tea",
                "The Vandermeulen family has the best tea. My cell is (212) 555-0147.",
            ))
            .await;
        approve(&world).await;
        world.add("rose", Role::Member, "new@home.example", "Sky", Delivery::Daily, Some("Ann Vandermeulen")).await;
        world.pass(121).await;
        assert!(
            world.latest(TOM).text().contains("The [name] family"),
            "{}: {}",
            world.database,
            world.latest(TOM).text()
        );
        world.write(&Letter::new(TOM, ROSE, "Bread", "The Oosterhuis family has the best bread.")).await;
        assert!(world.latest(KIT).text().contains("Oosterhuis"), "{}: nobody is called so yet", world.database);
        world.add("rose", Role::Member, "other@home.example", "Rain", Delivery::Daily, Some("Bo Oosterhuis")).await;
        world.go_to("2026-11-23T17:31:00-05:00").await;
        let digest = world.latest(MIRA);
        for name in ["Vandermeulen", "Oosterhuis"] {
            assert!(!holds(&digest, name), "{}: {name}: {}", world.database, digest.text());
        }
        assert!(
            digest.text().contains("The [name] family has the best bread"),
            "{}: {}",
            world.database,
            digest.text()
        );
    });
}

/// `held approve` publishes the covered words as well, and so does a group in which nobody is read first.
#[test]
fn by_every_way_of_approving() {
    on_both(|world| async {
        let world = rose(world).await;
        world.change_group("rose", |group| group.moderation = Moderation::None).await;
        world.write(&Letter::new(KIT, ROSE, "Tea", "Call me: (212) 555-0147. It helps.")).await;
        let post = world.posts().await.pop().unwrap();
        assert_eq!(post.state, PostState::Held, "{}: nobody saw it", world.database);
        world
            .lamplight
            .decide_as_administrator(post.id, lamplight::model::command::Verb::Approve, None, world.now())
            .await
            .unwrap();
        world.pass(121).await;
        let copy = world.latest(TOM);
        assert!(copy.text().contains("[phone number]. It helps."), "{}: {}", world.database, copy.text());
        assert!(!holds(&copy, "555-0147"), "{}", world.database);
    });
}

/// In danger the way to somebody is what moderators need: it stands in her words, first.
#[test]
fn in_danger_moderators_read_where_somebody_is() {
    on_both(|world| async {
        let world = rose(world).await;
        let cry = "I am going to kill myself tonight. I am at 1204 Canary Lane, my cell is (212) 555-0147.";
        world.write(&Letter::new(KIT, ROSE, "Goodbye", &format!("{cry}{SIGNATURE}"))).await;
        let text = world.latest(DANA).text();
        let flat = text.split_whitespace().filter(|word| *word != ">").collect::<Vec<_>>().join(" ");
        assert!(flat.contains(cry), "{}: {text}", world.database);
        assert!(flat.contains("+1 212 555 0199"), "{}: {text}", world.database);
        assert!(flat.find(cry) < flat.find("[street address]"), "{}: {text}", world.database);
    });
}

/// Privately both ways: moderators get her words whole and no address of hers, she gets theirs and no address of anybody's.
#[test]
fn a_private_talk_covers_names_and_carries_words() {
    on_both(|world| async {
        let world = rose(world).await;
        let words = "Please call me: (212) 555-0147, or at work, 12 Canary Lane.";
        world.write(&Letter::new(KIT, "rose-owner@groups.example", "Help", &format!("{words}{SIGNATURE}"))).await;
        let to_dana = world.latest(DANA);
        for word in ["(212) 555-0147", "12 Canary Lane"] {
            assert!(to_dana.text().contains(word), "{}: {word}: {}", world.database, to_dana.text());
        }
        let hers = [KIT, "Waller", "PhoneMail", "<letter-", "203.0.113.9", "phone.home.example"];
        for canary in hers.into_iter().chain(OF_SIGNATURE) {
            assert!(!holds(&to_dana, canary), "{}: {canary} reached Dana", world.database);
        }
        let before = world.count(KIT);
        // A name or an address of somebody else goes to nobody.
        for words in ["Ask Miranda Torres.", "Write to mira@home.example.", "Mr. Torres knows."] {
            world.write(&Letter::answering(DANA, &to_dana, words)).await;
            assert_eq!(since(&world, KIT, before).len(), 0, "{}: {words}", world.database);
        }
        let answer = "I will call you at noon.\n\n-- \nDana Canary-Signed\n+1 212 555 0199 canary-office";
        world.write(&Letter::answering(DANA, &to_dana, answer).with("X-Mailer: CanaryXMailer")).await;
        let [mail] = since(&world, KIT, before).try_into().unwrap();
        assert!(mail.text().contains("I will call you at noon."), "{}: {}", world.database, mail.text());
        for canary in ["Canary-Signed", "0199", "canary", DANA, "work.example", "PhoneMail"] {
            assert!(!holds(&mail, canary), "{}: {canary} reached Kit: {}", world.database, mail.text());
        }
    });
}

/// A note to an author names nobody else.
#[test]
fn notes_name_nobody_else() {
    on_both(|world| async {
        let world = world.with_rose().await;
        world.write(&Letter::new(ADA, ROSE, "Tea", "Does peppermint help?")).await;
        let notice = world.latest(DANA);
        let before = world.count(ADA);
        for words in
            ["RETURN: Please ask Miranda Torres.", "PRIVATE: Mr Waller knows.", "PRIVATE: write to tom@home.example"]
        {
            world.write(&Letter::answering(DANA, &notice, words)).await;
            world.pass(121).await;
            assert_eq!(since(&world, ADA, before).len(), 0, "{}: {words}", world.database);
        }
        world.write(&Letter::answering(DANA, &notice, "PRIVATE: It does, Ada.")).await;
        assert!(world.latest(ADA).text().contains("It does, Ada."), "{}", world.database);
    });
}

/// The questions and notices that go to other members than the author.
#[test]
fn questions_to_others_hold_no_canary() {
    on_both(|world| async {
        let world = rose(world).await;
        for (subject, words) in [
            ("Call (212) 555-0147", "The ward smells of lavender. My cell is (212) 555-0147."),
            ("Bread", "Who bakes? I am @canary_bird on Instagram."),
        ] {
            world.write(&Letter::new(KIT, ROSE, subject, words)).await;
            approve(&world).await;
        }
        world.pass(121).await;
        world.go_to("2026-11-23T17:31:00-05:00").await;
        let digest = world.latest(MIRA);
        world
            .write(&Letter::new(MIRA, &digest.reply_address(), "Re: Rose", "That is so good to hear, thank you all."))
            .await;
        let question = world.latest(MIRA);
        assert_ne!(question.subject(), digest.subject(), "{}: she is asked", world.database);
        for mail in [digest, question] {
            for canary in ["555-0147", "canary"] {
                assert!(!holds(&mail, canary), "{}: {canary}: {}", world.database, mail.text());
            }
        }
    });
}
