//! Services and pods: counters become rates, instances add up, who is gone is gone, and what they work on knows it.

use std::collections::BTreeMap;

use snapshot::judge::{Severity, State as Is};
use snapshot::latency::Histogram;
use snapshot::report::{LinkKind, Report, RouteSide, WorkerState};
use snapshot::sample::{
    Body, EndpointSample, Event, KubernetesEventSample, KubernetesEventsSample, PodMetricsSample, PodSample,
    PodUsage, PodsSample, RouteData, ServiceData, ServiceSample, ServicesSample, StreamConsumer,
};
use snapshot::{Settings, State, update};

use crate::lab::Lab;
use crate::schema::faults;
use crate::simulator::{Does, MS, Simulator};

/// An instance that has had so many requests, each of which took so many milliseconds.
fn instance(service: &str, id: &str, requests: u64, failed: u64, took_ms: u64) -> ServiceSample {
    let mut hist = Histogram::default();
    for _ in 0..requests + failed {
        hist.record(took_ms * 1_000_000);
    }
    let route = RouteData {
        subject: Some("orders.new".to_owned()),
        ok: requests,
        err: BTreeMap::from([("timeout".to_owned(), failed)]),
        inflight: Some(2),
        hist: hist.write(),
        phases: BTreeMap::from([("queue".to_owned(), hist.write())]),
    };
    let data = ServiceData {
        v: 1,
        unit: "ns".to_owned(),
        pod: Some(format!("{service}-{id}")),
        routes: BTreeMap::from([("post.orders".to_owned(), route)]),
        ..ServiceData::default()
    };
    let endpoint = EndpointSample {
        name: "_worker".to_owned(),
        data: Some(data),
        ..EndpointSample::default()
    };
    ServiceSample {
        name: service.to_owned(),
        id: id.to_owned(),
        version: "1.0.0".to_owned(),
        started_ns: Some(1),
        endpoints: vec![endpoint],
        ..ServiceSample::default()
    }
}

fn worker(id: &str) -> ServiceSample {
    let mut sample = instance("billing-service", id, 0, 0, 1);
    let consumed = StreamConsumer {
        stream: "ORDERS".to_owned(),
        consumer: "billing".to_owned(),
    };
    sample.endpoints[0].data.as_mut().unwrap().consumes = vec![consumed];
    sample
}

fn poll(state: &mut State, at: i64, services: Vec<ServiceSample>) {
    update(
        state,
        Event {
            at,
            body: Body::Services(ServicesSample {
                services,
                interval_ms: 2_000,
            }),
        },
    );
}

fn polled(polls: Vec<(i64, Vec<ServiceSample>)>) -> Report {
    let mut state = State::new(Settings::default());
    let last = polls.last().unwrap().0;
    for (at, services) in polls {
        poll(&mut state, at, services);
    }
    state.report(last)
}

#[test]
fn routes_add_up_over_instances_before_percentiles() {
    let report = polled(vec![
        (
            0,
            vec![
                instance("proxy", "a", 10, 0, 5),
                instance("proxy", "b", 1_000, 0, 5),
            ],
        ),
        (
            2_000,
            vec![
                instance("proxy", "a", 910, 0, 5),
                instance("proxy", "b", 1_000, 100, 5),
            ],
        ),
    ]);
    let route = &report.routes[0];
    assert_eq!(
        (route.side, route.instances, route.inflight),
        (RouteSide::Proxy, 2, Some(4))
    );
    assert!((route.requests_per_s.unwrap() - 500.0).abs() < 1e-9);
    assert!((route.error_share.unwrap() - 0.1).abs() < 1e-9);
    assert_eq!(route.severity, Severity::Warn);
    let p99 = route.p99_ms.unwrap();
    assert!((4.0..=6.3).contains(&p99), "{p99}");
    assert_eq!(route.phases[0].phase, "queue");
    assert_eq!(faults(&report), Vec::<String>::new());
}

