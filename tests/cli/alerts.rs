//! An alert and the rota as an administrator meets them on a bad night.

use crate::Place;

#[test]
fn an_alert_is_listed_shown_and_acknowledged() {
    let place = Place::with_rose();
    place.done("moderator add rose ruth@clinic.example --name Ruth");
    let doctor = place.run("doctor").out;
    assert!(doctor.contains("rose has nobody on call"), "{doctor}");
    let shown = place.done("rota set rose dana@clinic.example ruth@clinic.example");
    assert!(shown.contains("on call are Dana, Ruth") && shown.contains("after 15 min: Ruth"), "{shown}");
    assert!(shown.contains("after 30 min: the administrators"), "{shown}");
    assert!(!place.run("doctor").out.contains("nobody on call"));
    let away = place.done("rota away rose dana@clinic.example --until 2999-01-01T00:00:00Z");
    assert!(away.contains("away until 2999-01-01T00:00:00Z: Dana") && away.contains("at once: Ruth"), "{away}");
    place.done("rota back rose dana@clinic.example");
    for (line, why) in [
        ("rota set rose kit@home.example", "member's"),
        ("rota set rose dana@clinic.example dana@clinic.example", "twice"),
        ("rota set rose", "--nobody"),
        ("rota away rose dana@clinic.example --until 2001-01-01T00:00:00Z", "passed"),
        ("alert show 7", "there is no alert 7"),
        ("alert ack 7", "there is no alert 7"),
    ] {
        let ended = place.run(line);
        assert!(ended.code != 0 && ended.err.contains(why), "{line}: {}", ended.err);
    }

    assert!(place.run("alert list").err.contains("no alerts"));
    place.post("ash@home.example", "a1@home.example", "Dark", "I am going to kill myself tonight.");
    place.done("tick");
    let list = place.json("alert list");
    assert_eq!((&list[0]["about"], &list[0]["group"]), (&"post 1".into(), &"rose".into()), "{list}");
    let shown = place.done("alert show 1");
    assert!(shown.contains("step 0: Dana: sent") && shown.contains("nobody yet; asks again at"), "{shown}");
    assert!(shown.contains("saying that a social worker was alerted"), "{shown}");
    assert!(!shown.contains("kill"), "whoever looks at it does not read her words: {shown}");
    assert!(place.run("doctor").out.contains("1 alert without an answer"));
    let said = place.done("alert ack 1 --moderator ruth@clinic.example");
    assert!(said.contains("nobody is asked about alert 1"), "{said}");
    let again = place.run("alert ack 1");
    assert!(again.code == 1 && again.err.contains("answered already"), "{}", again.err);
    assert_eq!(place.json("alert list").as_array().unwrap().len(), 0);
    assert_eq!(place.json("alert list --all")[0]["ended_by"], "Ruth");
}

#[test]
fn a_claim_and_a_decision_at_the_command_line_end_an_alert() {
    let place = Place::with_rose();
    place.post("ash@home.example", "a1@home.example", "Dark", "I am going to kill myself tonight.");
    place.post("kit@home.example", "k1@home.example", "Dark", "I am going to kill myself tonight.");
    place.done("tick");
    assert_eq!(place.json("alert list").as_array().unwrap().len(), 2);
    place.done("held claim 1 --moderator dana@clinic.example");
    let done = place.feed(&["held", "return", "2", "--note", "I telephone you now."], b"");
    assert_eq!(done.code, 0, "{}", done.err);
    assert_eq!(place.json("alert list").as_array().unwrap().len(), 0);
    let all = place.json("alert list --all");
    assert_eq!((&all[0]["ended_how"], &all[1]["ended_how"]), (&"mine".into(), &"return".into()), "{all}");
}
