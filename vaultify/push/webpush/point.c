/* Reading a point: OpenSSL refuses what is not on the curve. */
#include "push/webpush/point.h"

#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/obj_mac.h>

#include "base/must.h"

enum { UNCOMPRESSED = 0x04 };

bool webpush_point_check(struct sio_span point) {
    if (point.n != WEBPUSH_POINT_BYTES || point.p[0] != UNCOMPRESSED) return false;
    EC_GROUP *group = EC_GROUP_new_by_curve_name(NID_X9_62_prime256v1);
    EC_POINT *read = EC_POINT_new(group);
    must(group && read);
    bool ok = EC_POINT_oct2point(group, read, (const uint8_t *)point.p, point.n, NULL);
    if (!ok) ERR_clear_error(); /* it would be taken for one of the thread's next TLS connection */
    EC_POINT_free(read);
    EC_GROUP_free(group);
    return ok;
}
