//! Wire formats of domain values: enums by name, uuids with their pattern.

use std::borrow::Cow;
use std::fmt::Display;

use serde::{Serialize, Serializer};
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{ObjectBuilder, Schema, Type};
use utoipa::{PartialSchema, ToSchema};
use yilin_domain::account::{AccountUuid, Age, KnownAge, Role, Sex};
use yilin_domain::audit::AuditAction;
use yilin_domain::chat::Speaker;
use yilin_domain::drug_order::DrugOrderStatus;
use yilin_domain::event::{EventType, SubjectKind};
use yilin_domain::file::NodeStatus;
use yilin_domain::inquiry::{InquiryStatus, VisitType};
use yilin_domain::time::HospitalTime;

/// An enum with wire names.
pub(crate) trait WireEnum: Copy {
    /// The schema's name.
    const NAME: &'static str;
    /// The meaning of the names, for the description.
    const ABOUT: &'static str;

    /// Every name.
    fn names() -> Vec<&'static str>;

    /// The member's name.
    fn name(self) -> &'static str;
}

macro_rules! wire_enums {
    ($($type:ty, $schema:literal, $about:literal, $names:expr, $name:expr;)*) => {$(
        impl WireEnum for $type {
            const NAME: &'static str = $schema;
            const ABOUT: &'static str = $about;

            fn names() -> Vec<&'static str> {
                $names
            }

            fn name(self) -> &'static str {
                let name: fn(Self) -> &'static str = $name;
                name(self)
            }
        }
    )*};
}

wire_enums! {
    InquiryStatus, "InquiryStatus", "The status of an inquiry.",
        Self::ALL.map(Self::as_str).to_vec(), Self::as_str;
    DrugOrderStatus, "DrugOrderStatus", "The status of a drug order.",
        Self::ALL.map(Self::as_str).to_vec(), Self::as_str;
    VisitType, "VisitType", "在家就医 (home visit) or 社区就医 (community visit).", Self::NAMES.to_vec(), Self::as_str;
    EventType, "EventType", "The kind of state change.", Self::NAMES.to_vec(), Self::as_str;
    SubjectKind, "SubjectKind", "The kind of record of an event.", Self::NAMES.to_vec(), Self::as_str;
    Role, "Role", "患者 (patient), 医师 (physician) or 系统管理员 (admin).", Self::NAMES.to_vec(), Self::as_str;
    AuditAction, "AuditAction",
        "C (create), R (read), U (update), D (delete) or E (execute), as in FHIR.",
        Self::ALL.map(Self::code).to_vec(), Self::code;
    Speaker, "Speaker", "The author: `user`, `assistant`, or `system` (instructions).",
        vec!["system", "user", "assistant"], |speaker| match speaker {
            Speaker::System => "system",
            Speaker::User => "user",
            Speaker::Assistant => "assistant",
        };
    NodeStatus, "NodeStatus", "`public`: it gets no files; `unknown`: not checked yet.",
        vec!["unknown", "ready", "unavailable", "public"], |status| match status {
            NodeStatus::Unknown => "unknown",
            NodeStatus::Ready => "ready",
            NodeStatus::Unavailable => "unavailable",
            NodeStatus::Public => "public",
        };
}

/// An absent sex is an empty text.
impl WireEnum for Option<Sex> {
    const NAME: &'static str = "Sex";
    const ABOUT: &'static str = "男 (male), 女 (female), or empty if unknown.";

    fn names() -> Vec<&'static str> {
        Sex::NAMES.iter().copied().chain([""]).collect()
    }

    fn name(self) -> &'static str {
        self.map_or("", Sex::as_str)
    }
}

/// An absent role is an empty text, for anonymous requests.
impl WireEnum for Option<Role> {
    const NAME: &'static str = "RoleOrNone";
    const ABOUT: &'static str =
        "患者 (patient), 医师 (physician), 系统管理员 (admin), or empty without a log-in.";

    fn names() -> Vec<&'static str> {
        Role::NAMES.iter().copied().chain([""]).collect()
    }

    fn name(self) -> &'static str {
        self.map_or("", Role::as_str)
    }
}

/// An enum value by its name.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Wire<T>(pub(crate) T);

impl<T: WireEnum> Serialize for Wire<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.0.name())
    }
}

impl<T: WireEnum> PartialSchema for Wire<T> {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(Type::String)
            .enum_values(Some(T::names()))
            .description(Some(T::ABOUT))
            .into()
    }
}

impl<T: WireEnum> ToSchema for Wire<T> {
    fn name() -> Cow<'static, str> {
        T::NAME.into()
    }
}

// utoipa's derive requires schemas of type parameters, so that fields use these aliases.
pub(crate) type WireAuditAction = Wire<AuditAction>;
pub(crate) type WireDrugOrderStatus = Wire<DrugOrderStatus>;
pub(crate) type WireEventType = Wire<EventType>;
pub(crate) type WireInquiryStatus = Wire<InquiryStatus>;
pub(crate) type WireNodeStatus = Wire<NodeStatus>;
pub(crate) type WireRole = Wire<Role>;
pub(crate) type WireRoleOrNone = Wire<Option<Role>>;
pub(crate) type WireSex = Wire<Option<Sex>>;
pub(crate) type WireSpeaker = Wire<Speaker>;
pub(crate) type WireSubjectKind = Wire<SubjectKind>;
pub(crate) type WireVisitType = Wire<VisitType>;

/// An account's uuid; an absent one is an empty text.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Uuid(pub(crate) Option<AccountUuid>);

impl From<AccountUuid> for Uuid {
    fn from(uuid: AccountUuid) -> Self {
        Self(Some(uuid))
    }
}

impl Display for Uuid {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.map_or(Ok(()), |uuid| uuid.fmt(f))
    }
}

impl Serialize for Uuid {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl PartialSchema for Uuid {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(Type::String)
            .pattern(Some("^([0-9a-f]{8})?$"))
            .examples(["d59aa28a"])
            .description(Some("An account's uuid: 8 hexadecimal digits; empty if there is none."))
            .into()
    }
}

impl ToSchema for Uuid {
    fn name() -> Cow<'static, str> {
        "AccountUuid".into()
    }
}

/// The age of a person today.
pub(super) fn years(age: Option<KnownAge>, time: HospitalTime) -> Option<u8> {
    age.and_then(|age| age.on(time.today())).map(Age::years)
}
