/// Makes one `#[test]` per contract case, in a module per suite. Takes the name of an
/// `async fn(Arc<dyn Random>) -> Subject` that is defined beside it.
///
/// Every public function of the suites must be listed here; a test of this crate sees to it.
#[macro_export]
macro_rules! contract_tests {
    ($make_subject:ident) => {
        $crate::contract_tests! { @suites $make_subject
            secrets {
                the_first_candidate_becomes_the_secret
                each_name_has_a_secret_of_its_own
                of_racing_candidates_all_get_the_winner
            }
            uploads {
                an_upload_counts_for_its_account_and_content
                the_case_of_a_cid_matters
                the_same_upload_may_come_again
                several_accounts_may_upload_the_same_content
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
