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

# L'activité : chaque transaction, et ce qu'elle est devenue.

state-synced = Dans QuickBooks
state-skipped = Laissée de côté
state-waiting = En attente
state-needs-operator = À vous d'agir
state-failed = Chez nos développeurs
activity-title = Activité
activity-payment = Paiement
activity-refund = Remboursement
activity-message = Message
activity-group = { $how ->
    [one] Une transaction attend votre décision
   *[many] { $count } transactions attendent votre décision
}
activity-retry-all = Réessayer toutes celles-ci
activity-state = État
activity-kind = Type
activity-any = Tous
activity-from = Du
activity-to = Au
activity-text = Numéro, montant ou client
activity-find = Chercher
activity-nothing-found = Rien n'a été trouvé dans ce qui a été parcouru.
activity-nothing-yet = Rien encore. Les paiements et remboursements apparaissent ici dès leur arrivée.
activity-more = Plus anciennes
done-retried = L'envoi à QuickBooks est en cours. Regardez de nouveau dans un instant.
done-skipped = Elle est laissée de côté, avec votre motif.
undone-why = Dites pourquoi elle est laissée de côté, pour qu'on le comprenne l'an prochain.
entry-back = Retour à l'activité
entry-synced = Inscrite sous le numéro
entry-open = Ouvrir dans QuickBooks
entry-by-hand = À la main : Opérations > Ventes, puis cherchez le numéro.
entry-taxes = Choisir le code de taxe
entry-settings = Ouvrir les paramètres
entry-choose = Choisir le client
entry-allow = L'inscrire quand même
entry-retry = Réessayer
entry-skip = La laisser de côté
entry-skip-says = Elle ne sera jamais envoyée à QuickBooks. À faire si vous l'y avez inscrite à la main, ou si vous ne la voulez pas dans vos livres.
entry-why = Motif
entry-skip-yes = La laisser de côté pour de bon
entry-story = Ce qui s'est passé
entry-moved = L'argent a été échangé
entry-received = Reçue de MioCommerce
entry-recorded = Inscrite dans QuickBooks
entry-due = Prochain examen
entry-posted = Telle qu'inscrite
entry-item = Article
entry-code = Code de taxe
entry-amount = Montant
entry-total = Total

# Choisir un client.

customer-back = Retour à la transaction
customer-title = De quel client s'agit-il ?
customer-inactive = Inactif
customer-record = Fiche
customer-choose = Celui-ci
customer-reactivate = Réactiver et utiliser
customer-new = Aucun de ceux-ci
customer-new-says = Un nouveau client est créé dans QuickBooks, sous un nom distinct.
customer-create = Créer un nouveau client
undone-unsuitable = Cette fiche ne peut pas être utilisée : elle est inactive, rattachée à un autre client ou dans une autre devise.

# La première ligne de l'aperçu.

summary-all = { $synced } des { $all } transactions reçues sont dans QuickBooks.
summary-newest = { $synced } des { $all } transactions les plus récentes sont dans QuickBooks.
summary-needs-you = { $how ->
    [one] Une attend votre décision.
   *[many] { $count } attendent votre décision.
}
summary-waiting = { $how ->
    [one] Une attend et suivra d'elle-même.
   *[many] { $count } attendent et suivront d'elles-mêmes.
}
summary-failed = { $how ->
    [one] Une est chez nos développeurs.
   *[many] { $count } sont chez nos développeurs.
}
summary-skipped = { $how ->
    [one] Une a été laissée de côté.
   *[many] { $count } ont été laissées de côté.
}
summary-received = { $received } reçus
summary-back = { $back } remboursés
summary-both = { $received } reçus, { $back } remboursés
summary-look = Voir ce qui vous attend
