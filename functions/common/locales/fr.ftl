# Pourquoi une transaction n'est pas (encore) dans QuickBooks.
# Un message par code : ce qui s'est passé; .did : ce que nous avons fait; .todo : ce qu'il faut faire.

plan = Votre forfait MioCommerce ne comprend pas l'application QuickBooks.
    .did = Cette transaction n'a pas été envoyée à QuickBooks.
    .todo = Passez au forfait Grow pour que les prochaines le soient.
not_connected = Aucune entreprise QuickBooks n'est connectée.
    .did = Cette transaction n'a pas été conservée pour QuickBooks.
    .todo = Connectez QuickBooks dans l'App Market pour que les prochaines soient envoyées.
method_off = Les paiements par « { $method } » sont désactivés dans vos paramètres.
    .did = Ce paiement n'a pas été envoyé à QuickBooks.
    .todo = Activez ce mode dans les paramètres si les prochains doivent l'être.
before_start_date = Cette transaction est datée du { $day }, avant votre date de début, le { $start }.
    .did = Elle n'a pas été envoyée à QuickBooks.
    .todo = Rien à faire, sauf si la date de début est erronée.
zero = Rien n'a été payé et rien n'a été vendu.
    .did = Il n'y a rien à inscrire dans QuickBooks.
    .todo = Rien à faire.
left_out = Cette transaction est arrivée pendant que QuickBooks était déconnecté, puis a été laissée de côté.
    .did = Elle n'a pas été envoyée à QuickBooks et ne le sera pas.
    .todo = Rien à faire.
dismissed = Cette transaction a été laissée de côté, pour ce motif : { $why }
    .did = Elle n'a pas été envoyée à QuickBooks et ne le sera pas.
    .todo = Rien à faire.

reconnect = QuickBooks ne nous laisse plus entrer.
    .did = La transaction est conservée et sera envoyée après la reconnexion, une seule fois.
    .todo = Ouvrez App Market > QuickBooks et appuyez sur Reconnecter.
idle_too_long = La connexion à QuickBooks est échue, car elle n'a pas servi pendant 100 jours.
    .did = La transaction est conservée et sera envoyée après la reconnexion, une seule fois.
    .todo = Ouvrez App Market > QuickBooks et appuyez sur Reconnecter.
five_years_over = QuickBooks met fin à toute connexion après cinq ans, et la vôtre les a atteints.
    .did = La transaction est conservée et sera envoyée après la reconnexion, une seule fois.
    .todo = Ouvrez App Market > QuickBooks et appuyez sur Reconnecter.
administrator_lost = La personne qui a connecté QuickBooks n'y est plus administratrice de l'entreprise.
    .did = La transaction est conservée et sera envoyée après la reconnexion par un administrateur, une seule fois.
    .todo = Demandez à un administrateur de l'entreprise dans QuickBooks d'ouvrir App Market > QuickBooks et d'appuyer sur Reconnecter.
access_refused = QuickBooks nous refuse l'accès à l'entreprise.
    .did = La transaction est conservée, nous réessayons toutes les heures, et elle sera envoyée une seule fois, dès que QuickBooks le permet.
    .todo = Si cela dure, nous vous écrivons : ouvrez alors App Market > QuickBooks et appuyez sur Reconnecter.
permission_missing = QuickBooks ne nous permet pas d'inscrire cette transaction dans l'entreprise.
    .did = La transaction est conservée, nous réessayons toutes les heures, et elle sera envoyée une seule fois, dès que QuickBooks le permet.
    .todo = Vérifiez dans QuickBooks que votre forfait comprend les reçus de vente et que la personne qui a établi la connexion peut en créer; sinon, demandez à un administrateur de reconnecter dans App Market > QuickBooks.
token_refreshing = Notre accès à QuickBooks est en cours de renouvellement.
    .did = La transaction est conservée et sera envoyée dès qu'il est renouvelé.
    .todo = Rien à faire.
