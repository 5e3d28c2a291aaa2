//! A member's words about her mail: they act at once where they stand alone, from wherever she answers; they are never a post;
//! she reads what she gets now; and whatever is more than such a word reaches people or the group as ever.

use lamplight::clock::Timestamp;
use lamplight::model::member::{Delivery, Format, Member, MemberState};
use lamplight::model::post::PostState;
use lamplight::store::audit::{self, Wanted};
use lamplight::store::{members, mutes, threads};

use crate::scene::{ADA, CRY, DANA, KIT, MIRA, ROSE, RUTH, TOM, everybody_is_known, since, sql};
use crate::support::pictures::mail_with;
use crate::support::{Captured, Letter, World, on_both, on_both_with};

const REQUEST: &str = "rose-request@groups.example";
const HELP: &str = "rose-help@groups.example";
const OWNER: &str = "rose-owner@groups.example";
const LEAVE: &str = "rose-leave@groups.example";
const HOUR: i64 = 3_600;
const DAY: i64 = 86_400;

/// She writes a word; what became of it.
async fn says(world: &World, who: &str, to: &str, words: &str) -> String {
    world.write(&Letter::new(who, to, "", words)).await;
    world.last_judged().await.join(" ")
}

async fn answers(world: &World, who: &str, mail: &Captured, words: &str) -> String {
    world.write(&Letter::answering(who, mail, words)).await;
    world.last_judged().await.join(" ")
}

/// Its words, however they are wrapped.
fn flat(mail: &Captured) -> String {
    mail.text().split_whitespace().collect::<Vec<_>>().join(" ")
}

async fn person(world: &World, who: &str) -> Member {
    world.person("rose", who).await
}

/// Everybody's first posts were approved, and Mira has a single mail and a digest to answer.
async fn at_home(world: World) -> (World, Captured, Captured) {
    let world = world.with_rose().await.openly().await;
    everybody_is_known(&world).await;
    world.write(&Letter::new(TOM, ROSE, "Sleep", "I lie awake at four.")).await;
    let single = world.latest(KIT);
    world.pass(DAY).await;
    let digest = world.latest(MIRA);
    assert!(digest.reply_address().contains("+d."), "{}", digest.reply_address());
    assert!(single.reply_address().contains("+t."), "{}", single.reply_address());
    (world, single, digest)
}

#[test]
fn a_word_acts_at_once_from_wherever_she_answers() {
    on_both(|world| async {
        let (world, single, digest) = at_home(world).await;
        let posts = world.posts().await.len();
        let before = (world.count(KIT), world.count(DANA), world.count(RUTH));
        let ways = [
            single.reply_address(),
            digest.reply_address(),
            ROSE.into(),
            REQUEST.into(),
            HELP.into(),
            OWNER.into(),
            LEAVE.into(),
        ];
        for (number, to) in ways.iter().enumerate() {
            let (words, delivery) = match number % 2 {
                0 => ("Weekly please. Thank you!\n\nMira", Delivery::Weekly),
                _ => ("daily", Delivery::Daily),
            };
            assert_eq!(says(&world, MIRA, to, words).await, "changed", "{}: {to}", world.database);
            assert_eq!(person(&world, MIRA).await.delivery, delivery, "{to}");
            let told = world.latest(MIRA);
            let says = if delivery == Delivery::Weekly { "one e-mail a week" } else { "one e-mail a day" };
            assert!(told.subject() == "Your mail from Rose" && flat(&told).contains(says), "{to}: {}", told.text());
            assert_eq!(flat(&told).contains("The group did not see this word."), number < 3, "{to}: {}", told.text());
            assert_eq!(told.header("Auto-Submitted"), "auto-replied");
        }
        assert_eq!(world.posts().await.len(), posts, "no word is a post");
        // Only those who read what comes to `-owner` hear of that one.
        let before = (before.0, before.1 + 1, before.2 + 1);
        assert_eq!((world.count(KIT), world.count(DANA), world.count(RUTH)), before, "nobody else hears of it");
        let mut db = world.lamplight.store.read().await.unwrap();
        let lines = audit::list(&mut db, &Wanted::default()).await.unwrap();
        let mira = format!("member:{}", person(&world, MIRA).await.id);
        let hers = lines.iter().filter(|line| line.action == "changed" && line.actor == mira && line.subject == mira);
        assert_eq!(hers.count(), ways.len(), "{}", world.database);
    });
}

