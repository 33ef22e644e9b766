//! Customers: creating, changing, and hiding them.
//!
//! Source: Intuit API reference, Customer. Customers, vendors and employees share one name space; hiding a customer adds
//! ` (deleted)` to its name (recorded answers).

use std::sync::Arc;

use jiff::Timestamp;

use crate::books::Entry;
use crate::change;
use crate::company::{Company, currency_name};
use crate::fault::Fault;
use crate::fields;
use crate::json::Json;
use crate::kind::Kind;

const TAKEN: &str = "Another customer, vendor or employee is already using this \nname. Please use a different name.";
const NAME_PARTS: [&str; 5] = ["Title", "GivenName", "MiddleName", "FamilyName", "Suffix"];

/// Creates or updates a customer and gives it as it is answered.
pub(crate) fn save(company: &mut Company, body: &Json, now: Timestamp) -> Result<Arc<str>, Fault> {
    fields::check(
        body,
        fields::of(Kind::Customer),
        company.switches.emoji_fails,
    )?;
    let target = change::target(company, Kind::Customer, body)?;
    let old = target.map(|record| (record.id.clone(), record.active, record.values()));
    let before = old.as_ref().map(|(_, _, values)| values);
    let mut values = change::merged(
        Kind::Customer,
        before,
        body,
        company.switches.empty_text_clears,
    );

    name(&mut values, before)?;
    currency(&mut values, before, company)?;
    parent(
        &mut values,
        old.as_ref().map(|(id, _, _)| id.as_str()),
        company,
    )?;
    if let Some(code) = values.refers("DefaultTaxCodeRef") {
        company
            .books
            .find(Kind::TaxCode, code)
            .ok_or_else(|| Fault::invalid_reference("TaxCode", code))?;
    }
    let was_active = old.as_ref().is_none_or(|(_, active, _)| *active);
    let is_active = values
        .get("Active")
        .and_then(Json::as_bool)
        .unwrap_or(was_active);
    values.set("Active", Json::Bool(is_active));
    let plain = values.said("DisplayName").unwrap_or_default().to_owned();
    let id = old.as_ref().map(|(id, _, _)| id.clone());
    if was_active && !is_active {
        hide(&mut values, company);
    } else if !was_active && is_active && company.switches.reactivating_restores_name {
        let restored = plain.trim_end_matches(" (deleted)").to_owned();
        values.set("DisplayName", Json::text(restored));
    }
    let display = values.said("DisplayName").unwrap_or_default().to_owned();
    if company
        .books
        .owner_of_name(Kind::Customer, &display)
        .is_some_and(|owner| Some(owner) != id.as_deref())
    {
        return Err(Fault::duplicate_name(TAKEN));
    }

    if let Some(id) = &id {
        company.books.free_names(Kind::Customer, id);
    }
    full_name(&mut values, company);
    complete(&mut values, company);
    let record = company.books.put(
        Entry {
            kind: Kind::Customer,
            id,
            values,
        },
        now,
    );
    let (id, text) = (record.id.clone(), Arc::clone(&record.text));
    if !is_active && !company.switches.inactive_names_are_free {
        company
            .books
            .reserve_name(Kind::Customer, plain.trim_end_matches(" (deleted)"), &id);
    }
    Ok(text)
}

/// Sees to it that there is a display name: as sent, as it was, or joined from the parts.
fn name(values: &mut Json, old: Option<&Json>) -> Result<(), Fault> {
    if values.said("DisplayName").is_none() {
        let parts: Vec<&str> = NAME_PARTS
            .iter()
            .filter_map(|part| values.said(part))
            .collect();
        let joined = if parts.is_empty() {
            old.and_then(|old| old.said("DisplayName"))
                .unwrap_or_default()
                .to_owned()
        } else {
            parts.join(" ")
        };
        if joined.is_empty() {
            return Err(Fault::validation(
                "6080",
                "No Name Provided",
                "At least one of Title, GivenName, MiddleName, FamilyName, DisplayName, or Suffix is required.",
            ));
        }
        values.set("DisplayName", Json::text(joined));
    }
    if values.said("PrintOnCheckName").is_none() {
        let display = values.said("DisplayName").unwrap_or_default().to_owned();
        values.set("PrintOnCheckName", Json::text(display));
    }
    Ok(())
}

