# Les pages. Un message par avis : son titre; .text : ce qui s'est passé et ce que cela veut dire; .button.

to-the-market = Ouvrir l'App Market
leave-it = Tout laisser comme avant

launch-not-genuine = Ce lien ne vient pas de l'App Market
    .text = Nous n'avons pas pu vérifier qui vous envoie ici : rien n'a été ouvert ni modifié. Ouvrez QuickBooks depuis l'App Market.
    .button = Ouvrir l'App Market
launch-expired = Ce lien est trop ancien
    .text = Les liens de l'App Market sont valables cinq minutes. Rien n'a été modifié. Ouvrez de nouveau QuickBooks depuis l'App Market.
    .button = Ouvrir l'App Market
launch-used = Ce lien a déjà servi
    .text = Chaque lien de l'App Market ne sert qu'une fois. Rien n'a été modifié. Ouvrez de nouveau QuickBooks depuis l'App Market.
    .button = Ouvrir l'App Market
viewer-only = Seuls les administrateurs peuvent faire cela
    .text = Vous pouvez tout consulter ici, mais la connexion, la déconnexion et les paramètres reviennent aux administrateurs de { $merchant }. Rien n'a été modifié.
    .button = Retour à QuickBooks
plan-needed = QuickBooks demande le forfait Grow
    .text = Le forfait de { $merchant } ne comprend pas l'application QuickBooks. Passez au forfait Grow, puis ouvrez de nouveau QuickBooks depuis l'App Market. Rien n'a été modifié.
    .button = Ouvrir l'App Market
cancelled = Vous n'avez pas connecté QuickBooks
    .text = Vous avez appuyé sur Annuler chez Intuit : rien n'a été modifié. Vous pouvez réessayer quand vous voulez.
    .button = Se connecter à QuickBooks
intuit-error = Intuit a signalé une erreur
    .text = Intuit vous a renvoyé ici sans établir la connexion ({ $error }). Rien n'a été modifié. Réessayez; si l'erreur revient, c'est à Intuit de la corriger.
    .button = Réessayer
attempt-unknown = Cette tentative de connexion est terminée
    .text = Elle a déjà abouti, elle a pris plus de dix minutes, ou elle a commencé dans un autre navigateur. Ouvrir cette page n'a rien modifié. Si QuickBooks n'est pas encore connecté, recommencez depuis l'App Market.
    .button = Ouvrir l'App Market
callback-incomplete = La réponse d'Intuit était incomplète
    .text = La réponse ne disait pas quelle entreprise connecter : rien n'a été modifié. Réessayez.
    .button = Réessayer
code-refused = Intuit n'a pas accepté la connexion
    .text = L'autorisation donnée par Intuit avait déjà servi ou a pris trop de temps. Rien n'a été modifié. Réessayez; cela prend une minute.
    .button = Réessayer
app-refused = La connexion est impossible pour le moment
    .text = Intuit n'accepte pas notre application en ce moment. C'est à nous de corriger cela, et nos développeurs sont prévenus. Rien n'a été modifié.
    .button = Retour à QuickBooks
quickbooks-silent = Intuit n'a pas répondu
    .text = Rien n'a été modifié. Réessayez dans une minute.
    .button = Réessayer
unfinished = Presque connecté
    .text = Vous avez donné votre autorisation et elle est gardée en lieu sûr, mais QuickBooks n'a pas répondu à nos questions sur l'entreprise. Appuyez sur le bouton pour continuer; Intuit ne vous demandera plus rien.
    .button = Terminer la connexion
company-not-proven = QuickBooks ne nous montre pas cette entreprise
    .text = L'autorisation que vous avez donnée n'ouvre pas l'entreprise choisie : rien n'a été modifié. Réessayez et choisissez l'entreprise chez Intuit.
    .button = Réessayer
company-taken = Cette entreprise est connectée à un autre compte MioCommerce
    .text = Une entreprise QuickBooks ne se connecte qu'à un seul compte MioCommerce, pour qu'aucun paiement ne soit inscrit deux fois. Déconnectez-la d'abord là-bas, ou choisissez une autre entreprise. Rien n'a été modifié.
    .button = Choisir une autre entreprise
company-differs = Ce n'est pas la même entreprise qu'avant
    .text = { $merchant } était connecté à « { $old } », et vous avez choisi « { $new } ». Pour continuer comme avant, reconnectez-vous et choisissez « { $old } ». Pour quitter « { $old } » pour de bon, repartez à neuf avec « { $new } » : ce qui attendait pour « { $old } » ne sera jamais envoyé à « { $new } ».
    .button = Repartir à neuf avec « { $new } »
    .instead = Reconnecter « { $old } »
