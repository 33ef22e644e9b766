//! Resealing: what is kept of linked customers is sealed anew under the newest key. Tokens and messages are by themselves, and soon; a
//! link is written only when its customer's profile changes, so that a key could never be taken out.

use std::error::Error;
use std::process::ExitCode;

use aws_config::SdkConfig;
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
use aws_sdk_dynamodb::primitives::Blob;
use aws_sdk_dynamodb::types::AttributeValue as Value;
use common::aws::random;
use common::sealing::{KeyRing, SealingError, nonce};
use common::store::dynamodb::{Item, link_key};
use common::store::link_context;

use crate::item::{each_row, ring};

/// What is sealed of a link: both profiles, and what a worker asks for in its name.
const SEALED: [&str; 2] = ["baseline", "asked"];

/// What became of the links.
#[derive(Debug, Default, PartialEq, Eq)]
struct Resealed {
    anew: u64,
    /// Somebody else wrote them meanwhile.
    written: u64,
    unreadable: u64,
}

/// Seals anew what an older key sealed of every link, and prints of how many. May be stopped anywhere, and run again.
///
/// Ends with 1 where something is left: what somebody else wrote meanwhile is done by running it again, what cannot be opened once its
/// key is back in the ring.
///
/// # Errors
///
/// Where the table or the ring is not to be had.
pub async fn run(
    sdk: &SdkConfig,
    links: &str,
    payload_keys: &str,
) -> Result<ExitCode, Box<dyn Error>> {
    let dynamodb = Client::new(sdk);
    let ring = ring(sdk, payload_keys).await?;
    let mut resealed = Resealed::default();
    each_row(&dynamodb, links, async |row| {
        match anew(&ring, &row, random) {
            None => {}
            Some(Err(_)) => resealed.unreadable += 1,
            Some(Ok(sealed)) => match written(&dynamodb, links, &row, &sealed).await? {
                true => resealed.anew += 1,
                false => resealed.written += 1,
            },
        }
        Ok(())
    })
    .await?;
    let Resealed {
        anew,
        written,
        unreadable,
    } = resealed;
    println!("{anew} links are sealed anew, {written} were written by somebody else meanwhile");
    if unreadable > 0 {
        println!(
            "NOT DONE: {unreadable} links cannot be opened. Put the key that sealed them back into the ring, then run this again"
        );
    }
    if written > 0 {
        println!("NOT DONE: run this again for what was written meanwhile");
    }
    Ok(match written + unreadable {
        0 => ExitCode::SUCCESS,
        _ => ExitCode::FAILURE,
    })
}

/// What is sealed of a link, under the newest key, by attribute; none where nothing is, or all is under it already.
fn anew(
    ring: &KeyRing,
    row: &Item,
    mut random: impl FnMut() -> [u8; 16],
) -> Option<Result<Item, SealingError>> {
    let context = link_context(&link_key(row)?);
    let mut again = |value: &Value| -> Result<Value, SealingError> {
        let Value::B(sealed) = value else {
            return Ok(value.clone());
        };
        let content = ring.open(sealed.as_ref(), &context)?;
        Ok(Value::B(Blob::new(ring.seal(
            &content,
            &context,
            nonce(random()),
        ))))
    };
    let is_old = |value: &Value| matches!(value, Value::B(one) if !ring.seals_as(one.as_ref()));
    let mut sealed = Item::new();
    for name in SEALED {
        let anew = match row.get(name) {
            Some(one) if is_old(one) => again(one),
            Some(Value::L(several)) if several.iter().any(is_old) => {
                let several: Result<_, _> = several.iter().map(&mut again).collect();
                several.map(Value::L)
            }
            _ => continue,
        };
        match anew {
            Ok(value) => sealed.insert(name.to_owned(), value),
            Err(error) => return Some(Err(error)),
        };
    }
    (!sealed.is_empty()).then_some(Ok(sealed))
}

