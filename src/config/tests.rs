//! Settings as people write them, rightly and wrongly.

use std::path::Path;

use super::*;

fn read(text: &str, env: &[(&str, &str)]) -> Result<Config, String> {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("lamplight.toml");
    std::fs::write(&file, text).unwrap();
    let env = env.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    load(Some(&file), env)
        .map(|loaded| loaded.config)
        .map_err(|errors| errors.to_string().replace(&format!("{}/", folder.path().display()), ""))
}

#[test]
fn the_documented_file_is_the_defaults() {
    let text = include_str!("../../config/lamplight.toml");
    assert_eq!(read(text, &[]), Ok(Config::default()));
    for (key, _) in keys::KEYS {
        let leaf = key.rsplit('.').next().unwrap();
        let documented = text.lines().any(|line| line.trim_start_matches("# ").starts_with(&format!("{leaf} =")));
        assert!(documented, "{key} is not documented");
    }
}

#[test]
fn an_empty_file_is_the_defaults() {
    assert_eq!(read("", &[]), Ok(Config::default()));
}

#[test]
fn typos_get_line_and_nearest_key() {
    for (wrong, section, near) in [
        ("nmae", "service", "service.name"),
        ("domian", "service", "service.domain"),
        ("time_zone", "service", "service.timezone"),
        ("TimeZone", "service", "service.timezone"),
        ("admins", "service", "service.administrators"),
        ("administrator", "service", "service.administrators"),
        ("delimiter", "service", "service.recipient_delimiter"),
        ("statedir", "service", "service.state_dir"),
        ("state-dir", "service", "service.state_dir"),
        ("lang", "service", "service.language"),
        ("template", "service", "service.templates"),
        ("uri", "database", "database.url"),
        ("trusted_authserv_id", "inbound", "inbound.trusted_authserv_ids"),
        ("listen", "inbound", "inbound.lmtp.listen"),
        ("listne", "inbound.lmtp", "inbound.lmtp.listen"),
        ("smart_host", "outbound", "outbound.smarthost"),
        ("passwd", "outbound", "outbound.password"),
        ("conections", "outbound", "outbound.connections"),
        ("undo_second", "moderation", "moderation.undo_seconds"),
        ("alert_minute", "moderation", "moderation.alert_minutes"),
        ("read_by", "moderation", "moderation.read_by_hours"),
        ("smarthost", "service", "outbound.smarthost"),
    ] {
        let said = read(&format!("# a note\n\n[{section}]\n{wrong} = 1\n"), &[]).unwrap_err();
        assert_eq!(said, format!("lamplight.toml:4: unknown key `{section}.{wrong}`; did you mean `{near}`?"));
    }
    let said = read("[outbond]\nsmarthost = 1\n", &[]).unwrap_err();
    assert_eq!(said, "lamplight.toml:1: unknown section `outbond`; did you mean `outbound`?");
}

#[test]
fn a_language_is_built_in_or_a_folder_of_templates() {
    let folder = tempfile::tempdir().unwrap();
    for name in ["de", "pt-BR", "Notes", "en"] {
        std::fs::create_dir(folder.path().join(name)).unwrap();
    }
    std::fs::write(folder.path().join("fr"), "no folder").unwrap();
    let with = |language: &str| {
        // The folder counts wherever it stands.
        let text = format!("[service]\nlanguage = \"{language}\"\ntemplates = \"{}\"\n", folder.path().display());
        read(&text, &[]).map(|config| config.service.language)
    };
    for (said, language) in [("es", "es"), ("EN", "en"), ("de", "de"), ("pt-br", "pt-BR")] {
        assert_eq!(with(said), Ok(language.to_owned()));
    }
    for wrong in ["fr", "notes", ""] {
        let said = with(wrong).unwrap_err();
        assert!(
            said.contains(&format!("`{wrong}` is not a language Lamplight has; it has de, en, es, pt-BR")),
            "{said}"
        );
    }
    assert!(read("[service]\nlanguage = \"de\"\n", &[]).unwrap_err().contains("it has en, es"));
}

