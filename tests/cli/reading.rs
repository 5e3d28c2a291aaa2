//! Reading hours of a group, and what no moderator has read.

use crate::Place;

#[test]
fn a_group_s_reading_hours_and_holidays() {
    let place = Place::with_rose();
    let shown = place.json("group show rose");
    assert_eq!((shown["reading_hours"].as_str(), shown["holidays"].as_str()), (Some("always"), Some("")));
    assert!(!place.run("doctor").out.contains("nobody reads in rose"));
    let set = |changes: &[&str]| {
        let line: Vec<&str> = ["group", "set", "rose"].iter().chain(changes).copied().collect();
        place.feed(&line, b"")
    };
    let holidays = ["--holidays", "2027-01-01, 2026-12-24..2026-12-26"];
    assert_eq!(set(&[&["--reading-hours", "Mon-Fri  9:00-17:00"][..], &holidays[..]].concat()).code, 0);
    let shown = place.json("group show rose");
    assert_eq!(shown["reading_hours"], "Mon-Fri 9:00-17:00");
    assert_eq!(shown["holidays"], "2026-12-24..2026-12-26,2027-01-01");
    // Each keeps the other.
    assert_eq!(set(&["--reading-hours", "sat 10-12"]).code, 0);
    assert_eq!(place.json("group show rose")["holidays"], "2026-12-24..2026-12-26,2027-01-01");
    assert!(place.run("doctor").out.contains("what comes to rose now is promised to be read in more than 14 days"));
    assert_eq!(set(&["--holidays", "2020-01-01..2099-12-31"]).code, 0);
    assert_eq!(place.json("group show rose")["reading_hours"], "sat 10-12");
    assert!(place.run("doctor").out.contains("nobody reads in rose within the next 14 days"));
    assert_eq!(set(&["--holidays", "none", "--reading-hours", "always"]).code, 0);
    for wrong in [["--reading-hours", "never"], ["--reading-hours", "mon 17-9"], ["--holidays", "christmas"]] {
        let ended = set(&wrong);
        assert!(ended.code == 2 && ended.err.contains("write"), "{}", ended.err);
    }
}

#[test]
fn what_nobody_has_read_is_listed() {
    let place = Place::with_rose();
    let to_rose = "--sender kit@home.example --recipient rose@groups.example";
    let mail = "From: kit@home.example\nSubject: Tea\n\nPeppermint helps me through the long mornings.\n";
    assert_eq!(place.deliver(to_rose, mail).code, 0);
    place.done("tick");
    let unread = place.json("post list --unread");
    assert_eq!((unread[0]["subject"].as_str(), unread[0]["unread"].as_bool()), (Some("Tea"), Some(true)));
    assert!(unread[0]["read_by"].is_string() && unread[1].is_null(), "{unread}");
    assert!(place.run("doctor").out.contains("1 published post to be read by a moderator"));
    place.done(&format!("post retract {}", unread[0]["id"]));
    assert_eq!(place.json("post list --unread"), serde_json::json!([]));
    assert_eq!(place.json("post list")[0]["unread"], false);
    assert!(place.run("doctor").out.contains("every published post was read"));
}
