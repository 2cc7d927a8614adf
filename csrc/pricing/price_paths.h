/* price_paths.h - where a user's price files live. */
#ifndef PRICING_PRICE_PATHS_H
#define PRICING_PRICE_PATHS_H

#include "base/buf.h"

/* ${XDG_DATA_HOME:-~/.local/share}/purser/prices.json: what `purser prices update` writes. Empty without a home. */
void price_path_update(struct buf *out);
/* ${XDG_CONFIG_HOME:-~/.config}/purser/prices.json: the user's own. Empty without a home. */
void price_path_override(struct buf *out);

#endif
