//! What somebody may have meant.

/// The candidate closest to `word`, if one is close enough for a slip of the hand.
pub(crate) fn nearest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let distance =
        |candidate: &str| strsim::damerau_levenshtein(&word.to_lowercase(), &candidate.to_lowercase());
    let closest = candidates
        .into_iter()
        .map(|candidate| (distance(candidate), candidate))
        .min()?;
    let tolerance = (word.chars().count() / 3).clamp(1, 3);
    (closest.0 <= tolerance).then_some(closest.1)
}

/// A sentence that names the nearest candidate or else all of them.
pub(crate) fn advice(word: &str, candidates: &[&str]) -> String {
    match nearest(word, candidates.iter().copied()) {
        Some(nearest) => format!("did you mean '{nearest}'?"),
        None => format!("possible here: {}", candidates.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use test_case::test_case;

    use super::*;

    #[test_case("comand" => Some("command"); "a letter left out")]
    #[test_case("streasm" => Some("streams"); "two letters swapped")]
    #[test_case("Ready" => Some("ready"); "another case")]
    #[test_case("image" => None; "something else")]
    #[test_case("x" => None; "one letter")]
    fn a_slip_is_recognised(word: &str) -> Option<&str> {
        nearest(word, ["command", "ready", "streams", "env"])
    }

    #[test]
    fn where_nothing_is_near_everything_is_listed() {
        assert_eq!(
            advice("image", &["command", "env"]),
            "possible here: command, env"
        );
    }
}
