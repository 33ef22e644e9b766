//! What lines and payment methods are called in QuickBooks, and what lines are reported under.

use bookkeeping::catalogue::Catalogue;
use bookkeeping::connection::Connection;
use bookkeeping::ids::{ServiceId, TeamId, TerritoryId};
use bookkeeping::settings::Tracked;

use super::{Choice, ITEMS, Words, items as items_of, method_name, methods as all_methods};

pub(super) fn items(connection: &Connection, words: &Words) -> Vec<Choice> {
    let company = &connection.company;
    let mut chosen = connection.settings.items.clone();
    let mut choices: Vec<Choice> = ITEMS
        .iter()
        .map(|(name, place)| {
            let without = match *name {
                "product" | "fee" | "deposit_forfeited" => "settings-as-services",
                "discount" => "settings-not-needed",
                _ => "settings-asks",
            };
            let chosen = place(&mut chosen).clone();
            let input = words.list(
                without,
                items_of(company),
                chosen.as_ref().map(AsRef::as_ref),
            );
            words.choice(
                &format!("item.{name}"),
                &format!("settings-item-{}", name.replace('_', "-")),
                input,
            )
        })
        .collect();
    for (service, name) in &connection.catalogue.services {
        let own = connection
            .settings
            .items
            .by_service
            .get(service)
            .map(AsRef::as_ref);
        let name = name.as_deref().unwrap_or(service.as_ref());
        choices.push(words.named(
            format!("service.{service}"),
            "settings-item-service",
            ("service", name),
            words.list("settings-as-services", items_of(company), own),
        ));
    }
    choices
}

/// What each method is called on receipts.
pub(super) fn methods(connection: &Connection, words: &Words) -> Vec<Choice> {
    let settings = &connection.settings;
    let list = || {
        let methods = connection.company.payment_methods.iter();
        methods.map(|method| (method.id.as_ref(), method.name.as_str()))
    };
    let sent = all_methods(connection).into_iter();
    sent.filter(|method| !settings.methods_off.contains(method))
        .map(|method| {
            let without = match method.as_str() {
                "card" => "settings-by-brand",
                _ => "settings-by-name",
            };
            let chosen = settings.payment_methods.get(&method).map(AsRef::as_ref);
            let name = method_name(&method, words.0);
            words.named(
                format!("called.{method}"),
                "settings-called",
                ("method", &name),
                words.list(without, list(), chosen),
            )
        })
        .collect()
}

/// What a line may be reported by.
pub(in crate::choices) enum Subject<'a> {
    /// What was done.
    Service(&'a ServiceId, &'a str),
    /// Who did it.
    Team(&'a TeamId),
    /// Where.
    Territory(&'a TerritoryId),
}

impl Subject<'_> {
    /// Its part of a field's name: `service.svc_windows`.
    pub(in crate::choices) fn field(&self) -> String {
        match self {
            Self::Service(id, _) => format!("service.{id}"),
            Self::Team(id) => format!("team.{id}"),
            Self::Territory(id) => format!("territory.{id}"),
        }
    }

    /// What is chosen for it.
    pub(in crate::choices) fn chosen<'a, Id>(&self, tracked: &'a Tracked<Id>) -> Option<&'a Id> {
        match self {
            Self::Service(id, _) => tracked.by_service.get(*id),
            Self::Team(id) => tracked.by_team.get(*id),
            Self::Territory(id) => tracked.by_territory.get(*id),
        }
    }
}

/// The merchant's services, teams and territories.
pub(in crate::choices) fn subjects(catalogue: &Catalogue) -> impl Iterator<Item = Subject<'_>> {
    let services = catalogue.services.iter().map(|(id, name)| {
        let name = name.as_deref().unwrap_or(id.as_ref());
        Subject::Service(id, name)
    });
    let teams = catalogue.teams.iter().map(Subject::Team);
    services
        .chain(teams)
        .chain(catalogue.territories.iter().map(Subject::Territory))
}

/// The classes and locations of services, teams and territories; nothing where the company keeps neither.
pub(super) fn tracking(connection: &Connection, words: &Words) -> Vec<Choice> {
    let (settings, company) = (&connection.settings, &connection.company);
    let mut choices = Vec::new();
    for subject in subjects(&connection.catalogue) {
        let (about, name) = match &subject {
            Subject::Service(_, name) => ("service", *name),
            Subject::Team(id) => ("team", id.as_ref()),
            Subject::Territory(id) => ("territory", id.as_ref()),
        };
        let mut choose = |what: &str, input| {
            choices.push(words.named(
                format!("{what}.{}", subject.field()),
                &format!("settings-{what}-{about}"),
                ("name", name),
                input,
            ));
        };
        if company.tracking.classes() {
            let list = company.classes.iter();
            let list = list.map(|class| (class.id.as_ref(), class.name.as_str()));
            let chosen = subject.chosen(&settings.classes).map(AsRef::as_ref);
            choose("class", words.list("settings-none", list, chosen));
        }
        if company.tracking.locations {
            let list = company.departments.iter();
            let list = list.map(|one| (one.id.as_ref(), one.name.as_str()));
            let chosen = subject.chosen(&settings.locations).map(AsRef::as_ref);
            choose("location", words.list("settings-none", list, chosen));
        }
    }
    choices
}
