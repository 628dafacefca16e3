# 医院管理后台的全部文字，按页面分组。en.ftl 有同样的条目。

## 通用
product-name = 医邻助手
nav-overview = 总览
nav-visits = 就诊
frame-skip = 跳到正文
frame-navigation = 主菜单
frame-password = 修改密码
frame-log-out = 退出
live-new = 有更新。
live-reload = 刷新本页
form-summary = 请先改正以下内容
form-colon = ：
form-back = 返回，不提交
pager-label = 翻页
pager-newer = 较新的
pager-older = 较早的
pager-total = 共 { $n } 条
pager-more-than = 超过 { $n } 条
file-elsewhere = 这个文件不在本系统中
file-open = 打开原文件
chart-day = 日期
chart-table = 以表格显示
kitchen-title = 页面部件

## 时间
time-today = 今天 { $time }
time-tomorrow = 明天 { $time }
time-yesterday = 昨天 { $time }
time-in-days = { $days } 天后 { $time }
time-days-ago = { $days } 天前 { $time }
time-this-year = { $month }月{ $day }日 { $time }

## 人员
person-male = 男
person-female = 女
person-age = { $n } 岁

## 状态
status-submitted = 待指派
status-assigned = 待接诊
status-accepted = 已接诊
status-registered = 待审核
status-returned = 退回补正
status-approved = 已审核
status-cancelled = 已取消
status-overdue = 已超时
status-pending = 待购药
status-purchased = 已购药
status-dispatched = 已派送
status-received = 已收货

## 登录
log-in-title = 登录管理后台
log-in-name = 账号
log-in-name-help = 管理员账号，例如 admin
log-in-password = 密码
log-in-do = 登录
log-in-first = 请先登录，登录后会回到您要看的页面。
log-in-ended = 登录已失效，请重新登录。刚才填写的内容没有保留，请登录后重新填写。
log-in-kept = 登录已失效，请重新登录。您刚才填写的内容已保留，登录后可以继续提交。
log-in-logged-out = 您已退出登录。
log-in-locked = 登录尝试次数过多，请在 { $n } 分钟后再试。
log-in-not-staff = 这里是医院工作人员的管理后台。居民和医师请使用医邻助手应用登录。
resume-title = 继续提交刚才的内容
resume-about = 您已重新登录。刚才填写的内容还没有提交，确认后才会生效：
resume-do = 继续提交
resume-not = 不提交

## 修改密码
password-title = 修改密码
password-due = 您的密码是由他人设置的，请先修改密码，再继续使用。
password-new = 新密码
password-help = 6 到 71 个字节，不能是默认密码。修改后，您在其他设备上的登录会失效。
password-again = 再输一遍新密码
password-not-repeated = 两次输入的密码不一致
password-do = 修改密码

## 总览
overview-title = 总览
overview-waiting = 等待处理
overview-to-appoint = 待指派医师
overview-unanswered = 医师未答复
overview-overdue = 已超时
overview-to-review = 待审核病历
overview-returned = 退回补正
overview-today = 今天的就诊
overview-no-visits = 今天没有就诊安排。
overview-more = 查看全部就诊
overview-last-days = 最近 30 天
overview-visits = 每天的就诊次数
overview-by-status = 按状态
overview-number = 次数
overview-drug-orders = 每天的代购药单
overview-orders = 药单

## 就诊列表
visits-title = 就诊
visits-tabs = 按状态查看
visits-name = 患者姓名
visits-from = 就诊日期从
visits-to = 到
visits-search = 查找
visits-none = 还没有就诊申请。居民在应用中提交后，会显示在这里。
visits-none-found = 没有符合条件的就诊。
visits-new = 替居民预约
visits-all = 清除条件，查看全部
tab-all = 全部
tab-submitted = 待指派
tab-assigned = 待接诊
tab-accepted = 已接诊
tab-registered = 待审核
tab-returned = 退回补正
tab-approved = 已审核
tab-cancelled = 已取消
tab-overdue = 已超时

