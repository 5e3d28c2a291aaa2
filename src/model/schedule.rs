//! When something is due: five-field cron lines in a civil time zone. The only use of cron.
