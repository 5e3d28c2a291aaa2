//! A reply to a digest of several conversations, as people's programs write it: each answer lands where it stands, and
//! what stands nowhere is asked about and never guessed.

use lamplight::model::ids::ThreadId;
use lamplight::model::post::{Post, PostState};

use crate::scene::{ADA, CRY, DANA, KIT, MIRA, ROSE, TOM, raw, send, since};
use crate::support::{Captured, Letter, World, on_both};

const HANDS: &str = "My fingers are numb in the mornings, and I drop every cup that I hold.";
const FEET: &str = "And now my toes are numb as well, since Sunday.";
const HAIR: &str = "It grows again, grey and soft.";

/// Three conversations, and the digest of them that Mira got.
pub async fn three(world: &World) -> Captured {
    world.says("tom", "Hands", HANDS).await;
    world.says("kit", "A word about feet", FEET).await;
    world.says("kit", "Hair", HAIR).await;
    world.go_to("2026-11-23T17:31:00-05:00").await;
    world.latest(MIRA)
}

pub async fn threads(world: &World) -> [ThreadId; 3] {
    [world.thread_with(HANDS).await, world.thread_with(FEET).await, world.thread_with(HAIR).await]
}

/// How a program writes the quote.
#[derive(Clone, Copy, Debug)]
pub enum Program {
    Gmail,
    Apple,
    Phone,
    Outlook,
    Yahoo,
}

const MARKING: [Program; 3] = [Program::Gmail, Program::Apple, Program::Phone];
pub const ALL: [Program; 5] = [Program::Gmail, Program::Apple, Program::Phone, Program::Outlook, Program::Yahoo];

impl Program {
    fn quote(self, digest: &Captured, answers: &[(&str, &str)]) -> String {
        let mark = |line: &str| match self {
            Self::Gmail | Self::Apple | Self::Phone => format!("> {line}\n"),
            Self::Outlook | Self::Yahoo => format!("{line}\n"),
        };
        let head = match self {
            Self::Gmail => "On Mon, Nov 23, 2026 at 5:30 PM Rose <rose@groups.example> wrote:\n\n".to_owned(),
            Self::Apple => "> On Nov 23, 2026, at 5:30 PM, Rose <rose@groups.example> wrote:\n> \n".to_owned(),
            Self::Phone => {
                "Sent from my iPhone\n\n> On Nov 23, 2026, at 5:30 PM, Rose <rose@groups.example> wrote:\n> \n> \u{feff}"
                    .to_owned()
            }
            Self::Outlook => format!(
                "________________________________\nFrom: Rose <rose@groups.example>\nSent: Monday, November 23, 2026 \
                 5:30 PM\nTo: Mira <mira@home.example>\nSubject: {}\n\n",
                digest.subject()
            ),
            Self::Yahoo => {
                "On Monday, November 23, 2026 at 05:30:00 PM EST, Rose <rose@groups.example> wrote:\n\n".to_owned()
            }
        };
        let mut left = answers.to_vec();
        let mut quote = head;
        for line in digest.text().lines() {
            quote.push_str(&mark(line));
            if let Some(at) = left.iter().position(|(below, _)| line.contains(below)) {
                quote.push_str(&format!("\n{}\n\n", left.remove(at).1));
            }
        }
        assert!(left.is_empty(), "not in the digest: {left:?}");
        quote
    }

    pub fn letter(self, from: &str, digest: &Captured, top: &str, answers: &[(&str, &str)]) -> Letter {
        let top = if top.is_empty() { String::new() } else { format!("{top}\n\n") };
        let body = format!("{top}{}", self.quote(digest, answers));
        let id = digest.header("Message-ID");
        Letter::new(from, &digest.reply_address(), &format!("Re: {}", digest.subject()), &body)
            .with(&format!("In-Reply-To: {id}"))
            .with(&format!("References: {id}"))
    }
}

pub async fn own_posts(world: &World) -> Vec<Post> {
    world.posts().await.into_iter().skip(3).collect()
}

/// Nothing of ours stands in anybody's words.
fn nothing_of_ours(posts: &[Post]) {
    for post in posts {
        for ours in ["rose+t.", "Write back", "-leave@", "-owner@", "3 messages", "====", "1. Hands", "* * *", "wrote:"]
        {
            assert!(!post.text.contains(ours), "{ours}: {}", post.text);
        }
    }
}

