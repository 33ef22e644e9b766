//! Mishaps: what goes wrong between us and others than QuickBooks, by chance.

use std::time::Duration;

use crate::fate::Fate;

/// How likely each is: one in so many; none where nothing of it goes wrong.
#[derive(Clone, Debug, Default)]
pub struct Mishaps {
    /// An outcome is not taken by its queue.
    pub untold_in: Option<u64>,
    /// A wake-up gets lost.
    pub unwoken_in: Option<u64>,
    /// A request to Intuit never leaves.
    pub unsent_in: Option<u64>,
    /// A call to the vault fails before it is carried out, and one in so many after.
    pub secrets_fail_in: Option<u64>,
    /// From when until when the vault takes no calls.
    pub secrets_throttled: Option<(Duration, Duration)>,
}

impl Mishaps {
    /// Those of the first storms.
    #[must_use]
    pub fn mild(fate: &Fate) -> Self {
        Self {
            untold_in: some(fate, 3, 8),
            unwoken_in: some(fate, 3, 3),
            ..Self::default()
        }
    }

    /// Those that came later.
    pub fn more(&mut self, fate: &Fate) {
        self.unsent_in = some(fate, 4, 12);
        self.secrets_fail_in = some(fate, 4, 4);
        let from = Duration::from_secs(fate.below(3600));
        let throttled = fate.below(6) == 0;
        self.secrets_throttled = throttled.then(|| (from, from + Duration::from_secs(600)));
    }
}

fn some(fate: &Fate, of: u64, one_in: u64) -> Option<u64> {
    (fate.below(of) == 0).then_some(one_in)
}
