//! History of the settings: who changed what, when, from what to what.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::Settings;
use crate::connection::Connection;
use crate::ids::{OperatorId, RealmId};

/// One change of the settings, with everything that was changed at once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Change {
    /// When.
    pub at: Timestamp,
    /// Who; none where we applied a clear suggestion by ourselves.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<OperatorId>,
    /// The company whose lists the chosen ids are of; none of a change that was written down before that was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub realm: Option<RealmId>,
    /// What was changed, by the choice's name: `deposits.by_method.cash`.
    pub moves: BTreeMap<String, Move>,
}

/// From what to what a choice was changed; nothing where it was not or is no longer made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Move {
    /// What was chosen before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    /// What is chosen now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<String>,
}

impl Change {
    /// What was changed in a connection's settings, by whom and when; `None` where nothing was.
    #[must_use]
    pub fn between(
        from: &Connection,
        to: &Connection,
        by: Option<&OperatorId>,
        at: Timestamp,
    ) -> Option<Self> {
        let moves = moves(&from.settings, &to.settings);
        (!moves.is_empty()).then(|| Self {
            at,
            by: by.cloned(),
            realm: Some(to.company.realm.clone()),
            moves,
        })
    }
}

/// What differs between two settings, by the choice's name.
#[must_use]
pub fn moves(from: &Settings, to: &Settings) -> BTreeMap<String, Move> {
    let (from, to) = (choices(from), choices(to));
    let names: BTreeSet<&String> = from.keys().chain(to.keys()).collect();
    let moved = |name: &String| {
        let (from, to) = (from.get(name).cloned(), to.get(name).cloned());
        (from != to).then(|| (name.clone(), Move { from, to }))
    };
    names.into_iter().filter_map(moved).collect()
}

/// Every choice that is made, by its name.
fn choices(settings: &Settings) -> BTreeMap<String, String> {
    let mut choices = BTreeMap::new();
    let value = serde_json::to_value(settings).expect("settings are plain data");
    for (name, value) in value.as_object().into_iter().flatten() {
        match name.as_str() {
            // The one is told row by row, the other is no choice.
            "tax_map" | "fallback_names" => {}
            _ => collect(name, value, &mut choices),
        }
    }
    let map = &settings.tax_map;
    for row in &map.rows {
        let taxes: BTreeSet<&str> = row.taxes.iter().map(|mapped| mapped.tax.as_ref()).collect();
        let taxes: Vec<&str> = taxes.into_iter().collect();
        choices.insert(
            format!("tax_map.{}", taxes.join("+")),
            row.code.as_str().to_owned(),
        );
    }
    let untaxed = [
        ("no_tax", &map.no_tax),
        ("exempt", &map.exempt),
        ("zero_rated", &map.zero_rated),
        ("out_of_scope", &map.out_of_scope),
    ];
    for (name, code) in untaxed {
        if let Some(code) = code {
            choices.insert(format!("tax_map.{name}"), code.as_str().to_owned());
        }
    }
    choices
}

fn collect(name: &str, value: &Value, choices: &mut BTreeMap<String, String>) {
    match value {
        Value::Null => {}
        Value::Object(fields) => {
            for (field, value) in fields {
                collect(&format!("{name}.{field}"), value, choices);
            }
        }
        Value::Array(values) => {
            let texts: Vec<String> = values.iter().map(text).collect();
            if !texts.is_empty() {
                choices.insert(name.to_owned(), texts.join(", "));
            }
        }
        value => {
            choices.insert(name.to_owned(), text(value));
        }
    }
}

fn text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_change_says_what_was_moved_and_nothing_else() {
        let from: Settings = serde_json::from_value(json!({
            "start_date": "2026-11-01", "deposits": {"clearing": {"CAD": "91"}}, "items": {"tip": "25"},
            "tax_map": {"rows": [{"code": "9", "taxes": [{"tax": "qst", "rate": "7"}, {"tax": "gst", "rate": "3"}]}]}
        }))
        .unwrap();
        let mut to = from.clone();
        to.items.tip = None;
        to.tax_map.rows[0].code = crate::ids::TaxCodeId::parse("11").unwrap();
        to.methods_off.insert("cash".to_owned());
        let text = serde_json::to_value(moves(&from, &to)).unwrap();
        assert_eq!(
            text,
            json!({
                "items.tip": {"from": "25"},
                "methods_off": {"from": "coupon, ims, itex, none", "to": "cash, coupon, ims, itex, none"},
                "tax_map.gst+qst": {"from": "9", "to": "11"}
            })
        );
        assert!(moves(&to, &to).is_empty());
    }
}
