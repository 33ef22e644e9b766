//! Resealing: what is kept of linked customers is sealed anew under the newest key. Tokens and messages are by themselves, and soon; a
//! link is written only when its customer's profile changes, so that a key could never be taken out.

use std::error::Error;
use std::process::ExitCode;

use aws_config::SdkConfig;
use aws_lc_rs::aead::NONCE_LEN;
use aws_lc_rs::rand::{SecureRandom, SystemRandom};
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
use aws_sdk_dynamodb::primitives::Blob;
use aws_sdk_dynamodb::types::AttributeValue as Value;
use common::sealing::{KeyRing, SealingError};
use common::store::dynamodb::{Item, link_key};
use common::store::link_context;

use crate::item::{each_row, ring};

/// What became of the links.
#[derive(Debug, Default, PartialEq, Eq)]
struct Resealed {
    anew: u64,
    /// Somebody else wrote them meanwhile, under the newest key.
    written: u64,
    unreadable: u64,
}

/// Seals every link's profiles anew that an older key sealed, and prints how many. May be stopped anywhere, and run again.
///
/// Ends with 1 where one cannot be opened: its key has to be put back into the ring first.
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
        match anew(&ring, &row, nonce()) {
            None => {}
            Some(Err(_)) => resealed.unreadable += 1,
            Some(Ok(baseline)) => match written(&dynamodb, links, &row, baseline).await? {
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
    if unreadable == 0 {
        return Ok(ExitCode::SUCCESS);
    }
    println!(
        "NOT DONE: {unreadable} links cannot be opened. Put the key that sealed them back into the ring, then run this again"
    );
    Ok(ExitCode::FAILURE)
}

/// A link's profiles under the newest key; none where there are none, or they are under it already.
fn anew(
    ring: &KeyRing,
    row: &Item,
    nonce: [u8; NONCE_LEN],
) -> Option<Result<Vec<u8>, SealingError>> {
    let context = link_context(&link_key(row)?);
    let sealed = row.get("baseline")?.as_b().ok()?.as_ref();
    if ring.seals_as(sealed) {
        return None;
    }
    let opened = ring.open(sealed, &context);
    Some(opened.map(|content| ring.seal(&content, &context, nonce)))
}

/// Writes them over what was read and nothing else; gives whether it still stood. What the link says is the same, so its revision is.
async fn written(
    dynamodb: &Client,
    links: &str,
    row: &Item,
    baseline: Vec<u8>,
) -> Result<bool, Box<dyn Error>> {
    let update = dynamodb
        .update_item()
        .table_name(links)
        .set_key(Some(
            ["pk", "sk"]
                .map(|name| (name.to_owned(), row[name].clone()))
                .into(),
        ))
        .update_expression("SET baseline = :anew")
        .condition_expression("baseline = :read")
        .expression_attribute_values(":anew", Value::B(Blob::new(baseline)))
        .expression_attribute_values(":read", row["baseline"].clone());
    match update.send().await {
        Ok(_) => Ok(true),
        Err(error) => match error.as_service_error() {
            Some(UpdateItemError::ConditionalCheckFailedException(_)) => Ok(false),
            _ => Err(error.into()),
        },
    }
}

fn nonce() -> [u8; NONCE_LEN] {
    let mut nonce = [0; NONCE_LEN];
    SystemRandom::new()
        .fill(&mut nonce)
        .expect("the operating system gives random bytes");
    nonce
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
            let row = link(
                sk,
                ring("k1", &["k1"]).seal(b"a profile", &context, [1; 12]),
            );
            let sealed = anew(&ring("k2", &["k1", "k2"]), &row, [2; 12])
                .unwrap()
                .unwrap();
            let newest = ring("k2", &["k2"]);
            assert_eq!(newest.open(&sealed, &context).unwrap(), b"a profile");
            assert_eq!(
                anew(&newest, &link(sk, sealed), [3; 12]),
                None,
                "once is enough"
            );
        }
    }

    #[test]
    fn a_link_whose_key_is_gone_is_said_to_be_unreadable_and_left_as_it_is() {
        let sk = "cus_1#9341450000000001";
        let row = link(sk, ring("k1", &["k1"]).seal(b"a profile", "link", [1; 12]));
        let missing = anew(&ring("k2", &["k2"]), &row, [2; 12]);
        assert_eq!(missing, Some(Err(SealingError::KeyMissing)));
    }

    #[test]
    fn what_is_no_link_is_left_alone() {
        for sk in ["cus_1#parked", "cus_1", "cus_1#9341450000000001#USD#more"] {
            let row = link(sk, ring("k1", &["k1"]).seal(b"a profile", "link", [1; 12]));
            assert_eq!(
                anew(&ring("k2", &["k1", "k2"]), &row, [2; 12]),
                None,
                "{sk}"
            );
        }
    }
}
