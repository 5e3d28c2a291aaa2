//! Somebody asks to be forgotten: nothing in the database tells of her, in no form; conversations keep their shape; nobody
//! else loses a word; and she gets no further mail.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use data_encoding::{BASE64, HEXLOWER};
use lamplight::engine::forget::{Notes, Receipt};
use lamplight::engine::notice::{Notice, ToMember};
use lamplight::engine::notify::{Manner, Reader};
use lamplight::mail::Address;
use lamplight::model::group::Moderation;
use lamplight::model::member::{Delivery, Role};
use lamplight::model::post::PostState;
use lamplight::store::claims;
use lamplight::store::outbox::Lane;
use lamplight::store::personal::{Holds, PLACES};
use lamplight::store::settled::{self, End, Settled};
use regex::bytes::Regex;
use sqlx::{AnyConnection, AssertSqlSafe, Connection, Row};

use crate::scene::{ADA, CRY, DANA, KIT, MIRA, ROSE, RUTH, TOM, everybody_is_known, sql};
use crate::support::{Captured, Letter, World, on_both, postgres};

const ZEPH: &str = "zeph.q@home.example";
const HER_SENTENCE: &str = "My grandmother planted seventeen crooked apple trees behind the mill.";
const HER_OTHER: &str = "The infusion pump sang all night like a drunken kettle.";
const HER_SECRET: &str = "Please tell nobody that I quarrelled with my brother about the orchard.";

/// What must be nowhere afterwards, as it is read and as it is written in mails and rows.
fn needles() -> Vec<Vec<u8>> {
    let plain = [
        ZEPH,
        "Zephyrine",
        "Quackenbush",
        "seventeen crooked apple",
        "crooked apple trees",
        "drunken kettle",
        "quarrelled with my brother",
        "Apple trees and kettles",
        "phone-of-zeph",
    ];
    let mut all = Vec::new();
    for text in plain {
        all.push(text.as_bytes().to_vec());
        all.push(HEXLOWER.encode(text.as_bytes()).into_bytes());
        // Base64 of it begins at one of three places; the first and the last characters depend on what stands around it.
        for skip in 0..3 {
            let inner = &text.as_bytes()[skip..];
            let whole = inner.len() / 3 * 3;
            all.push(BASE64.encode(&inner[..whole]).into_bytes());
        }
    }
    all
}

fn found_in(bytes: &[u8]) -> BTreeSet<String> {
    static NEEDLES: LazyLock<Regex> = LazyLock::new(|| {
        let all: Vec<String> =
            needles().iter().map(|needle| regex::escape(std::str::from_utf8(needle).unwrap())).collect();
        Regex::new(&format!("(?i-u){}", all.join("|"))).unwrap()
    });
    // Quoted-printable and base64 break their lines.
    let squeezed: Vec<u8> = String::from_utf8_lossy(bytes).replace("=\r\n", "").replace(['\r', '\n'], "").into_bytes();
    let found = NEEDLES.find_iter(bytes).chain(NEEDLES.find_iter(&squeezed));
    found.map(|found| String::from_utf8_lossy(found.as_bytes()).into_owned()).collect()
}

/// Every place of the database in which she is found: its files, and each column of each row.
async fn traces(world: &World) -> BTreeSet<String> {
    let url = world.lamplight.config.database.url.clone();
    let mut all = BTreeSet::new();
    let mut db = AnyConnection::connect(&url).await.unwrap();
    if let Some(file) = url.strip_prefix("sqlite://") {
        for end in ["", "-wal", "-shm"] {
            let bytes = std::fs::read(format!("{file}{end}")).unwrap_or_default();
            all.extend(found_in(&bytes).into_iter().map(|needle| format!("file{end}: {needle}")));
        }
    } else {
        sqlx::query("checkpoint").execute(&mut db).await.unwrap();
        all.extend(found_in(&postgres::dump(&url)).into_iter().map(|needle| format!("dump: {needle}")));
        let row = sqlx::query("select cast(oid as bigint) as oid from pg_database where datname = current_database()")
            .fetch_one(&mut db)
            .await
            .unwrap();
        for (path, bytes) in postgres::files_of(row.get("oid")) {
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            all.extend(found_in(&bytes).into_iter().map(|needle| format!("file {name}: {needle}")));
        }
    }
    for (table, column, is_bytes) in columns(&mut db, url.starts_with("sqlite")).await {
        let text = if is_bytes { column.clone() } else { format!("cast({column} as text)") };
        let rows = sqlx::query(AssertSqlSafe(format!("select {text} as v from {table} where {column} is not null")))
            .fetch_all(&mut db)
            .await
            .unwrap();
        for row in rows {
            let bytes = if is_bytes {
                row.get::<Option<Vec<u8>>, _>("v").unwrap_or_default()
            } else {
                row.get::<String, _>("v").into_bytes()
            };
            all.extend(found_in(&bytes).into_iter().map(|needle| format!("{table}.{column}: {needle}")));
        }
    }
    all
}

