import type { Container, UserContainer } from '@agentteam/argo';
import { dockerAgent, dockerSidecar, dockerTrial } from './docker.ts';
import type { AgentContainer, ImageEngine, SidecarContainer, Trial } from './image-engine.ts';
import { podmanSidecar, podmanTrial } from './podman.ts';
import { podmanAgent } from './podman-agent.ts';

/** The command lines that run containers. */
interface CommandLines {
  readonly agent: (agent: AgentContainer) => readonly string[];
  readonly sidecar: (sidecar: SidecarContainer) => readonly string[];
  readonly trial: (container: Container | UserContainer) => Trial;
}

const COMMAND_LINES: Readonly<Record<ImageEngine['name'], CommandLines>> = {
  podman: { agent: podmanAgent, sidecar: podmanSidecar, trial: podmanTrial },
  docker: { agent: dockerAgent, sidecar: dockerSidecar, trial: dockerTrial },
};

export function commandLinesOf({ name }: ImageEngine): CommandLines {
  return COMMAND_LINES[name];
}
