//! What kind of mail it is: delivery reports and whom they name, feedback, automatic answers, receipts; and that what
//! people write, or what only looks like a report, is none of these.

use std::fs;
use std::path::Path;

use super::letters::{letters, read_report};
use anyhow::{Context, Result};
use lamplight::mail::kind::Kind;
use lamplight::mail::{Incoming, mbox, parse};
use serde_json::Value;

use super::measure::{Figure, Outcome, files};

/// Files whose kind by their name in the corpus is not what they are. Their figures count as misses all the same.
///
/// * `arf-26`: Apple asks to be unsubscribed in somebody's name. No feedback report (RFC 5965), and automatic.
/// * `lhost-amazonses-11`, `-13`: a complaint, which is feedback; `-12`: a delivery that succeeded.
/// * `lhost-sendmail-14`: a person forwards a delivery report and writes a line above it.
/// * `lhost-fml-02`, `-03`: a list's program talks to somebody who is no member, and to its owner.
///
/// And hints on recipients that are another's reading of the report.
///
/// * The report says both (RFC 3464 §2.3.1) whom we wrote to and where that was forwarded, and neither was reached; the hint
///   is the latter alone.
/// * The part for machines, or Exim's own field, names another address than the prose, which the hint follows.
/// * The report names nobody, or a recipient that was reached.
const WRONG_HINTS: &[&str] = &[
    // Another kind of mail.
    "lhost-amazonses-11.eml",
    "lhost-amazonses-12.eml",
    "lhost-amazonses-13.eml",
    "lhost-fml-02.eml",
    "lhost-fml-03.eml",
    "lhost-sendmail-14.eml",
    // The final recipient.
    "lhost-postfix-01.eml",
    "lhost-postfix-32.eml",
    "lhost-postfix-77.eml",
    "lhost-postfix-78.eml",
    "lhost-postfix-79.eml",
    "rfc3464-09.eml",
    "rhost-google-03.eml",
    "rhost-google-04.eml",
    "rhost-google-06.eml",
    // Another address in the prose.
    "lhost-domino-03.eml",
    "lhost-exchange2007-04.eml",
    "lhost-exim-03.eml",
    "lhost-office365-04.eml",
    // Nobody who was not reached.
    "lhost-postfix-64.eml",
    "lhost-x5-01.eml",
    "rfc3464-28.eml",
];

/// What the folder `mime` has of reports and of automatic answers; everything else there was written by people.
const REPORTS_AMONG_MIME: &[&str] = &[
    "multipart_report_emails",
    "sisimai-err",
    // A delay of sendmail.
    "raw_email_with_mimepart_without_content_type",
];

#[derive(Default)]
struct Tally {
    outcome: Outcome,
    /// What was taken for a delivery report, rightly and wrongly.
    taken: usize,
    taken_wrongly: usize,
    /// What people wrote, and what of it was taken for something automatic.
    people: usize,
    hidden: usize,
}

impl Tally {
    fn figure(&mut self, what: &'static str, found: usize, of: usize) {
        self.outcome.figures.push(Figure { what, found, of });
    }

    fn miss(&mut self, text: String) {
        self.outcome.misses.push(text);
    }

    /// One mail of which we know whether it is a delivery report.
    fn count(&mut self, name: &str, incoming: &Incoming, is_bounce: bool) {
        if incoming.kind == Kind::Bounce {
            self.taken += 1;
            self.taken_wrongly += usize::from(!is_bounce);
            if !is_bounce {
                self.miss(format!("{name}: taken for a delivery report, {:?}", incoming.subject));
            }
        }
    }

    /// One mail that a person wrote.
    fn person(&mut self, name: &str, raw: &[u8]) {
        let incoming = parse(raw);
        self.count(name, &incoming, false);
        self.people += 1;
        if !matches!(incoming.kind, Kind::Post | Kind::Reply) {
            self.hidden += 1;
            let (kind, why) = (incoming.kind, incoming.automatic);
            self.miss(format!("{name}: a person's, taken for {kind:?} ({why:?}), {:?}", incoming.subject));
        }
    }
}

/// See the top of this file.
pub fn measure(corpus: &Path) -> Result<Outcome> {
    let mut tally = Tally::default();
    let own = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/kinds");
    people(&mut tally, corpus, &own)?;
    reports(&mut tally, &corpus.join("delivery/sisimai"))?;
    for (what, file) in [
        ("automatic answers, own letters", "automatic.txt"),
        ("automatic answers, own letters held back", "automatic-held.txt"),
    ] {
        let letters = letters(&own.join(file))?;
        let mut known = 0;
        for (name, raw) in &letters {
            let incoming = parse(raw.as_bytes());
            tally.count(name, &incoming, false);
            known += usize::from(incoming.kind == Kind::AutoReply);
            // The letters that are held back are counted, not shown.
            if incoming.kind != Kind::AutoReply && file == "automatic.txt" {
                tally.miss(format!("{file}, {name}: {:?}, no automatic answer", incoming.kind));
            }
        }
        tally.figure(what, known, letters.len());
    }
    own_reports(&mut tally, &own)?;
    let (taken, wrongly, people, hidden) = (tally.taken, tally.taken_wrongly, tally.people, tally.hidden);
    tally.figure("delivery reports: precision", taken - wrongly, taken);
    tally.figure("people's mail that stays a post or a reply", people - hidden, people);
    Ok(tally.outcome)
}

