//! What people write when they mean one person or the moderators, language by language. Texts are folded: lower case, no
//! accents, no apostrophes ("dont"), marks gone, single spaces. `<you>` stands for the moderators' names and what they are
//! called, `<first>` for what may stand before a request at the beginning of a sentence.

/// What a sentence must hold to be said aside.
pub const SIGNS: &[&str] = &[
    // English: "please don't share this with the group"; only as a request of the sentence itself.
    r"^<first>(?:do not|dont|never)(?: please| ever)? (?:share|post|publish|forward|send|show|pass on|pass|repeat|put) (?:this|it|that|my (?:message|mail|post|words))\b",
    r"^<first>(?:do not|dont) let (?:the group|the others|anyone|anybody|everyone|everybody) (?:see|read|know)",
    r"^<first>keep (?:this|it|that|all this|my (?:message|mail|post)) (?:strictly )?(?:to yourself|to yourselves|private|confidential|secret|between us)\b",
    r"^<first>(?:strictly )?(?:not|nothing) for the (?:whole )?(?:group|list)\b",
    r"\b(?:this|it|its|that|thats)(?: is| was)? not (?:meant |intended )?for the (?:whole )?(?:group|list|others|rest)\b",
    r"\bquestion not for the (?:whole )?group\b",
    r"\b(?:this|it) (?:is|was) not (?:meant|intended) for (?:everyone|everybody|all)\b",
    r"\b(?:this|it|its|that|thats)(?: is| stays| must stay| should stay| has to stay| remains)?(?: just| only| strictly| please)* between (?:us|you and me|ourselves)\b",
    r"\bjust between (?:us|you and me|ourselves)(?: but| please|$)",
    r"^<first>between (?:you and me|ourselves)\b",
    r"\b(?:can|could|may|might|will|let) (?:this|it)(?: please)? (?:stay|remain|be)(?: just| only)? between us\b",
    r"\b(?:this|it)(?: is| was| message is| mail is)(?: meant)? (?:just|only|strictly)(?: meant)? for (?:you$|you (?:dana|please|and|not|because)|<you>)",
    r"^<first>(?:only|just|strictly|private|privately|confidential)(?: (?:message|mail|note|question))? (?:for|to) <you>",
    r"^<first>for <you>(?: only| alone| eyes only)\b|\bfor <you> only$",
    r"\bfor your eyes only\b",
    r"^<first>(?:this is )?(?:strictly |very )?(?:private|confidential|off the record)(?: please)?(?:$| my\b)",
    r"\b(?:that|if) only (?:you|<you>)(?: two| both)? (?:see|read|know|saw|knew|had) this\b",
    r"^<first>(?:strictly )?confidential (?:for|please)\b|\bthis(?: message| mail)? is (?:strictly )?confidential\b",
    r"\bi (?:only|just) want <you> to (?:read|see|know|have) (?:this|it)\b",
    r"\bi (?:do not|dont|would not|wouldnt) (?:want|like) the (?:whole )?(?:group|list|others) to (?:see|read|hear|know|get)\b",
    r"\bi (?:do not|dont) want (?:everyone|everybody|anyone|anybody|anyone else) (?:else )?(?:here )?to (?:see|read|get) this\b",
    r"\b(?:rather|not|dont) .{0,20}\b(?:have )?this (?:to )?(?:go|be sent|be shared|be posted)(?: out)? to (?:everyone|everybody|the (?:whole )?(?:group|list|others))\b",
    r"\bwithout the (?:whole )?(?:group|others|list) (?:reading|seeing|knowing|hearing)\b",
    r"\b(?:can|could|may|might) (?:i|we|you|someone|somebody|one of you|one of the moderators|<you>)(?: please)? .{0,30}\b(?:talk|speak|write|reach|contact|call|chat|meet|ask)\b.{0,40}\b(?:privately|in private|one on one|one to one|in confidence)\b",
    r"\b(?:can|could|may) (?:i|we|someone|somebody|<you>)(?: please)? (?:talk|speak|write|contact|call|chat|reach)\b.{0,40}\b(?:privately|in private|one on one|one to one|in confidence)\b",
    r"\b(?:id like|i would like|i want|i need|i wish)(?: please)? to (?:talk|speak|write|chat)(?: to| with) (?:you|one of you|someone|somebody|(?:one|any) of <you>|<you>)\b.{0,30}\b(?:alone|privately|in private|one on one|in confidence)\b",
    r"\b(?:is it possible|would it be possible|can i have|could i have|may i have|i would like|id like|i need) (?:to have )?a private (?:talk|chat|conversation|word|call)(?: with (?:you|someone|somebody|one of you|<you>)|$)",
    // Spanish.
    r"^<first>no (?:lo |la |los )?(?:comparta[sn]?|publique[sn]?|reenvie[sn]?|envie[sn]?|muestre[sn]?|mande[sn]?|difunda[sn]?|cuente[sn]?) (?:esto|este mensaje|a nadie|con (?:el grupo|los demas|las demas|nadie))\b",
    r"^<first>no (?:lo|la) (?:comparta[sn]?|publique[sn]?|reenvie[sn]?|envie[sn]?|muestre[sn]?|mande[sn]?|difunda[sn]?)\b",
    r"^<first>(?:esto|eso) (?:es|queda|se queda|tiene que quedar)(?: por favor)?(?: solo| solamente)? entre nosotr[oa]s\b|\bque (?:esto )?quede(?: solo)? entre nosotr[oa]s\b",
    r"\b(?:esto|este mensaje)(?: es)? (?:solo|solamente|unicamente) para (?:ti|usted|ustedes|vosotr[oa]s|<you>)\b",
    r"^<first>(?:solo|solamente|unicamente) para <you>",
    r"\b(?:esto|este mensaje) no es para (?:el grupo|los demas|las demas|todos|todas)\b",
    r"\bno quiero que (?:el grupo|los demas|las demas|los otros|las otras) (?:lea|lean|vea|vean|sepa|sepan|se enteren?)\b",
    r"\b(?:puedo|podria|podriamos|podemos|puede|quisiera|me gustaria|es posible|necesito|quiero)\b.{0,30}\b(?:hablar|conversar|escribir\w*|contactar\w*|llamar\w*)\b.{0,50}\b(?:en privado|a solas|privadamente)\b",
    r"\bme gustaria hablar a solas\b",
    r"^<first>(?:esto es )?(?:confidencial|privado)(?: para <you>.*|$| mi\b.*)$",
    r"\bque esto no salga de aqui\b",
    // German.
    r"^<first>nicht (?:an|in|mit|fur) (?:die|der) (?:ganze |ganzen )?(?:gruppe|liste|anderen)\b",
    r"^<first>(?:das|dies|es) (?:bleibt|ist|soll)(?: bitte| nur)* unter uns\b",
    r"\bkann ich\b.{0,50}\b(?:unter vier augen|privat|vertraulich|allein)\b.{0,20}\b(?:sprechen|reden)\b",
    r"^<first>(?:das ist )?nur fur (?:dich|sie|euch|<you>)(?:$| dana| bitte)",
    r"^<first>(?:streng )?vertraulich$",
    r"\b(?:das|dies) ist nicht fur die (?:gruppe|anderen)\b",
    // French.
    r"^<first>ne (?:le |la )?(?:partagez|partage|publiez|publie|transmettez|envoyez|montrez) (?:pas|a personne)\b",
    r"^<first>(?:cela|ca|ceci) (?:reste|doit rester)(?: juste)? entre nous\b|\bque (?:cela|ca) reste entre nous\b",
    r"\b(?:puis je|pourrais je|je voudrais|jaimerais|est il possible de)\b.{0,20}\b(?:parler|discuter|ecrire)\b.{0,40}\b(?:en prive|seul a seul|en tete a tete)\b",
    r"\b(?:cest|ceci est|cela est) (?:seulement|uniquement|juste) pour (?:vous|toi|<you>)(?:$| dana)",
    r"\b(?:cest|ceci nest|cela nest|ce nest)(?: pas)? (?:pas )?pour le groupe$",
    r"^<first>confidentiel$",
];

