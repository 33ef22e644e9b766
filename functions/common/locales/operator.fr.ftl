# Le cadre de chaque page, et les taxes.

tabs = Pages
tab-home = Aperçu
tab-activity = Activité
tab-taxes = Taxes
tab-settings = Paramètres
done-follows = C'est noté. Il y a beaucoup à parcourir : ce qui l'attendait suit de lui-même d'ici quelques minutes.
done-mapped = Enregistré. Ce qui l'attendait est envoyé maintenant.
done-reread = Vos listes ont été relues dans QuickBooks.
done-refreshed = Vos listes ont été relues dans QuickBooks. Ce qui attendait un élément maintenant présent est envoyé.
undone-refresh = QuickBooks n'a pas répondu; rien n'a été modifié. Réessayez dans un instant.
undone-unknown = Nous ne savons pas encore si c'est fait : la réponse de QuickBooks s'est perdue. Regardez de nouveau dans quelques minutes.
undone-throttled = QuickBooks nous a demandé de ralentir; rien n'a été modifié. Réessayez dans une minute.
undone-refused = QuickBooks a refusé; rien n'a été modifié. Voyez là-bas ce qui s'y oppose, puis réessayez.
undone-nothing = Rien n'a été modifié.
undone-closed = Aucune connexion à QuickBooks ne peut être utilisée. Rien n'a été modifié.
taxes-title = Taxes
taxes-explains = Chaque combinaison de vos taxes doit avoir le code de taxe QuickBooks aux mêmes taux. Quand un seul convient, il a été choisi pour vous. Les paiements dont les taxes n'ont pas de code attendent et suivent dès votre choix.
taxes-automated = Votre entreprise utilise la taxe de vente automatisée de QuickBooks : il n'y a rien à choisir ici. Chaque reçu demande à QuickBooks de garder la taxe que vous avez facturée.
taxes-off = La taxe de vente est désactivée dans votre entreprise QuickBooks. La taxe que vous facturez est inscrite sur une ligne à part, dans un compte de passif. Si vous l'activez là-bas, appuyez sur Actualiser dans les paramètres.
taxes-not-connected = Connectez d'abord QuickBooks. Vos taxes apparaîtront ici.
taxes-none-yet = Aucune taxe n'a encore été facturée. Elles apparaîtront ici avec votre premier paiement, avec le code qui convient.
taxes-refresh = Actualiser
taxes-refresh-says = Relit vos codes de taxe dans QuickBooks, après une modification là-bas.
taxes-unconfirmed-says = Certains codes ont été choisis pour vous, parce qu'un seul convient. Ils sont déjà utilisés. Jetez-y un coup d'œil et confirmez-les.
taxes-confirm-all = Ils sont tous corrects
taxes-choose = Choisir un code
taxes-choose-other = Choisir un autre code
taxes-code = Dans QuickBooks :
taxes-choose-button = Utiliser ce code
taxes-state-confirmed = Confirmé
taxes-state-suggested = Choisi pour vous
taxes-state-open = À choisir
taxes-state-missing = Aucun code ne convient
taxes-state-stale = Modifié dans QuickBooks
taxes-open-says = Plusieurs codes sont possibles, et vous seul pouvez dire lequel.
taxes-untaxed-says = Choisissez le code qui dit pourquoi elles ne portent pas de taxe.
taxes-stale-says = Le code n'est plus ce qu'il était quand il a été choisi. Choisissez de nouveau.
taxes-missing-says = Créez un code de taxe de vente à ces taux dans QuickBooks (Taxes > Taxe de vente), puis appuyez sur Actualiser.
taxes-no-tax = Ventes sans taxe, sans motif indiqué
taxes-exempt = Ventes exonérées
taxes-zero-rated = Ventes détaxées
taxes-out-of-scope = Hors du champ de la taxe : pourboires, acomptes, cartes-cadeaux
taxes-waits = { $how ->
    [one] Une transaction l'attend : { $sum }.
    [at-least] Au moins { $count } transactions l'attendent : { $sum } jusqu'ici.
   *[many] { $count } transactions l'attendent : { $sum }.
}

