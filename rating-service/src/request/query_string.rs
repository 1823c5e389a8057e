//! Query parameters, as forms encode them (WHATWG URL, application/x-www-form-urlencoded).

use percent_encoding::percent_decode_str;

use super::{Rejection, rejection};

/// The parameters of a request, each at most once.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct QueryString {
    parameters: Vec<(String, String)>,
}

impl QueryString {
    pub(super) fn parse(raw: Option<&str>) -> Result<Self, Rejection> {
        let mut parameters: Vec<(String, String)> = Vec::new();
        for pair in raw.unwrap_or_default().split('&').filter(|pair| !pair.is_empty()) {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            let name =
                decode(name).ok_or_else(|| rejection::parameter(name, "has a name that is not UTF-8"))?;
            let value =
                decode(value).ok_or_else(|| rejection::parameter(&name, "has a value that is not UTF-8"))?;
            if parameters.iter().any(|(known, _)| *known == name) {
                return Err(rejection::parameter(&name, "is given more than once"));
            }
            parameters.push((name, value));
        }
        Ok(Self { parameters })
    }

    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.parameters
            .iter()
            .find(|(known, _)| known == name)
            .map(|(_, value)| value.as_str())
    }

    /// Refuses all but these: a misspelt filter must not show everything.
    pub(super) fn only(&self, known: &[&str]) -> Result<(), Rejection> {
        match self
            .parameters
            .iter()
            .find(|(name, _)| !known.contains(&name.as_str()))
        {
            None => Ok(()),
            Some((name, _)) if known.is_empty() => {
                Err(rejection::parameter(name, "no parameters are known here"))
            }
            Some((name, _)) => Err(rejection::parameter(
                name,
                format!("is unknown; there are {}", known.join(", ")),
            )),
        }
    }
}

fn decode(text: &str) -> Option<String> {
    let spaced = text.replace('+', " ");
    Some(percent_decode_str(&spaced).decode_utf8().ok()?.into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_values_are_decoded() {
        let query = QueryString::parse(Some("a=1%2C2&b+c=x%20y&&d")).unwrap();
        assert_eq!(
            (query.get("a"), query.get("b c"), query.get("d")),
            (Some("1,2"), Some("x y"), Some(""))
        );
    }

    #[test]
    fn a_parameter_given_twice_is_refused_by_name() {
        let rejection = QueryString::parse(Some("a=1&a=2")).unwrap_err();
        assert_eq!(rejection.problem.errors[0].field, "a");
    }

    #[test]
    fn an_unknown_parameter_is_refused_by_name() {
        let query = QueryString::parse(Some("limit=1&userid=2")).unwrap();
        assert_eq!(
            query.only(&["limit", "userId"]).unwrap_err().problem.errors[0].field,
            "userid"
        );
    }
}
