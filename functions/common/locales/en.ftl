# Why a transaction is not (yet) in QuickBooks.
# One message per reason code: what happened; .did: what we did; .todo: what to do.

plan = Your MioCommerce plan does not include the QuickBooks app.
    .did = This transaction was not sent to QuickBooks.
    .todo = Upgrade to the Grow plan to have later transactions sent.
not_connected = No QuickBooks company is connected.
    .did = This transaction was not kept for QuickBooks.
    .todo = Connect QuickBooks in the App Market to have later transactions sent.
method_off = Payments by “{ $method }” are switched off in your settings.
    .did = This payment was not sent to QuickBooks.
    .todo = Switch the method on in the settings if later ones should be sent.
before_start_date = This is of { $day }, before your start date, { $start }.
    .did = It was not sent to QuickBooks.
    .todo = Nothing to do, unless the start date is wrong.
zero = Nothing was paid and nothing was sold.
    .did = There is nothing to write in QuickBooks.
    .todo = Nothing to do.
left_out = It arrived while QuickBooks was disconnected, and was then left out.
    .did = It was not sent to QuickBooks and will not be.
    .todo = Nothing to do.
dismissed = It was left out, for this reason: { $why }
    .did = It was not sent and will not be.
    .todo = Nothing to do.

reconnect = QuickBooks no longer lets us in.
    .did = The transaction is kept and will be sent after you reconnect, without being sent twice.
    .todo = Open App Market > QuickBooks and press Reconnect.
idle_too_long = The connection to QuickBooks lapsed because it was not used for 100 days.
    .did = The transaction is kept and will be sent after you reconnect, without being sent twice.
    .todo = Open App Market > QuickBooks and press Reconnect.
five_years_over = QuickBooks ends every connection after five years, and yours has reached them.
    .did = The transaction is kept and will be sent after you reconnect, without being sent twice.
    .todo = Open App Market > QuickBooks and press Reconnect.
administrator_lost = The person who connected QuickBooks is no longer an administrator of the company there.
    .did = The transaction is kept and will be sent after an administrator reconnects, without being sent twice.
    .todo = Have an administrator of the QuickBooks company open App Market > QuickBooks and press Reconnect.
access_refused = QuickBooks refuses us access to the company.
    .did = The transaction is kept, we try again every hour, and it is sent once, as soon as QuickBooks lets us.
    .todo = If it lasts we write to you: then open App Market > QuickBooks and press Reconnect.
permission_missing = QuickBooks does not permit us to record this in the company.
    .did = The transaction is kept, we try again every hour, and it is sent once, as soon as QuickBooks lets us.
    .todo = In QuickBooks, check that your plan includes sales receipts and that whoever connected may create them; otherwise have an administrator reconnect in App Market > QuickBooks.
token_refreshing = Our access to QuickBooks is being renewed.
    .did = The transaction is kept and will be sent as soon as it is renewed.
    .todo = Nothing to do.
company_read_only = Your QuickBooks subscription has ended or has a billing problem, so nothing can be added.
    .did = The transaction is kept and will be sent when the subscription is active again.
    .todo = Renew the subscription in QuickBooks. Reconnecting does not help.
paused = Your MioCommerce plan no longer includes the QuickBooks app.
    .did = The transaction is kept and will be sent after an upgrade.
    .todo = Upgrade to the Grow plan to continue.
plan_over = Your MioCommerce plan was without the QuickBooks app for 90 days, so we gave the connection back to QuickBooks.
    .did = The transaction is kept and will be sent after you reconnect, without being sent twice.
    .todo = With the Grow plan, open App Market > QuickBooks and press Reconnect.
company_switched = Another QuickBooks company was connected a moment ago.
    .did = The transaction is kept and will be sent in a minute or two.
    .todo = Nothing to do.
disconnected = QuickBooks is disconnected, by your own choice.
    .did = The transaction is kept and is never sent by itself.
    .todo = After reconnecting you will be asked whether to send it or leave it out.
other_company = This belongs to the QuickBooks company that was connected before.
    .did = It is kept and is never sent to another company.
    .todo = Connect that company again to have it sent there, or record it there by hand.
sync_off = The connected company does not fit your business yet: see the checks under Overview.
    .did = The transaction is kept.
    .todo = Mend what the checks say, then press Refresh; everything that waits then follows.
quickbooks_down = QuickBooks could not be reached.
    .did = The transaction is kept and will be sent when QuickBooks answers again.
    .todo = Nothing to do.
throttled = QuickBooks asked us to slow down.
    .did = The transaction is kept and will be sent in a moment.
    .todo = Nothing to do.
answer_unknown = We sent the receipt and QuickBooks' answer was lost on the way.
    .did = We look for it in QuickBooks before anything is sent again, so that it cannot be there twice.
    .todo = Nothing to do.
customer_busy = Another payment of the same new customer is being recorded right now.
    .did = This one follows as soon as the customer is there.
    .todo = Nothing to do.
customer_gone = The customer's record in QuickBooks was deleted, merged or made inactive.
    .did = We look for the customer again; the transaction is in line.
    .todo = Nothing to do.
