//! Intuit as a whole: the companies, the app, the tokens, the trouble and the clock, as one deterministic state machine.
//!
//! Nothing here waits or asks for the time. What a reply says about its delivery is carried out by whoever asked:
//! [`crate::serve`] over HTTP, a simulation with its own clock otherwise.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};

use crate::company::{Companies, Company};
use crate::counters::{Figures, Seen};
use crate::grants::{Grants, Tokens};
use crate::json::Json;
use crate::kind::Kind;
use crate::message::{Delivery, Reply, Request};
use crate::mishap::signed;
use crate::oauth::{self, ACCOUNTING, App};
use crate::random::Random;
use crate::switches::{RequestIds, Switches};
use crate::trouble::{Trouble, TroubleKind, Troubles};
use crate::{control, desk, pages};

/// A request that is carried out although nobody waits for it any more.
#[derive(Clone, Debug)]
struct Late {
    request: Request,
}

/// A receipt in the books, as a test or a simulation looks at it.
#[derive(Clone, Debug)]
pub struct Written {
    /// Sales or refund receipt.
    pub kind: Kind,
    /// Its id.
    pub id: String,
    /// Its document number; empty if it has none.
    pub number: String,
    /// The receipt as it is answered.
    pub text: Arc<str>,
}

/// The most that was ever asked of a company.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Most {
    /// Requests under way at once.
    pub in_flight: usize,
    /// Requests that arrived within a minute.
    pub in_a_minute: usize,
}

/// QuickBooks Online and Intuit's OAuth.
#[derive(Clone, Debug)]
pub struct Intuit {
    pub(crate) companies: Companies,
    pub(crate) app: App,
    pub(crate) grants: Grants,
    pub(crate) troubles: Troubles,
    pub(crate) random: Random,
    /// What the clock is ahead by.
    pub(crate) offset: SignedDuration,
    seed: u64,
    late: BTreeMap<(Timestamp, u64), Late>,
    sequence: u64,
}

impl Intuit {
    /// Intuit with the companies of `companies/` and the app `demo-client`.
    pub fn new(seed: u64) -> Intuit {
        Intuit {
            companies: Company::all()
                .into_iter()
                .map(|company| (company.realm.clone(), company))
                .collect(),
            app: App::default(),
            grants: Grants::default(),
            troubles: Troubles::default(),
            random: Random::new(seed),
            offset: SignedDuration::ZERO,
            seed,
            late: BTreeMap::new(),
            sequence: 0,
        }
    }

    /// Everything as at the start, except the app that is registered.
    pub fn reset(&mut self) {
        let app = std::mem::take(&mut self.app);
        *self = Intuit {
            app,
            ..Intuit::new(self.seed)
        };
    }

    /// Answers a request that arrives at `now`.
    pub fn handle(&mut self, now: Timestamp, request: &Request) -> Reply {
        let now = now + self.offset;
        self.commit_due(now);
        let mut reply = self.dispatch(now, request);
        if let Delivery::Lost {
            committing_after: Some(after),
            ..
        } = reply.delivery
        {
            self.sequence += 1;
            let due = now + signed(after);
            self.late.insert(
                (due, self.sequence),
                Late {
                    request: request.clone(),
                },
            );
        }
        reply
            .headers
            .push(("intuit_tid".to_owned(), self.random.trace_id()));
        reply
    }

    /// Carries out what is due by `now` although its client has gone. [`Intuit::handle`] does so too.
    pub fn advance(&mut self, now: Timestamp) {
        self.commit_due(now + self.offset);
    }

    fn commit_due(&mut self, now: Timestamp) {
        while let Some(entry) = self.late.first_entry() {
            let (due, _) = *entry.key();
            if due > now {
                break;
            }
            let late = entry.remove();
            if let Some((realm, rest)) = api_path(&late.request.path) {
                desk::late(self, due, &late.request, realm, rest);
            } else {
                let _unheard = self.token(due, &late.request, true);
            }
        }
    }

