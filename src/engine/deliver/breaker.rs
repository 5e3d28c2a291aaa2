//! The circuit breaker: while the smarthost is away or takes nothing of ours, one copy asks now and then, and nobody's
//! attempts are used up. Pure.
//!
//! A refusal at MAIL may be meant for everybody or for one return path. Another copy asks next, and what it meets tells.

use std::collections::HashSet;
use std::time::{Duration, Instant};

use crate::engine::outcome::{DeliveryError, Stage};
use crate::model::ids::OutboxId;

/// The first check comes so many times sooner than the usual ones; each wait is twice the one before.
const SOONER: u32 = 15;

/// How many copies of a single run ask before it ends.
const ASK_IN_ONE_RUN: usize = 5;

/// Whose trouble a failed attempt is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Whose {
    /// This recipient's or this copy's.
    Copy,
    /// The recipient's, or of our standing with the smarthost: only what it took since can tell.
    Standing,
    /// The return path's, or everybody's: only what another copy meets at MAIL can tell.
    Path,
    /// The way's: the smarthost is not there for anybody.
    Way,
    /// Ours: the smarthost is there and lets us in under no name.
    Ours,
    /// The claim was lost; the row is another server's.
    Nobody,
}

/// Read a failure.
pub fn whose(trouble: &DeliveryError) -> Whose {
    match (trouble.stage, trouble.code) {
        (Stage::Lease, _) => Whose::Nobody,
        (Stage::Auth, Some(500..)) => Whose::Ours,
        (Stage::Connect | Stage::Tls | Stage::Auth, _) => Whose::Way,
        (Stage::Mail, _) => Whose::Path,
        (Stage::Rcpt | Stage::Data, Some(code @ 500..)) if may_mean_us(code, &trouble.text) => Whose::Standing,
        // 421 behind an accepted MAIL is this copy's as well: a smarthost that really goes fails the next connection.
        (Stage::Rcpt | Stage::Data, _) => Whose::Copy,
    }
}

/// RFC 3463 §3.8: X.7 is security and policy, and "relay access denied" is said so, to whoever the recipient is. qmail writes
/// its codes in brackets with a #. Words count only where there is no such code: "unknown in relay recipient table" is 5.1.1.
fn may_mean_us(code: u16, text: &str) -> bool {
    let text = text.to_lowercase();
    let enhanced = text.strip_prefix("5.").or_else(|| text.split_once("(#5.").map(|(_, rest)| rest));
    match enhanced {
        Some(rest) if rest.starts_with(|c: char| c.is_ascii_digit()) => rest.starts_with("7."),
        _ => matches!(code, 530 | 535) || text.contains("relay"),
    }
}

/// The trouble may be this connection's alone: a smarthost may let us have fewer than we would like.
pub fn may_be_one_connections(trouble: &DeliveryError) -> bool {
    match (trouble.stage, trouble.code) {
        (Stage::Connect | Stage::Tls, _) => true,
        (Stage::Auth, code) => code.is_none_or(|code| code < 500),
        // RFC 5321 §3.8: 421 closes the connection, whatever it answers.
        (Stage::Mail, code) => matches!(code, None | Some(421)),
        _ => false,
    }
}

/// What MAIL names, and all that a smarthost knows of a copy when it refuses there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Path {
    /// `<>`, the same for many copies.
    Null,
    /// This row's own.
    Own(OutboxId),
}

/// Mail rests.
#[derive(Debug)]
struct Rest {
    since: Instant,
    /// When one copy may ask.
    ask_at: Instant,
    /// How long after a refusal.
    wait: Duration,
    /// How many asked.
    asked: usize,
    /// The smarthost was reached, and refused at MAIL.
    at_mail: bool,
}

/// Closed while mail flows.
#[derive(Debug)]
pub struct Breaker {
    rest: Option<Rest>,
    first: Duration,
    usual: Duration,
    /// This run ends when enough have asked.
    one_run: bool,
    /// Refused at MAIL, and not taken since.
    suspects: HashSet<Path>,
    /// Those of them that need not ask again before all others have.
    have_asked: HashSet<Path>,
}

impl Breaker {
    /// For a server that goes on: the checks come every `usual`, the first ones sooner.
    pub fn new(usual: Duration) -> Self {
        let (suspects, have_asked) = (HashSet::new(), HashSet::new());
        Self { rest: None, first: usual / SOONER, usual, one_run: false, suspects, have_asked }
    }

    /// For a run that ends: whoever may show that the way is open asks at once.
    pub fn for_one_run(usual: Duration) -> Self {
        Self { first: Duration::ZERO, one_run: true, ..Self::new(usual) }
    }

    /// Whether mail rests.
    pub fn is_resting(&self) -> bool {
        self.rest.is_some()
    }

    /// Whether one copy may ask.
    pub fn may_ask(&self, now: Instant) -> bool {
        self.ask_at().is_some_and(|at| at <= now)
    }

