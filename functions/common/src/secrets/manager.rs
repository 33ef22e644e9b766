//! The vault that ships: Secrets Manager.
//!
//! Facts (AWS, Secrets Manager API reference): `PutSecretValue` knows no compare-and-set, `UpdateSecretVersionStage`
//! does, by the version a stage is to leave; the same token with the same content is one version; labels other than
//! AWS's own are ours to name. Writes: 50 a second in a Region, and not more than one in ten minutes a secret.

use std::fmt::Write as _;

use aws_sdk_secretsmanager::Client;
use aws_sdk_secretsmanager::error::{ProvideErrorMetadata, SdkError};
use bookkeeping::ids::MerchantId;
use secrecy::SecretString;

use super::{KeptToken, Stage, Vault};
use crate::store::StoreError;

/// What the names of a merchant's secrets begin with, which are all and only its own: `merchants` is what those of all begin
/// with. Characters a name cannot hold are written as hexadecimal digits.
#[must_use]
pub fn names_of(merchants: &str, merchant: &MerchantId) -> String {
    let mut name = merchants.to_owned();
    for byte in merchant.as_str().bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'_' | b'.' | b'-' => {
                name.push(char::from(byte));
            }
            _ => write!(name, "={byte:02x}").expect("writing to memory does not fail"),
        }
    }
    name.push('/');
    name
}

/// Secrets Manager.
pub struct SecretsManager {
    client: Client,
    app_secret: String,
    merchants: String,
    key: String,
}

impl SecretsManager {
    /// A vault with the app's secret under this name, and the merchants' under names that begin so; what is created is kept
    /// under this KMS key.
    #[must_use]
    pub fn new(client: Client, app_secret: String, merchants: String, key: String) -> Self {
        Self {
            client,
            app_secret,
            merchants,
            key,
        }
    }

    /// A secret's text.
    ///
    /// # Errors
    ///
    /// [`StoreError::Unavailable`] where it cannot be had.
    pub async fn read(&self, name: &str) -> Result<SecretString, StoreError> {
        let answer = self.client.get_secret_value().secret_id(name).send().await;
        let answer = answer.map_err(|error| unavailable(&error))?;
        Ok(SecretString::from(answer.secret_string.unwrap_or_default()))
    }

    /// The name of an epoch's secret.
    fn name(&self, merchant: &MerchantId, epoch: u64) -> String {
        format!("{}{epoch}", names_of(&self.merchants, merchant))
    }

    async fn put(
        &self,
        merchant: &MerchantId,
        token: &KeptToken,
        stage: Stage,
    ) -> Result<bool, StoreError> {
        let put = self
            .client
            .put_secret_value()
            .secret_id(self.name(merchant, token.epoch))
            .client_request_token(token.version(merchant))
            .secret_string(text(token))
            .version_stages(label(stage));
        match put.send().await {
            Ok(_) => Ok(true),
            Err(error) if is(&error, "ResourceNotFoundException") => Ok(false),
            Err(error) => Err(unavailable(&error)),
        }
    }

    async fn create(&self, merchant: &MerchantId, token: &KeptToken) -> Result<(), StoreError> {
        let create = self
            .client
            .create_secret()
            .name(self.name(merchant, token.epoch))
            .description("A merchant's QuickBooks refresh token.")
            .kms_key_id(&self.key)
            .secret_string(text(token));
        match create.send().await {
            Ok(_) => Ok(()),
            // Another process was quicker.
            Err(error) if is(&error, "ResourceExistsException") => Ok(()),
            Err(error) => Err(unavailable(&error)),
        }
    }
}

impl Vault for SecretsManager {
    async fn app_secret(&self) -> Result<SecretString, StoreError> {
        self.read(&self.app_secret).await
    }

    async fn kept(
        &self,
        merchant: &MerchantId,
        epoch: u64,
        stage: Stage,
    ) -> Result<Option<(String, KeptToken)>, StoreError> {
        let get = self
            .client
            .get_secret_value()
            .secret_id(self.name(merchant, epoch))
            .version_stage(label(stage));
        let answer = match get.send().await {
            Ok(answer) => answer,
            Err(error) if is(&error, "ResourceNotFoundException") => return Ok(None),
            Err(error) => return Err(unavailable(&error)),
        };
        let token = serde_json::from_str(answer.secret_string().unwrap_or_default())
            .map_err(|_| StoreError::unreadable("a merchant's secret".to_owned()))?;
        Ok(Some((answer.version_id.unwrap_or_default(), token)))
    }

    async fn keep(
        &self,
        merchant: &MerchantId,
        token: &KeptToken,
        stage: Stage,
    ) -> Result<(), StoreError> {
        if self.put(merchant, token, stage).await? {
            return Ok(());
        }
        // The first token of this epoch here. What creating it makes is a version of its own, replaced at once.
        self.create(merchant, token).await?;
        match self.put(merchant, token, stage).await? {
            true => Ok(()),
            false => Err(StoreError::Unavailable(
                "the secret is being destroyed".to_owned(),
            )),
        }
    }

    async fn promote(
        &self,
        merchant: &MerchantId,
        epoch: u64,
        version: &str,
        from: &str,
    ) -> Result<bool, StoreError> {
        let update = self
            .client
            .update_secret_version_stage()
            .secret_id(self.name(merchant, epoch))
            .version_stage(label(Stage::Current))
            .move_to_version_id(version)
            .remove_from_version_id(from);
        match update.send().await {
            Ok(_) => Ok(true),
            Err(error) if is(&error, "InvalidParameterException") => Ok(false),
            Err(error) => Err(unavailable(&error)),
        }
    }

    async fn destroy(&self, merchant: &MerchantId, epoch: u64) -> Result<(), StoreError> {
        let delete = self
            .client
            .delete_secret()
            .secret_id(self.name(merchant, epoch))
            .force_delete_without_recovery(true);
        match delete.send().await {
            Ok(_) => Ok(()),
            Err(error) if is(&error, "ResourceNotFoundException") => Ok(()),
            Err(error) => Err(unavailable(&error)),
        }
    }
}

fn label(stage: Stage) -> &'static str {
    match stage {
        Stage::Current => "AWSCURRENT",
        Stage::Pending => "MIOPENDING",
        Stage::Rescue => "MIORESCUE",
    }
}

fn text(token: &KeptToken) -> String {
    serde_json::to_string(token).expect("a kept token is plain data")
}

fn is<E: ProvideErrorMetadata, R>(error: &SdkError<E, R>, code: &str) -> bool {
    error
        .as_service_error()
        .is_some_and(|service| service.code() == Some(code))
}

/// Holds the error's code and never a value.
fn unavailable<E: ProvideErrorMetadata, R>(error: &SdkError<E, R>) -> StoreError {
    let code = error.as_service_error().and_then(|service| service.code());
    StoreError::Unavailable(code.unwrap_or("Secrets Manager does not answer").to_owned())
}
