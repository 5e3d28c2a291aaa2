//! What a digest holds: a greeting, a moderator's note on top, what waits for a first answer, folded and muted messages, its
//! number, its parts and its forms; and that answers to each of them land where they belong.

use lamplight::model::ids::ThreadId;
use lamplight::model::member::{Delivery, Format, Role};
use lamplight::model::post::PostState;
use lamplight::store::{digests, mutes};

use crate::scene::{ADA, DANA, KIT, MIRA, ROSE, TOM};
use crate::support::{Captured, Letter, World, on_both};

const MONDAY: &str = "2026-11-23T17:31:00-05:00";
const TUESDAY: &str = "2026-11-24T17:31:00-05:00";

/// The digests that somebody got, oldest first.
fn digests(world: &World, address: &str) -> Vec<Captured> {
    let mut all: Vec<Captured> =
        world.mail_to(address).into_iter().filter(|mail| mail.reply_address().starts_with("rose+d.")).collect();
    // Parts leave side by side; a mailbox sorts by date.
    all.sort_by_key(|mail| chrono::DateTime::parse_from_rfc2822(&mail.header("Date")).unwrap());
    all
}

async fn reads_daily(world: &World, address: &str, format: Format) {
    world.change_person("rose", address, |reader| (reader.delivery, reader.format) = (Delivery::Daily, format)).await;
}

/// Where words stand in a text; they must stand there once.
fn place(text: &str, words: &str) -> usize {
    assert_eq!(text.matches(words).count(), 1, "{words}\n{text}");
    text.find(words).unwrap()
}

#[test]
fn a_note_of_the_moderators_stands_on_top() {
    on_both(|world| async {
        let world = world.with_rose().await.openly().await;
        world.says("tom", "Tea", "Tea helps.").await;
        world.write(&Letter::new(DANA, ROSE, "Top: Friday", "Ruth is here on Friday.")).await;
        let question = world.latest(DANA);
        assert!(question.text().contains("It will stand on top of the next digest."), "{}", question.text());
        world.write(&Letter::answering(DANA, &question, "Approve")).await;
        world.pass(121).await;
        let single = world.latest(TOM);
        assert_eq!((single.subject().as_str(), single.text().contains("Ruth is here")), ("Friday", true));
        // A member can't put her words there.
        world.says("tom", "Top: the view", "From the hill.").await;
        world.go_to(MONDAY).await;
        let digest = world.latest(MIRA);
        for text in [digest.text(), digest.html()] {
            assert!(place(&text, "Ruth is here on Friday.") < place(&text, "Tea helps."), "{}", world.database);
            assert!(text.contains("Top: the view") && !text.contains("Top: Friday"), "{text}");
        }
        let html = digest.html();
        assert!(place(&html, "Ruth is here on Friday.") < place(&html, "<ol class=\"contents\""), "above the contents");
        // Once, and not on every day.
        world.says("tom", "Soup", "Soup, too.").await;
        world.go_to(TUESDAY).await;
        assert!(!world.latest(MIRA).text().contains("Friday."), "{}", world.latest(MIRA).text());
    });
}

#[test]
fn somebody_new_is_greeted_once() {
    on_both(|world| async {
        let world = world.with_rose().await.openly().await;
        world.says("tom", "Tea", "Tea helps.").await;
        world.go_to(MONDAY).await;
        world.add("rose", Role::Member, "new@home.example", "Robin", Delivery::Daily, None).await;
        world.says("tom", "Soup", "Soup, too.").await;
        world.go_to(TUESDAY).await;
        let first = world.latest("new@home.example");
        for text in [first.text(), first.html()] {
            assert!(text.contains("Welcome to Rose."), "{text}");
        }
        assert!(!world.latest(MIRA).text().contains("Welcome to"), "Mira had a digest on Monday");
        assert!(!first.text().contains("Robin"), "nobody's name: it is the same for everybody who is new");
        world.says("tom", "Bread", "Bread as well.").await;
        world.go_to("2026-11-25T17:31:00-05:00").await;
        assert!(!world.latest("new@home.example").text().contains("Welcome to"));
    });
}

