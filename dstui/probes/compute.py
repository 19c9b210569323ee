# Lets each GPU compute and copy, checks every result and times it: through CUDA's driver alone,
# so neither a framework nor a compiler is needed. The kernels are PTX of 2017 (ISA 6.0, Maxwell
# and newer), which every driver since then translates for its card. argv[2] names the GPUs.
import array
import ctypes
import os
import struct
import sys
import time

BLOCK = 28 << 20  # two of them and the context are all that it takes of a GPU
COPIES = 8
COPIES_WITHIN = 64
THREADS = 256
MIXED = 65536
MIX_ROUNDS = 4
FMA_ROUNDS = 25000
FMA_STEPS = 4
CHAINS = 8
SECONDS_OF_LAUNCHES = 0.05

PTX = """
.version 6.0
.target sm_50
.address_size 64

.visible .entry mix(.param .u64 out, .param .u32 rounds)
{
    .reg .pred %%again;
    .reg .b32 %%r<8>;
    .reg .b64 %%d<4>;
    ld.param.u64 %%d0, [out];
    ld.param.u32 %%r5, [rounds];
    mov.u32 %%r0, %%ctaid.x;
    mov.u32 %%r1, %%ntid.x;
    mov.u32 %%r2, %%tid.x;
    mad.lo.u32 %%r3, %%r0, %%r1, %%r2;
    add.u32 %%r4, %%r3, 1;
ROUND:
    shl.b32 %%r6, %%r4, 13;
    xor.b32 %%r4, %%r4, %%r6;
    shr.u32 %%r6, %%r4, 17;
    xor.b32 %%r4, %%r4, %%r6;
    shl.b32 %%r6, %%r4, 5;
    xor.b32 %%r4, %%r4, %%r6;
    sub.u32 %%r5, %%r5, 1;
    setp.ne.u32 %%again, %%r5, 0;
    @%%again bra ROUND;
    cvta.to.global.u64 %%d1, %%d0;
    mul.wide.u32 %%d2, %%r3, 4;
    add.u64 %%d3, %%d1, %%d2;
    st.global.u32 [%%d3], %%r4;
    ret;
}

.visible .entry chains(.param .u64 out, .param .f32 factor, .param .u32 rounds)
{
    .reg .pred %%again;
    .reg .b32 %%r<6>;
    .reg .f32 %%f<12>;
    .reg .b64 %%d<4>;
    ld.param.u64 %%d0, [out];
    ld.param.f32 %%f8, [factor];
    ld.param.u32 %%r5, [rounds];
    mov.u32 %%r0, %%ctaid.x;
    mov.u32 %%r1, %%ntid.x;
    mov.u32 %%r2, %%tid.x;
    mad.lo.u32 %%r3, %%r0, %%r1, %%r2;
    mov.f32 %%f9, 0f3F800000;
%(begin)s
ROUND:
%(step)s
    sub.u32 %%r5, %%r5, 1;
    setp.ne.u32 %%again, %%r5, 0;
    @%%again bra ROUND;
%(end)s
    cvta.to.global.u64 %%d1, %%d0;
    mul.wide.u32 %%d2, %%r3, 4;
    add.u64 %%d3, %%d1, %%d2;
    st.global.f32 [%%d3], %%f0;
    ret;
}
""" % {
    # no two chains are alike, else the compiler makes one of them
    "begin": "\n".join(
        "mov.f32 %%f%d, 0f%08X;" % (chain, struct.unpack("I", struct.pack("f", chain))[0])
        for chain in range(CHAINS)
    ),
    # the factor is 1, which the compiler cannot know: each step adds 1, exactly
    "step": "\n".join(
        "fma.rn.f32 %%f%d, %%f%d, %%f8, %%f9;" % (chain, chain)
        for _ in range(FMA_STEPS)
        for chain in range(CHAINS)
    ),
    "end": "\n".join("add.f32 %%f0, %%f0, %%f%d;" % chain for chain in range(1, CHAINS)),
}

now = getattr(time, "monotonic", time.time)
byref = ctypes.byref


def launch(function, blocks, *parameters):
    pointers = (ctypes.c_void_p * len(parameters))(
        *[ctypes.addressof(parameter) for parameter in parameters]
    )
    call("cuLaunchKernel", function, blocks, 1, 1, THREADS, 1, 1, 0, None, pointers, None)


def read(address, size):
    copy = ctypes.create_string_buffer(size)
    call("cuMemcpyDtoH", copy, address, size)
    return copy.raw


def mixed():
    found = array.array("I")
    for thread in range(MIXED):
        state = thread + 1
        for _ in range(MIX_ROUNDS):
            state ^= (state << 13) & 0xFFFFFFFF
            state ^= state >> 17
            state ^= (state << 5) & 0xFFFFFFFF
        found.append(state)
    return getattr(found, "tobytes", getattr(found, "tostring", None))()


