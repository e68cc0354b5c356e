/* The public vocabulary under the name that it has in this repository. */
#pragma once
#include "sio_strbuf.h"
