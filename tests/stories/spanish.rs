//! A group that speaks Spanish: what Lamplight writes to its people is Spanish to the last word, and Spanish words do what
//! they say.

use lamplight::model::post::PostState;
use lamplight::store::members;

use crate::scene::{ADA, ADMIN, DANA, KIT, MIRA, ROSE, RUTH, TOM, since};
use crate::support::{Captured, Letter, World, on_both};

const OWNER: &str = "rose-owner@groups.example";

async fn in_spanish(world: World) -> World {
    let world = world.with_rose().await;
    world
        .change_group("rose", |rose| {
            rose.language = "es".into();
            rose.title = "Rosa".into();
            rose.lifeline = Some("llame o envíe un mensaje al 988".into());
        })
        .await;
    world
}

/// An answer as a Spanish program writes it, the whole mail below.
fn answer(from: &str, mail: &Captured, words: &str) -> Letter {
    let quoted: String = mail.text().lines().map(|line| format!("> {line}\n")).collect();
    let mut letter = Letter::answering(from, mail, words);
    letter.body = format!("{words}\n\nEl lun, 23 nov 2026 a las 14:05, Rosa (<{ROSE}>) escribió:\n\n{quoted}");
    letter
}

/// What stands in English mail of ours and in no Spanish one, subjects and both bodies.
const ENGLISH: [&str; 16] = [
    " the ",
    " you ",
    " your ",
    "You ",
    "Hello",
    "message",
    " group",
    "moderator",
    "Monday",
    "Tuesday",
    "November",
    "(New York",
    "reply",
    "APPROVE",
    "[phone",
    "subject",
];

fn all_is_spanish(world: &World) {
    for mail in world.peer.mail() {
        let html = mail.html();
        let body = &html[html.find("<body").unwrap()..];
        for part in [mail.subject(), mail.text(), body.to_owned()] {
            // Addresses and commands are in no language.
            let part = part
                .replace("rose-owner", "")
                .replace("class=\"", "")
                .replace("?subject=", "")
                .replace("lamplight ", "");
            let english: Vec<_> = ENGLISH.iter().filter(|word| part.contains(**word)).collect();
            assert!(english.is_empty(), "{}: {english:?} in {}:\n{part}", world.database, mail.subject());
        }
        assert_eq!(mail.header("Content-Language"), "es", "{}", mail.subject());
        assert!(html.contains("<html lang=\"es\" dir=\"ltr\">"), "{}", mail.subject());
    }
}

