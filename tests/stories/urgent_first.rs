//! What may tell of danger is read ahead of what waits, in whatever form it comes and whatever its group is busy with; what
//! it says is judged as it always is, and nobody else waits for ever.

use std::time::{Duration, Instant};

use data_encoding::BASE64_MIME;
use lamplight::model::post::PostState;
use lamplight::model::turn::Lane;
use lamplight::server::serve::Serving;
use lamplight::store::spool::{self, New};

use crate::running::until;
use crate::scene::{CRY, DANA, KIT, MIRA, ROSE, RUTH, TOM, envelope, raw, state};
use crate::support::{Letter, LmtpClient, World, on_both};

const OWNER: &str = "rose-owner@groups.example";

/// So many ordinary letters are handed over, and nobody reads them yet.
async fn letters_wait(world: &World, count: usize) {
    let mut client = LmtpClient::connect(world.lmtp).await;
    client.lhlo().await;
    for number in 0..count {
        let letter = Letter::new(TOM, ROSE, "The garden", &format!("There are {number} beans in the garden."));
        assert_eq!(client.deliver(TOM, &[ROSE], &letter.bytes()).await, ["250 2.0.0 kept"]);
    }
    world.lamplight.until_read_ahead().await;
}

/// Kept in its turn, by a process that has not read it.
async fn keep_unread(world: &World, message: &[u8]) {
    let envelope = envelope(&[ROSE]);
    let new = New { envelope: &envelope, message, peer: "test", lane: Lane::Ordinary, received_at: world.now() };
    let mut tx = world.lamplight.store.begin().await.unwrap();
    assert_eq!(spool::insert(&mut tx, &[new]).await.unwrap().len(), 1);
    tx.commit().await.unwrap();
}

/// One step of reading, as far as the next commit that the outbox shows.
async fn read_some(world: &World) -> usize {
    world.lamplight.receive_some(world.now()).await.unwrap()
}

async fn deliver(world: &World, letter: &Letter) {
    world.deliver(&letter.from, &[&letter.to], letter.bytes()).await;
}

/// Another server reads what waits here first, or all of it.
async fn elsewhere(world: &World, most: usize) -> Vec<spool::ClaimedMessage> {
    let ids: Vec<_> = world.waiting().await.iter().take(most).map(|row| row.id).collect();
    let mut tx = world.lamplight.store.begin().await.unwrap();
    let claimed = spool::claim(&mut tx, &ids, world.now()).await.unwrap();
    tx.commit().await.unwrap();
    claimed
}

#[test]
fn a_cry_goes_ahead_of_three_hundred_letters() {
    on_both(|world| async {
        let world = world.with_rose().await.openly().await;
        letters_wait(&world, 300).await;
        deliver(&world, &Letter::new(MIRA, ROSE, "Dark", CRY)).await;
        assert_eq!(read_some(&world).await, 1, "{}: alone", world.database);
        assert_eq!(world.rows_to(DANA).await.len(), 1, "{}: the alert is in the outbox", world.database);
        assert_eq!(world.rows_to(KIT).await.len(), 0, "{}: and nothing of the others", world.database);
        assert_eq!(world.waiting().await.len(), 300, "{}", world.database);
        world.run().await;
        assert_eq!((world.count(DANA), world.count(KIT), state(&world, 0).await), (1, 300, PostState::Held));
    });
}

