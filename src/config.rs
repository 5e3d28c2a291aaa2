//! Settings: one TOML file, `LAMPLIGHT_…` variables over it, every error at once.
