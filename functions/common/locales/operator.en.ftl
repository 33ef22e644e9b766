# The frame of every page, and the tax map.

tabs = Pages
tab-home = Overview
tab-activity = Activity
tab-taxes = Taxes
tab-settings = Settings
done-follows = Noted. There is much to look through: what waited for it follows by itself within minutes.
done-mapped = Saved. What waited for it is being sent now.
done-reread = Your lists were read again from QuickBooks.
done-refreshed = Your lists were read again from QuickBooks. What waited for something that is there now is being sent.
undone-refresh = QuickBooks did not answer, so nothing was changed. Try again in a moment.
undone-unknown = We do not know yet whether it was done: QuickBooks' answer was lost. Look again in a few minutes.
undone-throttled = QuickBooks asked us to slow down, so nothing was changed. Try again in a minute.
undone-refused = QuickBooks refused it, so nothing was changed. Look there for what stands against it, then try again.
undone-nothing = Nothing was changed.
undone-closed = There is no connection to QuickBooks that could be used. Nothing was changed.
taxes-title = Taxes
taxes-explains = Each combination of your taxes needs the QuickBooks tax code with the same rates. Where one is clear, it was chosen for you. Payments whose taxes have no code wait, and follow as soon as you choose.
taxes-automated = Your company uses QuickBooks' automated sales tax: nothing needs to be chosen here. Each receipt asks QuickBooks to keep the tax that you charged.
taxes-off = Sales tax is switched off in your QuickBooks company. The tax you charge is recorded on a line of its own, booked to a liability. If you switch sales tax on there, press Refresh in the settings.
taxes-not-connected = Connect QuickBooks first. Your taxes then appear here.
taxes-none-yet = No taxes have been charged yet. They appear here with your first payment, with the code that fits.
taxes-refresh = Refresh
taxes-refresh-says = Reads your tax codes again from QuickBooks, after you changed them there.
taxes-unconfirmed-says = Some codes were chosen for you, because exactly one fits. They are in use already. Have a look, and say that they are right.
taxes-confirm-all = They are all correct
taxes-choose = Choose a code
taxes-choose-other = Choose another code
taxes-code = In QuickBooks:
taxes-choose-button = Use this code
taxes-state-confirmed = Confirmed
taxes-state-suggested = Chosen for you
taxes-state-open = To choose
taxes-state-missing = No code fits
taxes-state-stale = Changed in QuickBooks
taxes-open-says = Several codes may be meant, and only you can say which.
taxes-untaxed-says = Choose the code that says why no tax was charged on them.
taxes-stale-says = The code is not what it was when it was chosen. Choose again.
taxes-missing-says = Create a sales tax code with these rates in QuickBooks (Taxes > Sales tax), then press Refresh.
taxes-no-tax = Sales without tax, with no reason given
taxes-exempt = Exempt sales
taxes-zero-rated = Zero-rated sales
taxes-out-of-scope = Not subject to tax: tips, deposits, gift cards
taxes-waits = { $how ->
    [one] One transaction waits for it: { $sum }.
    [at-least] At least { $count } transactions wait for it: { $sum } so far.
   *[many] { $count } transactions wait for it: { $sum }.
}

# Activity: every transaction, and what became of it.