#[test]
fn words_that_may_be_an_answer_to_somebody_stay_words_in_a_conversation() {
    on_both(|world| async {
        let (world, single, digest) = at_home(world).await;
        assert_eq!(answers(&world, MIRA, &single, "At 7 pm").await, "published", "{}", world.database);
        assert_eq!(answers(&world, MIRA, &single, "On Monday").await, "published");
        assert_eq!(answers(&world, MIRA, &single, "I had to stop chemo").await, "published");
        assert_eq!(answers(&world, MIRA, &single, "pause?").await, "published");
        world.write(&Letter::new(MIRA, ROSE, "weekly", "My nights are long.")).await;
        assert_eq!(world.last_judged().await, ["published"]);
        assert_eq!(person(&world, MIRA).await.hour, None);

        for words in ["Every day", "On Monday", "Nothing", "Nada, gracias", "Leave", "at 7 pm"] {
            assert_eq!(answers(&world, MIRA, &digest, words).await, "published", "{}: {words}", world.database);
        }
        assert_eq!(person(&world, MIRA).await.delivery, Delivery::Daily);
        assert_eq!(answers(&world, MIRA, &digest, "daily at 7 pm").await, "changed");
        assert_eq!(says(&world, MIRA, REQUEST, "on Mon, Wed and Fri").await, "changed");
        let mira = person(&world, MIRA).await;
        assert_eq!(mira.hour.unwrap().to_string(), "19:00");
        assert_eq!(mira.days.unwrap().to_string(), "1,3,5");
        // Tuesday, 24 November, 17:30: on Wednesday at seven.
        assert_eq!(mira.next_digest_at, Timestamp::parse("2026-11-25T19:00:00-05:00").ok());
        let told = flat(&world.latest(MIRA));
        assert!(told.contains("on Mondays") && told.contains("Wednesday 25 November at 7:00 pm"), "{told}");
        // A subject alone where people write to Lamplight.
        world.write(&Letter::new(MIRA, REQUEST, "every message", "")).await;
        assert_eq!(world.last_judged().await, ["changed"]);
        assert_eq!(person(&world, MIRA).await.delivery, Delivery::Each);
    });
}

#[test]
fn a_pause_ends_by_itself_and_once() {
    on_both(|world| async {
        let (world, _, digest) = at_home(world).await;
        assert_eq!(answers(&world, MIRA, &digest, "Pause until Friday, please").await, "changed");
        let mira = person(&world, MIRA).await;
        assert_eq!(mira.state, MemberState::Paused);
        assert_eq!(mira.paused_until, Timestamp::parse("2026-11-27T00:00:00-05:00").ok(), "her own midnight");
        assert_eq!(mira.next_digest_at, None);
        let told = world.latest(MIRA);
        assert_eq!(told.subject(), "Your mail is paused");
        assert!(flat(&told).contains("They come again from Friday 27 November on."), "{}", told.text());
        let before = world.count(MIRA);

        world.write(&Letter::new(TOM, ROSE, "Scan", "It is on Thursday.")).await;
        world.write(&Letter::new(KIT, ROSE, "Soup", "What do you eat?")).await;
        world.go_to("2026-11-26T23:59:00-05:00").await;
        assert_eq!((person(&world, MIRA).await.state, world.count(MIRA)), (MemberState::Paused, before));
        // Nobody ran for two days; then two servers look at once.
        world.lamplight.clock.set(Timestamp::parse("2026-11-29T12:00:00-05:00").unwrap());
        let now = world.now();
        let (one, other) = tokio::join!(world.lamplight.tick(now), world.lamplight.tick(now));
        assert_eq!(one.unwrap().back + other.unwrap().back, 1, "{}", world.database);
        world.run().await;
        let mira = person(&world, MIRA).await;
        assert_eq!((mira.state, mira.paused_until), (MemberState::Active, None));
        let came = since(&world, MIRA, before);
        assert_eq!(came.len(), 1, "{}: {:?}", world.database, world.subjects(MIRA));
        assert_eq!(came[0].subject(), "You are back in Rose");
        assert!(flat(&came[0]).contains("2 messages in 2 conversations came"), "{}", came[0].text());
        world.pass(2 * DAY).await;
        assert_eq!(world.count(MIRA), before + 1, "what came meanwhile is not sent");
        world.write(&Letter::new(KIT, ROSE, "Bread", "Who bakes?")).await;
        world.pass(DAY).await;
        assert!(flat(&world.latest(MIRA)).contains("Who bakes?"), "digests come again");
    });
}

#[test]
fn a_day_that_can_be_read_in_two_ways_is_asked_about() {
    on_both(|world| async {
        let (world, single, _) = at_home(world).await;
        for words in ["pause until 3/1", "PAUSE UNTIL a date", "pause until 31 February"] {
            assert_eq!(answers(&world, KIT, &single, words).await, "explained", "{words}");
            assert_eq!(person(&world, KIT).await.state, MemberState::Active, "{words}");
        }
        let asked = world.latest(KIT);
        assert!(asked.subject() == "Until which day?" && flat(&asked).contains("PAUSE UNTIL 3"), "{}", asked.text());
        assert_eq!(answers(&world, KIT, &asked, "pause until 3 January").await, "changed");
        assert_eq!(person(&world, KIT).await.paused_until, Timestamp::parse("2027-01-03T00:00:00-05:00").ok());
        let before = world.count(KIT);
        world.write(&Letter::new(TOM, ROSE, "Scan", "It is on Thursday.")).await;
        assert_eq!(world.count(KIT), before, "single mails rest as well");
        // The answer to our own word brings her back.
        assert_eq!(answers(&world, KIT, &world.latest(KIT), "Resume").await, "changed");
        assert_eq!(
            (person(&world, KIT).await.state, person(&world, KIT).await.paused_until),
            (MemberState::Active, None)
        );
        assert!(
            flat(&world.latest(KIT)).contains("one message in one conversation came"),
            "{}",
            flat(&world.latest(KIT))
        );
        world.write(&Letter::new(TOM, ROSE, "Bread", "Who bakes?")).await;
        assert!(flat(&world.latest(KIT)).contains("Who bakes?"));
    });
}

