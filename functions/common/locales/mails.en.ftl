# The mails. One message a cause: its heading; .text: what happened; .todo: what to do; .then: when what waits is sent.

mail-subject = { $company }: { $heading }
mail-subject-reminder = Reminder: { $company }: { $heading }

mail-revoked = QuickBooks is disconnected
    .text = The connection of { $merchant } to “{ $company }” was ended inside QuickBooks. MioCommerce can no longer record your payments there.
    .todo = Reconnect in the App Market; it takes a minute. If you meant to end it, press Disconnect there, and we stop writing to you.
    .then = when you have reconnected
mail-idle = QuickBooks ended an unused connection
    .text = The connection of { $merchant } to “{ $company }” was not used for 100 days, and QuickBooks ended it.
    .todo = Reconnect in the App Market; it takes a minute.
    .then = when you have reconnected
mail-five-years = The connection to QuickBooks has run out
    .text = QuickBooks lets a connection last five years. The five years of { $merchant } with “{ $company }” are over.
    .todo = Reconnect in the App Market; it takes a minute and lasts another five years.
    .then = when you have reconnected
mail-admin-lost = QuickBooks wants another administrator
    .text = Whoever connected { $merchant } to “{ $company }” is no longer an administrator of it in QuickBooks, so QuickBooks refuses what we send.
    .todo = Have an administrator of “{ $company }” reconnect in the App Market, or give the role back in QuickBooks.
    .then = when an administrator has reconnected
mail-unknown = QuickBooks needs you to reconnect
    .text = QuickBooks no longer accepts the connection of { $merchant } to “{ $company }”, and does not say why.
    .todo = Reconnect in the App Market; it takes a minute.
    .then = when you have reconnected
mail-access-refused = QuickBooks refuses us access
    .text = For hours QuickBooks has refused everything we send of { $merchant } to “{ $company }”. The connection itself still stands, and QuickBooks does not say why.
    .todo = Reconnect in the App Market; it takes a minute. We also keep trying by ourselves.
    .then = when QuickBooks lets us in again
mail-permission-missing = QuickBooks does not let us record
    .text = For hours QuickBooks has not let us record what { $merchant } is paid in “{ $company }”: its QuickBooks plan does not include that, or whoever connected may not do it there.
    .todo = In QuickBooks, see whether the plan includes sales receipts and whether that person may record them, or have an administrator of “{ $company }” reconnect in the App Market.
    .then = when QuickBooks permits it
mail-subscription = QuickBooks only lets us read
    .text = The QuickBooks subscription of “{ $company }” has lapsed, so QuickBooks takes no new payments of { $merchant }. Reconnecting does not help.
    .todo = Renew the subscription in QuickBooks, under Billing. Nothing has to be done in MioCommerce.
    .then = when the subscription is active again
mail-plan = QuickBooks is paused
    .text = The plan of { $merchant } no longer includes the QuickBooks app, so nothing is sent to “{ $company }”.
    .todo = Upgrade to Grow to go on. Your settings are kept, and your connection until { $day }: then we give it back to QuickBooks, and you would have to reconnect.
    .then = when the plan includes QuickBooks again
mail-plan-ending = Your connection to QuickBooks is kept until { $day }
    .text = The plan of { $merchant } no longer includes the QuickBooks app. On { $day } we give the connection to “{ $company }” back to QuickBooks. What is in QuickBooks stays there; your settings and what waits stay here.
    .todo = Upgrade to Grow before that day to keep the connection. After it, you would have to reconnect in the App Market too.
    .then = when the plan includes QuickBooks again
mail-expiring = The connection to QuickBooks runs out on { $day }
    .text = QuickBooks lets a connection last five years. The five years of { $merchant } with “{ $company }” are over on { $day }. Until then everything goes on as usual.
    .todo = Reconnect in the App Market before that day, so that no payment has to wait.

mail-recovered = QuickBooks works again
    .text = { $by ->
        [nobody] The connection of { $merchant } to “{ $company }” works again.
       *[somebody] { $name } reconnected { $merchant } to “{ $company }”.
    }
    .waited = { $how ->
        [none] Nothing had to wait.
        [one] One transaction had waited.
        [more] More than { $count } transactions had waited.
       *[many] { $count } transactions had waited.
    }
    .left = { $how ->
        [none] None waits any more.
        [one] One still waits and follows by itself.
        [more] More than { $count } still wait and follow by themselves.
       *[many] { $count } still wait and follow by themselves.
    }
    .held = { $how ->
        [none] None needs you.
        [one] One needs you: the page says what to do.
        [more] More than { $count } need you: the page says what to do.
       *[many] { $count } need you: the page says what to do.
    }

mail-waits = { $how ->
        [none] Nothing waits yet.
        [one] One transaction waits: { $money }.
        [more] More than { $count } transactions wait.
       *[many] { $count } transactions wait: { $money }.
    }
    .kept = { $how ->
        [none] What is paid meanwhile is kept, and sent by itself and in order { $then }.
       *[many] Nothing is lost: everything is kept, and sent by itself and in order { $then }.
    }
mail-received = { $money } received
mail-paid-back = { $money } paid back
mail-and = { $one } and { $other }
mail-unread = amounts are on the page

mail-month = { $month ->
        [m1] January
        [m2] February
        [m3] March
        [m4] April
        [m5] May
        [m6] June
        [m7] July
        [m8] August
        [m9] September
        [m10] October
        [m11] November
       *[m12] December
    }
mail-day = { $month } { $day }, { $year }

mail-button = Open QuickBooks in the App Market
mail-help = How QuickBooks works in MioCommerce
mail-why-operator = You get this mail because you administer { $merchant } in MioCommerce.
mail-why-bookkeeper = You get this mail because { $merchant } named you as its bookkeeper in MioCommerce.
mail-unsubscribe = Stop reminders

unsubscribe = Stop reminders about QuickBooks?
    .text = We write once when a connection to QuickBooks is in trouble, and remind you after 3, 7, 14 and 30 days. Press the button, and you get no more reminders. The first word of new trouble still reaches you.
    .button = Stop reminders
unsubscribed = You get no more reminders
    .text = The first word of new trouble still reaches you, because payments wait while QuickBooks is disconnected.
    .button = Open the App Market
unsubscribe-unknown = This link does not work any more
    .text = It is not one of ours, or it was cut off on its way. Nothing was changed. Open the link of the newest mail.
    .button = Open the App Market
