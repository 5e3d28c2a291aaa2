//! Whatever comes in, the next ordinary mail goes through; what was answered 250 has exactly one row, by a ledger that
//! the story keeps of what the listener said; what can't be read is set aside with a cause.

use lamplight::model::group::Moderation;
use lamplight::model::member::{Delivery, Role};

use crate::support::{LmtpClient, World, on_both};

const MIRA: &str = "mira@home.example";
const GROUP: &str = "rose@groups.example";

/// What became of a message, as the listing must say it: done with this judgement, or quarantined for a cause with these
/// words in it.
enum End {
    Done(&'static str),
    Aside(&'static str),
}

use End::{Aside, Done};

fn head(rest: &str) -> Vec<u8> {
    format!("From: <{MIRA}>\r\nTo: <{GROUP}>\r\n{rest}").into_bytes()
}

fn joined(parts: &[&[u8]]) -> Vec<u8> {
    parts.concat()
}

fn nested(depth: usize) -> Vec<u8> {
    let mut raw = head("Subject: Deep\r\nMIME-Version: 1.0\r\n");
    for level in 0..depth {
        raw.extend(format!("Content-Type: multipart/mixed; boundary=\"b{level}x\"\r\n\r\n--b{level}x\r\n").bytes());
    }
    raw.extend(b"Content-Type: text/plain\r\n\r\ndeep\r\n");
    raw
}

fn parts(count: usize) -> Vec<u8> {
    let mut raw = head("Subject: Many\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n");
    raw.extend("--b\r\n\r\nx\r\n".repeat(count).bytes());
    raw.extend(b"--b--\r\n");
    raw
}

/// Each with its name and its end.
fn messages() -> Vec<(&'static str, Vec<u8>, End)> {
    let garbage: Vec<u8> = (0..4_096_u32).map(|n| (n.wrapping_mul(2_654_435_761) >> 13) as u8).collect();
    let loops = format!("{}From: <{MIRA}>\r\nSubject: Round\r\n\r\nRound.\r\n", "Received: by a; now\r\n".repeat(60));
    let huge_header = head(&format!("Subject: Big\r\nX-Long: {}\r\n\r\nSmall.\r\n", "y".repeat(10_000_000)));
    let large_header = head(&format!("Subject: Big\r\n{}\r\nSmall.\r\n", "X-Line: z\r\n".repeat(30_000)));
    let long = joined(&[&head("Subject: Long\r\n\r\n"), &b"word".repeat(15_000)]);
    let endless = joined(&[&head("Subject: Endless\r\n\r\n"), &b"word".repeat(250_000)]);
    let picture = [b"QUJD".repeat(225).as_slice(), b"\r\n"].concat().repeat(24_000_000 / 902);
    let attachment = joined(&[
        &head("Subject: Large\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n"),
        b"--b\r\nContent-Type: text/plain\r\n\r\nSee the picture.\r\n--b\r\nContent-Type: image/png; name=x.png\r\n",
        b"Content-Transfer-Encoding: base64\r\n\r\n",
        &picture,
        b"\r\n--b--\r\n",
    ]);
    vec![
        ("garbage", garbage, Aside("no author")),
        ("an empty message", Vec::new(), Aside("no author")),
        ("only line ends", b"\r\n\r\n\r\n".to_vec(), Aside("no author")),
        ("no From", b"Subject: Who?\r\n\r\nNobody.\r\n".to_vec(), Aside("no author")),
        ("two From fields", head("From: <tom@home.example>\r\n\r\nBoth.\r\n"), Aside("more than one author")),
        (
            "two mailboxes in From",
            format!("From: {MIRA}, tom@home.example\r\nSender: {MIRA}\r\nSubject: x\r\n\r\nBoth.\r\n").into_bytes(),
            Aside("more than one author"),
        ),
        (
            "a From that is none",
            format!("Fr om: <{MIRA}>\r\nSubject: x\r\n\r\nHello.\r\n").into_bytes(),
            Aside("a field name with a space"),
        ),
        ("no Message-ID", head("Subject: Bare\r\n\r\nBare as can be.\r\n"), Done("published")),
        ("no subject, Bcc only", format!("From: <{MIRA}>\r\n\r\nBlind.\r\n").into_bytes(), Done("published")),
        (
            "raw octets in the header",
            joined(&[&head("Subject: "), b"Gr\xfc\xdfe \xff\r\n\r\nGr\xfc\xdfe.\r\n"]),
            Done("published"),
        ),
        ("NULs", joined(&[&head("Subject: N\0ul\r\n"), b"\r\nBefore\0after.\r\n"]), Done("published")),
        ("bare CR and LF", joined(&[&head("Subject: Ends\r\n"), b"\r\none\ntwo\rthree\r\n"]), Done("published")),
        ("a very long line", long, Done("published")),
        ("an endless line", endless, Done("held")),
        ("a large attachment", attachment, Done("published")),
        ("sixty servers", loops.into_bytes(), Done("ignored")),
        ("ten megabytes of header", huge_header, Aside("header")),
        ("many header fields", large_header, Aside("header")),
        ("500 nested parts", nested(500), Aside("nested")),
        ("2,000 parts", parts(2_000), Aside("parts")),
    ]
}

/// What the listener said, in a book of the story's own.
struct Ledger {
    world: World,
    accepted: usize,
    ordinary: usize,
}

impl Ledger {
    async fn hand_over(&mut self, name: &str, recipients: &[&str], message: &[u8]) {
        let mut client = LmtpClient::connect(self.world.lmtp).await;
        client.lhlo().await;
        for reply in client.deliver(MIRA, recipients, message).await {
            assert_eq!(reply, "250 2.0.0 kept", "{}: {name}", self.world.database);
        }
        self.accepted += 1;
        self.world.run().await;
    }

    /// An ordinary message goes through, whatever was before it; every accepted one has its row.
    async fn go_on(&mut self, after: &str) {
        self.ordinary += 1;
        let words = format!("Ordinary words, number {}.", self.ordinary);
        self.world.says("mira", "Ordinary", &words).await;
        self.accepted += 1;
        let copies = self.world.mail_to("kit@home.example");
        let came = copies.iter().rev().any(|copy| copy.text().starts_with(&words));
        assert!(came, "{}: after {after}", self.world.database);
        let rows = self.world.spooled().await;
        assert_eq!(rows.len(), self.accepted, "{}: after {after}", self.world.database);
        assert!(rows.iter().all(|row| row.state != "new"), "{}: after {after}", self.world.database);
    }
}

async fn ledger(world: World) -> Ledger {
    let world = world.with_rose().await.openly().await;
    Ledger { world, accepted: 0, ordinary: 0 }
}

#[test]
fn whatever_comes_has_its_row_and_the_next_goes_through() {
    on_both(|world| async {
        let mut book = ledger(world).await;
        for (name, message, end) in messages() {
            book.hand_over(name, &[GROUP], &message).await;
            let row = book.world.spooled().await.pop().unwrap();
            // The listener puts a line end behind the last line, nothing else.
            assert!((row.size - i64::try_from(message.len()).unwrap()).abs() <= 2, "{name}: {} octets", row.size);
            let cause = row.cause.clone().unwrap_or_default();
            match end {
                Done(word) => {
                    assert_eq!(book.world.judged(row.id).await, [word], "{}: {name} {cause}", book.world.database);
                    assert_eq!(row.state, "done", "{name}");
                }
                Aside(words) => {
                    assert_eq!(row.state, "quarantined", "{}: {name}", book.world.database);
                    assert!(cause.contains(words), "{name}: {cause}");
                }
            }
            book.go_on(name).await;
        }
        // What was published of it is mail that anybody can read.
        for copy in book.world.mail_to("kit@home.example") {
            assert!(!copy.raw.contains(&0) && copy.raw.split(|byte| *byte == b'\n').all(|line| line.len() <= 999));
            assert!(!copy.text().is_empty() && copy.headers("From").len() == 1);
        }
        book.world.assert_one_reader_each();
    });
}

#[test]
fn the_same_again_is_one_and_another_under_the_same_id_is_two() {
    on_both(|world| async {
        let mut book = ledger(world).await;
        let message = head("Subject: Twice\r\nMessage-ID: <once@home.example>\r\n\r\nSent once, said once.\r\n");
        book.hand_over("first", &[GROUP], &message).await;
        // The sender never saw the 250, and tries again: now, and after it was taken to its end.
        for _ in 0..2 {
            book.hand_over("again", &[GROUP], &message).await;
            book.accepted -= 1;
        }
        book.go_on("repetition").await;
        assert_eq!(book.world.posts().await.iter().filter(|post| post.text.contains("said once")).count(), 1);
        assert_eq!(book.world.count("kit@home.example"), 2);
        let other = head("Subject: Twice\r\nMessage-ID: <once@home.example>\r\n\r\nOther words under its id.\r\n");
        book.hand_over("other", &[GROUP], &other).await;
        book.go_on("the same id").await;
        assert_eq!(book.world.published().await, 4);
        assert_ne!(
            book.world.post_with("Other words").await.spool,
            book.world.post_with("said once").await.spool,
            "two messages, two posts"
        );
    });
}

#[test]
fn one_message_to_many() {
    on_both(|world| async {
        let mut book = ledger(world).await;
        book.world.add_group("lily", "Lily", Moderation::None).await;
        book.world.add("lily", Role::Member, MIRA, "Mia", Delivery::Daily, None).await;
        book.world.add("lily", Role::Member, "zoe@home.example", "Zoe", Delivery::Each, None).await;
        book.hand_over("two groups", &["Rose@Groups.Example", "lily@groups.example", GROUP], &head("\r\nTo both.\r\n"))
            .await;
        assert_eq!(book.world.last_judged().await, ["published", "published"]);
        let (rose, lily) = (book.world.latest("kit@home.example"), book.world.latest("zoe@home.example"));
        assert!(rose.header("From").contains("Mira") && lily.header("From").contains("Mia"));
        for (copy, other) in [(rose, ["lily", "Mia"]), (lily, ["rose", "Mira"])] {
            let raw = String::from_utf8_lossy(&copy.raw).into_owned();
            assert!(other.iter().all(|word| !raw.contains(word)), "a group says nothing of another: {raw}");
        }
        book.go_on("two groups").await;

        // Every well-formed token is taken at the door, so a thousand recipients are easily found.
        let many: Vec<String> = (0..999)
            .map(|n| format!("rose+t.{}{}{}@groups.example", "a".repeat(24), ['b', 'c', 'd'][n % 3], ['e', 'f'][n % 2]))
            .chain([GROUP.to_owned()])
            .collect();
        let many: Vec<&str> = many.iter().map(String::as_str).collect();
        book.hand_over("a thousand", &many, &head("Subject: All\r\n\r\nTo everybody.\r\n")).await;
        let row = book.world.spooled().await.pop().unwrap();
        assert_eq!((row.state.as_str(), row.recipients.len()), ("quarantined", 1_000));
        assert!(row.cause.unwrap().contains("1000 recipients"));
        book.go_on("a thousand recipients").await;
    });
}

#[test]
fn what_did_not_end_was_never_there() {
    on_both(|world| async {
        let mut book = ledger(world).await;
        for cut in
            [&b""[..], b"From: <mira@home.example>\r\n\r\nHalf a", b"From: <mira@home.example>\r\n\r\nAll but\r\n.\r"]
        {
            let mut client = LmtpClient::connect(book.world.lmtp).await;
            client.lhlo().await;
            client.envelope(MIRA, &[GROUP]).await;
            client.send("DATA").await.expect("354 *").await;
            client.send_bytes(cut).await;
            drop(client);
            book.go_on("a broken connection").await;
        }
        // Too large is said, and nothing is kept of it.
        let mut client = LmtpClient::connect(book.world.lmtp).await;
        client.lhlo().await;
        client.send(&format!("MAIL FROM:<{MIRA}> SIZE=30000000")).await.expect("552 5.3.4 *").await;
        client.envelope(MIRA, &[GROUP]).await;
        let large = joined(&[
            &head("Subject: Large\r\n\r\n"),
            &[b"0123456789".repeat(90).as_slice(), b"\r\n"].concat().repeat(30_000),
        ]);
        assert!(client.data(&large).await[0].starts_with("552 5.3.4"));
        let reply = client.deliver(MIRA, &[GROUP], &head("Subject: Next\r\n\r\nThe same talk goes on.\r\n")).await;
        assert_eq!(reply, ["250 2.0.0 kept"]);
        book.accepted += 1;
        book.go_on("a message that was too large").await;
        assert_eq!(book.world.published().await, 5);
    });
}
