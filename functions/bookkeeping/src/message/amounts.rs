//! Whether the figures of a message agree with one another.
//!
//! Nothing is mended here: a cent that does not add up is refused with both sides shown, because only QuickBooks' own
//! residue is ever put on a rounding line. The rules, beside the contract's own identities:
//!
//! - A discount, a deposit applied and a gift card redeemed lower what is paid: negative or nothing. Rounding has either
//!   sign. Every other line is positive or nothing.
//! - Rounding is of cash to the nearest coin, so it is small: at most five minor units (two are usual, five happen where
//!   the smallest coin is ten), or fifty where the currency has three decimals. It carries no tax.
//! - A tax has the sign of its kind of line, or is nothing. A line of nothing may carry tax: some coupons leave it due.
//!   Taxes that are part of a line's amount are never more than the amount.
//! - Half a minor unit is rounded away from zero, on either side of it.
//! - With `paid_before`, the lines cost at least what was paid before and now together: the booking is being paid off.
//!   They may cost more; the rest comes with later payments.

use super::read::{Path, Problem};
use super::refusal::RefusalCode;
use crate::money::{Amount, MoneyError, multiplies_to};
use crate::transaction::{Line, LineKind, Payment, Refund, cost};

pub(super) fn check_payment(payment: &Payment, path: Path<'_>) -> Result<(), Problem> {
    not_negative(payment.amount, path.field("amount"))?;
    check_taxes_within(
        &payment.lines,
        payment.prices_include_tax,
        path.field("lines"),
    )?;
    let cost = cost(&payment.lines, payment.prices_include_tax, payment.currency)
        .map_err(|error| too_large(&error, path.field("lines")))?;
    let Some(paid_before) = payment.paid_before else {
        return equal(payment.amount, cost, payment.prices_include_tax, path);
    };
    not_negative(paid_before, path.field("paid_before"))?;
    let deposit = payment
        .lines
        .iter()
        .position(|line| line.kind.is_about_a_deposit());
    if let Some(index) = deposit {
        let explanation = format!("lines[{index}] is about a deposit, which excludes paid_before");
        return Err(path
            .field("paid_before")
            .refuse(RefusalCode::Contradiction, explanation));
    }
    let paid = paid_before
        .checked_add(payment.amount)
        .map_err(|error| too_large(&error, path.field("paid_before")))?;
    if paid.minor() > cost.minor() {
        let explanation = format!(
            "the lines cost {cost}, and {paid} would be paid: {paid_before} before and {} now",
            payment.amount
        );
        return Err(path
            .field("amount")
            .refuse(RefusalCode::AmountsDoNotAddUp, explanation));
    }
    Ok(())
}

pub(super) fn check_refund(refund: &Refund, path: Path<'_>) -> Result<(), Problem> {
    if refund.amount.minor() <= 0 {
        let explanation = format!("{}: a refund gives back more than nothing", refund.amount);
        return Err(path
            .field("amount")
            .refuse(RefusalCode::WrongSign, explanation));
    }
    let Some(lines) = &refund.lines else {
        return Ok(());
    };
    check_taxes_within(lines, refund.prices_include_tax, path.field("lines"))?;
    let cost = cost(lines, refund.prices_include_tax, refund.currency)
        .map_err(|error| too_large(&error, path.field("lines")))?;
    equal(refund.amount, cost, refund.prices_include_tax, path)
}

fn equal(
    amount: Amount,
    cost: Amount,
    prices_include_tax: bool,
    path: Path<'_>,
) -> Result<(), Problem> {
    if amount == cost {
        return Ok(());
    }
    let taxes = if prices_include_tax {
        "taxes included in their amounts"
    } else {
        "taxes added"
    };
    let difference = amount
        .checked_sub(cost)
        .map(|difference| format!(", a difference of {difference}"))
        .unwrap_or_default();
    let explanation =
        format!("the amount is {amount}, and the lines, {taxes}, cost {cost}{difference}");
    Err(path
        .field("amount")
        .refuse(RefusalCode::AmountsDoNotAddUp, explanation))
}

