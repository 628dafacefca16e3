//! The tables as Diesel sees them on both databases, defined by `migrations/`.

use diesel::{allow_tables_to_appear_in_same_query, table};

table! {
    account (id) {
        id -> BigInt,
        uuid -> Text,
        username -> Text,
        admin_name -> Nullable<Binary>,
        nickname -> Text,
        role -> SmallInt,
        sex -> Nullable<SmallInt>,
        age -> Nullable<SmallInt>,
        age_given_on -> Nullable<Date>,
        birth_date -> Nullable<Date>,
        phone -> Nullable<Text>,
        phone_end -> Text,
        hospital -> Text,
        home_address -> Text,
        password_hash -> Text,
        password_version -> Integer,
        login_count -> BigInt,
        must_change_password -> Bool,
        disabled -> Bool,
        standing_version -> Integer,
        created_at -> Timestamp,
    }
}

table! {
    account_name_part (role, part, account_id) {
        role -> SmallInt,
        part -> Binary,
        account_id -> BigInt,
    }
}

table! {
    account_standing (id) {
        id -> BigInt,
        account_uuid -> Text,
        disabled -> Bool,
        made_by -> Text,
        made_at -> Timestamp,
        reason -> Text,
    }
}

table! {
    idempotent_answer (caller, route, key_digest) {
        caller -> Text,
        route -> Text,
        key_digest -> Binary,
        body_digest -> Binary,
        answer -> Text,
        made_at -> Timestamp,
    }
}

table! {
    inquiry (id) {
        id -> BigInt,
        version -> Integer,
        patient_uuid -> Text,
        patient_username -> Text,
        physician_uuid -> Nullable<Text>,
        physician_username -> Nullable<Text>,
        visit_type -> SmallInt,
        appointment_time -> Timestamp,
        appointment_day -> Date,
        reserved_phone -> Nullable<Text>,
        detail -> Text,
        status -> SmallInt,
        ended -> Bool,
        status_reason -> Nullable<Text>,
        cancelled_from -> Nullable<SmallInt>,
        due_at -> Nullable<Timestamp>,
        announced_due_at -> Nullable<Timestamp>,
        unannounced_due_at -> Timestamp,
        repetition -> Nullable<Binary>,
        created_at -> Timestamp,
        updated_at -> Timestamp,
    }
}

table! {
    inquiry_history (inquiry_id, version) {
        inquiry_id -> BigInt,
        version -> Integer,
        made_by -> Text,
        made_at -> Timestamp,
        from_status -> Nullable<SmallInt>,
        to_status -> SmallInt,
        physician_uuid -> Nullable<Text>,
        reason -> Nullable<Text>,
        appointment_time -> Timestamp,
    }
}

table! {
    medical_record (id) {
        id -> BigInt,
        inquiry_id -> BigInt,
        diagnostic_description -> Text,
        inquiry_video -> Text,
        inquiry_video_held -> Bool,
        medical_img -> Text,
        medical_img_held -> Bool,
        needs_drugs -> Bool,
        created_at -> Timestamp,
    }
}

table! {
    medical_addendum (id) {
        id -> BigInt,
        medical_record_id -> BigInt,
        made_by -> Text,
        made_at -> Timestamp,
        content -> Text,
        reason -> Text,
        medical_img -> Nullable<Text>,
        medical_img_held -> Bool,
        inquiry_video -> Nullable<Text>,
        inquiry_video_held -> Bool,
    }
}

table! {
    drug_order (id) {
        id -> BigInt,
        version -> Integer,
        medical_record_id -> BigInt,
        inquiry_id -> BigInt,
        patient_uuid -> Text,
        physician_uuid -> Text,
        status -> SmallInt,
        purchased -> Bool,
        certificate -> Nullable<Text>,
        certificate_held -> Bool,
        created_at -> Timestamp,
        updated_at -> Timestamp,
        created_on -> Date,
    }
}

table! {
    drug_order_history (drug_order_id, version) {
        drug_order_id -> BigInt,
        version -> Integer,
        made_by -> Text,
        made_at -> Timestamp,
        from_status -> Nullable<SmallInt>,
        to_status -> SmallInt,
        physician_uuid -> Nullable<Text>,
        reason -> Nullable<Text>,
        certificate -> Nullable<Text>,
        certificate_held -> Bool,
    }
}

