import type { Workflow } from '@agentteam/argo';
import { DEFAULT_IMAGE, RUNNER, RUNTIME } from '@agentteam/contract';
import {
  checkPrograms,
  forAgents,
  type ImageEngine,
  ImageError,
  imageContainers,
  prepareImages,
  type SandboxNetwork,
} from '@agentteam/local';
import { type Context, note } from '../context.ts';
import { CLI_EXIT } from '../exit.ts';
import { Failure, usageError } from '../failure.ts';
import { prepareRuntime } from './runtime.ts';

/** How the agents of a run are isolated. */
export interface AgentIsolation {
  readonly sandbox: boolean;
  readonly network: SandboxNetwork | undefined;
  /** The program that runs agents in their images; undefined if they use the programs of this machine. */
  readonly imageEngine: ImageEngine['name'] | undefined;
}

/** What the engine needs for the containers of a run that have images. */
export interface ImageContainers {
  readonly imageEngine: ImageEngine;
  /** The directory with the runtime, by the image whose place it takes. */
  readonly images: Readonly<Record<string, string>>;
}

/**
 * Makes the sidecars of a run, and its agents in images, ready to start: it checks podman or docker, pulls images that are
 * missing, and makes the runtime for agents.
 * @returns what runs them; undefined if the run has none.
 * @throws Failure when this machine cannot run them.
 */
export async function prepareImageContainers(
  context: Context,
  workflow: Workflow,
  { sandbox, network = 'own', imageEngine = 'podman' }: AgentIsolation,
): Promise<ImageContainers | undefined> {
  const all = imageContainers(workflow, [RUNNER]);
  if (all.length === 0) return undefined;
  const sidecars = all.filter(([, { command }]) => command?.[0] !== RUNTIME.runner[0]);
  const hasAgents = sidecars.length < all.length;
  const names = [...new Set(sidecars.map(([name]) => name))].join(', ');
  if (!sandbox || network !== 'own') {
    throw usageError(
      hasAgents
        ? 'agents in images need a network of their own'
        : `the sidecars of the team (${names}) need agents in a sandbox with a network of its own`,
      network === 'own'
        ? 'Omit --no-sandbox, and install bubblewrap (apt-get install bubblewrap). On Linux only.'
        : 'Omit --network host: agents would share their ports with each other and with this machine.',
    );
  }
  const engine = { name: imageEngine, env: context.env };
  const named = sidecars.map(([name, container]) => [`the sidecar ${name}`, container] as const);
  const agents = all
    .filter((one) => !sidecars.includes(one))
    .map(([, container]) => ['an agent', container] as const);
  try {
    await prepareImages(engine, [...agents, ...named], (image) =>
      note(context, `Pulling ${image}`),
    );
  } catch (error) {
    if (!(error instanceof ImageError)) throw error;
    throw new Failure(error.message, {
      exitCode: CLI_EXIT.usage,
      hint: hasAgents
        ? 'With --containers, agents run in podman (apt-get install podman) or, if you are not root, in docker.\n' +
          '  To use the programs of this machine instead of images, omit --containers. See docs/environments.md.'
        : 'The sidecars of a team run in podman (apt-get install podman). In docker they can run with --containers,\n' +
          '  beside agents with an image. See docs/sidecars.md.',
    });
  }
  await checkPrograms(engine, named).catch((error: Error) => {
    if (!(error instanceof ImageError)) throw error;
    throw new Failure(error.message, {
      exitCode: CLI_EXIT.usage,
      hint: 'Correct command, args, runAsUser or image of the sidecar in the team file. See docs/sidecars.md.',
    });
  });
  return {
    imageEngine: await forAgents(engine, agents),
    images: hasAgents ? { [DEFAULT_IMAGE]: await prepareRuntime(context) } : {},
  };
}
