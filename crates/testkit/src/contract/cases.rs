//! The list of all cases, and the macro that generates tests from it.

/// Generates one `#[test]` per contract case, in a module per suite. Takes the name of an `async fn(Arc<dyn
/// Random>) -> Subject` defined beside it.
///
/// Every public function of the suites must be listed here, which a test of this crate checks.
#[macro_export]
macro_rules! contract_tests {
    ($make_subject:ident) => {
        $crate::contract_tests! { @suites $make_subject
            account_lists {
                lists_may_be_empty
                a_list_shows_one_role
                pages_follow_each_other
                batches_walk_the_whole_list
                totals_follow_insertions
                each_field_can_be_searched
                the_empty_text_matches_everybody
                text_is_matched_to_the_letter
                searches_are_paged
            }
            account_updates {
                changes_are_stored
                the_rest_stays_as_it_is
                the_same_values_again_are_a_success
                nobody_else_is_changed
                an_unknown_account_is_not_updated
                a_taken_phone_number_changes_nothing
                of_racing_phone_numbers_one_wins
                what_was_changed_since_it_was_seen_stays
                of_racing_changes_to_what_was_seen_one_is_stored
                a_new_password_raises_the_version
                racing_password_changes_all_raise_the_version
                a_new_password_ends_the_other_sessions
                other_changes_end_no_session
            }
            accounts {
                an_account_is_stored_as_it_was_given
                what_is_unknown_stays_unknown
                what_is_known_of_an_age_is_kept
                an_unknown_uuid_is_nobody
                several_accounts_are_found_together
                inserting_nobody_is_allowed
                a_taken_uuid_is_drawn_again
                answers_are_in_order
                a_stored_phone_number_is_taken
                a_phone_number_is_taken_within_a_call_too
                an_admins_name_is_unique_among_admins
                of_racing_phone_numbers_one_wins
                of_racing_admins_one_wins
                credentials_are_found_by_phone_number
                an_admin_is_not_found_by_phone_number
                credentials_are_found_by_admin_name
                every_admin_is_listed
            }
            answers {
                an_equal_request_with_another_key_is_separate
                an_answer_is_stored_with_the_inquiry
                a_key_belongs_to_the_first_content
                others_have_keys_of_their_own
                a_failed_request_leaves_no_answer
                a_used_key_counts_before_what_is_taken
                of_racing_requests_one_creates
                an_answer_does_not_count_for_ever
                old_answers_are_forgotten
                a_single_account_is_created
            }
            audit {
                entries_come_back_as_they_were_recorded
                appending_again_changes_nothing
                entries_that_do_not_fit_are_refused_together
                a_chain_is_read_in_parts
                chains_of_instances_grow_apart
                each_filter_shows_what_belongs_there
                a_long_log_is_found_as_a_short_one_is
                a_cursor_may_stand_anywhere
                a_chain_that_is_gone_is_not_appended_to
                the_outbox_is_emptied_by_linking
                racing_writers_link_each_event_once
                a_chain_is_removed_as_a_whole
                a_list_that_loses_its_place_has_none
                what_was_recorded_earlier_is_listed_later
                a_crowd_of_chains_verifies
            }
            conversations {
                turns_come_back_as_they_were_said
                conversations_are_read_in_parts
                a_cleared_conversation_is_gone
                the_last_summary_counts
                of_racing_summaries_one_stays
                calls_are_counted_up_to_the_limit
                parallel_calls_are_counted_exactly
                the_calls_of_a_day_are_summed
            }
            drug_order_lists {
                lists_may_be_empty
                each_party_and_set_shows_what_belongs_there
                pages_follow_each_other
                a_cursor_may_stand_anywhere
                slices_show_the_same_as_pages
            }
            drug_orders {
                an_order_is_shown_with_its_consultation
                an_unknown_order_is_not_found
                every_move_is_stored
                certificates_are_kept_as_what_they_are
                the_history_has_an_entry_per_version
                a_stale_move_leaves_no_trace
                one_of_racing_transitions_is_saved
            }
            entries {
                transitions_insert_their_entries
                a_lost_race_inserts_no_entry
                one_of_racing_transitions_inserts_an_entry
                account_changes_insert_their_entries
                sessions_insert_their_entries
                other_changes_insert_their_entries
            }
            events {
                every_move_is_announced_once
                what_was_not_saved_is_not_announced
                nothing_is_read_before_it_is_numbered
                a_reader_that_goes_on_misses_nothing
                each_audience_reads_its_own
                a_long_wait_is_read_in_parts
                racing_numberings_leave_no_gap
                moves_of_one_record_are_announced_in_order
                old_events_are_forgotten
                corrections_are_announced
                every_type_announces_something
                a_missed_deadline_is_announced_once
            }
            imports {
                an_import_is_stored_as_it_began
                progress_is_stored_with_the_accounts
                a_whole_roster_is_stored_or_nothing_of_it
                taken_phone_numbers_are_told
                a_dry_run_is_followed_once
                a_held_file_is_released
                what_of_a_file_is_not_used_is_stored
                an_end_is_stored_with_the_rows_to_keep
                a_file_can_be_at_fault
                the_newest_import_of_an_account_is_found
                recent_imports_come_newest_first
                imports_are_forgotten
            }
            inquiries {
                a_submitted_inquiry_is_stored
                every_kind_of_visit_is_kept
                an_unknown_inquiry_is_not_found
                every_move_is_stored
                details_name_the_present_physician
                the_history_has_an_entry_per_version
                a_stale_move_leaves_no_trace
                a_repeated_move_is_stale
                one_of_racing_transitions_is_saved
                racing_submissions_are_all_stored
            }
            inquiry_lists {
                lists_may_be_empty
                each_party_and_set_shows_what_belongs_there
                pages_follow_each_other
                a_cursor_may_stand_anywhere
                a_reassigned_inquiry_changes_lists
                names_are_matched_to_the_letter
                a_name_may_belong_to_several
            }
            login_attempts {
                the_sixth_attempt_is_refused
                the_window_slides
                refused_attempts_do_not_count
                other_identifiers_and_addresses_count_apart
                a_success_starts_the_count_anew
                a_success_of_a_forgotten_attempt_is_no_error
                an_address_has_a_limit_over_all_identifiers
                what_is_refused_counts_nowhere
                successes_do_not_count_against_the_address
                parallel_attempts_are_counted_exactly
                parallel_attempts_of_an_address_are_counted_exactly
                idle_counts_are_forgotten
                who_is_known_at_an_address_is_not_locked_out_there
                an_uncounted_success_forgives_nothing
                who_is_known_is_forgotten_in_the_end
                attempts_in_the_future_do_not_lock_for_long
            }
            medical_records {
                registering_stores_record_and_move
                registering_orders_drugs_where_needed
                a_record_is_found_with_its_parties
                an_inquiry_without_a_record_has_parties
                a_patients_records_come_newest_first
                what_is_unknown_is_not_found
                a_stale_registration_stores_nothing
                a_second_registration_stores_nothing
                of_racing_registrations_one_is_stored
            }
            neighbours {
                a_change_leaves_the_records_beside_it_as_they_were
            }
            people {
                nobody_is_found_among_nobody
                each_search_shows_whom_it_should
                a_crowd_is_counted_up_to_a_number
                namesakes_have_the_same_name
                shared_names_are_found_in_order
                shared_phones_are_found_in_order
            }
            pins {
                a_file_waits_until_it_is_pinned
                an_unknown_file_has_no_pin
                a_pinned_file_never_waits_again
                a_file_may_be_pinned_without_waiting
                the_backlog_counts_what_waits
                of_racing_pins_and_queues_the_pin_stays
            }
            quotas {
                a_quota_is_taken_until_nothing_is_left
                accounts_days_and_kinds_are_counted_apart
                of_many_at_once_no_more_is_taken_than_there_is
                what_is_given_back_can_be_taken_again
                old_days_are_forgotten
            }
            secrets {
                the_first_candidate_becomes_the_secret
                each_name_has_a_secret_of_its_own
                of_racing_candidates_all_get_the_winner
            }
            sessions {
                a_running_session_has_not_ended
                sessions_end_one_by_one
                a_session_may_end_twice
                a_session_that_was_never_stored_can_end
                ended_sessions_are_listed_from_a_time_on
                expired_sessions_are_not_listed
                a_session_starts_only_with_the_present_password
                no_session_of_an_old_password_survives
                running_sessions_are_listed_and_ended_as_selected
                expired_sessions_are_forgotten
            }
            standing {
                an_account_is_disabled_and_enabled
                each_change_is_kept_with_its_reason
                an_unknown_account_is_not_disabled
                a_disabled_account_has_no_sessions
                no_session_survives_a_race_with_disabling
                the_last_admin_stays
                a_disabled_admin_changes_nothing
                of_admins_who_disable_each_other_one_stays
            }
            statistics {
                nothing_is_counted_of_nothing
                visits_count_by_day_of_appointment
                a_visit_counts_once_in_every_status
                visits_of_some_days_count_by_status
                drug_orders_count_by_the_hospitals_day
                a_drug_order_counts_once
                tallies_have_every_record
            }
            text {
                inquiry_details_come_back_exactly
                notes_come_back_exactly
                names_and_addresses_come_back_exactly
            }
            totals {
                inquiry_totals_follow_every_move
                totals_ignore_what_was_not_saved
                drug_order_totals_follow_every_move
                totals_are_right_after_a_crowd
            }
            uploads {
                an_upload_counts_for_its_account_and_content
                the_case_of_a_cid_matters
                the_same_upload_may_come_again
                several_accounts_may_upload_the_same_content
            }
            verifications {
                one_verification_runs_at_a_time
                progress_keeps_a_verification_running
                the_last_result_is_kept
                of_racing_verifications_one_starts
                the_database_says_what_it_is
            }
            visit_lists {
                lists_may_be_empty
                each_combination_shows_what_belongs_there
                a_window_may_stand_anywhere
                a_name_is_found_by_any_part
                a_long_list_is_counted_up_to_a_number
                a_day_is_in_time_order
                schedules_are_read_together
            }
            visits {
                a_disabled_physician_gets_no_record
                a_cancelled_inquiry_keeps_its_assignment
                a_visit_is_rescheduled
                addenda_are_kept_beside_the_record
                a_stale_addendum_leaves_no_trace
                a_schedule_is_in_time_order
                overdue_inquiries_are_listed
                an_equal_request_is_a_repetition
                a_later_equal_request_is_new
                one_of_racing_equal_requests_is_stored
                a_returned_records_drug_order_continues
            }
            webhooks {
                sending_begins_with_what_happens_next
                of_each_record_the_earliest_is_claimed
                a_claim_that_was_lost_changes_nothing
                what_failed_is_due_again_later
                what_failed_because_the_receiver_was_down_can_be_hastened
                what_was_given_up_is_kept_and_can_be_queued_again
                of_racing_senders_each_event_is_claimed_by_one
            }
        }
    };
    (@suites $make_subject:ident $($suite:ident { $($case:ident)* })*) => {
        $(mod $suite {
            $(#[test]
            fn $case() {
                $crate::contract::run(super::$make_subject, $crate::contract::$suite::$case);
            })*
        })*
    };
}