state-synced = In QuickBooks
state-skipped = Left out
state-waiting = Waiting
state-needs-operator = Needs you
state-failed = With our developers
activity-title = Activity
activity-all = All transactions
activity-statement = Statement of the month, and spreadsheet
activity-payment = Payment
activity-refund = Refund
activity-message = Message
activity-group = { $how ->
    [one] One transaction needs you
    [one-or-more] At least one transaction needs you
    [or-more] At least { $count } transactions need you
   *[many] { $count } transactions need you
}
activity-retry-all = Retry all of these
activity-state = State
activity-kind = Kind
activity-any = Any
activity-from = From
activity-to = To
activity-text = Number, amount or customer ID
activity-find = Find
activity-nothing-found = Nothing was found in what was looked through.
activity-nothing-yet = Nothing since { $day }. Payments and refunds appear here as they arrive.
activity-more = Older ones
activity-earlier = Before { $day }
done-retried = It is being sent to QuickBooks now. Look again in a moment.
done-freed = It will be sent to QuickBooks as soon as the connection is open again.
done-linked = Saved: from now on this is the customer. Nothing waited for it any more.
undone-moved = It had changed meanwhile; nothing was done. See how it stands below.
done-skipped = It is left out, with your reason.
undone-why = Say why it is left out, so that it can be understood next year.
entry-back = ‹ Activity
entry-synced = Recorded as
entry-open = Open in QuickBooks
entry-by-hand = Or find it in QuickBooks yourself: Transactions > Sales, by its number.
earlier-company = an earlier company
entry-elsewhere = It stands in { $company }, a QuickBooks company that was connected before. To see it, open that company in QuickBooks: Transactions > Sales, by its number.
entry-kept-for = It is kept for { $company }, a QuickBooks company that was connected before, and is never sent to another.
entry-id-there = No. { $id } there
entry-of = in { $company }
entry-taxes = Choose the tax code
entry-items = Choose the item
entry-deposits = Choose the account
entry-fallback = Choose the customer for walk-ins
entry-name-tax = Name the tax
entry-tax-code = Tax code of what was refunded
entry-tax-code-says = The refund then says how much of it was tax, by the code's rates. Choose the code the sale was recorded under.
entry-tax-amount = How much of it was tax
entry-tax-amount-says = Write 0.00 where the sale carried no tax.
undone-tax = That tax cannot be used. Choose a code, or write how much of the refund was tax.
entry-choose = Choose the customer
entry-allow = Post it all the same
entry-retry = Retry
entry-skip = Leave it out
entry-skip-says = It will never be sent to QuickBooks. Do this where you have recorded it there by hand, or do not want it in the books.
entry-why = Your reason
entry-why-says = Name no customer here: your reason is kept with the transaction, also after a customer's data was erased.
undone-why-names = Your reason names the customer, so nothing was done. It is kept for good: write it without their name, e-mail address or phone.
entry-skip-yes = Leave it out for good
entry-story = What happened
entry-of-payment = Of payment
entry-paid = Paid by the customer
entry-paid-back = Paid back to the customer
entry-received = Received from MioCommerce
entry-recorded = Recorded in QuickBooks
entry-left-out = Left out
entry-left-out-by = Left out by { $name }
entry-decided-again = Tried again, asked by { $name }
entry-decided-send = To be sent after all, decided by { $name }
entry-decided-choice = Tried again after settings or lists changed, by { $name }
entry-decided-customer = Customer chosen by { $name }
entry-decided-excess = Posted all the same, decided by { $name }
entry-decided-tax = Tax named by { $name }
entry-restored-by = Customer's record in QuickBooks put back by { $name }
entry-due = Next check
entry-posted = As it was posted
entry-taken-back = What it takes back
entry-tax = Tax
entry-taxable = Taxable
entry-not-taxable = Not taxable
entry-item = Item
entry-code = Tax code
entry-amount = Amount
entry-total = Total

# Choosing a customer.

customer-back = ‹ Transaction
customer-title = Which customer is it?
customer-inactive = Inactive
customer-record = Record
customer-choose = This one
customer-reactivate = Make active and use
customer-shown = Shown: { $first } to { $last } of { $all }.
customer-more = Show the next ones
customer-new = None of these
customer-new-says = A new customer is created in QuickBooks, under a name of its own.
customer-create = Create a new customer
undone-name-taken = Nobody was created: every name this customer could have belongs to somebody in QuickBooks, perhaps a vendor, an employee or somebody inactive. Choose the customer, or rename one there and try again.
undone-unsuitable = That record cannot be used: it is inactive, part of another customer, or in another currency.

# The first line of the overview.

summary-all = { $how ->
    [one] The one transaction received is in QuickBooks.
    [all] All { $all } transactions received are in QuickBooks.
   *[some] In QuickBooks: { $synced } of { $all } transactions received.
}
summary-at-least = At least { $synced } transactions are in QuickBooks: there are too many to count here.
summary-earlier = In an earlier company
summary-elsewhere = { $how ->
    [one] One is in a company that was connected before.
   *[many] { $count } are in a company that was connected before.
}
summary-needs-you = { $how ->
    [one] One needs you.
   *[many] { $count } need you.
}
summary-waiting = { $how ->
    [one] One waits and follows by itself.
   *[many] { $count } wait and follow by themselves.
}
summary-failed = { $how ->
    [one] One is with our developers.
   *[many] { $count } are with our developers.
}
summary-skipped = { $how ->
    [one] One was left out.
   *[many] { $count } were left out.
}
summary-messages = { $how ->
    [one] One message that is no transaction is listed under Activity.
   *[many] { $count } messages that are no transactions are listed under Activity.
}
summary-received = { $received } received
summary-back = { $back } paid back
summary-both = { $received } received, { $back } paid back
summary-days = Transactions by day. The busiest: { $day }, with { $count }.
summary-look = See what needs you
summary-none-yet = Nothing was received yet this month

