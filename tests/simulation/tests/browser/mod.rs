//! An operator's browser and the functions it speaks to.
//!
//! | file | what |
//! |---|---|
//! | here | launching, opening, pressing; what every answer must carry |
//! | `intuit` | consent, what comes back from it, and what stands at QuickBooks |
//! | `remembered` | what is in the tables, and what others do there |
#![allow(
    dead_code,
    unused_imports,
    reason = "each test binary uses what it needs"
)]

mod intuit;
mod remembered;

pub use intuit::redirect_query;
pub use remembered::Snapshot;

use std::collections::BTreeMap;
use std::time::Duration;

use bookkeeping::ids::MerchantId;
use common::web::{Method, Request, Response};
use jiff::Timestamp;
use oauth_connect::{Desk, routes};
use recording::Recorder;
use serde_json::Value;
use simulation::market::{claims, signed};
use simulation::town::{MERCHANT, Town};
use simulation::world::{Outside, SimulatedWorld};

/// A company in Quebec, with English names.
pub const QUEBEC: &str = "9341450000000001";

/// Another company in Quebec, in French.
pub const OTHER_COMPANY: &str = "9341450000000007";

/// Where we are, as the simulator has it registered.
const PUBLIC_URL: &str = "https://quickbooks.simulated";

/// A browser: cookies, and whose operator sits before it.
pub struct Browser {
    outside: Outside,
    merchant: String,
    cookies: BTreeMap<String, String>,
    /// The token of the last page that had a form.
    csrf: String,
    /// The company of the last page that had a form about one.
    company: String,
    launched: u32,
}

impl Browser {
    /// A merchant that never connected.
    pub fn new(seed: u64) -> Self {
        Self::beside(Outside::new(seed))
    }

    /// The operator of the one merchant of a world that has begun already.
    pub fn beside(outside: Outside) -> Self {
        let callback = format!("{PUBLIC_URL}/quickbooks/callback");
        outside.intuit.borrow_mut().app().redirect_uris = vec![callback];
        Self {
            outside,
            merchant: MERCHANT.to_owned(),
            cookies: BTreeMap::new(),
            csrf: String::new(),
            company: String::new(),
            launched: 0,
        }
    }

    /// The operator of a town's merchant, who has opened the page.
    pub fn opened(town: &Town) -> Self {
        let mut browser = Self::beside(town.outside.clone());
        browser.sees();
        browser
    }

    /// Another merchant's operator, at a browser of their own.
    pub fn of_another_merchant(&self, merchant: &str) -> Self {
        Self {
            merchant: merchant.to_owned(),
            ..self.without_cookies()
        }
    }

    /// The same operator at another browser.
    pub fn without_cookies(&self) -> Self {
        Self {
            outside: self.outside.clone(),
            merchant: self.merchant.clone(),
            cookies: BTreeMap::new(),
            csrf: String::new(),
            company: String::new(),
            launched: self.launched + 1000,
        }
    }

    /// A browser with this cookie.
    pub fn with_cookie(&self, cookie: &str) -> Self {
        let mut other = self.without_cookies();
        let (name, value) = cookie.split_once('=').expect("a cookie");
        other.cookies.insert(name.to_owned(), value.to_owned());
        other
    }

    /// Comes from the App Market with a launch token whose claims are changed like this.
    pub fn launches(&mut self, path: &str, changed: &Value) -> Response {
        let token = self.launch_token(changed);
        self.opens(&format!("{path}?launch={token}"))
    }

    /// A launch token with changed claims.
    pub fn launch_token(&mut self, changed: &Value) -> String {
        self.launched += 1;
        let mut claims = claims(
            &self.merchant,
            &format!("jti-{}-{}", self.merchant, self.launched),
            self.now(),
        );
        for (name, value) in changed.as_object().into_iter().flatten() {
            claims[name] = value.clone();
        }
        signed(&claims)
    }

    /// Opens an address.
    pub fn opens(&mut self, target: &str) -> Response {
        self.asks(Method::Get, target, "")
            .expect("nobody dies here")
    }

    /// Sends a form.
    pub fn posts(&mut self, path: &str, form: &str) -> Response {
        self.asks(Method::Post, path, form)
            .expect("nobody dies here")
    }

    /// Presses the button of a page's form that leads to `action`, with the fields the page has for it.
    pub fn presses(&mut self, page: &Response, action: &str) -> Response {
        let answer = self.posts(action, &fields(page, action));
        // A browser follows a form's redirects only to where the form's page lets its forms lead.
        if let Some(to) = answer.header("location").filter(|to| to.contains("://")) {
            let origin: Vec<&str> = to.splitn(4, '/').take(3).collect();
            let policy = page.header("content-security-policy").expect("a policy");
            let forms = policy.split("form-action").nth(1).expect("a rule of forms");
            let allowed = forms.split(';').next().expect("the rule");
            assert!(
                allowed.contains(&origin.join("/")),
                "{allowed} and not {to}"
            );
        }
        answer
    }

    /// Sends the fields of a page that was drawn a while ago, by its form that leads to `action`, and these besides; the session
    /// is the one of now.
    pub fn drawn(&mut self, page: &Response, action: &str, besides: &str) -> Response {
        let drawn = fields(page, action);
        let kept = drawn.split('&').filter(|field| !field.starts_with("csrf="));
        let kept: Vec<&str> = kept.collect();
        let form = format!("csrf={}&{}{besides}", self.csrf, kept.join("&"));
        self.posts(action, &form)
    }

