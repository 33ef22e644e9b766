//! A company's books as a page: receipts with their lines, customers, accounts.

use super::look::{escape, page};
use crate::books::Record;
use crate::company::Company;
use crate::json::Json;
use crate::kind::Kind;
use rust_decimal::Decimal;

/// Most receipts of one kind that are shown; the rest is counted.
const SHOWN_MAX: usize = 500;

/// The books of a company.
pub(super) fn page_of(company: &Company) -> String {
    let mut body = format!(
        "<h1>{}</h1><p class=quiet>{} · {} · <code>{}</code></p>\
         <nav class=jump><a href=\"#sales\">Sales receipts</a><a href=\"#refunds\">Refund receipts</a><a href=\"#customers\">Customers</a><a href=\"#accounts\">Accounts</a></nav>",
        escape(company.name()),
        escape(company.country()),
        escape(company.home_currency()),
        escape(&company.realm)
    );
    for (kind, title, anchor) in [
        (Kind::SalesReceipt, "Sales receipts", "sales"),
        (Kind::RefundReceipt, "Refund receipts", "refunds"),
    ] {
        let all: Vec<&Record> = company.books.all(kind).rev().collect();
        body.push_str(&format!(
            "<h2 id={anchor}>{title} <span class=quiet>{}</span></h2>",
            all.len()
        ));
        if all.is_empty() {
            body.push_str("<p class=quiet>None yet.</p>");
        }
        for record in all.iter().take(SHOWN_MAX) {
            body.push_str(&receipt(company, kind, record));
        }
        if all.len() > SHOWN_MAX {
            body.push_str(&format!(
                "<p class=quiet>And {} older ones.</p>",
                all.len() - SHOWN_MAX
            ));
        }
    }
    body.push_str(&customers(company));
    body.push_str(&accounts(company));
    page(&format!("{} – books", company.name()), &body)
}

fn amount(value: Option<&Json>) -> String {
    value
        .and_then(Json::as_number)
        .map(|number| format!("{number:.2}"))
        .unwrap_or_default()
}

fn text<'a>(values: &'a Json, path: &str) -> &'a str {
    values.at(path).and_then(Json::as_text).unwrap_or_default()
}

fn receipt(company: &Company, kind: Kind, record: &Record) -> String {
    let values = record.values();
    let is_void = text(&values, "PrivateNote").starts_with("Voided");
    let number = if record.name.is_empty() {
        "no number".to_owned()
    } else {
        escape(&record.name)
    };
    let mut tags = String::new();
    if is_void {
        tags.push_str(" <span class=tag>void</span>");
    }
    if record.deposited {
        tags.push_str(" <span class=tag>deposited</span>");
    }
    let facts: String = [
        ("Customer", text(&values, "CustomerRef.name")),
        ("Date", text(&values, "TxnDate")),
        ("Method", text(&values, "PaymentMethodRef.name")),
        ("Reference", text(&values, "PaymentRefNum")),
        (
            if kind == Kind::RefundReceipt {
                "From"
            } else {
                "To"
            },
            text(&values, "DepositToAccountRef.name"),
        ),
        ("Location", text(&values, "DepartmentRef.name")),
        ("E-mail", text(&values, "BillEmail.Address")),
    ]
    .iter()
    .filter(|(_, value)| !value.is_empty())
    .map(|(name, value)| format!("<div><dt>{name}</dt><dd>{}</dd></div>", escape(value)))
    .collect();
    let notes: String = [("PrivateNote", "Note"), ("CustomerMemo.value", "Memo")]
        .iter()
        .filter(|(path, _)| !text(&values, path).is_empty())
        .map(|(path, name)| format!("<p class=quiet>{name}: {}</p>", escape(text(&values, path))))
        .collect();
    format!(
        "<article id=\"{segment}-{id}\"{void}><h3><span>{number}{tags} <span class=quiet>id {id}, version {version}</span></span><span>{total} {currency}</span></h3><dl>{facts}</dl>{table}{notes}</article>",
        segment = kind.segment(),
        id = escape(&record.id),
        void = if is_void { " class=void" } else { "" },
        version = record.sync_token,
        total = amount(values.get("TotalAmt")),
        currency = escape(text(&values, "CurrencyRef.value")),
        table = lines(company, &values),
    )
}