/// Nobody is told day after day that she herself has no answer.
#[test]
fn her_own_post_does_not_wait_in_her_own_digest() {
    on_both(|world| async {
        let world = world.with_rose().await.openly().await;
        world.add("rose", Role::Member, "new@home.example", "Robin", Delivery::Daily, None).await;
        world.says("mira", "Night shifts", "I can not sleep by day.").await;
        world.go_to(MONDAY).await;
        world.says("tom", "Tea", "Tea helps.").await;
        world.go_to(TUESDAY).await;
        let robins = world.latest("new@home.example").text();
        assert!(robins.contains("Waiting for a first answer\n\n- Night shifts (Mira, Monday"), "{robins}");
        let hers = world.latest(MIRA);
        assert!(hers.text().contains("Tea helps.") && !hers.text().contains("Waiting for"), "{}", hers.text());
        assert!(!hers.html().contains("Night shifts"), "{}", hers.html());
    });
}

/// It is half past five, and her word is read before the digests are made: hers comes as everybody's does, or later that day
/// where she says so.
#[test]
fn a_word_about_her_mail_does_not_put_off_a_digest_that_is_due() {
    on_both(|world| async {
        let world = world.with_rose().await.openly().await;
        let (weekly, late) = ("weekly@home.example", "late@home.example");
        world.add("rose", Role::Member, weekly, "Robin", Delivery::Weekly, None).await;
        world.add("rose", Role::Member, late, "Wren", Delivery::Daily, None).await;
        world.says("tom", "Tea", "Tea helps.").await;
        for (who, words) in
            [(MIRA, "fold: scans"), (MIRA, "daily at 7 am"), (weekly, "text only"), (late, "daily at 9 pm")]
        {
            let word = Letter::new(who, "rose-request@groups.example", "", words);
            world.deliver(who, &[&word.to], word.bytes()).await;
        }
        let digests = |who| world.mail_to(who).iter().filter(|mail| mail.text().contains("Tea helps.")).count();
        world.go_to(MONDAY).await;
        assert_eq!((digests(MIRA), digests(weekly), digests(late)), (1, 1, 0), "{}", world.database);
        world.go_to("2026-11-23T21:01:00-05:00").await;
        assert_eq!((digests(MIRA), digests(weekly), digests(late)), (1, 1, 1), "{}", world.database);
        world.says("kit", "Soup", "Soup, too.").await;
        world.go_to("2026-11-24T06:59:00-05:00").await;
        assert!(!world.latest(MIRA).text().contains("Soup, too."), "her hour is another now");
        world.go_to("2026-11-24T07:01:00-05:00").await;
        assert!(world.latest(MIRA).text().contains("Soup, too."), "{}", world.database);
    });
}

#[test]
fn what_waits_for_a_first_answer_is_named_without_its_words() {
    on_both(|world| async {
        let world = world.with_rose().await.openly().await;
        world.says("kit", "Night shifts", "I can not sleep by day.").await;
        world.says("tom", "Tea", "Tea helps.").await;
        world.go_to(MONDAY).await;
        assert!(!world.latest(MIRA).text().contains("Waiting for a first answer"), "what is new does not wait yet");
        world.add("rose", Role::Member, "new@home.example", "Robin", Delivery::Daily, None).await;
        let tea = world.thread_with("Tea helps.").await;
        let from = world.mail_to(KIT).into_iter().find(|mail| mail.subject() == "Tea").unwrap();
        world.write(&Letter::answering(KIT, &from, "And honey.")).await;
        world.go_to(TUESDAY).await;
        let digest = world.latest(MIRA);
        let text = digest.text();
        assert!(text.contains("Waiting for a first answer\n\n- Night shifts (Kit, Monday 23 November)\n"), "{text}");
        assert!(!text.contains("sleep by day") && !digest.html().contains("sleep by day"));
        assert!(digest.html().contains("Write the first answer"));
        assert_eq!(world.thread_with("And honey.").await, tea);
        // Whoever did not get it is not asked to answer it.
        let robins = world.latest("new@home.example");
        assert!(robins.text().contains("And honey.") && !robins.text().contains("Night shifts"), "{}", robins.text());
        // Its address answers it, and then it waits no more.
        let at = text.find("Night shifts (Kit").unwrap();
        let address = text[at..].lines().nth(1).unwrap().trim().to_owned();
        world.write(&Letter::new(ADA, &address, "Re: Night shifts", "Neither can I.")).await;
        let answer = world.post_with("Neither can I.").await;
        assert_eq!(answer.thread, world.thread_with("sleep by day").await);
        world.go_to("2026-11-25T17:31:00-05:00").await;
        assert!(!world.latest(MIRA).text().contains("Waiting for a first answer"));
    });
}

