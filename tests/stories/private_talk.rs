//! The private line: a member and the moderators write to each other, and neither learns the other's address. Nobody else is
//! carried, and nothing of it stands anywhere else.

use lamplight::model::group::Subjects;
use lamplight::model::member::MemberState;

use crate::leaks::{FIELDS, PARTS, holds, only_allowed_fields};
use crate::scene::{ADMIN, CRY, DANA, KIT, MIRA, ROSE, RUTH, TOM, everybody_is_known, send};
use crate::support::{Captured, Letter, World, on_both};

const OWNER: &str = "rose-owner@groups.example";
const DAY: i64 = 86_400;

/// Kit's words to the moderators; Dana's copy and Ruth's.
async fn asked(world: &World, subject: &str, words: &str) -> (Captured, Captured) {
    world.write(&Letter::new(KIT, OWNER, subject, words)).await;
    (world.latest(DANA), world.latest(RUTH))
}

/// The members who are not Kit have nothing that came after these.
fn no_other_member_heard(world: &World, before: usize) {
    for mail in world.peer.mail_after(before) {
        let to = mail.recipients[0].as_str();
        assert!([KIT, DANA, RUTH].contains(&to), "{}: {to} got “{}”", world.database, mail.subject());
    }
}

fn references(mail: &Captured) -> Vec<String> {
    mail.header("References").split_whitespace().map(str::to_owned).collect()
}

#[test]
fn both_sides_write_and_neither_learns_an_address() {
    on_both(|world| async {
        let world = world.with_rose().await;
        let (dana, ruth) = asked(&world, "A question", "May I bring my sister?").await;
        assert!(dana.text().contains("> May I bring my sister?") && dana.text().contains("Kit wrote to rose-owner."));
        assert!(dana.header("From").contains("Kit (Rose)") && dana.header("From").contains(OWNER));
        let talk = dana.reply_address();
        assert!(talk.starts_with("rose+p.") && talk == ruth.reply_address(), "{}: {talk}", world.database);
        assert!(!dana.raw.windows(KIT.len()).any(|run| run == KIT.as_bytes()), "the address is a look away");

        world.write(&Letter::answering(DANA, &dana, "Of course. Does she know about us?\n\nDana")).await;
        let answer = world.latest(KIT);
        assert_eq!(answer.subject(), "Re: A question");
        assert!(answer.text().starts_with("Of course. Does she know about us?"), "{}", answer.text());
        assert!(answer.header("From").contains("Dana, moderator (Rose)") && answer.header("From").contains(OWNER));
        assert!(
            answer.reply_address().starts_with("rose+p.") && answer.reply_address() != talk,
            "an address for each side"
        );
        assert_eq!(answer.header("Auto-Submitted"), "");
        assert!(answer.reverse_path.starts_with("lamplight+b."), "a bounce is noticed: {}", answer.reverse_path);
        // Ruth knows that it is handled; Dana knows what she wrote.
        assert_eq!((world.count(DANA), world.count(RUTH)), (1, 2), "{}", world.database);
        assert_eq!(world.latest(RUTH).subject(), "Dana answered Kit");
        assert!(world.latest(RUTH).text().contains("> Of course. Does she know about us?"));
        assert_eq!(world.latest(RUTH).reply_address(), talk);

        world.write(&Letter::answering(KIT, &answer, "She does. Thank you!")).await;
        assert_eq!((world.count(DANA), world.count(RUTH), world.count(KIT)), (2, 3, 1));
        for moderator in [DANA, RUTH] {
            let words = world.latest(moderator);
            assert!(words.text().contains("> She does. Thank you!"), "{}: {}", world.database, words.text());
            assert_eq!(words.reply_address(), talk);
        }
        world.write(&Letter::answering(RUTH, &world.latest(RUTH), "Then see you both on Friday.")).await;
        assert!(world.latest(KIT).header("From").contains("Ruth, moderator"), "{}", world.latest(KIT).header("From"));
        assert!(world.latest(DANA).text().contains("see you both on Friday"));
        no_other_member_heard(&world, 0);
        world.assert_one_reader_each();
        assert!(world.posts().await.is_empty());
        world.go_to("2026-11-24T17:31:00-05:00").await;
        no_other_member_heard(&world, 0);
    });
}