# L'activité : chaque transaction, et ce qu'elle est devenue.

state-synced = Dans QuickBooks
state-skipped = Laissé de côté
state-waiting = En attente
state-needs-operator = À vous d'agir
state-failed = Chez nos développeurs
activity-title = Activité
activity-all = Toutes les transactions
activity-statement = Relevé du mois, et feuille de calcul
activity-payment = Paiement
activity-refund = Remboursement
activity-message = Message
activity-group = { $how ->
    [one] Une transaction attend votre décision
    [one-or-more] Au moins une transaction attend votre décision
    [or-more] Au moins { $count } transactions attendent votre décision
   *[many] { $count } transactions attendent votre décision
}
activity-retry-all = Tout réessayer
activity-state = État
activity-kind = Type
activity-any = Tous
activity-from = Du
activity-to = Au
activity-text = Numéro, montant ou identifiant du client
activity-find = Chercher
activity-nothing-found = Rien n'a été trouvé dans ce qui a été parcouru.
activity-nothing-yet = Rien depuis le { $day }. Les paiements et remboursements apparaissent ici dès leur arrivée.
activity-more = Plus anciennes
activity-earlier = Avant le { $day }
done-retried = L'envoi à QuickBooks est en cours. Regardez de nouveau dans un instant.
done-freed = L'envoi à QuickBooks se fera dès que la connexion sera rétablie.
done-linked = Enregistré : c'est désormais le client. Plus rien n'attendait ce choix.
undone-moved = Son état a changé entre-temps; rien n'a été fait. Voyez ci-dessous où il en est.
done-skipped = Laissé de côté, avec votre motif.
undone-why = Dites pourquoi, pour qu'on le comprenne l'an prochain.
entry-back = ‹ Activité
entry-synced = Inscrit sous le numéro
entry-open = Ouvrir dans QuickBooks
entry-by-hand = Ou trouvez-le dans QuickBooks : Opérations > Ventes, par son numéro.
earlier-company = une entreprise antérieure
entry-elsewhere = Cette transaction se trouve dans { $company }, une entreprise QuickBooks connectée auparavant. Pour la voir, ouvrez cette entreprise dans QuickBooks : Opérations > Ventes, par son numéro.
entry-kept-for = Cette transaction est gardée pour { $company }, une entreprise QuickBooks connectée auparavant, et n'est jamais envoyée à une autre.
entry-id-there = Nº { $id } là-bas
entry-of = dans { $company }
entry-taxes = Choisir le code de taxe
entry-items = Choisir l'article
entry-deposits = Choisir le compte
entry-fallback = Choisir le client de passage
entry-name-tax = Indiquer la taxe
entry-tax-code = Code de taxe de ce qui a été remboursé
entry-tax-code-says = Le remboursement dit alors quelle part était de la taxe, selon les taux du code. Choisissez le code sous lequel la vente a été inscrite.
entry-tax-amount = Combien était de la taxe
entry-tax-amount-says = Écrivez 0,00 si la vente ne portait pas de taxe.
undone-tax = Cette taxe ne peut pas être utilisée. Choisissez un code, ou écrivez combien du remboursement était de la taxe.
entry-choose = Choisir le client
entry-allow = Inscrire quand même
entry-retry = Réessayer
entry-skip = Laisser de côté
entry-skip-says = Il ne sera jamais envoyé à QuickBooks. À faire si vous l'y avez inscrit à la main, ou si vous ne le voulez pas dans vos livres.
entry-why = Votre motif
entry-why-says = Ne nommez aucun client ici : votre motif est conservé avec la transaction, même après l'effacement des données d'un client.
undone-why-names = Votre motif désigne le client; rien n'a donc été fait. Il est conservé pour de bon : écrivez-le sans son nom, son adresse de courriel ni son téléphone.
entry-skip-yes = Laisser de côté pour de bon
entry-story = Ce qui s'est passé
entry-of-payment = Du paiement
entry-paid = Payé par le client
entry-paid-back = Remboursé au client
entry-received = Reçu de MioCommerce
entry-recorded = Inscrit dans QuickBooks
entry-left-out = Laissé de côté
entry-left-out-by = Laissé de côté par { $name }
entry-decided-again = Nouvel essai, demandé par { $name }
entry-decided-send = À envoyer quand même, sur décision de { $name }
entry-decided-choice = Nouvel essai après un changement des paramètres ou des listes, par { $name }
entry-decided-customer = Client choisi par { $name }
entry-decided-excess = Inscrit quand même, sur décision de { $name }
entry-decided-tax = Taxe indiquée par { $name }
entry-restored-by = Fiche du client dans QuickBooks rétablie par { $name }
entry-due = Prochaine vérification
entry-posted = Tel qu'inscrit
entry-taken-back = Ce qui est remboursé
entry-tax = Taxe
entry-taxable = Taxable
entry-not-taxable = Non taxable
entry-item = Article
entry-code = Code de taxe
entry-amount = Montant
entry-total = Total

