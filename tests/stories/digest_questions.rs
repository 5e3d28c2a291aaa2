//! An answer to a whole digest: its author says which conversation she means, by a number. Nothing is guessed, and
//! nothing is lost where she never says it.

use lamplight::model::group::Moderation;
use lamplight::model::member::MemberState;
use lamplight::model::post::PostState;

use crate::digest_replies::{ALL, Program, own_posts, threads, three};
use crate::scene::{ADA, CRY, DANA, KIT, MIRA, TOM, since};
use crate::support::{Captured, Letter, World, on_both};

const QUESTION: &str = "Which conversation is your message for?";
const WORDS: &str = "So glad to hear that, it made my day.";

/// Mira answered on top of a digest and was asked.
async fn asked(world: &World) -> Captured {
    let digest = three(world).await;
    world.write(&Program::Gmail.letter(MIRA, &digest, WORDS, &[])).await;
    assert_eq!(world.last_judged().await, ["asked-which"], "{}", world.database);
    let question = world.latest(MIRA);
    assert_eq!(question.subject(), QUESTION);
    question
}

async fn answer(world: &World, question: &Captured, words: &str) {
    world.write(&Letter::answering(MIRA, question, words)).await;
}

#[test]
fn whichever_program_answers_on_top_its_author_is_asked_and_a_number_places_it() {
    on_both(|world| async {
        let world = world.with_rose().await.openly().await;
        let digest = three(&world).await;
        let all = threads(&world).await;
        for program in ALL {
            let words = format!("So glad for you, says {program:?}.");
            world.write(&program.letter(MIRA, &digest, &words, &[])).await;
            let post = world.post_with(&words).await;
            assert!(post.state == PostState::Held && !all.contains(&post.thread), "{program:?}");
            let question = world.latest(MIRA);
            let text = question.text();
            assert_eq!(question.subject(), QUESTION, "{program:?}");
            for line in ["1. Hands\n   Tom, Monday 23 November", "2. A word about feet\n   Kit", "3. Hair\n   Kit"] {
                assert!(text.contains(line), "{text}");
            }
            assert!(text.contains(&format!("> {words}")), "her own words, to know what is asked: {text}");
            assert!(question.reply_address().starts_with("lamplight+c."));

            answer(&world, &question, "2").await;
            let placed = world.post_with(&words).await;
            assert_eq!((placed.state, placed.thread), (PostState::Published, all[1]), "{program:?}");
            assert_eq!((placed.subject.as_str(), placed.text.as_str()), ("Re: A word about feet", words.as_str()));
            assert!(world.latest(TOM).text().contains(&words));
        }
        assert_eq!(own_posts(&world).await.len(), ALL.len(), "no word of the questions is a post");
        assert_eq!(world.count(DANA), 1, "a digest; there was nothing to decide");
        world.assert_one_reader_each();
    });
}

#[test]
fn a_number_said_twice_and_another_one_later_change_nothing() {
    on_both(|world| async {
        let world = world.with_rose().await.openly().await;
        let question = asked(&world).await;
        let [_, _, hair] = threads(&world).await;
        answer(&world, &question, "the third one, please\n\nMira").await;
        assert_eq!(world.post_with(WORDS).await.thread, hair);
        let before = (world.count(TOM), world.count(MIRA), world.count(DANA));
        for again in ["3", "1", "what?"] {
            answer(&world, &question, again).await;
            assert_eq!(world.last_judged().await, ["placed-before"]);
        }
        assert_eq!(world.post_with(WORDS).await.thread, hair);
        assert_eq!((world.count(TOM), world.count(MIRA), world.count(DANA)), before);
    });
}

