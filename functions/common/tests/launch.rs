//! Launch tokens: what the App Market signs is taken, and nothing else.

use common::web::launch::{self, Launch, LaunchRefused, Role, key_id};
use data_encoding::BASE64URL_NOPAD;
use jiff::Timestamp;
use jsonwebtoken::jwk::JwkSet;
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use serde_json::{Value, json};

const NOW: &str = "2026-11-22T14:00:00Z";

/// A P-256 key pair and an Ed25519 one, made for these tests.
mod keys {
    pub const P256_PRIVATE: &str = "MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgYN8LP5K8ko-9EoQ7seh3ThUDn5lDU-zEcPMB0geAljuhRANCAAS5qmuTTiId3eWQeoldSCTij8x7jU7uASR0RZrwx1UjTC5Ykerv8VpCsx5_CramjKs5HduE3umIl91vqvPA5WJW";
    pub const P256_X: &str = "uaprk04iHd3lkHqJXUgk4o_Me41O7gEkdEWa8MdVI0w";
    pub const P256_Y: &str = "LliR6u_xWkKzHn8KtqaMqzkd24Te6YiX3W-q88DlYlY";
    pub const ED_PRIVATE: &str = "MC4CAQAwBQYDK2VwBCIEIDEGnp45QPxylV3mmigqU6Skt6Wor2YyTVbpEtoJwVxK";
    pub const ED_X: &str = "l2_F924XYsksrkslAJK-sYTaHON0ZKsVDzU9LPH0Gco";
}

fn now() -> Timestamp {
    NOW.parse().expect("a time")
}

fn market() -> JwkSet {
    serde_json::from_value(json!({"keys": [
        {"kty": "EC", "crv": "P-256", "kid": "m1", "x": keys::P256_X, "y": keys::P256_Y},
        {"kty": "OKP", "crv": "Ed25519", "kid": "m2", "x": keys::ED_X},
    ]}))
    .expect("a key set")
}

/// Verifies as a function does: the token names one of the App Market's keys, or is not taken.
fn verify(token: &str) -> Result<Launch, LaunchRefused> {
    let market = market();
    let key = key_id(token).and_then(|id| market.find(&id).cloned());
    launch::verify(token, &key.ok_or(LaunchRefused::NotGenuine)?, now())
}

fn claims() -> Value {
    let issued = now().as_second();
    json!({"iss": "miocommerce", "aud": "quickbooks", "iat": issued, "exp": issued + 300, "jti": "j-1",
           "sub": "op_1", "merchant_id": "mer_4fz9", "merchant_name": "Entretien Aline", "role": "administrator",
           "name": "Anna Côté", "email": "anna@example.com", "language": "fr", "entitled": true,
           "country": "CA", "currency": "CAD", "time_zone": "America/Toronto"})
}

fn signed(claims: &Value, kid: Option<&str>, algorithm: Algorithm) -> String {
    let mut header = Header::new(algorithm);
    header.kid = kid.map(str::to_owned);
    let private = match algorithm {
        Algorithm::ES256 => EncodingKey::from_ec_der(&decoded(keys::P256_PRIVATE)),
        Algorithm::EdDSA => EncodingKey::from_ed_der(&decoded(keys::ED_PRIVATE)),
        _ => EncodingKey::from_secret(keys::P256_X.as_bytes()),
    };
    encode(&header, claims, &private).expect("a key that signs")
}

fn decoded(text: &str) -> Vec<u8> {
    BASE64URL_NOPAD.decode(text.as_bytes()).expect("base64")
}

#[test]
fn what_the_app_market_signs_is_taken_under_either_kind_of_key() {
    for (kid, algorithm) in [("m1", Algorithm::ES256), ("m2", Algorithm::EdDSA)] {
        let Ok(launch) = verify(&signed(&claims(), Some(kid), algorithm)) else {
            panic!("{kid} is not taken");
        };
        assert_eq!(launch.merchant.as_str(), "mer_4fz9");
        assert_eq!(launch.role, Role::Administrator);
        assert_eq!(launch.id, "j-1");
        assert!(launch.entitled);
    }
}

#[test]
fn what_is_changed_forged_or_of_another_time_is_refused() {
    let changed = |name: &str, value: Value| {
        let mut claims = claims();
        claims[name] = value;
        signed(&claims, Some("m1"), Algorithm::ES256)
    };
    let without = |name: &str| {
        let mut claims = claims();
        claims.as_object_mut().unwrap().remove(name);
        signed(&claims, Some("m1"), Algorithm::ES256)
    };
    let lasting = |from: i64, to: i64| {
        let mut claims = claims();
        claims["iat"] = json!(now().as_second() + from);
        claims["exp"] = json!(now().as_second() + to);
        signed(&claims, Some("m1"), Algorithm::ES256)
    };
    let genuine = signed(&claims(), Some("m1"), Algorithm::ES256);
    let unsigned = {
        let header = BASE64URL_NOPAD.encode(br#"{"alg":"none","kid":"m1"}"#);
        let body = genuine.split('.').nth(1).unwrap();
        format!("{header}.{body}.")
    };
    let tampered = {
        let mut parts: Vec<String> = genuine.split('.').map(str::to_owned).collect();
        let mut claims = claims();
        claims["merchant_id"] = json!("mer_other");
        parts[1] = BASE64URL_NOPAD.encode(claims.to_string().as_bytes());
        parts.join(".")
    };
    use LaunchRefused::{Expired, NotGenuine};
    let cases = [
        ("nothing", String::new(), NotGenuine),
        ("no token", "not.a.token".to_owned(), NotGenuine),
        ("alg none", unsigned, NotGenuine),
        ("changed after signing", tampered, NotGenuine),
        // The public key taken as a shared secret.
        (
            "HS256 under the public key",
            signed(&claims(), Some("m1"), Algorithm::HS256),
            NotGenuine,
        ),
        (
            "another key's id",
            signed(&claims(), Some("m2"), Algorithm::ES256),
            NotGenuine,
        ),
        (
            "a key nobody has",
            signed(&claims(), Some("m9"), Algorithm::ES256),
            NotGenuine,
        ),
        (
            "no key's id",
            signed(&claims(), None, Algorithm::ES256),
            NotGenuine,
        ),
        (
            "another audience",
            changed("aud", json!("xero")),
            NotGenuine,
        ),
        (
            "another issuer",
            changed("iss", json!("somebody")),
            NotGenuine,
        ),
        ("no audience", without("aud"), NotGenuine),
        ("no id", without("jti"), NotGenuine),
        ("an empty id", changed("jti", json!("")), NotGenuine),
        ("no role", without("role"), NotGenuine),
        (
            "a role we do not have",
            changed("role", json!("owner")),
            NotGenuine,
        ),
        (
            "a merchant id with a separator",
            changed("merchant_id", json!("a#b")),
            NotGenuine,
        ),
        (
            "a currency that is none",
            changed("currency", json!("dollars")),
            NotGenuine,
        ),
        (
            "a time zone that is none",
            changed("time_zone", json!("Mars/Base")),
            NotGenuine,
        ),
        ("over", lasting(-300, -61), Expired),
        ("not begun", lasting(120, 300), Expired),
        ("living too long", lasting(0, 301), Expired),
        ("ending before it begins", lasting(30, 10), Expired),
    ];
    for (what, token, refused) in cases {
        assert_eq!(verify(&token).err(), Some(refused), "{what}");
    }
}
