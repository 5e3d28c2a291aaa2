//! A person who has the program alone can list, copy, change and check its templates, and look at what comes out.

use std::io::BufRead as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::Command;

use crate::Place;

fn write(place: &Place, name: &str, source: &str) {
    let path = place.path("own").join(name);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, source).unwrap();
}

/// Rose, with a folder of own templates.
fn owning() -> Place {
    let place = Place::with_rose();
    let settings = std::fs::read_to_string(place.path("lamplight.toml")).unwrap();
    place.settings(&settings.replace("[service]\n", "[service]\ntemplates = \"own\"\n"));
    std::fs::create_dir(place.path("own")).unwrap();
    place
}

#[test]
fn a_template_is_copied_changed_checked_and_serves() {
    let place = owning();
    let source = place.done("template show en/digest/body.txt");
    assert_eq!(source, std::fs::read_to_string("templates/en/digest/body.txt").unwrap(), "as it is written");
    assert!(place.done("template show style.css").contains(".answer {"));
    assert!(place.done("template show en/held/body.html").contains("<p>Your message"), "without the sheet in its tags");

    write(&place, "en/digest/body.txt", &format!("Our own words.\n\n{source}"));
    let list = place.json("template list");
    let from = |name: &str| list.as_array().unwrap().iter().find(|row| row["name"] == name).unwrap()["from"].clone();
    assert_eq!((from("en/digest/body.txt"), from("en/held/body.txt")), ("your folder".into(), "built-in".into()));
    assert!(place.done("template show en/digest/body.txt").starts_with("Our own words."));
    assert_eq!(place.done("template show en/digest/body.txt --built-in"), source);
    assert!(place.refused("template show en/hold/bdy.txt").contains("is it en/hold/body.txt?"));
    assert!(place.refused("template show ../lamplight.toml").contains("there is no template"));

    let checked = place.done("template check");
    assert_eq!(checked, "en/digest/body.txt: serves in place of the built-in one\n\n1 file, 0 faults\n");
    let sample = place.done("digest preview rose --sample");
    assert!(sample.starts_with("Our own words.\n") && sample.contains("Mira"), "{sample}");
}

#[test]
fn each_fault_is_named_with_its_place() {
    let place = owning();
    let mark = "\n~ ~ ~\n{{ owner_address }}\n";
    write(&place, "en/held/body.txt", &format!("Dear {{{{ name }}}},\n{{% if first %}}\nnever closed\n{mark}"));
    write(&place, "en/withdrawn/body.txt", &format!("It is gone: {{{{ gone }}}}.\n{mark}"));
    write(
        &place,
        "en/published/body.txt",
        &format!("See {{{{ title }}}}\n  and {{{{ read_by | day(tz=timezone) }}}}\n{mark}"),
    );
    write(&place, "en/hold/body.txt", &format!("é {{{{ post.authr }}}}\n{mark}"));
    write(&place, "en/passed-on/body.txt", "Bye.\n");
    write(&place, "en/passed-on/subject.txt", "\n");
    write(&place, "en/hold/bdoy.txt", "Misspelt.\n");
    write(&place, "en/own/hello.txt", "Hello {{ name }}.\n");
    write(&place, "en/leave-ask/body.txt", &format!("{{% include \"en/own/hello.txt\" %}}{mark}"));
    write(&place, "de/held/subject.txt", "Da\n");
    write(&place, "de/leave-done/body.txt", &format!("Auf bald, {{{{ nme }}}}{mark}"));
    write(&place, "style.css", "p { color: red;\n");
    let ended = place.run("template check own");
    assert_eq!((ended.code, ended.err.as_str()), (1, "lamplight: 11 faults in own\n"), "{}", ended.out);
    let expected = "\
de/held/subject.txt: the same in another language
de/leave-done/body.txt: the same in another language
en/held/body.txt: serves in place of the built-in one
en/hold/bdoy.txt: not used
en/hold/body.txt: serves in place of the built-in one
en/leave-ask/body.txt: serves in place of the built-in one
en/own/hello.txt: taken in by another file
en/passed-on/body.txt: serves in place of the built-in one
en/passed-on/subject.txt: serves in place of the built-in one
en/published/body.txt: serves in place of the built-in one
en/withdrawn/body.txt: serves in place of the built-in one
style.css: serves in place of the built-in one

de/held/subject.txt: is not used as long as de/held/body.txt is missing
de/leave-done/body.txt: is not used as long as de/leave-done/subject.txt is missing
de/leave-done/body.txt, line 1, column 14: there is no variable `nme`
en/held/body.txt, line 7, column 1: Unexpected end of input
en/hold/bdoy.txt: no built-in file has this name, and no file takes it in; is it meant for en/hold/body.txt?
en/hold/body.txt, line 1, column 11: Field `authr` is not defined. Available fields: attachments, author, concern, days_a_member, earlier_posts, id, pictures, reasons, signature, subject, text, urgent, written
en/passed-on/body.txt: the line `~ ~ ~` stands once above the footer, for replies are cut there; here are 0
en/passed-on/subject.txt: a subject is one line, and this makes 0
en/published/body.txt, line 2, column 10: this mail has no variable `read_by`
en/withdrawn/body.txt, line 1, column 16: there is no variable `gone`
style.css, line 1, column 3: this brace is not closed
12 files, 11 faults
";
    assert_eq!(ended.out, expected);
    let report: serde_json::Value = serde_json::from_str(&place.run("template check own --json").out).unwrap();
    let gone =
        report["faults"].as_array().unwrap().iter().find(|fault| fault["file"] == "en/withdrawn/body.txt").unwrap();
    assert_eq!((&gone["line"], &gone["column"]), (&1.into(), &16.into()));
    // Mail never stops for it.
    assert!(place.done("digest preview rose --sample").contains("Mira"));
    let bare = Place::bare();
    assert!(bare.refused("template check").contains("service.templates"));
    assert!(bare.refused("template check nowhere").contains("nowhere"));
}

