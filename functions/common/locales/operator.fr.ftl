# Le cadre de chaque page, et les taxes.

tabs = Pages
tab-home = Aperçu
tab-activity = Activité
tab-taxes = Taxes
tab-settings = Paramètres
done-mapped = Enregistré. Ce qui l'attendait est envoyé maintenant.
done-refreshed = Vos listes ont été relues dans QuickBooks. Ce qui attendait un élément maintenant présent est envoyé.
undone-refresh = QuickBooks n'a pas répondu ; rien n'a été modifié. Réessayez dans un instant.
undone-closed = Aucune connexion à QuickBooks ne peut être utilisée. Rien n'a été modifié.
taxes-title = Taxes
taxes-explains = Chaque combinaison de vos taxes doit avoir le code de taxe QuickBooks aux mêmes taux. Ce qui est clair a été choisi pour vous ; confirmez-le ou choisissez-en un autre. Les paiements dont les taxes n'ont pas de code attendent et suivent dès votre choix.
taxes-automated = Votre société utilise la taxe de vente automatisée de QuickBooks : il n'y a rien à choisir ici. Chaque reçu demande à QuickBooks de garder la taxe que vous avez facturée.
taxes-off = La taxe de vente est désactivée dans votre société QuickBooks. La taxe que vous facturez est inscrite sur une ligne à part, dans un compte de passif. Si vous l'activez là-bas, appuyez sur Actualiser dans l'aperçu.
taxes-not-connected = Connectez d'abord QuickBooks. Vos taxes apparaîtront ici.
taxes-none-yet = Aucune taxe n'a encore été facturée. Elles apparaîtront ici avec votre premier paiement, avec le code qui convient.
taxes-refresh = Actualiser
taxes-refresh-says = Relit vos codes de taxe dans QuickBooks, après une modification là-bas.
taxes-unconfirmed-says = Certains codes ont été choisis pour vous parce qu'un seul convient. Ils sont déjà utilisés. Jetez-y un coup d'œil.
taxes-confirm-all = Ils sont tous corrects
taxes-choose = Code dans QuickBooks
taxes-choose-button = Utiliser ce code
taxes-state-confirmed = Confirmé
taxes-state-suggested = Choisi pour vous
taxes-state-open = Choisissez un code
taxes-state-missing = Aucun code ne convient
taxes-state-stale = Modifié dans QuickBooks
taxes-open-says = Plusieurs codes sont possibles, et vous seul pouvez dire lequel.
taxes-untaxed-says = Choisissez le code qui dit pourquoi ces lignes ne portent pas de taxe.
taxes-stale-says = Le code n'est plus ce qu'il était quand il a été choisi. Choisissez de nouveau.
taxes-missing-says = Créez un code de taxe de vente à ces taux dans QuickBooks (Taxes > Taxe de vente), puis appuyez sur Actualiser.
taxes-no-tax = Lignes sans taxe qui ne disent pas pourquoi
taxes-exempt = Ventes exonérées
taxes-zero-rated = Ventes détaxées
taxes-out-of-scope = Hors du champ de la taxe : pourboires, acomptes, cartes-cadeaux
taxes-waits = { $how ->
    [one] Une transaction l'attend.
   *[many] { $count } transactions l'attendent.
}