/// Every column of text or octets.
async fn columns(db: &mut AnyConnection, is_sqlite: bool) -> Vec<(String, String, bool)> {
    let sql = if is_sqlite {
        "select m.name || ' ' || c.name || ' ' || lower(c.type) as line from sqlite_master m
             join pragma_table_info(m.name) c where m.type = 'table' and m.name not like '%sqlx%'"
    } else {
        "select table_name || ' ' || column_name || ' ' || replace(data_type, 'bytea', 'blob') as line
         from information_schema.columns where table_schema = 'public' and table_name not like '%sqlx%'"
    };
    let rows = sqlx::query(sql).fetch_all(db).await.unwrap();
    let lines = rows.iter().map(|row| row.get::<String, _>("line"));
    let split = lines.filter_map(|line| {
        let words: Vec<&str> = line.split(' ').collect();
        let is_bytes = words[2] == "blob";
        (is_bytes || words[2] == "text").then(|| (words[0].to_owned(), words[1].to_owned(), is_bytes))
    });
    split.collect()
}

/// A column of text that nobody thought of is a place where somebody may be left.
#[test]
fn every_column_of_words_is_in_the_list() {
    on_both(|world| async move {
        let world = world.with_rose().await;
        let mut db = AnyConnection::connect(&world.lamplight.config.database.url).await.unwrap();
        let there: BTreeSet<(String, String)> = columns(&mut db, world.database == "sqlite")
            .await
            .into_iter()
            .map(|(table, column, _)| (table, column))
            .collect();
        assert!(there.len() > 60, "{there:?}");
        let listed: BTreeSet<(String, String)> =
            PLACES.iter().map(|place| (place.table.to_owned(), place.column.to_owned())).collect();
        assert_eq!(there.difference(&listed).collect::<Vec<_>>(), Vec::<&(String, String)>::new(), "not in the list");
        assert_eq!(listed.difference(&there).collect::<Vec<_>>(), Vec::<&(String, String)>::new(), "not there");
        assert!(PLACES.iter().filter(|place| matches!(place.holds, Holds::Nothing)).count() > 30);
    });
}

async fn with_zephyrine(world: World) -> World {
    let world = world.with_rose().await;
    world.add("rose", Role::Member, ZEPH, "Zephyrine", Delivery::Each, Some("Wilhelmina Quackenbush")).await;
    everybody_is_known(&world).await;
    world
}

fn hers(to: &str, subject: &str, body: &str) -> Letter {
    Letter::new(ZEPH, to, subject, body).with("X-Phone: phone-of-zeph")
}

async fn forget(world: &World, notes: Option<Notes>) -> anyhow::Result<Receipt> {
    let (group, address) = (world.group("rose").await, Address::parse(ZEPH).unwrap());
    let mut receipt = world.lamplight.forget(&group, &address, notes).await?;
    // Where somebody held the files up, the same line again finishes it; here it may be a busy machine.
    for _ in 0..5 {
        if !receipt.files.whole {
            receipt.files = world.lamplight.forget(&group, &address, notes).await?.files;
        }
    }
    Ok(receipt)
}

/// The copy of a post that somebody got.
fn copy(world: &World, to: &str, words: &str) -> Captured {
    let all = world.mail_to(to);
    let found = all.into_iter().rev().find(|mail| !mail.headers("List-Post").is_empty() && mail.text().contains(words));
    found.unwrap_or_else(|| panic!("{}: {to} has no copy with {words}", world.database))
}

