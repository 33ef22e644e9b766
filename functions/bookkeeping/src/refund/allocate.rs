//! Allocation: which cents of which part of a receipt a refund takes back.
//!
//! Parts are each line's net, then the tax of each rate ([`Posted::parts`]). A refund is allocated over what *remains* of
//! them, by largest remainder, so no share is larger than what is left of its part and none changes sign; tips nobody
//! taxed come last. The refund that takes all that remains takes exactly that, part by part.

use serde::{Deserialize, Serialize};

use super::Posted;
use crate::ids::RefundId;
use crate::money::Currency;
use crate::receipt::{DraftTax, ReceiptDraft};

/// What one refund has taken of a payment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Taken {
    /// Which refund.
    pub refund: RefundId,
    /// What went back, in minor units.
    pub amount: i64,
    /// What it took of each part; empty where it was posted without the payment's receipt, over which it is then
    /// allocated.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub parts: Vec<i64>,
}

/// Returns what remains of each part of a receipt after these refunds, in the order they were taken.
#[must_use]
pub fn remaining(posted: &Posted, taken: &[Taken]) -> Vec<i64> {
    let tips = posted.tips();
    let mut remaining = posted.parts();
    for taken in taken {
        let amount = taken.amount.min(sum(&remaining));
        let parts = match taken.parts.len() == remaining.len() {
            true => taken.parts.clone(),
            false => allocate(amount, &remaining, &tips, posted.currency),
        };
        for (left, part) in remaining.iter_mut().zip(parts) {
            *left -= part;
        }
    }
    remaining
}

/// Returns the shares of `amount` over what remains of each part, none finer than QuickBooks can hold; `tips` says which
/// parts come last.
///
/// `amount` is at least nothing and at most what remains; more takes all that remains.
#[must_use]
pub fn allocate(amount: i64, remaining: &[i64], tips: &[bool], currency: Currency) -> Vec<i64> {
    if amount >= sum(remaining) {
        return remaining.to_vec();
    }
    let only = |wanted: bool| -> Vec<i64> {
        remaining
            .iter()
            .zip(tips)
            .map(|(part, tip)| if *tip == wanted { *part } else { 0 })
            .collect()
    };
    let (sales, tips) = (only(false), only(true));
    // Lines that a gift card has paid for already leave nothing to take before the tip.
    let of_sales = amount.min(sum(&sales)).max(0);
    let of_sales_parts = largest_remainder(of_sales, &sales, currency);
    let of_tips_parts = largest_remainder(amount - of_sales, &tips, currency);
    let both = of_sales_parts.iter().zip(of_tips_parts);
    both.map(|(sale, tip)| sale + tip).collect()
}

/// Returns what a refund that lists its own lines takes of what remains: of lines with its item and tax, then with its
/// item, of the same rates, and where it lists what was never posted, of anything.
#[must_use]
pub fn allocate_listed(draft: &ReceiptDraft, posted: &Posted, remaining: &[i64]) -> Vec<i64> {
    let amount = draft.total.minor();
    let mut taken = vec![0; remaining.len()];
    let mut take = |wanted: i64, at: usize| -> i64 {
        let left = remaining[at] - taken[at];
        // Never across nothing: a line lowers only lines of its own sign.
        let share = match wanted.signum() == left.signum() {
            true => wanted.signum() * wanted.abs().min(left.abs()),
            false => 0,
        };
        taken[at] += share;
        wanted - share
    };
    // Tax that rounds to nothing leaves a line with another treatment than it was posted with: of the same item all the
    // same, once every line has had its like.
    let mut wanted: Vec<i64> = draft.lines.iter().map(|line| line.amount.minor()).collect();
    for any_tax in [false, true] {
        for (line, wanted) in draft.lines.iter().zip(&mut wanted) {
            let alike = |at: &usize| {
                let posted = &posted.lines[*at];
                posted.item == line.item && (any_tax || posted.tax == line.tax)
            };
            let places = (0..posted.lines.len()).filter(alike);
            *wanted = places.fold(*wanted, &mut take);
        }
    }
    let taxes = match &draft.tax {
        DraftTax::None => &[][..],
        DraftTax::Global(lines) | DraftTax::UnitedStates { lines, .. } => lines,
    };
    for tax in taxes {
        let places = (0..posted.taxes.len()).filter(|at| posted.taxes[*at].rate == tax.rate);
        let places = places.map(|at| posted.lines.len() + at);
        places.fold(tax.amount.minor(), &mut take);
    }
    let listed = sum(&taken);
    if listed > amount {
        // A discount it lists was folded into the lines when the payment was posted.
        return largest_remainder(amount, &taken, posted.currency);
    }
    let left: Vec<i64> = remaining
        .iter()
        .zip(&taken)
        .map(|(left, taken)| left - taken)
        .collect();
    let rest = allocate(amount - listed, &left, &posted.tips(), posted.currency);
    taken.iter().zip(rest).map(|(a, b)| a + b).collect()
}

/// Returns the shares a refund of `amount` is posted with, given what it takes.
///
/// That, and where it exceeds what was left, the excess in proportion to the whole receipt; `None` where the receipt
/// came to nothing.
#[must_use]
pub fn spread(amount: i64, taken: &[i64], posted: &Posted) -> Option<Vec<i64>> {
    let whole = posted.parts();
    let excess = amount - sum(taken);
    if excess != 0 && sum(&whole) <= 0 {
        return None;
    }
    let beyond = largest_remainder(excess, &whole, posted.currency);
    Some(taken.iter().zip(beyond).map(|(a, b)| a + b).collect())
}

