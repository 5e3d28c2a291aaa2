//! What leaves is never lost, and repeated only where nobody can know whether it arrived: octet by octet the same. One
//! reader's trouble is nobody else's, and trouble with the smarthost is nobody's.

use std::sync::Arc;

use lamplight::engine::transport::Transport;
use lamplight::model::member::{Delivery, MemberState, Role};
use lamplight::store::claims;

use crate::support::{Captured, Letter, on_both};

const MIRA: &str = "mira@home.example";
const TOM: &str = "tom@home.example";
const KIT: &str = "kit@home.example";
const DANA: &str = "dana@work.example";
const HOUR: i64 = 3_600;
const DAY: i64 = 86_400;

fn all_alike(mails: &[Captured]) -> bool {
    mails.windows(2).all(|pair| pair[0].raw == pair[1].raw && pair[0].reverse_path == pair[1].reverse_path)
}

#[test]
fn a_soft_refusal_is_tried_again_in_growing_steps_and_never_lost() {
    on_both(|world| async {
        let world = world.with_rose().await.openly().await;
        world.peer.answer("BODY", "keep-451 4.3.0 later").to("kit@");
        world.says("mira", "Patience", "It will come.").await;
        assert_eq!((world.count(KIT), world.count(TOM)), (1, 1), "Tom has his at once");
        let mut attempts = 1;
        for minutes in [1, 5, 15, 30] {
            world.pass(minutes * 60 - 1).await;
            assert_eq!(world.count(KIT), attempts, "not before {minutes} minutes");
            world.pass(1).await;
            attempts += 1;
            assert_eq!(world.count(KIT), attempts, "{}: after {minutes} minutes", world.database);
        }
        for _ in 0..5 {
            world.pass(54 * 60 - 1).await;
            assert_eq!(world.count(KIT), attempts, "not within 54 minutes");
            world.pass(12 * 60 + 1).await;
            attempts += 1;
            assert_eq!(world.count(KIT), attempts, "within 66 minutes");
        }
        let row = world.row_to(KIT).await;
        assert_eq!((row.state.as_str(), row.attempts), ("waiting", 10));
        world.peer.behave();
        world.pass(2 * HOUR).await;
        let row = world.row_to(KIT).await;
        assert_eq!((row.state.as_str(), row.attempts), ("sent", 11));
        assert!(all_alike(&world.mail_to(KIT)), "every attempt is the same, octet by octet");
        assert_eq!((world.count(KIT), world.count(TOM)), (11, 1));
    });
}

#[test]
fn one_readers_refusal_is_nobody_elses() {
    on_both(|world| async {
        let world = world.with_rose().await.openly().await;
        world.peer.answer("RCPT", "550 5.1.1 no such user").to("kit@");
        world.says("mira", "One", "To all but one.").await;
        assert_eq!((world.count(KIT), world.count(TOM)), (0, 1));
        let row = world.row_to(KIT).await;
        assert_eq!((row.state.as_str(), row.attempts), ("failed", 1));
        assert!(row.cause.as_deref().unwrap_or_default().contains("550 5.1.1"), "{:?}", row.cause);
        assert_eq!(world.person("rose", KIT).await.state, MemberState::Active, "trouble removes nobody");
        world.peer.behave();
        world.pass(DAY).await;
        assert_eq!(world.count(KIT), 0, "final is final");
        world.says("mira", "Two", "To all.").await;
        assert_eq!((world.count(KIT), world.count(TOM)), (1, 2));
    });
}

#[test]
fn a_lost_reply_repeats_the_same_octets_once() {
    on_both(|world| async {
        let world = world.with_rose().await.openly().await;
        // Taken by the server, but its word never came: nobody can know, so it goes out again.
        world.peer.answer("BODY", "keep-drop").to("kit@").times(1);
        world.says("mira", "Cut", "The line broke.").await;
        assert_eq!((world.count(KIT), world.count(TOM)), (1, 1));
        world.pass(60).await;
        world.pass(DAY).await;
        let mails = world.mail_to(KIT);
        assert_eq!(mails.iter().filter(|mail| mail.subject() == "Cut").count(), 2);
        assert!(all_alike(&mails), "same Message-ID, Date and boundary");
        assert_eq!((world.row_to(KIT).await.state.as_str(), world.count(TOM)), ("sent", 1));
    });
}

/// A way out to a port where nobody listens.
fn nowhere() -> Arc<Transport> {
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    Arc::new(Transport::from_url(&format!("smtp://127.0.0.1:{port}"), None, "groups.example").unwrap())
}

