//! Every post is read by a moderator: within the group's reading hours, from a list, by a word. What nobody reads climbs.

use lamplight::model::hours::ReadingHours;
use lamplight::model::member::MemberState;
use lamplight::model::post::PostState;

use crate::scene::{
    ADMIN, CRY, DANA, KIT, ROSE, RUTH, TOM, besides_lists, held_post, lists, raw, send, sql, state, still_held,
};
use crate::support::{Captured, Letter, World, on_both};

const OFFICE: &str = "Mon-Fri 9:00-17:00";

/// Rose, whose moderators read at these hours, and which publishes at once.
async fn open_rose(world: World, hours: &str, holidays: &str) -> World {
    let world = world.with_rose().await.openly().await;
    read_at(&world, hours, holidays).await;
    world
}

async fn read_at(world: &World, hours: &str, holidays: &str) {
    let reading = ReadingHours::parse(hours, holidays).unwrap();
    world.change_group("rose", |rose| rose.reading = reading.clone()).await;
}

async fn answer(world: &World, from: &str, list: &Captured, said: &str) {
    world.write(&Letter::answering(from, list, said)).await;
}

async fn number(world: &World, question: &str) -> i64 {
    use sqlx::{Connection as _, Row as _};
    let mut db = sqlx::AnyConnection::connect(&world.lamplight.config.database.url).await.unwrap();
    sqlx::query(sqlx::AssertSqlSafe(question)).fetch_one(&mut db).await.unwrap().get(0)
}

/// A mail's words, however its lines are broken.
fn words(mail: &Captured) -> String {
    mail.text().split_whitespace().collect::<Vec<_>>().join(" ")
}

async fn unread(world: &World) -> i64 {
    number(world, "select count(*) from unread").await
}

/// How often a moderator's READ was written down, and how often in the audit record.
async fn read(world: &World) -> (i64, i64) {
    let decided = number(world, "select count(*) from decisions where verb = 'read'").await;
    (decided, number(world, "select count(*) from audit where action = 'read'").await)
}

#[test]
fn a_held_post_of_a_weekend_is_promised_for_tuesday() {
    on_both(|world| async {
        let world = world.with_rose().await;
        read_at(&world, OFFICE, "").await;
        world.go_to("2026-11-21T11:00:00-05:00").await;
        let (notice, _) = held_post(&world).await;
        for mail in [&notice, &world.latest(KIT)] {
            assert!(words(mail).contains("by Tuesday 24 November, 1:00 pm (New York time)"), "{}", mail.text());
        }
        let (dana, ruth) = (world.count(DANA), world.count(RUTH));
        world.go_to("2026-11-24T12:59:59-05:00").await;
        assert_eq!((world.count(DANA), world.count(RUTH)), (dana, ruth), "{}: nobody is disturbed", world.database);
        world.go_to("2026-11-24T13:00:00-05:00").await;
        assert_eq!((world.count(DANA), world.count(RUTH)), (dana + 1, ruth + 1), "{}", world.database);
        assert_eq!(world.latest(DANA).subject(), "1 message still waits", "{}", world.database);
        // Her word of before still takes it back, a reminder or not.
        world.write(&Letter::answering(KIT, &world.mail_to(KIT)[0], "Take back")).await;
        assert_eq!(state(&world, 0).await, PostState::Withdrawn, "{}", world.database);
        world.go_to("2026-12-24T13:00:00-05:00").await;
        assert_eq!((world.count(DANA), world.count(ADMIN)), (dana + 1, 0), "{}: that is the end of it", world.database);
    });
}

