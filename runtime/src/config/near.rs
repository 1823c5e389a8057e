//! Finds the known name that was probably meant.

/// The candidate nearest to `name`, when it is near enough to be a slip of the fingers.
pub(super) fn nearest<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    candidates
        .into_iter()
        .map(|candidate| (distance(name, candidate), candidate))
        .min()
        .filter(|(distance, candidate)| *distance <= 1 + candidate.chars().count() / 4)
        .map(|(_, candidate)| candidate)
}

/// Edits (insert, delete, replace a character) that make one name of the other, ignoring case and the kind of dash.
fn distance(one: &str, other: &str) -> usize {
    let normal = |name: &str| name.to_lowercase().replace('-', "_").chars().collect::<Vec<_>>();
    let (one, other) = (normal(one), normal(other));
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (i, from) in one.iter().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, to) in other.iter().enumerate() {
            let replace = diagonal + usize::from(from != to);
            diagonal = row[j + 1];
            row[j + 1] = replace.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[other.len()]
}

#[cfg(test)]
mod tests {
    use test_case::test_case;

    use super::*;

    const KNOWN: [&str; 4] = ["url", "idle_timeout", "write_timeout", "max_headers"];

    #[test_case("urll", Some("url"))]
    #[test_case("ulr", None; "two edits of three letters are too many")]
    #[test_case("idle-timeout", Some("idle_timeout"))]
    #[test_case("IdleTimeout", Some("idle_timeout"))]
    #[test_case("wirte_timeout", Some("write_timeout"))]
    #[test_case("colour", None)]
    fn a_slip_is_recognised_and_another_word_is_not(name: &str, meant: Option<&str>) {
        assert_eq!(nearest(name, KNOWN), meant);
    }
}
