//! Whether a context, and the cluster at its end, are the profile's.

use super::link::Link;
use super::own::Proof;
use super::{Error, Memory};
use crate::project::Project;
use crate::project::deployment::Profile;

/// The link's server is the profile's, or the profile means the own cluster and says none.
pub(super) fn check_server(profile: &Profile, context: &str, link: &Link, own: bool) -> Result<(), Error> {
    match &profile.server {
        Some(expected) if !same_server(expected, &link.server) => Err(Error::OtherServer {
            profile: profile.name.clone(),
            context: context.to_owned(),
            expected: expected.clone(),
            found: link.server.clone(),
        }),
        None if !own => Err(Error::NoServer {
            profile: profile.name.clone(),
            context: context.to_owned(),
            found: link.server.clone(),
        }),
        _ => Ok(()),
    }
}

/// Whether two URLs name the same server, however they are written.
pub(super) fn same_server(one: &str, other: &str) -> bool {
    match (parts(one), parts(other)) {
        (Some(one), Some(other)) => one == other,
        _ => one == other,
    }
}

/// Scheme, host, port and path.
fn parts(url: &str) -> Option<(String, String, u16, String)> {
    let uri = url.parse::<http::Uri>().ok()?;
    let scheme = uri.scheme_str()?.to_ascii_lowercase();
    let port = uri.port_u16().unwrap_or(if scheme == "http" { 80 } else { 443 });
    let host = uri.host()?.trim_end_matches('.').to_ascii_lowercase();
    Some((scheme, host, port, uri.path().trim_end_matches('/').to_owned()))
}

/// A cluster that has answered.
pub(super) struct Answered<'a> {
    pub(super) context: &'a str,
    pub(super) server: &'a str,
    /// Of the namespace `kube-system`; `None` when we may not know it.
    pub(super) uid: Option<String>,
    /// For the own cluster.
    pub(super) proof: Option<Proof>,
}

/// The cluster is the profile's; remembers it at the first contact.
pub(super) fn check_cluster(
    project: &Project,
    profile: &Profile,
    memory: &Memory,
    answered: &Answered<'_>,
) -> Result<(), Error> {
    let seen = memory.seen(&profile.name)?;
    let seen_uid = seen.as_ref().map(|seen| seen.uid.clone());
    let expected = match (&profile.uid, &seen_uid) {
        (Some(uid), _) => Some((uid, project.file.display().to_string())),
        // Its certificates prove more than what was seen before.
        (None, Some(_)) if answered.proof == Some(Proof::Written) => None,
        (None, Some(uid)) => Some((uid, memory.seen_file(&profile.name).display().to_string())),
        (None, None) => None,
    };
    if let Some((expected, said)) = expected
        && answered.uid.as_ref() != Some(expected)
    {
        return Err(Error::OtherCluster {
            profile: profile.name.clone(),
            server: answered.server.to_owned(),
            expected: expected.clone(),
            said,
            found: answered.uid.clone(),
        });
    }
    let Some(uid) = &answered.uid else { return Ok(()) };
    if profile.uid.is_none() {
        refuse_others(project, profile, memory, answered, uid)?;
    }
    let same = |known: &super::memory::Seen| {
        known.uid == *uid && known.context == answered.context && known.server == answered.server
    };
    if seen.as_ref().is_some_and(same) {
        return Ok(());
    }
    memory.remember(&profile.name, answered.context, answered.server, uid)
}

/// No other profile was seen with this cluster, unless it goes there by the same context or server on purpose.
fn refuse_others(
    project: &Project,
    profile: &Profile,
    memory: &Memory,
    answered: &Answered<'_>,
    uid: &str,
) -> Result<(), Error> {
    for other in project.profiles.iter().filter(|other| other.name != profile.name) {
        let Some(seen) = memory.seen(&other.name)? else {
            continue;
        };
        let elsewhere = seen.context != answered.context && !same_server(&seen.server, answered.server);
        if seen.uid == uid && elsewhere {
            return Err(Error::ClusterOf {
                profile: profile.name.clone(),
                other: other.name.clone(),
                server: answered.server.to_owned(),
                uid: uid.to_owned(),
            });
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use test_case::test_case;

    use super::*;

    #[test_case("https://a", "https://A:443/" => true; "default port and case")]
    #[test_case("https://a:6443", "https://a:6443/" => true; "a slash")]
    #[test_case("https://a.", "https://a" => true; "a dot at the end")]
    #[test_case("https://a", "http://a" => false; "another scheme")]
    #[test_case("https://a:6443", "https://a:6444" => false; "another port")]
    #[test_case("https://a/k8s/1", "https://a/k8s/2" => false; "another path")]
    #[test_case("https://a", "https://a.example" => false; "another host")]
    #[test_case("https://127.0.0.1:1", "https://localhost:1" => false; "a name is not an address")]
    #[test_case("nonsense", "nonsense" => true; "no URLs")]
    fn servers_are_compared_by_what_they_mean(one: &str, other: &str) -> bool {
        same_server(one, other)
    }
}