    /// Presses the button of that name and value in a page's form that leads to `action`; `None` where the process dies
    /// over it.
    pub fn chooses(&mut self, page: &Response, action: &str, choice: &str) -> Option<Response> {
        assert!(
            page.body
                .contains(&format!("name=\"choice\" value=\"{choice}\"")),
            "no such button: {}",
            page.body
        );
        let fields = fields(page, action);
        self.asks(Method::Post, action, &format!("{fields}&choice={choice}"))
    }

    /// Sends a form with these fields, as a page of ours would; `None` where the process dies over it.
    pub fn sends(&mut self, action: &str, fields: &str) -> Option<Response> {
        let form = format!("csrf={}&company={}&{fields}", self.csrf, self.company);
        self.asks(Method::Post, action, &form)
    }

    /// Goes where an answer sends the browser.
    pub fn follows(&mut self, answer: &Response) -> Response {
        let to = answer.header("location");
        let to = to.unwrap_or_else(|| panic!("{} {}", answer.status, answer.body));
        self.opens(to)
    }

    /// Presses a page's button; `None` where the process dies over it.
    pub fn presses_or_dies(&mut self, page: &Response, action: &str) -> Option<Response> {
        self.asks(Method::Post, action, &fields(page, action))
    }

    /// Opens the app from the App Market, and sees the page.
    pub fn sees(&mut self) -> Response {
        let opened = self.launches("/quickbooks", &Value::Null);
        self.follows(&opened)
    }

    /// What a page's button asks for.
    pub fn pressing(&self, page: &Response, action: &str) -> Request {
        self.request(Method::Post, action, &fields(page, action))
    }

    /// What is asked for by opening an address.
    pub fn opening(&self, target: &str) -> Request {
        self.request(Method::Get, target, "")
    }

    fn desk(&self) -> Desk<SimulatedWorld> {
        Desk {
            world: SimulatedWorld::new(&self.outside),
            public_url: PUBLIC_URL.to_owned(),
            authorize_url: "https://simulated/connect/oauth2".to_owned(),
        }
    }

    fn request(&self, method: Method, target: &str, form: &str) -> Request {
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        let cookies: Vec<String> = self
            .cookies
            .iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        Request::new(method, path, query, &cookies.join("; "), form)
    }

    fn asks(&mut self, method: Method, target: &str, form: &str) -> Option<Response> {
        let request = self.request(method, target, form);
        let (path, _) = target.split_once('?').unwrap_or((target, ""));
        let world = SimulatedWorld::new(&self.outside);
        let waits = self.outside.waits.clone();
        let is_dead = || waits.fate.is_dead();
        let answer = match path {
            path if is_of_the_page(path) => {
                let recorder = Recorder::new(world);
                waits
                    .clock
                    .run(settings_page::routes::answer(&recorder, &request), is_dead)
            }
            _ => {
                let desk = self.desk();
                waits.clock.run(routes::answer(&desk, &request), is_dead)
            }
        };
        // Dead or done: the next process has a fate of its own.
        waits.fate.revive();
        let body = answer.as_ref().map_or("", |answer| answer.body.as_str());
        for (name, last) in [("csrf", &mut self.csrf), ("company", &mut self.company)] {
            if let Some((_, rest)) = body.split_once(&format!("name=\"{name}\" value=\"")) {
                *last = rest.split('"').next().expect("a value").to_owned();
            }
        }
        for cookie in answer.iter().flat_map(|answer| &answer.cookies) {
            for rule in ["Path=/", "Secure", "HttpOnly", "SameSite=Lax"] {
                assert!(cookie.contains(rule), "{rule}");
            }
            let (name, rest) = cookie.split_once('=').expect("a cookie");
            let value = rest.split(';').next().expect("a value");
            self.cookies.insert(name.to_owned(), value.to_owned());
        }
        answer.inspect(|answer| {
            for (name, value) in [
                ("cache-control", "no-cache, no-store"),
                ("x-content-type-options", "nosniff"),
                ("referrer-policy", "no-referrer"),
            ] {
                assert_eq!(answer.header(name), Some(value));
            }
            let policy = answer.header("content-security-policy").expect("a policy");
            assert!(
                policy.contains("default-src 'none'") && policy.contains("frame-ancestors 'none'")
            );
        })
    }

    /// Lets the process die at a step from now.
    pub fn dies_at(&self, step: u64) {
        self.outside.waits.fate.die_at(Some(step));
    }

    /// Lets time pass.
    pub fn pass(&self, time: Duration) {
        self.outside.waits.clock.advance(time);
    }

    /// What time it is.
    pub fn now(&self) -> Timestamp {
        self.outside.waits.clock.now()
    }

    fn id(&self) -> MerchantId {
        MerchantId::parse(&self.merchant).expect("a merchant")
    }
}

/// The fields of a page's form that leads to `action`, as they are sent.
fn fields(page: &Response, action: &str) -> String {
    let (_, form) = page
        .body
        .split_once(&format!("action=\"{action}\""))
        .unwrap_or_else(|| panic!("no form for {action}: {}", page.body));
    let form = form.split("</form>").next().expect("an end");
    let field = |input: &str| {
        let input = input.split('>').next()?;
        let name = input.split("name=\"").nth(1)?.split('"').next()?;
        let value = input.split("value=\"").nth(1)?.split('"').next()?;
        Some(format!("{name}={value}"))
    };
    let fields: Vec<String> = form.split("<input").filter_map(field).collect();
    fields.join("&")
}

/// Whether the operator's page answers this address.
fn is_of_the_page(path: &str) -> bool {
    let parts = [
        "/quickbooks/settings",
        "/quickbooks/activity",
        "/quickbooks/statement",
        "/quickbooks/taxes",
    ];
    path == "/quickbooks" || parts.iter().any(|part| path.starts_with(part))
}
