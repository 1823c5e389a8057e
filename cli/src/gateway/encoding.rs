//! Which precompressed form of a file a client takes (RFC 9110, 12.5.3).

/// A content coding under which a build tool may have left a file beside the plain one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Coding {
    /// The name in `Accept-Encoding` and `Content-Encoding`.
    pub(super) name: &'static str,
    /// What is appended to the plain file's name.
    pub(super) suffix: &'static str,
}

/// The codings looked for, smallest result first.
pub(super) const CODINGS: [Coding; 3] = [
    Coding {
        name: "br",
        suffix: ".br",
    },
    Coding {
        name: "zstd",
        suffix: ".zst",
    },
    Coding {
        name: "gzip",
        suffix: ".gz",
    },
];

/// Whether an `Accept-Encoding` value takes `coding`: named (or `*`) with a weight above zero.
pub(super) fn accepts(accept_encoding: &str, coding: Coding) -> bool {
    let mut by_star = false;
    for item in accept_encoding.split(',') {
        let mut parts = item.split(';').map(str::trim);
        let name = parts.next().unwrap_or_default();
        let refused = parts.any(|parameter| {
            parameter
                .strip_prefix("q=")
                .and_then(|weight| weight.trim().parse::<f32>().ok())
                == Some(0.0)
        });
        if name.eq_ignore_ascii_case(coding.name) {
            return !refused;
        }
        if name == "*" {
            by_star = !refused;
        }
    }
    by_star
}

#[cfg(test)]
mod tests {
    use test_case::test_case;

    use super::*;

    #[test_case("gzip, deflate, br, zstd" => true; "named")]
    #[test_case("gzip, BR;q=0.5" => true; "named in capitals with a weight")]
    #[test_case("br;q=0" => false; "refused")]
    #[test_case("*, br;q=0.0" => false; "refused by name although all are taken")]
    #[test_case("*" => true; "all are taken")]
    #[test_case("brotli" => false; "another name that begins the same")]
    #[test_case("" => false; "nothing said")]
    fn brotli(accept_encoding: &str) -> bool {
        accepts(accept_encoding, CODINGS[0])
    }
}
