//! Subject filters against each other.

/// Whether one of the filters takes every subject that `wanted` stands for.
pub(super) fn covers_any(filters: &[String], wanted: &str) -> bool {
    filters.iter().any(|filter| covers(filter, wanted))
}

fn covers(filter: &str, wanted: &str) -> bool {
    let (mut filter, mut wanted) = (filter.split('.'), wanted.split('.'));
    loop {
        match (filter.next(), wanted.next()) {
            (Some(">"), Some(_)) | (None, None) => return true,
            (Some("*"), Some(token)) if token != ">" => {}
            (Some(literal), Some(token)) if literal == token => {}
            _ => return false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::covers;
    use test_case::test_case;

    #[test_case("api.>", "api.get.users", true)]
    #[test_case("api.>", "api.get.users.*", true)]
    #[test_case("api.>", "api", false; "the tail is at least one token")]
    #[test_case("api.*.users", "api.get.users", true)]
    #[test_case("api.*.users", "api.get.users.*", false)]
    #[test_case("api.get.users.*", "api.get.users.*", true)]
    #[test_case("api.get.users.1", "api.get.users.*", false; "a literal covers no wildcard")]
    #[test_case("api.get.users", "api.get.users", true)]
    #[test_case("events.>", "api.get.users", false)]
    #[test_case("api.*", "api.>", false; "a token covers no tail")]
    fn a_filter_covers_what_it_takes_entirely(filter: &str, wanted: &str, expected: bool) {
        assert_eq!(covers(filter, wanted), expected);
    }
}