    fn dispatch(&mut self, now: Timestamp, request: &Request) -> Reply {
        if let Some((realm, rest)) = api_path(&request.path) {
            return desk::api(self, now, request, realm, rest);
        }
        match (request.method.as_str(), request.path.trim_end_matches('/')) {
            (
                "GET",
                "/.well-known/openid_configuration" | "/.well-known/openid_sandbox_configuration",
            ) => oauth::discovery(&base(request)),
            ("GET", "/op/v1/jwks") => Reply::new(200, "application/json", "{\"keys\":[]}"),
            ("GET", "/connect/oauth2") => match oauth::asked(&self.app, &request.query) {
                Ok(asked) => pages::consent(self, &asked, &request.query),
                Err(reply) => reply,
            },
            ("POST", "/connect/oauth2/consent") => self.consent(now, request),
            ("POST", "/oauth2/v1/tokens/bearer") => self.token(now, request, false),
            ("POST", "/v2/oauth2/tokens/revoke") => self.revoke(now, request),
            ("GET", "/v1/openid_connect/userinfo") => oauth::user_info(&self.grants, request, now),
            (_, path) if path.starts_with("/simulator") => control::answer(self, now, request),
            ("GET", _) => pages::answer(self, now, request),
            _ => Reply::new(404, "text/plain", "there is nothing here"),
        }
    }

    /// Asks for trouble. What lasts is put into effect at once.
    pub fn trouble(&mut self, now: Timestamp, trouble: Trouble) {
        let now = now + self.offset;
        if trouble.kind == TroubleKind::None {
            return self.troubles.forget(trouble.realm.as_deref());
        }
        let lasting = matches!(
            trouble.kind,
            TroubleKind::Revoke
                | TroubleKind::ReadOnly
                | TroubleKind::AdminLost
                | TroubleKind::WrongCluster
                | TroubleKind::Maintenance
                | TroubleKind::ClosedBooks
                | TroubleKind::RequestIdOff
                | TroubleKind::RequestIdConflict600
                | TroubleKind::ReplayErrorsOff
                | TroubleKind::Heal
        );
        if !lasting {
            return self.troubles.add(trouble, now);
        }
        for company in self.companies.values_mut().filter(|company| {
            trouble
                .realm
                .as_deref()
                .is_none_or(|realm| realm == company.realm)
        }) {
            match trouble.kind {
                TroubleKind::Revoke => self.grants.revoke_realm(&company.realm),
                TroubleKind::ReadOnly => company.set_read_only(true, now),
                TroubleKind::AdminLost => company.state.admin_lost = true,
                TroubleKind::WrongCluster => company.state.wrong_cluster = true,
                TroubleKind::Maintenance => company.state.maintenance = true,
                TroubleKind::ClosedBooks => {
                    let day = trouble
                        .until
                        .clone()
                        .unwrap_or_else(|| crate::stamp::day(now));
                    company.state.closed = Some((day, trouble.password));
                }
                TroubleKind::RequestIdOff => company.switches.request_ids = RequestIds::Off,
                TroubleKind::RequestIdConflict600 => {
                    company.switches.request_ids = RequestIds::Conflict600
                }
                TroubleKind::ReplayErrorsOff => company.switches.replay_errors = false,
                _ => {
                    company.set_read_only(false, now);
                    company.state = crate::company::State::default();
                }
            }
        }
    }

    /// Connects the app to a company as if its merchant had consented; `None` for a company that does not exist.
    pub fn connect(&mut self, now: Timestamp, realm: &str) -> Option<Tokens> {
        let now = now + self.offset;
        self.companies.contains_key(realm).then(|| {
            self.grants
                .connect(realm, ACCOUNTING, now, &mut self.random)
        })
    }

    /// The refresh token of a company's last consent that works now, if the app is connected.
    pub fn current_refresh_token(&self, realm: &str) -> Option<&str> {
        self.grants.current_refresh(realm)
    }

    /// The switches of a company.
    pub fn switches(&mut self, realm: &str) -> Option<&mut Switches> {
        self.companies
            .get_mut(realm)
            .map(|company| &mut company.switches)
    }

    /// The app that is registered.
    pub fn app(&mut self) -> &mut App {
        &mut self.app
    }

    /// Adds a company, or replaces the one of the same realm, from a JSON file such as those in `companies/`.
    ///
    /// # Errors
    /// A sentence that says what is missing or malformed.
    pub fn add_company(&mut self, file: &str) -> Result<String, String> {
        let company = Company::read(file)?;
        let realm = company.realm.clone();
        self.companies.insert(realm.clone(), company);
        Ok(realm)
    }

