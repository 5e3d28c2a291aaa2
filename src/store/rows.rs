//! Columns to values, with an error that names the column.

use serde::Serialize;
use serde::de::DeserializeOwned;
use sqlx::Row;
use sqlx::any::AnyRow;

use super::db::{Error, Result};
use crate::clock::Timestamp;

/// Typed access to the columns of a row.
pub(super) trait Columns {
    fn int(&self, column: &'static str) -> Result<i64>;
    fn maybe_int(&self, column: &'static str) -> Result<Option<i64>>;
    fn text(&self, column: &'static str) -> Result<String>;
    fn maybe_text(&self, column: &'static str) -> Result<Option<String>>;
    fn bytes(&self, column: &'static str) -> Result<Vec<u8>>;
    fn time(&self, column: &'static str) -> Result<Timestamp>;
    fn maybe_time(&self, column: &'static str) -> Result<Option<Timestamp>>;
    fn word<T: DeserializeOwned>(&self, column: &'static str) -> Result<T>;
    fn json<T: DeserializeOwned>(&self, column: &'static str) -> Result<T>;
}

impl Columns for AnyRow {
    fn int(&self, column: &'static str) -> Result<i64> {
        Ok(self.try_get::<i64, _>(column)?)
    }

    fn maybe_int(&self, column: &'static str) -> Result<Option<i64>> {
        Ok(self.try_get::<Option<i64>, _>(column)?)
    }

    fn text(&self, column: &'static str) -> Result<String> {
        Ok(self.try_get::<String, _>(column)?)
    }

    fn maybe_text(&self, column: &'static str) -> Result<Option<String>> {
        Ok(self.try_get::<Option<String>, _>(column)?)
    }

    fn bytes(&self, column: &'static str) -> Result<Vec<u8>> {
        // The driver takes no octets at all, of which SQLite has a value, for none.
        Ok(self.try_get::<Option<Vec<u8>>, _>(column)?.unwrap_or_default())
    }

    fn time(&self, column: &'static str) -> Result<Timestamp> {
        Ok(Timestamp(self.int(column)?))
    }

    fn maybe_time(&self, column: &'static str) -> Result<Option<Timestamp>> {
        Ok(self.maybe_int(column)?.map(Timestamp))
    }

    fn word<T: DeserializeOwned>(&self, column: &'static str) -> Result<T> {
        let word = serde_json::Value::String(self.text(column)?);
        serde_json::from_value(word).map_err(|_| Error::Corrupt(column.to_owned()))
    }

    fn json<T: DeserializeOwned>(&self, column: &'static str) -> Result<T> {
        serde_json::from_str(&self.text(column)?).map_err(|_| Error::Corrupt(column.to_owned()))
    }
}

/// The word that a plain enum is stored as.
pub(super) fn word<T: Serialize>(value: &T) -> String {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(word)) => word,
        _ => String::new(),
    }
}

/// A value as JSON text.
pub(super) fn json<T: Serialize + ?Sized>(value: &T) -> String {
    serde_json::to_string(value).unwrap_or_else(|_| "null".to_owned())
}
