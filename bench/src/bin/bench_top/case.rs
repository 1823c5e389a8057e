//! What is measured.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use crate::api_server::ApiServer;
use crate::error::Error;
use crate::flood::Flood;
use crate::system::System;
use crate::table::{Figure, aimed, milliseconds, percentile, told};
use crate::top::{self, Top};

/// What every case needs.
pub(crate) struct Bench {
    /// Where servers and load live.
    pub(crate) runtime: tokio::runtime::Runtime,
    /// The program.
    pub(crate) ratectl: PathBuf,
    /// How long to measure.
    pub(crate) time: Duration,
}

type Case = fn(&Bench) -> Result<Vec<Figure>, Error>;

/// All cases and their names, in the order in which they are measured.
pub(crate) const ALL: [(&str, Case); 7] = [
    ("100 consumers, 50 pods, nothing happens", |bench| {
        cost(bench, (5, 20), 0, ("1 %", "40 MB"))
    }),
    ("2000 consumers of 50 streams, nothing happens", |bench| {
        cost(bench, (50, 40), 0, ("3 %", "80 MB"))
    }),
    ("2000 consumers of 50 streams, 500 messages/s", |bench| {
        cost(bench, (50, 40), 500, ("3 %", "80 MB"))
    }),
    ("8 streams of 1 consumer, 80 messages/s", |bench| {
        cost(bench, (8, 1), 80, ("1 %", "40 MB"))
    }),
    ("100 consumers, 5000 messages/s", keys),
    ("start, 100 consumers", |bench| starts(bench, (5, 20))),
    ("start, 2000 consumers", |bench| starts(bench, (50, 40))),
];

/// Time between the start and the measurement: what is looked at for the first time costs more.
const SETTLE: Duration = Duration::from_secs(15);
/// Pods of the cluster.
const PODS: usize = 50;
/// How often something is started.
const STARTS: usize = 10;

impl Bench {
    fn system(
        &self,
        (streams, consumers): (usize, usize),
        per_s: u64,
    ) -> Result<(System, Option<Flood>), Error> {
        self.runtime.block_on(async {
            let system = System::start(streams, consumers).await?;
            let flood = if per_s == 0 {
                None
            } else {
                Some(Flood::start(&system, per_s).await?)
            };
            Ok((system, flood))
        })
    }

    fn api_requests(&self, system: &System) -> Result<u64, Error> {
        self.runtime.block_on(system.api_requests())
    }
}

/// What is used while a person looks at the first screen.
fn cost(bench: &Bench, size: (usize, usize), per_s: u64, aims: (&str, &str)) -> Result<Vec<Figure>, Error> {
    let (system, flood) = bench.system(size, per_s)?;
    let cluster = ApiServer::start(PODS)?;
    let mut top = Top::start(&bench.ratectl, &system, Some(&cluster), "pods")?;
    top.screen.wait_for(&ApiServer::pod(0))?;
    top.screen.type_keys("1")?;
    top.screen.watch(SETTLE)?;
    let used = use_of(bench, &system, &mut top, |top| top.screen.watch(bench.time))?;
    drop(flood);
    Ok(used.figures(size, aims))
}

/// How soon a key is answered while much happens.
fn keys(bench: &Bench) -> Result<Vec<Figure>, Error> {
    let size = (5, 20);
    let (system, flood) = bench.system(size, 5000)?;
    let cluster = ApiServer::start(PODS)?;
    let mut top = Top::start(&bench.ratectl, &system, Some(&cluster), "consumers")?;
    top.screen.wait_for(&System::consumer(0))?;
    top.screen.watch(SETTLE)?;
    let mut times = Vec::new();
    let used = use_of(bench, &system, &mut top, |top| press(top, bench.time, &mut times))?;
    drop(flood);
    times.sort_unstable();
    let mut figures = vec![
        told("keys pressed", times.len().to_string()),
        told("key to frame, p50", milliseconds(percentile(&times, 50))),
        aimed(
            "key to frame, p99",
            milliseconds(percentile(&times, 99)),
            "< 50 ms",
        ),
        told("key to frame, longest", milliseconds(percentile(&times, 100))),
    ];
    figures.extend(used.figures(size, ("-", "-")));
    Ok(figures)
}

