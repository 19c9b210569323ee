"""Objects whose every text means harm."""

from dstui.demo.hostile import TEXTS
from dstui.demo.model import Container, Image, Layer, Load, Mount, Port, Volume, digest
from dstui.demo.world import World


def add_hostile_objects(world: World) -> list[str]:
    """A container and an image for every text, and a volume; answers the containers' ids."""
    with world.changed:
        ids = [_add(world, number, text) for number, text in enumerate(TEXTS)]
        world.changed.notify_all()
    for identifier in ids:
        world.tell(world.containers[identifier], "start")
    return ids


def _add(world: World, number: int, text: str) -> str:
    now = world.clock()
    image = Image(
        id="sha256:" + digest("hostile image", number),
        tags=[f"hostile/{text}:{text}"],
        digests=[],
        layers=(Layer(f"RUN {text}", 1000, text, "sha256:" + digest("hostile", number), 1.0),),
        created=now - 3600,
        entrypoint=None,
        cmd=[text],
        env=[f"{text}={text}"],
        labels={text: text},
    )
    volume = Volume(f"hostile-{text}", now - 3600, 1000, {text: text})
    container = Container(
        id=digest("hostile container", number),
        name=f"hostile-{text}",
        image=image,
        image_name=image.tags[0],
        path=text,
        args=[text],
        created=now - 600,
        env=[f"SECRET_{text}={text}"],
        labels={text: text, "dstui.owner": text, "com.docker.compose.project": text},
        user=text,
        workdir=f"/{text}",
        mounts=[Mount("volume", volume.name, f"/{text}"), Mount("bind", f"/home/{text}", "/x")],
        ports=[Port(80)],
        load=Load(),
        processes=(text,),
        logs="hostile",
        log_every_s=0.5,
        seed=number,
        pid=world.population.next_pid(),
        state="running",
        started=now - 600,
    )
    world.images.append(image)
    world.volumes[volume.name] = volume
    world.containers[container.id] = container
    return container.id
