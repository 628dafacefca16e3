use super::cell;
use crate::account::Role;

/// A column that a roster may have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Column {
    /// The person's name.
    Name,
    /// The person's sex.
    Sex,
    /// What the person logs in with.
    Phone,
    /// Where a patient lives.
    HomeAddress,
    /// A patient's age in years.
    Age,
    /// Where a physician works.
    Hospital,
    /// Whether the person is a patient or a physician, where the sheet's name does not tell.
    Role,
    /// A password of the person's own, instead of the configured one.
    InitialPassword,
}

/// Each column's headers: the one that templates use first, then what hospitals write instead.
const HEADERS: [(Column, &[&str]); 8] = [
    (Column::Name, &["姓名", "名字", "患者姓名", "病人姓名", "医师姓名", "医生姓名", "居民姓名", "name"]),
    (Column::Sex, &["性别", "sex", "gender"]),
    (
        Column::Phone,
        &[
            "电话",
            "手机",
            "手机号",
            "手机号码",
            "电话号码",
            "联系电话",
            "联系方式",
            "移动电话",
            "phone",
            "mobile",
            "tel",
        ],
    ),
    (
        Column::HomeAddress,
        &[
            "家庭住址",
            "住址",
            "地址",
            "家庭地址",
            "居住地址",
            "现住址",
            "联系地址",
            "详细地址",
            "address",
            "homeaddress",
        ],
    ),
    (Column::Age, &["年龄", "岁数", "周岁", "age"]),
    (
        Column::Hospital,
        &["所属医院", "医院", "医院名称", "所在医院", "工作单位", "单位", "所属机构", "机构", "hospital"],
    ),
    (Column::Role, &["角色", "身份", "类型", "人员类型", "role"]),
    (Column::InitialPassword, &["初始密码", "密码", "登录密码", "password", "initialpassword"]),
];

impl Column {
    /// The column of this header: in any notation of width and case, with a unit or remark in
    /// brackets, or a `*` where a form marks what must be filled in.
    pub fn of(header: &str) -> Option<Self> {
        let plain = cell::half_width(header).to_lowercase();
        let plain = plain.split('(').next().unwrap_or_default();
        let plain: String =
            plain.chars().filter(|c| !c.is_whitespace() && !matches!(c, '*' | ':' | '_' | '-')).collect();
        let known = HEADERS.iter().find(|(_, headers)| headers.contains(&plain.as_str()));
        known.map(|(column, _)| *column)
    }

    /// Every column.
    pub const ALL: [Self; 8] = [
        Self::Name,
        Self::Sex,
        Self::Phone,
        Self::HomeAddress,
        Self::Age,
        Self::Hospital,
        Self::Role,
        Self::InitialPassword,
    ];

    /// The header that templates use.
    pub fn header(self) -> &'static str {
        let known = HEADERS.iter().find(|(column, _)| *column == self);
        known.and_then(|(_, headers)| headers.first()).copied().unwrap_or_default()
    }
}

/// The role of everybody on a sheet of this name, if it tells.
pub(crate) fn role_of_sheet(name: &str) -> Option<Role> {
    let name = name.to_lowercase();
    let says = |words: &[&str]| words.iter().any(|word| name.contains(word));
    match (says(&["患者", "病人", "居民", "patient"]), says(&["医师", "医生", "physician", "doctor"]))
    {
        (true, false) => Some(Role::Patient),
        (false, true) => Some(Role::Physician),
        _ => None,
    }
}
