//! Look at a digest before it is made. Nothing is written: no cursor moves, and its reply addresses open nothing new.

use anyhow::Result;

use super::Lamplight;
use super::digest::{Dated, LONGEST, News, Taste, Written, less_room, threads_of};
use crate::clock::Timestamp;
use crate::mail::compose::{Outgoing, address_copy, compose};
use crate::model::digest::is_greeted;
use crate::model::group::Group;
use crate::model::ids::EditionId;
use crate::model::member::Member;
use crate::model::schedule::civil_day;
use crate::store::digests;
use crate::store::{Db, mutes, posts, unanswered};

/// How many posts a preview for nobody in particular shows.
const LATEST: i64 = 20;

/// A digest that was not made.
pub struct Preview {
    /// Its mails.
    pub mails: Vec<Outgoing>,
    /// Each as it would leave; without a To for nobody in particular.
    pub bytes: Vec<Vec<u8>>,
    /// How many posts are in it.
    pub count: usize,
}

impl Lamplight {
    /// What a member would get now, or the latest posts for nobody in particular; `None` when nothing is new.
    ///
    /// # Errors
    /// When a template or the database fails.
    pub async fn preview_digest(
        &self,
        db: &mut Db,
        group: &Group,
        member: Option<&Member>,
        now: Timestamp,
    ) -> Result<Option<Preview>> {
        let (posts, cursor) = match member {
            Some(member) => {
                (posts::released_between(db, group.id, member.cursor, group.release_seq).await?, member.cursor)
            }
            None => (posts::latest_published(db, group.id, LATEST).await?, group.release_seq),
        };
        let news = self.news(db, group, &posts, cursor, now).await?;
        let taste = match member {
            Some(member) => self.taste_of(db, member, &news, now).await?,
            None => Taste::of_nobody(news.waiting.iter().map(|one| one.post).collect()),
        };
        let choice = news.choice(&taste);
        if choice.posts.is_empty() {
            return Ok(None);
        }
        let zone = member.and_then(|member| member.zone).unwrap_or(group.zone);
        let day = civil_day(now, zone);
        let numbered = digests::next_number(db, group.id, day).await?;
        let dated = Dated { day: day.to_string(), numbered };
        let (mut mails, mut bytes) = (Vec::new(), Vec::new());
        let mut room = Some(LONGEST);
        while let Some(most) = room {
            mails.clear();
            for (of_part, recipe) in news.parts(&choice, &dated, most) {
                // No edition has the id 0.
                let written = Written { edition: EditionId(0), message_id: self.new_message_id(), at: now };
                let firsts = self.headings(db, group, &threads_of(&of_part)).await?;
                mails.push(self.digest_mail(db, group, &of_part, &news.waiting, &recipe, &firsts, &written).await?);
            }
            bytes = mails.iter().map(compose).collect::<Vec<_>>();
            room = less_room(bytes.iter().map(Vec::len).max().unwrap_or(0), most);
        }
        if let Some(member) = member {
            bytes = bytes.iter().map(|bytes| address_copy(bytes, &member.address, None)).collect();
        }
        Ok(Some(Preview { mails, bytes, count: choice.posts.len() }))
    }

    async fn taste_of(&self, db: &mut Db, member: &Member, news: &News, now: Timestamp) -> Result<Taste> {
        let muted = mutes::of(db, &[member.id]).await?.into_iter().map(|(_, thread)| thread).collect();
        let seen = unanswered::seen(db, &[member.id], &news.waiting, now).await?;
        let seen = seen.into_iter().map(|(_, post)| post).collect();
        let had_any = digests::had_any(db, member.id).await?;
        let welcome = is_greeted(member.role, had_any, member.joined_at, now);
        Ok(Taste { format: member.format, folds: member.folds.clone(), muted, welcome, seen })
    }
}