#[test]
fn a_repeat_is_confirmed_once_an_hour_and_a_flood_changes_nothing() {
    on_both(|world| async {
        let (world, ..) = at_home(world).await;
        assert_eq!(says(&world, MIRA, REQUEST, "weekly").await, "changed");
        let before = world.count(MIRA);
        for _ in 0..4 {
            assert_eq!(says(&world, MIRA, REQUEST, "weekly").await, "changed-before");
        }
        assert_eq!(world.count(MIRA), before + 1, "{}", world.database);
        world.pass(HOUR + 60).await;
        says(&world, MIRA, REQUEST, "weekly").await;
        assert_eq!(world.count(MIRA), before + 2);
        for number in 0..40 {
            says(&world, MIRA, REQUEST, if number % 2 == 0 { "daily" } else { "weekly" }).await;
        }
        assert_eq!(world.count(MIRA), before + 2 + 12, "each change is confirmed");
        assert_eq!(person(&world, MIRA).await.delivery, Delivery::Weekly, "the twelfth");
        // Nothing changes behind her back.
        let (hers, danas) = (world.count(MIRA), world.count(DANA));
        assert_eq!(says(&world, MIRA, REQUEST, "no mail").await, "passed-on", "{}", world.database);
        assert_eq!(person(&world, MIRA).await.delivery, Delivery::Weekly);
        assert_eq!((world.count(MIRA), world.count(DANA)), (hers, danas + 1), "people look");
        assert_eq!(says(&world, MIRA, REQUEST, "settings").await, "explained");
        world.pass(HOUR + 60).await;
        assert_eq!(says(&world, MIRA, REQUEST, "no mail").await, "changed");
    });
}

#[test]
fn a_muted_conversation_comes_no_more() {
    on_both(|world| async {
        let (world, single, digest) = at_home(world).await;
        assert_eq!(answers(&world, KIT, &single, "mute").await, "changed");
        let told = world.latest(KIT);
        assert!(flat(&told).contains("\"Sleep\""), "{}", told.text());
        let before = world.count(KIT);
        assert_eq!(answers(&world, MIRA, &digest, "Have you tried tea?").await, "published");
        assert_eq!(world.count(KIT), before, "{}: {:?}", world.database, world.subjects(KIT));
        world.write(&Letter::new(MIRA, ROSE, "Soup", "What do you eat?")).await;
        assert_eq!(world.count(KIT), before + 1, "the others come");
        let other = world.latest(KIT);

        // She may still write to it, and hears what she has muted.
        assert_eq!(answers(&world, KIT, &single, "Warm milk helps me.").await, "published");
        assert_eq!(says(&world, KIT, REQUEST, "settings").await, "explained");
        assert!(
            flat(&world.latest(KIT)).contains("- Sleep, since Tuesday 24 November"),
            "{}",
            flat(&world.latest(KIT))
        );
        assert_eq!(answers(&world, KIT, &other, "Unmute").await, "changed-before", "another one");
        // The answer to our own word is about the same conversation.
        assert_eq!(answers(&world, KIT, &told, "UNMUTE").await, "changed");
        let kit = person(&world, KIT).await;
        let mut db = world.lamplight.store.read().await.unwrap();
        assert!(mutes::list(&mut db, kit.id).await.unwrap().is_empty());
        drop(db);
        let before = world.count(KIT);
        assert_eq!(answers(&world, MIRA, &digest, "Or honey?").await, "published");
        assert_eq!(world.count(KIT), before + 1);

        // A digest of one conversation is this one; of several, she is told how.
        assert_eq!(answers(&world, MIRA, &digest, "mute").await, "changed");
        assert!(flat(&world.latest(MIRA)).contains("\"Sleep\""));
        world.write(&Letter::new(TOM, ROSE, "Bread", "Who bakes?")).await;
        world.write(&Letter::new(TOM, ROSE, "Scan", "It is on Thursday.")).await;
        world.pass(DAY).await;
        let digest = world.latest(MIRA);
        assert!(digest.text().contains("Who bakes?"), "{}", digest.text());
        assert_eq!(answers(&world, MIRA, &digest, "mute").await, "explained");
        assert_eq!(world.latest(MIRA).subject(), "Which conversation?");
    });
}

