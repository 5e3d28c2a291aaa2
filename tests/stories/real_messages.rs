//! Mail as real programs write it becomes what its author said: no quote, no signature, no advertisement of a telephone,
//! every letter as it was meant; pictures and files stay behind, and both sides are told so.

use crate::support::{Letter, World, on_both};

/// The file, its author, what the group reads (all of it), and what must be nowhere in the copy.
const MESSAGES: &[(&str, &str, &str, &[&str])] = &[
    (
        "plain.eml",
        "mira",
        "Hello everyone, I started on Thursday and the days since have been longer than I thought. Does the tiredness \
         get better? Best wishes, Mira",
        &["Torres", "555 0100"],
    ),
    ("gmail-reply.eml", "kit", "It did for me, after the third week.", &["Does the tiredness", "Mar 2", "wrote:"]),
    ("iphone-reply.eml", "kit", "Thinking of you this morning 🌹", &["Sent from my", "I started on Thursday"]),
    (
        "outlook-html-reply.eml",
        "tom",
        "Short walks helped me, Mira. Don’t wait until you feel like it. Tom",
        &["I started on", "Sent:", "MsoNormal"],
    ),
    (
        "inline-answers.eml",
        "mira",
        "> Hello Mira, > how did you sleep? Better than on Monday. > And did you eat? A little soup.",
        &["wrote:"],
    ),
    (
        "german-base64.eml",
        "mira",
        "Liebe Gruppe, heute war die Müdigkeit größer als sonst. Wie macht ihr das? Viele Grüße Mira",
        &["denke an dich", "schrieb", "TGllYmU"],
    ),
    (
        "spanish-gmail.eml",
        "kit",
        "Gracias a todas. Mañana empiezo con la segunda sesión.",
        &["¿Cómo estás?", "escribió"],
    ),
    ("html-only.eml", "mira", "Has anyone tried ginger tea? * morning * evening Mira", &["track.example", "open.gif"]),
];

fn message(file: &str) -> Vec<u8> {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/messages").join(file);
    let text = std::fs::read_to_string(path).unwrap();
    text.replace("\r\n", "\n").replace('\n', "\r\n").into_bytes()
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn what_people_wrote_is_what_the_group_reads() {
    on_both(|world| async {
        let world = world.with_rose().await.openly().await;
        for (file, author, words, absent) in MESSAGES {
            // What the group never had would wait for a person.
            let quoted = match *file {
                "inline-answers.eml" => "Hello Mira,\nhow did you sleep?\n\nAnd did you eat?",
                "german-base64.eml" => "Ich denke an dich.",
                _ => "",
            };
            if !quoted.is_empty() {
                world.says("kit", "Last night", quoted).await;
            }
            let before = world.published().await;
            world.deliver(&format!("{author}@home.example"), &["rose@groups.example"], message(file)).await;
            world.run().await;
            let reasons = world.posts().await.pop().map(|post| post.reasons);
            assert_eq!(world.last_judged().await, ["published"], "{}: {file} {reasons:?}", world.database);
            assert_eq!(world.published().await, before + 1, "{}: {file}", world.database);
            // Ada reads none; Kit and Tom read each, their own included.
            let copy = world.latest("tom@home.example");
            let said = one_line(copy.text().split("~ ~ ~").next().unwrap());
            assert_eq!(said, *words, "{}: {file}", world.database);
            for leak in absent.iter().chain(&["home.example", "X-Mailer", "iPhone Mail"]) {
                assert!(!copy.text().contains(leak) && !copy.html().contains(leak), "{file} shows {leak}");
                assert!(!String::from_utf8_lossy(&copy.raw).replace("To: <tom@home.example>", "").contains(leak));
            }
        }
        assert_eq!(world.thread_with("after the third week").await, world.thread_with("tiredness get better").await);
        assert_eq!(world.latest("tom@home.example").subject(), "A question");
        world.assert_one_reader_each();
    });
}

#[test]
fn automatic_mail_among_them_never_posts_and_is_never_answered() {
    on_both(|world| async {
        let world = world.with_rose().await.openly().await;
        for (file, path) in [
            ("out-of-office.eml", "tom@home.example"),
            ("read-receipt.eml", "dana@work.example"),
            ("dsn-failed.eml", ""),
            ("dsn-delayed.eml", ""),
            ("feedback.eml", "feedback@provider.example"),
        ] {
            world.deliver(path, &["rose@groups.example"], message(file)).await;
            world.run().await;
            assert_eq!(world.last_judged().await, ["ignored"], "{file}");
        }
        assert!(world.posts().await.is_empty());
        assert_eq!(world.peer.mail().len(), 0);
    });
}

#[test]
fn pictures_and_files_stay_behind_and_both_sides_are_told() {
    on_both(|world| async { files_stay_behind(world.with_rose().await).await });
}

async fn files_stay_behind(world: World) {
    world.deliver("mira@home.example", &["rose@groups.example"], message("attachments.eml")).await;
    world.run().await;
    let notice = world.latest("dana@work.example");
    for name in ["Mein Gärtchen.jpg", "invite.ics", "mira.vcf", "notes.txt", "winmail.dat"] {
        let named =
            notice.text().contains(name) || name == "winmail.dat" && notice.text().contains("application/ms-tnef");
        assert!(named, "{}: {name} in {}", world.database, notice.text());
    }
    world.write(&Letter::answering("dana@work.example", &notice, "approve")).await;
    world.pass(121).await;
    let copy = world.latest("kit@home.example");
    assert!(copy.text().starts_with("My garden today"), "{}", copy.text());
    assert!(copy.text().contains("1 picture and 5 files were left out"), "{}", copy.text());
    assert!(copy.html().contains("left out"));
    let raw = String::from_utf8_lossy(&copy.raw).into_owned();
    for leak in ["Gärtchen", "G=C3=A4rtchen", "invite.ics", "mira.vcf", "VCALENDAR", "/9j/4AAQ", "inner words", "cid:"]
    {
        assert!(!raw.contains(leak) && !copy.html().contains(leak), "{leak}");
    }
    world.go_to("2026-11-23T17:31:00-05:00").await;
    assert!(world.latest("mira@home.example").text().contains("1 picture and 5 files were left out"));
}
