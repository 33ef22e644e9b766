//! People: the operators that a history names.

use std::collections::BTreeMap;

use bookkeeping::ids::OperatorId;
use bookkeeping::transaction::Language;
use common::locales::say;
use common::store::{Onboarding, StoreError};
use common::web::session::Session;
use common::world::World;

/// Who administers a merchant, as one of them sees the others.
pub(crate) struct People {
    /// Who is looking.
    you: OperatorId,
    language: Language,
    names: BTreeMap<OperatorId, String>,
}

impl People {
    /// Those of a session's merchant.
    ///
    /// # Errors
    ///
    /// [`StoreError`] where the store is not to be had.
    pub(crate) async fn of<W: World>(world: &W, session: &Session) -> Result<Self, StoreError> {
        let profile = world.store().merchant(&session.merchant).await?;
        let known = profile.into_iter().flat_map(|known| known.administrators);
        Ok(Self {
            you: session.operator.clone(),
            language: session.language,
            names: known.map(|(id, person)| (id, person.name)).collect(),
        })
    }

    /// An operator's name, "you" for who is looking; the id of one who does not administer the merchant any more.
    pub(crate) fn name(&self, operator: &OperatorId) -> String {
        match self.names.get(operator) {
            _ if *operator == self.you => say(self.language, "home-you", None, &[]),
            Some(name) => name.clone(),
            None => operator.to_string(),
        }
    }

    /// One other administrator, seen by somebody.
    #[cfg(test)]
    pub(crate) fn known(operator: &str, name: &str, language: Language) -> Self {
        let id = |text: &str| OperatorId::parse(text).expect("an operator");
        Self {
            you: id("op_me"),
            language,
            names: BTreeMap::from([(id(operator), name.to_owned())]),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_is_looking_is_you_and_who_left_is_shown_by_their_id() {
        let people = People::known("op_7", "Luc Gagné", Language::French);
        let name = |id| people.name(&OperatorId::parse(id).expect("an operator"));
        assert_eq!(name("op_me"), "vous");
        assert_eq!(name("op_7"), "Luc Gagné");
        assert_eq!(name("op_gone"), "op_gone");
    }
}
