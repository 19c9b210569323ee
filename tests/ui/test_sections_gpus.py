"""The GPUs on screen: holders, instances, history, what is released, what is free."""

from dataclasses import replace

from dstui.demo.world import World
from dstui.domain.changes import GpusSampled
from dstui.domain.gpu import Gpu, GpuProcess, GpuReport
from tests.ui.house import House, house

GIB = 2**30
NOW = 1_700_000_000.0
HOST = GpuProcess(4242, GIB, "karl", "python evaluate.py", 0.0, started=NOW - 60)
HELD = Gpu(
    "nvidia:GPU-1111", 0, "NVIDIA H200", utilization_percent=0.0, processes=(HOST,),
    memory_used_bytes=GIB, memory_total_bytes=80 * GIB,
)  # fmt: skip
FREE = replace(HELD, id="nvidia:GPU-2222", index=1, processes=(), memory_used_bytes=0)
INSTANCE = Gpu("nvidia:MIG-3333", 0, "1g.18gb", instance=(1, 0))


async def show(it: House, *gpus: Gpu, **more: object) -> None:
    """A driver reports these, and this machine's no more."""
    await it.until(lambda: it.app.session.store.gpu_report, "the first report")
    it.app.session._gpus.stop()
    it.app.session.store.apply(GpusSampled(replace(GpuReport(NOW, gpus), **more)))


async def test_instances_stand_under_their_gpu(serve_demo):
    async with house(serve_demo(World(5))) as it:
        await show(it, replace(HELD, mig=True, instances=(INSTANCE,)), FREE)
        await it.press("3")
        await it.sees("1g.18gb")
        assert it.ids == [HELD.id, INSTANCE.id, FREE.id]
        await it.press("j")
        await it.sees("0:0 1g.18gb")


async def test_free_gpus_are_copied_as_the_engine_takes_them(serve_demo):
    async with house(serve_demo(World(5))) as it:
        await show(it, HELD, FREE)
        await it.press("3")
        await it.sees("NVIDIA H200")
        await it.press("f")
        await it.until(lambda: it.app.clipboard)
        assert it.app.clipboard == "--gpus '\"device=GPU-2222\"'"


async def test_no_free_gpu_is_explained(serve_demo):
    async with house(serve_demo(World(5))) as it:
        await show(it, HELD)
        await it.press("3")
        await it.sees("NVIDIA H200")
        await it.press("f")
        await it.sees("0: held by 1 process")


async def test_the_driver_is_released_and_taken_back(serve_demo):
    async with house(serve_demo(World(5))) as it:
        await show(it, HELD)
        await it.press("3")
        await it.sees("NVIDIA H200")
        released: list[bool] = []
        it.app.session.toggle_gpu_release = lambda: released.append(True) or True
        await it.press("L")
        await it.until(lambda: released)
        await show(it, released=True, reason="dstui has let go of the GPU driver")
        await it.sees("L takes it back")
        await it.sees("GPUs released")


async def test_an_empty_list_of_processes_says_when_it_is_not_known(serve_demo):
    async with house(serve_demo(World(5))) as it:
        await show(it, replace(HELD, processes=(), unknown={"processes": "no permission"}))
        await it.press("3")
        await it.sees("Not known: no permission")
        await show(it, replace(HELD, processes=()), unjoined="dstui runs in a container")
        await it.sees("Containers are not known: dstui runs in a container")
        await it.sees("which need not mean that there is none")
        await show(it, replace(HELD, processes=()))
        await it.sees("No process holds it")


async def test_the_history_has_its_charts(serve_demo):
    async with house(serve_demo(World(5))) as it:
        await show(it, HELD)
        await it.press("3")
        it.section.open_detail("History")
        for title in ("Utilisation", "Memory", "Power", "Temperature", "PCIe"):
            await it.sees(title)


async def test_a_machine_without_gpus_has_no_columns_for_them(serve_demo):
    async with house(serve_demo(World(5)), size=(160, 40)) as it:
        await show(it, HELD)
        await it.sees("GPU MEM")
        await show(it, reason="No NVIDIA driver here")
        await it.until(lambda: "GPU MEM" not in it.text)


async def test_gpus_of_this_machine_are_not_taken_for_those_of_an_engine_elsewhere(serve_demo):
    why = "the engine runs on gpu-server, and these are the GPUs of laptop"
    async with house(serve_demo(World(5)), size=(120, 40)) as it:
        await show(it, FREE, unjoined=why, elsewhere=True)
        await it.press("3")
        await it.sees(f"These are not the engine's GPUs: {why}")
        await it.sees("GPUs of this machine")
        await it.press("f")
        await it.sees("The engine's GPUs are not read from here")
