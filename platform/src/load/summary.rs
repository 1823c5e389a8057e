//! What k6 found, from the file that `--summary-export` writes.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value;

/// What a run of a scenario found.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Summary {
    /// The scenario.
    pub scenario: String,
    /// Where the load went.
    pub url: String,
    /// Whether no threshold was crossed.
    pub passed: bool,
    /// It was ended before its time.
    pub interrupted: bool,
    /// The thresholds, by metric.
    pub thresholds: Vec<Threshold>,
    /// Everything measured, by name.
    pub metrics: BTreeMap<String, Metric>,
}

/// A limit that a script sets.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Threshold {
    /// Such as `http_req_duration`.
    pub metric: String,
    /// Such as `p(95)<500`.
    pub threshold: String,
    /// Whether it was kept.
    pub passed: bool,
    /// What was measured, where the summary has it; milliseconds for times.
    pub measured: Option<f64>,
}

/// The numbers of a metric, by k6's names for them: `avg`, `p(95)`, `count`, `rate`, `value`; milliseconds for times.
pub type Metric = BTreeMap<String, f64>;

impl Summary {
    /// Reads the file's text.
    pub(super) fn read(scenario: &str, url: &str, text: &str) -> Result<Self, serde_json::Error> {
        let document: Value = serde_json::from_str(text)?;
        let entries = document.get("metrics").and_then(Value::as_object);
        let mut metrics = BTreeMap::new();
        let mut thresholds = Vec::new();
        for (name, metric) in entries.into_iter().flatten() {
            // Newer summaries put the numbers one level deeper.
            let numbers = metric.get("values").unwrap_or(metric).as_object();
            let numbers: Metric = numbers
                .into_iter()
                .flatten()
                .filter_map(|(name, value)| Some((name.clone(), value.as_f64()?)))
                .collect();
            let limits = metric.get("thresholds").and_then(Value::as_object);
            for (threshold, verdict) in limits.into_iter().flatten() {
                thresholds.push(Threshold {
                    metric: name.clone(),
                    threshold: threshold.clone(),
                    passed: kept(verdict),
                    measured: measured(threshold, &numbers),
                });
            }
            metrics.insert(name.clone(), numbers);
        }
        Ok(Self {
            scenario: scenario.to_owned(),
            url: url.to_owned(),
            passed: thresholds.iter().all(|threshold| threshold.passed),
            interrupted: false,
            thresholds,
            metrics,
        })
    }

    /// A number of a metric.
    pub fn number(&self, metric: &str, name: &str) -> Option<f64> {
        self.metrics.get(metric)?.get(name).copied()
    }
}

/// The exported summary says whether a threshold was crossed, the newer form whether it is ok.
fn kept(verdict: &Value) -> bool {
    match verdict {
        Value::Bool(crossed) => !crossed,
        other => other.get("ok").and_then(Value::as_bool).unwrap_or(false),
    }
}

/// The number that an expression such as `p(95)<500` is about. A rate is called `value` in the summary.
fn measured(threshold: &str, numbers: &Metric) -> Option<f64> {
    let name = threshold.split(['<', '>', '=', '!']).next()?.trim();
    let value = || numbers.get("value").filter(|_| name == "rate");
    value().or_else(|| numbers.get(name)).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thresholds_and_numbers_are_read() {
        let text = r#"{"metrics": {
            "http_req_duration": {"med": 1.2, "p(95)": 4.5, "thresholds": {"p(95)<500": false, "p(95) < 1": true}},
            "http_req_failed": {"passes": 0, "fails": 9, "value": 0.25, "thresholds": {"rate<0.01": true}},
            "http_reqs": {"count": 9, "rate": 4.5}
        }}"#;
        let summary = Summary::read("steady", "http://x", text).unwrap();
        assert!(!summary.passed);
        let told: Vec<_> = summary
            .thresholds
            .iter()
            .map(|it| (it.threshold.as_str(), it.passed, it.measured))
            .collect();
        assert_eq!(
            told,
            [
                ("p(95) < 1", false, Some(4.5)),
                ("p(95)<500", true, Some(4.5)),
                ("rate<0.01", false, Some(0.25))
            ]
        );
        assert_eq!(summary.number("http_reqs", "count"), Some(9.0));
    }

    #[test]
    fn the_newer_form_is_read_as_well() {
        let text = r#"{"metrics": {"x": {"values": {"avg": 1}, "thresholds": {"avg<2": {"ok": true}}}}}"#;
        let summary = Summary::read("s", "u", text).unwrap();
        assert!(summary.passed);
        assert_eq!(summary.thresholds[0].measured, Some(1.0));
    }
}
