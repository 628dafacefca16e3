# All texts of the hospital's console, by page. zh.ftl has the same entries.

## General
product-name = Yilin
nav-overview = Overview
nav-visits = Visits
nav-people = People
nav-drug-orders = Drugs
nav-audit = Audit
nav-service = Service
frame-skip = Skip to content
frame-navigation = Main menu
frame-password = Change password
frame-log-out = Log out
live-new = There is something new.
live-lost = The connection was lost and is being restored. This page may be out of date.
live-reload = Reload this page
live-close = Close this notice
form-summary = Please correct the following
form-title-prefix = {"Error: "}
form-colon = {": "}
form-back = Back without sending
pager-label = Pages of the list
pager-newer = Newer
pager-older = Older
pager-total = { $n } in total
pager-more-than = more than { $n }
file-elsewhere = This file is not stored here
file-open = Open the file
upload-progress = Progress of the upload
upload-stop = Stop the upload
upload-sending = Sending the file; please stay on this page.
upload-sent = The file has arrived; one moment.
upload-stopped = The upload was stopped. Nothing was imported.
upload-failed = The connection was lost before the whole file was sent. Please check the network and try again; if the file was changed after you chose it, choose it again.
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
status-disabled = Disabled
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
resume-page = Open the page that it belongs to
resume-do = Send it now
resume-check = Check it and go on
resume-not = Do not send it

## Password
password-title = Change password
password-due = Your password was set by somebody else. Please change it before you go on.
password-current = Present password
password-new = New password
password-help = 6 to 71 bytes, and not a default. Your sessions on other devices will end.
password-again = The new password again
password-wrong = is not correct
password-do = Change password

## Overview
overview-title = Overview
overview-waiting = Waiting for you
overview-to-appoint = to appoint
overview-unanswered = not answered
overview-overdue = overdue
overview-to-review = records to review
overview-returned = returned
overview-to-confirm = drugs to confirm
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
tabs-label = By status
visits-name = Patient’s name
visits-from = Visits from
visits-to = to
visits-search = Search
visits-none = There are no requests for visits yet. They appear here when residents send them with the app.
days-reversed = The first day is after the last one: correct one of them.
visits-none-found = No visit meets these criteria.
visits-new = Request a visit
visits-all = Clear the criteria and show all
list-of-physician = Only those of the physician { $name } are listed.
list-of-patient = Only those of the patient { $name } are listed.
list-of-everyone = Show everyone’s
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
visit-hospital = Physician’s hospital
visit-submitted = Submitted
visit-time-past = is in the past. If the visit has already taken place and is recorded afterwards, send the form again
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
step-same-physician = is the physician who has accepted; please choose another one
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
step-no-physicians = There is no physician to choose.
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
done-ended = The sessions have been ended.
done-received = The receipt is confirmed.
done-requeued = Queued again; it will be sent shortly.
done-password = Your password is changed.
changed-title = This visit has just changed
changed-why = Somebody else worked on this visit while you were typing. Your step was not taken; please look at what changed and decide again.
changed-not-possible = This step is not possible in the visit’s present state. It was not taken.
changed-closed = This is not possible now
changed-closed-why = This step is not possible in the visit’s present state.
changed-since = What happened since you opened the page
changed-now = As it is now
changed-typed = The reason that you had typed
changed-back = Show the visit

## Drug orders
drug-orders-title = Drug orders
drug-none = There are no drug orders yet. They appear here when a physician’s record asks for drugs.
drug-none-found = No drug order meets these criteria.
drug-all = Show all drug orders
drug-ordered-at = Ordered
drug-visit = Visit
drug-back = Back to the drug orders
drug-order-title = Drug order of { $name }
drug-certificate = Proof of delivery
drug-no-certificate = It appears here once the physician has sent the drugs.
drug-ordered = Ordered
drug-handed-over = Handed over to { $name }
drug-purchased = Purchased
drug-dispatched = Dispatched, with proof of delivery
drug-received = Receipt confirmed by the hospital
drug-receipt = Confirm receipt
drug-receipt-about = Please check the proof of delivery: does the patient have the drugs? A confirmation cannot be undone.
drug-receipt-do = The patient has the drugs
drug-changed-title = This drug order has just changed
drug-changed-why = The order changed while you were looking at it. Your step was not taken; please look at what changed and decide again.
drug-changed-not-possible = Receipt cannot be confirmed in the order’s present state. Your step was not taken.
drug-changed-closed-why = Receipt cannot be confirmed in the order’s present state.
drug-changed-back = Show the drug order

