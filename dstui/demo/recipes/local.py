"""Images built on the machine itself by the classic builder."""

from dstui.demo.recipes.recipe import PATH, Recipe

RECIPES: tuple[Recipe, ...] = (
    Recipe(
        "preprocess",
        ("preprocess:dev",),
        "python",
        (
            ("RUN apt-get update && apt-get install -y build-essential", 318.4),
            ("RUN pip install pandas pyarrow dask[complete]", 731.0),
            ("COPY file:preprocess in /app/ ", 1.2),
            ("ENV AWS_DEFAULT_REGION=eu-central-1", 0),
            ('CMD ["python" "/app/preprocess.py"]', 0),
        ),
        1.3,
        "local",
        cmd=("python", "/app/preprocess.py"),
        env=(PATH, "AWS_DEFAULT_REGION=eu-central-1"),
    ),
    Recipe(
        "preprocess-rebuild",
        (),
        "python",
        (
            ("RUN apt-get update && apt-get install -y build-essential", 318.4),
            ("RUN pip install pandas pyarrow", 566.0),
            ("COPY file:preprocess-first in /app/ ", 1.1),
            ('CMD ["python" "/app/preprocess.py"]', 0),
        ),
        1.9,
        "local",
        cmd=("python", "/app/preprocess.py"),
        env=(PATH,),
    ),
)