/// A customer's currency is set once, when it is created.
fn currency(values: &mut Json, old: Option<&Json>, company: &Company) -> Result<(), Fault> {
    let before = old.and_then(|old| old.refers("CurrencyRef"));
    let wanted = values
        .refers("CurrencyRef")
        .or(before)
        .unwrap_or(company.home_currency())
        .to_owned();
    if wanted.len() != 3 || !wanted.bytes().all(|byte| byte.is_ascii_uppercase()) {
        return Err(Fault::validation(
            "2220",
            "Invalid Currency Type",
            format!("Invalid currency type : {wanted}"),
        ));
    }
    if wanted != company.home_currency() && !company.is_multicurrency() {
        return Err(Fault::business(
            "Multi Currency should be enabled to perform this operation",
        ));
    }
    if before.is_some_and(|before| before != wanted) {
        return Err(Fault::business(
            "The currency of a customer cannot be changed.",
        ));
    }
    values.set(
        "CurrencyRef",
        Json::reference(&wanted, currency_name(&wanted)),
    );
    Ok(())
}

/// A sub-customer needs a parent that exists, and there are five levels at most.
fn parent(values: &mut Json, own: Option<&str>, company: &Company) -> Result<(), Fault> {
    let is_job = values.get("Job").and_then(Json::as_bool).unwrap_or(false);
    let Some(parent) = values.refers("ParentRef").map(str::to_owned) else {
        return if is_job {
            Err(Fault::validation(
                "6150",
                "ParentRef Required Validation Error",
                "ParentRef is required if Job is true.",
            ))
        } else {
            Ok(())
        };
    };
    if own == Some(parent.as_str()) {
        return Err(Fault::validation(
            "900",
            "Parent cannot be child",
            "A customer cannot be its own parent.",
        ));
    }
    let parent = company
        .books
        .find(Kind::Customer, &parent)
        .ok_or_else(|| Fault::invalid_reference("Names", &parent))?;
    let levels = parent
        .text_at("FullyQualifiedName")
        .unwrap_or_default()
        .split(':')
        .count();
    if levels >= 5 {
        return Err(Fault::validation(
            "6180",
            "Sub Level Limit",
            "Sub levels are limited to five.",
        ));
    }
    values.set("Level", Json::from(u64::try_from(levels).unwrap_or(0)));
    Ok(())
}

/// Adds the suffix of a hidden customer, with a number where even that name is taken.
fn hide(values: &mut Json, company: &Company) {
    let plain = values.said("DisplayName").unwrap_or_default().to_owned();
    let mut hidden = format!("{plain} (deleted)");
    let mut number = 2;
    while company
        .books
        .owner_of_name(Kind::Customer, &hidden)
        .is_some()
    {
        hidden = format!("{plain} (deleted {number})");
        number += 1;
    }
    values.set("DisplayName", Json::text(hidden));
}

fn full_name(values: &mut Json, company: &Company) {
    let own = values.said("DisplayName").unwrap_or_default();
    let parent = values
        .refers("ParentRef")
        .and_then(|id| company.books.find(Kind::Customer, id))
        .and_then(|parent| parent.text_at("FullyQualifiedName"));
    let full = parent.map_or_else(|| own.to_owned(), |parent| format!("{parent}:{own}"));
    values.set("FullyQualifiedName", Json::text(full));
}

/// Adds what QuickBooks answers without having been told.
pub(crate) fn complete(values: &mut Json, company: &Company) {
    let home = company.home_currency();
    let defaults = [
        ("Taxable", Json::Bool(true)),
        ("Job", Json::Bool(false)),
        ("BillWithParent", Json::Bool(false)),
        ("Balance", Json::from(0)),
        ("BalanceWithJobs", Json::from(0)),
        ("CurrencyRef", Json::reference(home, currency_name(home))),
        ("PreferredDeliveryMethod", Json::text("None")),
        ("IsProject", Json::Bool(false)),
        ("Active", Json::Bool(true)),
    ];
    for (name, value) in defaults {
        if values.get(name).is_none() {
            values.set(name, value);
        }
    }
}
