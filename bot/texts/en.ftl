# English. The source is kk.ftl; a test sees to it that nothing is missing here.

hello =
    Hello! 👋

    I am <b>Saqtau</b>, your helper with medical insurance. I show whether you are insured, your policy, your visits and the services billed in your name. If something is wrong, I carry your complaint to the Fund.

    Please sign in first; it takes less than a minute.
menu =
    How can I help? 😊

    Choose below, or ask in your own words: “Am I insured?”
choose-language = Which language shall we speak?
language-chosen = All right, English it is.

button-link = 🔑 Sign in
button-status = 🛡 Am I insured?
button-policy = 📄 My policy
button-contributions = 💳 My payments
button-visits = 🏥 My visits
button-billed = 🧾 Billed in my name
button-complaint = ✍️ Complain
button-track = 🔎 Where is my complaint?
button-language = 🌐 Тіл · Язык · Language
button-help = ☎️ Help
button-unlink = 🚪 Sign out
button-menu = ⬅️ Menu
button-cancel = ✖️ Cancel
button-again = 🔄 Try again
button-send-again = 📨 Send again
button-resend-code = 🔁 Get a new code
button-share-phone = 📱 Share my number
button-older = Older ➡️
button-newer = ⬅️ Newer
button-confirm = ✅ { $number } is right
button-card = 🪪 Policy card
button-card-new = 🔄 New code
button-photo = 📷 Add a photo
button-dispute = ✋ { $number } is wrong
button-link-qr = 📲 Sign in with eGov Mobile
button-open-egov = 📲 Open eGov Mobile
button-signed = ✅ I have signed
button-consent = ✅ I agree
button-extract = 📑 Extract
button-extract-ACCOUNT = My account
button-extract-POLICY = My policy
button-extract-INFORMATION_OPERATIONS = Information given out
button-extract-POLICY_EVENTS = What happened to my policy
button-clinics = 📍 Clinics near me
button-share-place = 📍 Send where I am
button-map = 🗺 { $number }
button-notices = 🔔 Notices
button-quiet = 🌙 Change the quiet hours
button-told = 📜 Latest notices
topic-POLICY_ISSUED = When my policy is ready
topic-SERVICE_BILLED = When a service is billed
topic-COMPLAINT_ANSWERED = When there is news of my complaint
topic-STATUS_LAPSING = Before my insurance ends

command-menu = Menu
command-status = Am I insured?
command-policy = My policy
command-contributions = My payments
command-visits = My visits
command-billed = Billed in my name
command-complaint = Complain
command-track = Where is my complaint?
command-language = Тіл · Язык · Language
command-help = Help and phone numbers
command-extract = Take an extract
command-clinics = Clinics near me
command-notices = What to tell me about
command-unlink = Sign out

# Signing in
link-why = I may show this to nobody but you. Let us sign in first.
link-iin =
    🔑 <b>Sign in, step 1</b>

    Type your IIN: the 12 digits on your identity card.

    🔒 I read it and delete your message from the chat at once.
link-iin-wrong =
    This does not look like an IIN. Perhaps one digit slipped?

    Please type the 12 digits again.
link-phone =
    📱 <b>Step 2</b>

    Thank you! Now your mobile number, the one registered to you in the Mobile Citizens Base.

    Press the button below, or type the number.
link-phone-wrong = I could not read that number. Please type it like this: +7 701 000 00 00.
link-phone-foreign = That is somebody else's number. Please send your own.
link-phone-taken = Thank you. I have deleted the number from the chat.
link-code =
    ✉️ <b>Step 3, the last</b>

    If the number is registered to your IIN, an SMS is on its way. Type the <b>6-digit code</b>. It is good for three minutes.

    Never tell anyone the code: we do not ask for it by phone.
link-code-wrong =
    The code did not match, or is too old.

    Try again, or get a new code.
link-code-shape = The code is the 6 digits in the SMS. Please type it again.
link-frozen =
    The code was wrong too many times. For your safety, signing in is closed for a while.

    Please come back in { $wait }.
link-too-long = We waited too long for the code, and I have forgotten your IIN. Let us start again.
link-done = Done, you are signed in! 🎉 For your safety you sign in again after an hour.
link-draft = Your text is still here. Shall I send it?
link-qr =
    📲 <b>Signing in with eGov Mobile</b>

    Scan the QR code with the eGov Mobile app and sign. If the app is on this phone, press the button below.

    There is no need to type your IIN. The code is good for ten minutes.
link-qr-wait = Your signature has not come yet. Sign in eGov Mobile, then press the button once more.
link-qr-over = This QR code is no longer good. Let us begin again.
link-consent =
    You once withdrew your consent to being shown your data in this bot.

    Do you agree again? You can withdraw it any day; your right to care does not depend on it.
link-consent-given = Thank you! Now type the code from the SMS once more.
unlinked = You are signed out, and I remember nothing about you. I am here when you need me. 👋
session-over =
    ⏳ An hour has passed, and for your safety you are signed out.

    Sign in again, and we go on where we stopped.

