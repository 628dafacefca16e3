//! The content of a file link's token, as bytes.

use super::link::{LinkGrant, LinkedKind, LinkedRecord};
use crate::account::{AccountUuid, Role};

/// Length in bytes: with the 16-byte tag, exactly 52 characters of base64.
pub(super) const SIZE: usize = 23;

/// Length of the expiry in bytes: sufficient until the year 36,000.
const EXPIRY: usize = 5;

/// The expiry and grant of a link.
pub(super) struct LinkTerms {
    pub(super) expires: i64,
    pub(super) grant: LinkGrant,
}

impl LinkTerms {
    /// Role, expiry, recipient, kind of record, its id and patient.
    pub(super) fn to_bytes(&self) -> [u8; SIZE] {
        let LinkGrant { recipient, role, record } = self.grant;
        let (kind, id, patient) = match record {
            None => (0, 0, AccountUuid::from_bytes([0; 4])),
            Some(LinkedRecord { kind, id, patient }) => (code_of_kind(kind), id, patient),
        };
        let parts: [&[u8]; 6] = [
            &[code_of_role(role)],
            &self.expires.to_be_bytes()[8 - EXPIRY..],
            &recipient.to_bytes(),
            &[kind],
            &id.to_be_bytes(),
            &patient.to_bytes(),
        ];
        let mut bytes = [0; SIZE];
        for (byte, part) in bytes.iter_mut().zip(parts.into_iter().flatten()) {
            *byte = *part;
        }
        bytes
    }

    /// Parses authenticated bytes.
    pub(super) fn of_bytes(bytes: &[u8; SIZE]) -> Option<Self> {
        let mut rest = &bytes[..];
        let [role] = take(&mut rest)?;
        let expires = take::<EXPIRY>(&mut rest)?;
        let recipient = AccountUuid::from_bytes(take(&mut rest)?);
        let [kind] = take(&mut rest)?;
        let id = i64::from_be_bytes(take(&mut rest)?);
        let patient = AccountUuid::from_bytes(take(&mut rest)?);
        let mut whole = [0; 8];
        whole[8 - EXPIRY..].copy_from_slice(&expires);
        let record = match kind {
            0 => None,
            kind => Some(LinkedRecord { kind: kind_of_code(kind)?, id, patient }),
        };
        let grant = LinkGrant { recipient, role: role_of_code(role)?, record };
        Some(Self { expires: i64::from_be_bytes(whole), grant })
    }
}

fn take<const N: usize>(rest: &mut &[u8]) -> Option<[u8; N]> {
    let (first, after) = rest.split_first_chunk::<N>()?;
    *rest = after;
    Some(*first)
}

const fn code_of_role(role: Role) -> u8 {
    match role {
        Role::Patient => 1,
        Role::Physician => 2,
        Role::Admin => 3,
    }
}

fn role_of_code(code: u8) -> Option<Role> {
    Role::ALL.into_iter().find(|role| code_of_role(*role) == code)
}

const fn code_of_kind(kind: LinkedKind) -> u8 {
    match kind {
        LinkedKind::MedicalRecord => 1,
        LinkedKind::DrugOrder => 2,
    }
}

fn kind_of_code(code: u8) -> Option<LinkedKind> {
    [LinkedKind::MedicalRecord, LinkedKind::DrugOrder].into_iter().find(|kind| code_of_kind(*kind) == code)
}
