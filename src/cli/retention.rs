//! `retention`: what is kept for how long, how much there is of it, and what goes next. Nothing of anybody.

use anyhow::Result;
use serde_json::{Value, json};

use super::house::House;
use crate::engine::retention::KINDS;
use crate::store::retention;

const DAY: i64 = 86_400;

/// Show it.
///
/// # Errors
/// When the database fails.
pub async fn run(house: &House) -> Result<()> {
    let kept = retention::kept(&mut *house.lamplight.store.read().await?).await?;
    let mut rows: Vec<Value> = Vec::new();
    for ((what, seconds), kept) in KINDS.iter().zip(house.lamplight.kept_for()).zip(kept) {
        let due = seconds.and_then(|seconds| Some(kept.oldest?.plus_seconds(seconds)));
        rows.push(json!({
            "what": what,
            "kept_days": seconds.map(|seconds| seconds / DAY),
            "kept_for": seconds.map_or_else(|| "ever".to_owned(), in_words),
            "count": kept.count,
            "oldest": kept.oldest.map(|at| at.rfc3339()),
            "next_due": due.map(|at| at.rfc3339()),
            "waiting": kept.waiting,
        }));
    }
    // Lamplight writes it to standard error and keeps none of it: docs/running.md has the line for journald.
    rows.push(json!({
        "what": "the log",
        "kept_days": null,
        "kept_for": "as journald is set (14 days are enough)",
        "count": null,
        "oldest": null,
        "next_due": null,
        "waiting": null,
    }));
    let columns = [
        ("What", "what"),
        ("Kept for", "kept_for"),
        ("How many", "count"),
        ("Oldest", "oldest"),
        ("Next goes", "next_due"),
        ("Waiting, never goes by time", "waiting"),
    ];
    house.out.listing("kinds", &columns, rows)
}

fn in_words(seconds: i64) -> String {
    match seconds / DAY {
        days if days < 100 => super::show::count(days, "day"),
        _ => super::show::count((seconds + 1_314_900) / 2_629_800, "month"),
    }
}
