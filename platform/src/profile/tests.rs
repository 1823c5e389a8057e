//! Ways in which work on one profile could reach the cluster of another. In each the guard refuses, and no server has been sent
//! anything but the question which cluster it is.

mod server;

use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::*;
use crate::kubeconfig::{Entry, Location};
use crate::project::Project;
use server::Server;

const DEV: &str = "11111111-0000-4000-8000-000000000000";
const PROD: &str = "22222222-0000-4000-8000-000000000000";
/// A certificate whose key is nowhere.
const AUTHORITY: &str = include_str!("tests/authority.pem");

/// As a kubeconfig has it.
fn authority() -> String {
    STANDARD.encode(AUTHORITY)
}

/// A project, its two clusters, a kubeconfig and a state folder.
struct Scene {
    folder: tempfile::TempDir,
    dev: Server,
    prod: Server,
    /// The lines of profile `prod`.
    profile: String,
}

impl Scene {
    fn new() -> Self {
        let (dev, prod) = (Server::start(DEV), Server::start(PROD));
        let profile = format!(
            "{{context: far, server: '{}', registry: registry.example/shop, protected: true}}",
            prod.url()
        );
        Self {
            folder: tempfile::tempdir().unwrap(),
            dev,
            prod,
            profile,
        }
    }

    fn state(&self) -> PathBuf {
        self.folder.path().join("state")
    }

    fn project(&self) -> Project {
        let file = self.folder.path().join("ratectl.yaml");
        let text = format!("name: shop\nprofiles:\n  dev: {{}}\n  prod: {}\n", self.profile);
        std::fs::write(&file, text).unwrap();
        Project::load(&file).unwrap()
    }

    /// A kubeconfig in which the contexts lead to these servers.
    fn kubeconfig(&self, contexts: &[(&str, &str)], user: &str) -> Location {
        let file = self.folder.path().join("config");
        let named = |list: &str, each: &dyn Fn(&str, &str) -> String| {
            let entries = contexts
                .iter()
                .map(|(name, server)| format!("- name: {name}\n  {}\n", each(name, server)));
            format!("{list}:\n{}", entries.collect::<String>())
        };
        let text = [
            "current-context: far\n".to_owned(),
            named("contexts", &|name, _| {
                format!("context: {{cluster: {name}, user: {name}}}")
            }),
            named("clusters", &|_, server| {
                format!(
                    "cluster: {{server: '{server}', certificate-authority-data: {}}}",
                    authority()
                )
            }),
            named("users", &|_, _| format!("user: {user}")),
        ];
        std::fs::write(&file, text.concat()).unwrap();
        Location::find(Some(&file))
    }

    /// As it should be.
    fn right(&self) -> Location {
        self.kubeconfig(
            &[("k3d-shop", &self.dev.url()), ("far", &self.prod.url())],
            "{token: secret}",
        )
    }

    async fn reach(&self, profile: &str, kubeconfig: &Location) -> Result<Target, Error> {
        let project = self.project();
        let chosen = choose(&project, Some(profile), &self.state())?;
        Target::reach(&project, &chosen.profile, kubeconfig, &self.state()).await
    }

    /// What the guard says; both servers must have been asked no more than that many times.
    async fn refused(&self, profile: &str, kubeconfig: &Location, asked: (usize, usize)) -> String {
        let before = (self.dev.asked().len(), self.prod.asked().len());
        let error = self.reach(profile, kubeconfig).await.unwrap_err();
        assert!(error.is_refusal(), "{error}");
        let all = (self.dev.asked(), self.prod.asked());
        let (dev, prod) = (&all.0[before.0..], &all.1[before.1..]);
        assert_eq!((dev.len(), prod.len()), asked, "{dev:?} {prod:?}");
        let harmless = |request: &String| request.starts_with("GET ");
        assert!(dev.iter().chain(prod).all(harmless), "{dev:?} {prod:?}");
        error
            .to_string()
            .replace(&self.dev.url(), "DEV")
            .replace(&self.prod.url(), "PROD")
    }