# Choisir un client.

customer-back = ‹ Transaction
customer-title = De quel client s'agit-il?
customer-inactive = Inactif
customer-record = Fiche
customer-choose = Celui-ci
customer-reactivate = Réactiver et utiliser
customer-shown = Affichés : { $first } à { $last } sur { $all }.
customer-more = Afficher les suivants
customer-new = Aucun de ceux-ci
customer-new-says = Un nouveau client est créé dans QuickBooks, sous un nom distinct.
customer-create = Créer un nouveau client
undone-name-taken = Personne n'a été créé : tous les noms que ce client pourrait porter sont pris dans QuickBooks, peut-être par un fournisseur, un employé ou une fiche inactive. Choisissez le client, ou changez un nom là-bas et réessayez.
undone-unsuitable = Cette fiche ne peut pas être utilisée : elle est inactive, rattachée à un autre client ou dans une autre devise.

# La première ligne de l'aperçu.

summary-all = { $how ->
    [one] La transaction reçue est dans QuickBooks.
    [all] Les { $all } transactions reçues sont dans QuickBooks.
   *[some] Dans QuickBooks : { $synced } des { $all } transactions reçues.
}
summary-at-least = Au moins { $synced } transactions sont dans QuickBooks : il y en a trop pour les compter ici.
summary-earlier = Dans une entreprise précédente
summary-elsewhere = { $how ->
    [one] Une est dans une entreprise connectée auparavant.
   *[many] { $count } sont dans une entreprise connectée auparavant.
}
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
summary-messages = { $how ->
    [one] Un message qui n'est pas une transaction figure sous Activité.
   *[many] { $count } messages qui ne sont pas des transactions figurent sous Activité.
}
summary-received = { $received } encaissés
summary-back = { $back } remboursés
summary-both = { $received } encaissés, { $back } remboursés
summary-days = Transactions par jour. Le plus chargé : { $day }, avec { $count }.
summary-look = Voir ce qui demande votre décision
summary-none-yet = Rien n'a encore été reçu ce mois-ci

# Les paramètres.

