/* What every parser of untrusted bytes answers. */
#pragma once

enum parse_result {
    PARSE_OK,        /* done; the parser says how many bytes it took */
    PARSE_NEED_MORE, /* nothing wrong so far; call again with more bytes behind these */
    PARSE_BAD,       /* never going to be valid */
};
