//! Health checks and mails, and how rare a check may be.

use std::time::Duration;

use bookkeeping::health::Cadence;

use super::reader::Reader;

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

impl HealthConfig {
    pub(super) fn read<F: Fn(&str) -> Option<String>>(
        reader: &mut Reader<F>,
        is_production: bool,
    ) -> Self {
        Self {
            queue_url: reader.url("HEALTH_QUEUE_URL"),
            cadence: Cadence {
                keep_alive: reader.switch("HEALTH_KEEP_ALIVE"),
                active: Duration::from_secs(reader.number("HEALTH_ACTIVE_SECONDS")),
                idle: Duration::from_secs(reader.number("HEALTH_IDLE_SECONDS")),
            },
            mail_from: reader.text("MAIL_FROM"),
            mail_set: reader.text("MAIL_SET"),
            help_url: reader.url("HELP_URL"),
            is_production,
        }
    }

    /// What is wrong with these values in production, in sentences.
    pub(super) fn problems(&self) -> Vec<String> {
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
