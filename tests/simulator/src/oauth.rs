//! Intuit's OAuth 2.0 and OpenID endpoints under one base address.
//!
//! Sources: Intuit's OAuth 2.0 page; the tests of oauth-jsclient for bodies and headers. There is no
//! `id_token`: it would have to be signed, and nothing here needs one.

use data_encoding::BASE64;
use jiff::Timestamp;

use crate::grants::{ACCESS_SECONDS, Grants, Tokens};
use crate::json::Json;
use crate::message::{Reply, Request, read_form};

/// The scope the Accounting API asks for.
pub(crate) const ACCOUNTING: &str = "com.intuit.quickbooks.accounting";
/// The scopes an app may ask for: those of Intuit's OAuth page and of oauth-jsclient.
const SCOPES: [&str; 13] = [
    ACCOUNTING,
    "com.intuit.quickbooks.payment",
    "openid",
    "profile",
    "email",
    "phone",
    "address",
    "payroll.compensation.read",
    "project-management.project",
    "app-foundations.custom-dimensions.read",
    "app-foundations.custom-field-definitions",
    "time-tracking.time-entry",
    "indirect-tax.tax-calculation.quickbooks",
];

/// The app that is registered with Intuit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct App {
    /// Its id.
    pub client_id: String,
    /// Its secret.
    pub client_secret: String,
    /// Where merchants are sent back to; compared exactly.
    pub redirect_uris: Vec<String>,
}

impl Default for App {
    fn default() -> App {
        App {
            client_id: "demo-client".to_owned(),
            client_secret: "demo-secret".to_owned(),
            redirect_uris: vec![
                "http://localhost:8080/callback".to_owned(),
                "http://127.0.0.1:8080/callback".to_owned(),
            ],
        }
    }
}

/// What an authorize request asks for, once it is in order.
pub(crate) struct Asked {
    pub scope: String,
    pub redirect_uri: String,
    pub state: String,
}

/// The discovery document.
pub(crate) fn discovery(base: &str) -> Reply {
    let text = |path: &str| Json::text(format!("{base}{path}"));
    let words = |words: &[&str]| Json::List(words.iter().map(|word| Json::text(*word)).collect());
    let document = Json::object([
        ("issuer", text("/op/v1")),
        ("authorization_endpoint", text("/connect/oauth2")),
        ("token_endpoint", text("/oauth2/v1/tokens/bearer")),
        ("userinfo_endpoint", text("/v1/openid_connect/userinfo")),
        ("revocation_endpoint", text("/v2/oauth2/tokens/revoke")),
        ("jwks_uri", text("/op/v1/jwks")),
        ("response_types_supported", words(&["code"])),
        ("subject_types_supported", words(&["public"])),
        ("id_token_signing_alg_values_supported", words(&["RS256"])),
        (
            "scopes_supported",
            words(&["openid", "email", "profile", "address", "phone"]),
        ),
        (
            "token_endpoint_auth_methods_supported",
            words(&["client_secret_post", "client_secret_basic"]),
        ),
        (
            "claims_supported",
            words(&["aud", "exp", "iat", "iss", "realmid", "sub"]),
        ),
    ]);
    Reply::new(200, "application/json", document.to_text())
}

