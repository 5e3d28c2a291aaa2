//! The tables are the same on both databases, and no question that the clock or a message asks reads a whole table that
//! grows with every post.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use regex::Regex;
use sqlx::{AnyConnection, AssertSqlSafe, Connection, Row};

use crate::support::{World, on_both, postgres};

const COLUMNS: [&str; 2] = [
    "select m.name || '.' || c.name || ' ' || replace(replace(replace(lower(c.type), 'bigint', 'number'), 'integer', 'number'), 'blob', 'bytes')
         || case when c.\"notnull\" = 1 or c.pk > 0 then ' not null' else '' end as line
     from sqlite_master m join pragma_table_info(m.name) c where m.type = 'table' and m.name not like '%sqlx%'",
    "select table_name || '.' || column_name || ' ' || replace(replace(data_type, 'bigint', 'number'), 'bytea', 'bytes')
         || case when is_nullable = 'NO' then ' not null' else '' end as line
     from information_schema.columns where table_schema = 'public' and table_name not like '%sqlx%'",
];

/// Indexes by name, table and columns; those that a table's own `unique` made have other names on each.
const INDEXES: [&str; 2] = [
    "select case when i.origin = 'c' then i.name else '' end || ' ' || m.name || '(' ||
         (select group_concat(name, ',') from (select name from pragma_index_info(i.name) order by seqno)) || ')' ||
         case when i.\"unique\" then ' unique' else '' end || case when i.partial then ' partial' else '' end as line
     from sqlite_master m join pragma_index_list(m.name) i
     where m.type = 'table' and m.name not like '%sqlx%' and i.origin <> 'pk'",
    "select case when k.oid is null then i.relname::text else '' end || ' ' || t.relname::text || '(' ||
         (select string_agg(a.attname::text, ',' order by n) from unnest(x.indkey::int2[]) with ordinality as c(at, n)
          join pg_attribute a on a.attrelid = t.oid and a.attnum = c.at) || ')' ||
         case when x.indisunique then ' unique' else '' end || case when x.indpred is not null then ' partial' else '' end
         as line
     from pg_index x join pg_class i on i.oid = x.indexrelid join pg_class t on t.oid = x.indrelid
     join pg_namespace s on s.oid = t.relnamespace left join pg_constraint k on k.conindid = i.oid and k.contype = 'u'
     where s.nspname = 'public' and t.relname not like '%sqlx%' and not x.indisprimary",
];

async fn lines(db: &mut AnyConnection, sql: &'static str) -> BTreeSet<String> {
    let rows = sqlx::query(sql).fetch_all(db).await.unwrap();
    rows.iter().map(|row| row.get::<String, _>("line")).collect()
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap()
}

async fn connection(world: &World) -> AnyConnection {
    AnyConnection::connect(&world.lamplight.config.database.url).await.unwrap()
}

#[test]
fn both_databases_have_the_same_tables() {
    let Some(url) = postgres::fresh_database() else { return };
    runtime().block_on(async {
        let one = World::new("sqlite", None, |_| {}).await;
        let other = World::new("postgres", Some(url), |_| {}).await;
        let (mut one, mut other) = (connection(&one).await, connection(&other).await);
        for [sqlite, postgres] in [COLUMNS, INDEXES] {
            let (here, there) = (lines(&mut one, sqlite).await, lines(&mut other, postgres).await);
            assert!(here.len() > 20, "{here:?}");
            assert_eq!(here.difference(&there).collect::<Vec<_>>(), Vec::<&String>::new(), "on SQLite alone");
            assert_eq!(there.difference(&here).collect::<Vec<_>>(), Vec::<&String>::new(), "on PostgreSQL alone");
        }
    });
}

/// What one of them says alone: how its trigger is written, and how its rows lie on the disk.
const ON_ONE_ALONE: [&str; 4] = ["audit_", "notes_no_", "set storage", "toast_tuple_target"];

/// SQLite alters a check by its words in the schema, PostgreSQL by its name; what they come to is inserted below, and what these
/// files do besides is compared as tables and indexes.
const CHECKS_ALTERED: [&str; 2] = ["0015_words.sql", "0024_addresses.sql"];