payment_unknown = The payment that this refund takes back has not reached us.
    .did = The refund waits for it until { $until }, and is then recorded alone, without its payment.
    .todo = Nothing to do.
payment_waiting = The payment that this refund takes back is not in QuickBooks yet.
    .did = The refund is kept and follows as soon as the payment is there.
    .todo = Nothing to do here; the payment's own page says what it waits for.
in_line = Earlier transactions of yours are being sent to QuickBooks.
    .did = This one is kept and follows them.
    .todo = Nothing to do.
kept = This kind of message ({ $what }) is kept for a later version of the app.
    .did = It is stored whole and nothing is lost.
    .todo = Nothing to do.

tax_unmapped = No QuickBooks tax code is chosen for { $taxes ->
        [no_tax] sales without tax
        [exempt] exempt sales
        [zero_rated] zero-rated sales
        [out_of_scope] money that is not a sale
       *[other] { $taxes }
    }.
    .did = The transaction is kept.
    .todo = { $candidates ->
        [none] Choose the code under Taxes; where QuickBooks has none that fits, create it there and press Refresh.
       *[other] Choose the code under Taxes; these may be meant: { $candidates }.
    } Everything that waits for it then follows.
tax_map_stale = The QuickBooks tax code chosen for { $taxes } ({ $code }) { $change ->
        [code_gone] is no longer there
        [code_inactive] was made inactive
        [rate_gone] has lost a rate
       *[rate_changed] had { $was }% when it was chosen and has { $now }% now
    }.
    .did = The transaction is kept; nothing was written.
    .todo = { $candidates ->
        [none] Choose the code again under Taxes; where QuickBooks has none that fits, create it there and press Refresh.
       *[other] Choose the code again under Taxes; these may be meant: { $candidates }.
    } Everything that waits for it then follows.
tax_rate_differs = { $tax } was charged at { $ours }%, and the QuickBooks rate it is mapped to is { $theirs }%.
    .did = The transaction is kept.
    .todo = Choose the code with the same rate under Taxes; everything that waits for it then follows.
item_missing = No QuickBooks item is chosen for: { $kind }.
    .did = The transaction is kept.
    .todo = Choose the item in the settings; everything that waits for it then follows.
deposit_account_missing = No deposit account is chosen for payments by “{ $method }” in { $currency }.
    .did = The payment is kept.
    .todo = Choose the account in the settings; everything that waits for it then follows.
fallback_customer_missing = The payment has no customer, and no customer is chosen for such payments in { $currency }.
    .did = The payment is kept.
    .todo = Choose the customer for walk-ins in the settings.
customer_ambiguous = Several customers in QuickBooks could be this one.
    .did = The transaction is kept.
    .todo = Choose the right one; everything that waits for this customer then follows.
customer_inactive = This customer was made inactive in QuickBooks.
    .did = The transaction is kept.
    .todo = Make the customer active again or have a new one created; everything that waits for this customer then follows.
customer_email_differs = A customer in QuickBooks has the same name and another e-mail address.
    .did = The transaction is kept.
    .todo = Say whether it is the same customer or a new one; everything that waits for this customer then follows.
customer_name_taken = Every name this customer could have belongs to somebody in QuickBooks ({ $fault }).
    .did = The transaction is kept; no customer was created.
    .todo = Choose the customer, or rename one in QuickBooks and press Retry; everything that waits for this customer then follows.
reference_inactive = Something the receipt refers to was made inactive or deleted in QuickBooks ({ $fault }).
    .did = The transaction is kept; nothing was written.
    .todo = Make it active again or choose another one in the settings, then press Retry.
tax_code_inactive = A tax code on the payment's receipt ({ $code }) is no longer active in QuickBooks.
    .did = The refund is kept; nothing was written.
    .todo = Make the tax code active again in QuickBooks, then press Refresh: the refund then follows.
refund_exceeds = { $refunded } was refunded, and only { $left } is left of its payment.
    .did = The refund is kept; nothing was written.
    .todo = Compare it with the payment. If the money has gone, press Post it all the same.
refund_tax_unknown = We never recorded the payment of this refund in QuickBooks, and the refund does not say what it takes back.
    .did = The refund is kept; nothing was written.
    .todo = Name its tax, and it is recorded. Where you have recorded it in QuickBooks by hand, press Leave it out.
period_closed = Your books are closed for { $day }.
    .did = The transaction is kept; nothing was written.
    .todo = Post it on the first open day, or open the period in QuickBooks and press Retry.
currency_not_enabled = The payment is in { $currency }, which your QuickBooks company does not use.
    .did = The payment is kept.
    .todo = Turn on multicurrency and add { $currency } in QuickBooks, then press Refresh.
number_taken = Another document in QuickBooks already has the number { $number }.
    .did = The transaction is kept; nothing was written.
    .todo = Change the number of the other document in QuickBooks, then press Retry.
quickbooks_refused = QuickBooks refused the receipt ({ $fault }).
    .did = The transaction is kept; nothing was written.
    .todo = Look at the field named, mend it in QuickBooks or in the settings, then press Retry.