    fn note(&self, server: &str) {
        let entry = Entry {
            name: "k3d-shop".to_owned(),
            user: "admin@k3d-shop".to_owned(),
            server: server.to_owned(),
            certificate_authority_data: authority(),
            client_certificate_data: String::new(),
            client_key_data: String::new(),
        };
        remember_own(&self.state(), &"shop".to_owned().try_into().unwrap(), &entry).unwrap();
    }
}

#[tokio::test]
async fn a_profile_leads_to_its_cluster_whichever_context_is_current() {
    let scene = Scene::new();
    let target = scene.reach("dev", &scene.right()).await.unwrap();
    assert_eq!(
        (target.context.as_str(), target.uid.as_deref()),
        ("k3d-shop", Some(DEV))
    );
    assert_eq!(
        scene.prod.asked(),
        [""; 0],
        "the current context counts for nothing"
    );
    assert_eq!(target.push, None);
    let target = scene.reach("prod", &scene.right()).await.unwrap();
    assert_eq!(
        (target.uid.as_deref(), target.push.as_deref()),
        (Some(PROD), Some("registry.example/shop"))
    );
    assert_eq!(scene.prod.asked(), ["GET /api/v1/namespaces/kube-system"]);
}

#[tokio::test]
async fn one_a_context_that_was_renamed_leads_to_the_other_server() {
    let scene = Scene::new();
    let kubeconfig = scene.kubeconfig(&[("far", &scene.dev.url())], "{token: secret}");
    let message = scene.refused("prod", &kubeconfig, (0, 0)).await;
    assert_eq!(
        message,
        "profile prod means the server PROD, but its context far leads to DEV"
    );
}

#[tokio::test]
async fn two_the_own_cluster_s_context_leads_to_the_other_server() {
    let scene = Scene::new();
    scene.note(&scene.dev.url());
    let kubeconfig = scene.kubeconfig(&[("k3d-shop", &scene.prod.url())], "{token: secret}");
    let message = scene.refused("dev", &kubeconfig, (0, 0)).await;
    assert_eq!(
        message,
        "the context k3d-shop is not the cluster that ratectl made: its server is another (PROD)"
    );
}

#[tokio::test]
async fn three_the_own_cluster_s_context_leads_to_another_machine() {
    let scene = Scene::new();
    let kubeconfig = scene.kubeconfig(&[("k3d-shop", "https://prod.example:6443")], "{token: secret}");
    let message = scene.refused("dev", &kubeconfig, (0, 0)).await;
    assert!(
        message.ends_with("leads to another machine, https://prod.example:6443"),
        "{message}"
    );
}

#[tokio::test]
async fn four_another_cluster_answers_at_the_same_server() {
    let scene = Scene::new();
    scene.reach("prod", &scene.right()).await.unwrap();
    scene.prod.becomes(DEV);
    let message = scene.refused("prod", &scene.right(), (0, 1)).await;
    assert!(
        message.starts_with(&format!(
            "PROD is not the cluster of profile prod: the UID of its kube-system is {DEV}, not {PROD} ("
        )),
        "{message}"
    );
}

#[tokio::test]
async fn five_the_cluster_has_not_the_uid_of_the_file() {
    let mut scene = Scene::new();
    scene.profile = format!("{{context: far, server: '{}', uid: {DEV}}}", scene.prod.url());
    let message = scene.refused("prod", &scene.right(), (0, 1)).await;
    assert!(
        message.contains(&format!("is {PROD}, not {DEV} (")) && message.ends_with("ratectl.yaml)"),
        "{message}"
    );
}

#[tokio::test]
async fn six_the_kubeconfig_was_replaced_by_one_without_the_context() {
    let scene = Scene::new();
    let kubeconfig = scene.kubeconfig(&[("k3d-shop", &scene.dev.url())], "{token: secret}");
    let message = scene.refused("prod", &kubeconfig, (0, 0)).await;
    assert!(
        message.starts_with("profile prod means the context far, which is not in "),
        "{message}"
    );
}

#[tokio::test]
async fn seven_the_profile_does_not_say_which_server_it_means() {
    let mut scene = Scene::new();
    scene.profile = "{context: far}".to_owned();
    let message = scene.refused("prod", &scene.right(), (0, 0)).await;
    assert_eq!(
        message,
        "profile prod names the context far, but not the server that it must lead to"
    );
}

