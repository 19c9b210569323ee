/* A libnvidia-ml.so.1 for the tests. It answers what the scenario says: a file of key=value lines,
 * named by DSTUI_TEST_SCENARIO and read anew when it was replaced, so that it can change under a
 * running program. -DOLD_DRIVER leaves out the symbols that came with R510.
 *
 *   init=9                  every start fails with this code
 *   gpus=2                  how many there are
 *   hang=1                  calls for samples do not return for as long as this stands
 *   calls=/path             the names of the calls are appended to this file, and MISUSE for the
 *                           use of a handle that is null or was said to be lost
 *   0.lost=1                GPU 0 is lost
 *   0.utilizationrates=3    this call fails on GPU 0 with this code; the name is the symbol's,
 *                           without nvmlDeviceGet and in lower case
 *   slow=250                every call on a device takes so many milliseconds
 *   0.processes=12:1048576 13:all-ones:1:0  (pid, bytes, GPU and compute instance)
 *   0.activity=12:40
 *   0.used=… 0.total=… 0.name=… 0.percent=… 0.mig=… 0.minor=… 0.pcie=… (bytes, both ways)
 *   0.instances=2           MIG instances, which are called 0m0, 0m1 … where a GPU is called 0
 *   event=7 0 8 79          the event number 7: of GPU 0, type 8 (Xid), data 79; told once
 */
#define _GNU_SOURCE
#include <ctype.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { SUCCESS = 0, INVALID = 2, UNSUPPORTED = 3, NOT_FOUND = 6, TOO_SMALL = 7, TIMEOUT = 10,
       LOST = 15 };
enum { MOST_GPUS = 16, MOST_INSTANCES = 7, LINE = 16384 };

/* A GPU, or a MIG instance of one: `instance` is then its place, else -1. */
typedef struct { int index, instance; } Gpu;
typedef unsigned long long u64;

static Gpu gpus[MOST_GPUS], instances[MOST_GPUS][MOST_INSTANCES];
static int told_lost[MOST_GPUS];

/* The scenario in memory, read anew when the file is another one: a look costs one stat. */
static char text[1 << 18];
static struct { const char *key, *value; } lines[4096];
static size_t line_count;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static void read_scenario(const char *path) {
    FILE *file = fopen(path, "r");
    size_t length = file ? fread(text, 1, sizeof text - 1, file) : 0;
    char *rest = text, *line;
    text[length] = 0;
    line_count = 0;
    while ((line = strsep(&rest, "\n"))) {
        char *value = strchr(line, '=');
        if (!value || line_count == sizeof lines / sizeof *lines) continue;
        *value = 0;
        lines[line_count].key = line;
        lines[line_count++].value = value + 1;
    }
    if (file) fclose(file);
}

static int look_up(const char *key, char *value) {
    static struct stat known;
    const char *path = getenv("DSTUI_TEST_SCENARIO");
    struct stat now;
    int found = 0;
    size_t i;
    pthread_mutex_lock(&lock);
    if (path && !stat(path, &now) &&
        (now.st_ino != known.st_ino || now.st_mtim.tv_sec != known.st_mtim.tv_sec ||
         now.st_mtim.tv_nsec != known.st_mtim.tv_nsec)) {
        read_scenario(path);
        known = now;
    }
    for (i = 0; i < line_count && !found; i++)
        if (!strcmp(lines[i].key, key)) {
            strncpy(value, lines[i].value, LINE - 1);
            value[LINE - 1] = 0;
            found = 1;
        }
    pthread_mutex_unlock(&lock);
    return found;
}

static u64 number(const char *key, u64 otherwise) {
    char value[LINE];
    if (!look_up(key, value)) return otherwise;
    return strcmp(value, "all-ones") ? strtoull(value, NULL, 10) : ~0ULL;
}

static void name_of(const Gpu *gpu, const char *key, char *out, size_t size) {
    if (gpu->instance < 0) snprintf(out, size, "%d.%s", gpu->index, key);
    else snprintf(out, size, "%dm%d.%s", gpu->index, gpu->instance, key);
}

