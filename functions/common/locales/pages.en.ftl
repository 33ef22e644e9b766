# The pages. One message per notice: its heading; .text: what happened and what it means; .button.

to-the-market = Open the App Market
leave-it = Leave everything as it is

launch-not-genuine = This link did not come from the App Market
    .text = We could not verify who sent you here, so nothing was opened and nothing was changed. Open QuickBooks from the App Market.
    .button = Open the App Market
launch-expired = This link is too old
    .text = Links from the App Market work for five minutes. Nothing was changed. Open QuickBooks from the App Market again.
    .button = Open the App Market
launch-used = This link was already used
    .text = Each link from the App Market works once. Nothing was changed. Open QuickBooks from the App Market again.
    .button = Open the App Market
viewer-only = Only administrators can do this
    .text = You can look at everything here, but connecting, disconnecting and settings belong to the administrators of { $merchant }. Nothing was changed.
    .button = Back to QuickBooks
plan-needed = QuickBooks needs the Grow plan
    .text = The plan of { $merchant } does not include the QuickBooks app. Upgrade to Grow, then open QuickBooks from the App Market again. Nothing was changed.
    .button = Open the App Market
cancelled = You did not connect QuickBooks
    .text = You pressed Cancel at Intuit, so nothing was changed. You can try again whenever you like.
    .button = Connect to QuickBooks
intuit-error = Intuit reported an error
    .text = Intuit sent you back without connecting ({ $error }). Nothing was changed. Try again; if it happens again, it is Intuit's to mend.
    .button = Try again
attempt-unknown = This connection attempt is over
    .text = It was finished before, it took longer than ten minutes, or it was started in another browser. Nothing was changed by opening this page. If QuickBooks is not connected yet, start again from the App Market.
    .button = Open the App Market
callback-incomplete = Intuit's answer was incomplete
    .text = The answer did not say which company to connect, so nothing was changed. Try again.
    .button = Try again
code-refused = Intuit did not accept the connection
    .text = The permission Intuit gave was used already or took too long. Nothing was changed. Try again; it takes a minute.
    .button = Try again
app-refused = We cannot connect right now
    .text = Intuit does not accept our app at the moment. This is ours to mend and our developers have been told. Nothing was changed.
    .button = Back to QuickBooks
quickbooks-silent = Intuit did not answer
    .text = Nothing was changed. Try again in a minute.
    .button = Try again
unfinished = Almost connected
    .text = You gave your permission and it is kept safely, but QuickBooks did not answer our questions about the company. Press the button to go on from here; you will not be asked at Intuit again.
    .button = Finish connecting
company-not-proven = QuickBooks would not show us that company
    .text = The permission you gave does not open the company you chose, so nothing was changed. Try again, and choose the company at Intuit.
    .button = Try again
company-taken = This company is connected to another MioCommerce account
    .text = One QuickBooks company can be connected to one MioCommerce account, so that no payment is recorded twice. Disconnect it there first, or choose another company. Nothing was changed.
    .button = Choose another company
company-differs = This is another company than before
    .text = { $merchant } was connected to “{ $old }”, and you chose “{ $new }”. To go on as before, connect again and choose “{ $old }”. To leave “{ $old }” for good, start fresh with “{ $new }”: what was waiting for “{ $old }” is never sent to “{ $new }”.
    .button = Start fresh with “{ $new }”
    .instead = Connect “{ $old }” again
overtaken = Somebody else just changed the connection
    .text = Meanwhile the connection was changed by another administrator or in another window. Look at how it stands now.
    .button = Back to QuickBooks
revocation-pending = Disconnected here, not yet at Intuit
    .text = Nothing more is sent to QuickBooks. Intuit did not answer when we gave your permission back. We try again by ourselves within the hour; you can also press Finish disconnecting, or remove the app in QuickBooks.
    .button = Back to QuickBooks
checking = Thank you, we are checking
    .text = Intuit says that QuickBooks was disconnected there. We are asking Intuit ourselves; if it is so, every transaction waits until you reconnect from the App Market, and nothing is lost.
    .button = Open the App Market
session-over = Please open QuickBooks from the App Market
    .text = You have been away for more than half an hour, or this browser did not open QuickBooks from the App Market. Nothing was changed.
    .button = Open the App Market
form-stale = This page was out of date
    .text = The button you pressed belonged to an earlier visit, so nothing was changed. Go back and press it again.
    .button = Back to QuickBooks
not-found = There is no such page
    .text = The address may be incomplete.
    .button = Back to QuickBooks
method-not-allowed = That cannot be done at this address
    .text = Nothing was changed.
    .button = Back to QuickBooks
sorry = Sorry, that did not work just now
    .text = Something on our side did not answer. Nothing is lost. Try again in a minute.
    .button = Back to QuickBooks