def pattern():
    # no two blocks of 4 kB are alike: what was mixed up on its way does not compare equal
    return b"".join(struct.pack("Q", block + 0x0123456789) * 512 for block in range(BLOCK // 4096))


class Card:
    def __init__(self, index):
        self.index = index
        self.device = number("cuDeviceGet", index)
        self.context = ctypes.c_void_p()
        call("cuDevicePrimaryCtxRetain", byref(self.context), self.device)
        self.blocks = []

    def use(self):
        call("cuCtxSetCurrent", self.context)

    def free(self):
        free, total = ctypes.c_size_t(), ctypes.c_size_t()
        call("cuMemGetInfo", byref(free), byref(total))
        return free.value, total.value

    def take(self):
        block = ctypes.c_uint64()
        call("cuMemAlloc", byref(block), BLOCK)
        self.blocks.append(block)
        return block

    def give_back(self):
        while self.blocks:
            code_of("cuMemFree", self.blocks.pop())

    def leave(self):
        self.use()
        self.give_back()
        code_of("cuDevicePrimaryCtxRelease", self.device)


def compute(card):
    before, total = card.free()
    module, mix, chains = ctypes.c_void_p(), ctypes.c_void_p(), ctypes.c_void_p()
    call("cuModuleLoadData", byref(module), PTX.encode("ascii"))
    try:
        call("cuModuleGetFunction", byref(mix), module, b"mix")
        call("cuModuleGetFunction", byref(chains), module, b"chains")
        one, other = card.take(), card.take()
        launch(mix, MIXED // THREADS, one, ctypes.c_uint(MIX_ROUNDS))
        call("cuCtxSynchronize")
        exact = read(one, 4 * MIXED) == mixed()
        rate, added = add_up(card, chains, one)
        speeds = copies(card, one, other)
        least = card.free()[0]
    finally:
        code_of("cuModuleUnload", module)
    card.give_back()
    after = card.free()[0]
    tell(
        computed=card.index,
        exact=exact and added,
        same=speeds.pop("same"),
        taken=before - least,
        left=before - after,
        free=before,
        total=total,
    )
    tell(speed=card.index, fp32=rate, **dict(speeds, **described(card)))


def add_up(card, chains, out):
    multiprocessors = number("cuDeviceGetAttribute", 16, card.device)
    blocks = multiprocessors * 8
    factor, rounds = ctypes.c_float(1.0), ctypes.c_uint(FMA_ROUNDS)
    least, ends = None, now() + SECONDS_OF_LAUNCHES
    while least is None or now() < ends:  # the clocks rise with the load
        began = now()
        launch(chains, blocks, out, factor, rounds)
        call("cuCtxSynchronize")
        took = now() - began
        least = took if least is None else min(least, took)
    threads = blocks * THREADS
    total = sum(range(CHAINS)) + CHAINS * FMA_STEPS * FMA_ROUNDS
    expected = struct.pack("f", total) * threads
    done = 2.0 * threads * CHAINS * FMA_STEPS * FMA_ROUNDS
    return done / least, read(out, 4 * threads) == expected


def copies(card, one, other):
    there, back = ctypes.c_void_p(), ctypes.c_void_p()
    call("cuMemAllocHost", byref(there), BLOCK)
    try:
        call("cuMemAllocHost", byref(back), BLOCK)
        try:
            sent = pattern()
            ctypes.memmove(there, sent, BLOCK)
            found = {
                "to_card": rate(lambda: call("cuMemcpyHtoD", one, there, BLOCK), COPIES),
                "within": 2 * rate(lambda: call("cuMemcpyDtoD", other, one, BLOCK), COPIES_WITHIN),
                "from_card": rate(lambda: call("cuMemcpyDtoH", back, other, BLOCK), COPIES),
                "link": link(card),
            }
            found["same"] = ctypes.string_at(back, BLOCK) == sent
            return found
        finally:
            code_of("cuMemFreeHost", back)
    finally:
        code_of("cuMemFreeHost", there)


def rate(copy, times):
    best = 0.0
    for _ in range(2):  # the first wakes the link up
        began = now()
        for _ in range(times):
            copy()
        call("cuCtxSynchronize")
        best = max(best, BLOCK * times / (now() - began))
    return best


def described(card):
    return {
        "name": name_of(card.device),
        "capability": [number("cuDeviceGetAttribute", which, card.device) for which in (75, 76)],
        "multiprocessors": number("cuDeviceGetAttribute", 16, card.device),
        "clock_khz": number("cuDeviceGetAttribute", 13, card.device),
        "memory_khz": number("cuDeviceGetAttribute", 36, card.device),
        "bus_bits": number("cuDeviceGetAttribute", 37, card.device),
    }


def link(card):
    # as Linux tells it, right after the copies: idle links are slower to save power
    address = ctypes.create_string_buffer(64)
    call("cuDeviceGetPCIBusId", address, 64, card.device)
    folder = "/sys/bus/pci/devices/" + address.value.decode("ascii").lower()
    found = {"address": address.value.decode("ascii")}
    for name in ("current_link_speed", "max_link_speed", "current_link_width", "max_link_width"):
        try:
            with open(folder + "/" + name) as told:
                found[name] = float(told.read().split()[0])
        except (OSError, ValueError, IndexError):
            pass
    return found


def between(card, following):
    direct = number("cuDeviceCanAccessPeer", card.device, following.device)
    card.use()
    one = card.take()
    following.use()
    other = following.take()
    ends = (other, following.context, one, card.context, BLOCK)
    speed = rate(lambda: call("cuMemcpyPeer", *ends), COPIES)
    for used in (card, following):
        used.use()
        used.give_back()
    tell(peers=[card.index, following.index], direct=bool(direct), rate=speed)


def main():
    count = number("cuDeviceGetCount")
    tell(count=count)
    cards = []
    try:
        for index in range(count):
            cards.append(Card(index))
            cards[-1].use()
            compute(cards[-1])
        for first in range(count - 1):
            between(cards[first], cards[first + 1])
    finally:
        for card in cards:
            card.leave()


if len(sys.argv) > 2:
    os.environ["CUDA_VISIBLE_DEVICES"] = sys.argv[2]
if cuda is not None:
    with_driver(main)