/// Forms in which programs send the same words.
fn forms() -> Vec<(&'static str, Vec<u8>)> {
    let from = format!("From: <{MIRA}>");
    let mail = |subject: &str, fields: &[&str], body: &str| {
        let subject = format!("Subject: {subject}");
        raw(&[&[from.as_str(), &subject, "MIME-Version: 1.0"], fields].concat(), body)
    };
    let html = "Content-Type: text/html; charset=utf-8";
    let parts = "Content-Type: multipart/mixed; boundary=cut";
    let plain = "Content-Type: text/plain; charset=utf-8";
    vec![
        ("plain", mail("Dark", &[plain], CRY)),
        (
            "HTML alone, the words in pieces",
            mail("Dark", &[html], "<div>I am <b>going</b> to&nbsp;kill<br>my<i>self</i> tonight.</div>"),
        ),
        (
            "base64",
            mail("Dark", &[plain, "Content-Transfer-Encoding: base64"], &BASE64_MIME.encode(CRY.repeat(9).as_bytes())),
        ),
        (
            "quoted-printable, cut in a word",
            mail(
                "Dark",
                &[plain, "Content-Transfer-Encoding: quoted-printable"],
                "I am going=20to kill my=\nself t=6Fnight.",
            ),
        ),
        ("the subject alone", mail("I am going to kill myself", &[plain], "")),
        ("the subject alone, encoded", mail("=?utf-8?B?SSBhbSBnb2luZyB0byBraWxsIG15c2VsZg==?=", &[plain], "")),
        (
            "UTF-16",
            mail(
                "Dark",
                &["Content-Type: text/plain; charset=utf-16le", "Content-Transfer-Encoding: base64"],
                &BASE64_MIME.encode(&CRY.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<u8>>()),
            ),
        ),
        ("in a quote, over two lines", mail("Dark", &[plain], "Yes.\n\n> I am going to kill\n> myself tonight.")),
        (
            "in a text file",
            mail(
                "Dark",
                &[parts],
                &format!(
                    "--cut\n{plain}\n\nSee the letter.\n--cut\n{plain}; name=letter.txt\nContent-Disposition: attachment\n\n{CRY}\n--cut--"
                ),
            ),
        ),
        (
            "in a message inside",
            mail(
                "Dark",
                &[parts],
                &format!(
                    "--cut\n{plain}\n\nSee below.\n--cut\nContent-Type: message/rfc822\n\nSubject: x\n\n{CRY}\n--cut--"
                ),
            ),
        ),
        (
            "marks between the letters that nobody sees",
            mail("Dark", &[plain], "I am going to ki\u{200b}ll my\u{ad}self."),
        ),
        (
            "a message that can't be read",
            raw(&[&from, "From: <kit@home.example>", "Subject: x"], &format!("{CRY} There are two authors.")),
        ),
        ("parts without an end", mail("Dark", &[parts], &format!("--cut\n\n{}\n{CRY}", "--cut\n\nx\n".repeat(1_500)))),
        ("lines that end in CR", mail("Dark", &[plain], CRY).into_iter().filter(|octet| *octet != b'\n').collect()),
    ]
}

