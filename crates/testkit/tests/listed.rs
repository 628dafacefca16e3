//! Every contract case is listed: an unlisted one would never run.

/// The suites' sources, by name.
macro_rules! suites {
    ($($suite:ident)*) => {
        [$((stringify!($suite), include_str!(concat!("../src/contract/", stringify!($suite), ".rs")))),*]
    };
}

#[test]
fn every_case_is_listed_under_its_suite() {
    let list = include_str!("../src/contract/cases.rs");
    let suites = suites! {
        account_lists account_updates accounts answers audit conversations drug_order_lists drug_orders entries events imports
        inquiries inquiry_lists login_attempts medical_records people pins quotas secrets sessions standing statistics text totals uploads
        verifications visit_lists visits webhooks
    };
    let modules = include_str!("../src/contract/mod.rs").matches("pub mod ").count();
    // The ports outside the database have suites that run as a whole.
    assert_eq!(suites.len(), modules - 1, "a suite is missing here");
    for (suite, source) in suites {
        let (_, rest) = list.split_once(&format!(" {suite} {{")).expect("the suite is listed");
        let (listed, _) = rest.split_once('}').expect("the suite's list ends");
        let listed: Vec<_> = listed.split_whitespace().collect();
        let cases: Vec<_> = source
            .lines()
            .filter_map(|line| line.strip_prefix("pub async fn ")?.split_once('('))
            .map(|(name, _)| name)
            .collect();
        assert_eq!(listed, cases, "{suite}");
    }
}
