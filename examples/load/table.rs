//! The table that is printed at the end.

use comfy_table::{CellAlignment, Table, presets::ASCII_MARKDOWN};

/// A figure to reach.
#[derive(Clone, Copy)]
pub enum Limit {
    AtMost(f64),
    AtLeast(f64),
    /// Told beside the others, and not judged.
    Open,
}

impl Limit {
    fn holds(self, found: f64) -> bool {
        match self {
            Self::AtMost(most) => found <= most,
            Self::AtLeast(least) => found >= least,
            Self::Open => true,
        }
    }

    fn words(self) -> String {
        match self {
            Self::AtMost(most) => format!("≤ {}", number(most)),
            Self::AtLeast(least) => format!("≥ {}", number(least)),
            Self::Open => String::new(),
        }
    }
}

/// Several measurements of one thing.
pub struct Runs(Vec<f64>);

impl Runs {
    pub fn new(mut runs: Vec<f64>) -> Self {
        runs.sort_by(f64::total_cmp);
        Self(runs)
    }

    pub fn median(&self) -> f64 {
        self.0.get(self.0.len() / 2).copied().unwrap_or(f64::NAN)
    }

    fn words(&self) -> String {
        match self.0.as_slice() {
            [lowest, .., highest] => {
                format!("{} ({}–{})", number(self.median()), number(*lowest), number(*highest))
            }
            _ => number(self.median()),
        }
    }
}

/// One row: what was measured, on which database, and what should be.
pub struct Row {
    pub what: String,
    pub database: &'static str,
    pub runs: Runs,
    pub must: Limit,
    pub aim: Limit,
}

/// The rows as a table; where the load was smaller than what the figures are told for, without a verdict.
pub fn render(rows: &[Row], judged: bool) -> String {
    let mut table = Table::new();
    table.load_preset(ASCII_MARKDOWN).set_header(["what", "database", "measured", "must", "aim", "reached"]);
    for row in rows {
        let found = row.runs.median();
        let verdict = match (row.aim.holds(found), row.must.holds(found)) {
            _ if !judged || matches!(row.must, Limit::Open) => "–",
            (true, _) => "aim",
            (false, true) => "must",
            (false, false) => "NO",
        };
        let cells = [&row.what, row.database, &row.runs.words(), &row.must.words(), &row.aim.words(), verdict];
        table.add_row(cells);
    }
    for column in 2..5 {
        if let Some(column) = table.column_mut(column) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    table.to_string()
}

/// As many digits as say something.
pub fn number(value: f64) -> String {
    match value {
        value if value >= 100.0 => format!("{value:.0}"),
        value if value >= 10.0 => format!("{value:.1}"),
        value if value >= 1.0 => format!("{value:.2}"),
        value => format!("{value:.3}"),
    }
}
