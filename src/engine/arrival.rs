//! A message on its way through the rooms, and what became of it for one recipient.

use std::sync::Arc;

use super::notify::Manner;
use crate::clock::Timestamp;
use crate::mail::kind::is_guess;
use crate::mail::parse::Author;
use crate::mail::picture::Picture;
use crate::mail::{self, Address, Incoming, ReversePath};
use crate::model::group::Group;
use crate::model::ids::{GroupId, PostId};
use crate::model::lexicon::{Flag, Lexicon, any_is_urgent};
use crate::model::member::{Member, Role};
use crate::model::policy::Trail;
use crate::model::quote::Said;
use crate::model::text::Quote;
use crate::model::wording::Wording;
use crate::model::{privacy, text};
use crate::store::spool::Spooled;

/// A longer text is not parted into answers.
const LONGEST_LAID_OUT: usize = 512 * 1024;

/// One message on its way through the rooms.
pub struct Arrival {
    /// As it was accepted.
    pub spooled: Spooled,
    /// As it was read.
    pub message: Incoming,
    /// The instant at which it is judged.
    pub now: Timestamp,
    /// Its Message-ID stands in another message, too.
    pub repeated: bool,
    /// Its pictures as a group may get them.
    pub pictures: Vec<Picture>,
    /// The text before it was taken apart, if it is no longer than one that is parted into answers.
    pub readable: Option<String>,
    /// What its text raises by the service's lexicon, found once.
    flags: (Arc<Lexicon>, Vec<Flag>),
    /// What its quotes hold, compared with nothing, by the same lexicon.
    quote: Quote,
}

impl Arrival {
    /// The one author, if there is exactly one.
    #[must_use]
    pub fn author(&self) -> Option<&Address> {
        match &self.message.author {
            Author::One(mailbox) => Some(&mailbox.address),
            Author::Nobody | Author::Several(_) => None,
        }
    }

    /// The name that its author's mail program gives, if there is exactly one author.
    #[must_use]
    pub fn author_name(&self) -> Option<&str> {
        match &self.message.author {
            Author::One(mailbox) => Some(&mailbox.name),
            Author::Nobody | Author::Several(_) => None,
        }
    }

    /// The subject of a post that is made of it.
    #[must_use]
    pub fn post_subject<'a>(&'a self, words: &'a Wording) -> &'a str {
        post_subject(&self.message, words)
    }

    /// The words of a post that is made of it.
    #[must_use]
    pub fn post_text(&self) -> &str {
        post_text(&self.message)
    }

    /// How an automatic answer to it travels.
    #[must_use]
    pub fn manner(&self) -> Manner<'_> {
        Manner::Answer(self.message.message_id.as_deref())
    }

    /// What its quotes hold, whoever said it.
    #[must_use]
    pub fn quote(&self, lexicon: &Arc<Lexicon>) -> Quote {
        if Arc::ptr_eq(&self.flags.0, lexicon) {
            return self.quote.clone();
        }
        text::quote(&self.message, &Said::default(), lexicon)
    }

    /// Whether anything in it may tell of a danger to life.
    pub(super) fn is_urgent(&self) -> bool {
        any_is_urgent(&self.flags.1) || any_is_urgent(&self.quote.flags)
    }

    /// What anything in it raises. Whoever isn't on the roster was sent nothing that could be compared.
    #[must_use]
    pub fn all_flags(&self, lexicon: &Arc<Lexicon>) -> Vec<Flag> {
        let mut flags = self.flags(lexicon);
        add_flags(&mut flags, self.quote(lexicon).flags);
        flags
    }

    /// What its author's words raise, apart from the quotes.
    #[must_use]
    pub fn flags(&self, lexicon: &Arc<Lexicon>) -> Vec<Flag> {
        if Arc::ptr_eq(&self.flags.0, lexicon) {
            return self.flags.1.clone();
        }
        text::flags(&self.message, lexicon)
    }
}

/// The subject of a post that is made of a message.
pub(super) fn post_subject<'a>(message: &'a Incoming, words: &'a Wording) -> &'a str {
    if message.subject.is_empty() { words.say("posts.no-subject") } else { &message.subject }
}

/// The words of a post that is made of a message.
pub(super) fn post_text(message: &Incoming) -> &str {
    message.text.reply.trim_end()
}

/// The same of a message that lacks what is ours in it.
pub(super) fn all_flags(own: &Incoming, lexicon: &Lexicon) -> Vec<Flag> {
    let mut flags = text::flags(own, lexicon);
    add_flags(&mut flags, text::quote(own, &Said::default(), lexicon).flags);
    flags
}

/// Each flag once.
pub(super) fn add_flags(flags: &mut Vec<Flag>, more: Vec<Flag>) {
    for flag in more {
        if !flags.contains(&flag) {
            flags.push(flag);
        }
    }
}

