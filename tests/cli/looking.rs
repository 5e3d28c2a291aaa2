//! Whatever shows somebody's address is on the record: every command of the real program, on a world in which addresses stand
//! wherever they can. A command that is in no row of the table fails the test.

use std::collections::BTreeSet;
use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{TcpListener, TcpStream};
use std::process::{Command, Stdio};
use std::time::Duration;

use clap::CommandFactory as _;
use lamplight::cli::Cli;
use sqlx::{AnyConnection, Connection as _, Row as _};

use crate::Place;

/// The people of this world. Whoever types an address at the command line types it in capitals, so that an echo is not taken
/// for a look.
const ADDRESSES: [&str; 6] = [
    "kit@home.example",
    "kit@work.example",
    "ash@home.example",
    "tom@home.example",
    "june@home.example",
    "dana@clinic.example",
];

/// Each command with lines that show what it can show, one after the other. What changes the world stands last.
const COMMANDS: &[(&str, &[&str])] = &[
    ("init", &["init"]),
    ("group list", &["group list"]),
    ("group show", &["group show rose", "group show nowhere"]),
    ("moderator list", &["moderator list rose"]),
    ("member list", &["member list rose", "member list nowhere"]),
    (
        "member show",
        &["member show rose KIT@HOME.EXAMPLE", "member show rose KIT@WORK.EXAMPLE", "member show rose X@Y"],
    ),
    (
        "member export",
        &[
            "member export rose KIT@HOME.EXAMPLE",
            "member export rose KIT@WORK.EXAMPLE --to kit.json",
            "member export rose X@Y",
        ],
    ),
    ("member note", &["member note rose KIT@HOME.EXAMPLE called"]),
    ("held list", &["held list", "held list rose"]),
    ("held show", &["held show 2", "held show 77"]),
    ("alert list", &["alert list --all"]),
    ("alert show", &["alert show 1", "alert show 2", "alert show 77"]),
    ("rota show", &["rota show rose"]),
    ("post list", &["post list", "post list --unread"]),
    ("post show", &["post show 1", "post show 2"]),
    ("post top", &["post top 2", "post top 77"]),
    ("post files", &["post files 1 --to files", "post files 77 --to files"]),
    ("retention", &["retention"]),
    ("thread list", &["thread list rose"]),
    ("thread show", &["thread show 1"]),
    (
        "digest preview",
        &[
            "digest preview rose",
            "digest preview rose --member ASH@HOME.EXAMPLE --format mime",
            "digest preview rose --member KIT@WORK.EXAMPLE --format html",
            "digest preview rose --sample",
            "digest preview rose --sample --format mime",
        ],
    ),
    ("digest list", &["digest list rose"]),
    ("outbox list", &["outbox list", "outbox list --state failed"]),
    ("spool list", &["spool list", "spool list --state quarantined"]),
    ("spool show", &["spool show 1", "spool show 1 --raw", "spool show 5", "spool show 77"]),
    (
        "trace",
        &[
            "trace --post 1",
            "trace --post 1 --member KIT@WORK.EXAMPLE",
            "trace --post 1 --member TOM@HOME.EXAMPLE",
            "trace k1@home.example",
            "trace k1@home.example --member KIT@WORK.EXAMPLE",
            "trace nothing@home.example",
        ],
    ),
    ("audit list", &["audit list"]),
    ("audit verify", &["audit verify"]),
    ("doctor", &["doctor"]),
    ("completions", &["completions bash"]),
    ("man", &["man"]),
    ("deliver", &["deliver --sender KIT@HOME.EXAMPLE --recipient nobody@groups.example"]),
    ("group add", &["group add lily --title Lily", "group add rose --title Rose"]),
    ("group set", &["group set rose --title Roses"]),
    (
        "moderator add",
        &["moderator add rose RUTH@CLINIC.EXAMPLE --name Ruth", "moderator add rose KIT@WORK.EXAMPLE --name K"],
    ),
    ("moderator suspend", &["moderator suspend rose DANA@CLINIC.EXAMPLE"]),
    ("moderator resume", &["moderator resume rose DANA@CLINIC.EXAMPLE", "moderator resume rose KIT@HOME.EXAMPLE"]),
    ("member add", &["member add rose NEW@HOME.EXAMPLE --name New", "member add rose KIT@WORK.EXAMPLE --name K"]),
    ("member import", &["member import rose people.csv"]),
    (
        "member address add",
        &[
            "member address add rose KIT@HOME.EXAMPLE THIRD@HOME.EXAMPLE",
            "member address add rose KIT@HOME.EXAMPLE TOM@HOME.EXAMPLE",
        ],
    ),
    (
        "member address remove",
        &[
            "member address remove rose KIT@HOME.EXAMPLE THIRD@HOME.EXAMPLE",
            "member address remove rose KIT@HOME.EXAMPLE TOM@HOME.EXAMPLE",
        ],
    ),
    ("member unlearn", &["member unlearn rose KIT@HOME.EXAMPLE nobody"]),
    ("member set", &["member set rose KIT@WORK.EXAMPLE --hour 8", "member set rose KIT@WORK.EXAMPLE --name Tom"]),
    ("member pause", &["member pause rose KIT@HOME.EXAMPLE", "member pause rose KIT@HOME.EXAMPLE --until 2999-01-01"]),
    ("member mute", &["member mute rose KIT@HOME.EXAMPLE 1", "member mute rose KIT@HOME.EXAMPLE 77"]),
    ("member unmute", &["member unmute rose KIT@HOME.EXAMPLE 1"]),
    ("member resume", &["member resume rose KIT@HOME.EXAMPLE"]),
    ("held claim", &["held claim 2 --moderator DANA@CLINIC.EXAMPLE", "held claim 2 --moderator KIT@HOME.EXAMPLE"]),
    ("held approve", &["held approve 2", "held approve 2"]),
    ("held return", &["held return 2 --note no"]),
    ("alert ack", &["alert ack 1 --moderator DANA@CLINIC.EXAMPLE", "alert ack 1"]),
    ("rota set", &["rota set rose DANA@CLINIC.EXAMPLE", "rota set rose KIT@HOME.EXAMPLE"]),
    ("rota away", &["rota away rose DANA@CLINIC.EXAMPLE --until 2999-01-01T00:00:00Z"]),
    ("rota back", &["rota back rose DANA@CLINIC.EXAMPLE"]),
    ("post retract", &["post retract 1", "post retract 77"]),
    ("digest resume", &["digest resume"]),
    ("digest send", &["digest send rose", "digest send rose --again"]),
    ("outbox drop", &["outbox drop FAILED", "outbox drop 7777", "outbox drop FAILED --yes"]),
    ("outbox retry", &["outbox retry 1", "outbox retry --all"]),
    ("spool retry", &["spool retry 1", "spool retry --all"]),
    // What is kept too long goes by then.
    ("tick", &["tick", "tick -vv", "tick --at 2100-01-01T00:00:00Z"]),
    ("member remove", &["member remove rose TOM@HOME.EXAMPLE", "member remove rose TOM@HOME.EXAMPLE --yes"]),
    (
        "member forget",
        &["member forget rose KIT@WORK.EXAMPLE", "member forget rose KIT@WORK.EXAMPLE --notes forget --yes"],
    ),
    (
        "moderator remove",
        &["moderator remove rose DANA@CLINIC.EXAMPLE", "moderator remove rose DANA@CLINIC.EXAMPLE --yes"],
    ),
    ("group close", &["group close rose", "group close rose --yes"]),
];

