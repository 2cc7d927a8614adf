/* version.c - see version.h and purser.h. */
#include "base/version.h"

#include "base/public.h"

int32_t purser_abi_version(void) {
  return PURSER_ABI_VERSION;
}

const char *purser_version(void) {
  static const char marked[] = VERSION_MARK PURSER_VERSION;
  return marked + sizeof VERSION_MARK - 1;
}