#[test]
fn what_is_not_understood_is_asked_once_more_and_then_read_by_people() {
    on_both(|world| async {
        let world = world.with_rose().await.openly().await;
        let question = asked(&world).await;
        answer(&world, &question, "hm").await;
        let second = world.latest(MIRA);
        assert!(second.subject() == QUESTION && second.text().contains("ask once more"), "{}", second.text());
        assert_eq!(world.count(DANA), 1, "the digest");
        assert_eq!(world.post_with(WORDS).await.state, PostState::Held);

        answer(&world, &second, "The one where somebody spoke of lavender.").await;
        assert_eq!(world.latest(MIRA).subject(), "We have your message");
        let told: Vec<String> = since(&world, DANA, 1).iter().map(|mail| mail.text()).collect();
        assert!(told.iter().any(|text| text.contains(WORDS) && text.contains("which conversation")), "{told:?}");
        assert!(told.iter().any(|text| text.contains("spoke of lavender")), "no word of hers is lost: {told:?}");
        assert_eq!(world.post_with(WORDS).await.state, PostState::Held);

        // She may still say it, to any of the questions.
        answer(&world, &question, "3").await;
        let [_, _, hair] = threads(&world).await;
        let placed = world.post_with(WORDS).await;
        assert_eq!((placed.state, placed.thread), (PostState::Published, hair));
        assert_eq!(own_posts(&world).await.len(), 1);
    });
}

#[test]
fn what_stands_beside_the_number_reaches_people() {
    on_both(|world| async {
        let world = world.with_rose().await.openly().await;
        let question = asked(&world).await;
        let before = world.count(DANA);
        answer(&world, &question, "2, and please tell him that I knit lavender bags.").await;
        assert_eq!(world.post_with(WORDS).await.state, PostState::Held, "more than a number is no number");
        assert!(since(&world, DANA, before)[0].text().contains("lavender bags"));
        assert!(world.latest(MIRA).text().contains("ask once more"));
        let before = world.count(DANA);
        let second = world.latest(MIRA);
        answer(&world, &second, CRY).await;
        let told = since(&world, DANA, before);
        assert!(told.iter().any(|mail| mail.text().contains(CRY)), "{}", world.database);
        assert!(own_posts(&world).await.iter().all(|post| !post.text.contains(CRY)), "an answer is no post");
    });
}

#[test]
fn whoever_never_answers_is_read_by_people_and_whoever_takes_it_back_is_not() {
    on_both(|world| async {
        let world = world.with_rose().await.openly().await;
        let question = asked(&world).await;
        world.pass(2 * 86_400).await;
        let reminded = world.mail_to(DANA).iter().any(|mail| mail.text().contains(WORDS));
        assert!(reminded, "{}: a post that waits is always told of", world.database);
        answer(&world, &question, "take back").await;
        assert_eq!(world.post_with(WORDS).await.state, PostState::Withdrawn);
        answer(&world, &question, "2").await;
        assert_eq!(world.last_judged().await, ["passed-on"]);
        assert_eq!(world.post_with(WORDS).await.state, PostState::Withdrawn);
    });
}

#[test]
fn a_newcomer_is_asked_and_read_and_the_decision_and_the_place_come_in_any_order() {
    on_both(|world| async {
        let world = world.with_rose().await.openly().await;
        let digest = three(&world).await;
        let [hands, feet, _] = threads(&world).await;
        world.change_group("rose", |group| group.moderation = Moderation::First).await;
        let words = ["I do not dare to say more.", "I bake bread at night."];
        let mut questions = Vec::new();
        for (who, words) in [(MIRA, words[0]), (ADA, words[1])] {
            let before = world.count(DANA);
            world.write(&Program::Yahoo.letter(who, &digest, words, &[])).await;
            assert_eq!(since(&world, DANA, before).len(), 1, "{}: people read a first post", world.database);
            let question = world.latest(who);
            assert_eq!(question.subject(), QUESTION, "{who}: {}", question.text());
            assert!(question.text().contains("A social worker reads it before"), "{}", question.text());
            questions.push(question);
        }
        world.write(&Letter::answering(MIRA, &questions[0], "1")).await;
        let placed = world.post_with(words[0]).await;
        assert_eq!((placed.state, placed.thread), (PostState::Held, hands), "a place is no approval");
        assert_eq!(placed.reasons.iter().map(|reason| reason.word()).collect::<Vec<_>>(), ["first-post"]);
        for words in words {
            world.approve(words).await;
        }
        world.pass(600).await;
        assert_eq!(world.post_with(words[0]).await.state, PostState::Published);
        world.write(&Letter::answering(ADA, &questions[1], "2")).await;
        let placed = world.post_with(words[1]).await;
        assert_eq!((placed.state, placed.thread), (PostState::Published, feet), "{}", world.database);
        assert_eq!(world.latest(KIT).text().matches(words[1]).count(), 1);
    });
}

