//! A mail may say one thing in plain text and another in its page or in a text file: every one of them is read for danger,
//! and what says two things waits for a person.

use crate::scene::{CRY, DANA, MIRA, ROSE, RUTH, TOM, everybody_is_known, raw, send};
use crate::support::on_both;

fn parts(kind: &str, first: &str, second_type: &str, second: &str) -> Vec<u8> {
    let head = format!("Content-Type: multipart/{kind}; boundary=cut");
    let from = format!("From: <{MIRA}>");
    raw(
        &[&from, "Subject: A day", "MIME-Version: 1.0", &head],
        &format!(
            "--cut\nContent-Type: text/plain\n\n{first}\n\n--cut\nContent-Type: {second_type}\n\n{second}\n\n--cut--"
        ),
    )
}

fn two(plain: &str, html: &str) -> Vec<u8> {
    parts("alternative", plain, "text/html", html)
}

#[test]
fn a_cry_in_any_of_them_is_heard_at_once() {
    on_both(|world| async {
        let world = world.with_rose().await;
        everybody_is_known(&world).await;
        let unknown = "application/octet-stream\nContent-Disposition: attachment; filename=note.txt";
        let file = "text/plain; name=n.txt\nContent-Disposition: attachment; filename=n.txt";
        for (what, to, mail) in [
            ("the page", ROSE, two("Your mail program does not show HTML.", &format!("<p>{CRY}</p>"))),
            ("the page, to -owner", "rose-owner@groups.example", two("No HTML here.", &format!("<p>{CRY}</p>"))),
            ("one line of the page", ROSE, two("The garden is quiet.", &format!("<p>The garden is quiet.<p>{CRY}"))),
            ("a text file", ROSE, parts("mixed", "Please read the file.", file, CRY)),
            ("a file that is named like one", ROSE, parts("mixed", "Please read the file.", unknown, CRY)),
        ] {
            let before = world.count(RUTH);
            send(&world, MIRA, &[to], &mail).await;
            assert_eq!(world.count(RUTH), before + 1, "{}: {what}", world.database);
            assert_eq!(world.latest(RUTH).subject(), "1 message to read now", "{}: {what}", world.database);
            let notice = world.latest(RUTH).text();
            assert!(notice.contains("kill myself"), "{}: {what}: {notice}", world.database);
        }
        assert_eq!(world.count(TOM), 0, "{}", world.database);
    });
}

#[test]
fn two_versions_that_say_different_things_wait_and_others_do_not() {
    on_both(|world| async {
        let world = world.with_rose().await;
        everybody_is_known(&world).await;
        world.says("kit", "Birds", "The birds are back.").await;
        let quote = "On Mon, Nov 23, 2026 at 2:05 PM Kit <kit@home.example> wrote:";
        for (plain, html, judged) in [
            ("Your mail program does not show HTML.", "<p>The soup was good today, and so was the bread.</p>", "held"),
            ("The soup was *good* today.", "<p>The soup was <b>good</b> today.</p>", "published"),
            (
                "The soup [image: a] was good.",
                "<style>p {color: red}</style><p>The soup <img alt=b> was good.</p>",
                "published",
            ),
            (
                &format!("Well said, and I thank you for it.\n\n{quote}\n> The birds are back."),
                &format!(
                    "<p>Well said, and I thank you for it.</p><div class=gmail_quote>{quote}<blockquote>The birds are back.</blockquote></div>"
                ),
                "published",
            ),
        ] {
            send(&world, MIRA, &[ROSE], &two(plain, html)).await;
            assert_eq!(world.last_judged().await, [judged], "{}: {plain}", world.database);
            if judged == "held" {
                let notice = world.latest(DANA).text();
                assert!(notice.contains("its two versions say different things"), "{notice}");
            }
        }
    });
}
