/* The shapes of what REST answers beside rows: the frames of lists, a word that it is done, refusals. */
#include "wire/shapes.h"

enum { ALWAYS = MEMBER_ALWAYS, OPTIONAL = MEMBER_OPTIONAL, LIST = MEMBER_LIST };

#define ROWS_LEFT_OUT "The page would have been too large, and its last rows were left out"

static const struct wire_member page[] = {
    {"data", MEMBER_ROW, LIST, "The rows"},
    {"page", MEMBER_NUMBER, ALWAYS, "This page's number, from 1"},
    {"limit", MEMBER_NUMBER, ALWAYS, "Rows a page"},
    {"total", MEMBER_NUMBER, ALWAYS, "Rows of all pages"},
    {"totalPages", MEMBER_NUMBER, ALWAYS, "How many pages there are"},
    {"hasMore", MEMBER_TRUE, OPTIONAL, "Beside truncated"},
    {"truncated", MEMBER_TRUE, OPTIONAL, ROWS_LEFT_OUT},
};
WIRE_SHAPE(page, "Page", "A page of a list", NULL, page);

static const struct wire_member history_page[] = {
    {"data", MEMBER_SHAPE, LIST, "By seq, the oldest first", .shape = &wire_history_message_shape},
    {"page", MEMBER_NUMBER, OPTIONAL, "Only by page: its number, from 1, the newest"},
    {"limit", MEMBER_NUMBER, ALWAYS, "Messages a page"},
    {"total", MEMBER_NUMBER, ALWAYS, "Messages of the conversation that the caller can see"},
    {"totalPages", MEMBER_NUMBER, OPTIONAL, "Only by page: how many there are"},
    {"hasMore", MEMBER_BOOL, OPTIONAL, "By seq: are there more in that direction?"},
    {"truncated", MEMBER_TRUE, OPTIONAL, ROWS_LEFT_OUT},
};
WIRE_SHAPE(history_page, "HistoryPage", "A part of a conversation's history", NULL, history_page);

static const struct wire_member done[] = {
    {"message", MEMBER_TEXT, ALWAYS, "What was done, for people"},
};
WIRE_SHAPE(done, "Done", "It is done", NULL, done);

static const struct wire_member vapid_key[] = {
    {"publicKey", MEMBER_TEXT, ALWAYS, "The applicationServerKey of pushManager.subscribe, base64url"},
};
WIRE_SHAPE(vapid_key, "VapidPublicKey", "What a page needs to subscribe to Web Push", NULL, vapid_key);

static const struct wire_member health[] = {
    {"status", MEMBER_TEXT, ALWAYS, "ok, ready, or what it is doing"},
    {"version", MEMBER_TEXT, ALWAYS, "Of the program"},
};
WIRE_SHAPE(health, "Health", "How the server is", NULL, health);

static const struct wire_member error_body[] = {
    {"success", MEMBER_FALSE, ALWAYS, "False"},
    {"statusCode", MEMBER_NUMBER, ALWAYS, "The answer's HTTP status"},
    {"timestamp", MEMBER_TIME, ALWAYS, "When it was refused"},
    {"path", MEMBER_TEXT, ALWAYS, "The request's path"},
    {"method", MEMBER_TEXT, ALWAYS, "The request's method"},
    {"error", MEMBER_TEXT, ALWAYS, "The status's phrase"},
    {"message", MEMBER_TEXT, ALWAYS, "Why, for people, in English"},
    {"code", MEMBER_WORD, ALWAYS, "Why, for programs", &wire_error_codes},
};
WIRE_SHAPE(error_body, "ErrorBody", "Why a request was refused", NULL, error_body);