#[test]
fn a_list_of_a_weekend_comes_on_monday_and_after_holidays_later() {
    on_both(|world| async {
        let world = open_rose(world, OFFICE, "2026-11-30").await;
        world.go_to("2026-11-21T11:00:00-05:00").await;
        world.says("kit", "Saturday", "Written on Saturday.").await;
        world.go_to("2026-11-22T22:00:00-05:00").await;
        world.says("tom", "Sunday", "I can't stop crying since Sunday.").await;
        world.go_to("2026-11-23T08:59:59-05:00").await;
        assert_eq!(lists(&world, DANA).len(), 0, "{}", world.database);
        world.go_to("2026-11-23T09:00:00-05:00").await;
        world.run().await;
        let list = lists(&world, DANA).pop().unwrap();
        assert_eq!(
            (lists(&world, DANA).len(), lists(&world, RUTH).len()),
            (1, 1),
            "{}: one for both posts",
            world.database
        );
        assert_eq!(list.subject(), "Rose: 2 messages to read", "{}", world.database);
        let text = list.text();
        assert!(text.contains("1. Kit: Saturday") && text.contains("> Written on Saturday."), "{text}");
        assert!(text.contains("2. Tom: Sunday") && text.contains("A computer noticed: distress"), "{text}");
        assert!(words(&list).contains("by Tuesday 24 November, 1:00 pm"), "{text}");
        assert!(list.reply_address().starts_with("lamplight+m."), "{}", list.reply_address());
        answer(&world, DANA, &list, "Read, thanks\n\nDana").await;
        assert_eq!((unread(&world).await, read(&world).await), (0, (2, 2)), "{}", world.database);
        assert_eq!(
            (lists(&world, RUTH).len(), besides_lists(&world, RUTH).len()),
            (1, 0),
            "{}: no echo",
            world.database
        );
        assert_eq!(
            besides_lists(&world, DANA).iter().filter(|mail| !mail.reply_address().starts_with("rose+d.")).count(),
            0
        );

        // Friday evening; Monday is a holiday.
        world.go_to("2026-11-27T18:00:00-05:00").await;
        world.says("kit", "Friday", "Written on Friday.").await;
        world.go_to("2026-12-01T08:59:00-05:00").await;
        assert_eq!(lists(&world, DANA).len(), 1, "{}", world.database);
        world.go_to("2026-12-01T09:00:00-05:00").await;
        assert_eq!(lists(&world, DANA).len(), 2, "{}", world.database);
        assert!(words(&lists(&world, DANA)[1]).contains("by Wednesday 2 December, 1:00 pm"), "{}", world.database);
    });
}

/// Five posts and the list of them.
async fn five(world: &World) -> (Captured, Captured) {
    for (number, name) in ["kit", "tom", "mira", "kit", "tom"].iter().enumerate() {
        world.says(name, &format!("Note {}", number + 1), "It rains today.").await;
    }
    world.pass(6 * 3_600).await;
    (lists(world, DANA).pop().unwrap(), lists(world, RUTH).pop().unwrap())
}

#[test]
fn read_by_numbers() {
    on_both(|world| async {
        let world = open_rose(world, "always", "").await;
        let (dana_s, ruth_s) = five(&world).await;
        for (said, why) in [
            ("read 4-6", "names a number"),
            ("read?", "more than one thing"),
            ("read all but 2", "more than one thing"),
        ] {
            answer(&world, DANA, &dana_s, said).await;
            let mail = world.latest(DANA);
            assert_eq!(mail.subject(), "Nothing was marked as read", "{}: {said}", world.database);
            assert!(words(&mail).contains(why), "{}: {said}: {}", world.database, mail.text());
            assert_eq!(unread(&world).await, 5, "{}: {said}", world.database);
        }
        // Somebody else's answer, an empty one, and hers after three explanations: nothing, and no more mail.
        let before = world.count(DANA);
        answer(&world, KIT, &dana_s, "Read").await;
        answer(&world, DANA, &dana_s, "APPROVE").await;
        answer(&world, DANA, &dana_s, "").await;
        assert_eq!((unread(&world).await, world.count(DANA)), (5, before), "{}", world.database);

        answer(&world, DANA, &dana_s, "Read 1, 3 and 5. Thank you!").await;
        assert_eq!((unread(&world).await, read(&world).await), (2, (3, 3)), "{}", world.database);
        let (min, max) = (
            number(&world, "select min(post_id) from unread").await,
            number(&world, "select max(post_id) from unread").await,
        );
        let posts = world.posts().await;
        assert_eq!((min, max), (posts[1].id.0, posts[3].id.0), "{}: those of the other numbers", world.database);
        answer(&world, RUTH, &ruth_s, "read 1-3").await;
        assert_eq!((unread(&world).await, read(&world).await), (1, (4, 4)), "{}: each once", world.database);
        answer(&world, DANA, &dana_s, "Alles gelesen, danke").await;
        assert_eq!((unread(&world).await, read(&world).await), (0, (5, 5)), "{}", world.database);
        world.pass(40 * 86_400).await;
        assert_eq!(
            (lists(&world, DANA).len(), lists(&world, RUTH).len()),
            (1, 1),
            "{}: no further list",
            world.database
        );
    });
}

