//! Delivery reports (RFC 3464) and feedback reports (RFC 5965): who was not reached, and whether for good.

use super::Address;

/// One recipient that a report names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FailedRecipient {
    /// Who was not reached.
    pub address: Address,
    /// RFC 3463: 5.x.x is permanent, 4.x.x may yet succeed.
    pub permanent: bool,
    /// The enhanced status code, such as `5.1.1`.
    pub status: Option<String>,
}
