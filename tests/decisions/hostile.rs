//! Mail to a moderator's token that must decide nothing: words that are no decision, and mails that are no reply of hers.

use crate::programs::Tongue::{self, De, En, Es, Fr, It, Nl, Pt};

/// Words (`|` is a line end) that decide nothing, whichever program writes them.
pub const WORDS: &[(Tongue, &str)] = &[
    (En, ""),
    (En, "  "),
    (En, "yes"),
    (En, "Yes, please"),
    (En, "ok"),
    (En, "OK thanks|Dana"),
    (En, "fine by me"),
    (En, "looks good 👍"),
    (En, "👍"),
    (En, "go ahead"),
    (En, "thanks"),
    (En, "Approve? Not sure."),
    (En, "Approve?"),
    (En, "Not approved"),
    (En, "Don't approve"),
    (En, "Please do not approve this yet"),
    (En, "approve, no wait"),
    (En, "Approve if she takes out the name"),
    (En, "Approve unless Ruth objects"),
    (En, "Approve once the name is gone"),
    (En, "Approve. Return: no names"),
    (En, "Approve or return"),
    (En, "approve / return"),
    (En, "Approve|Mine"),
    (En, "Approve|Undo"),
    (En, "I would approve this"),
    (En, "Should I approve?"),
    (En, "aprove"),
    (En, "approv"),
    (En, "apporve"),
    (En, "Aprroved"),
    (En, "retrun: no names"),
    (En, "escelate"),
    (En, "Tursted"),
    (En, "Return"),
    (En, "RETURN:"),
    (En, "Return? Maybe"),
    (En, "EDIT"),
    (En, "Edit:"),
    (En, "Edit, thanks"),
    (En, "PRIVATE"),
    (En, "Private, Dana"),
    (En, "NOTE:"),
    (En, "noted, thanks"),
    (En, "Edit: a better text|Approve"),
    (En, "Private: hello|Return"),
    (En, "Trust but verify"),
    (En, "Trust me"),
    (En, "Do you trust her?"),
    (En, "don't trust"),
    (En, "Trust? And approve?"),
    (En, "Should we escalate?"),
    (En, "don't escalate"),
    (En, "Escalate tomorrow if nothing changes"),
    (En, "Is this mine or yours"),
    (En, "undo?"),
    (En, "Could you retract it?"),
    (En, "Take it from here. I will look tonight."),
    (En, "Please call me about this one"),
    (En, "Ruth, what do you think?"),
    (En, "I am out of the office until Monday and will approve messages then."),
    (En, "FYI, see below"),
    (En, "Approve the second, return the first"),
    (En, "approve 1-4"),
    (En, "unapprove"),
    (En, "Never mind"),
    (En, "That was a joke. Approve nothing."),
    (Es, "sí"),
    (Es, "vale, gracias"),
    (Es, "¿Aprobar?"),
    (Es, "no aprobar"),
    (Es, "Aprobar si quita el nombre"),
    (Es, "Editar"),
    (De, "ja"),
    (De, "in Ordnung"),
    (De, "nicht freigeben"),
    (De, "Noch nicht genehmigt"),
    (De, "Freigeben?"),
    (De, "Freigeben, wenn der Name weg ist"),
    (De, "Zurückgeben"),
    (De, "Privat"),
    (De, "Ich bin bis Montag nicht im Büro."),
    (Fr, "oui"),
    (Fr, "d'accord"),
    (Fr, "ne pas approuver"),
    (Fr, "Approuver ?"),
    (Fr, "Approuver sauf si Ruth n'est pas d'accord"),
    (Fr, "Confiance ?"),
    (Pt, "sim"),
    (Pt, "não aprovar"),
    (Pt, "Aprovar?"),
    (Pt, "aprovar depois"),
    (It, "sì"),
    (It, "va bene"),
    (It, "non approvare"),
    (It, "Approvare?"),
    (It, "approvare solo la prima parte"),
    (Nl, "ja graag"),
    (Nl, "niet goedkeuren"),
    (Nl, "Goedkeuren?"),
    (Nl, "goedkeuren als de naam weg is"),
];

