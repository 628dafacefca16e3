//! Columns of a roster, recognised by their headers.

use super::cell::{self, simplified};
use crate::account::Role;

/// A column of a roster.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Column {
    /// The person's name.
    Name,
    /// The person's sex.
    Sex,
    /// The phone number used to log in.
    Phone,
    /// A patient's home address.
    HomeAddress,
    /// A person's age in years.
    Age,
    /// A person's date of birth.
    BirthDate,
    /// A physician's hospital.
    Hospital,
    /// Patient or physician, if the sheet's name does not say.
    Role,
    /// An individual password instead of the configured initial one.
    InitialPassword,
}

/// Headers of each column, in the form that [`plain`] returns: first that of the templates, then variants
/// used by hospitals.
const HEADERS: [(Column, &[&str]); 9] = [
    (Column::Name, &["姓名", "名字", "name", "fullname"]),
    (Column::Sex, &["性别", "sex", "gender"]),
    (
        Column::Phone,
        &[
            "电话",
            "电话号",
            "电话号码",
            "手机",
            "手机号",
            "手机号码",
            "手机电话",
            "联系电话",
            "联系手机",
            "联系方式",
            "联络电话",
            "联络方式",
            "联系号码",
            "移动电话",
            "行动电话",
            "phone",
            "phoneno",
            "phonenumber",
            "mobile",
            "mobileno",
            "mobilenumber",
            "mobilephone",
            "mobilephoneno",
            "mobilephonenumber",
            "cell",
            "cellphone",
            "cellphonenumber",
            "tel",
            "telno",
            "telephone",
            "telephoneno",
            "telephonenumber",
            "contactno",
            "contactnumber",
            "contactphone",
        ],
    ),
    (
        Column::HomeAddress,
        &[
            "家庭住址",
            "住址",
            "地址",
            "住所",
            "家庭地址",
            "居住地址",
            "居住地",
            "常住地址",
            "现住址",
            "现住地址",
            "现居住地址",
            "联系地址",
            "通讯地址",
            "详细地址",
            "详细住址",
            "address",
            "homeaddress",
            "residence",
            "residentialaddress",
        ],
    ),
    (Column::Age, &["年龄", "岁数", "周岁", "实足年龄", "age"]),
    (
        Column::BirthDate,
        &[
            "出生日期",
            "出生年月日",
            "出生日",
            "生日",
            "出生时间",
            "dateofbirth",
            "birthdate",
            "birthday",
            "dob",
        ],
    ),
    (
        Column::Hospital,
        &[
            "所属医院",
            "医院",
            "医院名称",
            "所在医院",
            "工作单位",
            "所属单位",
            "所在单位",
            "单位",
            "单位名称",
            "所属机构",
            "所在机构",
            "医疗机构",
            "机构",
            "机构名称",
            "执业机构",
            "hospital",
            "hospitalname",
            "institution",
            "organization",
            "organisation",
            "clinic",
        ],
    ),
    (Column::Role, &["角色", "身份", "身分", "类型", "人员类型", "人员类别", "role"]),
    (
        Column::InitialPassword,
        &["初始密码", "密码", "登录密码", "初始登录密码", "password", "initialpassword"],
    ),
];

/// Words for the owner of a value, which do not affect the meaning of a header.
const OWNERS: [&str; 18] = [
    "本人",
    "患者",
    "病人",
    "居民",
    "医师",
    "医生",
    "人员",
    "老人",
    "员工",
    "职工",
    "签约居民",
    "patients",
    "patient",
    "doctors",
    "doctor",
    "physicians",
    "physician",
    "own",
];

impl Column {
    /// The column of this header: in simplified or traditional characters, in English or in both languages
    /// (`姓名 Name`), with several names of one column (`手机/电话`), with its owner (`本人电话`), in any width and
    /// case, with a leading number, with a unit or remark in brackets, or with the `*` of a required field.
    pub fn of(header: &str) -> Option<Self> {
        let text = without_remarks(&simplified(&cell::half_width(header)).to_lowercase());
        let text = text.trim_start_matches(|c: char| {
            c.is_ascii_digit() || c.is_whitespace() || matches!(c, '.' | '、' | ')' | '*')
        });
        Self::of_plain(&plain(text)).or_else(|| {
            let separators = ['/', '\\', '|', '、', ',', ';', '&', '\n', '或', '和'];
            let names = text.split(separators).map(plain).filter(|name| !name.is_empty());
            one_of(names.map(|name| Self::of_plain(&name)))
        })
    }

    fn of_plain(plain: &str) -> Option<Self> {
        let known = |name: &str| {
            let found = HEADERS.iter().find(|(_, headers)| headers.contains(&name));
            found.map(|(column, _)| *column)
        };
        let own = || OWNERS.iter().find_map(|owner| known(plain.strip_prefix(owner)?));
        let in_two_languages = || {
            let is_latin = char::is_ascii_alphanumeric;
            let (latin, han): (String, String) = plain.chars().partition(is_latin);
            one_of([Self::of_own(&latin), Self::of_own(&han)])
        };
        known(plain).or_else(own).or_else(|| {
            let mixed = plain.chars().any(|c| c.is_ascii()) && !plain.is_ascii();
            mixed.then(in_two_languages).flatten()
        })
    }

    /// The column of a header in one language.
    fn of_own(plain: &str) -> Option<Self> {
        let mixed = plain.chars().any(|c| c.is_ascii()) && !plain.is_ascii();
        if mixed { None } else { Self::of_plain(plain) }
    }

    /// Every column.
    pub const ALL: [Self; 9] = [
        Self::Name,
        Self::Sex,
        Self::Phone,
        Self::HomeAddress,
        Self::Age,
        Self::BirthDate,
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

/// The column that all of these agree on.
fn one_of(columns: impl IntoIterator<Item = Option<Column>>) -> Option<Column> {
    let mut columns = columns.into_iter();
    let first = columns.next()??;
    columns.all(|column| column == Some(first)).then_some(first)
}

/// The text without bracketed remarks.
fn without_remarks(text: &str) -> String {
    let mut depth = 0_usize;
    let mut kept = String::new();
    for c in text.chars() {
        match c {
            '(' | '[' | '{' | '<' | '【' | '〔' | '《' | '「' | '〈' => depth += 1,
            ')' | ']' | '}' | '>' | '】' | '〕' | '》' | '」' | '〉' if depth > 0 => depth -= 1,
            _ if depth == 0 => kept.push(c),
            _ => {}
        }
    }
    kept
}

/// Keeps only letters and digits.
fn plain(text: &str) -> String {
    text.chars().filter(|c| c.is_alphanumeric()).collect()
}

/// The role that the name of a sheet implies.
pub(crate) fn role_of_sheet(name: &str) -> Option<Role> {
    let name = simplified(&cell::half_width(name)).to_lowercase();
    let says = |words: &[&str]| words.iter().any(|word| name.contains(word));
    match (says(&["患者", "病人", "居民", "patient"]), says(&["医师", "医生", "physician", "doctor"]))
    {
        (true, false) => Some(Role::Patient),
        (false, true) => Some(Role::Physician),
        _ => None,
    }
}
