//! The people of the demo. Names and numbers are fictitious.

use yilin_domain::account::{
    Age, HomeAddress, Hospital, KnownAge, NewAccount, PasswordHash, PersonName, PhoneNumber, Role, Sex,
};
use yilin_domain::time::HospitalTime;
use yilin_domain::validation::FieldProblem;

/// Name, sex, hospital.
pub(super) const PHYSICIANS: &[(&str, &str, &str)] = &[
    ("周敏", "女", "阳光社区卫生服务中心"),
    ("陈志远", "男", "阳光社区卫生服务中心"),
    ("林雪梅", "女", "滨河社区医院"),
    ("赵国强", "男", "滨河社区医院"),
    ("何静", "女", "翠竹社区卫生服务站"),
];

/// Name, sex, age, home address.
pub(super) const PATIENTS: &[(&str, &str, i64, &str)] = &[
    ("王桂兰", "女", 76, "阳光社区人民路3栋201号"),
    ("李建国", "男", 68, "阳光社区人民路5栋1102号"),
    ("张秀英", "女", 81, "阳光社区和平街12栋302号"),
    ("刘强", "男", 45, "滨河社区滨河路8栋601号"),
    ("杨丽华", "女", 52, "滨河社区青年路2栋403号"),
    ("黄子涵", "男", 7, "翠竹社区桃园里6栋502号"),
    ("吴晓东", "男", 33, "翠竹社区锦绣路1栋1801号"),
    ("徐芳", "女", 29, "阳光社区建设路9栋704号"),
    ("孙福生", "男", 84, "滨河社区滨河路4栋101号"),
    ("马玉兰", "女", 71, "翠竹社区桃园里3栋202号"),
    ("朱明", "男", 58, "阳光社区和平街7栋905号"),
    ("胡娟", "女", 38, "滨河社区青年路11栋1203号"),
    ("郭文博", "男", 16, "翠竹社区锦绣路5栋604号"),
    ("罗艳", "女", 47, "阳光社区人民路15栋303号"),
    ("高德顺", "男", 79, "滨河社区滨河路1栋102号"),
    ("欧阳倩", "女", 31, "翠竹社区锦绣路8栋2101号"),
    ("沈阿婆", "女", 90, "阳光社区和平街2栋101号"),
    ("韩磊", "男", 41, "滨河社区青年路6栋802号"),
    ("冯秀珍", "女", 65, "翠竹社区桃园里10栋401号"),
    ("曹一诺", "女", 4, "阳光社区建设路3栋1501号"),
];

/// The physicians' accounts.
pub(super) fn physicians(password: &PasswordHash, at: HospitalTime) -> Result<Vec<NewAccount>, FieldProblem> {
    let account = |(index, (name, sex, hospital)): (usize, &(&str, &str, &str))| {
        Ok(NewAccount {
            hospital: Hospital::parse(hospital)?,
            ..person(name, Role::Physician, sex, None, &format!("1390000{:04}", index + 1), password, at)?
        })
    };
    PHYSICIANS.iter().enumerate().map(account).collect()
}

/// The patients' accounts.
pub(super) fn patients(password: &PasswordHash, at: HospitalTime) -> Result<Vec<NewAccount>, FieldProblem> {
    let account = |(index, (name, sex, age, home)): (usize, &(&str, &str, i64, &str))| {
        let phone = format!("1380000{:04}", index + 1);
        let age = KnownAge::Given { age: Age::new(*age)?, on: at.today() };
        Ok(NewAccount {
            home_address: HomeAddress::parse(home)?,
            ..person(name, Role::Patient, sex, Some(age), &phone, password, at)?
        })
    };
    PATIENTS.iter().enumerate().map(account).collect()
}

fn person(
    name: &str,
    role: Role,
    sex: &str,
    age: Option<KnownAge>,
    phone: &str,
    password: &PasswordHash,
    time: HospitalTime,
) -> Result<NewAccount, FieldProblem> {
    Ok(NewAccount {
        username: PersonName::parse(name)?,
        role,
        sex: Some(Sex::parse(sex)?),
        age,
        phone: Some(PhoneNumber::parse(phone)?),
        hospital: Hospital::default(),
        home_address: HomeAddress::default(),
        password: password.clone(),
        must_change_password: true,
        created_at: time.now,
    })
}