static u64 of_gpu(const Gpu *gpu, const char *key, u64 otherwise) {
    char full[128];
    name_of(gpu, key, full, sizeof full);
    return number(full, otherwise);
}

static void note(const char *call) {
    char path[LINE];
    FILE *file = look_up("calls", path) ? fopen(path, "a") : NULL;
    if (file) {
        fprintf(file, "%s\n", call);
        fclose(file);
    }
}

/* What every call on a device does first: note it, and fail as the scenario says. */
static int enter(Gpu *gpu, const char *call) {
    char name[64];
    size_t i;
    note(call);
    if (!gpu || told_lost[gpu->index]) {
        note("MISUSE");
        return INVALID;
    }
    if (of_gpu(&gpus[gpu->index], "lost", 0)) {
        told_lost[gpu->index] = 1;
        return LOST;
    }
    while (number("hang", 0)) usleep(10000);
    if (number("slow", 0)) usleep(1000 * number("slow", 0));
    for (i = 0; call[i] && i < sizeof name - 1; i++) name[i] = tolower((unsigned char)call[i]);
    name[i] = 0;
    return (int)of_gpu(gpu, name, SUCCESS);
}

#define ENTER(call) do { int code = enter(gpu, call); if (code) return code; } while (0)

int nvmlInitWithFlags(unsigned flags) { (void)flags; note("Init"); return (int)number("init", 0); }
int nvmlShutdown(void) { note("Shutdown"); return SUCCESS; }
const char *nvmlErrorString(int code) { (void)code; return "an error of the stub"; }

int nvmlSystemGetDriverVersion(char *out, unsigned size) {
    snprintf(out, size, "570.86.15");
    return SUCCESS;
}

int nvmlSystemGetCudaDriverVersion_v2(int *out) { *out = 12080; return SUCCESS; }

int nvmlDeviceGetCount_v2(unsigned *out) {
    *out = (unsigned)number("gpus", 0);
    return (int)number("count", 0);
}

int nvmlDeviceGetHandleByIndex_v2(unsigned index, Gpu **out) {
    note("HandleByIndex");
    if (index >= number("gpus", 0)) return INVALID;
    gpus[index].index = (int)index;
    gpus[index].instance = -1;
    *out = &gpus[index];
    if (of_gpu(*out, "lost", 0)) return LOST;
    told_lost[index] = 0;
    return (int)of_gpu(*out, "handle", SUCCESS);
}

int nvmlDeviceGetUUID(Gpu *gpu, char *out, unsigned size) {
    ENTER("UUID");
    if (gpu->instance < 0) snprintf(out, size, "GPU-00000000-0000-0000-0000-%012d", gpu->index);
    else snprintf(out, size, "MIG-0000000%d-0000-0000-0000-%012d", gpu->instance, gpu->index);
    return SUCCESS;
}

int nvmlDeviceGetName(Gpu *gpu, char *out, unsigned size) {
    char key[32], value[LINE];
    ENTER("Name");
    name_of(gpu, "name", key, sizeof key);
    snprintf(out, size, "%s", look_up(key, value) ? value
             : gpu->instance < 0 ? "NVIDIA H100 80GB HBM3" : "NVIDIA H100 80GB HBM3 MIG 1g.10gb");
    return SUCCESS;
}

typedef struct {
    char legacy_bus_id[16];
    unsigned domain, bus, device, pci_device, pci_subsystem;
    char bus_id[32];
} PciInfo;

int nvmlDeviceGetPciInfo_v3(Gpu *gpu, PciInfo *out) {
    ENTER("PciInfo");
    memset(out, 0, sizeof *out);
    snprintf(out->bus_id, sizeof out->bus_id, "00000000:%02X:00.0", gpu->index + 0x3b);
    return SUCCESS;
}

int nvmlDeviceGetUtilizationRates(Gpu *gpu, unsigned out[2]) {
    ENTER("UtilizationRates");
    out[0] = (unsigned)of_gpu(gpu, "percent", 37);
    out[1] = 12;
    return SUCCESS;
}

static const u64 RESERVED = 500ULL << 20;