#[test]
fn content_notes_are_kept_in_one_form() {
    on_both(|world| async {
        let (world, single, digest) = at_home(world).await;
        assert_eq!(answers(&world, MIRA, &single, "Fold: Hair LOSS").await, "changed");
        assert_eq!(answers(&world, MIRA, &digest, "fold: Needles please").await, "changed");
        assert_eq!(answers(&world, MIRA, &digest, "fold: hair loss").await, "changed-before");
        assert_eq!(person(&world, MIRA).await.folds, ["hair loss", "needles"]);
        assert!(since(&world, MIRA, 0).iter().any(|mail| mail.text().contains("\"needles\" now come")));
        assert_eq!(answers(&world, MIRA, &digest, "unfold: NEEDLES").await, "changed");
        assert_eq!(answers(&world, MIRA, &digest, "fold everything with a note").await, "changed");
        assert_eq!(person(&world, MIRA).await.folds, ["hair loss", "all"]);
        for number in 0..25 {
            answers(&world, MIRA, &digest, &format!("fold: note {number}")).await;
            if number % 8 == 0 {
                world.pass(HOUR + 60).await;
            }
        }
        assert_eq!(person(&world, MIRA).await.folds.len(), 20);
        assert_eq!(world.last_judged().await, ["explained"]);
        assert_eq!(answers(&world, MIRA, &digest, "unfold everything").await, "changed");
        assert_eq!(person(&world, MIRA).await.folds, Vec::<String>::new());
        assert_eq!(answers(&world, MIRA, &single, "Fold the blankets and rest").await, "published");
    });
}

#[test]
fn help_is_a_person_first() {
    on_both(|world| async {
        let (world, single, digest) = at_home(world).await;
        for (number, to) in
            [single.reply_address(), digest.reply_address(), ROSE.into(), OWNER.into(), LEAVE.into()].iter().enumerate()
        {
            let before = (world.count(DANA), world.count(RUTH), world.count(KIT), world.count(MIRA));
            let words = ["Help", "help me", "Please help", "HELP!", "Ayuda"][number];
            assert_eq!(says(&world, MIRA, to, words).await, "passed-on", "{}: {to}", world.database);
            assert_eq!((world.count(DANA), world.count(RUTH)), (before.0 + 1, before.1 + 1), "{to}: people read it");
            assert!(world.latest(DANA).text().contains(words), "{}", world.latest(DANA).text());
            assert_eq!(world.count(KIT), before.2, "the group does not");
            assert_eq!(world.count(MIRA), before.3 + usize::from(number == 0), "the words come once a day");
            if number == 0 {
                let told = flat(&world.latest(MIRA));
                assert!(
                    told.contains("A social worker gets your message, too.") && told.contains("Call 911"),
                    "{told}"
                );
            }
        }
        // Where machines are asked, one word may be for the machine; anything else reaches people as well.
        let before = (world.count(DANA), world.count(KIT));
        world.write(&Letter::new(KIT, HELP, "help", "")).await;
        assert_eq!(world.last_judged().await, ["explained"], "{}", world.database);
        assert_eq!((world.count(DANA), world.count(KIT)), (before.0, before.1 + 1));
        assert!(!flat(&world.latest(KIT)).contains("social worker gets"), "{}", flat(&world.latest(KIT)));
        for (nth, (subject, words)) in [("", "help"), ("help", ""), ("", "")].into_iter().enumerate() {
            // Whoever asks again the same day was not helped.
            world.write(&Letter::new(KIT, HELP, subject, words)).await;
            assert_eq!(world.last_judged().await, ["passed-on"], "{}: {subject}|{words}", world.database);
            assert_eq!((world.count(DANA), world.count(KIT)), (before.0 + nth + 1, before.1 + 2), "{subject}|{words}");
            assert!(flat(&world.latest(KIT)).contains("A social worker gets your message"));
        }
        let before = (world.count(DANA), before.1 + 1);
        for words in ["help me", "I need help", "How do I pause?", "Help!"] {
            assert_eq!(says(&world, KIT, HELP, words).await, "passed-on", "{words}");
            assert!(world.latest(DANA).text().contains(words));
        }
        assert_eq!(world.count(KIT), before.1 + 1, "once a day");
        assert_eq!(says(&world, TOM, HELP, "How do I pause?").await, "passed-on");
        assert!(flat(&world.latest(TOM)).contains("PAUSE UNTIL 3 January"), "{}", flat(&world.latest(TOM)));
    });
}

