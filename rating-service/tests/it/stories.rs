//! What the service promises, told once and checked on both databases.

mod concurrency;
mod idempotency;
mod outbox;
mod resources;

use std::pin::Pin;
use std::sync::Arc;

use crate::world::{World, cluster};

type Story = (
    &'static str,
    fn(Arc<World>) -> Pin<Box<dyn Future<Output = ()> + Send>>,
);

macro_rules! stories {
    ($($module:ident::$story:ident),* $(,)?) => {
        const STORIES: &[Story] =
            &[$((stringify!($story), |world| Box::pin(async move { $module::$story(&world).await }))),*];
    };
}

stories![
    resources::each_kind_is_created_read_replaced_and_deleted,
    resources::an_address_belongs_to_one_user_whatever_its_case,
    resources::a_user_rates_a_service_once,
    resources::what_is_missing_or_still_in_use_is_named,
    resources::a_list_of_ratings_is_created_wholly_or_not_at_all,
    resources::several_ratings_are_deleted_wholly_or_not_at_all,
    resources::ratings_are_filtered_and_picked,
    resources::pages_neither_repeat_nor_miss_what_was_there_before,
    resources::the_longest_page_fits_into_a_message,
    resources::a_client_that_has_the_version_is_not_sent_it,
    idempotency::a_repeated_key_replays_the_stored_answer,
    idempotency::a_refusal_is_replayed_too,
    idempotency::a_key_stands_for_one_content_one_path_and_one_method,
    idempotency::of_two_concurrent_requests_with_one_key_one_is_told_to_wait,
    idempotency::a_redelivered_request_gets_its_first_answer,
    idempotency::a_redelivery_that_meets_its_first_delivery_waits,
    idempotency::old_answers_are_purged,
    concurrency::of_n_racers_on_one_version_one_wins,
    concurrency::of_n_users_with_one_address_one_is_created,
    concurrency::crossing_lists_do_not_hurt_each_other,
    concurrency::a_summary_is_right_while_many_write,
    concurrency::a_locked_database_is_waited_for,
    concurrency::several_starting_processes_make_one_schema,
    outbox::each_change_causes_one_event_in_order,
    outbox::refused_changes_cause_none,
    outbox::published_events_are_not_offered_again,
    outbox::one_process_at_a_time_publishes,
];

/// Tells every story in a world of its own and names those that fail.
async fn tell(world: impl AsyncFn() -> World) {
    let mut failed = Vec::new();
    for (name, story) in STORIES {
        let world = Arc::new(world().await);
        if tokio::spawn(story(Arc::clone(&world))).await.is_err() {
            failed.push(*name);
        }
        world.store.close().await;
    }
    assert!(failed.is_empty(), "these stories fail: {failed:#?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn the_stories_hold_on_sqlite() {
    tell(World::sqlite).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn the_stories_hold_on_postgres() {
    let Some(cluster) = cluster() else { return };
    tell(async || World::postgres(cluster.create_database().unwrap()).await).await;
}
