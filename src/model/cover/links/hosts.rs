//! Where people have pages of their own, and what in a link tells who followed it.

/// Ends of domains by which a link without "https://" is known.
#[rustfmt::skip]
pub(super) const ENDS: [&str; 42] = [
    "com", "org", "net", "edu", "gov", "info", "biz", "me", "io", "co", "ly", "gl", "gd", "in", "ee", "us", "app", "page", "link",
    "blog", "tv", "be", "uk", "ie", "ca", "au", "nz", "de", "at", "ch", "es", "fr", "it", "nl", "pt", "mx", "ar", "eu", "cash", "gg",
    "family", "example",
];

/// Hosts, with the beginning of a path, where pages are somebody's. With a dot in front: where each name before it is.
#[rustfmt::skip]
const PERSONAL: &[&str] = &[
    // who somebody is
    "facebook.com", "fb.com", "fb.me", "fb.watch", "instagram.com", "instagr.am", "threads.net", "threads.com", "twitter.com", "x.com", "tiktok.com",
    "linkedin.com/in", "linkedin.com/posts", "linkedin.com/pub", "lnkd.in", "snapchat.com", "pinterest.com", "pin.it", "vk.com", "bsky.app", "mastodon.social",
    "youtube.com/@", "youtube.com/user", "youtube.com/channel", "youtube.com/c/", "twitch.tv", "reddit.com/user", "reddit.com/u/", "redd.it",
    "quora.com/profile", "nextdoor.com", "xing.com/profile", "ancestry.com", "classmates.com", "goodreads.com/user", "strava.com/athletes",
    "open.spotify.com/user", "soundcloud.com", "vimeo.com/user", "flickr.com", "flic.kr", "imgur.com", "deviantart.com", "etsy.com/shop",
    "linktr.ee", "about.me", "carrd.co", "bio.link", "beacons.ai",
    // talking
    "t.me", "telegram.me", "wa.me", "whatsapp.com", "m.me", "discord.gg", "discord.com", "signal.me", "signal.group", "line.me", "skype.com", "join.skype.com",
    "zoom.us", "meet.google.com", "teams.microsoft.com", "teams.live.com", "whereby.com", "webex.com", "gotomeeting.com", "meet.jit.si", "facetime.apple.com",
    "calendly.com", "doodle.com", "cal.com", "doxy.me",
    // writing
    ".wordpress.com", ".blogspot.com", ".blogspot.de", ".blogspot.co.uk", ".blogspot.es", ".blogspot.fr", ".tumblr.com", "tumblr.com", ".substack.com",
    "medium.com/@", ".medium.com", ".livejournal.com", ".typepad.com", ".wixsite.com", ".weebly.com", ".squarespace.com", ".github.io", "github.com",
    ".over-blog.com", ".jimdofree.com", ".webnode.com", "sites.google.com", ".google.site", ".neocities.org", ".blog",
    "caringbridge.org/visit", "caringbridge.org/site", "caringbridge.org/public", "mylifeline.org", "postop.app", "lotsahelpinghands.com", "mealtrain.com",
    "takethemameal.com", "givinga.com", "signupgenius.com", "evite.com", "mykeeper.com", "forevermissed.com", "everloved.com", "legacy.com/us/obituaries",
    // money
    "gofundme.com", "gofund.me", "justgiving.com", "gogetfunding.com", "fundly.com", "givesendgo.com", "spotfund.com", "youcaring.com", "plumfund.com",
    "paypal.me", "paypal.com/paypalme", "paypal.com/pools", "venmo.com", "cash.app", "zellepay.com", "ko-fi.com", "patreon.com", "buymeacoffee.com",
    "leetchi.com", "lepotcommun.fr", "helloasso.com", "betterplace.me", "migranodearena.org", "verkami.com", "kickstarter.com/profile", "wise.com/pay",
    "revolut.me", "monzo.me", "gf.me", "tiltify.com", "amazon.com/hz/wishlist", "amazon.com/registr", "amazon.co.uk/hz/wishlist", "amazon.de/hz/wishlist",
    "amazon.es/hz/wishlist", "amazon.fr/hz/wishlist", "a.co", "amzn.to", "amzn.eu",
    // documents and pictures
    "docs.google.com", "drive.google.com", "photos.google.com", "photos.app.goo.gl", "forms.gle", "maps.app.goo.gl", "google.com/maps", "maps.google.com",
    "dropbox.com", "db.tt", "onedrive.live.com", "1drv.ms", ".sharepoint.com", "icloud.com", "share.icloud.com", "box.com/s", "app.box.com", "wetransfer.com", "we.tl",
    "mega.nz", "pcloud.com", "mediafire.com", "notion.site", "evernote.com/shard", "shutterfly.com", "smugmug.com", "photobucket.com", "magentacloud.de",
    "joinmychart.com", "mychart.com", "myhealthrecord.gov.au", "loom.com/share", "airtable.com", "jotform.com", "typeform.com", "surveymonkey.com/r",
    // where it leads is not seen
    "bit.ly", "tinyurl.com", "t.co", "goo.gl", "ow.ly", "is.gd", "v.gd", "buff.ly", "rb.gy", "cutt.ly", "shorturl.at", "t.ly", "tiny.cc", "rebrand.ly",
    "s.id", "bl.ink", "dlvr.it", "short.io", "lc.chat", "youtube.com/redirect", "l.facebook.com", "l.instagram.com", "urldefense.com", "urldefense.proofpoint.com",
    "safelinks.protection.outlook.com", "click.mail", "list-manage.com", "sendgrid.net", "mailchi.mp", "hubspotlinks.com", "r20.rs6.net",
];