/// She wrote, was quoted, was answered, wrote privately, had a note, got digests and notices; some of it still waits.
async fn a_life(world: &World) {
    let body = format!("Dear all,\n\n{HER_SENTENCE}\n{HER_OTHER}\n\nZephyrine");
    world.write(&hers(ROSE, "Apple trees and kettles", &body)).await;
    world.write(&Letter::answering(DANA, &world.latest(DANA), "APPROVE")).await;
    world.pass(180).await;
    let got = copy(world, TOM, "crooked apple");
    // An answer below, which quotes all of it and speaks to her.
    world.write(&Letter::answering(TOM, &got, "Dear Zephyrine, I know these nights. Rest well.")).await;
    // An answer between.
    let mut between = Letter::answering(KIT, &got, "");
    between.body = format!(
        "On Mon, Zephyrine wrote:\n> {HER_SENTENCE}\n\nHow tall are they?\n\n> {HER_OTHER}\n\nMine hums a waltz."
    );
    world.write(&between).await;
    world.pass(60).await;
    // Privately, and an answer.
    world.write(&hers("rose-owner@groups.example", "A word to you", HER_SECRET)).await;
    world.write(&Letter::answering(DANA, &world.latest(DANA), "Of course, Zephyrine. It stays with us.")).await;
    let member = world.person("rose", ZEPH).await;
    let note = format!(
        "insert into notes (group_id, member_id, words, created_at) values ({}, {}, 'Zephyrine sleeps badly', 1)",
        member.group, member.id
    );
    sql(world, &[note]).await;
    // Digests with it, and one held post of hers and one of Ada's that quotes her.
    world.pass(86_400).await;
    world.write(&hers(ROSE, "Another thing", &format!("Once more: {HER_OTHER} Call me at home."))).await;
    let quoting = format!("I liked this so much:\n\n> {HER_SENTENCE}\n\nMay I come and see them?");
    world.write(&Letter::new(ADA, ROSE, "A visit", &quoting)).await;
}

#[test]
fn nothing_is_left() {
    on_both(|world| async move {
        let world = with_zephyrine(world).await;
        a_life(&world).await;
        let before = traces(&world).await;
        for place in ["posts.body", "editions.message", "raw_messages.message", "notes.words", "members.address"] {
            assert!(before.iter().any(|found| found.starts_with(place)), "{}: {place}: {before:?}", world.database);
        }
        let refused = forget(&world, None).await.unwrap_err().to_string();
        assert!(refused.contains("--notes keep or --notes forget"), "{}: {refused}", world.database);
        assert_eq!(traces(&world).await, before, "{}: nothing was changed", world.database);

        let receipt = forget(&world, Some(Notes::Forget)).await.unwrap();
        assert_eq!(traces(&world).await, BTreeSet::new(), "{}", world.database);
        assert!(receipt.is_whole(), "{}: {receipt:?}", world.database);
        assert_eq!((receipt.posts, receipt.withdrawn, receipt.notes_removed), (2, 1, 1), "{receipt:?}");
        assert!(receipt.others >= 3 && receipt.messages >= 6 && receipt.mails >= 8, "{receipt:?}");
        assert!(receipt.out_there.copies >= 3 && receipt.out_there.posts == 1, "{receipt:?}");

        // The conversation stands, with everybody else's words.
        let posts = world.posts().await;
        let of_tom = posts.iter().find(|post| post.text.contains("I know these nights")).unwrap();
        assert!(of_tom.text.starts_with("Dear [former member], I know these nights."), "{}", of_tom.text);
        let of_kit = posts.iter().find(|post| post.text.contains("How tall are they?")).unwrap();
        assert!(of_kit.text.contains("Mine hums a waltz."), "{}", of_kit.text);
        let root = &posts[0];
        assert_eq!((root.author_name.as_str(), root.text.as_str()), ("A former member", "(removed)"));
        assert_eq!(root.state, PostState::Published);
        assert_eq!((of_tom.parent, of_tom.thread), (Some(root.id), root.thread), "{}", world.database);

        // Whoever looks after it hears, and decides on.
        let told = world.latest(RUTH);
        assert!(!told.text().contains("Zephyrine"), "{}", told.text());
        world.run().await;
        assert!(
            world.subjects(RUTH).iter().any(|subject| subject.starts_with("Nothing to do")),
            "{:?}",
            world.subjects(RUTH)
        );
        let asked = world.mail_to(DANA).into_iter().rev().find(|mail| mail.text().contains("May I come")).unwrap();
        world.write(&Letter::new(DANA, &asked.reply_address(), "Re: 1 message", "APPROVE")).await;
        world.pass(180).await;
        let visit = world.posts().await.into_iter().find(|post| post.text.contains("May I come")).unwrap();
        assert_eq!(visit.state, PostState::Published, "{}: {}", world.database, world.latest(DANA).text());

        // Answers are still placed, digests still come, and she has no mail.
        let had = world.count(ZEPH);
        world
            .write(&Letter::answering(
                KIT,
                &copy(&world, KIT, "I know these nights"),
                "We had rain here all week, and the roof holds.",
            ))
            .await;
        world.pass(86_400).await;
        let posts = world.posts().await;
        let late = posts.iter().find(|post| post.text.contains("rain here all week"));
        let late = late.unwrap_or_else(|| panic!("{}: {posts:?}", world.database));
        assert_eq!(late.thread, root.thread, "{}", world.database);
        let digest = world.latest(MIRA);
        assert!(
            digest.text().contains("May I come") && !digest.text().contains("(removed)\n\n(removed)"),
            "{}",
            digest.text()
        );
        assert_eq!(world.count(ZEPH), had, "{}: {:?}", world.database, world.subjects(ZEPH));
    });
}

