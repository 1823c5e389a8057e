//! Which NATS server, and what should be on it.

use contract::definition::Definitions;
use platform::{
    deploy::{self, Connected},
    project::{Project, deployment::StreamsBy},
    streams::JetStream,
};
use tokio_util::sync::CancellationToken;

use crate::{
    app::Global,
    commands::{
        place::{Place, Site},
        system,
    },
    error::Error,
    project, session,
    ui::Ui,
};

/// Which server.
#[derive(Debug, clap::Args)]
pub(super) struct Server {
    /// The NATS server [default: the one of this project's running `ratectl dev`, or else that in the cluster of the profile]
    #[arg(long, value_name = "URL", env = "NATS_URL", hide_env_values = true)]
    nats: Option<String>,

    #[command(flatten)]
    place: Place,
}

/// The way to a server. Nothing has been sent yet.
pub(super) enum Way {
    /// By its address.
    Address(String),
    /// Through the cluster of a profile.
    Profile(Box<Site>),
}

/// A connection that lasts as long as this.
pub(super) struct Reached {
    connection: Connection,
    /// Where the server is, in words: `at nats://…`, `in profile dev`.
    pub(super) place: String,
    /// What should be on it, if that was asked for.
    pub(super) definitions: Definitions,
    /// Who makes streams and consumers there, where that is known.
    pub(super) maker: Option<StreamsBy>,
}

enum Connection {
    Direct(JetStream),
    Forwarded(Connected),
}

impl Server {
    /// The server of the profile that is named on the command line, or the one of the address, or of the running `ratectl dev`, or of the
    /// profile that is meant.
    pub(super) fn way(&self, global: &Global) -> Result<Way, Error> {
        if !self.place.is_named() {
            if let Some(url) = self.nats.as_ref().filter(|url| !url.is_empty()) {
                return Ok(Way::Address(url.clone()));
            }
            if let Some(url) = session::nats_url(&project::open(global)?)? {
                return Ok(Way::Address(url));
            }
        }
        Ok(Way::Profile(Box::new(self.place.look(global)?)))
    }

    /// As [`Server::way`], for what changes something: a protected profile has to be confirmed.
    pub(super) fn way_to_change(&self, ui: &Ui, global: &Global) -> Result<Way, Error> {
        let way = self.way(global)?;
        if let Way::Profile(site) = &way {
            self.place.guard(ui, site)?;
        }
        Ok(way)
    }
}

impl Way {
    /// Connects.
    pub(super) async fn connect(self) -> Result<Reached, Error> {
        match self {
            Way::Address(url) => direct(&url, Definitions::default()).await,
            Way::Profile(site) => Box::pin(forwarded(*site, false)).await,
        }
    }

    /// Connects, and reads what should be there.
    pub(super) async fn compare(self, global: &Global) -> Result<Reached, Error> {
        match self {
            Way::Address(url) => {
                let project: Project = project::open(global)?;
                direct(&url, super::definitions(&project)?).await
            }
            Way::Profile(site) => Box::pin(forwarded(*site, true)).await,
        }
    }
}

impl Reached {
    /// The server.
    pub(super) fn jetstream(&self) -> &JetStream {
        match &self.connection {
            Connection::Direct(jetstream) => jetstream,
            Connection::Forwarded(connected) => &connected.jetstream,
        }
    }
}

async fn direct(url: &str, definitions: Definitions) -> Result<Reached, Error> {
    let jetstream = JetStream::connect(url).await?;
    Ok(Reached {
        place: format!("at {}", jetstream.url()),
        connection: Connection::Direct(jetstream),
        definitions,
        maker: None,
    })
}

async fn forwarded(site: Site, compare: bool) -> Result<Reached, Error> {
    // Ctrl-C ends the whole program.
    let setup = Box::pin(system::look(&site, CancellationToken::new())).await?;
    let place = format!("in profile {}", setup.target.profile.name);
    let definitions = if compare {
        deploy::definitions(&setup).await?
    } else {
        Definitions::default()
    };
    Ok(Reached {
        connection: Connection::Forwarded(deploy::jetstream(&setup).await?),
        place,
        definitions,
        maker: Some(setup.streams_by()),
    })
}
