//! Configuration: every environment variable, named once, read once, refused at start where missing or malformed.

use std::fmt::Display;
use std::str::FromStr;
use std::time::Duration;

use bookkeeping::health::Cadence;
use bookkeeping::token::Pauses;
use jiff::civil::Date;
use quickbooks::oauth::Endpoints;

use crate::secrets::RefreshTokensIn;

/// What the deployment sets for the functions that record transactions: the transaction sync and the backlog drain.
#[derive(Clone, Debug)]
pub struct SyncConfig {
    /// Where AWS is asked.
    pub aws: Place,
    /// Table names.
    pub tables: Tables,
    /// Where outcomes are told.
    pub outcome_queue_url: String,
    /// Where the drain of a merchant's lot is woken.
    pub wake_queue_url: String,
    /// The secret holding the key ring that seals tokens.
    pub token_keys_secret: String,
    /// The secret holding the key ring that seals payloads.
    pub payload_keys_secret: String,
    /// The secret holding the app's credentials and the App Market's public keys.
    pub app_secret: String,
    /// Where refresh tokens are kept besides the journal.
    pub refresh_tokens_in: RefreshTokensIn,
    /// What the names of the merchants' secrets begin with.
    pub refresh_token_secrets: String,
    /// Base of the QuickBooks API, without `/v3`.
    pub quickbooks_api_url: String,
    /// Intuit's OAuth endpoints.
    pub oauth: Endpoints,
    /// Where operators are sent.
    pub app_market_url: String,
    /// Our own address, without a slash at the end.
    pub public_url: String,
    /// Health checks and mails.
    pub health: HealthConfig,
    /// What the metrics stand under.
    pub metrics_namespace: String,
    /// The waiting times of the protocol.
    pub timing: Timing,
}

/// Where AWS is asked; Lambda sets it.
#[derive(Clone, Debug)]
pub struct Place {
    /// The Region, such as `ca-central-1`.
    pub region: String,
    /// Base address of what stands for AWS on one machine. In a Region there is none.
    pub endpoint_url: Option<String>,
}

/// What the deployment sets for health checks and mails.
#[derive(Clone, Debug)]
pub struct HealthConfig {
    /// Where looks at connections are sent for.
    pub queue_url: String,
    /// How often connections are checked.
    pub cadence: Cadence,
    /// Who mails come from: `Name <address>`.
    pub mail_from: String,
    /// The mail service's configuration set, which publishes what becomes of mails.
    pub mail_set: String,
    /// MioCommerce's help articles about QuickBooks.
    pub help_url: String,
    /// Whether this is the production environment, where mails have to reach everybody.
    pub is_production: bool,
}

/// The longest an idle connection may go unchecked in production: three checks in a row may fail within 100 days.
const IDLE_MAX: Duration = Duration::from_secs(30 * 24 * 3600);

/// The longest one in use may.
const ACTIVE_MAX: Duration = Duration::from_secs(24 * 3600);

/// What the deployment sets besides for the functions that answer browsers.
#[derive(Clone, Debug)]
pub struct WebConfig {
    /// Our own address, without a slash at the end.
    pub public_url: String,
    /// Intuit's consent page.
    pub authorize_url: String,
}

/// The tables, by who may touch them.
#[derive(Clone, Debug)]
pub struct Tables {
    /// Connections, settings, companies.
    pub connections: String,
    /// Sealed tokens.
    pub tokens: String,
    /// Transactions, lots, what needs the operator.
    pub ledger: String,
    /// Customer links.
    pub links: String,
}

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

impl HealthConfig {
    /// What is wrong with these values in production, in sentences.
    fn problems(&self) -> Vec<String> {
        let cadence = &self.cadence;
        let mut problems = Vec::new();
        if self.is_production && !cadence.keep_alive {
            problems.push("HEALTH_KEEP_ALIVE is off: idle connections would die".to_owned());
        }
        for (name, value, longest) in [
            ("HEALTH_ACTIVE_SECONDS", cadence.active, ACTIVE_MAX),
            ("HEALTH_IDLE_SECONDS", cadence.idle, IDLE_MAX),
        ] {
            if self.is_production && value > longest {
                problems.push(format!(
                    "{name} is {value:?}, beyond the {longest:?} that is safe in production"
                ));
            }
        }
        problems
    }
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

/// The deployment is wrong: a developer mends the template or its parameters.
#[derive(Debug, PartialEq, Eq)]
pub struct ConfigError(Vec<String>);

impl Display for ConfigError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "the environment is not usable: {}", self.0.join("; "))
    }
}

impl std::error::Error for ConfigError {}

