/* doctor_sources.c - what the clients have recorded: whether it was read, and how long it will be there (rule 14). */
#include <string.h>
#include <sys/stat.h>

#include "base/calendar.h"
#include "cli/doctor.h"
#include "import/import.h"
#include "import/tree.h"
#include "ledger/import_log.h"

enum {
  SOON_DAYS = 7 /* what a client deletes within a week wants to be read now */
};

struct found {
  struct doctor *doctor;
  const struct import_source *source;
  int64_t files;
  int64_t unread;
  int64_t unread_bytes;
  int64_t oldest_unread_ms; /* 0 none */
  int64_t read_until_ms;    /* the latest change that was read */
  int64_t troubles;
};

static void trouble(void *data, size_t source, const char *path, const char *reason) {
  struct found *found = data;
  (void)source;
  if (found->troubles++ == 0)
    doctor_add(found->doctor, FINDING_WARN, "sources", "Give yourself leave to read it.",
               "%s can't be read: %s", path, reason);
}

static void look_at_file(struct found *found, int64_t folder, const struct tree_file *file) {
  struct import_file_row row = {0};
  const int64_t changed_ms = file->now_mtime_ns / 1000000;
  const bool known = folder != 0 && import_log_file(found->doctor->ledger, folder, file->name, &row,
                                                    NULL) == PURSER_OK;
  found->files++;
  if (known && row.size == file->now_size && row.inode == file->now_inode) {
    if (changed_ms > found->read_until_ms)
      found->read_until_ms = changed_ms;
    return;
  }
  found->unread++;
  found->unread_bytes += file->now_size - (known && row.size <= file->now_size ? row.size : 0);
  if (found->oldest_unread_ms == 0 || changed_ms < found->oldest_unread_ms)
    found->oldest_unread_ms = changed_ms;
}

static void look_at_tree(struct found *found, const struct tree *tree) {
  for (size_t i = 0; i < tree->folder_count; i++) {
    const struct tree_folder *folder = tree->folders[i];
    struct import_folder_row row = {0};
    const int64_t id =
        import_log_folder(found->doctor->ledger, folder->path, &row, NULL) == PURSER_OK ? row.id
                                                                                        : 0;
    for (size_t f = 0; f < folder->file_count; f++) {
      if (folder->files[f]->state != TREE_GONE)
        look_at_file(found, id, folder->files[f]);
    }
  }
}

static size_t index_of(const struct import_source *source) {
  size_t i = 0;
  while (import_sources[i] != source)
    i++;
  return i;
}

static const struct source_setting *setting_of(const struct doctor *doctor, const char *name) {
  for (size_t i = 0; doctor->settings != NULL && i < SETTINGS_SOURCES; i++) {
    if (strcmp(doctor->settings->sources[i].name, name) == 0)
      return &doctor->settings->sources[i];
  }
  return NULL;
}

static void walk(struct found *found, const struct source_setting *setting) {
  struct tree tree = {0};
  struct buf roots = BUF_INIT;
  const size_t index = index_of(found->source);
  if (found->source->roots(&roots) == PURSER_OK) {
    for (size_t at = 0; at < roots.len; at += strlen(roots.data + at) + 1)
      tree_walk(&tree, roots.data + at, index, trouble, found);
  }
  for (size_t i = 0; setting != NULL && i < setting->folder_count; i++)
    tree_walk(&tree, setting->folders[i], index, trouble, found);
  tree_look_at_files(&tree, trouble, found);
  look_at_tree(found, &tree);
  tree_fini(&tree);
  buf_fini(&roots);
}

static void add_day(struct buf *out, const struct doctor *doctor, int64_t utc_ms) {
  calendar_write_date(out, zone_day(ledger_zone(doctor->ledger), utc_ms));
}

static void tell_read(const struct found *found) {
  struct buf text = BUF_INIT;
  buf_addf(&text, "%s: %lld files", found->source->title, (long long)found->files);
  if (found->unread == 0) {
    buf_adds(&text, ", all of them read");
  } else {
    const int64_t tenths = found->unread_bytes / 100000;
    buf_addf(&text, ", %lld of them not read to their end (%lld.%lld MB)", (long long)found->unread,
             (long long)(tenths / 10), (long long)(tenths % 10));
  }
  if (found->read_until_ms != 0) {
    buf_adds(&text, "; the last that was read is of ");
    add_day(&text, found->doctor, found->read_until_ms);
  }
  doctor_add(found->doctor, found->unread == 0 ? FINDING_OK : FINDING_INFO, "sources",
             found->unread > 0 ? "purser import reads them; Neovim does while it is open." : NULL,
             "%s", buf_text(&text));
  buf_fini(&text);
}

static void tell_retention(const struct found *found) {
  struct buf where = BUF_INIT;
  const int64_t days = doctor_retention_days(found->source->name, &where);
  const int64_t age = (found->doctor->now_ms - found->oldest_unread_ms) / CALENDAR_DAY_MS;
  if (days >= 0 && found->unread > 0 && age + SOON_DAYS >= days)
    doctor_add(found->doctor, FINDING_WARN, "retention",
               "Read them now: purser import; or have the client keep its records for longer.",
               "%s deletes what is older than %lld days (%s), and the oldest file that was not "
               "read is %lld days old",
               found->source->title, (long long)days, buf_text(&where), (long long)age);
  else if (days >= 0)
    doctor_add(found->doctor, FINDING_OK, "retention", NULL,
               "%s deletes what is older than %lld days (%s): nothing unread is near that",
               found->source->title, (long long)days, buf_text(&where));
  buf_fini(&where);
}

void doctor_look_at_sources(struct doctor *doctor) {
  for (size_t i = 0; import_sources[i] != NULL; i++) {
    const struct source_setting *setting = setting_of(doctor, import_sources[i]->name);
    struct found found = {.doctor = doctor, .source = import_sources[i]};
    if (setting != NULL && (setting->off || doctor->settings->off)) {
      doctor_add(doctor, FINDING_INFO, "sources", NULL, "%s is not read: the settings turn it off",
                 import_sources[i]->title);
      continue;
    }
    walk(&found, setting);
    if (found.files == 0) {
      doctor_add(doctor, FINDING_INFO, "sources", NULL, "%s has recorded nothing",
                 import_sources[i]->title);
      continue;
    }
    tell_read(&found);
    tell_retention(&found);
  }
}
