//! Transport: one HTTP request out, one answer or silence back.
//!
//! The seam of the deterministic simulation. What matters here is telling apart a request that was proven not
//! sent from one whose outcome nobody knows.

use std::future::Future;
use std::time::{Duration, Instant};

use secrecy::{ExposeSecret, SecretString};

/// Longest answer we read, in bytes. A receipt is a few thousand; a thousand items of a large company, a million and more.
const BODY_LENGTH_MAX: usize = 8 * 1024 * 1024;

/// How a request is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// Read.
    Get,
    /// Write.
    Post,
}

/// What a request proves its right with.
#[derive(Clone, Copy)]
pub enum Credentials<'a> {
    /// A merchant's access token.
    Bearer(&'a SecretString),
    /// The app's own id and secret.
    Basic(&'a str, &'a SecretString),
}

/// What a request carries. Has no `Debug`: it holds personal data or tokens.
pub enum Body {
    /// JSON.
    Json(String),
    /// `application/x-www-form-urlencoded`.
    Form(String),
}

impl Body {
    /// The media type to send it under.
    #[must_use]
    pub fn content_type(&self) -> &'static str {
        match self {
            Self::Json(_) => "application/json",
            Self::Form(_) => "application/x-www-form-urlencoded",
        }
    }

    /// The body as it goes over the wire.
    #[must_use]
    pub fn text(&self) -> &str {
        match self {
            Self::Json(text) | Self::Form(text) => text,
        }
    }
}

/// One request to Intuit. Has no `Debug`: its body holds personal data or tokens.
pub struct Request<'a> {
    /// Read or write.
    pub method: Method,
    /// The whole address, query included.
    pub url: String,
    /// What it proves its right with.
    pub credentials: Credentials<'a>,
    /// Headers beyond those that every request carries.
    pub headers: &'static [(&'static str, &'static str)],
    /// The body, on writes.
    pub body: Option<Body>,
    /// How long to wait for the whole answer.
    pub timeout: Duration,
}

/// What came back. Has no `Debug`: its body holds personal data or tokens.
#[derive(Clone)]
pub struct Answer {
    /// HTTP status.
    pub status: u16,
    /// Intuit's trace id, for their support.
    pub intuit_tid: Option<String>,
    /// `Retry-After`, where it was sent. None is documented.
    pub retry_after: Option<Duration>,
    /// The body, unread.
    pub body: Vec<u8>,
}

/// Nothing usable came back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Silence {
    /// Name look-up, connection or TLS failed: no byte of the request has left.
    NotSent,
    /// Sent, wholly or partly, and not answered: it may have been carried out, or may yet be.
    Unknown,
}

/// Whatever carries requests to Intuit.
pub trait Transport {
    /// Sends one request, once. No retries, no redirects.
    ///
    /// # Errors
    ///
    /// [`Silence`] where no complete answer came back.
    fn send(&self, request: &Request<'_>) -> impl Future<Output = Result<Answer, Silence>>;
}

impl<T: Transport> Transport for &T {
    async fn send(&self, request: &Request<'_>) -> Result<Answer, Silence> {
        T::send(self, request).await
    }
}

/// The transport that ships: HTTPS through one connection pool.
pub struct Https {
    client: reqwest::Client,
}

impl Https {
    /// Builds the pool. Make one a process: each parses the certificate bundle anew.
    ///
    /// # Panics
    ///
    /// Where the system's certificates cannot be loaded: nothing can be sent without them.
    #[must_use]
    pub fn new() -> Self {
        let client = reqwest::Client::builder()
            // A redirect would carry the token and the body to a host nobody chose.
            .redirect(reqwest::redirect::Policy::none())
            .retry(reqwest::retry::never())
            .connect_timeout(Duration::from_secs(5))
            // A connection that slept through a frozen sandbox is dead on the other side; a POST written to it is
            // an unknown outcome for nothing.
            .pool_idle_timeout(Duration::from_secs(20))
            .build()
            .expect("the certificate bundle can be read");
        Self { client }
    }

