//! The JSON Schema of outcomes that MioCommerce's engineers read is the one the code has.
//!
//! `UPDATE_SCHEMAS=1 cargo test -p common --features schema --test schemas` writes it anew.
#![allow(clippy::unwrap_used, reason = "a test stops where something is wrong")]

use std::path::Path;

#[test]
fn the_published_schema_of_outcomes_is_the_codes() {
    let path =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../../infra/schemas/outcome.schema.json");
    let schema = format!("{:#}\n", common::told::schema());
    #[allow(
        clippy::disallowed_methods,
        reason = "a switch of this test alone, not of anything that ships"
    )]
    if std::env::var("UPDATE_SCHEMAS").is_ok_and(|value| value == "1") {
        std::fs::write(&path, schema).unwrap();
        return;
    }
    assert_eq!(
        std::fs::read_to_string(&path).unwrap_or_default(),
        schema,
        "write it anew with UPDATE_SCHEMAS=1; what takes something away from a reader needs a new schema number"
    );
}