#[test]
fn a_post_that_waits_and_is_taken_back_is_named_no_more() {
    on_both(|world| async {
        let world = world.with_rose().await.openly().await;
        world.says("kit", "Night shifts", "I can not sleep by day.").await;
        world.go_to(MONDAY).await;
        world.says("tom", "Tea", "Tea helps.").await;
        world.lamplight.clock.set(lamplight::clock::Timestamp::parse(TUESDAY).unwrap());
        world.lamplight.tick(world.now()).await.unwrap();
        let post = world.post_with("sleep by day").await;
        world.lamplight.retract_as_administrator(post.id, world.now()).await.unwrap();
        world.run().await;
        let digest = world.latest(MIRA);
        assert!(digest.text().contains("Tea helps.") && !digest.text().contains("Night shifts"), "{}", digest.text());
    });
}

#[test]
fn noted_messages_stand_at_the_end_for_those_who_asked() {
    on_both(|world| async {
        let world = world.with_rose().await.openly().await;
        reads_daily(&world, ADA, Format::Html).await;
        world.change_person("rose", ADA, |ada| ada.folds = vec!["hospice".into()]).await;
        world.says("kit", "The house", "CN: hospice\n\nIt has a garden.").await;
        world.says("tom", "Tea", "Tea helps.").await;
        world.go_to(MONDAY).await;
        let (mira, ada) = (world.latest(MIRA).text(), world.latest(ADA).text());
        assert!(place(&mira, "It has a garden.") < place(&mira, "Tea helps."));
        assert!(place(&ada, "It has a garden.") > place(&ada, "Tea helps."), "{ada}");
        assert!(ada.contains("(Content note: hospice. This message stands at the end"), "{ada}");
        assert!(ada.contains("1 message stands at the end"));
        // An answer below it, where it stands, and one below the other conversation.
        let (tea, house) = (world.thread_with("Tea helps.").await, world.thread_with("It has a garden.").await);
        let digest = world.latest(ADA);
        let letter = crate::digest_replies::Program::Gmail.letter(
            ADA,
            &digest,
            "",
            &[("Tea helps.", "With milk."), ("It has a garden.", "I would like to see it.")],
        );
        world.write(&letter).await;
        assert_eq!(world.post_with("With milk.").await.thread, tea);
        assert_eq!(world.post_with("I would like").await.thread, house);
    });
}

