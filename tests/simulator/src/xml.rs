//! XML for those who did not ask for JSON: QuickBooks' default, here so that a missing `Accept` header is noticed.

use crate::json::Json;

/// A JSON answer as an `IntuitResponse` document. Attributes and namespaces beyond the first are left out.
pub(crate) fn from_json(body: &str) -> String {
    let value = Json::read(body).unwrap_or_else(|_| Json::empty());
    let time = value
        .get("time")
        .and_then(Json::as_text)
        .unwrap_or_default();
    let mut out = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?><IntuitResponse xmlns=\"http://schema.intuit.com/finance/v3\" time=\"{time}\">"
    );
    for (name, value) in value.members().iter().filter(|(name, _)| name != "time") {
        element(name, value, &mut out);
    }
    out.push_str("</IntuitResponse>");
    out
}

fn element(name: &str, value: &Json, out: &mut String) {
    if let Json::List(items) = value {
        return items.iter().for_each(|item| element(name, item, out));
    }
    out.push_str(&format!("<{name}>"));
    match value {
        Json::Object(members) => members
            .iter()
            .for_each(|(name, value)| element(name, value, out)),
        Json::Text(text) => out.push_str(
            &text
                .replace('&', "&amp;")
                .replace('<', "&lt;")
                .replace('>', "&gt;"),
        ),
        other => other.write(out),
    }
    out.push_str(&format!("</{name}>"));
}