## Service
service-title = State of the service
service-well = All is well; nothing needs attention.
service-none = not set up
service-warning-clock = The clocks of this machine and the database differ. Please synchronise both with a time server.
service-warning-disk = The disk is nearly full, so uploads are refused. Please free some space or add more.
service-warning-node = The IPFS node cannot be reached. Files wait on this machine and will follow by themselves; please check the node.
service-warning-public = The IPFS node may belong to the public network, so it gets no files. Please check its settings.
service-warning-webhooks = Some notifications never reached their receiver and were given up. Please check the receiver, then send them again.
service-warning-audit = Some audit entries are not in a chain although it is time. Please check the database.
service-model = Language model
service-model-name = Model
service-model-calls = Calls today
service-model-callers = Accounts calling today
service-model-running = Calls in progress
service-model-per-day = Limit per account and day
service-model-at-once = Limit per account at once
service-model-failure = Last failure
service-no-failure = none since the start
service-trouble-unavailable = not reachable, or no answer in time
service-trouble-overloaded = too busy
service-trouble-failed = a wrong answer
service-files = Files
service-node = IPFS node
service-node-unknown = not checked yet
service-node-ready = works
service-node-unavailable = not reachable
service-node-public = may belong to the public network
service-queued = Files waiting
service-queued-size = Size of the files waiting
service-oldest = Oldest waiting since
service-free = Free disk space
service-reserve = Uploads stop below
service-database = Database and clock
service-product = Database
service-latency = Response time
service-clock = Offset from this machine’s clock
service-unlinked = Audit entries overdue for their chain
service-webhooks = Notifications of events
service-receiver = Receiver
service-waiting = Waiting
service-given-up = Given up
service-given-up-title = Notifications given up
service-retry-all = Send all again
service-retry = Send again
service-more = More
service-event = Event
service-record = Record
service-queued-at = Queued
service-failures = Failures
service-reason = Reason of the last failure
service-callers = Accounts with most calls to the model today
service-account = Account
service-calls = Calls
service-settings = Show the settings
service-version = Version { $version }