company_read_only = Votre abonnement QuickBooks est échu ou a un problème de facturation : rien ne peut y être ajouté.
    .did = La transaction est conservée et sera envoyée quand l'abonnement sera de nouveau actif.
    .todo = Renouvelez l'abonnement dans QuickBooks. Se reconnecter n'y change rien.
paused = Votre forfait MioCommerce ne comprend plus l'application QuickBooks.
    .did = La transaction est conservée et sera envoyée après un changement de forfait.
    .todo = Passez au forfait Grow pour continuer.
plan_over = Votre forfait MioCommerce n'a pas compris l'application QuickBooks pendant 90 jours : nous avons mis fin à la connexion à QuickBooks.
    .did = La transaction est conservée et sera envoyée après la reconnexion, une seule fois.
    .todo = Avec le forfait Grow, ouvrez App Market > QuickBooks et appuyez sur Reconnecter.
company_switched = Une autre entreprise QuickBooks vient d'être connectée.
    .did = La transaction est conservée et sera envoyée dans une minute ou deux.
    .todo = Rien à faire.
disconnected = QuickBooks est déconnecté, par votre choix.
    .did = La transaction est conservée et ne sera jamais envoyée d'elle-même.
    .todo = Après la reconnexion, on vous demandera s'il faut l'envoyer ou la laisser de côté.
other_company = Cette transaction appartient à l'entreprise QuickBooks qui était connectée auparavant.
    .did = Elle est conservée et n'est jamais envoyée à une autre entreprise.
    .todo = Reconnectez cette entreprise pour qu'elle y soit envoyée, ou inscrivez-la là-bas à la main.
sync_off = L'entreprise connectée ne convient pas encore à votre commerce : voyez les vérifications à l'onglet Aperçu.
    .did = La transaction est conservée.
    .todo = Corrigez ce que disent les vérifications, puis appuyez sur Actualiser; tout ce qui attend suivra.
quickbooks_down = QuickBooks n'a pas pu être joint.
    .did = La transaction est conservée et sera envoyée dès que QuickBooks répondra.
    .todo = Rien à faire.
throttled = QuickBooks nous demande de ralentir.
    .did = La transaction est conservée et sera envoyée dans un instant.
    .todo = Rien à faire.
answer_unknown = Nous avons envoyé le reçu et la réponse de QuickBooks s'est perdue en chemin.
    .did = Nous le cherchons dans QuickBooks avant tout nouvel envoi, afin qu'il n'y soit pas deux fois.
    .todo = Rien à faire.
customer_busy = Un autre paiement du même nouveau client est en cours d'inscription.
    .did = Celui-ci suit dès que le client y est.
    .todo = Rien à faire.
customer_gone = La fiche du client dans QuickBooks a été supprimée, fusionnée ou rendue inactive.
    .did = Nous cherchons de nouveau le client; la transaction attend son tour.
    .todo = Rien à faire.
payment_unknown = Le paiement que ce remboursement annule en tout ou en partie ne nous est pas parvenu.
    .did = Le remboursement l'attend jusqu'au { $until }, puis sera inscrit seul, sans son paiement.
    .todo = Rien à faire.
payment_waiting = Le paiement que ce remboursement annule en tout ou en partie n'est pas encore dans QuickBooks.
    .did = Le remboursement est conservé et suit dès que le paiement y est.
    .todo = Rien à faire ici; la page du paiement dit ce qu'il attend.
in_line = Des transactions antérieures sont en cours d'envoi vers QuickBooks.
    .did = Celle-ci est conservée et suivra.
    .todo = Rien à faire.
kept = Ce genre de message ({ $what }) est conservé pour une version à venir de l'application.
    .did = Il est conservé en entier et rien n'est perdu.
    .todo = Rien à faire.

tax_unmapped = Aucun code de taxe QuickBooks n'est choisi pour { $taxes ->
        [no_tax] les ventes sans taxe
        [exempt] les ventes exonérées
        [zero_rated] les ventes détaxées
        [out_of_scope] les sommes qui ne sont pas des ventes
       *[other] { $taxes }
    }.
    .did = La transaction est conservée.
    .todo = { $candidates ->
        [none] Choisissez le code sous Taxes; si QuickBooks n'en a aucun qui convienne, créez-le là-bas et appuyez sur Actualiser.
       *[other] Choisissez le code sous Taxes; ceux-ci peuvent convenir : { $candidates }.
    } Tout ce qui l'attend suivra.
