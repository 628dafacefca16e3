//! Generated people.

use crate::account::{
    Age, HomeAddress, Hospital, KnownAge, NewAccount, PasswordHash, PersonName, PhoneNumber, Role, Sex,
};
use crate::port::Random;
use crate::time::HospitalTime;
use crate::validation::FieldProblem;

const SURNAMES: &[&str] = &[
    "王", "李", "张", "刘", "陈", "杨", "黄", "赵", "吴", "周", "徐", "孙", "马", "朱", "胡", "郭", "何",
    "林", "罗", "高", "欧阳",
];
const GIVEN: &[&str] = &[
    "伟", "芳", "娜", "敏", "静", "丽", "强", "磊", "军", "洋", "勇", "艳", "杰", "娟", "涛", "明", "超",
    "秀英", "建国", "桂兰", "志强", "玉兰", "晓东", "雪梅", "文博", "子涵",
];
const STREETS: &[&str] = &["人民路", "建设路", "和平街", "滨河路", "桃园里", "青年路", "锦绣路"];
const COMMUNITIES: &[&str] = &["阳光社区", "幸福社区", "翠竹社区", "梧桐社区", "望江社区"];
const HOSPITALS: &[&str] = &["阳光社区卫生服务中心", "滨河社区医院", "翠竹社区卫生服务站"];

/// A generated person. Fails only if a list in this module contains an invalid value.
pub(super) fn person(
    random: &dyn Random,
    role: Role,
    password: PasswordHash,
    time: HospitalTime,
) -> Result<NewAccount, FieldProblem> {
    let pick = |list: &[&'static str]| list.get(random.below(list.len())).copied().unwrap_or_default();
    let (age, home, hospital) = match role {
        Role::Physician => (None, String::new(), pick(HOSPITALS).to_owned()),
        Role::Patient | Role::Admin => {
            let (building, flat) = (1 + random.below(30), 101 + random.below(2000));
            let home = format!("{}{}{building}栋{flat}号", pick(COMMUNITIES), pick(STREETS));
            let years = i64::try_from(18 + random.below(75)).unwrap_or_default();
            let age = KnownAge::Given { age: Age::new(years)?, on: time.today() };
            (Some(age), home, String::new())
        }
    };
    Ok(NewAccount {
        username: PersonName::parse(&format!("{}{}", pick(SURNAMES), pick(GIVEN)))?,
        role,
        sex: Some(if random.below(2) == 0 { Sex::Male } else { Sex::Female }),
        age,
        phone: Some(phone(random)?),
        hospital: Hospital::parse(&hospital)?,
        home_address: HomeAddress::parse(&home)?,
        password,
        must_change_password: true,
        created_at: time.now,
    })
}

fn phone(random: &dyn Random) -> Result<PhoneNumber, FieldProblem> {
    PhoneNumber::parse(&format!("1{}{:09}", 3 + random.below(7), random.below(1_000_000_000)))
}
