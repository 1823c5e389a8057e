//! `ratectl dev`: the whole system on this machine.

use std::path::{Path, PathBuf};

use platform::dev::Nats;

use crate::{
    app::Global,
    exit::Exit,
    project,
    session::{self, Wishes},
    ui::Ui,
};

/// Run the whole system on this machine until Ctrl-C
///
/// Starts a NATS server, applies the stream definitions, and starts the proxy, a gateway and every component of
/// `ratectl.yaml` that has a `dev:` section. Components are started again when they end; what they write is shown with
/// their names in front. Data is kept in `.ratectl/dev`.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The gateway's port on localhost; 0 takes any free one [default: `dev.port` of the project, or 8080]
    #[arg(long, value_name = "N")]
    port: Option<u16>,

    /// The port of the proxy's health and metrics [default: any free one]
    #[arg(long, value_name = "N", default_value_t = 0, hide_default_value = true)]
    admin_port: u16,

    /// Use this running NATS server instead of starting one; the project's streams are applied to it
    #[arg(long, value_name = "URL", conflicts_with_all = ["nats_server", "nats_port"])]
    nats: Option<String>,

    /// The nats-server program [default: from PATH or the cache, else it is installed]
    #[arg(long, value_name = "FILE", value_hint = clap::ValueHint::ExecutablePath)]
    nats_server: Option<PathBuf>,

    /// The port of the started NATS server [default: any free one]
    #[arg(long, value_name = "N")]
    nats_port: Option<u16>,
}

/// The gateway's port when nobody says another.
const DEFAULT_PORT: u16 = 8080;

/// Runs the system and says how it ended. Takes the `Ui` along, because printing gets a thread of its own.
pub(crate) fn run(ui: Ui, args: Args, global: &Global) -> Exit {
    let verbose = ui.verbose() > 0;
    let opened = project::open(global).and_then(|project| {
        let port = args.port.or(project.port).unwrap_or(DEFAULT_PORT);
        let nats = nats(args.nats, args.nats_server, args.nats_port, &global.base()?);
        let admin_port = args.admin_port;
        Ok((
            project,
            Wishes {
                port,
                admin_port,
                nats,
                verbose,
            },
        ))
    });
    match opened {
        Ok((project, wishes)) => session::run(ui, &project, wishes),
        Err(error) => {
            ui.error(&error);
            error.exit()
        }
    }
}

fn nats(url: Option<String>, binary: Option<PathBuf>, port: Option<u16>, base: &Path) -> Nats {
    match url {
        Some(url) => Nats::Running { url },
        None => Nats::Own {
            binary: binary.map(|binary| base.join(binary)),
            port,
        },
    }
}