#[test]
fn all_errors_at_once() {
    let text = "[service]\ndomain = \"two words\"\ntimezone = \"America/NewYork\"\nlanguage = \"tlh\"\n\
        administrators = [\"ok@example.org\", \"not an address\"]\nrecipient_delimiter = \"=\"\nmailbox = \"postmaster\"\n\
        [database]\nurl = \"mysql://u:hunter2@h/d\"\n[inbound.lmtp]\nlisten = \"2424\"\n\
        [outbound]\nsmarthost = \"localhost\"\nconnections = 0\n[moderation]\nundo_seconds = \"2\"\nalert_minuts = 3\n";
    let said = read(text, &[("LAMPLIGHT_MODERATION__READ_BY_HOURS", "never")]).unwrap_err();
    for (line, part) in [
        (2, "`two words` is not a mail domain"),
        (3, "did you mean `America/New_York`?"),
        (4, "`tlh` is not a language"),
        (5, "not a mail address: `not an address`"),
        (6, "must be \"+\" or \"-\""),
        (7, "reserved word"),
        (9, "must look like sqlite://"),
        (11, "`2424` must look like"),
        (13, "must look like smtp://"),
        (14, "from 1 to 64"),
        (16, "from 0 to 86400"),
        (17, "did you mean `moderation.alert_minutes`?"),
    ] {
        let found = said.lines().any(|l| l.starts_with(&format!("lamplight.toml:{line}: ")) && l.contains(part));
        assert!(found, "line {line}: {part}\n{said}");
    }
    assert!(said.contains("LAMPLIGHT_MODERATION__READ_BY_HOURS: moderation.read_by_hours: must be a whole number"));
    assert_eq!(said.lines().count(), 13, "{said}");
    assert!(!said.contains("hunter2"));
}

#[test]
fn syntax_errors_have_lines() {
    let said = read("[service]\nname = \n", &[]).unwrap_err();
    assert!(said.starts_with("lamplight.toml:2: not TOML: "), "{said}");
}

#[test]
fn not_yet_due() {
    for section in ["smtp", "maildir", "imap"] {
        let said = read(&format!("[inbound.{section}]\nlisten = \"x\"\n"), &[]).unwrap_err();
        let sentence = "this version does not have it yet; use inbound.lmtp or the pipe";
        assert_eq!(said, format!("lamplight.toml:1: inbound.{section}: {sentence}"));
    }
    assert!(read("[inbound]\nverify = true\n", &[]).unwrap_err().contains("does not check DKIM"));
}