#[test]
fn a_muted_conversation_stays_out_and_everything_else_comes() {
    on_both(|world| async {
        let world = world.with_rose().await.openly().await;
        reads_daily(&world, ADA, Format::Html).await;
        world.says("kit", "The house", "It has a garden.").await;
        let house = world.thread_with("It has a garden.").await;
        mute(&world, ADA, house).await;
        mute(&world, TOM, house).await;
        world.says("tom", "Tea", "Tea helps.").await;
        // What the moderators put on top is for everybody, also where it answers there.
        let from = world.mail_to(DANA).len();
        let address =
            world.mail_to(KIT).into_iter().find(|mail| mail.subject() == "The house").unwrap().reply_address();
        world.write(&Letter::new(DANA, &address, "Top: A visit", "We all go there on Sunday.")).await;
        let question = world.mail_to(DANA).remove(from);
        world.write(&Letter::answering(DANA, &question, "Approve")).await;
        world.pass(121).await;
        assert!(world.latest(TOM).text().contains("on Sunday"), "{}: on `each`", world.database);
        world.go_to(MONDAY).await;
        assert!(world.latest(MIRA).text().contains("garden"));
        let ada = world.latest(ADA);
        assert!(
            ada.text().contains("Tea helps.") && !ada.text().contains("garden") && ada.text().contains("on Sunday")
        );
        // A day with nothing else sends nothing, and it does not come later.
        world.write(&Letter::new(TOM, &address, "Re: The house", "And a bench.")).await;
        world.go_to(TUESDAY).await;
        assert_eq!((digests(&world, MIRA).len(), digests(&world, ADA).len()), (2, 1));
        world.says("tom", "Soup", "Soup, too.").await;
        world.go_to("2026-11-25T17:31:00-05:00").await;
        let ada = world.latest(ADA).text();
        assert!(ada.contains("Soup, too.") && !ada.contains("bench"), "{ada}");
    });
}

async fn mute(world: &World, address: &str, thread: ThreadId) {
    let who = world.person("rose", address).await.id;
    let mut tx = world.lamplight.store.begin().await.unwrap();
    mutes::insert(&mut tx, who, thread, world.now()).await.unwrap();
    tx.commit().await.unwrap();
}

#[test]
fn numbers_count_the_days_with_a_digest_and_never_go_back() {
    on_both(|world| async {
        let world = world.with_rose().await.openly().await;
        reads_daily(&world, ADA, Format::Html).await;
        world.change_person("rose", ADA, |ada| ada.zone = Some(chrono_tz::Pacific::Auckland)).await;
        for day in 23..=26 {
            // Nothing is written on the second day.
            if day != 24 {
                world.says("tom", "Day", &format!("It is the {day}th.")).await;
            }
            world.go_to(&format!("2026-11-{day}T17:31:00-05:00")).await;
        }
        world.go_to("2026-11-28T17:31:00-05:00").await;
        let numbers = |address: &str| -> Vec<i64> {
            let subjects = digests(&world, address).into_iter().map(|mail| mail.subject());
            subjects.map(|subject| subject.strip_prefix("Rose: volume 1, number ").unwrap().parse().unwrap()).collect()
        };
        assert_eq!(numbers(MIRA).len(), 3, "{}", world.database);
        assert_eq!(numbers(ADA).len(), 3, "{}", world.database);
        for address in [MIRA, ADA] {
            assert!(numbers(address).windows(2).all(|two| two[0] < two[1]), "{:?}", numbers(address));
        }
        // A year later another volume begins.
        world.says("tom", "Later", "It is a year later.").await;
        world.lamplight.clock.set(lamplight::clock::Timestamp::parse("2027-11-23T12:00:00-05:00").unwrap());
        world.run().await;
        world.says("tom", "Anew", "And one day more.").await;
        world.go_to("2027-11-24T17:31:00-05:00").await;
        assert_eq!(world.latest(MIRA).subject(), "Rose: volume 2, number 1", "{:?}", world.subjects(MIRA));
        let group = world.group("rose").await;
        let listed = digests::list(&mut world.lamplight.store.read().await.unwrap(), group.id).await.unwrap();
        assert!(listed.iter().all(|issue| issue.volume.is_some() && issue.parts == 1));
    });
}

/// Words that no two posts share.
fn long(number: usize) -> String {
    (0..900).map(|word| format!("word{number}x{word}")).collect::<Vec<_>>().join(" ")
}

