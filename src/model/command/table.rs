//! The words that a decision and its courtesies are made of, folded (lower case, no accents), in seven languages.
//!
//! Everything that is not here makes a reply undecided, so a word belongs here only if it can't turn a meaning round.

use super::Verb;

/// What a known word or run of words is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Meaning {
    /// A verb that decides.
    Verb(Verb),
    /// A verb that a later version will know.
    Later(&'static str),
    /// Politeness that may stand anywhere.
    Polite,
    /// Politeness that a name may follow.
    Closing,
    /// Words that add nothing beside a verb: "I approve this post".
    Filler,
    /// What stands behind a professional's name.
    Title,
}

use Meaning::{Closing, Filler, Later, Polite, Title, Verb as V};

/// Meaning and its words, `|` between alternatives. Longer runs go before shorter ones.
pub(super) const WORDS: &[(Meaning, &str)] = &[
    // English, Spanish, German, French, Portuguese, Italian, Dutch
    (V(Verb::Approve), "approve|approves|approved|approving"),
    (V(Verb::Approve), "aprobar|apruebo|aprueba|aprobado|aprobada"),
    (V(Verb::Approve), "genehmigen|genehmige|genehmigt|freigeben|freigegeben|gebe frei"),
    (V(Verb::Approve), "approuver|approuve|approuvee|j'approuve"),
    (V(Verb::Approve), "aprovar|aprovo|aprova|aprovado|aprovada"),
    (V(Verb::Approve), "approvare|approvo|approva|approvato|approvata"),
    (V(Verb::Approve), "goedkeuren|goedgekeurd|keur goed"),
    (V(Verb::Return), "return|returns|returned|returning"),
    (V(Verb::Return), "devolver|devuelvo|devuelve|devuelto|devuelta"),
    (V(Verb::Return), "zuruckgeben|zurueckgeben|zuruckgegeben|zurueckgegeben|zuruckschicken|zuruckgeschickt"),
    (V(Verb::Return), "renvoyer|renvoie|renvoye|renvoyee|retourner|retourne|retournee"),
    (V(Verb::Return), "devolvo|devolve|devolvido|devolvida"),
    (V(Verb::Return), "restituire|restituisco|restituisci|restituito|restituita|rimandare|rimandato"),
    (V(Verb::Return), "terugsturen|teruggestuurd|retourneren"),
    (
        V(Verb::Mine),
        "mine|mio|es mia|me encargo|me encargo yo|yo me encargo|meins|a moi|c'est pour moi|le mien|meu|e meu|minha|e minha|e mia|e mio|es mio|ist meins|c'est a moi|van mij|voor mij",
    ),
    (V(Verb::Undo), "undo|undoes|undone|undoing|deshacer|deshago|deshaz|ruckgangig machen|rueckgaengig machen"),
    (V(Verb::Undo), "ruckgangig|rueckgaengig|annuler|annule|desfazer|desfaco|annullare|annullo|annulla"),
    (V(Verb::Undo), "ongedaan maken|ongedaan"),
    (V(Verb::Retract), "retract|retracts|retracted|retracting|retirar|retiro|retira|retirado|zuruckziehen"),
    (V(Verb::Retract), "zurueckziehen|zuruckgezogen|zurueckgezogen|retirer|retire|retiree|ritirare|ritiro|ritira"),
    (V(Verb::Retract), "ritirato|intrekken|ingetrokken"),
    (Later("READ"), "read|reads|reading|leer|leido|leida|leidos|leidas|he leido|gelesen|habe gelesen|lu|lue|lus|lues"),
    (Later("READ"), "lido|lida|lidos|lidas|li|letto|letta|letti|lette|ho letto|gelezen|heb gelezen"),
    (V(Verb::Edit), "edit|edits|edited|editing|editar|edito|edita|editado|editada|bearbeiten|bearbeite|bearbeitet"),
    (
        V(Verb::Edit),
        "modifier|modifie|modifiee|modificare|modifico|modifica|modificato|modificata|bewerken|bewerkt|bewerk",
    ),
    (V(Verb::Escalate), "escalate|escalates|escalated|escalating|escalar|escalo|escala|escalado|escalada|eskalieren"),
    (
        V(Verb::Escalate),
        "eskaliere|eskaliert|escalader|escalade|escaladee|escalare|escalato|escalata|escaleren|escaleer",
    ),
    (V(Verb::Escalate), "geescaleerd"),
    (V(Verb::Private), "private|privately|privado|privada|privat|prive|privee|privato|privata|in privato|en privado"),
    (V(Verb::Private), "en prive|em privado"),
    (
        V(Verb::Note),
        "note|notes|noted|noting|nota|notar|anotar|anoto|anotado|notiz|notieren|notiert|noter|notare|annotare",
    ),
    (V(Verb::Note), "notitie|noteren|genoteerd"),
    (
        V(Verb::Trust),
        "trust|trusts|trusted|trusting|confiar|confio|confia|confiado|vertrauen|vertraue|vertraut|confiance",
    ),
    (V(Verb::Trust), "faire confiance|je fais confiance|fidarsi|mi fido|fidato|fidata|vertrouwen|vertrouw|vertrouwd"),
    (Closing, "thank you so much|thank you very much|thank you all|thank you|many thanks|thanks a lot|thanks so much"),
    (Closing, "thanks again|thanks|thx|ty|cheers|best wishes|best regards|kind regards|warm regards|warmest regards"),
    (
        Closing,
        "warm wishes|all the best|take care|with thanks|regards|best|warmly|sincerely|yours truly|yours sincerely",
    ),
    (Closing, "yours|have a good day|have a nice day|have a good weekend|have a good evening|thanks in advance"),
    (Closing, "thank you in advance|love|respectfully"),
    (Closing, "muchas gracias|gracias|un saludo|saludos|saludos cordiales|un abrazo|vielen dank|danke schon|danke"),
    (
        Closing,
        "viele grusse|liebe grusse|beste grusse|herzliche grusse|mit freundlichen grussen|grusse|gruss|mfg|lg|vg",
    ),
    (Closing, "merci beaucoup|merci|cordialement|bien cordialement|bien a vous|bonne journee|muito obrigada"),
    (Closing, "muito obrigado|obrigada|obrigado|um abraco|abracos|atenciosamente|cumprimentos|grazie mille|grazie"),
    (Closing, "cordiali saluti|un saluto|saluti|hartelijk dank|dank u wel|dank je wel|dank je|dank u|dank|bedankt"),
    (Closing, "met vriendelijke groet|met vriendelijke groeten|vriendelijke groet|groeten|groetjes|groet"),
    (
        Polite,
        "please|pls|plz|kindly|merci de|hi there|hi all|hi team|hi lamplight|hi|hello all|hello team|hello lamplight|hello",
    ),
    (Polite, "hey|dear all|dear team|dear lamplight|good morning|good afternoon|good evening|por favor|hola"),
    (Polite, "buenos dias|buenas tardes|bitte|hallo|guten morgen|guten tag|guten abend|s'il vous plait|svp|stp"),
    (Polite, "s'il te plait|bonjour|bonsoir|ola|bom dia|boa tarde|boa noite|per favore|per piacere|ciao|buongiorno"),
    (Polite, "buonasera|alstublieft|aub|graag|goedemorgen|goedemiddag"),
    (
        Filler,
        "this member|the member|this author|the author|this post|this message|this one|the post|the message|this|it|i|it's|it is|this is|i have|i've|i am|i'm",
    ),
    (Filler, "lo|la|es|este mensaje|el mensaje|esta publicacion|la publicacion|ich|das|dies|diese nachricht|hiermit"),
    (Filler, "die nachricht|diesen beitrag|den beitrag|je|j'ai|ce message|le message|ce post|eu|isto|esta mensagem"),
    (Filler, "a mensagem|esta publicacao|io|questo|questo messaggio|il messaggio|questo post|ik|dit|dit bericht"),
    (Filler, "het bericht|deze post"),
    (Title, "lcsw|lcsw-r|lmsw|msw|mss|bsw|osw-c|osw|rn|phd|ph.d|md|dr|mr|mrs|ms|oncology social worker|social worker"),
    (Title, "moderator|group moderator|moderador|moderadora|trabajador social|trabajadora social|lic|lcda"),
];