#[test]
fn one_of_the_list_is_taken_back() {
    on_both(|world| async {
        let world = open_rose(world, "always", "").await;
        let (dana_s, ruth_s) = five(&world).await;
        answer(&world, DANA, &dana_s, "retract 1-3").await;
        answer(&world, DANA, &dana_s, "retract").await;
        assert_eq!(world.latest(DANA).subject(), "Nothing was marked as read", "{}", world.database);
        assert!(world.posts().await.iter().all(|post| post.state == PostState::Published), "{}", world.database);
        answer(&world, DANA, &dana_s, "RETRACT 4").await;
        assert_eq!((state(&world, 3).await, unread(&world).await), (PostState::Retracted, 4), "{}", world.database);
        assert!(world.latest(RUTH).text().contains("Note 4"), "{}", world.latest(RUTH).text());
        let ruth = world.count(RUTH);
        answer(&world, RUTH, &ruth_s, "retract 4").await;
        answer(&world, RUTH, &ruth_s, "read").await;
        assert_eq!((world.count(RUTH), unread(&world).await), (ruth, 0), "{}", world.database);
        assert_eq!(read(&world).await, (4, 4), "{}: what was taken back was not read besides", world.database);
    });
}

#[test]
fn an_automatic_answer_reads_nothing() {
    on_both(|world| async {
        let world = open_rose(world, "always", "").await;
        let (list, _) = five(&world).await;
        let to = list.reply_address();
        let before = world.peer.mail().len();
        let header = [
            "From: <dana@work.example>".to_owned(),
            format!("To: <{to}>"),
            "Subject: Out of office: Re: Rose: 5 messages to read".to_owned(),
            "Auto-Submitted: auto-replied".to_owned(),
            "Content-Type: text/plain".to_owned(),
        ];
        let header: Vec<&str> = header.iter().map(String::as_str).collect();
        send(&world, DANA, &[&to], &raw(&header, "READ\n\nI am away until Monday.\n\n> - READ: you have read them."))
            .await;
        // The same from a program that says nowhere what it is.
        let plain = Letter::answering(DANA, &list, "I am out of the office and read no mail until Monday.");
        world.write(&plain).await;
        assert_eq!((unread(&world).await, read(&world).await), (5, (0, 0)), "{}", world.database);
        assert!(world.peer.mail().len() <= before + 1, "{}: at most one explanation", world.database);
    });
}

#[test]
fn what_a_moderator_decided_is_read() {
    on_both(|world| async {
        let world = world.with_rose().await;
        let (notice, _) = held_post(&world).await;
        world.write(&Letter::answering(DANA, &notice, "Approve")).await;
        let echo = world.latest(RUTH);
        world.pass(121).await;
        assert_eq!((state(&world, 0).await, unread(&world).await), (PostState::Published, 0), "{}", world.database);
        // Kit is known now: what he writes is read later. Dana's own words were hers.
        world.says("kit", "Second", "My second one.").await;
        assert_eq!(unread(&world).await, 1, "{}", world.database);
        world.write(&Letter::new(DANA, ROSE, "Thursday", "The office is closed.")).await;
        world.write(&Letter::answering(DANA, &world.latest(DANA), "Approve")).await;
        world.pass(121).await;
        assert_eq!(unread(&world).await, 1, "{}", world.database);
        // READ to the mail about a post that was read is no trouble and no decision.
        let ruth = world.count(RUTH);
        world.write(&Letter::answering(RUTH, &echo, "read")).await;
        assert_eq!((world.count(RUTH), read(&world).await), (ruth, (0, 0)), "{}", world.database);
        // To a held one it decides nothing, and says so.
        world.says("tom", "First", "My first one.").await;
        world.write(&Letter::answering(RUTH, &world.latest(RUTH), "read")).await;
        assert_eq!(world.latest(RUTH).subject(), "Nothing was decided", "{}", world.database);

        // An administrator's word lets a post go; a moderator reads it all the same.
        let post = world.post_with("My first one").await.id;
        let approve = lamplight::model::command::Verb::Approve;
        world.lamplight.decide_as_administrator(post, approve, None, world.now()).await.unwrap();
        assert_eq!(unread(&world).await, 2, "{}", world.database);
        world.lamplight.retract_as_administrator(post, world.now()).await.unwrap();
        assert_eq!(unread(&world).await, 1, "{}: taken back", world.database);
    });
}

