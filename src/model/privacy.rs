//! What a text would give away: an address or a registered real name of somebody on the group's roster.

/// What the roster knows of one person.
#[derive(Clone)]
pub struct Known {
    /// The address, any case.
    pub address: String,
    /// The registered real name.
    pub real_name: Option<String>,
}

/// What a text names. Carries the kind only: the words themselves are private.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Named {
    /// An address of the roster.
    Address,
    /// A registered real name.
    RealName,
}