tax_map_stale = Le code de taxe QuickBooks choisi pour { $taxes } ({ $code }) { $change ->
        [code_gone] n'existe plus
        [code_inactive] a été rendu inactif
        [rate_gone] a perdu un taux
       *[rate_changed] avait { $was } % quand il a été choisi et a maintenant { $now } %
    }.
    .did = La transaction est conservée; rien n'a été inscrit.
    .todo = { $candidates ->
        [none] Choisissez de nouveau le code sous Taxes; si QuickBooks n'en a aucun qui convienne, créez-le là-bas et appuyez sur Actualiser.
       *[other] Choisissez de nouveau le code sous Taxes; ceux-ci peuvent convenir : { $candidates }.
    } Tout ce qui l'attend suivra.
tax_rate_differs = { $tax } a été perçue à { $ours } %, et le taux QuickBooks qui lui correspond est de { $theirs } %.
    .did = La transaction est conservée.
    .todo = Choisissez le code de même taux sous Taxes; tout ce qui l'attend suivra.
item_missing = Aucun article QuickBooks n'est choisi pour : { $kind }.
    .did = La transaction est conservée.
    .todo = Choisissez l'article dans les paramètres; tout ce qui l'attend suivra.
deposit_account_missing = Aucun compte de dépôt n'est choisi pour les paiements par « { $method } » en { $currency }.
    .did = Le paiement est conservé.
    .todo = Choisissez le compte dans les paramètres; tout ce qui l'attend suivra.
fallback_customer_missing = Le paiement n'a pas de client, et aucun client n'est choisi pour ces paiements en { $currency }.
    .did = Le paiement est conservé.
    .todo = Choisissez le client de passage dans les paramètres.
customer_ambiguous = Plusieurs clients dans QuickBooks pourraient être celui-ci.
    .did = La transaction est conservée.
    .todo = Choisissez le bon; tout ce qui attend ce client suivra.
customer_inactive = Ce client a été rendu inactif dans QuickBooks.
    .did = La transaction est conservée.
    .todo = Réactivez le client ou faites-en créer un nouveau; tout ce qui attend ce client suivra.
customer_email_differs = Un client dans QuickBooks porte le même nom avec une autre adresse courriel.
    .did = La transaction est conservée.
    .todo = Dites s'il s'agit du même client ou d'un nouveau; tout ce qui attend ce client suivra.
customer_name_taken = Tous les noms que ce client pourrait porter sont déjà pris dans QuickBooks ({ $fault }).
    .did = La transaction est conservée; aucun client n'a été créé.
    .todo = Choisissez le client, ou changez un nom dans QuickBooks puis appuyez sur Réessayer; tout ce qui attend ce client suivra.
reference_inactive = Un élément du reçu a été rendu inactif ou supprimé dans QuickBooks ({ $fault }).
    .did = La transaction est conservée; rien n'a été inscrit.
    .todo = Réactivez-le ou choisissez-en un autre dans les paramètres, puis appuyez sur Réessayer.
tax_code_inactive = Un code de taxe du reçu de ce paiement ({ $code }) n'est plus actif dans QuickBooks.
    .did = Le remboursement est conservé; rien n'a été inscrit.
    .todo = Réactivez le code de taxe dans QuickBooks, puis appuyez sur Actualiser; le remboursement suivra.
refund_exceeds = { $refunded } ont été remboursés, et il ne reste que { $left } de ce paiement.
    .did = Le remboursement est conservé; rien n'a été inscrit.
    .todo = Comparez-le au paiement. Si l'argent est parti, appuyez sur Inscrire quand même.
refund_tax_unknown = Nous n'avons jamais inscrit le paiement de ce remboursement dans QuickBooks, et le remboursement ne dit pas ce qu'il annule.
    .did = Le remboursement est conservé; rien n'a été inscrit.
    .todo = Indiquez sa taxe, et il sera inscrit. Si vous l'avez inscrit à la main dans QuickBooks, appuyez sur Laisser de côté.
