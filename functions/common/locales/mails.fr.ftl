# Les courriels. Un message par cause : son titre; .text : ce qui s'est passé; .todo : que faire; .then : quand ce qui attend part.

mail-subject = { $company } : { $heading }
mail-subject-reminder = Rappel – { $company } : { $heading }

mail-revoked = QuickBooks est déconnecté
    .text = La connexion de { $merchant } à « { $company } » a été retirée dans QuickBooks. MioCommerce ne peut plus y inscrire vos paiements.
    .todo = Reconnectez-la dans l'App Market; cela prend une minute. Si vous vouliez y mettre fin, appuyez-y sur Déconnecter, et nous cessons de vous écrire.
    .then = dès que vous avez reconnecté
mail-idle = QuickBooks a fermé une connexion inutilisée
    .text = La connexion de { $merchant } à « { $company } » n'a pas servi pendant 100 jours, et QuickBooks l'a fermée.
    .todo = Reconnectez-la dans l'App Market; cela prend une minute.
    .then = dès que vous avez reconnecté
mail-five-years = La connexion à QuickBooks est arrivée à son terme
    .text = QuickBooks laisse vivre une connexion cinq ans. Les cinq ans de { $merchant } avec « { $company } » sont passés.
    .todo = Reconnectez-la dans l'App Market; cela prend une minute et vaut pour cinq autres années.
    .then = dès que vous avez reconnecté
mail-admin-lost = QuickBooks demande un autre administrateur
    .text = La personne qui a connecté { $merchant } à « { $company } » n'en est plus administratrice dans QuickBooks, et QuickBooks refuse ce que nous envoyons.
    .todo = Demandez à un administrateur de « { $company } » de reconnecter dans l'App Market, ou redonnez le rôle dans QuickBooks.
    .then = dès qu'un administrateur a reconnecté
mail-unknown = QuickBooks demande une reconnexion
    .text = QuickBooks n'accepte plus la connexion de { $merchant } à « { $company } » et ne dit pas pourquoi.
    .todo = Reconnectez-la dans l'App Market; cela prend une minute.
    .then = dès que vous avez reconnecté
mail-access-refused = QuickBooks nous refuse l'accès
    .text = Depuis des heures, QuickBooks refuse tout ce que nous envoyons de { $merchant } à « { $company } ». La connexion elle-même tient toujours, et QuickBooks ne dit pas pourquoi.
    .todo = Reconnectez-la dans l'App Market; cela prend une minute. Nous continuons aussi d'essayer.
    .then = dès que QuickBooks nous laisse entrer de nouveau
mail-permission-missing = QuickBooks ne nous laisse rien inscrire
    .text = Depuis des heures, QuickBooks ne nous laisse pas inscrire les paiements de { $merchant } dans « { $company } » : son forfait QuickBooks ne le comprend pas, ou la personne qui a connecté n'en a pas le droit.
    .todo = Dans QuickBooks, voyez si le forfait comprend les reçus de vente et si cette personne peut en inscrire, ou demandez à un administrateur de « { $company } » de reconnecter dans l'App Market.
    .then = dès que QuickBooks le permet
mail-subscription = QuickBooks ne nous laisse que lire
    .text = L'abonnement QuickBooks de « { $company } » n'est plus actif, et QuickBooks ne prend plus de paiements de { $merchant }. Reconnecter n'y change rien.
    .todo = Renouvelez l'abonnement dans QuickBooks, sous Facturation. Rien n'est à faire dans MioCommerce.
    .then = dès que l'abonnement est de nouveau actif
mail-plan = QuickBooks est en pause
    .text = Le forfait de { $merchant } ne comprend plus l'application QuickBooks; rien n'est envoyé à « { $company } ».
    .todo = Passez au forfait Grow pour continuer. Vos réglages sont conservés, et votre connexion l'est jusqu'au { $day } : nous la rendons alors à QuickBooks, et il faudrait vous reconnecter.
    .then = dès que le forfait comprend de nouveau QuickBooks
