//! Waiting for questions and answering them.

use async_nats::{Message, Subscriber};
use contract::envelope::is_reply_subject;
use futures_util::StreamExt as _;
use futures_util::stream::select_all;

use super::document::{self, Endpoint, Verb};
use super::instance::Instance;
use crate::nats::Connection;

const VERBS: [(Verb, &str); 3] = [(Verb::Ping, "PING"), (Verb::Info, "INFO"), (Verb::Stats, "STATS")];

impl Instance {
    /// Answers questions about this instance for as long as it runs; `count` is asked for each answer anew, and has to be quick.
    ///
    /// A connection that comes and goes makes no difference. Without the permission to hear the questions nobody is answered; the
    /// connection's log says so.
    pub async fn answer(self, connection: Connection, count: impl Fn() -> Endpoint + Send + Sync) {
        let mut questions = match self.subscribe(&connection).await {
            Ok(subscribers) => select_all(subscribers),
            Err(error) => {
                tracing::warn!(%error, "cannot listen for questions about this instance");
                return;
            }
        };
        while let Some(question) = questions.next().await {
            self.reply(&connection, &question, &count).await;
        }
    }

    /// `$SRV.<verb>`, `$SRV.<verb>.<name>` and `$SRV.<verb>.<name>.<id>` for each verb.
    async fn subscribe(
        &self,
        connection: &Connection,
    ) -> Result<Vec<Subscriber>, async_nats::SubscribeError> {
        let mut subscribers = Vec::new();
        for (_, verb) in VERBS {
            for whom in [
                String::new(),
                format!(".{}", self.name),
                format!(".{}.{}", self.name, self.id),
            ] {
                let subject = format!("$SRV.{verb}{whom}");
                subscribers.push(connection.client().subscribe(subject).await?);
            }
        }
        Ok(subscribers)
    }

    async fn reply(&self, connection: &Connection, question: &Message, count: impl Fn() -> Endpoint) {
        let verb = VERBS
            .iter()
            .find(|(_, verb)| question.subject.split('.').nth(1) == Some(verb));
        let (Some((verb, _)), Some(to)) = (verb, &question.reply) else {
            return;
        };
        // Otherwise whoever may ask could make this program publish anywhere.
        if !is_reply_subject(to) {
            return;
        }
        let sent = match document::write(*verb, self, &count()) {
            Ok(answer) => connection.client().publish(to.clone(), answer.into()).await,
            Err(error) => return tracing::warn!(%error, "cannot write an answer about this instance"),
        };
        if let Err(error) = sent {
            tracing::debug!(%error, "an answer about this instance is lost");
        }
    }
}