#[test]
fn a_list_that_one_moderator_does_not_get() {
    on_both(|world| async {
        let world = open_rose(world, "always", "").await;
        world.peer.answer("RCPT", "550 5.1.1 no such user").to("dana@");
        world.says("kit", "Tea", "Peppermint helps me.").await;
        world.pass(6 * 3_600).await;
        assert_eq!((lists(&world, DANA).len(), lists(&world, RUTH).len()), (0, 1), "{}", world.database);
        assert!(world.latest(ADMIN).text().contains("Dana, rose: dana@work.example"), "{}", world.latest(ADMIN).text());
        let list = world.latest(RUTH);
        answer(&world, RUTH, &list, "Read").await;
        assert_eq!(unread(&world).await, 0, "{}", world.database);
    });
}

#[test]
fn two_servers_that_tick_at_once_make_one_list() {
    on_both(|world| async {
        let world = open_rose(world, "always", "").await;
        for round in 1..=5 {
            world.says("kit", "Tea", &format!("Peppermint, cup {round}.")).await;
            world.lamplight.clock.set(world.now().plus_seconds(7 * 3_600));
            let now = world.now();
            let ticks: Vec<_> = (0..4)
                .map(|_| {
                    let lamplight = world.lamplight.clone();
                    tokio::spawn(async move { lamplight.tick(now).await })
                })
                .collect();
            let mut made = 0;
            for tick in ticks {
                made += tick.await.unwrap().unwrap().lists;
            }
            world.run().await;
            assert_eq!(made, 1, "{}: round {round}", world.database);
            assert_eq!((lists(&world, DANA).len(), lists(&world, RUTH).len()), (round, round), "{}", world.database);
            answer(&world, DANA, &lists(&world, DANA)[round - 1], "read all").await;
            assert_eq!(unread(&world).await, 0, "{}: round {round}", world.database);
        }
    });
}

#[test]
fn two_moderators_read_at_once() {
    on_both(|world| async {
        let world = open_rose(world, "always", "").await;
        let (dana_s, ruth_s) = five(&world).await;
        for (from, list) in [(DANA, &dana_s), (RUTH, &ruth_s)] {
            let letter = Letter::answering(from, list, "Read all");
            world.deliver(from, &[&letter.to], letter.bytes()).await;
        }
        let now = world.now();
        let servers: Vec<_> = (0..2)
            .map(|_| {
                let lamplight = world.lamplight.clone();
                tokio::spawn(async move { lamplight.receive_all(now).await })
            })
            .collect();
        for server in servers {
            server.await.unwrap().unwrap();
        }
        world.run().await;
        assert_eq!((unread(&world).await, read(&world).await), (0, (5, 5)), "{}: each once", world.database);
    });
}

