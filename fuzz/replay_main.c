/* Runs a fuzz target over files, or over the files of folders, and over every text that begins like one. Each
 * input ends where its heap block ends, so that the sanitizers see a read past it. */
#include <dirent.h>
#include <sys/stat.h>

#include "base/mem.h"
#include "base/must.h"
#include "fuzz.h"
#include "sio_strbuf.h"

enum {
    INPUT_MOST = 1 << 20, /* bytes of a file */
    CUTS_MOST = 2048,     /* bytes of a file that is also replayed cut at every place */
};

static void replay(const char *bytes, size_t n) {
    uint8_t *copy = mem_dup(bytes, n);
    LLVMFuzzerTestOneInput(copy, n);
    free(copy);
}

static bool replay_file(const char *path) {
    FILE *file = fopen(path, "rb");
    if (!file) {
        perror(path);
        return false;
    }
    char *bytes = mem_alloc(INPUT_MOST);
    size_t n = fread(bytes, 1, INPUT_MOST, file);
    bool whole = feof(file) && !ferror(file);
    fclose(file);
    if (!whole) fprintf(stderr, "%s: larger than %d bytes, or unreadable\n", path, INPUT_MOST);
    for (size_t cut = 0; whole && n <= CUTS_MOST && cut < n; cut++) replay(bytes, cut);
    if (whole) replay(bytes, n);
    free(bytes);
    return whole;
}

static bool replay_folder(const char *path, int *count) {
    DIR *folder = opendir(path);
    bool ok = folder != NULL;
    if (!ok) perror(path);
    for (struct dirent *entry; ok && (entry = readdir(folder));) {
        struct sio_strbuf file;
        if (entry->d_name[0] == '.') continue;
        sio_strbuf_init(&file);
        sio_strbuf_printf(&file, "%s/%s", path, entry->d_name);
        ok = replay_file(file.p);
        (*count)++;
        sio_strbuf_fini(&file);
    }
    if (folder) closedir(folder);
    return ok;
}

int main(int argc, char **argv) {
    int count = 0;
    for (int i = 1; i < argc; i++) {
        struct stat st;
        bool folder = stat(argv[i], &st) == 0 && S_ISDIR(st.st_mode);
        if (!(folder ? replay_folder(argv[i], &count) : replay_file(argv[i]))) return 1;
        if (!folder) count++;
    }
    printf("%d inputs replayed\n", count);
    return count > 0 ? 0 : 1; /* a test over nothing proves nothing */
}
