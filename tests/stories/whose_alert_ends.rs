//! An answer ends the alert that it answers and no other: in doubt an alert goes on, and whoever wrote hears of it.

use lamplight::model::ids::MemberId;
use lamplight::model::member::{Delivery, Role};
use lamplight::store::alerts::{self, Alert};
use lamplight::store::rota;
use sqlx::{AnyConnection, Connection as _, Row as _};

use crate::scene::{CRY, DANA, KIT, MIRA, ROSE, RUTH, since};
use crate::support::{Captured, Letter, World, on_both};

const EVE: &str = "eve@work.example";
const OWNER: &str = "rose-owner@groups.example";
const MINUTE: i64 = 60;
const BUS: &str = "Which bus do I take on Friday to the hall?";

/// Dana is on call, then Ruth; Eve is a moderator as well.
async fn with_rota(world: World) -> World {
    let world = world.with_rose().await;
    world.add("rose", Role::Moderator, EVE, "Eve", Delivery::None, None).await;
    let mut ids: Vec<MemberId> = Vec::new();
    for address in [DANA, RUTH] {
        ids.push(world.person("rose", address).await.id);
    }
    let group = world.group("rose").await.id;
    let mut tx = world.lamplight.store.begin().await.unwrap();
    rota::set(&mut tx, group, &ids).await.unwrap();
    tx.commit().await.unwrap();
    world
}

async fn all(world: &World) -> Vec<Alert> {
    alerts::list(&mut world.lamplight.store.read().await.unwrap(), None, true).await.unwrap()
}

/// How each alert ended, oldest first.
async fn ended(world: &World) -> Vec<Option<String>> {
    all(world).await.into_iter().map(|alert| alert.ended_how).collect()
}

fn how(word: &str) -> Option<String> {
    Some(word.to_owned())
}

/// Mira asks about the bus, and twenty minutes later she cries under this subject; Eve's mail about the bus.
async fn bus_and_cry(world: &World, subject: &str) -> Captured {
    world.write(&Letter::new(MIRA, OWNER, "The bus", BUS)).await;
    let bus = world.latest(EVE);
    world.pass(20 * MINUTE).await;
    world.write(&Letter::new(MIRA, OWNER, subject, CRY)).await;
    assert_eq!(ended(world).await, [None], "{}", world.database);
    bus
}

/// An answer whose program says nothing of what it answers.
fn unthreaded(mut letter: Letter) -> Letter {
    letter.fields.clear();
    letter
}

#[test]
fn an_answer_to_another_mail_leaves_the_cry_climbing() {
    on_both(|world| async {
        let world = with_rota(world).await;
        for subject in ["It is over", "The bus"] {
            let before = all(&world).await.len();
            world.write(&Letter::new(MIRA, OWNER, "The bus", BUS)).await;
            let bus = world.latest(EVE);
            world.pass(20 * MINUTE).await;
            world.write(&Letter::new(MIRA, OWNER, subject, CRY)).await;
            assert_eq!(all(&world).await.len(), before + 1);
            let ruth = world.count(RUTH);
            for words in ["Take the number 7. See you on Friday!", "MINE"] {
                world.write(&Letter::answering(EVE, &bus, words)).await;
                assert_eq!(ended(&world).await[before], None, "{}: {subject}: {words}", world.database);
                let told = world.latest(EVE);
                assert_eq!(told.subject(), "1 message to read now", "{}: {subject}: {words}", world.database);
                assert!(told.text().contains("kill myself"), "{}", told.text());
            }
            world.pass(15 * MINUTE).await;
            assert!(world.count(RUTH) > ruth + 1, "{}: {subject}: she is asked next", world.database);
            // Words in reply to what Eve was told end nothing, and MINE does.
            let told = world.latest(EVE);
            world.write(&Letter::answering(EVE, &told, "Is that so?")).await;
            assert_eq!(ended(&world).await[before], None, "{}: {subject}", world.database);
            world.write(&Letter::answering(EVE, &told, "MINE")).await;
            assert_eq!(ended(&world).await[before], how("mine"), "{}: {subject}", world.database);
            world.pass(3_600).await;
        }
    });
}

#[test]
fn an_answer_to_the_cry_ends_it_whoever_got_which_copy() {
    on_both(|world| async {
        let world = with_rota(world).await;
        for (at, (moderator, words, word)) in
            [(DANA, "I am here, Mira.", "answered"), (EVE, "I am here, Mira.", "answered"), (EVE, "MINE", "mine")]
                .into_iter()
                .enumerate()
        {
            bus_and_one_more(&world, at).await;
            let cry = world.latest(moderator);
            world.write(&Letter::answering(moderator, &cry, words)).await;
            assert_eq!(ended(&world).await[at], how(word), "{}: {moderator}", world.database);
            world.pass(3_600).await;
        }
        // The References alone, of which the last one is meant.
        bus_and_one_more(&world, 3).await;
        let (cry, earlier) = (world.latest(EVE), world.mail_to(EVE)[0].header("Message-ID"));
        let last = cry.header("Message-ID");
        let turned = unthreaded(Letter::answering(EVE, &cry, "MINE")).with(&format!("References: {last} {earlier}"));
        world.write(&turned).await;
        assert_eq!(ended(&world).await[3], None, "{}: an earlier mail is meant", world.database);
        let named = unthreaded(Letter::answering(EVE, &cry, "MINE")).with(&format!("References: {earlier} {last}"));
        world.write(&named).await;
        assert_eq!(ended(&world).await[3], how("mine"), "{}", world.database);
    });
}