/// Nobody answers for sixty days: nothing ends, people hear of it in proportion, and it is late in words.
#[test]
fn sixty_days_of_silence() {
    on_both(|world| async {
        let world = open_rose(world, OFFICE, "2026-12-25,2027-01-01").await;
        world.go_to("2026-11-23T10:00:00-05:00").await;
        world.change_group("rose", |rose| rose.moderation = lamplight::model::group::Moderation::First).await;
        world.change_person("rose", TOM, |tom| tom.trusted_since = Some(tom.joined_at)).await;
        held_post(&world).await;
        world.says("ada", "Another", "My first one, too.").await;
        for number in 1..=3 {
            world.says("tom", &format!("Note {number}"), "It rains today.").await;
        }
        for hour in 1..=60 * 24 {
            world.pass(3_600).await;
            if hour % 240 == 0 {
                still_held(&world, &format!("hour {hour}")).await;
            }
        }
        assert_eq!(unread(&world).await, 3, "{}: nor does the list end", world.database);
        // 23 Nov to 22 Jan: 45 days in the office, less two holidays.
        let reminders = besides_lists(&world, RUTH).len();
        let (late, told) = (lists(&world, RUTH).len(), world.count(ADMIN));
        assert!((80..=90).contains(&reminders), "{}: {reminders} notices and reminders of two posts", world.database);
        assert!((40..=45).contains(&late), "{}: {late} reading lists of three posts", world.database);
        assert!((57..=59).contains(&told), "{}: {told} mails to the administrator, one a day", world.database);
        let outside = world.mail_to(RUTH).into_iter().filter(|mail| {
            let date = chrono::DateTime::parse_from_rfc2822(&mail.header("Date")).unwrap().naive_local();
            let hour = date.format("%a %H:%M").to_string();
            hour.starts_with('S') || !("09:00"..="17:00").contains(&&hour[4..])
        });
        assert_eq!(outside.count(), 0, "{}: nobody is disturbed at night", world.database);
        let text = world.latest(ADMIN).text();
        assert!(
            text.contains("2 messages wait for a decision") && text.contains("3 messages are with the group"),
            "{text}"
        );
        assert_eq!(
            lists(&world, RUTH).pop().unwrap().subject(),
            "Rose: 3 messages to read, 3 late",
            "{}",
            world.database
        );
        let list = lists(&world, DANA).pop().unwrap();
        answer(&world, DANA, &list, "read").await;
        assert_eq!(unread(&world).await, 0, "{}: a fresh token", world.database);
        // An old one says so, and marks nothing.
        world.says("tom", "Note 4", "It still rains.").await;
        answer(&world, DANA, &lists(&world, DANA)[0], "read").await;
        assert!(world.latest(DANA).text().contains("had run out"), "{}", world.latest(DANA).text());
        assert_eq!(unread(&world).await, 1, "{}", world.database);
    });
}

/// Danger keeps no hours, neither now nor when nobody answers.
#[test]
fn a_cry_for_help_on_a_saturday() {
    on_both(|world| async {
        let world = open_rose(world, OFFICE, "").await;
        world.go_to("2026-11-21T11:00:00-05:00").await;
        world.says("kit", "Tonight", CRY).await;
        assert_eq!(world.latest(DANA).subject(), "1 message to read now", "{}", world.database);
        answer(&world, DANA, &world.latest(DANA), "Mine").await;
        let (dana, ruth) = (world.count(DANA), world.count(RUTH));
        world.go_to("2026-11-21T23:00:00-05:00").await;
        assert_eq!((world.count(DANA), world.count(RUTH)), (dana + 1, ruth + 1), "{}: both", world.database);
        world.go_to("2026-11-22T11:00:00-05:00").await;
        assert_eq!((world.count(RUTH), world.count(ADMIN)), (ruth + 2, 1), "{}", world.database);
        assert_eq!(world.latest(ADMIN).subject(), "Lamplight: 1 message waits for a moderator", "{}", world.database);
    });
}