#[test]
fn a_short_call_reaches_people_whatever_comes_with_it() {
    on_both(|world| async {
        let (world, single, _) = at_home(world).await;
        let posts = world.posts().await.len();
        for (to, words) in [
            (single.reply_address(), "Help me now"),
            (single.reply_address(), "Help 😭"),
            (ROSE.into(), "Can anyone help me"),
            (HELP.into(), "Send help"),
            (single.reply_address(), "Help\n-- \nNobody will miss me"),
            (single.reply_address(), "Help?"),
        ] {
            let before = world.count(DANA);
            assert_eq!(says(&world, KIT, &to, words).await, "passed-on", "{}: {words}", world.database);
            assert_eq!(world.count(DANA), before + 1, "{words}");
            assert!(
                world.latest(DANA).text().contains(words.lines().last().unwrap().trim_start_matches("> ")),
                "{words}"
            );
        }
        let logo = [("logo.png", "image/png", b"\x89PNG not much of one".to_vec())];
        for (subject, words) in [("Re: Sleep", "Help"), ("Re: what I never told", "Ayuda ahora")] {
            let mail = String::from_utf8(mail_with(KIT, &single.reply_address(), words, &logo)).unwrap();
            let mail = mail.replace("Subject: Waiting", &format!("Subject: {subject}"));
            world.deliver(KIT, &[single.reply_address().as_str()], &mail).await;
            world.run().await;
            assert_eq!(world.last_judged().await, ["passed-on"], "{}: {words}", world.database);
        }
        assert_eq!(world.posts().await.len(), posts, "nothing of it is a post");
        assert_eq!(says(&world, KIT, &single.reply_address(), "Help with parking").await, "published");
    });
}

#[test]
fn her_words_below_a_wish_or_behind_re_are_words() {
    on_both(|world| async {
        let (world, single, _) = at_home(world).await;
        let to = single.reply_address();
        for (subject, words, became) in [
            ("Re: Sleep", "Pause\n-- \nThere is nothing left for me", "post"),
            ("Re: Sleep", "Pause. Thank you,\nAdieu", "post"),
            ("Re: Sleep", "Pause\n\nSent from my sister's garden", "post"),
            ("Re: the garden that I never had", "Pause", "post"),
            ("Re: Sleep", "Weekly\n-- \nKit", "changed"),
            ("RE: [Rose] Sleep", "Daily\n\nSent from my iPhone", "changed"),
        ] {
            world.write(&Letter::new(KIT, &to, subject, words)).await;
            let judged = world.last_judged().await.join(" ");
            // Where it may tell of danger, people read it first.
            let is_post = ["published", "held"].contains(&judged.as_str());
            assert_eq!(if is_post { "post" } else { &judged }, became, "{}: {subject}: {words}", world.database);
            assert_ne!(person(&world, KIT).await.state, MemberState::Paused, "{subject}: {words}");
        }
        // The subject of our own mail, which no conversation has.
        let told = world.latest(KIT);
        assert_eq!(told.subject(), "Your mail from Rose");
        world.write(&Letter::new(KIT, REQUEST, "Re: Your mail from Rose", "weekly")).await;
        assert_eq!(world.last_judged().await, ["changed"], "{}", world.database);
    });
}

#[test]
fn mutes_go_where_their_conversation_goes_and_only_the_latest_are_listed() {
    on_both(|world| async {
        let (world, single, _) = at_home(world).await;
        assert_eq!(answers(&world, KIT, &single, "mute").await, "changed");
        let kit = person(&world, KIT).await;
        let (rose, from) = (kit.group, world.thread_with("I lie awake at four.").await);
        let mut tx = world.lamplight.store.begin().await.unwrap();
        let mut more = Vec::new();
        for number in 0..53 {
            let subject = format!("Walk {number}");
            more.push(threads::insert(&mut tx, rose, &subject, &subject, world.now()).await.unwrap());
        }
        tx.commit().await.unwrap();
        let mut tx = world.lamplight.store.begin().await.unwrap();
        threads::continue_in(&mut tx, from, more[0]).await.unwrap();
        tx.commit().await.unwrap();
        let mut tx = world.lamplight.store.begin().await.unwrap();
        let muted = mutes::list(&mut tx, kit.id).await.unwrap();
        assert_eq!(muted.iter().map(|one| one.thread).collect::<Vec<_>>(), [more[0]], "{}", world.database);
        for (number, thread) in (0..).zip(&more) {
            mutes::insert(&mut tx, kit.id, *thread, world.now().plus_seconds(number)).await.unwrap();
        }
        tx.commit().await.unwrap();
        says(&world, KIT, REQUEST, "settings").await;
        let told = flat(&world.latest(KIT));
        // The group has no post of them, so that they have no names.
        assert_eq!(told.matches("- (no subject), since").count(), 50, "{}: {told}", world.database);
        assert!(told.contains("- and 3 conversations more"), "{told}");
    });
}

#[test]
fn stop_asks_once_and_one_answer_is_enough() {
    on_both(|world| async {
        let (world, single, _) = at_home(world).await;
        assert_eq!(answers(&world, KIT, &single, "please stop thank you").await, "asked-to-confirm");
        let question = world.latest(KIT);
        assert_eq!(question.subject(), "Do you want to leave Rose?");
        assert_eq!(person(&world, KIT).await.state, MemberState::Active);
        let before = world.count(KIT);
        assert_eq!(answers(&world, KIT, &single, "STOP").await, "asked-to-confirm");
        assert_eq!(world.count(KIT), before, "asked once a day");
        assert_eq!(answers(&world, KIT, &question, "yes").await, "left");
        assert_eq!(person(&world, KIT).await.state, MemberState::Left);
        assert_eq!(says(&world, KIT, REQUEST, "resume").await, "stranger", "who has left has no mail to change");
        assert_eq!(person(&world, KIT).await.state, MemberState::Left);
    });
}

