//! Walk the record of who did what: is every line the one that was written, and are all there?

use anyhow::Result;

use super::Lamplight;
use crate::store::audit::{self, Head, PAGE, Sealed};

/// What the walk found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// The record is whole.
    Whole {
        /// Where it ends.
        head: Head,
        /// Where it begins: the last line that went because its time was over; 0 where all are there.
        floor: i64,
        /// When the first line that is there was written.
        since: Option<String>,
    },
    /// It is not, from this line on.
    Broken {
        /// The first line that is not as it was written.
        line: i64,
        /// What is wrong there.
        why: &'static str,
    },
}

/// How far the walk has come.
struct Walk<'a> {
    at: Head,
    floor: i64,
    since: Option<String>,
    /// A head that was noted elsewhere, until it is met.
    noted: Option<&'a str>,
}

impl Walk<'_> {
    fn step(&mut self, line: &Sealed) -> Result<(), Verdict> {
        let broken = |why| Err(Verdict::Broken { line: line.id, why });
        let (Some(previous), Some(hash)) = (&line.previous, &line.hash) else {
            return broken("it has no hash: Lamplight did not write it");
        };
        if line.hash_behind(previous) != *hash {
            return broken("it was changed after it was written");
        }
        if *previous != self.at.hash {
            return broken("it does not follow the line before it: one was taken out, put in or changed there");
        }
        self.since.get_or_insert_with(|| line.written_at());
        self.at = Head { last_id: line.id, count: self.at.count + 1, hash: hash.clone() };
        self.noted = self.noted.filter(|noted| noted != hash);
        Ok(())
    }

    fn ends_at(&self, head: &Head) -> Verdict {
        if self.at != *head {
            let why = "the record goes on behind this line, by its head, and these lines are gone";
            return Verdict::Broken { line: self.at.last_id, why };
        }
        if self.noted.is_some() {
            let why = if self.floor > 0 {
                "no line has the hash that was noted: it is older than the record is now, or lines were taken from the end"
            } else {
                "no line has the hash that was noted: lines were taken from the end, or written anew"
            };
            return Verdict::Broken { line: self.at.last_id, why };
        }
        Verdict::Whole { head: self.at.clone(), floor: self.floor, since: self.since.clone() }
    }
}

impl Lamplight {
    /// Walk the whole record. `noted` is a head that somebody wrote down elsewhere: it must still be in it, or somebody who
    /// could write to the database has taken lines from the end and mended the head.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn verify_record(&self, noted: Option<&str>) -> Result<Verdict> {
        let mut db = self.store.read().await?;
        // A head that is read after the last line covers it, whoever writes meanwhile.
        let last = audit::last_id(&mut db).await?;
        let Some(head) = audit::head(&mut db).await? else {
            return Ok(Verdict::Broken { line: 0, why: "the head of the record is gone" });
        };
        let floor = audit::floor(&mut db).await?;
        let noted = noted.filter(|noted| !noted.is_empty() && *noted != floor.hash);
        let mut walk = Walk { floor: floor.last_id, since: None, at: floor, noted };
        let until = head.last_id.max(last);
        loop {
            let lines = audit::between(&mut db, walk.at.last_id, until, PAGE).await?;
            if lines.is_empty() {
                return Ok(walk.ends_at(&head));
            }
            for line in &lines {
                if let Err(verdict) = walk.step(line) {
                    return Ok(verdict);
                }
                if line.id > head.last_id {
                    let why = "the record ends before this line, by its head: it was put in";
                    return Ok(Verdict::Broken { line: line.id, why });
                }
            }
        }
    }
}
