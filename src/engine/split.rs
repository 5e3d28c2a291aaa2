//! A reply to a digest: each answer in it becomes a post of the conversation that it answers.
//!
//! Where two versions of it say different things, or too much is quoted, a person reads the whole mail. Words below a quote
//! without marks stand where they were written, and a person reads them, too.

use anyhow::{Context as _, Result};

use super::Lamplight;
use super::arrival::{Arrival, Outcome, said_before, takes_part};
use super::consequence::Part;
use super::pictures::has_pictures;
use super::repeated::is_same;
use crate::clock::Timestamp;
use crate::mail::{self, Address, Incoming, subject};
use crate::model::answers::{self, Answer, Issue, Item};
use crate::model::digest::gather;
use crate::model::group::{Group, GroupState};
use crate::model::ids::{EditionId, PostId, ThreadId};
use crate::model::lexicon::{Flag, Lexicon, any_is_urgent};
use crate::model::meant::{self, Begins};
use crate::model::member::Member;
use crate::model::policy::{self, Context, HoldReason, Sender};
use crate::model::post::{Post, PostState};
use crate::model::privacy;
use crate::model::quote::Said;
use crate::model::text::{self, Quote};
use crate::model::thread::Place;
use crate::store::judgements::{self, NewJudgement};
use crate::store::{Db, editions, names, posts, threads};

/// A digest as an answer to it is read.
pub(super) struct Digest {
    /// Its items with their words.
    pub issue: Issue,
    /// The conversation of each item, and the posts whose words it has.
    pub conversations: Vec<(ThreadId, Vec<PostId>)>,
    /// Its subject, as replies have it.
    pub base_subject: String,
    /// The row.
    pub id: EditionId,
    /// When the latest post of each item was published.
    pub days: Vec<Timestamp>,
    /// All that it says.
    said: Said,
}

impl Digest {
    /// The subject of an answer to an item: the digest's own tells nobody what it is about. One that the author wrote is
    /// hers.
    pub fn subject_of(&self, item: usize) -> Option<String> {
        let heading =
            self.issue.items.get(item).map(|item| item.subject.as_str()).filter(|heading| !heading.is_empty())?;
        Some(if subject::read(heading).is_reply { heading.to_owned() } else { format!("Re: {heading}") })
    }
}

/// One answer, as the rules see it.
struct Piece {
    message: Incoming,
    place: Place,
    flags: Vec<Flag>,
}

/// All the answers of a mail.
struct Letter<'a> {
    author: &'a Member,
    digest: &'a Digest,
    pieces: &'a [Piece],
    /// They were told from a quote that bears no marks.
    without_marks: bool,
}

impl Piece {
    fn is_urgent(&self) -> bool {
        any_is_urgent(&self.flags)
    }
}

impl Lamplight {
    /// Part a reply to a digest and settle each of its answers; `None` where it is judged as one mail.
    pub(super) async fn split(
        &self,
        db: &mut Db,
        arrival: &Arrival,
        group: &Group,
        context: &Context<'_>,
        digest: EditionId,
        recipient: &Address,
    ) -> Result<Option<Outcome>> {
        let Sender::Known(author) = &context.sender else { return Ok(None) };
        if !is_whole(&arrival.message, context) || !takes_part(author) || group.state != GroupState::Open {
            return Ok(None);
        }
        let digest = self.digest_read(db, group, digest, author).await?;
        let (answers, without_marks) = answers_in(arrival, &digest, &context.quote.left_out);
        let lexicon = self.lexicon(group);
        let mut pieces = Vec::with_capacity(answers.len());
        for answer in answers {
            pieces.push(piece(db, arrival, &lexicon, &digest, answer).await?);
        }
        one_alarm(&mut pieces, arrival);
        let Some(first) = pieces.first_mut() else { return Ok(None) };
        whole_letter(first, &arrival.message);
        miss_no_flag(&mut pieces, &context.flags);
        let letter = Letter { author, digest: &digest, pieces: &pieces, without_marks };
        self.settle_pieces(db, arrival, context, &letter, recipient).await.map(Some)
    }

