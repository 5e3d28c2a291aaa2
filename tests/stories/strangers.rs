//! Mail from people who are not in the group: kept and listed, summed up once a day, never answered, never published, and
//! read for a danger to life like everybody's.

use lamplight::model::member::MemberState;

use crate::scene::{besides_lists, held_post, still_held};
use crate::support::{Letter, LmtpClient, World, on_both};

const DANA: &str = "dana@work.example";
const RUTH: &str = "ruth@work.example";
const DAY: i64 = 86_400;

fn stranger(number: usize, to: &str, words: &str) -> Letter {
    Letter::new(&format!("stranger{number}@else.example"), &format!("{to}@groups.example"), "About the group", words)
}

#[test]
fn a_stranger_is_heard_once_a_day_and_those_who_ask_stand_first() {
    on_both(|world| async {
        let world = world.with_rose().await.openly().await;
        // Quiet days change nothing in this: the first mail after them is no notice of its own.
        world.pass(5 * DAY + 3_600).await;
        for (number, to) in
            ["rose", "rose-join", "rose-help", "rose-owner", "rose-request", "rose+join"].iter().enumerate()
        {
            world.write(&stranger(number, to, &format!("Words to {to}."))).await;
            assert_eq!(world.last_judged().await, ["stranger"], "{to}");
        }
        assert_eq!(world.peer.mail().len(), 0, "{}: nothing at once", world.database);
        world.pass(DAY).await;
        for moderator in [DANA, RUTH] {
            let summary = world.latest(moderator);
            assert_eq!(world.count(moderator), 1);
            assert_eq!(summary.subject(), "6 messages from outside Rose");
            let text = summary.text();
            let order: Vec<usize> =
                ["Words to rose-join.", "Words to rose-help.", "Words to rose+join.", "Words to rose."]
                    .iter()
                    .map(|words| text.find(words).unwrap_or_else(|| panic!("{words} in {text}")))
                    .collect();
            assert!(order.is_sorted(), "who asks for something stands first: {text}");
            assert!(text.contains("stranger1@else.example") && text.contains("lamplight spool show"));
        }
        // APPROVE has nothing to approve there; it reaches the moderators as a letter, and nobody else.
        let before = world.peer.mail().len();
        world.write(&Letter::answering(DANA, &world.latest(DANA), "approve")).await;
        assert_eq!((world.published().await, world.posts().await.len()), (0, 0));
        assert!(world.peer.mail_after(before).iter().all(|mail| mail.recipients[0].ends_with("@work.example")));
        world.pass(3 * DAY).await;
        assert_eq!(world.count(RUTH), 2, "the summary and Dana's letter; nothing is told twice");
        assert!(world.peer.mail().iter().all(|mail| !mail.recipients[0].contains("else.example")), "no answer, ever");
        assert_eq!(world.spooled().await.iter().filter(|row| row.state == "done").count(), 7);
        world.assert_one_reader_each();
    });
}

#[test]
fn two_hundred_strangers_are_still_one_summary() {
    on_both(|world| async {
        let world = world.with_rose().await.openly().await;
        let mut client = LmtpClient::connect(world.lmtp).await;
        client.lhlo().await;
        for number in 0..200 {
            let letter = stranger(number, "rose", &format!("Buy pills number {number}."));
            let replies = client.deliver(&letter.from, &[letter.to.as_str()], &letter.bytes()).await;
            assert_eq!(replies, ["250 2.0.0 kept"]);
        }
        world.run().await;
        assert_eq!(world.peer.mail().len(), 0);
        world.pass(DAY).await;
        assert_eq!((world.count(DANA), world.count(RUTH), world.peer.mail().len()), (1, 1, 2));
        let text = world.latest(RUTH).text();
        assert!(text.contains("pills number 0.") && text.contains("pills number 199."));
        world.pass(DAY).await;
        assert_eq!(world.peer.mail().len(), 2);
    });
}

#[test]
fn a_flood_pushes_no_request_out_of_the_daily_word() {
    on_both(|world| async {
        let world = world.with_rose().await.openly().await;
        let mut client = LmtpClient::connect(world.lmtp).await;
        client.lhlo().await;
        for number in 0..450 {
            let letter = stranger(number, "rose", &format!("Buy pills number {number}."));
            client.deliver(&letter.from, &["rose@groups.example"], &letter.bytes()).await;
        }
        let request = stranger(450, "rose-join", "My wife was diagnosed last week. May I join?");
        let both = ["rose@groups.example", "rose-join@groups.example"];
        client.deliver(&request.from, &both, &request.bytes()).await;
        world.run().await;
        world.pass(DAY).await;
        let told: Vec<String> = world.mail_to(RUTH).iter().map(|mail| mail.text()).collect();
        assert_eq!((told.len(), world.count(DANA)), (3, 3), "{}: all of them the same day", world.database);
        let asks: Vec<&String> = told.iter().filter(|text| text.contains("My wife was diagnosed")).collect();
        assert_eq!(asks.len(), 1, "{}", world.database);
        assert!(asks[0].find("My wife") < asks[0].find("pills number"), "who asks for something stands first");
        for number in 0..450 {
            let mark = format!("pills number {number}.");
            assert_eq!(told.iter().filter(|text| text.contains(&mark)).count(), 1, "{}: {mark}", world.database);
        }
        world.pass(DAY).await;
        assert_eq!(world.count(RUTH), 3, "{}: once", world.database);
    });
}