settings-title = Paramètres
settings-explains = Tout ici a une valeur par défaut qui fonctionne. Un changement vaut pour ce qui est envoyé dès maintenant; ce qui est déjà dans QuickBooks reste tel quel.
settings-not-connected = Connectez d'abord QuickBooks. Ses comptes et articles pourront ensuite être choisis ici.
settings-missing = Absent de QuickBooks
settings-create = Créer dans QuickBooks
settings-save = Enregistrer
settings-refresh-says = Relit vos comptes, articles et codes de taxe dans QuickBooks.
settings-history = Changements
settings-by-us = choisi pour vous
settings-nothing = rien
settings-yes = oui
settings-no = non
settings-gone = N'est plus dans QuickBooks ({ $id })
settings-none = Aucun
settings-asks = Non choisi : demandé au besoin
settings-as-cards = Comme les cartes
settings-as-services = Comme les services
settings-by-default-cards = Comme les cartes, ci-dessus
settings-by-default-cash = Comme les espèces, ci-dessus
settings-where-it-went = Là où l'argent du paiement est allé
settings-not-needed = Non choisi
settings-sync = Ce qui est envoyé
    .says = À partir de quel jour, et pour quels modes de paiement.
settings-deposits = Où va l'argent
    .says = Le compte de chaque mode de paiement.
settings-items = Articles
    .says = Le nom de chaque genre de ligne dans QuickBooks.
settings-customers = Clients
    .says = Comment les clients sont jumelés, créés et tenus à jour.
settings-documents = Reçus
    .says = Leurs numéros, les rabais, les livres fermés et leur message.
settings-people = Qui est prévenu
    .says = Qui apprend les ennuis, en plus de vos administrateurs.
settings-start-date = Premier jour
    .says = Les paiements antérieurs à ce jour ne sont pas envoyés.
settings-clearing = Cartes et débits bancaires en { $currency }
    .says = Le compte d'où votre processeur de cartes vous verse l'argent : ses dépôts à la banque concordent alors.
settings-undeposited-funds = Espèces et chèques
    .says = D'habitude Fonds non déposés, jusqu'à leur dépôt à la banque.
settings-deposit = { $method } : les paiements vont à
settings-refund = { $method } : les remboursements viennent de
settings-fold-payments = Un autre compte pour les paiements d'un mode
settings-fold-refunds = Un autre compte pour les remboursements d'un mode
settings-item-fallback = Services
    .says = Tout service, produit ou frais qui n'a pas d'article à lui.
settings-item-product = Produits
    .says = Les marchandises; si rien n'est choisi, l'article des services.
settings-item-fee = Frais
    .says = Frais de réservation, de déplacement et de service; si rien n'est choisi, l'article des services.
settings-item-tip = Pourboires
    .says = Devrait aller dans un passif : les pourboires sont dus à votre personnel.
settings-item-discount = Rabais
    .says = Nécessaire seulement si les rabais sont écrits sur une ligne à part.
settings-item-gift-card = Cartes-cadeaux
    .says = Devrait aller dans un passif : une carte vendue est due jusqu'à son utilisation.
settings-item-deposit = Acomptes
    .says = Devrait aller dans un passif : de l'argent reçu avant le travail.
settings-item-deposit-forfeited = Acomptes conservés
    .says = Un acompte gardé parce que le travail est annulé : il est alors gagné.
settings-item-rounding = Arrondi des espèces
    .says = Les cents dont les espèces sont arrondies aux cinq cents près.
settings-item-tax = Taxe sur une ligne à part
    .says = Nécessaire seulement si QuickBooks ne garde pas la taxe comme taxe.
settings-item-service = Service { $service }
settings-other-email = Même nom, autre adresse courriel
    .says = Quand un client de QuickBooks porte le même nom avec une autre adresse.
settings-other-email-link = C'est le même client
settings-other-email-create = C'est un autre client
settings-other-email-ask = Me demander
settings-update-existing = Mettre à jour les clients déjà présents dans QuickBooks
    .says = Vos changements dans MioCommerce remplacent la fiche du client. Les clients que nous avons créés suivent toujours.
settings-distinct-names = Quand un nom est pris
    .says = Les noms sont uniques dans QuickBooks, entre clients, fournisseurs et employés. On y ajoute un rang, ou votre numéro de client.
settings-distinct-counted = Jane Roy (2)
settings-distinct-number = Jane Roy (C-1042)
settings-fallback-customer = Client de passage
    .says = Les paiements sans client y sont inscrits.
