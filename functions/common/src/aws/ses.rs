//! The mail service: Amazon SES.

use aws_config::SdkConfig;
use aws_config::retry::RetryConfig;
use aws_sdk_ses::Client;
use aws_sdk_ses::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_ses::operation::send_raw_email::SendRawEmailError;
use aws_sdk_ses::primitives::Blob;
use aws_sdk_ses::types::{MessageTag, RawMessage, VerificationStatus};
use jiff::Timestamp;

use crate::config::HealthConfig;
use crate::mail::{Mail, MailFault, raw};

/// Mails a day of an account that was not let out of the sandbox. Source: AWS, "Service quotas in Amazon SES".
const SANDBOX_A_DAY: f64 = 200.0;

/// SES, and who mails come from.
pub(super) struct Ses {
    client: Client,
    from: String,
    set: String,
}

impl Ses {
    pub(super) fn new(sdk: &SdkConfig, config: &HealthConfig) -> Self {
        // SES knows no token by which it would recognise a repetition: a retry of a lost answer is a second mail.
        let once = aws_sdk_ses::config::Builder::from(sdk).retry_config(RetryConfig::disabled());
        Self {
            client: Client::from_conf(once.build()),
            from: config.mail_from.clone(),
            set: config.mail_set.clone(),
        }
    }

    /// Sends a mail.
    pub(super) async fn send(&self, mail: &Mail, now: Timestamp) -> Result<(), MailFault> {
        let tag = |name: &str, value: &str| {
            let tag = MessageTag::builder().name(name).value(value).build();
            tag.expect("name and value are set")
        };
        let message = raw(mail, &self.from, now).map_err(|_| MailFault::Refused)?;
        let message = RawMessage::builder().data(Blob::new(message)).build();
        let sending = self
            .client
            .send_raw_email()
            .source(&self.from)
            .destinations(&mail.to.email)
            .raw_message(message.expect("data is set"))
            .configuration_set_name(&self.set)
            .tags(tag("merchant", &mail.marks.merchant))
            .tags(tag("mail", &mail.marks.mail));
        let Err(error) = sending.send().await else {
            return Ok(());
        };
        let fault = fault(&error);
        // Its message may hold an address: the code alone.
        tracing::error!(
            code = error.code().unwrap_or_default(),
            "a mail was not sent: {fault}"
        );
        Err(fault)
    }

    /// Why mails would not reach everybody: the account is sandboxed, or the sender is not proven to be ours.
    pub(super) async fn reaches_everybody(&self) -> Result<(), String> {
        match self.client.get_send_quota().send().await {
            Ok(quota) if quota.max24_hour_send <= SANDBOX_A_DAY && quota.max24_hour_send >= 0.0 => {
                return Err(
                    "SES is in its sandbox: mails reach verified addresses alone. Request production access for \
                     this region in the SES console, then deploy again."
                        .to_owned(),
                );
            }
            Ok(_) => {}
            Err(error) => tracing::warn!(
                code = error.code().unwrap_or_default(),
                "SES could not be asked for its quota"
            ),
        }
        let address = address(&self.from);
        let domain = address.split('@').next_back().unwrap_or_default();
        let asked = self
            .client
            .get_identity_verification_attributes()
            .identities(address)
            .identities(domain);
        match asked.send().await {
            Ok(answer) => {
                let is_proven = answer
                    .verification_attributes
                    .values()
                    .any(|identity| identity.verification_status == VerificationStatus::Success);
                match is_proven {
                    true => Ok(()),
                    false => Err(format!(
                        "SES has not verified {domain} as ours: publish its DKIM records, then deploy again."
                    )),
                }
            }
            Err(error) => {
                tracing::warn!(
                    code = error.code().unwrap_or_default(),
                    "SES could not be asked for the sender's identity"
                );
                Ok(())
            }
        }
    }
}

/// The address in `Name <address>`, or the whole.
fn address(from: &str) -> &str {
    match from.rsplit_once('<') {
        Some((_, address)) => address.trim_end_matches('>').trim(),
        None => from.trim(),
    }
}

fn fault<R>(error: &SdkError<SendRawEmailError, R>) -> MailFault {
    match error {
        SdkError::ServiceError(service) => {
            match (service.err().code(), service.err()) {
                // The address or a header of it is not one.
                (Some("InvalidParameterValue"), _) => MailFault::Refused,
                // An unverified sender, a paused account, a quota: the service says it did not take it.
                (Some(_), _) => MailFault::Later,
                (None, _) => MailFault::Unknown,
            }
        }
        SdkError::ConstructionFailure(_) => MailFault::Refused,
        _ => MailFault::Unknown,
    }
}

#[cfg(test)]
mod tests {
    use super::address;

    #[test]
    fn a_senders_address_is_found_with_a_name_and_without() {
        assert_eq!(address("MioCommerce <qb@mio.example>"), "qb@mio.example");
        assert_eq!(address("qb@mio.example"), "qb@mio.example");
    }
}