/// Divides `amount` over parts in proportion to them: each its quota rounded down, the missing cents to the largest
/// remainders; of equal ones to the larger part, then to the earlier.
///
/// All are counted in the smallest amount QuickBooks can hold. Parts may be below nothing; `amount` is at least nothing. Where the parts come to at least `amount`, each share lies
/// between nothing and its part.
fn largest_remainder(amount: i64, parts: &[i64], currency: Currency) -> Vec<i64> {
    let grain = currency.grain();
    let parts: Vec<i64> = parts.iter().map(|part| part / grain).collect();
    let amount = amount / grain;
    let whole: i128 = parts.iter().copied().map(i128::from).sum();
    if amount == 0 || whole == 0 {
        return vec![0; parts.len()];
    }
    let quota = |part: i64| i128::from(part) * i128::from(amount);
    let mut shares: Vec<i128> = parts
        .iter()
        .map(|part| quota(*part).div_euclid(whole))
        .collect();
    let missing = i128::from(amount) - shares.iter().sum::<i128>();
    let mut order: Vec<usize> = (0..parts.len()).collect();
    order.sort_by_key(|at| {
        let remainder = quota(parts[*at]).rem_euclid(whole);
        (-remainder, -i128::from(parts[*at]), *at)
    });
    let missing = usize::try_from(missing).unwrap_or_default();
    for at in order.into_iter().take(missing) {
        shares[at] += 1;
    }
    let minor =
        |share| i64::try_from(share).expect("a share of money that was paid can be held") * grain;
    shares.into_iter().map(minor).collect()
}

/// What parts come to: a receipt's total or a part of it, which fits.
pub(super) fn sum(parts: &[i64]) -> i64 {
    let sum: i128 = parts.iter().copied().map(i128::from).sum();
    i64::try_from(sum).expect("no part of a receipt is larger than can be held")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn cad() -> Currency {
        Currency::parse("CAD").unwrap()
    }

    #[test]
    fn a_third_and_a_third_and_the_rest_of_a_quebec_receipt() {
        let tips = [false; 3];
        let whole = [10_000, 500, 998];
        let first = allocate(3_832, &whole, &tips, cad());
        assert_eq!(first, [3_333, 167, 332]);
        let second = allocate(3_832, &[6_667, 333, 666], &tips, cad());
        assert_eq!(second, [3_333, 166, 333]);
        assert_eq!(
            allocate(3_834, &[3_334, 167, 333], &tips, cad()),
            [3_334, 167, 333]
        );
    }

    #[test]
    fn a_tip_goes_back_last() {
        let tips = [false, true, false];
        let whole = [8_000, 1_055, 1_198];
        for (amount, shares) in [
            (3_418, [2_973, 0, 445]),
            (9_198, [8_000, 0, 1_198]),
            (9_199, [8_000, 1, 1_198]),
            (10_253, [8_000, 1_055, 1_198]),
        ] {
            assert_eq!(allocate(amount, &whole, &tips, cad()), shares, "{amount}");
        }
    }

    #[test]
    fn a_gift_card_used_keeps_its_sign_and_its_part() {
        let tips = [false, true, false, false];
        let whole = [12_000, 1_000, -5_000, 1_560];
        assert_eq!(
            allocate(4_280, &whole, &tips, cad()),
            [6_000, 0, -2_500, 780]
        );
        assert_eq!(allocate(9_560, &whole, &tips, cad()), whole);
    }

    #[test]
    fn lines_a_gift_card_has_paid_for_leave_the_tip_alone_to_go_back() {
        let tips = [false, false, true];
        let whole = [5_000, -5_500, 1_000];
        assert_eq!(allocate(300, &whole, &tips, cad()), [0, 0, 300]);
        assert_eq!(allocate(500, &whole, &tips, cad()), whole);
    }

    #[test]
    fn of_two_cents_with_equal_right_the_larger_part_then_the_earlier_has_it_first() {
        assert_eq!(largest_remainder(1, &[1, 1], cad()), [1, 0]);
        assert_eq!(largest_remainder(2, &[2, 1, 1], cad()), [1, 1, 0]);
        assert_eq!(largest_remainder(3, &[1, 3, 2], cad()), [0, 2, 1]);
    }

    #[test]
    fn a_currency_of_three_decimals_is_divided_in_the_two_that_quickbooks_holds() {
        let dinars = Currency::parse("KWD").unwrap();
        let tips = [false; 3];
        assert_eq!(
            allocate(3_340, &[5_000, 5_000, 250], &tips, dinars),
            [1_630, 1_630, 80]
        );
    }

    proptest! {
        #[test]
        fn a_share_is_never_more_than_its_part_and_never_of_the_other_sign(
            parts in prop::collection::vec(-50_000_i64..200_000, 1..12),
            tips in prop::collection::vec(any::<bool>(), 12),
            cut in 0_i64..=1_000,
        ) {
            let tips: Vec<bool> = parts.iter().zip(tips).map(|(part, tip)| tip && *part > 0).collect();
            let whole = sum(&parts);
            prop_assume!(whole > 0);
            let amount = whole * cut / 1_000;
            let shares = allocate(amount, &parts, &tips, cad());
            prop_assert_eq!(sum(&shares), amount);
            for (share, part) in shares.iter().zip(&parts) {
                prop_assert!(share.abs() <= part.abs() && share * part >= 0, "{} of {}", share, part);
            }
        }
    }
}
