"""A team like that of bench.mjs in Hera, a Python library for Argo Workflows: a DAG of 16 teammates and a lead."""
import json
import statistics
import time

from hera.workflows import DAG, Container, Env, ExistingVolume, Resources, Task, UserContainer, Workflow


def build():
    with Workflow(name="sixteen", namespace="bench", entrypoint="team", active_deadline_seconds=14400) as workflow:
        containers = [
            Container(
                name=f"agent-{index}",
                image="agentteam",
                command=["agentteam-runner"],
                args=["agent"],
                env=[Env(name="AGENTTEAM_SPEC", value=json.dumps({"prompt": f"Work on track {index}.\n" * 10}))],
                volumes=[
                    ExistingVolume(name="team", claim_name="team", mount_path=f"/var/lib/agentteam/{part}")
                    for part in ("teams", "tasks", "session", "state", "control")
                ],
                resources=Resources(cpu_request=1),
                init_containers=[UserContainer(name="gateway", image="agentteam", command=["agentteam-runner"], args=["gateway"])],
            )
            for index in range(17)
        ]
        with DAG(name="team"):
            tasks = [Task(name=f"mate-{index}", template=container) for index, container in enumerate(containers)]
            for index in range(4, 17):
                tasks[index - 4] >> tasks[index]
    return workflow


def median(work, times):
    samples = []
    for _ in range(times):
        start = time.perf_counter()
        work()
        samples.append((time.perf_counter() - start) * 1000)
    return statistics.median(samples)


print(json.dumps({"object": median(lambda: build().build(), 30), "yaml": median(lambda: build().to_yaml(), 10)}))