/// What was on its way to others arrives without her; nobody's digest is lost.
#[test]
fn what_waits_is_written_anew() {
    on_both(|world| async move {
        let world = with_zephyrine(world).await;
        world.write(&hers(ROSE, "Apple trees and kettles", &format!("{HER_SENTENCE}\n{HER_OTHER}"))).await;
        world.peer.answer("RCPT", "450 4.2.0 busy");
        world.write(&Letter::answering(DANA, &world.latest(DANA), "APPROVE")).await;
        world.pass(180).await;
        world.write(&Letter::new(KIT, ROSE, "The river", "It rises again, and the ducks are back.")).await;
        let quoting = format!("> {HER_SENTENCE}\n\nWhat a picture to fall asleep with.");
        world.write(&Letter::new(TOM, ROSE, "Trees", &quoting)).await;
        world.pass(86_400).await;
        let receipt = forget(&world, Some(Notes::Keep)).await.unwrap();
        assert!(receipt.is_whole() && receipt.stopped > 0, "{}: {receipt:?}", world.database);
        assert_eq!(traces(&world).await, BTreeSet::new(), "{}", world.database);
        let (had, hers) = (world.count(MIRA), world.count(ZEPH));
        world.peer.behave();
        for _ in 0..6 {
            world.pass(3_600).await;
        }
        assert_eq!(world.count(ZEPH), hers, "{}: {:?}", world.database, world.subjects(ZEPH));
        let got: Vec<String> = world.mail_to(MIRA).split_off(had).iter().map(Captured::text).collect();
        let all = got.join("\n");
        assert!(all.contains("ducks are back") && all.contains("fall asleep with"), "{}: {all}", world.database);
        assert!(!all.contains("apple") && !all.contains("Zephyrine"), "{}: {all}", world.database);
        let copies = world.mail_to(KIT).iter().filter(|mail| mail.text().contains("fall asleep with")).count();
        assert_eq!(copies, 1, "{}", world.database);
        assert!(!world.mail_to(KIT).iter().any(|mail| mail.text().contains("crooked")), "{}", world.database);
    });
}

/// Nobody is forgotten while people may still have to help her.
#[test]
fn not_while_an_alert_waits() {
    on_both(|world| async move {
        let world = with_zephyrine(world).await;
        world.write(&hers(ROSE, "Tonight", CRY)).await;
        let before = world.posts().await.len();
        let refused = forget(&world, Some(Notes::Keep)).await.unwrap_err().to_string();
        assert!(refused.contains("an alert about this person waits"), "{}: {refused}", world.database);
        assert_eq!(world.posts().await.len(), before);
        assert!(world.posts().await[0].text.contains("kill"), "{}", world.database);
        world.write(&Letter::answering(DANA, &world.latest(DANA), "MINE")).await;
        let receipt = forget(&world, Some(Notes::Keep)).await.unwrap();
        assert_eq!(receipt.withdrawn, 1, "{}: {receipt:?}", world.database);
    });
}

