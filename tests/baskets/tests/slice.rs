//! A slice of the baskets that `make baskets` goes through.

use baskets::{Mix, Shop, basket, check};

#[test]
fn baskets_of_every_shop_are_posted_as_they_were_charged() {
    let mut sum = Mix::default();
    for mut shop in Shop::all() {
        for number in 0..60 {
            let made = basket(&shop, number);
            let mix =
                check(&mut shop, &made).unwrap_or_else(|what| panic!("basket {number}: {what}"));
            sum = sum.and(mix);
        }
    }
    println!("{sum:?}");
    assert!(
        sum.differing * 5 >= sum.baskets,
        "too few where QuickBooks would make another tax: {sum:?}"
    );
    assert!(
        sum.in_parts * 5 >= sum.baskets
            && sum.discounted * 10 >= sum.baskets
            && sum.inclusive * 10 >= sum.baskets,
        "{sum:?}"
    );
    assert!(
        sum.refunds >= sum.baskets
            && sum.listed > 0
            && sum.again * 10 >= sum.refunds
            && sum.closed * 4 >= sum.receipts,
        "{sum:?}"
    );
}
