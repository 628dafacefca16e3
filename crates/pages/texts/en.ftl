# All texts of the hospital's console, by page. zh.ftl has the same entries.

## General
product-name = Yilin
nav-overview = Overview
nav-visits = Visits
frame-skip = Skip to content
frame-navigation = Main menu
frame-password = Change password
frame-log-out = Log out
live-new = There is something new.
live-reload = Reload this page
form-summary = Please correct the following
form-colon = {": "}
form-back = Back without sending
pager-label = Pages of the list
pager-newer = Newer
pager-older = Older
pager-total = { $n } in total
pager-more-than = more than { $n }
file-elsewhere = This file is not stored here
file-open = Open the file
chart-day = Day
chart-table = Show as a table
kitchen-title = Parts of pages

## Time
time-today = today { $time }
time-tomorrow = tomorrow { $time }
time-yesterday = yesterday { $time }
time-in-days = in { $days } days, { $time }
time-days-ago = { $days } days ago, { $time }
time-this-year = { $day } { $month ->
    [1] January
    [2] February
    [3] March
    [4] April
    [5] May
    [6] June
    [7] July
    [8] August
    [9] September
    [10] October
    [11] November
   *[12] December
}, { $time }

## People
person-male = male
person-female = female
person-age = aged { $n }

## Status
status-submitted = to appoint
status-assigned = awaiting answer
status-accepted = accepted
status-registered = to review
status-returned = returned
status-approved = approved
status-cancelled = cancelled
status-overdue = overdue
status-pending = to purchase
status-purchased = purchased
status-dispatched = dispatched
status-received = received

## Log-in
log-in-title = Log in to the console
log-in-name = Account
log-in-name-help = An administrator’s account, for example admin
log-in-password = Password
log-in-do = Log in
log-in-first = Please log in; you will then see the page you asked for.
log-in-ended = Your session has ended; please log in again. What you had entered was not kept, please enter it again afterwards.
log-in-kept = Your session has ended; please log in again. What you had entered is kept, and you can send it afterwards.
log-in-logged-out = You have logged out.
log-in-locked = Too many log-in attempts. Please try again in { $n ->
    [one] { $n } minute
   *[other] { $n } minutes
}.
log-in-not-staff = This console is for the hospital’s staff. Residents and physicians log in with the Yilin app.
resume-title = Send what you had entered
resume-about = You are logged in again. What you had entered has not been sent yet, and takes effect only when you confirm:
resume-do = Send it now
resume-not = Do not send it

## Password
password-title = Change password
password-due = Your password was set by somebody else. Please change it before you go on.
password-new = New password
password-help = 6 to 71 bytes, and not a default. Your sessions on other devices will end.
password-again = The new password again
password-not-repeated = is not the same as the first
password-do = Change password

## Overview
overview-title = Overview
overview-waiting = Waiting for you
overview-to-appoint = to appoint
overview-unanswered = not answered
overview-overdue = overdue
overview-to-review = records to review
overview-returned = returned
overview-today = Today’s visits
overview-no-visits = There are no visits today.
overview-more = Show all visits
overview-last-days = The last 30 days
overview-visits = Visits per day
overview-by-status = By status
overview-number = Number
overview-drug-orders = Drug orders per day
overview-orders = Drug orders

## List of visits
visits-title = Visits
visits-tabs = By status
visits-name = Patient’s name
visits-from = Visits from
visits-to = to
visits-search = Search
visits-none = There are no requests for visits yet. They appear here when residents send them with the app.
visits-none-found = No visit meets these criteria.
visits-new = Request a visit
visits-all = Clear the criteria and show all
tab-all = All
tab-submitted = To appoint
tab-assigned = Awaiting answer
tab-accepted = Accepted
tab-registered = To review
tab-returned = Returned
tab-approved = Approved
tab-cancelled = Cancelled
tab-overdue = Overdue