# Status
status-insured = 🛡 <b>Yes, you are insured</b>
status-not-insured = ⚠️ <b>You are not insured yet</b>
status-until = 🗓 Last day: <b>{ $until }</b>
status-arrears =
    💳 Arrears: <b>{ $months } { $months ->
        [one] month
       *[other] months
    }</b>, <b>{ $amount }</b> in all
status-how-to-pay = How to pay: choose “MHI contribution” in eGov Mobile, in your bank's app, or at any bank or post office. Each month is a payment of its own.

# Policy
policy =
    📄 <b>Digital insurance policy</b>
    No. <code>{ $number }</code>

    🗓 { $from } – { $to }
    { $state }

    <b>What it covers</b>
    { $cover }
policy-cover-gvfmc = ✅ Guaranteed free medical care: ambulance, your clinic, urgent care
policy-cover-mhi = ✅ Mandatory social health insurance: planned examinations, specialists, operations
policy-cover-no-mhi = ➖ Mandatory social health insurance: added once you are insured
policy-clinic = 🏥 Your clinic: { $clinic }
card-caption =
    🪪 Show this card at the clinic.

    Its QR code is good for one visit. If it is out of date, take a new one.
policy-none =
    There is no policy for this year yet.

    It opens by itself after your first visit to a clinic. Primary care and the ambulance are free without one.
policy-state-ISSUED = 🟢 Issued
policy-state-CREDITED = 🟢 In force
policy-state-CANCELLED = 🔴 Cancelled
policy-state-EXPIRED = ⚪️ Expired

# Payments
contributions-title = 💳 <b>Payments received for you</b>
contributions-line = { $period } — <b>{ $amount }</b>
    { $kind }, received { $paid }
contributions-refunded = ↩️ { $amount } refunded
contributions-none = There are no payments for you. If the State pays for you, that is as it should be.
kind-deduction = employer's payment
kind-contribution = contribution

# Visits
visits-title = 🏥 <b>Your visits</b>
visits-line = <b>{ $moment }</b>
    { $facility }
    { $grade }
visits-none = No visits yet. Scan the QR code at your clinic and the visit appears here.
grade-QR_BIOMETRIC = ✅ confirmed by QR code and face recognition
grade-QR_DOCUMENT = ✅ confirmed by QR code and digital document
grade-QR_ONLY = ☑️ QR code only
grade-NONE = ▫️ recorded without a QR code

# Billed services
billed-title =
    🧾 <b>Services billed in your name</b>

    Please look at each. If you did not get one of them, press its number.
billed-line = <b>{ $number }. { $service }</b>
    { $executor }
    { $day } · { $amount }
    { $state }
billed-none = Nothing is billed in your name.
billed-gone = That line is no longer in the list. Let us open the list again.
case-ACCEPTED = ☑️ Accepted by the Fund
case-PAID = 💸 Paid by the Fund
case-REFUSED = ✖️ Not accepted by the Fund, nothing is paid
billed-confirmed = ✅ You confirmed that it is right
billed-disputed = ✋ You disagreed, complaint No. { $number }
billed-no-visit = ❗️ No QR visit of yours is seen on that day
case-CHECKED = 🕓 The Fund is checking it
case-OTHER = 🕓 In progress
dispute-ask =
    ✋ <b>{ $service }</b>
    { $executor }
    { $day } · { $amount }

    What is wrong? Tell me in your own words, in one message. For example: “I was not at the clinic that day.”

# Complaint
complaint-kind =
    ✍️ <b>Complaint</b>

    What is it about?
complaint-kind-ISSUER = 🏛 The work of the insurance Fund
complaint-kind-FREE_CHOICE = 🏥 I could not choose my clinic
complaint-kind-NO_CONSENT = ✋ A service without my consent
complaint-kind-BILLED = 🧾 A service I did not get was billed
complaint-ask =
    { $kind }

    Tell me in one message what happened: when, where, what. Plain words are enough.
text-only = I do not understand this. Please write it in words.
text-too-short = That is very short. A little more detail helps us find out sooner.
text-too-long = That is too long: please keep it to { $max } { $max ->
        [one] character
       *[other] characters
    }.
complaint-registered =
    ✅ <b>Your complaint is registered</b>

    Number: <code>{ $number }</code>
    Answer due by <b>{ $due }</b>

    Keep the number: it shows you your complaint at any time. It says nothing about you.
photo-ask = 📷 Send a photo to this chat: of a document, a receipt, a message. Several may follow one another.
photo-text-first = I see the photo. Now please say in words what happened: a photo and a text can be sent together.
photo-taken = 📷 The photo was added to the complaint. Thank you!
photo-failed = 😔 The photo could not be added, but your complaint is registered. Please try again a little later.
photo-refused = The photo was not added: { $title }. The complaint itself stays registered.
photo-too-large = The photo is too large. Please send a smaller one.
already-disputed = Your complaint about this service is already registered: No. <code>{ $number }</code>. Please wait for the answer.
draft-kept =
    😔 The service does not answer right now, but your text is not lost.

    Wait a little and press “Send again”.
draft-gone = There is no text left to send. Let us start again.
cancelled = All right, stopped.