period_closed = Vos livres sont fermés pour le { $day }.
    .did = La transaction est conservée; rien n'a été inscrit.
    .todo = Inscrivez-la au premier jour ouvert, ou rouvrez la période dans QuickBooks et appuyez sur Réessayer.
currency_not_enabled = Le paiement est en { $currency }, que votre entreprise QuickBooks n'utilise pas.
    .did = Le paiement est conservé.
    .todo = Activez le multidevise et ajoutez { $currency } dans QuickBooks, puis appuyez sur Actualiser.
number_taken = Un autre document dans QuickBooks porte déjà le numéro { $number }.
    .did = La transaction est conservée; rien n'a été inscrit.
    .todo = Changez le numéro de l'autre document dans QuickBooks, puis appuyez sur Réessayer.
quickbooks_refused = QuickBooks a refusé le reçu ({ $fault }).
    .did = La transaction est conservée; rien n'a été inscrit.
    .todo = Voyez le champ nommé, corrigez-le dans QuickBooks ou dans les paramètres, puis appuyez sur Réessayer.
answer_differs = QuickBooks a inscrit autre chose ({ $what }) que ce que nous avons envoyé : { $theirs } au lieu de { $ours }, sur le reçu { $receipt }.
    .did = Le reçu est dans QuickBooks tel qu'il l'a inscrit; y récrire le nôtre n'a rien changé ou n'était pas possible.
    .todo = Comparez le reçu dans QuickBooks au paiement et corrigez-le là-bas.

unreadable = Le message de MioCommerce ne peut pas être pris tel quel : { $what }
    .did = Il est conservé en entier pour les développeurs de MioCommerce.
    .todo = Rien à faire; les développeurs de MioCommerce le voient.
figures_disagree = Les chiffres ne concordent pas : { $captured } encaissé, { $lines } sur les lignes.
    .did = Rien n'a été inscrit; le message est conservé en entier pour les développeurs de MioCommerce.
    .todo = Rien à faire; les développeurs de MioCommerce le voient.
conflict = La même transaction est arrivée de nouveau avec d'autres chiffres.
    .did = La première fait foi; la seconde n'a pas été inscrite.
    .todo = Rien à faire; les développeurs de MioCommerce le voient.
not_representable = QuickBooks garde deux décimales, et le paiement contient un montant qui en a plus : { $amount }.
    .did = Rien n'a été inscrit ni arrondi; le message est conservé en entier.
    .todo = Rien à faire; les développeurs de MioCommerce le voient.
exchange_rate_missing = Le paiement est en { $currency } et MioCommerce n'a pas dit à quel taux de change.
    .did = Rien n'a été inscrit, car QuickBooks aurait pris un taux de 1; le message est conservé en entier.
    .todo = Rien à faire; les développeurs de MioCommerce le voient.
request_refused = QuickBooks dit que notre demande est erronée ({ $fault }).
    .did = Rien n'a été inscrit; le message est conservé en entier pour les développeurs de MioCommerce.
    .todo = Rien à faire; les développeurs de MioCommerce le voient.
two_receipts = QuickBooks contient deux reçus pour cette transaction : { $receipts }.
    .did = Rien d'autre n'a été inscrit.
    .todo = Supprimez le second dans QuickBooks; les développeurs de MioCommerce le voient aussi.

# Ce que la vérification a trouvé à la connexion, et comment y remédier.
# Un message par remède : ce qui a été trouvé; .todo : ce qu'il faut faire.

check_no_books = { $company } n'a pas de comptabilité : son abonnement QuickBooks ne comprend pas de plan comptable.
    .todo = Connectez une entreprise qui a la comptabilité QuickBooks en ligne, ou ajoutez-la à celle-ci dans QuickBooks.