#[tokio::test]
async fn eight_the_server_of_one_profile_forwards_to_the_cluster_of_another() {
    let scene = Scene::new();
    scene.reach("dev", &scene.right()).await.unwrap();
    scene.prod.becomes(DEV);
    let message = scene.refused("prod", &scene.right(), (0, 1)).await;
    assert_eq!(
        message,
        format!("PROD is the cluster of profile dev, not of prod: the UID of its kube-system is {DEV}")
    );
}

#[tokio::test]
async fn nine_the_cluster_says_that_its_registry_is_that_of_another_profile() {
    let scene = Scene::new();
    scene.dev.has_registry("registry.example");
    let message = scene.refused("dev", &scene.right(), (2, 0)).await;
    assert_eq!(
        message,
        "the cluster of profile dev says that its registry is registry.example, which is the registry of profile prod"
    );
}

#[tokio::test]
async fn ten_the_program_that_gives_credentials_does_not_run_for_the_wrong_server() {
    let scene = Scene::new();
    let trace = scene.folder.path().join("ran");
    let exec = format!(
        "{{exec: {{apiVersion: client.authentication.k8s.io/v1, command: touch, args: ['{}']}}}}",
        trace.display()
    );
    let kubeconfig = scene.kubeconfig(&[("far", &scene.dev.url())], &exec);
    scene.refused("prod", &kubeconfig, (0, 0)).await;
    assert!(!trace.exists());
    // At the right server it does, and what it gives is no credential.
    let kubeconfig = scene.kubeconfig(&[("far", &scene.prod.url())], &exec);
    let error = scene.reach("prod", &kubeconfig).await.unwrap_err();
    assert!(
        matches!(error, Error::Credentials { .. }) && trace.exists(),
        "{error}"
    );
    assert_eq!(scene.prod.asked(), [""; 0]);
}

#[tokio::test]
async fn eleven_the_own_cluster_s_server_is_known_by_other_certificates() {
    let scene = Scene::new();
    scene.note(&scene.dev.url());
    let kubeconfig = scene.right();
    let file = &kubeconfig.files()[0];
    let text = std::fs::read_to_string(file).unwrap();
    std::fs::write(file, text.replace(&authority(), "b3RoZXJz")).unwrap();
    let message = scene.refused("dev", &kubeconfig, (0, 0)).await;
    assert!(message.contains("known by other certificates"), "{message}");
}

#[tokio::test]
async fn twelve_a_cluster_that_keeps_its_uid_secret_is_not_the_one_that_was_seen() {
    let scene = Scene::new();
    scene.reach("prod", &scene.right()).await.unwrap();
    scene.prod.becomes("");
    let message = scene.refused("prod", &scene.right(), (0, 1)).await;
    assert!(message.contains("is kept secret, not"), "{message}");
}

#[tokio::test]
async fn an_own_cluster_that_was_made_anew_is_no_stranger() {
    let scene = Scene::new();
    scene.note(&scene.dev.url());
    scene.reach("dev", &scene.right()).await.unwrap();
    scene.dev.becomes("33333333-0000-4000-8000-000000000000");
    scene.reach("dev", &scene.right()).await.unwrap();
    let seen = Memory::of(&scene.state(), scene.folder.path())
        .seen_uid("dev")
        .unwrap();
    assert_eq!(seen.as_deref(), Some("33333333-0000-4000-8000-000000000000"));
}

#[tokio::test]
async fn what_was_seen_first_can_be_forgotten() {
    let scene = Scene::new();
    scene.reach("prod", &scene.right()).await.unwrap();
    scene.prod.becomes("33333333-0000-4000-8000-000000000000");
    scene.reach("prod", &scene.right()).await.unwrap_err();
    assert!(
        Memory::of(&scene.state(), Path::new(scene.folder.path()))
            .forget("prod")
            .unwrap()
    );
    scene.reach("prod", &scene.right()).await.unwrap();
}

#[tokio::test]
async fn a_cluster_that_has_not_been_made_is_no_refusal() {
    let scene = Scene::new();
    let kubeconfig = scene.kubeconfig(&[("far", &scene.prod.url())], "{}");
    let error = scene.reach("dev", &kubeconfig).await.unwrap_err();
    assert!(matches!(error, Error::NoCluster { .. }), "{error}");
}
