"""The kinds of work that the simulated containers do, and how each uses the machine."""

from typing import NamedTuple


class Workload(NamedTuple):
    """A kind of container. Memory in GiB, network and disk in MB a second."""

    key: str
    image: str
    """The key of its recipe."""
    names: tuple[str, ...]
    args: tuple[str, ...]
    logs: str
    cpus: float
    memory: float
    memory_limit: float = 0.0
    cpu_limit: float = 0.0
    net: float = 0.02
    disk: float = 0.01
    swing: float = 0.35
    gpus: int = 0
    gpu_percent: float = 0.0
    gpu_memory: float = 0.0
    port: int = 0
    """The container's port that is published."""
    env: tuple[str, ...] = ()
    processes: tuple[str, ...] = ()
    """Command lines beside the main process."""
    batch: bool = False
    tty: bool = False
    health: bool = False
    home: str = ""
    """Where the owner's home is mounted."""
    data: str = ""
    """Where the shared data sets are mounted, read-only."""
    volume: str = ""
    """Where a named volume is mounted."""
    scratch: str = ""
    """Where an anonymous volume is mounted."""
    shm: float = 0.0625
    restart: str = "no"
    log_every_s: float = 5.0
    network: str = "bridge"
    ipc: str = "private"


TRAIN = Workload(
    "train", "vision", ("vit-large", "resnet50", "segformer", "clip-ft", "dino-v3", "convnext"),
    ("python", "train.py", "--config", "configs/{name}.yaml", "--amp", "bf16"),
    "training", cpus=6.2, memory=38, memory_limit=96, net=1.2, disk=140, gpus=1, gpu_percent=93,
    gpu_memory=61.5, batch=True, home="/home/{owner}", data="/data", shm=16, log_every_s=2.6,
    env=("WANDB_PROJECT={name}", "WANDB_API_KEY={secret}", "OMP_NUM_THREADS=8"),
    processes=("python train.py --worker 0", "python train.py --worker 1", "pt_data_worker:0",
               "pt_data_worker:1"),
)  # fmt: skip
FINETUNE = Workload(
    "finetune", "llm", ("llama3-lora", "qwen3-sft", "mistral-dpo", "gemma-grpo"),
    ("--num_processes", "2", "sft.py", "--model", "{name}", "--bf16"),
    "training", cpus=11.5, memory=88, memory_limit=256, net=4, disk=60, gpus=2, gpu_percent=97,
    gpu_memory=72.4, batch=True, home="/home/{owner}", volume="/cache", shm=32, log_every_s=4.1,
    env=("HF_TOKEN=hf_{secret}", "NCCL_DEBUG=WARN"), ipc="host",
    processes=("python sft.py --local_rank 0", "python sft.py --local_rank 1"),
)  # fmt: skip
SERVE = Workload(
    "serve", "vllm", ("vllm-llama", "vllm-qwen", "vllm-embed"),
    ("--model", "meta-llama/Llama-3.1-8B-Instruct", "--gpu-memory-utilization", "0.6"),
    "serving", cpus=1.9, memory=21, memory_limit=64, net=0.7, disk=0.2, swing=0.7, gpus=1,
    gpu_percent=46, gpu_memory=46.8, port=8000, health=True, volume="/root/.cache/huggingface",
    shm=8, restart="unless-stopped", log_every_s=3.3,
    env=("HF_TOKEN=hf_{secret}", "VLLM_API_KEY=sk-{secret}"), processes=("VLLM::EngineCore",),
)  # fmt: skip
OLLAMA = Workload(
    "ollama", "ollama", ("ollama",), ("serve",), "serving", cpus=0.4, memory=3.2, net=0.1,
    gpus=1, gpu_percent=8, gpu_memory=9.3, port=11434, volume="/root/.ollama", swing=0.9,
    restart="always", log_every_s=11, processes=("ollama runner --model qwen3:14b",),
)  # fmt: skip
NOTEBOOK = Workload(
    "notebook", "jupyter-scipy", ("jupyter", "notebook", "explore", "eda"),
    ("start-notebook.py", "--NotebookApp.token={secret}"), "jupyter", cpus=0.35, memory=2.4,
    memory_limit=16, cpu_limit=4, net=0.05, swing=0.9, port=8888, home="/home/{owner}",
    data="/data", health=True, restart="unless-stopped", log_every_s=7.5,
    env=("JUPYTER_TOKEN={secret}",),
    processes=("jupyter-lab", "python -m ipykernel_launcher -f kernel-a1.json"),
)  # fmt: skip
GPU_NOTEBOOK = NOTEBOOK._replace(
    key="gpu-notebook", image="jupyter-pytorch", names=("jupyter-gpu", "torch-lab"), gpus=1,
    cpus=0.8, memory=9.1, memory_limit=48, gpu_percent=4, gpu_memory=5.6, shm=4,
)  # fmt: skip
TENSORFLOW = NOTEBOOK._replace(
    key="tf-notebook", image="tensorflow", names=("tf-keras", "tf-lab"), args=(), health=False,
)  # fmt: skip
RSTUDIO = Workload(
    "rstudio", "rstudio", ("rstudio", "shiny-dev"), ("/init",), "rstudio", cpus=0.12, memory=1.1,
    memory_limit=8, port=8787, home="/home/{owner}", swing=0.9, log_every_s=20,
    env=("PASSWORD={secret}",), processes=("/usr/lib/rstudio-server/bin/rserver", "rsession"),
)  # fmt: skip
PREPROCESS = Workload(
    "preprocess", "preprocess", ("etl", "tokenize", "resize", "dedup", "shard", "features-build"),
    ("python", "/app/preprocess.py", "--shard", "{number}/64"), "plain", cpus=3.4, memory=5.5,
    memory_limit=12, net=2.4, disk=85, swing=0.5, batch=True, data="/data", scratch="/scratch",
    log_every_s=1.7, env=("AWS_ACCESS_KEY_ID=AKIADEMO{secret}", "AWS_SECRET_ACCESS_KEY={secret}"),
    processes=("python /app/preprocess.py (dask worker)",),
)  # fmt: skip
SWEEP = Workload(
    "sweep", "vision-old", ("sweep", "ablation", "hpo-trial"),
    ("python", "train.py", "--trial", "{number}", "--epochs", "3", "--device", "cpu"), "training",
    cpus=1.8, memory=6.4, memory_limit=32, net=0.3, disk=25, batch=True, shm=2, data="/data",
    home="/home/{owner}", log_every_s=3.1,
    env=("WANDB_API_KEY={secret}", "TRIAL={number}"), processes=("pt_data_worker:0",),
)  # fmt: skip
SHELL = Workload(
    "shell", "pytorch", ("dev", "scratchpad", "debug-nccl"), ("bash",), "plain", cpus=0.01,
    memory=0.04, tty=True, home="/home/{owner}", gpus=1, shm=1, log_every_s=3600, ipc="host",
)  # fmt: skip