# The operator's page.
home-title = QuickBooks Online
home-connection = Connection
home-company = Company
home-since = Connected
home-you = you
home-connected-by = { $day }, by { $name }
home-viewer = You can look at everything here. Changes belong to administrators.
home-connect = Connect to QuickBooks
home-reconnect = Reconnect to QuickBooks
home-disconnect = Disconnect
home-disconnect-says = Nothing more is sent to QuickBooks and your permission is given back to Intuit. What is in QuickBooks stays; settings, customer links and history stay here. Payments that arrive afterwards are kept, and you decide about them when you reconnect.
home-disconnect-yes = Disconnect from QuickBooks
home-disconnect-finish = Finish disconnecting
done-connected = QuickBooks is connected.
done-connected-sent = QuickBooks is connected. What was waiting is being sent now, in order and without duplicates.
done-disconnected = QuickBooks is disconnected and your permission was given back.
done-sending = They are being sent to QuickBooks now, in order and without duplicates.
done-part = There is too much to do at once. Press once more for the rest.
done-left-out = They were left out and will not be sent to QuickBooks.
home-arrivals = While you were disconnected
home-arrivals-say = { $how ->
        [perhaps] Transactions may have arrived while QuickBooks was disconnected: too many need you to look through them all. What arrived was kept. Should it be in QuickBooks?
        [one] One transaction arrived while QuickBooks was disconnected. It was kept. Should it be in QuickBooks?
        [one-or-more] At least one transaction arrived while QuickBooks was disconnected. It was kept. Should what arrived be in QuickBooks?
        [or-more] At least { $count } transactions arrived while QuickBooks was disconnected. They were kept. Should they be in QuickBooks?
       *[many] { $count } transactions arrived while QuickBooks was disconnected. They were kept. Should they be in QuickBooks?
    }
home-arrivals-send = Send to QuickBooks
home-arrivals-leave-out = Leave out for good
home-checks = Is everything ready in QuickBooks?
home-check-good = Ready
home-check-bad = To mend
home-refresh-says = Reads your company again from QuickBooks, after you changed something there.
home-check-accounting = Accounting is switched on in QuickBooks
home-check-country = QuickBooks and MioCommerce say the same country
home-check-currency = QuickBooks knows the currency you are paid in
home-check-sales-tax = Sales tax is switched on in QuickBooks
home-check-taxes = Your taxes have their codes
home-none = Not connected
home-none-says = Connect your QuickBooks company, and every captured payment appears there as a sales receipt, every refund as a refund receipt. It takes a minute; every setting has a default that works.
home-welcome = Your payments, in QuickBooks by themselves
home-plan = Not in your plan
home-plan-says = The QuickBooks app needs the Grow plan. Upgrade, then open QuickBooks from the App Market again.
home-connected = Connected
home-connected-says = Payments and refunds are sent to QuickBooks within seconds.
home-degraded = Connected, checking
home-degraded-says = QuickBooks does not answer our check as it should. Usually that passes by itself; we ask again and tell you if it does not. What is paid meanwhile is kept and sent.
home-catching-up = Connected, catching up
home-catching-up-says = What waited is being sent now, in order and without duplicates.
home-resting-says = What waited goes on by itself, in order and without duplicates, as soon as QuickBooks takes more.
home-held-up = Connected, held up
home-held-up-says = QuickBooks refused one transaction after another for the same reason, so the others wait and one is tried each hour. { $refusal } Once that is mended, press the button: everything is sent again.
home-held-up-ours = QuickBooks refused one transaction after another for the same reason, so the others wait and one is tried each hour. { $refusal } Our developers were told.
home-held-up-retry = It is mended: send again
home-expiring = Connected, ending soon
home-expiring-says = QuickBooks lets a connection last five years, and yours ends on { $day }. Reconnect before, so that no payment has to wait.
home-progress = { $recorded } of { $all } that waited are in QuickBooks by now.
home-look-again = Look again
home-waiting = { $how ->
        [one] One transaction waits.
        [more] More than { $count } transactions wait.
       *[many] { $count } transactions wait.
    }
home-unreachable = Our mails do not reach you: your address in MioCommerce refused one, or you reported it as unwanted. Correct the address there.
home-switching = Connected, starting in a moment
home-switching-says = Another company took the place of the old one. Sending starts in a minute or two, when nothing of the old one can be on its way.
home-off = Connected, but off
home-off-says = The connected company does not fit your business yet, so nothing is sent. What arrives is kept. Mend what the checks below say, then press Refresh there: everything that waits then follows.
home-closed-says = Nothing is lost: what arrives is kept, and follows once this is mended, without being sent twice.
home-reconnect-needed = Reconnect needed
home-read-only = QuickBooks takes nothing
home-paused = Paused
home-disconnected = Disconnected
home-disconnected-says = You disconnected QuickBooks. What arrives now is kept and never sent by itself; when you reconnect, you decide whether to send it.
home-disconnecting = Disconnected here, not yet at Intuit
home-disconnecting-says = Nothing more is sent to QuickBooks, but your permission may not have been given back to Intuit yet. That follows by itself; press the button to finish now. What arrives meanwhile is kept, and you decide about it when you reconnect.
