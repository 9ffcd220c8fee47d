//! The store's contract as tests, written once for every engine.
//!
//! A test is a generic function over [`engine::Engine`]; [`contract!`] lists them and runs all of them against one
//! engine. Another engine is added by implementing that trait and one more line at the end of this file.

mod audit;
mod cancel;
mod engine;
mod events;
mod fairness;
mod faults;
mod invariants;
mod list;
mod load;
mod model;
mod model_operator;
mod nodes;
mod queue;
mod quota;
mod random;
mod random_steps;
mod requeue;
mod smoke;
mod sqlite_only;
mod sweep;
mod uids;
mod view;
mod world;

/// Every test of the contract, for one engine.
macro_rules! suite {
    ($engine:ident, $type:ty: $($subject:ident { $($test:ident),* $(,)? })*) => {
        mod $engine {
            $(mod $subject {
                $(#[tokio::test]
                async fn $test() {
                    crate::conformance::$subject::$test::<$type>().await;
                })*
            })*
        }
    };
}

/// The tests, listed once.
macro_rules! contract {
    ($engine:ident, $type:ty) => {
        suite!($engine, $type:
            smoke { a_task_lives_from_enqueue_to_sweep }
            queue {
                an_enqueued_task_is_queued_with_what_was_submitted,
                the_same_id_again_changes_nothing,
                an_idempotency_key_gives_one_task_for_one_input_of_one_uid,
                fifty_submissions_at_once_with_one_key_are_one_task,
                a_task_of_an_unknown_uid_is_refused,
                limits_count_waiting_tasks_of_all_and_of_one_client,
                a_refused_burst_leaves_the_limit_exact,
                one_client_is_served_in_order_of_arrival,
                higher_priority_goes_first_and_can_be_changed,
                a_worker_gets_only_what_it_is_able_to_run,
                a_paused_use_case_waits_and_the_others_go_on,
                the_same_nonce_gives_the_same_task_until_it_has_ended,
                a_finish_publishes_once_and_repeats_its_answer,
                a_stale_token_changes_nothing,
                a_failure_keeps_its_label_and_is_not_tried_again,
                a_released_task_keeps_its_place_and_its_attempt,
                many_workers_and_clients_at_once_run_every_task_exactly_once,
            }
            faults {
                a_task_whose_worker_was_lost_goes_back_to_its_place,
                a_late_write_of_a_lost_worker_is_refused,
                a_poison_task_fails_after_its_attempts_and_harms_no_other,
                fewer_attempts_than_before_hold_for_tasks_that_wait,
                a_cancelled_task_whose_worker_dies_is_revoked,
                everything_acknowledged_survives_a_crash,
                a_wall_clock_stepped_back_breaks_nothing,
                a_nonce_from_before_the_crash_is_a_new_claim,
            }
            cancel {
                a_waiting_task_is_revoked_at_once,
                a_running_task_is_told_and_never_succeeds,
                a_finish_before_the_cancel_stays,
                a_cancelled_run_that_fails_or_stops_ends_as_it_says,
                a_drained_task_that_is_being_cancelled_is_revoked,
                a_foreign_task_is_as_unknown_as_none,
                cancel_against_claim_has_one_winner,
                cancel_against_finish_has_one_winner,
            }
            requeue {
                a_requeued_task_begins_again_with_its_input_only,
                every_terminal_state_can_be_requeued_and_no_other,
                the_token_of_an_earlier_run_is_stale,
                a_fetch_completes_once_and_fills_in_the_end_to_end_time,
                the_fetch_of_an_older_result_does_not_complete_a_newer_one,
                a_fetch_of_anything_but_a_success_changes_nothing,
                requeue_against_sweep_has_one_winner,
                a_requeued_task_does_not_expire,
                only_terminal_tasks_can_be_deleted,
            }
            uids {
                a_uid_shows_its_key_use_and_expiry,
                the_tasks_of_a_uid_are_counted_whatever_their_state,
                a_key_is_attached_once,
                the_number_of_uids_without_a_key_is_limited,
                deleting_a_uid_takes_everything_with_it,
                a_running_task_delays_the_end_of_its_uid,
                a_deletion_is_completed_after_a_crash,
                a_shared_key_stays_as_long_as_one_uid_has_it,
                unused_uids_expire_but_never_while_tasks_exist,
            }
            quota {
                a_client_has_so_many_uids_and_a_refused_one_leaves_nothing,
                the_limit_holds_for_uids_with_a_key_and_without,
                fifty_at_once_are_as_many_as_there_is_room_for,
                a_deleted_uid_makes_room,
                a_uid_counts_until_its_last_task_has_stopped,
                an_unused_uid_makes_room_when_it_is_swept,
                without_a_limit_any_number_is_taken_and_counted,
                the_count_survives_a_crash,
            }
            audit {
                a_deed_answers_for_each_task_and_leaves_a_row_for_each,
                a_priority_is_set_or_moved_within_its_bounds,
                the_log_is_read_newest_first_by_pages_and_filters,
                the_log_survives_a_crash_and_keeps_its_newest_rows,
                ten_thousand_tasks_are_a_matter_of_seconds,
            }
            sweep {
                every_terminal_state_expires_and_no_other,
                a_sweep_takes_the_oldest_and_says_that_there_is_more,
                a_shared_input_is_given_up_with_its_last_task,
                references_are_found_by_name,
                the_run_history_keeps_its_newest_rows_and_outlives_tasks,
                runs_are_filtered_by_use_case_and_origin,
            }
            list {
                pages_of_any_size_show_each_task_once_in_the_same_order,
                every_order_is_what_it_says,
                every_filter_keeps_exactly_what_it_names,
                a_foreign_cursor_is_refused,
                a_page_holds_at_most_two_hundred_and_the_last_has_no_cursor,
                tasks_that_come_and_go_between_pages_disturb_no_other,
                listed_tasks_show_their_progress,
            }
            events {
                every_change_is_told_once,
                what_changes_nothing_is_not_told,
                who_hears_of_a_change_also_finds_it,
                a_reader_that_lags_is_told_so,
                progress_is_told_in_steps_and_never_reaches_the_end,
            }
            fairness {
                a_hundred_tasks_of_one_client_do_not_starve_another,
                clients_take_turns,
                a_backlog_of_higher_priority_does_not_push_newcomers_back,
                a_client_that_cancels_everything_is_not_punished,
                fairness_holds_along_random_arrivals_and_over_a_crash,
            }
            nodes {
                a_node_is_listed_as_it_reported_with_the_age_of_its_last_beat,
                a_drain_is_told_and_heard_with_the_next_beat_until_it_is_taken_back,
                a_name_of_nobody_drains_nobody,
                who_leaves_is_gone_at_once_and_who_is_silent_is_forgotten,
                what_a_node_says_of_its_draining_slots_holds_when_the_store_knows_nothing,
                a_closed_store_has_no_register,
            }
            load {
                a_hundred_thousand_tasks_are_as_quick_as_ten,
                a_hundred_thousand_runs_are_read_at_once,
            }
            random {
                random_steps_with_seed_1,
                random_steps_with_seed_2,
                random_steps_with_seed_3,
                random_steps_with_a_fresh_seed,
            }
        );
    };
}

contract!(sqlite, crate::conformance::engine::Sqlite);
contract!(redis, crate::conformance::engine::Redis);
