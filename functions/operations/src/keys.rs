//! Keys: what is sealed under each key of the rings, so that none is taken out while something needs it.

use std::collections::BTreeMap;
use std::error::Error;
use std::process::ExitCode;

use aws_config::SdkConfig;
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::AttributeValue as Value;
use common::sealing::key_of;
use common::store::dynamodb::Item;

use crate::item::each_row;

/// Counts the sealed values of each table by the key that opens them, and prints that.
///
/// # Errors
///
/// Where a table cannot be read.
pub async fn run(sdk: &SdkConfig, tables: &[String]) -> Result<ExitCode, Box<dyn Error>> {
    let dynamodb = Client::new(sdk);
    for table in tables {
        let mut counted = BTreeMap::new();
        each_row(&dynamodb, table, async |row| {
            count(&row, &mut counted);
            Ok(())
        })
        .await?;
        for (key, values) in &counted {
            println!("{table}: {values} values are sealed under {key}");
        }
        if counted.is_empty() {
            println!("{table}: nothing is sealed");
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn count(item: &Item, counted: &mut BTreeMap<String, u64>) {
    for value in item.values() {
        let sealed = match value {
            Value::B(one) => std::slice::from_ref(one),
            Value::Bs(several) => several,
            Value::L(list) => {
                for sealed in list.iter().filter_map(|value| value.as_b().ok()) {
                    add(sealed.as_ref(), counted);
                }
                continue;
            }
            _ => continue,
        };
        for sealed in sealed {
            add(sealed.as_ref(), counted);
        }
    }
}

fn add(sealed: &[u8], counted: &mut BTreeMap<String, u64>) {
    let key = key_of(sealed).unwrap_or("no key that this version knows");
    *counted.entry(key.to_owned()).or_default() += 1;
}

#[cfg(test)]
mod tests {
    use aws_sdk_dynamodb::primitives::Blob;
    use common::sealing::KeyRing;

    use super::*;

    #[test]
    fn what_is_sealed_is_counted_by_its_key_wherever_it_stands_in_a_row() {
        let key = "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=";
        let ring = format!("{{\"current\": \"k2\", \"keys\": {{\"k2\": \"{key}\"}}}}");
        let ring = KeyRing::parse(&ring).unwrap();
        let sealed = || Value::B(Blob::new(ring.seal(b"a name", "context", [7; 12])));
        let item = Item::from([
            ("pk".to_owned(), Value::S("mer_1".to_owned())),
            ("payload".to_owned(), sealed()),
            ("asked".to_owned(), Value::L(vec![sealed(), sealed()])),
            ("odd".to_owned(), Value::B(Blob::new([9, 9]))),
        ]);
        let mut counted = BTreeMap::new();
        count(&item, &mut counted);
        assert_eq!(counted["k2"], 3);
        assert_eq!(counted.values().sum::<u64>(), 4, "{counted:?}");
    }
}
