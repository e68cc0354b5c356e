/* What browsers are told about each kind of asset: how long it may be kept, and what a page may do. */
#include "assets/assets.h"

/* A page runs scripts, styles and workers of this server alone, talks to this server alone, and stands in no frame.
 *
 * connect-src: 'self' covers ws: and wss: of the same host in every browser that the page is built for.
 * img-src: pictures of profiles lie on hosts of the estate's choosing; they are fetched over TLS, without a referrer.
 * trusted-types: text becomes a script's address through the policy `vaultify` alone. A page needs it once, to register its service
 * worker: trustedTypes.createPolicy('vaultify', { createScriptURL }).createScriptURL('/sw.js'). */
#define PAGE_POLICY                                                                                          \
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' https:; connect-src 'self'; "   \
    "font-src 'self'; manifest-src 'self'; worker-src 'self'; base-uri 'none'; form-action 'none'; "         \
    "frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types vaultify"

/* Opened on its own, a file loads nothing and stands in no frame either: an SVG image is a document, too. */
#define FILE_POLICY "default-src 'none'; frame-ancestors 'none'"

#define NOT_NEEDED                                                                                           \
    "accelerometer=(), autoplay=(), camera=(), display-capture=(), geolocation=(), gyroscope=(), "           \
    "magnetometer=(), microphone=(), midi=(), payment=(), usb=()"

#define ASK_EACH_TIME "no-cache"
#define KEEP_A_YEAR   "public, max-age=31536000, immutable"

#define LINE(name, value)                                                                                    \
    { SIO_SPAN(name), SIO_SPAN(value) }
/* clang-format off */
#define EVERY(cache, readers)                                                                                \
    LINE("Cache-Control", cache),                                                                            \
    LINE("Vary", "Accept-Encoding"),                                                                         \
    LINE("X-Content-Type-Options", "nosniff"),                                                               \
    LINE("Cross-Origin-Resource-Policy", readers),                                                           \
    LINE("Referrer-Policy", "no-referrer")

const struct sio_http_header_line asset_headers[ASSET_KINDS][ASSET_HEADERS_MAX + 1] = {
    [ASSET_PAGE] = {EVERY(ASK_EACH_TIME, "same-origin"),
                    LINE("Content-Security-Policy", PAGE_POLICY),
                    LINE("Permissions-Policy", NOT_NEEDED),
                    LINE("Cross-Origin-Opener-Policy", "same-origin")},
    [ASSET_HASHED] = {EVERY(KEEP_A_YEAR, "same-origin"), LINE("Content-Security-Policy", FILE_POLICY)},
    [ASSET_FILE] = {EVERY(ASK_EACH_TIME, "same-origin"), LINE("Content-Security-Policy", FILE_POLICY)},
    [ASSET_SHARED] = {EVERY(ASK_EACH_TIME, "cross-origin"), LINE("Content-Security-Policy", FILE_POLICY)},
};
/* clang-format on */
