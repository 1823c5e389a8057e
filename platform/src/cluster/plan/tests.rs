use std::collections::BTreeMap;

use test_case::test_case;

use super::*;
use crate::cluster::spec::{Draft, Overrides};

fn spec(agents: u32) -> Spec {
    let overrides = Overrides {
        name: Some("x".to_owned()),
        agents: Some(agents),
        ..Overrides::default()
    };
    Draft::default().spec(&overrides).unwrap()
}

fn container(name: &str, role: Role, state: State, spec: Option<&Spec>) -> Container {
    let mut labels = labels::of_object(&"x".to_owned().try_into().unwrap());
    if let Some(spec) = spec {
        labels.insert(labels::SPEC.to_owned(), compare::value(spec).to_string());
    }
    Container {
        id: format!("id of {name}"),
        name: name.to_owned(),
        role,
        state,
        image: "rancher/k3s:v1.34.4-k3s1".to_owned(),
        labels,
        ports: Vec::new(),
        networks: BTreeMap::new(),
    }
}

fn server(state: State, spec: Option<&Spec>) -> Container {
    container("k3d-x-server-0", Role::Server, state, spec)
}

fn agent(state: State, spec: Option<&Spec>) -> Container {
    container("k3d-x-agent-0", Role::Agent, state, spec)
}

fn registry(state: State, spec: Option<&Spec>) -> Container {
    container("x-registry", Role::Registry, state, spec)
}

fn plan(wanted: &Spec, there: &[Container], recreate: bool, force: bool) -> Result<Plan, Error> {
    let found = crate::cluster::found::clusters(there.to_vec());
    let found = found.into_iter().find(|found| found.name == "x");
    let options = CreateOptions {
        recreate,
        force,
        ..CreateOptions::default()
    };
    of(wanted, there, found.as_ref(), &options)
}

fn verb(action: &Action) -> &'static str {
    match action {
        Action::Create => "create",
        Action::Replace(_) => "replace",
        Action::Start(_) => "start",
        Action::Unpause(_) => "unpause",
        Action::Keep(_) => "keep",
    }
}

fn verbs(plan: &Plan) -> String {
    let nodes = plan.nodes.iter().map(|(_, action)| verb(action));
    let registries = plan.registries.iter().map(|(_, action)| verb(action));
    nodes.chain(registries).collect::<Vec<&str>>().join(" ")
}

use State::{Created, Dead, Exited, Paused, Restarting, Running};

#[test_case(None, None, None, "create create create" ; "nothing is there")]
#[test_case(Some(Running), Some(Running), Some(Running), "keep keep keep" ; "everything runs")]
#[test_case(Some(Exited), Some(Exited), Some(Exited), "start start start" ; "everything is stopped")]
#[test_case(Some(Running), None, Some(Running), "keep create keep" ; "an agent is missing")]
#[test_case(Some(Created), None, Some(Running), "replace create keep" ; "killed before the server was started")]
#[test_case(Some(Running), Some(Created), Some(Created), "keep replace replace" ; "killed before the agent was started")]
#[test_case(Some(Dead), Some(Running), Some(Running), "replace replace keep" ; "a server that is gone takes its agents along")]
#[test_case(None, Some(Exited), None, "create replace create" ; "agents without a server")]
#[test_case(Some(Paused), Some(Restarting), Some(Running), "unpause keep keep" ; "a frozen server")]
#[test_case(None, None, Some(Running), "create create keep" ; "only the registry is there")]
fn what_is_there_is_kept_and_what_is_missing_is_made(
    server_is: Option<State>,
    agent_is: Option<State>,
    registry_is: Option<State>,
    expected: &str,
) {
    let wanted = spec(1);
    let there = [
        server_is.map(|state| server(state, Some(&wanted))),
        agent_is.map(|state| agent(state, Some(&wanted))),
        registry_is.map(|state| registry(state, Some(&wanted))),
    ];
    let there: Vec<Container> = there.into_iter().flatten().collect();
    let plan = plan(&wanted, &there, false, false).unwrap();
    assert_eq!(verbs(&plan), expected);
    assert_eq!(plan.all_run(), expected == "keep keep keep");
    assert_eq!(plan.delete, None);
}

