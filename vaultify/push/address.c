/* Which addresses are the public Internet's: what a user's URL may lead to. IANA's special-purpose registries as
 * a table. */
#include <netinet/in.h>
#include <sys/socket.h>

#include "push/http.h"

struct prefix {
    uint8_t bytes[16];
    unsigned bits;
};

static const struct prefix special_v4[] = {
    {{0}, 8},             /* this network, unspecified */
    {{10}, 8},            /* private */
    {{100, 64}, 10},      /* behind a carrier's NAT */
    {{127}, 8},           /* loopback */
    {{169, 254}, 16},     /* link-local, and the metadata services of clouds */
    {{172, 16}, 12},      /* private */
    {{192, 0, 0}, 24},    /* protocol assignments */
    {{192, 0, 2}, 24},    /* documentation */
    {{192, 88, 99}, 24},  /* 6to4 relays, given up */
    {{192, 168}, 16},     /* private */
    {{198, 18}, 15},      /* benchmarking */
    {{198, 51, 100}, 24}, /* documentation */
    {{203, 0, 113}, 24},  /* documentation */
    {{224}, 4},           /* multicast */
    {{240}, 4},           /* reserved, broadcast */
};

/* The one block that holds public IPv6 addresses; with it go the unspecified address, loopback, mapped and
 * compatible IPv4, NAT64, discard, unique local, link-local and multicast. */
static const struct prefix global_v6 = {{0x20}, 3};

static const struct prefix special_v6[] = {
    {{0x20, 0x01, 0x00}, 23},       /* protocol assignments: Teredo, benchmarking, ORCHID */
    {{0x20, 0x01, 0x0d, 0xb8}, 32}, /* documentation */
    {{0x20, 0x02}, 16},             /* 6to4: any IPv4 address inside */
    {{0x3f, 0xff, 0x00}, 20},       /* documentation */
};

static bool within(const uint8_t *address, const struct prefix *prefix) {
    unsigned whole = prefix->bits / 8, rest = prefix->bits % 8;
    if (memcmp(address, prefix->bytes, whole) != 0) return false;
    return !rest || (address[whole] ^ prefix->bytes[whole]) >> (8 - rest) == 0;
}

static bool within_any(const uint8_t *address, const struct prefix *table, size_t count) {
    for (size_t i = 0; i < count; i++)
        if (within(address, &table[i])) return true;
    return false;
}

bool push_address_is_public(const struct sockaddr *address) {
    if (address->sa_family == AF_INET) {
        const struct sockaddr_in *in = (const struct sockaddr_in *)address;
        const uint8_t *bytes = (const uint8_t *)&in->sin_addr;
        return !within_any(bytes, special_v4, sizeof special_v4 / sizeof *special_v4);
    }
    if (address->sa_family == AF_INET6) {
        const uint8_t *bytes = ((const struct sockaddr_in6 *)address)->sin6_addr.s6_addr;
        return within(bytes, &global_v6) &&
               !within_any(bytes, special_v6, sizeof special_v6 / sizeof *special_v6);
    }
    return false;
}