    async fn settle_pieces(
        &self,
        db: &mut Db,
        arrival: &Arrival,
        whole: &Context<'_>,
        letter: &Letter<'_>,
        recipient: &Address,
    ) -> Result<Outcome> {
        let Letter { author, digest, pieces, .. } = letter;
        let group = whole.group;
        let earlier = self.posts_of_other_copies(db, arrival, group, author).await?;
        let mut outcomes: Vec<Outcome> = Vec::with_capacity(pieces.len());
        // What no answer has goes with words of danger, or with the first.
        let with_rest = pieces.iter().position(Piece::is_urgent).unwrap_or(0);
        let (omitted, signed) = (whole.quote.omitted.clone(), whole.quote.signed.clone());
        let rest = Quote { omitted, signed, ..Quote::default() };
        for (at, piece) in pieces.iter().enumerate() {
            if earlier.iter().any(|post| is_same(post, &piece.message, &piece.flags)) {
                continue;
            }
            let roster = names::of_group(db, group).await?;
            let context = Context {
                group,
                sender: whole.sender.clone(),
                flags: piece.flags.clone(),
                for_group: self.for_group(&piece.message, author.role, &roster),
                quote: if at == with_rest { rest.clone() } else { Quote::default() },
                own_loop: whole.own_loop,
                which_conversation: piece.place == Place::Unclear,
                reads_private: meant::reads_private("", &piece.message.text.reply, Begins::Nothing, &roster.moderators),
                not_verified: whole.not_verified,
                has_pictures: has_pictures(group, arrival, &piece.message),
            };
            let mut judgement = policy::judge(&piece.message, &context);
            if letter.without_marks {
                judgement = judgement.and_held(HoldReason::WithoutMarks);
            }
            let is_further = !outcomes.is_empty();
            let part = Part {
                message: &piece.message,
                for_group: &context.for_group,
                place: piece.place,
                is_further,
                digest: Some(*digest),
            };
            outcomes.extend(self.settle(db, arrival, group, &part, &context.sender, &judgement).await?);
        }
        let mut outcomes = outcomes.into_iter();
        let Some(first) = outcomes.next() else {
            return Ok(Outcome { post: earlier.first().map(|post| post.id), ..said_before(Some(group)) });
        };
        for further in outcomes {
            let judgement = NewJudgement {
                spool: arrival.spooled.id,
                recipient: recipient.as_str(),
                group: further.group,
                disposition: further.disposition,
                trail: &further.trail,
                post: further.post,
            };
            judgements::insert(db, &judgement, arrival.now);
        }
        Ok(first)
    }

    /// What a digest held. Of a post that was taken back nothing is known again.
    pub(super) async fn digest_read(
        &self,
        db: &mut Db,
        group: &Group,
        id: EditionId,
        reader: &Member,
    ) -> Result<Digest> {
        let mut all = posts::in_edition(db, id).await?;
        all.retain(|post| post.group == group.id);
        let bundles = gather(&all);
        let threads: Vec<ThreadId> = bundles.iter().map(|bundle| bundle.thread).collect();
        let firsts = posts::firsts_in(db, &threads).await?;
        let (mut items, mut conversations, mut days) = (Vec::new(), Vec::new(), Vec::new());
        for bundle in &bundles {
            let published: Vec<&&Post> =
                bundle.posts.iter().filter(|post| post.state == PostState::Published).collect();
            let token = self.thread_address(group, bundle.thread)?;
            let first = firsts.iter().find(|first| first.thread == bundle.thread);
            items.push(Item {
                subject: first.map(|first| first.subject.clone()).unwrap_or_default(),
                token: token.local_part().rsplit('.').next().unwrap_or_default().to_owned(),
                posts: published.iter().map(|post| post.text.clone()).collect(),
                authors: published.iter().map(|post| post.shown_author(self.words(group))).collect(),
            });
            days.extend(bundle.posts.iter().map(|post| post.published_at.unwrap_or(post.created_at)).max());
            conversations.push((bundle.thread, published.iter().map(|post| post.id).collect()));
        }
        let address = |suffix| self.scheme.group_address(&group.name, suffix);
        let footer = vec![address("-owner")?.as_str().to_owned(), address("-leave")?.as_str().to_owned()];
        let issue = Issue { items, footer, title: group.title.clone(), reader: reader.name.clone() };
        let message = editions::digest_of(db, group.id, id).await?.context("a digest that is there is gone")?;
        let base_subject = mail::parse(&message).base_subject;
        Ok(Digest { issue, conversations, base_subject, id, days, said: said_in(&message) })
    }
}

/// Both versions of a mail of ours: programs quote one or the other, and the two are not wrapped alike.
pub(super) fn texts_of(message: &[u8]) -> Vec<String> {
    let Ok(parts) = mail::parse::parts(message) else { return Vec::new() };
    let plain = parts.find("text/plain").and_then(|part| part.text()).map(str::to_owned);
    let rich = parts.find("text/html").and_then(|part| part.text()).map(mail::html::to_text);
    // Who it came from and what about stands in a quote's header.
    let (subject, author) = mail::parse::subject_and_author(message);
    [subject, author].into_iter().chain(plain).chain(rich).collect()
}

fn said_in(message: &[u8]) -> Said {
    let mut said = Said::default();
    texts_of(message).iter().for_each(|text| said.add(text));
    said
}