## Import of a list
import-title = Import people
import-about = Choose the hospital’s list of people (.xlsx, .xls, .ods or .csv). It is checked first, and no account is created; you decide about the import when you have seen the result.
import-file = File with the list
import-file-help = At most { $size } and 100,000 rows. There may be titles above the header. Each person needs a name and a phone number.
import-check = Check the list
import-template = Download an empty template
import-busy = Another list is being checked or imported; see its progress below. You can upload yours now: it waits for its turn, and a phone number that is in both lists is imported once.
import-recent = Recent imports
import-none = There was no import recently.
import-no-file = Choose a file
import-too-large = The file is larger than { $size }. Keep only the list in it, or split it and import the parts.
import-back = Back to importing people
import-may-leave = You may leave this page; the work goes on.
import-other = Choose another file
import-see = See the import
import-started = Started
import-rows = Rows
import-checking = Checking the list
import-running = Importing
import-checked = Result of the check
import-done = Import complete
import-failed = Import failed
import-interrupted = Stopped midway
import-would = { $imported } can be imported, { $skipped } skipped, { $failed } to correct
import-counts = { $imported } imported, { $skipped } skipped, { $failed } to correct
import-reading = Reading the file. It waits while another list is being read.
import-progress-check = { $done } of { $all } rows checked
import-progress = { $done } of { $all } rows processed
import-do = { $n ->
    [one] Import this person
   *[other] Import these { $n } people
}
import-importable = Can be imported
import-to-skip = Have an account, will be skipped
import-to-correct = To correct, not imported
import-imported = Imported
import-skipped = Have an account, skipped
import-was-started = The import of this list was started.
import-nobody = There is nobody in this list. Check that it is the right file.
import-file-gone = This file is no longer kept, so it cannot be imported from here. Choose the file again.
import-all-known = Everybody in this list has an account already; there is nothing to import.
import-nothing-new = There is nobody to import. Correct the rows below, and choose the file again.
import-decide = { $n ->
    [one] No account has been created yet. The import creates 1 account and leaves all other rows out. The file is kept for 30 minutes.
   *[other] No account has been created yet. The import creates { $n } accounts and leaves all other rows out. The file is kept for 30 minutes.
}
import-check-again = The check was not completed, and no account was created. Choose the file again.
import-stopped = { $n ->
    [0] The import stopped midway, before anybody was imported.
    [one] The import stopped midway. The 1 account that was imported is kept.
   *[other] The import stopped midway. The { $n } accounts that were imported are kept.
}
import-go-on = Choose the same file again to continue: whoever was imported is skipped.
import-unknown-columns = These columns are not recognised and not imported: { $names }. To import them, name them as in the template and choose the file again.
import-ignored-sheets = These sheets have no header that is recognised, and are not imported: { $names }.
import-left-out = Rows that were left out
import-workbook-about = The rows to correct are in this file, each with the reason. Once they are corrected, it can be uploaded as it is.
import-workbook = Download the rows to correct
import-row = Row
import-sheet = Sheet
import-what = What happens
import-why = Why
import-skips = skipped
import-corrects = to correct
import-more-rows = Only the first 100 rows are listed.

## Exports
export-workbook = Export for Excel (.xlsx)
export-csv = Export as CSV
export-about = All records that meet these criteria are exported while they are read. Many records take minutes; you can go on using this page, and cancelling the download stops the export.
export-about-total = All records that meet these criteria ({ $total }) are exported while they are read. Many records take minutes; you can go on using this page, and cancelling the download stops the export.

## Settings
setting-title = Settings
setting-back = Back to the state of the service
setting-about = The settings with which the service was started. Passwords and keys are not shown. A changed setting takes effect when the service is restarted.
setting-name = Setting
setting-value = Present value
setting-origin = Origin
setting-allowed = Allowed values
setting-default = default
setting-file = file { $path }
setting-environment = environment variable
setting-flag = flag of the command

## Audit
audit-title = Audit log
audit-agent = Person’s number
audit-patient = Patient’s number
audit-operation = Operation
audit-from = Days from
audit-to = to
audit-none-found = No entry meets these criteria.
audit-all = Clear the criteria and show all
audit-newest = Newest
audit-when = Time
audit-who = Who
audit-what = What
audit-record = Record
audit-whose = Patient
audit-outcome = Outcome
audit-nobody = not logged in
audit-role = Who, role
audit-session = Session
audit-source = Address
audit-request = Request
audit-query = Criteria
audit-results = Records
audit-create = created
audit-read = read
audit-update = changed
audit-delete = deleted
audit-execute = executed
audit-verification = Verify the audit log
audit-verification-about = Each entry is linked to the one before, so a verification finds any that was changed or removed. It disturbs nobody, and takes minutes if there are many entries.
audit-back = Back to the audit log
audit-verify = Start a verification
audit-running = A verification is running
audit-progress = { $chains } of { $all } chains, { $n } entries. This page reloads by itself.
audit-last = Last verification
audit-never = There was none yet.
audit-intact = All entries are intact.
audit-not-intact = Something is wrong: entries may have been changed or removed. Please leave everything as it is and tell the administrator.
audit-by-command = by command
audit-chains = Intact chains
audit-entries = Entries
audit-faults = Faults
audit-unlinked = Entries overdue for their chain
audit-removed = Chains removed after their time
audit-first-faults = Faults that were found
audit-more-faults = Only the first faults are listed.
audit-chain = Chain
audit-position = Position
audit-fault = Fault
audit-fault-missing = an entry is missing
audit-fault-unlinked = not linked to the entry before
audit-fault-changed = an entry was changed
audit-fault-unreadable = cannot be read
audit-fault-misfiled = the search index differs from the entry
audit-fault-head = differs from the head that was kept
audit-fault-cut-off = ends before the head that was kept
audit-fault-opening = the opening is missing
audit-fault-chain = the whole chain is missing
audit-heads-about = The file of heads has the present end of every chain. Keep it elsewhere: it can prove later that no entry up to now was changed or removed.
audit-heads = Download the heads