#[test]
fn one_answer_under_the_second_item() {
    on_both(|world| async {
        let world = world.with_rose().await.openly().await;
        let digest = three(&world).await;
        let [_, feet, _] = threads(&world).await;
        for (at, program) in MARKING.into_iter().enumerate() {
            let words = format!("Warm socks help me, {at}.");
            world.write(&program.letter(MIRA, &digest, "", &[("since Sunday", &words)])).await;
            let post = world.post_with(&words).await;
            assert_eq!((post.thread, post.state), (feet, PostState::Published), "{program:?}");
            assert_eq!(post.subject, "Re: A word about feet");
            assert!(post.text.starts_with("> And now my toes"), "{}", post.text);
        }
        let posts = own_posts(&world).await;
        assert_eq!(posts.len(), 3);
        nothing_of_ours(&posts);
        let mail = world.latest(TOM);
        assert_eq!(mail.subject(), "Re: A word about feet");
        assert_eq!(world.count(DANA), 1, "a digest and nothing to decide");
    });
}

#[test]
fn answers_under_two_items_are_two_posts_and_the_same_mail_again_none() {
    on_both(|world| async {
        let world = world.with_rose().await.openly().await;
        let digest = three(&world).await;
        let [hands, _, hair] = threads(&world).await;
        let answers = [("every cup", "Thick gloves."), ("grey and soft", "Mine came back curly.")];
        let letter = Program::Apple.letter(MIRA, &digest, "Dear Tom,", &answers).bytes();
        send(&world, MIRA, &[&digest.reply_address()], &letter).await;
        let posts = own_posts(&world).await;
        let places: Vec<_> = posts.iter().map(|post| (post.thread, post.subject.as_str(), post.state)).collect();
        let published = PostState::Published;
        assert_eq!(places, [(hands, "Re: Hands", published), (hair, "Re: Hair", published)]);
        assert!(posts[0].text.starts_with("Dear Tom,"), "an opening begins the first answer: {}", posts[0].text);
        assert_eq!(posts[0].spool, posts[1].spool, "both name the mail they come from");
        assert_eq!(world.last_judged().await, ["published", "published"]);
        nothing_of_ours(&posts);

        // By another way, and to the address that the digest came from.
        for to in [digest.reply_address(), ROSE.to_owned()] {
            let again = [format!("Received: by relay.example for <{to}>\r\n").as_bytes(), &letter].concat();
            send(&world, MIRA, &[&to], &again).await;
            assert_eq!(world.last_judged().await, ["same-group"], "{}: {to}", world.database);
        }
        assert_eq!(own_posts(&world).await.len(), 2);
        world.assert_one_reader_each();
    });
}

#[test]
fn a_page_with_answers_between_its_quotes() {
    on_both(|world| async {
        let world = world.with_rose().await.openly().await;
        let digest = three(&world).await;
        let [hands, feet, _] = threads(&world).await;
        let page = digest.html();
        let page = page.split("<body").nth(1).unwrap().split_once('>').unwrap().1.split("</body>").next().unwrap();
        let between = |page: &str, below: &str, words: &str| {
            let at = page.find(below).unwrap();
            let end = at + page[at..].find("</p>").unwrap() + 4;
            // Gmail ends every open element where somebody begins to write.
            format!(
                "{}</div></div></blockquote><div><br></div><div>{words}</div><div><br></div>\
                 <blockquote class=\"gmail_quote\" style=\"margin:0 0 0 .8ex\"><div><div>{}",
                &page[..end],
                &page[end..]
            )
        };
        let page = between(page, "every cup", "Thick gloves.");
        let page = between(&page, "since Sunday", "Warm socks.");
        let body = format!(
            "<div dir=\"ltr\"><div class=\"gmail_quote\"><div dir=\"ltr\" class=\"gmail_attr\">On Mon, Nov 23, 2026 at \
             5:30 PM Rose &lt;<a href=\"mailto:rose@groups.example\">rose@groups.example</a>&gt; wrote:<br></div>\
             <blockquote class=\"gmail_quote\" style=\"margin:0 0 0 .8ex\">{page}</blockquote></div></div>"
        );
        let header = [
            format!("From: <{MIRA}>"),
            format!("To: <{}>", digest.reply_address()),
            format!("Subject: Re: {}", digest.subject()),
            format!("In-Reply-To: {}", digest.header("Message-ID")),
            "Message-ID: <page@mail.home.example>".to_owned(),
            "MIME-Version: 1.0".to_owned(),
            "Content-Type: text/html; charset=utf-8".to_owned(),
        ];
        let header: Vec<&str> = header.iter().map(String::as_str).collect();
        send(&world, MIRA, &[&digest.reply_address()], &raw(&header, &body)).await;
        let posts = own_posts(&world).await;
        let places: Vec<_> = posts.iter().map(|post| (post.thread, post.state)).collect();
        assert_eq!(places, [(hands, PostState::Published), (feet, PostState::Published)], "{posts:#?}");
        assert!(posts[0].text.ends_with("Thick gloves.") && posts[1].text.ends_with("Warm socks."), "{posts:#?}");
        nothing_of_ours(&posts);
    });
}