/// Each side's program puts its mails together: what each names is what that side has.
#[test]
fn each_side_s_mail_program_keeps_the_talk_together() {
    on_both(|world| async {
        let world = world.with_rose().await;
        let (first, _) = asked(&world, "A question", "May I bring my sister?").await;
        assert!(first.header("References").is_empty());
        world.write(&Letter::answering(DANA, &first, "Of course.")).await;
        let answer = world.latest(KIT);
        let hers = references(&answer);
        assert_eq!(hers.len(), 1, "{}: her own mail: {hers:?}", world.database);
        assert!(hers[0].contains("@phone.home.example"), "{hers:?}");
        let copy = world.latest(RUTH);
        assert_eq!(references(&copy), [first.header("Message-ID")]);
        world.write(&Letter::answering(KIT, &answer, "Thank you.")).await;
        let thanks = world.latest(RUTH);
        assert_eq!(references(&thanks), [first.header("Message-ID"), copy.header("Message-ID")]);
        assert_eq!(thanks.header("In-Reply-To"), copy.header("Message-ID"));
        world.write(&Letter::answering(DANA, &thanks, "You are welcome.")).await;
        let ours = references(&world.latest(KIT));
        assert!(ours.contains(&answer.header("Message-ID")) && ours.contains(&hers[0]), "{ours:?}");
        assert!(!ours.iter().any(|id| *id == first.header("Message-ID")), "what moderators have, she has not");
    });
}

#[test]
fn another_subject_or_a_long_silence_begins_another_talk() {
    on_both(|world| async {
        let world = world.with_rose().await;
        let one = asked(&world, "A question", "May I bring my sister?").await.0.reply_address();
        assert_eq!(asked(&world, "Re: A question", "And my brother?").await.0.reply_address(), one);
        let other = asked(&world, "Friday", "I can't come.").await.0.reply_address();
        assert_ne!(other, one, "{}", world.database);
        world.pass(59 * DAY).await;
        assert_eq!(asked(&world, "A question", "And my aunt?").await.0.reply_address(), one);
        world.pass(61 * DAY).await;
        let late = asked(&world, "A question", "And the dog?").await.0.reply_address();
        assert!(late != one && late != other, "{}", world.database);
        // An old address goes on working: whoever answers an old mail is heard in that talk.
        world.write(&Letter::new(KIT, &one, "Re: A question", "And the cat?")).await;
        assert_eq!(world.latest(DANA).reply_address(), one);
        world.write(&Letter::new(MIRA, OWNER, "A question", "Is there parking?")).await;
        assert_ne!(world.latest(DANA).reply_address(), one, "{}: Mira's is another talk", world.database);
    });
}

fn canary_mail(from: &str, to: &str, words: &str) -> Vec<u8> {
    let fields: String = FIELDS.iter().map(|(field, _)| format!("{field}\r\n")).collect();
    let parts: String = PARTS.iter().map(|(part, _)| format!("--canary-boundary\r\n{part}\r\n")).collect();
    format!(
        "{fields}From: \"Canary Display\" <{from}>\r\nTo: <{to}>, <canary-to@home.example>\r\nSubject: Waiting\r\n\
         MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=canary-boundary\r\n\r\n\
         --canary-boundary\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n\
         {words}\r\n\r\nOn Mon, 23 Nov 2026 at 10:02, Ann <canary-attribution@outside.example> wrote:\r\n\
         > canary-quoted@outside.example\r\n\r\n-- \r\ncanary-signature\r\n+1 555 0199\r\n\
         {parts}--canary-boundary--\r\ncanary-epilogue\r\n"
    )
    .into_bytes()
}

#[test]
fn no_canary_leaves_in_either_direction() {
    on_both(|world| async {
        let world = world.with_rose().await;
        send(&world, "canary-envelope@home.example", &[OWNER], &canary_mail(KIT, OWNER, "I sleep badly.")).await;
        let words = world.latest(DANA);
        assert!(words.text().contains("> I sleep badly."), "{}: {}", world.database, words.text());
        let talk = words.reply_address();
        send(&world, "canary-envelope@work.example", &[&talk], &canary_mail(DANA, &talk, "Let us talk about it."))
            .await;
        let answer = world.latest(KIT);
        assert!(answer.text().starts_with("Let us talk about it."), "{}: {}", world.database, answer.text());
        assert!(answer.text().contains("were left out"), "{}", answer.text());
        let all = FIELDS.iter().chain(PARTS).map(|(_, canary)| *canary);
        let all: Vec<&str> = all.chain(["Canary Display", "canary-signature", "555 0199", "canary-quoted"]).collect();
        for (mail, theirs, files_are_named) in [(&words, KIT, true), (&answer, DANA, false)] {
            for canary in &all {
                // Her own Message-ID, in what comes back to her alone.
                let is_hers = !files_are_named && *canary == "canary-message-id";
                // Moderators see what the files were called, as with posts.
                let is_named = files_are_named && ["canary-star", "canary-gps"].contains(canary);
                assert!(is_hers || is_named || !holds(mail, canary), "{}: {canary}:\n{}", world.database, mail.text());
            }
            assert!(!holds(mail, theirs), "{}: {theirs}", world.database);
            only_allowed_fields(mail);
        }
        assert!(!holds(&answer, "canary-IMG"), "what her files were called");
        let own = world.latest(DANA);
        assert!(
            own.subject() == "Your answer was sent" && own.text().contains("canary-IMG_2026.jpg"),
            "{}",
            own.text()
        );
        // Ruth sees the files' names and nothing else of Dana's mail.
        for canary in ["canary-signature", "canary-reply-to", DANA, "555 0199"] {
            assert!(!holds(&world.latest(RUTH), canary), "{}: {canary}", world.database);
        }
    });
}