    /// The pool itself, for others who are asked over HTTPS.
    #[must_use]
    pub fn pool(&self) -> &reqwest::Client {
        &self.client
    }
}

impl Default for Https {
    fn default() -> Self {
        Self::new()
    }
}

impl Transport for Https {
    async fn send(&self, request: &Request<'_>) -> Result<Answer, Silence> {
        let started = Instant::now();
        let answer = self.ask(request).await;
        tell(request, &answer, started.elapsed());
        answer
    }
}

/// Logs and counts what was asked. Never the address, whose query may hold a name.
///
/// Reads of a company are metered, writes are free (Intuit, "App Partner Program"); what goes to the token endpoint is neither.
fn tell(request: &Request<'_>, answer: &Result<Answer, Silence>, took: Duration) {
    let milliseconds = u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
    let (status, intuit_tid) = match answer {
        Ok(answer) => (answer.status, answer.intuit_tid.as_deref()),
        Err(_) => (0, None),
    };
    let intuit_tid = intuit_tid.unwrap_or_default();
    let troubles = u64::from(matches!(status, 0 | 429 | 500..));
    match (&request.credentials, request.method) {
        (Credentials::Bearer(_), Method::Get) => tracing::info!(
            metric.MeteredReads = 1,
            metric.QuickBooksMilliseconds = milliseconds,
            metric.QuickBooksTroubles = troubles,
            quickbooks.status = status,
            quickbooks.intuit_tid = intuit_tid,
            "asked QuickBooks to read"
        ),
        (Credentials::Bearer(_), Method::Post) => tracing::info!(
            metric.Writes = 1,
            metric.QuickBooksMilliseconds = milliseconds,
            metric.QuickBooksTroubles = troubles,
            quickbooks.status = status,
            quickbooks.intuit_tid = intuit_tid,
            "asked QuickBooks to write"
        ),
        (Credentials::Basic(..), _) => tracing::info!(
            metric.IntuitMilliseconds = milliseconds,
            metric.QuickBooksTroubles = troubles,
            quickbooks.status = status,
            quickbooks.intuit_tid = intuit_tid,
            "asked Intuit about tokens"
        ),
    }
}

impl Https {
    async fn ask(&self, request: &Request<'_>) -> Result<Answer, Silence> {
        let method = match request.method {
            Method::Get => reqwest::Method::GET,
            Method::Post => reqwest::Method::POST,
        };
        let mut http = self
            .client
            .request(method, &request.url)
            .timeout(request.timeout)
            .header("accept", "application/json");
        http = match request.credentials {
            Credentials::Bearer(token) => http.bearer_auth(token.expose_secret()),
            Credentials::Basic(id, secret) => http.basic_auth(id, Some(secret.expose_secret())),
        };
        for (name, value) in request.headers {
            http = http.header(*name, *value);
        }
        if let Some(body) = &request.body {
            http = http
                .header("content-type", body.content_type())
                .body(body.text().to_owned());
        }
        let silence = |error: reqwest::Error| match error.is_connect() || error.is_builder() {
            true => Silence::NotSent,
            false => Silence::Unknown,
        };
        let mut response = http.send().await.map_err(silence)?;
        let text = |name: &str| {
            response
                .headers()
                .get(name)
                .and_then(|value| value.to_str().ok())
                .map(str::to_owned)
        };
        let intuit_tid = text("intuit_tid");
        let retry_after = text("retry-after")
            .and_then(|value| value.parse().ok())
            .map(Duration::from_secs);
        let status = response.status().as_u16();
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(|_| Silence::Unknown)? {
            if body.len() + chunk.len() > BODY_LENGTH_MAX {
                return Err(Silence::Unknown);
            }
            body.extend_from_slice(&chunk);
        }
        Ok(Answer {
            status,
            intuit_tid,
            retry_after,
            body,
        })
    }
}
