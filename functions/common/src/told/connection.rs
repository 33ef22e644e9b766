//! What MioCommerce is told of a connection.

use bookkeeping::ids::MerchantId;
use data_encoding::BASE32_NOPAD;
use serde::Serialize;
use sha2::{Digest, Sha256};

use super::{Told, Why, why};
use crate::store::Untold;

/// A connection has reached a new state: the body of one SQS message. Told at least once; drop repeats by `id`.
#[derive(Serialize)]
#[cfg_attr(
    feature = "schema",
    derive(schemars::JsonSchema),
    schemars(rename = "ConnectionOutcome")
)]
pub(super) struct ConnectionChanged<'a> {
    /// Version of this form.
    #[cfg_attr(feature = "schema", schemars(extend("const" = 1)))]
    schema: u32,
    /// The same however often this change is told.
    id: &'a str,
    /// `connection.changed`.
    #[cfg_attr(feature = "schema", schemars(extend("const" = "connection.changed")))]
    r#type: &'static str,
    /// When it was found out, RFC 3339 in UTC.
    at: String,
    /// Whose connection.
    merchant_id: &'a str,
    /// What it is now.
    #[cfg_attr(feature = "schema", schemars(extend("enum" = ["connected", "reconnect_needed", "read_only", "paused", "disconnected"])))]
    state: &'static str,
    /// Why it cannot be used, while it cannot.
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<Why<'a>>,
}

/// Words a change of a connection's state.
#[must_use]
pub fn connection_changed(
    merchant: &MerchantId,
    epoch: u64,
    change: &Untold,
    app_market_url: &str,
) -> Told {
    let id = id(merchant, epoch, change);
    let reason = change.state.closed();
    let message = ConnectionChanged {
        schema: 1,
        id: &id,
        r#type: "connection.changed",
        at: format!("{:.3}", change.at),
        merchant_id: merchant.as_str(),
        state: change.state.as_str(),
        reason: reason.as_ref().map(|reason| why(reason, app_market_url)),
    };
    let body = serde_json::to_string(&message).expect("an outcome is plain data");
    Told {
        id,
        state: None,
        body,
    }
}

/// Of one change, whoever tells it: the same state reached again later is another change.
fn id(merchant: &MerchantId, epoch: u64, change: &Untold) -> String {
    let mut hash = Sha256::new();
    let at = change.at.as_millisecond().to_string();
    let state = change.state.stored();
    for part in [merchant.as_str(), &epoch.to_string(), &state, &at] {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part.as_bytes());
    }
    format!("out_{}", &BASE32_NOPAD.encode(&hash.finalize())[..26])
}

#[cfg(test)]
mod tests {
    use super::*;
    use bookkeeping::connection::{ConnectionState, Denial};
    use serde_json::Value;

    fn told(state: ConnectionState, at: &str) -> Value {
        let merchant = MerchantId::parse("mer_4fz9").unwrap();
        let change = Untold {
            state,
            at: at.parse().unwrap(),
        };
        let told = connection_changed(&merchant, 3, &change, "https://market");
        serde_json::from_str(&told.body).unwrap()
    }

    #[test]
    fn a_denied_connection_is_told_with_its_reason_in_both_languages() {
        let idle = ConnectionState::ReconnectNeeded(Denial::Idle);
        let body = told(idle, "2026-11-22T14:03:13.210Z");
        assert_eq!(body["type"], "connection.changed");
        assert_eq!(body["state"], "reconnect_needed");
        assert_eq!(body["reason"]["code"], "idle_too_long");
        assert!(body["reason"]["fr"].as_str().unwrap().contains("100 jours"));
        assert_eq!(body["reason"]["action_url"], "https://market");
    }

    #[test]
    fn a_working_connection_has_no_reason() {
        let body = told(ConnectionState::Connected, "2026-11-22T14:03:13Z");
        assert_eq!(body["state"], "connected");
        assert!(body.get("reason").is_none());
    }

    #[test]
    fn a_change_told_twice_has_one_id_and_the_same_state_reached_again_another() {
        let change = |at| told(ConnectionState::ReadOnly, at)["id"].clone();
        assert_eq!(
            change("2026-11-22T14:03:13Z"),
            change("2026-11-22T14:03:13Z")
        );
        assert_ne!(
            change("2026-11-22T14:03:13Z"),
            change("2026-11-23T14:03:13Z")
        );
    }
}