#[test]
fn anybody_else_is_a_stranger_there() {
    on_both(|world| async {
        let world = world.with_rose().await;
        everybody_is_known(&world).await;
        let (dana, _) = asked(&world, "A question", "May I bring my sister?").await;
        let talk = dana.reply_address();
        world.set_state(MIRA, MemberState::Left).await;
        world.add_group("lily", "Lily", lamplight::model::group::Moderation::First).await;
        let role = lamplight::model::member::Role::Moderator;
        let delivery = lamplight::model::member::Delivery::None;
        world.add("lily", role, "june@work.example", "June", delivery, None).await;
        let before = world.peer.mail().len();
        for from in [TOM, MIRA, "eve@else.example", "june@work.example", ADMIN] {
            world
                .write(&Letter::new(from, &talk, "Re: A question", &format!("Words of {from}: hello Kit, hello Dana.")))
                .await;
            assert_eq!(world.last_judged().await, ["stranger"], "{}: {from}", world.database);
            assert_eq!(world.peer.mail().len(), before, "{}: nobody heard {from}", world.database);
        }
        world.change_person("rose", RUTH, |ruth| ruth.state = MemberState::Suspended).await;
        world.write(&Letter::new(RUTH, &talk, "Re: A question", "I should not.")).await;
        assert_eq!(world.last_judged().await, ["stranger"], "{}", world.database);
        assert_eq!(world.peer.mail().len(), before);
        // Nobody's words are lost: the day's summary has them, and a cry is heard at once.
        world.write(&Letter::new(TOM, &talk, "Re: A question", CRY)).await;
        assert!(world.latest(DANA).text().contains("kill myself"), "{}", world.latest(DANA).text());
        assert_eq!(world.count(KIT), 0, "{}", world.database);
        world.pass(DAY).await;
        let told = world.latest(DANA).text();
        assert!(told.contains("Words of eve@else.example") && told.contains("Words of tom@home.example"), "{told}");
        assert_eq!((world.count(KIT), world.count(TOM), world.count("eve@else.example")), (0, 0, 0));
        // A talk's address behind another group's name is none.
        let turned = talk.replace("rose+", "lily+");
        world.write(&Letter::new(DANA, &turned, "Re: A question", "To nobody.")).await;
        assert_eq!((world.last_judged().await, world.count(KIT)), (vec!["stranger".to_owned()], 0));
    });
}

#[test]
fn automatic_mail_is_passed_on_to_nobody() {
    on_both(|world| async {
        let world = world.with_rose().await;
        let (dana, _) = asked(&world, "A question", "May I bring my sister?").await;
        let before = world.peer.mail().len();
        for (from, mark) in [
            (DANA, "Auto-Submitted: auto-replied"),
            (RUTH, "X-Autoreply: yes"),
            (KIT, "Auto-Submitted: auto-replied"),
            (DANA, "Precedence: auto_reply"),
        ] {
            world.write(&Letter::answering(from, &dana, "I am away until Monday.").with(mark)).await;
            assert_eq!(world.last_judged().await, ["ignored"], "{}: {from} {mark}", world.database);
        }
        let subject = Letter { subject: "Out of Office: A question".into(), ..Letter::answering(DANA, &dana, "Away.") };
        world.write(&subject).await;
        assert_eq!(world.peer.mail().len(), before, "{}", world.database);
        // A cry in such mail is heard, and can be answered.
        world.write(&Letter::answering(KIT, &dana, CRY).with("Auto-Submitted: auto-replied")).await;
        let alarm = world.latest(RUTH);
        assert!(
            alarm.text().contains("kill myself") && alarm.reply_address().starts_with("rose+p."),
            "{}",
            alarm.text()
        );
        assert_eq!(world.count(KIT), 0);
    });
}