#[test]
fn an_outage_costs_no_attempt_and_no_mail() {
    on_both(|world| async {
        let world = world.with_rose().await.openly().await;
        let nowhere = nowhere();
        for number in 0..3 {
            let letter = Letter::new(MIRA, "rose@groups.example", &format!("Note {number}"), "Still here.");
            world.deliver(MIRA, &["rose@groups.example"], letter.bytes()).await;
        }
        // Six days, longer than any mail is tried.
        for _ in 0..12 {
            let ticked = world.lamplight.run_due(&nowhere, world.now()).await.unwrap();
            assert!(ticked.unreachable && ticked.sent == 0, "{ticked:?}");
            world.lamplight.clock.set(world.now().plus_seconds(DAY / 2));
        }
        for row in world.rows_to(KIT).await {
            assert_eq!((row.state.as_str(), row.attempts), ("waiting", 0));
        }
        // The server is back and busy: the five days begin now.
        world.peer.answer("BODY", "451 4.7.1 greylisted");
        world.run().await;
        assert_eq!(world.count(KIT), 0);
        world.peer.behave();
        world.pass(60).await;
        assert_eq!((world.subjects(KIT).len(), world.subjects(TOM).len()), (3, 3), "{}", world.database);
        assert_eq!(world.count(MIRA), 1, "and the digests");
        assert!(world.rows_to(KIT).await.iter().all(|row| row.attempts == 2));
    });
}

#[test]
fn a_refusal_of_all_our_mail_is_not_the_readers_fault() {
    on_both(|world| async {
        let world = world.with_rose().await.openly().await;
        for action in ["550 5.7.1 not you", "530 5.7.0 log in first"] {
            world.peer.behave();
            world.peer.answer("MAIL", action);
            world.says("mira", "Stuck", &format!("Refused with {}.", &action[..3])).await;
            assert_eq!(world.count(KIT) + world.count(TOM), 0);
            for row in world.rows_to(KIT).await {
                assert_eq!((row.state.as_str(), row.attempts), ("waiting", 0), "{:?}", row.cause);
            }
        }
        world.peer.behave();
        world.peer.answer("CONNECT", "554 5.3.2 closed");
        world.pass(60).await;
        assert_eq!(world.row_to(KIT).await.attempts, 0);
        world.peer.behave();
        world.pass(60).await;
        assert_eq!((world.count(KIT), world.count(TOM)), (2, 2));
    });
}

/// What a mail says of itself: Auto-Submitted, Precedence, X-Auto-Response-Suppress, List-Id and whether its path is null.
fn marks(mail: &Captured) -> (String, String, String, bool, bool) {
    (
        mail.header("Auto-Submitted"),
        mail.header("Precedence"),
        mail.header("X-Auto-Response-Suppress"),
        mail.header("List-Id").contains("<rose.groups.example>")
            && mail.header("List-Unsubscribe").contains("rose-leave@"),
        mail.reverse_path.is_empty(),
    )
}

#[test]
fn each_kind_of_mail_bears_its_marks() {
    on_both(|world| async {
        let world = world.with_rose().await;
        let all = |auto: &str, list: bool, null: bool| {
            let precedence = if list { "list" } else { "" };
            // What goes to a moderator may be answered by her program: her absence is good to know.
            let suppress = if list { "All" } else { "" };
            (auto.to_owned(), precedence.to_owned(), suppress.to_owned(), list, null)
        };
        world.says("mira", "Marks", "Which marks?").await;
        assert_eq!(marks(&world.latest(MIRA)), all("auto-replied", false, true), "we have your message");
        assert_eq!(marks(&world.latest(DANA)), all("auto-generated", false, false), "a notice to a moderator");
        world.write(&Letter::answering(DANA, &world.latest(DANA), "approve")).await;
        assert_eq!(marks(&world.latest(DANA)), all("auto-generated", false, false), "an echo");
        world.pass(121).await;
        assert_eq!(marks(&world.latest(KIT)), all("", true, false), "a post");
        world.go_to("2026-11-23T17:31:00-05:00").await;
        assert_eq!(marks(&world.latest(MIRA)), all("auto-generated", true, false), "a digest");
        world.write(&Letter::new(MIRA, "rose-leave@groups.example", "", "")).await;
        assert_eq!(marks(&world.latest(MIRA)), all("auto-replied", false, true), "a question");
        world.write(&Letter::new(MIRA, "rose-owner@groups.example", "x", "A private word.")).await;
        assert_eq!(marks(&world.latest(DANA)), all("auto-generated", false, false), "the private line");

        let paths: Vec<String> = world.peer.mail().iter().map(|mail| mail.reverse_path.clone()).collect();
        let verp: Vec<&String> = paths.iter().filter(|path| !path.is_empty()).collect();
        assert!(verp.iter().all(|path| path.starts_with("lamplight+b.") && path.ends_with("@groups.example")));
        assert_eq!(verp.iter().collect::<std::collections::BTreeSet<_>>().len(), verp.len(), "each its own");
        for mail in world.peer.mail() {
            let token = mail.reverse_path.trim_start_matches("lamplight+b.").trim_end_matches("@groups.example");
            let raw = String::from_utf8_lossy(&mail.raw).to_lowercase();
            assert!(token.is_empty() || !raw.contains(token), "the return path stands nowhere in the mail");
            assert!(mail.headers("Message-ID").len() == 1 && mail.headers("Date").len() == 1);
        }
        world.assert_one_reader_each();
    });
}