#[test]
fn a_long_day_comes_in_parts_cut_between_posts() {
    on_both(|world| async {
        let world = world.with_rose().await.openly().await;
        for (address, format) in [(MIRA, Format::Html), (ADA, Format::Text), (DANA, Format::Mime)] {
            reads_daily(&world, address, format).await;
        }
        for number in 0..14 {
            world
                .says("tom", &format!("Number {number}"), &format!("Begin{number}. {} End{number}.", long(number)))
                .await;
        }
        world.go_to(MONDAY).await;
        for address in [MIRA, ADA, DANA] {
            let parts = digests(&world, address);
            assert!(parts.len() > 1, "{address}: {}", parts.len());
            for (at, part) in parts.iter().enumerate() {
                let subject = format!("Rose: volume 1, number 1, part {} of {}", at + 1, parts.len());
                assert_eq!(part.subject(), subject);
                assert!(part.raw.len() < 90_000, "{}", part.raw.len());
            }
            let all: String = parts.iter().map(|part| String::from_utf8_lossy(&part.raw).into_owned()).collect();
            assert!(all.len() > 90_000);
            for number in 0..14 {
                let whole = |part: &Captured| {
                    let text = part.whole_text();
                    (text.contains(&format!("Begin{number}.")), text.contains(&format!("End{number}.")))
                };
                let with: Vec<_> = parts.iter().map(whole).filter(|has| *has != (false, false)).collect();
                assert_eq!(with, [(true, true)], "{address}: post {number} is whole, and in one part");
            }
        }
        // An answer to the second part lands in a conversation of the second part.
        let second = digests(&world, MIRA).remove(1);
        let number = (0..14).find(|number| second.text().contains(&format!("Begin{number}."))).unwrap();
        let below = format!("End{number}.");
        let letter =
            crate::digest_replies::Program::Apple.letter(MIRA, &second, "", &[(below.as_str(), "I read all of it.")]);
        world.write(&letter).await;
        let answer = world.post_with("I read all of it.").await;
        assert_eq!(answer.thread, world.thread_with(&format!("Begin{number}.")).await);
        // The next day is one mail again.
        let before = digests(&world, ADA).len();
        world.go_to(TUESDAY).await;
        assert_eq!(digests(&world, ADA).len(), before + 1);
    });
}

#[test]
fn a_post_that_is_longer_than_a_mail_is_cut_and_nothing_of_it_is_lost() {
    on_both(|world| async {
        let world = world.with_rose().await.openly().await;
        let words: String = (0..40).map(|number| format!("{}\n", long(number))).collect();
        world.says("tom", "All of it", &words).await;
        world.run().await;
        if world.post_with("word1x1").await.state == PostState::Held {
            world.approve("word1x1").await;
        }
        world.go_to(MONDAY).await;
        let parts = digests(&world, MIRA);
        assert!(parts.len() > 3 && parts.iter().all(|part| part.raw.len() < 90_000), "{}", parts.len());
        let all: String = parts.iter().map(|part| part.whole_text()).collect();
        for number in 0..40 {
            for word in [0, 450, 899] {
                let marker = format!("word{number}x{word}");
                let found = all.split_whitespace().filter(|one| **one == marker).count();
                assert_eq!(found, 1, "{}: {marker}", world.database);
            }
        }
        assert!(parts[0].text().contains("(This message goes on in the next part.)"));
        assert!(
            parts[1].text().contains("(This message began in the part before.)")
                && !parts[0].text().contains("began in")
        );
    });
}

#[test]
fn a_post_taken_back_leaves_its_part_and_the_others_stay() {
    on_both(|world| async {
        let world = world.with_rose().await.openly().await;
        for number in 0..8 {
            world.says("tom", &format!("Number {number}"), &format!("Begin{number}. {}", long(number))).await;
        }
        world.lamplight.clock.set(lamplight::clock::Timestamp::parse(MONDAY).unwrap());
        world.lamplight.tick(world.now()).await.unwrap();
        let post = world.post_with("Begin7.").await;
        world.lamplight.retract_as_administrator(post.id, world.now()).await.unwrap();
        world.run().await;
        let parts = digests(&world, MIRA);
        let all: String = parts.iter().map(|part| part.whole_text()).collect();
        assert!(!all.contains("Begin7.") && (0..7).all(|number| all.contains(&format!("Begin{number}."))));
        let group = world.group("rose").await;
        let listed = digests::list(&mut world.lamplight.store.read().await.unwrap(), group.id).await.unwrap();
        assert!(listed.iter().all(|issue| issue.posts == 7), "{listed:?}");
    });
}

