//! Answers, with the headers every one of them carries.

use std::sync::LazyLock;

use data_encoding::BASE64;
use sha2::{Digest, Sha256};

/// The one stylesheet, which stands in every page.
pub const STYLE: &str = include_str!("../../templates/style.css");

static STYLE_HASH: LazyLock<String> =
    LazyLock::new(|| format!("'sha256-{}'", BASE64.encode(&Sha256::digest(STYLE))));

/// An answer. Has no `Debug`: cookies and codes travel in it.
#[derive(Clone)]
pub struct Response {
    /// HTTP status.
    pub status: u16,
    /// Headers, cookies excepted.
    pub headers: Vec<(&'static str, String)>,
    /// `Set-Cookie` headers.
    pub cookies: Vec<String>,
    /// The body.
    pub body: String,
}

impl Response {
    /// A page. Its forms may be sent to ourselves alone.
    #[must_use]
    pub fn page(status: u16, html: String) -> Self {
        Self::new(status, "text/html; charset=utf-8", html)
    }

    /// A document for programs.
    #[must_use]
    pub fn json(status: u16, body: String) -> Self {
        Self::new(status, "application/json", body)
    }

    /// A sheet that browsers save under this name, which is ours.
    #[must_use]
    pub fn csv(name: &str, body: String) -> Self {
        let mut response = Self::new(200, "text/csv; charset=utf-8", body);
        let kept = format!("attachment; filename=\"{name}\"");
        response.headers.push(("content-disposition", kept));
        response
    }

    /// Sends the browser elsewhere; it asks there with GET.
    #[must_use]
    pub fn redirect(to: &str) -> Self {
        let mut response = Self::new(303, "text/plain; charset=utf-8", String::new());
        response.headers.push(("location", to.to_owned()));
        response
    }

    /// The same, setting a cookie.
    #[must_use]
    pub fn with_cookie(mut self, cookie: String) -> Self {
        self.cookies.push(cookie);
        self
    }

    /// The same page, whose forms may also lead to another origin: browsers hold the redirect that answers a form against
    /// the page's policy, too.
    #[must_use]
    pub fn leading_to(mut self, address: &str) -> Self {
        let origin: Vec<&str> = address.splitn(4, '/').take(3).collect();
        let rule = format!("form-action 'self' {}", origin.join("/"));
        let policies = self.headers.iter_mut();
        for (_, policy) in policies.filter(|(name, _)| *name == "content-security-policy") {
            *policy = policy.replace("form-action 'self'", &rule);
        }
        self
    }

    /// The value of a header.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(key, _)| *key == name);
        found.map(|(_, value)| value.as_str())
    }

    fn new(status: u16, content_type: &str, body: String) -> Self {
        // Intuit's security requirements: nothing cached, no framing, no referrer (codes are in addresses).
        let policy = format!(
            "default-src 'none'; style-src {}; img-src data:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
            *STYLE_HASH
        );
        Self {
            status,
            headers: vec![
                ("content-type", content_type.to_owned()),
                ("cache-control", "no-cache, no-store".to_owned()),
                ("content-security-policy", policy),
                (
                    "strict-transport-security",
                    "max-age=63072000; includeSubDomains".to_owned(),
                ),
                ("x-content-type-options", "nosniff".to_owned()),
                ("referrer-policy", "no-referrer".to_owned()),
                ("cross-origin-opener-policy", "same-origin".to_owned()),
                (
                    "permissions-policy",
                    "camera=(), geolocation=(), microphone=(), payment=()".to_owned(),
                ),
            ],
            cookies: Vec::new(),
            body,
        }
    }
}