async fn bus_and_one_more(world: &World, at: usize) {
    world.write(&Letter::new(MIRA, OWNER, "The bus", BUS)).await;
    world.write(&Letter::new(MIRA, OWNER, "The bus", CRY)).await;
    assert_eq!(all(world).await.len(), at + 1, "{}", world.database);
}

/// A program that names nothing: the talk alone says what she answers.
#[test]
fn an_answer_that_names_no_mail_ends_what_stands_in_its_talk() {
    on_both(|world| async {
        let world = with_rota(world).await;
        let bus = bus_and_cry(&world, "It is over").await;
        let cry = world.latest(DANA);
        world.write(&unthreaded(Letter::answering(EVE, &bus, "Take the number 7."))).await;
        assert_eq!(ended(&world).await, [None], "{}: another talk", world.database);
        world.write(&unthreaded(Letter::answering(DANA, &cry, "I am here, Mira."))).await;
        assert_eq!(ended(&world).await, [how("answered")], "{}", world.database);
    });
}

const JULY: &str = "july@else.example";
const JUNE: &str = "june@else.example";
const SONG: &str = "I am going to kill myself now. Buy my song.";
const PILLS: &str = "I took all the pills. I am going to kill myself now.";

/// Mail from outside comes twice within one step: one alert. What Dana got of each.
async fn two_strangers(world: &World) -> (Captured, Captured) {
    world.write(&Letter::new(JUNE, ROSE, "Song", SONG)).await;
    let song = world.latest(DANA);
    world.write(&Letter::new(JULY, ROSE, "Please", PILLS)).await;
    let pills = world.latest(DANA);
    assert!(!song.text().contains("pills") && !pills.text().contains("song"), "{}", world.database);
    assert_eq!(all(world).await.last().unwrap().ended_how, None, "{}", world.database);
    (song, pills)
}

#[test]
fn mine_takes_what_the_mail_showed_and_the_rest_is_asked_about_again() {
    on_both(|world| async {
        let world = with_rota(world).await;
        for (at, takes_first) in [(0, true), (2, false)] {
            let (song, pills) = two_strangers(&world).await;
            assert_eq!(all(&world).await.len(), at + 1, "{}: one alert", world.database);
            let (taken, rest, left) = if takes_first { (song, "pills", JULY) } else { (pills, "song", JUNE) };
            let dana = world.count(DANA);
            world.write(&Letter::answering(DANA, &taken, "MINE")).await;
            let alerts = all(&world).await;
            assert_eq!(alerts.len(), at + 2, "{}", world.database);
            assert_eq!(alerts[at].ended_how, how("mine"), "{}", world.database);
            assert!(!alerts[at].shown.contains(left), "{}: {}", world.database, alerts[at].shown);
            let open = &alerts[at + 1];
            assert!(open.ended_at.is_none() && open.step == 0 && open.shown.contains(left), "{}", world.database);
            let again = since(&world, DANA, dana).iter().map(Captured::text).collect::<String>();
            assert!(again.contains(rest) && again.contains("Without an answer"), "{}: {again}", world.database);
            let ruth = world.count(RUTH);
            world.pass(15 * MINUTE).await;
            assert!(world.count(RUTH) > ruth && world.latest(RUTH).text().contains(rest), "{}", world.database);
            world.write(&Letter::answering(RUTH, &world.latest(RUTH), "MINE")).await;
            assert_eq!(all(&world).await.len(), at + 2, "{}: nothing is left", world.database);
            assert_eq!(ended(&world).await[at + 1], how("mine"), "{}", world.database);
            world.pass(3_600).await;
        }
        // The mail of a later step shows both.
        two_strangers(&world).await;
        world.pass(15 * MINUTE).await;
        world.write(&Letter::answering(RUTH, &world.latest(RUTH), "MINE")).await;
        assert_eq!((all(&world).await.len(), ended(&world).await[4].clone()), (5, how("mine")), "{}", world.database);
    });
}

