//! Columns that several statements select.

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
