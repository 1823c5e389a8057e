//! `ratectl doctor`: what is wrong with this machine, its engine and its cluster, and what repairs it.

mod page;

use std::time::Instant;

use platform::cluster::Spec;
use platform::cluster::spec::Overrides;
use platform::doctor::{self, Examination, Finding, Question, Verdict};
use platform::event::millis;
use serde::Serialize;

use crate::{
    app::Global,
    commands::{cluster::Reach, with_runtime},
    error::Error,
    exit::Exit,
    project,
    ui::Ui,
};

/// Find out what is wrong with this machine, its Docker engine and its cluster
///
/// Looks at everything a cluster depends on, side by side, and says for each finding what repairs it. Exits with 0 when
/// there is no error, with 1 when there is one, and with 4 when no engine answers.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The cluster [default: that of the project, or `localdevcluster`]
    #[arg(value_name = "NAME")]
    name: Option<String>,

    #[command(flatten)]
    reach: Reach,

    /// Exit with 1 for warnings too
    #[arg(long)]
    strict: bool,
}

/// How often each verdict was given.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
struct Summary {
    ok: usize,
    warnings: usize,
    errors: usize,
    skipped: usize,
}

/// One line of the JSON output.
#[derive(Serialize)]
#[serde(tag = "type", rename_all = "kebab-case")]
enum Line<'a> {
    Finding(&'a Finding),
    #[serde(rename_all = "camelCase")]
    Summary {
        #[serde(flatten)]
        summary: Summary,
        after_ms: u64,
    },
}

/// Prints the findings; one JSON object a finding and one for the summary with `-o json`.
pub(crate) fn run(ui: &Ui, args: Args, global: &Global) -> Result<Exit, Error> {
    let question = Question {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        docker_host: args.reach.docker_host.clone(),
        kubeconfig: args.reach.kubeconfig(&global.base()?),
        spec: wanted(args.name, global)?,
    };
    let began = Instant::now();
    let found = with_runtime(async { Ok(doctor::examine(&question).await) })?;
    let summary = Summary::of(&found.findings);
    let mut lines: Vec<Line<'_>> = found.findings.iter().map(Line::Finding).collect();
    lines.push(Line::Summary {
        summary,
        after_ms: millis(began.elapsed()),
    });
    ui.listing(&lines, |paint| page::text(&found.findings, paint))?;
    ui.status(page::closing(summary, began.elapsed()));
    Ok(exit(&found, summary, args.strict))
}

/// The cluster as it should be: that of the project, under the name that is given.
fn wanted(name: Option<String>, global: &Global) -> Result<Spec, Error> {
    let draft = project::described(global)?
        .map(|project| project.cluster)
        .unwrap_or_default();
    let overrides = Overrides {
        name,
        ..Overrides::default()
    };
    Ok(draft.spec(&overrides)?)
}

fn exit(found: &Examination, summary: Summary, strict: bool) -> Exit {
    if !found.engine_answers {
        Exit::Unreachable
    } else if summary.errors > 0 || (strict && summary.warnings > 0) {
        Exit::Failure
    } else {
        Exit::Success
    }
}

impl Summary {
    fn of(findings: &[Finding]) -> Self {
        let count = |verdict| {
            findings
                .iter()
                .filter(|finding| finding.verdict == verdict)
                .count()
        };
        Self {
            ok: count(Verdict::Ok),
            warnings: count(Verdict::Warning),
            errors: count(Verdict::Error),
            skipped: count(Verdict::Skipped),
        }
    }
}

#[cfg(test)]
mod tests {
    use test_case::test_case;

    use super::*;

    #[test_case(true, 0, 0, false => Exit::Success; "all is well")]
    #[test_case(true, 2, 0, false => Exit::Success; "warnings are allowed")]
    #[test_case(true, 2, 0, true => Exit::Failure; "unless they are not")]
    #[test_case(true, 0, 1, false => Exit::Failure; "an error")]
    #[test_case(false, 0, 3, false => Exit::Unreachable; "no engine")]
    fn code(engine_answers: bool, warnings: usize, errors: usize, strict: bool) -> Exit {
        let found = Examination {
            findings: Vec::new(),
            engine_answers,
        };
        let summary = Summary {
            warnings,
            errors,
            ..Summary::default()
        };
        exit(&found, summary, strict)
    }
}
