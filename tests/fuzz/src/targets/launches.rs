//! Launch tokens in an address: what anybody may write there, and what somebody with the App Market's key might sign.

use common::web::launch::{key_id, verify};
use jiff::Timestamp;
use jsonwebtoken::jwk::Jwk;
use serde_json::{Map, Value};
use simulation::market::{APP_SECRET, claims, signed};

/// A token that was not signed is never taken. One that was is taken or refused by its claims, and only within its time.
pub fn take(bytes: &[u8]) {
    let now = Timestamp::from_second(1_795_000_000).expect("an instant");
    let secret: Value = serde_json::from_str(APP_SECRET).expect("the app's secret");
    let key: Jwk = serde_json::from_value(secret["launch_keys"]["keys"][0].clone()).expect("a key");
    let text = String::from_utf8_lossy(bytes);
    let is_named = key_id(&text).is_some();
    assert!(
        verify(&text, &key, now).is_err(),
        "taken without a signature, named {is_named}"
    );
    // A genuine token whose claims the bytes change.
    let changed: Map<String, Value> = serde_json::from_slice(bytes).unwrap_or_default();
    let mut claims = claims("mer_1", "jti-1", now);
    for (name, value) in changed {
        claims[name] = value;
    }
    if let Ok(launch) = verify(&signed(&claims), &key, now) {
        assert!(launch.expires_at >= now, "taken after its time");
        assert!(
            launch.expires_at.duration_since(launch.issued_at)
                <= jiff::SignedDuration::from_mins(6)
        );
    }
}