settings-fallback-foreign = Client de passage qui paie en { $currency }
    .says = Un client de QuickBooks garde une seule devise pour toujours.
settings-fallback-instead = Y inscrire les nouveaux clients au lieu de les créer
    .says = Personne n'est créé dans QuickBooks; les clients déjà présents sont quand même trouvés.
settings-discounts = Rabais
    .says = Le total et la taxe sont les mêmes dans les deux cas.
settings-discounts-spread = Déduits des lignes qu'ils visent
settings-discounts-line = Sur une ligne à part
settings-automated = Quand la taxe automatisée de QuickBooks donne un autre montant
    .says = Votre total est toujours ce qui a été encaissé. Une taxe à part, sur sa propre ligne, reste hors des rapports de taxe de QuickBooks; avec la taxe de QuickBooks, l'écart figure sur une ligne à part.
settings-automated-as-charged = Me demander
settings-automated-line = La taxe facturée, à part
settings-automated-own = La taxe de QuickBooks, l'écart à part
settings-memo-en = Message sur les reçus, aux clients qui lisent l'anglais
    .says = Imprimé sur le reçu dans QuickBooks. Laissez vide pour aucun message.
settings-memo-fr = Message sur les reçus, aux clients qui lisent le français
    .says = Imprimé sur le reçu dans QuickBooks. Laissez vide pour aucun message.
settings-class-service = Classe pour { $name }
settings-class-team = Classe pour l'équipe { $name }
    .says = Utilisée quand le service n'a pas sa propre classe.
settings-class-territory = Classe pour le territoire { $name }
    .says = Utilisée quand ni le service ni l'équipe n'en a une.
settings-location-service = Emplacement pour { $name }
settings-location-team = Emplacement pour l'équipe { $name }
    .says = Utilisé quand le service n'a pas son propre emplacement.
settings-location-territory = Emplacement pour le territoire { $name }
    .says = Utilisé quand ni le service ni l'équipe n'en a un.
settings-tracking = Classes et emplacements
    .says = Sous quoi les services, équipes et territoires figurent dans les rapports.
settings-methods = Modes de paiement
    .says = Le nom de chacun sur les reçus dans QuickBooks.
settings-called = { $method }
settings-by-name = Trouvé par son nom
settings-by-brand = Selon la marque de la carte
settings-numbers = Numéros des reçus
    .says = Un numéro déjà utilisé dans QuickBooks y est refusé; la marque distingue les nôtres.
settings-numbers-marked = MC-100231, marqué comme nôtre
settings-numbers-plain = 100231, comme dans MioCommerce
settings-numbers-without = Aucun
settings-numbers-theirs = Les numéros des reçus sont ceux de QuickBooks
    .says = Pour avoir ceux de MioCommerce, activez les numéros d'opération personnalisés dans QuickBooks (Compte et paramètres > Ventes), puis appuyez sur Actualiser.
settings-language = Langue de ce qui est créé dans QuickBooks
    .says = Le nom des nouveaux articles, comptes et modes de paiement.
settings-language-theirs = Comme dans QuickBooks
settings-bookkeeper-name = Nom du comptable
    .says = Le nom que nos courriels emploient.
settings-bookkeeper-email = Adresse courriel du comptable
    .says = Prévenu des ennuis de connexion, en plus de vos administrateurs. Laissez vide pour personne.
settings-bookkeeper-language = Langue du comptable
    .says = La langue de nos courriels à cette personne.