fn squeezed(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn says(world: &World, mail: &Captured, parts: &[&str]) {
    let (text, html) = (squeezed(&mail.text()), squeezed(&mail.html()));
    for part in parts {
        assert!(text.contains(part), "{}: no {part:?} in\n{}", world.database, mail.text());
    }
    assert!(html.contains("Rosa"), "{html}");
}

#[test]
fn a_post_waits_is_approved_and_is_answered() {
    on_both(|world| async {
        let world = in_spanish(world).await;
        let words = "Mañana me hacen la prueba. Mi casa: 212 555 0147.\n\nKit";
        world.write(&Letter::new(KIT, ROSE, "La espera", words)).await;
        let author = world.latest(KIT);
        assert_eq!(author.subject(), "Tenemos su mensaje", "{}", world.database);
        says(
            &world,
            &author,
            &[
                "Hola, Kit:",
                "antes del martes 24 de noviembre, 2:00 de la madrugada (hora de Nueva York).",
                "palabra RETIRAR",
            ],
        );
        let notice = world.latest(DANA);
        assert!(notice.subject().starts_with("1 mensaje para leer antes del mar 2:00 de la"), "{}", notice.subject());
        says(
            &world,
            &notice,
            &[
                "es el primer mensaje de esta persona aquí",
                "contiene un número de teléfono, y el grupo lo recibe sin eso: “212 555 0147”",
                "[número de teléfono]",
                "- APROBAR: el grupo recibe el mensaje.",
            ],
        );

        world.write(&answer(DANA, &notice, "APROBAR, gracias")).await;
        let echo = world.latest(RUTH);
        assert_eq!(echo.subject(), "Dana respondió APROBAR", "{}", world.database);
        says(
            &world,
            &echo,
            &["Dana aprobó para el grupo el mensaje de Kit.", "Antes de esa hora solo puede detenerlo Dana"],
        );
        world.pass(121).await;
        let copy = world.latest(TOM);
        assert_eq!(copy.subject(), "La espera", "{}", world.database);
        says(
            &world,
            &copy,
            &["[número de teléfono]", "Kit escribió esto a Rosa. Si responde, lo recibe todo el grupo."],
        );
        assert!(!copy.text().contains("0147"), "{}", copy.text());

        // Our own words come back in the quote, covered number and footer, and are known again.
        let tom = world.person("rose", TOM).await;
        let mut tx = world.lamplight.store.begin().await.unwrap();
        members::set_known(&mut tx, tom.id, world.now()).await.unwrap();
        tx.commit().await.unwrap();
        let mut letter = answer(TOM, &copy, "Un abrazo, Kit. Pienso en usted.");
        world.write(&letter).await;
        letter.body = format!("Y mañana también.\n\n{}", copy.text());
        world.write(&letter).await;
        let posts = world.posts().await;
        for (post, words) in posts[1..].iter().zip(["Un abrazo, Kit. Pienso en usted.", "Y mañana también."]) {
            assert!(post.text.starts_with(words) && !post.text.contains("~ ~ ~"), "{}: {post:?}", world.database);
        }
        assert_eq!((posts[1].state, &posts[1].reasons), (PostState::Published, &Vec::new()), "{}", world.database);
        all_is_spanish(&world);
    });
}

#[test]
fn it_is_given_back_taken_back_and_asked_about() {
    on_both(|world| async {
        let world = in_spanish(world).await;
        world.write(&Letter::new(MIRA, ROSE, "La lluvia", "Hoy llovió todo el día en el jardín.")).await;
        let notice = world.latest(DANA);
        world.write(&answer(DANA, &notice, "No sé qué hacer con esto")).await;
        assert_eq!(world.latest(DANA).subject(), "No se decidió nada", "{}", world.database);
        world.write(&answer(RUTH, &world.latest(RUTH), "Me encargo")).await;
        assert_eq!(world.latest(DANA).subject(), "Ruth respondió ME ENCARGO", "{}", world.database);
        world.write(&answer(DANA, &notice, "DEVOLVER: ¿Podría contarnos un poco más?")).await;
        assert_eq!(world.latest(RUTH).subject(), "Dana respondió DEVOLVER", "{}", world.database);
        world.pass(121).await;
        let returned = world.latest(MIRA);
        assert_eq!(returned.subject(), "Una nota sobre su mensaje", "{}", world.database);
        says(&world, &returned, &["Dana lo leyó", "¿Podría contarnos un poco más?", "Esto es lo que usted escribió"]);

        // The second moderator is told who decided.
        world.write(&answer(RUTH, &world.mail_to(RUTH)[0].clone(), "APROBAR")).await;
        says(&world, &world.latest(RUTH), &["Ya había una decisión", "Lo devolvió Dana."]);

        // Without a subject, and taken back by its author.
        world.write(&Letter::new(ADA, ROSE, "", "Buenas tardes a todos.")).await;
        let held = world.latest(ADA);
        world.write(&answer(ADA, &held, "RETIRAR")).await;
        assert_eq!(world.latest(ADA).subject(), "Su mensaje se retiró", "{}", world.database);
        let ada = &world.posts().await[1];
        assert_eq!((ada.state, ada.subject.as_str()), (PostState::Withdrawn, "(sin asunto)"), "{}", world.database);

        // A moderator's own mail, under her own name.
        world.write(&Letter::new(DANA, ROSE, "Jueves", "La oficina cierra el jueves.")).await;
        let asked = world.latest(DANA);
        assert_eq!(asked.subject(), "¿Escribió usted esto a Rosa?", "{}", world.database);
        world.write(&answer(DANA, &asked, "Aprobar")).await;
        world.pass(121).await;
        assert!(
            world.latest(TOM).header("From").contains("Dana_=28moderaci=C3=B3n=29"),
            "{}",
            world.latest(TOM).header("From")
        );
        says(&world, &world.latest(TOM), &["Dana (moderación) escribió esto a Rosa."]);
        all_is_spanish(&world);
    });
}

#[test]
fn in_danger_and_in_private_it_is_spanish_as_well() {
    on_both(|world| async {
        let world = in_spanish(world).await;
        world.write(&Letter::new(KIT, ROSE, "Adiós", "Me voy a matar esta noche.")).await;
        let alert = world.latest(DANA);
        assert_eq!(alert.subject(), "1 mensaje para leer ahora", "{}", world.database);
        says(&world, &alert, &["posible crisis: se encontró “", "Alguien puede estar en peligro."]);
        let text = world.latest(KIT);
        assert_eq!(text.subject(), "Sobre su mensaje", "{}", world.database);
        says(&world, &text, &["llame al 911", "llame o envíe un mensaje al 988", "Avisamos a una persona"]);
        for _ in 0..4 {
            world.pass(900).await;
        }
        says(&world, &world.latest(RUTH), &["Preguntamos antes, sin respuesta hasta ahora:"]);
        assert!(world.latest(ADMIN).subject().contains("una alerta sin respuesta"), "{}", world.database);
        let before = world.count(DANA);
        world.write(&answer(RUTH, &world.latest(RUTH), "ME ENCARGO")).await;
        assert!(since(&world, DANA, before).iter().any(|mail| mail.subject().contains("ME ENCARGO")));

        world.write(&Letter::new(MIRA, OWNER, "Una pregunta", "¿A qué hora leen los mensajes?")).await;
        let line = world.latest(DANA);
        assert_eq!(line.subject(), "1 mensaje para quienes moderan Rosa", "{}", world.database);
        world.write(&answer(DANA, &line, "Por la mañana y por la tarde.")).await;
        let private = world.latest(MIRA);
        says(&world, &private, &["Dana, moderación, le escribió esto solo a usted."]);

        world.write(&Letter::new(MIRA, "rose-leave@groups.example", "", "")).await;
        let ask = world.latest(MIRA);
        assert_eq!(ask.subject(), "¿Quiere salir de Rosa?", "{}", world.database);
        world.write(&answer(MIRA, &ask, "Sí")).await;
        assert_eq!(world.latest(MIRA).subject(), "Usted salió de Rosa", "{}", world.database);
        all_is_spanish(&world);
    });
}

#[test]
fn a_digest_is_in_spanish_and_an_answer_to_it_lands_where_it_belongs() {
    on_both(|world| async {
        let world = in_spanish(world).await.openly().await;
        world.says("kit", "Las manos", "Se me duermen las manos por la mañana.").await;
        world.says("tom", "El té", "CN: comida\n\nEl té con miel me ayuda.").await;
        world.change_person("rose", "mira@home.example", |mira| mira.folds = vec!["comida".into()]).await;
        world.go_to("2026-11-23T17:31:00-05:00").await;
        let digest = world.latest("mira@home.example");
        assert_eq!(digest.subject(), "Rosa: volumen 1, número 1", "{}", world.database);
        says(
            &world,
            &digest,
            &[
                "lunes 23 de noviembre, volumen 1, número 1: 2 mensajes",
                "Responder en esta conversación:",
                "(Aviso de contenido: comida. Este mensaje está al final de este correo.)",
            ],
        );
        let hands = world.thread_with("Se me duermen").await;
        let letter = crate::digest_replies::Program::Apple.letter(
            "mira@home.example",
            &digest,
            "",
            &[("Se me duermen", "Guantes gruesos.")],
        );
        world.write(&letter).await;
        assert_eq!(world.post_with("Guantes gruesos.").await.thread, hands, "{}", world.database);
    });
}
