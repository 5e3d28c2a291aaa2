//! Rows and model.
