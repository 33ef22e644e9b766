//! The link that stops reminders: sealed, so that nobody can make one, and nobody learns from it whose it is.

use bookkeeping::ids::MerchantId;
use bookkeeping::incident::Reader;
use data_encoding::BASE64URL_NOPAD;
use serde::{Deserialize, Serialize};

use crate::sealing::KeyRing;

/// What a link is sealed for.
const CONTEXT: &str = "unsubscribe";

/// Longest link read, in characters.
const LENGTH_MAX: usize = 1024;

/// Who wants no more reminders, about whose connection. Works for as long as its key is in the ring: a link in an old
/// mail has to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unsubscribing {
    /// The merchant.
    pub merchant: MerchantId,
    /// The reader.
    pub reader: Reader,
}

impl Unsubscribing {
    /// What a link says; none where it is not one of ours.
    #[must_use]
    pub fn read(text: &str, keys: &KeyRing) -> Option<Self> {
        let bounded = (text.len() <= LENGTH_MAX).then_some(text)?;
        let sealed = BASE64URL_NOPAD.decode(bounded.as_bytes()).ok()?;
        serde_json::from_slice(&keys.open(&sealed, CONTEXT).ok()?).ok()
    }
}

/// The address of a link; `nonce` is fresh.
///
/// # Panics
///
/// Never: what is sealed is plain data.
#[must_use]
pub fn unsubscribe_url(
    public_url: &str,
    unsubscribing: &Unsubscribing,
    keys: &KeyRing,
    nonce: [u8; 12],
) -> String {
    let content = serde_json::to_vec(unsubscribing).expect("plain data");
    let sealed = BASE64URL_NOPAD.encode(&keys.seal(&content, CONTEXT, nonce));
    format!("{public_url}/quickbooks/unsubscribe?r={sealed}")
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEYS: &str =
        r#"{"current":"k1","keys":{"k1":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="}}"#;

    #[test]
    fn a_link_says_who_to_us_and_nothing_to_anybody_else_and_cannot_be_made_up() {
        let keys = KeyRing::parse(KEYS).unwrap();
        let who = Unsubscribing {
            merchant: MerchantId::parse("mer_4fz9").unwrap(),
            reader: Reader::at(&MerchantId::parse("mer_4fz9").unwrap(), "anna@example.com"),
        };
        let url = unsubscribe_url("https://us", &who, &keys, [7; 12]);
        let (_, sealed) = url.split_once("?r=").unwrap();
        assert_eq!(Unsubscribing::read(sealed, &keys), Some(who));
        assert!(!url.contains("anna") && !url.contains("mer_4fz9"), "{url}");
        let mut forged = sealed.to_owned();
        forged.replace_range(20..21, if &sealed[20..21] == "A" { "B" } else { "A" });
        for other in [forged.as_str(), "", "AAAA", &sealed[1..]] {
            assert_eq!(Unsubscribing::read(other, &keys), None, "{other}");
        }
        let session = BASE64URL_NOPAD.encode(&keys.seal(b"{}", "session", [1; 12]));
        assert_eq!(Unsubscribing::read(&session, &keys), None);
    }
}