    /// Puts a copy of a company beside it under another realm: for fleets of many merchants.
    pub fn copy_company(&mut self, realm: &str, as_realm: &str) -> bool {
        let Some(mut company) = self.companies.get(realm).cloned() else {
            return false;
        };
        as_realm.clone_into(&mut company.realm);
        // Nobody has asked it anything yet.
        company.limits = crate::limits::Limits::default();
        company.counters = crate::counters::Counters::default();
        self.companies.insert(as_realm.to_owned(), company);
        true
    }

    /// The receipts in a company's books, oldest first.
    pub fn receipts(&self, realm: &str) -> Vec<Written> {
        let Some(company) = self.companies.get(realm) else {
            return Vec::new();
        };
        let of = |kind: Kind| {
            company.books.all(kind).map(move |record| Written {
                kind,
                id: record.id.clone(),
                number: record.name.clone(),
                text: Arc::clone(&record.text),
            })
        };
        of(Kind::SalesReceipt)
            .chain(of(Kind::RefundReceipt))
            .collect()
    }

    /// The records of a kind in a company's books as they are answered, oldest first.
    pub fn records(&self, realm: &str, kind: Kind) -> Vec<Arc<str>> {
        self.companies
            .get(realm)
            .map(|company| {
                company
                    .books
                    .all(kind)
                    .map(|record| Arc::clone(&record.text))
                    .collect()
            })
            .unwrap_or_default()
    }

    /// The figures of a company over all operations.
    pub fn figures(&self, realm: &str) -> Figures {
        self.companies
            .get(realm)
            .map(|company| company.counters.total())
            .unwrap_or_default()
    }

    /// What was seen of each request id at a company.
    pub fn request_ids(&self, realm: &str) -> BTreeMap<String, Seen> {
        self.companies
            .get(realm)
            .map(|company| company.counters.seen())
            .unwrap_or_default()
    }

    /// Refusals of a company by fault code.
    pub fn refusals(&self, realm: &str) -> BTreeMap<String, u64> {
        let company = self.companies.get(realm);
        company
            .map(|company| company.counters.faults.clone())
            .unwrap_or_default()
    }

    /// How often a company gave an old refusal again to its request id.
    pub fn refused_again(&self, realm: &str) -> u64 {
        let company = self.companies.get(realm);
        company.map_or(0, |company| company.counters.refused_again)
    }

    /// The most that was ever asked of a company at once and in a minute.
    pub fn most(&self, realm: &str) -> Most {
        let limits = self.companies.get(realm).map(|company| &company.limits);
        limits
            .map(|limits| Most {
                in_flight: limits.max_in_flight,
                in_a_minute: limits.max_in_a_minute,
            })
            .unwrap_or_default()
    }

    /// The troubles that were asked for and befell a request, and how often each did.
    pub fn befell(&self) -> impl Iterator<Item = (&Trouble, u64)> {
        self.troubles.befell()
    }

    /// A copy with these companies alone: a copy costs what its companies' books cost.
    #[must_use]
    pub fn with_companies(&self, kept: impl Fn(&str) -> bool) -> Intuit {
        let companies = self.companies.iter();
        Intuit {
            companies: companies
                .filter(|(realm, _)| kept(realm))
                .map(|(realm, company)| (realm.clone(), company.clone()))
                .collect(),
            app: self.app.clone(),
            grants: self.grants.clone(),
            troubles: self.troubles.clone(),
            random: self.random.clone(),
            offset: self.offset,
            seed: self.seed,
            late: self.late.clone(),
            sequence: self.sequence,
        }
    }

    /// The figures of every company as JSON, as `GET /simulator/counters` gives them.
    pub fn counters(&self) -> Json {
        control::counters(self)
    }
}

/// The realm and what comes after it, of a path of the Accounting API.
fn api_path(path: &str) -> Option<(&str, &str)> {
    let rest = path.strip_prefix("/v3/company/")?;
    Some(rest.split_once('/').unwrap_or((rest, "")))
}

fn base(request: &Request) -> String {
    format!(
        "http://{}",
        request.header_value("host").unwrap_or("127.0.0.1")
    )
}