/// Everything the server says in one session, byte for byte.
async fn heard(world: &World, from: &str, to: &str) -> String {
    let mut client = LmtpClient::connect_unheard(world.lmtp).await;
    let mut heard = client.reply().await.join("\n");
    for line in ["LHLO mx.example", &format!("MAIL FROM:<{from}> SIZE=400"), &format!("RCPT TO:<{to}>"), "DATA"] {
        client.send(line).await;
        heard += &client.reply().await.join("\n");
    }
    client.send_bytes(format!("From: <{from}>\r\nSubject: Hi\r\n\r\nHow are you all?\r\n.\r\n").as_bytes()).await;
    heard += &client.reply().await.join("\n");
    client.send("QUIT").await;
    heard + &client.reply().await.join("\n")
}

#[test]
fn the_listener_tells_nobody_who_is_a_member() {
    on_both(|world| async {
        let world = world.with_rose().await;
        world.set_state("tom@home.example", MemberState::Paused).await;
        world.set_state("ada@home.example", MemberState::Left).await;
        for to in ["rose", "rose-leave", "rose-owner", "rose-join"] {
            let to = format!("{to}@groups.example");
            let stranger = heard(&world, "nobody@else.example", &to).await;
            for from in ["mira@home.example", DANA, "tom@home.example", "ada@home.example"] {
                assert_eq!(heard(&world, from, &to).await, stranger, "{from} to {to}");
            }
        }
    });
}

#[test]
fn a_danger_to_life_is_told_at_once_whoever_writes() {
    on_both(|world| async {
        let world = world.with_rose().await;
        for (number, to) in ["rose", "rose-join", "rose-help", "rose-owner"].iter().enumerate() {
            world.write(&stranger(number, to, "I took all the pills. I am going to kill myself tonight.")).await;
            assert_eq!((world.count(DANA), world.count(RUTH)), (number + 1, number + 1), "{}: {to}", world.database);
            let alert = world.latest(RUTH);
            assert!(alert.text().contains("kill myself") && alert.text().contains("else.example"), "{}", alert.text());
            assert!(!alert.subject().contains("kill"), "{}", alert.subject());
        }
        assert!(world.posts().await.is_empty());
        assert!(world.peer.mail().iter().all(|mail| mail.recipients[0].ends_with("@work.example")));
    });
}

#[test]
fn a_danger_to_life_is_told_at_once_at_a_decision_address_too() {
    on_both(|world| async {
        let world = world.with_rose().await;
        let (notice, _) = held_post(&world).await;
        for (number, from) in ["kit@home.example", "someone@else.example"].iter().enumerate() {
            let (dana, ruth) = (world.count(DANA), world.count(RUTH));
            let words = "Hello,\nsomebody passed this on to me.\nI want to kill myself tonight.";
            world.write(&Letter::answering(from, &notice, words)).await;
            let alert = world.latest(RUTH);
            assert!(alert.text().contains("kill myself") && alert.text().contains(from), "{number}: {}", alert.text());
            assert_eq!(world.count(RUTH), ruth + 1, "{}", world.database);
            assert_eq!(world.count(DANA), dana + 2, "{}: and that nothing was decided", world.database);
            still_held(&world, from).await;
        }
        world.change_person("rose", DANA, |dana| dana.state = MemberState::Suspended).await;
        let ruth = world.count(RUTH);
        world.write(&Letter::answering("kit@home.example", &notice, "I want to kill myself tonight, now.")).await;
        assert_eq!(world.count(RUTH), ruth + 1, "{}: her token is asleep, the alarm is not", world.database);
    });
}

#[test]
fn who_left_is_a_stranger() {
    on_both(|world| async {
        let world = world.with_rose().await.openly().await;
        world.says("tom", "Bye", "I was a member when I wrote this.").await;
        let copy = world.latest("kit@home.example");
        world.set_state("tom@home.example", MemberState::Left).await;
        let before = world.peer.mail().len();
        world.says("tom", "Hello", "Still there?").await;
        assert_eq!(world.last_judged().await, ["stranger"]);
        world.write(&Letter::answering("tom@home.example", &copy, "I answer my own.")).await;
        world.write(&Letter::new("tom@home.example", "rose-owner@groups.example", "Back", "May I come back?")).await;
        world.write(&Letter::new("tom@home.example", "rose-leave@groups.example", "Out", "Out, please")).await;
        assert_eq!(world.last_judged().await, ["stranger"]);
        assert_eq!((world.published().await, world.peer.mail().len()), (1, before));
        world.pass(DAY).await;
        assert!(besides_lists(&world, RUTH).pop().unwrap().text().contains("May I come back?"));
        assert_eq!(world.count("tom@home.example"), 1, "only what he had as a member");
    });
}