/// Whether the mail is a person's and holds nothing that only a look at the whole can place.
fn is_whole(message: &Incoming, context: &Context<'_>) -> bool {
    let quote = &context.quote;
    message.automatic.is_none()
        && !context.own_loop
        && !policy::circles(message)
        && !message.elsewhere.differs
        && !quote.is_too_much
        // A person looks at it first, and nobody waits while it is taken apart.
        && message.text.reply.len() <= policy::LONGEST
        && message.text.signature.len() <= policy::LONGEST
}

/// The answers in a mail, and whether they were told from a quote without marks; none where nothing new is in it.
fn answers_in(arrival: &Arrival, digest: &Digest, left_out: &str) -> (Vec<Answer>, bool) {
    let issue = &digest.issue;
    let mut parted = arrival.message.text.clone();
    parted.signature = privacy::visible(&parted.signature);
    let laid = arrival.readable.as_deref().and_then(|readable| answers::lines(readable, &parted));
    let without_marks = !left_out.trim().is_empty();
    let item = (issue.items.len() == 1).then_some(0);
    match laid.and_then(|laid| answers::with_unmarked(laid, left_out)) {
        Some(laid) if answers::holds_ours(&laid, issue) => {
            let mut found = answers::part(&answers::without_said(laid, &digest.said), issue);
            if found.is_empty() {
                found.push(Answer { item, post: None, text: String::new() });
            }
            (found, true)
        }
        Some(laid) => (answers::part(&laid, issue), without_marks),
        // Nobody can say what stands above what: what is left out is for a person, anything else can be asked about.
        None if without_marks => (Vec::new(), true),
        None => (vec![Answer { item, post: None, text: arrival.post_text().to_owned() }], false),
    }
}

async fn piece(db: &mut Db, arrival: &Arrival, lexicon: &Lexicon, digest: &Digest, answer: Answer) -> Result<Piece> {
    let mut message = arrival.message.clone();
    message.text = mail::reply::NewText { reply: answer.text, ..Default::default() };
    message.elsewhere = mail::versions::Elsewhere::default();
    message.attachments.clear();
    let place = match answer.item.and_then(|item| Some((item, digest.conversations.get(item)?))) {
        Some((item, (thread, of))) => {
            if message.base_subject == digest.base_subject
                && let Some(subject) = digest.subject_of(item)
            {
                message.base_subject = subject::read(&subject).base;
                message.subject = subject;
            }
            let answered = answer.post.and_then(|post| of.get(post)).copied();
            let latest = threads::latest_post(db, *thread).await?;
            Place::Answers { thread: *thread, parent: answered.or(latest) }
        }
        None => Place::Unclear,
    };
    let mut piece = Piece { message, place, flags: Vec::new() };
    piece.flags = piece_flags(&piece, lexicon);
    Ok(piece)
}

/// What its words raise; a heading that others wrote raises nothing.
fn piece_flags(piece: &Piece, lexicon: &Lexicon) -> Vec<Flag> {
    text::flags(&Incoming { subject: String::new(), ..piece.message.clone() }, lexicon)
}

/// Words of danger stay together, so that people hear of them once and see all of them.
fn one_alarm(pieces: &mut Vec<Piece>, arrival: &Arrival) {
    if pieces.iter().filter(|piece| piece.is_urgent()).count() < 2 {
        return;
    }
    let (urgent, mut rest): (Vec<Piece>, Vec<Piece>) = std::mem::take(pieces).into_iter().partition(Piece::is_urgent);
    let words: Vec<String> = urgent.iter().map(|piece| piece.message.text.reply.clone()).collect();
    let mut message = arrival.message.clone();
    message.text = mail::reply::NewText { reply: words.join("\n\n"), ..Default::default() };
    message.elsewhere = mail::versions::Elsewhere::default();
    message.attachments.clear();
    let flags = urgent.into_iter().flat_map(|piece| piece.flags).collect();
    rest.push(Piece { message, place: Place::Unclear, flags });
    *pieces = rest;
}

/// What belongs to the mail and to none of its answers goes with the first of them.
fn whole_letter(first: &mut Piece, message: &Incoming) {
    first.message.attachments.clone_from(&message.attachments);
    first.message.text.signature.clone_from(&message.text.signature);
    first.message.elsewhere.clone_from(&message.elsewhere);
}

/// Every flag of the whole mail holds a post: what no answer raises alone goes with words of danger, or with the first.
fn miss_no_flag(pieces: &mut [Piece], whole: &[Flag]) {
    let is_missing = |flag: &&Flag| !pieces.iter().any(|piece| piece.flags.contains(flag));
    let missing: Vec<Flag> = whole.iter().filter(is_missing).cloned().collect();
    let at = pieces.iter().position(Piece::is_urgent).unwrap_or(0);
    if let Some(piece) = pieces.get_mut(at) {
        piece.flags.extend(missing);
    }
}
