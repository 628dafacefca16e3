//! The scenarios of the demo: inquiries and drug orders in every status.

/// The progress of an inquiry and its drug order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Reached {
    /// Waiting for the hospital to appoint a physician.
    Submitted,
    /// The appointed physician declined.
    Declined,
    /// Waiting for the physician's answer.
    Assigned,
    /// The physician accepted.
    Accepted,
    /// The consultation is registered; no drugs were needed, or the order is pending.
    Registered,
    /// The hospital approved it.
    Approved,
    /// The drugs have been purchased.
    Purchased,
    /// They have been dispatched.
    Dispatched,
    /// The patient has received them.
    Received,
}

/// One inquiry.
pub(super) struct Story {
    /// Day of submission, relative to today.
    pub(super) submitted: i64,
    /// Day and time of the visit, relative to today.
    pub(super) visit: (i64, &'static str),
    /// The visit type: `在家就医` or `社区就医`.
    pub(super) place: &'static str,
    /// Index of the patient.
    pub(super) patient: usize,
    /// Indexes of the physicians that the hospital appoints, in order: all but the last are replaced before
    /// they answer.
    pub(super) physicians: &'static [usize],
    /// The complaint.
    pub(super) detail: &'static str,
    /// Its progress.
    pub(super) reached: Reached,
    /// What did not go as planned.
    pub(super) twist: Option<Twist>,
    /// The findings and whether drugs are needed, if there was a consultation.
    pub(super) found: Option<(&'static str, bool)>,
}

/// What did not go as planned.
#[derive(Debug, Clone, Copy)]
pub(super) enum Twist {
    /// The patient cancels, for this reason.
    Cancelled(&'static str),
    /// The physician reschedules the visit from this day, counted from today, and time to when it took place, for
    /// this reason.
    Moved((i64, &'static str), &'static str),
    /// The hospital returns the record for this reason, and the physician adds this addendum.
    Returned(&'static str, &'static str),
}

const HOME: &str = "在家就医";
const COMMUNITY: &str = "社区就医";

macro_rules! story {
    ($submitted:literal, $day:literal $time:literal, $place:ident, $patient:literal by $physicians:tt,
     $reached:ident, $detail:literal $(, $found:literal, $drugs:literal)?) => {
        Story {
            submitted: $submitted,
            visit: ($day, $time),
            place: $place,
            patient: $patient,
            physicians: &$physicians,
            detail: $detail,
            reached: Reached::$reached,
            twist: None,
            found: story!(@found $($found, $drugs)?),
        }
    };
    (@found) => { None };
    (@found $found:literal, $drugs:literal) => { Some(($found, $drugs)) };
}

/// All scenarios, in order of submission.
pub(super) const STORIES: &[Story] = &[
    story!(-12, -11 "09:00", HOME, 0 by [0], Received,
        "高血压十余年，近一周晨起头晕，家里量的血压在 160/95 左右，想请医生上门看看是否要调药。",
        "原发性高血压 2 级。坐位血压 158/94，心率 76，双下肢不肿。氨氯地平改为每日 5 mg，低盐饮食，一周后复测。", true),
    story!(-11, -9 "14:30", COMMUNITY, 3 by [2], Approved,
        "单位体检尿酸 512，右脚大拇趾上周痛过一次，现在不痛，想咨询饮食和是否需要吃药。",
        "高尿酸血症，痛风缓解期。嘱低嘌呤饮食、多饮水、忌酒，四周后复查尿酸，暂不用药。", false),
    story!(-10, -8 "10:00", HOME, 8 by [1, 2], Received,
        "脑梗后遗症，左侧肢体活动不便，鼻饲管到期需要更换，家属希望上门护理并评估。",
        "脑梗死恢复期。更换鼻饲管顺利，骶尾部皮肤完整，指导翻身拍背。继续阿司匹林与阿托伐他汀。", true),
    story!(-9, -7 "15:00", COMMUNITY, 5 by [4], Approved,
        "孩子反复咳嗽两周，夜里明显，没有发烧，之前得过毛细支气管炎。",
        "咳嗽待查，双肺未闻及湿啰音，考虑咳嗽变异性哮喘可能。建议肺功能检查，避免冷空气和毛绒玩具。", false),
    story!(-8, -6 "09:30", HOME, 2 by [0], Dispatched,
        "糖尿病二十年，最近脚底有一处破口不愈合，空腹血糖 9 点多，行动不便。",
        "2 型糖尿病，右足底 0.8 cm 浅表溃疡，无渗液。清创换药，胰岛素每晚加 2 单位，三日后上门换药。", true),
    story!(-7, -5 "11:00", COMMUNITY, 10 by [1], Approved,
        "腰痛半个月，弯腰和久坐加重，没有腿麻，想做理疗。",
        "腰肌劳损。直腿抬高试验阴性，予热敷与腰背肌锻炼指导，两周不缓解再做影像检查。", false),
    story!(-6, -4 "16:00", HOME, 16 by [0], Purchased,
        "老人九十岁，三天没有大便，腹胀，吃饭少，不愿意去医院。",
        "功能性便秘。腹软无压痛，肠鸣音可。开塞露通便一次，乳果糖口服，家属记录排便。", true),
    story!(-6, -4 "10:30", COMMUNITY, 13 by [3], Registered,
        "更年期潮热、夜里出汗、睡不好，想了解可以怎样调理。",
        "围绝经期综合征。情绪平稳，无用药禁忌。先予睡眠与运动指导，必要时转妇科评估激素治疗。", false),
    story!(-5, -3 "09:00", HOME, 14 by [2], Approved,
        "慢阻肺，入冬以来走几步就喘，家里的吸入药快用完了，请上门评估。",
        "慢性阻塞性肺疾病稳定期。血氧 93%，吸入方法纠正两处错误。续开噻托溴铵，建议家庭氧疗。", true),
    story!(-5, -3 "14:00", COMMUNITY, 7 by [1], Registered,
        "怀孕 20 周，来建立孕产妇健康档案，顺便测血压和血糖。",
        "孕 20 周，血压 112/70，空腹血糖 4.6，宫高腹围相符。已建档，预约 24 周糖耐量检查。", false),
    story!(-4, -2 "10:00", HOME, 9 by [4], Registered,
        "类风湿关节炎，最近天冷双手晨僵超过一小时，止痛药吃完了。",
        "类风湿关节炎活动期。双手近端指间关节压痛，晨僵约 70 分钟。续双氯芬酸钠，建议风湿科复诊。", true),
    Story {
        twist: Some(Twist::Returned(
            "缺少用药前后的血压记录，请补充。",
            "补充：用药前血压 162/98，静卧 20 分钟后 150/92；家属已学会使用电子血压计。",
        )),
        ..story!(-4, -3 "15:00", HOME, 4 by [2], Approved,
            "母亲卧床三年，这两天血压忽高忽低，想请医生上门看看降压药怎么吃。",
            "原发性高血压，卧床。心肺听诊无异常，氨氯地平改为晨起服用，嘱每日早晚各测一次血压。", true)
    },
    Story {
        twist: Some(Twist::Moved((-2, "09:00"), "上午有急诊转运，与家属商定改到下午。")),
        ..story!(-4, -2 "16:30", HOME, 12 by [3], Registered,
            "备考压力大，最近一个月入睡困难，白天没有精神。",
            "睡眠障碍，无自伤想法。予睡眠卫生指导，两周后随访，必要时转心理门诊。", false)
    },
    Story {
        twist: Some(Twist::Cancelled("老人昨晚已经住院，不需要上门了。")),
        ..story!(-3, -1 "10:00", HOME, 16 by [1], Assigned,
            "老人咳嗽、痰多，夜里睡不平，想请医生上门听听肺。")
    },
    story!(-3, -1 "15:30", COMMUNITY, 17 by [3], Accepted,
        "打篮球扭伤右脚踝，肿得厉害，能踩地但很痛，已经冰敷一天。"),
    story!(-3, 0 "09:30", HOME, 1 by [0], Accepted,
        "上个月出院的冠心病支架术后，想请医生上门复查血压、心率，看看双抗药要不要继续。"),
    story!(-2, 0 "14:00", COMMUNITY, 19 by [4], Accepted,
        "孩子四岁该打疫苗了，前几天有点流鼻涕，想先让医生看看能不能打。"),
    story!(-2, 1 "09:00", HOME, 18 by [3, 4], Assigned,
        "膝关节置换术后六周，想请医生指导康复锻炼，上下楼还不敢用力。"),
    story!(-2, 1 "10:30", COMMUNITY, 11 by [2], Assigned,
        "甲状腺结节半年没有复查了，想开单做彩超并化验甲功。"),
    story!(-1, 1 "15:00", HOME, 4 by [1], Declined,
        "照顾瘫痪的母亲，想请医生上门评估压疮风险，教我怎么翻身和选气垫床。"),
    story!(-1, 2 "09:00", COMMUNITY, 12 by [3], Assigned,
        "近视度数涨得快，想咨询青少年近视防控，另外最近总是头痛。"),
    story!(-1, 2 "16:00", HOME, 6 by [2], Declined,
        "父亲出院后长期留置导尿，明天是更换导尿管的日子，请安排上门。"),
    story!(0, 3 "10:00", COMMUNITY, 15 by [], Submitted,
        "产后三个月，情绪低落、总想哭，想找医生聊聊，不知道是不是产后抑郁。"),
    story!(0, 3 "14:30", HOME, 0 by [], Submitted,
        "上次调药以后头晕好多了，想预约一次上门复测血压并抽血查肾功能。"),
    story!(0, 4 "09:30", COMMUNITY, 3 by [], Submitted,
        "按上次嘱咐来复查尿酸，顺便问问能不能恢复跑步。"),
];