const HEADER: &str = "From: Dana Ruiz <dana@work.example>\nTo: Rose <lamplight+m.AAAAAAAAAAAAAAAAAAAAAAAAAAAAAA@groups.example>\n\
    Subject: Re: 1 message to read by Tue 9:00 am\nDate: Mon, 23 Nov 2026 14:20:00 -0500\nMessage-ID: <r2@mail.work.example>\n\
    MIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\n";
const PAGE: &str = "From: Dana Ruiz <dana@work.example>\nTo: Rose <lamplight+m.AAAAAAAAAAAAAAAAAAAAAAAAAAAAAA@groups.example>\n\
    Subject: Re: 1 message to read by Tue 9:00 am\nDate: Mon, 23 Nov 2026 14:20:00 -0500\nMessage-ID: <r3@mail.work.example>\n\
    MIME-Version: 1.0\nContent-Type: text/html; charset=utf-8\n";

fn plain(more: &str, body: &str) -> Vec<u8> {
    format!("{HEADER}{more}\n{body}\n").replace('\n', "\r\n").into_bytes()
}

fn page(body: &str) -> Vec<u8> {
    format!("{PAGE}\n<html><body>{body}</body></html>\n").replace('\n', "\r\n").into_bytes()
}

fn with(find: &str, put: &str, body: &str) -> Vec<u8> {
    let text = String::from_utf8(plain("", body)).unwrap();
    assert!(text.contains(find));
    text.replace(find, put).into_bytes()
}

