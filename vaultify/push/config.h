/* What the operator says of push; a member each for the table of options. Texts live as long as the program. */
#pragma once
#include <stdbool.h>
#include <stdint.h>

struct push_config {
    const char *directory; /* the data directory, with the vapid_keys of `vaultify vapid-keys`; NULL: none */
    const char *ca_file;   /* authorities for all services, PEM; NULL: the system's */
    uint32_t timeout_ms;   /* of one request; default 15000 */
    const char *texts_dir; /* <locale>.txt files that go before the built-in ones; NULL: those alone */
    bool content;          /* false: pushes say that something came, not what; default true */

    struct {
        const char *vapid_public,
            *vapid_private;        /* base64url: 65 and 32 bytes; NULL: the pair in `directory` */
        const char *vapid_subject; /* mailto: or https: */
        const char
            *hosts;       /* that endpoints may have, by commas, *. for what is below; NULL: the known four */
        const char *base; /* where requests go instead of the endpoint's origin, path kept; NULL: there */
        uint32_t per_second;
    } webpush;
    struct {
        const char *credentials_json; /* a service account; or else the three below */
        const char *project_id, *client_email, *private_key;
        const char *base;      /* NULL: https://fcm.googleapis.com */
        const char *token_url; /* NULL: the account's token_uri, or Google's */
        uint32_t per_second;   /* default 9000: Google allows a project 600,000 a minute */
    } fcm;
    struct {
        const char *key_file, *key_id, *team_id, *topic; /* a .p8, and what Apple calls its parts */
        const char *base;                                /* NULL: Apple's, or its sandbox */
        bool sandbox;
        bool critical; /* emergencies as critical alerts (Apple's entitlement is needed) */
        uint32_t per_second;
    } apns;
    struct {
        bool on;
        const char *access_token;  /* NULL: none */
        const char *base;          /* NULL: https://exp.host */
        uint32_t per_second;       /* default 600: Expo's own limit */
        uint32_t receipt_delay_ms; /* before receipts are asked for; default 15 minutes */
    } expo;
};
void push_config_init(struct push_config *config);