/// Checks an authorize request.
///
/// # Errors
/// The reply to give: a page where the app or its address is not known, a redirect with `error` where only the scope is wrong.
pub(crate) fn asked(app: &App, parameters: &[(String, String)]) -> Result<Asked, Reply> {
    let get = |name: &str| {
        parameters
            .iter()
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.as_str())
            .unwrap_or_default()
    };
    let page = |problem: &str| {
        Reply::new(
            400,
            "text/html;charset=UTF-8",
            format!(
                "<!doctype html><title>Sorry</title><h1>Sorry, but something went wrong</h1><p>{problem}</p>"
            ),
        )
    };
    if get("client_id") != app.client_id {
        return Err(page("The client_id is not known."));
    }
    let redirect_uri = get("redirect_uri").to_owned();
    if !app.redirect_uris.contains(&redirect_uri) {
        return Err(page(
            "The redirect_uri query parameter value is invalid. Make sure it is listed in the Redirect URIs section on your app's keys tab and matches it exactly.",
        ));
    }
    let state = get("state").to_owned();
    if state.is_empty() {
        return Err(page("The state query parameter is missing."));
    }
    if get("response_type") != "code" {
        return Err(page("The response_type query parameter must be code."));
    }
    let scope = get("scope").to_owned();
    if scope.split_whitespace().next().is_none()
        || scope.split_whitespace().any(|word| !SCOPES.contains(&word))
    {
        return Err(back(
            &redirect_uri,
            &[("error", "invalid_scope"), ("state", &state)],
        ));
    }
    Ok(Asked {
        scope,
        redirect_uri,
        state,
    })
}

/// A redirect back to the app.
pub(crate) fn back(redirect_uri: &str, parameters: &[(&str, &str)]) -> Reply {
    let query: Vec<String> = parameters
        .iter()
        .map(|(name, value)| format!("{name}={}", crate::message::percent_encode(value)))
        .collect();
    let separator = if redirect_uri.contains('?') { '&' } else { '?' };
    Reply::redirect(&format!("{redirect_uri}{separator}{}", query.join("&")))
}

/// What a token request asks for.
#[derive(Clone, Debug)]
pub(crate) enum Grant {
    /// To exchange a code, given with its redirect address.
    Code(String, String),
    /// To refresh.
    Refresh(String),
}

/// Reads a token request.
///
/// # Errors
/// The refusal to give.
pub(crate) fn token_request(
    app: &App,
    request: &Request,
    invalid_client_status: u16,
) -> Result<Grant, Reply> {
    let form = form(request);
    let get = |name: &str| {
        form.iter()
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.clone())
            .filter(|value| !value.is_empty())
    };
    authenticate(app, request, &form)
        .map_err(|()| refusal(invalid_client_status, "invalid_client", None))?;
    match get("grant_type").as_deref() {
        Some("authorization_code") => match (get("code"), get("redirect_uri")) {
            (Some(code), Some(redirect_uri)) => Ok(Grant::Code(code, redirect_uri)),
            _ => Err(refusal(400, "invalid_request", None)),
        },
        Some("refresh_token") => get("refresh_token")
            .map(Grant::Refresh)
            .ok_or_else(|| refusal(400, "invalid_request", None)),
        Some(_) => Err(refusal(400, "unsupported_grant_type", None)),
        None => Err(refusal(400, "invalid_request", None)),
    }
}

/// The answer with tokens. The hard expiry, where it is told at all, comes only where the header asks for it (since May 2026).
pub(crate) fn token_answer(tokens: &Tokens, request: &Request, tells_hard_expiry: bool) -> Reply {
    let mut body = Json::object([
        ("token_type", Json::text("bearer")),
        (
            "expires_in",
            Json::from(u64::try_from(ACCESS_SECONDS).unwrap_or(0)),
        ),
        (
            "x_refresh_token_expires_in",
            Json::from(u64::try_from(tokens.refresh_expires_in).unwrap_or(0)),
        ),
        ("refresh_token", Json::text(&tokens.refresh)),
        ("access_token", Json::text(&tokens.access)),
    ]);
    let asks = request.header_value("x-include-refresh-token-hard-expires-in") == Some("true");
    if asks && tells_hard_expiry {
        body.set(
            "x_refresh_token_hard_expires_in",
            Json::from(u64::try_from(tokens.hard_expires_in).unwrap_or(0)),
        );
    }
    json_answer(200, &body)
}

/// The refusal of a dead or unknown refresh token or code.
pub(crate) fn invalid_grant() -> Reply {
    refusal(
        400,
        "invalid_grant",
        Some("Incorrect or invalid refresh token"),
    )
}

