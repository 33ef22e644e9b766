//! Customers: found by e-mail, created, found again by name.

use bookkeeping::customer::{CompanyCustomer, NewCustomer};
use bookkeeping::ids::CompanyCustomerId;
use bookkeeping::request_id::RequestId;
use serde::Deserialize;

use crate::client::CompanyClient;
use crate::fault::{Fault, FaultClass};
use crate::query::{like_literal, literal};
use crate::transport::{Silence, Transport};
use crate::wire::{EmailAddress, customer_body};

impl<T: Transport> CompanyClient<'_, T> {
    /// The active customers whose e-mail field holds this address, among others perhaps. Metered.
    ///
    /// People type several addresses into one field, so the field is searched and the caller compares address by
    /// address. Where QuickBooks refuses `LIKE` on it, equality is asked instead.
    ///
    /// # Errors
    ///
    /// A [`Fault`] where QuickBooks did not answer.
    pub async fn customers_by_email(&self, email: &str) -> Result<Vec<CompanyCustomer>, Fault> {
        let Some(exact) = literal(email) else {
            return Ok(Vec::new());
        };
        if let Some(part) = like_literal(email) {
            match self
                .customers_where(&format!("PrimaryEmailAddr LIKE {part}"))
                .await
            {
                Err(fault) if fault.class == FaultClass::OurDefect => {}
                answer => return answer,
            }
        }
        self.customers_where(&format!("PrimaryEmailAddr = {exact}"))
            .await
    }

    /// The customer shown under exactly this name, active or not. Metered.
    ///
    /// # Errors
    ///
    /// A [`Fault`] where QuickBooks did not answer.
    pub async fn customers_by_display_name(
        &self,
        name: &str,
    ) -> Result<Vec<CompanyCustomer>, Fault> {
        match literal(name) {
            Some(name) => self.customers_where(&format!("DisplayName = {name}")).await,
            None => Ok(Vec::new()),
        }
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
        let answer: Created = self
            .create("customer", request_id, customer_body(customer))
            .await?;
        answer.customer.try_into()
    }

    async fn customers_where(&self, condition: &str) -> Result<Vec<CompanyCustomer>, Fault> {
        let statement =
            format!("select * from Customer where {condition} orderby Id maxresults 100");
        let answer: Queried = self.query(&statement).await?;
        answer
            .query_response
            .customer
            .into_iter()
            .map(CompanyCustomer::try_from)
            .collect()
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Created {
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

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct WireCustomer {
    id: String,
    #[serde(default)]
    display_name: String,
    given_name: Option<String>,
    family_name: Option<String>,
    primary_email_addr: Option<EmailAddress>,
    notes: Option<String>,
    #[serde(default)]
    job: bool,
    #[serde(default)]
    is_project: bool,
}

impl TryFrom<WireCustomer> for CompanyCustomer {
    type Error = Fault;

    fn try_from(wire: WireCustomer) -> Result<Self, Fault> {
        let id = CompanyCustomerId::parse(&wire.id).map_err(|_| Fault::silent(Silence::Unknown))?;
        Ok(Self {
            id,
            display_name: wire.display_name,
            given_name: wire.given_name,
            family_name: wire.family_name,
            email: wire.primary_email_addr.and_then(|email| email.address),
            notes: wire.notes,
            sub_customer: wire.job || wire.is_project,
        })
    }
}
