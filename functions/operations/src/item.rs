//! Rows as DynamoDB holds them, whatever they are.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue as Value;

/// A row.
pub type Item = HashMap<String, Value>;

/// A text of a row; empty where there is none.
pub fn text<'a>(item: &'a Item, name: &str) -> &'a str {
    match item.get(name) {
        Some(Value::S(text)) => text,
        _ => "",
    }
}