overtaken = Quelqu'un d'autre vient de modifier la connexion
    .text = Entre-temps, la connexion a été modifiée par un autre administrateur ou dans une autre fenêtre. Voyez où elle en est.
    .button = Retour à QuickBooks
revocation-pending = Déconnecté ici, pas encore chez Intuit
    .text = Plus rien n'est envoyé à QuickBooks. Intuit n'a pas répondu quand nous avons rendu votre autorisation. Nous réessayons automatiquement dans l'heure; vous pouvez aussi appuyer sur Terminer la déconnexion, ou retirer l'application dans QuickBooks.
    .button = Retour à QuickBooks
checking = Merci, nous vérifions
    .text = Intuit dit que QuickBooks y a été déconnecté. Nous le demandons nous-mêmes à Intuit; si c'est le cas, chaque transaction attend que vous vous reconnectiez depuis l'App Market, et rien n'est perdu.
    .button = Ouvrir l'App Market
session-over = Ouvrez QuickBooks depuis l'App Market
    .text = Vous avez été absent plus d'une demi-heure, ou ce navigateur n'a pas ouvert QuickBooks depuis l'App Market. Rien n'a été modifié.
    .button = Ouvrir l'App Market
form-stale = Cette page n'était plus à jour
    .text = Le bouton venait d'une visite précédente : rien n'a été modifié. Revenez en arrière et appuyez de nouveau.
    .button = Retour à QuickBooks
not-found = Cette page n'existe pas
    .text = L'adresse est peut-être incomplète.
    .button = Retour à QuickBooks
method-not-allowed = Cela ne se fait pas à cette adresse
    .text = Rien n'a été modifié.
    .button = Retour à QuickBooks
sorry = Désolé, cela n'a pas fonctionné
    .text = Quelque chose de notre côté n'a pas répondu. Rien n'est perdu. Réessayez dans une minute.
    .button = Retour à QuickBooks

# La page de l'exploitant.
home-title = QuickBooks en ligne
home-connection = Connexion
home-company = Entreprise
home-since = Connectée
home-you = vous
home-connected-by = le { $day }, par { $name }
home-viewer = Vous pouvez tout consulter ici. Les changements reviennent aux administrateurs.
home-connect = Se connecter à QuickBooks
home-reconnect = Se reconnecter à QuickBooks
home-disconnect = Déconnecter
home-disconnect-says = Plus rien n'est envoyé à QuickBooks et votre autorisation est rendue à Intuit. Ce qui est dans QuickBooks y reste; les paramètres, les liens des clients et l'historique restent ici. Les paiements qui arrivent ensuite sont gardés, et vous en décidez à la reconnexion.
home-disconnect-yes = Déconnecter QuickBooks
home-disconnect-finish = Terminer la déconnexion
done-connected = QuickBooks est connecté.
done-connected-sent = QuickBooks est connecté. Ce qui attendait est envoyé maintenant, dans l'ordre et sans doublon.
done-disconnected = QuickBooks est déconnecté et votre autorisation a été rendue.
done-sending = Ces transactions sont envoyées à QuickBooks maintenant, dans l'ordre et sans doublon.
done-part = Il y a trop à faire d'un coup. Appuyez encore une fois pour le reste.
done-left-out = Ces transactions ont été laissées de côté et ne seront pas envoyées à QuickBooks.
home-arrivals = Pendant la déconnexion
home-arrivals-say = { $how ->
        [perhaps] Des transactions sont peut-être arrivées pendant que QuickBooks était déconnecté : trop de transactions vous attendent pour les regarder toutes. Ce qui est arrivé a été gardé. Cela doit-il paraître dans QuickBooks?
        [one] Une transaction est arrivée pendant que QuickBooks était déconnecté. Elle a été gardée. Doit-elle paraître dans QuickBooks?
        [one-or-more] Au moins une transaction est arrivée pendant que QuickBooks était déconnecté. Elle a été gardée. Ce qui est arrivé doit-il paraître dans QuickBooks?
        [or-more] Au moins { $count } transactions sont arrivées pendant que QuickBooks était déconnecté. Elles ont été gardées. Doivent-elles paraître dans QuickBooks?
       *[many] { $count } transactions sont arrivées pendant que QuickBooks était déconnecté. Elles ont été gardées. Doivent-elles paraître dans QuickBooks?
    }