## Errors
error-home = To the overview
error-request = Request { $id }
error-clear = Clear the criteria
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
error-unavailable-advice = Your step was not taken. Please reload this page in a moment and try again, and tell the administrator if it goes on.
error-unavailable-reading-advice = Please reload this page in a moment, and tell the administrator if it goes on.
error-internal = Something went wrong
error-internal-advice = It is recorded. Please tell the administrator the request number below.
error-invalid = The request is not correct
error-invalid-advice = Please go back and correct it.

## The list of people
people-title = People
people-tabs = By role
people-search = Name, phone number (or at least four digits of its beginning or end), or number
people-none = There is nobody yet. Import a roster, or add people one by one.
people-none-found = Nobody was found. Please check the name or phone number.
people-all = Show everybody
tab-patients = Residents
tab-physicians = Physicians
tab-admins = Admins

## One person
person-title = { $name }
person-back = Back to the people
person-name = Name
person-phone = Phone
person-place = Address or hospital
person-role = Role
person-patient = Resident
person-physician = Physician
person-admin = Admin
person-about = Sex and age
person-uuid = Number
person-created = Created
person-password = Password
person-must-change = Set by somebody else; to be changed after the next log-in
person-visits = Their visits
person-duplicates = Possibly the same person
person-duplicates-about = These accounts have the same name, and the same date of birth or age. Please check whether one person has several.
person-sessions = Sessions
person-no-sessions = There is no session now.
session-started = Logged in
session-from = From
session-expires = Expires
session-own = (your session)
session-end = End it
session-end-all = End all sessions

## What is known of a person
facts-unknown = not given
facts-change = Change
person-address = Home address
person-hospital = Hospital
person-nickname = Nickname
person-sex = Sex
person-sex-unknown = not known
person-birth-date = Date of birth
person-age-today = Age
person-age-help = If the date of birth is not known
person-password-own = Set by the person
person-drug-orders = Their drug orders
person-audit-about = Audit entries about them
person-audit-by = Audit entries of what they did
person-phone-help = 11 digits, to log in with
person-phone-holder = Show { $name }, who has this number
person-reason-help = At most 500 characters; shown with the account

## A new person
person-new = Add a person
person-new-about = First choose the role. It cannot be changed later.
person-new-patient = Requests visits with the app.
person-new-physician = Accepts and records visits and purchases drugs with the app.
person-new-admin = Manages visits, drug orders and people in this console.
person-new-patient-title = Add a resident
person-new-physician-title = Add a physician
person-new-admin-title = Add an admin
person-new-do = Add
person-new-anyway = Somebody else: add
person-new-known = There are accounts with this name, and one may belong to the same person, so nobody was added yet. Please check the accounts below; if it is somebody else, send the form again.
person-new-more-known = There are more accounts with this name than are listed.
person-admin-name = Account name
person-admin-name-help = 5 to 16 characters, which no other admin has. Give every admin an account of their own, so that the audit log can name them.
person-password-optional = May be empty: then it is the hospital’s initial password. It has to be changed after the first log-in. 6 to 71 bytes, and not a default.
person-password-admin = Has to be changed after the first log-in. 6 to 71 bytes, and not a default.
form-optional = { $label } (optional)
form-sent-before = This form was sent before, with other content, and done. To send another one, please check it and send it again.
under-way-title = The same form is being processed
under-way-about = You have sent this form already, and it is not done yet. Please do not fill it in again.
under-way-advice = Reload this page in a moment: the browser sends the same form again, and nothing is added twice. Or look for the result in the list.
under-way-people = Show in the list of people
password-lost = was typed before but not kept; please type it again

