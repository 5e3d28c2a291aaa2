//! Numbers of services that everybody may call; they are no person's. As they are dialled in their country.

/// Helplines for people in a crisis, and for cancer.
#[rustfmt::skip]
pub(super) const NUMBERS: [&str; 59] = [
    // United States
    "8002738255", // 988 Suicide & Crisis Lifeline, by its old number
    "741741",     // Crisis Text Line
    "838255",     // Veterans Crisis Line, by text
    "8664887386", // The Trevor Project
    "8775658860", // Trans Lifeline
    "8009506264", // NAMI HelpLine
    "8007997233", // National Domestic Violence Hotline
    "8006564673", // National Sexual Assault Hotline (RAINN)
    "8006624357", // SAMHSA National Helpline
    "8002221222", // Poison Help
    "8004224453", // Childhelp National Child Abuse Hotline
    "8002272345", // American Cancer Society
    "8004226237", // Cancer Information Service (National Cancer Institute)
    "8008134673", // CancerCare
    "8887939355", // Cancer Support Community
    "8774656636", // Susan G. Komen
    "8009554572", // The Leukemia & Lymphoma Society
    // Canada
    "8334564566", // Talk Suicide Canada, now 988
    "8006686868", // Kids Help Phone
    "686868",     // Kids Help Phone, by text
    "8889393333", // Canadian Cancer Society
    // United Kingdom
    "116123",      // Samaritans; TelefonSeelsorge in Germany
    "85258",       // Shout, by text
    "08001111",    // Childline
    "08000684141", // Papyrus HOPELINE247
    "03001233393", // Mind
    "08082000247", // National Domestic Abuse Helpline
    "08088080000", // Macmillan Cancer Support
    "08088004040", // Cancer Research UK
    "08088006000", // Breast Cancer Now
    // Ireland
    "1800247247", // Pieta
    "1800666666", // Childline
    "1800341900", // Women's Aid
    "1800200700", // Irish Cancer Society
    "50808",      // Text About It
    // Australia
    "131114",     // Lifeline
    "131120",     // Cancer Council
    "1300659467", // Suicide Call Back Service
    "1300224636", // Beyond Blue
    "1800551800", // Kids Helpline
    "1800737732", // 1800RESPECT
    // Germany
    "08001110111", // TelefonSeelsorge
    "08001110222", // TelefonSeelsorge
    "08001110333", // Nummer gegen Kummer, children
    "08001110550", // Nummer gegen Kummer, parents
    "116111",      // Nummer gegen Kummer; ANAR in Spain
    "116016",      // Hilfetelefon Gewalt gegen Frauen
    "08000116016", // the same, by its old number
    "116117",      // doctors on call
    "08004203040", // Krebsinformationsdienst
    "080080708877", // Deutsche Krebshilfe, INFONETZ KREBS
    // Spain
    "717003717", // Teléfono de la Esperanza
    "900202010", // ANAR
    "900100036", // Asociación Española contra el Cáncer
    // France; 3114, 15 and 3919 are too short to be taken for a number
    "0972394050", // SOS Amitié
    "0805123124", // Ligue contre le cancer
    "0800235236", // Fil Santé Jeunes
    // In more than one country
    "116000",     // missing children
    "116006",     // victims of crime
];