/// Words that begin with a capital in a signature's place and are no name.
pub(super) const NO_NAMES: &str = "|a|actually|after|again|all|always|and|anyway|as|ask|at|await|be|because|before|but|call|cancel|careful|change|\
    check|confirm|delay|delete|deny|denied|discard|do|don't|dont|drop|either|else|except|false|first|fix|forget|hang|he|her|\
    his|hold|however|if|ignore|in|instead|is|joke|just|keep|kidding|later|leave|let|maybe|me|monday|my|nah|neither|never|nevermind|next|no|\
    nobody|none|nope|nor|not|nothing|now|ok|okay|omit|on|once|only|or|otherwise|pause|pending|perhaps|postpone|private|provided|question|refuse|\
    refused|reject|rejected|remove|removed|scratch|see|send|she|should|skip|soon|sorry|stop|strike|sunday|sure|then|they|though|tomorrow|\
    tonight|tuesday|unless|unsure|until|us|wait|was|we|wednesday|thursday|friday|saturday|what|when|who|why|will|with|withdraw|without|would|wrong|\
    yes|yet|you|ja|nein|nicht|kein|warte|non|pas|oui|attends|espera|si|nao|sim|niet|nee|wacht|aspetta|";

/// How a line begins that a mail program writes beneath a reply.
pub(super) const PROGRAM_LINES: &[&str] = &[
    "sent from my ",
    "sent from outlook",
    "get outlook for ",
    "enviado desde mi ",
    "enviado do meu ",
    "von meinem iphone gesendet",
    "gesendet von meinem ",
    "gesendet von mail fur ",
    "gesendet von outlook",
    "envoye de mon ",
    "inviato da ",
    "verzonden vanaf ",
    "verstuurd vanaf ",
];

/// The same, where a person might begin so, too: with a mark behind it, it is hers.
pub(super) const PERHAPS_PROGRAM_LINES: &[&str] = &["sent via ", "sent with ", "gesendet von "];
