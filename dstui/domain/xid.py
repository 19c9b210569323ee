"""What the error numbers of NVIDIA's driver (Xid) mean, whose fault they are, and what to do."""

from typing import NamedTuple


class Xid(NamedTuple):
    """A number's meaning and the action to take; `program` if a program causes it as a rule."""

    meaning: str
    action: str
    program: bool = False


_FIX_PROGRAM = "look at the program that ran, then restart it"
_RESET = "stop what uses the GPU, then reset it: nvidia-smi --gpu-reset -i GPU"
_REBOOT = "reboot the machine; if it comes again, have the card looked at"
_WATCH = "nothing now; watch whether it comes more often"
_OTHERS = "look at the Xid before it"
_RESTART = "restart the program"

XIDS = {
    13: Xid("graphics engine exception", _FIX_PROGRAM, program=True),
    31: Xid("memory page fault: an invalid address was used", _FIX_PROGRAM, program=True),
    32: Xid("invalid or corrupted push buffer", _RESTART, program=True),
    38: Xid("driver firmware error", _RESET),
    43: Xid("a program's channel was stopped", _FIX_PROGRAM, program=True),
    44: Xid("graphics engine fault during a context switch", _RESET),
    45: Xid("a program's work was removed", _OTHERS, program=True),
    46: Xid("the GPU stopped processing", _RESET),
    48: Xid("double-bit ECC error: memory that cannot be corrected", _RESET),
    56: Xid("display engine error", _REBOOT),
    57: Xid("error while programming the video memory", _REBOOT),
    58: Xid("unstable clocks of the video memory", _REBOOT),
    61: Xid("internal microcontroller breakpoint", _RESET),
    62: Xid("internal microcontroller halted", _RESET),
    63: Xid("a bad memory row was recorded for remapping", "reset the GPU when it is idle"),
    64: Xid("a bad memory row could not be remapped", f"{_RESET}; have the card looked at"),
    68: Xid("video processor exception", _RESTART),
    69: Xid("graphics engine class error", _RESTART, program=True),
    74: Xid("NVLink error", f"{_RESET}; if it comes again, check the link's seating"),
    78: Xid("the vGPU could not be started", "check the vGPU's licence and manager"),
    79: Xid("the GPU has fallen off the bus", _REBOOT),
    92: Xid("many corrected memory errors", _WATCH),
    94: Xid("contained memory error: only one program is affected", _RESTART),
    95: Xid("uncontained memory error: every program on the GPU is affected", _RESET),
    109: Xid("a context switch took too long", _RESET),
    119: Xid("the GPU's system processor (GSP) does not answer", _RESET),
    120: Xid("the GPU's system processor (GSP) failed", _RESET),
    121: Xid("error of the link to the processor (C2C)", _WATCH),
    136: Xid("the link between GPUs could not be trained", _RESET),
    137: Xid("a fault of an NVLink address", _FIX_PROGRAM, program=True),
    140: Xid("memory that cannot be corrected in the GPU", _RESET),
    143: Xid("the GPU could not be initialised", _RESET),
    144: Xid("NVLink error of one GPU", _RESET),
    149: Xid("NVLink error of the network's management", _RESET),
    154: Xid("the driver now asks for a recovery", "see nvidia-smi -q: GPU Recovery Action"),
}

_UNKNOWN = Xid("an error that is not in dstui's table", "look it up in NVIDIA's list of Xid errors")


def explain_xid(number: int) -> Xid:
    """The meaning of a number."""
    return XIDS.get(number, _UNKNOWN)
