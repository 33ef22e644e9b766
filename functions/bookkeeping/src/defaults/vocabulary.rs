//! The names merchants give to accounts and items, in English and French, as [`plain`](crate::text::plain) spells them.

use super::Purpose;

/// Words by which an account is ours.
pub(super) const OURS: &[&str] = &["miocommerce", "mio"];

/// Names that say clearing and nothing else.
pub(super) const CLEARING: &[&str] = &[
    "clearing",
    "clearing account",
    "payments clearing",
    "payment clearing",
    "card clearing",
    "compensation",
    "compte de compensation",
    "compensation des paiements",
];

/// Names of the item for a purpose; our own among them, so that what we created is found again.
pub(super) fn items(purpose: Purpose) -> &'static [&'static str] {
    match purpose {
        Purpose::Services => &[
            "services",
            "service",
            "miocommerce services",
            "services miocommerce",
        ],
        Purpose::Products => &[
            "goods",
            "product",
            "products",
            "merchandise",
            "supplies",
            "produit",
            "produits",
            "marchandises",
            "fournitures",
        ],
        Purpose::Fees => &[
            "fee",
            "fees",
            "service fee",
            "service fees",
            "booking fee",
            "booking fees",
            "frais",
            "frais de service",
            "frais de reservation",
        ],
        Purpose::Tips => &[
            "tip",
            "tips",
            "tips payable",
            "gratuity",
            "gratuities",
            "pourboire",
            "pourboires",
            "pourboires a payer",
            "miocommerce tips",
            "pourboires miocommerce",
        ],
        Purpose::Taxes => &[
            "tax collected",
            "taxes collected",
            "sales tax collected",
            "taxe percue",
            "taxes percues",
            "miocommerce tax collected",
            "taxes percues miocommerce",
        ],
        Purpose::GiftCards => &[
            "gift card",
            "gift cards",
            "gift certificate",
            "gift certificates",
            "carte cadeau",
            "cartes cadeaux",
            "miocommerce gift cards",
            "cartes cadeaux miocommerce",
        ],
        Purpose::Deposits => &[
            "deposit",
            "deposits",
            "customer deposit",
            "customer deposits",
            "depot",
            "depots",
            "depots de clients",
            "acomptes",
            "miocommerce deposits",
            "acomptes miocommerce",
        ],
        Purpose::Rounding => &[
            "rounding",
            "cash rounding",
            "arrondi",
            "arrondis",
            "arrondissement",
            "miocommerce rounding",
            "arrondi miocommerce",
        ],
        Purpose::Discounts => &[
            "discount",
            "discounts",
            "discounts given",
            "rabais",
            "remise",
            "remises",
            "escompte",
            "escomptes",
        ],
        Purpose::Clearing | Purpose::UndepositedFunds => &[],
    }
}

/// Names of the account an item for a purpose posts to.
pub(super) fn accounts(purpose: Purpose) -> &'static [&'static str] {
    match purpose {
        Purpose::Services => &[
            "services",
            "service income",
            "sales",
            "sales of services",
            "ventes",
            "revenus de services",
            "revenu de services",
            "miocommerce sales",
            "ventes miocommerce",
        ],
        Purpose::Tips => &[
            "tips",
            "tips payable",
            "gratuities payable",
            "pourboires",
            "pourboires a payer",
            "miocommerce tips payable",
            "pourboires a payer miocommerce",
        ],
        Purpose::Taxes => &[
            "sales tax payable mio",
            "miocommerce tax payable",
            "taxes a payer miocommerce",
        ],
        Purpose::GiftCards => &[
            "gift cards",
            "gift cards outstanding",
            "gift cards payable",
            "cartes cadeaux",
            "miocommerce gift cards outstanding",
            "cartes cadeaux en circulation miocommerce",
        ],
        Purpose::Deposits => &[
            "customer deposits",
            "client deposits",
            "depots de clients",
            "acomptes de clients",
            "miocommerce customer deposits",
            "acomptes de clients miocommerce",
        ],
        Purpose::Rounding => &[
            "rounding",
            "cash rounding",
            "arrondi",
            "arrondis",
            "miocommerce rounding",
            "arrondi miocommerce",
        ],
        Purpose::Products
        | Purpose::Fees
        | Purpose::Discounts
        | Purpose::Clearing
        | Purpose::UndepositedFunds => &[],
    }
}
