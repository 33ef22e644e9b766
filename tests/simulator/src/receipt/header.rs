//! The head of a receipt: who, where the money goes, in which currency.

use rust_decimal::Decimal;

use crate::books::Record;
use crate::company::{Company, currency_name};
use crate::fault::Fault;
use crate::fields;
use crate::json::Json;
use crate::kind::Kind;
use crate::switches::FeatureOff;

/// Checks the head and puts names to its references.
pub(super) fn check(values: &mut Json, kind: Kind, company: &Company) -> Result<(), Fault> {
    if values
        .get("Line")
        .is_none_or(|lines| lines.items().is_empty())
    {
        return Err(Fault::missing("Line"));
    }
    let customer_currency = customer(values, kind, company)?;
    deposit_account(values, kind, company)?;
    named(values, "PaymentMethodRef", Kind::PaymentMethod, company)?;
    tracked(
        values,
        "ClassRef",
        Kind::Class,
        company.has_classes_on_documents(),
        company,
    )?;
    tracked(
        values,
        "DepartmentRef",
        Kind::Department,
        company.has_departments(),
        company,
    )?;
    currency(values, customer_currency.as_deref(), company)?;
    if values.said("EmailStatus") == Some("NeedToSend") && values.at("BillEmail.Address").is_none()
    {
        return Err(Fault::validation(
            "6420",
            "Email address is required",
            "BillEmail is required if EmailStatus is NeedToSend.",
        )
        .about("BillEmail"));
    }
    Ok(())
}

/// The customer exists and is active; gives its currency.
fn customer(values: &mut Json, kind: Kind, company: &Company) -> Result<Option<String>, Fault> {
    let Some(id) = values.refers("CustomerRef").map(str::to_owned) else {
        let required = kind == Kind::SalesReceipt && company.switches.customer_required;
        return if required {
            Err(Fault::missing("CustomerRef"))
        } else {
            Ok(None)
        };
    };
    let customer = company
        .books
        .find(Kind::Customer, &id)
        .ok_or_else(|| Fault::invalid_reference("Names", &id))?;
    if !customer.active {
        return Err(Fault::made_inactive(
            &company.switches.inactive_customer_code,
        ));
    }
    values.set("CustomerRef", Json::reference(&customer.id, &customer.name));
    if values.get("BillAddr").is_none()
        && let Some(address) = customer.at("BillAddr")
    {
        values.set("BillAddr", address.clone());
    }
    Ok(customer.text_at("CurrencyRef.value").map(str::to_owned))
}

/// Bank or Other Current Asset; required on refunds, Undeposited Funds by default on sales.
fn deposit_account(values: &mut Json, kind: Kind, company: &Company) -> Result<(), Fault> {
    let account = match values.refers("DepositToAccountRef") {
        Some(id) => company
            .books
            .find(Kind::Account, id)
            .ok_or_else(|| Fault::invalid_reference("Accounts", id))?,
        None if kind == Kind::RefundReceipt => return Err(Fault::missing("DepositToAccountRef")),
        None => {
            let undeposited = |account: &&Record| {
                account.active && account.text_at("AccountSubType") == Some("UndepositedFunds")
            };
            company
                .books
                .all(Kind::Account)
                .find(undeposited)
                .ok_or_else(|| Fault::missing("DepositToAccountRef"))?
        }
    };
    if !account.active {
        return Err(Fault::made_inactive("2500"));
    }
    let account_type = account.text_at("AccountType").unwrap_or_default();
    if !matches!(account_type, "Bank" | "Other Current Asset") {
        let detail =
            "Invalid account type: the account must be of type Bank or Other Current Asset.";
        return Err(match company.switches.deposit_account_code.as_str() {
            "6000" => Fault::business(detail),
            code => Fault::validation(code, "Invalid account type", detail),
        });
    }
    if kind == Kind::RefundReceipt
        && account_type == "Bank"
        && values.said("PaymentRefNum").is_none()
    {
        if values.said("PrintStatus") == Some("NeedToPrint") {
            values.set("PaymentRefNum", Json::text("To Print"));
        } else if company.switches.refund_reference_required {
            return Err(Fault::missing("PaymentRefNum"));
        }
    }
    let reference = Json::reference(&account.id, &account.name);
    values.set("DepositToAccountRef", reference);
    Ok(())
}

/// A reference to a list: exists, is active, gets its name.
fn named(values: &mut Json, field: &str, kind: Kind, company: &Company) -> Result<(), Fault> {
    if let Some(id) = values.refers(field) {
        let record = company
            .books
            .find(kind, id)
            .ok_or_else(|| Fault::invalid_reference(kind.table(), id))?;
        if !record.active {
            return Err(Fault::made_inactive("2500"));
        }
        let reference = Json::reference(&record.id, &record.name);
        values.set(field, reference);
    }
    Ok(())
}

/// A reference that depends on a setting of the company.
pub(super) fn tracked(
    values: &mut Json,
    field: &str,
    kind: Kind,
    on: bool,
    company: &Company,
) -> Result<(), Fault> {
    if values.get(field).is_some() && !on {
        if company.switches.tracking_off == FeatureOff::Refuse {
            return Err(Fault::validation(
                "5030",
                "Feature Not Supported",
                format!("The feature is not supported by this company: {field}"),
            ));
        }
        values.remove(field);
    }
    named(values, field, kind, company)
}

/// The document's currency is its customer's.
fn currency(values: &mut Json, customer: Option<&str>, company: &Company) -> Result<(), Fault> {
    let home = company.home_currency();
    let wanted = values.refers("CurrencyRef").unwrap_or(home).to_owned();
    if wanted != home && !company.is_multicurrency() {
        return Err(Fault::business(
            "Multi Currency should be enabled to perform this operation",
        ));
    }
    if customer.is_some_and(|customer| customer != wanted) {
        return Err(Fault::business(
            "You can only use one foreign currency per transaction.",
        ));
    }
    let account = values
        .refers("DepositToAccountRef")
        .and_then(|id| company.books.find(Kind::Account, id));
    let account_currency = account
        .and_then(|account| account.text_at("CurrencyRef.value"))
        .unwrap_or(home);
    if account_currency != home && account_currency != wanted {
        return Err(Fault::business(
            "The currency of the transaction is invalid for customer/vendor/account.",
        ));
    }
    values.set(
        "CurrencyRef",
        Json::reference(&wanted, currency_name(&wanted)),
    );
    if !company.is_multicurrency() {
        values.remove("ExchangeRate");
        return Ok(());
    }
    let sent = values.get("ExchangeRate").and_then(fields::number);
    let rate = if wanted == home {
        Decimal::ONE
    } else {
        sent.or_else(|| rate_of(&wanted, company))
            .unwrap_or(Decimal::ONE)
    };
    if rate <= Decimal::ZERO {
        return Err(Fault::validation(
            "2090",
            "Invalid Number",
            "Invalid number : ExchangeRate must be positive",
        )
        .about("ExchangeRate"));
    }
    values.set("ExchangeRate", Json::Number(rate));
    Ok(())
}

fn rate_of(currency: &str, company: &Company) -> Option<Decimal> {
    let of_currency = |rate: &&Record| rate.text_at("SourceCurrencyCode") == Some(currency);
    company
        .books
        .all(Kind::ExchangeRate)
        .find(of_currency)?
        .at("Rate")?
        .as_number()
}
