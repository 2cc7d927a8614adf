/* public.h - purser.h for C: LuaJIT knows the fixed-width types, a C compiler wants them declared first. */
#ifndef BASE_PUBLIC_H
#define BASE_PUBLIC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "purser.h"

#endif