mail-plan-ending = Votre connexion à QuickBooks est conservée jusqu'au { $day }
    .text = Le forfait de { $merchant } ne comprend plus l'application QuickBooks. Le { $day }, nous rendons la connexion à « { $company } » à QuickBooks. Ce qui est dans QuickBooks y reste; vos réglages et ce qui attend restent ici.
    .todo = Passez au forfait Grow avant ce jour pour garder la connexion. Après, il faudrait aussi vous reconnecter dans l'App Market.
    .then = dès que le forfait comprend de nouveau QuickBooks
mail-expiring = La connexion à QuickBooks prend fin le { $day }
    .text = QuickBooks laisse vivre une connexion cinq ans. Les cinq ans de { $merchant } avec « { $company } » prennent fin le { $day }. D'ici là, rien ne change.
    .todo = Reconnectez dans l'App Market avant ce jour, pour qu'aucun paiement n'ait à attendre.

mail-recovered = QuickBooks fonctionne de nouveau
    .text = { $by ->
        [nobody] La connexion de { $merchant } à « { $company } » fonctionne de nouveau.
       *[somebody] { $name } a reconnecté { $merchant } à « { $company } ».
    }
    .waited = { $how ->
        [none] Rien n'a dû attendre.
        [one] Une transaction attendait.
        [more] Plus de { $count } transactions attendaient.
       *[many] { $count } transactions attendaient.
    }
    .left = { $how ->
        [none] Aucune n'attend plus.
        [one] Une attend encore et suivra d'elle-même.
        [more] Plus de { $count } attendent encore et suivront d'elles-mêmes.
       *[many] { $count } attendent encore et suivront d'elles-mêmes.
    }
    .held = { $how ->
        [none] Aucune n'a besoin de vous.
        [one] Une a besoin de vous : la page dit quoi faire.
        [more] Plus de { $count } ont besoin de vous : la page dit quoi faire.
       *[many] { $count } ont besoin de vous : la page dit quoi faire.
    }

mail-waits = { $how ->
        [none] Rien n'attend pour l'instant.
        [one] Une transaction attend : { $money }.
        [more] Plus de { $count } transactions attendent.
       *[many] { $count } transactions attendent : { $money }.
    }
    .kept = { $how ->
        [none] Ce qui sera payé d'ici là est conservé et part de lui-même, dans l'ordre, { $then }.
       *[many] Rien n'est perdu : tout est conservé et part de lui-même, dans l'ordre, { $then }.
    }
mail-received = { $money } reçus
mail-paid-back = { $money } remboursés
mail-and = { $one } et { $other }
mail-unread = les montants sont sur la page

mail-month = { $month ->
        [m1] janvier
        [m2] février
        [m3] mars
        [m4] avril
        [m5] mai
        [m6] juin
        [m7] juillet
        [m8] août
        [m9] septembre
        [m10] octobre
        [m11] novembre
       *[m12] décembre
    }
mail-day = { $day } { $month } { $year }

mail-button = Ouvrir QuickBooks dans l'App Market
mail-help = Comment QuickBooks fonctionne dans MioCommerce
mail-why-operator = Vous recevez ce courriel parce que vous administrez { $merchant } dans MioCommerce.
mail-why-bookkeeper = Vous recevez ce courriel parce que { $merchant } vous a désigné comme comptable dans MioCommerce.
mail-unsubscribe = Arrêter les rappels

unsubscribe = Arrêter les rappels au sujet de QuickBooks?
    .text = Nous écrivons une fois quand une connexion à QuickBooks a un problème, puis rappelons après 3, 7, 14 et 30 jours. Appuyez sur le bouton, et vous ne recevrez plus de rappels. Le premier avis d'un nouveau problème vous parvient toujours.
    .button = Arrêter les rappels
unsubscribed = Vous ne recevrez plus de rappels
    .text = Le premier avis d'un nouveau problème vous parvient toujours, parce que les paiements attendent tant que QuickBooks est déconnecté.
    .button = Ouvrir l'App Market
unsubscribe-unknown = Ce lien ne fonctionne plus
    .text = Ce n'est pas un des nôtres, ou il a été coupé en route. Rien n'a été changé. Ouvrez le lien du courriel le plus récent.
    .button = Ouvrir l'App Market