    /// When one copy may ask.
    pub fn ask_at(&self) -> Option<Instant> {
        self.rest.as_ref().filter(|_| !self.has_asked_enough()).map(|rest| rest.ask_at)
    }

    /// A single run asks no more.
    pub fn has_asked_enough(&self) -> bool {
        self.one_run && self.rest.as_ref().is_some_and(|rest| !rest.at_mail || rest.asked >= ASK_IN_ONE_RUN)
    }

    /// The way is closed; `true` when it was open before. Whose return path was refused at MAIL need not ask next.
    pub fn rest(&mut self, now: Instant, refused: Option<Path>) -> bool {
        let at_mail = refused.is_some();
        self.have_asked.extend(refused);
        match &mut self.rest {
            Some(rest) => {
                (rest.ask_at, rest.at_mail) = (now + rest.wait, at_mail);
                false
            }
            None => {
                let (wait, ask_at) = (self.first, now + self.first);
                self.rest = Some(Rest { since: now, ask_at, wait, asked: 0, at_mail });
                true
            }
        }
    }

    /// One copy asks; no other one before its answer, unless that takes too long.
    pub fn asks(&mut self, now: Instant) {
        if let Some(rest) = &mut self.rest {
            rest.ask_at = now + self.usual;
            rest.wait = (rest.wait * 2).min(self.usual);
            rest.asked += 1;
        }
    }

    /// Refused at MAIL, for whatever reason.
    pub fn suspect(&mut self, path: Path) {
        self.suspects.insert(path);
    }

    /// Whether a refusal at MAIL is this return path's alone: it was refused before, and others were not.
    pub fn is_refused_alone(&self, path: Path) -> bool {
        !self.is_resting() && self.suspects.contains(&path)
    }

    /// Who need not ask now.
    pub fn have_asked(&self) -> &HashSet<Path> {
        &self.have_asked
    }

    /// Whether those who have asked may ask again when nobody else is due.
    pub fn may_ask_anew(&self) -> bool {
        !self.one_run && !self.have_asked.is_empty()
    }

    /// Everybody who is due has asked: they begin again.
    pub fn ask_anew(&mut self) {
        self.have_asked.clear();
    }

