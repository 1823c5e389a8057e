//! What the three tables have in common.

use uuid::Uuid;

use super::sql::{Row, Session, Sql, Value};
use super::{StoreError, ratings, services, users};
use crate::domain::{Cursor, Found, Item, Kind, Page, Query};

/// How one kind of resource is stored.
pub(super) struct Table {
    /// By id.
    pub(super) find: Sql,
    /// By id; nobody else may write or refer to the row before this transaction ends.
    pub(super) lock: Sql,
    /// By id.
    pub(super) delete: Sql,
    /// Finds something that refers to the row.
    pub(super) references: Option<Sql>,
    /// Makes a row what it stands for.
    pub(super) read: fn(&Row) -> Result<Item, StoreError>,
}

/// The table of a kind.
pub(super) const fn of(kind: Kind) -> &'static Table {
    match kind {
        Kind::User => &users::TABLE,
        Kind::Service => &services::TABLE,
        Kind::Rating => &ratings::TABLE,
    }
}

impl Table {
    /// The resource of this id.
    pub(super) async fn find(&self, session: &mut Session<'_>, id: Uuid) -> Result<Option<Item>, StoreError> {
        session
            .fetch_optional(self.find, &[Value::Id(id)])
            .await?
            .as_ref()
            .map(self.read)
            .transpose()
    }

    /// The resource of this id, held until the transaction ends.
    pub(super) async fn lock(&self, session: &mut Session<'_>, id: Uuid) -> Result<Option<Item>, StoreError> {
        session
            .fetch_optional(self.lock, &[Value::Id(id)])
            .await?
            .as_ref()
            .map(self.read)
            .transpose()
    }

    /// Whether something refers to the locked row.
    pub(super) async fn is_referred_to(
        &self,
        session: &mut Session<'_>,
        id: Uuid,
    ) -> Result<bool, StoreError> {
        match self.references {
            Some(sql) => Ok(session.fetch_optional(sql, &[Value::Id(id)]).await?.is_some()),
            None => Ok(false),
        }
    }

    /// Removes the locked row.
    pub(super) async fn delete(&self, session: &mut Session<'_>, id: Uuid) -> Result<(), StoreError> {
        session.execute(self.delete, &[Value::Id(id)]).await.map(drop)
    }
}

/// Answers a query. Each kind of answer but a list of ids is one statement, hence one snapshot.
pub(super) async fn query(session: &mut Session<'_>, query: &Query) -> Result<Found, StoreError> {
    match query {
        Query::One(kind, id) => Ok(of(*kind)
            .find(session, *id)
            .await?
            .map_or(Found::Missing(*kind, *id), Found::One)),
        Query::Users(page) => list(session, Kind::User, users::LIST, &[], *page).await,
        Query::Services(page) => list(session, Kind::Service, services::LIST, &[], *page).await,
        Query::Ratings(filter, page) => {
            let (sql, values) = ratings::list(*filter);
            list(session, Kind::Rating, sql, &values, *page).await
        }
        Query::RatingsById(ids) => {
            let mut items = Vec::with_capacity(ids.len());
            for id in ids {
                items.extend(ratings::TABLE.find(session, *id).await?);
            }
            Ok(Found::Page(items, None))
        }
        Query::Summary(id) => Ok(services::summary(session, *id)
            .await?
            .map_or(Found::Missing(Kind::Service, *id), Found::Summary)),
    }
}

/// A page: one row more than wanted is read to know whether there is another page.
async fn list(
    session: &mut Session<'_>,
    kind: Kind,
    sql: Sql,
    filter: &[Value<'_>],
    page: Page,
) -> Result<Found, StoreError> {
    let after = page.after.map_or(Uuid::nil(), |cursor| cursor.0);
    let limit = i64::try_from(page.limit).unwrap_or(i64::MAX - 1) + 1;
    let mut values = vec![Value::Id(after), Value::Integer(limit)];
    values.extend_from_slice(filter);
    let rows = session.fetch_all(sql, &values).await?;
    let more = rows.len() > page.limit;
    let items = rows
        .iter()
        .take(page.limit)
        .map(of(kind).read)
        .collect::<Result<Vec<_>, _>>()?;
    let next = items.last().filter(|_| more).map(|item| Cursor(item.id()));
    Ok(Found::Page(items, next))
}
