# CUDA through its driver library alone. With "memory" it also writes to each GPU and reads back.
import ctypes
import sys

SIZE = 4 << 20
PATTERN = 0x5A


class Failed(Exception):
    def __init__(self, call, code):
        Exception.__init__(self, call)
        self.call = call
        self.code = code


def code_of(name, *arguments):
    # newer forms first: cuMemAlloc stands for cuMemAlloc_v2
    function = getattr(cuda, name + "_v2", None) or getattr(cuda, name)
    return function(*arguments)


def call(name, *arguments):
    code = code_of(name, *arguments)
    if code:
        raise Failed(name, code)


def loaded():
    with open("/proc/self/maps") as maps:
        paths = {line.split(None, 5)[-1].strip() for line in maps if "libcuda.so" in line}
    return sorted(paths)


def number(name, *arguments):
    answer = ctypes.c_int()
    call(name, ctypes.byref(answer), *arguments)
    return answer.value


def describe(index):
    device = number("cuDeviceGet", index)
    name = ctypes.create_string_buffer(256)
    call("cuDeviceGetName", name, 256, device)
    major = number("cuDeviceGetAttribute", 75, device)
    minor = number("cuDeviceGetAttribute", 76, device)
    text = name.value.decode("utf-8", "replace")
    tell(device=index, name=text, capability="%d.%d" % (major, minor))


def write_and_read(index):
    device = number("cuDeviceGet", index)
    context = ctypes.c_void_p()
    call("cuDevicePrimaryCtxRetain", ctypes.byref(context), device)
    try:
        call("cuCtxSetCurrent", context)
        free, total = ctypes.c_size_t(), ctypes.c_size_t()
        call("cuMemGetInfo", ctypes.byref(free), ctypes.byref(total))
        pointer = ctypes.c_uint64()
        call("cuMemAlloc", ctypes.byref(pointer), ctypes.c_size_t(SIZE))
        try:
            call("cuMemsetD8", pointer, ctypes.c_ubyte(PATTERN), ctypes.c_size_t(SIZE))
            copy = ctypes.create_string_buffer(SIZE)
            call("cuMemcpyDtoH", copy, pointer, ctypes.c_size_t(SIZE))
            call("cuCtxSynchronize")
            same = copy.raw == bytes(bytearray([PATTERN])) * SIZE
        finally:
            code_of("cuMemFree", pointer)
    finally:
        code_of("cuDevicePrimaryCtxRelease", device)
    tell(memory=index, same=same, free=free.value, total=total.value)


def main():
    try:
        call("cuInit", 0)
        tell(init=0)
        tell(version=number("cuDriverGetVersion"))
        count = number("cuDeviceGetCount")
        tell(count=count)
        for index in range(count):
            describe(index)
            if "memory" in sys.argv:
                write_and_read(index)
    except Failed as failure:
        tell(call=failure.call, code=failure.code)
    except AttributeError as error:
        tell(call=str(error), code=36)
    tell(done=True)


try:
    cuda = ctypes.CDLL("libcuda.so.1")
except OSError as error:
    tell(load=str(error))
else:
    tell(libraries=loaded())
    main()
