//! Rows that are kept back and written in sets: one statement per table, the set as one JSON text (each database reads
//! that in its own words, the columns are the same).

use serde::Serialize;

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
    /// Messages that have come to their end.
    Done,
}

/// How a field of a set's JSON becomes a column.
#[derive(Clone, Copy)]
enum Column {
    Int(&'static str),
    Text(&'static str),
    Bytes(&'static str),
}

use Column::{Bytes, Int, Text};

struct Table {
    name: &'static str,
    columns: &'static [Column],
    end: &'static str,
}

const fn table(name: &'static str, columns: &'static [Column], end: &'static str) -> Table {
    Table { name, columns, end }
}

/// In the order of [`Set`]; the last is no insert and stands apart.
const TABLES: [Table; 8] = [
    table(
        "threads",
        &[Int("id"), Int("group_id"), Text("subject"), Text("base_subject"), Int("created_at"), Int("last_at")],
        "",
    ),
    table(
        "posts",
        &[
            Int("id"),
            Int("group_id"),
            Int("thread_id"),
            Int("parent_id"),
            Int("member_id"),
            Text("author_name"),
            Text("author_role"),
            Int("spool_id"),
            Text("subject"),
            Text("body"),
            Text("attachments"),
            Text("reasons"),
            Text("state"),
            Int("created_at"),
            Int("read_by"),
            Int("remind_at"),
        ],
        "",
    ),
    table(
        "message_ids",
        &[Int("group_id"), Text("message_id"), Int("post_id")],
        " on conflict (group_id, message_id) do nothing",
    ),
    table(
        "tokens",
        &[
            Int("id"),
            Text("kind"),
            Text("purpose"),
            Int("member_id"),
            Int("post_id"),
            Text("content_hash"),
            Int("generation"),
            Text("asked"),
            Int("created_at"),
            Int("expires_at"),
        ],
        "",
    ),
    table(
        "editions",
        &[
            Int("id"),
            Text("kind"),
            Text("folder"),
            Int("group_id"),
            Int("release_id"),
            Text("edition_key"),
            Text("message_id"),
            Bytes("message"),
            Int("created_at"),
        ],
        "",
    ),
    table("edition_posts", &[Int("edition_id"), Int("post_id")], ""),
    table(
        "outbox",
        &[
            Int("edition_id"),
            Int("member_id"),
            Text("recipient"),
            Text("return_path"),
            Int("reply_token"),
            Int("lane"),
            Text("state"),
            Int("due_at"),
            Int("created_at"),
        ],
        "",
    ),
    table(
        "judgements",
        &[
            Int("spool_id"),
            Text("recipient"),
            Int("group_id"),
            Text("disposition"),
            Text("trail"),
            Int("post_id"),
            Int("judged_at"),
        ],
        "",
    ),
];

/// Rows that are kept back, as JSON arrays without their brackets.
#[derive(Default)]
pub struct Sets {
    rows: [String; TABLES.len() + 1],
    is_used: bool,
}

impl Sets {
    pub fn is_empty(&self) -> bool {
        !self.is_used
    }

    pub fn add(&mut self, set: Set, row: &impl Serialize) {
        let rows = &mut self.rows[set as usize];
        rows.push(if rows.is_empty() { '[' } else { ',' });
        rows.push_str(&super::rows::json(row));
        self.is_used = true;
    }

    /// What writes them, in order: the statement, and its one parameter.
    pub fn statements(self, postgres: bool) -> impl Iterator<Item = (String, String)> {
        let used = self.rows.into_iter().enumerate().filter(|(_, rows)| !rows.is_empty());
        used.map(move |(at, mut rows)| {
            rows.push(']');
            (TABLES.get(at).map_or_else(|| done(postgres), |table| insert(table, postgres)), rows)
        })
    }
}

/// The set as rows of one column, `value`, on each database.
fn from(postgres: bool) -> &'static str {
    if postgres { "jsonb_array_elements($1::jsonb) as each(value)" } else { "json_each($1)" }
}

fn insert(table: &Table, postgres: bool) -> String {
    let names: Vec<&str> = table.columns.iter().map(|column| column.name()).collect();
    let values: Vec<String> = table.columns.iter().map(|column| column.value(postgres)).collect();
    // SQLite needs the `where` to tell the conflict clause from a join.
    format!(
        "insert into {} ({}) select {} from {} where true{}",
        table.name,
        names.join(", "),
        values.join(", "),
        from(postgres),
        table.end
    )
}

fn done(postgres: bool) -> String {
    format!(
        "update spool set state = 'done', cause = null, lease_until = 0, message_id = each.message_id,
             settled_at = each.settled_at
         from (select cast(value ->> 'id' as bigint) as id, value ->> 'message_id' as message_id,
                      cast(value ->> 'settled_at' as bigint) as settled_at
               from {}) as each
         where spool.id = each.id",
        from(postgres)
    )
}

impl Column {
    fn name(self) -> &'static str {
        match self {
            Int(name) | Text(name) | Bytes(name) => name,
        }
    }

    fn value(self, postgres: bool) -> String {
        match (self, postgres) {
            (Int(name), _) => format!("cast(value ->> '{name}' as bigint)"),
            (Text(name), _) => format!("value ->> '{name}'"),
            (Bytes(name), true) => format!("convert_to(value ->> '{name}', 'UTF8')"),
            (Bytes(name), false) => format!("cast(value ->> '{name}' as blob)"),
        }
    }
}