# The settings.

settings-title = Settings
settings-explains = Everything here has a default that works. A change applies to what is sent from now on; what is in QuickBooks already stays as it is.
settings-not-connected = Connect QuickBooks first. Its accounts and items can then be chosen here.
settings-missing = Missing in QuickBooks
settings-create = Create in QuickBooks
settings-save = Save
settings-refresh-says = Reads your accounts, items and tax codes again from QuickBooks.
settings-history = Changes
settings-by-us = chosen for you
settings-nothing = nothing
settings-yes = yes
settings-no = no
settings-gone = No longer in QuickBooks ({ $id })
settings-none = None
settings-asks = Not chosen: asked when needed
settings-as-cards = As cards
settings-as-services = As services
settings-by-default-cards = As cards, above
settings-by-default-cash = As cash, above
settings-where-it-went = Where the payment's money went
settings-not-needed = Not chosen
settings-sync = What is sent
    .says = From which day, and by which methods.
settings-deposits = Where the money goes
    .says = The account of each method of payment.
settings-items = Items
    .says = What each kind of line is called in QuickBooks.
settings-customers = Customers
    .says = How customers are matched, created and kept up to date.
settings-documents = Receipts
    .says = Their numbers, discounts, closed books, and what they say.
settings-people = Who is told
    .says = Who hears of trouble, besides your administrators.
settings-start-date = First day
    .says = Payments captured before this day are not sent.
settings-clearing = Cards and bank debits in { $currency }
    .says = The account your card processor pays out from: its deposits in the bank then match.
settings-undeposited-funds = Cash and cheques
    .says = Usually Undeposited Funds, until you take them to the bank.
settings-deposit = { $method }: payments go to
settings-refund = { $method }: refunds come from
settings-fold-payments = Another account for one method's payments
settings-fold-refunds = Another account for one method's refunds
settings-item-fallback = Services
    .says = Every service, product or fee that has no item of its own.
settings-item-product = Products
    .says = Goods; where nothing is chosen, the item of services.
settings-item-fee = Fees
    .says = Booking, travel and service fees; where nothing is chosen, the item of services.
settings-item-tip = Tips
    .says = Should post to a liability: tips are owed to your staff.
settings-item-discount = Discounts
    .says = Only needed where discounts are written on a line of their own.
settings-item-gift-card = Gift cards
    .says = Should post to a liability, because a gift card sold is owed until it is used.
settings-item-deposit = Deposits
    .says = Should post to a liability: money taken ahead of the work.
settings-item-deposit-forfeited = Deposits kept
    .says = A deposit you keep because the work was called off: it is earned then.
settings-item-rounding = Cash rounding
    .says = The cents by which cash is rounded to five.
settings-item-tax = Tax on a line of its own
    .says = Only needed where QuickBooks does not keep the tax as tax.
settings-item-service = Service { $service }
settings-other-email = Same name, another e-mail address
    .says = When a customer in QuickBooks has the same name and another address.
settings-other-email-link = It is the same customer
settings-other-email-create = It is another customer
settings-other-email-ask = Ask me
settings-update-existing = Update customers that already exist in QuickBooks
    .says = Changes you make in MioCommerce are written over the customer's record. Customers we created always follow.
settings-distinct-names = Where a name is taken
    .says = Names are unique in QuickBooks, across customers, vendors and employees. A count is added, or your customer number.
settings-distinct-counted = Jane Roy (2)
settings-distinct-number = Jane Roy (C-1042)
settings-fallback-customer = Customer for walk-ins
    .says = Payments without a customer are booked to it.
settings-fallback-foreign = Customer for walk-ins who pay in { $currency }
    .says = A customer in QuickBooks keeps one currency for ever.
settings-fallback-instead = Book new customers to it instead of creating them
    .says = Nobody is created in QuickBooks; customers who are there already are still found.
settings-discounts = Discounts
    .says = Either way the total and the tax are the same.
