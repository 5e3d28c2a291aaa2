//! What stands below an invented or unmarked quote, where no copy would show it: words of the author are heard, words of
//! others raise nothing, and a condition of a moderator decides nothing.

use lamplight::mail::html;
use lamplight::model::member::MemberState;
use lamplight::model::post::PostState;

use crate::scene::{DANA, KIT, MIRA, ROSE, TOM, held_post, post_of, state, still_held};
use crate::support::{Captured, Letter, World, on_both};

const OWNER: &str = "rose-owner@groups.example";
const CRY: &str = "I am going to kill myself tonight. The pills are on my table.";

async fn know(world: &World) {
    for address in [KIT, TOM, MIRA] {
        let mut tx = world.lamplight.store.begin().await.unwrap();
        let person = world.person("rose", address).await;
        lamplight::store::members::set_known(&mut tx, person.id, world.now()).await.unwrap();
        tx.commit().await.unwrap();
    }
}

/// As Outlook answers: the whole old message below its header, without marks.
fn outlook(from: &str, notice: &Captured, words: &str, old: &str) -> Letter {
    let mut letter = Letter::answering(from, notice, "");
    letter.body = format!(
        "{words}\n\nFrom: Rose <{OWNER}>\nSent: Monday, November 23, 2026 2:05 PM\nTo: <{from}>\nSubject: {}\n\n{old}",
        notice.subject()
    );
    letter
}

fn heard_at_once(world: &World, before: usize, what: &str) {
    assert_eq!(world.count(DANA), before + 1, "{}: {what}: {:?}", world.database, world.subjects(DANA));
    let notice = world.latest(DANA);
    assert!(notice.text().contains("kill myself"), "{}: {what}: {}", world.database, notice.text());
}

#[test]
fn a_cry_below_a_quote_is_heard() {
    let diary = format!("Here is my diary, dear friends.\n\nOn Sunday, 22 November 2026 at 23:10 I wrote:\n\n{CRY}");
    let block = format!(
        "Hello all, my answers stand below.\n\nFrom: Rose <{ROSE}>\nSent: Sunday, November 22, 2026 11:10 PM\n\
         To: Mira <{MIRA}>\nSubject: Scan\n\nHow are you all?\n\n{CRY}"
    );
    let marked = format!("Hello all, this is my diary.\n\nOn Sunday, 22 November 2026 at 23:10 I wrote:\n\n> {CRY}");
    on_both(|world| {
        let bodies = [diary.clone(), block.clone(), marked.clone()];
        async move {
            let world = world.with_rose().await;
            know(&world).await;
            for (at, body) in bodies.iter().enumerate() {
                let before = world.count(DANA);
                world.write(&Letter::new(MIRA, ROSE, &format!("Diary {at}"), body)).await;
                assert_eq!(state(&world, at).await, PostState::Held, "{}: {body}", world.database);
                assert_eq!(world.latest(DANA).subject(), "1 message to read now", "{}: {body}", world.database);
                heard_at_once(&world, before, body);
                world.pass(3_600).await;
                let before = world.count(DANA);
                world.write(&Letter::new(MIRA, OWNER, &format!("Diary {at}"), body)).await;
                heard_at_once(&world, before, body);
                world.pass(3_600).await;
            }
            assert_eq!(world.count(TOM), 0, "{}: nobody got it", world.database);
        }
    });
}

#[test]
fn words_that_would_be_lost_below_a_quote_are_held() {
    on_both(|world| async {
        let world = world.with_rose().await;
        know(&world).await;
        world
            .write(&Letter::new(KIT, ROSE, "Scan", "How was your scan on Thursday?\n\nDo you sleep better now?"))
            .await;
        let copy = world.latest(TOM);
        let old = copy.text();
        let inside = old.replace("Do you sleep", "It was fine, and my sister came with me.\n\nDo you sleep");
        world.write(&outlook(TOM, &copy, "My answers stand below.", &inside)).await;
        assert_eq!(state(&world, 1).await, PostState::Held, "{}", world.database);
        let notice = world.latest(DANA);
        let said = notice.text().split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(said.contains("my sister came with me"), "{}: {}", world.database, notice.text());
        assert!(!said.contains("sleep better now"), "{}: {}", world.database, notice.text());
    });
}