/// Further letters, as programs write them.
fn letters_of_programs() -> Vec<(&'static str, Vec<u8>)> {
    let from = format!("From: <{MIRA}>");
    let mail = |fields: &[&str], body: &str| raw(&[&[from.as_str(), "MIME-Version: 1.0"], fields].concat(), body);
    let tidy = "Subject: Thursday";
    vec![
        (
            "Outlook's page",
            mail(
                &[tidy, "Content-Type: text/html; charset=\"us-ascii\"", "X-Mailer: Microsoft Outlook 16.0"],
                "<html xmlns:o=\"urn:schemas-microsoft-com:office:office\"><head><style><!--\np.MsoNormal {margin:0cm;}\n--></style></head>\n<body lang=EN-US><div class=WordSection1><p class=MsoNormal><span\nstyle='font-size:11.0pt'>I can&#8217;t go on. I am going to kill<o:p></o:p></span>\n<span>myself tonight.<o:p></o:p></span></p></div></body></html>",
            ),
        ),
        (
            "Gmail's two versions, both encoded",
            mail(
                &[tidy, "Content-Type: multipart/alternative; boundary=\"000000000000a\""],
                &format!(
                    "--000000000000a\nContent-Type: text/plain; charset=\"UTF-8\"\nContent-Transfer-Encoding: base64\n\n{}\n--000000000000a\nContent-Type: text/html; charset=\"UTF-8\"\nContent-Transfer-Encoding: base64\n\n{}\n--000000000000a--",
                    BASE64_MIME.encode(format!("Hi all.\r\n\r\n{CRY}\r\n").as_bytes()),
                    BASE64_MIME
                        .encode(format!("<div dir=\"ltr\">Hi all.<div><br></div><div>{CRY}</div></div>").as_bytes()),
                ),
            ),
        ),
        (
            "Thunderbird, flowed",
            mail(
                &[tidy, "Content-Type: text/plain; charset=UTF-8; format=flowed", "User-Agent: Mozilla Thunderbird"],
                "Dear all, this has been a long week and now I know that I am going to kill \nmyself tonight.",
            ),
        ),
        (
            "an old program's Windows quotes",
            mail(
                &[
                    tidy,
                    "Content-Type: text/plain; charset=windows-1252",
                    "Content-Transfer-Encoding: quoted-printable",
                ],
                "I can=92t go on. I=92m going to kill myself tonight=85",
            ),
        ),
        (
            "Yahoo's page in a single line",
            mail(
                &[tidy, "Content-Type: text/html; charset=UTF-8"],
                "<div class=\"yahoo-style-wrap\"><div dir=\"ltr\">I&#39;m going to kill&#160;myself tonight.</div></div>",
            ),
        ),
        (
            "a page with pictures",
            mail(
                &[tidy, "Content-Type: multipart/related; boundary=r"],
                "--r\nContent-Type: multipart/alternative; boundary=a\n\n--a\nContent-Type: text/plain\n\n[picture]\n--a\nContent-Type: text/html\n\n<img src=\"cid:x\"><p>I want to die and I have taken pills.</p><p>I am going to kill myself.</p>\n--a--\n--r\nContent-Type: image/png\nContent-ID: <x>\nContent-Transfer-Encoding: base64\n\niVBORw0KGgo=\n--r--",
            ),
        ),
        ("a folded subject", mail(&["Subject: I am going\r\n to kill myself", "Content-Type: text/plain"], "")),
        (
            "a subject in two encoded words",
            mail(
                &["Subject: =?iso-8859-1?Q?I_am_going_to_kill?= =?iso-8859-1?Q?_myself?=", "Content-Type: text/plain"],
                "",
            ),
        ),
        ("no MIME at all", raw(&[&from, tidy], CRY)),
        ("no header at all", format!("{CRY}\r\n").into_bytes()),
        ("below the signature's dashes", mail(&[tidy, "Content-Type: text/plain"], &format!("See you.\n\n-- \n{CRY}"))),
        (
            "above a long quote in a page",
            mail(
                &[tidy, "Content-Type: text/html; charset=utf-8"],
                &format!("<p>{CRY}</p><blockquote>{}</blockquote>", "<p>The soup was good.</p>".repeat(20_000)),
            ),
        ),
        (
            "a calendar's answer",
            mail(
                &[tidy, "Content-Type: multipart/mixed; boundary=m"],
                &format!(
                    "--m\nContent-Type: text/calendar; method=REPLY\n\nBEGIN:VCALENDAR\nCOMMENT:{CRY}\nEND:VCALENDAR\n--m--"
                ),
            ),
        ),
        (
            "a Japanese program's charset",
            mail(&[tidy, "Content-Type: text/plain; charset=iso-2022-jp", "Content-Transfer-Encoding: 7bit"], CRY),
        ),
        (
            "below a long quote",
            mail(&[tidy, "Content-Type: text/plain"], &format!("{}\n{CRY}", "> The soup was good.\n".repeat(3_000))),
        ),
    ]
}

#[test]
fn in_whatever_form_it_comes() {
    on_both(|world| async {
        let world = world.with_rose().await;
        letters_wait(&world, 1).await;
        for (form, message) in forms().into_iter().chain(letters_of_programs()) {
            let lane = world.lamplight.lane(&envelope(&[OWNER]), &message);
            assert_eq!(lane, Lane::Urgent, "{form}: also at a glance");
            world.deliver(MIRA, &[OWNER], message).await;
            assert_eq!(world.waiting().await[0].id.0, world.spooled().await.len() as i64, "{}: {form}", world.database);
            assert_eq!(read_some(&world).await, 1, "{}: {form}", world.database);
            assert_eq!(world.waiting().await.len(), 1, "{}: {form}", world.database);
        }
    });
}

