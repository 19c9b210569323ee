/* A libcuda.so.1 for the tests, with the symbols and signatures of the CUDA that -DCUDA=13 names
 * (10, 11, 12, 13; 12 if none). It answers what the scenario says: a file of key=value lines, named
 * by DSTUI_TEST_SCENARIO and read anew at each call.
 *
 *   cuInit=999     this call answers so; the name is the symbol's without _v2
 *   count=2        how many GPUs there are (1)
 *   version=12080  what cuDriverGetVersion tells
 *   corrupt=1      one byte that is read back is another than was written
 *   hang=cuInit    this call does not return
 *   crash=cuInit   this call ends the process
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#ifndef CUDA
#define CUDA 12
#endif

enum { SUCCESS = 0, INVALID = 1, NO_CONTEXT = 709, LINE = 512 };
enum { MAJOR = 75 };

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

int cuDeviceGetCount(int *count) {
    *count = number("count", 1);
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
    *value = attribute == MAJOR ? 9 : 0;
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

int cuMemGetInfo_v2(size_t *free_bytes, size_t *total) {
    *free_bytes = 79ULL << 30;
    *total = 80ULL << 30;
    return answer("cuMemGetInfo");
}

int cuMemAlloc_v2(unsigned long long *pointer, size_t size) {
    *pointer = (unsigned long long)malloc(size);
    return answer("cuMemAlloc");
}

int cuMemFree_v2(unsigned long long pointer) {
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

int cuCtxSynchronize(void) { return answer("cuCtxSynchronize"); }

/* Forms that took other arguments than the one before them: whoever calls them like that fails, as
 * on a real card. */
#if CUDA >= 13
int cuCtxSynchronize_v2(void *context) {
    return context == (void *)1 ? answer("cuCtxSynchronize") : NO_CONTEXT;
}
#endif