#[test]
fn what_a_member_wrote_joins_no_stranger_and_no_stranger_joins_it() {
    on_both(|world| async {
        let world = with_rota(world).await;
        world.write(&Letter::new(JUNE, ROSE, "Song", SONG)).await;
        let song = world.latest(DANA);
        // The moderator's mail was passed on to somebody in need.
        world.write(&Letter::new(MIRA, &song.reply_address(), "Please", CRY)).await;
        assert_eq!(all(&world).await.len(), 2, "{}", world.database);
        world.write(&Letter::new(JULY, ROSE, "Please", PILLS)).await;
        assert_eq!(all(&world).await.len(), 3, "{}", world.database);
        world.write(&Letter::answering(DANA, &song, "MINE")).await;
        assert_eq!(ended(&world).await, [how("mine"), None, None], "{}", world.database);
    });
}

/// What every moderator got last leaves before all else and says so.
async fn everybody_reads_now(world: &World, words: &str) {
    sqlx::any::install_default_drivers();
    let mut db = AnyConnection::connect(&world.lamplight.config.database.url).await.unwrap();
    for moderator in [DANA, RUTH, EVE] {
        let mail = world.latest(moderator);
        assert_eq!(mail.subject(), "1 message to read now", "{}: {moderator}", world.database);
        assert!(mail.text().contains(words), "{}: {moderator}: {}", world.database, mail.text());
        let last = "select lane from outbox where recipient = $1 order by id desc limit 1";
        let lane: i64 = sqlx::query(last).bind(moderator).fetch_one(&mut db).await.unwrap().get("lane");
        assert_eq!(lane, 0, "{}: {moderator}", world.database);
    }
    db.close().await.unwrap();
}

/// Whoever reads a member's mail has her address, and can write any From: line.
#[test]
fn a_moderator_s_name_at_the_member_s_address_ends_nothing_and_reaches_nobody() {
    on_both(|world| async {
        let world = with_rota(world).await;
        world.write(&Letter::new(MIRA, OWNER, "The bus", CRY)).await;
        let cry = world.latest(EVE);
        world.write(&Letter::answering(EVE, &cry, "I am here.")).await;
        let hers = world.latest(MIRA);
        assert!(hers.text().starts_with("I am here.") && hers.reply_address() != cry.reply_address());
        world.pass(3_600).await;
        world.write(&Letter::answering(MIRA, &hers, CRY)).await;
        let again = world.latest(DANA);
        let mira = world.count(MIRA);
        for words in ["MINE", "Do not call anybody."] {
            for forged in [Letter::answering(DANA, &hers, words), unthreaded(Letter::answering(DANA, &hers, words))] {
                world.write(&forged).await;
                assert_eq!(ended(&world).await[1], None, "{}: {words}", world.database);
                assert_eq!(world.count(MIRA), mira, "{}: {words}", world.database);
                assert_eq!(world.latest(DANA).subject(), "Your answer was not sent", "{}: {words}", world.database);
            }
            // Who has the mail that Dana got as well, names it.
            let named = Letter::answering(DANA, &again, words).to(&hers.reply_address());
            world.write(&named).await;
            assert_eq!(
                (ended(&world).await[1].clone(), world.count(MIRA)),
                (None, mira),
                "{}: {words}",
                world.database
            );
        }
        world.write(&Letter::answering(DANA, &again, "MINE")).await;
        assert_eq!(ended(&world).await[1], how("mine"), "{}", world.database);
    });
}

/// Where she is may stand in what she says next.
#[test]
fn what_she_says_while_people_are_asked_is_read_now() {
    on_both(|world| async {
        let world = with_rota(world).await;
        world.write(&Letter::new(MIRA, ROSE, "Dark", CRY)).await;
        let (alarm, crisis) = (world.latest(DANA), world.latest(MIRA));
        world.write(&Letter::answering(MIRA, &crisis, "Yes please. Come quickly. 4 Mill Lane.")).await;
        everybody_reads_now(&world, "4 Mill Lane").await;
        let hers = world.latest(EVE);
        assert!(hers.text().contains("earlier words of Mira"), "{}", hers.text());
        world.write(&Letter::new(MIRA, OWNER, "Are you there", "The blue door.")).await;
        everybody_reads_now(&world, "The blue door").await;
        world.write(&Letter::answering(EVE, &hers, "We are on our way.")).await;
        world.write(&Letter::answering(MIRA, &world.latest(MIRA), "Thank you. It is open.")).await;
        everybody_reads_now(&world, "It is open").await;
        assert_eq!(ended(&world).await, [None], "{}: nobody said that she looks after it", world.database);
        // Somebody else's words are what they were, and hers are when somebody looks after her.
        world.write(&Letter::new(KIT, OWNER, "The bus", BUS)).await;
        assert_eq!(world.latest(DANA).subject(), "1 message for the moderators of Rose", "{}", world.database);
        world.write(&Letter::answering(DANA, &alarm, "MINE")).await;
        assert_eq!(ended(&world).await, [how("mine")], "{}", world.database);
        world.write(&Letter::new(MIRA, OWNER, "Are you there", "Thank you all.")).await;
        assert_eq!(world.latest(DANA).subject(), "1 message for the moderators of Rose", "{}", world.database);
    });
}
