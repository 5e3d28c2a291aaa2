//! Which rows a listing shows, and from which end.

/// All of them, oldest first, unless something else is said.
#[derive(Debug, Clone, Copy, Default)]
pub struct Selection<'a> {
    /// In this state only.
    pub state: Option<&'a str>,
    /// To this address only, in any case.
    pub recipient: Option<&'a str>,
    /// The newest first.
    pub newest: bool,
    /// No more than so many.
    pub limit: Option<usize>,
}

impl Selection<'_> {
    /// For `order by`.
    pub(super) fn direction(&self) -> &'static str {
        if self.newest { "desc" } else { "asc" }
    }

    /// For `limit`.
    pub(super) fn most(&self) -> i64 {
        self.limit.and_then(|limit| i64::try_from(limit).ok()).unwrap_or(i64::MAX)
    }
}