## Editing and passwords
person-edit = Edit
person-edit-title = Edit { $name }
person-edit-do = Save
person-edit-overtaken = Somebody else has just changed what is marked below, and your changes are not saved yet. Please check; if you save again, what you typed counts
person-edit-now = has just been changed to “{ $value }”
person-edit-now-empty = has just been cleared
person-set-password = Set a new password
person-set-password-about = All sessions of this person end at once. They log in with the new password, and then have to change it. Please tell it to them in person or by phone.
person-set-password-help = 6 to 71 bytes, and not a default
person-set-password-do = Set the password
person-password-overtaken = While you were typing, somebody else set a new password for this person. Yours was not set. Please ask first: if you set one again, the other new password is void.

## Disabling and enabling
person-disable = Disable the account
person-disable-about = All sessions of this person end at once. They cannot log in any more, and no visit can be requested for them or assigned to them. All records stay, and the account can be enabled again.
person-disable-work = This person still has { $visits ->
    [1] 1 open visit
   *[other] { $visits } open visits
} and { $orders ->
    [1] 1 drug order
   *[other] { $orders } drug orders
} that is not received. Disabling does not hand them over.
person-disable-own = This is your own account: you will be logged out at once.
person-enable = Enable the account
person-enable-about = The person can log in again with the same password as before.
person-standings = Disabled and enabled
standing-disabled = Disabled
standing-enabled = Enabled again
person-changed-title = This account has just changed
person-changed-why = The account changed while you were typing. Your step was not taken; please look at what changed and decide again.
person-changed-not-possible = The account is already as you want it. Your step was not taken again.
person-changed-closed-why = The account is already as you want it.
person-changed-back = Show the person

## Handing over
hand-over-title = Hand over the work
hand-over-about = Open visits and drug orders that are not received move to another physician, who has to answer the visits again. Both physicians and the patients see the reason.
hand-over-work = { $visits ->
    [1] 1 visit
   *[other] { $visits } visits
} and { $orders ->
    [1] 1 drug order
   *[other] { $orders } drug orders
} would move.
hand-over-nothing = There are no visits or drug orders to hand over.
hand-over-to = To
hand-over-do = Hand over
hand-over-gone = is disabled now; please choose another one
handed-over-title = Handed over
handed-over = { $visits ->
    [1] 1 visit
   *[other] { $visits } visits
} and { $orders ->
    [1] 1 drug order
   *[other] { $orders } drug orders
} moved to { $name }.
handed-over-nothing = There were no visits or drug orders to hand over; perhaps that has just been done.
handed-over-left = { $visits ->
    [1] 1 visit
   *[other] { $visits } visits
} and { $orders ->
    [1] 1 drug order
   *[other] { $orders } drug orders
} did not move.
handed-over-visits = Visits of { $name }
handed-over-orders = Drug orders of { $name }
handed-over-back = Back to { $name }
done-account-created = The account is created. Please tell the person the password, which has to be changed after the first log-in.
done-account-created-initial = The account is created with the hospital’s initial password. Please tell the person; it has to be changed after the first log-in.
done-account-updated = The changes are saved.
done-password-set = The new password is set, and all sessions of the person have ended. Please tell it to the person.
done-disabled = The account is disabled.
done-enabled = The account is enabled again.

## Possible duplicates
duplicates-title = Possible duplicates
duplicates-about = The accounts of a group may belong to one person. Please check; what is not needed can be disabled.
duplicates-tabs = By what they share
duplicates-patients = Residents with the same name, and date of birth or age
duplicates-physicians = Physicians with the same name, and date of birth or age
duplicates-phones = Residents with the same phone for visits
duplicates-none = There are no possible duplicates.
duplicates-none-yet = There are none in this part; please go on.
duplicates-next = Go on
