/* Connections of one loop whose peers take no more for now, who has taken nothing for the longest time first,
 * and the limit for what waits on all of them together. */
#pragma once
#include "net/conn_state.h"

/* The kernel takes no more of the connection: it stands last, with all that its queue weighs. */
void stalled_add(struct net_conn *conn);
/* More has been queued, perhaps, if it stands there. */
void stalled_look(struct net_conn *conn);
/* It is about to be written to, or closed. */
void stalled_remove(struct net_conn *conn);
