//! Launch tokens: the App Market's word on who opens the app, for which merchant.
//!
//! A JWT signed by the App Market (contract, part 3). Its algorithm comes from our copy of the public key, never from
//! the token; it lives at most five minutes and is good once, which whoever accepts it makes sure of
//! ([`crate::store::Onboarding::use_launch`]).

use std::time::Duration;

use bookkeeping::ids::{MerchantId, OperatorId};
use bookkeeping::money::Currency;
use bookkeeping::transaction::Language;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use jsonwebtoken::jwk::{AlgorithmParameters, EllipticCurve, Jwk};
use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode, decode_header};
use serde::{Deserialize, Serialize};

/// Longest token read, in bytes.
const TOKEN_LENGTH_MAX: usize = 8 * 1024;

/// Longest life of a token. Source: contract, part 3.
const LIFE_MAX: Duration = Duration::from_secs(5 * 60);

/// How far the App Market's clock may be from ours.
pub(super) const SKEW: Duration = Duration::from_secs(60);

/// What an operator may do here.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Everything.
    Administrator,
    /// Look.
    Viewer,
}

/// A launch, verified. Has no `Debug`: it names a person.
#[derive(Clone)]
pub struct Launch {
    /// The token's id, good once.
    pub id: String,
    /// Who opens the app.
    pub operator: OperatorId,
    /// Their name.
    pub name: String,
    /// Their e-mail address.
    pub email: String,
    /// What they may do.
    pub role: Role,
    /// The language they read.
    pub language: Language,
    /// For which merchant.
    pub merchant: MerchantId,
    /// The merchant's name.
    pub merchant_name: String,
    /// Whether the merchant's plan includes the app.
    pub entitled: bool,
    /// The merchant's country, two capitals of ISO 3166.
    pub country: String,
    /// The currency the merchant sells in.
    pub currency: Currency,
    /// The merchant's time zone, a name of the IANA database.
    pub time_zone: String,
    /// When the App Market signed it: what it says of the merchant is as of then.
    pub issued_at: Timestamp,
    /// When it stops being good.
    pub expires_at: Timestamp,
}

/// Why a launch token is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LaunchRefused {
    /// No token, or none of the App Market's: not a JWT, another algorithm than the key's, a
    /// signature that does not verify, another issuer or audience, or claims that are missing or malformed.
    #[error("the launch token is not one of the App Market's")]
    NotGenuine,
    /// Its time is over, or has not come, or it would live longer than a launch may.
    #[error("the launch token is out of its time")]
    Expired,
}

#[derive(Deserialize)]
struct Claims {
    sub: OperatorId,
    jti: String,
    iat: i64,
    exp: i64,
    merchant_id: MerchantId,
    merchant_name: String,
    role: Role,
    name: String,
    email: String,
    language: String,
    entitled: bool,
    country: String,
    currency: String,
    time_zone: String,
}

/// The id of the key a token says it is signed with; none where it is no token of the App Market's.
#[must_use]
pub fn key_id(token: &str) -> Option<String> {
    let bounded = (token.len() <= TOKEN_LENGTH_MAX).then_some(token)?;
    decode_header(bounded).ok()?.kid
}

/// Verifies a launch token under the App Market's public key of its [`key_id`].
///
/// # Errors
///
/// [`LaunchRefused`]; the operator opens the app from the App Market again.
pub fn verify(token: &str, key: &Jwk, now: Timestamp) -> Result<Launch, LaunchRefused> {
    launch(claims(token, key).ok_or(LaunchRefused::NotGenuine)?, now)
}

fn claims(token: &str, key: &Jwk) -> Option<Claims> {
    let mut validation = Validation::new(algorithm(key)?);
    validation.set_issuer(&["miocommerce"]);
    validation.set_audience(&["quickbooks"]);
    validation.set_required_spec_claims(&["exp", "iss", "aud", "sub"]);
    // Time is judged below, by the clock that is given.
    validation.validate_exp = false;
    let key = DecodingKey::from_jwk(key).ok()?;
    Some(decode::<Claims>(token, &key, &validation).ok()?.claims)
}

/// The algorithm of a key: one for each kind of key we take, so that a token cannot choose.
fn algorithm(key: &Jwk) -> Option<Algorithm> {
    match &key.algorithm {
        AlgorithmParameters::EllipticCurve(curve) if curve.curve == EllipticCurve::P256 => {
            Some(Algorithm::ES256)
        }
        AlgorithmParameters::OctetKeyPair(pair) if pair.curve == EllipticCurve::Ed25519 => {
            Some(Algorithm::EdDSA)
        }
        _ => None,
    }
}

fn launch(claims: Claims, now: Timestamp) -> Result<Launch, LaunchRefused> {
    let instant = |seconds| Timestamp::from_second(seconds).map_err(|_| LaunchRefused::NotGenuine);
    let (issued_at, expires_at) = (instant(claims.iat)?, instant(claims.exp)?);
    let life = expires_at.duration_since(issued_at);
    let lives = issued_at <= now + SKEW && now < expires_at + SKEW;
    if !lives || life.is_negative() || life.unsigned_abs() > LIFE_MAX {
        return Err(LaunchRefused::Expired);
    }
    let two_capitals =
        claims.country.len() == 2 && claims.country.bytes().all(|c| c.is_ascii_uppercase());
    let known_zone = TimeZone::get(&claims.time_zone).is_ok();
    let id_fits = (1..=200).contains(&claims.jti.len());
    let currency = Currency::parse(&claims.currency).map_err(|_| LaunchRefused::NotGenuine)?;
    if !(two_capitals && known_zone && id_fits) {
        return Err(LaunchRefused::NotGenuine);
    }
    Ok(Launch {
        id: claims.jti,
        operator: claims.sub,
        name: claims.name,
        email: claims.email,
        role: claims.role,
        language: Language::from_tag(&claims.language).unwrap_or(Language::English),
        merchant: claims.merchant_id,
        merchant_name: claims.merchant_name,
        entitled: claims.entitled,
        country: claims.country,
        currency,
        time_zone: claims.time_zone,
        issued_at,
        expires_at,
    })
}