#[test]
fn danger_comes_before_every_word() {
    on_both(|world| async {
        let (world, single, _) = at_home(world).await;
        for (number, (to, subject, body)) in [
            (single.reply_address(), "Re: Sleep".to_owned(), format!("pause\n\n-- \n{CRY}")),
            (ROSE.into(), String::new(), format!("stop\n\n> {CRY}")),
            (REQUEST.into(), CRY.to_owned(), "weekly".to_owned()),
        ]
        .into_iter()
        .enumerate()
        {
            let before = world.count(DANA);
            world.write(&Letter::new(KIT, &to, &subject, &body)).await;
            assert!(world.count(DANA) > before, "{}: {to}: {:?}", world.database, world.last_judged().await);
            let kit = person(&world, KIT).await;
            assert_eq!((kit.state, kit.delivery), (MemberState::Active, Delivery::Each), "{number}");
            assert!(world.mail_to(DANA).iter().any(|mail| mail.text().contains("kill myself")));
        }
    });
}

#[test]
fn nothing_automatic_commands_and_no_file_is_lost() {
    on_both(|world| async {
        let (world, single, _) = at_home(world).await;
        let answer = Letter::answering(KIT, &single, "pause");
        world.write(&answer.clone().with("Auto-Submitted: auto-replied")).await;
        world.deliver("", &[answer.to.as_str()], answer.bytes()).await;
        world.run().await;
        let mut absent = answer.clone();
        absent.subject = "Out of office: Sleep".into();
        world.write(&absent).await;
        assert_eq!(person(&world, KIT).await.state, MemberState::Active, "{}", world.database);
        // A word with a file is more than a word, and so is one above a list of her own.
        let picture = [("scan.png", "image/png", b"\x89PNG not much of one".to_vec())];
        let with_picture = String::from_utf8(mail_with(KIT, &answer.to, "pause", &picture)).unwrap();
        let with_picture = with_picture.replace("Subject: Waiting", "Subject: Re: Sleep");
        world.deliver(KIT, &[answer.to.as_str()], &with_picture).await;
        world.run().await;
        assert_eq!(world.last_judged().await, ["published"], "{}", world.database);
        assert_eq!(answers(&world, KIT, &single, "pause\n\nbread and milk help").await, "published");
        assert_eq!(person(&world, KIT).await.state, MemberState::Active);
        // Whoever is not in the group commands nothing.
        assert_eq!(says(&world, "nobody@else.example", REQUEST, "pause").await, "stranger");
    });
}

#[test]
fn one_mail_to_several_addresses_is_one_word_and_no_post() {
    on_both(|world| async {
        let (world, single, _) = at_home(world).await;
        let (posts, before) = (world.posts().await.len(), world.count(KIT));
        let letter = Letter::new(KIT, ROSE, "Re: Sleep", "Weekly please");
        world.deliver(KIT, &[ROSE, REQUEST, OWNER, &single.reply_address()], letter.bytes()).await;
        world.run().await;
        assert_eq!((world.posts().await.len(), world.count(KIT)), (posts, before + 1), "{}", world.database);
        assert_eq!(person(&world, KIT).await.delivery, Delivery::Weekly);
    });
}

#[test]
fn a_sender_who_is_not_verified_changes_nothing() {
    on_both_with(
        |config| config.inbound.trusted_authserv_ids = vec!["mx.groups.example".into()],
        |world| async {
            let world = world.with_rose().await.openly().await;
            everybody_is_known(&world).await;
            let before = world.count(DANA);
            assert_eq!(says(&world, KIT, REQUEST, "pause").await, "passed-on", "{}", world.database);
            assert_eq!((person(&world, KIT).await.state, world.count(KIT)), (MemberState::Active, 0));
            assert_eq!(world.count(DANA), before + 1, "people look at it");
            assert_eq!(says(&world, KIT, ROSE, "weekly").await, "passed-on");
            assert_eq!(person(&world, KIT).await.delivery, Delivery::Each);
            // Leaving asks by a mail of its own.
            assert_eq!(says(&world, KIT, ROSE, "stop").await, "asked-to-confirm");
        },
    );
}

#[test]
fn moderators_read_too_and_their_other_words_stay_decisions() {
    on_both(|world| async {
        let (world, ..) = at_home(world).await;
        // A reading list may have come after it.
        let digest = world.mail_to(DANA).into_iter().rfind(|mail| mail.reply_address().contains("+d.")).unwrap();
        assert_eq!(answers(&world, DANA, &digest, "weekly").await, "changed", "{}", world.database);
        assert_eq!(person(&world, DANA).await.delivery, Delivery::Weekly);
        assert_eq!(answers(&world, DANA, &digest, "pause").await, "explained");
        let dana = person(&world, DANA).await;
        assert!(dana.is_active_moderator(), "she still decides");
        assert!(world.latest(DANA).text().contains("always come to you"), "{}", world.latest(DANA).text());
        world.change_group("rose", |group| group.moderation = lamplight::model::group::Moderation::All).await;
        world.write(&Letter::new(TOM, ROSE, "Soup", "What do you eat?")).await;
        let notice = world.latest(RUTH);
        world.write(&Letter::answering(RUTH, &notice, "weekly")).await;
        assert_eq!(world.post_with("What do you eat?").await.state, PostState::Held);
        assert_eq!(person(&world, RUTH).await.delivery, Delivery::None, "an answer to a notice is about the post");
        world.write(&Letter::answering(RUTH, &notice, "approve")).await;
        world.pass(200).await;
        assert_eq!(world.post_with("What do you eat?").await.state, PostState::Published);
    });
}