FEATURES = Workload(
    "features", "features", ("feature-server",), ("--listen", ":8080"), "access", cpus=0.3,
    memory=0.3, memory_limit=1, net=0.9, port=8080, health=True, restart="always",
    log_every_s=0.9,
)  # fmt: skip

PLATFORM: tuple[Workload, ...] = (
    Workload(
        "mlflow", "mlflow", ("mlflow",),
        ("mlflow", "server", "--host", "0.0.0.0", "--backend-store-uri", "postgresql://db/mlflow"),
        "access", cpus=0.15, memory=0.72, net=0.08, port=5000, health=True, restart="always",
        env=("AWS_SECRET_ACCESS_KEY={secret}",), processes=("gunicorn: worker [mlflow.server]",),
        log_every_s=2.2,
    ),
    Workload(
        "db", "postgres", ("db",), ("postgres",), "postgres", cpus=0.22, memory=0.61,
        memory_limit=8, net=0.15, disk=1.4, health=True, restart="always",
        volume="/var/lib/postgresql/data", env=("POSTGRES_PASSWORD={secret}",), log_every_s=9,
        processes=("postgres: checkpointer", "postgres: walwriter", "postgres: mlflow idle"),
    ),
    Workload(
        "minio", "minio", ("minio",), ("server", "/data", "--console-address", ":9001"), "access",
        cpus=0.4, memory=1.3, net=3.1, disk=6.5, port=9000, health=True, restart="always",
        volume="/data", env=("MINIO_ROOT_USER=lab", "MINIO_ROOT_PASSWORD={secret}"),
        log_every_s=4,
    ),
    Workload(
        "redis", "redis", ("redis",), ("redis-server", "--save", "60", "1"), "redis", cpus=0.05,
        memory=0.09, memory_limit=2, net=0.05, health=True, restart="always", volume="/data",
        log_every_s=30,
    ),
    Workload(
        "grafana", "grafana", ("grafana",), (), "grafana", cpus=0.04, memory=0.16, port=3000,
        restart="always", env=("GF_SECURITY_ADMIN_PASSWORD={secret}",), log_every_s=15,
        volume="/var/lib/grafana",
    ),
    Workload(
        "prometheus", "prometheus", ("prometheus",), ("--config.file=/etc/prometheus.yml",),
        "grafana", cpus=0.11, memory=0.44, disk=0.4, port=9090, restart="always",
        scratch="/prometheus", log_every_s=25,
    ),
    Workload(
        "traefik", "traefik", ("traefik",), ("traefik", "--providers.docker"), "access", cpus=0.06,
        memory=0.05, net=0.6, port=80, restart="always", log_every_s=1.2,
    ),
)  # fmt: skip

MIX: tuple[Workload, ...] = (
    TRAIN, NOTEBOOK, SERVE, PREPROCESS, FINETUNE, GPU_NOTEBOOK, RSTUDIO, SWEEP, OLLAMA, NOTEBOOK,
    SHELL, TENSORFLOW, PREPROCESS, FEATURES, SWEEP, TRAIN, GPU_NOTEBOOK, SWEEP, NOTEBOOK,
    PREPROCESS,
)  # fmt: skip
"""Which kinds of work come how often; the first few show the most."""
