//! Fields of the lists and settings. Sources: Intuit API reference, Item, Account; the public XSD for the others.
//! What the simulator only serves has all its fields read-only.

use super::{Field, Shape};

pub(super) const ITEM: &[Field] = &[
    Field("Name", Shape::Name(100)),
    Field("Description", Shape::Text(4000)),
    Field("Active", Shape::YesNo),
    Field("Taxable", Shape::YesNo),
    Field("SalesTaxIncluded", Shape::YesNo),
    Field("SalesTaxCodeRef", Shape::Reference),
    Field("UnitPrice", Shape::Number),
    Field(
        "Type",
        Shape::OneOf(&["Service", "NonInventory", "Inventory", "Category", "Group"]),
    ),
    Field("IncomeAccountRef", Shape::Reference),
    Field("ExpenseAccountRef", Shape::Reference),
    Field("AssetAccountRef", Shape::Reference),
    Field("PurchaseDesc", Shape::Text(1000)),
    Field("PurchaseCost", Shape::Number),
    Field("Sku", Shape::Text(100)),
    Field("SubItem", Shape::YesNo),
    Field("ParentRef", Shape::Reference),
    Field("TrackQtyOnHand", Shape::YesNo),
    Field("QtyOnHand", Shape::Number),
    Field("InvStartDate", Shape::Day),
    Field("Id", Shape::ReadOnly),
    Field("SyncToken", Shape::ReadOnly),
    Field("sparse", Shape::ReadOnly),
    Field("domain", Shape::ReadOnly),
    Field("MetaData", Shape::ReadOnly),
    Field("FullyQualifiedName", Shape::ReadOnly),
    Field("Level", Shape::ReadOnly),
];

pub(super) const ACCOUNT: &[Field] = &[
    Field("Name", Shape::Name(100)),
    Field("SubAccount", Shape::YesNo),
    Field("ParentRef", Shape::Reference),
    Field("Description", Shape::Text(100)),
    Field("Active", Shape::YesNo),
    Field("AccountType", Shape::Text(100)),
    Field("AccountSubType", Shape::Text(100)),
    Field("AcctNum", Shape::Text(20)),
    Field("CurrencyRef", Shape::Reference),
    Field("TaxCodeRef", Shape::Reference),
    Field("Id", Shape::ReadOnly),
    Field("SyncToken", Shape::ReadOnly),
    Field("sparse", Shape::ReadOnly),
    Field("domain", Shape::ReadOnly),
    Field("MetaData", Shape::ReadOnly),
    Field("FullyQualifiedName", Shape::ReadOnly),
    Field("Classification", Shape::ReadOnly),
    Field("CurrentBalance", Shape::ReadOnly),
    Field("CurrentBalanceWithSubAccounts", Shape::ReadOnly),
];

/// `Name`: 31 in the page, 15 in the XSD for QuickBooks Online; 15 is played.
pub(super) const PAYMENT_METHOD: &[Field] = &[
    Field("Name", Shape::Name(15)),
    Field("Type", Shape::OneOf(&["CREDIT_CARD", "NON_CREDIT_CARD"])),
    Field("Active", Shape::YesNo),
    Field("Id", Shape::ReadOnly),
    Field("SyncToken", Shape::ReadOnly),
    Field("sparse", Shape::ReadOnly),
    Field("domain", Shape::ReadOnly),
    Field("MetaData", Shape::ReadOnly),
];

pub(super) const CLASS: &[Field] = &[
    Field("Name", Shape::Name(100)),
    Field("SubClass", Shape::YesNo),
    Field("ParentRef", Shape::Reference),
    Field("Active", Shape::YesNo),
    Field("Id", Shape::ReadOnly),
    Field("SyncToken", Shape::ReadOnly),
    Field("FullyQualifiedName", Shape::ReadOnly),
    Field("MetaData", Shape::ReadOnly),
];

pub(super) const DEPARTMENT: &[Field] = &[
    Field("Name", Shape::Name(100)),
    Field("SubDepartment", Shape::YesNo),
    Field("ParentRef", Shape::Reference),
    Field("Active", Shape::YesNo),
    Field("Address", Shape::ReadOnly),
    Field("Id", Shape::ReadOnly),
    Field("SyncToken", Shape::ReadOnly),
    Field("FullyQualifiedName", Shape::ReadOnly),
    Field("MetaData", Shape::ReadOnly),
];

pub(super) const TAX_CODE: &[Field] = &[
    Field("Id", Shape::ReadOnly),
    Field("Name", Shape::ReadOnly),
    Field("Description", Shape::ReadOnly),
    Field("Active", Shape::ReadOnly),
    Field("Hidden", Shape::ReadOnly),
    Field("Taxable", Shape::ReadOnly),
    Field("TaxGroup", Shape::ReadOnly),
    Field("SalesTaxRateList", Shape::ReadOnly),
    Field("PurchaseTaxRateList", Shape::ReadOnly),
    Field("TaxCodeConfigType", Shape::ReadOnly),
    Field("MetaData", Shape::ReadOnly),
];

pub(super) const TAX_RATE: &[Field] = &[
    Field("Id", Shape::ReadOnly),
    Field("Name", Shape::ReadOnly),
    Field("Description", Shape::ReadOnly),
    Field("Active", Shape::ReadOnly),
    Field("RateValue", Shape::ReadOnly),
    Field("AgencyRef", Shape::ReadOnly),
    Field("SpecialTaxType", Shape::ReadOnly),
    Field("DisplayType", Shape::ReadOnly),
    Field("MetaData", Shape::ReadOnly),
];

pub(super) const TAX_AGENCY: &[Field] = &[
    Field("Id", Shape::ReadOnly),
    Field("DisplayName", Shape::ReadOnly),
    Field("TaxTrackedOnSales", Shape::ReadOnly),
    Field("TaxTrackedOnPurchases", Shape::ReadOnly),
    Field("MetaData", Shape::ReadOnly),
];

pub(super) const EXCHANGE_RATE: &[Field] = &[
    Field("SourceCurrencyCode", Shape::ReadOnly),
    Field("TargetCurrencyCode", Shape::ReadOnly),
    Field("Rate", Shape::ReadOnly),
    Field("AsOfDate", Shape::ReadOnly),
    Field("MetaData", Shape::ReadOnly),
];

pub(super) const COMPANY_INFO: &[Field] = &[
    Field("Id", Shape::ReadOnly),
    Field("CompanyName", Shape::ReadOnly),
    Field("LegalName", Shape::ReadOnly),
    Field("Country", Shape::ReadOnly),
    Field("MetaData", Shape::ReadOnly),
];

pub(super) const PREFERENCES: &[Field] = &[
    Field("Id", Shape::ReadOnly),
    Field("MetaData", Shape::ReadOnly),
];
