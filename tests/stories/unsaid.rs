//! Words that the reading takes for a quote, an attribution or a signature, and that nobody said before: people see them
//! before anything goes out. And words of danger in a place that nothing shows.

use lamplight::model::post::PostState;

use crate::scene::{DANA, KIT, MIRA, ROSE, TOM, everybody_is_known, post_of, raw, send, state};
use crate::support::{Letter, on_both};

const CRY: &str = "I want to kill myself tonight.";

/// Its subject, a letter, and words of it that the reading takes away.
const LETTERS: [(&str, &str, &str); 7] = [
    (
        "Faces",
        "Hi,\n\n>_< i relapsed again and told nobody\n>:( i hate my body\n\nbut thanks for asking",
        "i relapsed again",
    ),
    (
        "Year",
        "Hi all, my year so far.\n\n> I lost my job in March\n> My husband moved out in May\n\nThat is all.",
        "I lost my job",
    ),
    (
        "Mail",
        "Hello,\n\nOn the 3rd of May 2025 my husband left me with the kids and the house\nand the debts, and yesterday \
         at last he sent me a mail in which he wrote:\n> You will manage.\n\nWill I?",
        "left me with the kids",
    ),
    (
        "Dash",
        "Hello, the wound has healed.\n--\nThe doctor gives me two months. I have told nobody.",
        "gives me two months",
    ),
    (
        "PS",
        "Hello, it has healed.\n\nLove, Mira\n-- \nMira\n\nPS: I started drinking again on Friday.",
        "started drinking again",
    ),
    (
        "Line",
        "Hello.\n____________________\nWhat I wrote when I was drinking: https://mira.example/night",
        "when I was drinking",
    ),
    (
        "Private",
        "Kit wrote to me in private:\n\n> I have told nobody, but I was in prison once.\n\nHe should tell you.\n\n> Please \
         keep this between us.\n\nSorry, Kit.",
        "I was in prison once",
    ),
];

#[test]
fn words_that_nobody_said_before_wait_for_a_person() {
    on_both(|world| async {
        let world = world.with_rose().await;
        everybody_is_known(&world).await;
        for (at, (subject, body, words)) in LETTERS.iter().enumerate() {
            world.write(&Letter::new(MIRA, ROSE, subject, body)).await;
            // What is plainly hers goes to the group whole; whatever is taken away, a person sees.
            let reader = if state(&world, at).await == PostState::Held { DANA } else { TOM };
            let read = world.latest(reader).text();
            let read = read.split_whitespace().collect::<Vec<_>>().join(" ");
            assert!(read.contains(words), "{}: {subject}: {read}", world.database);
        }
    });
}

#[test]
fn what_people_let_pass_below_a_signature_once_is_known() {
    on_both(|world| async {
        let world = world.with_rose().await;
        let signed = |words: &str| format!("{words}\n-- \nKit Moss\nBe the change you wish to see in the world.");
        let (notice, _) = post_of(&world, KIT, "Scan", &signed("How was your scan?")).await;
        assert!(notice.text().contains("Be the change you wish"), "{}", notice.text());
        world.write(&Letter::answering(DANA, &notice, "approve")).await;
        world.pass(121).await;
        assert_eq!(state(&world, 0).await, PostState::Published, "{}", world.database);
        world.write(&Letter::new(KIT, ROSE, "Tea", &signed("I drink tea."))).await;
        assert_eq!(
            state(&world, 1).await,
            PostState::Published,
            "{}: {:?}",
            world.database,
            world.posts().await[1].reasons
        );
        world.write(&Letter::new(KIT, ROSE, "Night", &format!("{}\nI drink every night.", signed("I walk.")))).await;
        assert_eq!(state(&world, 2).await, PostState::Held, "{}", world.database);
    });
}

#[test]
fn a_cry_where_nothing_shows_it_is_heard_at_once() {
    let mail = |kind: &str, first: &str, second_type: &str, second: &str| {
        let head = format!("Content-Type: multipart/{kind}; boundary=cut");
        let body = format!(
            "--cut\nContent-Type: text/plain\n\n{first}\n\n--cut\nContent-Type: {second_type}\n\n{second}\n\n--cut--"
        );
        raw(&[&format!("From: <{MIRA}>"), "Subject: A day", "MIME-Version: 1.0", &head], &body)
    };
    let seen = "Hi all, see below.";
    let quote = format!("<p>{seen}</p><p>On 2 Mar 2026 at 9:12, Kit &lt;k@home.example&gt; wrote:</p><p>{CRY}</p>");
    let block = format!("<p>{seen}</p><blockquote>{CRY}</blockquote>");
    let plain = |body: &str| raw(&[&format!("From: <{MIRA}>"), "Subject: A day"], body);
    // What older programs make of a file, and the cry in it.
    let file = "begin 644 note.txt\n>22!W86YT('1O(&MI;&P@;7ES96QF('1O;FEG:'0N\n`\nend\n";
    let inside = format!("From: Mira <{MIRA}>\nSubject: goodbye\n\n{CRY}");
    let mails = [
        ("an attribution in the page", mail("alternative", seen, "text/html", &quote)),
        ("a quote in the page", mail("alternative", seen, "text/html", &block)),
        ("a message inside", mail("mixed", "Please read what I wrote yesterday.", "message/rfc822", &inside)),
        ("a file in the text", plain(&format!("{seen}\n\n{file}"))),
        ("a file in a text file", mail("mixed", seen, "text/plain; name=a.txt", &format!("See below.\n\n{file}"))),
        ("a report that is none", mail("report", "Hi all", "text/plain", CRY)),
    ];
    on_both(|world| {
        let mails = mails.clone();
        async move {
            let world = world.with_rose().await;
            everybody_is_known(&world).await;
            for (what, mail) in &mails {
                let before = world.count(DANA);
                send(&world, MIRA, &[ROSE], mail).await;
                assert_eq!(world.count(DANA), before + 1, "{}: {what}", world.database);
                assert_eq!(world.latest(DANA).subject(), "1 message to read now", "{}: {what}", world.database);
                world.pass(3_600).await;
            }
            assert_eq!(world.count(TOM), 0, "{}", world.database);
        }
    });
}