static void memory(Gpu *gpu, u64 *used, u64 *total) {
    *used = of_gpu(gpu, "used", 1ULL << 30);
    *total = of_gpu(gpu, "total", 80ULL << 30);
}

int nvmlDeviceGetMemoryInfo(Gpu *gpu, u64 out[3]) {
    u64 used;
    ENTER("MemoryInfo");
    memory(gpu, &used, &out[0]);
    out[2] = used + RESERVED;
    out[1] = out[0] - out[2];
    return SUCCESS;
}

#define GETTER(call, type, value) \
    int nvmlDeviceGet##call(Gpu *gpu, type *out) { ENTER(#call); *out = value; return SUCCESS; }
#define GETTER_OF(call, argument, type, value) \
    int nvmlDeviceGet##call(Gpu *gpu, argument, type *out) { \
        (void)which; ENTER(#call); *out = value; return SUCCESS; }

GETTER(PowerUsage, unsigned, 301500)
GETTER(EnforcedPowerLimit, unsigned, 700000)
GETTER(FanSpeed, unsigned, 30)
GETTER(PersistenceMode, unsigned, 1)
GETTER(ComputeMode, unsigned, 0)
GETTER(PerformanceState, unsigned, 0)
GETTER_OF(Temperature, unsigned which, unsigned, 61)
GETTER_OF(ClockInfo, unsigned which, unsigned, which == 1 ? 1980 : 2619)

int nvmlDeviceGetTotalEccErrors(Gpu *gpu, unsigned type, unsigned counter, u64 *out) {
    ENTER("TotalEccErrors");
    *out = type == 1 && counter == 0 ? 2 : 99;
    return SUCCESS;
}

int nvmlDeviceGetMigMode(Gpu *gpu, unsigned *current, unsigned *pending) {
    ENTER("MigMode");
    *current = *pending = (unsigned)of_gpu(gpu, "mig", 0);
    return SUCCESS;
}

typedef struct { unsigned pid; u64 memory; unsigned gpu_instance, compute_instance; } Process;

/* Fills `out` from "pid:value pid:value"; NVML's way of two calls, the first for the count. */
static int processes(Gpu *gpu, const char *key, unsigned *count, Process *out) {
    char full[64], value[LINE], *rest = value, *entry;
    unsigned found = 0;
    name_of(gpu, key, full, sizeof full);
    if (!look_up(full, value)) value[0] = 0;
    while ((entry = strsep(&rest, " "))) {
        char *amount = strchr(entry, ':');
        if (!amount) continue;
        if (out && found < *count) {
            out[found].pid = (unsigned)strtoul(entry, NULL, 10);
            out[found].memory =
                strncmp(amount + 1, "all-ones", 8) ? strtoull(amount + 1, NULL, 10) : ~0ULL;
            out[found].gpu_instance = out[found].compute_instance = ~0U;
            sscanf(amount + 1, "%*[^:]:%u:%u", &out[found].gpu_instance,
                   &out[found].compute_instance);
        }
        found++;
    }
    int fits = found <= *count;
    *count = found;
    return fits ? SUCCESS : TOO_SMALL;
}

#define PROCESSES(call, key) \
    int nvmlDeviceGet##call(Gpu *gpu, unsigned *count, Process *out) { \
        ENTER(#call); return processes(gpu, key, count, out); }

PROCESSES(ComputeRunningProcesses_v2, "processes")
PROCESSES(GraphicsRunningProcesses_v2, "graphics")
PROCESSES(MPSComputeRunningProcesses_v2, "mps")

GETTER(MinorNumber, unsigned, (unsigned)of_gpu(gpu, "minor", (u64)gpu->index))
GETTER(GpuInstanceId, unsigned, (unsigned)gpu->instance + 1)
GETTER(ComputeInstanceId, unsigned, 0)
GETTER(MaxMigDeviceCount, unsigned, MOST_INSTANCES)

int nvmlDeviceGetMigDeviceHandleByIndex(Gpu *gpu, unsigned index, Gpu **out) {
    ENTER("MigDeviceHandleByIndex");
    if (index >= of_gpu(gpu, "instances", 0)) return NOT_FOUND;
    *out = &instances[gpu->index][index];
    (*out)->index = gpu->index;
    (*out)->instance = (int)index;
    return SUCCESS;
}

typedef struct {
    unsigned id, scope;
    long long timestamp, latency;
    unsigned type;
    int code;
    u64 value;
} Field;

int nvmlDeviceGetFieldValues(Gpu *gpu, int count, Field *fields) {
    int i;
    ENTER("FieldValues");
    for (i = 0; i < count; i++) {
        fields[i].type = (unsigned)of_gpu(gpu, "field-type", 3);
        fields[i].code = (int)of_gpu(gpu, "field-code", SUCCESS);
        fields[i].value = of_gpu(gpu, "pcie", 0);
    }
    return SUCCESS;
}

/* Events. A set is a place of no meaning; each number is told once to each process. */

typedef struct { Gpu *gpu; u64 type, data; unsigned gpu_instance, compute_instance; } Event;

static u64 listened_to;

int nvmlEventSetCreate(void **out) { *out = &listened_to; return SUCCESS; }
int nvmlEventSetFree(void *set) { (void)set; listened_to = 0; return SUCCESS; }
GETTER(SupportedEventTypes, u64, of_gpu(gpu, "event-types", 0xB))

int nvmlDeviceRegisterEvents(Gpu *gpu, u64 types, void *set) {
    (void)types, (void)set;
    ENTER("RegisterEvents");
    listened_to |= 1ULL << gpu->index;
    return SUCCESS;
}

int nvmlEventSetWait_v2(void *set, Event *out, unsigned milliseconds) {
    static u64 told;
    char value[LINE];
    u64 id, gpu, type, data;
    (void)set;
    for (;; usleep(100000), milliseconds = milliseconds > 100 ? milliseconds - 100 : 0) {
        if (look_up("event", value) &&
            sscanf(value, "%llu %llu %llu %llu", &id, &gpu, &type, &data) == 4 && id > told &&
            gpu < MOST_GPUS && listened_to >> gpu & 1) {
            told = id;
            *out = (Event){&gpus[gpu], type, data, ~0U, ~0U};
            return SUCCESS;
        }
        if (!milliseconds) return (int)number("eventwait", TIMEOUT);
    }
}

typedef struct { unsigned pid; u64 timestamp; unsigned sm, memory, encoder, decoder; } Sample;

int nvmlDeviceGetProcessUtilization(Gpu *gpu, Sample *out, unsigned *count, u64 since) {
    static u64 timestamp = 1000000;
    Process listed[512];
    unsigned found = 512, i;
    (void)since;
    ENTER("ProcessUtilization");
    processes(gpu, "activity", &found, listed);
    if (!found) return NOT_FOUND;
    if (!out || *count < found) { *count = found; return TOO_SMALL; }
    timestamp += 1000000;
    for (i = 0; i < found; i++) {
        memset(&out[i], 0, sizeof out[i]);
        out[i].pid = listed[i].pid;
        out[i].timestamp = timestamp;
        out[i].sm = (unsigned)listed[i].memory;
    }
    *count = found;
    return SUCCESS;
}

#ifndef OLD_DRIVER
typedef struct { unsigned version; u64 total, reserved, free, used; } MemoryV2;
typedef struct { unsigned version, sensor; int temperature; } TemperatureV1;

int nvmlDeviceGetMemoryInfo_v2(Gpu *gpu, MemoryV2 *out) {
    ENTER("MemoryInfo_v2");
    memory(gpu, &out->used, &out->total);
    out->reserved = RESERVED;
    out->free = out->total - out->used - RESERVED;
    return SUCCESS;
}

int nvmlDeviceGetTemperatureV(Gpu *gpu, TemperatureV1 *out) {
    ENTER("TemperatureV");
    out->temperature = 61;
    return SUCCESS;
}

PROCESSES(ComputeRunningProcesses_v3, "processes")
PROCESSES(GraphicsRunningProcesses_v3, "graphics")
PROCESSES(MPSComputeRunningProcesses_v3, "mps")
#endif