/// Checks, references and the conditions of indexes: both folders say the same in nearly the same words.
#[test]
fn both_folders_of_migrations_say_the_same() {
    let folder = |name: &str| Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations").join(name);
    let read = |path: &Path| -> String {
        let text = std::fs::read_to_string(path).unwrap();
        let is_shared = |line: &&str| {
            !line.starts_with("--") && !line.starts_with("$$") && !ON_ONE_ALONE.iter().any(|words| line.contains(words))
        };
        let lines = text.lines().filter(is_shared);
        lines.collect::<Vec<_>>().join("\n")
    };
    let names = |name: &str| -> BTreeSet<String> {
        let files = std::fs::read_dir(folder(name)).unwrap();
        files.map(|file| file.unwrap().file_name().into_string().unwrap()).collect()
    };
    assert_eq!(names("sqlite"), names("postgres"));
    for name in names("sqlite").into_iter().filter(|name| !CHECKS_ALTERED.contains(&name.as_str())) {
        let there = read(&folder("postgres").join(&name));
        let there = there.replace("bigint generated by default as identity primary key", "bigint primary key");
        // `integer` makes a column the number of the row itself on SQLite.
        let here = read(&folder("sqlite").join(&name)).replace("integer primary key", "bigint primary key");
        assert_eq!(here, there.replace("bytea", "blob"), "{name}");
    }
}

/// What the checks of tokens and decisions allow is the same on both.
#[test]
fn both_databases_allow_the_same_verbs() {
    on_both(|world| async move {
        let mut db = connection(&world).await;
        let verbs = [
            "approve", "return", "mine", "undo", "retract", "withdraw", "edit", "trust", "escalate", "private", "note",
            "read",
        ];
        let decision = "insert into decisions (post_id, verb, decided_at) values (1, $1, 1)";
        let token = "insert into tokens (kind, purpose, member_id, generation, created_at, expires_at)
                     values ('m', $1, 1, 1, 1, 1)";
        let with_post = ["decide", "echo", "withdraw"];
        let alone = ["leave", "alert", "list", "address"];
        let cases = [
            (decision, &verbs[..], true),
            (decision, &["publish", ""], false),
            (token, &alone, true),
            (token, &with_post, false),
        ];
        for (sql, words, is_allowed) in cases {
            for word in words {
                // Nothing is there to refer to, so what is allowed fails for that alone.
                let refused = sqlx::query(sql).bind(*word).execute(&mut db).await.unwrap_err();
                let by_check = refused.as_database_error().is_some_and(|refused| refused.is_check_violation());
                assert_eq!(!by_check, is_allowed, "{}: {word}: {refused}", world.database);
            }
        }
    });
}

/// What grows with every post.
const GROWING: [&str; 35] = [
    "edition_named",
    "digest_numbers",
    "issue_parts",
    "mutes",
    "address_changes",
    "learnt_names",
    "member_addresses",
    "pictures",
    "alerts",
    "alert_copies",
    "alert_steps",
    "alert_texts",
    "alert_tokens",
    "notes",
    "drafts",
    "spool",
    "raw_messages",
    "alarms",
    "threads",
    "posts",
    "message_ids",
    "judgements",
    "tokens",
    "decisions",
    "releases",
    "editions",
    "edition_posts",
    "issues",
    "outbox",
    "answers",
    "audit",
    "unread",
    "listed",
    "talks",
    "suppressions",
];

/// These may: a person at the command line asks them, or nobody oftener than once a day …
const LISTINGS: [&str; 17] = [
    "alerts::list",
    "audit::list",
    "deliveries::",
    "deliveries::counts",
    "digests::list",
    "forget::clear_copies_to",
    "forget::clear_ids",
    "forget::close",
    "forget::editions_of",
    "forget::messages_of",
    "outbox::drop_unwanted",
    "posts::list",
    "retention::kept",
    "spool::counts",
    "spool::list",
    "unread::all",
    "unread::late_posts",
];

/// … and here SQLite plans for a broken reference that would be mended by the new row, and never reads.
const PLANNED_ONLY: &str = "posts::insert";

/// What is waited for is found by these, whatever else waits or is kept.
const FOUND_BY: [(&str, &str); 25] = [
    ("members::by_address", "sqlite_autoindex_members_1 (group_id=? AND address_key=?)"),
    ("members::by_address", "sqlite_autoindex_member_addresses_1 (group_id=? AND address_key=?)"),
    ("members::look_up", "members_address (address_key=?)"),
    ("members::look_up", "member_addresses_key (address_key=?)"),
    ("addresses::change_of_token", "address_changes_token (token_id=?)"),
    ("addresses::change_of_token", "address_changes_other (other_token_id=?)"),
    ("addresses::any_expired", "address_changes_expires (expires_at<?)"),
    ("notes::known_of", "posts_flagged"),
    ("notes::known_of", "notes_member"),
    ("notes::look_up", "posts_flagged"),
    ("posts::by_message_id", "sqlite_autoindex_posts_1 (spool_id=? AND group_id=?)"),
    ("reminders::to_remind_of", "posts_remind"),
    ("spool::waiting", "spool_waiting (state=? AND lane=?)"),
    ("spool::unread_before", "spool_waiting"),
    ("digests::due", "members_digest"),
    ("decisions::due", "decisions_due"),
    ("undelivered::untold", "outbox_untold"),
    ("undelivered::lost", "outbox_untold"),
    ("posts::waiting_since", "posts_author"),
    ("spool::insert", "spool_content"),
    ("alarms::untold_since", "alarms_untold"),
    ("unread::due", "unread_due"),
    ("reminders::goes_further", "posts_late"),
    ("reminders::goes_further", "unread_late"),
    ("talks::latest", "talks_member"),
];

