//! The lines of a receipt: what was sold, in exact amounts.

use rust_decimal::Decimal;

use crate::change::text_or_number;
use crate::company::Company;
use crate::fault::Fault;
use crate::fields;
use crate::json::Json;
use crate::kind::Kind;
use crate::money::half_up;

/// One line.
#[derive(Clone, Debug)]
pub(crate) struct Line {
    /// The id it had; a line without one, or with one the receipt does not know, is new.
    pub id: Option<String>,
    pub description: Option<String>,
    /// In currency units, two decimals.
    pub amount: Decimal,
    pub detail: Detail,
}

/// What a line is.
#[derive(Clone, Debug)]
pub(crate) enum Detail {
    /// Something sold.
    Item {
        /// The detail object with names put to its references.
        values: Json,
        /// The line's tax code, `None` if none was sent.
        tax_code: Option<String>,
        /// The item's own tax code.
        item_tax_code: Option<String>,
        /// Amount with tax, where one was sent or computed.
        with_tax: Option<Decimal>,
    },
    /// A discount on the document.
    Discount {
        /// Per cent of the subtotal, where it is one.
        percent: Option<Decimal>,
        /// The detail object.
        values: Json,
    },
    /// Words without money.
    Words {
        /// The detail object.
        values: Json,
    },
}

/// Reads and checks the lines of a body.
pub(super) fn read(values: &Json, company: &Company) -> Result<Vec<Line>, Fault> {
    let sent = values.get("Line").map(Json::items).unwrap_or_default();
    let mut lines = Vec::with_capacity(sent.len());
    for line in sent {
        if line.said("DetailType") == Some("SubTotalLineDetail") {
            continue;
        }
        let id = text_or_number(line, "Id");
        let description = line.said("Description").map(str::to_owned);
        let amount = line.get("Amount").and_then(fields::number);
        let (detail, amount) = match line.said("DetailType") {
            Some("SalesItemLineDetail") => item(line, amount, company)?,
            Some("DiscountLineDetail") => discount(line, amount, company)?,
            Some("DescriptionOnly") => (
                Detail::Words {
                    values: line
                        .get("DescriptionLineDetail")
                        .cloned()
                        .unwrap_or_else(Json::empty),
                },
                Decimal::ZERO,
            ),
            Some(other) => {
                return Err(Fault::validation(
                    "2120",
                    "Invalid Type",
                    format!("Invalid type : {other}"),
                )
                .about("DetailType"));
            }
            None => return Err(Fault::missing("Line.DetailType")),
        };
        if amount.is_sign_negative() && !amount.is_zero() && !company.switches.negative_lines {
            return Err(Fault::validation(
                "2290",
                "NegativeAmount",
                "Negative amounts are not supported on transaction lines.",
            )
            .about("Amount"));
        }
        lines.push(Line {
            id,
            description,
            amount: half_up(amount, 2),
            detail,
        });
    }
    if !lines
        .iter()
        .any(|line| matches!(line.detail, Detail::Item { .. }))
    {
        return Err(Fault::validation(
            "2250",
            "Missing lines",
            "At least one line with an item is needed.",
        )
        .about("Line"));
    }
    if lines
        .iter()
        .filter(|line| matches!(line.detail, Detail::Discount { .. }))
        .count()
        > 1
    {
        return Err(Fault::validation(
            "2600",
            "Invalid Request Conflict Element in Request",
            "Only one discount line is supported.",
        )
        .about("Line"));
    }
    if lines.len() > 750 {
        return Err(Fault::business(
            "A taxable transaction can have at most 750 lines.",
        ));
    }
    Ok(lines)
}

/// An item line. Without an item it is documentation, and its amount is ignored (Intuit API reference, SalesReceipt.Line).
fn item(
    line: &Json,
    amount: Option<Decimal>,
    company: &Company,
) -> Result<(Detail, Decimal), Fault> {
    let Some(mut values) = line.get("SalesItemLineDetail").cloned() else {
        return Err(Fault::missing("SalesItemLineDetail"));
    };
    let Some(item) = values.refers("ItemRef") else {
        return Ok((
            Detail::Words {
                values: Json::empty(),
            },
            Decimal::ZERO,
        ));
    };
    let item = company
        .books
        .find(Kind::Item, item)
        .ok_or_else(|| Fault::invalid_reference(Kind::Item.table(), item))?;
    if !item.active {
        return Err(Fault::made_inactive("2500"));
    }
    if item.text_at("Type") == Some("Category") {
        let detail = "Invalid Reference Id : An item in this transaction is set up as a category instead of a product or service.";
        return Err(Fault::validation("2500", "Invalid Reference Id", detail));
    }
    values.set("ItemRef", Json::reference(&item.id, &item.name));
    if let Some(account) = item.at("IncomeAccountRef") {
        values.set("ItemAccountRef", account.clone());
    }
    super::header::tracked(
        &mut values,
        "ClassRef",
        Kind::Class,
        company.has_classes_on_lines(),
        company,
    )?;
    let amount = checked_amount(&mut values, amount)?;
    let tax_code = values.refers("TaxCodeRef").map(str::to_owned);
    let item_tax_code = item.text_at("SalesTaxCodeRef.value").map(str::to_owned);
    let with_tax = values.get("TaxInclusiveAmt").and_then(fields::number);
    Ok((
        Detail::Item {
            values,
            tax_code,
            item_tax_code,
            with_tax,
        },
        amount,
    ))
}

/// The line's amount: as sent, where it is quantity times price rounded half up; else 6070.
fn checked_amount(values: &mut Json, amount: Option<Decimal>) -> Result<Decimal, Fault> {
    let quantity = values.get("Qty").and_then(fields::number);
    let price = values
        .get("UnitPrice")
        .and_then(fields::number)
        .map(|price| half_up(price, 7));
    for (name, number) in [("Qty", quantity), ("UnitPrice", price)] {
        if let Some(number) = number {
            values.set(name, Json::Number(number.normalize()));
        }
    }
    let product = quantity
        .zip(price)
        .map(|(quantity, price)| half_up(quantity * price, 2));
    match (amount, product) {
        (Some(amount), Some(product)) if half_up(amount, 2) != product => Err(Fault::validation(
            "6070",
            "Amount calculation incorrect in the request",
            format!(
                "Amount is not equal to UnitPrice * Qty. Supplied value:{}",
                amount.normalize()
            ),
        )),
        (Some(amount), _) => Ok(amount),
        (None, Some(product)) => Ok(product),
        (None, None) => Err(Fault::missing("Line.Amount")),
    }
}

fn discount(
    line: &Json,
    amount: Option<Decimal>,
    company: &Company,
) -> Result<(Detail, Decimal), Fault> {
    let values = line
        .get("DiscountLineDetail")
        .cloned()
        .unwrap_or_else(Json::empty);
    let is_percent = values
        .get("PercentBased")
        .and_then(Json::as_bool)
        .unwrap_or(false);
    let percent = values
        .get("DiscountPercent")
        .and_then(fields::number)
        .filter(|_| is_percent);
    if percent.is_none() && amount.is_none() {
        return Err(Fault::validation(
            "6090",
            "Discount Line missing required info",
            "Discount line needs an amount or a percent.",
        ));
    }
    if let Some(account) = values.refers("DiscountAccountRef") {
        company
            .books
            .find(Kind::Account, account)
            .ok_or_else(|| Fault::invalid_reference("Accounts", account))?;
    }
    Ok((
        Detail::Discount { percent, values },
        amount.unwrap_or(Decimal::ZERO),
    ))
}
