//! An operator's browser, the functions it speaks to, and Intuit's consent page.
#![allow(dead_code, reason = "each test binary uses what it needs")]

use std::collections::BTreeMap;
use std::time::Duration;

use bookkeeping::connection::{Connection, ConnectionState};
use bookkeeping::ids::{MerchantId, RealmId};
use common::secrets::Stage;
use common::web::{Method, Request, Response};
use jiff::Timestamp;
use oauth_connect::{Desk, routes};
use recording::Recorder;
use serde_json::Value;
use simulation::market::{claims, signed};
use simulation::town::MERCHANT;
use simulation::world::{Outside, SimulatedWorld};

/// A company in Quebec, with English names.
pub const QUEBEC: &str = "9341450000000001";

/// Another company in Quebec, in French.
pub const OTHER_COMPANY: &str = "9341450000000007";

/// Where we are, as the simulator has it registered.
const PUBLIC_URL: &str = "https://quickbooks.simulated";

/// Everything that is remembered and that a refused request must not change.
#[derive(Debug, PartialEq)]
pub struct Snapshot {
    pub connections: BTreeMap<MerchantId, Connection>,
    pub tokens: Vec<(MerchantId, u64)>,
    pub owners: BTreeMap<RealmId, (MerchantId, u64)>,
    pub merchants: usize,
    pub attempts: usize,
    pub launches: usize,
    pub told: usize,
}

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

    /// Presses Connect, consents to a company, and sees the page.
    pub fn connects_to(&mut self, realm: &str) -> Response {
        let done = self.consents_to(realm);
        self.follows(&done)
    }

    /// Presses Connect and consents to a company; gives our answer to what comes back.
    pub fn consents_to(&mut self, realm: &str) -> Response {
        let to_intuit = self.launches("/quickbooks/connect", &Value::Null);
        self.consents(&to_intuit, realm)
    }

    /// Presses Connect, and gives where Intuit sends the browser back to.
    pub fn asks_intuit_for(&mut self, realm: &str) -> String {
        let to_intuit = self.launches("/quickbooks/connect", &Value::Null);
        self.sent_back(&to_intuit, realm)
    }

    /// Consents at Intuit; gives our answer to what comes back.
    pub fn consents(&mut self, to_intuit: &Response, realm: &str) -> Response {
        let back = self.sent_back(to_intuit, realm);
        self.opens(back.strip_prefix(PUBLIC_URL).expect("back to us"))
    }

    /// Consents at Intuit; gives where it sends the browser back to.
    pub fn sent_back(&mut self, to_intuit: &Response, realm: &str) -> String {
        let there = to_intuit.header("location");
        let there = there.unwrap_or_else(|| panic!("not sent to Intuit: {}", to_intuit.body));
        let (page, query) = there.split_once('?').expect("a query");
        assert_eq!(page, "https://simulated/connect/oauth2");
        let form = format!("{query}&realmId={realm}");
        let request = simulator::Request::new("POST", "/connect/oauth2/consent")
            .header("content-type", "application/x-www-form-urlencoded")
            .body(form);
        let reply = self
            .outside
            .intuit
            .borrow_mut()
            .handle(self.now(), &request);
        let header = reply.headers.iter().find(|(name, _)| name == "location");
        header.expect("sent back").1.clone()
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

    /// Comes back from Intuit with these parameters.
    pub fn calls_back(&mut self, query: &[(String, String)]) -> Response {
        self.calls_back_or_dies(query).expect("nobody dies here")
    }

    /// Comes back from Intuit; `None` where the process dies over it.
    pub fn calls_back_or_dies(&mut self, query: &[(String, String)]) -> Option<Response> {
        self.asks(Method::Get, &callback(query), "")
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

    /// Comes back from Intuit so much later than now, while another process does something, later too.
    pub fn is_called_back_while<T>(
        &self,
        query: &[(String, String)],
        [back, elsewhere]: [Duration; 2],
        work: impl AsyncFnOnce(Desk<SimulatedWorld>) -> T,
    ) -> (Response, T) {
        let called_back = self.request(Method::Get, &callback(query), "");
        let clock = &self.outside.waits.clock;
        let (one, other) = (self.desk(), self.desk());
        let both = futures::future::join(
            async {
                clock.sleep(back).await;
                routes::answer(&one, &called_back).await
            },
            async {
                clock.sleep(elsewhere).await;
                work(other).await
            },
        );
        clock.run(both, || false).expect("nobody dies here")
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

    /// The connection, as it is remembered.
    pub fn connection(&self) -> Option<Connection> {
        let tables = self.outside.tables.borrow();
        tables.connections.get(&self.id()).cloned()
    }

    /// Changes the connection behind everybody's back.
    pub fn change(&self, change: impl FnOnce(&mut Connection)) {
        let mut tables = self.outside.tables.borrow_mut();
        change(tables.connections.get_mut(&self.id()).expect("connected"));
    }

    /// Puts the connection into a state.
    pub fn set_state(&self, state: &str) {
        let state = ConnectionState::from_stored(state).expect("a state");
        let mut tables = self.outside.tables.borrow_mut();
        tables.put_in_state(&self.id(), state);
    }

    /// The epochs that tokens are remembered of.
    pub fn epochs_with_tokens(&self) -> Vec<u64> {
        let tables = self.outside.tables.borrow();
        let merchant = self.id();
        let epochs = tables.tokens.keys().filter(|(of, _)| *of == merchant);
        epochs.map(|(_, epoch)| *epoch).collect()
    }

    /// The epochs whose tokens merchants' secrets hold as their current ones.
    pub fn epochs_in_secrets(&self) -> Vec<u64> {
        let secrets = self.outside.secrets.borrow();
        let current = secrets
            .values()
            .filter_map(|secret| secret.holds(Stage::Current));
        current.map(|(_, kept)| kept.epoch).collect()
    }

    /// The companies that are bound to somebody.
    pub fn bound(&self) -> Vec<String> {
        let tables = self.outside.tables.borrow();
        tables.owners.keys().map(ToString::to_string).collect()
    }

    /// Has the store carry out twice what takes up a connection, as where its first answer is lost.
    pub fn answers_get_lost(&self) {
        self.outside.tables.borrow_mut().repeats = true;
    }

    /// Takes all tokens away behind everybody's back.
    pub fn loses_its_tokens(&self) {
        self.outside.tables.borrow_mut().tokens.clear();
    }

    /// Whether MioCommerce's queue takes no outcome.
    pub fn tells_nobody(&self, nobody: bool) {
        self.outside.mishaps.borrow_mut().untold_in = nobody.then_some(1);
    }

    /// Whose a company is.
    pub fn owner(&self, realm: &str) -> Option<String> {
        let realm = RealmId::parse(realm).expect("a company");
        let tables = self.outside.tables.borrow();
        let owner = tables.owners.get(&realm);
        owner.map(|(merchant, _)| merchant.to_string())
    }

    /// Whether the tokens of the connection open this company at Intuit.
    pub fn token_works(&self, realm: &str) -> bool {
        let epoch = self.connection().expect("connected").epoch;
        self.opens_with(epoch, realm)
    }

    /// Whether the tokens an epoch began with open the first company still.
    pub fn token_works_of_epoch(&self, epoch: u64) -> bool {
        self.epochs_with_tokens().contains(&epoch) || self.live_grants_of(QUEBEC) > 0
    }

    fn opens_with(&self, epoch: u64, realm: &str) -> bool {
        let world = SimulatedWorld::new(&self.outside);
        let waits = self.outside.waits.clone();
        let merchant = self.id();
        let held = waits
            .clock
            .run(common::tokens::held(&world, &merchant, epoch), || false)
            .expect("alive")
            .expect("tokens");
        let Some(token) = held.first() else {
            return false;
        };
        let request =
            simulator::Request::new("GET", &format!("/v3/company/{realm}/companyinfo/{realm}"))
                .header("accept", "application/json")
                .header(
                    "authorization",
                    &format!("Bearer {}", secrecy::ExposeSecret::expose_secret(token)),
                );
        self.outside.waits.clock.advance(Duration::from_secs(1));
        let reply = self
            .outside
            .intuit
            .borrow_mut()
            .handle(self.now(), &request);
        reply.status == 200
    }

    /// How many of the companies we know have a living permission of our app at Intuit.
    pub fn live_grants(&self) -> usize {
        self.live_grants_of(QUEBEC) + self.live_grants_of(OTHER_COMPANY)
    }

    fn live_grants_of(&self, realm: &str) -> usize {
        usize::from(
            self.outside
                .intuit
                .borrow()
                .current_refresh_token(realm)
                .is_some(),
        )
    }

    /// How many records were written to a company.
    pub fn writes(&self, realm: &str) -> usize {
        let intuit = self.outside.intuit.borrow();
        intuit.request_ids(realm).len() + intuit.receipts(realm).len()
    }

    /// How often drains were woken.
    pub fn woken(&self) -> usize {
        self.outside.wakes.borrow().len()
    }

    /// The states of connections MioCommerce was told of.
    pub fn told(&self) -> Vec<String> {
        let told = self.outside.told.borrow();
        let state = |body: &str| {
            let body: Value = serde_json::from_str(body).expect("JSON");
            body["state"].as_str().map(str::to_owned)
        };
        told.iter().filter_map(|told| state(&told.body)).collect()
    }

    /// Asks Intuit for trouble.
    pub fn trouble(&self, trouble: &Value) {
        let request =
            simulator::Request::new("POST", "/simulator/trouble").body(trouble.to_string());
        let reply = self
            .outside
            .intuit
            .borrow_mut()
            .handle(self.now(), &request);
        assert_eq!(
            reply.status,
            200,
            "{}",
            String::from_utf8_lossy(&reply.body)
        );
    }

    /// Changes a record in the company, as somebody at QuickBooks would.
    pub fn edits_in_quickbooks(&self, entity: &str, id: &str, set: &Value) {
        let realm = self.connection().expect("connected").company.realm;
        let body = serde_json::json!({"realm": realm, "entity": entity, "id": id, "set": set});
        let request = simulator::Request::new("POST", "/simulator/edit").body(body.to_string());
        let now = self.now();
        let reply = self.outside.intuit.borrow_mut().handle(now, &request);
        assert_eq!(
            reply.status,
            200,
            "{}",
            String::from_utf8_lossy(&reply.body)
        );
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

    /// What is remembered.
    pub fn snapshot(&self) -> Snapshot {
        let tables = self.outside.tables.borrow();
        Snapshot {
            connections: tables.connections.clone(),
            tokens: tables.tokens.keys().cloned().collect(),
            owners: tables.owners.clone(),
            merchants: tables.merchants.len(),
            attempts: tables.attempts.len(),
            launches: tables.launches.len(),
            told: self.outside.told.borrow().len(),
        }
    }

    fn id(&self) -> MerchantId {
        MerchantId::parse(&self.merchant).expect("a merchant")
    }
}

fn callback(query: &[(String, String)]) -> String {
    let query: Vec<String> = query
        .iter()
        .map(|(name, value)| format!("{name}={}", quickbooks::query::percent_encoded(value)))
        .collect();
    format!("/quickbooks/callback?{}", query.join("&"))
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

/// The parameters of the address Intuit sends back to.
pub fn redirect_query(back: &str) -> Vec<(String, String)> {
    let (_, query) = back.split_once('?').expect("a query");
    let request = simulator::Request::new("GET", &format!("/?{query}"));
    request.query
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
