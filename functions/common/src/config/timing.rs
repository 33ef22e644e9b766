//! The waiting times, and which of them are safe.

use std::time::Duration;

use bookkeeping::token::Pauses;
use jiff::civil::Date;

use super::reader::Reader;

/// The waiting times of claim, send and probe. Parameters, so that a demonstration can shorten them; production
/// refuses values below the safe ones.
#[derive(Clone, Copy, Debug)]
pub struct Timing {
    /// How long a claim lasts: longer than sending may start late plus the longest request.
    pub lease: Duration,
    /// How long a request whose answer was lost may still be carried out, and how long until a query shows it.
    ///
    /// Intuit cuts requests off after 120 s; the rest is margin for its query index.
    pub quiescence: Duration,
    /// How late after its claim a receipt may still be sent.
    pub send_by: Duration,
    /// How long QuickBooks may take to answer.
    pub quickbooks_timeout: Duration,
    /// How long a refund waits for a payment that has not reached us before it is recorded by itself.
    pub payment_wait: Duration,
    /// Time between the starts of two writes to one company: QuickBooks takes 500 a minute and 10 a second.
    pub post_spacing: Duration,
    /// How long after a lot was opened live work may still be at the company. What live work has read of a merchant
    /// is believed for half of it; the rest is for what it had begun.
    pub turn: Duration,
    /// How long a company is left alone after it said it is asked too often.
    ///
    /// Source: Intuit, "Limits and throttles": wait 60 seconds.
    pub throttle_rest: Duration,
    /// How long a lot is a drain's own without a sign of life, of which it gives three in that time.
    pub drain_lease: Duration,
    /// How often one transaction is tried while QuickBooks is down for everyone.
    pub probe: Duration,
    /// How long until twice as many merchants go on, once it is back.
    pub return_step: Duration,
    /// The waiting times of the refresh of tokens.
    pub refresh: RefreshTiming,
    /// Set after tables were put back to an earlier time: whatever is dated up to this day is looked for in QuickBooks before
    /// it is sent, whatever the ledger remembers of it.
    pub probe_until: Option<Date>,
}

/// The waiting times of the refresh of tokens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RefreshTiming {
    /// How long a refresh is one's own: longer than any request can live, because two uses of one refresh token at once
    /// may make Intuit revoke both.
    pub lease: Duration,
    /// How long a refresh whose answer was lost may still be carried out, from its sending. Intuit cuts requests off
    /// after 120 s.
    pub quiet: Duration,
    /// How long Intuit may take to answer. A short wait makes answers look lost that were on their way.
    pub timeout: Duration,
    /// The pauses before a refusal is believed.
    pub pauses: Pauses,
}

impl RefreshTiming {
    /// How late after its claim a refresh may still be sent, so that it cannot outlive the lease.
    #[must_use]
    pub fn send_by(&self) -> Duration {
        self.lease.saturating_sub(self.quiet)
    }

    /// How much of an invocation has to be left to begin a refresh.
    #[must_use]
    pub fn time_needed(&self) -> Duration {
        self.timeout + self.timeout / 2
    }
}

impl Timing {
    /// The values that are safe in production.
    pub const SAFE: Self = Self {
        lease: Duration::from_secs(45),
        quiescence: Duration::from_secs(300),
        send_by: Duration::from_secs(10),
        quickbooks_timeout: Duration::from_secs(30),
        payment_wait: Duration::from_secs(24 * 3600),
        post_spacing: Duration::from_millis(122),
        turn: Duration::from_secs(20),
        throttle_rest: Duration::from_secs(60),
        drain_lease: Duration::from_secs(60),
        probe: Duration::from_secs(15),
        return_step: Duration::from_secs(30),
        refresh: RefreshTiming {
            lease: Duration::from_secs(180),
            quiet: Duration::from_secs(130),
            timeout: Duration::from_secs(30),
            pauses: Pauses {
                first: Duration::from_secs(600),
                second: Duration::from_secs(3600),
            },
        },
        probe_until: None,
    };