#[test]
fn also_where_an_earlier_process_kept_it_and_nobody_read_it() {
    on_both(|world| async {
        let world = world.with_rose().await.openly().await;
        letters_wait(&world, 3).await;
        keep_unread(&world, &Letter::new(MIRA, ROSE, "Dark", CRY).bytes()).await;
        assert_eq!(world.waiting().await[3].id.0, 4, "{}: in its turn", world.database);
        world.lamplight.look_at_what_waits().await.unwrap();
        assert_eq!((read_some(&world).await, world.rows_to(DANA).await.len()), (1, 1), "{}: alone", world.database);
        assert_eq!(world.waiting().await.len(), 3, "{}", world.database);
    });
}

#[test]
fn also_while_its_group_is_read_elsewhere() {
    on_both(|world| async {
        let world = world.with_rose().await.openly().await;
        letters_wait(&world, 3).await;
        elsewhere(&world, 2).await;
        deliver(&world, &Letter::new(MIRA, ROSE, "Dark", CRY)).await;
        assert_eq!(read_some(&world).await, 1, "{}", world.database);
        assert_eq!(world.rows_to(DANA).await.len(), 1, "{}", world.database);
        assert_eq!(read_some(&world).await, 0, "{}: the third letter waits for the two", world.database);
    });
}

#[test]
fn also_of_those_that_were_claimed_with_it() {
    on_both(|world| async {
        let world = world.with_rose().await.openly().await;
        letters_wait(&world, 3).await;
        let cry = Letter::new(MIRA, ROSE, "Dark", CRY).bytes();
        keep_unread(&world, &cry).await;
        letters_wait(&world, 1).await;
        assert_eq!(read_some(&world).await, 5, "{}: together", world.database);
        let all = world.posts().await;
        let first = all.iter().min_by_key(|post| post.id).unwrap();
        assert_eq!((first.state, all.len()), (PostState::Held, 5), "{}", world.database);
    });
}

#[test]
fn within_a_second_while_a_thousand_letters_wait() {
    on_both(|world| async {
        let world = world.with_rose().await.openly().await;
        letters_wait(&world, 1_000).await;
        let serving = Serving::start(world.lamplight.clone()).await.unwrap();
        until("it is busy", async || world.waiting().await.iter().any(|row| row.is_leased)).await;
        let mut took = Vec::new();
        for (told, who) in [MIRA, TOM, KIT].into_iter().enumerate() {
            let began = Instant::now();
            deliver(&world, &Letter::new(who, ROSE, "Dark", CRY)).await;
            until("the alert is in the outbox", async || world.rows_to(DANA).await.len() > told).await;
            took.push(began.elapsed());
        }
        let waiting = world.waiting().await.len();
        assert!(waiting > 500, "{}: only {waiting} were behind it", world.database);
        // One of them may have met with a machine that had something else to do.
        took.sort();
        assert!(took[1] < Duration::from_secs(1), "{}: {took:?}", world.database);
        serving.stop().await;
    });
}

#[test]
fn another_copy_of_it_makes_no_second_post_whoever_reads_it() {
    on_both(|world| async {
        let world = world.with_rose().await;
        let letter = Letter::new(MIRA, ROSE, "Dark", CRY).bytes();
        let again = [b"Received: from a by b; Mon, 23 Nov 2026 20:00:09 +0100\r\n".as_slice(), &letter].concat();
        world.deliver(MIRA, &[ROSE], letter).await;
        let claimed = elsewhere(&world, 1).await;
        world.deliver(MIRA, &[ROSE], again).await;
        assert_eq!(read_some(&world).await, 0, "{}: the first is being read", world.database);
        let mut tx = world.lamplight.store.begin().await.unwrap();
        spool::take_attempt_back(&mut tx, claimed[0], "gone", world.now()).await.unwrap();
        tx.commit().await.unwrap();
        world.run().await;
        assert_eq!((world.posts().await.len(), world.count(DANA)), (1, 1), "{}", world.database);
    });
}

