//! What the shops are opened with: companies, taxes and how they are mapped.

use serde_json::{Value, json};

/// Sets of taxes: (id, rate in thousandths of a per cent, the rate that carries it in QuickBooks).
pub(crate) type Sets = &'static [&'static [(&'static str, i64, &'static str)]];

const QUEBEC: Sets = &[
    &[("gst", 5_000, "3"), ("qst", 9_975, "11")],
    &[("gst", 5_000, "3")],
    &[("qst", 9_975, "11")],
];
const ONTARIO: Sets = &[&[("hst", 13_000, "13")], &[("gst", 5_000, "3")]];
const COLUMBIA: Sets = &[
    &[("gst", 5_000, "3"), ("pst", 7_000, "15")],
    &[("gst", 5_000, "3")],
];
const KINGDOM: Sets = &[
    &[("vat", 20_000, "3")],
    &[("reduced", 5_000, "5")],
    &[("zero", 0, "7")],
];
const ARIZONA: Sets = &[
    &[("az", 7_100, "1"), ("tucson", 2_000, "2")],
    &[("out", 0, "5")],
];
const CALIFORNIA: Sets = &[
    &[("la", 9_500, "2")],
    &[("state", 6_000, "2"), ("county", 1_250, "2")],
];

/// What a shop is opened with.
#[derive(Clone)]
pub(crate) struct Plan {
    pub name: &'static str,
    /// Its company, or `off` for one without sales tax.
    pub realm: &'static str,
    pub currency: (&'static str, Option<&'static str>),
    pub sets: Sets,
    pub tax_map: Value,
    pub more: Value,
}

/// The shops there are.
pub(crate) fn plans() -> Vec<Plan> {
    let rows = |codes: &[(&str, &[(&str, &str)])]| -> Value {
        let rows = codes.iter().map(|(code, taxes)| {
            let taxes: Vec<Value> = taxes
                .iter()
                .map(|(tax, rate)| json!({"tax": tax, "rate": rate}))
                .collect();
            json!({"code": code, "taxes": taxes})
        });
        json!({"rows": rows.collect::<Vec<_>>(), "no_tax": "2", "exempt": "2", "zero_rated": "4", "out_of_scope": "3"})
    };
    let quebec = rows(&[
        ("8", &[("gst", "3"), ("qst", "11")]),
        ("5", &[("gst", "3")]),
        ("9", &[("qst", "11")]),
    ]);
    let ontario = rows(&[("6", &[("hst", "13")]), ("5", &[("gst", "3")])]);
    let columbia = rows(&[
        ("10", &[("gst", "3"), ("pst", "15")]),
        ("5", &[("gst", "3")]),
    ]);
    let kingdom = json!({"rows": [
            {"code": "2", "taxes": [{"tax": "vat", "rate": "3"}]},
            {"code": "3", "taxes": [{"tax": "reduced", "rate": "5"}]},
            {"code": "4", "taxes": [{"tax": "zero", "rate": "7"}]}],
            "no_tax": "5", "exempt": "5", "zero_rated": "4", "out_of_scope": "6"});
    let arizona = rows(&[
        ("3", &[("az", "1"), ("tucson", "2")]),
        ("4", &[("out", "5")]),
    ]);
    let none = json!({});
    let plan = |name, realm, currency, sets, tax_map: &Value, more: &Value| Plan {
        name,
        realm,
        currency,
        sets,
        tax_map: tax_map.clone(),
        more: more.clone(),
    };
    let lines = json!({"discounts": "line"});
    let cad = ("CAD", None);
    vec![
        plan("Quebec", "9341450000000001", cad, QUEBEC, &quebec, &none),
        plan(
            "Quebec, discounts as lines",
            "9341450000000001",
            cad,
            QUEBEC,
            &quebec,
            &lines,
        ),
        plan("Ontario", "9341450000000002", cad, ONTARIO, &ontario, &none),
        plan(
            "Ontario in yen",
            "9341450000000002",
            ("JPY", Some("0.0093")),
            ONTARIO,
            &ontario,
            &none,
        ),
        plan(
            "Ontario in dinars",
            "9341450000000002",
            ("KWD", Some("4.51")),
            ONTARIO,
            &ontario,
            &none,
        ),
        plan(
            "British Columbia",
            "9341450000000003",
            cad,
            COLUMBIA,
            &columbia,
            &none,
        ),
        plan(
            "United Kingdom",
            "9341450000000006",
            ("GBP", None),
            KINGDOM,
            &kingdom,
            &none,
        ),
        plan(
            "Arizona, manual",
            "9341450000000005",
            ("USD", None),
            ARIZONA,
            &arizona,
            &none,
        ),
        plan(
            "California, automated",
            "9341450000000004",
            ("USD", None),
            CALIFORNIA,
            &json!({}),
            &none,
        ),
        plan(
            "California, tax as a line",
            "9341450000000004",
            ("USD", None),
            CALIFORNIA,
            &json!({}),
            &json!({"automated_tax": "line"}),
        ),
        plan("Quebec, tax off", "off", cad, QUEBEC, &json!({}), &none),
    ]
}
