//! The words of a member's wishes about her mail, folded (lower case, no accents), English and Spanish.
//!
//! Everything that is not here makes a text none of these wishes, so a word belongs here only if nobody would say it to a
//! group, alone or beside the others. Words that may be somebody's answer to a question stand in tables of their own.

use super::Choice;
use super::pieces::{Kind, Piece};
use crate::model::member::{Delivery, Format};

/// What some words in a row are.
pub(super) type Run = (Piece, &'static str);

const fn delivery(delivery: Delivery) -> Piece {
    Piece::Kind(Kind::Receive(Choice { delivery: Some(delivery), hour: None, days: None, format: None }), false)
}

const fn format(format: Format) -> Piece {
    Piece::Kind(Kind::Receive(Choice { delivery: None, hour: None, days: None, format: Some(format) }), false)
}

/// A wish, wherever it stands.
const fn sure(kind: Kind) -> Piece {
    Piece::Kind(kind, false)
}

/// A wish where nobody asked anything: in a conversation it may be an answer.
const fn or_an_answer(kind: Kind) -> Piece {
    Piece::Kind(kind, true)
}

const NOTHING: Kind = Kind::Receive(Choice { delivery: Some(Delivery::None), hour: None, days: None, format: None });
const TEXT: Kind = Kind::Receive(Choice { delivery: None, hour: None, days: None, format: Some(Format::Text) });

/// `|` between alternatives.
#[rustfmt::skip]
pub(super) const WORDS: &[Run] = &[
    (sure(Kind::Stop), "stop|stop mail|stop the mail|stop mails|stop the mails|stop my mail|stop my mails|stop e-mail|stop e-mails|\
        stop email|stop emails|stop the emails|stop the e-mails|stop all mail|stop all mails|stop all emails|stop all e-mails|stop sending|\
        stop sending mail|stop sending mails|stop sending emails|stop sending e-mails|stop sending me mail|stop sending me mails|\
        stop sending me emails|stop sending me e-mails|stop sending me email|stop sending email|stop sending me messages|\
        unsubscribe|unsubscribe me|leave the group|leave this group|i want to leave the group|i want to leave this group|\
        i would like to leave the group|i would like to leave this group|i'd like to leave the group|i'd like to leave this group|\
        i wish to unsubscribe|i want to unsubscribe|i would like to unsubscribe|i'd like to unsubscribe|\
        take me off the list|take me off this list|take me off your list|take me off the mailing list|take me out of the group|\
        take me out of this group|remove me from the list|remove me from this list|remove me from your list|\
        remove me from the mailing list|remove me from the group|remove me from this group|take me off the group"),
    (sure(Kind::Stop), "darme de baja|dame de baja|deme de baja|denme de baja|darse de baja|dar de baja|quiero darme de baja|\
        deseo darme de baja|quisiera darme de baja|me quiero dar de baja|darme de baja del grupo|dame de baja del grupo|\
        deme de baja del grupo|denme de baja del grupo|quiero darme de baja del grupo|darme de baja de la lista|\
        dejar el grupo|salir del grupo|quiero salir del grupo|quiero dejar el grupo|no quiero recibir mas correos|\
        no quiero recibir mas mensajes|no quiero mas correos|no deseo recibir mas correos|dejen de enviarme correos|\
        deje de enviarme correos|cancelar suscripcion|cancelar la suscripcion|cancelar mi suscripcion"),
    (or_an_answer(Kind::Stop), "leave|quit|sign off|remove me|take me off|baja|salir|cancelar"),
    (sure(Kind::Pause), "pause|pause mail|pausa|pausar|pausen|hacer una pausa|haga una pausa|poner en pausa|ponga en pausa"),
    (sure(Kind::Resume), "resume|unpause|un-pause|resume mail|start mail again|start sending mail again|start the mail again|\
        start my mail again|send mail again|send me mail again|start sending me mail again|start sending again|\
        reanudar|reanuda|reanude|reanuden|quitar la pausa|quitar pausa|volver a recibir correos|volver a recibir los correos"),
    (delivery(Delivery::Daily), "daily|a daily digest|the daily digest|daily digest|daily mail|daily digests|\
        diario|a diario|diariamente|resumen diario|un resumen diario|el resumen diario|correo diario"),
    (or_an_answer(Kind::Receive(Choice { delivery: Some(Delivery::Daily), hour: None, days: None, format: None })),
        "once a day|one mail a day|una vez al dia|una vez por dia|un correo al dia"),
    (delivery(Delivery::Weekly), "weekly|a weekly digest|the weekly digest|weekly digest|weekly mail|weekly digests|\
        semanal|semanalmente|resumen semanal|un resumen semanal|el resumen semanal|correo semanal"),
    (or_an_answer(Kind::Receive(Choice { delivery: Some(Delivery::Weekly), hour: None, days: None, format: None })),
        "once a week|every week|each week|one mail a week|una vez a la semana|una vez por semana|cada semana|todas las semanas|\
        un correo a la semana"),
    (delivery(Delivery::Each), "every message|each message|all messages|all the messages|every single message|every post|each post|\
        every mail|each mail|every e-mail|every email|single mails|single messages|single e-mails|single emails|\
        todos los mensajes|cada mensaje|todos los correos|cada correo|mensaje por mensaje|mensajes sueltos"),
    (sure(NOTHING), "no mail|no mails|no e-mail|no e-mails|no email|no emails|no more mail|no more mails|no more e-mail|no more e-mails|\
        no more email|no more emails|no digest|no digests|send nothing|send me nothing|send no mail|send me no mail|\
        sin correo|sin correos|ningun correo|ningun mensaje|no mas correo|no mas correos"),
    (or_an_answer(NOTHING), "nothing|nada"),
    (format(Format::Text), "text only|only text|just text|plain text|plain text only|text format|as text|as plain text|in plain text|\
        plain text e-mail|plain text emails|\
        solo texto|texto solo|texto simple|texto plano|texto sin formato|en texto|como texto|en texto simple"),
    (or_an_answer(TEXT), "text|texto"),
    (format(Format::Html), "html|as html|in html|html mail|en html|como html|html format|formato html"),
    (format(Format::Mime), "mime|mime digest|digest as attachments|digests as attachments|as attachments|\
        resumen con adjuntos|resumen como adjuntos|como adjuntos"),
    (format(Format::Rfc1153), "rfc1153|rfc-1153|rfc 1153|plain digest|rfc 1153 digest|resumen rfc 1153"),
    (sure(Kind::Mute), "mute|mute this|mute it|mute this conversation|mute the conversation|mute conversation|mute this thread|\
        mute the thread|mute thread|mute this topic|mute topic|mute this one|\
        silenciar|silencia|silencie|silenciar esto|silenciar esta conversacion|silenciar la conversacion|silenciar conversacion|\
        silenciar este tema|silenciar este hilo|silencie esta conversacion"),
    (sure(Kind::Unmute), "unmute|un-mute|unmute this|unmute it|unmute this conversation|unmute the conversation|unmute conversation|\
        unmute this thread|unmute the thread|unmute this topic|unmute this one|\
        dejar de silenciar|deje de silenciar|no silenciar|quitar silencio|quitar el silencio|desilenciar|\
        dejar de silenciar esta conversacion|reactivar conversacion|reactivar esta conversacion"),
    (sure(Kind::Help { may_be_a_person: true }), "help|help me|i need help|i need some help|i need your help|can someone help me|\
        someone help me|somebody help me|ayuda|ayudame|ayudeme|ayudenme|necesito ayuda|socorro|auxilio"),
    (or_an_answer(Kind::Help { may_be_a_person: false }), "commands|instructions|the commands|list of commands|comandos|instrucciones"),
    (sure(Kind::Settings), "settings|my settings|show settings|show my settings|the settings|show me my settings|preferences|\
        my preferences|ajustes|mis ajustes|los ajustes|configuracion|mi configuracion|preferencias|mis preferencias"),
];

/// What may stand beside a wish: what the mail is called.
pub(super) const OBJECTS: &str = "mail|mails|e-mail|e-mails|email|emails|my mail|my mails|my e-mail|my e-mails|my email|my emails|\
    the mail|the mails|the e-mail|the e-mails|the email|the emails|digest|digests|the digest|the digests|my digest|my digests|a digest|\
    delivery|my delivery|summary|the summary|messages|my messages|the messages|from the group|from this group|to me|for me|\
    my subscription|\
    correo|correos|el correo|los correos|mi correo|mis correos|mensajes|los mensajes|mis mensajes|resumen|el resumen|resumenes|\
    los resumenes|mi resumen|del grupo|de este grupo|la entrega|mi suscripcion|los envios|envios";
/// What adds nothing, except beside a word that makes somebody leave.
pub(super) const BESIDE: &str = "now|for now|from now on|again|instead|only|just|from today|from today on|for the time being|for the moment|\
    for a while|a while|for some time|until further notice|till further notice|sorry|\
    ahora|por ahora|de momento|por el momento|a partir de ahora|a partir de hoy|de nuevo|otra vez|solo|solamente|en su lugar|\
    por un tiempo|un tiempo|hasta nuevo aviso|perdon";
/// What stands between two of them.
pub(super) const AND: &str = "and|y";
/// What begins a sentence about how mail should come, and nothing else.
pub(super) const INTRODUCTIONS: &str = "i want|i would like|i'd like|i prefer|i would prefer|i'd prefer|i want to get|i would like to get|\
    i'd like to get|i want to receive|i would like to receive|i'd like to receive|send me|send|send it|send them|make it|change to|\
    change me to|change it to|change my mail to|change my mails to|switch to|switch me to|switch it to|set to|set me to|set it to|\
    put me on|move me to|i want my mail|i would like my mail|i want my digest|i want the digest|i would like the digest|\
    i'd like the digest|a|the|\
    quiero|quisiera|prefiero|me gustaria|quiero recibir|quisiera recibir|me gustaria recibir|deseo recibir|enviame|envieme|enviar|\
    mandame|mandeme|cambiar a|cambie a|cambia a|cambiame a|cambieme a|pasar a|paseme a|pasame a|el|la|un|una";

/// Courtesies that no name follows.
pub(super) const POLITE: &str = "please|pls|plz|kindly|could you|could you please|can you|can you please|would you|would you please|would you kindly|\
    hi|hello|hey|hi there|hello there|hi all|hello all|hi everyone|hello everyone|hi everybody|hello everybody|dear all|dear lamplight|\
    hi lamplight|hello lamplight|dear team|hi team|hello team|dear moderator|dear moderators|hi moderators|hello moderators|dear sir|\
    dear madam|dear sir or madam|good morning|good afternoon|good evening|good day|greetings|to whom it may concern|\
    por favor|porfa|porfavor|hola|hola a todos|hola a todas|buenas|buenos dias|buen dia|buenas tardes|buenas noches|estimados|estimadas|\
    estimado equipo|hola equipo|queridos todos|saludos a todos|me pueden|pueden|podrian|puede|podria|favor de";
/// Courtesies that a name may follow.
pub(super) const CLOSING: &str = "thanks|thank you|thank you very much|thank you so much|thanks so much|thanks very much|thanks a lot|many thanks|thx|ty|\
    thanks again|thank you again|thanks in advance|thank you in advance|thanking you|with thanks|with many thanks|\
    regards|kind regards|best regards|warm regards|best|best wishes|all the best|cheers|sincerely|yours sincerely|yours truly|yours|\
    warmly|take care|have a good day|have a nice day|have a good evening|have a good weekend|respectfully|\
    gracias|muchas gracias|mil gracias|muchisimas gracias|gracias de antemano|de antemano gracias|saludos|un saludo|saludos cordiales|\
    un cordial saludo|cordialmente|atentamente|un abrazo|abrazos|que tenga buen dia|feliz dia";

/// What a subject of her own may say without adding anything.
pub(super) const SUBJECTS: &str = "no subject|request|my request|my mail|my mails|my e-mail|my email|my emails|question|a question|\
    my settings|change|subscription|mail settings|my subscription|sin asunto|peticion|solicitud|pregunta|mi correo|mis correos|cambio";

/// Behind which words of her own stand.
pub(super) const FOLD: &str = "fold|plegar|pliega|pliegue|plegad";
/// The same, for taking one away.
pub(super) const UNFOLD: &str = "unfold|un-fold|desplegar|despliega|despliegue|no plegar|dejar de plegar";
/// Every note.
pub(super) const EVERYTHING: &str = "everything|everything with a note|everything with a content note|everything with notes|all|all notes|\
    all of them|anything with a note|all messages with a note|all content notes|\
    todo|todo lo que tenga una nota|todo lo que tenga nota|todo lo que lleve una nota|todo lo que lleve nota|todo con nota|todas|\
    todas las notas|cualquier nota|todo lo que tenga una nota de contenido";
/// Words that no content note begins with or has: then it is a sentence.
pub(super) const NO_NOTE: &str = "|a|an|the|my|your|his|her|our|their|its|it|them|him|me|us|you|this|that|these|those|i|we|he|she|they|into|over|under|\
    and|or|if|when|is|was|not|no|up|down|away|out|in|half|twice|again|hands|arms|please|paper|letter|\
    el|la|los|las|un|una|mi|mis|tu|tus|su|sus|lo|le|esto|eso|y|o|si|cuando|es|no|";

/// Words that call for help.
pub(super) const CALLS: &str = "help|helpme|help-me|sos|s.o.s|\
    ayuda|ayudame|ayudeme|ayudenme|ayudadme|ayudenos|ayudanos|ayudarme|ayudarnos|socorro|auxilio";
/// Words that may stand beside them in a call, and make no other text of it.
pub(super) const BESIDE_HELP: &str = "me|us|now|please|pls|plz|i|we|need|want|can|could|anyone|anybody|someone|somebody|everyone|everybody|\
    send|sorry|stop|and|quick|quickly|fast|urgent|urgently|emergency|asap|immediately|right|the|a|an|some|any|really|badly|just|again|\
    today|tonight|thanks|thank|hello|hi|hey|oh|god|911|112|\
    nos|ya|ahora|mismo|necesito|necesitamos|quiero|queremos|por|favor|porfavor|porfa|alguien|puede|pueden|podria|podrian|\
    perdon|disculpen|urgente|urgentemente|rapido|pronto|hoy|la|una|de|y|basta|manden|mandenme|envien|envienme|gracias|hola|dios";
/// Those that say that she speaks of herself, or that it can't wait.
pub(super) const IN_NEED: &str = "me|us|i|we|now|urgent|urgently|emergency|asap|immediately|tonight|sos|s.o.s|helpme|help-me|911|112|\
    ya|ahora|nos|necesito|necesitamos|quiero|queremos|urgente|urgentemente|ayudame|ayudeme|ayudenme|ayudadme|ayudenos|ayudanos|\
    ayudarme|ayudarnos|socorro|auxilio";
/// Words of the lines in which programs name themselves, beside the names.
pub(super) const BESIDE_DEVICES: &str = "sent|from|my|the|all|new|get|mail|e-mail|email|app|for|on|via|using|with|by|smart|secure|mobile|wireless|device|\
    ios|mini|pro|max|plus|ultra|lite|verizon|t-mobile|at&t|5g|4g|lte|mac|desktop|messenger|\
    enviado|desde|mi|el|la|mediante|de|con|correo|para|por|obtener|obtenga|descargar|dispositivo|aplicacion|\
    gesendet|von|meinem|mit|der|fur|envoye|mon|depuis|pour|inviato|da|dal|mio|verzonden|verstuurd|vanaf|mijn|do|meu";

/// Whether a table of single words has it.
pub(super) fn in_table(table: &str, word: &str) -> bool {
    table.split('|').any(|known| known.trim() == word)
}
