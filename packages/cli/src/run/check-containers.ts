import type { AgentTeam } from '@agentteam/api';
import { usageError } from '../failure.ts';
import { agentImages } from '../output/plan/images.ts';
import type { RunOptions } from './run-options.ts';

/** @throws Failure when `--containers` cannot have the effect that its user expects. */
export function checkContainers({ containers, sandbox }: RunOptions, team: AgentTeam): void {
  if (containers === undefined) return;
  if (containers === 'docker') {
    throw usageError(
      'agents cannot run in Docker on this machine',
      'Install podman (apt-get install podman) and use --containers. Containers of Docker cannot join the network\n' +
        '  of a sandbox, so agents could reach more than their gateways. Podman runs the same images.',
    );
  }
  if (sandbox === false) {
    throw usageError('--containers and --no-sandbox exclude each other', 'Omit --no-sandbox.');
  }
  if (Object.keys(agentImages(team)).length === 0) {
    throw usageError(
      '--containers has no effect, because no agent of the team has an image',
      'Set environment.image in the team file (docs/environments.md), or omit --containers.',
    );
  }
}