/// Mail to her addresses acts for nobody, and hers is a stranger's.
#[test]
fn she_is_a_stranger_afterwards() {
    on_both(|world| async move {
        let world = with_zephyrine(world).await;
        world.write(&hers("rose-leave@groups.example", "Leave", "Please")).await;
        let question = world.latest(ZEPH);
        world.write(&hers("rose-owner@groups.example", "A word to you", HER_SECRET)).await;
        world.write(&Letter::answering(DANA, &world.latest(DANA), "Of course. It stays with us.")).await;
        let answer = world.latest(ZEPH);
        forget(&world, Some(Notes::Keep)).await.unwrap();
        let had = (world.count(ZEPH), world.count(TOM), world.posts().await.len());
        world.write(&Letter::answering(ZEPH, &question, "YES")).await;
        world.write(&Letter::answering(ZEPH, &answer, "Thank you for this.")).await;
        world.write(&hers(ROSE, "Hello", "Am I still here?")).await;
        assert_eq!((world.count(ZEPH), world.count(TOM), world.posts().await.len()), had, "{}", world.database);
        world.pass(86_400).await;
        let told = world.mail_to(DANA);
        assert!(told.iter().any(|mail| mail.text().contains("Am I still here?")), "{}", world.database);
        // Whoever writes a row to her address: it is looked at once more when it is claimed.
        let group = world.group("rose").await;
        let reader = [Reader::administrator(&Address::parse(ZEPH).unwrap())];
        let notice = Notice::from(ToMember::PassedOn);
        let mut tx = world.lamplight.store.begin().await.unwrap();
        let manner = Manner::Watched(Lane::Notice);
        world.lamplight.notify(&mut tx, Some(&group), "", &reader, &notice, manner, world.now()).await.unwrap();
        tx.commit().await.unwrap();
        world.run().await;
        assert_eq!(world.count(ZEPH), had.0, "{}", world.database);
        // Run again it finds what came since, and nothing else changes.
        let again = forget(&world, None).await.unwrap();
        assert!(again.again && again.is_whole(), "{}: {again:?}", world.database);
        assert_eq!(traces(&world).await, BTreeSet::new(), "{}", world.database);
    });
}

/// A copy that is just being sent comes to its end, is neither lost nor doubled, and its words go right after.
#[test]
fn what_is_being_sent_comes_to_its_end() {
    on_both(|world| async move {
        let world = with_zephyrine(world).await;
        world.write(&hers(ROSE, "Apple trees and kettles", &format!("{HER_SENTENCE}\n{HER_OTHER}"))).await;
        world.peer.answer("RCPT", "450 4.2.0 busy");
        world.write(&Letter::answering(DANA, &world.latest(DANA), "APPROVE")).await;
        let quoting = format!("> {HER_SENTENCE}\n\nWhat a picture to fall asleep with.");
        world.pass(180).await;
        world.write(&Letter::new(TOM, ROSE, "Trees", &quoting)).await;
        // Somebody has these in hand: they are at the smarthost.
        world.lamplight.clock.set(world.now().plus_seconds(3_600));
        let mut tx = world.lamplight.store.begin().await.unwrap();
        let claim = claims::claim(&mut tx, 50, 50, world.now()).await.unwrap();
        tx.commit().await.unwrap();
        assert!(claim.rows.len() >= 2, "{}: {:?}", world.database, claim.rows);
        let receipt = forget(&world, Some(Notes::Keep)).await.unwrap();
        assert!(receipt.on_their_way >= 2 && !receipt.is_whole(), "{}: {receipt:?}", world.database);
        // Half of them were taken, the others are to be tried again.
        let ends: Vec<Settled> = claim
            .rows
            .iter()
            .enumerate()
            .map(|(at, row)| Settled {
                id: row.id,
                fence: row.fence,
                end: if at % 2 == 0 { End::Sent } else { End::Later("450 4.2.0 busy".to_owned(), world.now()) },
            })
            .collect();
        let mut tx = world.lamplight.store.begin().await.unwrap();
        assert_eq!(settled::settle(&mut tx, &ends, world.now()).await.unwrap(), Vec::new(), "{}", world.database);
        tx.commit().await.unwrap();
        let hers = world.count(ZEPH);
        world.peer.behave();
        for _ in 0..3 {
            world.pass(3_600).await;
        }
        let texts: Vec<String> = world.peer.mail().iter().map(Captured::text).collect();
        let late = texts.iter().filter(|text| text.contains("fall asleep with")).count();
        let taken = claim.rows.len().div_ceil(2);
        assert!(late >= 1 && taken >= 1, "{}: {texts:?}", world.database);
        let new: Vec<&String> = texts.iter().filter(|text| text.contains("fall asleep with")).collect();
        assert!(new.iter().all(|text| !text.contains("crooked")), "{}: {new:?}", world.database);
        assert_eq!(world.count(ZEPH), hers, "{}", world.database);
        let again = forget(&world, None).await.unwrap();
        assert!(again.is_whole(), "{}: {again:?}", world.database);
        assert_eq!(traces(&world).await, BTreeSet::new(), "{}", world.database);
    });
}