#[test]
fn one_slow_instance_shows_in_the_percentile_of_all() {
    let slow = |requests| {
        vec![
            instance("proxy", "a", 90, 0, 1),
            instance("proxy", "b", requests, 0, 1_000),
        ]
    };
    let mut fresh = slow(10);
    fresh[0] = instance("proxy", "a", 180, 0, 1);
    let report = polled(vec![(0, slow(0)), (2_000, fresh)]);
    assert!(report.routes[0].p50_ms.unwrap() < 2.0);
    assert!(report.routes[0].p99_ms.unwrap() > 700.0);
}

#[test]
fn an_instance_that_began_anew_has_no_past() {
    let mut restarted = instance("proxy", "a", 5, 0, 5);
    restarted.started_ns = Some(2);
    let report = polled(vec![
        (0, vec![instance("proxy", "a", 1_000, 0, 5)]),
        (2_000, vec![restarted]),
    ]);
    assert_eq!(report.workers[0].requests_per_s, None);
}

#[test]
fn a_pull_worker_is_measured_by_its_routes() {
    let report = polled(vec![
        (0, vec![instance("worker", "a", 0, 0, 10)]),
        (2_000, vec![instance("worker", "a", 100, 0, 10)]),
    ]);
    let row = &report.workers[0];
    assert!((row.requests_per_s.unwrap() - 50.0).abs() < 1e-9);
    assert!(
        (row.average_ms.unwrap() - 10.0).abs() < 1.5,
        "{:?}",
        row.average_ms
    );
    assert!(
        (row.busy_share.unwrap() - 0.5).abs() < 0.08,
        "{:?}",
        row.busy_share
    );
}

#[test]
fn who_misses_two_polls_is_gone_not_zero() {
    let state = |polls: i64| {
        let mut all = vec![(0, vec![instance("proxy", "a", 1, 0, 1)])];
        all.extend((1..=polls).map(|poll| (poll * 2_000, Vec::new())));
        polled(all).workers[0].state
    };
    assert_eq!(
        [state(0), state(1), state(2)],
        [WorkerState::Up, WorkerState::Late, WorkerState::Gone]
    );
}

#[test]
fn a_consumer_whose_workers_are_gone_has_none_at_once() {
    let mut lab = Lab::new(Simulator::new());
    lab.run(20);
    let at = lab.clock();
    poll(&mut lab.state, at, vec![worker("w1")]);
    lab.poll();
    assert_eq!(lab.row().workers, ["billing-service/w1"]);
    lab.world.kill();
    for _ in 0..2 {
        let at = lab.clock();
        poll(&mut lab.state, at, Vec::new());
        lab.poll();
    }
    assert!(
        lab.until(4, |lab| lab.is(Is::NoConsumer)).is_some(),
        "{:?}",
        lab.row().reason
    );
    assert!(lab.row().reason.ends_with("its workers are gone"));
    let cause = &lab.report().causes[0];
    assert_eq!(cause.links.last().unwrap().kind, LinkKind::Worker);
}

#[test]
fn messages_that_gone_workers_have_taken_are_not_well() {
    let mut lab = Lab::new(Simulator::new());
    (lab.world.publish_per_s, lab.world.does) = (0.0, Does::Nothing);
    lab.run(20);
    let at = lab.clock();
    poll(&mut lab.state, at, vec![worker("w1")]);
    lab.world.publish(4);
    lab.poll();
    assert!(!lab.is(Is::NoConsumer));
    lab.world.kill();
    for _ in 0..3 {
        let at = lab.clock();
        poll(&mut lab.state, at, Vec::new());
        lab.poll();
    }
    assert!(lab.is(Is::NoConsumer), "{:?}", lab.row());
    assert_eq!(
        lab.row().reason,
        "4 messages are out, and the workers that have them are gone"
    );
}

#[test]
fn a_worker_that_answers_is_busy_not_gone() {
    let mut lab = Lab::new(Simulator::new());
    lab.run(20);
    // All slots hang on something: nobody asks, nothing is acknowledged.
    lab.world.takes = 25_000 * MS;
    for _ in 0..12 {
        let at = lab.clock();
        poll(&mut lab.state, at, vec![worker("w1")]);
        lab.poll();
        assert_ne!(lab.row().state, Is::NoConsumer, "{:?}", lab.row().reason);
    }
}

