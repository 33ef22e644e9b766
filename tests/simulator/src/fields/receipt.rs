//! Fields of sales and refund receipts. Sources: Intuit API reference, SalesReceipt and RefundReceipt; enumerations from
//! the public XSD (Finance.xsd).

use super::person::{ADDRESS, EMAIL};
use super::{Field, Shape};

const MEMO: &[Field] = &[
    Field("value", Shape::Text(1000)),
    Field("Id", Shape::ReadOnly),
];

const CUSTOM_FIELD: &[Field] = &[
    Field("DefinitionId", Shape::Text(10)),
    Field("Name", Shape::Text(100)),
    Field("Type", Shape::OneOf(&["StringType"])),
    Field("StringValue", Shape::Text(31)),
];

const SALES_ITEM: &[Field] = &[
    Field("ServiceDate", Shape::Day),
    Field("ItemRef", Shape::Reference),
    Field("ClassRef", Shape::Reference),
    Field("UnitPrice", Shape::Number),
    Field("Qty", Shape::Number),
    Field("TaxCodeRef", Shape::Reference),
    Field("TaxInclusiveAmt", Shape::Number),
    Field("DiscountRate", Shape::Number),
    Field("DiscountAmt", Shape::Number),
    Field("ItemAccountRef", Shape::ReadOnly),
    Field("MarkupInfo", Shape::ReadOnly),
];

const DISCOUNT: &[Field] = &[
    Field("PercentBased", Shape::YesNo),
    Field("DiscountPercent", Shape::Number),
    Field("DiscountAccountRef", Shape::Reference),
    Field("TaxCodeRef", Shape::Reference),
    Field("ClassRef", Shape::Reference),
    Field("DiscountRef", Shape::ReadOnly),
    Field("ServiceDate", Shape::ReadOnly),
];

const DESCRIPTION: &[Field] = &[
    Field("ServiceDate", Shape::Day),
    Field("TaxCodeRef", Shape::Reference),
];

const LINE: &[Field] = &[
    Field("Id", Shape::Text(20)),
    Field("LineNum", Shape::ReadOnly),
    Field("Description", Shape::Text(4000)),
    Field("Amount", Shape::Number),
    Field(
        "DetailType",
        Shape::OneOf(&[
            "SalesItemLineDetail",
            "DiscountLineDetail",
            "DescriptionOnly",
            "GroupLineDetail",
            "SubTotalLineDetail",
        ]),
    ),
    Field("SalesItemLineDetail", Shape::Object(SALES_ITEM)),
    Field("DiscountLineDetail", Shape::Object(DISCOUNT)),
    Field("DescriptionLineDetail", Shape::Object(DESCRIPTION)),
    Field("GroupLineDetail", Shape::ReadOnly),
    Field("SubTotalLineDetail", Shape::ReadOnly),
    Field("LinkedTxn", Shape::ReadOnly),
    Field("CustomField", Shape::ReadOnly),
];

const TAX_LINE_DETAIL: &[Field] = &[
    Field("TaxRateRef", Shape::Reference),
    Field("PercentBased", Shape::YesNo),
    Field("TaxPercent", Shape::Number),
    Field("NetAmountTaxable", Shape::Number),
    Field("TaxInclusiveAmount", Shape::Number),
    Field("OverrideDeltaAmount", Shape::Number),
];

const TAX_LINE: &[Field] = &[
    Field("Id", Shape::ReadOnly),
    Field("Amount", Shape::Number),
    Field("DetailType", Shape::OneOf(&["TaxLineDetail"])),
    Field("TaxLineDetail", Shape::Object(TAX_LINE_DETAIL)),
];

const TAX: &[Field] = &[
    Field("TxnTaxCodeRef", Shape::Reference),
    Field("TotalTax", Shape::Number),
    Field("TaxLine", Shape::List(TAX_LINE)),
    Field("TaxReviewStatus", Shape::ReadOnly),
];

const CHECK: &[Field] = &[
    Field("CheckNum", Shape::Text(21)),
    Field("Status", Shape::Text(100)),
    Field("NameOnAcct", Shape::Text(100)),
    Field("AcctNum", Shape::Text(100)),
    Field("BankName", Shape::Text(100)),
];

/// The fields both kinds of receipt have.
macro_rules! receipt {
    ($($own:expr),* $(,)?) => {
        &[
            $($own,)*
            Field("Line", Shape::List(LINE)),
            Field("CustomerRef", Shape::Reference),
            Field("DepositToAccountRef", Shape::Reference),
            Field("TxnDate", Shape::Day),
            Field("DocNumber", Shape::Text(21)),
            Field("PrivateNote", Shape::Text(4000)),
            Field("CustomerMemo", Shape::Object(MEMO)),
            Field("PaymentMethodRef", Shape::Reference),
            Field("CurrencyRef", Shape::Reference),
            Field("ExchangeRate", Shape::Number),
            Field("GlobalTaxCalculation", Shape::OneOf(&["TaxExcluded", "TaxInclusive", "NotApplicable"])),
            Field("ApplyTaxAfterDiscount", Shape::YesNo),
            Field("TxnTaxDetail", Shape::Object(TAX)),
            Field("BillEmail", Shape::Object(EMAIL)),
            Field("PrintStatus", Shape::OneOf(&["NotSet", "NeedToPrint", "PrintComplete"])),
            Field("BillAddr", Shape::Object(ADDRESS)),
            Field("ShipAddr", Shape::Object(ADDRESS)),
            Field("ShipFromAddr", Shape::Object(ADDRESS)),
            Field("ClassRef", Shape::Reference),
            Field("DepartmentRef", Shape::Reference),
            Field("ProjectRef", Shape::Reference),
            Field("CustomField", Shape::List(CUSTOM_FIELD)),
            Field("Id", Shape::ReadOnly),
            Field("SyncToken", Shape::ReadOnly),
            Field("sparse", Shape::ReadOnly),
            Field("domain", Shape::ReadOnly),
            Field("MetaData", Shape::ReadOnly),
            Field("LinkedTxn", Shape::ReadOnly),
            Field("TotalAmt", Shape::ReadOnly),
            Field("HomeTotalAmt", Shape::ReadOnly),
            Field("Balance", Shape::ReadOnly),
            Field("HomeBalance", Shape::ReadOnly),
            Field("DeliveryInfo", Shape::ReadOnly),
            Field("FreeFormAddress", Shape::ReadOnly),
            Field("RecurDataRef", Shape::ReadOnly),
            Field("TxnSource", Shape::ReadOnly),
        ]
    };
}

pub(super) const SALES_RECEIPT: &[Field] = receipt![
    Field("PaymentRefNum", Shape::Text(21)),
    Field(
        "EmailStatus",
        Shape::OneOf(&["NotSet", "NeedToSend", "EmailSent"])
    ),
    Field("ShipDate", Shape::Day),
    Field("TrackingNum", Shape::Text(100)),
    Field("ShipMethodRef", Shape::Reference),
];

pub(super) const REFUND_RECEIPT: &[Field] = receipt![
    Field("PaymentRefNum", Shape::Text(100)),
    Field(
        "PaymentType",
        Shape::OneOf(&["Cash", "Check", "CreditCard", "Other"])
    ),
    Field("CheckPayment", Shape::Object(CHECK)),
];
