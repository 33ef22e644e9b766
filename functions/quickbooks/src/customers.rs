//! Customers: found by e-mail and by name, read, created, changed.

use bookkeeping::customer::change::Changes;
use bookkeeping::customer::{CompanyCustomer, Field, NewCustomer, Profile, Value, search};
use bookkeeping::ids::{CompanyCustomerId, SyncToken};
use bookkeeping::money::Currency;
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
    /// The customers whose e-mail field holds one of these addresses, among others perhaps; inactive ones too. Metered.
    ///
    /// People type several addresses into one field, so the field is searched and the caller compares address by
    /// address. Where QuickBooks refuses `LIKE` on it, equality is asked instead; so it is where several are looked for,
    /// which one query can do by equality alone.
    ///
    /// # Errors
    ///
    /// A [`Fault`] where QuickBooks did not answer.
    pub async fn customers_by_email(&self, emails: &[&str]) -> Result<Brought, Fault> {
        self.first_understood(&email_statements(emails)).await
    }

    /// The customers shown under one of these names, the customer's own before others, whatever its accents, case, spaces,
    /// titles and suffixes; inactive ones too. Metered, once.
    ///
    /// # Errors
    ///
    /// A [`Fault`] where QuickBooks did not answer.
    pub async fn customers_by_name(&self, names: &[String]) -> Result<Brought, Fault> {
        self.first_understood(&name_statements(names)).await
    }

    /// The customers with this first and last name in the fields for them, whatever they are shown under; inactive ones
    /// too. Metered, once.
    ///
    /// # Errors
    ///
    /// A [`Fault`] where QuickBooks did not answer.
    pub async fn customers_by_person(&self, first: &str, last: &str) -> Result<Brought, Fault> {
        self.first_understood(&person_statements(first, last)).await
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

    /// The active customers whose shown name has this in it, by name, at most so many; none where no name can. Metered, once.
    ///
    /// # Errors
    ///
    /// A [`Fault`] where QuickBooks did not answer.
    pub async fn customers_showing(
        &self,
        part: &str,
        rows_max: usize,
    ) -> Result<Vec<CompanyCustomer>, Fault> {
        let Some(part) = like_literal("%", part) else {
            return Ok(Vec::new());
        };
        let statement = format!(
            "select * from Customer where DisplayName LIKE {part} and Active = true orderby DisplayName maxresults {rows_max}"
        );
        Ok(self.customers(&statement).await?.records)
    }

    /// The active customer shown under this name, found or created, on one click. One metered read; `turn` is awaited before
    /// each request.
    ///
    /// # Errors
    ///
    /// A [`Fault`]: the operator clicks again; [`FaultClass::NameTaken`] where something else has the name.
    pub async fn customer_named(
        &self,
        name: &str,
        currency: Option<Currency>,
        click: &str,
        turn: impl AsyncFn(),
    ) -> Result<CompanyCustomer, Fault> {
        turn().await;
        let is_it = |record: &CompanyCustomer| {
            record.profile.text(Field::DisplayName) == Some(name) && !record.sub_customer
        };
        let found = self.customers_showing(name, ROWS_MAX).await?;
        if let Some(found) = found.into_iter().find(is_it) {
            return Ok(found);
        }
        turn().await;
        let mut profile = Profile::default();
        profile.set(Field::DisplayName, Value::Text(name.to_owned()));
        let new = NewCustomer {
            profile,
            currency,
            notes: "MioCommerce".to_owned(),
        };
        let request_id = RequestId::for_list_entry(self.realm, "Customer", name, click);
        self.create_customer(&request_id, &new).await
    }

    /// Asks the first statement, and the next where QuickBooks refuses the operator; none where there is none.
    async fn first_understood(&self, statements: &[String]) -> Result<Brought, Fault> {
        for (at, statement) in statements.iter().enumerate() {
            match self.customers(statement).await {
                Err(fault) if fault.class == FaultClass::OurDefect && at + 1 < statements.len() => {
                }
                answer => return answer,
            }
        }
        Ok(Brought {
            records: Vec::new(),
            is_whole: true,
        })
    }

    async fn customers(&self, statement: &str) -> Result<Brought, Fault> {
        let answer: Queried = self.query(statement).await?;
        let records = answer.query_response.customer.into_iter();
        let records: Vec<CompanyCustomer> = records
            .map(CompanyCustomer::try_from)
            .collect::<Result<_, _>>()?;
        Ok(Brought {
            is_whole: records.len() < ROWS_MAX,
            records,
        })
    }
}

/// What a search brought.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Brought {
    /// The records, and others perhaps.
    pub records: Vec<CompanyCustomer>,
    /// Whether these are all that fit; the query is cut off where very many do.
    pub is_whole: bool,
}

/// The statements that search for e-mail addresses, the better first; none where no value like them can be in a record.
#[must_use]
pub fn email_statements(emails: &[&str]) -> Vec<String> {
    let property = "PrimaryEmailAddr";
    let first = emails.first();
    let searched = first.and_then(|email| like_literal("%", email));
    let searched = searched.map(|part| format!("{property} LIKE {part}"));
    let exact = first.and_then(|email| equal(property, email));
    let several = (emails.len() > 1)
        .then(|| one_of(property, emails))
        .flatten();
    let statements = several.into_iter().chain(searched).chain(exact);
    statements.map(statement).collect()
}

/// The statements that search for names a record may be shown under, the better first: by what the names have in common, by
/// the beginning of the one or the spellings of several, by the first itself.
///
/// Conditions are joined by `AND` alone. Source: Intuit, "Data queries".
#[must_use]
pub fn name_statements(names: &[String]) -> Vec<String> {
    let property = "DisplayName";
    let patterns = fits(property, names);
    let otherwise = match names {
        [one] => like_literal("", one).map(|begins| format!("{property} LIKE {begins}")),
        several => one_of(property, &search::spellings(several)),
    };
    let exact = names.first().and_then(|name| equal(property, name));
    let statements = patterns.into_iter().chain(otherwise).chain(exact);
    statements.map(statement).collect()
}

/// The statements that search for a first and a last name, the better first; none where no value like them can be in a record.
#[must_use]
pub fn person_statements(first: &str, last: &str) -> Vec<String> {
    let both = |part: &dyn Fn(&str, &str) -> Option<String>| {
        let parts = part("GivenName", first).zip(part("FamilyName", last));
        parts.map(|(first, last)| format!("{first} and {last}"))
    };
    let named = |property: &str, name: &str| {
        fits(property, &[name.to_owned()]).or_else(|| equal(property, name))
    };
    let statements = both(&named)
        .into_iter()
        .chain(both(&|property, name| equal(property, name)));
    statements.map(statement).collect()
}

/// The condition that a property fits what names have in common, where that is enough to ask for.
fn fits(property: &str, names: &[String]) -> Option<String> {
    let like = |pattern: &String| Some(format!("{property} LIKE {}", literal(pattern)?));
    let patterns = search::patterns(names)?;
    let conditions: Option<Vec<String>> = patterns.iter().map(like).collect();
    conditions.map(|conditions| conditions.join(" and "))
}

fn equal(property: &str, value: &str) -> Option<String> {
    literal(value).map(|exact| format!("{property} = {exact}"))
}

/// The condition that a property is one of these values, as far as they can be asked for.
fn one_of(property: &str, values: &[impl AsRef<str>]) -> Option<String> {
    let values: Vec<String> = values
        .iter()
        .filter_map(|value| literal(value.as_ref()))
        .collect();
    (!values.is_empty()).then(|| format!("{property} in ({})", values.join(", ")))
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
