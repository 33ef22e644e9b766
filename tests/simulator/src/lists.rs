//! Lists: accounts, items and payment methods, which an app may add to.
//!
//! Sources: Intuit API reference, Account, Item, PaymentMethod; account types from the public XSD.

use std::sync::Arc;

use jiff::Timestamp;

use crate::books::Entry;
use crate::change;
use crate::company::{Company, currency_name};
use crate::fault::Fault;
use crate::fields;
use crate::json::Json;
use crate::kind::Kind;

/// Account types with their classification and the sub-type QuickBooks gives when none is sent.
const ACCOUNT_TYPES: [(&str, &str, &str); 16] = [
    ("Bank", "Asset", "CashOnHand"),
    ("Accounts Receivable", "Asset", "AccountsReceivable"),
    ("Other Current Asset", "Asset", "EmployeeCashAdvances"),
    ("Fixed Asset", "Asset", "FurnitureAndFixtures"),
    ("Other Asset", "Asset", "Licenses"),
    ("Accounts Payable", "Liability", "AccountsPayable"),
    ("Credit Card", "Liability", "CreditCard"),
    (
        "Other Current Liability",
        "Liability",
        "OtherCurrentLiabilities",
    ),
    ("Long Term Liability", "Liability", "NotesPayable"),
    ("Equity", "Equity", "OpeningBalanceEquity"),
    ("Income", "Revenue", "ServiceFeeIncome"),
    ("Cost of Goods Sold", "Expense", "SuppliesMaterialsCogs"),
    ("Expense", "Expense", "BankCharges"),
    ("Other Income", "Revenue", "OtherMiscellaneousIncome"),
    ("Other Expense", "Expense", "OtherMiscellaneousExpense"),
    ("Non-Posting", "Asset", "Other"),
];

/// Sub-types an app may send without a type, with the type they belong to.
const SUB_TYPES: [(&str, &str); 14] = [
    ("Checking", "Bank"),
    ("CashOnHand", "Bank"),
    ("Savings", "Bank"),
    ("UndepositedFunds", "Other Current Asset"),
    ("OtherCurrentAssets", "Other Current Asset"),
    ("OtherCurrentLiabilities", "Other Current Liability"),
    ("GlobalTaxPayable", "Other Current Liability"),
    ("ServiceFeeIncome", "Income"),
    ("SalesOfProductIncome", "Income"),
    ("DiscountsRefundsGiven", "Income"),
    ("BankCharges", "Expense"),
    ("CommissionsAndFees", "Expense"),
    ("OtherBusinessExpenses", "Expense"),
    ("OtherMiscellaneousIncome", "Other Income"),
];

/// Creates or updates an account, an item or a payment method and gives it as it is answered.
pub(crate) fn save(
    company: &mut Company,
    kind: Kind,
    body: &Json,
    now: Timestamp,
) -> Result<Arc<str>, Fault> {
    fields::check(body, fields::of(kind), company.switches.emoji_fails)?;
    let old = change::target(company, kind, body)?
        .map(|record| (record.id.clone(), record.active, record.values()));
    let mut values = change::merged(
        kind,
        old.as_ref().map(|(_, _, values)| values),
        body,
        company.switches.empty_text_clears,
    );
    let Some(name) = values.said("Name").map(str::to_owned) else {
        return Err(Fault::missing("Name"));
    };
    if kind == Kind::Account && name.contains('"') {
        return Err(Fault::validation(
            "2040",
            "Invalid String",
            "Invalid String. Invalid characters in Name",
        )
        .about("Name"));
    }
    match kind {
        Kind::Account => check_account(&values)?,
        Kind::Item => check_item(&values, company)?,
        _ => {}
    }
    let id = old.as_ref().map(|(id, _, _)| id.clone());
    let was_active = old.as_ref().is_none_or(|(_, active, _)| *active);
    let is_active = values
        .get("Active")
        .and_then(Json::as_bool)
        .unwrap_or(was_active);
    values.set("Active", Json::Bool(is_active));
    let name = if was_active && !is_active {
        format!("{name} (deleted)")
    } else {
        name
    };
    values.set("Name", Json::text(&name));
    if let Some(owner) = company
        .books
        .owner_of_name(kind, &name)
        .filter(|owner| Some(*owner) != id.as_deref())
    {
        let detail = match kind {
            Kind::Account => {
                "Another account is already using this name. Please use a different name."
                    .to_owned()
            }
            _ => format!("Id={owner}"),
        };
        return Err(Fault::duplicate_name(&detail));
    }
    if let Some(id) = &id {
        company.books.free_names(kind, id);
    }
    values.set("FullyQualifiedName", Json::text(&name));
    match kind {
        Kind::Account => complete_account(&mut values, company),
        Kind::Item => complete_item(&mut values, company),
        _ => values.remove("FullyQualifiedName"),
    }
    Ok(Arc::clone(
        &company.books.put(Entry { kind, id, values }, now).text,
    ))
}