fn pod(status: &str, ready: u32, restarts: u64) -> PodSample {
    PodSample {
        namespace: "rating".to_owned(),
        name: "billing-service-w1".to_owned(),
        uid: "1".to_owned(),
        status: status.to_owned(),
        containers: 1,
        containers_ready: ready,
        restarts,
        created_ms: Some(0),
        component: Some("billing".to_owned()),
        ..PodSample::default()
    }
}

fn pods(state: &mut State, at: i64, pod: PodSample) {
    update(
        state,
        Event {
            at,
            body: Body::Pods(PodsSample {
                pods: vec![pod],
                ..PodsSample::default()
            }),
        },
    );
}

#[test]
fn pods_are_judged_by_what_kubectl_shows() {
    let judged = |status, ready, at| {
        let mut state = State::new(Settings::default());
        pods(&mut state, at, pod(status, ready, 0));
        state.report(at).pods[0].severity
    };
    assert_eq!(judged("Running", 1, 1_000), Severity::Ok);
    assert_eq!(judged("CrashLoopBackOff", 0, 1_000), Severity::Crit);
    assert_eq!(judged("Init:ErrImagePull", 0, 1_000), Severity::Crit);
    assert_eq!(judged("ContainerCreating", 0, 1_000), Severity::Info);
    assert_eq!(judged("Pending", 0, 100_000), Severity::Warn);
    assert_eq!(judged("Completed", 0, 100_000), Severity::Ok);
}

#[test]
fn restarts_are_told_for_ten_minutes() {
    let mut state = State::new(Settings::default());
    pods(&mut state, 0, pod("Running", 1, 3));
    assert_eq!(state.report(0).pods[0].restarts_10_min, 0);
    let mut restarted = pod("Running", 1, 5);
    restarted.last_reason = Some("OOMKilled".to_owned());
    pods(&mut state, 60_000, restarted);
    let row = &state.report(60_000).pods[0];
    assert_eq!((row.restarts_10_min, row.severity), (2, Severity::Warn));
    assert_eq!(
        row.reason.as_deref(),
        Some("restarted 2 times in 10 m 0 s: OOMKilled")
    );
    assert_eq!(
        row.command.as_deref(),
        Some("kubectl -n rating logs billing-service-w1 --all-containers --previous")
    );
    assert_eq!(state.report(700_000).pods[0].restarts_10_min, 0);
}

#[test]
fn use_is_shown_beside_what_is_asked_for() {
    let mut state = State::new(Settings::default());
    let mut asks = pod("Running", 1, 0);
    asks.resources.memory_limit_bytes = Some(1_000);
    pods(&mut state, 0, asks);
    let usage = PodUsage {
        namespace: "rating".to_owned(),
        name: "billing-service-w1".to_owned(),
        cpu_millicores: 20,
        memory_bytes: 950,
    };
    update(
        &mut state,
        Event {
            at: 1,
            body: Body::PodMetrics(PodMetricsSample { pods: vec![usage] }),
        },
    );
    let row = &state.report(1).pods[0];
    assert_eq!((row.cpu_millicores, row.cpu_limit_share), (Some(20), None));
    assert!((row.memory_limit_share.unwrap() - 0.95).abs() < 1e-9);
    assert_eq!(row.severity, Severity::Warn);
}

#[test]
fn equal_events_close_together_are_one() {
    let mut state = State::new(Settings::default());
    for at in 0..5_000 {
        let event = KubernetesEventSample {
            namespace: "rating".to_owned(),
            name: format!("pod-{}", at % 2),
            reason: "BackOff".to_owned(),
            message: format!("back-off {at}"),
            warning: true,
            ..KubernetesEventSample::default()
        };
        update(
            &mut state,
            Event {
                at,
                body: Body::KubernetesEvents(KubernetesEventsSample { events: vec![event] }),
            },
        );
    }
    let events = state.report(5_000).events;
    assert_eq!(events.len(), 2);
    assert_eq!(
        (events[0].count, events[0].text.as_str()),
        (2_500, " BackOff: back-off 4999")
    );
}