#[test]
fn a_genuine_quote_raises_nothing() {
    on_both(|world| async {
        let world = world.with_rose().await;
        know(&world).await;
        let (notice, _) = post_of(&world, KIT, "Tonight", &format!("The soup was good. {CRY}")).await;
        world.write(&Letter::answering(DANA, &notice, "approve")).await;
        let again = world.latest(DANA);
        world.write(&Letter::answering(DANA, &again, "approve")).await;
        world.pass(121).await;
        assert_eq!(state(&world, 0).await, PostState::Published, "{}", world.database);
        let copy = world.latest(TOM);
        let before = world.count(DANA);
        // Another's crisis, told by a copy of ours, is none of whoever quotes it: marked or not, whole or wrapped anew.
        world.write(&Letter::answering(TOM, &copy, "We all think of you, dear Kit, and soup is on.")).await;
        world.write(&outlook(TOM, &copy, "We all are with you, dear Kit.", &copy.text())).await;
        let wrapped: String =
            copy.text().split_whitespace().collect::<Vec<_>>().chunks(5).map(|c| c.join(" ") + "\n").collect();
        world.write(&outlook(TOM, &copy, "And I can call you any time.", &wrapped)).await;
        let rich = html::to_text(&copy.html());
        world.write(&outlook(TOM, &copy, "We all are with you, dear Kit, every day.", &rich)).await;
        let mut private = outlook(TOM, &copy, "Is somebody with Kit tonight? Please let me know.", &copy.text());
        private.to = OWNER.to_owned();
        for at in 1..5 {
            assert_eq!(
                state(&world, at).await,
                PostState::Published,
                "{}: {:?}",
                world.database,
                world.posts().await[at].reasons
            );
        }
        assert_eq!(world.count(DANA), before, "{}: {:?}", world.database, world.subjects(DANA));
        world.write(&private).await;
        assert!(!world.latest(DANA).text().contains("danger"), "{}", world.latest(DANA).text());
    });
}

#[test]
fn who_leaves_with_a_cry_is_heard() {
    on_both(|world| async {
        let world = world.with_rose().await;
        know(&world).await;
        let quote = "On Sunday, 22 November 2026 at 23:10, Mira <mira@home.example> wrote:";
        let diary = format!("On Sunday, 22 November 2026 at 23:10 I wrote:\n\n{CRY}");
        for (rest, leaves) in [(format!("-- \n{CRY}"), true), (format!("{quote}\n\n{CRY}"), true), (diary, false)] {
            world.change_person("rose", MIRA, |mira| mira.state = MemberState::Active).await;
            world.pass(90_000).await;
            world.write(&Letter::new(MIRA, "rose-leave@groups.example", "Leave", "Please take me off.")).await;
            let ask = world.latest(MIRA);
            let before = world.count(DANA);
            let mut letter = Letter::answering(MIRA, &ask, "");
            letter.body = format!("Yes\n{rest}");
            world.write(&letter).await;
            let has_left = world.person("rose", MIRA).await.state == MemberState::Left;
            assert_eq!(has_left, leaves, "{}: {rest}: what she says herself is no plain yes", world.database);
            heard_at_once(&world, before, &rest);
            if !leaves {
                continue;
            }
            // Her question quoted is no cry.
            let before = world.count(DANA);
            world.write(&Letter::answering(MIRA, &ask, "Yes")).await;
            assert_eq!(world.count(DANA), before, "{}", world.database);
        }
    });
}

#[test]
fn a_condition_below_the_quote_decides_nothing() {
    on_both(|world| async {
        let world = world.with_rose().await;
        let (notice, _) = held_post(&world).await;
        let condition = "but NOT before she took the name of the ward out!";
        let old = notice.text().to_owned();
        for old in [
            format!("{old}\n\n{condition}"),
            old.replace("> The ward smells", &format!("Dana: {condition}\n\n> The ward smells")),
            format!("The ward smells of lavender today.\n\n{condition}"),
        ] {
            world.write(&outlook(DANA, &notice, "Approve", &old)).await;
            assert_eq!(world.latest(DANA).subject(), "Nothing was decided", "{}: {old}", world.database);
            world.pass(200).await;
            still_held(&world, &old).await;
        }
        let dated = format!("Approve\n\nOn Mon, Nov 23, 2026 at 2:05 PM Rose <{OWNER}> wrote:\n\n{condition}");
        let mut letter = Letter::answering(DANA, &notice, "");
        letter.body = dated;
        world.write(&letter).await;
        world.pass(200).await;
        still_held(&world, "below an attribution").await;
    });
}

