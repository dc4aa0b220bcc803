import type { Template, UserContainer } from '@agentteam/argo';
import { CONTAINERS, ENV, EXIT } from '@agentteam/contract';
import { runnerContainer } from './container.ts';
import type { EmitContext } from './template.ts';
import { wholeClaim } from './volumes/claim.ts';
import { setupCredentials } from './volumes/credentials.ts';
import { join } from './volumes/mounted.ts';
import { placedFiles } from './volumes/placed-files.ts';
import { SETUP_SCRATCH } from './volumes/scratch.ts';

/** The Workflow's parameter with the spec of `setup`, which all agents' pods share. */
export const SETUP_PARAMETER = 'team';

/**
 * Starts no further attempt once setup was refused. Argo knows the exit code of the main container alone; an
 * init container's exit code is in its message.
 */
export const SETUP_RETRIED: string = `!sprig.regexMatch("^${CONTAINERS.setup}: Error [(]exit code (${EXIT.invalid}|${EXIT.refused})[)]", lastRetry.message)`;

export interface EmittedSetup {
  readonly container: UserContainer;
  readonly volumes: Template['volumes'] & object;
}

/** The container is the same in all pods of a team. */
const emitted = new WeakMap<EmitContext, EmittedSetup>();

/**
 * The container that runs first in the pods of agents that wait for no other. The first one to run creates
 * the team's files, and the others find them. A step of its own would cost a pod, and one of the intervals at
 * which Argo processes a Workflow. The container has the git credential, and has ended when the agent starts.
 */
export function setupContainer(context: EmitContext): EmittedSetup {
  const known = emitted.get(context) ?? emitSetup(context);
  emitted.set(context, known);
  return known;
}

function emitSetup(context: EmitContext): EmittedSetup {
  const { team, options } = context;
  const { hostingUrl } = options.network;
  const mounted = join(
    SETUP_SCRATCH,
    wholeClaim(team),
    setupCredentials(team, options),
    // Setup checks that the ConfigMaps have the keys, before any agent starts.
    placedFiles(team, team.agents),
  );
  const container = runnerContainer(
    {
      command: 'setup',
      spec: `{{workflow.parameters.${SETUP_PARAMETER}}}`,
      mounts: mounted.mounts,
      ...(hostingUrl !== undefined && { env: [{ name: ENV.hostingUrl, value: hostingUrl }] }),
    },
    context,
  );
  return {
    container: { name: CONTAINERS.setup, ...container },
    volumes: [...mounted.volumes],
  };
}