#[test]
fn the_group_and_its_people_may_stand_otherwise_when_the_number_comes() {
    on_both(|world| async {
        let world = world.with_rose().await.openly().await;
        let question = asked(&world).await;
        let now = world.now();
        world.change_group("rose", |group| group.hold_everything_since = Some(now)).await;
        answer(&world, &question, "2").await;
        let post = world.post_with(WORDS).await;
        let [_, feet, _] = threads(&world).await;
        assert_eq!((post.state, post.thread), (PostState::Held, feet));
        assert_eq!(post.reasons.iter().map(|reason| reason.word()).collect::<Vec<_>>(), ["hold-everything"]);
        assert!(world.latest(DANA).text().contains(WORDS));

        // Whoever left says nothing to the group any more.
        world.change_group("rose", |group| group.hold_everything_since = None).await;
        let digest = world.mail_to(MIRA).remove(0);
        world.write(&Program::Apple.letter(ADA, &digest, "Me too, since spring.", &[])).await;
        let question = world.latest(ADA);
        world.set_state(ADA, MemberState::Left).await;
        world.write(&Letter::answering(ADA, &question, "2")).await;
        assert_eq!(world.post_with("since spring").await.state, PostState::Held);
    });
}

#[test]
fn a_question_that_was_passed_on_is_nobody_elses_to_answer() {
    on_both(|world| async {
        let world = world.with_rose().await.openly().await;
        let question = asked(&world).await;
        world.write(&Letter::answering(KIT, &question, "2")).await;
        assert_eq!(world.post_with(WORDS).await.state, PostState::Held);
        let automatic = Letter::answering(MIRA, &question, "2").with("Auto-Submitted: auto-replied");
        world.write(&automatic).await;
        assert_eq!(world.post_with(WORDS).await.state, PostState::Held);
    });
}

#[test]
fn answers_below_are_published_and_only_the_rest_is_asked_about() {
    on_both(|world| async {
        let world = world.with_rose().await.openly().await;
        let digest = three(&world).await;
        let [_, _, hair] = threads(&world).await;
        let letter = Program::Phone.letter(MIRA, &digest, WORDS, &[("grey and soft", "Mine came back curly.")]).bytes();
        for _ in 0..2 {
            crate::scene::send(&world, MIRA, &[&digest.reply_address()], &letter).await;
            crate::scene::send(&world, "mira@other.example", &[&digest.reply_address()], &letter).await;
        }
        let posts = own_posts(&world).await;
        assert_eq!(posts.len(), 2, "{}", world.database);
        let published = world.post_with("came back curly").await;
        assert_eq!((published.thread, published.state), (hair, PostState::Published));
        assert_eq!(world.subjects(MIRA).iter().filter(|subject| *subject == QUESTION).count(), 1);
        answer(&world, &world.latest(MIRA), "2").await;
        assert!(world.posts().await.iter().filter(|post| post.state == PostState::Held).count() == 0);
    });
}

#[test]
fn a_moderator_says_that_it_was_she_and_which_one_she_means() {
    on_both(|world| async {
        let world = world.with_rose().await.openly().await;
        let digest = three(&world).await;
        let [_, feet, _] = threads(&world).await;
        let words = "The office is closed on Friday.";
        let before = world.count(DANA);
        world.write(&Program::Outlook.letter(DANA, &digest, words, &[])).await;
        let told = since(&world, DANA, before);
        let question = told.iter().find(|mail| mail.subject() == QUESTION).expect("a question");
        let is_it_you = told.iter().find(|mail| mail.reply_address().contains("+m.")).expect("another one");
        world.write(&Letter::answering(DANA, question, "2")).await;
        assert_eq!(world.post_with(words).await.state, PostState::Held);
        world.write(&Letter::answering(DANA, is_it_you, "APPROVE")).await;
        world.pass(600).await;
        let post = world.post_with(words).await;
        assert_eq!((post.state, post.thread), (PostState::Published, feet), "{}", world.database);
    });
}
