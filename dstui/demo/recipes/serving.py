"""Images that serve models."""

from dstui.demo.recipes.recipe import CUDA_PATH, NVIDIA, PATH, Recipe

RECIPES: tuple[Recipe, ...] = (
    Recipe(
        "vllm",
        ("vllm/vllm-openai:v0.11.0",),
        "cuda",
        (
            ("ARG PYTHON_VERSION=3.12", 0),
            ("RUN apt-get update -y && apt-get install -y python3.12 ffmpeg libsm6", 862.9),
            ("RUN uv pip install torch==2.8.0 --extra-index-url cu128", 5542.0),
            ("RUN uv pip install dist/*.whl flashinfer-python", 4079.6),
            ("COPY examples examples", 3.3),
            ('ENTRYPOINT ["python3" "-m" "vllm.entrypoints.openai.api_server"]', 0),
        ),
        26,
        entrypoint=("python3", "-m", "vllm.entrypoints.openai.api_server"),
        env=(CUDA_PATH, *NVIDIA),
        workdir="/vllm-workspace",
    ),
    Recipe(
        "ollama",
        ("ollama/ollama:0.12.6",),
        "ubuntu22",
        (
            ("RUN apt-get update && apt-get install -y ca-certificates", 9.1),
            ("COPY /bin /usr/bin", 35.2),
            ("COPY /lib/ollama /usr/lib/ollama", 3361.0),
            ("EXPOSE map[11434/tcp:{}]", 0),
            ('ENTRYPOINT ["/bin/ollama"]', 0),
        ),
        15,
        entrypoint=("/bin/ollama",),
        cmd=("serve",),
        env=(PATH, "OLLAMA_HOST=0.0.0.0:11434", *NVIDIA),
        ports=("11434/tcp",),
    ),
    Recipe(
        "features",
        ("ghcr.io/lab/feature-server:1.4",),
        "",
        (
            ("bazel build //common:base", 21.8),
            ("COPY /out/feature-server /feature-server", 38.6),
            ("USER 65532:65532", 0),
            ('ENTRYPOINT ["/feature-server"]', 0),
        ),
        12,
        entrypoint=("/feature-server",),
        env=(PATH,),
        user="65532:65532",
        ports=("8080/tcp",),
        shells=(),
    ),
)