fn report(to: &str, action: &str, status: &str) -> String {
    let message = include_str!("../messages/dsn-failed.eml").replace("\r\n", "\n").replace('\n', "\r\n");
    message
        .replace("lamplight+b.abcdefghijklmnopqrstuvwxyz@groups.example", to)
        .replace("Action: failed\r\nStatus: 5.1.1", &format!("Action: {action}\r\nStatus: {status}"))
        .replace(
            "550 5.1.1 User unknown",
            &format!("{} {status} so it is", if status.starts_with('5') { 550 } else { 450 }),
        )
}

#[test]
fn only_a_report_to_a_path_of_ours_marks_a_copy_as_bounced() {
    on_both(|world| async {
        let world = world.with_rose().await.openly().await;
        world.says("mira", "Bounce", "Will this arrive?").await;
        let path = world.latest(KIT).reverse_path;
        let before = (world.peer.mail().len(), world.posts().await.len());
        // A forged path, one of another row's number, a delay, a person's words, and a report to the group itself.
        let token = path.trim_start_matches("lamplight+b.").trim_end_matches("@groups.example").to_owned();
        let flipped = if token.ends_with('a') { 'b' } else { 'a' };
        let forged = format!("lamplight+b.{}{flipped}@groups.example", &token[..token.len() - 1]);
        let other = format!("lamplight+b.{}@groups.example", "a".repeat(token.len()));
        for address in [forged.as_str(), other.as_str(), "rose@groups.example", "rose-owner@groups.example"] {
            world.deliver("", &[address], report(address, "failed", "5.1.1")).await;
        }
        world.deliver("", &[path.as_str()], report(&path, "delayed", "4.4.1")).await;
        world.write(&Letter::new(TOM, &path, "Re: Bounce", "I am not a report.")).await;
        for address in [KIT, TOM] {
            let row = world.row_to(address).await;
            assert_eq!((row.state.as_str(), row.bounced_at), ("sent", None), "{}", world.database);
        }
        world.deliver("", &[path.as_str()], report(&path, "failed", "5.1.1")).await;
        world.run().await;
        let row = world.row_to(KIT).await;
        assert_eq!(row.state, "sent");
        assert!(row.bounced_at.is_some() && row.cause.unwrap().contains("5.1.1"));
        assert_eq!(world.row_to(TOM).await.bounced_at, None);
        assert_eq!(world.person("rose", KIT).await.state, MemberState::Active);
        assert_eq!(
            (world.peer.mail().len(), world.posts().await.len()),
            before,
            "nobody hears of it, nothing is posted"
        );
    });
}

#[test]
fn an_attempt_that_a_crash_cut_off_asks_again_who_may_have_it() {
    on_both(|world| async {
        let world = world.with_rose().await.openly().await;
        world.add("rose", Role::Member, "eve@home.example", "Eve", Delivery::Each, None).await;
        world.peer.answer("BODY", "451 4.3.0 later");
        world.says("mira", "Kept", "This one stays.").await;
        world.says("mira", "Retracted", "This one goes.").await;
        world.go_to("2026-11-23T17:31:00-05:00").await;
        world.peer.behave();
        // A server claims everything, and is no more.
        world.lamplight.clock.set(world.now().plus_seconds(DAY));
        let mut tx = world.lamplight.store.begin().await.unwrap();
        let claimed = claims::claim(&mut tx, 1_000, 1_000, world.now()).await.unwrap().rows;
        tx.commit().await.unwrap();
        assert_eq!(claimed.len(), 8, "two copies each for Kit, Tom and Eve; digests for Mira and Dana");
        // Meanwhile Tom leaves, and the second post is taken back.
        world.set_state(TOM, MemberState::Left).await;
        let gone = world.post_with("This one goes").await;
        world.lamplight.retract_as_administrator(gone.id, world.now()).await.unwrap();
        world.pass(121).await;
        world.pass(121).await;
        assert_eq!(
            (world.subjects(KIT), world.subjects(TOM).len()),
            (vec!["Kept".to_owned()], 0),
            "{}",
            world.database
        );
        assert_eq!(world.subjects("eve@home.example"), ["Kept"]);
        for reader in [MIRA, DANA] {
            let digests: Vec<Captured> =
                world.mail_to(reader).into_iter().filter(|mail| mail.reply_address().starts_with("rose+d.")).collect();
            assert_eq!(digests.len(), 1, "{}: {:?}", world.database, world.subjects(reader));
            assert!(digests[0].text().contains("This one stays") && !digests[0].text().contains("This one goes"));
        }
    });
}
