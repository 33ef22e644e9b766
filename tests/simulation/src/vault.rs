//! The vault, in memory: the secret of each merchant's epochs by version and stage.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;
use std::time::Duration;

use bookkeeping::ids::MerchantId;
use common::secrets::{KeptToken, Stage, Vault};
use common::store::StoreError;
use secrecy::SecretString;

use crate::faults::Fault;
use crate::market::APP_SECRET;
use crate::world::Outside;

/// What Secrets Manager takes for one call.
const CALL: Duration = Duration::from_millis(8);

/// One epoch's secret.
#[derive(Clone, Default)]
pub struct Secret {
    versions: BTreeMap<String, KeptToken>,
    stages: Vec<(Stage, String)>,
}

impl Secret {
    /// What a stage holds.
    #[must_use]
    pub fn holds(&self, stage: Stage) -> Option<(String, KeptToken)> {
        let (_, version) = self.stages.iter().find(|(known, _)| *known == stage)?;
        Some((version.clone(), self.versions.get(version)?.clone()))
    }

    /// Every token it holds, in whatever stage.
    pub fn tokens(&self) -> impl Iterator<Item = &KeptToken> {
        self.versions.values()
    }

    fn move_to(&mut self, stage: Stage, version: &str) {
        self.stages.retain(|(known, _)| *known != stage);
        self.stages.push((stage, version.to_owned()));
    }
}

/// Every secret, by merchant and epoch.
pub type Secrets = BTreeMap<(MerchantId, u64), Secret>;

/// The vault of one process.
pub struct MemoryVault {
    secrets: Rc<RefCell<Secrets>>,
    outside: Outside,
}

impl MemoryVault {
    /// A vault over secrets that outlive it.
    #[must_use]
    pub fn new(outside: &Outside) -> Self {
        Self {
            secrets: Rc::clone(&outside.secrets),
            outside: outside.clone(),
        }
    }

    /// One call: the process may die before the vault sees it, and after; and so may the call go wrong.
    async fn call<R>(
        &self,
        what: &'static str,
        work: impl FnOnce(&mut Secrets) -> R,
    ) -> Result<R, StoreError> {
        let (outside, waits) = (&self.outside, &self.outside.waits);
        waits.wait(what, CALL / 2).await;
        let (fails_in, throttled) = {
            let mishaps = outside.mishaps.borrow();
            (mishaps.secrets_fail_in, mishaps.secrets_throttled)
        };
        let unavailable = || Err(StoreError::Unavailable(what.to_owned()));
        let now = waits.clock.elapsed();
        if throttled.is_some_and(|(from, until)| from <= now && now < until) {
            outside.happened.note(Fault::SecretsThrottled);
            return unavailable();
        }
        if outside.befalls(fails_in, Fault::SecretBefore) {
            return unavailable();
        }
        let result = work(&mut self.secrets.borrow_mut());
        waits.wait_for_answer(what, CALL / 2).await;
        match outside.befalls(fails_in, Fault::SecretAfter) {
            true => unavailable(),
            false => Ok(result),
        }
    }
}

impl Vault for MemoryVault {
    async fn app_secret(&self) -> Result<SecretString, StoreError> {
        self.call("read the app's secret", |_| SecretString::from(APP_SECRET))
            .await
    }

    async fn kept(
        &self,
        merchant: &MerchantId,
        epoch: u64,
        stage: Stage,
    ) -> Result<Option<(String, KeptToken)>, StoreError> {
        let of = (merchant.clone(), epoch);
        let read = |secrets: &mut Secrets| secrets.get(&of)?.holds(stage);
        self.call("read a secret", read).await
    }

    async fn keep(
        &self,
        merchant: &MerchantId,
        token: &KeptToken,
        stage: Stage,
    ) -> Result<(), StoreError> {
        let keep = |secrets: &mut Secrets| {
            let version = token.version(merchant);
            let secret = secrets
                .entry((merchant.clone(), token.epoch))
                .or_insert_with(|| {
                    let created = "created".to_owned();
                    Secret {
                        versions: BTreeMap::from([(created.clone(), token.clone())]),
                        stages: vec![(Stage::Current, created)],
                    }
                });
            secret.versions.insert(version.clone(), token.clone());
            secret.move_to(stage, &version);
        };
        self.call("keep a secret", keep).await
    }

    async fn promote(
        &self,
        merchant: &MerchantId,
        epoch: u64,
        version: &str,
        from: &str,
    ) -> Result<bool, StoreError> {
        let of = (merchant.clone(), epoch);
        let promote = |secrets: &mut Secrets| {
            let Some(secret) = secrets.get_mut(&of) else {
                return false;
            };
            let is_there = secret
                .holds(Stage::Current)
                .is_some_and(|(current, _)| current == from);
            match is_there {
                true => secret.move_to(Stage::Current, version),
                false => self.outside.happened.note(Fault::SecretOvertaken),
            }
            is_there
        };
        self.call("promote a secret", promote).await
    }

    async fn destroy(&self, merchant: &MerchantId, epoch: u64) -> Result<(), StoreError> {
        let of = (merchant.clone(), epoch);
        let destroy = |secrets: &mut Secrets| {
            secrets.remove(&of);
        };
        self.call("destroy a secret", destroy).await
    }
}