impl SyncConfig {
    /// Reads the environment of a function that records transactions.
    ///
    /// # Errors
    ///
    /// [`ConfigError`] naming every variable that is missing or malformed, all at once.
    pub fn from_env() -> Result<Self, ConfigError> {
        #[allow(
            clippy::disallowed_methods,
            reason = "the one place that reads the environment"
        )]
        Self::read(|name| std::env::var(name).ok())
    }

    /// Reads the same from any source of variables.
    ///
    /// # Errors
    ///
    /// As [`SyncConfig::from_env`].
    pub fn read(source: impl Fn(&str) -> Option<String>) -> Result<Self, ConfigError> {
        let mut reader = Reader {
            source,
            problems: Vec::new(),
        };
        let production = reader.text("ENVIRONMENT") == "production";
        let config = Self {
            aws: Place {
                region: reader.text("AWS_REGION"),
                endpoint_url: (reader.source)("AWS_ENDPOINT_URL").filter(|url| !url.is_empty()),
            },
            tables: Tables {
                connections: reader.text("CONNECTIONS_TABLE"),
                tokens: reader.text("TOKENS_TABLE"),
                ledger: reader.text("LEDGER_TABLE"),
                links: reader.text("LINKS_TABLE"),
            },
            outcome_queue_url: reader.url("OUTCOME_QUEUE_URL"),
            wake_queue_url: reader.url("WAKE_QUEUE_URL"),
            token_keys_secret: reader.text("TOKEN_KEYS_SECRET"),
            payload_keys_secret: reader.text("PAYLOAD_KEYS_SECRET"),
            app_secret: reader.text("APP_SECRET"),
            refresh_tokens_in: reader.refresh_tokens_in("REFRESH_TOKENS_IN"),
            refresh_token_secrets: reader.text("REFRESH_TOKEN_SECRETS"),
            quickbooks_api_url: reader.url("QUICKBOOKS_API_URL"),
            oauth: Endpoints {
                token_url: reader.url("QUICKBOOKS_TOKEN_URL"),
                revoke_url: reader.url("QUICKBOOKS_REVOKE_URL"),
            },
            app_market_url: reader.url("APP_MARKET_URL"),
            public_url: reader.url("PUBLIC_URL"),
            health: HealthConfig {
                queue_url: reader.url("HEALTH_QUEUE_URL"),
                cadence: Cadence {
                    keep_alive: reader.switch("HEALTH_KEEP_ALIVE"),
                    active: Duration::from_secs(reader.number("HEALTH_ACTIVE_SECONDS")),
                    idle: Duration::from_secs(reader.number("HEALTH_IDLE_SECONDS")),
                },
                mail_from: reader.text("MAIL_FROM"),
                mail_set: reader.text("MAIL_SET"),
                help_url: reader.url("HELP_URL"),
                is_production: production,
            },
            metrics_namespace: reader.text("METRICS_NAMESPACE"),
            timing: Timing {
                lease: Duration::from_secs(reader.number("LEASE_SECONDS")),
                quiescence: Duration::from_secs(reader.number("QUIESCENCE_SECONDS")),
                send_by: Duration::from_secs(reader.number("SEND_BY_SECONDS")),
                quickbooks_timeout: Duration::from_secs(
                    reader.number("QUICKBOOKS_TIMEOUT_SECONDS"),
                ),
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
            },
        };
        let mut problems = reader.problems;
        if problems.is_empty() {
            problems = config.timing.problems(production);
            problems.extend(config.health.problems());
        }
        if problems.is_empty() {
            Ok(config)
        } else {
            Err(ConfigError(problems))
        }
    }
}

impl WebConfig {
    /// Reads the environment of a function that answers browsers.
    ///
    /// # Errors
    ///
    /// [`ConfigError`] naming every variable that is missing or malformed, all at once.
    pub fn from_env() -> Result<Self, ConfigError> {
        #[allow(
            clippy::disallowed_methods,
            reason = "the one place that reads the environment"
        )]
        let mut reader = Reader {
            source: |name: &str| std::env::var(name).ok(),
            problems: Vec::new(),
        };
        let config = Self {
            public_url: reader.url("PUBLIC_URL"),
            authorize_url: reader.url("QUICKBOOKS_AUTHORIZE_URL"),
        };
        match reader.problems.is_empty() {
            true => Ok(config),
            false => Err(ConfigError(reader.problems)),
        }
    }
}

struct Reader<F> {
    source: F,
    problems: Vec<String>,
}

impl<F: Fn(&str) -> Option<String>> Reader<F> {
    fn text(&mut self, name: &str) -> String {
        let value = (self.source)(name).unwrap_or_default();
        if value.is_empty() {
            self.problems.push(format!("{name} is not set"));
        }
        value
    }

    fn url(&mut self, name: &str) -> String {
        let value = self.text(name);
        let is_url = value.starts_with("https://") || value.starts_with("http://");
        if !value.is_empty() && !is_url {
            self.problems.push(format!("{name} is not an address"));
        }
        value.trim_end_matches('/').to_owned()
    }

    fn switch(&mut self, name: &str) -> bool {
        let value = self.text(name);
        if !["", "on", "off"].contains(&value.as_str()) {
            self.problems.push(format!("{name} is neither on nor off"));
        }
        value == "on"
    }

