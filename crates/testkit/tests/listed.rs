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
        inquiries inquiry_lists login_attempts medical_records neighbours people pins quotas secrets sessions standing statistics text totals uploads
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

/// The ports of records with a version, by the name of their field in `Ports`.
const VERSIONED: [(&str, &str); 3] = [
    ("inquiries", include_str!("../../domain/src/port/inquiries.rs")),
    ("medical_records", include_str!("../../domain/src/port/medical_records.rs")),
    ("drug_orders", include_str!("../../domain/src/port/drug_orders.rs")),
];

#[test]
fn every_change_of_one_record_is_tried_beside_others() {
    let tried = include_str!("../src/contract/neighbours.rs");
    for (port, source) in VERSIONED {
        let methods = source.split("async fn ").skip(1);
        // Those that find out whether the record is the one that was read.
        let changing = methods.filter(|method| {
            let signature = method.split(';').next().unwrap_or_default();
            signature.contains("Stale>") || signature.contains("Refused>")
        });
        let mut names = changing.filter_map(|method| method.split('(').next()).peekable();
        assert!(names.peek().is_some(), "{port}");
        for name in names {
            assert!(tried.contains(&format!("(\"{port}.{name}\", ")), "{port}.{name} is not tried");
        }
    }
}