#[test]
fn what_may_stand_in_posts() {
    let with = |entries: &str| read(&format!("[privacy]\nkeep = {entries}\n"), &[]);
    let kept = with(r#"["+1 (212) 555-0100", "988", "nurses@hospital.example", "https://hospital.example/help"]"#);
    assert_eq!(kept.unwrap().privacy.keep.len(), 4);
    let said = with(r#"["988", "the nurse 123", "12", "hospital", "https://"]"#).unwrap_err();
    assert!(said.ends_with("`the nurse 123`, `12`, `hospital`, `https://`"), "all at once: {said}");
    assert!(said.contains("lamplight.toml:2: privacy.keep: neither"), "{said}");
}

#[test]
fn whose_authentication_results_count() {
    let with = |ids: &str| read(&format!("[inbound]\ntrusted_authserv_ids = {ids}\n"), &[]);
    let ids = with(r#"["mx.example.org", "MX2", "\"a@b\""]"#).unwrap().inbound.trusted_authserv_ids;
    assert_eq!(ids, ["mx.example.org", "MX2", "\"a@b\""]);
    assert!(with("[]").unwrap().inbound.trusted_authserv_ids.is_empty());
    let wrong =
        ["", " ", "mx example", " mx", "mx;", "a@b", "mx(1)", "\\\"a b\\\"", "\\\"", "mx\\n", "mäil", "\\\"a\\\"b"];
    for id in wrong {
        let said = with(&format!("[\"mx.example.org\", \"{id}\"]")).unwrap_err();
        assert!(said.contains("inbound.trusted_authserv_ids: not the name of a mail server"), "{id}: {said}");
        assert!(!said.contains("like mx.example.org: `mx.example.org`"), "{said}");
    }
    let said = with(r#"["a b", "mx", "c d"]"#).unwrap_err();
    assert!(said.ends_with("`a b`, `c d`"), "all at once: {said}");
    assert!(with("\"mx\"").unwrap_err().contains("must be a list"));
    let from_variable = read("", &[("LAMPLIGHT_INBOUND__TRUSTED_AUTHSERV_IDS", "[\"mx\"]")]);
    assert_eq!(from_variable.unwrap().inbound.trusted_authserv_ids, ["mx"]);
}

#[test]
fn variables_go_over_the_file() {
    let config = read(
        "[service]\nname = \"File\"\n[outbound]\nconnections = 900\n",
        &[
            ("LAMPLIGHT_SERVICE__NAME", "42"),
            ("LAMPLIGHT_SERVICE__DOMAIN", "Care.Example.ORG"),
            ("LAMPLIGHT_SERVICE__ADMINISTRATORS", "[\"a@example.org\", \"b@example.org\"]"),
            ("LAMPLIGHT_OUTBOUND__SMARTHOST", "smtps://mira@example.org@mx.example.net"),
            ("LAMPLIGHT_OUTBOUND__CONNECTIONS", "8"),
            ("LAMPLIGHT_INBOUND__LMTP__LISTEN", "\"unix:/run/lmtp\""),
            ("LAMPLIGHT_SERVICE__RECIPIENT_DELIMITER", "-"),
            ("LAMPLIGHT_TEST_REQUIRE", "corpus"),
            ("HOME", "/root"),
        ],
    )
    .unwrap();
    assert_eq!((config.service.name.as_str(), config.service.domain.as_str()), ("42", "care.example.org"));
    assert_eq!(config.service.administrators, ["a@example.org", "b@example.org"]);
    assert_eq!((config.service.recipient_delimiter, config.outbound.connections), ('-', 8));
    assert_eq!(config.inbound.lmtp.listen, "unix:/run/lmtp");
    assert_eq!(config.outbound.smarthost, "smtps://mira@example.org@mx.example.net");
}

#[test]
fn mistaken_variables_are_refused() {
    for (name, near) in [
        ("LAMPLIGHT_OUTBOUND__SMART_HOST", "LAMPLIGHT_OUTBOUND__SMARTHOST"),
        ("LAMPLIGHT_OUTBOUND_SMARTHOST", "LAMPLIGHT_OUTBOUND__SMARTHOST"),
        ("LAMPLIGHT_INBOUND__LISTEN", "LAMPLIGHT_INBOUND__LMTP__LISTEN"),
    ] {
        assert_eq!(read("", &[(name, "x")]), Err(format!("{name}: unknown key; did you mean `{near}`?")));
    }
    assert!(read("", &[("LAMPLIGHT_INBOUND__IMAP__HOST", "x")]).unwrap_err().contains("inbound.imap: this version"));
}

#[test]
fn secrets_come_from_files_and_stay_out_of_debug() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("secret");
    std::fs::write(&file, "hunter2 \n").unwrap();
    let url = folder.path().join("url");
    std::fs::write(&url, "postgres://lamp:hunter2@db.example/l?password=hunter2\r\n").unwrap();
    let text = format!(
        "[database]\nurl = {{ file = \"{}\" }}\n[outbound]\npassword = {{ file = \"{}\" }}\n",
        url.display(),
        file.display()
    );
    let config = read(&text, &[("LAMPLIGHT_SERVICE__ADMINISTRATORS", "[\"mira@home.example\"]")]).unwrap();
    assert_eq!(config.outbound.password.as_deref(), Some("hunter2 "));
    assert_eq!(config.database.redacted(), "postgres://…@db.example/l");
    let shown = format!("{config:?}");
    assert!(!shown.contains("hunter2") && !shown.contains("mira"), "{shown}");
    let said = read("[outbound]\npassword = { file = \"/nowhere/at/all\" }\n", &[]).unwrap_err();
    assert!(said.starts_with("lamplight.toml:2: outbound.password: `/nowhere/at/all` can't be read"), "{said}");
    assert!(read("[outbound]\nsmarthost = \"smtp://u:p@h:25\"\n", &[]).unwrap_err().contains("outbound.password"));
}

#[test]
fn the_order_of_places() {
    let folder = tempfile::tempdir().unwrap();
    let place = |name: &str| {
        let path = folder.path().join(name);
        std::fs::write(&path, format!("[service]\nname = \"{name}\"\n")).unwrap();
        path
    };
    let (first, second, named, given) = (place("first"), place("second"), place("named"), place("given"));
    let missing = folder.path().join("missing");
    let env = || vec![("LAMPLIGHT_CONFIG".to_owned(), named.display().to_string())];
    let name = |explicit: Option<&Path>, env, places: &[&Path]| {
        load_from(explicit, env, places).map(|loaded| (loaded.config.service.name, loaded.source))
    };
    assert_eq!(name(Some(&given), env(), &[&first]), Ok(("given".into(), Some(given.clone()))));
    assert_eq!(name(None, env(), &[&first]), Ok(("named".into(), Some(named.clone()))));
    assert_eq!(name(None, vec![], &[&missing, &second]), Ok(("second".into(), Some(second.clone()))));
    assert_eq!(name(None, vec![], &[&missing]), Ok(("Lamplight".into(), None)));
    assert!(name(Some(&missing), env(), &[&first]).unwrap_err().to_string().contains("can't be read"));
}

#[test]
fn shapes_of_listeners_and_smarthosts() {
    for good in ["127.0.0.1:0", "[::1]:2424", "localhost:2424", "unix:/run/x"] {
        assert!(check::listen(good).is_ok(), "{good}");
    }
    for bad in ["", "unix:", "127.0.0.1", ":2424", "::1:2424", "host:99999", "host:+1"] {
        assert!(check::listen(bad).is_err(), "{bad}");
    }
    for good in ["smtp://h", "smtp://h:25", "smtps://u@h:465/", "smtp://[::1]:1025", "maildir:x y"] {
        assert!(check::smarthost(good).is_ok(), "{good}");
    }
    for bad in ["", "smtp://", "smtp://h:", "smtp://@h", "http://h", "maildir:", "smtp://a b"] {
        assert!(check::smarthost(bad).is_err(), "{bad}");
    }
}