#[test]
fn a_cry_waits_for_no_other_cry_that_failed() {
    on_both(|world| async {
        let world = world.with_rose().await;
        deliver(&world, &Letter::new(KIT, ROSE, "Dark", CRY)).await;
        let claimed = elsewhere(&world, 1).await;
        let mut tx = world.lamplight.store.begin().await.unwrap();
        spool::give_back(&mut tx, claimed[0], "broken").await.unwrap();
        tx.commit().await.unwrap();
        deliver(&world, &Letter::new(MIRA, ROSE, "Dark", CRY)).await;
        assert_eq!(read_some(&world).await, 1, "{}", world.database);
        assert_eq!((world.rows_to(DANA).await.len(), world.waiting().await[0].attempts), (1, 1), "{}", world.database);
        world.pass(1).await;
        assert_eq!(world.count(DANA), 2, "{}: the first as well", world.database);
    });
}

#[test]
fn however_many_cry_the_others_go_on() {
    on_both(|world| async {
        let world = world.with_rose().await.openly().await;
        let mut client = LmtpClient::connect(world.lmtp).await;
        client.lhlo().await;
        for number in 0..130 {
            let letter = Letter::new("someone@else.example", ROSE, "x", &format!("{CRY} {number}")).bytes();
            assert_eq!(client.deliver("someone@else.example", &[ROSE], &letter).await, ["250 2.0.0 kept"]);
        }
        letters_wait(&world, 5).await;
        // As `serve` has it: a worker for each lane, and neither waits for the other.
        assert_eq!(world.lamplight.receive(Lane::Ordinary, world.now()).await.unwrap(), 5, "{}", world.database);
        assert_eq!(world.rows_to(KIT).await.len(), 5, "{}", world.database);
        assert_eq!(world.lamplight.receive(Lane::Urgent, world.now()).await.unwrap(), 64, "{}", world.database);
        world.run().await;
        assert_eq!(world.waiting().await.len(), 0, "{}", world.database);
    });
}

#[test]
fn decisions_keep_their_order_whatever_they_quote() {
    on_both(|world| async {
        let world = world.with_rose().await;
        world.write(&Letter::new(MIRA, ROSE, "Dark", CRY)).await;
        let notice = world.latest(RUTH);
        assert!(notice.text().contains("kill myself"));
        // From the telephone without a quote, then from the desk with one.
        let address = notice.reply_address();
        deliver(&world, &Letter::new(RUTH, &address, "Re: x", "RETURN\n\nPlease call me.")).await;
        deliver(&world, &Letter::answering(RUTH, &notice, "APPROVE")).await;
        assert_eq!(read_some(&world).await, 2, "{}: together, in their order", world.database);
        world.pass(180).await;
        assert_eq!(state(&world, 0).await, PostState::Returned, "{}", world.database);
    });
}

#[test]
fn words_of_her_own_to_an_answer_address_are_urgent_all_the_same() {
    on_both(|world| async {
        let world = world.with_rose().await;
        world.write(&Letter::new(MIRA, ROSE, "Hello", "My scan is on Thursday.")).await;
        let receipt = world.latest(MIRA);
        letters_wait(&world, 1).await;
        deliver(&world, &Letter::answering(MIRA, &receipt, CRY)).await;
        let before = world.rows_to(DANA).await.len();
        assert_eq!(read_some(&world).await, 1, "{}", world.database);
        assert_eq!(world.rows_to(DANA).await.len(), before + 1, "{}", world.database);
        assert_eq!(world.waiting().await.len(), 1, "{}", world.database);
    });
}
