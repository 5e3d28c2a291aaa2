//! Who gets what of the new posts, and where a long digest is cut.

use proptest::prelude::*;

use super::super::member::Role;
use super::super::post::PostState;
use super::*;
use crate::model::ids::MemberId;

pub(crate) fn post(id: i64, thread: i64) -> Post {
    Post {
        id: PostId(id),
        group: GroupId(1),
        thread: ThreadId(thread),
        parent: None,
        author: MemberId(1),
        author_name: "Kit".into(),
        author_role: Role::Member,
        spool: None,
        subject: "Tea".into(),
        text: "Tea helps.".into(),
        attachments: Vec::new(),
        reasons: Vec::new(),
        state: PostState::Published,
        created_at: Timestamp(0),
        read_by: Timestamp(0),
        claimed_by: None,
        published_at: Some(Timestamp(id)),
        release_seq: Some(id),
        original: None,
        original_subject: None,
        signature: None,
        edited_since: None,
        on_top: false,
    }
}

fn ids(ids: &[i64]) -> Vec<PostId> {
    ids.iter().copied().map(PostId).collect()
}

fn taste() -> Taste {
    let (format, folds, muted) = (Format::Html, Vec::new(), BTreeSet::new());
    Taste { format, folds, muted, welcome: false, seen: BTreeSet::new() }
}

fn chosen(posts: &[Post], waiting: &[Unanswered], taste: &Taste) -> Choice {
    let notes: Vec<Vec<String>> = posts.iter().map(|post| content::notes(&post.subject, &post.text)).collect();
    choose(posts, &notes, waiting, taste)
}

#[test]
fn a_muted_conversation_stays_out_and_a_note_on_top_does_not() {
    let mut posts = [post(1, 1), post(2, 2), post(3, 1)];
    posts[2].on_top = true;
    let taste = Taste { muted: BTreeSet::from([ThreadId(1)]), ..taste() };
    assert_eq!(chosen(&posts, &[], &taste).posts, ids(&[2, 3]));
}

#[test]
fn noted_messages_are_folded_for_those_who_asked() {
    let mut posts = [post(1, 1), post(2, 2)];
    posts[0].text = "CN: hospice\n\nWe went there.".into();
    assert_eq!(chosen(&posts, &[], &taste()).folded, ids(&[]));
    let asked = chosen(&posts, &[], &Taste { folds: vec!["hospice".into()], ..taste() });
    assert_eq!((asked.posts, asked.folded), (ids(&[1, 2]), ids(&[1])), "folded, and not left out");
    assert_eq!(reading_order(&posts, &ids(&[1])), ids(&[2, 1]));
}

#[test]
fn waiting_conversations_are_those_that_a_reader_has_seen() {
    let waiting = |id, at| Unanswered {
        post: PostId(id),
        by: MemberId(id),
        thread: ThreadId(id),
        release_seq: id,
        subject: String::new(),
        author: String::new(),
        at: Timestamp(at),
    };
    let all: Vec<Unanswered> = (1..=9).map(|id| waiting(id, id)).collect();
    let taste = Taste { seen: (3..=9).map(PostId).collect(), muted: BTreeSet::from([ThreadId(5)]), ..taste() };
    assert_eq!(chosen(&[], &all, &taste).waiting, ids(&[3, 4, 6, 7, 8]));
}

#[test]
fn a_moderators_words_on_top_come_first() {
    let mut posts = [post(1, 1), post(2, 2), post(3, 2), post(4, 1)];
    posts[2].on_top = true;
    let order: Vec<i64> = gather(&posts).iter().map(|bundle| bundle.thread.0).collect();
    assert_eq!(order, [2, 1]);
}

proptest! {
    #[test]
    fn cuts_hold_every_post_once_and_not_too_much(sizes in prop::collection::vec((1_usize..4_000, 1_usize..4_000), 0..60), most in 1_000_usize..9_000) {
        let posts: Vec<(PostId, usize, usize)> =
            (1..).map(PostId).zip(&sizes).map(|(id, (octets, more))| (id, *octets, octets + more)).collect();
        let cuts = cut(&posts, most);
        let held: Vec<PostId> = cuts.iter().filter(|cut| cut.piece.is_none_or(|piece| piece.number == 1)).flat_map(|cut| cut.posts.clone()).collect();
        prop_assert_eq!(held, posts.iter().map(|(id, ..)| *id).collect::<Vec<_>>());
        for cut in &cuts {
            let weight: usize = posts.iter().filter(|(id, ..)| cut.posts.contains(id)).map(|(.., weight)| weight).sum();
            prop_assert!(cut.piece.is_some() || weight <= most);
            prop_assert!(cut.piece.is_none() || cut.posts.len() == 1);
        }
    }

    #[test]
    fn pieces_leave_nothing_out(text in "([a-zé]{1,12}[ \n]){0,400}|[a-zéß日]{0,900}", most in 100_usize..900) {
        let weight = text.len() * 2;
        for cut in cut(&[(PostId(1), text.len(), weight)], most) {
            let Some(piece) = cut.piece else { continue };
            let parts: Vec<&str> = (1..=piece.of).map(|number| piece_of(&text, Piece { number, ..piece })).collect();
            prop_assert_eq!(parts.concat(), text.as_str());
            prop_assert!(parts.iter().all(|part| part.len() <= piece.octets + 4), "{:?} of {}", parts.iter().map(|part| part.len()).collect::<Vec<_>>(), piece.octets);
            prop_assert!(2 * piece.octets <= most + most / 10 + 8);
        }
    }
}
