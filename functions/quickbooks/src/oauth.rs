//! OAuth: the app's own calls to Intuit about a merchant's tokens.
//!
//! Nothing here repeats a call, stores a token or judges what a refusal means: those are the refresh protocol's.
//! Every token and code prints as `[secret]`. Source of bodies, headers and refusals: Intuit's OAuth 2.0 page and its
//! FAQ; captured answers in the tests of oauth-jsclient.

use std::fmt;
use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;

use crate::query::percent_encoded;
use crate::transport::{Answer, Body, Credentials, Method, Request, Silence, Transport};

/// Asks for the seconds left of the five years a grant lasts at most.
///
/// Source: Intuit's SDKs since May 2026 (Java 6.5.4, .NET 14.7.1.4, oauth-jsclient 4.2.4).
const TOKEN_HEADERS: &[(&str, &str)] = &[("x-include-refresh-token-hard-expires-in", "true")];

/// The app as it is registered with Intuit.
#[derive(Clone)]
pub struct App {
    /// Its id.
    pub client_id: String,
    /// Its secret.
    pub client_secret: SecretString,
}

impl fmt::Debug for App {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("App")
            .field("client_id", &self.client_id)
            .field("client_secret", &"[secret]")
            .finish()
    }
}

/// Where Intuit takes these calls: whole addresses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endpoints {
    /// Codes and refresh tokens in, tokens out.
    pub token_url: String,
    /// Tokens in, and they are dead.
    pub revoke_url: String,
}

/// Intuit's OAuth endpoints, asked as the app.
pub struct OAuthClient<'a, T> {
    /// What carries the requests.
    pub transport: &'a T,
    /// Where to.
    pub endpoints: &'a Endpoints,
    /// As whom.
    pub app: &'a App,
    /// How long to wait for an answer. A short wait makes answers look lost that were on their way.
    pub timeout: Duration,
}

/// What a code or a refresh token gives.
#[derive(Clone)]
pub struct TokenPair {
    /// Opens the company; an hour long.
    pub access: SecretString,
    /// Gives the next pair; may equal the one that was sent.
    pub refresh: SecretString,
    /// Life of the access token.
    pub expires_in: Duration,
    /// Life of the refresh token if it is never used: the rolling window.
    pub refresh_expires_in: Duration,
    /// What is left of the grant's five years, where Intuit says it.
    pub hard_expires_in: Option<Duration>,
}

impl fmt::Debug for TokenPair {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TokenPair")
            .field("access", &"[secret]")
            .field("refresh", &"[secret]")
            .field("expires_in", &self.expires_in)
            .field("refresh_expires_in", &self.refresh_expires_in)
            .field("hard_expires_in", &self.hard_expires_in)
            .finish()
    }
}

/// Intuit, or the way to it, did not do what was asked. Holds nothing that was sent or received but Intuit's own words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TokenFault {
    /// What it means for us.
    pub class: TokenFaultClass,
    /// HTTP status; 0 where no answer came.
    pub status: u16,
    /// OAuth's name of the refusal, where it is one we know.
    pub error: Option<&'static str>,
    /// Intuit's trace id.
    pub intuit_tid: Option<String>,
}

/// What a fault means, by who has to act.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenFaultClass {
    /// The code or token is not taken. Once, it proves nothing: an outage of Intuit's can look like this.
    InvalidGrant,
    /// Our own id or secret is wrong, or the app may not: developers, at once. No merchant can mend it.
    InvalidClient,
    /// Our request itself is wrong: developers.
    OurDefect,
    /// Too many requests; nothing was done.
    Throttled(Option<Duration>),
    /// Never reached Intuit; nothing was done.
    NotSent,
    /// Nobody knows whether it was carried out: a refresh may have made a new token, or may yet.
    Unknown,
}

/// What revoking came to. Either way the token opens nothing any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Revoked {
    /// It was alive until now.
    Now,
    /// Intuit knows no such token, or it was revoked before.
    Before,
}

/// The scope that reads and writes a company's books. There is none that only reads.
///
/// Source: Intuit, "Scopes".
const SCOPE: &str = "com.intuit.quickbooks.accounting";

/// The address of the consent page to send a browser to; `page` is the page itself, `state` comes back untouched.
///
/// `redirect_uri` is compared letter by letter with what is registered. Source: Intuit, "OAuth 2.0".
#[must_use]
pub fn authorize_url(page: &str, app: &App, redirect_uri: &str, state: &str) -> String {
    format!(
        "{page}?client_id={}&response_type=code&scope={SCOPE}&redirect_uri={}&state={}",
        percent_encoded(&app.client_id),
        percent_encoded(redirect_uri),
        percent_encoded(state)
    )
}

