//! Stands: in which books a transaction stands, as a statement and a sheet tell it apart.

use bookkeeping::ids::RealmId;
use bookkeeping::reason::State;
use common::locales::say;
use common::store::Row;
use common::store::activity::{Listed, method, moved_money};

use crate::activity::state_name;
use crate::view::View;

/// Where a transaction stands, in the order of the statement.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Stands {
    /// In the company that is connected now.
    Here,
    /// In one that was connected before.
    Elsewhere(RealmId),
    /// In QuickBooks, with other figures than ours.
    Differs,
    /// Not in QuickBooks, and how.
    Not(State),
    /// Left out, and no money moved: what was received is without it.
    NoMoney,
}

impl Stands {
    pub(crate) fn of_listed(one: &Listed, view: &View<'_>) -> Self {
        let realm = one.realm.as_ref();
        Self::of(one.state, realm, one.differs, one.moved_money(), view)
    }

    pub(crate) fn of_row(row: &Row, view: &View<'_>) -> Self {
        let (state, reason) = (row.state(), row.reason.as_ref());
        let listing = row.listing.as_ref();
        let method = listing.map(|listing| method(listing, reason));
        let moved = moved_money(state, method.unwrap_or_default());
        let realm = row.synced.as_ref().map(|synced| &synced.realm);
        Self::of(state, realm, row.is_recorded(), moved, view)
    }

    fn of(
        state: State,
        realm: Option<&RealmId>,
        differs: bool,
        moved_money: bool,
        view: &View<'_>,
    ) -> Self {
        match (state, realm) {
            (State::Synced, Some(realm)) if view.present(realm).is_none() => {
                Self::Elsewhere(realm.clone())
            }
            (State::Synced, _) => Self::Here,
            _ if differs => Self::Differs,
            _ if !moved_money => Self::NoMoney,
            (state, _) => Self::Not(state),
        }
    }

    /// What it is called.
    pub(crate) fn name(&self, view: &View<'_>) -> String {
        let words = |message: &str| say(view.language, message, None, &[]);
        match self {
            Self::Here => words("state-synced"),
            Self::Elsewhere(realm) => {
                let company = view.elsewhere(realm).unwrap_or_default();
                let figures = [("company", company.as_str())];
                say(view.language, "statement-elsewhere", None, &figures)
            }
            Self::Differs => words("statement-differs"),
            Self::Not(state) => state_name(*state, view.language),
            Self::NoMoney => words("sheet-no-money"),
        }
    }
}