language-en = anglais
language-fr = français
done-saved = Enregistré. Cela vaut pour ce qui est envoyé dès maintenant.
done-chosen = Créé dans QuickBooks et choisi.
done-created = Créé dans QuickBooks et choisi. Ce qui l'attendait est envoyé maintenant.
undone-create = QuickBooks ne l'a pas créé, peut-être parce qu'un élément inactif porte ce nom. Vérifiez là-bas, puis appuyez sur Actualiser.
missing-clearing = Un compte pour les paiements par carte, « { $name } ».
missing-services = Un article pour les services, « { $name } ».
missing-tips = Un article pour les pourboires, dans un passif, « { $name } ».
missing-gift-cards = Un article pour les cartes-cadeaux, dans un passif, « { $name } ».
missing-deposits = Un article pour les acomptes, dans un passif, « { $name } ».
missing-rounding = Un article pour l'arrondi des espèces, « { $name } ».
missing-taxes = Un article pour la taxe que QuickBooks ne garde pas comme taxe, « { $name } ».
method-card = Carte de crédit
method-debit = Carte de débit
method-cash = Espèces
method-cheque = Chèque
method-etransfer = Virement Interac
method-echeck = Chèque électronique
method-pad = Débit préautorisé
method-paypal = PayPal
method-square = Square
method-venmo = Venmo
method-zelle = Zelle
method-coupon = Coupon (pas de l'argent reçu)
method-ims = Échange IMS (pas de l'argent reçu)
method-itex = Échange ITEX (pas de l'argent reçu)
method-none = Ajustement manuel (pas de l'argent reçu)

# Livres fermés.

settings-closed = Si les livres sont fermés pour ce jour
    .says = Un paiement ou un remboursement tardif peut tomber dans une période que vous avez fermée. Inscrit au premier jour ouvert, il porte une note qui dit son vrai jour.
settings-closed-through = Les livres sont fermés jusqu'au
    .says = QuickBooks ne nous le dit pas toujours; le plus tardif des deux jours compte.
settings-closed-through-told = Les livres sont fermés jusqu'au
    .says = QuickBooks dit le { $day }. Si vous choisissez aussi un jour, le plus tardif des deux compte.
settings-closed-hold = Retenir et me demander
settings-closed-open = Inscrire au premier jour ouvert
entry-open-day = Inscrire au premier jour ouvert
entry-open-day-says = Dès maintenant, ce qui tombe dans des livres fermés porte la date du premier jour ouvert, avec une note. Vous pouvez changer cela dans les paramètres.

# La taxe automatisée de QuickBooks donne un autre montant.

entry-automated-says = QuickBooks calcule lui-même la taxe de vente et n'a pas gardé le montant que vous avez facturé. Dites une fois quoi faire; cela vaudra pour chaque reçu. Vous pouvez le changer dans les paramètres.
entry-automated-line = Mettre la taxe facturée sur une ligne à part
entry-automated-own = Prendre la taxe de QuickBooks, avec la différence sur une ligne

# Jours et heures, en peu de place.

short-month = { $month ->
     [m1] janv.
     [m2] févr.
     [m3] mars
     [m4] avr.
     [m5] mai
     [m6] juin
     [m7] juill.
     [m8] août
     [m9] sept.
     [m10] oct.
     [m11] nov.
    *[m12] déc.
}
short-day = { $day } { $month } { $year }
time-am = { $hour } h { $minute }
time-pm = { $hour } h { $minute }

# Le relevé d'un mois, et sa feuille.

statement-title = Relevé
statement-before = Mois précédent
statement-after = Mois suivant
statement-sheet = Télécharger en feuille de calcul (CSV)
statement-unread = { $how ->
    [one] Un message n'a pas pu être lu, et son montant n'est pas dans ces totaux. Nos développeurs le voient.
   *[many] { $count } messages n'ont pas pu être lus, et leurs montants ne sont pas dans ces totaux. Nos développeurs les voient.
}
statement-too-many = Plus de transactions ont été reçues ce mois-là qu'il n'est possible d'en additionner sur une page. La feuille de calcul les contient toutes.
statement-nothing = Rien n'a été reçu ce mois-là.
statement-states = Ce qui est dans QuickBooks, et ce qui n'y est pas
statement-count = Transactions
statement-net = Encaissé, moins remboursé
statement-days = Par jour
statement-methods = Par mode de paiement
statement-received = Encaissé
statement-paid-back = Remboursé
statement-unposted = Pas inscrit par nous
statement-elsewhere = Dans { $company }, connectée auparavant
statement-differs = Dans QuickBooks, avec d'autres montants
statement-no-money = { $how ->
    [one] De plus, un coupon, un échange ou un ajustement de { $sum } a été laissé de côté. Aucun argent n'a bougé : il n'est pas dans ces totaux.
   *[many] De plus, { $count } coupons, échanges ou ajustements, { $sum } en tout, ont été laissés de côté. Aucun argent n'a bougé : ils ne sont pas dans ces totaux.
}
statement-days-say = Chaque transaction figure au jour où l'argent a bougé. Une transaction inscrite le premier jour ouvert après la fermeture des livres peut figurer dans un autre mois dans QuickBooks.
statement-unsaid = Remboursements : mode non précisé
statement-not-looked-up = Remboursements dont le paiement n'a pas été consulté, parce qu'il y en a trop : { $count }. Ils figurent sous « mode non précisé ».
statement-taxes = Taxe sur les paiements dans QuickBooks
statement-taxes-elsewhere = Taxe sur les paiements dans { $company }, connectée auparavant
statement-rate = Taux nº { $id } là-bas
statement-taxes-say = La taxe remise avec les remboursements n'est pas déduite ici; le rapport de taxe de QuickBooks le fait.
sheet-day = Jour
sheet-time = Heure
sheet-number = Numéro
sheet-customer = Identifiant du client
sheet-method = Mode de paiement
sheet-currency = Devise
sheet-receipt = Numéro dans QuickBooks
sheet-receipt-id = Identifiant dans QuickBooks
sheet-why = Motif
sheet-goes-on = Il y en a d'autres. La partie suivante est à { $address }
sheet-part = Total de cette partie
sheet-month = Total du mois
sheet-too-many = Le mois a trop de transactions pour les additionner ici. Son total est la somme des totaux des parties.
sheet-no-money = Laissé de côté (pas d'argent)

# Le client de passage.

fallback-back = ‹ Paramètres
fallback-says = Les paiements qui ne nomment aucun client doivent être inscrits à quelqu'un dans QuickBooks. Cherchez le client que vous gardez pour cela, ou faites-en créer un.
fallback-chosen = Choisi actuellement :
fallback-search = Nom dans QuickBooks
fallback-nobody-found = Aucun client actif de QuickBooks n'a cela dans son nom.
fallback-choose = Choisir
undone-name-in-use = Personne n'a été créé : quelqu'un dans QuickBooks porte ce nom, peut-être un fournisseur, un employé ou une fiche inactive. Choisissez un autre client, ou changez ce nom là-bas.
fallback-new = Pas encore de tel client?
fallback-new-says = « { $name } » est créé dans QuickBooks et choisi.
fallback-name = Clients de passage
fallback-nobody = Ne choisir personne

# Ce qui a été remplacé dans la fiche d'un client.

restore-title = La fiche du client dans QuickBooks a été modifiée
restore-says = Vos changements dans MioCommerce ont remplacé des champs de la fiche du client. Ce qui s'y trouvait avant nous est conservé et peut être rétabli. Un changement ultérieur dans MioCommerce le remplacera de nouveau.
restore-before = Avant
restore-since = Depuis
restore-empty = (vide)
restore-button = Rétablir comme avant
done-restored = La fiche du client dans QuickBooks est comme avant.
undone-partly = QuickBooks en a refusé une partie : { $fields } n'ont pas pu être rétablis.
undone-not-there = Ce client n'est plus dans QuickBooks; rien n'a été rétabli.
field-display-name = Nom affiché
field-first-name = Prénom
field-last-name = Nom
field-company-name = Nom de l'entreprise
field-email = Adresse courriel
field-phone = Téléphone
field-billing-address = Adresse de facturation