table! {
    event_outbox (id) {
        id -> BigInt,
        event_type -> SmallInt,
        happened_at -> Timestamp,
        subject_kind -> SmallInt,
        subject_id -> BigInt,
        status -> SmallInt,
        patient_uuid -> Text,
        physician_uuid -> Nullable<Text>,
        former_physician_uuid -> Nullable<Text>,
    }
}

table! {
    event (sequence) {
        sequence -> BigInt,
        event_type -> SmallInt,
        happened_at -> Timestamp,
        subject_kind -> SmallInt,
        subject_id -> BigInt,
        status -> SmallInt,
        patient_uuid -> Text,
        physician_uuid -> Nullable<Text>,
        former_physician_uuid -> Nullable<Text>,
    }
}

table! {
    event_cursor (name) {
        name -> SmallInt,
        sequence -> BigInt,
    }
}

table! {
    webhook_delivery (sequence) {
        sequence -> BigInt,
        event_type -> SmallInt,
        happened_at -> Timestamp,
        subject_kind -> SmallInt,
        subject_id -> BigInt,
        status -> SmallInt,
        patient_uuid -> Text,
        physician_uuid -> Nullable<Text>,
        former_physician_uuid -> Nullable<Text>,
        state -> SmallInt,
        claim -> Integer,
        failures -> Integer,
        queued_at -> Timestamp,
        due_at -> Timestamp,
        was_down -> Bool,
        failure -> Text,
    }
}

table! {
    session (id) {
        id -> Text,
        account_uuid -> Text,
        started_at -> Timestamp,
        expires_at -> Timestamp,
        ended_at -> Nullable<Timestamp>,
        client_address -> Text,
    }
}

table! {
    login_attempt (key_digest) {
        key_digest -> Text,
        version -> Integer,
        attempts -> Text,
        last_at -> Timestamp,
    }
}

table! {
    upload (account_uuid, cid) {
        account_uuid -> Text,
        cid -> Text,
        size -> BigInt,
        uploaded_at -> Timestamp,
    }
}

table! {
    known_login (key_digest) {
        key_digest -> Text,
        last_at -> Timestamp,
    }
}

table! {
    write_probe (id) {
        id -> SmallInt,
        content -> Binary,
    }
}

table! {
    quota_use (account_uuid, quota, used_on) {
        account_uuid -> Text,
        quota -> SmallInt,
        used_on -> Date,
        amount -> BigInt,
    }
}

table! {
    pin (cid) {
        cid -> Text,
        size -> BigInt,
        status -> SmallInt,
        queued_at -> Timestamp,
        pinned_at -> Nullable<Timestamp>,
    }
}

table! {
    conversation_turn (id) {
        id -> BigInt,
        account_uuid -> Text,
        speaker -> SmallInt,
        is_generated -> Bool,
        content -> Text,
        sent -> Nullable<Text>,
        is_cut_off -> Bool,
        model -> Text,
        said_at -> Timestamp,
    }
}

table! {
    conversation_summary (account_uuid) {
        account_uuid -> Text,
        content -> Text,
        turn_id -> Nullable<BigInt>,
        medical_record_id -> Nullable<BigInt>,
        model -> Text,
        made_at -> Timestamp,
    }
}

table! {
    model_call (account_uuid, called_on) {
        account_uuid -> Text,
        called_on -> Date,
        calls -> Integer,
    }
}

table! {
    audit_chain (id) {
        id -> Binary,
        instance -> Text,
        opened_at -> BigInt,
    }
}

table! {
    audit_block (id) {
        id -> BigInt,
        chain -> Binary,
        sequence -> BigInt,
        entries -> BigInt,
        recorded_first -> BigInt,
        recorded_last -> BigInt,
        links -> Binary,
        body -> Text,
    }
}

table! {
    audit_person (person, role, recorded_first, block) {
        person -> Text,
        role -> SmallInt,
        recorded_first -> BigInt,
        block -> BigInt,
        entries -> BigInt,
    }
}

table! {
    audit_outbox (id) {
        id -> BigInt,
        writer -> Binary,
        recorded -> BigInt,
        body -> Text,
    }
}

table! {
    audit_verification (id) {
        id -> BigInt,
        ended_at -> Timestamp,
        started_by -> Nullable<Text>,
        chains -> BigInt,
        entries -> BigInt,
        faults -> BigInt,
        removed -> BigInt,
        unlinked -> BigInt,
        first_faults -> Text,
        heads -> Text,
    }
}