/// Names before a host that are the host's own.
const HOUSES: [&str; 10] = ["www", "en", "es", "de", "fr", "support", "help", "blog", "news", "about"];

/// Parts of a path behind which a name stands.
pub(super) const OWN_PATHS: [&str; 11] = [
    "/~",
    "/@",
    "/user/",
    "/users/",
    "/profile/",
    "/profiles/",
    "/u/",
    "/member/",
    "/members/",
    "/profil/",
    "/perfil/",
];

/// Keys of a query that tell who somebody is, or let in whoever has the link.
#[rustfmt::skip]
pub(super) const OWN_KEYS: [&str; 36] = [
    "user", "username", "userid", "user_id", "uid", "u_id", "email", "e-mail", "mail", "recipient", "rcpt", "subscriber", "subscriber_id", "contact_id",
    "contactid", "member", "memberid", "member_id", "patient", "patientid", "patient_id", "mrn", "account", "accountid", "name", "firstname", "lastname",
    "token", "access_token", "auth", "session", "sessionid", "sid", "pwd", "invite", "phone",
];

/// Keys of a query that count who came from where; beside all that begin with "utm_".
#[rustfmt::skip]
pub(super) const TRACKING: [&str; 36] = [
    "fbclid", "gclid", "gclsrc", "dclid", "wbraid", "gbraid", "msclkid", "yclid", "twclid", "ttclid", "li_fat_id", "igshid", "igsh", "mc_eid", "mc_cid",
    "mkt_tok", "_hsenc", "_hsmi", "__hstc", "__hssc", "__hsfp", "hsctatracking", "oly_enc_id", "oly_anon_id", "vero_id", "vero_conv", "s_cid", "rb_clickid",
    "ref_src", "ref_url", "trk", "trkcampaign", "si", "_ga", "_gl", "spm",
];

/// Whether a page is somebody's own.
pub(super) fn is_personal(host: &str, path: &str) -> bool {
    PERSONAL.iter().any(|entry| {
        if let Some(parent) = entry.strip_prefix('.') {
            let name = host.strip_suffix(parent).and_then(|name| name.strip_suffix('.'));
            return name.is_some_and(|name| !HOUSES.contains(&name));
        }
        let (parent, begins) = entry.find('/').map_or((*entry, ""), |at| entry.split_at(at));
        let is_there = host == parent || host.strip_suffix(parent).is_some_and(|sub| sub.ends_with('.'));
        // The house itself is nobody's.
        let is_page = path.trim_matches('/').len() > 1 || parent.len() < host.len();
        is_there && path.starts_with(begins) && is_page
    })
}
