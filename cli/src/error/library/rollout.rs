//! Rollouts that did not get done: what is wrong, what shows it, what to run next.

use platform::rollout::{self, Diagnosis};
use serde_json::json;

use crate::{
    error::{Error, Finding},
    exit::Exit,
};

impl From<rollout::Error> for Error {
    fn from(error: rollout::Error) -> Self {
        use rollout::Error as E;
        let (exit, hint) = match &error {
            E::Failed { .. } => (Exit::Rollout, None),
            E::TimedOut { .. } => (
                Exit::TimedOut,
                Some(
                    "`--timeout` gives it longer; what was applied stays, and the next deploy goes on from it",
                ),
            ),
            E::Watch { .. } => (Exit::Unreachable, None),
            E::Cancelled => (Exit::Interrupted, None),
        };
        let mapped = explained(Error::new(exit, error.to_string()), error.diagnoses());
        match hint {
            Some(hint) => mapped.hint(hint),
            None => mapped,
        }
    }
}

/// The error with what is wrong: for people below its message, for programs as `diagnoses`.
pub(crate) fn explained(error: Error, diagnoses: &[Diagnosis]) -> Error {
    if diagnoses.is_empty() {
        return error;
    }
    let finding = |diagnosis: &Diagnosis| Finding {
        cause: format!("{}: {}", diagnosis.subject, diagnosis.cause),
        evidence: diagnosis.evidence.clone(),
        next: diagnosis.next.clone(),
    };
    let error = diagnoses.iter().map(finding).fold(error, Error::finding);
    error.detail("diagnoses", json!(diagnoses))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use platform::rollout::Kind;

    use super::*;

    fn diagnoses() -> Vec<Diagnosis> {
        vec![Diagnosis {
            subject: "Deployment rating/proxy".to_owned(),
            kind: Kind::Crash,
            cause: "pod proxy-1, container app: ended with exit code 3 after 3 restarts".to_owned(),
            evidence: vec!["log: cannot open database".to_owned()],
            next: "kubectl --context k3d-dev --namespace rating logs proxy-1 --container app --previous"
                .to_owned(),
        }]
    }

    #[test]
    fn a_failed_rollout_is_told_with_its_cause_what_shows_it_and_a_command() {
        let component = "proxy".to_owned();
        let error = Error::from(rollout::Error::Failed {
            component,
            diagnoses: diagnoses(),
        });
        insta::assert_snapshot!(crate::ui::shown(&error));
        insta::assert_snapshot!(format!("{:#}", error.to_json()));
        assert_eq!(error.exit(), Exit::Rollout);
    }

    #[test]
    fn a_time_out_tells_the_same_under_another_code() {
        let error = Error::from(rollout::Error::TimedOut {
            component: "proxy".to_owned(),
            limit: Duration::from_mins(5),
            diagnoses: diagnoses(),
        });
        insta::assert_snapshot!(crate::ui::shown(&error));
        assert_eq!(error.exit(), Exit::TimedOut);
    }

    #[test]
    fn what_was_cancelled_is_an_interruption() {
        assert_eq!(Error::from(rollout::Error::Cancelled).exit(), Exit::Interrupted);
    }
}