/// What no row is for: it opens no database of ours, or it runs until it is told to end (below).
const OTHERS: [(&str, &str); 8] = [
    ("demo", "a throw-away database with people of its own"),
    ("inspect", "shows the message that it is handed, and keeps nothing"),
    ("template list", "names files of the program and of its folder"),
    ("template show", "shows a file of the program or of its folder"),
    ("template check", "tries templates on made-up mails"),
    ("lexicon test", "shows the text that it is handed"),
    ("lexicon explain", "shows the text that it is handed"),
    ("serve", "its log is read by the test beside this one"),
];

/// Every command that does something, as clap has them.
fn leaves(command: &clap::Command, path: &str, found: &mut BTreeSet<String>) {
    let is_leaf = command.get_subcommands().next().is_none();
    if is_leaf {
        found.insert(path.trim().to_owned());
    }
    for sub in command.get_subcommands() {
        leaves(sub, &format!("{path} {}", sub.get_name()), found);
    }
}

#[test]
fn no_command_is_forgotten() {
    let mut all = BTreeSet::new();
    leaves(&Cli::command(), "", &mut all);
    let mut here: Vec<String> = COMMANDS.iter().map(|(name, _)| (*name).to_owned()).collect();
    here.extend(OTHERS.iter().map(|(name, _)| (*name).to_owned()));
    let known: BTreeSet<String> = here.iter().cloned().collect();
    assert_eq!(known.len(), here.len(), "one row each");
    assert_eq!(all.difference(&known).collect::<Vec<_>>(), Vec::<&String>::new(), "commands without a row");
    assert_eq!(known.difference(&all).collect::<Vec<_>>(), Vec::<&String>::new(), "rows without a command");
}

