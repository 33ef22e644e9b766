//! The mail service: takes mails, and publishes what became of each.

use std::collections::VecDeque;

use common::mail::{Mail, MailFault};
use jiff::Timestamp;
use serde_json::{Value, json};

/// A mail that was taken.
pub struct Taken {
    /// When.
    pub at: Timestamp,
    /// What.
    pub mail: Mail,
}

/// The mail service.
#[derive(Default)]
pub struct Post {
    /// Mails taken, in order.
    pub taken: Vec<Taken>,
    /// What it published and nobody has read yet: the bodies of the queue's messages.
    pub events: VecDeque<String>,
    /// Whether what it publishes is lost.
    pub loses_events: bool,
    /// What it answers instead of taking a mail.
    pub refuses: Option<MailFault>,
    /// Whether it takes mails and answers none.
    pub is_silent: bool,
}

impl Post {
    /// Takes a mail, or does not.
    ///
    /// # Errors
    ///
    /// The fault it was told to answer with.
    pub fn takes(&mut self, mail: &Mail, now: Timestamp) -> Result<(), MailFault> {
        if let Some(fault) = self.refuses {
            return Err(fault);
        }
        let mail = mail.clone();
        self.publish("Send", &mail, &json!({}));
        self.taken.push(Taken { at: now, mail });
        match self.is_silent {
            true => Err(MailFault::Unknown),
            false => Ok(()),
        }
    }

    /// Publishes an event about a mail, in the form of SES's event publishing.
    ///
    /// Source: AWS, "Contents of event data that Amazon SES publishes to Amazon SNS".
    pub fn publish(&mut self, kind: &str, mail: &Mail, detail: &Value) {
        if self.loses_events {
            return;
        }
        let event = json!({
            "eventType": kind,
            "mail": {
                "messageId": "0100017f-example",
                "destination": [mail.to.email],
                "tags": {"merchant": [mail.marks.merchant], "mail": [mail.marks.mail], "ses:operation": ["SendRawEmail"]},
            },
            kind.to_lowercase(): detail,
        });
        self.events.push_back(event.to_string());
    }
}