#[test]
fn danger_in_one_of_two_answers_holds_that_one_and_alarms_once() {
    on_both(|world| async {
        let world = world.with_rose().await.openly().await;
        let digest = three(&world).await;
        let before = world.count(DANA);
        let answers = [("every cup", "Thick gloves."), ("grey and soft", CRY)];
        world.write(&Program::Gmail.letter(MIRA, &digest, "", &answers)).await;
        assert_eq!(world.post_with("Thick gloves").await.state, PostState::Published);
        let held = world.post_with(CRY).await;
        assert!(held.state == PostState::Held && held.is_urgent());
        assert_eq!(since(&world, DANA, before).len(), 1, "{}", world.database);
        assert!(world.latest(DANA).text().contains(CRY));

        // In both: the moderators hear once, and see all of it.
        let before = world.count(DANA);
        let answers = [("every cup", "I have saved up my pills and want to die."), ("grey and soft", CRY)];
        world.write(&Program::Gmail.letter(KIT, &digest, "", &answers)).await;
        let alarms = since(&world, DANA, before);
        assert_eq!(alarms.len(), 1, "{}", world.database);
        assert!(alarms[0].text().contains(CRY) && alarms[0].text().contains("saved up my pills"));

        // In an answer and in the signature.
        let before = world.count(DANA);
        let mut letter = Program::Gmail.letter(ADA, &digest, "", &[("every cup", "Gloves."), ("grey and soft", CRY)]);
        letter.body.push_str("\n-- \nI have saved up my pills and want to die.");
        world.write(&letter).await;
        assert_eq!(since(&world, DANA, before).len(), 1, "{}", world.database);

        // Danger above the quote and in the signature waits for nobody's answer, and nobody is asked for numbers.
        for words in [CRY.to_owned(), format!("I drink tea.\n-- \n{CRY}")] {
            let before = (world.count(DANA), world.count(ADA));
            world.write(&Program::Gmail.letter(ADA, &digest, &words, &[])).await;
            assert_eq!(since(&world, DANA, before.0).len(), 1, "{}: {words}", world.database);
            let told = since(&world, ADA, before.1);
            assert_eq!(told.iter().map(|mail| mail.subject()).collect::<Vec<_>>(), ["We have your message"]);
        }
    });
}

#[test]
fn each_answer_passes_the_same_rules_as_any_post() {
    on_both(|world| async {
        let world = world.with_rose().await.openly().await;
        let digest = three(&world).await;
        let [hands, _, hair] = threads(&world).await;
        world.change_group("rose", |group| group.moderation = lamplight::model::group::Moderation::All).await;
        let before = world.count(TOM);
        let answers = [("every cup", "Thick gloves."), ("grey and soft", "Lovely.")];
        world.write(&Program::Phone.letter(MIRA, &digest, "", &answers)).await;
        let posts = own_posts(&world).await;
        assert_eq!(posts.iter().map(|post| post.thread).collect::<Vec<_>>(), [hands, hair]);
        for post in &posts {
            assert_eq!(post.state, PostState::Held);
            assert_eq!(post.reasons.iter().map(|reason| reason.word()).collect::<Vec<_>>(), ["every-post-is-read"]);
        }
        assert_eq!(world.count(TOM), before, "nothing of it left");
        world.approve("Thick gloves").await;
        world.pass(600).await;
        assert_eq!(world.latest(TOM).subject(), "Re: Hands");
    });
}

#[test]
fn only_a_members_mail_is_taken_apart() {
    on_both(|world| async {
        let world = world.with_rose().await.openly().await;
        let digest = three(&world).await;
        let answers = [("every cup", "Thick gloves."), ("grey and soft", "Lovely.")];
        world.write(&Program::Gmail.letter("zoe@home.example", &digest, "", &answers)).await;
        assert_eq!(world.last_judged().await, ["stranger"]);
        let automatic = Program::Gmail.letter(MIRA, &digest, "", &answers).with("Auto-Submitted: auto-replied");
        world.write(&automatic).await;
        assert_eq!(world.last_judged().await, ["ignored"]);
        assert!(own_posts(&world).await.is_empty());
    });
}

