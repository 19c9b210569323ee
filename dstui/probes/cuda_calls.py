# CUDA through its driver library alone: before each probe that calls it.
import ctypes

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
    "cuDeviceGetPCIBusId": ("cuDeviceGetPCIBusId", (TEXT, NUMBER, NUMBER)),  # 4.1
    "cuDeviceCanAccessPeer": ("cuDeviceCanAccessPeer", (POINTER, NUMBER, NUMBER)),
    "cuMemGetInfo": ("cuMemGetInfo_v2", (POINTER, POINTER)),
    "cuMemAlloc": ("cuMemAlloc_v2", (POINTER, SIZE_T)),
    "cuMemFree": ("cuMemFree_v2", (ADDRESS,)),
    "cuMemAllocHost": ("cuMemAllocHost_v2", (POINTER, SIZE_T)),
    "cuMemFreeHost": ("cuMemFreeHost", (POINTER,)),
    "cuMemsetD8": ("cuMemsetD8_v2", (ADDRESS, ctypes.c_ubyte, SIZE_T)),
    "cuMemcpyDtoH": ("cuMemcpyDtoH_v2", (POINTER, ADDRESS, SIZE_T)),
    "cuMemcpyHtoD": ("cuMemcpyHtoD_v2", (ADDRESS, POINTER, SIZE_T)),
    "cuMemcpyDtoD": ("cuMemcpyDtoD_v2", (ADDRESS, ADDRESS, SIZE_T)),
    "cuMemcpyPeer": ("cuMemcpyPeer", (ADDRESS, POINTER, ADDRESS, POINTER, SIZE_T)),
    "cuModuleLoadData": ("cuModuleLoadData", (POINTER, TEXT)),
    "cuModuleUnload": ("cuModuleUnload", (POINTER,)),
    "cuModuleGetFunction": ("cuModuleGetFunction", (POINTER, POINTER, TEXT)),
    "cuLaunchKernel": (
        "cuLaunchKernel",
        (POINTER,) + 7 * (ctypes.c_uint,) + (POINTER, POINTER, POINTER),
    ),
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


def number(name, *arguments):
    answer = ctypes.c_int()
    call(name, ctypes.byref(answer), *arguments)
    return answer.value


def name_of(device):
    name = ctypes.create_string_buffer(256)
    call("cuDeviceGetName", name, 256, device)
    return name.value.decode("utf-8", "replace")


def with_driver(work):
    try:
        call("cuInit", 0)
        tell(init=0)
        work()
    except Failed as failure:
        tell(call=failure.call, code=failure.code)
    except AttributeError as error:
        tell(call=str(error), code=36)
    tell(done=True)


try:
    cuda = ctypes.CDLL("libcuda.so.1")
except OSError as error:
    cuda = None
    tell(load=str(error))
