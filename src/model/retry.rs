//! When a failed attempt is tried again: 1, 5, 15, 30 minutes, then hourly ±10 %, for 5 days.
