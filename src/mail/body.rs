//! The readable text of a message: text/plain as it stands, text/html turned into lines; flowed text joined (RFC 3676).