/// Checks what can be said of one line by itself.
pub(super) fn check_line(line: &Line, path: Path<'_>) -> Result<(), Problem> {
    if let Some(discount) = line.discount {
        not_negative(discount, path.field("discount"))?;
    }
    check_sign(line, path)?;
    let (Some(quantity), Some(unit_price)) = (line.quantity, line.unit_price) else {
        return Ok(());
    };
    let discount = line
        .discount
        .unwrap_or(Amount::zero(line.amount.currency()));
    let product = multiplies_to(quantity, unit_price, discount)
        .map_err(|error| too_large(&error, path.field("unit_price")))?;
    if product == line.amount {
        return Ok(());
    }
    let explanation = format!(
        "{quantity} times {unit_price} less {} is {product}, and the amount is {}",
        discount.decimal_text(),
        line.amount
    );
    Err(path
        .field("amount")
        .refuse(RefusalCode::LineDoesNotMultiply, explanation))
}

fn check_sign(line: &Line, path: Path<'_>) -> Result<(), Problem> {
    let amount_path = path.field("amount");
    if line.kind == LineKind::Rounding {
        let most: i64 = if line.amount.currency().exponent() == 3 {
            50
        } else {
            5
        };
        if line.amount.minor().unsigned_abs() > most.unsigned_abs() {
            let most = Amount::from_minor(most, line.amount.currency());
            let explanation = format!(
                "{} is more than cash is rounded by, {most} at most",
                line.amount
            );
            return Err(amount_path.refuse(RefusalCode::OutOfRange, explanation));
        }
        if !line.taxes.is_empty() {
            return Err(path
                .field("taxes")
                .refuse(RefusalCode::Contradiction, "a rounding line carries no tax"));
        }
        return Ok(());
    }
    let wrong = |amount: Amount| {
        if line.kind.is_negative() {
            amount.minor() > 0
        } else {
            amount.minor() < 0
        }
    };
    let rule = if line.kind.is_negative() {
        "negative or nothing"
    } else {
        "positive or nothing"
    };
    if wrong(line.amount) {
        let explanation = format!("{}: a {} line is {rule}", line.amount, line.kind);
        return Err(amount_path.refuse(RefusalCode::WrongSign, explanation));
    }
    let taxes_path = path.field("taxes");
    for (index, tax) in line.taxes.iter().enumerate() {
        if wrong(tax.amount) {
            let explanation = format!("{}: a tax on a {} line is {rule}", tax.amount, line.kind);
            return Err(taxes_path
                .element(index)
                .field("amount")
                .refuse(RefusalCode::WrongSign, explanation));
        }
    }
    Ok(())
}

fn check_taxes_within(
    lines: &[Line],
    prices_include_tax: bool,
    path: Path<'_>,
) -> Result<(), Problem> {
    if !prices_include_tax {
        return Ok(());
    }
    for (index, line) in lines.iter().enumerate() {
        let line_path = path.element(index);
        let taxes = Amount::sum(
            line.amount.currency(),
            line.taxes.iter().map(|tax| tax.amount),
        )
        .map_err(|error| too_large(&error, line_path.field("taxes")))?;
        if taxes.minor().unsigned_abs() > line.amount.minor().unsigned_abs() {
            let explanation = format!(
                "the taxes come to {taxes}, and the amount that includes them is {}",
                line.amount
            );
            return Err(line_path
                .field("taxes")
                .refuse(RefusalCode::AmountsDoNotAddUp, explanation));
        }
    }
    Ok(())
}

fn not_negative(amount: Amount, path: Path<'_>) -> Result<(), Problem> {
    if amount.is_negative() {
        return Err(path.refuse(
            RefusalCode::WrongSign,
            format!("{amount}: it cannot be below nothing"),
        ));
    }
    Ok(())
}

fn too_large(error: &MoneyError, path: Path<'_>) -> Problem {
    path.refuse(
        RefusalCode::OutOfRange,
        format!("the figures do not add up to anything that can be held: {error}"),
    )
}