/// Writes it over what was read and nothing else; gives whether that still stood. The link's revision is raised: a worker that read it
/// before reads it again, and does not write back what the older key sealed.
async fn written(
    dynamodb: &Client,
    links: &str,
    row: &Item,
    sealed: &Item,
) -> Result<bool, Box<dyn Error>> {
    let (mut set, mut stands) = (Vec::new(), Vec::new());
    let key = ["pk", "sk"].map(|name| (name.to_owned(), row[name].clone()));
    let mut update = dynamodb
        .update_item()
        .table_name(links)
        .set_key(Some(key.into()))
        .expression_attribute_values(":one", Value::N("1".to_owned()));
    for (name, value) in sealed {
        set.push(format!("{name} = :{name}"));
        stands.push(format!("{name} = :{name}_read"));
        update = update
            .expression_attribute_values(format!(":{name}"), value.clone())
            .expression_attribute_values(format!(":{name}_read"), row[name].clone());
    }
    let update = update
        .update_expression(format!("SET {} ADD revision :one", set.join(", ")))
        .condition_expression(stands.join(" AND "));
    match update.send().await {
        Ok(_) => Ok(true),
        Err(error) => match error.as_service_error() {
            Some(UpdateItemError::ConditionalCheckFailedException(_)) => Ok(false),
            _ => Err(error.into()),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &str = "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=";

    fn ring(current: &str, ids: &[&str]) -> KeyRing {
        let keys: Vec<String> = ids
            .iter()
            .map(|id| format!("\"{id}\": \"{KEY}\""))
            .collect();
        let keys = keys.join(", ");
        KeyRing::parse(&format!(
            "{{\"current\": \"{current}\", \"keys\": {{{keys}}}}}"
        ))
        .unwrap()
    }

    fn link(sk: &str, sealed: Vec<u8>) -> Item {
        Item::from([
            ("pk".to_owned(), Value::S("mer_1".to_owned())),
            ("sk".to_owned(), Value::S(sk.to_owned())),
            ("baseline".to_owned(), Value::B(Blob::new(sealed))),
        ])
    }

    #[test]
    fn a_link_of_an_older_key_opens_under_the_newest_alone() {
        for sk in ["cus_1#9341450000000001", "cus_1#9341450000000001#USD"] {
            let context = link_context(&link_key(&link(sk, Vec::new())).unwrap());
            let older = |content: &[u8]| ring("k1", &["k1"]).seal(content, &context, [1; 12]);
            let mut row = link(sk, older(b"a profile"));
            let asked = Value::L(vec![Value::B(Blob::new(older(b"another")))]);
            row.insert("asked".to_owned(), asked);
            let both = ring("k2", &["k1", "k2"]);
            let sealed = anew(&both, &row, || [2; 16]).unwrap().unwrap();
            let newest = ring("k2", &["k2"]);
            let opened = |value: &Value| newest.open(value.as_b().unwrap().as_ref(), &context);
            assert_eq!(opened(&sealed["baseline"]).unwrap(), b"a profile");
            assert_eq!(
                opened(&sealed["asked"].as_l().unwrap()[0]).unwrap(),
                b"another"
            );
            row.extend(sealed);
            assert_eq!(anew(&newest, &row, || [3; 16]), None, "once is enough");
        }
    }

    #[test]
    fn a_link_whose_key_is_gone_is_said_to_be_unreadable_and_left_as_it_is() {
        let sk = "cus_1#9341450000000001";
        let row = link(sk, ring("k1", &["k1"]).seal(b"a profile", "link", [1; 12]));
        let missing = anew(&ring("k2", &["k2"]), &row, || [2; 16]);
        assert_eq!(missing, Some(Err(SealingError::KeyMissing)));
    }

    #[test]
    fn what_is_no_link_is_left_alone() {
        for sk in ["cus_1#parked", "cus_1", "cus_1#9341450000000001#USD#more"] {
            let row = link(sk, ring("k1", &["k1"]).seal(b"a profile", "link", [1; 12]));
            let both = ring("k2", &["k1", "k2"]);
            assert_eq!(anew(&both, &row, || [2; 16]), None, "{sk}");
        }
    }
}