## A visit
visit-title = Visit of { $name }
visit-back = Back to the visits
visit-patient = Patient
visit-when = Time of the visit
visit-type = Place
visit-home = home
visit-community = clinic
visit-physician = Physician
visit-no-physician = not appointed yet
visit-status = Status
visit-next = Next step
visit-phone = Phone
visit-due = Due
visit-clashes = The physician has other visits close to this one:
visit-detail = Complaint
history-title = History
history-submitted = Requested for { $time }
history-rescheduled = Moved to { $time }
history-assigned = { $name } appointed
history-reassigned = Reassigned to { $name }
history-declined = Declined by the physician
history-accepted = Accepted by the physician
history-registered = Consultation recorded
history-amended = Addendum to the record
history-approved = Approved
history-returned = Returned for correction
history-cancelled = Cancelled
record-title = Medical record
record-when = Recorded
record-findings = Findings
record-no-findings = no text
record-drugs = Drugs
record-drugs-yes = to be purchased
record-drugs-no = not needed
record-picture = Picture of the record
record-recording = Recording of the consultation
record-addendum = Addendum
record-print = Print the record
paper-title = Medical record
paper-back = Back to the visit
paper-print = Print
paper-physician = Physician’s signature
paper-patient = Signature of the patient or a relative
paper-number = Visit
paper-printed = printed

## A visit on behalf of a resident
new-visit-title = Request a visit for a resident
new-visit-about = First choose the resident.
new-visit-search = Name or phone
new-visit-nobody = Nobody was found. Please check the name or phone number.
new-visit-do = Send the request

## Steps
step-appoint = Appoint
step-appoint-about = Choose a physician. Until the physician has accepted, you can appoint another one.
step-appoint-do = Appoint
step-reassign = Reassign
step-reassign-about = The physician has accepted. The new physician will have to answer, and the former one sees the reason.
step-reassign-do = Reassign
step-approve = Approve
step-approve-about = Please check the record. Once approved, it is final.
step-approve-do = Approve
step-return = Return for correction
step-return-about = The physician is asked for an addendum. The record then awaits review again.
step-return-do = Return
step-reschedule = Reschedule
step-reschedule-about = Patient and physician will see the new time and the reason.
step-reschedule-do = Reschedule
step-cancel = Cancel the visit
step-cancel-about = A cancelled visit stays cancelled. Patient and physician will see the reason.
step-cancel-do = Cancel the visit
step-more = More about the visit
step-physician = Physician
step-search = Find a physician (name or phone)
step-more-physicians = There are more physicians: search by name or phone.
step-day-free = no other visits that day
step-day-visits = { $n ->
    [1] 1 visit
   *[other] { $n } visits
} that day: { $times }
step-clash = close to { $n ->
    [one] { $n } other visit
   *[other] { $n } other visits
}
step-time = New time of the visit
step-reason = Reason
step-reason-help = At most 500 characters; shown in the history
done-created = The request is sent.
done-appointed = The physician is appointed and has to answer.
done-reassigned = The visit is reassigned; the new physician has to answer.
done-approved = The record is approved.
done-returned = The record is returned to the physician.
done-rescheduled = The visit is rescheduled.
done-cancelled = The visit is cancelled.
done-password = Your password is changed.
changed-title = This visit has just changed
changed-why = Somebody else worked on this visit while you were typing. Your step was not taken; please look at what changed and decide again.
changed-not-possible = This step is not possible in the visit’s present state. It was not taken.
changed-since = What happened since you opened the page
changed-now = As it is now
changed-typed = The reason that you had typed
changed-back = Show the visit

## Errors
error-home = To the overview
error-request = Request { $id }
error-no-page = There is no such page
error-no-page-advice = Please check the address, or start from the overview.
error-no-record = No such record
error-no-record-advice = It may not exist; please look for it in the lists.
error-forbidden = This is not allowed
error-forbidden-advice = Please use the pages of this site, or log in with an account that may do this.
error-conflict = The record’s state does not allow this step
error-conflict-advice = Somebody may have just worked on it: please go back, reload and look again.
error-too-large = Too much was sent
error-too-large-advice = Please shorten it, or choose a smaller file.
error-too-many = Too many attempts
error-too-many-advice = Please wait a moment and try again.
error-unavailable = The service is temporarily unavailable
error-unavailable-advice = Your step was not taken. Please reload this page in a moment, and tell the administrator if it goes on.
error-internal = Something went wrong
error-internal-advice = It is recorded. Please tell the administrator the request number below.
error-invalid = The request is not correct
error-invalid-advice = Please go back and correct it.
