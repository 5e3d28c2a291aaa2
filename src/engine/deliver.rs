//! Deliver what is due in the outbox. A 5xx reply is final, a 4xx is retried; anything else counts as temporary.
