/* Times are milliseconds since 1970 everywhere, and so are spans of time. These are 64 bits wide,
 * so that thirty days are not too many. */
#ifndef FORA_TIME_H
#define FORA_TIME_H

#include <stdint.h>

#define FORA_HOUR_MS UINT64_C(3600000)
#define FORA_DAY_MS UINT64_C(86400000)

#endif