/// Hours that are set while something is due by the old ones count at once.
#[test]
fn what_falls_due_outside_of_new_hours_waits_for_them() {
    on_both(|world| async {
        let world = open_rose(world, "always", "").await;
        world.go_to("2026-11-23T16:00:00-05:00").await;
        world.says("tom", "Tea", "Peppermint helps me.").await;
        world.change_group("rose", |rose| rose.moderation = lamplight::model::group::Moderation::First).await;
        held_post(&world).await;
        read_at(&world, OFFICE, "").await;
        let ruth = world.count(RUTH);
        // Nobody ticked at ten and at four, when they were due.
        for hour in ["23T23:30", "24T05:30", "24T08:59"] {
            world.go_to(&format!("2026-11-{hour}:00-05:00")).await;
        }
        assert_eq!(world.count(RUTH), ruth, "{}", world.database);
        world.go_to("2026-11-24T09:00:00-05:00").await;
        assert_eq!((world.count(RUTH) - ruth, lists(&world, RUTH).len()), (2, 1), "{}", world.database);
    });
}

/// MINE gives her who said it one more reading period, once.
#[test]
fn a_claim_buys_time_once() {
    on_both(|world| async {
        let world = world.with_rose().await;
        let (notice, _) = held_post(&world).await;
        world.pass(12 * 3_600).await;
        world.pass(11 * 3_600).await;
        answer(&world, DANA, &notice, "Mine").await;
        let (dana, ruth) = (world.count(DANA), world.count(RUTH));
        world.pass(11 * 3_600).await;
        assert_eq!((world.count(RUTH), world.count(ADMIN)), (ruth, 0), "{}: hers for twelve hours", world.database);
        answer(&world, DANA, &notice, "Mine").await;
        world.pass(3_600).await;
        assert!(world.latest(RUTH).text().contains("Dana looks after it"), "{}", world.latest(RUTH).text());
        assert_eq!(world.count(ADMIN), 1, "{}: the second reminder goes further", world.database);
        assert!(world.count(DANA) > dana, "{}", world.database);
        still_held(&world, "claimed").await;
    });
}

#[test]
fn a_list_where_nobody_looks_after_the_group() {
    on_both(|world| async {
        let world = open_rose(world, "always", "").await;
        for address in [DANA, RUTH] {
            world.change_person("rose", address, |one| one.state = MemberState::Suspended).await;
        }
        world.says("kit", "Tea", "Peppermint helps me.").await;
        world.pass(11 * 3_600).await;
        assert_eq!(world.count(ADMIN), 0, "{}: there is time", world.database);
        world.pass(3_600).await;
        assert_eq!(world.count(ADMIN), 1, "{}", world.database);
        assert!(world.latest(ADMIN).text().contains("0 active moderators"), "{}", world.latest(ADMIN).text());
        assert!(!world.latest(ADMIN).text().contains("Peppermint"), "{}", world.database);
        world.change_person("rose", DANA, |dana| dana.state = MemberState::Active).await;
        world.pass(86_400).await;
        assert_eq!(
            lists(&world, DANA).pop().unwrap().subject(),
            "Rose: 1 message to read, 1 late",
            "{}",
            world.database
        );
    });
}

/// The transaction that makes a list fails in its midst: none is made, and the next tick makes it whole.
#[test]
fn a_list_is_made_whole_or_not_at_all() {
    on_both(|world| async {
        let world = open_rose(world, "always", "").await;
        world.says("kit", "Tea", "Peppermint helps me.").await;
        let (make, drop) = match world.database {
            "sqlite" => (
                vec!["create trigger broken before update on unread begin select raise(abort, 'broken'); end"],
                "drop trigger broken",
            ),
            _ => (
                vec![
                    "create function broken() returns trigger language plpgsql as $$ begin raise exception 'broken'; end $$",
                    "create trigger broken before update on unread for each row execute function broken()",
                ],
                "drop trigger broken on unread",
            ),
        };
        sql(&world, &make.iter().map(|&line| line.to_owned()).collect::<Vec<_>>()).await;
        world.lamplight.clock.set(world.now().plus_seconds(6 * 3_600));
        world.lamplight.tick(world.now()).await.unwrap_err();
        sql(&world, &[drop.to_owned()]).await;
        assert_eq!(number(&world, "select count(*) from listed").await, 0, "{}", world.database);
        world.run().await;
        assert_eq!((lists(&world, DANA).len(), lists(&world, RUTH).len()), (1, 1), "{}", world.database);
    });
}