/// Each group forgets by itself: what she is to another one stays as it is.
#[test]
fn another_group_keeps_her() {
    on_both(|world| async move {
        let world = with_zephyrine(world).await;
        world.add_group("lily", "Lily", Moderation::None).await;
        world.add("lily", Role::Member, ZEPH, "Zephyrine", Delivery::Each, None).await;
        world.write(&hers(ROSE, "Apple trees and kettles", HER_SENTENCE)).await;
        world.write(&hers("lily@groups.example", "Night", HER_OTHER)).await;
        let receipt = forget(&world, None).await.unwrap();
        assert_eq!((receipt.posts, receipt.other_groups), (1, 1), "{}: {receipt:?}", world.database);
        let posts = world.posts().await;
        let texts: Vec<&str> = posts.iter().map(|post| post.text.as_str()).collect();
        assert_eq!(texts, ["(removed)", HER_OTHER], "{}", world.database);
        let left = traces(&world).await;
        assert!(left.iter().any(|found| found.starts_with("raw_messages.message: drunken")), "{left:?}");
        assert!(!left.iter().any(|found| found.contains("apple")), "{}: {left:?}", world.database);
        assert_eq!(world.person("lily", ZEPH).await.name, "Zephyrine");
        // She goes on there, and nothing of rose reaches her.
        let had = world.count(ZEPH);
        world.write(&Letter::new(ZEPH, "lily@groups.example", "Day", "The kettle is quiet.")).await;
        assert!(world.count(ZEPH) > had, "{}: her own group's copy", world.database);
    });
}

/// A backup that is just being made reads the rows as they were: the receipt says so, and the next try finishes.
#[test]
fn somebody_who_reads_old_rows_is_told_of() {
    on_both(|world| async move {
        let world = with_zephyrine(world).await;
        world.write(&hers(ROSE, "Apple trees and kettles", HER_SENTENCE)).await;
        let (group, address) = (world.group("rose").await, Address::parse(ZEPH).unwrap());
        let mut backup = AnyConnection::connect(&world.lamplight.config.database.url).await.unwrap();
        // On PostgreSQL without a lock on any table: its rows are kept all the same.
        let is_sqlite = world.lamplight.config.database.url.starts_with("sqlite");
        let (begin, look) = if is_sqlite {
            ("begin", "select count(*) from posts")
        } else {
            ("begin isolation level repeatable read", "select 1")
        };
        sqlx::query(begin).execute(&mut backup).await.unwrap();
        sqlx::query(look).fetch_one(&mut backup).await.unwrap();
        let receipt = world.lamplight.forget(&group, &address, None).await.unwrap();
        let why = &receipt.files.held_up;
        assert!(!receipt.is_whole() && why.len() == 1 && why[0].contains("read"), "{}: {receipt:?}", world.database);
        sqlx::query("rollback").execute(&mut backup).await.unwrap();
        assert!(forget(&world, None).await.unwrap().is_whole(), "{}", world.database);
        assert_eq!(traces(&world).await, BTreeSet::new(), "{}", world.database);
    });
}

/// Tom muted the conversation that she began and asked what is set: her subject is in his mails, and goes from all of them.
#[test]
fn a_subject_of_hers_in_the_mails_of_whoever_muted_it() {
    on_both(|world| async move {
        let world = with_zephyrine(world).await.openly().await;
        world.write(&hers(ROSE, "Apple trees and kettles", HER_SENTENCE)).await;
        world.write(&Letter::answering(TOM, &copy(&world, TOM, "crooked apple"), "mute")).await;
        world.write(&Letter::new(TOM, "rose-request@groups.example", "", "settings")).await;
        assert!(world.latest(TOM).text().contains("Apple trees and kettles"), "{}", world.latest(TOM).text());
        // One more of them still waits when she is forgotten.
        world.pass(7_200).await;
        world.peer.answer("RCPT", "450 4.2.0 busy");
        world.write(&Letter::new(TOM, "rose-request@groups.example", "", "settings")).await;
        world.peer.behave();
        let had = world.count(TOM);
        let receipt = forget(&world, None).await.unwrap();
        assert_eq!((receipt.on_their_way, receipt.is_whole()), (1, false), "{}: {receipt:?}", world.database);
        world.pass(3_600).await;
        assert_eq!(world.count(TOM), had + 1, "{}: what is set comes", world.database);
        assert!(forget(&world, None).await.unwrap().is_whole(), "{}", world.database);
        assert_eq!(traces(&world).await, BTreeSet::new(), "{}", world.database);
    });
}
