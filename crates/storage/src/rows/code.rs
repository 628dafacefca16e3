//! Database codes of enums. They are stored, so they never change, and a used code is never reused.

use yilin_domain::account::{Role, Sex};
use yilin_domain::chat::Speaker;
use yilin_domain::drug_order::DrugOrderStatus;
use yilin_domain::event::{EventType, SubjectKind};
use yilin_domain::file::PinStatus;
use yilin_domain::inquiry::{InquiryStatus, VisitType};
use yilin_domain::port::Quota;

/// A value that is stored as a code. Public for what writes or reads tables directly: tests and benchmarks.
pub trait StoredCode: Copy {
    /// Its code.
    fn code(self) -> i16;
    /// The value with this code, if there is one.
    fn of_code(code: i16) -> Option<Self>;
}

/// Declares the codes of an enum. A value without a code does not compile, and a duplicate code is an
/// unreachable pattern.
macro_rules! stored_codes {
    ($name:ident { $($variant:ident = $code:literal),+ $(,)? }) => {
        impl StoredCode for $name {
            fn code(self) -> i16 {
                match self {
                    $(Self::$variant => $code,)+
                }
            }

            #[deny(unreachable_patterns)]
            fn of_code(code: i16) -> Option<Self> {
                match code {
                    $($code => Some(Self::$variant),)+
                    _ => None,
                }
            }
        }
    };
}

stored_codes!(Role { Patient = 0, Physician = 1, Admin = 2 });
stored_codes!(Sex { Male = 0, Female = 1 });
stored_codes!(VisitType { Home = 0, Community = 1 });
stored_codes!(InquiryStatus { Submitted = 0, Assigned = 1, Accepted = 2, Registered = 3, Approved = 4, Cancelled = 5, Returned = 6 });
stored_codes!(DrugOrderStatus { Pending = 0, Purchased = 1, Dispatched = 2, Received = 3 });
stored_codes!(EventType {
    InquirySubmitted = 0,
    InquiryAssigned = 1,
    InquiryAccepted = 2,
    InquiryDeclined = 3,
    InquiryRegistered = 4,
    InquiryReturned = 5,
    InquiryApproved = 6,
    InquiryCancelled = 7,
    InquiryRescheduled = 8,
    InquiryOverdue = 9,
    MedicalRecordAmended = 20,
    DrugOrderCreated = 30,
    DrugOrderPurchased = 31,
    DrugOrderDispatched = 32,
    DrugOrderReceived = 33,
});
stored_codes!(SubjectKind { Inquiry = 0, DrugOrder = 1, MedicalRecord = 2 });
stored_codes!(Speaker { System = 0, User = 1, Assistant = 2 });
stored_codes!(Quota { UploadedBytes = 0, PhoneChanges = 1 });
stored_codes!(PinStatus { Queued = 0, Pinned = 1 });