/// A smarthost that names whom it refuses: Kit and Dana for good, Ash with what may be our fault.
fn talk(stream: TcpStream) {
    let mut out = stream.try_clone().unwrap();
    let _ = out.write_all(b"220 here\r\n");
    let mut is_message = false;
    for line in BufReader::new(stream).lines().map_while(Result::ok) {
        let named = line.split_once('<').map_or("", |(_, rest)| rest.trim_end_matches('>'));
        let said = match line.get(..4).unwrap_or(&line) {
            "." => "250 2.0.0 taken".to_owned(),
            _ if is_message => continue,
            "RCPT" if line.contains("kit@") || line.contains("dana@") => format!("550 5.1.1 <{named}>: no such user"),
            "RCPT" if line.contains("ash@") => format!("554 5.7.1 <{named}>: relay denied"),
            "DATA" => "354 go on".to_owned(),
            "QUIT" => "221 bye".to_owned(),
            _ => "250 fine".to_owned(),
        };
        is_message = said.starts_with("354");
        let _ = out.write_all(format!("{said}\r\n").as_bytes());
    }
}

/// A day on which addresses stand in posts, causes, alarms and notices.
fn world() -> Place {
    let place = Place::with_rose();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let settings = std::fs::read_to_string(place.path("lamplight.toml")).unwrap();
    let address = listener.local_addr().unwrap();
    place.settings(&format!(
        "{settings}[inbound.lmtp]\nlisten = \"127.0.0.1:0\"\n[outbound]\nsmarthost = \"smtp://{address}\"\n"
    ));
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            std::thread::spawn(move || talk(stream));
        }
    });
    place.done("member add rose tom@home.example --name Tom --delivery each --trusted");
    place.done("member address add rose kit@home.example kit@work.example");
    std::fs::write(place.path("people.csv"), "address,name\ntom@home.example,Tom\n").unwrap();
    place.post("kit@home.example", "k1@home.example", "A walk", "Today I walked as far as the river.");
    place.post(
        "ash@home.example",
        "a1@home.example",
        "Write to me",
        "I am at ash@home.example, or ask tom@home.example.",
    );
    place.post("tom@home.example", "t1@home.example", "Dark", "I am going to kill myself tonight.");
    place.post(
        "june@home.example",
        "j1@home.example",
        "Please",
        "I am going to kill myself tonight, I am june@home.example.",
    );
    let unreadable = "From: kit@home.example, tom@home.example\nTo: rose@groups.example\nSubject: x\n\nWe two.\n";
    let ended = place.deliver("--sender kit@home.example --recipient rose@groups.example", unreadable);
    assert_eq!(ended.code, 0, "{}", ended.err);
    place.run("tick -q");
    place
}