    /// A copy that was begun then got past MAIL; `true` when the way was closed before. One that was begun before the first
    /// refusal at MAIL says nothing of the time since.
    pub fn passed(&mut self, path: Path, begun: Instant) -> bool {
        self.suspects.remove(&path);
        let proves = |rest: &Rest| !rest.at_mail || begun >= rest.since;
        if !self.rest.as_ref().is_some_and(proves) {
            return false;
        }
        self.rest = None;
        self.have_asked.clear();
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whose_trouble_it_is() {
        let table = [
            (Stage::Connect, None, "", Whose::Way),
            (Stage::Connect, Some(421), "4.7.0 too many connections", Whose::Way),
            (Stage::Connect, Some(554), "", Whose::Way),
            (Stage::Tls, None, "", Whose::Way),
            (Stage::Tls, Some(454), "", Whose::Way),
            (Stage::Auth, Some(454), "", Whose::Way),
            (Stage::Auth, Some(535), "", Whose::Ours),
            (Stage::Mail, Some(550), "", Whose::Path),
            (Stage::Mail, Some(452), "", Whose::Path),
            (Stage::Mail, Some(421), "", Whose::Path),
            (Stage::Mail, None, "", Whose::Path),
            (Stage::Rcpt, Some(550), "5.1.1 no such user", Whose::Copy),
            (Stage::Rcpt, Some(550), "no such user", Whose::Copy),
            (Stage::Rcpt, Some(554), "5.7.1 <…> Relay access denied", Whose::Standing),
            (Stage::Rcpt, Some(550), "5.7.1 no", Whose::Standing),
            (Stage::Rcpt, Some(550), "5.7.26 not authenticated", Whose::Standing),
            (Stage::Rcpt, Some(553), "sorry, that domain is not in my list (#5.7.1)", Whose::Standing),
            (Stage::Rcpt, Some(554), "Relaying denied", Whose::Standing),
            (Stage::Rcpt, Some(530), "log in first", Whose::Standing),
            (Stage::Rcpt, Some(450), "4.7.1 greylisted", Whose::Copy),
            (Stage::Rcpt, Some(421), "4.7.0 try again later", Whose::Copy),
            (Stage::Rcpt, None, "", Whose::Copy),
            (Stage::Rcpt, Some(550), "5.1.1 <…>: User unknown in relay recipient table", Whose::Copy),
            (Stage::Data, Some(554), "5.6.0 no", Whose::Copy),
            (Stage::Data, Some(550), "5.7.60 not allowed to send as this sender", Whose::Standing),
            (Stage::Data, Some(554), "5.7.1 spam", Whose::Standing),
            (Stage::Data, Some(421), "", Whose::Copy),
            (Stage::Data, None, "", Whose::Copy),
            (Stage::Lease, None, "", Whose::Nobody),
        ];
        for (stage, code, text, expected) in table {
            assert_eq!(whose(&DeliveryError::new(stage, code, text)), expected, "{stage:?} {code:?} {text}");
        }
    }

    #[test]
    fn which_trouble_may_be_one_connections() {
        let table = [
            (Stage::Connect, Some(421), true),
            (Stage::Connect, None, true),
            (Stage::Auth, Some(454), true),
            (Stage::Auth, Some(535), false),
            (Stage::Mail, Some(421), true),
            (Stage::Mail, None, true),
            (Stage::Mail, Some(452), false),
            (Stage::Mail, Some(550), false),
        ];
        for (stage, code, expected) in table {
            assert_eq!(may_be_one_connections(&DeliveryError::new(stage, code, "")), expected, "{stage:?} {code:?}");
        }
    }

    const USUAL: Duration = Duration::from_secs(15);
    const SECOND: Duration = Duration::from_secs(1);
    const ONE: Path = Path::Own(OutboxId(1));
    const TWO: Path = Path::Own(OutboxId(2));

    #[test]
    fn one_asks_at_a_time_soon_and_then_ever_more_seldom() {
        let (mut breaker, mut now) = (Breaker::new(USUAL), Instant::now());
        assert!(!breaker.is_resting() && !breaker.may_ask(now) && !breaker.passed(ONE, now));
        assert!(breaker.rest(now, None), "said once");
        assert!(!breaker.rest(now, None), "and no more");
        for seconds in [1, 2, 4, 8, 15, 15] {
            let wait = SECOND * seconds;
            assert!(!breaker.may_ask(now + wait - SECOND / 2) && breaker.may_ask(now + wait), "{seconds}");
            now += wait;
            breaker.asks(now);
            assert!(!breaker.may_ask(now + USUAL / 2), "while one asks no other does");
            breaker.rest(now, None);
        }
        assert!(breaker.passed(ONE, now) && !breaker.is_resting() && !breaker.passed(ONE, now));
        breaker.rest(now, None);
        assert!(breaker.may_ask(now + SECOND), "soon again the next time");
    }

    #[test]
    fn a_return_path_is_refused_alone_where_others_pass() {
        let (mut breaker, now) = (Breaker::new(USUAL), Instant::now());
        breaker.suspect(Path::Null);
        breaker.rest(now, Some(Path::Null));
        assert!(!breaker.is_refused_alone(Path::Null), "nobody knows yet");
        assert!(breaker.have_asked().contains(&Path::Null) && !breaker.have_asked().contains(&ONE));
        assert!(!breaker.passed(ONE, now - SECOND), "begun before the refusal");
        assert!(breaker.passed(ONE, now + SECOND));
        assert!(breaker.is_refused_alone(Path::Null) && !breaker.is_refused_alone(TWO));
        assert!(breaker.have_asked().is_empty(), "it may ask as all others");
        breaker.passed(Path::Null, now + SECOND);
        assert!(!breaker.is_refused_alone(Path::Null), "it was taken");
    }

    #[test]
    fn a_connection_that_works_shows_that_the_smarthost_is_there() {
        let (mut breaker, now) = (Breaker::new(USUAL), Instant::now());
        breaker.rest(now, None);
        assert!(breaker.passed(ONE, now - SECOND), "another connection's trouble was that connection's");
    }

    #[test]
    fn what_one_connection_refused_may_be_given_to_another_at_once() {
        let mut breaker = Breaker::new(USUAL);
        breaker.suspect(ONE);
        assert!(!breaker.is_resting() && breaker.have_asked().is_empty());
        assert!(breaker.is_refused_alone(ONE), "and is refused alone there");
    }

    #[test]
    fn when_all_have_asked_they_begin_anew() {
        let (mut breaker, now) = (Breaker::new(USUAL), Instant::now());
        for path in [ONE, TWO] {
            breaker.suspect(path);
            breaker.rest(now, Some(path));
        }
        assert!(breaker.may_ask_anew());
        breaker.ask_anew();
        assert!(breaker.have_asked().is_empty() && !breaker.may_ask_anew(), "nobody is there at all");
        breaker.passed(TWO, now + SECOND);
        assert!(breaker.is_refused_alone(ONE), "what was refused is not forgotten");
    }

    #[test]
    fn a_single_run_asks_a_few_times_at_once_and_ends() {
        let (mut breaker, now) = (Breaker::for_one_run(USUAL), Instant::now());
        breaker.rest(now, Some(ONE));
        for asked in 0..ASK_IN_ONE_RUN {
            assert!(breaker.may_ask(now) && !breaker.has_asked_enough(), "{asked}");
            breaker.asks(now);
            assert!(!breaker.may_ask(now));
            breaker.rest(now, Some(ONE));
        }
        assert!(breaker.has_asked_enough() && !breaker.may_ask(now) && !breaker.may_ask_anew());
        let mut away = Breaker::for_one_run(USUAL);
        away.rest(now, None);
        assert!(away.has_asked_enough(), "nobody is there");
    }
}
