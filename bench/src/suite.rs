//! The order of everything: (a) and (b) in turns, (c), then the proxy's memory.

use std::io::Write as _;

use testbed::nats::Server;

use crate::Error;
use crate::accounting::Process;
use crate::feed;
use crate::growth;
use crate::host::Host;
use crate::http::{self, Workload};
use crate::load::{Load, Target};
use crate::measure::{Round, measure, median};
use crate::plan::Plan;
use crate::rating::{Reads, Rows, Writes};
use crate::report::{Comparison, LATENCY_BAR, Report, Row, THROUGHPUT_BAR};
use crate::sample::Sample;
use crate::stack::{Stack, Worker};
use crate::transport::Transport;

const TRANSPORT: &str = "(a) transport alone";
const ECHO: &str = "(b) proxy + echo worker";
const READS: &str = "(c) proxy + rating, reads";
const WRITES: &str = "(c) proxy + rating, writes";

/// (a) has one requester thread with one connection, and so many worker threads with one each: the fastest of what was
/// tried on four cores.
const fn transport_workers(load: Load) -> usize {
    if load.callers == 1 { 1 } else { 2 }
}

/// What is measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Parts {
    /// All there is.
    All,
    /// The live feed alone.
    Feed,
}

/// Runs everything, or a part.
///
/// # Errors
///
/// When something cannot be started or measured; a missed bar is no error.
pub fn run(plan: Plan, parts: Parts, command: String) -> Result<Report, Error> {
    let host = Host::look()?;
    let runtime = tokio::runtime::Runtime::new().map_err(Error::Runtime)?;
    let mut report = Report {
        command,
        host,
        plan,
        rows: Vec::new(),
        comparisons: Vec::new(),
        growths: Vec::new(),
        feeds: Vec::new(),
    };
    if parts == Parts::Feed {
        feed(&mut report, &runtime)?;
        return Ok(report);
    }
    let mut echo = runtime.block_on(Stack::start(Worker::Echo))?;
    let server = Server::start()?;
    runtime.block_on(server.apply_repository())?;
    in_turns(&mut report, &server, &echo)?;
    ratings(&mut report, &runtime)?;
    say(&format!(
        "memory of the proxy over {} requests",
        plan.growth_requests
    ));
    report
        .growths
        .push(growth::answered(&echo, plan.growth_requests)?);
    say(&format!(
        "memory of the proxy over {} time-outs",
        plan.growth_time_outs
    ));
    report
        .growths
        .push(growth::unanswered(&mut echo, plan.growth_time_outs)?);
    feed(&mut report, &runtime)?;
    Ok(report)
}

/// The live feed, on a system of its own.
fn feed(report: &mut Report, runtime: &tokio::runtime::Runtime) -> Result<(), Error> {
    let load = report.plan.feed;
    say(&format!(
        "the live feed: {} clients, {} events a second for {:?}",
        load.clients, load.per_second, load.time
    ));
    let measured = runtime.block_on(async {
        let stack = Stack::start(Worker::Echo).await?;
        feed::measure(&stack, load).await
    });
    report.feeds.push(measured?);
    Ok(())
}

