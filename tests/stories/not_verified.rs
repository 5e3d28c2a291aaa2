//! Where a mail server is trusted to say who wrote: what comes in a member's name without a pass waits, and is never lost. What
//! changes anything about her asks for her token, whoever is trusted.

use lamplight::config::Config;
use lamplight::model::group::GroupState;
use lamplight::model::member::MemberState;
use lamplight::model::policy::HoldReason;
use lamplight::model::post::PostState;

use crate::digest_replies::three;
use crate::scene::{CRY, DANA, KIT, MIRA, ROSE, RUTH, TOM, nobody_has_it, since, state};
use crate::support::{Captured, Letter, World, on_both, on_both_with};

const OWNER: &str = "rose-owner@groups.example";
pub const NONE: &str = "Authentication-Results: mx.groups.example; dmarc=none";
pub const FAIL: &str = "Authentication-Results: mx.groups.example; dmarc=fail header.from=home.example";

pub fn trusting(config: &mut Config) {
    config.inbound.trusted_authserv_ids = vec!["mx.groups.example".into()];
}

/// What a mail server says of a letter that is its author's.
pub fn verified(letter: Letter) -> Letter {
    let domain = letter.from.split('@').nth(1).unwrap().to_owned();
    letter.with(&format!("Authentication-Results: mx.groups.example; dmarc=pass header.from={domain}"))
}

/// Fields that verify nobody of home.example.
fn without_a_pass() -> Vec<String> {
    let forged = "dmarc=pass header.from=home.example";
    vec![
        String::new(),
        NONE.into(),
        FAIL.into(),
        format!("Authentication-Results: mx.else.example; {forged}"),
        format!(
            "Received: from a by b; Mon, 23 Nov 2026 20:00:00 +0100\r\nAuthentication-Results: mx.groups.example; {forged}"
        ),
        "Authentication-Results: mx.groups.example; dmarc=pass header.from=else.example".into(),
        format!("Authentication-Results: mx.groups.example; {forged}\r\n{FAIL}"),
    ]
}

fn with(letter: &Letter, field: &str) -> Letter {
    if field.is_empty() { letter.clone() } else { letter.clone().with(field) }
}

