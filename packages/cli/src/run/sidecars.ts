import type { Workflow } from '@agentteam/argo';
import { RUNNER } from '@agentteam/contract';
import {
  ImageError,
  imageSidecars,
  type Podman,
  prepareImages,
  type SandboxNetwork,
} from '@agentteam/local';
import { type Context, note } from '../context.ts';
import { CLI_EXIT } from '../exit.ts';
import { Failure, usageError } from '../failure.ts';

/** How the agents of a run are isolated. */
export interface AgentIsolation {
  readonly sandbox: boolean;
  readonly network: SandboxNetwork | undefined;
}

/**
 * Makes the sidecars of a run ready to start: it checks podman, and pulls images that are missing.
 * @returns what runs them; undefined if the run has none.
 * @throws Failure when this machine cannot run them.
 */
export async function prepareSidecars(
  context: Context,
  workflow: Workflow,
  { sandbox, network = 'own' }: AgentIsolation,
): Promise<Podman | undefined> {
  const sidecars = imageSidecars(workflow, [RUNNER]);
  if (sidecars.length === 0) return undefined;
  const names = [...new Set(sidecars.map(([name]) => name))].join(', ');
  if (!sandbox || network !== 'own') {
    throw usageError(
      `the sidecars of the team (${names}) need agents in a sandbox with a network of its own`,
      network === 'own'
        ? 'Omit --no-sandbox, and install bubblewrap (apt-get install bubblewrap). On Linux only.'
        : 'Omit --network host: agents would share their ports with each other and with this machine.',
    );
  }
  const podman = { env: context.env };
  try {
    await prepareImages(podman, sidecars, (image) => note(context, `Pulling ${image}`));
  } catch (error) {
    if (!(error instanceof ImageError)) throw error;
    throw new Failure(error.message, {
      exitCode: CLI_EXIT.usage,
      hint:
        'The sidecars of a team run in podman (apt-get install podman). Docker cannot replace it, because its\n' +
        '  containers cannot join the network of a sandbox. See docs/sidecars.md.',
    });
  }
  return podman;
}
