//! Arithmetic of amounts: rounding half away from zero, and sharing out without losing a cent.

use rust_decimal::{Decimal, RoundingStrategy};

/// The number rounded to so many decimals, halves away from zero.
///
/// QuickBooks stores 22.425 of tax as 22.43 and 1861.075 of line as 1861.08 (recorded answers).
pub fn half_up(number: Decimal, decimals: u32) -> Decimal {
    number.round_dp_with_strategy(decimals, RoundingStrategy::MidpointAwayFromZero)
}

/// Tax on a base at a rate in per cent, rounded half up to cents.
pub fn tax(base: Decimal, percent: Decimal) -> Decimal {
    half_up(base * percent / Decimal::ONE_HUNDRED, 2)
}

/// `total` shared out by weight in cents, by largest remainder, so that the shares add up to it exactly.
///
/// Ties go to the larger weight, then to the earlier part. Weights that are all zero give everything to the first part.
pub fn share(total: Decimal, weights: &[Decimal]) -> Vec<Decimal> {
    let sum: Decimal = weights.iter().copied().sum();
    if sum.is_zero() {
        return (0..weights.len())
            .map(|index| if index == 0 { total } else { Decimal::ZERO })
            .collect();
    }
    let cent = Decimal::new(1, 2);
    let exact: Vec<Decimal> = weights.iter().map(|weight| total * weight / sum).collect();
    let mut shares: Vec<Decimal> = exact
        .iter()
        .map(|part| part.round_dp_with_strategy(2, RoundingStrategy::ToZero))
        .collect();
    let mut missing = total - shares.iter().copied().sum::<Decimal>();
    let step = if missing.is_sign_negative() {
        -cent
    } else {
        cent
    };
    let mut order: Vec<usize> = (0..weights.len()).collect();
    order.sort_by(|&left, &right| {
        let rest = |index: usize| (exact[index] - shares[index]).abs();
        rest(right)
            .cmp(&rest(left))
            .then(weights[right].cmp(&weights[left]))
            .then(left.cmp(&right))
    });
    for index in order {
        if missing.abs() < cent {
            break;
        }
        shares[index] += step;
        missing -= step;
    }
    shares
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decimal(text: &str) -> Decimal {
        text.parse().unwrap()
    }

    #[test]
    fn halves_are_rounded_away_from_zero() {
        for (number, rounded) in [
            ("22.425", "22.43"),
            ("-22.425", "-22.43"),
            ("1861.075", "1861.08"),
            ("37.374999", "37.37"),
        ] {
            assert_eq!(half_up(decimal(number), 2), decimal(rounded), "{number}");
        }
    }

    #[test]
    fn shares_add_up_to_what_was_shared() {
        for (total, weights) in [
            ("5.00", vec!["19.99", "24.99", "5.00"]),
            ("12.51", vec!["7.1", "2"]),
            ("0.01", vec!["1", "1", "1"]),
            ("19.00", vec!["6", "0.25", "3.25"]),
        ] {
            let weights: Vec<Decimal> = weights.into_iter().map(decimal).collect();
            assert_eq!(
                share(decimal(total), &weights).into_iter().sum::<Decimal>(),
                decimal(total)
            );
        }
        assert_eq!(
            share(decimal("12.51"), &[decimal("7.1"), decimal("2")]),
            vec![decimal("9.76"), decimal("2.75")]
        );
    }
}
