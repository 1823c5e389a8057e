//! Things that can be done with what is selected.

/// Something that can be done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Item {
    /// Stop the delivery of a consumer until it is resumed.
    Pause(Target),
    /// Go on with it.
    Resume(Target),
    /// Delete a consumer.
    DeleteConsumer(Target),
    /// Delete all messages of a stream.
    Purge {
        /// The account's stream.
        stream: String,
        /// Messages that are in it.
        messages: u64,
    },
    /// Send messages that no worker could serve to where they came from.
    SendAgain {
        /// The stream of dead letters.
        stream: String,
        /// Messages that are in it.
        messages: u64,
        /// Those that are meant, once they have been looked at.
        sequences: Vec<u64>,
    },
    /// Replace the pods of a component.
    Restart(String),
    /// Give a workload of a component another number of pods.
    Scale {
        /// The component.
        component: String,
        /// What has the pods.
        workload: Workload,
        /// Pods that there are.
        from: u32,
        /// Pods that there are to be.
        to: u32,
    },
    /// Make a component's port one of this machine.
    Forward(String),
    /// No longer.
    EndForward(String),
    /// Show what is logged.
    Logs(Logs),
}

/// A consumer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Target {
    /// Its stream.
    pub(crate) stream: String,
    /// Its name.
    pub(crate) consumer: String,
}

/// A Deployment or `StatefulSet`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Workload {
    /// Its kind.
    pub(crate) kind: String,
    /// Where it is.
    pub(crate) namespace: String,
    /// Its name.
    pub(crate) name: String,
}

/// Whose logs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Logs {
    /// The component.
    pub(crate) component: String,
    /// Of its pods this one.
    pub(crate) pod: String,
    /// Those of the containers before the ones that run.
    pub(crate) previous: bool,
}

/// The most pods that a key press asks for.
const MOST_PODS: u32 = 99;

impl Item {
    /// What it does and to what, as a question without its mark.
    pub(crate) fn words(&self) -> String {
        match self {
            Item::Pause(target) => format!("Pause consumer {target}"),
            Item::Resume(target) => format!("Resume consumer {target}"),
            Item::DeleteConsumer(target) => {
                format!("Delete consumer {target}, with what it knows of acknowledgements")
            }
            Item::Purge { stream, messages } => {
                format!("Purge stream {stream}: delete its {messages} messages")
            }
            Item::SendAgain {
                stream,
                messages,
                sequences,
            } => match sequences.len() {
                0 => format!("Send messages of {stream} ({messages}) again to where they came from"),
                count => format!("Send {count} messages of {stream} again to where they came from"),
            },
            Item::Restart(component) => format!("Restart component {component}: replace its pods"),
            Item::Scale {
                component,
                workload,
                from,
                to,
            } => format!("Scale component {component} from {from} to {to} pods: {workload}"),
            Item::Forward(component) => format!("Forward a port of this machine to component {component}"),
            Item::EndForward(url) => format!("End the forward {url}"),
            Item::Logs(logs) => logs.to_string(),
        }
    }

    /// Whether it is done only when somebody has said again that it is meant. What only shows something is not.
    pub(super) fn asks(&self) -> bool {
        !matches!(self, Item::Logs(_) | Item::EndForward(_))
    }

    /// Whether what it would do is looked up before it is asked about.
    pub(super) fn is_previewed(&self) -> bool {
        matches!(self, Item::SendAgain { .. })
    }

    /// Whether it changes the system: a protected profile has to be confirmed for that.
    pub(crate) fn changes(&self) -> bool {
        !matches!(self, Item::Logs(_) | Item::Forward(_) | Item::EndForward(_))
    }

    /// Another number, where it has one.
    pub(super) fn step(&mut self, by: i32) {
        if let Item::Scale { to, .. } = self {
            *to = to.saturating_add_signed(by).clamp(1, MOST_PODS);
        }
    }
}

impl std::fmt::Display for Target {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "{}/{}", self.stream, self.consumer)
    }
}

impl std::fmt::Display for Workload {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "{} {}/{}", self.kind, self.namespace, self.name)
    }
}

impl std::fmt::Display for Logs {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let before = if self.previous {
            ", of the containers before"
        } else {
            ""
        };
        write!(formatter, "Logs of pod {}{before}", self.pod)
    }
}