/// The mark may be a program's or her own; what is behind it stands in no notice.
#[test]
fn a_condition_behind_a_quote_mark_decides_nothing() {
    on_both(|world| async {
        let world = world.with_rose().await;
        let (notice, _) = held_post(&world).await;
        let quoted: String = notice.text().lines().map(|line| format!("> {line}\n")).collect();
        let wrote = format!("On Mon, Nov 23, 2026 at 2:05 PM Rose <{OWNER}> wrote:");
        for body in [
            "Approve\n> only if she takes the name out".to_owned(),
            format!("Approve\n> only if she takes the name out\n\n{wrote}\n{quoted}"),
            format!(
                "Approve\n\n{wrote}\n{}",
                quoted.replace("> The ward", "> only if she takes the name out\n> The ward")
            ),
            format!("Approve\n\n{wrote}\n{quoted}> but not before I have talked to her\n"),
            "Freigeben\n> aber erst, wenn der Name der Station weg ist".to_owned(),
            "Return: please write it anew.\n> But wait until Ruth has talked to her".to_owned(),
        ] {
            let mut letter = Letter::answering(DANA, &notice, "");
            letter.body.clone_from(&body);
            world.write(&letter).await;
            assert_eq!(world.latest(DANA).subject(), "Nothing was decided", "{}: {body}", world.database);
            // Three explanations an hour are all that anybody gets.
            world.pass(3_700).await;
            still_held(&world, &body).await;
        }
        let mut letter = Letter::answering(DANA, &notice, "");
        letter.body = format!("Approve\n\n{wrote}\n{quoted}\n-- \nDana Reed\nThis message is only for its addressee.");
        world.write(&letter).await;
        world.pass(121).await;
        assert_eq!(state(&world, 0).await, PostState::Published, "{}", world.database);
    });
}

#[test]
fn many_invented_quotes_hold_nobody_up() {
    on_both(|world| async {
        let world = world.with_rose().await;
        know(&world).await;
        world.write(&Letter::new(KIT, ROSE, "Soup", "The soup was good.")).await;
        let long = "the soup of my grandmother was good and we ate it all on a quiet day in the garden.\n".repeat(600);
        for at in 0..5 {
            world.write(&Letter::new(KIT, ROSE, "Re: Soup", &format!("{at} {long}"))).await;
        }
        let quotes: String = (0..30_000).map(|n| format!("> zq{n:x}\nb\n")).collect();
        for from in ["stranger@else.example", MIRA] {
            let posts = world.posts().await.len();
            let began = std::time::Instant::now();
            world.write(&Letter::new(from, ROSE, "Re: Soup", &quotes)).await;
            assert!(began.elapsed() < std::time::Duration::from_secs(8), "{}: {:?}", world.database, began.elapsed());
            let is_member = usize::from(from == MIRA);
            assert_eq!(world.posts().await.len(), posts + is_member, "{}", world.database);
        }
        let held = world.posts().await.pop().unwrap();
        assert_eq!(held.state, PostState::Held, "{}: {:?}", world.database, held.reasons);
        assert!(world.latest(DANA).text().contains("too much quoted to compare"), "{}", world.latest(DANA).text());
    });
}

/// However a program quotes the notice, it is no condition, and neither is what a mail server writes above it.
#[test]
fn a_notice_quoted_whole_is_no_condition() {
    on_both(|world| async {
        let world = world.with_rose().await;
        for at in 0..4 {
            let (notice, _) =
                post_of(&world, MIRA, &format!("Number {at}"), "The ward smells of lavender today.").await;
            let caution = "CAUTION: This email originated from outside of the organization.";
            let linked = notice.text().replace(OWNER, &format!("{OWNER}<mailto:{OWNER}>"));
            let old = match at {
                0 => notice.text(),
                1 => html::to_text(&notice.html()),
                2 => linked.split_whitespace().collect::<Vec<_>>().join(" "),
                _ => format!("{caution}\n\n{}", notice.text()),
            };
            world.write(&outlook(DANA, &notice, "Approve", &old)).await;
            world.pass(200).await;
            assert_eq!(state(&world, at).await, PostState::Published, "{}: {old}", world.database);
        }
    });
}
