//! Text that is there and not seen: in HTML, in marks without width, in marks of direction. None of it leaves, and none of
//! it hides a name or a word from the rules. And a text that names somebody is held.

use lamplight::model::post::PostState;
use lamplight::model::{lexicon::Category, member::Role};

use crate::leaks::readings;
use crate::scene::{KIT, MIRA, ROSE, TOM, raw, send, state};
use crate::support::{Letter, World, on_both};

/// Kit's posts go out at once, so that nothing but the rules stands between him and the group.
async fn trusting(world: World) -> World {
    let world = world.with_rose().await;
    let now = world.now();
    world.change_person("rose", KIT, |kit| kit.trusted_since = Some(now)).await;
    world
}

const HTML: &str = "<html><head><title>canary-title</title><meta name=author content=canary-meta>\
    <style>.canary-style{color:red} .gone{display:none}</style></head><body data-user=canary-data class=canary-class>\
    <!-- canary-comment --><!--[if mso]><p>canary-mso</p><![endif]-->\
    <script>canary_script()</script><template>canary-template</template>\
    <div style=\"display:none\">canary-display-none <b>and more of it: canary-nested</b></div>\
    <div style='max-height:0; DISPLAY : NONE !important;'>canary-spaced</div>\
    <span style=\"visibility:hidden\">canary-visibility</span><span hidden>canary-hidden</span>\
    <span style=\"font-size:0px\">canary-font-size</span>\
    <span style=\"opacity:0\">canary-opacity</span>\
    <input type=hidden value=canary-input><img src=\"https://track.example/canary-src.gif\" alt=\"canary-alternative\" \
    width=1 height=1><a href=\"https://link.example/canary-href?u=kit\" title=canary-link-title>a link</a>\
    <p>The ward smells of lavender today.</p><p aria-label=canary-aria>It helps.</p>\
    <object data=canary-object></object><svg><text>canary-svg</text><desc>canary-desc</desc></svg></body></html>";

#[test]
fn nothing_that_html_hides_leaves() {
    on_both(|world| async {
        let world = trusting(world).await;
        let from = format!("From: Canary Display <{KIT}>");
        let header = [&from, "Subject: Waiting", "MIME-Version: 1.0", "Content-Type: text/html; charset=utf-8"];
        send(&world, KIT, &[ROSE], &raw(&header, HTML)).await;
        world.go_to("2026-11-23T17:31:00-05:00").await;
        for reader in [TOM, MIRA] {
            let mail = world.latest(reader);
            let text = mail.text();
            for words in ["The ward smells of lavender today.", "It helps.", "a link"] {
                assert!(text.contains(words), "{}: {reader} lacks {words}: {text}", world.database);
            }
            for reading in readings(&mail) {
                assert!(!reading.to_lowercase().contains("canary"), "{}: {reader}: {text}", world.database);
                assert!(!reading.contains("track.example") && !reading.contains("link.example"), "{}", world.database);
            }
        }
    });
}

const MARKS: &[char] = &[
    '\u{ad}',
    '\u{34f}',
    '\u{61c}',
    '\u{115f}',
    '\u{180e}',
    '\u{200b}',
    '\u{200c}',
    '\u{200d}',
    '\u{200e}',
    '\u{200f}',
    '\u{2028}',
    '\u{2029}',
    '\u{202a}',
    '\u{202b}',
    '\u{202c}',
    '\u{202d}',
    '\u{202e}',
    '\u{2060}',
    '\u{2061}',
    '\u{2063}',
    '\u{2066}',
    '\u{2067}',
    '\u{2068}',
    '\u{2069}',
    '\u{206a}',
    '\u{206f}',
    '\u{3164}',
    '\u{fe00}',
    '\u{fe0f}',
    '\u{feff}',
    '\u{ffa0}',
    '\u{fff9}',
    '\u{fffb}',
    '\u{e0001}',
    '\u{e0041}',
    '\u{e007f}',
    '\u{e0100}',
];

#[test]
fn no_mark_that_nobody_sees_leaves() {
    on_both(|world| async {
        let world = trusting(world).await;
        let marked: String = MARKS.iter().map(|mark| format!("la{mark}vender ")).collect();
        let family = "👩\u{200d}👧";
        let subject = format!("=?utf-8?b?{}?=", data_encoding::BASE64.encode("Wai\u{200b}t\u{202e}ing".as_bytes()));
        world.write(&Letter::new(KIT, ROSE, &subject, &format!("{marked} {family} done"))).await;
        let entities = "<p>la&zwnj;ven&#8203;der &rlm;&#x202e;&shy;in HTML</p>";
        let from = format!("From: <{KIT}>");
        let header = [&from, "Subject: HTML", "MIME-Version: 1.0", "Content-Type: text/html; charset=utf-8"];
        send(&world, KIT, &[ROSE], &raw(&header, entities)).await;
        world.go_to("2026-11-23T17:31:00-05:00").await;
        let first = &world.mail_to(TOM)[0];
        assert_eq!(first.subject(), "Waiting", "{}", world.database);
        assert!(first.text().contains(&format!("{family} done")), "{}: {}", world.database, first.text());
        assert!(world.mail_to(TOM)[1].text().starts_with("lavender in HTML"), "{}", world.mail_to(TOM)[1].text());
        for mail in world.mail_to(TOM).iter().chain(&world.mail_to(MIRA)) {
            for reading in readings(mail) {
                let reading = reading.replace(family, "");
                let found: Vec<_> = MARKS.iter().filter(|mark| reading.contains(**mark)).collect();
                assert!(found.is_empty(), "{}: {found:?} in {reading:?}", world.database);
            }
        }
    });
}

