//! How telephone numbers are written, country by country.

use super::cues::Cue;

/// Groups of digits with what parts them.
pub(super) struct Shape<'a> {
    pub(super) groups: &'a [&'a str],
    pub(super) apart: &'a [&'a str],
    pub(super) is_international: bool,
    pub(super) in_brackets: bool,
}

/// What a shape says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// Nothing else is written so.
    Number,
    /// Unless something behind it is measured or counted.
    Likely,
    /// With such a word at least.
    WithCue(Cue),
    None,
}

impl Shape<'_> {
    pub(super) fn kind(&self) -> Kind {
        let digits = self.digits();
        if self.is_international && (8..=15).contains(&digits) {
            return Kind::Number;
        }
        if self.is_north_american() {
            return Kind::Number;
        }
        if self.is_of_pairs() || self.is_with_nought() || self.is_spanish() || self.is_australian() {
            return Kind::Likely;
        }
        if self.is_date() || self.is_of_hours() || self.is_of_years() {
            return Kind::None;
        }
        match (self.lengths().as_slice(), digits) {
            ([3, 4], _) if !self.groups[0].starts_with(['0', '1']) => Kind::WithCue(Cue::Near),
            ([7], _) => Kind::WithCue(Cue::Call),
            (groups, 6..=13) if groups.len() <= 6 => Kind::WithCue(Cue::Number),
            _ => Kind::None,
        }
    }

    fn digits(&self) -> usize {
        self.groups.iter().map(|group| group.len()).sum()
    }

    fn lengths(&self) -> Vec<usize> {
        self.groups.iter().map(|group| group.len()).collect()
    }

    fn is_north_american(&self) -> bool {
        let joined: String = self.groups.concat();
        let rest = if joined.len() == 11 { joined.strip_prefix('1').unwrap_or_default() } else { joined.as_str() };
        let is_area = |digits: &str| digits.starts_with(|c: char| ('2'..='9').contains(&c));
        let parts = self.lengths();
        let parts = if parts.first() == Some(&1) && self.groups[0] == "1" { &parts[1..] } else { &parts[..] };
        match parts {
            [3, 3, 4] => rest.len() == 10 && is_area(rest),
            // A number in one piece may be any: area and exchange both begin with 2 to 9.
            [10 | 11] | [3, 7] | [6, 4] => rest.len() == 10 && is_area(rest) && is_area(&rest[3..]),
            _ => false,
        }
    }

    /// France: "06 12 34 56 78". "08 10 12 14 16" may be hours.
    fn is_of_pairs(&self) -> bool {
        let is_france = self.groups[0].starts_with('0') && !matches!(self.groups[0], "00" | "08");
        self.lengths() == [2; 5] && is_france && self.apart.iter().all(|apart| *apart == self.apart[0])
    }

    /// The trunk prefix of most of Europe, of Australia and Ireland.
    fn is_with_nought(&self) -> bool {
        let (first, digits) = (self.groups[0], self.digits());
        if !first.starts_with('0') || first.starts_with("000") {
            return false;
        }
        // "00 49 …" goes abroad.
        if first.starts_with("00") {
            return digits >= 11 && !self.is_of_hours();
        }
        let is_date = || self.is_date() || self.is_of_hours();
        match (self.lengths().as_slice(), first.len()) {
            ([10 | 11], _) => true,
            (_, 1) => false,
            ([2, 4, 4], _) => true,
            _ if self.in_brackets => (8..=13).contains(&digits),
            (_, 2) => false,
            (groups, _) => (9..=13).contains(&digits) && groups.len() > 1 && groups.len() <= 6 && !is_date(),
        }
    }

    /// Spain: nine digits that begin with 6 to 9.
    fn is_spanish(&self) -> bool {
        const PARTS: [&[usize]; 6] = [&[3, 3, 3], &[3, 2, 2, 2], &[2, 3, 2, 2], &[9], &[3, 6], &[2, 7]];
        let lengths = self.lengths();
        let is_round = self.groups.iter().all(|group| group.ends_with("00"));
        // Thousands are parted by dots.
        let is_count = self.apart.iter().any(|apart| apart.contains('.')) && lengths == [3, 3, 3];
        PARTS.contains(&lengths.as_slice())
            && self.groups[0].starts_with(['6', '7', '8', '9'])
            && !is_round
            && !is_count
    }

    fn is_australian(&self) -> bool {
        self.lengths() == [4, 3, 3] && matches!(self.groups[0], "1300" | "1800")
    }

    fn value(&self, at: usize) -> u32 {
        self.groups.get(at).and_then(|group| group.parse().ok()).unwrap_or(u32::MAX)
    }

    fn is_date(&self) -> bool {
        (0..self.groups.len().saturating_sub(2)).any(|at| {
            let lengths = [at, at + 1, at + 2].map(|at| self.groups[at].len());
            let (a, b, c) = (self.value(at), self.value(at + 1), self.value(at + 2));
            let is_day = |day: u32, month: u32| (1..=31).contains(&day) && (1..=12).contains(&month);
            match lengths {
                [1 | 2, 1 | 2, 2 | 4] => is_day(a, b) || is_day(b, a),
                [4, 1 | 2, 1 | 2] => is_day(c, b) || is_day(b, c),
                _ => false,
            }
        })
    }

    /// "0800-1200-1600".
    fn is_of_hours(&self) -> bool {
        self.groups.len() > 1
            && self.groups.iter().all(|group| {
                let hour = group.get(..2).and_then(|hour| hour.parse().ok()).unwrap_or(99_u32);
                let minute = group.get(2..).and_then(|minute| minute.parse().ok()).unwrap_or(99_u32);
                group.len() == 4 && hour <= 24 && minute <= 59
            })
    }

    fn is_of_years(&self) -> bool {
        self.groups.len() > 1 && self.groups.iter().all(|group| group.len() == 4 && group.starts_with(['1', '2']))
    }
}