#[test]
fn a_forged_address_and_one_of_another_group_lead_nowhere() {
    on_both(|world| async {
        let world = world.with_rose().await.openly().await;
        let digest = three(&world).await;
        let all = threads(&world).await;
        world.add_group("lily", "Lily", lamplight::model::group::Moderation::None).await;
        let role = lamplight::model::member::Role::Member;
        world.add("lily", role, ADA, "Ann", lamplight::model::member::Delivery::None, None).await;
        let address = digest.reply_address();
        let forged = address.replace("@groups", "x@groups").replacen("d.", "d.aa", 1);
        for (to, from) in [(forged, MIRA), (address.replace("rose+", "lily+"), ADA)] {
            let mut letter = Program::Gmail.letter(from, &digest, "", &[("every cup", "Thick gloves.")]).to(&to);
            letter.fields.clear();
            world.write(&letter).await;
        }
        for post in own_posts(&world).await {
            assert!(!all.contains(&post.thread), "{}: {}", world.database, post.text);
            assert!(post.text.ends_with("Thick gloves."), "{}", post.text);
        }
    });
}

#[test]
fn answers_in_a_quote_without_marks_stand_in_their_conversations_and_wait_for_a_person() {
    on_both(|world| async {
        let world = world.with_rose().await.openly().await;
        let digest = three(&world).await;
        let [hands, feet, _] = threads(&world).await;
        for program in [Program::Outlook, Program::Yahoo] {
            let (gloves, socks) = (format!("Gloves, says {program:?}."), format!("Warm socks, says {program:?}."));
            let answers = [("every cup", gloves.as_str()), ("since Sunday", socks.as_str())];
            world.write(&program.letter(MIRA, &digest, "See below", &answers)).await;
            for (words, thread) in [(&gloves, hands), (&socks, feet)] {
                let post = world.post_with(words).await;
                assert_eq!((post.state, post.thread), (PostState::Held, thread), "{program:?}: {}", world.database);
                assert_eq!(post.reasons.iter().map(|reason| reason.word()).collect::<Vec<_>>(), ["without-marks"]);
                let notices = world.mail_to(DANA);
                assert!(notices.iter().any(|notice| notice.text().contains(words.as_str())), "{program:?}");
                world.approve(words).await;
            }
            // With nothing on top, a program's old message looks like all that was written.
            let answers = [("since Sunday", format!("Knitted ones, says {program:?}."))];
            world.write(&program.letter(TOM, &digest, "", &[(answers[0].0, &answers[0].1)])).await;
            let post = world.post_with(&answers[0].1).await;
            assert_eq!((post.state, post.thread), (PostState::Held, feet), "{program:?}: {}", post.text);
            let posts = own_posts(&world).await.len();
            world.write(&program.letter(TOM, &digest, "", &[])).await;
            assert_eq!(world.last_judged().await, ["held"], "{program:?}");
            assert_eq!(own_posts(&world).await.split_off(posts)[0].text, "", "{program:?}");

            let before = world.count(DANA);
            let answers = [("every cup", "Gloves, too."), ("since Sunday", CRY)];
            world.write(&program.letter(ADA, &digest, "", &answers)).await;
            let alarms = since(&world, DANA, before);
            assert!(alarms.iter().any(|alarm| alarm.text().contains(CRY)), "{program:?}: {}", world.database);
        }
        nothing_of_ours(&own_posts(&world).await);
    });
}

#[test]
fn of_a_digest_with_one_conversation_that_one_is_meant() {
    on_both(|world| async {
        let world = world.with_rose().await.openly().await;
        world.says("tom", "Hands", HANDS).await;
        world.go_to("2026-11-23T17:31:00-05:00").await;
        let (digest, hands) = (world.latest(MIRA), world.thread_with(HANDS).await);
        for program in ALL {
            let words = format!("Mine, too, says {program:?}.");
            world.write(&program.letter(MIRA, &digest, &words, &[])).await;
            let post = world.post_with(&words).await;
            assert_eq!((post.thread, post.state), (hands, PostState::Published), "{program:?}");
            assert_eq!((post.subject.as_str(), post.text.as_str()), ("Re: Hands", words.as_str()));
        }
        // A subject that she wrote is hers.
        let mut letter = Program::Gmail.letter(MIRA, &digest, "The ones with wool inside.", &[]);
        letter.subject = "Gloves".into();
        world.write(&letter).await;
        assert_eq!(world.post_with("wool inside").await.subject, "Gloves");
    });
}