/// Whole mails that decide nothing, whatever verb stands somewhere in them.
pub fn mails() -> Vec<(&'static str, Vec<u8>)> {
    let quote = "On Mon, Nov 23, 2026 at 2:05 PM Rose <rose-owner@groups.example> wrote:\n> APPROVE\n> Approve\n";
    let forwarded = "---------- Forwarded message ---------\nFrom: Rose <rose-owner@groups.example>\nDate: Mon, Nov 23, 2026 at 2:05 PM\n\
        Subject: 1 message to read\nTo: <dana@work.example>\n\nAPPROVE\n\nApprove: the group gets the message.\n";
    vec![
        ("only in the quote", plain("", quote)),
        ("only in the signature", plain("", "Thanks!\n-- \nApprove\nDana Ruiz")),
        ("only below a phone's line", plain("", "\nSent from my iPhone\nApprove")),
        ("only in the subject", with("Subject: Re: 1 message to read by Tue 9:00 am", "Subject: APPROVE", "")),
        ("subject with a verb, and thanks", with("Subject: Re: 1 message to read by Tue 9:00 am", "Subject: Approve", "thanks")),
        ("forwarded notice", plain("", forwarded)),
        ("forwarded notice with a greeting", plain("", &format!("FYI\n\n{forwarded}"))),
        ("disclaimer", plain("", "Thank you.\n\n________\nThis e-mail is confidential. Do not approve, return, edit or forward it.")),
        ("disclaimer alone above", plain("", "CAUTION: external sender. Approve only if you know it.\n\nThanks")),
        ("hidden by display", page("<div style=\"display:none\">Approve</div><div>thanks</div>")),
        ("hidden by size", page("<span style=\"font-size:0\">Approve</span>")),
        ("hidden by visibility", page("<p style=\"visibility:hidden\">Approve</p><p>I will look tonight</p>")),
        ("in a comment", page("<!-- Approve --><p>Let me think.</p>")),
        ("in the title", "From: Dana Ruiz <dana@work.example>\r\nTo: <x@groups.example>\r\nSubject: Re: 1 message\r\nMIME-Version: 1.0\r\nContent-Type: text/html\r\n\r\n<html><head><title>Approve</title><style>approve{}</style></head><body><p>Later.</p></body></html>\r\n".as_bytes().to_vec()),
        ("in an attribute", page("<img src=\"cid:x\" alt=\"\" title=\"Approve\"><p>hm</p>")),
        ("struck through", page("<p><s>Approve</s> hold on</p>")),
        ("struck through in text", plain("", "~~Approve~~")),
        ("in a blockquote", page("<p>See below.</p><blockquote>Approve</blockquote>")),
        ("white hidden under two versions", plain("X-Note: approve\n", "see above")),
        ("auto-replied", plain("Auto-Submitted: auto-replied\n", "Approve")),
        ("auto-generated", plain("Auto-Submitted: auto-generated\n", "Approve")),
        ("precedence bulk", plain("Precedence: bulk\n", "Approve")),
        ("precedence auto_reply", plain("Precedence: auto_reply\n", "Approve")),
        ("list id", plain("List-Id: <staff.work.example>\n", "Approve")),
        ("list unsubscribe", plain("List-Unsubscribe: <mailto:leave@work.example>\n", "Approve")),
        ("x-autoreply", plain("X-Autoreply: yes\n", "Approve")),
        ("x-autorespond", plain("X-Autorespond: yes\n", "Approve")),
        ("out of office, English", with("Subject: Re: ", "Subject: Automatic reply: ", "Approve")),
        ("out of office, German", with("Subject: Re: ", "Subject: Automatische Antwort: ", "Freigeben")),
        ("out of office, French", with("Subject: Re: ", "Subject: =?utf-8?q?R=C3=A9ponse_automatique_=3A_?= ", "Approuver")),
        ("out of office, Spanish", with("Subject: Re: ", "Subject: =?utf-8?q?Respuesta_autom=C3=A1tica=3A?= ", "Aprobar")),
        ("out of office, Portuguese", with("Subject: Re: ", "Subject: =?utf-8?q?Resposta_autom=C3=A1tica=3A?= ", "Aprovar")),
        ("out of office, Italian", with("Subject: Re: ", "Subject: Risposta automatica: ", "Approvare")),
        ("out of office, Dutch", with("Subject: Re: ", "Subject: Automatisch antwoord: ", "Goedkeuren")),
        ("out of office that quotes the verbs", plain("Auto-Submitted: auto-replied\n", &format!("I am away until Monday.\n\n{quote}"))),
        ("two mailboxes in From", with("From: Dana Ruiz <dana@work.example>", "From: Dana <dana@work.example>, Mal <mal@enemy.example>", "Approve")),
        ("two From fields", with("From: Dana Ruiz <dana@work.example>", "From: Mal <mal@enemy.example>\r\nFrom: Dana <dana@work.example>", "Approve")),
        ("a group in From", with("From: Dana Ruiz <dana@work.example>", "From: team: dana@work.example, ruth@work.example;", "Approve")),
        ("no From", with("From: Dana Ruiz <dana@work.example>\r\n", "", "Approve")),
        ("another address", with("dana@work.example>", "mal@enemy.example>", "Approve")),
        ("her address as a name", with("Dana Ruiz <dana@work.example>", "\"dana@work.example\" <mal@enemy.example>", "Approve")),
        ("her address in Sender", with("From: Dana Ruiz <dana@work.example>", "From: Mal <mal@enemy.example>\r\nSender: dana@work.example", "Approve")),
        ("her address with another domain below it", with("dana@work.example>", "dana@work.example.enemy.example>", "Approve")),
        ("delivery report", report("delivery-status", "message/delivery-status")),
        ("read receipt", report("disposition-notification", "message/disposition-notification")),
        ("bidi trick", plain("", "evorppA\u{202e}")),
        ("verb cut by a soft hyphen and a word", plain("", "Appro\u{ad}ve nothing")),
        ("an invitation's answer", plain("", "Accepted: Approve meeting")),
    ]
}

fn report(kind: &str, part: &str) -> Vec<u8> {
    let body = format!(
        "--cut\nContent-Type: text/plain\n\nApprove\n\n--cut\nContent-Type: {part}\n\nReporting-MTA: dns; mx.work.example\n\n\
         Final-Recipient: rfc822;dana@work.example\nAction: failed\nStatus: 5.1.1\nDisposition: manual-action/MDN-sent-manually; displayed\n\n--cut--"
    );
    let plain = String::from_utf8(plain("", &body)).unwrap();
    plain
        .replace(
            "Content-Type: text/plain; charset=utf-8",
            &format!("Content-Type: multipart/report; report-type={kind}; boundary=cut"),
        )
        .into_bytes()
}