settings-discounts-spread = Taken off the lines they apply to
settings-discounts-line = On a line of their own
settings-automated = Where QuickBooks' automated sales tax makes another amount
    .says = Your total is always what was captured. A tax on its own line stays out of QuickBooks' sales tax reports; with QuickBooks' tax, the difference stands on a line of its own.
settings-automated-as-charged = Ask me
settings-automated-line = The tax charged, on its own line
settings-automated-own = QuickBooks' tax, the rest apart
settings-memo-en = Message on receipts, to customers who read English
    .says = Printed on the receipt in QuickBooks. Leave it empty for none.
settings-memo-fr = Message on receipts, to customers who read French
    .says = Printed on the receipt in QuickBooks. Leave it empty for none.
settings-class-service = Class for { $name }
settings-class-team = Class for team { $name }
    .says = Used where the service has no class of its own.
settings-class-territory = Class for territory { $name }
    .says = Used where neither the service nor the team has one.
settings-location-service = Location for { $name }
settings-location-team = Location for team { $name }
    .says = Used where the service has no location of its own.
settings-location-territory = Location for territory { $name }
    .says = Used where neither the service nor the team has one.
settings-tracking = Classes and locations
    .says = What services, teams and territories are reported under.
settings-methods = Payment methods
    .says = What each is called on receipts in QuickBooks.
settings-called = { $method }
settings-by-name = Found by its name
settings-by-brand = By the card's brand
settings-numbers = Receipt numbers
    .says = A number that is already in use in QuickBooks is refused there; the mark keeps ours apart.
settings-numbers-marked = MC-100231, marked as ours
settings-numbers-plain = 100231, as in MioCommerce
settings-numbers-without = None
settings-numbers-theirs = Receipt numbers are QuickBooks' own
    .says = To have MioCommerce's numbers instead, switch on custom transaction numbers in QuickBooks (Account and settings > Sales), then press Refresh.
settings-language = Language of what is created in QuickBooks
    .says = Names of new items, accounts and payment methods.
settings-language-theirs = As in QuickBooks
settings-bookkeeper-name = Bookkeeper's name
    .says = How our mails greet them.
settings-bookkeeper-email = Bookkeeper's e-mail address
    .says = Told of trouble with the connection, besides your administrators. Leave it empty for nobody.
settings-bookkeeper-language = Bookkeeper's language
    .says = The language of our mails to them.
language-en = English
language-fr = French
done-saved = Saved. It applies to what is sent from now on.
done-chosen = It was created in QuickBooks and chosen.
done-created = It was created in QuickBooks and chosen. What waited for it is being sent now.
undone-create = QuickBooks did not create it, perhaps because something inactive has the name. Look there, then press Refresh.
missing-clearing = An account for card payments, “{ $name }”.
missing-services = An item for services, “{ $name }”.
missing-tips = An item for tips that posts to a liability, “{ $name }”.
missing-gift-cards = An item for gift cards that posts to a liability, “{ $name }”.
missing-deposits = An item for deposits that posts to a liability, “{ $name }”.
missing-rounding = An item for cash rounding, “{ $name }”.
missing-taxes = An item for tax that QuickBooks does not keep as tax, “{ $name }”.
method-card = Credit card
method-debit = Debit card
method-cash = Cash
method-cheque = Cheque
method-etransfer = Interac e-Transfer
method-echeck = Electronic cheque
method-pad = Pre-authorized debit
method-paypal = PayPal
method-square = Square
method-venmo = Venmo
method-zelle = Zelle
method-coupon = Coupon (not money received)
method-ims = IMS trade exchange (not money received)
method-itex = ITEX trade exchange (not money received)
method-none = Manual adjustment (not money received)

# Closed books.

settings-closed = Where the books are closed for the day
    .says = A late payment or refund may fall into a period you have closed. Posted on the first open day, it carries a note of its own day.
settings-closed-through = The books are closed through
    .says = QuickBooks does not always tell us; the later of its day and yours counts.
settings-closed-through-told = The books are closed through
    .says = QuickBooks says { $day }. Where you choose a day as well, the later of the two counts.
settings-closed-hold = Hold it and ask me
settings-closed-open = Post it on the first open day
entry-open-day = Post on the first open day
entry-open-day-says = From now on, whatever falls into closed books is dated the first open day, with a note. You can change that in the settings.

# QuickBooks' automated sales tax made another amount.