#[test]
fn a_cluster_that_differs_is_told_field_by_field_and_made_anew_only_when_asked() {
    let there = [server(Running, Some(&spec(0))), registry(Running, Some(&spec(0)))];
    let Err(Error::Differs { differences, .. }) = plan(&spec(2), &there, false, true) else {
        panic!("it was not refused")
    };
    let told: Vec<String> = differences.iter().map(Difference::to_string).collect();
    assert_eq!(told, ["agents is 0, wanted 2"]);

    let plan = plan(&spec(2), &there, true, false).unwrap();
    assert_eq!(verbs(&plan), "create create create create");
    assert_eq!(plan.delete.map(|found| found.containers().count()), Some(2));
}

#[test]
fn what_is_wanted_already_is_not_made_anew() {
    let wanted = spec(0);
    let there = [server(Running, Some(&wanted)), registry(Running, Some(&wanted))];
    assert!(plan(&wanted, &there, true, true).unwrap().all_run());
}

#[test]
fn what_somebody_else_made_is_started_and_never_made() {
    let there = [server(Exited, None), registry(Created, None)];
    let plan = plan(&spec(0), &there, false, false).unwrap();
    let verbs: Vec<&str> = plan.others.iter().map(verb).collect();
    assert_eq!(verbs, ["start", "start"]);
    assert!(plan.nodes.is_empty() && plan.registries.is_empty());
}

#[test]
fn what_somebody_else_made_is_made_anew_only_by_force() {
    let there = [server(Running, None), agent(Running, None)];
    assert!(matches!(
        plan(&spec(0), &there, false, true),
        Err(Error::Differs { .. })
    ));
    let refused = plan(&spec(0), &there, true, false);
    assert!(
        matches!(refused, Err(Error::Foreign { maker: Maker::K3d(Some(version)), .. }) if version == "v5.9.0")
    );
    assert!(plan(&spec(0), &there, true, true).unwrap().delete.is_some());
}

#[test]
fn a_spec_that_cannot_be_read_differs() {
    let mut there = server(Running, Some(&spec(0)));
    there.labels.insert(labels::SPEC.to_owned(), "{".to_owned());
    let Err(error) = plan(&spec(0), &[there], false, false) else {
        panic!("it was not refused")
    };
    assert!(error.to_string().contains("not readable"), "{error}");
}

#[test]
fn a_node_that_somebody_added_is_started_too() {
    let wanted = spec(0);
    let added = container("k3d-x-agent-7", Role::Agent, Exited, Some(&wanted));
    let plan = plan(&wanted, &[server(Running, Some(&wanted)), added], false, false).unwrap();
    assert_eq!(plan.others.iter().map(verb).collect::<Vec<&str>>(), ["start"]);
}

#[test]
fn a_registry_of_another_cluster_is_not_touched() {
    let mut other = registry(Running, None);
    other.labels.insert(labels::CLUSTER.to_owned(), "y".to_owned());
    let Err(error) = plan(&spec(0), &[other], true, true) else {
        panic!("it was not refused")
    };
    let said = error.to_string();
    assert_eq!(
        said,
        "container x-registry is needed for cluster x and belongs to cluster y"
    );
}

#[test]
fn a_registry_from_another_spec_is_made_anew_beside_nodes_that_are_not_there() {
    let mut old = spec(0);
    old.registry = None;
    let plan = plan(&spec(0), &[registry(Running, Some(&old))], false, false).unwrap();
    assert_eq!(verbs(&plan), "create replace");
}

#[test]
fn the_first_of_several_servers_is_never_made_beside_the_others() {
    let mut wanted = spec(0);
    wanted.servers = 3;
    let others = ["k3d-x-server-1", "k3d-x-server-2"]
        .map(|name| container(name, Role::Server, Running, Some(&wanted)));
    let Err(error) = plan(&wanted, &others, false, false) else {
        panic!("it was not refused")
    };
    assert!(error.to_string().contains("k3d-x-server-0 is missing"), "{error}");
}
