//! Rows that are kept back and written in sets: one statement per table for up to sixteen rows. A set that is not full
//! is filled up with rows of nulls, which are left out, so that the database has few statements to remember.

use std::sync::{Arc, LazyLock};

use sqlx::Any;
use sqlx::any::AnyArguments;
use sqlx::query::Query;

use crate::clock::Timestamp;

/// What can be kept back, in the order in which it is written: a row never stands before one that it refers to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Set {
    /// Conversations.
    Threads,
    /// Posts, held.
    Posts,
    /// Which Message-ID names which post.
    MessageIds,
    /// Tokens.
    Tokens,
    /// Editions.
    Editions,
    /// Which posts an edition holds.
    EditionPosts,
    /// Recipients.
    Outbox,
    /// Judgements.
    Judgements,
    /// Lines of the record, sealed.
    Audit,
    /// The bytes of messages.
    RawMessages,
    /// Messages that have come to their end.
    Done,
}

/// A value of a row that is kept back.
#[derive(Debug, Clone)]
pub enum Field {
    /// A number, a row's id, a time.
    Int(Option<i64>),
    /// Words.
    Text(Option<String>),
    /// Octets.
    Bytes(Option<Vec<u8>>),
}

impl Field {
    /// Bind it to the next parameter.
    pub fn bind<'q>(self, query: Query<'q, Any, AnyArguments>) -> Query<'q, Any, AnyArguments> {
        match self {
            Self::Int(value) => query.bind(value),
            Self::Text(value) => query.bind(value),
            Self::Bytes(value) => query.bind(value),
        }
    }

    /// A null of the same type.
    fn null(&self) -> Self {
        match self {
            Self::Int(_) => Self::Int(None),
            Self::Text(_) => Self::Text(None),
            Self::Bytes(_) => Self::Bytes(None),
        }
    }
}

impl From<i64> for Field {
    fn from(value: i64) -> Self {
        Self::Int(Some(value))
    }
}

impl From<Option<i64>> for Field {
    fn from(value: Option<i64>) -> Self {
        Self::Int(value)
    }
}

impl From<Timestamp> for Field {
    fn from(value: Timestamp) -> Self {
        Self::Int(Some(value.0))
    }
}

impl From<&str> for Field {
    fn from(value: &str) -> Self {
        Self::Text(Some(value.to_owned()))
    }
}

impl From<String> for Field {
    fn from(value: String) -> Self {
        Self::Text(Some(value))
    }
}

impl From<Option<&str>> for Field {
    fn from(value: Option<&str>) -> Self {
        Self::Text(value.map(str::to_owned))
    }
}

impl From<Vec<u8>> for Field {
    fn from(value: Vec<u8>) -> Self {
        Self::Bytes(Some(value))
    }
}

/// Tables and columns in the order of [`Set`]; the first column is never null. The last set is no insert.
const TABLES: [(&str, &str); 10] = [
    ("threads", "id, group_id, subject, base_subject, created_at, last_at"),
    (
        "posts",
        "id, group_id, thread_id, parent_id, member_id, author_name, author_role, spool_id, split_from, subject, body,
         attachments, reasons, state, created_at, read_by, remind_at, original_body, original_subject, signature,
         on_top_at",
    ),
    ("message_ids", "group_id, message_id, post_id"),
    ("tokens", "id, kind, purpose, member_id, post_id, content_hash, generation, asked, created_at, expires_at"),
    ("editions", "id, kind, folder, group_id, release_id, edition_key, message_id, message, created_at"),
    ("edition_posts", "edition_id, post_id"),
    ("outbox", "edition_id, member_id, recipient, return_path, reply_token, lane, state, due_at, created_at"),
    ("judgements", "spool_id, recipient, group_id, disposition, trail, post_id, judged_at"),
    ("audit", "id, at, actor, action, subject, detail, previous, hash"),
    ("raw_messages", "spool_id, message"),
];

const SETS: usize = TABLES.len() + 1;

/// How many rows one statement writes.
pub const SIZES: [usize; 3] = [1, 4, 16];

