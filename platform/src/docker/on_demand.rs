//! An engine that may not be needed at all.

use std::sync::Arc;

use tokio::sync::OnceCell;

use super::{Endpoint, Engine, Error};

/// A connection that is made when it is first needed, once for all clones. Whoever never needs it can do without an engine.
#[derive(Clone, Debug)]
pub struct OnDemand {
    endpoint: Endpoint,
    engine: Arc<OnceCell<Engine>>,
}

impl OnDemand {
    /// The engine there. Asks nobody anything.
    pub fn new(endpoint: Endpoint) -> Self {
        Self {
            endpoint,
            engine: Arc::default(),
        }
    }

    /// The engine, which has answered.
    ///
    /// # Errors
    /// As [`Engine::connect`]; the next call tries again.
    pub async fn get(&self) -> Result<&Engine, Error> {
        self.engine
            .get_or_try_init(async || Engine::connect(&self.endpoint).await)
            .await
    }
}

impl From<Engine> for OnDemand {
    fn from(engine: Engine) -> Self {
        Self {
            endpoint: engine.endpoint().clone(),
            engine: Arc::new(OnceCell::new_with(Some(engine))),
        }
    }
}