## 一次就诊
visit-title = { $name }的就诊
visit-back = 返回就诊列表
visit-patient = 患者
visit-when = 就诊时间
visit-type = 就诊方式
visit-home = 在家就医
visit-community = 社区就医
visit-physician = 医师
visit-no-physician = 尚未指派
visit-status = 状态
visit-next = 下一步
visit-phone = 联系电话
visit-due = 处理期限
visit-clashes = 该医师还有时间相近的就诊：
visit-detail = 问诊详情
history-title = 经过
history-submitted = 提交申请，就诊时间 { $time }
history-rescheduled = 改期到 { $time }
history-assigned = 指派{ $name }
history-reassigned = 改派{ $name }
history-declined = 医师婉拒
history-accepted = 医师接诊
history-registered = 登记就诊
history-amended = 补充病历
history-approved = 审核通过
history-returned = 退回补正
history-cancelled = 取消就诊
record-title = 病历
record-when = 登记时间
record-findings = 病情描述
record-no-findings = 没有文字描述
record-drugs = 代购药品
record-drugs-yes = 需要
record-drugs-no = 不需要
record-picture = 病历图片
record-recording = 问诊视频
record-addendum = 补充
record-print = 打印病历
paper-title = 就诊病历
paper-back = 返回就诊
paper-print = 打印
paper-physician = 医师签名
paper-patient = 患者或家属签名
paper-number = 就诊编号
paper-printed = 打印时间

## 替居民预约
new-visit-title = 替居民预约就诊
new-visit-about = 先选择居民。
new-visit-search = 姓名或手机号
new-visit-nobody = 没有找到居民。请核对姓名或手机号。
new-visit-do = 提交申请

## 处理就诊
step-appoint = 指派医师
step-appoint-about = 选择一位医师。医师接诊之前，还可以改派。
step-appoint-do = 指派
step-reassign = 改派医师
step-reassign-about = 医师已经接诊。改派后由新的医师重新答复，原医师会看到原因。
step-reassign-do = 改派
step-approve = 审核通过
step-approve-about = 请核对病历。审核通过后，病历即为最终版本。
step-approve-do = 同意
step-return = 退回补正
step-return-about = 病历退回医师补充。医师补充之后，会再次等待审核。
step-return-do = 退回补正
step-reschedule = 改期
step-reschedule-about = 更改就诊时间。患者和医师都会看到新的时间和原因。
step-reschedule-do = 改期
step-cancel = 取消就诊
step-cancel-about = 取消之后不能恢复。患者和医师都会看到原因。
step-cancel-do = 取消就诊
step-more = 更多信息
step-physician = 医师
step-search = 查找医师（姓名或手机号）
step-more-physicians = 还有更多医师，请用姓名或手机号查找。
step-day-free = 当天没有其他就诊
step-day-visits = 当天 { $n } 次就诊：{ $times }
step-clash = 与 { $n } 次就诊时间相近
step-time = 新的就诊时间
step-reason = 原因
step-reason-help = 最多 500 字，会显示在经过中
done-created = 就诊申请已提交。
done-appointed = 已指派医师，等待医师答复。
done-reassigned = 已改派医师，等待新的医师答复。
done-approved = 病历已审核通过。
done-returned = 病历已退回医师补正。
done-rescheduled = 就诊已改期。
done-cancelled = 就诊已取消。
done-password = 密码已修改。
changed-title = 这次就诊刚刚有变化
changed-why = 在您填写期间，其他人处理了这次就诊。您的操作没有生效，请看清变化后再决定。
changed-not-possible = 这次就诊现在的状态不能进行这一步，您的操作没有生效。
changed-since = 您打开页面之后发生的变化
changed-now = 现在的情况
changed-typed = 您刚才填写的原因
changed-back = 查看这次就诊

## 出错时
error-home = 返回总览
error-request = 请求编号 { $id }
error-no-page = 没有这个页面
error-no-page-advice = 请检查地址，或从总览进入。
error-no-record = 没有找到记录
error-no-record-advice = 记录可能不存在，请从列表中查找。
error-forbidden = 不能这样操作
error-forbidden-advice = 请从本站的页面操作，或换有权限的账号登录。
error-conflict = 记录的状态不允许这一步
error-conflict-advice = 其他人可能刚刚处理过，请返回并刷新后再看。
error-too-large = 提交的内容过大
error-too-large-advice = 请缩短内容，或换较小的文件。
error-too-many = 操作过于频繁
error-too-many-advice = 请稍等片刻再试。
error-unavailable = 服务暂时不可用
error-unavailable-advice = 您的操作没有生效。请过一会儿刷新本页；一直如此时，请联系管理员。
error-internal = 出错了
error-internal-advice = 问题已经记录。请把下面的请求编号告诉管理员。
error-invalid = 请求的内容不正确
error-invalid-advice = 请返回上一页改正。
