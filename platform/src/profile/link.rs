//! A context of the kubeconfig: where it leads, and a client for that.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use kube::client::AuthError;
use kube::config::{ExecInteractiveMode, KubeConfigOptions, Kubeconfig};
use kube::{Client, Config};
use sha2::{Digest as _, Sha256};
use tokio::sync::oneshot;

use super::Error;
use crate::causes::chain;
use crate::connector;
use crate::kubeconfig::Location;
use crate::plain_line::plain_line;
use crate::proxies::{self, Proxies};

/// How long a connection may take, TLS included.
const CONNECT_WITHIN: Duration = Duration::from_secs(5);
/// How long a program that gives credentials may take.
const CREDENTIALS_WITHIN: Duration = Duration::from_secs(30);

/// A context with its cluster and user.
pub(super) struct Link {
    context: String,
    /// As the kubeconfig has it.
    pub(super) server: String,
    /// The SHA-256 of the certificates that the server is known by; `None` when any will do.
    pub(super) authority: Option<String>,
    kubeconfig: Kubeconfig,
    /// The proxy that the cluster's entry names.
    proxy: Option<String>,
}

/// The context; `None` if no file has it.
pub(super) fn find(location: &Location, context: &str) -> Result<Option<Link>, Error> {
    let kubeconfig = read(location, context)?;
    let named = kubeconfig.contexts.iter().find(|named| named.name == context);
    let Some(found) = named.and_then(|named| named.context.as_ref()) else {
        return Ok(None);
    };
    let mut clusters = kubeconfig.clusters.iter();
    let cluster = clusters.find(|cluster| cluster.name == found.cluster);
    let cluster = cluster.and_then(|cluster| cluster.cluster.as_ref());
    let server = cluster.and_then(|cluster| cluster.server.clone());
    let (Some(cluster), Some(server)) = (cluster, server) else {
        let reason = format!(
            "its cluster '{}' is not there, or has no server",
            plain_line(&found.cluster)
        );
        return Err(unusable(context, &reason));
    };
    let insecure = cluster.insecure_skip_tls_verify.unwrap_or(false);
    let certificates = match (
        &cluster.certificate_authority_data,
        &cluster.certificate_authority,
    ) {
        (Some(data), _) => Some(data.clone()),
        (None, Some(file)) => std::fs::read(file).ok().map(|pem| STANDARD.encode(pem)),
        (None, None) => None,
    };
    Ok(Some(Link {
        context: context.to_owned(),
        server,
        authority: certificates.filter(|_| !insecure).map(|data| fingerprint(&data)),
        proxy: cluster.proxy_url.clone().filter(|proxy| !proxy.is_empty()),
        kubeconfig,
    }))
}

/// What tells one set of certificates, PEM in base64, from another.
pub(super) fn fingerprint(certificate_authority_data: &str) -> String {
    let digest = Sha256::digest(certificate_authority_data.trim().as_bytes());
    STANDARD.encode(digest)
}

/// All files together; the first that has something wins.
fn read(location: &Location, context: &str) -> Result<Kubeconfig, Error> {
    let mut all = Kubeconfig::default();
    for surveyed in location.survey() {
        if surveyed.contents?.is_none() {
            continue;
        }
        let failed = |error: kube::config::KubeconfigError| unusable(context, &chain(&error));
        let next = Kubeconfig::read_from(&surveyed.path).map_err(failed)?;
        all = all.merge(next).map_err(failed)?;
    }
    Ok(all)
}

impl Link {
    /// A client for the server. Runs the program that the user's credentials come from, if they do.
    pub(super) async fn client(self) -> Result<Client, Error> {
        let Self {
            context,
            mut kubeconfig,
            proxy,
            ..
        } = self;
        for named in &mut kubeconfig.auth_infos {
            let exec = named.auth_info.as_mut().and_then(|info| info.exec.as_mut());
            if let Some(exec) = exec {
                // Its questions would stand amid the progress, or hang where nobody can answer.
                exec.interactive_mode = Some(ExecInteractiveMode::Never);
            }
        }
        let options = KubeConfigOptions {
            context: Some(context.clone()),
            ..KubeConfigOptions::default()
        };
        let config = Config::from_custom_kubeconfig(kubeconfig, &options).await;
        let mut config = config.map_err(|error| unusable(&context, &chain(&error)))?;
        config.connect_timeout = Some(CONNECT_WITHIN);
        config.headers.push(connector::user_agent());
        config.proxy_url = proxy_for(&config.cluster_url, proxy, |name| std::env::var(name).ok())
            .map_err(|reason| unusable(&context, &reason))?;
        build(context, config).await
    }
}

