//! The JSON Schema of an automations file, for editors.

use serde_json::Value;

use super::document::Document;

/// The JSON Schema of an automations file.
pub fn schema() -> Value {
    schemars::schema_for!(Document).to_value()
}