fn lines(place: &Place) -> i64 {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        sqlx::any::install_default_drivers();
        let url = format!("sqlite://{}", place.path("var/lamplight.db").display());
        let mut db = AnyConnection::connect(&url).await.unwrap();
        let count = sqlx::query("select count(*) as n from audit").fetch_one(&mut db).await.unwrap().get("n");
        db.close().await.unwrap();
        count
    })
}

/// A row that failed, for which the question names its recipient.
fn failed(place: &Place) -> String {
    let list = place.json("outbox list --state failed");
    let row = list.as_array().unwrap().iter().find(|row| row["recipient"] == "kit@home.example").expect("a failed row");
    row["id"].to_string()
}

#[test]
fn whatever_shows_an_address_is_on_record() {
    let place = world();
    let failed = failed(&place);
    let (mut shown, mut wrong) = (BTreeSet::new(), Vec::new());
    for (name, rows) in COMMANDS {
        for line in *rows {
            for json in ["", " --json"] {
                let line = format!("{}{json}", line.replace("FAILED", &failed));
                let before = lines(&place);
                let ended = place.run(&line);
                assert_ne!(ended.code, 2, "{line}: {}", ended.err);
                let said = format!("{}{}", ended.out, ended.err);
                if let Some(address) = ADDRESSES.iter().find(|address| said.contains(*address)) {
                    shown.insert(*name);
                    if lines(&place) == before {
                        wrong.push(format!("{line}: {address}"));
                    }
                }
            }
        }
    }
    assert_eq!(wrong, Vec::<String>::new());
    // The world is one in which they can be seen at all.
    for name in [
        "member list",
        "member show",
        "member export",
        "held show",
        "post show",
        "spool list",
        "spool show",
        "outbox list",
        "outbox drop",
        "trace",
        "doctor",
    ] {
        assert!(shown.contains(name), "{name} showed nobody: {shown:?}");
    }
    let record = place.done("audit list");
    assert!(!record.contains("home.example") && !record.contains("clinic.example"), "numbers alone: {record}");
}

#[test]
fn a_notice_that_shows_an_address_is_one_line() {
    let place = world();
    let record = place.json("audit list");
    let told: Vec<&str> = record
        .as_array()
        .unwrap()
        .iter()
        .filter(|line| line["action"] == "showed-address")
        .map(|line| {
            assert_eq!(line["actor"], "lamplight");
            assert!(line["subject"].as_str().unwrap().starts_with("edition:"), "{line}");
            line["detail"]["notice"].as_str().unwrap()
        })
        .collect();
    // Ash's post names two, June is a stranger who cries, and Dana's notices did not reach her.
    for notice in ["hold", "stranger-urgent", "undelivered"] {
        assert!(told.contains(&notice), "{notice}: {told:?}");
    }
}

#[test]
fn the_log_of_serve_names_nobody() {
    let place = world();
    let child = Command::new(env!("CARGO_BIN_EXE_lamplight"))
        .args(["serve", "-vv"])
        .current_dir(place.path(""))
        .env_clear()
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    place.post("kit@work.example", "k2@home.example", "Another", "And back again.");
    std::thread::sleep(Duration::from_secs(3));
    assert!(Command::new("kill").args(["-TERM", &child.id().to_string()]).status().unwrap().success());
    let ended = child.wait_with_output().unwrap();
    let said = format!("{}{}", String::from_utf8_lossy(&ended.stdout), String::from_utf8_lossy(&ended.stderr));
    assert!(said.contains("listening on") && said.contains("judged"), "{said}");
    for address in ADDRESSES {
        assert!(!said.contains(address), "{address}: {said}");
    }
}
