//! Intuit as a browser meets it: consent, the way back, and the company behind it.

use std::time::Duration;

use common::web::{Method, Response};
use oauth_connect::{Desk, routes};
use serde_json::Value;
use simulation::world::SimulatedWorld;

use super::{Browser, OTHER_COMPANY, PUBLIC_URL, QUEBEC};

impl Browser {
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

    /// Comes back from Intuit with these parameters.
    pub fn calls_back(&mut self, query: &[(String, String)]) -> Response {
        self.calls_back_or_dies(query).expect("nobody dies here")
    }

    /// Comes back from Intuit; `None` where the process dies over it.
    pub fn calls_back_or_dies(&mut self, query: &[(String, String)]) -> Option<Response> {
        self.asks(Method::Get, &callback(query), "")
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
}

fn callback(query: &[(String, String)]) -> String {
    let query: Vec<String> = query
        .iter()
        .map(|(name, value)| format!("{name}={}", quickbooks::query::percent_encoded(value)))
        .collect();
    format!("/quickbooks/callback?{}", query.join("&"))
}

/// The parameters of the address Intuit sends back to.
pub fn redirect_query(back: &str) -> Vec<(String, String)> {
    let (_, query) = back.split_once('?').expect("a query");
    let request = simulator::Request::new("GET", &format!("/?{query}"));
    request.query
}