answer_differs = QuickBooks recorded another { $what } than we sent: { $theirs } instead of { $ours }, on receipt { $receipt }.
    .did = The receipt is in QuickBooks as it recorded it; writing ours over it did not help or was not possible.
    .todo = Compare the receipt in QuickBooks with the payment and correct it there.

unreadable = MioCommerce's message cannot be taken as it is: { $what }
    .did = It is stored whole for MioCommerce's developers.
    .todo = Nothing to do; MioCommerce's developers see it.
figures_disagree = The figures do not add up: { $captured } captured, { $lines } on the lines.
    .did = Nothing was written; the message is stored whole for MioCommerce's developers.
    .todo = Nothing to do; MioCommerce's developers see it.
conflict = The same transaction arrived again with other figures.
    .did = The first one stands; the second was not written.
    .todo = Nothing to do; MioCommerce's developers see it.
not_representable = QuickBooks keeps two decimals, and the payment holds an amount with more: { $amount }.
    .did = Nothing was written and nothing was rounded; the message is stored whole.
    .todo = Nothing to do; MioCommerce's developers see it.
exchange_rate_missing = The payment is in { $currency } and MioCommerce did not say at which exchange rate.
    .did = Nothing was written, because QuickBooks would have taken the rate for 1; the message is stored whole.
    .todo = Nothing to do; MioCommerce's developers see it.
request_refused = QuickBooks says our request is wrong ({ $fault }).
    .did = Nothing was written; the message is stored whole for MioCommerce's developers.
    .todo = Nothing to do; MioCommerce's developers see it.
two_receipts = QuickBooks holds two receipts for this transaction: { $receipts }.
    .did = Nothing more was written.
    .todo = Delete the second one in QuickBooks; MioCommerce's developers see it too.

# What the checklist found on connecting, and how to mend it.
# One message a cure: what was found; .todo: what to do.

check_no_books = { $company } has no accounting: its QuickBooks subscription comes without a chart of accounts.
    .todo = Connect a company that has QuickBooks Online accounting, or add it to this one in QuickBooks.
check_other_country = MioCommerce has your business in { $ours }; this QuickBooks company is in { $theirs }. Nothing is sent until they agree.
    .todo = Connect the QuickBooks company of your own country, or correct the country in MioCommerce.
check_one_currency_only = You sell in { $ours }; this QuickBooks company keeps its books in { $theirs } alone. Nothing is sent until { $ours } can be booked.
    .todo = Switch multicurrency on in QuickBooks, or connect the company that keeps its books in { $ours }. Then press Refresh.
check_currency_not_added = You sell in { $ours }, which is not among the currencies of this QuickBooks company ({ $theirs } is its own). Nothing is sent until it is.
    .todo = Add { $ours } to the currencies in QuickBooks, then press Refresh.
check_sales_tax_off = You charge taxes, and sales tax is switched off in QuickBooks. Payments with taxes wait; the others are sent.
    .todo = Set up sales tax in QuickBooks, then press Refresh.
check_no_tax_codes = QuickBooks has no sales tax code that a sale could use. Payments wait for it.
    .todo = Set up sales tax in QuickBooks, then press Refresh.
check_taxes_unmapped = These taxes have no QuickBooks tax code yet: { $taxes }. Payments with them wait; the others are sent.
    .todo = Choose the code under Taxes. Where QuickBooks has none, create it there and press Refresh.

# Why a tax code is suggested for taxes. One message a reason.

why_same_rates = It has the same rates, one by one: { $rates }.
why_rate_not_told = MioCommerce does not tell the rate of a tax, so only its name was compared.
why_same_taxes = It is for the same taxes: { $taxes }.
why_same_name = “{ $code }” has the same name.
why_same_region = It is for the same province or state: { $region }.
why_other_region = The sale was made elsewhere: “{ $code }” is for { $region }.
why_name_says_nothing = Nothing in the name “{ $code }” says that it is the same tax: only the rates are the same.
why_unclear_which = It is not clear which of its rates is for which tax.
why_compound = One of its rates is charged on another tax as well.
why_rate_changed = “{ $code }” had this rate once, and has another now.
why_sum_only = { $tax } is one tax in MioCommerce and several in QuickBooks ({ $parts }). Enter them one by one in MioCommerce, or create a code with the single rate in QuickBooks and press Refresh.
why_says_why = The name “{ $code }” says why no tax is charged, and it charges none.

# What was found in QuickBooks for a choice of the settings, before anybody chose. One message a finding.

found_one = Found in QuickBooks by its name: { $names }.
found_several = Several in QuickBooks could be meant: { $names }. Choose one.
found_wrong_account = { $names } has the name, and posts to another kind of account than it should. Choose it if you mean it, or another.
found_none = None was found in QuickBooks. Choose one, or have it created.

# Kinds of lines, in sentences.

kind-service = services
kind-product = products
kind-fee = fees
kind-tip = tips
kind-discount = discounts
kind-deposit = deposits
kind-deposit-applied = deposits
kind-deposit-forfeited = deposits kept
kind-gift-card = gift cards
kind-gift-card-redeemed = gift cards
kind-rounding = cash rounding
kind-tax = tax on a line of its own