/// On a thread of its own, as it may wait for another program; not one that the runtime waits for at its end.
async fn build(context: String, config: Config) -> Result<Client, Error> {
    let (done, built) = oneshot::channel();
    let runtime = tokio::runtime::Handle::current();
    std::thread::spawn(move || {
        let _entered = runtime.enter();
        // Nobody listens any more after the time-out.
        drop(done.send(Client::try_from(config)));
    });
    let failed = |reason: String| Error::Credentials {
        context: context.clone(),
        reason,
    };
    match tokio::time::timeout(CREDENTIALS_WITHIN, built).await {
        Ok(Ok(Ok(client))) => Ok(client),
        Ok(Ok(Err(error))) => Err(why(&context, &error)),
        Ok(Err(_)) => Err(failed("the thread that asked for them has ended".to_owned())),
        Err(_) => Err(failed(format!(
            "the program that gives them has not answered within {} s",
            CREDENTIALS_WITHIN.as_secs()
        ))),
    }
}

fn why(context: &str, error: &kube::Error) -> Error {
    let kube::Error::Auth(cause) = error else {
        return unusable(context, &chain(error));
    };
    let reason = match cause {
        AuthError::AuthExecRun { cmd, out } => {
            let said = String::from_utf8_lossy(&out.stderr);
            let last = said.lines().rfind(|line| !line.trim().is_empty());
            let last = last.map_or(String::new(), |line| format!(": {}", plain_line(line.trim())));
            format!("'{}' ended with {}{last}", plain_line(cmd), out.status)
        }
        other => plain_line(&chain(other)),
    };
    Error::Credentials {
        context: context.to_owned(),
        reason,
    }
}

/// The proxy on the way to `server`: the one that the kubeconfig names, or that of the environment unless the server is on this machine
/// or among the exceptions of `NO_PROXY`.
fn proxy_for(
    server: &http::Uri,
    named: Option<String>,
    variable: impl Fn(&str) -> Option<String>,
) -> Result<Option<http::Uri>, String> {
    // As for kubectl, that for everything does not count.
    let variable = |name: &str| variable(name).filter(|_| !name.eq_ignore_ascii_case("ALL_PROXY"));
    let environment = Proxies::of(variable);
    let on_the_way = || environment.on_the_way_to(server).map(str::to_owned);
    let Some(url) = named.map(proxies::url).or_else(on_the_way) else {
        return Ok(None);
    };
    let parsed = url.parse::<http::Uri>();
    parsed
        .map(Some)
        .map_err(|error| format!("the proxy '{}': {error}", plain_line(&url)))
}

fn unusable(context: &str, reason: &str) -> Error {
    Error::Unusable {
        context: context.to_owned(),
        reason: plain_line(reason.lines().next().unwrap_or_default()),
    }
}

#[cfg(test)]
mod tests {
    use test_case::test_case;

    use super::*;

    #[test_case("https://127.0.0.1:6443", None, &[("HTTPS_PROXY", "http://p:1")] => None; "this machine")]
    #[test_case("https://[::1]:6443", None, &[("https_proxy", "http://p:1")] => None; "this machine by IPv6")]
    #[test_case("https://far.example", None, &[("https_proxy", "p:1")] => Some("http://p:1/".to_owned()); "without a scheme")]
    #[test_case("https://far.example", None, &[("HTTPS_PROXY", "http://p:1"), ("NO_PROXY", ".example")] => None; "an exception")]
    #[test_case("http://far.example", None, &[("HTTPS_PROXY", "http://p:1")] => None; "another scheme")]
    #[test_case("https://127.0.0.1", Some("http://q:2"), &[("NO_PROXY", "*")] => Some("http://q:2/".to_owned()); "named in the kubeconfig")]
    fn a_proxy_is_on_the_way(
        server: &str,
        named: Option<&str>,
        variables: &[(&str, &str)],
    ) -> Option<String> {
        let variable = |name: &str| {
            let found = variables.iter().find(|(known, _)| *known == name);
            found.map(|(_, value)| (*value).to_owned())
        };
        let proxy = proxy_for(&server.parse().unwrap(), named.map(str::to_owned), variable);
        proxy.unwrap().map(|url| url.to_string())
    }
}
