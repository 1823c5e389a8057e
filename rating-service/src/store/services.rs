//! The table of services.

use uuid::Uuid;

use super::StoreError;
use super::sql::{Row, Session, Sql, Value};
use super::table::Table;
use crate::domain::{Item, Resource, Service, Summary, Timestamp};

const INSERT: Sql = Sql::both(
    "create a service",
    "INSERT INTO services (id, version, name, description, created_at, updated_at) VALUES ($1, 1, $2, $3, $4, $5)",
);
const UPDATE: Sql = Sql::both(
    "replace a service",
    "UPDATE services SET version = $2, name = $3, description = $4, updated_at = $5 WHERE id = $1",
);
/// One statement, hence one snapshot: the numbers belong together whatever is written meanwhile. A service without
/// ratings gives one row without a score.
const SUMMARY: Sql = Sql::both(
    "summarise a service's ratings",
    "SELECT r.score, COUNT(r.id) FROM services s LEFT JOIN ratings r ON r.service_id = s.id
     WHERE s.id = $1 GROUP BY r.score",
);

/// How services are read.
pub(super) const TABLE: Table = Table {
    find: Sql::both(
        "read a service",
        "SELECT id, version, name, description, created_at, updated_at FROM services WHERE id = $1",
    ),
    lock: Sql::each(
        "read a service",
        "SELECT id, version, name, description, created_at, updated_at FROM services WHERE id = $1",
        "SELECT id, version, name, description, created_at, updated_at FROM services WHERE id = $1 FOR UPDATE",
    ),
    delete: Sql::both("delete a service", "DELETE FROM services WHERE id = $1"),
    references: Some(Sql::both(
        "look for a service's ratings",
        "SELECT id FROM ratings WHERE service_id = $1 LIMIT 1",
    )),
    read,
};

/// A page of all services.
pub(super) const LIST: Sql = Sql::both(
    "list services",
    "SELECT id, version, name, description, created_at, updated_at FROM services WHERE id > $1 ORDER BY id LIMIT $2",
);

fn read(row: &Row) -> Result<Item, StoreError> {
    Ok(Item {
        version: row.get(1)?,
        resource: Resource::Service(Service {
            id: row.get(0)?,
            name: row.get(2)?,
            description: row.get(3)?,
            created_at: Timestamp::from_unix_millis(row.get(4)?),
            updated_at: Timestamp::from_unix_millis(row.get(5)?),
        }),
    })
}

/// Puts a new service in.
pub(super) async fn insert(session: &mut Session<'_>, service: &Service) -> Result<(), StoreError> {
    let values = [
        Value::Id(service.id),
        Value::Text(&service.name),
        Value::Text(&service.description),
        Value::Integer(service.created_at.unix_millis()),
        Value::Integer(service.updated_at.unix_millis()),
    ];
    session.execute(INSERT, &values).await.map(drop)
}

/// Writes the locked row.
pub(super) async fn update(
    session: &mut Session<'_>,
    service: &Service,
    version: i64,
) -> Result<(), StoreError> {
    let values = [
        Value::Id(service.id),
        Value::Integer(version),
        Value::Text(&service.name),
        Value::Text(&service.description),
        Value::Integer(service.updated_at.unix_millis()),
    ];
    session.execute(UPDATE, &values).await.map(drop)
}

/// How a service is rated; `None` if there is no such service.
pub(super) async fn summary(session: &mut Session<'_>, id: Uuid) -> Result<Option<Summary>, StoreError> {
    let rows = session.fetch_all(SUMMARY, &[Value::Id(id)]).await?;
    if rows.is_empty() {
        return Ok(None);
    }
    let mut histogram = [0; 6];
    for row in &rows {
        if let Some(score) = row.get::<Option<i64>>(0)? {
            let place = usize::try_from(score)
                .ok()
                .and_then(|score| histogram.get_mut(score));
            *place.ok_or(StoreError::Unreadable { what: "score" })? = row.get(1)?;
        }
    }
    Ok(Some(Summary::new(id, histogram)))
}