#[test]
fn nobody_else_is_told_and_a_closed_group_changes_nothing() {
    on_both(|world| async {
        let (world, ..) = at_home(world).await;
        assert_eq!(says(&world, ADA, REQUEST, "Every message please").await, "changed");
        assert_eq!(says(&world, ADA, REQUEST, "no mail").await, "changed");
        assert_eq!(says(&world, ADA, REQUEST, "resume").await, "changed");
        assert_eq!(person(&world, ADA).await.delivery, Delivery::Daily);
        world.change_group("rose", |group| group.state = lamplight::model::group::GroupState::Closed).await;
        says(&world, ADA, REQUEST, "no mail").await;
        assert_eq!(person(&world, ADA).await.delivery, Delivery::Daily, "{}", world.database);
        assert!(
            members::back_by(&mut world.lamplight.store.read().await.unwrap(), world.now()).await.unwrap().is_empty()
        );
        world.assert_one_reader_each();
    });
}

#[test]
fn plain_text_is_all_that_somebody_gets_who_asked_for_it() {
    on_both(|world| async {
        let (world, single, _) = at_home(world).await;
        assert!(
            single.headers("Content-Type")[0].contains("multipart/alternative"),
            "{:?}",
            single.headers("Content-Type")
        );
        assert_eq!(answers(&world, KIT, &single, "text only please").await, "changed");
        assert_eq!(person(&world, KIT).await.format, Format::Text);
        world.write(&Letter::new(MIRA, ROSE, "Soup", "What do you eat?")).await;
        let (kits, toms) = (world.latest(KIT), world.latest(TOM));
        assert!(kits.headers("Content-Type")[0].starts_with("text/plain"), "{:?}", kits.headers("Content-Type"));
        assert!(toms.headers("Content-Type")[0].contains("multipart/alternative"));
        assert_eq!(kits.header("Message-ID"), toms.header("Message-ID"), "one post, one name for all that answer it");
        assert_eq!(kits.text().trim(), toms.text().trim());
        // What is taken back stops in both forms.
        world.peer.answer("BODY", "451 4.2.0 later").to("kit@");
        world.peer.answer("BODY", "451 4.2.0 later").to("tom@");
        world.write(&Letter::new(MIRA, ROSE, "Bread", "Who bakes?")).await;
        let post = world.post_with("Who bakes?").await.id;
        world.peer.behave();
        world.lamplight.retract_as_administrator(post, world.now()).await.unwrap();
        world.pass(DAY).await;
        for who in [KIT, TOM] {
            assert!(
                !world.mail_to(who).iter().any(|mail| mail.text().contains("Who bakes?")),
                "{}: {who}",
                world.database
            );
        }
    });
}

#[test]
fn every_group_understands_both_languages_and_answers_in_its_own() {
    on_both(|world| async {
        let (world, single, _) = at_home(world).await;
        assert_eq!(answers(&world, KIT, &single, "Semanal por favor, gracias").await, "changed", "{}", world.database);
        assert_eq!(person(&world, KIT).await.delivery, Delivery::Weekly);
        assert!(flat(&world.latest(KIT)).contains("one e-mail a week"));
        world.change_group("rose", |group| group.language = "es".into()).await;
        assert_eq!(answers(&world, KIT, &single, "Pausa hasta el viernes").await, "changed");
        let told = world.latest(KIT);
        assert_eq!(told.subject(), "Su correo está en pausa", "{}", world.database);
        assert!(flat(&told).contains("a partir del viernes 27 de noviembre"), "{}", told.text());
        assert_eq!(answers(&world, KIT, &told, "resume").await, "changed");
        assert_eq!(answers(&world, KIT, &single, "Darme de baja").await, "asked-to-confirm");
        assert_eq!(answers(&world, MIRA, &single, "Ayuda").await, "passed-on");
        assert!(flat(&world.latest(MIRA)).contains("PAUSA HASTA EL 3 de enero"), "{}", world.latest(MIRA).text());
    });
}

/// "Socorro" is asked of people, wherever it is written.
#[test]
fn a_cry_in_one_word_reaches_people_in_both_languages() {
    on_both(|world| async {
        let (world, ..) = at_home(world).await;
        for (words, to) in [
            ("Socorro", HELP),
            ("Auxilio", REQUEST),
            ("Ayúdenme", HELP),
            ("ayúdame", REQUEST),
            ("Ayúdeme, por favor", HELP),
            ("SOS", REQUEST),
            ("help me", HELP),
        ] {
            let before = world.count(DANA);
            assert_eq!(says(&world, KIT, to, words).await, "passed-on", "{}: {words}", world.database);
            assert_eq!(world.count(DANA), before + 1, "{}: {words}", world.database);
        }
    });
}