/// Every statement of the store, by the function it stands in.
fn statements() -> Vec<(String, String)> {
    let function = Regex::new(r"pub (?:\(super\) )?async fn (\w+)").unwrap();
    let sql = Regex::new(r#"(?s)"((?:select|update|insert|delete)\b.*?[^\\])""#).unwrap();
    let mut found = Vec::new();
    let store = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/store");
    let entries =
        |folder: &Path| std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect::<Vec<_>>();
    let (folders, files): (Vec<_>, Vec<_>) = entries(&store).into_iter().partition(|path| path.is_dir());
    for path in files.into_iter().chain(folders.iter().flat_map(|folder| entries(folder))) {
        let text = std::fs::read_to_string(&path).unwrap();
        // A file in a folder belongs to the module of the folder's name.
        let named = if path.parent() == Some(&store) { &path } else { path.parent().unwrap() };
        let module = named.file_stem().unwrap().to_str().unwrap();
        let functions: Vec<_> =
            function.captures_iter(&text).map(|f| (f.get(0).unwrap().start(), f[1].to_owned())).collect();
        for statement in sql.captures_iter(&text) {
            let at = statement.get(0).unwrap().start();
            let name = functions.iter().rev().find(|(start, _)| *start < at).map_or("", |(_, name)| name);
            found.push((format!("{module}::{name}"), statement[1].to_owned()));
        }
    }
    found
}

/// As SQLite would be asked.
fn filled_in(statement: &str) -> String {
    let statement = statement.replace("{among}", "in (select value from json_each($1))");
    let statement = Regex::new(r"limit \{\w+\}").unwrap().replace_all(&statement, "limit 5").into_owned();
    let statement = Regex::new(r"\{(skip|lock)\}").unwrap().replace_all(&statement, "");
    let statement = Regex::new(r"limit \{\w+\}").unwrap().replace_all(&statement, "limit 9");
    Regex::new(r"\{\w*\}").unwrap().replace_all(&statement, "json_each($$1)").into_owned()
}

#[test]
fn no_statement_reads_a_whole_table_that_grows() {
    let reads = Regex::new(r"(?i)\b(?:from|join|update|into)\s+(\w+)(?:\s+(?:as\s+)?(\w+))?").unwrap();
    runtime().block_on(async {
        let world = World::new("sqlite", None, |_| {}).await;
        let mut db = connection(&world).await;
        let (mut seen, mut found, mut wrong) = (0, BTreeMap::new(), Vec::new());
        for (name, statement) in statements() {
            let mut tables: BTreeMap<String, String> = BTreeMap::new();
            for read in reads.captures_iter(&statement) {
                let alias = read.get(2).map_or(&read[1], |alias| alias.as_str());
                tables.insert(alias.to_owned(), read[1].to_owned());
                tables.insert(read[1].to_owned(), read[1].to_owned());
            }
            let explain = format!("explain query plan {}", filled_in(&statement));
            // What is written for PostgreSQL alone can't be asked here.
            let Ok(plan) = sqlx::query(AssertSqlSafe(explain)).fetch_all(&mut db).await else { continue };
            seen += 1;
            for step in plan.iter().map(|step| step.get::<String, _>("detail")) {
                found.entry(name.clone()).or_insert_with(String::new).push_str(&step);
                let whole = step.strip_prefix("SCAN ").and_then(|rest| rest.split(' ').next());
                let table = whole.and_then(|alias| tables.get(alias)).map_or("", String::as_str);
                if GROWING.contains(&table) && !LISTINGS.contains(&name.as_str()) && name != PLANNED_ONLY {
                    wrong.push(format!("{name}: {step}"));
                }
            }
        }
        assert!(seen > 80, "{seen} statements were found");
        assert_eq!(wrong, Vec::<String>::new());
        for (name, index) in FOUND_BY {
            let plan = found.get(name).map_or("", String::as_str);
            assert!(plan.contains(&format!("INDEX {index}")), "{name}: {plan}");
        }
    });
}
