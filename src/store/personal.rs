//! Where a person stands in the database: every column of text or octets, and what is done with it when she is forgotten.
//! This is the one list; a story fails when a column stands in the database and not here (tests/stories/forgetting.rs).

/// What a column holds of people.
#[derive(Debug, Clone, Copy)]
pub enum Holds {
    /// Nothing: words of ours, of an administrator's, or of the mail system; hashes; ids.
    Nothing,
    /// Rows of hers, by a condition, are set to `blank`; what others' rows tell of her is taken out of them.
    Hers(&'static str, &'static str, Others),
    /// Cleared in a way of its own, by the function of this name in `store/forget.rs`.
    Apart(&'static str),
}

/// How rows of others are looked through; the condition that finds a group's rows has the group as `$2`.
#[derive(Debug, Clone, Copy)]
pub enum Others {
    /// They tell of nobody else.
    Never,
    /// A text.
    Text(&'static str),
    /// Texts in JSON.
    Json(&'static str),
}

/// One column.
#[derive(Debug, Clone, Copy)]
pub struct Place {
    /// The table.
    pub table: &'static str,
    /// The column by which its rows are numbered.
    pub key: &'static str,
    /// The column.
    pub column: &'static str,
    /// What it holds.
    pub holds: Holds,
}

const fn nothing(table: &'static str, column: &'static str) -> Place {
    Place { table, key: "id", column, holds: Holds::Nothing }
}

const fn apart(table: &'static str, column: &'static str, by: &'static str) -> Place {
    Place { table, key: "id", column, holds: Holds::Apart(by) }
}

const fn hers(
    table: &'static str,
    column: &'static str,
    condition: &'static str,
    blank: &'static str,
    others: Others,
) -> Place {
    Place { table, key: "id", column, holds: Holds::Hers(condition, blank, others) }
}

use Others::{Json, Never, Text};

/// Her rows, where they are posts.
const BY_HER: &str = "member_id = {member}";
/// Rows about her posts.
const ABOUT_HER_POSTS: &str = "post_id in (select id from posts where member_id = {member})";
/// Messages of hers.
const HER_MAIL: &str = "id in ({spools})";
/// The same, by another name.
const OF_HER_MAIL: &str = "spool_id in ({spools})";
/// Conversations that she began.
const HER_THREADS: &str = "id in (select t.thread_id from posts t where t.member_id = {member}
            and not exists (select 1 from posts e where e.thread_id = t.thread_id and e.id < t.id))";
/// Alerts about her.
const HER_ALERTS: &str = "member_id = {member} or post_id in (select id from posts where member_id = {member})
    or talk_id in (select id from talks where member_id = {member})";
/// The texts of these.
const HER_TEXTS: &str = "member_id = {member}";

const IN_GROUP: &str = "group_id = $2";
const ON_POSTS: &str = "post_id in (select id from posts where group_id = $2)";
const OF_EDITIONS: &str = "edition_id in (select id from editions where group_id = $2)";
const ANYWHERE: &str = "$2 = $2";

/// The list.
pub const PLACES: &[Place] = &[
    nothing("instance", "key_fingerprint"),
    nothing("clocks", "machine"),
    nothing("groups", "name"),
    nothing("groups", "title"),
    nothing("groups", "language"),
    nothing("groups", "timezone"),
    nothing("groups", "schedule"),
    nothing("groups", "moderation"),
    nothing("groups", "subjects"),
    nothing("groups", "emergency_number"),
    nothing("groups", "lifeline"),
    nothing("groups", "state"),
    nothing("groups", "reading_hours"),
    nothing("groups", "holidays"),
    nothing("members", "role"),
    apart("members", "address", "clear_row"),
    apart("members", "address_key", "clear_row"),
    apart("members", "name", "clear_row"),
    apart("members", "name_key", "clear_row"),
    apart("members", "real_name", "clear_row"),
    apart("members", "delivery", "clear_row"),
    apart("members", "timezone", "clear_row"),
    apart("members", "hour", "clear_row"),
    apart("members", "days", "clear_row"),
    apart("members", "format", "clear_row"),
    apart("members", "folds", "clear_row"),
    apart("members", "state", "clear_row"),
    apart("learnt_names", "name_key", "clear_row"),
    apart("learnt_names", "name", "clear_row"),
    apart("member_addresses", "address", "clear_row"),
    apart("member_addresses", "address_key", "clear_row"),
    nothing("address_changes", "way"),
    apart("address_changes", "address", "clear_row"),
    apart("address_changes", "address_key", "clear_row"),
    // The hashes are of her words and her address; nobody can be told by them any more.
    hers("spool", "fingerprint", HER_MAIL, "'forgotten-' || id", Never),
    hers("spool", "content", HER_MAIL, "null", Never),
    hers("spool", "reverse_path", HER_MAIL, "''", Never),
    // Addresses of ours.
    nothing("spool", "recipients"),
    // The machine that handed it over: our own mail server.
    nothing("spool", "peer"),
    nothing("spool", "state"),
    hers("spool", "cause", HER_MAIL, "null", Text("id in (select spool_id from judgements where group_id = $2)")),
    hers("spool", "message_id", HER_MAIL, "null", Never),
    apart("raw_messages", "message", "clear_raw"),
    hers("threads", "subject", HER_THREADS, "'(removed)'", Text(IN_GROUP)),
    hers("threads", "base_subject", HER_THREADS, "''", Text(IN_GROUP)),
    hers("posts", "author_name", BY_HER, "'A former member'", Never),
    nothing("posts", "author_role"),
    hers("posts", "subject", BY_HER, "'(removed)'", Text(IN_GROUP)),
    hers("posts", "body", BY_HER, "'(removed)'", Text(IN_GROUP)),
    hers("posts", "original_body", BY_HER, "null", Text(IN_GROUP)),
    hers("posts", "original_subject", BY_HER, "null", Text(IN_GROUP)),
    hers("posts", "signature", BY_HER, "null", Text(IN_GROUP)),
    apart("pictures", "octets", "clear_row"),
    hers("posts", "attachments", BY_HER, "'[]'", Json(IN_GROUP)),
    hers("posts", "reasons", BY_HER, "'[]'", Json(IN_GROUP)),
    nothing("posts", "state"),
    // Those of her mails go with their rows; ours stay, so that answers are placed and `trace` finds them.
    apart("message_ids", "message_id", "clear_ids"),
    // Addresses of ours.
    nothing("judgements", "recipient"),
    nothing("judgements", "disposition"),
    hers("judgements", "trail", OF_HER_MAIL, "'[]'", Json(IN_GROUP)),
    nothing("tokens", "kind"),
    nothing("tokens", "purpose"),
    hers("tokens", "content_hash", ABOUT_HER_POSTS, "null", Never),
    hers("tokens", "asked", "member_id = {member}", "null", Never),
    nothing("decisions", "verb"),
    hers("decisions", "note", ABOUT_HER_POSTS, "null", Text(ON_POSTS)),
    nothing("releases", "policy"),
    nothing("editions", "kind"),
    nothing("editions", "folder"),
    nothing("editions", "edition_key"),
    // Ours.
    nothing("editions", "message_id"),
    nothing("editions", "clearing"),
    // Numbers of rows.
    nothing("editions", "recipe"),
    apart("editions", "message", "clear_edition"),
    nothing("issues", "civil_day"),
    nothing("digest_numbers", "civil_day"),
    hers("outbox", "recipient", BY_HER, "'{placeholder}'", Never),
    nothing("outbox", "return_path"),
    nothing("outbox", "state"),
    hers("outbox", "cause", BY_HER, "null", Text(OF_EDITIONS)),
    nothing("answers", "kind"),
    // A keyed hash of an address.
    apart("answers", "about", "clear_answers"),
    // Ids alone: tests/stories/forgetting.rs reads all of it.
    nothing("audit", "actor"),
    nothing("audit", "action"),
    nothing("audit", "subject"),
    nothing("audit", "detail"),
    nothing("audit", "previous"),
    nothing("audit", "hash"),
    nothing("audit_head", "hash"),
    nothing("audit_head", "floor_hash"),
    nothing("alarms", "kind"),
    hers("alarms", "shown", OF_HER_MAIL, "null", Never),
    Place { table: "way_out", key: "id", column: "cause", holds: Holds::Hers("1 = 0", "''", Text(ANYWHERE)) },
    hers("alerts", "shown", HER_ALERTS, "'[]'", Json("group_id = $2 and ended_at is not null")),
    nothing("alerts", "ended_how"),
    nothing("alert_steps", "rung"),
    Place { table: "alert_texts", key: "alert_id", column: "answers", holds: Holds::Hers(HER_TEXTS, "null", Never) },
    Place {
        table: "alert_texts",
        key: "alert_id",
        column: "subject",
        holds: Holds::Hers(
            HER_TEXTS,
            "'(removed)'",
            Text("alert_id in (select id from alerts where group_id = $2 and ended_at is not null)"),
        ),
    },
    nothing("alert_texts", "said"),
    apart("drafts", "words", "clear_drafts"),
    // About her they go or stay as the administrator says; about others they are records of the moderators.
    apart("notes", "words", "clear_notes"),
    hers("talks", "subject", BY_HER, "'(removed)'", Text(IN_GROUP)),
    hers("talks", "base_subject", BY_HER, "''", Text(IN_GROUP)),
    hers("talks", "member_has", BY_HER, "'[]'", Never),
    hers("talks", "moderators_have", BY_HER, "'[]'", Never),
    // A keyed hash of an address: what keeps her from being written to.
    nothing("suppressions", "address_hash"),
];

/// The tables whose files PostgreSQL writes anew afterwards.
#[must_use]
pub fn tables() -> Vec<&'static str> {
    let mut tables: Vec<&'static str> =
        PLACES.iter().filter(|place| !matches!(place.holds, Holds::Nothing)).map(|place| place.table).collect();
    tables.sort_unstable();
    tables.dedup();
    tables
}