impl<T: Transport> OAuthClient<'_, T> {
    /// Exchanges an authorization code. Call it once for a code: a second exchange may kill what the first one gave.
    ///
    /// # Errors
    ///
    /// [`TokenFault`]; [`InvalidGrant`](TokenFaultClass::InvalidGrant) means a code that is used, too old or forged.
    pub async fn exchange(
        &self,
        code: &SecretString,
        redirect_uri: &str,
    ) -> Result<TokenPair, TokenFault> {
        let form = format!(
            "grant_type=authorization_code&code={}&redirect_uri={}",
            percent_encoded(code.expose_secret()),
            percent_encoded(redirect_uri)
        );
        self.tokens(form).await
    }

    /// Refreshes. The refresh token that comes back is the one to keep, whether it changed or not.
    ///
    /// # Errors
    ///
    /// [`TokenFault`]; after [`Unknown`](TokenFaultClass::Unknown) the token must rest until the request cannot be
    /// carried out any more.
    pub async fn refresh(&self, token: &SecretString) -> Result<TokenPair, TokenFault> {
        let token = percent_encoded(token.expose_secret());
        self.tokens(format!("grant_type=refresh_token&refresh_token={token}"))
            .await
    }

    /// Revokes a token, and with it the app's whole connection to that company, whichever of its tokens it is.
    ///
    /// # Errors
    ///
    /// [`TokenFault`] where nobody knows that the token is dead.
    pub async fn revoke(&self, token: &SecretString) -> Result<Revoked, TokenFault> {
        let body = serde_json::json!({"token": token.expose_secret()}).to_string();
        let url = &self.endpoints.revoke_url;
        let answer = self.send(url, Body::Json(body), &[]).await?;
        match answer.status {
            200..=299 => Ok(Revoked::Now),
            // 400 is what an unknown or revoked token gets, with whatever name. Source: Intuit's OAuth 2.0 page.
            400 if refusal(&answer).is_none_or(|error| error != "invalid_client") => {
                Ok(Revoked::Before)
            }
            _ => Err(fault(&answer)),
        }
    }

    async fn tokens(&self, form: String) -> Result<TokenPair, TokenFault> {
        let url = &self.endpoints.token_url;
        let answer = self.send(url, Body::Form(form), TOKEN_HEADERS).await?;
        if answer.status != 200 {
            return Err(fault(&answer));
        }
        // A success that cannot be read may hold a new refresh token: it is lost, not refused.
        let pair: WirePair = serde_json::from_slice(&answer.body).map_err(|_| unknown(&answer))?;
        if pair.access_token.is_empty() || pair.refresh_token.is_empty() {
            return Err(unknown(&answer));
        }
        Ok(TokenPair {
            access: SecretString::from(pair.access_token),
            refresh: SecretString::from(pair.refresh_token),
            expires_in: Duration::from_secs(pair.expires_in),
            refresh_expires_in: Duration::from_secs(pair.x_refresh_token_expires_in),
            hard_expires_in: pair
                .x_refresh_token_hard_expires_in
                .map(Duration::from_secs),
        })
    }

    async fn send(
        &self,
        url: &str,
        body: Body,
        headers: &'static [(&'static str, &'static str)],
    ) -> Result<Answer, TokenFault> {
        let request = Request {
            method: Method::Post,
            url: url.to_owned(),
            credentials: Credentials::Basic(&self.app.client_id, &self.app.client_secret),
            headers,
            body: Some(body),
            timeout: self.timeout,
        };
        self.transport
            .send(&request)
            .await
            .map_err(|silence| TokenFault {
                class: match silence {
                    Silence::NotSent => TokenFaultClass::NotSent,
                    Silence::Unknown => TokenFaultClass::Unknown,
                },
                status: 0,
                error: None,
                intuit_tid: None,
            })
    }
}

/// The refusals OAuth has names for. A name that is not here may be anything, so it is not kept.
const REFUSALS: [&str; 6] = [
    "invalid_grant",
    "invalid_client",
    "unauthorized_client",
    "invalid_request",
    "unsupported_grant_type",
    "invalid_scope",
];

fn refusal(answer: &Answer) -> Option<&'static str> {
    let said: WireRefusal = serde_json::from_slice(&answer.body).ok()?;
    REFUSALS.into_iter().find(|known| *known == said.error)
}

fn fault(answer: &Answer) -> TokenFault {
    let error = refusal(answer);
    let class = match (error, answer.status) {
        // 401 and 400 are both reported for wrong credentials.
        (Some("invalid_client" | "unauthorized_client"), _) | (_, 401) => {
            TokenFaultClass::InvalidClient
        }
        (Some("invalid_grant"), 400) => TokenFaultClass::InvalidGrant,
        (_, 429) => TokenFaultClass::Throttled(answer.retry_after),
        (_, 400..=407 | 409..=499) => TokenFaultClass::OurDefect,
        // 5xx, 408, 3xx: a gateway gave up on a request that may still be carried out.
        _ => TokenFaultClass::Unknown,
    };
    TokenFault {
        class,
        status: answer.status,
        error,
        intuit_tid: answer.intuit_tid.clone(),
    }
}

fn unknown(answer: &Answer) -> TokenFault {
    TokenFault {
        class: TokenFaultClass::Unknown,
        status: answer.status,
        error: None,
        intuit_tid: answer.intuit_tid.clone(),
    }
}

/// Fields beyond these are ignored: Intuit adds some now and then.
#[derive(Deserialize)]
struct WirePair {
    access_token: String,
    refresh_token: String,
    expires_in: u64,
    x_refresh_token_expires_in: u64,
    x_refresh_token_hard_expires_in: Option<u64>,
}

#[derive(Deserialize)]
struct WireRefusal {
    error: String,
}