/// After a cry she is asked how she is: what she answers is heard by people, whatever a program might take it for.
#[test]
fn after_an_alarm_every_word_of_hers_is_for_people_too() {
    on_both(|world| async {
        let (world, _, digest) = at_home(world).await;
        says(&world, MIRA, OWNER, "I want to kill myself tonight. I have the pills here.").await;
        let asked = world.latest(MIRA);
        assert!(flat(&asked).contains("Only our social workers"), "{}", flat(&asked));
        let set = person(&world, MIRA).await;
        // An answer to what people ask, sent wherever her program sends it.
        for words in ["Nothing", "at 7 pm", "leave", "on Monday", "nada", "every day"] {
            for to in [OWNER.to_owned(), REQUEST.to_owned(), asked.reply_address()] {
                let before = world.count(DANA);
                let mut answer = Letter::answering(MIRA, &asked, words);
                answer.to = to.clone();
                world.write(&answer).await;
                assert!(world.count(DANA) > before, "{}: {words} to {to}", world.database);
                assert!(world.latest(DANA).text().contains(words), "{}: {words} to {to}", world.database);
            }
        }
        let now = person(&world, MIRA).await;
        assert_eq!((now.delivery, now.hour, now.days, now.state), (set.delivery, set.hour, set.days, set.state));
        // A plain word acts all the same, and they know.
        for (words, to) in
            [("PAUSE", digest.reply_address()), ("resume", REQUEST.to_owned()), ("Stop.", OWNER.to_owned())]
        {
            let before = (world.count(DANA), world.count(MIRA));
            let mut answer = Letter::answering(MIRA, &digest, words);
            answer.to = to;
            world.write(&answer).await;
            assert!(world.count(DANA) > before.0, "{}: {words}", world.database);
            assert!(world.count(MIRA) > before.1, "{}: {words}", world.database);
        }
        // Long after it was answered, her words are as anybody's.
        world.write(&Letter::answering(DANA, &world.latest(DANA), "MINE")).await;
        sql(&world, &["update alerts set ended_at = raised_at, ended_how = 'ack' where ended_at is null".to_owned()])
            .await;
        world.pass(8 * DAY).await;
        let before = world.count(DANA);
        assert_eq!(says(&world, MIRA, REQUEST, "at 7 pm").await, "changed");
        assert_eq!(world.count(DANA), before, "{}", world.database);
    });
}

/// Where people read, a word that acts is read by them as well, and what may be an answer to them does not act.
#[test]
fn the_moderators_address_is_read_by_moderators() {
    on_both(|world| async {
        let (world, ..) = at_home(world).await;
        let before = world.count(DANA);
        assert_eq!(says(&world, KIT, OWNER, "Please pause my mail").await, "changed");
        assert_eq!(person(&world, KIT).await.state, MemberState::Paused);
        assert_eq!(world.count(DANA), before + 1, "{}", world.database);
        let set = person(&world, TOM).await;
        assert_eq!(says(&world, TOM, OWNER, "Nothing").await, "passed-on");
        assert_eq!(says(&world, TOM, OWNER, "at 7 pm").await, "passed-on");
        assert_eq!(world.count(DANA), before + 3, "{}", world.database);
        let now = person(&world, TOM).await;
        assert_eq!((now.delivery, now.hour), (set.delivery, set.hour), "{}", world.database);
    });
}

/// What came while somebody took no mail is counted from the last that she had, whichever way she came to it.
#[test]
fn what_was_missed_is_said_truly() {
    on_both(|world| async {
        let (world, ..) = at_home(world).await;
        world.pass(DAY).await;
        says(&world, MIRA, REQUEST, "no mail").await;
        world.write(&Letter::new(TOM, ROSE, "Bread", "Who bakes?")).await;
        world.write(&Letter::new(TOM, ROSE, "Scarves", "Who knits?")).await;
        assert_eq!(says(&world, MIRA, REQUEST, "resume").await, "changed");
        let told = flat(&world.latest(MIRA));
        assert!(told.contains("Meanwhile 2 messages in 2 conversations came."), "{}: {told}", world.database);
        // Single mails are mails: nothing was missed.
        says(&world, KIT, REQUEST, "every message").await;
        for (subject, words) in [("Tea", "Who drinks it?"), ("Birds", "Who feeds them?")] {
            world.write(&Letter::new(TOM, ROSE, subject, words)).await;
        }
        for words in ["no mail", "pause", "resume"] {
            assert_eq!(says(&world, KIT, REQUEST, words).await, "changed", "{words}");
        }
        let told = flat(&world.latest(KIT));
        assert!(told.contains("Meanwhile nobody wrote."), "{}: {told}", world.database);
    });
}
