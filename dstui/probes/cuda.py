# What CUDA says of itself. With "memory" it also writes to each GPU and reads back.
import ctypes
import sys

SIZE = 4 << 20
PATTERN = 0x5A


def loaded():
    with open("/proc/self/maps") as maps:
        paths = {line.split(None, 5)[-1].strip() for line in maps if "libcuda.so" in line}
    return sorted(paths)


def describe(index):
    device = number("cuDeviceGet", index)
    major = number("cuDeviceGetAttribute", 75, device)
    minor = number("cuDeviceGetAttribute", 76, device)
    tell(device=index, name=name_of(device), capability="%d.%d" % (major, minor))


def write_and_read(index):
    device = number("cuDeviceGet", index)
    context = ctypes.c_void_p()
    call("cuDevicePrimaryCtxRetain", ctypes.byref(context), device)
    try:
        call("cuCtxSetCurrent", context)
        free, total = ctypes.c_size_t(), ctypes.c_size_t()
        call("cuMemGetInfo", ctypes.byref(free), ctypes.byref(total))
        pointer = ctypes.c_uint64()
        call("cuMemAlloc", ctypes.byref(pointer), SIZE)
        try:
            call("cuMemsetD8", pointer, PATTERN, SIZE)
            copy = ctypes.create_string_buffer(SIZE)
            call("cuMemcpyDtoH", copy, pointer, SIZE)
            call("cuCtxSynchronize")
            same = copy.raw == bytes(bytearray([PATTERN])) * SIZE
        finally:
            code_of("cuMemFree", pointer)
    finally:
        code_of("cuDevicePrimaryCtxRelease", device)
    tell(memory=index, same=same, free=free.value, total=total.value)


def main():
    tell(version=number("cuDriverGetVersion"))
    count = number("cuDeviceGetCount")
    tell(count=count)
    for index in range(count):
        describe(index)
        if "memory" in sys.argv:
            write_and_read(index)


if cuda is not None:
    tell(libraries=loaded())
    with_driver(main)
