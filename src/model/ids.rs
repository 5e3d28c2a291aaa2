//! Row ids, one type each, so that a post's id can't be taken for a member's.

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident),* $(,)?) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub i64);

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.0.fmt(f)
            }
        }
    )*};
}

ids! {
    /// A group.
    GroupId,
    /// A person on a group's roster, member or moderator.
    MemberId,
    /// A post.
    PostId,
    /// A conversation.
    ThreadId,
    /// A message as it came in.
    SpoolId,
    /// A token row.
    TokenId,
    /// A decision on a post.
    DecisionId,
    /// Content written once.
    EditionId,
    /// One recipient of an edition.
    OutboxId,
    /// An alert about somebody who may be in danger.
    AlertId,
    /// A private talk.
    TalkId,
}
