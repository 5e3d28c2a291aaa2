//! A disk without room: senders are told to try again, nothing that was answered 250 is lost. The disk is a small
//! tmpfs in a mount namespace of the test's own; where that can't be made, the test says so.
#![allow(clippy::unwrap_used, missing_docs, reason = "a test fails by panicking")]

use std::io::{BufRead, BufReader, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Command, Stdio};

/// Run a shell script with `$LAMPLIGHT` and `$DISK`, a tmpfs of this size, as working folder.
fn on_a_small_disk(size: &str, script: &str) -> Option<Command> {
    let can = Command::new("unshare").args(["-m", "true"]).stderr(Stdio::null()).status();
    if !can.is_ok_and(|ended| ended.success()) {
        // Past the test runner, which keeps what a passing test prints to itself.
        let _ = std::io::Write::write_all(
            &mut std::io::stderr(),
            b"\nSKIPPED: a full disk, because a mount namespace can't be made here (it needs root)\n",
        );
        return None;
    }
    let mut command = Command::new("unshare");
    let script = format!("mount -t tmpfs -o size={size} none \"$DISK\" && cd \"$DISK\" && {script}");
    command.args(["-m", "sh", "-c", &script]).env("LAMPLIGHT", env!("CARGO_BIN_EXE_lamplight"));
    command.env_remove("LAMPLIGHT_CONFIG").env("LAMPLIGHT_INBOUND__LMTP__LISTEN", "127.0.0.1:0");
    Some(command)
}

const MAKE: &str = "$LAMPLIGHT init >/dev/null 2>&1 && $LAMPLIGHT group add rose --title Rose >/dev/null 2>&1";

#[test]
fn less_room_than_one_and_a_half_messages_is_452() {
    let folder = tempfile::tempdir().unwrap();
    let script = format!("{MAKE} && exec $LAMPLIGHT serve");
    let Some(mut command) = on_a_small_disk("30m", &script) else { return };
    let mut service = command.env("DISK", folder.path()).stderr(Stdio::piped()).spawn().unwrap();
    let mut said = BufReader::new(service.stderr.take().unwrap());
    let mut line = String::new();
    while !line.contains("listening on ") {
        line.clear();
        assert!(said.read_line(&mut line).unwrap() > 0, "serve ended before it listened");
    }
    let address = line.trim().rsplit(' ').next().unwrap().to_owned();
    let mut stream = TcpStream::connect(address).unwrap();
    stream.write_all(b"LHLO x\r\nMAIL FROM:<mira@home.example>\r\nRCPT TO:<rose@groups.example.org>\r\n").unwrap();
    let mut reply = String::new();
    let mut replies = BufReader::new(stream);
    while !reply.starts_with("452") {
        reply.clear();
        assert!(replies.read_line(&mut reply).unwrap() > 0, "no 452 came");
        assert!(!reply.starts_with('5'), "{reply}");
    }
    assert!(reply.starts_with("452 4.3.1"), "{reply}");
    service.kill().unwrap();
    service.wait().unwrap();
}

#[test]
fn a_disk_that_fills_up_makes_the_pipe_try_again_and_keeps_what_it_took() {
    let folder = tempfile::tempdir().unwrap();
    // Messages of 4 MB until the pipe answers 75; then the disk is emptied of what is not ours, and all are there.
    let script = format!(
        "{MAKE} && (echo 'From: <mira@home.example>'; echo; head -c 4000000 /dev/zero | tr '\\0' x | fold -w 70) > post && \
         taken=0; while {{ (echo \"Subject: $taken\"; cat post) | $LAMPLIGHT deliver --sender mira@home.example \
         --recipient rose@groups.example.org 2>>said; code=$?; [ $code = 0 ]; }}; do taken=$((taken + 1)); done; \
         rm post; echo $code $taken $($LAMPLIGHT spool list --json | grep -c '\"state\": \"new\"')"
    );
    let Some(mut command) = on_a_small_disk("90m", &script) else { return };
    let ended = command.env("DISK", Path::new(folder.path())).output().unwrap();
    let said = String::from_utf8(ended.stdout).unwrap();
    let numbers: Vec<u32> = said.split_whitespace().map(|word| word.parse().unwrap()).collect();
    let [code, taken, kept] = numbers[..] else { panic!("{said} {}", String::from_utf8_lossy(&ended.stderr)) };
    assert_eq!((code, kept), (75, taken), "75 and nothing lost");
    assert!(taken >= 2, "it took {taken} before the disk was low");
}
