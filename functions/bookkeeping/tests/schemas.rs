//! The JSON Schema that MioCommerce's engineers read is the one the code has.
//!
//! `UPDATE_SCHEMAS=1 cargo test -p bookkeeping --features schema --test schemas` writes it anew.
#![allow(clippy::unwrap_used, reason = "a test stops where something is wrong")]

use std::path::Path;

#[test]
fn the_published_schema_of_messages_is_the_codes() {
    let path =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../../infra/schemas/message.schema.json");
    let mut schema = serde_json::to_string_pretty(&bookkeeping::message::schema()).unwrap();
    schema.push('\n');
    #[allow(
        clippy::disallowed_methods,
        reason = "a switch of this test alone, not of anything that ships"
    )]
    let update = std::env::var("UPDATE_SCHEMAS").is_ok_and(|value| value == "1");
    if update {
        std::fs::create_dir_all(path.parent().expect("the schema is in a folder")).unwrap();
        std::fs::write(&path, schema).unwrap();
        return;
    }
    let published = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        published == schema,
        "infra/schemas/message.schema.json is not what the code has. A reader breaks where a change takes something away: \
         then it needs a new schema number. Write it anew with UPDATE_SCHEMAS=1 and look at the difference."
    );
}
