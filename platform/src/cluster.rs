//! Clusters: Kubernetes nodes in containers of a Docker engine, under k3d's names and labels.
//!
//! Nothing about a cluster is kept but what the engine has, marked with labels from its birth, and the entries in the kubeconfig. So
//! every operation begins by looking ([`find()`]) and makes right what is not, whatever happened before.

pub(crate) mod access;
mod compare;
mod container;
mod context;
mod create;
mod delete;
mod diagnosis;
mod entrypoint;
mod error;
mod found;
mod free_port;
mod holder;
pub mod k3d_file;
pub mod labels;
mod lock;
mod maker;
mod network;
mod node;
pub(crate) mod places;
mod plan;
mod ready;
pub mod registries;
mod registry;
mod report;
mod rollback;
mod setup;
pub mod spec;
mod start;
mod steps;
mod stop;
mod token;
mod volume;
mod watch;

pub use create::create;
pub use delete::delete;
pub use error::{Difference, Error, Source};
pub use found::{Container, Found, Published, Role, State, find, list};
pub use holder::Holder;
pub use maker::Maker;
pub use report::{Deleted, Kept, RegistryNames, Stopped, Summary, Usable};
pub use setup::{CreateOptions, DeleteOptions, Setup, StartOptions, StopOptions};
pub use spec::{Name, Spec};
pub use start::start;
pub use stop::stop;

/// The cluster that an operation is about, which has to be there.
async fn find_or_fail(cx: &context::Context<'_>) -> Result<Found, Error> {
    let look = async { Ok(found::clusters(found::containers(cx.engine()).await?)) };
    let clusters = cx.steps.unless_cancelled(look).await?;
    let mut others = Vec::new();
    for found in clusters {
        if found.name == cx.name.as_str() {
            return Ok(found);
        }
        others.push(found.name);
    }
    Err(Error::NotFound {
        name: cx.name.clone(),
        others,
    })
}
