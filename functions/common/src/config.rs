//! Configuration: every environment variable, named once, read once, refused at start where missing or malformed.

use std::fmt::Display;

use quickbooks::oauth::Endpoints;

use crate::secrets::RefreshTokensIn;

mod health;
mod reader;
mod timing;

pub use health::HealthConfig;
use reader::Reader;
pub use timing::{RefreshTiming, Timing};

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
    /// The KMS key that the merchants' secrets are kept under.
    pub secrets_key: String,
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
        let mut reader = Reader::over(source);
        let production = reader.text("ENVIRONMENT") == "production";
        let config = Self {
            aws: Place {
                region: reader.text("AWS_REGION"),
                endpoint_url: reader.if_set("AWS_ENDPOINT_URL"),
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
            secrets_key: reader.text("SECRETS_KEY"),
            quickbooks_api_url: reader.url("QUICKBOOKS_API_URL"),
            oauth: Endpoints {
                token_url: reader.url("QUICKBOOKS_TOKEN_URL"),
                revoke_url: reader.url("QUICKBOOKS_REVOKE_URL"),
            },
            app_market_url: reader.url("APP_MARKET_URL"),
            public_url: reader.url("PUBLIC_URL"),
            health: HealthConfig::read(&mut reader, production),
            metrics_namespace: reader.text("METRICS_NAMESPACE"),
            timing: Timing::read(&mut reader),
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
        let mut reader = Reader::over(|name: &str| std::env::var(name).ok());
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