fn lines(company: &Company, values: &Json) -> String {
    let mut rows = String::new();
    let mut foot = String::new();
    for line in values.get("Line").map(Json::items).unwrap_or_default() {
        let detail = text(line, "DetailType");
        if detail == "SubTotalLineDetail" {
            foot.push_str(&format!(
                "<tr><td colspan=4>Subtotal</td><td class=n>{}</td></tr>",
                amount(line.get("Amount"))
            ));
            continue;
        }
        let code = text(line, "SalesItemLineDetail.TaxCodeRef.value");
        let code = company
            .books
            .find(Kind::TaxCode, code)
            .map_or(code, |code| code.name.as_str());
        let what = if detail == "DiscountLineDetail" {
            "Discount"
        } else {
            text(line, "SalesItemLineDetail.ItemRef.name")
        };
        let class = text(line, "SalesItemLineDetail.ClassRef.name");
        rows.push_str(&format!(
            "<tr><td>{}</td><td>{}{}</td><td>{}</td><td class=n>{}</td><td class=n>{}</td></tr>",
            escape(what),
            escape(text(line, "Description")),
            if class.is_empty() {
                String::new()
            } else {
                format!(" <span class=quiet>{}</span>", escape(class))
            },
            escape(code),
            line.at("SalesItemLineDetail.Qty")
                .and_then(Json::as_number)
                .map(|quantity| quantity.normalize().to_string())
                .unwrap_or_default(),
            amount(line.get("Amount")),
        ));
    }
    for line in values
        .at("TxnTaxDetail.TaxLine")
        .map(Json::items)
        .unwrap_or_default()
    {
        let rate = text(line, "TaxLineDetail.TaxRateRef.value");
        let name = company
            .books
            .find(Kind::TaxRate, rate)
            .map_or(rate, |rate| rate.name.as_str());
        let percent = line
            .at("TaxLineDetail.TaxPercent")
            .and_then(Json::as_number)
            .unwrap_or(Decimal::ZERO)
            .normalize();
        foot.push_str(&format!(
            "<tr><td colspan=4>{} {percent} % on {}</td><td class=n>{}</td></tr>",
            escape(name),
            amount(line.at("TaxLineDetail.NetAmountTaxable")),
            amount(line.get("Amount"))
        ));
    }
    foot.push_str(&format!(
        "<tr class=total><td colspan=4>Total</td><td class=n>{}</td></tr>",
        amount(values.get("TotalAmt"))
    ));
    format!(
        "<table><thead><tr><th>Item</th><th>Description</th><th>Tax</th><th class=n>Qty</th><th class=n>Amount</th></tr></thead><tbody>{rows}</tbody><tfoot>{foot}</tfoot></table>"
    )
}

fn customers(company: &Company) -> String {
    let all: Vec<&Record> = company.books.all(Kind::Customer).collect();
    let rows: String = all
        .iter()
        .rev()
        .take(SHOWN_MAX)
        .map(|record| {
            let get = |path: &str| escape(record.text_at(path).unwrap_or_default());
            format!(
                "<tr id=\"customer-{id}\"><td>{}</td><td>{}</td><td>{}</td><td>{}</td><td>{}</td><td class=n>{id}</td></tr>",
                escape(&record.name),
                get("PrimaryEmailAddr.Address"),
                get("PrimaryPhone.FreeFormNumber"),
                get("CurrencyRef.value"),
                if record.active { "" } else { "inactive" },
                id = escape(&record.id),
            )
        })
        .collect();
    format!(
        "<h2 id=customers>Customers <span class=quiet>{}</span></h2><table><thead><tr><th>Name</th><th>E-mail</th><th>Phone</th><th>Currency</th><th></th><th class=n>Id</th></tr></thead><tbody>{rows}</tbody></table>",
        all.len()
    )
}

/// The accounts with what receipts have put into them and taken out, in home currency where the books keep one.
fn accounts(company: &Company) -> String {
    let mut moved: std::collections::HashMap<String, Decimal> = std::collections::HashMap::new();
    for (kind, sign) in [
        (Kind::SalesReceipt, Decimal::ONE),
        (Kind::RefundReceipt, -Decimal::ONE),
    ] {
        for values in company.books.all(kind).map(Record::values) {
            if let Some(account) = values.refers("DepositToAccountRef") {
                let total = values
                    .get("TotalAmt")
                    .and_then(Json::as_number)
                    .unwrap_or_default();
                *moved.entry(account.to_owned()).or_default() += sign * total;
            }
            for line in values.get("Line").map(Json::items).unwrap_or_default() {
                let account = line
                    .at("SalesItemLineDetail.ItemAccountRef.value")
                    .and_then(Json::as_text);
                if let (Some(account), Some(sold)) =
                    (account, line.get("Amount").and_then(Json::as_number))
                {
                    *moved.entry(account.to_owned()).or_default() += sign * sold;
                }
            }
        }
    }
    let rows: String = company
        .books
        .all(Kind::Account)
        .map(|record| {
            format!(
                "<tr><td>{}</td><td>{}</td><td class=n>{}</td><td class=n>{}</td></tr>",
                escape(&record.name),
                escape(record.text_at("AccountType").unwrap_or_default()),
                moved
                    .get(&record.id)
                    .map(|total| format!("{total:.2}"))
                    .unwrap_or_default(),
                escape(&record.id),
            )
        })
        .collect();
    format!(
        "<h2 id=accounts>Accounts</h2><p class=quiet>What the receipts above have brought, before tax.</p><table><thead><tr><th>Name</th><th>Type</th><th class=n>From receipts</th><th class=n>Id</th></tr></thead><tbody>{rows}</tbody></table>"
    )
}
