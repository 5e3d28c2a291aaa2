//! A message that fails again and again: it is tried three times with rests between, delays no other for long, and is set
//! aside in the end; then people hear of it, and of a danger to life in it most of all. The database's own trouble is no
//! failure of any message, unless it alone goes on meeting it.

use lamplight::model::ids::SpoolId;
use lamplight::store::spool;

use crate::scene::{ADMIN, DANA, KIT, MIRA, ROSE, RUTH, TOM, send, sql};
use crate::support::{Letter, World, on_both};

const HELP: &str = "rose-help@groups.example";
const CRY: &str = "I am going to kill myself tonight.";

/// From now on the database refuses what is judged for this recipient; PostgreSQL gives this code for it.
async fn break_for(world: &World, recipient: &str, code: &str) {
    let when = format!("before insert on judgements for each row when (new.recipient = '{recipient}')");
    let statements = match world.database {
        "sqlite" => vec![format!("create trigger broken {when} begin select raise(abort, 'broken'); end")],
        _ => vec![
            format!(
                "create function broken() returns trigger language plpgsql as
                 $$ begin raise exception 'broken' using errcode = '{code}'; end $$"
            ),
            format!("create trigger broken {when} execute function broken()"),
        ],
    };
    sql(world, &statements).await;
}

async fn mend(world: &World) {
    let on = if world.database == "sqlite" { "" } else { " on judgements" };
    sql(world, &[format!("drop trigger broken{on}")]).await;
}

async fn attempts(world: &World) -> i64 {
    world.waiting().await[0].attempts
}

async fn states(world: &World) -> Vec<String> {
    world.spooled().await.into_iter().map(|row| row.state).collect()
}

#[test]
fn what_fails_three_times_is_heard_of_within_seconds() {
    on_both(|world| async {
        let world = world.with_rose().await;
        break_for(&world, HELP, "P0001").await;
        world.write(&Letter::new(MIRA, HELP, "Tonight", CRY)).await;
        world.run().await;
        assert_eq!((states(&world).await, attempts(&world).await), (vec!["new".to_owned()], 1), "{}", world.database);
        // It came ahead of what waits in her group, and nothing of that waits for it.
        let before = world.count(TOM);
        world.write(&Letter::new(TOM, ROSE, "An ordinary day", "The garden is quiet.")).await;
        assert_eq!((attempts(&world).await, world.count(TOM)), (1, before + 1), "{}: no delay", world.database);
        world.pass(1).await;
        assert_eq!((attempts(&world).await, world.count(TOM)), (2, before + 1), "{}", world.database);
        world.write(&Letter::new(TOM, ROSE, "An ordinary night", "The garden is dark.")).await;
        assert_eq!((attempts(&world).await, world.count(TOM)), (2, before + 2), "{}: no delay", world.database);
        world.pass(9).await;
        assert_eq!(attempts(&world).await, 2, "{}: it rests", world.database);
        let told = world.count(RUTH);
        world.pass(1).await;
        assert_eq!(states(&world).await[0], "quarantined", "{}", world.database);
        for moderator in [DANA, RUTH] {
            assert_eq!(world.count(moderator), told + 1, "{}", world.database);
            let alarm = world.latest(moderator);
            assert_eq!(alarm.subject(), "1 message to read now", "{}", world.database);
            assert!(alarm.text().contains("going to kill myself tonight") && alarm.text().contains(MIRA));
        }
        // When the fault is mended, an administrator lets it be read again.
        mend(&world).await;
        let mut tx = world.lamplight.store.begin().await.unwrap();
        assert!(spool::retry(&mut tx, SpoolId(world.spooled().await[0].id)).await.unwrap());
        tx.commit().await.unwrap();
        world.run().await;
        assert_eq!(states(&world).await[0], "done", "{}", world.database);
        assert!(world.latest(RUTH).text().contains("Mira wrote to rose-help"), "{}", world.latest(RUTH).text());
    });
}

#[test]
fn a_hiccup_of_a_second_sets_nothing_aside() {
    on_both(|world| async {
        let world = world.with_rose().await;
        break_for(&world, HELP, "P0001").await;
        world.write(&Letter::new(MIRA, HELP, "Hello", "Is there a room on Friday?")).await;
        // Her group's next mail waits for a second, so that a hiccup does not turn their order round; then it goes on.
        let before = world.count(TOM);
        world.write(&Letter::new(TOM, ROSE, "An ordinary day", "The garden is quiet.")).await;
        assert_eq!((attempts(&world).await, world.count(TOM)), (1, before), "{}", world.database);
        world.pass(1).await;
        assert_eq!((attempts(&world).await, world.count(TOM)), (2, before + 1), "{}", world.database);
        world.run().await;
        mend(&world).await;
        let told = world.count(RUTH);
        world.pass(10).await;
        assert_eq!(states(&world).await, ["done", "done"], "{}", world.database);
        assert_eq!(world.count(RUTH), told + 1, "{}", world.database);
    });
}

