//! `post files`: what came with a post is saved under names of ours, for the administrator's eyes, on the record.

use std::os::unix::fs::PermissionsExt as _;

use crate::Place;

const MAIL: &str = "From: kit@home.example\nTo: rose@groups.example\nSubject: Garden\nMessage-ID: <g@home.example>\n\
MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=cut\n\n--cut\nContent-Type: text/plain\n\nThis is the garden.\n\
--cut\nContent-Type: image/jpeg; name=\"../../canary.sh\"\nContent-Disposition: attachment; filename=\"../../canary.sh\"\n\n\
<html>no picture</html>\n--cut\nContent-Type: application/pdf\nContent-Transfer-Encoding: base64\n\n\
JVBERi0xLjQK\n--cut--\n";

#[test]
fn what_came_is_saved_under_other_names_and_never_over_anything() {
    let place = Place::with_rose();
    let taken = place.deliver("--sender kit@home.example --recipient rose@groups.example", MAIL);
    assert_eq!(taken.code, 0, "{}", taken.err);
    place.post("kit@home.example", "two@home.example", "Words", "Only words.");
    place.done("tick");
    place.done("post files 1 --to saved");
    let saved = place.path("saved");
    let mode = |path: &std::path::Path| path.metadata().unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&saved), 0o700);
    let mut names: Vec<String> =
        std::fs::read_dir(&saved).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    assert_eq!(names, ["post-1-file-1.bin", "post-1-file-2.pdf"]);
    assert_eq!(std::fs::read(saved.join("post-1-file-2.pdf")).unwrap(), b"%PDF-1.4\n");
    for name in &names {
        assert_eq!(mode(&saved.join(name)), 0o600, "{name}");
    }
    // Once more: the first file is still ours, and nothing is written beside it.
    std::fs::write(saved.join("post-1-file-2.pdf"), "mine").unwrap();
    std::fs::remove_file(saved.join("post-1-file-1.bin")).unwrap();
    assert!(place.refused("post files 1 --to saved").contains("nothing was written"));
    assert_eq!(std::fs::read(saved.join("post-1-file-2.pdf")).unwrap(), b"mine");
    assert!(!saved.join("post-1-file-1.bin").exists());
    assert!(place.refused("post files 2 --to saved").contains("nothing came with post 2"));
    assert!(place.refused("post files 9 --to saved").contains("no post 9"));
    let looked = place.json("audit list --subject post:1");
    let with = |line: &serde_json::Value| line["detail"]["with"] == "post files";
    assert_eq!(looked.as_array().unwrap().iter().filter(|line| with(line)).count(), 2);
}

#[test]
fn whether_a_group_gets_pictures_is_said_and_on_the_record() {
    let place = Place::with_rose();
    assert_eq!(place.json("group show rose")["pictures"], false);
    place.done("group set rose --pictures yes");
    assert_eq!(place.json("group show rose")["pictures"], true);
    place.done("group set rose --title Roses");
    assert_eq!(place.json("group show rose")["pictures"], true, "another change leaves it");
    assert!(place.done("group show rose").lines().any(|line| line.starts_with("Pictures") && line.ends_with("yes")));
    let changed = place.json("audit list --subject group:1");
    assert_eq!(changed.as_array().unwrap().last().unwrap()["detail"]["pictures"], true);
}