table! {
    audit_verification_run (id) {
        id -> SmallInt,
        run -> BigInt,
        is_running -> Bool,
        started_by -> Text,
        started_at -> Timestamp,
        last_heartbeat_at -> Timestamp,
        chains_to_verify -> BigInt,
        chains -> BigInt,
        entries -> BigInt,
    }
}

table! {
    audit_removal (chain) {
        chain -> Binary,
        entries -> BigInt,
        hash -> Binary,
        removed_at -> BigInt,
    }
}

table! {
    secret (name) {
        name -> Text,
        value -> Binary,
    }
}

table! {
    tally (kind, level, span, code) {
        kind -> SmallInt,
        level -> SmallInt,
        span -> BigInt,
        code -> SmallInt,
        n -> BigInt,
    }
}

table! {
    tally_delta (id) {
        id -> BigInt,
        kind -> SmallInt,
        code -> SmallInt,
        span -> BigInt,
        n -> BigInt,
    }
}

table! {
    import_job (seq) {
        seq -> BigInt,
        id -> Text,
        started_by -> Text,
        dry_run -> Bool,
        atomic -> Bool,
        state -> SmallInt,
        fault -> Nullable<Text>,
        total -> BigInt,
        imported -> BigInt,
        skipped -> BigInt,
        failed -> BigInt,
        started_at -> Timestamp,
        last_heartbeat_at -> Timestamp,
        holds_file -> Bool,
        follows -> Nullable<Text>,
        remarks -> Nullable<Text>,
    }
}

table! {
    import_row (job_id, place) {
        job_id -> Text,
        place -> Integer,
        sheet -> Text,
        source_row -> BigInt,
        problems -> Text,
        cells -> Text,
    }
}

allow_tables_to_appear_in_same_query!(audit_block, audit_chain, audit_person);
allow_tables_to_appear_in_same_query!(account, inquiry, medical_record, drug_order, tally, tally_delta);
allow_tables_to_appear_in_same_query!(account, medical_addendum);
allow_tables_to_appear_in_same_query!(account, account_name_part);
allow_tables_to_appear_in_same_query!(account_name_part, inquiry);

diesel::alias!(account as patient_account: PatientAccount, account as physician_account: PhysicianAccount);

diesel::define_sql_function! {
    /// Position of the first occurrence of the text, from 1; 0 if there is none. Unlike LIKE it has no
    /// wildcards.
    #[sql_name = "INSTR"]
    fn position_in(text: diesel::sql_types::Nullable<diesel::sql_types::Text>, part: diesel::sql_types::Text) -> diesel::sql_types::Nullable<diesel::sql_types::Integer>;
}

diesel::define_sql_function! {
    /// The text from this position (from 1) on.
    #[sql_name = "SUBSTR"]
    fn text_from(text: diesel::sql_types::Nullable<diesel::sql_types::Text>, position: diesel::sql_types::Integer) -> diesel::sql_types::Nullable<diesel::sql_types::Text>;
}

diesel::define_sql_function! {
    /// A day, in a form that no index is used for, when both arguments are the same column.
    #[sql_name = "COALESCE"]
    fn unindexed_day(day: diesel::sql_types::Date, same: diesel::sql_types::Date) -> diesel::sql_types::Date;
}

diesel::define_sql_function! {
    /// A time, in a form that no index is used for, when both arguments are the same column.
    #[sql_name = "COALESCE"]
    fn unindexed_time(time: diesel::sql_types::Nullable<diesel::sql_types::Timestamp>, same: diesel::sql_types::Nullable<diesel::sql_types::Timestamp>) -> diesel::sql_types::Nullable<diesel::sql_types::Timestamp>;
}

diesel::define_sql_function! {
    /// Like [`whole_sum`], of smaller numbers.
    #[aggregate]
    #[sql_name = "SUM"]
    fn sum_of_numbers(n: diesel::sql_types::Integer) -> diesel::sql_types::Nullable<diesel::sql_types::BigInt>;
}

diesel::define_sql_function! {
    /// A sum as an integer; Diesel's own returns a decimal.
    #[aggregate]
    #[sql_name = "SUM"]
    fn whole_sum(n: diesel::sql_types::BigInt) -> diesel::sql_types::Nullable<diesel::sql_types::BigInt>;
}
