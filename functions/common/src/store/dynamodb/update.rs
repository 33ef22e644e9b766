//! An update expression about one epoch of a merchant's tokens, put together part by part.

use aws_sdk_dynamodb::types::AttributeValue;

use super::item::number;

/// The parts of an update expression. Names are ours and made of letters, digits, `_` and `.`: none needs a placeholder.
pub(super) struct Update {
    epoch: u64,
    set: Vec<String>,
    remove: Vec<String>,
    pub(super) values: Vec<(String, AttributeValue)>,
}

impl Update {
    pub(super) fn new(epoch: u64) -> Self {
        Self {
            epoch,
            set: Vec::new(),
            remove: Vec::new(),
            values: Vec::new(),
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.set.is_empty() && self.remove.is_empty()
    }

    /// Sets an attribute of the epoch; the value is also known as `:name`.
    pub(super) fn set(&mut self, name: &str, value: AttributeValue) {
        self.set.push(format!("{name}_{} = :{name}", self.epoch));
        self.values.push((format!(":{name}"), value));
    }

    pub(super) fn set_named(&mut self, path: String, value: AttributeValue) {
        let value = self.value(value);
        self.set.push(format!("{path} = {value}"));
    }

    pub(super) fn set_if_absent(&mut self, path: String, value: AttributeValue) {
        let value = self.value(value);
        self.set
            .push(format!("{path} = if_not_exists({path}, {value})"));
    }

    pub(super) fn add_one(&mut self, name: &str) {
        let one = self.value(number(1));
        self.set
            .push(format!("{name}_{0} = {name}_{0} + {one}", self.epoch));
    }

    pub(super) fn remove(&mut self, name: &str) {
        self.remove.push(format!("{name}_{}", self.epoch));
    }

    pub(super) fn remove_named(&mut self, name: String) {
        self.remove.push(name);
    }

    fn value(&mut self, value: AttributeValue) -> String {
        let name = format!(":v{}", self.values.len());
        self.values.push((name.clone(), value));
        name
    }

    pub(super) fn expression(&self) -> String {
        let mut parts = Vec::new();
        if !self.set.is_empty() {
            parts.push(format!("SET {}", self.set.join(", ")));
        }
        if !self.remove.is_empty() {
            parts.push(format!("REMOVE {}", self.remove.join(", ")));
        }
        parts.join(" ")
    }
}