#[test]
fn what_tells_of_no_danger_is_told_of_as_well() {
    on_both(|world| async {
        let world = world.with_rose().await;
        break_for(&world, HELP, "P0001").await;
        world.write(&Letter::new(MIRA, HELP, "Hello", "Is there a room on Friday?")).await;
        world.pass(1).await;
        world.pass(10).await;
        assert_eq!(states(&world).await, ["quarantined"], "{}", world.database);
        let notice = world.latest(DANA);
        assert_eq!(notice.subject(), "1 message set aside", "{}", world.database);
        assert!(notice.text().contains("Is there a room on Friday?"), "{}", notice.text());
        assert!(notice.text().contains("spool show 1 --raw"), "{}", notice.text());
        assert_eq!((world.count(DANA), world.count(RUTH), world.count(MIRA)), (1, 1, 0), "{}", world.database);
    });
}

/// So often a process claims the oldest message and is gone before the end.
async fn ends_the_program(world: &World, times: usize) {
    for _ in 0..times {
        let waiting = world.waiting().await;
        let mut tx = world.lamplight.store.begin().await.unwrap();
        spool::claim(&mut tx, &[waiting[0].id], world.now()).await.unwrap();
        tx.commit().await.unwrap();
        world.lamplight.clock.set(world.now().plus_seconds(61));
    }
    world.run().await;
}

#[test]
fn what_ends_the_program_is_searched_for_words_and_not_read() {
    on_both(|world| async {
        let world = world.with_rose().await;
        // "I am going to kill myself tonight. Goodbye."
        let encoded = "SSBhbSBnb2luZyB0byBraWxsIG15c2VsZiB0\r\nb25pZ2h0LiBHb29kYnllLg==";
        let mail = format!(
            "From: <{MIRA}>\r\nSubject: x\r\nMIME-Version: 1.0\r\nContent-Transfer-Encoding: base64\r\n\r\n{encoded}\r\n"
        );
        world.deliver(MIRA, &[ROSE, "lamplight+c.abcdefghijklmnopqrstuvwxyz234567@groups.example"], mail).await;
        ends_the_program(&world, 3).await;
        assert_eq!(states(&world).await, ["quarantined"], "{}", world.database);
        let alarm = world.latest(RUTH);
        assert_eq!(alarm.subject(), "1 message to read now", "{}", world.database);
        assert!(alarm.text().contains("kill myself") && alarm.text().contains(MIRA), "{}", alarm.text());
        assert_eq!((world.count(DANA), world.count(RUTH), world.count(ADMIN)), (1, 1, 0), "{}", world.database);
    });
}

#[test]
fn what_ends_the_program_even_then_lies_there_unread_and_people_know() {
    on_both(|world| async {
        let world = world.with_rose().await;
        send_later(&world, ROSE).await;
        ends_the_program(&world, 4).await;
        assert_eq!(states(&world).await, ["quarantined"], "{}", world.database);
        let notice = world.latest(RUTH);
        assert_eq!(notice.subject(), "1 message set aside", "{}", world.database);
        assert!(notice.text().contains("No word of it") && notice.text().contains(MIRA), "{}", notice.text());
        assert_eq!((world.count(DANA), world.count(RUTH)), (1, 1), "{}", world.database);
        // One that belongs to no group is the administrators'.
        send_later(&world, "postmaster@groups.example").await;
        ends_the_program(&world, 4).await;
        assert_eq!(world.latest(ADMIN).subject(), "1 message set aside", "{}", world.database);
        send(&world, MIRA, &[ROSE], &Letter::new(MIRA, ROSE, "Later", "The next one goes on.").bytes()).await;
        assert_eq!(states(&world).await[2], "done", "{}", world.database);
    });
}

/// Longer than what is read before its turn comes.
async fn send_long(world: &World) {
    let long = format!("Is there a room?\n\n{}", "The soup was good. ".repeat(4_000));
    world.deliver(MIRA, &[HELP], Letter::new(MIRA, HELP, "Long", &long).bytes()).await;
}

async fn send_later(world: &World, to: &str) {
    world.deliver(MIRA, &[to], Letter::new(MIRA, to, "Tonight", CRY).bytes()).await;
}

/// On PostgreSQL, because SQLite has no way to say that it is away; what its codes mean is a table in `store/trouble.rs`.
#[test]
fn trouble_of_the_database_sets_nothing_aside() {
    on_both(|world| async {
        if world.database == "sqlite" {
            return;
        }
        let world = world.with_rose().await;
        for (number, code) in ["57P01", "40001", "40P01", "53100", "08006", "25006"].iter().enumerate() {
            break_for(&world, HELP, code).await;
            world.write(&Letter::new(MIRA, HELP, "Hello", &format!("Is there a room on day {number}?"))).await;
            world.write(&Letter::new(TOM, "rose-owner@groups.example", "Hi", "Others go on.")).await;
            for _ in 0..12 {
                world.pass(1).await;
            }
            assert_eq!(attempts(&world).await, 0, "{code}");
            assert_eq!(world.count(RUTH), 2 * number + 1, "{code}: the others");
            world.lamplight.store.begin().await.unwrap();
            mend(&world).await;
            sql(&world, &["drop function broken()".to_owned()]).await;
            world.pass(1).await;
            assert_eq!(world.spooled().await.iter().filter(|row| row.state != "done").count(), 0, "{code}");
            assert_eq!(world.count(RUTH), 2 * number + 2, "{code}");
        }
    });
}

