# The frame of every page, and the tax map.

tabs = Pages
tab-home = Overview
tab-activity = Activity
tab-taxes = Taxes
tab-settings = Settings
done-mapped = Saved. What waited for it is being sent now.
done-refreshed = Your lists were read again from QuickBooks. What waited for something that is there now is being sent.
undone-refresh = QuickBooks did not answer, so nothing was changed. Try again in a moment.
undone-closed = There is no connection to QuickBooks that could be used. Nothing was changed.
taxes-title = Taxes
taxes-explains = Each combination of your taxes needs the QuickBooks tax code with the same rates. What is clear was chosen for you; please confirm it, or choose another. Payments whose taxes have no code wait, and follow as soon as you choose.
taxes-automated = Your company uses QuickBooks' automated sales tax: nothing needs to be chosen here. Each receipt asks QuickBooks to keep the tax that you charged.
taxes-off = Sales tax is switched off in your QuickBooks company. The tax you charge is recorded on a line of its own, booked to a liability. If you switch sales tax on there, press Refresh on the overview.
taxes-not-connected = Connect QuickBooks first. Your taxes then appear here.
taxes-none-yet = No taxes have been charged yet. They appear here with your first payment, with the code that fits.
taxes-refresh = Refresh
taxes-refresh-says = Reads your tax codes again from QuickBooks, after you changed them there.
taxes-unconfirmed-says = Some codes were chosen for you because exactly one fits. They are in use already. Have a look at them.
taxes-confirm-all = They are all right
taxes-choose = Code in QuickBooks
taxes-choose-button = Use this code
taxes-state-confirmed = Confirmed
taxes-state-suggested = Chosen for you
taxes-state-open = Choose a code
taxes-state-missing = No code fits
taxes-state-stale = Changed in QuickBooks
taxes-open-says = Several codes may be meant, and only you can say which.
taxes-untaxed-says = Choose the code that says why these lines carry no tax.
taxes-stale-says = The code is not what it was when it was chosen. Choose again.
taxes-missing-says = Create a sales tax code with these rates in QuickBooks (Taxes > Sales tax), then press Refresh.
taxes-no-tax = Lines without tax that do not say why
taxes-exempt = Exempt sales
taxes-zero-rated = Zero-rated sales
taxes-out-of-scope = Outside the tax: tips, deposits, gift cards
taxes-waits = { $how ->
    [one] One transaction waits for it.
   *[many] { $count } transactions wait for it.
}