#[test]
fn danger_in_a_talk_is_urgent() {
    on_both(|world| async {
        let world = world.with_rose().await;
        let (dana, _) = asked(&world, "A question", "May I bring my sister?").await;
        world.write(&Letter::answering(DANA, &dana, "How are you?")).await;
        world.write(&Letter::answering(KIT, &world.latest(KIT), CRY)).await;
        for moderator in [DANA, RUTH] {
            let alarm = world.latest(moderator);
            assert_eq!(alarm.subject(), "1 message to read now", "{}", world.database);
            assert!(alarm.text().contains("kill myself") && !alarm.text().contains(KIT), "{}", alarm.text());
        }
        world.write(&Letter::answering(RUTH, &world.latest(RUTH), "I am here, Kit. Can you call 988 now?")).await;
        assert!(world.latest(KIT).text().starts_with("I am here, Kit."), "{}", world.latest(KIT).text());
    });
}

/// What she is told when her words were not carried; the member has nothing.
async fn unsent(world: &World, letter: Letter, expected: &str) {
    let (kit, ruth, dana) = (world.count(KIT), world.count(RUTH), world.count(DANA));
    let what = letter.body.lines().next().unwrap_or_default().to_owned();
    world.write(&letter).await;
    assert_eq!((world.count(KIT), world.count(RUTH)), (kit, ruth), "{}: {what}", world.database);
    assert_eq!(world.count(DANA), dana + 1, "{}: one notice: {what}", world.database);
    let told = world.latest(DANA);
    assert_eq!(told.subject(), "Your answer was not sent", "{}: {what}", world.database);
    let words = told.text().split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(words.contains(expected), "{}: {what}: {words}", world.database);
}

#[test]
fn what_a_moderator_can_t_have_meant_for_the_member_is_not_sent_and_not_lost() {
    on_both(|world| async {
        let world = world.with_rose().await;
        let (dana, _) = asked(&world, "A question", "May I bring my sister?").await;
        let answer = |words: &str| Letter::answering(DANA, &dana, words);
        for verb in ["approve", "Approve, thanks.\n\nDana", "RETURN", "Mine", "undo", "Return: please leave it out"] {
            unsent(&world, answer(verb), "decides about a held message").await;
        }
        assert!(world.latest(DANA).text().contains("> Return: please leave it out"), "nothing is lost");
        unsent(&world, answer("Ask Tom, he is tom@home.example."), "The e-mail address of somebody").await;
        unsent(&world, answer("Mine is dana@work.example."), "The e-mail address of somebody").await;
        unsent(&world, answer("Miranda Torres can tell you."), "The real name of somebody else").await;
        assert!(world.latest(DANA).text().contains("> Miranda Torres can tell you."));
        unsent(&world, answer(""), "no new words").await;
        // Below a quote without marks stand words that might be hers.
        let below = format!(
            "Yes.\n\nFrom: Kit (Rose) <{OWNER}>\nSent: Monday, November 23, 2026 2:05 PM\nTo: <{DANA}>\n\
             Subject: 1 message for the moderators of Rose\n\nMay I bring my sister?\n\n\
             But please ask the others first, some of them are shy."
        );
        let unmarked = Letter::new(DANA, &dana.reply_address(), "Re: A question", &below);
        unsent(&world, unmarked, "below the quoted text").await;
        // And behind a mark of her own.
        unsent(&world, answer("Yes.\n> but please ask the others first"), "below the quoted text").await;
        // What names herself goes to herself, and a sentence with such a word is a sentence.
        world.write(&answer("Dear Christopher Waller, I approve of that. Return when you like.")).await;
        assert!(world.latest(KIT).text().contains("I approve of that."), "{}", world.database);
        world.write(&answer("Yes.")).await;
        assert!(world.latest(KIT).text().starts_with("Yes."), "{}: little is enough", world.database);
        world.set_state(KIT, MemberState::Left).await;
        unsent(&world, answer("Are you well?"), "does not take part").await;
        let spoilt = format!("rose+p.aa{}@groups.example", "b".repeat(26));
        unsent(&world, answer("Are you well?").to(&spoilt), "do not know the address").await;
    });
}

#[test]
fn the_member_s_words_go_on_with_names_in_them() {
    on_both(|world| async {
        let world = world.with_rose().await;
        let (dana, _) =
            asked(&world, "Tom", "Tom wrote to me from tom@home.example, and Miranda Torres did too.").await;
        assert!(dana.text().contains("tom@home.example") && dana.text().contains("Miranda"), "{}", dana.text());
    });
}

