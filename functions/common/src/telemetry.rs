//! Telemetry: what the functions log, and what is counted of it.
//!
//! Every line is JSON, with the spans it was said in: the message's id of MioCommerce's queue, the transaction, Lambda's request.
//! A field whose name begins with `metric.` is counted besides; what one invocation counted is written as one line in CloudWatch's
//! embedded metric format, so that a metric costs no call and no SDK. What is not AWS's does not listen, and counts nothing.
//!
//! | the field's name ends in | its metric is |
//! |---|---|
//! | `Milliseconds`, `Seconds` | each value, so that percentiles can be asked for |
//! | `Faults` | how many, by the code it holds |
//! | anything else | the sum |
//!
//! Source: AWS, "Specification: Embedded metric format" (100 values a metric a line; a set of dimensions may be empty).

use std::collections::BTreeMap;
use std::fmt::{Debug, Write as _};
use std::future::Future;
use std::io::Write as _;
use std::sync::{Mutex, PoisonError};

use jiff::Timestamp;
use serde_json::{Map, Value, json};
use tracing::field::{Field, Visit};
use tracing::{Event, Subscriber};
use tracing_subscriber::filter::LevelFilter;
use tracing_subscriber::layer::{Context, SubscriberExt};
use tracing_subscriber::registry::LookupSpan;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{Layer, fmt};

/// What the names of counted fields begin with.
const PREFIX: &str = "metric.";

/// Most values of one metric in one line.
const VALUES_MAX: usize = 100;

/// What was counted since the last line of it.
static COUNTED: Mutex<Counted> = Mutex::new(Counted::new());

/// Begins to log and to count. Once a process, before anything else.
pub fn start() {
    tracing_subscriber::registry()
        .with(LevelFilter::INFO)
        .with(Counting)
        .with(
            fmt::layer()
                .json()
                .with_current_span(false)
                .with_writer(std::io::stdout),
        )
        .init();
}

/// Carries out an invocation, then writes what it counted under this namespace.
///
/// A process that dies before loses its counts; alarms that matter watch queues and rows besides.
pub async fn counting<T>(
    namespace: &str,
    now: impl FnOnce() -> Timestamp,
    invocation: impl Future<Output = T>,
) -> T {
    let done = invocation.await;
    let counted = {
        let mut counted = COUNTED.lock().unwrap_or_else(PoisonError::into_inner);
        std::mem::replace(&mut *counted, Counted::new())
    };
    let mut text = String::new();
    for line in counted.lines(namespace, now()) {
        writeln!(text, "{line}").expect("writing to memory does not fail");
    }
    // Where the log cannot be written, nobody can be told of it.
    std::io::stdout().write_all(text.as_bytes()).ok();
    done
}

/// Sums, values and faults by code.
#[derive(Debug, Default)]
struct Counted {
    sums: BTreeMap<&'static str, u64>,
    values: BTreeMap<&'static str, Vec<u64>>,
    codes: BTreeMap<String, u64>,
}

impl Counted {
    const fn new() -> Self {
        Self {
            sums: BTreeMap::new(),
            values: BTreeMap::new(),
            codes: BTreeMap::new(),
        }
    }

    fn number(&mut self, name: &'static str, value: u64) {
        match unit(name) {
            "Count" => *self.sums.entry(name).or_default() += value,
            _ => self.values.entry(name).or_default().push(value),
        }
    }

    /// The lines of the embedded metric format.
    fn lines(mut self, namespace: &str, now: Timestamp) -> Vec<Value> {
        let mut lines = Vec::new();
        loop {
            let mut metrics: Map<String, Value> = std::mem::take(&mut self.sums)
                .into_iter()
                .map(|(name, sum)| (name.to_owned(), json!(sum)))
                .collect();
            for (name, values) in &mut self.values {
                let rest = values.split_off(values.len().min(VALUES_MAX));
                metrics.insert((*name).to_owned(), json!(std::mem::replace(values, rest)));
            }
            self.values.retain(|_, rest| !rest.is_empty());
            if metrics.is_empty() {
                break;
            }
            lines.push(line(namespace, now, &[], metrics));
        }
        for (code, times) in self.codes {
            let metrics = Map::from_iter([("Faults".to_owned(), json!(times))]);
            lines.push(line(namespace, now, &[("Code", code)], metrics));
        }
        lines
    }
}

fn line(
    namespace: &str,
    now: Timestamp,
    dimensions: &[(&str, String)],
    metrics: Map<String, Value>,
) -> Value {
    let names: Vec<&str> = dimensions.iter().map(|(name, _)| *name).collect();
    let described: Vec<Value> = metrics
        .keys()
        .map(|name| json!({"Name": name, "Unit": unit(name)}))
        .collect();
    let mut line = json!({
        "_aws": {
            "Timestamp": now.as_millisecond(),
            "CloudWatchMetrics": [{"Namespace": namespace, "Dimensions": [names], "Metrics": described}],
        },
        "level": "INFO",
    });
    for (name, value) in dimensions {
        line[*name] = json!(value);
    }
    for (name, value) in metrics {
        line[name] = value;
    }
    line
}