entry-automated-says = QuickBooks works out sales tax by itself and did not keep the amount you charged. Say once what to do; it then applies to every receipt. You can change it in the settings.
entry-automated-line = Put the tax I charged on a line of its own
entry-automated-own = Take QuickBooks' tax, with the difference on a line

# Days and times, in little room.

short-month = { $month ->
     [m1] Jan
     [m2] Feb
     [m3] Mar
     [m4] Apr
     [m5] May
     [m6] Jun
     [m7] Jul
     [m8] Aug
     [m9] Sep
     [m10] Oct
     [m11] Nov
    *[m12] Dec
}
short-day = { $month } { $day }, { $year }
time-am = { $hour }:{ $minute } a.m.
time-pm = { $hour }:{ $minute } p.m.

# The statement of a month, and its sheet.

statement-title = Statement
statement-before = Month before
statement-after = Month after
statement-sheet = Download as a spreadsheet (CSV)
statement-unread = { $how ->
    [one] One message could not be read, and its amount is not in these sums. Our developers see it.
   *[many] { $count } messages could not be read, and their amounts are not in these sums. Our developers see them.
}
statement-too-many = More transactions were received in that month than can be added up on a page. The spreadsheet has them all.
statement-nothing = Nothing was received in that month.
statement-states = What is in QuickBooks, and what is not
statement-count = Transactions
statement-net = Received, less paid back
statement-days = By day
statement-methods = By method
statement-received = Received
statement-paid-back = Paid back
statement-unposted = Not recorded by us
statement-elsewhere = In { $company }, connected before
statement-differs = In QuickBooks with other figures
statement-no-money = { $how ->
    [one] Besides, one coupon, trade exchange or adjustment of { $sum } was left out. No money moved, so it is not in these sums.
   *[many] Besides, { $count } coupons, trade exchanges or adjustments of { $sum } together were left out. No money moved, so they are not in these sums.
}
statement-days-say = Each stands on the day its money moved. One that was posted on the first open day after closed books may stand in another month in QuickBooks.
statement-unsaid = Refunds: method not told
statement-not-looked-up = Refunds whose payments were not looked up, because there are too many: { $count }. They stand under “method not told”.
statement-taxes = Tax on payments in QuickBooks
statement-taxes-elsewhere = Tax on payments in { $company }, connected before
statement-rate = Rate no. { $id } there
statement-taxes-say = Tax given back with refunds is not taken off here; QuickBooks' own tax report does that.
sheet-day = Day
sheet-time = Time
sheet-number = Number
sheet-customer = Customer ID
sheet-method = Method
sheet-currency = Currency
sheet-receipt = Number in QuickBooks
sheet-receipt-id = ID in QuickBooks
sheet-why = Why
sheet-goes-on = There are more. The next part is at { $address }
sheet-part = Total of this part
sheet-month = Total of the month
sheet-too-many = The month has too many transactions to add up here. Its total is the sum of the parts' totals.
sheet-no-money = Left out (no money)

# The customer for walk-ins.

fallback-back = ‹ Settings
fallback-says = Payments that name no customer have to be booked to somebody in QuickBooks. Look for the customer you keep for that, or have one created.
fallback-chosen = Chosen now:
fallback-search = Name in QuickBooks
fallback-nobody-found = No active customer in QuickBooks has this in the name.
fallback-choose = Choose
undone-name-in-use = Nobody was created: somebody in QuickBooks has that name, perhaps a vendor, an employee or somebody inactive. Choose another customer, or rename that one there.
fallback-new = No such customer yet?
fallback-new-says = “{ $name }” is created in QuickBooks and chosen.
fallback-name = Walk-in customers
fallback-nobody = Choose nobody

# What was written over in a customer's record.

restore-title = The customer in QuickBooks was changed
restore-says = Your changes in MioCommerce were written over the customer's record. What stood there before us is kept, and can be put back. A later change in MioCommerce writes over it again.
restore-before = Before
restore-since = Since
restore-empty = (empty)
restore-button = Put it back as it was
done-restored = The customer's record in QuickBooks is as it was before.
undone-partly = QuickBooks refused part of it: { $fields } could not be put back.
undone-not-there = That customer is no longer in QuickBooks, so nothing was put back.
field-display-name = Shown name
field-first-name = First name
field-last-name = Last name
field-company-name = Company name
field-email = E-mail address
field-phone = Phone
field-billing-address = Billing address