/// A spoilt address loses nobody's words.
#[test]
fn a_member_who_writes_to_a_spoilt_address_is_heard() {
    on_both(|world| async {
        let world = world.with_rose().await;
        let spoilt = format!("rose+p.aa{}@groups.example", "b".repeat(26));
        world.write(&Letter::new(KIT, &spoilt, "A question", "Is anybody there?")).await;
        let (dana, kit) = (world.latest(DANA), world.count(KIT));
        assert!(dana.text().contains("> Is anybody there?") && dana.reply_address().starts_with("rose+p."));
        assert_ne!(dana.reply_address(), spoilt);
        assert_eq!(kit, 0);
    });
}

#[test]
fn one_mail_to_the_talk_and_to_owner_is_an_answer() {
    on_both(|world| async {
        let world = world.with_rose().await;
        let (dana, _) = asked(&world, "A question", "May I bring my sister?").await;
        let (talk, before) = (dana.reply_address(), world.count(RUTH));
        for to in [[OWNER, talk.as_str()], [talk.as_str(), OWNER]] {
            let kit = world.count(KIT);
            world.deliver(DANA, &to, Letter::answering(DANA, &dana, "Of course.").bytes()).await;
            world.run().await;
            assert_eq!(world.count(KIT), kit + 1, "{}: {to:?}", world.database);
        }
        assert_eq!(world.count(RUTH), before + 2, "{}: a copy of each, and no letter", world.database);
    });
}

#[test]
fn moderators_among_themselves_and_a_group_without_any() {
    on_both(|world| async {
        let world = world.with_rose().await;
        world.write(&Letter::new(DANA, OWNER, "Friday", "Who is here on Friday?")).await;
        let letter = world.latest(RUTH);
        assert_eq!(letter.reply_address(), OWNER, "{}", world.database);
        assert!(letter.text().contains("Reply to this e-mail to answer all of you."), "{}", letter.text());
        world.write(&Letter::answering(RUTH, &letter, "I am.")).await;
        assert!(world.latest(DANA).text().contains("> I am."));
        for moderator in [DANA, RUTH] {
            world.change_person("rose", moderator, |person| person.state = MemberState::Removed).await;
        }
        world.write(&Letter::new(KIT, OWNER, "A question", "Is anybody there?")).await;
        let told = world.latest(ADMIN);
        assert_eq!(told.reply_address(), OWNER);
        assert!(told.text().contains("> Is anybody there?") && !told.text().contains(KIT), "{}", told.text());
        assert!(told.text().contains("lamplight member list rose"), "{}", told.text());
    });
}

#[test]
fn a_neutral_subject_tells_a_shared_telephone_nothing() {
    on_both(|world| async {
        let world = world.with_rose().await;
        world.change_group("rose", |group| group.subjects = Subjects::Neutral).await;
        let (dana, _) = asked(&world, "My chemotherapy", "May I bring my sister?").await;
        world.write(&Letter::answering(DANA, &dana, "Of course.")).await;
        assert_eq!(world.latest(KIT).subject(), "An answer from Rose");
        assert!(!holds(&world.latest(KIT), "chemotherapy"), "{}", world.database);
    });
}

#[test]
fn a_copy_that_leaves_again_is_the_same() {
    on_both(|world| async {
        let world = world.with_rose().await;
        let (dana, _) = asked(&world, "A question", "May I bring my sister?").await;
        world.peer.answer("BODY", "keep-451 4.2.0 later").to("kit@").times(1);
        world.write(&Letter::answering(DANA, &dana, "Of course.")).await;
        world.write(&Letter::answering(KIT, &dana, "Hello? Are you there?")).await;
        world.pass(120).await;
        let got = world.mail_to(KIT);
        assert_eq!(got.len(), 2, "{}", world.database);
        assert_eq!(got[0].raw, got[1].raw, "{}", world.database);
    });
}

#[test]
fn a_paused_member_is_answered_and_nothing_is_written_to_the_group() {
    on_both(|world| async {
        let world = world.with_rose().await;
        world.set_state(KIT, MemberState::Paused).await;
        let (dana, _) = asked(&world, "A question", "May I rest for a while?").await;
        world.write(&Letter::answering(DANA, &dana, "As long as you like.")).await;
        assert!(world.latest(KIT).text().starts_with("As long as you like."), "{}", world.database);
        world.write(&Letter::answering(KIT, &world.latest(KIT), "Thank you.")).await;
        assert!(world.latest(DANA).text().contains("> Thank you."));
        assert!(world.posts().await.is_empty());
        assert_eq!(world.mail_to(MIRA).len() + world.mail_to(TOM).len(), 0);
        assert!(!world.peer.mail().iter().any(|mail| mail.recipients[0] == ROSE));
    });
}
