/* version.h - how a built file of ours says which version it is. */
#ifndef BASE_VERSION_H
#define BASE_VERSION_H

/* Stands before the version in every library and program of ours: what looks into a file finds it without running it. */
#define VERSION_MARK "purser-version:"

#endif