#[test]
fn doctor_and_the_log_of_serve_name_the_faults() {
    let place = owning();
    write(&place, "en/hold/body.txt", "{{ post.authr }}\n~ ~ ~\n");
    write(&place, "en/withdrawn/body.txt", "{{ gone }}\n~ ~ ~\n");
    let findings = place.run("doctor").out;
    for name in ["en/hold/body.txt, line 1, column 9: ", "en/withdrawn/body.txt, line 1, column 4: "] {
        assert!(findings.contains(name), "{findings}");
    }
    let settings = std::fs::read_to_string(place.path("lamplight.toml")).unwrap();
    place.settings(&format!("{settings}[inbound.lmtp]\nlisten = \"127.0.0.1:0\"\n"));
    let mut child = Command::new(env!("CARGO_BIN_EXE_lamplight"))
        .arg("serve")
        .current_dir(place.path(""))
        .env_clear()
        .stderr(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    let log = std::io::BufReader::new(child.stderr.take().unwrap());
    let (tell, told) = std::sync::mpsc::channel();
    std::thread::spawn(move || log.lines().map_while(Result::ok).try_for_each(|line| tell.send(line)));
    let mut said = String::new();
    while let Ok(line) = told.recv_timeout(std::time::Duration::from_secs(20)) {
        said.push_str(&line);
        if line.contains("en/hold/body.txt, line 1, column 9: ") {
            break;
        }
    }
    assert!(Command::new("kill").args(["-TERM", &child.id().to_string()]).status().unwrap().success());
    child.wait().unwrap();
    assert!(said.contains("en/hold/body.txt, line 1, column 9: "), "{said}");
    assert_eq!(said.matches("en/withdrawn/body.txt").count(), 1, "once: {said}");
}

#[test]
fn an_own_style_sheet_is_in_every_tag() {
    let place = owning();
    write(
        &place,
        "style.css",
        "p { color: #123456; }\n.answer { color: #654321; }\n@media print { p { color: #000000; } }\n",
    );
    place.done("template check");
    let page = place.done("digest preview rose --sample --format html");
    assert!(page.contains("<p dir=\"auto\" style=\"color:#123456\">"), "{page}");
    assert!(page.contains("style=\"color:#654321\"") && page.contains("color: #000000 !important"), "{page}");
    assert!(!page.contains("#fffdf9;color"), "nothing of the built-in one: {page}");
}

#[test]
fn a_preview_is_opened_from_a_file_of_its_readers_own() {
    let place = Place::with_rose();
    let run = |path: &Path, line: &str| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_lamplight"));
        let runtime = place.path("run");
        command.args(line.split(' ')).current_dir(place.path("")).env_clear().env("PATH", path);
        let ended = command.env("XDG_RUNTIME_DIR", runtime).output().unwrap();
        assert!(ended.status.success(), "{}", String::from_utf8_lossy(&ended.stderr));
        (String::from_utf8(ended.stdout).unwrap(), String::from_utf8(ended.stderr).unwrap())
    };
    let bin = place.path("bin");
    std::fs::create_dir(&bin).unwrap();
    let (out, err) = run(&bin, "digest preview rose --sample --open");
    let file = Path::new(out.trim());
    assert!(file.starts_with(std::fs::canonicalize(place.path("var")).unwrap()) || out.contains("/var/"), "{out}");
    assert!(err.contains("nothing here opens pages"), "{err}");
    assert_eq!(std::fs::metadata(file).unwrap().permissions().mode() & 0o777, 0o600);
    assert!(std::fs::read_to_string(file).unwrap().starts_with("<!doctype html>"));

    std::fs::create_dir(place.path("run")).unwrap();
    let opener = bin.join(if cfg!(target_os = "macos") { "open" } else { "xdg-open" });
    std::fs::write(&opener, format!("#!/bin/sh\necho \"$1\" >{}\n", place.path("opened").display())).unwrap();
    std::fs::set_permissions(&opener, std::fs::Permissions::from_mode(0o755)).unwrap();
    for _ in 0..2 {
        let (out, err) = run(&bin, "digest preview rose --sample --open");
        assert!(!err.contains("nothing here"), "{err}");
        assert_eq!(out, std::fs::read_to_string(place.path("opened")).unwrap());
        assert!(out.contains("/run/lamplight-preview.html"), "{out}");
    }
    assert_eq!(std::fs::read_dir(place.path("run")).unwrap().count(), 1, "one takes the place of the other");
}
