//! Shares: which cents of which part a payment of a part of the whole covers.
//!
//! A booking paid in instalments is divided anew at no instalment. What is covered once `covered` has been paid is a
//! function of the parts and of `covered` alone, and a payment's shares are the difference of two such states. So the
//! order in which payments are looked at, and looking twice, change nothing.
//!
//! The method is Webster's (each part's quota rounded to the nearest, with the one divisor that makes the sum right). It
//! is house-monotone: covering one cent more takes no cent away from any part, so that no share ever changes sign.

use crate::money::MoneyError;

/// Returns the share of each part that a payment of `now` covers after `before` has been covered, in minor units.
///
/// `parts` are whole minor units of one currency, some of them negative (a discount, a gift card used). The shares add
/// up to `now`; each has the sign of its part or is nothing; over payments that cover the whole they add up to each part.
/// Where a cent could go to two parts with equal right, the earlier part has it first.
///
/// Parts that cost nothing together are covered by one payment of nothing.
///
/// # Errors
///
/// [`MoneyError::OutOfRange`] where `before` and `now` are not both at least nothing and together at most what the parts
/// cost, or where the parts add up to less than nothing or to more than can be held: the sender has to mend it.
///
/// # Examples
///
/// ```
/// use bookkeeping::shares::shares;
///
/// // 300.00 and its tax of 39.00, of which 100.00 is paid first.
/// assert_eq!(shares(&[30_000, 3_900], 0, 10_000)?, [8_850, 1_150]);
/// assert_eq!(shares(&[30_000, 3_900], 10_000, 23_900)?, [21_150, 2_750]);
/// # Ok::<(), bookkeeping::money::MoneyError>(())
/// ```
pub fn shares(parts: &[i64], before: i64, now: i64) -> Result<Vec<i64>, MoneyError> {
    if before < 0 || now < 0 {
        return Err(MoneyError::OutOfRange);
    }
    if before == 0 && now == 0 && total(parts)? == 0 {
        return Ok(parts.to_vec());
    }
    let after = before.checked_add(now).ok_or(MoneyError::OutOfRange)?;
    let (then, later) = (covered(parts, before)?, covered(parts, after)?);
    Ok(later
        .iter()
        .zip(&then)
        .map(|(later, then)| later - then)
        .collect())
}

/// Returns how much of each part is covered once `paid` is covered of all parts together.
///
/// Parts above and below nothing are two groups: for each cent paid, the first is covered by at least one cent, and the
/// second by what that is too much. Each group is then divided by Webster's method.
fn covered(parts: &[i64], paid: i64) -> Result<Vec<i64>, MoneyError> {
    let total = total(parts)?;
    if paid > total {
        return Err(MoneyError::OutOfRange);
    }
    if total == 0 {
        return Ok(vec![0; parts.len()]);
    }
    let weights = |sign: i64| -> Vec<u64> {
        parts
            .iter()
            .map(|part| {
                if part.signum() == sign {
                    part.unsigned_abs()
                } else {
                    0
                }
            })
            .collect()
    };
    let (above, below) = (weights(1), weights(-1));
    let (paid, total) = (paid.unsigned_abs(), total.unsigned_abs());
    let of_above = rounded_quota(sum(&above)?, paid, total)?;
    let given = apportion(&above, of_above)?;
    let taken = apportion(&below, of_above - paid)?;
    given
        .iter()
        .zip(&taken)
        .map(|(given, taken)| {
            i64::try_from(i128::from(*given) - i128::from(*taken))
                .map_err(|_| MoneyError::OutOfRange)
        })
        .collect()
}

/// Returns `units` divided in proportion to `weights` by Webster's method: at most its weight to each.
///
/// For money in minor units, weights and shares alike. Where two have equal right to a unit, the earlier has it.
///
/// # Errors
///
/// [`MoneyError::OutOfRange`] where there are more units than the weights come to, or the figures cannot be held.
pub fn apportion(weights: &[u64], units: u64) -> Result<Vec<u64>, MoneyError> {
    let whole = sum(weights)?;
    if units > whole {
        return Err(MoneyError::OutOfRange);
    }
    if whole == 0 {
        return Ok(vec![0; weights.len()]);
    }
    // A part of weight w has right to its k-th unit at the moment (2k - 1) / 2w. Rounding every quota to the nearest gives
    // all units whose moment has come at units / whole; that is a few too many or too few, and mended one by one.
    let mut given = weights
        .iter()
        .map(|weight| rounded_quota(*weight, units, whole))
        .collect::<Result<Vec<u64>, MoneyError>>()?;
    let mut sum: u128 = given.iter().copied().map(u128::from).sum();
    while sum < u128::from(units) {
        let next = (0..weights.len())
            .filter(|&at| given[at] < weights[at])
            .reduce(|first, at| {
                let sooner =
                    is_sooner(given[at] + 1, weights[at], given[first] + 1, weights[first]);
                if sooner { at } else { first }
            })
            .ok_or(MoneyError::OutOfRange)?;
        given[next] += 1;
        sum += 1;
    }
    while sum > u128::from(units) {
        let last = (0..weights.len())
            .filter(|&at| given[at] > 0)
            .reduce(|last, at| {
                let sooner = is_sooner(given[at], weights[at], given[last], weights[last]);
                if sooner { last } else { at }
            })
            .ok_or(MoneyError::OutOfRange)?;
        given[last] -= 1;
        sum -= 1;
    }
    Ok(given)
}

