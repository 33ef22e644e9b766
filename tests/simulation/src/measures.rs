//! Measures in virtual time: how fast what waits is worked off, how fair that is to others, and how soon trouble is over.
//!
//! All are ratios of virtual time, the same on any machine. The goals:
//!
//! | measure | goal |
//! |---|---|
//! | [`drain`] | at least 95 % of what QuickBooks takes: 500 requests a minute, or eight in flight where that is less |
//! | [`beside`] | a light merchant's p99 beside another's burst at most 1.10 of what it is without |
//! | [`recovery`] | 90 % of 500 a minute within two minutes of the end of a storm of 429s, or of an outage |

use std::time::Duration;

use simulator::TroubleKind;

use crate::rush::{Event, Rush};

/// Time between two requests at which QuickBooks' 500 a minute are used up.
const QUOTA: Duration = Duration::from_millis(120);

/// Requests in flight at one company: the drain's own bound, two below QuickBooks' ten.
const IN_FLIGHT: u32 = 8;

/// How long live work may still be at a company after its lot was opened; the drain waits that long.
const TURN: Duration = Duration::from_secs(20);

/// Customers of a merchant. All are linked before anything is measured.
const CUSTOMERS: u64 = 10;

/// How a drain went.
#[derive(Clone, Debug)]
pub struct Drained {
    /// Payments that waited.
    pub payments: u64,
    /// From the drain's turn to the last payment in QuickBooks.
    pub took: Duration,
    /// The least that QuickBooks' quota allows.
    pub by_quota: Duration,
    /// The least that eight requests in flight allow.
    pub by_flight: Duration,
    /// Requests that QuickBooks refused, for whatever reason.
    pub refused: u64,
}

impl Drained {
    /// Percent of the speed that the nearer bound allows, in hundredths.
    #[must_use]
    pub fn efficiency(&self) -> u64 {
        hundredths_of_percent(self.by_quota.max(self.by_flight), self.took)
    }
}

/// Parks payments of a merchant, then works them off at a company that takes `quickbooks` for an answer on average.
///
/// # Panics
///
/// Where a payment is not in QuickBooks at the end.
#[must_use]
pub fn drain(seed: u64, payments: u64, quickbooks: Duration) -> Drained {
    let mut rush = Rush::new(seed, 1, CUSTOMERS, quickbooks);
    rush.play(all_linked(1));
    let opened = rush.park_and_drain(0, CUSTOMERS..CUSTOMERS + payments);
    let synced = rush.synced(0);
    assert_eq!(synced.len() as u64, CUSTOMERS + payments);
    let number = u32::try_from(payments).expect("fewer");
    Drained {
        payments,
        took: synced[synced.len() - 1] - opened - TURN,
        by_quota: QUOTA * number,
        by_flight: quickbooks * number / IN_FLIGHT,
        refused: rush.refused(0),
    }
}

/// How long light merchants' payments take, with and without a neighbour's burst.
#[derive(Clone, Debug)]
pub struct Beside {
    /// Payments of light merchants, in each run.
    pub payments: u64,
    /// The 99th percentile without the burst.
    pub without: Duration,
    /// And beside it.
    pub with: Duration,
}

impl Beside {
    /// Percent of the time without, in hundredths.
    #[must_use]
    pub fn ratio(&self) -> u64 {
        hundredths_of_percent(self.with, self.without)
    }
}

/// Lets light merchants take a payment every half a minute or so, for as long as a neighbour's burst takes to work off;
/// once with the burst and once without.
///
/// # Panics
///
/// Where a payment of a light merchant is not in QuickBooks at the end.
#[must_use]
pub fn beside(seed: u64, light: usize, burst: u64, mixes: bool) -> Beside {
    let lasts = QUOTA * u32::try_from(burst).expect("fewer");
    let (without, payments) = light_p99(seed, light, 0, lasts, mixes);
    let (with, _) = light_p99(seed, light, burst, lasts, mixes);
    Beside {
        payments,
        without,
        with,
    }
}

fn light_p99(seed: u64, light: usize, burst: u64, lasts: Duration, mixes: bool) -> (Duration, u64) {
    let mut rush = Rush::new(seed, 1 + light, CUSTOMERS, Duration::from_millis(600));
    rush.mixes = mixes;
    rush.play(all_linked(1 + light));
    rush.served.clear();
    // The same arrivals in both runs, from a source of their own.
    let arrivals = crate::fate::Fate::new(seed);
    let mut events: Vec<(Duration, Event)> = (0..burst)
        .map(|payment| (Duration::ZERO, Event::Sent(0, CUSTOMERS + payment)))
        .collect();
    for merchant in 1..=light {
        let mut at = Duration::ZERO;
        let mut payment = CUSTOMERS;
        loop {
            at += Duration::from_millis(1 + arrivals.below(60_000));
            if at > lasts {
                break;
            }
            events.push((at, Event::Sent(merchant, payment)));
            payment += 1;
        }
    }
    rush.play(events);
    let mut waited: Vec<Duration> = rush
        .served
        .iter()
        .filter(|served| served.merchant > 0)
        .map(|served| served.served - served.sent)
        .collect();
    waited.sort();
    let recorded = rush.synced_beside(0) as u64 - light as u64 * CUSTOMERS;
    assert_eq!(
        recorded,
        waited.len() as u64,
        "each at once or by the drain"
    );
    (waited[waited.len() * 99 / 100], waited.len() as u64)
}

/// From the end of a trouble that lasted so long to the first half-minute in which a merchant with a backlog goes at
/// 90 % of QuickBooks' quota or more.
///
/// # Panics
///
/// Where that never comes.
#[must_use]
pub fn recovery(seed: u64, trouble: TroubleKind, lasts: Duration) -> Duration {
    const BEGINS: Duration = Duration::from_secs(30);
    const LOOK: Duration = Duration::from_secs(30);
    /// Enough to go at full speed for two minutes and a half after the trouble.
    const BACKLOG: u64 = 1_500;
    let mut rush = Rush::new(seed, 1, CUSTOMERS, Duration::from_millis(600));
    rush.play(all_linked(1));
    let begun = rush.now();
    let mut events: Vec<(Duration, Event)> = (0..BACKLOG)
        .map(|payment| (Duration::ZERO, Event::Sent(0, CUSTOMERS + payment)))
        .collect();
    events.push((BEGINS, Event::Trouble(trouble)));
    events.push((BEGINS + lasts, Event::Calm));
    rush.play(events);
    let over = begun + BEGINS + lasts;
    let synced = rush.synced(0);
    assert_eq!(synced.len() as u64, CUSTOMERS + BACKLOG);
    let wanted = usize::try_from(LOOK.as_millis() / QUOTA.as_millis() * 9 / 10).expect("few");
    let is_fast = |window: &&[Duration]| window[0] >= over && window[wanted] - window[0] <= LOOK;
    let fast = synced.windows(wanted + 1).find(is_fast);
    fast.expect("it recovers")[0] - over
}

/// One payment of each customer of each merchant, far enough apart that none waits.
fn all_linked(merchants: usize) -> Vec<(Duration, Event)> {
    let of = |merchant| {
        (0..CUSTOMERS).map(move |payment| {
            let at = Duration::from_secs(5 * payment);
            (at, Event::Sent(merchant, payment))
        })
    };
    (0..merchants).flat_map(of).collect()
}

fn hundredths_of_percent(part: Duration, whole: Duration) -> u64 {
    u64::try_from(part.as_micros() * 10_000 / whole.as_micros()).expect("a ratio")
}
