//! Customers: found by e-mail and by name, read, created, changed.

use bookkeeping::customer::change::Changes;
use bookkeeping::customer::{CompanyCustomer, NewCustomer, name};
use bookkeeping::ids::{CompanyCustomerId, SyncToken};
use bookkeeping::request_id::RequestId;
use serde::Deserialize;

use crate::client::CompanyClient;
use crate::fault::{Fault, FaultClass};
use crate::query::{like_literal, literal};
use crate::transport::Transport;
use crate::wire::{WireCustomer, changes_body, customer_body};

/// Most rows one query brings: QuickBooks gives up to 1000, an answer that is read holds these with room to spare.
const ROWS_MAX: usize = 300;

impl<T: Transport> CompanyClient<'_, T> {
    /// The customers whose e-mail field holds this address, among others perhaps; inactive ones too. Metered.
    ///
    /// People type several addresses into one field, so the field is searched and the caller compares address by
    /// address. Where QuickBooks refuses `LIKE` on it, equality is asked instead.
    ///
    /// # Errors
    ///
    /// A [`Fault`] where QuickBooks did not answer.
    pub async fn customers_by_email(&self, email: &str) -> Result<Vec<CompanyCustomer>, Fault> {
        self.first_understood(&email_statements(email)).await
    }

    /// The customers shown under a name like this one, whatever its accents, case, spaces, titles and suffixes, and the order
    /// of its words; inactive ones too. Metered.
    ///
    /// # Errors
    ///
    /// A [`Fault`] where QuickBooks did not answer.
    pub async fn customers_by_name(&self, name: &str) -> Result<Vec<CompanyCustomer>, Fault> {
        let statements = name_statements(name);
        let found = self.first_understood(&statements).await?;
        match statements.iter().rev().nth(1) {
            // Too common a pattern: the exact beginning brings the ones that matter most.
            Some(narrower) if found.len() == ROWS_MAX && *narrower != statements[0] => {
                self.customers(narrower).await
            }
            _ => Ok(found),
        }
    }

    /// A customer's record by its id, active or not. Metered.
    ///
    /// # Errors
    ///
    /// A [`Fault`]; [`FaultClass::ReferenceDead`] where there is none.
    pub async fn read_customer(&self, id: &CompanyCustomerId) -> Result<CompanyCustomer, Fault> {
        let answer: Answered = self.get(&format!("customer/{id}")).await?;
        answer.customer.try_into()
    }

    /// Creates a customer.
    ///
    /// # Errors
    ///
    /// A [`Fault`]; [`FaultClass::NameTaken`] where a customer, vendor or employee already has the name.
    pub async fn create_customer(
        &self,
        request_id: &RequestId,
        customer: &NewCustomer,
    ) -> Result<CompanyCustomer, Fault> {
        let answer: Answered = self
            .create("customer", request_id, customer_body(customer))
            .await?;
        answer.customer.try_into()
    }

    /// Changes these fields of a customer's record and no others; `reactivate` makes an inactive one active again.
    ///
    /// # Errors
    ///
    /// A [`Fault`]; [`FaultClass::Stale`] where the record was changed since `sync_token`, [`FaultClass::NameTaken`]
    /// where the new name belongs to somebody else, [`FaultClass::ReferenceDead`] where the record is gone.
    pub async fn change_customer(
        &self,
        request_id: &RequestId,
        id: &CompanyCustomerId,
        sync_token: &SyncToken,
        changes: &Changes,
        reactivate: bool,
    ) -> Result<CompanyCustomer, Fault> {
        let body = changes_body(id, sync_token, changes, reactivate);
        let answer: Answered = self.create("customer", request_id, body).await?;
        answer.customer.try_into()
    }

    /// Asks the first statement, and the next where QuickBooks refuses the operator; none where there is none.
    async fn first_understood(&self, statements: &[String]) -> Result<Vec<CompanyCustomer>, Fault> {
        for (at, statement) in statements.iter().enumerate() {
            match self.customers(statement).await {
                Err(fault) if fault.class == FaultClass::OurDefect && at + 1 < statements.len() => {
                }
                answer => return answer,
            }
        }
        Ok(Vec::new())
    }

    async fn customers(&self, statement: &str) -> Result<Vec<CompanyCustomer>, Fault> {
        let answer: Queried = self.query(statement).await?;
        answer
            .query_response
            .customer
            .into_iter()
            .map(CompanyCustomer::try_from)
            .collect()
    }
}

/// The statements that search for an e-mail address, the better first; none where no value like it can be in a record.
#[must_use]
pub fn email_statements(email: &str) -> Vec<String> {
    let searched = like_literal("%", email).map(|part| format!("PrimaryEmailAddr LIKE {part}"));
    let exact = literal(email).map(|exact| format!("PrimaryEmailAddr = {exact}"));
    searched.into_iter().chain(exact).map(statement).collect()
}

/// The statements that search for a name, the better first: by its words in any order, by its pattern, by its beginning, by
/// itself.
///
/// Conditions are joined by `AND` alone. Source: Intuit, "Data queries".
#[must_use]
pub fn name_statements(name: &str) -> Vec<String> {
    let like = |pattern: &String| literal(pattern).map(|part| format!("DisplayName LIKE {part}"));
    let words = name::patterns(name)
        .filter(|patterns| patterns.len() > 1)
        .and_then(|patterns| patterns.iter().map(like).collect::<Option<Vec<_>>>())
        .map(|conditions| conditions.join(" and "));
    let pattern = name::pattern(name).as_ref().and_then(like);
    let beginning = like_literal("", name).map(|begins| format!("DisplayName LIKE {begins}"));
    let exact = literal(name).map(|exact| format!("DisplayName = {exact}"));
    let statements = words
        .into_iter()
        .chain(pattern)
        .chain(beginning)
        .chain(exact);
    statements.map(statement).collect()
}

fn statement(condition: String) -> String {
    format!(
        "select * from Customer where {condition} and Active in (true, false) orderby Id maxresults {ROWS_MAX}"
    )
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Answered {
    customer: WireCustomer,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Queried {
    query_response: Customers,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Customers {
    #[serde(default)]
    customer: Vec<WireCustomer>,
}