/// Rows that are kept back.
#[derive(Default)]
pub struct Sets {
    rows: [Vec<Vec<Field>>; SETS],
    is_used: bool,
}

impl Sets {
    pub fn is_empty(&self) -> bool {
        !self.is_used
    }

    /// `row` has the columns of its table in their order.
    pub fn add(&mut self, set: Set, row: Vec<Field>) {
        self.rows[set as usize].push(row);
        self.is_used = true;
    }

    /// What writes them, in order.
    pub fn statements(self, postgres: bool) -> impl Iterator<Item = Query<'static, Any, AnyArguments>> {
        let sets = self.rows.into_iter().enumerate();
        sets.flat_map(move |(set, rows)| {
            in_full_sizes(rows).into_iter().map(move |rows| STATEMENTS[set].bound(rows, postgres))
        })
    }
}

/// Cut into the largest size, the rest filled up to the next.
fn in_full_sizes(rows: Vec<Vec<Field>>) -> Vec<Vec<Vec<Field>>> {
    let most = SIZES[SIZES.len() - 1];
    let mut cut = Vec::new();
    let mut rest = rows.into_iter().peekable();
    while rest.peek().is_some() {
        let mut together: Vec<Vec<Field>> = rest.by_ref().take(most).collect();
        fill_up(&mut together);
        cut.push(together);
    }
    cut
}

/// Fill these rows, at least one and no more than the largest size, up to a size. Whatever writes them leaves those out whose
/// first column is null.
pub fn fill_up(rows: &mut Vec<Vec<Field>>) {
    let size = SIZES.into_iter().find(|size| *size >= rows.len()).unwrap_or(rows.len());
    let nulls: Vec<Field> = rows[0].iter().map(Field::null).collect();
    rows.resize(size, nulls);
}

/// A statement, made once: of each size, for each database.
pub struct BySize([[Arc<str>; 2]; SIZES.len()]);

impl BySize {
    /// As `written` gives it for so many rows, for PostgreSQL or not.
    pub fn new(written: impl Fn(usize, bool) -> String) -> Self {
        Self(SIZES.map(|size| [false, true].map(|postgres| Arc::from(written(size, postgres).as_str()))))
    }

    /// The one for these rows, which were filled up to a size, with their values in its places.
    pub fn bound(&self, rows: Vec<Vec<Field>>, postgres: bool) -> Query<'static, Any, AnyArguments> {
        let size = SIZES.iter().position(|one| *one == rows.len()).unwrap_or_default();
        let query = sqlx::query(sqlx::AssertSqlSafe(Arc::clone(&self.0[size][usize::from(postgres)])));
        rows.into_iter().flatten().fold(query, |query, field| field.bind(query))
    }
}

static STATEMENTS: LazyLock<[BySize; SETS]> =
    LazyLock::new(|| std::array::from_fn(|set| BySize::new(|size, postgres| written(set, size, postgres))));

fn written(set: usize, size: usize, postgres: bool) -> String {
    let Some((table, columns)) = TABLES.get(set) else {
        return format!(
            "update spool set state = 'done', cause = null, lease_until = 0, message_id = kept.column2,
                 settled_at = kept.column3
             from (values {}) as kept where spool.id = kept.column1",
            places(size, 3, postgres)
        );
    };
    // The first name of a Message-ID stays.
    let end = if *table == "message_ids" { " on conflict (group_id, message_id) do nothing" } else { "" };
    let values = places(size, columns.split(',').count(), postgres);
    format!(
        "insert into {table} ({columns}) select * from (values {values}) as kept
         where kept.column1 is not null{end}"
    )
}

/// `(?, ?), (?, ?)`: the places of the values of so many rows.
pub fn places(rows: usize, width: usize, postgres: bool) -> String {
    // SQLite looks a numbered place up by its name, one after the other; hundreds of them take their time.
    let place = |at: usize| if postgres { format!("${}", at + 1) } else { "?".to_owned() };
    let row = |at: usize| (0..width).map(|column| place(width * at + column)).collect::<Vec<_>>().join(", ");
    (0..rows).map(|at| format!("({})", row(at))).collect::<Vec<_>>().join(", ")
}