check_other_country = MioCommerce situe votre entreprise dans ce pays : { $ours }; cette entreprise QuickBooks est dans celui-ci : { $theirs }. Rien n'est envoyé tant qu'ils diffèrent.
    .todo = Connectez l'entreprise QuickBooks de votre pays, ou corrigez le pays dans MioCommerce.
check_one_currency_only = Vous vendez en { $ours }; cette entreprise QuickBooks tient ses livres en { $theirs } seulement. Rien n'est envoyé tant que { $ours } ne peut y être inscrit.
    .todo = Activez le multidevise dans QuickBooks, ou connectez l'entreprise qui tient ses livres en { $ours }. Appuyez ensuite sur Actualiser.
check_currency_not_added = Vous vendez en { $ours }, qui n'est pas parmi les devises de cette entreprise QuickBooks (la sienne est { $theirs }). Rien n'est envoyé d'ici là.
    .todo = Ajoutez { $ours } aux devises dans QuickBooks, puis appuyez sur Actualiser.
check_sales_tax_off = Vous percevez des taxes, et la taxe de vente est désactivée dans QuickBooks. Les paiements avec taxes attendent; les autres sont envoyés.
    .todo = Configurez la taxe de vente dans QuickBooks, puis appuyez sur Actualiser.
check_no_tax_codes = QuickBooks n'a aucun code de taxe qu'une vente puisse utiliser. Les paiements l'attendent.
    .todo = Configurez la taxe de vente dans QuickBooks, puis appuyez sur Actualiser.
check_taxes_unmapped = Ces taxes n'ont pas encore de code de taxe QuickBooks : { $taxes }. Les paiements qui les portent attendent; les autres sont envoyés.
    .todo = Choisissez le code sous Taxes. Si QuickBooks n'en a pas, créez-le là-bas et appuyez sur Actualiser.

# Pourquoi un code de taxe est proposé pour des taxes. Un message par raison.

why_same_rates = Il a les mêmes taux, un à un : { $rates }.
why_rate_not_told = MioCommerce ne dit pas le taux d'une taxe; seul son nom a été comparé.
why_same_taxes = Il sert aux mêmes taxes : { $taxes }.
why_same_name = « { $code } » porte le même nom.
why_same_region = Il sert à la même province ou au même État : { $region }.
why_other_region = La vente a eu lieu ailleurs : « { $code } » sert à { $region }.
why_name_says_nothing = Rien dans le nom « { $code } » ne dit qu'il s'agit de la même taxe : seuls les taux sont les mêmes.
why_unclear_which = On ne sait pas lequel de ses taux va avec quelle taxe.
why_compound = Un de ses taux s'applique aussi sur une autre taxe.
why_rate_changed = « { $code } » a eu ce taux et en a maintenant un autre.
why_sum_only = { $tax } est une seule taxe dans MioCommerce et plusieurs dans QuickBooks ({ $parts }). Inscrivez-les une à une dans MioCommerce, ou créez dans QuickBooks un code au taux unique et appuyez sur Actualiser.
why_says_why = Le nom « { $code } » dit pourquoi aucune taxe n'est perçue, et il n'en perçoit pas.

# Ce qui a été trouvé dans QuickBooks pour un choix des paramètres, avant tout choix. Un message par résultat.

found_one = Trouvé dans QuickBooks par son nom : { $names }.
found_several = Plusieurs peuvent convenir dans QuickBooks : { $names }. Choisissez-en un.
found_wrong_account = { $names } porte le nom, mais va à un autre genre de compte qu'il ne devrait. Choisissez-le si c'est voulu, ou choisissez-en un autre.
found_none = Rien n'a été trouvé dans QuickBooks. Choisissez, ou faites-le créer.

# Les genres de lignes, dans les phrases.

kind-service = services
kind-product = produits
kind-fee = frais
kind-tip = pourboires
kind-discount = rabais
kind-deposit = acomptes
kind-deposit-applied = acomptes
kind-deposit-forfeited = acomptes conservés
kind-gift-card = cartes-cadeaux
kind-gift-card-redeemed = cartes-cadeaux
kind-rounding = arrondi des espèces
kind-tax = taxe sur une ligne à part