    pub(super) fn read<F: Fn(&str) -> Option<String>>(reader: &mut Reader<F>) -> Self {
        Self {
            lease: Duration::from_secs(reader.number("LEASE_SECONDS")),
            quiescence: Duration::from_secs(reader.number("QUIESCENCE_SECONDS")),
            send_by: Duration::from_secs(reader.number("SEND_BY_SECONDS")),
            quickbooks_timeout: Duration::from_secs(reader.number("QUICKBOOKS_TIMEOUT_SECONDS")),
            payment_wait: Duration::from_secs(reader.number("PAYMENT_WAIT_SECONDS")),
            post_spacing: Duration::from_millis(reader.number("POST_SPACING_MILLISECONDS")),
            refresh: RefreshTiming {
                lease: Duration::from_secs(reader.number("TOKEN_LEASE_SECONDS")),
                quiet: Duration::from_secs(reader.number("TOKEN_QUIET_SECONDS")),
                timeout: Duration::from_secs(reader.number("TOKEN_TIMEOUT_SECONDS")),
                pauses: Pauses {
                    first: Duration::from_secs(reader.number("TOKEN_FIRST_PAUSE_SECONDS")),
                    second: Duration::from_secs(reader.number("TOKEN_SECOND_PAUSE_SECONDS")),
                },
            },
            turn: Duration::from_secs(reader.number("TURN_SECONDS")),
            throttle_rest: Duration::from_secs(reader.number("THROTTLE_REST_SECONDS")),
            drain_lease: Duration::from_secs(reader.number("DRAIN_LEASE_SECONDS")),
            probe: Duration::from_secs(reader.number("PROBE_SECONDS")),
            return_step: Duration::from_secs(reader.number("RETURN_STEP_SECONDS")),
            probe_until: reader.day("PROBE_UNTIL"),
        }
    }

    /// What is wrong with these values, in sentences; nothing where they hold together.
    #[must_use]
    pub fn problems(&self, production: bool) -> Vec<String> {
        let mut problems = Vec::new();
        if self.lease <= self.send_by + self.quickbooks_timeout {
            problems.push(
                "LEASE_SECONDS must exceed SEND_BY_SECONDS plus QUICKBOOKS_TIMEOUT_SECONDS, \
                 else two workers can wait for QuickBooks at once"
                    .to_owned(),
            );
        }
        if self.refresh.lease <= self.refresh.quiet || self.refresh.quiet <= self.refresh.timeout {
            problems.push(
                "TOKEN_LEASE_SECONDS must exceed TOKEN_QUIET_SECONDS, and that TOKEN_TIMEOUT_SECONDS, \
                 else two refreshes can be on their way at once"
                    .to_owned(),
            );
        }
        if production {
            for (name, value, safe) in [
                ("LEASE_SECONDS", self.lease, Self::SAFE.lease),
                ("QUIESCENCE_SECONDS", self.quiescence, Self::SAFE.quiescence),
                (
                    "PAYMENT_WAIT_SECONDS",
                    self.payment_wait,
                    Self::SAFE.payment_wait,
                ),
                (
                    "POST_SPACING_MILLISECONDS",
                    self.post_spacing,
                    Self::SAFE.post_spacing,
                ),
                (
                    "QUICKBOOKS_TIMEOUT_SECONDS",
                    self.quickbooks_timeout,
                    Self::SAFE.quickbooks_timeout,
                ),
                ("TURN_SECONDS", self.turn, Self::SAFE.turn),
                (
                    "THROTTLE_REST_SECONDS",
                    self.throttle_rest,
                    Self::SAFE.throttle_rest,
                ),
                (
                    "DRAIN_LEASE_SECONDS",
                    self.drain_lease,
                    Self::SAFE.drain_lease,
                ),
                ("PROBE_SECONDS", self.probe, Self::SAFE.probe),
                (
                    "RETURN_STEP_SECONDS",
                    self.return_step,
                    Self::SAFE.return_step,
                ),
                (
                    "TOKEN_LEASE_SECONDS",
                    self.refresh.lease,
                    Self::SAFE.refresh.lease,
                ),
                (
                    "TOKEN_QUIET_SECONDS",
                    self.refresh.quiet,
                    Self::SAFE.refresh.quiet,
                ),
                (
                    "TOKEN_TIMEOUT_SECONDS",
                    self.refresh.timeout,
                    Self::SAFE.refresh.timeout,
                ),
                (
                    "TOKEN_FIRST_PAUSE_SECONDS",
                    self.refresh.pauses.first,
                    Self::SAFE.refresh.pauses.first,
                ),
                (
                    "TOKEN_SECOND_PAUSE_SECONDS",
                    self.refresh.pauses.second,
                    Self::SAFE.refresh.pauses.second,
                ),
            ] {
                if value < safe {
                    problems.push(format!(
                        "{name} is {value:?}, below the {safe:?} that is safe in production"
                    ));
                }
            }
        }
        problems
    }
}