/// For what a message was taken already: it makes one post in a group, says one word to a group's moderators and one to
/// the administrators, and asks one question, however many addresses it names.
#[derive(Default)]
pub(super) struct Taken {
    /// Groups in which it is a post.
    pub posts: Vec<GroupId>,
    /// Groups whose moderators have its words.
    pub words: Vec<GroupId>,
    /// Groups whose leaving it asked for.
    pub leaves: Vec<GroupId>,
    /// Groups in which it was a word about her mail.
    pub commands: Vec<GroupId>,
    /// Groups in which it asked about an address.
    pub wishes: Vec<GroupId>,
    /// The administrators have its words.
    pub by_administrators: bool,
    /// Tokens of our own that it names.
    pub tokens: usize,
}

/// Whether this is the first time for the group.
pub(super) fn is_first(taken: &mut Vec<GroupId>, group: &Group) -> bool {
    let is_first = !taken.contains(&group.id);
    if is_first {
        taken.push(group.id);
    }
    is_first
}

/// The outcome of a recipient for whom nothing is left to do: the message was taken for another one like it.
pub(super) fn said_before(group: Option<&Group>) -> Outcome {
    Outcome::plain("same-group", group)
}

/// The outcome of mail that no person would ever see: the message is set aside, so that a listing shows it.
pub const NOBODY_TO_READ_IT: &str = "nobody-to-read-it";

/// The outcome of mail that is kept and nothing else. Only `automatic.rs` lets it stand.
const IGNORED: &str = "ignored";

/// What became of a message for one recipient.
pub struct Outcome {
    /// In one word.
    pub disposition: &'static str,
    /// The group it was for.
    pub group: Option<GroupId>,
    /// What each rule found.
    pub trail: Trail,
    /// The post that came of it.
    pub post: Option<PostId>,
}

impl Outcome {
    /// Kept, and nothing else done with it unless somebody cries in it.
    #[must_use]
    pub fn ignored(group: Option<&Group>) -> Self {
        Self::plain(IGNORED, group)
    }

    /// Whether nobody has heard of the message.
    #[must_use]
    pub fn is_ignored(&self) -> bool {
        self.disposition == IGNORED
    }

    /// An outcome without a post.
    #[must_use]
    pub fn plain(disposition: &'static str, group: Option<&Group>) -> Self {
        Self { disposition, group: group.map(|group| group.id), trail: Vec::new(), post: None }
    }
}

/// Read a spooled message. It is judged at an instant of its own; until then that is when it came.
pub(super) fn read(spooled: Spooled, lexicon: &Arc<Lexicon>) -> Arrival {
    let (mut message, readable) = mail::parse::parse_with_text(&spooled.message);
    let readable = readable.filter(|text| text.len() <= LONGEST_LAID_OUT).map(|text| privacy::visible(&text));
    // RFC 3834 §2: what comes without a return path is automatic.
    if spooled.envelope.reverse_path == ReversePath::Null && message.automatic.is_none_or(is_guess) {
        message.automatic = Some("null return path");
    }
    // What people judge and what is published is one text; no mark in it that they can't see.
    let (parted, elsewhere) = (&mut message.text, &mut message.elsewhere);
    for text in [
        &mut parted.reply,
        &mut parted.quoted,
        &mut parted.unmarked,
        &mut elsewhere.text,
        &mut elsewhere.quoted,
        &mut elsewhere.attached,
    ] {
        *text = privacy::visible(text);
    }
    for torn in parted.torn.iter_mut().chain(&mut parted.coloured).chain(&mut elsewhere.coloured) {
        (torn.above, torn.rest) = (privacy::visible(&torn.above), privacy::visible(&torn.rest));
    }
    for line in [&mut message.subject, &mut message.base_subject] {
        *line = privacy::visible(line).replace('\n', " ");
    }
    let flags = (Arc::clone(lexicon), text::flags(&message, lexicon));
    let quote = text::quote(&message, &Said::default(), lexicon);
    let now = spooled.received_at;
    Arrival { spooled, message, now, repeated: false, pictures: Vec::new(), readable, flags, quote }
}

/// Automatic mail needs no author; a person's must have exactly one.
pub(super) fn why_unreadable(arrival: &Arrival) -> Option<String> {
    if let Some(trouble) = arrival.message.trouble {
        return Some(trouble.to_string());
    }
    if arrival.spooled.envelope.recipients.len() >= mail::parse::MAX_ADDRESSES {
        return Some(format!("{} recipients or more", mail::parse::MAX_ADDRESSES));
    }
    if arrival.message.automatic.is_some() {
        return None;
    }
    match &arrival.message.author {
        Author::One(_) => None,
        Author::Nobody => Some("no author: the From field is missing or can't be read".to_owned()),
        Author::Several(_) => Some("more than one author".to_owned()),
    }
}

/// Whether this person takes part: members while they have not left, moderators while they may decide.
pub(super) fn takes_part(member: &Member) -> bool {
    use crate::model::member::MemberState::{Active, Paused};
    match member.role {
        Role::Member => matches!(member.state, Active | Paused),
        Role::Moderator => member.state == Active,
    }
}