fn unit(name: &str) -> &'static str {
    match name {
        _ if name.ends_with("Milliseconds") => "Milliseconds",
        _ if name.ends_with("Seconds") => "Seconds",
        _ => "Count",
    }
}

/// Counts what is said.
struct Counting;

impl<S: Subscriber + for<'a> LookupSpan<'a>> Layer<S> for Counting {
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        let is_counted = |field: Field| field.name().starts_with(PREFIX);
        if event.fields().any(is_counted) {
            let mut counted = COUNTED.lock().unwrap_or_else(PoisonError::into_inner);
            event.record(&mut *counted);
        }
    }
}

impl Visit for Counted {
    fn record_u64(&mut self, field: &Field, value: u64) {
        if let Some(name) = field.name().strip_prefix(PREFIX) {
            self.number(name, value);
        }
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.record_u64(field, u64::try_from(value).unwrap_or_default());
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        if field.name().strip_prefix(PREFIX) == Some("Faults") {
            *self.codes.entry(value.to_owned()).or_default() += 1;
        }
    }

    fn record_debug(&mut self, _: &Field, _: &dyn Debug) {}
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counted(said: impl FnOnce()) -> Vec<Value> {
        let heard = tracing_subscriber::registry().with(Heard);
        tracing::subscriber::with_default(heard, said);
        let counted = HERE.with(|here| std::mem::take(&mut *here.borrow_mut()));
        counted.lines("quickbooks", Timestamp::UNIX_EPOCH)
    }

    thread_local! {
        static HERE: std::cell::RefCell<Counted> = const { std::cell::RefCell::new(Counted::new()) };
    }

    /// Counts as [`Counting`] does, for one test alone.
    struct Heard;

    impl<S: Subscriber + for<'a> LookupSpan<'a>> Layer<S> for Heard {
        fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
            HERE.with(|here| event.record(&mut *here.borrow_mut()));
        }
    }

    #[test]
    fn sums_are_added_values_kept_and_faults_told_apart_by_code() {
        let lines = counted(|| {
            tracing::info!(metric.Synced = 1, "recorded");
            tracing::info!(metric.Synced = 1, merchant.id = "mer_1", "recorded");
            tracing::info!(metric.QuickBooksMilliseconds = 213_u64, "asked");
            tracing::info!(metric.QuickBooksMilliseconds = 80_u64, "asked");
            tracing::warn!(metric.Faults = "6000", "refused");
            tracing::warn!(metric.Faults = "3200", "refused");
            tracing::warn!(metric.Faults = "6000", "refused");
            tracing::info!(duration = 5, "nothing to count");
        });
        let [one, other, third] = &lines[..] else {
            panic!("three lines: {lines:?}");
        };
        assert_eq!(one["Synced"], 2);
        assert_eq!(one["QuickBooksMilliseconds"], json!([213, 80]));
        let described = &one["_aws"]["CloudWatchMetrics"][0];
        assert_eq!(described["Namespace"], "quickbooks");
        assert_eq!(described["Dimensions"], json!([[]]));
        assert_eq!(
            described["Metrics"],
            json!([
                {"Name": "QuickBooksMilliseconds", "Unit": "Milliseconds"},
                {"Name": "Synced", "Unit": "Count"}
            ])
        );
        assert_eq!(one["_aws"]["Timestamp"], 0);
        let by_code = |line: &Value| (line["Code"].clone(), line["Faults"].clone());
        assert_eq!(by_code(other), (json!("3200"), json!(1)));
        assert_eq!(by_code(third), (json!("6000"), json!(2)));
        assert_eq!(
            third["_aws"]["CloudWatchMetrics"][0]["Dimensions"],
            json!([["Code"]])
        );
    }

    #[test]
    fn a_metric_has_a_hundred_values_a_line_and_none_is_left_out() {
        let lines = counted(|| {
            for took in 0..250_u64 {
                tracing::info!(metric.QuickBooksMilliseconds = took, "asked");
            }
        });
        let values: Vec<u64> = lines
            .iter()
            .flat_map(|line| line["QuickBooksMilliseconds"].as_array().expect("values"))
            .map(|value| value.as_u64().expect("a number"))
            .collect();
        assert_eq!(lines.len(), 3);
        assert_eq!(values, (0..250).collect::<Vec<_>>());
    }

    #[test]
    fn where_nothing_was_counted_no_line_is_written() {
        assert!(counted(|| tracing::info!("nothing")).is_empty());
    }
}
