//! Who was shown an address: a notice to moderators or administrators that has one in it is one line of the record, written
//! with the notice. A look at the command line is its own line (`House::looked`).

use anyhow::Result;

use super::Lamplight;
use super::notice::Notice;
use super::notify::Reader;
use super::render::Rendered;
use crate::clock::Timestamp;
use crate::mail::Address;
use crate::model::group::Group;
use crate::model::ids::{EditionId, MemberId};
use crate::store::Db;
use crate::store::audit::{self, Actor};

impl Lamplight {
    /// Whether somebody who looks after people reads an address in it that is none of ours.
    pub(super) fn shows_an_address(&self, notice: &Notice, rendered: &Rendered) -> bool {
        if matches!(notice, Notice::Member(_)) {
            return false;
        }
        let texts = [&rendered.subject, &rendered.text];
        texts.into_iter().any(|text| addresses_in(text).any(|address| address.domain() != self.scheme.domain))
    }

    /// Put on record whom a notice shows it to.
    pub(super) async fn record_shown(
        &self,
        db: &mut Db,
        edition: EditionId,
        (notice, group): (&Notice, Option<&Group>),
        readers: &[Reader],
        now: Timestamp,
    ) -> Result<()> {
        let to: Vec<MemberId> = readers.iter().filter_map(|reader| reader.member).collect();
        let detail = serde_json::json!({
            "notice": notice.folder(),
            "group": group.map(|group| group.id),
            "to": to,
            "administrators": readers.len() - to.len(),
        });
        audit::write(db, now, Actor::Lamplight, "showed-address", &format!("edition:{edition}"), &detail).await?;
        Ok(())
    }
}

/// Every address that a text names as a mail program writes it.
fn addresses_in(text: &str) -> impl Iterator<Item = Address> {
    let apart = |c: char| c.is_whitespace() || "<>()[]{}\"“”„«»,;:|".contains(c);
    // Only around each @: every notice is long, and few have one.
    text.match_indices('@').filter_map(move |(at, _)| {
        let start = text[..at]
            .rfind(apart)
            .map_or(0, |before| before + text[before..].chars().next().map_or(1, char::len_utf8));
        let end = text[at..].find(apart).map_or(text.len(), |behind| at + behind);
        Address::parse(text[start..end].trim_matches(|c| ".!?'*_".contains(c))).ok()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_in_a_text() {
        for (text, expected) in [
            ("From: June Hall <june@home.example>", vec!["june@home.example"]),
            ("mailto:june@home.example?", vec!["june@home.example"]),
            ("“kit@home.example”, rose@groups.example.", vec!["kit@home.example", "rose@groups.example"]),
            ("550 5.1.1 <kit@home.example>: unknown", vec!["kit@home.example"]),
            ("mail to postmaster@ and abuse@", vec![]),
            ("nothing", vec![]),
        ] {
            let found: Vec<Address> = addresses_in(text).collect();
            assert_eq!(found.iter().map(Address::as_str).collect::<Vec<_>>(), expected, "{text}");
        }
    }
}
