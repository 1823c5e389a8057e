//! Label selectors, as Kubernetes reads them.

use k8s_openapi::api::core::v1::Pod;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::LabelSelector;

/// A label of a pod.
pub(super) fn label<'a>(pod: &'a Pod, key: &str) -> Option<&'a str> {
    pod.metadata.labels.as_ref()?.get(key).map(String::as_str)
}

/// Whether a selector means this pod.
pub(super) fn selects(selector: &LabelSelector, pod: &Pod) -> bool {
    let same = selector
        .match_labels
        .iter()
        .flatten()
        .all(|(key, value)| label(pod, key) == Some(value));
    let expressions = selector.match_expressions.iter().flatten();
    same && expressions.into_iter().all(|expression| {
        let value = label(pod, &expression.key);
        let listed =
            value.is_some_and(|value| expression.values.iter().flatten().any(|known| known == value));
        match expression.operator.as_str() {
            "In" => listed,
            "NotIn" => !listed,
            "Exists" => value.is_some(),
            "DoesNotExist" => value.is_none(),
            _ => false,
        }
    })
}
