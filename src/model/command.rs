//! What a person's words ask for: a moderator's decision, a member's confirmation. An explicit word or nothing.
