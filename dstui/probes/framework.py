# One framework multiplies ones on the first GPU: the result is known exactly. Its name is argv[2].
import os
import sys
import traceback

N = 64
os.environ["CUDA_MODULE_LOADING"] = "LAZY"
os.environ["XLA_PYTHON_CLIENT_PREALLOCATE"] = "false"
os.environ["TF_FORCE_GPU_ALLOW_GROWTH"] = "true"


def torch():
    import torch

    if torch.version.cuda is None and getattr(torch.version, "hip", None) is None:
        raise RuntimeError("Torch not compiled with CUDA enabled")
    device = torch.device("cuda:0")
    ones = torch.ones(N, N, device=device)
    result = ones @ ones
    torch.cuda.synchronize()
    exact = float(result.min()) == float(result.max()) == N
    capability = "%d.%d" % torch.cuda.get_device_capability(0)
    return torch.__version__, torch.version.cuda, torch.cuda.device_count(), exact, capability


def tensorflow():
    import tensorflow as tf

    found = tf.config.list_physical_devices("GPU")
    cuda = tf.sysconfig.get_build_info().get("cuda_version")
    if not found:
        why = "it is built for CPUs" if cuda is None else "GPU will not be used"
        raise RuntimeError(
            "Could not find cuda drivers on your machine, GPU will not be used: " + why
        )
    with tf.device("/GPU:0"):
        result = tf.matmul(tf.ones((N, N)), tf.ones((N, N)))
    exact = float(tf.reduce_min(result)) == float(tf.reduce_max(result)) == N
    return tf.__version__, cuda, len(found), exact, None


def jax():
    import jax
    import jax.numpy as numpy

    if jax.default_backend() != "gpu":
        raise RuntimeError("a CUDA-enabled jaxlib is not installed. Falling back to cpu.")
    result = (numpy.ones((N, N)) @ numpy.ones((N, N))).block_until_ready()
    exact = float(result.min()) == float(result.max()) == N
    return jax.__version__, None, jax.device_count(), exact, None


def cupy():
    import cupy

    ones = cupy.ones((N, N), cupy.float32)
    result = ones.dot(ones)
    exact = float(result.min()) == float(result.max()) == N
    number = cupy.cuda.runtime.runtimeGetVersion()
    cuda = "%d.%d" % (number // 1000, number % 1000 // 10)
    return cupy.__version__, cuda, cupy.cuda.runtime.getDeviceCount(), exact, None


try:
    version, cuda, devices, exact, capability = globals()[sys.argv[2]]()
except BaseException:
    lines = traceback.format_exception_only(*sys.exc_info()[:2])
    tell(error="".join(lines).strip()[-2000:])
else:
    tell(version=version, cuda=cuda, devices=devices, exact=exact, capability=capability)