/// Revokes: the token comes as JSON or as a form; 200 with an empty body, 400 where there is nothing to revoke.
pub(crate) fn revoke(
    app: &App,
    grants: &mut Grants,
    request: &Request,
    invalid_client_status: u16,
) -> Reply {
    let form = form(request);
    if authenticate(app, request, &form).is_err() {
        return refusal(invalid_client_status, "invalid_client", None);
    }
    let from_json = || {
        Json::read(&String::from_utf8_lossy(&request.body))
            .ok()
            .and_then(|body| body.said("token").map(str::to_owned))
    };
    let token = if is_json(request) {
        from_json()
    } else {
        form.iter()
            .find(|(key, _)| key == "token")
            .map(|(_, value)| value.clone())
    };
    match token {
        Some(token) if grants.revoke(&token) => {
            Reply::new(200, "application/json;charset=UTF-8", "")
        }
        Some(_) => refusal(400, "invalid_request", None),
        None => refusal(400, "invalid_request", None),
    }
}

const SUBJECT: &str = "5f2c9a10-77aa-4f0e-9b0c-1d2e3f405162";

/// Who connected, for tokens with an OpenID scope.
pub(crate) fn user_info(grants: &Grants, request: &Request, now: Timestamp) -> Reply {
    let token = request
        .header_value("authorization")
        .and_then(|value| value.strip_prefix("Bearer "))
        .unwrap_or_default();
    if grants.admits(token, None, "openid", now).is_err() {
        return json_answer(401, &Json::object([("error", Json::text("invalid_token"))]));
    }
    let address = Json::object([
        ("streetAddress", Json::text("12 Elm St")),
        ("locality", Json::text("Toronto")),
        ("region", Json::text("ON")),
        ("postalCode", Json::text("M4B 1B3")),
        ("country", Json::text("CA")),
    ]);
    let body = Json::object([
        ("sub", Json::text(SUBJECT)),
        ("email", Json::text("owner@example.com")),
        ("emailVerified", Json::Bool(true)),
        ("givenName", Json::text("Dana")),
        ("familyName", Json::text("Okafor")),
        ("phoneNumber", Json::text("+1 5550107788")),
        ("phoneNumberVerified", Json::Bool(false)),
        ("address", address),
    ]);
    json_answer(200, &body)
}

fn is_json(request: &Request) -> bool {
    request
        .header_value("content-type")
        .is_some_and(|value| value.starts_with("application/json"))
}

fn form(request: &Request) -> Vec<(String, String)> {
    if is_json(request) {
        Vec::new()
    } else {
        read_form(&String::from_utf8_lossy(&request.body))
    }
}

/// Basic credentials, or the same two in the form.
fn authenticate(app: &App, request: &Request, form: &[(String, String)]) -> Result<(), ()> {
    let basic = request
        .header_value("authorization")
        .and_then(|value| value.split_once(' '))
        .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("basic"));
    if let Some((_, encoded)) = basic {
        let expected = BASE64.encode(format!("{}:{}", app.client_id, app.client_secret).as_bytes());
        return if encoded.trim() == expected {
            Ok(())
        } else {
            Err(())
        };
    }
    let get = |name: &str| {
        form.iter()
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.as_str())
    };
    let known = get("client_id") == Some(&app.client_id)
        && get("client_secret") == Some(&app.client_secret);
    if known { Ok(()) } else { Err(()) }
}

fn refusal(status: u16, error: &str, description: Option<&str>) -> Reply {
    let mut body = Json::object([("error", Json::text(error))]);
    if let Some(description) = description {
        body.set("error_description", Json::text(description));
    }
    json_answer(status, &body)
}

fn json_answer(status: u16, body: &Json) -> Reply {
    let mut reply = Reply::new(status, "application/json;charset=UTF-8", body.to_text());
    reply
        .headers
        .push(("cache-control".to_owned(), "no-cache, no-store".to_owned()));
    reply
        .headers
        .push(("pragma".to_owned(), "no-cache".to_owned()));
    reply
}