/// (a) and (b), one load after the other on each, so that whatever else the machine does meets both alike.
fn in_turns(report: &mut Report, server: &Server, echo: &Stack) -> Result<(), Error> {
    let alone = [
        Process {
            name: "nats-server",
            pid: server.pid(),
        },
        Process::own("both sides"),
    ];
    let proxy = http::Server {
        address: echo.address,
        workload: || Sample,
    };
    let (mut limits, mut measured) = (Table::new(TRANSPORT), Table::new(ECHO));
    for round in 1..=report.plan.rounds {
        for (name, load) in report.plan.loads() {
            say(&format!(
                "round {round} of {}, load {name}: {TRANSPORT}, {ECHO}",
                report.plan.rounds
            ));
            let transport = Transport::start(&server.url(), transport_workers(load))?;
            limits.measure(name, load, &transport, &alone)?;
            transport.stop()?;
            measured.measure(name, load, &proxy, &echo.processes())?;
        }
    }
    report.comparisons = vec![
        compare(
            "(b)/(a) requests a second at 64 connections",
            measured
                .of("64", |round| round.per_second)
                .zip(limits.of("64", |round| round.per_second)),
            &format!("at least {THROUGHPUT_BAR}"),
            |ratio| ratio >= THROUGHPUT_BAR,
        ),
        compare(
            "(b)/(a) median latency at 1 connection",
            measured
                .of("1", |round| round.p50_us)
                .zip(limits.of("1", |round| round.p50_us)),
            &format!("at most {LATENCY_BAR}"),
            |ratio| ratio <= LATENCY_BAR,
        ),
    ];
    report.rows.extend(limits.rows());
    report.rows.extend(measured.rows());
    Ok(())
}

/// (c): the same loads on the rating service.
fn ratings(report: &mut Report, runtime: &tokio::runtime::Runtime) -> Result<(), Error> {
    let stack = runtime.block_on(Stack::start(Worker::Rating))?;
    say("creating users, services and ratings");
    let rows = runtime.block_on(Rows::create(stack.address))?;
    let (mut reads, mut writes) = (Table::new(READS), Table::new(WRITES));
    for round in 1..=report.plan.rounds {
        for (name, load) in report.plan.loads() {
            say(&format!(
                "round {round} of {}, load {name}: {READS}, {WRITES}",
                report.plan.rounds
            ));
            let processes = stack.processes();
            reads.measure(name, load, &target(&stack, || Reads::new(&rows)), &processes)?;
            writes.measure(name, load, &target(&stack, || Writes::new(&rows)), &processes)?;
        }
    }
    report.rows.extend(reads.rows());
    report.rows.extend(writes.rows());
    Ok(())
}

fn target<W: Workload, F: Fn() -> W>(stack: &Stack, workload: F) -> http::Server<F> {
    http::Server {
        address: stack.address,
        workload,
    }
}

/// The rounds of one system, by load.
struct Table {
    system: &'static str,
    loads: Vec<(&'static str, Vec<Round>)>,
}

impl Table {
    fn new(system: &'static str) -> Self {
        Self {
            system,
            loads: Vec::new(),
        }
    }

    fn measure<T: Target>(
        &mut self,
        name: &'static str,
        load: Load,
        target: &T,
        processes: &[Process],
    ) -> Result<(), Error> {
        let round = measure(target, processes, load)?;
        match self.loads.iter_mut().find(|(known, _)| *known == name) {
            Some((_, rounds)) => rounds.push(round),
            None => self.loads.push((name, vec![round])),
        }
        Ok(())
    }

    /// One figure of every round of a load.
    fn of(&self, name: &str, figure: impl Fn(&Round) -> f64) -> impl Iterator<Item = f64> {
        let rounds = self
            .loads
            .iter()
            .find(|(known, _)| *known == name)
            .map(|(_, rounds)| rounds);
        rounds.into_iter().flatten().map(figure)
    }

    fn rows(self) -> impl Iterator<Item = Row> {
        self.loads
            .into_iter()
            .map(move |(load, rounds)| Row::new(self.system, load, rounds))
    }
}

fn compare(
    what: &'static str,
    pairs: impl Iterator<Item = (f64, f64)>,
    bar: &str,
    is_reached: impl Fn(f64) -> bool,
) -> Comparison {
    let rounds: Vec<f64> = pairs.map(|(measured, limit)| measured / limit).collect();
    let ratio = median(rounds.iter().copied());
    Comparison {
        what,
        rounds,
        ratio,
        bar: bar.to_owned(),
        reached: is_reached(ratio),
    }
}

/// Tells whoever waits what is being done; the result goes to standard output.
fn say(what: &str) {
    // Nobody may be listening any more, which is no reason to stop.
    writeln!(std::io::stderr(), "{what}").ok();
}
