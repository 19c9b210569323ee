/* A libnvidia-ml.so.1 for the tests. It answers what the scenario says: a file of key=value lines,
 * named by DSTUI_TEST_SCENARIO and read anew at each call, so that it can change under a running
 * program. -DOLD_DRIVER leaves out the symbols that came with R510.
 *
 *   init=9                  every start fails with this code
 *   gpus=2                  how many there are
 *   hang=1                  calls for samples do not return for as long as this stands
 *   calls=/path             the names of the calls are appended to this file, and MISUSE for the
 *                           use of a handle that is null or was said to be lost
 *   0.lost=1                GPU 0 is lost
 *   0.utilizationrates=3    this call fails on GPU 0 with this code; the name is the symbol's,
 *                           without nvmlDeviceGet and in lower case
 *   0.processes=12:1048576 13:all-ones      0.activity=12:40
 *   0.used=… 0.total=… 0.name=… 0.percent=… 0.mig=…
 */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { SUCCESS = 0, INVALID = 2, UNSUPPORTED = 3, NOT_FOUND = 6, TOO_SMALL = 7, LOST = 15 };
enum { MOST_GPUS = 16, LINE = 4096 };

typedef struct { int index; } Gpu;
typedef unsigned long long u64;

static Gpu gpus[MOST_GPUS];
static int told_lost[MOST_GPUS];

static int look_up(const char *key, char *value) {
    FILE *file = fopen(getenv("DSTUI_TEST_SCENARIO"), "r");
    size_t length = strlen(key);
    char line[LINE];
    int found = 0;
    while (file && !found && fgets(line, LINE, file)) {
        line[strcspn(line, "\n")] = 0;
        if (!strncmp(line, key, length) && line[length] == '=') {
            strcpy(value, line + length + 1);
            found = 1;
        }
    }
    if (file) fclose(file);
    return found;
}

static u64 number(const char *key, u64 otherwise) {
    char value[LINE];
    if (!look_up(key, value)) return otherwise;
    return strcmp(value, "all-ones") ? strtoull(value, NULL, 10) : ~0ULL;
}

static u64 of_gpu(const Gpu *gpu, const char *key, u64 otherwise) {
    char full[128];
    snprintf(full, sizeof full, "%d.%s", gpu->index, key);
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
    if (of_gpu(gpu, "lost", 0)) {
        told_lost[gpu->index] = 1;
        return LOST;
    }
    while (number("hang", 0)) usleep(10000);
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
    *out = &gpus[index];
    if (of_gpu(*out, "lost", 0)) return LOST;
    told_lost[index] = 0;
    return (int)of_gpu(*out, "handle", SUCCESS);
}

int nvmlDeviceGetUUID(Gpu *gpu, char *out, unsigned size) {
    ENTER("UUID");
    snprintf(out, size, "GPU-00000000-0000-0000-0000-%012d", gpu->index);
    return SUCCESS;
}

int nvmlDeviceGetName(Gpu *gpu, char *out, unsigned size) {
    char key[32], value[LINE];
    ENTER("Name");
    snprintf(key, sizeof key, "%d.name", gpu->index);
    snprintf(out, size, "%s", look_up(key, value) ? value : "NVIDIA H100 80GB HBM3");
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
    snprintf(full, sizeof full, "%d.%s", gpu->index, key);
    if (!look_up(full, value)) value[0] = 0;
    while ((entry = strsep(&rest, " "))) {
        char *amount = strchr(entry, ':');
        if (!amount) continue;
        if (out && found < *count) {
            out[found].pid = (unsigned)strtoul(entry, NULL, 10);
            out[found].memory =
                strcmp(amount + 1, "all-ones") ? strtoull(amount + 1, NULL, 10) : ~0ULL;
            out[found].gpu_instance = out[found].compute_instance = ~0U;
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

typedef struct { unsigned pid; u64 timestamp; unsigned sm, memory, encoder, decoder; } Sample;

int nvmlDeviceGetProcessUtilization(Gpu *gpu, Sample *out, unsigned *count, u64 since) {
    static u64 timestamp = 1000000;
    Process listed[64];
    unsigned found = 64, i;
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