# Where is my complaint
track-ask = Type the number of the complaint. It has 13 characters.
track-shape = That does not look like a complaint's number: it has 13 letters and digits. Please try again.
track-none = There is no complaint with that number. Please check it and type it again.
track =
    🔎 <b>Complaint No. { $number }</b>

    { $status }
    Registered: { $registered }
    Answer due by { $due }
track-own = 🔎 <b>Your complaints</b>
track-line = No. <code>{ $number }</code> · { $registered }
    { $status }
track-due = Answer due by { $due }
track-other = If you know the number of another complaint, type it.
track-answer = 💬 <b>Answer:</b> { $answer }
complaint-status-REGISTERED = 🆕 Registered and given to an officer
complaint-status-IN_REVIEW = 👀 Being looked into
complaint-status-SATISFIED = ✅ Upheld
complaint-status-PARTLY = ☑️ Upheld in part
complaint-status-DENIED = ✖️ Not upheld
complaint-status-FORWARDED = ➡️ Passed to the higher authority

# Help
help =
    ☎️ <b>Help</b>

    <b>1406</b> — Social Health Insurance Fund (free)
    <b>1414</b> — state services contact centre
    <b>8-800-080-7777</b> — unified contact centre
    fms.kz — the Fund's site

    You can also write to me in your own words:
    • Am I insured?
    • How much do I owe?
    • Show my policy
    • What was billed in my name?
    • I want to complain

    🚑 Ambulance: <b>103</b>. It is free for everybody, insured or not.
greeting = Hello! 😊
not-understood =
    Sorry, I did not understand. 🙈

    Please choose below, or call 1406 (free).
iin-in-chat = 🔒 Your message seemed to hold an IIN, so I deleted it from the chat. I ask for the IIN only when you sign in.
private-only = Insurance is a private matter. Please write to me in a private chat: @{ $username }

# When something fails
down =
    😔 The service does not answer right now. It is not your fault.

    Please try again in a minute or two.
too-often = A little slower, please 🙂 Try again in { $wait }.
slow-down = You write faster than I can read 🙂 Let us go on in a few seconds.
refused = That did not work: { $title }.
broken = Something broke on my side, sorry. 🙏 We can see it. Please start again from the menu.
wait-seconds = { $n } { $n ->
        [one] second
       *[other] seconds
    }
wait-minutes = { $n } { $n ->
        [one] minute
       *[other] minutes
    }

# How to pay
pay =
    💳 <b>How to pay the contribution</b>

    Choose “MHI contribution” in eGov Mobile, in your bank's app, or at any branch of a bank or the post.

    If you are in arrears, you pay for the unpaid months, at most the twelve before the day you pay: 5 % of the minimum wage for each. Your status shows your own sum.

# Extract
extract-ask =
    📑 <b>Extract</b>

    I will prepare a sealed PDF. Which one?

    By pressing a button you agree that it is made.
extract-ready = 📑 { $kind }. Anybody can check by its QR code that it is genuine.
extract-ACCOUNT = Extract of the account
extract-POLICY = Extract of the policy
extract-INFORMATION_OPERATIONS = List of information operations
extract-POLICY_EVENTS = List of the policy's events

# Clinics nearby
clinics-ask =
    📍 <b>Clinics near you</b>

    Send where you are: press the button below. I use the place for this search only and keep it nowhere.
clinics-thanks = Thank you! I have deleted your place from the chat.
clinics-title = 🏥 <b>The nearest clinics</b>
clinics-line = <b>{ $number }. { $executor }</b>
    { $name }, { $address }
    📏 { $distance }
clinics-none = I found no clinic near that place. Is it in Kazakhstan?
distance-m = { $n } m
distance-km = { $n } km

# Notices
notices-choose =
    🔔 <b>What shall I tell you about?</b>

    Press what you want. Press it again to turn it off.
notices-quiet = 🌙 Quiet hours: { $start }–{ $end }. I do not write then.
notices-no-quiet = 🌙 No quiet hours: I write at any time.
notices-away = Notices are not available yet. Please look in later.
notice-POLICY_ISSUED =
    📄 <b>Your policy is ready!</b>

    Valid: { $from } – { $to }.
notice-SERVICE_BILLED =
    🧾 { $count ->
        [one] <b>{ $count } new service</b> was
       *[other] <b>{ $count } new services</b> were
    } billed in your name.

    Please have a look. If you did not get one of them, say so: the Fund will check.
notice-COMPLAINT_ANSWERED =
    ✍️ <b>Your complaint was answered</b>

    No. <code>{ $number }</code>
    { $status }
notice-COMPLAINT_MOVED =
    ✍️ <b>There is news of your complaint</b>

    No. <code>{ $number }</code>
    { $status }
notice-STATUS_LAPSING =
    ⏳ <b>Your insurance ends soon</b>

    Last day: { $until }. Your status shows what to do so that it goes on.
notice-other = 🔔 There is news for you. Please look in the menu.
told-title = 📜 <b>Latest notices</b>
told-at = 🗓 { $moment }
told-none = There have been no notices yet.
