//! The body that asks for an account: which members it needs depends on the role.

use yilin_domain::account::{
    AccountRequest, Age, BirthDate, HomeAddress, Hospital, NewPassword, PersonName, PhoneNumber, Role, Sex,
};

use super::request::{FieldDescription, Fields, FromFields};
use super::values::Text;

/// An account that an admin asks for.
pub struct AccountBody(pub AccountRequest);

impl FromFields for AccountBody {
    const NAME: &'static str = "AccountBody";

    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        let role = fields.take::<Role>("role");
        let by_phone = role.map(Role::logs_in_by_phone);
        let username = fields.take::<Text>("username").and_then(|Text(text)| {
            fields.check("username", PersonName::of_account(role.unwrap_or(Role::Patient), &text))
        });
        let phone = match by_phone {
            Some(true) => fields.take::<PhoneNumber>("phone").map(Some),
            Some(false) | None => fields.take::<Option<PhoneNumber>>("phone"),
        };
        let sex = fields.take::<Option<Sex>>("sex");
        let age = fields.take::<Option<Age>>("age");
        let birth_date = fields.take::<Option<BirthDate>>("birth_date");
        let home_address = fields.take::<Option<HomeAddress>>("home_addr");
        let hospital = fields.take::<Option<Hospital>>("hospital");
        let password = match by_phone {
            Some(false) => fields.take::<NewPassword>("password").map(Some),
            Some(true) | None => fields.take::<Option<NewPassword>>("password"),
        };
        Some(Self(AccountRequest {
            role: role?,
            username: username?,
            phone: phone?,
            sex: sex?,
            age: age?,
            birth_date: birth_date?,
            home_address: home_address?,
            hospital: hospital?,
            password: password?,
        }))
    }

    fn describe() -> Vec<FieldDescription> {
        vec![
            FieldDescription::of::<Role>("role", &["What the person may do."], Some("患者".into())),
            FieldDescription::of::<Text>(
                "username",
                &["The person's name; for an admin what they log in with: 5 to 16 characters."],
                Some("王秀英".into()),
            ),
            FieldDescription::of::<Option<PhoneNumber>>(
                "phone",
                &["What a patient or physician logs in with, and needs; an admin needs none."],
                Some("13812345678".into()),
            ),
            FieldDescription::of::<Option<Sex>>("sex", &["男 or 女."], Some("女".into())),
            FieldDescription::of::<Option<Age>>(
                "age",
                &["The age today; `birth_date` counts for more."],
                None,
            ),
            FieldDescription::of::<Option<BirthDate>>("birth_date", &["The date of birth."], None),
            FieldDescription::of::<Option<HomeAddress>>("home_addr", &["A patient's address."], None),
            FieldDescription::of::<Option<Hospital>>(
                "hospital",
                &["Where a physician works."],
                Some("".into()),
            ),
            FieldDescription::of::<Option<NewPassword>>(
                "password",
                &["Required for an admin; the initial password where it is absent."],
                None,
            ),
        ]
    }
}