#[test]
fn each_form_says_the_same_and_answers_to_it_land_where_they_belong() {
    on_both(|world| async {
        let world = world.with_rose().await.openly().await;
        let forms =
            [(MIRA, Format::Html), (ADA, Format::Text), (DANA, Format::Mime), ("lee@home.example", Format::Rfc1153)];
        world.add("rose", Role::Member, "lee@home.example", "Lee", Delivery::Daily, None).await;
        for (address, format) in forms {
            reads_daily(&world, address, format).await;
        }
        world.says("kit", "Hands", "My hands are numb.\n\n------------------------------\n\nFrom: nobody").await;
        world.says("tom", "Tea", "Tea with honey helps me.").await;
        let tea = world.thread_with("Tea with honey").await;
        world.go_to(MONDAY).await;
        for (address, format) in forms {
            let digest = world.latest(address);
            let text = digest.whole_text();
            for words in ["My hands are numb.", "Tea with honey helps me.", "Kit", "Tom", "rose+t."] {
                assert!(text.contains(words), "{format:?} lacks {words}\n{text}");
            }
            let raw = String::from_utf8_lossy(&digest.raw).into_owned();
            assert_eq!(raw.contains("text/html"), format == Format::Html, "{format:?}");
            assert_eq!(raw.contains("multipart/digest"), format == Format::Mime, "{format:?}");
            for private in ["kit@", "tom@"] {
                assert!(!raw.contains(private), "{format:?} has {private}");
            }
        }
        // RFC 1153: 70 hyphens, then messages between lines of 30; a line of a person's own that looks like one does not count.
        let plain = world.latest("lee@home.example").text();
        assert_eq!(plain.lines().filter(|line| *line == "-".repeat(70)).count(), 1, "{plain}");
        assert_eq!(plain.lines().filter(|line| *line == "-".repeat(30)).count(), 2, "{plain}");
        // RFC 2046 §5.1.5: each a message, by the Message-ID of its single copy.
        let messages = world.latest(DANA);
        let raw = String::from_utf8_lossy(&messages.raw).into_owned();
        assert_eq!(raw.matches("Content-Type: message/rfc822").count(), 2, "{raw}");
        let single = world.mail_to(KIT).into_iter().find(|mail| mail.subject() == "Tea").unwrap();
        assert!(raw.contains(&single.header("Message-ID")), "{raw}");
        assert!(raw.contains("\r\nFrom: \"Tom\" <rose@groups.example>\r\n"), "{raw}");
        // Answers: to the whole, below what they answer.
        for (at, (address, format)) in forms.into_iter().filter(|(_, format)| *format != Format::Mime).enumerate() {
            let words = format!("Mine, too, {at}.");
            let letter = crate::digest_replies::Program::Gmail.letter(
                address,
                &world.latest(address),
                "",
                &[("honey helps", words.as_str())],
            );
            world.write(&letter).await;
            assert_eq!(world.post_with(&words).await.thread, tea, "{format:?}");
        }
        // And to one of the messages, by its own address.
        let reply_to =
            raw[raw.find("From: \"Tom\"").unwrap()..].lines().find(|line| line.starts_with("Reply-To:")).unwrap();
        let reply_to = reply_to.trim_start_matches("Reply-To: ").trim_matches(['<', '>', '\r', ' ']).to_owned();
        world.change_person("rose", ADA, |ada| ada.delivery = Delivery::Each).await;
        world.write(&Letter::new(ADA, &reply_to, "Re: Tea", "From one of them.")).await;
        assert_eq!(world.post_with("From one of them.").await.thread, tea);
    });
}
