//! Entries of a company's lists that a click of the operator creates: an account, an item, a payment method.
//!
//! Each is looked for by its name first, so that a click whose answer was lost, or a second one, makes no second entry;
//! the request id stands between the twins of one click. If we stop in between, the next click finds what there is.
//! Fields: Intuit API reference, `Account`, `Item`, `PaymentMethod`.

use bookkeeping::company::{Account, AccountKind, Item, PaymentMethod};
use bookkeeping::defaults::NewAccount;
use bookkeeping::ids::AccountId;
use bookkeeping::request_id::RequestId;
use serde_json::{Value, json};

use super::wire::{Created, Queried, Rows};
use crate::client::CompanyClient;
use crate::fault::{Fault, FaultClass};
use crate::query::literal;
use crate::transport::{Silence, Transport};

/// Longest name of a payment method that is safe, in characters.
///
/// Intuit's page says 31, the public schema 15 for QuickBooks Online; the smaller one holds.
const METHOD_NAME_LENGTH_MAX: usize = 15;

impl<T: Transport> CompanyClient<'_, T> {
    /// The active account of this name, found or created. One metered read; `turn` is awaited before each request.
    ///
    /// # Errors
    ///
    /// A [`Fault`]: the operator clicks again; [`FaultClass::NameTaken`] where something inactive has the name.
    pub async fn account_named(
        &self,
        account: &NewAccount,
        click: &str,
        turn: impl AsyncFn(),
    ) -> Result<Account, Fault> {
        let (kind, sub_type) = match account.kind {
            AccountKind::OtherCurrentAsset => ("Other Current Asset", "OtherCurrentAssets"),
            AccountKind::OtherCurrentLiability => {
                ("Other Current Liability", "OtherCurrentLiabilities")
            }
            AccountKind::Income => ("Income", "ServiceFeeIncome"),
            AccountKind::OtherIncome => ("Other Income", "OtherMiscellaneousIncome"),
            AccountKind::Bank | AccountKind::Other => ("Bank", "Checking"),
        };
        let mut body =
            json!({"Name": account.name, "AccountType": kind, "AccountSubType": sub_type});
        if let Some(currency) = account.currency {
            body["CurrencyRef"] = json!({"value": currency.code()});
        }
        self.entry("Account", account.name, body, click, Rows::accounts, &turn)
            .await
    }

    /// The active service item of this name, found or created, and posting to `account` where it is created. One metered read; `turn` is awaited before each
    /// request.
    ///
    /// # Errors
    ///
    /// A [`Fault`]: the operator clicks again; [`FaultClass::NameTaken`] where something inactive, or a category, has the name.
    pub async fn item_named(
        &self,
        name: &str,
        account: &AccountId,
        click: &str,
        turn: impl AsyncFn(),
    ) -> Result<Item, Fault> {
        let body = json!({"Name": name, "Type": "Service", "IncomeAccountRef": {"value": account.as_str()}});
        self.entry("Item", name, body, click, Rows::items, &turn)
            .await
    }

    /// The active payment method of this name, found or created; the name is cut to 15 characters. One metered read; `turn` is
    /// awaited before each request.
    ///
    /// # Errors
    ///
    /// A [`Fault`]: the operator clicks again; [`FaultClass::NameTaken`] where something inactive has the name.
    pub async fn payment_method_named(
        &self,
        name: &str,
        is_card: bool,
        click: &str,
        turn: impl AsyncFn(),
    ) -> Result<PaymentMethod, Fault> {
        let name: String = name.chars().take(METHOD_NAME_LENGTH_MAX).collect();
        let name = name.trim_end();
        let kind = match is_card {
            true => "CREDIT_CARD",
            false => "NON_CREDIT_CARD",
        };
        let body = json!({"Name": name, "Type": kind});
        self.entry(
            "PaymentMethod",
            name,
            body,
            click,
            Rows::payment_methods,
            &turn,
        )
        .await
    }

    /// The entry of this name, found or created; `usable` picks what can be used of an answer, `turn` is awaited before each
    /// request.
    async fn entry<E>(
        &self,
        list: &str,
        name: &str,
        body: Value,
        click: &str,
        usable: fn(&Rows) -> Vec<E>,
        turn: &impl AsyncFn(),
    ) -> Result<E, Fault> {
        if let Some(found) = self.entry_named(list, name, usable, turn).await? {
            return Ok(found);
        }
        turn().await;
        let request_id = RequestId::for_list_entry(self.realm, list, name, click);
        let path = list.to_ascii_lowercase();
        let created = self
            .create::<Created>(&path, &request_id, body.to_string())
            .await;
        match created {
            // An answer without the entry it should hold: nobody knows whether it was created.
            Ok(created) => usable(&created.rows())
                .into_iter()
                .next()
                .ok_or(Fault::silent(Silence::Unknown)),
            // Another click was faster, or something that cannot be used has the name.
            Err(fault) if fault.class == FaultClass::NameTaken => {
                let found = self.entry_named(list, name, usable, turn).await?;
                found.ok_or(fault)
            }
            Err(fault) => Err(fault),
        }
    }

    async fn entry_named<E>(
        &self,
        list: &str,
        name: &str,
        usable: fn(&Rows) -> Vec<E>,
        turn: &impl AsyncFn(),
    ) -> Result<Option<E>, Fault> {
        let Some(name) = literal(name) else {
            return Ok(None);
        };
        let statement = format!("select * from {list} where Name = {name} maxresults 10");
        turn().await;
        let answer: Queried = self.query(&statement).await?;
        Ok(usable(&answer.query_response).into_iter().next())
    }
}