home-arrivals-send = Envoyer à QuickBooks
home-arrivals-leave-out = Laisser de côté pour de bon
home-checks = Tout est-il prêt dans QuickBooks?
home-check-good = Prêt
home-check-bad = À corriger
home-refresh-says = Relit votre entreprise dans QuickBooks, après une modification là-bas.
home-check-accounting = La comptabilité est activée dans QuickBooks
home-check-country = QuickBooks et MioCommerce indiquent le même pays
home-check-currency = QuickBooks connaît la devise de vos paiements
home-check-sales-tax = La taxe de vente est activée dans QuickBooks
home-check-taxes = Chacune de vos taxes a son code
home-none = Non connecté
home-none-says = Connectez votre entreprise QuickBooks : chaque paiement encaissé y paraît comme reçu de vente, chaque remboursement comme reçu de remboursement. Cela prend une minute; chaque paramètre a une valeur par défaut qui fonctionne.
home-welcome = Vos paiements, automatiquement dans QuickBooks
home-plan = Non compris dans votre forfait
home-plan-says = L'application QuickBooks demande le forfait Grow. Passez à ce forfait, puis ouvrez de nouveau QuickBooks depuis l'App Market.
home-connected = Connecté
home-connected-says = Les paiements et les remboursements sont envoyés à QuickBooks en quelques secondes.
home-degraded = Connecté, en vérification
home-degraded-says = QuickBooks ne répond pas à notre vérification comme il le devrait. D'habitude, cela se règle tout seul; sinon, nous vous le dirons. Ce qui est payé entre-temps est conservé, puis envoyé.
home-catching-up = Connecté, rattrapage en cours
home-catching-up-says = Ce qui attendait est envoyé maintenant, dans l'ordre et sans doublon.
home-resting-says = Ce qui attendait suivra automatiquement, dans l'ordre et sans doublon, dès que QuickBooks en acceptera davantage.
home-held-up = Connecté, envois suspendus
home-held-up-says = QuickBooks a refusé une transaction après l'autre pour la même raison; les autres attendent donc, et nous en essayons une chaque heure. { $refusal } Une fois que c'est corrigé, appuyez sur le bouton : tout est renvoyé.
home-held-up-ours = QuickBooks a refusé une transaction après l'autre pour la même raison; les autres attendent donc, et nous en essayons une chaque heure. { $refusal } Nos développeurs sont avertis.
home-held-up-retry = C'est corrigé : renvoyer
home-expiring = Connecté, échéance proche
home-expiring-says = QuickBooks met fin à une connexion après cinq ans, et la vôtre se termine le { $day }. Reconnectez-vous avant, pour qu'aucun paiement n'ait à attendre.
home-progress = Dans QuickBooks : { $recorded } sur { $all } en attente.
home-look-again = Regarder de nouveau
home-waiting = { $how ->
        [one] Une transaction attend.
        [more] Plus de { $count } transactions attendent.
       *[many] { $count } transactions attendent.
    }
home-unreachable = Nos courriels ne vous parviennent pas : votre adresse dans MioCommerce en a refusé un, ou vous l'avez signalé comme indésirable. Corrigez l'adresse dans MioCommerce.
home-switching = Connecté, début dans un instant
home-switching-says = Une autre entreprise a remplacé l'ancienne. L'envoi commence dans une minute ou deux, quand plus rien de l'ancienne ne peut être en route.
home-off = Connecté, mais arrêté
home-off-says = L'entreprise connectée ne convient pas encore à votre commerce, et rien n'est envoyé. Ce qui arrive est conservé. Corrigez ce que disent les vérifications ci-dessous, puis appuyez sur Actualiser : tout ce qui attend suivra.
home-closed-says = Rien n'est perdu : ce qui arrive est conservé et suivra une fois la situation corrigée, sans être envoyé deux fois.
home-reconnect-needed = Reconnexion nécessaire
home-read-only = QuickBooks n'accepte rien
home-paused = En pause
home-disconnected = Déconnecté
home-disconnected-says = Vous avez déconnecté QuickBooks. Ce qui arrive maintenant est conservé et ne sera jamais envoyé sans vous; à la reconnexion, vous déciderez de l'envoyer ou non.
home-disconnecting = Déconnecté ici, pas encore chez Intuit
home-disconnecting-says = Plus rien n'est envoyé à QuickBooks, mais votre autorisation n'a peut-être pas encore été rendue à Intuit. Cela se fera automatiquement; appuyez sur le bouton pour terminer maintenant. Ce qui arrive entre-temps est gardé, et vous en décidez à la reconnexion.
