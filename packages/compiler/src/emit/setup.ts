import type { Template, UserContainer } from '@agentteam/argo';
import { CONTAINERS, ENV, EXIT } from '@agentteam/contract';
import { runnerContainer } from './container.ts';
import type { EmitContext } from './template.ts';
import { join, setupCredentials, setupScratch, wholeClaim } from './volumes.ts';

/** Of the Workflow: what the agents' pods set up, said once. Nothing else knows all the prompts. */
export const SETUP_PARAMETER = 'team';

/**
 * When a pod whose set-up failed is worth another: a refusal stays one. Argo knows the exit code of the
 * main container alone; that of one before it is in its message.
 */
export const SETUP_RETRIED: string = `!sprig.regexMatch("^${CONTAINERS.setup}: Error [(]exit code (${EXIT.invalid}|${EXIT.refused})[)]", lastRetry.message)`;

/**
 * The container that runs before an agent's that waits for no other: the team's first one makes the
 * team's files, and the rest see that they are made. A step of its own would cost a pod, and Argo its
 * interval between two looks at a Workflow. It has the git credential, and has ended when the agent starts.
 */
export function setupContainer({ team, options, logLevel }: EmitContext): {
  readonly container: UserContainer;
  readonly volumes: Template['volumes'] & object;
} {
  const mounted = join(setupScratch(), wholeClaim(team), setupCredentials(team));
  const container = runnerContainer(
    {
      command: 'setup',
      spec: `{{workflow.parameters.${SETUP_PARAMETER}}}`,
      mounts: mounted.mounts,
      logLevel,
      ...(options.hostingUrl !== undefined && {
        env: [{ name: ENV.hostingUrl, value: options.hostingUrl }],
      }),
    },
    options,
  );
  return {
    container: { name: CONTAINERS.setup, ...container },
    volumes: [...mounted.volumes],
  };
}