fn words(mail: &Captured) -> String {
    mail.text().split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn a_post_without_a_pass_waits_and_one_with_a_pass_does_not() {
    on_both_with(trusting, |world| async {
        let world = world.with_rose().await.openly().await;
        world.write(&verified(Letter::new(KIT, ROSE, "Tea", "I like it hot."))).await;
        assert_eq!((state(&world, 0).await, world.count(TOM)), (PostState::Published, 1), "{}", world.database);
        for (number, field) in without_a_pass().iter().enumerate() {
            let (dana, kit) = (world.count(DANA), world.count(KIT));
            let letter = Letter::new(KIT, ROSE, &format!("Lavender {number}"), "The ward smells of lavender today.");
            world.write(&with(&letter, field)).await;
            let post = world.posts().await.pop().unwrap();
            assert_eq!((post.state, &post.reasons), (PostState::Held, &vec![HoldReason::SenderNotVerified]), "{field}");
            assert_eq!(post.reasons[0].word(), "sender-not-verified");
            nobody_has_it(&world, field);
            let notice = &since(&world, DANA, dana)[0];
            let told = "sender not verified: anybody may have written it in this name";
            assert!(words(notice).contains(told), "{}: {}", world.database, notice.text());
            assert_eq!(since(&world, KIT, kit).len(), 1, "{}: she hears of what came in her name", world.database);
        }
        // A person who knows better lets it through.
        world.write(&verified(Letter::answering(DANA, &world.latest(DANA), "approve"))).await;
        world.pass(121).await;
        assert_eq!((world.published().await, world.count(TOM)), (2, 2), "{}", world.database);
    });
}

#[test]
fn where_nobody_is_trusted_the_moderation_mode_alone_decides() {
    on_both(|world| async {
        let world = world.with_rose().await.openly().await;
        for field in without_a_pass() {
            world
                .write(&with(&Letter::new(KIT, ROSE, "Tea", &format!("I like it hot. {}", field.len())), &field))
                .await;
        }
        assert_eq!(world.published().await, without_a_pass().len(), "{}", world.database);
    });
}

#[test]
fn a_cry_in_her_name_is_an_alert_all_the_same() {
    on_both_with(trusting, |world| async {
        let world = world.with_rose().await.openly().await;
        world.write(&Letter::new(KIT, ROSE, "Tonight", CRY)).await;
        let alert = world.latest(RUTH);
        assert_eq!(alert.subject(), "1 message to read now", "{}", world.database);
        assert!(words(&alert).contains("sender not verified:"), "{}", alert.text());
        let reasons = world.posts().await.pop().unwrap().reasons;
        assert!(reasons.iter().any(HoldReason::is_urgent) && reasons.contains(&HoldReason::SenderNotVerified));
        // Neither a closed group nor a missing place on the roster is judged otherwise.
        world.write(&Letter::new("somebody@else.example", ROSE, "Hello", "May I join?")).await;
        assert_eq!(world.last_judged().await, ["stranger"], "{}", world.database);
        world.change_group("rose", |rose| rose.state = GroupState::Closed).await;
        world.write(&Letter::new(TOM, ROSE, "Hello", "Is it open?")).await;
        assert_eq!(world.last_judged().await, ["group-closed"], "{}", world.database);
        world.write(&Letter::new(TOM, ROSE, "Hello", CRY)).await;
        assert_eq!(world.last_judged().await, ["held"], "{}", world.database);
    });
}

#[test]
fn each_answer_to_a_digest_waits() {
    on_both(|world| async {
        // What they answer was written before anybody was trusted.
        let mut world = world.with_rose().await.openly().await;
        let digest = three(&world).await;
        let mut config = (*world.lamplight.config).clone();
        trusting(&mut config);
        world.lamplight.config = config.into();
        let before = world.published().await;
        world.write(&Letter::answering(MIRA, &digest, "Mine are numb as well.")).await;
        assert_eq!(world.published().await, before, "{}", world.database);
        let post = world.post_with("Mine are numb as well.").await;
        assert!(post.reasons.contains(&HoldReason::SenderNotVerified), "{:?}", post.reasons);
        let mut inline = Letter::answering(MIRA, &digest, "");
        for (quoted, own) in [("every cup that I hold.", "Warm water helps."), ("since Sunday.", "Feet up, I say.")] {
            inline.body = inline.body.replacen(quoted, &format!("{quoted}\n\n{own}\n"), 1);
        }
        world.write(&inline).await;
        assert_eq!(world.published().await, before, "{}", world.database);
        for own in ["Warm water helps.", "Feet up, I say."] {
            let post = world.post_with(own).await;
            assert!(post.reasons.contains(&HoldReason::SenderNotVerified), "{own}: {:?}", post.reasons);
        }
    });
}

#[test]
fn the_moderators_hear_what_is_for_them_alone_and_that_it_may_be_anybody_s() {
    on_both_with(trusting, |world| async {
        let world = world.with_rose().await;
        let doubt = "The sender is not verified: anybody may have written this in the name of Kit.";
        let question = Letter::new(KIT, OWNER, "A question", "Who else is in the group?");
        world.write(&verified(question.clone())).await;
        assert!(!words(&world.latest(RUTH)).contains("not verified"), "{}", world.latest(RUTH).text());
        for field in without_a_pass() {
            world.write(&with(&question, &field)).await;
            for moderator in [DANA, RUTH] {
                let line = world.latest(moderator);
                assert!(
                    words(&line).contains(doubt) && line.html().contains("not verified"),
                    "{field}: {}",
                    line.text()
                );
                assert!(line.text().contains("Who else is in the group?"));
            }
        }
        // What they answer goes to her own address, and her next word in the talk is looked at again.
        world.write(&verified(Letter::answering(DANA, &world.latest(DANA), "That we can't say."))).await;
        let answer = world.latest(KIT);
        assert!(answer.text().contains("That we can't say."), "{}", answer.text());
        world.write(&Letter::answering(KIT, &answer, "Why not?")).await;
        assert!(words(&world.latest(RUTH)).contains(doubt), "{}", world.latest(RUTH).text());
        world.write(&verified(Letter::answering(KIT, &answer, "I see."))).await;
        assert!(!words(&world.latest(RUTH)).contains(doubt), "{}", world.latest(RUTH).text());
        // A cry climbs, with the doubt in each step.
        world.write(&Letter::new(KIT, OWNER, "Tonight", CRY)).await;
        assert!(words(&world.latest(RUTH)).contains(doubt), "{}", world.latest(RUTH).text());
        let before = world.peer.mail().len();
        for _ in 0..4 {
            world.pass(901).await;
        }
        let told = world.peer.mail_after(before);
        let steps: Vec<_> = told.iter().filter(|mail| mail.recipients[0] == RUTH).collect();
        assert!(!steps.is_empty(), "{}", world.database);
        for step in steps {
            assert!(words(step).contains("The sender is not verified"), "{}: {}", world.database, step.text());
        }
    });
}

/// Leaving, taking back and saying for whom a post is: asked at her own address, whoever asked for it in her name.
async fn changes_ask_for_her_token(world: World, sign: fn(Letter) -> Letter) {
    let world = world.with_rose().await.openly().await;
    world.write(&Letter::new(KIT, "rose-leave@groups.example", "", "")).await;
    assert_eq!(world.last_judged().await, ["asked-to-confirm"], "{}", world.database);
    assert_eq!(world.person("rose", KIT).await.state, MemberState::Active, "{}: asked is not left", world.database);
    let question = world.latest(KIT);
    // Somebody else who has the question's address is nobody.
    world.write(&Letter::answering(TOM, &question, "yes")).await;
    assert_eq!(world.person("rose", KIT).await.state, MemberState::Active, "{}", world.database);

    world.write(&Letter::new(TOM, ROSE, "Selling", "Buy my car for 900 dollars, write to tom.cars@shop.example")).await;
    assert_eq!(state(&world, 0).await, PostState::Held, "{}", world.database);
    let held = world.latest(TOM);
    world.write(&sign(Letter::answering(TOM, &held, "take back"))).await;
    assert_eq!(state(&world, 0).await, PostState::Withdrawn, "{}", world.database);
    world.write(&sign(Letter::answering(KIT, &question, "yes"))).await;
    assert_eq!(world.person("rose", KIT).await.state, MemberState::Left, "{}", world.database);
}

#[test]
fn changes_ask_for_her_token_where_nobody_is_trusted() {
    on_both(|world| changes_ask_for_her_token(world, |letter| letter));
}

#[test]
fn changes_ask_for_her_token_where_a_server_is_trusted() {
    on_both_with(trusting, |world| changes_ask_for_her_token(world, |letter| letter));
    on_both_with(trusting, |world| changes_ask_for_her_token(world, verified));
}

#[test]
fn for_whom_a_post_is_she_says_by_her_token_and_it_waits_on() {
    on_both_with(trusting, |world| async {
        let world = world.with_rose().await.openly().await;
        let words_to_one = "Dear Dana, please do not share this with the group.";
        world.write(&Letter::new(KIT, ROSE, "A question", words_to_one)).await;
        let post = world.posts().await.pop().unwrap();
        assert!(post.reasons.contains(&HoldReason::ReadsPrivate), "{:?}", post.reasons);
        world.write(&verified(Letter::answering(KIT, &world.latest(KIT), "group"))).await;
        let post = world.posts().await.pop().unwrap();
        assert_eq!((post.state, post.reasons), (PostState::Held, vec![HoldReason::SenderNotVerified]));
    });
}