/// Whether the `k`-th unit of a part of weight `w` has its moment before the `other_k`-th of one of weight `other_w`.
fn is_sooner(k: u64, w: u64, other_k: u64, other_w: u64) -> bool {
    let odd = |k: u64| 2 * u128::from(k) - 1;
    odd(k) * u128::from(other_w) < odd(other_k) * u128::from(w)
}

/// `weight` × `units` / `whole`, rounded half up.
fn rounded_quota(weight: u64, units: u64, whole: u64) -> Result<u64, MoneyError> {
    let (weight, units, whole) = (u128::from(weight), u128::from(units), u128::from(whole));
    let rounded = (2 * weight * units + whole) / (2 * whole);
    u64::try_from(rounded).map_err(|_| MoneyError::OutOfRange)
}

/// The sum of weights, which half of 64 bits have to hold so that nothing overflows on the way.
fn sum(weights: &[u64]) -> Result<u64, MoneyError> {
    weights
        .iter()
        .try_fold(0_u64, |sum, weight| sum.checked_add(*weight))
        .filter(|sum| i64::try_from(*sum).is_ok())
        .ok_or(MoneyError::OutOfRange)
}

/// What the parts cost together: at least nothing.
fn total(parts: &[i64]) -> Result<i64, MoneyError> {
    let total: i128 = parts.iter().copied().map(i128::from).sum();
    i64::try_from(total)
        .ok()
        .filter(|total| *total >= 0)
        .ok_or(MoneyError::OutOfRange)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Webster's method as it is defined: every unit of every part in the order of its moment, the earlier part first.
    fn by_definition(weights: &[u64], units: usize) -> Vec<u64> {
        let mut moments: Vec<(u64, usize)> = Vec::new();
        for (at, weight) in weights.iter().enumerate() {
            moments.extend((1..=*weight).map(|k| (k, at)));
        }
        moments.sort_by(|(k, at), (other_k, other)| {
            let left = u128::from(2 * k - 1) * u128::from(weights[*other]);
            let right = u128::from(2 * other_k - 1) * u128::from(weights[*at]);
            left.cmp(&right).then(at.cmp(other))
        });
        let mut given = vec![0; weights.len()];
        for (_, at) in &moments[..units] {
            given[*at] += 1;
        }
        given
    }

    fn parts_and_cuts() -> impl Strategy<Value = (Vec<i64>, Vec<i64>)> {
        (
            prop::collection::vec(
                prop_oneof![4 => 0..60_000_i64, 1 => 0..40_i64, 2 => -9_000..0_i64],
                1..12,
            ),
            prop::collection::vec(0..10_000_u64, 0..5),
        )
            .prop_map(|(mut parts, cuts)| {
                let total: i64 = parts.iter().sum();
                if total < 0 {
                    parts.push(-total);
                }
                let total: i64 = parts.iter().sum();
                let mut at: Vec<i64> = cuts
                    .iter()
                    .map(|cut| total * i64::try_from(*cut).unwrap() / 10_000)
                    .collect();
                at.push(0);
                at.push(total);
                at.sort_unstable();
                (parts, at)
            })
    }

    #[test]
    fn a_tie_goes_to_the_earlier_part() {
        assert_eq!(apportion(&[1, 1, 1], 1), Ok(vec![1, 0, 0]));
        assert_eq!(apportion(&[1, 1, 1], 2), Ok(vec![1, 1, 0]));
        assert_eq!(apportion(&[3, 1], 2), Ok(vec![2, 0]));
        assert_eq!(apportion(&[1, 3], 2), Ok(vec![1, 1]));
    }

    #[test]
    fn three_payments_of_one_booking_close_it_exactly() {
        let parts = [10_000, 500, 998];
        let first = shares(&parts, 0, 3_832).unwrap();
        let second = shares(&parts, 3_832, 3_832).unwrap();
        let third = shares(&parts, 7_664, 3_834).unwrap();
        assert_eq!(first, [3_332, 167, 333]);
        assert_eq!(second, [3_334, 166, 332]);
        assert_eq!(third, [3_334, 167, 333]);
    }

    #[test]
    fn what_costs_nothing_together_is_covered_by_one_payment_of_nothing() {
        assert_eq!(
            shares(&[5_000, 650, -5_650], 0, 0),
            Ok(vec![5_000, 650, -5_650])
        );
        assert_eq!(shares(&[], 0, 0), Ok(vec![]));
        assert_eq!(shares(&[5_000, 650], 5_650, 0), Ok(vec![0, 0]));
        assert_eq!(shares(&[5_000, 650], 0, 0), Ok(vec![0, 0]));
    }

    #[test]
    fn more_than_the_whole_less_than_nothing_and_what_cannot_be_held_are_refused() {
        for (parts, before, now) in [
            (vec![100], 0, 101),
            (vec![100], 60, 41),
            (vec![100], -1, 1),
            (vec![100], 1, -1),
            (vec![100, -101], 0, 0),
            (vec![i64::MAX, 1], 0, 1),
            (vec![i64::MAX, 1, -1], 0, 1),
            (vec![100], i64::MAX, 1),
        ] {
            assert_eq!(
                shares(&parts, before, now),
                Err(MoneyError::OutOfRange),
                "{parts:?} {before} {now}"
            );
        }
        assert_eq!(apportion(&[1], 2), Err(MoneyError::OutOfRange));
    }

    #[test]
    fn the_largest_amounts_are_divided_exactly() {
        let parts = [i64::MAX - 7, 7];
        let half = i64::MAX / 2;
        let first = shares(&parts, 0, half).unwrap();
        let rest = shares(&parts, half, i64::MAX - half).unwrap();
        assert_eq!(first[0] + rest[0], parts[0]);
        assert_eq!(first[1] + rest[1], parts[1]);
    }

    proptest! {
        #[test]
        fn the_quick_way_gives_what_the_definition_gives(
            weights in prop::collection::vec(0..40_u64, 0..9),
            cut in 0..=100_u64,
        ) {
            let whole: u64 = weights.iter().sum();
            let units = whole * cut / 100;
            prop_assert_eq!(
                apportion(&weights, units).unwrap(),
                by_definition(&weights, usize::try_from(units).unwrap())
            );
        }

        #[test]
        fn shares_of_any_instalments_add_up_and_never_change_sign((parts, cuts) in parts_and_cuts()) {
            let mut sums = vec![0_i64; parts.len()];
            for pair in cuts.windows(2) {
                let taken = shares(&parts, pair[0], pair[1] - pair[0]).unwrap();
                if parts.iter().sum::<i64>() == 0 && sums == parts {
                    continue;
                }
                prop_assert_eq!(taken.iter().sum::<i64>(), pair[1] - pair[0]);
                for ((sum, share), part) in sums.iter_mut().zip(&taken).zip(&parts) {
                    prop_assert!(share.signum() * part.signum() >= 0, "{} of {}", share, part);
                    *sum += share;
                }
            }
            prop_assert_eq!(sums, parts);
        }

        #[test]
        fn two_payments_cover_what_one_of_their_sum_covers((parts, cuts) in parts_and_cuts(), third in 0..100_i64) {
            let total: i64 = parts.iter().sum();
            prop_assume!(total > 0);
            let (from, to) = (cuts[0], *cuts.last().unwrap());
            let middle = from + (to - from) * third / 100;
            let whole = shares(&parts, from, to - from).unwrap();
            let first = shares(&parts, from, middle - from).unwrap();
            let rest = shares(&parts, middle, to - middle).unwrap();
            let both: Vec<i64> = first.iter().zip(&rest).map(|(a, b)| a + b).collect();
            prop_assert_eq!(both, whole);
        }

        #[test]
        fn no_share_is_far_from_its_proportion(
            parts in prop::collection::vec(0..60_000_i64, 1..12),
            cut in 0..=10_000_i64,
        ) {
            let total: i64 = parts.iter().sum();
            let paid = total * cut / 10_000;
            let count = i64::try_from(parts.len()).unwrap();
            for (share, part) in shares(&parts, 0, paid).unwrap().iter().zip(&parts) {
                prop_assert!((share * total - part * paid).abs() <= total * count, "{} of {}", share, part);
            }
        }
    }
}
