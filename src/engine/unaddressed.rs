//! A moderator's word that went to an address of the group: it decides nothing, is no post, and she is asked which post
//! she meant.

use anyhow::Result;

use super::Lamplight;
use super::arrival::{Arrival, Outcome};
use super::explain::{first_line, in_capitals};
use super::hold::Asking;
use super::notice::{Again, Notice, ToModerators, WaitingPost};
use super::notify::{Manner, Reader};
use crate::model::command::{Reading, WhyNothing, read_decision};
use crate::model::group::Group;
use crate::model::lexicon::any_is_urgent;
use crate::model::member::Member;
use crate::model::post::Post;
use crate::model::wording::Wording;
use crate::store::outbox::Lane;
use crate::store::{Db, groups, members, posts};

const HOUR: i64 = 3_600;
/// So many waiting posts are listed, and this many of each group are looked at.
const LISTED: usize = 20;
const OF_A_GROUP: i64 = 100;
/// Octets of a mail that may be a word alone and its courtesies; every post is looked at, so what is no word must cost little.
const MOST_WORDS: usize = 120;

impl Lamplight {
    /// Before a mail to the group is taken for a post. `None` where it is no moderator's word.
    pub(super) async fn word_to_the_group(
        &self,
        db: &mut Db,
        arrival: &Arrival,
        group: &Group,
    ) -> Result<Option<Outcome>> {
        if arrival.message.automatic.is_some() {
            return Ok(None);
        }
        let Some(author) = arrival.author() else { return Ok(None) };
        let here = members::by_address(db, group.id, author).await?.filter(Member::is_active_moderator);
        // A word for a group of hers may come to one that she takes part in herself; then it is a word and no more.
        if here.is_none() && arrival.message.text.reply.len() > MOST_WORDS {
            return Ok(None);
        }
        if matches!(read_decision(&arrival.message.text.reply, ""), Reading::Nothing(WhyNothing::NoVerb)) {
            return Ok(None);
        }
        // Whoever cries is heard as anybody is, whatever word stands before it.
        let text = &arrival.message.text;
        let flags = self.lexicon(group).read_parts(&[&text.reply, &text.signature]);
        if any_is_urgent(&flags) {
            return Ok(None);
        }
        let moderating = members::moderating(db, author).await?;
        let here = moderating.iter().find(|moderator| moderator.group == group.id);
        let Some(moderator) = here.or(moderating.first()) else { return Ok(None) };
        let Some((verb, is_bare)) = word_in(arrival, &moderator.name) else { return Ok(None) };
        // Somebody who takes part here as a member may write "Note: I am away on Friday".
        if !is_bare && here.is_none() {
            return Ok(None);
        }
        self.ask_which_post(db, arrival, &moderating, moderator, verb).await?;
        Ok(Some(Outcome::plain("asked-which-post", Some(group))))
    }

    async fn ask_which_post(
        &self,
        db: &mut Db,
        arrival: &Arrival,
        moderating: &[Member],
        moderator: &Member,
        verb: String,
    ) -> Result<()> {
        let now = arrival.now;
        if !self.may_answer(db, "which-post", &moderator.address, 6, HOUR, now).await? {
            return Ok(());
        }
        let mut found: Vec<(Member, Group, Post)> = Vec::new();
        for row in moderating {
            let group = groups::by_id(db, row.group).await?;
            for post in posts::undecided(db, row.group, OF_A_GROUP).await? {
                found.push((row.clone(), group.clone(), post));
            }
        }
        if let [(row, group, post)] = found.as_slice() {
            let asking = Asking::again(Again::Unaddressed { verb });
            return self.hold_notice(db, group, post, std::slice::from_ref(row), asking, now).await.map(drop);
        }
        found.sort_by_key(|(_, _, post)| post.created_at);
        let more = found.len().saturating_sub(LISTED);
        let waiting =
            found.iter().take(LISTED).map(|(_, group, post)| listed(group, post, self.words(group))).collect();
        let line = first_line(&arrival.message.text.reply);
        let notice = Notice::from(ToModerators::WhichPost { verb, line, waiting, more });
        let group = groups::by_id(db, moderator.group).await?;
        let reader = [Reader::of(moderator)];
        self.notify(db, Some(&group), &moderator.name, &reader, &notice, Manner::Watched(Lane::Notice), now).await
    }
}

fn listed(group: &Group, post: &Post, words: &Wording) -> WaitingPost {
    WaitingPost {
        group: group.title.clone(),
        author: post.shown_author(words),
        subject: super::excerpt::line(&post.subject),
        since: post.created_at,
    }
}

/// The verb in capitals, and whether it stands alone.
fn word_in(arrival: &Arrival, name: &str) -> Option<(String, bool)> {
    match read_decision(&arrival.message.text.reply, name) {
        Reading::Decision { verb, text } => Some((in_capitals(verb), text.is_none())),
        Reading::Nothing(WhyNothing::TextMissing(verb)) => Some((in_capitals(verb), true)),
        Reading::Read(_) => Some(("READ".to_owned(), true)),
        Reading::RetractNumber(_) => Some(("RETRACT".to_owned(), true)),
        Reading::Nothing(WhyNothing::NotYet(name)) => Some((name.to_owned(), true)),
        Reading::Nothing(WhyNothing::NoVerb | WhyNothing::Unclear) => None,
    }
}