/// The database does not give the first message any more.
const DAMAGE: [&str; 5] = [
    "create function damaged(number bigint, message bytea) returns bytea language plpgsql immutable as
     $$ begin if number = 1 then raise exception 'a damaged page' using errcode = 'XX001'; end if; return message; end $$",
    "alter table raw_messages rename to raw_rest",
    "create view raw_messages as select spool_id, damaged(spool_id, message) as message from raw_rest",
    "create function kept() returns trigger language plpgsql as
     $$ begin insert into raw_rest values (new.spool_id, new.message); return new; end $$",
    "create trigger kept instead of insert on raw_messages for each row execute function kept()",
];

#[test]
fn a_message_on_a_damaged_page_is_heard_of() {
    on_both(|world| async {
        if world.database == "sqlite" {
            return;
        }
        let world = world.with_rose().await;
        send_long(&world).await;
        sql(&world, &DAMAGE.map(str::to_owned)).await;
        world.run().await;
        let owner = "rose-owner@groups.example";
        let asks = async |day: &str| world.write(&Letter::new(TOM, owner, day, "Is there a room?")).await;
        // At first it may pass.
        for _ in 0..14 {
            world.pass(1).await;
            asks("Monday").await;
        }
        assert_eq!((attempts(&world).await, world.spooled().await[0].state.as_str()), (0, "new"));
        for _ in 0..3 {
            world.pass(1).await;
        }
        assert_eq!(states(&world).await[0], "quarantined", "others go on, and it does not");
        assert!(states(&world).await[1..].iter().all(|state| state == "done"));
        for moderator in [DANA, RUTH] {
            let all = world.mail_to(moderator);
            let notice = all.iter().find(|mail| mail.subject() == "1 message set aside").unwrap();
            assert!(notice.text().contains(MIRA) && notice.text().contains("spool show 1 --raw"), "{}", notice.text());
        }
    });
}

#[test]
fn a_damaged_row_keeps_no_other_waiting_and_is_heard_of() {
    on_both(|world| async {
        let world = world.with_rose().await.openly().await;
        send_long(&world).await;
        sql(&world, &["update spool set recipients = '[' where id = 1".to_owned()]).await;
        let before = world.count(KIT);
        world.write(&Letter::new(TOM, ROSE, "An ordinary day", "The garden is quiet.")).await;
        assert_eq!(world.count(KIT), before + 1, "{}: the others go on", world.database);
        world.pass(1).await;
        world.pass(10).await;
        assert_eq!(states(&world).await, ["quarantined", "done"], "{}", world.database);
        let notice = world.latest(ADMIN);
        assert!(notice.text().contains("spool show 1 --raw"), "{}: {}", world.database, notice.text());
    });
}

#[test]
fn one_that_meets_trouble_where_nothing_else_comes_is_heard_of_with_its_words() {
    on_both(|world| async {
        if world.database == "sqlite" {
            return;
        }
        let world = world.with_rose().await;
        break_for(&world, HELP, "XX002").await;
        world.write(&Letter::new(MIRA, HELP, "Tonight", CRY)).await;
        for _ in 0..120 {
            world.pass(1).await;
        }
        assert_eq!(states(&world).await, ["quarantined"]);
        assert!(world.latest(RUTH).text().contains("going to kill myself tonight"), "{}", world.latest(RUTH).text());
    });
}

/// An old server beside a newer one's tables: nobody's message is to blame, and the newer one reads them.
#[test]
fn tables_that_a_newer_version_has_changed_set_nothing_aside() {
    on_both(|world| async {
        if world.database == "sqlite" {
            return;
        }
        let world = world.with_rose().await;
        let rename = |from: &str, to: &str| vec![format!("alter table judgements rename column {from} to {to}")];
        sql(&world, &rename("disposition", "outcome")).await;
        for day in ["Monday", "Tuesday", "Wednesday"] {
            world.write(&Letter::new(MIRA, HELP, day, "Is there a room?")).await;
        }
        for _ in 0..120 {
            world.pass(1).await;
        }
        assert_eq!(states(&world).await, ["new"; 3]);
        sql(&world, &rename("outcome", "disposition")).await;
        for _ in 0..60 {
            world.pass(1).await;
        }
        assert_eq!((states(&world).await, world.count(RUTH)), (vec!["done".to_owned(); 3], 3));
    });
}