fn check_account(values: &Json) -> Result<(), Fault> {
    let known_type = |name: &str| ACCOUNT_TYPES.iter().any(|(known, _, _)| *known == name);
    match (values.said("AccountType"), values.said("AccountSubType")) {
        (None, None) => Err(Fault::validation(
            "6010",
            "Invalid Account.AccountType && Account.SubType",
            "Either AccountType or AccountSubType is required.",
        )),
        (Some(kind), _) if !known_type(kind) => Err(Fault::validation(
            "2170",
            "Invalid Enumeration",
            format!("Invalid Enumeration : {kind}"),
        )
        .about("AccountType")),
        (None, Some(sub)) if !SUB_TYPES.iter().any(|(known, _)| *known == sub) => {
            Err(Fault::validation(
                "2170",
                "Invalid Enumeration",
                format!("Invalid Enumeration : {sub}"),
            )
            .about("AccountSubType"))
        }
        (Some(kind), Some(sub))
            if SUB_TYPES
                .iter()
                .any(|(known, of)| *known == sub && *of != kind) =>
        {
            Err(Fault::validation(
                "6430",
                "Invalid account type",
                format!("Invalid account type: {sub} is not a sub-type of {kind}"),
            ))
        }
        _ => Ok(()),
    }
}

fn check_item(values: &Json, company: &Company) -> Result<(), Fault> {
    let Some(kind) = values.said("Type") else {
        return Err(Fault::missing("Type"));
    };
    if kind == "Category" {
        return Ok(());
    }
    let Some(income) = values.refers("IncomeAccountRef") else {
        return Err(Fault::missing("IncomeAccountRef"));
    };
    let account = company
        .books
        .find(Kind::Account, income)
        .ok_or_else(|| Fault::invalid_reference("Accounts", income))?;
    if !account.active {
        return Err(Fault::made_inactive("2500"));
    }
    Ok(())
}

/// Adds what QuickBooks answers of an account without having been told.
pub(crate) fn complete_account(values: &mut Json, company: &Company) {
    if values.said("AccountType").is_none() {
        let kind = SUB_TYPES
            .iter()
            .find(|(sub, _)| Some(*sub) == values.said("AccountSubType"))
            .map_or("Expense", |(_, kind)| kind);
        values.set("AccountType", Json::text(kind));
    }
    let row = ACCOUNT_TYPES
        .iter()
        .find(|(kind, _, _)| Some(*kind) == values.said("AccountType"))
        .copied();
    let (_, classification, sub_type) = row.unwrap_or(("", "Asset", "Other"));
    if values.said("AccountSubType").is_none() {
        values.set("AccountSubType", Json::text(sub_type));
    }
    values.set("Classification", Json::text(classification));
    let home = company.home_currency();
    let currency = values.refers("CurrencyRef").unwrap_or(home).to_owned();
    values.set(
        "CurrencyRef",
        Json::reference(&currency, currency_name(&currency)),
    );
    for (name, value) in [
        ("SubAccount", Json::Bool(false)),
        ("CurrentBalance", Json::from(0)),
        ("CurrentBalanceWithSubAccounts", Json::from(0)),
    ] {
        if values.get(name).is_none() {
            values.set(name, value);
        }
    }
}

/// Adds what QuickBooks answers of an item without having been told.
pub(crate) fn complete_item(values: &mut Json, company: &Company) {
    if values.said("Type") == Some("Category") {
        return;
    }
    if let Some(account) = values
        .refers("IncomeAccountRef")
        .and_then(|id| company.books.find(Kind::Account, id))
    {
        let reference = Json::reference(&account.id, &account.name);
        values.set("IncomeAccountRef", reference);
    }
    for (name, value) in [
        ("Taxable", Json::Bool(false)),
        ("UnitPrice", Json::from(0)),
        ("PurchaseCost", Json::from(0)),
        ("TrackQtyOnHand", Json::Bool(false)),
    ] {
        if values.get(name).is_none() {
            values.set(name, value);
        }
    }
}
