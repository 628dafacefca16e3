//! Columns and conditions that several statements share.

/// The columns of the patient of a record.
macro_rules! patient_columns {
    () => {
        patient_account
            .fields((
                account::username,
                account::sex,
                account::age,
                account::age_given_on,
                account::birth_date,
            ))
            .nullable()
    };
}

/// Those of these inquiries that take place: [`InquiryStatus::takes_place`](yilin_domain::inquiry::InquiryStatus::takes_place).
/// There is one text of the statement, prepared once per connection.
macro_rules! taking_place {
    ($inquiries:expr) => {{
        let mut rows = $inquiries.into_boxed::<Db>();
        for status in InquiryStatus::ALL.into_iter().filter(|status| !status.takes_place()) {
            rows = rows.filter(inquiry::status.ne(status.code()));
        }
        rows
    }};
}

/// Whether this physician, if there is one, has an account that is not disabled. Asked in the statement that assigns a record,
/// because the account may have been disabled since it was read.
macro_rules! nobody_or_active {
    ($physician:expr) => {{
        let physician = $physician.map(|uuid| uuid.to_string());
        let has_active = diesel::dsl::exists(
            account::table
                .filter(account::uuid.nullable().eq(physician.clone()))
                .filter(account::disabled.eq(false)),
        );
        physician.is_none().into_sql::<diesel::sql_types::Bool>().or(has_active)
    }};
}
