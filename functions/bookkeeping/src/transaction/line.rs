//! Lines: what a payment was for, or a refund takes back.

use std::collections::BTreeSet;
use std::fmt;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::ids::{LineId, ServiceId, TaxId, TeamId, TerritoryId};
use crate::money::{Amount, Currency, MoneyError, Percent, Quantity, UnitPrice};

/// One line of a payment or refund.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// Unique within its transaction.
    pub id: LineId,
    /// What the line is for.
    pub kind: LineKind,
    /// The booking's number, as people see it.
    pub booking: Option<String>,
    /// Which of the merchant's services it is.
    pub service: Option<ServiceId>,
    /// What a person reads on the line.
    pub description: Option<String>,
    /// The day the service was done.
    pub service_date: Option<Date>,
    /// The team that did it.
    pub team: Option<TeamId>,
    /// The territory it was done in.
    pub territory: Option<TerritoryId>,
    /// How many. With a unit price: `amount` is their product less `discount`.
    pub quantity: Option<Quantity>,
    /// Price of one, in major units of the transaction's currency.
    pub unit_price: Option<UnitPrice>,
    /// What was taken off this line, already taken off `amount`. Never negative.
    pub discount: Option<Amount>,
    /// What the line costs: without its taxes, or with them where the transaction's prices include tax.
    pub amount: Amount,
    /// The taxes charged on this line; each id once.
    pub taxes: Vec<Tax>,
    /// Why there are no taxes, where the line says so. Never given beside taxes.
    pub tax_treatment: Option<TaxTreatment>,
    /// On a discount: the lines it is taken off. Empty: all taxable ones, by weight.
    pub applies_to: Vec<LineId>,
}

/// A tax charged on one line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tax {
    /// Which of the merchant's taxes.
    pub id: TaxId,
    /// Its name, as the merchant wrote it. The id, where the message has no other.
    pub name: String,
    /// Its rate; where absent it is matched by name.
    pub rate: Option<Percent>,
    /// What was charged. Has the sign of its line, or is nothing.
    pub amount: Amount,
}

/// What a line is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LineKind {
    /// Work done.
    Service,
    /// A thing sold.
    Product,
    /// A fee on top, such as for travel.
    Fee,
    /// A tip for the staff.
    Tip,
    /// Taken off other lines. Negative or nothing.
    Discount,
    /// Money taken ahead of the work: owed to the customer until then.
    Deposit,
    /// A deposit used up. Negative or nothing.
    DepositApplied,
    /// A deposit the merchant keeps.
    DepositForfeited,
    /// A gift card sold: owed to whoever brings it.
    GiftCard,
    /// A gift card used. Negative or nothing.
    GiftCardRedeemed,
    /// Cash rounded to five cents; either sign, never taxed.
    Rounding,
}

impl LineKind {
    /// Every kind, in the order of the contract.
    pub const ALL: [Self; 11] = [
        Self::Service,
        Self::Product,
        Self::Fee,
        Self::Tip,
        Self::Discount,
        Self::Deposit,
        Self::DepositApplied,
        Self::DepositForfeited,
        Self::GiftCard,
        Self::GiftCardRedeemed,
        Self::Rounding,
    ];

    /// Returns the word for it in messages: `service`, `deposit_applied`, ...
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Service => "service",
            Self::Product => "product",
            Self::Fee => "fee",
            Self::Tip => "tip",
            Self::Discount => "discount",
            Self::Deposit => "deposit",
            Self::DepositApplied => "deposit_applied",
            Self::DepositForfeited => "deposit_forfeited",
            Self::GiftCard => "gift_card",
            Self::GiftCardRedeemed => "gift_card_redeemed",
            Self::Rounding => "rounding",
        }
    }

    /// Returns the kind that `word` is.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == word)
    }

    /// Whether lines of this kind lower what is paid.
    #[must_use]
    pub const fn is_negative(self) -> bool {
        matches!(
            self,
            Self::Discount | Self::DepositApplied | Self::GiftCardRedeemed
        )
    }

    /// Whether it is one of the three that handle money taken ahead, which exclude `paid_before`.
    #[must_use]
    pub const fn is_about_a_deposit(self) -> bool {
        matches!(
            self,
            Self::Deposit | Self::DepositApplied | Self::DepositForfeited
        )
    }
}

impl fmt::Display for LineKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Why a line carries no tax.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TaxTreatment {
    /// Exempt by law.
    Exempt,
    /// Taxable at nought per cent.
    ZeroRated,
    /// Not a supply at all.
    OutOfScope,
}

impl TaxTreatment {
    /// Returns the word for it in messages: `exempt`, `zero_rated`, `out_of_scope`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Exempt => "exempt",
            Self::ZeroRated => "zero_rated",
            Self::OutOfScope => "out_of_scope",
        }
    }

    /// Returns the treatment that `word` is.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        [Self::Exempt, Self::ZeroRated, Self::OutOfScope]
            .into_iter()
            .find(|treatment| treatment.as_str() == word)
    }
}

impl Line {
    /// Returns the taxes charged on the line, as a set of ids.
    #[must_use]
    pub fn tax_set(&self) -> BTreeSet<&TaxId> {
        self.taxes.iter().map(|tax| &tax.id).collect()
    }

    /// Returns what the line brings to the total: its amount, and its taxes where the amount is without them.
    ///
    /// # Errors
    ///
    /// [`MoneyError`] cannot occur on a line of a parsed message, whose whole cost has been added up once.
    pub fn cost(&self, prices_include_tax: bool) -> Result<Amount, MoneyError> {
        if prices_include_tax {
            return Ok(self.amount);
        }
        self.taxes
            .iter()
            .try_fold(self.amount, |cost, tax| cost.checked_add(tax.amount))
    }
}

/// Returns what `lines` cost: Σ amount + Σ tax, or Σ amount alone where the prices include tax.
///
/// # Errors
///
/// [`MoneyError`] where the sum is beyond 64 bits of minor units: the sender has to mend it. The lines of a parsed
/// message add up.
pub fn cost(
    lines: &[Line],
    prices_include_tax: bool,
    currency: Currency,
) -> Result<Amount, MoneyError> {
    lines.iter().try_fold(Amount::zero(currency), |cost, line| {
        cost.checked_add(line.cost(prices_include_tax)?)
    })
}
