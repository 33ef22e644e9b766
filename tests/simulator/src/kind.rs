//! The kinds of entity the simulator keeps.

/// A kind of entity in a company's books.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Kind {
    /// Somebody who pays.
    Customer,
    /// Somebody who is paid. Kept only because it shares the customers' name space.
    Vendor,
    /// Somebody employed. Kept only because it shares the customers' name space.
    Employee,
    /// A sale paid at once.
    SalesReceipt,
    /// Money given back.
    RefundReceipt,
    /// A product or service.
    Item,
    /// An account of the chart of accounts.
    Account,
    /// A way of paying.
    PaymentMethod,
    /// A group of tax rates that a line can carry.
    TaxCode,
    /// One rate of one tax.
    TaxRate,
    /// Whom a tax is owed to.
    TaxAgency,
    /// A class, for reports.
    Class,
    /// A location.
    Department,
    /// A day's rate of a foreign currency.
    ExchangeRate,
    /// What the company is.
    CompanyInfo,
    /// How the company has set its books up.
    Preferences,
}

impl Kind {
    /// Every kind.
    pub const ALL: [Kind; 16] = [
        Kind::Customer,
        Kind::Vendor,
        Kind::Employee,
        Kind::SalesReceipt,
        Kind::RefundReceipt,
        Kind::Item,
        Kind::Account,
        Kind::PaymentMethod,
        Kind::TaxCode,
        Kind::TaxRate,
        Kind::TaxAgency,
        Kind::Class,
        Kind::Department,
        Kind::ExchangeRate,
        Kind::CompanyInfo,
        Kind::Preferences,
    ];

    /// The name in JSON and in queries.
    pub fn name(self) -> &'static str {
        match self {
            Kind::Customer => "Customer",
            Kind::Vendor => "Vendor",
            Kind::Employee => "Employee",
            Kind::SalesReceipt => "SalesReceipt",
            Kind::RefundReceipt => "RefundReceipt",
            Kind::Item => "Item",
            Kind::Account => "Account",
            Kind::PaymentMethod => "PaymentMethod",
            Kind::TaxCode => "TaxCode",
            Kind::TaxRate => "TaxRate",
            Kind::TaxAgency => "TaxAgency",
            Kind::Class => "Class",
            Kind::Department => "Department",
            Kind::ExchangeRate => "ExchangeRate",
            Kind::CompanyInfo => "CompanyInfo",
            Kind::Preferences => "Preferences",
        }
    }

    /// The segment in paths, which is also the first half of an operation's name.
    pub fn segment(self) -> &'static str {
        match self {
            Kind::Customer => "customer",
            Kind::Vendor => "vendor",
            Kind::Employee => "employee",
            Kind::SalesReceipt => "salesreceipt",
            Kind::RefundReceipt => "refundreceipt",
            Kind::Item => "item",
            Kind::Account => "account",
            Kind::PaymentMethod => "paymentmethod",
            Kind::TaxCode => "taxcode",
            Kind::TaxRate => "taxrate",
            Kind::TaxAgency => "taxagency",
            Kind::Class => "class",
            Kind::Department => "department",
            Kind::ExchangeRate => "exchangerate",
            Kind::CompanyInfo => "companyinfo",
            Kind::Preferences => "preferences",
        }
    }

    /// The kind of that name, in whatever case: queries and paths do not care.
    pub fn named(name: &str) -> Option<Kind> {
        Kind::ALL
            .into_iter()
            .find(|kind| kind.segment().eq_ignore_ascii_case(name))
    }

    /// What QuickBooks calls the table in "element id N not found": `Names`, `Accounts`, `Klasses` were seen.
    pub fn table(self) -> &'static str {
        match self {
            Kind::Customer | Kind::Vendor | Kind::Employee => "Names",
            Kind::Account => "Accounts",
            Kind::Class => "Klasses",
            Kind::Item => "Items",
            Kind::Department => "Departments",
            Kind::PaymentMethod => "PaymentMethods",
            other => other.name(),
        }
    }

    /// True for what is kept as a document and not as an entry of a list.
    pub fn is_receipt(self) -> bool {
        matches!(self, Kind::SalesReceipt | Kind::RefundReceipt)
    }

    /// True for customers, vendors and employees, who share one name space.
    pub fn is_person(self) -> bool {
        matches!(self, Kind::Customer | Kind::Vendor | Kind::Employee)
    }
}
