/* A libcuda.so.1 for the tests, with the symbols and signatures of the CUDA that -DCUDA=13 names
 * (10, 11, 12, 13; 12 if none). It answers what the scenario says: a file of key=value lines, named
 * by DSTUI_TEST_SCENARIO and read anew at each call.
 *
 *   cuInit=999     this call answers so; the name is the symbol's without _v2
 *   count=2        how many GPUs there are (1)
 *   version=12080  what cuDriverGetVersion tells
 *   corrupt=1      one byte that is read back is another than was written
 *   miscompute=1   one result of a kernel is wrong
 *   slow=20        each copy takes so many ms longer
 *   hang=cuInit    this call does not return
 *   crash=cuInit   this call ends the process
 */
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#ifndef CUDA
#define CUDA 12
#endif

enum { SUCCESS = 0, INVALID = 1, NO_CONTEXT = 709, LINE = 512 };
enum { MULTIPROCESSORS = 16, CLOCK_KHZ = 13, MEMORY_KHZ = 36, BUS_BITS = 37, MAJOR = 75 };
enum { CHAINS = 8, STEPS = 4 };

static int look_up(const char *key, char *value) {
    const char *path = getenv("DSTUI_TEST_SCENARIO");
    FILE *file = path ? fopen(path, "r") : NULL;
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

static int number(const char *key, int otherwise) {
    char value[LINE];
    return look_up(key, value) ? atoi(value) : otherwise;
}

static int answer(const char *call) {
    char value[LINE];
    while (look_up("hang", value) && !strcmp(value, call)) usleep(10000);
    if (look_up("crash", value) && !strcmp(value, call)) abort();
    return number(call, SUCCESS);
}

int cuInit(unsigned flags) { return answer("cuInit"); }

int cuDriverGetVersion(int *version) {
    *version = number("version", 1000 * CUDA + (CUDA == 12 ? 80 : 0));
    return answer("cuDriverGetVersion");
}

/* Those that CUDA_VISIBLE_DEVICES names by UUID, or all. */
static int count_shown(void) {
    const char *shown = getenv("CUDA_VISIBLE_DEVICES");
    int named = 1;
    if (!shown || strncmp(shown, "GPU-", 4)) return number("count", 1);
    while ((shown = strchr(shown, ','))) named++, shown++;
    return named;
}

int cuDeviceGetCount(int *count) {
    *count = count_shown();
    return answer("cuDeviceGetCount");
}

int cuDeviceGet(int *device, int index) {
    if (index >= number("count", 1)) return 101;
    *device = index;
    return answer("cuDeviceGet");
}

int cuDeviceGetName(char *name, int length, int device) {
    snprintf(name, length, "Stub %d", device);
    return answer("cuDeviceGetName");
}

int cuDeviceGetAttribute(int *value, int attribute, int device) {
    switch (attribute) {
    case MULTIPROCESSORS: *value = 2; break;
    case CLOCK_KHZ: *value = 1000; break;
    case MEMORY_KHZ: *value = 1000; break;
    case BUS_BITS: *value = 64; break;
    case MAJOR: *value = 9; break;
    default: *value = 0;
    }
    return answer("cuDeviceGetAttribute");
}

int cuDevicePrimaryCtxRetain(void **context, int device) {
    *context = (void *)1;
    return answer("cuDevicePrimaryCtxRetain");
}

int cuDevicePrimaryCtxRelease(int device) { return answer("cuDevicePrimaryCtxRelease"); }

#if CUDA >= 11
int cuDevicePrimaryCtxRelease_v2(int device) { return answer("cuDevicePrimaryCtxRelease"); }
#endif

int cuCtxSetCurrent(void *context) { return context ? answer("cuCtxSetCurrent") : INVALID; }

static size_t taken;

int cuMemGetInfo_v2(size_t *free_bytes, size_t *total) {
    *free_bytes = (79ULL << 30) - taken;
    *total = 80ULL << 30;
    return answer("cuMemGetInfo");
}

int cuMemAlloc_v2(unsigned long long *pointer, size_t size) {
    *pointer = (unsigned long long)malloc(size);
    taken += malloc_usable_size((void *)*pointer);
    return answer("cuMemAlloc");
}

int cuMemFree_v2(unsigned long long pointer) {
    taken -= malloc_usable_size((void *)pointer);
    free((void *)pointer);
    return answer("cuMemFree");
}

int cuMemsetD8_v2(unsigned long long pointer, unsigned char byte, size_t size) {
    memset((void *)pointer, byte, size);
    return answer("cuMemsetD8");
}

int cuMemcpyDtoH_v2(void *to, unsigned long long from, size_t size) {
    memcpy(to, (void *)from, size);
    if (number("corrupt", 0)) ((char *)to)[size / 2] ^= 1;
    return answer("cuMemcpyDtoH");
}

int cuMemcpyHtoD_v2(unsigned long long to, const void *from, size_t size) {
    usleep(1000 * number("slow", 0));
    memcpy((void *)to, from, size);
    return answer("cuMemcpyHtoD");
}

int cuMemcpyDtoD_v2(unsigned long long to, unsigned long long from, size_t size) {
    memcpy((void *)to, (void *)from, size);
    return answer("cuMemcpyDtoD");
}

int cuMemcpyPeer(unsigned long long to, void *to_context, unsigned long long from,
                 void *from_context, size_t size) {
    memcpy((void *)to, (void *)from, size);
    return to_context && from_context ? answer("cuMemcpyPeer") : INVALID;
}

int cuMemAllocHost_v2(void **pointer, size_t size) {
    *pointer = malloc(size);
    return answer("cuMemAllocHost");
}

int cuMemFreeHost(void *pointer) {
    free(pointer);
    return answer("cuMemFreeHost");
}

int cuDeviceGetPCIBusId(char *address, int length, int device) {
    snprintf(address, length, "ffff:%02X:00.0", device);
    return answer("cuDeviceGetPCIBusId");
}

int cuDeviceCanAccessPeer(int *can, int device, int other) {
    *can = device != other;
    return answer("cuDeviceCanAccessPeer");
}

/* Kernels are known by name and computed here, as the PTX that comes along would. */

int cuModuleLoadData(void **module, const char *image) {
    *module = (void *)image;
    if (!strstr(image, ".version 6.0") || !strstr(image, ".target sm_50")) return 218;
    return answer("cuModuleLoadData");
}

int cuModuleUnload(void *module) { return answer("cuModuleUnload"); }

int cuModuleGetFunction(void **function, void *module, const char *name) {
    *function = !strcmp(name, "mix") ? (void *)1 : !strcmp(name, "chains") ? (void *)2 : NULL;
    return *function ? answer("cuModuleGetFunction") : 500;
}

static void mix(unsigned *out, unsigned threads, unsigned rounds) {
    for (unsigned thread = 0; thread < threads; thread++) {
        unsigned state = thread + 1;
        for (unsigned round = 0; round < rounds; round++) {
            state ^= state << 13;
            state ^= state >> 17;
            state ^= state << 5;
        }
        out[thread] = state;
    }
}

static void chains(float *out, unsigned threads, float factor, unsigned rounds) {
    float sum = 0;
    for (int chain = 0; chain < CHAINS; chain++) {
        float value = chain;
        for (unsigned step = 0; step < STEPS * rounds; step++) value = value * factor + 1;
        sum += value;
    }
    for (unsigned thread = 0; thread < threads; thread++) out[thread] = sum;
}

int cuLaunchKernel(void *function, unsigned blocks, unsigned blocks_y, unsigned blocks_z,
                   unsigned threads, unsigned threads_y, unsigned threads_z, unsigned shared,
                   void *stream, void **parameters, void **extra) {
    unsigned all = blocks * blocks_y * blocks_z * threads * threads_y * threads_z;
    unsigned *out = *(unsigned **)parameters[0];
    if (function == (void *)1) {
        mix(out, all, *(unsigned *)parameters[1]);
    } else {
        chains((float *)out, all, *(float *)parameters[1], *(unsigned *)parameters[2]);
    }
    if (number("miscompute", 0)) out[all / 2] ^= 1;
    return shared || stream || extra ? INVALID : answer("cuLaunchKernel");
}

int cuCtxSynchronize(void) { return answer("cuCtxSynchronize"); }

/* Forms that took other arguments than the one before them: whoever calls them like that fails, as
 * on a real card. */
#if CUDA >= 13
int cuCtxSynchronize_v2(void *context) {
    return context == (void *)1 ? answer("cuCtxSynchronize") : NO_CONTEXT;
}
#endif