    fn day(&mut self, name: &str) -> Option<Date> {
        let value = self.text(name);
        let day = value.parse().ok();
        if day.is_none() && !["", "never"].contains(&value.as_str()) {
            self.problems
                .push(format!("{name} is neither a day nor never"));
        }
        day
    }

    fn refresh_tokens_in(&mut self, name: &str) -> RefreshTokensIn {
        match self.text(name).as_str() {
            "dynamodb" => RefreshTokensIn::DynamoDb,
            "secrets" | "" => RefreshTokensIn::Secrets,
            _ => {
                self.problems
                    .push(format!("{name} is neither secrets nor dynamodb"));
                RefreshTokensIn::Secrets
            }
        }
    }

    fn number<N: FromStr + Default>(&mut self, name: &str) -> N {
        let value = self.text(name);
        value.parse().unwrap_or_else(|_| {
            if !value.is_empty() {
                self.problems.push(format!("{name} is not a whole number"));
            }
            N::default()
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn variable(name: &str) -> Option<String> {
        let value = match name {
            "ENVIRONMENT" => "production",
            "OUTCOME_QUEUE_URL" | "WAKE_QUEUE_URL" | "QUICKBOOKS_API_URL" | "APP_MARKET_URL"
            | "PUBLIC_URL" | "HELP_URL" | "HEALTH_QUEUE_URL" => "https://example.com/",
            "HEALTH_KEEP_ALIVE" => "on",
            "HEALTH_ACTIVE_SECONDS" => "86400",
            "HEALTH_IDLE_SECONDS" => "604800",
            "LEASE_SECONDS" => "45",
            "QUIESCENCE_SECONDS" => "300",
            "SEND_BY_SECONDS" => "10",
            "QUICKBOOKS_TIMEOUT_SECONDS" => "30",
            "PAYMENT_WAIT_SECONDS" => "86400",
            "POST_SPACING_MILLISECONDS" => "122",
            "QUICKBOOKS_TOKEN_URL" | "QUICKBOOKS_REVOKE_URL" => "https://example.com/oauth",
            "REFRESH_TOKENS_IN" => "secrets",
            "TOKEN_LEASE_SECONDS" => "180",
            "TOKEN_QUIET_SECONDS" => "130",
            "TOKEN_TIMEOUT_SECONDS" => "30",
            "TOKEN_FIRST_PAUSE_SECONDS" => "600",
            "TOKEN_SECOND_PAUSE_SECONDS" => "3600",
            "TURN_SECONDS" => "20",
            "PROBE_SECONDS" => "15",
            "RETURN_STEP_SECONDS" => "30",
            "THROTTLE_REST_SECONDS" | "DRAIN_LEASE_SECONDS" => "60",
            "PROBE_UNTIL" => "never",
            _ => "name",
        };
        Some(value.to_owned())
    }

    #[test]
    fn everything_missing_is_named_at_once() {
        let error = SyncConfig::read(|_| None).unwrap_err().to_string();
        for name in [
            "LEDGER_TABLE",
            "OUTCOME_QUEUE_URL",
            "LEASE_SECONDS",
            "QUICKBOOKS_API_URL",
        ] {
            assert!(error.contains(name), "{name} in {error}");
        }
    }

    #[test]
    fn production_refuses_waiting_times_below_the_safe_ones() {
        assert!(SyncConfig::read(variable).is_ok());
        let shortened = |name: &str| match name {
            "QUIESCENCE_SECONDS" => Some("5".to_owned()),
            _ => variable(name),
        };
        let error = SyncConfig::read(shortened).unwrap_err().to_string();
        assert!(error.contains("QUIESCENCE_SECONDS"), "{error}");
        let demonstration = |name: &str| match name {
            "ENVIRONMENT" => Some("dev".to_owned()),
            _ => shortened(name),
        };
        assert!(SyncConfig::read(demonstration).is_ok());
    }

    #[test]
    fn production_refuses_to_let_connections_die() {
        let changed = |name: &'static str, value: &'static str| {
            let read = SyncConfig::read(move |asked| match asked == name {
                true => Some(value.to_owned()),
                false => variable(asked),
            });
            read.unwrap_err().to_string()
        };
        for (name, value) in [
            ("HEALTH_KEEP_ALIVE", "off"),
            ("HEALTH_KEEP_ALIVE", "maybe"),
            ("HEALTH_ACTIVE_SECONDS", "86401"),
            ("HEALTH_IDLE_SECONDS", "2592001"),
        ] {
            assert!(changed(name, value).contains(name), "{name}={value}");
        }
    }

    #[test]
    fn a_refresh_that_could_outlive_its_lease_is_refused_everywhere() {
        let short = |name: &str| match name {
            "ENVIRONMENT" => Some("dev".to_owned()),
            "TOKEN_LEASE_SECONDS" => Some("130".to_owned()),
            _ => variable(name),
        };
        let error = SyncConfig::read(short).unwrap_err().to_string();
        assert!(error.contains("TOKEN_LEASE_SECONDS"), "{error}");
    }
}
