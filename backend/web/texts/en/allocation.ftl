# Plans and announcements
PLAN_NOT_FOUND = There is no such plan
    .do = Check the number. Guests see published plans only.
ANNOUNCEMENT_NOT_FOUND = There is no such announcement
    .do = Take the number from the list of announcements.
PLAN_ROWS_INVALID = Rows of the plan cannot be taken: { $count }
    .do = Nothing was imported. Correct the rows named in "errors" and send the whole plan again.
PLAN_ROW_CODE_TWICE = Another row has this code
PLAN_ROW_LINE_TWICE = Another row has the same source, region, form of care and type of service
PLAN_ROW_FORMULA = The cell begins like a spreadsheet formula
PLAN_ROW_TEXT = The text is empty, too long or has signs that may not stand here
PLAN_ROW_TARIFF_MISSING = A line counted in services needs a tariff
PLAN_ROW_TARIFF_EXTRA = A line counted in tiyn has no tariff
PLAN_ROW_TOO_LARGE = The amount is above 10^18 tiyn
PLAN_ROW_PHC_BASE = A line shared by attached population goes by the application
PLAN_ROW_INTEGER = A whole number within the allowed range is wanted
PLAN_ROW_CHOICE = The value is none of the allowed ones
PLAN_ROW_FLAG = true or false is wanted
PLAN_ROW_NOT_CSV = This is not a CSV table
PLAN_ROW_NONE = The table has no rows
PLAN_ROW_TOO_MANY = The table has too many rows
PLAN_ROW_COLUMN_MISSING = The column is missing
PLAN_ROW_COLUMN_UNKNOWN = The column is not known
PLAN_ROW_COLUMN_TWICE = The column stands twice
PLAN_ROW_CELLS = The row has more or fewer cells than the header
PLAN_STATE_WRONG = The plan is in the state { $status }, not { $wanted }
    .do = Ask for the plan's present state. A plan is imported, then approved, then published.
PLAN_IN_FORCE = A plan of { $year } is in force already
    .do = Change the plan in force by an amendment.
LIMIT_EXCEEDED = The financing limit of a source is exceeded
    .do = Nothing is cut in silence: change the plan or the limit, then repeat the step.
PILOT_EXPIRED = The pilot is over
    .do = New placements are not possible any more; settlements and appeals go on.
DOCUMENT_MISMATCH = The signed document is about something else
    .do = Sign a document that names the same thing as the address.

# Applications
WINDOW_CLOSED = The acceptance of applications is over
    .do = Applications were accepted until { $until }. Wait for the next announcement.
DUPLICATE_APPLICATION = You have a live application for this line already
    .do = Withdraw the earlier application first; the new one goes to the end of the queue.
UNKNOWN_LINE = This line is not in the announcement
    .do = Take the lines from the published plan.
UNKNOWN_FACILITY = This facility is not yours
    .do = Enter the facility in your account first.
LINE_TWICE = A line stands twice in the application
    .do = Ask for each line once.
CO_EXECUTOR_INVALID = A co-executor's data is wrong
    .do = Name each co-executor once, not yourself, with parts of lines you apply for, no larger than the request.
APPLICATION_NOT_FOUND = There is no such application
    .do = Check the number. There is none, or it is not yours.
APPLICATION_WITHDRAWN = The application has been withdrawn
    .do = A withdrawn application does not return; submit a new one while the window is open.
APPLICATION_REVIEWED = The application has been reviewed already
    .do = Ask for its present state.
NOT_IN_ORDER = Something earlier in the queue comes first
    .do = The law asks for chronological order: number { $next } is next.
GROUND_INVALID = The grounds of the review do not fit
    .do = A rejection needs the ground G1 or G2 and a text; an acceptance has neither.

# Ratings and capacities
UNKNOWN_EXECUTOR = No executor with this BIN is registered
    .do = Nothing was imported. Correct the row named in "path".
ROW_TWICE = A row repeats an earlier one
    .do = Nothing was imported. Leave one of the rows in.

# Decisions
DECISION_NOT_FOUND = There is no such decision
    .do = Check the number. Guests see signed decisions only.
ALREADY_DECIDED = The announcement has been decided already
    .do = Ask for the decision; it can be recomputed only after a refusal to sign it.
WINDOW_OPEN = Applications are still being accepted
    .do = Decide after the end of the window: { $until }.
APPLICATIONS_WAITING = Applications are waiting for their review
    .do = Review them in order first: number { $next } is next.
MISSING_CAPACITY = A capacity is not known
    .do = Unknown is not zero: import the capacities for line { $line }, then repeat.
SCORE_OUT_OF_RANGE = A score is not within 0 and 5 points
    .do = Correct the rating and import it again.
BAD_CASE = The line cannot be computed
    .do = Correct the data at "path".
RESULT_CHANGED = The signed result is not the one that was computed
    .do = Read the decision again and sign its present result.
DECISION_STATE_WRONG = The decision is in the state { $status }
    .do = Ask for the decision's present state.

# Contracts
CONTRACT_NOT_FOUND = There is no such contract
    .do = Check the number. There is none, or you are not a party to it.
CONTRACT_STATE_WRONG = The contract is in the state { $status }
    .do = Ask for the contract's present state.
CONTENT_CHANGED = The signed bytes are not the contract's content
    .do = Sign exactly the bytes of the contract's content.
