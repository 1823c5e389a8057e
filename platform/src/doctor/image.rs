//! Whether the engine has the images of node and registry.

use bollard::errors::Error as ApiError;

use super::{Finding, scene::Scene};

pub(super) const CHECK: &str = "image";

struct Facts {
    /// References with whether the engine has them, or why it does not say.
    images: Vec<(String, Result<bool, String>)>,
}

pub(super) async fn examine(scene: &Scene<'_>) -> Vec<Finding> {
    let reached = match scene.reached(CHECK).await {
        Ok(reached) => reached,
        Err(skipped) => return skipped,
    };
    let spec = scene.wanted().await;
    let registry = spec.registry.as_ref().map(|registry| registry.image.as_str());
    let mut images = Vec::new();
    for reference in [Some(spec.image.as_str()), registry].into_iter().flatten() {
        let there = match reached.engine.api().inspect_image(reference).await {
            Ok(_) => Ok(true),
            Err(ApiError::DockerResponseServerError { status_code: 404, .. }) => Ok(false),
            Err(error) => Err(error.to_string()),
        };
        images.push((reference.to_owned(), there));
    }
    vec![judge(&Facts { images })]
}

fn judge(facts: &Facts) -> Finding {
    let failed = facts
        .images
        .iter()
        .find_map(|(reference, there)| Some((reference, there.as_ref().err()?)));
    if let Some((reference, why)) = failed {
        return Finding::warning(
            CHECK,
            format!("the engine does not say whether it has {reference}: {why}"),
            format!("`docker image inspect {reference}`"),
        );
    }
    let names = |wanted: bool| {
        let of = facts.images.iter().filter(move |(_, there)| *there == Ok(wanted));
        of.map(|(reference, _)| reference.as_str()).collect::<Vec<_>>()
    };
    let missing = names(false);
    if missing.is_empty() {
        return Finding::ok(CHECK, format!("the engine has {}", names(true).join(" and ")));
    }
    let pulls: Vec<String> = missing
        .iter()
        .map(|reference| format!("docker pull {reference}"))
        .collect();
    Finding::warning(
        CHECK,
        format!("the engine has to pull {} first", missing.join(" and ")),
        format!(
            "`{}`, or leave it to `ratectl create-cluster`",
            pulls.join(" && ")
        ),
    )
}

#[cfg(test)]
mod tests {
    use test_case::test_case;

    use super::*;
    use crate::doctor::Verdict;

    fn found(node: Result<bool, &str>, registry: Result<bool, &str>) -> Finding {
        let of = |name: &str, there: Result<bool, &str>| (name.to_owned(), there.map_err(str::to_owned));
        judge(&Facts {
            images: vec![of("k3s:1", node), of("registry:3", registry)],
        })
    }

    #[test_case(Ok(true), Ok(true) => Verdict::Ok; "both there")]
    #[test_case(Ok(true), Ok(false) => Verdict::Warning; "one missing")]
    #[test_case(Err("broken"), Ok(true) => Verdict::Warning; "not told")]
    fn images(node: Result<bool, &str>, registry: Result<bool, &str>) -> Verdict {
        found(node, registry).verdict
    }

    #[test]
    fn only_what_is_missing_is_pulled() {
        let fix = found(Ok(true), Ok(false)).fix.unwrap();
        assert!(fix.starts_with("`docker pull registry:3`"), "{fix}");
    }
}
