//! Whom everybody trusts answers her digest with a cry for help, and the smarthost is down: it is held, nobody is asked in
//! vain, and when mail flows again people hear of it before anybody gets anything else.

use lamplight::model::post::PostState;
use lamplight::store::alerts;

use crate::digest_replies::{Program, three};
use crate::scene::{ADA, ADMIN, CRY, DANA, KIT, MIRA, RUTH, TOM};
use crate::support::{Letter, on_both_with};

const MINUTE: i64 = 60;

#[test]
fn of_a_trusted_member_while_the_smarthost_is_down() {
    // One after the other, so that what arrives first has left first.
    on_both_with(
        |config| config.outbound.connections = 1,
        |world| async {
            let world = world.with_rose().await.openly().await;
            let now = world.now();
            world.change_person("rose", MIRA, |mira| mira.trusted_since = Some(now)).await;
            let digest = three(&world).await;
            let before = world.peer.mail().len();
            world.peer.answer("CONNECT", "421 4.3.2 away");
            // Something that the group gets, and something for the moderators, are in the outbox before it.
            world.says("kit", "Soup", "I had soup.").await;
            world.write(&Letter::new(TOM, "rose-owner@groups.example", "A question", "May I bring my sister?")).await;
            let answers = [("every cup", "Thick gloves."), ("grey and soft", CRY)];
            world.write(&Program::Apple.letter(MIRA, &digest, "", &answers)).await;

            let held = world.post_with(CRY).await;
            assert!(held.state == PostState::Held && held.is_urgent(), "{}: trusted, and held", world.database);
            assert_eq!(world.post_with("Thick gloves").await.state, PostState::Published, "{}", world.database);
            world.pass(3 * 3_600).await;
            assert_eq!(world.peer.mail().len(), before, "{}: nothing leaves", world.database);
            let open = alerts::list(&mut world.lamplight.store.read().await.unwrap(), None, false).await.unwrap();
            assert_eq!((open.len(), open[0].step), (1, 0), "{}: nobody was asked in vain", world.database);

            world.peer.behave();
            world.pass(10 * MINUTE).await;
            let after = world.peer.mail_after(before);
            let mut first: Vec<&str> = after[..2].iter().map(|mail| mail.recipients[0].as_str()).collect();
            first.sort_unstable();
            assert_eq!(first, [DANA, RUTH], "{}: they hear before everybody", world.database);
            assert!(after[..2].iter().all(|mail| mail.text().contains(CRY)), "{}", world.database);
            let text = world.latest(MIRA);
            assert_eq!(text.subject(), "About your message", "{}", world.database);
            assert!(text.text().contains("call 911") && !text.text().contains("alerted"), "{}", text.text());
            for member in [KIT, TOM, ADA, MIRA] {
                let heard = world.mail_to(member).iter().any(|mail| mail.text().contains(CRY));
                assert!(!heard, "{}: {member} got it", world.database);
            }
            assert_eq!(world.count(ADMIN), 0, "{}: moderators have their full time", world.database);
            // They have had it for ten minutes at most; then it climbs as any other.
            world.pass(15 * MINUTE).await;
            assert!(world.latest(ADMIN).subject().contains("an alert without an answer"), "{}", world.database);
            let notice = after.iter().find(|mail| mail.recipients[0] == RUTH && mail.text().contains(CRY)).unwrap();
            world.write(&Letter::answering(RUTH, notice, "Mine")).await;
            let open = alerts::list(&mut world.lamplight.store.read().await.unwrap(), None, false).await.unwrap();
            assert!(open.is_empty(), "{}", world.database);
        },
    );
}