/// What a first line to the moderators alone begins with.
pub const GREETINGS: &str = r"(?:dear|hi|hello|hey|hiya|good (?:morning|evening|afternoon|day)|to|for|attn|attention|hola|buenos dias|buenas (?:tardes|noches)|estimad[oa]s?|querid[oa]s?|para|liebe[rs]?|hallo|guten (?:tag|morgen|abend)|an|chere?s?|bonjour|bonsoir|salut|ciao|cara|caro|beste|dag|ola)";

/// What may stand before a name.
pub const TITLE: &str = r"(?:(?:mrs?|ms|miss|dr|sra?|senora|senor|frau|herr|mme|madame) )?";

/// What may stand between the names of several.
pub const AND: &str = r"(?: and| y| und| et| e| en)?";

/// What the moderators are called.
pub const CALLED: &str = r"(?:the |a |our |my |your |one of the |las |los |la |el |una |un |die |der |einer |les |une |le )?(?:moderator(?:s|in|innen|en)?|moderador(?:a|as|es)?|moderatrices?|moderateurs?|social workers?|counsell?ors?|group leaders?|trabajador(?:a|as|es)? social(?:es)?|sozialarbeiter(?:in|innen)?|assistantes? sociales?|admins?|administrators?)";

/// What may stand before a request: it is still one.
pub const FIRST: &str = r"(?:(?:and|so|but|sorry|also|oh|ok|hi|hello|hey|dear|please|pls|kindly|can you|could you|would you|will you|can you please|i ask you|i beg you|to|por favor|le pido que|les pido que|te pido que|os pido que|pero|y|hola|bitte|aber|und|hallo|sil vous plait|sil te plait|svp|mais|et|bonjour|<you>) )*";

/// A sign of its own only in a conversation's first mail that speaks to nobody else.
pub const WEAK: &[&str] = &[
    r"\b(?:question|request|message|note|word|mail) (?:only |just )?(?:for|to) (?:the|our) (?:moderators?|social workers?)\b",
    r"\b(?:writing|write) to you (?:moderators?|social workers?)\b",
    r"\b(?:una pregunta|un mensaje) para (?:las|los) moderador[ae]s\b",
    r"\beine frage an die moderator(?:en|innen)\b",
    r"\bune question pour les moderat(?:eurs|rices)\b",
];

/// Whoever speaks so speaks to the group.
pub const TO_ALL: &str = r"\b(?:everyone|everybody|all of you|you all|yall|dear all|hi all|hello all|hey all|and all|anyone|anybody|dear friends|hello group|dear group|hi group|morning group|each of you|todos|todas|alguien|alguno|amigos|amigas|alle|allen|zusammen|jemand|ihr|euch|tous|toutes|quelquun|tutti|tutte|allemaal|iedereen)\b";