/// Each is held with that reason, whatever dress the name wears and wherever in the published text it stands.
#[test]
fn a_post_that_names_somebody_is_held() {
    on_both(|world| async {
        let world = trusting(world).await;
        let cases = [
            ("names-someone", "Hello", "I think Miranda Torres knows more."),
            ("names-someone", "Hello", "I think MIRANDA   TORRES knows more."),
            ("names-someone", "Hello", "I think Miran\u{200b}da Tor\u{ad}res knows more."),
            ("names-someone", "Hello", "I think Miranda\nTorres knows more."),
            ("names-someone", "For Miranda Torres", "Thank you for the tea."),
            ("names-someone", "Hello", "Best wishes, all of you.\nChristopher Waller"),
            ("names-an-address", "Hello", "Write to mira@home.example about it."),
            ("names-an-address", "Hello", "Write to mira (at) home dot example about it."),
            ("names-an-address", "Hello", "Ask tom\u{200b}@home.example, he knows."),
            ("names-an-address", "Hello", "Ask DANA@work.example, she knows."),
            ("names-an-address", "About ada@home.example", "Thank you for the tea."),
            // A quoted line between two answers is published with them.
            ("names-an-address", "Re: x", "> call mira@home.example\nI did.\n> and then\nThey were kind."),
            ("names-someone", "Re: x", "> said Miranda Torres\nI agree.\n> and more\nThat, too."),
        ];
        for (at, (reason, subject, body)) in cases.iter().enumerate() {
            world.write(&Letter::new(KIT, ROSE, subject, body)).await;
            let post = world.posts().await.pop().unwrap();
            assert_eq!(world.posts().await.len(), at + 1, "{}", world.database);
            let reasons: Vec<String> = post.reasons.iter().map(lamplight::model::policy::HoldReason::word).collect();
            assert_eq!(post.state, PostState::Held, "{}: {body:?}", world.database);
            assert!(reasons.contains(&(*reason).to_owned()), "{}: {reasons:?} for {body:?}", world.database);
        }
        world.go_to("2026-11-23T17:31:00-05:00").await;
        assert_eq!((world.count(TOM), world.count(MIRA)), (0, 0), "{}", world.database);
    });
}

/// What isn't published holds nothing: her own name below the line, an address in the quote that is left out.
#[test]
fn a_name_that_stays_here_anyway_holds_nothing() {
    on_both(|world| async {
        let world = trusting(world).await;
        world
            .add("rose", Role::Member, "ann@home.example", "Ann", lamplight::model::member::Delivery::Each, None)
            .await;
        let body = "It helps me every morning.\n\n-- \nChristopher Waller\nkit@home.example\n+1 555 0199";
        world.write(&Letter::new(KIT, ROSE, "Tea", body)).await;
        let quoted = "So it does, I tried it.\n\nOn Mon, 23 Nov 2026 at 10:02, Mira <mira@home.example> wrote:\n> Miranda Torres";
        world.write(&Letter::new(KIT, ROSE, "Coffee", quoted)).await;
        assert_eq!((state(&world, 0).await, state(&world, 1).await), (PostState::Published, PostState::Published));
        for mail in world.mail_to(TOM) {
            for private in ["Waller", "Torres", "home.example", "0199"] {
                let own = readings(&mail).iter().any(|reading| reading.replace(TOM, "").contains(private));
                assert!(!own, "{}: {private}", world.database);
            }
        }
    });
}

#[test]
fn a_cry_for_help_below_the_line_or_between_marks_is_heard() {
    on_both(|world| async {
        let world = trusting(world).await;
        for body in [
            "Thank you all for the tea.\n\n-- \nI am going to kill myself tonight.",
            "I am going to ki\u{200b}ll my\u{ad}self to\u{2060}night.",
            "I am going to \u{202d}kill\u{202c} myself tonight.",
        ] {
            world.write(&Letter::new(KIT, ROSE, "Tonight", body)).await;
            let post = world.posts().await.pop().unwrap();
            let is_crisis = |reason: &lamplight::model::policy::HoldReason| matches!(reason, lamplight::model::policy::HoldReason::Flagged { flag } if flag.category == Category::Crisis);
            assert!(post.reasons.iter().any(is_crisis), "{}: {body:?}: {:?}", world.database, post.reasons);
        }
        assert_eq!(world.count(TOM), 0, "{}", world.database);
    });
}