/// Everything that people wrote.
fn people(tally: &mut Tally, corpus: &Path, own: &Path) -> Result<()> {
    for path in
        files(&corpus.join("threading")).into_iter().filter(|path| path.extension().is_some_and(|e| e == "mbox"))
    {
        let text = fs::read(&path)?;
        for (at, raw) in mbox::messages(&text)?.iter().enumerate() {
            tally.person(&format!("{} {at}", path.display()), raw);
        }
    }
    for path in files(&corpus.join("mime")).into_iter().filter(|path| path.extension().is_some_and(|e| e == "eml")) {
        let name = path.display().to_string();
        if !REPORTS_AMONG_MIME.iter().any(|report| name.contains(report)) {
            tally.person(&name, &fs::read(&path)?);
        }
    }
    for path in files(&corpus.join("reply")) {
        let name = path.display().to_string();
        if name.ends_with(".txt") && !name.ends_with(".expected.txt") {
            let head = b"From: Mira <mira@home.example>\r\nSubject: Re: Hello\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n";
            tally.person(&name, &[&head[..], &fs::read(&path)?].concat());
        }
    }
    for path in files(&corpus.join("delivery/sisimai-not-bounce")) {
        let incoming = parse(&fs::read(&path)?);
        tally.count(&path.display().to_string(), &incoming, false);
    }
    for (name, raw) in letters(&own.join("members.txt"))? {
        tally.person(&format!("members.txt, {name}"), raw.as_bytes());
    }
    Ok(())
}

/// Real reports; what they should come to was read out of another program and its tests.
fn reports(tally: &mut Tally, folder: &Path) -> Result<()> {
    let expected: Value = serde_json::from_slice(&fs::read(folder.join("expected.json"))?)?;
    let [mut bounces, mut found, mut feedback, mut feedback_found, mut answers, mut answers_found] = [0; 6];
    let [
        mut sound,
        mut sound_all,
        mut named,
        mut one,
        mut all,
        mut classes,
        mut classes_right,
        mut codes,
        mut codes_right,
    ] = [0; 9];
    for (name, facts) in expected.as_object().context("expected.json is no object")? {
        let incoming = parse(&fs::read(folder.join(name))?);
        let kind = facts["kind"].as_str().unwrap_or_default();
        tally.count(name, &incoming, kind == "bounce");
        let (wanted, right, of) = match kind {
            "bounce" => (Kind::Bounce, &mut found, &mut bounces),
            "feedback" => (Kind::Feedback, &mut feedback_found, &mut feedback),
            _ => (Kind::AutoReply, &mut answers_found, &mut answers),
        };
        *of += 1;
        *right += usize::from(incoming.kind == wanted);
        if incoming.kind != wanted {
            tally.miss(format!("{name}: {:?} ({:?}), not {wanted:?}", incoming.kind, incoming.automatic));
        }
        let recipients: Vec<String> = facts["recipients"]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(|r| r.as_str().map(str::to_lowercase))
            .collect();
        if kind != "bounce" || recipients.is_empty() {
            continue;
        }
        named += 1;
        let is_sound = !WRONG_HINTS.contains(&name.as_str());
        sound += usize::from(is_sound);
        let ours: Vec<String> = incoming.failed_recipients.iter().map(|failed| failed.address.key()).collect();
        let same = recipients.iter().all(|r| ours.contains(r)) && ours.iter().all(|r| recipients.contains(r));
        one += usize::from(recipients.iter().any(|r| ours.contains(r)));
        all += usize::from(same);
        sound_all += usize::from(same && is_sound);
        if !same {
            tally.miss(format!("{name}: names {recipients:?}, found {ours:?}"));
        }
        // With several recipients nothing says which of the tests is whose.
        let tests: Vec<&Value> = facts["tests"].as_array().into_iter().flatten().collect();
        if let ([test], [recipient]) = (&tests[..], &recipients[..]) {
            let Some(ours) = incoming.failed_recipients.iter().find(|f| f.address.key() == *recipient) else {
                continue;
            };
            let status = test["status"].as_str().unwrap_or_default();
            if status.starts_with(['4', '5']) {
                classes += 1;
                let right = ours.permanent == status.starts_with('5');
                classes_right += usize::from(right);
                // Those project's statuses are partly made up from its own reasons: 5.0.9xx and 4.0.9xx.
                if !status.contains(".0.9") {
                    codes += 1;
                    codes_right += usize::from(ours.status.as_deref() == Some(status));
                    if ours.status.as_deref() != Some(status) {
                        tally.miss(format!("{name}: status {status}, ours {:?}", ours.status));
                    }
                }
                if !right {
                    let (permanent, own) = (ours.permanent, &ours.status);
                    tally.miss(format!("{name}: {status} {}, ours {own:?}, permanent {permanent}", test["reason"]));
                }
            }
        }
    }
    tally.figure("delivery reports: recall", found, bounces);
    tally.figure("recipients: one that was not reached", one, named);
    tally.figure("recipients: all, and nobody else", all, named);
    tally.figure("… where the hint is sound", sound_all, sound);
    tally.figure("permanent or not, of recipients found", classes_right, classes);
    tally.figure("status code, where the report says one", codes_right, codes);
    tally.figure("feedback reports", feedback_found, feedback);
    tally.figure("automatic answers of the corpus", answers_found, answers);
    Ok(())
}

/// Reports in the words of several programs and languages, each with what it says of whom.
fn own_reports(tally: &mut Tally, own: &Path) -> Result<()> {
    let letters = letters(&own.join("reports.txt"))?;
    let mut right = 0;
    for (name, raw) in &letters {
        let found = read_report(&parse(raw.as_bytes()));
        right += usize::from(found == *name);
        if found != *name {
            tally.miss(format!("reports.txt, {name}: {found}"));
        }
    }
    tally.figure("reports and receipts, own letters, with all they say", right, letters.len());
    Ok(())
}