/// Goes from one screen to another and back, at times that have nothing to do with those of frames.
fn press(top: &mut Top, time: Duration, times: &mut Vec<Duration>) -> Result<(), Error> {
    let until = Instant::now() + time;
    for number in 0_u64.. {
        if Instant::now() >= until {
            break;
        }
        let (key, words) = if number % 2 == 0 {
            ("2", "%LIMIT")
        } else {
            ("3", "QUEUED")
        };
        top.screen.type_keys(key)?;
        times.push(top.screen.wait_for(words)?);
        top.screen
            .watch(Duration::from_millis(60 + number.wrapping_mul(7919) % 120))?;
    }
    Ok(())
}

/// How soon something is seen, and how long one look takes.
fn starts(bench: &Bench, size: (usize, usize)) -> Result<Vec<Figure>, Error> {
    let (system, _) = bench.system(size, 0)?;
    let cluster = ApiServer::start(PODS)?;
    let (mut firsts, mut onces) = (Vec::new(), Vec::new());
    for _ in 0..STARTS {
        let mut top = Top::start(&bench.ratectl, &system, Some(&cluster), "consumers")?;
        top.screen.wait_for("worker-")?;
        firsts.push(top.started.elapsed());
        drop(top);
        onces.push(top::once(&bench.ratectl, &system, Some(&cluster))?);
    }
    firsts.sort_unstable();
    onces.sort_unstable();
    Ok(vec![
        told(
            "until a consumer is seen, median",
            milliseconds(percentile(&firsts, 50)),
        ),
        aimed(
            "until a consumer is seen, longest",
            milliseconds(percentile(&firsts, 100)),
            "< 300 ms",
        ),
        told("--once -o json, median", milliseconds(percentile(&onces, 50))),
        aimed(
            "--once -o json, longest",
            milliseconds(percentile(&onces, 100)),
            "< 2500 ms",
        ),
    ])
}

/// What was used in a time.
struct Used {
    time: f64,
    processor: f64,
    resident: u64,
    peak: u64,
    bytes: u64,
    frames: u64,
    requests: u64,
}

fn use_of(
    bench: &Bench,
    system: &System,
    top: &mut Top,
    run: impl FnOnce(&mut Top) -> Result<(), Error>,
) -> Result<Used, Error> {
    let asked = bench.api_requests(system)?;
    let (before, begun) = (top.usage()?, Instant::now());
    let (bytes, frames) = (top.screen.bytes, top.screen.frames);
    run(top)?;
    let time = begun.elapsed().as_secs_f64();
    let after = top.usage()?;
    Ok(Used {
        time,
        processor: after.processor.saturating_sub(before.processor).as_secs_f64(),
        resident: after.resident,
        peak: after.peak,
        bytes: top.screen.bytes - bytes,
        frames: top.screen.frames - frames,
        requests: bench.api_requests(system)? - asked,
    })
}

impl Used {
    fn figures(&self, (streams, consumers): (usize, usize), aims: (&str, &str)) -> Vec<Figure> {
        let number = |number: u64| f64::from(u32::try_from(number).unwrap_or(u32::MAX));
        let megabytes = |bytes: u64| format!("{:.1} MB", number(bytes / 1000) / 1000.0);
        let per_s = |count: u64| format!("{:.2}/s", number(count) / self.time);
        let aim = |aim: &str| {
            if aim == "-" {
                aim.to_owned()
            } else {
                format!("< {aim}")
            }
        };
        let allowed = (streams * consumers).div_ceil(256);
        vec![
            aimed(
                "processor, of a core",
                format!("{:.2} %", self.processor / self.time * 100.0),
                aim(aims.0),
            ),
            aimed("memory", megabytes(self.resident), aim(aims.1)),
            told("memory, at most so far", megabytes(self.peak)),
            aimed(
                "JetStream API requests, as the server counts",
                per_s(self.requests),
                format!("<= {allowed}/s"),
            ),
            told("written to the terminal", per_s(self.bytes).replace("/s", " B/s")),
            told("frames", per_s(self.frames)),
        ]
    }
}
