//! Listeners and workers.
