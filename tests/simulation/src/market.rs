//! The App Market: signs launch tokens with a key whose public half is in the app's secret.

use data_encoding::BASE64URL_NOPAD;
use jiff::Timestamp;
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use serde_json::{Value, json};

/// The App Market's key pair, made for the simulation.
const PRIVATE: &str = "MC4CAQAwBQYDK2VwBCIEIDEGnp45QPxylV3mmigqU6Skt6Wor2YyTVbpEtoJwVxK";

/// The app's secret: the app as the simulator knows it, and the App Market's public key.
pub const APP_SECRET: &str = r#"{"client_id": "demo-client", "client_secret": "demo-secret", "launch_keys": {"keys": [
    {"kty": "OKP", "crv": "Ed25519", "kid": "market", "x": "l2_F924XYsksrkslAJK-sYTaHON0ZKsVDzU9LPH0Gco"}]}}"#;

/// What a launch token says of an administrator of a merchant in Quebec; every one has an id of its own.
#[must_use]
pub fn claims(merchant: &str, id: &str, now: Timestamp) -> Value {
    let issued = now.as_second();
    json!({"iss": "miocommerce", "aud": "quickbooks", "iat": issued, "exp": issued + 300, "jti": id,
           "sub": "op_1", "merchant_id": merchant, "merchant_name": "Nettoyage Laurier", "role": "administrator",
           "name": "Anna Côté", "email": "anna@example.com", "language": "en", "entitled": true,
           "country": "CA", "currency": "CAD", "time_zone": "America/Toronto"})
}

/// Signs a launch token.
///
/// # Panics
///
/// Never: the key is one.
#[must_use]
pub fn signed(claims: &Value) -> String {
    let mut header = Header::new(Algorithm::EdDSA);
    header.kid = Some("market".to_owned());
    let private = BASE64URL_NOPAD.decode(PRIVATE.as_bytes()).expect("a key");
    encode(&header, claims, &EncodingKey::from_ed_der(&private)).expect("a key that signs")
}
