use test_case::test_case;

use super::*;

fn component(name: &str, needs: &[&str]) -> Component {
    Component {
        name: name.to_owned(),
        deployment: Some(Deployment {
            needs: needs.iter().map(|&need| need.to_owned()).collect(),
            manages_streams: name == "nack",
            ..Deployment::default()
        }),
        ..Component::default()
    }
}

fn project() -> Project {
    let mut proxy = component("proxy", &["streams"]);
    proxy.aliases = vec!["http-to-nats-proxy".to_owned()];
    Project {
        components: vec![
            proxy,
            component("nack", &["nats"]),
            component("streams", &["nack"]),
            component("nats", &[]),
            component("database", &[]),
            Component {
                name: "local".to_owned(),
                ..Component::default()
            },
        ],
        ..Project::default()
    }
}

fn planned(names: &[&str], streams_by: StreamsBy, there: &[&str]) -> Result<String, PlanError> {
    let project = project();
    let names: Vec<String> = names.iter().map(|&name| name.to_owned()).collect();
    let plan = Plan::of(&project, streams_by, &names, |name| there.contains(&name))?;
    let parts = plan.ordered().into_iter().map(|part| {
        let needs: Vec<_> = part.needs.iter().copied().collect();
        let mark = if part.asked { "" } else { "+" };
        format!("{mark}{}<{}>", part.name, needs.join(","))
    });
    let idle = plan.idle.iter().map(|(name, _)| format!("({name})"));
    Ok(parts.chain(idle).collect::<Vec<_>>().join(" "))
}

const NACK: StreamsBy = StreamsBy::Nack;
const RATECTL: StreamsBy = StreamsBy::Ratectl;

#[test_case(&["all"], NACK, &[] => "nats<> nack<nats> streams<nack> proxy<streams> database<>"; "all of them by their needs")]
#[test_case(&[], RATECTL, &[] => "nats<> streams<nats> proxy<streams> database<>"; "without the controller where ratectl makes the streams")]
#[test_case(&["proxy"], NACK, &[] => "+nats<> +nack<nats> +streams<nack> proxy<streams>"; "missing needs, and theirs")]
#[test_case(&["proxy"], NACK, &["streams"] => "proxy<>"; "needs that are there are left alone")]
#[test_case(&["http-to-nats-proxy"], NACK, &["streams"] => "proxy<>"; "an alias")]
#[test_case(&["proxy", "streams"], NACK, &["nack", "nats"] => "streams<> proxy<streams>"; "an order among those that were asked for")]
#[test_case(&["nack"], RATECTL, &[] => "(nack)"; "the controller by name where it has no job")]
#[test_case(&["database", "all"], RATECTL, &["nats"] => "nats<> streams<nats> proxy<streams> database<>"; "all and one")]
fn plan(names: &[&str], streams_by: StreamsBy, there: &[&str]) -> String {
    planned(names, streams_by, there).unwrap()
}

#[test]
fn a_name_that_is_none_is_told_with_those_that_are() {
    let error = planned(&["prox"], NACK, &[]).unwrap_err();
    assert_eq!(
        error.to_string(),
        "there is no component 'prox' in the project; did you mean 'proxy'?"
    );
}

#[test]
fn a_component_without_manifests_cannot_be_deployed() {
    let error = planned(&["local"], NACK, &[]).unwrap_err();
    assert_eq!(error.to_string(), "component 'local' has no manifests");
}

#[test]
fn what_waits_for_a_component_is_told_through_others_too() {
    let project = project();
    let plan = Plan::of(&project, NACK, &[], |_| false).unwrap();
    let dependents = |name| plan.dependents(name).into_iter().collect::<Vec<_>>();
    assert_eq!(dependents("nats"), ["nack", "proxy", "streams"]);
    assert_eq!(dependents("database"), [""; 0]);
}
