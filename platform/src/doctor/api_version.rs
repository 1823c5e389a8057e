//! Which version of the engine's API is spoken, and which it knows.

use super::{Finding, scene::Scene};

pub(super) const CHECK: &str = "api-version";

/// The oldest API with everything that is needed: Docker 20.10.
const OLDEST: (u64, u64) = (1, 41);

struct Facts {
    /// What we speak with it.
    used: String,
    /// The engine's oldest and newest.
    min: String,
    max: String,
}

pub(super) async fn examine(scene: &Scene<'_>) -> Vec<Finding> {
    let reached = match scene.reached(CHECK).await {
        Ok(reached) => reached,
        Err(skipped) => return skipped,
    };
    let api = reached.engine.api();
    vec![match api.version().await {
        Ok(version) => judge(&Facts {
            used: api.client_version().to_string(),
            min: version.min_api_version.unwrap_or_default(),
            max: version.api_version.unwrap_or_default(),
        }),
        Err(error) => Finding::warning(
            CHECK,
            format!("the engine does not tell its API version: {error}"),
            "use a Docker engine 20.10 or newer",
        ),
    }]
}

fn judge(facts: &Facts) -> Finding {
    let Facts { used, min, max } = facts;
    if parse(max).is_some_and(|max| max < OLDEST) {
        let summary = format!(
            "the engine speaks API {max} at most; at least {}.{} is needed",
            OLDEST.0, OLDEST.1
        );
        return Finding::error(CHECK, summary, "update the engine to Docker 20.10 or newer");
    }
    Finding::ok(
        CHECK,
        format!("API {used} is used; the engine knows {min} to {max}"),
    )
}

fn parse(version: &str) -> Option<(u64, u64)> {
    let (major, minor) = version.split_once('.')?;
    Some((major.parse().ok()?, minor.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use test_case::test_case;

    use super::*;
    use crate::doctor::Verdict;

    #[test_case("1.41", "1.12", "1.41" => Verdict::Ok; "Debian's engine")]
    #[test_case("1.52", "1.44", "1.52" => Verdict::Ok; "a new one with a floor")]
    #[test_case("1.40", "1.12", "1.40" => Verdict::Error; "too old")]
    #[test_case("1.9", "1.9", "1.9" => Verdict::Error; "numbers are compared as numbers")]
    fn a_version(used: &str, min: &str, max: &str) -> Verdict {
        let [used, min, max] = [used, min, max].map(str::to_owned);
        judge(&Facts { used, min, max }).verdict
    }
}
