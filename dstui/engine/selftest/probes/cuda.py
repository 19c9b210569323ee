# CUDA through its driver library alone. With "memory" it also writes to each GPU and reads back.
import ctypes
import sys

SIZE = 4 << 20
PATTERN = 0x5A


NUMBER, SIZE_T, TEXT, POINTER = ctypes.c_int, ctypes.c_size_t, ctypes.c_char_p, ctypes.c_void_p
ADDRESS = ctypes.c_uint64
# The exact symbol of each call and its signature; cuda.h gives the plain names to the newest form
# of its release, and a newer form may take other arguments (cuCtxSynchronize_v2 does, since 13.0).
# Beside it: since which CUDA it is there, where that is later than 4.0.
SYMBOLS = {
    "cuInit": ("cuInit", (ctypes.c_uint,)),
    "cuDriverGetVersion": ("cuDriverGetVersion", (POINTER,)),
    "cuDeviceGetCount": ("cuDeviceGetCount", (POINTER,)),
    "cuDeviceGet": ("cuDeviceGet", (POINTER, NUMBER)),
    "cuDeviceGetName": ("cuDeviceGetName", (TEXT, NUMBER, NUMBER)),
    "cuDeviceGetAttribute": ("cuDeviceGetAttribute", (POINTER, NUMBER, NUMBER)),
    "cuDevicePrimaryCtxRetain": ("cuDevicePrimaryCtxRetain", (POINTER, NUMBER)),  # 7.0
    "cuDevicePrimaryCtxRelease": ("cuDevicePrimaryCtxRelease_v2", (NUMBER,)),  # 11.0
    "cuCtxSetCurrent": ("cuCtxSetCurrent", (POINTER,)),
    "cuCtxSynchronize": ("cuCtxSynchronize", ()),
    "cuMemGetInfo": ("cuMemGetInfo_v2", (POINTER, POINTER)),
    "cuMemAlloc": ("cuMemAlloc_v2", (POINTER, SIZE_T)),
    "cuMemFree": ("cuMemFree_v2", (ADDRESS,)),
    "cuMemsetD8": ("cuMemsetD8_v2", (ADDRESS, ctypes.c_ubyte, SIZE_T)),
    "cuMemcpyDtoH": ("cuMemcpyDtoH_v2", (POINTER, ADDRESS, SIZE_T)),
}
OLDER = {"cuDevicePrimaryCtxRelease": "cuDevicePrimaryCtxRelease"}  # the same call before 11.0


class Failed(Exception):
    def __init__(self, call, code):
        Exception.__init__(self, call)
        self.call = call
        self.code = code


def code_of(name, *arguments):
    symbol, types = SYMBOLS[name]
    if not hasattr(cuda, symbol):
        symbol = OLDER.get(name, symbol)
    function = getattr(cuda, symbol)
    function.argtypes, function.restype = types, NUMBER
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
